/* SPDX-License-Identifier: MIT */
/* ctest: drivers concurrency */
/* What a transaction rests on stays as it is until its end: a command that would change it waits,
 * and then finds what the transaction left. */
#include "support/shop.h"
#include "support/store_url.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

/* A command of another session, in a thread. */
typedef struct rival {
	inv_session *s;
	const char *op, *json;
	atomic_bool ended;
	inv_status status;
} rival;

static void *run_rival(void *arg)
{
	rival *me = arg;

	me->status = shop_json(me->s, me->op, me->json, NULL);
	atomic_store(&me->ended, true);
	return NULL;
}

static void pause_ms(long ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&t, NULL);
}

/* `op` in a transaction, and `other` beside it, which waits for the commit and then ends so. */
static void beside(test_shop *shop, const char *op, const char *json, const char *other,
                   const char *other_json, inv_status status)
{
	rival r = {.s = shop_session(shop, NULL, NULL), .op = other, .json = other_json};
	pthread_t thread;

	CHECK_STATUS(inv_begin(shop->s), INV_OK);
	SHOP_ANSWER(shop->s, op, json);
	pthread_create(&thread, NULL, run_rival, &r);
	pause_ms(150);
	if (atomic_load(&r.ended))
		CHECK_FAIL("%s %s did not wait for %s", other, other_json, op);
	CHECK_STATUS(inv_commit(shop->s), INV_OK);
	pthread_join(thread, NULL);
	inv_session_close(r.s);
	if (!CHECK_STATUS(r.status, status))
		CHECK_FAIL("%s %s beside %s", other, other_json, op);
}

#define RECEIVE_TEA \
	"{\"lines\":[{\"product\":\"TEA\",\"location\":\"L1\",\"quantity\":1}]}"
#define REF(code) "{\"ref\":\"" code "\"}"
#define NAMED(code) "\"code\":\"" code "\",\"name\":\"" code "\""

static bool open_with_places(test_shop *shop)
{
	if (!shop_open(shop, NULL))
		return false;
	SHOP_ANSWER(shop->s, "location.create", "{" NAMED("L1") "}");
	SHOP_ANSWER(shop->s, "location.create", "{" NAMED("L2") "}");
	shop_product(shop, "TEA");
	return true;
}

TEST(a_location_in_use_is_not_archived)
{
	test_shop shop = {0};

	if (open_with_places(&shop)) {
		beside(&shop, "stock.receive", RECEIVE_TEA, "location.archive", REF("L1"), INV_E_STATE);
		SHOP_REFUSES(shop.s, "location.archive", REF("L1"), INV_E_STATE, "ref");
		beside(&shop, "location.archive", REF("L2"), "stock.move",
		       "{\"lines\":[{\"product\":\"TEA\",\"location\":\"L1\",\"to_location\":\"L2\","
		       "\"quantity\":1}]}", INV_E_STATE);
		CHECK_INT(shop_on_hand(shop.s, "TEA", "L1"), UNITS(1));
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* One that forgets what it did keeps nobody from anything. */
TEST(a_transaction_that_is_undone_leaves_no_lock)
{
	test_shop shop = {0};

	if (open_with_places(&shop)) {
		CHECK_STATUS(inv_begin(shop.s), INV_OK);
		SHOP_ANSWER(shop.s, "stock.receive", RECEIVE_TEA);
		CHECK_STATUS(inv_rollback(shop.s), INV_OK);
		SHOP_ANSWER(shop.s, "location.archive", REF("L1"));
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* Nobody held anything of a place as a whole when the transaction began: that is not remembered
 * where another may meanwhile. */
TEST(a_transaction_sees_what_is_held_of_a_place_since)
{
	test_shop shop = {0};

	if (check_on_postgres() && open_with_places(&shop)) {
		inv_session *other = shop_session(&shop, NULL, NULL);

		shop_product(&shop, "COFFEE");
		SHOP_ANSWER(shop.s, "stock.receive", RECEIVE_TEA);
		CHECK_STATUS(inv_begin(shop.s), INV_OK);
		CHECK_STATUS(shop_receive(shop.s, "COFFEE", "L1", UNITS(1), 0), INV_OK);
		SHOP_ANSWER(other, "reservation.hold",
		            "{\"product\":\"TEA\",\"quantity\":1,\"subtree\":true}");
		SHOP_REFUSES(shop.s, "stock.issue", RECEIVE_TEA, INV_E_INSUFFICIENT, "lines[0].quantity");
		CHECK_STATUS(inv_commit(shop.s), INV_OK);
		inv_session_close(other);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(a_parent_is_not_archived_under_a_new_child)
{
	test_shop shop = {0};

	if (open_with_places(&shop)) {
		SHOP_ANSWER(shop.s, "category.create", "{" NAMED("P") "}");
		SHOP_ANSWER(shop.s, "channel.create", "{" NAMED("WEB") "}");
		beside(&shop, "category.create", "{" NAMED("C") ",\"parent\":\"P\"}", "category.archive",
		       REF("P"), INV_E_STATE);
		beside(&shop, "register.create",
		       "{" NAMED("T2") ",\"location\":\"L1\",\"channel\":\"WEB\"}", "location.archive",
		       REF("L1"), INV_E_STATE);
		beside(&shop, "register.update", "{\"code\":\"T2\",\"location\":\"L2\"}",
		       "location.archive", REF("L2"), INV_E_STATE);
		SHOP_ANSWER(shop.s, "channel.create", "{" NAMED("OLD") "}");
		beside(&shop, "channel.archive", REF("OLD"), "register.create",
		       "{" NAMED("T3") ",\"channel\":\"OLD\"}", INV_E_STATE);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(a_new_default_is_not_archived)
{
	test_shop shop = {0};

	if (open_with_places(&shop)) {
		beside(&shop, "settings.update", "{\"default_location\":\"L1\"}", "location.archive",
		       REF("L1"), INV_E_STATE);
		beside(&shop, "location.archive", REF("L2"), "settings.update",
		       "{\"default_location\":\"L2\"}", INV_E_STATE);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

#define YEN "{\"base_currency\":\"JPY\"}"
#define SELL_TEA "{\"lines\":[{\"product\":\"TEA\",\"quantity\":1,\"unit_price\":\"1\"}]}"

TEST(the_currency_waits_for_the_first_price)
{
	test_shop shop = {0};

	if (open_with_places(&shop)) {
		beside(&shop, "product.create", "{\"sku\":\"B\",\"name\":\"B\",\"list_price\":\"5\"}",
		       "settings.update", YEN, INV_E_STATE);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(the_currency_waits_for_the_first_sale)
{
	test_shop shop = {0};

	if (open_with_places(&shop)) {
		CHECK_STATUS(shop_receive(shop.s, "TEA", NULL, UNITS(1), 0), INV_OK);
		beside(&shop, "sale.close", SELL_TEA, "settings.update", YEN, INV_E_STATE);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* ---- serials ---- */

#define SERIAL(place) \
	"{\"lines\":[{\"product\":\"S\",\"serial\":\"SN1\",\"location\":\"" place "\"," \
	"\"quantity\":1}]}"

static bool open_with_serial(test_shop *shop)
{
	if (!open_with_places(shop))
		return false;
	SHOP_ANSWER(shop->s, "product.create",
	            "{\"sku\":\"S\",\"name\":\"S\",\"tracking\":\"serial\"}");
	SHOP_ANSWER(shop->s, "stock.receive", SERIAL("L1"));
	return true;
}

/* Before and after the id of the record in an answer. */
static const char *with_id(const char *before, const char *answer, const char *after)
{
	static char json[512];
	const char *id = strstr(answer, "\"id\":\"");

	CHECK(id != NULL);
	snprintf(json, sizeof json, "%s%.36s%s", before, id ? id + 6 : "", after);
	return json;
}

TEST(a_serial_that_comes_back_is_received_nowhere_else)
{
	test_shop shop = {0};

	if (open_with_serial(&shop)) {
		const char *posted = SHOP_ANSWER(shop.s, "stock.issue", SERIAL("L1"));

		beside(&shop, "stock.reverse", with_id("{\"posting\":\"", posted, "\"}"), "stock.receive",
		       SERIAL("L2"), INV_E_EXISTS);
		CHECK_INT(shop_on_hand(shop.s, "S", "L1"), UNITS(1));
		CHECK_INT(shop_on_hand(shop.s, "S", "L2"), 0);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* The refund names a line of its sale, which says the serial. */
TEST(a_serial_that_is_refunded_is_received_nowhere_else)
{
	test_shop shop = {0};

	if (open_with_serial(&shop)) {
		const char *sale = SHOP_ANSWER(shop.s, "sale.close",
		                               "{\"location\":\"L1\",\"lines\":[{\"product\":\"S\","
		                               "\"serial\":\"SN1\",\"quantity\":1,"
		                               "\"unit_price\":\"1\"}]}");

		beside(&shop, "sale.refund",
		       with_id("{\"location\":\"L1\",\"original\":\"", sale,
		               "\",\"lines\":[{\"product\":\"S\",\"quantity\":1,\"original_line\":1}]}"),
		       "stock.receive", SERIAL("L2"), INV_E_EXISTS);
		CHECK_INT(shop_on_hand(shop.s, "S", "L1"), UNITS(1));
		CHECK_INT(shop_on_hand(shop.s, "S", "L2"), 0);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

CHECK_MAIN()
