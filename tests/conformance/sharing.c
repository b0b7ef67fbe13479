/* SPDX-License-Identifier: MIT */
/* ctest: concurrency */
/* Several connections and processes on one file: who is there, commits and checkpoints. */
#include <pthread.h>
#include <signal.h>

#include "conformance/conn.h"

static inv__link *table(const char *path)
{
	inv__link *link = conn_writer(path);

	CHECK_STATUS(conn_script(link, "CREATE TABLE IF NOT EXISTS t (k INTEGER NOT NULL PRIMARY KEY,"
	                               " b BLOB) STRICT; PRAGMA application_id = 0x494e5654"), INV_OK);
	return link;
}

static uint32_t sharers(const inv__link *link)
{
	return inv__link_driver(link)->sharers(inv__link_conn(link));
}

static inv_status checkpoint(const inv__link *link, inv_error *error)
{
	return inv__link_driver(link)->checkpoint(inv__link_conn(link), error);
}

/* Ask until the answer is the one, for a second at most: "others" holds for a while. */
static bool comes_to(const inv__link *link, uint32_t expected)
{
	for (int i = 0; i < 100; i++) {
		if (sharers(link) == expected)
			return true;
		inv__sleep(10000);
	}
	return false;
}

/* ---- who is there ---- */

TEST(stores_of_one_process_count)
{
	const char *path = check_path("store.db");
	inv__link *one = table(path);
	inv__link *reader = NULL;
	inv__link *two;

	CHECK_INT(sharers(one), 1);
	CHECK_STATUS(conn_open(path, INV_OPEN_READONLY, &reader, NULL), INV_OK);
	CHECK_INT(sharers(one), 1);
	two = table(path);
	CHECK_INT(sharers(one), 2);
	CHECK_INT(sharers(two), 2);
	inv__link_close(one);
	CHECK(comes_to(two, 1));
	inv__link_close(reader);
	inv__link_close(two);
}

static int child_opens(int in, int out, const char *path)
{
	inv__link *link = NULL;
	bool alone;

	if (conn_open(path, 0, &link, NULL) != INV_OK)
		return 1;
	alone = sharers(link) == 1;
	if (!conn_tell(out) || !conn_await(in))
		return 2;
	inv__link_close(link);
	return alone ? 3 : 0;
}

TEST(other_processes_count)
{
	const char *path = check_path("store.db");
	inv__link *link = table(path);
	conn_child child;

	CHECK_INT(sharers(link), 1);
	child = conn_fork(child_opens, path);
	CHECK(conn_await(child.from));
	CHECK_INT(sharers(link), 2);
	CHECK(conn_tell(child.to));
	CHECK_INT(conn_join(child), 0);
	CHECK(comes_to(link, 1));
	/* One that is killed lets go too. */
	child = conn_fork(child_opens, path);
	CHECK(conn_await(child.from));
	CHECK_INT(sharers(link), 2);
	CHECK_INT(kill(child.pid, SIGKILL), 0);
	CHECK_INT(conn_join(child), -1);
	CHECK(comes_to(link, 1));
	inv__link_close(link);
}

TEST(one_file_by_two_names)
{
	const char *path = check_path("store.db");
	const char *name = check_path("other-name.db");
	inv__link *one = table(path);
	inv__link *two;

	CHECK_INT(symlink(path, name), 0);
	two = table(name);
	CHECK_INT(sharers(one), 2);
	CHECK(!inv__path_exists(check_path("other-name.db-inv")));
	inv__link_close(two);
	inv__link_close(one);
}

/* ---- checkpoints ---- */

static void fill(inv__link *link, int64_t from, int64_t to)
{
	for (int64_t k = from; k < to; k++)
		CHECK_STATUS(conn_run(link, "INSERT INTO t (k, b) VALUES (?1, randomblob(2000))", &k),
		             INV_OK);
}

TEST(checkpoints_empty_the_log)
{
	inv__link *link = table(check_path("store.db"));
	uint64_t pages;

	fill(link, 0, 50);
	pages = conn_facts(link).log_pages;
	CHECK(pages >= 50);
	/* Nothing of it happens by itself. */
	CHECK(conn_facts(link).file_bytes <= 8192);
	CHECK_STATUS(checkpoint(link, NULL), INV_OK);
	CHECK_INT(conn_facts(link).log_pages, 0);
	CHECK(conn_facts(link).file_bytes > 100000);
	fill(link, 50, 51);
	CHECK(conn_facts(link).log_pages > 0 && conn_facts(link).log_pages < 10);
	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_READ, NULL), INV_OK);
	CHECK_STATUS(checkpoint(link, NULL), INV_E_INTERNAL);
	CHECK_STATUS(inv__link_end(link, false, NULL), INV_OK);
	inv__link_close(link);
}

TEST(closing_makes_no_checkpoint)
{
	const char *path = check_path("store.db");
	inv__link *link = table(path);

	fill(link, 0, 50);
	inv__link_close(link);
	CHECK(inv__path_exists(check_path("store.db-wal")));
	link = table(path);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM t"), 50);
	CHECK(conn_facts(link).file_bytes <= 8192);
	inv__link_close(link);
}

TEST(readers_hold_checkpoints_up)
{
	const char *path = check_path("store.db");
	inv__link *link = table(path);
	inv__link *reader = NULL;
	inv_error error = INV_ERROR_INIT;

	fill(link, 0, 10);
	CHECK_STATUS(conn_open(path, INV_OPEN_READONLY, &reader, NULL), INV_OK);
	CHECK_STATUS(inv__link_begin(reader, INV_BEGIN_READ, NULL), INV_OK);
	CHECK_INT(conn_int(reader, "SELECT COUNT(*) FROM t"), 10);
	fill(link, 10, 20);
	CHECK_STATUS(checkpoint(link, &error), INV_E_BUSY);
	CHECK(conn_facts(link).log_pages > 0);
	CHECK_INT(conn_int(reader, "SELECT COUNT(*) FROM t"), 10);
	CHECK_STATUS(inv__link_end(reader, false, NULL), INV_OK);
	CHECK_STATUS(checkpoint(link, &error), INV_OK);
	inv__link_close(reader);
	inv__link_close(link);
}

static int child_commits(int in, int out, const char *path)
{
	inv__link *link = NULL;
	inv_status status;

	if (conn_open(path, 0, &link, NULL) != INV_OK ||
	    inv__link_begin(link, INV_BEGIN_WRITE, NULL) != INV_OK)
		return 1;
	if (!conn_tell(out) || !conn_await(in))
		return 2;
	status = inv__link_end(link, true, NULL);
	if (!conn_tell(out) || !conn_await(in))
		return 2;
	inv__link_close(link);
	return status == INV_OK ? 0 : 3;
}

TEST(commits_of_others_hold_checkpoints_up)
{
	const char *path = check_path("store.db");
	inv__link *link = table(path);
	inv_error error = INV_ERROR_INIT;
	conn_child child;
	int64_t start;

	fill(link, 0, 10);
	child = conn_fork(child_commits, path);
	CHECK(conn_await(child.from));
	start = inv__monotonic();
	CHECK_STATUS(checkpoint(link, &error), INV_E_BUSY);
	CHECK(inv__monotonic() - start < 1000000);
	CHECK(conn_tell(child.to));
	CHECK(conn_await(child.from));
	CHECK_STATUS(checkpoint(link, &error), INV_OK);
	CHECK(conn_tell(child.to));
	CHECK_INT(conn_join(child), 0);
	inv__link_close(link);
}

/* A process that dies in a transaction stops nobody. */
TEST(a_killed_writer_lets_go)
{
	const char *path = check_path("store.db");
	inv__link *link = table(path);
	conn_child child;

	child = conn_fork(child_commits, path);
	CHECK(conn_await(child.from));
	CHECK_INT(kill(child.pid, SIGKILL), 0);
	CHECK_INT(conn_join(child), -1);
	fill(link, 0, 5);
	CHECK_STATUS(checkpoint(link, NULL), INV_OK);
	inv__link_close(link);
}

/* ---- all at once ---- */

#define WRITERS 3
#define WRITES 100

static int child_writes(int in, int out, const char *path)
{
	inv__link *link = NULL;
	int failed = 0;

	(void)in;
	(void)out;
	if (conn_open(path, 0, &link, NULL) != INV_OK)
		return 1;
	for (int i = 0; i < WRITES; i++) {
		inv_status status;

		do
			status = conn_run(link, "INSERT INTO t (k, b) SELECT COALESCE(MAX(k), 0) + 1,"
			                        " randomblob(3000) FROM t", NULL);
		while (status == INV_E_BUSY);
		failed += status != INV_OK;
		if (i % 10 == 9) {
			status = checkpoint(link, NULL);
			failed += status != INV_OK && status != INV_E_BUSY;
		}
	}
	inv__link_close(link);
	return failed ? 2 : 0;
}

TEST(processes_commit_and_checkpoint_at_once)
{
	const char *path = check_path("store.db");
	inv__link *link = table(path);
	conn_child children[WRITERS];

	for (int i = 0; i < WRITERS; i++)
		children[i] = conn_fork(child_writes, path);
	for (int i = 0; i < WRITERS; i++)
		CHECK_INT(conn_join(children[i]), 0);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM t"), WRITERS * WRITES);
	CHECK_INT(conn_int(link, "SELECT MAX(k) FROM t"), WRITERS * WRITES);
	CHECK_STATUS(inv__link_driver(link)->check(inv__link_conn(link), 1, NULL), INV_OK);
	inv__link_close(link);
}

static void *asks(void *arg)
{
	const inv__link *link = arg;
	uintptr_t odd = 0;

	for (int i = 0; i < 20000; i++) {
		uint32_t answer = sharers(link);

		odd += answer != 1 && answer != 2;
	}
	return (void *)odd;
}

TEST(any_thread_may_ask_who_is_there)
{
	const char *path = check_path("store.db");
	inv__link *link = table(path);
	pthread_t threads[3];

	for (int i = 0; i < 3; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, asks, link), 0);
	for (int i = 0; i < 20; i++)
		inv__link_close(table(path));
	fill(link, 0, 20);
	for (int i = 0; i < 3; i++) {
		void *odd = NULL;

		CHECK_INT(pthread_join(threads[i], &odd), 0);
		CHECK(odd == NULL);
	}
	CHECK(comes_to(link, 1));
	inv__link_close(link);
}

CHECK_MAIN()
