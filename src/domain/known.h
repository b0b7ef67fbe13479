/* SPDX-License-Identifier: MIT */
/* What the writer knows by heart: products and accounts that claims have read or events have
 * written, as they stand in its open transaction. It holds until
 * somebody else commits (where many write: to the end of the transaction), or the transaction is
 * undone; then it is cleared. Where it has no
 * answer the database is asked, so that forgetting is never wrong; for want of memory, it forgets.
 *
 * A claim that is answered from here costs a twentieth of a look into a table that is larger than
 * the processor's caches. */
#ifndef INV_DOMAIN_KNOWN_H
#define INV_DOMAIN_KNOWN_H

#include "domain/known_places.h"

/* NULL when out of memory. */
inv__known *inv__known_make(const inv_allocator *allocator);
void inv__known_free(inv__known *known);
void inv__known_clear(inv__known *known);
/* A transaction is over: what events have done to it stands, or all is forgotten. */
void inv__known_settle(inv__known *known, bool committed);

/* NULL when it is not known. The strings are its own, until the next call that changes it. */
const inv__product_facts *inv__known_product(const inv__known *known, const inv_id *id);
void inv__known_product_put(inv__known *known, const inv_id *id, const inv__product_facts *facts);
/* Its part about places; NULL when there is no memory at all. */
inv__known_places *inv__known_places_of(inv__known *known);
/* What events leave of products and places. */
void inv__known_events(inv__known *known, const inv__event *events, size_t count);

/* Whether anything is held of places as a whole, anywhere in the store. */
enum { INV__KNOWN_NOTHING, INV__KNOWN_NONE, INV__KNOWN_SOME };
int inv__known_subtree(const inv__known *known);
void inv__known_subtree_put(inv__known *known, bool any);

typedef struct inv__known_account {
	int64_t number;  /* 0 = an empty slot */
	int64_t witness;
	inv__holding holding;
	bool stored;     /* has a row; one that has none holds nothing */
} inv__known_account;
const inv__known_account *inv__known_find(const inv__known *known, int64_t number);
void inv__known_put(inv__known *known, const inv__known_account *account);
/* A rule watches it from now on, or none does. */
void inv__known_watch(inv__known *known, int64_t number, bool watched, int64_t reorder_point);
/* What events do to it, if it is known; it has a row then. */
void inv__known_add(inv__known *known, int64_t number, const inv__holding *change);

#endif
