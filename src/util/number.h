/* SPDX-License-Identifier: MIT */
/* Exact arithmetic: decimals, 128-bit products, half-even rounding, largest-remainder splits. */
#ifndef INV_UTIL_NUMBER_H
#define INV_UTIL_NUMBER_H

#include "inventra/base.h"

/* All return false on overflow (out is then untouched). */
static inline bool inv__add(int64_t a, int64_t b, int64_t *out)
{
	int64_t r;
	if (__builtin_add_overflow(a, b, &r))
		return false;
	*out = r;
	return true;
}

static inline bool inv__sub(int64_t a, int64_t b, int64_t *out)
{
	int64_t r;
	if (__builtin_sub_overflow(a, b, &r))
		return false;
	*out = r;
	return true;
}

/* round_half_even(a * b / divisor); divisor > 0. 128-bit intermediate. */
bool inv__mul_div(int64_t a, int64_t b, int64_t divisor, int64_t *out);
/* floor(a * b / divisor); divisor > 0. */
bool inv__mul_div_floor(int64_t a, int64_t b, int64_t divisor, int64_t *out);
/* Round to a multiple of `step` > 0, half to even multiples. */
bool inv__round_to(int64_t value, int64_t step, int64_t *out);
/* Split `total` in proportion to `weights` (all >= 0, sum > 0) by largest remainder, ties to the
 * lower index; parts sum to total. `parts` must not be `weights`. */
bool inv__split(int64_t total, const int64_t *weights, size_t count, int64_t *parts);

int64_t inv__pow10(uint32_t exponent); /* 0..18 */

#define INV__DECIMAL_OK 0
#define INV__DECIMAL_SYNTAX 1
#define INV__DECIMAL_PLACES 2   /* more decimals than allowed (trailing zeros do not count) */
#define INV__DECIMAL_RANGE 3
/* Digits with one optional sign and point; a digit on either side of the point will do. */
int inv__decimal_parse(inv_str text, uint32_t scale, int64_t *out);
/* Shortest decimal, NUL-terminated; returns the length (at most 23). */
size_t inv__decimal_format(int64_t value, uint32_t scale, char out[24]);
size_t inv__int_format(int64_t value, char out[24]);

/* Decimals of the minor unit of an ISO 4217 currency (0 to 4); false for a code that is none. */
bool inv__currency_decimals(inv_str code, uint32_t *out);

#endif
