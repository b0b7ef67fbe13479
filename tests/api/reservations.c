/* SPDX-License-Identifier: MIT */
/* Reservations and time: deadlines count without a sweeper, and the next command books them. (What
 * else they do is in tests/cases/reservations.json.) */
/* ctest: drivers */
#include "support/json_text.h"
#include "support/shop.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define HOLD "reservation.hold"

static const char *text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *text_of(const char *format, ...)
{
	static char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return text;
}

/* Ten units of tea, of which four are held for an hour; `id` is the hold's. */
static bool held_shop(test_shop *shop, char id[40])
{
	if (!shop_open(shop, NULL))
		return false;
	shop_product(shop, "TEA");
	CHECK_STATUS(shop_receive(shop->s, "TEA", NULL, UNITS(10), 0), INV_OK);
	snprintf(id, 40, "%s",
	         json_field(SHOP_ANSWER(shop->s, HOLD,
	                                "{\"product\":\"TEA\",\"quantity\":4,\"holder\":\"cart\","
	                                "\"deadline\":\"2023-11-14T23:13:20Z\"}"),
	                    "id"));
	return check_failures() == 0;
}

static void check_balance(test_shop *shop, const char *reserved, const char *available)
{
	const char *p = SHOP_ANSWER(shop->s, "balance.get", "{\"product\":\"TEA\",\"subtree\":true}");

	CHECK_STR(json_field(p, "reserved"), reserved);
	CHECK_STR(json_field(p, "available"), available);
	p = SHOP_ANSWER(shop->s, "balance.list", "{\"product\":\"TEA\",\"subtree\":true}");
	CHECK_STR(json_field(p, "reserved"), reserved);
	CHECK_STR(json_field(p, "available"), available);
}

/* The same at the one location. */
static void check_here(test_shop *shop, const char *reserved, const char *available)
{
	const char *p = SHOP_ANSWER(shop->s, "balance.get", "{\"product\":\"TEA\"}");

	CHECK_STR(json_field(p, "reserved"), reserved);
	CHECK_STR(json_field(p, "available"), available);
	p = SHOP_ANSWER(shop->s, "balance.list", "{\"product\":\"TEA\"}");
	CHECK_STR(json_field(p, "reserved"), reserved);
	CHECK_STR(json_field(p, "available"), available);
}

TEST(a_deadline_counts_before_anybody_books_it)
{
	test_shop shop = {0};
	char id[40];

	if (held_shop(&shop, id)) {
		int64_t before;

		check_balance(&shop, "4", "6");
		check_here(&shop, "4", "6");
		shop_clock(&shop, shop.now + SHOP_HOUR - 1);
		check_balance(&shop, "4", "6");
		shop_clock(&shop, shop.now + 1);
		before = shop_position(&shop);
		check_balance(&shop, "0", "10");
		check_here(&shop, "0", "10");
		CHECK_INT(shop_position(&shop), before); /* reads book nothing */
		CHECK_STR(json_field(SHOP_ANSWER(shop.s, "reservation.get",
		                                 text_of("{\"ref\":\"%s\"}", id)),
		                     "open"),
		          "4");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(the_next_command_books_it_at_the_deadline)
{
	test_shop shop = {0};
	char id[40];

	if (held_shop(&shop, id)) {
		const char *p;

		shop_clock(&shop, shop.now + 3 * SHOP_HOUR);
		/* All ten: what was held is there again. */
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(10), 0), INV_OK);
		p = SHOP_ANSWER(shop.s, "reservation.get", text_of("{\"ref\":\"%s\"}", id));
		CHECK_STR(json_field(p, "state"), "expired");
		CHECK_STR(json_field(p, "expired"), "4");
		CHECK_STR(json_field(p, "open"), "0");
		p = SHOP_ANSWER(shop.s, "audit.history", text_of("{\"subject\":\"%s\"}", id));
		CHECK(strstr(p, "\"name\":\"reservation.expired\","
		                "\"occurred_at\":\"2023-11-14T23:13:20Z\"") != NULL);
		check_balance(&shop, "0", "0");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(what_has_expired_cannot_be_taken_or_changed)
{
	test_shop shop = {0};
	char id[40];

	if (held_shop(&shop, id)) {
		int64_t before;

		shop_clock(&shop, shop.now + SHOP_HOUR);
		before = shop_position(&shop);
		SHOP_REFUSES(shop.s, "reservation.commit", text_of("{\"reservation\":\"%s\"}", id),
		             INV_E_STATE, "reservation");
		CHECK(strstr(inv_session_error(shop.s)->message, "it expired at 2023-11-14T23:13:20Z") !=
		      NULL);
		SHOP_REFUSES(shop.s, "reservation.extend",
		             text_of("{\"reservation\":\"%s\",\"deadline\":\"2030-01-01T00:00:00Z\"}", id),
		             INV_E_STATE, "reservation");
		SHOP_REFUSES(shop.s, "stock.issue",
		             text_of("{\"lines\":[{\"product\":\"TEA\",\"quantity\":1,"
		                     "\"reservation\":\"%s\"}]}", id),
		             INV_E_STATE, "lines[0].reservation");
		CHECK_INT(shop_position(&shop), before);
	}
	shop_close(&shop);
}

TEST(a_new_deadline_is_the_one_that_counts)
{
	test_shop shop = {0};
	char id[40];

	if (held_shop(&shop, id)) {
		SHOP_ANSWER(shop.s, "reservation.extend",
		            text_of("{\"reservation\":\"%s\",\"deadline\":\"2023-11-15T01:00:00Z\"}", id));
		shop_clock(&shop, shop.now + SHOP_HOUR);
		check_balance(&shop, "4", "6");
		SHOP_ANSWER(shop.s, "reservation.extend", text_of("{\"reservation\":\"%s\"}", id));
		shop_clock(&shop, shop.now + 365 * SHOP_DAY);
		check_balance(&shop, "4", "6");
		SHOP_ANSWER(shop.s, "reservation.commit", text_of("{\"reservation\":\"%s\"}", id));
		check_balance(&shop, "0", "6");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* Those that are overdue are booked in the order of their deadlines, each on its own account. */
TEST(many_that_are_overdue_are_booked_together)
{
	test_shop shop = {0};
	char id[40], json[256];

	if (held_shop(&shop, id)) {
		int64_t before;

		for (int i = 1; i <= 3; i++) {
			snprintf(json, sizeof json,
			         "{\"product\":\"TEA\",\"quantity\":1,\"deadline\":\"2023-11-14T22:%d0:00Z\"}",
			         i + 1);
			SHOP_ANSWER(shop.s, HOLD, json);
		}
		check_balance(&shop, "7", "3");
		shop_clock(&shop, shop.now + 17 * SHOP_MINUTE); /* two of the three are over */
		check_balance(&shop, "5", "5");
		before = shop_position(&shop);
		SHOP_ANSWER(shop.s, HOLD, "{\"product\":\"TEA\",\"quantity\":5}");
		CHECK_INT(shop_position(&shop), before + 3);
		check_balance(&shop, "10", "0");
		SHOP_REFUSES(shop.s, HOLD, "{\"product\":\"TEA\",\"quantity\":1}", INV_E_INSUFFICIENT,
		             "quantity");
		shop_clock(&shop, shop.now + SHOP_DAY);
		check_balance(&shop, "5", "5");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* What is held anywhere in a place has its deadline too. */
TEST(a_place_as_a_whole_is_free_after_the_deadline)
{
	test_shop shop = {0};
	char id[40];

	if (held_shop(&shop, id)) {
		SHOP_ANSWER(shop.s, HOLD, "{\"product\":\"TEA\",\"quantity\":6,\"subtree\":true,"
		                          "\"deadline\":\"2023-11-14T23:00:00Z\"}");
		SHOP_REFUSES(shop.s, "stock.issue", "{\"lines\":[{\"product\":\"TEA\",\"quantity\":1}]}",
		             INV_E_INSUFFICIENT, "lines[0].quantity");
		shop_clock(&shop, shop.now + SHOP_HOUR - SHOP_MINUTE);
		check_balance(&shop, "4", "6");
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(6), 0), INV_OK);
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* They are booked by who has the product for himself: the next to hold something anywhere. */
TEST(an_overdue_hold_of_a_place_is_booked_too)
{
	test_shop shop = {0};
	char id[40];

	if (held_shop(&shop, id)) {
		const char *p = SHOP_ANSWER(shop.s, HOLD,
		                            "{\"product\":\"TEA\",\"quantity\":6,\"subtree\":true,"
		                            "\"deadline\":\"2023-11-14T23:00:00Z\"}");

		snprintf(id, sizeof id, "%s", json_field(p, "id"));
		shop_clock(&shop, shop.now + SHOP_HOUR - SHOP_MINUTE);
		SHOP_ANSWER(shop.s, HOLD, "{\"product\":\"TEA\",\"quantity\":6,\"subtree\":true}");
		p = SHOP_ANSWER(shop.s, "reservation.get", text_of("{\"ref\":\"%s\"}", id));
		CHECK_STR(json_field(p, "state"), "expired");
		check_balance(&shop, "10", "0");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* Whoever calls it off late is not refused: it is booked that it was over. */
static void check_given_back(test_shop *shop, const char *op, const char *id, const char *event)
{
	const char *p = SHOP_ANSWER(shop->s, op, text_of("{\"reservation\":\"%s\"}", id));

	CHECK_STR(json_field(p, "state"), "expired");
	CHECK_STR(json_field(p, "open"), "0");
	CHECK_STR(json_field(p, "expired"), "4");
	p = SHOP_ANSWER(shop->s, "reservation.get", text_of("{\"ref\":\"%s\"}", id));
	CHECK_STR(json_field(p, "state"), "expired");
	CHECK_STR(json_field(p, "expired"), "4");
	CHECK_STR(json_field(p, "released"), "0");
	CHECK_STR(json_field(p, "cancelled"), "0");
	p = SHOP_ANSWER(shop->s, "audit.history", text_of("{\"subject\":\"%s\"}", id));
	CHECK(strstr(p, "\"reservation.expired\"") != NULL);
	CHECK(strstr(p, event) != NULL);
	p = SHOP_ANSWER(shop->s, op, text_of("{\"reservation\":\"%s\"}", id));
	CHECK_STR(json_field(p, "expired"), "4"); /* whoever booked it */
}

TEST(what_is_overdue_can_still_be_given_back)
{
	test_shop shop = {0};
	char id[40];

	if (held_shop(&shop, id)) {
		char whole[40];

		snprintf(whole, sizeof whole, "%s",
		         json_field(SHOP_ANSWER(shop.s, HOLD,
		                                "{\"product\":\"TEA\",\"quantity\":4,\"subtree\":true,"
		                                "\"deadline\":\"2023-11-14T23:00:00Z\"}"),
		                    "id"));
		shop_clock(&shop, shop.now + SHOP_HOUR);
		check_given_back(&shop, "reservation.release", id, "\"reservation.released\"");
		check_given_back(&shop, "reservation.cancel", whole, "\"reservation.cancelled\"");
		check_balance(&shop, "0", "10");
		CHECK_STATUS(shop_issue(shop.s, "TEA", NULL, UNITS(10), 0), INV_OK);
		SHOP_ANSWER(shop.s, "product.archive", "{\"ref\":\"TEA\"}");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

/* More hold than an event can list: it lists as many as a reader takes. */
TEST(a_shortage_lists_as_many_holds_as_can_be_read)
{
	enum { EACH = 6000 };
	static const char one[] = "{\"product\":\"TEA\",\"quantity\":1},";
	static char holds[EACH * sizeof one + 8];
	test_shop shop = {0};
	char *at = holds;

	*at++ = '[';
	for (size_t i = 0; i < EACH; i++, at += sizeof one - 1)
		memcpy(at, one, sizeof one - 1);
	at[-1] = ']';
	*at = 0;
	if (shop_open(&shop, NULL)) {
		shop_product(&shop, "TEA");
		CHECK_STATUS(shop_receive(shop.s, "TEA", NULL, UNITS(2 * EACH), 0), INV_OK);
		for (int k = 0; k < 2; k++)
			SHOP_ANSWER(shop.s, HOLD, holds);
		SHOP_ANSWER(shop.s, "stock.adjust",
		            "{\"lines\":[{\"product\":\"TEA\",\"quantity\":1,\"set\":true}]}");
		check_balance(&shop, "12000", "-11999");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

TEST(a_commit_in_an_open_transaction_is_undone_with_it)
{
	test_shop shop = {0};
	char id[40];

	if (held_shop(&shop, id)) {
		CHECK_STATUS(inv_begin(shop.s), INV_OK);
		SHOP_ANSWER(shop.s, "reservation.commit", text_of("{\"reservation\":\"%s\"}", id));
		check_balance(&shop, "0", "6");
		CHECK_STATUS(inv_rollback(shop.s), INV_OK);
		check_balance(&shop, "4", "6");
		SHOP_ANSWER(shop.s, "reservation.commit", text_of("{\"reservation\":\"%s\"}", id));
		check_balance(&shop, "0", "6");
		shop_verify(&shop);
	}
	shop_close(&shop);
}

CHECK_MAIN()
