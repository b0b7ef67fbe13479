/* SPDX-License-Identifier: MIT */
/* The floors: what a careful programmer gets from SQLite by hand, with the same durability and the
 * same rows as the engine, and nothing else. WAL, synchronous=FULL, a checkpoint at 4,000 pages,
 * prepared statements, pages of 4,096 bytes, a cache of 64 MiB, integer keys.
 *
 * Per command: one journal row (id, instants, actor, name, a payload of about 250 bytes, BLAKE2b
 * hash) and one unique key. Per line: one move row with its index, one guarded balance update. Per
 * sale: one document row, one row per line and per tender. */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <sqlite3.h>
#include <stdio.h>

#include "support.h"

#define FLOOR_LOCATION 1
#define FLOOR_ACTOR "till-07/anna"
#define FLOOR_PLENTY (INT64_C(1000000) * 1000000)

typedef struct floor_db floor_db;

typedef enum floor_kind { FLOOR_POSTING, FLOOR_SALE } floor_kind;

typedef struct floor_command {
	floor_kind kind;
	const bench_line *lines;
	size_t count;
	const char *key;
} floor_command;

/* Create a database with `products` balances of plenty; NULL on failure, which has been told. */
floor_db *floor_open(const char *path, uint32_t products);
void floor_close(floor_db *db);
/* One command in a transaction of its own: durable when it returns. */
bool floor_run(floor_db *db, const floor_command *command);

/* The steps of floor_run, for those who commit several commands at once. */
bool floor_begin(floor_db *db);
bool floor_commit(floor_db *db);
bool floor_rollback(floor_db *db);
bool floor_apply(floor_db *db, const floor_command *command);
/* The same behind a savepoint: a command that fails leaves no trace. */
bool floor_apply_alone(floor_db *db, const floor_command *command);

/* Group commit: callers wait, one thread writes, one commit for all who wait. */
typedef struct floor_group floor_group;
floor_group *floor_group_start(floor_db *db);
void floor_group_stop(floor_group *group);
bool floor_group_run(floor_group *group, const floor_command *command);

/* A connection that reads balances. */
typedef struct floor_reader floor_reader;
floor_reader *floor_reader_open(const char *path);
void floor_reader_close(floor_reader *reader);
bool floor_reader_begin(floor_reader *reader);
bool floor_reader_end(floor_reader *reader);
bool floor_read(floor_reader *reader, uint32_t product, int64_t *on_hand);

/* Goods that are held and then leave: a reservation row and what is held of the balance; then both
 * less, a move and a posting. Two transactions. */
typedef struct floor_holds floor_holds;
floor_holds *floor_holds_open(const char *path, uint32_t products);
void floor_holds_close(floor_holds *holds);
bool floor_holds_run(floor_holds *holds, const bench_line *line, const char *hold_key,
                     const char *take_key);

/* Import a CSV file of products (see bench_import.c) into a new database, committed in slices of
 * 20 ms: product row with unique SKU, barcode, journal row and key; no search words. */
bool floor_import(const char *path, const char *csv, size_t *rows, double *seconds);

/* Receive `count` units by their serial numbers into a new database: `lines` to an event, all in
 * one transaction. */
bool floor_serials(const char *path, size_t count, size_t lines, double *seconds);

/* ---- shared by the floors' own files (floor_row.c, floor_csv.c) ---- */

typedef struct floor_event {
	uint8_t id[16];
	uint8_t hash[32];
	int64_t now;
	const char *name;
	char payload[512];
	const char *longer; /* in its place, when it is not NULL */
	size_t payload_size;
} floor_event;

sqlite3 *floor_connect(const char *path);
bool floor_sql(sqlite3 *db, const char *sql);
bool floor_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out);
/* Step a statement that answers no row, and reset it. */
bool floor_done(sqlite3_stmt *stmt);
/* Journal and key tables, and their statements. */
bool floor_journal_create(sqlite3 *db);
bool floor_journal_prepare(sqlite3 *db, sqlite3_stmt **journal, sqlite3_stmt **key);
/* Fill id and instant; the payload is the caller's. */
void floor_event_start(floor_event *event, const char *name);
/* The event of a command, payload and all. */
void floor_event_command(floor_event *event, const floor_command *command);
void floor_event_hash(floor_event *event);
/* Hash, and insert both rows; without a key statement, the journal's alone. */
bool floor_event_write(sqlite3_stmt *journal, sqlite3_stmt *key, floor_event *event,
                       const char *key_text);

#define FLOOR_CSV_FIELDS 8
#define FLOOR_CSV_BYTES 256

enum {
	FLOOR_CSV_SKU,
	FLOOR_CSV_NAME,
	FLOOR_CSV_DESCRIPTION,
	FLOOR_CSV_UNIT,
	FLOOR_CSV_DECIMALS,
	FLOOR_CSV_STOCKING,
	FLOOR_CSV_LIST_PRICE,
	FLOOR_CSV_BARCODES
};

typedef struct floor_csv {
	FILE *file;
	char field[FLOOR_CSV_FIELDS][FLOOR_CSV_BYTES];
	size_t size[FLOOR_CSV_FIELDS];
	size_t count; /* fields of the row just read */
} floor_csv;

/* One row; count is 0 at the end of the file. */
bool floor_csv_row(floor_csv *c);
/* A decimal such as 2.55 in 10^-4. */
int64_t floor_csv_money(const char *text);
/* The event of a product's row, payload and all. */
bool floor_event_product(floor_event *event, const floor_csv *row, size_t line);

#endif
