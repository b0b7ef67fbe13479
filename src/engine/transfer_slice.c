/* SPDX-License-Identifier: MIT */
/* The slices of an import: rows' commands in one transaction for a few milliseconds, each in a
 * savepoint. Between slices the writer is everybody's. */
#include "engine/transfer.h"

#define SLICE_MS 20u
#define SLICE_MS_MANY 100u /* where many write: others do not wait, and a commit is a trip */
#define SLICE_MS_MAX 1000u
#define CHUNK_ROWS_MIN 16u

/* Faults of the row itself; any other (a full disk) would befall the next row too. */
static bool is_rows_fault(inv_status status)
{
	switch (status) {
	case INV_E_INVALID:
	case INV_E_NOT_FOUND:
	case INV_E_EXISTS:
	case INV_E_CONFLICT:
	case INV_E_STATE:
	case INV_E_INSUFFICIENT:
	case INV_E_KEY_REUSED:
	case INV_E_LIMIT:
	case INV_E_DENIED:
	case INV_E_UNSUPPORTED:
		return true;
	default:
		return false;
	}
}

bool inv__import_stops(const inv__import *im, const inv__import_row *row)
{
	return row->state == INV__ROW_BAD &&
	       (!im->options.skip || !is_rows_fault(row->error->status));
}

/* Give the row's references their ids: rows before it may have made what they name. */
static inv_status resolve(inv__import *im, inv__import_row *row)
{
	inv__inputs inputs = {row->record, 1, row->command.call.masks};
	inv_status rc = inv__resolve(im->session, im->op, &inputs, &im->work);

	row->command.call.inputs = inputs.records;
	return rc;
}

/* How a slice's rows are run. TOGETHER: they are decided one by one and written together, which is
 * several times faster, and may only be when a row reads nothing that those before it have still
 * to write. When such a write fails, the slice is run again with SAVEPOINTS, which tell who was to
 * blame; when the transaction itself is lost, each row ALONE in its own. */
typedef enum row_mode { TOGETHER, SAVEPOINT, ALONE } row_mode;

/* The slice's transaction is gone, and with it what its rows did. */
static void lose(inv__import *im, inv_status why, bool *lost)
{
	inv__writer_undo(im->session->writer);
	im->waiting_count = 0;
	im->lost = why;
	*lost = true;
}

static inv_status write_waiting(inv__import *im, bool *lost)
{
	inv__commands commands = {im->waiting, im->waiting_count};
	inv_status rc = INV_OK;

	if (im->waiting_count > 0)
		rc = inv__commands_write(im->session->writer, &commands, false);
	im->waiting_count = 0;
	if (rc != INV_OK)
		lose(im, rc, lost);
	return rc;
}

/* Claim and decide; what is to be written waits. On failure the row is to blame, unless *lost. */
static inv_status decide_row(inv__import *im, inv__import_row *row, bool *lost)
{
	inv__writer *w = im->session->writer;
	inv__command *c = &row->command;
	bool reads = inv__has_codes(im->record, row->record);
	inv_status rc = reads ? write_waiting(im, lost) : INV_OK;

	if (im->waiting_count == 0)
		inv__arena_reset(&im->work);
	if (rc == INV_OK)
		rc = resolve(im, row);
	if (rc == INV_OK)
		rc = inv__command_claim(w, c);
	reads = rc == INV_OK && inv__command_reads(c);
	if (reads)
		rc = write_waiting(im, lost);
	if (rc == INV_OK)
		rc = inv__command_decide(w, c);
	if (rc != INV_OK && !*lost && (c->wrote || !inv__writer_is_open(w)))
		lose(im, rc, lost);
	if (rc != INV_OK || c->seen)
		return rc;
	im->waiting[im->waiting_count++] = c;
	if (reads || im->waiting_count == INV__IMPORT_WAITING_MAX)
		rc = write_waiting(im, lost);
	return rc;
}

/* Run the row for itself, in the slice's transaction or in its own. */
static inv_status run_single(inv__import *im, inv__import_row *row, row_mode mode, bool *lost)
{
	inv__writer *w = im->session->writer;
	inv_status rc;

	inv__arena_reset(&im->work);
	row->command.looked = false;
	rc = resolve(im, row);
	if (mode == ALONE)
		return rc == INV_OK ? inv__command_alone(w, &row->command) : rc;
	if (rc == INV_OK)
		rc = inv__command_shared(w, &row->command, true, lost);
	if (*lost || !inv__writer_is_open(w))
		lose(im, rc, lost);
	return rc;
}

/* Run one row. Fails when its fault cannot be kept. */
static inv_status run_row(inv__import *im, inv__import_row *row, row_mode mode, bool *lost)
{
	inv_store *store = im->session->store;
	inv_status rc;

	inv__error_clear(&im->session->error);
	row->command.call.now = store->clock.now(store->clock.ctx);
	rc = mode == TOGETHER ? decide_row(im, row, lost) : run_single(im, row, mode, lost);
	row->state = INV__ROW_DONE;
	return rc == INV_OK || *lost ? INV_OK : inv__import_bad(im, row, rc);
}

/* Each row from `from` on that has no outcome yet, one per transaction. */
static inv_status run_alone(inv__import *im, size_t from, size_t to, size_t *next)
{
	inv_status rc = INV_OK;
	bool lost = false;

	for (*next = from; rc == INV_OK && *next < to; (*next)++) {
		inv__import_row *row = im->rows[*next];

		if (row->state == INV__ROW_READ)
			rc = run_row(im, row, ALONE, &lost);
		if (rc == INV_OK && inv__import_stops(im, row)) {
			(*next)++;
			break;
		}
	}
	return rc;
}

/* The commit failed. What is in the journal is done, the rest has no outcome yet. */
static inv_status settle(inv__import *im, size_t from, size_t to, inv_status failed, size_t *next)
{
	inv__writer *w = im->session->writer;
	const inv_error error = im->session->error;
	inv_status rc = INV_OK;

	for (size_t i = from; rc == INV_OK && i < to; i++) {
		inv__import_row *row = im->rows[i];
		bool committed = false;

		if (row->state != INV__ROW_DONE)
			continue;
		if (failed == INV_E_UNKNOWN_OUTCOME &&
		    inv__command_committed(w, &row->command, &committed) != INV_OK) {
			im->session->error = error;
			rc = inv__import_bad(im, row, failed);
		} else if (!committed) {
			row->state = INV__ROW_READ;
		}
	}
	if (rc == INV_OK)
		rc = run_alone(im, from, to, next);
	inv__writer_committed(w);
	return rc;
}

static int64_t slice_time(const inv__import *im)
{
	uint32_t usual = im->session->store->many ? SLICE_MS_MANY : SLICE_MS;
	uint32_t ms = im->options.slice_ms ? im->options.slice_ms : usual;

	return (int64_t)(ms < SLICE_MS_MAX ? ms : SLICE_MS_MAX) * 1000;
}

/* Where a look is a round trip, the rows' keys are looked for at once: what rests on nothing else
 * needs none of its own then. If that fails each row looks for itself, and tells what is wrong. */
static void look_ahead(inv__import *im, size_t from)
{
	inv_session *s = im->session;
	inv__commands commands = {NULL, 0};
	inv__arena arena;
	inv__command **list;

	inv__arena_init(&arena, &s->store->allocator);
	list = inv__arena_array(&arena, im->count, sizeof *list);
	commands.list = list;
	for (size_t i = from; i < im->count; i++) {
		im->rows[i]->command.looked = false;
		if (list && im->rows[i]->state == INV__ROW_READ)
			list[commands.count++] = &im->rows[i]->command;
	}
	(void)inv__keys_look(s->writer->link, &commands, &arena, &s->error);
	inv__arena_free(&arena);
}

/* As many rows as the time allows. *next is behind the last one. */
static inv_status run_some(inv__import *im, size_t *next, row_mode mode, bool *lost)
{
	int64_t until = inv__monotonic() + slice_time(im);
	size_t from = *next;
	inv_status rc = INV_OK;

	while (rc == INV_OK && !*lost && *next < im->count) {
		inv__import_row *row = im->rows[(*next)++];

		if (row->state == INV__ROW_READ)
			rc = run_row(im, row, mode, lost);
		if (rc == INV_OK && inv__import_stops(im, row))
			return rc;
		if (inv__monotonic() >= until) {
			im->chunk_rows = *next - from;
			return rc;
		}
	}
	im->chunk_rows *= 2; /* there was time for more */
	return rc;
}

static inv_status run_pass(inv__import *im, size_t *next, row_mode mode, bool *lost)
{
	inv_status rc;

	*lost = false;
	rc = run_some(im, next, mode, lost);
	if (rc == INV_OK && !*lost)
		(void)write_waiting(im, lost); /* *lost tells */
	im->waiting_count = 0;
	return rc;
}

/* What rows came to in a lost transaction is no outcome. */
static void set_back(inv__import *im, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (im->rows[i]->fit)
			im->rows[i]->state = INV__ROW_READ;
}

/* The rows of a slice, in a transaction that is open; *lost = it is no more. */
static inv_status run_rows(inv__import *im, size_t *next, bool *lost)
{
	size_t from = *next;
	bool careful = im->careful;
	inv_status rc;

	if (im->session->store->many && im->options.key_prefix.len > 0 && !careful)
		look_ahead(im, from);
	rc = run_pass(im, next, careful ? SAVEPOINT : TOGETHER, lost);
	if (rc == INV_OK && *lost && !careful && is_rows_fault(im->lost)) {
		im->careful = true;
		set_back(im, from, *next);
		*next = from;
		rc = inv__writer_begin(im->session->writer, &im->session->error);
		if (rc == INV_OK)
			rc = run_pass(im, next, SAVEPOINT, lost);
	}
	if (rc != INV_OK || !*lost)
		return rc;
	set_back(im, from, *next);
	return run_alone(im, from, *next, next);
}

/* Savepoints are dear: without a fault that needed one, the next slice goes without. */
static void look_back(inv__import *im, size_t from, size_t to)
{
	bool needed = false;

	for (size_t i = from; i < to; i++)
		needed |= im->rows[i]->state == INV__ROW_BAD && im->rows[i]->command.wrote;
	im->careful = im->careful && needed;
}

/* A slice's rows, and their commit. */
static inv_status run_slice(inv__import *im, size_t *next)
{
	inv__writer *w = im->session->writer;
	size_t from = *next;
	bool lost;
	inv_status rc = run_rows(im, next, &lost);

	look_back(im, from, *next);
	if (lost)
		return rc;
	if (rc != INV_OK) {
		inv__writer_end(w, false, NULL);
		return rc;
	}
	rc = inv__writer_end(w, true, &im->session->error);
	return rc == INV_OK ? rc : settle(im, from, *next, rc, next);
}

inv_status inv__import_slice(inv__import *im, size_t *next)
{
	inv_session *session = im->session;
	inv__writer *w;
	inv_status rc = inv__writer_take(session->store, session, &w, &session->error);

	if (rc != INV_OK)
		return rc;
	session->writer = w;
	session->in_transaction = true; /* what it reads, it reads on the writer */
	rc = inv__writer_begin(w, &session->error);
	if (rc == INV_OK)
		rc = run_slice(im, next);
	if (rc == INV_OK)
		inv__writer_checkpoint(w);
	session->in_transaction = false;
	inv__writer_give(w);
	if (im->chunk_rows < CHUNK_ROWS_MIN)
		im->chunk_rows = CHUNK_ROWS_MIN;
	if (im->chunk_rows > INV__IMPORT_ROWS_MAX)
		im->chunk_rows = INV__IMPORT_ROWS_MAX;
	return rc;
}
