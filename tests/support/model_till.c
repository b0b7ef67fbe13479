/* SPDX-License-Identifier: MIT */
/* The model's till: sales and refunds. Amounts are in 10^-4 of the currency unit. */
#include "support/model.h"

#include <string.h>

#define CENT 100

__extension__ typedef __int128 wide;

/* numerator / denominator to the nearest, halves to the even one. */
static int64_t half_even(wide numerator, wide denominator)
{
	bool negative = numerator < 0;
	wide n = negative ? -numerator : numerator;
	wide q = n / denominator, rest = n % denominator;

	if (rest * 2 > denominator || (rest * 2 == denominator && q % 2 == 1))
		q++;
	return (int64_t)(negative ? -q : q);
}

static int64_t floor_div(wide numerator, wide denominator)
{
	wide q = numerator / denominator;

	return (int64_t)(numerator % denominator < 0 ? q - 1 : q);
}

/* The sale that a refund belongs to, and a line of it; NULL when it names none. */
static const model_sold *origin_of(const model *m, const model_document *doc, const model_line *l)
{
	const model_sale *sale = doc->original >= 0 ? &m->sales[doc->original] : NULL;

	if (!sale || l->original_line < 1 || l->original_line > sale->count)
		return NULL;
	return &sale->lines[l->original_line - 1];
}

/* Parts of a line come to what the line came to, however it is cut. */
static int64_t share_of(const model_sold *was, int64_t before, int64_t quantity)
{
	return floor_div((wide)was->amount * (before + quantity), was->quantity) -
	       floor_div((wide)was->amount * before, was->quantity);
}

/* What the lines of a refund before this one give back of the same line. */
static int64_t taken_before(const model_document *doc, const model_line *l)
{
	int64_t sum = 0;

	for (const model_line *i = doc->lines; i < l; i++)
		if (i->original_line == l->original_line)
			sum += i->quantity;
	return sum;
}

static model_sold sold_line(const model *m, const model_document *doc, const model_line *l,
                            int place, bool refund)
{
	const model_sold *was = refund ? origin_of(m, doc, l) : NULL;
	const model_product *p = &m->products[l->product];
	int64_t price = l->list_price ? p->price : l->price;
	model_sold s;

	memset(&s, 0, sizeof s);
	s.product = l->product;
	s.place = l->place == MODEL_NONE ? place : l->place;
	s.condition = l->condition;
	s.lot = was && !l->lot ? was->lot : l->lot;
	s.serial = was && !l->serial ? was->serial : l->serial;
	s.quantity = l->quantity;
	s.price = price;
	s.amount = half_even((wide)l->quantity * price, INV_QUANTITY_ONE) - l->discount;
	if (was)
		s.amount = share_of(was, was->refunded + taken_before(doc, l), l->quantity);
	if (refund)
		s.amount = -s.amount;
	return s;
}

static inv_status check_line(const model *m, const model_line *l, const model_sold *was)
{
	const model_product *p;
	int lot = was && !l->lot ? was->lot : l->lot;
	int serial = was && !l->serial ? was->serial : l->serial;

	if (l->product < 0 || l->place == MODEL_UNKNOWN)
		return INV_E_NOT_FOUND;
	p = &m->products[l->product];
	if (l->quantity % model_pow10(6 - p->decimals) != 0)
		return INV_E_INVALID;
	if ((p->tracking == INV_TRACKING_LOT) != (lot != 0) ||
	    (p->tracking == INV_TRACKING_SERIAL) != (serial != 0))
		return INV_E_INVALID;
	if (was && ((was->lot && lot != was->lot) || (was->serial && serial != was->serial)))
		return INV_E_INVALID;
	if (serial && l->quantity != INV_QUANTITY_ONE)
		return INV_E_INVALID;
	return l->place == MODEL_NONE || m->places[l->place].physical ? INV_OK : INV_E_INVALID;
}

static inv_status check_refund(const model *m, const model_document *doc, const model_line *l)
{
	const model_sold *was = origin_of(m, doc, l);

	if (doc->original == MODEL_NONE)
		return l->original_line == 0 ? INV_OK : INV_E_INVALID;
	return was && was->product == l->product ? INV_OK : INV_E_INVALID;
}

static model_answer fail(model *m, const model_document *doc, inv_status status)
{
	model_answer a = {status, false, 0, 0, 0};

	if (m->broken == MODEL_BREAK_TICKET)
		m->last_number[doc->till]++;
	return a;
}

/* Is nothing of the sale left with this refund? Prices are always those of the sale here. */
static bool last_of(const model_sale *sale, const model_document *doc)
{
	for (int line = 1; line <= sale->count; line++) {
		int64_t back = sale->lines[line - 1].refunded;

		for (int i = 0; i < doc->count; i++)
			back += doc->lines[i].original_line == line ? doc->lines[i].quantity : 0;
		if (back < sale->lines[line - 1].quantity)
			return false;
	}
	return true;
}

/* A voucher gives no change; coins are of a cent at least; refunds end where the sale does. */
static inv_status pay(const model *m, model_sale *s, const model_document *doc)
{
	const model_sale *sale = s->refund && doc->original >= 0 ? &m->sales[doc->original] : NULL;

	s->total = half_even(s->subtotal, CENT) * CENT;
	if (sale && (last_of(sale, doc) || s->total < sale->refunded - sale->total))
		s->total = sale->refunded - sale->total;
	if (doc->tender >= MODEL_PAY_CASH && doc->paid % CENT != 0)
		return INV_E_INVALID;
	if (doc->tender == MODEL_PAY_SHORT)
		return doc->paid == s->total ? INV_OK : INV_E_INVALID;
	if (doc->tender == MODEL_PAY_CASH)
		s->change = doc->paid - s->total;
	return s->change >= 0 ? INV_OK : INV_E_INVALID;
}

int64_t model_due(const model *m, const model_command *c, int document)
{
	const model_document *doc = &c->documents[document];
	int64_t sum = 0;

	for (int i = 0; i < doc->count; i++)
		if (doc->lines[i].product >= 0)
			sum += sold_line(m, doc, &doc->lines[i], 0, c->verb == MODEL_REFUND).amount;
	return half_even(sum, CENT) * CENT;
}

/* Lines of one refund may give the same line back in parts. */
static bool too_much(const model *m, const model_document *doc)
{
	const model_sale *sale = doc->original >= 0 ? &m->sales[doc->original] : NULL;

	for (int line = 1; sale && line <= sale->count; line++) {
		const model_sold *was = &sale->lines[line - 1];
		int64_t back = was->refunded;

		for (int i = 0; i < doc->count; i++)
			if (doc->lines[i].original_line == line)
				back += doc->lines[i].quantity;
		if (back > was->quantity)
			return true;
	}
	return false;
}

static void note_refund(model *m, const model_document *doc, int64_t total)
{
	for (int i = 0; doc->original >= 0 && i < doc->count; i++) {
		int line = doc->lines[i].original_line;

		m->sales[doc->original].lines[line - 1].refunded += doc->lines[i].quantity;
	}
	if (doc->original >= 0)
		m->sales[doc->original].refunded -= total;
}

typedef struct till_work {
	model_sale made[MODEL_DOCUMENTS];
	model_pending pending[MODEL_PENDING];
	int pending_count;
	bool clamped[MODEL_DOCUMENTS];
} till_work;

static inv_status make(const model *m, const model_command *c, int d, till_work *w)
{
	const model_document *doc = &c->documents[d];
	model_sale *out = &w->made[d];
	bool refund = c->verb == MODEL_REFUND;
	int64_t at;
	inv_status rc = model_instant(c, d, &at, &w->clamped[d]);

	if (rc == INV_OK && refund && doc->original >= 0 && at < m->sales[doc->original].occurred_at)
		rc = INV_E_INVALID;
	out->occurred_at = at;
	out->refund = refund;
	out->till = doc->till;
	out->count = doc->count;
	for (int i = 0; rc == INV_OK && i < doc->count; i++) {
		const model_line *l = &doc->lines[i];
		model_sold *s = &out->lines[i];

		rc = check_line(m, l, refund ? origin_of(m, doc, l) : NULL);
		if (rc == INV_OK && refund)
			rc = check_refund(m, doc, l);
		if (rc != INV_OK)
			return rc;
		*s = sold_line(m, doc, l, doc->till == 0 ? 0 : c->place, refund);
		if (refund ? s->amount > 0 : s->amount < 0)
			return INV_E_INVALID; /* a discount of more than the line comes to */
		out->subtotal += s->amount;
		if (m->products[s->product].non_stocked ||
		    (refund && l->no_restock && m->broken != MODEL_BREAK_RESTOCK))
			continue;
		w->pending[w->pending_count++] = (model_pending){
			{s->product, s->place, s->condition, s->lot, s->serial, 0},
			refund ? s->quantity : -s->quantity, at, d, i};
	}
	if (rc == INV_OK && refund && too_much(m, doc))
		return INV_E_STATE;
	return rc;
}

/* What is seen without looking at the shop. */
static bool sound(const model_command *c)
{
	for (int d = 0; d < c->count; d++) {
		const model_document *doc = &c->documents[d];

		for (int i = 0; i < doc->count; i++)
			if (doc->lines[i].quantity <= 0 || doc->lines[i].discount < 0)
				return false;
		if (doc->count == 0)
			return false;
	}
	return true;
}

model_answer model_till(model *m, const model_command *c)
{
	static till_work w;
	model_answer a = {INV_OK, false, c->count, m->sale_count, 0};
	bool short_in[MODEL_DOCUMENTS];

	memset(&w, 0, sizeof w);
	if (!sound(c))
		return fail(m, &c->documents[0], INV_E_INVALID);
	for (int d = 0; a.status == INV_OK && d < c->count; d++)
		a.status = make(m, c, d, &w);
	for (int d = 0; a.status == INV_OK && d < c->count; d++)
		a.status = pay(m, &w.made[d], &c->documents[d]);
	if (a.status == INV_OK)
		a.status = model_guard(m, c, w.pending, w.pending_count, &a.shortfall, short_in);
	if (a.status != INV_OK)
		return fail(m, &c->documents[0], a.status);
	model_write(m, c, w.pending, w.pending_count, m->event_count);
	for (int d = 0; d < c->count; d++) {
		model_sale *sale = &w.made[d];

		sale->event = m->event_count++;
		sale->number = ++m->last_number[sale->till];
		m->sales[m->sale_count++] = *sale;
		if (c->verb == MODEL_REFUND)
			note_refund(m, &c->documents[d], sale->total);
		a.events += short_in[d] || w.clamped[d];
	}
	return a;
}
