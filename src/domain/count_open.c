/* SPDX-License-Identifier: MIT */
/* count.open: a sheet of what is on hand at a place. */
#include <stdlib.h>

#include "domain/count.h"
#include "domain/ops.h"
#include "domain/well_known.h"
#include "util/id.h"

/* The locations of the sheet. */
#define TREE \
	"WITH RECURSIVE tree(id) AS (SELECT l.id FROM location l WHERE l.id = ?+1" \
	" UNION SELECT l.id FROM tree t JOIN location l ON ?+2 = 1 AND l.parent = t.id)"
#define COLUMNS "a.product, a.location, a.condition, a.lot, a.serial, a.owner, b.on_hand"
#define IN_ORDER \
	" ORDER BY lower(o.code), lower(p.sku), a.condition, a.lot, a.serial, a.owner LIMIT ?+3"

INV__SQL(SQL_SHEET,
         TREE ", kinds(id) AS (SELECT k.id FROM category k WHERE k.id = ?+4"
         " UNION SELECT k.id FROM kinds t JOIN category k ON k.parent = t.id)"
         " SELECT " COLUMNS " FROM tree t JOIN location o ON o.id = t.id"
         " JOIN account a ON a.location = t.id"
         " JOIN account_balance b ON b.account = a.number AND b.on_hand <> 0"
         " JOIN product p ON p.id = a.product AND (?+4 = {no_id}"
         " OR p.category IN (SELECT k.id FROM kinds k))" IN_ORDER);
/* Of products that are named: what they are, and what is there of them. */
INV__SQL(SQL_LISTED,
         "SELECT r.n, p.tracking, p.stocking FROM {rows# product:id} r"
         " JOIN product p ON p.id = r.product");
INV__SQL(SQL_LISTED_SHEET,
         TREE " SELECT " COLUMNS " FROM {rows product:id} r JOIN account a ON a.product = r.product"
         " JOIN account_balance b ON b.account = a.number AND b.on_hand <> 0"
         " JOIN tree t ON t.id = a.location JOIN location o ON o.id = t.id"
         " JOIN product p ON p.id = a.product" IN_ORDER);

enum { PRODUCT, LOCATION, CONDITION, LOT, SERIAL, OWNER, ON_HAND };

typedef struct open_state {
	inv__scenes scenes;
	inv__places places;
	inv__refs *refs;
	size_t sheet_statement, listed_statement;
} open_state;

static const inv_count *input(const inv__call *call)
{
	return inv__call_input(call, 0);
}

static inv_status claim_products(inv__call *call)
{
	const inv_list *products = &input(call)->products;
	inv_id *ids = inv__arena_array(call->arena, products->count, sizeof *ids);

	if (!ids)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < products->count; i++)
		ids[i] = INV_LIST_AT(*products, inv_count_product, i)->product.id;
	return inv__ids_claim(call, ids, products->count);
}

static inv_status claim_sheet(inv__call *call, open_state *s)
{
	inv__batch *b = call->batch;
	bool listed = input(call)->products.count > 0;
	inv_status rc = INV_OK;

	if (listed) {
		s->listed_statement = inv__batch_add(b, &SQL_LISTED);
		rc = claim_products(call);
	}
	s->sheet_statement = inv__batch_add(b, listed ? &SQL_LISTED_SHEET : &SQL_SHEET);
	if (rc == INV_OK && listed)
		rc = claim_products(call);
	inv__batch_id(b, s->places.list[0].id);
	inv__batch_int(b, input(call)->subtree);
	inv__batch_int(b, INV_LIMIT_LINES + 1);
	if (!listed)
		inv__batch_id(b, input(call)->category.id);
	return rc == INV_OK ? b->status : rc;
}

inv_status inv__claim_count_open(inv__call *call)
{
	open_state *s = inv__arena_zalloc(call->arena, sizeof *s);
	inv__scene_ids *wanted = inv__arena_zalloc(call->arena, sizeof *wanted);
	inv_id *place = inv__arena_alloc(call->arena, sizeof *place);
	const inv__refs_of of = {inv_schema_record(INV_RECORD_count), call->inputs, NULL, 1};
	inv_status rc;

	if (!s || !wanted || !place)
		return inv__call_no_memory(call);
	call->state = s;
	*place = inv_id_is_none(input(call)->location.id) ? call->session.location
	                                                  : input(call)->location.id;
	rc = inv__scene_claim(call, wanted, 1, &s->scenes);
	if (rc == INV_OK)
		rc = inv__places_claim(call, place, 1, &s->places);
	if (rc == INV_OK)
		rc = inv__refs_claim(call, &of, &s->refs);
	return rc == INV_OK ? claim_sheet(call, s) : rc;
}

static inv_status check(inv__call *call, const open_state *s)
{
	const inv_count *in = input(call);
	const inv__place *place = &s->places.list[0];
	inv_status rc = inv__refs_check(call, s->refs);

	if (rc != INV_OK)
		return rc;
	if (!place->found)
		return inv__call_fail(call, INV_E_NOT_FOUND, 0, "location", "there is no such location");
	if (!inv__kind_is_physical(place->kind))
		return inv__call_fail(call, INV_E_INVALID, 0, "location",
		                      "the location is virtual: it holds no stock");
	if (in->products.count > 0 && !inv_id_is_none(in->category.id))
		return inv__call_fail(call, INV_E_INVALID, 0, "category",
		                      "name products or a category, not both");
	return INV_OK;
}

static void read_sheet(const inv_rows *rows, bool blind, inv_count_line *lines)
{
	for (size_t row = 0; row < rows->row_count; row++) {
		inv_count_line *l = &lines[row];

		l->struct_size = sizeof *l;
		l->product = inv_ref_of(inv__cell_id(rows, row, PRODUCT));
		l->location = inv_ref_of(inv__cell_id(rows, row, LOCATION));
		l->condition = (int32_t)inv__cell_int(rows, row, CONDITION);
		l->lot = inv__cell_str(rows, row, LOT);
		l->serial = inv__cell_str(rows, row, SERIAL);
		l->counter = (inv_str){"", 0};
		l->owner = inv__cell_id(rows, row, OWNER);
		l->expected = blind ? 0 : inv__cell_int(rows, row, ON_HAND);
	}
}

static int id_order(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(inv_id));
}

/* The products of a list or of lines, in order. */
static inv_id *sorted(inv__call *call, const inv_ref *first, size_t stride, size_t count)
{
	inv_id *ids = inv__arena_array(call->arena, count + 1, sizeof *ids);

	for (size_t i = 0; ids && i < count; i++)
		ids[i] = ((const inv_ref *)(const void *)((const char *)first + i * stride))->id;
	if (ids)
		qsort(ids, count, sizeof *ids, id_order);
	return ids;
}

static inv_status fail_product(inv__call *call, size_t i, inv_status status, const char *why)
{
	return inv__call_fail(call, status, 0, inv__line_field(call, "products", i, "product"), "%s",
	                      why);
}

static inv_status check_products(inv__call *call, const inv_list *products)
{
	const inv_count_product *first = products->ptr;
	inv_id *ids = sorted(call, &first->product, products->stride, products->count);

	if (!ids)
		return inv__call_no_memory(call);
	for (size_t i = 1; i < products->count; i++)
		if (inv__id_equal(ids[i - 1], ids[i]))
			return inv__call_fail(call, INV_E_INVALID, 0, "products", "a product is named twice");
	return INV_OK;
}

/* Products that are named and of which nothing is there stand on the sheet too, where units need no
 * names. */
static inv_status add_missing(inv__call *call, const open_state *s, inv_count_line *lines,
                              size_t *count)
{
	const inv_list *products = &input(call)->products;
	const inv_rows *rows = inv__batch_result(call->batch, s->listed_statement);
	size_t *row_of = inv__arena_array(call->arena, products->count, sizeof *row_of);
	size_t there = *count;
	inv_id *ids = sorted(call, &lines->product, sizeof *lines, there);
	inv_status rc = check_products(call, products);

	if (!row_of || !ids)
		return inv__call_no_memory(call);
	for (size_t row = 0; row < rows->row_count; row++)
		if ((size_t)inv__cell_int(rows, row, 0) < products->count)
			row_of[inv__cell_int(rows, row, 0)] = row + 1;
	for (size_t i = 0; rc == INV_OK && i < products->count; i++) {
		inv_id id = INV_LIST_AT(*products, inv_count_product, i)->product.id;
		inv_count_line *l = &lines[*count];

		if (row_of[i] == 0)
			return fail_product(call, i, INV_E_NOT_FOUND, "there is no such product");
		if (inv__cell_int(rows, row_of[i] - 1, 2) != INV_STOCKING_STOCKED)
			return fail_product(call, i, INV_E_STATE, "the product is not stocked");
		if (inv__cell_int(rows, row_of[i] - 1, 1) != INV_TRACKING_NONE ||
		    bsearch(&id, ids, there, sizeof id, id_order))
			continue;
		*l = (inv_count_line){.struct_size = sizeof *l, .product = inv_ref_of(id),
		                      .location = inv_ref_of(s->places.list[0].id), .lot = {"", 0},
		                      .serial = {"", 0}, .counter = {"", 0}};
		(*count)++;
	}
	return rc;
}

static inv_status make(inv__call *call, const open_state *s, const inv__scene *scene,
                       inv_count *out)
{
	const inv_rows *rows = inv__batch_result(call->batch, s->sheet_statement);
	size_t count = rows->row_count, most = count + input(call)->products.count;
	inv_count_line *lines = inv__arena_array(call->arena, most + 1, sizeof *lines);
	inv_status rc = INV_OK;

	if (!lines || inv__record_copy(inv_schema_record(INV_RECORD_count), input(call), call->arena,
	                               out) != INV_OK)
		return inv__call_no_memory(call);
	read_sheet(rows, out->blind != 0, lines);
	if (out->products.count > 0)
		rc = add_missing(call, s, lines, &count);
	if (rc == INV_OK && count > INV_LIMIT_LINES)
		return inv__call_fail(call, INV_E_LIMIT, 0, "location",
		                      "more than %u accounts are on hand there: count in parts",
		                      INV_LIMIT_LINES);
	out->location = inv_ref_of(s->places.list[0].id);
	out->channel = inv_ref_of(scene->channel);
	out->actor = inv__arena_str(call->arena, call->actor);
	out->created_at = call->now;
	out->lines = inv_list_of(lines, count, sizeof *lines);
	if (rc == INV_OK && inv_id_is_none(out->id))
		rc = inv__call_new_id(call, &out->id);
	return rc;
}

inv_status inv__decide_count_open(inv__call *call)
{
	open_state *s = call->state;
	inv_count *out = inv__call_outputs(call, 1);
	inv__scene scene;
	inv_status rc = out ? inv__scene_read(call, &s->scenes, 0, &scene) : INV_E_NO_MEMORY;

	inv__places_read(call, &s->places);
	if (rc == INV_OK)
		rc = check(call, s);
	if (rc == INV_OK)
		rc = make(call, s, &scene, out);
	return rc == INV_OK ? inv__count_event(call, &scene, out, INV_EVENT_count_opened) : rc;
}
