/* SPDX-License-Identifier: MIT */
/* Options and reports by their description: every member there and back, what is refused, and names
 * that are nearly right. */
#include "support/shop.h"

#include <stdio.h>

static inv_error error;

static inv_status set(uint32_t number, void *at, const char *name, const char *text)
{
	return inv_struct_set(inv_schema_struct(number), at, inv_str_of(name), inv_str_of(text),
	                      &error);
}

static void check_member(uint32_t number, const void *at, const char *name, const char *expected)
{
	const inv_field_desc *member =
		inv_schema_field_named(inv_schema_struct(number), inv_str_of(name), NULL);
	char text[64];

	CHECK_INT(inv_struct_text(member, at, text, sizeof text), strlen(expected));
	CHECK_STR(text, expected);
}

/* What a member of this kind may be. */
static const char *sample(const inv_field_desc *member)
{
	switch (member->kind) {
	case INV_KIND_BOOL:
		return member->of == INV_HELD_NEGATED ? "false" : "true";
	case INV_KIND_INT:
		return "7";
	case INV_KIND_REF:
		return "018f3b1c-5d2e-7a44-9c3e-2b7f6a1d0e55";
	default:
		return "text";
	}
}

TEST(every_option_goes_there_and_back)
{
	union {
		uint32_t size;
		inv_store_options store;
		inv_session_options session;
		inv_import_options import;
	} options, fresh;
	const inv_record_desc *desc;

	for (uint32_t n = 0; (desc = inv_schema_struct(n)) != NULL; n++) {
		if (!(desc->flags & INV_STRUCT_OPTIONS))
			continue;
		for (uint32_t i = 0; i < desc->field_count; i++) {
			const inv_field_desc *member = inv_schema_field(desc, i);

			memset(&options, 0, sizeof options);
			options.size = desc->size;
			fresh = options;
			CHECK_STATUS(set(n, &options, member->name, sample(member)), INV_OK);
			check_member(n, &options, member->name, sample(member));
			CHECK(memcmp(&options, &fresh, sizeof options) != 0);
			CHECK_STATUS(set(n, &options, member->name, ""), INV_OK);
			CHECK_BYTES(&options, &fresh, sizeof options);
		}
	}
}

TEST(options_are_what_c_calls_them)
{
	inv_store_options store = INV_STORE_OPTIONS_INIT;
	inv_session_options session = INV_SESSION_OPTIONS_INIT;

	CHECK_STATUS(set(INV_STRUCT_STORE_OPTIONS, &store, "create", "false"), INV_OK);
	CHECK_STATUS(set(INV_STRUCT_STORE_OPTIONS, &store, "migrate", "false"), INV_OK);
	CHECK_STATUS(set(INV_STRUCT_STORE_OPTIONS, &store, "readers", "3"), INV_OK);
	CHECK_INT(store.no_create, 1);
	CHECK_INT(store.migrate, INV_MIGRATE_REFUSE);
	CHECK_INT(store.reader_count, 3);
	CHECK_STATUS(set(INV_STRUCT_STORE_OPTIONS, &store, "create", "true"), INV_OK);
	CHECK_INT(store.no_create, 0);
	CHECK_STATUS(set(INV_STRUCT_SESSION_OPTIONS, &session, "till", "T1"), INV_OK);
	CHECK_STR(session.till.code, "T1");
}

TEST(what_no_option_takes)
{
	static const struct {
		const char *name, *text, *message;
	} cases[] = {
		{"readers", "-1", "0 to 2147483647"},     {"readers", "2147483648", "2147483647"},
		{"readers", "1.5", "a whole number"},     {"readers", "many", "a whole number"},
		{"create", "yes", "true or false"},       {"reders", "1", "did you mean `readers`?"},
		{"ReadOnly", "true", "`read_only`"},      {"colour", "red", "unknown option `colour`"},
		{"struct_size", "1", "unknown option"},
	};
	inv_store_options store = INV_STORE_OPTIONS_INIT, fresh = INV_STORE_OPTIONS_INIT;
	inv_error none = INV_ERROR_INIT;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		CHECK_STATUS(set(INV_STRUCT_STORE_OPTIONS, &store, cases[i].name, cases[i].text),
		             INV_E_INVALID);
		CHECK_STR(error.field, cases[i].name);
		if (!strstr(error.message, cases[i].message))
			CHECK_FAIL("%s: %s", cases[i].name, error.message);
	}
	CHECK_STATUS(inv_struct_set(inv_schema_struct(INV_STRUCT_STORE_OPTIONS), &store,
	                            INV_S("source"), (inv_str){"a\0b", 3}, &error), INV_E_INVALID);
	CHECK_BYTES(&store, &fresh, sizeof store);
	/* Reports are told, not set. */
	CHECK_STATUS(set(INV_STRUCT_ERROR, &none, "status", "1"), INV_E_MISUSE);
	CHECK_STATUS(inv_struct_set(NULL, &store, INV_S("source"), INV_S("x"), &error), INV_E_MISUSE);
	CHECK_STATUS(set(INV_STRUCT_STORE_OPTIONS, NULL, "source", "x"), INV_E_MISUSE);
	CHECK(inv_schema_struct(99) == NULL);
}

TEST(reports_read_as_they_are)
{
	inv_store_info info = INV_STORE_INFO_INIT;
	test_shop shop = {0};

	if (!shop_open(&shop, NULL))
		return;
	CHECK_STATUS(inv_store_info_get(inv_session_store(shop.s), &info, NULL), INV_OK);
	for (uint32_t i = 0; i < inv_schema_struct(INV_STRUCT_STORE_INFO)->field_count; i++) {
		const inv_field_desc *member =
			inv_schema_field(inv_schema_struct(INV_STRUCT_STORE_INFO), i);
		char text[160];
		char number[32];

		CHECK(inv_struct_text(member, &info, text, sizeof text) < sizeof text);
		snprintf(number, sizeof number, "%lld", (long long)inv_struct_int(member, &info));
		if (member->kind == INV_KIND_INT)
			CHECK_STR(text, number);
	}
	check_member(INV_STRUCT_STORE_INFO, &info, "driver", info.driver);
	check_member(INV_STRUCT_STORE_INFO, &info, "read_only", "false");
	CHECK_INT(inv_struct_text(NULL, &info, NULL, 0), 0);
	shop_close(&shop);
}

TEST(the_nearest_name)
{
	const inv_str names = INV_S("readers\nread_only\nwriters\nsku");

	CHECK_STR(inv_nearest(INV_S("reeders"), names), "readers");
	CHECK_STR(inv_nearest(INV_S("READONLY"), names), "read_only");
	CHECK_STR(inv_nearest(INV_S("sku"), names), "sku");
	CHECK_STR(inv_nearest(INV_S("skx"), names), "sku");
	CHECK_STR(inv_nearest(INV_S("xkx"), names), "");
	CHECK_STR(inv_nearest(INV_S("colour"), names), "");
	CHECK_STR(inv_nearest(INV_S(""), names), "");
	CHECK_STR(inv_nearest(INV_S("sku"), INV_S("")), "");
}

CHECK_MAIN()
