/* SPDX-License-Identifier: MIT */
/* What the parts of a list say to each other: the filter, the order and the cursor are parsed
 * without a store; list.c makes one statement of them. */
#ifndef INV_DOMAIN_LIST_H
#define INV_DOMAIN_LIST_H

#include "codec/codec.h"
#include "schema/numbers.h"

#define INV__FILTER_MAX 32u /* conditions */
#define INV__SORT_MAX 8u    /* fields a caller may sort by */
#define INV__ORDER_MAX 24u  /* those, and the fields that break ties */
#define INV__PAGE_DEFAULT 100u

/* ---- SQL under construction (list_sql.c) ---- */

/* Text is made of names in the description; what callers gave goes to `values`. Errors stick in
 * text.status. */
typedef struct inv__list_sql {
	inv__buf text;
	inv_value *values;
	size_t value_count;
	size_t value_cap;
} inv__list_sql;

/* NO_MEMORY when there is none for `value_cap` values. */
inv_status inv__list_sql_init(inv__list_sql *sql, inv__arena *arena, size_t value_cap);
void inv__list_sql_puts(inv__list_sql *sql, const char *text);
/* A value that the text names by its number; false when there is no room. */
bool inv__list_sql_bind(inv__list_sql *sql, const inv_value *value);
/* Keep a value and write its parameter. */
void inv__list_sql_value(inv__list_sql *sql, const inv_value *value);
void inv__list_sql_int(inv__list_sql *sql, int64_t value);
/* t.<field>, folded as codes are compared. */
void inv__list_sql_column(inv__list_sql *sql, const inv_field_desc *field, bool folded);
/* Puts the statement into the arena, frees the buffer. */
inv_status inv__list_sql_end(inv__list_sql *sql, inv__arena *arena, inv_str *out);

/* ---- filter (filter.c) ---- */

typedef enum inv__filter_op {
	INV__FILTER_EQUAL,
	INV__FILTER_UNEQUAL,
	INV__FILTER_LESS,
	INV__FILTER_LESS_EQUAL,
	INV__FILTER_GREATER,
	INV__FILTER_GREATER_EQUAL,
	INV__FILTER_STARTS
} inv__filter_op;

typedef struct inv__condition {
	const inv_field_desc *field;
	inv__filter_op op;
	bool by_code; /* the value is a code of the table that the field points into */
	bool folded;
	inv_value value;
} inv__condition;

typedef struct inv__filter {
	inv__condition items[INV__FILTER_MAX];
	size_t count;
} inv__filter;

/* field op value {and field op value}. INVALID at field "filter" says where and what was expected;
 * the values live in the arena or are borrowed from `text`. */
inv_status inv__filter_parse(const inv_record_desc *record, inv_str text, inv__arena *arena,
                             inv__problems *problems, inv__filter *out);
bool inv__filter_names(const inv__filter *filter, const inv_field_desc *field);

/* ---- order (order.c) ---- */

typedef struct inv__key {
	const inv_field_desc *field;
	uint32_t column; /* its place among the stored fields */
	bool descending;
	bool folded;
} inv__key;

typedef struct inv__order {
	inv__key keys[INV__ORDER_MAX];
	size_t count;
	bool total; /* no two records compare equal */
} inv__order;

/* "name,-list_price". With `any` every stored field will do, else those flagged SORT. */
inv_status inv__order_parse(const inv_record_desc *record, inv_str text, bool any,
                            inv__problems *problems, inv__order *out);
/* Append the fields named in `text`, or with NULL the primary key, as far as they are missing. */
inv_status inv__order_complete(const inv_record_desc *record, const char *text,
                               inv__problems *problems, inv__order *order);
/* " ORDER BY …" */
void inv__order_sql(const inv__order *order, inv__list_sql *sql);
/* The condition that holds behind the record whose keys are `after`. */
void inv__order_after_sql(const inv__order *order, const inv_value *after, inv__list_sql *sql);

/* ---- cursor (cursor.c) ---- */

/* What a list asks; a cursor is good for the same question only. */
typedef struct inv__question {
	uint8_t digest[32];
} inv__question;

/* The keys of the record behind which a page starts. */
inv_status inv__cursor_read(const inv__question *question, const inv__order *order, inv_str text,
                            inv__arena *arena, inv__problems *problems, inv_value *after);
/* `cells` are the record's stored fields. */
inv_status inv__cursor_write(const inv__question *question, const inv__order *order,
                             const inv_value *cells, inv__arena *arena, inv_str *out);

#endif
