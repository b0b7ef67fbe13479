/* SPDX-License-Identifier: MIT */
/* The sums over a store. */
#ifndef REPLAY_TOTALS_H
#define REPLAY_TOTALS_H

#include "replay.h"

#define TOTALS_KINDS 4

struct totals {
	inv_sales_total by_kind[TOTALS_KINDS]; /* by INV_SALE_KIND_… */
	int64_t adjustments;
	int64_t adjustment_lines;
	int64_t adjusted;
	int64_t opening;
	int64_t closing;
	int64_t products;
	int64_t stocked;
	int64_t customers;
	int32_t *days; /* business dates of adjustments, to be merged with those of sales */
	size_t day_count;
	size_t day_capacity;
	bool no_memory;
};

/* Sees the records of a list, one by one; false to see no more. */
struct viewer {
	bool (*visit)(void *ctx, const void *record);
	void *ctx;
};
inv_status each_total(inv_session *session, int32_t by, const char *sort,
                      const struct viewer *viewer);

inv_status totals_gather(inv_session *session, struct totals *totals);
void totals_free(struct totals *totals);
size_t totals_days(struct totals *totals); /* distinct business dates */

#endif
