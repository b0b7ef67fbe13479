/* SPDX-License-Identifier: MIT */
/* Records made field by field: what each setter takes and refuses, where errors say they are, that
 * texts are copied, and that a call with such an input does what one with structs does. */
/* ctest: valgrind */
#include "support/shop.h"

#include <stdio.h>

static inv_error error;

static const inv_record_desc *named(const char *name)
{
	return inv_schema_record_named(inv_str_of(name));
}

static const inv_field_desc *field_of(const char *record, const char *name)
{
	return inv_schema_field_named(named(record), inv_str_of(name), NULL);
}

static inv_status set(inv_input *input, void *record, const inv_field_desc *field, const char *text)
{
	return inv_input_set_text(input, record, field, inv_str_of(text), &error);
}

static inv_input *input_of(const char *record, size_t count)
{
	inv_input *input = NULL;

	CHECK_STATUS(inv_input_new(named(record), count, &input), INV_OK);
	return input;
}

TEST(records_stand_behind_one_another)
{
	inv_input *input = input_of("product", 3);
	inv_input *none = NULL;
	const char *first = inv_input_at(input, 0);

	CHECK_INT(inv_input_count(input), 3);
	for (size_t i = 0; i < 3; i++) {
		const inv_product *p = inv_input_at(input, i);
		inv_product zero = INV_PRODUCT_INIT;

		CHECK((const char *)p == first + i * sizeof *p);
		CHECK_BYTES(p, &zero, sizeof zero);
	}
	CHECK(inv_input_at(input, 3) == NULL);
	inv_input_free(input);
	inv_input_free(NULL);
	CHECK(inv_input_at(NULL, 0) == NULL);
	CHECK_INT(inv_input_count(NULL), 0);
	CHECK_STATUS(inv_input_new(named("product"), 0, &none), INV_E_LIMIT);
	CHECK_STATUS(inv_input_new(named("product"), INV_LIMIT_BATCH + 1, &none), INV_E_LIMIT);
	CHECK_STATUS(inv_input_new(NULL, 1, &none), INV_E_MISUSE);
	CHECK_STATUS(inv_input_new(named("meta"), 1, &none), INV_E_MISUSE);
	CHECK_STATUS(inv_input_new(named("product"), 1, NULL), INV_E_MISUSE);
	CHECK(none == NULL);
	input = input_of("product", INV_LIMIT_BATCH);
	CHECK(inv_input_at(input, INV_LIMIT_BATCH - 1) != NULL);
	inv_input_free(input);
}

/* A text for each kind, and the same value by number. */
TEST(every_kind_of_text)
{
	static const struct {
		const char *record, *field, *text, *wrong;
		int64_t number;
	} cases[] = {
		{"product", "list_price", "2.55", "2.55555", 25500},
		{"product", "decimals", "3", "3.5", 3},
		{"product", "tracking", "serial", "seral", 2},
		{"sale_line", "quantity", "-0.000001", "1.0000001", -1},
		{"sale_line", "no_restock", "true", "yes", 1},
		{"sale", "occurred_at", "2024-02-29T08:26:00Z", "2024-02-30T08:26:00Z",
	     INT64_C(1709195160000000)},
		{"sales_query", "from", "1970-02-01", "1970-02-41", 31},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const inv_field_desc *field = field_of(cases[i].record, cases[i].field);
		inv_input *text = input_of(cases[i].record, 1);
		inv_input *number = input_of(cases[i].record, 1);
		char back[64];

		CHECK_STATUS(set(text, inv_input_at(text, 0), field, cases[i].text), INV_OK);
		CHECK_STATUS(inv_input_set_int(number, inv_input_at(number, 0), field, cases[i].number,
		                               &error),
		             INV_OK);
		CHECK_BYTES(inv_input_at(text, 0), inv_input_at(number, 0), named(cases[i].record)->size);
		CHECK_INT(inv_field_text(field, inv_input_at(text, 0), back, sizeof back),
		          strlen(cases[i].text));
		CHECK_STR(back, cases[i].text);
		CHECK_STATUS(set(text, inv_input_at(text, 0), field, cases[i].wrong), INV_E_INVALID);
		CHECK_STR(error.field, cases[i].field);
		CHECK_BYTES(inv_input_at(text, 0), inv_input_at(number, 0), named(cases[i].record)->size);
		/* Empty text is the default. */
		CHECK_STATUS(set(text, inv_input_at(text, 0), field, ""), INV_OK);
		if (field->kind == INV_KIND_INSTANT)
			CHECK_STATUS(set(number, inv_input_at(number, 0), field, ""), INV_OK);
		else
			CHECK_STATUS(inv_input_set_int(number, inv_input_at(number, 0), field, 0, NULL),
			             INV_OK);
		CHECK_BYTES(inv_input_at(text, 0), inv_input_at(number, 0), named(cases[i].record)->size);
		inv_input_free(text);
		inv_input_free(number);
	}
}

TEST(the_instant_that_stands_for_none)
{
	static const char *const texts[] = {"1970-01-01T00:00:00Z", "1970-01-01T01:00:00+01:00"};
	const inv_field_desc *field = field_of("sale", "occurred_at");
	inv_input *input = input_of("sale", 1);
	inv_sale *sale = inv_input_at(input, 0);

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		CHECK_STATUS(set(input, sale, field, texts[i]), INV_E_INVALID);
		CHECK_STR(error.field, "occurred_at");
		CHECK(strstr(error.message, "stands for none") != NULL);
	}
	CHECK_STATUS(inv_input_set_int(input, sale, field, 0, &error), INV_E_INVALID);
	CHECK_STR(error.field, "occurred_at");
	CHECK_STATUS(inv_input_set_int(input, sale, field, -1, &error), INV_OK);
	CHECK_STATUS(set(input, sale, field, "1970-01-01T00:00:00.000001Z"), INV_OK);
	CHECK_INT(sale->occurred_at, 1);
	CHECK_STATUS(set(input, sale, field, ""), INV_OK);
	CHECK_INT(sale->occurred_at, 0);
	inv_input_free(input);
}

TEST(ids_references_and_texts_are_copied)
{
	inv_input *input = input_of("product", 1);
	inv_product *p = inv_input_at(input, 0);
	const char *id = "018f3b1c-5d2e-7a44-9c3e-2b7f6a1d0e55";
	char text[64];
	char back[64];
	inv_id parsed;

	snprintf(text, sizeof text, "TEA-100");
	CHECK_STATUS(set(input, p, field_of("product", "sku"), text), INV_OK);
	CHECK_STATUS(set(input, p, field_of("product", "category"), text), INV_OK);
	memset(text, 'x', sizeof text);
	CHECK_STR(p->sku, "TEA-100");
	CHECK_STR(p->category.code, "TEA-100");
	CHECK(inv_id_is_none(p->category.id));
	CHECK_STATUS(inv_id_parse(inv_str_of(id), &parsed), INV_OK);
	CHECK_STATUS(set(input, p, field_of("product", "category"), id), INV_OK);
	CHECK_BYTES(&p->category.id, &parsed, sizeof parsed);
	CHECK_INT(p->category.code.len, 0);
	CHECK_INT(inv_field_text(field_of("product", "category"), p, back, sizeof back), 36);
	CHECK_STR(back, id);
	/* A code that looks like an id. */
	CHECK_STATUS(inv_input_set_code(input, p, field_of("product", "category"), inv_str_of(id),
	                                &error),
	             INV_OK);
	CHECK_STR(p->category.code, id);
	CHECK(inv_id_is_none(p->category.id));
	CHECK_STATUS(inv_input_set_id(input, p, field_of("product", "category"), &parsed, &error),
	             INV_OK);
	CHECK_INT(p->category.code.len, 0);
	CHECK_STATUS(inv_input_set_id(input, p, field_of("product", "id"), &parsed, &error), INV_OK);
	CHECK_BYTES(&p->id, &parsed, sizeof parsed);
	CHECK_STATUS(set(input, p, field_of("product", "id"), "018f3b1c"), INV_E_INVALID);
	CHECK_STATUS(set(input, p, field_of("product", "attributes"), "{ \"a\" : [1, 2.50] }"), INV_OK);
	CHECK_STR(p->attributes, "{\"a\":[1,2.50]}");
	CHECK_STATUS(set(input, p, field_of("product", "attributes"), "{"), INV_E_INVALID);
	CHECK_STATUS(set(input, p, field_of("product", "tags"), "a; b"), INV_OK);
	CHECK_INT(p->tags.count, 2);
	CHECK_STR(*INV_LIST_AT(p->tags, inv_str, 1), "b");
	/* A buffer that is too small gets what fits. */
	CHECK_INT(inv_field_text(field_of("product", "sku"), p, back, 4), 7);
	CHECK_STR(back, "TEA");
	CHECK_INT(inv_field_text(field_of("product", "sku"), p, NULL, 0), 7);
	CHECK_INT(inv_field_text(field_of("product", "tags"), p, back, sizeof back), 0);
	inv_input_free(input);
}

TEST(lists_and_where_they_are)
{
	inv_input *input = input_of("sale", 2);
	inv_sale *sale = inv_input_at(input, 1);
	void *lines = NULL;
	void *tenders = NULL;
	inv_sale_line *second;

	CHECK_STATUS(inv_input_set_list(input, sale, field_of("sale", "lines"), 2, &lines, &error),
	             INV_OK);
	CHECK_STATUS(inv_input_set_list(input, sale, field_of("sale", "tenders"), 1, &tenders, &error),
	             INV_OK);
	second = (inv_sale_line *)lines + 1;
	CHECK_INT(second->struct_size, sizeof *second);
	CHECK_STATUS(set(input, second, field_of("sale_line", "quantity"), "2"), INV_OK);
	CHECK_INT(INV_LIST_AT(sale->lines, inv_sale_line, 1)->quantity, UNITS(2));
	CHECK_STATUS(set(input, second, field_of("sale_line", "quantity"), "two"), INV_E_INVALID);
	CHECK_STR(error.field, "lines[1].quantity");
	CHECK_STR(error.record, "sale");
	CHECK_INT(error.index, 1);
	CHECK_STATUS(set(input, second, field_of("sale_line", "amount"), "2"), INV_E_INVALID);
	CHECK_STR(error.field, "lines[1].amount");
	CHECK_STR(error.message, "`amount` is set by the engine: leave it out");
	CHECK_STATUS(set(input, tenders, field_of("tender", "amount"), "x"), INV_E_INVALID);
	CHECK_STR(error.field, "tenders[0].amount");
	CHECK_STATUS(inv_input_set_list(input, sale, field_of("sale", "tenders"), 33, NULL, &error),
	             INV_E_INVALID);
	CHECK_INT(sale->tenders.count, 1);
	CHECK_STATUS(inv_input_set_list(input, sale, field_of("sale", "tenders"), 0, &tenders, &error),
	             INV_OK);
	CHECK_INT(sale->tenders.count, 0);
	CHECK(tenders == NULL);
	CHECK_STATUS(inv_input_refuse(input, second, field_of("sale_line", "quantity"),
	                              INV_S("no float"), &error),
	             INV_E_INVALID);
	CHECK_STR(error.field, "lines[1].quantity");
	CHECK_STR(error.message, "no float");
	CHECK_STATUS(inv_input_unknown(input, second, INV_S("quantiy"), &error), INV_E_INVALID);
	CHECK_STR(error.field, "lines[1].quantiy");
	CHECK_STR(error.message, "unknown field `quantiy`; did you mean `quantity`?");
	CHECK_INT(error.index, 1);
	inv_input_free(input);
}

TEST(strings)
{
	inv_input *input = input_of("product", 1);
	inv_product *p = inv_input_at(input, 0);
	const inv_field_desc *tags = field_of("product", "tags");
	char text[] = "green";

	CHECK_STATUS(inv_input_set_list(input, p, tags, 2, NULL, &error), INV_OK);
	CHECK_STATUS(inv_input_set_string(input, p, tags, 1, inv_str_of(text), &error), INV_OK);
	text[0] = 'x';
	CHECK_STR(*INV_LIST_AT(p->tags, inv_str, 1), "green");
	CHECK_INT(INV_LIST_AT(p->tags, inv_str, 0)->len, 0);
	CHECK_STATUS(inv_input_set_string(input, p, tags, 2, INV_S("x"), &error), INV_E_MISUSE);
	CHECK_STATUS(inv_input_set_string(input, p, field_of("product", "sku"), 0, INV_S("x"), &error),
	             INV_E_INVALID);
	inv_input_free(input);
}

TEST(what_is_refused)
{
	inv_input *input = input_of("product", 1);
	inv_product *p = inv_input_at(input, 0);
	inv_product before = *p;
	inv_id id = {{1}};

	CHECK_STATUS(set(input, p, field_of("product", "created_at"), "2024-02-29T08:26:00Z"),
	             INV_E_INVALID);
	CHECK_STATUS(inv_input_set_int(input, p, field_of("product", "sku"), 7, &error),
	             INV_E_INVALID);
	CHECK_STR(error.message, "`sku` takes string, printable ASCII, not a number");
	CHECK_STATUS(inv_input_set_id(input, p, field_of("product", "sku"), &id, &error),
	             INV_E_INVALID);
	CHECK_STATUS(inv_input_set_code(input, p, field_of("product", "sku"), INV_S("a"), &error),
	             INV_E_INVALID);
	CHECK_STATUS(inv_input_set_list(input, p, field_of("product", "sku"), 1, NULL, &error),
	             INV_E_INVALID);
	CHECK_STATUS(inv_input_set_int(input, p, field_of("product", "tracking"), INT64_C(1) << 40,
	                               &error),
	             INV_E_INVALID);
	/* Not of this input, or not of this record. */
	CHECK_STATUS(set(input, &before, field_of("product", "sku"), "A"), INV_E_MISUSE);
	CHECK_STATUS(set(input, (char *)p + 8, field_of("product", "sku"), "A"), INV_E_MISUSE);
	CHECK_STATUS(set(input, p, field_of("sale", "note"), "A"), INV_E_MISUSE);
	CHECK_STATUS(set(NULL, p, field_of("product", "sku"), "A"), INV_E_MISUSE);
	CHECK_STATUS(set(input, NULL, field_of("product", "sku"), "A"), INV_E_MISUSE);
	CHECK_STATUS(set(input, p, NULL, "A"), INV_E_MISUSE);
	CHECK_STATUS(inv_input_set_text(input, p, field_of("product", "sku"), (inv_str){NULL, 1}, NULL),
	             INV_E_MISUSE);
	CHECK_BYTES(p, &before, sizeof before);
	inv_input_free(input);
}

TEST(names)
{
	bool is_code = true;

	CHECK(inv_input_field(named("product"), INV_S("sku"), &is_code, NULL) ==
	      field_of("product", "sku"));
	CHECK(!is_code);
	CHECK(inv_input_field(named("product"), INV_S("category_code"), &is_code, &error) ==
	      field_of("product", "category"));
	CHECK(is_code);
	CHECK(inv_input_field(named("product"), INV_S("nam"), NULL, &error) == NULL);
	CHECK_STATUS(error.status, INV_E_INVALID);
	CHECK_STR(error.field, "nam");
	CHECK_STR(error.message, "unknown field `nam`; did you mean `name`?");
	CHECK(inv_input_field(NULL, INV_S("sku"), NULL, &error) == NULL);
	CHECK_STATUS(error.status, INV_E_MISUSE);
}

/* ---- calls ---- */

static inv_status call(test_shop *shop, const char *op, inv_input *input, inv_result **out)
{
	return inv_call_input(shop->s, inv_schema_op_named(inv_str_of(op)), input, NULL, out);
}

static inv_input *two_products(void)
{
	inv_input *input = input_of("product", 2);

	for (size_t i = 0; i < 2; i++) {
		set(input, inv_input_at(input, i), field_of("product", "sku"), i ? "B" : "A");
		set(input, inv_input_at(input, i), field_of("product", "name"), "Tea");
		set(input, inv_input_at(input, i), field_of("product", "tags"), "x");
	}
	return input;
}

TEST(a_call_with_an_input)
{
	test_shop shop = {0};
	inv_result *made = NULL;
	inv_input *input;

	if (shop_open(&shop, NULL)) {
		input = two_products();
		CHECK_STATUS(call(&shop, "product.create", input, &made), INV_OK);
		inv_input_free(input);
		CHECK_INT(inv_result_count(made), 2);
		CHECK_STR(INV_AT(made, inv_product, 1)->sku, "B");
		CHECK_STR(*INV_LIST_AT(INV_AT(made, inv_product, 1)->tags, inv_str, 0), "x");
		inv_result_free(made);
		input = two_products();
		CHECK_STATUS(call(&shop, "category.create", input, NULL), INV_E_MISUSE);
		CHECK_STATUS(call(&shop, "product.create", NULL, NULL), INV_E_MISUSE);
		CHECK_STATUS(call(&shop, "no.such", input, NULL), INV_E_MISUSE);
		CHECK_STATUS(call(&shop, "product.create", input, NULL), INV_E_EXISTS);
		inv_input_free(input);
	}
	shop_close(&shop);
}

/* Each record changes what was set in it, also to its default. */
TEST(a_partial_update_has_a_mask_for_each_record)
{
	test_shop shop = {0};
	inv_result *now = NULL;
	inv_options options = INV_OPTIONS_INIT;
	inv_input *input;

	if (shop_open(&shop, NULL)) {
		input = two_products();
		CHECK_STATUS(call(&shop, "product.create", input, NULL), INV_OK);
		inv_input_free(input);
		input = input_of("product", 2);
		set(input, inv_input_at(input, 0), field_of("product", "sku"), "A");
		set(input, inv_input_at(input, 0), field_of("product", "tags"), "");
		set(input, inv_input_at(input, 1), field_of("product", "sku"), "B");
		set(input, inv_input_at(input, 1), field_of("product", "list_price"), "2.5");
		CHECK_STATUS(call(&shop, "product.update", input, &now), INV_OK);
		CHECK_INT(INV_AT(now, inv_product, 0)->tags.count, 0);
		CHECK_INT(INV_AT(now, inv_product, 1)->tags.count, 1);
		CHECK_INT(INV_AT(now, inv_product, 1)->list_price, MONEY(2, 50));
		inv_result_free(now);
		/* Fields named by the options count for all. */
		inv_fields_set(&options.fields, INV_F_PRODUCT_TAGS);
		CHECK_STATUS(inv_call_input(shop.s, inv_schema_op_named(INV_S("product.update")), input,
		                            &options, &now),
		             INV_OK);
		CHECK_INT(INV_AT(now, inv_product, 1)->tags.count, 0);
		CHECK_INT(INV_AT(now, inv_product, 1)->list_price, MONEY(2, 50));
		inv_result_free(now);
		inv_input_free(input);
	}
	shop_close(&shop);
}

CHECK_MAIN()
