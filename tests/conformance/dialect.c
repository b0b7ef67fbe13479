/* SPDX-License-Identifier: MIT */
/* Tokens and what becomes of them. */
#include "storage/dialect.h"
#include "support/check.h"

typedef struct expansion {
	const char *text;
	const char *sqlite;
	const char *postgres;
} expansion;

static const expansion expansions[] = {
	{"SELECT 1", "SELECT 1", "SELECT 1"},
	{"WHERE a = ?1 AND b = ?+2", "WHERE a = ?1 AND b = ?2", "WHERE a = ?1 AND b = ?2"},
	{"{lock}", "", "FOR UPDATE"},
	{"a {int}, b {bool}, c {text}, d {id}, e {blob}",
	 "a INTEGER, b INTEGER, c TEXT, d BLOB, e BLOB",
	 "a BIGINT, b SMALLINT, c TEXT COLLATE \"C\", d UUID, e BYTEA"},
	{") {strict}; ) {clustered};", ") STRICT; ) WITHOUT ROWID, STRICT;", ") ; ) ;"},
	{"{sqlite DROP VIEW a;} {postgres DROP VIEW b;}", "DROP VIEW a; ", " DROP VIEW b;"},
	{"SELECT {draw s}, {draw_behind s}", "SELECT 0, ?1", "SELECT nextval('s'), setval('s', ?1)"},
	{"{count SUM(a + b)}", "(SUM(a + b))", "(SUM(a + b))::bigint"},
	{"SELECT {turn}", "SELECT 1",
	 "SELECT pg_advisory_xact_lock(hashtext('inventra ' || current_schema()))"},
	{"{no_id}", "x''", "'00000000-0000-0000-0000-000000000000'::uuid"},
	{"{month s.d} {day s.d}",
	 "strftime('%Y-%m', (s.d) * 86400, 'unixepoch') strftime('%Y-%m-%d', (s.d) * 86400,"
	 " 'unixepoch')",
	 "to_char(DATE '1970-01-01' + (s.d)::int, 'YYYY-MM') to_char(DATE '1970-01-01' + (s.d)::int,"
	 " 'YYYY-MM-DD')"},
	{"FROM {rows a:int b:id} x", "FROM (SELECT ?1 AS a, ?2 AS b) x",
	 "FROM (SELECT a, b FROM unnest(?1::bigint[], ?2::uuid[]) AS u(a, b)) x"},
	{"SELECT r.n, t.c FROM {rows# a:int b:id} r JOIN t ON t.b = r.b AND for.b = r.a + ?+1",
	 "SELECT ?3, t.c FROM (SELECT 1) r CROSS JOIN t ON t.b = ?2 AND for.b = ?1 + ?4",
	 "SELECT r.n, t.c FROM (SELECT a, b, n - 1 AS n FROM unnest(?1::bigint[], ?2::uuid[])"
	 " WITH ORDINALITY AS u(a, b, n)) r JOIN t ON t.b = r.b AND for.b = r.a + ?3 ORDER BY 1 "},
	{"SELECT r.n, t.c FROM {rows# a:int} r JOIN t ON t.a = r.a {lock}",
	 "SELECT ?2, t.c FROM (SELECT 1) r CROSS JOIN t ON t.a = ?1 ",
	 "SELECT r.n, t.c FROM (SELECT a, n - 1 AS n FROM unnest(?1::bigint[])"
	 " WITH ORDINALITY AS u(a, n)) r JOIN t ON t.a = r.a  ORDER BY 1 FOR UPDATE"},
	{"SELECT r.n, t.c FROM {rows# a:int} r JOIN t ON t.a = r.a ORDER BY r.n, t.c",
	 "SELECT ?2, t.c FROM (SELECT 1) r CROSS JOIN t ON t.a = ?1 ORDER BY ?2, t.c",
	 "SELECT r.n, t.c FROM (SELECT a, n - 1 AS n FROM unnest(?1::bigint[])"
	 " WITH ORDINALITY AS u(a, n)) r JOIN t ON t.a = r.a ORDER BY r.n, t.c"},
	{"WITH r AS (SELECT * FROM {rows a:int} x) SELECT r.a FROM r JOIN t",
	 "WITH r AS (SELECT * FROM (SELECT ?1 AS a) x) SELECT r.a FROM r JOIN t",
	 "WITH r AS (SELECT * FROM (SELECT a FROM unnest(?1::bigint[]) AS u(a)) x)"
	 " SELECT r.a FROM r JOIN t"},
	{"FROM {rows# a:text} r", "FROM (SELECT 1) r",
	 "FROM (SELECT a, n - 1 AS n FROM unnest(?1::text[]) WITH ORDINALITY AS u(a, n)) r"},
	{"INSERT INTO t (a, b) {insert a:int b:blob}", "INSERT INTO t (a, b) VALUES (?1, ?2)",
	 "INSERT INTO t (a, b) SELECT a, b FROM unnest(?1::bigint[], ?2::bytea[]) AS u(a, b)"},
	{"SET x = ?+1 FROM {rows a:int b:int} r WHERE y = ?+12",
	 "SET x = ?3 FROM (SELECT 1) r WHERE y = ?14",
	 "SET x = ?3 FROM (SELECT a, b FROM unnest(?1::bigint[], ?2::bigint[]) AS u(a, b)) r"
	 " WHERE y = ?14"},
	{"SET x = r.b {where a:int b:int} y = r.a AND z = ?+1", "SET x = ?2 WHERE y = ?1 AND z = ?3",
	 "SET x = r.b FROM (SELECT a, b FROM unnest(?1::bigint[], ?2::bigint[]) AS u(a, b)) r"
	 " WHERE y = r.a AND z = ?3"},
	{"{rows# a:int} ?+1", "(SELECT ?1 AS a, ?2 AS n) ?3",
	 "(SELECT a, n - 1 AS n FROM unnest(?1::bigint[]) WITH ORDINALITY AS u(a, n)) ?2"},
	{"'{lock} ?+1 it''s' - 1 -- it's a {comment}\nx", "'{lock} ?+1 it''s' - 1 \nx",
	 "'{lock} ?+1 it''s' - 1 \nx"},
};

static void expand(const char *dialect, const char *text, const char *expected)
{
	inv__arena arena;
	inv__expanded out;

	inv__arena_init(&arena, &inv__malloc_allocator);
	if (CHECK_STATUS(inv__dialect_expand(dialect, inv_str_of(text), &arena, &out), INV_OK))
		CHECK_STR(out.sql, expected);
	inv__arena_free(&arena);
}

TEST(tokens_are_expanded)
{
	for (size_t i = 0; i < sizeof expansions / sizeof expansions[0]; i++) {
		expand("sqlite", expansions[i].text, expansions[i].sqlite);
		expand("postgres", expansions[i].text, expansions[i].postgres);
	}
}

TEST(rowsets_are_told)
{
	inv__arena arena;
	inv__expanded out;

	inv__arena_init(&arena, &inv__malloc_allocator);
	CHECK_STATUS(inv__dialect_expand("sqlite", INV_S("SELECT 1"), &arena, &out), INV_OK);
	CHECK_INT(out.rowset_columns, 0);
	CHECK(!out.ordinal);
	CHECK_STATUS(inv__dialect_expand("sqlite", INV_S("{rows# a:int b:id} ?+1"), &arena, &out),
	             INV_OK);
	CHECK_INT(out.rowset_columns, 2);
	CHECK(out.ordinal);
	CHECK_STATUS(inv__dialect_expand("postgres", INV_S("{rows a:int} {rows a:int}"), &arena, &out),
	             INV_OK);
	CHECK_INT(out.rowset_columns, 1);
	inv__arena_free(&arena);
}

TEST(malformed_texts_are_refused)
{
	static const char *const bad[] = {
		"{nonsense}", "{}", "{rows}", "{rows a}", "{rows a:float}", "{rows :int}", "{lock x}",
		"{count}", "{month}", "{int", "'open", "?+", "?+x", "?+0",
		"{rows a:int} {rows a:int b:int}", "{rows a:int} {rows# a:int}",
	};
	inv__arena arena;
	inv__expanded out;

	inv__arena_init(&arena, &inv__malloc_allocator);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (!CHECK_STATUS(inv__dialect_expand("sqlite", inv_str_of(bad[i]), &arena, &out),
		                  INV_E_INTERNAL))
			CHECK_FAIL("%s", bad[i]);
	CHECK_STATUS(inv__dialect_expand("oracle", INV_S("SELECT 1"), &arena, &out),
	             INV_E_UNSUPPORTED);
	inv__arena_free(&arena);
}

CHECK_MAIN()
