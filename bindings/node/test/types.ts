// SPDX-License-Identifier: MIT
// Right and wrong uses, for tsc --strict: each @ts-expect-error must be one.
import { open, openAsync, microseconds, isReplayed, InventraError,
	InsufficientStockError } from 'inventra';
import type { CopyReport, Decimal, Guard, Inventory, List, Product, Sale,
	StoreInfo } from 'inventra';

const inv: Inventory = open('shop.db', { actor: 'anna', readOnly: false });
const tea: Product = inv.products.create({ sku: 'TEA', name: 'Tea', listPrice: '2.55',
	category: null });
const two: Product[] = inv.products.create([{ sku: 'A', name: 'a' }, { sku: 'B', name: 'b' }],
	{ key: 'k' });
const price: string = tea.listPrice;
const when: Date | null = tea.createdAt;
const exact: bigint = microseconds(tea, 'createdAt');
const again: boolean = isReplayed(two);
const plain: { sku: string; tags: readonly string[] } = tea.toObject();
const list: List<Product> = inv.products.list({ filter: 'archived = true', limit: 10 });
for (const product of list) product.sku.toUpperCase();
const decimal: Decimal = { toFixed: () => '1.5' };
const sale: Sale = inv.sales.close({ lines: [{ product: 'TEA', quantity: 2,
	unitPrice: decimal }] });
const guard: Guard = 'observe';
inv.products.update({ id: tea.id, name: 'Green tea', version: tea.version });
inv.transaction(() => inv.stock.receive({ lines: [{ product: 'TEA',
	quantity: '1' }] }).lines.length + 1);
inv.importCsv('products.create', 'in.csv', { skip: true, progress: (done, total) => done < total });
inv.exportCsv('products.list', 'out.csv', { query: { filter: 'archived = false' } });

const info: StoreInfo = inv.info();
const copied: CopyReport = inv.copy('other.db', { readers: 2, progress: () => true });
const imported: readonly InventraError[] = inv.importCsv('products.create', 'in.csv').errors;
open('shop.db', { migrate: false, writers: 2, till: 'T1', requestId: 'r' }).close();

async function later(): Promise<void> {
	await using other = await openAsync(':memory:');
	using session = other.session({ channel: 'WEB' });
	for await (const event of other.feed({ consumer: 'mail' },
		{ ref: true })) event.position.toFixed();
	for await (const product of session.async.products.list()) product.name.length;
	const one: Product = await other.async.products.get({ ref: 'TEA' },
		{ signal: AbortSignal.timeout(1000) });
	await other.async.transaction(async (own) =>
		(await own.async.products.get({ ref: one.id })).version);
	using transaction = other.begin();
	transaction.commit();
}

try {
	inv.settings.get();
} catch (error) {
	if (error instanceof InsufficientStockError) error.field?.length;
	if (error instanceof InventraError && error.code === 'CONFLICT') error.details.map((one) =>
		one.message);
}

// @ts-expect-error a binary number is no money
inv.products.create({ sku: 'TEA', name: 'Tea', listPrice: 2.55 });
// @ts-expect-error there is no such field
inv.products.create({ sku: 'TEA', name: 'Tea', listprice: '2.55' });
// @ts-expect-error the name is missing
inv.products.create({ sku: 'TEA' });
// @ts-expect-error the engine sets it
inv.products.update({ id: tea.id, createdAt: new Date() });
// @ts-expect-error there is no such value
inv.channels.create({ code: 'WEB', name: 'Web', guard: 'lax' });
// @ts-expect-error this takes one
inv.settings.update([{ name: 'a' }, { name: 'b' }]);
// @ts-expect-error records do not change
tea.name = 'Coffee';
// @ts-expect-error not a write
inv.importCsv('products.list', 'in.csv');
// @ts-expect-error an operation that is none
inv.products.destroy({ ref: 'TEA' });
// @ts-expect-error a promise in a transaction that does not wait
inv.transaction(() => Promise.resolve(1));
// @ts-expect-error a driver comes from an adapter
open('postgresql://', { drivers: [{}] });
// @ts-expect-error it is true or false
open('shop.db', { migrate: 'auto' });
// @ts-expect-error there is no such status
if (new InventraError().code === 'NO_SUCH') later();

export { info, copied, imported, price, when, exact, again, plain, sale, guard, later };
