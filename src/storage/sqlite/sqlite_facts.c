/* SPDX-License-Identifier: MIT */
/* What a connection tells of itself. */
#include <stdlib.h>

#include "storage/fault.h"
#include "storage/sqlite/sqlite_conn.h"
#include "util/text.h"

/* Fixed in 3.51.3, and in the branches 3.50.7 and 3.44.6. */
static bool has_reset_bug(int version)
{
	if (version < 3007000 || version > 3051002)
		return false;
	if (version >= 3050007 && version < 3051000)
		return false;
	return !(version >= 3044006 && version < 3045000);
}

/* Through SQLite's own handle: opening and closing the file beside it would drop its locks. */
static int64_t file_bytes(const inv_conn *conn)
{
	sqlite3_file *file = NULL;
	sqlite3_int64 size = 0;

	if (conn->memory ||
	    sqlite3_file_control(conn->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
	    !file || !file->pMethods || file->pMethods->xFileSize(file, &size) != SQLITE_OK)
		return 0;
	return size;
}

void inv__sqlite_facts(const inv_conn *conn, inv_driver_facts *out)
{
	const char *durability = conn->memory ? "memory" : conn->readonly ? "read-only" : "WAL, FULL";

	out->in_transaction = sqlite3_get_autocommit(conn->db) || conn->doomed ? 0 : 1;
	out->round_trips = conn->round_trips;
	out->statements = conn->statements;
	out->commits = conn->commits;
	out->log_pages = (uint64_t)(conn->wal_pages - conn->wal_copied);
	if (out->struct_size <= offsetof(inv_driver_facts, file_bytes))
		return;
	out->file_bytes = file_bytes(conn);
	(void)inv__format(out->version, sizeof out->version, "SQLite %s", sqlite3_libversion());
	(void)inv__format(out->durability, sizeof out->durability, "%s", durability);
	out->warning[0] = '\0';
	if (has_reset_bug(sqlite3_libversion_number()))
		(void)inv__format(out->warning, sizeof out->warning,
		                  "SQLite %s has the WAL-reset bug; the library keeps commits and"
		                  " checkpoints apart", sqlite3_libversion());
}

/* What the check found. A page that could not be read is no damage: the reason stands behind it. */
static inv_status damage(const inv_conn *conn, const char *answer, inv_error *error)
{
	static const char reason[] = "error code=";
	const char *at = answer ? strstr(answer, reason) : NULL;
	long code = at ? strtol(at + sizeof reason - 1, NULL, 10) : SQLITE_CORRUPT;

	if (!answer)
		code = SQLITE_NOMEM;
	if ((code & 0xff) != SQLITE_CORRUPT)
		return inv__sqlite_error_of(conn->db, (int)code, "the check of the store's file", error);
	return inv__fault(error, INV_E_CORRUPT, 0, "the store's file is damaged: %.200s", answer);
}

inv_status inv__sqlite_check(inv_conn *conn, inv_bool deep, inv_error *error)
{
	sqlite3_stmt *stmt = NULL;
	const char *sql = deep ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)";
	int rc = sqlite3_prepare_v2(conn->db, sql, -1, &stmt, NULL);
	inv_status status = INV_OK;
	const char *answer;

	conn->round_trips++;
	if (rc != SQLITE_OK)
		return inv__sqlite_error(conn, rc, error);
	rc = sqlite3_step(stmt);
	answer = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;
	if (rc != SQLITE_ROW)
		status = inv__sqlite_error(conn, rc, error);
	else if (!answer || strcmp(answer, "ok") != 0)
		status = damage(conn, answer, error);
	sqlite3_finalize(stmt);
	return status;
}

uint64_t inv__sqlite_data_version(inv_conn *conn)
{
	uint64_t version = 0;

	if (sqlite3_step(conn->data_version) == SQLITE_ROW)
		version = (uint64_t)sqlite3_column_int64(conn->data_version, 0);
	sqlite3_reset(conn->data_version);
	return version;
}

void inv__sqlite_interrupt(inv_conn *conn)
{
	sqlite3_interrupt(conn->db);
}
