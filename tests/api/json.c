/* SPDX-License-Identifier: MIT */
/* Calls with JSON: what is taken, what comes out, and errors that tell where. */
/* ctest: drivers */
#include "support/json_text.h"
#include "support/shop.h"

#include <stdio.h>
#include <stdlib.h>

#define CREATE "product.create"

TEST(texts_and_numbers)
{
	test_shop shop = {0};
	const char *a;

	if (shop_open(&shop, NULL)) {
		a = SHOP_ANSWER(shop.s, CREATE,
		                " {\n\t\"sku\" : \"A\", \"name\" : "
		                "\"Caf\\u00e9 \\\"x\\\" \\/ \\uD83C\\uDF75\","
		                "\"list_price\" : 12.5 , \"decimals\" : 2,\"attributes\":{\"a\": [1, 2.50,"
		                " null, true, {\"b\":\"\\u00e9\"}] } } ");
		CHECK(strstr(a, "\"name\":\"Caf\xC3\xA9 \\\"x\\\" / \xF0\x9F\x8D\xB5\"") != NULL);
		CHECK_STR(json_field(a, "list_price"), "12.5");
		JSON_HAS(a, "\"attributes\":{\"a\":[1,2.50,null,true,{\"b\":\"\xC3\xA9\"}]}");
		/* Numbers are read from their text: 0.1 is a tenth. */
		a = SHOP_ANSWER(shop.s, CREATE, "{\"sku\":\"B\",\"name\":\"B\",\"list_price\":0.1}");
		CHECK_STR(json_field(a, "list_price"), "0.1");
		SHOP_REFUSES(shop.s, CREATE, "{\"sku\":\"C\",\"name\":\"C\",\"list_price\":1e2}",
		             INV_E_INVALID, "list_price");
		SHOP_REFUSES(shop.s, CREATE,
		             "{\"sku\":\"D\",\"name\":\"D\",\"list_price\":1234567890.1234567}",
		             INV_E_INVALID, "list_price");
		SHOP_REFUSES(shop.s, CREATE, "{\"sku\":\"D\",\"name\":\"D\",\"list_price\":\"1,5\"}",
		             INV_E_INVALID, "list_price");
		SHOP_REFUSES(shop.s, CREATE, "{\"sku\":\"D\",\"name\":\"D\",\"decimals\":1.5}",
		             INV_E_INVALID, "decimals");
		SHOP_REFUSES(shop.s, CREATE, "{\"sku\":\"D\",\"name\":7}", INV_E_INVALID, "name");
		SHOP_REFUSES(shop.s, CREATE, "{\"sku\":\"D\",\"name\":\"a\\u0007b\"}", INV_E_INVALID,
		             "name");
		SHOP_REFUSES(shop.s, CREATE, "{\"sku\":\"D\",\"name\":\"a\\u0000b\"}", INV_E_INVALID,
		             "name");
	}
	shop_close(&shop);
}

TEST(objects_and_arrays)
{
	test_shop shop = {0};
	const char *a;

	if (shop_open(&shop, NULL)) {
		/* One object answers one, an array an array, also of one; a list its page. */
		a = SHOP_ANSWER(shop.s, CREATE, "{\"sku\":\"A\",\"name\":\"A\"}");
		CHECK(a[0] == '{');
		a = SHOP_ANSWER(shop.s, CREATE, "[{\"sku\":\"B\",\"name\":\"B\"}]");
		CHECK(a[0] == '[');
		a = SHOP_ANSWER(shop.s, "product.list", "{\"limit\":1}");
		CHECK(strncmp(a, "{\"items\":[{", 11) == 0);
		CHECK(json_field(a, "cursor")[0] != 0);
		CHECK_STR(json_field(SHOP_ANSWER(shop.s, "product.list", ""), "cursor"), "");
		CHECK_STATUS(shop_json(shop.s, CREATE, "[]", NULL), INV_E_LIMIT);
		CHECK_STATUS(shop_json(shop.s, "settings.update", "[{},{}]", NULL), INV_E_LIMIT);
		/* null is the default. */
		a = SHOP_ANSWER(shop.s, CREATE,
		                "{\"sku\":\"N\",\"name\":\"N\",\"tags\":null,\"unit\":null}");
		CHECK_STR(json_field(a, "unit"), "ea");
	}
	shop_close(&shop);
}

static void broken(test_shop *shop, const char *json)
{
	inv_status rc = shop_json(shop->s, CREATE, json, NULL);

	if (!CHECK_STATUS(rc, INV_E_INVALID))
		CHECK_FAIL("%s was taken", json);
	CHECK(inv_session_error(shop->s)->message[0] != 0);
}

TEST(what_is_no_json)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		int64_t before = shop_position(&shop);
		char deep[64];

		broken(&shop, "{");
		broken(&shop, "{\"sku\":\"A\",\"name\":\"A\"");
		broken(&shop, "{\"sku\":\"A\",\"name\":\"A\"} x");
		broken(&shop, "{\"sku\":\"A\",\"name\":\"A\",}");
		broken(&shop, "{'sku':\"A\",\"name\":\"A\"}");
		broken(&shop, "{\"sku\":\"A\",\"name\":\"A\",\"sku\":\"B\"}");
		broken(&shop, "{\"sku\":\"A\",\"name\":\"\xFF\"}");
		broken(&shop, "{\"sku\":\"A\",\"name\":\"\\uD800\"}");
		broken(&shop, "{\"sku\":\"A\",\"name\":\"A\",\"list_price\":01}");
		broken(&shop, "{\"sku\":\"A\",\"name\":\"A\",\"list_price\":NaN}");
		broken(&shop, "{\"sku\":\"A\",\"name\":\"A\",\"attributes\":{\"a\":1,\"a\":2}}");
		broken(&shop, "\"text\"");
		broken(&shop, "7");
		broken(&shop, "[7]");
		memset(deep, '[', 20);
		deep[20] = 0;
		CHECK_STATUS(shop_json(shop.s, CREATE, deep, NULL), INV_E_LIMIT);
		CHECK_INT(shop_position(&shop), before);
	}
	shop_close(&shop);
}

TEST(sixteen_megabytes_and_no_more)
{
	test_shop shop = {0};
	size_t size = (size_t)INV_LIMIT_JSON + 2;
	char *json = malloc(size);

	if (json && shop_open(&shop, ":memory:")) {
		memset(json, ' ', size);
		memcpy(json, "{\"sku\":\"A\",\"name\":\"A\"}", 22);
		CHECK_STATUS(inv_call_json(shop.s, INV_S(CREATE), (inv_str){json, INV_LIMIT_JSON + 1},
		                           NULL, NULL),
		             INV_E_LIMIT);
		CHECK_STATUS(inv_call_json(shop.s, INV_S(CREATE), (inv_str){json, INV_LIMIT_JSON}, NULL,
		                           NULL),
		             INV_OK);
	}
	shop_close(&shop);
	free(json);
}

TEST(an_error_tells_where)
{
	test_shop shop = {0};
	const inv_error *e;

	if (shop_open(&shop, NULL)) {
		shop_product(&shop, "TEA");
		SHOP_REFUSES(shop.s, "sale.close",
		             "{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"1\"},{\"product\":\"TEA\","
		             "\"quantity\":\"x\"}]}",
		             INV_E_INVALID, "lines[1].quantity");
		e = inv_session_error(shop.s);
		CHECK_STR((const char *)e->record, "sale");
		SHOP_REFUSES(shop.s, "sale.close",
		             "{\"lines\":[{\"product\":\"TEA\",\"quantity\":1,\"colour\":\"red\"}]}",
		             INV_E_INVALID, "lines[0].colour");
		SHOP_REFUSES(shop.s, "sale.close",
		             "{\"lines\":[{\"product\":\"TEA\",\"quantity\":1}],\"tenders\":[{}]}",
		             INV_E_INVALID, "tenders[0].method");
		SHOP_REFUSES(shop.s, "sale.close", "{\"lines\":{}}", INV_E_INVALID, "lines");
		SHOP_REFUSES(shop.s, "sale.close", "{\"lines\":[7]}", INV_E_INVALID, "lines[0]");
		/* 0 stands for no instant: who gives it means something else; who filters may compare. */
		SHOP_REFUSES(shop.s, "sale.close",
		             "{\"occurred_at\":\"1970-01-01T00:00:00Z\",\"lines\":[{\"product\":\"TEA\","
		             "\"quantity\":1}]}",
		             INV_E_INVALID, "occurred_at");
		CHECK(strstr(inv_session_error(shop.s)->message, "stands for none") != NULL);
		CHECK_STATUS(shop_json(shop.s, "sale.list",
		                       "{\"filter\":\"occurred_at >= \\\"1970-01-01T00:00:00Z\\\"\"}",
		                       NULL),
		             INV_OK);
		/* Several findings at once. */
		CHECK_STATUS(shop_json(shop.s, CREATE,
		                       "[{\"sku\":\"OK\",\"name\":\"n\"},{\"sku\":\"\","
		                       "\"list_price\":\"-1\",\"decimals\":9}]",
		                       NULL),
		             INV_E_INVALID);
		e = inv_session_error(shop.s);
		CHECK_INT(e->index, 1);
		CHECK_INT(e->detail_count, 4);
		CHECK_STR((const char *)e->details[0].field, "sku");
		CHECK_STR((const char *)e->details[1].field, "name");
		CHECK_STR((const char *)e->details[2].field, "decimals");
		CHECK_STR((const char *)e->details[3].field, "list_price");
		for (uint32_t i = 0; i < e->detail_count; i++) {
			CHECK_STATUS(e->details[i].status, INV_E_INVALID);
			CHECK(e->details[i].message[0] != 0);
		}
	}
	shop_close(&shop);
}

/* Ids, codes and objects name the same thing. */
TEST(references_are_ids_or_codes)
{
	test_shop shop = {0};
	char json[256], id[37];

	if (shop_open(&shop, NULL)) {
		inv_id_format(shop_product(&shop, "TEA"), id);
		snprintf(json, sizeof json, "{\"lines\":[{\"product\":\"%s\",\"quantity\":1}]}", id);
		SHOP_ANSWER(shop.s, "stock.receive", json);
		SHOP_ANSWER(shop.s, "stock.receive", "{\"lines\":[{\"product\":\"tea\",\"quantity\":1}]}");
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(2));
		SHOP_REFUSES(shop.s, "stock.receive", "{\"lines\":[{\"product\":7,\"quantity\":1}]}",
		             INV_E_INVALID, "lines[0].product");
	}
	shop_close(&shop);
}

/* Every operation can be called by its name, and tells what it lacks. */
TEST(every_operation_answers)
{
	test_shop shop = {0};
	const inv_op_desc *op;

	if (shop_open(&shop, NULL)) {
		for (uint32_t i = 0; (op = inv_schema_op(i)) != NULL; i++) {
			inv_status rc = shop_json(shop.s, op->name, "{\"no_such_field\":1}", NULL);

			if (rc != INV_E_INVALID)
				CHECK_FAIL("%s answers %s", op->name, inv_schema_status(rc)->name);
			CHECK_STR((const char *)inv_session_error(shop.s)->field, "no_such_field");
		}
	}
	shop_close(&shop);
}

CHECK_MAIN()
