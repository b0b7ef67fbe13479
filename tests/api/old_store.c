/* SPDX-License-Identifier: MIT */
/* Older and newer stores. The program brings its own list of migrations: the library's, and one
 * more that a later version might have. */
#define inv__migrations inv__migrations_const
#define inv__migration_count inv__migration_count_const
#include "storage/storage.h"
#undef inv__migrations
#undef inv__migration_count

#include <glob.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "inventra/inventra.h"
#include "support/check.h"

#define KNOWN_MAX 64

/* They take the place of the embedded ones: the linker finds these first. */
inv__migration inv__migrations[KNOWN_MAX + 1];
size_t inv__migration_count;

static char scripts[KNOWN_MAX][131072];
static glob_t files;

static const char *store_path(void)
{
	static char path[1024];

	snprintf(path, sizeof path, "%s", check_path("shop.db"));
	return path;
}

/* The library's own migrations, in order. */
static bool load_known(void)
{
	const char *source = getenv("INV_TEST_SOURCE_DIR");
	char pattern[1024];

	if (files.gl_pathc > 0)
		return true;
	snprintf(pattern, sizeof pattern, "%s/src/storage/migrations/0*.sql", source ? source : ".");
	if (glob(pattern, 0, NULL, &files) != 0 || files.gl_pathc > KNOWN_MAX)
		return CHECK_FAIL("%s: no files; set INV_TEST_SOURCE_DIR", pattern);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		FILE *file = fopen(files.gl_pathv[i], "rb");
		int32_t number = (int32_t)i + 1;

		if (!CHECK(file && fread(scripts[i], 1, sizeof scripts[i] - 1, file) > 0))
			return false;
		fclose(file);
		inv__migrations[i] = (inv__migration){number, number, number, "known", scripts[i]};
	}
	return true;
}

/* What the library knows now, and with `later` a migration behind it. */
static int32_t now_at;

static bool be(const char *later)
{
	if (!load_known())
		return false;
	now_at = (int32_t)files.gl_pathc;
	inv__migration_count = files.gl_pathc;
	if (later)
		inv__migrations[inv__migration_count++] =
			(inv__migration){now_at + 1, now_at, now_at + 1, "later", later};
	return true;
}

#define LATER "CREATE TABLE later (a {int} NOT NULL) {strict};\n"

static inv_status open_store(bool read_only, uint32_t migrate, inv_store **store, inv_error *error)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;

	*store = NULL;
	options.url = store_path();
	options.read_only = read_only;
	options.migrate = migrate;
	return inv_store_open(&options, store, error);
}

static int32_t version_of(void)
{
	inv_store_info info = INV_STORE_INFO_INIT;
	inv_error error = INV_ERROR_INIT;
	inv_store *store;

	if (CHECK_STATUS(open_store(false, INV_MIGRATE_AUTO, &store, &error), INV_OK))
		CHECK_STATUS(inv_store_info_get(store, &info, &error), INV_OK);
	else
		CHECK_FAIL("%s", error.message);
	inv_store_close(store);
	return info.schema_version;
}

static int64_t ask(const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	int64_t answer = -1;

	if (sqlite3_open_v2(store_path(), &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		answer = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return answer;
}

#define HAS_TABLE "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'later'"
#define VERSION "SELECT value FROM meta WHERE name = 'schema_version'"

static void refuses(bool read_only, uint32_t migrate, inv_status status, const char *word)
{
	inv_error error = INV_ERROR_INIT;
	inv_store *store;

	CHECK_STATUS(open_store(read_only, migrate, &store, &error), status);
	CHECK(store == NULL);
	if (!strstr(error.message, word))
		CHECK_FAIL("the sentence does not say \"%s\": %s", word, error.message);
	inv_store_close(store);
}

TEST(an_older_store)
{
	if (!be(NULL))
		return;
	CHECK_INT(version_of(), now_at);
	be(LATER);
	refuses(false, INV_MIGRATE_REFUSE, INV_E_MIGRATE, "migrate=auto");
	refuses(true, INV_MIGRATE_AUTO, INV_E_MIGRATE, "older");
	CHECK_INT(ask(VERSION), now_at);
	CHECK_INT(ask(HAS_TABLE), 0);
	CHECK_INT(version_of(), now_at + 1);
	CHECK_INT(ask(HAS_TABLE), 1);
	CHECK_INT(version_of(), now_at + 1);
}

static bool run(const char *sql)
{
	sqlite3 *db = NULL;
	bool ok = sqlite3_open(store_path(), &db) == SQLITE_OK &&
	          CHECK_INT(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);

	sqlite3_close(db);
	return ok;
}

/* How many events the store tells of its first location, whose event has another id. */
static size_t history_of_a_location(void)
{
	inv_session_options options = INV_SESSION_OPTIONS_INIT;
	inv_error error = INV_ERROR_INIT;
	inv_history_query query = INV_HISTORY_QUERY_INIT;
	inv_query list = INV_QUERY_INIT;
	inv_session *session = NULL;
	inv_result *result = NULL;
	inv_store *store;
	size_t count = 0;

	if (CHECK_STATUS(open_store(false, INV_MIGRATE_AUTO, &store, &error), INV_OK) &&
	    CHECK_STATUS(inv_session_open(store, &options, &session, &error), INV_OK) &&
	    CHECK_STATUS(inv_location_list(session, &list, 1, NULL, &result), INV_OK)) {
		query.subject = INV_AT(result, inv_location, 0)->id;
		inv_result_free(result);
		result = NULL;
		CHECK_STATUS(inv_audit_history(session, &query, 1, NULL, &result), INV_OK);
		count = inv_result_count(result);
	}
	inv_result_free(result);
	inv_session_close(session);
	inv_store_close(store);
	return count;
}

/* Version 1 kept moves by their key, and a balance's last instant. */
TEST(moves_and_history_of_version_1)
{
	inv_error error = INV_ERROR_INIT;
	inv_store *store;

	if (!be(NULL))
		return;
	inv__migration_count = 1;
	if (!CHECK_STATUS(open_store(false, INV_MIGRATE_AUTO, &store, &error), INV_OK))
		CHECK_FAIL("%s", error.message);
	inv_store_close(store);
	run("INSERT INTO account VALUES (7, 1, x'01', x'02', 0, '', '', x'');"
	    "INSERT INTO account_balance VALUES (7, 1000, 12);"
	    "INSERT INTO account_move VALUES (7, 12, x'0b', 1, -500, x'', 0);"
	    "INSERT INTO account_move VALUES (7, 11, x'0a', 1, 1500, x'03', 2);");
	be(NULL);
	CHECK_INT(version_of(), now_at);
	CHECK_INT(ask("SELECT COUNT(*) FROM account_move"), 2);
	CHECK_INT(ask("SELECT quantity FROM move WHERE product = x'01' AND occurred_at = 12"), -500);
	CHECK_INT(ask("SELECT other_condition FROM move WHERE event = x'0a'"), 2);
	CHECK_INT(ask("SELECT on_hand FROM holding WHERE location = x'02'"), 1000);
	CHECK_INT(history_of_a_location(), 1);
}

/* A new store is made whole, whatever is said of migrations. */
TEST(a_new_store_is_no_old_one)
{
	inv_error error = INV_ERROR_INIT;
	inv_store *store;

	if (!be(LATER))
		return;
	CHECK_STATUS(open_store(false, INV_MIGRATE_REFUSE, &store, &error), INV_OK);
	inv_store_close(store);
	CHECK_INT(ask(VERSION), now_at + 1);
}

TEST(a_newer_store)
{
	inv_error error = INV_ERROR_INIT;
	inv_store *store;

	if (!be(LATER))
		return;
	CHECK_INT(version_of(), now_at + 1);
	be(NULL);
	refuses(false, INV_MIGRATE_AUTO, INV_E_TOO_NEW, "needs a library");
	/* It says that whoever knows the version before may read it. */
	CHECK_STATUS(open_store(true, INV_MIGRATE_AUTO, &store, &error), INV_OK);
	inv_store_close(store);
	CHECK_INT(ask(VERSION), now_at + 1);
}

/* A migration that fails half way leaves the store as it was, for the version before. */
TEST(a_migration_that_fails)
{
	if (!be(NULL))
		return;
	CHECK_INT(version_of(), now_at);
	be(LATER
	   "INSERT INTO later (a) VALUES (1);\nINSERT INTO nowhere (a) VALUES (1);");
	refuses(false, INV_MIGRATE_AUTO, INV_E_INTERNAL, "nowhere");
	CHECK_INT(ask(VERSION), now_at);
	CHECK_INT(ask(HAS_TABLE), 0);
	be(NULL);
	CHECK_INT(version_of(), now_at);
}

CHECK_MAIN()
