// SPDX-License-Identifier: MIT
// Closing in any order, handles that nobody closes, and memory that does not grow. Run with
// --expose-gc; INV_TEST_LONG=1 makes a million calls.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const { test } = require('node:test');
const { inventra, file, drivers, storeUrl } = require('./support.js');

const collect = async () => {
	for (let i = 0; i < 4; i++) {
		global.gc();
		await new Promise((resolve) => { setImmediate(resolve); });
	}
};

test('answers outlive what they came from', async () => {
	const inv = inventra.open(file('order.db'));
	const other = inv.session();
	const made = inv.products.create({ sku: 'A', name: 'Ä' });
	const list = other.products.list({ limit: 1 });
	inv.close(); // the store goes with its last session
	assert.strictEqual(other.products.get({ ref: 'A' }).name, 'Ä');
	other.close();
	await collect();
	assert.strictEqual(made.name, 'Ä');
	assert.strictEqual(list.items[0].sku, 'A');
	assert.throws(() => list.toArray(), { code: 'MISUSE' });
	assert.throws(() => inv.session(), { code: 'MISUSE', message: /closed/ });
	assert.throws(() => inv.info(), { code: 'MISUSE', message: /closed/ });
});

test('work that began before closing ends', async () => {
	const inv = inventra.open(file('busy.db'));
	inv.products.create(Array.from({ length: 500 }, (_, i) => ({ sku: `S${i}`, name: 'x' })));
	const verified = inv.async.verify();
	const created = inv.async.products.create({ sku: 'late', name: 'x' });
	inv.close();
	const ends = await Promise.allSettled([verified, created]);
	assert.strictEqual(ends[1].status, 'rejected');
	assert.ok(ends[0].status === 'fulfilled' ? ends[0].value.ok : ends[0].reason.code === 'MISUSE');
});

test('what closes itself while it tells its progress ends first', () => {
	const csv = file('closing.csv');
	fs.writeFileSync(csv, `sku,name\n${Array.from({ length: 500 }, (_, i) =>
		`S${i},x`).join('\n')}\n`);
	const calls = {
		verify: (inv, options) => inv.verify(options),
		rebuild: (inv, options) => inv.rebuild(options),
		importCsv: (inv, options) => inv.importCsv('products.create', csv, options),
		exportCsv: (inv, options) => inv.exportCsv('products.list', file('closing.out'), options),
		backup: (inv, options) => inv.backup(file('closing.backup'), options),
		copy: (inv, options) => inv.copy(file('closing.copy'), options),
	};
	for (const [name, call] of Object.entries(calls)) {
		const inv = inventra.open(file(`closing-${name}.db`));
		inv.products.create(Array.from({ length: 2000 }, (_, i) => ({ sku: `P${i}`, name: 'x' })));
		let told = 0;
		const progress = () => {
			told++;
			inv.close();
			assert.throws(() => inv.products.list(), { code: 'MISUSE' }, name);
		};
		try {
			call(inv, { progress });
		} catch (error) {
			assert.strictEqual(error.code, 'CANCELLED', `${name}: ${error.stack}`);
		}
		assert.ok(told > 0, name);
		assert.throws(() => inv.info(), { code: 'MISUSE', message: /closed/ }, name);
		inventra.open(file(`closing-${name}.db`)).close(); // nothing of it is left open
	}
});

test('handles that nobody closes are collected', async () => {
	for (let i = 0; i < 50; i++) {
		const inv = inventra.open(':memory:');
		inv.session().products.create({ sku: 'A', name: 'a' });
		inv.products.list().toArray();
	}
	await collect();
	const again = inventra.open(':memory:');
	again.close();
});

test('memory does not grow', { timeout: 3600000 }, async () => {
	const inv = inventra.open(storeUrl('grow.db'), { drivers: drivers() });
	const calls = process.env.INV_TEST_LONG === '1' ? 1000000 : 100000;
	inv.products.create(Array.from({ length: 20 }, (_, i) =>
		({ sku: `S${i}`, name: 'x'.repeat(50) })));
	const round = async (count) => {
		for (let i = 0; i < count; i += 5) {
			inv.balances.get({ product: 'S1' });
			inv.products.get([{ ref: 'S2' }, { ref: 'S3' }])[1].toObject();
			for (const product of inv.products.list({ limit: 15 })) if (
				product.sku === 'S19') break;
			assert.throws(() => inv.products.get({ ref: 'NONE' }));
			await inv.async.products.get({ ref: 'S4' });
		}
		await collect();
		return process.memoryUsage.rss();
	};
	await round(calls / 10); // what is kept for good is there now
	const before = await round(calls / 10);
	const after = await round(calls);
	assert.ok(after - before < 16 * 1024 * 1024,
		`${(after - before) / 1024} KiB more after ${calls} calls`);
	inv.close();
});
