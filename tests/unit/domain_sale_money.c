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

/* ---- rounding ---- */

TEST(rounding_to_the_minor_unit)
{
	int64_t out;

	CHECK(inv__sale_round(10050, 2, 0, &out));
	CHECK_INT(out, 10000);
	CHECK(inv__sale_round(10150, 2, 0, &out));
	CHECK_INT(out, 10200);
	CHECK(inv__sale_round(-10150, 2, 0, &out));
	CHECK_INT(out, -10200);
	CHECK(inv__sale_round(15000, 0, 0, &out)); /* yen */
	CHECK_INT(out, 20000);
	CHECK(inv__sale_round(12345, 3, 0, &out)); /* dinar */
	CHECK_INT(out, 12340);
	CHECK(inv__sale_round(12345, 4, 0, &out));
	CHECK_INT(out, 12345);
	CHECK(inv__sale_round(10249, 2, 500, &out)); /* 5 cents in cash */
	CHECK_INT(out, 10000);
	CHECK(inv__sale_round(10251, 2, 500, &out));
	CHECK_INT(out, 10500);
	CHECK(!inv__sale_round(INV_LIMIT_MONEY, 2, 7000000, &out) || out <= INV_LIMIT_MONEY);
}

TEST(rounding_is_small_and_symmetric)
{
	static const int64_t steps[] = {0, 500, 1000, 2500, 10000};

	for (int round = 0; round < ROUNDS && check_failures() == 0; round++) {
		uint32_t decimals = (uint32_t)between(0, 4);
		int64_t cash = steps[between(0, 4)], value = between(-90000000, 90000000);
		int64_t step = cash, up, down;

		for (uint32_t i = 4; cash == 0 && i-- > decimals;)
			step = step ? step * 10 : 10;
		step = step ? step : 1;
		CHECK(inv__sale_round(value, decimals, cash, &up));
		CHECK(inv__sale_round(-value, decimals, cash, &down));
		CHECK_INT(up, -down);
		CHECK_INT(up % step, 0);
		CHECK(2 * (up - value) <= step && 2 * (value - up) <= step);
	}
}

/* ---- tenders ---- */

TEST(cash_is_cash_in_any_case)
{
	inv_tender tenders[2] = {tender("CASH", 1), tender("cash", 2)};
	inv_list list = INV_LIST_OF(tenders, 2);

	CHECK(inv__tenders_are_cash(&list));
	tenders[1] = tender("cashback", 1);
	CHECK(!inv__tenders_are_cash(&list));
	CHECK(!inv__tender_is_cash(&tenders[1]));
	list.count = 0;
	CHECK(inv__tenders_are_cash(&list));
}

TEST(open_tender_takes_what_is_due)
{
	inv_tender tenders[3] = {tender("card", 0), tender("voucher", 50000), tender("cash", 30000)};
	inv__settlement s = {.total = 100000};

	CHECK_INT(inv__sale_settle(&s, tenders, 3), INV__SETTLE_OK);
	CHECK_INT(tenders[0].amount, 20000);
	CHECK_INT(s.paid, 100000);
	CHECK_INT(s.change, 0);
	/* The others cover more than the total: nothing is due, and cash gives change. */
	tenders[0].amount = 0;
	s.total = 70000;
	CHECK_INT(inv__sale_settle(&s, tenders, 3), INV__SETTLE_OK);
	CHECK_INT(tenders[0].amount, 0);
	CHECK_INT(s.change, 10000);
}

TEST(payments_that_are_refused)
{
	inv_tender tenders[2] = {tender("card", 50000), tender("cash", 20000)};
	inv__settlement s = {.total = 70001};

	CHECK_INT(inv__sale_settle(&s, tenders, 2), INV__SETTLE_SHORT);
	s.total = 50000;
	CHECK_INT(inv__sale_settle(&s, tenders, 2), INV__SETTLE_OK);
	CHECK_INT(s.change, 20000);
	s.total = 49999; /* no change from a card */
	CHECK_INT(inv__sale_settle(&s, tenders, 2), INV__SETTLE_OVER);
	tenders[1].amount = -1;
	CHECK_INT(inv__sale_settle(&s, tenders, 2), INV__SETTLE_SIGN);
	CHECK_INT(s.at, 1);
	tenders[0].amount = tenders[1].amount = 0;
	CHECK_INT(inv__sale_settle(&s, tenders, 2), INV__SETTLE_TWO_OPEN);
	CHECK_INT(s.at, 1);
	tenders[0].amount = INV_LIMIT_MONEY;
	tenders[1].amount = 1;
	CHECK_INT(inv__sale_settle(&s, tenders, 2), INV__SETTLE_RANGE);
}

TEST(money_given_back_is_exact)
{
	inv_tender tenders[2] = {tender("card", -30000), tender("cash", 0)};
	inv__settlement s = {.total = -50000, .pays_out = true};

	CHECK_INT(inv__sale_settle(&s, tenders, 2), INV__SETTLE_OK);
	CHECK_INT(tenders[1].amount, -20000);
	CHECK_INT(s.change, 0);
	s.total = -50001;
	CHECK_INT(inv__sale_settle(&s, tenders, 2), INV__SETTLE_SHORT);
	s.total = -49999;
	CHECK_INT(inv__sale_settle(&s, tenders, 2), INV__SETTLE_OVER);
	tenders[1].amount = 1;
	CHECK_INT(inv__sale_settle(&s, tenders, 2), INV__SETTLE_SIGN);
	/* Nothing to give back: nothing is handed over. */
	tenders[0].amount = 0;
	s.total = 0;
	CHECK_INT(inv__sale_settle(&s, tenders, 1), INV__SETTLE_OK);
	CHECK_INT(tenders[0].amount, 0);
}

/* I30: lines and rounding sum to the total, payments less change to the total. */
static void settle_at_random(void)
{
	inv_tender tenders[4];
	inv_sale_line lines[5];
	size_t line_count = (size_t)between(1, 5), count = (size_t)between(1, 4);
	inv_list list = inv_list_of(lines, line_count, sizeof lines[0]);
	bool out = between(0, 3) == 0;
	inv__settlement s = {.pays_out = out};
	int64_t subtotal, cash = 0, sum = 0;
	int rc;

	for (size_t i = 0; i < line_count; i++) {
		lines[i] = (inv_sale_line)INV_SALE_LINE_INIT;
		lines[i].amount = between(0, 2000000) * (out ? -1 : 1);
		sum += lines[i].amount;
	}
	CHECK(inv__sale_subtotal(&list, &subtotal));
	CHECK(inv__sale_round(subtotal, 2, between(0, 1) * 500, &s.total));
	CHECK_INT(sum, subtotal);
	for (size_t i = 0; i < count; i++) {
		tenders[i] = tender(between(0, 1) ? "cash" : "card", between(0, 3000000));
		tenders[i].amount *= out ? -1 : 1;
	}
	if (between(0, 1))
		tenders[between(0, (int64_t)count - 1)].amount = 0;
	rc = inv__sale_settle(&s, tenders, count);
	for (size_t i = 0; i < count; i++)
		cash += inv__tender_is_cash(&tenders[i]) ? tenders[i].amount : 0;
	if (rc == INV__SETTLE_OK) {
		CHECK_INT(sum_of(tenders, count), s.paid);
		CHECK_INT(s.paid - s.change, s.total);
		CHECK(s.change >= 0);
		CHECK(out ? s.change == 0 : s.change <= cash);
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
