/* SPDX-License-Identifier: MIT */
/* Reservations as they stand, what becomes of parts of them, and lines that take what is held. */
#include <stdlib.h>

#include "domain/nodes.h"
#include "util/id.h"
#include "util/number.h"
#include "util/text.h"
#include "util/time.h"

/* ---- as they stand ---- */

static int id_order(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(inv_id));
}

inv_status inv__reserved_claim(inv__call *call, const inv_id *ids, size_t count,
                               inv__reserved *out)
{
	inv_id *distinct = inv__arena_array(call->arena, count, sizeof *distinct);
	size_t n = 0;

	memset(out, 0, sizeof *out);
	out->of = inv__arena_array(call->arena, count, sizeof *out->of);
	if (!distinct || !out->of)
		return inv__call_no_memory(call);
	memcpy(distinct, ids, count * sizeof *ids);
	qsort(distinct, count, sizeof *distinct, id_order);
	for (size_t i = 0; i < count; i++)
		if (n == 0 || !inv__id_equal(distinct[n - 1], distinct[i]))
			distinct[n++] = distinct[i];
	for (size_t i = 0; i < count; i++)
		out->of[i] = (size_t)((inv_id *)bsearch(&ids[i], distinct, n, sizeof *distinct, id_order) -
		                      distinct);
	out->ids = distinct;
	out->count = n;
	out->list = inv__arena_array(call->arena, n, sizeof *out->list);
	out->found = inv__arena_array(call->arena, n, sizeof *out->found);
	return out->list && out->found ? inv__reserved_again(call, out) : inv__call_no_memory(call);
}

inv_status inv__reserved_again(inv__call *call, inv__reserved *reserved)
{
	return inv__rows_claim(call, inv_schema_table(INV_TABLE_reservation), reserved->ids,
	                       reserved->count, &reserved->statement);
}

inv_status inv__reserved_read(inv__call *call, inv__reserved *reserved)
{
	const inv_record_desc *record = inv_schema_record(INV_RECORD_reservation);
	const inv_rows *rows = inv__batch_result(call->batch, reserved->statement);
	inv_status rc = INV_OK;

	for (size_t row = 0; rc == INV_OK && row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n >= reserved->count)
			return inv__call_fail(call, INV_E_INTERNAL, 0, NULL, "a row belongs to no input");
		rc = inv__row_read(record, inv__cell(rows, row, 1), call->arena, &reserved->list[n]);
		reserved->found[n] = rc == INV_OK;
	}
	return rc == INV_E_NO_MEMORY ? inv__call_no_memory(call) : rc;
}

inv__open_hold inv__reserved_hold(const inv_reservation *r)
{
	return (inv__open_hold){.id = r->id, .product = r->product.id, .location = r->location.id,
	                        .lot = r->lot, .serial = r->serial, .holder = r->holder,
	                        .open = r->open, .deadline = r->deadline,
	                        .subtree = r->subtree != 0};
}

bool inv__reservation_moved(const inv_reservation *was, const inv_reservation *is)
{
	return was->subtree != is->subtree || !inv__id_equal(was->location.id, is->location.id) ||
	       !inv__str_equal(was->lot, is->lot) || !inv__str_equal(was->serial, is->serial);
}

bool inv__reservation_is_overdue(const inv__call *call, const inv_reservation *r)
{
	return r->open > 0 && r->deadline > 0 && r->deadline <= call->now;
}

/* ---- parts ---- */

static const char *state_name(int32_t state)
{
	return inv_schema_enum(INV_ENUM_reservation_state)->values[state].name;
}

inv_status inv__part_check(inv__call *call, const inv_reservation *r, inv__part *part)
{
	const char *field = inv__line_field(call, "lines", part->line, part->field);
	char text[40];

	if (r->open == 0)
		return inv__call_fail(call, INV_E_STATE, part->input, field,
		                      "nothing is held any more: it is %s", state_name(r->state));
	if (inv__reservation_is_overdue(call, r)) {
		inv__instant_format(r->deadline, text);
		return inv__call_fail(call, INV_E_STATE, part->input, field, "it expired at %s", text);
	}
	if (part->quantity == 0)
		part->quantity = r->open;
	if (part->quantity > r->open) {
		inv__decimal_format(r->open, 6, text);
		return inv__call_fail(call, INV_E_STATE, part->input,
		                      inv__line_field(call, "lines", part->line, "quantity"),
		                      "only %s is still held", text);
	}
	return INV_OK;
}

void inv__part_end(inv__call *call, inv_reservation *r, const inv__part *part, int32_t state)
{
	int64_t *const ends[] = {[INV_RESERVATION_STATE_COMMITTED] = &r->committed,
	                         [INV_RESERVATION_STATE_RELEASED] = &r->released,
	                         [INV_RESERVATION_STATE_EXPIRED] = &r->expired,
	                         [INV_RESERVATION_STATE_CANCELLED] = &r->cancelled};

	r->open -= part->quantity;
	*ends[state] += part->quantity;
	r->changed = part->quantity;
	r->updated_at = call->now;
	if (r->open == 0)
		r->state = state;
}

/* ---- lines that take what is held ---- */

inv_status inv__commits_make(inv__call *call, size_t most, inv__commits *out)
{
	size_t room = most ? most : 1;

	memset(out, 0, sizeof *out);
	out->ids = inv__arena_array(call->arena, room, sizeof *out->ids);
	out->inputs = inv__arena_array(call->arena, room, sizeof *out->inputs);
	out->lines = inv__arena_array(call->arena, room, sizeof *out->lines);
	out->after = inv__arena_array(call->arena, room, sizeof *out->after);
	return out->ids && out->inputs && out->lines && out->after ? INV_OK
	                                                           : inv__call_no_memory(call);
}

void inv__commits_add(inv__commits *commits, inv_id reservation, size_t input, size_t line)
{
	if (inv_id_is_none(reservation))
		return;
	commits->ids[commits->count] = reservation;
	commits->inputs[commits->count] = input;
	commits->lines[commits->count++] = line;
}

inv_status inv__commits_claim(inv__call *call, inv__commits *commits)
{
	if (commits->count == 0)
		return INV_OK;
	return inv__reserved_claim(call, commits->ids, commits->count, &commits->reserved);
}

static bool same_code(inv__arena *arena, inv_str held, inv_str folded)
{
	return held.len == 0 || inv__str_equal(inv__str_fold(arena, held), folded);
}

/* What is wrong with taking a reservation through this leg; NULL when nothing is. */
static const char *misfit(inv__call *call, const inv__accounts *accounts,
                          const inv_reservation *r, const inv__leg *leg)
{
	if (!inv__id_equal(r->product.id, leg->product))
		return "it holds another product";
	if (r->subtree ? !inv__node_of(&accounts->nodes, &leg->product, &leg->location,
	                               &r->location.id)
	               : !inv__id_equal(r->location.id, leg->location))
		return "it holds goods at another location";
	if (leg->condition != INV_CONDITION_SELLABLE)
		return "it holds sellable goods";
	if (!same_code(call->arena, r->lot, leg->lot))
		return "it holds another lot";
	if (!same_code(call->arena, r->serial, leg->serial))
		return "it holds another unit";
	return NULL;
}

static inv_status take(inv__call *call, inv__commits *commits, const inv__accounts *accounts,
                       size_t use, inv__leg *leg)
{
	size_t n = commits->reserved.of[use];
	inv_reservation *r = &commits->reserved.list[n];
	inv__part part = {leg->input, leg->line, "reservation", -leg->quantity};
	const char *field = inv__line_field(call, "lines", leg->line, "reservation");
	const char *fault;
	inv_status rc;

	if (!commits->reserved.found[n])
		return inv__call_fail(call, INV_E_NOT_FOUND, leg->input, field,
		                      "there is no such reservation");
	rc = inv__part_check(call, r, &part);
	if (rc != INV_OK)
		return rc;
	fault = misfit(call, accounts, r, leg);
	if (fault)
		return inv__call_fail(call, INV_E_INVALID, leg->input, field, "%s", fault);
	inv__part_end(call, r, &part, INV_RESERVATION_STATE_COMMITTED);
	commits->after[use] = *r;
	if (r->subtree) {
		leg->frees_node = part.quantity;
		leg->node = r->location.id;
	} else if (inv__leg_is_plain(leg)) {
		leg->held = -part.quantity;
	} else {
		leg->frees_plain = -part.quantity;
	}
	if (r->lot.len > 0 || r->serial.len > 0)
		leg->held = -part.quantity;
	return INV_OK;
}

inv_status inv__commits_take(inv__call *call, inv__commits *commits, const inv__accounts *accounts,
                             inv__leg *legs, size_t count)
{
	size_t at = 0;
	inv_status rc = INV_OK;

	if (commits->count == 0)
		return INV_OK;
	rc = inv__reserved_read(call, &commits->reserved);
	/* Both are in the order of inputs and lines. */
	for (size_t use = 0; rc == INV_OK && use < commits->count; use++) {
		while (at < count && (legs[at].input < commits->inputs[use] ||
		                      (legs[at].input == commits->inputs[use] &&
		                       legs[at].line < commits->lines[use])))
			at++;
		if (at == count || legs[at].input != commits->inputs[use] ||
		    legs[at].line != commits->lines[use])
			return inv__call_fail(call, INV_E_INVALID, commits->inputs[use],
			                      inv__line_field(call, "lines", commits->lines[use],
			                                      "reservation"),
			                      "the line moves no goods");
		rc = take(call, commits, accounts, use, &legs[at]);
	}
	return rc;
}

inv_status inv__commits_events(inv__call *call, inv__commits *commits, size_t input,
                               inv_id source, int64_t occurred_at, int32_t business_date)
{
	inv_status rc = INV_OK;

	for (size_t use = 0; rc == INV_OK && use < commits->count; use++) {
		inv_reservation *after = &commits->after[use];

		if (commits->inputs[use] != input)
			continue;
		after->source = source;
		rc = inv__call_event(call, INV_EVENT_reservation_committed, after->id, occurred_at,
		                     business_date, after);
	}
	return rc;
}
