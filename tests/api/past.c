/* SPDX-License-Identifier: MIT */
/* The past through the interface: random postings, dated back and not, some of a period that is
 * then closed; what was there at T as known at K, and what a strict channel refuses, against sums
 * over all moves. */
/* ctest: drivers */
#include "support/shop.h"
#include "support/store_url.h"

#include <stdio.h>
#include <string.h>

#define ROUNDS 40
#define BATCH 25
#define MOVES (ROUNDS * BATCH + ROUNDS)

typedef struct fact {
	int64_t at, known_at, quantity;
} fact;

typedef struct past {
	test_shop shop;
	check_rng rng;
	fact facts[MOVES];
	int count;
	int64_t closed;
} past;

static int64_t below(past *p, int64_t limit)
{
	return (int64_t)check_rng_below(&p->rng, (uint64_t)limit);
}

static int64_t held(const past *p, int64_t as_of, int64_t known_at)
{
	int64_t sum = 0;

	for (int i = 0; i < p->count; i++)
		if (p->facts[i].at <= as_of && p->facts[i].known_at <= known_at)
			sum += p->facts[i].quantity;
	return sum;
}

/* The least that was there at the end of `at` or of any later instant. */
static int64_t least(const past *p, int64_t at)
{
	int64_t low = held(p, at, INT64_MAX);

	for (int i = 0; i < p->count; i++)
		if (p->facts[i].at > at && held(p, p->facts[i].at, INT64_MAX) < low)
			low = held(p, p->facts[i].at, INT64_MAX);
	return low;
}

/* Some of an instant many share, all behind what is closed. */
static int64_t random_instant(past *p)
{
	int64_t last = p->shop.now - SHOP_HOUR, first = SHOP_NOON - 30 * SHOP_DAY;

	if (p->closed >= first)
		first = p->closed + 1;
	return below(p, 4) ? first + below(p, last - first) : last - last % SHOP_HOUR;
}

/* Receipts and, in a second command, what they let go again. */
static void book(past *p)
{
	inv_stock_entry entries[BATCH];
	inv_stock_line lines[BATCH];

	for (int i = 0; i < BATCH; i++) {
		lines[i] = (inv_stock_line)INV_STOCK_LINE_INIT;
		lines[i].product.code = INV_S("TEA");
		lines[i].quantity = UNITS(1 + below(p, 9)) * (below(p, 3) ? 1 : -1);
		entries[i] = (inv_stock_entry)INV_STOCK_ENTRY_INIT;
		entries[i].occurred_at = random_instant(p);
		entries[i].lines = inv_list_of(&lines[i], 1, sizeof lines[i]);
	}
	if (inv_stock_adjust(p->shop.s, entries, BATCH, NULL, NULL) != INV_OK)
		return; /* something would not have been there: nothing of it is booked */
	for (int i = 0; i < BATCH; i++)
		p->facts[p->count++] = (fact){entries[i].occurred_at, p->shop.now, lines[i].quantity};
}

/* A strict channel lets go what can be spared at every later instant, and no more. */
static void take(past *p)
{
	int64_t at = random_instant(p), spare = least(p, at), wanted = UNITS(1 + below(p, 20));
	inv_status rc = shop_issue(p->shop.s, "TEA", NULL, wanted, at);

	CHECK_STATUS(rc, wanted <= spare ? INV_OK : INV_E_INSUFFICIENT);
	if (rc == INV_OK)
		p->facts[p->count++] = (fact){at, p->shop.now, -wanted};
}

static int64_t ask(past *p, bool subtree, int64_t as_of, int64_t known_at)
{
	inv_balance_query q = INV_BALANCE_QUERY_INIT;
	inv_result *r = NULL;
	int64_t on_hand = INT64_MIN;

	q.product.code = INV_S("TEA");
	q.subtree = subtree;
	q.as_of = as_of;
	q.known_at = known_at;
	if (CHECK_STATUS(inv_balance_get(p->shop.s, &q, 1, NULL, &r), INV_OK)) {
		on_hand = INV_AT(r, inv_balance, 0)->on_hand;
		CHECK_INT(INV_AT(r, inv_balance, 0)->reserved, 0);
	}
	inv_result_free(r);
	return on_hand;
}

static int64_t list(past *p, int64_t as_of, int64_t known_at)
{
	inv_balance_query q = INV_BALANCE_QUERY_INIT;
	inv_result *r = NULL;
	int64_t on_hand = 0;

	q.product.code = INV_S("TEA");
	q.as_of = as_of;
	q.known_at = known_at;
	if (CHECK_STATUS(inv_balance_list(p->shop.s, &q, 1, NULL, &r), INV_OK) &&
	    inv_result_count(r) > 0)
		on_hand = INV_AT(r, inv_balance, 0)->on_hand;
	inv_result_free(r);
	return on_hand;
}

/* How many moves are listed. */
static int64_t moves(past *p, int64_t as_of, int64_t known_at)
{
	inv_move_query q = INV_MOVE_QUERY_INIT;
	inv_result *r = NULL;
	int64_t count = -1;

	q.limit = INV_LIMIT_PAGE;
	q.as_of = as_of;
	q.known_at = known_at;
	if (CHECK_STATUS(inv_move_list(p->shop.s, &q, 1, NULL, &r), INV_OK))
		count = (int64_t)inv_result_count(r);
	inv_result_free(r);
	return count;
}

static int64_t moves_of(const past *p, int64_t as_of, int64_t known_at)
{
	int64_t count = 0;

	for (int i = 0; i < p->count; i++)
		count += p->facts[i].at <= as_of && p->facts[i].known_at <= known_at;
	return count;
}

static void compare(past *p, int questions)
{
	for (int i = 0; i < questions; i++) {
		int64_t first = SHOP_NOON - 31 * SHOP_DAY;
		int64_t as_of = first + below(p, p->shop.now + SHOP_DAY - first);
		int64_t known = SHOP_NOON + below(p, p->shop.now - SHOP_NOON + SHOP_DAY);

		if (p->count && below(p, 3) == 0)
			as_of = p->facts[below(p, p->count)].at;
		CHECK_INT(ask(p, i % 2, as_of, 0), held(p, as_of, INT64_MAX));
		CHECK_INT(ask(p, i % 2, as_of, known), held(p, as_of, known));
		CHECK_INT(ask(p, i % 2, 0, known), held(p, INT64_MAX, known));
		CHECK_INT(list(p, as_of, 0), held(p, as_of, INT64_MAX));
		CHECK_INT(list(p, as_of, known), held(p, as_of, known));
		if (i % 5 == 0)
			CHECK_INT(moves(p, as_of, known), moves_of(p, as_of, known));
	}
}

static void close_books(past *p, int64_t until, bool reopen)
{
	inv_settings s = INV_SETTINGS_INIT;

	s.closed_until = until;
	s.reopen = reopen;
	if (CHECK_STATUS(inv_settings_update(p->shop.s, &s, 1, NULL, NULL), INV_OK))
		p->closed = until;
}

TEST(at_any_instant_as_known_at_any)
{
	static past p;

	memset(&p, 0, sizeof p);
	check_rng_init(&p.rng, 1);
	p.shop.now = SHOP_NOON;
	if (!shop_open(&p.shop, check_store_url("past.db")))
		return;
	shop_product(&p.shop, "TEA");
	for (int round = 0; round < ROUNDS; round++) {
		shop_clock(&p.shop, p.shop.now + SHOP_HOUR);
		if (round == 15)
			close_books(&p, SHOP_NOON - 20 * SHOP_DAY, false);
		if (round == 25)
			close_books(&p, SHOP_NOON - 10 * SHOP_DAY, false);
		if (round == 30) /* what was known before may change again behind this */
			close_books(&p, SHOP_NOON - 25 * SHOP_DAY, true);
		shop_clock(&p.shop, p.shop.now + SHOP_MINUTE);
		if (round % 4 == 3)
			take(&p);
		else
			book(&p);
		compare(&p, 3);
	}
	CHECK(p.count > 200);
	compare(&p, 40);
	shop_verify(&p.shop);
	compare(&p, 10);
	shop_close(&p.shop);
}

CHECK_MAIN()
