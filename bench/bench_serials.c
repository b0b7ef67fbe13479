/* SPDX-License-Identifier: MIT */
/* Receiving 100,000 units by their serial numbers, in one command. */
#include "floor.h"
#include "ours.h"

#define UNITS 100000
#define LINES 10000 /* of a posting: as many as it may have */
#define SECONDS 5.0 /* as long as it may take */

typedef struct work {
	const bench *b;
	size_t units;
} work;

static bool run_floor(void *ctx, double *value)
{
	const work *w = ctx;
	char path[BENCH_PATH];
	double seconds = 1;
	bool ok;

	bench_path(w->b, "floor.db", path);
	ok = floor_serials(path, w->units, LINES, &seconds);
	bench_remove(path);
	*value = (double)w->units / seconds;
	return ok;
}

static bool run_ours(void *ctx, double *value)
{
	const work *w = ctx;
	char path[BENCH_PATH];
	ours_store ours;
	double seconds = 1;
	bool ok;

	bench_path(w->b, "ours.db", path);
	ok = ours_open(&ours, path, 0);
	if (ok) {
		ok = ours_serials(&ours, w->units, LINES, &seconds);
		ours_close(&ours);
	}
	bench_remove(path);
	*value = (double)w->units / seconds;
	return ok;
}

/* The rate at which 100,000 units take as long as they may. */
static bool run_goal(void *ctx, double *value)
{
	(void)ctx;
	*value = UNITS / SECONDS;
	return true;
}

int main(int argc, char **argv)
{
	static const bench_figure by_hand = {.name = "Units received, by serial number",
	                                     .unit = "units/s",
	                                     .rule = BENCH_NO_GOAL};
	static const bench_figure in_time = {.name = "100,000 units in 5 s",
	                                     .unit = "units/s",
	                                     .base = "20,000 units/s",
	                                     .rule = BENCH_AT_LEAST,
	                                     .goal = 1.0};
	bench b;
	work w = {.b = &b};
	int code;
	bool ok;

	if (!bench_start(&b, "serials", argc, argv, &code)) {
		return code;
	}
	w.units = bench_count(&b, UNITS);
	ok = bench_compare(&b, &by_hand, (bench_side){run_ours, &w}, (bench_side){run_floor, &w}) &&
	     bench_compare(&b, &in_time, (bench_side){run_ours, &w}, (bench_side){run_goal, &w});
	return bench_end(&b, ok);
}
