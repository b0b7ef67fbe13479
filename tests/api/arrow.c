/* SPDX-License-Identifier: MIT */
/* Pages of lists, and results as Arrow columns: the schema that every record gets, the values of
 * each kind, nulls, nesting, batches, and what is released when. */
/* ctest: valgrind drivers */
#include "support/shop.h"

#include <errno.h>
#include <stdio.h>

static const inv_op_desc *op_of(const char *name)
{
	return inv_schema_op_named(inv_str_of(name));
}

/* ---- pages ---- */

static void make_products(inv_session *s, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char json[128];

		snprintf(json, sizeof json,
		         "{\"sku\":\"P%05zu\",\"name\":\"Product %zu\",\"list_price\":\"%zu.25\"}", i, i,
		         i);
		CHECK_STATUS(shop_json(s, "product.create", json, NULL), INV_OK);
	}
}

TEST(pages_of_a_cursor)
{
	test_shop shop = {0};
	inv_query query = INV_QUERY_INIT;
	inv_pages *pages = NULL;
	inv_result *page = NULL;
	size_t seen = 0;

	if (shop_open(&shop, NULL)) {
		make_products(shop.s, 7);
		query.limit = 3;
		CHECK_STATUS(inv_pages_open(shop.s, op_of("product.list"), &query, NULL, &pages), INV_OK);
		while (CHECK_STATUS(inv_pages_next(pages, shop.s, &page), INV_OK) && page) {
			CHECK_INT(inv_result_count(page), seen < 6 ? 3 : 1);
			for (size_t i = 0; i < inv_result_count(page); i++) {
				char sku[16];

				snprintf(sku, sizeof sku, "P%05zu", seen++);
				CHECK_STR(INV_AT(page, inv_product, i)->sku, sku);
			}
			inv_result_free(page);
		}
		CHECK_INT(seen, 7);
		CHECK_STATUS(inv_pages_next(pages, shop.s, &page), INV_OK);
		CHECK(page == NULL);
		inv_pages_free(pages);
		inv_pages_free(NULL);
		query.filter = INV_S("nam = 1");
		CHECK_STATUS(inv_pages_open(shop.s, op_of("product.list"), &query, NULL, &pages), INV_OK);
		CHECK_STATUS(inv_pages_next(pages, shop.s, &page), INV_E_INVALID);
		inv_pages_free(pages);
		CHECK_STATUS(inv_pages_open(shop.s, op_of("product.get"), NULL, NULL, &pages),
		             INV_E_UNSUPPORTED);
		CHECK(pages == NULL);
		CHECK_STATUS(inv_pages_open(shop.s, NULL, NULL, NULL, &pages), INV_E_MISUSE);
		CHECK_STATUS(inv_pages_next(NULL, shop.s, &page), INV_E_MISUSE);
	}
	shop_close(&shop);
}

/* The feed goes on by position, from where its consumer stood. */
TEST(pages_of_the_feed)
{
	test_shop shop = {0};
	inv_feed_query query = INV_FEED_QUERY_INIT;
	inv_pages *pages = NULL;
	inv_result *page = NULL;
	int64_t first = 0;

	if (shop_open(&shop, NULL)) {
		make_products(shop.s, 5);
		first = shop_position(&shop) - 4;
		query.consumer = INV_S("tester");
		query.limit = 2;
		query.timeout_ms = 1;
		CHECK_STATUS(shop_json(shop.s, "feed.acknowledge",
		                       "{\"consumer\":\"tester\",\"position\":2}", NULL),
		             INV_OK);
		CHECK_STATUS(inv_pages_open(shop.s, op_of("feed.wait"), &query, NULL, &pages), INV_OK);
		for (int64_t at = 3; at <= first + 4;) {
			if (!CHECK_STATUS(inv_pages_next(pages, shop.s, &page), INV_OK) || !page)
				break;
			for (size_t i = 0; i < inv_result_count(page); i++)
				CHECK_INT(INV_AT(page, inv_event, i)->position, at++);
			inv_result_free(page);
		}
		/* Nothing has happened: an empty page, and then what has. */
		CHECK_STATUS(inv_pages_next(pages, shop.s, &page), INV_OK);
		CHECK(page != NULL);
		CHECK_INT(inv_result_count(page), 0);
		inv_result_free(page);
		CHECK_STATUS(shop_json(shop.s, "category.create", "{\"code\":\"c\",\"name\":\"C\"}", NULL),
		             INV_OK);
		CHECK_STATUS(inv_pages_next(pages, shop.s, &page), INV_OK);
		CHECK_INT(inv_result_count(page), 1);
		inv_result_free(page);
		inv_pages_free(pages);
	}
	shop_close(&shop);
}

/* ---- schemas ---- */

/* Format, name and nullability of every node. */
static void describe(const struct ArrowSchema *schema, char *out, size_t size)
{
	size_t at = strlen(out);

	snprintf(out + at, size - at, "%s%s:%s", schema->name,
	         schema->flags & ARROW_FLAG_NULLABLE ? "?" : "", schema->format);
	if (schema->dictionary)
		strncat(out, "#", size - strlen(out) - 1);
	for (int64_t i = 0; i < schema->n_children; i++) {
		strncat(out, i ? " " : "(", size - strlen(out) - 1);
		describe(schema->children[i], out, size);
	}
	if (schema->n_children)
		strncat(out, ")", size - strlen(out) - 1);
}

TEST(the_schema_of_a_record)
{
	test_shop shop = {0};
	struct ArrowArrayStream stream;
	struct ArrowSchema schema;
	inv_result *result = NULL;
	char text[2048] = "";

	if (shop_open(&shop, NULL)) {
		make_products(shop.s, 1);
		CHECK_STATUS(shop_json(shop.s, "product.get", "{\"ref\":\"P00000\"}", &result), INV_OK);
		CHECK_STATUS(inv_result_arrow(result, &stream, NULL), INV_OK);
		CHECK_INT(stream.get_schema(&stream, &schema), 0);
		describe(&schema, text, sizeof text);
		CHECK_STR(text,
		          "item:+s(id?:u sku:u name:u description:u category?:u category_code?:u parent?:u "
		          "parent_code?:u options:+l(item:+s(name:u value:u)) barcodes:+l(item:u) unit:u "
		          "decimals:l stocking:i# tracking:i# list_price:d:19,4 tags:+l(item:u) "
		          "attributes?:u archived:b version:l created_at?:tsu:UTC updated_at?:tsu:UTC "
		          "picking:i#)");
		/* A child that was taken out is its taker's. */
		{
			struct ArrowSchema taken = *schema.children[8];

			schema.children[8]->release = NULL;
			schema.release(&schema);
			CHECK_STR(taken.children[0]->children[1]->name, "value");
			taken.release(&taken);
			CHECK(taken.release == NULL);
		}
		stream.release(&stream);
		CHECK(stream.release == NULL);
		inv_result_free(result);
	}
	shop_close(&shop);
}

/* Every operation's output becomes columns. */
TEST(every_output_has_a_schema)
{
	test_shop shop = {0};
	const inv_op_desc *op;

	if (shop_open(&shop, NULL)) {
		for (uint32_t i = 0; (op = inv_schema_op(i)) != NULL; i++) {
			struct ArrowArrayStream stream;
			struct ArrowSchema schema;

			if (!(op->flags & INV_OP_LISTS) || (op->flags & INV_OP_WAITS))
				continue;
			CHECK_STATUS(inv_list_arrow(shop.s, op, NULL, &stream),
			             strcmp(op->name, "product.search") == 0 ||
			                     strcmp(op->name, "audit.history") == 0
			                 ? INV_E_INVALID
			                 : INV_OK);
			if (inv_session_error(shop.s)->status != INV_OK)
				continue;
			CHECK_INT(stream.get_schema(&stream, &schema), 0);
			CHECK(schema.n_children > 2);
			schema.release(&schema);
			stream.release(&stream);
		}
	}
	shop_close(&shop);
}

/* ---- values ---- */

static int64_t column_of(const struct ArrowSchema *schema, const char *name)
{
	for (int64_t i = 0; i < schema->n_children; i++)
		if (strcmp(schema->children[i]->name, name) == 0)
			return i;
	CHECK_FAIL("there is no column %s", name);
	return 0;
}

static bool is_valid(const struct ArrowArray *a, int64_t row)
{
	const uint8_t *bits = a->buffers[0];

	return !bits || (bits[row / 8] >> (row % 8) & 1);
}

static inv_str text_at(const struct ArrowArray *a, int64_t row)
{
	const int32_t *offsets = a->buffers[1];

	return (inv_str){(const char *)a->buffers[2] + offsets[row],
	                 (size_t)(offsets[row + 1] - offsets[row])};
}

static void check_product(const struct ArrowSchema *schema, const struct ArrowArray *batch)
{
	const struct ArrowArray *c = batch->children[column_of(schema, "sku")];
	const int64_t *wide;
	const int32_t *offsets;

	CHECK_INT(batch->length, 2);
	CHECK(memcmp(text_at(c, 1).ptr, "BOX", 3) == 0);
	c = batch->children[column_of(schema, "list_price")];
	wide = c->buffers[1];
	CHECK_INT(wide[0], 25500);
	CHECK_INT(wide[1], 0);
	c = batch->children[column_of(schema, "tracking")];
	CHECK_INT(((const int32_t *)c->buffers[1])[1], 1);
	CHECK_INT(c->dictionary->length, 3);
	CHECK(memcmp(text_at(c->dictionary, 1).ptr, "lot", 3) == 0);
	c = batch->children[column_of(schema, "id")];
	CHECK_INT(text_at(c, 0).len, 36);
	CHECK_INT(c->null_count, 0);
	c = batch->children[column_of(schema, "category")];
	CHECK_INT(c->null_count, 1);
	CHECK(is_valid(c, 0));
	CHECK(!is_valid(c, 1));
	CHECK_INT(text_at(c, 1).len, 0);
	c = batch->children[column_of(schema, "created_at")];
	CHECK_INT(((const int64_t *)c->buffers[1])[0], SHOP_NOON);
	c = batch->children[column_of(schema, "tags")];
	offsets = c->buffers[1];
	CHECK_INT(offsets[0], 0);
	CHECK_INT(offsets[1], 2);
	CHECK_INT(offsets[2], 2);
	CHECK(memcmp(text_at(c->children[0], 1).ptr, "green", 5) == 0);
	c = batch->children[column_of(schema, "options")];
	CHECK_INT(c->children[0]->length, 0);
	c = batch->children[column_of(schema, "archived")];
	CHECK_INT(((const uint8_t *)c->buffers[1])[0], 0);
}

TEST(values_of_each_kind)
{
	test_shop shop = {0};
	struct ArrowArrayStream stream;
	struct ArrowSchema schema;
	struct ArrowArray batch;
	struct ArrowArray end;
	inv_result *result = NULL;

	if (!shop_open(&shop, NULL)) {
		shop_close(&shop);
		return;
	}
	CHECK_STATUS(shop_json(shop.s, "category.create", "{\"code\":\"C\",\"name\":\"C\"}", NULL),
	             INV_OK);
	CHECK_STATUS(shop_json(shop.s, "product.create",
	                       "[{\"sku\":\"TEA\",\"name\":\"Tea\",\"list_price\":\"2.55\","
	                       "\"category\":\"C\",\"tags\":[\"red\",\"green\"]},"
	                       "{\"sku\":\"BOX\",\"name\":\"Box\",\"tracking\":\"lot\"}]",
	                       &result),
	             INV_OK);
	CHECK_STATUS(inv_result_arrow(result, &stream, NULL), INV_OK);
	/* It needs nothing of what it came from. */
	inv_result_free(result);
	shop_close(&shop);
	CHECK_INT(stream.get_schema(&stream, &schema), 0);
	CHECK_INT(stream.get_next(&stream, &batch), 0);
	check_product(&schema, &batch);
	CHECK_INT(stream.get_next(&stream, &end), 0);
	CHECK(end.release == NULL);
	CHECK(stream.get_last_error(&stream) == NULL);
	stream.release(&stream);
	batch.release(&batch);
	schema.release(&schema);
}

/* Negative amounts are sign-extended; lines are nested. */
TEST(a_sale_with_its_lines)
{
	test_shop shop = {0};
	struct ArrowArrayStream stream;
	struct ArrowSchema schema;
	struct ArrowArray batch;
	inv_result *result = NULL;

	if (shop_open(&shop, NULL)) {
		const struct ArrowArray *lines;
		const int64_t *total;

		shop_product(&shop, "TEA");
		CHECK_STATUS(shop_receive(shop.s, "TEA", NULL, UNITS(5), 0), INV_OK);
		CHECK_STATUS(shop_json(shop.s, "sale.refund",
		                       "{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"2\","
		                       "\"unit_price\":\"1.5\"},{\"product\":\"TEA\","
		                       "\"quantity\":\"1\",\"unit_price\":\"1\"}]}",
		                       &result),
		             INV_OK);
		CHECK_STATUS(inv_result_arrow(result, &stream, NULL), INV_OK);
		CHECK_INT(stream.get_schema(&stream, &schema), 0);
		CHECK_INT(stream.get_next(&stream, &batch), 0);
		total = batch.children[column_of(&schema, "total")]->buffers[1];
		CHECK_INT(total[0], -40000);
		CHECK_INT(total[1], -1);
		lines = batch.children[column_of(&schema, "lines")];
		CHECK_INT(lines->children[0]->length, 2);
		CHECK_INT(((const int32_t *)lines->buffers[1])[1], 2);
		stream.release(&stream);
		batch.release(&batch);
		schema.release(&schema);
		inv_result_free(result);
	}
	shop_close(&shop);
}

/* ---- lists ---- */

static int64_t count_all(struct ArrowArrayStream *stream, int64_t *batches)
{
	struct ArrowArray batch;
	int64_t rows = 0;

	for (*batches = 0;; ++*batches) {
		if (!CHECK_INT(stream->get_next(stream, &batch), 0) || !batch.release)
			return rows;
		rows += batch.length;
		batch.release(&batch);
	}
}

TEST(a_list_reads_on_when_all_is_closed)
{
	test_shop shop = {0};
	inv_query query = INV_QUERY_INIT;
	struct ArrowArrayStream stream;
	char filter[32] = "list_price >= 10";
	int64_t batches = 0;

	if (!shop_open(&shop, NULL)) {
		shop_close(&shop);
		return;
	}
	make_products(shop.s, 30);
	query.limit = 4;
	query.filter = inv_str_of(filter);
	CHECK_STATUS(inv_list_arrow(shop.s, op_of("product.list"), &query, &stream), INV_OK);
	memset(filter, 'x', sizeof filter);
	shop_close(&shop);
	CHECK_INT(count_all(&stream, &batches), 20);
	CHECK_INT(batches, 1);
	CHECK_INT(count_all(&stream, &batches), 0);
	stream.release(&stream);
}

TEST(lists_that_cannot_be_columns)
{
	test_shop shop = {0};
	inv_query query = INV_QUERY_INIT;
	struct ArrowArrayStream stream = {0};
	struct ArrowArray batch;
	inv_error error = INV_ERROR_INIT;

	if (shop_open(&shop, NULL)) {
		CHECK_STATUS(inv_list_arrow(shop.s, op_of("product.get"), NULL, &stream),
		             INV_E_UNSUPPORTED);
		CHECK_STATUS(inv_list_arrow(shop.s, op_of("feed.wait"), NULL, &stream), INV_E_UNSUPPORTED);
		CHECK_STATUS(inv_list_arrow(shop.s, NULL, NULL, &stream), INV_E_MISUSE);
		CHECK_STATUS(inv_begin(shop.s), INV_OK);
		CHECK_STATUS(inv_list_arrow(shop.s, op_of("product.list"), NULL, &stream), INV_E_STATE);
		CHECK_STATUS(inv_rollback(shop.s), INV_OK);
		CHECK(stream.release == NULL);
		CHECK_STATUS(inv_result_arrow(NULL, &stream, &error), INV_E_MISUSE);
		query.filter = INV_S("nam = 1");
		CHECK_STATUS(inv_list_arrow(shop.s, op_of("product.list"), &query, &stream), INV_OK);
		/* What fails says why, and goes on saying so. */
		for (int i = 0; i < 2; i++) {
			CHECK_INT(stream.get_next(&stream, &batch), EINVAL);
			CHECK(strstr(stream.get_last_error(&stream), "nam") != NULL);
		}
		stream.release(&stream);
	}
	shop_close(&shop);
}

CHECK_MAIN()
