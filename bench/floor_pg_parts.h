/* SPDX-License-Identifier: MIT */
/* Shared by the files of the PostgreSQL floors, and by nobody else. */
#ifndef BENCH_FLOOR_PG_PARTS_H
#define BENCH_FLOOR_PG_PARTS_H

#include <libpq-fe.h>

#include "floor_pg.h"

#define FLOOR_PG_ARGS 24
#define PG_LOCATION PG_DIGITS(FLOOR_LOCATION)
#define PG_DIGITS(number) PG_TEXT(number)
#define PG_TEXT(number) #number

enum {
	PG_BEGIN,
	PG_COMMIT,
	PG_LOOKUP,
	PG_LOCK,
	PG_POSITION,
	PG_JOURNAL,
	PG_KEY,
	PG_BALANCES,
	PG_MOVES,
	PG_SALE,
	PG_SALE_LINES,
	PG_TENDER,
	PG_POST_AT_ONCE,
	PG_SELL_AT_ONCE,
	PG_JOURNAL_ONE,
	PG_BALANCE_ONE,
	PG_MOVE_ONE,
	PG_SALE_LINE_ONE,
	PG_READ,
	PG_STATEMENTS
};

/* The values of one statement, in binary. */
typedef struct floor_pg_args {
	int count;
	const char *values[FLOOR_PG_ARGS];
	int lengths[FLOOR_PG_ARGS];
	int formats[FLOOR_PG_ARGS];
	char *buffer;
	size_t used;
} floor_pg_args;

bool floor_pg_args_open(floor_pg_args *args);
void floor_pg_args_close(floor_pg_args *args);
void floor_pg_int(floor_pg_args *args, int64_t value);
void floor_pg_text(floor_pg_args *args, const char *text);
/* Borrowed until the statement is sent. */
void floor_pg_bytes(floor_pg_args *args, const void *bytes, size_t size);
void floor_pg_ints(floor_pg_args *args, const int64_t *values, size_t count);
void floor_pg_skus(floor_pg_args *args, char (*skus)[24], size_t count);
void floor_pg_put32(char *out, uint32_t value);
void floor_pg_put64(char *out, uint64_t value);
int64_t floor_pg_get64(const char *in);

/* A command as columns, lines in the order of their products. */
typedef struct floor_pg_rows {
	floor_event event;
	int64_t position; /* in the journal */
	size_t lines;
	int64_t product[FLOOR_PG_LINES];
	int64_t number[FLOOR_PG_LINES]; /* of the line, from 1 */
	int64_t sold[FLOOR_PG_LINES];
	int64_t moved[FLOOR_PG_LINES]; /* what is sold leaves */
	int64_t price[FLOOR_PG_LINES];
	int64_t amount[FLOOR_PG_LINES];
	char sku[FLOOR_PG_LINES][24];
	size_t balances; /* a product may stand in two lines; its balance is changed once */
	int64_t balance[FLOOR_PG_LINES];
	int64_t taken[FLOOR_PG_LINES];
	int64_t total;
	int64_t ticket;
	char ticket_text[32];
} floor_pg_rows;

bool floor_pg_rows_of(floor_pg_rows *rows, const floor_command *command);

struct floor_pg {
	PGconn *native;
	uint32_t till;
	int64_t tickets;
	floor_pg_args args;
	floor_pg_rows rows;
};

/* What the connection says, on stderr; returns false. */
bool floor_pg_error(const floor_pg *pg, const char *what);
/* Queue a statement with its values, which are then empty again. */
bool floor_pg_send(floor_pg *pg, int statement);
/* Take the answer to one that was queued; NULL after an error, else PQclear() it. */
PGresult *floor_pg_take(floor_pg *pg);
/* A statement with its values, and wait; NULL after an error. */
PGresult *floor_pg_ask(floor_pg *pg, int statement);
/* The end of a batch. */
bool floor_pg_synced(floor_pg *pg);
/* What is to be known of an answer, which is then cleared; all take NULL for one that failed. */
bool floor_pg_changed(PGresult *result, size_t rows); /* so many, no more and no less */
bool floor_pg_none(PGresult *result);                 /* no key was found */
int64_t floor_pg_number(PGresult *result);            /* its one number; -1 when there is none */

bool floor_pg_prepare(floor_pg *pg);
bool floor_pg_batches(floor_pg *pg, const floor_command *command);
bool floor_pg_at_once(floor_pg *pg, const floor_command *command);
bool floor_pg_naive(floor_pg *pg, const floor_command *command);
/* Values that more than one form sends: id, instant, actor, name, payload, hash; */
void floor_pg_event_args(floor_pg *pg);
/* ticket, number, till, day, total; */
void floor_pg_sale_args(floor_pg *pg);
/* the balances and what is taken of them. */
void floor_pg_balance_args(floor_pg *pg);

#endif
