/* SPDX-License-Identifier: MIT */
/* An operation's answer for people: one record as lines, several as a table. */
#include "cli.h"

static const void *element_at(const void *from, size_t index)
{
	const inv_list *list = from;

	return INV_LIST_AT(*list, char, index);
}

static const void *answer_at(const void *from, size_t index)
{
	return inv_result_at(from, index);
}

/* Text of several lines, such as a receipt, is the answer itself. */
static bool print_multiline(FILE *out, const inv_record_desc *record, const void *value)
{
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(record, i);
		struct text cell = {0};

		if (!(field->flags & INV_FIELD_MULTILINE) || cli_cell_is_empty(field, value))
			continue;
		cli_cell(field, value, &cell);
		fputs(text_get(&cell), out);
		if (cell.data[cell.len - 1] != '\n')
			fputs("\n", out);
		text_free(&cell);
		return true;
	}
	return false;
}

static bool is_line(const inv_field_desc *field, const void *value)
{
	if ((field->flags & INV_FIELD_HIDDEN) || field->kind == INV_KIND_LIST)
		return false;
	if (!cli_cell_is_empty(field, value))
		return true;
	/* What is only told where it was asked for is no zero where it was not. */
	return field->kind == INV_KIND_ENUM ||
	       (cli_cell_is_number(field) && !(field->flags & INV_FIELD_DETAIL));
}

void cli_print_fields(FILE *out, const inv_record_desc *record, const void *value,
                      const char *indent)
{
	size_t width = 0;

	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(record, i);

		if (is_line(field, value) && strlen(field->name) > width)
			width = strlen(field->name);
	}
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(record, i);
		struct text label = {0};
		struct text cell = {0};

		if (!is_line(field, value))
			continue;
		cli_cell_line(field, value, &cell);
		text_printf(&label, "%s%s:", indent, field->name);
		/* JSON is to be copied rather than read. */
		cli_wrap_labelled(out, text_get(&label), strlen(indent) + width + 2, text_get(&cell),
		                  field->kind == INV_KIND_JSON ? 0 : cli_screen_width());
		text_free(&label);
		text_free(&cell);
	}
}

static void print_lists(FILE *out, const inv_record_desc *record, const void *value)
{
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(record, i);
		const void *at = (const char *)value + field->offset;
		struct cli_rows rows = {.at = element_at, .from = at};

		if (field->kind != INV_KIND_LIST || cli_cell_is_empty(field, value))
			continue;
		rows.record = inv_schema_record(field->of);
		rows.count = ((const inv_list *)at)->count;
		fprintf(out, "%s:\n", field->name);
		cli_table(out, &rows, "  ");
	}
}

void cli_print_record(FILE *out, const inv_record_desc *record, const void *value)
{
	if (print_multiline(out, record, value))
		return;
	cli_print_fields(out, record, value, "");
	print_lists(out, record, value);
}

/* How to ask for the next page, as far as the operation takes a cursor. */
static void print_more(const inv_op_desc *op, inv_str cursor)
{
	const inv_record_desc *input = inv_schema_record(op->input);
	const inv_field_desc *field = inv_schema_field_named(input, INV_S("cursor"), NULL);

	if (cursor.len > 0 && field)
		printf("more: --%s '%.*s'\n", field->name, (int)cursor.len, cursor.ptr);
}

void cli_print_result(const struct cli *cli, const inv_op_desc *op, const inv_result *result)
{
	struct cli_rows rows = {.record = inv_result_record(result), .at = answer_at, .from = result};
	inv_str json = inv_result_json(result);

	rows.count = inv_result_count(result);
	if (cli->json) {
		fwrite(json.ptr, 1, json.len, stdout);
		fputs("\n", stdout);
		return;
	}
	if (rows.count == 0)
		fputs("(none)\n", stdout);
	else if (rows.count == 1 && !(op->flags & INV_OP_LISTS))
		cli_print_record(stdout, rows.record, rows.at(rows.from, 0));
	else
		cli_table(stdout, &rows, "");
	print_more(op, inv_result_cursor(result));
	if (inv_result_replayed(result))
		fputs("(done before with this key)\n", stderr);
}
