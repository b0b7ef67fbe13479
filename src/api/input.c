/* SPDX-License-Identifier: MIT */
/* Inputs made field by field. */
#include "api/input.h"
#include "codec/field.h"
#include "util/text.h"

/* Records within one another: each level of nesting is a list of the description. */
#define DEPTH 8

inv_status inv_input_new(const inv_record_desc *record, size_t count, inv_input **out)
{
	inv_input *input;

	if (!out || !record || !(record->flags & INV_RECORD_PUBLIC))
		return INV_E_MISUSE;
	*out = NULL;
	if (count < 1 || count > INV_LIMIT_BATCH)
		return INV_E_LIMIT;
	input = inv__malloc_allocator.resize(NULL, NULL, 0, sizeof *input);
	if (!input)
		return INV_E_NO_MEMORY;
	memset(input, 0, offsetof(inv_input, first));
	inv__arena_init_with(&input->arena, &inv__malloc_allocator, input->first,
	                     sizeof input->first);
	input->record = record;
	input->count = count;
	input->records = inv__arena_array(&input->arena, count, record->size);
	input->masks = inv__arena_array(&input->arena, count, sizeof *input->masks);
	if (!input->records || !input->masks) {
		inv_input_free(input);
		return INV_E_NO_MEMORY;
	}
	for (size_t i = 0; i < count; i++)
		memcpy(input->records + i * record->size, &record->size, sizeof record->size);
	*out = input;
	return INV_OK;
}

void *inv_input_at(inv_input *input, size_t index)
{
	if (!input || index >= input->count)
		return NULL;
	return input->records + index * input->record->size;
}

size_t inv_input_count(const inv_input *input)
{
	return input ? input->count : 0;
}

void inv_input_free(inv_input *input)
{
	if (!input)
		return;
	inv__arena_free(&input->arena);
	inv__malloc_allocator.resize(NULL, input, sizeof *input, 0);
}

const inv_field_desc *inv_input_field(const inv_record_desc *record, inv_str name, bool *is_code,
                                      inv_error *error)
{
	inv__problems problems = {error, record ? record->name : NULL, -1};
	const inv_field_desc *field = NULL;
	bool code = false;

	inv__error_clear(error);
	if (record && (name.ptr || !name.len)) {
		field = inv__field_input(record, name, &code);
		if (!field)
			inv__field_unknown(record, name, NULL, &problems);
	} else {
		inv__error_set(error, INV_E_MISUSE, NULL, NULL, "the record or the name is missing");
	}
	if (is_code)
		*is_code = code;
	return field;
}

/* ---- where a setter is ---- */

/* What a setter works on, and what it tells when that fails. */
typedef struct place {
	inv_input *input;
	const inv_field_desc *field;
	void *record;
	inv__problems problems;
	inv__path steps[DEPTH]; /* innermost first */
	const inv__path *path;  /* NULL at the top */
} place;

/* Index of `record` among `count` of `size` bytes from `first` on; `count` when it is none. */
static size_t index_of(const char *first, size_t size, size_t count, const void *record)
{
	size_t index;

	if ((uintptr_t)record < (uintptr_t)first)
		return count;
	index = ((uintptr_t)record - (uintptr_t)first) / size;
	return index < count && first + index * size == record ? index : count;
}

/* Walk from the record up to the top; false when it is no record of this input. */
static bool find_place(place *at, const inv_record_desc **record)
{
	const inv_input *input = at->input;
	const inv__input_list *l = input->lists;
	const void *owner = at->record;
	size_t depth = 0;
	size_t top = index_of(input->records, input->record->size, input->count, owner);

	*record = input->record;
	/* The newest list stands first, so an element's owner is found behind it. */
	for (; l && top == input->count && depth < DEPTH; l = l->next) {
		size_t index = index_of(l->elements, l->size, l->count, owner);

		if (index == l->count)
			continue;
		if (depth == 0)
			*record = inv_schema_record(l->field->of);
		else
			at->steps[depth - 1].up = &at->steps[depth];
		at->steps[depth++] = (inv__path){NULL, l->field->name, (int64_t)index};
		owner = l->owner;
		top = index_of(input->records, input->record->size, input->count, owner);
	}
	at->problems.index = (int64_t)top;
	at->path = depth > 0 ? &at->steps[0] : NULL;
	return top < input->count;
}

static bool has_field(const inv_record_desc *record, const inv_field_desc *field)
{
	uintptr_t first = (uintptr_t)record->fields;

	return (uintptr_t)field >= first && (uintptr_t)field < first + record->field_count *
	                                                                 sizeof *record->fields;
}

static inv_status misuse(inv_error *error, const char *what)
{
	return inv__error_set(error, INV_E_MISUSE, NULL, NULL, "%s", what);
}

static inv_status enter(place *at, inv_error *error)
{
	const inv_record_desc *record = NULL;

	inv__error_clear(error);
	if (!at->input || !at->record || !at->field)
		return misuse(error, "the input, the record or the field is missing");
	at->problems = (inv__problems){error, at->input->record->name, -1};
	if (!find_place(at, &record))
		return misuse(error, "this is no record of the input");
	if (!has_field(record, at->field))
		return misuse(error, "the field is none of the record's");
	if (at->field->flags & INV_FIELD_READONLY)
		return inv__problem_add(&at->problems, INV_E_INVALID, at->path, at->field->name,
		                        "`%s` is set by the engine: leave it out", at->field->name);
	return INV_OK;
}

static inv_status no_memory(place *at)
{
	return inv__problem_add(&at->problems, INV_E_NO_MEMORY, at->path, at->field->name,
	                        "there is not enough memory");
}

static inv_status wrong_kind(place *at, const char *given)
{
	return inv__problem_add(&at->problems, INV_E_INVALID, at->path, at->field->name,
	                        "`%s` takes %s, not %s", at->field->name,
	                        inv_schema_kind_json(at->field->kind), given);
}

/* The field was set: of the input's own records that is kept. */
static inv_status leave(place *at)
{
	inv_input *input = at->input;

	if (!at->path)
		inv_fields_set(&input->masks[at->problems.index],
		               (uint32_t)(at->field - input->record->fields));
	return INV_OK;
}

/* ---- setters ---- */

/* Kinds that keep what they are given, or parts of it. */
static bool keeps_text(uint32_t kind)
{
	return kind == INV_KIND_REF || kind >= INV_KIND_TEXT;
}

inv_status inv_input_set_text(inv_input *input, void *record, const inv_field_desc *field,
                              inv_str text, inv_error *error)
{
	inv_error own;
	place at = {.input = input, .record = record, .field = field};
	inv_status rc = enter(&at, error ? error : &own);

	if (rc != INV_OK)
		return rc;
	if (!text.ptr && text.len)
		return misuse(at.problems.error, "the text has a length but no bytes");
	if (text.len && keeps_text(field->kind)) {
		text = inv__arena_str(&input->arena, text);
		if (!text.ptr)
			return no_memory(&at);
	}
	rc = inv__field_from_text(field, text, &input->arena, record, &at.problems, at.path);
	return rc == INV_OK ? leave(&at) : rc;
}

inv_status inv_input_set_code(inv_input *input, void *record, const inv_field_desc *field,
                              inv_str code, inv_error *error)
{
	inv_error own;
	place at = {.input = input, .record = record, .field = field};
	inv_status rc = enter(&at, error ? error : &own);
	inv_ref ref = {.code = {NULL, 0}};

	if (rc != INV_OK)
		return rc;
	if (!code.ptr && code.len)
		return misuse(at.problems.error, "the code has a length but no bytes");
	if (field->kind != INV_KIND_REF)
		return wrong_kind(&at, "a code");
	if (code.len)
		ref.code = inv__arena_str(&input->arena, code);
	if (code.len && !ref.code.ptr)
		return no_memory(&at);
	*(inv_ref *)inv__field_of(field, record) = ref;
	return leave(&at);
}

/* Does the value fit the member? What it may be is checked by the call. */
static bool fits(uint32_t kind, int64_t value)
{
	if (kind == INV_KIND_BOOL)
		return value == 0 || value == 1;
	if (kind == INV_KIND_ENUM || kind == INV_KIND_DATE)
		return value >= INT32_MIN && value <= INT32_MAX;
	return true;
}

inv_status inv_input_set_int(inv_input *input, void *record, const inv_field_desc *field,
                             int64_t value, inv_error *error)
{
	inv_error own;
	place at = {.input = input, .record = record, .field = field};
	inv_status rc = enter(&at, error ? error : &own);

	if (rc != INV_OK)
		return rc;
	if (!inv__kind_is_int(field->kind))
		return wrong_kind(&at, "a number");
	if (!fits(field->kind, value))
		return inv__problem_add(&at.problems, INV_E_INVALID, at.path, field->name,
		                        "`%s` is out of range", field->name);
	if (value == 0 && field->kind == INV_KIND_INSTANT)
		return inv__field_no_epoch(field, &at.problems, at.path);
	inv__field_set_int(field, record, value);
	return leave(&at);
}

inv_status inv_input_set_id(inv_input *input, void *record, const inv_field_desc *field,
                            const inv_id *id, inv_error *error)
{
	inv_error own;
	place at = {.input = input, .record = record, .field = field};
	inv_status rc = enter(&at, error ? error : &own);

	if (rc != INV_OK)
		return rc;
	if (!id)
		return misuse(at.problems.error, "the id is missing");
	if (field->kind != INV_KIND_ID && field->kind != INV_KIND_REF)
		return wrong_kind(&at, "an id");
	if (field->kind == INV_KIND_REF)
		*(inv_ref *)inv__field_of(field, record) = inv_ref_of(*id);
	else
		*(inv_id *)inv__field_of(field, record) = *id;
	return leave(&at);
}

/* The elements, and for nested records a note of whose they are. */
static void *make_elements(place *at, size_t count)
{
	inv__arena *arena = &at->input->arena;
	const inv_record_desc *nested = NULL;
	inv__input_list *list;
	char *elements;

	if (at->field->kind == INV_KIND_STRINGS)
		return inv__arena_array(arena, count, sizeof(inv_str));
	nested = inv_schema_record(at->field->of);
	elements = inv__arena_array(arena, count, nested->size);
	list = inv__arena_alloc(arena, sizeof *list);
	if (!elements || !list)
		return NULL;
	for (size_t i = 0; i < count; i++)
		memcpy(elements + i * nested->size, &nested->size, sizeof nested->size);
	*list = (inv__input_list){at->input->lists, elements,  nested->size,
	                          count,            at->field, at->record};
	at->input->lists = list;
	return elements;
}

inv_status inv_input_set_list(inv_input *input, void *record, const inv_field_desc *field,
                              size_t count, void **elements, inv_error *error)
{
	inv_error own;
	place at = {.input = input, .record = record, .field = field};
	inv_status rc = enter(&at, error ? error : &own);
	void *made = NULL;

	if (rc != INV_OK)
		return rc;
	if (field->kind != INV_KIND_LIST && field->kind != INV_KIND_STRINGS)
		return wrong_kind(&at, "a list");
	if (count > inv__list_max(field))
		return inv__problem_add(&at.problems, INV_E_INVALID, at.path, field->name,
		                        "`%s` has more than %zu entries", field->name,
		                        inv__list_max(field));
	if (count > 0) {
		made = make_elements(&at, count);
		if (!made)
			return no_memory(&at);
	}
	*(inv_list *)inv__field_of(field, record) =
		inv_list_of(made, count,
	                field->kind == INV_KIND_LIST ? inv_schema_record(field->of)->size
	                                             : sizeof(inv_str));
	if (elements)
		*elements = made;
	return leave(&at);
}

inv_status inv_input_set_string(inv_input *input, void *record, const inv_field_desc *field,
                                size_t index, inv_str text, inv_error *error)
{
	inv_error own;
	place at = {.input = input, .record = record, .field = field};
	inv_status rc = enter(&at, error ? error : &own);
	inv_list list;
	inv_str copy;

	if (rc != INV_OK)
		return rc;
	if (!text.ptr && text.len)
		return misuse(at.problems.error, "the text has a length but no bytes");
	if (field->kind != INV_KIND_STRINGS)
		return wrong_kind(&at, "a text in a list");
	list = inv__field_list(field, record);
	if (index >= list.count)
		return misuse(at.problems.error, "the list has no such entry");
	copy = inv__arena_str(&input->arena, text);
	if (!copy.ptr)
		return no_memory(&at);
	((inv_str *)(uintptr_t)list.ptr)[index] = copy;
	return leave(&at);
}

inv_status inv_input_refuse(inv_input *input, void *record, const inv_field_desc *field,
                            inv_str message, inv_error *error)
{
	inv_error own;
	place at = {.input = input, .record = record, .field = field};
	inv_status rc = enter(&at, error ? error : &own);

	if (rc != INV_OK)
		return rc;
	return inv__problem_add(&at.problems, INV_E_INVALID, at.path, field->name, "%.*s",
	                        (int)(message.len < 255 ? message.len : 255),
	                        message.ptr ? message.ptr : "");
}

inv_status inv_input_unknown(inv_input *input, void *record, inv_str name, inv_error *error)
{
	const inv_record_desc *desc = NULL;
	place at = {.input = input, .record = record};
	inv_error own;

	error = error ? error : &own;
	inv__error_clear(error);
	if (!input || !record || (!name.ptr && name.len))
		return misuse(error, "the input, the record or the name is missing");
	at.problems = (inv__problems){error, input->record->name, -1};
	if (!find_place(&at, &desc))
		return misuse(error, "this is no record of the input");
	return inv__field_unknown(desc, name, at.path, &at.problems);
}

/* ---- reading ---- */

static size_t bytes_text(inv_str bytes, char *buffer, size_t size)
{
	size_t len = inv__base64_size(bytes.len);

	if (len < size)
		return inv__base64_encode(bytes.ptr, bytes.len, buffer);
	if (size)
		buffer[0] = '\0';
	return len;
}

size_t inv_field_text(const inv_field_desc *field, const void *record, char *buffer, size_t size)
{
	char scratch[40];
	inv_str text = {NULL, 0};
	size_t len;

	if (!buffer)
		size = 0;
	if (!field || !record || field->kind == INV_KIND_STRINGS || field->kind == INV_KIND_LIST) {
		if (size)
			buffer[0] = '\0';
		return 0;
	}
	if (field->kind == INV_KIND_BYTES)
		return bytes_text(inv__field_str(field, record), buffer, size);
	text = inv__field_scalar(field, record, scratch);
	len = text.len < size ? text.len : size ? size - 1 : 0;
	if (len)
		memcpy(buffer, text.ptr, len);
	if (size)
		buffer[len] = '\0';
	return text.len;
}
