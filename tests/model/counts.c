/* SPDX-License-Identifier: MIT */
/* In whatever order sales, deliveries and counts arrive, what is there and what each count explains
 * come out the same: those of the order in which they happened. A model that does not explain again
 * what comes in late must be caught. */
/* ctest: drivers */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/shop.h"

#define HAPPENINGS 12
#define DAY "2023-11-14"

enum { RECEIVE, ISSUE, SELL, MOVE, COUNT, KINDS };

typedef struct happening {
	int kind, hour, quantity;
	bool booked;
	inv_id count;
	int variance; /* of a count: as the model has it */
} happening;

typedef struct run {
	test_shop *shop;
	inv_session *s;
	happening list[HAPPENINGS]; /* in the order in which they happened */
	int count;
	char sku[16];
	bool lots, strict;
	bool forgets;   /* the fault that is planted */
	unsigned wrong;
} run;

static int below(int limit)
{
	return (int)check_random_below((uint64_t)limit);
}

/* ---- the model ---- */

static int change_of(const happening *h)
{
	return h->kind == RECEIVE ? h->quantity : -h->quantity;
}

/* What is there behind happening `last`. */
static int balance_after(const run *r, int last)
{
	int there = 0;

	for (int i = 0; i <= last; i++) {
		const happening *h = &r->list[i];

		if (!h->booked)
			continue;
		there = h->kind == COUNT ? h->quantity : there + change_of(h);
	}
	return there;
}

/* The least that is there from a happening on, until somebody counts. */
static int least_from(const run *r, int at)
{
	int least = balance_after(r, at);

	for (int i = at + 1; i < r->count; i++) {
		if (!r->list[i].booked)
			continue;
		if (r->list[i].kind == COUNT)
			break;
		if (balance_after(r, i) < least)
			least = balance_after(r, i);
	}
	return least;
}

static bool is_refused(const run *r, int at)
{
	const happening *h = &r->list[at];
	int change = h->kind == COUNT ? h->quantity - balance_after(r, at) : change_of(h);

	return r->strict && change < 0 && least_from(r, at) + change < 0;
}

static void explain(run *r, int arrived)
{
	for (int i = 0; i < r->count; i++) {
		happening *h = &r->list[i];

		if (h->kind == COUNT && h->booked && (!r->forgets || i == arrived))
			h->variance = h->quantity - balance_after(r, i - 1);
	}
}

/* ---- the library ---- */

static inv_status book_count(run *r, happening *h)
{
	char json[400], id[37];
	inv_result *result;
	inv_status rc;

	snprintf(json, sizeof json, "{\"products\":[{\"product\":\"%s\"}]}", r->sku);
	rc = shop_json(r->s, "count.open", json, &result);
	if (!CHECK_STATUS(rc, INV_OK))
		return rc;
	h->count = INV_AT(result, inv_count, 0)->id;
	inv_result_free(result);
	inv_id_format(h->count, id);
	snprintf(json, sizeof json,
	         "{\"count\":\"%s\",\"counted_at\":\"" DAY "T%02d:00:00Z\",\"lines\":["
	         "{\"product\":\"%s\",\"quantity\":%d%s}]}",
	         id, h->hour, r->sku, h->quantity, r->lots ? ",\"lot\":\"L\"" : "");
	SHOP_ANSWER(r->s, "count.enter", json);
	snprintf(json, sizeof json, "{\"count\":\"%s\",\"accept_all\":true}", id);
	SHOP_ANSWER(r->s, "count.review", json);
	snprintf(json, sizeof json, "{\"ref\":\"%s\"}", id);
	return shop_json(r->s, "count.post", json, NULL);
}

static inv_status book_goods(run *r, const happening *h)
{
	static const char *const ops[KINDS] = {"stock.receive", "stock.issue", "sale.close",
	                                       "stock.move", NULL};
	char json[400];

	snprintf(json, sizeof json,
	         "{\"occurred_at\":\"" DAY "T%02d:00:00Z\",\"lines\":[{\"product\":\"%s\",\"quantity\":"
	         "%d%s%s%s}]%s}",
	         h->hour, r->sku, h->quantity, r->lots ? ",\"lot\":\"L\"" : "",
	         h->kind == MOVE ? ",\"to_location\":\"BACK\"" : "",
	         h->kind == SELL ? ",\"unit_price\":\"1\"" : "",
	         h->kind == SELL ? ",\"tenders\":[{\"method\":\"card\"}]" : "");
	return shop_json(r->s, ops[h->kind], json, NULL);
}

static void arrive(run *r, int at)
{
	happening *h = &r->list[at];
	bool refused = is_refused(r, at);
	inv_status rc = h->kind == COUNT ? book_count(r, h) : book_goods(r, h);

	r->shop->now += SHOP_SECOND;
	if (rc != (refused ? INV_E_INSUFFICIENT : INV_OK))
		CHECK_FAIL("%s: kind %d at %d: %d: %s", r->sku, h->kind, h->hour, rc,
		           inv_session_error(r->s)->message);
	h->booked = rc == INV_OK;
	explain(r, at);
}

/* ---- what comes out ---- */

static void check_balances(run *r)
{
	for (int i = -1; i <= r->count; i++) {
		char json[200];
		inv_result *result;
		int last = i < r->count ? i : r->count - 1;

		snprintf(json, sizeof json, "{\"product\":\"%s\",\"location\":\"MAIN\"", r->sku);
		if (i < r->count) /* behind the last: now */
			snprintf(json + strlen(json), sizeof json - strlen(json),
			         ",\"as_of\":\"" DAY "T%02d:30:00Z\"", i < 0 ? 0 : r->list[i].hour);
		snprintf(json + strlen(json), sizeof json - strlen(json), "}");
		if (!CHECK_STATUS(shop_json(r->s, "balance.get", json, &result), INV_OK))
			return;
		r->wrong += INV_AT(result, inv_balance, 0)->on_hand != UNITS(balance_after(r, last));
		r->wrong += INV_AT(result, inv_balance, 0)->available != UNITS(balance_after(r, last));
		inv_result_free(result);
	}
}

static void check_counts(run *r)
{
	for (int i = 0; i < r->count; i++) {
		const happening *h = &r->list[i];
		char json[60] = "{\"ref\":\"", *end = json + strlen(json);
		const inv_count *c;
		inv_result *result;

		if (h->kind != COUNT || !h->booked)
			continue;
		inv_id_format(h->count, end);
		strcat(json, "\"}");
		if (!CHECK_STATUS(shop_json(r->s, "count.get", json, &result), INV_OK))
			return;
		c = INV_AT(result, inv_count, 0);
		for (size_t k = 0; k < c->lines.count; k++) {
			const inv_count_line *l = INV_LIST_AT(c->lines, inv_count_line, k);

			if (!l->is_counted)
				continue;
			r->wrong += l->variance != UNITS(h->variance) || l->counted != UNITS(h->quantity) ||
			            l->expected != l->counted - l->variance;
		}
		inv_result_free(result);
	}
}

/* ---- orders ---- */

static void random_day(run *r, int count)
{
	memset(r->list, 0, sizeof r->list);
	r->count = count;
	for (int i = 0; i < count; i++) {
		happening *h = &r->list[i];

		h->hour = 1 + i;
		h->kind = i == 0 ? RECEIVE : below(5) < 2 ? COUNT : below(COUNT);
		h->quantity = h->kind == RECEIVE ? 5 + below(10)
		              : h->kind == COUNT ? below(9)
		                                 : 1 + below(3);
	}
}

static void add_product(run *r)
{
	static unsigned number;
	char json[120];

	snprintf(r->sku, sizeof r->sku, "P%u", number++);
	snprintf(json, sizeof json, "{\"sku\":\"%s\",\"name\":\"%s\"%s}", r->sku, r->sku,
	         r->lots ? ",\"tracking\":\"lot\"" : "");
	SHOP_ANSWER(r->s, "product.create", json);
}

static void run_order(run *r, const int *order)
{
	add_product(r);
	for (int i = 0; i < r->count; i++)
		r->list[i].booked = false;
	for (int i = 0; i < r->count; i++)
		arrive(r, order[i]);
	check_balances(r);
	check_counts(r);
	if (r->wrong > 0 && !r->forgets)
		CHECK_FAIL("%s comes out wrong", r->sku);
}

static void swap(int *a, int *b)
{
	int was = *a;

	*a = *b;
	*b = was;
}

/* Every order of `count`, by Heap's algorithm. */
static void run_orders(run *r, int *order, int count)
{
	if (count == 1) {
		run_order(r, order);
		return;
	}
	for (int i = 0; i < count && r->wrong == 0; i++) {
		run_orders(r, order, count - 1);
		swap(&order[count % 2 ? 0 : i], &order[count - 1]);
	}
}

static void shuffle(int *order, int count)
{
	for (int i = count - 1; i > 0; i--)
		swap(&order[i], &order[below(i + 1)]);
}

static bool begin(run *r, test_shop *shop)
{
	if (!shop_open(shop, NULL))
		return false;
	r->shop = shop;
	SHOP_ANSWER(shop->s, "location.create", "{\"code\":\"BACK\",\"name\":\"Back\"}");
	SHOP_ANSWER(shop->s, "channel.create",
	            "{\"code\":\"SEE\",\"name\":\"See\",\"guard\":\"observe\"}");
	r->s = r->strict ? shop->s : shop_session(shop, "SEE", "MAIN");
	return check_failures() == 0;
}

static void end(run *r)
{
	if (r->s != r->shop->s)
		inv_session_close(r->s);
	shop_verify(r->shop);
	shop_close(r->shop);
}

TEST(every_order_of_four_comes_out_the_same)
{
	test_shop shop = {0};
	run r = {0};

	if (!begin(&r, &shop))
		return;
	for (int set = 0; set < 2 && r.wrong == 0; set++) {
		int order[HAPPENINGS] = {0, 1, 2, 3};

		r.lots = set % 2 != 0;
		random_day(&r, 4);
		r.list[1].kind = r.list[3].kind = COUNT;
		run_orders(&r, order, 4);
	}
	end(&r);
}

static void random_orders(run *r, int sets, int most)
{
	for (int set = 0; set < sets && r->wrong == 0; set++) {
		int order[HAPPENINGS];

		r->lots = below(2) != 0;
		random_day(r, 5 + below(most - 4));
		for (int k = 0; k < r->count; k++)
			order[k] = k;
		shuffle(order, r->count);
		run_order(r, order);
	}
}

TEST(larger_sets_come_out_the_same_in_random_orders)
{
	test_shop shop = {0};
	run r = {0};

	if (!begin(&r, &shop))
		return;
	random_orders(&r, 15, HAPPENINGS);
	end(&r);
}

/* What the guard refuses is what would be missing until somebody counts. */
TEST(the_guard_sees_what_counts_absorb)
{
	test_shop shop = {0};
	run r = {.strict = true};

	if (!begin(&r, &shop))
		return;
	random_orders(&r, 20, HAPPENINGS);
	end(&r);
}

TEST(a_count_that_is_not_explained_again_is_seen)
{
	test_shop shop = {0};
	run r = {.forgets = true};

	if (!begin(&r, &shop))
		return;
	random_orders(&r, 40, HAPPENINGS);
	CHECK(r.wrong > 0);
	end(&r);
}

/* I8: what was known once is not changed by what comes in later. */
TEST(what_was_known_stays_what_it_was)
{
	test_shop shop = {0};
	run r = {0};
	char json[200];
	int64_t before;
	inv_result *result;

	if (!begin(&r, &shop))
		return;
	random_day(&r, 3);
	r.list[1] = (happening){.kind = ISSUE, .hour = 2, .quantity = 2};
	r.list[2] = (happening){.kind = COUNT, .hour = 3, .quantity = 4};
	add_product(&r);
	arrive(&r, 0);
	arrive(&r, 2);
	shop_clock(&shop, shop.now + SHOP_MINUTE);
	snprintf(json, sizeof json, "{\"product\":\"%s\",\"known_at\":\"2023-11-14T22:14:00Z\"}",
	         r.sku);
	CHECK_STATUS(shop_json(r.s, "balance.get", json, &result), INV_OK);
	before = INV_AT(result, inv_balance, 0)->on_hand;
	inv_result_free(result);
	CHECK_INT(before, UNITS(4));
	shop_clock(&shop, shop.now + SHOP_MINUTE);
	arrive(&r, 1);
	CHECK_STATUS(shop_json(r.s, "balance.get", json, &result), INV_OK);
	CHECK_INT(INV_AT(result, inv_balance, 0)->on_hand, before);
	inv_result_free(result);
	CHECK_INT(shop_on_hand(r.s, r.sku, "MAIN"), UNITS(4));
	end(&r);
}

CHECK_MAIN()
