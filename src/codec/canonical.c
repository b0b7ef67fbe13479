/* SPDX-License-Identifier: MIT */
/* Canonical bytes, for digests: the same for equal content on every machine and version. */
#include "codec/field.h"

/* A field is its number (2 bytes), its length (4) and its bytes, little endian. Defaults are left
 * out, so fields that are added later change nothing. Lists hold, per element, its length and its
 * canonical bytes. */

static void put_little(char *out, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		out[i] = (char)(unsigned char)(value >> (8 * i));
}

static void put_number(inv__buf *buf, uint64_t value, size_t size)
{
	char *room = inv__buf_room(buf, size);

	if (!room)
		return;
	put_little(room, value, size);
	buf->len += size;
}

static void put_bytes(inv__buf *buf, inv_str text)
{
	put_number(buf, text.len, 4);
	inv__buf_put(buf, text.ptr, text.len);
}

/* Leave room for a length; returns where it stands, for close_length. */
static size_t open_length(inv__buf *buf)
{
	size_t at = buf->len;

	put_number(buf, 0, 4);
	return at;
}

static void close_length(inv__buf *buf, size_t at)
{
	if (buf->status == INV_OK)
		put_little(buf->data + at, buf->len - at - 4, 4);
}

static void put_list(const inv_field_desc *field, const void *record, inv__buf *buf)
{
	inv_list list = inv__field_list(field, record);
	size_t at = open_length(buf);

	for (size_t i = 0; i < list.count; i++) {
		const void *item = inv__list_at(&list, i);
		size_t item_at = 0;

		if (field->kind == INV_KIND_STRINGS) {
			put_bytes(buf, *(const inv_str *)item);
			continue;
		}
		item_at = open_length(buf);
		inv__canonical(inv_schema_record(field->of), item, buf);
		close_length(buf, item_at);
	}
	close_length(buf, at);
}

static void put_ref(const inv_ref *ref, inv__buf *buf)
{
	inv_str id = {(const char *)ref->id.bytes, sizeof ref->id.bytes};
	size_t at = open_length(buf);

	inv__buf_put(buf, id.ptr, id.len);
	inv__buf_put(buf, ref->code.ptr, ref->code.len);
	close_length(buf, at);
}

void inv__canonical(const inv_record_desc *record, const void *value, inv__buf *buf)
{
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = &record->fields[i];

		if (inv__field_is_default(field, value))
			continue;
		put_number(buf, i, 2);
		if (inv__kind_is_int(field->kind)) {
			put_number(buf, 8, 4);
			put_number(buf, (uint64_t)inv__field_int(field, value), 8);
		} else if (inv__kind_is_str(field->kind)) {
			put_bytes(buf, inv__field_str(field, value));
		} else if (field->kind == INV_KIND_ID) {
			put_bytes(buf, (inv_str){inv__field_at(field, value), sizeof(inv_id)});
		} else if (field->kind == INV_KIND_REF) {
			put_ref(inv__field_at(field, value), buf);
		} else {
			put_list(field, value, buf);
		}
	}
}

/* A cell is its type (1 byte), its length (4) and its bytes. */
void inv__canonical_row(const inv_value *cells, size_t count, inv__buf *buf)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t bits = 0;

		put_number(buf, cells[i].type, 1);
		switch (cells[i].type) {
		case INV_VALUE_INT:
			put_number(buf, 8, 4);
			put_number(buf, (uint64_t)cells[i].u.i, 8);
			break;
		case INV_VALUE_REAL:
			memcpy(&bits, &cells[i].u.r, sizeof bits);
			put_number(buf, 8, 4);
			put_number(buf, bits, 8);
			break;
		case INV_VALUE_TEXT:
		case INV_VALUE_BLOB:
			put_bytes(buf, (inv_str){cells[i].u.p, cells[i].size});
			break;
		default:
			put_number(buf, 0, 4);
		}
	}
}
