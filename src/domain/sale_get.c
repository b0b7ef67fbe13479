/* SPDX-License-Identifier: MIT */
/* Till documents as they were closed, with what refunds have left of their lines. */
#include "domain/ops.h"
#include "domain/sale.h"
#include "util/text.h"

INV__SQL(SQL_PERSONAL,
         "SELECT r.n, v.field, v.value FROM {rows# id:id} r"
         " JOIN personal_value v ON v.subject = r.id");

/* The codes by which people know what a document refers to. */
INV__SQL(SQL_CODES,
         "SELECT r.n, t.code, l.code, c.code, o.ticket FROM {rows# id:id} r"
         " JOIN sale s ON s.id = r.id LEFT JOIN register t ON t.id = s.till"
         " LEFT JOIN location l ON l.id = s.location LEFT JOIN channel c ON c.id = s.channel"
         " LEFT JOIN sale o ON o.id = s.original");

inv_status inv__sales_claim(inv__call *call, const inv_id *ids, size_t count, inv__sale_plan *plan)
{
	inv_status rc = inv__rows_claim(call, inv_schema_table(INV_TABLE_sale), ids, count,
	                                &plan->sale_statement);

	if (rc == INV_OK)
		rc = inv__children_claim(call, INV_TABLE_sale_line, ids, count, &plan->line_statement);
	if (rc == INV_OK)
		rc = inv__children_claim(call, INV_TABLE_sale_tender, ids, count, &plan->tender_statement);
	if (rc != INV_OK)
		return rc;
	plan->personal_statement = inv__batch_add(call->batch, &SQL_PERSONAL);
	rc = inv__ids_claim(call, ids, count);
	if (rc != INV_OK)
		return rc;
	plan->code_statement = inv__batch_add(call->batch, &SQL_CODES);
	return inv__ids_claim(call, ids, count);
}

/* ---- decide ---- */

static void read_personal(inv__call *call, size_t statement, inv_sale *out, size_t count)
{
	const inv_rows *rows = inv__batch_result(call->batch, statement);
	const inv_record_desc *record = inv_schema_record(INV_RECORD_sale);

	for (size_t row = 0; row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);
		const inv_field_desc *field =
			inv_schema_field_named(record, inv__cell_str(rows, row, 1), NULL);

		if (n < count && field && (field->flags & INV_FIELD_PERSONAL))
			*(inv_str *)inv__field_of(field, &out[n]) = inv__cell_str(rows, row, 2);
	}
}

static void read_codes(inv__call *call, size_t statement, inv_sale *out, size_t count)
{
	const inv_rows *rows = inv__batch_result(call->batch, statement);

	for (size_t row = 0; row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n >= count)
			continue;
		out[n].till.code = inv__cell_str(rows, row, 1);
		out[n].location.code = inv__cell_str(rows, row, 2);
		out[n].channel.code = inv__cell_str(rows, row, 3);
		out[n].original.code = inv__cell_str(rows, row, 4);
	}
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < out[i].lines.count; j++)
			inv__sale_line_of(&out[i], j)->product.code = inv__sale_line_of(&out[i], j)->sku;
}

static inv_status read_lists(inv__call *call, const inv__sale_plan *plan, inv_sale *out,
                             size_t count)
{
	inv_list **lists = inv__arena_array(call->arena, count, sizeof *lists);
	inv_status rc;

	if (!lists)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++)
		lists[i] = &out[i].lines;
	rc = inv__children_read(call, plan->line_statement, INV_RECORD_sale_line, lists, count);
	for (size_t i = 0; i < count; i++)
		lists[i] = &out[i].tenders;
	if (rc == INV_OK)
		rc = inv__children_read(call, plan->tender_statement, INV_RECORD_tender, lists, count);
	return rc;
}

inv_status inv__sales_read(inv__call *call, const inv__sale_plan *plan, inv_sale *out, size_t count)
{
	const inv_rows *rows = inv__batch_result(call->batch, plan->sale_statement);
	inv_status rc = INV_OK;

	for (size_t row = 0; rc == INV_OK && row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n >= count)
			return inv__call_fail(call, INV_E_INTERNAL, 0, NULL, "a row belongs to no input");
		rc = inv__document_row(call, rows, row, INV_RECORD_sale, &out[n]);
	}
	for (size_t i = 0; rc == INV_OK && i < count; i++)
		if (inv_id_is_none(out[i].id))
			return inv__call_fail(call, INV_E_NOT_FOUND, i, "ref", "there is no such sale");
	if (rc == INV_OK)
		rc = read_lists(call, plan, out, count);
	if (rc != INV_OK)
		return rc;
	read_personal(call, plan->personal_statement, out, count);
	read_codes(call, plan->code_statement, out, count);
	return INV_OK;
}

inv_status inv__claim_sale_get(inv__call *call)
{
	inv__sale_plan *plan = inv__arena_zalloc(call->arena, sizeof *plan);
	inv_id *ids = inv__arena_array(call->arena, call->count, sizeof *ids);

	if (!plan || !ids)
		return inv__call_no_memory(call);
	call->state = plan;
	for (size_t i = 0; i < call->count; i++)
		ids[i] = ((const inv_lookup *)inv__call_input(call, i))->ref.id;
	return inv__sales_claim(call, ids, call->count, plan);
}

inv_status inv__decide_sale_get(inv__call *call)
{
	inv_sale *out = inv__call_outputs(call, call->count);

	return out ? inv__sales_read(call, call->state, out, call->count) : INV_E_NO_MEMORY;
}
