/* SPDX-License-Identifier: MIT */
/* How long a till waits: 10,000 durable sales of five lines while the log is checkpointed every
 * 4,000 pages. The tail is compared with the same run's own median. */
#include "floor.h"
#include "ours.h"

#include <stdlib.h>

#define PRODUCTS 100000
#define SALES 10000
#define SALE_LINES 5

typedef struct tail {
	double median[BENCH_PAIRS]; /* microseconds */
	double p99[BENCH_PAIRS];
	double slowest[BENCH_PAIRS];
} tail;

typedef struct work {
	floor_db *floor;
	ours_store ours;
	uint32_t products;
	size_t sales;
	uint64_t number;
	double *times;
} work;

static bool sell(work *w, bool is_floor)
{
	bench_line lines[SALE_LINES];
	char key[40];
	uint64_t seed = ++w->number;
	floor_command command = {FLOOR_SALE, lines, SALE_LINES, key};

	bench_lines(&seed, w->products, lines, SALE_LINES);
	bench_key(is_floor, w->number, key);
	return is_floor ? floor_run(w->floor, &command)
	                : ours_sale(&w->ours.main, lines, SALE_LINES, key);
}

static bool measure(work *w, bool is_floor, tail *out, size_t run)
{
	for (size_t i = 0; i < w->sales; i++) {
		double start = bench_now();

		if (!sell(w, is_floor)) {
			return false;
		}
		w->times[i] = (bench_now() - start) * 1e6;
	}
	bench_sort(w->times, w->sales);
	out->median[run] = w->times[w->sales / 2];
	out->p99[run] = w->times[w->sales - w->sales / 100 - 1];
	out->slowest[run] = w->times[w->sales - 1];
	return true;
}

static const bench_figure ours_p99 = {.name = "sale, 99th of 100",
                                      .unit = "us",
                                      .base = "its median",
                                      .rule = BENCH_AT_MOST,
                                      .goal = 3};
static const bench_figure ours_slowest = {
	.name = "sale, slowest", .unit = "us", .base = "its median", .rule = BENCH_AT_MOST, .goal = 50};
static const bench_figure both_median = {.name = "sale, median", .unit = "us"};
static const bench_figure floor_p99 = {
	.name = "floor: sale, 99th of 100", .unit = "us", .base = "its median", .of_floor = true};
static const bench_figure floor_slowest = {
	.name = "floor: sale, slowest", .unit = "us", .base = "its median", .of_floor = true};

static void report(bench *b, const tail *ours, const tail *base, size_t pairs)
{
	if (!b->floor_only) {
		bench_report(b, &ours_p99, ours->p99, ours->median, pairs);
		bench_report(b, &ours_slowest, ours->slowest, ours->median, pairs);
	}
	bench_report(b, &both_median, b->floor_only ? NULL : ours->median, base->median, pairs);
	bench_report(b, &floor_p99, base->p99, base->median, pairs);
	bench_report(b, &floor_slowest, base->slowest, base->median, pairs);
}

static bool prepare(bench *b, work *w)
{
	char path[BENCH_PATH];

	w->products = (uint32_t)bench_count(b, PRODUCTS);
	w->sales = bench_count(b, SALES);
	w->times = calloc(w->sales, sizeof *w->times);
	if (!w->times) {
		return bench_error("out of memory");
	}
	bench_path(b, "floor.db", path);
	w->floor = floor_open(path, w->products);
	bench_path(b, "ours.db", path);
	return w->floor && (b->floor_only || ours_open(&w->ours, path, w->products));
}

int main(int argc, char **argv)
{
	bench b;
	work w = {0};
	tail ours = {{0}, {0}, {0}};
	tail base = {{0}, {0}, {0}};
	int code;
	bool ok;

	if (!bench_start(&b, "latency", argc, argv, &code)) {
		return code;
	}
	ok = prepare(&b, &w);
	for (size_t i = 0; ok && i < bench_pairs(&b); i++) {
		ok = measure(&w, true, &base, i) && (b.floor_only || measure(&w, false, &ours, i));
	}
	if (ok) {
		report(&b, &ours, &base, bench_pairs(&b));
	}
	ours_close(&w.ours);
	floor_close(w.floor);
	free(w.times);
	return bench_end(&b, ok);
}
