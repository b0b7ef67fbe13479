/* SPDX-License-Identifier: MIT */
/* malloc and its kin of the whole process, counted, and failing on demand. For one program that
 * has one thread while it is armed. */
#ifndef INV_FAULT_HEAP_H
#define INV_FAULT_HEAP_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HEAP_SANITIZED 1
#elif __has_feature(thread_sanitizer)
#define HEAP_UNTOUCHED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define HEAP_SANITIZED 1
#elif defined(__SANITIZE_THREAD__)
#define HEAP_UNTOUCHED 1
#endif

/* Where the memory comes from: the address sanitizer's allocator keeps its eye on it. The thread
 * sanitizer's cannot be called from here. */
#if defined(HEAP_SANITIZED)
#define HEAP_REAL(name) __interceptor_##name
#define HEAP_REPLACED 1
#elif defined(__GLIBC__) && !defined(HEAP_UNTOUCHED)
#define HEAP_REAL(name) __libc_##name
#define HEAP_REPLACED 1
#endif

/* What the process has, and which allocation is to fail. */
static struct {
	int64_t live;     /* allocations not given back */
	int64_t left;     /* until one fails */
	bool armed;
	bool for_good;    /* and all behind it */
	bool failed;
} heap;

static inline void heap_arm(int64_t nth, bool for_good)
{
	heap.left = nth;
	heap.for_good = for_good;
	heap.failed = false;
	heap.armed = true;
}

static inline void heap_disarm(void)
{
	heap.armed = false;
}

#ifdef HEAP_REPLACED

#define HEAP_EXPORT __attribute__((visibility("default")))

void *HEAP_REAL(malloc)(size_t size);
void *HEAP_REAL(calloc)(size_t count, size_t size);
void *HEAP_REAL(realloc)(void *ptr, size_t size);
void *HEAP_REAL(memalign)(size_t alignment, size_t size);
void HEAP_REAL(free)(void *ptr);

HEAP_EXPORT void *malloc(size_t size);
HEAP_EXPORT void *calloc(size_t count, size_t size);
HEAP_EXPORT void *realloc(void *ptr, size_t size);
HEAP_EXPORT void *memalign(size_t alignment, size_t size);
HEAP_EXPORT void *aligned_alloc(size_t alignment, size_t size);
HEAP_EXPORT int posix_memalign(void **out, size_t alignment, size_t size);
HEAP_EXPORT void free(void *ptr);

static bool heap_refuses(void)
{
	if (!heap.armed || (--heap.left > 0) || (heap.failed && !heap.for_good))
		return false;
	heap.failed = true;
	errno = ENOMEM;
	return true;
}

static void *heap_counted(void *ptr)
{
	if (ptr)
		heap.live++;
	return ptr;
}

void *malloc(size_t size)
{
	return heap_refuses() ? NULL : heap_counted(HEAP_REAL(malloc)(size));
}

void *calloc(size_t count, size_t size)
{
	return heap_refuses() ? NULL : heap_counted(HEAP_REAL(calloc)(count, size));
}

void *realloc(void *ptr, size_t size)
{
	void *moved;

	if (ptr && size == 0) {
		free(ptr);
		return NULL;
	}
	if (heap_refuses())
		return NULL;
	moved = HEAP_REAL(realloc)(ptr, size);
	return ptr ? moved : heap_counted(moved);
}

void *memalign(size_t alignment, size_t size)
{
	return heap_refuses() ? NULL : heap_counted(HEAP_REAL(memalign)(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
	void *ptr = memalign(alignment, size);

	if (!ptr)
		return ENOMEM;
	*out = ptr;
	return 0;
}

void free(void *ptr)
{
	if (ptr)
		heap.live--;
	HEAP_REAL(free)(ptr);
}

#endif

#endif
