/* SPDX-License-Identifier: MIT */
/* The C side of what the bindings are measured against: calls STORE balance|sale|list COUNT
 * makes COUNT calls on a store that has a product TEA (a list reads COUNT records), and prints how
 * many nanoseconds each took. The benchmarks of the bindings start it. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "inventra/inventra.h"

/* Of what waits for a disk the time that passes; else the processor's: others do not disturb it. */
static int64_t nanoseconds(bool waits)
{
	struct timespec t;

	clock_gettime(waits ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inv_status find_tea(inv_session *s, inv_id *tea)
{
	inv_lookup lookup = INV_LOOKUP_INIT;
	inv_result *r = NULL;
	inv_status rc;

	lookup.ref = inv_ref_code("TEA");
	rc = inv_product_get(s, &lookup, 1, NULL, &r);
	if (rc == INV_OK)
		*tea = INV_AT(r, inv_product, 0)->id;
	inv_result_free(r);
	return rc;
}

static inv_status balance(inv_session *s, inv_id tea)
{
	inv_balance_query query = INV_BALANCE_QUERY_INIT;
	inv_result *r = NULL;
	inv_status rc;

	query.product = inv_ref_of(tea);
	rc = inv_balance_get(s, &query, 1, NULL, &r);
	inv_result_free(r);
	return rc;
}

/* Five lines, as a till closes them. */
static inv_status sale(inv_session *s)
{
	inv_sale_line lines[5];
	inv_sale one = INV_SALE_INIT;
	inv_result *r = NULL;
	inv_status rc;

	for (int i = 0; i < 5; i++) {
		lines[i] = (inv_sale_line)INV_SALE_LINE_INIT;
		lines[i].product = inv_ref_code("TEA");
		lines[i].quantity = INV_QUANTITY_ONE;
		lines[i].unit_price = 2 * INV_MONEY_ONE;
	}
	one.lines = INV_LIST_OF(lines, 5);
	rc = inv_sale_close(s, &one, 1, NULL, &r);
	inv_result_free(r);
	return rc;
}

static inv_status list(inv_session *s, long count)
{
	const inv_op_desc *op = inv_schema_op_named(INV_S("product.list"));
	inv_pages *pages = NULL;
	inv_result *page = NULL;
	inv_status rc = inv_pages_open(s, op, NULL, NULL, &pages);

	for (size_t read = 0; rc == INV_OK && read < (size_t)count;) {
		rc = inv_pages_next(pages, s, &page);
		if (!page)
			break;
		read += inv_result_count(page);
		inv_result_free(page);
	}
	inv_pages_free(pages);
	return rc;
}

static inv_status run(inv_session *s, const char *what, long count)
{
	inv_id tea = {{0}};
	inv_status rc = find_tea(s, &tea);

	if (strcmp(what, "list") == 0)
		return list(s, count);
	for (long i = 0; rc == INV_OK && i < count; i++)
		rc = strcmp(what, "sale") == 0 ? sale(s) : balance(s, tea);
	return rc;
}

int main(int argc, char **argv)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_store *store = NULL;
	inv_session *s = NULL;
	inv_error error = INV_ERROR_INIT;
	int64_t begin;
	bool waits;
	long count;
	inv_status rc;

	if (argc != 4) {
		fprintf(stderr, "usage: calls STORE balance|sale|list COUNT\n");
		return 2;
	}
	options.url = argv[1];
	count = strtol(argv[3], NULL, 10);
	if (inv_store_open(&options, &store, &error) || inv_session_open(store, NULL, &s, &error))
		return fprintf(stderr, "%s\n", error.message), 1;
	waits = strcmp(argv[2], "sale") == 0;
	begin = nanoseconds(waits);
	rc = run(s, argv[2], count);
	if (rc == INV_OK && count > 0)
		printf("%.1f\n", (double)(nanoseconds(waits) - begin) / (double)count);
	else
		fprintf(stderr, "%s\n", inv_session_error(s)->message);
	inv_session_close(s);
	inv_store_close(store);
	return rc == INV_OK ? 0 : 1;
}
