/* SPDX-License-Identifier: MIT */
/* CSV: the grammar and its odd corners, recovery behind bad rows, gzip and its attacks. */
/* ctest: valgrind */
#include "support/check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>

#include "codec/codec.h"
#include "inventra/records.h"
#include "util/text.h"

#define MIB (1024u * 1024u)

static inv_error error;

static const char *put_file(const char *name, const void *data, size_t size)
{
	const char *path = check_path(name);
	FILE *file = fopen(path, "wb");

	CHECK(file && fwrite(data, 1, size, file) == size);
	if (file)
		fclose(file);
	return path;
}

static const char *put_gzip(const char *name, const void *data, size_t size, const char *mode)
{
	const char *path = check_path(name);
	gzFile file = gzopen(path, mode);

	CHECK(file && gzwrite(file, data, (unsigned)size) == (int)size);
	if (file)
		gzclose(file);
	return path;
}

static inv__csv_reader *open_file(const char *path)
{
	inv__csv_reader *reader = NULL;

	inv__error_clear(&error);
	CHECK_STATUS(inv__csv_open(path, &inv__malloc_allocator, &reader, &error), INV_OK);
	return reader;
}

/* All rows as text: fields in <>, rows as "line:…", errors as "line!"; stops at a final error. */
static const char *rows_of(const char *path)
{
	static char out[4096];
	inv__csv_reader *reader = open_file(path);
	size_t at = 0;

	out[0] = '\0';
	while (reader && at < sizeof out - 400) {
		const inv_str *fields = NULL;
		size_t count = 0;
		inv_status status = inv__csv_next(reader, &fields, &count, &error);

		if (status == INV_OK && count == 0)
			break;
		at += (size_t)inv__format(out + at, sizeof out - at, "%lld%s",
		                          (long long)inv__csv_line(reader), status == INV_OK ? ":" : "!");
		for (size_t i = 0; i < count; i++)
			at += (size_t)snprintf(out + at, sizeof out - at, "<%.*s>", (int)fields[i].len,
			                       fields[i].ptr);
		out[at++] = ' ';
		out[at] = '\0';
		if (status != INV_OK && status != INV_E_INVALID)
			break;
	}
	inv__csv_close(reader);
	return out;
}

static const char *rows_in(const char *text)
{
	return rows_of(put_file("t.csv", text, strlen(text)));
}

TEST(plain_rows)
{
	CHECK_STR(rows_in("a,b\n1,2\n"), "1:<a><b> 2:<1><2> ");
	CHECK_STR(rows_in("a,b\r\n1,2\r\n"), "1:<a><b> 2:<1><2> ");
	CHECK_STR(rows_in("a,b"), "1:<a><b> ");
	CHECK_STR(rows_in("a,b\r"), "1:<a><b> ");
	CHECK_STR(rows_in(""), "");
	CHECK_STR(rows_in("\n\r\n\na\n\n"), "4:<a> ");
	CHECK_STR(rows_in(",\n,,\r\na,\n"), "1:<><> 2:<><><> 3:<a><> ");
	CHECK_STR(rows_in(" a , b \n"), "1:< a >< b > ");
	CHECK_STR(rows_in("\xEF\xBB\xBFsku,name\n"), "1:<sku><name> ");
	CHECK_STR(rows_in("a\rb,c\n"), "1:<a\rb><c> ");
}

TEST(quoted_fields)
{
	CHECK_STR(rows_in("\"a\",\"b\"\"c\"\r\n"), "1:<a><b\"c> ");
	CHECK_STR(rows_in("\"a\nb\",c\nd,e\n"), "1:<a\nb><c> 3:<d><e> ");
	CHECK_STR(rows_in("\"a\r\nb, c\"\r\nd\r\n"), "1:<a\r\nb, c> 3:<d> ");
	CHECK_STR(rows_in("\"\"\n"), "1:<> ");
	CHECK_STR(rows_in("\"\"\"\"\n\"\",\"\"\n"), "1:<\"> 2:<><> ");
	CHECK_STR(rows_in("\"a\""), "1:<a> ");
	CHECK_STR(rows_in("\"a\"\r"), "1:<a> ");
	CHECK_STR(rows_in("\xEF\xBB\xBF\"a\",b\n"), "1:<a><b> ");
}

TEST(bad_rows_do_not_take_the_rest_with_them)
{
	CHECK_STR(rows_in("a\nb\"c,d\ne\n"), "1:<a> 2! 3:<e> ");
	CHECK_STR((const char *)error.message,
	          "line 2: a quote stands inside a field that does not start with one");
	CHECK_STR(rows_in("\"a\"b,c\nd\n"), "1! 2:<d> ");
	CHECK_STR((const char *)error.message, "line 1: text follows the closing quote of a field");
	CHECK_STR(rows_in("\"a\nb\"c,d\ne\n"), "1! 3:<e> ");
	CHECK_STR(rows_in("\"a\"\rx\nb\n"), "1! 2:<b> ");
	CHECK_STR(rows_in("a,\"b\nc\nd"), "1! 2:<c> 3:<d> ");
	CHECK_STR((const char *)error.message, "line 1: a quote is opened and never closed");
	CHECK_STR(rows_in("a,\"b"), "1! ");
	CHECK_INT(error.status, INV_E_INVALID);
}

TEST(a_row_may_have_1024_fields)
{
	char text[2100];

	memset(text, ',', sizeof text);
	memcpy(text + 1023, "\nx\n", 3);
	{
		inv__csv_reader *reader = open_file(put_file("t.csv", text, 1026));
		const inv_str *fields = NULL;
		size_t count = 0;

		CHECK_STATUS(inv__csv_next(reader, &fields, &count, &error), INV_OK);
		CHECK_INT(count, 1024);
		inv__csv_close(reader);
	}
	memset(text, ',', sizeof text);
	memcpy(text + 1024, "\nx\n", 3);
	CHECK_STR(rows_of(put_file("t.csv", text, 1027)), "1! 2:<x> ");
	CHECK_STR((const char *)error.message, "line 1: more than 1024 fields");
}

TEST(a_row_may_have_a_mebibyte)
{
	size_t size = 3 * MIB;
	char *text = malloc(size);
	inv__csv_reader *reader = NULL;
	const inv_str *fields = NULL;
	size_t count = 0;

	memset(text, 'x', size);
	text[MIB - 1] = '\n';
	memcpy(text + size - 3, "\ny\n", 3);
	reader = open_file(put_file("t.csv", text, size));
	CHECK_STATUS(inv__csv_next(reader, &fields, &count, &error), INV_OK);
	CHECK_INT(fields[0].len, MIB - 1);
	CHECK_STATUS(inv__csv_next(reader, &fields, &count, &error), INV_E_INVALID);
	CHECK_STR((const char *)error.message, "line 2: the row is longer than 1 MiB");
	CHECK_STATUS(inv__csv_next(reader, &fields, &count, &error), INV_OK);
	CHECK_INT(count, 1);
	CHECK_STR(fields[0], "y");
	CHECK_INT(inv__csv_line(reader), 3);
	CHECK_INT(inv__csv_offset(reader), size);
	CHECK_INT(inv__csv_size(reader), size);
	inv__csv_close(reader);
	memcpy(text, "a,\"b\nc\n", 7);
	memset(text + 7, 'x', size - 7);
	for (size_t i = 100; i < size; i += 100)
		text[i] = '\n';
	reader = open_file(put_file("t.csv", text, size));
	CHECK_STATUS(inv__csv_next(reader, &fields, &count, &error), INV_E_INVALID);
	CHECK_STR((const char *)error.message, "line 1: a quote is opened and not closed within 1 MiB");
	CHECK_STATUS(inv__csv_next(reader, &fields, &count, &error), INV_OK);
	CHECK_STR(fields[0], "c");
	CHECK_INT(inv__csv_line(reader), 2);
	inv__csv_close(reader);
	free(text);
}

TEST(gzip_is_read_by_its_first_bytes)
{
	char text[200];
	FILE *file = NULL;
	long size = 0;
	char packed[400];

	CHECK_STR(rows_of(put_gzip("t.csv", "a,b\n1,2\n", 8, "wb9")), "1:<a><b> 2:<1><2> ");
	/* Two members are one file. */
	put_gzip("t.gz", "a,b\n1,", 6, "wb");
	CHECK_STR(rows_of(put_gzip("t.gz", "2\n", 2, "ab")), "1:<a><b> 2:<1><2> ");
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)('0' + check_random_below(10));
	text[10] = '\n';
	file = fopen(put_gzip("t.gz", text, sizeof text, "wb9"), "rb");
	size = (long)fread(packed, 1, sizeof packed, file);
	fclose(file);
	for (long cut = 2; cut < size; cut++) {
		const inv_str *fields = NULL;
		size_t count = 1;
		inv_status status = INV_OK;
		inv__csv_reader *reader = NULL;

		status = inv__csv_open(put_file("cut.gz", packed, (size_t)cut), &inv__malloc_allocator,
		                       &reader, &error);
		while (status == INV_OK && count)
			status = inv__csv_next(reader, &fields, &count, &error);
		CHECK_STATUS(status, INV_E_IO);
		CHECK(strstr(error.message, "is a gzip file that ends too early") != NULL);
		if (reader) /* it stays an error */
			CHECK_STATUS(inv__csv_next(reader, &fields, &count, &error), INV_E_IO);
		inv__csv_close(reader);
	}
	packed[size - 6] ^= 1;
	{
		inv__csv_reader *reader = NULL;

		CHECK_STATUS(inv__csv_open(put_file("bad.gz", packed, (size_t)size), &inv__malloc_allocator,
		                           &reader, &error),
		             INV_E_IO);
	}
	CHECK(strstr(error.message, "is a damaged gzip file") != NULL);
}

TEST(a_zip_bomb_is_refused)
{
	size_t size = 4 * MIB;
	char *text = malloc(size);
	inv__csv_reader *reader = NULL;
	const inv_str *fields = NULL;
	size_t count = 1;
	inv_status status = INV_OK;

	memset(text, 'x', size);
	for (size_t i = 99; i < size; i += 100)
		text[i] = '\n';
	reader = open_file(put_gzip("bomb.gz", text, size, "wb9"));
	while (status == INV_OK && count)
		status = inv__csv_next(reader, &fields, &count, &error);
	CHECK_STATUS(status, INV_E_LIMIT);
	CHECK(strstr(error.message, "unpacks to more than 100 times its size") != NULL);
	inv__csv_close(reader);
	/* Below 1 MiB any ratio is taken. */
	reader = open_file(put_gzip("small.gz", text, MIB - 100, "wb9"));
	status = INV_OK;
	count = 1;
	while (status == INV_OK && count)
		status = inv__csv_next(reader, &fields, &count, &error);
	CHECK_STATUS(status, INV_OK);
	inv__csv_close(reader);
	free(text);
}

TEST(files_that_cannot_be_read)
{
	inv__csv_reader *reader = NULL;

	CHECK_STATUS(inv__csv_open(check_path("none.csv"), &inv__malloc_allocator, &reader, &error),
	             INV_E_NOT_FOUND);
	CHECK(strstr(error.message, "none.csv cannot be opened") != NULL);
	CHECK_STATUS(inv__csv_open(put_file("u.csv",
	                                    "\xFF\xFE"
	                                    "a\0",
	                                    4),
	                           &inv__malloc_allocator, &reader, &error),
	             INV_E_INVALID);
	CHECK(strstr(error.message, "UTF-16") != NULL);
	CHECK(reader == NULL);
}

static void write_rows(const char *path)
{
	static const char *const cells[] = {"plain",      "with,comma", "with \"quotes\"",
	                                    "two\nlines", " spaces ",   "",
	                                    "=1+1",       "-5",         "\xEF\xBB\xBFmark"};
	inv__csv_writer *writer = NULL;

	if (!CHECK_STATUS(inv__csv_create(path, &inv__malloc_allocator, &writer, &error), INV_OK))
		return;
	for (size_t row = 0; row < 3; row++) {
		for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
			inv__csv_put(writer, inv_str_of(cells[i]), false);
		inv__csv_end_row(writer);
	}
	inv__csv_put(writer, INV_S(""), false);
	inv__csv_end_row(writer);
	inv__csv_put(writer, INV_S("=1+1"), true);
	inv__csv_put(writer, INV_S("@a,\"b\""), true);
	inv__csv_put(writer, INV_S("a=b"), true);
	inv__csv_end_row(writer);
	CHECK_STATUS(inv__csv_finish(writer, &error), INV_OK);
}

TEST(what_is_written_reads_back)
{
	static const char *const names[] = {"out.csv", "out.csv.gz"};

	for (size_t i = 0; i < 2; i++) {
		const char *path = check_path(names[i]);
		inv__csv_writer *writer = NULL;

		write_rows(path);
		CHECK_STR(rows_of(path),
		          "1:<plain><with,comma><with \"quotes\"><two\nlines>< spaces ><><=1+1><-5>"
		          "<\xEF\xBB\xBFmark> "
		          "3:<plain><with,comma><with \"quotes\"><two\nlines>< spaces ><><=1+1><-5>"
		          "<\xEF\xBB\xBFmark> "
		          "5:<plain><with,comma><with \"quotes\"><two\nlines>< spaces ><><=1+1><-5>"
		          "<\xEF\xBB\xBFmark> "
		          "7:<> 8:<'=1+1><'@a,\"b\"><a=b> ");
		CHECK_STATUS(inv__csv_create(path, &inv__malloc_allocator, &writer, &error), INV_E_EXISTS);
	}
}

TEST(random_cells_survive_both_ways)
{
	enum { ROWS = 3000, COLUMNS = 5 };
	static const char letters[] = "ab,\"\n\r; '=";
	const char *path = check_path("random.csv.gz");
	inv__csv_writer *writer = NULL;
	inv__csv_reader *reader = NULL;
	char *cells = malloc(ROWS * COLUMNS * 8);
	const inv_str *fields = NULL;
	size_t count = 0;

	CHECK_STATUS(inv__csv_create(path, &inv__malloc_allocator, &writer, &error), INV_OK);
	for (size_t n = 0; n < ROWS * COLUMNS; n++) {
		size_t len = check_random_below(8);

		cells[n * 8] = (char)len;
		for (size_t i = 0; i < len; i++)
			cells[n * 8 + 1 + i] = letters[check_random_below(sizeof letters - 1)];
		inv__csv_put(writer, (inv_str){cells + n * 8 + 1, len}, false);
		if (n % COLUMNS == COLUMNS - 1)
			inv__csv_end_row(writer);
	}
	CHECK_STATUS(inv__csv_finish(writer, &error), INV_OK);
	reader = open_file(path);
	for (size_t n = 0; n < ROWS * COLUMNS && check_failures() == 0; n++) {
		size_t column = n % COLUMNS;

		if (column == 0)
			CHECK_STATUS(inv__csv_next(reader, &fields, &count, &error), INV_OK);
		if (CHECK_INT(count, COLUMNS) && CHECK_INT(fields[column].len, cells[n * 8]))
			CHECK_BYTES(fields[column].ptr, cells + n * 8 + 1, (size_t)cells[n * 8]);
	}
	CHECK_STATUS(inv__csv_next(reader, &fields, &count, &error), INV_OK);
	CHECK_INT(count, 0);
	inv__csv_close(reader);
	free(cells);
}

TEST(any_bytes_come_to_an_end)
{
	static const char letters[] = "ab,,\"\"\n\n\r";

	for (int round = 0; round < 300 && check_failures() == 0; round++) {
		char text[400];
		size_t len = check_random_below(sizeof text);
		inv__csv_reader *reader = NULL;
		uint64_t line = 0;
		size_t count = 1;

		for (size_t i = 0; i < len; i++)
			text[i] = letters[check_random_below(sizeof letters - 1)];
		reader = open_file(put_file("any.csv", text, len));
		for (size_t calls = 0; count && CHECK(calls <= len); calls++) {
			const inv_str *fields = NULL;
			inv_status status = inv__csv_next(reader, &fields, &count, &error);

			CHECK(status == INV_OK || status == INV_E_INVALID);
			if (status == INV_E_INVALID)
				count = 1;
			CHECK(count == 0 || inv__csv_line(reader) > line);
			line = inv__csv_line(reader);
		}
		CHECK_INT(inv__csv_offset(reader), len);
		inv__csv_close(reader);
	}
}

TEST(a_file_that_cannot_be_written_whole_is_removed)
{
	static const char *const names[] = {"full.csv", "full.csv.gz"};
	struct rlimit before;
	struct rlimit small;
	char cell[4000];
	inv__csv_writer *writer = NULL;

	CHECK_STATUS(inv__csv_create("/nonexistent/x.csv", &inv__malloc_allocator, &writer, &error),
	             INV_E_NOT_FOUND);
	/* Files of this process may not grow beyond 64 KiB: a disk that fills. */
	signal(SIGXFSZ, SIG_IGN);
	CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
	small = before;
	small.rlim_cur = 65536;
	CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
	for (size_t n = 0; n < 2; n++) {
		const char *path = check_path(names[n]);

		CHECK_STATUS(inv__csv_create(path, &inv__malloc_allocator, &writer, &error), INV_OK);
		for (size_t row = 0; row < 100; row++) {
			for (size_t i = 0; i < sizeof cell; i++)
				cell[i] = (char)('!' + 3 + check_random_below(80));
			inv__csv_put(writer, (inv_str){cell, sizeof cell}, false);
			inv__csv_end_row(writer);
		}
		CHECK(inv__csv_finish(writer, &error) != INV_OK);
		CHECK(strstr(error.message, "cannot be written") != NULL);
		CHECK(access(path, F_OK) != 0);
	}
	CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
}

/* An allocator whose n-th request fails. */
static void *failing(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
	size_t *left = ctx;

	if (new_size && (*left)-- == 0) {
		*left = 0;
		return NULL;
	}
	return inv__malloc_allocator.resize(NULL, ptr, old_size, new_size);
}

TEST(running_out_of_memory_is_clean)
{
	const char *path = put_gzip("m.csv", "a,b\n1,2\n", 8, "wb");
	bool done = false;

	for (size_t n = 0; n < 30 && !done; n++) {
		size_t left = n;
		inv_allocator allocator = {&left, failing};
		inv__csv_reader *reader = NULL;
		const inv_str *fields = NULL;
		size_t count = 1;
		inv_status status = inv__csv_open(path, &allocator, &reader, &error);

		while (status == INV_OK && count)
			status = inv__csv_next(reader, &fields, &count, &error);
		inv__csv_close(reader);
		done = status == INV_OK;
		if (!done)
			CHECK_STATUS(status, INV_E_NO_MEMORY);
	}
	CHECK(done);
}

TEST(header_names_are_fields)
{
	const inv_record_desc *record = inv_schema_record_named(INV_S("product"));
	inv__problems problems = {&error, "product", -1};
	const inv_field_desc *fields[3];
	inv_str good[3] = {INV_S("sku"), INV_S(" name "), INV_S("category_code")};
	inv_str bad[3] = {INV_S("sku"), INV_S("nam"), INV_S("sku")};
	inv_str twice[2] = {INV_S("category"), INV_S("category_code")};
	inv_str hidden[1] = {INV_S("reserved")};

	inv__error_clear(&error);
	CHECK_STATUS(inv__csv_header(record, good, 3, fields, &problems), INV_OK);
	CHECK_STR(fields[1]->name, "name");
	CHECK_STR(fields[2]->name, "category");
	CHECK_STATUS(inv__csv_header(record, bad, 3, fields, &problems), INV_E_INVALID);
	CHECK_STR((const char *)error.message, "unknown field `nam`; did you mean `name`?");
	CHECK_INT(error.detail_count, 2);
	CHECK_STR((const char *)error.details[1].message, "two columns give `sku`");
	inv__error_clear(&error);
	CHECK_STATUS(inv__csv_header(record, twice, 2, fields, &problems), INV_E_INVALID);
	inv__error_clear(&error);
	CHECK_STATUS(
		inv__csv_header(inv_schema_record_named(INV_S("empty")), hidden, 1, fields, &problems),
		INV_E_INVALID);
}

CHECK_MAIN()
