/* SPDX-License-Identifier: MIT */
/* Batches on PostgreSQL: types, round trips, failures, both ways to send statements. */
/* ctest: postgres concurrency */
#include <pthread.h>

#include "conformance/conn.h"
#include "inventra/postgres.h"

INV__SQL(put_all, "INSERT INTO kinds (k, id, small, whole, real, b, t)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
INV__SQL(get_all, "SELECT id, small, whole, real, b, t, k > 1, k + 0.0, NULL, pg_sleep(0)"
                  " FROM kinds ORDER BY k");
INV__SQL(put_rows, "INSERT INTO kinds (k, id, t, b) {insert k:int id:id t:text b:blob}");
INV__SQL(find_ids, "SELECT r.n, t.k, t.id FROM {rows# id:id} r JOIN kinds t ON t.id = r.id"
                   " ORDER BY r.n, t.k");
INV__SQL(get_rows, "SELECT k, id, t, b FROM kinds ORDER BY k");
INV__SQL(by_id, "SELECT COUNT(*) FROM kinds WHERE id = ?1");

static const char create[] =
	"CREATE TABLE kinds (k {int} NOT NULL CONSTRAINT kinds_k_primary PRIMARY KEY, id {id},"
	" small {bool}, whole integer, real double precision, b {blob}, t {text},"
	" CONSTRAINT kinds_whole_range CHECK (whole < 1000))";

static inv__link *kinds_with(const char *parameters)
{
	inv__link *link = conn_writer(check_store_url_with("store", parameters));

	CHECK_STATUS(conn_script(link, create), INV_OK);
	return link;
}

static inv__link *kinds(void)
{
	return kinds_with("");
}

static inv_id id_of(uint8_t byte)
{
	inv_id id = {{0}};

	id.bytes[3] = byte;
	return id;
}

static void add_all(inv__batch *batch, int64_t k, inv_id id, int64_t small, int64_t whole)
{
	const inv_value real = {.type = INV_VALUE_REAL, .u.r = 0.5};

	inv__batch_add(batch, &put_all);
	inv__batch_int(batch, k);
	inv__batch_id(batch, id);
	inv__batch_int(batch, small);
	inv__batch_int(batch, whole);
	inv__batch_value(batch, &real);
	inv__batch_blob(batch, (inv_str){"a\0b", 3});
	inv__batch_text(batch, INV_S("\xe2\x82\xac \xf0\x9f\x8d\xb5"));
}

static void all_types(const char *parameters)
{
	inv__link *link = kinds_with(parameters);
	inv__arena arena;
	inv__batch batch;
	const inv_rows *rows;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	add_all(&batch, 1, (inv_id){{0}}, 1, -7);
	add_all(&batch, 2, id_of(9), INT16_MIN, 999);
	inv__batch_add(&batch, &get_all);
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	rows = inv__batch_result(&batch, 2);
	if (CHECK_INT(rows->row_count, 2)) {
		CHECK_INT(inv__cell(rows, 0, 0)->type, INV_VALUE_BLOB);
		CHECK_INT(inv__cell_str(rows, 0, 0).len, 0);
		CHECK_BYTES(inv__cell_id(rows, 1, 0).bytes, id_of(9).bytes, 16);
		CHECK_INT(inv__cell_int(rows, 0, 1), 1);
		CHECK_INT(inv__cell_int(rows, 1, 1), INT16_MIN);
		CHECK_INT(inv__cell_int(rows, 0, 2), -7);
		CHECK_INT(inv__cell(rows, 0, 3)->type, INV_VALUE_REAL);
		CHECK(inv__cell(rows, 0, 3)->u.r == 0.5);
		CHECK_BYTES(inv__cell_str(rows, 0, 4).ptr, "a\0b", 4);
		CHECK_STR(inv__cell_str(rows, 0, 5), "\xe2\x82\xac \xf0\x9f\x8d\xb5");
		CHECK_INT(inv__cell_int(rows, 0, 6), 0);
		CHECK_INT(inv__cell_int(rows, 1, 6), 1);
		CHECK_INT(inv__cell_int(rows, 1, 7), 2);
		CHECK(inv__cell_is_null(rows, 0, 8));
		CHECK(inv__cell_is_null(rows, 0, 9));
	}
	inv__batch_init(&batch, &arena);
	inv__batch_add(&batch, &by_id);
	inv__batch_id(&batch, (inv_id){{0}});
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	CHECK_INT(inv__cell_int(inv__batch_result(&batch, 0), 0, 0), 1);
	inv__arena_free(&arena);
	inv__link_close(link);
}

TEST(types)
{
	all_types("");
}

TEST(types_with_unnamed_statements)
{
	all_types("inventra_statements=unnamed");
}

static inv_status put_small(inv__link *link, int64_t small, int64_t whole, inv_error *error)
{
	inv__arena arena;
	inv__batch batch;
	inv_status status;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	add_all(&batch, 1, (inv_id){{0}}, small, whole);
	status = inv__batch_exec(&batch, link, error);
	inv__arena_free(&arena);
	return status;
}

TEST(values_out_of_range)
{
	inv_error error = INV_ERROR_INIT;
	inv__link *link = kinds();

	CHECK_STATUS(put_small(link, 32768, 1, &error), INV_E_LIMIT);
	CHECK_STATUS(put_small(link, 1, INT64_C(1) << 40, &error), INV_E_LIMIT);
	CHECK_STATUS(put_small(link, 1, 1000, &error), INV_E_CONFLICT);
	CHECK_STR(error.message, "the constraint kinds_whole_range is violated");
	CHECK_INT(error.native_code, strtol("23514", NULL, 36));
	CHECK_INT(conn_int(link, "SELECT 9223372036854775807 + 0.0"), INT64_MAX);
	CHECK_INT(conn_int(link, "SELECT -9223372036854775808 + 0.0"), INT64_MIN);
	CHECK_INT(conn_int(link, "SELECT 123450000::numeric"), 123450000);
	CHECK_INT(conn_int(link, "SELECT 0::numeric"), 0);
	CHECK_STATUS(conn_run(link, "SELECT 9223372036854775808 + 0.0", NULL), INV_E_LIMIT);
	CHECK_STATUS(conn_run(link, "SELECT 1.5", NULL), INV_E_LIMIT);
	CHECK_STATUS(conn_run(link, "SELECT 'NaN'::numeric", NULL), INV_E_LIMIT);
	CHECK_STATUS(conn_run(link, "SELECT 9223372036854775807 + 1::bigint", NULL), INV_E_LIMIT);
	CHECK_STATUS(conn_run(link, "SELECT '{1}'::int[]", NULL), INV_E_UNSUPPORTED);
	inv__link_close(link);
}

/* ---- rowsets ---- */

static void fill(inv__batch *batch, size_t count, size_t text_size)
{
	char *text = inv__arena_alloc(batch->arena, text_size + 1);
	int64_t *k;
	inv_str *id;
	inv_str *t;
	inv_str *b;

	inv__batch_add(batch, &put_rows);
	inv__batch_rows(batch, count);
	k = inv__batch_int_column(batch);
	id = inv__batch_blob_column(batch);
	t = inv__batch_text_column(batch);
	b = inv__batch_blob_column(batch);
	if (!CHECK(text && k && id && t && b))
		return;
	memset(text, 'x', text_size);
	for (size_t r = 0; r < count; r++) {
		inv_id one = id_of((uint8_t)(r % 3));

		k[r] = (int64_t)r;
		inv__batch_id_at(batch, id, r, &one);
		t[r] = r % 2 ? (inv_str){text, text_size} : INV_S("\xc3\xa9");
		b[r] = r % 2 ? (inv_str){"\0\xff", 2} : (inv_str){NULL, 0};
	}
}

TEST(ten_thousand_rows)
{
	inv__link *link = kinds();
	inv__arena arena;
	inv__batch batch;
	const inv_rows *rows;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	fill(&batch, 10000, 10);
	inv__batch_add(&batch, &get_rows);
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	CHECK_INT(inv__batch_result(&batch, 0)->changes, 10000);
	rows = inv__batch_result(&batch, 1);
	if (CHECK_INT(rows->row_count, 10000)) {
		CHECK_INT(inv__cell_int(rows, 9999, 0), 9999);
		CHECK_INT(inv__cell_str(rows, 9999, 1).len, 0);
		CHECK_INT(inv__cell_str(rows, 9998, 1).len, 16);
		CHECK_STR(inv__cell_str(rows, 9998, 2), "\xc3\xa9");
		CHECK_BYTES(inv__cell_str(rows, 9999, 3).ptr, "\0\xff", 3);
		CHECK_INT(inv__cell_str(rows, 9998, 3).len, 0);
	}
	inv__arena_free(&arena);
	inv__link_close(link);
}

TEST(ids_in_rowsets)
{
	inv__link *link = kinds();
	inv__arena arena;
	inv__batch batch;
	const inv_rows *rows;
	inv_str *id;
	inv_id none = {{0}};
	inv_id one = id_of(1);

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	fill(&batch, 5, 1);
	inv__batch_add(&batch, &find_ids);
	inv__batch_rows(&batch, 2);
	id = inv__batch_blob_column(&batch);
	inv__batch_id_at(&batch, id, 0, &one);
	inv__batch_id_at(&batch, id, 1, &none);
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	rows = inv__batch_result(&batch, 1);
	CHECK_INT(rows->row_count, 4);
	CHECK_INT(inv__cell_int(rows, 0, 1), 1);
	CHECK_BYTES(inv__cell_id(rows, 0, 2).bytes, one.bytes, 16);
	CHECK_INT(inv__cell_int(rows, 2, 0), 1);
	CHECK(inv_id_is_none(inv__cell_id(rows, 2, 2)));
	inv__arena_free(&arena);
	inv__link_close(link);
}

/* Both sides have more to say than sockets hold: who only wrote would wait for ever. */
TEST(more_than_sockets_hold)
{
	inv__link *link = kinds();
	inv__arena arena;
	inv__batch batch;
	uint64_t trips;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	fill(&batch, 200, 50000);
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	trips = conn_facts(link).round_trips;
	for (int i = 0; i < 8; i++) {
		inv__batch_add(&batch, &get_rows);
		inv__batch_add_text(&batch, INV_S("SELECT length(?1)"));
		inv__batch_text(&batch, inv__cell_str(&(inv_rows){
			.cells = &(inv_value){.type = INV_VALUE_TEXT, .size = 4000000,
			                      .u.p = inv__arena_zalloc(&arena, 4000000)},
			.row_count = 1, .column_count = 1}, 0, 0));
		memset((char *)(uintptr_t)batch.items[batch.count - 1].values[0].u.p, 'y', 4000000);
	}
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	CHECK_INT(conn_facts(link).round_trips, trips + 1);
	CHECK_INT(inv__cell_int(inv__batch_result(&batch, 16), 0, 0), 4000000);
	CHECK_INT(inv__cell_str(inv__batch_result(&batch, 15), 199, 2).len, 50000);
	inv__arena_free(&arena);
	inv__link_close(link);
}

TEST(a_rowset_of_no_rows_costs_nothing)
{
	inv__link *link = kinds();
	inv__arena arena;
	inv__batch batch;
	uint64_t trips;

	inv__arena_init(&arena, &inv__malloc_allocator);
	trips = conn_facts(link).round_trips;
	inv__batch_init(&batch, &arena);
	fill(&batch, 0, 1);
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	CHECK_INT(conn_facts(link).round_trips, trips);
	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_WRITE, NULL), INV_OK);
	inv__batch_init(&batch, &arena);
	fill(&batch, 0, 1);
	batch.commit = true;
	CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
	CHECK_INT(conn_facts(link).round_trips, trips);
	CHECK_INT(conn_facts(link).in_transaction, 0);
	inv__arena_free(&arena);
	inv__link_close(link);
}

/* ---- round trips ---- */

static void trips_of(const char *parameters)
{
	inv__link *link = kinds_with(parameters);
	inv__arena arena;
	inv__batch batch;
	uint64_t trips;

	inv__arena_init(&arena, &inv__malloc_allocator);
	for (int turn = 0; turn < 2; turn++) {
		trips = conn_facts(link).round_trips;
		CHECK_STATUS(inv__link_begin(link, INV_BEGIN_WRITE, NULL), INV_OK);
		inv__batch_init(&batch, &arena);
		for (int64_t k = 0; k < 20; k++)
			add_all(&batch, turn * 100 + k, id_of(1), 1, 1);
		inv__batch_add(&batch, &get_rows);
		CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
		/* The first time a statement that takes an id is asked about. */
		CHECK_INT(conn_facts(link).round_trips, trips + (turn ? 1 : 2));
		inv__batch_init(&batch, &arena);
		add_all(&batch, turn * 100 + 50, id_of(1), 1, 1);
		batch.commit = true;
		CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK);
		CHECK_INT(conn_facts(link).round_trips, trips + (turn ? 2 : 3));
	}
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM kinds"), 42);
	inv__arena_free(&arena);
	inv__link_close(link);
}

TEST(one_round_trip_each)
{
	trips_of("");
}

TEST(one_round_trip_each_with_unnamed_statements)
{
	trips_of("inventra_statements=unnamed");
}

/* Nothing is left on the server between two transactions. */
TEST(unnamed_statements_leave_nothing)
{
	inv__link *link = kinds_with("inventra_statements=unnamed");

	CHECK_STATUS(put_small(link, 1, 1, NULL), INV_OK);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM pg_prepared_statements"), 0);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM pg_settings WHERE name = 'lock_timeout'"
	                         " AND setting = '200'"), 1);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM pg_settings WHERE name = 'lock_timeout'"
	                         " AND reset_val = '200'"), 0);
	inv__link_close(link);
}

TEST(finalized_statements_are_dropped)
{
	inv__link *link = kinds();

	for (int i = 0; i < 200; i++) {
		char sql[32];

		(void)inv__format(sql, sizeof sql, "SELECT %d", i);
		CHECK_INT(conn_int(link, sql), i);
	}
	CHECK(conn_int(link, "SELECT COUNT(*) FROM pg_prepared_statements") <= 66);
	inv__link_close(link);
}

/* ---- failures ---- */

TEST(a_failure_without_a_savepoint_ends_the_transaction)
{
	inv__link *link = kinds();
	inv_error error = INV_ERROR_INIT;

	CHECK_STATUS(put_small(link, 1, 1, NULL), INV_OK);
	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_WRITE, NULL), INV_OK);
	CHECK_STATUS(conn_run(link, "DELETE FROM kinds", NULL), INV_OK);
	CHECK_STATUS(put_small(link, 1, 1000, &error), INV_E_CONFLICT);
	CHECK_INT(conn_facts(link).in_transaction, 0);
	/* What comes after it must not run outside of it. */
	CHECK_STATUS(conn_run(link, "DELETE FROM kinds", NULL), INV_E_STATE);
	CHECK_STATUS(inv__link_end(link, true, &error), INV_E_STATE);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM kinds"), 1);
	inv__link_close(link);
}

TEST(savepoints)
{
	inv__link *link = kinds();

	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_WRITE, NULL), INV_OK);
	CHECK_STATUS(conn_run(link, "SAVEPOINT command", NULL), INV_OK);
	CHECK_STATUS(put_small(link, 1, 1, NULL), INV_OK);
	CHECK_STATUS(put_small(link, 1, 1, NULL), INV_E_CONFLICT);
	CHECK_INT(conn_facts(link).in_transaction, 1);
	CHECK_STATUS(conn_run(link, "DELETE FROM kinds", NULL), INV_E_STATE);
	CHECK_STATUS(conn_run(link, "ROLLBACK TO command", NULL), INV_OK);
	CHECK_STATUS(conn_run(link, "RELEASE command", NULL), INV_OK);
	CHECK_STATUS(put_small(link, 1, 2, NULL), INV_OK);
	CHECK_STATUS(put_small(link, 1, 2, NULL), INV_E_CONFLICT);
	CHECK_INT(conn_facts(link).in_transaction, 0);
	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_WRITE, NULL), INV_OK);
	CHECK_STATUS(put_small(link, 1, 2, NULL), INV_OK);
	CHECK_STATUS(inv__link_end(link, true, NULL), INV_OK);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM kinds"), 1);
	inv__link_close(link);
}

/* An error of the commit itself is known not to have committed. */
TEST(a_commit_that_fails)
{
	inv__link *link = kinds();
	inv_error error = INV_ERROR_INIT;
	inv__arena arena;
	inv__batch batch;

	inv__arena_init(&arena, &inv__malloc_allocator);
	CHECK_STATUS(conn_script(link, "CREATE TABLE a (k int CONSTRAINT a_k_unique UNIQUE DEFERRABLE"
	                               " INITIALLY DEFERRED)"), INV_OK);
	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_WRITE, NULL), INV_OK);
	inv__batch_init(&batch, &arena);
	inv__batch_add_text(&batch, INV_S("INSERT INTO a VALUES (1), (1)"));
	batch.commit = true;
	CHECK_STATUS(inv__batch_exec(&batch, link, &error), INV_E_CONFLICT);
	CHECK_INT(batch.failed, 1);
	CHECK(strstr(error.message, "a_k_unique") != NULL);
	CHECK_INT(conn_facts(link).in_transaction, 0);
	/* The same where the end is that of a statement alone. */
	inv__batch_init(&batch, &arena);
	inv__batch_add_text(&batch, INV_S("INSERT INTO a VALUES (1), (1)"));
	CHECK_STATUS(inv__batch_exec(&batch, link, &error), INV_E_CONFLICT);
	CHECK_INT(batch.failed, 1);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM a"), 0);
	inv__arena_free(&arena);
	inv__link_close(link);
}

TEST(tables_that_change_under_a_statement)
{
	inv__link *link = kinds();
	inv__link *other = conn_writer(check_store_url("store"));

	CHECK_STATUS(conn_run(link, "SELECT * FROM kinds", NULL), INV_OK);
	CHECK_STATUS(conn_script(other, "ALTER TABLE kinds ADD COLUMN more int"), INV_OK);
	CHECK_STATUS(conn_run(link, "SELECT * FROM kinds", NULL), INV_OK);
	CHECK_STATUS(conn_script(other, "ALTER TABLE kinds DROP COLUMN more"), INV_OK);
	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_READ, NULL), INV_OK);
	CHECK_INT(conn_int(link, "SELECT 1"), 1);
	CHECK_STATUS(conn_run(link, "SELECT * FROM kinds", NULL), INV_E_BUSY);
	CHECK_STATUS(inv__link_end(link, false, NULL), INV_OK);
	CHECK_STATUS(conn_run(link, "SELECT * FROM kinds", NULL), INV_OK);
	/* A pooler has gone to a server that knows none of our statements. */
	CHECK_STATUS(conn_script(link, "DEALLOCATE ALL"), INV_OK);
	CHECK_STATUS(conn_run(link, "SELECT * FROM kinds", NULL), INV_OK);
	CHECK_STATUS(put_small(link, 1, 1, NULL), INV_OK);
	inv__link_close(other);
	inv__link_close(link);
}

TEST(lock_items_take_locks)
{
	inv__link *one = kinds();
	inv__link *two = conn_writer(check_store_url("store"));
	inv_error error = INV_ERROR_INIT;
	inv__arena arena;
	inv__batch batch;

	inv__arena_init(&arena, &inv__malloc_allocator);
	CHECK_STATUS(put_small(one, 1, 1, NULL), INV_OK);
	CHECK_STATUS(inv__link_begin(one, INV_BEGIN_WRITE, NULL), INV_OK);
	inv__batch_init(&batch, &arena);
	inv__batch_add_text(&batch, INV_S("SELECT k FROM kinds {lock}"));
	inv__batch_flags(&batch, INV_ITEM_LOCK);
	CHECK_STATUS(inv__batch_exec(&batch, one, NULL), INV_OK);
	CHECK_INT(inv__batch_result(&batch, 0)->row_count, 0);
	inv__batch_init(&batch, &arena);
	inv__batch_add_text(&batch, INV_S("UPDATE kinds SET t = 'two'"));
	CHECK_STATUS(inv__batch_exec(&batch, two, &error), INV_E_BUSY);
	CHECK_INT(error.native_code, INV_POSTGRES_LOCK_TIMEOUT);
	CHECK_STATUS(inv__link_end(one, false, NULL), INV_OK);
	CHECK_STATUS(conn_run(two, "UPDATE kinds SET t = 'two'", NULL), INV_OK);
	inv__arena_free(&arena);
	inv__link_close(two);
	inv__link_close(one);
}

TEST(serialization_failures_can_be_told)
{
	inv__link *one = conn_writer(check_store_url("store"));
	inv_error error = INV_ERROR_INIT;
	inv__arena arena;
	inv__batch batch;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	CHECK_STATUS(conn_script(one, "CREATE FUNCTION fail(state text) RETURNS void LANGUAGE plpgsql"
	                              " AS $$BEGIN RAISE EXCEPTION USING ERRCODE = state; END$$"),
	             INV_OK);
	inv__batch_add_text(&batch, INV_S("SELECT fail('40001')"));
	CHECK_STATUS(inv__batch_exec(&batch, one, &error), INV_E_BUSY);
	CHECK_INT(error.native_code, INV_POSTGRES_SERIALIZATION);
	inv__batch_init(&batch, &arena);
	inv__batch_add_text(&batch, INV_S("SELECT fail('40P01')"));
	CHECK_STATUS(inv__batch_exec(&batch, one, &error), INV_E_BUSY);
	CHECK_INT(error.native_code, INV_POSTGRES_DEADLOCK);
	CHECK_STATUS(conn_run(one, "SELECT fail('53100')", NULL), INV_E_FULL);
	CHECK_STATUS(conn_run(one, "SELECT fail('53200')", NULL), INV_E_NO_MEMORY);
	CHECK_STATUS(conn_run(one, "SELECT fail('XX001')", NULL), INV_E_CORRUPT);
	inv__arena_free(&arena);
	inv__link_close(one);
}

static void *interrupts(void *arg)
{
	inv__link *link = arg;

	inv__sleep(100000);
	inv__link_driver(link)->interrupt(inv__link_conn(link));
	return NULL;
}

TEST(interrupts_and_timeouts_can_be_told_apart)
{
	inv__link *link = conn_writer(check_store_url("store"));
	inv__link *limited =
		conn_writer(check_store_url_with("store", "options=-cstatement_timeout%3D50"));
	pthread_t thread;

	CHECK_INT(pthread_create(&thread, NULL, interrupts, link), 0);
	CHECK_STATUS(conn_run(link, "SELECT pg_sleep(20)", NULL), INV_E_CANCELLED);
	pthread_join(thread, NULL);
	CHECK_INT(conn_int(link, "SELECT 1"), 1);
	CHECK_STATUS(conn_run(limited, "SELECT pg_sleep(20)", NULL), INV_E_TIMEOUT);
	CHECK_INT(conn_int(limited, "SELECT 1"), 1);
	inv__link_close(limited);
	inv__link_close(link);
}

TEST(messages_hold_no_values)
{
	inv__link *link = kinds();
	inv_error error = INV_ERROR_INIT;
	inv__arena arena;
	inv__batch batch;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	inv__batch_add_text(&batch, INV_S("SELECT ?1::text::int"));
	inv__batch_text(&batch, INV_S("secret"));
	CHECK_STATUS(inv__batch_exec(&batch, link, &error), INV_E_INTERNAL);
	CHECK(strstr(error.message, "secret") == NULL);
	inv__batch_init(&batch, &arena);
	inv__batch_add_text(&batch, INV_S("SELECT ?1"));
	inv__batch_text(&batch, (inv_str){"a\0b", 3});
	CHECK_STATUS(inv__batch_exec(&batch, link, &error), INV_E_INVALID);
	inv__arena_free(&arena);
	inv__link_close(link);
}

CHECK_MAIN()
