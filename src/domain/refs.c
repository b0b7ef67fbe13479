/* SPDX-License-Identifier: MIT */
/* References by id must point at something that is not archived. */
#include "domain/domain.h"
#include "util/id.h"

/* For each REF field of a record, the statement that looks its ids up. */
struct inv__refs {
	inv__refs_of of;
	size_t *statements; /* by field index; SIZE_MAX = nothing to look up */
};

/* What identifies the look-up of each table. */
static const char identities[INV_TABLE_COUNT];

static void make_lookup(const void *ctx, inv__buf *sql)
{
	const inv_table_desc *table = ctx;

	inv__buf_puts(sql, "SELECT r.n, t.archived FROM {rows# id:id} r JOIN ");
	inv__buf_puts(sql, table->name);
	inv__buf_puts(sql, " t ON t.id = r.id");
}

static const inv_id *ref_at(const inv__refs_of *of, const inv_field_desc *field,
                            const void *records, size_t index)
{
	const char *record = (const char *)records + index * of->record->size;

	return &((const inv_ref *)inv__field_at(field, record))->id;
}

/* The id that record `index` refers to now and did not before; else none. */
static inv_id new_ref(const inv__refs_of *of, const inv_field_desc *field, size_t index)
{
	const inv_id none = {{0}}, *id = ref_at(of, field, of->records, index);

	return of->before && inv__id_equal(*id, *ref_at(of, field, of->before, index)) ? none : *id;
}

static inv_status claim_field(inv__call *call, const inv__refs_of *of, const inv_field_desc *field,
                              size_t *statement)
{
	const inv_table_desc *table = inv_schema_table(field->ref);
	inv_id *ids = inv__arena_array(call->arena, of->count, sizeof *ids);
	size_t given = 0;

	if (!ids)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < of->count; i++) {
		ids[i] = new_ref(of, field, i);
		given += !inv_id_is_none(ids[i]);
	}
	if (given == 0)
		return INV_OK;
	*statement = inv__batch_add_made(call->batch, &identities[table->number], make_lookup, table);
	return inv__ids_claim(call, ids, of->count);
}

inv_status inv__refs_claim(inv__call *call, const inv__refs_of *of, inv__refs **out)
{
	const inv_record_desc *record = of->record;
	inv__refs *refs = inv__arena_zalloc(call->arena, sizeof *refs);
	inv_status rc = INV_OK;

	if (!refs)
		return inv__call_no_memory(call);
	refs->of = *of;
	refs->statements = inv__arena_array(call->arena, record->field_count, sizeof(size_t));
	if (!refs->statements)
		return inv__call_no_memory(call);
	for (uint32_t f = 0; rc == INV_OK && f < record->field_count; f++) {
		refs->statements[f] = SIZE_MAX;
		if (record->fields[f].kind == INV_KIND_REF)
			rc = claim_field(call, of, &record->fields[f], &refs->statements[f]);
	}
	*out = refs;
	return rc;
}

/* The rows come in the order of the records, so the first gap is the first missing one. */
static inv_status check_field(inv__call *call, const inv__refs *refs, uint32_t f)
{
	const inv_field_desc *field = &refs->of.record->fields[f];
	const inv_rows *rows = inv__batch_result(call->batch, refs->statements[f]);
	const char *table = inv_schema_table(field->ref)->name;
	size_t row = 0;

	for (size_t i = 0; i < refs->of.count; i++) {
		if (inv_id_is_none(new_ref(&refs->of, field, i)))
			continue;
		if (row >= rows->row_count || inv__cell_int(rows, row, 0) != (int64_t)i)
			return inv__call_fail(call, INV_E_NOT_FOUND, i, field->name, "there is no such %s",
			                      table);
		if (inv__cell_int(rows, row++, 1) != 0)
			return inv__call_fail(call, INV_E_STATE, i, field->name, "the %s is archived", table);
	}
	return INV_OK;
}

inv_status inv__refs_check(inv__call *call, const inv__refs *refs)
{
	inv_status rc = INV_OK;

	for (uint32_t f = 0; rc == INV_OK && f < refs->of.record->field_count; f++)
		if (refs->statements[f] != SIZE_MAX)
			rc = check_field(call, refs, f);
	return rc;
}
