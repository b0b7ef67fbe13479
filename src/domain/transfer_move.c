/* SPDX-License-Identifier: MIT */
/* Goods of a transfer that move: shipped, received, returned. Each makes one posting, by the same
 * rules as any other, and changes the quantities of lines. */
#include "domain/ops.h"
#include "domain/transfer.h"
#include "domain/well_known.h"
#include "util/id.h"
#include "util/number.h"
#include "util/text.h"

typedef struct move_state {
	inv__stock_state stock; /* first: postings_finish reads it */
	inv__documents before;
	inv_transfer *t;
	inv_posting posting;
	inv_posting_line *lines;
	size_t *asked;          /* by line of the posting: the line that was asked for, from 0 */
	size_t line_count;
	bool named;             /* lines were asked for by number */
} move_state;

/* A line of the question: the fields that ship, receive and return have in common, and theirs. */
typedef struct ask {
	size_t index;           /* from 0; its place in the question, or in the transfer */
	int64_t line;           /* from 1 */
	inv_str lot, serial;
	inv_id reservation;
	int64_t quantity;
	int64_t damaged, lost;
} ask;

static bool receives(const inv__call *call)
{
	return call->op->number == INV_OP_transfer_receive;
}

static bool ships(const inv__call *call)
{
	return call->op->number == INV_OP_transfer_ship;
}

/* Both inputs begin alike. */
_Static_assert(offsetof(inv_transfer_step, lines) == offsetof(inv_transfer_receipt, lines) &&
               offsetof(inv_transfer_step, note) == offsetof(inv_transfer_receipt, note),
               "transfer_step and transfer_receipt differ");

static const inv_transfer_step *input(const inv__call *call)
{
	return inv__call_input(call, 0);
}

static inv_status claim(inv__call *call)
{
	move_state *s = inv__arena_zalloc(call->arena, sizeof *s);
	inv__scene_ids *wanted = inv__arena_zalloc(call->arena, sizeof *wanted);
	inv_status rc;

	if (!s || !wanted)
		return inv__call_no_memory(call);
	call->state = s;
	s->before = (inv__documents)INV__TRANSFERS;
	rc = inv__scene_claim(call, wanted, 1, &s->stock.scenes);
	return rc == INV_OK ? inv__documents_claim(call, &s->before, &input(call)->transfer.id, 1) : rc;
}

/* ---- what is asked for ---- */

/* With no lines: every line of which there is something. */
static ask ask_of(const inv__call *call, const move_state *s, size_t i)
{
	const inv_list *list = &input(call)->lines;
	ask a = {.index = i, .line = (int64_t)i + 1, .lot = {"", 0}, .serial = {"", 0}};

	if (!s->named)
		return a;
	if (receives(call)) {
		const inv_transfer_arrival *in = INV_LIST_AT(*list, inv_transfer_arrival, i);

		a.line = in->line;
		a.lot = in->lot;
		a.serial = in->serial;
		a.quantity = in->received;
		a.damaged = in->damaged;
		a.lost = in->lost;
	} else {
		const inv_transfer_part *in = INV_LIST_AT(*list, inv_transfer_part, i);

		a.line = in->line;
		a.lot = in->lot;
		a.serial = in->serial;
		a.quantity = in->quantity;
		a.reservation = in->reservation.id;
	}
	return a;
}

static inv_status fail(inv__call *call, const ask *a, inv_status status, const char *field,
                       const char *why)
{
	return inv__call_fail(call, status, 0, inv__line_field(call, "lines", a->index, field), "%s",
	                      why);
}

static bool same_code(inv__arena *arena, inv_str a, inv_str b)
{
	return inv__str_equal(inv__str_fold(arena, a), inv__str_fold(arena, b));
}

/* A lot or a unit that is named must be the line's. */
static inv_status check_codes(inv__call *call, const ask *a, const inv_transfer_line *l)
{
	if (a->lot.len > 0 && l->lot.len > 0 && !same_code(call->arena, a->lot, l->lot))
		return fail(call, a, INV_E_INVALID, "lot", "the line is of another lot");
	if (a->serial.len > 0 && l->serial.len > 0 && !same_code(call->arena, a->serial, l->serial))
		return fail(call, a, INV_E_INVALID, "serial", "the line is of another unit");
	return INV_OK;
}

/* How much there is of the line, and whether that is enough. */
static inv_status check_enough(inv__call *call, ask *a, int64_t there)
{
	static const char *const fields[] = {"quantity", "damaged", "lost"};
	const int64_t parts[] = {a->quantity, a->damaged, a->lost};
	int64_t left = there;
	char text[24];

	if (there == 0)
		return fail(call, a, INV_E_STATE, "line",
		            ships(call) ? "nothing of it is left to be shipped"
		                        : "nothing of it is on the way");
	if (a->quantity == 0 && a->damaged == 0 && a->lost == 0)
		a->quantity = there;
	for (size_t k = 0; k < 3; k++) {
		const char *field = k == 0 && receives(call) ? "received" : fields[k];

		if (parts[k] <= left) {
			left -= parts[k];
			continue;
		}
		inv__decimal_format(left, 6, text);
		return inv__call_fail(call, INV_E_STATE, 0,
		                      inv__line_field(call, "lines", a->index, field),
		                      ships(call) ? "only %s is left to be shipped"
		                                  : "only %s is still on the way",
		                      text);
	}
	return INV_OK;
}

/* ---- shipped ---- */

/* A part of a line that left its lot or its units open becomes a line of its own; the whole of it
 * is that line. */
static inv_status bind_line(inv__call *call, inv_transfer *t, const ask *a, size_t *line)
{
	inv_transfer_line *l = inv__transfer_line_of(t, *line);
	bool binds = (a->lot.len > 0 && l->lot.len == 0) || (a->serial.len > 0 && l->serial.len == 0);
	size_t count = t->lines.count;
	inv_transfer_line *all;

	if (!binds)
		return INV_OK;
	if (a->quantity < l->quantity) {
		if (count == INV_LIMIT_LINES)
			return fail(call, a, INV_E_LIMIT, "line", "the transfer has as many lines as it may");
		all = inv__arena_array(call->arena, count + 1, sizeof *all);
		if (!all)
			return inv__call_no_memory(call);
		for (size_t i = 0; i < count; i++)
			all[i] = *inv__transfer_line_of(t, i);
		all[count] = all[*line];
		all[*line].quantity -= a->quantity;
		all[count].quantity = a->quantity;
		all[count].shipped = all[count].cancelled = 0;
		all[count].received = all[count].damaged = all[count].lost = all[count].returned = 0;
		t->lines = inv_list_of(all, count + 1, sizeof *all);
		*line = count;
		l = &all[count];
	}
	if (a->lot.len > 0)
		l->lot = inv__arena_str(call->arena, a->lot);
	if (a->serial.len > 0)
		l->serial = inv__arena_str(call->arena, a->serial);
	return l->lot.ptr && l->serial.ptr ? INV_OK : inv__call_no_memory(call);
}

/* ---- lines of the posting ---- */

static void add_line(move_state *s, const ask *a, const inv_transfer_line *l, int64_t quantity)
{
	inv_posting_line *out = &s->lines[s->line_count];

	s->asked[s->line_count++] = a->index;
	out->struct_size = sizeof *out;
	out->product = l->product;
	out->quantity = quantity;
	out->from_location = s->t->transit_location;
	out->to_location = s->t->to_location;
	out->from_condition = out->to_condition = l->condition;
	out->from_physical = out->to_physical = 1;
	out->lot = l->lot;
	out->serial = l->serial;
	out->owner = l->owner;
}

static void add_shipped(move_state *s, const ask *a, inv_transfer_line *l)
{
	l->shipped += a->quantity;
	add_line(s, a, l, a->quantity);
	s->lines[s->line_count - 1].from_location = s->t->from_location;
	s->lines[s->line_count - 1].to_location = s->t->transit_location;
	s->lines[s->line_count - 1].reservation = inv_ref_of(a->reservation);
	inv__commits_add(&s->stock.commits, a->reservation, 0, s->line_count - 1);
}

static void add_returned(move_state *s, const ask *a, inv_transfer_line *l)
{
	l->returned += a->quantity;
	add_line(s, a, l, a->quantity);
	s->lines[s->line_count - 1].to_location = s->t->from_location;
}

static void add_arrived(move_state *s, const ask *a, inv_transfer_line *l)
{
	l->received += a->quantity;
	l->damaged += a->damaged;
	l->lost += a->lost;
	if (a->quantity > 0)
		add_line(s, a, l, a->quantity);
	if (a->damaged > 0) {
		add_line(s, a, l, a->damaged);
		s->lines[s->line_count - 1].to_condition = INV_CONDITION_DAMAGED;
	}
	if (a->lost > 0) {
		add_line(s, a, l, a->lost);
		s->lines[s->line_count - 1].to_location = inv_ref_of(INV__LOCATION_SCRAP);
		s->lines[s->line_count - 1].to_physical = 0;
	}
}

static inv_status take(inv__call *call, move_state *s, ask *a)
{
	size_t line = (size_t)a->line - 1;
	inv_transfer_line *l;
	inv_status rc;

	if (line >= s->t->lines.count)
		return fail(call, a, INV_E_NOT_FOUND, "line", "the transfer has no such line");
	l = inv__transfer_line_of(s->t, line);
	rc = check_codes(call, a, l);
	if (rc == INV_OK)
		rc = check_enough(call, a, ships(call) ? inv__transfer_unshipped(l)
		                                       : inv__transfer_underway(l));
	if (rc == INV_OK && !ships(call) && !inv_id_is_none(a->reservation))
		rc = fail(call, a, INV_E_INVALID, "reservation", "only goods that are shipped take one");
	if (rc == INV_OK && ships(call))
		rc = bind_line(call, s->t, a, &line);
	if (rc != INV_OK)
		return rc;
	l = inv__transfer_line_of(s->t, line);
	if (ships(call))
		add_shipped(s, a, l);
	else if (receives(call))
		add_arrived(s, a, l);
	else
		add_returned(s, a, l);
	return INV_OK;
}

static bool is_something(const inv__call *call, const move_state *s, size_t i)
{
	const inv_transfer_line *l = inv__transfer_line_of(s->t, i);

	return (ships(call) ? inv__transfer_unshipped(l) : inv__transfer_underway(l)) > 0;
}

static inv_status take_all(inv__call *call, move_state *s)
{
	size_t count = s->named ? input(call)->lines.count : s->t->lines.count;
	inv_status rc = inv__commits_make(call, count, &s->stock.commits);

	s->lines = inv__arena_array(call->arena, count * 3, sizeof *s->lines);
	s->asked = inv__arena_array(call->arena, count * 3, sizeof *s->asked);
	if (rc != INV_OK || !s->lines || !s->asked)
		return inv__call_no_memory(call);
	for (size_t i = 0; rc == INV_OK && i < count; i++) {
		ask a = ask_of(call, s, i);

		if (s->named || is_something(call, s, i))
			rc = take(call, s, &a);
	}
	return rc;
}

/* ---- the machine ---- */

static inv_status check_state(inv__call *call, const inv_transfer *t)
{
	const inv__transfer_sums sums = inv__transfer_sum(t);
	bool open = t->state == INV_TRANSFER_STATE_REQUESTED || t->state == INV_TRANSFER_STATE_SHIPPED;

	if (ships(call) && (!open || !sums.unshipped))
		return inv__call_fail(call, INV_E_STATE, 0, "transfer",
		                      "nothing of it is to be shipped: it is %s",
		                      inv__transfer_state_name(t->state));
	if (!ships(call) && !sums.underway)
		return inv__call_fail(call, INV_E_STATE, 0, "transfer",
		                      "nothing of it is on the way: it is %s",
		                      inv__transfer_state_name(t->state));
	return INV_OK;
}

static inv_status claim_accounts(inv__call *call, move_state *s)
{
	inv_id *products = inv__arena_array(call->arena, s->line_count, sizeof *products);
	const inv_posting *list[1] = {&s->posting};
	bool serials = false;
	inv_status rc;

	if (!products)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < s->line_count; i++) {
		products[i] = s->lines[i].product.id;
		serials |= s->lines[i].serial.len > 0;
	}
	s->posting.lines = inv_list_of(s->lines, s->line_count, sizeof *s->lines);
	s->posting.occurred_at = inv__scene_foretell(call, input(call)->occurred_at);
	rc = inv__products_claim(call, products, s->line_count, serials || s->stock.commits.count > 0,
	                         &s->stock.products);
	if (rc != INV_OK)
		return rc;
	if (inv__legs_of_postings(call->arena, list, 1, &s->stock.legs, &s->stock.leg_count) != INV_OK)
		return inv__call_no_memory(call);
	rc = inv__accounts_claim(call, &s->stock.legs, &s->stock.leg_count, &s->stock.accounts);
	return rc == INV_OK ? inv__commits_claim(call, &s->stock.commits) : rc;
}

static inv_status foretell(inv__call *call, move_state *s)
{
	inv_status rc;

	s->t = inv__call_outputs(call, 1);
	rc = s->t ? inv__documents_read(call, &s->before, s->t, "transfer") : INV_E_NO_MEMORY;
	if (rc == INV_OK)
		rc = check_state(call, s->t);
	s->named = input(call)->lines.count > 0;
	if (rc == INV_OK)
		rc = take_all(call, s);
	if (rc == INV_OK)
		rc = claim_accounts(call, s);
	call->more = rc == INV_OK;
	return rc;
}

/* ---- posting and event ---- */

static inv_status check_units(inv__call *call, const move_state *s)
{
	inv_status rc = INV_OK;

	for (size_t i = 0; rc == INV_OK && i < s->line_count; i++) {
		const inv_posting_line *l = &s->lines[i];
		const inv__line_units units = {0, s->asked[i], l->quantity, l->lot, l->serial, false};

		rc = inv__line_check(call, &s->stock.products.list[i], &units);
	}
	return rc;
}

static inv_status fill_posting(inv__call *call, move_state *s, const inv__scene *scene,
                               bool *clamped)
{
	inv_posting *p = &s->posting;

	p->struct_size = sizeof *p;
	p->kind = INV_POSTING_KIND_TRANSFER;
	p->occurred_at = input(call)->occurred_at;
	p->location = inv_ref_of(scene->location);
	p->channel = inv_ref_of(scene->channel);
	p->actor = call->actor;
	p->document = s->t->number;
	p->note = input(call)->note;
	p->source = s->t->id;
	p->line_count = (int64_t)s->line_count;
	*clamped = false;
	if (inv__call_new_id(call, &p->id) != INV_OK)
		return INV_E_INTERNAL;
	s->t->posting = p->id;
	return inv__scene_instant(call, scene, 0, &p->occurred_at, &p->business_date, clamped);
}

/* The guard names lines of the posting; the caller knows those that were asked for. */
static inv_status name_asked(inv__call *call, const move_state *s, inv_status rc)
{
	char *field = call->error->field;
	size_t line = 0, at = sizeof "lines[" - 1;
	const char *rest;

	if (rc != INV_E_INSUFFICIENT || strncmp(field, "lines[", at) != 0)
		return rc;
	for (; field[at] >= '0' && field[at] <= '9'; at++)
		line = line * 10 + (size_t)(field[at] - '0');
	rest = receives(call) ? "received" : "quantity";
	if (line < s->line_count)
		inv__format(field, sizeof call->error->field, "lines[%zu].%s", s->asked[line], rest);
	return rc;
}

static uint32_t event_of(const inv__call *call)
{
	if (ships(call))
		return INV_EVENT_transfer_shipped;
	return receives(call) ? INV_EVENT_transfer_received : INV_EVENT_transfer_returned;
}

static inv_status finish(inv__call *call, move_state *s)
{
	inv__event when;
	inv__scene scene;
	bool clamped;
	inv_status rc = inv__scene_read(call, &s->stock.scenes, 0, &scene);

	inv__products_read(call, &s->stock.products);
	if (rc == INV_OK)
		rc = check_units(call, s);
	if (rc == INV_OK)
		rc = fill_posting(call, s, &scene, &clamped);
	if (rc == INV_OK)
		rc = name_asked(call, s, inv__postings_finish(call, &s->posting, &scene, &clamped,
		                                              &s->stock));
	when.occurred_at = s->posting.occurred_at;
	when.business_date = s->posting.business_date;
	return rc == INV_OK ? inv__transfer_changed(call, s->t, event_of(call), &when) : rc;
}

static inv_status decide(inv__call *call)
{
	return call->phase == 0 ? foretell(call, call->state) : finish(call, call->state);
}

#define MOVE(name) \
	inv_status inv__claim_transfer_##name(inv__call *call) \
	{ \
		return claim(call); \
	} \
	inv_status inv__decide_transfer_##name(inv__call *call) \
	{ \
		return decide(call); \
	}

MOVE(ship)
MOVE(receive)
MOVE(return)
