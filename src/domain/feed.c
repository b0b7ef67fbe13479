/* SPDX-License-Identifier: MIT */
/* The change feed: the journal by position, and how far each consumer has come. */
#include "domain/list.h"
#include "domain/ops.h"
#include "util/text.h"

/* ---- feed.read ---- */

/* " t.position > …": behind a consumer's cursor, or behind a position. */
static inv_status put_place(inv__call *call, const inv_feed_query *query, inv__list_sql *sql)
{
	inv_str consumer;
	inv_value value = {.type = INV_VALUE_TEXT};

	if (query->consumer.len == 0) {
		inv__list_sql_int(sql, query->after);
		return INV_OK;
	}
	consumer = inv__str_fold(call->arena, query->consumer);
	if (!consumer.ptr)
		return INV_E_NO_MEMORY;
	value.size = (uint32_t)consumer.len;
	value.u.p = consumer.ptr;
	inv__list_sql_puts(sql, "COALESCE((SELECT c.position FROM feed_cursor c WHERE c.consumer = ");
	inv__list_sql_value(sql, &value);
	inv__list_sql_puts(sql, "), 0)");
	return INV_OK;
}

inv_status inv__claim_feed_read(inv__call *call)
{
	const inv_feed_query *query = inv__call_input(call, 0);
	size_t *statement = inv__arena_alloc(call->arena, sizeof *statement);
	inv__list_sql sql;
	inv_str text = {NULL, 0};
	inv_status rc = inv__list_sql_init(&sql, call->arena, 2);

	if (rc != INV_OK || !statement)
		return inv__call_no_memory(call);
	inv__list_sql_puts(&sql, "SELECT ");
	inv__row_columns(inv_schema_record(call->op->output), "t.", &sql.text);
	inv__list_sql_puts(&sql, " FROM event t WHERE t.position > ");
	rc = put_place(call, query, &sql);
	inv__list_sql_puts(&sql, " ORDER BY t.position LIMIT ");
	inv__list_sql_int(&sql, query->limit > 0 ? query->limit : (int64_t)INV__PAGE_DEFAULT);
	if (rc == INV_OK)
		rc = inv__list_sql_end(&sql, call->arena, &text);
	else
		inv__buf_free(&sql.text);
	if (rc != INV_OK)
		return inv__call_no_memory(call);
	call->positions = true;
	call->state = statement;
	*statement = inv__batch_add_text(call->batch, text);
	for (size_t i = 0; i < sql.value_count; i++)
		inv__batch_value(call->batch, &sql.values[i]);
	return INV_OK;
}

inv_status inv__decide_feed_read(inv__call *call)
{
	const inv_rows *rows = inv__batch_result(call->batch, *(const size_t *)call->state);
	inv_event *outputs = inv__call_outputs(call, rows->row_count);
	const inv_record_desc *record = inv_schema_record(call->op->output);
	inv_status rc = INV_OK;

	if (!outputs)
		return inv__call_no_memory(call);
	for (size_t i = 0; rc == INV_OK && i < rows->row_count; i++)
		rc = inv__row_read(record, inv__cell(rows, i, 0), call->arena, &outputs[i]);
	if (rc == INV_E_NO_MEMORY)
		return inv__call_no_memory(call);
	if (rc != INV_OK)
		return inv__call_fail(call, rc, 0, NULL, "a row of the journal cannot be read");
	return INV_OK;
}

/* ---- feed.acknowledge ---- */

INV__SQL(read_last, "SELECT COALESCE(MAX(e.position), 0) FROM event e WHERE e.position > 0");
INV__SQL(read_cursor, "SELECT c.position FROM feed_cursor c WHERE c.consumer = ?1 {lock}");
/* Where many write, a cursor that is not there yet cannot be locked: two first acknowledgements at
 * once would not wait for each other. */
INV__SQL(make_cursor, "INSERT INTO feed_cursor (consumer, position) VALUES (?1, 0)"
         " ON CONFLICT (consumer) DO NOTHING");
INV__SQL(write_cursor, "INSERT INTO feed_cursor (consumer, position) VALUES (?1, ?2)"
         " ON CONFLICT (consumer) DO UPDATE SET position = excluded.position");

typedef struct acknowledge_plan {
	inv_str consumer; /* folded */
	size_t last;
	size_t cursor;
} acknowledge_plan;

inv_status inv__claim_feed_acknowledge(inv__call *call)
{
	const inv_feed_position *input = inv__call_input(call, 0);
	acknowledge_plan *plan = inv__arena_zalloc(call->arena, sizeof *plan);

	if (!plan)
		return inv__call_no_memory(call);
	call->state = plan;
	plan->consumer = inv__str_fold(call->arena, input->consumer);
	if (!plan->consumer.ptr)
		return inv__call_no_memory(call);
	call->positions = true;
	plan->last = inv__batch_add(call->batch, &read_last);
	if (call->locks) {
		inv__batch_add(call->batch, &make_cursor);
		inv__batch_text(call->batch, plan->consumer);
	}
	plan->cursor = inv__batch_add(call->batch, &read_cursor);
	inv__batch_text(call->batch, plan->consumer);
	return INV_OK;
}

/* A cursor stays within the journal, and goes back only when that is said. */
static inv_status check_position(inv__call *call, const inv_feed_position *input)
{
	const acknowledge_plan *plan = call->state;
	const inv_rows *last = inv__batch_result(call->batch, plan->last);
	const inv_rows *cursor = inv__batch_result(call->batch, plan->cursor);
	int64_t end = last->row_count ? inv__cell_int(last, 0, 0) : 0;
	int64_t now = cursor->row_count ? inv__cell_int(cursor, 0, 0) : 0;

	if (input->position > end)
		return inv__call_fail(call, INV_E_INVALID, 0, "position",
		                      "the journal ends at position %lld", (long long)end);
	if (input->position < now && !input->rewind)
		return inv__call_fail(call, INV_E_STATE, 0, "position",
		                      "the cursor stands at %lld already; `rewind` sets it back",
		                      (long long)now);
	return INV_OK;
}

inv_status inv__decide_feed_acknowledge(inv__call *call)
{
	const inv_feed_position *input = inv__call_input(call, 0);
	const acknowledge_plan *plan = call->state;
	inv_feed_position *output;
	inv_status rc;

	if (call->phase == 0 && !call->replaying) {
		rc = check_position(call, input);
		if (rc != INV_OK)
			return rc;
		inv__batch_add(call->batch, &write_cursor);
		inv__batch_text(call->batch, plan->consumer);
		inv__batch_int(call->batch, input->position);
		call->more = true;
		return INV_OK;
	}
	call->more = false;
	output = inv__call_outputs(call, 1);
	if (!output)
		return inv__call_no_memory(call);
	output->consumer = inv__arena_str(call->arena, input->consumer);
	output->position = input->position;
	return output->consumer.ptr ? INV_OK : inv__call_no_memory(call);
}
