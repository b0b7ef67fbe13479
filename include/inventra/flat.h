/* SPDX-License-Identifier: MIT */
/**
 * @file flat.h
 * Results and the description for programs that cannot follow C pointers: other languages, other
 * processes.
 */
#ifndef INVENTRA_FLAT_H
#define INVENTRA_FLAT_H

#include "inventra/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a flat result begins with. The records stand behind it, as long as their struct. */
typedef struct inv_flat_header {
	uint64_t count;    /* records */
	uint64_t replayed; /* 0 or 1 */
	inv_str cursor;
} inv_flat_header;

/**
 * Copy a result into one block of memory that holds no pointers: a header, the records as the
 * structs they are, and behind them what they point to. In place of the pointer of an inv_str, of
 * the code of an inv_ref and of an inv_list stands the offset from the block's first byte; a list's
 * elements are as long as their struct. Every part begins at a multiple of 8.
 *
 * @param buffer gets the block; aligned to 8 bytes; may be NULL when `size` is 0
 * @return how long the block is, a multiple of 8; nothing was written when that is more than `size`
 * Cost: two passes over the records, no allocation. Any thread. @since 0.1
 */
INV_API size_t inv_result_flat(const inv_result *result, void *buffer, size_t size);

/**
 * The description as JSON: records and other structs with their
 * fields (kind, flags, offset), enums, operations and
 * statuses, in the order of their numbers, and the flags by name.
 *
 * @param buffer gets the text and a NUL, cut off when `size` is too small; may be NULL
 * @return the length of the whole text
 * Cost: no allocation. Any thread. @since 0.1
 */
INV_API size_t inv_schema_json(char *buffer, size_t size);

#ifdef __cplusplus
}
#endif

#endif
