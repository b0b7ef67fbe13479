/* SPDX-License-Identifier: MIT */
/* Exports: every page of a list in a file that an import reads back to the same records. */
/* ctest: drivers */
#include "transfer_file.h"

static inv_status export(inv_session *s, const char *op, const void *query, const char *path)
{
	return inv_export_csv(s, op_named(op), query, path, NULL);
}

static void import_into(test_shop *shop, const char *op, const char *path, uint64_t rows)
{
	inv_import_report report = INV_IMPORT_REPORT_INIT;

	CHECK_STATUS(inv_import_csv(shop->s, op_named(op), path, NULL, &report), INV_OK);
	CHECK_INT(report.done, rows);
}

/* Products whose cells need quotes, a guard, a list, or look guarded already. */
static void add_awkward_products(test_shop *shop)
{
	SHOP_ANSWER(shop->s, "category.create", "{\"code\":\"C\",\"name\":\"=C\"}");
	SHOP_ANSWER(shop->s, "product.create",
	            "[{\"sku\":\"A-1\",\"name\":\"Tea, \\\"black\\\"\",\"category\":\"C\","
	            "\"barcodes\":[\"4006381333931\",\"a;b\"],\"tags\":[\"x\",\"y z\"],"
	            "\"options\":[{\"name\":\"size\",\"value\":\"L\"}],\"attributes\":{\"k\":[1,2]}},"
	            "{\"sku\":\"=SKU\",\"name\":\"=1+1\",\"description\":\"'=1+1\","
	            "\"list_price\":\"0.0001\",\"tracking\":\"lot\",\"decimals\":3},"
	            "{\"sku\":\"-2\",\"name\":\"''+x\",\"description\":\"'quoted'\","
	            "\"tags\":[\"-1\",\"@b\"],\"unit\":\"kg\"}]");
}

/* The tests' clock stands still, so that even the instants agree. */
static void check_same_products(test_shop *a, test_shop *b)
{
	char *first = strdup(SHOP_ANSWER(a->s, "product.list", "{}"));

	CHECK_STR(SHOP_ANSWER(b->s, "product.list", "{}"), (const char *)first);
	free(first);
}

static void round_trip(const char *name)
{
	test_shop shop = {0}, copy = {0};
	char categories[32], products[32];

	snprintf(categories, sizeof categories, "c%s", name);
	snprintf(products, sizeof products, "p%s", name);
	if (!shop_open(&shop, NULL))
		return;
	if (!shop_open(&copy, check_path("copy.db"))) {
		shop_close(&shop);
		return;
	}
	add_awkward_products(&shop);
	CHECK_STATUS(export(shop.s, "category.list", NULL, check_path(categories)), INV_OK);
	CHECK_STATUS(export(shop.s, "product.list", NULL, check_path(products)), INV_OK);
	import_into(&copy, "category.create", check_path(categories), 1);
	import_into(&copy, "product.create", check_path(products), 3);
	check_same_products(&shop, &copy);
	shop_verify(&copy);
	shop_close(&copy);
	shop_close(&shop);
}

TEST(what_is_exported_can_be_imported)
{
	round_trip(".csv");
}

TEST(also_packed)
{
	round_trip(".csv.gz");
}

TEST(formulas_are_guarded)
{
	test_shop shop = {0};
	char *text;

	if (!shop_open(&shop, NULL))
		return;
	add_awkward_products(&shop);
	CHECK_STATUS(export(shop.s, "product.list", NULL, check_path("p.csv")), INV_OK);
	text = read_file(check_path("p.csv"));
	CHECK(strstr(text, ",'=SKU,'=1+1,''=1+1,") != NULL);
	CHECK(strstr(text, ",'-2,'''+x,'quoted',") != NULL);
	CHECK(strstr(text, "\"Tea, \"\"black\"\"\"") != NULL);
	free(text);
	shop_close(&shop);
}

static size_t count_lines(const char *path)
{
	char *text = read_file(path);
	size_t n = 0;

	for (const char *p = text; p && *p; p++)
		n += *p == '\n';
	free(text);
	return n;
}

TEST(all_pages_are_written_and_filters_hold)
{
	test_shop shop = {0};
	inv_query query = INV_QUERY_INIT;

	if (!shop_open(&shop, NULL))
		return;
	write_products("p.csv", 2500);
	import_into(&shop, "product.create", check_path("p.csv"), 2500);
	CHECK_STATUS(export(shop.s, "product.list", NULL, check_path("all.csv")), INV_OK);
	CHECK_INT(count_lines(check_path("all.csv")), 2501);
	query.filter = INV_S("sku < \"P-01200\"");
	query.sort = INV_S("-sku");
	query.limit = 7; /* the size of pages is the export's own affair */
	CHECK_STATUS(export(shop.s, "product.list", &query, check_path("some.csv")), INV_OK);
	CHECK_INT(count_lines(check_path("some.csv")), 1201);
	/* The journal goes on by position. */
	CHECK_STATUS(export(shop.s, "feed.read", NULL, check_path("feed.csv")), INV_OK);
	CHECK_INT(count_lines(check_path("feed.csv")), shop_position(&shop) + 1);
	shop_close(&shop);
}

static bool stop(void *ctx, uint64_t done, uint64_t total)
{
	(void)ctx;
	(void)total;
	return done == 0;
}

static bool is_there(const char *path)
{
	FILE *file = fopen(path, "rb");

	if (file)
		fclose(file);
	return file != NULL;
}

TEST(a_file_is_there_whole_or_not_at_all)
{
	test_shop shop = {0};
	inv_query query = INV_QUERY_INIT;
	inv_progress progress = {NULL, stop};

	if (!shop_open(&shop, NULL))
		return;
	add_awkward_products(&shop);
	write_file("old.csv", "mine");
	CHECK_STATUS(export(shop.s, "product.list", NULL, check_path("old.csv")), INV_E_EXISTS);
	CHECK_INT(count_lines(check_path("old.csv")), 0);
	CHECK_STATUS(inv_export_csv(shop.s, op_named("product.list"), NULL, check_path("new.csv"),
	                            &progress),
	             INV_E_CANCELLED);
	CHECK(!is_there(check_path("new.csv")));
	query.filter = INV_S("nonsense = 1");
	CHECK_STATUS(export(shop.s, "product.list", &query, check_path("new.csv")), INV_E_INVALID);
	CHECK(!is_there(check_path("new.csv")));
	CHECK_STATUS(export(shop.s, "product.get", NULL, check_path("new.csv")), INV_E_UNSUPPORTED);
	CHECK_STATUS(export(shop.s, "feed.wait", NULL, check_path("new.csv")), INV_E_UNSUPPORTED);
	CHECK_STATUS(inv_export_csv(shop.s, NULL, NULL, "x", NULL), INV_E_MISUSE);
	shop_close(&shop);
}

TEST(in_a_transaction_its_own_writes_are_seen)
{
	test_shop shop = {0};

	if (!shop_open(&shop, NULL))
		return;
	CHECK_STATUS(inv_begin(shop.s), INV_OK);
	add_awkward_products(&shop);
	CHECK_STATUS(export(shop.s, "product.list", NULL, check_path("p.csv")), INV_OK);
	CHECK_STATUS(inv_rollback(shop.s), INV_OK);
	CHECK_INT(count_lines(check_path("p.csv")), 4);
	shop_close(&shop);
}

CHECK_MAIN()
