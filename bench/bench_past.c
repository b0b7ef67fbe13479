/* SPDX-License-Identifier: MIT */
/* Reading the past of one account of 10,000, 1,000,000 and (--full) 10,000,000 moves, posting
 * into the middle: against a current read, an ordinary posting, and a sum over all moves. */
#include "ours.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LINES 5    /* of one posting, at one instant */
#define ENTRIES 400 /* postings of one command */
#define GAP INT64_C(1000000)

typedef struct work {
	inv_store *store;
	inv_session *session;
	inv_id product;
	sqlite3_stmt *sum;
	size_t moves;
	int64_t start, end; /* of the account's time */
	uint64_t seed;
	size_t reads, postings;
} work;

static const int64_t quantities[LINES] = {3, 1, -1, 2, -1};

static bool failed(const work *w, const char *what)
{
	return ours_error(what, inv_session_error(w->session));
}

/* ---- the store ---- */

static bool open_store(work *w, const char *path)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_session_options session = INV_SESSION_OPTIONS_INIT;
	inv_product product = INV_PRODUCT_INIT;
	inv_error error = INV_ERROR_INIT;
	inv_result *r = NULL;

	options.url = path;
	session.actor = INV_S("till-07/anna");
	if (inv_store_open(&options, &w->store, &error) != INV_OK ||
	    inv_session_open(w->store, &session, &w->session, &error) != INV_OK)
		return ours_error("store", &error);
	product.sku = INV_S("BUSY");
	product.name = INV_S("The product that everybody buys");
	if (inv_product_create(w->session, &product, 1, NULL, &r) != INV_OK)
		return failed(w, "product.create");
	w->product = INV_AT(r, inv_product, 0)->id;
	inv_result_free(r);
	return true;
}

static void adjust_lines(const work *w, inv_stock_line lines[LINES])
{
	for (size_t i = 0; i < LINES; i++) {
		lines[i] = (inv_stock_line)INV_STOCK_LINE_INIT;
		lines[i].product.id = w->product;
		lines[i].quantity = quantities[i] * INV_QUANTITY_ONE;
	}
}

/* One instant after the other, with some goods more at the end of each. */
static bool fill(work *w, size_t moves)
{
	inv_stock_entry *entries = calloc(ENTRIES, sizeof *entries);
	inv_stock_line lines[LINES];
	bool ok = entries || bench_error("out of memory");

	adjust_lines(w, lines);
	while (ok && w->moves < moves) {
		size_t count = 0;

		for (; count < ENTRIES && w->moves < moves; w->moves += LINES) {
			entries[count] = (inv_stock_entry)INV_STOCK_ENTRY_INIT;
			entries[count].occurred_at = w->end += GAP;
			entries[count++].lines = inv_list_of(lines, LINES, sizeof *lines);
		}
		ok = inv_stock_adjust(w->session, entries, count, NULL, NULL) == INV_OK ||
		     failed(w, "stock.adjust");
	}
	free(entries);
	return ok;
}

static bool open_sum(work *w, const char *path, sqlite3 **db)
{
	return (sqlite3_open_v2(path, db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	        sqlite3_prepare_v2(*db, "SELECT SUM(m.quantity) FROM account a JOIN account_move m"
	                           " ON m.account = a.number WHERE m.occurred_at <= ?1", -1, &w->sum,
	                           NULL) == SQLITE_OK) ||
	       bench_error("the store's file: %s", sqlite3_errmsg(*db));
}

/* ---- what is measured ---- */

static int64_t random_instant(work *w)
{
	return w->start + (int64_t)(bench_random(&w->seed) % (uint64_t)(w->end - w->start));
}

static bool read_at(work *w, int64_t as_of, int64_t *on_hand)
{
	inv_balance_query query = INV_BALANCE_QUERY_INIT;
	inv_result *r = NULL;

	query.product.id = w->product;
	query.as_of = as_of;
	if (inv_balance_get(w->session, &query, 1, NULL, &r) != INV_OK)
		return failed(w, "balance.get");
	*on_hand = INV_AT(r, inv_balance, 0)->on_hand;
	inv_result_free(r);
	return true;
}

/* Of this thread: a read as of an instant takes long enough to be interrupted on a busy machine, a
 * current one does not. */
static double processor_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool run_reads(work *w, bool past, double *value)
{
	double start = processor_time();
	int64_t on_hand;

	for (size_t i = 0; i < w->reads; i++)
		if (!read_at(w, past ? random_instant(w) : 0, &on_hand))
			return false;
	*value = (processor_time() - start) * 1e6 / (double)w->reads;
	return true;
}

static bool read_past(void *ctx, double *value)
{
	return run_reads(ctx, true, value);
}

static bool read_now(void *ctx, double *value)
{
	return run_reads(ctx, false, value);
}

/* The sum by hand; and both must say the same. */
static bool sum_past(void *ctx, double *value)
{
	work *w = ctx;
	const int count = 5;
	double spent = 0;

	for (int i = 0; i < count; i++) {
		int64_t at = random_instant(w), on_hand, sum;
		double start = processor_time();

		sqlite3_bind_int64(w->sum, 1, at);
		if (sqlite3_step(w->sum) != SQLITE_ROW)
			return bench_error("the sum by hand cannot be read");
		sum = sqlite3_column_int64(w->sum, 0);
		sqlite3_reset(w->sum);
		spent += processor_time() - start;
		if (!read_at(w, at, &on_hand))
			return false;
		if (sum != on_hand)
			return bench_error("%" PRId64 " were there, not %" PRId64, sum, on_hand);
	}
	*value = spent * 1e6 / count;
	return true;
}

/* One unit in or out, from a second after the last move, or at an instant among them. */
static bool run_postings(work *w, bool back, double *value)
{
	double start = bench_now();

	for (size_t i = 0; i < w->postings; i++) {
		inv_stock_line line = INV_STOCK_LINE_INIT;
		inv_stock_entry entry = INV_STOCK_ENTRY_INIT;

		line.product.id = w->product;
		line.quantity = i % 2 ? -INV_QUANTITY_ONE : INV_QUANTITY_ONE;
		entry.occurred_at = back ? random_instant(w) : 0;
		entry.lines = inv_list_of(&line, 1, sizeof line);
		if (inv_stock_adjust(w->session, &entry, 1, NULL, NULL) != INV_OK)
			return failed(w, "stock.adjust");
	}
	*value = (bench_now() - start) * 1e6 / (double)w->postings;
	return true;
}

static bool post_back(void *ctx, double *value)
{
	return run_postings(ctx, true, value);
}

static bool post_now(void *ctx, double *value)
{
	return run_postings(ctx, false, value);
}

static bool run_figures(bench *b, work *w)
{
	char names[4][80];
	bench_figure read = {.name = names[0], .unit = "us", .base = "current read",
	                     .rule = BENCH_AT_MOST, .goal = 20};
	bench_figure sum = {.name = names[1], .unit = "us", .base = "a sum over all moves"};
	bench_figure post = {.name = names[2], .unit = "us", .base = "an ordinary one",
	                     .rule = BENCH_AT_MOST, .goal = 3};

	snprintf(names[0], sizeof names[0], "as-of read, %zu moves", w->moves);
	snprintf(names[1], sizeof names[1], "the same, %zu moves", w->moves);
	snprintf(names[2], sizeof names[2], "backdated posting, %zu moves", w->moves);
	return bench_compare(b, &read, (bench_side){read_past, w}, (bench_side){read_now, w}) &&
	       bench_compare(b, &sum, (bench_side){read_past, w}, (bench_side){sum_past, w}) &&
	       bench_compare(b, &post, (bench_side){post_back, w}, (bench_side){post_now, w});
}

static void close_store(work *w, sqlite3 *db)
{
	sqlite3_finalize(w->sum);
	sqlite3_close(db);
	inv_session_close(w->session);
	inv_store_close(w->store);
}

/* A store of its own: what is filled in behind today's postings would be backdated. */
static bool run_size(bench *b, work w, size_t moves)
{
	char name[80], path[BENCH_PATH];
	bench_figure filling = {.name = name, .unit = "moves/s"};
	double start, rate;
	sqlite3 *db = NULL;
	bool ok;

	snprintf(name, sizeof name, "past-%zu.db", moves);
	bench_path(b, name, path);
	ok = open_store(&w, path);
	start = bench_now();
	ok = ok && fill(&w, moves);
	rate = (double)w.moves / (bench_now() - start);
	snprintf(name, sizeof name, "filling up to %zu moves", w.moves);
	if (ok)
		bench_report(b, &filling, &rate, NULL, 1);
	ok = ok && open_sum(&w, path, &db) && run_figures(b, &w);
	close_store(&w, db);
	bench_remove(path);
	return ok;
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = {10000, 1000000, 10000000};
	bench b;
	work w = {.start = INT64_C(1600000000000000)};
	size_t count;
	int code;
	bool ok = true;

	if (!bench_start(&b, "past", argc, argv, &code))
		return code;
	w.end = w.start;
	w.reads = bench_count(&b, 20000);
	w.postings = bench_count(&b, 5000);
	count = b.quick ? 2 : 3;
	for (size_t i = 0; ok && !b.floor_only && i < count; i++)
		ok = run_size(&b, w, sizes[i]);
	return bench_end(&b, ok);
}
