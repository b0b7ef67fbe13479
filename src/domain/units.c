/* SPDX-License-Identifier: MIT */
/* The units of products: their own rules, and what lines say in them. */
#include "domain/units.h"

#include "domain/ops.h"
#include "util/id.h"
#include "util/number.h"
#include "util/text.h"

/* ---- rules ---- */

INV__SQL(SQL_BASE_UNITS, "SELECT r.n, p.unit FROM {rows# id:id} r JOIN product p ON p.id = r.id");

/* Units are read behind the lock of their product. */
static inv_status unit_claim(inv__call *call, void *const *records, size_t count)
{
	size_t *statement = inv__arena_alloc(call->arena, sizeof *statement);
	inv_id *ids = inv__arena_array(call->arena, count, sizeof *ids);
	inv_status rc;

	call->hook_state = statement;
	if (!statement || !ids)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++)
		ids[i] = ((const inv_product_unit *)records[i])->product.id;
	rc = inv__products_lock(call, ids, count, true);
	if (rc != INV_OK)
		return rc;
	*statement = inv__batch_add(call->batch, &SQL_BASE_UNITS);
	return inv__ids_claim(call, ids, count);
}

static inv_status unit_check(inv__call *call, size_t index, void *record)
{
	const inv_product_unit *unit = record;
	const inv_rows *rows = inv__batch_result(call->batch, *(const size_t *)call->hook_state);

	for (size_t row = 0; row < rows->row_count; row++)
		if (inv__cell_int(rows, row, 0) == (int64_t)index &&
		    inv__str_equal_fold(inv__cell_str(rows, row, 1), unit->code))
			return inv__call_fail(call, INV_E_INVALID, index, "code",
			                      "it is the product's base unit");
	return INV_OK;
}

const inv__master inv__master_product_unit = {
	INV_TABLE_product_unit, INV_EVENT_product_unit_created, INV_EVENT_product_unit_updated,
	INV_EVENT_product_unit_archived, unit_claim, unit_check, NULL};

/* ---- the units that lines name ---- */

/* The base unit may be named too, unless a unit has its name since the product was renamed. */
INV__SQL(SQL_UNITS,
         "SELECT r.n, u.numerator, u.denominator, u.list_price, u.archived,"
         " CASE WHEN lower(p.unit) = r.code THEN 1 ELSE 0 END,"
         " CASE WHEN u.id IS NULL AND EXISTS (SELECT 1 FROM product_unit o"
         " WHERE lower(o.code) = r.code) THEN 1 ELSE 0 END"
         " FROM {rows# product:id code:text} r JOIN product p ON p.id = r.product"
         " LEFT JOIN product_unit u ON u.product = r.product AND lower(u.code) = r.code");

enum { LINE, NUMERATOR, DENOMINATOR, LIST_PRICE, ARCHIVED, IS_BASE, ELSEWHERE };

inv_status inv__units_claim(inv__call *call, const inv_id *products, const inv_str *codes,
                            size_t count, inv__units *out)
{
	inv__batch *b = call->batch;
	inv_str *product_column, *code_column;

	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < count; i++)
		out->asked_count += codes[i].len > 0;
	if (out->asked_count == 0)
		return INV_OK;
	out->list = inv__arena_array(call->arena, count, sizeof *out->list);
	out->asked = inv__arena_alloc(call->arena, out->asked_count * sizeof *out->asked);
	if (!out->list || !out->asked)
		return inv__call_no_memory(call);
	out->statement = inv__batch_add(b, &SQL_UNITS);
	inv__batch_rows(b, out->asked_count);
	product_column = inv__batch_blob_column(b);
	code_column = inv__batch_text_column(b);
	if (!product_column || !code_column)
		return inv__call_no_memory(call);
	for (size_t i = 0, n = 0; i < count; i++) {
		if (codes[i].len == 0)
			continue;
		out->asked[n] = i;
		inv__batch_id_at(b, product_column, n, &products[i]);
		code_column[n++] = inv__str_fold(call->arena, codes[i]);
	}
	return b->status == INV_OK && !call->arena->failed ? INV_OK : inv__call_no_memory(call);
}

void inv__units_read(inv__call *call, inv__units *units)
{
	const inv_rows *rows;

	if (units->asked_count == 0)
		return;
	rows = inv__batch_result(call->batch, units->statement);
	for (size_t row = 0; row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, LINE);
		inv__unit *u = &units->list[n < units->asked_count ? units->asked[n] : 0];

		u->elsewhere = inv__cell_int(rows, row, ELSEWHERE) != 0;
		u->found = !inv__cell_is_null(rows, row, NUMERATOR);
		if (u->found) {
			u->ratio = (inv__ratio){inv__cell_int(rows, row, NUMERATOR),
			                        inv__cell_int(rows, row, DENOMINATOR)};
			u->list_price = inv__cell_int(rows, row, LIST_PRICE);
			u->archived = inv__cell_int(rows, row, ARCHIVED) != 0;
		} else if (inv__cell_int(rows, row, IS_BASE) != 0) {
			u->found = true;
			u->ratio = (inv__ratio){1, 1};
		}
	}
	units->asked_count = 0;
}

static const char *path_of(inv__call *call, const inv__unit_ask *ask, const char *field)
{
	return inv__line_field(call, "lines", ask->line, field);
}

inv_status inv__unit_check(inv__call *call, const inv__unit *unit, const inv__unit_ask *ask)
{
	const char *path = path_of(call, ask, ask->unit_field);
	inv_str sku = ask->product->sku;

	if (!unit->found && unit->elsewhere)
		return inv__call_fail(call, INV_E_INVALID, ask->input, path,
		                      "the unit `%.*s` is one of other products, not of %.*s",
		                      (int)ask->code.len, ask->code.ptr, (int)sku.len, sku.ptr);
	if (!unit->found)
		return inv__call_fail(call, INV_E_NOT_FOUND, ask->input, path, "there is no unit `%.*s`",
		                      (int)ask->code.len, ask->code.ptr);
	if (unit->archived)
		return inv__call_fail(call, INV_E_STATE, ask->input, path, "the unit is archived");
	return INV_OK;
}

static inv_status refuse_inexact(inv__call *call, const inv__unit *unit, const inv__unit_ask *ask,
                                 int64_t entered, int64_t step)
{
	const char *path = path_of(call, ask, ask->field);
	const inv__product_facts *p = ask->product;
	int64_t low, high, base_low, base_high;
	char text[5][24];

	inv__decimal_format(entered, 6, text[0]);
	if (!inv__convert_nearest(entered, unit->ratio, step, &low, &high) ||
	    inv__convert(low, unit->ratio, step, INV_UNIT_ROUNDING_EXACT, &base_low) ||
	    inv__convert(high, unit->ratio, step, INV_UNIT_ROUNDING_EXACT, &base_high))
		return inv__call_fail(call, INV_E_INVALID, ask->input, path,
		                      "%s %.*s is not exact at the %d decimals of %.*s", text[0],
		                      (int)ask->code.len, ask->code.ptr, (int)p->decimals,
		                      (int)p->sku.len, p->sku.ptr);
	inv__decimal_format(low, 6, text[1]);
	inv__decimal_format(base_low, 6, text[2]);
	inv__decimal_format(high, 6, text[3]);
	inv__decimal_format(base_high, 6, text[4]);
	return inv__call_fail(call, INV_E_INVALID, ask->input, path,
	                      "%s %.*s is not exact at the %d decimals of %.*s: the nearest are %s"
	                      " (%s base units) and %s (%s)", text[0], (int)ask->code.len,
	                      ask->code.ptr, (int)p->decimals, (int)p->sku.len, p->sku.ptr, text[1],
	                      text[2], text[3], text[4]);
}

static inv_status convert(inv__call *call, const inv__unit *unit, const inv__unit_ask *ask,
                          int64_t entered, int64_t *base)
{
	int64_t step = inv__pow10((uint32_t)(6 - ask->product->decimals));
	int why = inv__convert(entered, unit->ratio, step, ask->rounding, base);

	if (why == INV__CONVERT_INEXACT)
		return refuse_inexact(call, unit, ask, entered, step);
	if (why != INV__CONVERT_OK)
		return inv__call_fail(call, INV_E_LIMIT, ask->input, path_of(call, ask, ask->field),
		                      "it comes to more than can be counted");
	return INV_OK;
}

inv_status inv__unit_to_base(inv__call *call, const inv__unit *unit, const inv__unit_ask *ask,
                             int64_t entered, int64_t *base)
{
	inv_status rc = inv__unit_check(call, unit, ask);

	return rc == INV_OK ? convert(call, unit, ask, entered, base) : rc;
}

/* ---- product_unit.convert ---- */

typedef struct convert_plan {
	inv__products products; /* two per input: */
	inv__units units;       /* from and to */
} convert_plan;

inv_status inv__claim_unit_convert(inv__call *call)
{
	convert_plan *plan = inv__arena_zalloc(call->arena, sizeof *plan);
	inv_id *ids = inv__arena_array(call->arena, call->count * 2, sizeof *ids);
	inv_str *codes = inv__arena_array(call->arena, call->count * 2, sizeof *codes);
	inv_status rc;

	if (!plan || !ids || !codes)
		return inv__call_no_memory(call);
	call->state = plan;
	for (size_t i = 0; i < call->count; i++) {
		const inv_unit_conversion *in = inv__call_input(call, i);

		ids[2 * i] = ids[2 * i + 1] = in->product.id;
		codes[2 * i] = in->from;
		codes[2 * i + 1] = in->to;
	}
	rc = inv__products_claim(call, ids, call->count * 2, false, &plan->products);
	return rc == INV_OK ? inv__units_claim(call, ids, codes, call->count * 2, &plan->units) : rc;
}

static inv_status from_base(inv__call *call, const inv__unit *unit, const inv__unit_ask *ask,
                            int64_t base, int64_t *out)
{
	const inv__ratio back = {unit->ratio.denominator, unit->ratio.numerator};
	inv_status rc = inv__unit_check(call, unit, ask);
	int why;

	if (rc != INV_OK)
		return rc;
	why = inv__convert(base, back, 1, ask->rounding, out);
	if (why == INV__CONVERT_INEXACT)
		return inv__call_fail(call, INV_E_INVALID, ask->input, "quantity",
		                      "it is not exact in %.*s at 6 decimals", (int)ask->code.len,
		                      ask->code.ptr);
	if (why != INV__CONVERT_OK)
		return inv__call_fail(call, INV_E_LIMIT, ask->input, "quantity",
		                      "it comes to more than can be counted");
	return INV_OK;
}

/* By way of base units, which are what is counted. */
static inv_status convert_one(inv__call *call, const convert_plan *plan, size_t index,
                              inv_unit_conversion *out)
{
	const inv_unit_conversion *in = inv__call_input(call, index);
	const inv__unit *list = plan->units.list;
	const inv__product_facts *product = &plan->products.list[2 * index];
	const inv__unit base = {.ratio = {1, 1}, .found = true};
	inv__unit_ask ask = {.input = index, .field = "quantity", .unit_field = "from",
	                     .code = in->from, .product = product, .rounding = in->rounding};
	inv_status rc;

	if (!product->found)
		return inv__call_fail(call, INV_E_NOT_FOUND, index, "product", "there is no such product");
	*out = *in;
	out->product = inv_ref_of(in->product.id);
	rc = inv__unit_to_base(call, in->from.len ? &list[2 * index] : &base, &ask, in->quantity,
	                       &out->result);
	ask.unit_field = "to";
	ask.code = in->to;
	if (rc == INV_OK && in->to.len > 0)
		rc = from_base(call, &list[2 * index + 1], &ask, out->result, &out->result);
	return rc;
}

inv_status inv__decide_unit_convert(inv__call *call)
{
	convert_plan *plan = call->state;
	inv_unit_conversion *out = inv__call_outputs(call, call->count);
	inv_status rc = out ? INV_OK : INV_E_NO_MEMORY;

	inv__products_read(call, &plan->products);
	inv__units_read(call, &plan->units);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++)
		rc = convert_one(call, plan, i, &out[i]);
	return rc;
}
