// SPDX-License-Identifier: MIT
// What a program gives wrongly is refused with a sentence that says what to give.
'use strict';
const assert = require('node:assert');
const path = require('node:path');
const { test } = require('node:test');
const { inventra, file, failure } = require('./support.js');

const inv = inventra.open(':memory:', { actor: 'tester' });
inv.products.create({ sku: 'TEA', name: 'Tea' });
const product = (fields) => () => inv.products.create({ sku: 'X', name: 'x', ...fields });

function refuses(work, field, message, code = 'INVALID') {
	assert.throws(work, (error) => {
		assert.ok(error instanceof inventra.InventraError, error.stack);
		assert.strictEqual(error.code, code, error.message);
		assert.strictEqual(error.field, field);
		assert.match(error.message, message);
		return true;
	});
}

test('numbers of binary floating point are no money', () => {
	refuses(product({ listPrice: 2.55 }), 'listPrice', /write '2\.55'/);
	refuses(product({ listPrice: 3 }), 'listPrice', /write '3'/);
	refuses(() => inv.stock.receive({ lines: [{ product: 'TEA', quantity: 1.5 }] }),
		'lines[0].quantity', /write '1\.5'/);
	assert.strictEqual(product({ sku: 'M1', listPrice: '2.5500' })().listPrice, '2.55');
	assert.strictEqual(product({ sku: 'M2', listPrice: { toFixed: () => '0.0001' } })().listPrice,
		'0.0001');
	assert.strictEqual(product({ sku: 'M3', listPrice: 7n })().listPrice, '7');
	refuses(product({ listPrice: '2,55' }), 'listPrice', /`listPrice`/);
	refuses(product({ listPrice: {} }), 'listPrice', /decimal/);
});

test('wrong types are named', () => {
	refuses(product({ name: 7 }), 'name', /a string, not the number 7/);
	refuses(product({ tags: 'a' }), 'tags', /an array, not the string a/);
	refuses(product({ tags: ['a', 1] }), 'tags[1]', /a string/);
	refuses(product({ decimals: 1.5 }), 'decimals', /whole number/);
	refuses(product({ decimals: NaN }), 'decimals', /whole number/);
	refuses(product({ decimals: 2n ** 70n }), 'decimals', /decimals/);
	refuses(product({ category: { id: 1 } }), 'category', /id or a code/);
	refuses(() => inv.sales.close({ lines: {} }), 'lines', /an array, not an object/);
	refuses(() => inv.sales.close({ lines: [7] }), 'lines[0]', /an object, not the number 7/);
	refuses(() => inv.sales.close({ lines: [{ product: 'TEA', quantity: '1', useListPrice: 1 }] }),
		'lines[0].useListPrice', /true or false/);
	refuses(() => inv.stock.receive({ occurredAt: new Date(NaN), lines: [] }), 'occurredAt',
		/no valid Date/);
	refuses(() => inv.stock.receive({ occurredAt: 17, lines: [] }), 'occurredAt',
		/a Date or a string/);
	refuses(() => inv.products.create('TEA'), 'input', /an object/);
	refuses(() => inv.products.create(null), 'input', /null/);
	refuses(product({ name: 'half of \ud83c' }), 'name', /a string/);
	refuses(product({ name: 'a\0b' }), 'name', /control character/);
	refuses(() => inv.products.create({ sku: 'K', name: 'k' }, { key: 'a\0b' }), 'key',
		/control characters/);
	refuses(() => inv.products.create({ sku: 'K', name: 'k' }, { key: 7 }), 'key', /a string/);
	refuses(() => inv.backup(7), 'path', /a string/);
});

test('unknown names come with the nearest', () => {
	refuses(product({ lstPrice: '1' }), 'lstPrice', /did you mean `listPrice`/);
	refuses(product({ list_price: '1' }), 'listPrice', /did you mean `listPrice`/);
	refuses(product({ zzzzzz: 1 }), 'zzzzzz', /there is no field `zzzzzz`$/);
	refuses(() => inv.products.get({ ref: 'TEA' }, { kee: 'x' }), undefined,
		/option `kee`; did you mean `key`/);
	refuses(() => inventra.open(':memory:', { aktor: 'x' }), undefined, /did you mean `actor`/);
	refuses(() => inv.importCsv('product.create', 'x'), undefined,
		/did you mean `products\.create`/);
	refuses(() => inv.products.create([{ sku: 'A', name: 'a' }, { sku: 'B', nam: 'b' }]), 'nam',
		/`name`/);
	assert.throws(() => inv.products.create([{ sku: 'A', name: 'a' }, { nam: 'b' }]), { index: 1 });
});

test('undefined leaves a field out, null empties it', () => {
	const made = product({ sku: 'N1', description: 'd', tags: ['t'], unit: undefined })();
	const changed = inv.products.update({ id: made.id, description: null, tags: null,
		name: undefined });
	assert.deepStrictEqual([changed.description, changed.tags, changed.name, changed.unit],
		['', [], 'x', 'ea']);
});

test('a record that was answered is no input', () => {
	const made = product({ sku: 'R1' })();
	refuses(() => inv.products.get(made), 'input', /\{ id: record\.id \}.*not a record that was/);
	refuses(() => inv.products.update([{ id: made.id, name: 'y' }, made]), 'input', /a record/);
	const posting = inv.stock.receive({ lines: [{ product: 'R1', quantity: 1 }] });
	refuses(() => inv.stock.receive({ lines: posting.lines }), 'lines[0]', /a record/);
	refuses(product({ category: made }), 'category', /an id or a code as a string, not a record/);
	const { id } = made.toObject();
	assert.strictEqual(inv.products.update({ id, name: 'y' }).name, 'y');
});

test('records are plain to look at', () => {
	const sale = inv.sales.close({ lines: [{ product: product({ sku: 'P1',
		stocking: 'non_stocked' })().id, quantity: 2, unitPrice: '1.5' }] });
	assert.strictEqual(JSON.parse(JSON.stringify(sale)).lines[0].amount, '3');
	assert.match(require('node:util').inspect(sale), /^Sale \{/);
	assert.strictEqual(sale.toObject().lines[0].sku, 'P1');
	assert.ok(sale.occurredAt instanceof Date);
	assert.strictEqual(Number(inventra.microseconds(sale, 'occurredAt') / 1000n),
		sale.occurredAt.getTime());
	refuses(() => inventra.microseconds(sale, 'ocurredAt'), undefined, /did you mean `occurredAt`/);
	refuses(() => inventra.microseconds(sale, 'total'), undefined, /no instant/);
	assert.throws(() => { 'use strict'; sale.total = '9'; }, TypeError);
});

test('a record has nothing of its own: what copies own properties copies nothing', () => {
	const made = product({ sku: 'S1', tags: ['a'] })();
	assert.deepStrictEqual(Object.keys(made), []);
	assert.deepStrictEqual({ ...made }, {});
	assert.deepStrictEqual(structuredClone(made), {});
	const copy = structuredClone(made.toObject());
	assert.deepStrictEqual([copy.sku, copy.tags], ['S1', ['a']]);
	assert.deepStrictEqual({ ...made.toObject() }, made.toObject());
});

test('filters and sorts name fields as everything does', () => {
	product({ sku: 'F1', name: 'unitPrice = "x"', listPrice: '3' })();
	product({ sku: 'F2', name: 'f', listPrice: '4' })();
	const skus = (query) => inv.products.list(query).items.map((one) => one.sku);
	const both = 'listPrice >= 3 and sku ^= "F"';
	assert.deepStrictEqual(skus({ filter: both, sort: '-listPrice,sku' }), ['F2', 'F1']);
	assert.deepStrictEqual(skus({ filter: both, sort: 'listPrice' }), ['F1', 'F2']);
	// The description's own spelling does as well, and values stay what they are.
	assert.deepStrictEqual(skus({ filter: 'list_price=4 and sku=F2' }), ['F2']);
	assert.deepStrictEqual(skus({ filter: 'name = "unitPrice = \\"x\\""' }), ['F1']);
	assert.deepStrictEqual(skus({ filter: 'name = unitPrice' }), []);
	refuses(() => skus({ filter: 'lostPrice = 3' }), 'filter', /position 1/);
	refuses(() => skus({ sort: 'lostPrice' }), 'sort', /./);
});

test('numbers beyond 2 ** 53 are bigints', () => {
	const last = 2n ** 62n + 1n;
	assert.throws(() => inv.feed.acknowledge({ consumer: 'far', position: last }),
		/journal|position/);
	assert.deepStrictEqual(inv.feed.read({ after: last }).items, []);
	assert.strictEqual(inv.feed.read({ after: String(last) }).items.length, 0);
});

test('a store that cannot be opened', async () => {
	refuses(() => inventra.open(file('none.db'), { create: false }), undefined, /./, 'NOT_FOUND');
	refuses(() => inventra.open('nosuch://x'), undefined, /./, 'UNSUPPORTED');
	refuses(() => inventra.open(''), undefined, /URL/, 'MISUSE');
	refuses(() => inventra.open(':memory:', { drivers: [{}] }), undefined, /drivers/, 'MISUSE');
	refuses(() => inventra.open(':memory:', { drivers: [1] }), undefined, /drivers/, 'MISUSE');
	refuses(() => inventra.open(':memory:', { location: 'NOWHERE' }), 'location', /./, 'NOT_FOUND');
	refuses(() => inventra.open(':memory:', { actor: 7 }), 'actor', /a string/);
	refuses(() => inventra.open(':memory:', { migrate: 'maybe' }), 'migrate', /true or false/);
	refuses(() => inventra.open(':memory:', { reedonly: true }), undefined,
		/did you mean `readOnly`/);
	refuses(() => inventra.open(path.join(file('no'), 'such', 'shop.db')), undefined,
		/the folder \S+no is not there/, 'NOT_FOUND');
	refuses(() => inventra.open('postgresql://x/y'), undefined, /npm install @inventra\/postgres/,
		'UNSUPPORTED');
	assert.strictEqual((await failure(() => inventra.openAsync('nosuch://x'))).code, 'UNSUPPORTED');
	assert.ok(await inventra.openAsync(':memory:') instanceof inventra.Inventory);
});

test('what a store tells of itself', () => {
	const info = inv.info();
	assert.strictEqual(info.driver, 'sqlite');
	assert.match(info.id, /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
	assert.match(info.databaseVersion, /^\D*3\./);
	assert.strictEqual(info.readOnly, false);
	assert.ok(info.position > 0 && info.schemaVersion > 0);
});

test('options of wrong types', async () => {
	const wrong = {
		busyTimeoutMs: [1e300, -1, 1.5, '5000', NaN, null], readers: [2 ** 32, 'many'],
		source: ['a\0b', 'a\x1eb', 7], till: [7, '\ud800'],
		writers: [-1], checkpointPages: [{}], create: [0, 'no'], readOnly: [1], drivers: [{}, 'x'],
	};
	for (const [name, values] of Object.entries(wrong))
		for (const value of values)
			refuses(() => inventra.open(':memory:', { [name]: value }), name, /takes|must be/);
	refuses(() => inventra.open(':memory:', 7), 'options', /an object/);
	inventra.open(':memory:', { busyTimeoutMs: 86400000, create: undefined }).close();
	refuses(() => inv.products.create({ sku: 'K', name: 'k' }, { key: 0 }), 'key', /a string/);
	refuses(() => inv.products.get({ ref: 'TEA' }, { codes: 1 }), 'codes', /true or false/);
	refuses(() => inv.importCsv('products.create', 'x', { sliceMs: -1 }), 'sliceMs', /whole/);
	refuses(() => inv.verify({ progress: 7 }), 'progress', /a function/);
	for (const signal of [{}, 7, null, new AbortController()]) {
		for (const call of [() => inv.async.products.list({}, { signal }),
			() => inv.async.verify({ signal }), () => inv.feed({}, { signal })]) {
			const error = await failure(call);
			assert.deepStrictEqual([error.code, error.field], ['INVALID', 'signal']);
			assert.match(error.message, /AbortController/);
		}
	}
	assert.strictEqual((await inv.async.products.get({ ref: 'TEA' })).sku, 'TEA'); // its turn comes
	inv.products.get({ ref: 'TEA' });
});

test('a library of another version is not taken', () => {
	const { execFileSync } = require('node:child_process');
	const script = "try { require(process.argv[1]) } catch (error) { console.log(error.message) }";
	const fake = file('fake.js');
	require('node:fs').writeFileSync(fake,
		'module.exports = { description: \'{"version":"0.0.9"}\' }');
	const said = execFileSync(process.execPath, ['-e', script, require.resolve('../lib/index.js')],
		{ env: { ...process.env, INVENTRA_NATIVE: fake }, encoding: 'utf8' });
	assert.match(said, /a library of version 0\.0\.9/);
});
