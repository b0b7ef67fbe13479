/* SPDX-License-Identifier: MIT */
/* Waiting for events. A wake-up is a hint: what counts is what the journal holds. */
#include "engine/engine.h"

/* Events to wait for: behind the position asked for, or behind the consumer's cursor. */
INV__SQL(SQL_BEHIND,
         "SELECT e.position FROM event e WHERE e.position > ?1 AND e.position >"
         " COALESCE((SELECT f.position FROM feed_cursor f WHERE f.consumer = ?2), 0) LIMIT 1");

static inv_status anything_behind(inv_session *session, const inv_feed_query *q, bool *any)
{
	inv__arena arena;
	char memory[1024];
	inv__batch batch;
	inv_status rc = inv__sequence_for(session, NULL);

	if (rc != INV_OK)
		return rc;
	inv__arena_init_with(&arena, &session->store->allocator, memory, sizeof memory);
	inv__batch_init(&batch, &arena);
	inv__batch_add(&batch, &SQL_BEHIND);
	inv__batch_int(&batch, q->after);
	inv__batch_text(&batch, q->consumer);
	rc = inv__lease_exec(session, &batch);
	*any = rc == INV_OK && inv__batch_result(&batch, 0)->row_count > 0;
	inv__arena_free(&arena);
	return rc;
}

#define POLL_OTHERS INT64_C(50000) /* other processes do not wake us: look this often */

inv_status inv__feed_wait(inv_session *session, const inv_feed_query *query)
{
	inv_store *store = session->store;
	int64_t until = inv__monotonic() + query->timeout_ms * 1000;
	bool any = false;
	inv_status rc;

	for (;;) {
		uint64_t seen = atomic_load(&store->commits);
		int64_t now, wake;

		rc = anything_behind(session, query, &any);
		now = inv__monotonic();
		if (rc != INV_OK || any || now >= until)
			return rc;
		if (inv__is_cancelled(session))
			return inv__error_set(&session->error, INV_E_CANCELLED, NULL, NULL,
			                      "it was cancelled while it waited for events");
		wake = now + POLL_OTHERS < until ? now + POLL_OTHERS : until;
		inv__mutex_lock(&store->feed_mutex);
		if (atomic_load(&store->commits) == seen && !inv__is_cancelled(session))
			inv__cond_wait_until(&store->feed_cond, &store->feed_mutex, wake);
		inv__mutex_unlock(&store->feed_mutex);
	}
}
