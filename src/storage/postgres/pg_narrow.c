/* SPDX-License-Identifier: MIT */
/* Rowsets of few rows. What takes arrays apart costs the server more than it costs to run a
 * statement for one row: with a column for each of its arrays, unnest makes a table of each. So a
 * rowset of few rows is written into the statement, as VALUES, in a form for each number of rows
 * that is made when it is first of use. */
#include <string.h>

#include "storage/fault.h"
#include "storage/postgres/pg_conn.h"
#include "util/number.h"
#include "util/text.h"

#define TEXT_MAX 65536u
/* Of one form: what it holds on the server grows with them. */
#define PARAMETERS_MAX 160u
#define UNNEST "unnest("
#define ORDINALITY " WITH ORDINALITY"

typedef struct narrower {
	inv__buf out;
	uint32_t columns;
	uint32_t rows;
	bool found; /* a rowset */
	bool bad;   /* a text that is not understood */
} narrower;

static void put_number(narrower *n, uint32_t number)
{
	char digits[24];

	inv__buf_put(&n->out, digits, inv__int_format((int64_t)number, digits));
}

/* "$1::bigint[]" at `text`, the parameter of column `column`: the name of the element's type.
 * Returns the bytes read, 0 when it is something else. */
static size_t read_array(inv_str text, uint32_t column, inv_str *type)
{
	char begin[24];
	size_t len = (size_t)inv__format(begin, sizeof begin, "$%u::", column + 1);
	const char *end;

	if (!inv__str_starts(text, inv_str_of(begin)))
		return 0;
	end = memmem(text.ptr, text.len, "[]", 2);
	*type = (inv_str){text.ptr + len, end ? (size_t)(end - text.ptr) - len : 0};
	return end && !memchr(type->ptr, ' ', type->len) ? (size_t)(end - text.ptr) + 2 : 0;
}

static void put_row(narrower *n, const inv_str *types, uint32_t row, bool ordinal)
{
	inv__buf_puts(&n->out, row ? ", (" : "(");
	for (uint32_t i = 0; i < n->columns; i++) {
		inv__buf_puts(&n->out, i ? ", ?" : "?");
		put_number(n, row * n->columns + i + 1);
		inv__buf_puts(&n->out, "::");
		inv__buf_put(&n->out, types[i].ptr, types[i].len);
	}
	if (ordinal) {
		inv__buf_puts(&n->out, ", ");
		put_number(n, row + 1);
		inv__buf_puts(&n->out, "::bigint");
	}
	inv__buf_puts(&n->out, ")");
}

/* The whole "unnest($1::bigint[], …)" at `text`; returns the bytes read. */
static size_t put_rowset(narrower *n, inv_str text)
{
	inv_str types[PARAMETERS_MAX];
	size_t at = sizeof UNNEST - 1;
	bool ordinal;

	for (uint32_t i = 0; i < n->columns; i++) {
		size_t len;

		if (i && inv__str_starts((inv_str){text.ptr + at, text.len - at}, INV_S(", ")))
			at += 2;
		len = read_array((inv_str){text.ptr + at, text.len - at}, i, &types[i]);
		n->bad = n->bad || len == 0;
		if (n->bad)
			return text.len;
		at += len;
	}
	n->bad = at == text.len || text.ptr[at++] != ')';
	n->found = true;
	ordinal = inv__str_starts((inv_str){text.ptr + at, text.len - at}, INV_S(ORDINALITY));
	inv__buf_puts(&n->out, "(VALUES ");
	for (uint32_t row = 0; row < n->rows; row++)
		put_row(n, types, row, ordinal);
	inv__buf_puts(&n->out, ")");
	return at + (ordinal ? sizeof ORDINALITY - 1 : 0);
}

/* "$7" at `text`: those of the rowset stand nowhere else, the others move up. */
static size_t put_parameter(narrower *n, inv_str text)
{
	uint32_t number = 0;
	size_t at = 1;

	while (at < text.len && at < 7 && text.ptr[at] >= '0' && text.ptr[at] <= '9')
		number = number * 10 + (uint32_t)(text.ptr[at++] - '0');
	n->bad = n->bad || number <= n->columns;
	inv__buf_puts(&n->out, "?");
	put_number(n, number + n->columns * (n->rows - 1));
	return at;
}

static void put_all(narrower *n, inv_str text)
{
	while (text.len && !n->bad) {
		size_t len = inv__pg_opaque(text);

		if (len)
			inv__buf_put(&n->out, text.ptr, len);
		else if (inv__str_starts(text, INV_S(UNNEST)))
			len = put_rowset(n, text);
		else if (text.ptr[0] == '$')
			len = put_parameter(n, text);
		else
			inv__buf_put(&n->out, text.ptr, len = 1);
		text.ptr += len;
		text.len -= len;
	}
}

static inv_status make(inv_conn *conn, inv_stmt *stmt, const inv_item *item, inv_error *error)
{
	narrower n = {.columns = (uint32_t)item->column_count, .rows = (uint32_t)item->row_count};
	inv_stmt **slot = &stmt->narrow[item->row_count - 1];
	inv_status status;

	inv__buf_init(&n.out, &conn->allocator, TEXT_MAX);
	put_all(&n, inv_str_of(stmt->text));
	if (n.out.status == INV_E_NO_MEMORY)
		status = inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	else if (n.bad || !n.found || n.out.status != INV_OK)
		status = INV_OK; /* it has none */
	else
		status = inv__pg_prepare(conn, inv__buf_str(&n.out), slot, error);
	inv__buf_free(&n.out);
	if (*slot) {
		(*slot)->slot = slot;
		(*slot)->columns = n.columns;
		(*slot)->rows = n.rows;
	}
	stmt->wide = status == INV_OK && !*slot;
	return status;
}

inv_status inv__pg_narrow(inv_conn *conn, inv_batch *batch, inv_error *error)
{
	for (size_t i = 0; i < batch->count; i++) {
		const inv_item *item = &batch->items[i];
		inv_status status;

		if (item->column_count == 0 || item->row_count == 0 || item->stmt->wide ||
		    item->row_count > INV__PG_NARROW ||
		    item->row_count * item->column_count > PARAMETERS_MAX ||
		    item->stmt->narrow[item->row_count - 1])
			continue;
		status = make(conn, item->stmt, item, error);
		if (status != INV_OK) {
			batch->failed = i;
			return status;
		}
	}
	return INV_OK;
}
