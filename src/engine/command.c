/* SPDX-License-Identifier: MIT */
/* The way of one command inside a write transaction: one batch that claims and reads, a decision,
 * one batch that writes journal, key and derived rows. */
#include "engine/engine.h"

/* Begin again: a command whose transaction was lost runs a second time. */
static void start_over(inv__command *c)
{
	inv__call *call = &c->call;

	inv__batch_init(&c->batch, call->arena);
	call->batch = &c->batch;
	call->state = call->hook_state = NULL;
	call->phase = 0;
	call->more = call->replaying = false;
	call->outputs = NULL;
	call->output_count = 0;
	call->events = NULL;
	call->event_count = call->event_cap = 0;
	call->cursor = (inv_str){"", 0};
	c->replayed = c->wrote = false;
	inv__error_clear(call->error);
}

/* Decide, and read again as often as the decision asks. */
static inv_status decide(inv__link *link, inv__command *c)
{
	inv__call *call = &c->call;
	inv_status rc;

	for (;;) {
		call->more = false;
		rc = c->impl->decide(call);
		if (rc != INV_OK || !call->more)
			return rc;
		c->wrote = (call->op->flags & INV_OP_SIDE_EFFECT) != 0;
		rc = inv__batch_exec(&c->batch, link, call->error);
		if (rc != INV_OK)
			return rc;
		call->phase++;
	}
}

static inv_status apply_events(inv_store *store, inv__command *c)
{
	inv__call *call = &c->call;
	inv__apply apply = {.batch = &c->batch, .link = store->writer.link, .arena = call->arena,
	                    .error = call->error};

	for (size_t i = 0; i < call->event_count; i++)
		if (call->events[i].desc->number == INV_EVENT_settings_updated)
			store->writer.places_changed = true;
	return inv__events_apply(&apply, call->events, call->event_count);
}

static inv_status write_all(inv_store *store, inv__command *c)
{
	inv__call *call = &c->call;
	inv_status rc = INV_OK;

	inv__batch_reset(&c->batch);
	c->wrote = true;
	if (call->event_count > 0)
		rc = inv__journal_write(store, c);
	if (rc == INV_OK && c->key.len > 0)
		rc = inv__key_write(c);
	if (rc == INV_OK)
		rc = apply_events(store, c);
	if (rc == INV_OK)
		rc = inv__batch_exec(&c->batch, store->writer.link, call->error);
	return rc;
}

inv_status inv__command_run(inv_store *store, inv__command *command)
{
	inv__call *call = &command->call;
	bool seen = false;
	inv_status rc = INV_OK;

	start_over(command);
	rc = inv__call_id(call, &call->command);
	if (rc == INV_OK && command->key.len > 0)
		rc = inv__key_claim(store, command);
	if (rc == INV_OK)
		rc = command->impl->claim(call);
	if (rc == INV_OK)
		rc = inv__batch_exec(&command->batch, store->writer.link, call->error);
	if (rc == INV_OK && command->key.len > 0)
		rc = inv__key_seen(store, command, &seen);
	if (rc == INV_OK && (!seen || call->replaying))
		rc = decide(store->writer.link, command);
	if (rc == INV_OK && !seen)
		rc = write_all(store, command);
	if (rc == INV_E_NO_MEMORY && call->error->status != rc)
		inv__call_no_memory(call);
	return rc;
}

INV__SQL(SQL_COMMITTED, "SELECT e.position FROM event e WHERE e.id = ?1");
INV__SQL(SQL_KEY_COMMITTED,
         "SELECT 1 FROM command_key k WHERE k.operation = ?1 AND k.key = ?2 AND k.command = ?3");

inv_status inv__command_committed(inv_store *store, const inv__command *command, bool *committed)
{
	inv__arena arena;
	char memory[1024];
	inv__batch batch;
	inv_status rc;

	/* Nothing was to be written: an answer from what is committed anyway. */
	*committed = command->replayed || (command->call.event_count == 0 && command->key.len == 0);
	if (*committed)
		return INV_OK;
	inv__arena_init_with(&arena, &store->allocator, memory, sizeof memory);
	inv__batch_init(&batch, &arena);
	if (command->call.event_count > 0) {
		inv__batch_add(&batch, &SQL_COMMITTED);
		inv__batch_id(&batch, command->call.command);
	} else {
		inv__batch_add(&batch, &SQL_KEY_COMMITTED);
		inv__batch_text(&batch, inv_str_of(command->call.op->name));
		inv__batch_blob(&batch, command->key);
		inv__batch_id(&batch, command->call.command);
	}
	rc = inv__batch_exec(&batch, store->writer.link, NULL);
	if (rc == INV_OK)
		*committed = inv__batch_result(&batch, 0)->row_count > 0;
	inv__arena_free(&arena);
	return rc;
}

static inv_status read_on(inv__link *link, inv__command *c)
{
	inv_status rc;

	start_over(c);
	rc = c->impl->claim(&c->call);
	if (rc == INV_OK)
		rc = inv__batch_exec(&c->batch, link, c->call.error);
	if (rc == INV_OK)
		rc = decide(link, c);
	if (rc == INV_E_NO_MEMORY && c->call.error->status != rc)
		inv__call_no_memory(&c->call);
	return rc;
}

inv_status inv__read_run(inv_session *session, inv__command *command)
{
	inv__lease lease;
	inv_status rc = inv__lease_take(session, &lease);

	if (rc != INV_OK)
		return rc;
	rc = read_on(lease.link, command);
	inv__lease_give(session, &lease);
	return rc;
}
