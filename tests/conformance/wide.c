/* SPDX-License-Identifier: MIT */
/* Inserts of many rows do what the same rows one by one do: each row once, in order, a failure
 * named, and its batch undone. */
#include "conformance/conn.h"

INV__SQL(put, "INSERT INTO pair (k, v) {insert k:int v:int}");
INV__SQL(add, "INSERT INTO pair (k, v) {insert k:int v:int}"
              " ON CONFLICT (k) DO UPDATE SET v = pair.v * 2 + excluded.v");

static inv__link *pairs(void)
{
	inv__link *link = conn_writer(check_path("store.db"));

	CHECK_STATUS(conn_script(link, "CREATE TABLE pair (k INTEGER NOT NULL PRIMARY KEY,"
	                               " v INTEGER NOT NULL UNIQUE, CHECK (v <> 666)) STRICT"),
	             INV_OK);
	return link;
}

/* Keys from `first` on, modulo `wrap`; values are their ordinals, but `odd` at row `at`. */
typedef struct rows_plan {
	size_t count, at;
	int64_t first, wrap, odd;
} rows_plan;

static inv_status run(inv__link *link, const inv__sql *sql, const rows_plan *plan, int64_t *changes)
{
	inv_error error = INV_ERROR_INIT;
	inv__arena arena;
	inv__batch batch;
	int64_t *k, *v;
	inv_status status;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	inv__batch_add(&batch, sql);
	inv__batch_rows(&batch, plan->count);
	k = inv__batch_int_column(&batch);
	v = inv__batch_int_column(&batch);
	for (size_t r = 0; r < plan->count; r++) {
		k[r] = (plan->first + (int64_t)r) % plan->wrap;
		v[r] = r == plan->at ? plan->odd : plan->first + (int64_t)r;
	}
	status = inv__batch_exec(&batch, link, &error);
	if (status == INV_OK)
		*changes = inv__batch_result(&batch, 0)->changes;
	inv__arena_free(&arena);
	return status;
}

TEST(every_count_of_rows)
{
	inv__link *link = pairs();
	int64_t first = 1000;
	int64_t changes;

	for (size_t count = 1; count <= 70; count++) {
		rows_plan plan = {count, SIZE_MAX, first, INT64_MAX, 0};

		CHECK_STATUS(run(link, &put, &plan, &changes), INV_OK);
		CHECK_INT(changes, count);
		first += (int64_t)count;
	}
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM pair WHERE k = v"), first - 1000);
	inv__link_close(link);
}

TEST(a_failure_undoes_its_batch)
{
	inv__link *link = pairs();
	rows_plan good = {1, SIZE_MAX, 1000, INT64_MAX, 0};
	int64_t changes;

	CHECK_STATUS(run(link, &put, &good, &changes), INV_OK);
	for (size_t at = 0; at < 40; at++) {
		rows_plan twice = {40, at, 0, INT64_MAX, 1000};
		rows_plan forbidden = {40, at, 0, INT64_MAX, 666};

		CHECK(run(link, &put, &twice, &changes) != INV_OK);
		CHECK(run(link, &put, &forbidden, &changes) != INV_OK);
		CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM pair"), 1);
	}
	inv__link_close(link);
}

/* The same key in one batch: the later row finds what the earlier one left. */
TEST(rows_are_taken_in_order)
{
	inv__link *link = pairs();
	rows_plan plan = {48, SIZE_MAX, 0, 16, 0};
	int64_t changes;

	CHECK_STATUS(run(link, &add, &plan, &changes), INV_OK);
	CHECK_INT(changes, 48);
	/* 5, then 5 * 2 + 21, then that * 2 + 37 */
	CHECK_INT(conn_int(link, "SELECT v FROM pair WHERE k = 5"), (5 * 2 + 21) * 2 + 37);
	inv__link_close(link);
}

CHECK_MAIN()
