/* SPDX-License-Identifier: MIT */
/* UTF-8: decoding, encoding, what may stand in a text or a code. */
#include "util/text.h"

#include "util/utf8_marks.h"

#define BYTES(b) (UINT64_C(0x0101010101010101) * (b))

/* True when all eight bytes are printable ASCII. */
static inline bool plain8(const char *p)
{
	uint64_t w, del;

	memcpy(&w, p, sizeof w);
	del = w ^ BYTES(0x7F);
	return ((w | (w - BYTES(0x20)) | (del - BYTES(1))) & BYTES(0x80)) == 0;
}

static inline bool follows(unsigned char c)
{
	return (c & 0xC0) == 0x80;
}

static size_t decode2(const unsigned char *p, size_t len, uint32_t *out)
{
	if (p[0] < 0xC2 || len < 2 || !follows(p[1]))
		return 0;
	*out = (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3Fu);
	return 2;
}

static size_t decode3(const unsigned char *p, size_t len, uint32_t *out)
{
	uint32_t code;

	if (len < 3 || !follows(p[1]) || !follows(p[2]))
		return 0;
	code = (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3Fu);
	if (code < 0x800 || (code >= 0xD800 && code <= 0xDFFF))
		return 0;
	*out = code;
	return 3;
}

static size_t decode4(const unsigned char *p, size_t len, uint32_t *out)
{
	uint32_t code;

	if (p[0] > 0xF4 || len < 4 || !follows(p[1]) || !follows(p[2]) || !follows(p[3]))
		return 0;
	code = (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 |
	       (uint32_t)(p[2] & 0x3F) << 6 | (p[3] & 0x3Fu);
	if (code < 0x10000 || code > 0x10FFFF)
		return 0;
	*out = code;
	return 4;
}

size_t inv__utf8_decode(const char *p, size_t len, uint32_t *out)
{
	const unsigned char *u = (const unsigned char *)p;

	if (len == 0)
		return 0;
	if (u[0] < 0x80) {
		*out = u[0];
		return 1;
	}
	if (u[0] < 0xE0)
		return decode2(u, len, out);
	if (u[0] < 0xF0)
		return decode3(u, len, out);
	return decode4(u, len, out);
}

size_t inv__utf8_encode(uint32_t code, char out[4])
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xC0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3F));
		return 2;
	}
	if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
		return 0;
	if (code < 0x10000) {
		out[0] = (char)(0xE0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3F));
		out[2] = (char)(0x80 | (code & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3F));
	out[2] = (char)(0x80 | (code >> 6 & 0x3F));
	out[3] = (char)(0x80 | (code & 0x3F));
	return 4;
}

static inline bool is_control(uint32_t code, bool multiline)
{
	if (code < 0x20)
		return !multiline || (code != '\n' && code != '\t');
	return code >= 0x7F && code <= 0x9F;
}

int inv__text_check(inv_str text, bool multiline)
{
	const char *p = text.ptr;
	size_t left = text.len;
	bool control = false;

	while (left) {
		uint32_t code;
		size_t len;

		if (left >= 8 && plain8(p)) {
			p += 8;
			left -= 8;
			continue;
		}
		len = inv__utf8_decode(p, left, &code);
		if (len == 0)
			return INV__TEXT_BAD_UTF8;
		control |= is_control(code, multiline);
		p += len;
		left -= len;
	}
	return control ? INV__TEXT_CONTROL : INV__TEXT_OK;
}

int inv__code_check(inv_str text)
{
	size_t i = 0;

	if (text.len == 0)
		return INV__TEXT_OK;
	if (text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' ')
		return INV__TEXT_NOT_CODE;
	while (text.len - i >= 8 && plain8(text.ptr + i))
		i += 8;
	for (; i < text.len; i++) {
		if (text.ptr[i] < ' ' || text.ptr[i] > '~')
			return INV__TEXT_NOT_CODE;
	}
	return INV__TEXT_OK;
}

static bool is_mark(uint32_t code)
{
	size_t low = 0, high = sizeof marks / sizeof marks[0];

	if (code < marks[0].first)
		return false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (code > marks[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	return low < sizeof marks / sizeof marks[0] && code >= marks[low].first;
}

size_t inv__utf8_width(inv_str text)
{
	size_t width = 0;

	while (text.len) {
		uint32_t code;
		size_t len = inv__utf8_decode(text.ptr, text.len, &code);

		if (len == 0)
			len = code = 1; /* shown as a replacement character */
		width += !is_mark(code);
		text.ptr += len;
		text.len -= len;
	}
	return width;
}
