/* SPDX-License-Identifier: MIT */
/**
 * @file schema.h
 * The description of everything: records, enums, operations, events, statuses, for any program to
 * walk at run time. All of it is static and constant; any thread may read it at any time.
 *
 * Array elements are reached through functions, never by indexing, so that descriptors may grow.
 */
#ifndef INVENTRA_SCHEMA_H
#define INVENTRA_SCHEMA_H

#include "inventra/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Kinds of fields. */
#define INV_KIND_BOOL 1u
#define INV_KIND_ENUM 2u
#define INV_KIND_DATE 3u
#define INV_KIND_INT 4u
#define INV_KIND_QUANTITY 5u
#define INV_KIND_MONEY 6u
#define INV_KIND_RATIO 7u
#define INV_KIND_INSTANT 8u
#define INV_KIND_ID 9u
#define INV_KIND_REF 10u
#define INV_KIND_TEXT 11u
#define INV_KIND_CODE 12u
#define INV_KIND_JSON 13u
#define INV_KIND_BYTES 14u
#define INV_KIND_STRINGS 15u
#define INV_KIND_LIST 16u

/* Flags of fields. */
#define INV_FIELD_KEY 0x1u         /* part of the primary key */
#define INV_FIELD_REQUIRED 0x2u    /* must not be empty on input */
#define INV_FIELD_READONLY 0x4u    /* the engine's: refused on input */
#define INV_FIELD_IMMUTABLE 0x8u   /* given at creation, never changed */
#define INV_FIELD_UNIQUE 0x10u     /* unique by case folding */
#define INV_FIELD_FILTER 0x20u     /* may stand in a filter */
#define INV_FIELD_SORT 0x40u       /* may stand in a sort */
#define INV_FIELD_SEARCH 0x80u     /* its words are searched */
#define INV_FIELD_PERSONAL 0x100u  /* the journal holds a commitment, the value can be forgotten */
#define INV_FIELD_LOCK 0x200u      /* the optimistic lock */
#define INV_FIELD_INPUT 0x400u     /* input only: neither journaled nor stored */
#define INV_FIELD_STATE 0x800u     /* changes after the event: stored, not in the payload */
#define INV_FIELD_DETAIL 0x1000u   /* not in the record's own table; left out of lists */
#define INV_FIELD_HIDDEN 0x2000u   /* not shown */
#define INV_FIELD_POSITIONAL 0x4000u /* the command line takes it without its name */
#define INV_FIELD_HASHED 0x8000u   /* covered by the journal row's hash */
#define INV_FIELD_MULTILINE 0x10000u /* text with line ends */
#define INV_FIELD_NAMES 0x20000u   /* text that names fields: a filter, a sort */

/** A field of a record. `offset` and `size` are those of the C struct. */
typedef struct inv_field_desc {
	const char *name;
	uint32_t kind;
	uint32_t flags;
	const char *doc;
	uint32_t max;     /* bytes of text, elements of a list; 0 = none stated */
	uint32_t of;      /* record (LIST) or enum (ENUM) number */
	uint32_t ref;     /* table a REF points into */
	uint32_t since;   /* (major << 16) | (minor << 8), 0 = 0.1 */
	int64_t low;      /* of numbers, when low < high or high != 0 */
	int64_t high;
	uint32_t offset;
	uint32_t size;
} inv_field_desc;

#define INV_RECORD_PUBLIC 1u /* has a public struct */
#define INV_RECORD_ROW 2u    /* a row of a table, internal */
#define INV_STRUCT_OPTIONS 4u /* what a function takes beside records */
#define INV_STRUCT_REPORT 8u  /* what one tells */

/* Structs that are no records: numbers of inv_schema_struct(). */
#define INV_STRUCT_STORE_OPTIONS 0u
#define INV_STRUCT_SESSION_OPTIONS 1u
#define INV_STRUCT_IMPORT_OPTIONS 2u
#define INV_STRUCT_STORE_INFO 3u
#define INV_STRUCT_VERIFY_REPORT 4u
#define INV_STRUCT_COPY_REPORT 5u
#define INV_STRUCT_IMPORT_REPORT 6u
#define INV_STRUCT_ERROR 7u
#define INV_STRUCT_ERROR_DETAIL 8u

/* How their members hold a value: `of` of the member's description. */
#define INV_HELD_PLAIN 0u   /* as a record's field of the kind does */
#define INV_HELD_NEGATED 1u /* BOOL: the member says the contrary of its described name */
#define INV_HELD_SHORT 2u   /* INT: in 32 bits */
#define INV_HELD_ARRAY 3u   /* TEXT: in an array of char, with a NUL */
#define INV_HELD_POINTER 4u /* TEXT: const char *, NULL is the default */

typedef struct inv_record_desc {
	const char *name;
	uint32_t flags;
	uint32_t size; /* of the C struct */
	const char *doc;
	uint32_t number;
	uint32_t field_count;
	const inv_field_desc *fields;
} inv_record_desc;

typedef struct inv_enum_value {
	const char *name;
	int32_t number;
	uint32_t reserved;
	const char *doc;
} inv_enum_value;

typedef struct inv_enum_desc {
	const char *name;
	const char *doc;
	const inv_enum_value *values;
	uint32_t value_count;
	uint32_t number;
} inv_enum_desc;

/* Flags of operations. */
#define INV_OP_READ 0x1u
#define INV_OP_WRITE 0x2u
#define INV_OP_BATCH 0x4u       /* takes 1..INV_LIMIT_BATCH records; else exactly 1 */
#define INV_OP_PARTIAL 0x8u     /* changes only the fields in the mask */
#define INV_OP_LISTS 0x10u      /* answers pages with a cursor */
#define INV_OP_WAITS 0x20u      /* may wait */
#define INV_OP_SIDE_EFFECT 0x40u /* its decision writes side tables */

typedef struct inv_op_desc {
	const char *name;   /* "product.create" */
	const char *noun;
	const char *plural;
	const char *verb;
	const char *permission;
	const char *http;
	const char *summary;
	uint32_t number;
	uint32_t flags;
	uint32_t input;     /* record numbers */
	uint32_t output;
} inv_op_desc;

typedef struct inv_event_desc {
	const char *name;    /* "product.created" */
	const char *subject; /* subject type */
	const char *doc;
	uint32_t number;
	uint32_t payload;    /* record number */
} inv_event_desc;

typedef struct inv_status_desc {
	const char *name;   /* "NOT_FOUND" */
	const char *klass;  /* exception class in Python and Node */
	const char *text;
	inv_status number;
	int32_t http;
	int32_t exit_code;
	inv_bool retryable;
} inv_status_desc;

#define INV_TABLE_JOURNAL 1u
#define INV_TABLE_DERIVED 2u
#define INV_TABLE_SIDE 3u
#define INV_TABLE_VIEW 4u

typedef struct inv_table_desc {
	const char *name;
	uint32_t number;
	uint32_t klass;   /* INV_TABLE_… */
	uint32_t record;
	uint32_t parent;  /* table number; 0 = none */
} inv_table_desc;

/** Descriptors by number, from 0 (tables from 1); NULL past the end. Cost: none. @since 0.1 */
INV_API const inv_record_desc *inv_schema_record(uint32_t number);
INV_API const inv_field_desc *inv_schema_field(const inv_record_desc *record, uint32_t index);
INV_API const inv_enum_desc *inv_schema_enum(uint32_t number);
INV_API const inv_op_desc *inv_schema_op(uint32_t number);
INV_API const inv_event_desc *inv_schema_event(uint32_t number);
INV_API const inv_table_desc *inv_schema_table(uint32_t number);
/** The structs of the headers beside records, by number (INV_STRUCT_…): options and reports with
 *  their members, described as fields are; inv_struct_set() and inv_struct_text() know how they are
 *  held. What only C has use for, such as callbacks, is not described. NULL past the end. Cost:
 *  none. @since 0.1 */
INV_API const inv_record_desc *inv_schema_struct(uint32_t number);
/** The status's row of the table; INTERNAL's row for a number that is none. @since 0.1 */
INV_API const inv_status_desc *inv_schema_status(inv_status status);
/** Statuses by index from 0, success first; NULL past the end. @since 0.1 */
INV_API const inv_status_desc *inv_schema_status_at(uint32_t index);
/** Descriptors by name ("product", "product.create"); NULL when there is none. @since 0.1 */
INV_API const inv_record_desc *inv_schema_record_named(inv_str name);
INV_API const inv_op_desc *inv_schema_op_named(inv_str name);
INV_API const inv_event_desc *inv_schema_event_named(inv_str name);
/** A field by name, and its index; NULL when there is none. `index` may be NULL. @since 0.1 */
INV_API const inv_field_desc *inv_schema_field_named(const inv_record_desc *record, inv_str name,
                                                     uint32_t *index);
/** Name of a kind ("MONEY") and its JSON form. @since 0.1 */
INV_API const char *inv_schema_kind_name(uint32_t kind);
INV_API const char *inv_schema_kind_json(uint32_t kind);
/** Name of an enum's value; NULL when the number is none of it. @since 0.1 */
INV_API const char *inv_enum_name(const inv_enum_desc *e, int32_t number);

#ifdef __cplusplus
}
#endif

#endif
