/* SPDX-License-Identifier: MIT */
/* A small shop to read from: products, places, goods received at instants the test chooses. */
#ifndef INV_TEST_LIST_SHOP_H
#define INV_TEST_LIST_SHOP_H

#include "inventra/inventra.h"
#include "support/check.h"

#define NOON INT64_C(1700000000000000)
#define MINUTE INT64_C(60000000)

/* A clock that the test sets. */
static inline int64_t clock_now(void *ctx)
{
	return *(int64_t *)ctx;
}

struct shop {
	int64_t now;
	inv_store *store;
	inv_session *s;
	inv_id rack; /* a location below STORE */
};

static inline bool shop_open(struct shop *shop)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_error error = INV_ERROR_INIT;

	memset(shop, 0, sizeof *shop);
	shop->now = NOON;
	options.url = check_path("shop.db");
	options.clock = (inv_clock){&shop->now, clock_now};
	return CHECK_STATUS(inv_store_open(&options, &shop->store, &error), INV_OK) &&
	       CHECK_STATUS(inv_session_open(shop->store, NULL, &shop->s, &error), INV_OK);
}

static inline void shop_close(struct shop *shop)
{
	inv_session_close(shop->s);
	inv_store_close(shop->store);
}

static inline void add_category(struct shop *shop, const char *code)
{
	inv_category c = INV_CATEGORY_INIT;

	c.code = c.name = inv_str_of(code);
	CHECK_STATUS(inv_category_create(shop->s, &c, 1, NULL, NULL), INV_OK);
}

static inline void add_product(struct shop *shop, const char *sku, const char *name, int64_t price,
                        const char *category)
{
	inv_product p = INV_PRODUCT_INIT;

	p.sku = inv_str_of(sku);
	p.name = inv_str_of(name);
	p.list_price = price * INV_MONEY_ONE;
	if (category)
		p.category = inv_ref_code(category);
	/* Ids are ordered by time: later ones come later in lists by id. */
	shop->now += 1000;
	CHECK_STATUS(inv_product_create(shop->s, &p, 1, NULL, NULL), INV_OK);
}

static inline void add_place(struct shop *shop, const char *code, const char *parent)
{
	inv_location l = INV_LOCATION_INIT;
	inv_result *r = NULL;

	l.code = l.name = inv_str_of(code);
	if (parent)
		l.parent = inv_ref_code(parent);
	if (CHECK_STATUS(inv_location_create(shop->s, &l, 1, NULL, &r), INV_OK))
		shop->rack = INV_AT(r, inv_location, 0)->id;
	inv_result_free(r);
}

static inline void receive(struct shop *shop, const char *sku, const char *place, int64_t units,
                           int64_t at)
{
	inv_stock_line line = INV_STOCK_LINE_INIT;
	inv_stock_entry entry = INV_STOCK_ENTRY_INIT;

	line.product = inv_ref_code(sku);
	line.location = inv_ref_code(place);
	line.quantity = units * INV_QUANTITY_ONE;
	entry.lines = INV_LIST_OF(&line, 1);
	entry.occurred_at = at;
	CHECK_STATUS(inv_stock_receive(shop->s, &entry, 1, NULL, NULL), INV_OK);
}

/* Eight products, four of them alike in price. */
static inline void add_products(struct shop *shop)
{
	add_category(shop, "TEA");
	add_category(shop, "Pots");
	add_product(shop, "a-1", "Assam", 3, "TEA");
	add_product(shop, "A-2", "Assam gold", 5, "TEA");
	add_product(shop, "B-1", "Bowl", 3, "Pots");
	add_product(shop, "b-2", "Brown pot", 9, "pots");
	add_product(shop, "C-1", "Ceylon", 3, "TEA");
	add_product(shop, "C-2", "Caf\xC3\xA9", 4, NULL);
	add_product(shop, "D-1", "Darjeeling", 3, "TEA");
	add_product(shop, "D-2", "Bowl", 1, NULL);
}

static inline void stock_shop(struct shop *shop)
{
	add_products(shop);
	add_place(shop, "STORE", NULL);
	add_place(shop, "RACK", "STORE");
	receive(shop, "a-1", "MAIN", 5, NOON - 10 * MINUTE);
	shop->now += MINUTE;
	receive(shop, "a-1", "RACK", 7, NOON - 5 * MINUTE);
	shop->now += MINUTE;
	receive(shop, "a-1", "MAIN", 2, NOON - 8 * MINUTE);
	receive(shop, "B-1", "STORE", 1, 0);
}

#endif
