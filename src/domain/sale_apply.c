/* SPDX-License-Identifier: MIT */
/* sale.closed from events to rows: a rowset per table, however many documents there are. */
#include <stdlib.h>

#include "domain/ops.h"
#include "domain/sale.h"
#include "util/id.h"
#include "util/number.h"

static inv_status put_documents(inv__apply *apply, const inv_sale *const *sales, size_t count)
{
	inv_id *ids = inv__arena_alloc(apply->arena, count * sizeof *ids);
	const inv_list **lists = inv__arena_alloc(apply->arena, count * sizeof *lists);
	inv_status rc;

	if (!ids || !lists)
		return INV_E_NO_MEMORY;
	rc = inv__rows_put(apply->batch, inv_schema_table(INV_TABLE_sale), (const void *const *)sales,
	                   count, false);
	for (size_t i = 0; i < count; i++) {
		ids[i] = sales[i]->id;
		lists[i] = &sales[i]->lines;
	}
	if (rc == INV_OK)
		rc = inv__children_put(apply, INV_TABLE_sale_line, ids, lists, count);
	for (size_t i = 0; i < count; i++)
		lists[i] = &sales[i]->tenders;
	return rc == INV_OK ? inv__children_put(apply, INV_TABLE_sale_tender, ids, lists, count) : rc;
}

/* ---- what refunds leave of the lines they name ---- */

INV__SQL(SQL_REFUNDED,
         "UPDATE sale_line SET refunded = sale_line.refunded + r.quantity,"
         " refunded_amount = sale_line.refunded_amount + r.amount"
         " {where sale:id line:int quantity:int amount:int}"
         " sale_line.sale = r.sale AND sale_line.line = r.line");

INV__SQL(SQL_SALE_REFUNDED,
         "UPDATE sale SET refunded = sale.refunded + r.amount"
         " {where sale:id amount:int} sale.id = r.sale");

/* `line` 0 is the sale itself. */
typedef struct refunded {
	inv_id sale;
	int64_t line;
	int64_t quantity;
	int64_t amount;
} refunded;

static int refunded_order(const void *x, const void *y)
{
	const refunded *a = x, *b = y;
	int c = inv__id_compare(a->sale, b->sale);

	return c ? c : (a->line > b->line) - (a->line < b->line);
}

/* One statement changes a row once, so what goes to one line is added up first. */
static inv_status add_up(refunded *list, size_t count, size_t *kept)
{
	size_t n = 0;

	qsort(list, count, sizeof *list, refunded_order);
	for (size_t i = 0; i < count; i++) {
		if (n == 0 || refunded_order(&list[n - 1], &list[i]) != 0)
			list[n++] = list[i];
		else if (!inv__add(list[n - 1].quantity, list[i].quantity, &list[n - 1].quantity) ||
		         !inv__add(list[n - 1].amount, list[i].amount, &list[n - 1].amount))
			return INV_E_LIMIT;
	}
	*kept = n;
	return INV_OK;
}

static inv_status put_refunded(inv__apply *apply, const refunded *list, size_t count)
{
	inv__batch *b = apply->batch;
	inv_str *sales;
	int64_t *lines, *quantities, *amounts;

	inv__batch_add(b, &SQL_REFUNDED);
	inv__batch_rows(b, count);
	sales = inv__batch_blob_column(b);
	lines = inv__batch_int_column(b);
	quantities = inv__batch_int_column(b);
	amounts = inv__batch_int_column(b);
	if (!sales || !lines || !quantities || !amounts)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		inv__batch_id_at(b, sales, i, &list[i].sale);
		lines[i] = list[i].line;
		quantities[i] = list[i].quantity;
		amounts[i] = list[i].amount;
	}
	return b->status;
}

static inv_status put_sales_refunded(inv__apply *apply, const refunded *list, size_t count)
{
	inv__batch *b = apply->batch;
	inv_str *sales;
	int64_t *amounts;

	inv__batch_add(b, &SQL_SALE_REFUNDED);
	inv__batch_rows(b, count);
	sales = inv__batch_blob_column(b);
	amounts = inv__batch_int_column(b);
	if (!sales || !amounts)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		inv__batch_id_at(b, sales, i, &list[i].sale);
		amounts[i] = list[i].amount;
	}
	return b->status;
}

static bool is_linked(const inv_sale *sale)
{
	return sale->kind == INV_SALE_KIND_REFUND && !inv_id_is_none(sale->original.id);
}

static void list_refunded(const inv_sale *sale, refunded *list, size_t *n)
{
	for (size_t j = 0; j < sale->lines.count; j++) {
		const inv_sale_line *line = INV_LIST_AT(sale->lines, inv_sale_line, j);

		list[(*n)++] = (refunded){sale->original.id, line->original_line, line->quantity,
		                          -line->amount};
	}
}

static inv_status add_refunded(inv__apply *apply, const inv_sale *const *sales, size_t count)
{
	size_t total = 0, linked = 0, lines = 0, heads = 0;
	refunded *list, *whole;
	inv_status rc;

	for (size_t i = 0; i < count; i++) {
		total += is_linked(sales[i]) ? sales[i]->lines.count : 0;
		linked += is_linked(sales[i]);
	}
	if (linked == 0)
		return INV_OK;
	list = inv__arena_alloc(apply->arena, (total + linked) * sizeof *list);
	if (!list)
		return INV_E_NO_MEMORY;
	whole = list + total;
	for (size_t i = 0; i < count; i++) {
		if (!is_linked(sales[i]))
			continue;
		list_refunded(sales[i], list, &lines);
		whole[heads++] = (refunded){sales[i]->original.id, 0, 0, -sales[i]->total};
	}
	rc = add_up(list, lines, &lines);
	if (rc == INV_OK)
		rc = add_up(whole, heads, &heads);
	if (rc == INV_OK)
		rc = put_refunded(apply, list, lines);
	return rc == INV_OK ? put_sales_refunded(apply, whole, heads) : rc;
}

/* ---- goods ---- */

static inv_status move_goods(inv__apply *apply, const inv__event *events,
                             const inv_sale *const *sales, size_t count)
{
	inv__leg *legs;
	size_t leg_count;
	inv_status rc = inv__legs_of_sales(apply->arena, sales, count, &legs, &leg_count);

	for (size_t i = 0; rc == INV_OK && i < leg_count; i++)
		legs[i].event = events[legs[i].input].id;
	return rc == INV_OK ? inv__legs_apply(apply, legs, leg_count) : rc;
}

inv_status inv__apply_sale(inv__apply *apply, const inv__event *events, size_t count)
{
	const inv_sale **sales = inv__arena_alloc(apply->arena, count * sizeof *sales);
	inv_status rc;

	if (!sales)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		sales[i] = events[i].payload;
	rc = put_documents(apply, sales, count);
	if (rc == INV_OK)
		rc = add_refunded(apply, sales, count);
	return rc == INV_OK ? move_goods(apply, events, sales, count) : rc;
}
