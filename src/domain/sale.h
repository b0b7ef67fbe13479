/* SPDX-License-Identifier: MIT */
/* Till documents: what closing, refunding, reading and applying them share. */
#ifndef INV_DOMAIN_SALE_H
#define INV_DOMAIN_SALE_H

#include "domain/domain.h"

/* ---- money (sale_money.c): pure functions; false when a number is out of range ---- */

/* quantity x price, half-even to 4 decimals; false when it is out of the range of money. */
bool inv__sale_gross(int64_t quantity, int64_t unit_price, int64_t *out);
/* What `part` units are of a line of `whole` units that came to `amount`, when `before` units were
 * taken already. The shares of all parts, in any split, sum to the amount. */
bool inv__sale_share(int64_t amount, int64_t whole, int64_t before, int64_t part, int64_t *out);
bool inv__sale_subtotal(const inv_list *lines, int64_t *out);
/* The minor unit of a currency with so many decimals, as money. */
int64_t inv__sale_minor(uint32_t decimals);

/* ---- payments (sale_tenders.c): pure functions too ---- */

bool inv__tender_is_cash(const inv_tender *tender);

enum {
	INV__SETTLE_OK,
	INV__SETTLE_SIGN,     /* tender `at` goes the wrong way */
	INV__SETTLE_TWO_OPEN, /* tender `at` is the second without an amount */
	INV__SETTLE_STEP,     /* tender `at` is no multiple of what its method can express */
	INV__SETTLE_SHORT,    /* less than the total */
	INV__SETTLE_OVER,     /* more than the total, and no cash to give it back from */
	INV__SETTLE_RANGE
};

typedef struct inv__settlement {
	int64_t due;       /* before rounding; negative when the shop pays */
	int64_t minor;     /* the minor unit */
	int64_t cash_step; /* what cash is rounded to; 0 = the minor unit */
	int64_t limit;     /* the total goes no further, in either direction */
	bool pays_out;     /* the shop pays: amounts are negative and must sum to the total */
	int64_t total;     /* from here on: the answer */
	int64_t paid;
	int64_t change;
	size_t at;
} inv__settlement;

/* Find the total, give the tender without an amount what is still due, and find the change:
 * paid - change is the total. */
int inv__tenders_settle(inv__settlement *settlement, inv_tender *tenders, size_t count);

/* ---- the way from claim to decide (sale_lines.c) ---- */

typedef struct inv__sale_work {
	inv__scenes scene_claims;
	inv_sale *sales;              /* the documents: call->outputs */
	inv__scene *scenes;           /* one per document */
	bool *clamped;
	inv__products products;       /* one per line, over all documents */
	size_t line_count;
	inv__places places;           /* distinct, sorted by id */
	inv__leg *claimed;            /* legs whose accounts were claimed, and these: */
	size_t claimed_count;
	inv__accounts accounts;
	inv__commits commits;         /* lines that take what is held */
	inv__leg *legs;               /* what the documents do, */
	size_t leg_count;
	inv__accounts sums;           /* and to which accounts */
	bool linked;                  /* the one document is a refund that names its sale: */
	bool whole;                   /* with it, all of the sale is back as it was paid */
	int64_t left;                 /* what earlier refunds left of the sale's total */
} inv__sale_work;

/* A line under decision. */
typedef struct inv__sale_ask {
	size_t input, line;
	const inv_sale *sale;
	inv_sale_line *out;
	const inv__product_facts *product;
} inv__sale_ask;

/* Lists of documents that were copied into the arena are the call's own to complete. */
static inline inv_sale_line *inv__sale_line_of(const inv_sale *sale, size_t index)
{
	return (inv_sale_line *)(uintptr_t)INV_LIST_AT(sale->lines, inv_sale_line, index);
}

/* Does the line move goods? Its `stocking` must be filled in. */
bool inv__sale_line_moves(const inv_sale *sale, const inv_sale_line *line);
/* What documents do to accounts: one leg per line that moves goods. */
inv_status inv__legs_of_sales(inv__arena *arena, const inv_sale *const *sales, size_t count,
                              inv__leg **legs, size_t *leg_count);
/* Claim everything that documents of this kind rest on; call->state is made. `kind` < 0 takes each
 * input's own. */
inv_status inv__sale_claim(inv__call *call, int32_t kind, inv__sale_work *work);
/* Decide, first part: document `index` is a copy of its input with its scene and its instant. */
inv_status inv__sale_begin(inv__call *call, inv__sale_work *work, size_t index);
/* Product, units and place of a line; fills in name, SKU and stocking. */
inv_status inv__sale_line_check(inv__call *call, const inv__sale_work *work,
                                const inv__sale_ask *ask);
/* Lines stand: make the legs. When they touch accounts that nobody foretold, these are claimed and
 * call->more is set. */
inv_status inv__sale_stock(inv__call *call, inv__sale_work *work);
/* An error at a field of the line. */
inv_status inv__sale_line_fail(inv__call *call, const inv__sale_ask *ask, inv_status status,
                               const char *field, const char *why);

/* ---- from lines to events (sale_document.c) ---- */

/* Totals, tenders, tickets, guard, events. */
inv_status inv__sales_finish(inv__call *call, inv__sale_work *work);

/* ---- reading (sale_get.c) ---- */

typedef struct inv__sale_plan {
	size_t sale_statement, code_statement, line_statement, tender_statement, personal_statement;
} inv__sale_plan;

/* Documents by id with lines, tenders and personal values. */
inv_status inv__sales_claim(inv__call *call, const inv_id *ids, size_t count, inv__sale_plan *plan);
/* NOT_FOUND names the first id that is none. */
inv_status inv__sales_read(inv__call *call, const inv__sale_plan *plan, inv_sale *out,
                           size_t count);

#endif
