/* SPDX-License-Identifier: MIT */
/* Lots as commands find them: by product and folded code. */
#ifndef INV_DOMAIN_LOTS_H
#define INV_DOMAIN_LOTS_H

#include "domain/domain.h"

/* Which lot: by id, or where that is none by product and code. */
typedef struct inv__lot_key {
	inv_id id;
	inv_id product;
	inv_str code;
} inv__lot_key;

/* Adds the statement; its rows are read once the batch has run. */
inv_status inv__lots_claim(inv__call *call, const inv__lot_key *keys, size_t count,
                           size_t *statement);
/* The rows into `out`, one for each key; the id of those that are not there stays none. */
inv_status inv__lots_read(inv__call *call, size_t statement, inv_lot *out, size_t count);
/* Made before it expires. `field` is where the expiry stands. */
inv_status inv__lot_dates_check(inv__call *call, size_t index, const char *field,
                                const inv_lot *lot);

/* ---- lots that goods are received of (lot_receipt.c) ---- */

typedef struct inv__lot_receipts inv__lot_receipts;
/* Part of the claim of a receipt; *out is NULL when no line names a lot. */
inv_status inv__lot_receipts_claim(inv__call *call, inv__lot_receipts **out);
/* Compare the lines with the lots that are there, and make those that are not. */
inv_status inv__lot_receipts_check(inv__call *call, inv__lot_receipts *receipts);
/* Events for those that were made; behind those of their goods. */
inv_status inv__lot_receipts_events(inv__call *call, inv__lot_receipts *receipts);

#endif
