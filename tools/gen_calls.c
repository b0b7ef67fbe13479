/* SPDX-License-Identifier: MIT */
/* How an operation is called from each language: the fields that it cannot do without, as that
 * language writes them. */
#include <ctype.h>
#include <string.h>

#include "gen.h"

#include "inventra/schema.h"

#define MAX_SHOWN 8

/* Fields to show, in the order of the record. */
struct shown {
	const struct gen_item *fields[MAX_SHOWN];
	size_t count;
};

static const struct gen_item *fields_of(const char *record)
{
	for (size_t i = 0; i < gen_item_count; i++)
		if (gen_items[i].is_record && strcmp(gen_items[i].name, record) == 0)
			return gen_items + i + 1;
	return NULL;
}

static bool is_field(const struct gen_item *item)
{
	return item < gen_items + gen_item_count && !item->is_record;
}

static bool is_given(const struct gen_item *field)
{
	return !(field->flags & (INV_FIELD_READONLY | INV_FIELD_HIDDEN));
}

static void show(struct shown *shown, const struct gen_item *field)
{
	if (field && shown->count < MAX_SHOWN)
		shown->fields[shown->count++] = field;
}

/* A change names what it changes, the version it read, and one field for all that can be given. */
static void show_change(struct shown *shown, const struct gen_item *fields)
{
	const struct gen_item *sample = NULL;

	for (const struct gen_item *f = fields; is_field(f); f++) {
		if (!is_given(f))
			continue;
		if (f->flags & (INV_FIELD_KEY | INV_FIELD_LOCK))
			show(shown, f);
		else if (!sample || (f->flags & INV_FIELD_REQUIRED))
			sample = f;
	}
	show(shown, sample);
}

static void show_needed(struct shown *shown, const struct gen_item *fields)
{
	const struct gen_item *first = NULL;

	for (const struct gen_item *f = fields; is_field(f); f++) {
		if (!is_given(f))
			continue;
		first = first ? first : f;
		if (f->flags & (INV_FIELD_REQUIRED | INV_FIELD_POSITIONAL))
			show(shown, f);
	}
	if (shown->count == 0)
		show(shown, first);
}

/* list_price as listPrice. */
static void put_camel(const char *name)
{
	bool up = false;

	for (; *name; name++) {
		if (*name == '_') {
			up = true;
			continue;
		}
		out("%c", up ? toupper((unsigned char)*name) : *name);
		up = false;
	}
}

static const char *value_of(const struct gen_item *field)
{
	return field->kind == INV_KIND_LIST || field->kind == INV_KIND_STRINGS ? "[…]" : "…";
}

static void put_python(const struct gen_op *op, const struct shown *shown)
{
	out("| Python | `inv.%s.%s(", op->plural, op->verb);
	for (size_t i = 0; i < shown->count; i++)
		out("%s%s=%s", i ? ", " : "", shown->fields[i]->name, value_of(shown->fields[i]));
	out(")` |\n");
}

static void put_node(const struct gen_op *op, const struct shown *shown)
{
	out("| Node | `inv.");
	put_camel(op->plural);
	out(".");
	put_camel(op->verb);
	out("(%s", shown->count ? "{ " : "");
	for (size_t i = 0; i < shown->count; i++) {
		out("%s", i ? ", " : "");
		put_camel(shown->fields[i]->name);
		out(": %s", value_of(shown->fields[i]));
	}
	out("%s)` |\n", shown->count ? " }" : "");
}

static void put_shell(const struct gen_op *op, const struct shown *shown)
{
	out("| shell | `inventra %s %s", op->plural, op->verb);
	for (size_t i = 0; i < shown->count; i++) {
		if (shown->fields[i]->flags & INV_FIELD_POSITIONAL)
			out(" %s", upper(shown->fields[i]->name));
		else
			out(" --%s …", shown->fields[i]->name);
	}
	out("` |\n");
}

void put_calls(const struct gen_op *op)
{
	struct shown shown = {.count = 0};
	const struct gen_item *fields = fields_of(op->input);

	if (op->flags & INV_OP_PARTIAL)
		show_change(&shown, fields);
	else
		show_needed(&shown, fields);
	out("| C | `inv_%s_%s(session, &%s, 1, NULL, &result)` in `inventra/%s.h` |\n", op->noun,
	    op->verb, op->input, op->plural);
	put_python(op, &shown);
	put_node(op, &shown);
	put_shell(op, &shown);
}
