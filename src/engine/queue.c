/* SPDX-License-Identifier: MIT */
/* The commit queue. Whoever arrives first leads: it runs the waiting commands in order and commits
 * once for all. The others sleep until they are answered or it is their turn to lead. */
#include "engine/engine.h"

#define GROUP_MAX 128u

inv_status inv__queue_init(inv__queue *queue)
{
	memset(queue, 0, sizeof *queue);
	return inv__mutex_init(&queue->mutex) ? INV_OK : INV_E_NO_MEMORY;
}

void inv__queue_destroy(inv__queue *queue)
{
	inv__mutex_destroy(&queue->mutex);
}

static void append(inv__queue *q, inv__ticket *t)
{
	if (q->tail)
		q->tail->next = t;
	else
		q->head = t;
	q->tail = t;
}

static void unlink_ticket(inv__queue *q, inv__ticket *t)
{
	inv__ticket *before = NULL;

	for (inv__ticket *i = q->head; i && i != t; i = i->next)
		before = i;
	if (before)
		before->next = t->next;
	else
		q->head = t->next;
	if (q->tail == t)
		q->tail = before;
}

/* Make the first in line the leader; with nobody there the writer is free. */
static void pass_on(inv__queue *q)
{
	q->led = q->head != NULL;
	if (!q->head)
		return;
	q->head->leads = true;
	inv__cond_signal(q->head->cond);
}

static bool is_cancelled(const inv__ticket *t)
{
	return inv__is_cancelled(t->session);
}

/* The explicit transaction in the way has had its time, and its thread is not inside a call. */
static bool may_take_away(const inv__queue *q)
{
	return q->owner && !q->owner_inside && inv__monotonic() >= q->owner_until;
}

static void take_away(inv_store *store)
{
	inv__queue *q = &store->queue;

	inv__writer_undo(store->writer);
	q->owner->transaction_lost = true;
	q->owner = NULL;
	pass_on(q);
}

/* Sleep until done, leading or cancelled. The mutex is held. */
static inv_status wait_turn(inv_store *store, inv__ticket *t)
{
	inv__queue *q = &store->queue;

	while (!t->done && !t->leads) {
		if (is_cancelled(t)) {
			unlink_ticket(q, t);
			return INV_E_CANCELLED;
		}
		if (may_take_away(q))
			take_away(store);
		else if (q->owner)
			inv__cond_wait_until(t->cond, &q->mutex, q->owner_inside
			                                             ? inv__monotonic() + 100000
			                                             : q->owner_until);
		else
			inv__cond_wait(t->cond, &q->mutex);
	}
	return INV_OK;
}

static inv_status join(inv_store *store, inv__ticket *t)
{
	inv__queue *q = &store->queue;

	append(q, t);
	if (q->led)
		return wait_turn(store, t);
	q->led = true;
	t->leads = true;
	return INV_OK;
}

/* Commands from the head of the line, up to the first ticket that wants the writer for itself. */
static size_t gather(inv__queue *q, inv__ticket **group)
{
	size_t n = 0;

	while (n < GROUP_MAX && q->head && q->head->command) {
		inv__ticket *t = q->head;

		q->head = t->next;
		if (!q->head)
			q->tail = NULL;
		t->next = NULL;
		group[n++] = t;
	}
	return n;
}

/* Lead one group; the mutex is held before and after. */
static void lead(inv_store *store)
{
	inv__queue *q = &store->queue;
	inv__ticket *group[GROUP_MAX];
	size_t n = gather(q, group);

	inv__mutex_unlock(&q->mutex);
	inv__group_run(store, group, n);
	inv__mutex_lock(&q->mutex);
	for (size_t i = 0; i < n; i++) {
		group[i]->done = true;
		if (i > 0) /* the first is the leader itself */
			inv__cond_signal(group[i]->cond);
	}
	inv__mutex_unlock(&q->mutex);
	inv__writer_checkpoint(store->writer);
	inv__mutex_lock(&q->mutex);
	pass_on(q);
}

inv_status inv__queue_run(inv_store *store, inv_session *session, inv__command *command)
{
	inv__queue *q = &store->queue;
	inv__ticket t = {.session = session, .command = command, .cond = &session->cond};
	inv_status rc;

	inv__mutex_lock(&q->mutex);
	rc = join(store, &t);
	if (rc == INV_OK && t.leads)
		lead(store);
	inv__mutex_unlock(&q->mutex);
	if (rc != INV_OK)
		return inv__error_set(command->call.error, rc, NULL, NULL,
		                      "it was cancelled while it waited for its turn");
	return t.status;
}

inv_status inv__queue_take(inv_store *store, inv_session *session, inv_error *error)
{
	inv__queue *q = &store->queue;
	inv__cond own;
	inv__ticket t = {.session = session, .cond = session ? &session->cond : &own};
	bool own_transaction;
	inv_status rc;

	if (!session && !inv__cond_init(&own))
		return inv__error_set(error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
	inv__mutex_lock(&q->mutex);
	own_transaction = q->owner && q->owner_thread == inv__thread_id();
	rc = own_transaction ? INV_E_STATE : join(store, &t);
	if (rc == INV_OK)
		unlink_ticket(q, &t);
	inv__mutex_unlock(&q->mutex);
	if (!session)
		inv__cond_destroy(&own);
	if (rc != INV_OK)
		inv__error_set(error, rc, NULL, NULL, "%s",
		               own_transaction ? "this thread has a transaction open: end it first"
		                               : "it was cancelled while it waited for its turn");
	return rc;
}

void inv__queue_release(inv_store *store)
{
	inv__mutex_lock(&store->queue.mutex);
	store->queue.owner = NULL;
	pass_on(&store->queue);
	inv__mutex_unlock(&store->queue.mutex);
}
