/* SPDX-License-Identifier: MIT */
/* Counts that are looked at, and become what the ledger says. */
#include "domain/count.h"
#include "domain/ops.h"
#include "util/id.h"
#include "util/number.h"

typedef struct post_state {
	inv__scenes scenes;
	inv__documents before;
	inv__variances variances;
	inv__accounts sums; /* what posting does to accounts */
} post_state;

static bool posts(const inv__call *call)
{
	return call->op->number == INV_OP_count_post;
}

static const char *field_of(const inv__call *call)
{
	return posts(call) ? "ref" : "count";
}

static inv_status claim(inv__call *call, inv_id id)
{
	post_state *s = inv__arena_zalloc(call->arena, sizeof *s);
	inv__scene_ids *wanted = inv__arena_zalloc(call->arena, sizeof *wanted);
	inv_status rc;

	if (!s || !wanted)
		return inv__call_no_memory(call);
	call->state = s;
	s->before = (inv__documents)INV__COUNTS;
	rc = inv__scene_claim(call, wanted, 1, &s->scenes);
	return rc == INV_OK ? inv__documents_claim(call, &s->before, &id, 1) : rc;
}

static inv_status read_count(inv__call *call, post_state *s)
{
	inv_count *c = inv__call_outputs(call, 1);
	inv_status rc = c ? inv__documents_read(call, &s->before, c, field_of(call)) : INV_E_NO_MEMORY;

	if (rc == INV_OK)
		rc = inv__count_is_open(call, c, field_of(call));
	if (rc != INV_OK)
		return rc;
	if (posts(call) && c->state != INV_COUNT_STATE_REVIEW)
		return inv__call_fail(call, INV_E_STATE, 0, "ref", "review it before it is posted");
	if (c->state == INV_COUNT_STATE_OPEN)
		return inv__call_fail(call, INV_E_STATE, 0, field_of(call), "nothing is counted yet");
	call->more = true;
	return inv__variances_claim(call, c, &s->variances);
}

/* ---- review ---- */

inv_status inv__claim_count_review(inv__call *call)
{
	return claim(call, ((const inv_count_approval *)inv__call_input(call, 0))->count.id);
}

static inv_status accept(inv__call *call, inv_count *c)
{
	const inv_count_approval *in = inv__call_input(call, 0);

	for (size_t i = 0; i < in->accept.count; i++) {
		size_t line = (size_t)INV_LIST_AT(in->accept, inv_count_accept, i)->line - 1;

		if (line >= c->lines.count || !inv__count_line_of(c, line)->is_counted)
			return inv__call_fail(call, INV_E_NOT_FOUND, 0,
			                      inv__line_field(call, "accept", i, "line"),
			                      "nothing is counted of such a line");
		inv__count_line_of(c, line)->accepted = 1;
	}
	for (size_t i = 0; in->accept_all && i < c->lines.count; i++)
		inv__count_line_of(c, i)->accepted = inv__count_line_of(c, i)->is_counted;
	return INV_OK;
}

inv_status inv__decide_count_review(inv__call *call)
{
	post_state *s = call->state;
	inv_count *c = call->outputs;
	inv__scene scene;
	inv_status rc;

	if (call->phase == 0)
		return read_count(call, s);
	rc = inv__scene_read(call, &s->scenes, 0, &scene);
	if (rc == INV_OK)
		rc = inv__variances_read(call, &s->variances, c);
	if (rc == INV_OK)
		rc = accept(call, c);
	c->state = INV_COUNT_STATE_REVIEW;
	return rc == INV_OK ? inv__count_event(call, &scene, c, INV_EVENT_count_reviewed) : rc;
}

/* ---- post ---- */

inv_status inv__claim_count_post(inv__call *call)
{
	return claim(call, ((const inv_lookup *)inv__call_input(call, 0))->ref.id);
}

static inv_status check_tolerance(inv__call *call, const inv_count *c)
{
	char text[24];

	for (size_t i = 0; i < c->lines.count; i++) {
		const inv_count_line *l = inv__count_line_of(c, i);

		if (!l->is_counted || l->accepted ||
		    (l->variance <= c->tolerance && l->variance >= -c->tolerance))
			continue;
		inv__decimal_format(l->variance, 6, text);
		return inv__call_fail(call, INV_E_STATE, 0, inv__line_field(call, "lines", i, NULL),
		                      "its variance of %s is out of tolerance: accept it, or count again",
		                      text);
	}
	return INV_OK;
}

/* Shortfalls by line, as the event of shortage tells of them. */
static inv_status tell_short(inv__call *call, post_state *s, const inv_count *c,
                             const inv__event *when, const int64_t *shortfalls)
{
	inv_shortage *shortage = inv__arena_zalloc(call->arena, sizeof *shortage);
	inv_shortage_line *lines = inv__arena_array(call->arena, c->lines.count + 1, sizeof *lines);
	size_t n = 0;

	if (!shortage || !lines)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < c->lines.count; i++) {
		if (shortfalls[i] == 0)
			continue;
		lines[n].struct_size = sizeof *lines;
		lines[n].product = inv__count_line_of(c, i)->product;
		lines[n].location = inv__count_line_of(c, i)->location;
		lines[n++].shortfall = shortfalls[i];
	}
	shortage->lines = inv_list_of(lines, n, sizeof *lines);
	return inv__shortage_event(call, &s->variances.accounts, when, shortage);
}

/* What is counted is not refused for what is reserved. */
static inv_status guard(inv__call *call, post_state *s, const inv__scene *scene, const inv_count *c,
                        int64_t *short_lines)
{
	const inv__guard_rule rule = {scene->guard, true, scene->backorder_limit};
	inv__variances *v = &s->variances;
	inv__leg *legs = inv__arena_array(call->arena, v->count + 1, sizeof *legs);
	size_t count = v->count;
	int64_t *shortfalls;
	inv_status rc = legs ? INV_OK : inv__call_no_memory(call);

	for (size_t i = 0; rc == INV_OK && i < count; i++)
		legs[i] = inv__count_leg(call->arena, c, v->asked[i]);
	if (rc == INV_OK && inv__legs_sort(call->arena, &legs, &count) != INV_OK)
		rc = inv__call_no_memory(call);
	if (rc == INV_OK)
		rc = inv__legs_absorb(call, &v->accounts, &legs, &count);
	if (rc == INV_OK)
		rc = inv__accounts_sum(call, legs, count, &v->accounts, &s->sums);
	shortfalls = inv__arena_array(call->arena, count + 1, sizeof *shortfalls);
	if (rc == INV_OK && !shortfalls)
		rc = inv__call_no_memory(call);
	if (rc == INV_OK)
		rc = inv__guard(call, rule, &s->sums, legs, count, shortfalls);
	for (size_t k = 0; rc == INV_OK && k < count; k++)
		if (shortfalls[k] > short_lines[legs[k].line])
			short_lines[legs[k].line] = shortfalls[k];
	return rc;
}

/* The event is dated as early as anything that it says: what lies before does not change (I7). */
static inv_status first_instant(inv__call *call, const inv__scene *scene, const inv_count *c,
                                inv__event *when)
{
	bool clamped;

	*when = (inv__event){.subject = c->id, .occurred_at = call->now};
	for (size_t i = 0; i < c->lines.count; i++) {
		const inv_count_line *l = inv__count_line_of(c, i);

		if (l->is_counted && l->counted_at < when->occurred_at)
			when->occurred_at = l->counted_at;
	}
	return inv__scene_instant(call, scene, 0, &when->occurred_at, &when->business_date, &clamped);
}

static inv_status finish(inv__call *call, post_state *s, inv_count *c)
{
	int64_t *short_lines = inv__arena_array(call->arena, c->lines.count + 1, sizeof *short_lines);
	inv__event when;
	inv__scene scene;
	inv_status rc = short_lines ? inv__scene_read(call, &s->scenes, 0, &scene)
	                            : inv__call_no_memory(call);

	if (rc == INV_OK)
		rc = inv__variances_read(call, &s->variances, c);
	if (rc == INV_OK)
		rc = check_tolerance(call, c);
	if (rc == INV_OK)
		rc = guard(call, s, &scene, c, short_lines);
	if (rc == INV_OK)
		rc = first_instant(call, &scene, c, &when);
	if (rc == INV_OK)
		rc = inv__holds_expire(call, &scene, &s->variances.accounts);
	c->state = INV_COUNT_STATE_POSTED;
	c->updated_at = call->now;
	if (rc == INV_OK)
		rc = inv__call_event(call, INV_EVENT_count_posted, c->id, when.occurred_at,
		                     when.business_date, c);
	if (rc == INV_OK)
		rc = tell_short(call, s, c, &when, short_lines);
	return rc == INV_OK ? inv__watch(call, &scene, &s->sums) : rc;
}

inv_status inv__decide_count_post(inv__call *call)
{
	post_state *s = call->state;

	return call->phase == 0 ? read_count(call, s) : finish(call, s, call->outputs);
}
