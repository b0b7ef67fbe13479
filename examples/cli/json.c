/* SPDX-License-Identifier: MIT */
/* The little JSON the command line writes and takes apart itself. */
#include "text.h"

void text_json_string(struct text *text, inv_str string)
{
	size_t plain = 0;

	text_puts(text, "\"");
	for (size_t i = 0; i < string.len; i++) {
		unsigned char c = (unsigned char)string.ptr[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		text_add(text, string.ptr + plain, i - plain);
		plain = i + 1;
		if (c == '"' || c == '\\')
			text_printf(text, "\\%c", c);
		else if (c == '\n')
			text_puts(text, "\\n");
		else
			text_printf(text, "\\u%04x", c);
	}
	if (string.len > plain)
		text_add(text, string.ptr + plain, string.len - plain);
	text_puts(text, "\"");
}

const char *json_skip_space(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
		at++;
	return at;
}

/* Behind the closing quote of the string that starts at `at`. */
static const char *string_end(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++)
		if (*at == '\\' && end - at > 1)
			at++;
	return at < end ? at + 1 : NULL;
}

static const char *word_end(const char *at, const char *end)
{
	const char *start = at;

	while (at < end && ((*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'z') || *at == 'E' ||
	                    *at == '+' || *at == '-' || *at == '.'))
		at++;
	return at > start ? at : NULL;
}

const char *json_value_end(const char *at, const char *end)
{
	size_t depth = 0;

	at = json_skip_space(at, end);
	if (at < end && *at != '"' && *at != '{' && *at != '[')
		return word_end(at, end);
	while (at && at < end) {
		if (*at == '"') {
			at = string_end(at, end);
		} else {
			if (*at == '{' || *at == '[')
				depth++;
			else if (*at == '}' || *at == ']')
				depth--;
			at++;
		}
		if (at && depth == 0)
			return at;
	}
	return NULL;
}
