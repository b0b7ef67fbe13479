/* SPDX-License-Identifier: MIT */
/* Results without pointers. Written twice by the same steps: at first into no memory, to know how
 * much it takes. */
#include "inventra/flat.h"

#include "util/text.h"

typedef struct flat {
	char *base; /* NULL while it is measured */
	size_t len;
} flat;

/* The offset of n more bytes. */
static uint64_t room(flat *f, size_t n)
{
	size_t at = (f->len + 7) & ~(size_t)7;

	f->len = at + n;
	return at;
}

static void put(const flat *f, uint64_t at, const void *bytes, size_t n)
{
	if (f->base && n)
		memcpy(f->base + at, bytes, n);
}

/* The pointer of an inv_str or inv_list is its first member. */
static void put_offset(const flat *f, uint64_t at, uint64_t offset)
{
	put(f, at, &offset, sizeof offset);
}

static void put_str(flat *f, const inv_str *text, uint64_t at)
{
	uint64_t to = text->len ? room(f, text->len) : 0;

	put(f, to, text->ptr, text->len);
	put_offset(f, at, to);
}

static void put_record(flat *f, const inv_record_desc *record, const char *from, uint64_t at);

static void put_list(flat *f, const inv_field_desc *field, const inv_list *list, uint64_t at)
{
	bool strings = field->kind == INV_KIND_STRINGS;
	const inv_record_desc *nested = strings ? NULL : inv_schema_record(field->of);
	size_t size = strings ? sizeof(inv_str) : nested->size;
	inv_list flattened = inv_list_of(list->ptr, list->count, size);
	uint64_t to = room(f, list->count * size);

	put(f, at, &flattened, sizeof flattened);
	put_offset(f, at, to);
	for (size_t i = 0; i < list->count; i++) {
		const char *from = (const char *)list->ptr + i * list->stride;

		if (strings) {
			put(f, to + i * size, from, size);
			put_str(f, (const inv_str *)(const void *)from, to + i * size);
		} else {
			put_record(f, nested, from, to + i * size);
		}
	}
}

static void put_record(flat *f, const inv_record_desc *record, const char *from, uint64_t at)
{
	put(f, at, from, record->size);
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = &record->fields[i];
		const void *value = from + field->offset;
		uint64_t where = at + field->offset;

		if (field->kind == INV_KIND_REF)
			put_str(f, &((const inv_ref *)value)->code, where + offsetof(inv_ref, code));
		else if (field->kind == INV_KIND_STRINGS || field->kind == INV_KIND_LIST)
			put_list(f, field, value, where);
		else if (field->kind >= INV_KIND_TEXT)
			put_str(f, value, where);
	}
}

static void put_result(flat *f, const inv_result *result)
{
	const inv_record_desc *record = inv_result_record(result);
	const inv_flat_header header = {inv_result_count(result), inv_result_replayed(result),
	                                inv_result_cursor(result)};
	uint64_t at = room(f, sizeof header);
	uint64_t records = room(f, header.count * record->size);

	put(f, at, &header, sizeof header);
	put_str(f, &header.cursor, offsetof(inv_flat_header, cursor));
	for (size_t i = 0; i < header.count; i++)
		put_record(f, record, inv_result_at(result, i), records + i * record->size);
}

size_t inv_result_flat(const inv_result *result, void *buffer, size_t size)
{
	flat f = {NULL, 0};
	size_t needed;

	if (!result)
		return 0;
	put_result(&f, result);
	needed = (f.len + 7) & ~(size_t)7;
	if (!buffer || needed > size)
		return needed;
	f = (flat){buffer, 0};
	/* What pads the parts is nobody's old memory. */
	memset(buffer, 0, needed);
	put_result(&f, result);
	return needed;
}
