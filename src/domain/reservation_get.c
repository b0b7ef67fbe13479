/* SPDX-License-Identifier: MIT */
/* reservation.get. (Lists are those of any record.) */
#include "domain/ops.h"

inv_status inv__claim_reservation_get(inv__call *call)
{
	inv_id *ids = inv__arena_array(call->arena, call->count, sizeof *ids);
	size_t *statement = inv__arena_alloc(call->arena, sizeof *statement);

	if (!ids || !statement)
		return inv__call_no_memory(call);
	call->state = statement;
	for (size_t i = 0; i < call->count; i++)
		ids[i] = ((const inv_lookup *)inv__call_input(call, i))->ref.id;
	return inv__rows_claim(call, inv_schema_table(INV_TABLE_reservation), ids, call->count,
	                       statement);
}

inv_status inv__decide_reservation_get(inv__call *call)
{
	const inv_record_desc *record = inv_schema_record(INV_RECORD_reservation);
	const inv_rows *rows = inv__batch_result(call->batch, *(const size_t *)call->state);
	inv_reservation *out = inv__call_outputs(call, call->count);
	inv_status rc = out ? INV_OK : inv__call_no_memory(call);

	for (size_t row = 0; rc == INV_OK && row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n >= call->count)
			return inv__call_fail(call, INV_E_INTERNAL, 0, NULL, "a row belongs to no input");
		rc = inv__row_read(record, inv__cell(rows, row, 1), call->arena, &out[n]);
	}
	if (rc == INV_E_NO_MEMORY)
		return inv__call_no_memory(call);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++)
		if (inv_id_is_none(out[i].id))
			return inv__call_fail(call, INV_E_NOT_FOUND, i, "ref",
			                      "there is no such reservation");
	return rc;
}
