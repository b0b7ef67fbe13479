/* SPDX-License-Identifier: MIT */
/* Exact arithmetic and decimals. */
#include "util/number.h"

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 uwide;

static const int64_t powers[19] = {
	INT64_C(1),
	INT64_C(10),
	INT64_C(100),
	INT64_C(1000),
	INT64_C(10000),
	INT64_C(100000),
	INT64_C(1000000),
	INT64_C(10000000),
	INT64_C(100000000),
	INT64_C(1000000000),
	INT64_C(10000000000),
	INT64_C(100000000000),
	INT64_C(1000000000000),
	INT64_C(10000000000000),
	INT64_C(100000000000000),
	INT64_C(1000000000000000),
	INT64_C(10000000000000000),
	INT64_C(100000000000000000),
	INT64_C(1000000000000000000),
};

int64_t inv__pow10(uint32_t exponent)
{
	return exponent < 19 ? powers[exponent] : 0;
}

static bool narrow(wide value, int64_t *out)
{
	if (value < INT64_MIN || value > INT64_MAX)
		return false;
	*out = (int64_t)value;
	return true;
}

/* Floor of a / b, b > 0; the remainder is in 0 .. b-1. */
static wide floor_div(wide a, wide b, wide *remainder)
{
	wide quotient = a / b;

	*remainder = a % b;
	if (*remainder < 0) {
		*remainder += b;
		quotient--;
	}
	return quotient;
}

static wide half_even(wide a, wide b)
{
	wide remainder;
	wide quotient = floor_div(a, b, &remainder);

	if (remainder > b - remainder || (remainder == b - remainder && quotient % 2 != 0))
		quotient++;
	return quotient;
}

bool inv__mul_div(int64_t a, int64_t b, int64_t divisor, int64_t *out)
{
	return divisor > 0 && narrow(half_even((wide)a * b, divisor), out);
}

bool inv__mul_div_floor(int64_t a, int64_t b, int64_t divisor, int64_t *out)
{
	wide remainder;

	return divisor > 0 && narrow(floor_div((wide)a * b, divisor, &remainder), out);
}

bool inv__round_to(int64_t value, int64_t step, int64_t *out)
{
	return step > 0 && narrow(half_even(value, step) * step, out);
}

/* The smallest limit that at most `most` of the values are above. */
static int64_t limit_for(const int64_t *values, size_t count, int64_t high, size_t most)
{
	int64_t low = 0;

	while (low < high) {
		int64_t middle = low + (high - low) / 2;
		size_t above = 0;

		for (size_t i = 0; i < count; i++)
			above += values[i] > middle;
		if (above > most)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Sum of the weights; 0 when they are none that can be split by. */
static int64_t weigh(const int64_t *weights, size_t count)
{
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		if (weights[i] < 0 || !inv__add(sum, weights[i], &sum))
			return 0;
	}
	return sum;
}

bool inv__split(int64_t total, const int64_t *weights, size_t count, int64_t *parts)
{
	int64_t sum = weigh(weights, count);
	uint64_t size = total < 0 ? 0 - (uint64_t)total : (uint64_t)total;
	uint64_t left = size;
	size_t above = 0;
	int64_t limit;

	if (sum == 0)
		return false;
	/* No memory is asked for: the remainders stand in `parts` until the parts are known. */
	for (size_t i = 0; i < count; i++) {
		uwide product = (uwide)size * (uint64_t)weights[i];

		left -= (uint64_t)(product / (uint64_t)sum);
		parts[i] = (int64_t)(product % (uint64_t)sum);
	}
	limit = limit_for(parts, count, sum, (size_t)left);
	for (size_t i = 0; i < count; i++)
		above += parts[i] > limit;
	left -= above; /* these go to the first of those exactly at the limit */
	for (size_t i = 0; i < count; i++) {
		uint64_t part = (uint64_t)((uwide)size * (uint64_t)weights[i] / (uint64_t)sum);

		if (parts[i] > limit) {
			part++;
		} else if (parts[i] == limit && left) {
			part++;
			left--;
		}
		parts[i] = (int64_t)(total < 0 ? 0 - part : part);
	}
	return true;
}
