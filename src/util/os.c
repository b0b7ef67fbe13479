/* SPDX-License-Identifier: MIT */
/* Threads, time and the process. Files are in os_file.c. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* gettid */
#endif
#include "util/os.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "util/arena.h"

#define MICROSECONDS INT64_C(1000000)

/* Locking, unlocking and signalling a mutex or condition of the default kind, made here and used
 * as this header says, has no way to fail: their results tell of misuse only. */

bool inv__mutex_init(inv__mutex *mutex)
{
	return pthread_mutex_init(&mutex->native, NULL) == 0;
}

void inv__mutex_destroy(inv__mutex *mutex)
{
	(void)pthread_mutex_destroy(&mutex->native);
}

void inv__mutex_lock(inv__mutex *mutex)
{
	(void)pthread_mutex_lock(&mutex->native);
}

void inv__mutex_unlock(inv__mutex *mutex)
{
	(void)pthread_mutex_unlock(&mutex->native);
}

bool inv__cond_init(inv__cond *cond)
{
#ifdef __APPLE__
	return pthread_cond_init(&cond->native, NULL) == 0;
#else
	pthread_condattr_t attributes;
	bool done;

	if (pthread_condattr_init(&attributes) != 0)
		return false;
	done = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
	       pthread_cond_init(&cond->native, &attributes) == 0;
	(void)pthread_condattr_destroy(&attributes);
	return done;
#endif
}

void inv__cond_destroy(inv__cond *cond)
{
	(void)pthread_cond_destroy(&cond->native);
}

void inv__cond_wait(inv__cond *cond, inv__mutex *mutex)
{
	(void)pthread_cond_wait(&cond->native, &mutex->native);
}

static struct timespec timespec_of(int64_t microseconds)
{
	struct timespec time = {0, 0};

	if (microseconds > 0) {
		time.tv_sec = (time_t)(microseconds / MICROSECONDS);
		time.tv_nsec = (long)(microseconds % MICROSECONDS) * 1000;
	}
	return time;
}

bool inv__cond_wait_until(inv__cond *cond, inv__mutex *mutex, int64_t deadline)
{
#ifdef __APPLE__
	/* macOS cannot tie a condition to the monotonic clock, but it can wait for a span. */
	struct timespec span = timespec_of(deadline - inv__monotonic());

	return pthread_cond_timedwait_relative_np(&cond->native, &mutex->native, &span) == 0;
#else
	struct timespec time = timespec_of(deadline);

	return pthread_cond_timedwait(&cond->native, &mutex->native, &time) == 0;
#endif
}

void inv__cond_signal(inv__cond *cond)
{
	(void)pthread_cond_signal(&cond->native);
}

void inv__cond_broadcast(inv__cond *cond)
{
	(void)pthread_cond_broadcast(&cond->native);
}

typedef struct start {
	void (*run)(void *ctx);
	void *ctx;
} start;

static void *begin(void *arg)
{
	start mine = *(start *)arg;

	inv__free(&inv__malloc_allocator, arg, sizeof mine);
	mine.run(mine.ctx);
	return NULL;
}

/* A thread begins with the signals blocked that its maker has blocked. */
static bool start_quietly(pthread_attr_t *attributes, start *s)
{
	pthread_t thread;
	sigset_t all, before;
	bool started;

	if (sigfillset(&all) != 0 || pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
		return false;
	started = pthread_create(&thread, attributes, begin, s) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

bool inv__thread_start(void (*run)(void *ctx), void *ctx)
{
	start *s = inv__alloc(&inv__malloc_allocator, sizeof *s);
	pthread_attr_t attributes;
	bool started = false;

	if (!s)
		return false;
	*s = (start){run, ctx};
	if (pthread_attr_init(&attributes) == 0) {
		started = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0 &&
		          start_quietly(&attributes, s);
		(void)pthread_attr_destroy(&attributes);
	}
	if (!started)
		inv__free(&inv__malloc_allocator, s, sizeof *s);
	return started;
}

/* These two clocks exist on every system this builds on, so reading them cannot fail. */
static int64_t read_clock(clockid_t clock)
{
	struct timespec time = {0, 0};

	(void)clock_gettime(clock, &time);
	return (int64_t)time.tv_sec * MICROSECONDS + time.tv_nsec / 1000;
}

int64_t inv__clock_now(void *ctx)
{
	(void)ctx;
	return read_clock(CLOCK_REALTIME);
}

int64_t inv__monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

void inv__sleep(int64_t microseconds)
{
	struct timespec left = timespec_of(microseconds);

	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}

uint64_t inv__process_id(void)
{
	return (uint64_t)getpid();
}

uint64_t inv__thread_id(void)
{
#ifdef __APPLE__
	uint64_t id = 0;

	(void)pthread_threadid_np(NULL, &id);
	return id;
#else
	return (uint64_t)gettid();
#endif
}

inv_status inv__errno_status(int error)
{
	switch (error) {
	case 0:
		return INV_OK;
	case ENOMEM:
		return INV_E_NO_MEMORY;
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return INV_E_FULL;
	case ENOENT:
	case ENOTDIR:
		return INV_E_NOT_FOUND;
	case EEXIST:
		return INV_E_EXISTS;
	case EACCES:
	case EPERM:
		return INV_E_DENIED;
	case EROFS:
		return INV_E_READ_ONLY;
	case EAGAIN:
	case EBUSY:
		return INV_E_BUSY;
	case ETIMEDOUT:
		return INV_E_TIMEOUT;
	case EMFILE:
	case ENFILE:
	case ENAMETOOLONG:
		return INV_E_LIMIT;
	default:
		return INV_E_IO;
	}
}

/* strerror_r has two kinds: one returns the text, the other a number. */
static inline const char *text_of(const char *text, const char *out)
{
	(void)out;
	return text;
}

static inline const char *number_of(int result, const char *out)
{
	return result == 0 ? out : "unknown error";
}

#define ERROR_TEXT(result, out) \
	_Generic((result), char *: text_of, default: number_of)((result), (out))

void inv__errno_text(int error, char *out, size_t size)
{
	char text[256] = "";

	(void)snprintf(out, size, "%s", ERROR_TEXT(strerror_r(error, text, sizeof text), text));
}
