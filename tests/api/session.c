/* SPDX-License-Identifier: MIT */
/* ctest: concurrency drivers */
/* Handles: wrong use is answered, they close in any order, a session serves one thread, waiting can
 * be cancelled; and explicit transactions. */
#include "support/json_text.h"
#include "support/shop.h"
#include "support/store_url.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void pause_ms(long ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&t, NULL);
}

static bool tea_shop(test_shop *shop, const char *url)
{
	if (!shop_open(shop, url))
		return false;
	shop_product(shop, "TEA");
	return CHECK_STATUS(shop_receive(shop->s, "TEA", NULL, UNITS(10), 0), INV_OK);
}

TEST(wrong_use_is_answered)
{
	test_shop shop = {0};
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_product p = INV_PRODUCT_INIT, unset;
	inv_options call_options = INV_OPTIONS_INIT;
	const inv_op_desc *create = inv_schema_op_named(INV_S("product.create"));
	inv_store *store = (inv_store *)&shop;
	inv_session *s = (inv_session *)&shop;
	inv_result *r = NULL;

	CHECK_STATUS(inv_store_open(NULL, &store, NULL), INV_E_MISUSE);
	CHECK(store == NULL);
	CHECK_STATUS(inv_store_open(&options, NULL, NULL), INV_E_MISUSE);
	CHECK_STATUS(inv_store_open(&options, &store, &shop.error), INV_E_INVALID);
	CHECK_STR((const char *)shop.error.field, "url");
	options.url = "mysql://shop";
	CHECK_STATUS(inv_store_open(&options, &store, &shop.error), INV_E_UNSUPPORTED);
	options.struct_size = 0;
	CHECK_STATUS(inv_store_open(&options, &store, NULL), INV_E_MISUSE);
	CHECK_STATUS(inv_session_open(NULL, NULL, &s, NULL), INV_E_MISUSE);
	CHECK_STATUS(inv_product_create(NULL, &p, 1, NULL, NULL), INV_E_MISUSE);
	CHECK_STATUS(inv_begin(NULL), INV_E_MISUSE);
	CHECK_STATUS(inv_commit(NULL), INV_E_MISUSE);
	CHECK_STATUS(inv_session_error(NULL)->status, INV_E_MISUSE);
	inv_store_close(NULL);
	inv_session_close(NULL);
	inv_session_cancel(NULL);
	inv_result_free(NULL);
	if (shop_open(&shop, NULL)) {
		CHECK_STATUS(inv_session_open(shop.store, NULL, NULL, NULL), INV_E_MISUSE);
		CHECK_STATUS(inv_call(shop.s, NULL, &p, 1, NULL, &r), INV_E_MISUSE);
		CHECK_STATUS(inv_call(shop.s, create, NULL, 1, NULL, &r), INV_E_MISUSE);
		CHECK_STATUS(inv_call_json(shop.s, INV_S("product.eat"), INV_S("{}"), NULL, &r),
		             INV_E_UNSUPPORTED);
		memset(&unset, 0, sizeof unset);
		CHECK_STATUS(inv_product_create(shop.s, &unset, 1, NULL, &r), INV_E_MISUSE);
		call_options.struct_size = 0;
		p.sku = p.name = INV_S("A");
		CHECK_STATUS(inv_product_create(shop.s, &p, 1, &call_options, &r), INV_E_MISUSE);
		CHECK(r == NULL);
		CHECK_INT(inv_result_count(NULL), 0);
		CHECK(inv_result_at(NULL, 0) == NULL);
		/* The error is that of the last call. */
		CHECK_STATUS(inv_session_error(shop.s)->status, INV_E_MISUSE);
		CHECK_STATUS(inv_product_create(shop.s, &p, 1, NULL, &r), INV_OK);
		CHECK_STATUS(inv_session_error(shop.s)->status, INV_OK);
		CHECK(inv_result_at(r, 1) == NULL);
		inv_result_free(r);
	}
	shop_close(&shop);
}

TEST(texts_of_a_session_are_checked)
{
	test_shop shop = {0};
	inv_session_options who = INV_SESSION_OPTIONS_INIT;
	char name[130];
	inv_session *s = NULL;

	if (shop_open(&shop, NULL)) {
		memset(name, 'x', sizeof name);
		who.actor = (inv_str){name, 128};
		CHECK_STATUS(inv_session_open(shop.store, &who, &s, &shop.error), INV_OK);
		CHECK_STATUS(inv_session_request_id(s, (inv_str){name, 129}), INV_E_INVALID);
		CHECK_STATUS(inv_session_request_id(s, INV_S("r-1")), INV_OK);
		JSON_HAS(SHOP_ANSWER(s, "product.create", "{\"sku\":\"A\",\"name\":\"A\"}"), "\"A\"");
		JSON_HAS(SHOP_ANSWER(s, "feed.read", "{\"after\":10}"), "\"request_id\":\"r-1\"");
		inv_session_close(s);
		who.actor.len = 129;
		CHECK_STATUS(inv_session_open(shop.store, &who, &s, &shop.error), INV_E_INVALID);
		CHECK_STR((const char *)shop.error.field, "actor");
		who.actor = INV_S("bad \xFF");
		CHECK_STATUS(inv_session_open(shop.store, &who, &s, &shop.error), INV_E_INVALID);
		CHECK(s == NULL);
	}
	shop_close(&shop);
}

TEST(handles_close_in_any_order)
{
	test_shop shop = {0};
	inv_session *other;
	inv_result *r = NULL;

	if (!tea_shop(&shop, NULL)) {
		shop_close(&shop);
		return;
	}
	other = shop_session(&shop, NULL, NULL);
	CHECK_STATUS(shop_json(shop.s, "product.get", "{\"ref\":\"TEA\"}", &r), INV_OK);
	inv_store_close(shop.store);
	CHECK_INT(shop_on_hand(other, "TEA", NULL), UNITS(10));
	inv_session_close(other);
	CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(1), 0), INV_OK);
	inv_session_close(shop.s);
	CHECK_STR(INV_AT(r, inv_product, 0)->sku, "TEA");
	CHECK(inv_result_json(r).len > 0);
	inv_result_free(r);
	shop.store = NULL;
	shop.s = NULL;
	if (shop_open(&shop, NULL)) /* and everything was written */
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(9));
	shop_close(&shop);
}

TEST(a_child_process_gets_nothing)
{
	test_shop shop = {0};

	if (tea_shop(&shop, NULL)) {
		int status = 0;
		pid_t child = fork();

		if (child == 0) {
			inv_session *s = NULL;
			inv_store_info info = INV_STORE_INFO_INIT;
			bool misuse = shop_issue(shop.s, "TEA", NULL, UNITS(1), 0) == INV_E_MISUSE &&
			              inv_session_open(shop.store, NULL, &s, NULL) == INV_E_MISUSE &&
			              inv_store_info_get(shop.store, &info, NULL) == INV_E_MISUSE &&
			              inv_begin(shop.s) == INV_E_MISUSE && s == NULL;

			_exit(misuse ? 0 : 1);
		}
		CHECK(waitpid(child, &status, 0) == child && status == 0);
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(10));
	}
	shop_close(&shop);
}

/* ---- waiting ---- */

typedef struct waiter {
	inv_session *s;
	inv_status status;
	atomic_int started;
} waiter;

static void *wait_for_events(void *arg)
{
	waiter *w = arg;

	w->started = 1;
	do /* the other thread's look may be under way */
		w->status = shop_json(w->s, "feed.wait", "{\"after\":1000,\"timeout_ms\":20000}", NULL);
	while (w->status == INV_E_MISUSE);
	return NULL;
}

TEST(a_session_serves_one_thread_at_a_time)
{
	test_shop shop = {0};
	pthread_t thread;

	if (tea_shop(&shop, NULL)) {
		waiter w = {.s = shop_session(&shop, NULL, NULL)};
		inv_status rc = INV_OK;

		pthread_create(&thread, NULL, wait_for_events, &w);
		for (int i = 0; i < 2000 && rc == INV_OK; i++) {
			pause_ms(1);
			rc = w.started ? shop_json(w.s, "settings.get", "", NULL) : INV_OK;
		}
		CHECK_STATUS(rc, INV_E_MISUSE);
		/* Which does not disturb the call that is under way. */
		inv_session_cancel(w.s);
		pthread_join(thread, NULL);
		CHECK_STATUS(w.status, INV_E_CANCELLED);
		CHECK_STATUS(inv_session_error(w.s)->status, INV_E_CANCELLED);
		CHECK_STATUS(shop_json(w.s, "settings.get", "", NULL), INV_OK);
		inv_session_close(w.s);
	}
	shop_close(&shop);
}

static void *sell_one(void *arg)
{
	waiter *w = arg;

	w->started = 1;
	w->status = shop_issue(w->s, "TEA", NULL, UNITS(1), 0);
	return NULL;
}

TEST(a_command_in_the_line_can_be_cancelled)
{
	test_shop shop = {0};
	pthread_t threads[2];

	/* Where many write there is no line: who waits for a row cannot be called back. */
	if (!check_on_postgres() && tea_shop(&shop, NULL)) {
		waiter w[2] = {{.s = shop_session(&shop, NULL, NULL)},
		               {.s = shop_session(&shop, NULL, NULL)}};

		CHECK_STATUS(inv_begin(shop.s), INV_OK);
		for (int i = 0; i < 2; i++)
			pthread_create(&threads[i], NULL, sell_one, &w[i]);
		pause_ms(100);
		inv_session_cancel(w[0].s);
		pthread_join(threads[0], NULL);
		CHECK_STATUS(w[0].status, INV_E_CANCELLED);
		CHECK_STATUS(inv_commit(shop.s), INV_OK);
		pthread_join(threads[1], NULL);
		CHECK_STATUS(w[1].status, INV_OK);
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(9));
		for (int i = 0; i < 2; i++)
			inv_session_close(w[i].s);
	}
	shop_close(&shop);
}

/* ---- transactions ---- */

static const char sale[] =
	"{\"lines\":[{\"product\":\"TEA\",\"quantity\":1,\"unit_price\":\"1\"}]}";

static void transaction_rules(const char *url)
{
	test_shop shop = {0};

	if (tea_shop(&shop, url)) {
		int64_t before = shop_position(&shop);

		CHECK_STATUS(inv_commit(shop.s), INV_E_STATE);
		CHECK_STATUS(inv_rollback(shop.s), INV_E_STATE);
		CHECK_STATUS(inv_begin(shop.s), INV_OK);
		CHECK_STATUS(inv_begin(shop.s), INV_E_STATE);
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(4), 0), INV_OK);
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(6)); /* sees its own writes */
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(7), 0), INV_E_INSUFFICIENT);
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(1), 0), INV_OK);
		CHECK_STR(json_field(SHOP_ANSWER(shop.s, "sale.close", sale), "ticket"), "T1-000001");
		CHECK_STATUS(inv_rollback(shop.s), INV_OK);
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(10));
		CHECK_INT(shop_position(&shop), before);
		/* The ticket was not given out, and the next failures take none either. */
		CHECK_STATUS(shop_json(shop.s, "sale.close",
		                       "{\"lines\":[{\"product\":\"TEA\",\"quantity\":11}]}", NULL),
		             INV_E_INSUFFICIENT);
		CHECK_STATUS(inv_begin(shop.s), INV_OK);
		CHECK_STR(json_field(SHOP_ANSWER(shop.s, "sale.close", sale), "ticket"), "T1-000001");
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(17), 0), INV_E_INSUFFICIENT);
		CHECK_STR(json_field(SHOP_ANSWER(shop.s, "sale.close", sale), "ticket"), "T1-000002");
		CHECK_STATUS(inv_commit(shop.s), INV_OK);
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(8));
		CHECK_INT(shop_position(&shop), before + 2);
		CHECK_STR(json_field(SHOP_ANSWER(shop.s, "sale.close", sale), "ticket"), "T1-000003");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(transactions_keep_or_drop_all)
{
	transaction_rules(NULL);
}

TEST(also_in_memory)
{
	transaction_rules(":memory:");
}

TEST(others_do_not_see_what_is_not_committed)
{
	test_shop shop = {0};

	if (tea_shop(&shop, NULL)) {
		inv_session *other = shop_session(&shop, NULL, NULL);

		CHECK_STATUS(inv_begin(shop.s), INV_OK);
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(4), 0), INV_OK);
		CHECK_INT(shop_on_hand(other, "TEA", NULL), UNITS(10));
		JSON_LACKS(SHOP_ANSWER(other, "feed.read", "{\"after\":12}"), "stock.posted");
		CHECK_STATUS(inv_commit(shop.s), INV_OK);
		CHECK_INT(shop_on_hand(other, "TEA", NULL), UNITS(6));
		/* A session that goes takes its transaction with it. */
		CHECK_STATUS(inv_begin(other), INV_OK);
		CHECK_STATUS(shop_issue(other, "TEA", NULL, UNITS(4), 0), INV_OK);
		inv_session_close(other);
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(6), 0), INV_OK);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(a_key_of_a_rolled_back_command_is_free)
{
	test_shop shop = {0};
	inv_options options = INV_OPTIONS_INIT;

	options.key = INV_S("k-1");
	if (tea_shop(&shop, NULL)) {
		inv_result *r = NULL;

		CHECK_STATUS(inv_begin(shop.s), INV_OK);
		CHECK_STATUS(inv_call_json(shop.s, INV_S("sale.close"), inv_str_of(sale), &options, NULL),
		             INV_OK);
		CHECK_STATUS(inv_call_json(shop.s, INV_S("sale.close"), inv_str_of(sale), &options, &r),
		             INV_OK);
		CHECK(inv_result_replayed(r));
		inv_result_free(r);
		CHECK_STATUS(inv_rollback(shop.s), INV_OK);
		CHECK_STATUS(inv_call_json(shop.s, INV_S("sale.close"), inv_str_of(sale), &options, &r),
		             INV_OK);
		CHECK(!inv_result_replayed(r));
		inv_result_free(r);
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(9));
	}
	shop_close(&shop);
}

TEST(keys_have_their_limit)
{
	test_shop shop = {0};
	char key[257];
	inv_options options = INV_OPTIONS_INIT;

	memset(key, 'k', sizeof key);
	if (tea_shop(&shop, NULL)) {
		options.key = (inv_str){key, INV_LIMIT_KEY + 1};
		CHECK_STATUS(inv_call_json(shop.s, INV_S("sale.close"), inv_str_of(sale), &options, NULL),
		             INV_E_LIMIT);
		CHECK_STR((const char *)inv_session_error(shop.s)->field, "key");
		options.key.len = INV_LIMIT_KEY;
		CHECK_STATUS(inv_call_json(shop.s, INV_S("sale.close"), inv_str_of(sale), &options, NULL),
		             INV_OK);
		/* A key belongs to its operation, and to its content. */
		CHECK_STATUS(inv_call_json(shop.s, INV_S("product.update"),
		                           INV_S("{\"sku\":\"TEA\",\"name\":\"Green\"}"), &options, NULL),
		             INV_OK);
		CHECK_STATUS(inv_call_json(shop.s, INV_S("product.update"),
		                           INV_S("{\"sku\":\"TEA\",\"name\":\"Black\"}"), &options, NULL),
		             INV_E_KEY_REUSED);
		/* Any bytes will do. */
		options.key = (inv_str){"\0\xFF\n", 3};
		CHECK_STATUS(inv_call_json(shop.s, INV_S("sale.close"), inv_str_of(sale), &options, NULL),
		             INV_OK);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* What was read inside a transaction, behind a command of it that was undone, is no more true when
 * all of it is rolled back. */
TEST(nothing_of_a_transaction_is_remembered)
{
	test_shop shop = {0};

	if (tea_shop(&shop, NULL)) {
		CHECK_STATUS(inv_begin(shop.s), INV_OK);
		CHECK_STATUS(shop_receive(shop.s, "TEA", NULL, UNITS(90), 0), INV_OK);
		SHOP_REFUSES(shop.s, "product.create", "{\"sku\":\"tea\",\"name\":\"Again\"}",
		             INV_E_EXISTS, "sku");
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(500), 0), INV_E_INSUFFICIENT);
		CHECK_STATUS(inv_rollback(shop.s), INV_OK);
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(11), 0), INV_E_INSUFFICIENT);
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(10), 0), INV_OK);
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), 0);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(a_transaction_ends_after_two_seconds)
{
	test_shop shop = {0};
	pthread_t thread;

	if (tea_shop(&shop, NULL)) {
		waiter w = {.s = shop_session(&shop, NULL, NULL)};

		CHECK_STATUS(inv_begin(shop.s), INV_OK);
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(5), 0), INV_OK);
		/* Somebody who waits for the writer gets it. */
		pthread_create(&thread, NULL, sell_one, &w);
		pthread_join(thread, NULL);
		CHECK_STATUS(w.status, INV_OK);
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(1), 0), INV_E_TIMEOUT);
		CHECK_STATUS(inv_commit(shop.s), INV_E_STATE);
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(9));
		/* With nobody waiting it is found at the next call. */
		CHECK_STATUS(inv_begin(shop.s), INV_OK);
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(5), 0), INV_OK);
		pause_ms(2050);
		CHECK_STATUS(inv_commit(shop.s), INV_E_TIMEOUT);
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(9));
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(1), 0), INV_OK);
		inv_session_close(w.s);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(a_read_only_store_writes_nothing)
{
	test_shop shop = {0};
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_store *store = NULL;
	inv_session *s = NULL;

	if (tea_shop(&shop, NULL)) {
		options.url = check_store_url("shop.db");
		options.drivers = check_store_drivers(&options.driver_count);
		options.read_only = 1;
		if (CHECK_STATUS(inv_store_open(&options, &store, &shop.error), INV_OK) &&
		    CHECK_STATUS(inv_session_open(store, NULL, &s, &shop.error), INV_OK)) {
			CHECK_INT(shop_on_hand(s, "TEA", NULL), UNITS(10));
			CHECK_STATUS(shop_issue(s, "TEA", NULL, UNITS(1), 0), INV_E_READ_ONLY);
			CHECK_STATUS(inv_begin(s), INV_E_READ_ONLY);
			/* What others write is seen. */
			CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(1), 0), INV_OK);
			CHECK_INT(shop_on_hand(s, "TEA", NULL), UNITS(9));
		}
		inv_session_close(s);
		inv_store_close(store);
	}
	shop_close(&shop);
}

CHECK_MAIN()
