/* SPDX-License-Identifier: MIT */
/* Explicit transactions: the session owns a writer, for a while. */
#include "engine/engine.h"

#define TRANSACTION_MAX (INT64_C(2) * 1000000) /* microseconds */

/* Sleepers in the line must know until when the owner may keep the only writer. */
static void become_owner(inv_session *session)
{
	inv__queue *q = &session->store->queue;

	inv__mutex_lock(&q->mutex);
	q->owner = session;
	q->owner_until = session->until;
	q->owner_thread = inv__thread_id();
	q->owner_inside = false;
	for (inv__ticket *t = q->head; t; t = t->next)
		inv__cond_signal(t->cond);
	inv__mutex_unlock(&q->mutex);
}

static inv_status begin(inv_session *session)
{
	inv_store *store = session->store;
	inv__writer *w;
	inv_status rc;

	if (session->in_transaction)
		return inv__error_set(&session->error, INV_E_STATE, NULL, NULL,
		                      "a transaction is open already");
	if (store->read_only)
		return inv__error_set(&session->error, INV_E_READ_ONLY, NULL, NULL,
		                      "the store is open for reading only");
	rc = inv__writer_take(store, session, &w, &session->error);
	if (rc != INV_OK)
		return rc;
	rc = inv__writer_begin(w, &session->error);
	if (rc != INV_OK) {
		inv__writer_give(w);
		return rc;
	}
	session->writer = w;
	session->in_transaction = true;
	session->transaction_lost = false;
	session->until = inv__monotonic() + TRANSACTION_MAX;
	if (!store->many)
		become_owner(session);
	return INV_OK;
}

/* Nobody takes a writer of the pool away: the owner itself finds that its time is over. */
static bool still_ours(inv_session *session, bool *late)
{
	inv__queue *q = &session->store->queue;
	bool lost;

	inv__mutex_lock(&q->mutex);
	lost = session->transaction_lost;
	*late = !lost && inv__monotonic() >= session->until;
	q->owner_inside = !lost;
	inv__mutex_unlock(&q->mutex);
	return !lost && !*late;
}

/* Take the transaction back into our hands; it may be gone, or its time over. */
inv_status inv__transaction_enter(inv_session *session)
{
	bool late;

	if (still_ours(session, &late))
		return INV_OK;
	if (late) {
		inv__writer_undo(session->writer);
		inv__writer_give(session->writer);
	}
	session->in_transaction = false;
	return inv__error_set(&session->error, INV_E_TIMEOUT, NULL, NULL,
	                      "the transaction took longer than two seconds and was rolled back");
}

void inv__transaction_leave(inv_session *session)
{
	inv__queue *q = &session->store->queue;

	inv__mutex_lock(&q->mutex);
	q->owner_inside = false;
	inv__mutex_unlock(&q->mutex);
}

static inv_status finish(inv_session *session, bool commit)
{
	inv__writer *w = session->writer;
	inv_status rc;

	if (!session->in_transaction)
		return inv__error_set(&session->error, INV_E_STATE, NULL, NULL, "no transaction is open");
	rc = inv__transaction_enter(session);
	if (rc != INV_OK)
		return rc;
	session->in_transaction = false;
	rc = inv__writer_end(w, commit, &session->error);
	if (rc == INV_OK && commit)
		inv__writer_checkpoint(w);
	inv__writer_give(w);
	return rc;
}

inv_status inv_begin(inv_session *session)
{
	inv_status rc = inv__session_enter(session);

	return rc == INV_OK ? inv__session_leave(session, begin(session)) : rc;
}

inv_status inv_commit(inv_session *session)
{
	inv_status rc = inv__session_enter(session);

	return rc == INV_OK ? inv__session_leave(session, finish(session, true)) : rc;
}

inv_status inv_rollback(inv_session *session)
{
	inv_status rc = inv__session_enter(session);

	return rc == INV_OK ? inv__session_leave(session, finish(session, false)) : rc;
}
