/* SPDX-License-Identifier: MIT */
/* The calendar, and instants as text. */
#include "util/time.h"

#include "util/number.h"

#define MINUTE (60 * INV__SECOND)
#define HOUR (60 * MINUTE)
/* 0000-01-01T00:00:00Z and 10000-01-01T00:00:00Z: what four digits of year can say. */
#define FIRST_DATE (-719528)
#define END_DATE 2932897

/* Years are counted from March, so that the leap day is the last of its year; 400 years have
 * 146097 days, and 1970-01-01 is day 719468 from 0000-03-01. */
int32_t inv__date_of(int32_t year, int32_t month, int32_t day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return (int32_t)(era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	                 day_of_year - 719468);
}

void inv__date_split(int32_t date, int32_t *year, int32_t *month, int32_t *day)
{
	int64_t z = (int64_t)date + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t day_of_era = z - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
	                       day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 -
	                                    year_of_era / 100);
	int64_t from_march = (5 * day_of_year + 2) / 153;

	*day = (int32_t)(day_of_year - (153 * from_march + 2) / 5 + 1);
	*month = (int32_t)(from_march < 10 ? from_march + 3 : from_march - 9);
	*year = (int32_t)(year_of_era + era * 400 + (*month <= 2));
}

/* Reads exactly `count` digits. */
static bool digits(inv_str *text, size_t count, int32_t *out)
{
	int32_t value = 0;

	if (text->len < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (text->ptr[i] < '0' || text->ptr[i] > '9')
			return false;
		value = value * 10 + (text->ptr[i] - '0');
	}
	text->ptr += count;
	text->len -= count;
	*out = value;
	return true;
}

/* Reads one of the characters of `set`. */
static char one_of(inv_str *text, const char *set)
{
	char c = text->len ? text->ptr[0] : '\0';

	if (c == '\0' || !strchr(set, c))
		return '\0';
	text->ptr++;
	text->len--;
	return c;
}

static bool read_date(inv_str *text, int32_t *out)
{
	int32_t year, month, day, y, m, d, date;

	if (!digits(text, 4, &year) || !one_of(text, "-") || !digits(text, 2, &month) ||
	    !one_of(text, "-") || !digits(text, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	date = inv__date_of(year, month, day);
	inv__date_split(date, &y, &m, &d);
	if (d != day)
		return false;
	*out = date;
	return true;
}

bool inv__date_parse(inv_str text, int32_t *out)
{
	int32_t date;

	if (!read_date(&text, &date) || text.len)
		return false;
	*out = date;
	return true;
}

/* Microseconds; what is finer is cut off. */
static bool read_fraction(inv_str *text, int64_t *out)
{
	int64_t value = 0, unit = INV__SECOND / 10;
	int32_t digit;

	if (!one_of(text, "."))
		return true;
	if (!digits(text, 1, &digit))
		return false;
	do {
		value += digit * unit;
		unit /= 10;
	} while (digits(text, 1, &digit));
	*out = value;
	return true;
}

static bool read_offset(inv_str *text, int64_t *out)
{
	int32_t hours, minutes;
	char sign;

	if (one_of(text, "Zz"))
		return true;
	sign = one_of(text, "+-");
	if (!sign || !digits(text, 2, &hours) || !one_of(text, ":") || !digits(text, 2, &minutes))
		return false;
	if (hours > 23 || minutes > 59)
		return false;
	*out = (hours * HOUR + minutes * MINUTE) * (sign == '-' ? -1 : 1);
	return true;
}

bool inv__instant_parse(inv_str text, int64_t *out)
{
	int32_t date, hours, minutes, seconds;
	int64_t fraction = 0, offset = 0, instant;

	if (!read_date(&text, &date) || !one_of(&text, "Tt ") || !digits(&text, 2, &hours) ||
	    !one_of(&text, ":") || !digits(&text, 2, &minutes) || !one_of(&text, ":") ||
	    !digits(&text, 2, &seconds))
		return false;
	if (!read_fraction(&text, &fraction) || !read_offset(&text, &offset) || text.len)
		return false;
	if (hours > 23 || minutes > 59 || seconds > 60)
		return false;
	instant = date * INV__DAY + hours * HOUR + minutes * MINUTE - offset;
	/* A leap second, at the end of a UTC day only, is read as the first of the next. */
	if (seconds == 60 && (instant + MINUTE) % INV__DAY != 0)
		return false;
	instant += seconds * INV__SECOND + fraction;
	if (instant < FIRST_DATE * INV__DAY || instant >= END_DATE * INV__DAY)
		return false;
	*out = instant;
	return true;
}

/* At least `width` digits, zeros before. */
static char *put(char *out, int64_t value, size_t width)
{
	char text[24];
	size_t len = inv__int_format(value, text);

	for (; width > len; width--)
		*out++ = '0';
	memcpy(out, text, len);
	return out + len;
}

size_t inv__date_format(int32_t date, char out[16])
{
	int32_t year, month, day;
	char *p = out;

	inv__date_split(date, &year, &month, &day);
	if (year < 0)
		*p++ = '-';
	p = put(p, year < 0 ? -(int64_t)year : year, 4);
	*p++ = '-';
	p = put(p, month, 2);
	*p++ = '-';
	p = put(p, day, 2);
	*p = '\0';
	return (size_t)(p - out);
}

size_t inv__instant_format(int64_t instant, char out[40])
{
	int64_t date = instant / INV__DAY - (instant % INV__DAY < 0);
	int64_t left = instant % INV__DAY + (instant % INV__DAY < 0 ? INV__DAY : 0);
	int64_t fraction = left % INV__SECOND;
	size_t width = 6;
	char *p = out + inv__date_format((int32_t)date, out);

	*p++ = 'T';
	p = put(p, left / HOUR, 2);
	*p++ = ':';
	p = put(p, left % HOUR / MINUTE, 2);
	*p++ = ':';
	p = put(p, left % MINUTE / INV__SECOND, 2);
	if (fraction) {
		for (; fraction % 10 == 0; width--)
			fraction /= 10;
		*p++ = '.';
		p = put(p, fraction, width);
	}
	*p++ = 'Z';
	*p = '\0';
	return (size_t)(p - out);
}
