// SPDX-License-Identifier: MIT
// The PostgreSQL driver, for the `drivers` of inventra's open().
'use strict';
const path = require('node:path');

function load() {
	const { platform, arch, env } = process;
	if (env.INVENTRA_POSTGRES_NATIVE) return require(path.resolve(env.INVENTRA_POSTGRES_NATIVE));
	return require(`@inventra/postgres-${platform}-${arch}${platform === 'linux' ? '-gnu' : ''}`);
}

module.exports = { postgres: load().driver };
