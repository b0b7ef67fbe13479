/* SPDX-License-Identifier: MIT */
/* Products: created, found, changed, archived; and everything that is refused. */
/* ctest: drivers */
#include "support/json_text.h"
#include "support/shop.h"

#include <stdio.h>
#include <stdlib.h>

#define CREATE "product.create"
#define UPDATE "product.update"
#define GET "product.get"

TEST(a_product_is_found_by_id_sku_and_barcode)
{
	test_shop shop = {0};
	char query[128];
	const char *made;

	if (shop_open(&shop, NULL)) {
		made = SHOP_ANSWER(shop.s, CREATE,
		                   "{\"sku\":\"Tea-100\",\"name\":\"Tea, 100 g\",\"list_price\":\"2.5\","
		                   "\"barcodes\":[\"4006381333931\",\"own 7\"],"
		                   "\"tags\":[\"hot\",\"green\"],"
		                   "\"attributes\":{\"origin\": \"Assam\"},\"description\":\"Leaf tea\"}");
		CHECK_STR(json_field(made, "sku"), "Tea-100");
		CHECK_STR(json_field(made, "list_price"), "2.5");
		CHECK_STR(json_field(made, "unit"), "ea");
		JSON_HAS(made, "\"version\":1");
		snprintf(query, sizeof query, "{\"ref\":\"%s\"}", json_field(made, "id"));
		CHECK_STR(SHOP_ANSWER(shop.s, GET, query), made);
		CHECK_STR(SHOP_ANSWER(shop.s, GET, "{\"ref\":\"TEA-100\"}"), made);
		CHECK_STR(SHOP_ANSWER(shop.s, GET, "{\"ref\":\"tea-100\"}"), made);
		CHECK_STR(SHOP_ANSWER(shop.s, GET, "{\"ref\":\"4006381333931\"}"), made);
		/* The same number as GTIN-14, and a code of the shop's own in any case. */
		CHECK_STR(SHOP_ANSWER(shop.s, GET, "{\"ref\":\"04006381333931\"}"), made);
		CHECK_STR(SHOP_ANSWER(shop.s, GET, "{\"ref\":\"OWN 7\"}"), made);
		JSON_HAS(SHOP_ANSWER(shop.s, GET, "[{\"ref\":\"own 7\"},{\"ref\":\"tea-100\"}]"), "},{");
		SHOP_REFUSES(shop.s, GET, "{\"ref\":\"nothing\"}", INV_E_NOT_FOUND, "ref");
		SHOP_REFUSES(shop.s, GET, "{}", INV_E_INVALID, "ref");
		SHOP_REFUSES(shop.s, GET, "{\"ref\":\"01890000-0000-7000-8000-000000000000\"}",
		             INV_E_NOT_FOUND, "id");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(the_typed_call_does_the_same)
{
	test_shop shop = {0};
	inv_product p[2] = {INV_PRODUCT_INIT, INV_PRODUCT_INIT};
	inv_lookup find = INV_LOOKUP_INIT;
	inv_options options = INV_OPTIONS_INIT;
	inv_result *r = NULL;

	if (shop_open(&shop, NULL)) {
		p[0].sku = INV_S("A");
		p[0].name = INV_S("First");
		p[1].sku = INV_S("B");
		p[1].name = INV_S("Second");
		p[1].list_price = MONEY(7, 0);
		if (CHECK_STATUS(inv_product_create(shop.s, p, 2, NULL, &r), INV_OK)) {
			CHECK_INT(inv_result_count(r), 2);
			CHECK_STR(INV_AT(r, inv_product, 1)->sku, "B");
			CHECK_INT(INV_AT(r, inv_product, 1)->created_at, SHOP_NOON);
			CHECK(!inv_result_replayed(r));
		}
		inv_result_free(r);
		find.ref = INV_REF("b");
		if (CHECK_STATUS(inv_product_get(shop.s, &find, 1, NULL, &r), INV_OK))
			p[1].id = INV_AT(r, inv_product, 0)->id;
		inv_result_free(r);
		/* A mask changes what it names, also to nothing. */
		p[1].list_price = 0;
		p[1].name = INV_S("not named in the mask");
		inv_fields_set(&options.fields, INV_F_PRODUCT_LIST_PRICE);
		if (CHECK_STATUS(inv_product_update(shop.s, &p[1], 1, &options, &r), INV_OK)) {
			CHECK_INT(INV_AT(r, inv_product, 0)->list_price, 0);
			CHECK_STR(INV_AT(r, inv_product, 0)->name, "Second");
			CHECK_INT(INV_AT(r, inv_product, 0)->version, 2);
		}
		inv_result_free(r);
	}
	shop_close(&shop);
}

static void create_with(test_shop *shop, const char *fields, inv_status status, const char *field)
{
	char json[1024];

	snprintf(json, sizeof json, "{\"sku\":\"X\",\"name\":\"X\",%s}", fields);
	SHOP_REFUSES(shop->s, CREATE, json, status, field);
}

TEST(what_create_refuses)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		int64_t before;

		shop_product(&shop, "TEA");
		before = shop_position(&shop);
		SHOP_REFUSES(shop.s, CREATE, "{\"name\":\"X\"}", INV_E_INVALID, "sku");
		SHOP_REFUSES(shop.s, CREATE, "{\"sku\":\"X\"}", INV_E_INVALID, "name");
		SHOP_REFUSES(shop.s, CREATE, "{\"sku\":\"tEa\",\"name\":\"X\"}", INV_E_EXISTS, "sku");
		SHOP_REFUSES(shop.s, CREATE, "{\"sku\":\"caf\xC3\xA9\",\"name\":\"X\"}", INV_E_INVALID,
		             "sku");
		create_with(&shop, "\"barcodes\":[\"1\",\"4006381333932\"]", INV_E_INVALID, "barcodes[1]");
		create_with(&shop, "\"barcodes\":[\"96385075\"]", INV_E_INVALID, "barcodes[0]");
		create_with(&shop, "\"barcodes\":[\"614141007348\"]", INV_E_INVALID, "barcodes[0]");
		create_with(&shop, "\"barcodes\":[\"10614141007348\"]", INV_E_INVALID, "barcodes[0]");
		create_with(&shop, "\"barcodes\":[\"\"]", INV_E_INVALID, "barcodes[0]");
		create_with(&shop, "\"tags\":[\"\"]", INV_E_INVALID, "tags[0]");
		create_with(&shop, "\"decimals\":7", INV_E_INVALID, "decimals");
		create_with(&shop, "\"decimals\":-1", INV_E_INVALID, "decimals");
		create_with(&shop, "\"list_price\":\"-0.01\"", INV_E_INVALID, "list_price");
		create_with(&shop, "\"list_price\":\"0.00001\"", INV_E_INVALID, "list_price");
		create_with(&shop, "\"list_price\":\"100000000000000.0001\"", INV_E_INVALID, "list_price");
		create_with(&shop, "\"tracking\":\"serial\",\"decimals\":2", INV_E_INVALID, "decimals");
		create_with(&shop, "\"tracking\":\"lot\",\"stocking\":\"non_stocked\"", INV_E_INVALID,
		            "tracking");
		create_with(&shop, "\"tracking\":\"colour\"", INV_E_INVALID, "tracking");
		create_with(&shop, "\"attributes\":[1]", INV_E_INVALID, "attributes");
		create_with(&shop, "\"category\":\"none\"", INV_E_NOT_FOUND, "category");
		create_with(&shop, "\"category\":\"01890000-0000-7000-8000-000000000000\"", INV_E_NOT_FOUND,
		            "category");
		create_with(&shop, "\"parent\":\"none\"", INV_E_NOT_FOUND, "parent");
		create_with(&shop, "\"options\":[{\"name\":\"size\"}]", INV_E_INVALID, "options[0].value");
		create_with(&shop, "\"archived\":true", INV_E_INVALID, "archived");
		create_with(&shop, "\"colour\":\"red\"", INV_E_INVALID, "colour");
		/* All or nothing, and the error names the input. */
		SHOP_REFUSES(shop.s, CREATE,
		             "[{\"sku\":\"N1\",\"name\":\"n\"},{\"sku\":\"n1\",\"name\":\"n\"}]",
		             INV_E_EXISTS, "sku");
		SHOP_REFUSES(shop.s, CREATE, "[{\"sku\":\"N1\",\"name\":\"n\"},{\"sku\":\"N2\"}]",
		             INV_E_INVALID, "name");
		CHECK_INT(inv_session_error(shop.s)->index, 1);
		CHECK_INT(shop_position(&shop), before);
	}
	shop_close(&shop);
}

static void limit(test_shop *shop, const char *field, size_t max, inv_status at, inv_status above)
{
	static char json[40000];
	static unsigned number;

	for (size_t len = max; len <= max + 1; len++) {
		int n = snprintf(json, sizeof json, "{\"sku\":\"L%u\",\"name\":\"n\",\"%s\":\"", number++,
		                 field);

		memset(json + n, 'x', len);
		snprintf(json + (size_t)n + len, 8, "\"}");
		CHECK_STATUS(shop_json(shop->s, CREATE, json, NULL), len == max ? at : above);
		if (len > max)
			CHECK_STR((const char *)inv_session_error(shop->s)->field, field);
	}
}

TEST(limits_and_one_more)
{
	static char json[60000];
	test_shop shop = {0};
	size_t n;

	if (shop_open(&shop, NULL)) {
		limit(&shop, "description", 4000, INV_OK, INV_E_INVALID);
		limit(&shop, "unit", 16, INV_OK, INV_E_INVALID);
		for (int count = 16; count <= 17; count++) {
			n = (size_t)snprintf(json, sizeof json,
			                     "{\"sku\":\"B%d\",\"name\":\"n\",\"barcodes\":[", count);
			for (int i = 0; i < count; i++)
				n += (size_t)snprintf(json + n, sizeof json - n, "%s\"c%d-%d\"", i ? "," : "",
				                      count, i);
			snprintf(json + n, sizeof json - n, "]}");
			CHECK_STATUS(shop_json(shop.s, CREATE, json, NULL),
			             count == 16 ? INV_OK : INV_E_INVALID);
		}
		for (int len = 64; len <= 65; len++) {
			snprintf(json, sizeof json, "{\"sku\":\"%0*d\",\"name\":\"n\"}", len, len);
			CHECK_STATUS(shop_json(shop.s, CREATE, json, NULL), len == 64 ? INV_OK : INV_E_INVALID);
			snprintf(json, sizeof json, "{\"sku\":\"C%d\",\"name\":\"n\",\"barcodes\":[\"x%0*d\"]}",
			         len, len - 1, len);
			CHECK_STATUS(shop_json(shop.s, CREATE, json, NULL), len == 64 ? INV_OK : INV_E_INVALID);
			snprintf(json, sizeof json, "{\"sku\":\"T%d\",\"name\":\"n\",\"tags\":[\"%0*d\"]}", len,
			         len, len);
			CHECK_STATUS(shop_json(shop.s, CREATE, json, NULL), len == 64 ? INV_OK : INV_E_INVALID);
		}
		for (int len = 200; len <= 201; len++) {
			snprintf(json, sizeof json, "{\"sku\":\"D%d\",\"name\":\"%0*d\"}", len, len, len);
			CHECK_STATUS(shop_json(shop.s, CREATE, json, NULL),
			             len == 200 ? INV_OK : INV_E_INVALID);
		}
		CHECK_STATUS(shop_json(shop.s, CREATE,
		                       "{\"sku\":\"P\",\"name\":\"n\",\"list_price\":\"100000000000000\"}",
		                       NULL), INV_OK);
	}
	shop_close(&shop);
}

TEST(a_call_takes_ten_thousand_records)
{
	static char skus[INV_LIMIT_BATCH + 1][12];
	test_shop shop = {0};
	inv_product *p = calloc(INV_LIMIT_BATCH + 1, sizeof *p);
	inv_product none = INV_PRODUCT_INIT;

	if (p && shop_open(&shop, ":memory:")) {
		int64_t before = shop_position(&shop);

		for (unsigned i = 0; i <= INV_LIMIT_BATCH; i++) {
			p[i] = (inv_product)INV_PRODUCT_INIT;
			snprintf(skus[i], sizeof skus[i], "S%u", i);
			p[i].sku = p[i].name = inv_str_of(skus[i]);
		}
		CHECK_STATUS(inv_product_create(shop.s, p, INV_LIMIT_BATCH + 1, NULL, NULL), INV_E_LIMIT);
		CHECK_STATUS(inv_product_create(shop.s, &none, 0, NULL, NULL), INV_E_LIMIT);
		CHECK_STATUS(inv_product_create(shop.s, p, INV_LIMIT_BATCH, NULL, NULL), INV_OK);
		CHECK_INT(shop_position(&shop), before + INV_LIMIT_BATCH);
	}
	shop_close(&shop);
	free(p);
}

TEST(updates_change_what_they_name)
{
	test_shop shop = {0};
	const char *made, *changed;
	char json[256], id[64];

	if (shop_open(&shop, NULL)) {
		SHOP_ANSWER(shop.s, CREATE,
		            "{\"sku\":\"TEA\",\"name\":\"Tea\",\"list_price\":\"2\","
		            "\"barcodes\":[\"own 1\"],\"tags\":[\"a\"]}");
		SHOP_ANSWER(shop.s, CREATE, "{\"sku\":\"POT\",\"name\":\"Pot\"}");
		made = SHOP_ANSWER(shop.s, GET, "{\"ref\":\"TEA\"}");
		snprintf(id, sizeof id, "%s", json_field(made, "id"));
		shop_clock(&shop, shop.now + SHOP_SECOND);
		/* By SKU, by id, under a version. */
		changed = SHOP_ANSWER(shop.s, UPDATE, "{\"sku\":\"tea\",\"list_price\":\"3\"}");
		JSON_HAS(changed, "\"version\":2");
		CHECK_STR(json_field(changed, "list_price"), "3");
		CHECK_STR(json_field(changed, "created_at"), json_field(made, "created_at"));
		CHECK(strcmp(json_field(changed, "updated_at"), json_field(made, "updated_at")) != 0);
		snprintf(json, sizeof json, "{\"id\":\"%s\",\"version\":2,\"sku\":\"TEA-2\"}", id);
		JSON_HAS(SHOP_ANSWER(shop.s, UPDATE, json), "\"version\":3");
		SHOP_REFUSES(shop.s, UPDATE, json, INV_E_CONFLICT, "version");
		SHOP_REFUSES(shop.s, GET, "{\"ref\":\"TEA\"}", INV_E_NOT_FOUND, "ref");
		/* Its barcodes are given up and taken. */
		snprintf(json, sizeof json, "{\"id\":\"%s\",\"barcodes\":[\"own 2\"]}", id);
		SHOP_ANSWER(shop.s, UPDATE, json);
		SHOP_REFUSES(shop.s, GET, "{\"ref\":\"own 1\"}", INV_E_NOT_FOUND, "ref");
		SHOP_ANSWER(shop.s, UPDATE, "{\"sku\":\"POT\",\"barcodes\":[\"own 1\"]}");
		CHECK_STR(json_field(SHOP_ANSWER(shop.s, GET, "{\"ref\":\"own 1\"}"), "sku"), "POT");
		SHOP_REFUSES(shop.s, UPDATE, "{\"sku\":\"POT\",\"barcodes\":[\"OWN 2\"]}", INV_E_EXISTS,
		             "barcodes");
		/* What changes nothing writes nothing. */
		{
			int64_t before = shop_position(&shop);

			JSON_HAS(SHOP_ANSWER(shop.s, UPDATE, "{\"sku\":\"TEA-2\",\"list_price\":3.0}"),
			      "\"version\":4");
			CHECK_INT(shop_position(&shop), before);
		}
		/* In a batch, what stays as it was keeps its version. */
		JSON_HAS(SHOP_ANSWER(shop.s, UPDATE, "[{\"sku\":\"TEA-2\",\"list_price\":\"3\"},"
		                                  "{\"sku\":\"POT\",\"name\":\"Teapot\"}]"),
		      "\"version\":4");
		/* An empty list empties a field. */
		changed = SHOP_ANSWER(shop.s, UPDATE, "{\"sku\":\"TEA-2\",\"tags\":[]}");
		CHECK_STR(json_field(changed, "name"), "Tea");
		CHECK(!strstr(SHOP_ANSWER(shop.s, GET, "{\"ref\":\"TEA-2\"}"), "\"tags\""));
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* A barcode can go from one product to another within a call, if it is given up first; what is
 * accepted must not depend on how many events are applied together, when it is rebuilt. */
TEST(barcodes_change_hands_in_one_call)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		SHOP_ANSWER(shop.s, CREATE,
		            "[{\"sku\":\"A\",\"name\":\"Ann\",\"barcodes\":[\"x\"]},"
		            "{\"sku\":\"B\",\"name\":\"Bob\",\"barcodes\":[\"y\"]},"
		            "{\"sku\":\"C\",\"name\":\"Cy\",\"barcodes\":[\"z\"]}]");
		SHOP_ANSWER(shop.s, UPDATE,
		            "[{\"sku\":\"A\",\"barcodes\":[\"new\"],\"name\":\"Anna\"},"
		            "{\"sku\":\"B\",\"barcodes\":[\"X\",\"y\"]},{\"sku\":\"C\",\"name\":\"Cyd\"}]");
		CHECK_STR(json_field(SHOP_ANSWER(shop.s, GET, "{\"ref\":\"x\"}"), "sku"), "B");
		CHECK_STR(json_field(SHOP_ANSWER(shop.s, GET, "{\"ref\":\"z\"}"), "sku"), "C");
		/* Taken before it is given up; swapped; taken twice. */
		SHOP_REFUSES(shop.s, UPDATE,
		             "[{\"sku\":\"A\",\"barcodes\":[\"z\"]},{\"sku\":\"C\",\"barcodes\":[\"w\"]}]",
		             INV_E_EXISTS, "barcodes");
		SHOP_REFUSES(shop.s, UPDATE,
		             "[{\"sku\":\"B\",\"barcodes\":[\"z\"]},{\"sku\":\"C\",\"barcodes\":[\"y\"]}]",
		             INV_E_EXISTS, "barcodes");
		SHOP_REFUSES(shop.s, UPDATE,
		             "[{\"sku\":\"A\",\"barcodes\":[\"q\"]},{\"sku\":\"B\",\"barcodes\":[\"q\"]}]",
		             INV_E_EXISTS, "barcodes");
		/* The same product again and again: each change rests on the one before. */
		for (int i = 0; i < 3; i++) {
			char json[128];

			snprintf(json, sizeof json,
			         "{\"sku\":\"A\",\"name\":\"Word%d\",\"barcodes\":[\"v%d\"]}", i, i);
			SHOP_ANSWER(shop.s, UPDATE, json);
		}
		SHOP_REFUSES(shop.s, GET, "{\"ref\":\"v1\"}", INV_E_NOT_FOUND, "ref");
		CHECK_STR(json_field(SHOP_ANSWER(shop.s, GET, "{\"ref\":\"v2\"}"), "sku"), "A");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(what_update_refuses)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		int64_t before;

		shop_product(&shop, "TEA");
		shop_product(&shop, "POT");
		before = shop_position(&shop);
		SHOP_REFUSES(shop.s, UPDATE, "{\"sku\":\"NONE\",\"name\":\"x\"}", INV_E_NOT_FOUND, "sku");
		SHOP_REFUSES(shop.s, UPDATE, "{\"name\":\"x\"}", INV_E_INVALID, "id");
		SHOP_REFUSES(shop.s, UPDATE, "{\"sku\":\"TEA\",\"name\":\"\"}", INV_E_INVALID, "name");
		SHOP_REFUSES(shop.s, UPDATE, "{\"sku\":\"TEA\",\"decimals\":2}", INV_E_INVALID, "decimals");
		SHOP_REFUSES(shop.s, UPDATE, "{\"sku\":\"TEA\",\"tracking\":\"lot\"}", INV_E_INVALID,
		             "tracking");
		SHOP_REFUSES(shop.s, UPDATE, "{\"sku\":\"TEA\",\"parent\":\"POT\"}", INV_E_INVALID,
		             "parent");
		SHOP_REFUSES(shop.s, UPDATE, "{\"sku\":\"TEA\",\"version\":7,\"name\":\"x\"}",
		             INV_E_CONFLICT, "version");
		SHOP_REFUSES(shop.s, UPDATE,
		             "[{\"sku\":\"TEA\",\"name\":\"x\"},{\"sku\":\"tea\",\"name\":\"y\"}]",
		             INV_E_INVALID, "id");
		CHECK_INT(inv_session_error(shop.s)->index, 1);
		CHECK_INT(shop_position(&shop), before);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(a_sku_is_renamed_to_one_that_is_taken)
{
	test_shop shop = {0};
	char json[256];

	if (shop_open(&shop, NULL)) {
		inv_id tea = shop_product(&shop, "TEA");
		char id[37];

		shop_product(&shop, "POT");
		inv_id_format(tea, id);
		snprintf(json, sizeof json, "{\"id\":\"%s\",\"sku\":\"pot\"}", id);
		SHOP_REFUSES(shop.s, UPDATE, json, INV_E_EXISTS, "sku");
		/* Its own in another case is no other. */
		snprintf(json, sizeof json, "{\"id\":\"%s\",\"sku\":\"Tea\"}", id);
		CHECK_STR(json_field(SHOP_ANSWER(shop.s, UPDATE, json), "sku"), "Tea");
		/* An id that is taken. */
		snprintf(json, sizeof json, "{\"id\":\"%s\",\"sku\":\"CUP\",\"name\":\"Cup\"}", id);
		SHOP_REFUSES(shop.s, CREATE, json, INV_E_EXISTS, "id");
	}
	shop_close(&shop);
}

TEST(variants_have_one_parent)
{
	test_shop shop = {0};
	const char *list;

	if (shop_open(&shop, NULL)) {
		shop_product(&shop, "SHIRT");
		SHOP_ANSWER(shop.s, CREATE,
		            "[{\"sku\":\"SHIRT-L\",\"name\":\"Shirt L\",\"parent\":\"SHIRT\","
		            "\"options\":[{\"name\":\"size\",\"value\":\"L\"}]},"
		            "{\"sku\":\"SHIRT-M\",\"name\":\"Shirt M\",\"parent\":\"shirt\","
		            "\"options\":[{\"name\":\"size\",\"value\":\"M\"}]}]");
		list = SHOP_ANSWER(shop.s, "product.list", "{\"filter\":\"parent = SHIRT\"}");
		JSON_HAS(list, "\"sku\":\"SHIRT-L\"");
		JSON_HAS(list, "\"sku\":\"SHIRT-M\"");
		CHECK(!strstr(list, "\"sku\":\"SHIRT\""));
		JSON_HAS(SHOP_ANSWER(shop.s, GET, "{\"ref\":\"SHIRT-M\"}"),
		      "\"options\":[{\"name\":\"size\",\"value\":\"M\"}]");
		SHOP_REFUSES(shop.s, CREATE,
		             "{\"sku\":\"S-L-R\",\"name\":\"x\",\"parent\":\"SHIRT-L\"}", INV_E_INVALID,
		             "parent");
		SHOP_REFUSES(shop.s, CREATE,
		             "{\"id\":\"01890000-0000-7000-8000-000000000001\",\"sku\":\"SELF\","
		             "\"name\":\"x\",\"parent\":\"01890000-0000-7000-8000-000000000001\"}",
		             INV_E_NOT_FOUND, "parent");
	}
	shop_close(&shop);
}

TEST(archived_products_stay_findable)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		int64_t before;

		shop_product(&shop, "TEA");
		shop_product(&shop, "POT");
		SHOP_REFUSES(shop.s, "product.archive", "{\"ref\":\"TEA\",\"version\":2}", INV_E_CONFLICT,
		             "version");
		JSON_HAS(SHOP_ANSWER(shop.s, "product.archive", "{\"ref\":\"TEA\",\"version\":1}"),
		      "\"archived\":true");
		before = shop_position(&shop);
		JSON_HAS(SHOP_ANSWER(shop.s, "product.archive", "{\"ref\":\"tea\"}"), "\"version\":2");
		CHECK_INT(shop_position(&shop), before);
		SHOP_REFUSES(shop.s, "product.archive", "{\"ref\":\"none\"}", INV_E_NOT_FOUND, "ref");
		CHECK(!strstr(SHOP_ANSWER(shop.s, "product.list", ""), "TEA"));
		JSON_HAS(SHOP_ANSWER(shop.s, "product.list", "{\"filter\":\"archived = true\"}"), "TEA");
		JSON_HAS(SHOP_ANSWER(shop.s, GET, "{\"ref\":\"TEA\"}"), "\"archived\":true");
		/* Nothing comes in or is sold. */
		CHECK_STATUS(shop_receive(shop.s, "TEA", NULL, UNITS(1), 0), INV_E_STATE);
		SHOP_REFUSES(shop.s, "sale.close", "{\"lines\":[{\"product\":\"TEA\",\"quantity\":1}]}",
		             INV_E_STATE, "lines[0].product");
		SHOP_REFUSES(shop.s, "product.archive", "[{\"ref\":\"POT\"},{\"ref\":\"pot\"}]",
		             INV_E_INVALID, "id");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* Part of a batch was done before: the answer to the key is still that of the whole. */
TEST(a_key_answers_for_the_whole_batch)
{
	static const char json[] = "[{\"ref\":\"TEA\"},{\"ref\":\"POT\"}]";
	test_shop shop = {0};
	inv_options options = INV_OPTIONS_INIT;
	inv_result *first = NULL, *again = NULL;

	options.key = INV_S("k");
	if (shop_open(&shop, NULL)) {
		shop_product(&shop, "TEA");
		shop_product(&shop, "POT");
		SHOP_ANSWER(shop.s, "product.archive", "{\"ref\":\"TEA\"}");
		CHECK_STATUS(inv_call_json(shop.s, INV_S("product.archive"), inv_str_of(json), &options,
		                           &first), INV_OK);
		CHECK_STATUS(inv_call_json(shop.s, INV_S("product.archive"), inv_str_of(json), &options,
		                           &again), INV_OK);
		CHECK_INT(inv_result_count(first), 2);
		CHECK(inv_result_replayed(again));
		CHECK_STR(inv_result_json(again), inv_result_json(first).ptr);
		inv_result_free(first);
		inv_result_free(again);
	}
	shop_close(&shop);
}

static void search(test_shop *shop, const char *words, const char *expected)
{
	char json[256], found[256] = "";
	inv_result *r = NULL;

	snprintf(json, sizeof json, "{\"words\":\"%s\"}", words);
	if (CHECK_STATUS(shop_json(shop->s, "product.search", json, &r), INV_OK))
		for (size_t i = 0; i < inv_result_count(r); i++)
			snprintf(found + strlen(found), sizeof found - strlen(found), "%s%s", i ? " " : "",
			         INV_AT(r, inv_product, i)->sku.ptr);
	if (strcmp(found, expected) != 0)
		CHECK_FAIL("%s finds %s, not %s", words, found, expected);
	inv_result_free(r);
}

TEST(words_find_products)
{
	test_shop shop = {0};

	if (shop_open(&shop, NULL)) {
		SHOP_ANSWER(shop.s, CREATE,
		            "[{\"sku\":\"b-2\",\"name\":\"Café crème\",\"description\":\"Coffee, white\"},"
		            "{\"sku\":\"A-1\",\"name\":\"Green tea\",\"description\":\"Leaf\"},"
		            "{\"sku\":\"a-3\",\"name\":\"White tea\"}]");
		search(&shop, "tea", "A-1 a-3");
		search(&shop, "TE whi", "a-3");
		search(&shop, "cafe CREME", "b-2");
		search(&shop, "white", "a-3 b-2");
		search(&shop, "a-3", "a-3");
		search(&shop, "ea", "");
		search(&shop, "tea coffee", "");
		SHOP_ANSWER(shop.s, UPDATE, "{\"sku\":\"a-3\",\"name\":\"Black tee\"}");
		search(&shop, "white", "b-2");
		search(&shop, "black", "a-3");
		SHOP_ANSWER(shop.s, "product.archive", "{\"ref\":\"A-1\"}");
		search(&shop, "tea", "");
		SHOP_REFUSES(shop.s, "product.search", "{}", INV_E_INVALID, "words");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

CHECK_MAIN()
