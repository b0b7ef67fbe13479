/* SPDX-License-Identifier: MIT */
/* A connection with its prepared statements, and batches of statements on it: one exec is one
 * round trip. This is all the SQL interface that engine and domain know. */
#ifndef INV_STORAGE_BATCH_H
#define INV_STORAGE_BATCH_H

#include "inventra/sys/driver.h"
#include "util/arena.h"

/* A statement of the program: static storage, its address is its identity in the cache. */
typedef struct inv__sql {
	const char *text;
} inv__sql;
/* INV__SQL(name, "text") defines one. */
#define INV__SQL(name, sql_text) static const inv__sql name = {sql_text}

typedef struct inv__link inv__link; /* a connection with its statement cache */

/* Opens a connection. The link keeps the driver and the allocator. */
inv_status inv__link_open(const inv_driver *driver, const inv_driver_open *open, inv__link **out,
                          inv_error *error);
void inv__link_close(inv__link *link);
const inv_driver *inv__link_driver(const inv__link *link);
inv_conn *inv__link_conn(const inv__link *link);
inv_status inv__link_begin(inv__link *link, uint32_t mode, inv_error *error);
inv_status inv__link_end(inv__link *link, bool commit, inv_error *error);
/* Stop what runs on it, from any thread; it answers CANCELLED. */
void inv__link_interrupt(const inv__link *link);
void inv__link_facts(const inv__link *link, inv_driver_facts *out);
/* False when the connection broke. */
bool inv__link_alive(const inv__link *link);
/* Only those that cost nothing: the fields before `file_bytes`. */
void inv__link_pulse(const inv__link *link, inv_driver_facts *out);

/* A batch under construction. Everything it holds lives in its arena. */
typedef struct inv__batch {
	inv__arena *arena;
	struct inv__entry *entries; /* which statement each item runs */
	inv_item *items;
	inv_rows *rows;
	size_t count;
	size_t cap;
	size_t done;            /* items that have run: exec runs those behind them */
	size_t failed;          /* after a failed exec: the item's index, `count` when the end failed */
	bool commit;            /* the next exec commits the open transaction, in the same round trip */
	inv_status status;      /* sticky: NO_MEMORY, LIMIT */
	inv_item *open;         /* the item values are added to */
	inv_value *values;      /* room that the open item's values grow into */
	size_t value_used;
	size_t value_cap;
	inv_column *columns;
	size_t column_used;
	size_t column_cap;
} inv__batch;

void inv__batch_init(inv__batch *batch, inv__arena *arena);
/* Start again after an exec; the arena is kept. */
void inv__batch_reset(inv__batch *batch);
/* Add a statement; returns its index, by which its rows are asked for. Values follow. */
size_t inv__batch_add(inv__batch *batch, const inv__sql *sql);
/* Add a statement whose text was made at run time; cached by text (bounded). */
size_t inv__batch_add_text(inv__batch *batch, inv_str sql);
/* The same with a text that was just written; it is freed. */
size_t inv__batch_add_buf(inv__batch *batch, inv__buf *sql);
/* Add a statement whose text is made from the description, once for each connection: `key` is its
 * identity (static storage), `make` writes the text where the connection does not have it yet.
 * `ctx` is borrowed until exec. */
typedef void (*inv__sql_make)(const void *ctx, inv__buf *sql);
size_t inv__batch_add_made(inv__batch *batch, const void *key, inv__sql_make make,
                           const void *ctx);
void inv__batch_flags(inv__batch *batch, uint32_t item_flags); /* of the statement added last */
/* The statement added last must change as many rows as its rowset has: else INTERNAL. */
void inv__batch_expect(inv__batch *batch);
void inv__batch_int(inv__batch *batch, int64_t value);
void inv__batch_text(inv__batch *batch, inv_str value);  /* borrowed until exec */
void inv__batch_blob(inv__batch *batch, inv_str value);
void inv__batch_id(inv__batch *batch, inv_id value);     /* none = empty blob; copied */
void inv__batch_value(inv__batch *batch, const inv_value *value);

/* The rowset of the statement added last: declare its size, then its columns in order. The arrays
 * are made in the arena, cleared, and filled by the caller; NULL when out of memory, which the
 * batch's status also says. */
void inv__batch_rows(inv__batch *batch, size_t row_count);
int64_t *inv__batch_int_column(inv__batch *batch);
inv_str *inv__batch_text_column(inv__batch *batch);
inv_str *inv__batch_blob_column(inv__batch *batch);
/* Set element `row` of a blob column to an id (none = empty); copied into the arena. */
void inv__batch_id_at(inv__batch *batch, inv_str *column, size_t row, const inv_id *id);

/* Run what was added since the last exec: one round trip. Rows are then asked for by index, also
 * those of earlier execs. Outside a transaction what runs is atomic by itself. */
inv_status inv__batch_exec(inv__batch *batch, inv__link *link, inv_error *error);
/* The same for the first `count` entries only. */
inv_status inv__batch_exec_some(inv__batch *batch, size_t count, inv__link *link,
                                inv_error *error);
const inv_rows *inv__batch_result(const inv__batch *batch, size_t index);

/* Cells. A NULL or missing cell reads as zero, empty, none. */
static inline const inv_value *inv__cell(const inv_rows *rows, size_t row, size_t column)
{
	return &rows->cells[row * rows->column_count + column];
}
static inline int64_t inv__cell_int(const inv_rows *rows, size_t row, size_t column)
{
	const inv_value *v = inv__cell(rows, row, column);
	return v->type == INV_VALUE_INT ? v->u.i : 0;
}
inv_str inv__cell_str(const inv_rows *rows, size_t row, size_t column);
inv_id inv__cell_id(const inv_rows *rows, size_t row, size_t column);
static inline bool inv__cell_is_null(const inv_rows *rows, size_t row, size_t column)
{
	return inv__cell(rows, row, column)->type == INV_VALUE_NULL;
}

#endif
