/* SPDX-License-Identifier: MIT */
/* A table between the choice of its columns (columns.c) and its printing (table.c). */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "cli.h"

#define TABLE_GAP 2 /* between columns */

struct column {
	const inv_field_desc *field;
	size_t widest; /* of its cells */
	size_t width;  /* as it is printed */
	bool empty;    /* all its cells are at their default */
	bool constant; /* all its cells are alike */
	bool dropped;
};

struct table {
	const struct cli_rows *rows;
	struct column *columns;
	size_t count;
	struct text *cells; /* row by row */
	bool two_lines;     /* long names are broken at an underscore */
};

const struct text *table_cell(const struct table *table, size_t row, size_t column);
/* Bytes of a name that stand on the upper of two lines. */
size_t table_break_name(const char *name);
/* Choose what is shown within `screen` columns (0 = all), and how wide. False when nothing does
 * justice to the records: then each is better shown by itself. */
bool table_fit(struct table *table, size_t screen);

#endif
