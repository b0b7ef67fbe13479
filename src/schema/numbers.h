/* SPDX-License-Identifier: MIT */
/* Numbers of records, enums, operations, events and tables: their order in the .def files. */
#ifndef INV_SCHEMA_NUMBERS_H
#define INV_SCHEMA_NUMBERS_H

enum {
#define RECORD(name, ...) INV_RECORD_##name,
#define FIELD(...)
#include "schema/records.def"
#undef RECORD
#undef FIELD
	INV_RECORD_COUNT
};

enum {
#define ENUM(name, doc) INV_ENUM_##name,
#define VALUE(...)
#include "schema/enums.def"
#undef ENUM
#undef VALUE
	INV_ENUM_COUNT
};

enum {
#define STRUCT(name, ...) INV_STRUCT_##name,
#define MEMBER(...)
#include "schema/structs.def"
#undef STRUCT
#undef MEMBER
	INV_STRUCT_COUNT
};

enum {
	INV_TABLE_none = 0,
#define TABLE(name, ...) INV_TABLE_##name,
#include "schema/tables.def"
#undef TABLE
	INV_TABLE_COUNT,
	/* A reference to the table of the operation's own output record. */
	INV_TABLE_OF_OUTPUT = 255
};

enum {
#define OP(noun, plural, verb, ...) INV_OP_##noun##_##verb,
#include "schema/ops.def"
#undef OP
	INV_OP_COUNT
};

enum {
#define EVENT(noun, verb, ...) INV_EVENT_##noun##_##verb,
#include "schema/events.def"
#undef EVENT
	INV_EVENT_COUNT
};

#endif
