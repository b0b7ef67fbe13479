/* SPDX-License-Identifier: MIT */
/* The money of the lines of a till document: shares sum to the line, lines to the subtotal. */
#include "domain/sale.h"
#include "util/number.h"

static bool in_range(int64_t money)
{
	return money >= -INV_LIMIT_MONEY && money <= INV_LIMIT_MONEY;
}

bool inv__sale_gross(int64_t quantity, int64_t unit_price, int64_t *out)
{
	int64_t gross;

	if (!inv__mul_div(quantity, unit_price, INV_QUANTITY_ONE, &gross) || !in_range(gross))
		return false;
	*out = gross;
	return true;
}

bool inv__sale_line_gross(const inv_sale_line *line, int64_t *out)
{
	return inv__sale_gross(line->unit.len ? line->entered_quantity : line->quantity,
	                       line->unit_price, out);
}

/* A difference of cumulated floors: it does not matter how the parts are cut. */
bool inv__sale_share(int64_t amount, int64_t whole, int64_t before, int64_t part, int64_t *out)
{
	int64_t until, from, behind;

	if (!inv__add(before, part, &behind) || !inv__mul_div_floor(amount, behind, whole, &until) ||
	    !inv__mul_div_floor(amount, before, whole, &from))
		return false;
	return inv__sub(until, from, out);
}

bool inv__sale_subtotal(const inv_list *lines, int64_t *out)
{
	int64_t sum = 0;

	for (size_t i = 0; i < lines->count; i++)
		if (!inv__add(sum, INV_LIST_AT(*lines, inv_sale_line, i)->amount, &sum))
			return false;
	if (!in_range(sum))
		return false;
	*out = sum;
	return true;
}

int64_t inv__sale_minor(uint32_t decimals)
{
	return inv__pow10(decimals < 4 ? 4 - decimals : 0);
}
