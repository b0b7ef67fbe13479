/* SPDX-License-Identifier: MIT */
/* Postings from legs to events, and from events to rows. */
#include "domain/ops.h"
#include "domain/stock.h"
#include "util/id.h"
#include "util/number.h"

/* Side `from` or to of a line, of what moves there. */
static void fill_leg(inv__leg *leg, const inv_posting_line *l, const inv__moved *moved, bool from,
                     inv__arena *arena)
{
	memset(leg, 0, sizeof *leg);
	inv__leg_moves(leg, moved, arena);
	leg->owner = l->owner;
	leg->location = from ? l->from_location.id : l->to_location.id;
	leg->condition = from ? l->from_condition : l->to_condition;
	leg->other_location = from ? l->to_location.id : l->from_location.id;
	leg->other_condition = from ? l->to_condition : l->from_condition;
	leg->quantity = from ? -moved->quantity : moved->quantity;
}

size_t inv__legs_of_line(const inv_posting *posting, size_t input, size_t line, inv__arena *arena,
                         inv__leg *legs)
{
	const inv_posting_line *l = INV_LIST_AT(posting->lines, inv_posting_line, line);
	size_t n = 0;

	for (size_t k = 0; k < inv__moved_count(&l->parts); k++) {
		inv__moved moved = {l->product.id, l->quantity, l->lot, l->serial, {"", 0}, 0};

		inv__moved_take(&l->parts, k, &moved);
		if (moved.quantity == 0)
			continue;
		if (l->from_physical)
			fill_leg(&legs[n++], l, &moved, true, arena);
		if (l->to_physical)
			fill_leg(&legs[n++], l, &moved, false, arena);
	}
	for (size_t i = 0; i < n; i++) {
		legs[i].occurred_at = posting->occurred_at;
		legs[i].input = input;
		legs[i].line = line;
	}
	return n;
}

inv_status inv__legs_of_postings(inv__arena *arena, const inv_posting *const *postings,
                                 size_t count, inv__leg **legs, size_t *leg_count)
{
	size_t lines = 0, n = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < postings[i]->lines.count; j++)
			lines += inv__moved_count(
				&INV_LIST_AT(postings[i]->lines, inv_posting_line, j)->parts);
	*legs = inv__arena_array(arena, lines ? lines * 2 : 1, sizeof **legs);
	if (!*legs)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < postings[i]->lines.count; j++)
			n += inv__legs_of_line(postings[i], i, j, arena, &(*legs)[n]);
	*leg_count = n;
	return INV_OK;
}

/* The net change of the shop's stock; lines that move nothing count as they were entered. */
static inv_status sum_units(inv__call *call, size_t index, inv_posting *posting)
{
	for (size_t i = 0; i < posting->lines.count; i++) {
		const inv_posting_line *l = INV_LIST_AT(posting->lines, inv_posting_line, i);
		int64_t sign = (int64_t)l->to_physical - (int64_t)l->from_physical;

		if (!l->to_physical && !l->from_physical)
			sign = 1;
		for (size_t k = 0; k < inv__moved_count(&l->parts); k++) {
			inv__moved moved = {.quantity = l->quantity};

			inv__moved_take(&l->parts, k, &moved);
			if (!inv__add(posting->units, moved.quantity * sign, &posting->units))
				return inv__call_fail(call, INV_E_LIMIT, index, "lines",
				                      "the posting moves more than can be counted");
		}
	}
	return INV_OK;
}

static inv_posting_line *line_of(inv_posting *posting, size_t line)
{
	return (inv_posting_line *)(uintptr_t)INV_LIST_AT(posting->lines, inv_posting_line, line);
}

static size_t count_moved(const inv_posting *posting)
{
	size_t n = 0;

	for (size_t i = 0; i < posting->lines.count; i++)
		n += inv__moved_count(&INV_LIST_AT(posting->lines, inv_posting_line, i)->parts);
	return n;
}

inv_status inv__shortage_event(inv__call *call, const inv__accounts *accounts,
                               const inv__event *when, inv_shortage *s)
{
	inv_status rc;

	if (s->lines.count == 0 && !s->clamped)
		return INV_OK;
	s->struct_size = sizeof *s;
	s->source = when->subject;
	rc = inv__holds_list(call, accounts, &s->lines, &s->holds);
	return rc == INV_OK ? inv__call_event(call, INV_EVENT_stock_shortage, when->subject,
	                                      when->occurred_at, when->business_date, s)
	                    : rc;
}

/* One stock.shortage for each posting that went short or whose instant was set back. */
static inv_status add_shortage(inv__call *call, const inv__accounts *accounts,
                               inv_posting *posting, bool clamped)
{
	const inv__event when = {.subject = posting->id, .occurred_at = posting->occurred_at,
	                         .business_date = posting->business_date};
	inv_shortage *s = inv__arena_zalloc(call->arena, sizeof *s);
	inv_shortage_line *lines = inv__arena_array(call->arena, count_moved(posting), sizeof *lines);
	size_t n = 0;

	if (!s || !lines)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < posting->lines.count; i++) {
		const inv_posting_line *l = line_of(posting, i);

		n += inv__shortage_lines(&l->parts, l->product, l->from_location, l->shortfall, lines + n);
	}
	s->clamped = clamped;
	s->lines = inv_list_of(lines, n, sizeof *lines);
	return inv__shortage_event(call, accounts, &when, s);
}

/* The accounts were claimed for the legs the input foretold; the legs that stand now touch the same
 * accounts or fewer, so what they hold is taken over by account. */
static inv_status guard_legs(inv__call *call, inv__stock_state *s, inv_posting *postings,
                             const inv__scene *scene, inv__leg *legs, size_t leg_count)
{
	const inv__guard_rule rule = {scene->guard, postings[0].kind == INV_POSTING_KIND_ADJUSTMENT,
	                              scene->backorder_limit};
	int64_t *shortfalls = inv__arena_array(call->arena, leg_count ? leg_count : 1, sizeof(int64_t));
	inv_status rc = shortfalls ? INV_OK : inv__call_no_memory(call);

	if (rc == INV_OK)
		rc = inv__accounts_sum(call, legs, leg_count, &s->accounts, &s->sums);
	if (rc == INV_OK)
		rc = inv__guard(call, rule, &s->sums, legs, leg_count, shortfalls);
	if (rc == INV_OK)
		rc = inv__guard_nodes(call, rule, &s->accounts, legs, leg_count);
	for (size_t k = 0; rc == INV_OK && k < leg_count; k++) {
		inv_posting_line *line = line_of(&postings[legs[k].input], legs[k].line);

		inv__shortfall_note(&legs[k], shortfalls[k], &line->parts, &line->shortfall);
	}
	return rc;
}

inv_status inv__postings_finish(inv__call *call, inv_posting *postings, const inv__scene *scenes,
                                const bool *clamped, inv__stock_state *state)
{
	const inv_posting **list = inv__arena_array(call->arena, call->count, sizeof *list);
	inv__leg *legs;
	size_t leg_count;
	inv_status rc = list ? INV_OK : inv__call_no_memory(call);

	for (size_t i = 0; rc == INV_OK && i < call->count; i++) {
		list[i] = &postings[i];
		rc = sum_units(call, i, &postings[i]);
	}
	if (rc == INV_OK)
		rc = inv__legs_of_postings(call->arena, list, call->count, &legs, &leg_count);
	if (rc == INV_OK)
		rc = inv__accounts_read(call, &state->accounts);
	if (rc == INV_OK)
		rc = inv__commits_take(call, &state->commits, &state->accounts, legs, leg_count);
	if (rc == INV_OK)
		rc = inv__legs_sort(call->arena, &legs, &leg_count);
	if (rc == INV_OK)
		rc = inv__legs_absorb(call, &state->accounts, &legs, &leg_count);
	if (rc == INV_OK)
		rc = guard_legs(call, state, postings, &scenes[0], legs, leg_count);
	if (rc == INV_OK)
		rc = inv__holds_expire(call, &scenes[0], &state->accounts);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++) {
		inv_posting *p = &postings[i];

		rc = inv__call_event(call, INV_EVENT_stock_posted, p->id, p->occurred_at, p->business_date,
		                     p);
		if (rc == INV_OK)
			inv__call_event_place(call, p->location.id, p->channel.id);
		if (rc == INV_OK)
			rc = inv__commits_events(call, &state->commits, i, p->id, p->occurred_at,
			                         p->business_date);
		if (rc == INV_OK)
			rc = add_shortage(call, &state->accounts, p, clamped[i]);
	}
	return rc == INV_OK ? inv__watch(call, &scenes[0], &state->sums) : rc;
}

INV__SQL(SQL_REVERSED,
         "UPDATE posting SET reversed_by = ?1 WHERE id = ?2");

inv_status inv__apply_stock(inv__apply *apply, const inv__event *events, size_t count)
{
	const inv_posting **list = inv__arena_array(apply->arena, count, sizeof *list);
	inv__leg *legs;
	size_t leg_count;
	inv_status rc;

	if (!list)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		list[i] = events[i].payload;
	rc = inv__rows_put(apply->batch, inv_schema_table(INV_TABLE_posting), (const void *const *)list,
	                   count, false);
	if (rc == INV_OK)
		rc = inv__legs_of_postings(apply->arena, list, count, &legs, &leg_count);
	for (size_t i = 0; rc == INV_OK && i < leg_count; i++)
		legs[i].event = events[legs[i].input].id;
	if (rc == INV_OK)
		rc = inv__legs_apply(apply, legs, leg_count);
	for (size_t i = 0; rc == INV_OK && i < count; i++) {
		if (inv_id_is_none(list[i]->reverses.id))
			continue;
		inv__batch_add(apply->batch, &SQL_REVERSED);
		inv__batch_id(apply->batch, list[i]->id);
		inv__batch_id(apply->batch, list[i]->reverses.id);
		rc = apply->batch->status;
	}
	return rc;
}
