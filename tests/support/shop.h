/* SPDX-License-Identifier: MIT */
/* What tests of operations begin with: a store in the test's folder with a clock that the test
 * sets and randomness that its seed repeats, and short ways to products and stock. */
#ifndef INV_TEST_SHOP_H
#define INV_TEST_SHOP_H

#include "inventra/inventra.h"
#include "support/check.h"

#define SHOP_NOON INT64_C(1700000000000000) /* 2023-11-14T22:13:20Z */
#define SHOP_SECOND INT64_C(1000000)
#define SHOP_MINUTE (60 * SHOP_SECOND)
#define SHOP_HOUR (60 * SHOP_MINUTE)
#define SHOP_DAY (24 * SHOP_HOUR)
#define UNITS(n) ((int64_t)(n) * INV_QUANTITY_ONE)
#define MONEY(units, hundredths) ((int64_t)(units) * INV_MONEY_ONE + (int64_t)(hundredths) * 100)

typedef struct test_shop {
	int64_t now;       /* what the store's clock says */
	uint32_t readers;  /* connections for reading at most; 0 = as many as by default */
	_Atomic uint64_t random;
	inv_store *store;
	inv_session *s;    /* actor "tester" */
	inv_error error;
} test_shop;

/* `url` NULL = shop.db in the test's folder. False, with a failed check, when it does not open. */
bool shop_open(test_shop *shop, const char *url);
void shop_close(test_shop *shop);
/* Another session; NULL = the store's default. */
inv_session *shop_session(test_shop *shop, const char *channel, const char *location);

/* The status of an operation called with JSON; `out` may be NULL. The answer's text is only valid
 * until the result is freed. */
inv_status shop_json(inv_session *s, const char *op, const char *json, inv_result **out);
/* The same, with its status checked; returns the answer's JSON, in one of four buffers that take
 * turns. */
const char *shop_answer(const char *file, int line, inv_session *s, const char *op,
                        const char *json);
#define SHOP_ANSWER(s, op, json) shop_answer(CHECK_HERE, (s), (op), (json))
/* That it fails with this status and names this field. */
bool shop_refuses(inv_session *s, const char *op, const char *json, inv_status status,
                  const char *field);
#define SHOP_REFUSES(s, op, json, status, field) \
	CHECK(shop_refuses((s), (op), (json), (status), (field)))

inv_id shop_product(test_shop *shop, const char *sku);
inv_status shop_receive(inv_session *s, const char *sku, const char *place, int64_t quantity,
                        int64_t at);
inv_status shop_issue(inv_session *s, const char *sku, const char *place, int64_t quantity,
                      int64_t at);
/* On hand now; INT64_MIN when it cannot be read. */
int64_t shop_on_hand(inv_session *s, const char *sku, const char *place);
/* Position of the journal's last event. */
/* Let time pass. What was committed until then is known as of then, on every database. */
void shop_clock(test_shop *shop, int64_t now);
int64_t shop_position(test_shop *shop);
/* Checks that verify finds nothing, and that a rebuild gives the same state hash. */
void shop_verify(test_shop *shop);

#endif
