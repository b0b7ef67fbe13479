/* SPDX-License-Identifier: MIT */
/* Inserts of many rows: one run of a statement with several tuples costs little more than one run
 * of a statement with one. A wide statement is made when it is first of use. */
#include <stdio.h>

#include "storage/fault.h"
#include "storage/sqlite/sqlite_conn.h"

#define TUPLE_MAX 512u
#define TEXT_MAX 65536u
#define INSERT "INSERT INTO "
/* Like a loop: rows before the one that fails stay, until the caller undoes them. */
#define INSERT_WIDE "INSERT OR FAIL INTO "

/* "(?1, ?2, …)" from parameter `first` on; the length, 0 when it does not fit. */
static size_t put_tuple(char *out, size_t size, int first, int count)
{
	size_t at = 0;

	for (int i = 0; i < count; i++) {
		int n = snprintf(out + at, size - at, "%s?%d", i ? ", " : "(", first + i);

		if (n < 0 || (size_t)n >= size - at)
			return 0;
		at += (size_t)n;
	}
	if (at + 2 > size)
		return 0;
	out[at++] = ')';
	out[at] = '\0';
	return at;
}

/* The text with `rows` tuples for its one; empty when it is not such an insert. */
static void widen_text(const char *sql, int parameters, int rows, inv__buf *out)
{
	char tuple[TUPLE_MAX];
	size_t len = put_tuple(tuple, sizeof tuple, 1, parameters);
	const char *at = len ? strstr(sql, tuple) : NULL;

	if (!at || strncmp(sql, INSERT, sizeof INSERT - 1) != 0)
		return;
	sql += sizeof INSERT - 1;
	inv__buf_puts(out, INSERT_WIDE);
	inv__buf_put(out, sql, (size_t)(at - sql));
	for (int i = 0; i < rows; i++) {
		size_t n = put_tuple(tuple, sizeof tuple, i * parameters + 1, parameters);

		if (n == 0)
			out->status = INV_E_LIMIT;
		if (i > 0)
			inv__buf_puts(out, ", ");
		inv__buf_put(out, tuple, n);
	}
	inv__buf_puts(out, at + len);
}

static inv_status make_wide(inv_conn *conn, inv_stmt *stmt, int width, inv_error *error)
{
	inv_status status = INV_OK;
	inv__buf text;
	int rc = SQLITE_OK;

	inv__buf_init(&text, &conn->allocator, TEXT_MAX);
	widen_text(sqlite3_sql(stmt->handle), stmt->parameters, inv__sqlite_widths[width], &text);
	if (text.status == INV_OK && text.len > 0)
		rc = sqlite3_prepare_v3(conn->db, text.data, (int)text.len, SQLITE_PREPARE_PERSISTENT,
		                        &stmt->wide[width], NULL);
	/* Anything else means that it has no wide form. */
	if (text.status == INV_E_NO_MEMORY || rc == SQLITE_NOMEM)
		status = inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	inv__buf_free(&text);
	return status;
}

inv_status inv__sqlite_wide(inv_conn *conn, inv_stmt *stmt, int width, sqlite3_stmt **out,
                            inv_error *error)
{
	inv_status status = INV_OK;

	if (!stmt->wide[width] && !stmt->narrow && !stmt->readonly && stmt->columns == 0)
		status = make_wide(conn, stmt, width, error);
	stmt->narrow = status == INV_OK && !stmt->wide[width];
	*out = stmt->wide[width];
	return status;
}
