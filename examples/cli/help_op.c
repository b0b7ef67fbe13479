/* SPDX-License-Identifier: MIT */
/* Help for one operation: its fields with their kinds, limits and values, and an example. */
#include "cli.h"

/* Is anything said about the range of a number? */
static bool has_range(const inv_field_desc *field)
{
	return field->high != 0 || field->low != 0;
}

static void print_range(const inv_field_desc *field)
{
	uint32_t scale = field->kind == INV_KIND_MONEY ? 4 : field->kind == INV_KIND_INT ? 0 : 6;
	char low[24];
	char high[24];

	inv_decimal_format(field->low, scale, low);
	inv_decimal_format(field->high, scale, high);
	printf("; %s to %s", low, high);
}

static void print_values(const inv_field_desc *field, const char *indent)
{
	const inv_enum_desc *values = inv_schema_enum(field->of);

	for (uint32_t i = 0; i < values->value_count; i++)
		printf("%s      %-14s %s\n", indent, values->values[i].name, values->values[i].doc);
}

static void print_limits(const inv_field_desc *field)
{
	bool list = field->kind == INV_KIND_STRINGS || field->kind == INV_KIND_LIST;

	if (field->flags & INV_FIELD_REQUIRED)
		printf("; required");
	if (field->flags & INV_FIELD_UNIQUE)
		printf("; unique");
	if (field->flags & INV_FIELD_IMMUTABLE)
		printf("; set once");
	if (cli_cell_is_number(field) && has_range(field))
		print_range(field);
	if (field->max > 0)
		printf("; at most %lu %s", (unsigned long)field->max, list ? "of them" : "bytes");
	if (list)
		printf("; may be repeated");
}

static void print_fields(const inv_record_desc *record, const char *indent);

static void print_field(const inv_field_desc *field, const char *indent)
{
	bool nested = *indent != '\0';

	if (field->flags & INV_FIELD_POSITIONAL)
		printf("%s  %s%s%s, or --%s\n", indent, cli_bold(), field->name, cli_plain(), field->name);
	else
		printf("%s  %s%s%s%s\n", indent, cli_bold(), nested ? "" : "--", field->name, cli_plain());
	printf("%s    %s\n%s    (%s", indent, field->doc, indent, inv_schema_kind_json(field->kind));
	print_limits(field);
	printf(")\n");
	if (field->kind == INV_KIND_ENUM)
		print_values(field, indent);
	if (field->kind == INV_KIND_LIST && !nested)
		print_fields(inv_schema_record(field->of), "      ");
}

static void print_fields(const inv_record_desc *record, const char *indent)
{
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(record, i);

		if (cli_field_is_input(field))
			print_field(field, indent);
	}
}

/* ---- the example ---- */

static const char *sample(const inv_field_desc *field)
{
	switch (field->kind) {
	case INV_KIND_ENUM:
		return inv_schema_enum(field->of)->values[0].name;
	case INV_KIND_MONEY:
		return "2.50";
	case INV_KIND_DATE:
		return "2026-01-31";
	case INV_KIND_INSTANT:
		return "2026-01-31T09:30:00Z";
	case INV_KIND_ID:
		return "ID";
	case INV_KIND_REF:
	case INV_KIND_CODE:
		return "TEA-100";
	case INV_KIND_TEXT:
		return "Tea";
	case INV_KIND_JSON:
		return "'{}'";
	default:
		return "1";
	}
}

/* The required fields of a nested record, and the numbers among its first fields. */
static void print_pairs(const inv_record_desc *record)
{
	const char *comma = "";

	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(record, i);
		bool leading = i < 3 && cli_cell_is_number(field);

		if (!cli_field_is_input(field) || !((field->flags & INV_FIELD_REQUIRED) || leading))
			continue;
		printf("%s%s=%s", comma, field->name, sample(field));
		comma = ",";
	}
}

static void print_example(const inv_op_desc *op, const inv_record_desc *input)
{
	printf("  inventra %s %s", op->plural, op->verb);
	for (uint32_t i = 0; i < input->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(input, i);

		if ((field->flags & INV_FIELD_POSITIONAL) && cli_field_is_input(field))
			printf(" %s", sample(field));
	}
	for (uint32_t i = 0; i < input->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(input, i);

		if (!cli_field_is_input(field) || (field->flags & INV_FIELD_POSITIONAL) ||
		    !(field->flags & INV_FIELD_REQUIRED) || (op->flags & INV_OP_PARTIAL))
			continue;
		printf(" --%s ", field->name);
		if (field->kind == INV_KIND_LIST)
			print_pairs(inv_schema_record(field->of));
		else
			printf("%s", sample(field));
	}
	printf("\n");
}

int cli_help_op(const struct cli *cli, const inv_op_desc *op)
{
	const inv_record_desc *input = inv_schema_record(op->input);

	(void)cli;
	printf("inventra %s %s: %s\n\n", op->plural, op->verb, op->summary);
	if (op->flags & INV_OP_PARTIAL)
		printf("Changes the fields that are given, and no other.\n");
	if (op->flags & INV_OP_BATCH)
		printf("Takes one, or from standard input (`-`) a JSON array of up to %u at once.\n",
		       INV_LIMIT_BATCH);
	printf("\n%sFields%s\n", cli_bold(), cli_plain());
	print_fields(input, "");
	printf("\n%sExample%s\n", cli_bold(), cli_plain());
	print_example(op, input);
	return 0;
}
