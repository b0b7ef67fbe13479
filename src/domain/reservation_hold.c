/* SPDX-License-Identifier: MIT */
/* reservation.hold: check and reserve in one step. */
#include <stdlib.h>

#include "domain/nodes.h"
#include "domain/ops.h"
#include "domain/well_known.h"
#include "util/id.h"
#include "util/time.h"

typedef struct hold_state {
	inv__scenes scenes;
	inv__products products;
	inv__places places;
	inv__accounts accounts, sums;
	inv__leg *legs;
	size_t leg_count;
	bool any_subtree;
	inv__nodes nodes; /* then: of all inputs */
} hold_state;

/* With `subtree`, none is everywhere. */
static inv_id place_of(const inv__call *call, const inv_reservation *in)
{
	return inv_id_is_none(in->location.id) && !in->subtree ? call->session.location
	                                                       : in->location.id;
}

static inv__open_hold hold_of(const inv__call *call, const inv_reservation *in)
{
	return (inv__open_hold){.product = in->product.id, .location = place_of(call, in),
	                        .lot = in->lot, .serial = in->serial,
	                        .subtree = in->subtree != 0};
}

/* Behind the accounts and their locks: one sum for all that is held at a place or below. */
static inv_status claim_nodes(inv__call *call, hold_state *s)
{
	inv__node_place *places;
	inv_status rc;

	if (!s->any_subtree)
		return INV_OK;
	rc = inv__holds_ask_nodes(call, &s->accounts, s->products.ids, call->count);
	places = inv__arena_array(call->arena, call->count, sizeof *places);
	if (rc != INV_OK || !places)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		const inv_reservation *in = inv__call_input(call, i);

		places[i] = (inv__node_place){in->product.id, place_of(call, in), in->subtree != 0};
	}
	return inv__nodes_ask(call, places, call->count, &s->nodes);
}

static inv_status claim_accounts(inv__call *call, hold_state *s)
{
	inv_status rc;

	s->legs = inv__arena_array(call->arena, call->count * 2, sizeof *s->legs);
	if (!s->legs)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		const inv_reservation *in = inv__call_input(call, i);
		const inv__open_hold hold = hold_of(call, in);
		size_t made = inv__legs_of_hold(call->arena, &hold, in->quantity, &s->legs[s->leg_count]);

		for (size_t k = 0; k < made; k++) {
			s->legs[s->leg_count + k].occurred_at = call->now; /* reservations count now */
			s->legs[s->leg_count + k].input = i;
		}
		s->leg_count += made;
	}
	rc = inv__accounts_claim(call, &s->legs, &s->leg_count, &s->accounts);
	return rc == INV_OK ? claim_nodes(call, s) : rc;
}

inv_status inv__claim_reservation_hold(inv__call *call)
{
	hold_state *s = inv__arena_zalloc(call->arena, sizeof *s);
	inv__scene_ids *wanted = inv__arena_array(call->arena, call->count, sizeof *wanted);
	inv_id *products = inv__arena_array(call->arena, call->count, sizeof *products);
	inv_id *places = inv__arena_array(call->arena, call->count, sizeof *places);
	inv_status rc;

	if (!s || !wanted || !products || !places)
		return inv__call_no_memory(call);
	call->state = s;
	for (size_t i = 0; i < call->count; i++) {
		const inv_reservation *in = inv__call_input(call, i);

		products[i] = in->product.id;
		places[i] = place_of(call, in);
		s->any_subtree |= in->subtree != 0;
	}
	rc = inv__scene_claim(call, wanted, call->count, &s->scenes);
	if (rc == INV_OK)
		rc = inv__places_claim(call, places, call->count, &s->places);
	if (rc == INV_OK)
		rc = inv__products_claim(call, products, call->count, s->any_subtree, &s->products);
	return rc == INV_OK ? claim_accounts(call, s) : rc;
}

static inv_status check(inv__call *call, const hold_state *s, size_t i)
{
	const inv_reservation *in = inv__call_input(call, i);
	const inv__product_facts *product = &s->products.list[i];
	const inv__place *place = &s->places.list[i];
	const inv__line_units units = {i, 0, in->quantity, in->lot, in->serial, true};
	bool everywhere = in->subtree && inv_id_is_none(in->location.id);
	inv_status rc = inv__line_check(call, product, &units);

	if (rc != INV_OK)
		return rc;
	if (in->subtree && (in->lot.len > 0 || in->serial.len > 0))
		return inv__call_fail(call, INV_E_INVALID, i, "subtree",
		                      "a lot or a unit is at one location: name that");
	if (product->archived)
		return inv__call_fail(call, INV_E_STATE, i, "product", "the product is archived");
	if (product->stocking == INV_STOCKING_NON_STOCKED)
		return inv__call_fail(call, INV_E_STATE, i, "product", "the product is not stocked");
	if (product->stocking == INV_STOCKING_KIT)
		return inv__call_fail(call, INV_E_STATE, i, "product",
		                      "the product is a kit, which is not stocked: hold its parts");
	rc = everywhere ? INV_OK : inv__place_check(call, place, i, "location");
	if (rc != INV_OK)
		return rc;
	if (in->deadline != 0 && in->deadline <= call->now)
		return inv__call_fail(call, INV_E_INVALID, i, "deadline", "it has passed already");
	return INV_OK;
}

static inv_status make(inv__call *call, const hold_state *s, size_t i, const inv__scene *scene,
                       inv_reservation *out, int32_t *date)
{
	const inv_record_desc *record = inv_schema_record(INV_RECORD_reservation);
	bool clamped;
	inv_status rc = check(call, s, i);

	if (rc != INV_OK)
		return rc;
	if (inv__record_copy(record, inv__call_input(call, i), call->arena, out) != INV_OK)
		return inv__call_no_memory(call);
	out->product = inv_ref_of(out->product.id);
	out->location = inv_ref_of(s->places.list[i].id);
	out->channel = inv_ref_of(scene->channel);
	out->actor = inv__arena_str(call->arena, call->actor);
	out->state = INV_RESERVATION_STATE_HELD;
	out->open = out->changed = out->quantity;
	out->updated_at = call->now;
	rc = inv__scene_instant(call, scene, i, &out->occurred_at, date, &clamped);
	if (rc == INV_OK && inv_id_is_none(out->id))
		rc = inv__call_new_id(call, &out->id);
	return rc;
}

typedef struct given_id {
	inv_id id;
	size_t input;
} given_id;

static int given_order(const void *x, const void *y)
{
	const given_id *a = x, *b = y;
	int c = inv__id_compare(a->id, b->id);

	return c ? c : (a->input > b->input) - (a->input < b->input);
}

static inv_status check_ids(inv__call *call, const inv_reservation *out)
{
	given_id *given = inv__arena_array(call->arena, call->count, sizeof *given);
	size_t again = SIZE_MAX;

	if (!given)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++)
		given[i] = (given_id){out[i].id, i};
	qsort(given, call->count, sizeof *given, given_order);
	for (size_t i = 1; i < call->count; i++)
		if (inv__id_equal(given[i - 1].id, given[i].id) && given[i].input < again)
			again = given[i].input;
	return again == SIZE_MAX ? INV_OK
	                         : inv__call_fail(call, INV_E_EXISTS, again, "id",
	                                          "another input has this id");
}

static inv_status guard_nodes(inv__call *call, hold_state *s, inv__guard_rule rule)
{
	inv_status rc = inv__nodes_read(call, &s->nodes);

	for (size_t i = 0; rc == INV_OK && i < call->count; i++) {
		const inv_reservation *in = inv__call_input(call, i);
		const inv__node_change change = {.product = in->product.id,
		                                 .location = place_of(call, in),
		                                 .spare = -in->quantity, .input = i};

		rc = inv__nodes_change(call, &s->nodes, &change);
	}
	return rc == INV_OK ? inv__nodes_guard(call, rule, &s->nodes) : rc;
}

static inv_status guard(inv__call *call, hold_state *s, const inv__scene *scene,
                        inv_reservation *out)
{
	const inv__guard_rule rule = {scene->guard, false, scene->backorder_limit};
	int64_t *shortfalls = inv__arena_array(call->arena, s->leg_count + 1, sizeof *shortfalls);
	inv_status rc = shortfalls ? INV_OK : inv__call_no_memory(call);

	if (rc == INV_OK)
		rc = inv__accounts_read(call, &s->accounts);
	if (rc == INV_OK)
		rc = inv__accounts_sum(call, s->legs, s->leg_count, &s->accounts, &s->sums);
	if (rc == INV_OK)
		rc = inv__guard(call, rule, &s->sums, s->legs, s->leg_count, shortfalls);
	if (rc == INV_OK)
		rc = s->any_subtree ? guard_nodes(call, s, rule)
		                    : inv__guard_nodes(call, rule, &s->accounts, s->legs, s->leg_count);
	for (size_t k = 0; rc == INV_OK && k < s->leg_count; k++)
		if (shortfalls[k] > out[s->legs[k].input].shortfall)
			out[s->legs[k].input].shortfall = shortfalls[k];
	return rc;
}

inv_status inv__decide_reservation_hold(inv__call *call)
{
	hold_state *s = call->state;
	inv_reservation *out = inv__call_outputs(call, call->count);
	int32_t *dates = inv__arena_array(call->arena, call->count, sizeof *dates);
	inv__scene scene;
	inv_status rc = out && dates ? INV_OK : inv__call_no_memory(call);

	inv__products_read(call, &s->products);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++) {
		rc = inv__scene_read(call, &s->scenes, i, &scene);
		if (i == 0) /* the scene may tell of one */
			inv__places_read(call, &s->places);
		if (rc == INV_OK)
			rc = make(call, s, i, &scene, &out[i], &dates[i]);
	}
	if (rc == INV_OK)
		rc = check_ids(call, out);
	if (rc == INV_OK)
		rc = guard(call, s, &scene, out);
	if (rc == INV_OK)
		rc = inv__holds_expire(call, &scene, &s->accounts);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++)
		rc = inv__call_event(call, INV_EVENT_reservation_held, out[i].id, out[i].occurred_at,
		                     dates[i], &out[i]);
	return rc == INV_OK ? inv__watch(call, &scene, &s->sums) : rc;
}
