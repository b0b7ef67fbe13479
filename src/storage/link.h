/* SPDX-License-Identifier: MIT */
/* Inside of the storage layer: how a batch's statements are found in a link's caches. */
#ifndef INV_STORAGE_LINK_H
#define INV_STORAGE_LINK_H

#include "storage/batch.h"

/* Which statement an item runs: one of the program, or a text made at run time. */
struct inv__entry {
	const inv__sql *sql; /* its identity; NULL: `text` */
	inv_str text;
	inv__sql_make make;  /* NULL: sql->text */
	const void *ctx;
	bool expects;        /* must change as many rows as its rowset has */
};

/* Set the statement of every item of the batch, preparing what is not prepared yet. A statement
 * and its rowset must agree. */
inv_status inv__link_prepare(inv__link *link, inv__batch *batch, inv_error *error);
const inv_allocator *inv__link_allocator(const inv__link *link);
/* Was the link opened for reading only? */
bool inv__link_readonly(const inv__link *link);

#endif
