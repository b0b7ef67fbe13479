/* SPDX-License-Identifier: MIT */
/* Several inserts as one statement. What a statement costs beside its rows (its message, its plan's
 * locks, its start and end) is most of what it costs when it has one row. So INSERTs of one row
 * into different tables that follow each other, and the INSERT or UPDATE behind them, are parts of
 * one: WITH w0 AS (INSERT …), w1 AS (INSERT …) UPDATE …. None of them reads what another writes
 * (pg_part.c). */
#include <string.h>

#include "storage/fault.h"
#include "storage/postgres/pg_conn.h"
#include "util/number.h"
#include "util/text.h"

#define TEXT_MAX ((size_t)1 << 20) /* parts are no longer than the eighth of it */
#define PARAMETERS_MAX 1024u

/* ---- what is merged ---- */

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

/* ---- those that were made ---- */

static inv__pg_merged *find(inv_conn *conn, inv_stmt *const *parts, size_t count)
{
	for (size_t i = 0; i < conn->merged_count; i++)
		if (conn->merged[i].count == count &&
		    memcmp(conn->merged[i].parts, parts, count * sizeof(inv_stmt *)) == 0)
			return &conn->merged[i];
	return NULL;
}

/* Room for one more; NULL when this very pipeline runs all that are there. */
static inv__pg_merged *make_room(inv_conn *conn)
{
	inv__pg_merged *oldest = &conn->merged[0];

	if (conn->merged_count < INV__PG_MERGED)
		return &conn->merged[conn->merged_count++];
	for (size_t i = 1; i < conn->merged_count; i++)
		if (conn->merged[i].used < oldest->used)
			oldest = &conn->merged[i];
	if (oldest->used == conn->runs)
		return NULL;
	inv__pg_finalize(conn, oldest->stmt);
	return &conn->merged[conn->merged_count++];
}

static inv_status add(inv_conn *conn, inv_stmt *const *parts, size_t count, inv__pg_merged **out,
                      inv_error *error)
{
	inv__pg_merged fresh = {.count = count};
	inv_status status;

	*out = make_room(conn);
	if (!*out)
		return INV_OK;
	status = make(conn, parts, count, &fresh.stmt, error);
	if (status != INV_OK) {
		conn->merged_count--;
		return status;
	}
	memcpy(fresh.parts, parts, count * sizeof(inv_stmt *));
	**out = fresh;
	return INV_OK;
}

inv_status inv__pg_merge(inv_conn *conn, size_t at, size_t *count, inv_stmt **out,
                         inv_error *error)
{
	inv_stmt *parts[INV__PG_PARTS] = {NULL};
	/* Who is refused must be able to run again: not a part of a longer transaction. */
	bool may = !conn->pooled && !conn->apart && conn->run.whole;
	inv__pg_merged *merged;
	inv_status status = INV_OK;

	*count = may ? find_parts(conn->run.batch, at, parts) : 0;
	merged = *count > 1 ? find(conn, parts, *count) : NULL;
	if (*count > 1 && !merged)
		status = add(conn, parts, *count, &merged, error);
	if (merged && status == INV_OK)
		merged->used = conn->runs;
	*out = merged && status == INV_OK ? merged->stmt : NULL;
	*count = *out ? *count : 1;
	return status;
}

void inv__pg_unmerge(inv_conn *conn, const inv_stmt *stmt)
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
