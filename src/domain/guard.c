/* SPDX-License-Identifier: MIT */
/* The guard: no strict command creates or deepens a shortfall at any instant (I3), and none takes
 * what is reserved (I12). */
#include "domain/nodes.h"
#include "util/number.h"
#include "util/text.h"
#include "util/time.h"

static bool takes_goods(const inv__leg *leg)
{
	return leg->quantity < 0;
}

static bool takes_spare(const inv__leg *leg)
{
	return leg->quantity < 0 || leg->apart_sellable < 0 || leg->held > 0;
}

void inv__wanted_format(inv_str part_sku, int64_t quantity, char out[128])
{
	char number[24];

	inv__decimal_format(quantity, 6, number);
	if (part_sku.len > 0)
		inv__format(out, 128, "%s of the part `%.*s`", number, (int)part_sku.len, part_sku.ptr);
	else
		inv__format(out, 128, "%s", number);
}

/* Goods that are on hand run short, now or at a later instant. */
static inv_status refuse_goods(inv__call *call, const inv__account *account, int64_t floor)
{
	const inv__leg *leg = account->key;
	const char *field = inv__line_field(call, "lines", leg->line, "quantity");
	char there[24], wanted[128], when[40];
	int64_t spare = account->lowest - floor;

	inv__decimal_format(spare > 0 ? spare : 0, 6, there);
	inv__wanted_format(leg->part_sku, -account->dip, wanted);
	inv__instant_format(leg->occurred_at, when);
	if (account->lowest != account->on_hand)
		return inv__call_fail(call, INV_E_INSUFFICIENT, leg->input, field,
		                      "%s is wanted, but from %s on only %s can be spared", wanted, when,
		                      there);
	return inv__call_fail(call, INV_E_INSUFFICIENT, leg->input, field,
	                      "%s is wanted, but only %s is available", wanted, there);
}

/* What is available runs short: there may be goods, but others hold them. */
static inv_status refuse_spare(inv__call *call, const inv__account *account, const inv__leg *leg,
                               int64_t floor)
{
	const char *field = inv__line_field(call, "lines", leg->line, "quantity");
	char there[24], wanted[128], held[24];
	int64_t spare = account->spare - floor;

	inv__decimal_format(spare > 0 ? spare : 0, 6, there);
	inv__wanted_format(leg->part_sku, -account->spare_net, wanted);
	inv__decimal_format(account->held, 6, held);
	if (account->held == 0)
		return inv__call_fail(call, INV_E_INSUFFICIENT, leg->input, field,
		                      "%s is wanted, but only %s is available", wanted, there);
	return inv__call_fail(call, INV_E_INSUFFICIENT, leg->input, field,
	                      "%s is wanted, but only %s is available: %s is reserved", wanted, there,
	                      held);
}

void inv__shortfall_note(const inv__leg *leg, int64_t shortfall, inv_list *parts,
                         int64_t *of_line)
{
	inv_line_part *part;

	if (leg->part > 0) {
		part = (inv_line_part *)(uintptr_t)INV_LIST_AT(*parts, inv_line_part, leg->part - 1);
		of_line = &part->shortfall;
	}
	/* A lot and the product run short by one line: it tells of the worse. */
	if (shortfall > *of_line)
		*of_line = shortfall;
}

size_t inv__shortage_lines(const inv_list *parts, inv_ref product, inv_ref location,
                           int64_t shortfall, inv_shortage_line *out)
{
	size_t n = 0;

	for (size_t k = 0; k < inv__moved_count(parts); k++) {
		const inv_line_part *part =
			parts->count > 0 ? INV_LIST_AT(*parts, inv_line_part, k) : NULL;
		int64_t short_of = part ? part->shortfall : shortfall;

		if (short_of == 0 || !out) {
			n += short_of != 0;
			continue;
		}
		out[n].struct_size = sizeof *out;
		out[n].product = part ? part->product : product;
		out[n].location = location;
		out[n++].shortfall = short_of;
	}
	return n;
}

/* The first leg that takes from an account tells what is short. */
static const inv__leg *taker(const inv__account *account, const inv__leg *legs, size_t count,
                             bool (*takes)(const inv__leg *))
{
	size_t i = (size_t)(account->key - legs);

	while (i + 1 < count && !takes(&legs[i]) && inv__leg_compare(&legs[i + 1], account->key) == 0)
		i++;
	return &legs[i];
}

/* A lot or a unit is held only as far as it is there, under every guard (I16). */
static bool binds(const inv__account *account)
{
	return account->held_net > 0 && !inv__leg_is_plain(account->key);
}

inv_status inv__guard(inv__call *call, inv__guard_rule rule, const inv__accounts *accounts,
                      const inv__leg *legs, size_t leg_count, int64_t *shortfalls)
{
	int64_t floor = rule.guard == INV_GUARD_BACKORDER ? -rule.limit : 0;
	bool observes = rule.guard == INV_GUARD_OBSERVE;

	for (size_t i = 0; i < accounts->count; i++) {
		const inv__account *a = &accounts->list[i];
		int64_t goods = a->dip < 0 ? a->lowest + a->dip : INT64_MAX;
		int64_t spare = a->spare_net < 0 ? a->spare + a->spare_net : INT64_MAX;
		/* Without reservations it is the accounts that tell what is short. */
		bool by_spare = (a->held > 0 || a->held_net > 0) && spare < goods;
		int64_t least = by_spare ? spare : goods;
		const inv__leg *leg = taker(a, legs, leg_count, takes_spare);

		if (goods < floor && !observes)
			return refuse_goods(call, a, floor);
		if (spare < 0 && binds(a))
			return refuse_spare(call, a, leg, 0);
		if (spare < floor && !observes && !rule.asserts)
			return refuse_spare(call, a, leg, floor);
		if (least < 0 && least < floor)
			shortfalls[taker(a, legs, leg_count, by_spare ? takes_spare : takes_goods) - legs] =
				-least;
	}
	return INV_OK;
}

inv_status inv__guard_nodes(inv__call *call, inv__guard_rule rule, inv__accounts *claimed,
                            const inv__leg *legs, size_t leg_count)
{
	inv_status rc = INV_OK;

	for (size_t i = 0; rc == INV_OK && claimed->nodes.count > 0 && i < leg_count; i++) {
		const inv__leg *leg = &legs[i];
		const inv__node_change change = {
			.product = leg->product, .location = leg->location,
			.spare = leg->quantity + leg->apart_sellable - leg->held,
			.freed = leg->frees_node, .freed_at = leg->node,
			.input = leg->input, .line = leg->line, .part_sku = leg->part_sku};

		if (inv__leg_is_plain(leg))
			rc = inv__nodes_change(call, &claimed->nodes, &change);
	}
	return rc == INV_OK ? inv__nodes_guard(call, rule, &claimed->nodes) : rc;
}
