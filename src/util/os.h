/* SPDX-License-Identifier: MIT */
/* Everything the platform does: threads, time, files, locks, waiting for sockets. Only os.c,
 * os_file.c and os_socket.c include system headers for them; Linux and macOS now. */
#ifndef INV_UTIL_OS_H
#define INV_UTIL_OS_H

#include <pthread.h>

#include "inventra/base.h"

typedef struct inv__mutex {
	pthread_mutex_t native;
} inv__mutex;

typedef struct inv__cond {
	pthread_cond_t native;
} inv__cond;

bool inv__mutex_init(inv__mutex *mutex);
void inv__mutex_destroy(inv__mutex *mutex);
void inv__mutex_lock(inv__mutex *mutex);
void inv__mutex_unlock(inv__mutex *mutex);
bool inv__cond_init(inv__cond *cond); /* waits on the monotonic clock */
void inv__cond_destroy(inv__cond *cond);
void inv__cond_wait(inv__cond *cond, inv__mutex *mutex);
/* False when `deadline` (inv__monotonic) has passed. */
bool inv__cond_wait_until(inv__cond *cond, inv__mutex *mutex, int64_t deadline);
void inv__cond_signal(inv__cond *cond);
void inv__cond_broadcast(inv__cond *cond);

/* A thread that nobody waits for: it owns what it works on, and no signal of the host's comes to
 * it. False when there is none to be had. */
bool inv__thread_start(void (*run)(void *ctx), void *ctx);

int64_t inv__clock_now(void *ctx);  /* wall clock, microseconds; for inv_clock */
int64_t inv__monotonic(void);       /* microseconds */
void inv__sleep(int64_t microseconds);
uint64_t inv__process_id(void);
uint64_t inv__thread_id(void);

/* Wait until a socket can be read or written, at most `timeout` microseconds (< 0: without an end).
 * Answers which of these it can be: 0 when the time has passed. A broken one can be read. */
#define INV__SOCKET_READ 1u
#define INV__SOCKET_WRITE 2u
unsigned inv__socket_wait(int socket, unsigned what, int64_t timeout);

/* Files. Errors are errno numbers, 0 = done. */
typedef struct inv__file inv__file;
#define INV__FILE_READ 1u
#define INV__FILE_WRITE 2u
#define INV__FILE_CREATE 4u
#define INV__FILE_EXCLUSIVE 8u /* must not exist */
int inv__file_open(const char *path, uint32_t flags, inv__file **out);
void inv__file_close(inv__file *file);
/* Reads at most `size`; *got = 0 at the end. */
int inv__file_read(inv__file *file, void *buffer, size_t size, size_t *got);
int inv__file_write(inv__file *file, const void *data, size_t size); /* all of it */
int inv__file_sync(inv__file *file);
int inv__file_size(inv__file *file, int64_t *out);
bool inv__path_exists(const char *path);
int inv__path_remove(const char *path);
/* errno of a missing file, of a full disk … as statuses. */
inv_status inv__errno_status(int error);
void inv__errno_text(int error, char *out, size_t size);

/* Locks of one byte of a file between open files, in one process or several (OFD locks). */
#define INV__LOCK_NONE 0
#define INV__LOCK_SHARED 1
#define INV__LOCK_EXCLUSIVE 2
/* Returns 0, or EAGAIN when `wait` is false and another holds it, or another errno. */
int inv__file_lock(inv__file *file, int64_t byte, int mode, bool wait);
/* Is a lock held by another open file that conflicts with `mode`? */
int inv__file_lock_test(inv__file *file, int64_t byte, int mode, bool *held);
/* Map the file's first `size` bytes, shared, growing the file to it. NULL on failure. */
void *inv__file_map(inv__file *file, size_t size);
void inv__file_unmap(void *map, size_t size);

#endif
