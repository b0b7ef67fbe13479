/* SPDX-License-Identifier: MIT */
/* Files, their locks and maps. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* F_OFD_SETLK */
#endif
#include "util/os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/arena.h"

struct inv__file {
	int fd;
	bool writes;
};

static int open_flags(uint32_t flags)
{
	int native = O_CLOEXEC;

	if (flags & INV__FILE_WRITE)
		native |= flags & INV__FILE_READ ? O_RDWR : O_WRONLY;
	else
		native |= O_RDONLY;
	if (flags & (INV__FILE_CREATE | INV__FILE_EXCLUSIVE))
		native |= O_CREAT;
	if (flags & INV__FILE_EXCLUSIVE)
		native |= O_EXCL;
	return native;
}

int inv__file_open(const char *path, uint32_t flags, inv__file **out)
{
	inv__file *file = inv__alloc(&inv__malloc_allocator, sizeof *file);

	if (!file)
		return ENOMEM;
	file->writes = (flags & INV__FILE_WRITE) != 0;
	do
		file->fd = open(path, open_flags(flags), 0644);
	while (file->fd < 0 && errno == EINTR);
	if (file->fd < 0) {
		int error = errno;

		inv__free(&inv__malloc_allocator, file, sizeof *file);
		return error;
	}
	*out = file;
	return 0;
}

void inv__file_close(inv__file *file)
{
	if (!file)
		return;
	/* What had to last was synced before; the descriptor is gone whatever close says. */
	(void)close(file->fd);
	inv__free(&inv__malloc_allocator, file, sizeof *file);
}

int inv__file_read(inv__file *file, void *buffer, size_t size, size_t *got)
{
	ssize_t n;

	if (size > SSIZE_MAX)
		size = SSIZE_MAX;
	do
		n = read(file->fd, buffer, size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno;
	*got = (size_t)n;
	return 0;
}

int inv__file_write(inv__file *file, const void *data, size_t size)
{
	const char *p = data;

	while (size) {
		ssize_t n = write(file->fd, p, size < SSIZE_MAX ? size : SSIZE_MAX);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

int inv__file_sync(inv__file *file)
{
	int result;

#ifdef __APPLE__
	/* There fsync leaves the data in the drive's cache. */
	if (fcntl(file->fd, F_FULLFSYNC) == 0)
		return 0;
#endif
	do
		result = fsync(file->fd);
	while (result != 0 && errno == EINTR);
	return result == 0 ? 0 : errno;
}

int inv__file_size(inv__file *file, int64_t *out)
{
	struct stat info;

	if (fstat(file->fd, &info) != 0)
		return errno;
	*out = info.st_size;
	return 0;
}

bool inv__path_exists(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0;
}

int inv__path_remove(const char *path)
{
	return unlink(path) == 0 ? 0 : errno;
}

/* Locks of an open file description, as Linux has them, belong to one inv__file. The ordinary
 * ones of macOS belong to the process: they work between processes, but two files opened by one
 * process do not exclude each other there, and closing one drops the locks of both. */
#ifdef F_OFD_SETLK
#define LOCK_TRY F_OFD_SETLK
#define LOCK_WAIT F_OFD_SETLKW
#define LOCK_TEST F_OFD_GETLK
#else
#define LOCK_TRY F_SETLK
#define LOCK_WAIT F_SETLKW
#define LOCK_TEST F_GETLK
#endif

static struct flock lock_of(int64_t byte, int mode)
{
	struct flock lock;

	memset(&lock, 0, sizeof lock);
	lock.l_type = F_UNLCK;
	if (mode == INV__LOCK_SHARED)
		lock.l_type = F_RDLCK;
	else if (mode == INV__LOCK_EXCLUSIVE)
		lock.l_type = F_WRLCK;
	lock.l_whence = SEEK_SET;
	lock.l_start = (off_t)byte;
	lock.l_len = 1;
	return lock;
}

int inv__file_lock(inv__file *file, int64_t byte, int mode, bool wait)
{
	struct flock lock = lock_of(byte, mode);
	int result;

	do
		result = fcntl(file->fd, wait ? LOCK_WAIT : LOCK_TRY, &lock);
	while (result != 0 && errno == EINTR);
	if (result == 0)
		return 0;
	return errno == EACCES ? EAGAIN : errno;
}

int inv__file_lock_test(inv__file *file, int64_t byte, int mode, bool *held)
{
	struct flock lock = lock_of(byte, mode);

	if (mode == INV__LOCK_NONE) {
		*held = false;
		return 0;
	}
	if (fcntl(file->fd, LOCK_TEST, &lock) != 0)
		return errno;
	*held = lock.l_type != F_UNLCK;
	return 0;
}

/* Never shrinks: another process may have grown the file further meanwhile. */
static bool grow(inv__file *file, size_t size)
{
	int64_t have;

	if (inv__file_size(file, &have) != 0)
		return false;
	if (have >= 0 && (uint64_t)have >= size)
		return true;
	if (!file->writes || size > INT64_MAX)
		return false;
#ifdef __APPLE__
	return ftruncate(file->fd, (off_t)size) == 0;
#else
	int error;

	/* Blocks are taken now, so that a full disk is an error here and not a signal later. */
	do
		error = posix_fallocate(file->fd, 0, (off_t)size);
	while (error == EINTR);
	return error == 0;
#endif
}

void *inv__file_map(inv__file *file, size_t size)
{
	int access = file->writes ? PROT_READ | PROT_WRITE : PROT_READ;
	void *map;

	if (size == 0 || !grow(file, size))
		return NULL;
	map = mmap(NULL, size, access, MAP_SHARED, file->fd, 0);
	return map == MAP_FAILED ? NULL : map;
}

void inv__file_unmap(void *map, size_t size)
{
	if (map)
		(void)munmap(map, size);
}
