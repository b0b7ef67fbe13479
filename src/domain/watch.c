/* SPDX-License-Identifier: MIT */
/* Watched products: an event when what is available of one at a location falls to its reorder
 * point, runs out or is there again. What the last event left is compared with what this command
 * leaves, so that each crossing is told once. */
#include "domain/domain.h"

static inv_status tell(inv__call *call, const inv__scene *scene, const inv__account *account,
                       uint32_t event, int64_t available)
{
	inv_stock_level *level = inv__arena_zalloc(call->arena, sizeof *level);
	int64_t at = call->now;
	int32_t date;
	bool clamped;
	inv_status rc = level ? inv__scene_instant(call, scene, 0, &at, &date, &clamped)
	                      : inv__call_no_memory(call);

	if (rc != INV_OK)
		return rc;
	level->struct_size = sizeof *level;
	level->product = inv_ref_of(account->key->product);
	level->location = inv_ref_of(account->key->location);
	level->available = available;
	level->reorder_point = account->reorder_point;
	return inv__call_event(call, event, account->key->product, at, date, level);
}

inv_status inv__watch(inv__call *call, const inv__scene *scene, const inv__accounts *sums)
{
	inv_status rc = INV_OK;

	for (size_t i = 0; rc == INV_OK && i < sums->count; i++) {
		const inv__account *a = &sums->list[i];
		int64_t now = a->spare + a->spare_net;

		if (!a->watched)
			continue;
		if (a->told > 0 && now <= 0)
			rc = tell(call, scene, a, INV_EVENT_stock_out, now);
		else if (a->told <= 0 && now > 0)
			rc = tell(call, scene, a, INV_EVENT_stock_back, now);
		if (rc == INV_OK && a->told > a->reorder_point && now <= a->reorder_point)
			rc = tell(call, scene, a, INV_EVENT_stock_low, now);
	}
	return rc;
}
