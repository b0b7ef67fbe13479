/* SPDX-License-Identifier: MIT */
/* Typed access to the fields of a record, for the codecs. */
#ifndef INV_CODEC_FIELD_H
#define INV_CODEC_FIELD_H

#include "codec/codec.h"

/* BOOL, ENUM, DATE, INT, QUANTITY, MONEY, RATIO and INSTANT are integers. */
static inline bool inv__kind_is_int(uint32_t kind)
{
	return kind >= INV_KIND_BOOL && kind <= INV_KIND_INSTANT;
}

static inline bool inv__kind_is_str(uint32_t kind)
{
	return kind >= INV_KIND_TEXT && kind <= INV_KIND_BYTES;
}

/* Decimals of a number of this kind. */
static inline uint32_t inv__kind_scale(uint32_t kind)
{
	if (kind == INV_KIND_QUANTITY || kind == INV_KIND_RATIO)
		return 6;
	return kind == INV_KIND_MONEY ? 4 : 0;
}

static inline int64_t inv__field_int(const inv_field_desc *field, const void *record)
{
	const void *at = inv__field_at(field, record);

	if (field->kind == INV_KIND_BOOL)
		return (int64_t) * (const inv_bool *)at;
	if (field->kind == INV_KIND_ENUM || field->kind == INV_KIND_DATE)
		return (int64_t) * (const int32_t *)at;
	return *(const int64_t *)at;
}

/* `value` must fit the kind. */
static inline void inv__field_set_int(const inv_field_desc *field, void *record, int64_t value)
{
	void *at = inv__field_of(field, record);

	if (field->kind == INV_KIND_BOOL)
		*(inv_bool *)at = (inv_bool)value;
	else if (field->kind == INV_KIND_ENUM || field->kind == INV_KIND_DATE)
		*(int32_t *)at = (int32_t)value;
	else
		*(int64_t *)at = value;
}

static inline inv_str inv__field_str(const inv_field_desc *field, const void *record)
{
	return *(const inv_str *)inv__field_at(field, record);
}

static inline inv_list inv__field_list(const inv_field_desc *field, const void *record)
{
	return *(const inv_list *)inv__field_at(field, record);
}

static inline const void *inv__list_at(const inv_list *list, size_t index)
{
	return (const char *)list->ptr + index * list->stride;
}

/* The path of one element of a list field. */
static inline inv__path inv__path_element(const inv__path *up, const inv_field_desc *field,
                                          size_t index)
{
	inv__path path = {up, field->name, (int64_t)index};
	return path;
}

/* How many elements a list field may have. */
static inline size_t inv__list_max(const inv_field_desc *field)
{
	return field->max ? field->max : INV_LIMIT_LINES;
}

#endif
