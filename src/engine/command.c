/* SPDX-License-Identifier: MIT */
/* The way of a command inside a write transaction: one batch that claims and reads, a decision,
 * one batch that writes journal, key and derived rows. */
#include "engine/engine.h"

/* Begin again: a command whose transaction was lost runs a second time. */
static void start_over(inv__command *c)
{
	inv__call *call = &c->call;

	inv__batch_init(&c->batch, call->arena);
	call->batch = &c->batch;
	call->claimed = NULL;
	memset(&call->scene_place, 0, sizeof call->scene_place);
	call->state = call->hook_state = NULL;
	call->phase = 0;
	call->more = call->replaying = call->rests = call->positions = false;
	call->absorbs = call->takes_turn = false;
	call->latest = 0;
	call->outputs = NULL;
	call->output_count = 0;
	call->events = NULL;
	call->event_count = call->event_cap = 0;
	call->cursor = (inv_str){"", 0};
	c->replayed = c->seen = c->wrote = c->drawn = false;
	inv__error_clear(call->error);
}

INV__SQL(SQL_DRAW, "SELECT {draw event_draw}");

/* Events of one command have consecutive numbers behind the one that was drawn. */
#define NUMBERS_PER_DRAW INT64_C(65536)

/* What stands before the numbers of a draw. */
static int64_t first_number(const inv__batch *batch, size_t draw)
{
	return inv__cell_int(inv__batch_result(batch, draw), 0, 0) * NUMBERS_PER_DRAW - 1;
}

/* What rests on nothing has no locks to draw its number behind. */
static bool draws_later(const inv__command *c)
{
	return c->looked && !inv__command_reads(c);
}

/* Run what was claimed. Where many write, the command's number is drawn behind its locks. */
static inv_status exec_claims(inv__link *link, inv__head *head, inv__command *c)
{
	inv__batch *batch = &c->batch;
	bool draws = c->call.locks && !draws_later(c) && (batch->done < batch->count || !c->drawn);
	size_t draw = draws ? inv__batch_add(batch, &SQL_DRAW) : 0;
	inv_status rc = inv__batch_exec(batch, link, c->call.error);

	c->drawn = c->drawn || draws;
	if (rc == INV_OK && draws)
		head->seq = first_number(batch, draw);
	if (rc == INV_OK && c->call.takes_turn)
		head->turn = true;
	return rc;
}

/* The rest of what a claim leads to, when it is known that the command is not a repeated one. */
static inv_status exec_rest(inv__link *link, inv__head *head, inv__command *c)
{
	inv_status rc = exec_claims(link, head, c);

	if (rc == INV_OK)
		rc = inv__accounts_look_back(&c->call);
	/* That may lock, too: then the number is drawn once more. */
	return rc == INV_OK ? exec_claims(link, head, c) : rc;
}

/* Decide, and read again as often as the decision asks. */
static inv_status decide(inv__link *link, inv__head *head, inv__command *c)
{
	inv__call *call = &c->call;
	inv_status rc;

	for (;;) {
		call->more = false;
		rc = c->impl->decide(call);
		if (rc != INV_OK || !call->more)
			return rc;
		c->wrote = (call->op->flags & INV_OP_SIDE_EFFECT) != 0;
		rc = exec_rest(link, head, c);
		if (rc != INV_OK)
			return rc;
		call->phase++;
	}
}

/* The commands' events behind one another; those of a single one are taken as they are. */
static inv_status gather_events(const inv__commands *commands, inv__arena *arena,
                                inv__event **out, size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < commands->count; i++)
		*count += commands->list[i]->call.event_count;
	*out = commands->list[0]->call.events;
	if (commands->count == 1)
		return INV_OK;
	*out = inv__arena_array(arena, *count, sizeof **out);
	if (!*out)
		return INV_E_NO_MEMORY;
	*count = 0;
	for (size_t i = 0; i < commands->count; i++) {
		const inv__call *call = &commands->list[i]->call;

		if (call->event_count > 0)
			memcpy(*out + *count, call->events, call->event_count * sizeof **out);
		*count += call->event_count;
	}
	return INV_OK;
}

static inv_status apply_events(inv__writer *w, const inv__commands *commands, inv__batch *batch)
{
	inv__call *call = &commands->list[0]->call;
	inv__apply apply = {.batch = batch, .link = w->link, .known = w->known,
	                    .arena = batch->arena, .error = call->error};
	inv__event *events;
	size_t count;
	inv_status rc = gather_events(commands, batch->arena, &events, &count);

	for (size_t i = 0; i < commands->count; i++)
		apply.absorbs |= commands->list[i]->call.absorbs;
	for (size_t i = 0; rc == INV_OK && i < count; i++)
		if (events[i].desc->number == INV_EVENT_settings_updated)
			w->head.places_changed = true;
	if (rc == INV_OK)
		inv__known_events(w->known, events, count);
	return rc == INV_OK ? inv__events_apply(&apply, events, count) : rc;
}

/* One number for all who have none yet; the others' own are lower, and not needed then. */
static inv_status draw_for_all(inv__writer *w, const inv__commands *commands)
{
	inv__call *first = &commands->list[0]->call;
	bool all = true;
	inv__batch batch;
	inv_status rc;

	for (size_t i = 0; i < commands->count; i++)
		all = all && (commands->list[i]->drawn || !commands->list[i]->call.locks);
	if (all)
		return INV_OK;
	inv__batch_init(&batch, first->arena);
	inv__batch_add(&batch, &SQL_DRAW);
	rc = inv__batch_exec(&batch, w->link, first->error);
	if (rc == INV_OK)
		w->head.seq = first_number(&batch, 0);
	return rc;
}

inv_status inv__commands_write(inv__writer *w, const inv__commands *commands, bool commit)
{
	inv__call *first = &commands->list[0]->call;
	inv__batch batch;
	inv_status rc = draw_for_all(w, commands);

	inv__batch_init(&batch, first->arena);
	for (size_t i = 0; i < commands->count; i++) {
		commands->list[i]->call.batch = &batch;
		commands->list[i]->wrote = true;
	}
	if (rc == INV_OK)
		rc = inv__journal_write(w, commands, &batch);
	if (rc == INV_OK)
		rc = inv__keys_write(commands, &batch);
	if (rc == INV_OK)
		rc = apply_events(w, commands, &batch);
	batch.commit = commit;
	if (rc == INV_OK && commit && batch.count == batch.done)
		rc = inv__link_end(w->link, true, first->error); /* all was flushed, or there was nothing */
	else if (rc == INV_OK)
		rc = inv__batch_exec(&batch, w->link, first->error);
	if (rc == INV_E_NO_MEMORY && first->error->status != rc)
		inv__call_no_memory(first);
	return rc;
}

/* Is its key still to be looked for? */
static bool looks(const inv__command *command)
{
	return command->key.len > 0 && !command->looked;
}

inv_status inv__command_claim(inv__writer *w, inv__command *command)
{
	inv__call *call = &command->call;
	inv_status rc = INV_OK;

	start_over(command);
	call->known = w->known;
	call->locks = w->store->many;
	call->has_turn = w->head.turn;
	/* A clock that is set back must not make new commands look older than what they rest on. */
	if (call->now < w->head.known_at)
		call->now = w->head.known_at;
	if (!command->again)
		rc = inv__call_id(call, &call->command);
	if (rc == INV_OK && looks(command))
		rc = inv__key_claim(command);
	if (rc == INV_OK)
		rc = command->impl->claim(call);
	if (rc == INV_E_NO_MEMORY && call->error->status != rc)
		inv__call_no_memory(call);
	return rc;
}

bool inv__command_reads(const inv__command *command)
{
	return command->batch.count > looks(command) || command->call.rests;
}

inv_status inv__command_decide(inv__writer *w, inv__command *command)
{
	inv__call *call = &command->call;
	inv__link *link = w->link;
	bool keyed = looks(command);
	inv_status rc = INV_OK;

	/* Where a look is no round trip, a key seen before spares the rest of the claim. */
	if (keyed && !w->store->many)
		rc = inv__batch_exec_some(&command->batch, 1, link, call->error);
	else
		rc = exec_claims(link, &w->head, command);
	if (rc == INV_OK && keyed)
		rc = inv__key_seen(link, command, &command->seen);
	if (rc == INV_OK && (!command->seen || call->replaying))
		rc = exec_rest(link, &w->head, command);
	if (rc == INV_OK && (!command->seen || call->replaying))
		rc = decide(link, &w->head, command);
	if (rc == INV_E_NO_MEMORY && call->error->status != rc)
		inv__call_no_memory(call);
	return rc;
}

inv_status inv__command_answer(inv__command *command, inv__link *link)
{
	const inv__call *call = &command->call;
	inv_result *r = command->result;
	inv_status rc = INV_OK;

	if (!r)
		return INV_OK;
	r->records = call->outputs;
	r->count = call->output_count;
	r->cursor = call->cursor;
	r->replayed = command->replayed;
	if (r->codes)
		rc = inv__codes_fill(r, link, call->error);
	return rc != INV_OK || r->form == INV__FORM_NONE ? rc
	                                                 : inv__result_json(r, call->op, call->error);
}

inv_status inv__command_run(inv__writer *w, inv__command *command)
{
	inv_status rc = inv__command_claim(w, command);

	if (rc == INV_OK)
		rc = inv__command_decide(w, command);
	if (rc == INV_OK)
		rc = inv__command_answer(command, w->link);
	if (rc == INV_OK && !command->seen)
		rc = inv__commands_write(w, &(inv__commands){&command, 1}, false);
	return rc;
}

INV__SQL(SQL_COMMITTED, "SELECT e.position FROM event e WHERE e.id = ?1");
INV__SQL(SQL_KEY_COMMITTED,
         "SELECT 1 FROM command_key k WHERE k.operation = ?1 AND k.key = ?2 AND k.command = ?3");

inv_status inv__command_committed(inv__writer *w, const inv__command *command, bool *committed)
{
	inv__arena arena;
	char memory[1024];
	inv__batch batch;
	inv_status rc;

	/* Nothing was to be written: an answer from what is committed anyway. But what a second run
	 * came to, or met before it could decide, says nothing of the first: only the journal does. */
	*committed = !command->again && (command->replayed || (command->call.event_count == 0 &&
	                                                       command->key.len == 0));
	if (*committed)
		return INV_OK;
	inv__arena_init_with(&arena, &w->store->allocator, memory, sizeof memory);
	inv__batch_init(&batch, &arena);
	if (command->key.len == 0) {
		inv__batch_add(&batch, &SQL_COMMITTED);
		inv__batch_id(&batch, command->call.command);
	} else {
		/* The key goes with the events, and is there without any too. */
		inv__batch_add(&batch, &SQL_KEY_COMMITTED);
		inv__batch_text(&batch, inv_str_of(command->call.op->name));
		inv__batch_blob(&batch, command->key);
		inv__batch_id(&batch, command->call.command);
	}
	rc = inv__batch_exec(&batch, w->link, NULL);
	if (rc == INV_OK)
		*committed = inv__batch_result(&batch, 0)->row_count > 0;
	inv__arena_free(&arena);
	return rc;
}

static inv_status read_on(inv_session *session, inv__link *link, void *ctx)
{
	inv__command *c = ctx;
	inv_status rc;

	start_over(c);
	rc = c->impl->claim(&c->call);
	if (rc == INV_OK && c->call.positions)
		rc = inv__sequence_for(session, link);
	if (rc == INV_OK)
		rc = inv__batch_exec(&c->batch, link, c->call.error);
	if (rc == INV_OK)
		rc = decide(link, NULL, c);
	if (rc == INV_OK)
		rc = inv__command_answer(c, link);
	if (rc == INV_E_NO_MEMORY && c->call.error->status != rc)
		inv__call_no_memory(&c->call);
	return rc;
}

inv_status inv__read_run(inv_session *session, inv__command *command)
{
	return inv__lease_run(session, read_on, command);
}
