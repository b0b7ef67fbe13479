/* SPDX-License-Identifier: MIT */
/* Copies of a store in use. */
#include <pthread.h>

#include "conformance/conn.h"

static inv__link *filled(const char *path)
{
	inv__link *link = conn_writer(path);

	CHECK_STATUS(inv__migrate(link, 0, NULL), INV_OK);
	CHECK_STATUS(conn_script(link,
		"INSERT INTO personal_value (subject, field, salt, value)"
		" WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
		" SELECT randomblob(16), 'f', x'', hex(randomblob(1000)) FROM n"), INV_OK);
	return link;
}

static inv_status backup(const inv__link *link, const char *path, const inv_progress *progress,
                         inv_error *error)
{
	return inv__link_driver(link)->backup(inv__link_conn(link), inv_str_of(path), progress, error);
}

static void same(const char *path, int64_t rows)
{
	inv__link *link = conn_writer(path);

	if (!link)
		return;
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM personal_value"), rows);
	CHECK_INT(conn_int(link, "PRAGMA application_id"), 0x494e5654);
	CHECK_STATUS(inv__link_driver(link)->check(inv__link_conn(link), 1, NULL), INV_OK);
	inv__link_close(link);
}

TEST(a_copy_is_one_plain_file)
{
	inv__link *link = filled(check_path("store.db"));

	CHECK_STATUS(backup(link, check_path("copy.db"), NULL, NULL), INV_OK);
	CHECK(!inv__path_exists(check_path("copy.db-wal")));
	CHECK(!inv__path_exists(check_path("copy.db-shm")));
	CHECK(!inv__path_exists(check_path("copy.db-journal")));
	CHECK_INT(conn_facts(link).in_transaction, 0);
	same(check_path("copy.db"), 1000);
	inv__link_close(link);
}

TEST(a_store_in_memory_can_be_kept)
{
	inv__link *link = filled(":memory:");

	CHECK_STATUS(backup(link, check_path("copy.db"), NULL, NULL), INV_OK);
	same(check_path("copy.db"), 1000);
	inv__link_close(link);
}

TEST(nothing_is_overwritten)
{
	inv__link *link = filled(check_path("store.db"));
	inv_error error = INV_ERROR_INIT;

	CHECK_STATUS(backup(link, check_path("store.db"), NULL, &error), INV_E_EXISTS);
	CHECK_STATUS(backup(link, check_path("no/folder.db"), NULL, &error), INV_E_NOT_FOUND);
	CHECK_STATUS(backup(link, "", NULL, &error), INV_E_INVALID);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM personal_value"), 1000);
	inv__link_close(link);
}

typedef struct steps {
	inv__link *writer;
	uint64_t done;
	uint64_t total;
	int count;
	int stop_at;
} steps;

static bool step(void *ctx, uint64_t done, uint64_t total)
{
	steps *s = ctx;

	CHECK(done >= s->done && done <= total);
	s->done = done;
	s->total = total;
	s->count++;
	/* Another connection writes while the copy is made. */
	if (s->writer)
		CHECK_STATUS(conn_run(s->writer, "DELETE FROM personal_value WHERE subject ="
		                      " (SELECT MIN(subject) FROM personal_value)", NULL), INV_OK);
	return s->count != s->stop_at;
}

TEST(a_copy_is_of_one_moment)
{
	inv__link *link = filled(check_path("store.db"));
	inv__link *reader = NULL;
	steps s = {.writer = link};
	inv_progress progress = {&s, step};

	CHECK_STATUS(conn_open(check_path("store.db"), INV_OPEN_READONLY, &reader, NULL), INV_OK);
	CHECK_STATUS(backup(reader, check_path("copy.db"), &progress, NULL), INV_OK);
	CHECK(s.count >= 2);
	CHECK(s.total > 256);
	same(check_path("copy.db"), 1000);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM personal_value"), 1000 - s.count);
	inv__link_close(reader);
	inv__link_close(link);
}

TEST(a_stopped_copy_is_removed)
{
	inv__link *link = filled(check_path("store.db"));
	steps s = {.stop_at = 1};
	inv_progress progress = {&s, step};
	inv_error error = INV_ERROR_INIT;

	CHECK_STATUS(backup(link, check_path("copy.db"), &progress, &error), INV_E_CANCELLED);
	CHECK_INT(s.count, 1);
	CHECK(!inv__path_exists(check_path("copy.db")));
	CHECK_INT(conn_facts(link).in_transaction, 0);
	CHECK_STATUS(backup(link, check_path("copy.db"), NULL, &error), INV_OK);
	inv__link_close(link);
}

CHECK_MAIN()
