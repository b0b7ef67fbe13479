/* SPDX-License-Identifier: MIT */
/* The URL: our own parameters are taken out, the rest is libpq's. */
#include <string.h>

#include "storage/fault.h"
#include "storage/postgres/pg_conn.h"
#include "util/number.h"
#include "util/text.h"

#define MAX_URL 65536u
#define EXTRA_KEYWORDS 3u /* that we add behind the user's */

/* A network that went away without a word is noticed within half a minute; libpq's own defaults
 * wait for two hours. They stand before the user's, and the last one wins. */
static const struct {
	const char *keyword;
	const char *value;
} defaults[] = {
	{"keepalives_idle", "10"},
	{"keepalives_interval", "5"},
	{"keepalives_count", "3"},
	{"tcp_user_timeout", "25000"},
};
#define DEFAULTS (sizeof defaults / sizeof defaults[0])

static bool takes(inv_str parameter, const char *name, inv_str *value)
{
	size_t len = strlen(name);

	if (parameter.len <= len || memcmp(parameter.ptr, name, len) != 0 || parameter.ptr[len] != '=')
		return false;
	*value = (inv_str){parameter.ptr + len + 1, parameter.len - len - 1};
	return true;
}

static bool is_schema(inv_str name)
{
	if (name.len == 0 || name.len > 63)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '_'))
			return false;
	}
	return true;
}

/* Takes a parameter of our own; *ours says whether it was one. */
static inv_status take_own(inv_conn *conn, inv_str parameter, bool *ours, inv_error *error)
{
	inv_str value;

	*ours = inv__str_starts(parameter, INV_S("inventra_"));
	if (!*ours)
		return INV_OK;
	if (takes(parameter, "inventra_schema", &value) && is_schema(value)) {
		memcpy(conn->schema, value.ptr, value.len);
		conn->schema[value.len] = '\0';
		return INV_OK;
	}
	if (takes(parameter, "inventra_statements", &value) &&
	    (inv__str_is(value, "named") || inv__str_is(value, "unnamed"))) {
		conn->pooled = inv__str_is(value, "unnamed");
		return INV_OK;
	}
	return inv__fault(error, INV_E_INVALID, 0,
	                  "the URL takes inventra_schema=NAME (letters, digits, _) and"
	                  " inventra_statements=named or unnamed");
}

/* The query of the URL without our parameters. */
static inv_status strip(inv_conn *conn, inv_str query, inv__buf *out, inv_error *error)
{
	char before = '?';

	while (query.len) {
		const char *end = memchr(query.ptr, '&', query.len);
		inv_str one = {query.ptr, end ? (size_t)(end - query.ptr) : query.len};
		inv_status status;
		bool ours;

		status = take_own(conn, one, &ours, error);
		if (status != INV_OK)
			return status;
		if (!ours && one.len) {
			inv__buf_putc(out, before);
			inv__buf_put(out, one.ptr, one.len);
			before = '&';
		}
		query.ptr += one.len + (end ? 1 : 0);
		query.len -= one.len + (end ? 1 : 0);
	}
	return INV_OK;
}

static inv_status clean(inv_conn *conn, inv_str url, inv__buf *out, inv_error *error)
{
	const char *query = url.len ? memchr(url.ptr, '?', url.len) : NULL;
	size_t len = query ? (size_t)(query - url.ptr) : url.len;
	inv_status status = INV_OK;

	inv__buf_put(out, url.ptr, len);
	if (query)
		status = strip(conn, (inv_str){query + 1, url.len - len - 1}, out, error);
	inv__buf_putc(out, '\0');
	if (status == INV_OK && out->status != INV_OK)
		return inv__fault(error, out->status, 0, out->status == INV_E_LIMIT ? "the URL is too long"
		                                                                    : "out of memory");
	return status;
}

/* ---- keywords ---- */

static const char *keep(inv_conn *conn, const char *text)
{
	return inv__arena_str(&conn->memory, inv_str_of(text)).ptr;
}

/* Of no wait at all the server has no notion: zero means without an end there. */
static int64_t lock_timeout(const inv_conn *conn)
{
	int64_t wait = conn->busy_timeout_ms;

	if (wait < 0)
		return 0;
	return wait == 0 ? 1 : wait < INT32_MAX ? wait : INT32_MAX;
}

/* Settings in the startup packet, so that they cost no round trip. The user's stand behind ours,
 * and the last one wins. */
static const char *options(inv_conn *conn, const char *given)
{
	/* Who writes looks rows up by their keys, few at a time, in statements that stay the same: one
	 * plan each will do, made once, and it must not go through a table that was empty when it was
	 * made. Planning took more of a command than running it. */
	static const char by_key[] = " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off"
	                             " -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off";
	char text[512];
	char *both;
	int len;

	if (conn->pooled)
		return given;
	len = inv__format(text, sizeof text,
	                  "-c standard_conforming_strings=on"
	                  " -c default_transaction_isolation=read\\ committed"
	                  " -c lock_timeout=%lld -c idle_in_transaction_session_timeout=%lld%s%s%s%s",
	                  (long long)lock_timeout(conn), (long long)conn->idle_timeout_ms,
	                  conn->readonly ? " -c default_transaction_read_only=on" : by_key,
	                  *conn->schema ? " -c search_path=\"" : "", conn->schema,
	                  *conn->schema ? "\"" : "");
	if (!given || !*given)
		return keep(conn, text);
	both = inv__arena_alloc(&conn->memory, (size_t)len + strlen(given) + 2);
	if (!both)
		return NULL;
	memcpy(both, text, (size_t)len);
	both[len] = ' ';
	memcpy(both + len + 1, given, strlen(given) + 1);
	return both;
}

/* A pooler may hand each transaction to another server: it has to set what it needs itself. */
static const char *settings(inv_conn *conn)
{
	char number[24];
	inv__buf text;
	inv_str out = {NULL, 0};

	inv__buf_init(&text, &conn->allocator, MAX_URL);
	inv__buf_puts(&text, "SELECT set_config('idle_in_transaction_session_timeout', '");
	(void)inv__int_format(conn->idle_timeout_ms, number);
	inv__buf_puts(&text, number);
	inv__buf_puts(&text, "', true), set_config('lock_timeout', '");
	(void)inv__int_format(lock_timeout(conn), number);
	inv__buf_puts(&text, number);
	inv__buf_puts(&text, "', true)");
	if (*conn->schema) {
		inv__buf_puts(&text, ", set_config('search_path', '\"");
		inv__buf_puts(&text, conn->schema);
		inv__buf_puts(&text, "\"', true)");
	}
	if (text.status == INV_OK)
		out = inv__arena_str(&conn->memory, inv__buf_str(&text));
	inv__buf_free(&text);
	return out.ptr;
}

static void set_keyword(inv_conn *conn, size_t *count, const char *keyword, const char *value)
{
	conn->keywords[*count] = keep(conn, keyword);
	conn->values[*count] = keep(conn, value);
	(*count)++;
}

static inv_status fill(inv_conn *conn, const PQconninfoOption *parsed, inv_error *error)
{
	const char *given = NULL;
	const char *ours;
	size_t count = 0;

	for (const PQconninfoOption *o = parsed; o->keyword; o++)
		count++;
	count += DEFAULTS + EXTRA_KEYWORDS + 1;
	conn->keywords = inv__arena_array(&conn->memory, count, sizeof(char *));
	conn->values = inv__arena_array(&conn->memory, count, sizeof(char *));
	if (!conn->keywords || !conn->values)
		return inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	count = 0;
	for (size_t i = 0; i < DEFAULTS; i++)
		set_keyword(conn, &count, defaults[i].keyword, defaults[i].value);
	for (const PQconninfoOption *o = parsed; o->keyword; o++) {
		if (!o->val)
			continue;
		if (strcmp(o->keyword, "options") == 0)
			given = o->val;
		else if (strcmp(o->keyword, "client_encoding") != 0)
			set_keyword(conn, &count, o->keyword, o->val);
	}
	set_keyword(conn, &count, "fallback_application_name", "inventra");
	set_keyword(conn, &count, "client_encoding", "UTF8");
	ours = options(conn, given);
	if (ours)
		set_keyword(conn, &count, "options", ours);
	conn->settings = conn->pooled ? settings(conn) : NULL;
	if (conn->pooled && !conn->settings)
		return inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	return conn->memory.failed ? inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory") : INV_OK;
}

inv_status inv__pg_url(inv_conn *conn, inv_str url, inv_error *error)
{
	inv__buf text;
	PQconninfoOption *parsed = NULL;
	char *message = NULL;
	inv_status status;

	inv__buf_init(&text, &conn->allocator, MAX_URL);
	status = clean(conn, url, &text, error);
	if (status == INV_OK) {
		parsed = PQconninfoParse(text.data, &message);
		/* What libpq says of a URL may quote the password in it. */
		if (parsed)
			status = fill(conn, parsed, error);
		else
			status = inv__fault(error, message ? INV_E_INVALID : INV_E_NO_MEMORY, 0,
			                    message ? "the URL has a part that libpq does not understand"
			                            : "out of memory");
	}
	PQfreemem(message);
	PQconninfoFree(parsed);
	inv__buf_free(&text);
	return status;
}
