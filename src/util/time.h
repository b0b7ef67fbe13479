/* SPDX-License-Identifier: MIT */
/* Instants (microseconds since 1970-01-01 UTC), dates (days since then), POSIX time zone rules. */
#ifndef INV_UTIL_TIME_H
#define INV_UTIL_TIME_H

#include "inventra/base.h"

#define INV__SECOND INT64_C(1000000)
#define INV__DAY (INT64_C(86400) * INV__SECOND)

/* Proleptic Gregorian calendar. */
int32_t inv__date_of(int32_t year, int32_t month, int32_t day);
void inv__date_split(int32_t date, int32_t *year, int32_t *month, int32_t *day);
bool inv__date_parse(inv_str text, int32_t *out); /* YYYY-MM-DD, a real day */
size_t inv__date_format(int32_t date, char out[16]);

/* RFC 3339, years 0 to 9999; digits beyond microseconds are cut off. */
bool inv__instant_parse(inv_str text, int64_t *out);
size_t inv__instant_format(int64_t instant, char out[40]); /* …Z, shortest fraction */

/* A parsed POSIX TZ rule: std offset dst [offset],start[/time],end[/time], the <…> names, Mm.w.d,
 * Jn and n forms, times from -167 to 167 hours (RFC 9636). */
typedef struct inv__zone_change {
	int32_t kind; /* 0 = Mm.w.d, 1 = Jn, 2 = n */
	int32_t month, week, day;
	int32_t seconds;
} inv__zone_change;

typedef struct inv__zone {
	int32_t standard_offset; /* seconds east of UTC */
	int32_t daylight_offset;
	bool has_daylight;
	inv__zone_change start, end;
} inv__zone;

bool inv__zone_parse(inv_str rule, inv__zone *out);
/* Seconds east of UTC at an instant. */
int32_t inv__zone_offset(const inv__zone *zone, int64_t instant);
/* The local date of an instant when days start `day_start` minutes after midnight. */
int32_t inv__zone_date(const inv__zone *zone, int32_t day_start, int64_t instant);
/* Local wall-clock time (microseconds as if UTC) to an instant: in an overlap the first of the two,
 * in a gap the instant that ends it, so that the start of a day is always within the day. */
int64_t inv__zone_instant(const inv__zone *zone, int64_t local);

/* The footer rule of a TZif file's bytes (version 2 or later); false when there is none. */
bool inv__tzif_rule(const void *data, size_t size, inv_str *rule);

#endif
