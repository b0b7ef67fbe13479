/* SPDX-License-Identifier: MIT */
/* count.plan: few products make up most of what leaves a shop, and these are counted most often.
 * Products in the order of what left, each with its part of the whole: up to 80 % they are of class
 * A, up to 95 % of class B; the one that crosses a border is still above it. */
#include <stdlib.h>

#include "domain/ops.h"
#include "util/id.h"
#include "util/number.h"
#include "util/time.h"

#define DAY (INT64_C(86400) * INV__SECOND)
#define ONE INT64_C(1000000) /* a ratio of 1 */
#define SHARE_A (ONE * 80 / 100)
#define SHARE_B (ONE * 95 / 100)

INV__SQL(SQL_PLAN,
         "WITH RECURSIVE tree(id) AS (SELECT l.id FROM location l WHERE l.id = ?1"
         " UNION SELECT l.id FROM tree t JOIN location l ON ?2 = 1 AND l.parent = t.id)"
         " SELECT p.id, p.list_price, CAST(SUM(x.units) AS BIGINT), MAX(x.counted) FROM (SELECT"
         " a.product, COALESCE((SELECT SUM(-m.quantity) FROM account_move m"
         " WHERE m.account = a.number AND m.quantity < 0 AND m.occurred_at >= ?3"
         " AND m.occurred_at < ?4), 0) AS units, (SELECT MAX(s.occurred_at) FROM assertion s"
         " WHERE s.account = a.number) AS counted FROM tree t JOIN account a ON a.location = t.id)"
         " x JOIN product p ON p.id = x.product AND p.archived = 0"
         " GROUP BY p.id, p.list_price, p.sku ORDER BY lower(p.sku)");

typedef struct plan_state {
	inv__places places;
	size_t statement;
	size_t from; /* the page's first */
} plan_state;

static const inv_count_plan_query *input(const inv__call *call)
{
	return inv__call_input(call, 0);
}

/* A cursor is how many came before. */
static inv_status read_cursor(inv__call *call, size_t *from)
{
	int64_t value = 0;

	if (input(call)->cursor.len > 0 &&
	    (inv__decimal_parse(input(call)->cursor, 0, &value) != INV__DECIMAL_OK || value < 0))
		return inv__call_fail(call, INV_E_INVALID, 0, "cursor", "it is not a cursor of this list");
	*from = (size_t)value;
	return INV_OK;
}

inv_status inv__claim_count_plan(inv__call *call)
{
	const inv_count_plan_query *in = input(call);
	plan_state *s = inv__arena_zalloc(call->arena, sizeof *s);
	inv_id *place = inv__arena_alloc(call->arena, sizeof *place);
	inv_status rc;

	if (!s || !place)
		return inv__call_no_memory(call);
	call->state = s;
	*place = inv_id_is_none(in->location.id) ? call->session.location : in->location.id;
	if (in->from != 0 && in->to != 0 && in->to <= in->from)
		return inv__call_fail(call, INV_E_INVALID, 0, "to", "it lies before `from`");
	rc = read_cursor(call, &s->from);
	if (rc == INV_OK)
		rc = inv__places_claim(call, place, 1, &s->places);
	s->statement = inv__batch_add(call->batch, &SQL_PLAN);
	inv__batch_id(call->batch, *place);
	inv__batch_int(call->batch, in->subtree);
	inv__batch_int(call->batch, in->from ? in->from : call->now - 365 * DAY);
	inv__batch_int(call->batch, in->to ? in->to : INT64_MAX);
	return rc == INV_OK ? call->batch->status : rc;
}

/* ---- classes ---- */

typedef struct item {
	inv_count_due due;
	int64_t measure;
	size_t place; /* in the order of SKUs */
} item;

static int by_measure(const void *x, const void *y)
{
	const item *a = x, *b = y;
	int c = (a->measure < b->measure) - (a->measure > b->measure);

	return c ? c : (a->place > b->place) - (a->place < b->place);
}

static int by_due(const void *x, const void *y)
{
	const item *a = x, *b = y;
	int c = (a->due.overdue < b->due.overdue) - (a->due.overdue > b->due.overdue);

	if (c == 0)
		c = (a->due.next_due > b->due.next_due) - (a->due.next_due < b->due.next_due);
	return c ? c : by_measure(x, y);
}

static inv_status read_item(inv__call *call, const inv_rows *rows, size_t row, item *out)
{
	inv_count_due *due = &out->due;

	due->struct_size = sizeof *due;
	due->product = inv_ref_of(inv__cell_id(rows, row, 0));
	due->units = inv__cell_int(rows, row, 2);
	due->last_counted = inv__cell_int(rows, row, 3);
	if (!inv__mul_div(due->units, inv__cell_int(rows, row, 1), INV_QUANTITY_ONE, &due->value))
		return inv__call_fail(call, INV_E_LIMIT, 0, NULL, "a value is more than can be counted");
	out->measure = input(call)->by == INV_COUNT_MEASURE_UNITS ? due->units : due->value;
	out->place = row;
	return INV_OK;
}

static inv_status classify(inv__call *call, item *items, size_t count)
{
	int64_t total = 0, before = 0, share = 0;

	for (size_t i = 0; i < count; i++)
		if (!inv__add(total, items[i].measure, &total))
			return inv__call_fail(call, INV_E_LIMIT, 0, NULL,
			                      "the sum is more than can be counted");
	qsort(items, count, sizeof *items, by_measure);
	for (size_t i = 0; i < count; i++) {
		inv_count_due *due = &items[i].due;

		due->abc_class = items[i].measure == 0 || share >= SHARE_B ? INV_COUNT_CLASS_C
		             : share >= SHARE_A                         ? INV_COUNT_CLASS_B
		                                                        : INV_COUNT_CLASS_A;
		before += items[i].measure;
		if (total > 0 && !inv__mul_div(before, ONE, total, &share))
			return inv__call_fail(call, INV_E_INTERNAL, 0, NULL, "a part is more than the whole");
		due->share = share;
	}
	return INV_OK;
}

static int64_t days_of(const inv_count_plan_query *in, int32_t class)
{
	if (class == INV_COUNT_CLASS_A)
		return in->days_a ? in->days_a : 30;
	if (class == INV_COUNT_CLASS_B)
		return in->days_b ? in->days_b : 90;
	return in->days_c ? in->days_c : 365;
}

static void set_due(const inv__call *call, item *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		inv_count_due *due = &items[i].due;

		if (due->last_counted != 0)
			due->next_due = due->last_counted + days_of(input(call), due->abc_class) * DAY;
		due->overdue = due->next_due <= call->now;
	}
	qsort(items, count, sizeof *items, by_due);
}

static inv_status answer(inv__call *call, const plan_state *s, const item *items, size_t count)
{
	size_t limit = input(call)->limit ? (size_t)input(call)->limit : 100;
	size_t from = s->from < count ? s->from : count;
	size_t n = count - from < limit ? count - from : limit;
	inv_count_due *out = inv__call_outputs(call, n);
	char text[24];

	if (!out)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < n; i++)
		out[i] = items[from + i].due;
	if (from + n == count)
		return INV_OK;
	call->cursor.len = inv__int_format((int64_t)(from + n), text);
	call->cursor = inv__arena_str(call->arena, (inv_str){text, call->cursor.len});
	return call->cursor.ptr ? INV_OK : inv__call_no_memory(call);
}

inv_status inv__decide_count_plan(inv__call *call)
{
	plan_state *s = call->state;
	const inv_rows *rows = inv__batch_result(call->batch, s->statement);
	item *items = inv__arena_array(call->arena, rows->row_count + 1, sizeof *items);
	inv_status rc = items ? INV_OK : inv__call_no_memory(call);

	inv__places_read(call, &s->places);
	if (rc == INV_OK && !s->places.list[0].found)
		rc = inv__call_fail(call, INV_E_NOT_FOUND, 0, "location", "there is no such location");
	for (size_t row = 0; rc == INV_OK && row < rows->row_count; row++)
		rc = read_item(call, rows, row, &items[row]);
	if (rc == INV_OK)
		rc = classify(call, items, rows->row_count);
	if (rc != INV_OK)
		return rc;
	set_due(call, items, rows->row_count);
	return answer(call, s, items, rows->row_count);
}
