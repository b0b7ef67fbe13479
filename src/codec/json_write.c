/* SPDX-License-Identifier: MIT */
/* Records as compact JSON, written straight into the buffer's room. */
#include "codec/field.h"

#include "codec/json.h"
#include "util/id.h"
#include "util/number.h"
#include "util/text.h"
#include "util/time.h"

/* Any number, id, date or instant with its quotes fits. */
#define SCALAR_ROOM 64

/* ---- strings ---- */

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\';
}

static char *put_escape(char *p, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";
	static const char named[] = "\"\\\b\f\n\r\t";
	static const char names[] = "\"\\bfnrt";
	const char *found = c ? strchr(named, c) : NULL;

	*p++ = '\\';
	if (found) {
		*p++ = names[found - named];
		return p;
	}
	memcpy(p, "u00", 3);
	p[3] = digits[c >> 4];
	p[4] = digits[c & 15];
	return p + 5;
}

void inv__json_write_string(inv_str text, inv__buf *buf)
{
	size_t special = 0;
	char *begin = NULL;
	char *p = NULL;

	for (size_t i = 0; i < text.len; i++)
		special += !is_plain((unsigned char)text.ptr[i]);
	begin = p = inv__buf_room(buf, text.len + 5 * special + 2);
	if (!p)
		return;
	*p++ = '"';
	if (special == 0 && text.len) {
		memcpy(p, text.ptr, text.len);
		p += text.len;
	}
	for (size_t i = 0; special && i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (is_plain(c))
			*p++ = (char)c;
		else
			p = put_escape(p, c);
	}
	*p++ = '"';
	buf->len += (size_t)(p - begin);
}

/* ---- scalars: each writes at p, where there is SCALAR_ROOM, and returns the end ---- */

static char *put_word(char *p, const char *word)
{
	size_t len = strlen(word);

	memcpy(p, word, len);
	return p + len;
}

static char *put_int(const inv_field_desc *field, int64_t value, char *p)
{
	const char *name = NULL;

	switch (field->kind) {
	case INV_KIND_BOOL:
		return put_word(p, value ? "true" : "false");
	case INV_KIND_INT:
		return p + inv__int_format(value, p);
	case INV_KIND_ENUM:
		name = inv_enum_name(inv_schema_enum(field->of), (int32_t)value);
		if (!name || strlen(name) > SCALAR_ROOM - 2)
			return p + inv__int_format(value, p);
		*p++ = '"';
		p = put_word(p, name);
		break;
	case INV_KIND_DATE:
		*p++ = '"';
		p += inv__date_format((int32_t)value, p);
		break;
	case INV_KIND_INSTANT:
		*p++ = '"';
		p += inv__instant_format(value, p);
		break;
	default:
		*p++ = '"';
		p += inv__decimal_format(value, inv__kind_scale(field->kind), p);
	}
	*p++ = '"';
	return p;
}

static char *put_id(inv_id id, char *p)
{
	*p++ = '"';
	inv__id_format(id, p);
	p += 36;
	*p++ = '"';
	return p;
}

/* ---- members ---- */

typedef struct writer {
	inv__buf *buf;
	uint32_t flags;
	bool first; /* no member has been written yet */
} writer;

/* The key with `tail` behind it, and SCALAR_ROOM for what follows. Returns where to go on; the
 * caller adds to buf->len what it wrote from *begin on. */
static char *put_key(writer *w, const inv_field_desc *field, const char *tail, char **begin)
{
	size_t len = strlen(field->name);
	char *p = inv__buf_room(w->buf, len + strlen(tail) + 4 + SCALAR_ROOM);

	*begin = p;
	if (!p)
		return NULL;
	if (!w->first)
		*p++ = ',';
	w->first = false;
	*p++ = '"';
	memcpy(p, field->name, len);
	p = put_word(p + len, tail);
	*p++ = '"';
	*p++ = ':';
	return p;
}

static void write_ref(writer *w, const inv_field_desc *field, const inv_ref *ref)
{
	char *begin = NULL;
	char *p = NULL;

	if (!inv_id_is_none(ref->id)) {
		p = put_key(w, field, "", &begin);
		if (p)
			w->buf->len += (size_t)(put_id(ref->id, p) - begin);
	}
	if (ref->code.len && !(w->flags & INV__JSON_PAYLOAD)) {
		p = put_key(w, field, "_code", &begin);
		if (!p)
			return;
		w->buf->len += (size_t)(p - begin);
		inv__json_write_string(ref->code, w->buf);
	}
}

static void write_bytes(inv_str bytes, inv__buf *buf)
{
	char *begin = inv__buf_room(buf, inv__base64_size(bytes.len) + 3);
	char *p = begin;

	if (!p)
		return;
	*p++ = '"';
	p += inv__base64_encode(bytes.ptr, bytes.len, p);
	*p++ = '"';
	buf->len += (size_t)(p - begin);
}

static void write_long(writer *w, const inv_field_desc *field, const void *record)
{
	inv_str text;

	switch (field->kind) {
	case INV_KIND_STRINGS:
	case INV_KIND_LIST:
		inv__json_write_list(field, record, w->flags, w->buf);
		return;
	case INV_KIND_BYTES:
		write_bytes(inv__field_str(field, record), w->buf);
		return;
	case INV_KIND_JSON:
		text = inv__field_str(field, record);
		inv__buf_put(w->buf, text.ptr, text.len);
		return;
	default:
		inv__json_write_string(inv__field_str(field, record), w->buf);
	}
}

static void write_member(writer *w, const inv_field_desc *field, const void *record)
{
	char *begin = NULL;
	char *p = NULL;

	if (field->kind == INV_KIND_REF) {
		write_ref(w, field, inv__field_at(field, record));
		return;
	}
	p = put_key(w, field, "", &begin);
	if (!p)
		return;
	if (inv__kind_is_int(field->kind))
		p = put_int(field, inv__field_int(field, record), p);
	else if (field->kind == INV_KIND_ID)
		p = put_id(*(const inv_id *)inv__field_at(field, record), p);
	w->buf->len += (size_t)(p - begin);
	if (!inv__kind_is_int(field->kind) && field->kind != INV_KIND_ID)
		write_long(w, field, record);
}

/* Of defaults only these are shown. */
static bool shows_default(const inv_field_desc *field)
{
	return field->kind >= INV_KIND_BOOL && field->kind <= INV_KIND_RATIO &&
	       field->kind != INV_KIND_DATE && !(field->flags & INV_FIELD_INPUT);
}

static bool is_shown(const inv_field_desc *field, const void *record, uint32_t flags)
{
	if (field->flags & INV_FIELD_HIDDEN)
		return false;
	if (!(flags & INV__JSON_PAYLOAD))
		return shows_default(field) || !inv__field_is_default(field, record);
	return !(field->flags & (INV_FIELD_INPUT | INV_FIELD_STATE)) &&
	       !inv__field_is_default(field, record);
}

void inv__json_write(const inv_record_desc *record, const void *value, uint32_t flags,
                     inv__buf *buf)
{
	writer w = {buf, flags, true};

	inv__buf_putc(buf, '{');
	for (uint32_t i = 0; i < record->field_count; i++)
		if (is_shown(&record->fields[i], value, flags))
			write_member(&w, &record->fields[i], value);
	inv__buf_putc(buf, '}');
}

void inv__json_write_list(const inv_field_desc *field, const void *record, uint32_t flags,
                          inv__buf *buf)
{
	inv_list list = inv__field_list(field, record);
	const inv_record_desc *of = field->kind == INV_KIND_LIST ? inv_schema_record(field->of) : NULL;

	inv__buf_putc(buf, '[');
	for (size_t i = 0; i < list.count; i++) {
		const void *item = inv__list_at(&list, i);

		if (i)
			inv__buf_putc(buf, ',');
		if (of)
			inv__json_write(of, item, flags, buf);
		else
			inv__json_write_string(*(const inv_str *)item, buf);
	}
	inv__buf_putc(buf, ']');
}
