/* SPDX-License-Identifier: MIT */
/* structs.def expanded to run-time tables: options and reports, described as records are. */
#include "inventra/store.h"
#include "schema/numbers.h"
#include "schema/rows.h"

/* ---- proofs at compile time ---- */

#define TYPE_NUMBER(expression) \
	_Generic((expression), uint32_t: 1, int32_t: 1, int64_t: 2, uint64_t: 2, inv_id: 3, \
	         inv_ref: 4, inv_str: 5, char *: 6, const char *: 7, default: 0)
#define TYPE_OF_BOOL_PLAIN 1
#define TYPE_OF_BOOL_NEGATED 1
#define TYPE_OF_INT_SHORT 1
#define TYPE_OF_INT_PLAIN 2
#define TYPE_OF_ID_PLAIN 3
#define TYPE_OF_REF_PLAIN 4
#define TYPE_OF_TEXT_PLAIN 5
#define TYPE_OF_TEXT_ARRAY 6
#define TYPE_OF_TEXT_POINTER 7

#define STRUCT(...)
#define MEMBER(struct_, name, kind, held, member, doc) \
	_Static_assert(TYPE_NUMBER(((inv_##struct_ *)0)->member) == TYPE_OF_##kind##_##held, \
	               "inv_" #struct_ "." #member " is not of its declared kind");
#include "schema/structs.def"
#undef STRUCT
#undef MEMBER

/* ---- tables ---- */

#define STRUCT(...)
#define MEMBER(struct_, name_, kind_, held_, member_, doc_) \
	{.name = #name_, .kind = INV_KIND_##kind_, .doc = (doc_), .of = INV_HELD_##held_, \
	 .offset = offsetof(inv_##struct_, member_), .size = sizeof ((inv_##struct_ *)0)->member_},
static const inv_field_desc members[] = {
#include "schema/structs.def"
};
#undef STRUCT
#undef MEMBER

/* Where each one's members start: an enumerator that does not advance the count. */
enum {
#define STRUCT(name, ...) FIRST_MEMBER_##name, BEFORE_MEMBER_##name = FIRST_MEMBER_##name - 1,
#define MEMBER(struct_, name, ...) PLACE_OF_MEMBER_##struct_##_##name,
#include "schema/structs.def"
#undef STRUCT
#undef MEMBER
	MEMBER_TOTAL
};

enum { OPTIONS = INV_STRUCT_OPTIONS, REPORT = INV_STRUCT_REPORT };
#define STRUCT(name_, flags_, doc_) \
	{.name = #name_, .flags = (flags_), .size = sizeof(inv_##name_), .doc = (doc_), \
	 .number = INV_STRUCT_##name_, .fields = members + FIRST_MEMBER_##name_, \
	 .field_count = MEMBERS_OF_##name_},
#define MEMBER(...)
static const inv_record_desc structs[] = {
#include "schema/structs.def"
};
#undef STRUCT
#undef MEMBER

_Static_assert(INV_STRUCT_error_detail == INV_STRUCT_ERROR_DETAIL,
               "schema.h counts them otherwise");

const inv_record_desc *inv_schema_struct(uint32_t number)
{
	return number < sizeof structs / sizeof structs[0] ? &structs[number] : NULL;
}
