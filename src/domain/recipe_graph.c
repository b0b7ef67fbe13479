/* SPDX-License-Identifier: MIT */
/* Recipes as a graph: loops, and how deep they go. */
#include "domain/recipe_graph.h"

#include <stdlib.h>

#include "util/id.h"

static int edge_order(const void *x, const void *y)
{
	const inv__recipe_edge *a = x, *b = y;

	return inv__id_compare(a->product, b->product);
}

inv_status inv__recipe_graph_make(inv__call *call, inv__recipe_edge *edges, size_t count,
                                  inv__recipe_graph *out)
{
	out->down = edges;
	out->count = count;
	out->up = inv__arena_array(call->arena, count + 1, sizeof *out->up);
	out->seen = inv__arena_array(call->arena, 2 * count + 2, sizeof *out->seen);
	out->depth = inv__arena_array(call->arena, 2 * count + 2, sizeof *out->depth);
	if (!out->up || !out->seen || !out->depth)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++)
		out->up[i] = (inv__recipe_edge){edges[i].recipe, edges[i].component, edges[i].product};
	qsort(out->down, count, sizeof *out->down, edge_order);
	qsort(out->up, count, sizeof *out->up, edge_order);
	return INV_OK;
}

static size_t first_of(const inv__recipe_edge *edges, size_t count, inv_id product)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (inv__id_compare(edges[mid].product, product) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The depth to which a node was seen; it is added when it is new. */
static int *seen_at(inv__recipe_graph *g, inv_id node, int depth)
{
	for (size_t i = 0; i < g->seen_count; i++)
		if (inv__id_equal(g->seen[i], node))
			return &g->depth[i];
	g->seen[g->seen_count] = node;
	g->depth[g->seen_count] = depth;
	return &g->depth[g->seen_count++];
}

/* Nodes are walked again when they are reached by a longer way, which loops do until the limit. */
static int walk(inv__recipe_graph *g, const inv__recipe_edge *edges, inv_id node, int depth)
{
	int longest = depth;

	if (depth > INV__RECIPE_LEVELS)
		return depth;
	for (size_t i = first_of(edges, g->count, node); i < g->count; i++) {
		int *before = seen_at(g, edges[i].component, -1), below;

		if (!inv__id_equal(edges[i].product, node) || longest > INV__RECIPE_LEVELS)
			break;
		if (*before >= depth + 1)
			continue;
		*before = depth + 1;
		below = walk(g, edges, edges[i].component, depth + 1);
		longest = below > longest ? below : longest;
	}
	return longest;
}

int inv__recipe_levels(inv__recipe_graph *graph, inv_id product, bool up)
{
	graph->seen_count = 0;
	return walk(graph, up ? graph->up : graph->down, product, 0);
}

bool inv__recipe_reaches(inv__recipe_graph *graph, inv_id component, inv_id product)
{
	graph->seen_count = 0;
	seen_at(graph, component, 0);
	for (size_t at = 0; at < graph->seen_count; at++) {
		inv_id node = graph->seen[at];

		if (inv__id_equal(node, product))
			return true;
		for (size_t i = first_of(graph->down, graph->count, node); i < graph->count; i++) {
			if (!inv__id_equal(graph->down[i].product, node))
				break;
			seen_at(graph, graph->down[i].component, 0);
		}
	}
	return false;
}
