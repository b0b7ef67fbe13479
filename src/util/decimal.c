/* SPDX-License-Identifier: MIT */
/* Decimals and integers as text. */
#include "util/number.h"

static const char pairs[201] = "00010203040506070809101112131415161718192021222324"
                               "25262728293031323334353637383940414243444546474849"
                               "50515253545556575859606162636465666768697071727374"
                               "75767778798081828384858687888990919293949596979899";

/* The text cut in two at the point, its sign taken off. */
struct decimal {
	bool negative;
	const char *whole;
	size_t whole_len;
	const char *fraction;
	size_t fraction_len;
};

static size_t digits_of(const char *p, size_t len)
{
	size_t n = 0;

	while (n < len && p[n] >= '0' && p[n] <= '9')
		n++;
	return n;
}

static bool cut(inv_str text, struct decimal *d)
{
	const char *p = text.ptr;
	size_t len = text.len;

	memset(d, 0, sizeof *d);
	if (len == 0)
		return false;
	if (*p == '-' || *p == '+') {
		d->negative = *p == '-';
		p++;
		len--;
	}
	d->whole = p;
	d->whole_len = digits_of(p, len);
	p += d->whole_len;
	len -= d->whole_len;
	if (len && *p == '.') {
		d->fraction = p + 1;
		d->fraction_len = digits_of(p + 1, len - 1);
		len -= d->fraction_len + 1;
	}
	return len == 0 && d->whole_len + d->fraction_len > 0;
}

static bool push(uint64_t *value, const char *digits, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (__builtin_mul_overflow(*value, UINT64_C(10), value) ||
		    __builtin_add_overflow(*value, (uint64_t)(digits[i] - '0'), value))
			return false;
	}
	return true;
}

int inv__decimal_parse(inv_str text, uint32_t scale, int64_t *out)
{
	struct decimal d;
	uint64_t value = 0;
	uint64_t most;

	if (!cut(text, &d))
		return INV__DECIMAL_SYNTAX;
	while (d.fraction_len && d.fraction[d.fraction_len - 1] == '0')
		d.fraction_len--;
	if (d.fraction_len > scale)
		return INV__DECIMAL_PLACES;
	if (!push(&value, d.whole, d.whole_len) || !push(&value, d.fraction, d.fraction_len))
		return INV__DECIMAL_RANGE;
	for (size_t i = d.fraction_len; i < scale && value; i++) {
		if (__builtin_mul_overflow(value, UINT64_C(10), &value))
			return INV__DECIMAL_RANGE;
	}
	most = (uint64_t)INT64_MAX + d.negative;
	if (value > most)
		return INV__DECIMAL_RANGE;
	*out = (int64_t)(d.negative ? 0 - value : value);
	return INV__DECIMAL_OK;
}

/* Writes the digits so that they end before `end`; returns where they start. */
static char *put_digits(char *end, uint64_t value)
{
	while (value >= 100) {
		end -= 2;
		memcpy(end, pairs + 2 * (value % 100), 2);
		value /= 100;
	}
	if (value >= 10) {
		end -= 2;
		memcpy(end, pairs + 2 * value, 2);
		return end;
	}
	*--end = (char)('0' + value);
	return end;
}

static size_t finish(char *start, const char *end, bool negative, char *out)
{
	size_t len;

	if (negative)
		*--start = '-';
	len = (size_t)(end - start);
	memcpy(out, start, len);
	out[len] = '\0';
	return len;
}

/* The two scales that nearly every number has divide by a constant. */
static uint64_t whole_of(uint64_t value, uint32_t scale)
{
	if (scale == 6)
		return value / 1000000;
	if (scale == 4)
		return value / 10000;
	return value / (uint64_t)inv__pow10(scale);
}

size_t inv__decimal_format(int64_t value, uint32_t scale, char out[24])
{
	char text[24];
	char *start = text + sizeof text;
	const char *end = start;
	uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	uint64_t whole = scale ? whole_of(size, scale) : size;
	uint64_t fraction = scale ? size - whole * (uint64_t)inv__pow10(scale) : 0;

	if (fraction) {
		for (; fraction % 10 == 0; scale--)
			fraction /= 10;
		start = put_digits(start, fraction);
		while ((size_t)(end - start) < scale)
			*--start = '0';
		*--start = '.';
	}
	start = put_digits(start, whole);
	return finish(start, end, value < 0, out);
}

size_t inv__int_format(int64_t value, char out[24])
{
	return inv__decimal_format(value, 0, out);
}
