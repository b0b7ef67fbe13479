/* SPDX-License-Identifier: MIT */
/* Comparing, folding and trimming strings; messages; check digits. */
#include "util/text.h"

#include <stdarg.h>
#include <stdio.h>

static inline unsigned char fold_ascii(unsigned char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool inv__str_equal(inv_str a, inv_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool inv__str_is(inv_str a, const char *text)
{
	/* Most differ in the first letter. */
	return (a.len == 0 || (text && a.ptr[0] == text[0])) && inv__str_equal(a, inv_str_of(text));
}

int inv__str_compare(inv_str a, inv_str b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len ? memcmp(a.ptr, b.ptr, len) : 0;

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

bool inv__str_equal_fold(inv_str a, inv_str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (fold_ascii((unsigned char)a.ptr[i]) != fold_ascii((unsigned char)b.ptr[i]))
			return false;
	}
	return true;
}

inv_str inv__str_fold(inv__arena *arena, inv_str text)
{
	inv_str folded = {"", 0};
	char *memory;

	if (text.len == 0)
		return folded;
	memory = text.len == SIZE_MAX ? NULL : inv__arena_alloc(arena, text.len + 1);
	if (memory) {
		for (size_t i = 0; i < text.len; i++)
			memory[i] = (char)fold_ascii((unsigned char)text.ptr[i]);
		memory[text.len] = '\0';
		folded.len = text.len;
	}
	folded.ptr = memory;
	return folded;
}

bool inv__str_starts(inv_str text, inv_str prefix)
{
	return text.len >= prefix.len &&
	       (prefix.len == 0 || memcmp(text.ptr, prefix.ptr, prefix.len) == 0);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

inv_str inv__str_trim(inv_str text)
{
	while (text.len && is_space(text.ptr[0])) {
		text.ptr++;
		text.len--;
	}
	while (text.len && is_space(text.ptr[text.len - 1]))
		text.len--;
	return text;
}

/* Where a cut text must end so that its last code point is whole. */
static size_t whole_length(const char *text, size_t len)
{
	size_t start = len;
	uint32_t code;

	while (start > 0 && len - start < 3 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
		start--;
	if (start == 0 || (unsigned char)text[start - 1] < 0xC0)
		return len;
	start--;
	return inv__utf8_decode(text + start, len - start, &code) ? len : start;
}

int inv__format(char *out, size_t size, const char *format, ...)
{
	va_list args;
	int len;

	if (size == 0)
		return 0;
	va_start(args, format);
	len = vsnprintf(out, size, format, args);
	va_end(args);
	if (len < 0) {
		out[0] = '\0';
		return 0;
	}
	if ((size_t)len >= size) {
		len = (int)whole_length(out, size - 1);
		out[len] = '\0';
	}
	return len;
}

bool inv__gtin_check(inv_str digits)
{
	uint32_t sum = 0;

	if (digits.len != 8 && (digits.len < 12 || digits.len > 14))
		return false;
	for (size_t i = 0; i < digits.len; i++) {
		uint32_t digit = (uint32_t)(unsigned char)digits.ptr[i] - '0';

		if (digit > 9)
			return false;
		/* Weights 3 and 1 take turns, 1 at the check digit. */
		sum += (digits.len - i) % 2 == 0 ? digit * 3 : digit;
	}
	return sum % 10 == 0;
}
