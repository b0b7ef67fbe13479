/* SPDX-License-Identifier: MIT */
/* Till documents: closing, giving back, reading, receipts. */
/* ctest: drivers */
#include "support/shop.h"

#include <stdio.h>

CHECK_MAIN()

#define MORNING (SHOP_NOON - 10 * SHOP_HOUR)

/* 20 TEA at 2.50, WOOL by the metre at 1.333, POST that is never stocked, all received. */
static bool open_till(test_shop *shop)
{
	if (!shop_open(shop, NULL))
		return false;
	SHOP_ANSWER(shop->s, "product.create",
	            "[{\"sku\":\"TEA\",\"name\":\"Tea, 100 g\",\"list_price\":\"2.50\"},"
	            "{\"sku\":\"WOOL\",\"name\":\"Wool\",\"decimals\":3,\"list_price\":\"1.333\"},"
	            "{\"sku\":\"LOTS\",\"name\":\"Milk\",\"tracking\":\"lot\",\"list_price\":\"1\"},"
	            "{\"sku\":\"ONE\",\"name\":\"Watch\",\"tracking\":\"serial\"},"
	            "{\"sku\":\"POST\",\"name\":\"Postage\",\"stocking\":\"non_stocked\"},"
	            "{\"sku\":\"OLD\",\"name\":\"Old\"}]");
	SHOP_ANSWER(shop->s, "product.archive", "{\"ref\":\"OLD\"}");
	CHECK_STATUS(shop_receive(shop->s, "TEA", NULL, UNITS(20), MORNING), INV_OK);
	CHECK_STATUS(shop_receive(shop->s, "WOOL", NULL, UNITS(100), MORNING), INV_OK);
	SHOP_ANSWER(shop->s, "stock.receive",
	            "{\"lines\":[{\"product\":\"LOTS\",\"quantity\":\"5\",\"lot\":\"A1\"},"
	            "{\"product\":\"ONE\",\"quantity\":\"1\",\"serial\":\"S1\"}]}");
	return true;
}

static inv_sale_line line_of(const char *sku, int64_t quantity, int64_t price)
{
	inv_sale_line l = INV_SALE_LINE_INIT;

	l.product = inv_ref_code(sku);
	l.quantity = quantity;
	l.unit_price = price;
	l.use_list_price = price == 0;
	return l;
}

static const inv_sale *close_lines(test_shop *shop, const inv_sale_line *lines, size_t count,
                                   inv_result **out)
{
	inv_sale sale = INV_SALE_INIT;

	*out = NULL;
	sale.lines = INV_LIST_OF(lines, count);
	if (!CHECK_STATUS(inv_sale_close(shop->s, &sale, 1, NULL, out), INV_OK)) {
		CHECK_FAIL("%s", inv_session_error(shop->s)->message);
		return NULL;
	}
	return INV_AT(*out, inv_sale, 0);
}

TEST(a_sale_with_everything_filled_in)
{
	test_shop shop = {0};
	inv_sale_line lines[] = {line_of("tea", UNITS(3), 0), line_of("POST", UNITS(1), 35000),
	                         line_of("WOOL", 1500000, 13330)};
	inv_result *r;
	const inv_sale *sale;

	if (!open_till(&shop))
		return;
	lines[0].discount = 5000;
	sale = close_lines(&shop, lines, 3, &r);
	if (!sale) {
		shop_close(&shop);
		return;
	}
	CHECK_STR(sale->ticket, "T1-000001");
	CHECK_INT(sale->number, 1);
	CHECK_STR(sale->currency, "EUR");
	CHECK_STR(sale->actor, "tester");
	CHECK_INT(sale->subtotal, 70000 + 35000 + 19995);
	CHECK_INT(sale->total, 125000);
	CHECK_INT(sale->rounding, 5);
	CHECK_INT(sale->line_count, 3);
	CHECK_INT(sale->occurred_at, shop.now);
	CHECK_STR(INV_LIST_AT(sale->lines, inv_sale_line, 0)->sku, "TEA");
	CHECK_STR(INV_LIST_AT(sale->lines, inv_sale_line, 0)->name, "Tea, 100 g");
	CHECK_INT(INV_LIST_AT(sale->lines, inv_sale_line, 1)->stocking, INV_STOCKING_NON_STOCKED);
	CHECK_INT(sale->tenders.count, 1);
	CHECK_STR(INV_LIST_AT(sale->tenders, inv_tender, 0)->method, "cash");
	CHECK_INT(INV_LIST_AT(sale->tenders, inv_tender, 0)->amount, 125000);
	CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(17));
	CHECK_INT(shop_on_hand(shop.s, "WOOL", NULL), 98500000);
	inv_result_free(r);
	shop_verify(&shop);
	shop_close(&shop);
}

TEST(get_gives_what_close_gave)
{
	test_shop shop = {0};
	inv_lookup which[2] = {INV_LOOKUP_INIT, INV_LOOKUP_INIT};
	inv_result *r = NULL;
	const inv_sale *sale;

	if (!open_till(&shop))
		return;
	SHOP_ANSWER(shop.s, "sale.close",
	            "[{\"customer_name\":\"Ada\",\"customer_contact\":\"ada@x.test\","
	            "\"lines\":[{\"product\":\"TEA\",\"quantity\":\"2\",\"use_list_price\":true}],"
	            "\"tenders\":[{\"method\":\"card\",\"amount\":\"3\",\"reference\":\"x9\"},"
	            "{\"method\":\"cash\",\"amount\":\"5\"}]},"
	            "{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"1\",\"unit_price\":\"1\"},"
	            "{\"product\":\"TEA\",\"quantity\":\"4\",\"unit_price\":\"0\"}]}]");
	which[0].ref = inv_ref_code("t1-000002");
	which[1].ref = inv_ref_code("T1-000001");
	if (!CHECK_STATUS(inv_sale_get(shop.s, which, 2, NULL, &r), INV_OK)) {
		CHECK_FAIL("%s", inv_session_error(shop.s)->message);
		shop_close(&shop);
		return;
	}
	sale = INV_AT(r, inv_sale, 0);
	CHECK_INT(sale->number, 2);
	CHECK_INT(sale->lines.count, 2);
	CHECK_INT(INV_LIST_AT(sale->lines, inv_sale_line, 1)->quantity, UNITS(4));
	CHECK_INT(sale->total, 10000);
	sale = INV_AT(r, inv_sale, 1);
	CHECK_STR(sale->customer_name, "Ada");
	CHECK_STR(sale->customer_contact, "ada@x.test");
	CHECK_STR(sale->till.code, "T1");
	CHECK_INT(sale->change, 30000);
	CHECK_INT(sale->tenders.count, 2);
	CHECK_STR(INV_LIST_AT(sale->tenders, inv_tender, 0)->reference, "x9");
	inv_result_free(r);
	SHOP_REFUSES(shop.s, "sale.get", "[{\"ref\":\"00000000-0000-7000-8000-000000000001\"}]",
	             INV_E_NOT_FOUND, "ref");
	shop_verify(&shop);
	shop_close(&shop);
}

#define TEA_LINE "\"lines\":[{\"product\":\"TEA\",\"quantity\":\"1\",\"use_list_price\":true}]"
#define LINE_WITH(rest) "{\"lines\":[{\"quantity\":\"1\"," rest "}]}"

TEST(what_close_refuses)
{
	test_shop shop = {0};
	inv_session *s;

	if (!open_till(&shop))
		return;
	s = shop.s;
	SHOP_REFUSES(s, "sale.close", "{\"kind\":\"refund\"," TEA_LINE "}", INV_E_INVALID, "kind");
	SHOP_REFUSES(s, "sale.close", "{\"kind\":\"accounting\"," TEA_LINE "}", INV_E_INVALID,
	             "lines[0].product");
	SHOP_REFUSES(s, "sale.close", LINE_WITH("\"product\":\"OLD\""), INV_E_STATE,
	             "lines[0].product");
	SHOP_REFUSES(s, "sale.close", LINE_WITH("\"product\":\"TEA\",\"unit_price\":\"-1\""),
	             INV_E_INVALID, "lines[0].unit_price");
	SHOP_REFUSES(s, "sale.close",
	             LINE_WITH("\"product\":\"TEA\",\"unit_price\":\"1\",\"discount\":\"1.01\""),
	             INV_E_INVALID, "lines[0].discount");
	SHOP_REFUSES(s, "sale.close", LINE_WITH("\"product\":\"TEA\",\"no_restock\":true"),
	             INV_E_INVALID, "lines[0].no_restock");
	SHOP_REFUSES(s, "sale.close", LINE_WITH("\"product\":\"TEA\",\"original_line\":1"),
	             INV_E_INVALID, "lines[0].original_line");
	SHOP_REFUSES(s, "sale.close", LINE_WITH("\"product\":\"LOTS\""), INV_E_INVALID,
	             "lines[0].lot");
	SHOP_REFUSES(s, "sale.close", LINE_WITH("\"product\":\"TEA\",\"location\":\"CUSTOMER\""),
	             INV_E_INVALID, "lines[0].location");
	SHOP_REFUSES(s, "sale.close", "{\"location\":\"SUPPLIER\"," TEA_LINE "}", INV_E_INVALID,
	             "location");
	SHOP_REFUSES(s, "sale.close", "{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"21\"}]}",
	             INV_E_INSUFFICIENT, "lines[0].quantity");
	SHOP_REFUSES(s, "sale.close",
	             "{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"1000000000000\","
	             "\"unit_price\":\"1000\"}]}",
	             INV_E_LIMIT, "lines[0].unit_price");
	SHOP_REFUSES(s, "sale.close",
	             "{" TEA_LINE ",\"tenders\":[{\"method\":\"card\",\"amount\":\"2\"}]}",
	             INV_E_INVALID, "tenders");
	SHOP_REFUSES(s, "sale.close",
	             "{" TEA_LINE ",\"tenders\":[{\"method\":\"card\",\"amount\":\"3\"}]}",
	             INV_E_INVALID, "tenders");
	SHOP_REFUSES(s, "sale.close",
	             "{" TEA_LINE ",\"tenders\":[{\"method\":\"card\"},{\"method\":\"cash\"}]}",
	             INV_E_INVALID, "tenders[1].amount");
	CHECK_INT(shop_on_hand(s, "TEA", NULL), UNITS(20));
	/* Nothing that was refused took a number. */
	SHOP_ANSWER(s, "sale.close", "{" TEA_LINE "}");
	CHECK(strstr(SHOP_ANSWER(s, "sale.get", "{\"ref\":\"T1-000001\"}"), "\"number\":1") != NULL);
	shop_close(&shop);
}

TEST(tickets_go_on_within_a_batch_and_per_till)
{
	test_shop shop = {0};
	const char *text;

	if (!open_till(&shop))
		return;
	SHOP_ANSWER(shop.s, "register.create", "{\"code\":\"T2\",\"name\":\"Two\"}");
	SHOP_ANSWER(shop.s, "settings.update", "{\"ticket_format\":\"{number}/{till}!\"}");
	text = SHOP_ANSWER(shop.s, "sale.close",
	                   "[{" TEA_LINE "},{\"till\":\"T2\"," TEA_LINE "},{" TEA_LINE "},"
	                   "{\"till\":\"T2\"," TEA_LINE "}]");
	CHECK(strstr(text, "\"000001/T1!\"") != NULL);
	CHECK(strstr(text, "\"000001/T2!\"") != NULL);
	CHECK(strstr(text, "\"000002/T1!\"") != NULL);
	text = SHOP_ANSWER(shop.s, "sale.close", "{\"till\":\"T2\"," TEA_LINE "}");
	CHECK(strstr(text, "\"000003/T2!\"") != NULL);
	SHOP_REFUSES(shop.s, "sale.close", "{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"8\"},"
	             "{\"product\":\"TEA\",\"quantity\":\"8\"}]}", INV_E_INSUFFICIENT,
	             "lines[0].quantity");
	shop_verify(&shop);
	shop_close(&shop);
}

/* A till that stands elsewhere than the session: the goods leave from there. */
TEST(the_tills_place_goes_before_the_sessions)
{
	test_shop shop = {0};

	if (!open_till(&shop))
		return;
	SHOP_ANSWER(shop.s, "location.create", "{\"code\":\"EAST\",\"name\":\"East\"}");
	SHOP_ANSWER(shop.s, "register.create",
	            "{\"code\":\"T2\",\"name\":\"Two\",\"location\":\"EAST\"}");
	SHOP_REFUSES(shop.s, "sale.close", "{\"till\":\"T2\"," TEA_LINE "}", INV_E_INSUFFICIENT,
	             "lines[0].quantity");
	CHECK_STATUS(shop_receive(shop.s, "TEA", "EAST", UNITS(2), MORNING), INV_OK);
	SHOP_ANSWER(shop.s, "sale.close", "{\"till\":\"T2\"," TEA_LINE "}");
	CHECK_INT(shop_on_hand(shop.s, "TEA", "EAST"), UNITS(1));
	CHECK_INT(shop_on_hand(shop.s, "TEA", "MAIN"), UNITS(20));
	shop_verify(&shop);
	shop_close(&shop);
}

TEST(observe_records_and_flags)
{
	test_shop shop = {0};
	const char *text;
	int64_t before;

	if (!open_till(&shop))
		return;
	SHOP_ANSWER(shop.s, "channel.create",
	            "{\"code\":\"SEEN\",\"name\":\"Seen\",\"guard\":\"observe\"}");
	SHOP_ANSWER(shop.s, "register.create",
	            "{\"code\":\"T2\",\"name\":\"Two\",\"channel\":\"SEEN\"}");
	before = shop_position(&shop);
	text = SHOP_ANSWER(shop.s, "sale.close",
	                   "{\"till\":\"T2\",\"lines\":[{\"product\":\"TEA\",\"quantity\":\"23\"}]}");
	CHECK(strstr(text, "\"shortfall\":\"3\"") != NULL);
	CHECK_INT(shop_position(&shop), before + 2);
	/* Far ahead of the clock: set back, and said so. */
	before = shop_position(&shop);
	SHOP_ANSWER(shop.s, "sale.close",
	            "{\"till\":\"T2\",\"occurred_at\":\"2033-01-01T00:00:00Z\","
	            "\"lines\":[{\"product\":\"POST\",\"quantity\":\"1\"}]}");
	CHECK_INT(shop_position(&shop), before + 2);
	/* One call, two channels: the strictest that touches an account guards it. */
	SHOP_REFUSES(shop.s, "sale.close",
	             "[{\"till\":\"T2\"," TEA_LINE "},{\"till\":\"T1\"," TEA_LINE "}]",
	             INV_E_INSUFFICIENT, "lines[0].quantity");
	shop_verify(&shop);
	shop_close(&shop);
}

TEST(accounting_is_money_alone)
{
	test_shop shop = {0};
	const char *text;

	if (!open_till(&shop))
		return;
	text = SHOP_ANSWER(shop.s, "sale.close",
	                   "{\"kind\":\"accounting\",\"lines\":[{\"product\":\"POST\","
	                   "\"quantity\":\"1\",\"unit_price\":\"-11062.06\"}]}");
	CHECK(strstr(text, "\"total\":\"-11062.06\"") != NULL);
	CHECK(strstr(text, "\"method\":\"cash\",\"amount\":\"-11062.06\"") != NULL);
	shop_verify(&shop);
	shop_close(&shop);
}

/* ---- refunds ---- */

static inv_status give_back(test_shop *shop, inv_id original, inv_sale_line line, int64_t *amount)
{
	inv_sale back = INV_SALE_INIT;
	inv_result *r = NULL;
	inv_status rc;

	back.original = inv_ref_of(original);
	back.lines = INV_LIST_OF(&line, 1);
	rc = inv_sale_refund(shop->s, &back, 1, NULL, &r);
	if (rc == INV_OK)
		*amount = INV_LIST_AT(INV_AT(r, inv_sale, 0)->lines, inv_sale_line, 0)->amount;
	inv_result_free(r);
	return rc;
}

TEST(parts_given_back_sum_to_what_was_paid)
{
	test_shop shop = {0};
	inv_sale_line sold = line_of("TEA", UNITS(7), 33333), back;
	inv_result *r;
	const inv_sale *sale;
	inv_id id = {{0}};
	int64_t amount = 0, sum = 0;

	if (!open_till(&shop))
		return;
	sold.discount = 10000;
	sale = close_lines(&shop, &sold, 1, &r);
	if (sale)
		id = sale->id;
	inv_result_free(r);
	back = line_of("TEA", UNITS(2), 33333);
	back.original_line = 1;
	back.use_list_price = 0;
	for (int i = 0; i < 3; i++) {
		back.unit_price = i % 2 ? 0 : 33333;
		back.no_restock = i == 1;
		CHECK_STATUS(give_back(&shop, id, back, &amount), INV_OK);
		sum += amount;
	}
	CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(17));
	CHECK_STATUS(give_back(&shop, id, back, &amount), INV_E_STATE);
	CHECK(strstr(inv_session_error(shop.s)->message, "only 1 ") != NULL);
	back.quantity = UNITS(1);
	back.unit_price = 40000;
	CHECK_STATUS(give_back(&shop, id, back, &amount), INV_E_INVALID);
	CHECK_STR((const char *)inv_session_error(shop.s)->field, "lines[0].unit_price");
	back.unit_price = 0;
	CHECK_STATUS(give_back(&shop, id, back, &amount), INV_OK);
	CHECK_INT(sum + amount, -(7 * 33333 - 10000));
	CHECK_STATUS(give_back(&shop, id, back, &amount), INV_E_STATE);
	CHECK(strstr(SHOP_ANSWER(shop.s, "sale.get", "{\"ref\":\"T1-000001\"}"),
	             "\"refunded\":\"7\"") != NULL);
	shop_verify(&shop);
	shop_close(&shop);
}

/* Units of lots and serials come back as they went. */
TEST(lot_and_serial_come_back)
{
	test_shop shop = {0};

	if (!open_till(&shop))
		return;
	SHOP_ANSWER(shop.s, "sale.close",
	            "{\"lines\":[{\"product\":\"LOTS\",\"quantity\":\"2\",\"lot\":\"a1\"},"
	            "{\"product\":\"ONE\",\"quantity\":\"1\",\"serial\":\"s1\"}]}");
	CHECK_INT(shop_on_hand(shop.s, "ONE", NULL), 0);
	SHOP_ANSWER(shop.s, "sale.refund",
	            "{\"original\":\"T1-000001\",\"lines\":["
	            "{\"product\":\"LOTS\",\"quantity\":\"1\",\"original_line\":1},"
	            "{\"product\":\"ONE\",\"quantity\":\"1\",\"original_line\":2},"
	            "{\"product\":\"LOTS\",\"quantity\":\"1\",\"original_line\":1,"
	            "\"condition\":\"damaged\"}]}");
	CHECK_INT(shop_on_hand(shop.s, "ONE", NULL), UNITS(1));
	CHECK_INT(shop_on_hand(shop.s, "LOTS", NULL), UNITS(5));
	SHOP_ANSWER(shop.s, "sale.close",
	            "{\"lines\":[{\"product\":\"ONE\",\"quantity\":\"1\",\"serial\":\"S1\"}]}");
	shop_verify(&shop);
	shop_close(&shop);
}

TEST(what_refund_refuses)
{
	test_shop shop = {0};
	inv_session *s;

	if (!open_till(&shop))
		return;
	s = shop.s;
	SHOP_ANSWER(s, "sale.close", "{" TEA_LINE "}");
	SHOP_ANSWER(s, "sale.refund",
	            "{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"1\",\"unit_price\":\"2\"}],"
	            "\"tenders\":[{\"method\":\"card\",\"amount\":\"-2\"}]}");
	SHOP_REFUSES(s, "sale.refund", "{\"kind\":\"accounting\"," TEA_LINE "}", INV_E_INVALID, "kind");
	SHOP_REFUSES(s, "sale.refund",
	             "{" TEA_LINE ",\"tenders\":[{\"method\":\"cash\",\"amount\":\"2.5\"}]}",
	             INV_E_INVALID, "tenders[0].amount");
	SHOP_REFUSES(s, "sale.refund",
	             "{" TEA_LINE ",\"tenders\":[{\"method\":\"cash\",\"amount\":\"-2\"}]}",
	             INV_E_INVALID, "tenders");
	SHOP_REFUSES(s, "sale.refund", "{\"original\":\"T1-000002\"," TEA_LINE "}", INV_E_INVALID,
	             "original");
	SHOP_REFUSES(s, "sale.refund",
	             "{\"original\":\"00000000-0000-7000-8000-000000000001\"," TEA_LINE "}",
	             INV_E_NOT_FOUND, "original");
	SHOP_REFUSES(s, "sale.refund", "{\"original\":\"T1-000001\"," TEA_LINE "}", INV_E_INVALID,
	             "lines[0].original_line");
	SHOP_REFUSES(s, "sale.refund",
	             "{\"original\":\"T1-000001\",\"lines\":[{\"product\":\"POST\",\"quantity\":\"1\","
	             "\"original_line\":1}]}",
	             INV_E_INVALID, "lines[0].product");
	SHOP_REFUSES(s, "sale.refund", LINE_WITH("\"product\":\"TEA\",\"original_line\":1"),
	             INV_E_INVALID, "lines[0].original_line");
	SHOP_REFUSES(s, "sale.refund",
	             "{\"original\":\"T1-000001\",\"lines\":[{\"product\":\"TEA\",\"quantity\":\"1\","
	             "\"original_line\":1},{\"product\":\"TEA\",\"quantity\":\"1\","
	             "\"original_line\":1}]}",
	             INV_E_STATE, "lines[1].quantity");
	CHECK_INT(shop_on_hand(s, "TEA", NULL), UNITS(20));
	shop_verify(&shop);
	shop_close(&shop);
}

/* Refunds of one unit each, by this method; what they gave in all. */
static int64_t refund_units(test_shop *shop, const char *ticket, const char *method, int count)
{
	int64_t sum = 0;

	for (int i = 0; i < count; i++) {
		inv_sale back = INV_SALE_INIT;
		inv_sale_line line = INV_SALE_LINE_INIT;
		inv_tender tender = INV_TENDER_INIT;
		inv_result *r = NULL;

		line.product = inv_ref_code("POST");
		line.quantity = UNITS(1);
		line.original_line = 1;
		tender.method = inv_str_of(method);
		back.original = inv_ref_code(ticket);
		back.lines = INV_LIST_OF(&line, 1);
		back.tenders = INV_LIST_OF(&tender, 1);
		if (CHECK_STATUS(inv_sale_refund(shop->s, &back, 1, NULL, &r), INV_OK)) {
			const inv_sale *made = INV_AT(r, inv_sale, 0);

			CHECK_INT(made->subtotal + made->rounding, made->total);
			sum += made->total;
		}
		inv_result_free(r);
	}
	return sum;
}

static void sell_post(test_shop *shop, const char *quantity, const char *price)
{
	char text[256];

	snprintf(text, sizeof text,
	         "{\"tenders\":[{\"method\":\"card\"}],\"lines\":[{\"product\":\"POST\","
	         "\"quantity\":\"%s\",\"unit_price\":\"%s\"}]}", quantity, price);
	SHOP_ANSWER(shop->s, "sale.close", text);
}

TEST(refunds_never_give_more_than_was_paid)
{
	test_shop shop = {0};

	if (!open_till(&shop))
		return;
	SHOP_ANSWER(shop.s, "settings.update", "{\"cash_rounding\":\"1\"}");
	sell_post(&shop, "100", "0.51");
	sell_post(&shop, "3", "0.335");
	CHECK_INT(refund_units(&shop, "T1-000001", "cash", 100), -510000);
	CHECK_INT(refund_units(&shop, "T1-000002", "card", 3), -10000);
	CHECK(strstr(SHOP_ANSWER(shop.s, "sale.get", "{\"ref\":\"T1-000001\"}"),
	             "\"refunded\":\"51\"") != NULL);
	SHOP_ANSWER(shop.s, "settings.update", "{\"cash_rounding\":\"0.05\"}");
	sell_post(&shop, "1", "5.03");
	CHECK_INT(refund_units(&shop, "T1-000106", "cash", 1), -50000);
	sell_post(&shop, "1", "5.03");
	CHECK_INT(refund_units(&shop, "T1-000108", "card", 1), -50300);
	shop_verify(&shop);
	shop_close(&shop);
}

/* A fee that was kept is not given back by the last refund. */
TEST(a_fee_stays_kept)
{
	test_shop shop = {0};

	if (!open_till(&shop))
		return;
	sell_post(&shop, "2", "5");
	CHECK(strstr(SHOP_ANSWER(shop.s, "sale.refund",
	                         "{\"original\":\"T1-000001\",\"lines\":[{\"product\":\"POST\","
	                         "\"quantity\":\"1\",\"original_line\":1,\"discount\":\"1\"}]}"),
	             "\"total\":\"-4\"") != NULL);
	CHECK_INT(refund_units(&shop, "T1-000001", "card", 1), -50000);
	CHECK(strstr(SHOP_ANSWER(shop.s, "sale.get", "{\"ref\":\"T1-000001\"}"),
	             "\"refunded\":\"9\"") != NULL);
	shop_verify(&shop);
	shop_close(&shop);
}

TEST(split_payments_round_the_cash)
{
	test_shop shop = {0};
	const char *text;

	if (!open_till(&shop))
		return;
	SHOP_ANSWER(shop.s, "settings.update", "{\"cash_rounding\":\"0.05\"}");
#define POST_502 "\"lines\":[{\"product\":\"POST\",\"quantity\":\"1\",\"unit_price\":\"5.02\"}]"
	text = SHOP_ANSWER(shop.s, "sale.close",
	                   "{" POST_502 ",\"tenders\":[{\"method\":\"card\",\"amount\":\"3\"},"
	                   "{\"method\":\"cash\"}]}");
	CHECK(strstr(text, "\"method\":\"cash\",\"amount\":\"2\"") != NULL);
	CHECK(strstr(text, "\"rounding\":\"-0.02\"") != NULL);
	SHOP_ANSWER(shop.s, "sale.close",
	            "{" POST_502 ",\"tenders\":[{\"method\":\"card\",\"amount\":\"3\"},"
	            "{\"method\":\"cash\",\"amount\":\"2\"}]}");
	SHOP_REFUSES(shop.s, "sale.close",
	             "{" POST_502 ",\"tenders\":[{\"method\":\"cash\",\"amount\":\"5.02\"}]}",
	             INV_E_INVALID, "tenders[0].amount");
	SHOP_REFUSES(shop.s, "sale.close",
	             "{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"1\",\"use_list_price\":true,"
	             "\"unit_price\":\"1\"}]}",
	             INV_E_INVALID, "lines[0].unit_price");
	shop_verify(&shop);
	shop_close(&shop);
}

TEST(a_refund_keeps_to_its_sale)
{
	test_shop shop = {0};

	if (!open_till(&shop))
		return;
	SHOP_ANSWER(shop.s, "stock.receive",
	            "{\"lines\":[{\"product\":\"ONE\",\"quantity\":\"1\",\"serial\":\"S2\"}]}");
	SHOP_ANSWER(shop.s, "sale.close",
	            "{\"lines\":[{\"product\":\"LOTS\",\"quantity\":\"1\",\"lot\":\"A1\"},"
	            "{\"product\":\"ONE\",\"quantity\":\"1\",\"serial\":\"S1\"}]}");
	SHOP_REFUSES(shop.s, "sale.refund",
	             "{\"original\":\"T1-000001\",\"lines\":[{\"product\":\"LOTS\","
	             "\"quantity\":\"1\",\"lot\":\"A2\",\"original_line\":1}]}",
	             INV_E_INVALID, "lines[0].lot");
	SHOP_REFUSES(shop.s, "sale.refund",
	             "{\"original\":\"T1-000001\",\"lines\":[{\"product\":\"ONE\","
	             "\"quantity\":\"1\",\"serial\":\"S2\",\"original_line\":2}]}",
	             INV_E_INVALID, "lines[0].serial");
	SHOP_REFUSES(shop.s, "sale.refund",
	             "{\"original\":\"T1-000001\",\"occurred_at\":\"2001-01-01T00:00:00Z\","
	             "\"lines\":[{\"product\":\"LOTS\",\"quantity\":\"1\",\"original_line\":1}]}",
	             INV_E_INVALID, "occurred_at");
	SHOP_ANSWER(shop.s, "sale.refund",
	            "{\"original\":\"T1-000001\",\"lines\":[{\"product\":\"LOTS\","
	            "\"quantity\":\"1\",\"lot\":\"a1\",\"original_line\":1}]}");
	shop_verify(&shop);
	shop_close(&shop);
}

/* ---- receipts ---- */

TEST(a_receipt_is_42_columns_wide)
{
	test_shop shop = {0};
	inv_lookup which = INV_LOOKUP_INIT;
	inv_result *r = NULL;

	if (!open_till(&shop))
		return;
	SHOP_ANSWER(shop.s, "settings.update",
	            "{\"cash_rounding\":\"0.05\",\"time_zone\":\"CET-1CEST,M3.5.0,M10.5.0/3\"}");
	SHOP_ANSWER(shop.s, "sale.close",
	            "{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"2\",\"unit_price\":\"2.5\","
	            "\"discount\":\"0.48\",\"name\":\"A very long name that takes two lines of a "
	            "receipt, caf\\u00e9\"},"
	            "{\"product\":\"WOOL\",\"quantity\":\"0.5\",\"unit_price\":\"1.333\"}],"
	            "\"tenders\":[{\"method\":\"cash\",\"amount\":\"20\"}]}");
	which.ref = inv_ref_code("T1-000001");
	if (CHECK_STATUS(inv_sale_receipt(shop.s, &which, 1, NULL, &r), INV_OK))
		CHECK_STR(INV_AT(r, inv_receipt, 0)->text,
		          "                 My shop\n"
		          "T1-000001                 2023-11-14 23:13\n"
		          "------------------------------------------\n"
		          "A very long name that takes two lines of a\n"
		          "receipt, caf\xc3\xa9\n"
		          "  2 x 2.50                            5.00\n"
		          "  discount                           -0.48\n"
		          "Wool\n"
		          "  0.5 x 1.333                       0.6665\n"
		          "------------------------------------------\n"
		          "Subtotal                            5.1865\n"
		          "Rounding                            0.0135\n"
		          "TOTAL EUR                             5.20\n"
		          "cash                                 20.00\n"
		          "Change                               14.80\n");
	inv_result_free(r);
	shop_close(&shop);
}

TEST(a_receipt_of_great_figures_keeps_its_width)
{
	test_shop shop = {0};
	inv_lookup which = INV_LOOKUP_INIT;
	inv_result *r = NULL;
	inv_str text;
	size_t width = 0, widest = 0;

	if (!open_till(&shop))
		return;
	SHOP_ANSWER(shop.s, "sale.close",
	            "{\"lines\":[{\"product\":\"POST\",\"quantity\":\"999999999999\","
	            "\"unit_price\":\"99.9999\"}],"
	            "\"tenders\":[{\"method\":\"a-method-of-thirty-two-character\"}]}");
	SHOP_ANSWER(shop.s, "sale.refund",
	            "{\"original\":\"T1-000001\",\"lines\":[{\"product\":\"POST\",\"original_line\":1,"
	            "\"quantity\":\"123456789012\"}]}");
	which.ref = inv_ref_code("T1-000002");
	if (CHECK_STATUS(inv_sale_receipt(shop.s, &which, 1, NULL, &r), INV_OK)) {
		text = INV_AT(r, inv_receipt, 0)->text;
		for (size_t i = 0; i < text.len; i++) {
			width = text.ptr[i] == '\n' ? 0 : width + 1;
			widest = width > widest ? width : widest;
		}
		CHECK_INT(widest, 42);
		CHECK(strstr(text.ptr, "REFUND\n") != NULL);
		CHECK(strstr(text.ptr, "T1-000001\n") != NULL);
	}
	inv_result_free(r);
	shop_close(&shop);
}
