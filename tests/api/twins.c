/* SPDX-License-Identifier: MIT */
/* ctest: drivers concurrency */
/* One command sent several times at once, under one key: it has one effect, and every caller gets
 * the first answer, also where the command's own effect would refuse it. */
#include "support/shop.h"
#include "support/store_url.h"

#include <pthread.h>
#include <stdio.h>

#define CALLERS 4
#define ROUNDS 10
#define ID "01940000-0000-7000-8000-0000000000%02d"
#define LINE "\"lines\":[{\"product\":\"TEA\",\"quantity\":1}]"

typedef struct caller {
	inv_session *s;
	pthread_barrier_t *start;
	const char *op, *json, *key;
	inv_status status;
	char answer[4096];
	char message[300];
} caller;

static void *call(void *arg)
{
	caller *me = arg;
	inv_options options = INV_OPTIONS_INIT;
	inv_result *r = NULL;

	options.key = inv_str_of(me->key);
	pthread_barrier_wait(me->start);
	me->status = inv_call_json(me->s, inv_str_of(me->op), inv_str_of(me->json), &options, &r);
	snprintf(me->answer, sizeof me->answer, "%s", r ? inv_result_json(r).ptr : "");
	snprintf(me->message, sizeof me->message, "%s", inv_session_error(me->s)->message);
	inv_result_free(r);
	return NULL;
}

static void all_at_once(caller callers[CALLERS], const char *op, const char *json, const char *key)
{
	pthread_barrier_t start;
	pthread_t threads[CALLERS];

	pthread_barrier_init(&start, NULL, CALLERS);
	for (int i = 0; i < CALLERS; i++) {
		callers[i].start = &start;
		callers[i].op = op, callers[i].json = json, callers[i].key = key;
		pthread_create(&threads[i], NULL, call, &callers[i]);
	}
	for (int i = 0; i < CALLERS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&start);
	for (int i = 0; i < CALLERS; i++) {
		if (!CHECK_STATUS(callers[i].status, INV_OK))
			CHECK_FAIL("%s %s: %s", op, json, callers[i].message);
		CHECK_STR((const char *)callers[i].answer, (const char *)callers[0].answer);
	}
}

static bool with_callers(test_shop *shop, caller callers[CALLERS])
{
	if (!shop_open(shop, NULL))
		return false;
	shop_product(shop, "TEA");
	for (int i = 0; i < CALLERS; i++)
		callers[i].s = shop_session(shop, NULL, NULL);
	return true;
}

static void close_all(test_shop *shop, caller callers[CALLERS])
{
	for (int i = 0; i < CALLERS; i++)
		inv_session_close(callers[i].s);
	shop_verify(shop);
	shop_close(shop);
}

TEST(what_has_an_id_or_a_code_of_its_own)
{
	test_shop shop = {0};
	caller callers[CALLERS] = {{0}};
	char json[512], key[32];

	if (!with_callers(&shop, callers))
		return;
	for (int n = 0; n < ROUNDS; n++) {
		snprintf(key, sizeof key, "%d", n);
		snprintf(json, sizeof json, "{\"sku\":\"P%02d\",\"name\":\"P\"}", n);
		all_at_once(callers, "product.create", json, key);
		snprintf(json, sizeof json, "{\"id\":\"" ID "\",\"code\":\"L%02d\",\"name\":\"L\"}", n,
		         n);
		all_at_once(callers, "location.create", json, key);
		snprintf(json, sizeof json, "{\"id\":\"" ID "\"," LINE "}", n);
		all_at_once(callers, "stock.receive", json, key);
		snprintf(json, sizeof json,
		         "{\"id\":\"" ID "\"," LINE ",\"tenders\":[{\"method\":\"card\"}]}", n);
		all_at_once(callers, "sale.close", json, key);
	}
	CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), 0);
	close_all(&shop, callers);
}

TEST(the_last_one_and_what_can_be_done_once)
{
	test_shop shop = {0};
	caller callers[CALLERS] = {{0}};
	char json[512], key[32];

	if (!with_callers(&shop, callers))
		return;
	for (int round = 0; round < ROUNDS; round++) {
		CHECK_STATUS(shop_receive(shop.s, "TEA", NULL, UNITS(1), 0), INV_OK);
		snprintf(key, sizeof key, "last-%d", round);
		snprintf(json, sizeof json, "{\"id\":\"" ID "\"," LINE "}", round);
		all_at_once(callers, "sale.close", json, key);
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), 0);
		snprintf(json, sizeof json, "{\"original\":\"" ID "\",\"lines\":[{\"original_line\":1,"
		         "\"product\":\"TEA\",\"quantity\":1}]}", round);
		all_at_once(callers, "sale.refund", json, key);
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(1));
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(1), 0), INV_OK);
	}
	close_all(&shop, callers);
}

/* What is refused is told alike on every database. */
TEST(an_id_that_is_taken)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		shop_product(&shop, "TEA");
		CHECK_STATUS(shop_receive(shop.s, "TEA", NULL, UNITS(9), 0), INV_OK);
		SHOP_ANSWER(shop.s, "sale.close", "{\"id\":\"01940000-0000-7000-8000-000000000001\","
		            LINE ",\"tenders\":[{\"method\":\"card\"}]}");
		SHOP_REFUSES(shop.s, "sale.close", "{\"id\":\"01940000-0000-7000-8000-000000000001\","
		             LINE ",\"tenders\":[{\"method\":\"card\"}]}", INV_E_EXISTS, "id");
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(8));
	}
	shop_close(&shop);
}

/* A person's name stays with the sale, whatever else has its id. */
TEST(two_things_with_one_id)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		shop_product(&shop, "TEA");
		SHOP_ANSWER(shop.s, "stock.receive", "{\"id\":\"01940000-0000-7000-8000-000000000001\","
		            "\"lines\":[{\"product\":\"TEA\",\"quantity\":9}]}");
		SHOP_ANSWER(shop.s, "sale.close", "{\"id\":\"01940000-0000-7000-8000-000000000001\","
		            "\"customer_name\":\"Ada\"," LINE "}");
		SHOP_ANSWER(shop.s, "product.create", "{\"id\":\"01940000-0000-7000-8000-000000000001\","
		            "\"sku\":\"CUP\",\"name\":\"Cup\"}");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

CHECK_MAIN()
