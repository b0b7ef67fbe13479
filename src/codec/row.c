/* SPDX-License-Identifier: MIT */
/* Records as rows of values and back. */
#include "codec/field.h"

#include "codec/json.h"

bool inv__field_is_stored(const inv_field_desc *field)
{
	return !(field->flags & (INV_FIELD_DETAIL | INV_FIELD_INPUT | INV_FIELD_PERSONAL));
}

size_t inv__row_width(const inv_record_desc *record)
{
	size_t width = 0;

	for (uint32_t i = 0; i < record->field_count; i++)
		width += inv__field_is_stored(&record->fields[i]);
	return width;
}

void inv__row_columns(const inv_record_desc *record, const char *prefix, inv__buf *buf)
{
	bool first = true;

	for (uint32_t i = 0; i < record->field_count; i++) {
		if (!inv__field_is_stored(&record->fields[i]))
			continue;
		if (!first)
			inv__buf_puts(buf, ", ");
		inv__buf_puts(buf, prefix ? prefix : "");
		inv__buf_puts(buf, record->fields[i].name);
		first = false;
	}
}

/* ---- to values ---- */

static inv_value int_value(int64_t value)
{
	inv_value out = {.type = INV_VALUE_INT, .size = 0, .u = {.i = value}};

	return out;
}

static inv_status bytes_value(uint32_t type, inv_str text, inv_value *out)
{
	if (text.len > UINT32_MAX)
		return INV_E_LIMIT;
	*out = (inv_value){.type = type, .size = (uint32_t)text.len, .u = {.p = ""}};
	if (text.len)
		out->u.p = text.ptr;
	return INV_OK;
}

static inv_status id_value(const inv_id *id, inv_value *out)
{
	inv_str bytes = {(const char *)id->bytes, inv_id_is_none(*id) ? 0 : sizeof id->bytes};

	return bytes_value(INV_VALUE_BLOB, bytes, out);
}

static inv_status list_value(const inv_field_desc *field, const void *record, inv__arena *arena,
                             inv_value *out)
{
	inv_status status = INV_OK;
	inv_str text = {"", 0};
	inv__buf buf;

	if (inv__field_is_default(field, record))
		return bytes_value(INV_VALUE_TEXT, text, out);
	inv__buf_init(&buf, &arena->allocator, INV_LIMIT_JSON);
	inv__json_write_list(field, record, INV__JSON_PAYLOAD, &buf);
	status = buf.status;
	if (status == INV_OK) {
		text = inv__arena_str(arena, inv__buf_str(&buf));
		status = text.ptr ? INV_OK : INV_E_NO_MEMORY;
	}
	inv__buf_free(&buf);
	return status == INV_OK ? bytes_value(INV_VALUE_TEXT, text, out) : status;
}

inv_status inv__value_of(const inv_field_desc *field, const void *record, inv__arena *arena,
                         inv_value *out)
{
	switch (field->kind) {
	case INV_KIND_ID:
		return id_value(inv__field_at(field, record), out);
	case INV_KIND_REF:
		return id_value(&((const inv_ref *)inv__field_at(field, record))->id, out);
	case INV_KIND_TEXT:
	case INV_KIND_CODE:
	case INV_KIND_JSON:
		return bytes_value(INV_VALUE_TEXT, inv__field_str(field, record), out);
	case INV_KIND_BYTES:
		return bytes_value(INV_VALUE_BLOB, inv__field_str(field, record), out);
	case INV_KIND_STRINGS:
	case INV_KIND_LIST:
		return list_value(field, record, arena, out);
	default:
		*out = int_value(inv__field_int(field, record));
		return INV_OK;
	}
}

inv_status inv__row_write(const inv_record_desc *record, const void *value, inv__arena *arena,
                          inv_value *cells)
{
	for (uint32_t i = 0; i < record->field_count; i++) {
		inv_status status = INV_OK;

		if (!inv__field_is_stored(&record->fields[i]))
			continue;
		status = inv__value_of(&record->fields[i], value, arena, cells++);
		if (status != INV_OK)
			return status;
	}
	return INV_OK;
}

/* ---- from values: what does not fit is damage ---- */

static inv_status int_of(const inv_field_desc *field, const inv_value *value, void *record)
{
	int64_t i = value->u.i;

	if (value->type != INV_VALUE_INT)
		return INV_E_CORRUPT;
	if (field->kind == INV_KIND_BOOL && i != 0 && i != 1)
		return INV_E_CORRUPT;
	if ((field->kind == INV_KIND_ENUM || field->kind == INV_KIND_DATE) &&
	    (i < INT32_MIN || i > INT32_MAX))
		return INV_E_CORRUPT;
	inv__field_set_int(field, record, i);
	return INV_OK;
}

static inv_status id_of(const inv_field_desc *field, const inv_value *value, void *record)
{
	void *at = inv__field_of(field, record);
	inv_id *id = field->kind == INV_KIND_REF ? &((inv_ref *)at)->id : at;

	if (value->type != INV_VALUE_BLOB || (value->size != 0 && value->size != sizeof *id))
		return INV_E_CORRUPT;
	memset(at, 0, field->size);
	if (value->size)
		memcpy(id, value->u.p, sizeof *id);
	return INV_OK;
}

static inv_status list_of(const inv_field_desc *field, const inv_value *value, inv__arena *arena,
                          void *record)
{
	const inv__json_place nowhere = {NULL, NULL, NULL, 0};
	inv_str text = {value->u.p, value->size};
	inv_status status = INV_OK;

	if (value->type != INV_VALUE_TEXT)
		return INV_E_CORRUPT;
	memset(inv__field_of(field, record), 0, field->size);
	if (text.len == 0)
		return INV_OK;
	status = inv__json_read_list(field, text, true, arena, record, &nowhere);
	return status == INV_OK || status == INV_E_NO_MEMORY ? status : INV_E_CORRUPT;
}

inv_status inv__value_to(const inv_field_desc *field, const inv_value *value, inv__arena *arena,
                         void *record)
{
	inv_str *text = inv__field_of(field, record);

	if (value->type == INV_VALUE_NULL) {
		memset(inv__field_of(field, record), 0, field->size);
		return INV_OK;
	}
	switch (field->kind) {
	case INV_KIND_ID:
	case INV_KIND_REF:
		return id_of(field, value, record);
	case INV_KIND_TEXT:
	case INV_KIND_CODE:
	case INV_KIND_JSON:
	case INV_KIND_BYTES:
		if (value->type != (field->kind == INV_KIND_BYTES ? INV_VALUE_BLOB : INV_VALUE_TEXT))
			return INV_E_CORRUPT;
		*text = (inv_str){value->size ? value->u.p : "", value->size};
		return INV_OK;
	case INV_KIND_STRINGS:
	case INV_KIND_LIST:
		return list_of(field, value, arena, record);
	default:
		return int_of(field, value, record);
	}
}

inv_status inv__row_read(const inv_record_desc *record, const inv_value *cells, inv__arena *arena,
                         void *out)
{
	memset(out, 0, record->size);
	*(uint32_t *)out = record->size;
	for (uint32_t i = 0; i < record->field_count; i++) {
		inv_status status = INV_OK;

		if (!inv__field_is_stored(&record->fields[i]))
			continue;
		status = inv__value_to(&record->fields[i], cells++, arena, out);
		if (status != INV_OK)
			return status;
	}
	return INV_OK;
}
