/* SPDX-License-Identifier: MIT */
/* Records as a table, or one below the other where a table would be too wide. */
#include "table.h"

#include <stdlib.h>

#define SHORT 40 /* a value worth telling below the table */

const struct text *table_cell(const struct table *table, size_t row, size_t column)
{
	return &table->cells[row * table->count + column];
}

/* ---- what there is to show ---- */

static bool all_empty(const struct cli_rows *rows, const inv_field_desc *field)
{
	for (size_t i = 0; i < rows->count; i++)
		if (!cli_cell_is_empty(field, rows->at(rows->from, i)))
			return false;
	return true;
}

/* Is there a field by which people know the record better than by its id? */
static bool has_code(const struct cli_rows *rows)
{
	for (uint32_t i = 0; i < rows->record->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(rows->record, i);

		if ((field->flags & INV_FIELD_UNIQUE) && !all_empty(rows, field))
			return true;
	}
	return false;
}

/* Zero says something as a quantity, an amount or a name, unless it is a mere trait. */
static bool zero_counts(const inv_field_desc *field)
{
	if (field->flags & INV_FIELD_READONLY)
		return false;
	return field->kind == INV_KIND_QUANTITY || field->kind == INV_KIND_MONEY ||
	       (field->kind == INV_KIND_ENUM && !(field->flags & INV_FIELD_IMMUTABLE));
}

static bool is_shown(const struct cli_rows *rows, const inv_field_desc *field, bool empty)
{
	if ((field->flags & INV_FIELD_HIDDEN) || field->kind == INV_KIND_LIST)
		return false;
	if (field->kind == INV_KIND_ID && (field->flags & INV_FIELD_KEY) && has_code(rows))
		return false;
	return !empty || zero_counts(field);
}

static void choose_columns(struct table *table)
{
	const inv_record_desc *record = table->rows->record;

	table->columns = cli_alloc(NULL, record->field_count + 1, sizeof *table->columns);
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(record, i);
		bool empty = all_empty(table->rows, field);

		if (is_shown(table->rows, field, empty))
			table->columns[table->count++] =
				(struct column){.field = field, .empty = empty, .constant = true};
	}
}

static void fill_cells(struct table *table)
{
	size_t total = table->rows->count * table->count;

	table->cells = cli_alloc(NULL, total + 1, sizeof *table->cells);
	memset(table->cells, 0, (total + 1) * sizeof *table->cells);
	for (size_t i = 0; i < total; i++) {
		struct column *column = &table->columns[i % table->count];
		const void *record = table->rows->at(table->rows->from, i / table->count);
		struct text *cell = &table->cells[i];
		size_t width;

		cli_cell_short(column->field, record, cell);
		width = text_width(text_get(cell), cell->len);
		if (width > column->widest)
			column->widest = width;
		if (strcmp(text_get(cell), text_get(&table->cells[i % table->count])) != 0)
			column->constant = false;
	}
	/* One row is no reason to call anything constant. */
	for (size_t i = 0; i < table->count && table->rows->count < 2; i++)
		table->columns[i].constant = false;
}

/* ---- printing ---- */

static void add_cell(struct text *line, const struct column *column, const char *data, size_t len)
{
	size_t width = text_width(data, len);
	bool cut = width > column->width;
	bool number = cli_cell_is_number(column->field);

	if (cut) {
		len = text_fit(data, len, column->width - 1);
		width = text_width(data, len) + 1;
	}
	if (number)
		text_pad(line, column->width - width);
	text_add(line, data, len);
	text_puts(line, cut ? "…" : "");
	if (!number)
		text_pad(line, column->width - width);
	text_pad(line, TABLE_GAP);
}

static void print_line(FILE *out, const char *indent, struct text *line, bool bold)
{
	while (line->len > 0 && line->data[line->len - 1] == ' ')
		line->data[--line->len] = '\0';
	fprintf(out, "%s%s%s%s\n", indent, bold ? cli_bold() : "", text_get(line),
	        bold ? cli_plain() : "");
	text_clear(line);
}

/* The upper or the lower part of the names; short names stand below. */
static void print_names(FILE *out, const struct table *table, const char *indent, bool upper)
{
	struct text line = {0};

	for (size_t i = 0; i < table->count; i++) {
		const char *name = table->columns[i].field->name;
		size_t len = strlen(name);
		size_t at = len > table->columns[i].width ? table_break_name(name) : 0;

		if (table->columns[i].dropped)
			continue;
		if (upper)
			add_cell(&line, &table->columns[i], name, at);
		else
			add_cell(&line, &table->columns[i], name + at + (at > 0 ? 1 : 0),
			         len - at - (at > 0 ? 1 : 0));
	}
	print_line(out, indent, &line, true);
	text_free(&line);
}

/* What is not shown is said: its value when it is always the same, else its name. */
static void print_rest(FILE *out, const struct table *table, const char *indent)
{
	struct text same = {0};
	struct text dropped = {0};

	for (size_t i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];

		if (!column->dropped)
			continue;
		if (column->constant && column->widest > 0 && column->widest <= SHORT &&
		    column->field->kind != INV_KIND_ID)
			text_printf(&same, "%s%s %s", same.len > 0 ? ", " : "all rows: ", column->field->name,
			            text_get(&table->cells[i]));
		else
			text_printf(&dropped, "%s%s", dropped.len > 0 ? ", " : "no room for ",
			            column->field->name);
	}
	if (dropped.len > 0)
		text_puts(&dropped, " (--json shows all)");
	for (int i = 0; i < 2; i++) {
		const struct text *line = i == 0 ? &same : &dropped;

		if (line->len == 0)
			continue;
		fputs(indent, out);
		cli_wrap(out, text_get(line), strlen(indent), strlen(indent) + 2, cli_screen_width());
	}
	text_free(&same);
	text_free(&dropped);
}

static void print_rows(FILE *out, const struct table *table, const char *indent)
{
	struct text line = {0};

	if (table->two_lines)
		print_names(out, table, indent, true);
	print_names(out, table, indent, false);
	for (size_t row = 0; row < table->rows->count; row++) {
		for (size_t i = 0; i < table->count; i++) {
			const struct text *cell = table_cell(table, row, i);

			if (!table->columns[i].dropped)
				add_cell(&line, &table->columns[i], text_get(cell), cell->len);
		}
		print_line(out, indent, &line, false);
	}
	print_rest(out, table, indent);
	text_free(&line);
}

static void print_blocks(FILE *out, const struct cli_rows *rows, const char *indent)
{
	for (size_t i = 0; i < rows->count; i++) {
		if (i > 0)
			fputs("\n", out);
		cli_print_fields(out, rows->record, rows->at(rows->from, i), indent);
	}
}

void cli_table(FILE *out, const struct cli_rows *rows, const char *indent)
{
	struct table table = {.rows = rows};
	size_t screen = cli_screen_width();

	choose_columns(&table);
	fill_cells(&table);
	if (table_fit(&table, screen > 0 ? screen - strlen(indent) : 0))
		print_rows(out, &table, indent);
	else
		print_blocks(out, rows, indent);
	for (size_t i = 0; i < rows->count * table.count; i++)
		text_free(&table.cells[i]);
	free(table.cells);
	free(table.columns);
}
