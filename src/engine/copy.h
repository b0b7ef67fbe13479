/* SPDX-License-Identifier: MIT */
/* A store on its way to another place, between its files: copy.c drives it, copy_place.c knows the
 * place it goes to, copy_rows.c carries rows. */
#ifndef INV_ENGINE_COPY_H
#define INV_ENGINE_COPY_H

#include "engine/engine.h"

typedef struct inv__copying {
	inv_store *from, *to;
	inv__link *source;     /* one state of it */
	inv__link *target;
	const inv_progress *progress;
	inv_copy_report *out;
	inv_error *error;
	int64_t at;            /* position of the target's last event */
	int64_t end;           /* and of the source's */
	char nonce[33];        /* of this run: whoever comes after it changes the mark */
	char mark[96];         /* what stands in the target's meta while the copy is under way */
} inv__copying;

/* ---- copy_place.c ---- */

/* Leave a sign at the target, to be looked for in the source: is it the same store? EXISTS when
 * another one is there. */
inv_status inv__copy_sign(inv__copying *copy);
inv_status inv__copy_find_sign(inv__copying *copy);
/* Take the place, from where an earlier run has left it. */
inv_status inv__copy_claim(inv__copying *copy);
/* A transaction at the target that nobody else writes beside; STATE when the copy is not where we
 * left it. The other ends it: commits when `status` is OK. */
inv_status inv__copy_begin(inv__copying *copy);
inv_status inv__copy_end(inv__copying *copy, inv_status status);
/* Write down, in that transaction, how far the copy has come. */
inv_status inv__copy_mark(inv__copying *copy, int64_t at);
/* What stands beside the journal, and from here on it is a store like any other: in one
 * transaction, so that nobody meets it without its keys. */
inv_status inv__copy_finish(inv__copying *copy);

/* ---- copy_rows.c ---- */

/* In slices, each a transaction. */
inv_status inv__copy_journal(inv__copying *copy);
/* In the transaction that is open. */
inv_status inv__copy_sides(inv__copying *copy);

#endif
