/* SPDX-License-Identifier: MIT */
/* The pool of writing connections, for databases that let many write at once: a command has one
 * for itself, from its first read to its commit, and runs again as a whole when another was in its
 * way. */
#include "engine/engine.h"

/* By how much the clocks of machines may differ: what another has just booked lies ahead of ours by
 * no more, and a command that needs it happens behind it. */
#define SKEW_MAX INT64_C(500000)
/* An explicit transaction may take two seconds; whoever sleeps in one holds up others no longer. */
#define IDLE_MS 2500

inv_status inv__writers_init(inv_store *store, uint32_t max)
{
	inv__writers *p = &store->writers;

	memset(p, 0, sizeof *p);
	p->max = max > INV__WRITERS_MAX ? INV__WRITERS_MAX : max;
	for (uint32_t i = 0; i < INV__WRITERS_MAX; i++)
		p->writer[i].store = store;
	store->writer = &p->writer[0];
	if (!inv__mutex_init(&p->mutex))
		return INV_E_NO_MEMORY;
	if (!inv__cond_init(&p->freed)) {
		inv__mutex_destroy(&p->mutex);
		return INV_E_NO_MEMORY;
	}
	return INV_OK;
}

void inv__writers_destroy(inv_store *store)
{
	inv__writers *p = &store->writers;

	for (uint32_t i = 0; i < INV__WRITERS_MAX; i++) {
		inv__link_close(p->writer[i].link);
		inv__known_free(p->writer[i].known);
	}
	inv__cond_destroy(&p->freed);
	inv__mutex_destroy(&p->mutex);
}

inv_status inv__writer_open(inv__writer *w, uint32_t flags, inv_error *error)
{
	inv_store *s = w->store;
	inv_driver_open open = {.struct_size = sizeof open, .flags = flags, .url = s->path,
	                        .allocator = s->allocator, .log = s->log,
	                        .busy_timeout_ms = s->busy_timeout_ms,
	                        .idle_timeout_ms = IDLE_MS};

	w->known = inv__known_make(&s->allocator);
	if (!w->known)
		return inv__error_set(error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
	return inv__link_open(&s->driver, &open, &w->link, error);
}

/* ---- taking one ---- */

/* An idle one, or room for one more; the mutex is held. */
static inv_status wait_idle(inv_store *store, inv_session *session, inv__writer **out,
                            inv_error *error)
{
	inv__writers *p = &store->writers;
	int64_t until = inv__monotonic() + store->busy_timeout_ms * 1000;

	while (!p->idle && p->open == p->max) {
		int64_t now = inv__monotonic();

		if (inv__is_cancelled(session))
			return inv__error_set(error, INV_E_CANCELLED, NULL, NULL,
			                      "it was cancelled while it waited for its turn");
		if (now >= until)
			return inv__error_set(error, INV_E_BUSY, NULL, NULL,
			                      "all %u connections for writing are in use", p->max);
		/* A cancel does not wake us: look from time to time. */
		inv__cond_wait_until(&p->freed, &p->mutex, now + 50000 < until ? now + 50000 : until);
	}
	*out = p->idle ? p->idle : &p->writer[p->open++];
	if (*out == p->idle)
		p->idle = p->idle->next;
	return INV_OK;
}

static void put_back(inv__writer *w)
{
	inv__writers *p = &w->store->writers;

	inv__mutex_lock(&p->mutex);
	w->next = p->idle;
	p->idle = w;
	inv__cond_signal(&p->freed);
	inv__mutex_unlock(&p->mutex);
}

/* A server that starts again does not let anybody in for a while. */
static inv_status open_again(inv__writer *w, const inv_session *session, inv_error *error)
{
	inv__retry retry;
	inv_status rc;

	inv__retry_begin(&retry, w->store, session);
	do {
		inv__known_free(w->known); /* of an attempt that failed */
		rc = inv__writer_open(w, 0, error);
	} while (inv__retry_open(&retry, rc, error));
	return inv__retry_end(&retry, rc, NULL, error);
}

static inv_status pool_take(inv_store *store, inv_session *session, inv__writer **out,
                            inv_error *error)
{
	inv_status rc;

	inv__mutex_lock(&store->writers.mutex);
	rc = wait_idle(store, session, out, error);
	inv__mutex_unlock(&store->writers.mutex);
	if (rc != INV_OK || (*out)->link)
		return rc;
	rc = open_again(*out, session, error);
	if (rc != INV_OK)
		put_back(*out);
	return rc;
}

inv_status inv__writer_take(inv_store *store, inv_session *session, inv__writer **out,
                            inv_error *error)
{
	if (store->many)
		return pool_take(store, session, out, error);
	*out = store->writer;
	return inv__queue_take(store, session, error);
}

void inv__writer_give(inv__writer *w)
{
	if (w->store->many)
		put_back(w);
	else
		inv__queue_release(w->store);
}

/* ---- running a command ---- */

/* Everything of a command, its commit in the batch that writes. */
static inv_status run_once(inv__writer *w, inv__command *c)
{
	inv_status rc = inv__writer_begin(w, c->call.error);

	if (rc != INV_OK)
		return rc;
	rc = inv__command_claim(w, c);
	if (rc == INV_OK)
		rc = inv__command_decide(w, c);
	if (rc == INV_OK)
		rc = inv__command_answer(c, w->link);
	if (rc != INV_OK || c->seen) {
		inv__writer_undo(w);
		return rc;
	}
	rc = inv__commands_write(w, &(inv__commands){&c, 1}, true);
	if (rc == INV_OK)
		inv__writer_committed(w);
	else
		inv__writer_undo(w);
	return rc;
}

/* Who sends a command twice at once may have it refused by itself: the key was looked at before
 * the locks were waited for, and the other has taken the goods meanwhile. The next look finds the
 * key. */
static bool may_have_twin(inv__command *c)
{
	bool first = !c->twice;

	c->twice = true;
	return first && c->key.len > 0;
}

/* Does it need what another machine, whose clock is ahead, has just booked? */
static bool is_skewed(const inv__command *c)
{
	return c->call.latest > c->call.now && c->call.latest <= c->call.now + SKEW_MAX;
}

/* Would it go better the next time? What it met while it wrote is of another command's making, as
 * its own decision rested on rows that it had locked. */
static bool may_run_again(const inv__writer *w, inv__command *c, inv_status rc)
{
	switch (rc) {
	case INV_E_BUSY:
		return true;
	case INV_E_CONFLICT:
		return c->wrote || may_have_twin(c);
	case INV_E_IO:
		return !inv__link_alive(w->link);
	case INV_E_INSUFFICIENT:
		return is_skewed(c) || may_have_twin(c);
	case INV_E_INVALID:
	case INV_E_NOT_FOUND:
	case INV_E_EXISTS:
	case INV_E_STATE:
	case INV_E_LIMIT:
		return may_have_twin(c);
	default:
		return false;
	}
}

/* The commit's answer was lost. Is the command in the journal? If it is not there yet, its first
 * run may still come to its end; then the second fails by their common id, and is answered here. */
static inv_status settle(inv__writer *w, inv__command *c, bool *committed)
{
	inv_error error = INV_ERROR_INIT;
	inv_status rc = inv__writer_begin(w, &error);

	*committed = false;
	c->again = true;
	if (rc == INV_OK)
		rc = inv__command_committed(w, c, committed);
	if (rc == INV_OK && *committed)
		rc = inv__command_recall(w->link, c);
	inv__writer_undo(w);
	if (rc == INV_OK && *committed)
		inv__error_clear(c->call.error);
	return rc;
}

static inv_status tell_unknown(inv__command *c)
{
	return inv__error_set(c->call.error, INV_E_UNKNOWN_OUTCOME, NULL, NULL,
	                      "the connection was lost during the commit: with its key the command can"
	                      " be sent again");
}

/* After a try that failed: true when there is to be another one. *rc may become OK. */
static bool look_after(inv__writer *w, inv__command *c, inv_status *rc)
{
	bool committed = false;
	inv_status found;

	if (*rc != INV_E_UNKNOWN_OUTCOME && !c->again)
		return may_run_again(w, c, *rc);
	found = settle(w, c, &committed);
	if (found == INV_OK && committed) {
		*rc = INV_OK;
		return false;
	}
	if (found != INV_OK)
		*rc = INV_E_UNKNOWN_OUTCOME;
	return *rc == INV_E_UNKNOWN_OUTCOME || may_run_again(w, c, *rc);
}

/* What stopped a run before it could decide says nothing of a run before it: a server that cannot
 * be asked, or its first self, still in the way of its second. */
static bool is_unknown(const inv__command *c, inv_status rc)
{
	switch (rc) {
	case INV_E_UNKNOWN_OUTCOME:
		return true;
	case INV_E_CONFLICT:
		return c->again && c->wrote;
	case INV_E_BUSY:
	case INV_E_IO:
	case INV_E_TIMEOUT:
	case INV_E_CANCELLED:
	case INV_E_FULL:
	case INV_E_NO_MEMORY:
		return c->again;
	default:
		return false;
	}
}

static inv_status tell(const inv__writer *w, const inv__retry *retry, inv__command *c,
                       inv_status rc)
{
	if (is_unknown(c, rc))
		return tell_unknown(c);
	if (rc == INV_E_CONFLICT && c->wrote)
		return inv__error_set(c->call.error, INV_E_BUSY, NULL, NULL,
		                      "other commands were in its way %u times: send it again",
		                      retry->tries);
	return inv__retry_end(retry, rc, w->link, c->call.error);
}

static inv_status run_on(inv__writer *w, const inv_session *session, inv__command *c)
{
	inv__retry retry;
	inv_status rc;

	inv__retry_begin(&retry, w->store, session);
	for (;;) {
		rc = run_once(w, c);
		if (rc == INV_OK || !look_after(w, c, &rc) || !inv__retry_wait(&retry, w->link))
			return tell(w, &retry, c, rc);
		if (rc == INV_E_INSUFFICIENT && is_skewed(c))
			c->call.now = c->call.latest;
	}
}

inv_status inv__pool_run(inv_store *store, inv_session *session, inv__command *command)
{
	inv__writer *w;
	inv_status rc = inv__writer_take(store, session, &w, command->call.error);

	if (rc != INV_OK)
		return rc;
	rc = run_on(w, session, command);
	inv__writer_give(w);
	return rc;
}
