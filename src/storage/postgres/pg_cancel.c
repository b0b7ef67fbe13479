/* SPDX-License-Identifier: MIT */
/* Stopping what the server runs. The request goes over a connection of its own, which libpq makes,
 * and whose end it waits for, without a limit: on a network that says nothing that is for ever. So
 * a thread does it, and whoever cancels waits for it only for a while. */
#include "storage/postgres/pg_conn.h"

#define WAIT INT64_C(500000) /* microseconds */
#define MESSAGE 256

/* The connection has it, and the thread while it runs: it may outlive the connection, its store
 * and the host's allocator. */
struct inv__pg_canceller {
	PGcancel *request;
	inv__mutex mutex;
	inv__cond ended;
	unsigned holders;
	bool runs;
};

inv__pg_canceller *inv__pg_canceller_make(PGconn *pg)
{
	inv__pg_canceller *c = inv__alloc(&inv__malloc_allocator, sizeof *c);

	if (!c)
		return NULL;
	c->request = PQgetCancel(pg);
	c->holders = 1;
	if (c->request && inv__mutex_init(&c->mutex)) {
		if (inv__cond_init(&c->ended))
			return c;
		inv__mutex_destroy(&c->mutex);
	}
	PQfreeCancel(c->request);
	inv__free(&inv__malloc_allocator, c, sizeof *c);
	return NULL;
}

void inv__pg_canceller_hold(inv__pg_canceller *c)
{
	inv__mutex_lock(&c->mutex);
	c->holders++;
	inv__mutex_unlock(&c->mutex);
}

void inv__pg_canceller_drop(inv__pg_canceller *c)
{
	bool last;

	if (!c)
		return;
	inv__mutex_lock(&c->mutex);
	last = --c->holders == 0;
	inv__mutex_unlock(&c->mutex);
	if (!last)
		return;
	inv__cond_destroy(&c->ended);
	inv__mutex_destroy(&c->mutex);
	PQfreeCancel(c->request);
	inv__free(&inv__malloc_allocator, c, sizeof *c);
}

static void run(void *ctx)
{
	inv__pg_canceller *c = ctx;
	char message[MESSAGE];

	/* A server that cannot be reached has nothing to stop. */
	(void)PQcancel(c->request, message, sizeof message);
	inv__mutex_lock(&c->mutex);
	c->runs = false;
	inv__cond_broadcast(&c->ended);
	inv__mutex_unlock(&c->mutex);
	inv__pg_canceller_drop(c);
}

/* A request that is still on its way from before is waited for in the place of another: a
 * connection has one thread at most. Without a thread nothing is sent; the reader gives up by
 * itself. */
void inv__pg_canceller_send(inv__pg_canceller *c)
{
	int64_t until = inv__monotonic() + WAIT;

	inv__mutex_lock(&c->mutex);
	if (!c->runs) {
		c->runs = true;
		c->holders++;
		if (!inv__thread_start(run, c)) {
			c->runs = false;
			c->holders--;
		}
	}
	while (c->runs && inv__cond_wait_until(&c->ended, &c->mutex, until))
		;
	inv__mutex_unlock(&c->mutex);
}
