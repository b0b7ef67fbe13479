/* SPDX-License-Identifier: MIT */
/* Hexadecimal and base64. */
#include "util/text.h"

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

size_t inv__hex(const void *data, size_t size, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * size] = '\0';
	return 2 * size;
}

size_t inv__base64_size(size_t size)
{
	return (size + 2) / 3 * 4;
}

static size_t encode(const unsigned char *in, size_t size, const char *alphabet, char *out)
{
	size_t n = 0;

	for (; size >= 3; in += 3, size -= 3) {
		uint32_t bits = (uint32_t)in[0] << 16 | (uint32_t)in[1] << 8 | in[2];

		out[n++] = alphabet[bits >> 18];
		out[n++] = alphabet[bits >> 12 & 63];
		out[n++] = alphabet[bits >> 6 & 63];
		out[n++] = alphabet[bits & 63];
	}
	if (size) {
		uint32_t bits = (uint32_t)in[0] << 16 | (size == 2 ? (uint32_t)in[1] << 8 : 0);

		out[n++] = alphabet[bits >> 18];
		out[n++] = alphabet[bits >> 12 & 63];
		if (size == 2)
			out[n++] = alphabet[bits >> 6 & 63];
	}
	out[n] = '\0';
	return n;
}

size_t inv__base64_encode(const void *data, size_t size, char *out)
{
	size_t n = encode(data, size, standard, out);

	while (n % 4)
		out[n++] = '=';
	out[n] = '\0';
	return n;
}

size_t inv__base64url_encode(const void *data, size_t size, char *out)
{
	return encode(data, size, url_safe, out);
}

/* The six bits of a character, 64 for one that is none. */
static uint32_t sextet(char c, const char *alphabet)
{
	if (c >= 'A' && c <= 'Z')
		return (uint32_t)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (uint32_t)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0') + 52;
	if (c == alphabet[62])
		return 62;
	return c == alphabet[63] ? 63 : 64;
}

/* Without padding. One text per value: the bits left over must be zero. */
static bool decode(inv_str text, const char *alphabet, unsigned char *out, size_t *size)
{
	uint32_t bits = 0, have = 0;
	size_t n = 0;

	if (text.len % 4 == 1)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint32_t six = sextet(text.ptr[i], alphabet);

		if (six > 63)
			return false;
		bits = bits << 6 | six;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (unsigned char)(bits >> have);
			bits &= (UINT32_C(1) << have) - 1;
		}
	}
	*size = n;
	return bits == 0;
}

bool inv__base64_decode(inv_str text, void *out, size_t *size)
{
	if (text.len % 4)
		return false;
	for (int pad = 0; pad < 2 && text.len && text.ptr[text.len - 1] == '='; pad++)
		text.len--;
	return decode(text, standard, out, size);
}

bool inv__base64url_decode(inv_str text, void *out, size_t *size)
{
	return decode(text, url_safe, out, size);
}
