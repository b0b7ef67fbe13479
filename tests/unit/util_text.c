/* SPDX-License-Identifier: MIT */
/* Strings, UTF-8, codes, base64, hexadecimal, messages, check digits. */
#include "util/text.h"

#include "support/check.h"

#define BYTES(literal) inv_str_bytes("" literal, sizeof(literal) - 1)

static inv_str inv_str_bytes(const char *p, size_t len)
{
	inv_str s = {p, len};

	return s;
}

static inv_str str(const char *text)
{
	return inv_str_of(text);
}

TEST(compares)
{
	CHECK(inv__str_equal(str("a"), str("a")));
	CHECK(!inv__str_equal(str("a"), str("A")));
	CHECK(inv__str_equal(str(""), str(NULL)));
	CHECK(inv__str_is(str("sale"), "sale"));
	CHECK(!inv__str_is(str("sale"), "sales"));
	CHECK(inv__str_compare(str("a"), str("ab")) < 0);
	CHECK(inv__str_compare(str("b"), str("ab")) > 0);
	CHECK(inv__str_compare(str("\xC3\xA9"), str("z")) > 0);
	CHECK_INT(inv__str_compare(str(NULL), str("")), 0);
	CHECK(inv__str_equal_fold(str("85123a"), str("85123A")));
	CHECK(!inv__str_equal_fold(str("a@["), str("a`{")));
	CHECK(!inv__str_equal_fold(str("\xC3\x89"), str("\xC3\xA9")));
	CHECK(inv__str_starts(str("abc"), str("ab")));
	CHECK(inv__str_starts(str("abc"), str(NULL)));
	CHECK(!inv__str_starts(str("ab"), str("abc")));
	CHECK_STR(inv__str_trim(str(" \t a b\r\n")), "a b");
	CHECK_STR(inv__str_trim(str(" \n ")), "");
}

TEST(folds_every_byte)
{
	char all[256];
	inv__arena arena;
	inv_str folded, text = {all, sizeof all};

	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	inv__arena_init(&arena, NULL);
	folded = inv__str_fold(&arena, text);
	for (int i = 0; i < 256; i++)
		CHECK_INT((unsigned char)folded.ptr[i], i >= 'A' && i <= 'Z' ? i + 32 : i);
	CHECK(inv__str_equal_fold(text, folded));
	CHECK_INT(inv__str_fold(&arena, str(NULL)).len, 0);
	inv__arena_free(&arena);
}

TEST(utf8_round_trip_of_every_code_point)
{
	for (uint32_t code = 0; code <= 0x110000; code++) {
		bool scalar = code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF);
		char bytes[4];
		size_t len = inv__utf8_encode(code, bytes);
		uint32_t back = ~code;

		if (!scalar) {
			if (!CHECK_INT(len, 0))
				return;
			continue;
		}
		if (inv__utf8_decode(bytes, len, &back) != len || back != code) {
			CHECK_FAIL("U+%X does not come back", (unsigned)code);
			return;
		}
		/* Cut short it is no code point. */
		for (size_t cut = 0; cut < len; cut++) {
			if (!CHECK_INT(inv__utf8_decode(bytes, cut, &back), 0))
				return;
		}
	}
}

TEST(utf8_refuses)
{
	static const char *const bad[] = {
		"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x80\x80",
		"\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF", "\xE2\x82", "\xE2\x28\xA1",
		"\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
		"\xF8\x88\x80\x80\x80", "\xFE", "\xFF", "\xF0\x9F\x98",
	};
	uint32_t code;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		CHECK_INT(inv__utf8_decode(bad[i], strlen(bad[i]), &code), 0);
		CHECK_INT(inv__text_check(str(bad[i]), false), INV__TEXT_BAD_UTF8);
	}
	CHECK_INT(inv__text_check(BYTES("0123456789\xFFz"), false), INV__TEXT_BAD_UTF8);
	CHECK_INT(inv__text_check(BYTES("\n\xFF"), false), INV__TEXT_BAD_UTF8);
}

/* Each control character at each place of a text, so that every lane of the fast path is met. */
TEST(text_check_finds_controls_anywhere)
{
	for (int c = 0; c < 128; c++) {
		bool control = c < 0x20 || c == 0x7F;
		bool layout = c == '\n' || c == '\t';

		for (size_t at = 0; at < 20; at++) {
			char text[20];
			inv_str s = {text, sizeof text};

			memset(text, at % 2 ? '~' : ' ', sizeof text);
			text[at] = (char)c;
			if (!CHECK_INT(inv__text_check(s, false),
			               control ? INV__TEXT_CONTROL : INV__TEXT_OK) ||
			    !CHECK_INT(inv__text_check(s, true),
			               control && !layout ? INV__TEXT_CONTROL : INV__TEXT_OK))
				return;
		}
	}
}

TEST(text_check)
{
	CHECK_INT(inv__text_check(str(NULL), false), INV__TEXT_OK);
	CHECK_INT(inv__text_check(str("Th\xC3\xA9 vert \xE2\x82\xAC \xF0\x9F\x8D\xB5"), false),
	          INV__TEXT_OK);
	CHECK_INT(inv__text_check(str("\xC2\x80"), true), INV__TEXT_CONTROL);
	CHECK_INT(inv__text_check(str("\xC2\x9F"), true), INV__TEXT_CONTROL);
	CHECK_INT(inv__text_check(str("\xC2\xA0"), false), INV__TEXT_OK);
	CHECK_INT(inv__text_check(str("\xF4\x8F\xBF\xBF"), false), INV__TEXT_OK);
	CHECK_INT(inv__text_check(BYTES("a\0b"), true), INV__TEXT_CONTROL);
}

TEST(code_check)
{
	CHECK_INT(inv__code_check(str("BANK CHARGES")), INV__TEXT_OK);
	CHECK_INT(inv__code_check(str("gift_0001_20")), INV__TEXT_OK);
	CHECK_INT(inv__code_check(str("!~")), INV__TEXT_OK);
	CHECK_INT(inv__code_check(str(NULL)), INV__TEXT_OK);
	CHECK_INT(inv__code_check(str(" a")), INV__TEXT_NOT_CODE);
	CHECK_INT(inv__code_check(str("a ")), INV__TEXT_NOT_CODE);
	CHECK_INT(inv__code_check(str("caf\xC3\xA9")), INV__TEXT_NOT_CODE);
	CHECK_INT(inv__code_check(str("01234567\n")), INV__TEXT_NOT_CODE);
	CHECK_INT(inv__code_check(str("0123\t567")), INV__TEXT_NOT_CODE);
	CHECK_INT(inv__code_check(str("\x7F")), INV__TEXT_NOT_CODE);
}

TEST(width)
{
	CHECK_INT(inv__utf8_width(str("")), 0);
	CHECK_INT(inv__utf8_width(str("tea")), 3);
	CHECK_INT(inv__utf8_width(str("th\xC3\xA9")), 3);
	CHECK_INT(inv__utf8_width(str("the\xCC\x81")), 3);
	CHECK_INT(inv__utf8_width(str("\xE0\xA4\x95\xE0\xA5\x8D\xE0\xA4\xB7")), 2);
	CHECK_INT(inv__utf8_width(str("\xF0\x9F\x8D\xB5\xEF\xB8\x8F")), 1);
	CHECK_INT(inv__utf8_width(str("a\xFF" "b")), 3);
}

TEST(hex)
{
	char out[16];

	CHECK_INT(inv__hex("\x00\x7F\xAB\xFF", 4, out), 8);
	CHECK_STR((const char *)out, "007fabff");
	CHECK_INT(inv__hex("", 0, out), 0);
	CHECK_STR((const char *)out, "");
}

TEST(base64_vectors)
{
	/* RFC 4648, section 10. */
	static const char *const vectors[][2] = {
		{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="},
		{"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}, {"\xFB\xFF\xFE", "+//+"},
	};
	char out[32];
	size_t size;

	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		size_t len = strlen(vectors[i][0]);

		CHECK_INT(inv__base64_encode(vectors[i][0], len, out), strlen(vectors[i][1]));
		CHECK_STR((const char *)out, vectors[i][1]);
		CHECK_INT(inv__base64_size(len), strlen(vectors[i][1]));
		CHECK(inv__base64_decode(str(vectors[i][1]), out, &size));
		CHECK_INT(size, len);
		CHECK_BYTES(out, vectors[i][0], len);
	}
	CHECK_INT(inv__base64url_encode("\xFB\xFF\xFE\xFF", 4, out), 6);
	CHECK_STR((const char *)out, "-__-_w");
}

TEST(base64_refuses)
{
	static const char *const bad[] = {
		"Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zh==", "Zm9=", "Zm 9", "Zm9v\n",
		"Zm9vZg==Zg==", "-__-", "Zg==\xC3\xA9zz",
	};
	static const char *const bad_url[] = {"Z", "Zg==", "Zh", "Zm9", "+//+", "Zm9vZ"};
	char out[32];
	size_t size;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CHECK(!inv__base64_decode(str(bad[i]), out, &size));
	for (size_t i = 0; i < sizeof bad_url / sizeof bad_url[0]; i++)
		CHECK(!inv__base64url_decode(str(bad_url[i]), out, &size));
}

TEST(base64_round_trip)
{
	for (int round = 0; round < 2000; round++) {
		unsigned char data[64], back[80];
		char text[100];
		size_t len = (size_t)check_random_below(sizeof data), size = 0;

		for (size_t i = 0; i < len; i++)
			data[i] = (unsigned char)check_random();
		(void)inv__base64_encode(data, len, text);
		if (!CHECK(inv__base64_decode(str(text), back, &size)) ||
		    !CHECK_INT(size, len) || !CHECK_BYTES(back, data, len))
			return;
		(void)inv__base64url_encode(data, len, text);
		if (!CHECK(inv__base64url_decode(str(text), back, &size)) ||
		    !CHECK_INT(size, len) || !CHECK_BYTES(back, data, len))
			return;
	}
}

TEST(format_cuts_between_code_points)
{
	char out[8];

	CHECK_INT(inv__format(out, sizeof out, "%s %d", "ab", 12), 5);
	CHECK_STR((const char *)out, "ab 12");
	CHECK_INT(inv__format(out, sizeof out, "%s", "1234567"), 7);
	CHECK_INT(inv__format(out, sizeof out, "%s", "123456789"), 7);
	CHECK_STR((const char *)out, "1234567");
	CHECK_INT(inv__format(out, sizeof out, "%s", "123456\xC3\xA9"), 6);
	CHECK_STR((const char *)out, "123456");
	CHECK_INT(inv__format(out, sizeof out, "%s", "12345\xC3\xA9x"), 7);
	CHECK_INT(inv__format(out, sizeof out, "%s", "12345\xE2\x82\xAC"), 5);
	CHECK_INT(inv__format(out, sizeof out, "%s", "1234\xF0\x9F\x8D\xB5"), 4);
	CHECK_INT(inv__format(out, 1, "%s", "x"), 0);
	CHECK_STR((const char *)out, "");
	CHECK_INT(inv__format(out, 0, "%s", "x"), 0);
}

TEST(gtin)
{
	static const char *const good[] = {
		"4006381333931", "5901234123457", "036000291452", "96385074", "73513537",
		"00012345600012", "10614141000415", "9780306406157", "00000000",
	};

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		size_t len = strlen(good[i]);
		char digits[16];
		inv_str s = {digits, len};

		CHECK(inv__gtin_check(str(good[i])));
		/* Any one wrong digit is found. */
		for (size_t at = 0; at < len; at++) {
			memcpy(digits, good[i], len);
			digits[at] = (char)(digits[at] == '9' ? '0' : digits[at] + 1);
			CHECK(!inv__gtin_check(s));
		}
	}
	CHECK(!inv__gtin_check(str("")));
	CHECK(!inv__gtin_check(str("0000000000")));
	CHECK(!inv__gtin_check(str("000000000")));
	CHECK(!inv__gtin_check(str("000000000000000")));
	CHECK(!inv__gtin_check(str("400638133393a")));
	CHECK(!inv__gtin_check(str("4006381 33931")));
}

CHECK_MAIN()
