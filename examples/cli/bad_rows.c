/* SPDX-License-Identifier: MIT */
/* Rows are taken from the file as they stand there, so that a repaired report loses nothing. A row
 * whose quotes are broken would break the report too: its line becomes one cell. */
#include "bad_rows.h"

#include <errno.h>

#define ROW_MAX (1u << 20) /* the library calls longer ones broken */

enum place { AT_CELL, IN_PLAIN, IN_QUOTES, BEHIND_QUOTE, BROKEN };

static enum place step(enum place place, char c)
{
	if (place == IN_QUOTES)
		return c == '"' ? BEHIND_QUOTE : IN_QUOTES;
	if (c == ',')
		return AT_CELL;
	if (c == '"')
		return place == AT_CELL || place == BEHIND_QUOTE ? IN_QUOTES : BROKEN;
	if (place == BEHIND_QUOTE && c != '\r' && c != '\n')
		return BROKEN;
	return place == AT_CELL ? IN_PLAIN : place;
}

/* ---- the imported file ---- */

/* Append one line with its end. Returns where the row is then. */
static enum place read_line(struct bad_rows *bad, enum place place)
{
	int c = 0;

	while (c != '\n' && (c = gzgetc(bad->source)) != -1) {
		char byte = (char)c;

		text_add(&bad->row, &byte, 1);
		place = place == BROKEN ? BROKEN : step(place, byte);
	}
	bad->line++;
	return place;
}

/* Read the row at hand; false when its quotes are broken, and then only its first line. */
static bool read_row(struct bad_rows *bad)
{
	enum place place;
	uint64_t line = bad->line + 1;
	size_t first;
	z_off_t behind;

	text_clear(&bad->row);
	place = read_line(bad, AT_CELL);
	first = bad->row.len;
	behind = gztell(bad->source);
	while (place == IN_QUOTES && !gzeof(bad->source) && bad->row.len < ROW_MAX)
		place = read_line(bad, place);
	if (place == IN_QUOTES) { /* never closed: the library goes on behind the first line */
		gzseek(bad->source, behind, SEEK_SET);
		bad->line = line;
		bad->row.len = first;
	}
	while (bad->row.len > 0 && strchr("\r\n", bad->row.data[bad->row.len - 1]))
		bad->row.len--;
	return place != IN_QUOTES && place != BROKEN;
}

static void pass_lines(struct bad_rows *bad, uint64_t line)
{
	while (bad->line < line && !gzeof(bad->source)) {
		text_clear(&bad->row);
		read_line(bad, AT_CELL);
	}
}

/* ---- the report ---- */

static void put_cell(FILE *file, const char *text, size_t len)
{
	fputc('"', file);
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"')
			fputc('"', file);
		fputc(text[i], file);
	}
	fputc('"', file);
}

static void put_row(struct bad_rows *bad, bool whole)
{
	if (whole)
		fwrite(text_get(&bad->row), 1, bad->row.len, bad->file);
	else
		put_cell(bad->file, text_get(&bad->row), bad->row.len);
	fputs("\n", bad->file);
}

/* Both files, and the header. */
static void open_files(struct bad_rows *bad)
{
	static const char mark[] = "\xEF\xBB\xBF";

	bad->source = gzopen(bad->from, "rb");
	bad->file = bad->source ? fopen(text_get(&bad->path), "w") : NULL;
	bad->broken = !bad->file;
	if (bad->broken)
		return;
	bad->line = 0;
	read_row(bad);
	fputs("line,field,message,", bad->file);
	if (bad->row.len >= 3 && memcmp(bad->row.data, mark, 3) == 0) {
		memmove(bad->row.data, bad->row.data + 3, bad->row.len - 3);
		bad->row.len -= 3;
	}
	put_row(bad, true);
}

void bad_rows_start(struct bad_rows *bad, const char *from)
{
	memset(bad, 0, sizeof *bad);
	bad->from = from;
	text_printf(&bad->path, "%s.errors.csv", from);
}

void bad_rows_add(void *ctx, uint64_t line, const inv_error *error)
{
	struct bad_rows *bad = ctx;
	bool whole;

	if (!bad->file && !bad->broken)
		open_files(bad);
	if (bad->broken)
		return;
	pass_lines(bad, line - 1);
	whole = read_row(bad);
	fprintf(bad->file, "%llu,", (unsigned long long)line);
	put_cell(bad->file, error->field, strlen(error->field));
	fputs(",", bad->file);
	put_cell(bad->file, error->message, strlen(error->message));
	fputs(",", bad->file);
	put_row(bad, whole);
}

int bad_rows_end(const struct cli *cli, struct bad_rows *bad)
{
	int number = errno;

	if (bad->source)
		gzclose(bad->source);
	if (bad->file && (ferror(bad->file) || fclose(bad->file) != 0))
		bad->broken = true;
	else
		errno = number;
	return bad->broken ? cli_file_failed(cli, INV_E_IO, text_get(&bad->path)) : 0;
}

void bad_rows_free(struct bad_rows *bad)
{
	text_free(&bad->path);
	text_free(&bad->row);
}
