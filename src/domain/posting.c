/* SPDX-License-Identifier: MIT */
/* Postings with their lines. The row has what changes after the event; the lines stand in the
 * event's payload and nowhere else. */
#include "domain/list.h"
#include "domain/ops.h"

typedef struct get_plan {
	size_t statement;
	size_t width;
} get_plan;

/* Columns behind the ordinal and the posting's own. */
enum { PAYLOAD, LOCATION_CODE, CHANNEL_CODE };

/* Its event has the same id, or else is about it. */
#define POSTED(event) " AND " event ".name = 'stock.posted'"

static inv_status put_select(inv__call *call, inv_str *out)
{
	inv__list_sql sql;

	if (inv__list_sql_init(&sql, call->arena, 1) != INV_OK)
		return inv__call_no_memory(call);
	inv__list_sql_puts(&sql, "SELECT r.n, ");
	inv__row_columns(inv_schema_record(INV_RECORD_posting), "t.", &sql.text);
	inv__list_sql_puts(&sql, ", COALESCE(o.payload, e.payload, ''), l.code, c.code"
	                         " FROM {rows# id:id} r CROSS JOIN posting t"
	                         " LEFT JOIN event o ON o.id = t.id AND o.subject = t.id" POSTED("o")
	                         " LEFT JOIN event e ON e.subject = t.id AND e.subject <> e.id"
	                         POSTED("e") " LEFT JOIN location l ON l.id = t.location"
	                         " LEFT JOIN channel c ON c.id = t.channel WHERE t.id = r.id");
	return inv__list_sql_end(&sql, call->arena, out) == INV_OK ? INV_OK
	                                                            : inv__call_no_memory(call);
}

inv_status inv__claim_posting_get(inv__call *call)
{
	get_plan *plan = inv__arena_zalloc(call->arena, sizeof *plan);
	inv_str text = {NULL, 0};
	inv_str *ids;
	inv_status rc;

	if (!plan)
		return inv__call_no_memory(call);
	call->state = plan;
	plan->width = inv__row_width(inv_schema_record(INV_RECORD_posting));
	for (size_t i = 0; i < call->count; i++) {
		const inv_lookup *lookup = inv__call_input(call, i);

		if (inv_id_is_none(lookup->ref.id))
			return inv__call_fail(call, INV_E_INVALID, i, "ref", "a posting is named by its id");
	}
	rc = put_select(call, &text);
	if (rc != INV_OK)
		return rc;
	plan->statement = inv__batch_add_text(call->batch, text);
	inv__batch_rows(call->batch, call->count);
	ids = inv__batch_blob_column(call->batch);
	if (!ids)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		const inv_lookup *lookup = inv__call_input(call, i);

		inv__batch_id_at(call->batch, ids, i, &lookup->ref.id);
	}
	return INV_OK;
}

static inv_status read_lines(inv__call *call, size_t index, inv_str json, inv_posting *out)
{
	inv_posting payload = INV_POSTING_INIT;
	inv_error error = INV_ERROR_INIT;
	inv__problems problems = {&error, NULL, 0};
	inv_status rc = inv__json_read_payload(inv_schema_record(INV_RECORD_posting), json,
	                                       call->arena, &payload, &problems);

	if (rc == INV_E_NO_MEMORY)
		return inv__call_no_memory(call);
	if (rc != INV_OK)
		return inv__call_fail(call, INV_E_CORRUPT, index, "ref",
		                      "the journal's row of this posting cannot be read: %s",
		                      error.message);
	out->lines = payload.lines;
	return INV_OK;
}

static inv_status read_posting(inv__call *call, const inv_rows *rows, size_t row, size_t index,
                               inv_posting *out)
{
	const get_plan *plan = call->state;
	size_t behind = 1 + plan->width;
	inv_status rc = inv__row_read(inv_schema_record(INV_RECORD_posting), inv__cell(rows, row, 1),
	                              call->arena, out);

	if (rc == INV_E_NO_MEMORY)
		return inv__call_no_memory(call);
	if (rc != INV_OK)
		return inv__call_fail(call, rc, index, "ref", "the row of this posting cannot be read");
	out->location.code = inv__cell_str(rows, row, behind + LOCATION_CODE);
	out->channel.code = inv__cell_str(rows, row, behind + CHANNEL_CODE);
	return read_lines(call, index, inv__cell_str(rows, row, behind + PAYLOAD), out);
}

inv_status inv__decide_posting_get(inv__call *call)
{
	const get_plan *plan = call->state;
	const inv_rows *rows = inv__batch_result(call->batch, plan->statement);
	inv_posting *outputs = inv__call_outputs(call, call->count);
	inv_status rc = INV_OK;

	if (!outputs)
		return inv__call_no_memory(call);
	for (size_t row = 0; rc == INV_OK && row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n >= call->count)
			return inv__call_fail(call, INV_E_INTERNAL, 0, NULL, "a row belongs to no input");
		rc = read_posting(call, rows, row, n, &outputs[n]);
	}
	for (size_t i = 0; rc == INV_OK && i < call->count; i++)
		if (inv_id_is_none(outputs[i].id))
			return inv__call_fail(call, INV_E_NOT_FOUND, i, "ref", "there is no such posting");
	return rc;
}
