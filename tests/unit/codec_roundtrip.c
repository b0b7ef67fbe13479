/* SPDX-License-Identifier: MIT */
/* Every record of the description, filled at random, survives JSON, rows, text and copies. */
#include "support/check.h"

#include "codec/field.h"
#include "inventra/records.h"
#include "util/text.h"

#define ROUNDS 40

static inv__arena arena;

static inv_str random_text(size_t max, bool code, bool multiline)
{
	static const char *const pieces[] = {"a", "B",  "7", "-", "_", "\"", "\\", "/",
	                                     "é", "日", "😀", " ", ";", ",",  "\n", "\t"};
	size_t limit = code ? 5 : (multiline ? 16 : 14);
	size_t len = 1 + check_random_below(max < 24 ? max : 24);
	char *out = inv__arena_alloc(&arena, len + 8);
	size_t at = 0;

	while (at < len) {
		const char *piece = pieces[check_random_below(limit)];

		if (at + strlen(piece) > len)
			piece = "x";
		memcpy(out + at, piece, strlen(piece));
		at += strlen(piece);
	}
	out[at] = '\0';
	return (inv_str){out, at};
}

static int64_t random_int(const inv_field_desc *field)
{
	const inv_enum_desc *names = NULL;
	int64_t limit = INV_LIMIT_QUANTITY;

	switch (field->kind) {
	case INV_KIND_BOOL:
		return (int64_t)check_random_below(2);
	case INV_KIND_ENUM:
		names = inv_schema_enum(field->of);
		return names->values[check_random_below(names->value_count)].number;
	case INV_KIND_DATE:
		return (int64_t)check_random_below(60000) - 20000;
	case INV_KIND_INSTANT:
		return (int64_t)check_random_below(4000000000000000);
	default:
		break;
	}
	if (field->low < field->high || field->high != 0) {
		uint64_t span = (uint64_t)field->high - (uint64_t)field->low;

		return (int64_t)((uint64_t)field->low + (span ? check_random_below(span) : 0));
	}
	if (check_random_below(2))
		limit = 1000000000;
	return (int64_t)check_random_below((uint64_t)limit * 2) - limit;
}

static inv_id random_id(void)
{
	inv_id id;

	for (size_t i = 0; i < sizeof id.bytes; i++)
		id.bytes[i] = (uint8_t)check_random();
	return id;
}

static inv_ref random_ref(bool code)
{
	inv_ref ref = inv_ref_of(random_id());

	if (code)
		ref.code = random_text(20, true, false);
	return ref;
}

static void fill_record(const inv_record_desc *record, void *out, bool codes);

static void fill_list(const inv_field_desc *field, void *record, bool codes)
{
	size_t count = check_random_below(4);
	const inv_record_desc *of = inv_schema_record(field->of);
	size_t size = field->kind == INV_KIND_LIST ? of->size : sizeof(inv_str);
	char *items = inv__arena_array(&arena, count ? count : 1, size);

	for (size_t i = 0; i < count; i++) {
		if (field->kind == INV_KIND_LIST)
			fill_record(of, items + i * size, codes);
		else
			*(inv_str *)(void *)(items + i * size) = random_text(20, false, false);
	}
	*(inv_list *)inv__field_of(field, record) = inv_list_of(count ? items : NULL, count, size);
	if (count == 0)
		memset(inv__field_of(field, record), 0, field->size);
}

static void fill_field(const inv_field_desc *field, void *record, bool codes)
{
	static const char *const values[] = {"{\"a\":[1,2.50,1e3]}", "[true,null]", "\"é\\n\"",
	                                     "12345678901234567890.10"};
	void *at = inv__field_of(field, record);
	uint32_t max = field->max ? field->max : 40;

	if (inv__kind_is_int(field->kind))
		inv__field_set_int(field, record, random_int(field));
	else if (field->kind == INV_KIND_ID)
		*(inv_id *)at = random_id();
	else if (field->kind == INV_KIND_REF)
		*(inv_ref *)at = random_ref(codes);
	else if (field->kind == INV_KIND_JSON)
		*(inv_str *)at = inv_str_of(values[check_random_below(4)]);
	else if (inv__kind_is_str(field->kind))
		*(inv_str *)at = random_text(max, field->kind == INV_KIND_CODE,
		                             (field->flags & INV_FIELD_MULTILINE) != 0);
	else
		fill_list(field, record, codes);
}

static void fill_record(const inv_record_desc *record, void *out, bool codes)
{
	memset(out, 0, record->size);
	*(uint32_t *)out = record->size;
	for (uint32_t i = 0; i < record->field_count; i++)
		if (!(record->fields[i].flags & INV_FIELD_HIDDEN) && check_random_below(4))
			fill_field(&record->fields[i], out, codes);
}

static inv_str canonical_of(const inv_record_desc *record, const void *value)
{
	inv__buf buf;
	inv_str out;

	inv__buf_init(&buf, &inv__malloc_allocator, INV_LIMIT_JSON);
	inv__canonical(record, value, &buf);
	CHECK_STATUS(buf.status, INV_OK);
	out = inv__arena_str(&arena, inv__buf_str(&buf));
	inv__buf_free(&buf);
	return out;
}

static inv_str json_of(const inv_record_desc *record, const void *value, uint32_t flags)
{
	inv__buf buf;
	inv_str out;

	inv__buf_init(&buf, &inv__malloc_allocator, INV_LIMIT_JSON);
	inv__json_write(record, value, flags, &buf);
	CHECK_STATUS(buf.status, INV_OK);
	out = inv__arena_str(&arena, inv__buf_str(&buf));
	inv__buf_free(&buf);
	return out;
}

static bool same(const inv_record_desc *record, const char *how, inv_str a, inv_str b)
{
	if (inv__str_equal(a, b))
		return true;
	return CHECK_FAIL("%s of %s differs (%zu, %zu bytes)", how, record->name, a.len, b.len);
}

static void *read_json(const inv_record_desc *record, inv_str json, bool lenient)
{
	inv_error error = INV_ERROR_INIT;
	inv__problems problems = {&error, record->name, 0};
	void *out = inv__arena_zalloc(&arena, record->size);
	inv_status status = INV_OK;

	inv__error_clear(&error);
	status = lenient ? inv__json_read_payload(record, json, &arena, out, &problems)
	                 : inv__json_read_one(record, json, &arena, out, NULL, &problems);
	if (!CHECK_STATUS(status, INV_OK))
		CHECK_FAIL("%s: %s: %s in %s", record->name, error.field, error.message, json.ptr);
	return out;
}

/* What the way does not keep, cleared; in lists too, whose elements are our own memory. */
static void clear_flags(const inv_record_desc *record, void *value, uint32_t flags)
{
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = &record->fields[i];
		inv_list list;

		if (field->flags & flags)
			memset(inv__field_of(field, value), 0, field->size);
		if (field->kind != INV_KIND_LIST)
			continue;
		list = inv__field_list(field, value);
		for (size_t n = 0; n < list.count; n++)
			clear_flags(inv_schema_record(field->of), (void *)(uintptr_t)inv__list_at(&list, n),
			            flags);
	}
}

static void each_record(void (*run)(const inv_record_desc *record))
{
	inv__arena_init(&arena, &inv__malloc_allocator);
	for (uint32_t n = 0; inv_schema_record(n); n++)
		for (int round = 0; round < ROUNDS && check_failures() == 0; round++) {
			run(inv_schema_record(n));
			inv__arena_reset(&arena);
		}
	inv__arena_free(&arena);
}

static void through_json(const inv_record_desc *record)
{
	void *value = inv__arena_zalloc(&arena, record->size);
	void *back = NULL;
	inv_str json;

	fill_record(record, value, true);
	json = json_of(record, value, 0);
	back = read_json(record, json, false);
	same(record, "canonical after JSON", canonical_of(record, back), canonical_of(record, value));
	same(record, "JSON", json_of(record, back, 0), json);
}

TEST(every_record_survives_json)
{
	each_record(through_json);
}

static void through_payload(const inv_record_desc *record)
{
	void *value = inv__arena_zalloc(&arena, record->size);
	void *back = NULL;
	inv_str json;

	fill_record(record, value, false);
	json = json_of(record, value, INV__JSON_PAYLOAD);
	back = read_json(record, json, true);
	clear_flags(record, value, INV_FIELD_INPUT | INV_FIELD_STATE);
	same(record, "canonical after payload", canonical_of(record, back),
	     canonical_of(record, value));
	same(record, "payload", json_of(record, back, INV__JSON_PAYLOAD), json);
}

TEST(every_record_survives_its_payload)
{
	each_record(through_payload);
}

static void through_row(const inv_record_desc *record)
{
	void *value = inv__arena_zalloc(&arena, record->size);
	void *back = inv__arena_zalloc(&arena, record->size);
	size_t width = inv__row_width(record);
	inv_value *cells = inv__arena_array(&arena, width + 1, sizeof *cells);
	inv_value *again = inv__arena_array(&arena, width + 1, sizeof *cells);
	inv__buf a;
	inv__buf b;

	fill_record(record, value, false);
	clear_flags(record, value, INV_FIELD_DETAIL | INV_FIELD_INPUT | INV_FIELD_PERSONAL);
	CHECK_STATUS(inv__row_write(record, value, &arena, cells), INV_OK);
	CHECK_STATUS(inv__row_read(record, cells, &arena, back), INV_OK);
	same(record, "canonical after row", canonical_of(record, back), canonical_of(record, value));
	CHECK_STATUS(inv__row_write(record, back, &arena, again), INV_OK);
	inv__buf_init(&a, &inv__malloc_allocator, INV_LIMIT_JSON);
	inv__buf_init(&b, &inv__malloc_allocator, INV_LIMIT_JSON);
	inv__canonical_row(cells, width, &a);
	inv__canonical_row(again, width, &b);
	same(record, "row", inv__buf_str(&b), inv__buf_str(&a));
	inv__buf_free(&a);
	inv__buf_free(&b);
}

TEST(every_record_survives_a_row)
{
	each_record(through_row);
}

static void through_text(const inv_record_desc *record)
{
	inv_error error = INV_ERROR_INIT;
	inv__problems problems = {&error, record->name, 0};
	void *value = inv__arena_zalloc(&arena, record->size);
	void *back = inv__arena_zalloc(&arena, record->size);

	inv__error_clear(&error);
	fill_record(record, value, false);
	*(uint32_t *)back = record->size;
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = &record->fields[i];
		inv__buf buf;
		inv_str text;

		inv__buf_init(&buf, &inv__malloc_allocator, INV_LIMIT_JSON);
		inv__field_to_text(field, value, &buf);
		text = inv__arena_str(&arena, inv__buf_str(&buf));
		inv__buf_free(&buf);
		if (!CHECK_STATUS(inv__field_from_text(field, text, &arena, back, &problems, NULL), INV_OK))
			CHECK_FAIL("%s.%s: %s", record->name, field->name, error.message);
	}
	same(record, "canonical after text", canonical_of(record, back), canonical_of(record, value));
}

TEST(every_field_survives_text)
{
	each_record(through_text);
}

static void through_copy(const inv_record_desc *record)
{
	void *value = inv__arena_zalloc(&arena, record->size);
	void *back = inv__arena_zalloc(&arena, record->size);
	inv_error error = INV_ERROR_INIT;
	inv__problems problems = {&error, record->name, 0};
	const void *imported = NULL;

	fill_record(record, value, true);
	CHECK_STATUS(inv__record_copy(record, value, &arena, back), INV_OK);
	same(record, "copy", canonical_of(record, back), canonical_of(record, value));
	CHECK_STATUS(inv__records_import(record, value, 1, &arena, &imported, &problems), INV_OK);
	CHECK(imported == value);
}

TEST(every_record_survives_a_copy)
{
	each_record(through_copy);
}

/* Digests must not change when a record gets new fields that are not used. */
static void ignores_later_fields(const inv_record_desc *record)
{
	inv_record_desc older = *record;
	void *value = inv__arena_zalloc(&arena, record->size);

	if (record->field_count < 2)
		return;
	fill_record(record, value, true);
	older.field_count--;
	memset(inv__field_of(&record->fields[older.field_count], value), 0,
	       record->fields[older.field_count].size);
	same(record, "canonical", canonical_of(&older, value), canonical_of(record, value));
}

TEST(canonical_bytes_ignore_fields_added_later)
{
	each_record(ignores_later_fields);
}

TEST(canonical_bytes_are_these)
{
	inv_tender tender = INV_TENDER_INIT;
	inv_str bytes;

	inv__arena_init(&arena, &inv__malloc_allocator);
	tender.method = INV_S("cash");
	tender.amount = 25500;
	bytes = canonical_of(inv_schema_record_named(INV_S("tender")), &tender);
	CHECK_INT(bytes.len, 24);
	CHECK_BYTES(bytes.ptr, "\0\0\4\0\0\0cash\1\0\x08\0\0\0\x9c\x63\0\0\0\0\0\0", 24);
	inv__arena_free(&arena);
}

TEST(equal_content_in_other_shapes_is_canonically_equal)
{
	const inv_record_desc *record = inv_schema_record_named(INV_S("tender"));
	void *a = NULL;
	void *b = NULL;

	inv__arena_init(&arena, &inv__malloc_allocator);
	a = read_json(record, INV_S("{\"method\":\"cash\",\"amount\":\"2.50\"}"), false);
	b = read_json(
		record, INV_S(" {\"amount\" : 2.5, \"reference\":null, \"method\":\"c\\u0061sh\"}"), false);
	same(record, "canonical", canonical_of(record, a), canonical_of(record, b));
	inv__arena_free(&arena);
}

TEST(columns_are_the_stored_fields)
{
	inv__buf buf;

	inv__buf_init(&buf, &inv__malloc_allocator, 4096);
	inv__row_columns(inv_schema_record_named(INV_S("tender")), "t.", &buf);
	CHECK_STR(inv__buf_str(&buf), "t.method, t.amount, t.reference");
	inv__buf_free(&buf);
	CHECK_INT(inv__row_width(inv_schema_record_named(INV_S("tender"))), 3);
}

TEST(a_row_of_other_types_is_damage)
{
	const inv_record_desc *record = inv_schema_record_named(INV_S("location"));
	const inv_field_desc *id = inv_schema_field_named(record, INV_S("id"), NULL);
	const inv_field_desc *archived = inv_schema_field_named(record, INV_S("archived"), NULL);
	const inv_field_desc *kind = inv_schema_field_named(record, INV_S("kind"), NULL);
	const inv_field_desc *name = inv_schema_field_named(record, INV_S("name"), NULL);
	inv_value short_id = {.type = INV_VALUE_BLOB, .size = 3, .u = {.p = "abc"}};
	inv_value two = {.type = INV_VALUE_INT, .size = 0, .u = {.i = 2}};
	inv_value huge = {.type = INV_VALUE_INT, .size = 0, .u = {.i = INT64_MAX}};
	inv_location location = INV_LOCATION_INIT;

	inv__arena_init(&arena, &inv__malloc_allocator);
	CHECK_STATUS(inv__value_to(id, &short_id, &arena, &location), INV_E_CORRUPT);
	CHECK_STATUS(inv__value_to(id, &two, &arena, &location), INV_E_CORRUPT);
	CHECK_STATUS(inv__value_to(archived, &two, &arena, &location), INV_E_CORRUPT);
	CHECK_STATUS(inv__value_to(kind, &huge, &arena, &location), INV_E_CORRUPT);
	CHECK_STATUS(inv__value_to(name, &two, &arena, &location), INV_E_CORRUPT);
	inv__arena_free(&arena);
}

CHECK_MAIN()
