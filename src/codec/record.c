/* SPDX-License-Identifier: MIT */
/* Whole records: import from callers who know smaller or larger structs, deep copies. */
#include "codec/field.h"

#include "util/text.h"

typedef struct import {
	inv__arena *arena;
	inv__problems *problems;
} import;

static inv_status no_memory(import *im, const inv__path *path, const char *field)
{
	return inv__problem_add(im->problems, INV_E_NO_MEMORY, path, field,
	                        "there is not enough memory");
}

static uint32_t size_of(const void *input)
{
	return *(const uint32_t *)input;
}

/* ---- may the caller's memory be used as it is? ---- */

static bool sizes_agree(const inv_record_desc *record, const void *inputs, size_t count,
                        size_t stride);

static bool lists_agree(const inv_record_desc *record, const void *input)
{
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = &record->fields[i];
		inv_list list;

		if (field->kind != INV_KIND_LIST && field->kind != INV_KIND_STRINGS)
			continue;
		list = inv__field_list(field, input);
		if (list.count == 0)
			continue;
		if (!list.ptr || list.count > inv__list_max(field))
			return false;
		if (field->kind == INV_KIND_STRINGS && list.stride != sizeof(inv_str))
			return false;
		if (field->kind == INV_KIND_LIST &&
		    !sizes_agree(inv_schema_record(field->of), list.ptr, list.count, list.stride))
			return false;
	}
	return true;
}

static bool sizes_agree(const inv_record_desc *record, const void *inputs, size_t count,
                        size_t stride)
{
	if (stride != record->size)
		return false;
	for (size_t i = 0; i < count; i++) {
		const void *input = (const char *)inputs + i * stride;

		if (size_of(input) != record->size || !lists_agree(record, input))
			return false;
	}
	return true;
}

/* ---- copying ---- */

static inv_status check_size(import *im, const inv_record_desc *record, const void *input,
                             size_t stride, const inv__path *path)
{
	uint32_t size = size_of(input);

	if (size < sizeof(uint32_t) || size > stride)
		return inv__problem_add(im->problems, INV_E_MISUSE, path, "struct_size",
		                        "`struct_size` of a %s is %u; start it with its _INIT macro",
		                        record->name, (unsigned)size);
	for (size_t i = record->size; i < size; i++)
		if (((const char *)input)[i] != 0)
			return inv__problem_add(im->problems, INV_E_UNSUPPORTED, path, NULL,
			                        "a %s sets a field that this version (%s) does not know",
			                        record->name, INVENTRA_VERSION);
	return INV_OK;
}

static inv_status copy_fields(import *im, const inv_record_desc *record, const void *input,
                              const inv__path *path, void *out);

static inv_status copy_strings(import *im, const inv_field_desc *field, const inv_list *from,
                               const inv__path *path, inv_list *out)
{
	inv_str *items = inv__arena_array(im->arena, from->count, sizeof *items);

	if (!items)
		return no_memory(im, path, field->name);
	for (size_t i = 0; i < from->count; i++)
		items[i] = *(const inv_str *)inv__list_at(from, i);
	*out = inv_list_of(items, from->count, sizeof *items);
	return INV_OK;
}

static inv_status copy_records(import *im, const inv_field_desc *field, const inv_list *from,
                               const inv__path *path, inv_list *out)
{
	const inv_record_desc *record = inv_schema_record(field->of);
	char *items = inv__arena_array(im->arena, from->count, record->size);

	if (!items)
		return no_memory(im, path, field->name);
	for (size_t i = 0; i < from->count; i++) {
		const inv__path at = inv__path_element(path, field, i);
		const void *input = inv__list_at(from, i);
		inv_status status = check_size(im, record, input, from->stride, &at);

		if (status == INV_OK)
			status = copy_fields(im, record, input, &at, items + i * record->size);
		if (status != INV_OK)
			return status;
	}
	*out = inv_list_of(items, from->count, record->size);
	return INV_OK;
}

static inv_status copy_list(import *im, const inv_field_desc *field, const inv__path *path,
                            void *out)
{
	inv_list *list = inv__field_of(field, out);
	inv_list from = *list;
	bool strings = field->kind == INV_KIND_STRINGS;
	size_t least = strings ? sizeof(inv_str) : sizeof(uint32_t);

	memset(list, 0, sizeof *list);
	if (from.count == 0)
		return INV_OK;
	if (!from.ptr || from.stride < least)
		return inv__problem_add(im->problems, INV_E_MISUSE, path, field->name,
		                        "`%s` has a count but no elements or no stride", field->name);
	if (from.count > inv__list_max(field))
		return inv__problem_add(im->problems, INV_E_INVALID, path, field->name,
		                        "`%s` has more than %zu entries", field->name,
		                        inv__list_max(field));
	return strings ? copy_strings(im, field, &from, path, list)
	               : copy_records(im, field, &from, path, list);
}

static inv_status copy_fields(import *im, const inv_record_desc *record, const void *input,
                              const inv__path *path, void *out)
{
	uint32_t size = size_of(input);
	uint32_t known = size < record->size ? size : record->size;
	inv_status status = INV_OK;

	memset(out, 0, record->size);
	/* A struct that ends inside a field of ours does not know that field. */
	for (uint32_t i = record->field_count; i-- > 0;)
		if (record->fields[i].offset < known &&
		    record->fields[i].offset + record->fields[i].size > known)
			known = record->fields[i].offset;
	memcpy(out, input, known);
	*(uint32_t *)out = record->size;
	for (uint32_t i = 0; i < record->field_count && status == INV_OK; i++)
		if (record->fields[i].kind == INV_KIND_LIST || record->fields[i].kind == INV_KIND_STRINGS)
			status = copy_list(im, &record->fields[i], path, out);
	return status;
}

inv_status inv__records_import(const inv_record_desc *record, const void *inputs, size_t count,
                               inv__arena *arena, const void **out, inv__problems *problems)
{
import im = {arena, problems };
	size_t stride = count ? size_of(inputs) : 0;
	inv_status status = INV_OK;
	char *copies = NULL;

	if (count == 0 || sizes_agree(record, inputs, count, stride)) {
		*out = inputs;
		return INV_OK;
	}
	copies = inv__arena_array(arena, count, record->size);
	if (!copies)
		return no_memory(&im, NULL, NULL);
	for (size_t i = 0; i < count && status == INV_OK; i++) {
		const void *input = (const char *)inputs + i * stride;

		problems->index = (int64_t)i;
		if (size_of(input) != stride)
			status = inv__problem_add(problems, INV_E_MISUSE, NULL, "struct_size",
			                          "`struct_size` of every %s must be set to the same size; "
			                          "start each with its _INIT macro",
			                          record->name);
		if (status == INV_OK)
			status = check_size(&im, record, input, stride, NULL);
		if (status == INV_OK)
			status = copy_fields(&im, record, input, NULL, copies + i * record->size);
	}
	if (status == INV_OK)
		*out = copies;
	return status;
}

/* ---- deep copies ---- */

static bool copy_text(inv__arena *arena, inv_str *text)
{
	if (text->len == 0) {
		memset(text, 0, sizeof *text);
		return true;
	}
	*text = inv__arena_str(arena, *text);
	return text->ptr != NULL;
}

static inv_status deepen_list(const inv_field_desc *field, inv__arena *arena, inv_list *list)
{
	bool strings = field->kind == INV_KIND_STRINGS;
	const inv_record_desc *of = strings ? NULL : inv_schema_record(field->of);
	size_t size = strings ? sizeof(inv_str) : of->size;
	inv_list from = *list;
	inv_status status = INV_OK;
	char *items = NULL;

	memset(list, 0, sizeof *list);
	if (from.count == 0)
		return INV_OK;
	items = inv__arena_array(arena, from.count, size);
	if (!items)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < from.count && status == INV_OK; i++) {
		const void *item = inv__list_at(&from, i);
		inv_str *text = (inv_str *)(void *)(items + i * size);

		if (!strings) {
			status = inv__record_copy(of, item, arena, items + i * size);
			continue;
		}
		*text = *(const inv_str *)item;
		status = copy_text(arena, text) ? INV_OK : INV_E_NO_MEMORY;
	}
	*list = inv_list_of(items, from.count, size);
	return status;
}

inv_status inv__record_copy(const inv_record_desc *record, const void *from, inv__arena *arena,
                            void *to)
{
	if (to != from)
		memcpy(to, from, record->size);
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = &record->fields[i];
		void *at = inv__field_of(field, to);
		inv_status status = INV_OK;

		if (field->kind == INV_KIND_REF)
			status = copy_text(arena, &((inv_ref *)at)->code) ? INV_OK : INV_E_NO_MEMORY;
		else if (inv__kind_is_str(field->kind))
			status = copy_text(arena, at) ? INV_OK : INV_E_NO_MEMORY;
		else if (field->kind == INV_KIND_STRINGS || field->kind == INV_KIND_LIST)
			status = deepen_list(field, arena, at);
		if (status != INV_OK)
			return status;
	}
	return INV_OK;
}
