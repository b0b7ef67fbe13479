/* SPDX-License-Identifier: MIT */
/* Which connection a session reads on. */
#include "engine/engine.h"

/* The writer in a transaction or in an in-memory store, else a reader of the pool. */
typedef struct lease {
	inv__link *link;
	inv__reader *reader;
	bool queued;
} lease;

static void give(inv_session *session, const lease *on)
{
	if (on->reader) {
		inv__reading_end(session);
		inv__reader_give(session->store, on->reader);
	} else if (on->queued) {
		inv__queue_release(session->store);
	}
}

static inv_status take(inv_session *session, lease *out)
{
	inv_store *store = session->store;
	inv_status rc;

	memset(out, 0, sizeof *out);
	out->link = session->in_transaction ? session->writer->link : store->writer->link;
	if (session->in_transaction)
		return INV_OK;
	if (store->single) {
		rc = inv__queue_take(store, session, &session->error);
		out->queued = rc == INV_OK;
		return rc;
	}
	rc = inv__reader_take(store, session, &out->reader, &session->error);
	if (rc != INV_OK)
		return rc;
	out->link = out->reader->link;
	inv__reading_begin(session, out->link);
	if (!inv__is_cancelled(session))
		return INV_OK;
	give(session, out);
	return inv__error_set(&session->error, INV_E_CANCELLED, NULL, NULL,
	                      "it was cancelled before it read");
}

inv_status inv__lease_run(inv_session *session, inv__reading reading, void *ctx)
{
	inv__retry retry;
	lease on;
	inv_status rc = take(session, &on);

	if (rc != INV_OK)
		return rc;
	inv__retry_begin(&retry, session->store, session);
	do
		rc = reading(session, on.link, ctx);
	while (inv__retry_again(&retry, rc, on.link));
	rc = inv__retry_end(&retry, rc, on.link, &session->error);
	give(session, &on);
	return rc;
}

typedef struct reads {
	inv__batch *batch;
	size_t done; /* before them */
} reads;

static inv_status exec(inv_session *session, inv__link *link, void *ctx)
{
	const reads *r = ctx;

	r->batch->done = r->done;
	return inv__batch_exec(r->batch, link, &session->error);
}

inv_status inv__lease_exec(inv_session *session, inv__batch *batch)
{
	reads r = {batch, batch->done};

	return inv__lease_run(session, exec, &r);
}
