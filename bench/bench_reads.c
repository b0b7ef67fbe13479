/* SPDX-License-Identifier: MIT */
/* Reading one balance of 1,000,000: against one statement a read, against a held transaction, and
 * by two threads. */
#include "floor.h"
#include "ours.h"

#include <stdlib.h>

#define PRODUCTS 1000000
#define THREADS 2

typedef struct work {
	floor_reader *readers[THREADS];
	ours_store ours;
	ours_caller callers[THREADS];
	uint32_t products;
	size_t reads;
} work;

typedef struct load {
	work *work;
	size_t threads;
	bool is_floor;
	bool transaction; /* the floor reads inside one */
	bool as_time;     /* microseconds a read, else reads a second */
	uint64_t round;
} load;

static bool read_one(const load *l, size_t caller, uint32_t product, int64_t *on_hand)
{
	return l->is_floor ? floor_read(l->work->readers[caller], product, on_hand)
	                   : ours_read(&l->work->callers[caller], product, on_hand);
}

static bool run_thread(void *ctx, size_t index)
{
	const load *l = ctx;
	bool transaction = l->is_floor && l->transaction;
	uint64_t seed = l->round * THREADS + index;
	bool ok = !transaction || floor_reader_begin(l->work->readers[index]);

	for (size_t i = 0; ok && i < l->work->reads; i++) {
		uint32_t product = (uint32_t)(bench_random(&seed) % l->work->products);
		int64_t on_hand = 0;

		ok = read_one(l, index, product, &on_hand) &&
		     (on_hand > 0 || bench_error("a balance of nothing was read"));
	}
	return ok && (!transaction || floor_reader_end(l->work->readers[index]));
}

static bool run_load(void *ctx, double *value)
{
	load *l = ctx;
	double total = (double)(l->work->reads * l->threads);
	double seconds;

	l->round++;
	if (!bench_threads(l->threads, run_thread, l, &seconds)) {
		return false;
	}
	*value = l->as_time ? seconds * 1e6 / total : total / seconds;
	return true;
}

static bool compare(bench *b, work *w, const bench_figure *figure, bool transaction)
{
	load ours = {.work = w, .threads = 1, .as_time = true};
	load base = ours;

	base.is_floor = true;
	base.transaction = transaction;
	return bench_compare(b, figure, (bench_side){run_load, &ours}, (bench_side){run_load, &base});
}

static bool compare_two(bench *b, work *w, const bench_figure *figure)
{
	load two = {.work = w, .threads = THREADS};
	load one;

	two.is_floor = figure->of_floor;
	two.transaction = figure->of_floor;
	one = two;
	one.threads = 1;
	return bench_compare(b, figure, (bench_side){run_load, &two}, (bench_side){run_load, &one});
}

static bool run_figures(bench *b, work *w)
{
	static const bench_figure autocommit = {
		.name = "balance read, floor autocommit", .unit = "us", .rule = BENCH_AT_MOST, .goal = 1.0};
	static const bench_figure transaction = {.name = "balance read, floor in a transaction",
	                                         .unit = "us",
	                                         .rule = BENCH_AT_MOST,
	                                         .goal = 1.6};
	static const bench_figure two = {.name = "balance reads, two threads",
	                                 .unit = "/s",
	                                 .base = "one thread",
	                                 .rule = BENCH_AT_LEAST,
	                                 .goal = 1.4};
	static const bench_figure floor_two = {
		.name = "floor: two threads", .unit = "/s", .base = "one thread", .of_floor = true};

	return compare(b, w, &autocommit, false) && compare(b, w, &transaction, true) &&
	       compare_two(b, w, &two) && compare_two(b, w, &floor_two);
}

static bool prepare_floor(bench *b, work *w)
{
	char path[BENCH_PATH];
	floor_db *db;

	bench_path(b, "floor.db", path);
	db = floor_open(path, w->products);
	floor_close(db);
	for (size_t i = 0; db && i < THREADS; i++) {
		w->readers[i] = floor_reader_open(path);
		if (!w->readers[i]) {
			return false;
		}
	}
	return db != NULL;
}

static bool prepare_ours(bench *b, work *w)
{
	const bench_figure filling = {.name = "filling the store with balances", .unit = "s"};
	char path[BENCH_PATH];
	double start = bench_now();

	bench_path(b, "ours.db", path);
	if (!ours_open(&w->ours, path, w->products)) {
		return false;
	}
	start = bench_now() - start;
	bench_report(b, &filling, &start, NULL, 1);
	for (size_t i = 0; i < THREADS; i++) {
		if (!ours_caller_open(w->ours.store, 1, &w->callers[i])) {
			return false;
		}
	}
	return true;
}

static void clean(work *w)
{
	for (size_t i = 0; i < THREADS; i++) {
		ours_caller_close(&w->callers[i]);
		floor_reader_close(w->readers[i]);
	}
	ours_close(&w->ours);
}

int main(int argc, char **argv)
{
	bench b;
	work w = {0};
	int code;
	bool ok;

	if (!bench_start(&b, "reads", argc, argv, &code)) {
		return code;
	}
	w.products = (uint32_t)bench_count(&b, PRODUCTS);
	w.reads = bench_count(&b, 500000);
	ok = prepare_floor(&b, &w) && (b.floor_only || prepare_ours(&b, &w)) && run_figures(&b, &w);
	clean(&w);
	return bench_end(&b, ok);
}
