/* SPDX-License-Identifier: MIT */
/* Inside of the engine: the store, its writers and readers, and the way of a command. */
#ifndef INV_ENGINE_H
#define INV_ENGINE_H

#include <stdatomic.h>

#include "domain/known.h"
#include "inventra/store.h"
#include "storage/storage.h"
#include "util/hash.h"
#include "util/os.h"

/* ---- the writer and the commit queue (queue.c, group.c) ---- */

/* One caller waiting for the writer. Lives on its stack. */
typedef struct inv__ticket {
	struct inv__ticket *next;
	inv_session *session;         /* may be NULL: the engine's own work */
	struct inv__command *command; /* NULL: wants the writer for itself */
	inv__cond *cond;
	inv_status status;
	bool done;   /* the leader has answered */
	bool leads;  /* the writer is this ticket's now */
} inv__ticket;

typedef struct inv__queue {
	inv__mutex mutex;
	inv__ticket *head, *tail;
	bool led;              /* somebody has the writer */
	inv_session *owner;    /* in an explicit transaction */
	int64_t owner_until;   /* monotonic; then the transaction may be taken away */
	uint64_t owner_thread;
	bool owner_inside;     /* it is in a call right now */
} inv__queue;

/* What is known while a transaction is open; a command that is undone sets it back. */
typedef struct inv__head {
	int64_t position;      /* of the last event, in this transaction; given after the commit, and
	                        * 0 here, where many write */
	int64_t known_at;      /* no command may think it is earlier */
	int64_t seq;
	bool turn;             /* the transaction has the turn of master data, and keeps it */
	bool places_changed;   /* settings or defaults: sessions look again */
} inv__head;

/* A connection that writes. A store whose driver has one writer at a time has one of them, which
 * the queue hands on; the others have a pool (writers.c). */
typedef struct inv__writer {
	inv_store *store;
	inv__link *link;       /* stays as it is while the store is open */
	inv__head head;
	inv__head committed;   /* as the last transaction left it */
	uint64_t version;      /* the driver's data_version then; 0 = not known */
	inv__known *known;     /* between transactions only where nobody else writes */
	struct inv__writer *next; /* among the idle */
} inv__writer;

#define INV__WRITERS_MAX 64u

typedef struct inv__writers {
	inv__mutex mutex;
	inv__cond freed;
	inv__writer *idle;
	uint32_t open, max;    /* how many have a link */
	inv__writer writer[INV__WRITERS_MAX];
} inv__writers;

/* ---- readers (readers.c) ---- */

#define INV__READERS_MAX 16u

typedef struct inv__reader {
	atomic_bool busy;
	bool holds;            /* a snapshot, between calls */
	uint64_t seen;         /* commits when it was taken */
	inv__link *link;
} inv__reader;

typedef struct inv__readers {
	inv__mutex mutex;
	inv__cond freed;
	atomic_uint open;      /* how many have a link */
	atomic_uint waiting;
	uint32_t max;
	inv__reader reader[INV__READERS_MAX];
} inv__readers;

/* ---- the store ---- */

struct inv_store {
	inv_allocator allocator;
	inv_clock clock;
	inv_random random;
	inv_log log;
	atomic_size_t refs;    /* the handle's and the sessions' */
	uint64_t process;
	char *url;
	char *source;
	inv_driver driver;     /* complete: no slot is NULL */
	inv_str path;          /* what the driver opens; points into url */
	bool read_only;
	bool bare;             /* opened to be copied to: without an identity of its own */
	bool must_rebuild;     /* as a migration asked: found when the store is opened */
	bool single;           /* one connection for everything: an in-memory store */
	bool many;             /* writers: rows are locked, and the journal is numbered after commits */
	int64_t seq_base;      /* own numbers of its journal go on behind it, 65,536 a command, with
	                        * gaps; -1: they are the positions, and have none */
	inv_id id;
	uint8_t salt[32];      /* keys the digests of inputs */
	int32_t schema_version;
	int64_t busy_timeout_ms;
	uint32_t checkpoint_pages;
	inv__queue queue;
	inv__writers writers;
	inv__writer *writer;   /* the first, and where there is one writer at a time the only one; its
	                        * link is NULL in a store that is read-only */
	inv__readers readers;
	_Atomic int64_t clock_floor; /* no command may think it is earlier than what we committed */
	_Atomic uint64_t commits;
	_Atomic uint64_t places; /* counts changes of settings: sessions compare */
	inv__mutex feed_mutex;
	inv__cond feed_cond;
};

struct inv_session {
	inv_store *store;
	inv_error error;
	inv__cond cond;
	atomic_bool busy;
	atomic_bool cancelled;
	_Atomic(inv__link *) reading; /* what a cancel interrupts (cancel.c) */
	atomic_uint interrupting;     /* who is just doing that */
	atomic_uint cancelling;       /* who is anywhere in a cancel: it is not closed before */
	inv__arena arena;        /* of its strings */
	inv_str actor;
	inv_str request_id;
	inv__scene_ids given;    /* what the caller named */
	inv__scene_ids ids;      /* with the store's defaults */
	uint64_t places;
	uint32_t reader;         /* the one used last */
	bool in_transaction;
	bool transaction_lost;   /* taken away after its time */
	inv__writer *writer;     /* in a transaction: the one it has */
	int64_t until;           /* and until when, by the monotonic clock */
	uint32_t random_left;    /* of `random`, at its end: a system call for many ids */
	uint8_t random[512];
};

struct inv_result {
	inv_allocator allocator;
	size_t size;
	inv__arena arena;
	const inv_record_desc *record;
	void *records;
	size_t count;
	inv_str cursor;
	inv_str json;
	bool replayed;
	uint8_t form;          /* of the JSON to make of it */
	bool codes;            /* of its references are wanted */
	_Alignas(16) char first[2048]; /* the arena's first block: a small answer is one allocation */
};

/* ---- the way of a command (command.c, journal.c, replay.c) ---- */

typedef struct inv__command {
	inv__call call;
	inv__batch batch;
	const inv__op_impl *impl;
	inv_str key;
	uint8_t digest[32];
	inv_str source, request_id;
	bool replayed;
	bool seen;  /* its key was: there is nothing to write */
	bool wrote; /* it may have: only then there is something to undo */
	bool drawn; /* its number was */
	bool looked; /* its key was looked for with others', and is new */
	bool again; /* it runs once more after a commit of unknown outcome, under the same id */
	bool twice; /* it ran once more in case its refusal was of its own key's making */
	inv_status status;
	inv_result *result; /* gets the answer; NULL = nobody wants one */
} inv__command;

/* A command of the session's on records that the caller sets; answers live in the arena. */
void inv__command_init(inv_session *session, const inv_op_desc *op, inv__command *command,
                       inv__arena *arena);
/* Digest of what the caller asked, before anything was filled in: kept with its key. */
inv_status inv__command_digest(inv_session *session, inv__command *command);
/* Run a command inside an open write transaction: claim, decide, write. Leaves what it wrote to the
 * caller. May be run again after a failure. */
inv_status inv__command_run(inv__writer *writer, inv__command *command);
/* Put what was decided into the result, as JSON too if that is wanted. Before anything is written:
 * what is done must not fail for want of memory afterwards. */
inv_status inv__command_answer(inv__command *command, inv__link *link);

/* The same in three steps, for who has many commands that do not depend on each other. */
typedef struct inv__commands {
	inv__command *const *list;
	size_t count;
} inv__commands;
/* Gather what the decision will rest on, without reading it yet. */
inv_status inv__command_claim(inv__writer *writer, inv__command *command);
/* Does a claimed command rest on more than its own key? A decision that rests on nothing must not
 * ask for more later. */
bool inv__command_reads(const inv__command *command);
/* Read and decide; then there is something to write unless it was `seen`. */
inv_status inv__command_decide(inv__writer *writer, inv__command *command);
/* Write journal, keys and derived rows of decided commands in one batch, in the first one's arena
 * and with its error; with `commit`, commit with the same batch. */
inv_status inv__commands_write(inv__writer *writer, const inv__commands *commands, bool commit);
/* Was it committed? For a commit whose answer was lost. */
inv_status inv__command_committed(inv__writer *writer, const inv__command *command,
                                  bool *committed);
/* A read: the same call, on a reader or on the writer inside a transaction. */
inv_status inv__read_run(inv_session *session, inv__command *command);

/* Journal rows of the commands' events: ids, position, commitments, hash. */
inv_status inv__journal_write(inv__writer *writer, const inv__commands *commands,
                              inv__batch *batch);
/* The hash over all of a row but seq, position and known_at. */
inv_status inv__journal_hash(const inv_event *row, inv__arena *arena, uint8_t out[32]);
/* Decode a row's payload; TOO_NEW for an event this library does not know. */
inv_status inv__journal_decode(const inv_event *row, inv__arena *arena, inv__event *out,
                               inv_error *error);
/* How far a reader of the whole journal has come: behind a position, or, with `tail`, among the
 * events that have none yet, behind a seq. */
typedef struct inv__journal_place {
	int64_t after;
	bool tail;
} inv__journal_place;
typedef struct inv__journal_page {
	inv_event *rows;
	size_t count;
} inv__journal_page;
/* Read up to `limit` rows and move on behind them. */
inv_status inv__journal_read(inv__link *link, inv__journal_place *place, size_t limit,
                             inv__arena *arena, inv__journal_page *out, inv_error *error);
/* Apply decoded events in order, runs of one kind together. */
inv_status inv__events_apply(inv__apply *apply, const inv__event *events, size_t count);

/* PERSONAL fields (personal_values.c): exchange the payload's values for commitments and add the
 * values' rows to the batch; and the way back for an answer. */
inv_str inv__personal_commitment(inv__arena *arena, inv_str salt, inv_str value);
bool inv__has_personal(const inv_record_desc *record);
inv_status inv__personal_seal(inv__call *call, const inv_record_desc *record, inv_id subject,
                              const void *payload, void *sealed);
inv_status inv__personal_open(inv__link *link, inv__call *call, const inv_record_desc *record,
                              inv_id subject, void *payload);

/* The answer to a key seen before, from its events (replay.c). */
inv_status inv__key_claim(inv__command *command);
inv_status inv__key_seen(inv__link *link, inv__command *command, bool *seen);
/* Look for the keys of commands of one operation at once: `looked` says which are new. */
inv_status inv__keys_look(inv__link *link, const inv__commands *commands, inv__arena *arena,
                          inv_error *error);
inv_status inv__command_recall(inv__link *link, inv__command *command);
inv_status inv__keys_write(const inv__commands *commands, inv__batch *batch);

/* ---- trying again, where many write (retry.c) ---- */

/* Of something that may be done any number of times until it is done. */
typedef struct inv__retry {
	const inv_session *session; /* a cancel of it ends the trying; may be NULL */
	int64_t until, pause;
	unsigned tries;
} inv__retry;
/* The first try follows. It is the only one where one writes at a time, and in an explicit
 * transaction. */
void inv__retry_begin(inv__retry *retry, const inv_store *store, const inv_session *session);
/* Pause before another try; false when none is left. `link`: what it is tried on, NULL when there
 * is none. */
bool inv__retry_wait(inv__retry *retry, const inv__link *link);
/* The same if such a failure passes: others in the way, or a lost connection. */
bool inv__retry_again(inv__retry *retry, inv_status rc, const inv__link *link);
/* The same for a connection that could not be made. */
bool inv__retry_open(inv__retry *retry, inv_status rc, const inv_error *error);
/* What is answered in the end: who had no connection on any try is asked to come again, like who
 * found others in the way. */
inv_status inv__retry_end(const inv__retry *retry, inv_status rc, const inv__link *link,
                          inv_error *error);

/* ---- the pool of writers, where many write (writers.c) ---- */

inv_status inv__writers_init(inv_store *store, uint32_t max);
void inv__writers_destroy(inv_store *store);
/* Open a writer's connection. */
inv_status inv__writer_open(inv__writer *writer, uint32_t flags, inv_error *error);
/* A writer for oneself until it is given back: one of the pool, or the only one when the line has
 * come to us. */
inv_status inv__writer_take(inv_store *store, inv_session *session, inv__writer **out,
                            inv_error *error);
void inv__writer_give(inv__writer *writer);
/* Run a command on a writer of the pool and commit it: again as a whole when another command was in
 * its way or the connection was lost. */
inv_status inv__pool_run(inv_store *store, inv_session *session, inv__command *command);

/* ---- positions, where they are given after the commit (sequencer.c) ---- */

/* Give committed events their positions. Nothing to do where there is one writer. Whether any is
 * without is looked up on `look`; NULL: on a reader of its own. */
inv_status inv__sequence(inv_store *store, inv__link *look, inv_error *error);
/* The same before a session reads by positions. Not in a transaction: its own events get theirs
 * after it, and others' are given outside. */
inv_status inv__sequence_for(inv_session *session, inv__link *look);
/* Are there events without a position, as this link sees them? */
inv_status inv__any_unplaced(inv_store *store, inv__link *link, bool *any, inv_error *error);
/* One step, in a transaction that is open; *placed = how many got theirs. */
inv_status inv__sequence_on(inv__writer *writer, int64_t *placed, inv_error *error);

/* ---- the queue ---- */

inv_status inv__queue_init(inv__queue *queue);
void inv__queue_destroy(inv__queue *queue);
/* Have a command run and committed with whoever else waits. */
inv_status inv__queue_run(inv_store *store, inv_session *session, inv__command *command);
/* Wait for the writer and keep it until inv__queue_release. */
inv_status inv__queue_take(inv_store *store, inv_session *session, inv_error *error);
void inv__queue_release(inv_store *store);
/* The leader's work: run the tickets' commands and commit once. */
void inv__group_run(inv_store *store, inv__ticket *const *tickets, size_t count);
/* Run one command of several in a transaction, undoing all of it when it fails. Without a savepoint
 * of its own that ends the transaction when the command had come to its writes. *lost = the
 * transaction is gone, with everything that was in it. */
inv_status inv__command_shared(inv__writer *writer, inv__command *command, bool savepoint,
                               bool *lost);
/* Run one in a transaction of its own, and learn the truth about its outcome. */
inv_status inv__command_alone(inv__writer *writer, inv__command *command);
/* Begin a write transaction and learn where the journal ends. */
inv_status inv__writer_begin(inv__writer *writer, inv_error *error);
inv_status inv__writer_end(inv__writer *writer, bool commit, inv_error *error);
/* Roll back; nothing more can be done when that fails too. */
void inv__writer_undo(inv__writer *writer);
inv_status inv__savepoint(inv__writer *writer, const char *verb, inv_error *error);
/* Undo what was done since the innermost savepoint, and forget it. */
inv_status inv__savepoint_undo(inv__writer *writer);
/* False when an error has ended the transaction by itself. */
bool inv__writer_is_open(const inv__writer *writer);
/* After a commit: wake who waits for events, checkpoint when it is time. */
void inv__writer_committed(inv__writer *writer);
void inv__writer_checkpoint(inv__writer *writer);

/* ---- readers ---- */

inv_status inv__readers_init(inv__readers *readers, uint32_t max);
void inv__readers_destroy(inv_store *store);
inv_status inv__reader_take(inv_store *store, inv_session *session, inv__reader **out,
                            inv_error *error);
void inv__reader_give(inv_store *store, inv__reader *reader);
/* Has the call been cancelled? `session` may be NULL. */
static inline bool inv__is_cancelled(const inv_session *session)
{
	return session && atomic_load_explicit(&session->cancelled, memory_order_relaxed);
}
/* What the session reads on: while it stands there, a cancel interrupts it. */
void inv__reading_begin(inv_session *session, inv__link *link);
void inv__reading_end(inv_session *session);
/* Wait until nobody is in a cancel of the session any more. */
void inv__cancels_end(inv_session *session);
/* Read on it, once more where that may help. The other runs a batch of reads. */
typedef inv_status (*inv__reading)(inv_session *session, inv__link *link, void *ctx);
inv_status inv__lease_run(inv_session *session, inv__reading reading, void *ctx);
inv_status inv__lease_exec(inv_session *session, inv__batch *batch);
/* End held snapshots of idle readers, so that a checkpoint can pass. */
void inv__readers_rest(inv_store *store);
/* A connection of its own for long reads; BEGIN is done. Close it. */
inv_status inv__reader_open(inv_store *store, inv__link **out, inv_error *error);

/* ---- sessions ---- */

/* Open a store; `bare` for one that a copy is to fill: its tables are made, and nothing is put into
 * them or asked of them; its only writer is the caller's. */
inv_status inv__store_open(const inv_store_options *options, bool bare, inv_store **out,
                           inv_error *error);
/* What a copy has not finished is no store yet: STATE. `mark` is what its meta says of the copy; it
 * begins with how far that came. */
inv_status inv__copy_refuse(inv_str mark, inv_error *error);
void inv__store_hold(inv_store *store);
void inv__store_drop(inv_store *store);
/* MISUSE for NULL, another process, or a session in use by another thread. */
inv_status inv__session_enter(inv_session *session);
inv_status inv__session_leave(inv_session *session, inv_status status);
/* Another session of the same store, actor and places. `of` is entered. */
inv_status inv__session_clone(inv_session *of, inv_session **out);
/* The session's channel, location and till, with defaults; looks again after settings changed. */
inv_status inv__session_places(inv_session *session);
/* In an explicit transaction: is it still there? Ends it when its time is over. */
inv_status inv__transaction_enter(inv_session *session);
void inv__transaction_leave(inv_session *session);

/* ---- answering calls ---- */

/* Codes for the references of an answer. */
inv_status inv__codes_fill(inv_result *result, inv__link *link, inv_error *error);
inv_result *inv__result_make(inv_store *store, const inv_record_desc *record);
/* Forms of its JSON. */
#define INV__FORM_NONE 0u
#define INV__FORM_OBJECT 1u
#define INV__FORM_ARRAY 2u
inv_status inv__result_json(inv_result *result, const inv_op_desc *op, inv_error *error);
/* Validated records of current size, with their masks for PARTIAL operations. */
typedef struct inv__inputs {
	const void *records;
	size_t count;
	const inv_fields *masks;
} inv__inputs;
/* The engine's inside of inv_call, entered already. */
inv_status inv__call_run(inv_session *session, const inv_op_desc *op, const inv__inputs *inputs,
                         inv_str key, inv_result *result);
/* Give REFs that came as codes their ids. Records are replaced by a copy when there are any. */
inv_status inv__resolve(inv_session *session, const inv_op_desc *op, inv__inputs *inputs,
                        inv__arena *arena);
/* Is there any in the record? */
bool inv__has_codes(const inv_record_desc *record, const void *value);
/* feed.wait: sleep until something stands behind the position, or the time is over. */
inv_status inv__feed_wait(inv_session *session, const inv_feed_query *query);

/* ---- the state as a whole (state.c, verify.c, rebuild.c) ---- */

/* A table's columns in order, and which of them are its primary key. */
typedef struct inv__columns {
	const char *names[64];
	bool key[64];
	size_t count;
} inv__columns;
void inv__table_columns(const inv_table_desc *table, inv__columns *out);

/* Walk the rows of a table by primary key, in pages; stops when `row` does not answer INV_OK. */
typedef struct inv__walk {
	inv__link *link;
	const inv_table_desc *table;
	inv__arena *arena;      /* reset between pages */
	const inv_rows *page;
	inv__batch batch;
	size_t next;
	inv_value *last;        /* key of the row before the page */
	inv__arena last_arena;
	bool end;
} inv__walk;
inv_status inv__walk_open(inv__walk *walk, inv__link *link, const inv_table_desc *table,
                          inv__arena *arena);
/* *row = NULL at the end; the row's cells, all columns in order. */
inv_status inv__walk_next(inv__walk *walk, const inv_value **row, size_t *width, inv_error *error);
void inv__walk_close(inv__walk *walk);

/* Derived tables in order of name; returns how many. */
size_t inv__derived_tables(const inv_table_desc *out[INV_TABLE_COUNT]);

/* A connection that sees one state for as long as it is kept. */
typedef struct inv__snapshot {
	inv__link *link;
	bool queued;
} inv__snapshot;
inv_status inv__snapshot_take(inv_store *store, inv__snapshot *out, inv_error *error);
void inv__snapshot_give(inv_store *store, const inv__snapshot *snapshot);
/* MISUSE for a store that is none or another process's; points *error at `own` when it is NULL. */
inv_status inv__store_check(inv_store *store, inv_error **error, inv_error *own);
/* The status; a failure of which nothing has been said yet gets its sentence. */
inv_status inv__store_answer(inv_status status, inv_error *error);
/* Position of the last event, 0 when there is none. */
inv_status inv__last_position(inv_store *store, inv__link *link, int64_t *out, inv_error *error);

inv_status inv__state_hash(inv__link *link, const inv_allocator *allocator, uint8_t out[32],
                           inv_error *error);
/* The journal's rows one after the other: in their places, and what their hashes say (proof.c). */
typedef struct inv__proof {
	const inv_store *store;
	int64_t position, seq, own_seq, known_at;
} inv__proof;
/* CORRUPT, and which row. */
inv_status inv__proof_row(inv__proof *proof, const inv_event *row, inv__arena *arena,
                          inv_error *error);
/* Keys and personal values against the journal. */
inv_status inv__proof_sides(inv__link *link, const inv_allocator *allocator, inv_error *error);

/* Apply the whole journal of `from` to `to` (which may be the same link). `each` sees every row
 * before it is applied; may be NULL. */
typedef struct inv__refill {
	inv__link *from, *to;
	const inv_progress *progress;
	uint64_t total;
	void *ctx;
	inv_status (*each)(void *ctx, const inv_event *row, inv__arena *arena);
} inv__refill;
inv_status inv__refill_run(const inv__refill *refill, const inv_allocator *allocator,
                           inv_error *error);
/* Empty what is derived and refill it, in one transaction; BUSY where writers hold it. */
inv_status inv__rebuild_on(inv__writer *w, const inv_progress *progress, inv_error *error);
/* Add what a page of the journal does to `to` to the batch, and run it. */
inv_status inv__refill_page(const inv__refill *refill, const inv__journal_page *page,
                            inv__batch *batch, inv_error *error);

#endif
