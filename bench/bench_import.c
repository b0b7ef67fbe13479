/* SPDX-License-Identifier: MIT */
/* Importing 100,000 products from CSV: validated, journaled, searchable, against a floor without
 * search words. */
#include "floor.h"
#include "ours.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PRODUCTS 100000

typedef struct work {
	const bench *b;
	char csv[BENCH_PATH];
	size_t rows;
} work;

/* An EAN-13 of the range for use inside a shop, with its check digit. */
static void ean13(uint32_t number, char out[14])
{
	unsigned sum = 0;

	snprintf(out, 14, "20%010" PRIu32 "0", number);
	for (size_t i = 0; i < 12; i++) {
		sum += (unsigned)(out[i] - '0') * (i % 2 ? 3U : 1U);
	}
	out[12] = (char)('0' + (10 - sum % 10) % 10);
}

static void write_product(FILE *file, uint32_t number)
{
	static const char *const colours[] = {"Red", "White", "Blue", "Green", "Black", "Ivory"};
	static const char *const stuffs[] = {"Cotton", "Metal", "Glass", "Wooden", "Paper"};
	static const char *const things[] = {"Tea Towel", "Lantern", "Mug",        "Cake Stand",
	                                     "Garland",   "Doormat", "Coat Hanger"};
	uint64_t seed = number;
	uint64_t r = bench_random(&seed);
	const char *colour = colours[r % 6];
	const char *stuff = stuffs[(r >> 8) % 5];
	const char *thing = things[(r >> 16) % 7];
	char sku[24];
	char barcode[14];

	bench_sku(number, sku);
	ean13(number, barcode);
	fprintf(file, "%s,%s %s %s %" PRIu32 ",\"%s, %s and handmade\",ea,0,stocked,%u.%02u,%s\r\n",
	        sku, colour, stuff, thing, number, thing, colour, (unsigned)(1 + (r >> 24) % 40),
	        (unsigned)((r >> 32) % 100), barcode);
}

static bool write_csv(const char *path, size_t rows)
{
	FILE *file = fopen(path, "wb");
	bool ok;

	if (!file) {
		return bench_error("cannot write %s", path);
	}
	fputs("sku,name,description,unit,decimals,stocking,list_price,barcodes\r\n", file);
	for (size_t i = 0; i < rows; i++) {
		write_product(file, (uint32_t)i);
	}
	ok = !ferror(file);
	return fclose(file) == 0 && ok ? true : bench_error("cannot write %s", path);
}

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

static bool import(inv_session *session, const work *w, double *seconds)
{
	inv_import_options options = INV_IMPORT_OPTIONS_INIT;
	inv_import_report report = INV_IMPORT_REPORT_INIT;
	const inv_op_desc *op = inv_schema_op_named(INV_S("product.create"));
	inv_status status;

	options.key_prefix = INV_S("import");
	*seconds = bench_now();
	status = inv_import_csv(session, op, w->csv, &options, &report);
	*seconds = bench_now() - *seconds;
	if (status != INV_OK) {
		return ours_error("import", inv_session_error(session));
	}
	return report.done == w->rows || bench_error("%" PRIu64 " rows imported", report.done);
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
		ok = import(ours.main.session, w, &seconds);
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
	ok = write_csv(w.csv, w.rows) &&
	     bench_compare(&b, &figure, (bench_side){run_ours, &w}, (bench_side){run_floor, &w});
	return bench_end(&b, ok);
}
