/* SPDX-License-Identifier: MIT */
/* Importing products by hand: four inserts a row. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1
#endif
#include "floor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLICE_SECONDS 0.020

typedef struct importer {
	sqlite3 *native;
	sqlite3_stmt *begin;
	sqlite3_stmt *commit;
	sqlite3_stmt *product;
	sqlite3_stmt *barcode;
	sqlite3_stmt *journal;
	sqlite3_stmt *key;
} importer;

static const char schema[] =
	"CREATE TABLE product(id INTEGER PRIMARY KEY, uuid BLOB NOT NULL,"
	" sku TEXT NOT NULL UNIQUE COLLATE NOCASE, name TEXT NOT NULL, description TEXT NOT NULL,"
	" unit TEXT NOT NULL, decimals INTEGER NOT NULL, stocking INTEGER NOT NULL,"
	" list_price INTEGER NOT NULL, version INTEGER NOT NULL, created_at INTEGER NOT NULL,"
	" updated_at INTEGER NOT NULL);"
	"CREATE TABLE barcode(code TEXT PRIMARY KEY, product INTEGER NOT NULL) WITHOUT ROWID;";

static bool prepare_all(importer *im)
{
	return floor_prepare(im->native, "BEGIN IMMEDIATE", &im->begin) &&
	       floor_prepare(im->native, "COMMIT", &im->commit) &&
	       floor_prepare(im->native,
	                     "INSERT INTO product(uuid, sku, name, description, unit, decimals,"
	                     " stocking, list_price, version, created_at, updated_at)"
	                     " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, ?9, ?9)",
	                     &im->product) &&
	       floor_prepare(im->native, "INSERT INTO barcode VALUES(?1, ?2)", &im->barcode) &&
	       floor_journal_prepare(im->native, &im->journal, &im->key);
}

static bool import_open(importer *im, const char *path)
{
	memset(im, 0, sizeof *im);
	im->native = floor_connect(path);
	return im->native && floor_sql(im->native, schema) && floor_journal_create(im->native) &&
	       prepare_all(im);
}

static void import_close(importer *im)
{
	sqlite3_finalize(im->begin);
	sqlite3_finalize(im->commit);
	sqlite3_finalize(im->product);
	sqlite3_finalize(im->barcode);
	sqlite3_finalize(im->journal);
	sqlite3_finalize(im->key);
	sqlite3_close(im->native);
}

static void bind_field(sqlite3_stmt *stmt, int parameter, const floor_csv *row, int field)
{
	sqlite3_bind_text(stmt, parameter, row->field[field], (int)row->size[field], SQLITE_STATIC);
}

static bool write_product(importer *im, const floor_csv *row, const floor_event *event)
{
	sqlite3_stmt *p = im->product;

	sqlite3_bind_blob(p, 1, event->id, sizeof event->id, SQLITE_STATIC);
	bind_field(p, 2, row, FLOOR_CSV_SKU);
	bind_field(p, 3, row, FLOOR_CSV_NAME);
	bind_field(p, 4, row, FLOOR_CSV_DESCRIPTION);
	bind_field(p, 5, row, FLOOR_CSV_UNIT);
	sqlite3_bind_int64(p, 6, row->field[FLOOR_CSV_DECIMALS][0] - '0');
	sqlite3_bind_int64(p, 7, strcmp(row->field[FLOOR_CSV_STOCKING], "stocked") != 0);
	sqlite3_bind_int64(p, 8, floor_csv_money(row->field[FLOOR_CSV_LIST_PRICE]));
	sqlite3_bind_int64(p, 9, event->now);
	if (!floor_done(p)) {
		return false;
	}
	bind_field(im->barcode, 1, row, FLOOR_CSV_BARCODES);
	sqlite3_bind_int64(im->barcode, 2, sqlite3_last_insert_rowid(im->native));
	return floor_done(im->barcode);
}

static bool import_row(importer *im, const floor_csv *row, size_t line)
{
	floor_event event;
	char key[40];

	snprintf(key, sizeof key, "import:%zu", line);
	return floor_event_product(&event, row, line) && write_product(im, row, &event) &&
	       floor_event_write(im->journal, im->key, &event, key);
}

static bool import_rows(importer *im, floor_csv *c, size_t *rows)
{
	double slice = bench_now();
	bool ok = floor_csv_row(c) && floor_done(im->begin); /* the first row is the header */

	*rows = 0;
	while (ok && (ok = floor_csv_row(c)) && c->count > 0) {
		ok = import_row(im, c, *rows + 2);
		*rows += 1;
		if (ok && *rows % 64 == 0 && bench_now() - slice >= SLICE_SECONDS) {
			ok = floor_done(im->commit) && floor_done(im->begin);
			slice = bench_now();
		}
	}
	return ok && floor_done(im->commit);
}

bool floor_import(const char *path, const char *csv_path, size_t *rows, double *seconds)
{
	importer im;
	floor_csv *c = calloc(1, sizeof *c);
	bool ok = import_open(&im, path) && c;
	double start = bench_now();

	if (ok) {
		c->file = fopen(csv_path, "rb");
		ok = c->file ? import_rows(&im, c, rows) : bench_error("cannot open %s", csv_path);
	}
	*seconds = bench_now() - start;
	if (c && c->file) {
		fclose(c->file);
	}
	free(c);
	import_close(&im);
	return ok;
}
