/* SPDX-License-Identifier: MIT */
/**
 * @file sys/driver.h
 * What a storage driver is. A weaker promise than the rest: it may change with a minor version.
 *
 * A driver speaks SQL in batches. An *item* is a prepared statement with its values; a batch of
 * items is one round trip; results are materialised into memory the engine hands over. The engine
 * expands its dialect tokens with the driver's `dialect` before `prepare`, so a driver sees plain
 * SQL of its own database with ?1 … ?n parameters.
 *
 * Threads: one connection is used by one thread at a time; only `interrupt` and `sharers` may be
 * called from another while it works.
 */
#ifndef INVENTRA_SYS_DRIVER_H
#define INVENTRA_SYS_DRIVER_H

#include "inventra/base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define INV_DRIVER_ABI 1u

/* Value types, of parameters and of result cells. */
#define INV_VALUE_NULL 0u
#define INV_VALUE_INT 1u
#define INV_VALUE_TEXT 2u
#define INV_VALUE_BLOB 3u
#define INV_VALUE_REAL 4u

/** 16 bytes: a parameter or a cell. Text and blobs of parameters are borrowed for the call; those
 *  of cells live in the memory of `inv_memory` and are followed by a NUL byte. */
typedef struct inv_value {
	uint32_t type;
	uint32_t size; /* bytes of text or blob */
	union {
		int64_t i;
		double r;
		const void *p;
	} u;
} inv_value;

/** A typed column of a rowset: `values` is `int64_t[rows]` for INT, `inv_str[rows]` for TEXT and
 *  BLOB. */
typedef struct inv_column {
	uint32_t type;
	uint32_t reserved;
	const void *values;
} inv_column;

typedef struct inv_stmt inv_stmt; /* the driver's */
typedef struct inv_conn inv_conn; /* the driver's */

/** One statement of a batch. With `row_count` > 0 or `column_count` > 0 it takes a rowset: its
 *  columns are parameters ?1 … ?column_count and an ordinal (from 0) is ?column_count+1 where the
 *  statement asks for it; `values` follow. A rowset of no rows runs nothing. What it answers comes
 *  in the order that the statement asks for. */
typedef struct inv_item {
	inv_stmt *stmt;
	const inv_value *values;
	size_t value_count;
	const inv_column *columns;
	size_t column_count;
	size_t row_count;
	uint32_t flags;
	uint32_t reserved;
} inv_item;

/** The item only takes locks and answers no rows: a driver with one writer at a time skips it. */
#define INV_ITEM_LOCK 1u
/** The rowset's ordinal is a parameter. */
#define INV_ITEM_ORDINAL 2u

/** Result of one item: `cells[row * column_count + column]`, and the rows changed. */
typedef struct inv_rows {
	inv_value *cells;
	size_t row_count;
	size_t column_count;
	int64_t changes;
} inv_rows;

/** Memory for results: lives as long as the engine needs it; a driver never frees it. */
typedef struct inv_memory {
	void *ctx;
	void *(*alloc)(void *ctx, size_t size); /* aligned to 16; NULL when out of memory */
} inv_memory;

/** A batch on its way: what to run, where results go. `rows` has room for `count`; the driver fills
 *  it, and `failed` when it stops: the index of the item, or `count` when the end failed. */
typedef struct inv_batch {
	const inv_item *items;
	size_t count;
	const inv_memory *memory;
	inv_rows *rows;
	size_t failed;
	uint32_t flags;
	uint32_t reserved;
} inv_batch;

/** Commit the open transaction behind the last item, in the same round trip. When an item fails
 *  nothing is committed and the transaction is rolled back; when the commit fails it is as with
 *  `end`. */
#define INV_BATCH_COMMIT 1u

/** What the engine hands a driver at open. Borrowed for the call; `url` is the URL or a path. */
typedef struct inv_driver_open {
	uint32_t struct_size;
	uint32_t flags; /* INV_OPEN_… */
	inv_str url;
	inv_allocator allocator;
	inv_log log;
	int64_t busy_timeout_ms;
	int64_t idle_timeout_ms; /* the database may end a transaction that does nothing for so long;
	                          * 0 = never */
	void *ctx; /* the driver's own */
} inv_driver_open;

#define INV_OPEN_READONLY 1u /* no write may happen through this connection */
#define INV_OPEN_CREATE 2u   /* create the store when it is missing */

/* Modes of begin. */
#define INV_BEGIN_READ 0u
#define INV_BEGIN_WRITE 1u

/** Facts a driver tells about a connection. Who asks for a part gives a smaller struct_size; what
 *  lies behind it may be left out, and must be where there is no room for it. */
typedef struct inv_driver_facts {
	uint32_t struct_size;
	inv_bool in_transaction; /* false after an error ended the transaction by itself: call `end`
	                          * or `begin`, a driver may refuse anything else until then */
	uint64_t round_trips;
	uint64_t statements;
	uint64_t commits;
	uint64_t log_pages;      /* pages waiting for a checkpoint */
	int64_t file_bytes;
	char version[64];        /* of the database */
	char durability[32];     /* such as "WAL, FULL" */
	char warning[128];       /* empty, or what a technician should know of this version */
	inv_bool alive;          /* set before the call; false: the connection broke, and the next
	                          * exec outside a transaction makes it anew */
	uint32_t reserved;
} inv_driver_facts;

/* Capabilities. */
#define INV_CAP_SINGLE_WRITER 1u /* writers exclude each other: lock items are skipped */
#define INV_CAP_LOCAL_FILE 2u    /* one file on this machine: snapshots may be held */
#define INV_CAP_CHECKPOINT 4u    /* has `checkpoint` */

/** The driver. Constant while a store uses it. Slots are appended only. Slots marked (required)
 *  must be there; the rest answer INV_E_UNSUPPORTED when left out. Every slot that can fail fills
 *  `error` when it is not NULL. */
typedef struct inv_driver {
	uint32_t struct_size;
	uint32_t abi;         /* INV_DRIVER_ABI */
	const char *scheme;   /* such as "sqlite"; matched with the URL's scheme */
	const char *dialect;  /* "sqlite" or "postgres": which tokens the engine expands */
	uint64_t capabilities;
	/* (required) open one connection. */
	inv_status (*open)(const inv_driver_open *open, inv_conn **out, inv_error *error);
	/* (required) close; takes NULL. */
	void (*close)(inv_conn *conn);
	/* (required) prepare one statement; it stays valid until finalize or close. */
	inv_status (*prepare)(inv_conn *conn, inv_str sql, inv_stmt **out, inv_error *error);
	/* (required) */
	void (*finalize)(inv_conn *conn, inv_stmt *stmt);
	/* (required) run the items in order, stop at the first failure. Outside a transaction several
	 * items, or a rowset, run in one of their own. A violated constraint is CONFLICT, with the
	 * constraint's name, or "table.column, table.column", in the message. */
	inv_status (*exec)(inv_conn *conn, inv_batch *batch, inv_error *error);
	/* (required) begin a transaction. A driver may put it off until the next exec, to spare a round
	 * trip; what goes wrong is then told there. */
	inv_status (*begin)(inv_conn *conn, uint32_t mode, inv_error *error);
	/* (required) commit or roll back. A failed commit leaves no transaction open and its outcome
	 * unknown: INV_E_UNKNOWN_OUTCOME, unless the driver knows that nothing was committed. */
	inv_status (*end)(inv_conn *conn, inv_bool commit, inv_error *error);
	/* Is the connection sound? `deep` reads the whole store. */
	inv_status (*check)(inv_conn *conn, inv_bool deep, inv_error *error);
	/* Stop what runs; legal from another thread. */
	void (*interrupt)(inv_conn *conn);
	/* (required) facts about the connection; must not wait. */
	void (*facts)(const inv_conn *conn, inv_driver_facts *out);
	/* Move the log into the file. BUSY when readers are in the way. */
	inv_status (*checkpoint)(inv_conn *conn, inv_error *error);
	/* Copy the whole store to `target` (a URL), step by step. EXISTS when it is there; nothing is
	 * left of it on failure. */
	inv_status (*backup)(inv_conn *conn, inv_str target, const inv_progress *progress,
	                     inv_error *error);
	/* Who has the store open for writing: 1 = this connection alone, 2 = others too, 0 = not known.
	 * Asked before each read, from any thread: must cost nanoseconds in the common case. */
	uint32_t (*sharers)(inv_conn *conn);
	/* Counts commits of other connections: changes when another one committed. */
	uint64_t (*data_version)(inv_conn *conn);
	/* Run a script of several statements without parameters (migrations). */
	inv_status (*script)(inv_conn *conn, inv_str sql, inv_error *error);
	/* What `open` finds in inv_driver_open: for a driver that has something to remember, such as
	 * the one it wraps. The engine works with a copy of this table. */
	void *ctx;
} inv_driver;

/** The SQLite driver (built in): scheme "sqlite", bare paths and ":memory:". @since 0.1 */
INV_API const inv_driver *inv_sqlite_driver(void);

#ifdef __cplusplus
}
#endif

#endif
