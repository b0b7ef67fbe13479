/* SPDX-License-Identifier: MIT */
/* POSIX time zone rules, and where TZif files keep theirs. */
#include "util/time.h"

#define HOUR_SECONDS 3600
#define DAY_SECONDS 86400

enum { MONTH_WEEK_DAY, JULIAN, ZERO_BASED };

struct reader {
	const char *p;
	const char *end;
};

static bool take(struct reader *r, char c)
{
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static bool read_number(struct reader *r, int32_t low, int32_t high, int32_t *out)
{
	int32_t value = 0;
	const char *start = r->p;

	for (; r->p < r->end && *r->p >= '0' && *r->p <= '9'; r->p++) {
		value = value * 10 + (*r->p - '0');
		if (value > high)
			return false;
	}
	*out = value;
	return r->p > start && value >= low;
}

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_quotable(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-';
}

/* At least three letters, or <…>. */
static bool read_name(struct reader *r)
{
	bool quoted = take(r, '<');
	const char *start = r->p;

	while (r->p < r->end && (quoted ? is_quotable(*r->p) : is_letter(*r->p)))
		r->p++;
	return r->p - start >= 3 && (!quoted || take(r, '>'));
}

/* [+-]hh[:mm[:ss]] */
static bool read_time(struct reader *r, int32_t max_hours, int32_t *out)
{
	bool negative = take(r, '-');
	int32_t hours, minutes = 0, seconds = 0;

	if (!negative)
		(void)take(r, '+');
	if (!read_number(r, 0, max_hours, &hours))
		return false;
	if (take(r, ':')) {
		if (!read_number(r, 0, 59, &minutes))
			return false;
		if (take(r, ':') && !read_number(r, 0, 59, &seconds))
			return false;
	}
	*out = hours * HOUR_SECONDS + minutes * 60 + seconds;
	if (negative)
		*out = -*out;
	return true;
}

static bool read_day(struct reader *r, inv__zone_change *out)
{
	if (take(r, 'M')) {
		out->kind = MONTH_WEEK_DAY;
		return read_number(r, 1, 12, &out->month) && take(r, '.') &&
		       read_number(r, 1, 5, &out->week) && take(r, '.') &&
		       read_number(r, 0, 6, &out->day);
	}
	if (take(r, 'J')) {
		out->kind = JULIAN;
		return read_number(r, 1, 365, &out->day);
	}
	out->kind = ZERO_BASED;
	return read_number(r, 0, 365, &out->day);
}

static bool read_change(struct reader *r, inv__zone_change *out)
{
	if (!take(r, ',') || !read_day(r, out))
		return false;
	out->seconds = 2 * HOUR_SECONDS;
	return !take(r, '/') || read_time(r, 167, &out->seconds);
}

bool inv__zone_parse(inv_str rule, inv__zone *out)
{
	struct reader r = {rule.ptr, rule.ptr};
	inv__zone zone;
	int32_t west;

	if (rule.len == 0)
		return false;
	r.end += rule.len;
	memset(&zone, 0, sizeof zone);
	if (!read_name(&r) || !read_time(&r, 24, &west))
		return false;
	zone.standard_offset = zone.daylight_offset = -west;
	if (r.p < r.end) {
		if (!read_name(&r))
			return false;
		zone.has_daylight = true;
		zone.daylight_offset += HOUR_SECONDS;
		if (r.p < r.end && *r.p != ',') {
			if (!read_time(&r, 24, &west))
				return false;
			zone.daylight_offset = -west;
		}
		if (!read_change(&r, &zone.start) || !read_change(&r, &zone.end) || r.p < r.end)
			return false;
	}
	*out = zone;
	return true;
}

static int64_t floor_seconds(int64_t instant)
{
	return instant / INV__SECOND - (instant % INV__SECOND < 0);
}

static int64_t floor_days(int64_t seconds)
{
	return seconds / DAY_SECONDS - (seconds % DAY_SECONDS < 0);
}

/* 0 is Sunday; 1970-01-01 was a Thursday. */
static int32_t weekday(int32_t date)
{
	int32_t day = (date + 4) % 7;

	return day < 0 ? day + 7 : day;
}

static int32_t change_date(const inv__zone_change *change, int32_t year)
{
	int32_t first, next, date;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	first = inv__date_of(year, 1, 1);
	if (change->kind == ZERO_BASED)
		return first + change->day;
	if (change->kind == JULIAN)
		return first + change->day - 1 + (leap && change->day > 59);
	first = inv__date_of(year, change->month, 1);
	next = change->month == 12 ? inv__date_of(year + 1, 1, 1)
	                           : inv__date_of(year, change->month + 1, 1);
	date = first + (change->day - weekday(first) + 7) % 7 + 7 * (change->week - 1);
	return date < next ? date : date - 7; /* week 5 is the last one */
}

/* The seconds since 1970 UTC at which the change of that year happens. */
static int64_t change_second(const inv__zone_change *change, int32_t year, int32_t offset)
{
	return (int64_t)change_date(change, year) * DAY_SECONDS + change->seconds - offset;
}

/* The last change at or before `second`. Times of up to a week move changes into other years, so
 * the years around are looked at. Where one daylight time ends as the next begins, it goes on. */
static int64_t last_change(const inv__zone *zone, int64_t second, bool *daylight)
{
	int64_t latest = INT64_MIN;
	int32_t year, month, day;

	inv__date_split((int32_t)floor_days(second + zone->standard_offset), &year, &month, &day);
	for (int32_t y = year - 1; y <= year + 1; y++) {
		int64_t end = change_second(&zone->end, y, zone->daylight_offset);
		int64_t start = change_second(&zone->start, y, zone->standard_offset);

		if (end <= second && end > latest) {
			latest = end;
			*daylight = false;
		}
		if (start <= second && start >= latest) {
			latest = start;
			*daylight = true;
		}
	}
	return latest;
}

static int32_t offset_at(const inv__zone *zone, int64_t second)
{
	bool daylight = false;

	if (zone->has_daylight)
		(void)last_change(zone, second, &daylight);
	return daylight ? zone->daylight_offset : zone->standard_offset;
}

int32_t inv__zone_offset(const inv__zone *zone, int64_t instant)
{
	return offset_at(zone, floor_seconds(instant));
}

int32_t inv__zone_date(const inv__zone *zone, int32_t day_start, int64_t instant)
{
	int64_t second = floor_seconds(instant);

	return (int32_t)floor_days(second + offset_at(zone, second) - (int64_t)day_start * 60);
}

int64_t inv__zone_instant(const inv__zone *zone, int64_t local)
{
	int64_t second = floor_seconds(local);
	int64_t part = local - second * INV__SECOND;
	int32_t low = zone->standard_offset, high = zone->daylight_offset;
	bool daylight;

	if (low > high) {
		low = zone->daylight_offset;
		high = zone->standard_offset;
	}
	if (offset_at(zone, second - high) == high)
		return (second - high) * INV__SECOND + part;
	if (offset_at(zone, second - low) == low)
		return (second - low) * INV__SECOND + part;
	/* The clocks skipped this time. */
	return last_change(zone, second - low, &daylight) * INV__SECOND;
}

static uint64_t big_endian(const unsigned char *p)
{
	return (uint64_t)p[0] << 24 | (uint64_t)p[1] << 16 | (uint64_t)p[2] << 8 | p[3];
}

#define TZIF_HEADER 44u

/* The size of a TZif header and the data after it, whose times take `time_size` bytes; 0 when it
 * is none or goes beyond `size`. */
static size_t tzif_part(const unsigned char *p, size_t size, uint64_t time_size)
{
	uint64_t utc, standard, leaps, times, types, chars, total;

	if (size < TZIF_HEADER || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
		return 0;
	utc = big_endian(p + 20);
	standard = big_endian(p + 24);
	leaps = big_endian(p + 28);
	times = big_endian(p + 32);
	types = big_endian(p + 36);
	chars = big_endian(p + 40);
	total = TZIF_HEADER + times * (time_size + 1) + types * 6 + chars +
	        leaps * (time_size + 4) + standard + utc;
	return total <= size ? (size_t)total : 0;
}

bool inv__tzif_rule(const void *data, size_t size, inv_str *rule)
{
	const unsigned char *p = data;
	const unsigned char *end;
	size_t part;

	for (uint64_t time_size = 4; time_size <= 8; time_size += 4) {
		part = tzif_part(p, size, time_size);
		if (part == 0)
			return false;
		p += part;
		size -= part;
	}
	if (size < 3 || *p != '\n')
		return false;
	p++;
	end = memchr(p, '\n', size - 1);
	if (!end || end == p)
		return false;
	rule->ptr = (const char *)p;
	rule->len = (size_t)(end - p);
	return true;
}
