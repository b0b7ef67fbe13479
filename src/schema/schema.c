/* SPDX-License-Identifier: MIT */
/* The .def files expanded to run-time tables. A member's type is proved to be the declared kind. */
#include "inventra/records.h"
#include "schema/def.h"
#include "schema/numbers.h"
#include "schema/rows.h"
#include "util/text.h"

/* ---- proofs at compile time ---- */

enum {
#define KIND(name, type, sql, json) KIND_SIZE_##name = sizeof(type),
#include "schema/kinds.def"
#undef KIND
	KIND_SIZES_END
};

#define C_TYPE_NUMBER(expression) \
	_Generic((expression), uint32_t: 1, int32_t: 2, int64_t: 3, inv_id: 4, inv_ref: 5, inv_str: 6, \
	         inv_list: 7, default: 0)

#define RECORD(name, ...)
#define FIELD(record, member, kind, ...) \
	_Static_assert(C_TYPE_NUMBER(((inv_##record *)0)->member) == INV__TYPE_OF_##kind, \
	               "inv_" #record "." #member " is not of its declared kind");
#define INV__TYPE_OF_BOOL 1
#define INV__TYPE_OF_ENUM 2
#define INV__TYPE_OF_DATE 2
#define INV__TYPE_OF_INT 3
#define INV__TYPE_OF_QUANTITY 3
#define INV__TYPE_OF_MONEY 3
#define INV__TYPE_OF_RATIO 3
#define INV__TYPE_OF_INSTANT 3
#define INV__TYPE_OF_ID 4
#define INV__TYPE_OF_REF 5
#define INV__TYPE_OF_TEXT 6
#define INV__TYPE_OF_CODE 6
#define INV__TYPE_OF_JSON 6
#define INV__TYPE_OF_BYTES 6
#define INV__TYPE_OF_STRINGS 7
#define INV__TYPE_OF_LIST 7
#include "schema/records.def"
#undef RECORD
#undef FIELD

/* ---- records ---- */

/* One array holds the fields of all records, in order; a record finds its own by counting. */
#define RECORD(name, ...)
#define FIELD(record, member, kind_, flags_, ...) \
	{.name = #member, .kind = INV_KIND_##kind_, .flags = (flags_), .doc = __VA_ARGS__, \
	 .offset = offsetof(inv_##record, member), .size = KIND_SIZE_##kind_},
static const inv_field_desc all_fields[] = {
#include "schema/records.def"
};
#undef RECORD
#undef FIELD

/* Where each record's fields start: an enumerator that does not advance the count. */
enum {
#define RECORD(name, ...) FIRST_OF_##name, BEFORE_##name = FIRST_OF_##name - 1,
#define FIELD(record, member, ...) PLACE_OF_##record##_##member,
#include "schema/records.def"
	FIELD_TOTAL
};
#undef RECORD
#undef FIELD

#define RECORD(name_, flags_, doc_) \
	{.name = #name_, .flags = (flags_), .size = sizeof(inv_##name_), .doc = (doc_), \
	 .number = INV_RECORD_##name_, .fields = all_fields + FIRST_OF_##name_, \
	 .field_count = FIELDS_OF_##name_},
#define FIELD(...)
static const inv_record_desc records[] = {
#include "schema/records.def"
};
#undef RECORD
#undef FIELD

/* ---- enums ---- */

enum {
#define ENUM(name, doc) FIRST_VALUE_##name, BEFORE_VALUE_##name = FIRST_VALUE_##name - 1,
#define VALUE(name, value, ...) PLACE_OF_VALUE_##name##_##value,
#include "schema/enums.def"
	VALUE_TOTAL
};
#undef ENUM
#undef VALUE

#define ENUM(...)
#define VALUE(name_, value_, number_, doc_) {.name = #value_, .number = (number_), .doc = (doc_)},
static const inv_enum_value all_values[] = {
#include "schema/enums.def"
};
#undef ENUM
#undef VALUE

#define ENUM(name_, doc_) \
	{.name = #name_, .doc = (doc_), .values = all_values + FIRST_VALUE_##name_, \
	 .value_count = VALUES_OF_##name_, .number = INV_ENUM_##name_},
#define VALUE(...)
static const inv_enum_desc enums[] = {
#include "schema/enums.def"
};
#undef ENUM
#undef VALUE

/* ---- operations, events, tables, statuses, kinds ---- */

#define OP(noun_, plural_, verb_, input_, output_, flags_, impl_, permission_, http_, summary_) \
	{.name = #noun_ "." #verb_, .noun = #noun_, .plural = #plural_, .verb = #verb_, \
	 .permission = (permission_), .http = (http_), .summary = (summary_), \
	 .number = INV_OP_##noun_##_##verb_, .flags = (flags_), .input = INV_RECORD_##input_, \
	 .output = INV_RECORD_##output_},
static const inv_op_desc ops[] = {
#include "schema/ops.def"
};
#undef OP

#define EVENT(noun_, verb_, payload_, subject_, impl_, doc_) \
	{.name = #noun_ "." #verb_, .subject = #subject_, .doc = (doc_), \
	 .number = INV_EVENT_##noun_##_##verb_, .payload = INV_RECORD_##payload_},
static const inv_event_desc events[] = {
#include "schema/events.def"
};
#undef EVENT

#define TABLE(name_, class_, record_, parent_) \
	{.name = #name_, .number = INV_TABLE_##name_, .klass = (class_), \
	 .record = INV_RECORD_##record_, .parent = INV_TABLE_##parent_},
static const inv_table_desc tables[] = {
#include "schema/tables.def"
};
#undef TABLE

#define STATUS(name_, number_, http_, retryable_, class_, text_) \
	{.name = #name_, .klass = (class_), .text = (text_), .number = (number_), .http = (http_), \
	 .exit_code = 10 - (number_), .retryable = (retryable_)},
static const inv_status_desc statuses[] = {
	{.name = "OK", .klass = "", .text = "done", .number = 0, .http = 200, .exit_code = 0},
#include "schema/status.def"
};
#undef STATUS

static const struct {
	const char *name;
	const char *json;
} kinds[] = {
	{"", ""},
#define KIND(name, type, sql, json) {#name, json},
#include "schema/kinds.def"
#undef KIND
};

#define COUNT_OF(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

const inv_record_desc *inv_schema_record(uint32_t number)
{
	return number < COUNT_OF(records) ? &records[number] : NULL;
}

const inv_field_desc *inv_schema_field(const inv_record_desc *record, uint32_t index)
{
	return record && index < record->field_count ? &record->fields[index] : NULL;
}

const inv_enum_desc *inv_schema_enum(uint32_t number)
{
	return number < COUNT_OF(enums) ? &enums[number] : NULL;
}

const inv_op_desc *inv_schema_op(uint32_t number)
{
	return number < COUNT_OF(ops) ? &ops[number] : NULL;
}

const inv_event_desc *inv_schema_event(uint32_t number)
{
	return number < COUNT_OF(events) ? &events[number] : NULL;
}

const inv_table_desc *inv_schema_table(uint32_t number)
{
	return number > 0 && number <= COUNT_OF(tables) ? &tables[number - 1] : NULL;
}

const inv_status_desc *inv_schema_status(inv_status status)
{
	const inv_status_desc *internal = NULL;

	for (uint32_t i = 0; i < COUNT_OF(statuses); i++) {
		if (statuses[i].number == status)
			return &statuses[i];
		if (statuses[i].number == INV_E_INTERNAL)
			internal = &statuses[i];
	}
	return internal;
}

const inv_status_desc *inv_schema_status_at(uint32_t index)
{
	return index < COUNT_OF(statuses) ? &statuses[index] : NULL;
}

const inv_record_desc *inv_schema_record_named(inv_str name)
{
	for (uint32_t i = 0; i < COUNT_OF(records); i++)
		if (inv__str_is(name, records[i].name))
			return &records[i];
	return NULL;
}

const inv_op_desc *inv_schema_op_named(inv_str name)
{
	for (uint32_t i = 0; i < COUNT_OF(ops); i++)
		if (inv__str_is(name, ops[i].name))
			return &ops[i];
	return NULL;
}

const inv_event_desc *inv_schema_event_named(inv_str name)
{
	for (uint32_t i = 0; i < COUNT_OF(events); i++)
		if (inv__str_is(name, events[i].name))
			return &events[i];
	return NULL;
}

const inv_field_desc *inv_schema_field_named(const inv_record_desc *record, inv_str name,
                                             uint32_t *index)
{
	for (uint32_t i = 0; record && i < record->field_count; i++) {
		if (!inv__str_is(name, record->fields[i].name))
			continue;
		if (index)
			*index = i;
		return &record->fields[i];
	}
	return NULL;
}

const char *inv_schema_kind_name(uint32_t kind)
{
	return kind < COUNT_OF(kinds) ? kinds[kind].name : "";
}

const char *inv_schema_kind_json(uint32_t kind)
{
	return kind < COUNT_OF(kinds) ? kinds[kind].json : "";
}

const char *inv_enum_name(const inv_enum_desc *e, int32_t number)
{
	for (uint32_t i = 0; e && i < e->value_count; i++)
		if (e->values[i].number == number)
			return e->values[i].name;
	return NULL;
}
