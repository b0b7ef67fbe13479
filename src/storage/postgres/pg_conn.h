/* SPDX-License-Identifier: MIT */
/* Inside of the PostgreSQL driver. */
#ifndef INV_PG_CONN_H
#define INV_PG_CONN_H

#include <libpq-fe.h>
#include <stdatomic.h>

#include "inventra/postgres.h"
#include "util/arena.h"
#include "util/os.h"

/* Types by their fixed numbers in pg_type. */
#define INV__PG_BOOL 16u
#define INV__PG_BYTEA 17u
#define INV__PG_CHAR 18u
#define INV__PG_NAME 19u
#define INV__PG_INT8 20u
#define INV__PG_INT2 21u
#define INV__PG_INT4 23u
#define INV__PG_TEXT 25u
#define INV__PG_OID 26u
#define INV__PG_JSON 114u
#define INV__PG_FLOAT4 700u
#define INV__PG_FLOAT8 701u
#define INV__PG_UNKNOWN 705u
#define INV__PG_BYTEA_ARRAY 1001u
#define INV__PG_TEXT_ARRAY 1009u
#define INV__PG_INT8_ARRAY 1016u
#define INV__PG_BPCHAR 1042u
#define INV__PG_VARCHAR 1043u
#define INV__PG_NUMERIC 1700u
#define INV__PG_VOID 2278u
#define INV__PG_UUID 2950u
#define INV__PG_UUID_ARRAY 2951u

/* What a statement does to the transaction it stands in. */
typedef enum inv__pg_control {
	INV__PG_PLAIN,
	INV__PG_SAVEPOINT,
	INV__PG_RELEASE,
	INV__PG_ROLLBACK_TO,
} inv__pg_control;

#define INV__PG_NARROW 8u /* rowsets of so many rows have forms of their own */

struct inv_stmt {
	inv_stmt *next;
	inv_stmt *prev;
	size_t size;         /* of this block, which ends in the two arrays and the text */
	char *text;          /* ?n is $n */
	Oid *types;          /* of the parameters, as far as they are known */
	Oid *casts;          /* what the text itself says of them */
	uint32_t parameters;
	uint64_t number;     /* of its name on the server; 0: not prepared there */
	bool typed;          /* all types are known */
	bool reads;          /* it only reads */
	bool wide;           /* it takes arrays, however many rows there are */
	inv__pg_control control;
	uint32_t rows;       /* of a form for so many rows: their values stand row by row; */
	uint32_t columns;
	inv_str table;       /* what it writes, where it reads nothing else than its rows; else empty */
	bool inserts;        /* then: an INSERT of them, without conditions, else an UPDATE */
	inv_stmt **slot;     /* and where its statement keeps it */
	inv_stmt *narrow[INV__PG_NARROW]; /* the forms for 1, 2, … rows that were made */
};

#define INV__PG_PARTS 8u
#define INV__PG_MERGED 32u

/* Statements that run as one. The least recently used goes when there is no room for another. */
typedef struct inv__pg_merged {
	inv_stmt *parts[INV__PG_PARTS];
	size_t count;
	inv_stmt *stmt;
	uint64_t used; /* number of the last pipeline that ran it */
} inv__pg_merged;

/* The transaction, as the engine sees it. */
typedef enum inv__pg_tx {
	INV__PG_NONE,
	INV__PG_PENDING, /* begun, but the server does not know it yet */
	INV__PG_OPEN,
	INV__PG_FAILED,  /* an error has stopped it; a savepoint can be gone back to */
	INV__PG_LOST,    /* an error has ended it, which the engine has not acknowledged yet */
} inv__pg_tx;

/* What a message of the pipeline was sent for. */
typedef enum inv__pg_step_kind {
	INV__PG_STEP_PLAIN,    /* BEGIN, settings: only its failure matters */
	INV__PG_STEP_PREPARE,
	INV__PG_STEP_DESCRIBE,
	INV__PG_STEP_ITEM,
	INV__PG_STEP_COMMIT,
	INV__PG_STEP_SYNC,
} inv__pg_step_kind;

typedef struct inv__pg_step {
	inv__pg_step_kind kind;
	size_t item;    /* the item it belongs to; the count of items for COMMIT and the end */
	size_t items;   /* and how many behind it that it runs too, itself counted */
	inv_stmt *stmt;
} inv__pg_step;

/* One pipeline on its way: what was sent and is not answered yet, and the first failure. */
typedef struct inv__pg_run {
	inv_batch *batch;    /* NULL: no items */
	inv_error *error;
	inv__pg_step *steps;
	size_t count;
	size_t cap;
	size_t answered;
	size_t largest;      /* bytes of an item's values */
	size_t unflushed;    /* bytes queued since everything was handed to the socket */
	inv_status status;   /* the first failure; */
	size_t failed;       /* and the item it belongs to */
	bool whole;          /* it ends its transaction */
	bool commits;        /* what may commit was queued */
	bool refused;        /* the server has answered with an error before it could commit */
	bool ended;          /* the connection was ended when it may have committed */
	bool committed;      /* the server has answered that it did */
	bool stale;          /* a statement must be prepared again */
	bool lost;           /* the connection is gone */
} inv__pg_run;

typedef struct inv__pg_canceller inv__pg_canceller;

struct inv_conn {
	PGconn *pg;
	inv_allocator allocator;
	inv_log log;
	inv__arena memory;       /* of the parameters of the connection */
	const char **keywords;
	const char **values;
	inv__arena scratch;      /* of the item that is sent now */
	inv__pg_run run;
	inv_stmt *first;         /* statements not finalized yet */
	inv_stmt *begins[2];     /* BEGIN for who reads and who writes, once it was needed */
	inv__pg_merged merged[INV__PG_MERGED];
	size_t merged_count;
	uint64_t runs;           /* pipelines so far */
	bool apart; /* the next transaction's statements are not merged: one was refused */
	uint64_t numbered;       /* the last number given to a statement */
	uint64_t *closing;       /* numbers whose statements the server may drop */
	size_t closing_count;
	size_t closing_cap;
	inv__pg_tx tx;
	uint32_t mode;           /* of the transaction */
	uint32_t savepoints;
	bool readonly;
	bool pooled;             /* nothing may be left on the server between transactions */
	bool alive;
	bool dismissed;          /* the server has said that it ends the connection */
	char schema[64];         /* empty: the server's search path */
	const char *settings;    /* of a pooled connection: a SELECT that each transaction needs */
	int64_t busy_timeout_ms;
	int64_t idle_timeout_ms;
	inv__mutex mutex;        /* of `cancel` */
	inv__pg_canceller *cancel;
	atomic_bool interrupted;
	uint64_t round_trips;
	uint64_t statements;
	uint64_t commits;
	char version[64];
	char durability[32];
	char warning[128];
};

/* ---- pg_error.c ---- */

/* The status of an SQLSTATE (five characters). */
inv_status inv__pg_status(const char *state);
/* The five characters as a number in base 36. */
int64_t inv__pg_code(const char *state);
/* Does this error end the connection, and not only what it answers? */
bool inv__pg_is_fatal(const PGresult *result);
/* The error of a result; `state` (may be NULL) gets the SQLSTATE, "" when it has none. */
inv_status inv__pg_result_error(inv_conn *conn, const PGresult *result, char state[6],
                                inv_error *error);
/* The error of a connection that could not be made. */
inv_status inv__pg_connect_error(PGconn *pg, inv_error *error);
/* The connection broke. */
inv_status inv__pg_lost(inv_error *error);

/* ---- pg_url.c ---- */

/* The URL as keywords and values for libpq, and our own parameters of it. */
inv_status inv__pg_url(inv_conn *conn, inv_str url, inv_error *error);

/* ---- pg_open.c ---- */

inv_status inv__pg_open(const inv_driver_open *open, inv_conn **out, inv_error *error);
void inv__pg_close(inv_conn *conn);
/* Outside a transaction: see that the connection is sound, make it again when it is not. */
inv_status inv__pg_revive(inv_conn *conn, inv_error *error);
/* The connection is gone: what was prepared and open on it is too. */
void inv__pg_drop(inv_conn *conn);
void inv__pg_interrupt(inv_conn *conn);

/* ---- pg_cancel.c ---- */

/* NULL when there is no memory. */
inv__pg_canceller *inv__pg_canceller_make(PGconn *pg);
void inv__pg_canceller_hold(inv__pg_canceller *canceller);
void inv__pg_canceller_drop(inv__pg_canceller *canceller);
/* Ask the server to stop what the connection runs; waits for half a second at most. */
void inv__pg_canceller_send(inv__pg_canceller *canceller);

/* ---- pg_statement.c ---- */

inv_status inv__pg_prepare(inv_conn *conn, inv_str sql, inv_stmt **out, inv_error *error);
void inv__pg_finalize(inv_conn *conn, inv_stmt *stmt);
/* The server does not have this statement (any more). */
void inv__pg_unprepare(inv_conn *conn, inv_stmt *stmt, bool close);
bool inv__pg_is_word(char c);
/* Bytes of the literal, quoted name or comment that begins at `text`; 0 when none does. */
size_t inv__pg_opaque(inv_str text);
/* Take what the item's values say of the types that are not known yet. */
void inv__pg_hint(inv_stmt *stmt, const inv_item *item);
/* Forget what values and server said of them. */
void inv__pg_untype(inv_stmt *stmt);

/* ---- pg_narrow.c ---- */

/* Make the forms that the batch's rowsets of few rows are run in, where they are not there. */
inv_status inv__pg_narrow(inv_conn *conn, inv_batch *batch, inv_error *error);

/* ---- pg_part.c ---- */

/* Find out whether the statement may be a part of one: sets `table` and `inserts`. */
void inv__pg_read_part(inv_stmt *stmt);

/* ---- pg_merge.c ---- */

/* How many items of the running batch, from `at` on, are sent as one: *out is the statement for
 * them, NULL when it is one alone. */
inv_status inv__pg_merge(inv_conn *conn, size_t at, size_t *count, inv_stmt **out,
                         inv_error *error);
/* A statement goes: those that it was merged into go too. */
void inv__pg_unmerge(inv_conn *conn, const inv_stmt *stmt);
/* The statement that runs the item. */
static inline inv_stmt *inv__pg_form(const inv_item *item)
{
	bool few = item->row_count > 0 && item->row_count <= INV__PG_NARROW;
	inv_stmt *form = few ? item->stmt->narrow[item->row_count - 1] : NULL;

	return form ? form : item->stmt;
}

/* ---- pg_encode.c, pg_decode.c ---- */

/* The values of items as libpq takes them, one behind the other; memory of `conn->scratch`. */
typedef struct inv__pg_values {
	const char **values;
	int *lengths;
	int *formats;
	int count;
	size_t bytes;
} inv__pg_values;
inv_status inv__pg_encode(inv_conn *conn, const inv_item *items, size_t count,
                          inv__pg_values *out, inv_error *error);
/* A result's rows into the memory of the batch. */
inv_status inv__pg_decode(const PGresult *result, const inv_memory *memory, inv_rows *rows,
                          inv_error *error);
/* A binary numeric as a number; false when it is none of 64 bits. */
bool inv__pg_numeric(const unsigned char *p, size_t size, int64_t *out);

/* ---- pg_pipe.c ---- */

/* Start a pipeline; `batch` may be NULL. */
void inv__pg_run_begin(inv_conn *conn, inv_batch *batch, inv_error *error);
/* Each queues one step; after a failure they do nothing. */
void inv__pg_send_text(inv_conn *conn, inv__pg_step_kind kind, const char *sql);
void inv__pg_send_begin(inv_conn *conn, uint32_t mode);
void inv__pg_send_prepare(inv_conn *conn, inv_stmt *stmt, size_t item);
void inv__pg_send_describe(inv_conn *conn, inv_stmt *stmt, size_t item);
/* Answers how many items went: some are run together. */
size_t inv__pg_send_item(inv_conn *conn, size_t item);
/* What goes before the items: statements that are to be dropped, and the settings of a pooled
 * connection where a transaction starts. */
void inv__pg_send_front(inv_conn *conn, bool starts);
/* Before a COMMIT is queued: take what has come already, without waiting. */
void inv__pg_listen(inv_conn *conn);
/* Sync, and read every answer: one round trip. Answers the first failure. */
inv_status inv__pg_run_end(inv_conn *conn);
/* A script outside of the pipeline: one round trip. */
inv_status inv__pg_simple(inv_conn *conn, const char *sql, inv_error *error);

/* ---- pg_exec.c, pg_transaction.c, pg_facts.c ---- */

inv_status inv__pg_exec(inv_conn *conn, inv_batch *batch, inv_error *error);
inv_status inv__pg_begin(inv_conn *conn, uint32_t mode, inv_error *error);
inv_status inv__pg_end(inv_conn *conn, inv_bool commit, inv_error *error);
inv_status inv__pg_script(inv_conn *conn, inv_str sql, inv_error *error);
/* The statement that begins a transaction of this mode. */
const char *inv__pg_begin_sql(uint32_t mode);
/* Roll back what the server has open: a round trip of its own. */
void inv__pg_roll_back(inv_conn *conn);
/* After a pipeline: what has become of the transaction. `ends`: it was to end with it. */
void inv__pg_settle(inv_conn *conn, bool ends);
void inv__pg_facts(const inv_conn *conn, inv_driver_facts *out);
inv_status inv__pg_check(inv_conn *conn, inv_bool deep, inv_error *error);
uint32_t inv__pg_sharers(inv_conn *conn);
/* Ask what the server promises about commits. */
inv_status inv__pg_learn_facts(inv_conn *conn, inv_error *error);

#endif
