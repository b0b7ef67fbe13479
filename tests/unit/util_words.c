/* SPDX-License-Identifier: MIT */
/* Search words. */
#include "util/text.h"

#include "support/check.h"

/* The words of `text`, a bar after each. */
static const char *words_of(const char *text, size_t cap, char out[512])
{
	inv_str rest = inv_str_of(text);
	char word[64];
	size_t len, n = 0;

	while (inv__word_next(&rest, word, cap, &len)) {
		if (len == 0 || len > cap || n + len + 2 > 512)
			return "a word of an impossible length";
		memcpy(out + n, word, len);
		n += len;
		out[n++] = '|';
	}
	out[n] = '\0';
	return out;
}

TEST(words)
{
	static const char *const vectors[][2] = {
		{"", ""},
		{" - ", ""},
		{"Tea", "tea|"},
		{"WHITE HANGING HEART T-LIGHT HOLDER", "white|hanging|heart|t|light|holder|"},
		{"SET/6  RED, \"SPOTTY\" CUPS", "set|6|red|spotty|cups|"},
		{"CHILDREN'S", "children|s|"},
		{"a@[`{z", "a|z|"},
		{"Cr\xC3\xA8me Br\xC3\xBBl\xC3\xA9\x65", "creme|brulee|"},
		{"CRE\xCC\x80ME", "creme|"},
		{"Stra\xC3\x9F\x65 \xC3\x86r\xC3\xB8 \xC5\x93uf", "strasse|aero|oeuf|"},
		{"\xC4\xB0stanbul \xC5\x81\xC3\xB3\x64\xC5\xBA \xC5\xA0koda", "istanbul|lodz|skoda|"},
		{"ph\xE1\xBB\x9F B\xC3\x92", "pho|bo|"},
		{"5 m\xC2\xB2 \xC2\xBD", "5|m2|"},
		{"caf\xC3\xA9\xC2\xB7\x62\x61r\xC3\x97\x32", "cafe|bar|2|"},
		{"na\xC2\xAD\xC3\xAFve", "naive|"},
		{"\xCE\x9A\xCE\x91\xCE\xA6\xCE\x95\xCE\xA3 \xCE\xBA\xCE\xB1\xCF\x86\xCE\xAD\xCF\x82",
		 "\xCE\xBA\xCE\xB1\xCF\x86\xCE\xB5\xCF\x83|\xCE\xBA\xCE\xB1\xCF\x86\xCE\xB5\xCF\x83|"},
		{"\xD0\x9A\xD0\xBE\xD1\x84\xD0\x95", "\xD0\xBA\xD0\xBE\xD1\x84\xD0\xB5|"},
		{"\xE3\x81\x8A\xE8\x8C\xB6\xE3\x80\x81\xE7\xB4\x85\xE8\x8C\xB6",
		 "\xE3\x81\x8A\xE8\x8C\xB6|\xE7\xB4\x85\xE8\x8C\xB6|"},
		{"tea \xF0\x9F\x8D\xB5 \xE2\x82\xAC\x35", "tea|5|"},
		{"a\xFF" "b\xC3", "a|b|"},
	};
	char out[512];

	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
		CHECK_STR(words_of(vectors[i][0], 64, out), vectors[i][1]);
}

TEST(long_words_are_cut_at_whole_code_points)
{
	char out[512];

	CHECK_STR(words_of("abcdef gh", 4, out), "abcd|gh|");
	CHECK_STR(words_of("abc\xC3\x9F\x64 x", 4, out), "abc|x|");
	CHECK_STR(words_of("abc\xD0\xBA\x64 x", 4, out), "abc|x|");
	CHECK_STR(words_of("ab\xD0\xBA\x64 x", 4, out), "ab\xD0\xBA|x|");
	CHECK_STR(words_of("\xD0\xBA" "d x", 1, out), "x|");
}

/* What is folded stays as it is when it is folded again; and it is text. */
TEST(folding_is_final)
{
	for (uint32_t code = 0x20; code < 0x20000; code++) {
		char text[8], once[64], twice[64];
		inv_str rest = {text, inv__utf8_encode(code, text)};
		inv_str again;
		size_t len = 0, len2 = 0;

		if (rest.len == 0 || !inv__word_next(&rest, once, sizeof once, &len))
			continue;
		again.ptr = once;
		again.len = len;
		if (!CHECK_INT(inv__text_check(again, false), INV__TEXT_OK) ||
		    !CHECK(inv__word_next(&again, twice, sizeof twice, &len2)) ||
		    !CHECK_INT(len2, len) || !CHECK_BYTES(twice, once, len)) {
			CHECK_FAIL("U+%04X", (unsigned)code);
			return;
		}
	}
}

/* Any bytes: it ends, stays within bounds, and words are not empty. */
TEST(any_bytes)
{
	for (int round = 0; round < 20000; round++) {
		char data[40], word[8];
		inv_str rest = {data, (size_t)check_random_below(sizeof data)};
		size_t len = 0, count = 0;

		for (size_t i = 0; i < rest.len; i++)
			data[i] = (char)(check_random_below(2) ? check_random() : 'A');
		while (inv__word_next(&rest, word, sizeof word, &len)) {
			inv_str s = {word, len};

			if (!CHECK(len > 0 && len <= sizeof word) || !CHECK(++count <= 40) ||
			    !CHECK_INT(inv__text_check(s, false), INV__TEXT_OK))
				return;
		}
		CHECK_INT(rest.len, 0);
	}
}

CHECK_MAIN()
