/* SPDX-License-Identifier: MIT */
/* stock.plan_pick: what a rule would take, of what a strict channel could spare now. */
#include "domain/ops.h"
#include "domain/picks.h"
#include "domain/well_known.h"

typedef struct plan_state {
	inv__products products;
	inv__places places;
	inv__pick_want *wants;
	inv__picks picks;
	size_t spare_statement;
} plan_state;

INV__SQL(SQL_SPARE,
         "SELECT r.n, b.on_hand + b.apart_sellable - "
         INV__HELD_NOW("b", "r.product", "r.location", "?+1")
         " FROM {rows# plain:int product:id location:id} r"
         " CROSS JOIN account_balance b WHERE b.account = r.plain");

static inv_status claim_spare(inv__call *call, plan_state *s)
{
	inv__batch *b = call->batch;
	int64_t *plain;
	inv_str *product, *location;

	s->spare_statement = inv__batch_add(b, &SQL_SPARE);
	inv__batch_rows(b, call->count);
	plain = inv__batch_int_column(b);
	product = inv__batch_blob_column(b);
	location = inv__batch_blob_column(b);
	if (b->status != INV_OK)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		inv__leg leg = {.product = s->wants[i].from.product,
		                .location = s->wants[i].from.location,
		                .lot = {"", 0},
		                .serial = {"", 0}};

		inv__leg_number(&leg);
		plain[i] = leg.account;
		inv__batch_id_at(b, product, i, &leg.product);
		inv__batch_id_at(b, location, i, &leg.location);
	}
	inv__batch_int(b, call->now);
	return b->status == INV_OK ? INV_OK : inv__call_no_memory(call);
}

inv_status inv__claim_stock_plan_pick(inv__call *call)
{
	plan_state *s = inv__arena_zalloc(call->arena, sizeof *s);
	inv_id *products = inv__arena_array(call->arena, call->count, sizeof *products);
	inv_id *places = inv__arena_array(call->arena, call->count, sizeof *places);
	inv_status rc;

	if (s)
		s->wants = inv__arena_array(call->arena, call->count, sizeof *s->wants);
	if (!s || !s->wants || !products || !places)
		return inv__call_no_memory(call);
	call->state = s;
	for (size_t i = 0; i < call->count; i++) {
		const inv_pick_query *in = inv__call_input(call, i);
		inv__pick_want *want = &s->wants[i];

		products[i] = in->product.id;
		places[i] = inv_id_is_none(in->location.id) ? call->session.location : in->location.id;
		*want = (inv__pick_want){.input = i, .quantity = in->quantity,
		                         .expired_too = in->include_expired != 0};
		want->from = (inv__pick_spot){.product = products[i], .location = places[i], .apart = i,
		                              .rule = in->rule, .at = call->now};
	}
	rc = inv__products_claim(call, products, call->count, false, &s->products);
	if (rc == INV_OK)
		rc = inv__places_claim(call, places, call->count, &s->places);
	if (rc == INV_OK)
		rc = inv__picks_claim(call, s->wants, call->count, &s->picks);
	return rc == INV_OK ? claim_spare(call, s) : rc;
}

static inv_status check(inv__call *call, const plan_state *s, size_t i)
{
	const inv_pick_query *in = inv__call_input(call, i);
	const inv__product_facts *product = &s->products.list[i];
	const inv__place *place = &s->places.list[i];
	const inv__line_units units = {i, 0, in->quantity, {"", 0}, {"", 0}, true};
	inv_status rc = inv__line_check(call, product, &units);

	if (rc != INV_OK)
		return rc;
	if (product->tracking == INV_TRACKING_NONE)
		return inv__call_fail(call, INV_E_INVALID, i, "product",
		                      "it is tracked by neither lot nor serial number: there is nothing to"
		                      " choose");
	if (!place->found)
		return inv__call_fail(call, INV_E_NOT_FOUND, i, "location", "there is no such location");
	if (!inv__kind_is_physical(place->kind))
		return inv__call_fail(call, INV_E_INVALID, i, "location",
		                      "the location is virtual: it holds no stock");
	if (in->rule == INV_PICKING_MANUAL && product->picking == INV_PICKING_MANUAL)
		return inv__call_fail(call, INV_E_INVALID, i, "rule",
		                      "the product is picked by hand: name a rule");
	return INV_OK;
}

/* The rule may be the product's, which is known only now. */
static void set_rules(plan_state *s)
{
	for (size_t n = 0; n < s->picks.count; n++) {
		inv__pick_spot *spot = &s->picks.spots[n];

		if (spot->rule == INV_PICKING_MANUAL)
			spot->rule = s->products.list[spot->apart].picking;
	}
}

static inv_status fill_lines(inv__call *call, const inv__pick_want *want, inv_pick_plan *out)
{
	inv_pick_line *lines = inv__arena_array(call->arena, want->part_count ? want->part_count : 1,
	                                        sizeof *lines);

	if (!lines)
		return inv__call_no_memory(call);
	for (size_t k = 0; k < want->part_count; k++) {
		const inv__pick *part = &want->parts[k];

		lines[k] = (inv_pick_line){.struct_size = sizeof *lines, .lot = part->lot,
		                           .serial = part->serial, .expires = part->expires,
		                           .quantity = part->free,
		                           .location = inv_ref_of(want->from.location)};
	}
	out->lines = inv_list_of(lines, want->part_count, sizeof *lines);
	return INV_OK;
}

static inv_status plan(inv__call *call, plan_state *s, size_t i, int64_t spare, inv_pick_plan *out)
{
	const inv_pick_query *in = inv__call_input(call, i);
	inv__pick_want *want = &s->wants[i];
	inv_status rc;

	out->product = inv_ref_of(in->product.id);
	out->location = inv_ref_of(want->from.location);
	out->rule = in->rule ? in->rule : s->products.list[i].picking;
	out->quantity = in->quantity;
	/* What is held for others without saying which goods is not there either. */
	want->quantity = spare < in->quantity ? (spare > 0 ? spare : 0) : in->quantity;
	rc = inv__picks_take(call, &s->picks, want);
	if (rc == INV_OK && want->part_count > INV_LIMIT_LINES)
		return inv__call_fail(call, INV_E_LIMIT, i, "quantity",
		                      "it would take %zu lots or units", want->part_count);
	out->missing = in->quantity - (want->quantity - want->missing);
	out->expired = want->expired;
	return rc == INV_OK ? fill_lines(call, want, out) : rc;
}

inv_status inv__decide_stock_plan_pick(inv__call *call)
{
	plan_state *s = call->state;
	inv_pick_plan *out = inv__call_outputs(call, call->count);
	int64_t *spare = inv__arena_array(call->arena, call->count, sizeof *spare);
	const inv_rows *rows = inv__batch_result(call->batch, s->spare_statement);
	inv_status rc = out && spare ? INV_OK : inv__call_no_memory(call);

	inv__products_read(call, &s->products);
	inv__places_read(call, &s->places);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++)
		rc = check(call, s, i);
	if (rc != INV_OK)
		return rc;
	for (size_t row = 0; row < rows->row_count; row++)
		if ((size_t)inv__cell_int(rows, row, 0) < call->count)
			spare[inv__cell_int(rows, row, 0)] = inv__cell_int(rows, row, 1);
	set_rules(s);
	rc = inv__picks_read(call, &s->picks);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++)
		rc = plan(call, s, i, spare[i], &out[i]);
	return rc;
}
