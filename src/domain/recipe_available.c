/* SPDX-License-Identifier: MIT */
/* How many of kits can be made of what is available of their parts: recipes and balances of many
 * kits by one batch. */
#include <stdlib.h>

#include "domain/kits.h"
#include "domain/ops.h"
#include "util/id.h"
#include "util/number.h"

/* The parts of kits over all levels, with what is there of each. `mode`: 0 at the location, 1 at or
 * below it, 2 everywhere. */
#define KIT_PARTS \
	"WITH RECURSIVE reach(n, location, mode, product) AS (SELECT r.n, r.location, r.mode," \
	" r.product FROM {rows# product:id location:id mode:int} r" \
	" UNION SELECT x.n, x.location, x.mode, c.component FROM reach x JOIN recipe_component c" \
	" ON c.product = x.product AND c.kind = 0)," \
	" place(root, mode, id) AS (SELECT DISTINCT x.location, x.mode, x.location FROM reach x" \
	" WHERE x.mode < 2 UNION SELECT w.root, w.mode, l.id FROM place w JOIN location l" \
	" ON w.mode = 1 AND l.parent = w.id) "
#define FREE_AT \
	"b.on_hand + b.apart_sellable - " INV__HELD_NOW("b", "a.product", "a.location", "?+1")
INV__SQL(SQL_PARTS, KIT_PARTS
         "SELECT x.n, x.product, " FREE_AT " FROM reach x CROSS JOIN place w CROSS JOIN account a"
         " CROSS JOIN account_balance b WHERE x.mode < 2 AND w.root = x.location AND"
         " w.mode = x.mode AND a.product = x.product AND a.location = w.id AND "
         INV__IS_PLAIN("a") " AND b.account = a.number"
         " UNION ALL SELECT x.n, x.product, " FREE_AT " FROM reach x CROSS JOIN account a"
         " CROSS JOIN account_balance b WHERE x.mode = 2 AND a.product = x.product AND "
         INV__IS_PLAIN("a") " AND b.account = a.number"
         " UNION ALL SELECT x.n, x.product, -h.open FROM reach x CROSS JOIN place w"
         " CROSS JOIN reservation h WHERE x.mode = 1 AND w.root = x.location AND w.mode = 1 AND"
         " h.product = x.product AND h.location = w.id AND " INV__HELD_BELOW("h", "?+1")
         " UNION ALL SELECT x.n, x.product, -h.open FROM reach x CROSS JOIN reservation h"
         " WHERE x.mode = 2 AND h.product = x.product AND " INV__HELD_BELOW("h", "?+1"));

enum { HERE, BELOW, EVERYWHERE };

typedef struct available_plan {
	inv__products products;
	inv__kits kits;
	size_t statement;
} available_plan;

static inv_id place_of(const inv__call *call, const inv_kit_query *query)
{
	if (!inv_id_is_none(query->location.id) || query->subtree)
		return query->location.id;
	return call->session.location;
}

static inv_status ask_parts(inv__call *call, available_plan *plan)
{
	inv__batch *b = call->batch;
	inv_str *product, *location;
	int64_t *mode;

	plan->statement = inv__batch_add(b, &SQL_PARTS);
	inv__batch_rows(b, call->count);
	product = inv__batch_blob_column(b);
	location = inv__batch_blob_column(b);
	mode = inv__batch_int_column(b);
	if (!product || !location || !mode)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		const inv_kit_query *query = inv__call_input(call, i);
		inv_id place = place_of(call, query);

		inv__batch_id_at(b, product, i, &query->product.id);
		inv__batch_id_at(b, location, i, &place);
		mode[i] = query->subtree ? inv_id_is_none(place) ? EVERYWHERE : BELOW : HERE;
	}
	inv__batch_int(b, call->now);
	return b->status == INV_OK ? INV_OK : inv__call_no_memory(call);
}

inv_status inv__claim_recipe_available(inv__call *call)
{
	available_plan *plan = inv__arena_zalloc(call->arena, sizeof *plan);
	inv_id *ids = inv__arena_array(call->arena, call->count, sizeof *ids);
	inv_status rc;

	if (!plan || !ids)
		return inv__call_no_memory(call);
	call->state = plan;
	for (size_t i = 0; i < call->count; i++)
		ids[i] = ((const inv_kit_query *)inv__call_input(call, i))->product.id;
	rc = inv__products_claim(call, ids, call->count, false, &plan->products);
	if (rc == INV_OK)
		rc = inv__kits_claim(call, INV_RECIPE_KIND_KIT, ids, call->count, &plan->kits);
	return rc == INV_OK ? ask_parts(call, plan) : rc;
}

/* ---- decide ---- */

/* Rows of one input stand together after this. */
typedef struct stock_row {
	size_t input;
	inv_id product;
	int64_t available;
} stock_row;

static int stock_order(const void *x, const void *y)
{
	const stock_row *a = x, *b = y;

	if (a->input != b->input)
		return a->input < b->input ? -1 : 1;
	return inv__id_compare(a->product, b->product);
}

typedef struct stock_rows {
	stock_row *list; /* sorted, one per input and product */
	size_t count;
} stock_rows;

static inv_status read_stock(inv__call *call, const available_plan *plan, stock_rows *out)
{
	const inv_rows *rows = inv__batch_result(call->batch, plan->statement);
	size_t n = 0;

	out->list = inv__arena_array(call->arena, rows->row_count + 1, sizeof *out->list);
	if (!out->list)
		return inv__call_no_memory(call);
	for (size_t row = 0; row < rows->row_count; row++)
		out->list[row] = (stock_row){(size_t)inv__cell_int(rows, row, 0),
		                             inv__cell_id(rows, row, 1), inv__cell_int(rows, row, 2)};
	qsort(out->list, rows->row_count, sizeof *out->list, stock_order);
	for (size_t row = 0; row < rows->row_count; row++) {
		if (n == 0 || stock_order(&out->list[n - 1], &out->list[row]) != 0)
			out->list[n++] = out->list[row];
		else if (!inv__add(out->list[n - 1].available, out->list[row].available,
		                   &out->list[n - 1].available))
			return inv__call_fail(call, INV_E_LIMIT, out->list[row].input, "available",
			                      "the sum is more than can be counted");
	}
	out->count = n;
	return INV_OK;
}

static int64_t stock_of(const stock_rows *rows, size_t input, inv_id product)
{
	const stock_row key = {input, product, 0}, *found =
		bsearch(&key, rows->list, rows->count, sizeof key, stock_order);

	return found ? found->available : 0;
}

/* The smallest quantity of kits that takes of each part a quantity that it is counted in; 0 where
 * there is none in range. */
static int64_t grain_of(const inv__kit_list *list, int64_t kit_step)
{
	int64_t grain = kit_step;

	for (size_t i = 0; i < list->count; i++) {
		const inv__kit_part *part = &list->parts[i];
		int64_t step = part->ratio.denominator * inv__pow10((uint32_t)(6 - part->decimals));
		int64_t least = step / inv__gcd(step, part->ratio.numerator);

		if (__builtin_mul_overflow(grain, least / inv__gcd(grain, least), &grain))
			return 0;
	}
	return grain;
}

static inv_status find_least(inv__call *call, const available_plan *plan, const stock_rows *stock,
                             size_t index, inv_kit_availability *out)
{
	const inv_kit_query *query = inv__call_input(call, index);
	const inv__kit_ask ask = {.input = index, .product = query->product.id};
	int64_t least = INT64_MAX, grain;
	inv__kit_list list;
	inv_status rc = inv__kit_parts(call, &plan->kits, &ask, &list);

	for (size_t i = 0; rc == INV_OK && i < list.count; i++) {
		const inv__kit_part *part = &list.parts[i];
		int64_t there = stock_of(stock, index, part->product), kits = 0;

		/* Out of range means that others run out before. */
		if (there > 0 && !inv__mul_div_floor(there, part->ratio.denominator,
		                                     part->ratio.numerator, &kits))
			kits = INT64_MAX;
		if (i > 0 && kits >= least)
			continue;
		least = kits;
		out->limiting_part = inv_ref_of(part->product);
		out->limiting_available = there;
	}
	if (rc != INV_OK)
		return rc;
	grain = grain_of(&list, inv__pow10((uint32_t)(6 - plan->products.list[index].decimals)));
	if (least > INV_LIMIT_QUANTITY)
		least = INV_LIMIT_QUANTITY;
	out->available = grain > 0 ? least - least % grain : 0;
	return INV_OK;
}

inv_status inv__decide_recipe_available(inv__call *call)
{
	available_plan *plan = call->state;
	inv_kit_availability *out = inv__call_outputs(call, call->count);
	stock_rows stock = {NULL, 0};
	inv_status rc = out ? inv__kits_read(call, &plan->kits) : INV_E_NO_MEMORY;

	inv__products_read(call, &plan->products);
	if (rc == INV_OK)
		rc = read_stock(call, plan, &stock);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++) {
		const inv_kit_query *query = inv__call_input(call, i);

		if (!plan->products.list[i].found)
			return inv__call_fail(call, INV_E_NOT_FOUND, i, "product", "there is no such product");
		if (plan->products.list[i].stocking != INV_STOCKING_KIT)
			return inv__call_fail(call, INV_E_INVALID, i, "product", "the product is no kit");
		out[i].product = inv_ref_of(query->product.id);
		out[i].location = inv_ref_of(place_of(call, query));
		rc = find_least(call, plan, &stock, i, &out[i]);
	}
	return rc;
}
