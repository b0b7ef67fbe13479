/* SPDX-License-Identifier: MIT */
/* Sums of the model, and what a command must leave of them. */
#include "support/held.h"

#include <string.h>

static const int parents[HELD_PLACES] = {HELD_EVERYWHERE, HELD_A, HELD_A, HELD_A2, HELD_EVERYWHERE};

bool held_below(int place, int root)
{
	while (place != root && place != HELD_EVERYWHERE)
		place = parents[place];
	return place == root;
}

bool held_is_open(const held_shop *m, const held_reservation *r, int64_t now)
{
	bool overdue = r->deadline != 0 && r->deadline <= now;

	return r->open > 0 && (!overdue || m->broken == HELD_BREAK_DEADLINE);
}

static int stock_of(const held_shop *m, int product, int place, int condition)
{
	int sum = 0;

	for (int owner = 0; owner < HELD_OWNERS; owner++)
		for (int code = 0; code < HELD_CODES; code++)
			sum += m->stock[product][place][condition][owner][code];
	return sum;
}

/* Held at this very place, or of it as a whole. */
static int held_at(const held_shop *m, int product, int place, bool subtree, int64_t now)
{
	int sum = 0;

	for (int i = 0; i < m->reservation_count; i++) {
		const held_reservation *r = &m->reservations[i];

		if (r->product == product && r->place == place && r->subtree == subtree &&
		    held_is_open(m, r, now))
			sum += r->open;
	}
	return sum;
}

held_sums held_balance(const held_shop *m, int product, int place, bool below, int64_t now)
{
	held_sums sums = {0, 0, 0};

	for (int p = 0; p < HELD_PLACES; p++) {
		int sellable = stock_of(m, product, p, 0);

		if (p != place && !(below && held_below(p, place)))
			continue;
		sums.sellable += sellable;
		sums.on_hand += sellable + stock_of(m, product, p, 1);
		sums.reserved += held_at(m, product, p, false, now);
	}
	for (int p = 0; below && p <= HELD_EVERYWHERE; p++)
		if (held_below(p, place))
			sums.reserved += held_at(m, product, p, true, now);
	return sums;
}

static bool same(const held_account *a, const held_account *b)
{
	return a->product == b->product && a->place == b->place && a->condition == b->condition &&
	       a->owner == b->owner && a->code == b->code;
}

static int level(const held_shop *m, const held_account *a, int64_t at)
{
	int sum = 0;

	for (int i = 0; i < m->move_count; i++)
		if (same(&m->moves[i].account, a) && m->moves[i].at <= at)
			sum += m->moves[i].quantity;
	return sum;
}

int held_lowest(const held_shop *m, const held_account *a, int64_t at)
{
	int lowest = level(m, a, at);

	for (int i = 0; i < m->move_count; i++) {
		int then;

		if (!same(&m->moves[i].account, a) || m->moves[i].at <= at)
			continue;
		then = level(m, a, m->moves[i].at);
		if (then < lowest)
			lowest = then;
	}
	return lowest;
}

static int bound_to(const held_shop *m, int product, int place, int code, int64_t now)
{
	int sum = 0;

	for (int i = 0; i < m->reservation_count; i++) {
		const held_reservation *r = &m->reservations[i];

		if (r->product == product && r->place == place && r->code == code && !r->subtree &&
		    held_is_open(m, r, now))
			sum += r->open;
	}
	return sum;
}

int held_lot_free(const held_shop *m, int product, int place, int code, int64_t now)
{
	int bound = m->broken == HELD_BREAK_HARD ? 0 : bound_to(m, product, place, code, now);

	return m->stock[product][place][0][0][code] - bound;
}

/* ---- the guard ---- */

typedef struct judge {
	const held_shop *was, *is;
	const held_command *c;
	int64_t at;
	int floor;
	bool observes; /* whatever there is */
	bool counts;   /* what was counted is not asked what is held */
} judge;

static bool worse(const judge *j, int before, int after)
{
	return after < before && after < j->floor;
}

/* Goods, account by account, at every later instant. */
static bool goods_short(const judge *j, const held_account *a)
{
	int before = j->was->stock[a->product][a->place][a->condition][a->owner][a->code];
	int after = j->is->stock[a->product][a->place][a->condition][a->owner][a->code];

	return !j->observes && after < before && held_lowest(j->is, a, j->at) < j->floor;
}

/* A lot or a unit is held only as far as it is there, whatever the guard (I16). */
static bool lot_short(const judge *j, int product, int place, int code)
{
	int64_t now = j->c->now;
	int before = held_lot_free(j->was, product, place, code, now);
	int after = held_lot_free(j->is, product, place, code, now);
	bool more = bound_to(j->is, product, place, code, now) >
	            bound_to(j->was, product, place, code, now);

	if (j->is->broken != HELD_BREAK_HARD && more && after < before && after < 0)
		return true;
	return !j->observes && !j->counts && worse(j, before, after);
}

static int available(const held_shop *m, int product, int place, bool below, int64_t now)
{
	held_sums sums = held_balance(m, product, place, below, now);

	return sums.sellable - sums.reserved;
}

/* Of a place as a whole something is held, or comes to be. */
static bool is_node(const judge *j, int product, int place)
{
	return held_at(j->is, product, place, true, j->c->now) > 0 ||
	       held_at(j->was, product, place, true, j->c->now) > 0;
}

static bool places_short(const judge *j, int product)
{
	int64_t now = j->c->now;

	if (j->observes || j->counts)
		return false;
	for (int p = 0; p < HELD_PLACES; p++)
		if (worse(j, available(j->was, product, p, false, now),
		          available(j->is, product, p, false, now)))
			return true;
	for (int p = 0; j->is->broken != HELD_BREAK_PLACE && p <= HELD_EVERYWHERE; p++)
		if (is_node(j, product, p) && worse(j, available(j->was, product, p, true, now),
		                                    available(j->is, product, p, true, now)))
			return true;
	return false;
}

/* A unit is on hand in one account at most (I9). */
static int units(const held_shop *m, int code)
{
	int sum = 0;

	for (int i = 0; i < HELD_PLACES * HELD_CONDITIONS * HELD_OWNERS; i++) {
		int n = m->stock[HELD_PHONE][i / (HELD_CONDITIONS * HELD_OWNERS)]
		                [i / HELD_OWNERS % HELD_CONDITIONS][i % HELD_OWNERS][code];

		sum += n > 0 ? n : 0;
	}
	return sum;
}

/* All accounts of a product at a place that have this code. */
static bool code_short(const judge *j, int product, int place, int code)
{
	if (code > 0 && lot_short(j, product, place, code))
		return true;
	for (int k = 0; k < HELD_CONDITIONS * HELD_OWNERS; k++) {
		const held_account a = {product, place, k / HELD_OWNERS, k % HELD_OWNERS, code};

		if (goods_short(j, &a))
			return true;
	}
	return false;
}

static bool any_short(const judge *j)
{
	for (int product = 0; product < HELD_PRODUCTS; product++) {
		if (places_short(j, product))
			return true;
		for (int i = 0; i < HELD_PLACES * HELD_CODES; i++)
			if (code_short(j, product, i / HELD_CODES, i % HELD_CODES))
				return true;
	}
	return false;
}

/* The shop in which the goods have left, and are still held by him who took them. */
static const held_shop *in_his_own_way(const held_shop *was, const held_shop *m)
{
	static held_shop blind;

	blind = *m;
	memcpy(blind.reservations, was->reservations, sizeof blind.reservations);
	return &blind;
}

held_answer held_guard(const held_shop *was, const held_shop *m, const held_command *c)
{
	judge j = {.was = was,
	           .is = m,
	           .c = c,
	           .at = c->at ? c->at : c->now,
	           .floor = c->guard == INV_GUARD_BACKORDER ? -c->limit : 0,
	           .observes = c->guard == INV_GUARD_OBSERVE,
	           .counts = c->verb == HELD_ADJUST};

	/* Given back, or given more time: nothing is asked of what is there. */
	if (c->verb == HELD_EXTEND || c->verb == HELD_RELEASE || c->verb == HELD_CANCEL)
		return (held_answer){INV_OK, 0, NULL};
	/* Who binds takes what is there, and nothing on credit. */
	if (c->verb == HELD_BIND)
		j.floor = j.observes = 0;
	if (m->broken == HELD_BREAK_OWN && c->verb != HELD_HOLD && c->verb != HELD_BIND)
		j.is = in_his_own_way(was, m);
	for (int code = 1; code < HELD_CODES; code++)
		if (units(m, code) > 1 && units(m, code) > units(was, code))
			return (held_answer){INV_E_EXISTS, 0, "serial"};
	if (any_short(&j))
		return (held_answer){INV_E_INSUFFICIENT, 0, "quantity"};
	return (held_answer){INV_OK, 0, NULL};
}
