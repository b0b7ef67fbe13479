/* SPDX-License-Identifier: MIT */
/* Text: UTF-8, ASCII folding, search folding, base64, hexadecimal, formatting. No locale. */
#ifndef INV_UTIL_TEXT_H
#define INV_UTIL_TEXT_H

#include "util/arena.h"

bool inv__str_equal(inv_str a, inv_str b);
bool inv__str_is(inv_str a, const char *text);
/* memcmp order, shorter first. */
int inv__str_compare(inv_str a, inv_str b);
/* ASCII case folding (A-Z to a-z), as codes are compared. */
bool inv__str_equal_fold(inv_str a, inv_str b);
inv_str inv__str_fold(inv__arena *arena, inv_str text);
bool inv__str_starts(inv_str text, inv_str prefix);
inv_str inv__str_trim(inv_str text);

#define INV__TEXT_OK 0
#define INV__TEXT_BAD_UTF8 1
#define INV__TEXT_CONTROL 2
#define INV__TEXT_NOT_CODE 3
/* Valid UTF-8 (no surrogates, no overlong forms) without control characters (C0, DEL, C1);
 * `multiline` allows \n and \t. */
int inv__text_check(inv_str text, bool multiline);
/* Printable ASCII, no space at either end. */
int inv__code_check(inv_str text);
/* Decode one code point; returns its length, 0 when invalid. */
size_t inv__utf8_decode(const char *p, size_t len, uint32_t *out);
size_t inv__utf8_encode(uint32_t code, char out[4]);
/* Columns of a terminal or receipt the text takes, one per code point (combining marks none). */
size_t inv__utf8_width(inv_str text);

/* Split into search words: letters and digits, case and common Latin diacritics folded by a table
 * (all Latin blocks up to U+1EFF; Greek case and accents, Cyrillic case); other scripts are kept
 * as they are. Accents written apart count as none. `next` walks: it moves `text` on and writes at
 * most `cap` bytes (whole code points, the rest of the word is left out); false at the end. */
bool inv__word_next(inv_str *text, char *word, size_t cap, size_t *len);

size_t inv__hex(const void *data, size_t size, char *out); /* 2*size and a NUL */
size_t inv__base64_size(size_t size);
/* Standard alphabet, padded, NUL. */
size_t inv__base64_encode(const void *data, size_t size, char *out);
/* Decodes into `out` (at least len/4*3 bytes); false when malformed. */
bool inv__base64_decode(inv_str text, void *out, size_t *size);
/* URL-safe alphabet without padding. */
size_t inv__base64url_encode(const void *data, size_t size, char *out);
bool inv__base64url_decode(inv_str text, void *out, size_t *size);

/* snprintf that never overruns, always terminates, cuts between code points and returns the
 * length that it wrote; for messages only, %s %d %lld %zu. */
int inv__format(char *out, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* True when the digits (8, 12, 13 or 14 of them) end in a right GTIN check digit. */
bool inv__gtin_check(inv_str digits);

#endif
