/* SPDX-License-Identifier: MIT */
/* The growing buffer of arena.h. */
#include "util/arena.h"

#define CAP_FIRST 256u

void inv__buf_init(inv__buf *buf, const inv_allocator *allocator, size_t max)
{
	memset(buf, 0, sizeof *buf);
	buf->allocator = allocator && allocator->resize ? *allocator : inv__malloc_allocator;
	buf->max = max;
}

void inv__buf_free(inv__buf *buf)
{
	inv_allocator allocator = buf->allocator;

	inv__free(&allocator, buf->data, buf->cap);
	inv__buf_init(buf, &allocator, buf->max);
}

static bool grow(inv__buf *buf, size_t len)
{
	size_t want = buf->cap > CAP_FIRST / 2 ? buf->cap : CAP_FIRST / 2;
	char *data;

	if (buf->status != INV_OK)
		return false;
	if (len > buf->max - buf->len) {
		buf->status = INV_E_LIMIT;
		return false;
	}
	want = want > buf->max / 2 ? buf->max : want * 2;
	if (want < buf->len + len)
		want = buf->len + len;
	data = buf->allocator.resize(buf->allocator.ctx, buf->data, buf->cap, want);
	if (!data) {
		buf->status = INV_E_NO_MEMORY;
		return false;
	}
	buf->data = data;
	buf->cap = want;
	return true;
}

/* Once an error stuck, nothing is taken any more, not even what would fit: no holes. */
static inline bool ensure(inv__buf *buf, size_t len)
{
	if (len <= buf->cap - buf->len && buf->status == INV_OK)
		return true;
	return grow(buf, len);
}

char *inv__buf_room(inv__buf *buf, size_t len)
{
	/* The pointer is never NULL on success, also for no bytes in a new buffer. */
	if (!ensure(buf, len ? len : 1))
		return NULL;
	return buf->data + buf->len;
}

void inv__buf_put(inv__buf *buf, const void *data, size_t len)
{
	if (len == 0 || !ensure(buf, len))
		return;
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
}

void inv__buf_puts(inv__buf *buf, const char *text)
{
	inv__buf_put(buf, text, strlen(text));
}

void inv__buf_putc(inv__buf *buf, char c)
{
	if (ensure(buf, 1))
		buf->data[buf->len++] = c;
}
