/* SPDX-License-Identifier: MIT */
/* One field from and to text, as in CSV cells, filters and the command line. */
#include "codec/field.h"

#include "codec/json.h"
#include "util/id.h"
#include "util/number.h"
#include "util/text.h"
#include "util/time.h"

/* How much of a wrong value a message quotes. */
#define QUOTED 40

bool inv__field_is_default(const inv_field_desc *field, const void *record)
{
	if (inv__kind_is_int(field->kind))
		return inv__field_int(field, record) == 0;
	if (inv__kind_is_str(field->kind))
		return inv__field_str(field, record).len == 0;
	if (field->kind == INV_KIND_ID)
		return inv_id_is_none(*(const inv_id *)inv__field_at(field, record));
	if (field->kind == INV_KIND_REF) {
		const inv_ref *ref = inv__field_at(field, record);

		return ref->code.len == 0 && inv_id_is_none(ref->id);
	}
	return inv__field_list(field, record).count == 0;
}

/* ---- names ---- */

static char small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

size_t inv__name_reach(inv_str name)
{
	return name.len > 5 ? 2 : 1;
}

size_t inv__name_distance(inv_str a, inv_str b, size_t limit)
{
	size_t row[64];

	if (a.len >= 64 || b.len >= 64 || a.len > b.len + limit || b.len > a.len + limit)
		return limit + 1;
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t best = diagonal + (small(a.ptr[i - 1]) != small(b.ptr[j - 1]));

			diagonal = row[j];
			best = row[j] + 1 < best ? row[j] + 1 : best;
			row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
		}
	}
	return row[b.len];
}

static const inv_field_desc *nearest_field(const inv_record_desc *record, inv_str name)
{
	const inv_field_desc *nearest = NULL;
	size_t best = inv__name_reach(name) + 1;

	for (uint32_t i = 0; i < record->field_count; i++) {
		size_t distance = 0;

		if (record->fields[i].flags & INV_FIELD_HIDDEN)
			continue;
		distance = inv__name_distance(name, inv_str_of(record->fields[i].name), best);
		if (distance < best) {
			best = distance;
			nearest = &record->fields[i];
		}
	}
	return nearest;
}

const inv_field_desc *inv__field_input(const inv_record_desc *record, inv_str name, bool *is_code)
{
	static const inv_str tail = {"_code", 5};
	const inv_field_desc *field = inv_schema_field_named(record, name, NULL);

	*is_code = false;
	if (!field && name.len > tail.len) {
		inv_str end = {name.ptr + name.len - tail.len, tail.len};
		inv_str base = {name.ptr, name.len - tail.len};

		field = inv__str_equal(end, tail) ? inv_schema_field_named(record, base, NULL) : NULL;
		if (field && field->kind != INV_KIND_REF)
			field = NULL;
		*is_code = field != NULL;
	}
	return field && !(field->flags & INV_FIELD_HIDDEN) ? field : NULL;
}

inv_status inv__field_unknown(const inv_record_desc *record, inv_str name, const inv__path *path,
                              inv__problems *problems)
{
	bool is_option = (record->flags & INV_STRUCT_OPTIONS) != 0;
	const inv_field_desc *nearest = nearest_field(record, name);
	char text[96];
	size_t len = name.len < sizeof text ? name.len : sizeof text - 1;

	if (len)
		memcpy(text, name.ptr, len);
	text[len] = '\0';
	if (nearest)
		return inv__problem_add(problems, INV_E_INVALID, path, text,
		                        "unknown %s `%s`; did you mean `%s`?",
		                        is_option ? "option" : "field", text, nearest->name);
	if (is_option)
		return inv__problem_add(problems, INV_E_INVALID, path, text, "unknown option `%s`", text);
	return inv__problem_add(problems, INV_E_INVALID, path, text,
	                        "unknown field `%s`; a %s has no such field", text, record->name);
}

/* ---- from text ---- */

typedef struct target {
	const inv_field_desc *field;
	void *record;
	inv__arena *arena;
	inv__problems *problems;
	const inv__path *path;
} target;

static inv_status wrong(const target *to, inv_str text, const char *wanted)
{
	int len = text.len < QUOTED ? (int)text.len : QUOTED;

	return inv__problem_add(to->problems, INV_E_INVALID, to->path, to->field->name,
	                        "`%s` must be %s, not `%.*s`", to->field->name, wanted, len, text.ptr);
}

static inv_status no_memory(const target *to)
{
	return inv__problem_add(to->problems, INV_E_NO_MEMORY, to->path, to->field->name,
	                        "there is not enough memory");
}

static inv_status number_from_text(const target *to, inv_str text)
{
	const char *name = to->field->name;
	uint32_t scale = inv__kind_scale(to->field->kind);
	int64_t value = 0;

	switch (inv__decimal_parse(text, scale, &value)) {
	case INV__DECIMAL_OK:
		inv__field_set_int(to->field, to->record, value);
		return INV_OK;
	case INV__DECIMAL_PLACES:
		if (scale == 0)
			return wrong(to, text, "a whole number");
		return inv__problem_add(to->problems, INV_E_INVALID, to->path, name,
		                        "`%s` has more than %u decimals", name, (unsigned)scale);
	case INV__DECIMAL_RANGE:
		return inv__problem_add(to->problems, INV_E_INVALID, to->path, name, "`%s` is out of range",
		                        name);
	default:
		return wrong(to, text, scale ? "a decimal number such as 12.5" : "a whole number");
	}
}

static inv_status enum_from_text(const target *to, inv_str text)
{
	const inv_enum_desc *names = inv_schema_enum(to->field->of);
	char list[160] = "one of";
	size_t at = strlen(list);

	for (uint32_t i = 0; names && i < names->value_count; i++) {
		if (inv__str_is(text, names->values[i].name)) {
			inv__field_set_int(to->field, to->record, names->values[i].number);
			return INV_OK;
		}
	}
	for (uint32_t i = 0; names && i < names->value_count && at < sizeof list - 1; i++) {
		inv__format(list + at, sizeof list - at, "%s %s", i ? "," : "", names->values[i].name);
		at = strlen(list);
	}
	return wrong(to, text, list);
}

static inv_status bool_from_text(const target *to, inv_str text)
{
	bool is_true = inv__str_is(text, "true");

	if (!is_true && !inv__str_is(text, "false"))
		return wrong(to, text, "true or false");
	inv__field_set_int(to->field, to->record, is_true);
	return INV_OK;
}

inv_status inv__field_no_epoch(const inv_field_desc *field, inv__problems *problems,
                               const inv__path *path)
{
	return inv__problem_add(problems, INV_E_INVALID, path, field->name,
	                        "the instant 1970-01-01T00:00:00Z cannot be given: it stands for none");
}

static inv_status time_from_text(const target *to, inv_str text)
{
	int64_t instant = 0;
	int32_t date = 0;

	if (to->field->kind == INV_KIND_DATE) {
		if (!inv__date_parse(text, &date))
			return wrong(to, text, "a date such as 2024-02-29");
		inv__field_set_int(to->field, to->record, date);
		return INV_OK;
	}
	if (!inv__instant_parse(text, &instant))
		return wrong(to, text, "an instant such as 2024-02-29T08:26:00Z");
	if (instant == 0)
		return inv__field_no_epoch(to->field, to->problems, to->path);
	inv__field_set_int(to->field, to->record, instant);
	return INV_OK;
}

static inv_status id_from_text(const target *to, inv_str text)
{
	void *at = inv__field_of(to->field, to->record);
	inv_id id;

	if (!inv__id_parse(text, &id)) {
		if (to->field->kind == INV_KIND_ID)
			return wrong(to, text, "an id such as 018f3b1c-5d2e-7a44-9c3e-2b7f6a1d0e55");
		memset(at, 0, sizeof(inv_ref));
		((inv_ref *)at)->code = text;
		return INV_OK;
	}
	memset(at, 0, to->field->size);
	if (to->field->kind == INV_KIND_REF)
		((inv_ref *)at)->id = id;
	else
		*(inv_id *)at = id;
	return INV_OK;
}

static inv_status bytes_from_text(const target *to, inv_str text)
{
	inv_str *out = inv__field_of(to->field, to->record);
	size_t size = 0;
	char *data = inv__arena_alloc(to->arena, text.len / 4 * 3 + 4);

	if (!data)
		return no_memory(to);
	if (!inv__base64_decode(text, data, &size))
		return wrong(to, text, "base64");
	data[size] = '\0';
	out->ptr = data;
	out->len = size;
	return INV_OK;
}

static inv_status json_from_text(const target *to, inv_str text)
{
	inv__json_place place = {to->problems, to->path, to->field->name, 0};
	inv_str out;
	inv_status status = inv__json_compact_at(text, to->arena, &out, &place);

	if (status == INV_OK)
		*(inv_str *)inv__field_of(to->field, to->record) = out;
	return status;
}

/* a;b;c, or a JSON array where a text holds what would not survive that. */
static inv_status strings_from_text(const target *to, inv_str text)
{
	inv_list *out = inv__field_of(to->field, to->record);
	inv_str *items = NULL;
	size_t count = 1;
	size_t begin = 0;
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == ';';
	if (count > inv__list_max(to->field))
		return inv__problem_add(to->problems, INV_E_INVALID, to->path, to->field->name,
		                        "`%s` has more than %zu entries", to->field->name,
		                        inv__list_max(to->field));
	items = inv__arena_array(to->arena, count, sizeof *items);
	if (!items)
		return no_memory(to);
	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && text.ptr[i] != ';')
			continue;
		items[n] = (inv_str){text.ptr + begin, i - begin};
		items[n] = inv__str_trim(items[n]);
		n++;
		begin = i + 1;
	}
	*out = inv_list_of(items, n, sizeof *items);
	return INV_OK;
}

static inv_status list_from_text(const target *to, inv_str text)
{
	inv__json_place place = {to->problems, to->path, to->field->name, 0};

	if (to->field->kind == INV_KIND_STRINGS && text.ptr[0] != '[')
		return strings_from_text(to, text);
	return inv__json_read_list(to->field, text, false, to->arena, to->record, &place);
}

inv_status inv__field_from_text(const inv_field_desc *field, inv_str text, inv__arena *arena,
                                void *record, inv__problems *problems, const inv__path *path)
{
	const target to = {field, record, arena, problems, path};

	if (text.len == 0) {
		memset(inv__field_of(field, record), 0, field->size);
		return INV_OK;
	}
	switch (field->kind) {
	case INV_KIND_BOOL:
		return bool_from_text(&to, text);
	case INV_KIND_ENUM:
		return enum_from_text(&to, text);
	case INV_KIND_DATE:
	case INV_KIND_INSTANT:
		return time_from_text(&to, text);
	case INV_KIND_INT:
	case INV_KIND_QUANTITY:
	case INV_KIND_MONEY:
	case INV_KIND_RATIO:
		return number_from_text(&to, text);
	case INV_KIND_ID:
	case INV_KIND_REF:
		return id_from_text(&to, text);
	case INV_KIND_JSON:
		return json_from_text(&to, text);
	case INV_KIND_BYTES:
		return bytes_from_text(&to, text);
	case INV_KIND_STRINGS:
	case INV_KIND_LIST:
		return list_from_text(&to, text);
	default:
		*(inv_str *)inv__field_of(field, record) = text;
		return INV_OK;
	}
}

/* ---- to text ---- */

static void strings_to_text(const inv_field_desc *field, const void *record, inv__buf *buf)
{
	inv_list list = inv__field_list(field, record);

	for (size_t i = 0; i < list.count; i++) {
		inv_str item = *(const inv_str *)inv__list_at(&list, i);

		if (item.len == 0 || item.ptr[0] == '[' || memchr(item.ptr, ';', item.len) ||
		    inv__str_trim(item).len != item.len) {
			inv__json_write_list(field, record, 0, buf);
			return;
		}
	}
	for (size_t i = 0; i < list.count; i++) {
		const inv_str *item = inv__list_at(&list, i);

		if (i)
			inv__buf_putc(buf, ';');
		inv__buf_put(buf, item->ptr, item->len);
	}
}

static inv_str int_text(const inv_field_desc *field, int64_t value, char scratch[40])
{
	size_t len = 0;

	switch (field->kind) {
	case INV_KIND_BOOL:
		return value ? INV_S("true") : INV_S("false");
	case INV_KIND_ENUM:
		return inv_str_of(inv_enum_name(inv_schema_enum(field->of), (int32_t)value));
	case INV_KIND_DATE:
		len = value ? inv__date_format((int32_t)value, scratch) : 0;
		break;
	case INV_KIND_INSTANT:
		len = value ? inv__instant_format(value, scratch) : 0;
		break;
	default:
		len = inv__decimal_format(value, inv__kind_scale(field->kind), scratch);
	}
	return (inv_str){scratch, len};
}

static inv_str id_text(inv_id id, char scratch[40])
{
	if (inv_id_is_none(id))
		return (inv_str){scratch, 0};
	inv__id_format(id, scratch);
	return (inv_str){scratch, 36};
}

inv_str inv__field_scalar(const inv_field_desc *field, const void *record, char scratch[40])
{
	const inv_ref *ref = NULL;

	if (inv__kind_is_int(field->kind))
		return int_text(field, inv__field_int(field, record), scratch);
	switch (field->kind) {
	case INV_KIND_ID:
		return id_text(*(const inv_id *)inv__field_at(field, record), scratch);
	case INV_KIND_REF:
		ref = inv__field_at(field, record);
		return ref->code.len ? ref->code : id_text(ref->id, scratch);
	default:
		return inv__field_str(field, record);
	}
}

static void bytes_to_text(inv_str bytes, inv__buf *buf)
{
	/* The encoder ends with a NUL, which is not part of the text. */
	char *room = inv__buf_room(buf, inv__base64_size(bytes.len) + 1);

	if (room)
		buf->len += inv__base64_encode(bytes.ptr, bytes.len, room);
}

void inv__field_to_text(const inv_field_desc *field, const void *record, inv__buf *buf)
{
	char scratch[40];
	inv_str text;

	if (!inv__kind_is_int(field->kind) && inv__field_is_default(field, record))
		return;
	switch (field->kind) {
	case INV_KIND_BYTES:
		bytes_to_text(inv__field_str(field, record), buf);
		return;
	case INV_KIND_STRINGS:
		strings_to_text(field, record, buf);
		return;
	case INV_KIND_LIST:
		inv__json_write_list(field, record, 0, buf);
		return;
	default:
		text = inv__field_scalar(field, record, scratch);
		inv__buf_put(buf, text.ptr, text.len);
	}
}
