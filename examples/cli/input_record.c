/* SPDX-License-Identifier: MIT */
/* An operation's input as a record in memory, for the calls that take no JSON. */
#include "cli.h"

#define MICROSECONDS_A_DAY INT64_C(86400000000)

inv_ref cli_ref(const char *text)
{
	inv_ref ref = inv_ref_code(text);
	inv_id id;

	if (inv_id_parse(ref.code, &id) == INV_OK)
		return inv_ref_of(id);
	return ref;
}

static bool read_date(inv_str text, int32_t *out)
{
	struct text instant = {0};
	int64_t at = 0;
	bool good;

	text_str(&instant, text);
	text_puts(&instant, "T00:00:00Z");
	good = inv_instant_parse(inv_str_of(text_get(&instant)), &at) == INV_OK;
	text_free(&instant);
	if (good)
		*out = (int32_t)(at / MICROSECONDS_A_DAY);
	return good;
}

static bool read_enum(const inv_enum_desc *desc, const char *text, int32_t *out)
{
	for (uint32_t i = 0; i < desc->value_count; i++) {
		if (strcmp(desc->values[i].name, text) != 0)
			continue;
		*out = desc->values[i].number;
		return true;
	}
	return false;
}

static bool read_number(const inv_field_desc *field, inv_str text, int64_t *out)
{
	uint32_t scale = field->kind == INV_KIND_INT ? 0 : field->kind == INV_KIND_MONEY ? 4 : 6;

	if (field->kind == INV_KIND_INSTANT)
		return inv_instant_parse(text, out) == INV_OK;
	return inv_decimal_parse(text, scale, out) == INV_OK;
}

static bool read_value(const inv_field_desc *field, const char *text, void *at)
{
	inv_str string = inv_str_of(text);
	inv_bool on = strcmp(text, "true") == 0 ? 1u : 0u;
	inv_ref ref;

	switch (field->kind) {
	case INV_KIND_BOOL:
		memcpy(at, &on, sizeof on);
		return true;
	case INV_KIND_ENUM:
		return read_enum(inv_schema_enum(field->of), text, at);
	case INV_KIND_DATE:
		return read_date(string, at);
	case INV_KIND_ID:
		return inv_id_parse(string, at) == INV_OK;
	case INV_KIND_REF:
		ref = cli_ref(text);
		memcpy(at, &ref, sizeof ref);
		return true;
	case INV_KIND_TEXT:
	case INV_KIND_CODE:
	case INV_KIND_JSON:
		memcpy(at, &string, sizeof string);
		return true;
	case INV_KIND_BYTES:
	case INV_KIND_STRINGS:
	case INV_KIND_LIST:
		return false;
	default:
		return read_number(field, string, at);
	}
}

int cli_input_record(const struct cli *cli, const struct cli_input *input, void *record)
{
	uint32_t size = input->record->size;

	memset(record, 0, size);
	memcpy(record, &size, sizeof size); /* struct_size stands first */
	for (size_t i = 0; i < input->given_count; i++) {
		const inv_field_desc *field = input->given[i].field;

		if (!read_value(field, input->given[i].text, (char *)record + field->offset))
			return cli_usage(cli, field->name, "\"%s\" is no %s", input->given[i].text,
			                 inv_schema_kind_json(field->kind));
	}
	return 0;
}
