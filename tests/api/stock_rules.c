/* SPDX-License-Identifier: MIT */
/* Rules of stock that no guard may loosen, and what virtual places and large sums answer. */
/* ctest: drivers */
#include "support/json_text.h"
#include "support/shop.h"

#include <stdio.h>
#include <string.h>

#define RECEIVE "stock.receive"
#define ISSUE "stock.issue"
#define MOVE "stock.move"
#define ADJUST "stock.adjust"

static bool rules_shop(test_shop *shop)
{
	if (!shop_open(shop, NULL))
		return false;
	SHOP_ANSWER(shop->s, "product.create",
	            "[{\"sku\":\"TEA\",\"name\":\"Tea\"},"
	            "{\"sku\":\"PHONE\",\"name\":\"Phone\",\"tracking\":\"serial\"},"
	            "{\"sku\":\"WATCH\",\"name\":\"Watch\",\"tracking\":\"serial\"}]");
	SHOP_ANSWER(shop->s, "location.create",
	            "[{\"code\":\"SHOP2\",\"name\":\"Second\"},"
	            "{\"code\":\"LOST\",\"name\":\"Lost\",\"kind\":\"scrap\"}]");
	SHOP_ANSWER(shop->s, "channel.create",
	            "[{\"code\":\"BACK\",\"name\":\"Back\",\"guard\":\"backorder\","
	            "\"backorder_limit\":\"3\"},"
	            "{\"code\":\"SEE\",\"name\":\"See\",\"guard\":\"observe\"}]");
	return check_failures() == 0;
}

/* A line of one phone. */
#define PHONE(serial, more) \
	"{\"lines\":[{\"product\":\"PHONE\",\"quantity\":1,\"serial\":\"" serial "\"" more "}]}"
#define AT(place) ",\"location\":\"" place "\""
#define TO(place) ",\"to_location\":\"" place "\""

static void refuses_a_second(inv_session *s)
{
	const char *field = "lines[0].serial";

	SHOP_REFUSES(s, RECEIVE, PHONE("SN-1", ""), INV_E_EXISTS, field);
	CHECK(strstr(inv_session_error(s)->message, "sn-1") != NULL);
	CHECK(strstr(inv_session_error(s)->message, "MAIN") != NULL);
	SHOP_REFUSES(s, RECEIVE, PHONE("sn-1", AT("SHOP2")), INV_E_EXISTS, field);
	SHOP_REFUSES(s, RECEIVE, PHONE("Sn-1", ",\"condition\":\"damaged\""), INV_E_EXISTS, field);
	SHOP_REFUSES(s, ADJUST, PHONE("SN-1", AT("SHOP2")), INV_E_EXISTS, field);
	SHOP_REFUSES(s, ADJUST, PHONE("SN-1", AT("SHOP2") ",\"set\":true"), INV_E_EXISTS, field);
	SHOP_REFUSES(s, RECEIVE,
	             "{\"lines\":[{\"product\":\"PHONE\",\"quantity\":1,\"serial\":\"N\"},"
	             "{\"product\":\"PHONE\",\"quantity\":1,\"serial\":\"n\"}]}",
	             INV_E_EXISTS, "lines[1].serial");
	SHOP_REFUSES(s, RECEIVE,
	             "[" PHONE("N", "") "," PHONE("N", AT("SHOP2")) "]", INV_E_EXISTS, field);
	/* A refund without its sale. */
	SHOP_REFUSES(s, "sale.refund",
	             "{\"lines\":[{\"product\":\"PHONE\",\"quantity\":1,\"serial\":\"SN-1\","
	             "\"unit_price\":\"5\"}],\"tenders\":[{\"method\":\"card\",\"amount\":\"-5\"}]}",
	             INV_E_EXISTS, field);
}

TEST(a_serial_is_in_one_place_under_every_guard)
{
	test_shop shop = {0};

	if (rules_shop(&shop)) {
		inv_session *back = shop_session(&shop, "BACK", "MAIN");
		inv_session *see = shop_session(&shop, "SEE", "MAIN");
		int64_t before;

		SHOP_ANSWER(shop.s, RECEIVE, PHONE("SN-1", ""));
		before = shop_position(&shop);
		refuses_a_second(shop.s);
		refuses_a_second(back);
		refuses_a_second(see);
		CHECK_INT(shop_position(&shop), before);
		/* The same serial of another product is another unit. */
		SHOP_ANSWER(shop.s, RECEIVE, "{\"lines\":[{\"product\":\"WATCH\",\"quantity\":1,"
		                             "\"serial\":\"SN-1\"}]}");
		shop_verify(&shop);
		inv_session_close(back);
		inv_session_close(see);
	}
	shop_close(&shop);
}

TEST(a_serial_goes_round)
{
	test_shop shop = {0};
	char json[256];

	if (rules_shop(&shop)) {
		const char *p;

		SHOP_ANSWER(shop.s, RECEIVE, PHONE("SN-1", ""));
		/* Two moves of one command: it is in one place when they are over. */
		SHOP_ANSWER(shop.s, MOVE, "[" PHONE("SN-1", TO("SHOP2")) ","
		                          PHONE("sn-1", AT("SHOP2") TO("TRANSIT")) "]");
		SHOP_ANSWER(shop.s, MOVE, PHONE("SN-1", AT("TRANSIT") TO("MAIN")));
		SHOP_ANSWER(shop.s, "sale.close",
		            "{\"lines\":[{\"product\":\"PHONE\",\"quantity\":1,\"serial\":\"SN-1\"}],"
		            "\"tenders\":[{\"method\":\"card\"}]}");
		SHOP_ANSWER(shop.s, "sale.refund",
		            "{\"original\":\"T1-000001\",\"lines\":[{\"product\":\"PHONE\","
		            "\"quantity\":1,\"original_line\":1}],\"tenders\":[{\"method\":\"card\"}]}");
		SHOP_ANSWER(shop.s, ISSUE, PHONE("SN-1", ""));
		p = SHOP_ANSWER(shop.s, RECEIVE, PHONE("sn-1", AT("SHOP2")));
		snprintf(json, sizeof json, "{\"posting\":\"%s\"}", json_field(p, "id"));
		SHOP_ANSWER(shop.s, "stock.reverse", json);
		SHOP_ANSWER(shop.s, RECEIVE, PHONE("SN-1", ""));
		CHECK_INT(shop_on_hand(shop.s, "PHONE", NULL), UNITS(1));
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* Observe writes down what happened: a unit sold where the books do not have it is owed there, and
 * its real place can be told afterwards. */
TEST(a_serial_sold_elsewhere_is_owed)
{
	test_shop shop = {0};

	if (rules_shop(&shop)) {
		inv_session *see = shop_session(&shop, "SEE", "MAIN");

		SHOP_ANSWER(shop.s, RECEIVE, PHONE("SN-1", AT("SHOP2")));
		SHOP_ANSWER(see, ISSUE, PHONE("SN-1", ""));
		CHECK_INT(shop_on_hand(shop.s, "PHONE", "MAIN"), UNITS(-1));
		SHOP_ANSWER(shop.s, MOVE, PHONE("SN-1", AT("SHOP2") TO("MAIN")));
		CHECK_INT(shop_on_hand(shop.s, "PHONE", NULL), 0);
		shop_verify(&shop);
		inv_session_close(see);
	}
	shop_close(&shop);
}

TEST(a_reversal_comes_after_its_posting)
{
	test_shop shop = {0};
	char json[256];

	if (rules_shop(&shop)) {
		char id[64];

		snprintf(id, sizeof id, "%s",
		         json_field(SHOP_ANSWER(shop.s, RECEIVE,
		                                "{\"occurred_at\":\"2023-11-14T10:00:00Z\",\"lines\":["
		                                "{\"product\":\"TEA\",\"quantity\":3}]}"), "id"));
		snprintf(json, sizeof json,
		         "{\"posting\":\"%s\",\"occurred_at\":\"2023-11-14T09:59:59Z\"}", id);
		SHOP_REFUSES(shop.s, "stock.reverse", json, INV_E_INVALID, "occurred_at");
		snprintf(json, sizeof json,
		         "{\"posting\":\"%s\",\"occurred_at\":\"2023-11-14T10:00:00Z\"}", id);
		SHOP_ANSWER(shop.s, "stock.reverse", json);
		/* One that lies a little ahead is reversed at its own instant. */
		snprintf(id, sizeof id, "%s",
		         json_field(SHOP_ANSWER(shop.s, RECEIVE,
		                                "{\"occurred_at\":\"2023-11-14T22:15:00Z\",\"lines\":["
		                                "{\"product\":\"TEA\",\"quantity\":3}]}"), "id"));
		snprintf(json, sizeof json, "{\"posting\":\"%s\"}", id);
		CHECK_STR(json_field(SHOP_ANSWER(shop.s, "stock.reverse", json), "occurred_at"),
		          "2023-11-14T22:15:00Z");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

static void there(test_shop *shop, const char *place, const char *more, const char *on_hand,
                  const char *sellable)
{
	char json[256];
	const char *p;

	snprintf(json, sizeof json, "{\"product\":\"TEA\",\"location\":\"%s\"%s}", place, more);
	p = SHOP_ANSWER(shop->s, "balance.get", json);
	CHECK_STR(json_field(p, "on_hand"), on_hand);
	CHECK_STR(json_field(p, "sellable"), sellable);
	p = SHOP_ANSWER(shop->s, "balance.list", json);
	CHECK_STR(json_field(p, "on_hand"), on_hand);
	CHECK_STR(json_field(p, "sellable"), sellable);
}

TEST(virtual_places_answer_what_went_there)
{
	test_shop shop = {0};

	if (rules_shop(&shop)) {
		const char *p;

		SHOP_ANSWER(shop.s, RECEIVE, "{\"occurred_at\":\"2023-11-14T10:00:00Z\",\"lines\":["
		                             "{\"product\":\"TEA\",\"quantity\":9}]}");
		shop_clock(&shop, shop.now + SHOP_MINUTE);
		SHOP_ANSWER(shop.s, ISSUE, "{\"occurred_at\":\"2023-11-14T11:00:00Z\",\"lines\":["
		                           "{\"product\":\"TEA\",\"quantity\":4}]}");
		SHOP_ANSWER(shop.s, "sale.close", "{\"lines\":[{\"product\":\"TEA\",\"quantity\":1}],"
		                                "\"tenders\":[{\"method\":\"card\"}]}");
		SHOP_ANSWER(shop.s, MOVE, "{\"lines\":[{\"product\":\"TEA\",\"quantity\":2,"
		                          "\"to_location\":\"SHOP2\"}]}");
		SHOP_ANSWER(shop.s, ISSUE, "{\"lines\":[{\"product\":\"TEA\",\"quantity\":1,"
		                           "\"to_location\":\"LOST\"}]}");
		there(&shop, "SUPPLIER", "", "-9", "-9");
		there(&shop, "CUSTOMER", "", "5", "5");
		there(&shop, "CUSTOMER", ",\"subtree\":true", "5", "5");
		there(&shop, "LOST", "", "1", "1");
		there(&shop, "SHOP2", "", "2", "2");
		there(&shop, "CUSTOMER", ",\"as_of\":\"2023-11-14T12:00:00Z\"", "4", "4");
		there(&shop, "SUPPLIER", ",\"known_at\":\"2023-11-14T22:13:20Z\"", "-9", "-9");
		/* Places of both kinds in one call. */
		p = SHOP_ANSWER(shop.s, "balance.get",
		                "[{\"product\":\"TEA\",\"location\":\"MAIN\"},"
		                "{\"product\":\"TEA\",\"location\":\"LOST\"},"
		                "{\"product\":\"TEA\",\"location\":\"SUPPLIER\"}]");
		JSON_HAS(p, "\"on_hand\":\"-9\"");
		CHECK_STR(json_field(p, "on_hand"), "1");
		CHECK_INT(shop_on_hand(shop.s, "PHONE", "CUSTOMER"), 0);
	}
	shop_close(&shop);
}

TEST(sums_beyond_counting_say_so)
{
	test_shop shop = {0};
	char json[128];

	if (rules_shop(&shop)) {
		for (int i = 0; i < 10; i++) {
			snprintf(json, sizeof json, "{\"code\":\"P%d\",\"name\":\"P\"}", i);
			SHOP_ANSWER(shop.s, "location.create", json);
			snprintf(json, sizeof json, "P%d", i);
			CHECK_STATUS(shop_receive(shop.s, "TEA", json, INV_LIMIT_QUANTITY, 0), INV_OK);
		}
		SHOP_REFUSES(shop.s, "balance.get", "{\"product\":\"TEA\",\"subtree\":true}", INV_E_LIMIT,
		             "on_hand");
		CHECK(strstr(inv_session_error(shop.s)->message, "more than can be counted") != NULL);
		SHOP_REFUSES(shop.s, "balance.list", "{\"product\":\"TEA\",\"subtree\":true}", INV_E_LIMIT,
		             "");
	}
	shop_close(&shop);
}

CHECK_MAIN()
