/* SPDX-License-Identifier: MIT */
/**
 * @file base.h
 * The vocabulary of the library: strings, ids, lists, statuses, errors, allocator, clock, log.
 *
 * Nothing here touches a store. Every transparent struct starts with `struct_size`, set by its
 * `INV_…_INIT` macro or `inv_…_init()` function; a field that is not set is zero, and zero is
 * every field's default. Structs only ever grow at their end.
 */
#ifndef INVENTRA_BASE_H
#define INVENTRA_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define INVENTRA_VERSION_MAJOR 0
#define INVENTRA_VERSION_MINOR 1
#define INVENTRA_VERSION_PATCH 0
#define INVENTRA_VERSION "0.1.0"

#if defined(INVENTRA_STATIC)
#define INV_API
#elif defined(_WIN32)
#define INV_API __declspec(dllimport)
#elif defined(__GNUC__)
#define INV_API __attribute__((visibility("default")))
#else
#define INV_API
#endif

#ifdef __cplusplus
template <class T> inline T inv_init_of()
{
	T value = T();
	value.struct_size = static_cast<uint32_t>(sizeof(T));
	return value;
}
#define INV_INIT(type) (inv_init_of<type>())
extern "C" {
#else
#define INV_INIT(type) {.struct_size = (uint32_t)sizeof(type)}
#endif

/** 0 is success, negative is an error; the constants are in status.h. */
typedef int32_t inv_status;
/** 0 or 1. */
typedef uint32_t inv_bool;

/** UTF-8 text or bytes: borrowed when passed in; NUL-terminated and owned by the result when
 *  handed out. `ptr` may be NULL when `len` is 0. */
typedef struct inv_str {
	const char *ptr;
	size_t len;
} inv_str;

/** A UUIDv7 (RFC 9562). All zero bytes mean "none". */
typedef struct inv_id {
	uint8_t bytes[16];
} inv_id;

/** A reference to a product, location, …: by id, or by its code (SKU, barcode, location code).
 *  Inputs take either; where both are set the id wins. Outputs always carry the id, and the code
 *  where the operation says so. */
typedef struct inv_ref {
	inv_id id;
	inv_str code;
} inv_ref;

/** Nested records. `stride` is the size of one element as the program that made it knew it, so
 *  elements may grow too: read them with INV_LIST_AT. A zero list is empty. */
typedef struct inv_list {
	const void *ptr;
	size_t count;
	size_t stride;
} inv_list;

/** A set of fields of one record, by field number (INV_F_<RECORD>_<FIELD>). */
typedef struct inv_fields {
	uint64_t bits[4];
} inv_fields;

#ifdef __cplusplus
#define INV_S(literal) (inv_str{"" literal, sizeof(literal) - 1})
#define INV_REF(literal) (inv_ref{inv_id{}, INV_S(literal)})
#else
#define INV_S(literal) ((inv_str){"" literal, sizeof(literal) - 1})
#define INV_REF(literal) ((inv_ref){{{0}}, INV_S(literal)})
#endif

#define INV_LIST_AT(list, type, index) \
	((const type *)(const void *)((const char *)(list).ptr + (index) * (list).stride))
/** A list over a plain C array of records. */
#define INV_LIST_OF(array, n) inv_list_of((array), (n), sizeof((array)[0]))

static inline inv_list inv_list_of(const void *ptr, size_t count, size_t stride)
{
	inv_list list;
	list.ptr = ptr;
	list.count = count;
	list.stride = stride;
	return list;
}

static inline inv_str inv_str_of(const char *text)
{
	inv_str s;
	s.ptr = text;
	s.len = text ? strlen(text) : 0;
	return s;
}

static inline inv_ref inv_ref_of(inv_id id)
{
	inv_ref ref;
	memset(&ref, 0, sizeof ref);
	ref.id = id;
	return ref;
}

static inline inv_ref inv_ref_code(const char *code)
{
	inv_ref ref;
	memset(&ref, 0, sizeof ref);
	ref.code = inv_str_of(code);
	return ref;
}

static inline void inv_fields_set(inv_fields *fields, uint32_t field)
{
	fields->bits[(field >> 6) & 3] |= (uint64_t)1 << (field & 63);
}

static inline bool inv_fields_has(const inv_fields *fields, uint32_t field)
{
	return field < 256 && ((fields->bits[field >> 6] >> (field & 63)) & 1) != 0;
}

static inline bool inv_id_is_none(inv_id id)
{
	static const uint8_t none[16] = {0};
	return memcmp(id.bytes, none, sizeof none) == 0;
}

/** Scales: a quantity is in 10^-6 of the product's base unit, money in 10^-4 of the currency
 *  unit, a ratio in 10^-6, an instant in microseconds since 1970-01-01 UTC, a date in days since
 *  1970-01-01. */
#define INV_QUANTITY_ONE 1000000
#define INV_MONEY_ONE 10000
#define INV_RATIO_ONE 1000000

/** What every number may be: quantities and money stay within ± these. */
#define INV_LIMIT_QUANTITY INT64_C(1000000000000000000)
#define INV_LIMIT_MONEY INT64_C(1000000000000000000)
#define INV_LIMIT_BATCH 10000u      /* input records per call */
#define INV_LIMIT_LINES 10000u      /* lines per document */
#define INV_LIMIT_PAGE 1000u        /* records per page of a list */
#define INV_LIMIT_KEY 255u          /* bytes of an idempotency key */
#define INV_LIMIT_JSON 16777216u    /* bytes of one JSON input */
#define INV_LIMIT_JSON_DEPTH 16u

#define INV_ERROR_DETAILS 8

/** One finding of a validation. */
typedef struct inv_error_detail {
	inv_status status;
	char field[96];
	char message[180];
} inv_error_detail;

/** What went wrong. Fixed buffers: reporting out-of-memory does not allocate. */
typedef struct inv_error {
	uint32_t struct_size;
	inv_status status;
	int64_t index;       /* which input record, from 0; -1 when none */
	int64_t native_code; /* the database's or the system's own number, 0 when none */
	char record[32];     /* such as "sale" */
	char field[96];      /* such as "lines[3].quantity" */
	char message[256];   /* one sentence for a person */
	uint32_t detail_count;
	uint32_t reserved;
	inv_error_detail details[INV_ERROR_DETAILS];
} inv_error;

#define INV_ERROR_INIT INV_INIT(inv_error)

/** Memory. `resize(ctx, NULL, 0, n)` allocates, `resize(ctx, p, old, 0)` frees and returns NULL,
 *  anything else grows or shrinks; NULL means out of memory. Must be callable from any thread
 *  that uses the store. */
typedef struct inv_allocator {
	void *ctx;
	void *(*resize)(void *ctx, void *ptr, size_t old_size, size_t new_size);
} inv_allocator;

/** Wall clock in microseconds since 1970-01-01 UTC. */
typedef struct inv_clock {
	void *ctx;
	int64_t (*now)(void *ctx);
} inv_clock;

/** Randomness for ids and salts; returns false when there is none. */
typedef struct inv_random {
	void *ctx;
	bool (*fill)(void *ctx, void *buffer, size_t size);
} inv_random;

typedef int32_t inv_log_level;
#define INV_LOG_ERROR 1
#define INV_LOG_WARN 2
#define INV_LOG_INFO 3
#define INV_LOG_DEBUG 4

/** Log sink; `component` and `message` are NUL-terminated and valid for the call. */
typedef struct inv_log {
	void *ctx;
	void (*write)(void *ctx, inv_log_level level, const char *component, const char *message);
} inv_log;

/** Progress of long work; `total` is 0 when unknown. Return false to stop (status CANCELLED). */
typedef struct inv_progress {
	void *ctx;
	bool (*step)(void *ctx, uint64_t done, uint64_t total);
} inv_progress;

/** "0.1.0". Static. Any thread. @since 0.1 */
INV_API const char *inv_version(void);
/** (major << 16) | (minor << 8) | patch of the library that runs. @since 0.1 */
INV_API uint32_t inv_version_number(void);

/** Write the canonical text of an id (36 characters and a NUL) into `text`. @since 0.1 */
INV_API void inv_id_format(inv_id id, char text[37]);
/** Read an id; INVALID when `text` is not 8-4-4-4-12 hexadecimal, `out` is untouched then.
 *  @since 0.1 */
INV_API inv_status inv_id_parse(inv_str text, inv_id *out);

/** Parse a decimal such as "-1.25" to an integer of 10^-`scale` (scale 0 to 9). INVALID for
 *  anything else than digits with one optional point and sign, for more decimals than `scale`, or
 *  out of range. @since 0.1 */
INV_API inv_status inv_decimal_parse(inv_str text, uint32_t scale, int64_t *out);
/** Write the shortest decimal of `value` × 10^-`scale`, NUL-terminated, at most 24 bytes; returns
 *  its length. @since 0.1 */
INV_API size_t inv_decimal_format(int64_t value, uint32_t scale, char text[24]);

/** Parse RFC 3339 ("2010-12-01T08:26:00Z", offsets and fractions allowed). @since 0.1 */
INV_API inv_status inv_instant_parse(inv_str text, int64_t *out);
/** Write an instant as RFC 3339 UTC, NUL-terminated; returns its length. @since 0.1 */
INV_API size_t inv_instant_format(int64_t instant, char text[40]);

#ifdef __cplusplus
}
#endif

#include "inventra/status.h"

#endif
