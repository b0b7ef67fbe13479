/* SPDX-License-Identifier: MIT */
/* Exact arithmetic: rounding, splitting, decimals, currencies. */
#include "util/number.h"

#include "support/check.h"

struct quotient {
	int64_t a, b, divisor;
	bool fits;
	int64_t even;
	bool floor_fits;
	int64_t floor;
};

#define TWO62 INT64_C(4611686018427387904)
#define E17 INT64_C(100000000000000000)
#define E18 INT64_C(1000000000000000000)

/* Computed with integers of any size. */
static const struct quotient quotients[] = {
	{1, 1, 2, true, 0, true, 0},
	{3, 1, 2, true, 2, true, 1},
	{5, 1, 2, true, 2, true, 2},
	{-1, 1, 2, true, 0, true, -1},
	{-3, 1, 2, true, -2, true, -2},
	{-5, 1, 2, true, -2, true, -3},
	{INT64_MAX, INT64_MAX, INT64_MAX, true, INT64_MAX, true, INT64_MAX},
	{INT64_MIN, INT64_MIN, INT64_MAX, false, 0, false, 0},
	{INT64_MIN, 1, 1, true, INT64_MIN, true, INT64_MIN},
	{INT64_MIN, -1, 1, false, 0, false, 0},
	{INT64_MAX, 1, 2, true, TWO62, true, TWO62 - 1},
	{INT64_MIN, INT64_MAX, INT64_MAX, true, INT64_MIN, true, INT64_MIN},
	{E18, E18, E18, true, E18, true, E18},
	{E18, E18, E17, false, 0, false, 0},
	{-E18, E18, E17, false, 0, false, 0},
	{TWO62, 2, 1, false, 0, false, 0},
	{TWO62, -2, 1, true, INT64_MIN, true, INT64_MIN},
	{2550000, 19999, 1000000, true, 50997, true, 50997},
	{INT64_C(123456789012345678), 987654321, 1000000000, true, INT64_C(121932631124828531),
	 true, INT64_C(121932631124828531)},
	{7, E18, 3, true, INT64_C(2333333333333333333), true, INT64_C(2333333333333333333)},
	{-7, E18, 3, true, INT64_C(-2333333333333333333), true, INT64_C(-2333333333333333334)},
	{2, 1, 3, true, 1, true, 0},
	{-1, 1, 3, true, 0, true, -1},
	{-2, 1, 3, true, -1, true, -1},
	{0, 5, 7, true, 0, true, 0},
};

TEST(mul_div_vectors)
{
	for (size_t i = 0; i < sizeof quotients / sizeof quotients[0]; i++) {
		const struct quotient *q = &quotients[i];
		int64_t even = 77, floor = 77;

		CHECK_INT(inv__mul_div(q->a, q->b, q->divisor, &even), q->fits);
		CHECK_INT(even, q->fits ? q->even : 77);
		CHECK_INT(inv__mul_div_floor(q->a, q->b, q->divisor, &floor), q->floor_fits);
		CHECK_INT(floor, q->floor_fits ? q->floor : 77);
	}
}

TEST(mul_div_refuses_divisors)
{
	int64_t out = 77;

	CHECK(!inv__mul_div(1, 1, 0, &out));
	CHECK(!inv__mul_div(1, 1, -1, &out));
	CHECK(!inv__mul_div_floor(1, 1, 0, &out));
	CHECK(!inv__round_to(1, 0, &out));
	CHECK(!inv__round_to(1, -5, &out));
	CHECK_INT(out, 77);
}

static int64_t between(int64_t low, int64_t high)
{
	return low + (int64_t)check_random_below((uint64_t)(high - low + 1));
}

/* A second way: small numbers, by their distance. */
TEST(mul_div_is_nearest_and_even)
{
	for (int i = 0; i < 200000; i++) {
		int64_t a = between(-50, 50), b = between(-50, 50), d = between(1, 30);
		int64_t even = 0, floor = 0, off, below;

		if (!CHECK(inv__mul_div(a, b, d, &even) && inv__mul_div_floor(a, b, d, &floor)))
			return;
		off = a * b - even * d;
		below = a * b - floor * d;
		if (!CHECK(below >= 0 && below < d) || !CHECK(2 * off <= d && -2 * off <= d) ||
		    !CHECK((2 * off != d && -2 * off != d) || even % 2 == 0))
			return;
	}
}

TEST(round_to)
{
	static const int64_t vectors[][3] = {
		{0, 5, 0}, {1, 5, 0}, {2, 5, 0}, {3, 5, 5}, {-3, 5, -5}, {5, 10, 0}, {15, 10, 20},
		{25, 10, 20}, {-5, 10, 0}, {-15, 10, -20}, {25500, 500, 25500}, {25250, 500, 25000},
		{25750, 500, 26000}, {INT64_MAX, 1, INT64_MAX}, {INT64_MIN, 1, INT64_MIN},
		{INT64_MAX, INT64_MAX, INT64_MAX}, {INT64_MIN, 2, INT64_MIN},
	};
	int64_t out;

	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		CHECK(inv__round_to(vectors[i][0], vectors[i][1], &out));
		CHECK_INT(out, vectors[i][2]);
	}
	out = 77;
	CHECK(!inv__round_to(INT64_MAX, 10000, &out));
	CHECK(!inv__round_to(INT64_MAX, 2, &out));
	CHECK(!inv__round_to(INT64_MIN, 10, &out));
	CHECK_INT(out, 77);
}

TEST(add_and_sub)
{
	int64_t out = 77;

	CHECK(!inv__add(INT64_MAX, 1, &out));
	CHECK(!inv__sub(INT64_MIN, 1, &out));
	CHECK_INT(out, 77);
	CHECK(inv__add(INT64_MAX, INT64_MIN, &out));
	CHECK_INT(out, -1);
	CHECK(inv__sub(-1, INT64_MAX, &out));
	CHECK_INT(out, INT64_MIN);
}

TEST(split_vectors)
{
	static const int64_t thirds[] = {1, 1, 1}, uneven[] = {0, 5, 3, 0, 2}, one[] = {9};
	static const int64_t huge[] = {E18, E18, E18, E18}, over[] = {INT64_MAX, 1};
	static const int64_t minus[] = {1, -1, 1}, zero[] = {0, 0};
	int64_t p[5];

	CHECK(inv__split(100, thirds, 3, p) && p[0] == 34 && p[1] == 33 && p[2] == 33);
	CHECK(inv__split(-101, thirds, 3, p) && p[0] == -34 && p[1] == -34 && p[2] == -33);
	CHECK(inv__split(7, uneven, 5, p));
	CHECK(p[0] == 0 && p[1] == 4 && p[2] == 2 && p[3] == 0 && p[4] == 1);
	CHECK(inv__split(INT64_MIN, one, 1, p) && p[0] == INT64_MIN);
	CHECK(inv__split(INT64_MAX, huge, 4, p));
	CHECK(p[0] == p[1] && p[1] == p[2] && p[3] == p[0] - 1);
	CHECK(inv__split(0, thirds, 3, p) && p[0] == 0 && p[2] == 0);
	p[0] = 77;
	CHECK(!inv__split(5, over, 2, p));
	CHECK(!inv__split(5, minus, 3, p));
	CHECK(!inv__split(5, zero, 2, p));
	CHECK(!inv__split(5, NULL, 0, p));
	CHECK_INT(p[0], 77);
}

#define PARTS 9

/* The sum is exact; each part is next to its exact share; larger remainders are served first. */
static bool split_is_fair(int64_t total, const int64_t *weights, const int64_t *parts, size_t n)
{
	int64_t sum = 0, weight = 0, fold = total < 0 ? -1 : 1;
	int64_t least_up = INT64_MAX, most_down = -1;

	for (size_t i = 0; i < n; i++) {
		sum += parts[i];
		weight += weights[i];
	}
	for (size_t i = 0; i < n; i++) {
		int64_t exact = fold * total * weights[i];
		int64_t extra = fold * parts[i] - exact / weight;
		int64_t rest = exact % weight;

		if (extra != 0 && extra != 1)
			return false;
		if (extra && rest < least_up)
			least_up = rest;
		if (!extra && rest > most_down)
			most_down = rest;
		/* A tie goes to the lower index: nobody before may have been passed over. */
		for (size_t k = 0; extra && k < i; k++) {
			if (fold * total * weights[k] % weight == rest &&
			    fold * parts[k] == fold * total * weights[k] / weight)
				return false;
		}
	}
	return sum == total && (least_up == INT64_MAX || most_down <= least_up);
}

TEST(split_properties)
{
	for (int round = 0; round < 50000; round++) {
		int64_t weights[PARTS], parts[PARTS];
		int64_t total = between(-100000, 100000), most = between(1, 3) == 1 ? 3 : 9000;
		size_t n = (size_t)between(1, PARTS);

		for (size_t i = 0; i < n; i++)
			weights[i] = between(0, most);
		weights[n - 1] += 1;
		if (!CHECK(inv__split(total, weights, n, parts)) ||
		    !CHECK(split_is_fair(total, weights, parts, n)))
			return;
	}
}

TEST(split_large)
{
	static int64_t weights[10000], parts[10000];
	int64_t sum = 0;

	for (size_t i = 0; i < 10000; i++)
		weights[i] = between(0, INT64_MAX / 10000);
	CHECK(inv__split(INV_LIMIT_MONEY - 1, weights, 10000, parts));
	for (size_t i = 0; i < 10000; i++)
		sum += parts[i];
	CHECK_INT(sum, INV_LIMIT_MONEY - 1);
}

struct text_number {
	const char *text;
	uint32_t scale;
	int result;
	int64_t value;
};

static const struct text_number numbers[] = {
	{"0", 0, INV__DECIMAL_OK, 0},
	{"-0", 4, INV__DECIMAL_OK, 0},
	{"+1.25", 4, INV__DECIMAL_OK, 12500},
	{"-1.25", 4, INV__DECIMAL_OK, -12500},
	{"1.5", 6, INV__DECIMAL_OK, 1500000},
	{".5", 4, INV__DECIMAL_OK, 5000},
	{"5.", 4, INV__DECIMAL_OK, 50000},
	{"0001.500000000000000000000000000", 1, INV__DECIMAL_OK, 15},
	{"000000000000000000000000000000001", 0, INV__DECIMAL_OK, 1},
	{"0.0001", 4, INV__DECIMAL_OK, 1},
	{"0.00010", 4, INV__DECIMAL_OK, 1},
	{"0.00001", 4, INV__DECIMAL_PLACES, 0},
	{"1.1", 0, INV__DECIMAL_PLACES, 0},
	{"1.0", 0, INV__DECIMAL_OK, 1},
	{"9223372036854775807", 0, INV__DECIMAL_OK, INT64_MAX},
	{"-9223372036854775808", 0, INV__DECIMAL_OK, INT64_MIN},
	{"9223372036854775808", 0, INV__DECIMAL_RANGE, 0},
	{"-9223372036854775809", 0, INV__DECIMAL_RANGE, 0},
	{"922337203685477.5807", 4, INV__DECIMAL_OK, INT64_MAX},
	{"922337203685477.5808", 4, INV__DECIMAL_RANGE, 0},
	{"-922337203685477.5808", 4, INV__DECIMAL_OK, INT64_MIN},
	{"-922337203685477.5809", 4, INV__DECIMAL_RANGE, 0},
	{"9223372036854.775807", 6, INV__DECIMAL_OK, INT64_MAX},
	{"9223372036855", 6, INV__DECIMAL_RANGE, 0},
	{"9.223372036854775807", 18, INV__DECIMAL_OK, INT64_MAX},
	{"10", 18, INV__DECIMAL_RANGE, 0},
	{"99", 18, INV__DECIMAL_RANGE, 0},
	{"18446744073709551616", 0, INV__DECIMAL_RANGE, 0},
	{"99999999999999999999999999999999999999999", 0, INV__DECIMAL_RANGE, 0},
	{"", 4, INV__DECIMAL_SYNTAX, 0},
	{"-", 4, INV__DECIMAL_SYNTAX, 0},
	{".", 4, INV__DECIMAL_SYNTAX, 0},
	{"-.", 4, INV__DECIMAL_SYNTAX, 0},
	{"+-1", 4, INV__DECIMAL_SYNTAX, 0},
	{"1-", 4, INV__DECIMAL_SYNTAX, 0},
	{"1e3", 4, INV__DECIMAL_SYNTAX, 0},
	{"1,5", 4, INV__DECIMAL_SYNTAX, 0},
	{"1.2.3", 4, INV__DECIMAL_SYNTAX, 0},
	{" 1", 4, INV__DECIMAL_SYNTAX, 0},
	{"1 ", 4, INV__DECIMAL_SYNTAX, 0},
	{"0x1", 4, INV__DECIMAL_SYNTAX, 0},
	{"1_000", 4, INV__DECIMAL_SYNTAX, 0},
	{"inf", 4, INV__DECIMAL_SYNTAX, 0},
	{"\xD9\xA1", 4, INV__DECIMAL_SYNTAX, 0},
};

TEST(decimal_parse_vectors)
{
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		const struct text_number *n = &numbers[i];
		int64_t out = 77;
		bool same = CHECK_INT(inv__decimal_parse(inv_str_of(n->text), n->scale, &out),
		                      n->result);

		same = CHECK_INT(out, n->result ? 77 : n->value) && same;
		if (!same)
			CHECK_FAIL("\"%s\" at %u decimals", n->text, (unsigned)n->scale);
	}
}

TEST(decimal_format_vectors)
{
	static const struct text_number vectors[] = {
		{"0", 6, 0, 0},
		{"1", 0, 0, 1},
		{"2.55", 4, 0, 25500},
		{"-2.55", 4, 0, -25500},
		{"0.0001", 4, 0, 1},
		{"-0.0001", 4, 0, -1},
		{"1000", 4, 0, 10000000},
		{"1000000.000001", 6, 0, INT64_C(1000000000001)},
		{"9223372036854775807", 0, 0, INT64_MAX},
		{"-9223372036854775808", 0, 0, INT64_MIN},
		{"922337203685477.5807", 4, 0, INT64_MAX},
		{"-9223372036854.775808", 6, 0, INT64_MIN},
		{"-9.223372036854775808", 18, 0, INT64_MIN},
		{"0.000000000000000001", 18, 0, 1},
		{"-0.00000000000000001", 18, 0, -10},
		{"0.1", 9, 0, 100000000},
	};
	char out[24];

	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		CHECK_INT(inv__decimal_format(vectors[i].value, vectors[i].scale, out),
		          strlen(vectors[i].text));
		CHECK_STR((const char *)out, vectors[i].text);
	}
	CHECK_INT(inv__int_format(-1234567, out), 8);
	CHECK_STR((const char *)out, "-1234567");
}

TEST(decimal_round_trip)
{
	for (int i = 0; i < 100000; i++) {
		int64_t value = (int64_t)(check_random() >> check_random_below(64)), back = 0;
		uint32_t scale = (uint32_t)check_random_below(19);
		char text[24];
		inv_str s = {text, 0};

		if (check_random_below(2))
			value = (int64_t)(0 - (uint64_t)value);
		s.len = inv__decimal_format(value, scale, text);
		if (!CHECK_INT(s.len, strlen(text)) ||
		    !CHECK_INT(inv__decimal_parse(s, scale, &back), INV__DECIMAL_OK) ||
		    !CHECK_INT(back, value))
			return;
		/* Shortest: no zero at the end of a fraction, no point at the end. */
		if (!CHECK(!strchr(text, '.') || (text[s.len - 1] != '0' && text[s.len - 1] != '.')))
			return;
	}
}

TEST(powers)
{
	int64_t power = 1;

	for (uint32_t i = 0; i <= 18; i++) {
		CHECK_INT(inv__pow10(i), power);
		power = i < 18 ? power * 10 : power;
	}
	CHECK_INT(inv__pow10(19), 0);
}

TEST(currencies)
{
	static const struct {
		const char *code;
		uint32_t decimals;
	} known[] = {
		{"AED", 2}, {"GBP", 2}, {"EUR", 2}, {"USD", 2}, {"JPY", 0}, {"ISK", 0}, {"BHD", 3},
		{"TND", 3}, {"CLF", 4}, {"UYW", 4}, {"MRU", 2}, {"ZWL", 2}, {"BGN", 2}, {"KRW", 0},
	};
	static const char *const none[] = {"", "EU", "EURO", "eur", "XXX", "XAU", "AAA", "ZZZ", "E R"};
	uint32_t decimals = 77;

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		CHECK(inv__currency_decimals(inv_str_of(known[i].code), &decimals));
		CHECK_INT(decimals, known[i].decimals);
	}
	decimals = 77;
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		CHECK(!inv__currency_decimals(inv_str_of(none[i]), &decimals));
	CHECK_INT(decimals, 77);
}

/* The table is searched by halves, so it must be in order: every code must find itself. */
TEST(currencies_are_in_order)
{
	char code[3];
	inv_str s = {code, 3};
	int found = 0;

	for (code[0] = 'A'; code[0] <= 'Z'; code[0]++) {
		for (code[1] = 'A'; code[1] <= 'Z'; code[1]++) {
			for (code[2] = 'A'; code[2] <= 'Z'; code[2]++) {
				uint32_t decimals = 0;

				found += inv__currency_decimals(s, &decimals);
				CHECK(decimals <= 4);
			}
		}
	}
	CHECK_INT(found, 170);
}

CHECK_MAIN()
