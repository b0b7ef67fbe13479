/* SPDX-License-Identifier: MIT */
/* The pipeline: messages are queued, answers are read while they go out (a server that cannot get
 * rid of its answers stops reading), and one Sync ends it: one round trip. */
#include <string.h>

#include "storage/fault.h"
#include "storage/postgres/pg_conn.h"
#include "util/text.h"

#define FIRST_STEPS 32u
#define FLUSH_BYTES 65536u
#define STEP_BYTES 64u /* of a message beside its values, roughly */
#define NAME_SIZE 32u
#define LOOK_EVERY INT64_C(250000)
#define PATIENCE INT64_C(2000000) /* with a server that does not answer a cancel */
#define KEEP_BYTES ((size_t)1 << 20) /* of the memory for values, between two pipelines */

void inv__pg_run_begin(inv_conn *conn, inv_batch *batch, inv_error *error)
{
	inv__pg_run *run = &conn->run;
	inv__pg_step *steps = run->steps;
	size_t cap = run->cap;

	memset(run, 0, sizeof *run);
	run->steps = steps;
	run->cap = cap;
	run->batch = batch;
	run->error = error;
	conn->runs++;
}

/* Only the first failure is told. */
static inv_error *error_of(inv__pg_run *run)
{
	return run->status == INV_OK ? run->error : NULL;
}

static void fail(inv__pg_run *run, size_t item, inv_status status)
{
	if (run->status != INV_OK)
		return;
	run->status = status;
	run->failed = item;
}

static void lose(inv__pg_run *run)
{
	size_t item = run->answered < run->count ? run->steps[run->answered].item : 0;

	run->lost = true;
	fail(run, item, inv__pg_lost(error_of(run)));
}

/* ---- answers ---- */

static void described(const inv__pg_step *step, const PGresult *result)
{
	inv_stmt *stmt = step->stmt;

	for (uint32_t i = 0; i < stmt->parameters && i < (uint32_t)PQnparams(result); i++)
		stmt->types[i] = PQparamtype(result, (int)i);
	stmt->typed = true;
}

static void item_done(inv_conn *conn, const inv__pg_step *step, const PGresult *result)
{
	inv__pg_run *run = &conn->run;
	inv_batch *batch = run->batch;
	size_t last = step->item + step->items - 1;

	if (step->stmt->control == INV__PG_SAVEPOINT)
		conn->savepoints++;
	if (step->stmt->control == INV__PG_RELEASE && conn->savepoints)
		conn->savepoints--;
	if (run->status != INV_OK || (batch->items[step->item].flags & INV_ITEM_LOCK))
		return;
	/* An INSERT without conditions that has not failed has changed all its rows. */
	for (size_t i = step->item; i < last; i++)
		batch->rows[i].changes = (int64_t)batch->items[i].row_count;
	fail(run, last, inv__pg_decode(result, batch->memory, &batch->rows[last], run->error));
}

static void succeeded(inv_conn *conn, const inv__pg_step *step, PGresult *result)
{
	inv__pg_run *run = &conn->run;

	if (step->kind == INV__PG_STEP_DESCRIBE)
		described(step, result);
	if (step->kind == INV__PG_STEP_ITEM)
		item_done(conn, step, result);
	/* COMMIT of a transaction that had failed rolls it back and is no error. */
	if (step->kind == INV__PG_STEP_COMMIT && strcmp(PQcmdStatus(result), "ROLLBACK") == 0) {
		run->refused = true;
		fail(run, step->item, inv__fault(error_of(run), INV_E_STATE, 0,
		                                 "the transaction was rolled back already"));
	}
}

/* A plan that no longer fits, or a statement that the server does not have: prepare again. */
static void forget_stale(inv_conn *conn, const inv__pg_step *step, const char *state)
{
	if (strcmp(state, "26000") == 0) {
		for (inv_stmt *s = conn->first; s; s = s->next)
			inv__pg_unprepare(conn, s, false);
		conn->run.stale = true;
	} else if (strcmp(state, "0A000") == 0 && step->kind == INV__PG_STEP_ITEM) {
		inv__pg_unprepare(conn, step->stmt, true);
		conn->run.stale = true;
	}
}

/* Which of several rows in one statement the server looks at first is its own affair: what the
 * engine is told must be what it meets first when they are written one after another. So the
 * command is in conflict, runs again, and then each statement is by itself. */
static inv_status refused_together(inv_conn *conn, const char *state)
{
	conn->apart = true;
	return inv__fault(error_of(&conn->run), INV_E_CONFLICT, inv__pg_code(state),
	                  "one of several rows that are written at once is refused");
}

static void refused(inv_conn *conn, const inv__pg_step *step, const PGresult *result)
{
	inv__pg_run *run = &conn->run;
	char state[6];
	inv_status status = inv__pg_result_error(conn, result, state, error_of(run));

	if (step->kind == INV__PG_STEP_PREPARE) {
		inv__pg_unprepare(conn, step->stmt, false);
		inv__pg_untype(step->stmt);
	}
	if (!*state && PQstatus(conn->pg) == CONNECTION_OK)
		status = inv__fault(error_of(run), INV_E_NO_MEMORY, 0, "out of memory");
	else if (!*state)
		run->lost = true;
	else if (run->status == INV_OK)
		forget_stale(conn, step, state);
	/* An error proves that nothing was committed. The end of the connection proves nothing once a
	 * COMMIT is on its way: a pooler that tells it may have passed on all that was sent, whatever
	 * it has answered so far. */
	if (*state && run->commits && inv__pg_is_fatal(result))
		run->ended = true;
	else if (*state)
		run->refused = true;
	if (step->kind == INV__PG_STEP_ITEM && step->items > 1 && strncmp(state, "23", 2) == 0)
		status = refused_together(conn, state);
	fail(run, step->item, status);
}

static void answer(inv_conn *conn, const inv__pg_step *step, PGresult *result)
{
	switch (PQresultStatus(result)) {
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
		succeeded(conn, step, result);
		break;
	case PGRES_PIPELINE_ABORTED:
		if (step->kind == INV__PG_STEP_PREPARE)
			inv__pg_unprepare(conn, step->stmt, false);
		break;
	default:
		refused(conn, step, result);
	}
}

/* One answer and the NULL behind it. An error may come before the answer to Sync: then the end
 * itself has failed. */
static void take_one(inv_conn *conn)
{
	inv__pg_run *run = &conn->run;
	const inv__pg_step *step = &run->steps[run->answered];
	PGresult *result = PQgetResult(conn->pg);
	bool synced = result && PQresultStatus(result) == PGRES_PIPELINE_SYNC;

	if (!result || synced != (step->kind == INV__PG_STEP_SYNC &&
	                          PQresultStatus(result) != PGRES_FATAL_ERROR)) {
		PQclear(result);
		lose(run);
		return;
	}
	if (synced)
		run->committed = run->commits && !run->refused && !run->ended;
	else
		answer(conn, step, result);
	PQclear(result);
	while (!synced && (result = PQgetResult(conn->pg)))
		PQclear(result);
	if (synced || step->kind != INV__PG_STEP_SYNC)
		run->answered++;
}

static void take_ready(inv_conn *conn)
{
	inv__pg_run *run = &conn->run;

	while (run->answered < run->count && !run->lost && !PQisBusy(conn->pg))
		take_one(conn);
}

/* What came before the connection broke is told; libpq ends it with an error of its own. */
static void take_last(inv_conn *conn)
{
	inv__pg_run *run = &conn->run;

	while (run->answered < run->count && !run->lost)
		take_one(conn);
	if (!run->lost)
		lose(run);
}

/* Was it cancelled long ago? Not when a COMMIT is on its way: its answer must be known. */
static bool is_given_up(inv_conn *conn, int64_t *until)
{
	if (conn->run.commits || !atomic_load(&conn->interrupted))
		return false;
	if (*until == 0)
		*until = inv__monotonic() + PATIENCE;
	return inv__monotonic() >= *until;
}

/* Wait until the socket can be read, or written when something is left; what can it be? 0: it was
 * cancelled, and the server does not even say so. */
static unsigned wait_socket(inv_conn *conn, bool writes)
{
	unsigned what = INV__SOCKET_READ | (writes ? INV__SOCKET_WRITE : 0), got;
	int64_t until = 0;

	do
		got = inv__socket_wait(PQsocket(conn->pg), what, LOOK_EVERY);
	while (!got && !is_given_up(conn, &until));
	return got;
}

/* What was asked for is not waited for any more: the connection is of no use then. */
static void give_up(inv_conn *conn)
{
	inv__pg_run *run = &conn->run;

	run->lost = true;
	fail(run, run->answered < run->count ? run->steps[run->answered].item : 0,
	     inv__fault(error_of(run), INV_E_CANCELLED, inv__pg_code("08006"),
	                "it was stopped; the server has not answered"));
}

/* Send what is queued, and read what comes meanwhile; with `all`, every answer. */
static void pump(inv_conn *conn, bool all)
{
	inv__pg_run *run = &conn->run;

	for (;;) {
		int left = PQflush(conn->pg);
		unsigned got;

		take_ready(conn);
		if (run->lost || (all ? run->answered == run->count : left <= 0))
			break;
		got = wait_socket(conn, left > 0);
		if (!got)
			give_up(conn);
		else if ((got & INV__SOCKET_READ) && PQconsumeInput(conn->pg) == 0)
			take_last(conn);
		if (run->lost)
			break;
	}
	run->unflushed = 0;
}

/* Whoever ended the connection before a COMMIT was sent has not done it. */
void inv__pg_listen(inv_conn *conn)
{
	inv__pg_run *run = &conn->run;

	if (run->status != INV_OK || run->lost || run->answered == run->count)
		return;
	if (!(inv__socket_wait(PQsocket(conn->pg), INV__SOCKET_READ, 0) & INV__SOCKET_READ))
		return;
	if (PQconsumeInput(conn->pg))
		take_ready(conn);
	else
		take_last(conn);
}

/* ---- queueing ---- */

static bool reserve(inv_conn *conn)
{
	inv__pg_run *run = &conn->run;
	size_t cap = run->cap ? run->cap * 2 : FIRST_STEPS;
	inv__pg_step *steps;

	if (run->count < run->cap)
		return true;
	steps = conn->allocator.resize(conn->allocator.ctx, run->steps, run->cap * sizeof *steps,
	                               cap * sizeof *steps);
	if (!steps) {
		fail(run, 0, inv__fault(error_of(run), INV_E_NO_MEMORY, 0, "out of memory"));
		return false;
	}
	run->steps = steps;
	run->cap = cap;
	return true;
}

/* May a step be queued? */
static bool may_send(inv_conn *conn)
{
	return conn->run.status == INV_OK && !conn->run.lost && reserve(conn);
}

/* The message was queued if `sent`. */
static void queued(inv_conn *conn, inv__pg_step step, int sent, size_t bytes)
{
	inv__pg_run *run = &conn->run;

	if (!sent && PQstatus(conn->pg) != CONNECTION_OK) {
		take_last(conn);
		return;
	}
	if (!sent) {
		fail(run, step.item, inv__fault(error_of(run), INV_E_NO_MEMORY, 0, "out of memory"));
		return;
	}
	run->steps[run->count++] = step;
	run->unflushed += bytes + STEP_BYTES;
	if (run->unflushed >= FLUSH_BYTES)
		pump(conn, false);
}

/* The server's name of the statement; none in unnamed mode. */
static const char *name_of(const inv_stmt *stmt, char name[NAME_SIZE])
{
	name[0] = '\0';
	if (stmt->number)
		(void)inv__format(name, NAME_SIZE, "i%llu", (unsigned long long)stmt->number);
	return name;
}

void inv__pg_send_prepare(inv_conn *conn, inv_stmt *stmt, size_t item)
{
	char name[NAME_SIZE];

	if (!may_send(conn))
		return;
	if (!conn->pooled)
		stmt->number = ++conn->numbered;
	queued(conn, (inv__pg_step){.kind = INV__PG_STEP_PREPARE, .item = item, .stmt = stmt},
	       PQsendPrepare(conn->pg, name_of(stmt, name), stmt->text, (int)stmt->parameters,
	                     stmt->types), strlen(stmt->text));
}

void inv__pg_send_text(inv_conn *conn, inv__pg_step_kind kind, const char *sql)
{
	size_t item = kind == INV__PG_STEP_COMMIT && conn->run.batch ? conn->run.batch->count : 0;

	if (may_send(conn))
		queued(conn, (inv__pg_step){.kind = kind, .item = item},
		       PQsendQueryParams(conn->pg, sql, 0, NULL, NULL, NULL, NULL, 1), 0);
}

/* What each transaction begins with is prepared like the rest. */
void inv__pg_send_begin(inv_conn *conn, uint32_t mode)
{
	const char *sql = inv__pg_begin_sql(mode);
	inv_stmt **begin = &conn->begins[mode == INV_BEGIN_WRITE];
	char name[NAME_SIZE];

	if (conn->pooled) {
		inv__pg_send_text(conn, INV__PG_STEP_PLAIN, sql);
		return;
	}
	if (!*begin)
		fail(&conn->run, 0, inv__pg_prepare(conn, inv_str_of(sql), begin, conn->run.error));
	if (*begin && !(*begin)->number)
		inv__pg_send_prepare(conn, *begin, 0);
	if (*begin && may_send(conn))
		queued(conn, (inv__pg_step){.kind = INV__PG_STEP_PLAIN, .stmt = *begin},
		       PQsendQueryPrepared(conn->pg, name_of(*begin, name), 0, NULL, NULL, NULL, 1), 0);
}

void inv__pg_send_describe(inv_conn *conn, inv_stmt *stmt, size_t item)
{
	char name[NAME_SIZE];

	if (!may_send(conn))
		return;
	queued(conn, (inv__pg_step){.kind = INV__PG_STEP_DESCRIBE, .item = item, .stmt = stmt},
	       PQsendDescribePrepared(conn->pg, name_of(stmt, name)), 0);
}

size_t inv__pg_send_item(inv_conn *conn, size_t at)
{
	const inv_item *item = &conn->run.batch->items[at];
	inv_stmt *stmt;
	size_t count;
	inv__pg_values v;
	char name[NAME_SIZE];
	int sent;

	fail(&conn->run, at, inv__pg_merge(conn, at, &count, &stmt, error_of(&conn->run)));
	stmt = stmt ? stmt : inv__pg_form(item);
	if (!conn->pooled && !stmt->number)
		inv__pg_send_prepare(conn, stmt, at);
	if (!may_send(conn))
		return count;
	fail(&conn->run, at, inv__pg_encode(conn, item, count, &v, conn->run.error));
	if (conn->run.status != INV_OK)
		return count;
	if (v.bytes > conn->run.largest)
		conn->run.largest = v.bytes;
	conn->statements++;
	if (conn->pooled)
		sent = PQsendQueryParams(conn->pg, stmt->text, v.count, stmt->types, v.values, v.lengths,
		                         v.formats, 1);
	else
		sent = PQsendQueryPrepared(conn->pg, name_of(stmt, name), v.count, v.values, v.lengths,
		                           v.formats, 1);
	queued(conn, (inv__pg_step){INV__PG_STEP_ITEM, at, count, stmt}, sent, v.bytes);
	return count;
}

void inv__pg_send_front(inv_conn *conn, bool starts)
{
	if (starts && conn->settings)
		inv__pg_send_text(conn, INV__PG_STEP_PLAIN, conn->settings);
	for (size_t i = 0; i < conn->closing_count; i++) {
		char sql[64];

		(void)inv__format(sql, sizeof sql, "DEALLOCATE i%llu",
		                  (unsigned long long)conn->closing[i]);
		inv__pg_send_text(conn, INV__PG_STEP_PLAIN, sql);
	}
	conn->closing_count = 0;
}

/* ---- the end ---- */

/* What the engine is told: a failure that may have committed is no failure. */
static inv_status outcome(inv_conn *conn)
{
	inv__pg_run *run = &conn->run;
	size_t end = run->batch ? run->batch->count : 0;

	if (run->lost && run->commits && !run->refused) {
		run->failed = end;
		return inv__fault(run->error, INV_E_UNKNOWN_OUTCOME, inv__pg_code("08006"),
		                  "the connection broke while the transaction was committed");
	}
	if (run->status != INV_OK && run->committed) {
		run->failed = end;
		return inv__fault(run->error, INV_E_UNKNOWN_OUTCOME, 0,
		                  "the transaction was committed, but its results cannot be read");
	}
	return run->status;
}

inv_status inv__pg_run_end(inv_conn *conn)
{
	inv__pg_run *run = &conn->run;
	size_t end = run->batch ? run->batch->count : 0;
	inv_status status;

	if (!run->lost && run->count == 0)
		return run->status;
	/* Also after a failure of our own: it ends what was queued before. */
	if (!run->lost && (run->count < run->cap || reserve(conn))) {
		conn->round_trips++;
		if (PQpipelineSync(conn->pg))
			run->steps[run->count++] =
				(inv__pg_step){.kind = INV__PG_STEP_SYNC, .item = end};
		pump(conn, true);
	} else {
		run->lost = true;
	}
	if (PQstatus(conn->pg) != CONNECTION_OK)
		run->lost = true;
	if (run->largest > KEEP_BYTES)
		inv__arena_free(&conn->scratch);
	status = outcome(conn);
	if (run->lost)
		inv__pg_drop(conn);
	return status;
}

/* ---- scripts ---- */

/* Reads every answer; the first failure counts. */
static inv_status read_simple(inv_conn *conn, inv_error *error)
{
	inv_status status = INV_OK;
	char state[6];

	for (;;) {
		unsigned what = INV__SOCKET_READ | (PQflush(conn->pg) > 0 ? INV__SOCKET_WRITE : 0);
		PGresult *result;

		/* Without an end: a script may commit. */
		if (PQisBusy(conn->pg) &&
		    (inv__socket_wait(PQsocket(conn->pg), what, -1) & INV__SOCKET_READ) &&
		    PQconsumeInput(conn->pg) == 0)
			return status == INV_OK ? inv__pg_lost(error) : status;
		if (PQisBusy(conn->pg))
			continue;
		result = PQgetResult(conn->pg);
		if (!result)
			return status;
		if (status == INV_OK && PQresultStatus(result) == PGRES_FATAL_ERROR)
			status = inv__pg_result_error(conn, result, state, error);
		PQclear(result);
	}
}

inv_status inv__pg_simple(inv_conn *conn, const char *sql, inv_error *error)
{
	inv_status status;

	conn->round_trips++;
	if (!PQexitPipelineMode(conn->pg) || !PQsendQuery(conn->pg, sql)) {
		inv__pg_drop(conn);
		return inv__pg_lost(error);
	}
	status = read_simple(conn, error);
	if (PQstatus(conn->pg) != CONNECTION_OK || !PQenterPipelineMode(conn->pg)) {
		inv__pg_drop(conn);
		return status == INV_OK ? inv__pg_lost(error) : status;
	}
	return status;
}
