/* SPDX-License-Identifier: MIT */
/* Kits on till documents: the parts that move in their place. */
#include "domain/sale.h"
#include "util/number.h"
#include "util/text.h"

/* What comes back of a sale comes back as it went. */
static bool needs_recipe(const inv_sale *sale, const inv_sale_line *line)
{
	return line->stocking == INV_STOCKING_KIT && inv__sale_line_moves(sale, line) &&
	       !(sale->kind == INV_SALE_KIND_REFUND && line->original_line > 0);
}

static inv_status ask(inv__call *call, inv__sale_work *work)
{
	inv_id *ids = NULL;
	size_t n = 0;

	for (size_t i = 0; i < call->count; i++)
		for (size_t j = 0; j < work->sales[i].lines.count; j++)
			n += needs_recipe(&work->sales[i], inv__sale_line_of(&work->sales[i], j));
	if (n == 0)
		return INV_OK;
	ids = inv__arena_array(call->arena, n, sizeof *ids);
	if (!ids)
		return inv__call_no_memory(call);
	n = 0;
	for (size_t i = 0; i < call->count; i++)
		for (size_t j = 0; j < work->sales[i].lines.count; j++) {
			const inv_sale_line *line = inv__sale_line_of(&work->sales[i], j);

			if (needs_recipe(&work->sales[i], line))
				ids[n++] = line->product.id;
		}
	call->more = work->kits_asked = true;
	return inv__kits_claim(call, INV_RECIPE_KIND_KIT, ids, n, &work->kits);
}

static inv_status expand(inv__call *call, inv__sale_work *work, size_t index)
{
	const inv_sale *sale = &work->sales[index];
	inv_status rc = INV_OK;

	for (size_t j = 0; rc == INV_OK && j < sale->lines.count; j++) {
		inv_sale_line *line = inv__sale_line_of(sale, j);
		const inv_list named = line->parts;
		const inv__kit_ask kit = {.input = index, .line = j, .product = line->product.id,
		                          .quantity = line->quantity, .named = &named};

		if (needs_recipe(sale, line))
			rc = inv__kit_expand(call, &work->kits, &kit, &line->parts);
		else if (named.count > 0 && line->stocking != INV_STOCKING_KIT)
			rc = inv__call_fail(call, INV_E_INVALID, index,
			                    inv__line_field(call, "lines", j, "parts"),
			                    "the product is no kit");
	}
	return rc;
}

inv_status inv__sale_kits(inv__call *call, inv__sale_work *work)
{
	inv_status rc = INV_OK;

	if (work->kits_read)
		return INV_OK;
	if (!work->kits_asked)
		rc = ask(call, work);
	if (rc != INV_OK || call->more)
		return rc;
	work->kits_read = true;
	if (work->kits_asked)
		rc = inv__kits_read(call, &work->kits);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++)
		rc = expand(call, work, i);
	return rc;
}

/* ---- what comes back ---- */

static const inv_line_part *part_at(const inv_list *parts, size_t index)
{
	return INV_LIST_AT(*parts, inv_line_part, index);
}

static bool same_product(const inv_line_part *a, const inv_line_part *b)
{
	return memcmp(&a->product.id, &b->product.id, sizeof(inv_id)) == 0;
}

/* How much of a product a list has, and in how many entries. */
static int64_t sum_of(const inv_list *parts, const inv_line_part *of, size_t *entries)
{
	int64_t sum = 0;

	*entries = 0;
	for (size_t i = 0; i < parts->count; i++)
		if (same_product(part_at(parts, i), of)) {
			sum += part_at(parts, i)->quantity;
			(*entries)++;
		}
	return sum;
}

static const inv_line_part *sold_as(const inv_list *sold, const inv_line_part *named)
{
	for (size_t i = 0; i < sold->count; i++) {
		const inv_line_part *part = part_at(sold, i);

		if (same_product(part, named) && inv__str_equal_fold(part->lot, named->lot) &&
		    inv__str_equal_fold(part->serial, named->serial))
			return part;
	}
	return NULL;
}

static inv_status fail_parts(inv__call *call, const inv__sale_ask *ask, const inv_line_part *part,
                             const char *why)
{
	return inv__call_fail(call, INV_E_INVALID, ask->input,
	                      inv__line_field(call, "lines", ask->line, "parts"), "%s: the part `%.*s`",
	                      why, (int)part->sku.len, part->sku.ptr);
}

/* Of so many kits, so much of this part; 0 where that is no quantity it is counted in. */
static int64_t share_of(int64_t sold, int64_t kits, int64_t whole, int64_t decimals)
{
	int64_t share, step = inv__pow10((uint32_t)(6 - decimals));

	return inv__convert(sold, (inv__ratio){kits, whole}, 1, INV_UNIT_ROUNDING_EXACT, &share) ==
	                       INV__CONVERT_OK && share % step == 0
	           ? share
	           : 0;
}

static inv_status check_named(inv__call *call, const inv__sale_ask *ask, const inv_list *sold)
{
	for (size_t i = 0; i < ask->out->parts.count; i++) {
		inv_line_part *named = (inv_line_part *)(uintptr_t)part_at(&ask->out->parts, i);
		const inv_line_part *part = sold_as(sold, named);

		if (!part)
			return inv__sale_line_fail(call, ask, INV_E_INVALID, "parts",
			                           "what is named there was not sold with the kit");
		if (named->quantity > part->quantity)
			return fail_parts(call, ask, part, "more of it comes back than was sold");
		for (size_t k = 0; k < i; k++)
			if (sold_as(sold, part_at(&ask->out->parts, k)) == part)
				return fail_parts(call, ask, part, "it is named twice");
		named->product = inv_ref_of(named->product.id);
		named->sku = part->sku;
		named->decimals = part->decimals;
	}
	return INV_OK;
}

inv_status inv__refund_parts(inv__call *call, const inv__sale_ask *ask, const inv_list *sold,
                             int64_t whole)
{
	inv_sale_line *line = ask->out;
	const inv_list named = line->parts;
	inv_line_part *out = inv__arena_array(call->arena, sold->count + named.count, sizeof *out);
	size_t n = 0;
	inv_status rc = out ? check_named(call, ask, sold) : inv__call_no_memory(call);

	for (size_t i = 0; rc == INV_OK && i < named.count; i++)
		out[n++] = *part_at(&named, i);
	for (size_t i = 0; rc == INV_OK && i < sold->count; i++) {
		const inv_line_part *part = part_at(sold, i);
		size_t entries, given;
		int64_t all = sum_of(sold, part, &entries), back = sum_of(&named, part, &given);
		int64_t wanted = share_of(all, line->quantity, whole, part->decimals);

		if (wanted == 0)
			rc = fail_parts(call, ask, part, "so many kits come to no quantity of it");
		else if (given > 0 && back != wanted)
			rc = fail_parts(call, ask, part, "what is named is not what so many kits took");
		else if (given == 0 && entries > 1 && wanted != all)
			rc = fail_parts(call, ask, part, "name which of its lots or serial numbers come back");
		if (rc != INV_OK || given > 0)
			continue;
		out[n] = *part;
		out[n].shortfall = 0;
		if (entries == 1)
			out[n].quantity = wanted;
		n++;
	}
	line->parts = inv_list_of(out, n, sizeof *out);
	return rc;
}
