/* SPDX-License-Identifier: MIT */
/* The lists of documents as rows of their child tables. */
#include "domain/domain.h"

/* The ordinal, then the stored fields. */
inv_status inv__children_claim(inv__call *call, uint32_t number, const inv_id *ids, size_t count,
                               size_t *statement)
{
	const inv_table_desc *table = inv_schema_table(number);
	inv_str text = {NULL, 0};
	inv_status rc;
	inv__buf sql;

	inv__buf_init(&sql, &call->arena->allocator, 16384);
	inv__buf_puts(&sql, "SELECT r.n, ");
	inv__row_columns(inv_schema_record(table->record), "t.", &sql);
	inv__buf_puts(&sql, " FROM {rows# id:id} r JOIN ");
	inv__buf_puts(&sql, table->name);
	inv__buf_puts(&sql, " t ON t.");
	inv__buf_puts(&sql, inv_schema_table(table->parent)->name);
	inv__buf_puts(&sql, " = r.id ORDER BY r.n, t.line");
	rc = sql.status;
	if (rc == INV_OK)
		text = inv__arena_str(call->arena, inv__buf_str(&sql));
	inv__buf_free(&sql);
	if (!text.ptr)
		return inv__call_no_memory(call);
	*statement = inv__batch_add_text(call->batch, text);
	return inv__ids_claim(call, ids, count);
}

inv_status inv__document_row(inv__call *call, const inv_rows *rows, size_t row, uint32_t record,
                             void *out)
{
	inv_status rc = inv__row_read(inv_schema_record(record), inv__cell(rows, row, 1), call->arena,
	                              out);

	if (rc == INV_OK)
		return rc;
	if (rc == INV_E_NO_MEMORY)
		return inv__call_no_memory(call);
	return inv__call_fail(call, rc, (size_t)inv__cell_int(rows, row, 0), "ref",
	                      "a stored row of this document cannot be read");
}

/* Rows come in the order of their documents: each document's are one run of a common array. */
inv_status inv__children_read(inv__call *call, size_t statement, uint32_t record,
                              inv_list *const *lists, size_t count)
{
	const inv_rows *rows = inv__batch_result(call->batch, statement);
	size_t size = inv_schema_record(record)->size;
	char *items = inv__arena_array(call->arena, rows->row_count + 1, size);
	inv_status rc = items ? INV_OK : inv__call_no_memory(call);

	for (size_t row = 0; rc == INV_OK && row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n >= count)
			return inv__call_fail(call, INV_E_INTERNAL, 0, NULL, "a row belongs to no input");
		rc = inv__document_row(call, rows, row, record, items + row * size);
		if (lists[n]->count++ == 0)
			lists[n]->ptr = items + row * size;
		lists[n]->stride = size;
	}
	return rc;
}

inv_status inv__children_put(inv__apply *apply, uint32_t table, const inv_id *parents,
                             const inv_list *const *lists, size_t count)
{
	const void **records;
	int64_t *lines;
	inv_id *owners;
	size_t total = 0, n = 0;

	for (size_t i = 0; i < count; i++)
		total += lists[i]->count;
	records = inv__arena_alloc(apply->arena, (total + 1) * sizeof *records);
	owners = inv__arena_alloc(apply->arena, (total + 1) * sizeof *owners);
	lines = inv__arena_alloc(apply->arena, (total + 1) * sizeof *lines);
	if (!records || !owners || !lines)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < lists[i]->count; k++) {
			records[n] = INV_LIST_AT(*lists[i], char, k);
			owners[n] = parents[i];
			lines[n++] = (int64_t)k + 1;
		}
	}
	return inv__child_rows_put(apply->batch, inv_schema_table(table), records, owners, lines, n);
}

/* ---- documents with one list ---- */

inv_status inv__documents_claim(inv__call *call, inv__documents *d, const inv_id *ids, size_t count)
{
	const inv_table_desc *table = inv_schema_table(d->table);
	inv_status rc = d->locks ? inv__rows_lock(call, table, ids, count) : INV_OK;

	d->count = count;
	if (rc == INV_OK)
		rc = inv__rows_claim(call, table, ids, count, &d->head_statement);
	return rc == INV_OK ? inv__children_claim(call, d->lines, ids, count, &d->line_statement) : rc;
}

inv_status inv__documents_read(inv__call *call, const inv__documents *d, void *records,
                               const char *field)
{
	const inv_table_desc *table = inv_schema_table(d->table);
	const inv_record_desc *record = inv_schema_record(table->record);
	const inv_field_desc *id = inv_schema_field_named(record, INV_S("id"), NULL);
	const inv_field_desc *list = inv_schema_field_named(record, INV_S("lines"), NULL);
	const inv_rows *rows = inv__batch_result(call->batch, d->head_statement);
	inv_list **lists = inv__arena_array(call->arena, d->count, sizeof *lists);
	inv_status rc = lists ? INV_OK : inv__call_no_memory(call);

	for (size_t row = 0; rc == INV_OK && row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n >= d->count)
			return inv__call_fail(call, INV_E_INTERNAL, 0, NULL, "a row belongs to no input");
		rc = inv__document_row(call, rows, row, table->record, (char *)records + n * record->size);
	}
	for (size_t i = 0; rc == INV_OK && i < d->count; i++) {
		char *at = (char *)records + i * record->size;

		if (inv_id_is_none(*(const inv_id *)inv__field_at(id, at)))
			return inv__call_fail(call, INV_E_NOT_FOUND, i, field, "there is no such %s",
			                      table->name);
		lists[i] = inv__field_of(list, at);
	}
	return rc == INV_OK ? inv__children_read(call, d->line_statement,
	                                         inv_schema_table(d->lines)->record, lists, d->count)
	                    : rc;
}

inv_status inv__documents_get(inv__call *call, uint32_t table, uint32_t lines)
{
	inv__documents *d = inv__arena_zalloc(call->arena, sizeof *d);
	inv_id *ids = inv__arena_array(call->arena, call->count, sizeof *ids);

	if (!d || !ids)
		return inv__call_no_memory(call);
	call->state = d;
	*d = (inv__documents){.table = table, .lines = lines};
	for (size_t i = 0; i < call->count; i++)
		ids[i] = ((const inv_lookup *)inv__call_input(call, i))->ref.id;
	return inv__documents_claim(call, d, ids, call->count);
}

inv_status inv__documents_got(inv__call *call)
{
	void *out = inv__call_outputs(call, call->count);

	return out ? inv__documents_read(call, call->state, out, "ref") : INV_E_NO_MEMORY;
}
