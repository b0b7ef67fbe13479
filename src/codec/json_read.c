/* SPDX-License-Identifier: MIT */
/* JSON objects to records: one pass over an object's members. */
#include <cjson/cJSON.h>

#include "codec/field.h"
#include "codec/json.h"
#include "util/text.h"

/* A double holds 15 digits: more must come as a string, or another program may have lost them. */
#define NUMBER_DIGITS 15

typedef struct reader {
	inv__arena *arena;
	inv__problems *problems;
	bool lenient;
} reader;

typedef struct member {
	const inv_field_desc *field;
	const cJSON *item;
	const inv__path *path;
	void *record;
} member;

static bool is_number(const cJSON *item)
{
	return cJSON_IsString(item) && item->valuestring[0] == INV__JSON_NUMBER;
}

static bool is_text(const cJSON *item)
{
	return cJSON_IsString(item) && item->valuestring[0] != INV__JSON_NUMBER;
}

static const char *what_is(const cJSON *item)
{
	if (is_number(item))
		return "a number";
	if (cJSON_IsString(item))
		return "a string";
	if (cJSON_IsObject(item))
		return "an object";
	if (cJSON_IsArray(item))
		return "an array";
	return cJSON_IsBool(item) ? "a boolean" : "null";
}

static inv_status wrong_type(reader *r, const member *m, const char *wanted)
{
	return inv__problem_add(r->problems, INV_E_INVALID, m->path, m->field->name,
	                        "`%s` must be %s, not %s", m->field->name, wanted, what_is(m->item));
}

static inv_status no_memory(reader *r, const inv__path *path, const char *field)
{
	return inv__problem_add(r->problems, INV_E_NO_MEMORY, path, field,
	                        "there is not enough memory");
}

/* ---- scalars ---- */

/* Digits of a number's text from its first that is not 0. */
static size_t significant_digits(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		if (*text >= '0' && *text <= '9' && (count || *text != '0'))
			count++;
	return count;
}

static inv_status read_number(reader *r, const member *m)
{
	bool whole = m->field->kind == INV_KIND_INT;
	inv_str text;

	if (!cJSON_IsString(m->item))
		return wrong_type(r, m, whole ? "a whole number" : "a decimal number as a string");
	text = inv_str_of(m->item->valuestring);
	if (is_number(m->item)) {
		text.ptr++;
		text.len--;
		if (strpbrk(text.ptr, whole ? ".eE" : "eE"))
			return inv__problem_add(
				r->problems, INV_E_INVALID, m->path, m->field->name, "`%s` %s", m->field->name,
				whole ? "must be a whole number" : "must be written without an exponent");
		if (!whole && significant_digits(text.ptr) > NUMBER_DIGITS)
			return inv__problem_add(r->problems, INV_E_INVALID, m->path, m->field->name,
			                        "`%s` has more than 15 digits; write it as a string",
			                        m->field->name);
	}
	if (text.len == 0)
		return inv__problem_add(r->problems, INV_E_INVALID, m->path, m->field->name,
		                        "`%s` must be a number, not an empty string", m->field->name);
	return inv__field_from_text(m->field, text, r->arena, m->record, r->problems, m->path);
}

static inv_status read_bool(reader *r, const member *m)
{
	if (!cJSON_IsBool(m->item))
		return wrong_type(r, m, "true or false");
	inv__field_set_int(m->field, m->record, cJSON_IsTrue(m->item) ? 1 : 0);
	return INV_OK;
}

/* What is written as a string. Text must outlive the tree, so it is copied. */
static inv_status read_text(reader *r, const member *m)
{
	uint32_t kind = m->field->kind;
	bool keeps = kind == INV_KIND_TEXT || kind == INV_KIND_CODE || kind == INV_KIND_REF;
	inv_str text;

	if (!is_text(m->item))
		return wrong_type(r, m, "a string");
	text = inv_str_of(m->item->valuestring);
	if (kind == INV_KIND_ENUM && text.len == 0)
		return inv__problem_add(r->problems, INV_E_INVALID, m->path, m->field->name,
		                        "`%s` must not be an empty string", m->field->name);
	if (keeps && text.len) {
		text = inv__arena_str(r->arena, text);
		if (!text.ptr)
			return no_memory(r, m->path, m->field->name);
	}
	return inv__field_from_text(m->field, text, r->arena, m->record, r->problems, m->path);
}

static inv_status read_json(reader *r, const member *m)
{
	inv_status status = inv__json_print(m->item, r->arena, inv__field_of(m->field, m->record));

	return status == INV_OK ? INV_OK : no_memory(r, m->path, m->field->name);
}

/* x_code beside, or instead of, x. */
static inv_status read_code(reader *r, const member *m)
{
	inv_ref *ref = inv__field_of(m->field, m->record);
	inv_str code;

	if (!is_text(m->item))
		return inv__problem_add(r->problems, INV_E_INVALID, m->path, m->field->name,
		                        "`%s_code` must be a string, not %s", m->field->name,
		                        what_is(m->item));
	code = inv_str_of(m->item->valuestring);
	if (ref->code.len && !inv__str_equal(ref->code, code))
		return inv__problem_add(r->problems, INV_E_INVALID, m->path, m->field->name,
		                        "`%s` and `%s_code` name two different things", m->field->name,
		                        m->field->name);
	if (code.len == 0)
		return INV_OK;
	ref->code = inv__arena_str(r->arena, code);
	return ref->code.ptr ? INV_OK : no_memory(r, m->path, m->field->name);
}

/* A reference keeps the code that x_code gave before it. */
static inv_status read_ref(reader *r, const member *m)
{
	inv_ref *ref = inv__field_of(m->field, m->record);
	inv_str code = ref->code;
	inv_status status = read_text(r, m);

	if (status != INV_OK || code.len == 0)
		return status;
	if (ref->code.len && !inv__str_equal(ref->code, code))
		return inv__problem_add(r->problems, INV_E_INVALID, m->path, m->field->name,
		                        "`%s` and `%s_code` name two different things", m->field->name,
		                        m->field->name);
	ref->code = code;
	return INV_OK;
}

/* ---- arrays ---- */

static inv_status read_object(reader *r, const inv_record_desc *record, const cJSON *item,
                              const inv__path *path, void *out, inv_fields *mask);

static inv_status read_string_element(reader *r, const member *m, const cJSON *item, size_t index,
                                      inv_str *out)
{
	const inv__path at = inv__path_element(m->path, m->field, index);

	if (!is_text(item))
		return inv__problem_add(r->problems, INV_E_INVALID, &at, NULL,
		                        "an entry of `%s` must be a string, not %s", m->field->name,
		                        what_is(item));
	*out = inv__arena_str(r->arena, inv_str_of(item->valuestring));
	return out->ptr ? INV_OK : no_memory(r, &at, NULL);
}

static inv_status read_list_element(reader *r, const member *m, const cJSON *item, size_t index,
                                    void *out)
{
	const inv__path at = inv__path_element(m->path, m->field, index);

	if (!cJSON_IsObject(item))
		return inv__problem_add(r->problems, INV_E_INVALID, &at, NULL,
		                        "an entry of `%s` must be an object, not %s", m->field->name,
		                        what_is(item));
	return read_object(r, inv_schema_record(m->field->of), item, &at, out, NULL);
}

static inv_status read_list(reader *r, const member *m)
{
	bool strings = m->field->kind == INV_KIND_STRINGS;
	size_t size = strings ? sizeof(inv_str) : inv_schema_record(m->field->of)->size;
	inv_status first = INV_OK;
	size_t count = 0;
	size_t n = 0;
	char *items = NULL;

	if (!cJSON_IsArray(m->item))
		return wrong_type(r, m, "an array");
	for (const cJSON *item = m->item->child; item; item = item->next)
		count++;
	if (count > inv__list_max(m->field))
		return inv__problem_add(r->problems, INV_E_INVALID, m->path, m->field->name,
		                        "`%s` has more than %zu entries", m->field->name,
		                        inv__list_max(m->field));
	if (count == 0)
		return INV_OK;
	items = inv__arena_array(r->arena, count, size);
	if (!items)
		return no_memory(r, m->path, m->field->name);
	for (const cJSON *item = m->item->child; item; item = item->next, n++) {
		void *at = items + n * size;
		inv_status status =
			strings ? read_string_element(r, m, item, n, at) : read_list_element(r, m, item, n, at);

		first = first == INV_OK ? status : first;
		if (status == INV_E_NO_MEMORY)
			break;
	}
	*(inv_list *)inv__field_of(m->field, m->record) = inv_list_of(items, count, size);
	return first;
}

/* ---- objects ---- */

static inv_status read_member(reader *r, const member *m)
{
	if (cJSON_IsNull(m->item))
		return INV_OK;
	switch (m->field->kind) {
	case INV_KIND_BOOL:
		return read_bool(r, m);
	case INV_KIND_INT:
	case INV_KIND_QUANTITY:
	case INV_KIND_MONEY:
	case INV_KIND_RATIO:
		return read_number(r, m);
	case INV_KIND_REF:
		return read_ref(r, m);
	case INV_KIND_JSON:
		return read_json(r, m);
	case INV_KIND_STRINGS:
	case INV_KIND_LIST:
		return read_list(r, m);
	default:
		return read_text(r, m);
	}
}

/* Members mostly come in description order: look from behind the last one found. */
static const inv_field_desc *find_field(const inv_record_desc *record, const char *name,
                                        uint32_t *cursor, bool *is_code)
{
	uint32_t i = *cursor;

	*is_code = false;
	for (uint32_t n = 0; n < record->field_count; n++, i++) {
		if (i >= record->field_count)
			i = 0;
		if (strcmp(record->fields[i].name, name) != 0)
			continue;
		*cursor = i + 1;
		return record->fields[i].flags & INV_FIELD_HIDDEN ? NULL : &record->fields[i];
	}
	return inv__field_input(record, inv_str_of(name), is_code);
}

static inv_status read_object(reader *r, const inv_record_desc *record, const cJSON *item,
                              const inv__path *path, void *out, inv_fields *mask)
{
	inv_status first = INV_OK;
	uint32_t cursor = 0;

	*(uint32_t *)out = record->size;
	for (const cJSON *child = item->child; child; child = child->next) {
		bool is_code = false;
		const inv_field_desc *field = find_field(record, child->string, &cursor, &is_code);
		const member m = {field, child, path, out};
		inv_status status = INV_OK;

		if (field && mask)
			inv_fields_set(mask, (uint32_t)(field - record->fields));
		if (!field)
			status = r->lenient
			             ? INV_OK
			             : inv__field_unknown(record, inv_str_of(child->string), path, r->problems);
		else if (is_code && !cJSON_IsNull(child))
			status = read_code(r, &m);
		else if (!is_code)
			status = read_member(r, &m);
		first = first == INV_OK ? status : first;
		if (status == INV_E_NO_MEMORY)
			return status;
	}
	return first;
}

static inv_status not_an_object(inv__problems *problems, const inv_record_desc *record,
                                const cJSON *item)
{
	return inv__problem_add(problems, INV_E_INVALID, NULL, NULL,
	                        "a %s must be a JSON object, not %s", record->name, what_is(item));
}

static inv_status read_single(reader *r, const inv_record_desc *record, inv_str json, void *out,
                              inv_fields *mask)
{
	const inv__json_place place = {r->problems, NULL, NULL, 0};
	cJSON *tree = NULL;
	inv_status status = inv__json_tree(json, r->arena, &tree, &place);

	if (status != INV_OK)
		return status;
	memset(out, 0, record->size);
	if (mask)
		memset(mask, 0, sizeof *mask);
	status = cJSON_IsObject(tree) ? read_object(r, record, tree, NULL, out, mask)
	                              : not_an_object(r->problems, record, tree);
	cJSON_Delete(tree);
	return status;
}

inv_status inv__json_read_one(const inv_record_desc *record, inv_str json, inv__arena *arena,
                              void *out, inv_fields *mask, inv__problems *problems)
{
	reader r = {arena, problems, false};

	return read_single(&r, record, json, out, mask);
}

inv_status inv__json_read_payload(const inv_record_desc *record, inv_str json, inv__arena *arena,
                                  void *out, inv__problems *problems)
{
	reader r = {arena, problems, true};

	return read_single(&r, record, json, out, NULL);
}

/* ---- several records ---- */

static inv_status read_all(reader *r, const inv_record_desc *record, const cJSON *item,
                           const inv__json_records *out)
{
	inv_status first = INV_OK;

	for (size_t i = 0; i < out->count; item = item->next, i++) {
		char *at = (char *)out->items + i * record->size;
		inv_status status = INV_OK;

		if (r->problems)
			r->problems->index = (int64_t)i;
		status = cJSON_IsObject(item) ? read_object(r, record, item, NULL, at, &out->masks[i])
		                              : not_an_object(r->problems, record, item);
		first = first == INV_OK ? status : first;
		if (status == INV_E_NO_MEMORY)
			return status;
	}
	return first;
}

static inv_status read_tree(reader *r, const inv_record_desc *record, const cJSON *tree,
                            inv__json_records *out)
{
	inv__json_records records = {NULL, NULL, 1, cJSON_IsArray(tree)};
	inv_status status = INV_OK;

	if (records.is_array)
		records.count = (size_t)cJSON_GetArraySize(tree);
	if (records.count > INV_LIMIT_BATCH)
		return inv__problem_add(r->problems, INV_E_LIMIT, NULL, NULL,
		                        "%zu records were given; at most %u are taken at once",
		                        records.count, (unsigned)INV_LIMIT_BATCH);
	records.items = inv__arena_array(r->arena, records.count + 1, record->size);
	records.masks = inv__arena_array(r->arena, records.count + 1, sizeof *records.masks);
	if (!records.items || !records.masks)
		return no_memory(r, NULL, NULL);
	status = read_all(r, record, records.is_array ? tree->child : tree, &records);
	if (status == INV_OK)
		*out = records;
	return status;
}

inv_status inv__json_read_many(const inv_record_desc *record, inv_str json, inv__arena *arena,
                               inv__json_records *out, inv__problems *problems)
{
	const inv__json_place place = {problems, NULL, NULL, 0};
	reader r = {arena, problems, false};
	cJSON *tree = NULL;
	inv_status status = inv__json_tree(json, arena, &tree, &place);

	if (status != INV_OK)
		return status;
	status = read_tree(&r, record, tree, out);
	cJSON_Delete(tree);
	return status;
}

inv_status inv__json_read_list(const inv_field_desc *field, inv_str json, bool lenient,
                               inv__arena *arena, void *record, const inv__json_place *place)
{
	reader r = {arena, place->problems, lenient};
	cJSON *tree = NULL;
	inv_status status = inv__json_tree(json, arena, &tree, place);
	member m = {field, NULL, place->path, record};

	if (status != INV_OK)
		return status;
	m.item = tree;
	memset(inv__field_of(field, record), 0, field->size);
	status = read_list(&r, &m);
	cJSON_Delete(tree);
	return status;
}
