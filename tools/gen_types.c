/* SPDX-License-Identifier: MIT */
/* bindings/node/lib/described.d.ts: the types of the Node binding that the description makes; what
 * is of the binding itself stands in index.d.ts. And index.mjs, which must name what it exports. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "gen.h"

#include "inventra/schema.h"
#include "schema/numbers.h"

#define MAX_RECORDS 256

/* ---- names ---- */

/* list_price: listPrice, or ListPrice. In one of eight buffers that take turns. */
static const char *camel(const char *name, bool upper_first)
{
	static char buffers[8][96];
	static unsigned turn;
	char *b = buffers[turn++ % 8];
	size_t n = 0;

	for (bool up = upper_first; *name && n < sizeof buffers[0] - 1; name++) {
		if (*name == '_') {
			up = true;
			continue;
		}
		b[n++] = up ? (char)toupper((unsigned char)*name) : *name;
		up = false;
	}
	b[n] = 0;
	return b;
}

static const struct gen_item *record_at(uint32_t number)
{
	for (size_t i = 0; i < gen_item_count; i++)
		if (gen_items[i].is_record && gen_items[i].record == number)
			return &gen_items[i];
	return NULL;
}

static const struct gen_item *record_of(const char *name)
{
	for (size_t i = 0; i < gen_item_count; i++)
		if (gen_items[i].is_record && strcmp(gen_items[i].name, name) == 0)
			return &gen_items[i];
	return NULL;
}

static const struct gen_item *next_field(const struct gen_item *item)
{
	const struct gen_item *next = item + 1;

	return next < gen_items + gen_item_count && !next->is_record ? next : NULL;
}

static const char *enum_at(uint32_t number)
{
	uint32_t n = 0;

	for (size_t i = 0; i < gen_value_count; i++)
		if (gen_values[i].is_enum && n++ == number)
			return gen_values[i].name;
	return "";
}

static void put_doc(const char *indent, const char *doc)
{
	out("%s/** %s */\n", indent, doc);
}

/* ---- kinds ---- */

/* What a kind is when it is given and when it is answered; the name of the enum or record comes in
 * place of the star. */
static const struct {
	const char *given, *answered;
	bool may_be_none;
} types[] = {
	[INV_KIND_BOOL] = {"boolean", "boolean", false},
	[INV_KIND_ENUM] = {"*", "*", false},
	[INV_KIND_DATE] = {"string", "string", true},
	[INV_KIND_INT] = {"number | bigint", "number", false},
	[INV_KIND_QUANTITY] = {"Quantity", "string", false},
	[INV_KIND_MONEY] = {"Decimal", "string", false},
	[INV_KIND_RATIO] = {"Decimal", "string", false},
	[INV_KIND_INSTANT] = {"Date | string", "Date", true},
	[INV_KIND_ID] = {"string", "string", true},
	[INV_KIND_REF] = {"string", "string", true},
	[INV_KIND_TEXT] = {"string", "string", false},
	[INV_KIND_CODE] = {"string", "string", false},
	[INV_KIND_JSON] = {"unknown", "unknown", false},
	[INV_KIND_BYTES] = {"Uint8Array", "Uint8Array", false},
	[INV_KIND_STRINGS] = {"readonly string[]", "readonly string[]", false},
	[INV_KIND_LIST] = {"readonly *Input[]", "readonly *[]", false},
};

static void put_type(const struct gen_item *f, const char *type)
{
	const char *star = strchr(type, '*');
	const char *name = f->kind == INV_KIND_ENUM ? enum_at(f->of) : "";

	if (f->kind == INV_KIND_LIST)
		name = record_at(f->of)->name;
	if (star)
		out("%.*s%s%s", (int)(star - type), type, camel(name, true), star + 1);
	else
		out("%s", type);
}

/* ---- records ---- */

static void put_input_field(const struct gen_item *f)
{
	const char *mark = f->flags & INV_FIELD_REQUIRED ? "" : "?";

	put_doc("\t", f->doc);
	out("\t%s%s: ", camel(f->name, false), mark);
	put_type(f, types[f->kind].given);
	out("%s;\n", f->flags & INV_FIELD_REQUIRED ? "" : " | null");
	if (f->kind == INV_KIND_REF && !(f->flags & INV_FIELD_REQUIRED))
		out("\t/** The same by code, also by one that looks like an id. */\n"
		    "\t%sCode?: string | null;\n",
		    camel(f->name, false));
}

static void put_input(const struct gen_item *record)
{
	unsigned fields = 0;

	put_doc("", record->doc);
	out("export interface %sInput {\n", camel(record->name, true));
	for (const struct gen_item *f = next_field(record); f; f = next_field(f)) {
		if (f->flags & (INV_FIELD_HIDDEN | INV_FIELD_READONLY))
			continue;
		put_input_field(f);
		fields++;
	}
	out("%s}\n\n", fields ? "" : "\t[none: string]: never;\n");
}

static void put_output(const struct gen_item *record)
{
	const char *name = camel(record->name, true);

	put_doc("", record->doc);
	out("export interface %s extends Answer<%s> {\n", name, name);
	for (const struct gen_item *f = next_field(record); f; f = next_field(f)) {
		if (f->flags & (INV_FIELD_HIDDEN | INV_FIELD_INPUT))
			continue;
		put_doc("\t", f->doc);
		out("\treadonly %s: ", camel(f->name, false));
		put_type(f, types[f->kind].answered);
		out(types[f->kind].may_be_none && !(f->flags & INV_FIELD_KEY) ? " | null;\n" : ";\n");
		if (f->kind == INV_KIND_REF)
			out("\t/** Its code, where `codes` were asked for. */\n"
			    "\treadonly %sCode: string | null;\n",
			    camel(f->name, false));
	}
	out("}\n\n");
}

/* The record and those in its lists. */
static void mark(bool marks[MAX_RECORDS], const struct gen_item *record)
{
	if (record->record >= MAX_RECORDS || marks[record->record])
		return;
	marks[record->record] = true;
	for (const struct gen_item *f = next_field(record); f; f = next_field(f))
		if (f->kind == INV_KIND_LIST)
			mark(marks, record_at(f->of));
}

static void put_records(void)
{
	bool inputs[MAX_RECORDS] = {false};
	bool outputs[MAX_RECORDS] = {false};

	for (size_t i = 0; i < gen_op_count; i++) {
		mark(inputs, record_of(gen_ops[i].input));
		mark(outputs, record_of(gen_ops[i].output));
	}
	for (size_t i = 0; i < gen_item_count; i++) {
		if (!gen_items[i].is_record || gen_items[i].record >= MAX_RECORDS)
			continue;
		if (inputs[gen_items[i].record])
			put_input(&gen_items[i]);
		if (outputs[gen_items[i].record])
			put_output(&gen_items[i]);
	}
}

/* Options and reports, beside records. */
static void put_structs(void)
{
	bool options = false;

	for (const struct gen_item *m = gen_structs; m < gen_structs + gen_struct_count; m++) {
		if (m->is_record && !(m->flags & (INV_STRUCT_OPTIONS | INV_STRUCT_REPORT)))
			break;
		if (m->is_record) {
			options = (m->flags & INV_STRUCT_OPTIONS) != 0;
			out("%s", m == gen_structs ? "" : "}\n\n");
			put_doc("", m->doc);
			out("export interface %s {\n", camel(m->name, true));
			continue;
		}
		put_doc("\t", m->doc);
		out(options ? "\t%s?: %s;\n" : "\treadonly %s: %s;\n", camel(m->name, false),
		    types[m->kind].answered);
	}
	out("}\n\n");
}

static void put_enums(void)
{
	for (size_t i = 0; i < gen_value_count; i++) {
		if (!gen_values[i].is_enum)
			continue;
		put_doc("", gen_values[i].doc);
		out("export type %s =", camel(gen_values[i].name, true));
		for (size_t v = i + 1; v < gen_value_count && !gen_values[v].is_enum; v++)
			out("\n\t/** %s */\n\t| '%s'", gen_values[v].doc, gen_values[v].name);
		out(";\n\n");
	}
}

static void put_errors(void)
{
	out("/** The name of a status: `code` of an error. */\nexport type Code =");
	for (size_t i = 0; i < gen_status_count; i++)
		out("\n\t| '%s'", gen_statuses[i].name);
	out(";\n\n");
	for (size_t i = 0; i < gen_status_count; i++) {
		out("/** %c%s. */\n", toupper((unsigned char)gen_statuses[i].text[0]),
		    gen_statuses[i].text + 1);
		out("export class %s extends InventraError {}\n", gen_statuses[i].klass);
	}
	out("\n");
}

/* ---- operations ---- */

static bool needs_input(const struct gen_op *op)
{
	for (const struct gen_item *f = next_field(record_of(op->input)); f; f = next_field(f))
		if (f->flags & INV_FIELD_REQUIRED)
			return true;
	return (op->flags & INV_OP_PARTIAL) != 0;
}

static void put_input_name(const struct gen_op *op)
{
	out(op->flags & INV_OP_PARTIAL ? "Partial<%sInput>" : "%sInput", camel(op->input, true));
}

static void put_method(const struct gen_op *op, bool async)
{
	const char *options = async ? "AsyncCallOptions" : "CallOptions";
	const char *output = camel(op->output, true);
	const char *verb = camel(op->verb, false);

	put_doc("\t", op->summary);
	out("\t%s(input%s: ", verb, needs_input(op) ? "" : "?");
	put_input_name(op);
	if (op->flags & INV_OP_LISTS) {
		out(", options?: %s): ", options);
		out(async ? "Promise<List<%s>> & AsyncIterable<%s>;\n" : "List<%s>;\n", output, output);
		return;
	}
	out(async ? ", options?: %s): Promise<%s>;\n" : ", options?: %s): %s;\n", options, output);
	if (!(op->flags & INV_OP_BATCH))
		return;
	out("\t%s(inputs: readonly ", verb);
	put_input_name(op);
	out(async ? "[], options?: %s): Promise<%s[]>;\n" : "[], options?: %s): %s[];\n", options,
	    output);
}

static bool first_of_noun(size_t op)
{
	return op == 0 || strcmp(gen_ops[op].plural, gen_ops[op - 1].plural) != 0;
}

static void put_noun(size_t first, bool async)
{
	const char *plural = gen_ops[first].plural;

	out("export interface %s%s {\n", async ? "Async" : "", camel(plural, true));
	for (size_t i = first; i < gen_op_count && strcmp(gen_ops[i].plural, plural) == 0; i++) {
		if (gen_ops[i].flags & INV_OP_WAITS) {
			put_doc("\t", "One by one, for ever, in a session of its own.");
			out("\t(query?: %sInput, options?: FollowOptions): AsyncGenerator<%s, never, void>;\n",
			    camel(gen_ops[i].input, true), camel(gen_ops[i].output, true));
		}
		put_method(&gen_ops[i], async);
	}
	out("}\n\n");
}

static void put_nouns(bool async)
{
	for (size_t i = 0; i < gen_op_count; i++)
		if (first_of_noun(i))
			put_noun(i, async);
	out("export interface %sNouns {\n", async ? "Async" : "");
	for (size_t i = 0; i < gen_op_count; i++)
		if (first_of_noun(i))
			out("\treadonly %s: %s%s;\n", camel(gen_ops[i].plural, false), async ? "Async" : "",
			    camel(gen_ops[i].plural, true));
	out("}\n\n");
}

static void put_operation_names(const char *type, uint32_t flag)
{
	out("export type %s =", type);
	for (size_t i = 0; i < gen_op_count; i++)
		if (gen_ops[i].flags & flag)
			out("\n\t| '%s.%s'", camel(gen_ops[i].plural, false), camel(gen_ops[i].verb, false));
	out(";\n\n");
}

static void put_head(void)
{
	out("// SPDX-License-Identifier: MIT\n"
	    "// Generated by tools/gen from src/schema; do not edit.\n");
}

static void put_module(void)
{
	put_head();
	out("import inventra from './index.js';\n\nexport const {\n\topen, openAsync, Inventory, "
	    "microseconds, isReplayed, version, InventraError,\n");
	for (size_t i = 0; i < gen_status_count; i++)
		out("\t%s,\n", gen_statuses[i].klass);
	out("} = inventra;\n");
	finish("bindings/node/lib/index.mjs");
}

void gen_types(void)
{
	put_head();
	out("import type {\n\tAnswer, AsyncCallOptions, CallOptions, Decimal, FollowOptions, List, "
	    "Quantity,\n} from './index';\nimport { InventraError } from './index';\n\n");
	put_enums();
	put_records();
	put_structs();
	put_errors();
	put_nouns(false);
	put_nouns(true);
	put_operation_names("WriteOperation", INV_OP_WRITE);
	put_operation_names("ListOperation", INV_OP_LISTS);
	finish("bindings/node/lib/described.d.ts");
	put_module();
}
