/* SPDX-License-Identifier: MIT */
/* Reorder rules, and what to buy by them. */
#include "domain/known.h"
#include "domain/list.h"
#include "domain/ops.h"
#include "domain/well_known.h"
#include "util/id.h"
#include "util/number.h"

typedef struct reorder_state {
	inv__products products;
	inv__places places;
	inv__accounts accounts;
	inv__leg *legs; /* none of them moves anything: their accounts are locked */
	size_t leg_count;
	size_t statement;
} reorder_state;

static inv_id place_of(const inv__call *call, inv_id given)
{
	return inv_id_is_none(given) ? call->session.location : given;
}

INV__SQL(SQL_RULES,
         "SELECT r.n, t.min, t.max, t.safety, t.lead_time, t.pack, t.supplier, t.updated_at"
         " FROM {rows# product:id location:id} r JOIN reorder_rule t ON t.product = r.product"
         " AND t.location = r.location");

static inv_status claim_rules(inv__call *call, reorder_state *s)
{
	inv_str *product, *location;

	s->statement = inv__batch_add(call->batch, &SQL_RULES);
	inv__batch_rows(call->batch, call->count);
	product = inv__batch_blob_column(call->batch);
	location = inv__batch_blob_column(call->batch);
	if (!product || !location)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		inv__batch_id_at(call->batch, product, i, &s->products.ids[i]);
		inv__batch_id_at(call->batch, location, i, &s->places.list[i].id);
	}
	return call->batch->status;
}

/* Both inputs begin with product and location. */
static inv_status claim(inv__call *call, inv_id (*product_of)(const void *),
                        inv_id (*location_of)(const void *))
{
	reorder_state *s = inv__arena_zalloc(call->arena, sizeof *s);
	inv_id *products = inv__arena_array(call->arena, call->count, sizeof *products);
	inv_id *places = inv__arena_array(call->arena, call->count, sizeof *places);
	inv_status rc;

	if (!s || !products || !places)
		return inv__call_no_memory(call);
	call->state = s;
	s->leg_count = call->count;
	s->legs = inv__arena_array(call->arena, call->count, sizeof *s->legs);
	if (!s->legs)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		products[i] = product_of(inv__call_input(call, i));
		places[i] = place_of(call, location_of(inv__call_input(call, i)));
		s->legs[i] = (inv__leg){.product = products[i], .location = places[i], .lot = {"", 0},
		                        .serial = {"", 0}, .occurred_at = call->now, .input = i};
	}
	rc = inv__places_claim(call, places, call->count, &s->places);
	if (rc == INV_OK)
		rc = inv__products_claim(call, products, call->count, false, &s->products);
	if (rc == INV_OK)
		rc = inv__accounts_claim(call, &s->legs, &s->leg_count, &s->accounts);
	return rc == INV_OK ? claim_rules(call, s) : rc;
}

static inv_status read_claims(inv__call *call, reorder_state *s)
{
	inv__products_read(call, &s->products);
	inv__places_read(call, &s->places);
	return inv__accounts_read(call, &s->accounts);
}

/* ---- set ---- */

static inv_id rule_product(const void *input)
{
	return ((const inv_reorder_rule *)input)->product.id;
}

static inv_id rule_location(const void *input)
{
	return ((const inv_reorder_rule *)input)->location.id;
}

inv_status inv__claim_reorder_set(inv__call *call)
{
	return claim(call, rule_product, rule_location);
}

static inv_status check_quantity(inv__call *call, const reorder_state *s, size_t i,
                                 const char *field, int64_t quantity)
{
	int64_t decimals = s->products.list[i].decimals;

	if (quantity % inv__pow10((uint32_t)(6 - decimals)) == 0)
		return INV_OK;
	return inv__call_fail(call, INV_E_INVALID, i, field, "the product is counted with %d decimals",
	                      (int)decimals);
}

static inv_status check(inv__call *call, const reorder_state *s, size_t i)
{
	const inv_reorder_rule *in = inv__call_input(call, i);
	const inv__product_facts *product = &s->products.list[i];
	const inv__place *place = &s->places.list[i];
	inv_status rc;

	if (!product->found)
		return inv__call_fail(call, INV_E_NOT_FOUND, i, "product", "there is no such product");
	if (product->archived)
		return inv__call_fail(call, INV_E_STATE, i, "product", "the product is archived");
	if (product->stocking != INV_STOCKING_STOCKED)
		return inv__call_fail(call, INV_E_STATE, i, "product", "the product is not stocked");
	rc = inv__place_check(call, place, i, "location");
	if (rc != INV_OK)
		return rc;
	if (in->max != 0 && in->max < in->min)
		return inv__call_fail(call, INV_E_INVALID, i, "max", "it is less than min");
	rc = check_quantity(call, s, i, "min", in->min);
	if (rc == INV_OK)
		rc = check_quantity(call, s, i, "max", in->max);
	if (rc == INV_OK)
		rc = check_quantity(call, s, i, "safety", in->safety);
	return rc == INV_OK ? check_quantity(call, s, i, "pack", in->pack) : rc;
}

inv_status inv__decide_reorder_set(inv__call *call)
{
	const inv_record_desc *record = inv_schema_record(INV_RECORD_reorder_rule);
	reorder_state *s = call->state;
	inv_reorder_rule *out = inv__call_outputs(call, call->count);
	inv_status rc = out ? read_claims(call, s) : inv__call_no_memory(call);

	for (size_t i = 0; rc == INV_OK && i < call->count; i++) {
		rc = check(call, s, i);
		if (rc == INV_OK &&
		    inv__record_copy(record, inv__call_input(call, i), call->arena, &out[i]) != INV_OK)
			rc = inv__call_no_memory(call);
		if (rc != INV_OK)
			break;
		out[i].product = inv_ref_of(s->products.ids[i]);
		out[i].location = inv_ref_of(s->places.list[i].id);
		out[i].updated_at = call->now;
		rc = inv__call_event(call, INV_EVENT_reorder_set, out[i].product.id, call->now, 0, &out[i]);
	}
	return rc;
}

/* ---- remove ---- */

static inv_id key_product(const void *input)
{
	return ((const inv_reorder_key *)input)->product.id;
}

static inv_id key_location(const void *input)
{
	return ((const inv_reorder_key *)input)->location.id;
}

inv_status inv__claim_reorder_remove(inv__call *call)
{
	return claim(call, key_product, key_location);
}

static void read_rule(const inv_rows *rows, size_t row, inv_reorder_rule *out)
{
	out->min = inv__cell_int(rows, row, 1);
	out->max = inv__cell_int(rows, row, 2);
	out->safety = inv__cell_int(rows, row, 3);
	out->lead_time = inv__cell_int(rows, row, 4);
	out->pack = inv__cell_int(rows, row, 5);
	out->supplier = inv__cell_str(rows, row, 6);
	out->updated_at = inv__cell_int(rows, row, 7);
}

inv_status inv__decide_reorder_remove(inv__call *call)
{
	reorder_state *s = call->state;
	const inv_rows *rows = inv__batch_result(call->batch, s->statement);
	inv_reorder_rule *out = inv__call_outputs(call, call->count);
	bool *found = inv__arena_array(call->arena, call->count, sizeof *found);
	inv_status rc = out && found ? read_claims(call, s) : inv__call_no_memory(call);

	for (size_t row = 0; rc == INV_OK && row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n >= call->count)
			return inv__call_fail(call, INV_E_INTERNAL, 0, NULL, "a row belongs to no input");
		read_rule(rows, row, &out[n]);
		found[n] = true;
	}
	for (size_t i = 0; rc == INV_OK && i < call->count; i++) {
		if (!found[i])
			return inv__call_fail(call, INV_E_NOT_FOUND, i, "product",
			                      "no rule watches the product there");
		out[i].product = inv_ref_of(s->products.ids[i]);
		out[i].location = inv_ref_of(s->places.list[i].id);
		rc = inv__call_event(call, INV_EVENT_reorder_removed, out[i].product.id, call->now, 0,
		                     &out[i]);
	}
	return rc;
}

/* ---- apply ---- */

INV__SQL(SQL_WATCH, "UPDATE account_balance SET watched = ?2, reorder_point = ?3"
                    " WHERE account = ?1");
INV__SQL(SQL_REMOVE, "DELETE FROM reorder_rule WHERE product = ?1 AND location = ?2");

static inv_status apply_rule(inv__apply *apply, const inv__event *event)
{
	const inv_reorder_rule *rule = event->payload;
	bool watched = event->desc->number == INV_EVENT_reorder_set;
	inv__leg leg = {.product = rule->product.id, .location = rule->location.id, .lot = {"", 0},
	                .serial = {"", 0}};
	int64_t point = watched ? rule->min + rule->safety : 0;
	const void *row = rule;
	inv__batch *b = apply->batch;
	inv_status rc = inv__legs_apply(apply, &leg, 1); /* its account has a row */

	inv__leg_number(&leg);
	if (rc == INV_OK && watched) {
		rc = inv__rows_put(b, inv_schema_table(INV_TABLE_reorder_rule), &row, 1, true);
	} else if (rc == INV_OK) {
		inv__batch_add(b, &SQL_REMOVE);
		inv__batch_id(b, rule->product.id);
		inv__batch_id(b, rule->location.id);
	}
	if (rc != INV_OK)
		return rc;
	inv__batch_add(b, &SQL_WATCH);
	inv__batch_int(b, leg.account);
	inv__batch_int(b, watched);
	inv__batch_int(b, point);
	inv__known_watch(apply->known, leg.account, watched, point);
	return b->status;
}

inv_status inv__apply_reorder(inv__apply *apply, const inv__event *events, size_t count)
{
	inv_status rc = INV_OK;

	for (size_t i = 0; rc == INV_OK && i < count; i++)
		rc = apply_rule(apply, &events[i]);
	return rc;
}

/* ---- plan ---- */

/* ?1 is now. Rounded up to packs: the quantities are whole numbers of millionths. */
#define WANTED "(w.want + w.unit - 1) / w.unit * w.unit"
#define PLAN \
	"(SELECT w.product, w.location, w.available, w.reorder_point, " WANTED " AS suggested," \
	" w.pack, w.lead_time, w.supplier FROM (SELECT v.*," \
	" CASE WHEN v.pack > 0 THEN v.pack ELSE 1 END AS unit," \
	" CASE WHEN v.max > v.min THEN v.max ELSE v.min END + v.safety - v.available AS want" \
	" FROM (SELECT r.*, r.min + r.safety AS reorder_point, b.on_hand + b.apart_sellable - " \
	INV__HELD_NOW("b", "r.product", "r.location", "?1") " AS available" \
	" FROM reorder_rule r JOIN account a ON a.product = r.product AND a.location = r.location" \
	" AND " INV__IS_PLAIN("a") " JOIN account_balance b ON b.account = a.number) v) w)"

inv_status inv__claim_reorder_plan(inv__call *call)
{
	const inv_query *query = inv__call_input(call, 0);
	const inv_value now = {.type = INV_VALUE_INT, .u.i = call->now};
	inv__list_source source = {
		.from = INV_S(PLAN),
		.filter = query->filter,
		.sort = query->sort,
		.cursor = query->cursor,
		.limit = query->limit,
		.where = "t.available <= t.reorder_point",
		.values = &now,
		.value_count = 1,
		.loose_count = 1,
	};

	return inv__list_claim(call, &source);
}

inv_status inv__decide_reorder_plan(inv__call *call)
{
	return inv__list_decide(call);
}
