/* SPDX-License-Identifier: MIT */
/* The VFS: every call is counted, may fail, and else goes to the platform's own. */
#include "support/disk.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/disk_image.h"

/* The platform's own file follows it in memory. */
typedef struct disk_file {
	sqlite3_file base;
	struct image *image; /* NULL: its writes are not remembered */
	struct held *held;
	bool journal;        /* made by SQLite beside a database: its first sync covers the folder */
} disk_file;

/* What the limit counts: one entry per file that is open. */
struct held {
	char path[512];
	int64_t size;
	unsigned users;
};

#define HELD_MAX 64

static sqlite3_vfs vfs;
static sqlite3_vfs *platform;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static struct {
	unsigned kinds;
	int64_t nth;
	bool for_good;
	int code;
	bool armed;
} fault;
static atomic_llong counted;
static atomic_bool failed;
static char failed_at[64];
static int64_t limit = -1;
static atomic_llong sync_time;
static struct held held[HELD_MAX];

static sqlite3_file *own(sqlite3_file *file)
{
	return (sqlite3_file *)(void *)((disk_file *)(void *)file + 1);
}

/* ---- faults ---- */

void disk_fail(unsigned kinds, int64_t nth, bool for_good, int code)
{
	pthread_mutex_lock(&mutex);
	fault.kinds = kinds;
	fault.nth = nth;
	fault.for_good = for_good;
	fault.code = code;
	fault.armed = true;
	failed_at[0] = '\0';
	atomic_store(&counted, 0);
	atomic_store(&failed, false);
	pthread_mutex_unlock(&mutex);
}

void disk_heal(void)
{
	pthread_mutex_lock(&mutex);
	fault.armed = false;
	pthread_mutex_unlock(&mutex);
}

int64_t disk_count(void)
{
	return atomic_load(&counted);
}

bool disk_failed(void)
{
	return atomic_load(&failed);
}

const char *disk_failed_at(void)
{
	return failed_at;
}

static void note_failure(const char *what, const char *path)
{
	const char *dash = path ? strrchr(path, '-') : NULL;

	if (atomic_exchange(&failed, true))
		return;
	snprintf(failed_at, sizeof failed_at, "%s %s", what, dash ? dash : "");
}

/* SQLITE_OK, or what the call has to answer. */
static int strike(unsigned kind, int code, const char *what, const char *path)
{
	int rc = SQLITE_OK;

	pthread_mutex_lock(&mutex);
	if (fault.armed && (fault.kinds & kind)) {
		int64_t number = atomic_fetch_add(&counted, 1) + 1;

		if (fault.nth > 0 && (number == fault.nth || (fault.for_good && number > fault.nth))) {
			note_failure(what, path);
			rc = fault.code ? fault.code : code;
			errno = rc == SQLITE_FULL ? ENOSPC : EIO;
		}
	}
	pthread_mutex_unlock(&mutex);
	return rc;
}

/* ---- the limit ---- */

void disk_limit(int64_t bytes)
{
	pthread_mutex_lock(&mutex);
	limit = bytes;
	pthread_mutex_unlock(&mutex);
}

static int64_t used(void)
{
	int64_t sum = 0;

	for (size_t i = 0; i < HELD_MAX; i++)
		sum += held[i].size;
	return sum;
}

int64_t disk_used(void)
{
	int64_t sum;

	pthread_mutex_lock(&mutex);
	sum = used();
	pthread_mutex_unlock(&mutex);
	return sum;
}

void disk_sync_time(int64_t microseconds)
{
	atomic_store(&sync_time, microseconds);
}

static struct held *hold(const char *path, int64_t size)
{
	struct held *slot = NULL;

	pthread_mutex_lock(&mutex);
	for (size_t i = 0; i < HELD_MAX && path; i++) {
		if (held[i].users && strcmp(held[i].path, path) == 0) {
			slot = &held[i];
			break;
		}
		if (!slot && !held[i].users)
			slot = &held[i];
	}
	if (slot) {
		snprintf(slot->path, sizeof slot->path, "%s", path);
		slot->size = size;
		slot->users++;
	}
	pthread_mutex_unlock(&mutex);
	return slot;
}

static void let_go(struct held *slot)
{
	pthread_mutex_lock(&mutex);
	if (slot && --slot->users == 0)
		memset(slot, 0, sizeof *slot);
	pthread_mutex_unlock(&mutex);
}

static void set_size(struct held *slot, int64_t size)
{
	pthread_mutex_lock(&mutex);
	if (slot)
		slot->size = size;
	pthread_mutex_unlock(&mutex);
}

static int take_room(const disk_file *file, int64_t end)
{
	int rc = SQLITE_OK;

	if (!file->held)
		return rc;
	pthread_mutex_lock(&mutex);
	if (end > file->held->size) {
		if (limit >= 0 && used() + end - file->held->size > limit)
			rc = SQLITE_FULL;
		else
			file->held->size = end;
	}
	pthread_mutex_unlock(&mutex);
	return rc;
}

/* ---- the calls of a file ---- */

static const char *path_of(const disk_file *file)
{
	return file->held ? file->held->path : NULL;
}

static int do_close(sqlite3_file *file)
{
	let_go(((disk_file *)(void *)file)->held);
	return own(file)->pMethods ? own(file)->pMethods->xClose(own(file)) : SQLITE_OK;
}

static int do_read(sqlite3_file *file, void *to, int size, sqlite3_int64 at)
{
	int rc = strike(DISK_READ, SQLITE_IOERR_READ, "read", path_of((disk_file *)(void *)file));

	return rc ? rc : own(file)->pMethods->xRead(own(file), to, size, at);
}

static int do_write(sqlite3_file *file, const void *from, int size, sqlite3_int64 at)
{
	disk_file *f = (disk_file *)(void *)file;
	int rc = strike(DISK_WRITE, SQLITE_IOERR_WRITE, "write", path_of(f));

	if (rc == SQLITE_OK)
		rc = take_room(f, at + size);
	if (rc == SQLITE_OK)
		rc = own(file)->pMethods->xWrite(own(file), from, size, at);
	if (rc == SQLITE_OK)
		image_write(f->image, from, (size_t)size, at);
	return rc;
}

static int do_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	disk_file *f = (disk_file *)(void *)file;
	int rc = strike(DISK_TRUNCATE, SQLITE_IOERR_TRUNCATE, "truncate", path_of(f));

	if (rc == SQLITE_OK)
		rc = own(file)->pMethods->xTruncate(own(file), size);
	if (rc == SQLITE_OK) {
		set_size(f->held, size);
		image_truncate(f->image, size);
	}
	return rc;
}

static int do_sync(sqlite3_file *file, int flags)
{
	disk_file *f = (disk_file *)(void *)file;
	int rc = strike(DISK_SYNC, SQLITE_IOERR_FSYNC, "sync", path_of(f));
	int64_t time = atomic_load(&sync_time);

	(void)flags;
	if (rc == SQLITE_OK) {
		image_sync(f->image, f->journal);
		f->journal = false;
	} else {
		image_lose(f->image);
	}
	if (time > 0)
		usleep((unsigned)time);
	return rc;
}

static int do_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return own(file)->pMethods->xFileSize(own(file), size);
}

static int do_lock(sqlite3_file *file, int level)
{
	int rc = strike(DISK_LOCK, SQLITE_IOERR_LOCK, "lock", path_of((disk_file *)(void *)file));

	return rc ? rc : own(file)->pMethods->xLock(own(file), level);
}

static int do_unlock(sqlite3_file *file, int level)
{
	return own(file)->pMethods->xUnlock(own(file), level);
}

static int do_check(sqlite3_file *file, int *held_by_another)
{
	return own(file)->pMethods->xCheckReservedLock(own(file), held_by_another);
}

static int do_control(sqlite3_file *file, int what, void *with)
{
	return own(file)->pMethods->xFileControl(own(file), what, with);
}

static int do_sector(sqlite3_file *file)
{
	return own(file)->pMethods->xSectorSize(own(file));
}

static int do_traits(sqlite3_file *file)
{
	return own(file)->pMethods->xDeviceCharacteristics(own(file));
}

static int do_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **to)
{
	int rc = strike(DISK_SHARED, SQLITE_IOERR_SHMMAP, "map", path_of((disk_file *)(void *)file));

	return rc ? rc : own(file)->pMethods->xShmMap(own(file), page, size, extend, to);
}

static int do_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
	int rc = SQLITE_OK;

	/* Letting go is never refused: SQLite does not look at that answer. */
	if (flags & SQLITE_SHM_LOCK)
		rc = strike(DISK_SHARED, SQLITE_IOERR_SHMLOCK, "share",
		            path_of((disk_file *)(void *)file));
	return rc ? rc : own(file)->pMethods->xShmLock(own(file), offset, count, flags);
}

static void do_shm_barrier(sqlite3_file *file)
{
	own(file)->pMethods->xShmBarrier(own(file));
}

static int do_shm_unmap(sqlite3_file *file, int delete_it)
{
	return own(file)->pMethods->xShmUnmap(own(file), delete_it);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = do_close,
	.xRead = do_read,
	.xWrite = do_write,
	.xTruncate = do_truncate,
	.xSync = do_sync,
	.xFileSize = do_size,
	.xLock = do_lock,
	.xUnlock = do_unlock,
	.xCheckReservedLock = do_check,
	.xFileControl = do_control,
	.xSectorSize = do_sector,
	.xDeviceCharacteristics = do_traits,
	.xShmMap = do_shm_map,
	.xShmLock = do_shm_lock,
	.xShmBarrier = do_shm_barrier,
	.xShmUnmap = do_shm_unmap,
};

/* ---- the calls of the disk ---- */

static void adopt(disk_file *file, const char *path, int flags)
{
	sqlite3_int64 size = 0;

	file->base.pMethods = &methods;
	file->journal = (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
	if (own(&file->base)->pMethods->xFileSize(own(&file->base), &size) != SQLITE_OK)
		size = 0;
	file->held = hold(path, size);
	file->image = image_open(path);
}

static int do_open(sqlite3_vfs *self, const char *path, sqlite3_file *file, int flags, int *out)
{
	disk_file *f = (disk_file *)(void *)file;
	int rc;

	(void)self;
	memset(f, 0, sizeof *f);
	own(file)->pMethods = NULL;
	rc = strike(DISK_OPEN, SQLITE_CANTOPEN, "open", path);
	if (rc == SQLITE_OK)
		rc = platform->xOpen(platform, path, own(file), flags, out);
	if (own(file)->pMethods)
		adopt(f, path, flags);
	return rc;
}

static int do_delete(sqlite3_vfs *self, const char *path, int sync_folder)
{
	int rc = strike(DISK_DELETE, SQLITE_IOERR_DELETE, "delete", path);

	(void)self;
	if (rc == SQLITE_OK)
		rc = platform->xDelete(platform, path, 0);
	if (rc == SQLITE_OK)
		image_delete(path, sync_folder != 0);
	return rc;
}

static int do_access(sqlite3_vfs *self, const char *path, int flags, int *out)
{
	(void)self;
	return platform->xAccess(platform, path, flags, out);
}

static int do_full_path(sqlite3_vfs *self, const char *path, int size, char *out)
{
	(void)self;
	return platform->xFullPathname(platform, path, size, out);
}

static int do_randomness(sqlite3_vfs *self, int size, char *out)
{
	(void)self;
	return platform->xRandomness(platform, size, out);
}

static int do_sleep(sqlite3_vfs *self, int microseconds)
{
	(void)self;
	return platform->xSleep(platform, microseconds);
}

static int do_time(sqlite3_vfs *self, double *out)
{
	(void)self;
	return platform->xCurrentTime(platform, out);
}

static int do_last_error(sqlite3_vfs *self, int size, char *out)
{
	(void)self;
	return platform->xGetLastError(platform, size, out);
}

static int do_time64(sqlite3_vfs *self, sqlite3_int64 *out)
{
	(void)self;
	return platform->xCurrentTimeInt64(platform, out);
}

void disk_install(void)
{
	if (platform)
		return;
	platform = sqlite3_vfs_find(NULL);
	vfs.iVersion = 2;
	vfs.szOsFile = (int)sizeof(disk_file) + platform->szOsFile;
	vfs.mxPathname = platform->mxPathname;
	vfs.zName = "disk";
	vfs.xOpen = do_open;
	vfs.xDelete = do_delete;
	vfs.xAccess = do_access;
	vfs.xFullPathname = do_full_path;
	vfs.xRandomness = do_randomness;
	vfs.xSleep = do_sleep;
	vfs.xCurrentTime = do_time;
	vfs.xGetLastError = do_last_error;
	vfs.xCurrentTimeInt64 = do_time64;
	if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK)
		abort();
}
