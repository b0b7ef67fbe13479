/* SPDX-License-Identifier: MIT */
/* Between the grammar of CSV and its files. */
#ifndef INV_CODEC_CSV_H
#define INV_CODEC_CSV_H

#include "codec/codec.h"

/* A file that is read: plain, or gzip by its first bytes. */
typedef struct inv__csv_source inv__csv_source;
inv_status inv__csv_source_open(const char *path, const inv_allocator *allocator,
                                inv__csv_source **out, inv_error *error);
void inv__csv_source_close(inv__csv_source *source);
/* At most `size` bytes; *got = 0 at the end. An error is final: each later call repeats it. */
inv_status inv__csv_source_read(inv__csv_source *source, void *buffer, size_t size, size_t *got,
                                inv_error *error);
uint64_t inv__csv_source_offset(const inv__csv_source *source);
uint64_t inv__csv_source_size(const inv__csv_source *source);

/* A file that is written, which must not be there before; gzip when its name ends in ".gz". */
typedef struct inv__csv_sink inv__csv_sink;
inv_status inv__csv_sink_create(const char *path, const inv_allocator *allocator,
                                inv__csv_sink **out, inv_error *error);
/* The first failure is kept and reported by finish. */
void inv__csv_sink_write(inv__csv_sink *sink, const void *data, size_t size);
/* Close for good; a file that could not be written whole is removed. */
inv_status inv__csv_sink_finish(inv__csv_sink *sink, inv_error *error);

#endif
