/* SPDX-License-Identifier: MIT */
/**
 * @file store.h
 * A store, sessions on it, explicit transactions, results, and the generic call.
 *
 * Threads: an `inv_store` is shared by all threads; an `inv_session` serves one thread at a time
 * and is cheap (it holds no connection). Results are immutable; any thread may read one. Nothing
 * survives fork: a child that uses a parent's handle gets MISUSE.
 *
 * Handles may be closed in any order: the store lives until its last session is gone, and a result
 * needs neither, only the allocator.
 */
#ifndef INVENTRA_STORE_H
#define INVENTRA_STORE_H

#include "inventra/base.h"
#include "inventra/schema.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct inv_store inv_store;
typedef struct inv_session inv_session;
typedef struct inv_result inv_result;
struct inv_driver;

#define INV_MIGRATE_AUTO 0u   /* bring an older store up to date */
#define INV_MIGRATE_REFUSE 1u /* answer MIGRATE instead */

/** How to open a store. Everything may stay zero but `url`. Borrowed for the call, except that the
 *  callbacks of allocator, clock, random and log are used until the store is gone. */
typedef struct inv_store_options {
	uint32_t struct_size;
	uint32_t migrate;      /* INV_MIGRATE_… */
	const char *url;       /* "shop.db", "sqlite:shop.db", ":memory:", or a driver's scheme */
	inv_bool read_only;    /* change nothing (SQLite may still keep its -shm beside the file) */
	inv_bool no_create;    /* NOT_FOUND when there is no store */
	inv_allocator allocator; /* zero: malloc */
	inv_clock clock;         /* zero: the system's */
	inv_random random;       /* zero: libsodium */
	inv_log log;             /* zero: none */
	const struct inv_driver *const *drivers; /* adapters the host hands over */
	size_t driver_count;
	int64_t busy_timeout_ms; /* how long to wait for another process; 0 = 5,000, at most a day */
	uint32_t reader_count;   /* connections for reading at most; 0 = 8 */
	uint32_t checkpoint_pages; /* pages of log before a checkpoint; 0 = 4,000 */
	const char *source;      /* host and program, kept in the journal; NULL = "inventra" */
	uint32_t writer_count;   /* where many may write: connections for it at most; 0 = 8, <= 64 */
} inv_store_options;

#define INV_STORE_OPTIONS_INIT INV_INIT(inv_store_options)

/** Who works, from where. Strings are copied. Ids or codes for channel, location, till (a
 *  register); empty takes the store's defaults as they stand when the session is opened. It follows
 *  a change of them that is made through the same store; one that another process makes is seen by
 *  sessions that are opened after it. */
typedef struct inv_session_options {
	uint32_t struct_size;
	uint32_t reserved;
	inv_str actor;      /* empty = "system" */
	inv_ref channel;
	inv_ref location;
	inv_ref till;
	inv_str request_id; /* the host's own, kept in the journal */
} inv_session_options;

#define INV_SESSION_OPTIONS_INIT INV_INIT(inv_session_options)

/** Fill in the codes (SKU, location code, …) of the references in the answer: one batch more. */
#define INV_OPTION_CODES 1u

/** Options of one call. */
typedef struct inv_options {
	uint32_t struct_size;
	uint32_t flags;    /* INV_OPTION_… */
	inv_str key;       /* idempotency key, <= INV_LIMIT_KEY bytes; empty = none */
	inv_fields fields; /* for update: which fields to change; none = those that are not zero */
} inv_options;

#define INV_OPTIONS_INIT INV_INIT(inv_options)

/** Set a struct to its defaults (for C++ and foreign callers). @since 0.1 */
INV_API void inv_store_options_init(inv_store_options *options);
INV_API void inv_session_options_init(inv_session_options *options);
INV_API void inv_options_init(inv_options *options);
INV_API void inv_error_init(inv_error *error);

/**
 * Open a store, creating it when it is missing.
 *
 * @param options what to open; borrowed for the call
 * @param out     the store; inv_store_close() it; NULL on failure
 * @param error   may be NULL; filled on failure
 * @return INV_OK; NOT_FOUND, NOT_A_STORE, TOO_NEW, MIGRATE, CORRUPT, READ_ONLY, BUSY, DENIED, FULL,
 *         IO, NO_MEMORY; UNSUPPORTED for a URL whose driver was not handed over
 * Cost: a few round trips. Any thread. @since 0.1
 */
INV_API inv_status inv_store_open(const inv_store_options *options, inv_store **out,
                                  inv_error *error);
/** Close; takes NULL. The store goes when its last session is gone. @since 0.1 */
INV_API void inv_store_close(inv_store *store);

/** What a technician wants to know of a store. */
typedef struct inv_store_info {
	uint32_t struct_size;
	uint32_t sharers;          /* processes that have it open; 0 = not known */
	inv_id id;
	int64_t position;          /* of the last event */
	int64_t file_bytes;
	int64_t log_pages;
	uint64_t round_trips;      /* of the writer connection and all readers, so far */
	uint64_t commits;
	int32_t schema_version;
	inv_bool read_only;
	char driver[16];
	char database_version[64];
	char durability[32];
	char warning[128];
} inv_store_info;

#define INV_STORE_INFO_INIT INV_INIT(inv_store_info)

/** Fill `out`. Cost: one read. Any thread. @since 0.1 */
INV_API inv_status inv_store_info_get(inv_store *store, inv_store_info *out, inv_error *error);

/** What verify found. */
typedef struct inv_verify_report {
	uint32_t struct_size;
	inv_bool ok;
	int64_t events;
	int64_t position;
	char state_hash[65];        /* BLAKE2b-256 in hexadecimal */
	char first_divergence[512]; /* empty when ok: table, key, what is and what should be */
} inv_verify_report;

#define INV_VERIFY_REPORT_INIT INV_INIT(inv_verify_report)

/**
 * Recompute everything from the journal beside the store and compare.
 *
 * @param progress may be NULL
 * @param out      filled also when the answer is CORRUPT
 * @return INV_OK; CORRUPT when something differs; CANCELLED when `progress` said stop
 * Cost: reads the whole store, and holds its derived tables in memory a second time. Any thread.
 * Does not block writers on SQLite. @since 0.1
 */
INV_API inv_status inv_store_verify(inv_store *store, const inv_progress *progress,
                                    inv_verify_report *out, inv_error *error);
/**
 * Empty the derived tables and refill them from the journal, in one transaction, alone.
 *
 * @param progress may be NULL; called about every 256 events
 * @return INV_OK; CORRUPT when the journal is not what was written; CANCELLED when `progress` said
 *         stop; READ_ONLY, FULL, IO: nothing is changed then
 * Cost: reads the whole journal; other writers wait. Any thread. @since 0.1
 */
INV_API inv_status inv_store_rebuild(inv_store *store, const inv_progress *progress,
                                     inv_error *error);
/** The state hash: BLAKE2b-256 over the derived tables, as hexadecimal and NUL. Cost: reads all of
 *  them. Any thread. @since 0.1 */
INV_API inv_status inv_store_state_hash(inv_store *store, char out[65], inv_error *error);
/**
 * Copy the store to a new file while it is in use.
 *
 * @param path     a file that is not there
 * @param progress may be NULL; pages done and in all
 * @return INV_OK; EXISTS when `path` is there; CANCELLED, FULL, IO: no file is left then
 * Cost: reads the whole file; writers go on. Any thread. @since 0.1
 */
INV_API inv_status inv_store_backup(inv_store *store, const char *path,
                                    const inv_progress *progress, inv_error *error);

/** What a copy has done. */
typedef struct inv_copy_report {
	uint32_t struct_size;
	uint32_t reserved;
	int64_t position;    /* of the last event at the new place */
	int64_t events;      /* copied by this call */
	int64_t keys;        /* idempotency keys at the new place */
	char state_hash[65]; /* of both; empty when it was not finished */
} inv_copy_report;

#define INV_COPY_REPORT_INIT INV_INIT(inv_copy_report)

/**
 * Copy a store to another place, which may be in the hands of another driver: journal, keys,
 * personal values and cursors of the feed as they are, everything else made anew from the journal.
 * It is the same store at another place, with its id.
 *
 * What is copied is one state of the source. It is committed about every 1,000 events, and a copy
 * that was stopped goes on there when it is called again; until it is finished nothing else opens
 * what is at the new place (STATE). Called once more later, it brings what the source has booked in
 * the meantime, as long as nothing was booked at the new place.
 *
 * @param from     may be in use; what is booked during the copy is not copied
 * @param to       where to, and by which of `drivers`; a store there is made unless `no_create`.
 *                 Borrowed for the call
 * @param progress may be NULL; events at the new place and in all
 * @param report   may be NULL; filled also on failure, as far as it came
 * @return INV_OK; EXISTS when another store is there, or this one has events of its own there, or
 *         both are one; INVALID for a place in memory; CORRUPT when the journal is not what was
 *         written or the states differ in the end; STATE when somebody else writes there; CANCELLED
 *         when `progress` said stop; BUSY, NOT_A_STORE, DENIED, FULL, IO, and what opening answers
 * Cost: reads the source's journal and both states, writes all of it. Any thread. @since 0.1
 */
INV_API inv_status inv_store_copy(inv_store *from, const inv_store_options *to,
                                  const inv_progress *progress, inv_copy_report *report,
                                  inv_error *error);

/**
 * Open a session. `options` may be NULL.
 * @param out inv_session_close() it; NULL on failure
 * @return INV_OK; NOT_FOUND for a channel, location or register that is none; NO_MEMORY
 * Cost: at most one read. @since 0.1
 */
INV_API inv_status inv_session_open(inv_store *store, const inv_session_options *options,
                                    inv_session **out, inv_error *error);
/** Close; takes NULL; rolls an open transaction back. @since 0.1 */
INV_API void inv_session_close(inv_session *session);
/** The error of the last call that failed; status 0 when the last call succeeded. Valid until the
 *  session's next call. @since 0.1 */
INV_API const inv_error *inv_session_error(const inv_session *session);
/** The store of a session; borrowed. @since 0.1 */
INV_API inv_store *inv_session_store(inv_session *session);
/** Change the request id written with the session's next events. @since 0.1 */
INV_API inv_status inv_session_request_id(inv_session *session, inv_str request_id);
/** Make the session's current call, or its next one when it is in none, answer CANCELLED: while it
 *  waits for its turn, for a connection or for events, while it reads, between the slices of an
 *  import and the pages of an export. A command that has begun to write is not stopped. Returns
 *  when the read has ended, or after a second; a cancel request to a server takes as long as the
 *  network does. A session is closed when nobody is in a cancel of it any more. Reads in an
 *  explicit transaction and in an in-memory store end by themselves. From any thread. @since 0.1 */
INV_API void inv_session_cancel(inv_session *session);

/**
 * An explicit transaction: it waits for its turn, then owns the writer alone for at most two
 * seconds, else it is rolled back and its next call answers TIMEOUT. A command that fails inside it
 * leaves no trace; the commands before it stay. An error that ends the transaction itself (FULL,
 * IO) ends all of it: roll back and begin again.
 *
 * @return INV_OK; STATE when a transaction is open already, or none is; TIMEOUT; BUSY; CANCELLED
 *         while waiting; from commit also FULL, IO, UNKNOWN_OUTCOME
 * Cost: one round trip each. Reads inside it see what it wrote.
 * @since 0.1
 */
INV_API inv_status inv_begin(inv_session *session);
INV_API inv_status inv_commit(inv_session *session);
INV_API inv_status inv_rollback(inv_session *session);

/**
 * Run any operation by its description.
 *
 * @param op     from inv_schema_op() or inv_schema_op_named()
 * @param inputs `count` records of the operation's input type, `struct_size` set; borrowed
 * @param count  1..INV_LIMIT_BATCH for a BATCH operation, else 1
 * @param options may be NULL
 * @param out    records of the output type; inv_result_free(); untouched on failure. May be NULL
 *               when the answer is not wanted.
 * Cost: a read is one batch; a write is one batch to claim and read and one to write; references
 * given as codes add one batch. @since 0.1
 */
INV_API inv_status inv_call(inv_session *session, const inv_op_desc *op, const void *inputs,
                            size_t count, const inv_options *options, inv_result **out);
/**
 * The same in JSON: `json` is one object, or an array of them for a batch; empty text is an empty
 * object. A partial update changes the fields that are present. The answer is inv_result_json().
 * @since 0.1
 */
INV_API inv_status inv_call_json(inv_session *session, inv_str op_name, inv_str json,
                                 const inv_options *options, inv_result **out);

/** Results. @since 0.1 */
INV_API size_t inv_result_count(const inv_result *result);
/** Record `index`, of the type inv_result_record() tells; NULL past the end. Lives with the
 *  result. */
INV_API const void *inv_result_at(const inv_result *result, size_t index);
INV_API const inv_record_desc *inv_result_record(const inv_result *result);
/** The cursor of the next page; empty at the end of a list. */
INV_API inv_str inv_result_cursor(const inv_result *result);
/** True when a key was given and this is the first answer to it again. */
INV_API bool inv_result_replayed(const inv_result *result);
/** The result as JSON: of a list {"items":[…],"cursor":"…"}, of a batch call an array, else one
 *  object. Made by inv_call_json() only, else empty. */
INV_API inv_str inv_result_json(const inv_result *result);
/** Free; takes NULL. */
INV_API void inv_result_free(inv_result *result);

#define INV_AT(result, type, index) ((const type *)inv_result_at((result), (index)))

/** Walks a list page by page. Holds neither session nor store, only the allocator. */
typedef struct inv_pages inv_pages;

/**
 * Begin to walk a list operation.
 *
 * @param op      one that LISTS
 * @param query   one record of its input, or NULL; copied. A limit of 0 makes pages of
 *                INV_LIMIT_PAGE; of an operation that WAITS a timeout of 0 is an hour
 * @param options may be NULL; its flags count
 * @param out     inv_pages_free() it; NULL on failure
 * @return INV_OK; INVALID for the query; UNSUPPORTED for an operation that is no list; NO_MEMORY
 * Cost: nothing is read yet. @since 0.1
 */
INV_API inv_status inv_pages_open(inv_session *session, const inv_op_desc *op, const void *query,
                                  const inv_options *options, inv_pages **out);
/**
 * Read the next page. Pages are read one by one, each as the store is then. Those of an operation
 * that WAITS have no end: a page without records says that the timeout is over.
 *
 * @param session any of the same store; pages are used by one thread at a time
 * @param out     inv_result_free() it; NULL behind the last page, and on failure. After a failure
 *                the same page can be asked for again
 * Cost: one call of the operation. @since 0.1
 */
INV_API inv_status inv_pages_next(inv_pages *pages, inv_session *session, inv_result **out);
/** Free; takes NULL. @since 0.1 */
INV_API void inv_pages_free(inv_pages *pages);

/** Reading and writing of CSV by the description. */
typedef struct inv_import_options {
	uint32_t struct_size;
	inv_bool skip;      /* go on behind bad rows; they go to the report */
	uint32_t slice_ms;  /* commit after this long; 0 = 20, and 100 where many may write */
	uint32_t reserved;
	inv_str key_prefix; /* rows get the key prefix:line; empty = none, and no resuming */
	inv_progress progress;
	/* Called for each row that failed; line is that of the file, from 1. */
	void *report_ctx;
	void (*report)(void *ctx, uint64_t line, const inv_error *error);
} inv_import_options;

#define INV_IMPORT_OPTIONS_INIT INV_INIT(inv_import_options)

typedef struct inv_import_report {
	uint32_t struct_size;
	uint32_t reserved;
	uint64_t rows;    /* read */
	uint64_t done;    /* booked now */
	uint64_t again;   /* booked by an earlier run */
	uint64_t failed;
	uint64_t line;    /* where it stopped */
} inv_import_report;

#define INV_IMPORT_REPORT_INIT INV_INIT(inv_import_report)

/**
 * Import a CSV file (plain or gzip; header of field names) through a WRITE operation, one command a
 * row, committed in slices: resumable with keys, not atomic.
 * @param path file; @param op such as product.create
 * @return INV_OK; the first row's error when `skip` is not set; CANCELLED
 * @since 0.1
 */
INV_API inv_status inv_import_csv(inv_session *session, const inv_op_desc *op, const char *path,
                                  const inv_import_options *options, inv_import_report *report);
/**
 * Export a list operation as CSV, page by page; gzip when the path ends in ".gz". Text cells that a
 * spreadsheet would take for a formula get a ' in front, which import takes off again.
 * @param query one record of the operation's input, or NULL
 * @return INV_OK; EXISTS when the file is there; CANCELLED
 * @since 0.1
 */
INV_API inv_status inv_export_csv(inv_session *session, const inv_op_desc *op, const void *query,
                                  const char *path, const inv_progress *progress);

#ifdef __cplusplus
}
#endif

#endif
