/* SPDX-License-Identifier: MIT */
#ifndef INV_DOMAIN_STOCK_LINES_H
#define INV_DOMAIN_STOCK_LINES_H

#include "domain/stock.h"

/* The distinct locations that the inputs name, and the session's. */
inv_status inv__stock_places(inv__call *call, inv__stock_state *state);
/* A line as it was asked for. */
typedef struct inv__stock_ask {
	size_t input, line;
	int32_t kind;  /* of posting */
	const inv_stock_line *in;
	const inv__product_facts *product;
	const inv__unit *unit; /* where it names one */
} inv__stock_ask;
/* Line `line` of an input whose first line is `from` of all inputs' lines. */
inv__stock_ask inv__stock_ask_of(const inv__stock_state *state, int32_t kind, size_t input,
                                 size_t line, size_t from);
/* The line's quantity of that field, `quantity` as entered, in base units. */
inv_status inv__stock_base(inv__call *call, const inv__stock_ask *ask, const char *field,
                           int64_t *quantity);
/* Check a line and make the posting's line of it. The quantity of an adjustment is still signed, or
 * what was counted. */
inv_status inv__stock_line(inv__call *call, const inv__stock_state *state,
                           const inv__stock_ask *ask, inv_posting_line *out);
/* Is it a place that goods may leave from? */
inv_status inv__stock_place(inv__call *call, const inv__stock_state *state,
                            const inv__stock_ask *ask, inv_id id);
/* Claim what lines rest on: products, accounts, what is held. */
inv_status inv__stock_claim_lines(inv__call *call, inv__stock_state *state);
/* Lines of an issue that name neither lot nor serial are picked by their product's rule: in the
 * first phase it is asked what is there, in the second `state->entries` become what was picked, a
 * line for each lot, those that were added behind the others; and that is claimed. call->more says
 * that there is another phase. */
inv_status inv__stock_pick(inv__call *call, inv__stock_state *state);
/* Exchange the two sides. */
void inv__posting_line_turn(inv_posting_line *line);

#endif
