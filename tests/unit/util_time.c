/* SPDX-License-Identifier: MIT */
/* The calendar and RFC 3339. */
#include "util/time.h"

#include "support/check.h"

static bool leap(int32_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Moves on by one day. */
static void next_day(int32_t *year, int32_t *month, int32_t *day)
{
	static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (++*day <= days[*month - 1] + (*month == 2 && leap(*year)))
		return;
	*day = 1;
	if (++*month <= 12)
		return;
	*month = 1;
	++*year;
}

/* Counted day by day over more than two cycles of 400 years. */
TEST(calendar_day_by_day)
{
	int32_t year = 1500, month = 1, day = 1;
	int32_t date = inv__date_of(1500, 1, 1);

	CHECK_INT(inv__date_of(1970, 1, 1), 0);
	for (; year <= 2400; next_day(&year, &month, &day), date++) {
		int32_t y, m, d;

		inv__date_split(date, &y, &m, &d);
		if (inv__date_of(year, month, day) != date || y != year || m != month || d != day) {
			CHECK_FAIL("%d-%d-%d", (int)year, (int)month, (int)day);
			return;
		}
	}
	CHECK_INT(date, inv__date_of(2401, 1, 1));
}

TEST(dates_far_away)
{
	static const int32_t dates[] = {INT32_MIN, INT32_MIN + 1, -719528, -719529, -1, INT32_MAX};
	char text[16];

	for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
		int32_t y, m, d;

		inv__date_split(dates[i], &y, &m, &d);
		CHECK_INT(inv__date_of(y, m, d), dates[i]);
		d = (int32_t)inv__date_format(dates[i], text);
		CHECK_INT(d, strlen(text));
	}
	(void)inv__date_format(-719529, text);
	CHECK_STR((const char *)text, "-0001-12-31");
	(void)inv__date_format(INT32_MAX, text);
	CHECK_STR((const char *)text, "5881580-07-11");
}

TEST(date_text)
{
	static const char *const bad[] = {
		"", "2024-02-30", "2023-02-29", "1900-02-29", "2024-00-01", "2024-13-01",
		"2024-01-00", "2024-01-32", "2024-04-31", "2024-1-01", "24-01-01", "2024-01-01 ",
		"2024/01/01", "20240101", "-2024-01-01", "2024-01-1x",
	};
	int32_t date = 77;
	char text[16];

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CHECK(!inv__date_parse(inv_str_of(bad[i]), &date));
	CHECK_INT(date, 77);
	for (int32_t d = -719528; d < 2932897; d += 37) {
		inv_str s = {text, inv__date_format(d, text)};

		if (!CHECK_INT(s.len, 10) || !CHECK(inv__date_parse(s, &date)) ||
		    !CHECK_INT(date, d))
			return;
	}
	CHECK(inv__date_parse(inv_str_of("2000-02-29"), &date));
	CHECK_INT(date, 11016);
}

struct instant {
	const char *text;
	int64_t value;
	const char *canonical; /* NULL: the text itself */
};

static const struct instant instants[] = {
	{"1970-01-01T00:00:00Z", 0, NULL},
	{"1969-12-31T23:59:59.999999Z", -1, NULL},
	{"2010-12-01T08:26:00Z", INT64_C(1291191960000000), NULL},
	{"1985-04-12T23:20:50.52Z", INT64_C(482196050520000), NULL},
	{"1996-12-19T16:39:57-08:00", INT64_C(851042397000000), "1996-12-20T00:39:57Z"},
	{"1990-12-31T23:59:60Z", INT64_C(662688000000000), "1991-01-01T00:00:00Z"},
	{"1990-12-31T15:59:60-08:00", INT64_C(662688000000000), "1991-01-01T00:00:00Z"},
	{"1937-01-01T12:00:27.87+00:20", INT64_C(-1041337172130000), "1937-01-01T11:40:27.87Z"},
	{"2024-02-29t12:00:00.5z", INT64_C(1709208000500000), "2024-02-29T12:00:00.5Z"},
	{"2024-02-29 12:00:00Z", INT64_C(1709208000000000), "2024-02-29T12:00:00Z"},
	{"2024-02-29T12:00:00-00:00", INT64_C(1709208000000000), "2024-02-29T12:00:00Z"},
	{"2024-02-29T12:00:00.1234567899Z", INT64_C(1709208000123456), "2024-02-29T12:00:00.123456Z"},
	{"2024-02-29T12:00:00.000000Z", INT64_C(1709208000000000), "2024-02-29T12:00:00Z"},
	{"2024-02-29T12:00:00.000001Z", INT64_C(1709208000000001), NULL},
	{"2024-03-01T00:00:00+23:59", INT64_C(1709164860000000), "2024-02-29T00:01:00Z"},
	{"0000-01-01T00:00:00Z", INT64_C(-62167219200000000), NULL},
	{"9999-12-31T23:59:59.999999Z", INT64_C(253402300799999999), NULL},
};

TEST(instant_vectors)
{
	for (size_t i = 0; i < sizeof instants / sizeof instants[0]; i++) {
		const struct instant *v = &instants[i];
		int64_t value = 77;
		char text[40];
		size_t len;

		CHECK(inv__instant_parse(inv_str_of(v->text), &value));
		CHECK_INT(value, v->value);
		len = inv__instant_format(value, text);
		CHECK_INT(len, strlen(text));
		CHECK_STR((const char *)text, v->canonical ? v->canonical : v->text);
	}
}

TEST(instant_refuses)
{
	static const char *const bad[] = {
		"", "2024-02-29", "2024-02-29T", "2024-02-29T12:00Z", "2024-02-29T12:00:00",
		"2024-02-29T24:00:00Z", "2024-02-29T12:60:00Z", "2024-02-29T12:00:61Z",
		"2024-02-29T12:00:60Z", "2024-02-29T12:00:00.Z", "2024-02-29T12:00:00,5Z",
		"2024-02-29T12:00:00+24:00", "2024-02-29T12:00:00+01:60", "2024-02-29T12:00:00+0100",
		"2024-02-29T12:00:00+01", "2024-02-29T12:00:00ZZ", "2024-02-29T12:00:00Z ",
		"2023-02-29T12:00:00Z", "2024-02-29X12:00:00Z", "2024-2-29T12:00:00Z",
		"0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z",
		"+2024-02-29T12:00:00Z", "2024-02-29T1:00:00Z",
	};
	int64_t value = 77;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (inv__instant_parse(inv_str_of(bad[i]), &value))
			CHECK_FAIL("\"%s\" was taken", bad[i]);
	}
	CHECK_INT(value, 77);
}

TEST(instant_round_trip)
{
	static const int64_t extremes[] = {INT64_MIN, INT64_MAX, -1, 0};
	char text[40];

	for (int i = 0; i < 100000; i++) {
		int64_t first = INT64_C(-62167219200000000), back = 0;
		int64_t value = first + (int64_t)check_random_below(UINT64_C(315569520000000000));
		inv_str s = {text, 0};

		if (check_random_below(2))
			value -= value % 1000000;
		s.len = inv__instant_format(value, text);
		if (!CHECK(inv__instant_parse(s, &back)) || !CHECK_INT(back, value))
			return;
	}
	/* What has no four digits of year is still written, and within the 40 bytes. */
	for (size_t i = 0; i < sizeof extremes / sizeof extremes[0]; i++)
		CHECK(inv__instant_format(extremes[i], text) < sizeof text);
	(void)inv__instant_format(INT64_MAX, text);
	CHECK_STR((const char *)text, "294247-01-10T04:00:54.775807Z");
	(void)inv__instant_format(INT64_MIN, text);
	CHECK_STR((const char *)text, "-290308-12-21T19:59:05.224192Z");
}

CHECK_MAIN()
