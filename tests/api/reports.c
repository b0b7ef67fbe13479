/* SPDX-License-Identifier: MIT */
/* Sums over sales, refunds and corrections, however they are grouped. */
/* ctest: drivers */
#include "support/json_text.h"
#include "support/shop.h"

#include <stdio.h>

static void till(test_shop *shop, const char *op, const char *json)
{
	SHOP_ANSWER(shop->s, op, json);
}

/* Three days, two tills, two countries: seven documents, ten lines. */
static bool sold_shop(test_shop *shop)
{
	shop->now = INT64_C(1709467200000000); /* 2024-03-03T12:00Z */
	if (!shop_open(shop, NULL))
		return false;
	SHOP_ANSWER(shop->s, "product.create",
	            "[{\"sku\":\"TEA\",\"name\":\"Tea\"},{\"sku\":\"POT\",\"name\":\"Pot\"},"
	            "{\"sku\":\"POST\",\"name\":\"Post\",\"stocking\":\"non_stocked\"}]");
	SHOP_ANSWER(shop->s, "register.create", "{\"code\":\"T2\",\"name\":\"Till 2\"}");
	shop_receive(shop->s, "TEA", NULL, UNITS(100), shop->now - 10 * SHOP_DAY);
	shop_receive(shop->s, "POT", NULL, UNITS(100), shop->now - 10 * SHOP_DAY);
	till(shop, "sale.close",
	     "{\"occurred_at\":\"2024-02-29T10:00:00Z\",\"country\":\"France\",\"lines\":["
	     "{\"product\":\"TEA\",\"quantity\":4,\"unit_price\":\"2.5\"},"
	     "{\"product\":\"POST\",\"quantity\":1,\"unit_price\":\"3\"}]}");
	till(shop, "sale.close",
	     "{\"occurred_at\":\"2024-02-29T11:00:00Z\",\"country\":\"Spain\",\"till\":\"T2\","
	     "\"customer\":\"c1\",\"lines\":[{\"product\":\"POT\",\"quantity\":2,"
	     "\"unit_price\":\"10\",\"discount\":\"1\"}]}");
	till(shop, "sale.close",
	     "{\"occurred_at\":\"2024-03-01T10:00:00Z\",\"country\":\"France\",\"lines\":["
	     "{\"product\":\"TEA\",\"quantity\":1,\"unit_price\":\"2.333\"},"
	     "{\"product\":\"TEA\",\"quantity\":1,\"unit_price\":\"2.5\"}]}");
	till(shop, "sale.refund",
	     "{\"occurred_at\":\"2024-03-01T15:00:00Z\",\"country\":\"Spain\",\"till\":\"T2\","
	     "\"original\":\"T2-000001\",\"customer\":\"c1\",\"lines\":[{\"product\":\"POT\","
	     "\"quantity\":1,\"original_line\":1}]}");
	till(shop, "sale.refund",
	     "{\"occurred_at\":\"2024-03-02T09:00:00Z\",\"lines\":[{\"product\":\"TEA\","
	     "\"quantity\":2,\"unit_price\":\"1\",\"no_restock\":true}]}");
	till(shop, "sale.close",
	     "{\"occurred_at\":\"2024-03-02T10:00:00Z\",\"kind\":\"accounting\",\"lines\":["
	     "{\"product\":\"POST\",\"quantity\":1,\"unit_price\":\"-100\"}]}");
	till(shop, "sale.close",
	     "{\"occurred_at\":\"2024-03-02T10:30:00Z\",\"country\":\"France\",\"lines\":["
	     "{\"product\":\"POT\",\"quantity\":3,\"unit_price\":\"0\"}]}");
	return check_failures() == 0;
}

/* One row as text: key, documents, lines, sold, returned and net units, sold, refunded, accounting
 * and net amounts. */
static void rows(test_shop *shop, const char *query, const char *expected)
{
	char text[2048] = "";
	inv_result *r = NULL;

	if (!CHECK_STATUS(shop_json(shop->s, "report.sales", query, &r), INV_OK))
		return;
	for (size_t i = 0; i < inv_result_count(r); i++) {
		const inv_sales_total *t = INV_AT(r, inv_sales_total, i);
		const int64_t numbers[] = {t->units_sold, t->units_returned, t->units_net, t->sold,
		                           t->refunded, t->accounting, t->net};
		size_t n = strlen(text);

		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s %d %d", i ? " | " : "", t->key.ptr,
		                      (int)t->documents, (int)t->lines);
		for (size_t k = 0; k < 7 && n < sizeof text; k++) {
			char number[24];

			inv_decimal_format(numbers[k], k < 3 ? 6 : 4, number);
			n += (size_t)snprintf(text + n, sizeof text - n, " %s", number);
		}
	}
	if (strcmp(text, expected) != 0)
		CHECK_FAIL("%s gives\n\t%s\n\tnot\n\t%s", query, text, expected);
	inv_result_free(r);
}

TEST(sales_by_everything)
{
	test_shop shop = {0};

	if (sold_shop(&shop)) {
		rows(&shop, "", " 7 9 12 3 9 36.833 -11.5 -100 -74.667");
		rows(&shop, "{\"by\":\"day\"}",
		     "2024-02-29 2 3 7 0 7 32 0 0 32 | 2024-03-01 2 3 2 1 1 4.833 -9.5 0 -4.667 | "
		     "2024-03-02 3 3 3 2 1 0 -2 -100 -102");
		rows(&shop, "{\"by\":\"month\",\"sort\":\"-key\"}",
		     "2024-03 5 6 5 3 2 4.833 -11.5 -100 -106.667 | 2024-02 2 3 7 0 7 32 0 0 32");
		rows(&shop, "{\"by\":\"product\"}",
		     "POST 2 2 1 0 1 3 0 -100 -97 | POT 3 3 5 1 4 19 -9.5 0 9.5 | "
		     "TEA 3 4 6 2 4 14.833 -2 0 12.833");
		rows(&shop, "{\"by\":\"product\",\"sort\":\"-revenue\",\"limit\":2}",
		     "TEA 3 4 6 2 4 14.833 -2 0 12.833 | POT 3 3 5 1 4 19 -9.5 0 9.5");
		rows(&shop, "{\"by\":\"country\"}",
		     " 2 2 0 2 -2 0 -2 -100 -102 | France 3 5 10 0 10 17.833 0 0 17.833 | "
		     "Spain 2 2 2 1 1 19 -9.5 0 9.5");
		rows(&shop, "{\"by\":\"register\"}",
		     "T1 5 7 10 2 8 17.833 -2 -100 -84.167 | T2 2 2 2 1 1 19 -9.5 0 9.5");
		rows(&shop, "{\"by\":\"customer\"}", "c1 2 2 2 1 1 19 -9.5 0 9.5");
		rows(&shop, "{\"by\":\"kind\"}",
		     "accounting 1 1 0 0 0 0 0 -100 -100 | refund 2 2 0 3 -3 0 -11.5 0 -11.5 | "
		     "sale 4 6 12 0 12 36.833 0 0 36.833");
	}
	shop_close(&shop);
}

TEST(sales_of_some_days_and_tills)
{
	test_shop shop = {0};

	if (sold_shop(&shop)) {
		rows(&shop, "{\"from\":\"2024-03-01\",\"to\":\"2024-03-01\"}",
		     " 2 3 2 1 1 4.833 -9.5 0 -4.667");
		rows(&shop, "{\"by\":\"day\",\"to\":\"2024-02-29\",\"till\":\"t2\"}",
		     "2024-02-29 1 1 2 0 2 19 0 0 19");
		rows(&shop, "{\"from\":\"2024-03-03\",\"by\":\"day\"}", "");
		rows(&shop, "{\"by\":\"day\",\"sort\":\"-revenue\",\"limit\":1}",
		     "2024-02-29 2 3 7 0 7 32 0 0 32");
		SHOP_REFUSES(shop.s, "report.sales", "{\"by\":\"weather\"}", INV_E_INVALID, "by");
		SHOP_REFUSES(shop.s, "report.sales", "{\"sort\":\"colour\"}", INV_E_INVALID, "sort");
		SHOP_REFUSES(shop.s, "report.sales", "{\"limit\":1001}", INV_E_INVALID, "limit");
		SHOP_REFUSES(shop.s, "report.sales", "{\"till\":\"T9\"}", INV_E_NOT_FOUND, "till");
		SHOP_REFUSES(shop.s, "report.sales", "{\"from\":\"2024-02-30\"}", INV_E_INVALID, "from");
		SHOP_REFUSES(shop.s, "report.sales", "{\"cursor\":\"nonsense\"}", INV_E_INVALID, "cursor");
	}
	shop_close(&shop);
}

TEST(a_report_goes_on_page_by_page)
{
	test_shop shop = {0};
	char query[2200];
	const char *page;

	if (sold_shop(&shop)) {
		page = SHOP_ANSWER(shop.s, "report.sales", "{\"by\":\"day\",\"limit\":2}");
		JSON_HAS(page, "2024-03-01");
		JSON_LACKS(page, "2024-03-02");
		snprintf(query, sizeof query, "{\"by\":\"day\",\"limit\":2,\"cursor\":\"%s\"}",
		         json_field(page, "cursor"));
		rows(&shop, query, "2024-03-02 3 3 3 2 1 0 -2 -100 -102");
	}
	shop_close(&shop);
}

/* Lines of all documents, with what their document says. */
TEST(lines_of_sales)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		const char *a;

		shop_product(&shop, "TEA");
		CHECK_STATUS(shop_receive(shop.s, "TEA", NULL, UNITS(9), 0), INV_OK);
		CHECK_STATUS(shop_json(shop.s, "sale.close",
		                       "{\"country\":\"UK\",\"lines\":[{\"product\":\"TEA\",\"quantity\":"
		                       "\"2\",\"unit_price\":\"1.5\"},{\"product\":\"TEA\",\"quantity\":"
		                       "\"1\",\"unit_price\":\"4\"}]}",
		                       NULL),
		             INV_OK);
		CHECK_STATUS(shop_json(shop.s, "sale.refund",
		                       "{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"1\","
		                       "\"unit_price\":\"3\"}]}",
		                       NULL),
		             INV_OK);
		a = SHOP_ANSWER(shop.s, "sale_line.list", "{\"filter\":\"kind = sale\",\"limit\":1}");
		CHECK(strstr(a, "\"line\":1,\"kind\":\"sale\",\"ticket\":\"T1-000001\"") != NULL);
		CHECK(strstr(a, "\"product_code\":\"TEA\"") != NULL);
		CHECK_STR(json_field(a, "amount"), "3");
		CHECK(json_field(a, "cursor")[0] != 0);
		a = SHOP_ANSWER(shop.s, "sale_line.list", "{\"filter\":\"kind = refund\"}");
		CHECK_STR(json_field(a, "amount"), "-3");
		a = SHOP_ANSWER(shop.s, "sale_line.list",
		                "{\"filter\":\"country = UK and amount > 3\",\"sort\":\"-business_date\"}");
		CHECK_STR(json_field(a, "quantity"), "1");
	}
	shop_close(&shop);
}

CHECK_MAIN()
