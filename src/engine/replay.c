/* SPDX-License-Identifier: MIT */
/* Idempotency keys: the same key and content get the first answer, made again from its events. */
#include "engine/engine.h"
#include "util/id.h"
#include "util/text.h"

INV__SQL(SQL_KEY,
         "SELECT k.command, k.event_count, k.digest FROM command_key k"
         " WHERE k.operation = ?1 AND k.key = ?2");

inv_status inv__key_claim(inv__command *command)
{
	inv__batch_add(&command->batch, &SQL_KEY);
	inv__batch_text(&command->batch, inv_str_of(command->call.op->name));
	inv__batch_blob(&command->batch, command->key);
	return command->batch.status;
}

/* Counted, not joined: a planner might begin with all keys of the operation. */
INV__SQL(SQL_KEYS,
         "SELECT r.n FROM {rows# key:blob} r WHERE (SELECT COUNT(*) FROM command_key k"
         " WHERE k.operation = ?+1 AND k.key = r.key) > 0");

inv_status inv__keys_look(inv__link *link, const inv__commands *commands, inv__arena *arena,
                          inv_error *error)
{
	inv__batch batch;
	inv_str *keys;
	const inv_rows *rows;
	inv_status rc;

	if (commands->count == 0)
		return INV_OK;
	inv__batch_init(&batch, arena);
	inv__batch_add(&batch, &SQL_KEYS);
	inv__batch_rows(&batch, commands->count);
	keys = inv__batch_blob_column(&batch);
	for (size_t i = 0; keys && i < commands->count; i++)
		keys[i] = commands->list[i]->key;
	inv__batch_text(&batch, inv_str_of(commands->list[0]->call.op->name));
	rc = inv__batch_exec(&batch, link, error);
	if (rc != INV_OK)
		return rc;
	for (size_t i = 0; i < commands->count; i++)
		commands->list[i]->looked = true;
	rows = inv__batch_result(&batch, 0);
	for (size_t i = 0; i < rows->row_count; i++)
		commands->list[inv__cell_int(rows, i, 0)]->looked = false;
	return INV_OK;
}

INV__SQL(SQL_EVENTS,
         "SELECT e.name, e.subject, e.payload FROM event e WHERE e.id >= ?1 AND e.id <= ?2"
         " ORDER BY e.id");

static inv_status read_events(inv__link *link, inv__call *call, inv_id command, int64_t count,
                              const inv_rows **rows)
{
	inv__batch *batch = inv__arena_alloc(call->arena, sizeof *batch);
	inv_status rc;

	if (!batch)
		return inv__call_no_memory(call);
	inv__batch_init(batch, call->arena);
	inv__batch_add(batch, &SQL_EVENTS);
	inv__batch_id(batch, command);
	inv__batch_id(batch, inv__id_plus(command, (uint32_t)(count - 1)));
	rc = inv__batch_exec(batch, link, call->error);
	*rows = inv__batch_result(batch, 0);
	return rc;
}

/* Events whose payload is what the operation answers; others went beside it. */
static bool is_answer(const inv__call *call, inv_str name)
{
	const inv_event_desc *desc = inv_schema_event_named(name);

	return desc && desc->payload == call->op->output;
}

static inv_status answer_from(inv__link *link, inv__call *call, const inv_rows *rows)
{
	const inv_record_desc *record = inv_schema_record(call->op->output);
	inv__problems problems = {call->error, record->name, -1};
	char *outputs;
	size_t n = 0;
	inv_status rc = INV_OK;

	for (size_t i = 0; i < rows->row_count; i++)
		n += is_answer(call, inv__cell_str(rows, i, 0));
	outputs = inv__call_outputs(call, n);
	if (!outputs)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; rc == INV_OK && i < rows->row_count; i++) {
		if (!is_answer(call, inv__cell_str(rows, i, 0)))
			continue;
		rc = inv__json_read_payload(record, inv__cell_str(rows, i, 2), call->arena, outputs,
		                            &problems);
		if (rc == INV_OK && inv__has_personal(record))
			rc = inv__personal_open(link, call, record, inv__cell_id(rows, i, 1), outputs);
		outputs += record->size;
	}
	return rc;
}

inv_status inv__key_seen(inv__link *link, inv__command *command, bool *seen)
{
	inv__call *call = &command->call;
	const inv_rows *rows = inv__batch_result(&command->batch, 0);
	inv_str digest = {(const char *)command->digest, sizeof command->digest};
	const inv_rows *events = NULL;
	int64_t count;
	inv_status rc;

	*seen = rows->row_count > 0;
	if (!*seen)
		return INV_OK;
	if (!inv__str_equal(inv__cell_str(rows, 0, 2), digest))
		return inv__error_set(call->error, INV_E_KEY_REUSED, NULL, "key",
		                      "this key was used before, with another content");
	command->replayed = true;
	count = inv__cell_int(rows, 0, 1);
	call->replaying = count == 0;
	if (count == 0)
		return INV_OK;
	rc = read_events(link, call, inv__cell_id(rows, 0, 0), count, &events);
	if (rc == INV_OK && events->row_count != (size_t)count)
		return inv__error_set(call->error, INV_E_CORRUPT, "command_key", NULL,
		                      "the events of this key are not in the journal");
	return rc == INV_OK ? answer_from(link, call, events) : rc;
}

/* The answer of a command that is in the journal: what a later try of it came to is none. */
inv_status inv__command_recall(inv__link *link, inv__command *command)
{
	inv__call *call = &command->call;
	const inv_rows *events = NULL;
	inv_status rc = read_events(link, call, call->command, INT64_C(65536), &events);

	if (rc == INV_OK && events->row_count > 0)
		rc = answer_from(link, call, events);
	return rc == INV_OK && events->row_count > 0 ? inv__command_answer(command, link) : rc;
}

inv_status inv__keys_write(const inv__commands *commands, inv__batch *batch)
{
	inv_command_key *rows = inv__arena_array(batch->arena, commands->count, sizeof *rows);
	const void **list = inv__arena_array(batch->arena, commands->count, sizeof *list);
	size_t n = 0;

	if (!rows || !list)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < commands->count; i++) {
		const inv__command *command = commands->list[i];

		if (command->key.len == 0)
			continue;
		list[n] = &rows[n];
		rows[n].struct_size = sizeof *rows;
		rows[n].operation = inv_str_of(command->call.op->name);
		rows[n].key = command->key;
		rows[n].command = command->call.command;
		rows[n].event_count = (int64_t)command->call.event_count;
		rows[n].digest = (inv_str){(const char *)command->digest, sizeof command->digest};
		n++;
	}
	return inv__rows_put(batch, inv_schema_table(INV_TABLE_command_key), list, n, false);
}
