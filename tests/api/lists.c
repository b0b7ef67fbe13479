/* SPDX-License-Identifier: MIT */
/* Lists of master data: filters, sorts, pages, and what they say of bad questions. */
/* ctest: drivers */
#include "api/list_shop.h"

/* The SKUs of a list, joined by spaces. */
static const char *skus(struct shop *shop, const char *filter, const char *sort)
{
	static char text[256];
	inv_query q = INV_QUERY_INIT;
	inv_result *r = NULL;
	size_t at = 0;

	q.filter = inv_str_of(filter);
	q.sort = inv_str_of(sort);
	text[0] = '\0';
	if (!CHECK_STATUS(inv_product_list(shop->s, &q, 1, NULL, &r), INV_OK))
		CHECK_FAIL("%s", inv_session_error(shop->s)->message);
	for (size_t i = 0; i < inv_result_count(r); i++) {
		inv_str sku = INV_AT(r, inv_product, i)->sku;

		if (at + sku.len + 2 > sizeof text)
			break;
		if (at)
			text[at++] = ' ';
		memcpy(text + at, sku.ptr, sku.len + 1);
		at += sku.len;
	}
	inv_result_free(r);
	return text;
}

/* ---- filters and sorts ---- */

TEST(lists_are_filtered)
{
	struct shop shop;

	if (!shop_open(&shop))
		return;
	add_products(&shop);
	CHECK_STR(skus(&shop, "", ""), "a-1 A-2 B-1 b-2 C-1 C-2 D-1 D-2");
	CHECK_STR(skus(&shop, "sku = A-1", ""), "a-1");
	CHECK_STR(skus(&shop, "sku >= b-2 and sku < d", ""), "b-2 C-1 C-2");
	CHECK_STR(skus(&shop, "sku ^= A", ""), "a-1 A-2");
	CHECK_STR(skus(&shop, "name ^= \"Assam \"", ""), "A-2");
	CHECK_STR(skus(&shop, "name = \"Caf\xC3\xA9\"", ""), "C-2");
	CHECK_STR(skus(&shop, "list_price >= 4 and list_price != 9.00", ""), "A-2 C-2");
	CHECK_STR(skus(&shop, "category = tea and list_price < 5", ""), "a-1 C-1 D-1");
	CHECK_STR(skus(&shop, "category != tea", ""), "B-1 b-2 C-2 D-2");
	CHECK_STR(skus(&shop, "category = coffee", ""), "");
	CHECK_STR(skus(&shop, "category != coffee", ""), "a-1 A-2 B-1 b-2 C-1 C-2 D-1 D-2");
	CHECK_STR(skus(&shop, "category = \"\"", ""), "C-2 D-2");
	CHECK_STR(skus(&shop, "stocking = non_stocked", ""), "");
	shop_close(&shop);
}

TEST(lists_are_sorted)
{
	struct shop shop;

	if (!shop_open(&shop))
		return;
	add_products(&shop);
	CHECK_STR(skus(&shop, "", "-sku"), "D-2 D-1 C-2 C-1 b-2 B-1 A-2 a-1");
	CHECK_STR(skus(&shop, "", "-list_price,sku"), "b-2 A-2 C-2 a-1 B-1 C-1 D-1 D-2");
	CHECK_STR(skus(&shop, "", "name, -sku"), "a-1 A-2 D-2 B-1 b-2 C-2 C-1 D-1");
	shop_close(&shop);
}

TEST(lists_leave_archived_things_out)
{
	inv_lookup lookup = INV_LOOKUP_INIT;
	struct shop shop;

	if (!shop_open(&shop))
		return;
	add_products(&shop);
	lookup.ref = inv_ref_code("b-1");
	CHECK_STATUS(inv_product_archive(shop.s, &lookup, 1, NULL, NULL), INV_OK);
	CHECK_STR(skus(&shop, "name = Bowl", ""), "D-2");
	CHECK_STR(skus(&shop, "archived = true", ""), "B-1");
	CHECK_STR(skus(&shop, "name = Bowl and archived != true", ""), "D-2");
	shop_close(&shop);
}

TEST(lists_find_values_in_tags)
{
	static const inv_str tags[] = {{"fine \"tip\"", 10}, {"bio", 3}};
	inv_product p = INV_PRODUCT_INIT;
	struct shop shop;

	if (!shop_open(&shop))
		return;
	add_products(&shop);
	p.sku = INV_S("E-1");
	p.name = INV_S("Earl");
	p.tags = INV_LIST_OF(tags, 2);
	CHECK_STATUS(inv_product_create(shop.s, &p, 1, NULL, NULL), INV_OK);
	CHECK_STR(skus(&shop, "tags = bio", ""), "E-1");
	CHECK_STR(skus(&shop, "tags = \"fine \\\"tip\\\"\"", ""), "E-1");
	CHECK_STR(skus(&shop, "tags = bi", ""), "");
	CHECK_STR(skus(&shop, "tags != bio and sku ^= d", ""), "D-1 D-2");
	shop_close(&shop);
}

TEST(lists_show_the_codes_of_references)
{
	inv_query q = INV_QUERY_INIT;
	inv_result *r = NULL;
	struct shop shop;

	if (!shop_open(&shop))
		return;
	add_products(&shop);
	q.sort = INV_S("-list_price");
	q.limit = 1;
	if (CHECK_STATUS(inv_product_list(shop.s, &q, 1, NULL, &r), INV_OK) &&
	    CHECK_INT(inv_result_count(r), 1))
		CHECK_STR(INV_AT(r, inv_product, 0)->category.code, "Pots");
	CHECK(inv_result_cursor(r).len > 0);
	inv_result_free(r);
	shop_close(&shop);
}

/* ---- pages ---- */

/* Walk the pages of a list and compare them with the whole of it. */
static void check_pages(struct shop *shop, const char *sort, int64_t limit)
{
	inv_query q = INV_QUERY_INIT;
	inv_result *whole = NULL, *page = NULL;
	size_t seen = 0;
	char cursor[1024];

	q.sort = inv_str_of(sort);
	if (!CHECK_STATUS(inv_product_list(shop->s, &q, 1, NULL, &whole), INV_OK))
		return;
	CHECK_INT(inv_result_cursor(whole).len, 0);
	q.limit = limit;
	do {
		if (!CHECK_STATUS(inv_product_list(shop->s, &q, 1, NULL, &page), INV_OK))
			break;
		for (size_t i = 0; i < inv_result_count(page); i++, seen++) {
			if (!CHECK(seen < inv_result_count(whole)))
				break;
			CHECK_BYTES(&INV_AT(page, inv_product, i)->id,
			            &INV_AT(whole, inv_product, seen)->id, sizeof(inv_id));
		}
		q.cursor.len = inv_result_cursor(page).len;
		if (CHECK(q.cursor.len < sizeof cursor))
			memcpy(cursor, inv_result_cursor(page).ptr, q.cursor.len);
		q.cursor.ptr = cursor;
		inv_result_free(page);
		page = NULL;
	} while (q.cursor.len > 0 && check_failures() == 0);
	CHECK_INT(seen, inv_result_count(whole));
	inv_result_free(whole);
}

TEST(pages_show_everything_once)
{
	static const char *const sorts[] = {
		"", "sku", "-sku", "name", "-name", "list_price", "list_price,-name",
		"-list_price,name,-created_at", "created_at",
	};
	struct shop shop;

	if (!shop_open(&shop))
		return;
	add_products(&shop);
	for (size_t i = 0; i < sizeof sorts / sizeof sorts[0]; i++)
		for (int64_t limit = 1; limit < 10; limit++)
			check_pages(&shop, sorts[i], limit);
	shop_close(&shop);
}

static void check_refused(struct shop *shop, const inv_query *q, const char *field)
{
	CHECK_STATUS(inv_product_list(shop->s, q, 1, NULL, NULL), INV_E_INVALID);
	CHECK_STR(inv_session_error(shop->s)->field, field);
	CHECK_STR(inv_session_error(shop->s)->record, "query");
	CHECK(inv_session_error(shop->s)->message[0] != '\0');
}

TEST(bad_questions_are_refused)
{
	inv_query q = INV_QUERY_INIT;
	inv_result *r = NULL;
	struct shop shop;

	if (!shop_open(&shop))
		return;
	add_products(&shop);
	q.filter = INV_S("colour = red");
	check_refused(&shop, &q, "filter");
	q.filter = INV_S("parent = nothing and");
	check_refused(&shop, &q, "filter");
	q.filter = INV_S("");
	q.sort = INV_S("description");
	check_refused(&shop, &q, "sort");
	q.sort = INV_S("");
	q.cursor = INV_S("AAAAAAAAAAAAAAAA");
	check_refused(&shop, &q, "cursor");
	q.cursor = INV_S("");
	q.limit = (int64_t)INV_LIMIT_PAGE + 1;
	check_refused(&shop, &q, "limit");
	q.limit = -1;
	check_refused(&shop, &q, "limit");
	q.limit = 2;
	if (CHECK_STATUS(inv_product_list(shop.s, &q, 1, NULL, &r), INV_OK)) {
		q.cursor = inv_result_cursor(r);
		q.filter = INV_S("name ^= a");
		check_refused(&shop, &q, "cursor");
		CHECK_STATUS(inv_category_list(shop.s, &q, 1, NULL, NULL), INV_E_INVALID);
	}
	inv_result_free(r);
	shop_close(&shop);
}

CHECK_MAIN()
