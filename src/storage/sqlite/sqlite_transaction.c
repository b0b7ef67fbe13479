/* SPDX-License-Identifier: MIT */
/* Transactions. A writing one holds the commit lock from before BEGIN until it is over. */
#include "storage/fault.h"
#include "storage/sqlite/sqlite_conn.h"

static int run(sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);
	int reset = sqlite3_reset(stmt);

	return rc == SQLITE_DONE ? reset : rc;
}

void inv__sqlite_settle(inv_conn *conn)
{
	if (conn->lock.held && sqlite3_get_autocommit(conn->db))
		inv__sqlite_commit_unlock(conn);
}

int inv__sqlite_roll_back(inv_conn *conn)
{
	int rc = sqlite3_get_autocommit(conn->db) ? SQLITE_OK : run(conn->rollback);

	conn->doomed = sqlite3_get_autocommit(conn->db) == 0;
	return conn->doomed ? rc : SQLITE_OK;
}

inv_status inv__sqlite_start(inv_conn *conn, uint32_t mode, inv_error *error)
{
	inv_status status;
	int rc = conn->doomed ? inv__sqlite_roll_back(conn) : SQLITE_OK;

	if (rc != SQLITE_OK)
		return inv__sqlite_error(conn, rc, error);
	inv__sqlite_settle(conn);
	if (!sqlite3_get_autocommit(conn->db))
		return inv__fault(error, INV_E_INTERNAL, 0, "a transaction is open already");
	if (mode == INV_BEGIN_READ) {
		conn->writing = false;
		rc = run(conn->begin_read);
		return rc == SQLITE_OK ? INV_OK : inv__sqlite_error(conn, rc, error);
	}
	if (conn->readonly)
		return inv__fault(error, INV_E_READ_ONLY, 0, "the store is open for reading only");
	status = inv__sqlite_commit_lock(conn, error);
	if (status != INV_OK)
		return status;
	rc = run(conn->begin_write);
	if (rc == SQLITE_OK) {
		conn->writing = true;
		return INV_OK;
	}
	status = inv__sqlite_error(conn, rc, error);
	inv__sqlite_settle(conn);
	return status;
}

/* After a failed COMMIT. What is still open was not committed and is rolled back. Where SQLite has
 * ended the transaction itself, a full disk means that the log did not take it; after a failed
 * write or sync nobody knows what is on the disk. */
static inv_status commit_failed(inv_conn *conn, int rc, inv_error *error)
{
	bool ended = sqlite3_get_autocommit(conn->db) != 0;
	inv_status status = inv__sqlite_error(conn, rc, error);
	bool unknown = !conn->memory &&
	               ((rc & 0xff) == SQLITE_IOERR ||
	                (ended && status != INV_E_FULL && status != INV_E_NO_MEMORY));

	if (!ended)
		(void)inv__sqlite_roll_back(conn); /* else it is owed */
	if (!unknown)
		return status;
	if (error)
		error->status = INV_E_UNKNOWN_OUTCOME;
	return INV_E_UNKNOWN_OUTCOME;
}

inv_status inv__sqlite_finish(inv_conn *conn, bool commit, inv_error *error)
{
	inv_status status = INV_OK;
	int rc = SQLITE_OK;

	if (sqlite3_get_autocommit(conn->db)) {
		/* An error has rolled it back before. */
		if (commit)
			status = inv__fault(error, INV_E_STATE, 0, "the transaction was rolled back already");
	} else if (!commit || conn->doomed) {
		rc = inv__sqlite_roll_back(conn);
		if (rc != SQLITE_OK)
			status = inv__sqlite_error(conn, rc, error);
		else if (commit)
			status = inv__fault(error, INV_E_STATE, 0, "the transaction was rolled back already");
	} else {
		rc = run(conn->commit);
		if (rc == SQLITE_OK)
			conn->commits += conn->writing ? 1 : 0;
		else
			status = commit_failed(conn, rc, error);
	}
	conn->writing = false;
	inv__sqlite_settle(conn);
	return status;
}

inv_status inv__sqlite_begin(inv_conn *conn, uint32_t mode, inv_error *error)
{
	conn->round_trips++;
	return inv__sqlite_start(conn, mode, error);
}

inv_status inv__sqlite_end(inv_conn *conn, inv_bool commit, inv_error *error)
{
	conn->round_trips++;
	return inv__sqlite_finish(conn, commit != 0, error);
}
