/* SPDX-License-Identifier: MIT */
/* A cancel stops a read that is under way, and nothing else. */
/* ctest: drivers concurrency */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "conformance/conn.h"
#include "support/shop.h"

/* On SQLite, so many moves that adding them up, each with a look at its event, takes long enough
 * to be stopped in its middle. Nobody verifies this store. On PostgreSQL a lock is in the way. */
static const char many_moves[] =
	"INSERT INTO account_move (account, occurred_at, event, line, quantity, other_location,"
	" other_condition) SELECT m.account, m.occurred_at, m.event, 1 + n.i, m.quantity,"
	" m.other_location, m.other_condition FROM account_move m CROSS JOIN (WITH RECURSIVE t(i) AS"
	" (SELECT 1 UNION ALL SELECT i + 1 FROM t WHERE i < 120000) SELECT i FROM t) n"
	" WHERE m.line = 1";
static const char long_read[] = "{\"product\":\"TEA\",\"as_of\":\"2024-01-01T00:00:00Z\","
                                "\"known_at\":\"2024-01-01T00:00:00Z\"}";

typedef struct reader {
	inv_session *s;
	atomic_bool started;
	inv_status status;
	bool closes; /* its session, as soon as it has its answer */
} reader;

static void *read_long(void *arg)
{
	reader *r = arg;

	atomic_store(&r->started, true);
	r->status = shop_json(r->s, "balance.get", long_read, NULL);
	if (r->closes)
		inv_session_close(r->s);
	return NULL;
}

static void pause_ms(long ms)
{
	struct timespec t = {0, ms * 1000000};

	nanosleep(&t, NULL);
}

/* A shop in which the read takes long, until the link is closed at the latest. */
static inv__link *slow_shop(test_shop *shop)
{
	const char *url = check_store_url("shop");
	inv__link *link;

	if (!shop_open(shop, url))
		return NULL;
	shop_product(shop, "TEA");
	CHECK_STATUS(shop_receive(shop->s, "TEA", NULL, UNITS(10), 0), INV_OK);
	link = conn_writer(url);
	if (check_on_postgres())
		CHECK_STATUS(inv__link_begin(link, INV_BEGIN_WRITE, NULL), INV_OK);
	CHECK_STATUS(conn_run(link, check_on_postgres() ? "LOCK TABLE account_move" : many_moves, NULL),
	             INV_OK);
	return link;
}

TEST(a_read_is_stopped_in_its_middle)
{
	test_shop shop = {0};
	pthread_t threads[2];
	reader r[2] = {{0}, {0}};
	inv__link *link = slow_shop(&shop);

	if (link) {
		for (int i = 0; i < 2; i++) {
			r[i].s = shop_session(&shop, NULL, NULL);
			pthread_create(&threads[i], NULL, read_long, &r[i]);
		}
		while (!atomic_load(&r[0].started) || !atomic_load(&r[1].started))
			pause_ms(1);
		pause_ms(20);
		inv_session_cancel(r[0].s);
		pthread_join(threads[0], NULL);
		inv__link_close(link);
		pthread_join(threads[1], NULL);
		CHECK_STATUS(r[0].status, INV_E_CANCELLED);
		CHECK_STATUS(inv_session_error(r[0].s)->status, INV_E_CANCELLED);
		CHECK_STATUS(r[1].status, INV_OK);
		CHECK_INT(shop_on_hand(r[0].s, "TEA", NULL), UNITS(10));
		for (int i = 0; i < 2; i++)
			inv_session_close(r[i].s);
	}
	shop_close(&shop);
}

/* Whoever cancels may still be at it when the call has ended. */
TEST(a_session_is_closed_when_nobody_cancels_it_any_more)
{
	test_shop shop = {0};
	pthread_t thread;
	reader r = {.closes = true};
	inv__link *link = slow_shop(&shop);

	if (link) {
		r.s = shop_session(&shop, NULL, NULL);
		pthread_create(&thread, NULL, read_long, &r);
		while (!atomic_load(&r.started))
			pause_ms(1);
		pause_ms(20);
		inv_session_cancel(r.s);
		pthread_join(thread, NULL);
		CHECK_STATUS(r.status, INV_E_CANCELLED);
		inv__link_close(link);
	}
	shop_close(&shop);
}

TEST(a_cancel_between_calls_hits_the_next_and_no_other)
{
	test_shop shop = {0};

	if (shop_open(&shop, check_store_url("shop"))) {
		shop_product(&shop, "TEA");
		inv_session_cancel(shop.s);
		CHECK_STATUS(shop_json(shop.s, "product.get", "{\"ref\":\"TEA\"}", NULL), INV_E_CANCELLED);
		CHECK_STATUS(shop_json(shop.s, "product.get", "{\"ref\":\"TEA\"}", NULL), INV_OK);
	}
	shop_close(&shop);
}

CHECK_MAIN()
