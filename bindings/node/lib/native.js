// SPDX-License-Identifier: MIT
// The compiled half: from the package for this platform, or from where INVENTRA_NATIVE says.
'use strict';
const path = require('node:path');
const { version } = require('../package.json');

function load() {
	const { platform, arch, env } = process;
	const kinds = platform === 'linux' ? ['-gnu', '-musl'] : [''];
	if (env.INVENTRA_NATIVE) return require(path.resolve(env.INVENTRA_NATIVE));
	for (const kind of kinds) {
		try {
			return require(`@inventra/${platform}-${arch}${kind}`);
		} catch (error) {
			if (!['MODULE_NOT_FOUND', 'ERR_DLOPEN_FAILED'].includes(error.code)) throw error;
		}
	}
	throw new Error(`inventra has no compiled library for ${platform}-${arch} here: install its ` +
		'optional dependencies, or build it and say where it is by INVENTRA_NATIVE');
}

const native = load();
const description = JSON.parse(native.description);
if (description.version !== version)
	throw new Error(`inventra ${version} was given a library of version ${description.version}: ` +
		'install both anew');

// Names: as the description has them, and as they are called here.
const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());

module.exports = { native, description, camel, snake };
