/* SPDX-License-Identifier: MIT */
/* Files, locks, maps, threads, clocks. */
/* ctest: concurrency */
#include "util/os.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"

#define READ_WRITE (INV__FILE_READ | INV__FILE_WRITE)

static inv__file *open_file(const char *path, uint32_t flags)
{
	inv__file *file = NULL;

	CHECK_INT(inv__file_open(path, flags, &file), 0);
	return file;
}

TEST(file_write_and_read)
{
	const char *path = check_path("file");
	inv__file *file = open_file(path, INV__FILE_WRITE | INV__FILE_CREATE);
	char data[64];
	int64_t size = -1;
	size_t got = 99;

	if (!file)
		return;
	CHECK_INT(inv__file_write(file, "twelve bytes", 12), 0);
	CHECK_INT(inv__file_sync(file), 0);
	CHECK_INT(inv__file_size(file, &size), 0);
	CHECK_INT(size, 12);
	CHECK_INT(inv__file_read(file, data, sizeof data, &got), EBADF);
	inv__file_close(file);
	CHECK(inv__path_exists(path));
	file = open_file(path, INV__FILE_READ);
	if (!file)
		return;
	CHECK_INT(inv__file_read(file, data, sizeof data, &got), 0);
	CHECK_INT(got, 12);
	CHECK_BYTES(data, "twelve bytes", 12);
	CHECK_INT(inv__file_read(file, data, sizeof data, &got), 0);
	CHECK_INT(got, 0);
	CHECK_INT(inv__file_write(file, "x", 1), EBADF);
	inv__file_close(file);
	inv__file_close(NULL);
	CHECK_INT(inv__path_remove(path), 0);
	CHECK(!inv__path_exists(path));
	CHECK_INT(inv__path_remove(path), ENOENT);
}

TEST(file_open_errors)
{
	inv__file *file = NULL;

	CHECK_INT(inv__file_open(check_path("none"), INV__FILE_READ, &file), ENOENT);
	CHECK_INT(inv__file_open(check_path("no/file"), READ_WRITE | INV__FILE_CREATE, &file),
	          ENOENT);
	CHECK(file == NULL);
	file = open_file(check_path("once"), READ_WRITE | INV__FILE_CREATE | INV__FILE_EXCLUSIVE);
	inv__file_close(file);
	CHECK_INT(inv__file_open(check_path("once"),
	                         READ_WRITE | INV__FILE_CREATE | INV__FILE_EXCLUSIVE, &file),
	          EEXIST);
}

TEST(errors_as_statuses)
{
	char text[64];

	CHECK_STATUS(inv__errno_status(0), INV_OK);
	CHECK_STATUS(inv__errno_status(ENOENT), INV_E_NOT_FOUND);
	CHECK_STATUS(inv__errno_status(EEXIST), INV_E_EXISTS);
	CHECK_STATUS(inv__errno_status(ENOSPC), INV_E_FULL);
	CHECK_STATUS(inv__errno_status(EACCES), INV_E_DENIED);
	CHECK_STATUS(inv__errno_status(EROFS), INV_E_READ_ONLY);
	CHECK_STATUS(inv__errno_status(ENOMEM), INV_E_NO_MEMORY);
	CHECK_STATUS(inv__errno_status(EAGAIN), INV_E_BUSY);
	CHECK_STATUS(inv__errno_status(EIO), INV_E_IO);
	CHECK_STATUS(inv__errno_status(123456), INV_E_IO);
	inv__errno_text(ENOENT, text, sizeof text);
	CHECK_STR((const char *)text, "No such file or directory");
	inv__errno_text(123456, text, sizeof text);
	CHECK(strlen(text) > 0);
	inv__errno_text(ENOENT, text, 3);
	CHECK_STR((const char *)text, "No");
}

static bool is_held(inv__file *file, int64_t byte, int mode)
{
	bool held = false;

	CHECK_INT(inv__file_lock_test(file, byte, mode, &held), 0);
	return held;
}

/* Two opens in one process exclude each other as two processes do. */
TEST(locks_between_two_opens)
{
	const char *path = check_path("locks");
	inv__file *a = open_file(path, READ_WRITE | INV__FILE_CREATE);
	inv__file *b = open_file(path, READ_WRITE);
	inv__file *c = open_file(path, READ_WRITE);

	if (!a || !b || !c)
		return;
	CHECK_INT(inv__file_lock(a, 5, INV__LOCK_SHARED, false), 0);
	CHECK_INT(inv__file_lock(b, 5, INV__LOCK_SHARED, false), 0);
	CHECK_INT(inv__file_lock(c, 5, INV__LOCK_EXCLUSIVE, false), EAGAIN);
	CHECK(is_held(c, 5, INV__LOCK_EXCLUSIVE));
	CHECK(!is_held(c, 5, INV__LOCK_SHARED));
	CHECK(!is_held(c, 5, INV__LOCK_NONE));
	CHECK(!is_held(c, 6, INV__LOCK_EXCLUSIVE));
	CHECK_INT(inv__file_lock(c, 6, INV__LOCK_EXCLUSIVE, false), 0);
	/* Closing one open leaves the locks of the others. */
	inv__file_close(b);
	CHECK(is_held(c, 5, INV__LOCK_EXCLUSIVE));
	CHECK_INT(inv__file_lock(a, 5, INV__LOCK_NONE, false), 0);
	CHECK_INT(inv__file_lock(c, 5, INV__LOCK_EXCLUSIVE, false), 0);
	CHECK_INT(inv__file_lock(a, 5, INV__LOCK_SHARED, false), EAGAIN);
	CHECK(is_held(a, 5, INV__LOCK_SHARED));
	CHECK(!is_held(c, 5, INV__LOCK_SHARED));
	/* One's own lock changes its mode. */
	CHECK_INT(inv__file_lock(c, 5, INV__LOCK_SHARED, false), 0);
	CHECK_INT(inv__file_lock(a, 5, INV__LOCK_SHARED, false), 0);
	CHECK_INT(inv__file_lock(c, 5, INV__LOCK_EXCLUSIVE, false), EAGAIN);
	inv__file_close(c);
	CHECK(!is_held(a, 6, INV__LOCK_EXCLUSIVE));
	inv__file_close(a);
}

TEST(locks_between_processes)
{
	const char *path = check_path("locks");
	inv__file *a = open_file(path, READ_WRITE | INV__FILE_CREATE);
	int status = -1;
	pid_t child;

	if (!a)
		return;
	CHECK_INT(inv__file_lock(a, 0, INV__LOCK_EXCLUSIVE, false), 0);
	child = fork();
	if (child == 0) {
		inv__file *b = NULL;
		int opened = inv__file_open(path, READ_WRITE, &b);

		_exit(opened == 0 && inv__file_lock(b, 0, INV__LOCK_SHARED, false) == EAGAIN ? 7 : 1);
	}
	CHECK_INT(waitpid(child, &status, 0), child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	inv__file_close(a);
}

struct waiter {
	inv__file *file;
	inv__mutex mutex;
	inv__cond cond;
	bool locked;
	int result;
	uint64_t thread;
};

static void *wait_for_lock(void *ctx)
{
	struct waiter *w = ctx;
	int result = inv__file_lock(w->file, 0, INV__LOCK_EXCLUSIVE, true);

	inv__mutex_lock(&w->mutex);
	w->result = result;
	w->thread = inv__thread_id();
	w->locked = true;
	inv__cond_signal(&w->cond);
	inv__mutex_unlock(&w->mutex);
	return NULL;
}

TEST(lock_waits)
{
	const char *path = check_path("locks");
	inv__file *a = open_file(path, READ_WRITE | INV__FILE_CREATE);
	struct waiter w;
	pthread_t thread;

	memset(&w, 0, sizeof w);
	w.file = open_file(path, READ_WRITE);
	if (!a || !w.file || !CHECK(inv__mutex_init(&w.mutex)) || !CHECK(inv__cond_init(&w.cond)))
		return;
	CHECK_INT(inv__file_lock(a, 0, INV__LOCK_EXCLUSIVE, false), 0);
	if (!CHECK_INT(pthread_create(&thread, NULL, wait_for_lock, &w), 0))
		return;
	inv__mutex_lock(&w.mutex);
	CHECK(!inv__cond_wait_until(&w.cond, &w.mutex, inv__monotonic() + 20000));
	CHECK(!w.locked);
	inv__mutex_unlock(&w.mutex);
	CHECK_INT(inv__file_lock(a, 0, INV__LOCK_NONE, false), 0);
	inv__mutex_lock(&w.mutex);
	while (!w.locked)
		inv__cond_wait(&w.cond, &w.mutex);
	CHECK_INT(w.result, 0);
	CHECK(w.thread != inv__thread_id());
	inv__mutex_unlock(&w.mutex);
	CHECK_INT(pthread_join(thread, NULL), 0);
	inv__cond_destroy(&w.cond);
	inv__mutex_destroy(&w.mutex);
	inv__file_close(w.file);
	inv__file_close(a);
}

TEST(maps_are_shared)
{
	const char *path = check_path("map");
	inv__file *a = open_file(path, READ_WRITE | INV__FILE_CREATE);
	inv__file *b = open_file(path, READ_WRITE);
	inv__file *reader = open_file(path, INV__FILE_READ);
	unsigned char *first, *second;
	int64_t size = 0;

	if (!a || !b || !reader)
		return;
	CHECK(inv__file_map(reader, 4096) == NULL); /* it must not grow the file */
	CHECK(inv__file_map(a, 0) == NULL);
	first = inv__file_map(a, 8192);
	second = inv__file_map(b, 4096); /* nor shrink it */
	if (!CHECK(first && second))
		return;
	CHECK_INT(inv__file_size(a, &size), 0);
	CHECK_INT(size, 8192);
	CHECK_INT(second[100], 0);
	first[100] = 42;
	CHECK_INT(second[100], 42);
	inv__file_unmap(first, 8192);
	inv__file_unmap(second, 4096);
	inv__file_unmap(NULL, 1);
	second = inv__file_map(reader, 8192);
	if (CHECK(second != NULL))
		CHECK_INT(second[100], 42);
	inv__file_unmap(second, 8192);
	inv__file_close(a);
	inv__file_close(b);
	inv__file_close(reader);
}

TEST(clocks)
{
	int64_t start = inv__monotonic();
	inv__mutex mutex;
	inv__cond cond;

	CHECK(inv__clock_now(NULL) > INT64_C(1700000000000000));
	inv__sleep(2000);
	inv__sleep(0);
	inv__sleep(-5);
	CHECK(inv__monotonic() - start >= 2000);
	CHECK_INT(inv__process_id(), getpid());
	CHECK(inv__thread_id() != 0);
	if (!CHECK(inv__mutex_init(&mutex)) || !CHECK(inv__cond_init(&cond)))
		return;
	inv__mutex_lock(&mutex);
	CHECK(!inv__cond_wait_until(&cond, &mutex, -1));
	start = inv__monotonic();
	CHECK(!inv__cond_wait_until(&cond, &mutex, start + 5000));
	CHECK(inv__monotonic() >= start + 5000);
	inv__mutex_unlock(&mutex);
	inv__cond_broadcast(&cond);
	inv__cond_destroy(&cond);
	inv__mutex_destroy(&mutex);
}

CHECK_MAIN()
