/* SPDX-License-Identifier: MIT */
/* Kits: what they are made of, over all levels, and the parts that a line of one moves. */
#include "domain/kits.h"

#include <stdlib.h>

#include "domain/recipe_graph.h"
#include "util/id.h"
#include "util/number.h"
#include "util/text.h"

struct inv__kit_edge {
	inv_id product;
	int32_t kind;
	int64_t line;
	inv__kit_part part; /* its ratio is that of this recipe */
	bool is_kit;
};

_Static_assert(INV_RECIPE_KIND_KIT == 0, "recipe_kind has other numbers");
INV__SQL(SQL_RECIPES,
         "WITH RECURSIVE reach(product, kind) AS (SELECT r.product, r.kind"
         " FROM {rows product:id kind:int} r UNION SELECT c.component, 0 FROM reach x"
         " JOIN recipe_component c ON c.product = x.product AND c.kind = x.kind)"
         " SELECT c.product, c.kind, c.component, c.line, c.quantity, c.yield_quantity, p.sku,"
         " p.decimals, p.stocking, p.tracking FROM reach x"
         " JOIN recipe_component c ON c.product = x.product AND c.kind = x.kind"
         " JOIN product p ON p.id = c.component");

enum { PRODUCT, KIND_OF, COMPONENT, NUMBER, QUANTITY, YIELD, SKU, DECIMALS, STOCKING, TRACKING };

inv_status inv__kits_claim(inv__call *call, int32_t kind, const inv_id *products, size_t count,
                           inv__kits *out)
{
	inv__batch *b = call->batch;
	inv_str *ids;
	int64_t *kinds;

	out->statement = inv__batch_add(b, &SQL_RECIPES);
	inv__batch_rows(b, count);
	ids = inv__batch_blob_column(b);
	kinds = inv__batch_int_column(b);
	if (!ids || !kinds)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++) {
		inv__batch_id_at(b, ids, i, &products[i]);
		kinds[i] = kind;
	}
	return b->status;
}

static int edge_order(const void *x, const void *y)
{
	const inv__kit_edge *a = x, *b = y;
	int c = inv__id_compare(a->product, b->product);

	if (c == 0)
		c = (a->kind > b->kind) - (a->kind < b->kind);
	return c ? c : (a->line > b->line) - (a->line < b->line);
}

/* A rowset may be run row by row, each with what the others have found too. */
static void keep_distinct(inv__kits *kits)
{
	size_t n = 0;

	qsort(kits->edges, kits->count, sizeof *kits->edges, edge_order);
	for (size_t i = 0; i < kits->count; i++)
		if (n == 0 || edge_order(&kits->edges[n - 1], &kits->edges[i]) != 0)
			kits->edges[n++] = kits->edges[i];
	kits->count = n;
}

inv_status inv__kits_read(inv__call *call, inv__kits *kits)
{
	const inv_rows *rows = inv__batch_result(call->batch, kits->statement);

	kits->edges = inv__arena_array(call->arena, rows->row_count + 1, sizeof *kits->edges);
	if (!kits->edges)
		return inv__call_no_memory(call);
	kits->count = rows->row_count;
	for (size_t row = 0; row < rows->row_count; row++) {
		int64_t quantity = inv__cell_int(rows, row, QUANTITY);
		int64_t yield = inv__cell_int(rows, row, YIELD), common = inv__gcd(quantity, yield);

		kits->edges[row] = (inv__kit_edge){
			.product = inv__cell_id(rows, row, PRODUCT),
			.kind = (int32_t)inv__cell_int(rows, row, KIND_OF),
			.line = inv__cell_int(rows, row, NUMBER),
			.is_kit = inv__cell_int(rows, row, STOCKING) == INV_STOCKING_KIT,
			.part = {.product = inv__cell_id(rows, row, COMPONENT),
			         .sku = inv__cell_str(rows, row, SKU),
			         .ratio = {quantity / common, yield / common},
			         .decimals = inv__cell_int(rows, row, DECIMALS),
			         .tracking = (int32_t)inv__cell_int(rows, row, TRACKING)}};
	}
	keep_distinct(kits);
	return INV_OK;
}

/* ---- all levels ---- */

typedef struct walk {
	inv__call *call;
	const inv__kits *kits;
	const inv__kit_ask *ask;
	inv__kit_part *parts;
	size_t count;
} walk;

static const char *product_field(const walk *w)
{
	return inv__line_field(w->call, "lines", w->ask->line, "product");
}

static bool multiply(int64_t a, int64_t b, int64_t *out)
{
	return !__builtin_mul_overflow(a, b, out);
}

static bool ratio_times(inv__ratio a, inv__ratio b, inv__ratio *out)
{
	int64_t x = inv__gcd(a.numerator, b.denominator), y = inv__gcd(b.numerator, a.denominator);

	return multiply(a.numerator / x, b.numerator / y, &out->numerator) &&
	       multiply(a.denominator / y, b.denominator / x, &out->denominator);
}

static bool ratio_plus(inv__ratio a, inv__ratio b, inv__ratio *out)
{
	int64_t common = inv__gcd(a.denominator, b.denominator), x, y, sum;

	if (!multiply(a.numerator, b.denominator / common, &x) ||
	    !multiply(b.numerator, a.denominator / common, &y) || !inv__add(x, y, &sum) ||
	    !multiply(a.denominator, b.denominator / common, &out->denominator))
		return false;
	common = inv__gcd(sum, out->denominator);
	out->numerator = sum / common;
	out->denominator /= common;
	return true;
}

static inv_status too_much(const walk *w)
{
	return inv__call_fail(w->call, INV_E_LIMIT, w->ask->input, product_field(w),
	                      "the recipe comes to more than can be counted");
}

static inv_status add_part(walk *w, const inv__kit_part *part, inv__ratio ratio)
{
	/* A step of the part's decimals is at most 10^6. */
	if (ratio.denominator > INT64_MAX / INV_QUANTITY_ONE)
		return too_much(w);
	for (size_t i = 0; i < w->count; i++)
		if (inv__id_equal(w->parts[i].product, part->product))
			return ratio_plus(w->parts[i].ratio, ratio, &w->parts[i].ratio) &&
			               w->parts[i].ratio.denominator <= INT64_MAX / INV_QUANTITY_ONE
			           ? INV_OK
			           : too_much(w);
	w->parts[w->count] = *part;
	w->parts[w->count++].ratio = ratio;
	return INV_OK;
}

static const inv__kit_edge *first_edge(const inv__kits *kits, inv_id product, int32_t kind)
{
	const inv__kit_edge key = {.product = product, .kind = kind};
	size_t low = 0, high = kits->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (edge_order(&kits->edges[mid], &key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return &kits->edges[low];
}

static inv_status descend(walk *w, inv_id product, int32_t kind, inv__ratio ratio, int level)
{
	const inv__kit_edge *end = w->kits->edges + w->kits->count;
	const inv__kit_edge *edge = first_edge(w->kits, product, kind);
	inv_status rc = INV_OK;

	if (edge == end || !inv__id_equal(edge->product, product) || edge->kind != kind)
		return inv__call_fail(w->call, INV_E_STATE, w->ask->input, product_field(w),
		                      level ? "a kit that is part of it has no recipe"
		                            : "the product has no recipe");
	for (; rc == INV_OK && edge < end && inv__id_equal(edge->product, product) &&
	       edge->kind == kind; edge++) {
		inv__ratio all;

		if (!ratio_times(ratio, edge->part.ratio, &all) || level > INV__RECIPE_LEVELS)
			return too_much(w);
		rc = edge->is_kit ? descend(w, edge->part.product, INV_RECIPE_KIND_KIT, all, level + 1)
		                  : add_part(w, &edge->part, all);
	}
	return rc;
}

inv_status inv__kit_parts(inv__call *call, const inv__kits *kits, const inv__kit_ask *ask,
                          inv__kit_list *out)
{
	walk w = {call, kits, ask, NULL, 0};
	inv_status rc;

	w.parts = inv__arena_array(call->arena, kits->count + 1, sizeof *w.parts);
	if (!w.parts)
		return inv__call_no_memory(call);
	rc = descend(&w, ask->product, ask->kind, (inv__ratio){1, 1}, 0);
	out->parts = w.parts;
	out->count = w.count;
	return rc;
}

/* ---- the parts of a line ---- */

static inv_status fail(inv__call *call, const inv__kit_ask *ask, const char *field,
                       const inv__kit_part *part, const char *why)
{
	return inv__call_fail(call, INV_E_INVALID, ask->input,
	                      inv__line_field(call, "lines", ask->line, field), "%s: the part `%.*s`",
	                      why, (int)part->sku.len, part->sku.ptr);
}

static bool same_unit(const inv_line_part *a, const inv_line_part *b)
{
	return inv__id_equal(a->product.id, b->product.id) && inv__str_equal_fold(a->lot, b->lot) &&
	       inv__str_equal_fold(a->serial, b->serial);
}

/* What the line names of a part, in `out`; their sum must be what is needed. */
static inv_status take_named(inv__call *call, const inv__kit_ask *ask, const inv__kit_part *part,
                             int64_t needed, inv_line_part *out, size_t *n)
{
	size_t from = *n;
	int64_t sum = 0;

	for (size_t i = 0; i < ask->named->count; i++) {
		const inv_line_part *named = INV_LIST_AT(*ask->named, inv_line_part, i);
		bool lot = part->tracking == INV_TRACKING_LOT;
		bool serial = part->tracking == INV_TRACKING_SERIAL;

		if (!inv__id_equal(named->product.id, part->product))
			continue;
		if (lot != (named->lot.len > 0) || serial != (named->serial.len > 0))
			return fail(call, ask, "parts", part, "its lot or serial number must be named, if it"
			                                      " is tracked by it");
		if (serial && named->quantity != INV_QUANTITY_ONE)
			return fail(call, ask, "parts", part, "a serial number is one unit");
		for (size_t k = from; k < *n; k++)
			if (same_unit(&out[k], named))
				return fail(call, ask, "parts", part, "it is named twice");
		if (named->quantity % inv__pow10((uint32_t)(6 - part->decimals)) != 0)
			return fail(call, ask, "parts", part, "it has more decimals than it is counted with");
		if (!inv__add(sum, named->quantity, &sum))
			return fail(call, ask, "parts", part, "it comes to more than can be counted");
		out[*n] = *named;
		out[*n].product = inv_ref_of(named->product.id);
		out[*n].decimals = part->decimals;
		out[(*n)++].sku = part->sku;
	}
	if (*n > from && sum != needed && !ask->overrides)
		return fail(call, ask, "parts", part, "what is named is not what the recipe takes");
	return INV_OK;
}

static inv_status take_part(inv__call *call, const inv__kit_ask *ask, const inv__kit_part *part,
                            inv_line_part *out, size_t *n)
{
	int64_t step = inv__pow10((uint32_t)(6 - part->decimals)), needed = 0;
	size_t from = *n;
	int why = inv__convert(ask->quantity, part->ratio, step, INV_UNIT_ROUNDING_EXACT, &needed);
	inv_status rc;

	if (ask->overrides) {
		rc = take_named(call, ask, part, needed, out, n);
		if (rc != INV_OK || *n > from)
			return rc;
	}
	if (why == INV__CONVERT_INEXACT)
		return fail(call, ask, "quantity", part, "so many take no quantity that it is counted in");
	if (why != INV__CONVERT_OK)
		return fail(call, ask, "quantity", part, "it comes to more than can be counted");
	rc = ask->overrides ? INV_OK : take_named(call, ask, part, needed, out, n);
	if (rc != INV_OK || *n > from)
		return rc;
	if (part->tracking != INV_TRACKING_NONE)
		return fail(call, ask, "parts", part, "name its lots or serial numbers");
	out[*n].struct_size = sizeof *out;
	out[*n].product = inv_ref_of(part->product);
	out[*n].sku = part->sku;
	out[*n].decimals = part->decimals;
	out[(*n)++].quantity = needed;
	return INV_OK;
}

inv_status inv__kit_expand(inv__call *call, const inv__kits *kits, const inv__kit_ask *ask,
                           inv_list *parts)
{
	inv__kit_list list;
	inv_line_part *out;
	size_t n = 0, named = 0;
	inv_status rc = inv__kit_parts(call, kits, ask, &list);

	if (rc != INV_OK)
		return rc;
	out = inv__arena_array(call->arena, list.count + ask->named->count, sizeof *out);
	if (!out)
		return inv__call_no_memory(call);
	for (size_t i = 0; rc == INV_OK && i < list.count; i++) {
		rc = take_part(call, ask, &list.parts[i], out, &n);
		for (size_t k = 0; k < ask->named->count; k++)
			named += inv__id_equal(INV_LIST_AT(*ask->named, inv_line_part, k)->product.id,
			                       list.parts[i].product);
	}
	if (rc == INV_OK && named != ask->named->count)
		return inv__call_fail(call, INV_E_INVALID, ask->input,
		                      inv__line_field(call, "lines", ask->line, "parts"),
		                      "what is named there is no part of it");
	*parts = inv_list_of(out, n, sizeof *out);
	return rc;
}

inv_status inv__kit_lock(inv__call *call, const inv_list *const *parts, size_t count)
{
	size_t total = 0, n = 0;
	bool serials = false;
	inv_id *ids;

	for (size_t i = 0; i < count; i++)
		total += parts[i]->count;
	ids = inv__arena_array(call->arena, total + 1, sizeof *ids);
	if (!ids)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < parts[i]->count; j++) {
			const inv_line_part *part = INV_LIST_AT(*parts[i], inv_line_part, j);

			ids[n++] = part->product.id;
			serials |= part->serial.len > 0;
		}
	return n > 0 ? inv__products_lock(call, ids, n, serials) : INV_OK;
}
