/* SPDX-License-Identifier: MIT */
/* POSIX time zone rules: vectors, and the C library's own reading of them. */
#include "util/time.h"

#include <stdlib.h>
#include <time.h>

#include "support/check.h"

static inv__zone zone_of(const char *rule)
{
	inv__zone zone;

	memset(&zone, 0, sizeof zone);
	if (!CHECK(inv__zone_parse(inv_str_of(rule), &zone)))
		CHECK_FAIL("%s", rule);
	return zone;
}

static int64_t at(const char *text)
{
	int64_t instant = 0;

	if (!inv__instant_parse(inv_str_of(text), &instant))
		CHECK_FAIL("%s is no instant", text);
	return instant;
}

static const char *const london = "GMT0BST,M3.5.0/1,M10.5.0";
static const char *const sydney = "AEST-10AEDT,M10.1.0,M4.1.0/3";

struct offset {
	const char *rule;
	const char *instant;
	int32_t offset;
};

/* From the IANA database, a microsecond before and at each change. */
static const struct offset offsets[] = {
	{"GMT0BST,M3.5.0/1,M10.5.0", "2024-03-31T00:59:59.999999Z", 0},
	{"GMT0BST,M3.5.0/1,M10.5.0", "2024-03-31T01:00:00Z", 3600},
	{"GMT0BST,M3.5.0/1,M10.5.0", "2024-10-27T00:59:59.999999Z", 3600},
	{"GMT0BST,M3.5.0/1,M10.5.0", "2024-10-27T01:00:00Z", 0},
	{"AEST-10AEDT,M10.1.0,M4.1.0/3", "2024-04-06T15:59:59.999999Z", 39600},
	{"AEST-10AEDT,M10.1.0,M4.1.0/3", "2024-04-06T16:00:00Z", 36000},
	{"AEST-10AEDT,M10.1.0,M4.1.0/3", "2024-10-05T15:59:59.999999Z", 36000},
	{"AEST-10AEDT,M10.1.0,M4.1.0/3", "2024-10-05T16:00:00Z", 39600},
	{"AEST-10AEDT,M10.1.0,M4.1.0/3", "2024-12-31T23:59:59Z", 39600},
	{"AEST-10AEDT,M10.1.0,M4.1.0/3", "2025-01-01T00:00:00Z", 39600},
	{"IST-1GMT0,M10.5.0,M3.5.0/1", "2024-03-31T00:59:59Z", 0},
	{"IST-1GMT0,M10.5.0,M3.5.0/1", "2024-03-31T01:00:00Z", 3600},
	{"IST-1GMT0,M10.5.0,M3.5.0/1", "2024-10-27T01:00:00Z", 0},
	{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7200},
	{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600},
	{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-10-25T00:59:59Z", -3600},
	{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-10-25T01:00:00Z", -7200},
	{"<-03>3", "2024-01-01T00:00:00Z", -10800},
	{"<-03>3", "1900-07-01T00:00:00Z", -10800},
	{"<+0545>-5:45", "2024-07-01T00:00:00Z", 20700},
	{"UTC0", "2024-07-01T00:00:00Z", 0},
	/* Day 60 is the first of March in every year when written J60, not so when written 60. */
	{"AAA0BBB,J60/0,J300/0", "2024-02-29T23:59:59Z", 0},
	{"AAA0BBB,J60/0,J300/0", "2024-03-01T00:00:00Z", 3600},
	{"AAA0BBB,J60/0,J300/0", "2023-03-01T00:00:00Z", 3600},
	{"AAA0BBB,60/0,300/0", "2024-02-29T23:59:59Z", 0},
	{"AAA0BBB,60/0,300/0", "2024-03-01T00:00:00Z", 3600},
	{"AAA0BBB,60/0,300/0", "2023-03-01T23:59:59Z", 0},
	{"AAA0BBB,60/0,300/0", "2023-03-02T00:00:00Z", 3600},
	{"AAA0BBB,J59/0,J300/0", "2024-02-28T00:00:00Z", 3600},
	/* Daylight time all the year. */
	{"XXX3EDT4,0/0,J365/23", "2024-01-01T03:00:00Z", -14400},
	{"XXX3EDT4,0/0,J365/23", "2024-12-31T23:00:00Z", -14400},
	{"XXX3EDT4,0/0,J365/23", "2025-01-01T03:00:00Z", -14400},
	/* Times beyond a day: the Sunday after the last Thursday, and before it. */
	{"AAA0BBB,M3.4.4/50,M10.4.4/50", "2024-03-30T01:59:59Z", 0},
	{"AAA0BBB,M3.4.4/50,M10.4.4/50", "2024-03-30T02:00:00Z", 3600},
	{"AAA0BBB,M1.1.0/-167,M7.1.0", "2023-12-31T00:59:59Z", 0},
	{"AAA0BBB,M1.1.0/-167,M7.1.0", "2023-12-31T01:00:00Z", 3600},
};

TEST(offset_vectors)
{
	for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
		inv__zone zone = zone_of(offsets[i].rule);

		if (!CHECK_INT(inv__zone_offset(&zone, at(offsets[i].instant)), offsets[i].offset))
			CHECK_FAIL("%s at %s", offsets[i].rule, offsets[i].instant);
	}
}

TEST(parse_refuses)
{
	static const char *const bad[] = {
		"", "GM0", "GMT", "GMT0BST", "GMT0BST,M3.5.0/1", "GMT0BST,M3.5.0/1,M10.5.0,",
		"GMT0BST,M3.5.0/1,M10.5.0 ", "GMT0BST,M13.5.0,M10.5.0", "GMT0BST,M0.5.0,M10.5.0",
		"GMT0BST,M3.6.0,M10.5.0", "GMT0BST,M3.0.0,M10.5.0", "GMT0BST,M3.5.7,M10.5.0",
		"GMT0BST,J0,J1", "GMT0BST,J366,J1", "GMT0BST,366,1", "GMT0BST,M3.5.0/168,M10.5.0",
		"GMT0BST,M3.5.0/1:60,M10.5.0", "GMT25", "GMT0:60", "GMT0:00:60", "<-03", "<-0>3",
		"<->3", "<0 3>3", "-03>3", "<-03>", "GMT--1", "GMT0B5T,J1,J2", "Europe/London",
		":GMT0", "GMT0BST,3.5.0,10.5.0", "GMT99999999999", "GMT0BST25,J1,J2",
		"GMT0BST,M3.5,M10.5.0",
	};
	inv__zone zone;

	memset(&zone, 0, sizeof zone);
	zone.standard_offset = 77;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (inv__zone_parse(inv_str_of(bad[i]), &zone))
			CHECK_FAIL("\"%s\" was taken", bad[i]);
	}
	CHECK_INT(zone.standard_offset, 77);
}

TEST(parse_reads_all_parts)
{
	inv__zone zone = zone_of("<UTC+3>-3:30:15SUM-5:00:01,J5/-1:02:03,360/167");

	CHECK_INT(zone.standard_offset, 3 * 3600 + 30 * 60 + 15);
	CHECK_INT(zone.daylight_offset, 5 * 3600 + 1);
	CHECK(zone.has_daylight);
	CHECK_INT(zone.start.kind, 1);
	CHECK_INT(zone.start.day, 5);
	CHECK_INT(zone.start.seconds, -(3600 + 2 * 60 + 3));
	CHECK_INT(zone.end.kind, 2);
	CHECK_INT(zone.end.day, 360);
	CHECK_INT(zone.end.seconds, 167 * 3600);
	zone = zone_of("EST+5");
	CHECK_INT(zone.standard_offset, -18000);
	CHECK(!zone.has_daylight);
}

/* Business dates: 04:00 as the start of the day, over a change of the clocks. */
TEST(local_dates)
{
	inv__zone zone = zone_of(london);
	inv__zone south = zone_of(sydney);

	CHECK_INT(inv__zone_date(&zone, 0, at("2024-01-01T00:00:00Z")), inv__date_of(2024, 1, 1));
	CHECK_INT(inv__zone_date(&zone, 0, at("2023-12-31T23:59:59.999999Z")),
	          inv__date_of(2023, 12, 31));
	CHECK_INT(inv__zone_date(&zone, 0, at("2024-06-30T23:00:00Z")), inv__date_of(2024, 7, 1));
	CHECK_INT(inv__zone_date(&zone, 240, at("2024-07-01T02:59:59Z")), inv__date_of(2024, 6, 30));
	CHECK_INT(inv__zone_date(&zone, 240, at("2024-07-01T03:00:00Z")), inv__date_of(2024, 7, 1));
	CHECK_INT(inv__zone_date(&south, 0, at("2024-01-01T13:00:00Z")), inv__date_of(2024, 1, 2));
	CHECK_INT(inv__zone_date(&south, 0, at("1960-01-01T12:59:59Z")), inv__date_of(1960, 1, 1));
	/* The ends of time are answered too. */
	CHECK(inv__zone_date(&south, 0, INT64_MAX) > 0);
	CHECK(inv__zone_date(&zone, 1439, INT64_MIN) < 0);
}

TEST(local_times)
{
	inv__zone zone = zone_of(london);
	inv__zone midnight = zone_of("AAA3BBB,M10.3.0/0,M2.3.0/0");

	CHECK_INT(inv__zone_instant(&zone, at("2024-06-01T12:00:00.5Z")),
	          at("2024-06-01T11:00:00.5Z"));
	/* 01:30 comes twice: the first. */
	CHECK_INT(inv__zone_instant(&zone, at("2024-10-27T01:30:00Z")), at("2024-10-27T00:30:00Z"));
	/* 01:30 does not come: when the clocks have moved. */
	CHECK_INT(inv__zone_instant(&zone, at("2024-03-31T01:30:00Z")), at("2024-03-31T01:00:00Z"));
	CHECK_INT(inv__zone_instant(&zone, at("2024-03-31T02:00:00Z")), at("2024-03-31T01:00:00Z"));
	/* A day without midnight starts at one, and that is on the day. */
	CHECK_INT(inv__zone_instant(&midnight, at("2024-10-20T00:00:00Z")),
	          at("2024-10-20T03:00:00Z"));
	CHECK_INT(inv__zone_date(&midnight, 0, at("2024-10-20T03:00:00Z")),
	          inv__date_of(2024, 10, 20));
	CHECK_INT(inv__zone_date(&midnight, 0, at("2024-10-20T02:59:59Z")),
	          inv__date_of(2024, 10, 19));
}

static const char *const rules[] = {
	"GMT0BST,M3.5.0/1,M10.5.0", "AEST-10AEDT,M10.1.0,M4.1.0/3", "EST5EDT,M3.2.0,M11.1.0",
	"IST-1GMT0,M10.5.0,M3.5.0/1", "<-03>3", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
	"AAA-3BBB,J60/3:15,J300/1", "AAA8BBB,60,300/5", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
	"AAA5BBB,M6.1.0,M12.5.3", "IST-2IDT,M3.4.4/26,M10.5.0", "EET-2EEST,M4.5.5/0,M10.5.4/24",
};

/* What the C library makes of the same rule, 1971 to 2100. */
TEST(offsets_as_the_system_has_them)
{
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		inv__zone zone = zone_of(rules[i]);

		setenv("TZ", rules[i], 1);
		tzset();
		for (int k = 0; k < 5000; k++) {
			time_t second = (time_t)(31536000 + check_random_below(UINT64_C(4070908800)));
			struct tm local;

			if (!localtime_r(&second, &local))
				return;
			if (!CHECK_INT(inv__zone_offset(&zone, second * INV__SECOND),
			               local.tm_gmtoff)) {
				CHECK_FAIL("%s at %lld", rules[i], (long long)second);
				return;
			}
		}
	}
	unsetenv("TZ");
}

/* A local time that exists comes back; the answer never runs backwards on a day's start. */
TEST(local_times_round_trip)
{
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		inv__zone zone = zone_of(rules[i]);

		for (int k = 0; k < 5000; k++) {
			int64_t instant = (int64_t)check_random_below(UINT64_C(4102444800000000));
			int64_t local = instant + inv__zone_offset(&zone, instant) * INV__SECOND;
			int64_t back = inv__zone_instant(&zone, local);
			int64_t again = back + inv__zone_offset(&zone, back) * INV__SECOND;
			int32_t date = (int32_t)(local / INV__DAY);
			int64_t start = inv__zone_instant(&zone, date * INV__DAY);

			if (!CHECK(back <= instant) || !CHECK_INT(again, local) ||
			    !CHECK_INT(inv__zone_date(&zone, 0, start), date) ||
			    !CHECK(inv__zone_date(&zone, 0, start - 1) < date)) {
				CHECK_FAIL("%s at %lld", rules[i], (long long)instant);
				return;
			}
		}
	}
}

/* A TZif file with one type, `times` changes and a footer; returns its size. */
static size_t make_tzif(unsigned char *out, unsigned char version, unsigned char times,
                        const char *footer)
{
	size_t n = 0;

	for (size_t time_size = 4; time_size <= 8; time_size += 4) {
		size_t body = times * (time_size + 1) + 6 + 4;

		memset(out + n, 0, 44 + body);
		memcpy(out + n, "TZif", 4);
		out[n + 4] = version;
		out[n + 35] = times;
		out[n + 39] = 1;
		out[n + 43] = 4;
		n += 44 + body;
	}
	memcpy(out + n, footer, strlen(footer));
	return n + strlen(footer);
}

TEST(tzif)
{
	unsigned char data[2048];
	inv_str rule = {NULL, 0};
	size_t size = make_tzif(data, '2', 7, "\nGMT0BST,M3.5.0/1,M10.5.0\n");

	CHECK(inv__tzif_rule(data, size, &rule));
	CHECK_STR(rule, london);
	for (size_t cut = 0; cut < size; cut++) {
		unsigned char *copy = malloc(cut + 1);

		if (!copy)
			return;
		memcpy(copy, data, cut);
		CHECK(!inv__tzif_rule(copy, cut, &rule));
		free(copy);
	}
	size = make_tzif(data, '\0', 7, "\nGMT0\n");
	CHECK(!inv__tzif_rule(data, size, &rule));
	size = make_tzif(data, '3', 0, "\n\n");
	CHECK(!inv__tzif_rule(data, size, &rule));
	size = make_tzif(data, '2', 1, "\n<-03>3\n");
	CHECK(inv__tzif_rule(data, size, &rule));
	memset(data + 20, 0xFF, 24); /* counts that go far beyond the file */
	CHECK(!inv__tzif_rule(data, size, &rule));
	data[0] = 'X';
	CHECK(!inv__tzif_rule(data, size, &rule));
}

CHECK_MAIN()
