/* SPDX-License-Identifier: MIT */
/* A shop in one file: a product, goods that come in, a sale, what is left. */
#include <inventra/inventra.h>

#include <stdio.h>

int main(void)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_store *store = NULL;
	inv_session *s = NULL;
	inv_result *left = NULL;
	inv_error error = INV_ERROR_INIT;
	options.url = ":memory:"; /* or "shop.db" */
	if (inv_store_open(&options, &store, &error) || inv_session_open(store, NULL, &s, &error))
		return fprintf(stderr, "%s\n", error.message), 1;

	inv_product tea = INV_PRODUCT_INIT;
	tea.sku = INV_S("TEA-100"), tea.name = INV_S("Tea, 100 g");
	inv_stock_line in = INV_STOCK_LINE_INIT;
	in.product = INV_REF("TEA-100"), in.quantity = 10 * INV_QUANTITY_ONE;
	inv_stock_entry delivery = INV_STOCK_ENTRY_INIT;
	delivery.lines = INV_LIST_OF(&in, 1);
	inv_sale_line line = INV_SALE_LINE_INIT;
	line.product = INV_REF("TEA-100"), line.quantity = 2 * INV_QUANTITY_ONE;
	line.unit_price = 5 * INV_MONEY_ONE / 2;
	inv_sale sale = INV_SALE_INIT;
	sale.lines = INV_LIST_OF(&line, 1);
	inv_balance_query which = INV_BALANCE_QUERY_INIT;
	which.product = INV_REF("TEA-100");
	if (inv_product_create(s, &tea, 1, NULL, NULL) ||
	    inv_stock_receive(s, &delivery, 1, NULL, NULL) ||
	    inv_sale_close(s, &sale, 1, NULL, NULL) || inv_balance_get(s, &which, 1, NULL, &left))
		return fprintf(stderr, "%s\n", inv_session_error(s)->message), 1;
	printf("%d left\n", (int)(INV_AT(left, inv_balance, 0)->on_hand / INV_QUANTITY_ONE));
	inv_result_free(left), inv_session_close(s), inv_store_close(store);
	return 0;
}
