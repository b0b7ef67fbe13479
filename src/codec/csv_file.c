/* SPDX-License-Identifier: MIT */
/* The files under CSV: plain or gzip (RFC 1952, any number of members). */
#include "codec/csv.h"

#include <errno.h>
#include <zlib.h>

#include "util/os.h"
#include "util/text.h"

#define CHUNK 65536u
/* A file that unpacks to more than this many times its size is an attack. */
#define RATIO 100u
#define RATIO_FREE (1024u * 1024u)

/* ---- zlib on our allocator, which wants to be told sizes ---- */

typedef union block_head {
	size_t size;
	_Alignas(16) unsigned char room[16];
} block_head;

static void *zlib_alloc(void *opaque, uInt count, uInt size)
{
	size_t bytes = sizeof(block_head) + (size_t)count * size;
	block_head *head = inv__alloc(opaque, bytes);

	if (!head)
		return NULL;
	head->size = bytes;
	return head + 1;
}

static void zlib_free(void *opaque, void *ptr)
{
	block_head *head = (block_head *)ptr - 1;

	inv__free(opaque, head, head->size);
}

static void zlib_init(z_stream *z, inv_allocator *allocator)
{
	memset(z, 0, sizeof *z);
	z->zalloc = zlib_alloc;
	z->zfree = zlib_free;
	z->opaque = allocator;
}

static inv_status file_error(inv_error *error, int code, const char *what, const char *path)
{
	char reason[128];
	inv_status status = inv__errno_status(code);

	inv__errno_text(code, reason, sizeof reason);
	inv__error_set(error, status, "", "", "the file %s cannot be %s: %s", path, what, reason);
	if (error)
		error->native_code = code;
	return status;
}

/* A copy of the path, for messages. */
static char *keep_path(const inv_allocator *allocator, const char *path)
{
	size_t size = strlen(path) + 1;
	char *copy = inv__alloc(allocator, size);

	if (copy)
		memcpy(copy, path, size);
	return copy;
}

static inv_status no_memory(inv_error *error)
{
	return inv__error_set(error, INV_E_NO_MEMORY, "", "", "there is not enough memory");
}

/* ---- reading ---- */

struct inv__csv_source {
	inv_allocator allocator;
	inv__file *file;
	char *path;
	uint64_t size;
	uint64_t read;     /* bytes of the file */
	uint64_t unpacked; /* bytes handed out, of gzip */
	size_t at;         /* in `chunk` */
	size_t filled;
	bool gzip;
	bool inflating; /* inside a member */
	bool ready;     /* z is initialised */
	inv_status failed;
	int failed_code;
	const char *failed_why;
	z_stream z;
	unsigned char chunk[CHUNK];
};

static inv_status fail(inv__csv_source *source, inv_status status, const char *why)
{
	source->failed = status;
	source->failed_why = why;
	return status;
}

static inv_status tell(inv__csv_source *source, inv_error *error)
{
	if (source->failed_code)
		return file_error(error, source->failed_code, "read", source->path);
	return inv__error_set(error, source->failed, "", "", "the file %s %s", source->path,
	                      source->failed_why);
}

static inv_status refill(inv__csv_source *source)
{
	int code = inv__file_read(source->file, source->chunk, CHUNK, &source->filled);

	source->at = 0;
	if (code) {
		source->filled = 0;
		source->failed_code = code;
		return fail(source, inv__errno_status(code), "cannot be read");
	}
	source->read += source->filled;
	return INV_OK;
}

static inv_status start_member(inv__csv_source *source)
{
	int code = Z_OK;

	if (source->ready) {
		code = inflateReset(&source->z);
	} else {
		zlib_init(&source->z, &source->allocator);
		code = inflateInit2(&source->z, 15 + 16);
		source->ready = code == Z_OK;
	}
	if (code != Z_OK)
		return fail(source, INV_E_NO_MEMORY, "cannot be unpacked: there is not enough memory");
	source->inflating = true;
	return INV_OK;
}

/* One step of inflate. Returns with *got = 0 when it needs more input or a member has ended. */
static inv_status inflate_step(inv__csv_source *source, void *buffer, size_t size, size_t *got)
{
	uInt room = size > CHUNK ? CHUNK : (uInt)size;
	int code = Z_OK;

	source->z.next_in = source->chunk + source->at;
	source->z.avail_in = (uInt)(source->filled - source->at);
	source->z.next_out = buffer;
	source->z.avail_out = room;
	code = inflate(&source->z, Z_NO_FLUSH);
	source->at = source->filled - source->z.avail_in;
	*got = room - source->z.avail_out;
	source->unpacked += *got;
	if (code == Z_MEM_ERROR)
		return fail(source, INV_E_NO_MEMORY, "cannot be unpacked: there is not enough memory");
	if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
		return fail(source, INV_E_IO, "is a damaged gzip file");
	if (code == Z_STREAM_END)
		source->inflating = false;
	if (source->unpacked > RATIO_FREE && source->unpacked / RATIO > inv__csv_source_offset(source))
		return fail(source, INV_E_LIMIT, "unpacks to more than 100 times its size");
	return INV_OK;
}

static inv_status read_gzip(inv__csv_source *source, void *buffer, size_t size, size_t *got)
{
	*got = 0;
	while (*got == 0) {
		inv_status status = INV_OK;

		if (source->at == source->filled)
			status = refill(source);
		if (status != INV_OK)
			return status;
		if (source->filled == 0) {
			if (source->inflating)
				return fail(source, INV_E_IO, "is a gzip file that ends too early");
			return INV_OK;
		}
		if (!source->inflating)
			status = start_member(source);
		if (status == INV_OK)
			status = inflate_step(source, buffer, size, got);
		if (status != INV_OK)
			return status;
	}
	return INV_OK;
}

static inv_status read_plain(inv__csv_source *source, void *buffer, size_t size, size_t *got)
{
	size_t ready = 0;

	if (source->at == source->filled && refill(source) != INV_OK)
		return source->failed;
	ready = source->filled - source->at;
	*got = ready < size ? ready : size;
	memcpy(buffer, source->chunk + source->at, *got);
	source->at += *got;
	return INV_OK;
}

inv_status inv__csv_source_read(inv__csv_source *source, void *buffer, size_t size, size_t *got,
                                inv_error *error)
{
	inv_status status = source->failed;

	*got = 0;
	if (status == INV_OK)
		status = source->gzip ? read_gzip(source, buffer, size, got)
		                      : read_plain(source, buffer, size, got);
	return status == INV_OK ? INV_OK : tell(source, error);
}

inv_status inv__csv_source_open(const char *path, const inv_allocator *allocator,
                                inv__csv_source **out, inv_error *error)
{
	inv__csv_source *source = inv__alloc(allocator, sizeof *source);
	int64_t size = 0;
	int code = 0;

	if (!source)
		return no_memory(error);
	source->allocator = *allocator;
	source->path = keep_path(allocator, path);
	if (!source->path) {
		inv__csv_source_close(source);
		return no_memory(error);
	}
	code = inv__file_open(path, INV__FILE_READ, &source->file);
	if (code) {
		inv__csv_source_close(source);
		return file_error(error, code, "opened", path);
	}
	/* A pipe has no size: progress is then unknown, and nothing else is. */
	if (inv__file_size(source->file, &size) == 0 && size > 0)
		source->size = (uint64_t)size;
	if (refill(source) != INV_OK) {
		inv_status status = tell(source, error);

		inv__csv_source_close(source);
		return status;
	}
	source->gzip = source->filled >= 2 && source->chunk[0] == 0x1F && source->chunk[1] == 0x8B;
	*out = source;
	return INV_OK;
}

void inv__csv_source_close(inv__csv_source *source)
{
	inv_allocator allocator;

	if (!source)
		return;
	allocator = source->allocator;
	if (source->ready)
		inflateEnd(&source->z);
	if (source->file)
		inv__file_close(source->file);
	if (source->path)
		inv__free(&allocator, source->path, strlen(source->path) + 1);
	inv__free(&allocator, source, sizeof *source);
}

uint64_t inv__csv_source_offset(const inv__csv_source *source)
{
	return source->read - (source->filled - source->at);
}

uint64_t inv__csv_source_size(const inv__csv_source *source)
{
	return source->size;
}

/* ---- writing ---- */

struct inv__csv_sink {
	inv_allocator allocator;
	inv__file *file;
	char *path;
	size_t filled;
	bool gzip;
	bool ready; /* z is initialised */
	int failed_code;
	z_stream z;
	unsigned char chunk[CHUNK];
};

static bool sink_failed(const inv__csv_sink *sink)
{
	return sink->failed_code != 0;
}

static void flush_chunk(inv__csv_sink *sink)
{
	if (sink->filled && !sink_failed(sink))
		sink->failed_code = inv__file_write(sink->file, sink->chunk, sink->filled);
	sink->filled = 0;
}

static void deflate_some(inv__csv_sink *sink, const void *data, size_t size, int flush)
{
	int code = Z_OK;

	sink->z.next_in = (z_const Bytef *)data;
	sink->z.avail_in = (uInt)size;
	do {
		sink->z.next_out = sink->chunk + sink->filled;
		sink->z.avail_out = (uInt)(CHUNK - sink->filled);
		code = deflate(&sink->z, flush);
		sink->filled = CHUNK - sink->z.avail_out;
		if (sink->filled == CHUNK)
			flush_chunk(sink);
	} while (!sink_failed(sink) && code != Z_BUF_ERROR &&
	         (sink->z.avail_in > 0 || (flush == Z_FINISH && code != Z_STREAM_END)));
}

void inv__csv_sink_write(inv__csv_sink *sink, const void *data, size_t size)
{
	const unsigned char *p = data;

	while (size > 0 && !sink_failed(sink)) {
		size_t step = size < CHUNK ? size : CHUNK;

		if (sink->gzip) {
			deflate_some(sink, p, step, Z_NO_FLUSH);
		} else {
			if (step > CHUNK - sink->filled)
				step = CHUNK - sink->filled;
			memcpy(sink->chunk + sink->filled, p, step);
			sink->filled += step;
			if (sink->filled == CHUNK)
				flush_chunk(sink);
		}
		p += step;
		size -= step;
	}
}

static void free_sink(inv__csv_sink *sink)
{
	inv_allocator allocator = sink->allocator;

	if (sink->ready)
		deflateEnd(&sink->z);
	if (sink->file)
		inv__file_close(sink->file);
	if (sink->path)
		inv__free(&allocator, sink->path, strlen(sink->path) + 1);
	inv__free(&allocator, sink, sizeof *sink);
}

inv_status inv__csv_sink_finish(inv__csv_sink *sink, inv_error *error)
{
	inv_status status = INV_OK;

	if (sink->gzip && !sink_failed(sink))
		deflate_some(sink, NULL, 0, Z_FINISH);
	flush_chunk(sink);
	if (!sink_failed(sink))
		sink->failed_code = inv__file_sync(sink->file);
	/* A pipe or a device cannot be synced, which is no failure. */
	if (sink->failed_code == EINVAL || sink->failed_code == ENOTSUP)
		sink->failed_code = 0;
	if (sink->failed_code)
		status = file_error(error, sink->failed_code, "written", sink->path);
	if (status != INV_OK)
		inv__path_remove(sink->path);
	free_sink(sink);
	return status;
}

static bool ends_in_gz(const char *path)
{
	size_t len = strlen(path);

	return len > 3 && strcmp(path + len - 3, ".gz") == 0;
}

inv_status inv__csv_sink_create(const char *path, const inv_allocator *allocator,
                                inv__csv_sink **out, inv_error *error)
{
	inv__csv_sink *sink = inv__alloc(allocator, sizeof *sink);
	int code = 0;

	if (!sink)
		return no_memory(error);
	sink->allocator = *allocator;
	sink->gzip = ends_in_gz(path);
	sink->path = keep_path(allocator, path);
	if (sink->path && sink->gzip) {
		zlib_init(&sink->z, &sink->allocator);
		sink->ready = deflateInit2(&sink->z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
	}
	if (!sink->path || (sink->gzip && !sink->ready)) {
		free_sink(sink);
		return no_memory(error);
	}
	code =
		inv__file_open(path, INV__FILE_WRITE | INV__FILE_CREATE | INV__FILE_EXCLUSIVE, &sink->file);
	if (code) {
		free_sink(sink);
		if (code == EEXIST)
			return inv__error_set(error, INV_E_EXISTS, "", "", "the file %s is there already",
			                      path);
		return file_error(error, code, "created", path);
	}
	*out = sink;
	return INV_OK;
}
