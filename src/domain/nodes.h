/* SPDX-License-Identifier: MIT */
#ifndef INV_DOMAIN_NODES_H
#define INV_DOMAIN_NODES_H

#include "domain/domain.h"

/* Where a product is touched; with `self` the place is a node even if nothing is held at it yet. */
struct inv__node_place {
	inv_id product;
	inv_id location;
	bool self;
};

/* A place at or above one that is touched, where goods below are held. */
struct inv__node {
	size_t first;      /* the first entry for the same node: it has the sum */
	size_t place;      /* below it: an index into `places` */
	inv_id product;
	inv_id location;   /* none: everywhere */
	int64_t depth;     /* steps above the place */
	int64_t available; /* of all below it */
	int64_t net;       /* what the command does to that; */
	bool touched;
	size_t input, line; /* and who it is told when that is too much, */
	inv_str part_sku;   /* of which part of a kit */
};

/* Ask for the nodes of places, which must stay and are made distinct. */
inv_status inv__nodes_ask(inv__call *call, inv__node_place *places, size_t count, inv__nodes *out);
inv_status inv__nodes_read(inv__call *call, inv__nodes *nodes);
/* The node `at` above a place; NULL when there is none: it lies elsewhere. */
const inv__node *inv__node_of(const inv__nodes *nodes, const inv_id *product,
                              const inv_id *location, const inv_id *at);

typedef struct inv__node_change {
	inv_id product, location;
	int64_t spare;   /* what it does to what is available there, signed */
	int64_t freed;   /* and what it takes off a reservation at node */
	inv_id freed_at;
	size_t input, line;
	inv_str part_sku;
} inv__node_change;
/* LIMIT where a sum cannot be counted. */
inv_status inv__nodes_change(inv__call *call, inv__nodes *nodes, const inv__node_change *change);
inv_status inv__nodes_guard(inv__call *call, inv__guard_rule rule, const inv__nodes *nodes);

#endif
