/* SPDX-License-Identifier: MIT */
/* How a till document is paid. What goes through cash is rounded to what cash can express, the
 * rest to the minor unit; payments less change are the total. */
#include "domain/sale.h"
#include "util/number.h"
#include "util/text.h"

bool inv__tender_is_cash(const inv_tender *tender)
{
	return inv__str_equal_fold(tender->method, INV_S("cash"));
}

/* Payments added up, in the direction in which money flows: never negative. */
typedef struct sums {
	int64_t cash, other;
	bool any_cash;
	size_t open; /* the payment without an amount; the count when there is none */
} sums;

static int64_t step_of(const inv__settlement *s, bool cash)
{
	return cash && s->cash_step > 0 ? s->cash_step : s->minor;
}

static int add_up(inv__settlement *s, const inv_tender *tenders, size_t count, sums *out)
{
	int64_t paid = 0;

	*out = (sums){.open = count};
	for (size_t i = 0; i < count; i++) {
		bool cash = inv__tender_is_cash(&tenders[i]);
		int64_t amount = s->pays_out ? -tenders[i].amount : tenders[i].amount;

		s->at = i;
		out->any_cash = out->any_cash || cash;
		if (amount == 0 && out->open < count)
			return INV__SETTLE_TWO_OPEN;
		if (amount == 0)
			out->open = i;
		if (amount < 0)
			return INV__SETTLE_SIGN;
		if (amount % step_of(s, cash) != 0)
			return INV__SETTLE_STEP;
		if (!inv__add(paid, amount, &paid) || paid > INV_LIMIT_MONEY)
			return INV__SETTLE_RANGE;
		*(cash ? &out->cash : &out->other) += amount;
	}
	return INV__SETTLE_OK;
}

/* What has to be paid. A payment other than cash that is open takes all that is left, so that
 * nothing needs rounding for the drawer. */
static bool find_total(const inv__settlement *s, int64_t due, const sums *paid, bool open_other,
                       int64_t *total)
{
	int64_t step = step_of(s, true), cash;

	if (!inv__round_to(due, s->minor, total))
		return false;
	if (*total > s->limit)
		*total = s->limit;
	if (!paid->any_cash || paid->other >= *total ||
	    (open_other && paid->other + paid->cash < *total))
		return true;
	if (!inv__round_to(due - paid->other, step, &cash))
		return false;
	if (cash > s->limit - paid->other) {
		cash = s->limit - paid->other;
		cash -= cash % step;
	}
	*total = paid->other + cash;
	return true;
}

static int64_t signed_of(const inv__settlement *s, int64_t amount)
{
	return s->pays_out ? -amount : amount;
}

int inv__tenders_settle(inv__settlement *s, inv_tender *tenders, size_t count)
{
	int64_t due = signed_of(s, s->due), total, paid;
	sums sum;
	int rc = add_up(s, tenders, count, &sum);
	bool open = rc == INV__SETTLE_OK && sum.open < count;

	s->total = s->paid = s->change = 0;
	if (rc != INV__SETTLE_OK)
		return rc;
	if (!find_total(s, due, &sum, open && !inv__tender_is_cash(&tenders[sum.open]), &total) ||
	    total > INV_LIMIT_MONEY)
		return INV__SETTLE_RANGE;
	paid = sum.cash + sum.other;
	if (open && total > paid) {
		tenders[sum.open].amount = signed_of(s, total - paid);
		paid = total;
	}
	s->total = signed_of(s, total);
	s->paid = signed_of(s, paid);
	if (paid < total)
		return INV__SETTLE_SHORT;
	/* Change comes from the cash that was handed over; who gives money back hands over exactly. */
	if (paid - total > (s->pays_out ? 0 : sum.cash))
		return INV__SETTLE_OVER;
	s->change = paid - total;
	return INV__SETTLE_OK;
}
