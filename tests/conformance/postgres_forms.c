/* SPDX-License-Identifier: MIT */
/* How statements are sent: rowsets of few rows are written out, and inserts of one row that follow
 * each other are one statement. What they do is the same. */
/* ctest: postgres */
#include "conformance/conn.h"

INV__SQL(put_items, "INSERT INTO item (k, id, t, b) {insert k:int id:id t:text b:blob}");
INV__SQL(put_notes, "INSERT INTO note (k, t) {insert k:int t:text}");
INV__SQL(put_or_leave, "INSERT INTO note (k, t) {insert k:int t:text} ON CONFLICT (k) DO NOTHING");
INV__SQL(add_to_items,
         "UPDATE item SET total = item.total + r.more * ?+1 {where k:int more:int} item.k = r.k");
INV__SQL(add_to_item, "UPDATE item SET total = item.total + r.more {where k:int more:int}"
                      " item.k = r.k");
INV__SQL(find_items, "SELECT r.n, t.k, t.id, t.t, t.b, t.total, ?+1 FROM {rows# k:int} r"
                     " JOIN item t ON t.k = r.k WHERE t.k <> ?+2");

INV__SQL(add_joined, "UPDATE item SET total = item.total + n.k FROM {rows k:int} r, note n"
                     " WHERE item.k = r.k AND n.k = r.k");
INV__SQL(add_table, "UPDATE item SET total = item.total + (TABLE noted)"
                    " {where k:int} item.k = r.k");
INV__SQL(add_called, "UPDATE item SET total = item.total + count_notes(r.k)"
                     " {where k:int} item.k = r.k");

static const char create[] =
	"CREATE TABLE item (k {int} NOT NULL CONSTRAINT item_k_primary PRIMARY KEY, id {id} NOT NULL,"
	" t {text} NOT NULL, b {blob} NOT NULL, total {int} NOT NULL DEFAULT 0);"
	"CREATE TABLE note (k {int} NOT NULL CONSTRAINT note_k_primary PRIMARY KEY, t {text})";

#define MOST 12u

static inv__link *items(const char *parameters)
{
	inv__link *link = conn_writer(check_store_url_with("store", parameters));

	CHECK_STATUS(conn_script(link, create), INV_OK);
	return link;
}

static inv_id id_of(int64_t k)
{
	inv_id id = {{0}};

	id.bytes[3] = (uint8_t)(k % 3); /* some are none */
	return id;
}

/* Rows first … first + count - 1, in falling order. */
static void fill_items(inv__batch *batch, int64_t first, size_t count)
{
	int64_t *k;
	inv_str *id, *t, *b;

	inv__batch_add(batch, &put_items);
	inv__batch_rows(batch, count);
	k = inv__batch_int_column(batch);
	id = inv__batch_blob_column(batch);
	t = inv__batch_text_column(batch);
	b = inv__batch_blob_column(batch);
	for (size_t i = 0; i < count; i++) {
		inv_id one;

		k[i] = first + (int64_t)(count - 1 - i);
		one = id_of(k[i]);
		inv__batch_id_at(batch, id, i, &one);
		t[i] = k[i] % 2 ? INV_S("$1 'tea'") : (inv_str){NULL, 0};
		b[i] = k[i] % 2 ? (inv_str){"a\0b", 3} : (inv_str){NULL, 0};
	}
}

static void fill_more(inv__batch *batch, int64_t first, size_t count)
{
	int64_t *k, *more;

	inv__batch_add(batch, &add_to_items);
	inv__batch_rows(batch, count);
	inv__batch_expect(batch);
	k = inv__batch_int_column(batch);
	more = inv__batch_int_column(batch);
	for (size_t i = 0; i < count; i++) {
		k[i] = first + (int64_t)i;
		more[i] = k[i];
	}
	inv__batch_int(batch, 10);
}

static void fill_question(inv__batch *batch, int64_t first, size_t count)
{
	int64_t *k;

	inv__batch_add(batch, &find_items);
	inv__batch_rows(batch, count);
	k = inv__batch_int_column(batch);
	for (size_t i = 0; i < count; i++)
		k[i] = first + (int64_t)i;
	inv__batch_text(batch, INV_S("told"));
	inv__batch_int(batch, -1);
}

static void check_item(const inv_rows *rows, size_t row, int64_t k)
{
	CHECK_INT(inv__cell_int(rows, row, 0), row);
	CHECK_INT(inv__cell_int(rows, row, 1), k);
	CHECK_BYTES(inv__cell_id(rows, row, 2).bytes, id_of(k).bytes, 16);
	CHECK_STR(inv__cell_str(rows, row, 3), k % 2 ? "$1 'tea'" : "");
	CHECK_INT(inv__cell_str(rows, row, 4).len, k % 2 ? 3 : 0);
	CHECK_INT(inv__cell_int(rows, row, 5), k * 10);
	CHECK_STR(inv__cell_str(rows, row, 6), "told");
}

static void write_and_find(inv__link *link, int64_t first, size_t count)
{
	inv__arena arena;
	inv__batch batch;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	fill_items(&batch, first, count);
	fill_more(&batch, first, count);
	fill_question(&batch, first, count);
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	CHECK_INT(inv__batch_result(&batch, 0)->changes, count);
	CHECK_INT(inv__batch_result(&batch, 1)->changes, count);
	if (CHECK_INT(inv__batch_result(&batch, 2)->row_count, count))
		for (size_t i = 0; i < count; i++)
			check_item(inv__batch_result(&batch, 2), i, first + (int64_t)i);
	inv__arena_free(&arena);
}

/* The same statements with 1, 2, … rows: with and without a form of their own. */
static void few_and_many(const char *parameters)
{
	inv__link *link = items(parameters);

	for (int turn = 0; turn < 2; turn++)
		for (size_t count = 1; count <= MOST; count++)
			write_and_find(link, 10000 * (turn + 1) + 100 * (int64_t)count, count);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM item"), MOST * (MOST + 1));
	inv__link_close(link);
}

TEST(few_rows_are_like_many)
{
	few_and_many("");
}

TEST(few_rows_with_unnamed_statements)
{
	few_and_many("inventra_statements=unnamed");
}

/* ---- several inserts as one ---- */

static void add_note(inv__batch *batch, const inv__sql *sql, int64_t k)
{
	int64_t *column;

	inv__batch_add(batch, sql);
	inv__batch_rows(batch, 1);
	column = inv__batch_int_column(batch);
	*inv__batch_text_column(batch) = INV_S("note");
	*column = k;
}

static void add_more(inv__batch *batch, int64_t k)
{
	int64_t *column;

	inv__batch_add(batch, &add_to_item);
	inv__batch_rows(batch, 1);
	inv__batch_expect(batch);
	column = inv__batch_int_column(batch);
	*inv__batch_int_column(batch) = 5;
	*column = k;
}

TEST(inserts_into_different_tables_are_one_statement)
{
	inv__link *link = items("");
	inv__arena arena;
	inv__batch batch;

	inv__arena_init(&arena, &inv__malloc_allocator);
	for (int64_t k = 1; k < 4; k++) {
		uint64_t statements = conn_facts(link).statements;

		inv__batch_init(&batch, &arena);
		add_note(&batch, &put_notes, k);
		fill_items(&batch, k, 1);
		CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
		CHECK_INT(conn_facts(link).statements, statements + 1);
		CHECK_INT(inv__batch_result(&batch, 0)->changes, 1);
		CHECK_INT(inv__batch_result(&batch, 1)->changes, 1);
	}
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM item i JOIN note n ON n.k = i.k"), 3);
	inv__arena_free(&arena);
	inv__link_close(link);
}

/* A part of a statement does not see what another part does, so these stay apart. */
TEST(what_reads_its_own_table_again_is_not_merged)
{
	inv__link *link = items("");
	inv__arena arena;
	inv__batch batch;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	fill_items(&batch, 1, 1);
	add_more(&batch, 1);
	add_note(&batch, &put_notes, 1);
	add_note(&batch, &put_or_leave, 1);
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	CHECK_INT(inv__batch_result(&batch, 1)->changes, 1);
	CHECK_INT(inv__batch_result(&batch, 3)->changes, 0);
	CHECK_INT(conn_int(link, "SELECT total FROM item"), 5);
	inv__arena_free(&arena);
	inv__link_close(link);
}

/* What another part writes must be there when it is read, however that is written. */
TEST(what_reads_another_table_is_not_merged)
{
	static const inv__sql *const reading[] = {&add_joined, &add_table, &add_called};
	inv__link *link = items("");
	inv__arena arena;
	inv__batch batch;

	inv__arena_init(&arena, &inv__malloc_allocator);
	CHECK_STATUS(conn_script(link, "CREATE VIEW noted AS SELECT SUM(n.k)::bigint AS n FROM note n;"
	                               "CREATE FUNCTION count_notes(bigint) RETURNS bigint LANGUAGE sql"
	                               " AS 'SELECT COUNT(*) FROM note n WHERE n.k = $1'"), INV_OK);
	for (size_t i = 0; i < sizeof reading / sizeof reading[0]; i++) {
		CHECK_STATUS(conn_script(link, "DELETE FROM note; DELETE FROM item"), INV_OK);
		inv__batch_init(&batch, &arena);
		fill_items(&batch, 1, 1);
		CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
		inv__batch_init(&batch, &arena);
		add_note(&batch, &put_notes, 1);
		inv__batch_add(&batch, reading[i]);
		inv__batch_rows(&batch, 1);
		*inv__batch_int_column(&batch) = 1;
		CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
		CHECK_INT(conn_int(link, "SELECT total FROM item"), 1);
	}
	inv__arena_free(&arena);
	inv__link_close(link);
}

TEST(an_update_of_its_row_is_merged)
{
	inv__link *link = items("");
	uint64_t statements;
	inv__arena arena;
	inv__batch batch;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	fill_items(&batch, 1, 1);
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	statements = conn_facts(link).statements;
	inv__batch_init(&batch, &arena);
	add_note(&batch, &put_notes, 1);
	add_more(&batch, 1);
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	CHECK_INT(conn_facts(link).statements, statements + 1);
	CHECK_INT(conn_int(link, "SELECT total FROM item"), 5);
	inv__arena_free(&arena);
	inv__link_close(link);
}

/* An UPDATE behind an INSERT into another table is its last part, and its rows are counted. */
TEST(an_update_of_no_row_is_seen)
{
	inv__link *link = items("");
	inv__arena arena;
	inv__batch batch;

	inv__arena_init(&arena, &inv__malloc_allocator);
	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_WRITE, NULL), INV_OK);
	inv__batch_init(&batch, &arena);
	add_note(&batch, &put_notes, 1);
	add_more(&batch, 7);
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_E_INTERNAL);
	CHECK_INT(batch.failed, 1);
	CHECK_STATUS(inv__link_end(link, false, NULL), INV_OK);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM note"), 0);
	inv__arena_free(&arena);
	inv__link_close(link);
}

static inv_status add_both(inv__link *link, inv__arena *arena, int64_t k, size_t *failed,
                           inv_error *error)
{
	inv__batch batch;
	inv_status status;

	inv__batch_init(&batch, arena);
	add_note(&batch, &put_notes, k);
	fill_items(&batch, k, 1);
	status = inv__batch_exec(&batch, link, error);
	*failed = batch.failed;
	return status;
}

/* Which part the server looks at first is its own affair: the next try is one statement after the
 * other, and tells what is refused first. The one behind it is merged again. */
TEST(a_failure_is_told_by_the_next_try)
{
	inv__link *link = items("");
	inv_error error = INV_ERROR_INIT;
	inv__arena arena;
	uint64_t statements;
	size_t failed;

	inv__arena_init(&arena, &inv__malloc_allocator);
	CHECK_STATUS(conn_script(link, "INSERT INTO item VALUES (2,"
	                               " '00000000-0000-0000-0000-000000000000', '', '')"), INV_OK);
	CHECK_STATUS(add_both(link, &arena, 2, &failed, &error), INV_E_CONFLICT);
	CHECK(strstr(error.message, "item_k_primary") == NULL);
	CHECK_STATUS(add_both(link, &arena, 2, &failed, &error), INV_E_CONFLICT);
	CHECK_INT(failed, 1);
	CHECK(strstr(error.message, "item_k_primary") != NULL);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM note"), 0);
	statements = conn_facts(link).statements;
	CHECK_STATUS(add_both(link, &arena, 3, &failed, &error), INV_OK);
	CHECK_INT(conn_facts(link).statements, statements + 1);
	inv__arena_free(&arena);
	inv__link_close(link);
}

/* One of some inserts into `note`, and one into `item`. Answers how many statements that took. */
static uint64_t put_both(inv__link *link, inv__arena *arena, int number, int64_t k)
{
	uint64_t statements = conn_facts(link).statements;
	inv__batch batch;
	char sql[80];

	(void)inv__format(sql, sizeof sql, "INSERT INTO note AS n%d (k, t) {insert k:int t:text}",
	                  number);
	inv__batch_init(&batch, arena);
	inv__batch_add_text(&batch, inv__arena_str(arena, inv_str_of(sql)));
	inv__batch_rows(&batch, 1);
	*inv__batch_int_column(&batch) = k;
	*inv__batch_text_column(&batch) = INV_S("note");
	fill_items(&batch, k, 1);
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	return conn_facts(link).statements - statements;
}

/* What was merged first goes when there is no room, and what is of use now stays. */
TEST(merged_statements_come_and_go)
{
	inv__link *link = items("");
	inv__arena arena;
	int64_t k = 0;

	inv__arena_init(&arena, &inv__malloc_allocator);
	for (int number = 0; number < 60; number++)
		CHECK_INT(put_both(link, &arena, number, k++), 1);
	CHECK_INT(put_both(link, &arena, 0, k++), 1);
	/* The inserts' forms, and at most 32 that were merged. */
	CHECK(conn_int(link, "SELECT COUNT(*) FROM pg_prepared_statements WHERE statement LIKE"
	                     " 'WITH w0 AS %'") <= 32);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM item i JOIN note n ON n.k = i.k"), 61);
	inv__arena_free(&arena);
	inv__link_close(link);
}

/* Texts made at run time come and go, and with them the statements that they were parts of. */
TEST(parts_that_are_gone)
{
	inv__link *link = items("");
	inv__arena arena;

	inv__arena_init(&arena, &inv__malloc_allocator);
	for (int64_t k = 0; k < 200; k++)
		CHECK_INT(put_both(link, &arena, (int)(k % 100), k), 1);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM item i JOIN note n ON n.k = i.k"), 200);
	/* Two of the program, 64 texts with a form and a whole each at most. */
	CHECK(conn_int(link, "SELECT COUNT(*) FROM pg_prepared_statements") <= 200);
	inv__arena_free(&arena);
	inv__link_close(link);
}

CHECK_MAIN()
