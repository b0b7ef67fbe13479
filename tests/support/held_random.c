/* SPDX-License-Identifier: MIT */
/* Random commands for a shop where goods are held: few units, so that they meet. */
#include <string.h>

#include "support/held_mirror.h"

typedef struct maker {
	const held_shop *m;
	check_rng *rng;
	held_command *c;
} maker;

static int below(const maker *k, int limit)
{
	return (int)check_rng_below(k->rng, (uint64_t)limit);
}

static bool chance(const maker *k, int percent)
{
	return below(k, 100) < percent;
}

static int code_of(const maker *k, int product)
{
	if (product == HELD_MILK)
		return chance(k, 2) ? 0 : 1 + below(k, 3);
	if (product == HELD_PHONE)
		return chance(k, 2) ? 0 : 1 + below(k, HELD_CODES - 1);
	return chance(k, 1) ? 1 : 0;
}

static int place_of(const maker *k)
{
	return chance(k, 25) ? HELD_NONE : below(k, HELD_PLACES);
}

/* Mostly one of the last that is open. */
static int reservation_of(const maker *k)
{
	int count = k->m->reservation_count, open = HELD_NONE;

	if (count == 0 || chance(k, 2))
		return HELD_UNKNOWN;
	if (chance(k, 10))
		return below(k, count);
	for (int i = count - 1; i >= 0; i--)
		if (k->m->reservations[i].open > 0 && (open == HELD_NONE || chance(k, 60)))
			open = i;
		else if (open != HELD_NONE && chance(k, 20))
			break;
	return open == HELD_NONE ? count - 1 : open;
}

static int64_t deadline_of(const maker *k)
{
	int64_t now = k->c->now;

	if (chance(k, 45))
		return 0;
	return chance(k, 3) ? now - below(k, 2) * SHOP_SECOND
	                    : now + (1 + below(k, 90)) * SHOP_SECOND;
}

/* Goods that fit a reservation, mostly. */
static void fit(const maker *k, held_line *l)
{
	const held_reservation *r;

	l->reservation = reservation_of(k);
	if (l->reservation < 0)
		return;
	r = &k->m->reservations[l->reservation];
	l->product = r->product;
	l->code = r->code && !chance(k, 5) ? r->code : code_of(k, r->product);
	l->quantity = l->product == HELD_PHONE ? 1 : 1 + below(k, r->open > 0 ? r->open + 1 : 2);
	l->owner = 0;
	l->condition = chance(k, 4);
	if (!r->subtree && !chance(k, 5))
		l->place = r->place;
}

static void fill_goods(const maker *k, held_line *l)
{
	enum held_verb verb = k->c->verb;

	l->product = below(k, HELD_PRODUCTS);
	l->place = place_of(k);
	l->code = code_of(k, l->product);
	l->quantity = l->product == HELD_PHONE ? 1 : 1 + below(k, verb == HELD_RECEIVE ? 8 : 4);
	if (verb == HELD_HOLD) {
		l->subtree = chance(k, 40);
		if (chance(k, l->subtree ? 96 : 55))
			l->code = 0;
		l->deadline = deadline_of(k);
		return;
	}
	l->owner = verb != HELD_SALE && chance(k, 10);
	l->condition = chance(k, 12);
	if (verb == HELD_ADJUST) {
		l->set = chance(k, 50);
		l->quantity = l->set ? below(k, l->product == HELD_PHONE ? 2 : 7)
		              : chance(k, 60) ? -l->quantity : l->quantity;
	}
	if ((verb == HELD_ISSUE || verb == HELD_SALE) && chance(k, 45))
		fit(k, l);
	if (verb == HELD_RECEIVE && chance(k, 1))
		l->reservation = reservation_of(k);
}

/* Elsewhere, or in another condition. */
static void fill_move(const maker *k, held_line *l)
{
	int from = l->place == HELD_NONE ? HELD_HERE : l->place;

	l->to_place = chance(k, 30) ? HELD_NONE : below(k, HELD_PLACES);
	l->to_condition = chance(k, 20) ? !l->condition : l->condition;
	if (l->to_place == HELD_NONE || l->to_place == from)
		l->to_condition = !l->condition;
}

static void fill_change(const maker *k, held_line *l)
{
	const held_reservation *r;

	l->reservation = reservation_of(k);
	if (k->c->verb == HELD_EXTEND)
		l->deadline = deadline_of(k);
	if (l->reservation < 0 || k->c->verb == HELD_EXTEND)
		return;
	r = &k->m->reservations[l->reservation];
	l->product = r->product;
	if (chance(k, 50))
		l->quantity = 1 + below(k, r->open > 0 ? r->open + 1 : 2);
	if (l->product == HELD_PHONE && k->c->verb != HELD_RELEASE && !chance(k, 10))
		l->quantity = 1;
	if (k->c->verb != HELD_BIND && k->c->verb != HELD_COMMIT)
		return;
	if (r->subtree ? !chance(k, 8) : chance(k, 8))
		l->place = below(k, HELD_PLACES);
	if (k->c->verb == HELD_BIND ? !r->code : !r->code || chance(k, 5))
		l->code = code_of(k, l->product);
}

static enum held_verb pick_verb(const maker *k)
{
	static const int weights[HELD_VERBS] = {17, 9, 9, 7, 7, 21, 4, 9, 9, 5, 3};
	int at = below(k, 100), verb = 0;

	while (verb + 1 < HELD_VERBS && at >= weights[verb])
		at -= weights[verb++];
	return (enum held_verb)verb;
}

static const held_line nothing = {.place = HELD_NONE, .to_place = HELD_NONE,
                                  .reservation = HELD_NONE};

void held_random(const held_shop *m, check_rng *rng, int64_t now, held_command *out)
{
	maker k = {m, rng, out};
	int at = (int)check_rng_below(rng, 100);

	memset(out, 0, sizeof *out);
	out->now = now;
	out->guard = at < 65 ? INV_GUARD_STRICT : at < 82 ? INV_GUARD_BACKORDER : INV_GUARD_OBSERVE;
	out->limit = HELD_LIMIT;
	out->here = HELD_HERE;
	out->verb = pick_verb(&k);
	out->count = chance(&k, 25) ? 2 : 1;
	if ((out->verb < HELD_HOLD || out->verb == HELD_COMMIT) && chance(&k, 15))
		out->at = now - (1 + below(&k, 200)) * SHOP_SECOND;
	for (int i = 0; i < HELD_LINES; i++) {
		out->lines[i] = nothing;
		if (out->verb <= HELD_HOLD)
			fill_goods(&k, &out->lines[i]);
		else
			fill_change(&k, &out->lines[i]);
		if (out->verb == HELD_MOVE)
			fill_move(&k, &out->lines[i]);
		if (out->lines[i].set) /* two counts of one account are refused */
			out->count = 1;
	}
}
