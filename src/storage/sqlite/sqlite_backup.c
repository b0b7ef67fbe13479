/* SPDX-License-Identifier: MIT */
/* A copy of the store while it is in use. A read transaction holds one state of it for the whole
 * time, so that commits of others do not make the copy start again. */
#include <errno.h>

#include "storage/fault.h"
#include "storage/sqlite/sqlite_conn.h"

#define PAGES_A_STEP 256
#define RETRY 1000 /* microseconds */

typedef struct copy {
	inv_conn *conn;
	const char *path;
	const inv_progress *progress;
	sqlite3 *target;
} copy;

/* The file is made by us first: SQLite has no way to refuse one that is there. */
static inv_status create(const copy *c, inv_error *error)
{
	inv__file *file = NULL;
	char text[128];
	int code = inv__file_open(c->path, INV__FILE_WRITE | INV__FILE_CREATE | INV__FILE_EXCLUSIVE,
	                          &file);

	if (code == 0) {
		inv__file_close(file);
		return INV_OK;
	}
	if (code == EEXIST)
		return inv__fault(error, INV_E_EXISTS, code, "%.180s is there already", c->path);
	inv__errno_text(code, text, sizeof text);
	return inv__fault(error, inv__errno_status(code), code, "%.120s cannot be created: %s", c->path,
	                  text);
}

/* The copy needs no log of its own while it is made: it is removed unless it succeeds, and synced
 * once at the end. */
static inv_status open_target(copy *c, inv_error *error)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
	            SQLITE_OPEN_EXRESCODE;
	int rc = sqlite3_open_v2(c->path, &c->target, flags, NULL);

	if (!c->target)
		return inv__fault(error, INV_E_NO_MEMORY, rc, "out of memory");
	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(c->target, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(c->target, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL,
		                  NULL, NULL);
	return rc == SQLITE_OK ? INV_OK : inv__sqlite_error_of(c->target, rc, "backup", error);
}

static bool go_on(const copy *c, sqlite3_backup *backup)
{
	int total = sqlite3_backup_pagecount(backup);
	int left = sqlite3_backup_remaining(backup);

	if (!c->progress || !c->progress->step)
		return true;
	return c->progress->step(c->progress->ctx, (uint64_t)(total - left), (uint64_t)total);
}

static inv_status copy_pages(const copy *c, sqlite3_backup *backup, inv_error *error)
{
	int64_t deadline = inv__monotonic() + c->conn->busy_timeout_ms * 1000;

	for (;;) {
		int rc = sqlite3_backup_step(backup, PAGES_A_STEP);
		bool waits = (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED;

		if (rc == SQLITE_DONE)
			return INV_OK;
		if (rc != SQLITE_OK && (!waits || inv__monotonic() >= deadline))
			return inv__sqlite_error_of(c->target, rc, "backup", error);
		if (waits)
			inv__sleep(RETRY);
		if (!go_on(c, backup))
			return inv__fault(error, INV_E_CANCELLED, 0, "the backup was stopped");
	}
}

static inv_status copy_all(const copy *c, inv_error *error)
{
	sqlite3_backup *backup = sqlite3_backup_init(c->target, "main", c->conn->db, "main");
	inv_status status;
	int rc;

	if (!backup)
		return inv__sqlite_error_of(c->target, sqlite3_extended_errcode(c->target), "backup",
		                            error);
	status = copy_pages(c, backup, error);
	rc = sqlite3_backup_finish(backup);
	if (status == INV_OK && rc != SQLITE_OK)
		status = inv__sqlite_error_of(c->target, rc, "backup", error);
	return status;
}

/* Hold one state of the store; the transaction is the caller's where one is open. */
static inv_status copy_snapshot(const copy *c, inv_error *error)
{
	bool own = sqlite3_get_autocommit(c->conn->db) != 0;
	inv_status status = own ? inv__sqlite_start(c->conn, INV_BEGIN_READ, error) : INV_OK;
	int64_t tables;
	int rc;

	if (status != INV_OK)
		return status;
	rc = inv__sqlite_query(c->conn->db, "SELECT COUNT(*) FROM sqlite_schema", &tables, NULL);
	status = rc == SQLITE_OK ? copy_all(c, error) : inv__sqlite_error(c->conn, rc, error);
	/* Ending a transaction that only read cannot lose anything. */
	if (own)
		(void)inv__sqlite_finish(c->conn, false, NULL);
	return status;
}

static int sync_path(const char *path, uint32_t flags)
{
	inv__file *file = NULL;
	int code = inv__file_open(path, flags, &file);

	if (code)
		return code;
	code = inv__file_sync(file);
	inv__file_close(file);
	return code;
}

/* The file's pages, and its name in its folder. */
static inv_status make_durable(const copy *c, inv_error *error)
{
	size_t len = strlen(c->path);
	char *folder = inv__alloc(&c->conn->allocator, len + 2);
	size_t end = len;
	int code;

	if (!folder)
		return inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	while (end > 0 && c->path[end - 1] != '/')
		end--;
	memcpy(folder, end ? c->path : ".", end ? end : 1);
	code = sync_path(c->path, INV__FILE_READ | INV__FILE_WRITE);
	if (code == 0)
		code = sync_path(folder, INV__FILE_READ);
	inv__free(&c->conn->allocator, folder, len + 2);
	if (code == 0 || code == EINVAL) /* file systems that sync no folders */
		return INV_OK;
	return inv__fault(error, inv__errno_status(code), code, "the copy cannot be synced");
}

static inv_status run(copy *c, inv_error *error)
{
	inv_status status = open_target(c, error);

	if (status == INV_OK)
		status = copy_snapshot(c, error);
	if (sqlite3_close(c->target) != SQLITE_OK && status == INV_OK)
		status = inv__fault(error, INV_E_IO, 0, "the copy cannot be closed");
	return status == INV_OK ? make_durable(c, error) : status;
}

inv_status inv__sqlite_backup(inv_conn *conn, inv_str target, const inv_progress *progress,
                              inv_error *error)
{
	copy c = {.conn = conn, .progress = progress};
	char *path;
	inv_status status = inv__sqlite_path(&conn->allocator, target, &path, error);

	if (status != INV_OK)
		return status;
	c.path = path;
	conn->round_trips++;
	status = create(&c, error);
	if (status == INV_OK) {
		status = run(&c, error);
		if (status != INV_OK)
			(void)inv__path_remove(path); /* the first error is the one to tell */
	}
	inv__free(&conn->allocator, path, strlen(path) + 1);
	return status;
}
