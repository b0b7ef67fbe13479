/* SPDX-License-Identifier: MIT */
/* The migrated tables are what the description says, no more and no less; versions; the sentences
 * of constraints. */
/* ctest: drivers */
#include <pthread.h>

#include "conformance/conn.h"
#include "inventra/schema.h"

static inv__link *migrated(const char *path)
{
	inv__link *link = conn_writer(path);

	CHECK_STATUS(inv__migrate(link, 0, NULL), INV_OK);
	return link;
}

/* ---- tables ---- */

static bool is_stored(const inv_field_desc *field)
{
	return !(field->flags & (INV_FIELD_DETAIL | INV_FIELD_INPUT | INV_FIELD_PERSONAL));
}

static const char *type_of(uint32_t kind)
{
	switch (kind) {
	case INV_KIND_ID:
	case INV_KIND_REF:
		return check_on_postgres() ? "uuid" : "BLOB";
	case INV_KIND_BYTES:
		return check_on_postgres() ? "bytea" : "BLOB";
	case INV_KIND_TEXT:
	case INV_KIND_CODE:
	case INV_KIND_JSON:
	case INV_KIND_STRINGS:
	case INV_KIND_LIST:
		return check_on_postgres() ? "text" : "TEXT";
	case INV_KIND_BOOL:
		return check_on_postgres() ? "smallint" : "INTEGER";
	default:
		return check_on_postgres() ? "bigint" : "INTEGER";
	}
}

static void same_column(const inv_rows *rows, size_t row, const char *name, const char *type,
                        int64_t key)
{
	if (!CHECK(row < rows->row_count))
		return;
	CHECK_STR(inv__cell_str(rows, row, 0), name);
	CHECK_STR(inv__cell_str(rows, row, 1), type);
	if (key < 0) /* a column of a view */
		return;
	CHECK_INT(inv__cell_int(rows, row, 2), 1);
	CHECK_INT(inv__cell_int(rows, row, 3), key);
}

/* Name, type, whether it may not be NULL, and its place in the primary key. */
static const char columns_sqlite[] = "SELECT name, type, \"notnull\", pk"
                                     " FROM pragma_table_xinfo(?1) ORDER BY cid";
static const char columns_postgres[] =
	"SELECT c.column_name, c.data_type, CASE c.is_nullable WHEN 'NO' THEN 1 ELSE 0 END,"
	" COALESCE((SELECT k.ordinal_position FROM information_schema.key_column_usage k"
	"  JOIN information_schema.table_constraints t ON t.constraint_name = k.constraint_name"
	"  AND t.table_schema = k.table_schema AND t.constraint_type = 'PRIMARY KEY'"
	"  WHERE k.table_schema = c.table_schema AND k.table_name = c.table_name"
	"  AND k.column_name = c.column_name), 0)"
	" FROM information_schema.columns c"
	" WHERE c.table_schema = current_schema() AND c.table_name = ?1 ORDER BY c.ordinal_position";

static void same_table(inv__link *link, const inv_table_desc *table)
{
	const inv_record_desc *record = inv_schema_record(table->record);
	inv__arena arena;
	inv__batch batch;
	const inv_rows *rows;
	size_t row = 0;
	int64_t key = 0;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	inv__batch_add_text(&batch, inv_str_of(check_on_postgres() ? columns_postgres
	                                                           : columns_sqlite));
	inv__batch_text(&batch, inv_str_of(table->name));
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	rows = inv__batch_result(&batch, 0);
	if (table->parent) {
		same_column(rows, row++, inv_schema_table(table->parent)->name,
		            type_of(INV_KIND_ID), ++key);
		same_column(rows, row++, "line", type_of(INV_KIND_INT), ++key);
	}
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(record, i);
		bool in_key = (field->flags & INV_FIELD_KEY) != 0;

		/* Positions are given after the commit where many write at once. */
		if (check_on_postgres() && strcmp(table->name, "event") == 0)
			in_key = strcmp(field->name, "seq") == 0;
		/* Moves stand in the order they were written; a narrower index finds them. */
		if (!check_on_postgres() && strcmp(table->name, "account_move") == 0)
			in_key = false;
		if (is_stored(field))
			same_column(rows, row++, field->name, type_of(field->kind),
			            table->klass == INV_TABLE_VIEW ? -1 : in_key ? ++key : 0);
	}
	if (!CHECK_INT(rows->row_count, row))
		CHECK_FAIL("table %s has other columns", table->name);
	inv__arena_free(&arena);
}

TEST(tables_are_as_described)
{
	inv__link *link = migrated(check_store_url("store.db"));
	uint32_t count = 0, views = 0;

	while (inv_schema_table(count + 1)) {
		unsigned before = check_failures();

		same_table(link, inv_schema_table(++count));
		views += inv_schema_table(count)->klass == INV_TABLE_VIEW;
		if (check_failures() > before)
			CHECK_FAIL("table %s differs from its description", inv_schema_table(count)->name);
	}
	CHECK(count > 0);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM {tables} t"), count - views);
	if (check_on_postgres()) {
		inv__link_close(link);
		return;
	}
	/* `holding` is the program's own, and described nowhere. */
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'view'"), views + 1);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'trigger'"), 0);
	/* All strict; all stored by their key but the journal and moves, which grow at their end, and
	 * accounts, whose key is a number. */
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM pragma_table_list"
	                         " WHERE schema = 'main' AND strict = 0 AND type = 'table'"
	                         " AND name NOT LIKE 'sqlite%'"), 0);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM pragma_table_list"
	                         " WHERE schema = 'main' AND wr = 0 AND type = 'table'"
	                         " AND name NOT LIKE 'sqlite%'"
	                         " AND name NOT IN ('event', 'account',"
	                         " 'account_balance', 'account_move')"), 0);
	CHECK_INT(conn_int(link, "PRAGMA application_id"), 0x494e5654);
	inv__link_close(link);
}

/* A unique field has its index over folded values; a row's UNIQUE alone says so. */
TEST(unique_codes_have_their_index)
{
	inv__link *link = migrated(check_store_url("store.db"));

	for (uint32_t t = 1; inv_schema_table(t); t++) {
		const inv_table_desc *table = inv_schema_table(t);
		const inv_record_desc *record = inv_schema_record(table->record);

		for (uint32_t i = 0; i < record->field_count; i++) {
			const inv_field_desc *field = inv_schema_field(record, i);
			char sql[256];

			if (!(field->flags & INV_FIELD_UNIQUE) || field->kind != INV_KIND_CODE)
				continue;
			(void)inv__format(sql, sizeof sql,
			                  check_on_postgres()
			                  ? "SELECT COUNT(*) FROM pg_indexes WHERE indexname = '%s_%s_unique'"
			                    " AND schemaname = current_schema()"
			                    " AND indexdef LIKE 'CREATE UNIQUE INDEX%%(lower(%s))'"
			                  : "SELECT COUNT(*) FROM sqlite_schema WHERE name = '%s_%s_unique'"
			                    " AND sql LIKE 'CREATE UNIQUE INDEX%%(lower(%s))'",
			                  table->name, field->name, field->name);
			if (!CHECK_INT(conn_int(link, sql), 1))
				CHECK_FAIL("%s.%s has no unique index", table->name, field->name);
		}
	}
	inv__link_close(link);
}

/* ---- constraints ---- */

/* Every name that the migrations give to a constraint or a unique index has its sentence. */
static void explain_names(const char *sql, const char *word)
{
	for (const char *at = strstr(sql, word); at; at = strstr(at + 1, word)) {
		inv_error error = INV_ERROR_INIT;
		const char *name = at + strlen(word);

		error.status = INV_E_CONFLICT;
		(void)inv__format(error.message, sizeof error.message, "violates %.*s here",
		                  (int)strcspn(name, " "), name);
		inv__constraint_explain(&error);
		if (!CHECK(error.record[0] != '\0'))
			CHECK_FAIL("%.*s has no sentence", (int)strcspn(name, " "), name);
	}
}

TEST(named_constraints_are_explained)
{
	for (size_t i = 0; i < inv__migration_count; i++) {
		explain_names(inv__migrations[i].sql, "CONSTRAINT ");
		explain_names(inv__migrations[i].sql, "UNIQUE INDEX ");
	}
}

/* The SQL with the literals of ids: $0 is none, $1 … $9 are some. */
static inv_str with_ids(const char *sql, char out[512])
{
	size_t len = 0;

	for (; *sql && len < 460; sql++) {
		if (*sql != '$') {
			out[len++] = *sql;
			continue;
		}
		sql++;
		if (check_on_postgres())
			len += (size_t)inv__format(out + len, 512 - len, "'%s%s%c'",
			                           "00000000-0000-0000-0000-00000000", "000", *sql);
		else
			len += (size_t)inv__format(out + len, 512 - len, *sql == '0' ? "x''" : "x'0%c'", *sql);
	}
	return (inv_str){out, len};
}

static void violates(inv__link *link, const char *sql, inv_status status, const char *record,
                     const char *field)
{
	char text[512];
	inv_error error = INV_ERROR_INIT;
	inv__arena arena;
	inv__batch batch;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	inv__batch_add_text(&batch, with_ids(sql, text));
	CHECK_STATUS(inv__batch_exec(&batch, link, &error), status);
	CHECK_STATUS(error.status, status);
	CHECK_STR(error.record, record);
	CHECK_STR(error.field, field);
	CHECK(error.message[0] != '\0' && !strstr(error.message, "constraint"));
	inv__arena_free(&arena);
}

TEST(violations_are_told_in_words)
{
	inv__link *link = migrated(check_store_url("store.db"));
	char text[512];
	inv_str script;

	script = with_ids(
		"INSERT INTO category VALUES ($1, 'A', 'a', $0, 0, 1, 0, 0);"
		"INSERT INTO product_barcode VALUES ('123', $1);"
		"INSERT INTO account VALUES (7, 8, $1, $2, 0, '', '', $0);", text);
	text[script.len] = '\0';
	CHECK_STATUS(conn_script(link, text), INV_OK);
	violates(link, "INSERT INTO category VALUES ($1, 'B', 'a', $0, 0, 1, 0, 0)", INV_E_EXISTS,
	         "category", "id");
	violates(link, "INSERT INTO category VALUES ($2, 'a', 'a', $0, 0, 1, 0, 0)", INV_E_EXISTS,
	         "category", "code");
	violates(link, "INSERT INTO category VALUES ($2, 'b', 'a', $0, 7, 1, 0, 0)",
	         INV_E_INTERNAL, "category", "archived");
	violates(link, "INSERT INTO product_barcode VALUES ('123', $2)", INV_E_EXISTS, "product",
	         "barcodes");
	violates(link, "INSERT INTO account VALUES (7, 9, $2, $2, 0, '', '', $0)",
	         INV_E_CONFLICT, "account", "");
	violates(link, "INSERT INTO account VALUES (9, 9, $1, $2, 0, '', '', $0)",
	         INV_E_CONFLICT, "account", "");
	CHECK_STATUS(conn_run(link, "UPDATE category SET name = NULL", NULL), INV_E_INTERNAL);
	CHECK_STATUS(conn_run(link, "UPDATE category SET version = 'x'", NULL), INV_E_INTERNAL);
	inv__link_close(link);
}

TEST(unknown_constraints_are_left_alone)
{
	inv_error error = INV_ERROR_INIT;

	error.status = INV_E_CONFLICT;
	(void)inv__format(error.message, sizeof error.message,
	                  "UNIQUE constraint failed: my_product.id");
	inv__constraint_explain(&error);
	CHECK_STATUS(error.status, INV_E_CONFLICT);
	CHECK_STR(error.record, "");
}

/* ---- versions ---- */

static inv_status version_of(inv__link *link, int32_t *schema, int32_t *reader, int32_t *writer)
{
	return inv__schema_version(link, schema, reader, writer, NULL);
}

TEST(versions)
{
	int32_t schema = -1;
	int32_t reader = -1;
	int32_t writer = -1;
	int32_t last = inv__migrations[inv__migration_count - 1].number;
	inv__link *link = conn_writer(check_store_url("store.db"));

	CHECK_STATUS(version_of(link, &schema, &reader, &writer), INV_OK);
	CHECK_INT(schema, 0);
	CHECK_STATUS(inv__migrate(link, 0, NULL), INV_OK);
	CHECK_STATUS(version_of(link, &schema, &reader, &writer), INV_OK);
	CHECK_INT(schema, last);
	CHECK(reader > 0 && reader <= last && writer > 0 && writer <= last);
	/* Again, as a process does that was slower than another. */
	CHECK_STATUS(inv__migrate(link, 0, NULL), INV_OK);
	CHECK_STATUS(version_of(link, &schema, &reader, &writer), INV_OK);
	CHECK_INT(schema, last);
	inv__link_close(link);
}

static void *migrates(void *arg)
{
	inv__link *link;
	inv_status status = conn_open(arg, INV_OPEN_CREATE, &link, NULL);

	if (CHECK_STATUS(status, INV_OK))
		do
			status = inv__migrate(link, 0, NULL);
		while (status == INV_E_BUSY);
	CHECK_STATUS(status, INV_OK);
	inv__link_close(link);
	return NULL;
}

TEST(several_migrate_at_once)
{
	const char *url = check_store_url("store.db");
	pthread_t threads[4];
	inv__link *link = conn_writer(url);

	for (size_t i = 0; i < 4; i++)
		CHECK_INT(pthread_create(&threads[i], NULL, migrates, (void *)(uintptr_t)url), 0);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM meta"), 3);
	inv__link_close(link);
}

TEST(stores_from_the_future)
{
	int32_t schema = 0;
	int32_t reader = 0;
	int32_t writer = 0;
	inv__link *link = migrated(check_store_url("store.db"));
	inv__link *only_reads = NULL;
	inv_error error = INV_ERROR_INIT;

	CHECK_STATUS(conn_open(check_store_url("store.db"), INV_OPEN_READONLY, &only_reads, NULL),
	             INV_OK);
	CHECK_STATUS(conn_script(link, "UPDATE meta SET value = '9999' WHERE name = 'schema_version'"),
	             INV_OK);
	/* Newer, but such that we may read and write it. */
	CHECK_STATUS(version_of(link, &schema, &reader, &writer), INV_OK);
	CHECK_INT(schema, 9999);
	CHECK_STATUS(inv__migrate(link, schema, NULL), INV_OK);
	CHECK_STATUS(conn_script(link, "UPDATE meta SET value = '9998' WHERE name = 'min_writer'"),
	             INV_OK);
	CHECK_STATUS(inv__schema_version(link, &schema, &reader, &writer, &error), INV_E_TOO_NEW);
	CHECK(strstr(error.message, "9998") != NULL);
	CHECK_STATUS(version_of(only_reads, &schema, &reader, &writer), INV_OK);
	CHECK_STATUS(conn_script(link, "UPDATE meta SET value = '9999' WHERE name = 'min_reader'"),
	             INV_OK);
	CHECK_STATUS(version_of(only_reads, &schema, &reader, &writer), INV_E_TOO_NEW);
	inv__link_close(only_reads);
	inv__link_close(link);
}

TEST(stores_that_do_not_say)
{
	int32_t v[3];
	inv__link *link = migrated(check_store_url("store.db"));

	CHECK_STATUS(conn_script(link, "UPDATE meta SET value = 'x' WHERE name = 'min_reader'"),
	             INV_OK);
	CHECK_STATUS(version_of(link, &v[0], &v[1], &v[2]), INV_E_CORRUPT);
	CHECK_STATUS(conn_script(link, "DELETE FROM meta WHERE name = 'min_reader'"), INV_OK);
	CHECK_STATUS(version_of(link, &v[0], &v[1], &v[2]), INV_E_CORRUPT);
	CHECK_STATUS(conn_script(link, "DROP TABLE meta"), INV_OK);
	CHECK_STATUS(version_of(link, &v[0], &v[1], &v[2]), INV_E_NOT_A_STORE);
	inv__link_close(link);
}

CHECK_MAIN()
