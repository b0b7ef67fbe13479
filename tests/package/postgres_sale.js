// SPDX-License-Identifier: MIT
// postgres_sale.js URL: the installed packages sell something on a PostgreSQL server.
'use strict';
const assert = require('node:assert');
const { open } = require('inventra');
const { postgres } = require('@inventra/postgres');

const inv = open(process.argv[2], { actor: 'anna', drivers: [postgres()] });
inv.products.create({ sku: 'TEA-100', name: 'Tea' });
inv.stock.receive({ lines: [{ product: 'TEA-100', quantity: 10 }] });
const sale = inv.sales.close({ lines: [{ product: 'TEA-100', quantity: 2, unitPrice: '2.55' }] });
assert.strictEqual(sale.total, '5.1');
assert.strictEqual(inv.balances.get({ product: 'TEA-100' }).onHand, '8');
assert.strictEqual(inv.info().driver, 'postgresql');
assert.ok(inv.verify().ok);
inv.close();
