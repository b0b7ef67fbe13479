/* SPDX-License-Identifier: MIT */
/* Codes of the references in an answer, for people: one batch, a statement for each table. */
#include "engine/engine.h"
#include "util/text.h"

typedef struct nameless {
	inv_ref *ref;
	struct nameless *next;
} nameless;

typedef struct collector {
	inv__arena *arena;
	nameless *first[INV_TABLE_COUNT];
	size_t count[INV_TABLE_COUNT];
	bool failed;
} collector;

static void note(collector *c, uint32_t table, inv_ref *ref)
{
	nameless *n;

	if (table >= INV_TABLE_COUNT || inv_id_is_none(ref->id) || ref->code.len > 0)
		return;
	n = inv__arena_alloc(c->arena, sizeof *n);
	if (!n) {
		c->failed = true;
		return;
	}
	n->ref = ref;
	n->next = c->first[table];
	c->first[table] = n;
	c->count[table]++;
}

static void collect(collector *c, const inv_record_desc *record, void *value)
{
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = &record->fields[i];
		const inv_list *list = inv__field_at(field, value);

		if (field->kind == INV_KIND_REF)
			note(c, field->ref, inv__field_of(field, value));
		if (field->kind != INV_KIND_LIST)
			continue;
		for (size_t j = 0; j < list->count; j++)
			collect(c, inv_schema_record(field->of),
			        (char *)(uintptr_t)list->ptr + j * list->stride);
	}
}

static const char identities[INV_TABLE_COUNT];

static void make_lookup(const void *ctx, inv__buf *sql)
{
	const inv_table_desc *table = ctx;

	inv__buf_puts(sql, "SELECT r.n, t.");
	inv__buf_puts(sql, inv__code_field(inv_schema_record(table->record))->name);
	inv__buf_puts(sql, " FROM {rows# id:id} r JOIN ");
	inv__buf_puts(sql, table->name);
	inv__buf_puts(sql, " t ON t.id = r.id");
}

static bool has_code(uint32_t table)
{
	return inv__code_field(inv_schema_record(inv_schema_table(table)->record)) != NULL;
}

static inv_status ask(collector *c, inv__batch *b, size_t statements[INV_TABLE_COUNT])
{
	for (uint32_t t = 1; t < INV_TABLE_COUNT; t++) {
		inv_str *ids;
		size_t at = 0;

		if (c->count[t] == 0 || !has_code(t))
			continue;
		statements[t] = inv__batch_add_made(b, &identities[t], make_lookup, inv_schema_table(t));
		inv__batch_rows(b, c->count[t]);
		ids = inv__batch_blob_column(b);
		if (!ids)
			return INV_E_NO_MEMORY;
		for (nameless *n = c->first[t]; n; n = n->next)
			inv__batch_id_at(b, ids, at++, &n->ref->id);
	}
	return b->status;
}

static void take(collector *c, const inv__batch *b, const size_t statements[INV_TABLE_COUNT])
{
	for (uint32_t t = 1; t < INV_TABLE_COUNT; t++) {
		const inv_rows *rows;
		size_t row = 0, at = 0;

		if (c->count[t] == 0 || !has_code(t))
			continue;
		rows = inv__batch_result(b, statements[t]);
		for (nameless *n = c->first[t]; n; n = n->next, at++)
			if (row < rows->row_count && inv__cell_int(rows, row, 0) == (int64_t)at)
				n->ref->code = inv__cell_str(rows, row++, 1);
	}
}

inv_status inv__codes_fill(inv_result *result, inv__link *link, inv_error *error)
{
	collector c = {.arena = &result->arena};
	size_t statements[INV_TABLE_COUNT] = {0};
	inv__batch batch;
	inv_status rc;

	for (size_t i = 0; i < result->count; i++)
		collect(&c, result->record, (char *)result->records + i * result->record->size);
	inv__batch_init(&batch, &result->arena);
	rc = c.failed ? INV_E_NO_MEMORY : ask(&c, &batch, statements);
	if (rc != INV_OK)
		return inv__error_set(error, rc, NULL, NULL, "out of memory");
	rc = inv__batch_exec(&batch, link, error);
	if (rc == INV_OK)
		take(&c, &batch, statements);
	return rc;
}
