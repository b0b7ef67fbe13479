/* SPDX-License-Identifier: MIT */
/* Lots: made known, read, changed. Accounts keep them by code (decision 0002); a row says what is
 * known of a lot besides. */
#include <stdlib.h>

#include "domain/lots.h"
#include "domain/ops.h"
#include "util/id.h"
#include "util/text.h"

/* ---- rows ---- */

static void put_select(const inv_record_desc *record, const char *on, inv__buf *sql)
{
	inv__buf_puts(sql, "SELECT r.n, ");
	inv__row_columns(record, "t.", sql);
	inv__buf_puts(sql, " FROM r JOIN lot t ON ");
	inv__buf_puts(sql, on);
}

static void make_select(const void *ctx, inv__buf *sql)
{
	inv__buf_puts(sql, "WITH r AS (SELECT * FROM {rows# id:id product:id code:text} x) ");
	put_select(ctx, "t.id = r.id UNION ALL ", sql);
	put_select(ctx, "t.product = r.product AND lower(t.code) = r.code WHERE r.id = {no_id}", sql);
}

static const char select_identity;

inv_status inv__lots_claim(inv__call *call, const inv__lot_key *keys, size_t count,
                           size_t *statement)
{
	inv__batch *b = call->batch;
	inv_str *id, *product, *code;

	*statement = inv__batch_add_made(b, &select_identity, make_select,
	                                 inv_schema_record(INV_RECORD_lot));
	inv__batch_rows(b, count);
	id = inv__batch_blob_column(b);
	product = inv__batch_blob_column(b);
	code = inv__batch_text_column(b);
	if (!id || !product || !code)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++) {
		inv__batch_id_at(b, id, i, &keys[i].id);
		inv__batch_id_at(b, product, i, &keys[i].product);
		code[i] = inv__str_fold(call->arena, keys[i].code);
	}
	return b->status == INV_OK && !call->arena->failed ? INV_OK : inv__call_no_memory(call);
}

inv_status inv__lots_read(inv__call *call, size_t statement, inv_lot *out, size_t count)
{
	const inv_rows *rows = inv__batch_result(call->batch, statement);
	inv_status rc = INV_OK;

	for (size_t row = 0; rc == INV_OK && row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n >= count)
			return inv__call_fail(call, INV_E_INTERNAL, 0, NULL, "a row belongs to no input");
		rc = inv__row_read(inv_schema_record(INV_RECORD_lot), inv__cell(rows, row, 1), call->arena,
		                   &out[n]);
	}
	return rc == INV_E_NO_MEMORY ? inv__call_no_memory(call) : rc;
}

inv_status inv__lot_dates_check(inv__call *call, size_t index, const char *field,
                                const inv_lot *lot)
{
	if (lot->made != 0 && lot->expires != 0 && lot->expires < lot->made)
		return inv__call_fail(call, INV_E_INVALID, index, field,
		                      "the lot would expire before it was made");
	return INV_OK;
}

/* ---- create ---- */

typedef struct lot_state {
	inv__lot_key *keys;   /* one per input */
	inv__products products;
	size_t statement;
} lot_state;

static lot_state *state_make(inv__call *call)
{
	lot_state *s = inv__arena_zalloc(call->arena, sizeof *s);

	call->state = s;
	if (s)
		s->keys = inv__arena_array(call->arena, call->count, sizeof *s->keys);
	if (s && s->keys)
		return s;
	inv__call_no_memory(call);
	return NULL;
}

inv_status inv__claim_lot_create(inv__call *call)
{
	lot_state *s = state_make(call);
	inv_id *products = inv__arena_array(call->arena, call->count, sizeof *products);
	inv_status rc;

	if (!s || !products)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		const inv_lot *in = inv__call_input(call, i);

		products[i] = in->product.id;
		s->keys[i].product = in->product.id;
		s->keys[i].code = inv__str_fold(call->arena, in->code);
	}
	rc = inv__products_claim(call, products, call->count, false, &s->products);
	return rc == INV_OK ? inv__lots_claim(call, s->keys, call->count, &s->statement) : rc;
}

static inv_status check_product(inv__call *call, size_t index, const inv__product_facts *product)
{
	if (!product->found)
		return inv__call_fail(call, INV_E_NOT_FOUND, index, "product", "there is no such product");
	if (product->archived)
		return inv__call_fail(call, INV_E_STATE, index, "product", "the product is archived");
	if (product->tracking != INV_TRACKING_LOT)
		return inv__call_fail(call, INV_E_INVALID, index, "product",
		                      "the product is not tracked by lot");
	return INV_OK;
}

static int key_order(const void *x, const void *y)
{
	const inv__lot_key *const *a = x, *const *b = y;
	int c = inv__id_compare((*a)->id, (*b)->id);

	if (c == 0)
		c = inv__id_compare((*a)->product, (*b)->product);
	if (c == 0)
		c = inv__str_compare((*a)->code, (*b)->code);
	return c ? c : (*a > *b) - (*a < *b);
}

/* The first key that another one before it equals; `count` when all differ. */
static inv_status find_twice(inv__call *call, const inv__lot_key *keys, size_t *out)
{
	const inv__lot_key **list = inv__arena_alloc(call->arena, call->count * sizeof *list);

	*out = call->count;
	if (!list)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++)
		list[i] = &keys[i];
	qsort(list, call->count, sizeof *list, key_order);
	for (size_t i = 1; i < call->count; i++) {
		const inv__lot_key *a = list[i - 1], *b = list[i];

		if (inv__id_equal(a->id, b->id) && inv__id_equal(a->product, b->product) &&
		    inv__str_equal(a->code, b->code) && (size_t)(b - keys) < *out)
			*out = (size_t)(b - keys);
	}
	return INV_OK;
}

static inv_status refuse_taken(inv__call *call, size_t index)
{
	return inv__call_fail(call, INV_E_EXISTS, index, "code",
	                      "there is a lot of the product with this code already");
}

static inv_status make_lot(inv__call *call, const lot_state *s, size_t i, inv_lot *out)
{
	inv_status rc = check_product(call, i, &s->products.list[i]);

	if (rc != INV_OK)
		return rc;
	*out = *(const inv_lot *)inv__call_input(call, i);
	out->product = inv_ref_of(out->product.id);
	out->version = 1;
	out->created_at = out->updated_at = call->now;
	if (inv_id_is_none(out->id))
		rc = inv__call_new_id(call, &out->id);
	if (rc == INV_OK)
		rc = inv__lot_dates_check(call, i, "expires", out);
	return rc == INV_OK ? inv__attributes_check(call, i, &out->attributes) : rc;
}

inv_status inv__decide_lot_create(inv__call *call)
{
	lot_state *s = call->state;
	inv_lot *there = inv__arena_array(call->arena, call->count, sizeof *there);
	inv_lot *out = inv__call_outputs(call, call->count);
	size_t twice = 0;
	inv_status rc = there && out ? inv__lots_read(call, s->statement, there, call->count)
	                             : inv__call_no_memory(call);

	inv__products_read(call, &s->products);
	if (rc == INV_OK)
		rc = find_twice(call, s->keys, &twice);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++) {
		rc = make_lot(call, s, i, &out[i]);
		if (rc == INV_OK && (i == twice || !inv_id_is_none(there[i].id)))
			rc = refuse_taken(call, i);
		if (rc == INV_OK)
			rc = inv__call_event(call, INV_EVENT_lot_created, out[i].id, call->now, 0, &out[i]);
	}
	return rc;
}

/* ---- get ---- */

static inv_status check_named(inv__call *call, const inv__lot_key *key, size_t index)
{
	if (!inv_id_is_none(key->id))
		return INV_OK;
	if (key->code.len == 0)
		return inv__call_fail(call, INV_E_INVALID, index, "id",
		                      "name it by product and code, or by id");
	return inv_id_is_none(key->product)
	               ? inv__call_fail(call, INV_E_INVALID, index, "product",
	                                "a lot's code goes with its product")
	               : INV_OK;
}

/* Of inputs that were read into outputs, each must have found its own. */
static inv_status read_found(inv__call *call, const lot_state *s, inv_lot *out)
{
	inv_status rc = inv__lots_read(call, s->statement, out, call->count);

	for (size_t i = 0; rc == INV_OK && i < call->count; i++) {
		inv_str code = s->keys[i].code;

		if (!inv_id_is_none(out[i].id))
			continue;
		rc = inv_id_is_none(s->keys[i].id)
		             ? inv__call_fail(call, INV_E_NOT_FOUND, i, "code",
		                              "the product has no lot `%.*s`", (int)code.len, code.ptr)
		             : inv__call_fail(call, INV_E_NOT_FOUND, i, "id", "there is no such lot");
	}
	return rc;
}

inv_status inv__claim_lot_get(inv__call *call)
{
	lot_state *s = state_make(call);
	inv_status rc = s ? INV_OK : INV_E_NO_MEMORY;

	for (size_t i = 0; rc == INV_OK && i < call->count; i++) {
		const inv_lot_lookup *in = inv__call_input(call, i);

		s->keys[i] = (inv__lot_key){in->id, in->product.id, in->code};
		rc = check_named(call, &s->keys[i], i);
	}
	return rc == INV_OK ? inv__lots_claim(call, s->keys, call->count, &s->statement) : rc;
}

inv_status inv__decide_lot_get(inv__call *call)
{
	inv_lot *out = inv__call_outputs(call, call->count);

	return out ? read_found(call, call->state, out) : inv__call_no_memory(call);
}

/* ---- update ---- */

inv_status inv__claim_lot_update(inv__call *call)
{
	lot_state *s = state_make(call);
	inv_status rc = s ? INV_OK : INV_E_NO_MEMORY;

	inv__masters_turn(call);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++) {
		const inv_lot *in = inv__call_input(call, i);

		s->keys[i] = (inv__lot_key){in->id, in->product.id, in->code};
		rc = check_named(call, &s->keys[i], i);
	}
	return rc == INV_OK ? inv__lots_claim(call, s->keys, call->count, &s->statement) : rc;
}

/* Where product and code name the lot, they ask for no change. */
static inv_status merge(inv__call *call, size_t i, inv_lot *out, bool *changed)
{
	inv_lot in = *(const inv_lot *)inv__call_input(call, i);
	inv_status rc;

	if (in.version != 0 && in.version != out->version)
		return inv__call_fail(call, INV_E_CONFLICT, i, "version", "it is at version %lld now",
		                      (long long)out->version);
	if (inv_id_is_none(in.id)) {
		in.product = out->product;
		in.code = out->code;
	}
	*changed = false;
	rc = inv__master_merge(call, i, inv_schema_record(INV_RECORD_lot), &in, out, changed);
	if (rc == INV_OK)
		rc = inv__lot_dates_check(call, i, "expires", out);
	if (rc == INV_OK)
		rc = inv__attributes_check(call, i, &out->attributes);
	if (rc == INV_OK && *changed) {
		out->updated_at = call->now;
		out->version++;
	}
	return rc;
}

inv_status inv__decide_lot_update(inv__call *call)
{
	lot_state *s = call->state;
	inv_lot *out = inv__call_outputs(call, call->count);
	size_t twice = 0;
	bool any = false, changed;
	inv_status rc = out ? read_found(call, s, out) : inv__call_no_memory(call);

	for (size_t i = 0; rc == INV_OK && i < call->count; i++)
		s->keys[i] = (inv__lot_key){.id = out[i].id};
	if (rc == INV_OK)
		rc = find_twice(call, s->keys, &twice);
	for (size_t i = 0; rc == INV_OK && !call->replaying && i < call->count; i++) {
		rc = i == twice ? inv__call_fail(call, INV_E_INVALID, i, "id",
		                                 "the same lot is there twice")
		                : merge(call, i, &out[i], &changed);
		any |= rc == INV_OK && changed;
	}
	/* Once anything changes, each has an event: the answer to a repeated key is made of them. */
	for (size_t i = 0; rc == INV_OK && any && i < call->count; i++)
		rc = inv__call_event(call, INV_EVENT_lot_updated, out[i].id, call->now, 0, &out[i]);
	return rc;
}

/* ---- events ---- */

inv_status inv__apply_lot(inv__apply *apply, const inv__event *events, size_t count)
{
	const inv_table_desc *table = inv_schema_table(INV_TABLE_lot);
	const void **list = inv__arena_alloc(apply->arena, count * sizeof *list);
	size_t n, i = 0;
	inv_status rc = list ? INV_OK : INV_E_NO_MEMORY;

	/* New ones together; of changed ones each by itself, since one may be there again. */
	while (rc == INV_OK && i < count) {
		bool made = events[i].desc->number == INV_EVENT_lot_created;

		for (n = 0; i + n < count && (n == 0 || made) &&
		            (events[i + n].desc->number == INV_EVENT_lot_created) == made; n++)
			list[n] = events[i + n].payload;
		rc = inv__rows_put(apply->batch, table, list, n, !made);
		i += n;
	}
	return rc;
}
