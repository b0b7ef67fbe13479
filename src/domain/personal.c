/* SPDX-License-Identifier: MIT */
/* Forgetting a person: the values go, the journal keeps their commitments and a note that they
 * went. */
#include "domain/ops.h"

INV__SQL(SQL_PERSONAL_FIELDS,
         "SELECT v.field FROM personal_value v WHERE v.subject = ?1 ORDER BY v.field");
INV__SQL(SQL_PERSONAL_DROP, "DELETE FROM personal_value WHERE subject = ?1");

inv_status inv__claim_personal_forget(inv__call *call)
{
	const inv_forget_request *in = inv__call_input(call, 0);
	size_t *statement = inv__arena_alloc(call->arena, sizeof *statement);

	if (!statement)
		return inv__call_no_memory(call);
	/* Not always the first: a key is claimed before it. */
	*statement = inv__batch_add(call->batch, &SQL_PERSONAL_FIELDS);
	call->state = statement;
	inv__batch_id(call->batch, in->subject);
	return call->batch->status;
}

inv_status inv__decide_personal_forget(inv__call *call)
{
	const inv_forget_request *in = inv__call_input(call, 0);
	const inv_rows *rows = inv__batch_result(call->batch, *(const size_t *)call->state);
	inv_forgotten *out;
	inv_str *fields;

	if (call->phase > 0) {
		out = call->outputs;
		return inv__call_event(call, INV_EVENT_personal_forgotten, in->subject, call->now, 0, out);
	}
	out = inv__call_outputs(call, 1);
	if (rows->row_count == 0)
		return inv__call_fail(call, INV_E_NOT_FOUND, 0, "subject",
		                      "nothing personal is kept of it");
	fields = inv__arena_array(call->arena, rows->row_count, sizeof *fields);
	if (!out || !fields)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < rows->row_count; i++)
		fields[i] = inv__cell_str(rows, i, 0);
	out->subject = in->subject;
	out->fields = inv_list_of(fields, rows->row_count, sizeof *fields);
	/* Side values are not events' to delete: a rebuild must not touch them. */
	inv__batch_add(call->batch, &SQL_PERSONAL_DROP);
	inv__batch_id(call->batch, in->subject);
	call->more = true;
	return call->batch->status;
}
