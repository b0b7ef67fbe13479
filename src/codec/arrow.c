/* SPDX-License-Identifier: MIT */
/* Records as Arrow columns: a tree of columns made from the description, filled record by record,
 * handed out as the C data interface asks. */
#include "codec/arrow.h"

#include "codec/field.h"
#include "util/id.h"

#define TEXT_MAX ((size_t)INT32_MAX) /* offsets are of 32 bits */
#define VALUES_MAX (SIZE_MAX / 4)

typedef enum shape { STRUCT, LIST_OF, NUMBER, TEXT } shape;

typedef struct column {
	shape shape;
	const inv_field_desc *field; /* NULL for a list's element and for the whole */
	const inv_enum_desc *names;  /* of a dictionary */
	const char *format;
	char name[72];
	bool is_code;  /* of a reference */
	bool nullable;
	inv__buf valid, values, offsets;
	int64_t length, nulls;
	size_t child_count;
	struct column *children;
} column;

struct inv__arrow_columns {
	column top;
};

/* ---- the tree ---- */

static const char *format_of(uint32_t kind)
{
	switch (kind) {
	case INV_KIND_BOOL:
		return "b";
	case INV_KIND_ENUM:
		return "i";
	case INV_KIND_DATE:
		return "tdD";
	case INV_KIND_INT:
		return "l";
	case INV_KIND_MONEY:
		return "d:19,4";
	case INV_KIND_QUANTITY:
	case INV_KIND_RATIO:
		return "d:19,6";
	case INV_KIND_INSTANT:
		return "tsu:UTC";
	case INV_KIND_BYTES:
		return "z";
	case INV_KIND_STRINGS:
	case INV_KIND_LIST:
		return "+l";
	default:
		return "u";
	}
}

static bool is_nullable(uint32_t kind)
{
	return kind == INV_KIND_DATE || kind == INV_KIND_INSTANT || kind == INV_KIND_ID ||
	       kind == INV_KIND_REF || kind == INV_KIND_JSON;
}

static void free_column(column *c)
{
	for (size_t i = 0; i < c->child_count; i++)
		free_column(&c->children[i]);
	inv__free(&inv__malloc_allocator, c->children, c->child_count * sizeof *c->children);
	inv__buf_free(&c->valid);
	inv__buf_free(&c->values);
	inv__buf_free(&c->offsets);
}

static void begin_column(column *c, shape form, const char *format)
{
	memset(c, 0, sizeof *c);
	c->shape = form;
	c->format = format;
	inv__buf_init(&c->valid, &inv__malloc_allocator, VALUES_MAX);
	inv__buf_init(&c->values, &inv__malloc_allocator, form == TEXT ? TEXT_MAX : VALUES_MAX);
	inv__buf_init(&c->offsets, &inv__malloc_allocator, VALUES_MAX);
}

static bool make_children(column *c, size_t count)
{
	c->children = inv__alloc(&inv__malloc_allocator, count * sizeof *c->children);
	if (c->children)
		c->child_count = count;
	return c->children != NULL;
}

static void set_name(column *c, const char *name, const char *tail)
{
	size_t len = strlen(name) < 64 ? strlen(name) : 63;

	memcpy(c->name, name, len);
	memcpy(c->name + len, tail, strlen(tail) + 1);
}

static bool make_struct(column *c, const inv_record_desc *record, bool lists);

static bool make_column(column *c, const inv_field_desc *field, bool is_code)
{
	uint32_t kind = field->kind;
	bool list = kind == INV_KIND_LIST || kind == INV_KIND_STRINGS;

	begin_column(c, list ? LIST_OF : inv__kind_is_int(kind) ? NUMBER : TEXT, format_of(kind));
	c->field = field;
	c->is_code = is_code;
	c->nullable = is_nullable(kind);
	c->names = kind == INV_KIND_ENUM ? inv_schema_enum(field->of) : NULL;
	set_name(c, field->name, is_code ? "_code" : "");
	if (!list)
		return true;
	if (!make_children(c, 1))
		return false;
	if (kind == INV_KIND_LIST)
		return make_struct(&c->children[0], inv_schema_record(field->of), false);
	begin_column(&c->children[0], TEXT, "u");
	set_name(&c->children[0], "item", "");
	return true;
}

static bool is_shown(const inv_field_desc *field, bool lists)
{
	if (lists && !inv__field_is_stored(field))
		return false;
	return !(field->flags & (INV_FIELD_HIDDEN | INV_FIELD_INPUT));
}

static bool make_struct(column *c, const inv_record_desc *record, bool lists)
{
	size_t count = 0;
	size_t at = 0;

	begin_column(c, STRUCT, "+s");
	set_name(c, "item", "");
	for (uint32_t i = 0; i < record->field_count; i++)
		if (is_shown(&record->fields[i], lists))
			count += record->fields[i].kind == INV_KIND_REF ? 2 : 1;
	if (!make_children(c, count ? count : 1))
		return false;
	/* Children not reached yet are zero, and freeing those is nothing. */
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = &record->fields[i];

		if (!is_shown(field, lists))
			continue;
		if (!make_column(&c->children[at++], field, false))
			return false;
		if (field->kind == INV_KIND_REF && !make_column(&c->children[at++], field, true))
			return false;
	}
	c->child_count = at;
	return true;
}

inv__arrow_columns *inv__columns_new(const inv_record_desc *record, bool lists)
{
	inv__arrow_columns *columns = inv__alloc(&inv__malloc_allocator, sizeof *columns);

	if (columns && !make_struct(&columns->top, record, lists)) {
		inv__columns_free(columns);
		return NULL;
	}
	return columns;
}

void inv__columns_free(inv__arrow_columns *columns)
{
	if (!columns)
		return;
	free_column(&columns->top);
	inv__free(&inv__malloc_allocator, columns, sizeof *columns);
}

size_t inv__columns_count(const inv__arrow_columns *columns)
{
	return (size_t)columns->top.length;
}

static size_t column_size(const column *c)
{
	size_t size = c->values.len + c->offsets.len + c->valid.len;

	for (size_t i = 0; i < c->child_count; i++)
		size += column_size(&c->children[i]);
	return size;
}

size_t inv__columns_size(const inv__arrow_columns *columns)
{
	return column_size(&columns->top);
}

/* ---- filling ---- */

static void put_bit(inv__buf *bits, int64_t index, bool on)
{
	if (index % 8 == 0)
		inv__buf_putc(bits, 0);
	if (on && bits->status == INV_OK)
		bits->data[bits->len - 1] = (char)(bits->data[bits->len - 1] | 1 << index % 8);
}

static void put_valid(column *c, bool valid)
{
	if (c->nullable)
		put_bit(&c->valid, c->length, valid);
	c->nulls += !valid;
}

/* Where the value at hand begins; the end of the last one is put when columns are taken. */
static void put_offset(column *c, size_t at)
{
	int32_t offset = (int32_t)at;

	if (at > TEXT_MAX)
		c->offsets.status = INV_E_LIMIT;
	inv__buf_put(&c->offsets, &offset, sizeof offset);
}

static int32_t place_in(const inv_enum_desc *names, int32_t number)
{
	for (uint32_t i = 0; i < names->value_count; i++)
		if (names->values[i].number == number)
			return (int32_t)i;
	return 0;
}

static void put_number(column *c, const void *record)
{
	int64_t value = inv__field_int(c->field, record);
	int64_t wide[2] = {value, value < 0 ? -1 : 0};
	int32_t narrow = (int32_t)value;

	switch (c->field->kind) {
	case INV_KIND_BOOL:
		put_bit(&c->values, c->length, value != 0);
		break;
	case INV_KIND_ENUM:
		narrow = place_in(c->names, narrow);
		inv__buf_put(&c->values, &narrow, sizeof narrow);
		break;
	case INV_KIND_DATE:
		inv__buf_put(&c->values, &narrow, sizeof narrow);
		break;
	case INV_KIND_INT:
	case INV_KIND_INSTANT:
		inv__buf_put(&c->values, &value, sizeof value);
		break;
	default:
		inv__buf_put(&c->values, wide, sizeof wide);
	}
	put_valid(c, value != 0 || !c->nullable);
}

static inv_str text_of(const column *c, const void *record, char scratch[40])
{
	const void *at = inv__field_at(c->field, record);
	inv_id id;

	if (c->field->kind == INV_KIND_REF && c->is_code)
		return ((const inv_ref *)at)->code;
	if (c->field->kind != INV_KIND_REF && c->field->kind != INV_KIND_ID)
		return *(const inv_str *)at;
	id = c->field->kind == INV_KIND_REF ? ((const inv_ref *)at)->id : *(const inv_id *)at;
	if (inv_id_is_none(id))
		return (inv_str){scratch, 0};
	inv__id_format(id, scratch);
	return (inv_str){scratch, 36};
}

static void put_text(column *c, inv_str text)
{
	put_offset(c, c->values.len);
	inv__buf_put(&c->values, text.ptr, text.len);
	put_valid(c, text.len > 0 || !c->nullable);
}

static void put_struct(column *c, const void *record);

static void put_list(column *c, const void *record)
{
	inv_list list = inv__field_list(c->field, record);
	column *child = &c->children[0];

	put_offset(c, (size_t)child->length);
	for (size_t i = 0; i < list.count; i++) {
		const void *element = inv__list_at(&list, i);

		if (child->shape == STRUCT) {
			put_struct(child, element);
		} else {
			put_text(child, *(const inv_str *)element);
			child->length++;
		}
	}
}

static void put_struct(column *c, const void *record)
{
	char scratch[40];

	for (size_t i = 0; i < c->child_count; i++) {
		column *child = &c->children[i];

		if (child->shape == NUMBER)
			put_number(child, record);
		else if (child->shape == TEXT)
			put_text(child, text_of(child, record, scratch));
		else
			put_list(child, record);
		child->length++;
	}
	c->length++;
}

void inv__columns_add(inv__arrow_columns *columns, const void *record)
{
	put_struct(&columns->top, record);
}

/* ---- the schema ---- */

/* The children's structs stand behind one another in one block; a consumer may take a child out of
 * its parent, and gives it back by the child's own `release` then. */
typedef struct schema_private {
	struct ArrowSchema **children;
	struct ArrowSchema *structs; /* children, then the dictionary */
	size_t count;
	char name[72];
} schema_private;

static void release_schema(struct ArrowSchema *schema)
{
	schema_private *own = schema->private_data;

	for (size_t i = 0; i < own->count; i++)
		if (own->structs[i].release)
			own->structs[i].release(&own->structs[i]);
	inv__free(&inv__malloc_allocator, own->children, own->count * sizeof *own->children);
	inv__free(&inv__malloc_allocator, own->structs, own->count * sizeof *own->structs);
	inv__free(&inv__malloc_allocator, own, sizeof *own);
	schema->release = NULL;
}

/* A schema without children; false when out of memory. */
static bool begin_schema(struct ArrowSchema *out, const char *name, const char *format,
                         size_t count)
{
	const inv_allocator *a = &inv__malloc_allocator;
	schema_private *own = inv__alloc(a, sizeof *own);

	memset(out, 0, sizeof *out);
	if (!own)
		return false;
	memcpy(own->name, name, strlen(name) + 1);
	out->private_data = own;
	out->release = release_schema;
	out->name = own->name;
	out->format = format;
	if (count == 0)
		return true;
	own->children = inv__alloc(a, count * sizeof *own->children);
	own->structs = inv__alloc(a, count * sizeof *own->structs);
	own->count = count;
	if (own->children && own->structs)
		return true;
	own->count = own->structs ? count : 0;
	inv__free(a, own->children, count * sizeof *own->children);
	own->children = NULL;
	release_schema(out);
	return false;
}

static bool make_schema(const column *c, struct ArrowSchema *out)
{
	size_t count = c->child_count + (c->names ? 1 : 0);
	schema_private *own;
	bool good;

	if (!begin_schema(out, c->name, c->format, count))
		return false;
	own = out->private_data;
	out->flags = c->nullable ? ARROW_FLAG_NULLABLE : 0;
	good = true;
	for (size_t i = 0; good && i < c->child_count; i++) {
		own->children[i] = &own->structs[i];
		good = make_schema(&c->children[i], &own->structs[i]);
	}
	if (good && c->names)
		good = begin_schema(&own->structs[count - 1], "", "u", 0);
	if (!good) {
		release_schema(out);
		return false;
	}
	out->n_children = (int64_t)c->child_count;
	out->children = own->children;
	out->dictionary = c->names ? &own->structs[count - 1] : NULL;
	return true;
}

inv_status inv__columns_schema(const inv__arrow_columns *columns, struct ArrowSchema *out)
{
	return make_schema(&columns->top, out) ? INV_OK : INV_E_NO_MEMORY;
}

/* ---- handing out ---- */

typedef struct array_private {
	inv__buf valid, values, offsets;
	const void *buffers[3];
	struct ArrowArray **children;
	struct ArrowArray *structs; /* children, then the dictionary */
	size_t count;
} array_private;

static void release_array(struct ArrowArray *array)
{
	array_private *own = array->private_data;

	for (size_t i = 0; i < own->count; i++)
		if (own->structs[i].release)
			own->structs[i].release(&own->structs[i]);
	inv__free(&inv__malloc_allocator, own->children, own->count * sizeof *own->children);
	inv__free(&inv__malloc_allocator, own->structs, own->count * sizeof *own->structs);
	inv__buf_free(&own->valid);
	inv__buf_free(&own->values);
	inv__buf_free(&own->offsets);
	inv__free(&inv__malloc_allocator, own, sizeof *own);
	array->release = NULL;
}

/* Take a buffer over and leave a fresh one of the same limit. */
static void take_buffer(inv__buf *from, inv__buf *to)
{
	*to = *from;
	inv__buf_init(from, &inv__malloc_allocator, to->max);
}

/* Buffers are never NULL but for a bitmap that is not needed. */
static void set_buffers(array_private *own, const column *c, struct ArrowArray *out)
{
	size_t n = 0;

	own->buffers[n++] = c->nullable ? own->valid.data : NULL;
	if (c->shape == TEXT || c->shape == LIST_OF)
		own->buffers[n++] = own->offsets.data;
	if (c->shape == TEXT || c->shape == NUMBER)
		own->buffers[n++] = own->values.data;
	out->n_buffers = (int64_t)n;
	out->buffers = own->buffers;
}

static inv_status make_array(column *c, struct ArrowArray *out);

/* The names of an enum as a column. */
static inv_status make_dictionary(const inv_enum_desc *names, struct ArrowArray *out)
{
	column c;
	inv_status rc;

	begin_column(&c, TEXT, "u");
	for (uint32_t i = 0; i < names->value_count; i++) {
		put_text(&c, inv_str_of(names->values[i].name));
		c.length++;
	}
	rc = make_array(&c, out);
	free_column(&c);
	return rc;
}

static inv_status make_parts(column *c, array_private *own)
{
	const inv_allocator *a = &inv__malloc_allocator;
	size_t count = c->child_count + (c->names ? 1 : 0);
	inv_status rc = INV_OK;

	if (count == 0)
		return INV_OK;
	own->structs = inv__alloc(a, count * sizeof *own->structs);
	if (!own->structs)
		return INV_E_NO_MEMORY;
	own->count = count;
	own->children = inv__alloc(a, count * sizeof *own->children);
	if (!own->children)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; rc == INV_OK && i < c->child_count; i++) {
		own->children[i] = &own->structs[i];
		rc = make_array(&c->children[i], &own->structs[i]);
	}
	if (rc == INV_OK && c->names)
		rc = make_dictionary(c->names, &own->structs[count - 1]);
	return rc;
}

static inv_status finish_buffers(column *c)
{
	if (c->shape == TEXT || c->shape == LIST_OF)
		put_offset(c, c->shape == TEXT ? c->values.len : (size_t)c->children[0].length);
	/* Room for something makes the pointer one. */
	(void)inv__buf_room(&c->values, 1);
	if (c->nullable)
		(void)inv__buf_room(&c->valid, 1);
	if (c->values.status != INV_OK)
		return c->values.status;
	return c->valid.status != INV_OK ? c->valid.status : c->offsets.status;
}

static inv_status make_array(column *c, struct ArrowArray *out)
{
	array_private *own = inv__alloc(&inv__malloc_allocator, sizeof *own);
	inv_status rc = own ? finish_buffers(c) : INV_E_NO_MEMORY;

	memset(out, 0, sizeof *out);
	if (!own)
		return rc;
	out->private_data = own;
	out->release = release_array;
	out->length = c->length;
	out->null_count = c->nulls;
	if (rc == INV_OK)
		rc = make_parts(c, own);
	take_buffer(&c->valid, &own->valid);
	take_buffer(&c->values, &own->values);
	take_buffer(&c->offsets, &own->offsets);
	c->length = c->nulls = 0;
	if (rc != INV_OK) {
		release_array(out);
		return rc;
	}
	set_buffers(own, c, out);
	out->n_children = (int64_t)c->child_count;
	out->children = own->children;
	out->dictionary = c->names ? &own->structs[own->count - 1] : NULL;
	return INV_OK;
}

inv_status inv__columns_take(inv__arrow_columns *columns, struct ArrowArray *out)
{
	return make_array(&columns->top, out);
}
