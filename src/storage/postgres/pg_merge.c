/* SPDX-License-Identifier: MIT */
/* Several inserts as one statement. What a statement costs beside its rows (its message, its plan's
 * locks, its start and end) is most of what it costs when it has one row. So INSERTs of one row
 * into different tables that follow each other, and the INSERT or UPDATE behind them, are parts of
 * one: WITH w0 AS (INSERT …), w1 AS (INSERT …) UPDATE …. None of them reads what another writes. */
#include <string.h>

#include "storage/fault.h"
#include "storage/postgres/pg_conn.h"
#include "util/number.h"
#include "util/text.h"

#define TEXT_MAX 65536u
#define PARAMETERS_MAX 1024u

/* ---- what may be merged ---- */

/* Its row stands in the text, and it takes no other values. With more rows there would be more
 * combinations, and nothing is gained any more. */
static bool is_part(const inv_stmt *form)
{
	return form->table.len > 0 && form->rows == 1 && form->parameters == form->columns;
}

/* How many items from `at` on are one; their forms. */
static size_t find_parts(const inv_batch *batch, size_t at, inv_stmt *parts[INV__PG_PARTS])
{
	size_t count = 0, parameters = 0;

	for (; at + count < batch->count && count < INV__PG_PARTS; count++) {
		const inv_item *item = &batch->items[at + count];
		inv_stmt *form = inv__pg_form(item);

		if (!is_part(form) || (item->flags & INV_ITEM_LOCK))
			break;
		parameters += form->parameters;
		if (parameters > PARAMETERS_MAX || (count > 0 && !parts[count - 1]->inserts))
			break;
		for (size_t i = 0; i < count; i++)
			if (inv__str_equal(parts[i]->table, form->table))
				return count;
		parts[count] = form;
	}
	return count;
}

/* ---- the statement ---- */

/* The text of a part, its parameters behind `shift` others. */
static void put_part(inv__buf *out, inv_str text, uint32_t shift)
{
	while (text.len) {
		size_t len = inv__pg_opaque(text);
		uint32_t number = 0;
		char digits[24];

		if (len == 0 && text.ptr[0] == '$') {
			for (len = 1; len < text.len && text.ptr[len] >= '0' && text.ptr[len] <= '9'; len++)
				number = number * 10 + (uint32_t)(text.ptr[len] - '0');
			inv__buf_puts(out, "?");
			inv__buf_put(out, digits, inv__int_format((int64_t)number + shift, digits));
		} else {
			len = len ? len : 1;
			inv__buf_put(out, text.ptr, len);
		}
		text.ptr += len;
		text.len -= len;
	}
}

static inv_status make(inv_conn *conn, inv_stmt *const *parts, size_t count, inv_stmt **out,
                       inv_error *error)
{
	uint32_t shift = 0;
	inv_status status;
	inv__buf text;
	char begin[32];

	inv__buf_init(&text, &conn->allocator, TEXT_MAX);
	for (size_t i = 0; i < count; i++) {
		(void)inv__format(begin, sizeof begin, "%s%zu AS (", i ? "), w" : "WITH w", i);
		inv__buf_puts(&text, i + 1 < count ? begin : ") ");
		put_part(&text, inv_str_of(parts[i]->text), shift);
		shift += parts[i]->parameters;
	}
	status = text.status == INV_OK ? inv__pg_prepare(conn, inv__buf_str(&text), out, error)
	                               : inv__fault(error, text.status, 0, "out of memory");
	inv__buf_free(&text);
	if (status != INV_OK)
		return status;
	(*out)->rows = 1;
	(*out)->columns = (*out)->parameters;
	inv__pg_hint(*out, NULL);
	return INV_OK;
}

size_t inv__pg_merge(inv_conn *conn, size_t at, inv_stmt **out)
{
	inv_stmt *parts[INV__PG_PARTS] = {NULL};
	/* Who is refused must be able to run again: not a part of a longer transaction. */
	bool may = !conn->pooled && !conn->apart && conn->run.whole;
	size_t count = may ? find_parts(conn->run.batch, at, parts) : 0;
	inv__pg_merged *merged;

	*out = NULL;
	if (count < 2)
		return 1;
	for (size_t i = 0; i < conn->merged_count; i++) {
		merged = &conn->merged[i];
		if (merged->count != count ||
		    memcmp(merged->parts, parts, count * sizeof(inv_stmt *)) != 0)
			continue;
		*out = merged->stmt;
		return count;
	}
	/* The first that come are those that come often. */
	if (conn->merged_count == INV__PG_MERGED)
		return 1;
	merged = &conn->merged[conn->merged_count];
	if (make(conn, parts, count, &merged->stmt, NULL) != INV_OK)
		return 1; /* each by itself does the same */
	memcpy(merged->parts, parts, sizeof parts);
	merged->count = count;
	conn->merged_count++;
	*out = merged->stmt;
	return count;
}

/* Not more than the connection keeps: parts of statements that are gone are not parts any more. */
void inv__pg_part(inv_conn *conn, const inv_stmt *stmt)
{
	for (size_t i = 0; i < conn->merged_count;) {
		inv_stmt *whole = conn->merged[i].stmt;
		bool has = false;

		for (size_t j = 0; j < conn->merged[i].count; j++)
			has = has || conn->merged[i].parts[j] == stmt;
		if (!has && whole != stmt) {
			i++;
			continue;
		}
		conn->merged[i] = conn->merged[--conn->merged_count];
		if (has)
			inv__pg_finalize(conn, whole);
	}
}
