/* SPDX-License-Identifier: MIT */
/* Postings: what the stock operations share. */
#ifndef INV_DOMAIN_STOCK_H
#define INV_DOMAIN_STOCK_H

#include "domain/lots.h"
#include "domain/picks.h"
#include "domain/kits.h"

/* Everything between claim and decide of a command that makes postings. */
typedef struct inv__stock_state {
	const inv_stock_entry *entries; /* the inputs, as they are or once lines have been picked */
	inv__scenes scenes;
	inv_id *place_ids;            /* distinct locations of all lines */
	size_t place_count;
	inv__places places;
	inv__products products;       /* one per line, over all inputs */
	size_t line_count;
	inv__units units;             /* that lines name */
	inv__leg *legs;               /* those the input foretold, and what it rests on: */
	size_t leg_count;
	inv__accounts accounts;
	inv__accounts sums;           /* what the legs that stand do to them */
	inv__commits commits;         /* lines that take what is held */
	inv__lot_receipts *lots;      /* those that a receipt tells of */
	inv__pick_want *wants;        /* lines that name neither lot nor serial, to be picked */
	size_t want_count;
	inv__picks picks;
	inv_posting *postings;        /* the answer, */
	inv__scene *scene_list;       /* with its scenes, */
	bool *clamped;                /* and whether an instant was set back */
	inv__kits kits;               /* recipes that were asked for */
	enum { INV__STOCK_LINES, INV__STOCK_KITS, INV__STOCK_LEGS } step;
} inv__stock_state;

/* The two sides of a posting line as legs, of a kit those of each part; sides that hold no stock
 * have none. Lot and serial are folded. Returns how many were written. */
size_t inv__legs_of_line(const inv_posting *posting, size_t input, size_t line, inv__arena *arena,
                         inv__leg *legs);
/* Legs of all lines of postings, into one array. */
inv_status inv__legs_of_postings(inv__arena *arena, const inv_posting *const *postings,
                                 size_t count, inv__leg **legs, size_t *leg_count);
/* stock.shortage of `when->subject`, with the holds of what is short; none where nothing is. */
inv_status inv__shortage_event(inv__call *call, const inv__accounts *accounts,
                               const inv__event *when, inv_shortage *shortage);
/* Lines of kits get their parts, and the accounts of these are claimed: step by step, call->more is
 * set for each. */
inv_status inv__stock_kits(inv__call *call, inv__stock_state *state);
/* Claim the accounts of the postings as they stand, and what is held of them. */
inv_status inv__stock_claim_postings(inv__call *call, inv__stock_state *state);
/* Guard and event: what is left to do once postings and legs stand. */
inv_status inv__postings_finish(inv__call *call, inv_posting *postings, const inv__scene *scenes,
                                const bool *clamped, inv__stock_state *state);

#endif
