/* SPDX-License-Identifier: MIT */
/* Values in the binary form of their type on the server. */
#include <limits.h>
#include <string.h>

#include "storage/fault.h"
#include "storage/postgres/pg_conn.h"
#include "util/number.h"
#include "util/text.h"

/* What the server takes for one value is 1 GiB; it refuses more, but only after it was sent. */
#define MAX_VALUE ((size_t)1 << 30)
#define ARRAY_HEAD 20u
#define ID_BYTES 16u

static void put16(char *p, uint16_t v)
{
	p[0] = (char)(v >> 8);
	p[1] = (char)v;
}

static void put32(char *p, uint32_t v)
{
	put16(p, (uint16_t)(v >> 16));
	put16(p + 2, (uint16_t)v);
}

static void put64(char *p, uint64_t v)
{
	put32(p, (uint32_t)(v >> 32));
	put32(p + 4, (uint32_t)v);
}

/* Where one value is written. */
typedef struct slot {
	inv_conn *conn;
	inv_error *error;
	const char **value;
	int *length;
	int *format;
} slot;

static inv_status no_memory(const slot *s)
{
	return inv__fault(s->error, INV_E_NO_MEMORY, 0, "out of memory");
}

static inv_status wrong_type(const slot *s)
{
	return inv__fault(s->error, INV_E_INTERNAL, 0, "a value has the wrong type");
}

static inv_status too_large(const slot *s)
{
	return inv__fault(s->error, INV_E_LIMIT, 0, "a value is too large for the database");
}

static char *room(const slot *s, size_t size)
{
	char *p = inv__arena_alloc(&s->conn->scratch, size);

	*s->value = p;
	*s->length = (int)size;
	return p;
}

/* A type that we have no binary form for: the server reads text. */
static inv_status put_text_form(const slot *s, const char *text, size_t len)
{
	char *p = room(s, len + 1);

	if (!p)
		return no_memory(s);
	memcpy(p, text, len);
	p[len] = '\0';
	*s->length = (int)len;
	*s->format = 0;
	return INV_OK;
}

static inv_status put_bytes(const slot *s, const void *bytes, size_t size)
{
	if (size > MAX_VALUE)
		return too_large(s);
	*s->value = bytes && size ? bytes : "";
	*s->length = (int)size;
	return INV_OK;
}

static inv_status put_real(const slot *s, Oid type, double value)
{
	uint64_t bits;
	char *p;

	if (type != INV__PG_FLOAT8)
		return wrong_type(s);
	p = room(s, 8);
	if (!p)
		return no_memory(s);
	memcpy(&bits, &value, sizeof bits);
	put64(p, bits);
	return INV_OK;
}

static inv_status put_int(const slot *s, Oid type, int64_t value)
{
	char text[24];
	size_t size = type == INV__PG_INT2 ? 2 : type == INV__PG_INT4 ? 4 : 8;
	int64_t most = size == 2 ? INT16_MAX : size == 4 ? INT32_MAX : INT64_MAX;
	char *p;

	if (type == INV__PG_FLOAT8)
		return put_real(s, type, (double)value);
	if (type != INV__PG_INT2 && type != INV__PG_INT4 && type != INV__PG_INT8)
		return put_text_form(s, text, inv__int_format(value, text));
	if (value > most || value < -most - 1)
		return inv__fault(s->error, INV_E_LIMIT, 0, "a number is too large for its column");
	p = room(s, size);
	if (!p)
		return no_memory(s);
	if (size == 2)
		put16(p, (uint16_t)value);
	else if (size == 4)
		put32(p, (uint32_t)value);
	else
		put64(p, (uint64_t)value);
	return INV_OK;
}

static bool is_text(Oid type)
{
	return type == INV__PG_TEXT || type == INV__PG_VARCHAR || type == INV__PG_BPCHAR ||
	       type == INV__PG_NAME || type == INV__PG_JSON || type == INV__PG_UNKNOWN;
}

static inv_status put_string(const slot *s, Oid type, const inv_value *v)
{
	if (is_text(type) || type == INV__PG_BYTEA)
		return put_bytes(s, v->u.p, v->size);
	/* A text that ends early would be another one. */
	if (v->size && memchr(v->u.p, '\0', v->size))
		return wrong_type(s);
	return put_text_form(s, v->size ? v->u.p : "", v->size);
}

static const char none[ID_BYTES];

static inv_status put_blob(const slot *s, Oid type, const inv_value *v)
{
	if (type == INV__PG_BYTEA)
		return put_bytes(s, v->u.p, v->size);
	if (type != INV__PG_UUID || (v->size != 0 && v->size != ID_BYTES))
		return wrong_type(s);
	return put_bytes(s, v->size ? v->u.p : none, ID_BYTES);
}

static inv_status put_value(const slot *s, Oid type, const inv_value *v)
{
	switch (v->type) {
	case INV_VALUE_INT:
		return put_int(s, type, v->u.i);
	case INV_VALUE_TEXT:
		return put_string(s, type, v);
	case INV_VALUE_BLOB:
		return put_blob(s, type, v);
	case INV_VALUE_REAL:
		return put_real(s, type, v->u.r);
	default:
		*s->value = NULL;
		*s->length = 0;
		return INV_OK;
	}
}

/* ---- arrays ---- */

static char *array_head(const slot *s, Oid element, size_t rows, size_t size)
{
	char *p = size <= MAX_VALUE ? room(s, size) : NULL;

	if (!p)
		return NULL;
	put32(p, 1); /* dimension */
	put32(p + 4, 0); /* none is NULL */
	put32(p + 8, element);
	put32(p + 12, (uint32_t)rows);
	put32(p + 16, 1); /* the first index */
	return p + ARRAY_HEAD;
}

static inv_status no_array(const slot *s, size_t size)
{
	return size > MAX_VALUE ? too_large(s) : no_memory(s);
}

static inv_status put_ints(const slot *s, const int64_t *values, size_t rows)
{
	size_t size = ARRAY_HEAD + rows * 12;
	char *p = array_head(s, INV__PG_INT8, rows, size);

	if (!p)
		return no_array(s, size);
	for (size_t i = 0; i < rows; i++) {
		put32(p, 8);
		put64(p + 4, (uint64_t)values[i]);
		p += 12;
	}
	return INV_OK;
}

static inv_status put_strings(const slot *s, Oid element, const inv_str *values, size_t rows)
{
	size_t size = ARRAY_HEAD + rows * 4;
	char *p;

	for (size_t i = 0; i < rows && size <= MAX_VALUE; i++)
		size += values[i].len;
	p = array_head(s, element, rows, size);
	if (!p)
		return no_array(s, size);
	for (size_t i = 0; i < rows; i++) {
		put32(p, (uint32_t)values[i].len);
		if (values[i].len)
			memcpy(p + 4, values[i].ptr, values[i].len);
		p += 4 + values[i].len;
	}
	return INV_OK;
}

static inv_status put_ids(const slot *s, const inv_str *values, size_t rows)
{
	size_t size = ARRAY_HEAD + rows * (4 + ID_BYTES);
	char *p = array_head(s, INV__PG_UUID, rows, size);

	if (!p)
		return no_array(s, size);
	for (size_t i = 0; i < rows; i++) {
		if (values[i].len != 0 && values[i].len != ID_BYTES)
			return wrong_type(s);
		put32(p, ID_BYTES);
		memcpy(p + 4, values[i].len ? values[i].ptr : none, ID_BYTES);
		p += 4 + ID_BYTES;
	}
	return INV_OK;
}

static inv_status put_column(const slot *s, Oid type, const inv_column *column, size_t rows)
{
	bool numbers = column->type == INV_VALUE_INT;

	if (numbers != (type == INV__PG_INT8_ARRAY))
		return wrong_type(s);
	if (numbers)
		return put_ints(s, column->values, rows);
	switch (type) {
	case INV__PG_TEXT_ARRAY:
		return put_strings(s, INV__PG_TEXT, column->values, rows);
	case INV__PG_BYTEA_ARRAY:
		return put_strings(s, INV__PG_BYTEA, column->values, rows);
	case INV__PG_UUID_ARRAY:
		return put_ids(s, column->values, rows);
	default:
		return wrong_type(s);
	}
}

/* ---- items ---- */

static inv_status put_cell(const slot *s, Oid type, const inv_column *column, size_t row)
{
	inv_value v = {.type = column->type};

	if (v.type == INV_VALUE_INT)
		return put_int(s, type, ((const int64_t *)column->values)[row]);
	if (((const inv_str *)column->values)[row].len > MAX_VALUE)
		return too_large(s);
	v.size = (uint32_t)((const inv_str *)column->values)[row].len;
	v.u.p = ((const inv_str *)column->values)[row].ptr;
	return put_value(s, type, &v);
}

static inv_status put_parameter(const slot *s, const inv_stmt *stmt, const inv_item *item,
                                size_t at)
{
	size_t columns = item->column_count;
	size_t rowset = stmt->rows ? stmt->rows * columns : columns;

	if (at >= rowset)
		return put_value(s, stmt->types[at], &item->values[at - rowset]);
	return stmt->rows ? put_cell(s, stmt->types[at], &item->columns[at % columns], at / columns)
	                  : put_column(s, stmt->types[at], &item->columns[at], item->row_count);
}

inv_status inv__pg_encode(inv_conn *conn, const inv_item *items, size_t count,
                          inv__pg_values *out, inv_error *error)
{
	inv_status status = INV_OK;
	size_t total = 0, at = 0;

	for (size_t k = 0; k < count; k++)
		total += inv__pg_form(&items[k])->parameters;
	inv__arena_reset(&conn->scratch);
	conn->scratch.failed = false;
	memset(out, 0, sizeof *out);
	out->count = (int)total;
	out->values = inv__arena_array(&conn->scratch, total + 1, sizeof *out->values);
	out->lengths = inv__arena_array(&conn->scratch, total + 1, sizeof *out->lengths);
	out->formats = inv__arena_array(&conn->scratch, total + 1, sizeof *out->formats);
	if (!out->values || !out->lengths || !out->formats)
		return inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	for (size_t k = 0; k < count; k++) {
		const inv_stmt *stmt = inv__pg_form(&items[k]);

		for (size_t i = 0; i < stmt->parameters && status == INV_OK; i++, at++) {
			slot s = {conn, error, &out->values[at], &out->lengths[at], &out->formats[at]};

			out->formats[at] = 1;
			status = put_parameter(&s, stmt, &items[k], i);
			out->bytes += (size_t)out->lengths[at];
		}
	}
	return status;
}
