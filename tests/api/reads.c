/* SPDX-License-Identifier: MIT */
/* What is read of stock, sales and the journal: balances, postings, moves, history, feed, sums. */
/* ctest: drivers */
#include "api/list_shop.h"

/* ---- balances ---- */

static int64_t units(struct shop *shop, const inv_balance_query *query)
{
	inv_result *r = NULL;
	int64_t on_hand = INT64_MIN;

	if (CHECK_STATUS(inv_balance_get(shop->s, query, 1, NULL, &r), INV_OK)) {
		const inv_balance *b = INV_AT(r, inv_balance, 0);

		on_hand = b->on_hand / INV_QUANTITY_ONE;
		CHECK_INT(b->sellable, b->on_hand);
		CHECK_INT(b->available, b->on_hand);
		CHECK_INT(b->reserved, 0);
	}
	inv_result_free(r);
	return on_hand;
}

TEST(balances_of_one_product)
{
	inv_balance_query q = INV_BALANCE_QUERY_INIT;
	struct shop shop;

	if (!shop_open(&shop))
		return;
	stock_shop(&shop);
	q.product = INV_REF("A-1");
	CHECK_INT(units(&shop, &q), 7);
	q.location = INV_REF("rack");
	CHECK_INT(units(&shop, &q), 7);
	q.location = INV_REF("STORE");
	CHECK_INT(units(&shop, &q), 0);
	q.subtree = 1;
	CHECK_INT(units(&shop, &q), 7);
	q.location = INV_REF("");
	CHECK_INT(units(&shop, &q), 14);
	q.as_of = NOON - 8 * MINUTE;
	CHECK_INT(units(&shop, &q), 7);
	q.known_at = NOON + MINUTE * 3 / 2;
	CHECK_INT(units(&shop, &q), 5);
	q.as_of = 0;
	CHECK_INT(units(&shop, &q), 12);
	q.subtree = 0;
	CHECK_INT(units(&shop, &q), 5);
	q.known_at = 0;
	q.as_of = NOON - 9 * MINUTE;
	CHECK_INT(units(&shop, &q), 5);
	q.product = INV_REF("C-1");
	CHECK_INT(units(&shop, &q), 0);
	shop_close(&shop);
}

TEST(balances_of_many_products_in_one_call)
{
	inv_balance_query q[6];
	inv_result *r = NULL;
	static const int64_t expected[] = {7, 0, 14, 7, 5, 0};
	struct shop shop;

	if (!shop_open(&shop))
		return;
	stock_shop(&shop);
	for (size_t i = 0; i < 6; i++) {
		q[i] = (inv_balance_query)INV_BALANCE_QUERY_INIT;
		q[i].product = INV_REF("a-1");
	}
	q[1].product = INV_REF("B-1");
	q[2].subtree = 1;
	q[3].location = INV_REF("STORE");
	q[3].subtree = 1;
	q[4].as_of = NOON - 9 * MINUTE;
	q[5].location = INV_REF("STORE");
	if (CHECK_STATUS(inv_balance_get(shop.s, q, 6, NULL, &r), INV_OK) &&
	    CHECK_INT(inv_result_count(r), 6))
		for (size_t i = 0; i < 6; i++)
			CHECK_INT(INV_AT(r, inv_balance, i)->on_hand, expected[i] * INV_QUANTITY_ONE);
	inv_result_free(r);
	q[1].product = INV_REF("");
	CHECK_STATUS(inv_balance_get(shop.s, q, 6, NULL, NULL), INV_E_INVALID);
	CHECK_STR(inv_session_error(shop.s)->field, "product");
	CHECK_INT(inv_session_error(shop.s)->index, 1);
	shop_close(&shop);
}

/* "SKU@CODE=units …" of a list of balances, page by page. */
static const char *balances(struct shop *shop, inv_balance_query q)
{
	static char text[512];
	inv_result *r = NULL;
	char cursor[512];
	size_t at = 0;

	q.limit = 1;
	do {
		if (!CHECK_STATUS(inv_balance_list(shop->s, &q, 1, NULL, &r), INV_OK))
			break;
		for (size_t i = 0; i < inv_result_count(r) && at < sizeof text - 200; i++) {
			const inv_balance *b = INV_AT(r, inv_balance, i);

			memcpy(text + at, at ? " " : "", at ? 1 : 0);
			at += at ? 1 : 0;
			memcpy(text + at, b->product.code.ptr, b->product.code.len);
			at += b->product.code.len;
			text[at++] = '@';
			memcpy(text + at, b->location.code.ptr, b->location.code.len);
			at += b->location.code.len;
			text[at++] = '=';
			at += inv_decimal_format(b->on_hand, 6, text + at);
		}
		q.cursor.len = inv_result_cursor(r).len;
		memcpy(cursor, inv_result_cursor(r).ptr, q.cursor.len);
		q.cursor.ptr = cursor;
		inv_result_free(r);
		r = NULL;
	} while (q.cursor.len > 0);
	text[at] = '\0';
	return text;
}

TEST(balances_are_listed)
{
	inv_balance_query q = INV_BALANCE_QUERY_INIT;
	struct shop shop;

	if (!shop_open(&shop))
		return;
	stock_shop(&shop);
	CHECK_STR(balances(&shop, q), "a-1@MAIN=7 a-1@RACK=7 B-1@STORE=1");
	q.detail = 1;
	CHECK_STR(balances(&shop, q), "a-1@MAIN=7 a-1@RACK=7 B-1@STORE=1");
	q.product = INV_REF("a-1");
	CHECK_STR(balances(&shop, q), "a-1@MAIN=7 a-1@RACK=7");
	q.detail = 0;
	q.as_of = NOON - 9 * MINUTE;
	CHECK_STR(balances(&shop, q), "a-1@MAIN=5");
	q.as_of = 0;
	q.known_at = NOON + MINUTE * 3 / 2;
	CHECK_STR(balances(&shop, q), "a-1@MAIN=5 a-1@RACK=7");
	q.known_at = 0;
	q.product = INV_REF("");
	q.location = INV_REF("STORE");
	CHECK_STR(balances(&shop, q), "B-1@STORE=1");
	q.subtree = 1;
	CHECK_STR(balances(&shop, q), "a-1@STORE=7 B-1@STORE=1");
	q.location = INV_REF("");
	CHECK_STR(balances(&shop, q), "a-1@=14 B-1@=1");
	shop_close(&shop);
}

/* ---- postings and moves ---- */

TEST(postings_come_with_their_lines)
{
	inv_query q = INV_QUERY_INIT;
	inv_lookup lookup[2] = {INV_LOOKUP_INIT, INV_LOOKUP_INIT};
	inv_result *list = NULL, *r = NULL;
	struct shop shop;

	if (!shop_open(&shop))
		return;
	stock_shop(&shop);
	q.filter = INV_S("kind = receipt");
	q.sort = INV_S("occurred_at");
	if (CHECK_STATUS(inv_posting_list(shop.s, &q, 1, NULL, &list), INV_OK) &&
	    CHECK_INT(inv_result_count(list), 4)) {
		lookup[0].ref = lookup[1].ref = inv_ref_of(INV_AT(list, inv_posting, 2)->id);
		CHECK_INT(INV_AT(list, inv_posting, 0)->lines.count, 0);
		CHECK_STR(INV_AT(list, inv_posting, 0)->location.code, "MAIN");
	}
	if (CHECK_STATUS(inv_posting_get(shop.s, lookup, 2, NULL, &r), INV_OK) &&
	    CHECK_INT(inv_result_count(r), 2)) {
		const inv_posting *p = INV_AT(r, inv_posting, 1);

		CHECK_INT(p->occurred_at, NOON - 5 * MINUTE);
		CHECK_INT(p->units, 7 * INV_QUANTITY_ONE);
		if (CHECK_INT(p->lines.count, 1)) {
			const inv_posting_line *line = INV_LIST_AT(p->lines, inv_posting_line, 0);

			CHECK_INT(line->quantity, 7 * INV_QUANTITY_ONE);
			CHECK_BYTES(&line->to_location.id, &shop.rack, sizeof(inv_id));
		}
	}
	lookup[1].ref = inv_ref_of(shop.rack);
	CHECK_STATUS(inv_posting_get(shop.s, lookup, 2, NULL, NULL), INV_E_NOT_FOUND);
	CHECK_INT(inv_session_error(shop.s)->index, 1);
	inv_result_free(r);
	inv_result_free(list);
	shop_close(&shop);
}

TEST(moves_are_listed)
{
	inv_move_query q = INV_MOVE_QUERY_INIT;
	inv_result *r = NULL;
	struct shop shop;

	if (!shop_open(&shop))
		return;
	stock_shop(&shop);
	q.filter = INV_S("product = a-1 and location = main");
	q.sort = INV_S("-occurred_at");
	if (CHECK_STATUS(inv_move_list(shop.s, &q, 1, NULL, &r), INV_OK) &&
	    CHECK_INT(inv_result_count(r), 2)) {
		CHECK_INT(INV_AT(r, inv_move, 0)->quantity, 2 * INV_QUANTITY_ONE);
		CHECK_INT(INV_AT(r, inv_move, 1)->quantity, 5 * INV_QUANTITY_ONE);
		CHECK_STR(INV_AT(r, inv_move, 0)->product.code, "a-1");
		CHECK_STR(INV_AT(r, inv_move, 0)->other_location.code, "SUPPLIER");
	}
	inv_result_free(r);
	shop_close(&shop);
}

/* ---- history and feed ---- */

TEST(history_tells_what_changed)
{
	inv_query q = INV_QUERY_INIT;
	inv_history_query h = INV_HISTORY_QUERY_INIT;
	inv_product p = INV_PRODUCT_INIT;
	inv_result *r = NULL;
	struct shop shop;

	if (!shop_open(&shop))
		return;
	add_product(&shop, "A-1", "Tea", 2, NULL);
	if (CHECK_STATUS(inv_product_list(shop.s, &q, 1, NULL, &r), INV_OK))
		p.id = h.subject = INV_AT(r, inv_product, 0)->id;
	inv_result_free(r);
	r = NULL;
	p.name = INV_S("Fine tea");
	CHECK_STATUS(inv_product_update(shop.s, &p, 1, NULL, NULL), INV_OK);
	if (CHECK_STATUS(inv_audit_history(shop.s, &h, 1, NULL, &r), INV_OK) &&
	    CHECK_INT(inv_result_count(r), 2)) {
		const inv_history_entry *first = INV_AT(r, inv_history_entry, 0);
		const inv_history_entry *second = INV_AT(r, inv_history_entry, 1);
		bool named = false, priced = false;

		CHECK_STR(first->name, "product.created");
		CHECK_INT(first->before.len, 0);
		CHECK_STR(second->name, "product.updated");
		CHECK_INT(second->before.len, first->after.len);
		for (size_t i = 0; i < second->changed.count; i++) {
			inv_str field = *INV_LIST_AT(second->changed, inv_str, i);

			named = named || strcmp(field.ptr, "name") == 0;
			priced = priced || strcmp(field.ptr, "list_price") == 0;
		}
		CHECK(named && !priced);
		h.after = first->position;
	}
	inv_result_free(r);
	r = NULL;
	h.limit = 1;
	if (CHECK_STATUS(inv_audit_history(shop.s, &h, 1, NULL, &r), INV_OK) &&
	    CHECK_INT(inv_result_count(r), 1))
		CHECK(INV_AT(r, inv_history_entry, 0)->before.len > 0);
	inv_result_free(r);
	shop_close(&shop);
}

static int64_t first_position(struct shop *shop, const inv_feed_query *q)
{
	inv_result *r = NULL;
	int64_t position = 0;

	if (CHECK_STATUS(inv_feed_read(shop->s, q, 1, NULL, &r), INV_OK) && inv_result_count(r) > 0)
		position = INV_AT(r, inv_event, 0)->position;
	for (size_t i = 1; i < inv_result_count(r); i++)
		CHECK_INT(INV_AT(r, inv_event, i)->position, position + (int64_t)i);
	inv_result_free(r);
	return position;
}

TEST(feed_remembers_its_consumers)
{
	inv_feed_query q = INV_FEED_QUERY_INIT;
	inv_feed_position at = INV_FEED_POSITION_INIT;
	struct shop shop;

	if (!shop_open(&shop))
		return;
	stock_shop(&shop);
	CHECK_INT(first_position(&shop, &q), 1);
	q.after = 5;
	CHECK_INT(first_position(&shop, &q), 6);
	q.consumer = INV_S("Mirror");
	CHECK_INT(first_position(&shop, &q), 1);
	at.consumer = INV_S("mirror");
	at.position = 7;
	CHECK_STATUS(inv_feed_acknowledge(shop.s, &at, 1, NULL, NULL), INV_OK);
	CHECK_STATUS(inv_feed_acknowledge(shop.s, &at, 1, NULL, NULL), INV_OK);
	CHECK_INT(first_position(&shop, &q), 8);
	at.position = 3;
	CHECK_STATUS(inv_feed_acknowledge(shop.s, &at, 1, NULL, NULL), INV_E_STATE);
	CHECK_INT(first_position(&shop, &q), 8);
	at.rewind = 1;
	CHECK_STATUS(inv_feed_acknowledge(shop.s, &at, 1, NULL, NULL), INV_OK);
	CHECK_INT(first_position(&shop, &q), 4);
	at.position = 100000;
	CHECK_STATUS(inv_feed_acknowledge(shop.s, &at, 1, NULL, NULL), INV_E_INVALID);
	CHECK_STR(inv_session_error(shop.s)->field, "position");
	shop_close(&shop);
}

/* ---- reports ---- */

static void sell(struct shop *shop, const char *sku, int64_t units, const char *country,
                 const char *customer)
{
	inv_sale_line line = INV_SALE_LINE_INIT;
	inv_sale sale = INV_SALE_INIT;

	line.product = inv_ref_code(sku);
	line.quantity = units * INV_QUANTITY_ONE;
	line.use_list_price = 1;
	sale.lines = INV_LIST_OF(&line, 1);
	sale.country = inv_str_of(country);
	sale.customer = inv_str_of(customer);
	CHECK_STATUS(inv_sale_close(shop->s, &sale, 1, NULL, NULL), INV_OK);
}

static void check_report(struct shop *shop, int32_t by, const char *sort, const char *keys,
                         int64_t units_of_first)
{
	inv_sales_query q = INV_SALES_QUERY_INIT;
	inv_result *r = NULL;
	char text[256] = "";
	size_t at = 0;

	q.by = by;
	q.sort = inv_str_of(sort);
	if (!CHECK_STATUS(inv_report_sales(shop->s, &q, 1, NULL, &r), INV_OK))
		return;
	for (size_t i = 0; i < inv_result_count(r); i++) {
		inv_str key = INV_AT(r, inv_sales_total, i)->key;

		if (at + key.len + 2 > sizeof text)
			break;
		if (at)
			text[at++] = ' ';
		memcpy(text + at, key.ptr, key.len);
		at += key.len;
	}
	text[at] = '\0';
	CHECK_STR((const char *)text, keys);
	if (inv_result_count(r) > 0)
		CHECK_INT(INV_AT(r, inv_sales_total, 0)->units_net, units_of_first * INV_QUANTITY_ONE);
	inv_result_free(r);
}

TEST(sales_are_summed)
{
	inv_sales_query q = INV_SALES_QUERY_INIT;
	inv_result *r = NULL;
	struct shop shop;

	if (!shop_open(&shop))
		return;
	stock_shop(&shop);
	receive(&shop, "b-2", "MAIN", 10, 0);
	sell(&shop, "a-1", 4, "France", "c1");
	sell(&shop, "b-2", 1, "Spain", "");
	sell(&shop, "b-2", 2, "France", "c2");
	check_report(&shop, INV_SALES_GROUP_TOTAL, "", "", 7);
	check_report(&shop, INV_SALES_GROUP_DAY, "", "2023-11-14", 7);
	check_report(&shop, INV_SALES_GROUP_MONTH, "-key", "2023-11", 7);
	check_report(&shop, INV_SALES_GROUP_PRODUCT, "-units", "a-1 b-2", 4);
	check_report(&shop, INV_SALES_GROUP_PRODUCT, "-revenue", "b-2 a-1", 3);
	check_report(&shop, INV_SALES_GROUP_COUNTRY, "", "France Spain", 6);
	check_report(&shop, INV_SALES_GROUP_REGISTER, "", "T1", 7);
	check_report(&shop, INV_SALES_GROUP_CUSTOMER, "", "c1 c2", 4);
	check_report(&shop, INV_SALES_GROUP_KIND, "", "sale", 7);
	if (CHECK_STATUS(inv_report_sales(shop.s, &q, 1, NULL, &r), INV_OK) &&
	    CHECK_INT(inv_result_count(r), 1)) {
		CHECK_INT(INV_AT(r, inv_sales_total, 0)->documents, 3);
		CHECK_INT(INV_AT(r, inv_sales_total, 0)->lines, 3);
		CHECK_INT(INV_AT(r, inv_sales_total, 0)->sold, 39 * INV_MONEY_ONE);
		CHECK_INT(INV_AT(r, inv_sales_total, 0)->net, 39 * INV_MONEY_ONE);
	}
	inv_result_free(r);
	q.from = 20000;
	q.by = INV_SALES_GROUP_PRODUCT;
	if (CHECK_STATUS(inv_report_sales(shop.s, &q, 1, NULL, &r), INV_OK))
		CHECK_INT(inv_result_count(r), 0);
	inv_result_free(r);
	q.sort = INV_S("name");
	CHECK_STATUS(inv_report_sales(shop.s, &q, 1, NULL, NULL), INV_E_INVALID);
	CHECK_STR(inv_session_error(shop.s)->field, "sort");
	shop_close(&shop);
}

CHECK_MAIN()
