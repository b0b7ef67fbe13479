/* SPDX-License-Identifier: MIT */
#include "domain/tree.h"

#include <stdlib.h>

#include "util/id.h"

struct inv__tree {
	const inv_table_desc *table;
	const inv__tree_node *nodes; /* as the call leaves them */
	size_t count;
	size_t statement;
	inv__tree_node *changed;     /* the same, sorted by id */
	inv__tree_node *stored;      /* above them, sorted by id */
	size_t stored_count;
};

/* What identifies the statements of each table. */
enum { ABOVE, BELOW, PURPOSES };
static const char identities[INV_TABLE_COUNT][PURPOSES];

const inv_field_desc *inv__tree_parent(const inv_table_desc *table)
{
	const inv_field_desc *parent =
		inv_schema_field_named(inv_schema_record(table->record), INV_S("parent"), NULL);

	return parent && parent->kind == INV_KIND_REF && parent->ref == table->number &&
	               !(parent->flags & INV_FIELD_IMMUTABLE)
	           ? parent
	           : NULL;
}

static void make_above(const void *ctx, inv__buf *sql)
{
	const inv_table_desc *table = ctx;

	inv__buf_puts(sql, "WITH RECURSIVE up (n, id, parent) AS ("
	                   "SELECT r.n, t.id, t.parent FROM {rows# id:id} r JOIN ");
	inv__buf_puts(sql, table->name);
	inv__buf_puts(sql, " t ON t.id = r.id UNION SELECT up.n, t.id, t.parent FROM up JOIN ");
	inv__buf_puts(sql, table->name);
	inv__buf_puts(sql, " t ON t.id = up.parent) SELECT up.n, up.id, up.parent FROM up");
}

static void make_below(const void *ctx, inv__buf *sql)
{
	const inv_table_desc *table = ctx;

	inv__buf_puts(sql, "SELECT r.n, t.id FROM {rows# id:id} r JOIN ");
	inv__buf_puts(sql, table->name);
	inv__buf_puts(sql, " t ON t.parent = r.id AND t.archived = 0");
}

static int by_id(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(inv_id)); /* a node begins with its id */
}

inv_status inv__tree_claim(inv__call *call, const inv_table_desc *table,
                           const inv__tree_node *nodes, size_t count, inv__tree **out)
{
	inv__tree *t = inv__arena_zalloc(call->arena, sizeof *t);
	inv_id *parents = inv__arena_array(call->arena, count, sizeof *parents);

	if (!t || !parents)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++)
		parents[i] = nodes[i].parent;
	t->table = table;
	t->nodes = nodes;
	t->count = count;
	t->statement = inv__batch_add_made(call->batch, &identities[table->number][ABOVE], make_above,
	                                   table);
	*out = t;
	return inv__ids_claim(call, parents, count);
}

inv_status inv__tree_children_claim(inv__call *call, const inv_table_desc *table,
                                    const inv_id *ids, size_t count, size_t *statement)
{
	*statement = inv__batch_add_made(call->batch, &identities[table->number][BELOW], make_below,
	                                 table);
	return inv__ids_claim(call, ids, count);
}

static bool read_stored(inv__call *call, inv__tree *t)
{
	const inv_rows *rows = inv__batch_result(call->batch, t->statement);

	t->changed = inv__arena_array(call->arena, t->count, sizeof *t->changed);
	t->stored = inv__arena_array(call->arena, rows->row_count + 1, sizeof *t->stored);
	if (!t->changed || !t->stored)
		return false;
	memcpy(t->changed, t->nodes, t->count * sizeof *t->changed);
	t->stored_count = rows->row_count;
	for (size_t i = 0; i < rows->row_count; i++) {
		t->stored[i].id = inv__cell_id(rows, i, 1);
		t->stored[i].parent = inv__cell_id(rows, i, 2);
	}
	qsort(t->changed, t->count, sizeof *t->changed, by_id);
	qsort(t->stored, t->stored_count, sizeof *t->stored, by_id);
	return true;
}

/* The parent of a record after the call; none at a root. */
static inv_id parent_of(const inv__tree *t, inv_id id)
{
	const inv__tree_node *node = bsearch(&id, t->changed, t->count, sizeof *t->changed, by_id);
	const inv_id none = {{0}};

	if (!node && t->stored_count > 0)
		node = bsearch(&id, t->stored, t->stored_count, sizeof *t->stored, by_id);
	return node ? node->parent : none;
}

inv_status inv__tree_check(inv__call *call, inv__tree *t, size_t index)
{
	const inv__tree_node *node = &t->nodes[index];
	inv_id at = node->parent;

	if (!t->stored && !read_stored(call, t))
		return inv__call_no_memory(call);
	/* Another record's loop would be walked for ever: it is found when that record is checked. */
	for (size_t i = 0; i <= t->count + t->stored_count && !inv_id_is_none(at); i++) {
		if (inv__id_equal(at, node->id))
			return inv__call_fail(call, INV_E_INVALID, index, "parent",
			                      "a %s cannot stand below itself",
			                      t->table->name);
		at = parent_of(t, at);
	}
	return INV_OK;
}
