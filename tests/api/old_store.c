/* SPDX-License-Identifier: MIT */
/* Older and newer stores. The program brings its own list of migrations: the library's, and one
 * more that a later version might have. */
#define inv__migrations inv__migrations_const
#define inv__migration_count inv__migration_count_const
#include "storage/dialect.h"
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

/* A store with moves, as of now. */
static bool make_store(void)
{
	inv_session_options options = INV_SESSION_OPTIONS_INIT;
	inv_error error = INV_ERROR_INIT;
	inv_session *session = NULL;
	inv_store *store;
	bool ok = CHECK_STATUS(open_store(false, INV_MIGRATE_AUTO, &store, &error), INV_OK) &&
	          CHECK_STATUS(inv_session_open(store, &options, &session, &error), INV_OK);
	static const char *const calls[][2] = {
		{"product.create", "{\"sku\":\"TEA\",\"name\":\"Tea\",\"decimals\":6}"},
		{"stock.receive", "{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"0.0015\"}]}"},
		{"stock.issue", "{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"0.0005\"}]}"},
	};

	for (size_t i = 0; ok && i < sizeof calls / sizeof calls[0]; i++)
		ok = CHECK_STATUS(inv_call_json(session, inv_str_of(calls[i][0]),
		                                inv_str_of(calls[i][1]), NULL, NULL), INV_OK);
	inv_session_close(session);
	inv_store_close(store);
	return ok;
}

/* What two tables have in common goes from the one to the other. */
static bool copy_table(sqlite3 *db, const char *table)
{
	char sql[8192], columns[2048] = "";
	sqlite3_stmt *stmt = NULL;
	bool ok;

	snprintf(sql, sizeof sql, "SELECT group_concat(name) FROM pragma_table_info('%s')", table);
	ok = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
	     sqlite3_step(stmt) == SQLITE_ROW;
	if (ok)
		snprintf(columns, sizeof columns, "%s", (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	snprintf(sql, sizeof sql, "INSERT INTO main.%s (%s) SELECT %s FROM now.%s", table, columns,
	         columns, table);
	return ok && CHECK_INT(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* The same store as version 1 would have left it: its tables, made by its script. */
static bool turn_back(void)
{
	static const char *const tables[] = {"event",   "meta",    "settings",        "location",
	                                     "channel", "product", "register",        "posting",
	                                     "account", "product_word", "account_balance",
	                                     "account_move"};
	char attach[1200];
	const char *kept = check_path("now.db");
	inv__expanded script;
	inv__arena arena;
	sqlite3 *db = NULL;
	bool ok;

	inv__arena_init(&arena, &inv__malloc_allocator);
	ok = CHECK_INT(rename(store_path(), kept), 0) &&
	     CHECK_STATUS(inv__dialect_expand("sqlite", inv_str_of(scripts[0]), &arena, &script),
	                  INV_OK) &&
	     sqlite3_open(store_path(), &db) == SQLITE_OK &&
	     CHECK_INT(sqlite3_exec(db, script.sql.ptr, NULL, NULL, NULL), SQLITE_OK);
	snprintf(attach, sizeof attach, "ATTACH '%s' AS now", kept);
	ok = ok && CHECK_INT(sqlite3_exec(db, attach, NULL, NULL, NULL), SQLITE_OK);
	for (size_t i = 0; ok && i < sizeof tables / sizeof tables[0]; i++)
		ok = copy_table(db, tables[i]);
	sqlite3_close(db);
	inv__arena_free(&arena);
	return ok && run("UPDATE meta SET value = '1' WHERE name IN"
	                 " ('schema_version', 'min_reader', 'min_writer')");
}

/* Version 1 kept moves by their key, and a balance's last instant. */
TEST(moves_and_history_of_version_1)
{
	if (!be(NULL) || !make_store() || !turn_back())
		return;
	CHECK_INT(ask(VERSION), 1);
	CHECK_INT(version_of(), now_at);
	CHECK_INT(ask("SELECT COUNT(*) FROM account_move"), 2);
	CHECK_INT(ask("SELECT COUNT(*) FROM move m JOIN event e ON e.id = m.event"
	              " WHERE m.quantity = -500"), 1);
	CHECK_INT(ask("SELECT on_hand FROM holding"), 1000);
	CHECK_INT(ask("SELECT COUNT(*) FROM closing"), 1);
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
