/* SPDX-License-Identifier: MIT */
/* Batches: types, rowsets, failures, what stays after them. */
/* ctest: drivers */
#include "conformance/conn.h"
#include "storage/fault.h"

INV__SQL(put_cell, "INSERT INTO cell (k, i, t, b) VALUES (?1, ?2, ?3, ?4)");
INV__SQL(get_cells, "SELECT k, i, t, b FROM cell ORDER BY k");
INV__SQL(count_cells, "SELECT COUNT(*) FROM cell");
INV__SQL(put_rows, "INSERT INTO cell (i, k, t, b) {insert i:int k:int t:text b:blob}");
INV__SQL(get_rows, "SELECT r.n, c.i, c.t, ?+1 FROM {rows# k:int} r JOIN cell c ON c.k = r.k");
INV__SQL(add_rows, "UPDATE cell SET i = cell.i + ?+1 FROM {rows k:int} r WHERE cell.k = r.k"
                   " RETURNING cell.k, cell.i");
INV__SQL(only_lock, "SELECT k FROM cell WHERE k = ?1 {lock}");

static inv__link *cells(void)
{
	inv__link *link = conn_writer(check_store_url("store.db"));

	CHECK_STATUS(conn_script(link, "CREATE TABLE cell (k {int} NOT NULL CONSTRAINT cell_k_primary"
	                               " PRIMARY KEY, i {int}, t {text}, b {blob},"
	                               " CHECK (i <> 666)) {strict}"), INV_OK);
	return link;
}

static void add_cell(inv__batch *batch, int64_t k, int64_t i, inv_str t, inv_str b)
{
	inv__batch_add(batch, &put_cell);
	inv__batch_int(batch, k);
	inv__batch_int(batch, i);
	inv__batch_text(batch, t);
	inv__batch_blob(batch, b);
}

/* A driver may need a round trip of its own for a statement that is new to it. */
static void warm(inv__link *link, inv__arena *arena)
{
	inv__batch batch;

	inv__batch_init(&batch, arena);
	add_cell(&batch, 1, 1, INV_S(""), INV_S(""));
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	CHECK_STATUS(conn_run(link, "DELETE FROM cell", NULL), INV_OK);
}

TEST(types_survive)
{
	static const char odd[] = "a\0b'\"\xc3\xa9\xff";
	const inv_value null = {.type = INV_VALUE_NULL};
	inv_id id = {{0}};
	inv__link *link = cells();
	inv__arena arena;
	inv__batch batch;
	const inv_rows *rows;
	size_t at;

	memset(id.bytes, 0x7f, sizeof id.bytes);
	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	add_cell(&batch, 1, INT64_MAX, INV_S("na\xc3\xafve"), (inv_str){odd, sizeof odd});
	add_cell(&batch, 2, INT64_MIN, (inv_str){NULL, 0}, (inv_str){NULL, 0});
	add_cell(&batch, 3, 0, INV_S(""), INV_S(""));
	inv__batch_add(&batch, &put_cell);
	inv__batch_int(&batch, 4);
	for (int i = 0; i < 3; i++)
		inv__batch_value(&batch, &null);
	inv__batch_add(&batch, &put_cell);
	inv__batch_int(&batch, 5);
	inv__batch_int(&batch, -1);
	inv__batch_text(&batch, INV_S("id"));
	inv__batch_id(&batch, id);
	inv__batch_add(&batch, &put_cell);
	inv__batch_int(&batch, 6);
	inv__batch_int(&batch, 1);
	inv__batch_text(&batch, INV_S("none"));
	inv__batch_id(&batch, (inv_id){{0}});
	at = inv__batch_add(&batch, &get_cells);
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	rows = inv__batch_result(&batch, at);
	CHECK_INT(rows->row_count, 6);
	CHECK_INT(rows->column_count, 4);
	CHECK_INT(inv__cell_int(rows, 0, 1), INT64_MAX);
	CHECK_STR(inv__cell_str(rows, 0, 2), "na\xc3\xafve");
	CHECK_INT(inv__cell_str(rows, 0, 2).ptr[6], 0);
	CHECK_INT(inv__cell_str(rows, 0, 3).len, sizeof odd);
	CHECK_BYTES(inv__cell_str(rows, 0, 3).ptr, odd, sizeof odd);
	CHECK_INT(inv__cell_str(rows, 0, 3).ptr[sizeof odd], 0);
	CHECK_INT(inv__cell_int(rows, 1, 1), INT64_MIN);
	for (size_t r = 1; r < 3; r++) {
		CHECK_INT(inv__cell(rows, r, 2)->type, INV_VALUE_TEXT);
		CHECK_INT(inv__cell_str(rows, r, 2).len, 0);
		CHECK_INT(inv__cell_str(rows, r, 2).ptr[0], 0);
		CHECK_INT(inv__cell(rows, r, 3)->type, INV_VALUE_BLOB);
		CHECK_INT(inv__cell_str(rows, r, 3).len, 0);
	}
	for (size_t c = 1; c < 4; c++)
		CHECK(inv__cell_is_null(rows, 3, c));
	CHECK_INT(inv__cell_int(rows, 3, 1), 0);
	CHECK_INT(inv__cell_str(rows, 3, 2).len, 0);
	CHECK_BYTES(inv__cell_id(rows, 4, 3).bytes, id.bytes, 16);
	CHECK(inv_id_is_none(inv__cell_id(rows, 5, 3)));
	CHECK_INT(inv__batch_result(&batch, 0)->changes, 1);
	CHECK_INT(rows->changes, 0);
	inv__arena_free(&arena);
	inv__link_close(link);
}

static void fill_rows(inv__batch *batch, size_t count, int64_t first)
{
	int64_t *i;
	int64_t *k;
	inv_str *t;
	inv_str *b;

	inv__batch_add(batch, &put_rows);
	inv__batch_rows(batch, count);
	i = inv__batch_int_column(batch);
	k = inv__batch_int_column(batch);
	t = inv__batch_text_column(batch);
	b = inv__batch_blob_column(batch);
	if (!CHECK(i && k && t && b))
		return;
	for (size_t r = 0; r < count; r++) {
		inv_id id = {{0}};

		id.bytes[15] = (uint8_t)(r & 1);
		k[r] = first + (int64_t)r;
		i[r] = (int64_t)r * 10;
		t[r] = r % 3 ? INV_S("text") : (inv_str){NULL, 0};
		inv__batch_id_at(batch, b, r, &id);
	}
}

static void rowset_round_trip(inv__link *link, size_t count)
{
	inv__arena arena;
	inv__batch batch;
	const inv_rows *rows;
	int64_t *k;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	CHECK_STATUS(conn_run(link, "DELETE FROM cell", NULL), INV_OK);
	fill_rows(&batch, count, 100);
	inv__batch_add(&batch, &get_rows);
	inv__batch_rows(&batch, count);
	k = inv__batch_int_column(&batch);
	for (size_t r = 0; r < count; r++)
		k[r] = 100 + (int64_t)(count - 1 - r); /* backwards: answers come in row order */
	inv__batch_int(&batch, 77);
	inv__batch_add(&batch, &add_rows);
	inv__batch_rows(&batch, count);
	memcpy(inv__batch_int_column(&batch), k, count * sizeof *k);
	inv__batch_int(&batch, 5);
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	CHECK_INT(inv__batch_result(&batch, 0)->changes, (int64_t)count);
	rows = inv__batch_result(&batch, 1);
	CHECK_INT(rows->row_count, count);
	for (size_t r = 0; r < count; r++) {
		size_t original = count - 1 - r;

		if (!CHECK_INT(inv__cell_int(rows, r, 0), (int64_t)r) ||
		    !CHECK_INT(inv__cell_int(rows, r, 1), (int64_t)original * 10) ||
		    !CHECK_STR(inv__cell_str(rows, r, 2), original % 3 ? "text" : "") ||
		    !CHECK_INT(inv__cell_int(rows, r, 3), 77))
			break;
	}
	rows = inv__batch_result(&batch, 2);
	CHECK_INT(rows->row_count, count);
	CHECK_INT(rows->changes, (int64_t)count);
	for (size_t r = 0; r < count; r++)
		if (!CHECK_INT(inv__cell_int(rows, r, 1), (inv__cell_int(rows, r, 0) - 100) * 10 + 5))
			break;
	inv__arena_free(&arena);
}

TEST(rowsets_of_none_one_and_many)
{
	inv__link *link = cells();

	rowset_round_trip(link, 0);
	rowset_round_trip(link, 1);
	rowset_round_trip(link, 1000);
	inv__link_close(link);
}

TEST(ids_in_a_rowset_are_16_bytes_or_none)
{
	inv__link *link = cells();
	inv__arena arena;
	inv__batch batch;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	fill_rows(&batch, 10, 1);
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM cell WHERE length(b) = 0"), 5);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM cell WHERE length(b) = 16"), 5);
	inv__arena_free(&arena);
	inv__link_close(link);
}

TEST(failure_names_the_item_and_leaves_nothing)
{
	inv_error error = INV_ERROR_INIT;
	inv__link *link = cells();
	inv__arena arena;
	inv__batch batch;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	add_cell(&batch, 1, 1, INV_S("a"), INV_S("a"));
	add_cell(&batch, 2, 2, INV_S("secret value"), INV_S("a"));
	add_cell(&batch, 2, 3, INV_S("secret value"), INV_S("a"));
	add_cell(&batch, 4, 3, INV_S("a"), INV_S("a"));
	CHECK_STATUS(inv__batch_exec(&batch, link, &error), INV_E_CONFLICT);
	CHECK_INT(batch.failed, 2);
	CHECK(strstr(error.message, check_on_postgres() ? "cell_k_primary" : "cell.k") != NULL);
	CHECK(strstr(error.message, "secret") == NULL);
	CHECK_INT(conn_facts(link).in_transaction, 0);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM cell"), 0);
	/* The same statements work afterwards. */
	inv__batch_init(&batch, &arena);
	add_cell(&batch, 1, 1, INV_S("a"), INV_S("a"));
	add_cell(&batch, 2, 2, INV_S("a"), INV_S("a"));
	CHECK_STATUS(inv__batch_exec(&batch, link, &error), INV_OK);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM cell"), 2);
	inv__arena_free(&arena);
	inv__link_close(link);
}

TEST(failure_in_a_rowset_leaves_nothing)
{
	inv__link *link = cells();
	inv__arena arena;
	inv__batch batch;
	int64_t key = 500;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	CHECK_STATUS(conn_run(link, "INSERT INTO cell (k) VALUES (?1)", &key), INV_OK);
	inv__batch_add(&batch, &count_cells);
	fill_rows(&batch, 1000, 1);
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_E_CONFLICT);
	CHECK_INT(batch.failed, 1);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM cell"), 1);
	inv__arena_free(&arena);
	inv__link_close(link);
}

TEST(exec_runs_what_was_added_since)
{
	inv__link *link = cells();
	inv__arena arena;
	inv__batch batch;
	uint64_t trips;

	inv__arena_init(&arena, &inv__malloc_allocator);
	warm(link, &arena);
	inv__batch_init(&batch, &arena);
	trips = conn_facts(link).round_trips;
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	CHECK_INT(conn_facts(link).round_trips, trips);
	inv__batch_add(&batch, &count_cells);
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	for (int i = 0; i < 20; i++)
		add_cell(&batch, i, i, INV_S("a"), INV_S("a"));
	inv__batch_add(&batch, &count_cells);
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	CHECK_INT(conn_facts(link).round_trips, trips + 2);
	CHECK_INT(inv__cell_int(inv__batch_result(&batch, 0), 0, 0), 0);
	CHECK_INT(inv__cell_int(inv__batch_result(&batch, 21), 0, 0), 20);
	inv__batch_reset(&batch);
	CHECK_INT(inv__batch_add(&batch, &count_cells), 0);
	inv__arena_free(&arena);
	inv__link_close(link);
}

TEST(lock_items_are_skipped_where_writers_exclude_each_other)
{
	bool skipped = (conn_driver()->capabilities & INV_CAP_SINGLE_WRITER) != 0;
	inv__link *link = cells();
	inv__arena arena;
	inv__batch batch;
	uint64_t statements;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	statements = conn_facts(link).statements;
	inv__batch_add(&batch, &only_lock);
	inv__batch_flags(&batch, INV_ITEM_LOCK);
	inv__batch_int(&batch, 1);
	inv__batch_add(&batch, &count_cells);
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	CHECK_INT(inv__batch_result(&batch, 0)->row_count, 0);
	CHECK_INT(conn_facts(link).statements, statements + (skipped ? 1 : 2));
	inv__arena_free(&arena);
	inv__link_close(link);
}

TEST(parameters_must_fit_the_statement)
{
	inv_error error = INV_ERROR_INIT;
	inv__link *link = cells();
	inv__arena arena;
	inv__batch batch;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	inv__batch_add(&batch, &put_cell);
	inv__batch_int(&batch, 1);
	CHECK_STATUS(inv__batch_exec(&batch, link, &error), INV_E_INTERNAL);
	inv__batch_init(&batch, &arena);
	inv__batch_add(&batch, &put_rows);
	CHECK_STATUS(inv__batch_exec(&batch, link, &error), INV_E_INTERNAL);
	CHECK_STATUS(conn_run(link, "SELECT 1; SELECT 2", NULL), INV_E_INTERNAL);
	CHECK_STATUS(conn_run(link, "SELECT FROM", NULL), INV_E_INTERNAL);
	CHECK_STATUS(conn_run(link, "SELECT {nonsense}", NULL), INV_E_INTERNAL);
	CHECK_STATUS(conn_run(link, "", NULL), INV_E_INTERNAL);
	CHECK_INT(conn_int(link, "SELECT 1 ; "), 1);
	inv__arena_free(&arena);
	inv__link_close(link);
}

TEST(wide_items_keep_their_values_together)
{
	inv__link *link = cells();
	inv__arena arena;
	inv__batch batch;
	inv__buf sql;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	inv__buf_init(&sql, &inv__malloc_allocator, 100000);
	inv__buf_puts(&sql, "SELECT ?1");
	for (int i = 2; i <= 300; i++) {
		char number[16];

		(void)inv__format(number, sizeof number, ", ?%d", i);
		inv__buf_puts(&sql, number);
	}
	for (int64_t k = 0; k < 3; k++) {
		inv__batch_add_text(&batch, inv__buf_str(&sql));
		for (int64_t i = 0; i < 300; i++)
			inv__batch_int(&batch, k * 1000 + i);
	}
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	for (size_t k = 0; k < 3; k++)
		for (size_t i = 0; i < 300; i++)
			if (!CHECK_INT(inv__cell_int(inv__batch_result(&batch, k), 0, i), k * 1000 + i))
				break;
	inv__buf_free(&sql);
	inv__arena_free(&arena);
	inv__link_close(link);
}

TEST(texts_made_at_run_time_are_cached_and_bounded)
{
	inv_error error = INV_ERROR_INIT;
	inv__link *link = cells();
	inv__arena arena;
	inv__batch batch;
	char texts[80][32];

	inv__arena_init(&arena, &inv__malloc_allocator);
	for (int i = 0; i < 80; i++)
		(void)inv__format(texts[i], sizeof texts[i], "SELECT %d", i);
	for (int turn = 0; turn < 3; turn++)
		for (int i = 0; i < 80; i++)
			CHECK_INT(conn_int(link, texts[i]), i);
	inv__batch_init(&batch, &arena);
	for (int i = 0; i < 64; i++)
		inv__batch_add_text(&batch, inv_str_of(texts[i]));
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	for (size_t i = 0; i < 64; i++)
		CHECK_INT(inv__cell_int(inv__batch_result(&batch, i), 0, 0), i);
	inv__batch_init(&batch, &arena);
	for (int i = 0; i < 65; i++)
		inv__batch_add_text(&batch, inv_str_of(texts[i]));
	CHECK_STATUS(inv__batch_exec(&batch, link, &error), INV_E_LIMIT);
	inv__arena_free(&arena);
	inv__link_close(link);
}

TEST(many_statements_of_the_program)
{
	static inv__sql many[300];
	static char texts[300][32];
	inv__link *link = cells();
	inv__arena arena;
	inv__batch batch;

	inv__arena_init(&arena, &inv__malloc_allocator);
	for (int turn = 0; turn < 2; turn++) {
		inv__batch_init(&batch, &arena);
		for (int i = 0; i < 300; i++) {
			(void)inv__format(texts[i], sizeof texts[i], "SELECT %d", i);
			many[i].text = texts[i];
			inv__batch_add(&batch, &many[i]);
		}
		CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
		for (size_t i = 0; i < 300; i++)
			CHECK_INT(inv__cell_int(inv__batch_result(&batch, i), 0, 0), i);
	}
	inv__arena_free(&arena);
	inv__link_close(link);
}

TEST(a_batch_may_carry_its_commit)
{
	inv__link *link = cells();
	inv__arena arena;
	inv__batch batch;
	uint64_t trips;

	inv__arena_init(&arena, &inv__malloc_allocator);
	warm(link, &arena);
	inv__batch_init(&batch, &arena);
	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_WRITE, NULL), INV_OK);
	add_cell(&batch, 1, 1, INV_S(""), INV_S(""));
	batch.commit = true;
	trips = conn_facts(link).round_trips;
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	CHECK_INT((int64_t)(conn_facts(link).round_trips - trips), 1);
	CHECK(!conn_facts(link).in_transaction);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM cell"), 1);

	inv__batch_init(&batch, &arena);
	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_WRITE, NULL), INV_OK);
	add_cell(&batch, 2, 2, INV_S(""), INV_S(""));
	add_cell(&batch, 3, 666, INV_S(""), INV_S(""));
	batch.commit = true;
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_E_CONFLICT);
	CHECK_INT((int64_t)batch.failed, 1);
	CHECK(!conn_facts(link).in_transaction);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM cell"), 1);
	inv__arena_free(&arena);
	inv__link_close(link);
}

TEST(faults_take_no_error_too)
{
	CHECK_STATUS(inv__fault(NULL, INV_E_IO, 0, "%s", "x"), INV_E_IO);
}

CHECK_MAIN()
