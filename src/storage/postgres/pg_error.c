/* SPDX-License-Identifier: MIT */
/* SQLSTATEs as statuses: the one table. A message never carries a value or the password: what the
 * server says of values and constraints is left out. */
#include <string.h>

#include "storage/fault.h"
#include "storage/postgres/pg_conn.h"
#include "util/text.h"

/* A whole state stands before the class it belongs to. */
static const struct {
	const char *state;
	inv_status status;
	const char *sentence;
} states[] = {
	{"40001", INV_E_BUSY, "another transaction changed the same rows"},
	{"40P01", INV_E_BUSY, "two transactions waited for each other"},
	{"40003", INV_E_UNKNOWN_OUTCOME, "the server does not know whether it was done"},
	{"40", INV_E_BUSY, "the server rolled the transaction back"},
	{"55P03", INV_E_BUSY, "another transaction holds the lock"},
	{"55006", INV_E_BUSY, "it is in use"},
	{"23502", INV_E_INTERNAL, "a value is missing"},
	{"23", INV_E_CONFLICT, "a constraint is violated"},
	{"57014", INV_E_CANCELLED, "it was stopped"},
	{"22003", INV_E_LIMIT, "a number or a sum is more than can be counted"},
	{"22001", INV_E_LIMIT, "a text is too long for the database"},
	{"22021", INV_E_INVALID, "a text is no UTF-8 or holds a zero byte"},
	{"22", INV_E_INTERNAL, "a value has the wrong type"},
	{"54", INV_E_LIMIT, "a value or a statement is too large for the database"},
	{"25006", INV_E_READ_ONLY, "the database cannot be written"},
	{"25P02", INV_E_STATE, "an error has stopped the transaction before"},
	{"25P03", INV_E_TIMEOUT, "the transaction was idle for too long"},
	{"25P04", INV_E_TIMEOUT, "the transaction took too long"},
	{"28", INV_E_DENIED, "the server refuses the user or the password"},
	{"42501", INV_E_DENIED, "the user lacks a right in the database"},
	{"3D000", INV_E_NOT_FOUND, "the server has no such database"},
	{"3F000", INV_E_NOT_FOUND, "the database has no such schema, or the user may not use it"},
	{"53100", INV_E_FULL, "the server's disk is full"},
	{"53200", INV_E_NO_MEMORY, "the server is out of memory"},
	{"53300", INV_E_BUSY, "the server has too many connections"},
	{"53", INV_E_BUSY, "the server lacks resources"},
	{"57P03", INV_E_BUSY, "the server is starting up or shutting down"},
	{"57P04", INV_E_NOT_FOUND, "the database was dropped"},
	{"57P", INV_E_IO, "the server ended the connection"},
	{"08P01", INV_E_INTERNAL, "server and driver misunderstood each other"},
	{"08", INV_E_IO, "the connection to the server broke"},
	{"26000", INV_E_BUSY, "the server has lost a prepared statement"},
	{"0A000", INV_E_UNSUPPORTED, "the server cannot do this"},
	{"58", INV_E_IO, "the server's storage failed"},
	{"F0", INV_E_IO, "the server's configuration is damaged"},
	{"XX001", INV_E_CORRUPT, "the database is damaged"},
	{"XX002", INV_E_CORRUPT, "the database is damaged"},
};

static const char *find(const char *state, inv_status *status)
{
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		if (strncmp(state, states[i].state, strlen(states[i].state)) != 0)
			continue;
		*status = states[i].status;
		return states[i].sentence;
	}
	*status = INV_E_INTERNAL;
	return "the server refused a statement";
}

inv_status inv__pg_status(const char *state)
{
	inv_status status;

	(void)find(state, &status);
	return status;
}

int64_t inv__pg_code(const char *state)
{
	int64_t code = 0;

	for (size_t i = 0; i < 5 && state[i]; i++) {
		bool digit = state[i] >= '0' && state[i] <= '9';

		code = code * 36 + (digit ? state[i] - '0' : (state[i] - 'A' + 10) % 36);
	}
	return code;
}

inv_status inv__pg_lost(inv_error *error)
{
	return inv__fault(error, INV_E_IO, inv__pg_code("08006"),
	                  "the connection to the server broke");
}

/* A cancel looks the same whoever sent it; only its text says that a timeout did, and that may be
 * in any language. */
static inv_status cancelled(inv_conn *conn, const char *text, inv_error *error)
{
	bool asked = atomic_exchange(&conn->interrupted, false) || strstr(text, "user request");

	if (asked && !strstr(text, "statement timeout"))
		return inv__fault(error, INV_E_CANCELLED, inv__pg_code("57014"), "it was stopped");
	return inv__fault(error, INV_E_TIMEOUT, inv__pg_code("57014"),
	                  "a statement took longer than the server allows");
}

/* May the server's own words be told? They quote values where these are at fault. */
static bool is_discreet(const char *state)
{
	return strncmp(state, "22", 2) != 0 && strncmp(state, "23", 2) != 0 &&
	       strncmp(state, "P0", 2) != 0;
}

/* Servers always give this severity. Old poolers do not, and call it an ERROR when they end a
 * connection. */
bool inv__pg_is_fatal(const PGresult *result)
{
	const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

	return !severity || strcmp(severity, "ERROR") != 0;
}

/* A standby does not begin what would write; it calls that a feature it lacks. A pooler that has
 * lost its server calls that a violation of the protocol. */
static const char *real_state(const inv_conn *conn, const PGresult *result, const char *code)
{
	const char *standby = conn->pg ? PQparameterStatus(conn->pg, "in_hot_standby") : NULL;

	if (strcmp(code, "08P01") == 0 && inv__pg_is_fatal(result))
		return "08006";
	return strcmp(code, "0A000") == 0 && standby && strcmp(standby, "on") == 0 ? "25006" : code;
}

inv_status inv__pg_result_error(inv_conn *conn, const PGresult *result, char state[6],
                                inv_error *error)
{
	const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *name = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
	inv_status status;
	const char *sentence;

	(void)inv__format(state, 6, "%s", code ? code : "");
	if (!code)
		return inv__pg_lost(error);
	code = real_state(conn, result, code);
	sentence = find(code, &status);
	if (strcmp(code, "57014") == 0)
		return cancelled(conn, text ? text : "", error);
	if (status == INV_E_CONFLICT && name)
		return inv__fault(error, status, inv__pg_code(code), "the constraint %.64s is violated",
		                  name);
	if (!text || !is_discreet(code))
		return inv__fault(error, status, inv__pg_code(code), "%s (PostgreSQL: %s)", sentence, code);
	return inv__fault(error, status, inv__pg_code(code), "%s (PostgreSQL: %s %.120s)", sentence,
	                  code, text);
}

/* ---- connecting ---- */

static bool is_state(const char *p)
{
	for (size_t i = 0; i < 5; i++)
		if (!(p[i] >= '0' && p[i] <= '9') && !(p[i] >= 'A' && p[i] <= 'Z'))
			return false;
	return p[5] == ':' || p[5] == '\n' || p[5] == '\0';
}

/* The SQLSTATE in a verbose message, `FATAL:  28P01: …`, in any language. The last one counts: it
 * is that of the last host that was tried. */
static const char *find_state(const char *text)
{
	const char *found = NULL;

	for (const char *at = strstr(text, ":  "); at; at = strstr(at + 1, ":  "))
		if (is_state(at + 3))
			found = at + 3;
	return found;
}

/* One line of it, without line ends and without the source lines of a verbose message. */
static void one_line(const char *text, char out[120])
{
	size_t len = 0;

	while (text[len] && text[len] != '\n' && len < 119) {
		out[len] = text[len];
		len++;
	}
	out[len] = '\0';
}

inv_status inv__pg_connect_error(PGconn *pg, inv_error *error)
{
	const char *text = PQerrorMessage(pg);
	const char *state = find_state(text);
	const char *password = PQpass(pg);
	inv_status status = INV_E_IO;
	const char *sentence = "the server cannot be reached";
	char line[120];

	if (state)
		sentence = find(state, &status);
	else if (PQconnectionNeedsPassword(pg))
		return inv__fault(error, INV_E_DENIED, inv__pg_code("28P01"),
		                  "the server asks for a password and none was given");
	one_line(state && state[5] == ':' ? state + 6 : text, line);
	if (!*line || (password && *password && strstr(line, password)))
		return inv__fault(error, status, state ? inv__pg_code(state) : inv__pg_code("08001"), "%s",
		                  sentence);
	return inv__fault(error, status, state ? inv__pg_code(state) : inv__pg_code("08001"),
	                  "%s (PostgreSQL: %s)", sentence, line);
}
