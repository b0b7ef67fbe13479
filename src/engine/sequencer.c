/* SPDX-License-Identifier: MIT */
/* Positions, where many write at once. A command draws its number (seq) when it has its locks, so
 * that of two commands that touch each other the later has the higher one; but they commit in any
 * order, and a reader that went by that number would pass over the late. So whoever reads the
 * journal first gives what is committed its positions, in the order of seq, under the lock of one
 * row: what has a position has everything before it, for ever. Writers never wait for it. */
#include "engine/engine.h"

#define STEP_ROWS INT64_C(10000)

INV__SQL(SQL_UNPLACED, "SELECT e.seq FROM event e WHERE e.position = 0 LIMIT 1");
/* The row is any that is always there. What follows sees all that was committed before now. */
INV__SQL(SQL_TURN, "SELECT m.value FROM meta m WHERE m.name = 'id' {lock}");
INV__SQL(SQL_NEXT, "SELECT e.seq FROM event e WHERE e.position = 0 ORDER BY e.seq LIMIT ?1");
INV__SQL(SQL_LAST, "SELECT e.position, e.known_at FROM event e WHERE e.position > 0"
                   " ORDER BY e.position DESC LIMIT 1");
/* Rows of their own: joined to itself, a young table of which a database knows nothing yet may be
 * gone through for each of its rows. */
INV__SQL(SQL_PLACE, "UPDATE event SET position = r.position, known_at = r.known_at"
                    " {where seq:int position:int known_at:int} event.seq = r.seq");

static inv_status place(inv__batch *b, size_t next, size_t last, int64_t now)
{
	const inv_rows *rows = inv__batch_result(b, next), *end = inv__batch_result(b, last);
	int64_t position = end->row_count > 0 ? inv__cell_int(end, 0, 0) : 0;
	int64_t known_at = end->row_count > 0 ? inv__cell_int(end, 0, 1) : 0;
	int64_t *seqs, *positions, *instants;

	inv__batch_add(b, &SQL_PLACE);
	inv__batch_rows(b, rows->row_count);
	seqs = inv__batch_int_column(b);
	positions = inv__batch_int_column(b);
	instants = inv__batch_int_column(b);
	if (b->status != INV_OK)
		return b->status;
	for (size_t i = 0; i < rows->row_count; i++) {
		seqs[i] = inv__cell_int(rows, i, 0);
		positions[i] = ++position;
		instants[i] = known_at > now ? known_at : now;
	}
	return INV_OK;
}

/* One step; *placed = how many have their positions now. */
inv_status inv__sequence_on(inv__writer *w, int64_t *placed, inv_error *error)
{
	inv_store *store = w->store;
	int64_t now = store->clock.now(store->clock.ctx), floor = atomic_load(&store->clock_floor);
	inv__arena arena;
	inv__batch batch;
	size_t next, last;
	inv_status rc;

	*placed = 0;
	inv__arena_init(&arena, &store->allocator);
	inv__batch_init(&batch, &arena);
	inv__batch_add(&batch, &SQL_TURN);
	next = inv__batch_add(&batch, &SQL_NEXT);
	inv__batch_int(&batch, STEP_ROWS);
	last = inv__batch_add(&batch, &SQL_LAST);
	rc = inv__batch_exec(&batch, w->link, error);
	if (rc == INV_OK)
		*placed = (int64_t)inv__batch_result(&batch, next)->row_count;
	if (rc == INV_OK && *placed > 0)
		rc = place(&batch, next, last, now > floor ? now : floor);
	if (rc == INV_E_NO_MEMORY)
		inv__error_set(error, rc, NULL, NULL, "out of memory");
	if (rc == INV_OK && *placed > 0)
		rc = inv__batch_exec(&batch, w->link, error);
	/* A later command must not look older than what is known by now. */
	if (rc == INV_OK && *placed > 0 && w->head.known_at < now)
		w->head.known_at = now;
	inv__arena_free(&arena);
	return rc;
}

inv_status inv__any_unplaced(inv_store *store, inv__link *link, bool *any, inv_error *error)
{
	inv__arena arena;
	inv__batch batch;
	inv_status rc;

	inv__arena_init(&arena, &store->allocator);
	inv__batch_init(&batch, &arena);
	inv__batch_add(&batch, &SQL_UNPLACED);
	rc = inv__batch_exec(&batch, link, error);
	*any = rc == INV_OK && inv__batch_result(&batch, 0)->row_count > 0;
	inv__arena_free(&arena);
	return rc;
}

/* Who has a reader looks on that one: two at a time would be waited for in a circle. */
static inv_status anything_unplaced(inv_store *store, inv__link *look, bool *any, inv_error *error)
{
	inv__reader *reader;
	inv__retry retry;
	inv_status rc;

	if (look)
		return inv__any_unplaced(store, look, any, error);
	rc = inv__reader_take(store, NULL, &reader, error);
	if (rc != INV_OK)
		return rc;
	inv__retry_begin(&retry, store, NULL);
	do
		rc = inv__any_unplaced(store, reader->link, any, error);
	while (inv__retry_again(&retry, rc, reader->link));
	rc = inv__retry_end(&retry, rc, reader->link, error);
	inv__reader_give(store, reader);
	return rc;
}

/* A commit that may or may not have been one is a broken connection to who only reads: positions
 * are given once, by whomever. */
static inv_status end_step(inv__writer *w, inv_error *error)
{
	inv_status rc = inv__writer_end(w, true, error);

	if (rc != INV_E_UNKNOWN_OUTCOME)
		return rc;
	return inv__error_set(error, INV_E_IO, NULL, NULL, "the connection to the server broke");
}

static inv_status step(inv__writer *w, int64_t *placed, inv_error *error)
{
	inv_status rc = inv__writer_begin(w, error);

	*placed = 0;
	if (rc == INV_OK)
		rc = inv__sequence_on(w, placed, error);
	if (rc == INV_OK)
		return end_step(w, error);
	inv__writer_undo(w);
	return rc;
}

/* Others may be in the way, and a connection may break: a step may be done any number of times. */
static inv_status step_again(inv__writer *w, int64_t *placed, inv_error *error)
{
	inv__retry retry;
	inv_status rc;

	inv__retry_begin(&retry, w->store, NULL);
	do
		rc = step(w, placed, error);
	while (inv__retry_again(&retry, rc, w->link));
	return inv__retry_end(&retry, rc, w->link, error);
}

static inv_status place_all(inv_store *store, inv_error *error)
{
	int64_t placed = STEP_ROWS;
	inv__writer *w;
	inv_status rc = inv__writer_take(store, NULL, &w, error);

	if (rc != INV_OK)
		return rc;
	while (rc == INV_OK && placed == STEP_ROWS)
		rc = step_again(w, &placed, error);
	inv__writer_give(w);
	return rc;
}

inv_status inv__sequence(inv_store *store, inv__link *look, inv_error *error)
{
	bool any = false;
	inv_status rc;

	/* Who only reads shows what has a position. */
	if (!store->many || store->read_only)
		return INV_OK;
	rc = anything_unplaced(store, look, &any, error);
	return rc == INV_OK && any ? place_all(store, error) : rc;
}

inv_status inv__sequence_for(inv_session *session, inv__link *look)
{
	return session->in_transaction ? INV_OK : inv__sequence(session->store, look, &session->error);
}
