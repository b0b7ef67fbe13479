/* SPDX-License-Identifier: MIT */
/* Rebuild: derived tables are emptied and refilled, alone, in one transaction. */
#include "engine/engine.h"

static inv_status empty_tables(inv__writer *w, inv_error *error)
{
	const inv_table_desc *tables[INV_TABLE_COUNT];
	size_t count = inv__derived_tables(tables);
	inv__arena arena;
	inv__batch batch;
	inv_status rc;

	inv__arena_init(&arena, &w->store->allocator);
	inv__batch_init(&batch, &arena);
	for (size_t i = 0; i < count; i++) {
		inv__buf sql;

		inv__buf_init(&sql, &w->store->allocator, 256);
		inv__buf_puts(&sql, "DELETE FROM ");
		inv__buf_puts(&sql, tables[i]->name);
		inv__batch_add_buf(&batch, &sql);
	}
	rc = inv__batch_exec(&batch, w->link, error);
	inv__arena_free(&arena);
	return rc;
}

/* What is not what was written must not become the state. */
typedef struct rebuilding {
	inv__proof proof;
	inv_error *error;
} rebuilding;

static inv_status check_row(void *ctx, const inv_event *row, inv__arena *arena)
{
	rebuilding *r = ctx;

	return inv__proof_row(&r->proof, row, arena, r->error);
}

/* Alone: nobody writes, and every event has its position. The locks come in the order in which
 * writers take theirs, so that they seldom meet crosswise: the turn of who gives positions, what
 * is derived, the journal. */
static inv_status shut_out(inv__writer *w, inv_error *error)
{
	const inv_table_desc *tables[INV_TABLE_COUNT];
	size_t count = inv__derived_tables(tables);
	int64_t placed;
	inv__batch batch;
	inv__arena arena;
	inv__buf sql;
	inv_status rc;

	if (!w->store->many)
		return INV_OK;
	rc = inv__sequence_on(w, &placed, error);
	if (rc != INV_OK)
		return rc;
	inv__arena_init(&arena, &w->store->allocator);
	inv__batch_init(&batch, &arena);
	inv__buf_init(&sql, &w->store->allocator, 4096);
	inv__buf_puts(&sql, "{exclusive ");
	for (size_t i = 0; i < count; i++) {
		inv__buf_puts(&sql, tables[i]->name);
		inv__buf_puts(&sql, ", ");
	}
	inv__buf_puts(&sql, "event}");
	inv__batch_add_buf(&batch, &sql);
	rc = inv__batch_exec(&batch, w->link, error);
	inv__arena_free(&arena);
	placed = 1;
	while (rc == INV_OK && placed > 0)
		rc = inv__sequence_on(w, &placed, error);
	return rc;
}

INV__SQL(SQL_DONE, "DELETE FROM meta WHERE name = 'rebuild'");

/* A migration may have asked for it. */
static inv_status note_done(inv__writer *w, inv_error *error)
{
	inv__arena arena;
	inv__batch batch;
	inv_status rc;

	inv__arena_init(&arena, &w->store->allocator);
	inv__batch_init(&batch, &arena);
	inv__batch_add(&batch, &SQL_DONE);
	rc = inv__batch_exec(&batch, w->link, error);
	inv__arena_free(&arena);
	return rc;
}

inv_status inv__rebuild_on(inv__writer *w, const inv_progress *progress, inv_error *error)
{
	inv_store *store = w->store;
	rebuilding r = {.proof = {.store = store}, .error = error};
	inv__refill refill = {.from = w->link, .to = w->link, .progress = progress, .ctx = &r,
	                      .each = check_row};
	int64_t end = 0;
	inv_status rc = inv__writer_begin(w, error);

	if (rc != INV_OK)
		return rc;
	rc = shut_out(w, error);
	if (rc == INV_OK)
		rc = inv__last_position(store, w->link, &end, error);
	refill.total = (uint64_t)end;
	if (rc == INV_OK)
		rc = empty_tables(w, error);
	if (rc == INV_OK)
		rc = inv__refill_run(&refill, &store->allocator, error);
	if (rc == INV_OK)
		rc = note_done(w, error);
	w->head.places_changed = true;
	inv__known_clear(w->known);
	if (rc == INV_OK)
		return inv__writer_end(w, true, error);
	inv__writer_undo(w);
	return rc;
}

#define TRIES 20u /* where writers hold what it must have alone */

inv_status inv_store_rebuild(inv_store *store, const inv_progress *progress, inv_error *error)
{
	inv_error own;
	inv__writer *w;
	inv_status rc = inv__store_check(store, &error, &own);

	if (rc != INV_OK)
		return rc;
	if (store->read_only)
		return inv__error_set(error, INV_E_READ_ONLY, NULL, NULL,
		                      "the store is open for reading only");
	rc = inv__writer_take(store, NULL, &w, error);
	if (rc != INV_OK)
		return rc;
	for (unsigned tries = 0; tries < TRIES; tries++) {
		rc = inv__rebuild_on(w, progress, error);
		if (rc != INV_E_BUSY || !store->many)
			break;
	}
	inv__writer_checkpoint(w);
	inv__writer_give(w);
	return inv__store_answer(rc, error);
}
