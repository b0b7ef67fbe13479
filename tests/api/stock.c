/* SPDX-License-Identifier: MIT */
/* Stock commands: what they book, what the guards say, and everything that is refused. */
/* ctest: drivers */
#include "support/json_text.h"
#include "support/shop.h"

#include <stdio.h>
#include <stdlib.h>

#define RECEIVE "stock.receive"
#define ISSUE "stock.issue"
#define MOVE "stock.move"
#define ADJUST "stock.adjust"

/* TEA in units, OIL with three decimals, CHEESE by lot, PHONE by serial, POST never stocked; a
 * second shop, and a channel for each guard. */
static bool stock_shop(test_shop *shop)
{
	if (!shop_open(shop, NULL))
		return false;
	SHOP_ANSWER(shop->s, "product.create",
	            "[{\"sku\":\"TEA\",\"name\":\"Tea\"},"
	            "{\"sku\":\"OIL\",\"name\":\"Oil\",\"decimals\":3,\"unit\":\"l\"},"
	            "{\"sku\":\"CHEESE\",\"name\":\"Cheese\",\"tracking\":\"lot\","
	            "\"decimals\":2},{\"sku\":\"PHONE\",\"name\":\"Phone\",\"tracking\":\"serial\"},"
	            "{\"sku\":\"POST\",\"name\":\"Post\",\"stocking\":\"non_stocked\"}]");
	SHOP_ANSWER(shop->s, "location.create", "{\"code\":\"SHOP2\",\"name\":\"Second\"}");
	SHOP_ANSWER(shop->s, "channel.create",
	            "[{\"code\":\"BACK\",\"name\":\"Back\",\"guard\":\"backorder\","
	            "\"backorder_limit\":\"3\"},"
	            "{\"code\":\"SEE\",\"name\":\"See\",\"guard\":\"observe\"}]");
	return check_failures() == 0;
}

static void line(char json[1024], const char *fields)
{
	snprintf(json, 1024, "{\"lines\":[{%s}]}", fields);
}

static void refuses(test_shop *shop, const char *op, const char *fields, inv_status status,
                    const char *field)
{
	char json[1024];

	line(json, fields);
	SHOP_REFUSES(shop->s, op, json, status, field);
}

static const char *books(test_shop *shop, const char *op, const char *fields)
{
	char json[1024];

	line(json, fields);
	return SHOP_ANSWER(shop->s, op, json);
}

TEST(goods_come_go_and_move)
{
	test_shop shop = {0};
	const char *p;

	if (stock_shop(&shop)) {
		p = SHOP_ANSWER(shop.s, RECEIVE,
		                "{\"reason\":\"order\",\"document\":\"D-1\",\"note\":\"two pallets\","
		                "\"occurred_at\":\"2023-11-14T10:00:00Z\",\"lines\":["
		                "{\"product\":\"TEA\",\"quantity\":10},{\"product\":\"OIL\","
		                "\"quantity\":\"2.125\",\"location\":\"SHOP2\"}]}");
		CHECK_STR(json_field(p, "kind"), "receipt");
		CHECK_STR(json_field(p, "units"), "12.125");
		CHECK_STR(json_field(p, "actor"), "tester");
		CHECK_STR(json_field(p, "reason"), "order");
		CHECK_STR(json_field(p, "document"), "D-1");
		CHECK_STR(json_field(p, "note"), "two pallets");
		CHECK_STR(json_field(p, "occurred_at"), "2023-11-14T10:00:00Z");
		p = books(&shop, ISSUE, "\"product\":\"TEA\",\"quantity\":3");
		CHECK_STR(json_field(p, "units"), "-3");
		p = books(&shop, ISSUE, "\"product\":\"TEA\",\"quantity\":1,\"to_location\":\"SCRAP\"");
		CHECK_STR(json_field(p, "kind"), "issue");
		p = books(&shop, MOVE, "\"product\":\"TEA\",\"quantity\":2,\"to_location\":\"SHOP2\"");
		CHECK_STR(json_field(p, "kind"), "transfer");
		CHECK_STR(json_field(p, "units"), "0");
		books(&shop, MOVE, "\"product\":\"TEA\",\"quantity\":1,\"to_condition\":\"damaged\"");
		books(&shop, MOVE, "\"product\":\"OIL\",\"quantity\":\"0.125\",\"location\":\"SHOP2\","
		                   "\"to_location\":\"TRANSIT\"");
		CHECK_INT(shop_on_hand(shop.s, "TEA", "MAIN"), UNITS(4));
		CHECK_INT(shop_on_hand(shop.s, "TEA", "SHOP2"), UNITS(2));
		CHECK_INT(shop_on_hand(shop.s, "OIL", "TRANSIT"), 125000);
		CHECK_INT(shop_on_hand(shop.s, "OIL", NULL), 2125000);
		p = SHOP_ANSWER(shop.s, "balance.get", "{\"product\":\"TEA\",\"location\":\"MAIN\"}");
		CHECK_STR(json_field(p, "sellable"), "3");
		CHECK_STR(json_field(p, "available"), "3");
		CHECK_STR(json_field(p, "reserved"), "0");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(what_stock_commands_refuse)
{
	test_shop shop = {0};

	if (stock_shop(&shop)) {
		int64_t before = shop_position(&shop);

		SHOP_REFUSES(shop.s, RECEIVE, "{}", INV_E_INVALID, "lines");
		SHOP_REFUSES(shop.s, RECEIVE, "{\"lines\":[]}", INV_E_INVALID, "lines");
		refuses(&shop, RECEIVE, "\"quantity\":1", INV_E_INVALID, "lines[0].product");
		refuses(&shop, RECEIVE, "\"product\":\"NONE\",\"quantity\":1", INV_E_NOT_FOUND,
		        "lines[0].product");
		refuses(&shop, RECEIVE, "\"product\":\"TEA\"", INV_E_INVALID, "lines[0].quantity");
		refuses(&shop, ISSUE, "\"product\":\"TEA\",\"quantity\":-1", INV_E_INVALID,
		        "lines[0].quantity");
		refuses(&shop, RECEIVE, "\"product\":\"TEA\",\"quantity\":\"0.5\"", INV_E_INVALID,
		        "lines[0].quantity");
		refuses(&shop, RECEIVE, "\"product\":\"OIL\",\"quantity\":\"0.0001\"", INV_E_INVALID,
		        "lines[0].quantity");
		refuses(&shop, RECEIVE, "\"product\":\"TEA\",\"quantity\":\"0.0000001\"", INV_E_INVALID,
		        "lines[0].quantity");
		refuses(&shop, RECEIVE, "\"product\":\"TEA\",\"quantity\":\"1000000000001\"", INV_E_INVALID,
		        "lines[0].quantity");
		refuses(&shop, RECEIVE, "\"product\":\"TEA\",\"quantity\":1,\"location\":\"NONE\"",
		        INV_E_NOT_FOUND, "lines[0].location");
		refuses(&shop, RECEIVE, "\"product\":\"TEA\",\"quantity\":1,\"location\":\"CUSTOMER\"",
		        INV_E_INVALID, "lines[0].location");
		refuses(&shop, RECEIVE, "\"product\":\"TEA\",\"quantity\":1,\"to_location\":\"SHOP2\"",
		        INV_E_INVALID, "lines[0].to_location");
		refuses(&shop, ISSUE, "\"product\":\"TEA\",\"quantity\":1,\"to_location\":\"SHOP2\"",
		        INV_E_INVALID, "lines[0].to_location");
		refuses(&shop, MOVE, "\"product\":\"TEA\",\"quantity\":1,\"to_location\":\"SCRAP\"",
		        INV_E_INVALID, "lines[0].to_location");
		refuses(&shop, MOVE, "\"product\":\"TEA\",\"quantity\":1", INV_E_INVALID,
		        "lines[0].to_location");
		refuses(&shop, MOVE, "\"product\":\"TEA\",\"quantity\":1,\"to_location\":\"NONE\"",
		        INV_E_NOT_FOUND, "lines[0].to_location");
		CHECK_INT(shop_position(&shop), before);
	}
	shop_close(&shop);
}

TEST(what_does_not_fit_the_product_or_the_clock)
{
	test_shop shop = {0};

	if (stock_shop(&shop)) {
		int64_t before = shop_position(&shop);

		refuses(&shop, RECEIVE, "\"product\":\"TEA\",\"quantity\":1,\"condition\":\"wet\"",
		        INV_E_INVALID, "lines[0].condition");
		refuses(&shop, RECEIVE, "\"product\":\"TEA\",\"quantity\":1,\"lot\":\"L\"", INV_E_INVALID,
		        "lines[0].lot");
		refuses(&shop, RECEIVE, "\"product\":\"CHEESE\",\"quantity\":1", INV_E_INVALID,
		        "lines[0].lot");
		refuses(&shop, RECEIVE, "\"product\":\"PHONE\",\"quantity\":1", INV_E_INVALID,
		        "lines[0].serial");
		refuses(&shop, RECEIVE, "\"product\":\"PHONE\",\"quantity\":2,\"serial\":\"1\"",
		        INV_E_INVALID, "lines[0].quantity");
		refuses(&shop, RECEIVE, "\"product\":\"POST\",\"quantity\":1", INV_E_STATE,
		        "lines[0].product");
		refuses(&shop, RECEIVE, "\"product\":\"TEA\",\"quantity\":1,\"set\":true", INV_E_INVALID,
		        "lines[0].set");
		SHOP_REFUSES(shop.s, RECEIVE,
		             "{\"occurred_at\":\"2023-11-14T22:18:20.000001Z\","
		             "\"lines\":[{\"product\":\"TEA\",\"quantity\":1}]}",
		             INV_E_INVALID, "occurred_at");
		SHOP_REFUSES(shop.s, RECEIVE,
		             "[{\"lines\":[{\"product\":\"TEA\",\"quantity\":1}]},"
		             "{\"lines\":[{\"product\":\"TEA\",\"quantity\":1},{\"product\":\"TEA\","
		             "\"quantity\":0}]}]",
		             INV_E_INVALID, "lines[1].quantity");
		CHECK_INT(inv_session_error(shop.s)->index, 1);
		CHECK_INT(shop_position(&shop), before);
		/* Five minutes ahead is still believed. */
		SHOP_ANSWER(shop.s, RECEIVE,
		            "{\"occurred_at\":\"2023-11-14T22:18:20Z\","
		            "\"lines\":[{\"product\":\"TEA\",\"quantity\":\"1000000000000\"}]}");
		refuses(&shop, RECEIVE, "\"product\":\"TEA\",\"quantity\":1", INV_E_LIMIT,
		        "lines[0].quantity");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(lots_and_serials_are_accounts_of_their_own)
{
	test_shop shop = {0};
	const char *list;

	if (stock_shop(&shop)) {
		books(&shop, RECEIVE, "\"product\":\"CHEESE\",\"quantity\":\"2.25\",\"lot\":\"L1\"");
		books(&shop, RECEIVE, "\"product\":\"CHEESE\",\"quantity\":1,\"lot\":\"l2\"");
		refuses(&shop, ISSUE, "\"product\":\"CHEESE\",\"quantity\":\"1.01\",\"lot\":\"L2\"",
		        INV_E_INSUFFICIENT, "lines[0].quantity");
		books(&shop, ISSUE, "\"product\":\"CHEESE\",\"quantity\":1,\"lot\":\"L2\"");
		books(&shop, RECEIVE, "\"product\":\"PHONE\",\"quantity\":1,\"serial\":\"SN-1\"");
		books(&shop, MOVE, "\"product\":\"PHONE\",\"quantity\":1,\"serial\":\"sn-1\","
		                   "\"to_location\":\"SHOP2\"");
		refuses(&shop, ISSUE, "\"product\":\"PHONE\",\"quantity\":1,\"serial\":\"SN-1\"",
		        INV_E_INSUFFICIENT, "lines[0].quantity");
		books(&shop, RECEIVE, "\"product\":\"TEA\",\"quantity\":5,"
		                      "\"owner\":\"01890000-0000-7000-8000-000000000001\"");
		refuses(&shop, ISSUE, "\"product\":\"TEA\",\"quantity\":1", INV_E_INSUFFICIENT,
		        "lines[0].quantity");
		list = SHOP_ANSWER(shop.s, "balance.list", "{\"product\":\"CHEESE\",\"detail\":true}");
		JSON_HAS(list, "\"lot\":\"l1\"");
		JSON_HAS(list, "\"on_hand\":\"2.25\"");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(adjustments_correct_the_ledger)
{
	test_shop shop = {0};
	const char *p;

	if (stock_shop(&shop)) {
		books(&shop, RECEIVE, "\"product\":\"TEA\",\"quantity\":10");
		p = books(&shop, ADJUST, "\"product\":\"TEA\",\"quantity\":-2");
		CHECK_STR(json_field(p, "kind"), "adjustment");
		CHECK_STR(json_field(p, "units"), "-2");
		p = books(&shop, ADJUST, "\"product\":\"TEA\",\"quantity\":11,\"set\":true");
		CHECK_STR(json_field(p, "units"), "3");
		CHECK_INT(shop_on_hand(shop.s, "TEA", "MAIN"), UNITS(11));
		p = books(&shop, ADJUST, "\"product\":\"TEA\",\"quantity\":0,\"set\":true,"
		                         "\"compare\":true,\"expected\":11");
		CHECK_STR(json_field(p, "units"), "-11");
		/* What is there already is noted all the same. */
		p = books(&shop, ADJUST, "\"product\":\"TEA\",\"quantity\":0,\"set\":true");
		CHECK_STR(json_field(p, "units"), "0");
		refuses(&shop, ADJUST, "\"product\":\"TEA\",\"quantity\":5,\"set\":true,\"compare\":true,"
		                       "\"expected\":1", INV_E_CONFLICT, "lines[0].expected");
		refuses(&shop, ADJUST, "\"product\":\"TEA\",\"quantity\":0", INV_E_INVALID,
		        "lines[0].quantity");
		refuses(&shop, ADJUST, "\"product\":\"TEA\",\"quantity\":-1,\"set\":true", INV_E_INVALID,
		        "lines[0].quantity");
		refuses(&shop, ADJUST, "\"product\":\"TEA\",\"quantity\":1,\"compare\":true", INV_E_INVALID,
		        "lines[0].compare");
		refuses(&shop, ADJUST, "\"product\":\"TEA\",\"quantity\":1,\"expected\":1", INV_E_INVALID,
		        "lines[0].compare");
		refuses(&shop, ADJUST, "\"product\":\"TEA\",\"quantity\":1,\"to_location\":\"SHOP2\"",
		        INV_E_INVALID, "lines[0].to_location");
		refuses(&shop, ADJUST, "\"product\":\"TEA\",\"quantity\":-1", INV_E_INSUFFICIENT,
		        "lines[0].quantity");
		SHOP_REFUSES(shop.s, ADJUST,
		             "{\"lines\":[{\"product\":\"TEA\",\"quantity\":1,\"set\":true},"
		             "{\"product\":\"TEA\",\"quantity\":2,\"set\":true}]}",
		             INV_E_INVALID, "lines[0].product");
		SHOP_REFUSES(shop.s, ADJUST,
		             "{\"lines\":[{\"product\":\"TEA\",\"quantity\":1,\"set\":true},"
		             "{\"product\":\"TEA\",\"quantity\":2}]}",
		             INV_E_INVALID, "lines[0].product");
		refuses(&shop, ADJUST, "\"product\":\"POST\",\"quantity\":1,\"set\":true", INV_E_STATE,
		        "lines[0].product");
		/* A till wrote off postage: noted, moves nothing. */
		p = books(&shop, ADJUST, "\"product\":\"POST\",\"quantity\":-4");
		CHECK_STR(json_field(p, "units"), "-4");
		CHECK_INT(shop_on_hand(shop.s, "POST", NULL), 0);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(a_posting_is_taken_back_once)
{
	test_shop shop = {0};
	char json[256], id[64];
	const char *p;

	if (stock_shop(&shop)) {
		p = SHOP_ANSWER(shop.s, RECEIVE,
		                "{\"document\":\"D-1\",\"lines\":[{\"product\":\"TEA\",\"quantity\":5},"
		                "{\"product\":\"OIL\",\"quantity\":\"0.5\"}]}");
		snprintf(id, sizeof id, "%s", json_field(p, "id"));
		snprintf(json, sizeof json, "{\"posting\":\"%s\",\"reason\":\"typo\"}", id);
		p = SHOP_ANSWER(shop.s, "stock.reverse", json);
		CHECK_STR(json_field(p, "kind"), "reversal");
		CHECK_STR(json_field(p, "reverses"), id);
		CHECK_STR(json_field(p, "document"), "D-1");
		CHECK_STR(json_field(p, "reason"), "typo");
		CHECK_STR(json_field(p, "units"), "-5.5");
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), 0);
		SHOP_REFUSES(shop.s, "stock.reverse", json, INV_E_STATE, "posting");
		snprintf(json, sizeof json, "{\"posting\":\"%s\"}", json_field(p, "id"));
		SHOP_REFUSES(shop.s, "stock.reverse", json, INV_E_STATE, "posting");
		SHOP_REFUSES(shop.s, "stock.reverse",
		             "{\"posting\":\"01890000-0000-7000-8000-000000000001\"}", INV_E_NOT_FOUND,
		             "posting");
		SHOP_REFUSES(shop.s, "stock.reverse", "{}", INV_E_INVALID, "posting");
		snprintf(json, sizeof json, "{\"ref\":\"%s\"}", id);
		CHECK_STR(json_field(SHOP_ANSWER(shop.s, "posting.get", json), "reversed_by"),
		          json_field(p, "id"));
		/* Goods that are gone cannot be taken back. */
		p = books(&shop, RECEIVE, "\"product\":\"TEA\",\"quantity\":5");
		snprintf(json, sizeof json, "{\"posting\":\"%s\"}", json_field(p, "id"));
		books(&shop, ISSUE, "\"product\":\"TEA\",\"quantity\":1");
		SHOP_REFUSES(shop.s, "stock.reverse", json, INV_E_INSUFFICIENT, "lines[0].quantity");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(the_client_may_name_its_posting)
{
	test_shop shop = {0};
	static const char json[] = "{\"id\":\"01890000-0000-7000-8000-000000000007\","
	                           "\"lines\":[{\"product\":\"TEA\",\"quantity\":1}]}";

	if (stock_shop(&shop)) {
		CHECK_STR(json_field(SHOP_ANSWER(shop.s, RECEIVE, json), "id"),
		          "01890000-0000-7000-8000-000000000007");
		SHOP_REFUSES(shop.s, RECEIVE, json, INV_E_EXISTS, "id");
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(1));
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* ---- guards ---- */

TEST(strict_refuses_what_is_not_there)
{
	test_shop shop = {0};

	if (stock_shop(&shop)) {
		int64_t before;

		books(&shop, RECEIVE, "\"product\":\"TEA\",\"quantity\":5");
		before = shop_position(&shop);
		refuses(&shop, ISSUE, "\"product\":\"TEA\",\"quantity\":6", INV_E_INSUFFICIENT,
		        "lines[0].quantity");
		CHECK_STR((const char *)inv_session_error(shop.s)->message,
		          "6 is wanted, but only 5 is available");
		/* Lines of one account are added up, also over the documents of a batch. */
		SHOP_REFUSES(shop.s, ISSUE,
		             "{\"lines\":[{\"product\":\"TEA\",\"quantity\":3},"
		             "{\"product\":\"TEA\",\"quantity\":3}]}",
		             INV_E_INSUFFICIENT, "lines[0].quantity");
		SHOP_REFUSES(shop.s, ISSUE,
		             "[{\"lines\":[{\"product\":\"TEA\",\"quantity\":3}]},"
		             "{\"lines\":[{\"product\":\"TEA\",\"quantity\":3}]}]",
		             INV_E_INSUFFICIENT, "lines[0].quantity");
		CHECK_INT(shop_position(&shop), before);
		SHOP_ANSWER(shop.s, ISSUE,
		            "[{\"lines\":[{\"product\":\"TEA\",\"quantity\":3}]},"
		            "{\"lines\":[{\"product\":\"TEA\",\"quantity\":2}]}]");
		refuses(&shop, MOVE, "\"product\":\"TEA\",\"quantity\":1,\"to_location\":\"SHOP2\"",
		        INV_E_INSUFFICIENT, "lines[0].quantity");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(a_backdated_command_is_checked_at_every_later_instant)
{
	test_shop shop = {0};

	if (stock_shop(&shop)) {
		int64_t now = shop.now;

		/* 5 from -60 min, 1 from -40, 6 from -20. */
		shop_receive(shop.s, "TEA", NULL, UNITS(5), now - 60 * SHOP_MINUTE);
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(4), now - 40 * SHOP_MINUTE), INV_OK);
		shop_receive(shop.s, "TEA", NULL, UNITS(5), now - 20 * SHOP_MINUTE);
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(2), now - 50 * SHOP_MINUTE),
		             INV_E_INSUFFICIENT);
		CHECK(strstr(inv_session_error(shop.s)->message, "only 1 can be spared") != NULL);
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(2), now - 40 * SHOP_MINUTE),
		             INV_E_INSUFFICIENT);
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(1), now - 70 * SHOP_MINUTE),
		             INV_E_INSUFFICIENT);
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(6), now - 20 * SHOP_MINUTE), INV_OK);
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(1), 0), INV_E_INSUFFICIENT);
		/* What comes earlier helps from then on. */
		CHECK_STATUS(shop_receive(shop.s, "TEA", NULL, UNITS(1), now - 65 * SHOP_MINUTE), INV_OK);
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(1), now - 45 * SHOP_MINUTE), INV_OK);
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(1), now - 65 * SHOP_MINUTE),
		             INV_E_INSUFFICIENT);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* Each document of a batch is checked at its own instant: what is low before it does not matter. */
TEST(a_batch_spans_instants)
{
	test_shop shop = {0};

	if (stock_shop(&shop)) {
		int64_t now = shop.now;

		shop_receive(shop.s, "TEA", NULL, UNITS(2), now - 60 * SHOP_MINUTE);
		shop_receive(shop.s, "TEA", NULL, UNITS(8), now - 30 * SHOP_MINUTE);
		SHOP_ANSWER(shop.s, ISSUE,
		            "[{\"occurred_at\":\"2023-11-14T21:23:20Z\",\"lines\":[{\"product\":\"TEA\","
		            "\"quantity\":1}]},{\"occurred_at\":\"2023-11-14T22:03:20Z\",\"lines\":["
		            "{\"product\":\"TEA\",\"quantity\":7}]}]");
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(2));
		SHOP_REFUSES(shop.s, ISSUE,
		             "[{\"occurred_at\":\"2023-11-14T21:23:20Z\",\"lines\":[{\"product\":\"TEA\","
		             "\"quantity\":1}]},{\"occurred_at\":\"2023-11-14T22:03:20Z\",\"lines\":["
		             "{\"product\":\"TEA\",\"quantity\":2}]}]",
		             INV_E_INSUFFICIENT, "lines[0].quantity");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(backorder_goes_down_to_its_limit)
{
	test_shop shop = {0};

	if (stock_shop(&shop)) {
		inv_session *s = shop_session(&shop, "BACK", NULL);

		CHECK_STATUS(shop_issue(s, "TEA", NULL, UNITS(4), 0), INV_E_INSUFFICIENT);
		CHECK_STATUS(shop_issue(s, "TEA", NULL, UNITS(3), 0), INV_OK);
		CHECK_STATUS(shop_issue(s, "TEA", NULL, UNITS(1), 0), INV_E_INSUFFICIENT);
		CHECK_INT(shop_on_hand(s, "TEA", NULL), UNITS(-3));
		/* Strict takes nothing more, but what lifts the account is welcome. */
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(1), 0), INV_E_INSUFFICIENT);
		CHECK_STATUS(shop_receive(shop.s, "TEA", NULL, UNITS(1), 0), INV_OK);
		CHECK_INT(shop_on_hand(s, "TEA", NULL), UNITS(-2));
		inv_session_close(s);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(observe_books_and_tells)
{
	test_shop shop = {0};
	const char *p, *feed;
	char query[64];

	if (stock_shop(&shop)) {
		inv_session *s = shop_session(&shop, "SEE", NULL);

		CHECK_STATUS(shop_receive(s, "TEA", NULL, UNITS(1), 0), INV_OK);
		snprintf(query, sizeof query, "{\"after\":%d}", (int)shop_position(&shop));
		p = SHOP_ANSWER(s, ISSUE, "{\"lines\":[{\"product\":\"TEA\",\"quantity\":4}]}");
		CHECK_STR(json_field(p, "shortfall"), "3");
		feed = SHOP_ANSWER(s, "feed.read", query);
		JSON_HAS(feed, "\"name\":\"stock.posted\"");
		JSON_HAS(feed, "\"name\":\"stock.shortage\"");
		JSON_HAS(feed, json_field(p, "id"));
		CHECK_INT(shop_on_hand(s, "TEA", NULL), UNITS(-3));
		/* A till whose clock runs ahead is believed, but not its clock. */
		snprintf(query, sizeof query, "{\"after\":%d}", (int)shop_position(&shop));
		p = SHOP_ANSWER(s, RECEIVE,
		                "{\"occurred_at\":\"2033-01-01T00:00:00Z\",\"lines\":[{\"product\":\"TEA\","
		                "\"quantity\":3}]}");
		CHECK_STR(json_field(p, "occurred_at"), "2023-11-14T22:13:20Z");
		JSON_HAS(SHOP_ANSWER(s, "feed.read", query), "clamped");
		inv_session_close(s);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(ten_thousand_lines_and_one_more)
{
	test_shop shop = {0};
	inv_stock_line *lines = calloc(INV_LIMIT_LINES + 1, sizeof *lines);
	inv_stock_entry entry = INV_STOCK_ENTRY_INIT;
	inv_result *r = NULL;

	if (lines && stock_shop(&shop)) {
		for (size_t i = 0; i <= INV_LIMIT_LINES; i++) {
			lines[i] = (inv_stock_line)INV_STOCK_LINE_INIT;
			lines[i].product = inv_ref_code(i % 2 ? "TEA" : "OIL");
			lines[i].quantity = UNITS(1);
		}
		entry.lines = INV_LIST_OF(lines, INV_LIMIT_LINES + 1);
		CHECK_STATUS(inv_stock_receive(shop.s, &entry, 1, NULL, NULL), INV_E_INVALID);
		CHECK_STR((const char *)inv_session_error(shop.s)->field, "lines");
		entry.lines = INV_LIST_OF(lines, INV_LIMIT_LINES);
		if (CHECK_STATUS(inv_stock_receive(shop.s, &entry, 1, NULL, &r), INV_OK))
			CHECK_INT(INV_AT(r, inv_posting, 0)->lines.count, INV_LIMIT_LINES);
		inv_result_free(r);
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(INV_LIMIT_LINES / 2));
	}
	shop_close(&shop);
	free(lines);
}

CHECK_MAIN()
