// SPDX-License-Identifier: MIT
// Stores for tests: in a folder that goes with the process, or on PostgreSQL in schemas that do.
'use strict';
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const inventra = require('../lib/index.js');

const source = path.resolve(__dirname, '../../..');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'inventra-node-'));
const onPostgres = process.env.INV_TEST_DRIVER === 'postgres';
const server = process.env.INV_TEST_POSTGRES;
const schemas = [];
const psql = (sql) => execFileSync('psql', ['-qX', server, '-c', sql],
	{ stdio: ['ignore', 'pipe', 'ignore'] });

process.on('exit', () => {
	fs.rmSync(folder, { recursive: true, force: true });
	// One by one: each locks all of its tables.
	for (const name of schemas) psql(`DROP SCHEMA ${name} CASCADE`);
});

const file = (name) => path.join(folder, name);
function storeUrl(name) {
	if (!onPostgres) return file(name);
	const schema = `node_${process.pid}_${schemas.length}`;
	psql(`CREATE SCHEMA ${schema}`);
	schemas.push(schema);
	return `${server}${server.includes('?') ? '&' : '?'}inventra_schema=${schema}`;
}
const drivers = () => (onPostgres ? [require('../../node-postgres/lib/index.js').postgres()] : []);

// The error that a function throws, or a promise ends with.
async function failure(work) {
	try {
		await work();
	} catch (error) {
		return error;
	}
	throw new Error('it did not fail');
}

module.exports = { inventra, source, file, storeUrl, drivers, failure };
