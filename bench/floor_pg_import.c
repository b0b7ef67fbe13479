/* SPDX-License-Identifier: MIT */
/* Importing products by hand: COPY in binary, four tables a slice, a commit each slice. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1
#endif
#include "floor_pg_parts.h"

#include <stdlib.h>
#include <string.h>

#define SLICE_ROWS 2000
#define ROW_BYTES 2048 /* more than fields of the CSV reader's size come to */

enum { PRODUCT, BARCODE, JOURNAL, KEY, TABLES };

static const char *const copies[TABLES] = {
	"COPY product FROM STDIN (FORMAT binary)", "COPY barcode FROM STDIN (FORMAT binary)",
	"COPY journal FROM STDIN (FORMAT binary)", "COPY command_key FROM STDIN (FORMAT binary)"};

typedef struct stream {
	char *data;
	size_t used;
} stream;

typedef struct importer {
	floor_pg *pg;
	floor_csv csv;
	stream streams[TABLES];
} importer;

static void put_bytes(stream *s, const void *bytes, size_t size)
{
	floor_pg_put32(s->data + s->used, (uint32_t)size);
	memcpy(s->data + s->used + 4, bytes, size);
	s->used += 4 + size;
}

static void put_text(stream *s, const char *text)
{
	put_bytes(s, text, strlen(text));
}

static void put_int(stream *s, int64_t value)
{
	char bytes[8];

	floor_pg_put64(bytes, (uint64_t)value);
	put_bytes(s, bytes, sizeof bytes);
}

static void put_row(stream *s, uint8_t fields)
{
	s->data[s->used++] = 0;
	s->data[s->used++] = (char)fields;
}

static void put_product(stream *s, const floor_csv *row, const floor_event *event, int64_t number)
{
	put_row(s, 12);
	put_int(s, number);
	put_bytes(s, event->id, sizeof event->id);
	put_text(s, row->field[FLOOR_CSV_SKU]);
	put_text(s, row->field[FLOOR_CSV_NAME]);
	put_text(s, row->field[FLOOR_CSV_DESCRIPTION]);
	put_text(s, row->field[FLOOR_CSV_UNIT]);
	put_int(s, row->field[FLOOR_CSV_DECIMALS][0] - '0');
	put_int(s, strcmp(row->field[FLOOR_CSV_STOCKING], "stocked") != 0);
	put_int(s, floor_csv_money(row->field[FLOOR_CSV_LIST_PRICE]));
	put_int(s, 1);
	put_int(s, event->now);
	put_int(s, event->now);
}

static void put_event(stream *s, const floor_event *event, int64_t number)
{
	put_row(s, 9);
	put_int(s, number);
	put_bytes(s, event->id, sizeof event->id);
	put_int(s, event->now);
	put_int(s, event->now);
	put_int(s, event->now);
	put_text(s, FLOOR_ACTOR);
	put_text(s, event->name);
	put_bytes(s, event->payload, event->payload_size);
	put_bytes(s, event->hash, sizeof event->hash);
}

/* The importer is alone: it numbers products and events itself. */
static bool import_row(importer *im, size_t line)
{
	const floor_csv *row = &im->csv;
	floor_event event;
	char key[40];

	if (!floor_event_product(&event, row, line)) {
		return false;
	}
	floor_event_hash(&event);
	put_product(&im->streams[PRODUCT], row, &event, (int64_t)line);
	put_row(&im->streams[BARCODE], 2);
	put_text(&im->streams[BARCODE], row->field[FLOOR_CSV_BARCODES]);
	put_int(&im->streams[BARCODE], (int64_t)line);
	put_event(&im->streams[JOURNAL], &event, (int64_t)line);
	snprintf(key, sizeof key, "import:%zu", line);
	put_row(&im->streams[KEY], 2);
	put_text(&im->streams[KEY], key);
	put_bytes(&im->streams[KEY], event.id, sizeof event.id);
	return true;
}

static void begin_slice(importer *im)
{
	static const char head[19] = "PGCOPY\n\377\r\n";

	for (size_t i = 0; i < TABLES; i++) {
		memcpy(im->streams[i].data, head, sizeof head);
		im->streams[i].used = sizeof head;
	}
}

static bool run(floor_pg *pg, const char *sql, ExecStatusType wanted)
{
	PGresult *result = PQexec(pg->native, sql);
	bool ok = PQresultStatus(result) == wanted || floor_pg_error(pg, sql);

	PQclear(result);
	return ok;
}

static bool copy_table(floor_pg *pg, const char *sql, stream *s)
{
	PGresult *result;

	memset(s->data + s->used, 0xff, 2);
	s->used += 2;
	if (!run(pg, sql, PGRES_COPY_IN) || PQputCopyData(pg->native, s->data, (int)s->used) != 1 ||
	    PQputCopyEnd(pg->native, NULL) != 1) {
		return floor_pg_error(pg, sql);
	}
	result = floor_pg_take(pg);
	PQclear(result);
	return result != NULL;
}

static bool end_slice(importer *im)
{
	bool ok = run(im->pg, "BEGIN", PGRES_COMMAND_OK);

	for (size_t i = 0; ok && i < TABLES; i++) {
		ok = copy_table(im->pg, copies[i], &im->streams[i]);
	}
	return ok && run(im->pg, "COMMIT", PGRES_COMMAND_OK);
}

static bool import_rows(importer *im, size_t *rows)
{
	bool ok = floor_csv_row(&im->csv); /* the header */

	*rows = 0;
	begin_slice(im);
	while (ok && (ok = floor_csv_row(&im->csv)) && im->csv.count > 0) {
		ok = import_row(im, *rows + 2);
		*rows += 1;
		if (ok && *rows % SLICE_ROWS == 0) {
			ok = end_slice(im);
			begin_slice(im);
		}
	}
	return ok && end_slice(im);
}

static bool import_open(importer *im, const char *csv)
{
	for (size_t i = 0; i < TABLES; i++) {
		im->streams[i].data = malloc((size_t)SLICE_ROWS * ROW_BYTES);
		if (!im->streams[i].data) {
			return bench_error("out of memory");
		}
	}
	im->csv.file = fopen(csv, "rb");
	return im->csv.file || bench_error("cannot open %s", csv);
}

bool floor_pg_import(floor_pg *pg, const char *csv, size_t *rows, double *seconds)
{
	importer im = {.pg = pg};
	bool ok = import_open(&im, csv);
	double start = bench_now();

	ok = ok && import_rows(&im, rows);
	*seconds = bench_now() - start;
	for (size_t i = 0; i < TABLES; i++) {
		free(im.streams[i].data);
	}
	if (im.csv.file) {
		fclose(im.csv.file);
	}
	return ok;
}
