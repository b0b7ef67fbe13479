/* SPDX-License-Identifier: MIT */
/* Derived tables from the journal: the same apply that wrote them, page by page. */
#include "engine/engine.h"

#define PAGE_EVENTS 256

INV__SQL(SQL_ANY_ASSERTION, "SELECT s.account FROM assertion s LIMIT 1");

/* What comes late is only looked for where something has been counted. */
static inv_status find_assertions(const inv__refill *r, inv__apply *apply)
{
	inv__batch batch;
	inv_status rc;

	inv__batch_init(&batch, apply->arena);
	inv__batch_add(&batch, &SQL_ANY_ASSERTION);
	rc = inv__batch_exec(&batch, r->to, apply->error);
	if (rc == INV_OK)
		apply->absorbs = inv__batch_result(&batch, 0)->row_count > 0;
	return rc;
}

inv_status inv__refill_page(const inv__refill *r, const inv__journal_page *page, inv__batch *batch,
                            inv_error *error)
{
	inv__arena *arena = batch->arena;
	inv__event *events = inv__arena_array(arena, page->count, sizeof *events);
	inv__apply apply = {.batch = batch, .link = r->to, .arena = arena, .error = error};
	inv_status rc = events ? INV_OK
	                       : inv__error_set(error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");

	for (size_t i = 0; rc == INV_OK && i < page->count; i++) {
		if (r->each)
			rc = r->each(r->ctx, &page->rows[i], arena);
		if (rc == INV_OK)
			rc = inv__journal_decode(&page->rows[i], arena, &events[i], error);
	}
	if (rc == INV_OK)
		rc = find_assertions(r, &apply);
	if (rc == INV_OK)
		rc = inv__events_apply(&apply, events, page->count);
	return rc == INV_OK ? inv__batch_exec(batch, r->to, error) : rc;
}

inv_status inv__refill_run(const inv__refill *refill, const inv_allocator *allocator,
                           inv_error *error)
{
	const inv_progress *p = refill->progress;
	inv__journal_place place = {0, false};
	inv__journal_page page = {NULL, 0};
	inv__arena arena;
	inv__batch batch;
	uint64_t done = 0;
	bool more;
	inv_status rc;

	inv__arena_init(&arena, allocator);
	do {
		inv__arena_reset(&arena);
		rc = inv__journal_read(refill->from, &place, PAGE_EVENTS, &arena, &page, error);
		inv__batch_init(&batch, &arena);
		if (rc == INV_OK && page.count > 0)
			rc = inv__refill_page(refill, &page, &batch, error);
		done += page.count;
		if (rc == INV_OK && p && p->step && !p->step(p->ctx, done, refill->total))
			rc = inv__error_set(error, INV_E_CANCELLED, NULL, NULL, "it was stopped");
		more = page.count > 0 || !place.tail;
		if (page.count == 0 && !place.tail)
			place = (inv__journal_place){-1, true};
	} while (rc == INV_OK && more);
	inv__arena_free(&arena);
	return rc;
}
