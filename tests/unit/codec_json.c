/* SPDX-License-Identifier: MIT */
/* JSON in: what is refused, where, and in which words; numbers keep their text. */
/* ctest: valgrind */
#include "support/check.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "codec/codec.h"
#include "inventra/records.h"
#include "util/text.h"

static inv__arena arena;
static inv_error error;
static inv__problems problems;

static void begin(const char *record)
{
	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__error_clear(&error);
	problems = (inv__problems){&error, record, 0};
}

static const inv_record_desc *named(const char *name)
{
	return inv_schema_record_named(inv_str_of(name));
}

static inv_status read_one(const char *record, const char *json, void *out, inv_fields *mask)
{
	begin(record);
	return inv__json_read_one(named(record), inv_str_of(json), &arena, out, mask, &problems);
}

struct refusal {
	const char *record;
	const char *json;
	const char *field;
	const char *message;
};

static void check_refusals(const struct refusal *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		inv_sale out; /* the largest record of these cases */
		inv_status status = read_one(cases[i].record, cases[i].json, &out, NULL);

		if (!CHECK_STATUS(status, INV_E_INVALID) || !CHECK_STR(error.field, cases[i].field) ||
		    !CHECK_STR(error.message, cases[i].message))
			CHECK_FAIL("case %zu: %s", i, cases[i].json);
		CHECK_STR(error.record, cases[i].record);
		CHECK(error.detail_count > 0);
		inv__arena_free(&arena);
	}
}

TEST(wrong_values_are_named_with_their_path)
{
	static const struct refusal cases[] = {
		{"tender", "{\"amout\":\"1\"}", "amout", "unknown field `amout`; did you mean `amount`?"},
		{"tender", "{\"colour\":\"1\"}", "colour",
	     "unknown field `colour`; a tender has no such field"},
		{"sale", "{\"lines\":[{\"product\":\"A\"},{\"quantty\":\"1\"}]}", "lines[1].quantty",
	     "unknown field `quantty`; did you mean `quantity`?"},
		{"sale", "{\"lines\":[{},{},{},{\"quantity\":\"abc\"}]}", "lines[3].quantity",
	     "`quantity` must be a decimal number such as 12.5, not `abc`"},
		{"sale", "{\"lines\":[{\"quantity\":\"1.2345678\"}]}", "lines[0].quantity",
	     "`quantity` has more than 6 decimals"},
		{"sale", "{\"lines\":[{\"unit_price\":1.23456}]}", "lines[0].unit_price",
	     "`unit_price` has more than 4 decimals"},
		{"sale", "{\"lines\":[{\"quantity\":\"99999999999999999999\"}]}", "lines[0].quantity",
	     "`quantity` is out of range"},
		{"sale", "{\"lines\":[{\"quantity\":1e3}]}", "lines[0].quantity",
	     "`quantity` must be written without an exponent"},
		{"sale", "{\"lines\":[{\"quantity\":1234567890.123456}]}", "lines[0].quantity",
	     "`quantity` has more than 15 digits; write it as a string"},
		{"sale", "{\"lines\":[{\"quantity\":true}]}", "lines[0].quantity",
	     "`quantity` must be a decimal number as a string, not a boolean"},
		{"sale", "{\"lines\":[{\"quantity\":\"\"}]}", "lines[0].quantity",
	     "`quantity` must be a number, not an empty string"},
		{"sale", "{\"lines\":[{\"no_restock\":\"true\"}]}", "lines[0].no_restock",
	     "`no_restock` must be true or false, not a string"},
		{"sale", "{\"lines\":[7]}", "lines[0]",
	     "an entry of `lines` must be an object, not a number"},
		{"sale", "{\"lines\":{}}", "lines", "`lines` must be an array, not an object"},
		{"sale", "{\"kind\":\"gift\"}", "kind",
	     "`kind` must be one of sale, refund, accounting, not `gift`"},
		{"sale", "{\"kind\":1}", "kind", "`kind` must be a string, not a number"},
		{"sale", "{\"kind\":\"\"}", "kind", "`kind` must not be an empty string"},
		{"sale", "{\"id\":\"123\"}", "id",
	     "`id` must be an id such as 018f3b1c-5d2e-7a44-9c3e-2b7f6a1d0e55, not `123`"},
		{"sale", "{\"occurred_at\":\"yesterday\"}", "occurred_at",
	     "`occurred_at` must be an instant such as 2024-02-29T08:26:00Z, not `yesterday`"},
		{"sale", "{\"business_date\":\"2023-02-29\"}", "business_date",
	     "`business_date` must be a date such as 2024-02-29, not `2023-02-29`"},
		{"sale", "{\"till\":5}", "till", "`till` must be a string, not a number"},
		{"sale", "{\"till\":\"A\",\"till_code\":\"B\"}", "till",
	     "`till` and `till_code` name two different things"},
		{"sale", "{\"till_code\":\"B\",\"till\":\"A\"}", "till",
	     "`till` and `till_code` name two different things"},
		{"sale", "{\"till_code\":7}", "till", "`till_code` must be a string, not a number"},
		{"sale", "{\"line_count\":1.5}", "line_count", "`line_count` must be a whole number"},
		{"sale", "{\"line_count\":\"1.5\"}", "line_count",
	     "`line_count` must be a whole number, not `1.5`"},
		{"sale", "{\"line_count\":9223372036854775808}", "line_count",
	     "`line_count` is out of range"},
		{"product", "{\"tags\":[\"a\",5]}", "tags[1]",
	     "an entry of `tags` must be a string, not a number"},
		{"event", "{\"hash\":\"???\"}", "hash", "`hash` must be base64, not `???`"},
		{"settings", "{\"id\":\"018f3b1c-5d2e-7a44-9c3e-2b7f6a1d0e55\"}", "id",
	     "unknown field `id`; a settings has no such field"},
		{"sale", "[]", "", "a sale must be a JSON object, not an array"},
	};

	check_refusals(cases, sizeof cases / sizeof cases[0]);
}

TEST(broken_json_is_named_with_line_and_column)
{
	static const struct refusal cases[] = {
		{"sale", "", "", "the JSON is not valid: it is empty (line 1, column 1)"},
		{"sale", "{\"note\":\n  \"a}", "note",
	     "the JSON is not valid: a string does not end (line 2, column 6)"},
		{"sale", "{\"lines\":[{\"lot\":1 2}]}", "lines[0]",
	     "the JSON is not valid: a comma or } was expected (line 1, column 20)"},
		{"sale", "{\"lines\":[{\"lot\":\"1\",\"lot\":\"2\"}]}", "lines[0].lot",
	     "the key `lot` is given twice"},
		{"sale", "{\"lot\":\"1\",\"l\\u006ft\":\"2\"}", "lot", "the key `lot` is given twice"},
		{"sale", "{\"note\":\"\xC3\x28\"}", "note",
	     "the JSON is not valid: the text is not valid UTF-8 (line 1, column 10)"},
		{"sale", "{\"note\":\"\xED\xA0\x80\"}", "note",
	     "the JSON is not valid: the text is not valid UTF-8 (line 1, column 10)"},
		{"sale", "{\"note\":\"a\tb\"}", "note",
	     "the JSON is not valid: a control character in a string (line 1, column 11)"},
		{"sale", "{\"note\":\"\\ud800\"}", "note",
	     "the JSON is not valid: half of a surrogate pair (line 1, column 16)"},
		{"sale", "{\"note\":\"\\u0000\"}", "note",
	     "the JSON is not valid: the characters \\u0000 and \\u0001 are not allowed "
	     "(line 1, column 16)"},
		{"sale", "{\"line_count\":01}", "line_count",
	     "the JSON is not valid: a number must not start with 0 (line 1, column 16)"},
		{"sale", "{\"line_count\":-}", "line_count",
	     "the JSON is not valid: a number needs a digit (line 1, column 16)"},
		{"sale", "{\"line_count\":1.}", "line_count",
	     "the JSON is not valid: a number needs a digit behind its point (line 1, column 17)"},
		{"sale", "{\"line_count\":NaN}", "line_count",
	     "the JSON is not valid: a value was expected: true, false, null, a number, \", [ or { "
	     "(line 1, column 15)"},
		{"sale", "{} {}", "",
	     "the JSON is not valid: there is more behind the value (line 1, column 4)"},
		{"sale", "{\"a\":1,}", "",
	     "the JSON is not valid: a key in double quotes was expected (line 1, column 8)"},
		{"sale", "{\"lines\":[", "lines[0]",
	     "the JSON is not valid: it ends too early (line 1, column 11)"},
	};

	check_refusals(cases, sizeof cases / sizeof cases[0]);
}

TEST(size_and_depth_are_bounded)
{
	char deep[2 * INV_LIMIT_JSON_DEPTH + 3];
	inv_str big = {malloc(INV_LIMIT_JSON + 1), INV_LIMIT_JSON};
	inv_str out;

	memset(deep, '[', sizeof deep);
	memset(deep + INV_LIMIT_JSON_DEPTH, ']', INV_LIMIT_JSON_DEPTH);
	begin("x");
	CHECK_STATUS(
		inv__json_compact((inv_str){deep, 2 * INV_LIMIT_JSON_DEPTH}, &arena, &out, &problems),
		INV_OK);
	memset(deep, '[', sizeof deep);
	CHECK_STATUS(inv__json_compact((inv_str){deep, sizeof deep}, &arena, &out, &problems),
	             INV_E_LIMIT);
	CHECK_STR(error.message, "the JSON is nested deeper than 16 levels");
	inv__error_clear(&error);
	memset((char *)(uintptr_t)big.ptr, ' ', INV_LIMIT_JSON + 1);
	((char *)(uintptr_t)big.ptr)[0] = '7';
	CHECK_STATUS(inv__json_compact(big, &arena, &out, &problems), INV_OK);
	CHECK_STR(out, "7");
	big.len++;
	CHECK_STATUS(inv__json_compact(big, &arena, &out, &problems), INV_E_LIMIT);
	CHECK_STR(error.message, "the JSON is larger than 16 MiB");
	free((void *)(uintptr_t)big.ptr);
	inv__arena_free(&arena);
}

TEST(many_keys_are_checked_for_twins_in_time)
{
	enum { KEYS = 50000 };
	char *json = malloc(KEYS * 16 + 64);
	size_t at = 0;
	inv_str out;

	json[at++] = '{';
	for (int i = 0; i < KEYS; i++)
		at += (size_t)inv__format(json + at, 16, "\"k%d\":%d,", i, i);
	memcpy(json + at, "\"z\":1}", 6);
	begin("x");
	CHECK_STATUS(inv__json_scan((inv_str){json, at + 6}, &arena, &out, &problems), INV_OK);
	memcpy(json + at, "\"k7\":1}", 7);
	CHECK_STATUS(inv__json_scan((inv_str){json, at + 7}, &arena, &out, &problems), INV_E_INVALID);
	CHECK_STR(error.message, "the key `k7` is given twice");
	CHECK_STR(error.field, "k7");
	free(json);
	inv__arena_free(&arena);
}

TEST(numbers_keep_their_text)
{
	inv_feed_query query;
	inv_sale sale;
	inv_product product;
	inv_str out;
	cJSON *tree = NULL;

	CHECK_STATUS(read_one("feed_query", "{\"after\":9007199254740993}", &query, NULL), INV_OK);
	CHECK_INT(query.after, INT64_C(9007199254740993));
	inv__arena_free(&arena);
	CHECK_STATUS(read_one("feed_query", "{\"after\":\"9223372036854775807\"}", &query, NULL),
	             INV_OK);
	CHECK_INT(query.after, INT64_MAX);
	inv__arena_free(&arena);
	CHECK_STATUS(read_one("sale",
	                      "{\"lines\":[{\"quantity\":0.000001,\"unit_price\":"
	                      "\"99999999999999.9999\"},{\"quantity\":123456789.012345}]}",
	                      &sale, NULL),
	             INV_OK);
	CHECK_INT(INV_LIST_AT(sale.lines, inv_sale_line, 0)->quantity, 1);
	CHECK_INT(INV_LIST_AT(sale.lines, inv_sale_line, 0)->unit_price, INT64_C(999999999999999999));
	CHECK_INT(INV_LIST_AT(sale.lines, inv_sale_line, 1)->quantity, INT64_C(123456789012345));
	inv__arena_free(&arena);
	CHECK_STATUS(read_one("product",
	                      "{\"attributes\": {\"w\": 9007199254740993, \"x\": [1.10, 1E-7 , -0]} }",
	                      &product, NULL),
	             INV_OK);
	CHECK_STR(product.attributes, "{\"w\":9007199254740993,\"x\":[1.10,1E-7,-0]}");
	inv__arena_free(&arena);
	begin("x");
	CHECK_STATUS(inv__json_scan(INV_S("[ 9007199254740993, \"s\" ]"), &arena, &out, &problems),
	             INV_OK);
	CHECK_STR(out, "[\"\x01"
	               "9007199254740993\",\"s\"]");
	tree = cJSON_ParseWithLength(out.ptr, out.len);
	CHECK(tree && strcmp(cJSON_GetArrayItem(tree, 0)->valuestring, "\x01"
	                                                               "9007199254740993") == 0);
	cJSON_Delete(tree);
	inv__arena_free(&arena);
}

TEST(references_come_as_id_code_or_both)
{
	static const char uuid[] = "018f3b1c-5d2e-7a44-9c3e-2b7f6a1d0e55";
	inv_lookup lookup;
	char json[200];

	CHECK_STATUS(read_one("lookup", "{\"ref\":\"TEA-100\"}", &lookup, NULL), INV_OK);
	CHECK_STR(lookup.ref.code, "TEA-100");
	CHECK(inv_id_is_none(lookup.ref.id));
	inv__arena_free(&arena);
	CHECK_STATUS(read_one("lookup", "{\"ref_code\":\"TEA-100\"}", &lookup, NULL), INV_OK);
	CHECK_STR(lookup.ref.code, "TEA-100");
	inv__arena_free(&arena);
	inv__format(json, sizeof json, "{\"ref\":\"%s\",\"ref_code\":\"T\"}", uuid);
	CHECK_STATUS(read_one("lookup", json, &lookup, NULL), INV_OK);
	CHECK_INT(lookup.ref.id.bytes[15], 0x55);
	CHECK_STR(lookup.ref.code, "T");
	inv__arena_free(&arena);
	inv__format(json, sizeof json, "{\"ref_code\":\"T\",\"ref\":\"%s\"}", uuid);
	CHECK_STATUS(read_one("lookup", json, &lookup, NULL), INV_OK);
	CHECK_INT(lookup.ref.id.bytes[15], 0x55);
	CHECK_STR(lookup.ref.code, "T");
	inv__arena_free(&arena);
}

TEST(the_mask_holds_what_was_given)
{
	inv_product product;
	inv_fields mask;

	CHECK_STATUS(read_one("product", "\xEF\xBB\xBF {\"name\":null,\"category_code\":\"X\"}",
	                      &product, &mask),
	             INV_OK);
	CHECK(inv_fields_has(&mask, INV_F_PRODUCT_NAME));
	CHECK(inv_fields_has(&mask, INV_F_PRODUCT_CATEGORY));
	CHECK(!inv_fields_has(&mask, INV_F_PRODUCT_SKU));
	CHECK_INT(product.name.len, 0);
	CHECK_INT(product.struct_size, sizeof product);
	inv__arena_free(&arena);
}

TEST(payloads_of_later_versions_are_read)
{
	inv_str tender_json = INV_S("{\"method\":\"cash\",\"later\":{\"a\":[1]},\"amount\":\"2\"}");
	inv_tender tender;
	inv_channel channel;

	begin("tender");
	CHECK_STATUS(inv__json_read_payload(named("tender"), tender_json, &arena, &tender, &problems),
	             INV_OK);
	CHECK_STR(tender.method, "cash");
	CHECK_INT(tender.amount, 20000);
	CHECK_STATUS(inv__json_read_payload(named("channel"), INV_S("{\"guard\":\"psychic\"}"), &arena,
	                                    &channel, &problems),
	             INV_E_INVALID);
	CHECK_STR(error.field, "guard");
	inv__arena_free(&arena);
}

static inv_status read_tenders(inv_str json, inv__json_records *out)
{
	return inv__json_read_many(named("tender"), json, &arena, out, &problems);
}

TEST(one_object_or_an_array_of_them)
{
	inv__json_records out;

	begin("tender");
	CHECK_STATUS(read_tenders(INV_S("[{\"method\":\"cash\"},{\"amount\":3}]"), &out), INV_OK);
	CHECK_INT(out.count, 2);
	CHECK(out.is_array);
	CHECK_INT(((inv_tender *)out.items)[1].amount, 30000);
	CHECK(!inv_fields_has(&out.masks[0], INV_F_TENDER_AMOUNT));
	CHECK(inv_fields_has(&out.masks[1], INV_F_TENDER_AMOUNT));
	CHECK_STATUS(read_tenders(INV_S("{}"), &out), INV_OK);
	CHECK_INT(out.count, 1);
	CHECK(!out.is_array);
	CHECK_STATUS(read_tenders(INV_S("[]"), &out), INV_OK);
	CHECK_INT(out.count, 0);
	CHECK_STATUS(read_tenders(INV_S("[{\"method\":\"cash\"},{\"method\":3}, 4]"), &out),
	             INV_E_INVALID);
	CHECK_INT(error.index, 1);
	CHECK_STR(error.field, "method");
	CHECK_INT(error.detail_count, 2);
	CHECK_STR(error.details[1].message, "a tender must be a JSON object, not a number");
	CHECK_INT(out.count, 0); /* untouched */
	inv__arena_free(&arena);
}

TEST(a_batch_is_bounded)
{
	size_t size = 3 * (INV_LIMIT_BATCH + 1) + 1;
	char *json = malloc(size);
	inv__json_records out;

	json[0] = '[';
	for (size_t i = 0; i <= INV_LIMIT_BATCH; i++)
		memcpy(json + 1 + 3 * i, "{},", 3);
	json[size - 1] = ']';
	begin("tender");
	CHECK_STATUS(read_tenders((inv_str){json, size}, &out), INV_E_LIMIT);
	json[size - 4] = ']';
	CHECK_STATUS(read_tenders((inv_str){json, size - 3}, &out), INV_OK);
	CHECK_INT(out.count, INV_LIMIT_BATCH);
	free(json);
	inv__arena_free(&arena);
}

TEST(output_is_compact_and_in_order)
{
	inv_tender tender = INV_TENDER_INIT;
	inv_sale_line line = INV_SALE_LINE_INIT;
	inv__buf buf;

	inv__buf_init(&buf, &inv__malloc_allocator, 65536);
	tender.method = INV_S("ca\"s\\h\n\x02");
	tender.amount = -25500;
	inv__json_write(named("tender"), &tender, 0, &buf);
	CHECK_STR(inv__buf_str(&buf), "{\"method\":\"ca\\\"s\\\\h\\n\\u0002\",\"amount\":\"-2.55\"}");
	buf.len = 0;
	line.product = INV_REF("TEA");
	line.product.id.bytes[0] = 1;
	line.refunded = 5;
	line.use_list_price = 1;
	inv__json_write(named("sale_line"), &line, INV__JSON_PAYLOAD, &buf);
	CHECK_STR(inv__buf_str(&buf), "{\"product\":\"01000000-0000-0000-0000-000000000000\"}");
	buf.len = 0;
	line.use_list_price = 0;
	inv__json_write(named("sale_line"), &line, 0, &buf);
	CHECK_STR(inv__buf_str(&buf),
	          "{\"product\":\"01000000-0000-0000-0000-000000000000\",\"product_code\":\"TEA\","
	          "\"quantity\":\"0\",\"unit_price\":\"0\",\"discount\":\"0\",\"amount\":\"0\","
	          "\"stocking\":\"stocked\",\"original_line\":0,\"no_restock\":false,"
	          "\"condition\":\"sellable\",\"shortfall\":\"0\",\"refunded\":\"0.000005\","
	          "\"refunded_amount\":\"0\",\"entered_quantity\":\"0\",\"unit_numerator\":0,"
	          "\"unit_denominator\":0}");
	inv__buf_free(&buf);
}

TEST(output_stops_at_the_buffers_limit)
{
	inv_sale sale = INV_SALE_INIT;
	inv__buf buf;

	for (size_t max = 0; max < 900; max += 7) {
		inv__buf_init(&buf, &inv__malloc_allocator, max);
		sale.note = INV_S("a note that takes some room");
		inv__json_write(named("sale"), &sale, 0, &buf);
		CHECK(buf.len <= max);
		CHECK(buf.status == INV_OK || buf.status == INV_E_LIMIT);
		inv__buf_free(&buf);
	}
}

TEST(what_the_scan_accepts_can_be_read)
{
	static const char seed[] = "{\"a\":[1,-2.5e3,\"x\\u00e9\\ud83d\\ude00\\n\",true,null,{}],\"b\":"
							   "{\"c\":\"\xC3\xA9\",\"d\":[[],[0.10]]}}";
	static const char letters[] = "{}[]\",:\\u0019e+-. \n\xC3\x80\x01tfna";
	char json[sizeof seed];
	unsigned accepted = 0;

	for (int round = 0; round < 20000 && check_failures() == 0; round++) {
		size_t len = sizeof seed - 1 - (check_random_below(4) ? 0 : check_random_below(40));
		inv_str out;
		inv_str again;
		inv_status status = INV_OK;

		memcpy(json, seed, sizeof seed);
		for (uint64_t n = check_random_below(4); n > 0; n--)
			json[check_random_below(len)] = letters[check_random_below(sizeof letters - 1)];
		begin("x");
		status = inv__json_compact((inv_str){json, len}, &arena, &out, &problems);
		CHECK(status == INV_OK || status == INV_E_INVALID);
		accepted += status == INV_OK;
		if (status == INV_OK) {
			CHECK_STATUS(inv__json_compact(out, &arena, &again, &problems), INV_OK);
			CHECK(inv__str_equal(out, again));
		}
		inv__arena_free(&arena);
	}
	CHECK(accepted > 1000);
}

/* An allocator whose n-th request fails. */
static void *failing(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
	size_t *left = ctx;

	if (new_size && (*left)-- == 0) {
		*left = 0;
		return NULL;
	}
	return inv__malloc_allocator.resize(NULL, ptr, old_size, new_size);
}

TEST(running_out_of_memory_is_clean)
{
	inv_str json = INV_S("{\"sku\":\"A\",\"tags\":[\"a\",\"b\"],\"options\":[{\"name\":\"size\"}],"
	                     "\"attributes\":{\"a\":1},\"k\\u0065y\":1}");
	bool done = false;

	for (size_t n = 0; n < 40 && !done; n++) {
		size_t left = n;
		inv_allocator allocator = {&left, failing};
		inv_product product;
		inv_status status = INV_OK;

		begin("product");
		inv__arena_init(&arena, &allocator);
		status = inv__json_read_payload(named("product"), json, &arena, &product, &problems);
		done = status == INV_OK;
		if (!done) {
			CHECK_STATUS(status, INV_E_NO_MEMORY);
			CHECK_STATUS(error.status, INV_E_NO_MEMORY);
		}
		inv__arena_free(&arena);
	}
	CHECK(done);
}

CHECK_MAIN()
