/* SPDX-License-Identifier: MIT */
/* The floors on PostgreSQL: what a careful programmer gets from libpq by hand, with the rows of the
 * SQLite floors and nothing else. READ COMMITTED, the server's default durability, prepared
 * statements, binary values, integer keys, rows locked in the order of their keys.
 *
 * Three forms of a command: two batches (what is read and locked, then what is written, with
 * COMMIT), one statement of writable CTEs, and a round trip for each statement. */
#ifndef BENCH_FLOOR_PG_H
#define BENCH_FLOOR_PG_H

#include "floor.h"

#define FLOOR_PG_LINES 1000 /* of a command at most */

typedef struct floor_pg floor_pg; /* one connection */

typedef enum floor_pg_form {
	FLOOR_PG_BATCHES,
	FLOOR_PG_STATEMENT,
	FLOOR_PG_NAIVE,
	FLOOR_PG_FORMS
} floor_pg_form;

/* Make a schema, or remove it with all that is in it. */
bool floor_pg_schema(const char *url, const char *schema, bool make);
/* Fill a schema with `products` balances of plenty and the opening delivery; with none, with the
 * tables alone. */
bool floor_pg_create(const char *url, const char *schema, uint32_t products);
/* Run SQL as the owner of the server; what it answers goes to `answer`, cut to `size` bytes. */
bool floor_pg_sql(const char *url, const char *sql, char *answer, size_t size);

/* A connection for one thread; sales get the tickets of this till. */
floor_pg *floor_pg_open(const char *url, const char *schema, uint32_t till);
void floor_pg_close(floor_pg *pg);
bool floor_pg_run(floor_pg *pg, floor_pg_form form, const floor_command *command);
bool floor_pg_read(floor_pg *pg, uint32_t product, int64_t *on_hand);
/* Import a CSV file of products by COPY, slice by slice: product, barcode, journal row and key. */
bool floor_pg_import(floor_pg *pg, const char *csv, size_t *rows, double *seconds);

#endif
