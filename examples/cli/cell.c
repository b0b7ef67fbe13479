/* SPDX-License-Identifier: MIT */
/* One field of a record as people read it. */
#include "cli.h"

#define MICROSECONDS_A_DAY INT64_C(86400000000)

static const void *place(const inv_field_desc *field, const void *record)
{
	return (const char *)record + field->offset;
}

/* Money has at least two decimals: 2.5 is read as 2.50. */
static void decimal_cell(int64_t value, uint32_t scale, size_t least, struct text *out)
{
	char text[24];
	size_t len = inv_decimal_format(value, scale, text);
	const char *point = strchr(text, '.');
	size_t decimals = point ? len - (size_t)(point - text) - 1 : 0;

	text_add(out, text, len);
	if (least > 0 && !point)
		text_puts(out, ".");
	for (; decimals < least; decimals++)
		text_puts(out, "0");
}

static void instant_cell(int64_t instant, size_t max, struct text *out)
{
	char text[40];
	size_t len = inv_instant_format(instant, text);

	text_add(out, text, len < max ? len : max);
}

static void id_cell(inv_id id, struct text *out)
{
	char text[37];

	if (inv_id_is_none(id))
		return;
	inv_id_format(id, text);
	text_puts(out, text);
}

static void number_cell(const inv_field_desc *field, const void *at, struct text *out)
{
	int64_t value;

	memcpy(&value, at, sizeof value);
	if (field->kind == INV_KIND_INT)
		decimal_cell(value, 0, 0, out);
	else if (field->kind == INV_KIND_MONEY)
		decimal_cell(value, 4, 2, out);
	else if (field->kind != INV_KIND_INSTANT)
		decimal_cell(value, 6, 0, out);
	else if (value != 0)
		instant_cell(value, 40, out);
}

static void short_cell(const inv_field_desc *field, const void *at, struct text *out)
{
	const char *name;
	int32_t value;

	memcpy(&value, at, sizeof value);
	if (field->kind == INV_KIND_BOOL) {
		text_puts(out, value ? "yes" : "no");
	} else if (field->kind == INV_KIND_DATE) {
		if (value != 0)
			instant_cell(value * MICROSECONDS_A_DAY, 10, out);
	} else {
		name = inv_enum_name(inv_schema_enum(field->of), value);
		text_printf(out, "%s", name ? name : "?");
	}
}

static void list_cell(const inv_field_desc *field, const inv_list *list, struct text *out)
{
	if (field->kind == INV_KIND_LIST) {
		text_printf(out, "%zu", list->count);
		return;
	}
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			text_puts(out, ", ");
		text_str(out, *INV_LIST_AT(*list, inv_str, i));
	}
}

static void text_cell(const inv_field_desc *field, inv_str value, struct text *out)
{
	if (field->kind != INV_KIND_BYTES) {
		text_str(out, value);
		return;
	}
	for (size_t i = 0; i < value.len; i++)
		text_printf(out, "%02x", (unsigned)(unsigned char)value.ptr[i]);
}

void cli_cell(const inv_field_desc *field, const void *record, struct text *out)
{
	const void *at = place(field, record);
	const inv_ref *ref = at;

	switch (field->kind) {
	case INV_KIND_BOOL:
	case INV_KIND_ENUM:
	case INV_KIND_DATE:
		short_cell(field, at, out);
		break;
	case INV_KIND_ID:
		id_cell(*(const inv_id *)at, out);
		break;
	case INV_KIND_REF:
		if (ref->code.len > 0)
			text_str(out, ref->code);
		else
			id_cell(ref->id, out);
		break;
	case INV_KIND_TEXT:
	case INV_KIND_CODE:
	case INV_KIND_JSON:
	case INV_KIND_BYTES:
		text_cell(field, *(const inv_str *)at, out);
		break;
	case INV_KIND_STRINGS:
	case INV_KIND_LIST:
		list_cell(field, at, out);
		break;
	default:
		number_cell(field, at, out);
	}
}

/* Lines would break a table, and other control characters a terminal. */
static void flatten(struct text *text)
{
	for (size_t i = 0; i < text->len; i++)
		if ((unsigned char)text->data[i] < 0x20 || text->data[i] == 0x7F)
			text->data[i] = ' ';
}

void cli_cell_line(const inv_field_desc *field, const void *record, struct text *out)
{
	cli_cell(field, record, out);
	flatten(out);
}

void cli_cell_short(const inv_field_desc *field, const void *record, struct text *out)
{
	const char *fraction;

	cli_cell_line(field, record, out);
	fraction = field->kind == INV_KIND_INSTANT ? strchr(text_get(out), '.') : NULL;
	if (!fraction)
		return;
	out->len = (size_t)(fraction - out->data);
	text_puts(out, "Z");
}

bool cli_cell_is_number(const inv_field_desc *field)
{
	return field->kind == INV_KIND_INT || field->kind == INV_KIND_QUANTITY ||
	       field->kind == INV_KIND_MONEY || field->kind == INV_KIND_RATIO;
}

bool cli_cell_is_empty(const inv_field_desc *field, const void *record)
{
	const void *at = place(field, record);

	switch (field->kind) {
	case INV_KIND_BOOL:
	case INV_KIND_ENUM:
	case INV_KIND_DATE:
		return *(const int32_t *)at == 0;
	case INV_KIND_ID:
		return inv_id_is_none(*(const inv_id *)at);
	case INV_KIND_REF:
		return inv_id_is_none(((const inv_ref *)at)->id) && ((const inv_ref *)at)->code.len == 0;
	case INV_KIND_TEXT:
	case INV_KIND_CODE:
	case INV_KIND_JSON:
	case INV_KIND_BYTES:
		return ((const inv_str *)at)->len == 0;
	case INV_KIND_STRINGS:
	case INV_KIND_LIST:
		return ((const inv_list *)at)->count == 0;
	default:
		return *(const int64_t *)at == 0;
	}
}
