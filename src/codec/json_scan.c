/* SPDX-License-Identifier: MIT */
/* The scan before cJSON: size, depth, UTF-8, duplicate keys, grammar. cJSON would turn numbers into
 * doubles, so each is rewritten as a string that starts with U+0001 and holds the number's text. */
#include "codec/json.h"

#include "util/text.h"

/* An open object or array, for the path of a finding. */
typedef struct level {
	const struct level *up;
	inv_str key;
	int64_t index;
} level;

typedef struct scan {
	const char *at;
	const char *end;
	const char *begin;
	char *out;
	inv__arena *arena;
	const inv__json_place *place;
	inv__json_keys keys; /* of all open objects, innermost last */
	uint32_t depth;
	inv_status status;
} scan;

/* ---- findings ---- */

static inv__path path_of(const level *here, char *text, size_t size)
{
	inv__path path = {NULL, text, here->index};
	size_t len = here->key.len < size ? here->key.len : size - 1;

	if (len)
		memcpy(text, here->key.ptr, len);
	text[len] = '\0';
	if (here->index >= 0 || len == 0)
		path.field = NULL;
	return path;
}

/* Chains the levels from the innermost out, then reports; depth is bounded by the scan. */
static inv_status report(scan *s, inv_status status, const level *here, const char *message)
{
	inv__path paths[INV_LIMIT_JSON_DEPTH + 2];
	char names[INV_LIMIT_JSON_DEPTH + 2][48];
	inv__path base = {s->place->path, s->place->field, -1};
	const inv__path *top = s->place->field ? &base : s->place->path;
	size_t n = 0;

	for (; here && n < INV_LIMIT_JSON_DEPTH + 2; here = here->up, n++)
		paths[n] = path_of(here, names[n], sizeof names[n]);
	for (size_t i = 0; i < n; i++)
		paths[i].up = i + 1 < n ? &paths[i + 1] : top;
	s->status =
		inv__problem_add(s->place->problems, status, n ? &paths[0] : top, NULL, "%s", message);
	return s->status;
}

static bool fail(scan *s, const level *here, const char *what)
{
	char message[200];
	long long line = 1;
	long long column = 1;

	for (const char *p = s->begin; p < s->at && p < s->end; p++) {
		column = *p == '\n' ? 1 : column + (((unsigned char)*p & 0xC0) != 0x80);
		line += *p == '\n';
	}
	inv__format(message, sizeof message, "the JSON is not valid: %s (line %lld, column %lld)", what,
	            line, column);
	report(s, INV_E_INVALID, here, message);
	return false;
}

static bool no_memory(scan *s, const level *here)
{
	report(s, INV_E_NO_MEMORY, here, "there is not enough memory");
	return false;
}

/* ---- characters ---- */

static void skip_space(scan *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
		s->at++;
}

static bool take(scan *s, char c)
{
	skip_space(s);
	if (s->at >= s->end || *s->at != c)
		return false;
	*s->out++ = c;
	s->at++;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool hex4(scan *s, uint32_t *out)
{
	uint32_t value = 0;

	if (s->end - s->at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		char c = s->at[i];
		uint32_t digit = 0;

		if (is_digit(c))
			digit = (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			digit = (uint32_t)(c - 'a') + 10;
		else if (c >= 'A' && c <= 'F')
			digit = (uint32_t)(c - 'A') + 10;
		else
			return false;
		value = value << 4 | digit;
	}
	s->at += 4;
	*out = value;
	return true;
}

/* Behind a backslash. *code is the code point it means. */
static bool scan_escape(scan *s, const level *here, uint32_t *code)
{
	static const char names[] = "\"\\/bfnrt";
	static const char means[] = "\"\\/\b\f\n\r\t";
	const char *name = NULL;
	uint32_t low = 0;

	if (s->at >= s->end)
		return fail(s, here, "a string does not end");
	name = *s->at ? strchr(names, *s->at) : NULL;
	if (name) {
		s->at++;
		*code = (unsigned char)means[name - names];
		return true;
	}
	if (*s->at != 'u')
		return fail(s, here, "an unknown escape after \\");
	s->at++;
	if (!hex4(s, code))
		return fail(s, here, "\\u must be followed by four hexadecimal digits");
	/* cJSON ends a string at U+0000; U+0001 marks numbers. */
	if (*code < 2)
		return fail(s, here, "the characters \\u0000 and \\u0001 are not allowed");
	if (*code < 0xD800 || *code > 0xDFFF)
		return true;
	if (*code > 0xDBFF || s->end - s->at < 6 || s->at[0] != '\\' || s->at[1] != 'u')
		return fail(s, here, "half of a surrogate pair");
	s->at += 2;
	if (!hex4(s, &low) || low < 0xDC00 || low > 0xDFFF)
		return fail(s, here, "half of a surrogate pair");
	*code = 0x10000 + ((*code - 0xD800) << 10) + (low - 0xDC00);
	return true;
}

/* Behind the characters of a string that mean themselves. */
static const char *pass_plain(const char *p, const char *end)
{
	while (p < end) {
		unsigned char c = (unsigned char)*p;

		if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
			break;
		p++;
	}
	return p;
}

/* The next character of a string that is none of those; false at its end and on failure. */
static bool scan_special(scan *s, const level *here, bool *escaped)
{
	unsigned char c = 0;
	size_t step = 0;
	uint32_t code = 0;

	if (s->at >= s->end)
		return fail(s, here, "a string does not end");
	c = (unsigned char)*s->at;
	if (c == '"')
		return false;
	if (c == '\\') {
		*escaped = true;
		s->at++;
		return scan_escape(s, here, &code);
	}
	if (c < 0x20)
		return fail(s, here, "a control character in a string");
	step = inv__utf8_decode(s->at, (size_t)(s->end - s->at), &code);
	if (step == 0)
		return fail(s, here, "the text is not valid UTF-8");
	s->at += step;
	return true;
}

/* A string, copied as it stands. *raw is what is between the quotes. */
static bool scan_string(scan *s, const level *here, inv_str *raw, bool *escaped)
{
	const char *begin = ++s->at;

	*escaped = false;
	do
		s->at = pass_plain(s->at, s->end);
	while (scan_special(s, here, escaped));
	if (s->status != INV_OK)
		return false;
	raw->ptr = begin;
	raw->len = (size_t)(s->at - begin);
	s->at++;
	memcpy(s->out, begin - 1, raw->len + 2);
	s->out += raw->len + 2;
	return true;
}

/* ---- scalars ---- */

static bool digits(scan *s)
{
	const char *begin = s->at;

	while (s->at < s->end && is_digit(*s->at))
		s->at++;
	return s->at > begin;
}

static bool scan_number(scan *s, const level *here)
{
	const char *begin = s->at;
	size_t len = 0;

	if (*s->at == '-')
		s->at++;
	if (s->at < s->end && *s->at == '0')
		s->at++;
	else if (!digits(s))
		return fail(s, here, "a number needs a digit");
	if (s->at < s->end && *s->at == '.') {
		s->at++;
		if (!digits(s))
			return fail(s, here, "a number needs a digit behind its point");
	}
	if (s->at < s->end && (*s->at == 'e' || *s->at == 'E')) {
		s->at++;
		if (s->at < s->end && (*s->at == '+' || *s->at == '-'))
			s->at++;
		if (!digits(s))
			return fail(s, here, "a number needs a digit in its exponent");
	}
	if (s->at < s->end && is_digit(*s->at))
		return fail(s, here, "a number must not start with 0");
	len = (size_t)(s->at - begin);
	*s->out++ = '"';
	*s->out++ = INV__JSON_NUMBER;
	memcpy(s->out, begin, len);
	s->out += len;
	*s->out++ = '"';
	return true;
}

static bool scan_word(scan *s, const level *here, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(s->end - s->at) < len || memcmp(s->at, word, len) != 0)
		return fail(s, here, "a value was expected: true, false, null, a number, \", [ or {");
	memcpy(s->out, word, len);
	s->out += len;
	s->at += len;
	return true;
}

/* ---- keys ---- */

static bool decode_key(scan *s, const level *here, inv_str *text)
{
	const char *keep_at = s->at;
	const char *keep_end = s->end;
	char *out = inv__arena_alloc(s->arena, text->len + 1);
	size_t len = 0;
	bool ok = true;

	if (!out)
		return no_memory(s, here);
	s->at = text->ptr;
	s->end = text->ptr + text->len;
	while (ok && s->at < s->end) {
		uint32_t code = 0;

		if (*s->at != '\\') {
			out[len++] = *s->at++;
			continue;
		}
		s->at++;
		ok = scan_escape(s, here, &code);
		/* An escape is at least as long as its code point: \ud83d\ude00 is 12 bytes for 4. */
		len += ok ? inv__utf8_encode(code, out + len) : 0;
	}
	s->at = keep_at;
	s->end = keep_end;
	text->ptr = out;
	text->len = len;
	return ok;
}

/* Check the keys of the object that ends here, which are those from `first` on, and forget them. */
static bool close_keys(scan *s, const level *here, size_t first)
{
	const inv__json_key *twice = inv__json_keys_twin(&s->keys, first);
	level at = {here, {NULL, 0}, -1};
	char message[96];

	s->keys.count = first;
	if (!twice)
		return true;
	at.key = twice->text;
	inv__format(message, sizeof message, "the key `%.*s` is given twice",
	            (int)(twice->text.len < 40 ? twice->text.len : 40), twice->text.ptr);
	report(s, INV_E_INVALID, &at, message);
	return false;
}

/* ---- values ---- */

static bool scan_value(scan *s, const level *here);

static bool scan_member(scan *s, const level *here)
{
	level member = {here, {NULL, 0}, -1};
	bool escaped = false;
	inv_str text;

	skip_space(s);
	if (s->at >= s->end || *s->at != '"')
		return fail(s, here, "a key in double quotes was expected");
	if (!scan_string(s, here, &text, &escaped))
		return false;
	if (escaped && !decode_key(s, here, &text))
		return false;
	member.key = text;
	if (!inv__json_keys_add(&s->keys, text))
		return no_memory(s, here);
	if (!take(s, ':'))
		return fail(s, &member, "a : was expected behind the key");
	return scan_value(s, &member);
}

static bool scan_object(scan *s, const level *here)
{
	size_t first = s->keys.count;

	take(s, '{');
	if (take(s, '}'))
		return true;
	for (;;) {
		if (!scan_member(s, here))
			return false;
		if (take(s, '}'))
			return close_keys(s, here, first);
		if (!take(s, ','))
			return fail(s, here, "a comma or } was expected");
	}
}

static bool scan_array(scan *s, const level *here)
{
	level element = {here, {NULL, 0}, 0};

	take(s, '[');
	if (take(s, ']'))
		return true;
	for (;; element.index++) {
		if (!scan_value(s, &element))
			return false;
		if (take(s, ']'))
			return true;
		if (!take(s, ','))
			return fail(s, here, "a comma or ] was expected");
	}
}

static bool scan_nested(scan *s, const level *here)
{
	char message[64];
	bool ok = false;

	if (s->depth >= INV_LIMIT_JSON_DEPTH) {
		inv__format(message, sizeof message, "the JSON is nested deeper than %d levels",
		            (int)(INV_LIMIT_JSON_DEPTH - s->place->depth));
		report(s, INV_E_LIMIT, here, message);
		return false;
	}
	s->depth++;
	ok = *s->at == '{' ? scan_object(s, here) : scan_array(s, here);
	s->depth--;
	return ok;
}

static bool scan_value(scan *s, const level *here)
{
	bool escaped = false;
	inv_str text;

	skip_space(s);
	if (s->at >= s->end)
		return fail(s, here, "it ends too early");
	switch (*s->at) {
	case '{':
	case '[':
		return scan_nested(s, here);
	case '"':
		return scan_string(s, here, &text, &escaped);
	case 't':
		return scan_word(s, here, "true");
	case 'f':
		return scan_word(s, here, "false");
	case 'n':
		return scan_word(s, here, "null");
	default:
		if (*s->at == '-' || is_digit(*s->at))
			return scan_number(s, here);
		return scan_word(s, here, "a value");
	}
}

/* ---- entry ---- */

/* Room for the rewritten text: three more bytes for each number, and only the first value stands
 * behind none of these. */
static size_t room_for(inv_str json)
{
	size_t values = 1;

	for (size_t i = 0; i < json.len; i++) {
		char c = json.ptr[i];

		values += (size_t)(c == ',' || c == ':' || c == '[');
	}
	return json.len + 3 * values + 1;
}

inv_status inv__json_scan_at(inv_str json, inv__arena *arena, inv_str *out,
                             const inv__json_place *place)
{
	scan s = {.at = json.ptr,
	          .end = json.ptr,
	          .begin = json.ptr,
	          .arena = arena,
	          .place = place,
	          .keys = {.arena = arena}};
	char *begin = NULL;

	if (json.len > INV_LIMIT_JSON)
		return report(&s, INV_E_LIMIT, NULL, "the JSON is larger than 16 MiB");
	if (json.len == 0) {
		fail(&s, NULL, "it is empty");
		return s.status;
	}
	s.end = json.ptr + json.len;
	s.depth = place->depth;
	begin = inv__arena_alloc(arena, room_for(json));
	if (!begin)
		return report(&s, INV_E_NO_MEMORY, NULL, "there is not enough memory");
	s.out = begin;
	if (json.len >= 3 && memcmp(json.ptr, "\xEF\xBB\xBF", 3) == 0)
		s.at += 3;
	if (!scan_value(&s, NULL))
		return s.status;
	skip_space(&s);
	if (s.at < s.end) {
		fail(&s, NULL, "there is more behind the value");
		return s.status;
	}
	*s.out = '\0';
	*out = (inv_str){begin, (size_t)(s.out - begin)};
	return INV_OK;
}

inv_status inv__json_scan(inv_str json, inv__arena *arena, inv_str *out, inv__problems *problems)
{
	const inv__json_place place = {problems, NULL, NULL, 0};

	return inv__json_scan_at(json, arena, out, &place);
}
