/* SPDX-License-Identifier: MIT */
#include "storage/dialect.h"

#include "util/number.h"
#include "util/text.h"

#define MAX_SQL ((size_t)1 << 20)
#define MAX_COLUMNS 64u

/* What a token becomes; where it takes an argument, that stands between before and after, or with
 * no after (NULL) is left out. */
typedef struct token {
	const char *name;
	bool argument;
	const char *sqlite[2];
	const char *postgres[2];
} token;

static const token tokens[] = {
	{"lock", false, {"", ""}, {"FOR UPDATE", ""}},
	{"lock_of", true, {"", NULL}, {"FOR UPDATE OF ", ""}},
	{"share_of", true, {"", NULL}, {"FOR KEY SHARE OF ", ""}},
	{"exclusive", true, {"SELECT 1", NULL}, {"LOCK TABLE ", " IN EXCLUSIVE MODE"}},
	{"draw", true, {"0", NULL}, {"nextval('", "')"}},
	{"draw_behind", true, {"?1", NULL}, {"setval('", "', ?1)"}},
	{"postgres", true, {"", NULL}, {"", ""}},
	{"sqlite", true, {"", ""}, {"", NULL}},
	{"int", false, {"INTEGER", ""}, {"BIGINT", ""}},
	{"bool", false, {"INTEGER", ""}, {"SMALLINT", ""}},
	{"text", false, {"TEXT", ""}, {"TEXT COLLATE \"C\"", ""}},
	{"id", false, {"BLOB", ""}, {"UUID", ""}},
	{"blob", false, {"BLOB", ""}, {"BYTEA", ""}},
	{"strict", false, {"STRICT", ""}, {"", ""}},
	{"clustered", false, {"WITHOUT ROWID, STRICT", ""}, {"", ""}},
	{"journal_key", false, {"CONSTRAINT event_position_primary PRIMARY KEY", ""}, {"", ""}},
	{"seq_key", false, {"", ""}, {"CONSTRAINT event_seq_primary PRIMARY KEY", ""}},
	{"tables", false, {"(SELECT name FROM sqlite_schema WHERE type = 'table')", ""},
	 {"(SELECT table_name AS name FROM information_schema.tables"
	  " WHERE table_schema = current_schema() AND table_type = 'BASE TABLE')", ""}},
	/* 0x494e5654 is "INVT": the file says by itself what it is. */
	{"mark", false, {"PRAGMA application_id = 0x494e5654;", ""}, {"", ""}},
	{"month", true, {"strftime('%Y-%m', (", ") * 86400, 'unixepoch')"},
	 {"to_char(DATE '1970-01-01' + (", ")::int, 'YYYY-MM')"}},
	{"day", true, {"strftime('%Y-%m-%d', (", ") * 86400, 'unixepoch')"},
	 {"to_char(DATE '1970-01-01' + (", ")::int, 'YYYY-MM-DD')"}},
	{"turn", false, {"1", ""},
	 {"pg_advisory_xact_lock(hashtext('inventra ' || current_schema()))", ""}},
	{"no_id", false, {"x''", ""}, {"'00000000-0000-0000-0000-000000000000'::uuid", ""}},
	{"count", true, {"(", ")"}, {"(", ")::bigint"}},
};

/* Array types of rowset columns on PostgreSQL. */
static const struct {
	const char *name;
	const char *array;
} arrays[] = {
	{"int", "bigint[]"}, {"bool", "bigint[]"}, {"text", "text[]"},
	{"id", "uuid[]"},    {"blob", "bytea[]"},
};

typedef struct column {
	inv_str name;
	const char *array;
} column;

typedef struct expander {
	inv__buf out;
	bool postgres;
	bool bad;
	bool renumbers;   /* a ?+n was seen */
	uint32_t shift;   /* what ?+n adds */
	uint32_t columns; /* of the rowset */
	column names[MAX_COLUMNS];
	uint32_t named;   /* how many names are known */
	bool direct;      /* on SQLite r.x is the parameter itself */
	bool ordinal;
	bool in_order;    /* the answer is owed in the rowset's order, which must be said */
} expander;

static void put(expander *e, const char *text)
{
	inv__buf_puts(&e->out, text);
}

static void put_str(expander *e, inv_str text)
{
	inv__buf_put(&e->out, text.ptr, text.len);
}

static void put_number(expander *e, uint32_t number)
{
	char digits[24];

	inv__buf_put(&e->out, digits, inv__int_format((int64_t)number, digits));
}

static inv_str next_word(inv_str *text)
{
	inv_str word = {text->ptr, 0};

	while (word.len < text->len && word.ptr[word.len] != ' ')
		word.len++;
	text->ptr += word.len;
	text->len -= word.len;
	while (text->len && text->ptr[0] == ' ') {
		text->ptr++;
		text->len--;
	}
	return word;
}

/* "a:int" */
static bool parse_column(inv_str word, column *out)
{
	const char *colon = memchr(word.ptr, ':', word.len);
	inv_str type;

	if (!colon || colon == word.ptr)
		return false;
	out->name = (inv_str){word.ptr, (size_t)(colon - word.ptr)};
	type = (inv_str){colon + 1, word.len - out->name.len - 1};
	for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
		if (!inv__str_is(type, arrays[i].name))
			continue;
		out->array = arrays[i].array;
		return true;
	}
	return false;
}

/* ?1 AS a, ?2 AS b — or without the names. */
static void put_parameters(expander *e, const column *columns, uint32_t count, bool named)
{
	for (uint32_t i = 0; i < count; i++) {
		put(e, i ? ", ?" : "?");
		put_number(e, i + 1);
		if (named) {
			put(e, " AS ");
			put_str(e, columns[i].name);
		}
	}
}

static void put_names(expander *e, const column *columns, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (i)
			put(e, ", ");
		put_str(e, columns[i].name);
	}
}

static void put_rowset_sqlite(expander *e, const column *columns, bool insert)
{
	if (e->direct && !insert) {
		put(e, "(SELECT 1)");
		return;
	}
	put(e, insert ? "VALUES (" : "(SELECT ");
	put_parameters(e, columns, e->columns, !insert);
	if (e->ordinal) {
		put(e, ", ?");
		put_number(e, e->columns + 1);
		put(e, " AS n");
	}
	put(e, ")");
}

static void put_rowset_postgres(expander *e, const column *columns, bool insert)
{
	put(e, insert ? "SELECT " : "(SELECT ");
	put_names(e, columns, e->columns);
	put(e, e->ordinal ? ", n - 1 AS n FROM unnest(" : " FROM unnest(");
	for (uint32_t i = 0; i < e->columns; i++) {
		put(e, i ? ", ?" : "?");
		put_number(e, i + 1);
		put(e, "::");
		put(e, columns[i].array);
	}
	put(e, e->ordinal ? ") WITH ORDINALITY AS u(" : ") AS u(");
	put_names(e, columns, e->columns);
	put(e, e->ordinal ? ", n)" : ")");
	if (!insert)
		put(e, ")");
}

/* {where …}: an UPDATE's rowset r. SQLite would make a table of it first. */
static void put_where(expander *e, const column *columns)
{
	if (e->postgres) {
		put(e, "FROM ");
		put_rowset_postgres(e, columns, false);
		put(e, " r ");
	}
	put(e, "WHERE");
}

/* {rows …} {rows# …} {insert …} {where …}. A statement has one rowset, which it may name again. */
static bool expand_rowset(expander *e, inv_str name, inv_str argument)
{
	column columns[MAX_COLUMNS];
	uint32_t count = 0;
	bool insert = inv__str_is(name, "insert");
	bool ordinal = inv__str_is(name, "rows#");
	bool where = inv__str_is(name, "where");

	if (!insert && !ordinal && !where && !inv__str_is(name, "rows"))
		return false;
	while (argument.len && count < MAX_COLUMNS && !e->bad)
		e->bad = !parse_column(next_word(&argument), &columns[count++]);
	if (argument.len || count == 0)
		e->bad = true;
	if (e->columns && (e->columns != count || e->ordinal != ordinal))
		e->bad = true;
	if (e->bad)
		return true;
	e->columns = count;
	e->ordinal = ordinal;
	e->named = count;
	memcpy(e->names, columns, count * sizeof *columns);
	if (where)
		put_where(e, columns);
	else if (e->postgres)
		put_rowset_postgres(e, columns, insert);
	else
		put_rowset_sqlite(e, columns, insert);
	return true;
}

/* Once, before what must stand behind it. */
static void put_order(expander *e)
{
	if (e->in_order)
		put(e, " ORDER BY 1 ");
	e->in_order = false;
}

static void expand_token(expander *e, inv_str body)
{
	inv_str name = next_word(&body);

	if (expand_rowset(e, name, body))
		return;
	if (inv__str_is(name, "lock") || inv__str_is(name, "lock_of") ||
	    inv__str_is(name, "share_of"))
		put_order(e);
	for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
		const token *t = &tokens[i];
		const char *const *text = e->postgres ? t->postgres : t->sqlite;

		if (!inv__str_is(name, t->name))
			continue;
		e->bad = t->argument != (body.len > 0);
		put(e, text[0]);
		if (!text[1])
			return;
		put_str(e, body);
		put(e, text[1]);
		return;
	}
	e->bad = true;
}

/* ?+12 at `text`; returns the bytes read. */
static size_t expand_parameter(expander *e, inv_str text)
{
	uint32_t number = 0;
	size_t at = 2;

	while (at < text.len && at < 6 && text.ptr[at] >= '0' && text.ptr[at] <= '9')
		number = number * 10 + (uint32_t)(text.ptr[at++] - '0');
	if (number == 0)
		e->bad = true;
	e->renumbers = true;
	put(e, "?");
	put_number(e, number + e->shift);
	return at;
}

static size_t until(inv_str text, char end)
{
	const char *found = memchr(text.ptr + 1, end, text.len - 1);

	return found ? (size_t)(found - text.ptr) + 1 : 0;
}

/* SQLite makes a table of a subquery unless it is the left side of a CROSS JOIN, which costs more
 * than the rest of a look-up: so a JOIN that follows a rowset's alias becomes one. Returns the
 * bytes read, 0 when something else follows. */
static size_t join_rowset(expander *e, inv_str text)
{
	inv_str rest = text, alias, join;

	next_word(&rest); /* nothing, and the blank behind the token */
	alias = next_word(&rest);
	join = next_word(&rest);
	if (e->postgres || !alias.len || !inv__str_is(join, "JOIN"))
		return 0;
	put(e, " ");
	put_str(e, alias);
	put(e, " CROSS JOIN");
	return (size_t)(join.ptr + join.len - text.ptr);
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* "r.name" at `text`, where a word begins? */
static bool is_rowset_column(const expander *e, inv_str text)
{
	return e->direct && text.len > 2 && text.ptr[0] == 'r' && text.ptr[1] == '.';
}

/* r.name becomes the parameter that holds it; returns the bytes read. */
static size_t expand_column(expander *e, inv_str text)
{
	inv_str name = {text.ptr + 2, 0};
	uint32_t at = 0;

	while (name.len + 2 < text.len && is_word(name.ptr[name.len]))
		name.len++;
	while (at < e->named && !inv__str_equal(e->names[at].name, name))
		at++;
	if (at == e->named && !(e->ordinal && inv__str_is(name, "n")))
		e->bad = true;
	put(e, "?");
	put_number(e, at + 1);
	return name.len + 2;
}

/* Ordinary text up to what must be looked at. */
static size_t plain_length(const expander *e, inv_str text)
{
	size_t len = 1;

	while (len < text.len && !memchr("{'-?", text.ptr[len], 4) &&
	       (is_word(text.ptr[len - 1]) ||
	        !is_rowset_column(e, (inv_str){text.ptr + len, text.len - len})))
		len++;
	return len;
}

/* One step of the walk at `text`; returns the bytes read. Literals are kept, comments dropped. */
static size_t expand_next(expander *e, inv_str text)
{
	size_t len;

	switch (text.ptr[0]) {
	case '{':
		len = until(text, '}');
		if (len)
			expand_token(e, (inv_str){text.ptr + 1, len - 2});
		if (len && text.len > 5 && memcmp(text.ptr, "{rows", 5) == 0)
			len += join_rowset(e, (inv_str){text.ptr + len, text.len - len});
		break;
	case '\'':
		len = until(text, '\'');
		put_str(e, (inv_str){text.ptr, len});
		break;
	case '-':
		if (text.len > 1 && text.ptr[1] == '-') {
			len = until(text, '\n');
			return len ? len - 1 : text.len;
		}
		put(e, "-");
		return 1;
	case '?':
		if (text.len > 1 && text.ptr[1] == '+')
			return expand_parameter(e, text);
		put(e, "?");
		return 1;
	default:
		if (is_rowset_column(e, text))
			return expand_column(e, text);
		len = plain_length(e, text);
		put_str(e, (inv_str){text.ptr, len});
	}
	e->bad = e->bad || len == 0;
	return len;
}

static void expand_all(expander *e, inv_str text)
{
	while (text.len && !e->bad) {
		size_t len = expand_next(e, text);

		text.ptr += len;
		text.len -= len;
	}
}

/* A rowset named r, and not through a WITH: copying its columns would cost SQLite more than a
 * look-up, so each r.x becomes the parameter itself. */
static bool names_rowset_r(inv_str text)
{
	for (size_t i = 0; i + 5 < text.len; i++) {
		size_t len;

		if (memcmp(text.ptr + i, "{wher", 5) == 0)
			return true;
		if (memcmp(text.ptr + i, "{rows", 5) != 0)
			continue;
		len = until((inv_str){text.ptr + i, text.len - i}, '}');
		if (len && i + len + 2 <= text.len && memcmp(text.ptr + i + len, " r", 2) == 0)
			return i + len + 2 == text.len || !is_word(text.ptr[i + len + 2]);
	}
	return false;
}

static bool has(inv_str text, const char *part)
{
	return text.len && memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

/* SQLite runs a statement row by row, so its answers come in the rowset's order. PostgreSQL joins
 * as it likes: a SELECT that answers with the ordinal first is put in order. */
static bool is_in_order(inv_str text)
{
	bool selects = inv__str_starts(text, INV_S("SELECT r.n,")) ||
	               (inv__str_starts(text, INV_S("WITH r AS ")) && has(text, ") SELECT r.n,"));

	return selects && has(text, "{rows# ") && !has(text, "ORDER BY");
}

inv_status inv__dialect_expand(const char *dialect, inv_str text, inv__arena *arena,
                               inv__expanded *out)
{
	expander e = {.postgres = strcmp(dialect, "postgres") == 0};
	inv_status status;

	if (!e.postgres && strcmp(dialect, "sqlite") != 0)
		return INV_E_UNSUPPORTED;
	inv__buf_init(&e.out, &arena->allocator, MAX_SQL);
	expand_all(&e, text);
	if (e.columns && !e.bad) {
		/* A ?+n or r.x may stand before the rowset it belongs to: now its columns are known. On
		 * PostgreSQL the ordinal is no parameter. */
		e.direct = !e.postgres && names_rowset_r(text);
		e.shift = e.columns + (e.ordinal && !e.postgres ? 1 : 0);
		e.columns = 0;
		e.out.len = 0;
		e.in_order = e.postgres && is_in_order(text);
		expand_all(&e, text);
		put_order(&e);
	}
	status = e.out.status != INV_OK ? e.out.status : e.bad ? INV_E_INTERNAL : INV_OK;
	if (status == INV_OK) {
		out->sql = inv__arena_str(arena, inv__buf_str(&e.out));
		out->rowset_columns = e.columns;
		out->ordinal = e.ordinal;
		status = out->sql.ptr ? INV_OK : INV_E_NO_MEMORY;
	}
	inv__buf_free(&e.out);
	return status;
}
