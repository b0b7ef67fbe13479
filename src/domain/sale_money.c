/* SPDX-License-Identifier: MIT */
/* The money of a till document. Everything sums: shares to the line, lines and rounding to the
 * total, tenders less change to the total. */
#include "domain/sale.h"
#include "util/number.h"
#include "util/text.h"

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

bool inv__sale_round(int64_t subtotal, uint32_t decimals, int64_t cash_step, int64_t *total)
{
	int64_t step = cash_step > 0 ? cash_step : inv__pow10(decimals < 4 ? 4 - decimals : 0);
	int64_t rounded;

	if (!inv__round_to(subtotal, step, &rounded) || !in_range(rounded))
		return false;
	*total = rounded;
	return true;
}

bool inv__tender_is_cash(const inv_tender *tender)
{
	return inv__str_equal_fold(tender->method, INV_S("cash"));
}

bool inv__tenders_are_cash(const inv_list *tenders)
{
	for (size_t i = 0; i < tenders->count; i++)
		if (!inv__tender_is_cash(INV_LIST_AT(*tenders, inv_tender, i)))
			return false;
	return true;
}

/* Add up what was handed over; *open is the tender without an amount, `count` if there is none. */
static int add_up(inv__settlement *s, const inv_tender *tenders, size_t count, size_t *open,
                  int64_t *cash)
{
	*open = count;
	for (size_t i = 0; i < count; i++) {
		int64_t amount = tenders[i].amount;

		s->at = i;
		if (amount == 0 && *open < count)
			return INV__SETTLE_TWO_OPEN;
		if (amount == 0) {
			*open = i;
			continue;
		}
		if ((amount < 0) != s->pays_out)
			return INV__SETTLE_SIGN;
		if (!inv__add(s->paid, amount, &s->paid) || !in_range(s->paid))
			return INV__SETTLE_RANGE;
		if (inv__tender_is_cash(&tenders[i]))
			*cash += amount;
	}
	return INV__SETTLE_OK;
}

int inv__sale_settle(inv__settlement *s, inv_tender *tenders, size_t count)
{
	int64_t cash = 0, due;
	size_t open;
	int rc;

	s->paid = s->change = 0;
	rc = add_up(s, tenders, count, &open, &cash);
	if (rc != INV__SETTLE_OK)
		return rc;
	due = s->total - s->paid;
	if (open < count && due != 0 && (due < 0) == s->pays_out) {
		tenders[open].amount = due;
		s->paid = s->total;
	}
	if (s->pays_out && s->paid != s->total)
		return s->paid > s->total ? INV__SETTLE_SHORT : INV__SETTLE_OVER;
	if (s->paid < s->total)
		return INV__SETTLE_SHORT;
	if (s->paid - s->total > cash)
		return INV__SETTLE_OVER;
	s->change = s->paid - s->total;
	return INV__SETTLE_OK;
}
