/* SPDX-License-Identifier: MIT */
/* Counts as they stand, given up, and from events to rows. */
#include "domain/count.h"

#include "domain/ops.h"
#include "domain/well_known.h"
#include "util/id.h"
#include "util/text.h"

inv__leg inv__count_leg(inv__arena *arena, const inv_count *c, size_t line)
{
	const inv_count_line *l = inv__count_line_of(c, line);
	inv__leg leg = {.product = l->product.id,
	                .location = l->location.id,
	                .owner = l->owner,
	                .lot = inv__str_fold(arena, l->lot),
	                .serial = inv__str_fold(arena, l->serial),
	                .condition = l->condition,
	                .other_location = INV__LOCATION_ADJUSTMENT,
	                .quantity = l->variance,
	                .asserts = true,
	                .occurred_at = l->counted_at,
	                .line = line};

	inv__leg_number(&leg);
	return leg;
}

inv_status inv__count_is_open(inv__call *call, const inv_count *c, const char *field)
{
	if (c->state < INV_COUNT_STATE_POSTED)
		return INV_OK;
	return inv__call_fail(call, INV_E_STATE, 0, field, "the count is %s",
	                      inv_schema_enum(INV_ENUM_count_state)->values[c->state].name);
}

inv_status inv__count_event(inv__call *call, const inv__scene *scene, inv_count *c, uint32_t event)
{
	int64_t now = call->now;
	int32_t date;
	bool clamped;
	inv_status rc = inv__scene_instant(call, scene, 0, &now, &date, &clamped);

	c->updated_at = call->now;
	c->line_count = (int64_t)c->lines.count;
	return rc == INV_OK ? inv__call_event(call, event, c->id, now, date, c) : rc;
}

/* ---- get ---- */

inv_status inv__claim_count_get(inv__call *call)
{
	return inv__documents_get(call, INV_TABLE_count, INV_TABLE_count_line);
}

inv_status inv__decide_count_get(inv__call *call)
{
	return inv__documents_got(call);
}

/* ---- discard ---- */

typedef struct discard_state {
	inv__scenes scenes;
	inv__documents before;
} discard_state;

inv_status inv__claim_count_discard(inv__call *call)
{
	const inv_lookup *in = inv__call_input(call, 0);
	discard_state *s = inv__arena_zalloc(call->arena, sizeof *s);
	inv__scene_ids *wanted = inv__arena_zalloc(call->arena, sizeof *wanted);
	inv_status rc;

	if (!s || !wanted)
		return inv__call_no_memory(call);
	call->state = s;
	s->before = (inv__documents)INV__COUNTS;
	rc = inv__scene_claim(call, wanted, 1, &s->scenes);
	return rc == INV_OK ? inv__documents_claim(call, &s->before, &in->ref.id, 1) : rc;
}

inv_status inv__decide_count_discard(inv__call *call)
{
	discard_state *s = call->state;
	inv_count *out = inv__call_outputs(call, 1);
	inv__scene scene;
	inv_status rc = out ? inv__documents_read(call, &s->before, out, "ref") : INV_E_NO_MEMORY;

	if (rc == INV_OK)
		rc = inv__count_is_open(call, out, "ref");
	if (rc == INV_OK)
		rc = inv__scene_read(call, &s->scenes, 0, &scene);
	out->state = INV_COUNT_STATE_DISCARDED;
	return rc == INV_OK ? inv__count_event(call, &scene, out, INV_EVENT_count_discarded) : rc;
}

/* ---- from events to rows ---- */

INV__SQL(SQL_LINES_DROP, "DELETE FROM count_line WHERE count = ?1");

static inv_status put(inv__apply *apply, const inv__event *event)
{
	const inv_count *c = event->payload;
	const void *record = c;
	const inv_list *list = &c->lines;
	bool made = event->desc->number == INV_EVENT_count_opened;
	inv_status rc;

	if (!made) {
		inv__batch_add(apply->batch, &SQL_LINES_DROP);
		inv__batch_id(apply->batch, c->id);
	}
	rc = inv__rows_put(apply->batch, inv_schema_table(INV_TABLE_count), &record, 1, !made);
	return rc == INV_OK ? inv__children_put(apply, INV_TABLE_count_line, &c->id, &list, 1) : rc;
}

inv_status inv__apply_count(inv__apply *apply, const inv__event *events, size_t count)
{
	inv_status rc = INV_OK;

	for (size_t i = 0; rc == INV_OK && i < count; i++)
		rc = put(apply, &events[i]);
	return rc;
}

static inv_status put_assertions(inv__apply *apply, const inv__event *event, const inv__leg *legs,
                                 size_t count)
{
	const inv_count *c = event->payload;
	inv_assertion *rows = inv__arena_array(apply->arena, count + 1, sizeof *rows);
	const void **list = inv__arena_array(apply->arena, count + 1, sizeof *list);

	if (!rows || !list)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		rows[i] = (inv_assertion){.struct_size = sizeof *rows,
		                          .account = legs[i].account,
		                          .occurred_at = legs[i].occurred_at,
		                          .event = event->id,
		                          .count = c->id,
		                          .line = (int64_t)legs[i].line + 1};
		list[i] = &rows[i];
	}
	return inv__rows_put(apply->batch, inv_schema_table(INV_TABLE_assertion), list, count, false);
}

/* What a count asserts absorbs what comes behind it, and not the other way round: one by one. */
static inv_status post(inv__apply *apply, const inv__event *event)
{
	const inv_count *c = event->payload;
	inv__leg *legs = inv__arena_array(apply->arena, c->lines.count + 1, sizeof *legs);
	inv__leg *sorted = inv__arena_array(apply->arena, c->lines.count + 1, sizeof *legs);
	size_t n = 0;
	inv_status rc = legs && sorted ? put(apply, event) : INV_E_NO_MEMORY;

	for (size_t i = 0; rc == INV_OK && i < c->lines.count; i++) {
		if (!inv__count_line_of(c, i)->is_counted)
			continue;
		legs[n] = inv__count_leg(apply->arena, c, i);
		legs[n++].event = event->id;
	}
	if (rc != INV_OK || n == 0)
		return rc;
	memcpy(sorted, legs, n * sizeof *legs);
	rc = inv__legs_apply(apply, sorted, n);
	if (rc == INV_OK)
		rc = put_assertions(apply, event, legs, n);
	apply->absorbs = true;
	return rc;
}

inv_status inv__apply_count_posted(inv__apply *apply, const inv__event *events, size_t count)
{
	inv_status rc = INV_OK;

	for (size_t i = 0; rc == INV_OK && i < count; i++)
		rc = post(apply, &events[i]);
	return rc;
}
