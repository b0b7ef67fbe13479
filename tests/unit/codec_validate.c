/* SPDX-License-Identifier: MIT */
/* Validation at each limit and one beyond; import of smaller and larger structs. */
/* ctest: valgrind */
#include "support/check.h"

#include "codec/codec.h"
#include "inventra/records.h"

static inv_error error;
static inv__problems problems;

static const inv_record_desc *named(const char *name)
{
	return inv_schema_record_named(inv_str_of(name));
}

static void begin(const char *record)
{
	inv__error_clear(&error);
	problems = (inv__problems){&error, record, 0};
}

static inv_status validate(const char *record, const void *value)
{
	begin(record);
	return inv__validate(named(record), value, NULL, 0, &problems);
}

static bool refused(const char *record, const void *value, const char *field, const char *message)
{
	bool ok = CHECK_STATUS(validate(record, value), INV_E_INVALID);

	ok = CHECK_STR(error.record, record) && ok;
	ok = CHECK_STR(error.field, field) && ok;
	return CHECK_STR(error.message, message) && ok;
}

static inv_product good_product(void)
{
	inv_product product = INV_PRODUCT_INIT;

	product.sku = INV_S("TEA-100");
	product.name = INV_S("Tea, 100 g");
	return product;
}

static inv_str repeated(char *memory, char c, size_t len)
{
	memset(memory, c, len);
	return (inv_str){memory, len};
}

TEST(required_fields_and_lists)
{
	inv_product product = good_product();
	inv_sale sale = INV_SALE_INIT;

	CHECK_STATUS(validate("product", &product), INV_OK);
	product.name.len = 0;
	product.sku.len = 0;
	refused("product", &product, "sku", "`sku` is missing");
	CHECK_INT(error.detail_count, 2);
	CHECK_STR(error.details[1].field, "name");
	refused("sale", &sale, "lines", "`lines` needs at least one entry");
}

TEST(text_at_its_limit)
{
	static char memory[8193];
	inv_product product = good_product();
	inv_sale_line line = INV_SALE_LINE_INIT;

	product.sku = repeated(memory, 'x', 64);
	CHECK_STATUS(validate("product", &product), INV_OK);
	product.sku.len = 65;
	refused("product", &product, "sku", "`sku` is longer than 64 bytes");
	product = good_product();
	product.name = INV_S("Tee\xC3");
	refused("product", &product, "name", "`name` is not valid UTF-8");
	product.name = INV_S("Tea\n");
	refused("product", &product, "name", "`name` holds a control character");
	product = good_product();
	product.sku = INV_S(" TEA");
	refused("product", &product, "sku",
	        "`sku` must be printable ASCII without a space at either end");
	product.sku = INV_S("T\xC3\x89");
	refused("product", &product, "sku",
	        "`sku` must be printable ASCII without a space at either end");
	product.sku = (inv_str){NULL, 3};
	refused("product", &product, "sku", "`sku` has a length but no bytes");
	line.quantity = 1;
	line.product.code = repeated(memory, 'r', 128);
	CHECK_STATUS(validate("sale_line", &line), INV_OK);
	line.product.code.len = 129;
	refused("sale_line", &line, "product", "`product` is longer than 128 bytes");
}

TEST(lines_of_receipts_may_end)
{
	inv_receipt receipt = INV_RECEIPT_INIT;

	receipt.text = INV_S("a\n\tb");
	CHECK_STATUS(validate("receipt", &receipt), INV_OK);
	receipt.text = INV_S("a\x1b");
	refused("receipt", &receipt, "text", "`text` holds a control character");
}

TEST(numbers_at_their_limits)
{
	inv_product product = good_product();
	inv_tender tender = INV_TENDER_INIT;
	inv_location location = INV_LOCATION_INIT;
	inv_posting_line line = INV_POSTING_LINE_INIT;

	product.decimals = 6;
	CHECK_STATUS(validate("product", &product), INV_OK);
	product.decimals = 7;
	refused("product", &product, "decimals", "`decimals` must be between 0 and 6");
	product.decimals = -1;
	refused("product", &product, "decimals", "`decimals` must be between 0 and 6");
	product.decimals = 0;
	product.list_price = INV_LIMIT_MONEY;
	CHECK_STATUS(validate("product", &product), INV_OK);
	product.list_price++;
	refused("product", &product, "list_price",
	        "`list_price` must be between 0 and 100000000000000");
	tender.method = INV_S("cash");
	tender.amount = -INV_LIMIT_MONEY;
	CHECK_STATUS(validate("tender", &tender), INV_OK);
	tender.amount--;
	CHECK_STATUS(validate("tender", &tender), INV_E_INVALID);
	line.quantity = INV_LIMIT_QUANTITY;
	CHECK_STATUS(validate("posting_line", &line), INV_OK);
	line.quantity++;
	refused("posting_line", &line, "quantity",
	        "`quantity` must be between -1000000000000 and 1000000000000");
	location.code = INV_S("A");
	location.name = INV_S("A");
	location.kind = 7;
	refused("location", &location, "kind", "`kind` is 7, which is no location_kind");
}

TEST(instants_dates_and_booleans)
{
	inv_sale_line line = INV_SALE_LINE_INIT;
	inv_reversal reversal = INV_REVERSAL_INIT;

	line.product = INV_REF("A");
	line.quantity = 1;
	line.no_restock = 2;
	refused("sale_line", &line, "no_restock", "`no_restock` must be true or false (1 or 0)");
	reversal.posting = INV_REF("A");
	reversal.occurred_at = INT64_C(253402300799999999);
	CHECK_STATUS(validate("reversal", &reversal), INV_OK);
	reversal.occurred_at++;
	refused("reversal", &reversal, "occurred_at", "`occurred_at` must lie in the years 1 to 9999");
}

TEST(the_engines_fields_are_not_given)
{
	inv_sale sale = INV_SALE_INIT;
	inv_sale_line line = INV_SALE_LINE_INIT;

	line.product = INV_REF("A");
	line.quantity = 1;
	sale.lines = INV_LIST_OF(&line, 1);
	CHECK_STATUS(validate("sale", &sale), INV_OK);
	sale.total = 5;
	refused("sale", &sale, "total", "`total` is set by the engine");
	sale.total = 0;
	line.sku = INV_S("A");
	refused("sale", &sale, "lines[0].sku", "`sku` is set by the engine");
}

TEST(json_attributes)
{
	static char memory[9000];
	inv_product product = good_product();

	product.attributes = INV_S("{\"a\": [1, 2.50]}");
	CHECK_STATUS(validate("product", &product), INV_OK);
	product.attributes = INV_S("{\"a\": [1, }");
	refused("product", &product, "attributes.a[1]",
	        "the JSON is not valid: a value was expected: true, false, null, a number, \", [ or { "
	        "(line 1, column 11)");
	product.attributes = INV_S("[[[[[[[[1]]]]]]]]");
	CHECK_STATUS(validate("product", &product), INV_OK);
	product.attributes = INV_S("[[[[[[[[[1]]]]]]]]]");
	CHECK_STATUS(validate("product", &product), INV_E_LIMIT);
	CHECK_STR(error.message, "the JSON is nested deeper than 8 levels");
	product.attributes = repeated(memory, ' ', 8192);
	memory[0] = '1';
	CHECK_STATUS(validate("product", &product), INV_OK);
	product.attributes.len++;
	refused("product", &product, "attributes", "`attributes` is longer than 8192 bytes");
}

TEST(lists_at_their_limits)
{
	static inv_str tags[33];
	static char memory[300];
	static inv_sale_line lines[INV_LIMIT_LINES + 1];
	inv_product product = good_product();
	inv_sale sale = INV_SALE_INIT;

	for (size_t i = 0; i < 33; i++)
		tags[i] = INV_S("tag");
	product.tags = INV_LIST_OF(tags, 32);
	CHECK_STATUS(validate("product", &product), INV_OK);
	product.tags.count = 33;
	refused("product", &product, "tags", "`tags` has more than 32 entries");
	product.tags.count = 3;
	tags[1] = INV_S("");
	refused("product", &product, "tags[1]", "an entry of `tags` is empty");
	tags[1] = repeated(memory, 't', 257);
	refused("product", &product, "tags[1]",
	        "an entry of `tags` must be UTF-8 text without control characters, at most 256 bytes");
	for (size_t i = 0; i <= INV_LIMIT_LINES; i++) {
		lines[i].struct_size = sizeof lines[i];
		lines[i].product = INV_REF("A");
		lines[i].quantity = 1;
	}
	sale.lines = INV_LIST_OF(lines, INV_LIMIT_LINES);
	CHECK_STATUS(validate("sale", &sale), INV_OK);
	sale.lines.count++;
	refused("sale", &sale, "lines", "`lines` has more than 10000 entries");
	sale.lines.count = 20;
	for (size_t i = 3; i < 20; i++)
		lines[i].quantity = 0;
	refused("sale", &sale, "lines[3].quantity", "`quantity` is missing");
	CHECK_INT(error.detail_count, INV_ERROR_DETAILS);
	CHECK_STR(error.details[7].field, "lines[10].quantity");
	/* A full list of findings does not let the next record pass. */
	CHECK_STATUS(inv__validate(named("sale"), &sale, NULL, 0, &problems), INV_E_INVALID);
	sale.lines.ptr = NULL;
	refused("sale", &sale, "lines", "`lines` has a count but no elements");
}

TEST(a_partial_update_looks_at_what_is_given)
{
	inv_product product = INV_PRODUCT_INIT;
	inv_fields mask = {{0}};

	product.created_at = 5; /* as it was read */
	inv_fields_set(&mask, INV_F_PRODUCT_NAME);
	product.name = INV_S("Tea");
	begin("product");
	CHECK_STATUS(inv__validate(named("product"), &product, &mask, INV__CHECK_PARTIAL, &problems),
	             INV_OK);
	product.name = INV_S("");
	CHECK_STATUS(inv__validate(named("product"), &product, &mask, INV__CHECK_PARTIAL, &problems),
	             INV_E_INVALID);
	CHECK_STR(error.message, "`name` is missing");
	begin("product");
	product.name = INV_S("Tea");
	inv_fields_set(&mask, INV_F_PRODUCT_CREATED_AT);
	CHECK_STATUS(inv__validate(named("product"), &product, &mask, INV__CHECK_PARTIAL, &problems),
	             INV_E_INVALID);
	CHECK_STR(error.message, "`created_at` is set by the engine");
}

TEST(messages_stay_printable)
{
	char place[96];
	inv__path top = {NULL, "lines", 3};
	inv__path inner = {&top, "options", 0};
	inv_error small;

	inv__path_text(&inner, "name", place, sizeof place);
	CHECK_STR((const char *)place, "lines[3].options[0].name");
	inv__path_text(&inner, "name", place, 12);
	CHECK_STR((const char *)place, "lines[3].op");
	inv__error_clear(&small);
	CHECK_STATUS(inv__error_set(&small, INV_E_INVALID, "r", "f\x1b", "a\nb \xC3\x28 \xE6\x97\xA5"),
	             INV_E_INVALID);
	CHECK_STR((const char *)small.message, "a?b ?( \xE6\x97\xA5");
	CHECK_STR((const char *)small.field, "f?");
	inv__error_set(&small, INV_E_INVALID, NULL, NULL, "%0254d\xE6\x97\xA5", 7);
	CHECK_INT(strlen(small.message), 254);
	CHECK_STR((const char *)small.record, "r");
}

/* ---- callers that know other structs ---- */

/* inv_product_option with fields of a later version. */
typedef struct later_option {
	inv_product_option now;
	inv_str colour;
} later_option;

typedef struct later_product {
	inv_product now;
	int64_t weight;
} later_product;

static inv_status import(inv__arena *arena, const void *inputs, size_t count, const void **out)
{
	begin("product");
	return inv__records_import(named("product"), inputs, count, arena, out, &problems);
}

TEST(smaller_structs_get_defaults)
{
	inv__arena arena;
	inv_product products[2] = {good_product(), good_product()};
	struct {
		char bytes[offsetof(inv_product, tags)];
	} older[2];
	const void *out = NULL;

	inv__arena_init(&arena, &inv__malloc_allocator);
	for (size_t i = 0; i < 2; i++) {
		products[i].struct_size = sizeof older[i];
		products[i].list_price = 7 + (int64_t)i;
		memcpy(&older[i], &products[i], sizeof older[i]);
	}
	CHECK_STATUS(import(&arena, older, 2, &out), INV_OK);
	CHECK_INT(((const inv_product *)out)[1].list_price, 8);
	CHECK_STR(((const inv_product *)out)[1].sku, "TEA-100");
	CHECK_INT(((const inv_product *)out)[1].struct_size, sizeof(inv_product));
	CHECK_INT(((const inv_product *)out)[1].updated_at, 0);
	*(uint32_t *)(void *)&older[1] = 0;
	CHECK_STATUS(import(&arena, older, 2, &out), INV_E_MISUSE);
	CHECK_INT(error.index, 1);
	CHECK_STR(error.field, "struct_size");
	*(uint32_t *)(void *)&older[0] = 0;
	CHECK_STATUS(import(&arena, older, 1, &out), INV_E_MISUSE);
	inv__arena_free(&arena);
}

TEST(larger_structs_must_not_use_what_is_unknown)
{
	inv__arena arena;
	later_product products[2];
	const void *out = NULL;

	inv__arena_init(&arena, &inv__malloc_allocator);
	memset(products, 0, sizeof products);
	for (size_t i = 0; i < 2; i++) {
		products[i].now = good_product();
		products[i].now.struct_size = sizeof products[i];
		products[i].now.version = 4 + (int64_t)i;
	}
	CHECK_STATUS(import(&arena, products, 2, &out), INV_OK);
	CHECK_INT(((const inv_product *)out)[1].version, 5);
	CHECK_INT(((const inv_product *)out)[1].struct_size, sizeof(inv_product));
	products[1].weight = 1;
	CHECK_STATUS(import(&arena, products, 2, &out), INV_E_UNSUPPORTED);
	CHECK_INT(error.index, 1);
	CHECK_STR(error.message, "a product sets a field that this version (0.1.0) does not know");
	inv__arena_free(&arena);
}

TEST(nested_structs_grow_too)
{
	inv__arena arena;
	inv_product product = good_product();
	later_option options[2];
	const void *out = NULL;
	const inv_product *seen = NULL;

	inv__arena_init(&arena, &inv__malloc_allocator);
	memset(options, 0, sizeof options);
	for (size_t i = 0; i < 2; i++) {
		options[i].now.struct_size = sizeof options[i];
		options[i].now.name = INV_S("size");
		options[i].now.value = i ? INV_S("L") : INV_S("M");
	}
	product.options = INV_LIST_OF(options, 2);
	CHECK_STATUS(import(&arena, &product, 1, &out), INV_OK);
	seen = out;
	CHECK(seen != &product);
	CHECK_INT(seen->options.stride, sizeof(inv_product_option));
	CHECK_STR(INV_LIST_AT(seen->options, inv_product_option, 1)->value, "L");
	options[1].colour = INV_S("red");
	CHECK_STATUS(import(&arena, &product, 1, &out), INV_E_UNSUPPORTED);
	CHECK_STR(error.field, "options[1]");
	options[1].now.struct_size = offsetof(inv_product_option, value);
	CHECK_STATUS(import(&arena, &product, 1, &out), INV_OK);
	seen = out;
	CHECK_STR(INV_LIST_AT(seen->options, inv_product_option, 1)->name, "size");
	CHECK_INT(INV_LIST_AT(seen->options, inv_product_option, 1)->value.len, 0);
	options[1].now.struct_size = sizeof options[1] + 1;
	CHECK_STATUS(import(&arena, &product, 1, &out), INV_E_MISUSE);
	product.options.stride = 0;
	CHECK_STATUS(import(&arena, &product, 1, &out), INV_E_MISUSE);
	CHECK_STR(error.field, "options");
	product.options.stride = sizeof options[0];
	product.options.count = 9;
	CHECK_STATUS(import(&arena, &product, 1, &out), INV_E_INVALID);
	inv__arena_free(&arena);
}

CHECK_MAIN()
