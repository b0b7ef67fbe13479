/* SPDX-License-Identifier: MIT */
/* Transfers: what their operations share. */
#ifndef INV_DOMAIN_TRANSFER_H
#define INV_DOMAIN_TRANSFER_H

#include "domain/stock.h"

/* To be locked and changed. */
#define INV__TRANSFERS \
	{.table = INV_TABLE_transfer, .lines = INV_TABLE_transfer_line, .locks = true}

static inline inv_transfer_line *inv__transfer_line_of(const inv_transfer *t, size_t index)
{
	return (inv_transfer_line *)(uintptr_t)INV_LIST_AT(t->lines, inv_transfer_line, index);
}

/* Of a line: still to be shipped; and on the way, never below 0 (I17). */
static inline int64_t inv__transfer_unshipped(const inv_transfer_line *l)
{
	return l->quantity - l->cancelled - l->shipped;
}

static inline int64_t inv__transfer_underway(const inv_transfer_line *l)
{
	return l->shipped - l->received - l->damaged - l->lost - l->returned;
}

/* What all lines come to. */
typedef struct inv__transfer_sums {
	bool shipped, unshipped, underway; /* is there anything? */
} inv__transfer_sums;
inv__transfer_sums inv__transfer_sum(const inv_transfer *t);
const char *inv__transfer_state_name(int32_t state);
/* The transfer has changed: state, version, instant; and its event. The row of the answer is it. */
inv_status inv__transfer_changed(inv__call *call, inv_transfer *t, uint32_t event,
                                 const inv__event *when);

#endif
