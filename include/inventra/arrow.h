/* SPDX-License-Identifier: MIT */
/**
 * @file arrow.h
 * Results as columns: the Arrow C stream interface, which pandas, polars, pyarrow, DuckDB, R and
 * many others take without a copy. No Arrow library is needed.
 *
 * A record is a struct of these columns, named and ordered as its fields:
 *
 *   BOOL bool · INT int64 · QUANTITY and RATIO decimal128(19, 6) · MONEY decimal128(19, 4)
 *   ENUM dictionary<int32, utf8> · DATE date32 · INSTANT timestamp[us, UTC]
 *   ID utf8 · REF two columns: `x` (the id, utf8) and `x_code` (utf8)
 *   TEXT, CODE utf8 · JSON utf8 · BYTES binary · STRINGS list<utf8> · LIST list<struct>
 *
 * Null is what the model calls none: ids, references and codes of references, dates, instants and
 * JSON that are not there. Text is never null, nor are numbers. Fields that an operation never
 * answers (INPUT, HIDDEN) have no column.
 */
#ifndef INVENTRA_ARROW_H
#define INVENTRA_ARROW_H

#include "inventra/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The interface as its specification has it, with its guards: it may be there already. */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
	const char *format;
	const char *name;
	const char *metadata;
	int64_t flags;
	int64_t n_children;
	struct ArrowSchema **children;
	struct ArrowSchema *dictionary;
	void (*release)(struct ArrowSchema *);
	void *private_data;
};

struct ArrowArray {
	int64_t length;
	int64_t null_count;
	int64_t offset;
	int64_t n_buffers;
	int64_t n_children;
	const void **buffers;
	struct ArrowArray **children;
	struct ArrowArray *dictionary;
	void (*release)(struct ArrowArray *);
	void *private_data;
};

#endif

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
	int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
	int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
	const char *(*get_last_error)(struct ArrowArrayStream *);
	void (*release)(struct ArrowArrayStream *);
	void *private_data;
};

#endif

/**
 * The records of a result as a stream of one batch. The values are copied: the stream needs neither
 * result nor store.
 *
 * @param out   the consumer calls its `release` once; untouched on failure
 * @param error may be NULL
 * @return INV_OK; MISUSE without a result or `out`; LIMIT for more text than 2 GiB in one column;
 *         NO_MEMORY
 * Any thread. @since 0.1
 */
INV_API inv_status inv_result_arrow(const inv_result *result, struct ArrowArrayStream *out,
                                    inv_error *error);
/**
 * All records of a list operation as a stream that reads page after page while it is consumed, in
 * batches of about 8,192 records. Fields that lists leave out have no column.
 *
 * The stream has a session of its own with the options of this one: it may be consumed from any one
 * thread at a time, also after session and store were closed. Each page is read as the store is
 * then. A stream that fails tells why by `get_last_error`.
 *
 * @param op    one that LISTS and does not wait
 * @param query one record of its input, or NULL; copied
 * @param out   the consumer calls its `release` once; untouched on failure
 * @return INV_OK; INVALID for the query; UNSUPPORTED for another operation; STATE inside an
 *         explicit transaction, whose writes the stream would not see; NO_MEMORY
 * Cost: nothing is read yet. @since 0.1
 */
INV_API inv_status inv_list_arrow(inv_session *session, const inv_op_desc *op, const void *query,
                                  struct ArrowArrayStream *out);

#ifdef __cplusplus
}
#endif

#endif
