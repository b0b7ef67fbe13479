/* SPDX-License-Identifier: MIT */
/* Hold and commit: two durable commands by one thread. */
#include "floor.h"
#include "ours.h"

#define PRODUCTS 10000

typedef struct work {
	floor_holds *floor;
	ours_store ours;
	uint64_t number;
	uint32_t products;
	size_t pairs;
} work;

typedef struct load {
	work *work;
	bool is_floor;
} load;

static bool run_load(void *ctx, double *value)
{
	const load *l = ctx;
	work *w = l->work;
	double seconds = bench_now();
	bool ok = true;

	for (size_t i = 0; ok && i < w->pairs; i++) {
		uint64_t seed = ++w->number;
		char hold[40], take[40];
		bench_line line;

		bench_lines(&seed, w->products, &line, 1);
		bench_key(1, w->number, hold);
		bench_key(2, w->number, take);
		ok = l->is_floor ? floor_holds_run(w->floor, &line, hold, take)
		                 : ours_hold(&w->ours.main, &line, hold, take);
	}
	*value = (double)w->pairs / (bench_now() - seconds);
	return ok;
}

int main(int argc, char **argv)
{
	static const bench_figure pairs = {.name = "hold and commit, one thread",
	                                   .unit = "pairs/s",
	                                   .rule = BENCH_AT_LEAST,
	                                   .goal = 0.5};
	char floor_path[BENCH_PATH], ours_path[BENCH_PATH];
	work w = {0};
	load ours = {&w, false}, floor = {&w, true};
	bench b;
	int code;
	bool ok;

	if (!bench_start(&b, "holds", argc, argv, &code)) {
		return code;
	}
	w.products = (uint32_t)bench_count(&b, PRODUCTS);
	w.pairs = bench_count(&b, 2000);
	bench_path(&b, "floor.db", floor_path);
	bench_path(&b, "ours.db", ours_path);
	w.floor = floor_holds_open(floor_path, w.products);
	ok = w.floor && (b.floor_only || ours_open(&w.ours, ours_path, w.products)) &&
	     bench_compare(&b, &pairs, (bench_side){run_load, &ours}, (bench_side){run_load, &floor});
	floor_holds_close(w.floor);
	ours_close(&w.ours);
	return bench_end(&b, ok);
}
