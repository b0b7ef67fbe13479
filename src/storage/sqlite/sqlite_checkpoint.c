/* SPDX-License-Identifier: MIT */
/* Checkpoints: the log's pages into the file, while nobody commits. */
#include <errno.h>

#include "storage/fault.h"
#include "storage/sqlite/sqlite_conn.h"

#define COMMIT_BYTE 0
#define PATIENCE INT64_C(5000) /* microseconds to wait for commits of others */
#define POLL 100

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

/* Alone with the log: commits of other processes finish, new ones pause until we are done. */
static int lock_alone(const inv__sqlite_lock *lock)
{
	int64_t deadline = inv__monotonic() + PATIENCE;
	int code;

	atomic_store(&lock->shared->pause_until, deadline);
	while ((code = inv__file_lock(lock->file, COMMIT_BYTE, INV__LOCK_EXCLUSIVE, false)) == EAGAIN &&
	       inv__monotonic() < deadline)
		inv__sleep(POLL);
	atomic_store(&lock->shared->pause_until, 0);
	return code;
}

inv_status inv__sqlite_checkpoint(inv_conn *conn, inv_error *error)
{
	inv_status status;
	int code;

	if (conn->memory)
		return INV_OK;
	if (!conn->lock.file)
		return inv__fault(error, INV_E_READ_ONLY, 0, "the store is open for reading only");
	if (!sqlite3_get_autocommit(conn->db))
		return inv__fault(error, INV_E_MISUSE, 0, "checkpoint inside a transaction");
	code = lock_alone(&conn->lock);
	if (code == EAGAIN)
		return inv__fault(error, INV_E_BUSY, 0, "another program is committing");
	if (code)
		return inv__fault(error, inv__errno_status(code), code,
		                  "the lock file beside the store cannot be locked");
	status = copy_pages(conn, error);
	(void)inv__file_lock(conn->lock.file, COMMIT_BYTE, INV__LOCK_NONE, false);
	return status;
}
