/* SPDX-License-Identifier: MIT */
/* Batches: one pipeline each, with the BEGIN that was put off in front and the COMMIT behind. */
#include <string.h>

#include "storage/fault.h"
#include "storage/postgres/pg_conn.h"

static bool is_rowset(const inv_item *item)
{
	return item->column_count > 0 || item->row_count > 0;
}

/* Locks are for those who write. */
static bool runs(const inv_conn *conn, const inv_item *item)
{
	bool only_reads = conn->readonly ||
	                  (conn->tx != INV__PG_NONE && conn->mode == INV_BEGIN_READ);

	if (only_reads && (item->flags & INV_ITEM_LOCK))
		return false;
	return !is_rowset(item) || item->row_count > 0;
}

/* What a batch is, and what it does to the transaction. */
typedef struct plan {
	size_t count; /* items that run */
	bool reads;   /* all of them only read */
	bool fresh;   /* nothing stands on the server yet: it may be run again */
	bool own;     /* in a transaction of its own */
	bool ends;    /* with a COMMIT */
	bool writes;  /* something may be committed */
} plan;

static void make_plan(const inv_conn *conn, const inv_batch *batch, plan *out)
{
	memset(out, 0, sizeof *out);
	out->reads = true;
	for (size_t i = 0; i < batch->count; i++) {
		if (!runs(conn, &batch->items[i]))
			continue;
		out->count++;
		out->reads = out->reads && batch->items[i].stmt->reads &&
		             !(batch->items[i].flags & INV_ITEM_LOCK);
	}
	out->fresh = conn->tx == INV__PG_NONE || conn->tx == INV__PG_PENDING;
	/* One statement is its own transaction, unless a pooler's settings do not say that it may only
	 * read. */
	out->own = conn->tx == INV__PG_NONE &&
	           (out->count > 1 || (conn->pooled && conn->readonly));
	out->ends = out->own || (conn->tx != INV__PG_NONE && (batch->flags & INV_BATCH_COMMIT));
	out->writes = conn->tx == INV__PG_NONE ? !out->reads
	                                       : out->ends && conn->mode != INV_BEGIN_READ;
}

static inv_status check_items(inv_batch *batch, inv_error *error)
{
	for (size_t i = 0; i < batch->count; i++) {
		const inv_item *item = &batch->items[i];
		size_t given = item->column_count + item->value_count;

		if (given == item->stmt->parameters)
			continue;
		batch->failed = i;
		return inv__fault(error, INV_E_INTERNAL, 0,
		                  "a statement takes %u parameters and was given %zu",
		                  item->stmt->parameters, given);
	}
	return INV_OK;
}

/* ---- types that only the server knows ---- */

/* A round trip for statements that are new here and take bytes: are they ids? */
static inv_status learn(inv_conn *conn, inv_batch *batch, const plan *p, inv_error *error)
{
	bool all = true;
	inv_status status;

	for (size_t i = 0; i < batch->count; i++) {
		const inv_item *item = &batch->items[i];

		inv_stmt *stmt = inv__pg_form(item);

		if (!runs(conn, item))
			continue;
		if (!stmt->typed)
			inv__pg_hint(stmt, item);
		all = all && stmt->typed;
	}
	if (all)
		return INV_OK;
	inv__pg_run_begin(conn, batch, error);
	inv__pg_send_front(conn, p->fresh);
	for (size_t i = 0; i < batch->count; i++) {
		inv_stmt *stmt = inv__pg_form(&batch->items[i]);

		if (stmt->typed || stmt->number || !runs(conn, &batch->items[i]))
			continue;
		inv__pg_send_prepare(conn, stmt, i);
		inv__pg_send_describe(conn, stmt, i);
	}
	status = inv__pg_run_end(conn);
	if (status == INV_OK)
		return INV_OK;
	batch->failed = conn->run.failed;
	/* A transaction that was put off is still to begin. */
	if (conn->alive && p->fresh && !(batch->flags & INV_BATCH_COMMIT))
		return status;
	inv__pg_settle(conn, p->ends);
	return status;
}

/* ---- running ---- */

static inv_status run(inv_conn *conn, inv_batch *batch, const plan *p, inv_error *error)
{
	bool apart = conn->apart;
	inv_status status;

	inv__pg_run_begin(conn, batch, error);
	conn->run.whole = p->ends;
	if (conn->tx == INV__PG_PENDING)
		inv__pg_send_begin(conn, conn->mode);
	else if (p->own)
		inv__pg_send_begin(conn, p->reads || conn->readonly ? INV_BEGIN_READ : INV_BEGIN_WRITE);
	if (conn->tx != INV__PG_FAILED)
		inv__pg_send_front(conn, p->fresh);
	for (size_t i = 0; i < batch->count;)
		i += runs(conn, &batch->items[i]) ? inv__pg_send_item(conn, i) : 1;
	if (p->writes)
		inv__pg_listen(conn);
	conn->run.commits = p->writes && conn->run.status == INV_OK;
	if (p->ends)
		inv__pg_send_text(conn, INV__PG_STEP_COMMIT, "COMMIT");
	status = inv__pg_run_end(conn);
	batch->failed = status == INV_OK ? batch->count : conn->run.failed;
	if (apart && p->ends)
		conn->apart = false;
	conn->commits += status == INV_OK && p->writes ? 1 : 0;
	return status;
}

/* *again: a statement has gone stale on the server, and nothing was done. */
static inv_status attempt(inv_conn *conn, inv_batch *batch, bool *again, inv_error *error)
{
	inv__pg_tx before = conn->tx;
	inv_status status;
	plan p;

	*again = false;
	memset(batch->rows, 0, batch->count * sizeof *batch->rows);
	make_plan(conn, batch, &p);
	if (p.count == 0 && conn->tx != INV__PG_OPEN && conn->tx != INV__PG_FAILED) {
		if (p.ends)
			conn->tx = INV__PG_NONE;
		return INV_OK;
	}
	if (p.count == 0 && !p.ends)
		return INV_OK;
	batch->failed = 0;
	if (p.fresh)
		status = inv__pg_revive(conn, error);
	else
		status = conn->pg ? INV_OK : inv__pg_lost(error);
	if (status == INV_OK)
		status = inv__pg_narrow(conn, batch, error);
	if (status == INV_OK)
		status = learn(conn, batch, &p, error);
	if (status != INV_OK)
		return status;
	status = run(conn, batch, &p, error);
	*again = conn->run.stale && p.fresh && conn->alive;
	if (conn->run.stale && !p.fresh && status == INV_E_UNSUPPORTED)
		status = inv__fault(error, INV_E_BUSY, inv__pg_code("0A000"),
		                    "the tables were changed in the meantime");
	inv__pg_settle(conn, p.ends);
	if (*again)
		conn->tx = before;
	return status;
}

inv_status inv__pg_exec(inv_conn *conn, inv_batch *batch, inv_error *error)
{
	inv_status status;
	bool again;

	if (batch->count == 0)
		return INV_OK;
	atomic_store(&conn->interrupted, false);
	batch->failed = 0;
	if (conn->tx == INV__PG_LOST)
		return inv__fault(error, INV_E_STATE, 0, "an error has ended the transaction");
	status = check_items(batch, error);
	if (status != INV_OK)
		return status;
	status = attempt(conn, batch, &again, error);
	return again ? attempt(conn, batch, &again, error) : status;
}
