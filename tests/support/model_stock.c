/* SPDX-License-Identifier: MIT */
/* The model's stock commands: receive, issue, move, adjust, reverse. */
#include "support/model.h"

#include <string.h>

static inv_status check_product(const model *m, const model_line *l)
{
	const model_product *p;

	if (l->product < 0)
		return INV_E_NOT_FOUND;
	p = &m->products[l->product];
	if (l->quantity % model_pow10(6 - p->decimals) != 0)
		return INV_E_INVALID;
	if ((p->tracking == INV_TRACKING_LOT) != (l->lot != 0) ||
	    (p->tracking == INV_TRACKING_SERIAL) != (l->serial != 0))
		return INV_E_INVALID;
	if (l->serial && l->quantity != INV_QUANTITY_ONE && l->quantity != -INV_QUANTITY_ONE &&
	    l->quantity != 0)
		return INV_E_INVALID;
	return INV_OK;
}

static inv_status check_quantity(const model_command *c, const model_line *l)
{
	if (c->verb != MODEL_ADJUST)
		return l->quantity > 0 && !l->set && !l->compare && !l->expected ? INV_OK : INV_E_INVALID;
	if (l->set)
		return l->quantity >= 0 ? INV_OK : INV_E_INVALID;
	return l->quantity != 0 && !l->compare && !l->expected ? INV_OK : INV_E_INVALID;
}

static inv_status check_places(const model *m, const model_command *c, const model_line *l)
{
	int from = l->place == MODEL_NONE ? c->place : l->place;
	int to = l->to_place;

	if (from == MODEL_UNKNOWN || to == MODEL_UNKNOWN)
		return INV_E_NOT_FOUND;
	if (!m->places[from].physical)
		return INV_E_INVALID;
	if (c->verb == MODEL_RECEIVE || c->verb == MODEL_ADJUST)
		return to == MODEL_NONE && l->to_condition == 0 ? INV_OK : INV_E_INVALID;
	if (c->verb == MODEL_ISSUE)
		return to == MODEL_NONE || !m->places[to].physical ? INV_OK : INV_E_INVALID;
	to = to == MODEL_NONE ? from : to;
	if (!m->places[to].physical || (to == from && l->condition == l->to_condition))
		return INV_E_INVALID;
	return INV_OK;
}

static void turn(model_posted *p)
{
	model_posted was = *p;

	p->from = was.to;
	p->from_physical = was.to_physical;
	p->to = was.from;
	p->to_physical = was.from_physical;
}

/* The line as the ledger will have it; an adjustment's direction is not known yet. */
static model_posted post(const model *m, const model_command *c, const model_line *l)
{
	model_posted p;

	memset(&p, 0, sizeof p);
	p.from = (model_account){l->product, l->place == MODEL_NONE ? c->place : l->place,
	                         l->condition, l->lot, l->serial, l->owner};
	p.from_physical = true;
	p.quantity = l->quantity;
	p.to = p.from;
	if (c->verb == MODEL_MOVE) {
		p.to.place = l->to_place == MODEL_NONE ? p.from.place : l->to_place;
		p.to.condition = l->to_condition;
		p.to_physical = true;
	} else {
		p.to.place = MODEL_NONE;
	}
	if (c->verb == MODEL_RECEIVE)
		turn(&p);
	if (m->products[l->product].non_stocked)
		p.from_physical = p.to_physical = false;
	return p;
}

static bool touched_twice(const model_command *c, const model_account *account)
{
	int times = 0;

	for (int d = 0; d < c->count; d++)
		for (int i = 0; i < c->documents[d].count; i++) {
			const model_line *l = &c->documents[d].lines[i];
			model_account a = {l->product, l->place == MODEL_NONE ? c->place : l->place,
			                   l->condition, l->lot, l->serial, l->owner};

			times += model_account_equal(&a, account);
		}
	return times > 1;
}

static inv_status adjust(const model *m, const model_command *c, const model_line *l,
                         model_posted *p)
{
	int64_t difference = l->quantity, held;

	if (!p->from_physical)
		return INV_OK; /* noted as it was entered */
	held = model_holds(m, &p->from);
	if (l->set && touched_twice(c, &p->from))
		return INV_E_INVALID;
	if (l->compare && l->expected != held)
		return INV_E_CONFLICT;
	if (l->set)
		difference = l->quantity - held;
	p->quantity = difference < 0 ? -difference : difference;
	if (difference > 0)
		turn(p);
	return INV_OK;
}

static inv_status take_line(const model *m, const model_command *c, const model_line *l,
                            model_posted *out)
{
	inv_status rc = check_product(m, l);

	if (rc == INV_OK)
		rc = check_places(m, c, l);
	if (rc == INV_OK)
		rc = check_quantity(c, l);
	if (rc != INV_OK)
		return rc;
	if (m->products[l->product].non_stocked && (c->verb != MODEL_ADJUST || l->set))
		return INV_E_STATE;
	*out = post(m, c, l);
	return INV_OK;
}

/* What a ledger line does to the accounts that hold stock. */
static int pend(const model_posted *p, int64_t at, int document, int line, model_pending *out)
{
	int n = 0;

	if (p->from_physical && p->quantity)
		out[n++] = (model_pending){p->from, -p->quantity, at, document, line};
	if (p->to_physical && p->quantity)
		out[n++] = (model_pending){p->to, p->quantity, at, document, line};
	return n;
}

/* How many lots a receipt makes known: each has an event. */
static int learn_lots(model *m, const model_posting *made, int count)
{
	int news = 0;

	for (int d = 0; d < count; d++)
		for (int i = 0; i < made[d].count; i++) {
			const model_account *to = &made[d].lines[i].to;
			bool *known = &m->lots[to->product][to->lot];

			news += to->lot && !*known;
			*known |= to->lot != 0;
		}
	return news;
}

static model_answer finish(model *m, const model_command *c, const model_posting *made, int count,
                           const bool *clamped)
{
	model_answer a = {INV_OK, false, count, m->posting_count, 0};
	model_pending pending[MODEL_PENDING] = {{{0, 0, 0, 0, 0, 0}, 0, 0, 0, 0}};
	bool short_in[MODEL_DOCUMENTS];
	int n = 0;

	for (int d = 0; d < count; d++)
		for (int i = 0; i < made[d].count; i++)
			n += pend(&made[d].lines[i], made[d].occurred_at, d, i, &pending[n]);
	a.status = model_guard(m, c, pending, n, &a.shortfall, short_in);
	if (a.status != INV_OK)
		return a;
	model_write(m, c, pending, n, m->event_count);
	for (int d = 0; d < count; d++) {
		m->postings[m->posting_count] = made[d];
		m->postings[m->posting_count++].event = m->event_count++;
		a.events += short_in[d] || clamped[d];
	}
	if (c->verb == MODEL_RECEIVE)
		a.events += learn_lots(m, made, count);
	return a;
}

static model_answer reverse(model *m, const model_command *c)
{
	model_answer a = {INV_OK, false, 0, 0, 0};
	int original = c->documents[0].original;
	model_posting made;
	int64_t posted_at;
	bool clamped;

	if (original < 0)
		a.status = INV_E_NOT_FOUND;
	else if (m->postings[original].reversed || m->postings[original].reversal)
		a.status = INV_E_STATE;
	if (a.status != INV_OK)
		return a;
	made = m->postings[original];
	made.reversal = true;
	for (int i = 0; i < made.count; i++)
		turn(&made.lines[i]);
	posted_at = made.occurred_at;
	a.status = model_instant(c, 0, &made.occurred_at, &clamped);
	if (a.status == INV_OK && made.occurred_at < posted_at) {
		if (c->documents[0].occurred_at)
			a.status = INV_E_INVALID;
		made.occurred_at = posted_at;
	}
	if (a.status == INV_OK)
		a = finish(m, c, &made, 1, &clamped);
	if (a.status == INV_OK)
		m->postings[original].reversed = true;
	return a;
}

model_answer model_stock(model *m, const model_command *c)
{
	model_answer a = {INV_OK, false, 0, 0, 0};
	model_posting made[MODEL_DOCUMENTS];
	bool clamped[MODEL_DOCUMENTS];

	if (c->verb == MODEL_REVERSE)
		return reverse(m, c);
	memset(made, 0, sizeof made);
	for (int d = 0; d < c->count; d++)
		if (c->documents[d].count == 0)
			a.status = INV_E_INVALID;
	for (int d = 0; a.status == INV_OK && d < c->count; d++) {
		const model_document *doc = &c->documents[d];

		a.status = model_instant(c, d, &made[d].occurred_at, &clamped[d]);
		made[d].count = doc->count;
		for (int i = 0; a.status == INV_OK && i < doc->count; i++)
			a.status = take_line(m, c, &doc->lines[i], &made[d].lines[i]);
		for (int i = 0; a.status == INV_OK && i < doc->count; i++)
			if (c->verb == MODEL_ADJUST)
				a.status = adjust(m, c, &doc->lines[i], &made[d].lines[i]);
	}
	return a.status == INV_OK ? finish(m, c, made, c->count, clamped) : a;
}
