/* SPDX-License-Identifier: MIT */
/* ctest: drivers */
/* A store goes to another place and back: from SQLite to the driver under test and to SQLite again.
 * It stays the same store, and goes on wherever it is. */
#include "support/json_text.h"
#include "support/random_command.h"
#include "support/store_url.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#define URL 768

/* Three places: a file, what the driver under test has, and a file again. */
typedef struct places {
	char first[URL], second[URL], third[URL];
} places;

static void name_places(places *p)
{
	snprintf(p->first, sizeof p->first, "%s", check_path("first.db"));
	snprintf(p->second, sizeof p->second, "%s", check_store_url("second.db"));
	snprintf(p->third, sizeof p->third, "%s", check_path("third.db"));
}

static inv_status copy_to(inv_store *from, const char *url, const inv_progress *progress,
                          inv_copy_report *report, inv_error *error)
{
	inv_store_options to = INV_STORE_OPTIONS_INIT;

	to.url = url;
	to.drivers = check_store_drivers(&to.driver_count);
	return inv_store_copy(from, &to, progress, report, error);
}

/* Copies; the state hash is that of both. */
static bool copies(test_shop *shop, const char *url, inv_copy_report *report)
{
	char hash[65] = "";

	*report = (inv_copy_report)INV_COPY_REPORT_INIT;
	if (!CHECK_STATUS(copy_to(shop->store, url, NULL, report, &shop->error), INV_OK))
		return CHECK_FAIL("%s", shop->error.message);
	CHECK_INT(report->position, shop_position(shop));
	CHECK_STATUS(inv_store_state_hash(shop->store, hash, NULL), INV_OK);
	return CHECK_STR((const char *)report->state_hash, hash);
}

static void refuses(inv_store *from, const char *url, inv_status status, const char *word)
{
	inv_error error = INV_ERROR_INIT;

	CHECK_STATUS(copy_to(from, url, NULL, NULL, &error), status);
	if (!strstr(error.message, word))
		CHECK_FAIL("the sentence does not say \"%s\": %s", word, error.message);
}

static void does_not_open(const char *url, inv_status status, const char *word)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_error error = INV_ERROR_INIT;
	inv_store *store = NULL;

	options.url = url;
	options.drivers = check_store_drivers(&options.driver_count);
	for (int i = 0; i < 2; i++) {
		options.read_only = i > 0;
		CHECK_STATUS(inv_store_open(&options, &store, &error), status);
		if (!strstr(error.message, word))
			CHECK_FAIL("the sentence does not say \"%s\": %s", word, error.message);
	}
}

/* ---- a shop to move ---- */

static const char *sell(test_shop *shop, const char *key, bool *again)
{
	static const char sale[] =
		"{\"customer_name\":\"Ada Lovelace\",\"lines\":[{\"product\":\"TEA\",\"quantity\":1}]}";
	static char answer[8192];
	inv_options options = INV_OPTIONS_INIT;
	inv_result *r = NULL;

	answer[0] = '\0';
	options.key = inv_str_of(key);
	if (!CHECK_STATUS(inv_call_json(shop->s, INV_S("sale.close"), inv_str_of(sale), &options, &r),
	                  INV_OK))
		CHECK_FAIL("%s", inv_session_error(shop->s)->message);
	else
		snprintf(answer, sizeof answer, "%s", inv_result_json(r).ptr);
	*again = inv_result_replayed(r);
	inv_result_free(r);
	return answer;
}

static bool fill(test_shop *shop)
{
	shop_product(shop, "TEA");
	CHECK_STATUS(shop_receive(shop->s, "TEA", NULL, UNITS(500), 0), INV_OK);
	CHECK(shop_position(shop) > 7); /* what has been looked at has its position everywhere */
	SHOP_ANSWER(shop->s, "feed.acknowledge", "{\"consumer\":\"web\",\"position\":7}");
	return check_failures() == 0;
}

/* Numbers of the store's own events, as the journal tells them, come once each. */
static int compare_numbers(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return (a > b) - (a < b);
}

static void numbers_are_unique(test_shop *shop)
{
	inv_feed_query query = INV_FEED_QUERY_INIT;
	int64_t numbers[4096];
	size_t n = 0, page;

	do {
		inv_result *r = NULL;

		CHECK_STATUS(inv_feed_read(shop->s, &query, 1, NULL, &r), INV_OK);
		page = inv_result_count(r);
		for (size_t i = 0; i < page && n < 4096; i++, n++) {
			const inv_event *e = INV_AT(r, inv_event, i);

			numbers[n] = e->origin_seq;
			CHECK_INT(e->position, query.after + 1);
			query.after = e->position;
		}
		inv_result_free(r);
	} while (page > 0);
	qsort(numbers, n, sizeof *numbers, compare_numbers);
	for (size_t i = 1; i < n; i++)
		if (numbers[i] == numbers[i - 1])
			CHECK_FAIL("the number %lld comes twice", (long long)numbers[i]);
}

/* What was known at the old place is known, and the shop goes on. */
static void goes_on(test_shop *shop, const char *key, const char *first_answer)
{
	char before[8192], get[128];
	int64_t on_hand = shop_on_hand(shop->s, "TEA", NULL);
	bool again;

	snprintf(before, sizeof before, "%s", first_answer);
	snprintf(get, sizeof get, "{\"ref\":\"%s\"}", json_field(before, "id"));
	CHECK_STR(sell(shop, key, &again), before);
	CHECK(again);
	JSON_HAS(SHOP_ANSWER(shop->s, "sale.get", get), "Ada Lovelace");
	JSON_HAS(SHOP_ANSWER(shop->s, "feed.read", "{\"consumer\":\"web\",\"limit\":1}"),
	         "\"position\":8,");
	for (int i = 0; i < 3; i++) {
		shop_clock(shop, shop->now + SHOP_MINUTE);
		CHECK_STATUS(shop_issue(shop->s, "TEA", NULL, UNITS(1), 0), INV_OK);
	}
	CHECK_INT(shop_on_hand(shop->s, "TEA", NULL), on_hand - UNITS(3));
	numbers_are_unique(shop);
	shop_verify(shop);
}

TEST(a_shop_goes_there_and_back)
{
	test_shop shop = {0};
	inv_copy_report report;
	inv_store_info first = INV_STORE_INFO_INIT, there = INV_STORE_INFO_INIT;
	char one[8192], two[8192];
	places p;
	bool again;

	name_places(&p);
	shop.readers = 1; /* a copy needs no second one */
	if (shop_open(&shop, p.first) && fill(&shop)) {
		snprintf(one, sizeof one, "%s", sell(&shop, "sale-1", &again));
		inv_store_info_get(shop.store, &first, NULL);
		copies(&shop, p.second, &report);
		CHECK_INT(report.events, report.position);
		CHECK_INT(report.keys, 1);
	}
	shop_close(&shop);
	if (check_failures() == 0 && shop_open(&shop, p.second)) {
		inv_store_info_get(shop.store, &there, NULL);
		CHECK_BYTES(there.id.bytes, first.id.bytes, 16);
		goes_on(&shop, "sale-1", one);
		snprintf(two, sizeof two, "%s", sell(&shop, "sale-2", &again));
		copies(&shop, p.third, &report);
		CHECK_INT(report.keys, 2);
	}
	shop_close(&shop);
	if (check_failures() == 0 && shop_open(&shop, p.third)) {
		goes_on(&shop, "sale-1", one);
		goes_on(&shop, "sale-2", two);
		/* And to where it comes from, which has not gone on. */
		copies(&shop, p.first, &report);
		CHECK(report.events < report.position);
		copies(&shop, p.second, &report);
	}
	shop_close(&shop);
	for (int i = 0; i < 2 && check_failures() == 0; i++) {
		if (shop_open(&shop, i == 0 ? p.first : p.second))
			goes_on(&shop, "sale-2", two);
		shop_close(&shop);
	}
}

/* ---- random shops ---- */

TEST(a_random_shop_is_the_same_everywhere)
{
	static model_command c;
	mirror *x = calloc(1, sizeof *x);
	inv_copy_report report, back;
	test_shop shop = {0};
	check_rng rng;
	places p;

	name_places(&p);
	check_rng_init(&rng, 1);
	if (!x || !CHECK(mirror_open(x, p.first, MODEL_SOUND))) {
		free(x);
		return;
	}
	for (int i = 1; i <= 150 && x->differences == 0; i++) {
		x->shop.now += (int64_t)check_rng_below(&rng, 120) * SHOP_SECOND;
		random_command(x, &rng, (int)check_rng_below(&rng, MIRROR_GUARDS), &c);
		c.key = i % 4 == 0 && x->m->key_count < MODEL_KEYS ? i / 4 : 0;
		mirror_run(x, &c, NULL, NULL);
	}
	copies(&x->shop, p.second, &report);
	shop.now = x->shop.now;
	mirror_close(x);
	free(x);
	if (check_failures() == 0 && shop_open(&shop, p.second)) {
		shop_verify(&shop);
		copies(&shop, p.third, &back);
		CHECK_STR((const char *)back.state_hash, (const char *)report.state_hash);
		CHECK_INT(back.keys, report.keys);
	}
	shop_close(&shop);
	if (check_failures() == 0 && shop_open(&shop, p.third)) {
		CHECK_STATUS(inv_store_state_hash(shop.store, back.state_hash, NULL), INV_OK);
		CHECK_STR((const char *)back.state_hash, (const char *)report.state_hash);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* ---- stopped and started again ---- */

static bool add_products(test_shop *shop, int count)
{
	static inv_product products[1000];
	static char names[1000][24];
	static int total;

	for (int i = 0; i < count; i++) {
		products[i] = (inv_product)INV_PRODUCT_INIT;
		snprintf(names[i], sizeof names[i], "P-%d", ++total);
		products[i].sku = products[i].name = inv_str_of(names[i]);
	}
	return CHECK_STATUS(inv_product_create(shop->s, products, (size_t)count, NULL, NULL), INV_OK);
}

/* Not before something was copied, and when all was it is too late. */
static bool stop_at_once(void *ctx, uint64_t done, uint64_t total)
{
	uint64_t *seen = ctx;

	*seen = done;
	return done == total;
}

TEST(a_copy_that_was_stopped_goes_on)
{
	const char *url;
	test_shop shop = {0}, other = {0};
	inv_copy_report report = INV_COPY_REPORT_INIT;
	uint64_t seen = 0;
	inv_progress stops = {&seen, stop_at_once};
	int64_t copied;
	places p;
	bool again;

	name_places(&p);
	url = p.second;
	if (!shop_open(&shop, p.first) || !fill(&shop))
		goto end;
	for (int i = 0; i < 3; i++)
		add_products(&shop, 1000);
	sell(&shop, "sale-1", &again);
	CHECK_STATUS(copy_to(shop.store, url, &stops, &report, &shop.error), INV_E_CANCELLED);
	CHECK(report.position > 0 && report.position < shop_position(&shop));
	CHECK_INT(report.events, report.position);
	CHECK_INT(seen, report.position);
	CHECK_STR((const char *)report.state_hash, "");
	does_not_open(url, INV_E_STATE, "is not finished");
	if (shop_open(&other, p.third))
		refuses(other.store, url, INV_E_EXISTS, "another store");
	shop_close(&other);
	copied = report.position;
	add_products(&shop, 10);
	report = (inv_copy_report)INV_COPY_REPORT_INIT;
	CHECK_STATUS(copy_to(shop.store, url, &stops, &report, &shop.error), INV_E_CANCELLED);
	CHECK(report.position > copied);
	CHECK_INT(report.events, report.position - copied);
	copied = report.position;
	if (copies(&shop, url, &report))
		CHECK_INT(report.events, report.position - copied);
	/* Finished: it may be brought up to date as long as it has not gone on by itself. */
	CHECK(shop_position(&shop) > 99);
	SHOP_ANSWER(shop.s, "feed.acknowledge", "{\"consumer\":\"web\",\"position\":99}");
	SHOP_ANSWER(shop.s, "feed.acknowledge", "{\"consumer\":\"mail\",\"position\":3}");
	sell(&shop, "sale-2", &again);
	copies(&shop, url, &report);
	CHECK_INT(report.events, 1);
	CHECK_INT(report.keys, 2);
	copies(&shop, url, &report);
	CHECK_INT(report.events, 0);
	shop_close(&shop);
	if (check_failures() == 0 && shop_open(&shop, url)) {
		JSON_HAS(SHOP_ANSWER(shop.s, "feed.read", "{\"consumer\":\"web\",\"limit\":1}"),
		         "\"position\":100,");
		sell(&shop, "sale-2", &again);
		CHECK(again);
		shop_verify(&shop);
	}
end:
	shop_close(&shop);
}

/* Whoever has the new place open from before waits until it is one again. */
static void writes_when_it_is_finished(const char *from, const char *to)
{
	test_shop shop = {0}, there = {0};
	inv_copy_report report;
	uint64_t seen = 0;
	inv_progress stops = {&seen, stop_at_once};
	bool again;

	if (shop_open(&shop, from) && fill(&shop) && copies(&shop, to, &report) &&
	    shop_open(&there, to) && add_products(&shop, 1000) && add_products(&shop, 1000) &&
	    add_products(&shop, 1000)) {
		CHECK_STATUS(copy_to(shop.store, to, &stops, NULL, NULL), INV_E_CANCELLED);
		CHECK_STATUS(shop_issue(there.s, "TEA", NULL, UNITS(1), 0), INV_E_STATE);
		/* It goes on, and nobody gets in between. */
		CHECK_STATUS(copy_to(shop.store, to, &stops, NULL, NULL), INV_E_CANCELLED);
		CHECK_STATUS(shop_issue(there.s, "TEA", NULL, UNITS(1), 0), INV_E_STATE);
		copies(&shop, to, &report);
		CHECK_STATUS(shop_issue(there.s, "TEA", NULL, UNITS(1), 0), INV_OK);
		sell(&there, "sale-1", &again);
		CHECK(!again);
		shop_verify(&there);
	}
	shop_close(&there);
	shop_close(&shop);
}

TEST(nobody_writes_to_a_file_that_is_not_finished)
{
	places p;

	name_places(&p);
	writes_when_it_is_finished(p.second, p.third);
}

TEST(nobody_writes_to_a_database_that_is_not_finished)
{
	places p;

	name_places(&p);
	writes_when_it_is_finished(p.first, p.second);
}

/* ---- two at once ---- */

typedef struct copier {
	test_shop shop;
	const char *to;
	inv_status status;
	inv_error error;
} copier;

static void *copies_too(void *arg)
{
	copier *c = arg;

	inv_error_init(&c->error);
	c->status = copy_to(c->shop.store, c->to, NULL, NULL, &c->error);
	return NULL;
}

/* Who comes later takes the place over, and the other is told; what is there in the end is the
 * store, whoever has brought it. */
TEST(two_copiers_at_once)
{
	copier c[2] = {{.to = NULL}};
	inv_copy_report report;
	pthread_t threads[2];
	places p;
	bool sound;

	name_places(&p);
	sound = shop_open(&c[0].shop, p.first) && fill(&c[0].shop);
	for (int i = 0; sound && i < 3; i++)
		sound = add_products(&c[0].shop, 1000);
	sound = sound && shop_open(&c[1].shop, p.first);
	for (int i = 0; sound && i < 2; i++) {
		c[i].to = p.second;
		CHECK_INT(pthread_create(&threads[i], NULL, copies_too, &c[i]), 0);
	}
	for (int i = 0; sound && i < 2; i++) {
		pthread_join(threads[i], NULL);
		if (c[i].status != INV_OK && c[i].status != INV_E_STATE && c[i].status != INV_E_BUSY)
			CHECK_FAIL("%d: %s", (int)c[i].status, c[i].error.message);
	}
	if (sound && copies(&c[0].shop, p.second, &report)) {
		shop_close(&c[1].shop);
		if (shop_open(&c[1].shop, p.second))
			shop_verify(&c[1].shop);
	}
	for (int i = 0; i < 2; i++)
		shop_close(&c[i].shop);
}

/* ---- while the shop is open ---- */

static bool sell_meanwhile(void *ctx, uint64_t done, uint64_t total)
{
	test_shop *shop = ctx;
	bool again;

	(void)total;
	shop->now += SHOP_MINUTE;
	sell(shop, done < 1500 ? "early" : "late", &again);
	CHECK(!again || done > 1500);
	return true;
}

TEST(the_shop_sells_while_it_is_copied)
{
	test_shop shop = {0};
	inv_copy_report report = INV_COPY_REPORT_INIT;
	inv_progress sells = {&shop, sell_meanwhile};
	char before[65] = "";
	int64_t position;
	places p;
	bool again;

	name_places(&p);
	if (shop_open(&shop, p.second) && fill(&shop) && add_products(&shop, 1000) &&
	    add_products(&shop, 1000)) {
		position = shop_position(&shop);
		inv_store_state_hash(shop.store, before, NULL);
		if (!CHECK_STATUS(copy_to(shop.store, p.third, &sells, &report, &shop.error), INV_OK))
			CHECK_FAIL("%s", shop.error.message);
		CHECK_INT(report.position, position);
		CHECK_INT(report.keys, 0);
		CHECK_STR((const char *)report.state_hash, before);
		copies(&shop, p.third, &report);
		CHECK_INT(report.events, 2);
		CHECK_INT(report.keys, 2);
	}
	shop_close(&shop);
	if (check_failures() == 0 && shop_open(&shop, p.third)) {
		sell(&shop, "late", &again);
		CHECK(again);
		sell(&shop, "new", &again);
		numbers_are_unique(&shop);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* ---- what is refused ---- */

static void execute(const char *path, const char *sql)
{
	sqlite3 *db = NULL;

	CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
	CHECK_INT(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

TEST(what_is_not_what_was_written_is_not_copied)
{
	test_shop shop = {0};
	places p;

	name_places(&p);
	if (shop_open(&shop, p.first))
		fill(&shop);
	shop_close(&shop);
	execute(p.first, "UPDATE account_balance SET on_hand = on_hand + 1");
	if (shop_open(&shop, p.first))
		refuses(shop.store, p.second, INV_E_CORRUPT, "verify");
	shop_close(&shop);
	does_not_open(p.second, INV_E_STATE, "is not finished");
	execute(p.first, "UPDATE account_balance SET on_hand = on_hand - 1");
	if (shop_open(&shop, p.first)) {
		inv_copy_report report;

		copies(&shop, p.second, &report);
	}
	shop_close(&shop);
	execute(p.first, "UPDATE event SET payload = '{}' WHERE position = 3");
	if (shop_open(&shop, p.first))
		refuses(shop.store, p.third, INV_E_CORRUPT, "hash");
	shop_close(&shop);
}

TEST(what_is_there_is_not_overwritten)
{
	test_shop shop = {0}, other = {0};
	inv_copy_report report;
	places p;

	name_places(&p);
	if (shop_open(&other, p.second)) {
		shop_product(&other, "OTHER");
		if (shop_open(&shop, p.first)) {
			refuses(shop.store, p.second, INV_E_EXISTS, "another store");
			refuses(other.store, p.second, INV_E_EXISTS, "already");
			refuses(shop.store, ":memory:", INV_E_INVALID, "memory");
			refuses(shop.store, "nobody://knows/this", INV_E_UNSUPPORTED, "");
		}
		CHECK_INT(shop_on_hand(other.s, "OTHER", NULL), 0);
		/* Both go on: then they are two. */
		copies(&other, p.third, &report);
		shop_product(&other, "HERE");
		shop_close(&shop);
		if (shop_open(&shop, p.third)) {
			shop_product(&shop, "THERE");
			refuses(other.store, p.third, INV_E_EXISTS, "does not have");
			refuses(shop.store, p.second, INV_E_EXISTS, "does not have");
			shop_verify(&shop);
		}
		shop_verify(&other);
	}
	shop_close(&shop);
	shop_close(&other);
}

TEST(a_wrong_call_is_told)
{
	test_shop shop = {0};
	inv_store_options to = INV_STORE_OPTIONS_INIT;
	places p;

	name_places(&p);
	CHECK_STATUS(inv_store_copy(NULL, &to, NULL, NULL, NULL), INV_E_MISUSE);
	if (shop_open(&shop, p.first)) {
		CHECK_STATUS(inv_store_copy(shop.store, NULL, NULL, NULL, NULL), INV_E_MISUSE);
		CHECK_STATUS(inv_store_copy(shop.store, &to, NULL, NULL, NULL), INV_E_INVALID);
		to.url = p.third;
		to.no_create = true;
		CHECK_STATUS(inv_store_copy(shop.store, &to, NULL, NULL, NULL), INV_E_NOT_FOUND);
		to.no_create = false;
		to.read_only = true;
		CHECK_STATUS(inv_store_copy(shop.store, &to, NULL, NULL, NULL), INV_E_INVALID);
	}
	shop_close(&shop);
}

/* A store in memory has one connection for everything. */
TEST(a_store_in_memory_is_kept_by_a_copy)
{
	test_shop shop = {0};
	inv_copy_report report;
	places p;

	name_places(&p);
	if (shop_open(&shop, ":memory:")) {
		shop_product(&shop, "TEA");
		copies(&shop, p.second, &report);
	}
	shop_close(&shop);
	if (check_failures() == 0 && shop_open(&shop, p.second)) {
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), 0);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

CHECK_MAIN()
