/* SPDX-License-Identifier: MIT */
/* UUIDv7. */
#include "util/id.h"

#define MILLISECOND 1000
#define LAST_TIME ((INT64_C(1) << 48) - 1)

inv_id inv__id_make(int64_t instant, const uint8_t random[10])
{
	int64_t time = instant < 0 ? 0 : instant / MILLISECOND;
	inv_id id;

	if (time > LAST_TIME)
		time = LAST_TIME;
	for (int i = 0; i < 6; i++)
		id.bytes[i] = (uint8_t)(time >> (40 - 8 * i));
	memcpy(id.bytes + 6, random, 10);
	id.bytes[6] = (uint8_t)(0x70 | (id.bytes[6] & 0x0F));
	id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3F));
	id.bytes[14] = 0;
	id.bytes[15] = 0;
	return id;
}

inv_id inv__id_plus(inv_id id, uint32_t n)
{
	uint32_t low = ((uint32_t)id.bytes[14] << 8 | id.bytes[15]) + n;

	id.bytes[14] = (uint8_t)(low >> 8);
	id.bytes[15] = (uint8_t)low;
	return id;
}

int inv__id_compare(inv_id a, inv_id b)
{
	return memcmp(a.bytes, b.bytes, sizeof a.bytes);
}

bool inv__id_equal(inv_id a, inv_id b)
{
	return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Where the bytes stand in the text. */
static const uint8_t places[16] = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};

bool inv__id_parse(inv_str text, inv_id *out)
{
	const char *p = text.ptr;
	inv_id id;

	if (text.len != 36 || p[8] != '-' || p[13] != '-' || p[18] != '-' || p[23] != '-')
		return false;
	for (int i = 0; i < 16; i++) {
		int high = nibble(p[places[i]]);
		int low = nibble(p[places[i] + 1]);

		if (high < 0 || low < 0)
			return false;
		id.bytes[i] = (uint8_t)(high << 4 | low);
	}
	*out = id;
	return true;
}

/* Four bytes to eight hexadecimal digits at once: the nibbles are spread over the bytes of one
 * word, and those above 9 are moved on to the letters. */
static uint64_t hex8(const uint8_t *bytes)
{
	uint64_t w = (uint64_t)bytes[0] | (uint64_t)bytes[1] << 16 | (uint64_t)bytes[2] << 32 |
	             (uint64_t)bytes[3] << 48;
	uint64_t letters;

	w = (w >> 4 & UINT64_C(0x000F000F000F000F)) | (w & UINT64_C(0x000F000F000F000F)) << 8;
	letters = (w + UINT64_C(0x0606060606060606)) >> 4 & UINT64_C(0x0101010101010101);
	return w + UINT64_C(0x3030303030303030) + letters * ('a' - '0' - 10);
}

/* The first digits are the low bytes of `w`. */
static inline void put(char *out, uint64_t w, size_t count)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	w = __builtin_bswap64(w);
#endif
	memcpy(out, &w, count);
}

void inv__id_format(inv_id id, char out[37])
{
	uint64_t second = hex8(id.bytes + 4), third = hex8(id.bytes + 8);

	put(out, hex8(id.bytes), 8);
	out[8] = '-';
	put(out + 9, second, 4);
	out[13] = '-';
	put(out + 14, second >> 32, 4);
	out[18] = '-';
	put(out + 19, third, 4);
	out[23] = '-';
	put(out + 24, third >> 32, 4);
	put(out + 28, hex8(id.bytes + 12), 8);
	out[36] = '\0';
}
