/* SPDX-License-Identifier: MIT */
/* What happens to a reservation without goods leaving: another deadline, given back, bound. */
#include "domain/nodes.h"
#include "domain/ops.h"
#include "util/id.h"
#include "util/number.h"
#include "util/text.h"

typedef struct change_state {
	inv__scenes scenes;
	inv__reserved reserved;
	bool *bound; /* as a whole, by an input before */
	inv__products products;
	inv__leg *legs; /* they hold more or less */
	size_t leg_count;
	inv__accounts accounts, sums;
} change_state;

/* The reservation that an input names: its first field is the reference, whatever record it is. */
static inv_id id_of(const inv__call *call, size_t index)
{
	const inv_record_desc *record = inv_schema_record(call->op->input);
	const inv_field_desc *field = inv_schema_field_named(record, INV_S("reservation"), NULL);

	return ((const inv_ref *)inv__field_at(field, inv__call_input(call, index)))->id;
}

static inv_status claim(inv__call *call)
{
	change_state *s = inv__arena_zalloc(call->arena, sizeof *s);
	inv__scene_ids *wanted = inv__arena_zalloc(call->arena, sizeof *wanted);
	inv_id *ids = inv__arena_array(call->arena, call->count, sizeof *ids);
	inv_status rc;

	if (!s || !wanted || !ids)
		return inv__call_no_memory(call);
	call->state = s;
	for (size_t i = 0; i < call->count; i++)
		ids[i] = id_of(call, i);
	s->bound = inv__arena_array(call->arena, call->count, sizeof *s->bound);
	rc = s->bound ? inv__scene_claim(call, wanted, 1, &s->scenes) : inv__call_no_memory(call);
	return rc == INV_OK ? inv__reserved_claim(call, ids, call->count, &s->reserved) : rc;
}

static inv_status check_found(inv__call *call, const change_state *s)
{
	for (size_t i = 0; i < call->count; i++)
		if (!s->reserved.found[s->reserved.of[i]])
			return inv__call_fail(call, INV_E_NOT_FOUND, i, "reservation",
			                      "there is no such reservation");
	return INV_OK;
}

/* What it will hold when it is bound as the input says. */
static inv__open_hold hold_of(const inv__call *call, const change_state *s, size_t index)
{
	inv__open_hold hold = inv__reserved_hold(&s->reserved.list[s->reserved.of[index]]);
	const inv_reservation_binding *in;

	if (call->op->input != INV_RECORD_reservation_binding)
		return hold;
	in = inv__call_input(call, index);
	hold.lot = in->lot;
	hold.serial = in->serial;
	if (!inv_id_is_none(in->location.id)) {
		hold.location = in->location.id;
		hold.subtree = false;
	}
	return hold;
}

/* Now that it is known what they hold: their accounts, and what they are once these are locked. */
static inv_status claim_accounts(inv__call *call, change_state *s)
{
	inv_id *products = inv__arena_array(call->arena, call->count, sizeof *products);
	bool alone = false; /* what holds goods of a larger place is changed by one at a time */
	inv_status rc;

	s->leg_count = 0;
	s->legs = inv__arena_array(call->arena, call->count * 2, sizeof *s->legs);
	if (!s->legs || !products)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		const inv__open_hold hold = hold_of(call, s, i);
		size_t made = inv__legs_of_hold(call->arena, &hold, 0, &s->legs[s->leg_count]);

		products[i] = hold.product;
		alone |= s->reserved.list[s->reserved.of[i]].subtree != 0;
		for (size_t k = 0; k < made; k++) {
			s->legs[s->leg_count + k].occurred_at = call->now;
			s->legs[s->leg_count + k].input = i;
		}
		s->leg_count += made;
	}
	rc = inv__products_claim(call, products, call->count, alone, &s->products);
	if (rc == INV_OK)
		rc = inv__accounts_claim(call, &s->legs, &s->leg_count, &s->accounts);
	if (rc == INV_OK && alone)
		rc = inv__holds_ask_nodes(call, &s->accounts, products, call->count);
	if (rc == INV_OK && call->locks)
		rc = inv__reserved_again(call, &s->reserved);
	call->more = rc == INV_OK;
	return rc;
}

/* ---- deadline ---- */

static inv_status set_deadline(inv__call *call, size_t i, inv_reservation *r, uint32_t *event)
{
	const inv_reservation_deadline *in = inv__call_input(call, i);
	inv__part part = {i, 0, "reservation", 0};
	inv_status rc = inv__part_check(call, r, &part);

	if (rc == INV_OK && in->deadline != 0 && in->deadline <= call->now)
		rc = inv__call_fail(call, INV_E_INVALID, i, "deadline", "it has passed already");
	r->deadline = in->deadline;
	r->changed = r->open;
	r->updated_at = call->now;
	*event = INV_EVENT_reservation_extended;
	return rc;
}

/* ---- given back ---- */

/* What is overdue was given back at its deadline, which the command books, if no other has; of its
 * own it tells that there was nothing left to give back. */
static void end_overdue(inv__call *call, inv_reservation *r)
{
	const inv__part all = {.quantity = r->open};

	inv__part_end(call, r, &all, INV_RESERVATION_STATE_EXPIRED);
	r->changed = 0;
}

static inv_status give_back(inv__call *call, change_state *s, size_t i, inv_reservation *r,
                      uint32_t *event)
{
	const inv_reservation_end *in = inv__call_input(call, i);
	bool cancels = call->op->number == INV_OP_reservation_cancel;
	const inv__line_units units = {i, 0, in->quantity, {"", 0}, {"", 0}, true};
	inv__part part = {i, 0, "reservation", in->quantity};
	inv_status rc = inv__line_check(call, &s->products.list[i], &units);

	*event = cancels ? INV_EVENT_reservation_cancelled : INV_EVENT_reservation_released;
	if (rc == INV_OK &&
	    (r->state == INV_RESERVATION_STATE_EXPIRED || inv__reservation_is_overdue(call, r))) {
		end_overdue(call, r);
		return INV_OK;
	}
	if (rc == INV_OK)
		rc = inv__part_check(call, r, &part);
	if (rc != INV_OK)
		return rc;
	inv__part_end(call, r, &part, cancels ? INV_RESERVATION_STATE_CANCELLED
	                                      : INV_RESERVATION_STATE_RELEASED);
	for (size_t k = 0; k < s->leg_count; k++)
		if (s->legs[k].input == i)
			s->legs[k].held = -part.quantity;
	return INV_OK;
}

/* ---- bound ---- */

static inv_status check_place(inv__call *call, const change_state *s, size_t i,
                              const inv_reservation *r)
{
	const inv_reservation_binding *in = inv__call_input(call, i);
	bool named = !inv_id_is_none(in->location.id);

	if (r->subtree && !named)
		return inv__call_fail(call, INV_E_INVALID, i, "location", "name where the goods are");
	if (r->subtree ? !inv__node_of(&s->accounts.nodes, &r->product.id, &in->location.id,
	                               &r->location.id)
	               : named && !inv__id_equal(in->location.id, r->location.id))
		return inv__call_fail(call, INV_E_INVALID, i, "location",
		                      "it holds goods at another location");
	return INV_OK;
}

static inv_status check_bind(inv__call *call, const change_state *s, size_t i,
                             const inv_reservation *r, inv__part *part)
{
	const inv_reservation_binding *in = inv__call_input(call, i);
	inv__line_units units = {i, 0, in->quantity, in->lot, in->serial, r->subtree != 0};
	inv_status rc = inv__part_check(call, r, part);

	if (rc != INV_OK)
		return rc;
	if (r->lot.len > 0 || r->serial.len > 0)
		return inv__call_fail(call, INV_E_STATE, i, "reservation", "it is bound already");
	if (in->lot.len == 0 && in->serial.len == 0 && !r->subtree)
		return inv__call_fail(call, INV_E_INVALID, i, "lot", "name a lot or a serial number");
	if (s->bound[s->reserved.of[i]])
		return inv__call_fail(call, INV_E_STATE, i, "reservation", "it is bound already");
	rc = check_place(call, s, i, r);
	units.quantity = part->quantity;
	return rc == INV_OK ? inv__line_check(call, &s->products.list[i], &units) : rc;
}

/* What is held now holds a lot or a unit: there must be enough of that which is not bound to
 * somebody else. For the product at the location nothing changes, unless the goods could be
 * anywhere so far: then they are held there from now on, and not at the place above any more. */
static void set_legs(change_state *s, size_t i, const inv_reservation *r, int64_t quantity)
{
	for (size_t k = 0; k < s->leg_count; k++) {
		inv__leg *leg = &s->legs[k];

		if (leg->input != i || (inv__leg_is_plain(leg) && !r->subtree))
			continue;
		leg->held = quantity;
		if (inv__leg_is_plain(leg)) {
			leg->frees_node = quantity;
			leg->node = r->location.id;
		}
	}
}

static inv_status guard_bound(inv__call *call, change_state *s)
{
	int64_t *shortfalls = inv__arena_array(call->arena, s->leg_count + 1, sizeof *shortfalls);
	const inv__guard_rule rule = {INV_GUARD_STRICT, false, 0};
	inv_status rc = shortfalls ? INV_OK : inv__call_no_memory(call);

	if (rc == INV_OK)
		rc = inv__guard(call, rule, &s->sums, s->legs, s->leg_count, shortfalls);
	return rc == INV_OK ? inv__guard_nodes(call, rule, &s->accounts, s->legs, s->leg_count) : rc;
}

/* A part becomes a reservation of its own. */
static inv_status split(inv__call *call, inv_reservation *r, int64_t quantity, inv_reservation *out)
{
	r->quantity -= quantity;
	r->open -= quantity;
	*out = *r;
	out->split_from = inv_ref_of(r->id);
	out->quantity = out->open = quantity;
	out->committed = out->released = out->expired = out->cancelled = 0;
	return inv__call_id(call, &out->id);
}

static inv_status bind_part(inv__call *call, change_state *s, size_t i, inv_reservation *r,
                       inv_reservation *out, uint32_t *event)
{
	const inv_reservation_binding *in = inv__call_input(call, i);
	const inv__open_hold hold = hold_of(call, s, i);
	inv__part part = {i, 0, "reservation", in->quantity};
	bool was_subtree = r->subtree != 0, whole;
	inv_status rc = check_bind(call, s, i, r, &part);

	if (rc != INV_OK)
		return rc;
	set_legs(s, i, r, part.quantity);
	whole = part.quantity == r->open;
	*event = whole ? INV_EVENT_reservation_bound : INV_EVENT_reservation_split;
	if (whole)
		*out = *r;
	else
		rc = split(call, r, part.quantity, out);
	out->lot = inv__arena_str(call->arena, hold.lot);
	out->serial = inv__arena_str(call->arena, hold.serial);
	out->location = inv_ref_of(hold.location);
	out->subtree = 0;
	out->was_subtree = was_subtree;
	out->changed = part.quantity;
	out->updated_at = call->now;
	if (whole) {
		*r = *out;
		s->bound[s->reserved.of[i]] = true;
	}
	return out->lot.ptr && out->serial.ptr ? rc : inv__call_no_memory(call);
}

/* ---- decide ---- */

static inv_status change(inv__call *call, change_state *s, size_t i, inv_reservation *out,
                         uint32_t *event)
{
	inv_reservation *r = &s->reserved.list[s->reserved.of[i]];
	inv_status rc;

	if (call->op->number == INV_OP_reservation_bind)
		return bind_part(call, s, i, r, out, event);
	rc = call->op->number == INV_OP_reservation_extend ? set_deadline(call, i, r, event)
	                                                   : give_back(call, s, i, r, event);
	*out = *r;
	return rc;
}

static inv_status finish(inv__call *call, change_state *s)
{
	inv_reservation *out = inv__call_outputs(call, call->count);
	uint32_t *events = inv__arena_array(call->arena, call->count, sizeof *events);
	int64_t now = call->now;
	int32_t date;
	bool clamped;
	inv__scene scene;
	inv_status rc = out && events ? INV_OK : inv__call_no_memory(call);

	if (rc == INV_OK)
		rc = inv__scene_read(call, &s->scenes, 0, &scene);
	if (rc == INV_OK)
		rc = inv__scene_instant(call, &scene, 0, &now, &date, &clamped);
	inv__products_read(call, &s->products);
	if (rc == INV_OK)
		rc = inv__accounts_read(call, &s->accounts);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++)
		rc = change(call, s, i, &out[i], &events[i]);
	if (rc == INV_OK)
		rc = inv__accounts_sum(call, s->legs, s->leg_count, &s->accounts, &s->sums);
	if (rc == INV_OK && call->op->number == INV_OP_reservation_bind)
		rc = guard_bound(call, s);
	if (rc == INV_OK)
		rc = inv__holds_expire(call, &scene, &s->accounts);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++)
		rc = inv__call_event(call, events[i], out[i].id, now, date, &out[i]);
	return rc == INV_OK ? inv__watch(call, &scene, &s->sums) : rc;
}

/* As they are behind the locks of their accounts; `moved` when these are others now, because
 * somebody has bound one meanwhile. */
static inv_status read_again(inv__call *call, change_state *s, bool *moved)
{
	inv__reserved was = s->reserved;
	inv_status rc;

	*moved = false;
	s->reserved.list = inv__arena_array(call->arena, was.count, sizeof *was.list);
	if (!s->reserved.list)
		return inv__call_no_memory(call);
	rc = inv__reserved_read(call, &s->reserved);
	for (size_t n = 0; rc == INV_OK && n < was.count; n++)
		*moved |= inv__reservation_moved(&was.list[n], &s->reserved.list[n]);
	return rc;
}

static inv_status decide(inv__call *call)
{
	change_state *s = call->state;
	bool moved = call->phase == 0;
	inv_status rc = INV_OK;

	if (call->phase == 0)
		rc = inv__reserved_read(call, &s->reserved);
	else if (call->locks)
		rc = read_again(call, s, &moved);
	if (rc == INV_OK)
		rc = check_found(call, s);
	if (rc != INV_OK)
		return rc;
	return moved ? claim_accounts(call, s) : finish(call, s);
}

#define CHANGE(name) \
	inv_status inv__claim_reservation_##name(inv__call *call) \
	{ \
		return claim(call); \
	} \
	inv_status inv__decide_reservation_##name(inv__call *call) \
	{ \
		return decide(call); \
	}

CHANGE(extend)
CHANGE(end)
CHANGE(bind)
