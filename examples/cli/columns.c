/* SPDX-License-Identifier: MIT */
/* Which columns a table shows when there is no room for all: by their description and by what they
 * hold, never by their names. Quantities and money always stay, and numbers are never cut. */
#include "table.h"

#define NARROW 12 /* text is not cut below this */

size_t table_break_name(const char *name)
{
	size_t len = strlen(name);
	size_t best = 0;

	for (size_t i = 1; i + 1 < len; i++) {
		size_t longer = i > len - i - 1 ? i : len - i - 1;
		size_t so_far = best > len - best - 1 ? best : len - best - 1;

		if (name[i] == '_' && (best == 0 || longer < so_far))
			best = i;
	}
	return best;
}

static size_t name_width(const struct table *table, const struct column *column)
{
	size_t len = strlen(column->field->name);
	size_t upper = table->two_lines ? table_break_name(column->field->name) : 0;

	if (upper == 0)
		return len;
	return upper > len - upper - 1 ? upper : len - upper - 1;
}

static size_t full_width(const struct table *table, const struct column *column)
{
	size_t name = name_width(table, column);

	return column->widest > name ? column->widest : name;
}

static bool may_be_cut(const struct column *column)
{
	return column->field->kind == INV_KIND_TEXT || column->field->kind == INV_KIND_JSON ||
	       column->field->kind == INV_KIND_STRINGS || column->field->kind == INV_KIND_BYTES;
}

static size_t least_width(const struct table *table, const struct column *column)
{
	size_t full = full_width(table, column);
	size_t name = name_width(table, column);
	size_t narrow = name > NARROW ? name : NARROW;

	return may_be_cut(column) && full > narrow ? narrow : full;
}

static bool fits(const struct table *table, size_t screen, bool cut)
{
	size_t width = 0;

	for (size_t i = 0; i < table->count; i++) {
		const struct column *column = &table->columns[i];

		if (column->dropped)
			continue;
		width += cut ? least_width(table, column) : full_width(table, column);
		width += TABLE_GAP;
	}
	return width <= screen + TABLE_GAP;
}

/* ---- what may go ---- */

static bool is_key(const struct column *column)
{
	return (column->field->flags & INV_FIELD_KEY) != 0;
}

/* Holds what only machines read. */
static bool is_machine(const struct table *table, size_t index)
{
	const inv_field_desc *field = table->columns[index].field;

	if (field->kind == INV_KIND_ID || field->kind == INV_KIND_BYTES)
		return true;
	for (size_t i = 0; field->kind == INV_KIND_REF && i < table->rows->count; i++) {
		const void *record = table->rows->at(table->rows->from, i);
		inv_ref ref;

		memcpy(&ref, (const char *)record + field->offset, sizeof ref);
		if (ref.code.len == 0 && !inv_id_is_none(ref.id))
			return true;
	}
	return false;
}

static bool is_other_id(const struct table *table, size_t index)
{
	return !is_key(&table->columns[index]) && is_machine(table, index);
}

static bool is_later_instant(const struct table *table, size_t index)
{
	bool later = false;

	for (size_t i = 0; i < index && !later; i++)
		later = table->columns[i].field->kind == INV_KIND_INSTANT;
	return later && table->columns[index].field->kind == INV_KIND_INSTANT;
}

static bool is_engines_instant(const struct table *table, size_t index)
{
	const uint32_t flags = INV_FIELD_READONLY | INV_FIELD_SORT;

	return is_later_instant(table, index) && (table->columns[index].field->flags & flags) == flags;
}

static bool is_lock(const struct table *table, size_t index)
{
	return (table->columns[index].field->flags & INV_FIELD_LOCK) != 0;
}

static bool is_constant_int(const struct table *table, size_t index)
{
	return table->columns[index].constant && table->columns[index].field->kind == INV_KIND_INT;
}

static bool is_default_trait(const struct table *table, size_t index)
{
	const struct column *column = &table->columns[index];

	return column->empty &&
	       (column->field->kind == INV_KIND_BOOL || column->field->kind == INV_KIND_ENUM);
}

static bool is_default(const struct table *table, size_t index)
{
	return table->columns[index].empty;
}

/* JSON tells nothing once it is cut. */
static bool is_json(const struct table *table, size_t index)
{
	return table->columns[index].field->kind == INV_KIND_JSON;
}

static bool says_the_same(const struct table *table, size_t one, size_t other)
{
	bool same = true;

	for (size_t i = 0; i < table->rows->count && same; i++) {
		const struct text *shorter = table_cell(table, i, one);
		const struct text *longer = table_cell(table, i, other);

		same = strncmp(text_get(shorter), text_get(longer), shorter->len) == 0;
		if (table->columns[one].field->kind == INV_KIND_INT)
			same = same && shorter->len == longer->len;
	}
	return same;
}

/* The same number as in a column before it, or the day of an instant before it. */
static bool is_repeated(const struct table *table, size_t index)
{
	uint32_t kind = table->columns[index].field->kind;
	uint32_t wanted = kind == INV_KIND_DATE ? INV_KIND_INSTANT : INV_KIND_INT;

	if (kind != INV_KIND_DATE && kind != INV_KIND_INT)
		return false;
	for (size_t i = 0; i < index; i++)
		if (!table->columns[i].dropped && table->columns[i].field->kind == wanted &&
		    says_the_same(table, index, i))
			return true;
	return false;
}

static bool is_constant(const struct table *table, size_t index)
{
	const struct column *column = &table->columns[index];

	return column->constant && !cli_cell_is_number(column->field);
}

static bool is_count(const struct table *table, size_t index)
{
	const struct column *column = &table->columns[index];

	return column->field->kind == INV_KIND_INT && !is_key(column);
}

/* Neither a number nor what the record is known by. */
static bool is_minor(const struct table *table, size_t index)
{
	const uint32_t known_by = INV_FIELD_KEY | INV_FIELD_UNIQUE | INV_FIELD_REQUIRED;
	const inv_field_desc *field = table->columns[index].field;

	return !cli_cell_is_number(field) && field->kind != INV_KIND_INSTANT &&
	       (field->flags & known_by) == 0;
}

/* ---- choosing ---- */

/* In this order, and within a rule from the right. `cut`: first try with texts cut short. */
static const struct rule {
	bool (*may_go)(const struct table *table, size_t index); /* NULL: names on two lines instead */
	bool cut;
} rules[] = {
	{is_other_id, false},   {is_machine, false},       {is_engines_instant, false},
	{is_lock, false},       {is_constant_int, false},  {is_default_trait, false},
	{is_default, false},    {is_later_instant, false}, {is_json, false},
	{is_repeated, true},    {NULL, true},              {is_constant, true},
	{is_count, true},       {is_minor, true},
};

static bool apply(struct table *table, const struct rule *rule, size_t screen)
{
	if (fits(table, screen, rule->cut))
		return true;
	if (!rule->may_go) {
		table->two_lines = true;
		return fits(table, screen, rule->cut);
	}
	for (size_t i = table->count; i-- > 0;) {
		if (table->columns[i].dropped || !rule->may_go(table, i))
			continue;
		table->columns[i].dropped = true;
		if (fits(table, screen, rule->cut))
			return true;
	}
	return false;
}

/* Take from the widest text until all fit. */
static void cut_texts(struct table *table, size_t screen)
{
	size_t total = 0;

	for (size_t i = 0; i < table->count; i++) {
		table->columns[i].width = full_width(table, &table->columns[i]);
		if (!table->columns[i].dropped)
			total += table->columns[i].width + TABLE_GAP;
	}
	while (screen > 0 && total > screen + TABLE_GAP) {
		struct column *widest = NULL;

		for (size_t i = 0; i < table->count; i++) {
			struct column *column = &table->columns[i];

			if (!column->dropped && column->width > least_width(table, column) &&
			    (!widest || column->width > widest->width))
				widest = column;
		}
		if (!widest)
			break;
		widest->width--;
		total--;
	}
}

bool table_fit(struct table *table, size_t screen)
{
	bool done = screen == 0 || fits(table, screen, false);

	if (!done && table->rows->count == 1)
		return false;
	for (size_t i = 0; i < sizeof rules / sizeof rules[0] && !done; i++)
		done = apply(table, &rules[i], screen);
	/* What was dropped later may have made room for whole names again. */
	if (done && table->two_lines) {
		table->two_lines = false;
		table->two_lines = !fits(table, screen, true);
	}
	if (done)
		cut_texts(table, screen);
	return done;
}
