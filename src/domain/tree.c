/* SPDX-License-Identifier: MIT */
#include "domain/tree.h"

#include <stdlib.h>

#include "util/id.h"

typedef struct tree {
	const inv__tree_node *nodes; /* as the call leaves them */
	size_t count;
	size_t statement;
	inv__tree_node *changed;     /* the same, sorted by id */
	inv__tree_node *stored;      /* above them, sorted by id */
	size_t stored_count;
} tree;

static int by_id(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(inv_id)); /* a node begins with its id */
}

inv_status inv__tree_claim(inv__call *call, const inv__sql *sql, inv__tree_node *nodes,
                           size_t count)
{
	tree *t = inv__arena_zalloc(call->arena, sizeof *t);
	inv_str *parents;

	if (!t)
		return inv__call_no_memory(call);
	t->nodes = nodes;
	t->count = count;
	t->statement = inv__batch_add(call->batch, sql);
	call->hook_state = t;
	inv__batch_rows(call->batch, count);
	parents = inv__batch_blob_column(call->batch);
	if (!parents)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++)
		inv__batch_id_at(call->batch, parents, i, &nodes[i].parent);
	return call->batch->status;
}

static bool read_stored(inv__call *call, tree *t)
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
static inv_id parent_of(const tree *t, inv_id id)
{
	const inv__tree_node *node = bsearch(&id, t->changed, t->count, sizeof *t->changed, by_id);
	const inv_id none = {{0}};

	if (!node && t->stored_count > 0)
		node = bsearch(&id, t->stored, t->stored_count, sizeof *t->stored, by_id);
	return node ? node->parent : none;
}

inv_status inv__tree_check(inv__call *call, size_t index)
{
	tree *t = call->hook_state;
	const inv__tree_node *node = &t->nodes[index];
	inv_id at = node->parent;

	if (!t->stored && !read_stored(call, t))
		return inv__call_no_memory(call);
	/* Another record's loop would be walked for ever: it is found when that record is checked. */
	for (size_t i = 0; i <= t->count + t->stored_count && !inv_id_is_none(at); i++) {
		if (inv__id_equal(at, node->id))
			return inv__call_fail(call, INV_E_INVALID, index, "parent",
			                      "a %s cannot stand below itself",
			                      inv_schema_record(call->op->output)->name);
		at = parent_of(t, at);
	}
	return INV_OK;
}
