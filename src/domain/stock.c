/* SPDX-License-Identifier: MIT */
/* Receive, issue, move and adjust: one way from a stock command to a posting. */
#include "domain/stock.h"

#include "domain/ops.h"
#include "domain/stock_lines.h"
#include "util/id.h"
#include "util/number.h"
#include "util/text.h"

static int32_t kind_of(const inv__call *call)
{
	switch (call->op->number) {
	case INV_OP_stock_receive:
		return INV_POSTING_KIND_RECEIPT;
	case INV_OP_stock_issue:
		return INV_POSTING_KIND_ISSUE;
	case INV_OP_stock_move:
		return INV_POSTING_KIND_TRANSFER;
	default:
		return INV_POSTING_KIND_ADJUSTMENT;
	}
}

/* The physical accounts a line may touch, as far as the input alone tells: its place, and for a
 * move the place it goes to. Decide knows which of them do hold stock. */
static size_t legs_of_input(inv__call *call, const inv_stock_line *l, int32_t kind,
                            inv__leg legs[2])
{
	inv_id here = inv_id_is_none(l->location.id) ? call->session.location : l->location.id;

	memset(legs, 0, 2 * sizeof *legs);
	legs[0].product = l->product.id;
	legs[0].location = here;
	legs[0].owner = l->owner;
	legs[0].condition = l->condition;
	legs[0].lot = inv__str_fold(call->arena, l->lot);
	legs[0].serial = inv__str_fold(call->arena, l->serial);
	if (kind != INV_POSTING_KIND_TRANSFER)
		return 1;
	legs[1] = legs[0];
	legs[1].location = inv_id_is_none(l->to_location.id) ? here : l->to_location.id;
	legs[1].condition = l->to_condition;
	return 2;
}

inv_status inv__stock_claim_lines(inv__call *call, inv__stock_state *s)
{
	int32_t kind = kind_of(call);
	bool serials = false;
	inv_id *ids;
	inv_str *codes;
	size_t n = 0;
	inv_status rc;

	s->line_count = s->leg_count = 0;
	for (size_t i = 0; i < call->count; i++)
		s->line_count += s->entries[i].lines.count;
	ids = inv__arena_array(call->arena, s->line_count, sizeof *ids);
	codes = inv__arena_array(call->arena, s->line_count, sizeof *codes);
	s->legs = inv__arena_array(call->arena, s->line_count * 2, sizeof *s->legs);
	if (!ids || !codes || !s->legs)
		return inv__call_no_memory(call);
	rc = inv__commits_make(call, s->line_count, &s->commits);
	if (rc != INV_OK)
		return rc;
	for (size_t i = 0; i < call->count; i++) {
		const inv_stock_entry *in = &s->entries[i];

		for (size_t j = 0; j < in->lines.count; j++) {
			const inv_stock_line *l = INV_LIST_AT(in->lines, inv_stock_line, j);
			size_t made = legs_of_input(call, l, kind, &s->legs[s->leg_count]);

			codes[n] = l->unit;
			ids[n++] = l->product.id;
			/* What leaves comes nowhere, so it cannot come twice. */
			serials |= l->serial.len > 0 && kind != INV_POSTING_KIND_ISSUE;
			inv__commits_add(&s->commits, l->reservation.id, i, j);
			for (size_t k = 0; k < made; k++) {
				s->legs[s->leg_count + k].occurred_at =
					inv__scene_foretell(call, in->occurred_at);
				s->legs[s->leg_count + k].input = i;
				s->legs[s->leg_count + k].line = j;
			}
			s->leg_count += made;
		}
	}
	rc = inv__products_claim(call, ids, s->line_count, serials || s->commits.count > 0,
	                         &s->products);
	if (rc == INV_OK)
		rc = inv__units_claim(call, ids, codes, s->line_count, &s->units);
	if (rc == INV_OK)
		rc = inv__accounts_claim(call, &s->legs, &s->leg_count, &s->accounts);
	/* A count may leave less than is reserved, and then tells whose it is. */
	s->accounts.list_holds = kind == INV_POSTING_KIND_ADJUSTMENT;
	return rc == INV_OK ? inv__commits_claim(call, &s->commits) : rc;
}

static inv_status claim(inv__call *call)
{
	inv__stock_state *s = inv__arena_zalloc(call->arena, sizeof *s);
	inv__scene_ids *wanted = inv__arena_array(call->arena, call->count, sizeof *wanted);
	inv_status rc;

	if (!s || !wanted)
		return inv__call_no_memory(call);
	call->state = s;
	s->entries = call->inputs;
	rc = inv__scene_claim(call, wanted, call->count, &s->scenes);
	if (rc == INV_OK)
		rc = inv__stock_places(call, s);
	if (rc == INV_OK)
		rc = inv__places_claim(call, s->place_ids, s->place_count, &s->places);
	if (rc == INV_OK)
		rc = inv__stock_claim_lines(call, s);
	return rc == INV_OK && kind_of(call) == INV_POSTING_KIND_RECEIPT
	               ? inv__lot_receipts_claim(call, &s->lots)
	               : rc;
}

/* The head of posting `index`: everything but its lines. */
static inv_status posting_head(inv__call *call, size_t index, const inv__scene *scene,
                               inv_posting *out, bool *clamped)
{
	const inv__stock_state *s = call->state;
	const inv_stock_entry *in = &s->entries[index];

	out->kind = kind_of(call);
	out->occurred_at = in->occurred_at;
	out->location = inv_ref_of(scene->location);
	out->channel = inv_ref_of(scene->channel);
	out->actor = call->actor;
	out->reason = in->reason;
	out->document = in->document;
	out->note = in->note;
	out->line_count = (int64_t)in->lines.count;
	out->id = in->id;
	if (inv_id_is_none(out->id)) {
		inv_status rc = inv__call_new_id(call, &out->id);

		if (rc != INV_OK)
			return rc;
	}
	return inv__scene_instant(call, scene, index, &out->occurred_at, &out->business_date, clamped);
}

inv__stock_ask inv__stock_ask_of(const inv__stock_state *s, int32_t kind, size_t input,
                                 size_t line, size_t from)
{
	const inv_stock_entry *entry = &s->entries[input];

	return (inv__stock_ask){input, line, kind, INV_LIST_AT(entry->lines, inv_stock_line, line),
	                        &s->products.list[from + line],
	                        s->units.list ? &s->units.list[from + line] : NULL};
}

static inv_status posting_lines(inv__call *call, inv__stock_state *s, size_t index, size_t from,
                                inv_posting *out)
{
	const inv_stock_entry *in = &s->entries[index];
	size_t count = in->lines.count;
	inv_posting_line *lines = inv__arena_array(call->arena, count, sizeof *lines);
	inv_status rc = lines ? INV_OK : inv__call_no_memory(call);

	for (size_t j = 0; rc == INV_OK && j < count; j++) {
		const inv__stock_ask ask = inv__stock_ask_of(s, out->kind, index, j, from);

		if (ask.product->archived && out->kind == INV_POSTING_KIND_RECEIPT)
			rc = inv__call_fail(call, INV_E_STATE, index,
			                    inv__line_field(call, "lines", j, "product"),
			                    "the product is archived");
		else
			rc = inv__stock_line(call, s, &ask, &lines[j]);
	}
	out->lines = inv_list_of(lines, count, sizeof *lines);
	return rc;
}

/* Turn a signed difference, or a count, into a quantity with a direction. */
static inv_status direct(inv__call *call, const inv__stock_ask *ask, int64_t held,
                         inv_posting_line *out)
{
	const inv_stock_line *in = ask->in;
	int64_t difference = out->quantity, expected = in->expected;
	inv_status rc = in->compare ? inv__stock_base(call, ask, "expected", &expected) : INV_OK;

	if (rc != INV_OK)
		return rc;
	if (in->compare && expected != held) {
		char text[24];

		inv__decimal_format(held, 6, text);
		return inv__call_fail(call, INV_E_CONFLICT, ask->input,
		                      inv__line_field(call, "lines", ask->line, "expected"),
		                      "the account holds %s", text);
	}
	if (in->set && !inv__sub(out->quantity, held, &difference))
		return inv__call_fail(call, INV_E_LIMIT, ask->input,
		                      inv__line_field(call, "lines", ask->line, "quantity"),
		                      "the difference is more than can be counted");
	out->quantity = difference < 0 ? -difference : difference;
	if (difference > 0)
		inv__posting_line_turn(out);
	return INV_OK;
}

static bool counted_twice(const inv__leg *legs, size_t count, const inv__leg *leg)
{
	size_t same = 0;

	for (size_t i = 0; i < count && same < 2; i++)
		same += !legs[i].beside && inv__leg_compare(&legs[i], leg) == 0;
	return same > 1;
}

static inv_status direct_lines(inv__call *call, inv__stock_state *s, size_t index, size_t from,
                               inv_posting *posting)
{
	const inv_stock_entry *entry = &s->entries[index];
	inv_status rc = inv__accounts_read(call, &s->accounts);

	for (size_t j = 0; rc == INV_OK && j < entry->lines.count; j++) {
		const inv__stock_ask ask = inv__stock_ask_of(s, posting->kind, index, j, from);
		inv_posting_line *out =
			(inv_posting_line *)(uintptr_t)INV_LIST_AT(posting->lines, inv_posting_line, j);
		inv__leg leg[2];

		if (!out->from_physical && !out->to_physical)
			continue;
		legs_of_input(call, ask.in, posting->kind, leg);
		inv__leg_number(&leg[0]);
		if (ask.in->set && counted_twice(s->legs, s->leg_count, &leg[0]))
			rc = inv__call_fail(call, INV_E_INVALID, index,
			                    inv__line_field(call, "lines", j, "product"),
			                    "the account is there twice: it cannot be set to two counts");
		else
			rc = direct(call, &ask, inv__accounts_on_hand(&s->accounts, &leg[0]), out);
	}
	return rc;
}

static inv_status make_postings(inv__call *call, inv__stock_state *s)
{
	inv_posting *out = inv__call_outputs(call, call->count);
	size_t from = 0;
	inv_status rc = INV_OK;

	s->postings = out;
	s->scene_list = inv__arena_array(call->arena, call->count, sizeof *s->scene_list);
	s->clamped = inv__arena_array(call->arena, call->count, sizeof *s->clamped);
	if (!out || !s->scene_list || !s->clamped)
		return inv__call_no_memory(call);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++) {
		rc = inv__scene_read(call, &s->scenes, i, &s->scene_list[i]);
		if (i == 0) /* the scene may tell of one */
			inv__places_read(call, &s->places);
		if (rc == INV_OK)
			rc = posting_head(call, i, &s->scene_list[i], &out[i], &s->clamped[i]);
		if (rc == INV_OK)
			rc = posting_lines(call, s, i, from, &out[i]);
		if (rc == INV_OK && out[i].kind == INV_POSTING_KIND_ADJUSTMENT)
			rc = direct_lines(call, s, i, from, &out[i]);
		from += out[i].lines.count;
	}
	return rc == INV_OK ? inv__lot_receipts_check(call, s->lots) : rc;
}

/* Lines are picked, then they become postings, then kits their parts. */
static inv_status make(inv__call *call, inv__stock_state *s)
{
	inv_status rc = INV_OK;

	inv__products_read(call, &s->products);
	inv__units_read(call, &s->units);
	if (kind_of(call) == INV_POSTING_KIND_ISSUE)
		rc = inv__stock_pick(call, s);
	return rc == INV_OK && !call->more ? make_postings(call, s) : rc;
}

static inv_status decide(inv__call *call)
{
	inv__stock_state *s = call->state;
	inv_status rc = s->step == INV__STOCK_LINES ? make(call, s) : INV_OK;

	if (rc == INV_OK && !call->more)
		rc = inv__stock_kits(call, s);
	if (rc != INV_OK || call->more)
		return rc;
	rc = inv__postings_finish(call, s->postings, s->scene_list, s->clamped, s);
	return rc == INV_OK ? inv__lot_receipts_events(call, s->lots) : rc;
}

#define STOCK_OPERATION(name) \
	inv_status inv__claim_stock_##name(inv__call *call) \
	{ \
		return claim(call); \
	} \
	inv_status inv__decide_stock_##name(inv__call *call) \
	{ \
		return decide(call); \
	}

STOCK_OPERATION(receive)
STOCK_OPERATION(issue)
STOCK_OPERATION(move)
STOCK_OPERATION(adjust)
