/* SPDX-License-Identifier: MIT */
/* Search words. */
#include "util/text.h"

#include "util/fold_table.h"

/* Digits and small letters as they are, capital letters folded, 0 for what separates words. */
static const char ascii[128] = {
	['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5', ['6'] = '6',
	['7'] = '7', ['8'] = '8', ['9'] = '9',
	['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd', ['E'] = 'e', ['F'] = 'f', ['G'] = 'g',
	['H'] = 'h', ['I'] = 'i', ['J'] = 'j', ['K'] = 'k', ['L'] = 'l', ['M'] = 'm', ['N'] = 'n',
	['O'] = 'o', ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r', ['S'] = 's', ['T'] = 't', ['U'] = 'u',
	['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y', ['Z'] = 'z',
	['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e', ['f'] = 'f', ['g'] = 'g',
	['h'] = 'h', ['i'] = 'i', ['j'] = 'j', ['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n',
	['o'] = 'o', ['p'] = 'p', ['q'] = 'q', ['r'] = 'r', ['s'] = 's', ['t'] = 't', ['u'] = 'u',
	['v'] = 'v', ['w'] = 'w', ['x'] = 'x', ['y'] = 'y', ['z'] = 'z',
};

/* What a code point is to a word: nothing at all, its end, or a part of `len` bytes. */
enum { SKIP, END, PART };

struct part {
	const char *text;
	size_t len;
};

/* Accents written apart, soft hyphens, joiners, variation selectors, marks of order. */
static bool is_skipped(uint32_t code)
{
	return code == 0xAD || (code >= 0x300 && code <= 0x36F) ||
	       (code >= 0x200B && code <= 0x200F) || code == 0x2060 ||
	       (code >= 0xFE00 && code <= 0xFE0F) || code == 0xFEFF;
}

static bool is_separator(uint32_t code)
{
	size_t low = 0, high = sizeof separators / sizeof separators[0];

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (code > separators[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	return low < sizeof separators / sizeof separators[0] && code >= separators[low].first;
}

static int folded(const char *entry, struct part *part)
{
	part->text = entry;
	part->len = strlen(entry);
	return part->len ? PART : END;
}

/* Beyond ASCII; what no table changes stays as the caller has set it. */
static int fold(uint32_t code, struct part *part)
{
	if (code < 0xA0)
		return END;
	if (is_skipped(code))
		return SKIP;
	if (code < 0x250)
		return folded(fold_latin[code - 0xA0], part);
	if (code >= 0x370 && code < 0x530)
		return folded(fold_greek_cyrillic[code - 0x370], part);
	if (code >= 0x1E00 && code < 0x1F00)
		return folded(fold_latin_more[code - 0x1E00], part);
	return is_separator(code) ? END : PART;
}

struct word {
	char *text;
	size_t cap;
	size_t len;
	bool cut; /* full: the rest of the word is left out */
};

static void append(struct word *word, const struct part *part)
{
	if (word->cut || part->len > word->cap - word->len) {
		word->cut = true;
		return;
	}
	memcpy(word->text + word->len, part->text, part->len);
	word->len += part->len;
}

/* Takes the code point at the start of `text`, which is not ASCII. */
static int take(inv_str *text, struct word *word)
{
	struct part part;
	uint32_t code;
	size_t len = inv__utf8_decode(text->ptr, text->len, &code);
	int what = END;

	if (len) {
		part.text = text->ptr;
		part.len = len;
		what = fold(code, &part);
		if (what == PART)
			append(word, &part);
	}
	len = len ? len : 1;
	text->ptr += len;
	text->len -= len;
	return what;
}

/* Takes the run of ASCII at the start of `text`, to the end of a word at most. */
static int take_ascii(inv_str *text, struct word *word)
{
	const char *p = text->ptr;
	const char *end = p + text->len;
	int what = PART;

	for (; p < end && (unsigned char)*p < 0x80; p++) {
		char c = ascii[(unsigned char)*p];

		if (c == 0) {
			p++;
			what = END;
			break;
		}
		if (word->len < word->cap && !word->cut)
			word->text[word->len++] = c;
		else
			word->cut = true;
	}
	text->ptr = p;
	text->len = (size_t)(end - p);
	return what;
}

bool inv__word_next(inv_str *text, char *word, size_t cap, size_t *len)
{
	struct word next = {word, cap, 0, false};

	while (text->len) {
		bool plain = (unsigned char)*text->ptr < 0x80;
		int what = plain ? take_ascii(text, &next) : take(text, &next);

		if (what == END && next.len)
			break;
		next.cut = next.cut && what != END;
	}
	*len = next.len;
	return next.len > 0;
}
