/* SPDX-License-Identifier: MIT */
/* Filter, sort, cursor and words of a list, a line each. */
#include "fuzz/fuzz.h"

#define LIMIT 2

static void check_page(const inv_session *session, inv_status status, inv_result *result)
{
	fuzz_error(session, status);
	fuzz_require(inv_result_count(result) <= LIMIT, "a page is too long", "");
	inv_result_free(result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static fuzz_shop shop;
	inv_session *session = fuzz_shop_next(&shop);
	inv_query query = INV_QUERY_INIT;
	inv_search search = INV_SEARCH_INIT;
	inv_result *result = NULL;
	inv_status status;

	query.filter = fuzz_line(&data, &size);
	query.sort = fuzz_line(&data, &size);
	query.cursor = fuzz_line(&data, &size);
	query.limit = search.limit = LIMIT;
	search.words = fuzz_line(&data, &size);
	search.cursor = query.cursor;
	status = inv_product_list(session, &query, 1, NULL, &result);
	fuzz_plant(status == INV_OK && query.filter.len > 0 && query.sort.len > 0);
	check_page(session, status, result);
	result = NULL;
	check_page(session, inv_sale_list(session, &query, 1, NULL, &result), result);
	result = NULL;
	check_page(session, inv_product_search(session, &search, 1, NULL, &result), result);
	return 0;
}
