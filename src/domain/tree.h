/* SPDX-License-Identifier: MIT */
/* Trees of master data: no record may stand below itself, whatever one call changes. */
#ifndef INV_DOMAIN_TREE_H
#define INV_DOMAIN_TREE_H

#include "domain/domain.h"

/* A record and the one it stands below. */
typedef struct inv__tree_node {
	inv_id id;
	inv_id parent;
} inv__tree_node;

/* The parent field of a table whose records form a tree; NULL for others. A parent that is given
 * once for ever makes no loop: such tables have rules of their own. */
const inv_field_desc *inv__tree_parent(const inv_table_desc *table);

/* Claim what stands above `count` nodes (made in the call's arena), then check them one by one. */
typedef struct inv__tree inv__tree;
inv_status inv__tree_claim(inv__call *call, const inv_table_desc *table,
                           const inv__tree_node *nodes, size_t count, inv__tree **out);
inv_status inv__tree_check(inv__call *call, inv__tree *tree, size_t index);

/* Rows of ordinal and id: what stands directly below and is not archived. */
inv_status inv__tree_children_claim(inv__call *call, const inv_table_desc *table,
                                    const inv_id *ids, size_t count, size_t *statement);

#endif
