/* SPDX-License-Identifier: MIT */
/* Every slot of the table, forwarded. Connections and statements are ours and hold the inner ones;
 * results are written by the inner driver into the engine's memory. */
#define _POSIX_C_SOURCE 200809L /* clock_gettime, nanosleep */
#include "driver.h"

#include <string.h>
#include <time.h>

#define SCHEME "trace"
#define LOG_TEXT 60 /* bytes of the statements */

/* ---- what we own ---- */

struct inv_conn {
	wrapper *w;
	inv_conn *inner;
	inv_allocator allocator;
	inv_stmt *stmts;     /* not finalized yet */
	inv_item *items;     /* room for the items of a batch with the inner statements in them */
	size_t item_cap;
};

struct inv_stmt {
	inv_stmt *inner;
	inv_stmt **at, *after; /* in the list: what points to it, and the next one */
	size_t len;
	char text[];
};

/* Makes, grows and (with `size` 0) frees. */
static void *resize(const inv_allocator *a, void *p, size_t old_size, size_t size)
{
	return p || size ? a->resize(a->ctx, p, old_size, size) : NULL;
}

static inv_status fail(inv_error *error, inv_status status, const char *message)
{
	if (!error)
		return status;
	memset(error, 0, sizeof *error);
	error->struct_size = (uint32_t)sizeof *error;
	error->status = status;
	error->index = -1;
	snprintf(error->message, sizeof error->message, "%s", message);
	return status;
}

/* ---- one call: delay, failure, log ---- */

typedef struct call {
	wrapper *w;
	const char *name;
	bool fails, skipped; /* its answer is to be an error; it is not done */
	int64_t began;
	size_t statements, rows; /* run, and answered */
	int64_t changes;
	char text[LOG_TEXT];
} call;

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static call enter(wrapper *w, const char *name, uint32_t kind)
{
	call c = {.w = w, .name = name};
	struct timespec delay = {w->delay_us / 1000000, (long)(w->delay_us % 1000000) * 1000};

	if ((w->fail_kinds & kind) && atomic_load(&w->fail_in) > 0)
		c.fails = atomic_fetch_sub(&w->fail_in, 1) == 1;
	c.skipped = c.fails && w->fail_how != WRAP_LOSE;
	c.began = now_us();
	if (kind == WRAP_OPEN || kind == WRAP_PREPARE)
		return c;
	atomic_fetch_add(&w->round_trips, 1);
	if (w->delay_us)
		nanosleep(&delay, NULL);
	return c;
}

static void add_text(call *c, inv_str text)
{
	size_t used = strlen(c->text);

	snprintf(c->text + used, sizeof c->text - used, "%s%.*s", used ? "; " : "", (int)text.len,
	         text.ptr);
}

/* `status` is the inner driver's answer, or OK when it was not asked. */
static inv_status leave(const call *c, inv_status status, inv_error *error)
{
	if (c->fails && status == INV_OK && c->w->fail_with != INV_OK)
		status = fail(error, c->w->fail_with, "this call was told to fail");
	if (c->w->log)
		fprintf(c->w->log, "%-10s %2zu statements %3zu rows %3lld changed %6lld us%s %s\n", c->name,
		        c->statements, c->rows, (long long)c->changes, (long long)(now_us() - c->began),
		        status == INV_OK ? "" : " FAILED", c->text);
	return status;
}

/* ---- connections ---- */

/* "trace:shop.db" is the inner driver's "shop.db". */
static inv_str inner_url(inv_str url)
{
	size_t n = strlen(SCHEME ":");

	if (url.len > n && memcmp(url.ptr, SCHEME ":", n) == 0)
		return (inv_str){url.ptr + n, url.len - n};
	return url;
}

static inv_status wrap_open(const inv_driver_open *open, inv_conn **out, inv_error *error)
{
	inv_driver_open inner = *open;
	inv_conn *conn = resize(&open->allocator, NULL, 0, sizeof *conn);
	inv_status status = INV_OK;
	call c;

	if (!conn)
		return fail(error, INV_E_NO_MEMORY, "out of memory");
	*conn = (inv_conn){.w = open->ctx, .allocator = open->allocator};
	inner.url = inner_url(open->url);
	inner.ctx = conn->w->inner.ctx;
	c = enter(conn->w, "open", WRAP_OPEN);
	if (!c.fails)
		status = conn->w->inner.open(&inner, &conn->inner, error);
	status = leave(&c, status, error);
	if (status == INV_OK)
		*out = conn;
	else
		resize(&open->allocator, conn, sizeof *conn, 0);
	return status;
}

static void drop_stmt(inv_conn *conn, inv_stmt *stmt)
{
	*stmt->at = stmt->after;
	if (stmt->after)
		stmt->after->at = stmt->at;
	resize(&conn->allocator, stmt, sizeof *stmt + stmt->len, 0);
}

static void wrap_close(inv_conn *conn)
{
	inv_allocator allocator;

	if (!conn)
		return;
	conn->w->inner.close(conn->inner); /* ends its statements too */
	while (conn->stmts)
		drop_stmt(conn, conn->stmts);
	resize(&conn->allocator, conn->items, conn->item_cap * sizeof *conn->items, 0);
	allocator = conn->allocator;
	resize(&allocator, conn, sizeof *conn, 0);
}

/* ---- statements ---- */

static inv_status wrap_prepare(inv_conn *conn, inv_str sql, inv_stmt **out, inv_error *error)
{
	inv_stmt *stmt = resize(&conn->allocator, NULL, 0, sizeof *stmt + sql.len);
	inv_status status = INV_OK;
	call c;

	if (!stmt)
		return fail(error, INV_E_NO_MEMORY, "out of memory");
	stmt->len = sql.len;
	memcpy(stmt->text, sql.ptr, sql.len);
	c = enter(conn->w, "prepare", WRAP_PREPARE);
	add_text(&c, sql);
	if (!c.fails)
		status = conn->w->inner.prepare(conn->inner, sql, &stmt->inner, error);
	status = leave(&c, status, error);
	if (status != INV_OK) {
		resize(&conn->allocator, stmt, sizeof *stmt + sql.len, 0);
		return status;
	}
	stmt->at = &conn->stmts;
	stmt->after = conn->stmts;
	if (stmt->after)
		stmt->after->at = &stmt->after;
	*out = conn->stmts = stmt;
	return INV_OK;
}

static void wrap_finalize(inv_conn *conn, inv_stmt *stmt)
{
	conn->w->inner.finalize(conn->inner, stmt->inner);
	drop_stmt(conn, stmt);
}

/* The batch as the inner driver knows it. Values, memory and rows stay the engine's. */
static bool translate(inv_conn *conn, const inv_batch *batch, inv_batch *out)
{
	if (batch->count > conn->item_cap) {
		inv_item *items = resize(&conn->allocator, conn->items, conn->item_cap * sizeof *items,
		                         batch->count * sizeof *items);

		if (!items)
			return false;
		conn->items = items;
		conn->item_cap = batch->count;
	}
	for (size_t i = 0; i < batch->count; i++) {
		conn->items[i] = batch->items[i];
		conn->items[i].stmt = batch->items[i].stmt->inner;
	}
	*out = *batch;
	out->items = conn->items;
	return true;
}

/* Nothing is run. The transaction goes when the batch was to end it. */
static void skip(inv_conn *conn, inv_batch *batch)
{
	batch->failed = 0;
	if (batch->count > 0)
		memset(batch->rows, 0, batch->count * sizeof *batch->rows);
	if (conn->w->fail_how == WRAP_ABORT || (batch->flags & INV_BATCH_COMMIT))
		conn->w->inner.end(conn->inner, 0, NULL);
}

static inv_status wrap_exec(inv_conn *conn, inv_batch *batch, inv_error *error)
{
	bool commits = (batch->flags & INV_BATCH_COMMIT) != 0;
	inv_status status = INV_OK;
	inv_batch inner;
	call c;

	if (!translate(conn, batch, &inner)) {
		skip(conn, batch);
		return fail(error, INV_E_NO_MEMORY, "out of memory");
	}
	c = enter(conn->w, commits ? "exec+end" : "exec", commits ? WRAP_COMMIT : WRAP_EXEC);
	if (c.skipped) {
		skip(conn, batch);
	} else {
		status = conn->w->inner.exec(conn->inner, &inner, error);
		batch->failed = inner.failed;
	}
	c.statements = batch->count;
	for (size_t i = 0; i < batch->count; i++) {
		c.rows += batch->rows[i].row_count;
		c.changes += batch->rows[i].changes;
		add_text(&c, (inv_str){batch->items[i].stmt->text, batch->items[i].stmt->len});
	}
	return leave(&c, status, error);
}

static inv_status wrap_begin(inv_conn *conn, uint32_t mode, inv_error *error)
{
	call c = enter(conn->w, "begin", WRAP_BEGIN);
	inv_status status = INV_OK;

	if (!c.fails)
		status = conn->w->inner.begin(conn->inner, mode, error);
	return leave(&c, status, error);
}

/* Whatever happens, no transaction is open afterwards. */
static inv_status wrap_end(inv_conn *conn, inv_bool commit, inv_error *error)
{
	call c = enter(conn->w, commit ? "commit" : "rollback", commit ? WRAP_COMMIT : WRAP_ROLLBACK);

	return leave(&c, conn->w->inner.end(conn->inner, commit && !c.skipped, error), error);
}

/* ---- the rest: optional, and only there where the inner driver has it ---- */

static inv_status wrap_check(inv_conn *conn, inv_bool deep, inv_error *error)
{
	call c = enter(conn->w, "check", WRAP_OTHER);

	return leave(&c, c.fails ? INV_OK : conn->w->inner.check(conn->inner, deep, error), error);
}

static inv_status wrap_checkpoint(inv_conn *conn, inv_error *error)
{
	call c = enter(conn->w, "checkpoint", WRAP_OTHER);

	return leave(&c, c.fails ? INV_OK : conn->w->inner.checkpoint(conn->inner, error), error);
}

static inv_status wrap_backup(inv_conn *conn, inv_str target, const inv_progress *progress,
                              inv_error *error)
{
	call c = enter(conn->w, "backup", WRAP_OTHER);
	inv_status status = INV_OK;

	if (!c.fails)
		status = conn->w->inner.backup(conn->inner, inner_url(target), progress, error);
	return leave(&c, status, error);
}

static inv_status wrap_script(inv_conn *conn, inv_str sql, inv_error *error)
{
	call c = enter(conn->w, "script", WRAP_OTHER);

	return leave(&c, c.fails ? INV_OK : conn->w->inner.script(conn->inner, sql, error), error);
}

static void wrap_interrupt(inv_conn *conn)
{
	conn->w->inner.interrupt(conn->inner);
}

static void wrap_facts(const inv_conn *conn, inv_driver_facts *out)
{
	conn->w->inner.facts(conn->inner, out);
}

static uint32_t wrap_sharers(inv_conn *conn)
{
	return conn->w->inner.sharers(conn->inner);
}

static uint64_t wrap_data_version(inv_conn *conn)
{
	return conn->w->inner.data_version(conn->inner);
}

const inv_driver *wrap_driver(wrapper *w, const inv_driver *inner)
{
	size_t size = inner->struct_size < sizeof *inner ? inner->struct_size : sizeof *inner;

	memset(w, 0, sizeof *w);
	memcpy(&w->inner, inner, size); /* one of an older header is shorter: the rest is not there */
	w->driver = (inv_driver){
		.struct_size = (uint32_t)sizeof(inv_driver), .abi = INV_DRIVER_ABI, .scheme = SCHEME,
		.dialect = inner->dialect, .capabilities = inner->capabilities, .ctx = w,
		.open = wrap_open, .close = wrap_close, .prepare = wrap_prepare,
		.finalize = wrap_finalize, .exec = wrap_exec, .begin = wrap_begin, .end = wrap_end,
		.facts = wrap_facts,
		.check = w->inner.check ? wrap_check : NULL,
		.interrupt = w->inner.interrupt ? wrap_interrupt : NULL,
		.checkpoint = w->inner.checkpoint ? wrap_checkpoint : NULL,
		.backup = w->inner.backup ? wrap_backup : NULL,
		.sharers = w->inner.sharers ? wrap_sharers : NULL,
		.data_version = w->inner.data_version ? wrap_data_version : NULL,
		.script = w->inner.script ? wrap_script : NULL,
	};
	return &w->driver;
}
