/* SPDX-License-Identifier: MIT */
/* Durable postings and sales: one thread, batches, and 64 threads that wait. */
#include "floor.h"
#include "ours.h"

#include <stdlib.h>
#include <string.h>

#define PRODUCTS 100000
#define THREADS 64
#define SALE_LINES 5

typedef struct work {
	floor_db *floor;
	ours_store ours;
	ours_caller callers[THREADS];
	uint64_t numbers[THREADS + 1]; /* of the last command of each caller; the last is main's */
	bench_line *lines;
	uint32_t products;
} work;

/* One figure: which commands, how many, by how many threads. */
typedef struct load {
	work *work;
	floor_group *group;
	size_t commands;
	size_t lines;
	size_t threads; /* 0 = the calling thread, without waiting for others */
	bool sale;
	bool is_floor;
} load;

static bool run_one(const load *l, size_t caller, const bench_line *lines, const char *key)
{
	work *w = l->work;
	ours_caller *ours = caller < THREADS ? &w->callers[caller] : &w->ours.main;
	floor_command command = {l->sale ? FLOOR_SALE : FLOOR_POSTING, lines, l->lines, key};

	if (l->is_floor) {
		return l->group ? floor_group_run(l->group, &command) : floor_run(w->floor, &command);
	}
	return l->sale ? ours_sale(ours, lines, l->lines, key) : ours_issue(ours, lines, l->lines, key);
}

static bool run_many(const load *l, size_t caller, size_t commands, bench_line *lines)
{
	work *w = l->work;
	char key[40];

	for (size_t i = 0; i < commands; i++) {
		uint64_t number = ++w->numbers[caller];
		uint64_t seed = number * (THREADS + 1) + caller;

		bench_lines(&seed, w->products, lines, l->lines);
		bench_key((uint32_t)caller, number * 2 + (l->is_floor ? 1 : 0), key);
		if (!run_one(l, caller, lines, key)) {
			return false;
		}
	}
	return true;
}

static bool run_thread(void *ctx, size_t index)
{
	const load *l = ctx;
	bench_line lines[SALE_LINES];

	return run_many(l, index, l->commands / l->threads, lines);
}

static bool run_load(void *ctx, double *value)
{
	load *l = ctx;
	double seconds = bench_now();
	bool ok;

	if (l->threads == 0) {
		ok = run_many(l, THREADS, l->commands, l->work->lines);
		seconds = bench_now() - seconds;
	} else if (l->is_floor) {
		l->group = floor_group_start(l->work->floor);
		ok = l->group && bench_threads(l->threads, run_thread, l, &seconds);
		floor_group_stop(l->group);
		l->group = NULL;
	} else {
		ok = bench_threads(l->threads, run_thread, l, &seconds);
	}
	*value = (double)l->commands * (l->lines > SALE_LINES ? (double)l->lines : 1) / seconds;
	return ok;
}

static bool compare(bench *b, const bench_figure *figure, load l)
{
	load floor_load = l;

	floor_load.is_floor = true;
	return bench_compare(b, figure, (bench_side){run_load, &l},
	                     (bench_side){run_load, &floor_load});
}

/* The same commands by 64 waiting threads and by one. */
static bool compare_one(bench *b, const bench_figure *figure, load l)
{
	load one;

	l.is_floor = figure->of_floor;
	one = l;
	one.threads = 0;
	one.commands = l.commands / 4;
	return bench_compare(b, figure, (bench_side){run_load, &l}, (bench_side){run_load, &one});
}

#define AT_LEAST(least) .rule = BENCH_AT_LEAST, .goal = (least)

static const struct {
	bench_figure figure;
	size_t commands;
	size_t lines;
	size_t threads;
	bool sale;
} figures[] = {
	{{.name = "postings, one thread", .unit = "/s", AT_LEAST(0.8)}, 3000, 1, 0, false},
	{{.name = "5-line sales, one thread", .unit = "/s", AT_LEAST(0.8)}, 2000, 5, 0, true},
	{{.name = "1,000 lines a command", .unit = "lines/s", AT_LEAST(0.6)}, 50, 1000, 0, false},
	{{.name = "10,000 lines a command", .unit = "lines/s", AT_LEAST(0.6)}, 10, 10000, 0, false},
	{{.name = "postings, 64 threads", .unit = "/s", AT_LEAST(0.6)}, 12800, 1, THREADS, false},
	{{.name = "5-line sales, 64 threads", .unit = "/s", AT_LEAST(0.6)}, 12800, 5, THREADS, true},
	{{.name = "postings, 64 threads", .unit = "/s", .base = "one thread", AT_LEAST(2)},
     12800,
     1,
     THREADS,
     false},
	{{.name = "5-line sales, 64 threads", .unit = "/s", .base = "one thread", AT_LEAST(2)},
     12800,
     5,
     THREADS,
     true},
	{{.name = "floor: postings, 64 threads", .unit = "/s", .base = "one thread", .of_floor = true},
     12800,
     1,
     THREADS,
     false},
	{{.name = "floor: sales, 64 threads", .unit = "/s", .base = "one thread", .of_floor = true},
     12800,
     5,
     THREADS,
     true},
};

static bool run_figures(bench *b, work *w)
{
	bool ok = true;

	for (size_t i = 0; ok && i < sizeof figures / sizeof figures[0]; i++) {
		load l = {.work = w, .lines = figures[i].lines, .threads = figures[i].threads};

		l.sale = figures[i].sale;
		l.commands = bench_count(b, figures[i].commands);
		l.commands -= l.threads > 0 ? l.commands % l.threads : 0;
		ok = figures[i].figure.base ? compare_one(b, &figures[i].figure, l)
		                            : compare(b, &figures[i].figure, l);
	}
	return ok;
}

static bool prepare(bench *b, work *w)
{
	char path[BENCH_PATH];

	w->products = (uint32_t)bench_count(b, PRODUCTS);
	w->lines = calloc(INV_LIMIT_LINES, sizeof *w->lines);
	if (!w->lines) {
		return bench_error("out of memory");
	}
	bench_path(b, "floor.db", path);
	w->floor = floor_open(path, w->products);
	if (!w->floor || b->floor_only) {
		return w->floor != NULL;
	}
	bench_path(b, "ours.db", path);
	if (!ours_open(&w->ours, path, w->products)) {
		return false;
	}
	for (size_t i = 0; i < THREADS; i++) {
		if (!ours_caller_open(w->ours.store, SALE_LINES, &w->callers[i])) {
			return false;
		}
	}
	return true;
}

static void clean(work *w)
{
	for (size_t i = 0; i < THREADS; i++) {
		ours_caller_close(&w->callers[i]);
	}
	ours_close(&w->ours);
	floor_close(w->floor);
	free(w->lines);
	free(w);
}

int main(int argc, char **argv)
{
	bench b;
	work *w;
	int code;
	bool ok;

	if (!bench_start(&b, "postings", argc, argv, &code)) {
		return code;
	}
	w = calloc(1, sizeof *w);
	ok = w && prepare(&b, w) && run_figures(&b, w);
	if (w) {
		clean(w);
	}
	return bench_end(&b, ok);
}
