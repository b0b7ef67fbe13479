/* SPDX-License-Identifier: MIT */
/* Statements: their text as PostgreSQL writes parameters, and what is known of their types. The
 * server sees them with the batch that first runs them. */
#include <string.h>

#include "storage/fault.h"
#include "storage/postgres/pg_conn.h"
#include "util/text.h"

#define MAX_PARAMETERS 65535u
#define MAX_TEXT ((size_t)1 << 20)
#define FIRST_CLOSING 16u

/* ---- reading the text ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool inv__pg_is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

size_t inv__pg_opaque(inv_str text)
{
	char end = text.ptr[0];
	size_t len = 1;

	if (text.len > 1 && text.ptr[0] == '-' && text.ptr[1] == '-')
		end = '\n';
	else if (end != '\'' && end != '"')
		return 0;
	while (len < text.len && text.ptr[len] != end)
		len++;
	return len < text.len ? len + 1 : len;
}

typedef struct parameter {
	uint32_t number;
	size_t len; /* of ?n */
} parameter;

static bool read_parameter(inv_str text, parameter *out)
{
	out->number = 0;
	out->len = 1;
	while (out->len < text.len && out->len < 7 && is_digit(text.ptr[out->len]))
		out->number = out->number * 10 + (uint32_t)(text.ptr[out->len++] - '0');
	return text.ptr[0] == '?' && out->number > 0;
}

static const struct {
	const char *cast;
	Oid type;
} casts[] = {
	{"::bigint[]", INV__PG_INT8_ARRAY}, {"::text[]", INV__PG_TEXT_ARRAY},
	{"::bytea[]", INV__PG_BYTEA_ARRAY}, {"::uuid[]", INV__PG_UUID_ARRAY},
	{"::bigint", INV__PG_INT8},         {"::int", INV__PG_INT4},
	{"::smallint", INV__PG_INT2},       {"::text", INV__PG_TEXT},
	{"::bytea", INV__PG_BYTEA},         {"::uuid", INV__PG_UUID},
};

static Oid read_cast(inv_str rest)
{
	for (size_t i = 0; i < sizeof casts / sizeof casts[0]; i++) {
		size_t len = strlen(casts[i].cast);

		if (inv__str_starts(rest, inv_str_of(casts[i].cast)) &&
		    (rest.len == len || (!inv__pg_is_word(rest.ptr[len]) && rest.ptr[len] != '[')))
			return casts[i].type;
	}
	return 0;
}

/* Words that make of a SELECT or WITH one that writes or locks. */
static bool is_writing(inv_str word)
{
	static const char *const words[] = {"INSERT", "UPDATE", "DELETE", "MERGE", "INTO", "SHARE"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (inv__str_equal_fold(word, inv_str_of(words[i])))
			return true;
	return false;
}

static bool word_is(inv_str word, const char *text)
{
	return inv__str_equal_fold(word, inv_str_of(text));
}

/* What a walk over the text finds; a second one fills `stmt` and the arrays. */
typedef struct scan {
	inv_stmt *stmt; /* NULL: only measure */
	size_t len;     /* of the new text */
	uint32_t parameters;
	uint32_t words;
	inv_str first;
	inv_str second;
	bool writes;
} scan;

static void put(scan *s, const char *text, size_t len)
{
	if (s->stmt)
		memcpy(s->stmt->text + s->len, text, len);
	s->len += len;
}

static size_t scan_word(scan *s, inv_str text)
{
	inv_str word = {text.ptr, 0};

	while (word.len < text.len && inv__pg_is_word(word.ptr[word.len]))
		word.len++;
	if (s->words == 0)
		s->first = word;
	if (s->words == 1)
		s->second = word;
	s->words++;
	s->writes = s->writes || is_writing(word);
	put(s, word.ptr, word.len);
	return word.len;
}

static size_t scan_next(scan *s, inv_str text)
{
	size_t len = inv__pg_opaque(text);
	parameter p;

	if (len) {
		put(s, text.ptr, len);
		return len;
	}
	if (inv__pg_is_word(text.ptr[0]))
		return scan_word(s, text);
	if (!read_parameter(text, &p)) {
		put(s, text.ptr, 1);
		return 1;
	}
	put(s, "$", 1);
	put(s, text.ptr + 1, p.len - 1);
	if (p.number > s->parameters)
		s->parameters = p.number;
	if (s->stmt && s->stmt->casts[p.number - 1] == 0)
		s->stmt->casts[p.number - 1] = read_cast((inv_str){text.ptr + p.len, text.len - p.len});
	return p.len;
}

static void scan_all(scan *s, inv_str sql)
{
	while (sql.len) {
		size_t len = scan_next(s, sql);

		sql.ptr += len;
		sql.len -= len;
	}
}

static inv__pg_control control_of(const scan *s)
{
	if (word_is(s->first, "SAVEPOINT"))
		return INV__PG_SAVEPOINT;
	if (word_is(s->first, "RELEASE"))
		return INV__PG_RELEASE;
	if (word_is(s->first, "ROLLBACK") && word_is(s->second, "TO"))
		return INV__PG_ROLLBACK_TO;
	return INV__PG_PLAIN;
}

/* ---- life ---- */

/* One block: the statement, its two arrays, its text. */
static inv_stmt *make(inv_conn *conn, const scan *measured)
{
	size_t arrays = 2 * (size_t)measured->parameters * sizeof(Oid);
	size_t size = sizeof(inv_stmt) + arrays + measured->len + 1;
	inv_stmt *stmt = inv__alloc(&conn->allocator, size);

	if (!stmt)
		return NULL;
	stmt->size = size;
	stmt->parameters = measured->parameters;
	stmt->types = (Oid *)(stmt + 1);
	stmt->casts = stmt->types + stmt->parameters;
	stmt->text = (char *)(stmt->casts + stmt->parameters);
	return stmt;
}

inv_status inv__pg_prepare(inv_conn *conn, inv_str sql, inv_stmt **out, inv_error *error)
{
	scan s = {.first = {"", 0}, .second = {"", 0}};
	inv_stmt *stmt;

	if (sql.len > MAX_TEXT)
		return inv__fault(error, INV_E_LIMIT, 0, "a statement is too long");
	scan_all(&s, sql);
	if (s.words == 0)
		return inv__fault(error, INV_E_INTERNAL, 0,
		                  "an item is one statement, not none or several");
	if (s.parameters > MAX_PARAMETERS)
		return inv__fault(error, INV_E_LIMIT, 0, "a statement has too many parameters");
	stmt = make(conn, &s);
	if (!stmt)
		return inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	s = (scan){.stmt = stmt, .first = {"", 0}, .second = {"", 0}};
	scan_all(&s, sql);
	stmt->control = control_of(&s);
	inv__pg_read_part(stmt);
	stmt->reads = !s.writes && (word_is(s.first, "SELECT") || word_is(s.first, "WITH") ||
	                            word_is(s.first, "VALUES"));
	inv__pg_untype(stmt);
	stmt->next = conn->first;
	if (conn->first)
		conn->first->prev = stmt;
	conn->first = stmt;
	*out = stmt;
	return INV_OK;
}

/* The server is told with the next transaction; when there is no memory to remember it, the
 * statement lives as long as the connection. */
void inv__pg_unprepare(inv_conn *conn, inv_stmt *stmt, bool close)
{
	uint64_t number = stmt->number;

	stmt->number = 0;
	if (!number || !close)
		return;
	if (conn->closing_count == conn->closing_cap) {
		size_t cap = conn->closing_cap ? conn->closing_cap * 2 : FIRST_CLOSING;
		uint64_t *grown = conn->allocator.resize(conn->allocator.ctx, conn->closing,
		                                         conn->closing_cap * sizeof *grown,
		                                         cap * sizeof *grown);

		if (!grown)
			return;
		conn->closing = grown;
		conn->closing_cap = cap;
	}
	conn->closing[conn->closing_count++] = number;
}

void inv__pg_finalize(inv_conn *conn, inv_stmt *stmt)
{
	if (!stmt)
		return;
	for (size_t i = 0; i < INV__PG_NARROW; i++)
		inv__pg_finalize(conn, stmt->narrow[i]);
	if (stmt->slot)
		*stmt->slot = NULL;
	inv__pg_unmerge(conn, stmt);
	if (stmt->prev)
		stmt->prev->next = stmt->next;
	else
		conn->first = stmt->next;
	if (stmt->next)
		stmt->next->prev = stmt->prev;
	inv__pg_unprepare(conn, stmt, true);
	inv__free(&conn->allocator, stmt, stmt->size);
}

/* ---- types ---- */

/* Numbers and texts say their type themselves; bytes may be an id or not, which only the server
 * knows. */
static Oid scalar_type(uint32_t type)
{
	switch (type) {
	case INV_VALUE_INT:
		return INV__PG_INT8;
	case INV_VALUE_TEXT:
		return INV__PG_TEXT;
	case INV_VALUE_REAL:
		return INV__PG_FLOAT8;
	default:
		return 0;
	}
}

static Oid array_type(uint32_t type)
{
	switch (type) {
	case INV_VALUE_INT:
		return INV__PG_INT8_ARRAY;
	case INV_VALUE_TEXT:
		return INV__PG_TEXT_ARRAY;
	default:
		return 0;
	}
}

/* The types of a rowset written out are in the text. */
void inv__pg_hint(inv_stmt *stmt, const inv_item *item)
{
	size_t rowset = stmt->rows ? stmt->rows * stmt->columns : item->column_count;

	stmt->typed = true;
	for (size_t i = 0; i < stmt->parameters; i++) {
		if (stmt->types[i] == 0 && (i >= rowset || !stmt->rows))
			stmt->types[i] = i < rowset ? array_type(item->columns[i].type)
			                            : scalar_type(item->values[i - rowset].type);
		stmt->typed = stmt->typed && stmt->types[i] != 0;
	}
}

void inv__pg_untype(inv_stmt *stmt)
{
	stmt->typed = false;
	if (stmt->parameters)
		memcpy(stmt->types, stmt->casts, stmt->parameters * sizeof *stmt->types);
}
