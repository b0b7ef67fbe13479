/* SPDX-License-Identifier: MIT */
/* Connections: made, made again, ended, interrupted. */
#include <stdlib.h>
#include <string.h>

#include "storage/fault.h"
#include "storage/postgres/pg_conn.h"
#include "util/text.h"

#define OLDEST_SERVER 140000
#define CONNECT_SECONDS 10

/* ---- connecting ---- */

/* What the server says aside (notices) goes into the log; libpq would print it. A fatal one is its
 * farewell. */
static void take_notice(void *ctx, const PGresult *result)
{
	inv_conn *conn = ctx;
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

	if (severity && strcmp(severity, "FATAL") == 0)
		conn->dismissed = true;
	if (conn->log.write && text)
		conn->log.write(conn->log.ctx, INV_LOG_DEBUG, "postgres", text);
}

static int64_t connect_timeout(PGconn *pg)
{
	PQconninfoOption *all = PQconninfo(pg);
	long seconds = CONNECT_SECONDS;

	for (const PQconninfoOption *o = all; o && o->keyword; o++)
		if (strcmp(o->keyword, "connect_timeout") == 0 && o->val && *o->val)
			seconds = strtol(o->val, NULL, 10);
	PQconninfoFree(all);
	/* Zero and less mean for libpq that it waits without an end. */
	return seconds > 0 && seconds < 86400 ? seconds * 1000000 : INT64_C(86400) * 1000000;
}

static const char *text_of(const char *text)
{
	return text ? text : "";
}

/* Each host of the URL has the whole time. */
static bool moved_on(PGconn *pg, char host[64])
{
	char now[64];

	(void)inv__format(now, sizeof now, "%s %s %s", text_of(PQhost(pg)), text_of(PQhostaddr(pg)),
	                  text_of(PQport(pg)));
	if (strcmp(now, host) == 0)
		return false;
	memcpy(host, now, sizeof now);
	return true;
}

/* *late: the host did not answer in time. */
static inv_status complete(PGconn *pg, bool *late, inv_error *error)
{
	int64_t timeout = connect_timeout(pg);
	int64_t deadline = inv__monotonic() + timeout;
	PostgresPollingStatusType what = PGRES_POLLING_WRITING;
	char host[64] = "";

	while (what != PGRES_POLLING_OK && what != PGRES_POLLING_FAILED) {
		int64_t left;

		if (moved_on(pg, host))
			deadline = inv__monotonic() + timeout;
		left = deadline - inv__monotonic();
		*late = !inv__socket_wait(PQsocket(pg), what == PGRES_POLLING_READING
		                                            ? INV__SOCKET_READ : INV__SOCKET_WRITE,
		                          left > 0 ? left : 0);
		if (*late)
			return inv__fault(error, INV_E_IO, inv__pg_code("08001"),
			                  "the server did not answer within %d seconds",
			                  (int)(timeout / 1000000));
		what = PQconnectPoll(pg);
	}
	return what == PGRES_POLLING_OK ? INV_OK : inv__pg_connect_error(pg, error);
}

/* ---- several hosts ---- */

/* The list behind its first `skip` entries; NULL when there is none. */
static const char *behind(const char *list, size_t skip)
{
	while (list && skip--) {
		list = strchr(list, ',');
		list = list ? list + 1 : NULL;
	}
	return list;
}

static const char *value_of(const inv_conn *conn, const char *keyword)
{
	for (size_t i = 0; conn->keywords[i]; i++)
		if (strcmp(conn->keywords[i], keyword) == 0)
			return conn->values[i];
	return NULL;
}

/* libpq goes on to the next host when one refuses, but only its blocking calls do so when one is
 * silent: then what is left of the lists is tried. */
static const char **without(inv_conn *conn, size_t skip)
{
	size_t count = 0;
	const char **values;

	while (conn->keywords[count])
		count++;
	inv__arena_reset(&conn->scratch);
	values = inv__arena_array(&conn->scratch, count + 1, sizeof *values);
	for (size_t i = 0; values && i < count; i++) {
		bool list = strncmp(conn->keywords[i], "host", 4) == 0 ||
		            strcmp(conn->keywords[i], "port") == 0;

		values[i] = conn->values[i];
		/* One port may stand for all hosts. */
		if (list && strchr(values[i], ','))
			values[i] = behind(values[i], skip);
	}
	return values;
}

/* How many hosts to leave out, after the one that was silent; 0 when none is left. */
static size_t next_host(const inv_conn *conn, PGconn *pg, size_t skip)
{
	const char *hosts = value_of(conn, "host");
	const char *silent = text_of(PQhost(pg));
	size_t len = strlen(silent);
	const char *at;

	if (!hosts)
		return 0;
	for (at = behind(hosts, skip); at; at = behind(hosts, ++skip))
		if (strncmp(at, silent, len) == 0 && (at[len] == ',' || at[len] == '\0'))
			return behind(at, 1) ? skip + 1 : 0;
	return 0;
}

static inv_status is_suitable(PGconn *pg, inv_error *error)
{
	if (PQserverVersion(pg) < OLDEST_SERVER)
		return inv__fault(error, INV_E_UNSUPPORTED, 0,
		                  "the server is older than PostgreSQL 14, the oldest that will do");
	return INV_OK;
}

static void set_cancel(inv_conn *conn, inv__pg_canceller *cancel)
{
	inv__pg_canceller *before;

	inv__mutex_lock(&conn->mutex);
	before = conn->cancel;
	conn->cancel = cancel;
	inv__mutex_unlock(&conn->mutex);
	inv__pg_canceller_drop(before);
}

/* *skip: hosts to leave out; then how many next time, 0 when there is none. */
static inv_status reach(inv_conn *conn, size_t *skip, PGconn **out, inv_error *error)
{
	const char **values = without(conn, *skip);
	PGconn *pg = values ? PQconnectStartParams(conn->keywords, values, 0) : NULL;
	inv_status status;
	bool late = false;

	if (!pg) {
		*skip = 0;
		return inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	}
	/* Verbose, so that a refusal tells its SQLSTATE whatever language the server speaks. */
	PQsetErrorVerbosity(pg, PQERRORS_VERBOSE);
	PQsetNoticeReceiver(pg, take_notice, conn);
	status = PQstatus(pg) == CONNECTION_BAD ? inv__pg_connect_error(pg, error)
	                                        : complete(pg, &late, error);
	if (status == INV_OK)
		status = is_suitable(pg, error);
	*skip = late ? next_host(conn, pg, *skip) : 0;
	if (status == INV_OK)
		*out = pg;
	else
		PQfinish(pg);
	return status;
}

static inv_status connect_it(inv_conn *conn, inv_error *error)
{
	inv_status status;
	size_t skip = 0;

	do
		status = reach(conn, &skip, &conn->pg, error);
	while (status != INV_OK && skip > 0);
	if (status != INV_OK)
		return status;
	conn->alive = true;
	conn->dismissed = false;
	set_cancel(conn, inv__pg_canceller_make(conn->pg));
	status = inv__pg_learn_facts(conn, error);
	if (status == INV_OK &&
	    (PQsetnonblocking(conn->pg, 1) != 0 || !PQenterPipelineMode(conn->pg)))
		status = inv__pg_lost(error);
	if (status != INV_OK)
		inv__pg_drop(conn);
	return status;
}

void inv__pg_drop(inv_conn *conn)
{
	for (inv_stmt *s = conn->first; s; s = s->next)
		s->number = 0;
	conn->closing_count = 0;
	conn->savepoints = 0;
	conn->alive = false;
	set_cancel(conn, NULL);
	PQfinish(conn->pg);
	conn->pg = NULL;
}

/* Did the server say or do something while nobody asked? It ends connections so. */
static void look(inv_conn *conn)
{
	while (inv__socket_wait(PQsocket(conn->pg), INV__SOCKET_READ, 0)) {
		bool sound = PQconsumeInput(conn->pg) != 0;

		(void)PQisBusy(conn->pg); /* reads what has come, which a notice tells */
		if (sound && PQstatus(conn->pg) == CONNECTION_OK && !conn->dismissed)
			continue;
		inv__pg_drop(conn);
		return;
	}
}

inv_status inv__pg_revive(inv_conn *conn, inv_error *error)
{
	if (conn->pg)
		look(conn);
	return conn->pg ? INV_OK : connect_it(conn, error);
}

/* ---- life ---- */

inv_status inv__pg_open(const inv_driver_open *open, inv_conn **out, inv_error *error)
{
	inv_conn *conn = inv__alloc(&open->allocator, sizeof *conn);
	inv_status status;

	if (!conn)
		return inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	conn->allocator = open->allocator;
	conn->log = open->log;
	conn->readonly = (open->flags & INV_OPEN_READONLY) != 0;
	conn->busy_timeout_ms = open->busy_timeout_ms;
	if (open->struct_size > offsetof(inv_driver_open, idle_timeout_ms))
		conn->idle_timeout_ms = open->idle_timeout_ms;
	inv__arena_init(&conn->memory, &conn->allocator);
	inv__arena_init(&conn->scratch, &conn->allocator);
	atomic_init(&conn->interrupted, false);
	if (!inv__mutex_init(&conn->mutex)) {
		inv__free(&open->allocator, conn, sizeof *conn);
		return inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	}
	status = inv__pg_url(conn, open->url, error);
	if (status == INV_OK)
		status = connect_it(conn, error);
	if (status != INV_OK) {
		inv__pg_close(conn);
		return status;
	}
	*out = conn;
	return INV_OK;
}

void inv__pg_close(inv_conn *conn)
{
	inv_allocator allocator;

	if (!conn)
		return;
	allocator = conn->allocator;
	while (conn->first)
		inv__pg_finalize(conn, conn->first);
	inv__pg_drop(conn);
	inv__mutex_destroy(&conn->mutex);
	if (conn->run.steps)
		inv__free(&allocator, conn->run.steps, conn->run.cap * sizeof *conn->run.steps);
	if (conn->closing)
		inv__free(&allocator, conn->closing, conn->closing_cap * sizeof *conn->closing);
	inv__arena_free(&conn->memory);
	inv__arena_free(&conn->scratch);
	inv__free(&allocator, conn, sizeof *conn);
}

void inv__pg_interrupt(inv_conn *conn)
{
	inv__pg_canceller *cancel;

	/* Not for as long as the request is on its way: the connection may be dropped meanwhile. */
	inv__mutex_lock(&conn->mutex);
	cancel = conn->cancel;
	if (cancel) {
		atomic_store(&conn->interrupted, true);
		inv__pg_canceller_hold(cancel);
	}
	inv__mutex_unlock(&conn->mutex);
	if (!cancel)
		return;
	inv__pg_canceller_send(cancel);
	inv__pg_canceller_drop(cancel);
}
