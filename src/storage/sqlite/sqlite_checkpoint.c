/* SPDX-License-Identifier: MIT */
/* Checkpoints: the log's pages into the file, while nobody commits. */
#include "storage/fault.h"
#include "storage/sqlite/sqlite_conn.h"

int inv__sqlite_committed(void *ctx, sqlite3 *db, const char *name, int pages)
{
	inv_conn *conn = ctx;

	(void)db;
	(void)name;
	conn->wal_pages = pages;
	if (pages < conn->wal_copied) /* the log started again */
		conn->wal_copied = 0;
	return SQLITE_OK;
}

static inv_status copy_pages(inv_conn *conn, inv_error *error)
{
	int pages = 0;
	int copied = 0;
	int rc = sqlite3_wal_checkpoint_v2(conn->db, "main", SQLITE_CHECKPOINT_PASSIVE, &pages,
	                                   &copied);

	if (rc != SQLITE_OK)
		return inv__sqlite_error_of(conn->db, rc, "checkpoint", error);
	conn->wal_pages = pages < 0 ? 0 : pages;
	conn->wal_copied = copied < 0 ? 0 : copied;
	if (copied < pages)
		return inv__fault(error, INV_E_BUSY, 0, "readers still need %d pages of the log",
		                  pages - copied);
	return INV_OK;
}

inv_status inv__sqlite_checkpoint(inv_conn *conn, inv_error *error)
{
	inv_status status;

	if (conn->memory)
		return INV_OK;
	if (conn->readonly)
		return inv__fault(error, INV_E_READ_ONLY, 0, "the store is open for reading only");
	if (!sqlite3_get_autocommit(conn->db))
		return inv__fault(error, INV_E_INTERNAL, 0, "checkpoint inside a transaction");
	conn->round_trips++;
	status = inv__sqlite_checkpoint_lock(conn, error);
	if (status != INV_OK)
		return status;
	status = copy_pages(conn, error);
	inv__sqlite_checkpoint_unlock(conn);
	return status;
}
