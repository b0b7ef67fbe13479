/* SPDX-License-Identifier: MIT */
/* Importing 100,000 products from CSV: validated, journaled, searchable, against a floor without
 * search words. */
#include "floor.h"
#include "ours.h"

#define PRODUCTS 100000

typedef struct work {
	const bench *b;
	char csv[BENCH_PATH];
	size_t rows;
} work;

static bool run_floor(void *ctx, double *value)
{
	const work *w = ctx;
	char path[BENCH_PATH];
	size_t rows = 0;
	double seconds;
	bool ok;

	bench_path(w->b, "floor.db", path);
	ok = floor_import(path, w->csv, &rows, &seconds);
	bench_remove(path);
	*value = (double)rows / seconds;
	return ok && (rows == w->rows || bench_error("floor: %zu rows imported", rows));
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
		ok = ours_import(&ours, w->csv, w->rows, &seconds);
		ours_close(&ours);
	}
	bench_remove(path);
	*value = (double)w->rows / seconds;
	return ok;
}

int main(int argc, char **argv)
{
	static const bench_figure figure = {.name = "CSV import of products, searchable",
	                                    .unit = "rows/s",
	                                    .rule = BENCH_AT_LEAST,
	                                    .goal = 0.4};
	bench b;
	work w = {.b = &b};
	int code;
	bool ok;

	if (!bench_start(&b, "import", argc, argv, &code)) {
		return code;
	}
	w.rows = bench_count(&b, PRODUCTS);
	bench_path(&b, "products.csv", w.csv);
	ok = bench_products(w.csv, w.rows) &&
	     bench_compare(&b, &figure, (bench_side){run_ours, &w}, (bench_side){run_floor, &w});
	return bench_end(&b, ok);
}
