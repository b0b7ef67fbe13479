/* SPDX-License-Identifier: MIT */
/* Which lots or units go first: the goods of a spot in the order of a rule. Where others write too,
 * the plain account of each spot is locked before its goods are read: every command that changes
 * goods beside it does so first, so that what is read stays. */
#ifndef INV_DOMAIN_PICKS_H
#define INV_DOMAIN_PICKS_H

#include "domain/domain.h"
#include "util/time.h"

/* Goods of one lot, or one unit. */
typedef struct inv__pick {
	inv_str lot;     /* as its row writes it; folded where it has none, as serials are */
	inv_str serial;
	int64_t since;   /* when goods of it first came there */
	int64_t free;    /* what is there, from the spot's instant on, and not held for somebody */
	int32_t expires; /* 0 = does not */
} inv__pick;

/* Where goods are picked, and what is there. */
typedef struct inv__pick_spot {
	inv_id product, location, owner;
	int32_t condition;
	int32_t rule;
	size_t apart;     /* wants of another number do not take from each other */
	int64_t at;
	inv__zone zone;
	int32_t day_start;
	inv__pick *list;  /* in picking order */
	size_t count;
	size_t next;      /* those before it are used up */
	bool locked;
} inv__pick_spot;

/* What is to be picked, and of what. */
typedef struct inv__pick_want {
	inv__pick_spot from; /* its key: product, location, owner, condition; rule, instant */
	size_t input, line;
	int64_t quantity;
	bool expired_too;
	inv__pick *parts;    /* `free` is how much of each */
	size_t part_count;
	int64_t missing, expired;
} inv__pick_want;

typedef struct inv__picks {
	inv__pick_spot *spots; /* distinct, sorted */
	size_t count;
	size_t lock_statement, goods_statement, zone_statement;
} inv__picks;

/* Is a line of this product, that names these, one to be picked? */
static inline bool inv__picks_line(const inv__product_facts *product, inv_str lot, inv_str serial)
{
	return lot.len == 0 && serial.len == 0 && product->found &&
	       product->tracking != INV_TRACKING_NONE && product->picking != INV_PICKING_MANUAL;
}

/* Ask for the goods of what is wanted. */
inv_status inv__picks_claim(inv__call *call, const inv__pick_want *wants, size_t count,
                            inv__picks *out);
inv_status inv__picks_read(inv__call *call, inv__picks *picks);
/* Goods that a line names itself are not there to be picked. Lot and serial are folded; the key is
 * `from`'s. */
void inv__picks_use(const inv__picks *picks, const inv__pick_spot *from, inv_str lot,
                    inv_str serial, int64_t quantity);
/* Pick: fill in parts and what is missing. */
inv_status inv__picks_take(inv__call *call, const inv__picks *picks, inv__pick_want *want);
/* INSUFFICIENT, when something is missing. */
inv_status inv__picks_check(inv__call *call, const inv__pick_want *want);

#endif
