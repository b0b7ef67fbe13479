/* SPDX-License-Identifier: MIT */
/* The public headers and the internal row structs. */
#include <stdio.h>
#include <string.h>

#include "gen.h"

#include "inventra/schema.h"

static void open_header(const char *guard, const char *about)
{
	banner(about);
	out("#ifndef %s\n#define %s\n\n", guard, guard);
}

static void open_c(void)
{
	out("#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
}

static void close_header(bool with_c)
{
	out("%s#endif\n", with_c ? "#ifdef __cplusplus\n}\n#endif\n\n" : "");
}

static void status_header(void)
{
	open_header("INVENTRA_STATUS_H", "Statuses.");
	out("#define INV_OK 0\n");
	for (size_t i = 0; i < gen_status_count; i++)
		out("#define INV_E_%s (%d) /* %s */\n", gen_statuses[i].name, (int)gen_statuses[i].number,
		    gen_statuses[i].text);
	out("\n");
	close_header(false);
	finish("include/inventra/status.h");
}

/* Members with every gap named, so that no byte of a struct is without a meaning. */
static void struct_members(size_t at)
{
	size_t offset = 4;
	unsigned gaps = 0;

	out("\tuint32_t struct_size;\n");
	for (size_t i = at + 1; i < gen_item_count && !gen_items[i].is_record; i++) {
		const struct gen_kind *k = &gen_kinds[gen_items[i].kind];
		size_t align = k->size == 4 ? 4 : gen_items[i].kind == INV_KIND_ID ? 1 : 8;

		if (offset % align != 0) {
			out("\tuint32_t reserved_%u;\n", gaps++);
			offset += 4;
		}
		out("\t%s %s; /* %s */\n", k->type, gen_items[i].name, gen_items[i].doc);
		offset += k->size;
	}
	if (offset % 8 != 0)
		out("\tuint32_t reserved_%u;\n", gaps);
}

static void struct_type(size_t at)
{
	out("/** %s */\ntypedef struct inv_%s {\n", gen_items[at].doc, gen_items[at].name);
	struct_members(at);
	out("} inv_%s;\n", gen_items[at].name);
	out("#define INV_%s_INIT INV_INIT(inv_%s)\n\n", upper(gen_items[at].name), gen_items[at].name);
}

static void field_numbers(size_t at)
{
	unsigned n = 0;

	for (size_t i = at + 1; i < gen_item_count && !gen_items[i].is_record; i++)
		out("#define INV_F_%s_%s %uu\n", upper(gen_items[at].name), upper(gen_items[i].name), n++);
	out("\n");
}

static void enum_constants(void)
{
	for (size_t i = 0; i < gen_value_count; i++) {
		if (gen_values[i].is_enum)
			out("%s/* %s */\n", i ? "\n" : "", gen_values[i].doc);
		else
			out("#define INV_%s_%s %d /* %s */\n", upper(gen_values[i].owner),
			    upper(gen_values[i].name), (int)gen_values[i].number, gen_values[i].doc);
	}
	out("\n");
}

static void records_header(void)
{
	open_header("INVENTRA_RECORDS_H", "Every public record, its field numbers, and the enums.");
	out("#include \"inventra/base.h\"\n\n");
	open_c();
	enum_constants();
	for (size_t i = 0; i < gen_item_count; i++) {
		if (!gen_items[i].is_record || !(gen_items[i].flags & INV_RECORD_PUBLIC))
			continue;
		struct_type(i);
		field_numbers(i);
	}
	for (size_t i = 0; i < gen_item_count; i++)
		if (gen_items[i].is_record && (gen_items[i].flags & INV_RECORD_PUBLIC))
			out("/** Set to defaults. @since 0.1 */\n"
			    "static inline void inv_%s_init(inv_%s *record)\n"
			    "{\n\tmemset(record, 0, sizeof *record);\n"
			    "\trecord->struct_size = (uint32_t)sizeof *record;\n}\n",
			    gen_items[i].name, gen_items[i].name);
	out("\n");
	close_header(true);
	finish("include/inventra/records.h");
}

static void put_counts(const char *what, const struct gen_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t n = 0;

		if (!items[i].is_record)
			continue;
		while (i + n + 1 < count && !items[i + n + 1].is_record)
			n++;
		out("\t%s_%s = %zu,\n", what, items[i].name, n);
	}
}

static void rows_header(void)
{
	open_header("INV_SCHEMA_ROWS_H", "Rows of internal tables, and how many of each there are.");
	out("#include \"inventra/records.h\"\n\n");
	for (size_t i = 0; i < gen_item_count; i++)
		if (gen_items[i].is_record && !(gen_items[i].flags & INV_RECORD_PUBLIC))
			struct_type(i);
	out("enum {\n");
	put_counts("FIELDS_OF", gen_items, gen_item_count);
	put_counts("MEMBERS_OF", gen_structs, gen_struct_count);
	for (size_t i = 0; i < gen_value_count; i++) {
		size_t n = 0;

		if (!gen_values[i].is_enum)
			continue;
		while (i + n + 1 < gen_value_count && !gen_values[i + n + 1].is_enum)
			n++;
		out("\tVALUES_OF_%s = %zu,\n", gen_values[i].name, n);
	}
	out("\tGENERATED_COUNTS_END\n};\n\n");
	close_header(false);
	finish("src/schema/rows.h");
}

static void op_comment(const struct gen_op *op)
{
	bool writes = (op->flags & INV_OP_WRITE) != 0;

	out("/**\n * %s\n *\n", op->summary);
	out(" * @param session open session; used by this thread only during the call\n");
	out(" * @param inputs  `count` records with struct_size set; borrowed for the call\n");
	out(" * @param count   %s\n",
	    op->flags & INV_OP_BATCH ? "1..INV_LIMIT_BATCH; all or nothing" : "1");
	out(" * @param options NULL = no key, no field mask\n");
	out(" * @param out     inv_%s records%s; inv_result_free(); untouched on failure;"
	    " may be NULL\n",
	    op->output, op->flags & INV_OP_LISTS ? ", a page" : " in input order");
	out(" * @return INV_OK; INVALID (see inv_session_error), NOT_FOUND");
	if (writes)
		out(", EXISTS, CONFLICT, STATE, INSUFFICIENT, KEY_REUSED, READ_ONLY, FULL,"
		    "\n *         UNKNOWN_OUTCOME");
	out(", BUSY, TIMEOUT, CANCELLED, LIMIT, IO, NO_MEMORY\n");
	out(" * Cost: %s; codes in place of ids add one batch. Permission %s. @since 0.1\n */\n",
	    writes ? "one batch to claim and read, one to write" : "one batch", op->permission);
}

static void op_function(const struct gen_op *op)
{
	op_comment(op);
	out("INV_API inv_status inv_%s_%s(inv_session *session, const inv_%s *inputs,\n\t"
	    "size_t count, const inv_options *options, inv_result **out);\n\n",
	    op->noun, op->verb, op->input);
}

/* One header for each plural noun, in the order of first appearance. */
static void op_headers(void)
{
	for (size_t i = 0; i < gen_op_count; i++) {
		char guard[96], path[128];

		if (i > 0 && strcmp(gen_ops[i].plural, gen_ops[i - 1].plural) == 0)
			continue;
		snprintf(guard, sizeof guard, "INVENTRA_%s_H", upper(gen_ops[i].plural));
		open_header(guard, "Operations.");
		out("#include \"inventra/records.h\"\n#include \"inventra/store.h\"\n\n");
		open_c();
		for (size_t j = i; j < gen_op_count; j++)
			if (strcmp(gen_ops[i].plural, gen_ops[j].plural) == 0)
				op_function(&gen_ops[j]);
		close_header(true);
		snprintf(path, sizeof path, "include/inventra/%s.h", gen_ops[i].plural);
		finish(path);
	}
}

static void umbrella_header(void)
{
	open_header("INVENTRA_INVENTRA_H", "The whole public API.");
	out("#include \"inventra/arrow.h\"\n#include \"inventra/base.h\"\n"
	    "#include \"inventra/flat.h\"\n#include \"inventra/input.h\"\n"
	    "#include \"inventra/records.h\"\n#include \"inventra/schema.h\"\n"
	    "#include \"inventra/store.h\"\n\n");
	for (size_t i = 0; i < gen_op_count; i++)
		if (i == 0 || strcmp(gen_ops[i].plural, gen_ops[i - 1].plural) != 0)
			out("#include \"inventra/%s.h\"\n", gen_ops[i].plural);
	out("\n");
	close_header(false);
	finish("include/inventra/inventra.h");
}

void gen_headers(void)
{
	status_header();
	records_header();
	rows_header();
	op_headers();
	umbrella_header();
}
