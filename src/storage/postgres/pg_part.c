/* SPDX-License-Identifier: MIT */
/* What may be a part of one statement with others: what reads nothing but the row it is given, as
 * no part sees what another one writes. The text proves it, by one of two forms:
 *
 *	INSERT INTO table [AS name] (columns) SELECT columns FROM row
 *	UPDATE table SET expression FROM (SELECT columns FROM row) r WHERE expression
 *
 * where the row is (VALUES ($1::type, …)) AS u(columns), and an expression has no word that could
 * name another table or a function that reads one. Everything else runs by itself. */
#include <string.h>

#include "storage/postgres/pg_conn.h"
#include "util/text.h"

typedef struct reader {
	inv_str rest;
	bool bad;
} reader;

/* ---- tokens ---- */

static inv_str peek(reader *r)
{
	inv_str token;

	while (r->rest.len && r->rest.ptr[0] == ' ') {
		r->rest.ptr++;
		r->rest.len--;
	}
	token = (inv_str){r->rest.ptr, r->rest.len ? inv__pg_opaque(r->rest) : 0};
	if (token.len || !r->rest.len)
		return token;
	while (token.len < r->rest.len && inv__pg_is_word(r->rest.ptr[token.len]))
		token.len++;
	token.len = token.len ? token.len : 1;
	return token;
}

static inv_str take(reader *r)
{
	inv_str token = peek(r);

	r->rest.ptr += token.len;
	r->rest.len -= token.len;
	return token;
}

static bool next_is(reader *r, const char *text)
{
	return inv__str_equal_fold(peek(r), inv_str_of(text));
}

static void expect(reader *r, const char *text)
{
	r->bad = r->bad || !inv__str_equal_fold(take(r), inv_str_of(text));
}

static inv_str take_name(reader *r)
{
	inv_str name = take(r);

	r->bad = r->bad || !name.len || !inv__pg_is_word(name.ptr[0]);
	return name;
}

/* ---- the row ---- */

static void take_names(reader *r)
{
	(void)take_name(r);
	while (!r->bad && next_is(r, ",")) {
		(void)take(r);
		(void)take_name(r);
	}
}

/* "$1::bigint" */
static void take_value(reader *r)
{
	expect(r, "$");
	(void)take_name(r);
	expect(r, ":");
	expect(r, ":");
	(void)take_name(r);
}

static void take_row(reader *r)
{
	expect(r, "SELECT");
	take_names(r);
	expect(r, "FROM");
	expect(r, "(");
	expect(r, "VALUES");
	expect(r, "(");
	take_value(r);
	while (!r->bad && next_is(r, ",")) {
		(void)take(r);
		take_value(r);
	}
	expect(r, ")");
	expect(r, ")");
	expect(r, "AS");
	expect(r, "u");
	expect(r, "(");
	take_names(r);
	expect(r, ")");
}

/* ---- expressions ---- */

static bool is_one_of(inv_str word, const char *const *words)
{
	for (; *words; words++)
		if (inv__str_equal_fold(word, inv_str_of(*words)))
			return true;
	return false;
}

/* Before a bracket stands an operator, or a function: these read nothing. */
static bool may_open(inv_str before)
{
	static const char *const words[] = {"AND",   "OR",   "NOT",  "WHEN",     "THEN",     "ELSE",
	                                    "CASE",  "SET",  "WHERE", "COALESCE", "GREATEST", "LEAST",
	                                    NULL};

	return !before.len || !inv__pg_is_word(before.ptr[0]) || is_one_of(before, words);
}

/* Up to the word `end`, which is taken; NULL: up to the end of the text. */
static void take_expression(reader *r, const char *end)
{
	static const char *const reading[] = {"SELECT", "FROM", "JOIN",      "TABLE",   "VALUES",
	                                      "WITH",   "INTO", "RETURNING", "CURRENT", NULL};
	inv_str before = {"", 0};

	while (!r->bad && !(end && next_is(r, end))) {
		inv_str token = take(r);

		if (!token.len) {
			r->bad = end != NULL;
			return;
		}
		r->bad = is_one_of(token, reading) || token.ptr[0] == '"' || token.ptr[0] == ';' ||
		         (token.ptr[0] == '(' && !may_open(before));
		before = token;
	}
	(void)take(r);
}

/* ---- the two forms ---- */

static inv_str read_insert(reader *r)
{
	inv_str table;

	expect(r, "INTO");
	table = take_name(r);
	if (next_is(r, "AS")) {
		(void)take(r);
		(void)take_name(r);
	}
	expect(r, "(");
	take_names(r);
	expect(r, ")");
	take_row(r);
	r->bad = r->bad || peek(r).len > 0;
	return table;
}

static inv_str read_update(reader *r)
{
	inv_str table = take_name(r);

	expect(r, "SET");
	take_expression(r, "FROM");
	expect(r, "(");
	take_row(r);
	expect(r, ")");
	expect(r, "r");
	expect(r, "WHERE");
	take_expression(r, NULL);
	return table;
}

void inv__pg_read_part(inv_stmt *stmt)
{
	reader r = {.rest = inv_str_of(stmt->text)};
	inv_str verb = take(&r), table = {"", 0};

	stmt->inserts = inv__str_equal_fold(verb, INV_S("INSERT"));
	if (stmt->inserts)
		table = read_insert(&r);
	else if (inv__str_equal_fold(verb, INV_S("UPDATE")))
		table = read_update(&r);
	stmt->table = r.bad ? (inv_str){"", 0} : table;
}
