/* SPDX-License-Identifier: MIT */
/* A cancel stops a read that is under way, and nothing else. */
/* ctest: drivers concurrency */
#include <pthread.h>
#include <stdatomic.h>

#include "conformance/conn.h"
#include "engine/engine.h"
#include "support/shop.h"

/* On SQLite, so many moves that adding them up, each with a look at its event, takes long enough
 * to be stopped in its middle. Nobody verifies this store. On PostgreSQL a lock is in the way. */
static const char many_moves[] =
	"INSERT INTO account_move (account, occurred_at, event, line, quantity, other_location,"
	" other_condition) SELECT m.account, m.occurred_at, m.event, 1 + n.i, m.quantity,"
	" m.other_location, m.other_condition FROM account_move m CROSS JOIN (WITH RECURSIVE t(i) AS"
	" (SELECT 1 UNION ALL SELECT i + 1 FROM t WHERE i < 120000) SELECT i FROM t) n"
	" WHERE m.line = 1";

typedef struct reader {
	inv_session *s;
	inv_id product; /* not its code, which would be a read of its own */
	inv_status status;
	bool closes; /* its session, as soon as it has its answer */
} reader;

static void *read_long(void *arg)
{
	reader *r = arg;
	inv_balance_query query = INV_BALANCE_QUERY_INIT;

	query.product = inv_ref_of(r->product);
	query.as_of = query.known_at = SHOP_NOON + 60 * SHOP_DAY;
	r->status = inv_balance_get(r->s, &query, 1, NULL, NULL);
	if (r->closes)
		inv_session_close(r->s);
	return NULL;
}

/* Until so many reads are at the database: on PostgreSQL, at the lock. */
static void wait_for_reads(const reader *r, int count)
{
	const char *schema = strstr(check_store_url("shop"), "inventra_schema=");
	char sql[256];

	(void)inv__format(sql, sizeof sql,
	                  "SELECT COUNT(*) = %d FROM pg_locks l WHERE NOT l.granted AND"
	                  " l.relation = '%s.account_move'::regclass",
	                  count, schema ? schema + 16 : "");
	for (int i = 0; i < count; i++)
		while (!atomic_load(&r[i].s->reading))
			inv__sleep(1000);
	while (check_on_postgres() && strcmp(check_postgres(sql), "t") != 0)
		inv__sleep(1000);
}

/* A shop in which the read takes long, until the link is closed at the latest. */
static inv__link *slow_shop(test_shop *shop, inv_id *product)
{
	const char *url = check_store_url("shop");
	inv__link *link;

	if (!shop_open(shop, url))
		return NULL;
	*product = shop_product(shop, "TEA");
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
	inv__link *link = slow_shop(&shop, &r[0].product);

	if (link) {
		for (int i = 0; i < 2; i++) {
			r[i].s = shop_session(&shop, NULL, NULL);
			r[i].product = r[0].product;
			pthread_create(&threads[i], NULL, read_long, &r[i]);
		}
		wait_for_reads(r, 2);
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
	inv__link *link = slow_shop(&shop, &r.product);

	if (link) {
		r.s = shop_session(&shop, NULL, NULL);
		pthread_create(&thread, NULL, read_long, &r);
		wait_for_reads(&r, 1);
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
