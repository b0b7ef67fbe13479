/* SPDX-License-Identifier: MIT */
/* Money of till documents: parts sum to the whole, whatever is sold, given back and handed over. */
#include "domain/sale.h"

#include "support/check.h"

CHECK_MAIN()

__extension__ typedef __int128 wide;

#define ROUNDS 20000

static int64_t between(int64_t low, int64_t high)
{
	return low + (int64_t)check_random_below((uint64_t)(high - low) + 1);
}

static inv_tender tender(const char *method, int64_t amount)
{
	inv_tender t = INV_TENDER_INIT;

	t.method = inv_str_of(method);
	t.amount = amount;
	return t;
}

static int64_t sum_of(const inv_tender *tenders, size_t count)
{
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += tenders[i].amount;
	return sum;
}

/* ---- lines ---- */

TEST(gross_is_half_even)
{
	int64_t out = 7;

	CHECK(inv__sale_gross(3 * INV_QUANTITY_ONE, 25500, &out));
	CHECK_INT(out, 76500);
	CHECK(inv__sale_gross(500000, 1, &out)); /* 0.00005 */
	CHECK_INT(out, 0);
	CHECK(inv__sale_gross(500000, 3, &out)); /* 0.00015 */
	CHECK_INT(out, 2);
	CHECK(inv__sale_gross(500000, -3, &out));
	CHECK_INT(out, -2);
	CHECK(inv__sale_gross(INV_QUANTITY_ONE, INV_LIMIT_MONEY, &out));
	CHECK_INT(out, INV_LIMIT_MONEY);
	CHECK(!inv__sale_gross(INV_QUANTITY_ONE + 1, INV_LIMIT_MONEY, &out));
	CHECK(!inv__sale_gross(INV_LIMIT_QUANTITY, INV_LIMIT_MONEY, &out));
	CHECK_INT(out, INV_LIMIT_MONEY);
}

TEST(shares_sum_to_the_line_in_any_split)
{
	for (int round = 0; round < ROUNDS && check_failures() == 0; round++) {
		int64_t whole = between(1, round % 2 ? 50 : 5000000000);
		int64_t amount = between(0, round % 3 ? 1000 : 9000000000000);
		int64_t before = 0, paid = 0;

		while (before < whole) {
			int64_t part = between(1, whole - before), share = -1;

			CHECK(inv__sale_share(amount, whole, before, part, &share));
			/* Within one of the exact share, and never less than nothing. */
			CHECK(share >= 0);
			CHECK((wide)share * whole > (wide)amount * part - whole);
			CHECK((wide)share * whole < (wide)amount * part + whole);
			before += part;
			paid += share;
			CHECK(paid <= amount);
		}
		CHECK_INT(paid, amount);
	}
}

TEST(shares_at_the_limits)
{
	int64_t out;

	CHECK(inv__sale_share(INV_LIMIT_MONEY, INV_LIMIT_QUANTITY, 0, INV_LIMIT_QUANTITY, &out));
	CHECK_INT(out, INV_LIMIT_MONEY);
	CHECK(inv__sale_share(INV_LIMIT_MONEY, INV_LIMIT_QUANTITY, INV_LIMIT_QUANTITY - 1, 1, &out));
	CHECK_INT(out, 1);
	CHECK(!inv__sale_share(1, 0, 0, 0, &out));
	CHECK(!inv__sale_share(1, 1, INT64_MAX, 1, &out));
}

TEST(subtotal_stays_in_range)
{
	inv_sale_line lines[3] = {INV_SALE_LINE_INIT, INV_SALE_LINE_INIT, INV_SALE_LINE_INIT};
	inv_list list = INV_LIST_OF(lines, 3);
	int64_t out = 5;

	lines[0].amount = 10000;
	lines[1].amount = -1;
	lines[2].amount = 3;
	CHECK(inv__sale_subtotal(&list, &out));
	CHECK_INT(out, 10002);
	lines[2].amount = INV_LIMIT_MONEY;
	CHECK(!inv__sale_subtotal(&list, &out));
	CHECK_INT(out, 10002);
	list.count = 0;
	CHECK(inv__sale_subtotal(&list, &out));
	CHECK_INT(out, 0);
}

/* ---- payments ---- */

static int settle(inv__settlement *s, inv_tender *tenders, size_t count)
{
	s->minor = s->minor ? s->minor : inv__sale_minor(2);
	s->limit = s->limit ? s->limit : INT64_MAX;
	return inv__tenders_settle(s, tenders, count);
}

static int64_t total_of(int64_t due, const char *method, uint32_t decimals, int64_t cash_step)
{
	inv_tender one = tender(method, 0);
	inv__settlement s = {.due = due, .minor = inv__sale_minor(decimals), .cash_step = cash_step,
	                     .pays_out = due < 0};

	CHECK_INT(settle(&s, &one, 1), INV__SETTLE_OK);
	return s.total;
}

TEST(rounding_to_the_minor_unit)
{
	CHECK_INT(total_of(10050, "card", 2, 0), 10000);
	CHECK_INT(total_of(10150, "cash", 2, 0), 10200);
	CHECK_INT(total_of(-10150, "cash", 2, 0), -10200);
	CHECK_INT(total_of(15000, "card", 0, 0), 20000); /* yen */
	CHECK_INT(total_of(12345, "card", 3, 0), 12340); /* dinar */
	CHECK_INT(total_of(12345, "card", 4, 0), 12345);
	CHECK_INT(total_of(10249, "CASH", 2, 500), 10000); /* 5 cents in cash */
	CHECK_INT(total_of(10251, "cash", 2, 500), 10500);
	CHECK_INT(total_of(10251, "cashback", 2, 500), 10300);
}

TEST(open_tender_takes_what_is_due)
{
	inv_tender tenders[3] = {tender("card", 0), tender("voucher", 50000), tender("cash", 30000)};
	inv__settlement s = {.due = 100000};

	CHECK_INT(settle(&s, tenders, 3), INV__SETTLE_OK);
	CHECK_INT(tenders[0].amount, 20000);
	CHECK_INT(s.paid, 100000);
	CHECK_INT(s.change, 0);
	/* The others cover more than the total: nothing is due, and cash gives change. */
	tenders[0].amount = 0;
	s.due = 70000;
	CHECK_INT(settle(&s, tenders, 3), INV__SETTLE_OK);
	CHECK_INT(tenders[0].amount, 0);
	CHECK_INT(s.change, 10000);
}

TEST(the_part_in_cash_is_rounded)
{
	inv_tender tenders[2] = {tender("card", 30000), tender("cash", 0)};
	inv__settlement s = {.due = 50200, .cash_step = 500};

	CHECK_INT(settle(&s, tenders, 2), INV__SETTLE_OK);
	CHECK_INT(tenders[1].amount, 20000);
	CHECK_INT(s.total, 50000);
	tenders[1].amount = 25000;
	CHECK_INT(settle(&s, tenders, 2), INV__SETTLE_OK);
	CHECK_INT(s.change, 5000);
	tenders[1].amount = 20200; /* no such coins */
	CHECK_INT(settle(&s, tenders, 2), INV__SETTLE_STEP);
	CHECK_INT(s.at, 1);
	tenders[1].amount = 20000; /* a card pays the cents */
	tenders[0].amount = 0;
	CHECK_INT(settle(&s, tenders, 2), INV__SETTLE_OK);
	CHECK_INT(tenders[0].amount, 30200);
	CHECK_INT(s.total, 50200);
	tenders[0].amount = 50200;
	CHECK_INT(settle(&s, tenders, 1), INV__SETTLE_OK);
	CHECK_INT(s.total, 50200);
	tenders[0].amount = 50201;
	CHECK_INT(settle(&s, tenders, 1), INV__SETTLE_STEP);
	/* A card never pays more than the sale so that cash could be rounded. */
	tenders[0].amount = 50300;
	tenders[1].amount = 0;
	CHECK_INT(settle(&s, tenders, 2), INV__SETTLE_OVER);
}

TEST(payments_that_are_refused)
{
	inv_tender tenders[2] = {tender("card", 50000), tender("cash", 20000)};
	inv__settlement s = {.due = 70100};

	CHECK_INT(settle(&s, tenders, 2), INV__SETTLE_SHORT);
	s.due = 50000;
	CHECK_INT(settle(&s, tenders, 2), INV__SETTLE_OK);
	CHECK_INT(s.change, 20000);
	s.due = 49900; /* no change from a card */
	CHECK_INT(settle(&s, tenders, 2), INV__SETTLE_OVER);
	tenders[1].amount = -1;
	CHECK_INT(settle(&s, tenders, 2), INV__SETTLE_SIGN);
	CHECK_INT(s.at, 1);
	tenders[0].amount = tenders[1].amount = 0;
	CHECK_INT(settle(&s, tenders, 2), INV__SETTLE_TWO_OPEN);
	CHECK_INT(s.at, 1);
	tenders[0].amount = INV_LIMIT_MONEY - INV_LIMIT_MONEY % 100;
	tenders[1].amount = 100;
	CHECK_INT(settle(&s, tenders, 2), INV__SETTLE_RANGE);
}

TEST(money_given_back_is_exact)
{
	inv_tender tenders[2] = {tender("card", -30000), tender("cash", 0)};
	inv__settlement s = {.due = -50000, .pays_out = true};

	CHECK_INT(settle(&s, tenders, 2), INV__SETTLE_OK);
	CHECK_INT(tenders[1].amount, -20000);
	CHECK_INT(s.change, 0);
	s.due = -50100;
	CHECK_INT(settle(&s, tenders, 2), INV__SETTLE_SHORT);
	s.due = -49900;
	CHECK_INT(settle(&s, tenders, 2), INV__SETTLE_OVER);
	tenders[1].amount = 1;
	CHECK_INT(settle(&s, tenders, 2), INV__SETTLE_SIGN);
	/* Nothing to give back: nothing is handed over. */
	tenders[0].amount = 0;
	s.due = 0;
	CHECK_INT(settle(&s, tenders, 1), INV__SETTLE_OK);
	CHECK_INT(tenders[0].amount, 0);
	/* No further than the limit, in cash down to what cash can express. */
	s.due = -50400;
	s.limit = 50300;
	CHECK_INT(settle(&s, tenders, 1), INV__SETTLE_OK);
	CHECK_INT(s.total, -50300);
	s.cash_step = 500;
	tenders[0] = tender("cash", 0);
	CHECK_INT(settle(&s, tenders, 1), INV__SETTLE_OK);
	CHECK_INT(s.total, -50000);
}

static int64_t magnitude(int64_t value)
{
	return value < 0 ? -value : value;
}

/* I30, and a total that is never further from the lines than half of what was rounded to. */
static void settle_at_random(void)
{
	static const int64_t steps[] = {0, 500, 1000, 10000};
	inv_tender tenders[4];
	size_t count = (size_t)between(1, 4);
	bool out = between(0, 3) == 0, any = false;
	inv__settlement s = {.due = between(0, 6000000), .pays_out = out,
	                     .cash_step = steps[between(0, 3)]};
	int64_t cash = 0, step;
	int rc;

	s.due = out ? -s.due : s.due;
	for (size_t i = 0; i < count; i++) {
		tenders[i] = tender(between(0, 1) ? "cash" : "card", between(0, 300) * 10000);
		tenders[i].amount *= out ? -1 : 1;
		any = any || inv__tender_is_cash(&tenders[i]);
	}
	if (between(0, 2))
		tenders[between(0, (int64_t)count - 1)].amount = 0;
	step = any && s.cash_step ? s.cash_step : 100;
	rc = settle(&s, tenders, count);
	for (size_t i = 0; i < count; i++)
		cash += inv__tender_is_cash(&tenders[i]) ? tenders[i].amount : 0;
	if (rc == INV__SETTLE_OK) {
		CHECK_INT(sum_of(tenders, count), s.paid);
		CHECK_INT(s.paid - s.change, s.total);
		CHECK(2 * magnitude(s.total - s.due) <= step);
		CHECK_INT(cash % step * any, 0);
		CHECK_INT(s.change % step, 0);
		CHECK(s.change >= 0 && (out ? s.change == 0 : s.change <= cash));
	} else if (rc == INV__SETTLE_SHORT) {
		CHECK(out ? s.paid > s.total : s.paid < s.total);
	} else {
		CHECK(rc == INV__SETTLE_OVER || rc == INV__SETTLE_TWO_OPEN);
	}
}

TEST(payments_less_change_are_the_total)
{
	for (int round = 0; round < ROUNDS && check_failures() == 0; round++)
		settle_at_random();
}

/* One line sold, and given back in parts by cash and card as it comes. */
static void give_back_at_random(void)
{
	static const int64_t steps[] = {0, 500, 10000};
	int64_t step = steps[between(0, 2)], whole = between(1, 60), before = 0;
	int64_t amount = between(0, 200000), sold, given = 0;
	bool last_in_cash = false;

	sold = total_of(amount, between(0, 1) ? "cash" : "card", 2, step);
	while (before < whole) {
		int64_t part = between(1, whole - before), share = 0;
		inv_tender one = tender(between(0, 1) ? "cash" : "card", 0);
		inv__settlement s = {.minor = 100, .cash_step = step, .limit = sold - given,
		                     .pays_out = true};

		CHECK(inv__sale_share(amount, whole, before, part, &share));
		before += part;
		s.due = before == whole ? given - sold : -share;
		CHECK_INT(inv__tenders_settle(&s, &one, 1), INV__SETTLE_OK);
		CHECK_INT(one.amount, s.total);
		CHECK(s.total <= 0);
		given -= s.total;
		CHECK(given <= sold);
		last_in_cash = inv__tender_is_cash(&one);
	}
	/* The drawer may lack the coins for the last part. */
	CHECK(given == sold || (last_in_cash && sold - given < step));
}

TEST(refunds_in_any_split_give_what_was_paid)
{
	for (int round = 0; round < ROUNDS && check_failures() == 0; round++)
		give_back_at_random();
}
