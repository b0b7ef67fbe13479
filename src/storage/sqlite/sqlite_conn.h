/* SPDX-License-Identifier: MIT */
/* Inside of the SQLite driver. */
#ifndef INV_SQLITE_CONN_H
#define INV_SQLITE_CONN_H

#include <sqlite3.h>
#include <stdatomic.h>

#include "inventra/sys/driver.h"
#include "util/arena.h"
#include "util/os.h"

/* "INVT" in the file's header; the token {mark} writes it. */
#define INV__SQLITE_APPLICATION_ID 0x494e5654

/* Kibibytes of page cache at most, of who writes and of who reads. More would cost a writer more
 * than it saves: SQLite walks the whole cache at the end of a commit in which pages have changed
 * places, as every second split of a page makes them do. What falls out of it stays in the
 * system's cache. */
#define INV__SQLITE_CACHE 16384
#define INV__SQLITE_READER_CACHE 65536

/* ---- the lock file, `<db>-inv` ---- */

/* What the processes share in the mapped lock file. */
typedef struct inv__sqlite_shared {
	_Atomic uint64_t opens;      /* how often the store was opened for writing */
	_Atomic int64_t pause_until; /* monotonic; commits wait until then for a checkpoint */
} inv__sqlite_shared;

typedef struct inv__sqlite_lock {
	inv__file *file;             /* NULL: none, as for memory and read-only connections */
	inv__sqlite_shared *shared;
	bool held;                   /* byte 0, shared */
	_Atomic uint64_t tested;     /* `opens` at the last test times 2, plus 1 if others were there */
	_Atomic int64_t tested_at;   /* monotonic */
} inv__sqlite_lock;

/* How many rows a wide insert takes: many, and as few as a sale has lines. */
#define INV__SQLITE_WIDTHS 2
static const int inv__sqlite_widths[INV__SQLITE_WIDTHS] = {16, 4};

struct inv_stmt {
	sqlite3_stmt *handle;
	inv_stmt *next;
	inv_stmt *prev;
	int parameters;
	int columns;
	bool readonly;
	bool narrow;        /* it has no wide form */
	sqlite3_stmt *wide[INV__SQLITE_WIDTHS]; /* the same insert for several rows, or NULL */
};

struct inv_conn {
	sqlite3 *db;
	inv_allocator allocator;
	inv_stmt *first;         /* statements not finalized yet */
	sqlite3_stmt *begin_read;
	sqlite3_stmt *begin_write;
	sqlite3_stmt *commit;
	sqlite3_stmt *rollback;
	sqlite3_stmt *data_version;
	inv__sqlite_lock lock;
	int64_t busy_timeout_ms;
	bool readonly;
	bool memory;             /* nothing is on disk */
	bool immutable;          /* read without locks, from a folder that cannot be written */
	bool writing;            /* the transaction was begun to write */
	bool doomed;             /* its rollback has failed: it is owed before anything else */
	uint64_t round_trips;
	uint64_t statements;
	uint64_t commits;
	int64_t wal_pages;       /* in the log, */
	int64_t wal_copied;      /* and of these in the file already */
};

/* ---- sqlite_error.c ---- */

inv_status inv__sqlite_status(int rc);
/* Error of the connection's last call, which answered `rc`. */
inv_status inv__sqlite_error(const inv_conn *conn, int rc, inv_error *error);
/* The same for a connection that is not ours; `what` is what was tried. */
inv_status inv__sqlite_error_of(sqlite3 *db, int rc, const char *what, inv_error *error);

/* ---- sqlite_open.c ---- */

inv_status inv__sqlite_open(const inv_driver_open *open, inv_conn **out, inv_error *error);
void inv__sqlite_close(inv_conn *conn);
/* First column of the first row as a number; `text` (may be NULL) gets it as text. */
int inv__sqlite_query(sqlite3 *db, const char *sql, int64_t *number, char text[32]);
/* The path of a URL of this driver, in which "sqlite:" is optional; free with inv__free and its
 * length + 1. */
inv_status inv__sqlite_path(const inv_allocator *allocator, inv_str url, char **out,
                            inv_error *error);

/* ---- sqlite_setup.c ---- */

/* Set what a fresh handle needs before it reads its file. */
inv_status inv__sqlite_prepare_handle(inv_conn *conn, inv_error *error);
/* WAL, FULL, caches and the statements of transactions; reads back what matters. */
inv_status inv__sqlite_configure(inv_conn *conn, inv_error *error);

/* ---- sqlite_lock.c ---- */

/* Open the lock file beside the database and take presence. */
inv_status inv__sqlite_lock_open(inv_conn *conn, inv_error *error);
void inv__sqlite_lock_close(inv_conn *conn);
/* Commits hold it shared. */
inv_status inv__sqlite_commit_lock(inv_conn *conn, inv_error *error);
void inv__sqlite_commit_unlock(inv_conn *conn);
/* Checkpoints hold it alone; BUSY when others do not let go of it soon. */
inv_status inv__sqlite_checkpoint_lock(inv_conn *conn, inv_error *error);
void inv__sqlite_checkpoint_unlock(inv_conn *conn);
uint32_t inv__sqlite_sharers(inv_conn *conn);

/* ---- sqlite_checkpoint.c ---- */

inv_status inv__sqlite_checkpoint(inv_conn *conn, inv_error *error);
/* Called by SQLite after each commit. */
int inv__sqlite_committed(void *ctx, sqlite3 *db, const char *name, int pages);

/* ---- sqlite_transaction.c ---- */

inv_status inv__sqlite_begin(inv_conn *conn, uint32_t mode, inv_error *error);
inv_status inv__sqlite_end(inv_conn *conn, inv_bool commit, inv_error *error);
/* The same without being a round trip. */
inv_status inv__sqlite_start(inv_conn *conn, uint32_t mode, inv_error *error);
inv_status inv__sqlite_finish(inv_conn *conn, bool commit, inv_error *error);
/* A rollback needs a little memory too. One that failed is owed, and until then the connection
 * does nothing else: what stands in the transaction must neither be seen nor committed. Answers
 * SQLite's code. */
int inv__sqlite_roll_back(inv_conn *conn);
/* After an error: an error may have ended the transaction, and then the lock must go too. */
void inv__sqlite_settle(inv_conn *conn);

/* ---- sqlite_exec.c, sqlite_statement.c ---- */

inv_status inv__sqlite_exec(inv_conn *conn, inv_batch *batch, inv_error *error);
inv_status inv__sqlite_prepare(inv_conn *conn, inv_str sql, inv_stmt **out, inv_error *error);
void inv__sqlite_finalize(inv_conn *conn, inv_stmt *stmt);
inv_status inv__sqlite_script(inv_conn *conn, inv_str sql, inv_error *error);

/* ---- sqlite_backup.c, sqlite_facts.c ---- */

inv_status inv__sqlite_backup(inv_conn *conn, inv_str target, const inv_progress *progress,
                              inv_error *error);
void inv__sqlite_facts(const inv_conn *conn, inv_driver_facts *out);
inv_status inv__sqlite_check(inv_conn *conn, inv_bool deep, inv_error *error);
uint64_t inv__sqlite_data_version(inv_conn *conn);
void inv__sqlite_interrupt(inv_conn *conn);

/* The statement's form for inv__sqlite_widths[width] rows; NULL when it has none. */
inv_status inv__sqlite_wide(inv_conn *conn, inv_stmt *stmt, int width, sqlite3_stmt **out,
                            inv_error *error);

#endif
