/* SPDX-License-Identifier: MIT */
/* Rebuild: derived tables are emptied and refilled, alone, in one transaction. */
#include "engine/engine.h"

static inv_status empty_tables(inv_store *store, inv_error *error)
{
	const inv_table_desc *tables[INV_TABLE_COUNT];
	size_t count = inv__derived_tables(tables);
	inv__arena arena;
	inv__batch batch;
	inv_status rc = INV_OK;

	inv__arena_init(&arena, &store->allocator);
	inv__batch_init(&batch, &arena);
	for (size_t i = 0; rc == INV_OK && i < count; i++) {
		inv__buf sql;

		inv__buf_init(&sql, &store->allocator, 256);
		inv__buf_puts(&sql, "DELETE FROM ");
		inv__buf_puts(&sql, tables[i]->name);
		rc = sql.status;
		if (rc == INV_OK)
			inv__batch_add_text(&batch, inv__arena_str(&arena, inv__buf_str(&sql)));
		inv__buf_free(&sql);
	}
	if (rc == INV_OK)
		rc = inv__batch_exec(&batch, store->writer.link, error);
	else
		inv__error_set(error, rc, NULL, NULL, "out of memory");
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

static inv_status rebuild(inv_store *store, const inv_progress *progress, inv_error *error)
{
	rebuilding r = {.proof = {.store = store->id}, .error = error};
	inv__refill refill = {.from = store->writer.link, .to = store->writer.link,
	                      .progress = progress, .ctx = &r, .each = check_row};
	inv_status rc = inv__writer_begin(store, error);

	if (rc != INV_OK)
		return rc;
	refill.total = (uint64_t)store->writer.head.position;
	rc = empty_tables(store, error);
	if (rc == INV_OK)
		rc = inv__refill_run(&refill, &store->allocator, error);
	store->writer.head.places_changed = true;
	inv__known_clear(store->writer.known);
	if (rc == INV_OK)
		return inv__writer_end(store, true, error);
	inv__writer_undo(store);
	return rc;
}

inv_status inv_store_rebuild(inv_store *store, const inv_progress *progress, inv_error *error)
{
	inv_error own;
	inv_status rc = inv__store_check(store, &error, &own);

	if (rc != INV_OK)
		return rc;
	if (store->read_only)
		return inv__error_set(error, INV_E_READ_ONLY, NULL, NULL,
		                      "the store is open for reading only");
	rc = inv__queue_take(store, NULL, error);
	if (rc != INV_OK)
		return rc;
	rc = rebuild(store, progress, error);
	inv__writer_checkpoint(store);
	inv__queue_release(store);
	return inv__store_answer(rc, error);
}
