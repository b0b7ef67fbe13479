/* SPDX-License-Identifier: MIT */
/* The state as rows: walking tables by primary key, and the state hash. */
#include <stdlib.h>

#include "engine/engine.h"
#include "util/text.h"

#define PAGE_ROWS 2000

/* ---- walking a table ---- */

void inv__table_columns(const inv_table_desc *table, inv__columns *out)
{
	const inv_record_desc *record = inv_schema_record(table->record);

	out->count = 0;
	if (table->parent != INV_TABLE_none) {
		out->names[0] = inv_schema_table(table->parent)->name;
		out->names[1] = "line";
		out->key[0] = out->key[1] = true;
		out->count = 2;
	}
	for (uint32_t i = 0; i < record->field_count && out->count < 64; i++) {
		if (!inv__field_is_stored(&record->fields[i]))
			continue;
		out->names[out->count] = record->fields[i].name;
		out->key[out->count++] = table->parent == INV_TABLE_none &&
		                         (record->fields[i].flags & INV_FIELD_KEY) != 0;
	}
}

static void put_names(const inv__columns *c, bool keys_only, inv__buf *sql)
{
	const char *comma = "";

	for (size_t i = 0; i < c->count; i++) {
		if (keys_only && !c->key[i])
			continue;
		inv__buf_puts(sql, comma);
		inv__buf_puts(sql, c->names[i]);
		comma = ", ";
	}
}

/* SELECT … FROM table [WHERE (key) > (?1, …)] ORDER BY key LIMIT n */
static inv_status page_sql(const inv__walk *walk, const inv__columns *c, inv__arena *arena,
                           inv_str *out)
{
	inv__buf sql;
	char text[32];
	size_t n = 0;
	inv_status rc;

	inv__buf_init(&sql, &arena->allocator, 8192);
	inv__buf_puts(&sql, "SELECT ");
	put_names(c, false, &sql);
	inv__buf_puts(&sql, " FROM ");
	inv__buf_puts(&sql, walk->table->name);
	for (size_t i = 0; walk->last && i < c->count; i++) {
		if (!c->key[i])
			continue;
		if (n == 0) {
			inv__buf_puts(&sql, " WHERE (");
			put_names(c, true, &sql);
			inv__buf_puts(&sql, ") > (");
		}
		inv__format(text, sizeof text, "%s?%zu", n ? ", " : "", n + 1);
		inv__buf_puts(&sql, text);
		n++;
	}
	inv__buf_puts(&sql, n ? ") ORDER BY " : " ORDER BY ");
	put_names(c, true, &sql);
	inv__format(text, sizeof text, " LIMIT ?%zu", n + 1);
	inv__buf_puts(&sql, text);
	*out = inv__arena_str(arena, inv__buf_str(&sql));
	rc = sql.status;
	inv__buf_free(&sql);
	return rc == INV_OK && !out->ptr ? INV_E_NO_MEMORY : rc;
}

inv_status inv__walk_open(inv__walk *walk, inv__link *link, const inv_table_desc *table,
                          inv__arena *arena)
{
	memset(walk, 0, sizeof *walk);
	walk->link = link;
	walk->table = table;
	walk->arena = arena;
	inv__arena_init(&walk->last_arena, &arena->allocator);
	return INV_OK;
}

void inv__walk_close(inv__walk *walk)
{
	inv__arena_free(&walk->last_arena);
}

/* Keep the key of the page's last row: the page's memory is about to be used again. */
static bool keep_last(inv__walk *walk, const inv__columns *c)
{
	const inv_value *row = inv__cell(walk->page, walk->page->row_count - 1, 0);
	inv_value *last;
	size_t n = 0;

	inv__arena_reset(&walk->last_arena);
	last = inv__arena_array(&walk->last_arena, c->count, sizeof *last);
	for (size_t i = 0; last && i < c->count; i++) {
		inv_str bytes;

		if (!c->key[i])
			continue;
		last[n] = row[i];
		if (row[i].type == INV_VALUE_TEXT || row[i].type == INV_VALUE_BLOB) {
			bytes = inv__arena_str(&walk->last_arena, (inv_str){row[i].u.p, row[i].size});
			if (!bytes.ptr)
				return false;
			last[n].u.p = bytes.ptr;
		}
		n++;
	}
	walk->last = last;
	return last != NULL;
}

static inv_status next_page(inv__walk *walk, inv_error *error)
{
	inv__columns c;
	inv_str sql;
	inv_status rc;

	inv__table_columns(walk->table, &c);
	if (walk->page && !keep_last(walk, &c))
		return inv__error_set(error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
	inv__arena_reset(walk->arena);
	inv__batch_init(&walk->batch, walk->arena);
	rc = page_sql(walk, &c, walk->arena, &sql);
	if (rc != INV_OK)
		return inv__error_set(error, rc, NULL, NULL, "out of memory");
	inv__batch_add_text(&walk->batch, sql);
	for (size_t i = 0, n = 0; walk->last && i < c.count; i++)
		if (c.key[i])
			inv__batch_value(&walk->batch, &walk->last[n++]);
	inv__batch_int(&walk->batch, PAGE_ROWS);
	rc = inv__batch_exec(&walk->batch, walk->link, error);
	if (rc != INV_OK)
		return rc;
	walk->page = inv__batch_result(&walk->batch, 0);
	walk->next = 0;
	walk->end = walk->page->row_count == 0;
	return INV_OK;
}

inv_status inv__walk_next(inv__walk *walk, const inv_value **row, size_t *width, inv_error *error)
{
	inv_status rc = INV_OK;

	*row = NULL;
	if (!walk->end && (!walk->page || walk->next == walk->page->row_count))
		rc = next_page(walk, error);
	if (rc != INV_OK || walk->end)
		return rc;
	*row = inv__cell(walk->page, walk->next++, 0);
	*width = walk->page->column_count;
	return INV_OK;
}

/* ---- the hash ---- */

static inv_status hash_table(inv__link *link, const inv_table_desc *table, inv__hasher *hasher,
                             inv__arena *arena, inv_error *error)
{
	inv__walk walk;
	inv__buf bytes;
	const inv_value *row = NULL;
	size_t width;
	inv_status rc = inv__walk_open(&walk, link, table, arena);

	inv__hasher_add(hasher, table->name, strlen(table->name) + 1);
	inv__buf_init(&bytes, &arena->allocator, 256u << 20);
	do {
		rc = inv__walk_next(&walk, &row, &width, error);
		if (rc != INV_OK || !row)
			break;
		bytes.len = 0;
		inv__canonical_row(row, width, &bytes);
		rc = bytes.status;
		if (rc == INV_OK)
			inv__hasher_add(hasher, bytes.data, bytes.len);
	} while (rc == INV_OK);
	if (bytes.status != INV_OK)
		inv__error_set(error, bytes.status, NULL, NULL, "out of memory");
	inv__buf_free(&bytes);
	inv__walk_close(&walk);
	return rc;
}

static int by_name(const void *x, const void *y)
{
	const inv_table_desc *const *a = x, *const *b = y;

	return strcmp((*a)->name, (*b)->name);
}

size_t inv__derived_tables(const inv_table_desc *out[INV_TABLE_COUNT])
{
	const inv_table_desc *table;
	size_t n = 0;

	for (uint32_t i = 1; (table = inv_schema_table(i)) != NULL; i++)
		if (table->klass == INV_TABLE_DERIVED)
			out[n++] = table;
	qsort(out, n, sizeof *out, by_name);
	return n;
}

inv_status inv__state_hash(inv__link *link, const inv_allocator *allocator, uint8_t out[32],
                           inv_error *error)
{
	const inv_table_desc *tables[INV_TABLE_COUNT];
	size_t count = inv__derived_tables(tables);
	inv__hasher hasher;
	inv__arena arena;
	inv_status rc = INV_OK;

	inv__hasher_init(&hasher, NULL, 0);
	inv__arena_init(&arena, allocator);
	for (size_t i = 0; rc == INV_OK && i < count; i++)
		rc = hash_table(link, tables[i], &hasher, &arena, error);
	inv__arena_free(&arena);
	inv__hasher_end(&hasher, out);
	return rc;
}
