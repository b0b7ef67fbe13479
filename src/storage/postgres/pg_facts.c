/* SPDX-License-Identifier: MIT */
/* What a connection tells of itself. */
#include <string.h>

#include "storage/fault.h"
#include "storage/postgres/pg_conn.h"
#include "util/text.h"

static void copy(char *out, size_t size, const char *text)
{
	(void)inv__format(out, size, "%s", text);
}

/* A setting that the server does not have is empty. */
static const char *cell(const PGresult *result, int column)
{
	return PQntuples(result) == 1 ? PQgetvalue(result, 0, column) : "";
}

inv_status inv__pg_learn_facts(inv_conn *conn, inv_error *error)
{
	PGresult *result = PQexec(conn->pg, "SELECT current_setting('synchronous_commit', true),"
	                                    " current_setting('fsync', true),"
	                                    " current_setting('full_page_writes', true)");
	bool sound = PQresultStatus(result) == PGRES_TUPLES_OK;
	const char *version = PQparameterStatus(conn->pg, "server_version");

	conn->round_trips++;
	(void)inv__format(conn->version, sizeof conn->version, "PostgreSQL %s",
	                  version ? version : "");
	conn->warning[0] = '\0';
	if (sound) {
		const char *commits = cell(result, 0);
		const char *syncs = cell(result, 1);

		(void)inv__format(conn->durability, sizeof conn->durability,
		                  "synchronous_commit=%s, fsync=%s", commits, syncs);
		if (strcmp(syncs, "off") == 0 || strcmp(cell(result, 2), "off") == 0)
			copy(conn->warning, sizeof conn->warning,
			     "the server runs with fsync or full_page_writes off: a crash can damage the"
			     " database");
		else if (strcmp(commits, "off") == 0)
			copy(conn->warning, sizeof conn->warning,
			     "the server runs with synchronous_commit off: a crash can lose what was"
			     " committed last");
	}
	PQclear(result);
	return sound ? INV_OK : inv__pg_lost(error);
}

void inv__pg_facts(const inv_conn *conn, inv_driver_facts *out)
{
	bool open = conn->tx == INV__PG_PENDING || conn->tx == INV__PG_OPEN ||
	            conn->tx == INV__PG_FAILED;

	out->in_transaction = open ? 1 : 0;
	out->round_trips = conn->round_trips;
	out->statements = conn->statements;
	out->commits = conn->commits;
	out->log_pages = 0;
	out->file_bytes = 0;
	copy(out->version, sizeof out->version, conn->version);
	copy(out->durability, sizeof out->durability, conn->durability);
	copy(out->warning, sizeof out->warning, conn->warning);
	if (out->struct_size >= offsetof(inv_driver_facts, alive) + sizeof out->alive)
		out->alive = conn->alive ? 1 : 0;
}

/* PostgreSQL has no check of a whole database: it is sound when it answers. */
inv_status inv__pg_check(inv_conn *conn, inv_bool deep, inv_error *error)
{
	inv_status status = INV_OK;

	(void)deep;
	if (conn->tx == INV__PG_FAILED || conn->tx == INV__PG_LOST)
		return inv__fault(error, INV_E_STATE, 0, "an error has ended the transaction");
	if (conn->tx != INV__PG_OPEN)
		status = inv__pg_revive(conn, error);
	if (status != INV_OK)
		return status;
	inv__pg_run_begin(conn, NULL, error);
	inv__pg_send_text(conn, INV__PG_STEP_PLAIN, "SELECT 1");
	status = inv__pg_run_end(conn);
	if (conn->tx == INV__PG_OPEN)
		inv__pg_settle(conn, false);
	return status;
}

/* Other processes may write at any time. */
uint32_t inv__pg_sharers(inv_conn *conn)
{
	(void)conn;
	return 2;
}
