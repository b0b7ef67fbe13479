/* SPDX-License-Identifier: MIT */
/* One value as JSON, by its kind. What is not of its kind is passed on as a string, so that the
 * library's own answer names the field and says what it takes. */
#include "cli.h"

#include <ctype.h>

static bool is_integer(const char *text)
{
	const char *digits = text[0] == '-' ? text + 1 : text;

	if (*digits == '\0' || (digits[0] == '0' && digits[1] != '\0'))
		return false;
	return strspn(digits, "0123456789") == strlen(digits) && strlen(digits) <= 19;
}

static const char *truth(const char *text)
{
	static const char *const names[][2] = {{"true", "true"}, {"false", "false"}, {"yes", "true"},
	                                       {"no", "false"},  {"1", "true"},      {"0", "false"}};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i][0], text) == 0)
			return names[i][1];
	return NULL;
}

static bool is_whole_json(const char *text)
{
	const char *end = text + strlen(text);
	const char *stop = json_value_end(text, end);

	return stop && json_skip_space(stop, end) == end;
}

/* Where the pair that starts at `text` ends: at a comma with another `name=` behind it. */
static const char *pair_end(const char *text)
{
	for (const char *at = text; *at; at++) {
		const char *name = at + 1;
		const char *stop = name;

		if (*at != ',')
			continue;
		while (*stop == '_' || *stop == '-' || isalpha((unsigned char)*stop))
			stop++;
		if (stop > name && *stop == '=')
			return at;
	}
	return text + strlen(text);
}

static int unknown_pair(const struct cli *cli, const inv_record_desc *record, const char *name)
{
	struct cli_nearest nearest;

	cli_nearest_start(&nearest, name);
	cli_offer_fields(&nearest, record);
	if (nearest.name)
		return cli_usage(cli, name, "%s has no such field; did you mean %s?", record->name,
		                 nearest.name);
	return cli_usage(cli, name, "%s has no such field", record->name);
}

/* One `name=value`. */
static int pair_json(const struct cli *cli, const inv_record_desc *record, const char *pair,
                     struct text *out)
{
	const char *equals = strchr(pair, '=');
	size_t len = equals ? (size_t)(equals - pair) : strlen(pair);
	const inv_field_desc *field;
	struct text name = {0};
	int exit_code;

	if (!equals)
		return cli_usage(cli, pair, "write name=value,name=value or a JSON object");
	field = cli_find_field(record, pair, len);
	if (!field) {
		text_add(&name, pair, len);
		exit_code = unknown_pair(cli, record, text_get(&name));
		text_free(&name);
		return exit_code;
	}
	text_printf(out, "\"%s\":", field->name);
	return cli_value_json(cli, field, equals + 1, out);
}

static int pairs_json(const struct cli *cli, const inv_record_desc *record, const char *text,
                      struct text *out)
{
	int exit_code = 0;

	text_puts(out, "{");
	for (const char *at = text; *at && exit_code == 0;) {
		const char *end = pair_end(at);
		struct text pair = {0};

		text_add(&pair, at, (size_t)(end - at));
		if (at > text)
			text_puts(out, ",");
		exit_code = pair_json(cli, record, text_get(&pair), out);
		text_free(&pair);
		at = *end ? end + 1 : end;
	}
	text_puts(out, "}");
	return exit_code;
}

/* A JSON array's content, a JSON object, or pairs. */
int cli_elements_json(const struct cli *cli, const inv_field_desc *field, const char *text,
                      struct text *out)
{
	const char *start = json_skip_space(text, text + strlen(text));
	size_t len = strlen(start);

	if (*start == '[' && is_whole_json(start)) {
		while (len > 1 && start[len - 1] != ']')
			len--;
		text_add(out, start + 1, len - 2);
		return 0;
	}
	if (*start == '{' && is_whole_json(start)) {
		text_puts(out, start);
		return 0;
	}
	if (*start == '{' || *start == '[')
		return cli_usage(cli, field->name, "this is not JSON: %.60s", text);
	if (field->kind == INV_KIND_STRINGS) {
		text_json_string(out, inv_str_of(text));
		return 0;
	}
	return pairs_json(cli, inv_schema_record(field->of), text, out);
}

int cli_value_json(const struct cli *cli, const inv_field_desc *field, const char *text,
                   struct text *out)
{
	int exit_code = 0;

	if (field->kind == INV_KIND_BOOL && truth(text)) {
		text_puts(out, truth(text));
	} else if (field->kind == INV_KIND_INT && is_integer(text)) {
		text_puts(out, text);
	} else if (field->kind == INV_KIND_JSON) {
		if (!is_whole_json(text))
			return cli_usage(cli, field->name, "this is not JSON: %.60s", text);
		text_puts(out, text);
	} else if (field->kind == INV_KIND_STRINGS || field->kind == INV_KIND_LIST) {
		text_puts(out, "[");
		exit_code = cli_elements_json(cli, field, text, out);
		text_puts(out, "]");
	} else {
		text_json_string(out, inv_str_of(text));
	}
	return exit_code;
}
