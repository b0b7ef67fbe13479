/* SPDX-License-Identifier: MIT */
/* The guard: no strict command creates or deepens a shortfall at any instant (I3). */
#include "domain/domain.h"
#include "util/number.h"
#include "util/time.h"

static inv_status refuse(inv__call *call, const inv__account *account, int64_t floor)
{
	const inv__leg *leg = account->key;
	char there[24], wanted[24], when[40];
	int64_t spare = account->lowest - floor;

	inv__decimal_format(spare > 0 ? spare : 0, 6, there);
	inv__decimal_format(-account->dip, 6, wanted);
	inv__instant_format(leg->occurred_at, when);
	if (account->lowest != account->on_hand)
		return inv__call_fail(call, INV_E_INSUFFICIENT, leg->input,
		                      inv__line_field(call, "lines", leg->line, "quantity"),
		                      "%s is wanted, but from %s on only %s can be spared", wanted, when,
		                      there);
	return inv__call_fail(call, INV_E_INSUFFICIENT, leg->input,
	                      inv__line_field(call, "lines", leg->line, "quantity"),
	                      "%s is wanted, but only %s is available", wanted, there);
}

/* Under observe the first leg that takes from the account carries the whole shortfall. */
static void note_shortfall(const inv__account *account, const inv__leg *legs, size_t count,
                           int64_t *shortfalls)
{
	size_t i = (size_t)(account->key - legs);

	while (i + 1 < count && legs[i].quantity >= 0)
		i++;
	shortfalls[i] = -(account->lowest + account->dip);
}

inv_status inv__guard(inv__call *call, const inv__scene *scene, const inv__accounts *accounts,
                      const inv__leg *legs, size_t leg_count, int64_t *shortfalls)
{
	int64_t floor = scene->guard == INV_GUARD_BACKORDER ? -scene->backorder_limit : 0;

	for (size_t i = 0; i < accounts->count; i++) {
		const inv__account *a = &accounts->list[i];

		if (a->dip >= 0 || a->lowest + a->dip >= floor)
			continue;
		if (scene->guard != INV_GUARD_OBSERVE)
			return refuse(call, a, floor);
		note_shortfall(a, legs, leg_count, shortfalls);
	}
	return INV_OK;
}
