/* SPDX-License-Identifier: MIT */
/**
 * @file input.h
 * Records made field by field, for programs that know the description only at run time: bindings of
 * other languages, command lines, servers. C programs that know their records fill structs instead.
 *
 * An input is `count` records of one type in memory of its own, all fields at their default, and
 * remembers which fields were set: that is the mask of a partial update. Every setter takes the
 * input, one of its records (inv_input_at(), or an element that inv_input_set_list() made) and a
 * field of that record. What it is given is copied, so that it may go right after.
 *
 * A setter that fails changes nothing. It fills `error` (which may be NULL) with record, index and
 * path such as "lines[3].quantity", and answers
 *   INVALID    the value is not one of the field's, the field's kind takes another setter, or the
 *              field is the engine's own; the message says what to give instead;
 *   NO_MEMORY  there is no memory;
 *   MISUSE     an argument is missing, or no record of this input.
 * Lengths, ranges, characters and required fields are checked by the call, not by the setters.
 *
 * Threads: an input is used by one thread at a time; different inputs have nothing in common. No
 * store is needed to make one, and none is kept alive by it.
 */
#ifndef INVENTRA_INPUT_H
#define INVENTRA_INPUT_H

#include "inventra/schema.h"
#include "inventra/store.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct inv_input inv_input;

/**
 * Make `count` records.
 *
 * @param record a public record, such as inv_schema_record(op->input)
 * @param count  1 to INV_LIMIT_BATCH
 * @param out    inv_input_free() it; NULL on failure
 * @return INV_OK; MISUSE without a public record or `out`; LIMIT for another count; NO_MEMORY
 * Cost: one allocation while the records and what is set fit into a few KiB. @since 0.1
 */
INV_API inv_status inv_input_new(const inv_record_desc *record, size_t count, inv_input **out);
/** Record `index`: the C struct, with struct_size set. They stand behind one another, `size` bytes
 *  of the description apart. NULL past the end. Lives until inv_input_free(). @since 0.1 */
INV_API void *inv_input_at(inv_input *input, size_t index);
/** How many records it has; 0 for NULL. @since 0.1 */
INV_API size_t inv_input_count(const inv_input *input);
/** Free with all its records; takes NULL. @since 0.1 */
INV_API void inv_input_free(inv_input *input);

/**
 * The field that a caller's name means.
 *
 * @param name    such as "sku"; "category_code" means `category`, by its code
 * @param is_code true when the name was that of a code: inv_input_set_code() then. May be NULL.
 * @return the field, or NULL with INVALID in `error`: the message offers the nearest name. Fields
 *         of the engine are found; setting them is what fails
 * Cost: none. Any thread. @since 0.1
 */
INV_API const inv_field_desc *inv_input_field(const inv_record_desc *record, inv_str name,
                                              bool *is_code, inv_error *error);

/**
 * Set a field of any kind from its JSON text form: decimals as "2.55", enums by name, dates as
 * "2024-02-29", instants as RFC 3339, "true" and "false", ids as UUID, references as UUID or else
 * code, bytes as base64. JSON fields take JSON text; STRINGS "a;b" or a JSON array, LIST a JSON
 * array of objects. Empty text is the field's default, and counts as set. @since 0.1
 */
INV_API inv_status inv_input_set_text(inv_input *input, void *record, const inv_field_desc *field,
                                      inv_str text, inv_error *error);
/** Set a REF by code, also by one that looks like an id. @since 0.1 */
INV_API inv_status inv_input_set_code(inv_input *input, void *record, const inv_field_desc *field,
                                      inv_str code, inv_error *error);
/**
 * Set BOOL (0 or 1), ENUM (the value's number), DATE (days since 1970-01-01), INT, QUANTITY
 * (10^-6), MONEY (10^-4 of the currency unit), RATIO (10^-6) or INSTANT (microseconds since
 * 1970-01-01 UTC): the unit of the struct. The instant 0 stands for none and is INVALID, here and
 * as text: empty text sets none. @since 0.1
 */
INV_API inv_status inv_input_set_int(inv_input *input, void *record, const inv_field_desc *field,
                                     int64_t value, inv_error *error);
/** Set ID or REF by id; the zero id is none. @since 0.1 */
INV_API inv_status inv_input_set_id(inv_input *input, void *record, const inv_field_desc *field,
                                    const inv_id *id, inv_error *error);
/**
 * Give a LIST or STRINGS field `count` elements, all at their default; 0 empties it.
 *
 * @param elements of LIST: the first nested record, with struct_size set, the others behind it,
 *                 `size` bytes of inv_schema_record(field->of) apart. Of STRINGS: the first of the
 *                 inv_str, to be set by inv_input_set_string(). May be NULL. Live as the input.
 * @since 0.1
 */
INV_API inv_status inv_input_set_list(inv_input *input, void *record, const inv_field_desc *field,
                                      size_t count, void **elements, inv_error *error);
/** Set one text of a STRINGS field that inv_input_set_list() has given its length. @since 0.1 */
INV_API inv_status inv_input_set_string(inv_input *input, void *record,
                                        const inv_field_desc *field, size_t index, inv_str text,
                                        inv_error *error);

/** Say in `error` that no field of the record has this name: as inv_input_field() does, but with
 *  index and path. Always answers INVALID, or MISUSE as the setters do. @since 0.1 */
INV_API inv_status inv_input_unknown(inv_input *input, void *record, inv_str name,
                                     inv_error *error);
/** Say in `error` that a value which no setter can take is INVALID: with record, index and path of
 *  the field, and the caller's own sentence. Always answers INVALID, or MISUSE as the setters do.
 *  @since 0.1 */
INV_API inv_status inv_input_refuse(inv_input *input, void *record, const inv_field_desc *field,
                                    inv_str message, inv_error *error);

/**
 * inv_call() with an input. Of a partial update each record changes the fields that were set in it,
 * unless `options` names fields: then those, in every record.
 *
 * @param input of the operation's input record, else MISUSE; borrowed for the call
 * @since 0.1
 */
INV_API inv_status inv_call_input(inv_session *session, const inv_op_desc *op, inv_input *input,
                                  const inv_options *options, inv_result **out);

/**
 * Set a member of options (inv_schema_struct()) by its described name: BOOL by "true" or "false",
 * INT by a whole number from 0 to 2^31 - 1, REF by an id or a code.
 *
 * @param at   the struct, such as an inv_store_options with struct_size set
 * @param text borrowed as the struct borrows it: it lives as long, and a NUL stands behind it.
 *             Empty text is the default
 * @return INV_OK; INVALID for another value, or for a name that is none: the message offers the
 *         nearest; MISUSE when an argument is missing or the struct is none of options
 * Cost: none. @since 0.1
 */
INV_API inv_status inv_struct_set(const inv_record_desc *desc, void *at, inv_str name, inv_str text,
                                  inv_error *error);
/** The text form of a member of options, a report or an error: as inv_field_text(). @since 0.1 */
INV_API size_t inv_struct_text(const inv_field_desc *member, const void *at, char *buffer,
                               size_t size);
/** The value of a BOOL (0 or 1) or INT member; 0 of another. @since 0.1 */
INV_API int64_t inv_struct_int(const inv_field_desc *member, const void *at);

/** Of `names`, which line ends tell apart, the one that `name` is most like, within two letters
 *  (one in short names), whatever their case; empty when none is. Cost: none. Any thread.
 *  @since 0.1 */
INV_API inv_str inv_nearest(inv_str name, inv_str names);

/**
 * The JSON text form of a scalar field (every kind but STRINGS and LIST) of any record: what
 * inv_input_set_text() takes. References give their code where they have one, else the id.
 *
 * @param buffer gets the text and a NUL, cut off when `size` is too small; may be NULL when `size`
 *               is 0
 * @return the length of the whole text, 0 for none; base64 that does not fit is not begun
 * Cost: no allocation. Any thread. @since 0.1
 */
INV_API size_t inv_field_text(const inv_field_desc *field, const void *record, char *buffer,
                              size_t size);

#ifdef __cplusplus
}
#endif

#endif
