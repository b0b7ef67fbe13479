/* SPDX-License-Identifier: MIT */
/* London's clock: an hour ahead of UTC from the last Sunday of March to that of October. */
#include "replay.h"

#define DAY INT64_C(86400)
#define HOUR INT64_C(3600)

/* Days from 1970-01-01 in the Gregorian calendar. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
	       719468;
}

/* The last Sunday of a month with 31 days. */
static int64_t last_sunday(int64_t year, int64_t month)
{
	int64_t last = days_of(year, month, 31);

	return last - (((last + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

static bool digits(const char **at, size_t count, int64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < count; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		*out = *out * 10 + (**at - '0');
	}
	return true;
}

static bool sign(const char **at, char expected)
{
	return *(*at)++ == expected;
}

static int64_t days_in(int64_t year, int64_t month)
{
	return days_of(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1) -
	       days_of(year, month, 1);
}

bool local_time_read(const char *text, int64_t *instant)
{
	int64_t year, month, day, hour, minute, second, local;

	if (!digits(&text, 4, &year) || !sign(&text, '-') || !digits(&text, 2, &month) ||
	    !sign(&text, '-') || !digits(&text, 2, &day) || !sign(&text, ' ') ||
	    !digits(&text, 2, &hour) || !sign(&text, ':') || !digits(&text, 2, &minute) ||
	    !sign(&text, ':') || !digits(&text, 2, &second) || *text != '\0')
		return false;
	if (month < 1 || month > 12 || day < 1 || day > days_in(year, month) || hour > 23 ||
	    minute > 59 || second > 59)
		return false;
	local = days_of(year, month, day) * DAY + hour * HOUR + minute * 60 + second;
	if (local >= last_sunday(year, 3) * DAY + HOUR &&
	    local < last_sunday(year, 10) * DAY + 2 * HOUR)
		local -= HOUR;
	*instant = local * 1000000;
	return true;
}
