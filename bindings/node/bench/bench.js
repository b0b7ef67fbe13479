// SPDX-License-Identifier: MIT
// node bench.js CALLS: what calls cost from Node against the same calls from C (CALLS is the
// program of bindings/bench/calls.c), and a list against better-sqlite3 where that is installed.
// Each pair is measured in turn, five times; the median is shown.
'use strict';
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const inventra = require('../lib/index.js');

const [program] = process.argv.slice(2);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'inventra-bench-'));
const store = path.join(folder, 'bench.db');
const ROUNDS = 5;
const RECORDS = 100000;

// Of what waits for a disk the time that passes; else the processor's, which others do not disturb.
const passed = () => Number(process.hrtime.bigint());
const busy = () => { const { user, system } = process.cpuUsage(); return (user + system) * 1000; };
const each = (count, work, clock = busy) => {
	const begin = clock();
	work(count);
	return (clock() - begin) / count;
};
const times = (count, work, clock) => each(count, (n) => { for (let i = 0; i < n; i++) work(i); },
	clock);
const inC = (what, count) => Number(execFileSync(program, [store, what, String(count)],
	{ encoding: 'utf8' }));
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

// The medians of both, taken in turn.
function pair(ours, floor) {
	const mine = [];
	const theirs = [];
	for (let i = 0; i < ROUNDS; i++) {
		mine.push(ours());
		theirs.push(floor());
	}
	return [median(mine), median(theirs)];
}
const show = (name, ours, floor, ratio, goal) => console.log(
	[name.padEnd(34), ours, floor, ratio].map(String).join('  '), ` goal ${goal}`);

function fill(inv) {
	const products = Array.from({ length: RECORDS }, (_, i) => ({
		sku: i ? `SKU-${i}` : 'TEA', name: `Product number ${i}`, listPrice: '2.55',
			description: 'something longer to read',
	}));
	for (let i = 0; i < products.length; i += 10000) inv.products.create(products.slice(i,
		i + 10000));
	inv.stock.receive({ lines: [{ product: 'TEA', quantity: 1000000 }] });
}

// What a program does with the records of a list: reads some of their fields, or all.
const some = (inv) => { for (const one of inv.products.list(
	)) one.sku.length + one.name.length + one.listPrice.length; };
const all = (inv) => { for (const one of inv.products.list()) one.toObject(); };

// The store is open in one process at a time: a reader that is alone keeps its snapshot.
const alone = (work) => () => {
	const inv = inventra.open(store, { actor: 'bench' });
	try {
		return work(inv);
	} finally {
		inv.close();
	}
};
const balances = alone((inv) => {
	const tea = { product: inv.products.get({ ref: 'TEA' }).id };
	times(20000, () => inv.balances.get(tea).onHand);
	return times(50000, () => inv.balances.get(tea).onHand);
});
const sale = { lines: Array.from({ length: 5 }, () => ({ product: 'TEA', quantity: 1,
	unitPrice: '2' })) };
const sales = alone((inv) => times(1000, () => inv.sales.close(sale), passed));

alone(fill)();
let [ours, floor] = pair(balances, () => inC('balance', 50000));
show('balance read, ns', ours.toFixed(0), floor.toFixed(0), (ours / floor).toFixed(2),
	'<= 2 and an empty call');
[ours, floor] = pair(sales, () => inC('sale', 1000));
show('5-line sales, per second', (1e9 / ours).toFixed(0), (1e9 / floor).toFixed(0),
	(floor / ours).toFixed(2), '>= 0.7');
const listing = alone((inv) => each(RECORDS, () => some(inv)));
[ours, floor] = pair(listing, () => inC('list', RECORDS));
show('100,000 records listed, ns each', ours.toFixed(0), floor.toFixed(0),
	(ours / floor).toFixed(2), '');
try {
	const Database = require('better-sqlite3');
	const theirs = () => {
		const database = new Database(store, { readonly: true });
		const rows = database.prepare('SELECT * FROM product ORDER BY lower(sku)');
		const took = each(RECORDS, () => {
			for (const row of rows.iterate()) row.sku.length + row.name.length + String(
				row.list_price).length;
		});
		database.close();
		return took;
	};
	[ours, floor] = pair(listing, theirs);
	show('the same against better-sqlite3', ours.toFixed(0), floor.toFixed(0),
		(ours / floor).toFixed(2), '<= 2');
	[ours, floor] = pair(alone((inv) => each(RECORDS, () => all(inv))), theirs);
	show('the same, every field read', ours.toFixed(0), floor.toFixed(0), (ours / floor).toFixed(2),
		'');
} catch (error) {
	if (error.code !== 'MODULE_NOT_FOUND') throw error;
	console.log('better-sqlite3 is not installed');
}
fs.rmSync(folder, { recursive: true });
