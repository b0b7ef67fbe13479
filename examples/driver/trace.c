/* SPDX-License-Identifier: MIT */
/* What a sale costs: a store opened through a driver of our own that writes down each call. */
#include <inventra/inventra.h>

#include "driver.h"

static int complain(const char *message)
{
	fprintf(stderr, "%s\n", message);
	return 1;
}

static bool receive(inv_session *s, int quantity)
{
	inv_stock_line line = INV_STOCK_LINE_INIT;
	inv_stock_entry delivery = INV_STOCK_ENTRY_INIT;

	line.product = INV_REF("TEA-100");
	line.quantity = quantity * INV_QUANTITY_ONE;
	delivery.lines = INV_LIST_OF(&line, 1);
	return inv_stock_receive(s, &delivery, 1, NULL, NULL) == INV_OK;
}

static bool sell(inv_session *s, const char *key, int quantity)
{
	inv_sale_line line = INV_SALE_LINE_INIT;
	inv_sale sale = INV_SALE_INIT;
	inv_options options = INV_OPTIONS_INIT;

	line.product = INV_REF("TEA-100");
	line.quantity = quantity * INV_QUANTITY_ONE;
	line.unit_price = 5 * INV_MONEY_ONE / 2;
	sale.lines = INV_LIST_OF(&line, 1);
	options.key = inv_str_of(key);
	return inv_sale_close(s, &sale, 1, &options, NULL) == INV_OK;
}

/* The log is of one sale alone, and not the first, for which statements are prepared. */
static bool trade(inv_session *s, wrapper *w)
{
	inv_product tea = INV_PRODUCT_INIT;
	unsigned before;

	tea.sku = INV_S("TEA-100");
	tea.name = INV_S("Tea, 100 g");
	if (inv_product_create(s, &tea, 1, NULL, NULL) != INV_OK || !receive(s, 10) ||
	    !sell(s, "1", 1))
		return false;
	before = atomic_load(&w->round_trips);
	w->log = stdout;
	if (!sell(s, "2", 2))
		return false;
	w->log = NULL;
	printf("a sale: %u round trips\n", atomic_load(&w->round_trips) - before);

	/* A commit whose answer is lost: the library finds out what became of it. A sale that is sent
	 * again with its key counts once. */
	w->fail_kinds = WRAP_COMMIT;
	w->fail_how = WRAP_LOSE;
	w->fail_with = INV_E_UNKNOWN_OUTCOME;
	atomic_store(&w->fail_in, 1);
	return receive(s, 5) && sell(s, "2", 2);
}

int main(void)
{
	static wrapper w;
	const inv_driver *drivers[] = {wrap_driver(&w, inv_sqlite_driver())};
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_balance_query which = INV_BALANCE_QUERY_INIT;
	inv_error error = INV_ERROR_INIT;
	inv_store *store = NULL;
	inv_session *s = NULL;
	inv_result *left = NULL;

	options.url = "trace:shop.db";
	options.drivers = drivers;
	options.driver_count = 1;
	if (inv_store_open(&options, &store, &error) || inv_session_open(store, NULL, &s, &error))
		return complain(error.message);
	which.product = INV_REF("TEA-100");
	if (!trade(s, &w) || inv_balance_get(s, &which, 1, NULL, &left) != INV_OK)
		return complain(inv_session_error(s)->message);
	printf("%d left\n", (int)(INV_AT(left, inv_balance, 0)->on_hand / INV_QUANTITY_ONE));
	inv_result_free(left);
	inv_session_close(s);
	inv_store_close(store);
	return 0;
}
