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
/* The line's quantity of that field, `quantity` as entered, in base units. */
inv_status inv__stock_base(inv__call *call, const inv__stock_ask *ask, const char *field,
                           int64_t *quantity);
/* Check a line and make the posting's line of it. The quantity of an adjustment is still signed, or
 * what was counted. */
inv_status inv__stock_line(inv__call *call, const inv__stock_state *state,
                           const inv__stock_ask *ask, inv_posting_line *out);
/* Exchange the two sides. */
void inv__posting_line_turn(inv_posting_line *line);

#endif
