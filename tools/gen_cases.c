/* SPDX-License-Identifier: MIT */
/* tests/cases/generated.json: what every operation must refuse, read off the description. Each step
 * is valid but for one fault. A new operation has its steps by itself. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gen.h"

#include "inventra/schema.h"
#include "schema/numbers.h"

#define DEPTH_MAX 4

enum fault_kind {
	NO_FAULT,
	UNKNOWN,
	MISSING,
	EMPTY, /* as MISSING, where a field that is not given stays as it is */
	READONLY,
	TOO_LONG,
	TOO_LOW,
	TOO_HIGH,
	NO_SUCH_VALUE,
};

/* One fault, in one field of the input or of a list in it. */
typedef struct fault {
	enum fault_kind kind;
	bool partial;
	size_t depth;
	const struct gen_item *through[DEPTH_MAX]; /* the lists on the way */
	const struct gen_item *field;
} fault;

static unsigned steps;

static const struct gen_item *fields_of(uint32_t record)
{
	for (size_t i = 0; i < gen_item_count; i++)
		if (gen_items[i].is_record && gen_items[i].record == record)
			return &gen_items[i + 1];
	return gen_items + gen_item_count;
}

static bool is_field(const struct gen_item *f)
{
	return f < gen_items + gen_item_count && !f->is_record;
}

static uint32_t scale_of(uint32_t kind)
{
	if (kind == INV_KIND_MONEY)
		return 4;
	return kind == INV_KIND_QUANTITY || kind == INV_KIND_RATIO ? 6 : 0;
}

/* ---- values ---- */

static void put_record(uint32_t record, const fault *at, size_t level);

static void put_number(const struct gen_item *f, int64_t value)
{
	uint32_t scale = scale_of(f->kind);
	uint64_t size = value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
	uint64_t one = 1;

	for (uint32_t i = 0; i < scale; i++)
		one *= 10;
	if (f->kind == INV_KIND_INT)
		out("%" PRId64, value);
	else
		out("\"%s%" PRIu64 ".%0*" PRIu64 "\"", value < 0 ? "-" : "", size / one, (int)scale,
		    size % one);
}

/* Any value that is not the default. */
static void put_plain(const struct gen_item *f)
{
	static const fault none = {.kind = NO_FAULT};

	switch (f->kind) {
	case INV_KIND_BOOL:
		out("true");
		break;
	case INV_KIND_INT:
		out("1");
		break;
	case INV_KIND_QUANTITY:
	case INV_KIND_MONEY:
	case INV_KIND_RATIO:
		out("\"1\"");
		break;
	case INV_KIND_DATE:
		out("\"2024-01-02\"");
		break;
	case INV_KIND_INSTANT:
		out("\"2024-01-02T03:04:05Z\"");
		break;
	case INV_KIND_ID:
		out("\"018f0000-0000-7000-8000-000000000001\"");
		break;
	case INV_KIND_ENUM:
		for (size_t i = 0, n = 0; i < gen_value_count; i++) {
			n += gen_values[i].is_enum ? 1 : 0;
			if (n == (size_t)f->of + 1 && !gen_values[i].is_enum && gen_values[i].number == 1)
				out("\"%s\"", gen_values[i].name);
		}
		break;
	case INV_KIND_JSON:
		out("{\"a\": 1}");
		break;
	case INV_KIND_BYTES:
		out("\"AAAA\"");
		break;
	case INV_KIND_STRINGS:
		out("[\"x\"]");
		break;
	case INV_KIND_LIST:
		out("[");
		put_record(f->of, &none, 0);
		out("]");
		break;
	default:
		out("\"x\"");
	}
}

static void put_too_long(const struct gen_item *f)
{
	static const fault none = {.kind = NO_FAULT};

	out("{\"$repeat\": %u, ", f->max + 1);
	if (f->kind == INV_KIND_LIST) {
		out("\"of\": ");
		put_record(f->of, &none, 0);
	} else {
		out(f->kind == INV_KIND_STRINGS ? "\"of\": \"x\"" : "\"text\": \"x\"");
	}
	out("}");
}

static void put_faulty(const fault *at)
{
	const struct gen_item *f = at->field;

	switch (at->kind) {
	case EMPTY:
		out(f->kind == INV_KIND_LIST || f->kind == INV_KIND_STRINGS ? "[]" : "\"\"");
		break;
	case TOO_LONG:
		put_too_long(f);
		break;
	case TOO_LOW:
		put_number(f, f->low - 1);
		break;
	case TOO_HIGH:
		put_number(f, f->high + 1);
		break;
	case NO_SUCH_VALUE:
		out("\"no such value\"");
		break;
	default:
		put_plain(f);
	}
}

/* ---- records ---- */

static void put_list_on_the_way(const fault *at, size_t level)
{
	out("[");
	put_record(at->through[level]->of, at, level + 1);
	out("]");
}

static void put_record(uint32_t record, const fault *at, size_t level)
{
	bool here = at->kind != NO_FAULT && level == at->depth;
	const char *comma = "";

	out("{");
	for (const struct gen_item *f = fields_of(record); is_field(f); f++) {
		bool on_the_way = level < at->depth && at->through[level] == f;
		bool ours = here && at->field == f;
		bool needed = (f->flags & INV_FIELD_REQUIRED) && !(at->partial && level == 0);

		if ((!on_the_way && !ours && !needed) || (ours && at->kind == MISSING))
			continue;
		out("%s\"%s\": ", comma, f->name);
		comma = ", ";
		if (on_the_way)
			put_list_on_the_way(at, level);
		else if (ours)
			put_faulty(at);
		else
			put_plain(f);
	}
	if (here && at->kind == UNKNOWN)
		out("%s\"no_such_field\": 1", comma);
	out("}");
}

/* ---- steps ---- */

static void put_step(const struct gen_op *op, uint32_t input, const fault *at)
{
	const char *field = at->kind == UNKNOWN ? "no_such_field" : at->field->name;

	out("%s\n{\"op\": \"%s.%s\", \"input\": ", steps++ ? "," : "", op->noun, op->verb);
	put_record(input, at, 0);
	out(", \"error\": {\"status\": \"INVALID\", \"field\": \"");
	for (size_t i = 0; i < at->depth; i++)
		out("%s[0].", at->through[i]->name);
	out("%s\"}}", field);
}

static bool applies(const struct gen_item *f, enum fault_kind kind, bool partial)
{
	bool ranged = f->low < f->high || f->high != 0;
	bool readonly = (f->flags & INV_FIELD_READONLY) != 0;

	if (readonly || (f->flags & INV_FIELD_HIDDEN))
		return readonly && kind == READONLY && !(f->flags & INV_FIELD_HIDDEN);
	switch (kind) {
	case MISSING:
		return (f->flags & INV_FIELD_REQUIRED) && !partial;
	case EMPTY:
		return (f->flags & INV_FIELD_REQUIRED) && partial;
	case TOO_LONG:
		return f->max > 0 && f->kind != INV_KIND_JSON && f->kind != INV_KIND_BYTES;
	case TOO_LOW:
		return ranged && f->low > INT64_MIN && f->kind >= INV_KIND_INT &&
		       f->kind <= INV_KIND_RATIO;
	case TOO_HIGH:
		return ranged && f->high < INT64_MAX && f->kind >= INV_KIND_INT &&
		       f->kind <= INV_KIND_RATIO;
	case NO_SUCH_VALUE:
		return f->kind == INV_KIND_ENUM || f->kind == INV_KIND_ID || f->kind == INV_KIND_INSTANT ||
		       f->kind == INV_KIND_DATE;
	default:
		return false;
	}
}

/* The fault in each field it can stand in, and in the lists below. */
static void put_faults(const struct gen_op *op, uint32_t input, fault *at)
{
	uint32_t record = at->depth ? at->through[at->depth - 1]->of : input;

	if (at->kind == UNKNOWN)
		put_step(op, input, at);
	for (const struct gen_item *f = fields_of(record); is_field(f); f++) {
		at->field = f;
		if (applies(f, at->kind, at->partial && at->depth == 0))
			put_step(op, input, at);
		if (f->kind != INV_KIND_LIST || (f->flags & INV_FIELD_READONLY) ||
		    at->depth == DEPTH_MAX)
			continue;
		at->through[at->depth++] = f;
		put_faults(op, input, at);
		at->depth--;
	}
}

static uint32_t record_number(const char *name)
{
	for (size_t i = 0; i < gen_item_count; i++)
		if (gen_items[i].is_record && strcmp(gen_items[i].name, name) == 0)
			return gen_items[i].record;
	return 0;
}

static void put_case(const char *name, const enum fault_kind *kinds, size_t count)
{
	out("{\"name\": \"%s\", \"steps\": [", name);
	steps = 0;
	for (size_t i = 0; i < gen_op_count; i++)
		for (size_t k = 0; k < count; k++) {
			fault at = {.kind = kinds[k], .partial = (gen_ops[i].flags & INV_OP_PARTIAL) != 0};

			put_faults(&gen_ops[i], record_number(gen_ops[i].input), &at);
		}
	out("\n]}");
}

void gen_cases(void)
{
	out("{\n\"about\": \"Generated by tools/gen from src/schema; do not edit.\",\n\"cases\": [\n");
	put_case("unknown fields are refused", (const enum fault_kind[]){UNKNOWN}, 1);
	out(",\n");
	put_case("required fields are missed", (const enum fault_kind[]){MISSING, EMPTY}, 2);
	out(",\n");
	put_case("the engine's own fields are refused", (const enum fault_kind[]){READONLY}, 1);
	out(",\n");
	put_case("texts and lists have a longest", (const enum fault_kind[]){TOO_LONG}, 1);
	out(",\n");
	put_case("numbers have a range", (const enum fault_kind[]){TOO_LOW, TOO_HIGH}, 2);
	out(",\n");
	put_case("what is no value of its kind is refused", (const enum fault_kind[]){NO_SUCH_VALUE},
	         1);
	out("\n]\n}\n");
	finish("tests/cases/generated.json");
}
