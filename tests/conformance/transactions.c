/* SPDX-License-Identifier: MIT */
/* Transactions: atomic, isolated, and known to be over when an error ended them. */
/* ctest: drivers */
#include <pthread.h>

#include "conformance/conn.h"

static inv__link *table(const char *path)
{
	inv__link *link = conn_writer(path);

	CHECK_STATUS(conn_script(link, "CREATE TABLE IF NOT EXISTS t (k {int} NOT NULL PRIMARY KEY,"
	                               " b {blob}) {strict}; {mark}"), INV_OK);
	return link;
}

static inv_status put(inv__link *link, int64_t k)
{
	return conn_run(link, "INSERT INTO t (k) VALUES (?1)", &k);
}

static int64_t count(inv__link *link)
{
	return conn_int(link, "SELECT COUNT(*) FROM t");
}

TEST(commit_and_rollback)
{
	inv__link *link = table(check_store_url("store.db"));
	uint64_t commits = conn_facts(link).commits;
	uint64_t trips = conn_facts(link).round_trips;

	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_WRITE, NULL), INV_OK);
	CHECK_INT(conn_facts(link).in_transaction, 1);
	CHECK_STATUS(put(link, 1), INV_OK);
	CHECK_STATUS(inv__link_end(link, true, NULL), INV_OK);
	CHECK_INT(conn_facts(link).in_transaction, 0);
	CHECK_INT(conn_facts(link).commits, commits + 1);
	/* A driver may put off the begin. */
	CHECK_INT(conn_facts(link).round_trips, trips + (check_on_postgres() ? 2 : 3));
	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_WRITE, NULL), INV_OK);
	CHECK_STATUS(put(link, 2), INV_OK);
	CHECK_STATUS(inv__link_end(link, false, NULL), INV_OK);
	CHECK_INT(conn_facts(link).commits, commits + 1);
	CHECK_INT(count(link), 1);
	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_READ, NULL), INV_OK);
	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_READ, NULL), INV_E_INTERNAL);
	CHECK_STATUS(inv__link_end(link, true, NULL), INV_OK);
	CHECK_INT(conn_facts(link).commits, commits + 1);
	/* Rolling back what is over does no harm; committing it cannot be. */
	CHECK_STATUS(inv__link_end(link, false, NULL), INV_OK);
	CHECK_STATUS(inv__link_end(link, true, NULL), INV_E_STATE);
	inv__link_close(link);
}

TEST(a_violated_constraint_keeps_the_transaction)
{
	inv__link *link = table(check_store_url("store.db"));

	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_WRITE, NULL), INV_OK);
	CHECK_STATUS(conn_run(link, "SAVEPOINT one", NULL), INV_OK);
	CHECK_STATUS(put(link, 1), INV_OK);
	CHECK_STATUS(conn_run(link, "RELEASE one", NULL), INV_OK);
	CHECK_STATUS(conn_run(link, "SAVEPOINT one", NULL), INV_OK);
	CHECK_STATUS(put(link, 2), INV_OK);
	CHECK_STATUS(put(link, 1), INV_E_CONFLICT);
	CHECK_INT(conn_facts(link).in_transaction, 1);
	CHECK_STATUS(conn_run(link, "ROLLBACK TO one", NULL), INV_OK);
	CHECK_STATUS(conn_run(link, "RELEASE one", NULL), INV_OK);
	CHECK_STATUS(inv__link_end(link, true, NULL), INV_OK);
	CHECK_INT(count(link), 1);
	inv__link_close(link);
}

TEST(a_full_disk)
{
	static const int64_t large = 500000;
	inv__link *link = table(check_store_url("store.db"));
	inv_status status = INV_OK;

	if (check_on_postgres()) {
		inv__link_close(link);
		return;
	}
	CHECK_STATUS(put(link, 1), INV_OK);
	CHECK_STATUS(conn_script(link, "PRAGMA max_page_count = 40"), INV_OK);
	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_WRITE, NULL), INV_OK);
	CHECK_STATUS(put(link, 2), INV_OK);
	status = conn_run(link, "INSERT INTO t (k, b) VALUES (3, zeroblob(?1))", &large);
	CHECK_STATUS(status, INV_E_FULL);
	/* Whether or not that ended the transaction, the answer tells the truth. */
	if (conn_facts(link).in_transaction)
		CHECK_STATUS(put(link, 4), INV_OK);
	CHECK_STATUS(inv__link_end(link, false, NULL), INV_OK);
	CHECK_INT(conn_facts(link).in_transaction, 0);
	CHECK_INT(count(link), 1);
	CHECK_STATUS(put(link, 5), INV_OK);
	CHECK_STATUS(conn_run(link, "INSERT INTO t (k, b) VALUES (3, zeroblob(?1))", &large),
	             INV_E_FULL);
	CHECK_INT(count(link), 2);
	inv__link_close(link);
}

TEST(writers_exclude_each_other)
{
	const char *path = check_store_url("store.db");
	inv__link *one = table(path);
	inv__link *two = table(path);
	inv_error error = INV_ERROR_INIT;
	int64_t start;

	CHECK_STATUS(inv__link_begin(one, INV_BEGIN_WRITE, NULL), INV_OK);
	CHECK_STATUS(put(one, 1), INV_OK);
	start = inv__monotonic();
	/* Where only those exclude each other who write the same, they notice when they do. */
	if (check_on_postgres())
		CHECK_STATUS(put(two, 1), INV_E_BUSY);
	else
		CHECK_STATUS(inv__link_begin(two, INV_BEGIN_WRITE, &error), INV_E_BUSY);
	CHECK(inv__monotonic() - start >= 100000); /* it waited */
	CHECK_STATUS(put(two, check_on_postgres() ? 1 : 2), INV_E_BUSY);
	CHECK_INT(conn_facts(two).in_transaction, 0);
	CHECK_INT(count(two), 0);
	CHECK_STATUS(inv__link_end(one, true, NULL), INV_OK);
	CHECK_STATUS(put(two, 2), INV_OK);
	CHECK_INT(count(one), 2);
	inv__link_close(two);
	inv__link_close(one);
}

TEST(a_snapshot_that_is_too_old_cannot_write)
{
	const char *path = check_store_url("store.db");
	inv__link *one = table(path);
	inv__link *two = table(path);

	CHECK_STATUS(inv__link_begin(one, INV_BEGIN_READ, NULL), INV_OK);
	CHECK_INT(count(one), 0);
	CHECK_STATUS(put(two, 1), INV_OK);
	CHECK_INT(count(one), 0); /* still its own state */
	CHECK_STATUS(put(one, 2), check_on_postgres() ? INV_E_READ_ONLY : INV_E_BUSY);
	CHECK_STATUS(inv__link_end(one, false, NULL), INV_OK);
	CHECK_INT(count(one), 1);
	inv__link_close(two);
	inv__link_close(one);
}

TEST(data_version_tells_of_others)
{
	const char *path = check_store_url("store.db");
	inv__link *one = table(path);
	inv__link *two = table(path);
	uint64_t before = inv__link_driver(one)->data_version(inv__link_conn(one));

	CHECK_STATUS(put(one, 1), INV_OK);
	CHECK_INT(inv__link_driver(one)->data_version(inv__link_conn(one)), before);
	CHECK_STATUS(put(two, 2), INV_OK);
	/* Or it says that there are always others. */
	CHECK(inv__link_driver(one)->data_version(inv__link_conn(one)) != before ||
	      (before == 0 && inv__link_driver(one)->sharers(inv__link_conn(one)) == 2));
	inv__link_close(two);
	inv__link_close(one);
}

static void *interrupts(void *arg)
{
	inv__link *link = arg;

	inv__sleep(50000);
	inv__link_driver(link)->interrupt(inv__link_conn(link));
	return NULL;
}

TEST(interrupt_stops_a_query)
{
	inv__link *link = table(check_store_url("store.db"));
	pthread_t thread;

	CHECK_INT(pthread_create(&thread, NULL, interrupts, link), 0);
	CHECK_STATUS(conn_run(link, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
	                            " SELECT COUNT(*) FROM n", NULL), INV_E_CANCELLED);
	pthread_join(thread, NULL);
	CHECK_STATUS(put(link, 1), INV_OK);
	inv__link_close(link);
}

TEST(scripts_are_atomic)
{
	inv__link *link = table(check_store_url("store.db"));

	CHECK(conn_script(link, "INSERT INTO t (k) VALUES (1); INSERT INTO nowhere VALUES (1)") !=
	      INV_OK);
	CHECK_INT(count(link), 0);
	CHECK_INT(conn_facts(link).in_transaction, 0);
	CHECK_STATUS(conn_script(link, "INSERT INTO t (k) VALUES (1);\n\n-- end\n"), INV_OK);
	CHECK_INT(count(link), 1);
	inv__link_close(link);
}

CHECK_MAIN()
