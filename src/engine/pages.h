/* SPDX-License-Identifier: MIT */
/* Walking a list operation page by page, inside of the engine: the session is entered already. */
#ifndef INV_ENGINE_PAGES_H
#define INV_ENGINE_PAGES_H

#include "codec/field.h"
#include "engine/engine.h"

typedef struct inv__pages {
	inv__arena arena;
	const inv_op_desc *op;
	void *query;    /* the operation's input; ours */
	int64_t limit;  /* records per page */
	char *cursor;   /* what the query's points to */
	size_t room;
	bool codes;     /* of references are wanted */
	bool more;      /* there may be a page */
} inv__pages;

/* The query's page is as long as may be unless it says how long. End it also on failure. */
inv_status inv__pages_begin(inv_session *session, inv__pages *pages, const inv_op_desc *op,
                            const void *query);
/* The next page; *out is NULL behind the last one. */
inv_status inv__pages_next(inv_session *session, inv__pages *pages, inv_result **out);
void inv__pages_end(inv__pages *pages);

#endif
