/* SPDX-License-Identifier: MIT */
/* A cancel from another thread: it wakes who waits and interrupts who reads. A command that writes
 * is not interrupted: it ends by itself, and its end is known. */
#include "engine/engine.h"

void inv__reading_begin(inv_session *session, inv__link *link)
{
	atomic_store(&session->reading, link);
}

/* The connection is not given back while somebody interrupts it, or another's read would be hit.
 * Either we see them here, or they see that there is nothing to interrupt. */
void inv__reading_end(inv_session *session)
{
	atomic_store(&session->reading, NULL);
	while (atomic_load(&session->interrupting) > 0)
		inv__sleep(10);
}

/* False when there is nothing to interrupt. */
static bool interrupt_read(inv_session *session)
{
	inv__link *link;

	atomic_fetch_add(&session->interrupting, 1);
	link = atomic_load(&session->reading);
	if (link)
		inv__link_interrupt(link);
	atomic_fetch_sub(&session->interrupting, 1);
	return link != NULL;
}

#define FIRST_PAUSE INT64_C(1000)
#define TRY_FOR INT64_C(1000000)

/* What comes to the database between two statements stops neither: so until the call has ended,
 * which takes the mark off, or for a second. */
static void stop_read(inv_session *session)
{
	int64_t until = inv__monotonic() + TRY_FOR, pause = FIRST_PAUSE;

	while (inv__monotonic() < until && inv__is_cancelled(session) && interrupt_read(session)) {
		inv__sleep(pause);
		pause *= 2;
	}
}

void inv_session_cancel(inv_session *session)
{
	if (!session)
		return;
	atomic_fetch_add(&session->cancelling, 1);
	atomic_store(&session->cancelled, true);
	inv__mutex_lock(&session->store->queue.mutex);
	inv__cond_broadcast(&session->cond);
	inv__mutex_unlock(&session->store->queue.mutex);
	inv__mutex_lock(&session->store->feed_mutex);
	inv__cond_broadcast(&session->store->feed_cond);
	inv__mutex_unlock(&session->store->feed_mutex);
	stop_read(session);
	atomic_fetch_sub(&session->cancelling, 1);
}

void inv__cancels_end(inv_session *session)
{
	while (atomic_load(&session->cancelling) > 0)
		inv__sleep(1000);
}
