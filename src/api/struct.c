/* SPDX-License-Identifier: MIT */
/* Options and reports through their description, and names that are nearly right. */
#include <stdio.h>

#include "inventra/input.h"

#include "codec/field.h"
#include "util/number.h"
#include "util/text.h"

/* ---- reading ---- */

int64_t inv_struct_int(const inv_field_desc *member, const void *at)
{
	const void *value;

	if (!member || !at)
		return 0;
	value = (const char *)at + member->offset;
	if (member->kind == INV_KIND_BOOL)
		return (*(const inv_bool *)value != 0) != (member->of == INV_HELD_NEGATED);
	if (member->kind != INV_KIND_INT)
		return 0;
	return member->of == INV_HELD_SHORT ? *(const int32_t *)value : *(const int64_t *)value;
}

size_t inv_struct_text(const inv_field_desc *member, const void *at, char *buffer, size_t size)
{
	const void *value;

	if (!buffer)
		size = 0;
	if (!member || !at)
		return 0;
	value = (const char *)at + member->offset;
	if (member->kind == INV_KIND_BOOL)
		return (size_t)snprintf(buffer, size, "%s", inv_struct_int(member, at) ? "true" : "false");
	if (member->kind == INV_KIND_INT)
		return (size_t)snprintf(buffer, size, "%lld", (long long)inv_struct_int(member, at));
	if (member->of == INV_HELD_ARRAY)
		return (size_t)snprintf(buffer, size, "%s", (const char *)value);
	if (member->of == INV_HELD_POINTER) {
		const char *text = *(const char *const *)value;

		return (size_t)snprintf(buffer, size, "%s", text ? text : "");
	}
	return inv_field_text(member, at, buffer, size);
}

/* ---- writing ---- */

static inv_status wrong(inv_error *error, const inv_record_desc *desc, const inv_field_desc *member,
                        const char *wanted)
{
	return inv__error_set(error, INV_E_INVALID, desc->name, member->name, "`%s` must be %s",
	                      member->name, wanted);
}

static inv_status set_bool(const inv_record_desc *desc, const inv_field_desc *member, void *value,
                           inv_str text, inv_error *error)
{
	bool is_true = inv__str_is(text, "true");

	if (!is_true && !inv__str_is(text, "false"))
		return wrong(error, desc, member, "true or false");
	*(inv_bool *)value = is_true != (member->of == INV_HELD_NEGATED);
	return INV_OK;
}

static inv_status set_int(const inv_record_desc *desc, const inv_field_desc *member, void *value,
                          inv_str text, inv_error *error)
{
	int64_t number = 0;

	if (inv__decimal_parse(text, 0, &number) != INV__DECIMAL_OK || number < 0 || number > INT32_MAX)
		return wrong(error, desc, member, "a whole number from 0 to 2147483647");
	if (member->of == INV_HELD_SHORT)
		*(int32_t *)value = (int32_t)number;
	else
		*(int64_t *)value = number;
	return INV_OK;
}

static inv_status set_value(const inv_record_desc *desc, const inv_field_desc *member, void *at,
                            inv_str text, inv_error *error)
{
	void *value = (char *)at + member->offset;
	inv_ref *ref = value;

	if (text.len == 0) {
		memset(value, 0, member->size);
	} else if (member->kind == INV_KIND_BOOL) {
		return set_bool(desc, member, value, text, error);
	} else if (member->kind == INV_KIND_INT) {
		return set_int(desc, member, value, text, error);
	} else if (member->kind == INV_KIND_REF) {
		memset(ref, 0, sizeof *ref);
		if (inv_id_parse(text, &ref->id) != INV_OK)
			ref->code = text;
	} else if (member->of == INV_HELD_POINTER) {
		if (memchr(text.ptr, '\0', text.len))
			return wrong(error, desc, member, "a text without zero bytes");
		*(const char **)value = text.ptr;
	} else {
		*(inv_str *)value = text;
	}
	return INV_OK;
}

inv_status inv_struct_set(const inv_record_desc *desc, void *at, inv_str name, inv_str text,
                          inv_error *error)
{
	inv__problems problems = {error, desc ? desc->name : NULL, -1};
	const inv_field_desc *member;

	inv__error_clear(error);
	if (!desc || !at || !(desc->flags & INV_STRUCT_OPTIONS) || (!text.ptr && text.len))
		return inv__error_set(error, INV_E_MISUSE, NULL, NULL,
		                      "the options or the text are missing");
	member = inv_schema_field_named(desc, name, NULL);
	if (!member)
		return inv__field_unknown(desc, name, NULL, &problems);
	return set_value(desc, member, at, text, error);
}

/* ---- names ---- */

inv_str inv_nearest(inv_str name, inv_str names)
{
	inv_str nearest = {"", 0};
	size_t best = inv__name_reach(name) + 1;

	while (names.len) {
		const char *end = memchr(names.ptr, '\n', names.len);
		inv_str one = {names.ptr, end ? (size_t)(end - names.ptr) : names.len};
		size_t distance = inv__name_distance(name, one, best);

		if (distance < best) {
			best = distance;
			nearest = one;
		}
		names.ptr += one.len + (end ? 1 : 0);
		names.len -= one.len + (end ? 1 : 0);
	}
	return nearest;
}
