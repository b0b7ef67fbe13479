/* SPDX-License-Identifier: MIT */
/* CSV by RFC 4180, with LF or CRLF, from a plain file or a gzip one. */
#include "replay.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

#define BUFFER_SIZE 65536
#define ROW_LIMIT 1048576

struct csv {
	gzFile file;
	const char *path;
	unsigned char buffer[BUFFER_SIZE];
	size_t used;
	size_t at;
	uint64_t line;
	char *row; /* the fields of the row, NUL after each */
	size_t row_len;
	size_t row_capacity;
	size_t starts[CSV_FIELDS];
	size_t count;
	bool ended;
	bool failed;
};

inv_status csv_open(const char *path, struct csv **out)
{
	struct csv *csv = calloc(1, sizeof *csv);

	*out = NULL;
	if (!csv)
		return report_text(INV_E_NO_MEMORY, path, "out of memory");
	csv->path = path;
	csv->line = 1;
	csv->file = gzopen(path, "rb");
	if (!csv->file) {
		free(csv);
		return report_text(errno == ENOENT ? INV_E_NOT_FOUND : INV_E_IO, path, strerror(errno));
	}
	*out = csv;
	return INV_OK;
}

void csv_close(struct csv *csv)
{
	if (!csv)
		return;
	gzclose(csv->file);
	free(csv->row);
	free(csv);
}

/* The next byte without taking it; -1 at the end. */
static int peek(struct csv *csv)
{
	int got;
	int problem = Z_OK;

	if (csv->at < csv->used)
		return csv->buffer[csv->at];
	if (csv->ended)
		return -1;
	got = gzread(csv->file, csv->buffer, BUFFER_SIZE);
	csv->at = 0;
	csv->used = got > 0 ? (size_t)got : 0;
	if (got <= 0) {
		csv->ended = true;
		gzerror(csv->file, &problem);
		csv->failed = got < 0 || problem == Z_BUF_ERROR;
		return -1;
	}
	return csv->buffer[0];
}

static int take(struct csv *csv)
{
	int c = peek(csv);

	if (c >= 0)
		csv->at++;
	if (c == '\n')
		csv->line++;
	return c;
}

static bool put(struct csv *csv, int c)
{
	char *row = csv->row_len < ROW_LIMIT
	                ? array_grow(csv->row, csv->row_len, &csv->row_capacity, 1)
	                : NULL;

	if (!row)
		return false;
	csv->row = row;
	csv->row[csv->row_len++] = (char)c;
	return true;
}

/* The inside of a quoted field, behind its opening quote; "" stands for one quote. */
static bool quoted(struct csv *csv)
{
	int c;

	while ((c = take(csv)) >= 0) {
		if (c == '"' && peek(csv) != '"')
			return true;
		if (c == '"')
			take(csv);
		if (!put(csv, c))
			return false;
	}
	return false; /* the file ends inside the quotes */
}

/* One field and what ends it: ',' or '\n' (which also stands for the end of the file); 0 when it is
 * malformed. */
static int field(struct csv *csv)
{
	int c;

	if (csv->count < CSV_FIELDS)
		csv->starts[csv->count] = csv->row_len;
	csv->count++;
	if (peek(csv) == '"') {
		take(csv);
		if (!quoted(csv))
			return 0;
	}
	while ((c = take(csv)) != ',' && c != '\n' && c >= 0) {
		if (c == '\r' && (peek(csv) == '\n' || peek(csv) < 0))
			continue;
		if (!put(csv, c))
			return 0;
	}
	return put(csv, '\0') ? (c == ',' ? ',' : '\n') : 0;
}

static void skip_byte_order_mark(struct csv *csv)
{
	if (peek(csv) == 0xEF && csv->used >= 3 && csv->buffer[1] == 0xBB && csv->buffer[2] == 0xBF)
		csv->at = 3;
}

inv_status csv_next(struct csv *csv, struct csv_row *row)
{
	int end = ',';

	row->count = 0;
	if (csv->line == 1)
		skip_byte_order_mark(csv);
	while (peek(csv) == '\n' || peek(csv) == '\r') /* empty lines */
		take(csv);
	row->line = csv->line;
	csv->row_len = 0;
	csv->count = 0;
	if (peek(csv) >= 0)
		while (end == ',')
			end = field(csv);
	if (csv->failed)
		return report_text(INV_E_IO, csv->path, "it cannot be read to its end; is it damaged?");
	if (end == 0)
		return report_text(INV_E_INVALID, csv->path, "a row is too long, or its quotes do not end");
	row->count = csv->count;
	for (size_t i = 0; i < csv->count && i < CSV_FIELDS; i++)
		row->fields[i] = csv->row + csv->starts[i];
	return INV_OK;
}
