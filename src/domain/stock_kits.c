/* SPDX-License-Identifier: MIT */
/* Kits in stock commands: the parts that move in their place. */
#include "domain/stock.h"

/* The kits among the lines, over all inputs; `ids` may be NULL. */
static size_t kits_of(const inv__stock_state *s, inv_id *ids)
{
	size_t n = 0;

	for (size_t i = 0; i < s->line_count; i++) {
		if (s->products.list[i].stocking != INV_STOCKING_KIT)
			continue;
		if (ids)
			ids[n] = s->products.ids[i];
		n++;
	}
	return n;
}

static inv_status expand(inv__call *call, inv__stock_state *s)
{
	const inv_list **lists = inv__arena_array(call->arena, s->line_count, sizeof *lists);
	size_t n = 0;
	inv_status rc = lists ? inv__kits_read(call, &s->kits) : inv__call_no_memory(call);

	for (size_t i = 0; rc == INV_OK && i < call->count; i++)
		for (size_t j = 0; rc == INV_OK && j < s->postings[i].lines.count; j++, n++) {
			inv_posting_line *line = (inv_posting_line *)(uintptr_t)INV_LIST_AT(
				s->postings[i].lines, inv_posting_line, j);
			const inv_list named = line->parts;
			const inv__kit_ask ask = {.input = i, .line = j, .product = line->product.id,
			                          .quantity = line->quantity, .named = &named};

			if (s->products.list[n].stocking == INV_STOCKING_KIT)
				rc = inv__kit_expand(call, &s->kits, &ask, &line->parts);
			lists[n] = &line->parts;
		}
	return rc == INV_OK ? inv__kit_lock(call, lists, n) : rc;
}

inv_status inv__stock_claim_postings(inv__call *call, inv__stock_state *s)
{
	const inv_posting **list = inv__arena_array(call->arena, call->count, sizeof *list);
	inv_status rc = list ? INV_OK : inv__call_no_memory(call);

	for (size_t i = 0; rc == INV_OK && i < call->count; i++)
		list[i] = &s->postings[i];
	if (rc == INV_OK &&
	    inv__legs_of_postings(call->arena, list, call->count, &s->legs, &s->leg_count) != INV_OK)
		rc = inv__call_no_memory(call);
	if (rc == INV_OK)
		rc = inv__accounts_claim(call, &s->legs, &s->leg_count, &s->accounts);
	return rc == INV_OK ? inv__commits_claim(call, &s->commits) : rc;
}

inv_status inv__stock_kits(inv__call *call, inv__stock_state *s)
{
	size_t count = kits_of(s, NULL);
	inv_id *ids;
	inv_status rc = INV_OK;

	if (count == 0 || s->step == INV__STOCK_LEGS)
		return INV_OK;
	call->more = true;
	if (s->step == INV__STOCK_KITS) {
		s->step = INV__STOCK_LEGS;
		rc = expand(call, s);
		return rc == INV_OK ? inv__stock_claim_postings(call, s) : rc;
	}
	s->step = INV__STOCK_KITS;
	ids = inv__arena_array(call->arena, count, sizeof *ids);
	if (!ids)
		return inv__call_no_memory(call);
	return inv__kits_claim(call, INV_RECIPE_KIND_KIT, ids, kits_of(s, ids), &s->kits);
}
