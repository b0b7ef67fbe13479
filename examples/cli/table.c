/* SPDX-License-Identifier: MIT */
/* Records as a table: the columns that say something, as wide as the screen allows. */
#include "cli.h"

#include <stdlib.h>

#define GAP 2          /* between columns */
#define NARROW 12      /* text is not cut below this */

struct column {
	const inv_field_desc *field;
	size_t width;
};

struct table {
	const struct cli_rows *rows;
	const char *indent;
	struct column *columns;
	size_t count;
	struct text *cells; /* row by row */
};

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

static bool is_shown(const struct cli_rows *rows, const inv_field_desc *field)
{
	if ((field->flags & INV_FIELD_HIDDEN) || field->kind == INV_KIND_LIST)
		return false;
	if (field->kind == INV_KIND_ID && (field->flags & INV_FIELD_KEY) && has_code(rows))
		return false;
	return zero_counts(field) || !all_empty(rows, field);
}

static void choose_columns(struct table *table)
{
	const inv_record_desc *record = table->rows->record;

	table->columns = cli_alloc(NULL, record->field_count + 1, sizeof *table->columns);
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(record, i);

		if (!is_shown(table->rows, field))
			continue;
		table->columns[table->count].field = field;
		table->columns[table->count].width = strlen(field->name);
		table->count++;
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
		size_t width;

		cli_cell(column->field, record, &table->cells[i]);
		width = text_width(text_get(&table->cells[i]), table->cells[i].len);
		if (width > column->width)
			column->width = width;
	}
}

static size_t total_width(const struct table *table, size_t count)
{
	size_t width = strlen(table->indent);

	for (size_t i = 0; i < count; i++)
		width += table->columns[i].width + (i > 0 ? GAP : 0);
	return width;
}

static bool may_shrink(const struct column *column)
{
	const inv_field_desc *field = column->field;

	return column->width > NARROW && column->width > strlen(field->name) &&
	       (field->kind == INV_KIND_TEXT || field->kind == INV_KIND_JSON ||
	        field->kind == INV_KIND_STRINGS || field->kind == INV_KIND_BYTES);
}

/* Cut the widest texts first, then leave out columns from the right. Returns how many stay. */
static size_t fit_columns(struct table *table, size_t screen)
{
	size_t shown = table->count;

	while (screen > 0 && total_width(table, shown) > screen) {
		struct column *widest = NULL;

		for (size_t i = 0; i < shown; i++)
			if (may_shrink(&table->columns[i]) &&
			    (!widest || table->columns[i].width > widest->width))
				widest = &table->columns[i];
		if (widest)
			widest->width--;
		else if (shown > 1)
			shown--;
		else
			break;
	}
	return shown;
}

static void print_cell(FILE *out, const struct column *column, const struct text *cell, bool last)
{
	const char *data = text_get(cell);
	size_t width = text_width(data, cell->len);
	size_t len = cell->len;
	const char *more = "";

	if (width > column->width) {
		len = text_fit(data, cell->len, column->width - 1);
		width = text_width(data, len) + 1;
		more = "…";
	}
	if (cli_cell_is_number(column->field))
		fprintf(out, "%*s", (int)(column->width - width), "");
	fwrite(data, 1, len, out);
	fputs(more, out);
	if (!cli_cell_is_number(column->field) && !last)
		fprintf(out, "%*s", (int)(column->width - width), "");
	if (!last)
		fprintf(out, "%*s", GAP, "");
}

static void print_header(FILE *out, const struct table *table, size_t shown)
{
	fprintf(out, "%s%s", table->indent, cli_bold());
	for (size_t i = 0; i < shown; i++) {
		struct text name = {0};

		text_puts(&name, table->columns[i].field->name);
		print_cell(out, &table->columns[i], &name, i + 1 == shown);
		text_free(&name);
	}
	fprintf(out, "%s\n", cli_plain());
}

static void print_left_out(FILE *out, const struct table *table, size_t shown)
{
	if (shown == table->count)
		return;
	fprintf(out, "%s(no room for", table->indent);
	for (size_t i = shown; i < table->count; i++)
		fprintf(out, "%s %s", i > shown ? "," : "", table->columns[i].field->name);
	fputs(")\n", out);
}

void cli_table(FILE *out, const struct cli_rows *rows, const char *indent)
{
	struct table table = {.rows = rows, .indent = indent};
	size_t shown;

	choose_columns(&table);
	fill_cells(&table);
	shown = fit_columns(&table, cli_screen_width());
	print_header(out, &table, shown);
	for (size_t row = 0; row < rows->count; row++) {
		fputs(indent, out);
		for (size_t i = 0; i < shown; i++)
			print_cell(out, &table.columns[i], &table.cells[row * table.count + i], i + 1 == shown);
		fputs("\n", out);
	}
	print_left_out(out, &table, shown);
	for (size_t i = 0; i < rows->count * table.count; i++)
		text_free(&table.cells[i]);
	free(table.cells);
	free(table.columns);
}
