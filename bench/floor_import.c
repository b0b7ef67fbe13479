/* SPDX-License-Identifier: MIT */
/* Importing products by hand: a CSV reader of its own, four inserts a row. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1
#endif
#include "floor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS 8
#define FIELD_BYTES 256
#define SLICE_SECONDS 0.020

enum { SKU, NAME, DESCRIPTION, UNIT, DECIMALS, STOCKING, LIST_PRICE, BARCODES };

typedef struct csv {
	FILE *file;
	char field[FIELDS][FIELD_BYTES];
	size_t size[FIELDS];
	size_t count; /* fields of the row just read */
} csv;

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

static bool put(csv *c, int byte)
{
	size_t at = c->count;

	if (at >= FIELDS || c->size[at] + 1 >= FIELD_BYTES) {
		return bench_error("floor: a CSV row is too large");
	}
	c->field[at][c->size[at]++] = (char)byte;
	return true;
}

static bool end_field(csv *c)
{
	if (c->count >= FIELDS) {
		return bench_error("floor: a CSV row has too many fields");
	}
	c->field[c->count][c->size[c->count]] = '\0';
	c->count++;
	if (c->count < FIELDS) {
		c->size[c->count] = 0;
	}
	return true;
}

/* The quotes of a field are open; reads up to the closing one. */
static bool read_quoted(csv *c)
{
	for (;;) {
		int byte = getc_unlocked(c->file);

		if (byte == EOF) {
			return bench_error("floor: a CSV quote stays open");
		}
		if (byte == '"') {
			byte = getc_unlocked(c->file);
			if (byte != '"') {
				ungetc(byte, c->file);
				return true;
			}
		}
		if (!put(c, byte)) {
			return false;
		}
	}
}

/* One row; count is 0 at the end of the file. */
static bool read_row(csv *c)
{
	int byte = getc_unlocked(c->file);

	c->count = 0;
	c->size[0] = 0;
	if (byte == EOF) {
		return true;
	}
	for (; byte != EOF && byte != '\n'; byte = getc_unlocked(c->file)) {
		bool ok = true;

		if (byte == '"') {
			ok = read_quoted(c);
		} else if (byte == ',') {
			ok = end_field(c);
		} else if (byte != '\r') {
			ok = put(c, byte);
		}
		if (!ok) {
			return false;
		}
	}
	return end_field(c);
}

/* A decimal such as 2.55 in 10^-4. */
static int64_t read_money(const char *text)
{
	int64_t value = 0;
	int decimals = -1;

	for (; *text; text++) {
		if (*text == '.') {
			decimals = 0;
		} else if (decimals < 4) {
			value = value * 10 + (*text - '0');
			decimals += decimals >= 0 ? 1 : 0;
		}
	}
	for (decimals = decimals < 0 ? 0 : decimals; decimals < 4; decimals++) {
		value *= 10;
	}
	return value;
}

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

static bool write_product(importer *im, const csv *row, const floor_event *event)
{
	sqlite3_stmt *p = im->product;

	sqlite3_bind_blob(p, 1, event->id, sizeof event->id, SQLITE_STATIC);
	sqlite3_bind_text(p, 2, row->field[SKU], (int)row->size[SKU], SQLITE_STATIC);
	sqlite3_bind_text(p, 3, row->field[NAME], (int)row->size[NAME], SQLITE_STATIC);
	sqlite3_bind_text(p, 4, row->field[DESCRIPTION], (int)row->size[DESCRIPTION], SQLITE_STATIC);
	sqlite3_bind_text(p, 5, row->field[UNIT], (int)row->size[UNIT], SQLITE_STATIC);
	sqlite3_bind_int64(p, 6, row->field[DECIMALS][0] - '0');
	sqlite3_bind_int64(p, 7, strcmp(row->field[STOCKING], "stocked") != 0);
	sqlite3_bind_int64(p, 8, read_money(row->field[LIST_PRICE]));
	sqlite3_bind_int64(p, 9, event->now);
	if (!floor_done(p)) {
		return false;
	}
	sqlite3_bind_text(im->barcode, 1, row->field[BARCODES], (int)row->size[BARCODES],
	                  SQLITE_STATIC);
	sqlite3_bind_int64(im->barcode, 2, sqlite3_last_insert_rowid(im->native));
	return floor_done(im->barcode);
}

static bool import_row(importer *im, const csv *row, size_t line)
{
	floor_event event;
	char key[40];
	int size;

	if (row->count != FIELDS) {
		return bench_error("floor: line %zu has %zu fields", line, row->count);
	}
	floor_event_start(&event, "product.created");
	size = snprintf(event.payload, sizeof event.payload,
	                "{\"id\":\"0191d3a0-7c00-7000-8000-%012zu\",\"sku\":\"%s\",\"name\":\"%s\","
	                "\"description\":\"%s\",\"barcodes\":[\"%s\"],\"unit\":\"%s\","
	                "\"list_price\":\"%s\"}",
	                line, row->field[SKU], row->field[NAME], row->field[DESCRIPTION],
	                row->field[BARCODES], row->field[UNIT], row->field[LIST_PRICE]);
	if (size < 0 || (size_t)size >= sizeof event.payload) {
		return bench_error("floor: line %zu is too long", line);
	}
	event.payload_size = (size_t)size;
	snprintf(key, sizeof key, "import:%zu", line);
	return write_product(im, row, &event) && floor_event_write(im->journal, im->key, &event, key);
}

static bool import_rows(importer *im, csv *c, size_t *rows)
{
	double slice = bench_now();
	bool ok = read_row(c) && floor_done(im->begin); /* the first row is the header */

	*rows = 0;
	while (ok && (ok = read_row(c)) && c->count > 0) {
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
	csv *c = calloc(1, sizeof *c);
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
