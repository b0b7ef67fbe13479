/* SPDX-License-Identifier: MIT */
/* Help for one operation: its fields with their kinds, limits and values, and an example. */
#include "cli.h"

/* Is anything said about the range of a number? */
static bool has_range(const inv_field_desc *field)
{
	return field->high != 0 || field->low != 0;
}

static void add_range(const inv_field_desc *field, struct text *out)
{
	uint32_t scale = field->kind == INV_KIND_MONEY ? 4 : field->kind == INV_KIND_INT ? 0 : 6;
	char low[24];
	char high[24];

	inv_decimal_format(field->low, scale, low);
	inv_decimal_format(field->high, scale, high);
	text_printf(out, "; %s to %s", low, high);
}

static void add_limits(const inv_field_desc *field, struct text *out)
{
	bool list = field->kind == INV_KIND_STRINGS || field->kind == INV_KIND_LIST;

	if (field->flags & INV_FIELD_REQUIRED)
		text_puts(out, "; required");
	if (field->flags & INV_FIELD_UNIQUE)
		text_puts(out, "; unique");
	if (field->flags & INV_FIELD_IMMUTABLE)
		text_puts(out, "; set once");
	if (cli_cell_is_number(field) && has_range(field))
		add_range(field, out);
	if (field->max > 0)
		text_printf(out, "; at most %lu %s", (unsigned long)field->max,
		            list ? "of them" : field->max == 1 ? "byte" : "bytes");
	if (list)
		text_puts(out, "; may be repeated");
}

static void print_values(const inv_field_desc *field, size_t indent)
{
	const inv_enum_desc *values = inv_schema_enum(field->of);

	for (uint32_t i = 0; i < values->value_count; i++) {
		struct text label = {0};

		text_pad(&label, indent);
		text_puts(&label, values->values[i].name);
		cli_wrap_labelled(stdout, text_get(&label), indent + 15, values->values[i].doc,
		                  cli_help_width());
		text_free(&label);
	}
}

/* Who starts from a code finds the id that goes with it here. */
static void print_where_ids_are(size_t indent)
{
	printf("%*s", (int)indent, "");
	cli_wrap(stdout,
	         "An id, not a code: `inventra NOUN get CODE` prints it as id, and `inventra --json "
	         "feed` tells each event's subject.",
	         indent, indent, cli_help_width());
}

static void print_field(const inv_field_desc *field, size_t indent)
{
	struct text limits = {0};
	size_t width = cli_help_width();
	bool named = indent == 0; /* by an option of its own */

	printf("%*s%s%s%s%s", (int)indent + 2, "", cli_bold(),
	       named && !(field->flags & INV_FIELD_POSITIONAL) ? "--" : "", field->name, cli_plain());
	if (named && (field->flags & INV_FIELD_POSITIONAL))
		printf(", or --%s", field->name);
	indent += 4;
	printf("\n%*s", (int)indent, "");
	cli_wrap(stdout, field->doc, indent, indent, width);
	if (field->kind == INV_KIND_ID && (field->flags & INV_FIELD_POSITIONAL))
		print_where_ids_are(indent);
	text_printf(&limits, "(%s", inv_schema_kind_json(field->kind));
	add_limits(field, &limits);
	text_puts(&limits, ")");
	printf("%*s", (int)indent, "");
	cli_wrap(stdout, text_get(&limits), indent, indent, width);
	text_free(&limits);
	if (field->kind == INV_KIND_ENUM)
		print_values(field, indent + 2);
}

/* The lock is for changes: nothing else reads it. */
static bool is_offered(const inv_op_desc *op, const inv_field_desc *field)
{
	return cli_field_is_input(field) &&
	       ((op->flags & INV_OP_PARTIAL) || !(field->flags & INV_FIELD_LOCK));
}

static bool has_fields(const inv_op_desc *op, const inv_record_desc *record)
{
	for (uint32_t i = 0; i < record->field_count; i++)
		if (is_offered(op, inv_schema_field(record, i)))
			return true;
	return false;
}

static void print_fields(const inv_op_desc *op, const inv_record_desc *record, size_t indent)
{
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(record, i);

		if (!is_offered(op, field))
			continue;
		print_field(field, indent);
		if (field->kind == INV_KIND_LIST && indent == 0)
			print_fields(op, inv_schema_record(field->of), 6);
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
static void add_pairs(const inv_record_desc *record, struct text *out)
{
	const char *comma = "";

	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(record, i);
		bool leading = i < 3 && cli_cell_is_number(field);

		if (!cli_field_is_input(field) || !((field->flags & INV_FIELD_REQUIRED) || leading))
			continue;
		text_printf(out, "%s%s=%s", comma, field->name, sample(field));
		comma = ",";
	}
}

/* A change needs to name the thing, and something to change. */
static bool in_example_of_change(const inv_field_desc *field, bool *changes)
{
	const uint32_t fixed = INV_FIELD_KEY | INV_FIELD_IMMUTABLE | INV_FIELD_LOCK;

	if (field->flags & INV_FIELD_UNIQUE)
		return true;
	if (*changes || (field->flags & fixed) || field->kind == INV_KIND_REF)
		return false;
	*changes = true;
	return true;
}

/* " A --b C --d E": where the line would be too long, an option begins the next one. */
static void print_options(const char *text, size_t column)
{
	size_t width = cli_help_width();

	while (*text) {
		const char *next = strstr(text + 1, " --");
		size_t len = next ? (size_t)(next - text) : strlen(text);

		if (column + len + 2 > width && text[1] == '-') {
			fputs(" \\\n   ", stdout);
			column = 3;
		}
		fwrite(text, 1, len, stdout);
		column += len;
		text += len;
	}
	fputs("\n", stdout);
}

static void print_example(const inv_op_desc *op, const inv_record_desc *input)
{
	struct text line = {0};
	bool changes = false;

	for (uint32_t i = 0; i < input->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(input, i);

		if ((field->flags & INV_FIELD_POSITIONAL) && cli_field_is_input(field))
			text_printf(&line, " %s", sample(field));
	}
	for (uint32_t i = 0; i < input->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(input, i);
		bool wanted = (field->flags & INV_FIELD_REQUIRED) != 0;

		if (!cli_field_is_input(field) || (field->flags & INV_FIELD_POSITIONAL))
			continue;
		if (op->flags & INV_OP_PARTIAL)
			wanted = in_example_of_change(field, &changes);
		if (!wanted)
			continue;
		text_printf(&line, " --%s ", field->name);
		if (field->kind == INV_KIND_LIST)
			add_pairs(inv_schema_record(field->of), &line);
		else
			text_puts(&line, sample(field));
	}
	printf("  inventra %s %s", op->plural, op->verb);
	print_options(text_get(&line), strlen("  inventra  ") + strlen(op->plural) + strlen(op->verb));
	text_free(&line);
}

static uint32_t uses(const inv_op_desc *op)
{
	if (op->flags & INV_OP_READ)
		return CLI_USE_STORE | CLI_USE_READ;
	return CLI_USE_STORE | CLI_USE_SESSION | CLI_USE_KEY;
}

int cli_help_op(const struct cli *cli, const inv_op_desc *op)
{
	const inv_record_desc *input = inv_schema_record(op->input);
	struct text intro = {0};
	size_t width = cli_help_width();

	text_printf(&intro, "inventra %s %s: %s", op->plural, op->verb, op->summary);
	cli_wrap(stdout, text_get(&intro), 0, 2, width);
	text_clear(&intro);
	if (op->flags & INV_OP_PARTIAL)
		text_puts(&intro, "Changes the fields that are given, and no other. ");
	if (op->flags & INV_OP_BATCH)
		text_printf(&intro, "Takes one, or from standard input (`-`) a JSON array of up to %u.",
		            INV_LIMIT_BATCH);
	if (intro.len > 0) {
		fputs("\n", stdout);
		cli_wrap(stdout, text_get(&intro), 0, 0, width);
	}
	text_free(&intro);
	if (has_fields(op, input)) {
		printf("\n%sFields%s\n", cli_bold(), cli_plain());
		print_fields(op, input, 0);
	}
	cli_help_options(cli, uses(op), input);
	printf("\n%sExample%s\n", cli_bold(), cli_plain());
	print_example(op, input);
	return 0;
}
