/* SPDX-License-Identifier: MIT */
/* Memory that is freed as one: every call's inputs, rows and results live in an arena. */
#ifndef INV_UTIL_ARENA_H
#define INV_UTIL_ARENA_H

#include "inventra/base.h"

typedef struct inv__block inv__block;

typedef struct inv__arena {
	inv_allocator allocator;
	inv__block *block;  /* newest first */
	char *next;
	char *end;
	bool failed;        /* an allocation failed: sticky, checked where it matters */
} inv__arena;

extern const inv_allocator inv__malloc_allocator;

void inv__arena_init(inv__arena *arena, const inv_allocator *allocator);
/* Use caller memory (a stack buffer) first. */
void inv__arena_init_with(inv__arena *arena, const inv_allocator *allocator, void *memory,
                          size_t size);
void inv__arena_free(inv__arena *arena);
/* Forget everything but keep the newest block for use again. */
void inv__arena_reset(inv__arena *arena);
/* Aligned to 16; NULL and `failed` when out of memory. `zalloc` clears. */
void *inv__arena_alloc(inv__arena *arena, size_t size);
void *inv__arena_zalloc(inv__arena *arena, size_t size);
/* count * size with overflow check, cleared. */
void *inv__arena_array(inv__arena *arena, size_t count, size_t size);
/* Copies, NUL-terminated; the empty string is {"", 0}; ptr NULL when out of memory. */
inv_str inv__arena_str(inv__arena *arena, inv_str text);

void *inv__alloc(const inv_allocator *allocator, size_t size);  /* cleared */
void inv__free(const inv_allocator *allocator, void *ptr, size_t size);

/* A growing buffer with a stated maximum. Errors are sticky: check `status` once at the end. */
typedef struct inv__buf {
	inv_allocator allocator;
	char *data;
	size_t len;
	size_t cap;
	size_t max;
	inv_status status; /* NO_MEMORY or LIMIT */
} inv__buf;

void inv__buf_init(inv__buf *buf, const inv_allocator *allocator, size_t max);
void inv__buf_free(inv__buf *buf);
void inv__buf_put(inv__buf *buf, const void *data, size_t len);
void inv__buf_puts(inv__buf *buf, const char *text);
void inv__buf_putc(inv__buf *buf, char c);
/* Room for `len` more bytes; returns where to write, NULL when there is none. Then advance len. */
char *inv__buf_room(inv__buf *buf, size_t len);
static inline inv_str inv__buf_str(const inv__buf *buf)
{
	inv_str s = {buf->data, buf->len};
	return s;
}

#endif
