/* SPDX-License-Identifier: MIT */
/* Results without pointers, and the description as JSON. Every value of a flat result, followed by
 * its offsets, is that of the result. */
/* ctest: valgrind */
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "inventra/flat.h"
#include "support/shop.h"

typedef struct block {
	char *data;
	size_t size;
} block;

static block flatten(const inv_result *r)
{
	block b = {NULL, inv_result_flat(r, NULL, 0)};

	b.data = malloc(b.size);
	if (CHECK(b.data != NULL))
		CHECK_INT(inv_result_flat(r, b.data, b.size), b.size);
	CHECK_INT(b.size % 8, 0);
	return b;
}

/* Where an offset leads; the block's end, with a failed check, when that is outside. */
static const char *inside(const block *b, const void *offset, size_t n)
{
	size_t at = (size_t)offset;

	return CHECK(at % 8 == 0 && at <= b->size && n <= b->size - at) ? b->data + at
	                                                                 : b->data + b->size;
}

static void same_text(const block *b, inv_str flat, inv_str text)
{
	CHECK_INT(flat.len, text.len);
	if (flat.len && flat.len == text.len)
		CHECK_BYTES(inside(b, flat.ptr, flat.len), text.ptr, text.len);
}

static void same_record(const block *b, const inv_record_desc *record, const char *flat,
                        const char *one);

static void same_list(const block *b, const inv_field_desc *field, const inv_list *flat,
                      const inv_list *list)
{
	const inv_record_desc *nested =
		field->kind == INV_KIND_LIST ? inv_schema_record(field->of) : NULL;
	const char *first = inside(b, flat->ptr, flat->count * flat->stride);

	CHECK_INT(flat->count, list->count);
	CHECK_INT(flat->stride, nested ? nested->size : sizeof(inv_str));
	for (size_t i = 0; i < list->count && i < flat->count; i++) {
		const char *one = (const char *)list->ptr + i * list->stride;

		if (nested)
			same_record(b, nested, first + i * flat->stride, one);
		else
			same_text(b, *(const inv_str *)(const void *)(first + i * flat->stride),
			          *(const inv_str *)(const void *)one);
	}
}

static void same_record(const block *b, const inv_record_desc *record, const char *flat,
                        const char *one)
{
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = inv_schema_field(record, i);
		const void *was = one + field->offset;
		const void *is = flat + field->offset;

		if (field->kind == INV_KIND_REF) {
			CHECK_BYTES(((const inv_ref *)is)->id.bytes, ((const inv_ref *)was)->id.bytes, 16);
			same_text(b, ((const inv_ref *)is)->code, ((const inv_ref *)was)->code);
		} else if (field->kind == INV_KIND_LIST || field->kind == INV_KIND_STRINGS) {
			same_list(b, field, is, was);
		} else if (field->kind >= INV_KIND_TEXT) {
			same_text(b, *(const inv_str *)is, *(const inv_str *)was);
		} else {
			CHECK_BYTES(is, was, field->size);
		}
	}
}

static void same_result(inv_session *s, const char *op, const char *json, size_t records)
{
	const inv_options options = {.struct_size = sizeof options, .flags = INV_OPTION_CODES};
	const inv_record_desc *record = NULL;
	inv_result *r = NULL;
	inv_flat_header header;
	block b;

	if (!CHECK_STATUS(inv_call_json(s, inv_str_of(op), inv_str_of(json), &options, &r), INV_OK))
		return;
	record = inv_result_record(r);
	b = flatten(r);
	memcpy(&header, b.data, sizeof header);
	CHECK_INT(header.count, records);
	CHECK_INT(header.replayed, 0);
	same_text(&b, header.cursor, inv_result_cursor(r));
	for (size_t i = 0; i < records && i < header.count; i++)
		same_record(&b, record, b.data + sizeof header + i * record->size, inv_result_at(r, i));
	free(b.data);
	inv_result_free(r);
}

TEST(a_flat_result_is_the_result)
{
	test_shop shop = {0};

	if (shop_open(&shop, ":memory:")) {
		SHOP_ANSWER(shop.s, "product.create",
		            "[{\"sku\":\"A\",\"name\":\"\\u00c4\",\"tags\":[\"x\",\"yy\",\"zzz\"],"
		            "\"attributes\":{\"a\":[1]}},{\"sku\":\"B\",\"name\":\"B\",\"parent\":null}]");
		same_result(shop.s, "product.get", "[{\"ref\":\"A\"},{\"ref\":\"B\"}]", 2);
		same_result(shop.s, "product.list", "{\"limit\":1}", 1);
		same_result(shop.s, "product.list", "{\"filter\":\"sku = \\\"NONE\\\"\"}", 0);
		same_result(shop.s, "stock.receive",
		            "{\"reason\":\"r\",\"lines\":[{\"product\":\"A\",\"quantity\":9},"
		            "{\"product\":\"B\",\"quantity\":9}]}",
		            1);
		same_result(shop.s, "sale.close",
		            "{\"lines\":[{\"product\":\"A\",\"quantity\":1,\"unit_price\":\"1\"},"
		            "{\"product\":\"B\",\"quantity\":1}],\"tenders\":[{\"method\":\"card\"}]}",
		            1);
		same_result(shop.s, "feed.read", "{\"limit\":1000}", 14);
	}
	shop_close(&shop);
}

TEST(what_does_not_fit_is_not_begun)
{
	test_shop shop = {0};
	inv_result *r = NULL;

	if (shop_open(&shop, ":memory:") &&
	    CHECK_STATUS(shop_json(shop.s, "settings.get", "", &r), INV_OK)) {
		size_t size = inv_result_flat(r, NULL, 0);
		char *buffer = calloc(1, size);

		if (CHECK(buffer != NULL)) {
			CHECK_INT(inv_result_flat(r, buffer, size - 1), size);
			CHECK_INT(buffer[0], 0);
		}
		free(buffer);
	}
	CHECK_INT(inv_result_flat(NULL, NULL, 0), 0);
	inv_result_free(r);
	shop_close(&shop);
}

TEST(the_description_as_json)
{
	size_t size = inv_schema_json(NULL, 0);
	char *text = malloc(size + 1);
	char cut[8] = "xxxxxxx";
	cJSON *json = NULL;
	const cJSON *records, *first;
	int count = 0;

	if (text && CHECK_INT(inv_schema_json(text, size + 1), size))
		json = cJSON_Parse(text);
	records = cJSON_GetObjectItem(json, "records");
	while (inv_schema_record((uint32_t)count))
		count++;
	CHECK_INT(cJSON_GetArraySize(records), count);
	first = cJSON_GetArrayItem(records, 5);
	CHECK_STR((const char *)cJSON_GetObjectItem(first, "name")->valuestring,
	          inv_schema_record(5)->name);
	CHECK_INT(cJSON_GetObjectItem(first, "size")->valueint,
	          inv_schema_record(5)->size);
	for (count = 0; inv_schema_op((uint32_t)count);)
		count++;
	CHECK_INT(cJSON_GetArraySize(cJSON_GetObjectItem(json, "ops")), count);
	CHECK_INT(inv_schema_json(cut, sizeof cut), size);
	CHECK_INT(cut[7], 0);
	cJSON_Delete(json);
	free(text);
}

CHECK_MAIN()
