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

/* Everything above a parent; give it the table's name. */
#define INV__TREE_SQL(table) \
	"WITH RECURSIVE up (n, id, parent) AS (SELECT r.n, t.id, t.parent FROM {rows# parent:id} r" \
	" JOIN " table " t ON t.id = r.parent UNION" \
	" SELECT up.n, t.id, t.parent FROM up JOIN " table " t ON t.id = up.parent)" \
	" SELECT up.n, up.id, up.parent FROM up"

/* For the hooks of master data: claim what stands above `count` nodes (made in the call's arena),
 * then check them one by one, from 0. call->hook_state is used. */
inv_status inv__tree_claim(inv__call *call, const inv__sql *sql, inv__tree_node *nodes,
                           size_t count);
inv_status inv__tree_check(inv__call *call, size_t index);

#endif
