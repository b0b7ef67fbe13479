/* SPDX-License-Identifier: MIT */
/* Files of the test's folder, and imports of them. */
#ifndef INV_TEST_TRANSFER_FILE_H
#define INV_TEST_TRANSFER_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/shop.h"

static inline const char *write_file(const char *name, const char *text)
{
	const char *path = check_path(name);
	FILE *file = fopen(path, "wb");

	CHECK(file && fputs(text, file) >= 0);
	if (file)
		fclose(file);
	return path;
}

/* The text of a file; freed by the caller. */
static inline char *read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	char *text = calloc(1, 8 << 20);
	size_t n = file && text ? fread(text, 1, (8 << 20) - 1, file) : 0;

	CHECK(n > 0);
	if (file)
		fclose(file);
	return text;
}

static inline const inv_op_desc *op_named(const char *name)
{
	return inv_schema_op_named(inv_str_of(name));
}

/* Rows that were told to be bad. */
struct bad_rows {
	size_t count;
	uint64_t lines[64];
	inv_status statuses[64];
	char fields[64][96];
};

static inline void note_bad_row(void *ctx, uint64_t line, const inv_error *error)
{
	struct bad_rows *bad = ctx;

	if (bad->count < 64) {
		bad->lines[bad->count] = line;
		bad->statuses[bad->count] = error->status;
		memcpy(bad->fields[bad->count], error->field, sizeof error->field);
	}
	bad->count++;
}

static inline const char *write_products(const char *name, size_t count)
{
	const char *path = check_path(name);
	FILE *file = fopen(path, "wb");

	if (!CHECK(file != NULL))
		return path;
	fputs("sku,name,list_price\n", file);
	for (size_t i = 0; i < count; i++)
		fprintf(file, "P-%05zu,Product %zu,%zu.50\n", i, i, i % 90);
	fclose(file);
	return path;
}

static inline int64_t count_products(inv_session *s)
{
	inv_query query = INV_QUERY_INIT;
	inv_result *page = NULL;
	int64_t count = 0;

	query.limit = INV_LIMIT_PAGE;
	for (;;) {
		char cursor[2048];

		if (!CHECK_STATUS(inv_product_list(s, &query, 1, NULL, &page), INV_OK))
			return -1;
		count += (int64_t)inv_result_count(page);
		query.cursor = inv_result_cursor(page);
		memcpy(cursor, query.cursor.ptr, query.cursor.len);
		query.cursor.ptr = cursor;
		inv_result_free(page);
		if (query.cursor.len == 0)
			return count;
	}
}

#endif
