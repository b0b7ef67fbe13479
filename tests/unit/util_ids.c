/* SPDX-License-Identifier: MIT */
/* Ids, hashes, randomness, and the public functions of base.h over them. */
#include "inventra/base.h"
#include "support/check.h"
#include "util/hash.h"
#include "util/id.h"
#include "util/text.h"

TEST(id_bits)
{
	/* The instant of RFC 9562's example, 2022-02-22T19:22:22Z. */
	static const uint8_t random[10] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
	static const uint8_t zeros[10] = {0};
	inv_id id = inv__id_make(INT64_C(1645557742000) * 1000 + 999, random);
	char text[37];

	inv__id_format(id, text);
	CHECK_STR((const char *)text, "017f22e2-79b0-7fff-bfff-ffffffff0000");
	inv__id_format(inv__id_make(0, zeros), text);
	CHECK_STR((const char *)text, "00000000-0000-7000-8000-000000000000");
	/* Times that the id cannot say become the nearest that it can. */
	inv__id_format(inv__id_make(-1, zeros), text);
	CHECK_STR((const char *)text, "00000000-0000-7000-8000-000000000000");
	inv__id_format(inv__id_make(INT64_MAX, zeros), text);
	CHECK_STR((const char *)text, "ffffffff-ffff-7000-8000-000000000000");
}

TEST(id_order)
{
	uint8_t random[10];
	inv_id last = {{0}};

	for (int64_t i = 1; i < 10000; i++) {
		inv_id id;

		CHECK(inv__random_fill(NULL, random, sizeof random));
		id = inv__id_make(i * 1000 * INT64_C(12345678), random);
		if (!CHECK(inv__id_compare(last, id) < 0) || !CHECK(!inv__id_equal(last, id)))
			return;
		last = inv__id_plus(id, 65535);
		if (!CHECK(inv__id_compare(id, last) < 0) || !CHECK_INT(last.bytes[14], 255) ||
		    !CHECK_INT(last.bytes[15], 255) || !CHECK_BYTES(last.bytes, id.bytes, 14))
			return;
	}
}

TEST(id_text_round_trip)
{
	for (int i = 0; i < 10000; i++) {
		char text[37], hex[33];
		inv_id id, back;
		inv_str s = {text, 36};

		for (int k = 0; k < 16; k++)
			id.bytes[k] = (uint8_t)check_random();
		inv_id_format(id, text);
		if (!CHECK_STATUS(inv_id_parse(s, &back), INV_OK) || !CHECK(inv__id_equal(id, back)))
			return;
		(void)inv__hex(id.bytes, 16, hex);
		for (int k = 0, h = 0; k < 36; k++) {
			if (!CHECK_INT(text[k], k == 8 || k == 13 || k == 18 || k == 23 ? '-' : hex[h++]))
				return;
		}
	}
}

TEST(id_parse_refuses)
{
	static const char *const bad[] = {
		"", "017f22e2-79b0-7fff-bfff-ffffffff000", "017f22e2-79b0-7fff-bfff-ffffffff00000",
		"017f22e279b07fffbfffffffffff0000", "017f22e2-79b0-7fff-bfff_ffffffff0000",
		"g17f22e2-79b0-7fff-bfff-ffffffff0000", "017f22e2-79b0-7fff-bfff-ffffffff000:",
		"{17f22e2-79b0-7fff-bfff-ffffffff000}", "017f22e-279b0-7fff-bfff-ffffffff0000",
	};
	inv_id id = {{7}}, none = {{7}};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CHECK_STATUS(inv_id_parse(inv_str_of(bad[i]), &id), INV_E_INVALID);
	CHECK(inv__id_equal(id, none));
	CHECK_STATUS(inv_id_parse(inv_str_of("017F22E2-79B0-7fff-bfff-FFFFFFFF0000"), &id), INV_OK);
	CHECK_INT(id.bytes[1], 0x7F);
	CHECK_STATUS(inv_id_parse(inv_str_of(NULL), &id), INV_E_INVALID);
	CHECK_STATUS(inv_id_parse(inv_str_of(bad[1]), NULL), INV_E_MISUSE);
}

struct digest {
	size_t size;
	size_t key_size;
	const char *hex;
};

/* BLAKE2b-256 by another implementation; data and keys are the bytes 0, 1, 2 … */
static const struct digest digests[] = {
	{0, 0, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"},
	{256, 0, "39a7eb9fedc19aabc83425c6755dd90e6f9d0c804964a1f4aaeea3b9fb599835"},
	{256, 32, "b42be36ea26392f67d1d3706ffa72b6c61c2ff38e1fabd9a49e154d54b967d83"},
	{0, 64, "2fa9fbd9be36437de204e139e97d402bce68c828f43391608c891b5faed8a98a"},
};

TEST(hash_vectors)
{
	uint8_t data[256], out[32];
	char hex[65];

	CHECK(inv__hash_ready());
	CHECK(inv__hash_ready());
	for (int i = 0; i < 256; i++)
		data[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof digests / sizeof digests[0]; i++) {
		const struct digest *d = &digests[i];

		inv__hash(data, d->size, d->key_size ? data : NULL, d->key_size, out);
		(void)inv__hex(out, sizeof out, hex);
		CHECK_STR((const char *)hex, d->hex);
	}
	inv__hash("abc", 3, NULL, 0, out);
	(void)inv__hex(out, sizeof out, hex);
	CHECK_STR((const char *)hex,
	          "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

/* However the data are cut, the hash is that of the whole. */
TEST(hash_in_parts)
{
	uint8_t data[1000], key[32], whole[32], parts[32];

	CHECK(inv__hash_ready());
	for (int round = 0; round < 300; round++) {
		size_t size = (size_t)check_random_below(sizeof data), at = 0;
		bool keyed = check_random_below(2) != 0;
		inv__hasher hasher;

		(void)inv__random_fill(NULL, data, sizeof data);
		(void)inv__random_fill(NULL, key, sizeof key);
		inv__hash(data, size, keyed ? key : NULL, sizeof key, whole);
		inv__hasher_init(&hasher, keyed ? key : NULL, sizeof key);
		while (at < size) {
			size_t part = (size_t)check_random_below(size - at + 1);

			inv__hasher_add(&hasher, data + at, part);
			at += part;
		}
		inv__hasher_end(&hasher, parts);
		if (!CHECK_BYTES(parts, whole, sizeof whole))
			return;
	}
}

TEST(random_fills_all)
{
	uint8_t a[64] = {0}, b[64] = {0};

	CHECK(inv__random_fill(NULL, a, sizeof a));
	CHECK(inv__random_fill(NULL, b, sizeof b));
	CHECK(memcmp(a, b, sizeof a) != 0);
	CHECK(inv__random_fill(NULL, a, 0));
}

TEST(public_functions)
{
	char text[40];
	int64_t value = 77;

	CHECK_STR(inv_version(), INVENTRA_VERSION);
	CHECK_INT(inv_version_number(), (INVENTRA_VERSION_MAJOR << 16) |
	          (INVENTRA_VERSION_MINOR << 8) | INVENTRA_VERSION_PATCH);
	CHECK_STATUS(inv_decimal_parse(inv_str_of("-1.25"), 4, &value), INV_OK);
	CHECK_INT(value, -12500);
	CHECK_STATUS(inv_decimal_parse(inv_str_of("1.00001"), 4, &value), INV_E_INVALID);
	CHECK_STATUS(inv_decimal_parse(inv_str_of("1"), 10, &value), INV_E_MISUSE);
	CHECK_STATUS(inv_decimal_parse(inv_str_of("1"), 4, NULL), INV_E_MISUSE);
	CHECK_INT(value, -12500);
	CHECK_INT(inv_decimal_format(value, 4, text), 5);
	CHECK_STR((const char *)text, "-1.25");
	CHECK_INT(inv_decimal_format(value, 10, text), 0);
	CHECK_STATUS(inv_instant_parse(inv_str_of("2010-12-01T08:26:00Z"), &value), INV_OK);
	CHECK_INT(inv_instant_format(value, text), 20);
	CHECK_STR((const char *)text, "2010-12-01T08:26:00Z");
	CHECK_STATUS(inv_instant_parse(inv_str_of("yesterday"), &value), INV_E_INVALID);
	CHECK_STATUS(inv_instant_parse(inv_str_of("x"), NULL), INV_E_MISUSE);
}

CHECK_MAIN()
