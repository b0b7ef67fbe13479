/* SPDX-License-Identifier: MIT */
/* Imports: each row is a command of its own, bad ones are told by line and field and cost nothing
 * else, a second run books nothing, and others work on between slices. */
/* ctest: drivers */
#include "support/store_url.h"
#include "transfer_file.h"

static inv_status import(inv_session *s, const char *op, const char *path,
                         const inv_import_options *options, inv_import_report *report)
{
	*report = (inv_import_report)INV_IMPORT_REPORT_INIT;
	return inv_import_csv(s, op_named(op), path, options, report);
}

static void check_counts(const inv_import_report *report, uint64_t rows, uint64_t done,
                         uint64_t again, uint64_t failed)
{
	CHECK_INT(report->rows, rows);
	CHECK_INT(report->done, done);
	CHECK_INT(report->again, again);
	CHECK_INT(report->failed, failed);
}

TEST(rows_become_records)
{
	test_shop shop = {0};
	inv_import_report report;
	const char *json;

	if (!shop_open(&shop, NULL))
		return;
	write_file("p.csv", "\xEF\xBB\xBFsku,name,list_price,barcodes,tags,attributes,tracking\r\n"
	                    "T-1,\"Tea, \"\"black\"\"\",2.5,4006381333931;X 1,a;b,"
	                    "\"{\"\"k\"\": 1}\",lot\r\n"
	                    "T-2,'=1+1,,,,,\r\n");
	CHECK_STATUS(import(shop.s, "product.create", check_path("p.csv"), NULL, &report), INV_OK);
	check_counts(&report, 2, 2, 0, 0);
	CHECK_INT(report.line, 3);
	json = SHOP_ANSWER(shop.s, "product.get", "{\"ref\":\"t-1\"}");
	CHECK(strstr(json, "\"name\":\"Tea, \\\"black\\\"\"") != NULL);
	CHECK(strstr(json, "\"list_price\":\"2.5\"") != NULL);
	CHECK(strstr(json, "\"barcodes\":[\"4006381333931\",\"X 1\"]") != NULL);
	CHECK(strstr(json, "\"tracking\":\"lot\"") != NULL);
	CHECK(strstr(json, "\"k\":1") != NULL);
	json = SHOP_ANSWER(shop.s, "product.get", "{\"ref\":\"T-2\"}");
	CHECK(strstr(json, "\"name\":\"=1+1\"") != NULL);
	shop_verify(&shop);
	shop_close(&shop);
}

TEST(bad_rows_are_told_and_the_rest_is_booked)
{
	test_shop shop = {0};
	struct bad_rows bad = {0};
	inv_import_options options = INV_IMPORT_OPTIONS_INIT;
	inv_import_report report;

	if (!shop_open(&shop, NULL))
		return;
	/* Too many decimals, no such category, too few fields, no SKU, the SKU of line 2, not CSV, not
	 * UTF-8, out of range. */
	write_file("p.csv", "sku,name,list_price,category\n"
	                    "A,Ax,1,\n"
	                    "B,Bx,1.23456,\n"
	                    "C,Cx,1,NOWHERE\n"
	                    "D,Dx\n"
	                    ",Ex,1,\n"
	                    "a,Fx,1,\n"
	                    "G,G\"x,1,\n"
	                    "H,H\xFFx,1,\n"
	                    "I,Ix,-1,\n"
	                    "J,Jx,1,\n");
	options.skip = 1;
	options.report_ctx = &bad;
	options.report = note_bad_row;
	CHECK_STATUS(import(shop.s, "product.create", check_path("p.csv"), &options, &report), INV_OK);
	check_counts(&report, 10, 2, 0, 8);
	CHECK_INT(bad.count, 8);
	for (size_t i = 0; i < 8; i++)
		CHECK_INT(bad.lines[i], i + 3);
	CHECK_INT(bad.statuses[0], INV_E_INVALID);
	CHECK_STR((const char *)bad.fields[0], "list_price");
	CHECK_INT(bad.statuses[1], INV_E_NOT_FOUND);
	CHECK_STR((const char *)bad.fields[1], "category");
	CHECK_STR((const char *)bad.fields[3], "sku");
	CHECK_INT(bad.statuses[4], INV_E_EXISTS);
	CHECK_STR((const char *)bad.fields[6], "name");
	CHECK_STR((const char *)bad.fields[7], "list_price");
	CHECK_INT(count_products(shop.s), 2);
	shop_verify(&shop);
	shop_close(&shop);
}

TEST(the_first_bad_row_ends_it_and_names_its_line)
{
	test_shop shop = {0};
	inv_import_report report;
	const inv_error *error;

	if (!shop_open(&shop, NULL))
		return;
	error = inv_session_error(shop.s);
	write_file("p.csv", "sku,name,list_price\nA,Ax,1\nB,\"B\nx\",1\nC,Cx,1\n");
	CHECK_STATUS(import(shop.s, "product.create", check_path("p.csv"), NULL, &report),
	             INV_E_INVALID);
	check_counts(&report, 2, 1, 0, 1);
	CHECK_INT(report.line, 3);
	CHECK_INT(error->index, 1);
	CHECK_STR((const char *)error->field, "name");
	CHECK(strncmp(error->message, "line 3: ", 8) == 0);
	CHECK_INT(count_products(shop.s), 1);

	write_file("q.csv", "sku,name\nQ,Qx\na,Ax\nR,Rx\n");
	CHECK_STATUS(import(shop.s, "product.create", check_path("q.csv"), NULL, &report),
	             INV_E_EXISTS);
	check_counts(&report, 2, 1, 0, 1);
	CHECK_INT(report.line, 3);
	CHECK_INT(count_products(shop.s), 2);
	shop_verify(&shop);
	shop_close(&shop);
}

/* Every seventh row repeats an SKU, which only the write finds out. */
TEST(rows_that_fail_at_their_writes_cost_the_others_nothing)
{
	test_shop shop = {0};
	struct bad_rows bad = {0};
	inv_import_options options = INV_IMPORT_OPTIONS_INIT;
	inv_import_report report;
	const char *path = check_path("p.csv");
	FILE *file = fopen(path, "wb");

	if (!CHECK(file != NULL) || !shop_open(&shop, NULL))
		return;
	fputs("sku,name\n", file);
	for (int i = 0; i < 210; i++)
		fprintf(file, "S-%d,Name %d\n", i % 7 == 6 ? i - 1 : i, i);
	fclose(file);
	options.skip = 1;
	options.key_prefix = INV_S("file");
	options.report_ctx = &bad;
	options.report = note_bad_row;
	CHECK_STATUS(import(shop.s, "product.create", path, &options, &report), INV_OK);
	check_counts(&report, 210, 180, 0, 30);
	CHECK_INT(bad.count, 30);
	for (size_t i = 0; i < 30; i++) {
		CHECK_INT(bad.lines[i], i * 7 + 8);
		CHECK_INT(bad.statuses[i], INV_E_EXISTS);
	}
	CHECK_INT(count_products(shop.s), 180);
	CHECK_STATUS(import(shop.s, "product.create", path, &options, &report), INV_OK);
	check_counts(&report, 210, 0, 180, 30);
	shop_verify(&shop);
	shop_close(&shop);
}

TEST(a_second_run_books_nothing)
{
	test_shop shop = {0};
	inv_import_options options = INV_IMPORT_OPTIONS_INIT;
	inv_import_report report;
	int64_t position;

	if (!shop_open(&shop, NULL))
		return;
	write_products("p.csv", 600);
	options.key_prefix = INV_S("first");
	CHECK_STATUS(import(shop.s, "product.create", check_path("p.csv"), &options, &report), INV_OK);
	check_counts(&report, 600, 600, 0, 0);
	position = shop_position(&shop);
	CHECK_STATUS(import(shop.s, "product.create", check_path("p.csv"), &options, &report), INV_OK);
	check_counts(&report, 600, 0, 600, 0);
	CHECK_INT(shop_position(&shop), position);
	/* The same line with another content. */
	write_file("p.csv", "sku,name,list_price\nP-00000,Changed,0.50\n");
	CHECK_STATUS(import(shop.s, "product.create", check_path("p.csv"), &options, &report),
	             INV_E_KEY_REUSED);
	shop_close(&shop);
}

/* Nor does it look at a database for each of its rows, the first time. */
TEST(a_row_is_no_round_trip)
{
	inv_store_info before = INV_STORE_INFO_INIT, after = INV_STORE_INFO_INIT;
	inv_import_options options = INV_IMPORT_OPTIONS_INIT;
	inv_import_report report;
	test_shop shop = {0};

	if (!check_on_postgres() || !shop_open(&shop, NULL))
		return;
	write_products("p.csv", 600);
	options.key_prefix = INV_S("first");
	inv_store_info_get(shop.store, &before, NULL);
	CHECK_STATUS(import(shop.s, "product.create", check_path("p.csv"), &options, &report), INV_OK);
	inv_store_info_get(shop.store, &after, NULL);
	check_counts(&report, 600, 600, 0, 0);
	CHECK(after.round_trips - before.round_trips < 600);
	shop_verify(&shop);
	shop_close(&shop);
}

TEST(rows_may_refer_to_rows_before_them)
{
	test_shop shop = {0};
	inv_import_report report;

	if (!shop_open(&shop, NULL))
		return;
	write_file("c.csv", "code,name,parent_code\nROOT,Root,\nA,A,root\nB,B,A\n");
	CHECK_STATUS(import(shop.s, "category.create", check_path("c.csv"), NULL, &report), INV_OK);
	check_counts(&report, 3, 3, 0, 0);
	write_file("p.csv", "sku,name,category,parent\nX,X,B,\nX-L,X large,b,x\nY,Y,,\n");
	CHECK_STATUS(import(shop.s, "product.create", check_path("p.csv"), NULL, &report), INV_OK);
	check_counts(&report, 3, 3, 0, 0);
	shop_verify(&shop);
	shop_close(&shop);
}

TEST(an_update_changes_the_columns_that_are_there)
{
	test_shop shop = {0};
	inv_import_report report;
	const char *json;

	if (!shop_open(&shop, NULL))
		return;
	SHOP_ANSWER(shop.s, "product.create",
	            "{\"sku\":\"A\",\"name\":\"Old\",\"description\":\"Text\",\"list_price\":\"2\"}");
	write_file("u.csv", "sku,list_price,description\na,3.75,\n");
	CHECK_STATUS(import(shop.s, "product.update", check_path("u.csv"), NULL, &report), INV_OK);
	json = SHOP_ANSWER(shop.s, "product.get", "{\"ref\":\"A\"}");
	CHECK(strstr(json, "\"list_price\":\"3.75\"") != NULL);
	CHECK(strstr(json, "\"name\":\"Old\"") != NULL);
	CHECK(strstr(json, "description") == NULL);
	shop_verify(&shop);
	shop_close(&shop);
}

TEST(the_instant_that_stands_for_none_is_no_cell)
{
	test_shop shop = {0};
	inv_import_report report;

	if (!shop_open(&shop, NULL))
		return;
	shop_product(&shop, "TEA");
	write_file("epoch.csv", "occurred_at,lines\n"
	                        "1970-01-01T00:00:00Z,"
	                        "\"[{\"\"product\"\":\"\"TEA\"\",\"\"quantity\"\":1}]\"\n");
	CHECK_STATUS(import(shop.s, "sale.close", check_path("epoch.csv"), NULL, &report),
	             INV_E_INVALID);
	CHECK_STR((const char *)inv_session_error(shop.s)->field, "occurred_at");
	CHECK_INT(report.done, 0);
	shop_close(&shop);
}

TEST(documents_come_as_rows_too)
{
	test_shop shop = {0};
	inv_import_options options = INV_IMPORT_OPTIONS_INIT;
	inv_import_report report;
	struct bad_rows bad = {0};

	if (!shop_open(&shop, NULL))
		return;
	shop_product(&shop, "A");
	write_file("s.csv", "document,lines\n"
	                    "D-1,\"[{\"\"product\"\":\"\"A\"\",\"\"quantity\"\":\"\"5\"\"}]\"\n"
	                    "D-2,\"[{\"\"product\"\":\"\"A\"\",\"\"quantity\"\":\"\"-1\"\"}]\"\n"
	                    "D-3,\"[{\"\"product\"\":\"\"A\"\",\"\"quantity\"\":\"\"2\"\"}]\"\n");
	options.skip = 1;
	options.report_ctx = &bad;
	options.report = note_bad_row;
	CHECK_STATUS(import(shop.s, "stock.receive", check_path("s.csv"), &options, &report), INV_OK);
	check_counts(&report, 3, 2, 0, 1);
	CHECK_STR((const char *)bad.fields[0], "lines[0].quantity");
	CHECK_INT(shop_on_hand(shop.s, "A", "MAIN"), UNITS(7));
	shop_verify(&shop);
	shop_close(&shop);
}

/* ---- between slices ---- */

struct watcher {
	inv_session *other;
	unsigned steps, stop_after;
	uint64_t last, total;
};

/* Another session gets its turn here: with the writer kept this would wait for ever. */
static bool watch(void *ctx, uint64_t done, uint64_t total)
{
	struct watcher *w = ctx;
	char json[64];

	CHECK(done >= w->last && done <= total);
	w->last = done;
	w->total = total;
	snprintf(json, sizeof json, "{\"sku\":\"W-%u\",\"name\":\"Watched\"}", w->steps++);
	if (w->other)
		CHECK_STATUS(shop_json(w->other, "product.create", json, NULL), INV_OK);
	return w->steps != w->stop_after;
}

TEST(others_get_their_turn_between_slices)
{
	test_shop shop = {0};
	struct watcher w = {0};
	inv_import_options options = INV_IMPORT_OPTIONS_INIT;
	inv_import_report report;

	if (!shop_open(&shop, NULL))
		return;
	w.other = shop_session(&shop, NULL, NULL);
	write_products("p.csv", 1000);
	options.slice_ms = 1;
	options.progress = (inv_progress){&w, watch};
	CHECK_STATUS(import(shop.s, "product.create", check_path("p.csv"), &options, &report), INV_OK);
	CHECK(w.steps > 2);
	CHECK_INT(w.last, w.total);
	CHECK_INT(count_products(shop.s), 1000 + w.steps);
	inv_session_close(w.other);
	shop_verify(&shop);
	shop_close(&shop);
}

TEST(a_cancelled_import_goes_on_where_it_stopped)
{
	test_shop shop = {0};
	struct watcher w = {.stop_after = 3};
	inv_import_options options = INV_IMPORT_OPTIONS_INIT;
	inv_import_report report;
	uint64_t done;

	if (!shop_open(&shop, NULL))
		return;
	write_products("p.csv", 1000);
	options.slice_ms = 1;
	options.key_prefix = INV_S("k");
	options.progress = (inv_progress){&w, watch};
	CHECK_STATUS(import(shop.s, "product.create", check_path("p.csv"), &options, &report),
	             INV_E_CANCELLED);
	done = report.done;
	CHECK(done > 0 && done < 1000);
	CHECK_INT(count_products(shop.s), done);
	options.progress.step = NULL;
	CHECK_STATUS(import(shop.s, "product.create", check_path("p.csv"), &options, &report), INV_OK);
	check_counts(&report, 1000, 1000 - done, done, 0);
	shop_verify(&shop);
	shop_close(&shop);
}

TEST(a_store_in_memory_imports_too)
{
	test_shop shop = {0};
	inv_import_report report;

	if (!shop_open(&shop, ":memory:"))
		return;
	write_file("c.csv", "code,name,parent\nA,A,\nB,B,A\nC,C,a\n");
	CHECK_STATUS(import(shop.s, "category.create", check_path("c.csv"), NULL, &report), INV_OK);
	check_counts(&report, 3, 3, 0, 0);
	shop_close(&shop);
}

/* ---- what is refused at once ---- */

static void refuse(inv_session *s, const char *text, inv_status status, const char *hint)
{
	inv_import_report report;

	write_file("bad.csv", text);
	CHECK_STATUS(import(s, "product.create", check_path("bad.csv"), NULL, &report), status);
	CHECK(strstr(inv_session_error(s)->message, hint) != NULL);
	CHECK_INT(report.rows, 0);
}

TEST(headers_and_arguments_are_checked)
{
	test_shop shop = {0};
	inv_import_options options = INV_IMPORT_OPTIONS_INIT;
	inv_import_report report;
	char prefix[INV_LIMIT_KEY];

	if (!shop_open(&shop, NULL))
		return;
	refuse(shop.s, "", INV_E_INVALID, "empty");
	refuse(shop.s, "sku,nam\nA,B\n", INV_E_INVALID, "did you mean `name`");
	refuse(shop.s, "sku,name,sku\nA,B,C\n", INV_E_INVALID, "two columns");
	refuse(shop.s, "category,category_code\nA,B\n", INV_E_INVALID, "two columns");
	CHECK_STATUS(import(shop.s, "product.create", check_path("none.csv"), NULL, &report),
	             INV_E_NOT_FOUND);
	write_products("p.csv", 1);
	CHECK_STATUS(import(shop.s, "product.list", check_path("p.csv"), NULL, &report),
	             INV_E_UNSUPPORTED);
	CHECK_STATUS(inv_import_csv(shop.s, NULL, "p.csv", NULL, NULL), INV_E_MISUSE);
	memset(prefix, 'k', sizeof prefix);
	options.key_prefix = (inv_str){prefix, sizeof prefix};
	CHECK_STATUS(import(shop.s, "product.create", check_path("p.csv"), &options, &report),
	             INV_E_LIMIT);
	CHECK_STATUS(inv_begin(shop.s), INV_OK);
	CHECK_STATUS(import(shop.s, "product.create", check_path("p.csv"), NULL, &report),
	             INV_E_STATE);
	CHECK_STATUS(inv_rollback(shop.s), INV_OK);
	CHECK_INT(count_products(shop.s), 0);
	shop_close(&shop);
}

CHECK_MAIN()
