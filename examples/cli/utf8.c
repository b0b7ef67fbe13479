/* SPDX-License-Identifier: MIT */
/* How wide text is on a terminal. */
#include "text.h"

/* Decode one character; broken bytes count as one character each. */
static size_t decode(const char *data, size_t len, uint32_t *out)
{
	const unsigned char *bytes = (const unsigned char *)data;
	size_t need = bytes[0] < 0x80 ? 1 : bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : 4;
	uint32_t value = need == 1 ? bytes[0] : (uint32_t)bytes[0] & (0x7Fu >> need);

	if (bytes[0] >= 0x80 && bytes[0] < 0xC0)
		need = 1;
	if (need > len)
		need = 1;
	for (size_t i = 1; i < need; i++)
		value = value << 6 | (bytes[i] & 0x3Fu);
	*out = value;
	return need;
}

static bool within(uint32_t c, const uint32_t (*ranges)[2], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return true;
	return false;
}

static size_t columns_of(uint32_t c)
{
	static const uint32_t none[][2] = {
		{0x300, 0x36F}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}};
	static const uint32_t wide[][2] = {
		{0x1100, 0x115F}, {0x2E80, 0xA4CF}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFE30, 0xFE6F},
		{0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD}};

	if (c < 0x300)
		return 1;
	if (within(c, none, sizeof none / sizeof none[0]))
		return 0;
	return within(c, wide, sizeof wide / sizeof wide[0]) ? 2 : 1;
}

size_t text_width(const char *data, size_t len)
{
	size_t width = 0;
	uint32_t c;

	for (size_t at = 0; at < len;) {
		at += decode(data + at, len - at, &c);
		width += columns_of(c);
	}
	return width;
}

size_t text_fit(const char *data, size_t len, size_t width)
{
	size_t used = 0;
	size_t at = 0;
	uint32_t c;

	while (at < len) {
		size_t step = decode(data + at, len - at, &c);

		used += columns_of(c);
		if (used > width)
			break;
		at += step;
	}
	return at;
}
