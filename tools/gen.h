/* SPDX-License-Identifier: MIT */
/* The description as gen sees it: names and kinds, no offsets. */
#ifndef INV_TOOLS_GEN_H
#define INV_TOOLS_GEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gen_kind {
	const char *name, *type;
	size_t size;
	const char *json;
};
extern const struct gen_kind gen_kinds[];

/* A record, or a field of the record before it. */
struct gen_item {
	uint32_t record;
	const char *name;
	bool is_record;
	uint32_t kind, flags;
	const char *doc;
	uint32_t max, of, ref, since;
	int64_t low, high;
};
extern const struct gen_item gen_items[];
extern const size_t gen_item_count;
/* The same of structs that are no records, and their members. */
extern const struct gen_item gen_structs[];
extern const size_t gen_struct_count;

struct gen_value {
	const char *owner, *name, *doc;
	int32_t number;
	bool is_enum;
};
extern const struct gen_value gen_values[];
extern const size_t gen_value_count;

struct gen_op {
	const char *noun, *plural, *verb, *input, *output;
	uint32_t flags;
	const char *permission, *http, *summary;
};
extern struct gen_op gen_ops[];
extern const size_t gen_op_count;

struct gen_event {
	const char *name, *payload, *subject, *doc;
};
extern const struct gen_event gen_events[];
extern const size_t gen_event_count;

struct gen_status {
	const char *name;
	int32_t number, http, retryable;
	const char *klass, *text;
};
extern const struct gen_status gen_statuses[];
extern const size_t gen_status_count;

void out(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *upper(const char *name);
void banner(const char *about);
void finish(const char *name); /* the text so far is this file */

void gen_headers(void); /* gen_headers.c */
void gen_docs(void);    /* gen_docs.c */
void put_calls(const struct gen_op *op); /* gen_calls.c: rows of its table in the reference */
void gen_cases(void);   /* gen_cases.c */
void gen_types(void);   /* gen_types.c */
void gen_python(void);  /* gen_python.c */

#endif
