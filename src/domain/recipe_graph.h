/* SPDX-License-Identifier: MIT */
#ifndef INV_DOMAIN_RECIPE_GRAPH_H
#define INV_DOMAIN_RECIPE_GRAPH_H

#include "domain/domain.h"

#define INV__RECIPE_LEVELS 8 /* of recipes below one another */

/* A recipe of `product` takes `component`. */
typedef struct inv__recipe_edge {
	inv_id recipe, product, component;
} inv__recipe_edge;

typedef struct inv__recipe_graph {
	inv__recipe_edge *down, *up; /* the same edges by product, and turned round by component */
	size_t count;
	inv_id *seen;                /* scratch: nodes with their depth */
	int *depth;
	size_t seen_count;
} inv__recipe_graph;

/* `edges` are taken over. */
inv_status inv__recipe_graph_make(inv__call *call, inv__recipe_edge *edges, size_t count,
                                  inv__recipe_graph *out);
/* The longest way down from a product, or up to what takes it; more than INV__RECIPE_LEVELS where
 * it is longer or a loop. */
int inv__recipe_levels(inv__recipe_graph *graph, inv_id product, bool up);
/* Is the product a part of the component, at any level, or the same? */
bool inv__recipe_reaches(inv__recipe_graph *graph, inv_id component, inv_id product);

#endif
