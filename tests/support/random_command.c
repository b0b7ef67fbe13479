/* SPDX-License-Identifier: MIT */
#include "support/random_command.h"

typedef struct maker {
	mirror *x;
	check_rng *rng;
	model_command *c;
} maker;

static int below(const maker *k, int limit)
{
	return (int)check_rng_below(k->rng, (uint64_t)limit);
}

static bool chance(const maker *k, int percent)
{
	return below(k, 100) < percent;
}

static int pick_verb(const maker *k)
{
	static const int weights[MODEL_VERBS] = {24, 14, 12, 12, 6, 20, 8, 4};
	int at = below(k, 100), verb = 0;

	while (verb + 1 < MODEL_VERBS && at >= weights[verb])
		at -= weights[verb++];
	return verb;
}

/* Few products are asked for often, so that commands meet. */
static int pick_product(const maker *k)
{
	return chance(k, 50) ? below(k, 4) : below(k, MODEL_PRODUCTS);
}

static int64_t pick_quantity(const maker *k, int product)
{
	const model_product *p = &k->x->m->products[product];
	int64_t step = model_pow10(6 - p->decimals);

	if (p->tracking == INV_TRACKING_SERIAL)
		return INV_QUANTITY_ONE;
	if (p->decimals == 0 || chance(k, 50))
		return UNITS(1 + below(k, 8));
	return step * (1 + below(k, 4 * (int)model_pow10(p->decimals)));
}

/* Backdated instants lie on few marks, so that several commands share one. */
static int64_t pick_instant(const maker *k)
{
	int64_t now = k->c->now;

	if (chance(k, 60))
		return 0;
	if (chance(k, 10))
		return now + below(k, 300) * SHOP_SECOND;
	if (chance(k, 20))
		return now - below(k, 1000000000);
	return now - now % SHOP_MINUTE - below(k, 30) * SHOP_MINUTE;
}

static void make_line(const maker *k, model_line *l)
{
	const model_product *p;

	l->product = pick_product(k);
	p = &k->x->m->products[l->product];
	l->quantity = pick_quantity(k, l->product);
	l->place = chance(k, 40) ? MODEL_NONE : below(k, 5);
	l->to_place = MODEL_NONE;
	l->condition = chance(k, 85) ? INV_CONDITION_SELLABLE : INV_CONDITION_DAMAGED;
	if (p->tracking == INV_TRACKING_LOT)
		l->lot = 1 + below(k, 3);
	if (p->tracking == INV_TRACKING_SERIAL)
		l->serial = 1 + below(k, 6);
}

static void make_stock_line(const maker *k, model_line *l)
{
	const model_product *p;
	int from;

	make_line(k, l);
	p = &k->x->m->products[l->product];
	if (p->non_stocked && k->c->verb != MODEL_ADJUST && chance(k, 80))
		make_line(k, l);
	l->owner = chance(k, 90) ? 0 : 1;
	from = l->place == MODEL_NONE ? k->c->place : l->place;
	if (k->c->verb == MODEL_ISSUE && chance(k, 20))
		l->to_place = 5 + below(k, 2);
	if (k->c->verb == MODEL_MOVE) {
		l->to_place = (from + 1 + below(k, 4)) % 5;
		l->to_condition = chance(k, 80) ? l->condition : INV_CONDITION_DAMAGED;
	}
	if (k->c->verb != MODEL_ADJUST)
		return;
	l->set = !p->non_stocked && chance(k, 40);
	if (!l->set && chance(k, 50))
		l->quantity = -l->quantity;
	if (l->set && chance(k, 50)) {
		model_account a = {l->product, from, l->condition, l->lot, l->serial, l->owner};

		l->compare = true;
		l->expected = model_holds(k->x->m, &a) + (chance(k, 80) ? 0 : 1000000);
	}
}

static void make_sale_line(const maker *k, model_line *l)
{
	int64_t amount;

	make_line(k, l);
	l->list_price = chance(k, 30);
	l->price = chance(k, 80) ? 100 * below(k, 5000) : below(k, 500000);
	amount = l->quantity / INV_QUANTITY_ONE *
	         (l->list_price ? k->x->m->products[l->product].price : l->price);
	if (chance(k, 15) && amount > 0)
		l->discount = below(k, (int)(amount > 1000000 ? 1000000 : amount));
}

/* A linked refund gives back a line of an earlier sale, or tries to give back more. */
static void make_refund(const maker *k, model_document *d)
{
	const model_sale *sale;

	d->original = k->x->m->sale_count && chance(k, 70) ? below(k, k->x->m->sale_count)
	                                                   : MODEL_NONE;
	sale = d->original >= 0 ? &k->x->m->sales[d->original] : NULL;
	if (sale && sale->refund) {
		d->original = MODEL_NONE;
		sale = NULL;
	}
	if (sale && d->occurred_at < sale->occurred_at && chance(k, 85))
		d->occurred_at = 0;
	for (int i = 0; i < d->count; i++) {
		model_line *l = &d->lines[i];
		const model_sold *was;

		make_sale_line(k, l);
		l->no_restock = chance(k, 30);
		if (!sale)
			continue;
		l->original_line = 1 + below(k, sale->count);
		was = &sale->lines[l->original_line - 1];
		l->product = was->product;
		l->lot = chance(k, 50) ? was->lot : 0;
		l->serial = chance(k, 50) ? was->serial : 0;
		if (was->lot && chance(k, 5))
			l->lot = 1 + below(k, 3);
		if (was->serial && chance(k, 5))
			l->serial = 1 + below(k, 6);
		l->list_price = false;
		l->discount = 0;
		l->price = chance(k, 50) ? was->price : 0;
		l->quantity = chance(k, 60) ? was->quantity : pick_quantity(k, l->product);
	}
}

static void pay(const maker *k, int index)
{
	model_document *d = &k->c->documents[index];
	int64_t due = model_due(k->x->m, k->c, index);

	d->tender = chance(k, 40) ? MODEL_PAY_NONE : MODEL_PAY_CARD;
	if (due <= 0 || !chance(k, 30))
		return;
	d->tender = chance(k, 90) ? MODEL_PAY_CASH : MODEL_PAY_SHORT;
	d->paid = d->tender == MODEL_PAY_CASH ? due + 100 * below(k, 300) : due - 100;
	d->paid += chance(k, 3);
	if (d->paid <= 0)
		d->tender = MODEL_PAY_NONE;
}

static void make_document(const maker *k, int index)
{
	model_document *d = &k->c->documents[index];

	d->occurred_at = pick_instant(k);
	d->original = MODEL_NONE;
	d->till = below(k, MODEL_TILLS);
	d->count = chance(k, 70) ? 1 + below(k, 2) : 1 + below(k, MODEL_LINES);
	if (k->c->verb == MODEL_REVERSE) {
		d->count = 0;
		d->original = k->x->m->posting_count ? below(k, k->x->m->posting_count) : MODEL_UNKNOWN;
	} else if (k->c->verb == MODEL_REFUND) {
		make_refund(k, d);
	} else {
		for (int i = 0; i < d->count; i++)
			if (k->c->verb == MODEL_SALE)
				make_sale_line(k, &d->lines[i]);
			else
				make_stock_line(k, &d->lines[i]);
		/* Several lines of one product are what a till often sees. */
		if (d->count > 1 && chance(k, 30))
			d->lines[1] = d->lines[0];
	}
	if (k->c->verb == MODEL_SALE || k->c->verb == MODEL_REFUND)
		pay(k, index);
}

/* One mistake. */
static void spoil(const maker *k)
{
	model_document *d = &k->c->documents[below(k, k->c->count)];
	model_line *l = &d->lines[d->count ? below(k, d->count) : 0];

	switch (below(k, 9)) {
	case 0:
		l->product = MODEL_UNKNOWN;
		break;
	case 1:
		l->quantity = 0;
		break;
	case 2:
		l->quantity = 1; /* a millionth */
		break;
	case 3:
		l->lot = l->lot ? 0 : 1;
		break;
	case 4:
		l->place = 5; /* virtual */
		break;
	case 5:
		d->occurred_at = k->c->now + SHOP_HOUR;
		break;
	case 6:
		l->place = MODEL_UNKNOWN;
		break;
	case 7:
		l->serial = l->serial ? 0 : 1;
		break;
	default:
		d->count = 0;
		break;
	}
	if (k->c->verb == MODEL_REVERSE)
		d->original = MODEL_UNKNOWN;
}

static void make_update(const maker *k)
{
	k->c->product = chance(k, 95) ? below(k, MODEL_PRODUCTS) : MODEL_UNKNOWN;
	k->c->name = below(k, 4);
	k->c->price = chance(k, 20) && k->c->product >= 0 ? k->x->m->products[k->c->product].price
	                                                  : 100 * (1 + below(k, 9000));
	k->c->version = 0;
	if (chance(k, 50))
		k->c->version = k->c->product >= 0 ? k->x->m->products[k->c->product].version : 1;
	if (chance(k, 10))
		k->c->version += 1;
}

void random_command(mirror *x, check_rng *rng, int guard, model_command *out)
{
	const maker k = {x, rng, out};

	memset(out, 0, sizeof *out);
	out->verb = pick_verb(&k);
	out->guard = guard;
	out->limit = x->limit;
	out->place = x->session_place[guard];
	out->now = x->shop.now;
	out->count = 1;
	out->note = below(&k, 1000);
	if (out->verb == MODEL_PRODUCT_UPDATE) {
		make_update(&k);
		return;
	}
	if (out->verb != MODEL_REVERSE && out->verb != MODEL_REFUND && chance(&k, 20))
		out->count = 2 + below(&k, MODEL_DOCUMENTS - 1);
	for (int d = 0; d < out->count; d++)
		make_document(&k, d);
	if (chance(&k, 6))
		spoil(&k);
}
