/* SPDX-License-Identifier: MIT */
/* reservation.commit: goods that are held leave. Each input is an issue of one line, made by the
 * same rules as any other. */
#include "domain/ops.h"
#include "domain/stock.h"
#include "domain/stock_lines.h"
#include "domain/well_known.h"
#include "util/id.h"
#include "util/text.h"

typedef struct commit_state {
	inv__stock_state stock; /* first: postings_finish reads it */
	inv__reserved reserved; /* as they were before their accounts were claimed */
	inv_reservation *left;  /* and what the inputs before this one leave of them */
	inv__scene *scenes;
} commit_state;

inv_status inv__claim_reservation_commit(inv__call *call)
{
	commit_state *s = inv__arena_zalloc(call->arena, sizeof *s);
	inv__scene_ids *wanted = inv__arena_array(call->arena, call->count, sizeof *wanted);
	inv_id *ids = inv__arena_array(call->arena, call->count, sizeof *ids);
	inv_status rc;

	if (!s || !wanted || !ids)
		return inv__call_no_memory(call);
	call->state = s;
	for (size_t i = 0; i < call->count; i++)
		ids[i] = ((const inv_reservation_commitment *)inv__call_input(call, i))->reservation.id;
	rc = inv__scene_claim(call, wanted, call->count, &s->stock.scenes);
	return rc == INV_OK ? inv__reserved_claim(call, ids, call->count, &s->reserved) : rc;
}

static inv_str either(inv_str given, inv_str otherwise)
{
	return given.len > 0 ? given : otherwise;
}

/* The line that takes the goods, from what is asked for and what is held. */
static void fill_line(const inv_reservation_commitment *in, const inv_reservation *r,
                      inv_posting_line *line)
{
	line->struct_size = sizeof *line;
	line->product = r->product;
	line->quantity = in->quantity ? in->quantity : r->open;
	line->from_location = inv_ref_of(inv_id_is_none(in->location.id) ? r->location.id
	                                                                 : in->location.id);
	line->from_physical = 1;
	line->to_location = inv_ref_of(INV__LOCATION_CUSTOMER);
	line->lot = either(in->lot, r->lot);
	line->serial = either(in->serial, r->serial);
	line->reservation = inv_ref_of(r->id);
}

static inv_status foretell(inv__call *call, commit_state *s)
{
	inv__stock_state *stock = &s->stock;
	inv_id *products = inv__arena_array(call->arena, call->count, sizeof *products);
	bool alone = false;
	inv_status rc = inv__commits_make(call, call->count, &stock->commits);

	stock->line_count = call->count;
	stock->leg_count = 0;
	stock->legs = inv__arena_array(call->arena, call->count, sizeof *stock->legs);
	stock->place_ids = inv__arena_array(call->arena, call->count, sizeof *stock->place_ids);
	if (rc != INV_OK || !products || !stock->legs || !stock->place_ids)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		const inv_reservation_commitment *in = inv__call_input(call, i);
		inv_posting_line line = INV_POSTING_LINE_INIT;
		inv_posting posting = {.occurred_at = inv__scene_foretell(call, in->occurred_at)};
		inv__leg legs[2];

		fill_line(in, &s->reserved.list[s->reserved.of[i]], &line);
		line.quantity = line.quantity ? line.quantity : 1; /* closed in the meantime */
		posting.lines = inv_list_of(&line, 1, sizeof line);
		inv__legs_of_line(&posting, i, 0, call->arena, legs);
		stock->legs[stock->leg_count++] = legs[0];
		products[i] = line.product.id;
		stock->place_ids[i] = line.from_location.id;
		/* What holds goods of a larger place is changed by one at a time. */
		alone |= line.serial.len > 0 || s->reserved.list[s->reserved.of[i]].subtree;
		inv__commits_add(&stock->commits, line.reservation.id, i, 0);
	}
	rc = inv__places_claim(call, stock->place_ids, call->count, &stock->places);
	if (rc == INV_OK)
		rc = inv__products_claim(call, products, call->count, alone, &stock->products);
	if (rc == INV_OK)
		rc = inv__accounts_claim(call, &stock->legs, &stock->leg_count, &stock->accounts);
	if (rc == INV_OK)
		rc = inv__commits_claim(call, &stock->commits);
	call->more = rc == INV_OK;
	return rc;
}

static inv_status check_found(inv__call *call, const commit_state *s)
{
	for (size_t i = 0; i < call->count; i++)
		if (!s->reserved.found[s->reserved.of[i]])
			return inv__call_fail(call, INV_E_NOT_FOUND, i, "reservation",
			                      "there is no such reservation");
	return INV_OK;
}

static inv_status check_place(inv__call *call, const commit_state *s, size_t i)
{
	const inv__place *place = &s->stock.places.list[i];

	if (!place->found)
		return inv__call_fail(call, INV_E_NOT_FOUND, i, "location", "there is no such location");
	if (place->archived)
		return inv__call_fail(call, INV_E_STATE, i, "location", "the location is archived");
	if (!inv__kind_is_physical(place->kind))
		return inv__call_fail(call, INV_E_INVALID, i, "location",
		                      "the location is virtual: it holds no stock");
	return INV_OK;
}

static inv_status make_posting(inv__call *call, commit_state *s, size_t i, const inv__scene *scene,
                               inv_posting *out, bool *clamped)
{
	const inv_reservation_commitment *in = inv__call_input(call, i);
	inv_posting_line *line = inv__arena_zalloc(call->arena, sizeof *line);
	inv_reservation *r = &s->left[s->reserved.of[i]];
	inv__part part = {i, 0, "reservation", in->quantity};
	inv__line_units units;
	inv_status rc = line ? inv__part_check(call, r, &part) : inv__call_no_memory(call);

	if (rc == INV_OK && r->subtree && inv_id_is_none(in->location.id))
		rc = inv__call_fail(call, INV_E_INVALID, i, "location",
		                    "name the location that the goods leave");
	if (rc == INV_OK)
		rc = check_place(call, s, i);
	if (rc != INV_OK)
		return rc;
	fill_line(in, r, line);
	inv__part_end(call, r, &part, INV_RESERVATION_STATE_COMMITTED);
	units = (inv__line_units){i, 0, line->quantity, line->lot, line->serial, false};
	rc = inv__line_check(call, &s->stock.products.list[i], &units);
	if (rc != INV_OK)
		return rc;
	out->struct_size = sizeof *out;
	out->kind = INV_POSTING_KIND_ISSUE;
	out->occurred_at = in->occurred_at;
	out->location = inv_ref_of(scene->location);
	out->channel = inv_ref_of(scene->channel);
	out->actor = call->actor;
	out->reason = in->reason;
	out->document = in->document;
	out->note = in->note;
	out->line_count = 1;
	out->lines = inv_list_of(line, 1, sizeof *line);
	rc = inv__call_id(call, &out->id);
	return rc == INV_OK ? inv__scene_instant(call, scene, i, &out->occurred_at,
	                                         &out->business_date, clamped)
	                    : rc;
}

/* The answer is what is left of each reservation. */
static inv_status answer(inv__call *call, const commit_state *s)
{
	inv_reservation *out = inv__call_outputs(call, call->count);

	if (!out)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++)
		out[i] = s->stock.commits.after[i];
	return INV_OK;
}

static inv_status finish(inv__call *call, commit_state *s)
{
	inv_posting *postings = inv__arena_array(call->arena, call->count, sizeof *postings);
	bool *clamped = inv__arena_array(call->arena, call->count, sizeof *clamped);
	size_t distinct = s->stock.commits.reserved.count;
	inv_status rc;

	s->left = inv__arena_array(call->arena, distinct, sizeof *s->left);
	rc = postings && clamped && s->left ? INV_OK : inv__call_no_memory(call);
	inv__places_read(call, &s->stock.places);
	inv__products_read(call, &s->stock.products);
	for (size_t n = 0; rc == INV_OK && n < distinct; n++)
		s->left[n] = s->stock.commits.reserved.list[n];
	for (size_t i = 0; rc == INV_OK && i < call->count; i++)
		rc = make_posting(call, s, i, &s->scenes[i], &postings[i], &clamped[i]);
	if (rc == INV_OK)
		rc = inv__postings_finish(call, postings, s->scenes, clamped, &s->stock);
	return rc == INV_OK ? answer(call, s) : rc;
}

/* Before other places are asked for: the scenes tell of theirs. */
static inv_status read_scenes(inv__call *call, commit_state *s)
{
	inv_status rc = INV_OK;

	s->scenes = inv__arena_array(call->arena, call->count, sizeof *s->scenes);
	if (!s->scenes)
		return inv__call_no_memory(call);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++)
		rc = inv__scene_read(call, &s->stock.scenes, i, &s->scenes[i]);
	return rc;
}

/* Before their accounts were locked, somebody may have bound one: its goods are elsewhere, or
 * of a lot. Then it begins again with what they are now. */
static bool take_over(commit_state *s)
{
	const inv__reserved *now = &s->stock.commits.reserved;
	bool moved = false;

	for (size_t n = 0; n < now->count; n++) {
		inv_reservation *was = &s->reserved.list[n];
		const inv_reservation *is = &now->list[n];

		moved |= inv__reservation_moved(was, is);
		*was = *is;
	}
	return moved;
}

inv_status inv__decide_reservation_commit(inv__call *call)
{
	commit_state *s = call->state;
	inv_status rc;

	if (call->phase > 0) {
		rc = inv__reserved_read(call, &s->stock.commits.reserved);
		if (rc != INV_OK)
			return rc;
		return take_over(s) ? foretell(call, s) : finish(call, s);
	}
	rc = inv__reserved_read(call, &s->reserved);
	if (rc == INV_OK)
		rc = check_found(call, s);
	if (rc == INV_OK)
		rc = read_scenes(call, s);
	return rc == INV_OK ? foretell(call, s) : rc;
}
