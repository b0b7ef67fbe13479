/* SPDX-License-Identifier: MIT */
/* Each allocation fails in turn while an input is made field by field, pages are walked, and
 * records become columns. What fails says that memory was short, and gives everything back. */
#include "fault/memory.h"

#ifdef HEAP_REPLACED

#include <errno.h>

static const inv_field_desc *field_of(const char *record, const char *name)
{
	return inv_schema_field_named(inv_schema_record_named(inv_str_of(record)), inv_str_of(name),
	                              NULL);
}

/* An input with texts, a list, nested records and strings, larger than its first block. */
static inv_status fill(inv_input *input, inv_error *error)
{
	static char text[1500];
	inv_sale *sale = inv_input_at(input, 0);
	void *lines = NULL;
	inv_status rc;

	memset(text, 'x', sizeof text - 1);
	rc = inv_input_set_text(input, sale, field_of("sale", "note"), inv_str_of(text), error);
	if (rc == INV_OK)
		rc = inv_input_set_list(input, sale, field_of("sale", "lines"), 20, &lines, error);
	for (size_t i = 0; rc == INV_OK && i < 20; i++)
		rc = inv_input_set_text(input, (inv_sale_line *)lines + i, field_of("sale_line", "product"),
		                        INV_S("SKU-1"), error);
	return rc;
}

static inv_status make_input(const shop *s)
{
	inv_error error = INV_ERROR_INIT;
	inv_input *input = NULL;
	inv_status rc = inv_input_new(inv_schema_record_named(INV_S("sale")), 1, &input);

	(void)s;
	if (rc == INV_OK)
		rc = fill(input, &error);
	inv_input_free(input);
	return rc;
}

static inv_status status_of(int number)
{
	return number == 0 ? INV_OK : number == ENOMEM ? INV_E_NO_MEMORY : INV_E_INTERNAL;
}

/* Take all of a stream, and its schema. */
static inv_status consume(struct ArrowArrayStream *stream)
{
	struct ArrowSchema schema;
	struct ArrowArray batch;
	int number = stream->get_schema(stream, &schema);

	if (number == 0)
		schema.release(&schema);
	while (number == 0) {
		number = stream->get_next(stream, &batch);
		if (number != 0 || !batch.release)
			break;
		batch.release(&batch);
	}
	if (number != 0)
		CHECK(stream->get_last_error(stream) != NULL);
	stream->release(stream);
	return status_of(number);
}

static inv_status list_columns(const shop *s)
{
	struct ArrowArrayStream stream;
	inv_status rc = inv_list_arrow(s->session, inv_schema_op_named(INV_S("product.list")), NULL,
	                               &stream);

	return rc == INV_OK ? consume(&stream) : rc;
}

static inv_status result_columns(const shop *s)
{
	struct ArrowArrayStream stream;
	inv_result *result = NULL;
	inv_status rc = run(s, "product.list", "{}", NULL, &result);

	if (rc == INV_OK)
		rc = inv_result_arrow(result, &stream, NULL);
	inv_result_free(result);
	return rc == INV_OK ? consume(&stream) : rc;
}

static inv_status walk_pages(const shop *s)
{
	inv_query query = INV_QUERY_INIT;
	inv_pages *pages = NULL;
	inv_result *page = NULL;
	inv_status rc;

	query.limit = 1;
	rc = inv_pages_open(s->session, inv_schema_op_named(INV_S("product.list")), &query, NULL,
	                    &pages);
	while (rc == INV_OK) {
		rc = inv_pages_next(pages, s->session, &page);
		if (!page)
			break;
		inv_result_free(page);
	}
	inv_pages_free(pages);
	return rc;
}

static void try_all(const char *what, inv_status (*work)(const shop *s))
{
	finding f = {0};
	int64_t live;
	shop s;

	if (!shop_open(&s) || !CHECK_STATUS(work(&s), INV_OK))
		return;
	for (int for_good = 0; for_good < 2; for_good++) {
		for (int64_t nth = 1;; nth = next_point(nth, pace(1))) {
			inv_status rc;

			live = heap.live;
			heap_arm(nth, for_good != 0);
			rc = work(&s);
			heap_disarm();
			if (!heap.failed)
				break;
			f.points++;
			f.survived += rc == INV_OK;
			f.wrong += rc != INV_OK && rc != INV_E_NO_MEMORY;
			/* Connections and statements that came to be stay with the store. */
			if (rc == INV_OK)
				CHECK_STATUS(work(&s), INV_OK);
			else if (work == make_input)
				CHECK_INT(heap.live, live);
		}
	}
	shop_close(&s);
	(void)is_clean(&f, what, "");
}

TEST(inputs_pages_and_columns)
{
	int64_t live;
	shop s;

	disk_install();
	if (!make_base(&s))
		return;
	shop_close(&s);
	live = heap.live;
	try_all("an input", make_input);
	try_all("columns of a list", list_columns);
	try_all("columns of a result", result_columns);
	try_all("pages", walk_pages);
	CHECK_INT(heap.live, live);
}

#else

TEST(malloc_cannot_be_replaced_here)
{
}

#endif

CHECK_MAIN()
