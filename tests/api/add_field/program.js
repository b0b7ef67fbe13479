// SPDX-License-Identifier: MIT
// program.js BINDING STORE: the new field, in Node.
'use strict';
const [, , binding, store] = process.argv;
const inventra = require(binding);
const inv = inventra.open(store);
const made = inv.products.create({ sku: 'NODE-1', name: 'By script', brand: 'Script & Daughters' });
const [found] = inv.products.list({ filter: 'brand ^= "Script"' });
console.log(made.brand, found.sku, Object.keys(made.toObject()).includes('brand'));
try {
	inv.products.create({ sku: 'NODE-2', name: 'x', brand: 7 });
} catch (error) {
	console.log(error.code, error.field);
}
inv.close();
