/* SPDX-License-Identifier: MIT */
/* Products as stock and sale lines need them. */
#include "domain/known.h"
#include "util/number.h"

#define PRODUCTS \
	"SELECT r.n, p.sku, p.name, p.decimals, p.stocking, p.tracking, p.list_price, p.archived," \
	" p.picking" \
	" FROM {rows# id:id} r JOIN product p ON p.id = r.id"
INV__SQL(SQL_PRODUCTS, PRODUCTS);
/* What is read of a row that is locked is what stands when it is. */
INV__SQL(SQL_PRODUCTS_HELD, PRODUCTS " ORDER BY p.id {share_of p}");

/* From the writer's memory, where it has it. Its strings are copied: they are its own. */
static bool recall(inv__call *call, const inv_id *id, inv__product_facts *out)
{
	const inv__product_facts *facts = inv__known_product(call->known, id);

	if (!facts)
		return false;
	*out = *facts;
	out->sku = inv__arena_str(call->arena, facts->sku);
	out->name = inv__arena_str(call->arena, facts->name);
	return out->sku.ptr && out->name.ptr;
}

/* What is sold must not change its decimals, its tracking, or leave the catalogue meanwhile. */
inv_status inv__products_lock(inv__call *call, const inv_id *ids, size_t count, bool exclusive)
{
	const inv_table_desc *table = inv_schema_table(INV_TABLE_product);

	return exclusive ? inv__rows_lock(call, table, ids, count)
	                 : inv__rows_share(call, table, ids, count);
}

inv_status inv__products_claim(inv__call *call, const inv_id *ids, size_t count, bool exclusive,
                               inv__products *out)
{
	const inv__sql *sql = call->locks && !exclusive ? &SQL_PRODUCTS_HELD : &SQL_PRODUCTS;
	inv_str *column;

	/* One that is known by heart has been locked by this transaction before, but for others too. */
	if (exclusive && inv__products_lock(call, ids, count, true) != INV_OK)
		return INV_E_NO_MEMORY;
	memset(out, 0, sizeof *out);
	out->ids = ids;
	out->count = count;
	out->list = inv__arena_array(call->arena, count, sizeof *out->list);
	out->asked = inv__arena_alloc(call->arena, count * sizeof *out->asked);
	if (!out->list || !out->asked)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++)
		if (!recall(call, &ids[i], &out->list[i]))
			out->asked[out->asked_count++] = i;
	call->rests |= out->asked_count < count;
	if (out->asked_count == 0)
		return INV_OK;
	out->statement = inv__batch_add(call->batch, sql);
	inv__batch_rows(call->batch, out->asked_count);
	column = inv__batch_blob_column(call->batch);
	for (size_t i = 0; column && i < out->asked_count; i++)
		inv__batch_id_at(call->batch, column, i, &ids[out->asked[i]]);
	return call->batch->status == INV_OK ? INV_OK : inv__call_no_memory(call);
}

void inv__products_read(inv__call *call, inv__products *products)
{
	const inv_rows *rows;

	if (products->asked_count == 0)
		return;
	rows = inv__batch_result(call->batch, products->statement);
	for (size_t row = 0; row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);
		size_t at = n < products->asked_count ? products->asked[n] : 0;
		inv__product_facts *p = &products->list[at];

		p->found = true;
		p->sku = inv__cell_str(rows, row, 1);
		p->name = inv__cell_str(rows, row, 2);
		p->decimals = inv__cell_int(rows, row, 3);
		p->stocking = (int32_t)inv__cell_int(rows, row, 4);
		p->tracking = (int32_t)inv__cell_int(rows, row, 5);
		p->list_price = inv__cell_int(rows, row, 6);
		p->archived = inv__cell_int(rows, row, 7) != 0;
		p->picking = (int32_t)inv__cell_int(rows, row, 8);
		inv__known_product_put(call->known, &products->ids[at], p);
	}
}

/* A line of goods that are told apart must say which, unless they are picked for it. */
static const char *tracking_fault(const inv__product_facts *product, int32_t tracking, bool named)
{
	bool picks = product->picking != INV_PICKING_MANUAL;

	if (tracking == INV_TRACKING_LOT && named)
		return "the product is not tracked by lot";
	if (named)
		return "the product is not tracked by serial number";
	if (tracking == INV_TRACKING_LOT)
		return picks ? "the product is tracked by lot: name one, such as stock.plan_pick tells"
		             : "the product is tracked by lot: name one";
	return picks ? "the product is tracked by serial number: name one, such as stock.plan_pick"
	               " tells"
	             : "the product is tracked by serial number: name one";
}

static inv_status check_tracking(inv__call *call, const inv__product_facts *product,
                                 const inv__line_units *u)
{
	const struct {
		int32_t tracking;
		const char *field;
		bool named;
	} codes[] = {{INV_TRACKING_LOT, "lot", u->lot.len > 0},
	             {INV_TRACKING_SERIAL, "serial", u->serial.len > 0}};

	for (size_t i = 0; i < 2; i++) {
		bool wants = product->tracking == codes[i].tracking;

		if (wants != codes[i].named && !(u->open && !codes[i].named))
			return inv__call_fail(call, INV_E_INVALID, u->input,
			                      inv__line_field(call, "lines", u->line, codes[i].field), "%s",
			                      tracking_fault(product, codes[i].tracking, codes[i].named));
	}
	return INV_OK;
}

inv_status inv__line_check(inv__call *call, const inv__product_facts *product,
                           const inv__line_units *units)
{
	size_t input = units->input, line = units->line;
	int64_t quantity = units->quantity;

	if (!product->found)
		return inv__call_fail(call, INV_E_NOT_FOUND, input,
		                      inv__line_field(call, "lines", line, "product"),
		                      "there is no such product");
	if (quantity % inv__pow10((uint32_t)(6 - product->decimals)) != 0)
		return inv__call_fail(call, INV_E_INVALID, input,
		                      inv__line_field(call, "lines", line, "quantity"),
		                      "%.*s is counted with %d decimals", (int)product->sku.len,
		                      product->sku.ptr, (int)product->decimals);
	if (product->tracking == INV_TRACKING_SERIAL && quantity != INV_QUANTITY_ONE &&
	    quantity != -INV_QUANTITY_ONE && quantity != 0 && !(units->open && units->serial.len == 0))
		return inv__call_fail(call, INV_E_INVALID, input,
		                      inv__line_field(call, "lines", line, "quantity"),
		                      "a serial number is one unit");
	return check_tracking(call, product, units);
}
