/* SPDX-License-Identifier: MIT */
/* Rational conversion of quantities: exact, or rounded as is asked for. */
#include "domain/units.h"
#include "util/number.h"

int64_t inv__gcd(int64_t a, int64_t b)
{
	while (b != 0) {
		int64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static bool ceiling(int64_t a, int64_t b, int64_t divisor, int64_t *out)
{
	if (a == INT64_MIN || !inv__mul_div_floor(-a, b, divisor, out) || *out == INT64_MIN)
		return false;
	*out = -*out;
	return true;
}

int inv__convert(int64_t quantity, inv__ratio ratio, int64_t step, int32_t rounding, int64_t *out)
{
	int64_t divisor = ratio.denominator * step; /* at most 10^9 x 10^6 */
	int64_t below, above, steps;

	if (!inv__mul_div_floor(quantity, ratio.numerator, divisor, &below) ||
	    !ceiling(quantity, ratio.numerator, divisor, &above))
		return INV__CONVERT_RANGE;
	if (below != above && rounding == INV_UNIT_ROUNDING_EXACT)
		return INV__CONVERT_INEXACT;
	if (rounding == INV_UNIT_ROUNDING_HALF_EVEN) {
		if (!inv__mul_div(quantity, ratio.numerator, divisor, &steps))
			return INV__CONVERT_RANGE;
	} else {
		steps = (rounding == INV_UNIT_ROUNDING_UP) == (quantity > 0) ? above : below;
	}
	if (steps > INV_LIMIT_QUANTITY / step || steps < -(INV_LIMIT_QUANTITY / step))
		return INV__CONVERT_RANGE;
	*out = steps * step;
	return INV__CONVERT_OK;
}

bool inv__convert_nearest(int64_t quantity, inv__ratio ratio, int64_t step, int64_t *below,
                          int64_t *above)
{
	int64_t divisor = ratio.denominator * step;
	int64_t grain = divisor / inv__gcd(ratio.numerator, divisor);
	int64_t rest = quantity % grain;

	if (rest < 0)
		rest += grain;
	return inv__sub(quantity, rest, below) && inv__add(*below, rest ? grain : 0, above);
}
