/* SPDX-License-Identifier: MIT */
/* The lock file `<db>-inv`. Byte 0 keeps commits and checkpoints apart, between connections and
 * processes: versions of SQLite up to 3.51.2 can damage a file when a checkpoint meets a commit
 * that resets the log. Byte 1 is held by everyone who has the store open for writing. The file is
 * mapped: a counter of opens in it tells for the price of a load whether asking the kernel about
 * byte 1 could give a new answer. */
#include <errno.h>

#include "storage/fault.h"
#include "storage/sqlite/sqlite_conn.h"

#define COMMIT_BYTE 0
#define PRESENCE_BYTE 1
/* The counters stand behind the bytes that are locked. */
#define SHARED_OFFSET 16
#define MAP_SIZE 64

/* Microseconds. */
#define POLL 100
#define PATIENCE INT64_C(5000)  /* of a checkpoint with commits of others */
#define RETEST INT64_C(200000)  /* how long "there are others" holds */

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "counters shared by processes must be lock-free");
_Static_assert(SHARED_OFFSET + sizeof(inv__sqlite_shared) <= MAP_SIZE, "does not fit the map");

static inv_status system_error(int code, const char *what, inv_error *error)
{
	char text[128];

	inv__errno_text(code, text, sizeof text);
	return inv__fault(error, inv__errno_status(code), code, "%s: %s", what, text);
}

static inv_status open_file(inv_conn *conn, inv_error *error)
{
	/* SQLite's own name of the file: symbolic links and relative paths are resolved in it. */
	const char *name = sqlite3_db_filename(conn->db, "main");
	size_t len = strlen(name);
	char *path = inv__alloc(&conn->allocator, len + sizeof "-inv");
	int code;

	if (!path)
		return inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	memcpy(path, name, len);
	memcpy(path + len, "-inv", sizeof "-inv");
	code = inv__file_open(path, INV__FILE_READ | INV__FILE_WRITE | INV__FILE_CREATE,
	                      &conn->lock.file);
	inv__free(&conn->allocator, path, len + sizeof "-inv");
	return code ? system_error(code, "the lock file beside the store cannot be opened", error)
	            : INV_OK;
}

inv_status inv__sqlite_lock_open(inv_conn *conn, inv_error *error)
{
	inv__sqlite_lock *lock = &conn->lock;
	inv_status status = open_file(conn, error);
	char *map;
	int code;

	if (status != INV_OK)
		return status;
	map = inv__file_map(lock->file, MAP_SIZE);
	if (!map)
		return inv__fault(error, INV_E_IO, 0, "the lock file beside the store cannot be mapped");
	lock->shared = (inv__sqlite_shared *)(void *)(map + SHARED_OFFSET);
	code = inv__file_lock(lock->file, PRESENCE_BYTE, INV__LOCK_SHARED, true);
	if (code)
		return system_error(code, "the lock file beside the store cannot be locked", error);
	/* Only now: who sees the old count may still miss us, but then we have committed nothing. */
	atomic_fetch_add(&lock->shared->opens, 1);
	return INV_OK;
}

void inv__sqlite_lock_close(inv_conn *conn)
{
	inv__sqlite_lock *lock = &conn->lock;

	if (lock->shared)
		inv__file_unmap((char *)lock->shared - SHARED_OFFSET, MAP_SIZE);
	if (lock->file)
		inv__file_close(lock->file); /* and its locks with it */
	lock->shared = NULL;
	lock->file = NULL;
}

/* ---- commits ---- */

/* A checkpoint of another process asks for a gap and says until when. One that died does not stop
 * us, and neither does what it wrote before the machine was started again. */
static void let_checkpoint_in(const inv__sqlite_lock *lock)
{
	for (;;) {
		int64_t until = atomic_load(&lock->shared->pause_until);
		int64_t now;

		if (until == 0)
			return;
		now = inv__monotonic();
		if (now >= until || until - now > PATIENCE)
			return;
		inv__sleep(POLL);
	}
}

inv_status inv__sqlite_commit_lock(inv_conn *conn, inv_error *error)
{
	inv__sqlite_lock *lock = &conn->lock;
	int64_t deadline = 0;
	int code;

	if (!lock->file || lock->held)
		return INV_OK;
	let_checkpoint_in(lock);
	while ((code = inv__file_lock(lock->file, COMMIT_BYTE, INV__LOCK_SHARED, false)) != 0) {
		if (code != EAGAIN)
			return system_error(code, "the lock file beside the store cannot be locked", error);
		if (deadline == 0)
			deadline = inv__monotonic() + conn->busy_timeout_ms * 1000;
		else if (inv__monotonic() >= deadline)
			return inv__fault(error, INV_E_BUSY, 0, "another program keeps the store's log locked");
		inv__sleep(POLL);
	}
	lock->held = true;
	return INV_OK;
}

void inv__sqlite_commit_unlock(inv_conn *conn)
{
	if (!conn->lock.held)
		return;
	(void)inv__file_lock(conn->lock.file, COMMIT_BYTE, INV__LOCK_NONE, false);
	conn->lock.held = false;
}

/* ---- checkpoints ---- */

/* Alone with the log: commits of other processes finish, new ones pause until we have it. */
inv_status inv__sqlite_checkpoint_lock(inv_conn *conn, inv_error *error)
{
	inv__sqlite_lock *lock = &conn->lock;
	int64_t deadline = inv__monotonic() + PATIENCE;
	int code;

	atomic_store(&lock->shared->pause_until, deadline);
	while ((code = inv__file_lock(lock->file, COMMIT_BYTE, INV__LOCK_EXCLUSIVE, false)) == EAGAIN &&
	       inv__monotonic() < deadline)
		inv__sleep(POLL);
	atomic_store(&lock->shared->pause_until, 0);
	if (code == EAGAIN)
		return inv__fault(error, INV_E_BUSY, 0, "another program is committing");
	return code ? system_error(code, "the lock file beside the store cannot be locked", error)
	            : INV_OK;
}

void inv__sqlite_checkpoint_unlock(inv_conn *conn)
{
	(void)inv__file_lock(conn->lock.file, COMMIT_BYTE, INV__LOCK_NONE, false);
}

/* ---- who else is there ---- */

/* Ask the kernel. The count is read first: who opens in between has moved it on. */
static uint32_t test_presence(inv__sqlite_lock *lock, uint64_t opens, int64_t now)
{
	bool others = true;

	if (inv__file_lock_test(lock->file, PRESENCE_BYTE, INV__LOCK_EXCLUSIVE, &others) != 0)
		others = true;
	atomic_store(&lock->tested_at, now);
	atomic_store(&lock->tested, opens * 2 + (others ? 1 : 0));
	return others ? 2 : 1;
}

uint32_t inv__sqlite_sharers(inv_conn *conn)
{
	inv__sqlite_lock *lock = &conn->lock;
	uint64_t opens;
	uint64_t tested;
	int64_t now;

	if (!lock->file)
		return conn->memory ? 1 : 0;
	opens = atomic_load(&lock->shared->opens);
	tested = atomic_load(&lock->tested);
	if (tested == opens * 2)
		return 1;
	now = inv__monotonic();
	if (tested == opens * 2 + 1 && now - atomic_load(&lock->tested_at) < RETEST)
		return 2;
	return test_presence(lock, opens, now);
}
