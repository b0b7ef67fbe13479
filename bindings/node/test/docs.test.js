// SPDX-License-Identifier: MIT
// The pages about Node: their blocks run one after the other and print what they say. The price
// guide also runs on the products of the till file, where that is there.
'use strict';
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const zlib = require('node:zlib');
const { inventra, source, file } = require('./support.js');

const entry = path.resolve(__dirname, '../lib/index.mjs');
const blocks = (page, info) => [...fs.readFileSync(path.join(source, page), 'utf8')
	.matchAll(new RegExp(`^\`\`\`${info}\n(.*?)^\`\`\``, 'gms'))].map((match) => match[1]);

function run(name, code) {
	const folder = file(name);
	fs.mkdirSync(folder);
	// Imports stand in front, wherever a page has them.
	const imports = [...code.matchAll(/^import .*$/gm)].map((match) => match[0]).join('\n');
	const body = `${imports}\n${code.replace(/^import .*$/gm, '')}`.replaceAll('"inventra"',
		JSON.stringify(entry));
	fs.writeFileSync(path.join(folder, 'page.mjs'), body);
	return execFileSync(process.execPath, ['page.mjs'], { cwd: folder, encoding: 'utf8' });
}

for (const page of ['docs/node.md', 'docs/guides/price-sync.md'])
	test(`${page} prints what it says`, () => {
		assert.strictEqual(run(path.basename(page), blocks(page, 'js run').join('\n')),
			blocks(page, 'text output').join(''));
	});

// The last price of each product that its till file has.
function tillPrices(csv) {
	const prices = new Map();
	for (const line of csv.split('\n').slice(1)) {
		const cells = line.match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)?.map((cell) =>
			cell.replace(/,$/, ''));
		if (cells && cells.length >= 6 && /^\d+\.\d{1,4}$/.test(cells[5])) prices.set(
			cells[1].toUpperCase(), cells[5]);
	}
	return prices;
}

const data = path.join(process.env.INV_TEST_DATA_DIR ?? path.join(source, '../shared/data'),
	'online-retail.csv.gz');
test('the price guide runs on the till file', { skip: !fs.existsSync(data) &&
	'the till file is not there' }, () => {
	const prices = [...tillPrices(zlib.gunzipSync(fs.readFileSync(data)).toString('utf8'))];
	assert.ok(prices.length > 3000);
	const store = file('till.db');
	const inv = inventra.open(store);
	inv.products.create(prices.map(([sku], i) => ({ sku, name: sku,
		...(i % 2 && { listPrice: prices[i][1] }) })));
	const before = inv.info().position;
	inv.close();
	fs.writeFileSync(file('till.csv'), `sku,price\n${prices.map((one) => one.join(',')).join(
		'\n')}\nNEW-1,1\n`);
	const [sync] = blocks('docs/guides/price-sync.md', 'js run');
	const report = JSON.parse(run('till', `${sync}
		const inv = open(${JSON.stringify(store)}, { actor: "price-sync" });
		const first = await syncPrices(inv, ${JSON.stringify(file('till.csv'))});
		console.log(JSON.stringify([first, await syncPrices(inv,
			${JSON.stringify(file('till.csv'))})]));`));
	const zero = prices.filter(([, price], i) => i % 2 === 0 && Number(price) === 0).length;
	const changed = Math.ceil(prices.length / 2) - zero;
	assert.deepStrictEqual(report[0], { same: prices.length - changed, changed, unknown: ['NEW-1'],
		refused: [] });
	assert.deepStrictEqual(report[1], { same: prices.length, changed: 0, unknown: ['NEW-1'],
		refused: [] });
	const after = inventra.open(store);
	for (const [sku, price] of prices) assert.strictEqual(
		Number(after.products.get({ ref: sku }).listPrice), Number(price), sku);
	assert.strictEqual(after.info().position, before + changed);
	assert.ok(after.verify().ok);
	after.close();
});
