/* SPDX-License-Identifier: MIT */
/* ctest: concurrency drivers */
/* Threads receive, issue, hold, commit, release and read few products at once. What they were told
 * must be what one after the other would have been told. INV_TEST_LONG=N makes it N times as
 * long. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/linear.h"
#include "support/shop.h"
#include "support/store_url.h"

#define PRODUCTS 2
#define THREADS_MAX 8
#define FORGOTTEN (LINEAR_PENDING - THREADS_MAX) /* answers of a product that are left out */

static const char *const skus[PRODUCTS] = {"TEA", "RICE"};

/* What threads share. */
typedef struct table {
	test_shop shop;
	_Atomic uint64_t clock;
	atomic_int reservations[PRODUCTS];
	atomic_int forgotten[PRODUCTS];
	bool forgets;
} table;

typedef struct player {
	pthread_t thread;
	table *t;
	inv_session *session;
	check_rng rng;
	int turns;
	linear_history *own; /* by product */
} player;

static int below(player *me, int limit)
{
	return (int)check_rng_below(&me->rng, (uint64_t)limit);
}

static inv_id id_of(int product, int number)
{
	return (inv_id){{1, 2, 3, 4, 5, 6, 0x70, 8, 0x80, 10, 11, 12, 13, 14, (uint8_t)product,
	                 (uint8_t)number}};
}

/* ---- calls ---- */

static inv_status change_goods(player *me, const char *sku, const linear_op *op)
{
	return op->verb == LINEAR_RECEIVE
	               ? shop_receive(me->session, sku, NULL, UNITS(op->quantity), 0)
	               : shop_issue(me->session, sku, NULL, UNITS(op->quantity), 0);
}

static inv_status hold(player *me, const char *sku, inv_id id, const linear_op *op)
{
	inv_reservation r = INV_RESERVATION_INIT;

	r.id = id;
	r.product = inv_ref_code(sku);
	r.quantity = UNITS(op->quantity);
	return inv_reservation_hold(me->session, &r, 1, NULL, NULL);
}

/* One that is not there yet holds nothing, as one that holds nothing any more. */
static inv_status end(player *me, inv_id id, const linear_op *op)
{
	inv_reservation_commitment leaves = INV_RESERVATION_COMMITMENT_INIT;
	inv_reservation_end back = INV_RESERVATION_END_INIT;
	inv_status rc;

	leaves.reservation = back.reservation = inv_ref_of(id);
	leaves.quantity = back.quantity = UNITS(op->quantity);
	rc = op->verb == LINEAR_COMMIT
	             ? inv_reservation_commit(me->session, &leaves, 1, NULL, NULL)
	             : inv_reservation_release(me->session, &back, 1, NULL, NULL);
	return rc == INV_E_NOT_FOUND ? INV_E_STATE : rc;
}

/* By one account's row, or by what a subtree adds up to. */
static inv_status look(inv_session *s, const char *sku, bool tree, linear_op *op)
{
	inv_balance_query query = INV_BALANCE_QUERY_INIT;
	inv_result *r = NULL;
	inv_status rc;

	query.product = inv_ref_code(sku);
	query.subtree = tree;
	rc = inv_balance_get(s, &query, 1, NULL, &r);
	if (rc == INV_OK) {
		op->on_hand = (int)(INV_AT(r, inv_balance, 0)->on_hand / UNITS(1));
		op->reserved = (int)(INV_AT(r, inv_balance, 0)->reserved / UNITS(1));
	}
	inv_result_free(r);
	return rc;
}

static inv_status call(player *me, int product, linear_op *op)
{
	const inv_id id = id_of(product, op->reservation);

	switch (op->verb) {
	case LINEAR_RECEIVE:
	case LINEAR_ISSUE:
		return change_goods(me, skus[product], op);
	case LINEAR_HOLD:
		return hold(me, skus[product], id, op);
	case LINEAR_COMMIT:
	case LINEAR_RELEASE:
		return end(me, id, op);
	default:
		return look(me->session, skus[product], below(me, 2) != 0, op);
	}
}

/* ---- players ---- */

static void choose(player *me, int product, linear_op *op)
{
	static const int weights[] = {15, 18, 20, 18, 10, 19};
	int at = below(me, 100), verb = 0;
	int made = atomic_load(&me->t->reservations[product]);

	while (at >= weights[verb])
		at -= weights[verb++];
	memset(op, 0, sizeof *op);
	op->verb = (enum linear_verb)verb;
	op->quantity = 1 + below(me, 4);
	if (verb == LINEAR_HOLD) {
		op->reservation = atomic_fetch_add(&me->t->reservations[product], 1);
		if (op->reservation < LINEAR_RESERVATIONS)
			return;
		atomic_fetch_sub(&me->t->reservations[product], 1);
		op->verb = LINEAR_READ;
	}
	made = made < LINEAR_RESERVATIONS ? made : LINEAR_RESERVATIONS;
	/* Mostly one of the last. */
	if (made > 0)
		op->reservation = made - 1 - below(me, made < 6 || below(me, 5) == 0 ? made : 6);
}

static bool forgets(player *me, int product, const linear_op *op)
{
	return me->t->forgets && op->verb != LINEAR_READ && below(me, 20) == 0 &&
	       atomic_fetch_add(&me->t->forgotten[product], 1) < FORGOTTEN;
}

/* Another session, such as another till has. */
static void change_session(player *me)
{
	inv_session_close(me->session);
	me->session = NULL;
	CHECK_STATUS(inv_session_open(me->t->shop.store, NULL, &me->session, NULL), INV_OK);
}

static void *play(void *arg)
{
	player *me = arg;

	for (int i = 0; i < me->turns; i++) {
		int product = below(me, PRODUCTS);
		linear_history *own = &me->own[product];
		linear_op op;

		if (below(me, 12) == 0)
			change_session(me);
		choose(me, product, &op);
		op.called = atomic_fetch_add(&me->t->clock, 1);
		op.status = call(me, product, &op);
		op.answered = atomic_fetch_add(&me->t->clock, 1);
		if (op.status != INV_OK && op.status != INV_E_INSUFFICIENT && op.status != INV_E_STATE)
			CHECK_STATUS(op.status, INV_OK);
		if (forgets(me, product, &op))
			op.answered = UINT64_MAX;
		if (own->count < LINEAR_OPS)
			own->ops[own->count++] = op;
	}
	return NULL;
}

static void gather(linear_history *all, const linear_history *own)
{
	for (int i = 0; i < own->count && all->count < LINEAR_OPS; i++)
		all->ops[all->count++] = own->ops[i];
}

/* At the end there is nobody else. */
static void look_last(table *t, int product, linear_history *h)
{
	linear_op *op = &h->ops[h->count++];

	memset(op, 0, sizeof *op);
	op->verb = LINEAR_READ;
	op->called = atomic_fetch_add(&t->clock, 1);
	op->status = look(t->shop.s, skus[product], false, op);
	op->answered = atomic_fetch_add(&t->clock, 1);
}

/* Histories of both products, `turns` for each of the threads. */
static bool make_histories(const char *url, int turns, bool with_forgotten, linear_history *out)
{
	table *t = calloc(1, sizeof *t);
	player players[THREADS_MAX] = {{0}};
	int threads = 4 + (int)check_random_below(THREADS_MAX - 3);
	bool made = t && shop_open(&t->shop, url);

	if (!CHECK(made)) {
		free(t);
		return false;
	}
	t->forgets = with_forgotten;
	for (int i = 0; i < PRODUCTS; i++)
		shop_product(&t->shop, skus[i]);
	for (int i = 0; i < threads; i++) {
		players[i].t = t;
		players[i].turns = turns;
		players[i].own = calloc(PRODUCTS, sizeof *players[i].own);
		players[i].session = shop_session(&t->shop, NULL, NULL);
		check_rng_init(&players[i].rng, check_random());
		if (!players[i].own || pthread_create(&players[i].thread, NULL, play, &players[i]) != 0)
			abort();
	}
	for (int i = 0; i < threads; i++) {
		pthread_join(players[i].thread, NULL);
		for (int p = 0; p < PRODUCTS; p++)
			gather(&out[p], &players[i].own[p]);
		inv_session_close(players[i].session);
		free(players[i].own);
	}
	for (int p = 0; p < PRODUCTS; p++)
		look_last(t, p, &out[p]);
	shop_verify(&t->shop);
	shop_close(&t->shop);
	free(t);
	return check_failures() == 0;
}

static void check_histories(const linear_history *h)
{
	for (int p = 0; p < PRODUCTS; p++) {
		int failed = linear_check(&h[p]);

		if (failed >= 0)
			CHECK_FAIL("%s: no order explains operation %d of %d: verb %d of %d, status %d, read %d"
			           " and %d", skus[p], failed, h[p].count, (int)h[p].ops[failed].verb,
			           h[p].ops[failed].quantity, (int)h[p].ops[failed].status,
			           h[p].ops[failed].on_hand, h[p].ops[failed].reserved);
	}
}

static int times(void)
{
	const char *lasting = getenv("INV_TEST_LONG");
	int n = lasting ? atoi(lasting) : 1;

	return n > 0 ? n : 1;
}

TEST(what_threads_are_told_has_an_order)
{
	char name[48];

	for (int i = 0; i < 3 * times() && check_failures() == 0; i++) {
		linear_history *h = calloc(PRODUCTS, sizeof *h);

		snprintf(name, sizeof name, "linear-%d.db", i);
		if (CHECK(h != NULL) && make_histories(check_store_url(name), 50, i % 2 == 1, h))
			check_histories(h);
		free(h);
	}
}

/* ---- histories that cannot be ---- */

/* One that was answered so; NULL when there is none. */
static linear_op *some_op(linear_history *h, enum linear_verb verb, inv_status status)
{
	for (int i = 0; i < h->count; i++)
		if (h->ops[i].verb == verb && h->ops[i].status == status)
			return &h->ops[i];
	return NULL;
}

enum { COUNTED_WRONG, ONE_LOST, SOLD_TWICE, HELD_FOR_NOBODY, CORRUPTIONS };

/* Each leaves another sum than the last read tells; nothing is unknown. */
static void corrupt(linear_history *h, int how)
{
	linear_op *op = how == ONE_LOST     ? some_op(h, LINEAR_ISSUE, INV_OK)
	                : how == SOLD_TWICE ? some_op(h, LINEAR_ISSUE, INV_E_INSUFFICIENT)
	                                    : some_op(h, LINEAR_RELEASE, INV_E_STATE);

	if (how == COUNTED_WRONG || !op)
		h->ops[h->count - 1].on_hand++;
	else if (how == ONE_LOST)
		*op = h->ops[--h->count];
	else
		op->status = INV_OK;
}

TEST(a_corrupted_history_is_refused)
{
	linear_history *h = calloc(PRODUCTS + 1, sizeof *h);

	if (CHECK(h != NULL) && make_histories(check_store_url("linear.db"), 60, false, h)) {
		check_histories(h);
		for (int how = 0; how < CORRUPTIONS; how++) {
			h[PRODUCTS] = h[0];
			corrupt(&h[PRODUCTS], how);
			if (linear_check(&h[PRODUCTS]) < 0)
				CHECK_FAIL("corruption %d is taken for a true history", how);
		}
	}
	free(h);
}

#define UNKNOWN UINT64_MAX
#define RECEIVE(n, from, to) {LINEAR_RECEIVE, n, 0, from, to, INV_OK, 0, 0}
#define ISSUE(n, from, to, rc) {LINEAR_ISSUE, n, 0, from, to, rc, 0, 0}
#define HOLD(n, from, to, rc) {LINEAR_HOLD, n, 0, from, to, rc, 0, 0}
#define COMMIT(n, from, to, rc) {LINEAR_COMMIT, n, 0, from, to, rc, 0, 0}
#define READ(on_hand, reserved, from, to) {LINEAR_READ, 0, 0, from, to, INV_OK, on_hand, reserved}

/* Small histories, and the operation that has no place in an order; -1 = each has. */
typedef struct sample {
	const char *what;
	int failed;
	linear_op ops[6];
} sample;

static const sample samples[] = {
	{"seen when answered", -1, {RECEIVE(5, 1, 2), READ(5, 0, 3, 4)}},
	{"not seen when answered", 1, {RECEIVE(5, 1, 2), READ(0, 0, 3, 4)}},
	{"not seen yet", -1, {RECEIVE(5, 1, 4), READ(0, 0, 2, 3)}},
	{"seen already", -1, {RECEIVE(5, 1, 4), READ(5, 0, 2, 3)}},
	{"seen, and then not", 2, {RECEIVE(5, 1, 6), READ(5, 0, 2, 3), READ(0, 0, 4, 5)}},
	{"sold twice", 1, {RECEIVE(1, 1, 2), ISSUE(1, 3, 6, INV_OK), ISSUE(1, 4, 5, INV_OK)}},
	{"sold once", -1, {RECEIVE(1, 1, 2), ISSUE(1, 3, 6, INV_OK),
	                   ISSUE(1, 4, 5, INV_E_INSUFFICIENT)}},
	{"refused for nothing", 1, {RECEIVE(1, 1, 2), ISSUE(1, 3, 4, INV_E_INSUFFICIENT)}},
	{"held for another", 2, {RECEIVE(2, 1, 2), HOLD(2, 3, 4, INV_OK), ISSUE(1, 5, 6, INV_OK)}},
	{"taken by the holder", -1, {RECEIVE(2, 1, 2), HOLD(2, 3, 4, INV_OK),
	                             COMMIT(2, 5, 6, INV_OK), READ(0, 0, 7, 8)}},
	{"taken twice", 3, {RECEIVE(2, 1, 2), HOLD(1, 3, 4, INV_OK), COMMIT(1, 5, 6, INV_OK),
	                    COMMIT(1, 7, 8, INV_OK)}},
	{"unknown: it happened late", -1, {RECEIVE(1, 1, 2), ISSUE(1, 3, UNKNOWN, INV_OK),
	                                   READ(1, 0, 4, 5), READ(0, 0, 6, 7)}},
	{"unknown: it never happened", -1, {RECEIVE(1, 1, 2), ISSUE(1, 3, UNKNOWN, INV_OK),
	                                    READ(1, 0, 4, 5)}},
	{"unknown: it happened, and then not", 4, {RECEIVE(1, 1, 2), ISSUE(1, 3, UNKNOWN, INV_OK),
	                                           READ(1, 0, 4, 5), READ(0, 0, 6, 7),
	                                           READ(1, 0, 8, 9)}},
};

TEST(the_checker_knows_an_order_from_none)
{
	static linear_history h;

	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		h.count = 0;
		while (h.count < 6 && samples[i].ops[h.count].called)
			h.ops[h.count] = samples[i].ops[h.count], h.count++;
		if (linear_check(&h) != samples[i].failed)
			CHECK_FAIL("%s: %d", samples[i].what, linear_check(&h));
	}
}

CHECK_MAIN()
