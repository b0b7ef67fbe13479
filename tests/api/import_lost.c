/* SPDX-License-Identifier: MIT */
/* Imports on a driver that loses transactions: whatever is lost, each row is booked once. The
 * driver stands between the engine and SQLite and fails on command. */
#include "transfer_file.h"

#include "inventra/sys/driver.h"

enum fault { NO_FAULT, LOSE_EXEC, STAY_FULL, FAIL_COMMIT, COMMIT_UNTOLD };

static struct {
	enum fault fault;
	unsigned countdown; /* of execs or commits */
} plan;

static bool is_due(enum fault fault)
{
	return plan.fault == fault && plan.countdown > 0 && --plan.countdown == 0;
}

/* From the planned exec on. */
static bool is_full(void)
{
	if (plan.fault == STAY_FULL && plan.countdown > 0)
		plan.countdown--;
	return plan.fault == STAY_FULL && plan.countdown == 0;
}

static inv_status tell(inv_error *error, inv_status status)
{
	if (error) {
		error->status = status;
		snprintf(error->message, sizeof error->message, "as planned");
	}
	return status;
}

/* "lossy:PATH" */
static inv_status lossy_open(const inv_driver_open *given, inv_conn **out, inv_error *error)
{
	inv_driver_open mine = *given;

	mine.url.ptr += sizeof "lossy:" - 1;
	mine.url.len -= sizeof "lossy:" - 1;
	return inv_sqlite_driver()->open(&mine, out, error);
}

static bool in_transaction(inv_conn *conn)
{
	inv_driver_facts facts = {.struct_size = sizeof facts};

	inv_sqlite_driver()->facts(conn, &facts);
	return facts.in_transaction != 0;
}

/* A full disk ends SQLite's transaction by itself. */
static inv_status lossy_exec(inv_conn *conn, inv_batch *batch, inv_error *error)
{
	const inv_driver *real = inv_sqlite_driver();

	if (!in_transaction(conn) || !(is_due(LOSE_EXEC) || is_full()))
		return real->exec(conn, batch, error);
	real->end(conn, 0, NULL);
	batch->failed = 0;
	return tell(error, INV_E_FULL);
}

static inv_status lossy_end(inv_conn *conn, inv_bool commit, inv_error *error)
{
	const inv_driver *real = inv_sqlite_driver();

	if (commit && is_due(FAIL_COMMIT)) {
		real->end(conn, 0, NULL);
		return tell(error, INV_E_UNKNOWN_OUTCOME);
	}
	if (commit && is_due(COMMIT_UNTOLD)) {
		real->end(conn, 1, NULL);
		return tell(error, INV_E_UNKNOWN_OUTCOME);
	}
	return real->end(conn, commit, error);
}

static bool open_lossy(test_shop *shop, inv_driver *driver)
{
	const inv_driver *drivers[] = {driver};
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	char url[1024];

	plan.fault = NO_FAULT;
	memset(shop, 0, sizeof *shop);
	*driver = *inv_sqlite_driver();
	driver->scheme = "lossy";
	driver->open = lossy_open;
	driver->exec = lossy_exec;
	driver->end = lossy_end;
	snprintf(url, sizeof url, "lossy:%s", check_path("shop.db"));
	options.url = url;
	options.drivers = drivers;
	options.driver_count = 1;
	return CHECK_STATUS(inv_store_open(&options, &shop->store, &shop->error), INV_OK) &&
	       CHECK_STATUS(inv_session_open(shop->store, NULL, &shop->s, &shop->error), INV_OK);
}

/* 300 products, one of them a repetition, with one fault on the way. */
static void import_with(enum fault fault, unsigned countdown)
{
	test_shop shop;
	inv_driver driver;
	inv_import_options options = INV_IMPORT_OPTIONS_INIT;
	inv_import_report report = INV_IMPORT_REPORT_INIT;
	FILE *file;

	if (!open_lossy(&shop, &driver))
		return;
	write_products("p.csv", 300);
	file = fopen(check_path("p.csv"), "ab");
	if (CHECK(file != NULL)) {
		fputs("p-00007,Again,1\n", file);
		fclose(file);
	}
	options.skip = 1;
	options.key_prefix = INV_S("k");
	plan.fault = fault;
	plan.countdown = countdown;
	CHECK_STATUS(inv_import_csv(shop.s, op_named("product.create"), check_path("p.csv"), &options,
	                            &report),
	             INV_OK);
	CHECK_INT(plan.countdown, 0);
	CHECK_INT(report.rows, 301);
	CHECK_INT(report.done, 300);
	CHECK_INT(report.failed, 1);
	CHECK_INT(count_products(shop.s), 300);
	shop_verify(&shop);
	shop_close(&shop);
}

TEST(a_lost_transaction_while_rows_are_decided)
{
	import_with(LOSE_EXEC, 5);
}

TEST(a_lost_transaction_much_later)
{
	import_with(LOSE_EXEC, 200);
}

TEST(a_commit_that_failed)
{
	import_with(FAIL_COMMIT, 2);
}

TEST(a_commit_that_did_not_tell)
{
	import_with(COMMIT_UNTOLD, 2);
}

/* No row is to blame for a disk that stays full: the import ends, and goes on when it is run
 * again. */
TEST(a_disk_that_stays_full_ends_it)
{
	test_shop shop;
	inv_driver driver;
	inv_import_options options = INV_IMPORT_OPTIONS_INIT;
	inv_import_report report = INV_IMPORT_REPORT_INIT;

	if (!open_lossy(&shop, &driver))
		return;
	write_products("p.csv", 100);
	options.skip = 1;
	options.key_prefix = INV_S("k");
	plan.fault = STAY_FULL;
	plan.countdown = 60;
	CHECK_STATUS(inv_import_csv(shop.s, op_named("product.create"), check_path("p.csv"), &options,
	                            &report),
	             INV_E_FULL);
	plan.fault = NO_FAULT;
	CHECK_INT(report.failed, 1);
	CHECK_INT(count_products(shop.s), report.done);
	CHECK_STATUS(inv_import_csv(shop.s, op_named("product.create"), check_path("p.csv"), &options,
	                            &report),
	             INV_OK);
	CHECK_INT(report.done + report.again, 100);
	CHECK_INT(count_products(shop.s), 100);
	shop_verify(&shop);
	shop_close(&shop);
}

CHECK_MAIN()
