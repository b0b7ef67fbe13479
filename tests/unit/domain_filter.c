/* SPDX-License-Identifier: MIT */
/* The grammar of filters and sorts, and cursors: what they accept, what they say of what they do
 * not, and that a cursor serves its own list only. */
#include "domain/list.h"
#include "inventra/records.h"
#include "support/check.h"
#include "util/hash.h"
#include "util/text.h"

typedef struct bench {
	inv__arena arena;
	inv_error error;
	inv__problems problems;
	const inv_record_desc *record;
	inv__filter filter;
	inv__order order;
} bench;

static void bench_open(bench *b, uint32_t record)
{
	memset(b, 0, sizeof *b);
	inv__arena_init(&b->arena, &inv__malloc_allocator);
	b->record = inv_schema_record(record);
	b->problems = (inv__problems){&b->error, "query", 0};
}

static void bench_close(bench *b)
{
	inv__arena_free(&b->arena);
}

static inv_status filter(bench *b, const char *text)
{
	inv__error_clear(&b->error);
	return inv__filter_parse(b->record, inv_str_of(text), &b->arena, &b->problems, &b->filter);
}

static inv_status sort(bench *b, const char *text)
{
	inv__error_clear(&b->error);
	return inv__order_parse(b->record, inv_str_of(text), false, &b->problems, &b->order);
}

static inv_str text_of(const inv_value *value)
{
	return (inv_str){value->u.p, value->size};
}

static bool says(const bench *b, const char *field, const char *part)
{
	return strcmp(b->error.field, field) == 0 && strstr(b->error.message, part) != NULL;
}

/* ---- filters ---- */

TEST(filter_of_nothing)
{
	bench b;

	bench_open(&b, INV_RECORD_product);
	CHECK_STATUS(filter(&b, ""), INV_OK);
	CHECK_INT(b.filter.count, 0);
	CHECK_STATUS(filter(&b, " \t\n "), INV_OK);
	CHECK_INT(b.filter.count, 0);
	bench_close(&b);
}

TEST(filter_reads_values_as_their_kinds)
{
	bench b;

	bench_open(&b, INV_RECORD_product);
	CHECK_STATUS(filter(&b, "list_price >= 2.50 and name ^= \"Tea, \\\"fine\\\" \\\\\" AND "
	                        "stocking=non_stocked and archived != true"), INV_OK);
	if (!CHECK_INT(b.filter.count, 4))
		return;
	CHECK_STR(b.filter.items[0].field->name, "list_price");
	CHECK_INT(b.filter.items[0].op, INV__FILTER_GREATER_EQUAL);
	CHECK_INT(b.filter.items[0].value.u.i, 25000);
	CHECK_INT(b.filter.items[1].op, INV__FILTER_STARTS);
	CHECK_STR(text_of(&b.filter.items[1].value), "Tea, \"fine\" \\");
	CHECK(!b.filter.items[1].folded);
	CHECK_INT(b.filter.items[2].value.u.i, INV_STOCKING_NON_STOCKED);
	CHECK_INT(b.filter.items[3].op, INV__FILTER_UNEQUAL);
	CHECK_INT(b.filter.items[3].value.u.i, 1);
	CHECK(inv__filter_names(&b.filter, b.filter.items[3].field));
	CHECK(!inv__filter_names(&b.filter, inv_schema_field_named(b.record, INV_S("sku"), NULL)));
	bench_close(&b);
}

TEST(filter_takes_all_operators)
{
	static const struct {
		const char *text;
		inv__filter_op op;
	} cases[] = {
		{"name = a", INV__FILTER_EQUAL},        {"name != a", INV__FILTER_UNEQUAL},
		{"name < a", INV__FILTER_LESS},         {"name <= a", INV__FILTER_LESS_EQUAL},
		{"name > a", INV__FILTER_GREATER},      {"name >= a", INV__FILTER_GREATER_EQUAL},
		{"name ^= a", INV__FILTER_STARTS},      {"name^=a", INV__FILTER_STARTS},
		{"  name  <=  a  ", INV__FILTER_LESS_EQUAL},
	};
	bench b;

	bench_open(&b, INV_RECORD_product);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		CHECK_STATUS(filter(&b, cases[i].text), INV_OK);
		CHECK_INT(b.filter.items[0].op, cases[i].op);
		CHECK_STR(text_of(&b.filter.items[0].value), "a");
	}
	bench_close(&b);
}

TEST(filter_folds_codes_and_knows_references)
{
	bench b;

	bench_open(&b, INV_RECORD_product);
	CHECK_STATUS(filter(&b, "sku = 85123A and category = \"Tea Pots\" and parent = "
	                        "018f3b1c-5d2e-7a44-9c3e-2b7f6a1d0e55 and category = \"\""), INV_OK);
	if (!CHECK_INT(b.filter.count, 4))
		return;
	CHECK(b.filter.items[0].folded);
	CHECK_STR(text_of(&b.filter.items[0].value), "85123a");
	CHECK(b.filter.items[1].by_code);
	CHECK_STR(text_of(&b.filter.items[1].value), "tea pots");
	CHECK(!b.filter.items[2].by_code);
	CHECK_INT(b.filter.items[2].value.type, INV_VALUE_BLOB);
	CHECK_INT(b.filter.items[2].value.size, 16);
	CHECK(!b.filter.items[3].by_code);
	CHECK_INT(b.filter.items[3].value.size, 0);
	bench_close(&b);
}

TEST(filter_of_strings_is_their_json)
{
	bench b;

	bench_open(&b, INV_RECORD_product);
	CHECK_STATUS(filter(&b, "tags = \"a;\\\"b\""), INV_OK);
	CHECK_STR(text_of(&b.filter.items[0].value), "\"a;\\\"b\"");
	CHECK_STATUS(filter(&b, "tags < a"), INV_E_INVALID);
	CHECK(says(&b, "filter", "expected = or !="));
	bench_close(&b);
}

TEST(filter_says_where_and_what)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{"colour = red", "position 1 of the filter: expected one of the fields sku, name"},
		{"= red", "position 1 of the filter: expected one of the fields"},
		{"description = x", "position 1 of"},
		{"name", "position 5 of the filter: expected = != < <= > >= or ^="},
		{"name Tea", "position 6 of the filter: expected ="},
		{"name =", "position 7 of the filter: expected a value"},
		{"name == Tea", "position 7 of the filter: expected a value"},
		{"name = \"Tea", "position 8 of the filter: the \" that opens here is never closed"},
		{"name = \"Te\\a\"", "position 12 of the filter: expected \" or \\ behind \\"},
		{"name = \"Tea\\", "never closed"},
		{"name = \"Tea\"s", "position 13 of the filter: expected a space"},
		{"name = 5\"", "position 9 of the filter: a value with \" in it must stand in quotes"},
		{"name = Tea or sku = A", "position 12 of the filter: expected `and` or the end"},
		{"name = Tea and", "position 15 of the filter: expected one of the fields"},
		{"list_price > cheap", "position 14 of the filter: `list_price` must be a decimal"},
		{"list_price > 1.23456", "position 14 of the filter: `list_price` has more than 4"},
		{"list_price ^= 1", "position 12 of the filter: expected = != < <= > or >="},
		{"stocking < stocked", "position 10 of the filter: expected = or !="},
		{"stocking = heap", "position 12 of the filter: `stocking` must be one of stocked"},
		{"archived = yes", "`archived` must be true or false"},
	};
	bench b;

	bench_open(&b, INV_RECORD_product);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		CHECK_STATUS(filter(&b, cases[i].text), INV_E_INVALID);
		if (!says(&b, "filter", cases[i].message))
			CHECK_FAIL("%s: %s: %s", cases[i].text, b.error.field, b.error.message);
		CHECK_STR(b.error.record, "query");
	}
	bench_close(&b);
}

TEST(filter_has_a_limit_of_conditions)
{
	char text[1024] = "name = a";
	bench b;

	bench_open(&b, INV_RECORD_product);
	for (size_t i = 1; i < INV__FILTER_MAX; i++)
		inv__format(text + strlen(text), sizeof text - strlen(text), " and name = a");
	CHECK_STATUS(filter(&b, text), INV_OK);
	CHECK_INT(b.filter.count, INV__FILTER_MAX);
	inv__format(text + strlen(text), sizeof text - strlen(text), " and name = a");
	CHECK_STATUS(filter(&b, text), INV_E_INVALID);
	CHECK(says(&b, "filter", "32 conditions"));
	bench_close(&b);
}

/* ---- sorts ---- */

TEST(sort_reads_fields_and_directions)
{
	bench b;

	bench_open(&b, INV_RECORD_product);
	CHECK_STATUS(sort(&b, ""), INV_OK);
	CHECK_INT(b.order.count, 0);
	CHECK_STATUS(sort(&b, " name , -list_price"), INV_OK);
	if (!CHECK_INT(b.order.count, 2))
		return;
	CHECK_STR(b.order.keys[0].field->name, "name");
	CHECK(!b.order.keys[0].descending && b.order.keys[1].descending);
	CHECK(!b.order.total);
	CHECK_STATUS(inv__order_complete(b.record, NULL, &b.problems, &b.order), INV_OK);
	if (!CHECK_INT(b.order.count, 3))
		return;
	CHECK_STR(b.order.keys[2].field->name, "id");
	CHECK(b.order.keys[2].descending);
	CHECK_STATUS(sort(&b, "-sku"), INV_OK);
	CHECK(b.order.total && b.order.keys[0].folded);
	CHECK_STATUS(inv__order_complete(b.record, NULL, &b.problems, &b.order), INV_OK);
	CHECK_INT(b.order.count, 1);
	bench_close(&b);
}

TEST(sort_refuses_what_it_cannot_do)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{"colour", "cannot sort by `colour`; expected fields of: sku, name, list_price"},
		{"description", "cannot sort by `description`"},
		{"name,", "cannot sort by ``"},
		{",name", "cannot sort by ``"},
		{"--name", "cannot sort by `-name`"},
		{"name,-name", "`name` stands in the sort twice"},
	};
	bench b;

	bench_open(&b, INV_RECORD_product);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		CHECK_STATUS(sort(&b, cases[i].text), INV_E_INVALID);
		if (!says(&b, "sort", cases[i].message))
			CHECK_FAIL("%s: %s: %s", cases[i].text, b.error.field, b.error.message);
	}
	bench_close(&b);
}

static void check_sql(bench *b, const char *expected)
{
	static const inv_value after[INV__ORDER_MAX] = {{.type = INV_VALUE_INT}};
	inv__list_sql sql;
	inv_str text = {NULL, 0};

	if (!CHECK_STATUS(inv__list_sql_init(&sql, &b->arena, 2 * INV__ORDER_MAX), INV_OK))
		return;
	inv__order_after_sql(&b->order, after, &sql);
	inv__order_sql(&b->order, &sql);
	CHECK_STATUS(inv__list_sql_end(&sql, &b->arena, &text), INV_OK);
	CHECK_STR(text, expected);
}

TEST(sort_makes_one_comparison_of_rows)
{
	bench b;

	bench_open(&b, INV_RECORD_product);
	sort(&b, "sku");
	check_sql(&b, "lower(t.sku) > ?1 ORDER BY lower(t.sku)");
	sort(&b, "-created_at");
	CHECK_STATUS(inv__order_complete(b.record, NULL, &b.problems, &b.order), INV_OK);
	check_sql(&b, "(t.created_at, t.id) < (?1, ?2) ORDER BY t.created_at DESC, t.id DESC");
	sort(&b, "name,-list_price,created_at");
	check_sql(&b, "t.name >= ?1 AND (t.name > ?2 OR (t.name = ?3 AND (t.list_price < ?4 OR "
	              "(t.list_price = ?5 AND (t.created_at > ?6))))) "
	              "ORDER BY t.name, t.list_price DESC, t.created_at");
	bench_close(&b);
}

/* ---- cursors ---- */

/* A row of product cells with what the order needs. */
static void fill_cells(const bench *b, inv_value *cells)
{
	for (size_t i = 0; i < b->order.count; i++) {
		inv_value *cell = &cells[b->order.keys[i].column];

		if (b->order.keys[i].field->kind == INV_KIND_TEXT)
			*cell = (inv_value){.type = INV_VALUE_TEXT, .size = 3, .u.p = "Tea"};
		else if (b->order.keys[i].field->kind == INV_KIND_CODE)
			*cell = (inv_value){.type = INV_VALUE_TEXT, .size = 4, .u.p = "TEA1"};
		else if (b->order.keys[i].field->kind == INV_KIND_ID)
			*cell = (inv_value){.type = INV_VALUE_BLOB, .size = 16, .u.p = "0123456789abcdef"};
		else
			*cell = (inv_value){.type = INV_VALUE_INT, .u.i = -5};
	}
}

TEST(cursor_comes_back)
{
	static const inv__question question = {{1, 2, 3}};
	inv_value cells[32] = {{.type = INV_VALUE_NULL}}, after[INV__ORDER_MAX];
	inv_str text = {NULL, 0};
	bench b;

	CHECK(inv__hash_ready());
	bench_open(&b, INV_RECORD_product);
	sort(&b, "name,-list_price,sku");
	fill_cells(&b, cells);
	CHECK_STATUS(inv__cursor_write(&question, &b.order, cells, &b.arena, &text), INV_OK);
	CHECK_STATUS(inv__cursor_read(&question, &b.order, text, &b.arena, &b.problems, after), INV_OK);
	CHECK_STR(text_of(&after[0]), "Tea");
	CHECK_INT(after[1].u.i, -5);
	CHECK_STR(text_of(&after[2]), "tea1");
	bench_close(&b);
}

TEST(cursor_is_refused_when_changed_or_foreign)
{
	static const char alphabet[] = "Aw-_9~ ";
	static const inv__question question = {{1, 2, 3}}, other = {{1, 2, 4}};
	inv_value cells[32] = {{.type = INV_VALUE_NULL}}, after[INV__ORDER_MAX];
	inv_str text = {NULL, 0}, changed;
	char copy[256];
	bench b;

	CHECK(inv__hash_ready());
	bench_open(&b, INV_RECORD_product);
	sort(&b, "name");
	CHECK_STATUS(inv__order_complete(b.record, NULL, &b.problems, &b.order), INV_OK);
	fill_cells(&b, cells);
	CHECK_STATUS(inv__cursor_write(&question, &b.order, cells, &b.arena, &text), INV_OK);
	CHECK_STATUS(inv__cursor_read(&other, &b.order, text, &b.arena, &b.problems, after),
	             INV_E_INVALID);
	CHECK(says(&b, "cursor", "this is no cursor of this list"));
	if (!CHECK(text.len < sizeof copy))
		return;
	for (size_t i = 0; i < text.len; i++) {
		for (size_t c = 0; c < sizeof alphabet - 1; c++) {
			memcpy(copy, text.ptr, text.len);
			if (copy[i] == alphabet[c])
				continue;
			copy[i] = alphabet[c];
			changed = (inv_str){copy, text.len};
			CHECK_STATUS(inv__cursor_read(&question, &b.order, changed, &b.arena, &b.problems,
			                              after), INV_E_INVALID);
		}
		changed = (inv_str){text.ptr, i};
		CHECK_STATUS(inv__cursor_read(&question, &b.order, changed, &b.arena, &b.problems, after),
		             INV_E_INVALID);
	}
	bench_close(&b);
}

CHECK_MAIN()
