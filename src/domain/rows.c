/* SPDX-License-Identifier: MIT */
/* Rows of any table, made from its record's description. */
#include <stdlib.h>

#include "domain/domain.h"
#include "util/id.h"
#include "util/text.h"

/* The column type of each kind, as the dialect names it. */
static const char *type_token(const inv_field_desc *field)
{
	static const char *const tokens[] = {
		"",
#define KIND(name, type, sql, json) #sql,
#include "schema/kinds.def"
#undef KIND
	};

	return tokens[field->kind];
}

static void put_columns(const inv_table_desc *table, bool typed, inv__buf *sql)
{
	const inv_record_desc *record = inv_schema_record(table->record);
	const char *comma = "";

	if (table->parent != INV_TABLE_none) {
		inv__buf_puts(sql, inv_schema_table(table->parent)->name);
		inv__buf_puts(sql, typed ? ":id line:int" : ", line");
		comma = typed ? " " : ", ";
	}
	for (uint32_t i = 0; i < record->field_count; i++) {
		if (!inv__field_is_stored(&record->fields[i]))
			continue;
		inv__buf_puts(sql, comma);
		inv__buf_puts(sql, record->fields[i].name);
		if (typed) {
			inv__buf_putc(sql, ':');
			inv__buf_puts(sql, type_token(&record->fields[i]));
		}
		comma = typed ? " " : ", ";
	}
}

static void put_conflict(const inv_table_desc *table, inv__buf *sql)
{
	const inv_record_desc *record = inv_schema_record(table->record);
	const char *comma = "";

	inv__buf_puts(sql, " ON CONFLICT (");
	for (uint32_t i = 0; i < record->field_count; i++) {
		if (!(record->fields[i].flags & INV_FIELD_KEY))
			continue;
		inv__buf_puts(sql, comma);
		inv__buf_puts(sql, record->fields[i].name);
		comma = ", ";
	}
	inv__buf_puts(sql, ") DO UPDATE SET ");
	comma = "";
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *f = &record->fields[i];

		if (!inv__field_is_stored(f) || (f->flags & INV_FIELD_KEY))
			continue;
		inv__buf_puts(sql, comma);
		inv__buf_puts(sql, f->name);
		inv__buf_puts(sql, " = excluded.");
		inv__buf_puts(sql, f->name);
		comma = ", ";
	}
}

static bool is_int(const inv_field_desc *field)
{
	return strcmp(type_token(field), "int") == 0;
}

static inv_status put_column(inv__batch *b, const inv_field_desc *field,
                             const void *const *records, size_t count)
{
	bool as_int = is_int(field);
	bool as_blob = field->kind == INV_KIND_ID || field->kind == INV_KIND_REF ||
	               field->kind == INV_KIND_BYTES;
	int64_t *ints = as_int ? inv__batch_int_column(b) : NULL;
	inv_str *strings = as_int    ? NULL
	                   : as_blob ? inv__batch_blob_column(b)
	                             : inv__batch_text_column(b);
	inv_status rc = INV_OK;

	if (!ints && !strings)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; rc == INV_OK && i < count; i++) {
		inv_value v;

		rc = inv__value_of(field, records[i], b->arena, &v);
		if (rc == INV_OK && ints)
			ints[i] = v.u.i;
		else if (rc == INV_OK)
			strings[i] = (inv_str){v.u.p, v.size};
	}
	return rc;
}

static inv_status put_rows(inv__batch *b, const inv_table_desc *table, const void *const *records,
                           size_t count)
{
	const inv_record_desc *record = inv_schema_record(table->record);
	inv_status rc = INV_OK;

	for (uint32_t i = 0; rc == INV_OK && i < record->field_count; i++)
		if (inv__field_is_stored(&record->fields[i]))
			rc = put_column(b, &record->fields[i], records, count);
	return rc == INV_OK ? b->status : rc;
}

/* What identifies the statements that are made here: an address for each table and purpose. */
enum { INSERT, UPSERT, BY_ID, LOCK, SHARE, PURPOSES };
static const char identities[INV_TABLE_COUNT][PURPOSES];

static void make_insert(const void *ctx, inv__buf *sql)
{
	const inv_table_desc *table = ctx;

	inv__buf_puts(sql, "INSERT INTO ");
	inv__buf_puts(sql, table->name);
	inv__buf_puts(sql, " (");
	put_columns(table, false, sql);
	inv__buf_puts(sql, ") {insert ");
	put_columns(table, true, sql);
	inv__buf_puts(sql, "}");
}

static void make_upsert(const void *ctx, inv__buf *sql)
{
	make_insert(ctx, sql);
	put_conflict(ctx, sql);
}

static void make_by_id(const void *ctx, inv__buf *sql)
{
	const inv_table_desc *table = ctx;

	inv__buf_puts(sql, "SELECT r.n, ");
	inv__row_columns(inv_schema_record(table->record), "t.", sql);
	inv__buf_puts(sql, " FROM {rows# id:id} r JOIN ");
	inv__buf_puts(sql, table->name);
	inv__buf_puts(sql, " t ON t.id = r.id");
}

inv_status inv__rows_put(inv__batch *batch, const inv_table_desc *table, const void *const *records,
                         size_t count, bool upsert)
{
	if (count == 0)
		return INV_OK;
	inv__batch_add_made(batch, &identities[table->number][upsert ? UPSERT : INSERT],
	                    upsert ? make_upsert : make_insert, table);
	inv__batch_rows(batch, count);
	return put_rows(batch, table, records, count);
}

inv_status inv__child_rows_put(inv__batch *batch, const inv_table_desc *table,
                               const void *const *records, const inv_id *parents,
                               const int64_t *lines, size_t count)
{
	inv_str *parent;
	int64_t *line;

	if (count == 0)
		return INV_OK;
	inv__batch_add_made(batch, &identities[table->number][INSERT], make_insert, table);
	inv__batch_rows(batch, count);
	parent = inv__batch_blob_column(batch);
	line = inv__batch_int_column(batch);
	if (!parent || !line)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		inv__batch_id_at(batch, parent, i, &parents[i]);
		line[i] = lines[i];
	}
	return put_rows(batch, table, records, count);
}

inv_status inv__ids_claim(inv__call *call, const inv_id *ids, size_t count)
{
	inv__batch *b = call->batch;
	inv_str *column;

	inv__batch_rows(b, count);
	column = inv__batch_blob_column(b);
	if (!column)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++)
		inv__batch_id_at(b, column, i, &ids[i]);
	return b->status;
}

static void put_locked(const inv_table_desc *table, inv__buf *sql)
{
	inv__buf_puts(sql, "SELECT t.id FROM {rows id:id} r JOIN ");
	inv__buf_puts(sql, table->name);
	inv__buf_puts(sql, " t ON t.id = r.id ORDER BY t.id ");
}

static void make_lock(const void *ctx, inv__buf *sql)
{
	put_locked(ctx, sql);
	inv__buf_puts(sql, "{lock_of t}");
}

static void make_share(const void *ctx, inv__buf *sql)
{
	put_locked(ctx, sql);
	inv__buf_puts(sql, "{share_of t}");
}

inv_status inv__rows_lock(inv__call *call, const inv_table_desc *table, const inv_id *ids,
                          size_t count)
{
	if (!call->locks || count == 0)
		return INV_OK;
	inv__batch_add_made(call->batch, &identities[table->number][LOCK], make_lock, table);
	inv__batch_flags(call->batch, INV_ITEM_LOCK);
	return inv__ids_claim(call, ids, count);
}

inv_status inv__rows_share(inv__call *call, const inv_table_desc *table, const inv_id *ids,
                           size_t count)
{
	if (!call->locks || count == 0)
		return INV_OK;
	inv__batch_add_made(call->batch, &identities[table->number][SHARE], make_share, table);
	inv__batch_flags(call->batch, INV_ITEM_LOCK);
	return inv__ids_claim(call, ids, count);
}

inv_status inv__rows_claim(inv__call *call, const inv_table_desc *table, const inv_id *ids,
                           size_t count, size_t *statement)
{
	*statement = inv__batch_add_made(call->batch, &identities[table->number][BY_ID], make_by_id,
	                                 table);
	return inv__ids_claim(call, ids, count);
}

/* ---- versions ---- */

/* By subject, then in the order in which they happened. */
static int event_order(const void *x, const void *y)
{
	const inv__event *const *a = x, *const *b = y;
	int c = inv__id_compare((*a)->subject, (*b)->subject);

	return c ? c : (*a > *b) - (*a < *b);
}

/* Those of one subject stand together, from `list` on. */
static void take_versions(const inv__event **list, size_t count, bool (*makes)(const inv__event *),
                          inv__versions *out)
{
	/* All but the last that make it stand for themselves. */
	for (size_t k = 1; makes(list[0]) && k < count; k++)
		if (makes(list[k]))
			out->made[out->made_count++] = list[k - 1]->payload;
	if (makes(list[0]))
		out->made[out->made_count++] = list[count - 1]->payload;
	else
		out->changed[out->changed_count++] = list[count - 1]->payload;
}

inv_status inv__versions_of(inv__arena *arena, const inv__event *events, size_t count,
                            bool (*makes)(const inv__event *), inv__versions *out)
{
	const inv__event **list = inv__arena_alloc(arena, (count + 1) * sizeof *list);

	out->made = inv__arena_alloc(arena, (count + 1) * sizeof *out->made);
	out->changed = inv__arena_alloc(arena, (count + 1) * sizeof *out->changed);
	out->made_count = out->changed_count = 0;
	if (!list || !out->made || !out->changed)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		list[i] = &events[i];
	qsort(list, count, sizeof *list, event_order);
	for (size_t i = 0, next; i < count; i = next) {
		next = i + 1;
		while (next < count && inv__id_equal(list[i]->subject, list[next]->subject))
			next++;
		take_versions(&list[i], next - i, makes, out);
	}
	return INV_OK;
}
