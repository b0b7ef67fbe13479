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

static inv_status check_line(const model *m, const model_line *l)
{
	const model_product *p;

	if (l->quantity <= 0 || l->discount < 0)
		return INV_E_INVALID;
	if (l->product < 0 || l->place == MODEL_UNKNOWN)
		return INV_E_NOT_FOUND;
	p = &m->products[l->product];
	if (l->quantity % model_pow10(6 - p->decimals) != 0)
		return INV_E_INVALID;
	if ((p->tracking == INV_TRACKING_LOT) != (l->lot != 0) ||
	    (p->tracking == INV_TRACKING_SERIAL) != (l->serial != 0))
		return INV_E_INVALID;
	if (l->serial && l->quantity != INV_QUANTITY_ONE)
		return INV_E_INVALID;
	return l->place == MODEL_NONE || m->places[l->place].physical ? INV_OK : INV_E_INVALID;
}

static model_sold sold_line(const model *m, const model_line *l, int place, bool refund)
{
	const model_product *p = &m->products[l->product];
	int64_t price = l->list_price ? p->price : l->price;
	model_sold s;

	memset(&s, 0, sizeof s);
	s.product = l->product;
	s.place = l->place == MODEL_NONE ? place : l->place;
	s.condition = l->condition;
	s.lot = l->lot;
	s.serial = l->serial;
	s.quantity = l->quantity;
	s.price = price;
	s.amount = half_even((wide)l->quantity * price, INV_QUANTITY_ONE) - l->discount;
	if (refund)
		s.amount = -s.amount;
	return s;
}

/* What may still be given back of the line that a refund names. */
static inv_status check_refund(const model *m, const model_document *doc, const model_line *l)
{
	const model_sale *sale;

	if (doc->original == MODEL_NONE)
		return l->original_line == 0 ? INV_OK : INV_E_INVALID;
	sale = &m->sales[doc->original];
	if (l->original_line < 1 || l->original_line > sale->count)
		return INV_E_INVALID;
	return INV_OK;
}

static model_answer fail(model *m, const model_document *doc, inv_status status)
{
	model_answer a = {status, false, 0, 0, 0};

	if (m->broken == MODEL_BREAK_TICKET)
		m->last_number[doc->till]++;
	return a;
}

static void pay(model_sale *s, const model_document *doc)
{
	s->total = half_even(s->subtotal, CENT) * CENT;
	s->change = doc->tender == MODEL_PAY_CASH ? doc->paid - s->total : 0;
}

int64_t model_due(const model *m, const model_command *c, int document)
{
	const model_document *doc = &c->documents[document];
	int64_t sum = 0;

	for (int i = 0; i < doc->count; i++)
		if (doc->lines[i].product >= 0)
			sum += sold_line(m, &doc->lines[i], 0, c->verb == MODEL_REFUND).amount;
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

static void note_refund(model *m, const model_document *doc)
{
	for (int i = 0; doc->original >= 0 && i < doc->count; i++) {
		int line = doc->lines[i].original_line;

		m->sales[doc->original].lines[line - 1].refunded += doc->lines[i].quantity;
	}
}

static inv_status make(const model *m, const model_command *c, int d, model_sale *out,
                       model_pending *pending, int *count, bool *clamped)
{
	const model_document *doc = &c->documents[d];
	bool refund = c->verb == MODEL_REFUND;
	int64_t at;
	inv_status rc = doc->count > 0 ? model_instant(c, d, &at, clamped) : INV_E_INVALID;

	out->refund = refund;
	out->till = doc->till;
	out->count = doc->count;
	for (int i = 0; rc == INV_OK && i < doc->count; i++) {
		const model_line *l = &doc->lines[i];
		model_sold *s = &out->lines[i];

		rc = check_line(m, l);
		if (rc == INV_OK && refund)
			rc = check_refund(m, doc, l);
		if (rc != INV_OK)
			return rc;
		*s = sold_line(m, l, doc->till == 0 ? 0 : c->place, refund);
		out->subtotal += s->amount;
		if (m->products[s->product].non_stocked ||
		    (refund && l->no_restock && m->broken != MODEL_BREAK_RESTOCK))
			continue;
		pending[(*count)++] = (model_pending){
			{s->product, s->place, s->condition, s->lot, s->serial, 0},
			refund ? s->quantity : -s->quantity, at, d, i};
	}
	if (rc == INV_OK && refund && too_much(m, doc))
		return INV_E_STATE;
	if (rc == INV_OK)
		pay(out, doc);
	return rc == INV_OK && doc->tender == MODEL_PAY_SHORT ? INV_E_INVALID : rc;
}

model_answer model_till(model *m, const model_command *c)
{
	model_answer a = {INV_OK, false, c->count, m->sale_count, 0};
	model_pending pending[MODEL_PENDING] = {{{0, 0, 0, 0, 0, 0}, 0, 0, 0, 0}};
	model_sale made[MODEL_DOCUMENTS];
	bool clamped[MODEL_DOCUMENTS], short_in[MODEL_DOCUMENTS];
	int n = 0;

	memset(made, 0, sizeof made);
	for (int d = 0; a.status == INV_OK && d < c->count; d++)
		a.status = make(m, c, d, &made[d], pending, &n, &clamped[d]);
	if (a.status == INV_OK)
		a.status = model_guard(m, c, pending, n, &a.shortfall, short_in);
	if (a.status != INV_OK)
		return fail(m, &c->documents[0], a.status);
	model_write(m, c, pending, n, m->event_count);
	for (int d = 0; d < c->count; d++) {
		made[d].event = m->event_count++;
		made[d].number = ++m->last_number[made[d].till];
		m->sales[m->sale_count++] = made[d];
		if (c->verb == MODEL_REFUND)
			note_refund(m, &c->documents[d]);
		a.events += short_in[d] || clamped[d];
	}
	return a;
}
