/* SPDX-License-Identifier: MIT */
#include "support/shop.h"

#include <stdio.h>

#include "support/store_url.h"

static int64_t clock_now(void *ctx)
{
	return *(const int64_t *)ctx;
}

/* From any thread: each call takes a number of its own. */
static bool random_fill(void *ctx, void *buffer, size_t size)
{
	_Atomic uint64_t *count = ctx;
	unsigned char *out = buffer;
	check_rng rng = {(*count)++ * UINT64_C(0xd1342543de82ef95)};

	for (size_t i = 0; i < size; i++)
		out[i] = (unsigned char)check_rng_next(&rng);
	return true;
}

bool shop_open(test_shop *shop, const char *url)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_session_options who = INV_SESSION_OPTIONS_INIT;

	if (shop->now == 0)
		shop->now = SHOP_NOON;
	shop->store = NULL;
	shop->s = NULL;
	inv_error_init(&shop->error);
	options.url = url ? url : check_store_url("shop.db");
	options.drivers = check_store_drivers(&options.driver_count);
	options.clock = (inv_clock){&shop->now, clock_now};
	options.reader_count = shop->readers;
	shop->random = check_random();
	options.random = (inv_random){&shop->random, random_fill};
	who.actor = INV_S("tester");
	if (CHECK_STATUS(inv_store_open(&options, &shop->store, &shop->error), INV_OK) &&
	    CHECK_STATUS(inv_session_open(shop->store, &who, &shop->s, &shop->error), INV_OK))
		return true;
	CHECK_FAIL("%s", shop->error.message);
	return false;
}

void shop_close(test_shop *shop)
{
	inv_session_close(shop->s);
	inv_store_close(shop->store);
	shop->s = NULL;
	shop->store = NULL;
}

inv_session *shop_session(test_shop *shop, const char *channel, const char *location)
{
	inv_session_options who = INV_SESSION_OPTIONS_INIT;
	inv_session *s = NULL;

	who.actor = INV_S("tester");
	if (channel)
		who.channel = inv_ref_code(channel);
	if (location)
		who.location = inv_ref_code(location);
	CHECK_STATUS(inv_session_open(shop->store, &who, &s, &shop->error), INV_OK);
	return s;
}

inv_status shop_json(inv_session *s, const char *op, const char *json, inv_result **out)
{
	return inv_call_json(s, inv_str_of(op), inv_str_of(json), NULL, out);
}

const char *shop_answer(const char *file, int line, inv_session *s, const char *op,
                        const char *json)
{
	static char texts[4][16384];
	static unsigned turn;
	char *text = texts[turn++ % 4];
	inv_result *r = NULL;
	inv_status rc = shop_json(s, op, json, &r);
	const inv_error *e = inv_session_error(s);

	text[0] = 0;
	if (!check_status(file, line, op, rc, INV_OK))
		check_fail(file, line, "%s.%s: %s", e->record, e->field, e->message);
	else
		snprintf(text, sizeof texts[0], "%s", inv_result_json(r).ptr);
	inv_result_free(r);
	return text;
}

bool shop_refuses(inv_session *s, const char *op, const char *json, inv_status status,
                  const char *field)
{
	inv_result *r = NULL;
	inv_status rc = shop_json(s, op, json, &r);
	const inv_error *e = inv_session_error(s);
	bool held = rc == status && strcmp(e->field, field) == 0 && e->message[0] != 0 && r == NULL &&
	            e->status == status;

	if (!held)
		CHECK_FAIL("%s %s: %s at %s.%s: %s", op, json, inv_schema_status(rc)->name, e->record,
		           e->field, e->message);
	inv_result_free(r);
	return held;
}

inv_id shop_product(test_shop *shop, const char *sku)
{
	inv_product p = INV_PRODUCT_INIT;
	inv_result *r = NULL;
	inv_id id = {{0}};

	p.sku = p.name = inv_str_of(sku);
	if (CHECK_STATUS(inv_product_create(shop->s, &p, 1, NULL, &r), INV_OK))
		id = INV_AT(r, inv_product, 0)->id;
	inv_result_free(r);
	return id;
}

static void entry_of(inv_stock_entry *entry, inv_stock_line *line, const char *sku,
                     const char *place, int64_t quantity, int64_t at)
{
	*line = (inv_stock_line)INV_STOCK_LINE_INIT;
	*entry = (inv_stock_entry)INV_STOCK_ENTRY_INIT;
	line->product = inv_ref_code(sku);
	if (place)
		line->location = inv_ref_code(place);
	line->quantity = quantity;
	entry->lines = INV_LIST_OF(line, 1);
	entry->occurred_at = at;
}

inv_status shop_receive(inv_session *s, const char *sku, const char *place, int64_t quantity,
                        int64_t at)
{
	inv_stock_entry entry;
	inv_stock_line line;

	entry_of(&entry, &line, sku, place, quantity, at);
	return inv_stock_receive(s, &entry, 1, NULL, NULL);
}

inv_status shop_issue(inv_session *s, const char *sku, const char *place, int64_t quantity,
                      int64_t at)
{
	inv_stock_entry entry;
	inv_stock_line line;

	entry_of(&entry, &line, sku, place, quantity, at);
	return inv_stock_issue(s, &entry, 1, NULL, NULL);
}

int64_t shop_on_hand(inv_session *s, const char *sku, const char *place)
{
	inv_balance_query query = INV_BALANCE_QUERY_INIT;
	inv_result *r = NULL;
	int64_t on_hand = INT64_MIN;

	query.product = inv_ref_code(sku);
	if (place)
		query.location = inv_ref_code(place);
	else
		query.subtree = 1; /* of everything */
	if (CHECK_STATUS(inv_balance_get(s, &query, 1, NULL, &r), INV_OK))
		on_hand = INV_AT(r, inv_balance, 0)->on_hand;
	inv_result_free(r);
	return on_hand;
}

int64_t shop_position(test_shop *shop)
{
	inv_store_info info = INV_STORE_INFO_INIT;

	CHECK_STATUS(inv_store_info_get(shop->store, &info, NULL), INV_OK);
	return info.position;
}

void shop_verify(test_shop *shop)
{
	inv_verify_report report = INV_VERIFY_REPORT_INIT;
	char before[65] = "", after[65] = "";

	if (!CHECK_STATUS(inv_store_verify(shop->store, NULL, &report, &shop->error), INV_OK))
		CHECK_FAIL("%s %s", report.first_divergence, shop->error.message);
	CHECK(report.ok);
	CHECK_STATUS(inv_store_state_hash(shop->store, before, NULL), INV_OK);
	CHECK_STR((const char *)report.state_hash, before);
	CHECK_STATUS(inv_store_rebuild(shop->store, NULL, &shop->error), INV_OK);
	CHECK_STATUS(inv_store_state_hash(shop->store, after, NULL), INV_OK);
	CHECK_STR((const char *)after, before);
}

void shop_clock(test_shop *shop, int64_t now)
{
	inv_store_info info = INV_STORE_INFO_INIT;

	/* Asking for the last position gives one to what has none. */
	if (check_on_postgres() && now != shop->now)
		CHECK_STATUS(inv_store_info_get(shop->store, &info, NULL), INV_OK);
	shop->now = now;
}
