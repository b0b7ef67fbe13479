/* SPDX-License-Identifier: MIT */
/* The migrated tables are what the description says, no more and no less; versions; the sentences
 * of constraints. */
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
	case INV_KIND_BYTES:
		return "BLOB";
	case INV_KIND_TEXT:
	case INV_KIND_CODE:
	case INV_KIND_JSON:
	case INV_KIND_STRINGS:
	case INV_KIND_LIST:
		return "TEXT";
	default:
		return "INTEGER";
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
	inv__batch_add_text(&batch, INV_S("SELECT name, type, \"notnull\", pk"
	                                  " FROM pragma_table_xinfo(?1) ORDER BY cid"));
	inv__batch_text(&batch, inv_str_of(table->name));
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	rows = inv__batch_result(&batch, 0);
	if (table->parent) {
		same_column(rows, row++, inv_schema_table(table->parent)->name, "BLOB", ++key);
		same_column(rows, row++, "line", "INTEGER", ++key);
	}
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(record, i);
		bool in_key = (field->flags & INV_FIELD_KEY) != 0;

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
	inv__link *link = migrated(check_path("store.db"));
	uint32_t count = 0, views = 0;

	while (inv_schema_table(count + 1)) {
		unsigned before = check_failures();

		same_table(link, inv_schema_table(++count));
		views += inv_schema_table(count)->klass == INV_TABLE_VIEW;
		if (check_failures() > before)
			CHECK_FAIL("table %s differs from its description", inv_schema_table(count)->name);
	}
	CHECK(count > 0);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table'"),
	          count - views);
	/* `holding` is the program's own, and described nowhere. */
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'view'"), views + 1);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'trigger'"), 0);
	/* All strict; all stored by their key but the journal, which grows at its end, and accounts,
	 * whose key is a number. */
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM pragma_table_list"
	                         " WHERE schema = 'main' AND strict = 0 AND type = 'table'"
	                         " AND name NOT LIKE 'sqlite%'"), 0);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM pragma_table_list"
	                         " WHERE schema = 'main' AND wr = 0 AND type = 'table'"
	                         " AND name NOT LIKE 'sqlite%'"
	                         " AND name NOT IN ('event', 'account',"
	                         " 'account_balance')"), 0);
	CHECK_INT(conn_int(link, "PRAGMA application_id"), 0x494e5654);
	inv__link_close(link);
}

/* A unique field has its index over folded values; a row's UNIQUE alone says so. */
TEST(unique_codes_have_their_index)
{
	inv__link *link = migrated(check_path("store.db"));

	for (uint32_t t = 1; inv_schema_table(t); t++) {
		const inv_table_desc *table = inv_schema_table(t);
		const inv_record_desc *record = inv_schema_record(table->record);

		for (uint32_t i = 0; i < record->field_count; i++) {
			const inv_field_desc *field = inv_schema_field(record, i);
			char sql[256];

			if (!(field->flags & INV_FIELD_UNIQUE) || field->kind != INV_KIND_CODE)
				continue;
			(void)inv__format(sql, sizeof sql,
			                  "SELECT COUNT(*) FROM sqlite_schema WHERE name = '%s_%s_unique'"
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

static void violates(inv__link *link, const char *sql, inv_status status, const char *record,
                     const char *field)
{
	inv_error error = INV_ERROR_INIT;
	inv__arena arena;
	inv__batch batch;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	inv__batch_add_text(&batch, inv_str_of(sql));
	CHECK_STATUS(inv__batch_exec(&batch, link, &error), status);
	CHECK_STATUS(error.status, status);
	CHECK_STR(error.record, record);
	CHECK_STR(error.field, field);
	CHECK(error.message[0] != '\0' && !strstr(error.message, "constraint"));
	inv__arena_free(&arena);
}

TEST(violations_are_told_in_words)
{
	inv__link *link = migrated(check_path("store.db"));

	CHECK_STATUS(conn_script(link,
		"INSERT INTO category VALUES (x'01', 'A', 'a', x'', 0, 1, 0, 0);"
		"INSERT INTO product_barcode VALUES ('123', x'01');"
		"INSERT INTO account VALUES (7, 8, x'01', x'02', 0, '', '', x'');"), INV_OK);
	violates(link, "INSERT INTO category VALUES (x'01', 'B', 'a', x'', 0, 1, 0, 0)", INV_E_EXISTS,
	         "category", "id");
	violates(link, "INSERT INTO category VALUES (x'02', 'a', 'a', x'', 0, 1, 0, 0)", INV_E_EXISTS,
	         "category", "code");
	violates(link, "INSERT INTO category VALUES (x'02', 'b', 'a', x'', 7, 1, 0, 0)",
	         INV_E_INTERNAL, "category", "archived");
	violates(link, "INSERT INTO product_barcode VALUES ('123', x'02')", INV_E_EXISTS, "product",
	         "barcodes");
	violates(link, "INSERT INTO account VALUES (7, 9, x'02', x'02', 0, '', '', x'')",
	         INV_E_CONFLICT, "account", "");
	violates(link, "INSERT INTO account VALUES (9, 9, x'01', x'02', 0, '', '', x'')",
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
	inv__link *link = conn_writer(check_path("store.db"));

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

TEST(stores_from_the_future)
{
	int32_t schema = 0;
	int32_t reader = 0;
	int32_t writer = 0;
	inv__link *link = migrated(check_path("store.db"));
	inv__link *only_reads = NULL;
	inv_error error = INV_ERROR_INIT;

	CHECK_STATUS(conn_open(check_path("store.db"), INV_OPEN_READONLY, &only_reads, NULL), INV_OK);
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
	inv__link *link = migrated(check_path("store.db"));

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
