/* SPDX-License-Identifier: MIT */
/* Validation of a record against its description, with paths into nested lists. */
#include "codec/field.h"

#include "codec/json.h"
#include "util/number.h"
#include "util/text.h"

/* Bounds where the description states none. */
#define TEXT_MAX 1000000u
#define STRING_MAX 256u /* one element of STRINGS */
#define REF_CODE_MAX 128u
/* Years 1 to 9999. */
#define DATE_LOW (-719162)
#define DATE_HIGH 2932896
#define INSTANT_LOW INT64_C(-62135596800000000)
#define INSTANT_HIGH INT64_C(253402300799999999)

typedef struct check {
	inv__problems *problems;
	const inv__path *path;
	const inv_field_desc *field;
} check;

static inv_status bad(const check *at, const char *what)
{
	return inv__problem_add(at->problems, INV_E_INVALID, at->path, at->field->name, "`%s` %s",
	                        at->field->name, what);
}

/* ---- numbers ---- */

typedef struct range {
	int64_t low;
	int64_t high;
} range;

static range range_of(const inv_field_desc *field)
{
	range bounds = {field->low, field->high};

	if (field->low < field->high || field->high != 0)
		return bounds;
	switch (field->kind) {
	case INV_KIND_QUANTITY:
		return (range){-INV_LIMIT_QUANTITY, INV_LIMIT_QUANTITY};
	case INV_KIND_MONEY:
		return (range){-INV_LIMIT_MONEY, INV_LIMIT_MONEY};
	case INV_KIND_DATE:
		return (range){DATE_LOW, DATE_HIGH};
	case INV_KIND_INSTANT:
		return (range){INSTANT_LOW, INSTANT_HIGH};
	case INV_KIND_BOOL:
		return (range){0, 1};
	default:
		return (range){INT64_MIN, INT64_MAX};
	}
}

static inv_status check_number(const check *at, int64_t value)
{
	uint32_t scale = inv__kind_scale(at->field->kind);
	range bounds = range_of(at->field);
	char low[24];
	char high[24];

	if (value >= bounds.low && value <= bounds.high)
		return INV_OK;
	if (at->field->kind == INV_KIND_BOOL)
		return bad(at, "must be true or false (1 or 0)");
	if (at->field->kind == INV_KIND_DATE || at->field->kind == INV_KIND_INSTANT)
		return bad(at, "must lie in the years 1 to 9999");
	inv__decimal_format(bounds.low, scale, low);
	inv__decimal_format(bounds.high, scale, high);
	return inv__problem_add(at->problems, INV_E_INVALID, at->path, at->field->name,
	                        "`%s` must be between %s and %s", at->field->name, low, high);
}

static inv_status check_enum(const check *at, int32_t value)
{
	const inv_enum_desc *names = inv_schema_enum(at->field->of);

	if (inv_enum_name(names, value))
		return INV_OK;
	return inv__problem_add(at->problems, INV_E_INVALID, at->path, at->field->name,
	                        "`%s` is %d, which is no %s", at->field->name, (int)value,
	                        names ? names->name : "value");
}

/* ---- text ---- */

static inv_status check_length(const check *at, inv_str text, uint32_t max)
{
	if (text.len > max)
		return inv__problem_add(at->problems, INV_E_INVALID, at->path, at->field->name,
		                        "`%s` is longer than %u bytes", at->field->name, (unsigned)max);
	if (text.len && !text.ptr)
		return bad(at, "has a length but no bytes");
	return INV_OK;
}

static inv_status check_text(const check *at, inv_str text, uint32_t max)
{
	inv_status status = check_length(at, text, max);

	if (status != INV_OK || text.len == 0)
		return status;
	switch (inv__text_check(text, (at->field->flags & INV_FIELD_MULTILINE) != 0)) {
	case INV__TEXT_OK:
		return INV_OK;
	case INV__TEXT_BAD_UTF8:
		return bad(at, "is not valid UTF-8");
	default:
		return bad(at, "holds a control character");
	}
}

static inv_status check_code(const check *at, inv_str text, uint32_t max)
{
	inv_status status = check_length(at, text, max);

	if (status != INV_OK || text.len == 0 || inv__code_check(text) == INV__TEXT_OK)
		return status;
	return bad(at, "must be printable ASCII without a space at either end");
}

static inv_status check_json(const check *at, inv_str text, uint32_t max)
{
	/* The record around it needs some levels of its own. */
	inv__json_place place = {at->problems, at->path, at->field->name, INV_LIMIT_JSON_DEPTH / 2};
	_Alignas(16) char memory[4096];
	inv__arena arena;
	inv_str scanned;
	inv_status status = check_length(at, text, max);

	if (status != INV_OK || text.len == 0)
		return status;
	inv__arena_init_with(&arena, &inv__malloc_allocator, memory, sizeof memory);
	status = inv__json_scan_at(text, &arena, &scanned, &place);
	inv__arena_free(&arena);
	return status;
}

/* ---- lists ---- */

static inv_status check_record(const inv_record_desc *record, const void *value,
                               inv__problems *problems, const inv__path *path);

static inv_status check_element(const check *at, const inv_list *list, size_t index)
{
	const inv__path path = inv__path_element(at->path, at->field, index);
	const void *element = inv__list_at(list, index);
	inv_str text;

	if (at->field->kind == INV_KIND_LIST)
		return check_record(inv_schema_record(at->field->of), element, at->problems, &path);
	text = *(const inv_str *)element;
	if (text.len && text.ptr && text.len <= STRING_MAX &&
	    inv__text_check(text, false) == INV__TEXT_OK)
		return INV_OK;
	if (text.len == 0)
		return inv__problem_add(at->problems, INV_E_INVALID, &path, NULL,
		                        "an entry of `%s` is empty", at->field->name);
	return inv__problem_add(at->problems, INV_E_INVALID, &path, NULL,
	                        "an entry of `%s` must be UTF-8 text without control characters, "
	                        "at most %u bytes",
	                        at->field->name, STRING_MAX);
}

/* Something is wrong here, and there is no room to name more. */
static bool enough(inv_status first, const inv__problems *problems)
{
	return first != INV_OK && problems && problems->error &&
	       problems->error->detail_count >= INV_ERROR_DETAILS;
}

static inv_status check_list(const check *at, const inv_list *list)
{
	inv_status first = INV_OK;

	if (list->count > inv__list_max(at->field))
		return inv__problem_add(at->problems, INV_E_INVALID, at->path, at->field->name,
		                        "`%s` has more than %zu entries", at->field->name,
		                        inv__list_max(at->field));
	if (list->count && (!list->ptr || list->stride == 0))
		return bad(at, "has a count but no elements");
	for (size_t i = 0; i < list->count && !enough(first, at->problems); i++) {
		inv_status status = check_element(at, list, i);

		first = first == INV_OK ? status : first;
	}
	return first;
}

/* ---- records ---- */

static inv_status check_value(const check *at, const void *record)
{
	const inv_field_desc *field = at->field;
	uint32_t max = field->max ? field->max : TEXT_MAX;
	inv_list list;

	switch (field->kind) {
	case INV_KIND_ID:
		return INV_OK;
	case INV_KIND_ENUM:
		return check_enum(at, *(const int32_t *)inv__field_at(field, record));
	case INV_KIND_REF:
		return check_code(at, ((const inv_ref *)inv__field_at(field, record))->code, REF_CODE_MAX);
	case INV_KIND_TEXT:
		return check_text(at, inv__field_str(field, record), max);
	case INV_KIND_CODE:
		return check_code(at, inv__field_str(field, record), max);
	case INV_KIND_JSON:
		return check_json(at, inv__field_str(field, record), max);
	case INV_KIND_BYTES:
		return check_length(at, inv__field_str(field, record), max);
	case INV_KIND_STRINGS:
	case INV_KIND_LIST:
		list = inv__field_list(field, record);
		return check_list(at, &list);
	default:
		return check_number(at, inv__field_int(field, record));
	}
}

/* `ours`: the field is among those given. */
static inv_status check_field(const check *at, const void *record, bool ours)
{
	const inv_field_desc *field = at->field;
	bool is_list = field->kind == INV_KIND_LIST || field->kind == INV_KIND_STRINGS;

	if (inv__field_is_default(field, record)) {
		if (!ours || !(field->flags & INV_FIELD_REQUIRED))
			return INV_OK;
		return bad(at, is_list ? "needs at least one entry" : "is missing");
	}
	if (!ours && (is_list || (field->flags & INV_FIELD_READONLY)))
		return INV_OK;
	if (field->flags & INV_FIELD_READONLY)
		return bad(at, "is set by the engine");
	return check_value(at, record);
}

static inv_status check_record(const inv_record_desc *record, const void *value,
                               inv__problems *problems, const inv__path *path)
{
	inv_status first = INV_OK;

	for (uint32_t i = 0; i < record->field_count && !enough(first, problems); i++) {
		const check at = {problems, path, &record->fields[i]};
		inv_status status = check_field(&at, value, true);

		first = first == INV_OK ? status : first;
	}
	return first;
}

inv_status inv__validate(const inv_record_desc *record, const void *value, const inv_fields *mask,
                         uint32_t flags, inv__problems *problems)
{
	inv_status first = INV_OK;

	if (!(flags & INV__CHECK_PARTIAL))
		return check_record(record, value, problems, NULL);
	for (uint32_t i = 0; i < record->field_count && !enough(first, problems); i++) {
		const check at = {problems, NULL, &record->fields[i]};
		inv_status status = check_field(&at, value, mask && inv_fields_has(mask, i));

		first = first == INV_OK ? status : first;
	}
	return first;
}
