/* SPDX-License-Identifier: MIT */
/* What a connection is set to. The process-wide switches of SQLite are the host's. */
#include <limits.h>

#include "storage/fault.h"
#include "storage/sqlite/sqlite_conn.h"
#include "util/text.h"

inv_status inv__sqlite_prepare_handle(inv_conn *conn, inv_error *error)
{
	static const struct {
		int option;
		int value;
	} options[] = {
		{SQLITE_DBCONFIG_DEFENSIVE, 1},
		{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
		{SQLITE_DBCONFIG_ENABLE_FKEY, 0},
		{SQLITE_DBCONFIG_DQS_DML, 0},
		{SQLITE_DBCONFIG_DQS_DDL, 0},
		/* Checkpoints are taken under the lock only, so closing must not make one. */
		{SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
	};
	int64_t timeout = conn->busy_timeout_ms > INT_MAX ? INT_MAX : conn->busy_timeout_ms;

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		int rc = sqlite3_db_config(conn->db, options[i].option, options[i].value, NULL);

		if (rc != SQLITE_OK)
			return inv__sqlite_error(conn, rc, error);
	}
	sqlite3_busy_timeout(conn->db, (int)timeout);
	/* The hook replaces SQLite's own one, which makes checkpoints. */
	(void)sqlite3_wal_hook(conn->db, inv__sqlite_committed, conn);
	return INV_OK;
}

static inv_status set(inv_conn *conn, const char *pragmas, inv_error *error)
{
	int rc = sqlite3_exec(conn->db, pragmas, NULL, NULL, NULL);

	return rc == SQLITE_OK ? INV_OK : inv__sqlite_error(conn, rc, error);
}

/* The change to WAL needs the file alone for a moment and does not wait for it by itself. */
static inv_status use_wal(inv_conn *conn, inv_error *error)
{
	int64_t timeout = conn->busy_timeout_ms > INT_MAX ? INT_MAX : conn->busy_timeout_ms;
	int64_t deadline = inv__monotonic() + timeout * 1000;
	int64_t number = 0;
	char mode[32] = "";
	int rc;

	while ((rc = inv__sqlite_query(conn->db, "PRAGMA journal_mode = WAL", &number, mode)) !=
	       SQLITE_OK) {
		if ((rc & 0xff) != SQLITE_BUSY || inv__monotonic() >= deadline)
			return inv__sqlite_error(conn, rc, error);
		inv__sleep(1000);
	}
	if (strcmp(mode, conn->memory ? "memory" : "wal") != 0)
		return inv__fault(error, INV_E_UNSUPPORTED, 0,
		                  "the file system does not allow a write-ahead log (mode %s)", mode);
	return INV_OK;
}

static inv_status use_full_sync(inv_conn *conn, inv_error *error)
{
	int64_t level = 0;
	inv_status status = set(conn, "PRAGMA synchronous = FULL", error);
	int rc;

	if (status != INV_OK)
		return status;
	rc = inv__sqlite_query(conn->db, "PRAGMA synchronous", &level, NULL);
	if (rc != SQLITE_OK)
		return inv__sqlite_error(conn, rc, error);
	if (level != 2)
		return inv__fault(error, INV_E_IO, 0, "SQLite refused synchronous=FULL: commits would not"
		                  " survive a power cut");
	return INV_OK;
}

static inv_status prepare_all(inv_conn *conn, inv_error *error)
{
	const struct {
		const char *sql;
		sqlite3_stmt **stmt;
	} all[] = {
		{"BEGIN", &conn->begin_read},
		{"BEGIN IMMEDIATE", &conn->begin_write},
		{"COMMIT", &conn->commit},
		{"ROLLBACK", &conn->rollback},
		{"PRAGMA data_version", &conn->data_version},
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		int rc = sqlite3_prepare_v3(conn->db, all[i].sql, -1, SQLITE_PREPARE_PERSISTENT,
		                            all[i].stmt, NULL);

		if (rc != SQLITE_OK)
			return inv__sqlite_error(conn, rc, error);
	}
	return INV_OK;
}

static inv_status use_cache(inv_conn *conn, inv_error *error)
{
	char pragma[64];

	(void)inv__format(pragma, sizeof pragma, "PRAGMA cache_size = -%d",
	                  conn->readonly ? INV__SQLITE_READER_CACHE : INV__SQLITE_CACHE);
	return set(conn, pragma, error);
}

inv_status inv__sqlite_configure(inv_conn *conn, inv_error *error)
{
	int off = 0;
	inv_status status = set(conn, "PRAGMA temp_store = MEMORY;"
	                              "PRAGMA cell_size_check = ON;"
	                              "PRAGMA secure_delete = OFF;"
	                              "PRAGMA page_size = 4096", error);

	if (status == INV_OK)
		status = use_cache(conn, error);
	if (status == INV_OK && !conn->readonly) {
		(void)sqlite3_file_control(conn->db, "main", SQLITE_FCNTL_PERSIST_WAL, &off);
		status = use_wal(conn, error);
		if (status == INV_OK)
			status = use_full_sync(conn, error);
	}
	if (status == INV_OK)
		status = prepare_all(conn, error);
	return status;
}
