/* SPDX-License-Identifier: MIT */
/* References by id must point at something. */
#include "domain/domain.h"

#define SQL_MAX 160u

/* For each REF field of a record, the statement that looks its ids up. */
struct inv__refs {
	const inv_record_desc *record;
	size_t count;
	size_t *statements; /* by field index; SIZE_MAX = nothing to look up */
};

static inv_status claim_field(inv__call *call, const inv_field_desc *field, void *const *records,
                              size_t count, size_t *statement)
{
	inv__batch *b = call->batch;
	inv_str *ids;
	inv__buf text;
	inv_status rc;
	size_t given = 0;

	for (size_t i = 0; i < count; i++)
		given += !inv_id_is_none(((const inv_ref *)inv__field_at(field, records[i]))->id);
	*statement = SIZE_MAX;
	if (given == 0)
		return INV_OK;
	inv__buf_init(&text, &b->arena->allocator, SQL_MAX);
	inv__buf_puts(&text, "SELECT r.n FROM {rows# id:id} r JOIN ");
	inv__buf_puts(&text, inv_schema_table(field->ref)->name);
	inv__buf_puts(&text, " t ON t.id = r.id");
	rc = text.status;
	if (rc == INV_OK)
		*statement = inv__batch_add_text(b, inv__arena_str(b->arena, inv__buf_str(&text)));
	inv__buf_free(&text);
	if (rc != INV_OK)
		return inv__call_no_memory(call);
	inv__batch_rows(b, count);
	ids = inv__batch_blob_column(b);
	if (!ids)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++)
		inv__batch_id_at(b, ids, i, &((const inv_ref *)inv__field_at(field, records[i]))->id);
	return b->status;
}

inv_status inv__refs_claim(inv__call *call, const inv_record_desc *record, void *const *records,
                           size_t count, inv__refs **out)
{
	inv__refs *refs = inv__arena_zalloc(call->arena, sizeof *refs);
	inv_status rc = INV_OK;

	if (!refs)
		return inv__call_no_memory(call);
	refs->record = record;
	refs->count = count;
	refs->statements = inv__arena_array(call->arena, record->field_count, sizeof(size_t));
	if (!refs->statements)
		return inv__call_no_memory(call);
	for (uint32_t f = 0; rc == INV_OK && f < record->field_count; f++) {
		refs->statements[f] = SIZE_MAX;
		if (record->fields[f].kind == INV_KIND_REF)
			rc = claim_field(call, &record->fields[f], records, count, &refs->statements[f]);
	}
	*out = refs;
	return rc;
}

/* The rows come in the order of the records, so the first gap is the first missing one. */
static inv_status check_field(inv__call *call, const inv__refs *refs, uint32_t f,
                              void *const *records)
{
	const inv_field_desc *field = &refs->record->fields[f];
	const inv_rows *rows = inv__batch_result(call->batch, refs->statements[f]);
	size_t row = 0;

	for (size_t i = 0; i < refs->count; i++) {
		const inv_ref *ref = inv__field_at(field, records[i]);

		if (inv_id_is_none(ref->id))
			continue;
		if (row >= rows->row_count || inv__cell_int(rows, row, 0) != (int64_t)i)
			return inv__call_fail(call, INV_E_NOT_FOUND, i, field->name, "there is no such %s",
			                      inv_schema_table(field->ref)->name);
		row++;
	}
	return INV_OK;
}

inv_status inv__refs_check(inv__call *call, const inv__refs *refs, void *const *records)
{
	inv_status rc = INV_OK;

	for (uint32_t f = 0; rc == INV_OK && f < refs->record->field_count; f++)
		if (refs->statements[f] != SIZE_MAX)
			rc = check_field(call, refs, f, records);
	return rc;
}
