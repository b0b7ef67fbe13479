/* SPDX-License-Identifier: MIT */
/* Random receipts, issues, holds and moves of lots, beside a model of a few lines: lots sum to what
 * is on hand (I10), what is picked is what the rule says, no earlier expiry is skipped (I11), and
 * hard holds never exceed their lot (I16). INV_TEST_SEED repeats a run, INV_TEST_LONG=N makes it N
 * times as long. */
/* ctest: drivers */
#include "support/json_text.h"
#include "support/shop.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RULES = 3, PLACES = 2, LOTS = 8, HOLDS = 64, STEPS = 150, PARTS = LOTS };

static const char *const skus[RULES] = {"FEFO", "FIFO", "LIFO"};
static const char *const rules[RULES] = {"fefo", "fifo", "lifo"};
static const char *const places[PLACES] = {"MAIN", "BACK"};

/* ---- the model ---- */

typedef struct lot {
	int quantity[PLACES], held[PLACES];
	int64_t since[PLACES]; /* 0 = never */
	int expires;           /* days from the first; 0 = does not */
	bool known;
} lot;

typedef struct hold {
	char id[40];
	int product, lot, place, quantity; /* 0 = over */
} hold;

/* A rule that the model breaks, so that the run must find a difference. */
typedef enum broken { SOUND, BY_CODE, TAKES_HELD, TAKES_EXPIRED } broken;

typedef struct run {
	test_shop shop;
	lot lots[RULES][LOTS];
	hold holds[HOLDS];
	int hold_count;
	broken broken;
	int differences;
} run;

typedef struct part {
	int lot, quantity;
} part;

static int below(int limit)
{
	return (int)check_random_below((uint64_t)limit);
}

/* The test's day, and lots expire in the days around it. */
static const char *date_of(int day)
{
	static char texts[4][24];
	static int turn;
	char *text = texts[turn++ % 4];

	snprintf(text, sizeof texts[0], "2023-11-%02d", day);
	return text;
}
enum { TODAY = 14 };

static int free_of(const run *r, const lot *l, int place)
{
	return l->quantity[place] - (r->broken == TAKES_HELD ? 0 : l->held[place]);
}

/* Does a go before b? */
static bool goes_first(const run *r, int product, int place, int a, int b)
{
	const lot *x = &r->lots[product][a], *y = &r->lots[product][b];
	int left = x->expires ? x->expires : 99, right = y->expires ? y->expires : 99;

	if (r->broken != BY_CODE && product == 0 && left != right)
		return left < right;
	if (r->broken != BY_CODE && x->since[place] != y->since[place])
		return (x->since[place] < y->since[place]) == (product != 2);
	return a < b;
}

/* What the rule takes; returns how much is missing. */
static int pick(const run *r, int product, int place, int wanted, part parts[PARTS], int *count)
{
	bool used[LOTS] = {false};

	for (*count = 0; wanted > 0;) {
		int best = -1, most;

		for (int i = 0; i < LOTS; i++) {
			const lot *l = &r->lots[product][i];
			bool expired = l->expires && l->expires < TODAY && r->broken != TAKES_EXPIRED;

			if (!used[i] && !expired && free_of(r, l, place) > 0 &&
			    (best < 0 || goes_first(r, product, place, i, best)))
				best = i;
		}
		if (best < 0)
			return wanted;
		used[best] = true;
		most = free_of(r, &r->lots[product][best], place);
		parts[*count] = (part){best, most < wanted ? most : wanted};
		wanted -= parts[(*count)++].quantity;
	}
	return 0;
}

/* ---- both ---- */

static void differs(run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void differs(run *r, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	r->differences++;
	if (r->broken == SOUND)
		CHECK_FAIL("%s", text);
}

static inv_str code_of(int index, char text[8])
{
	snprintf(text, 8, "L-%d", index);
	return inv_str_of(text);
}

static void put_line(inv_stock_line *line, int product, int place, int quantity)
{
	*line = (inv_stock_line)INV_STOCK_LINE_INIT;
	line->product = inv_ref_code(skus[product]);
	line->location = inv_ref_code(places[place]);
	line->quantity = UNITS(quantity);
}

static void receive(run *r)
{
	int product = below(RULES), place = below(PLACES), index = below(LOTS);
	lot *l = &r->lots[product][index];
	int quantity = 1 + below(6), expires = below(4) ? TODAY - 2 + below(9) : 0;
	inv_stock_entry entry = INV_STOCK_ENTRY_INIT;
	inv_stock_line line;
	char code[8], text[200];

	put_line(&line, product, place, quantity);
	line.lot = code_of(index, code);
	entry.lines = INV_LIST_OF(&line, 1);
	CHECK_STATUS(inv_stock_receive(r->shop.s, &entry, 1, NULL, NULL), INV_OK);
	if (!l->known && expires) {
		snprintf(text, sizeof text, "{\"product\":\"%s\",\"code\":\"%s\",\"expires\":\"%s\"}",
		         skus[product], code, date_of(expires));
		SHOP_ANSWER(r->shop.s, "lot.update", text);
		l->expires = expires;
	}
	l->known = true;
	l->quantity[place] += quantity;
	if (!l->since[place])
		l->since[place] = r->shop.now;
}

/* The lines of an answer are those of the model. */
static void check_parts(run *r, const inv_list *lines, const part *parts, int count)
{
	if (lines->count != (size_t)count) {
		differs(r, "%zu lots were picked, not %d", lines->count, count);
		return;
	}
	for (int i = 0; i < count; i++) {
		const inv_posting_line *l = INV_LIST_AT(*lines, inv_posting_line, (size_t)i);
		char code[8];
		inv_str expected = code_of(parts[i].lot, code);

		if (l->lot.len != expected.len || memcmp(l->lot.ptr, code, expected.len) != 0 ||
		    l->quantity != UNITS(parts[i].quantity))
			differs(r, "%.*s was picked as number %d, not %s", (int)l->lot.len, l->lot.ptr, i,
			        code);
	}
}

/* I11, from the answer alone: nothing that expires earlier was left free. */
static void check_no_earlier(run *r, const part *parts, int count, int place)
{
	for (int i = 0; i < count; i++)
		for (int k = 0; k < LOTS; k++) {
			const lot *l = &r->lots[0][k];
			bool taken = false;

			for (int j = 0; j < i; j++)
				taken |= parts[j].lot == k;
			if (!taken && l->expires >= TODAY && r->lots[0][parts[i].lot].expires > l->expires &&
			    l->quantity[place] > l->held[place])
				differs(r, "L-%d was skipped for L-%d", k, parts[i].lot);
		}
}

static void issue(run *r)
{
	int product = below(RULES), place = below(PLACES), wanted = 1 + below(9), count;
	inv_stock_entry entry = INV_STOCK_ENTRY_INIT;
	inv_stock_line line;
	inv_result *result = NULL;
	part parts[PARTS];
	inv_status rc;
	int missing = pick(r, product, place, wanted, parts, &count);

	put_line(&line, product, place, wanted);
	entry.lines = INV_LIST_OF(&line, 1);
	rc = inv_stock_issue(r->shop.s, &entry, 1, NULL, &result);
	if (rc != (missing ? INV_E_INSUFFICIENT : INV_OK))
		differs(r, "the issue of %d answers %d, but %d is missing", wanted, (int)rc, missing);
	if (rc == INV_OK && r->differences == 0) {
		check_parts(r, &INV_AT(result, inv_posting, 0)->lines, parts, count);
		if (product == 0)
			check_no_earlier(r, parts, count, place);
	}
	for (int i = 0; rc == INV_OK && !missing && i < count; i++)
		r->lots[product][parts[i].lot].quantity[place] -= parts[i].quantity;
	inv_result_free(result);
}

static void hold_lot(run *r)
{
	int product = below(RULES), place = below(PLACES), index = below(LOTS);
	lot *l = &r->lots[product][index];
	int quantity = 1 + below(4);
	bool fits = l->quantity[place] - l->held[place] >= quantity;
	inv_reservation in = INV_RESERVATION_INIT;
	inv_result *result = NULL;
	char code[8];
	inv_status rc;

	if (r->hold_count == HOLDS)
		return;
	in.product = inv_ref_code(skus[product]);
	in.location = inv_ref_code(places[place]);
	in.lot = code_of(index, code);
	in.quantity = UNITS(quantity);
	rc = inv_reservation_hold(r->shop.s, &in, 1, NULL, &result);
	if (rc != (fits ? INV_OK : INV_E_INSUFFICIENT))
		differs(r, "holding %d of %s answers %d", quantity, code, (int)rc);
	if (rc == INV_OK) {
		hold *h = &r->holds[r->hold_count++];

		*h = (hold){"", product, index, place, quantity};
		inv_id_format(INV_AT(result, inv_reservation, 0)->id, h->id);
		l->held[place] += quantity;
	}
	inv_result_free(result);
}

/* A hold ends: its goods leave, or are given back. */
static void end_hold(run *r)
{
	hold *h = r->hold_count ? &r->holds[below(r->hold_count)] : NULL;
	bool leaves = below(2);
	char text[80];
	lot *l;

	if (!h || h->quantity == 0)
		return;
	l = &r->lots[h->product][h->lot];
	snprintf(text, sizeof text, "{\"reservation\":\"%s\"}", h->id);
	SHOP_ANSWER(r->shop.s, leaves ? "reservation.commit" : "reservation.release", text);
	l->held[h->place] -= h->quantity;
	l->quantity[h->place] -= leaves ? h->quantity : 0;
	h->quantity = 0;
}

static void move(run *r)
{
	int product = below(RULES), from = below(PLACES), index = below(LOTS), quantity = 1 + below(4);
	lot *l = &r->lots[product][index];
	inv_stock_entry entry = INV_STOCK_ENTRY_INIT;
	inv_stock_line line;
	char code[8];

	if (l->quantity[from] - l->held[from] < quantity)
		return;
	put_line(&line, product, from, quantity);
	line.to_location = inv_ref_code(places[1 - from]);
	line.lot = code_of(index, code);
	entry.lines = INV_LIST_OF(&line, 1);
	CHECK_STATUS(inv_stock_move(r->shop.s, &entry, 1, NULL, NULL), INV_OK);
	l->quantity[from] -= quantity;
	l->quantity[1 - from] += quantity;
	if (!l->since[1 - from])
		l->since[1 - from] = r->shop.now;
}

/* I10: the lots of a product sum to what is on hand. */
static void check_sums(run *r)
{
	int product = below(RULES), place = below(PLACES);
	int64_t sum = 0, lots = 0;
	inv_balance_query query = INV_BALANCE_QUERY_INIT;
	inv_result *result = NULL;

	for (int i = 0; i < LOTS; i++)
		sum += r->lots[product][i].quantity[place];
	if (shop_on_hand(r->shop.s, skus[product], places[place]) != UNITS(sum))
		differs(r, "%s is not %d on hand", skus[product], (int)sum);
	query.product = inv_ref_code(skus[product]);
	query.location = inv_ref_code(places[place]);
	query.detail = 1;
	CHECK_STATUS(inv_balance_list(r->shop.s, &query, 1, NULL, &result), INV_OK);
	for (size_t i = 0; i < inv_result_count(result); i++)
		lots += INV_AT(result, inv_balance, i)->on_hand;
	if (lots != UNITS(sum))
		differs(r, "the lots of %s do not sum to %d (I10)", skus[product], (int)sum);
	inv_result_free(result);
}

static void step(run *r)
{
	int at = below(100);

	shop_clock(&r->shop, r->shop.now + SHOP_SECOND);
	if (at < 30)
		receive(r);
	else if (at < 65)
		issue(r);
	else if (at < 80)
		hold_lot(r);
	else if (at < 88)
		end_hold(r);
	else
		move(r);
	check_sums(r);
}

static bool open_run(run *r, broken how)
{
	char text[200];

	memset(r, 0, sizeof *r);
	r->broken = how;
	if (!shop_open(&r->shop, NULL))
		return false;
	SHOP_ANSWER(r->shop.s, "location.create", "{\"code\":\"BACK\",\"name\":\"Back\"}");
	for (int i = 0; i < RULES; i++) {
		snprintf(text, sizeof text,
		         "{\"sku\":\"%s\",\"name\":\"x\",\"tracking\":\"lot\",\"picking\":\"%s\"}", skus[i],
		         rules[i]);
		SHOP_ANSWER(r->shop.s, "product.create", text);
	}
	return check_failures() == 0;
}

TEST(lots_are_picked_as_the_model_says)
{
	const char *longer = getenv("INV_TEST_LONG");
	int steps = STEPS * (longer ? atoi(longer) : 1);
	run r;

	if (!open_run(&r, SOUND))
		return;
	for (int i = 0; i < steps && r.differences == 0; i++)
		step(&r);
	shop_verify(&r.shop);
	shop_close(&r.shop);
}

static void finds(broken how)
{
	run r;

	if (!open_run(&r, how))
		return;
	for (int i = 0; i < 40 * STEPS && r.differences == 0; i++)
		step(&r);
	CHECK(r.differences > 0);
	shop_close(&r.shop);
}

TEST(a_model_that_picks_by_code_is_found_out)
{
	finds(BY_CODE);
}

TEST(a_model_that_picks_what_is_held_is_found_out)
{
	finds(TAKES_HELD);
}

TEST(a_model_that_picks_what_has_expired_is_found_out)
{
	finds(TAKES_EXPIRED);
}

/* ---- many at once ---- */

enum { THREADS = 4, RACE_LOTS = 6, RACE_UNITS = 20 };

static void *take_all(void *arg)
{
	inv_store *store = arg;
	inv_stock_entry entry = INV_STOCK_ENTRY_INIT;
	inv_stock_line line;
	inv_session *s = NULL;
	inv_status rc = inv_session_open(store, NULL, &s, NULL);
	int n = 0;

	put_line(&line, 0, 0, 1);
	entry.lines = INV_LIST_OF(&line, 1);
	while (rc == INV_OK || rc == INV_E_BUSY) {
		line.quantity = UNITS(1 + n++ % 3);
		rc = inv_stock_issue(s, &entry, 1, NULL, NULL);
	}
	inv_session_close(s);
	return (void *)(intptr_t)rc;
}

/* The lots of an issue, in its order: their expiries never go back. Returns how many there are. */
static int check_event(const inv_event *e, const int *expires, int *last)
{
	static const char name[] = "\"lot\":\"L-";
	int n = 0;
	char *text = malloc(e->payload.len + 1);

	if (!CHECK(text))
		return 0;
	memcpy(text, e->payload.ptr, e->payload.len);
	text[e->payload.len] = '\0';
	if (strstr(text, "\"kind\":\"issue\""))
		for (char *at = strstr(text, name); at; at = strstr(at + 1, name), n++) {
			int index = at[sizeof name - 1] - '0';

			CHECK(expires[index] >= *last);
			*last = expires[index];
		}
	free(text);
	return n;
}

static void check_order(test_shop *shop, const int *expires)
{
	inv_feed_query query = INV_FEED_QUERY_INIT;
	int last = 0, seen = 0;
	size_t count = 1;

	query.limit = 100;
	while (count > 0) {
		inv_result *r = NULL;

		if (!CHECK_STATUS(inv_feed_read(shop->s, &query, 1, NULL, &r), INV_OK))
			return;
		count = inv_result_count(r);
		for (size_t i = 0; i < count; i++) {
			const inv_event *e = INV_AT(r, inv_event, i);

			query.after = e->position;
			seen += check_event(e, expires, &last);
		}
		inv_result_free(r);
	}
	CHECK(seen >= RACE_LOTS);
}

/* I11 holds for each command at its commit. */
TEST(threads_pick_in_the_order_of_expiry)
{
	static const int expires[RACE_LOTS] = {20, 17, 25, 18, 15, 22};
	pthread_t threads[THREADS];
	char text[200];
	run r;

	if (!open_run(&r, SOUND))
		return;
	for (int i = 0; i < RACE_LOTS; i++) {
		snprintf(text, sizeof text,
		         "{\"lines\":[{\"product\":\"FEFO\",\"quantity\":\"%d\",\"lot\":\"L-%d\","
		         "\"expires\":\"%s\"}]}",
		         RACE_UNITS, i, date_of(expires[i]));
		SHOP_ANSWER(r.shop.s, "stock.receive", text);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, take_all, r.shop.store);
	for (int i = 0; i < THREADS; i++) {
		void *rc;

		pthread_join(threads[i], &rc);
		CHECK_STATUS((inv_status)(intptr_t)rc, INV_E_INSUFFICIENT);
	}
	CHECK(shop_on_hand(r.shop.s, "FEFO", NULL) <= UNITS(2));
	check_order(&r.shop, expires);
	shop_verify(&r.shop);
	shop_close(&r.shop);
}

/* ---- one lot that several make known ---- */

enum { RECEIPTS = 12 };

typedef struct receiver {
	inv_store *store;
	int place;
	inv_status status;
} receiver;

static void *receive_all(void *arg)
{
	receiver *me = arg;
	inv_stock_entry entry = INV_STOCK_ENTRY_INIT;
	inv_stock_line line;
	inv_session *s = NULL;
	char code[8];

	me->status = inv_session_open(me->store, NULL, &s, NULL);
	put_line(&line, 0, me->place, 1);
	entry.lines = INV_LIST_OF(&line, 1);
	for (int i = 0; me->status == INV_OK && i < RECEIPTS; i++) {
		line.lot = code_of(i, code);
		me->status = inv_stock_receive(s, &entry, 1, NULL, NULL);
	}
	inv_session_close(s);
	return NULL;
}

TEST(threads_make_each_lot_known_once)
{
	receiver receivers[THREADS];
	pthread_t threads[THREADS];
	inv_query query = INV_QUERY_INIT;
	inv_result *result = NULL;
	run r;

	if (!open_run(&r, SOUND))
		return;
	for (int i = 0; i < THREADS; i++) {
		receivers[i] = (receiver){r.shop.store, i % PLACES, INV_OK};
		pthread_create(&threads[i], NULL, receive_all, &receivers[i]);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		CHECK_STATUS(receivers[i].status, INV_OK);
	}
	CHECK_INT(shop_on_hand(r.shop.s, "FEFO", NULL), UNITS(THREADS * RECEIPTS));
	if (CHECK_STATUS(inv_lot_list(r.shop.s, &query, 1, NULL, &result), INV_OK))
		CHECK_INT(inv_result_count(result), RECEIPTS);
	inv_result_free(result);
	shop_verify(&r.shop);
	shop_close(&r.shop);
}

CHECK_MAIN()
