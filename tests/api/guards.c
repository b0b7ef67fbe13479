/* SPDX-License-Identifier: MIT */
/* What master data and settings rest on: trees without loops, references to what is still in use,
 * nothing archived that something needs. */
/* ctest: drivers */
#include "support/json_text.h"
#include "support/shop.h"

#include <stdio.h>

#define SETTINGS "settings.update"

/* That it fails, at this field, with a message that has `part` in it. */
static void refuses(inv_session *s, const char *op, const char *json, inv_status status,
                    const char *field, const char *part)
{
	SHOP_REFUSES(s, op, json, status, field);
	if (!strstr(inv_session_error(s)->message, part))
		CHECK_FAIL("%s %s: %s", op, json, inv_session_error(s)->message);
}

static void keeps(inv_session *s, const char *op, const char *code, const char *part)
{
	char json[128];

	snprintf(json, sizeof json, "{\"ref\":\"%s\"}", code);
	refuses(s, op, json, INV_E_STATE, "ref", part);
}

/* ---- trees ---- */

static void no_loops(inv_session *s, const char *noun)
{
	char create[32], update[32];

	snprintf(create, sizeof create, "%s.create", noun);
	snprintf(update, sizeof update, "%s.update", noun);
	SHOP_ANSWER(s, create, "{\"code\":\"A\",\"name\":\"A\"}");
	SHOP_ANSWER(s, create, "{\"code\":\"B\",\"name\":\"B\",\"parent\":\"A\"}");
	SHOP_ANSWER(s, create, "{\"code\":\"C\",\"name\":\"C\",\"parent\":\"B\"}");
	SHOP_ANSWER(s, create, "{\"code\":\"D\",\"name\":\"D\"}");
	refuses(s, update, "{\"code\":\"A\",\"parent\":\"A\"}", INV_E_INVALID, "parent", noun);
	refuses(s, update, "{\"code\":\"A\",\"parent\":\"C\"}", INV_E_INVALID, "parent", noun);
	refuses(s, update, "[{\"code\":\"A\",\"parent\":\"D\"},{\"code\":\"D\",\"parent\":\"C\"}]",
	        INV_E_INVALID, "parent", noun);
	/* What one record of a call gives up another may take. */
	SHOP_ANSWER(s, update, "[{\"code\":\"B\",\"parent\":\"\"},{\"code\":\"A\",\"parent\":\"C\"}]");
	SHOP_REFUSES(s, create,
	             "{\"id\":\"01890000-0000-7000-8000-000000000000\",\"code\":\"E\",\"name\":\"E\","
	             "\"parent\":\"01890000-0000-7000-8000-000000000000\"}",
	             INV_E_NOT_FOUND, "parent");
}

TEST(nothing_stands_below_itself)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		no_loops(shop.s, "location");
		no_loops(shop.s, "category");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* ---- references ---- */

TEST(nothing_new_refers_to_archived_things)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		inv_session *s = shop.s;

		SHOP_ANSWER(s, "category.create",
		            "[{\"code\":\"OLD\",\"name\":\"Old\"},{\"code\":\"NEW\",\"name\":\"New\"}]");
		SHOP_ANSWER(s, "product.create", "[{\"sku\":\"TEA\",\"name\":\"Tea\",\"category\":\"OLD\"},"
		            "{\"sku\":\"POT\",\"name\":\"Pot\",\"category\":\"NEW\"}]");
		SHOP_ANSWER(s, "category.archive", "{\"ref\":\"OLD\"}");
		refuses(s, "product.create",
		        "[{\"sku\":\"X\",\"name\":\"X\"},"
		        "{\"sku\":\"Y\",\"name\":\"Y\",\"category\":\"OLD\"}]",
		        INV_E_STATE, "category", "the category is archived");
		CHECK_INT(inv_session_error(s)->index, 1);
		refuses(s, "product.update", "{\"sku\":\"POT\",\"category\":\"OLD\"}", INV_E_STATE,
		        "category", "the category is archived");
		SHOP_REFUSES(s, "category.create",
		             "{\"code\":\"C\",\"name\":\"C\",\"parent\":\"OLD\"}", INV_E_STATE, "parent");
		/* What refers to it already may change otherwise, also when it says so again. */
		JSON_HAS(SHOP_ANSWER(s, "product.update", "[{\"sku\":\"TEA\",\"name\":\"Green tea\"},"
		                     "{\"sku\":\"POT\",\"name\":\"Tea pot\"}]"), "Green tea");
		SHOP_ANSWER(s, "product.update",
		            "{\"sku\":\"TEA\",\"name\":\"Black tea\",\"category\":\"OLD\"}");
		SHOP_ANSWER(s, "product.update", "{\"sku\":\"TEA\",\"category\":\"NEW\"}");
		SHOP_REFUSES(s, "product.update", "{\"sku\":\"TEA\",\"category\":\"OLD\"}", INV_E_STATE,
		             "category");
		SHOP_ANSWER(s, "product.archive", "{\"ref\":\"POT\"}");
		SHOP_REFUSES(s, "product.create",
		             "{\"sku\":\"POT-S\",\"name\":\"Pot\",\"parent\":\"POT\"}", INV_E_STATE,
		             "parent");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(places_and_settings_refer_to_what_is_there)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		inv_session *s = shop.s;

		SHOP_ANSWER(s, "location.create", "{\"code\":\"OLD\",\"name\":\"Old\"}");
		SHOP_ANSWER(s, "channel.create", "{\"code\":\"OLD\",\"name\":\"Old\"}");
		SHOP_ANSWER(s, "register.create", "{\"code\":\"OLD\",\"name\":\"Old\"}");
		SHOP_ANSWER(s, "location.archive", "{\"ref\":\"OLD\"}");
		SHOP_ANSWER(s, "channel.archive", "{\"ref\":\"OLD\"}");
		SHOP_ANSWER(s, "register.archive", "{\"ref\":\"OLD\"}");
		SHOP_REFUSES(s, "register.create",
		             "{\"code\":\"T2\",\"name\":\"T\",\"location\":\"OLD\"}", INV_E_STATE,
		             "location");
		SHOP_REFUSES(s, "register.update", "{\"code\":\"T1\",\"channel\":\"OLD\"}", INV_E_STATE,
		             "channel");
		refuses(s, SETTINGS, "{\"default_location\":\"OLD\"}", INV_E_STATE, "default_location",
		        "the location is archived");
		SHOP_REFUSES(s, SETTINGS, "{\"default_channel\":\"OLD\"}", INV_E_STATE, "default_channel");
		SHOP_REFUSES(s, SETTINGS, "{\"default_till\":\"OLD\"}", INV_E_STATE, "default_till");
		SHOP_ANSWER(s, SETTINGS, "{\"name\":\"Corner shop\",\"default_location\":\"MAIN\"}");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* ---- archive ---- */

TEST(what_the_store_works_with_stays)
{
	static const char *const virtual_places[] = {"TRANSIT", "SUPPLIER", "CUSTOMER",
	                                             "ADJUSTMENT", "SCRAP", "PRODUCTION"};
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		inv_session *s = shop.s;
		int64_t before = shop_position(&shop);

		for (size_t i = 0; i < sizeof virtual_places / sizeof virtual_places[0]; i++)
			keeps(s, "location.archive", virtual_places[i], "engine");
		keeps(s, "location.archive", "MAIN", "default_location");
		keeps(s, "channel.archive", "POS", "default_channel");
		keeps(s, "register.archive", "T1", "default_till");
		CHECK_INT(shop_position(&shop), before);
		/* Once the settings name others, the old ones may go; a register goes before its place. */
		SHOP_ANSWER(s, "location.create", "{\"code\":\"M2\",\"name\":\"Second\"}");
		SHOP_ANSWER(s, "channel.create", "{\"code\":\"C2\",\"name\":\"Second\"}");
		SHOP_ANSWER(s, "register.create",
		            "{\"code\":\"T2\",\"name\":\"Second\",\"location\":\"M2\",\"channel\":\"C2\"}");
		keeps(s, "location.archive", "M2", "register");
		keeps(s, "channel.archive", "C2", "register");
		SHOP_ANSWER(s, SETTINGS, "{\"default_location\":\"M2\",\"default_channel\":\"C2\","
		            "\"default_till\":\"T2\"}");
		keeps(s, "location.archive", "MAIN", "register");
		SHOP_ANSWER(s, "register.archive", "{\"ref\":\"T1\"}");
		SHOP_ANSWER(s, "location.archive", "{\"ref\":\"MAIN\"}");
		SHOP_ANSWER(s, "channel.archive", "{\"ref\":\"POS\"}");
		keeps(s, "location.archive", "M2", "default_location");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(what_holds_stock_stays)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		inv_session *s = shop.s, *free_hand;
		int64_t before;

		shop_product(&shop, "TEA");
		shop_product(&shop, "POT");
		SHOP_ANSWER(s, "location.create", "{\"code\":\"SHELF\",\"name\":\"Shelf\"}");
		SHOP_ANSWER(s, "channel.create",
		            "{\"code\":\"ANY\",\"name\":\"Any\",\"guard\":\"observe\"}");
		CHECK_STATUS(shop_receive(s, "TEA", "SHELF", UNITS(2), 0), INV_OK);
		before = shop_position(&shop);
		keeps(s, "location.archive", "SHELF", "stock");
		keeps(s, "product.archive", "TEA", "stock");
		SHOP_REFUSES(s, "product.archive", "[{\"ref\":\"POT\"},{\"ref\":\"TEA\"}]", INV_E_STATE,
		             "ref");
		CHECK_INT(inv_session_error(s)->index, 1);
		CHECK_INT(shop_position(&shop), before);
		/* What is owed is not nothing either. */
		free_hand = shop_session(&shop, "ANY", NULL);
		CHECK_STATUS(shop_issue(free_hand, "TEA", "SHELF", UNITS(3), 0), INV_OK);
		inv_session_close(free_hand);
		keeps(s, "location.archive", "SHELF", "stock");
		keeps(s, "product.archive", "TEA", "stock");
		CHECK_STATUS(shop_receive(s, "TEA", "SHELF", UNITS(1), 0), INV_OK);
		SHOP_ANSWER(s, "location.archive", "{\"ref\":\"SHELF\"}");
		SHOP_ANSWER(s, "product.archive", "[{\"ref\":\"POT\"},{\"ref\":\"TEA\"}]");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

static void branches(inv_session *s, const char *noun)
{
	char create[32], archive[32];

	snprintf(create, sizeof create, "%s.create", noun);
	snprintf(archive, sizeof archive, "%s.archive", noun);
	SHOP_ANSWER(s, create, "{\"code\":\"A\",\"name\":\"A\"}");
	SHOP_ANSWER(s, create, "{\"code\":\"B\",\"name\":\"B\",\"parent\":\"A\"}");
	SHOP_ANSWER(s, create, "[{\"code\":\"C\",\"name\":\"C\",\"parent\":\"B\"},"
	            "{\"code\":\"D\",\"name\":\"D\",\"parent\":\"B\"}]");
	keeps(s, archive, "A", noun);
	keeps(s, archive, "B", noun);
	SHOP_REFUSES(s, archive, "[{\"ref\":\"A\"},{\"ref\":\"B\"},{\"ref\":\"C\"}]", INV_E_STATE,
	             "ref");
	CHECK_INT(inv_session_error(s)->index, 1);
	SHOP_ANSWER(s, archive, "{\"ref\":\"D\"}");
	/* A branch goes as a whole; what is archived already is no matter. */
	JSON_HAS(SHOP_ANSWER(s, archive, "[{\"ref\":\"A\"},{\"ref\":\"B\"},{\"ref\":\"C\"}]"),
	         "\"archived\":true");
	JSON_HAS(SHOP_ANSWER(s, archive, "{\"ref\":\"A\"}"), "\"version\":2");
}

TEST(what_has_something_below_it_stays)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		branches(shop.s, "location");
		branches(shop.s, "category");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* The key answers as it did, whatever is in the way by now. */
TEST(a_key_answers_for_what_was_archived)
{
	static const char json[] = "{\"ref\":\"OLD\"}";
	test_shop shop = {0};
	inv_options options = INV_OPTIONS_INIT;
	inv_result *r = NULL;

	options.key = INV_S("k");
	if (shop_open(&shop, NULL)) {
		SHOP_ANSWER(shop.s, "location.create", "{\"code\":\"OLD\",\"name\":\"Old\"}");
		for (int i = 0; i < 2; i++) {
			CHECK_STATUS(inv_call_json(shop.s, INV_S("location.archive"), inv_str_of(json),
			                           &options, &r), INV_OK);
			CHECK_INT(inv_result_replayed(r), i);
			inv_result_free(r);
		}
	}
	shop_close(&shop);
}

/* ---- settings ---- */

TEST(the_currency_stays_once_there_are_amounts)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		inv_session *s = shop.s;

		SHOP_ANSWER(s, SETTINGS, "{\"base_currency\":\"USD\"}");
		SHOP_ANSWER(s, "product.create",
		            "{\"sku\":\"TEA\",\"name\":\"Tea\",\"list_price\":\"2.50\"}");
		refuses(s, SETTINGS, "{\"base_currency\":\"EUR\"}", INV_E_STATE, "base_currency", "price");
		SHOP_ANSWER(s, SETTINGS, "{\"base_currency\":\"USD\",\"name\":\"Corner shop\"}");
		SHOP_ANSWER(s, "product.update", "{\"sku\":\"TEA\",\"list_price\":\"0\"}");
		SHOP_ANSWER(s, SETTINGS, "{\"base_currency\":\"GBP\"}");
		CHECK_STATUS(shop_receive(s, "TEA", NULL, UNITS(1), 0), INV_OK);
		SHOP_ANSWER(s, SETTINGS, "{\"base_currency\":\"EUR\"}");
		SHOP_ANSWER(s, "sale.close",
		            "{\"lines\":[{\"product\":\"TEA\",\"quantity\":1,\"unit_price\":\"1\"}]}");
		refuses(s, SETTINGS, "{\"base_currency\":\"GBP\"}", INV_E_STATE, "base_currency", "sales");
		SHOP_ANSWER(s, SETTINGS, "{\"day_start\":60}");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(a_ticket_names_one_sale)
{
	static const char *const wrong[] = {"X", "{till}", "{number}", "{till}-{numbe}",
	                                    "till-{number}", "{{till}-{number"};
	test_shop shop = {0};
	char json[128];

	if (shop_open(&shop, NULL)) {
		for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
			snprintf(json, sizeof json, "{\"ticket_format\":\"%s\"}", wrong[i]);
			SHOP_REFUSES(shop.s, SETTINGS, json, INV_E_INVALID, "ticket_format");
		}
		SHOP_ANSWER(shop.s, SETTINGS, "{\"ticket_format\":\"{number}{till}\"}");
		/* None is the usual one. */
		SHOP_ANSWER(shop.s, SETTINGS, "{\"ticket_format\":\"\"}");
	}
	shop_close(&shop);
}

/* ---- names ---- */

TEST(errors_say_what_was_looked_for)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		inv_session *s = shop.s;

		refuses(s, "product.update", "{\"name\":\"x\"}", INV_E_INVALID, "id",
		        "name it by id or by sku");
		refuses(s, "category.update", "{\"name\":\"x\"}", INV_E_INVALID, "id",
		        "name it by id or by code");
		refuses(s, "product.update", "{\"sku\":\"Earl\",\"name\":\"x\"}", INV_E_NOT_FOUND, "sku",
		        "there is no product `Earl`");
		refuses(s, "channel.update",
		        "{\"id\":\"01890000-0000-7000-8000-000000000000\",\"code\":\"POS\"}",
		        INV_E_NOT_FOUND, "id", "there is no such channel");
		refuses(s, "register.get", "{\"ref\":\"T9\"}", INV_E_NOT_FOUND, "ref",
		        "there is no register `T9`");
		refuses(s, "location.archive", "{\"ref\":\"Attic\"}", INV_E_NOT_FOUND, "ref",
		        "there is no location `Attic`");
	}
	shop_close(&shop);
}

CHECK_MAIN()
