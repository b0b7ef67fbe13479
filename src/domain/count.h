/* SPDX-License-Identifier: MIT */
/* Counts: what their operations share. */
#ifndef INV_DOMAIN_COUNT_H
#define INV_DOMAIN_COUNT_H

#include "domain/stock.h"

/* To be locked and changed. */
#define INV__COUNTS {.table = INV_TABLE_count, .lines = INV_TABLE_count_line, .locks = true}

static inline inv_count_line *inv__count_line_of(const inv_count *c, size_t index)
{
	return (inv_count_line *)(uintptr_t)INV_LIST_AT(c->lines, inv_count_line, index);
}

/* The line as a leg at the instant at which it was counted, which moves its variance. */
inv__leg inv__count_leg(inv__arena *arena, const inv_count *c, size_t line);
/* Lines of a sheet that are over are refused. */
inv_status inv__count_is_open(inv__call *call, const inv_count *c, const char *field);
/* Something happened to the count, now: its event. */
inv_status inv__count_event(inv__call *call, const inv__scene *scene, inv_count *c,
                            uint32_t event);

/* ---- what lines counted come to (count_variance.c) ---- */

typedef struct inv__variances {
	inv__leg *legs;
	size_t leg_count;
	inv__accounts accounts;
	inv__products products;
	size_t after_statement;
	size_t *asked;      /* the line that each row of the statement stands for */
	size_t count;       /* how many lines are counted */
} inv__variances;

/* Ask for the accounts of lines that were counted, and what moved them since. */
inv_status inv__variances_claim(inv__call *call, const inv_count *c, inv__variances *out);
/* Fill in expected and variance; the instants must not have changed. */
inv_status inv__variances_read(inv__call *call, inv__variances *variances, inv_count *c);

#endif
