/* SPDX-License-Identifier: MIT */
/* Prints everything that is made from the description: `gen ROOT` writes the files that differ,
 * `gen ROOT --check` names them and fails. It knows the .def files only, none of its own output. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gen.h"

#include "schema/def.h"
#include "schema/numbers.h"

#define KIND(name, type, sql, json) {#name, #type, sizeof(type), json},
const struct gen_kind gen_kinds[] = {
	{"", "", 0, ""},
#include "schema/kinds.def"
};
#undef KIND

#define RECORD(name_, flags_, doc_) \
	{.record = INV_RECORD_##name_, .name = #name_, .is_record = true, .flags = (flags_), \
	 .doc = (doc_)},
#define FIELD(record_, member_, kind_, flags_, ...) \
	{.record = INV_RECORD_##record_, .name = #member_, .kind = INV_KIND_##kind_, \
	 .flags = (flags_), .doc = __VA_ARGS__},
const struct gen_item gen_items[] = {
#include "schema/records.def"
};
#undef RECORD
#undef FIELD
const size_t gen_item_count = sizeof gen_items / sizeof gen_items[0];

enum { OPTIONS = INV_STRUCT_OPTIONS, REPORT = INV_STRUCT_REPORT };
#define STRUCT(name_, flags_, doc_) \
	{.name = #name_, .is_record = true, .flags = (flags_), .doc = (doc_)},
#define MEMBER(struct_, name_, kind_, held_, member_, doc_) \
	{.name = #name_, .kind = INV_KIND_##kind_, .of = INV_HELD_##held_, .doc = (doc_)},
const struct gen_item gen_structs[] = {
#include "schema/structs.def"
};
#undef STRUCT
#undef MEMBER
const size_t gen_struct_count = sizeof gen_structs / sizeof gen_structs[0];

#define ENUM(name_, doc_) {.name = #name_, .doc = (doc_), .is_enum = true},
#define VALUE(enum_, name_, number_, doc_) \
	{.owner = #enum_, .name = #name_, .number = (number_), .doc = (doc_)},
const struct gen_value gen_values[] = {
#include "schema/enums.def"
};
#undef ENUM
#undef VALUE
const size_t gen_value_count = sizeof gen_values / sizeof gen_values[0];

#define OP(noun_, plural_, verb_, input_, output_, flags_, impl_, permission_, http_, summary_) \
	{#noun_, #plural_, #verb_, #input_, #output_, (flags_), permission_, http_, summary_},
static const struct gen_op ops[] = {
#include "schema/ops.def"
};
#undef OP
const size_t gen_op_count = sizeof ops / sizeof ops[0];
struct gen_op gen_ops[sizeof ops / sizeof ops[0]];

/* Operations are numbered in the order in which they came; what is printed has each noun's
 * together, the nouns by their first. */
static void group_ops(void)
{
	size_t n = 0;

	for (size_t i = 0; i < gen_op_count; i++) {
		bool first = true;

		for (size_t j = 0; first && j < i; j++)
			first = strcmp(ops[i].plural, ops[j].plural) != 0;
		for (size_t j = i; first && j < gen_op_count; j++)
			if (strcmp(ops[i].plural, ops[j].plural) == 0)
				gen_ops[n++] = ops[j];
	}
}

#define EVENT(noun_, verb_, payload_, subject_, impl_, doc_) \
	{#noun_ "." #verb_, #payload_, #subject_, doc_},
const struct gen_event gen_events[] = {
#include "schema/events.def"
};
#undef EVENT
const size_t gen_event_count = sizeof gen_events / sizeof gen_events[0];

#define STATUS(name_, number_, http_, retryable_, class_, text_) \
	{#name_, (number_), (http_), (retryable_), class_, text_},
const struct gen_status gen_statuses[] = {
#include "schema/status.def"
};
#undef STATUS
const size_t gen_status_count = sizeof gen_statuses / sizeof gen_statuses[0];

/* ---- output ---- */

static char *text;
static size_t text_len;
static size_t text_cap;
static const char *root;
static bool check_only;
static int stale;

void out(const char *format, ...)
{
	va_list args;
	int n;

	for (;;) {
		va_start(args, format);
		n = vsnprintf(text + text_len, text_cap - text_len, format, args);
		va_end(args);
		if (n >= 0 && (size_t)n < text_cap - text_len)
			break;
		text_cap = text_cap * 2 + (size_t)n + 1;
		text = realloc(text, text_cap);
		if (!text)
			abort();
	}
	text_len += (size_t)n;
}

const char *upper(const char *name)
{
	static char buffers[4][96];
	static unsigned turn;
	char *b = buffers[turn++ % 4];
	size_t i;

	for (i = 0; name[i] && i < sizeof buffers[0] - 1; i++)
		b[i] = (char)toupper((unsigned char)name[i]);
	b[i] = 0;
	return b;
}

static bool same_as_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *old;
	size_t n;
	bool same;

	if (!f)
		return false;
	old = malloc(text_len + 2);
	if (!old)
		abort();
	n = fread(old, 1, text_len + 1, f);
	fclose(f);
	same = n == text_len && memcmp(old, text, n) == 0;
	free(old);
	return same;
}

void finish(const char *name)
{
	char path[1024];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", root, name);
	if (!same_as_file(path)) {
		if (check_only) {
			fprintf(stderr, "gen: %s is stale; build once and commit it\n", name);
			stale = 1;
		} else {
			f = fopen(path, "wb");
			if (!f || fwrite(text, 1, text_len, f) != text_len || fclose(f) != 0) {
				perror(path);
				exit(1);
			}
			printf("gen: wrote %s\n", name);
		}
	}
	text_len = 0;
}

void banner(const char *about)
{
	out("/* SPDX-License-Identifier: MIT */\n"
	    "/* Generated by tools/gen from src/schema; do not edit. %s */\n",
	    about);
}

int main(int argc, char **argv)
{
	if (argc < 2 || argc > 3 || (argc == 3 && strcmp(argv[2], "--check") != 0)) {
		fprintf(stderr, "usage: gen ROOT [--check]\n");
		return 2;
	}
	root = argv[1];
	check_only = argc == 3;
	text_cap = 1 << 16;
	text = malloc(text_cap);
	if (!text)
		return 1;
	group_ops();
	gen_headers();
	gen_docs();
	gen_cases();
	gen_types();
	gen_python();
	free(text);
	return stale;
}
