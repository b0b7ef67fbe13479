/* SPDX-License-Identifier: MIT */
/* Units: what was entered is on receipts, survives a rebuild, and keeps the conversion that was
 * used. (What else they do is in tests/cases/units.json.) */
/* ctest: drivers */
#include "support/json_text.h"
#include "support/shop.h"

#include <stdio.h>
#include <string.h>

static bool unit_shop(test_shop *shop)
{
	if (!shop_open(shop, NULL))
		return false;
	shop_product(shop, "TEA");
	SHOP_ANSWER(shop->s, "product_unit.create",
	            "{\"id\":\"01910000-0000-7000-8000-000000000001\",\"product\":\"TEA\","
	            "\"code\":\"box\",\"numerator\":12,\"denominator\":1}");
	SHOP_ANSWER(shop->s, "stock.receive",
	            "{\"lines\":[{\"product\":\"TEA\",\"quantity\":5,\"unit\":\"box\"}]}");
	return check_failures() == 0;
}

TEST(a_receipt_shows_what_was_entered)
{
	test_shop shop = {0};

	if (unit_shop(&shop)) {
		char id[40], json[64];
		const char *text;

		snprintf(id, sizeof id, "%s",
		         json_field(SHOP_ANSWER(shop.s, "sale.close",
		                                "{\"lines\":[{\"product\":\"TEA\",\"quantity\":2,"
		                                "\"unit\":\"box\",\"unit_price\":\"24\"}]}"),
		                    "id"));
		snprintf(json, sizeof json, "{\"ref\":\"%s\"}", id);
		text = SHOP_ANSWER(shop.s, "sale.receipt", json);
		CHECK(strstr(text, "2 box x 24.00") != NULL);
		CHECK(strstr(text, "24 x") == NULL);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(a_changed_unit_changes_nothing_that_is_booked)
{
	test_shop shop = {0};

	if (unit_shop(&shop)) {
		SHOP_ANSWER(shop.s, "product_unit.update",
		            "{\"id\":\"01910000-0000-7000-8000-000000000001\",\"numerator\":10}");
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(60));
		SHOP_ANSWER(shop.s, "stock.issue",
		            "{\"lines\":[{\"product\":\"TEA\",\"quantity\":1,\"unit\":\"box\"}]}");
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(50));
		SHOP_ANSWER(shop.s, "product_unit.archive",
		            "{\"ref\":\"01910000-0000-7000-8000-000000000001\"}");
		shop_verify(&shop);
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(50));
	}
	shop_close(&shop);
}

/* A unit that has the name which the base unit takes later goes on meaning what it meant. */
TEST(a_renamed_base_unit_takes_no_unit_over)
{
	test_shop shop = {0};

	if (unit_shop(&shop)) {
		SHOP_ANSWER(shop.s, "product.update", "{\"sku\":\"TEA\",\"unit\":\"box\"}");
		SHOP_ANSWER(shop.s, "stock.issue",
		            "{\"lines\":[{\"product\":\"TEA\",\"quantity\":1,\"unit\":\"box\"}]}");
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(48));
		SHOP_REFUSES(shop.s, "stock.issue",
		             "{\"lines\":[{\"product\":\"TEA\",\"quantity\":1,\"unit\":\"ea\"}]}",
		             INV_E_NOT_FOUND, "lines[0].unit");
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(48));
	}
	shop_close(&shop);
}

CHECK_MAIN()
