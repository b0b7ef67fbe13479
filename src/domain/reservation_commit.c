/* SPDX-License-Identifier: MIT */
/* reservation.commit: goods that are held leave. Each input is an issue of one line, or of one for
 * each lot that is picked, made by the same rules as any other. */
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
	inv_list *lines;        /* of each input: posting lines, one for each lot or unit */
	enum { FORETOLD, ASKED, PICKED } stage; /* do they name the goods? */
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

/* Lines as far as is known: the quantity may be what is open. */
static inv_status make_lines(inv__call *call, commit_state *s)
{
	s->lines = inv__arena_array(call->arena, call->count, sizeof *s->lines);
	if (!s->lines)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		inv_posting_line *line = inv__arena_zalloc(call->arena, sizeof *line);

		if (!line)
			return inv__call_no_memory(call);
		fill_line(inv__call_input(call, i), &s->reserved.list[s->reserved.of[i]], line);
		s->lines[i] = inv_list_of(line, 1, sizeof *line);
	}
	return INV_OK;
}

static void add_leg(inv__call *call, inv__stock_state *stock, size_t input, size_t line,
                    const inv_posting_line *l)
{
	const inv_reservation_commitment *in = inv__call_input(call, input);
	inv__leg *leg = &stock->legs[stock->leg_count++];

	*leg = (inv__leg){.product = l->product.id, .location = l->from_location.id,
	                  .occurred_at = inv__scene_foretell(call, in->occurred_at),
	                  .input = input, .line = line};
	leg->lot = inv__str_fold(call->arena, l->lot);
	leg->serial = inv__str_fold(call->arena, l->serial);
}

/* What the lines rest on. */
static inv_status claim_lines(inv__call *call, commit_state *s)
{
	inv__stock_state *stock = &s->stock;
	inv_id *products = inv__arena_array(call->arena, call->count, sizeof *products);
	size_t count = 0;
	bool alone = false;
	inv_status rc;

	for (size_t i = 0; i < call->count; i++)
		count += s->lines[i].count;
	stock->leg_count = 0;
	stock->legs = inv__arena_array(call->arena, count, sizeof *stock->legs);
	stock->place_ids = inv__arena_array(call->arena, call->count, sizeof *stock->place_ids);
	rc = inv__commits_make(call, count, &stock->commits);
	if (rc != INV_OK || !products || !stock->legs || !stock->place_ids)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		const inv_posting_line *line = INV_LIST_AT(s->lines[i], inv_posting_line, 0);

		products[i] = line->product.id;
		stock->place_ids[i] = line->from_location.id;
		/* What holds goods of a larger place is changed by one at a time. */
		alone |= s->reserved.list[s->reserved.of[i]].subtree != 0;
		for (size_t k = 0; k < s->lines[i].count; k++) {
			add_leg(call, stock, i, k, INV_LIST_AT(s->lines[i], inv_posting_line, k));
			inv__commits_add(&stock->commits, line->reservation.id, i, k);
		}
	}
	rc = inv__places_claim(call, stock->place_ids, call->count, &stock->places);
	if (rc == INV_OK) /* what leaves comes nowhere: serials need no more */
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

/* The reservation of an input as it is once its accounts are locked. */
static const inv_reservation *reservation_of(const commit_state *s, size_t input)
{
	return &s->stock.commits.reserved.list[s->reserved.of[input]];
}

static inv_posting_line *first_line(const commit_state *s, size_t input)
{
	return (inv_posting_line *)(uintptr_t)INV_LIST_AT(s->lines[input], inv_posting_line, 0);
}

/* Several inputs may take of one reservation: they are checked in their order, from the start. */
static inv_status begin_checks(inv__call *call, commit_state *s)
{
	size_t distinct = s->stock.commits.reserved.count;

	s->left = inv__arena_array(call->arena, distinct, sizeof *s->left);
	for (size_t n = 0; s->left && n < distinct; n++)
		s->left[n] = s->stock.commits.reserved.list[n];
	return s->left ? INV_OK : inv__call_no_memory(call);
}

/* May the input's goods leave? `line` is its first. */
static inv_status check_line(inv__call *call, const commit_state *s, size_t i, bool open,
                             inv_posting_line *line)
{
	const inv_reservation_commitment *in = inv__call_input(call, i);
	inv_reservation *r = &s->left[s->reserved.of[i]];
	inv__part part = {i, 0, "reservation", in->quantity};
	inv__line_units units = {i, 0, 0, line->lot, line->serial, open};
	inv_status rc = inv__part_check(call, r, &part);

	if (rc == INV_OK && r->subtree && inv_id_is_none(in->location.id))
		rc = inv__call_fail(call, INV_E_INVALID, i, "location",
		                    "name the location that the goods leave");
	if (rc == INV_OK)
		rc = inv__place_check(call, &s->stock.places.list[i], i, "location");
	if (rc != INV_OK)
		return rc;
	if (s->stage != PICKED)
		line->quantity = part.quantity;
	units.quantity = line->quantity;
	inv__part_end(call, r, &part, INV_RESERVATION_STATE_COMMITTED);
	return inv__line_check(call, &s->stock.products.list[i], &units);
}

static inv_status make_posting(inv__call *call, commit_state *s, size_t i, const inv__scene *scene,
                               inv_posting *out, bool *clamped)
{
	const inv_reservation_commitment *in = inv__call_input(call, i);
	inv_status rc = check_line(call, s, i, false, first_line(s, i));

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
	out->line_count = (int64_t)s->lines[i].count;
	out->lines = s->lines[i];
	rc = inv__call_id(call, &out->id);
	return rc == INV_OK ? inv__scene_instant(call, scene, i, &out->occurred_at,
	                                         &out->business_date, clamped)
	                    : rc;
}

/* The answer is what is left of each reservation, behind the last of its lines. */
static inv_status answer(inv__call *call, const commit_state *s)
{
	inv_reservation *out = inv__call_outputs(call, call->count);

	if (!out)
		return inv__call_no_memory(call);
	for (size_t use = 0; use < s->stock.commits.count; use++)
		out[s->stock.commits.inputs[use]] = s->stock.commits.after[use];
	return INV_OK;
}

static inv_status finish(inv__call *call, commit_state *s)
{
	inv_posting *postings = inv__arena_array(call->arena, call->count, sizeof *postings);
	bool *clamped = inv__arena_array(call->arena, call->count, sizeof *clamped);
	inv_status rc = postings && clamped ? begin_checks(call, s) : inv__call_no_memory(call);

	for (size_t i = 0; rc == INV_OK && i < call->count; i++)
		rc = make_posting(call, s, i, &s->scenes[i], &postings[i], &clamped[i]);
	if (rc == INV_OK)
		rc = inv__postings_finish(call, postings, s->scenes, clamped, &s->stock);
	return rc == INV_OK ? answer(call, s) : rc;
}

/* ---- picking ---- */

static size_t count_wants(const inv__call *call, const commit_state *s)
{
	size_t n = 0;

	for (size_t i = 0; i < call->count; i++)
		n += inv__picks_line(&s->stock.products.list[i], first_line(s, i)->lot,
		                     first_line(s, i)->serial);
	return n;
}

/* What is to be picked: lines that name neither lot nor serial. */
static inv_status ask(inv__call *call, commit_state *s)
{
	inv__stock_state *stock = &s->stock;
	size_t count = count_wants(call, s);
	inv_status rc = INV_OK;

	if (count == 0)
		return INV_OK;
	stock->wants = inv__arena_array(call->arena, count, sizeof *stock->wants);
	if (!stock->wants)
		return inv__call_no_memory(call);
	rc = begin_checks(call, s);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++) {
		inv_posting_line *line = first_line(s, i);
		const inv_reservation_commitment *in = inv__call_input(call, i);
		inv__pick_want *want;

		rc = check_line(call, s, i, true, line);
		if (!inv__picks_line(&stock->products.list[i], line->lot, line->serial))
			continue;
		want = &stock->wants[stock->want_count++];
		*want = (inv__pick_want){.input = i, .quantity = line->quantity};
		want->from = (inv__pick_spot){.product = line->product.id,
		                              .location = line->from_location.id,
		                              .rule = stock->products.list[i].picking,
		                              .at = inv__scene_foretell(call, in->occurred_at)};
	}
	if (rc != INV_OK)
		return rc;
	call->more = true;
	s->stage = ASKED;
	return inv__picks_claim(call, stock->wants, stock->want_count, &stock->picks);
}

static inv_status fill_parts(inv__call *call, inv_list *lines, const inv__pick_want *want)
{
	inv_posting_line *list = inv__arena_array(call->arena, want->part_count, sizeof *list);

	if (!list)
		return inv__call_no_memory(call);
	for (size_t k = 0; k < want->part_count; k++) {
		list[k] = *INV_LIST_AT(*lines, inv_posting_line, 0);
		list[k].lot = want->parts[k].lot;
		list[k].serial = want->parts[k].serial;
		list[k].quantity = want->parts[k].free;
	}
	*lines = inv_list_of(list, want->part_count, sizeof *list);
	return INV_OK;
}

/* What others of the command name or have bound is theirs. */
static void use_named(inv__call *call, const commit_state *s)
{
	for (size_t i = 0; i < call->count; i++) {
		const inv_posting_line *line = INV_LIST_AT(s->lines[i], inv_posting_line, 0);
		const inv_reservation *r = reservation_of(s, i);
		const inv__pick_spot spot = {.product = line->product.id,
		                             .location = line->from_location.id};

		if (line->lot.len + line->serial.len > 0 && r->lot.len + r->serial.len == 0)
			inv__picks_use(&s->stock.picks, &spot, line->lot,
			               inv__str_fold(call->arena, line->serial), line->quantity);
	}
}

static inv_status take(inv__call *call, commit_state *s)
{
	inv__stock_state *stock = &s->stock;
	inv_status rc = inv__picks_read(call, &stock->picks);

	if (rc == INV_OK)
		use_named(call, s);
	for (size_t i = 0; rc == INV_OK && i < stock->want_count; i++) {
		inv__pick_want *want = &stock->wants[i];

		rc = inv__picks_take(call, &stock->picks, want);
		if (rc == INV_OK)
			rc = inv__picks_check(call, want);
		if (rc == INV_OK)
			rc = fill_parts(call, &s->lines[want->input], want);
	}
	s->stage = PICKED;
	return rc == INV_OK ? claim_lines(call, s) : rc;
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

static inv_status foretell(inv__call *call, commit_state *s)
{
	inv_status rc = make_lines(call, s);

	return rc == INV_OK ? claim_lines(call, s) : rc;
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

static inv_status begin(inv__call *call, commit_state *s)
{
	inv_status rc = inv__reserved_read(call, &s->reserved);

	if (rc == INV_OK)
		rc = check_found(call, s);
	if (rc == INV_OK)
		rc = read_scenes(call, s);
	return rc == INV_OK ? foretell(call, s) : rc;
}

/* First the reservations, then what they hold; then what there is to pick, and that. */
inv_status inv__decide_reservation_commit(inv__call *call)
{
	commit_state *s = call->state;
	inv_status rc;

	if (call->phase == 0)
		return begin(call, s);
	inv__places_read(call, &s->stock.places);
	inv__products_read(call, &s->stock.products);
	rc = inv__reserved_read(call, &s->stock.commits.reserved);
	if (rc == INV_OK && s->stage == ASKED)
		return take(call, s);
	if (rc == INV_OK && s->stage == FORETOLD && take_over(s))
		return foretell(call, s);
	if (rc == INV_OK && s->stage == FORETOLD)
		rc = ask(call, s);
	return rc == INV_OK && !call->more ? finish(call, s) : rc;
}
