/* SPDX-License-Identifier: MIT */
/* Kits: what a kit moved survives a rebuild and a change of its recipe, and kits are guarded by
 * their parts, at any instant. (What else they do is in tests/cases/recipes.json.) */
/* ctest: drivers */
#include "support/json_text.h"
#include "support/shop.h"

#include <stdio.h>
#include <string.h>

#define RECIPE "01910000-0000-7000-8000-000000000001"

/* A set of six cups and a pot; cups for ten sets and pots for five. */
static bool kit_shop(test_shop *shop)
{
	if (!shop_open(shop, NULL))
		return false;
	shop_product(shop, "CUP");
	shop_product(shop, "POT");
	SHOP_ANSWER(shop->s, "product.create",
	            "{\"sku\":\"SET\",\"name\":\"Tea set\",\"stocking\":\"kit\"}");
	SHOP_ANSWER(shop->s, "recipe.create",
	            "{\"id\":\"" RECIPE "\",\"product\":\"SET\",\"lines\":["
	            "{\"component\":\"CUP\",\"quantity\":6},{\"component\":\"POT\",\"quantity\":1}]}");
	CHECK_STATUS(shop_receive(shop->s, "CUP", NULL, UNITS(60), SHOP_NOON - SHOP_DAY), INV_OK);
	CHECK_STATUS(shop_receive(shop->s, "POT", NULL, UNITS(5), SHOP_NOON - SHOP_HOUR), INV_OK);
	return check_failures() == 0;
}

static void check_parts(test_shop *shop, int64_t cups, int64_t pots)
{
	CHECK_INT(shop_on_hand(shop->s, "CUP", NULL), UNITS(cups));
	CHECK_INT(shop_on_hand(shop->s, "POT", NULL), UNITS(pots));
	CHECK_INT(shop_on_hand(shop->s, "SET", NULL), 0);
}

TEST(what_a_kit_moved_is_in_its_event)
{
	test_shop shop = {0};

	if (kit_shop(&shop)) {
		char id[40], json[256];

		snprintf(id, sizeof id, "%s",
		         json_field(SHOP_ANSWER(shop.s, "sale.close",
		                                "{\"lines\":[{\"product\":\"SET\",\"quantity\":2,"
		                                "\"unit_price\":\"9\"}]}"),
		                    "id"));
		SHOP_ANSWER(shop.s, "stock.issue", "{\"lines\":[{\"product\":\"SET\",\"quantity\":1}]}");
		check_parts(&shop, 42, 2);
		SHOP_ANSWER(shop.s, "recipe.update",
		            "{\"id\":\"" RECIPE "\",\"lines\":[{\"component\":\"CUP\",\"quantity\":1}]}");
		SHOP_ANSWER(shop.s, "recipe.archive", "{\"ref\":\"" RECIPE "\"}");
		shop_verify(&shop);
		check_parts(&shop, 42, 2);
		snprintf(json, sizeof json,
		         "{\"original\":\"%s\",\"lines\":[{\"product\":\"SET\",\"quantity\":2,"
		         "\"original_line\":1}]}",
		         id);
		SHOP_ANSWER(shop.s, "sale.refund", json);
		check_parts(&shop, 54, 4);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(a_backdated_kit_is_guarded_by_its_parts)
{
	test_shop shop = {0};

	if (kit_shop(&shop)) {
		char json[256];

		/* The pots came an hour ago. */
		snprintf(json, sizeof json,
		         "{\"occurred_at\":\"2023-11-14T20:13:20Z\",\"lines\":[{\"product\":\"SET\","
		         "\"quantity\":1,\"unit_price\":\"9\"}]}");
		SHOP_REFUSES(shop.s, "sale.close", json, INV_E_INSUFFICIENT, "lines[0].quantity");
		check_parts(&shop, 60, 5);
		snprintf(json, sizeof json,
		         "{\"occurred_at\":\"2023-11-14T21:43:20Z\",\"lines\":[{\"product\":\"SET\","
		         "\"quantity\":1,\"unit_price\":\"9\"}]}");
		SHOP_ANSWER(shop.s, "sale.close", json);
		check_parts(&shop, 54, 4);
		/* Of five sets from now on there are only four. */
		SHOP_REFUSES(shop.s, "stock.issue", "{\"lines\":[{\"product\":\"SET\",\"quantity\":5}]}",
		             INV_E_INSUFFICIENT, "lines[0].quantity");
		check_parts(&shop, 54, 4);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* Sales in one call share the parts. */
TEST(sales_of_one_call_share_parts)
{
	test_shop shop = {0};

	if (kit_shop(&shop)) {
		SHOP_REFUSES(shop.s, "sale.close",
		             "[{\"lines\":[{\"product\":\"SET\",\"quantity\":3,\"unit_price\":1}]},"
		             "{\"lines\":[{\"product\":\"POT\",\"quantity\":1,\"unit_price\":1},"
		             "{\"product\":\"SET\",\"quantity\":2,\"unit_price\":1}]}]",
		             INV_E_INSUFFICIENT, "lines[0].quantity");
		check_parts(&shop, 60, 5);
		SHOP_ANSWER(shop.s, "sale.close",
		            "[{\"lines\":[{\"product\":\"SET\",\"quantity\":3,\"unit_price\":1}]},"
		            "{\"lines\":[{\"product\":\"POT\",\"quantity\":1,\"unit_price\":1},"
		            "{\"product\":\"SET\",\"quantity\":1,\"unit_price\":1}]}]");
		check_parts(&shop, 36, 0);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* What production took and gave is one event, and is made again from it. */
TEST(an_assembly_is_made_again_from_its_event)
{
	test_shop shop = {0};

	if (kit_shop(&shop)) {
		shop_product(&shop, "CRATE");
		SHOP_ANSWER(shop.s, "recipe.create",
		            "{\"product\":\"CRATE\",\"kind\":\"assembly\",\"lines\":["
		            "{\"component\":\"SET\",\"quantity\":2}]}");
		SHOP_ANSWER(shop.s, "stock.assemble", "{\"product\":\"CRATE\",\"quantity\":2}");
		check_parts(&shop, 36, 1);
		SHOP_REFUSES(shop.s, "stock.assemble", "{\"product\":\"CRATE\",\"quantity\":1}",
		             INV_E_INSUFFICIENT, "quantity");
		SHOP_ANSWER(shop.s, "stock.disassemble", "{\"product\":\"CRATE\",\"quantity\":1}");
		check_parts(&shop, 48, 3);
		CHECK_INT(shop_on_hand(shop.s, "CRATE", NULL), UNITS(1));
		shop_verify(&shop);
		check_parts(&shop, 48, 3);
	}
	shop_close(&shop);
}

CHECK_MAIN()
