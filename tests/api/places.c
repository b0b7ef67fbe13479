/* SPDX-License-Identifier: MIT */
/* Settings, locations, registers, channels, categories; and what the time zone makes of a day. */
/* ctest: drivers */
#include "support/json_text.h"
#include "support/shop.h"

#include <stdio.h>

#define SETTINGS "settings.update"

TEST(a_new_store_can_sell_at_once)
{
	test_shop shop = {0};
	const char *settings, *places;

	if (shop_open(&shop, NULL)) {
		settings = SHOP_ANSWER(shop.s, "settings.get", "");
		CHECK_STR(json_field(settings, "base_currency"), "EUR");
		CHECK_STR(json_field(settings, "time_zone"), "UTC0");
		JSON_HAS(settings, "\"default_location\"");
		places = SHOP_ANSWER(shop.s, "location.list", "");
		JSON_HAS(places, "\"code\":\"MAIN\"");
		JSON_HAS(places, "\"code\":\"CUSTOMER\"");
		JSON_HAS(places, "\"code\":\"SUPPLIER\"");
		JSON_HAS(places, "\"code\":\"ADJUSTMENT\"");
		JSON_HAS(places, "\"code\":\"TRANSIT\"");
		JSON_HAS(SHOP_ANSWER(shop.s, "channel.list", ""), "\"code\":\"POS\"");
		JSON_HAS(SHOP_ANSWER(shop.s, "register.list", ""), "\"code\":\"T1\"");
		shop_product(&shop, "TEA");
		CHECK_STATUS(shop_receive(shop.s, "TEA", NULL, UNITS(1), 0), INV_OK);
		JSON_HAS(SHOP_ANSWER(shop.s, "sale.close",
		                     "{\"lines\":[{\"product\":\"TEA\",\"quantity\":1,"
		                     "\"unit_price\":\"1\"}]}"),
		         "\"ticket\":\"T1-000001\"");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(settings_change_in_part)
{
	test_shop shop = {0};
	const char *s;

	if (shop_open(&shop, NULL)) {
		int64_t before;

		s = SHOP_ANSWER(shop.s, SETTINGS,
		                "{\"name\":\"Corner shop\",\"time_zone\":\"Europe/London\",\"version\":1}");
		CHECK_STR(json_field(s, "time_zone"), "GMT0BST,M3.5.0/1,M10.5.0");
		CHECK_STR(json_field(s, "base_currency"), "EUR");
		JSON_HAS(s, "\"version\":2");
		SHOP_REFUSES(shop.s, SETTINGS, "{\"name\":\"x\",\"version\":1}", INV_E_CONFLICT, "version");
		before = shop_position(&shop);
		/* The name is a rule by now: nothing changes. */
		JSON_HAS(SHOP_ANSWER(shop.s, SETTINGS, "{\"name\":\"Corner shop\"}"), "\"version\":2");
		CHECK_INT(shop_position(&shop), before);
		SHOP_REFUSES(shop.s, SETTINGS, "{\"base_currency\":\"XXY\"}", INV_E_INVALID,
		             "base_currency");
		SHOP_REFUSES(shop.s, SETTINGS, "{\"base_currency\":\"\"}", INV_E_INVALID, "base_currency");
		SHOP_REFUSES(shop.s, SETTINGS, "{\"time_zone\":\"Mars/Phobos\"}", INV_E_INVALID,
		             "time_zone");
		SHOP_REFUSES(shop.s, SETTINGS, "{\"time_zone\":\"../../etc/passwd\"}", INV_E_INVALID,
		             "time_zone");
		SHOP_REFUSES(shop.s, SETTINGS, "{\"time_zone\":\"/etc/localtime\"}", INV_E_INVALID,
		             "time_zone");
		SHOP_REFUSES(shop.s, SETTINGS, "{\"day_start\":1440}", INV_E_INVALID, "day_start");
		SHOP_REFUSES(shop.s, SETTINGS, "{\"day_start\":-1}", INV_E_INVALID, "day_start");
		SHOP_REFUSES(shop.s, SETTINGS, "{\"cash_rounding\":\"0.005\"}", INV_E_INVALID,
		             "cash_rounding");
		SHOP_REFUSES(shop.s, SETTINGS, "{\"cash_rounding\":\"1000.01\"}", INV_E_INVALID,
		             "cash_rounding");
		SHOP_REFUSES(shop.s, SETTINGS, "{\"default_location\":\"NOWHERE\"}", INV_E_NOT_FOUND,
		             "default_location");
		SHOP_REFUSES(shop.s, SETTINGS, "{\"id\":\"01890000-0000-7000-8000-000000000000\"}",
		             INV_E_INVALID, "id");
		CHECK_INT(shop_position(&shop), before);
		SHOP_ANSWER(shop.s, SETTINGS, "{\"day_start\":1439,\"cash_rounding\":\"1000\"}");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* A session that names no place takes the store's, also when that changes under it. */
TEST(sessions_follow_the_settings)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		shop_product(&shop, "TEA");
		SHOP_ANSWER(shop.s, "location.create", "{\"code\":\"SHOP2\",\"name\":\"Second\"}");
		CHECK_STATUS(shop_receive(shop.s, "TEA", NULL, UNITS(1), 0), INV_OK);
		SHOP_ANSWER(shop.s, SETTINGS, "{\"default_location\":\"SHOP2\"}");
		CHECK_STATUS(shop_receive(shop.s, "TEA", NULL, UNITS(2), 0), INV_OK);
		CHECK_INT(shop_on_hand(shop.s, "TEA", "MAIN"), UNITS(1));
		CHECK_INT(shop_on_hand(shop.s, "TEA", "SHOP2"), UNITS(2));
	}
	shop_close(&shop);
}

TEST(locations_are_a_tree)
{
	test_shop shop = {0};
	char json[256];

	if (shop_open(&shop, NULL)) {
		int64_t before;

		SHOP_ANSWER(shop.s, "location.create", "{\"code\":\"A\",\"name\":\"A\"}");
		SHOP_ANSWER(shop.s, "location.create", "{\"code\":\"B\",\"name\":\"B\",\"parent\":\"A\"}");
		SHOP_ANSWER(shop.s, "location.create", "{\"code\":\"C\",\"name\":\"C\",\"parent\":\"b\"}");
		before = shop_position(&shop);
		SHOP_REFUSES(shop.s, "location.update", "{\"code\":\"A\",\"parent\":\"C\"}", INV_E_INVALID,
		             "parent");
		SHOP_REFUSES(shop.s, "location.update", "{\"code\":\"A\",\"parent\":\"A\"}", INV_E_INVALID,
		             "parent");
		SHOP_REFUSES(shop.s, "location.update", "{\"code\":\"A\",\"kind\":\"scrap\"}",
		             INV_E_INVALID, "kind");
		SHOP_REFUSES(shop.s, "location.create", "{\"code\":\"a\",\"name\":\"x\"}", INV_E_EXISTS,
		             "code");
		SHOP_REFUSES(shop.s, "location.create", "{\"code\":\"D\",\"name\":\"D\",\"parent\":\"E\"}",
		             INV_E_NOT_FOUND, "parent");
		SHOP_REFUSES(shop.s, "location.create",
		             "{\"code\":\"D\",\"name\":\"D\",\"time_zone\":\"Nowhere\"}", INV_E_INVALID,
		             "time_zone");
		snprintf(json, sizeof json, "{\"id\":\"%s\",\"code\":\"D\",\"name\":\"D\"}",
		         json_field(SHOP_ANSWER(shop.s, "location.get", "{\"ref\":\"B\"}"), "id"));
		SHOP_REFUSES(shop.s, "location.create", json, INV_E_EXISTS, "id");
		CHECK_INT(shop_position(&shop), before);
		JSON_HAS(SHOP_ANSWER(shop.s, "location.list", "{\"filter\":\"parent = A\"}"),
		         "\"code\":\"B\"");
		JSON_HAS(SHOP_ANSWER(shop.s, "location.update", "{\"code\":\"C\",\"parent\":\"A\"}"),
		         "\"version\":2");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* Two locations of one call must not stand below each other either. */
TEST(a_batch_makes_no_loop)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		SHOP_ANSWER(shop.s, "location.create",
		            "[{\"code\":\"A\",\"name\":\"A\"},{\"code\":\"B\",\"name\":\"B\"}]");
		SHOP_REFUSES(shop.s, "location.update",
		             "[{\"code\":\"A\",\"parent\":\"B\"},{\"code\":\"B\",\"parent\":\"A\"}]",
		             INV_E_INVALID, "parent");
	}
	shop_close(&shop);
}

TEST(archived_places_take_nothing)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		inv_session_options who = INV_SESSION_OPTIONS_INIT;
		inv_session *s;

		shop_product(&shop, "TEA");
		SHOP_ANSWER(shop.s, "location.create", "{\"code\":\"OLD\",\"name\":\"Old\"}");
		s = shop_session(&shop, NULL, "OLD");
		SHOP_ANSWER(shop.s, "location.archive", "{\"ref\":\"OLD\"}");
		CHECK_STATUS(shop_receive(shop.s, "TEA", "OLD", UNITS(1), 0), INV_E_STATE);
		CHECK_STATUS(shop_receive(s, "TEA", NULL, UNITS(1), 0), INV_E_STATE);
		inv_session_close(s);
		SHOP_ANSWER(shop.s, "register.create", "{\"code\":\"T2\",\"name\":\"Till 2\"}");
		SHOP_ANSWER(shop.s, "register.archive", "{\"ref\":\"T2\"}");
		SHOP_REFUSES(shop.s, "sale.close",
		             "{\"till\":\"T2\",\"lines\":[{\"product\":\"TEA\",\"quantity\":1}]}",
		             INV_E_STATE, "till");
		SHOP_ANSWER(shop.s, "channel.create", "{\"code\":\"WEB\",\"name\":\"Web\"}");
		s = shop_session(&shop, "web", NULL);
		SHOP_ANSWER(shop.s, "channel.archive", "{\"ref\":\"WEB\"}");
		CHECK_STATUS(shop_receive(s, "TEA", NULL, UNITS(1), 0), INV_E_STATE);
		inv_session_close(s);
		who.channel = INV_REF("NONE");
		CHECK_STATUS(inv_session_open(shop.store, &who, &s, &shop.error), INV_E_NOT_FOUND);
		CHECK_STR((const char *)shop.error.field, "channel");
		CHECK(s == NULL);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(channels_and_registers_and_categories)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		SHOP_REFUSES(shop.s, "channel.create",
		             "{\"code\":\"W\",\"name\":\"W\",\"backorder_limit\":\"1\"}", INV_E_INVALID,
		             "backorder_limit");
		SHOP_REFUSES(shop.s, "channel.create",
		             "{\"code\":\"W\",\"name\":\"W\",\"guard\":\"backorder\","
		             "\"backorder_limit\":\"-1\"}", INV_E_INVALID, "backorder_limit");
		SHOP_REFUSES(shop.s, "channel.create", "{\"code\":\"pos\",\"name\":\"W\"}", INV_E_EXISTS,
		             "code");
		JSON_HAS(SHOP_ANSWER(shop.s, "channel.create",
		                     "{\"code\":\"W\",\"name\":\"Web\",\"guard\":\"backorder\","
		                     "\"backorder_limit\":\"2.5\"}"),
		         "\"backorder_limit\":\"2.5\"");
		SHOP_REFUSES(shop.s, "channel.update", "{\"code\":\"W\",\"guard\":\"strict\"}",
		             INV_E_INVALID, "backorder_limit");
		JSON_HAS(SHOP_ANSWER(shop.s, "channel.update",
		                     "{\"code\":\"W\",\"guard\":\"observe\",\"backorder_limit\":\"0\"}"),
		         "\"guard\":\"observe\"");
		SHOP_REFUSES(shop.s, "register.create", "{\"code\":\"T1\",\"name\":\"x\"}", INV_E_EXISTS,
		             "code");
		SHOP_REFUSES(shop.s, "register.create",
		             "{\"code\":\"T2\",\"name\":\"x\",\"channel\":\"none\"}", INV_E_NOT_FOUND,
		             "channel");
		SHOP_REFUSES(shop.s, "register.create",
		             "{\"code\":\"123456789012345678901234567890123\",\"name\":\"x\"}",
		             INV_E_INVALID, "code");
		SHOP_ANSWER(shop.s, "register.create",
		            "{\"code\":\"T2\",\"name\":\"x\",\"channel\":\"W\",\"location\":\"MAIN\"}");
		SHOP_ANSWER(shop.s, "category.create", "{\"code\":\"FOOD\",\"name\":\"Food\"}");
		SHOP_ANSWER(shop.s, "category.create",
		            "{\"code\":\"TEA\",\"name\":\"Tea\",\"parent\":\"FOOD\"}");
		SHOP_REFUSES(shop.s, "category.update", "{\"code\":\"FOOD\",\"parent\":\"TEA\"}",
		             INV_E_INVALID, "parent");
		SHOP_REFUSES(shop.s, "category.update", "{\"code\":\"FOOD\",\"parent\":\"FOOD\"}",
		             INV_E_INVALID, "parent");
		SHOP_REFUSES(shop.s, "category.get", "{\"ref\":\"NONE\"}", INV_E_NOT_FOUND, "ref");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* ---- business dates ---- */

/* The business date of something that happened then. */
static void day(inv_session *s, const char *instant, const char *expected)
{
	char json[256];

	snprintf(json, sizeof json,
	         "{\"occurred_at\":\"%s\",\"lines\":[{\"product\":\"TEA\",\"quantity\":1}]}", instant);
	if (strcmp(json_field(SHOP_ANSWER(s, "stock.receive", json), "business_date"), expected) != 0)
		CHECK_FAIL("%s is not on %s", instant, expected);
}

TEST(a_day_begins_at_midnight_of_the_shop)
{
	test_shop shop = {.now = INT64_C(1735689600000000)}; /* 2025-01-01 */

	if (shop_open(&shop, NULL)) {
		shop_product(&shop, "TEA");
		SHOP_ANSWER(shop.s, SETTINGS, "{\"time_zone\":\"Europe/London\"}");
		day(shop.s, "2024-03-30T23:59:59.999999Z", "2024-03-30");
		day(shop.s, "2024-03-31T00:00:00Z", "2024-03-31");
		day(shop.s, "2024-06-30T22:59:59Z", "2024-06-30");
		day(shop.s, "2024-06-30T23:00:00Z", "2024-07-01");
		day(shop.s, "2024-10-26T22:59:59Z", "2024-10-26");
		day(shop.s, "2024-10-26T23:00:00Z", "2024-10-27");
		day(shop.s, "2024-10-27T23:59:59Z", "2024-10-27");
		day(shop.s, "2024-10-28T00:00:00Z", "2024-10-28");
		/* With an offset it is the same instant. */
		day(shop.s, "2024-07-01T00:30:00+01:00", "2024-07-01");
		day(shop.s, "1960-01-01T00:00:00Z", "1960-01-01");
	}
	shop_close(&shop);
}

TEST(a_day_may_begin_later)
{
	test_shop shop = {.now = INT64_C(1735689600000000)};

	if (shop_open(&shop, NULL)) {
		shop_product(&shop, "TEA");
		SHOP_ANSWER(shop.s, SETTINGS,
		            "{\"time_zone\":\"GMT0BST,M3.5.0/1,M10.5.0\",\"day_start\":240}");
		day(shop.s, "2024-01-15T03:59:59Z", "2024-01-14");
		day(shop.s, "2024-01-15T04:00:00Z", "2024-01-15");
		day(shop.s, "2024-07-01T02:59:59Z", "2024-06-30");
		day(shop.s, "2024-07-01T03:00:00Z", "2024-07-01");
		/* The night in which the clock goes forward, and the one in which it goes back. */
		day(shop.s, "2024-03-31T02:59:59Z", "2024-03-30");
		day(shop.s, "2024-03-31T03:00:00Z", "2024-03-31");
		day(shop.s, "2024-10-27T03:59:59Z", "2024-10-26");
		day(shop.s, "2024-10-27T04:00:00Z", "2024-10-27");
	}
	shop_close(&shop);
}

TEST(a_location_has_its_own_day)
{
	test_shop shop = {.now = INT64_C(1735689600000000)};

	if (shop_open(&shop, NULL)) {
		inv_session *s;

		shop_product(&shop, "TEA");
		SHOP_ANSWER(shop.s, SETTINGS, "{\"time_zone\":\"UTC0\",\"day_start\":60}");
		SHOP_ANSWER(shop.s, "location.create",
		            "{\"code\":\"NY\",\"name\":\"New York\",\"time_zone\":\"America/New_York\"}");
		SHOP_ANSWER(shop.s, "location.create",
		            "{\"code\":\"IN\",\"name\":\"Kolkata\",\"time_zone\":\"IST-5:30\","
		            "\"day_start\":30}");
		s = shop_session(&shop, NULL, "NY");
		day(s, "2024-07-01T04:59:59Z", "2024-06-30");
		day(s, "2024-07-01T05:00:00Z", "2024-07-01");
		inv_session_close(s);
		s = shop_session(&shop, NULL, "IN");
		day(s, "2024-06-30T18:59:59Z", "2024-06-30");
		day(s, "2024-06-30T19:00:00Z", "2024-07-01");
		inv_session_close(s);
		day(shop.s, "2024-07-01T00:59:59Z", "2024-06-30");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

CHECK_MAIN()
