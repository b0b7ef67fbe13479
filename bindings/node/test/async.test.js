// SPDX-License-Identifier: MIT
// Promises, their order, what calls them off, the feed, files and other threads.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const { execFileSync } = require('node:child_process');
const { test } = require('node:test');
const { Worker } = require('node:worker_threads');
const { inventra, file, storeUrl, drivers, failure } = require('./support.js');

const open = (url = ':memory:', options = {}) => inventra.open(url,
	{ drivers: drivers(), ...options });

test('promises of a session keep their order', async () => {
	const inv = open();
	const done = [];
	await Promise.all(Array.from({ length: 20 }, (_, i) => inv.async.products
		.create({ sku: `P${i}`, name: 'x' }).then(() => done.push(i))));
	assert.deepStrictEqual(done, Array.from({ length: 20 }, (_, i) => i));
	assert.strictEqual((await inv.async.products.get([{ ref: 'P1' }, { ref: 'P2' }]))[1].sku, 'P2');
	assert.strictEqual((await failure(() => inv.async.products.get({ ref: 'NONE' }))).code,
		'NOT_FOUND');
	assert.strictEqual((await failure(() => inv.async.products.get({ reff: 'P1' }))).field, 'reff');
	const skus = [];
	for await (const product of inv.async.products.list({ limit: 3,
		sort: 'sku' })) skus.push(product.sku);
	assert.strictEqual(skus.length, 20);
	assert.deepStrictEqual(skus, inv.products.list({ limit: 7, sort: 'sku' }).toArray().map((one) =>
		one.sku));
	inv.close();
});

test('each iteration of a list begins anew', async () => {
	const inv = open();
	inv.products.create(Array.from({ length: 7 }, (_, i) => ({ sku: `P${i}`, name: 'x' })));
	const skus = Array.from({ length: 7 }, (_, i) => `P${i}`);
	const query = { limit: 3, sort: 'sku' };
	const sku = (one) => one.sku;
	const list = inv.products.list(query);
	for (const first of list) if (sku(first) === 'P4') break;
	assert.deepStrictEqual([...list].map(sku), skus);
	assert.deepStrictEqual(list.toArray().map(sku), skus);
	const [one, other] = [list[Symbol.iterator](), list[Symbol.iterator]()];
	for (const name of skus) assert.deepStrictEqual([one.next().value.sku, other.next().value.sku],
		[name, name]);
	assert.deepStrictEqual([one.next().done, other.next().done], [true, true]);
	const later = await inv.async.products.list(query);
	for (let i = 0; i < 3; i++) {
		const seen = [];
		for await (const product of later) seen.push(sku(product));
		assert.deepStrictEqual(seen, skus);
	}
	assert.deepStrictEqual(list.items.map(sku), skus.slice(0, 3));
	const waited = inv.feed.wait({ after: 0, timeoutMs: 1 });
	assert.ok(waited.items.length > 0);
	for (let i = 0; i < 3; i++) assert.strictEqual([...waited].length, waited.items.length);
	inv.close();
});

test('a call beside an asynchronous one is refused, in another session it is not', async () => {
	const inv = open();
	const waiting = inv.async.feed.wait({ after: 1000000, timeoutMs: 60000 });
	await new Promise((resolve) => { setTimeout(resolve, 50); });
	assert.throws(() => inv.products.list(), { code: 'MISUSE',
		message: /a call is at work/ });
	const other = inv.session({ actor: 'ben' });
	assert.strictEqual(other.stock.receive({ lines: [{ product: other.products.create({ sku: 'A',
		name: 'a' }).id, quantity: 1 }] }).actor, 'ben');
	inv.close(); // calls off what waits, and closes behind it
	assert.strictEqual((await failure(() => waiting)).code, 'CANCELLED');
	assert.throws(() => inv.products.list(), { code: 'MISUSE', message: /closed/ });
	other.products.get({ ref: 'A' });
	other.close();
	other.close();
	assert.throws(() => other.products.list(), { code: 'MISUSE' });
	assert.strictEqual((await failure(() => other.async.products.list())).code, 'MISUSE');
});

test('signals', async () => {
	const inv = open();
	const early = await failure(() => inv.async.products.list({}, { signal: AbortSignal.abort() }));
	assert.strictEqual(early.name, 'AbortError');
	const late = inv.async.feed.wait({ after: 1000000, timeoutMs: 60000 },
		{ signal: AbortSignal.timeout(50) });
	assert.strictEqual((await failure(() => late)).name, 'TimeoutError');
	inv.products.create({ sku: 'A', name: 'a' }); // and nothing is left of it
	inv.close();
});

test('a signal that comes late calls nothing else off', async () => {
	const inv = open(storeUrl('late.db'));
	const { id } = inv.products.create({ sku: 'A', name: 'a' });
	const pause = new Int32Array(new SharedArrayBuffer(4));
	const calls = [
		(options) => inv.async.products.get({ ref: 'A' }, options),
		(options) => inv.async.products.update({ id, name: 'b' }, options),
		(options) => inv.async.products.list({}, options),
		(options) => inv.async.verify(options),
	];
	for (const call of calls) {
		const stopped = new AbortController();
		const called = call({ signal: stopped.signal });
		for (let i = 0; i < 10; i++) await undefined; // it is at work now
		Atomics.wait(pause, 0, 0, 100); // it has ended, but nobody was told so far
		stopped.abort(new Error('late'));
		await called.catch((error) => assert.strictEqual(error.message, 'late'));
		assert.strictEqual(inv.products.get({ ref: 'A' }).id, id);
	}
	inv.close();
});

test('cancel() calls off what is at work, and nothing that comes later', async () => {
	const inv = open(storeUrl('cancel.db'));
	inv.products.create({ sku: 'A', name: 'a' });
	inv.cancel();
	assert.deepStrictEqual(inv.feed.wait({ after: 1000000, timeoutMs: 1 }).items, []);
	inv.cancel();
	assert.deepStrictEqual((await inv.async.feed.wait({ after: 1000000, timeoutMs: 1 })).items, []);
	const waiting = failure(() => inv.async.feed.wait({ after: 1000000, timeoutMs: 60000 }));
	await new Promise((resolve) => { setImmediate(resolve); });
	inv.cancel();
	assert.strictEqual((await waiting).code, 'CANCELLED');
	assert.strictEqual(inv.products.get({ ref: 'A' }).sku, 'A');
	inv.close();
});

test('the feed goes on for ever, and holds nothing up', async () => {
	const inv = open(storeUrl('feed.db'));
	const seen = [];
	const reading = (async () => {
		for await (const event of inv.feed({ after: inv.info().position }, { ref: true })) {
			seen.push(event.name);
			if (seen.length === 3) break;
		}
	})();
	for (const sku of ['A', 'B', 'C']) {
		await new Promise((resolve) => { setTimeout(resolve, 20); });
		inv.products.create({ sku, name: sku });
	}
	await reading;
	assert.deepStrictEqual(seen, Array(3).fill('product.created'));
	const stopped = new AbortController();
	setTimeout(() => stopped.abort(new Error('enough')), 50);
	const error = await failure(async () => {
		for await (const event of inv.feed({ after: 1000000 },
			{ signal: stopped.signal, ref: true })) assert.fail(event.name);
	});
	assert.strictEqual(error.message, 'enough');
	inv.close();
	// A process that only waits for the feed ends.
	const script = `const inv = require(${JSON.stringify(
		require.resolve('../lib/index.js'))}).open(':memory:');
		(async () => { for await (const event of inv.feed({ after: 1000000 })) console.log(
			event); })();
		console.log('end');`;
	assert.strictEqual(execFileSync(process.execPath, ['-e', script],
		{ encoding: 'utf8', timeout: 60000 }), 'end\n');
});

test('closing ends the feed', { timeout: 60000 }, async () => {
	const inv = open(storeUrl('ends.db'));
	inv.products.create([{ sku: 'A', name: 'a' }, { sku: 'B', name: 'b' }]);
	const seen = [];
	for await (const event of inv.feed({ after: 0 }, { ref: true })) {
		if (event.name === 'product.created') seen.push(event.payload.sku);
		if (seen.length === 1) setImmediate(() => inv.close()); // while it waits for what is next
	}
	assert.deepStrictEqual(seen, ['A', 'B']);
});

test('transactions', async () => {
	const inv = open();
	const boom = new Error('boom');
	const fails = () => inv.transaction(() => {
		inv.products.create({ sku: 'A', name: 'a' });
		throw boom;
	});
	assert.throws(fails, boom);
	assert.throws(() => inv.products.get({ ref: 'A' }), { code: 'NOT_FOUND' });
	assert.strictEqual(inv.transaction(() => inv.products.create({ sku: 'A', name: 'a' }).sku),
		'A');
	assert.throws(() => inv.transaction(async () => 1),
		{ code: 'MISUSE', message: /async\.transaction/ });
	assert.strictEqual(await failure(() => inv.async.transaction(async () => {
		throw boom;
	})), boom);
	assert.strictEqual(await failure(() => inv.async.transaction(async (own) => {
		await own.async.products.create({ sku: 'B', name: 'b' });
		throw boom;
	})), boom);
	assert.strictEqual(await inv.async.transaction(async (own) =>
		(await own.async.products.create({ sku: 'B', name: 'b' })).sku), 'B');
	assert.strictEqual((await failure(() => inv.async.transaction())).code, 'MISUSE');
	await inv.async.transaction(async (own) => { // in memory, all waits
		own.products.get({ ref: 'B' });
		assert.throws(() => inv.products.get({ ref: 'B' }), { code: 'MISUSE' });
	});
	const transaction = inv.begin();
	inv.products.create({ sku: 'C', name: 'c' });
	transaction[Symbol.dispose ?? Symbol.for('Symbol.dispose')]();
	assert.deepStrictEqual(inv.products.list().toArray().map((one) => one.sku), ['A', 'B']);
	assert.throws(() => transaction.commit(), { code: 'STATE' });
	inv.close();
});

test('what is called beside an asynchronous transaction is no part of it', async () => {
	const inv = open(storeUrl('beside.db'), { requestId: 'first' });
	const boom = new Error('boom');
	let beside;
	inv.requestId('second');
	assert.strictEqual(await failure(() => inv.async.transaction(async (own) => {
		own.products.create({ sku: 'IN', name: 'x' });
		beside = inv.async.products.create({ sku: 'BESIDE', name: 'x' });
		assert.throws(() => inv.products.create({ sku: 'NOW', name: 'x' }),
			{ code: 'MISUSE', message: /asynchronous transaction is open/ });
		assert.throws(() => inv.session().transaction(() => 1), { code: 'MISUSE' });
		assert.throws(() => inv.begin(), { code: 'MISUSE' });
		assert.strictEqual((await failure(() => own.async.transaction(async () => 1))).code,
			'MISUSE');
		assert.strictEqual(own.products.get({ ref: 'IN' }).sku, 'IN');
		throw boom;
	})), boom);
	assert.strictEqual((await beside).sku, 'BESIDE');
	assert.deepStrictEqual(inv.products.list().toArray().map((one) => one.sku), ['BESIDE']);
	const running = [];
	let kept;
	await Promise.all([1, 2, 3].map((number) => inv.async.transaction(async (own) => {
		running.push(number);
		kept = own;
		await own.async.products.create({ sku: `T${number}`, name: 'x' });
		await new Promise((resolve) => { setImmediate(resolve); });
		own.products.update({ id: own.products.get({ ref: `T${number}` }).id, name: 'y' });
	})));
	assert.deepStrictEqual(running.sort(), [1, 2, 3]);
	assert.deepStrictEqual(inv.products.list({ filter: 'sku ^= "T"', sort: 'sku' }).toArray()
		.map((one) => `${one.sku}${one.name}`), ['T1y', 'T2y', 'T3y']);
	assert.throws(() => kept.products.list(), { code: 'MISUSE', message: /closed/ });
	assert.strictEqual([...inv.feed.read({ limit: 1000 })].at(-1).requestId, 'second');
	const ended = inv.async.transaction(async (own) => {
		inv.close(); // the store stays for the transaction
		return own.products.create({ sku: 'LAST', name: 'x' }).sku;
	});
	assert.strictEqual(await ended, 'LAST');
});

test('files, and what is told of their progress', async () => {
	const inv = open(storeUrl('files.db'));
	const csv = file('in.csv');
	const rows = Array.from({ length: 3000 }, (_, i) =>
		`S${i},Product ${i},${i % 7 ? '1.5' : 'x'}`);
	fs.writeFileSync(csv, `sku,name,list_price\n${rows.join('\n')}\n`);
	const error = await failure(() => inv.importCsv('products.create', csv));
	assert.deepStrictEqual([error.code, error.field], ['INVALID', 'listPrice']);
	const report = await inv.async.importCsv('products.create', csv,
		{ skip: true, keyPrefix: 'a' });
	assert.strictEqual(report.rows, 3000);
	assert.strictEqual(report.failed, 429);
	assert.deepStrictEqual([report.errors[0].line, report.errors[0].code], [2, 'INVALID']);
	assert.strictEqual(inv.importCsv('products.create', csv, { skip: true, keyPrefix: 'a' }).again,
		2571);
	await inv.async.exportCsv('products.list', file('out.csv'),
		{ query: { filter: 'sku ^= "S1"' } });
	assert.match(fs.readFileSync(file('out.csv'), 'utf8'), /^id,sku,/);
	assert.throws(() => inv.exportCsv('products.list', file('out.csv')), { code: 'EXISTS' });
	const thrown = new Error('enough');
	let told = 0;
	const telling = { progress: () => { told++; throw thrown; } };
	assert.throws(() => inv.rebuild(telling), thrown);
	assert.strictEqual(told, 1);
	assert.throws(() => inv.verify({ progress: () => false }), { code: 'CANCELLED' });
	assert.strictEqual(await failure(() => inv.async.rebuild(telling)), thrown);
	assert.strictEqual((await inv.async.verify()).stateHash, inv.stateHash());
	assert.strictEqual((await failure(() => inv.async.verify(
		{ signal: AbortSignal.abort(thrown) }))), thrown);
	const copied = await inv.async.copy(file('copy.db'));
	assert.strictEqual(copied.stateHash, inv.stateHash());
	inv.close();
});

test('a backup opens', { skip: process.env.INV_TEST_DRIVER === 'postgres' }, async () => {
	const inv = open(file('live.db'));
	inv.products.create({ sku: 'A', name: 'a' });
	await inv.async.backup(file('backup.db'));
	const backup = open(file('backup.db'), { readOnly: true });
	assert.strictEqual(backup.stateHash(), inv.stateHash());
	assert.throws(() => backup.products.create({ sku: 'B', name: 'b' }), inventra.ReadOnlyError);
	backup.close();
	inv.close();
});

test('threads have environments of their own', async () => {
	const url = storeUrl('threads.db');
	const inv = open(url);
	inv.products.create({ sku: 'A', name: 'a' });
	const run = (number) => new Promise((resolve, reject) => {
		const worker = new Worker(`
			const { workerData } = require('node:worker_threads');
			const { inventra, drivers } = require(workerData.support);
			const inv = inventra.open(workerData.url, { actor: 'w' + workerData.number,
				drivers: drivers() });
			for (let i = 0; i < 25; i++) inv.stock.receive({ lines: [{ product: 'A',
				quantity: 1 }] });
			inv.async.stock.receive({ lines: [{ product: 'A', quantity: 1 }] });
			inv.feed()[Symbol.asyncIterator]().next();`,
		{ eval: true, workerData: { url, number, support: require.resolve('./support.js') } });
		worker.on('exit', (code) => (code === 0 ? resolve() : reject(
			new Error(`a thread ended with ${code}`))));
		worker.on('error', reject);
	});
	await Promise.all([1, 2, 3, 4].map(run));
	assert.strictEqual(inv.balances.get({ product: 'A' }).onHand, '104');
	const waits = new Worker(`
		const { workerData } = require('node:worker_threads');
		const inv = require(workerData).open(':memory:');
		inv.async.feed.wait({ after: 1000000, timeoutMs: 600000 });
		require('node:worker_threads').parentPort.postMessage('waits');`,
	{ eval: true, workerData: require.resolve('../lib/index.js') });
	await new Promise((resolve) => { waits.once('message', resolve); });
	await waits.terminate();
	inv.close();
});
