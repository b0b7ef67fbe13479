/* SPDX-License-Identifier: MIT */
/* ctest: concurrency drivers */
/* The feed and who waits for it, the history of a subject, and forgetting a person. */
#include "support/json_text.h"
#include "support/shop.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

static int64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- waiting ---- */

typedef struct waiter {
	inv_session *s;
	int64_t after;
	inv_status status;
	size_t events;
	int64_t position;
	int64_t took;
} waiter;

static void *wait_for_events(void *arg)
{
	waiter *w = arg;
	char json[96];
	inv_result *r = NULL;
	int64_t start = milliseconds();

	snprintf(json, sizeof json, "{\"after\":%d,\"timeout_ms\":20000}", (int)w->after);
	w->status = shop_json(w->s, "feed.wait", json, &r);
	w->took = milliseconds() - start;
	w->events = inv_result_count(r);
	if (w->events > 0)
		w->position = INV_AT(r, inv_event, 0)->position;
	inv_result_free(r);
	return NULL;
}

static void waits_for(const char *url)
{
	test_shop shop = {0};
	pthread_t threads[3];

	if (shop_open(&shop, url)) {
		waiter w[3];

		for (int i = 0; i < 3; i++) {
			w[i] = (waiter){.s = shop_session(&shop, NULL, NULL), .after = shop_position(&shop)};
			pthread_create(&threads[i], NULL, wait_for_events, &w[i]);
		}
		shop_product(&shop, "TEA");
		for (int i = 0; i < 3; i++) {
			pthread_join(threads[i], NULL);
			CHECK_STATUS(w[i].status, INV_OK);
			CHECK_INT(w[i].events, 1);
			CHECK_INT(w[i].position, w[i].after + 1);
			CHECK(w[i].took < 15000);
			inv_session_close(w[i].s);
		}
	}
	shop_close(&shop);
}

TEST(who_waits_is_woken)
{
	waits_for(NULL);
}

TEST(also_in_memory)
{
	waits_for(":memory:");
}

/* ---- many readers of few connections ---- */

#define READERS 4

static void *read_and_write(void *arg)
{
	waiter *w = arg;
	inv_result *r = NULL;

	for (int i = 0; i < 10 && w->status == INV_OK; i++) {
		w->status = shop_receive(w->s, "TEA", NULL, UNITS(1), 0);
		if (w->status == INV_OK)
			w->status = shop_json(w->s, "feed.read", "{\"after\":0,\"limit\":500}", &r);
		w->events = inv_result_count(r);
		inv_result_free(r);
		r = NULL;
	}
	return NULL;
}

/* A read that gives positions first must not need a second connection beside its own. */
TEST(one_connection_for_reading_is_enough)
{
	test_shop shop = {.readers = 1};
	pthread_t threads[READERS];
	waiter w[READERS];

	if (shop_open(&shop, NULL)) {
		shop_product(&shop, "TEA");
		for (int i = 0; i < READERS; i++) {
			w[i] = (waiter){.s = shop_session(&shop, NULL, NULL)};
			pthread_create(&threads[i], NULL, read_and_write, &w[i]);
		}
		for (int i = 0; i < READERS; i++) {
			pthread_join(threads[i], NULL);
			CHECK_STATUS(w[i].status, INV_OK);
			CHECK(w[i].events > 10); /* its own, and what made the shop */
			inv_session_close(w[i].s);
		}
	}
	shop_close(&shop);
}

TEST(waiting_ends)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		int64_t start = milliseconds(), took;
		const char *a = SHOP_ANSWER(shop.s, "feed.wait", "{\"after\":1000,\"timeout_ms\":120}");

		took = milliseconds() - start;
		CHECK_STR(a, "{\"items\":[],\"cursor\":\"\"}");
		CHECK(took >= 110 && took < 15000);
		/* What is there already needs no waiting; without a time it only looks. */
		JSON_HAS(SHOP_ANSWER(shop.s, "feed.wait", "{\"limit\":1,\"timeout_ms\":20000}"),
		         "\"position\":1,");
		CHECK_STR(SHOP_ANSWER(shop.s, "feed.wait", "{\"after\":1000}"),
		          "{\"items\":[],\"cursor\":\"\"}");
		SHOP_REFUSES(shop.s, "feed.wait", "{\"timeout_ms\":3600001}", INV_E_INVALID, "timeout_ms");
		SHOP_REFUSES(shop.s, "feed.read", "{\"limit\":1001}", INV_E_INVALID, "limit");
		SHOP_REFUSES(shop.s, "feed.read", "{\"after\":-1}", INV_E_INVALID, "after");
		/* A consumer's cursor is where waiting begins. */
		SHOP_ANSWER(shop.s, "feed.acknowledge", "{\"consumer\":\"mail\",\"position\":10}");
		CHECK_STR(SHOP_ANSWER(shop.s, "feed.wait", "{\"consumer\":\"MAIL\",\"timeout_ms\":50}"),
		          "{\"items\":[],\"cursor\":\"\"}");
		shop_product(&shop, "TEA");
		JSON_HAS(SHOP_ANSWER(shop.s, "feed.wait", "{\"consumer\":\"mail\",\"timeout_ms\":20000}"),
		         "product.created");
		SHOP_REFUSES(shop.s, "feed.acknowledge", "{\"position\":1}", INV_E_INVALID, "consumer");
		SHOP_REFUSES(shop.s, "feed.acknowledge", "{\"consumer\":\"mail\",\"position\":12}",
		             INV_E_INVALID, "position");
		SHOP_REFUSES(shop.s, "feed.acknowledge", "{\"consumer\":\"mail\",\"position\":3}",
		             INV_E_STATE, "position");
		/* Cursors are no events. */
		CHECK_INT(shop_position(&shop), 11);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(an_event_tells_who_when_and_where)
{
	test_shop shop = {0};
	inv_feed_query query = INV_FEED_QUERY_INIT;
	inv_result *r = NULL;

	if (shop_open(&shop, NULL)) {
		inv_id tea;

		query.after = shop_position(&shop);
		inv_session_request_id(shop.s, INV_S("req-7"));
		tea = shop_product(&shop, "TEA");
		shop_clock(&shop, shop.now + SHOP_HOUR);
		shop_receive(shop.s, "TEA", NULL, UNITS(1), shop.now - SHOP_MINUTE);
		if (CHECK_STATUS(inv_feed_read(shop.s, &query, 1, NULL, &r), INV_OK) &&
		    CHECK_INT(inv_result_count(r), 2)) {
			const inv_event *e = INV_AT(r, inv_event, 0), *f = INV_AT(r, inv_event, 1);

			CHECK_STR(e->name, "product.created");
			CHECK_STR(e->subject_type, "product");
			CHECK_BYTES(e->subject.bytes, tea.bytes, 16);
			CHECK_STR(e->actor, "tester");
			CHECK_STR(e->source, "inventra");
			CHECK_STR(e->request_id, "req-7");
			CHECK_INT(e->recorded_at, SHOP_NOON);
			CHECK_INT(e->hash.len, 32);
			CHECK_INT(f->position, e->position + 1);
			CHECK(f->seq > e->seq);
			CHECK_INT(f->occurred_at, shop.now - SHOP_MINUTE);
			CHECK_INT(f->recorded_at, shop.now);
			CHECK_INT(f->known_at, shop.now);
			CHECK(!inv_id_is_none(f->location) && !inv_id_is_none(f->channel));
			CHECK(memcmp(f->command.bytes, e->command.bytes, 16) != 0);
		}
		inv_result_free(r);
	}
	shop_close(&shop);
}

/* ---- history ---- */

TEST(history_has_before_and_after)
{
	test_shop shop = {0};
	char json[128], id[37];
	const char *h;

	if (shop_open(&shop, NULL)) {
		inv_id_format(shop_product(&shop, "TEA"), id);
		SHOP_ANSWER(shop.s, "product.update", "{\"sku\":\"TEA\",\"list_price\":\"2.5\"}");
		SHOP_ANSWER(shop.s, "product.archive", "{\"ref\":\"TEA\"}");
		snprintf(json, sizeof json, "{\"subject\":\"%s\"}", id);
		h = SHOP_ANSWER(shop.s, "audit.history", json);
		JSON_HAS(h, "product.created");
		JSON_HAS(h, "product.updated");
		JSON_HAS(h, "product.archived");
		JSON_HAS(h, "\"changed\":[\"list_price\",\"version\"");
		JSON_HAS(h, "\"changed\":[\"archived\",\"version\"");
		snprintf(json, sizeof json, "{\"subject\":\"%s\",\"after\":11,\"limit\":1}", id);
		h = SHOP_ANSWER(shop.s, "audit.history", json);
		JSON_HAS(h, "product.updated");
		JSON_LACKS(h, "product.archived");
		JSON_HAS(h, "\"before\":{");
		SHOP_REFUSES(shop.s, "audit.history", "{}", INV_E_INVALID, "subject");
		CHECK_STR(SHOP_ANSWER(shop.s, "audit.history",
		                      "{\"subject\":\"01890000-0000-7000-8000-000000000001\"}"),
		          "{\"items\":[],\"cursor\":\"\"}");
	}
	shop_close(&shop);
}

#define CHANGES 230

typedef struct pages {
	char name[CHANGES + 1][32]; /* as the first walk has told it */
	int64_t position[CHANGES + 1];
	size_t count;
} pages;

/* One page; how many entries it has. `last` is the payload behind which it stands. */
static size_t read_page(test_shop *shop, inv_history_query *query, pages *p, bool compare,
                        char last[4096])
{
	inv_result *r = NULL;
	size_t count;

	CHECK_STATUS(inv_audit_history(shop->s, query, 1, NULL, &r), INV_OK);
	count = inv_result_count(r);
	for (size_t i = 0; i < count && p->count <= CHANGES; i++, p->count++) {
		const inv_history_entry *e = INV_AT(r, inv_history_entry, i);

		CHECK(e->position > query->after);
		query->after = e->position;
		if (compare)
			CHECK_INT(e->position, p->position[p->count]);
		p->position[p->count] = e->position;
		snprintf(p->name[p->count], sizeof p->name[0], "%.*s", (int)e->name.len, e->name.ptr);
		/* Also of the first on a page: what was before it stands on another one. */
		CHECK_STR(e->before, last);
		snprintf(last, 4096, "%.*s", (int)e->after.len, e->after.ptr);
		CHECK(e->changed.count > 0);
	}
	inv_result_free(r);
	return count;
}

/* All pages of so many entries; 0: as many as by default. */
static void walk_history(test_shop *shop, inv_id subject, int64_t limit, pages *p, bool compare)
{
	inv_history_query query = INV_HISTORY_QUERY_INIT;
	size_t full = limit ? (size_t)limit : 100, got;
	char last[4096] = "";

	p->count = 0;
	query.subject = subject;
	query.limit = limit;
	do {
		got = read_page(shop, &query, p, compare, last);
		CHECK(got <= full);
	} while (got == full && check_failures() == 0);
	CHECK_INT(p->count, CHANGES + 1);
	CHECK_STR((const char *)p->name[0], "product.created");
	CHECK_STR((const char *)p->name[CHANGES], "product.updated");
	CHECK_INT(read_page(shop, &query, p, compare, last), 0);
}

/* A long history is the same whatever its pages, though others' events stand between. */
TEST(a_long_history_in_pages)
{
	static const int64_t limits[] = {1, 7, 23, 0, 231, 1000};
	test_shop shop = {0};
	static pages p;
	char json[96];
	inv_id tea;

	if (shop_open(&shop, NULL)) {
		tea = shop_product(&shop, "TEA");
		shop_product(&shop, "CUP");
		for (int i = 0; i < CHANGES; i++) {
			snprintf(json, sizeof json, "{\"sku\":\"TEA\",\"list_price\":\"%d\"}", i + 1);
			SHOP_ANSWER(shop.s, "product.update", json);
			snprintf(json, sizeof json, "{\"sku\":\"CUP\",\"list_price\":\"%d\"}", i + 1);
			if (i % 3 == 0)
				SHOP_ANSWER(shop.s, "product.update", json);
		}
		for (size_t i = 0; i < sizeof limits / sizeof limits[0] && check_failures() == 0; i++)
			walk_history(&shop, tea, limits[i], &p, i > 0);
		SHOP_REFUSES(shop.s, "audit.history",
		             "{\"subject\":\"01890000-0000-7000-8000-000000000001\",\"limit\":1001}",
		             INV_E_INVALID, "limit");
	}
	shop_close(&shop);
}

/* ---- forgetting ---- */

TEST(a_person_is_forgotten_and_the_journal_still_proves_itself)
{
	static const char sale[] =
		"{\"customer\":\"c-7\",\"customer_name\":\"Ada Lovelace\",\"customer_contact\":"
		"\"ada@example.org\",\"lines\":[{\"product\":\"TEA\",\"quantity\":1}]}";
	test_shop shop = {0};
	inv_options options = INV_OPTIONS_INIT;
	inv_result *r = NULL;
	char by_id[128], who[128];

	options.key = INV_S("sale-1");
	if (shop_open(&shop, NULL)) {
		const char *a;
		char before[65] = "", after[65] = "";

		shop_product(&shop, "TEA");
		shop_receive(shop.s, "TEA", NULL, UNITS(5), 0);
		CHECK_STATUS(inv_call_json(shop.s, INV_S("sale.close"), inv_str_of(sale), &options, &r),
		             INV_OK);
		JSON_HAS(inv_result_json(r).ptr, "Ada Lovelace");
		snprintf(by_id, sizeof by_id, "{\"ref\":\"%s\"}", json_field(inv_result_json(r).ptr, "id"));
		snprintf(who, sizeof who, "{\"subject\":\"%s\"}",
		         json_field(inv_result_json(r).ptr, "id"));
		inv_result_free(r);
		JSON_HAS(SHOP_ANSWER(shop.s, "sale.get", by_id), "ada@example.org");
		/* The journal never had the values. */
		a = SHOP_ANSWER(shop.s, "feed.read", "{\"after\":12}");
		JSON_HAS(a, "sale.closed");
		JSON_HAS(a, "c-7");
		JSON_LACKS(a, "Ada");
		JSON_LACKS(a, "example.org");
		inv_store_state_hash(shop.store, before, NULL);
		a = SHOP_ANSWER(shop.s, "personal.forget", who);
		JSON_HAS(a, "customer_name");
		JSON_HAS(a, "customer_contact");
		inv_store_state_hash(shop.store, after, NULL);
		CHECK_STR((const char *)after, before);
		a = SHOP_ANSWER(shop.s, "sale.get", by_id);
		JSON_LACKS(a, "Ada");
		JSON_LACKS(a, "ada@");
		JSON_HAS(a, "c-7");
		JSON_HAS(SHOP_ANSWER(shop.s, "audit.history", who), "sale.closed");
		/* The answer to the key is the first one without them. */
		CHECK_STATUS(inv_call_json(shop.s, INV_S("sale.close"), inv_str_of(sale), &options, &r),
		             INV_OK);
		CHECK(inv_result_replayed(r));
		JSON_LACKS(inv_result_json(r).ptr, "Ada");
		inv_result_free(r);
		SHOP_REFUSES(shop.s, "personal.forget", who, INV_E_NOT_FOUND, "subject");
		SHOP_REFUSES(shop.s, "personal.forget", "{}", INV_E_INVALID, "subject");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

CHECK_MAIN()
