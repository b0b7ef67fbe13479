/* SPDX-License-Identifier: MIT */
/* Batches: bind, step, copy the rows out, reset. The hot path of everything. */
#include "storage/fault.h"
#include "storage/sqlite/sqlite_conn.h"

#define FIRST_CELLS 16u

/* Result of an item while it grows. */
typedef struct collector {
	const inv_memory *memory;
	inv_rows *rows;
	size_t cap; /* cells */
} collector;

/* ---- parameters ---- */

/* An empty blob or text is not NULL: SQLite looks at the pointer. */
static inline int bind_bytes(sqlite3_stmt *stmt, int at, uint32_t type, const void *p, size_t size)
{
	if (!p)
		p = "";
	if (type == INV_VALUE_TEXT)
		return sqlite3_bind_text64(stmt, at, p, size, SQLITE_STATIC, SQLITE_UTF8);
	return sqlite3_bind_blob64(stmt, at, p, size, SQLITE_STATIC);
}

static inline int bind_value(sqlite3_stmt *stmt, int at, const inv_value *v)
{
	switch (v->type) {
	case INV_VALUE_INT:
		return sqlite3_bind_int64(stmt, at, v->u.i);
	case INV_VALUE_TEXT:
	case INV_VALUE_BLOB:
		return bind_bytes(stmt, at, v->type, v->u.p, v->size);
	case INV_VALUE_REAL:
		return sqlite3_bind_double(stmt, at, v->u.r);
	default:
		return sqlite3_bind_null(stmt, at);
	}
}

/* Row `row` to the parameters behind `at`. */
static int bind_row(sqlite3_stmt *stmt, const inv_item *item, size_t row, int at)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; i < item->column_count && rc == SQLITE_OK; i++) {
		const inv_column *c = &item->columns[i];

		at++;
		if (c->type == INV_VALUE_INT) {
			rc = sqlite3_bind_int64(stmt, at, ((const int64_t *)c->values)[row]);
		} else {
			const inv_str *s = &((const inv_str *)c->values)[row];

			rc = bind_bytes(stmt, at, c->type, s->ptr, s->len);
		}
	}
	if (rc == SQLITE_OK && (item->flags & INV_ITEM_ORDINAL))
		rc = sqlite3_bind_int64(stmt, at + 1, (int64_t)row);
	return rc;
}

/* Values behind the rowset's: bound once, a reset keeps them. */
static int bind_values(sqlite3_stmt *stmt, const inv_item *item)
{
	int first = (int)item->column_count + (item->flags & INV_ITEM_ORDINAL ? 2 : 1);
	int rc = SQLITE_OK;

	for (size_t i = 0; i < item->value_count && rc == SQLITE_OK; i++)
		rc = bind_value(stmt, first + (int)i, &item->values[i]);
	return rc;
}

/* ---- results ---- */

static bool grow_cells(collector *c, size_t used)
{
	size_t cap = c->cap ? c->cap * 2 : FIRST_CELLS;
	inv_value *cells;

	if (cap < c->rows->column_count)
		cap = c->rows->column_count;
	cells = c->memory->alloc(c->memory->ctx, cap * sizeof *cells);
	if (!cells)
		return false;
	if (used)
		memcpy(cells, c->rows->cells, used * sizeof *cells);
	c->rows->cells = cells;
	c->cap = cap;
	return true;
}

static inline bool copy_bytes(const inv_memory *memory, const void *p, int size, inv_value *cell)
{
	char *copy = memory->alloc(memory->ctx, (size_t)size + 1);

	if (!copy)
		return false;
	if (size)
		memcpy(copy, p, (size_t)size);
	copy[size] = '\0';
	cell->size = (uint32_t)size;
	cell->u.p = copy;
	return true;
}

static bool copy_cell(const inv_memory *memory, sqlite3_stmt *stmt, int at, inv_value *cell)
{
	const void *p;

	cell->size = 0;
	switch (sqlite3_column_type(stmt, at)) {
	case SQLITE_INTEGER:
		cell->type = INV_VALUE_INT;
		cell->u.i = sqlite3_column_int64(stmt, at);
		return true;
	case SQLITE_TEXT:
		cell->type = INV_VALUE_TEXT;
		p = sqlite3_column_text(stmt, at);
		return p && copy_bytes(memory, p, sqlite3_column_bytes(stmt, at), cell);
	case SQLITE_BLOB:
		cell->type = INV_VALUE_BLOB;
		p = sqlite3_column_blob(stmt, at);
		return copy_bytes(memory, p, sqlite3_column_bytes(stmt, at), cell);
	case SQLITE_FLOAT:
		cell->type = INV_VALUE_REAL;
		cell->u.r = sqlite3_column_double(stmt, at);
		return true;
	default:
		cell->type = INV_VALUE_NULL;
		cell->u.i = 0;
		return true;
	}
}

static bool collect(collector *c, sqlite3_stmt *handle)
{
	inv_rows *rows = c->rows;
	size_t used = rows->row_count * rows->column_count;

	while (used + rows->column_count > c->cap)
		if (!grow_cells(c, used))
			return false;
	for (size_t i = 0; i < rows->column_count; i++)
		if (!copy_cell(c->memory, handle, (int)i, &rows->cells[used + i]))
			return false;
	rows->row_count++;
	return true;
}

/* ---- running ---- */

/* Run the bound statement once and leave it reset. */
static inv_status run_once(inv_conn *conn, sqlite3_stmt *handle, collector *c, inv_error *error)
{
	inv_status status = INV_OK;
	int rc;

	conn->statements++;
	while ((rc = sqlite3_step(handle)) == SQLITE_ROW) {
		if (collect(c, handle))
			continue;
		sqlite3_reset(handle);
		return inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	}
	if (rc != SQLITE_DONE)
		status = inv__sqlite_error(conn, rc, error);
	sqlite3_reset(handle);
	return status;
}

/* As many rows as fill a statement of this width; *done = how many have gone. */
static inv_status run_wide(inv_conn *conn, const inv_item *item, int width, collector *c,
                           size_t *done, inv_error *error)
{
	int rows = inv__sqlite_widths[width];
	sqlite3_stmt *wide = NULL;
	inv_status status = INV_OK;

	if (item->row_count - *done >= (size_t)rows)
		status = inv__sqlite_wide(conn, item->stmt, width, &wide, error);
	while (wide && status == INV_OK && item->row_count - *done >= (size_t)rows) {
		int rc = SQLITE_OK;

		for (int i = 0; i < rows && rc == SQLITE_OK; i++)
			rc = bind_row(wide, item, *done + (size_t)i, i * (int)item->column_count);
		status = rc == SQLITE_OK ? run_once(conn, wide, c, error)
		                         : inv__sqlite_error(conn, rc, error);
		*done += (size_t)rows;
	}
	return status;
}

static inv_status run_rows(inv_conn *conn, const inv_item *item, collector *c, inv_error *error)
{
	bool plain = item->value_count == 0 && !(item->flags & INV_ITEM_ORDINAL);
	sqlite3_stmt *handle = item->stmt->handle;
	inv_status status = INV_OK;
	size_t k = 0;

	for (int i = 0; plain && i < INV__SQLITE_WIDTHS && status == INV_OK; i++)
		status = run_wide(conn, item, i, c, &k, error);
	for (; k < item->row_count && status == INV_OK; k++) {
		int rc = bind_row(handle, item, k, 0);

		status = rc == SQLITE_OK ? run_once(conn, handle, c, error)
		                         : inv__sqlite_error(conn, rc, error);
	}
	return status;
}

static bool is_rowset(const inv_item *item)
{
	return item->column_count > 0 || item->row_count > 0;
}

static inv_status run_item(inv_conn *conn, const inv_item *item, const inv_memory *memory,
                           inv_rows *rows, inv_error *error)
{
	const inv_stmt *stmt = item->stmt;
	collector c = {.memory = memory, .rows = rows};
	size_t given = item->column_count + item->value_count;
	sqlite3_int64 before = stmt->readonly ? 0 : sqlite3_total_changes64(conn->db);
	inv_status status;
	int rc;

	/* Parameters that are not given would keep what an earlier batch has bound. */
	given += item->flags & INV_ITEM_ORDINAL ? 1 : 0;
	if (given != (size_t)stmt->parameters)
		return inv__fault(error, INV_E_INTERNAL, 0,
		                  "a statement takes %d parameters and was given %zu", stmt->parameters,
		                  given);
	rows->column_count = (size_t)stmt->columns;
	rc = bind_values(stmt->handle, item);
	if (rc != SQLITE_OK)
		return inv__sqlite_error(conn, rc, error);
	status = is_rowset(item) ? run_rows(conn, item, &c, error)
	                         : run_once(conn, stmt->handle, &c, error);
	if (!stmt->readonly)
		rows->changes = sqlite3_total_changes64(conn->db) - before;
	return status;
}

static inv_status run_items(inv_conn *conn, inv_batch *batch, inv_error *error)
{
	for (size_t i = 0; i < batch->count; i++) {
		const inv_item *item = &batch->items[i];
		inv_status status;

		if (item->flags & INV_ITEM_LOCK)
			continue;
		status = run_item(conn, item, batch->memory, &batch->rows[i], error);
		if (status != INV_OK) {
			batch->failed = i;
			return status;
		}
	}
	return INV_OK;
}

/* Outside a transaction: does the batch need one of its own, and of which kind? One statement that
 * only reads is its own transaction. */
static bool needs_transaction(const inv_item *items, size_t count, uint32_t *mode)
{
	*mode = INV_BEGIN_READ;
	for (size_t i = 0; i < count; i++)
		if (!items[i].stmt->readonly && !(items[i].flags & INV_ITEM_LOCK))
			*mode = INV_BEGIN_WRITE;
	return count > 1 || *mode == INV_BEGIN_WRITE || is_rowset(&items[0]);
}

/* The items, then the end of the transaction they stand in. */
static inv_status run_and_finish(inv_conn *conn, inv_batch *batch, inv_error *error)
{
	inv_status status = run_items(conn, batch, error);

	if (status == INV_OK) {
		batch->failed = batch->count;
		return inv__sqlite_finish(conn, true, error);
	}
	(void)inv__sqlite_finish(conn, false, NULL); /* the first error is the one to tell */
	return status;
}

static inv_status run_alone(inv_conn *conn, inv_batch *batch, uint32_t mode, inv_error *error)
{
	inv_status status = inv__sqlite_start(conn, mode, error);

	batch->failed = 0;
	return status == INV_OK ? run_and_finish(conn, batch, error) : status;
}

inv_status inv__sqlite_exec(inv_conn *conn, inv_batch *batch, inv_error *error)
{
	uint32_t mode;
	inv_status status;

	if (batch->count == 0)
		return INV_OK;
	if (conn->doomed) {
		int rc = inv__sqlite_roll_back(conn);

		if (rc != SQLITE_OK)
			return inv__sqlite_error(conn, rc, error);
		inv__sqlite_settle(conn);
	}
	conn->round_trips++;
	memset(batch->rows, 0, batch->count * sizeof *batch->rows);
	if (sqlite3_get_autocommit(conn->db) && needs_transaction(batch->items, batch->count, &mode))
		return run_alone(conn, batch, mode, error);
	if ((batch->flags & INV_BATCH_COMMIT) && !sqlite3_get_autocommit(conn->db))
		return run_and_finish(conn, batch, error);
	status = run_items(conn, batch, error);
	if (status != INV_OK)
		inv__sqlite_settle(conn);
	return status;
}
