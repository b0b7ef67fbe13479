/* SPDX-License-Identifier: MIT */
/* One transaction for a group of commands. They run bare at first: a command that fails before it
 * writes leaves nothing to undo, and savepoints cost more than most commands. When one fails later,
 * all run again with a savepoint each; when even that loses the transaction (a full disk), or the
 * commit fails, each runs again alone. */
#include "engine/engine.h"

INV__SQL(SQL_HEAD,
         "SELECT e.position, e.known_at, e.seq FROM event e ORDER BY e.position DESC LIMIT 1");
INV__SQL(SQL_COPY, "SELECT m.value FROM meta m WHERE m.name = 'copy'");

static inv_status read_head(inv__writer *w, inv_error *error)
{
	inv__arena arena;
	char memory[1024];
	inv__batch batch;
	const inv_rows *rows;
	inv_status rc;

	inv__arena_init_with(&arena, &w->store->allocator, memory, sizeof memory);
	inv__batch_init(&batch, &arena);
	inv__batch_add(&batch, &SQL_HEAD);
	inv__batch_add(&batch, &SQL_COPY);
	rc = inv__batch_exec(&batch, w->link, error);
	if (rc == INV_OK && inv__batch_result(&batch, 1)->row_count > 0)
		rc = inv__copy_refuse(inv__cell_str(inv__batch_result(&batch, 1), 0, 0), error);
	if (rc == INV_OK) {
		rows = inv__batch_result(&batch, 0);
		w->head.position = rows->row_count ? inv__cell_int(rows, 0, 0) : 0;
		w->head.known_at = rows->row_count ? inv__cell_int(rows, 0, 1) : 0;
		w->head.seq = rows->row_count ? inv__cell_int(rows, 0, 2) : 0;
	}
	inv__arena_free(&arena);
	return rc;
}

/* While nobody else has committed, the journal ends where we left it and what we know is true.
 * Where many write, nothing is known before it is locked. */
static inv_status look_around(inv__writer *w, inv_error *error)
{
	inv_conn *conn = inv__link_conn(w->link);
	uint64_t version = w->store->many ? 0 : w->store->driver.data_version(conn);
	inv_status rc;

	if (version != 0 && version == w->version)
		return INV_OK;
	inv__known_clear(w->known);
	if (w->store->many) {
		w->head.known_at = atomic_load(&w->store->clock_floor);
		return INV_OK;
	}
	rc = read_head(w, error);
	w->version = rc == INV_OK ? version : 0;
	w->committed = w->head;
	return rc;
}

inv_status inv__writer_begin(inv__writer *w, inv_error *error)
{
	inv_status rc = inv__link_begin(w->link, INV_BEGIN_WRITE, error);

	w->head = w->committed;
	w->head.places_changed = w->head.turn = false;
	if (rc != INV_OK)
		return rc;
	rc = look_around(w, error);
	if (rc != INV_OK)
		inv__writer_undo(w);
	return rc;
}

/* What a transaction's end means for what we know. */
static void settle_writer(inv__writer *w, bool committed)
{
	inv__known_settle(w->known, committed);
	if (!committed)
		return;
	w->committed = w->head;
	inv__writer_committed(w);
}

inv_status inv__writer_end(inv__writer *w, bool commit, inv_error *error)
{
	inv_status rc = inv__link_end(w->link, commit, error);

	settle_writer(w, rc == INV_OK && commit);
	if (rc != INV_OK && commit)
		w->version = 0; /* what became of it is to be looked up */
	return rc;
}

void inv__writer_undo(inv__writer *w)
{
	(void)inv__writer_end(w, false, NULL); /* the driver owes it then, before the next begin */
}

void inv__writer_committed(inv__writer *w)
{
	inv_store *store = w->store;
	int64_t floor = atomic_load(&store->clock_floor);

	while (floor < w->head.known_at &&
	       !atomic_compare_exchange_weak(&store->clock_floor, &floor, w->head.known_at))
		;
	if (w->head.places_changed)
		atomic_fetch_add(&store->places, 1);
	atomic_fetch_add(&store->commits, 1);
	inv__mutex_lock(&store->feed_mutex);
	inv__cond_broadcast(&store->feed_cond);
	inv__mutex_unlock(&store->feed_mutex);
}

void inv__writer_checkpoint(inv__writer *w)
{
	inv_store *store = w->store;
	inv_driver_facts facts;
	inv_error error = INV_ERROR_INIT;

	if (!(store->driver.capabilities & INV_CAP_CHECKPOINT))
		return;
	inv__link_pulse(w->link, &facts);
	if (facts.log_pages < store->checkpoint_pages)
		return;
	inv__readers_rest(store);
	/* BUSY is no fault: the log grows a little and the next commit tries again. */
	if (store->driver.checkpoint(inv__link_conn(w->link), &error) != INV_OK &&
	    error.status != INV_E_BUSY && store->log.write)
		store->log.write(store->log.ctx, INV_LOG_WARN, "checkpoint", error.message);
}

inv_status inv__savepoint(inv__writer *w, const char *verb, inv_error *error)
{
	inv__arena arena;
	char memory[1024];
	inv__batch batch;
	inv_status rc;

	inv__arena_init_with(&arena, &w->store->allocator, memory, sizeof memory);
	inv__batch_init(&batch, &arena);
	inv__batch_add_text(&batch, inv_str_of(verb));
	rc = inv__batch_exec(&batch, w->link, error);
	inv__arena_free(&arena);
	return rc;
}

/* ROLLBACK TO keeps the savepoint: left there, each failed command would make the next dearer. */
inv_status inv__savepoint_undo(inv__writer *w)
{
	inv_status rc = inv__savepoint(w, "ROLLBACK TO command", NULL);

	/* What is read from now on may still be undone with the rest: the memory stays unsettled. */
	inv__known_clear(w->known);
	return rc == INV_OK ? inv__savepoint(w, "RELEASE command", NULL) : rc;
}

bool inv__writer_is_open(const inv__writer *w)
{
	inv_driver_facts facts;

	inv__link_pulse(w->link, &facts);
	return facts.in_transaction;
}

inv_status inv__command_shared(inv__writer *w, inv__command *c, bool savepoint, bool *lost)
{
	inv__head before = w->head;
	inv_status rc = INV_OK;

	if (savepoint)
		rc = inv__savepoint(w, "SAVEPOINT command", c->call.error);
	if (rc == INV_OK)
		rc = inv__command_run(w, c);
	if (rc == INV_OK && savepoint)
		rc = inv__savepoint(w, "RELEASE command", c->call.error);
	*lost = rc != INV_OK && !inv__writer_is_open(w);
	if (rc == INV_OK)
		return rc;
	w->head = before;
	if (!*lost)
		*lost = savepoint ? inv__savepoint_undo(w) != INV_OK : c->wrote;
	if (*lost)
		inv__writer_undo(w);
	return rc;
}

/* In the transaction that has just begun; commits. */
static inv_status run_and_commit(inv__writer *w, inv__command *c)
{
	bool lost;
	inv_status rc = inv__command_shared(w, c, false, &lost);

	if (rc == INV_OK)
		return inv__writer_end(w, true, c->call.error);
	if (!lost)
		inv__writer_end(w, false, NULL);
	return rc;
}

static inv_status look_and_run(inv__writer *w, inv__command *c)
{
	bool committed = false;
	inv_status rc = inv__writer_begin(w, c->call.error);

	if (rc != INV_OK)
		return rc;
	rc = inv__command_committed(w, c, &committed);
	if (rc == INV_OK && !committed)
		return run_and_commit(w, c);
	inv__writer_end(w, false, NULL);
	if (rc == INV_OK)
		inv__writer_committed(w);
	return rc;
}

/* After a commit that failed: what it left in the log would count after a crash, unless another
 * commit takes its place there. So the command runs once more; when that fails too, nobody knows
 * what has become of it. */
static inv_status run_again(inv__writer *w, inv__command *c)
{
	inv_status rc = look_and_run(w, c);

	if (rc == INV_OK)
		inv__error_clear(c->call.error);
	else
		rc = inv__error_set(c->call.error, INV_E_UNKNOWN_OUTCOME, NULL, NULL,
		                    "the disk failed during the commit: with its key the command can be"
		                    " sent again");
	return rc;
}

inv_status inv__command_alone(inv__writer *w, inv__command *c)
{
	inv_status rc = inv__writer_begin(w, c->call.error);

	if (rc == INV_OK)
		rc = run_and_commit(w, c);
	return rc == INV_E_UNKNOWN_OUTCOME ? run_again(w, c) : rc;
}

/* Those whose first run was lost with the shared transaction. */
static void run_survivors(inv__writer *w, inv__ticket *const *tickets, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (tickets[i]->status == INV_OK)
			tickets[i]->status = inv__command_alone(w, tickets[i]->command);
}

/* A shared commit failed: its commands run again, each alone. */
static void settle(inv__writer *w, inv__ticket *const *tickets, size_t count, inv_status failed)
{
	for (size_t i = 0; i < count; i++) {
		inv__ticket *t = tickets[i];

		if (t->status != INV_OK)
			continue;
		if (failed == INV_E_UNKNOWN_OUTCOME)
			t->status = run_again(w, t->command);
		else
			t->status = inv__command_alone(w, t->command);
	}
}

/* Runs tickets until the transaction is lost; returns how many were run. */
static size_t run_shared(inv__writer *w, inv__ticket *const *tickets, size_t count,
                         bool savepoints, bool *lost)
{
	size_t i = 0;

	*lost = false;
	for (; i < count && !*lost; i++)
		tickets[i]->status = inv__command_shared(w, tickets[i]->command, savepoints, lost);
	return i;
}

/* All in one transaction that is open; false when it is gone. *run of them have had their turn. */
static bool run_together(inv__writer *w, inv__ticket *const *tickets, size_t count, size_t *run)
{
	bool lost;

	*run = run_shared(w, tickets, count, false, &lost);
	if (!lost)
		return true;
	if (inv__writer_begin(w, NULL) != INV_OK)
		return false;
	*run = run_shared(w, tickets, count, true, &lost);
	return !lost;
}

static void fail_all(inv__ticket *const *tickets, size_t count, inv_status rc,
                     const inv_error *error)
{
	for (size_t i = 0; i < count; i++) {
		tickets[i]->status = rc;
		*tickets[i]->command->call.error = *error;
	}
}

void inv__group_run(inv_store *store, inv__ticket *const *tickets, size_t count)
{
	inv__writer *w = store->writer;
	inv_error error = INV_ERROR_INIT;
	inv_status rc;
	size_t run, done = 0;
	bool together;

	if (count == 1) {
		tickets[0]->status = inv__command_alone(w, tickets[0]->command);
		return;
	}
	rc = inv__writer_begin(w, &error);
	if (rc != INV_OK) {
		fail_all(tickets, count, rc, &error);
		return;
	}
	together = run_together(w, tickets, count, &run);
	for (size_t i = 0; i < run; i++)
		done += tickets[i]->status == INV_OK;
	if (!together) {
		run_survivors(w, tickets, run);
		for (size_t i = run; i < count; i++)
			tickets[i]->status = inv__command_alone(w, tickets[i]->command);
		return;
	}
	rc = inv__writer_end(w, done > 0, &error);
	if (rc != INV_OK && done > 0)
		settle(w, tickets, count, rc);
}
