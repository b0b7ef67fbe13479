/* SPDX-License-Identifier: MIT */
/* Codecs: each is one loop over a description. No record is named here. */
#ifndef INV_CODEC_H
#define INV_CODEC_H

#include "inventra/schema.h"
#include "inventra/sys/driver.h"
#include "util/arena.h"

/* ---- finding things to say about an input (problem.c) ---- */

/* Where in an input we are; printed as lines[3].quantity. Lives on the stack. */
typedef struct inv__path {
	const struct inv__path *up;
	const char *field;
	int64_t index; /* -1 = none */
} inv__path;

/* Errors found in one input record; the first becomes the error, all of them its details. */
typedef struct inv__problems {
	inv_error *error;
	const char *record;
	int64_t index; /* of the input record */
} inv__problems;

void inv__error_clear(inv_error *error);
/* Set status and message; record and field stay what they are unless given (NULL = leave). Returns
 * `status`, so that callers can return it. */
inv_status inv__error_set(inv_error *error, inv_status status, const char *record,
                          const char *field, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* Add a finding at path + field. Returns `status`. */
inv_status inv__problem_add(inv__problems *problems, inv_status status, const inv__path *path,
                            const char *field, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
void inv__path_text(const inv__path *path, const char *field, char *out, size_t size);

/* ---- fields of a record (field.c) ---- */

static inline const void *inv__field_at(const inv_field_desc *field, const void *record)
{
	return (const char *)record + field->offset;
}
static inline void *inv__field_of(const inv_field_desc *field, void *record)
{
	return (char *)record + field->offset;
}
/* Is the field's value its default (zero, empty)? */
bool inv__field_is_default(const inv_field_desc *field, const void *record);
/* Read one value from text, as in CSV, filters and the command line: decimals, dates, names of
 * enum values, true/false, UUID or code; STRINGS split at ';'; LIST as a JSON array; BYTES as
 * base64. Strings are borrowed from `text` where they can be. */
inv_status inv__field_from_text(const inv_field_desc *field, inv_str text, inv__arena *arena,
                                void *record, inv__problems *problems, const inv__path *path);
/* INVALID: the instant 0 is none, and whoever gives it means something else. */
inv_status inv__field_no_epoch(const inv_field_desc *field, inv__problems *problems,
                               const inv__path *path);
/* Write one value as text; appends to buf. The counterpart of inv__field_from_text. */
void inv__field_to_text(const inv_field_desc *field, const void *record, inv__buf *buf);
/* The same of a scalar that is not BYTES: borrowed from the record, or written into `scratch`. */
inv_str inv__field_scalar(const inv_field_desc *field, const void *record, char scratch[40]);
/* The field that `name` means in JSON and CSV; x_code (is_code) is the code of REF x. NULL when
 * there is none or it is hidden. */
const inv_field_desc *inv__field_input(const inv_record_desc *record, inv_str name, bool *is_code);
/* How many letters may differ in what is taken for a misspelt name; and how many do, whatever their
 * case, or more than `limit`. */
size_t inv__name_reach(inv_str name);
size_t inv__name_distance(inv_str a, inv_str b, size_t limit);
/* INVALID: unknown field `nam`; did you mean `name`? */
inv_status inv__field_unknown(const inv_record_desc *record, inv_str name, const inv__path *path,
                              inv__problems *problems);

/* ---- records (record.c) ---- */

/* Copy `count` records of a caller, who may know smaller or larger structs (struct_size of the
 * first is the stride), into current ones: missing tails are zero, unknown tails must be zero.
 * When sizes agree at every depth the caller's own memory is returned. */
inv_status inv__records_import(const inv_record_desc *record, const void *inputs, size_t count,
                               inv__arena *arena, const void **out, inv__problems *problems);
/* Deep copy into the arena. */
inv_status inv__record_copy(const inv_record_desc *record, const void *from, inv__arena *arena,
                            void *to);

/* ---- validation (validate.c) ---- */

#define INV__CHECK_PARTIAL 1u /* required fields outside `mask` may be missing */
/* Check one record against its description: required, UTF-8, control characters, code charset,
 * lengths, ranges, enum numbers, JSON well-formed, read-only fields not given; nested lists too.
 * `mask` (may be NULL) are the fields given. */
inv_status inv__validate(const inv_record_desc *record, const void *value, const inv_fields *mask,
                         uint32_t flags, inv__problems *problems);

/* ---- JSON (json_scan.c, json_read.c, json_write.c) ---- */

/* Check size, depth, UTF-8, duplicate keys, number text; returns a rewritten document in which
 * every number is a string that starts with U+0001, so that cJSON keeps its text. */
inv_status inv__json_scan(inv_str json, inv__arena *arena, inv_str *out, inv__problems *problems);
/* Read one object of an input. Unknown fields are refused. `mask` (may be NULL) gets the fields
 * that were present. Strings live in the arena. Enums by name, REF as UUID or code, also x_code. */
inv_status inv__json_read_one(const inv_record_desc *record, inv_str json, inv__arena *arena,
                              void *out, inv_fields *mask, inv__problems *problems);
/* The same for an event's payload, which a later version may have written: unknown fields are
 * passed over. */
inv_status inv__json_read_payload(const inv_record_desc *record, inv_str json, inv__arena *arena,
                                  void *out, inv__problems *problems);

typedef struct inv__json_records {
	void *items; /* contiguous */
	inv_fields *masks;
	size_t count;
	bool is_array;
} inv__json_records;
/* Read an object or an array of objects, at most INV_LIMIT_BATCH. */
inv_status inv__json_read_many(const inv_record_desc *record, inv_str json, inv__arena *arena,
                               inv__json_records *out, inv__problems *problems);
/* Check that text is one JSON value within the limits and write it compactly. */
inv_status inv__json_compact(inv_str json, inv__arena *arena, inv_str *out,
                             inv__problems *problems);

/* As in the journal: defaults are left out, so are INPUT, STATE and HIDDEN fields and the codes of
 * references; PERSONAL fields are as they stand in the record (commitments). */
#define INV__JSON_PAYLOAD 1u
/* Compact, in description order. Without INV__JSON_PAYLOAD numbers, booleans and enums are always
 * there, empty text, ids, instants, dates and lists are not; REF as id with x_code beside it. */
void inv__json_write(const inv_record_desc *record, const void *value, uint32_t flags,
                     inv__buf *buf);
void inv__json_write_string(inv_str text, inv__buf *buf);

/* ---- canonical bytes (canonical.c) ---- */

/* Every field in order as tag, length and bytes, independent of struct sizes and of fields added
 * later with their default: used for digests of inputs and for the state hash. */
void inv__canonical(const inv_record_desc *record, const void *value, inv__buf *buf);
/* The same for a row of values as they stand in a table. */
void inv__canonical_row(const inv_value *cells, size_t count, inv__buf *buf);

/* ---- rows (row.c) ---- */

/* The stored fields of a record: what a table's columns are. Fields that are DETAIL, INPUT or
 * PERSONAL are not stored. */
bool inv__field_is_stored(const inv_field_desc *field);
size_t inv__row_width(const inv_record_desc *record);
/* One field to a value and back. None ids are empty blobs; STRINGS and LIST are compact JSON. */
inv_status inv__value_of(const inv_field_desc *field, const void *record, inv__arena *arena,
                         inv_value *out);
inv_status inv__value_to(const inv_field_desc *field, const inv_value *value, inv__arena *arena,
                         void *record);
/* All stored fields, in order; struct_size is set on read. Strings of `cells` are borrowed. */
inv_status inv__row_write(const inv_record_desc *record, const void *value, inv__arena *arena,
                          inv_value *cells);
inv_status inv__row_read(const inv_record_desc *record, const inv_value *cells, inv__arena *arena,
                         void *out);
/* Append "a, b, c" with `prefix` before each name. */
void inv__row_columns(const inv_record_desc *record, const char *prefix, inv__buf *buf);

/* ---- CSV (csv.c: the grammar; csv_file.c: files, gzip) ---- */

typedef struct inv__csv_reader inv__csv_reader;
/* RFC 4180 with BOM, CRLF or LF, quoted newlines; plain or gzip by its first bytes. Bounds: 1,024
 * fields and 1 MiB a row, 100:1 ratio of gzip beyond 1 MiB. */
inv_status inv__csv_open(const char *path, const inv_allocator *allocator, inv__csv_reader **out,
                         inv_error *error);
void inv__csv_close(inv__csv_reader *reader);
/* The next row; fields live until the next call. *count = 0 at the end. A malformed row is INVALID
 * and reading can go on behind it. */
inv_status inv__csv_next(inv__csv_reader *reader, const inv_str **fields, size_t *count,
                         inv_error *error);
uint64_t inv__csv_line(const inv__csv_reader *reader);   /* of the row's first line, from 1 */
uint64_t inv__csv_offset(const inv__csv_reader *reader); /* bytes of the file read */
uint64_t inv__csv_size(const inv__csv_reader *reader);

typedef struct inv__csv_writer inv__csv_writer;
/* EXISTS when the file is there; gzip when the path ends in ".gz". */
inv_status inv__csv_create(const char *path, const inv_allocator *allocator, inv__csv_writer **out,
                           inv_error *error);
void inv__csv_put(inv__csv_writer *writer, inv_str field, bool guard); /* guard = formula guard */
void inv__csv_end_row(inv__csv_writer *writer);
inv_status inv__csv_finish(inv__csv_writer *writer, inv_error *error); /* closes; also on failure */

/* Header row to fields of a record: each name must be a field (INVALID otherwise). */
inv_status inv__csv_header(const inv_record_desc *record, const inv_str *names, size_t count,
                           const inv_field_desc **fields, inv__problems *problems);

#endif
