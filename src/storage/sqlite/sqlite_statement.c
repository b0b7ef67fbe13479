/* SPDX-License-Identifier: MIT */
/* Prepared statements, and scripts of statements that run once. */
#include <limits.h>

#include "storage/fault.h"
#include "storage/sqlite/sqlite_conn.h"

static inv_status compile(inv_conn *conn, inv_str sql, sqlite3_stmt **out, inv_error *error)
{
	const char *tail = NULL;
	int rc;

	if (sql.len > INT_MAX)
		return inv__fault(error, INV_E_LIMIT, 0, "a statement is too long");
	rc = sqlite3_prepare_v3(conn->db, sql.ptr, (int)sql.len, SQLITE_PREPARE_PERSISTENT, out, &tail);
	if (rc != SQLITE_OK)
		return inv__sqlite_error(conn, rc, error);
	while (tail && tail < sql.ptr + sql.len && strchr(" \t\r\n;", *tail))
		tail++;
	if (*out && (!tail || tail >= sql.ptr + sql.len))
		return INV_OK;
	sqlite3_finalize(*out);
	return inv__fault(error, INV_E_INTERNAL, 0, "an item is one statement, not none or several");
}

inv_status inv__sqlite_prepare(inv_conn *conn, inv_str sql, inv_stmt **out, inv_error *error)
{
	inv_stmt *stmt = inv__alloc(&conn->allocator, sizeof *stmt);
	inv_status status;

	if (!stmt)
		return inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	status = compile(conn, sql, &stmt->handle, error);
	if (status != INV_OK) {
		inv__free(&conn->allocator, stmt, sizeof *stmt);
		return status;
	}
	stmt->parameters = sqlite3_bind_parameter_count(stmt->handle);
	stmt->columns = sqlite3_column_count(stmt->handle);
	stmt->readonly = sqlite3_stmt_readonly(stmt->handle) != 0;
	stmt->next = conn->first;
	if (conn->first)
		conn->first->prev = stmt;
	conn->first = stmt;
	*out = stmt;
	return INV_OK;
}

void inv__sqlite_finalize(inv_conn *conn, inv_stmt *stmt)
{
	if (!stmt)
		return;
	if (stmt->prev)
		stmt->prev->next = stmt->next;
	else
		conn->first = stmt->next;
	if (stmt->next)
		stmt->next->prev = stmt->prev;
	for (int i = 0; i < INV__SQLITE_WIDTHS; i++)
		sqlite3_finalize(stmt->wide[i]);
	sqlite3_finalize(stmt->handle);
	inv__free(&conn->allocator, stmt, sizeof *stmt);
}

/* ---- scripts ---- */

static int run_statements(sqlite3 *db, const char *sql, const char *end)
{
	int rc = SQLITE_OK;

	while (sql < end && rc == SQLITE_OK) {
		sqlite3_stmt *stmt = NULL;

		rc = sqlite3_prepare_v2(db, sql, (int)(end - sql), &stmt, &sql);
		if (rc != SQLITE_OK || !stmt)
			continue;
		while (sqlite3_step(stmt) == SQLITE_ROW)
			;
		rc = sqlite3_finalize(stmt);
	}
	return rc;
}

inv_status inv__sqlite_script(inv_conn *conn, inv_str sql, inv_error *error)
{
	bool own = sqlite3_get_autocommit(conn->db) != 0;
	inv_status status = INV_OK;
	int rc;

	conn->round_trips++;
	if (sql.len > INT_MAX)
		return inv__fault(error, INV_E_LIMIT, 0, "a script is too long");
	if (own)
		status = inv__sqlite_start(conn, INV_BEGIN_WRITE, error);
	if (status != INV_OK)
		return status;
	rc = run_statements(conn->db, sql.ptr, sql.ptr + sql.len);
	if (rc != SQLITE_OK)
		status = inv__sqlite_error(conn, rc, error);
	if (own && status == INV_OK)
		return inv__sqlite_finish(conn, true, error);
	if (own)
		(void)inv__sqlite_finish(conn, false, NULL); /* the first error is the one to tell */
	inv__sqlite_settle(conn);
	return status;
}
