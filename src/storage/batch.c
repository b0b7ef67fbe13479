/* SPDX-License-Identifier: MIT */
/* Batches: statements and their values, gathered in an arena and run as one round trip. Values of
 * one item are contiguous; they grow in a chunk shared by the items, so that a small batch costs a
 * handful of bumps of the arena. */
#include "storage/batch.h"

#include "storage/fault.h"
#include "storage/link.h"
#include "storage/storage.h"

#define FIRST_ITEMS 8u
#define FIRST_VALUES 32u
#define FIRST_COLUMNS 16u

void inv__batch_init(inv__batch *batch, inv__arena *arena)
{
	memset(batch, 0, sizeof *batch);
	batch->arena = arena;
}

void inv__batch_reset(inv__batch *batch)
{
	inv__arena *arena = batch->arena;

	inv__batch_init(batch, arena);
}

/* ---- items ---- */

static bool grow_items(inv__batch *batch)
{
	size_t cap = batch->cap ? batch->cap * 2 : FIRST_ITEMS;
	struct inv__entry *entries = inv__arena_alloc(batch->arena, cap * sizeof *entries);
	inv_item *items = inv__arena_alloc(batch->arena, cap * sizeof *items);
	inv_rows *rows = inv__arena_alloc(batch->arena, cap * sizeof *rows);

	if (!entries || !items || !rows) {
		batch->status = INV_E_NO_MEMORY;
		return false;
	}
	if (batch->count) {
		memcpy(entries, batch->entries, batch->count * sizeof *entries);
		memcpy(items, batch->items, batch->count * sizeof *items);
		memcpy(rows, batch->rows, batch->done * sizeof *rows);
	}
	batch->entries = entries;
	batch->items = items;
	batch->rows = rows;
	batch->cap = cap;
	return true;
}

static size_t add(inv__batch *batch, const struct inv__entry *entry)
{
	batch->open = NULL;
	if (batch->status != INV_OK || (batch->count == batch->cap && !grow_items(batch)))
		return 0;
	batch->entries[batch->count] = *entry;
	batch->open = &batch->items[batch->count];
	memset(batch->open, 0, sizeof *batch->open);
	return batch->count++;
}

size_t inv__batch_add(inv__batch *batch, const inv__sql *sql)
{
	return add(batch, &(struct inv__entry){.sql = sql});
}

size_t inv__batch_add_text(inv__batch *batch, inv_str sql)
{
	if (!sql.ptr) { /* there was no memory for it */
		batch->status = INV_E_NO_MEMORY;
		batch->open = NULL;
		return 0;
	}
	return add(batch, &(struct inv__entry){.text = sql});
}

size_t inv__batch_add_buf(inv__batch *batch, inv__buf *sql)
{
	inv_str text = {NULL, 0};

	if (sql->status == INV_OK)
		text = inv__arena_str(batch->arena, inv__buf_str(sql));
	inv__buf_free(sql);
	return inv__batch_add_text(batch, text);
}

size_t inv__batch_add_made(inv__batch *batch, const void *key, inv__sql_make make, const void *ctx)
{
	return add(batch, &(struct inv__entry){.sql = key, .make = make, .ctx = ctx});
}

void inv__batch_flags(inv__batch *batch, uint32_t item_flags)
{
	if (batch->open)
		batch->open->flags |= item_flags;
}

void inv__batch_expect(inv__batch *batch)
{
	if (batch->open)
		batch->entries[batch->count - 1].expects = true;
}

/* ---- values ---- */

/* Room for one more value of the open item; NULL when out of memory. */
static inv_value *value_slot(inv__batch *batch)
{
	inv_item *item = batch->open;
	size_t count;

	if (!item)
		return NULL;
	count = item->value_count;
	if (batch->value_used == batch->value_cap) {
		size_t cap = count < FIRST_VALUES / 2 ? FIRST_VALUES : count * 2;
		inv_value *values = inv__arena_alloc(batch->arena, cap * sizeof *values);

		if (!values) {
			batch->status = INV_E_NO_MEMORY;
			batch->open = NULL;
			return NULL;
		}
		if (count)
			memcpy(values, item->values, count * sizeof *values);
		item->values = values;
		batch->values = values;
		batch->value_cap = cap;
		batch->value_used = count;
	}
	if (count == 0)
		item->values = batch->values + batch->value_used;
	item->value_count++;
	return &batch->values[batch->value_used++];
}

static void put_bytes(inv__batch *batch, uint32_t type, inv_str bytes)
{
	inv_value *v;

	if (bytes.len > UINT32_MAX) {
		batch->status = INV_E_LIMIT;
		batch->open = NULL;
		return;
	}
	v = value_slot(batch);
	if (!v)
		return;
	v->type = type;
	v->size = (uint32_t)bytes.len;
	v->u.p = bytes.ptr;
}

void inv__batch_int(inv__batch *batch, int64_t value)
{
	inv_value *v = value_slot(batch);

	if (!v)
		return;
	v->type = INV_VALUE_INT;
	v->size = 0;
	v->u.i = value;
}

void inv__batch_text(inv__batch *batch, inv_str value)
{
	put_bytes(batch, INV_VALUE_TEXT, value);
}

void inv__batch_blob(inv__batch *batch, inv_str value)
{
	put_bytes(batch, INV_VALUE_BLOB, value);
}

/* The bytes of an id in the arena; none = empty. */
static inv_str id_bytes(inv__batch *batch, const inv_id *id)
{
	inv_str bytes = {"", 0};
	char *copy;

	if (inv_id_is_none(*id))
		return bytes;
	copy = inv__arena_alloc(batch->arena, sizeof id->bytes);
	if (!copy) {
		batch->status = INV_E_NO_MEMORY;
		return bytes;
	}
	memcpy(copy, id->bytes, sizeof id->bytes);
	bytes.ptr = copy;
	bytes.len = sizeof id->bytes;
	return bytes;
}

void inv__batch_id(inv__batch *batch, inv_id value)
{
	put_bytes(batch, INV_VALUE_BLOB, id_bytes(batch, &value));
}

void inv__batch_value(inv__batch *batch, const inv_value *value)
{
	inv_value *v = value_slot(batch);

	if (v)
		*v = *value;
}

/* ---- rowsets ---- */

void inv__batch_rows(inv__batch *batch, size_t row_count)
{
	if (batch->open)
		batch->open->row_count = row_count;
}

static inv_column *column_slot(inv__batch *batch)
{
	inv_item *item = batch->open;
	size_t count = item->column_count;

	if (batch->column_used == batch->column_cap) {
		size_t cap = count < FIRST_COLUMNS / 2 ? FIRST_COLUMNS : count * 2;
		inv_column *columns = inv__arena_alloc(batch->arena, cap * sizeof *columns);

		if (!columns)
			return NULL;
		if (count)
			memcpy(columns, item->columns, count * sizeof *columns);
		item->columns = columns;
		batch->columns = columns;
		batch->column_cap = cap;
		batch->column_used = count;
	}
	if (count == 0)
		item->columns = batch->columns + batch->column_used;
	item->column_count++;
	return &batch->columns[batch->column_used++];
}

static void *add_column(inv__batch *batch, uint32_t type, size_t size)
{
	inv_column *column;
	size_t rows;
	void *values;

	if (!batch->open)
		return NULL;
	rows = batch->open->row_count ? batch->open->row_count : 1;
	values = inv__arena_array(batch->arena, rows, size);
	column = values ? column_slot(batch) : NULL;
	if (!column) {
		batch->status = INV_E_NO_MEMORY;
		batch->open = NULL;
		return NULL;
	}
	column->type = type;
	column->reserved = 0;
	column->values = values;
	return values;
}

int64_t *inv__batch_int_column(inv__batch *batch)
{
	return add_column(batch, INV_VALUE_INT, sizeof(int64_t));
}

inv_str *inv__batch_text_column(inv__batch *batch)
{
	return add_column(batch, INV_VALUE_TEXT, sizeof(inv_str));
}

inv_str *inv__batch_blob_column(inv__batch *batch)
{
	return add_column(batch, INV_VALUE_BLOB, sizeof(inv_str));
}

void inv__batch_id_at(inv__batch *batch, inv_str *column, size_t row, const inv_id *id)
{
	if (column)
		column[row] = id_bytes(batch, id);
}

/* ---- running ---- */

static void *memory_alloc(void *ctx, size_t size)
{
	return inv__arena_alloc(ctx, size);
}

static inv_status check_changes(inv__batch *batch, size_t from, size_t to, inv_error *error)
{
	for (size_t i = from; i < to; i++) {
		if (!batch->entries[i].expects ||
		    batch->rows[i].changes == (int64_t)batch->items[i].row_count)
			continue;
		batch->failed = i;
		return inv__fault(error, INV_E_INTERNAL, 0, "a row that was to be changed is not there");
	}
	return INV_OK;
}

/* Runs what has not run, up to entry `end`; the rows of earlier ones stay. */
static inv_status exec(inv__batch *batch, size_t end, inv__link *link, inv_error *error)
{
	const inv_memory memory = {.ctx = batch->arena, .alloc = memory_alloc};
	inv_batch run = {.items = batch->items + batch->done, .count = end - batch->done,
	                 .memory = &memory, .rows = batch->rows + batch->done,
	                 .flags = batch->commit ? INV_BATCH_COMMIT : 0};
	inv_status status = inv__link_prepare(link, batch, error);

	if (status != INV_OK)
		return status;
	status = inv__link_driver(link)->exec(inv__link_conn(link), &run, error);
	batch->failed = batch->done + run.failed;
	if (status == INV_OK)
		status = check_changes(batch, batch->done, end, error);
	batch->done = end;
	return status;
}

inv_status inv__batch_exec(inv__batch *batch, inv__link *link, inv_error *error)
{
	return inv__batch_exec_some(batch, batch->count, link, error);
}

inv_status inv__batch_exec_some(inv__batch *batch, size_t count, inv__link *link, inv_error *error)
{
	inv_error own;
	inv_status status;

	if (batch->status != INV_OK)
		return inv__fault(error, batch->status, 0, batch->status == INV_E_LIMIT
		                  ? "a value is too large for the database" : "out of memory");
	batch->failed = batch->count;
	if (batch->done >= count)
		return INV_OK;
	/* The text of a violated constraint decides the status, whether or not the caller asks. */
	if (!error)
		error = &own;
	status = exec(batch, count, link, error);
	if (status != INV_E_CONFLICT)
		return status;
	inv__constraint_explain(error);
	return error->status;
}

const inv_rows *inv__batch_result(const inv__batch *batch, size_t index)
{
	return &batch->rows[index];
}

/* ---- cells ---- */

inv_str inv__cell_str(const inv_rows *rows, size_t row, size_t column)
{
	const inv_value *v = inv__cell(rows, row, column);
	inv_str s = {"", 0};

	if (v->type == INV_VALUE_TEXT || v->type == INV_VALUE_BLOB) {
		s.ptr = v->u.p;
		s.len = v->size;
	}
	return s;
}

inv_id inv__cell_id(const inv_rows *rows, size_t row, size_t column)
{
	const inv_value *v = inv__cell(rows, row, column);
	inv_id id = {{0}};

	if (v->type == INV_VALUE_BLOB && v->size == sizeof id.bytes)
		memcpy(id.bytes, v->u.p, sizeof id.bytes);
	return id;
}
