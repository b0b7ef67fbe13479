/* SPDX-License-Identifier: MIT */
/* An import between its three files: transfer_import.c drives it, transfer_rows.c reads rows,
 * transfer_slice.c runs them. */
#ifndef INV_ENGINE_TRANSFER_H
#define INV_ENGINE_TRANSFER_H

#include "engine/engine.h"

typedef enum inv__row_state {
	INV__ROW_READ, /* waits for its command */
	INV__ROW_DONE,
	INV__ROW_BAD
} inv__row_state;

/* A row of the file and its command. Lives in the chunk's arena. */
typedef struct inv__import_row {
	inv__command command;
	const void *record; /* as read: references may still be codes */
	inv_error *error;   /* of a bad row */
	uint64_t line;
	uint64_t index;     /* among the rows, from 0 */
	inv__row_state state;
	bool malformed;     /* not even CSV; its message names the line */
	bool fit;           /* became a command */
} inv__import_row;

/* Rows are read ahead in chunks, so that nobody waits for the writer while a file is read. A chunk
 * is about as much as one slice can do. */
typedef struct inv__import {
	inv_session *session;
	const inv_op_desc *op;
	const inv_record_desc *record;
	inv_import_options options;
	inv_import_report report;
	inv__csv_reader *csv;
	const inv_field_desc **fields; /* of the columns; NULL = passed over */
	size_t column_count;
	inv_fields mask;               /* the fields that have a column */
	uint64_t row_count;            /* read so far */
	inv__arena arena;              /* as long as the import */
	inv__arena chunk_arena;        /* as long as the chunk */
	inv__arena work;               /* as long as the commands that wait to be written */
	inv__command **waiting;        /* decided, not yet written */
	size_t waiting_count;
	inv__import_row **rows;        /* the chunk */
	size_t count;
	size_t chunk_rows;             /* how many rows to read ahead */
	bool at_end;
	bool careful;                  /* rows get savepoints: one has failed at its writes */
	inv_status lost;               /* why a slice's transaction is gone */
} inv__import;

#define INV__IMPORT_ROWS_MAX 4096u
#define INV__IMPORT_WAITING_MAX 256u

/* Open the file and make the header row's fields. */
inv_status inv__import_open(inv__import *import, const char *path);
/* Read the next chunk. A bad row is in it, and ends it unless bad rows are skipped; an error of the
 * file itself is returned, with the rows before it in the chunk. */
inv_status inv__import_read(inv__import *import);
/* Run the chunk's rows from *next on, for one slice. Fails when it could not begin. */
inv_status inv__import_slice(inv__import *import, size_t *next);
/* Does this bad row end the import? */
bool inv__import_stops(const inv__import *import, const inv__import_row *row);
/* The row is bad: keep the session's error for the report. */
inv_status inv__import_bad(inv__import *import, inv__import_row *row, inv_status status);

#endif
