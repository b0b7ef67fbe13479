/* SPDX-License-Identifier: MIT */
/* ctest: drivers concurrency */
/* A rebuild in a shop that goes on selling: it gets its turn, nobody's sale is lost, and what it
 * made is what the journal says. */
#include "support/shop.h"
#include "support/store_url.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define TILLS 4
#define AT_LEAST 5

typedef struct seller {
	inv_session *s;
	atomic_bool *enough;
	atomic_int sold;
	_Atomic inv_status status;
} seller;

static void *sell(void *arg)
{
	seller *me = arg;

	while (me->status == INV_OK &&
	       (!atomic_load(me->enough) || atomic_load(&me->sold) < AT_LEAST)) {
		me->status = shop_issue(me->s, "TEA", NULL, UNITS(1), 0);
		if (me->status == INV_OK)
			atomic_fetch_add(&me->sold, 1);
	}
	return NULL;
}

static void wait_until_all_sell(const seller *sellers)
{
	for (int i = 0; i < TILLS; i++)
		while (atomic_load(&sellers[i].sold) == 0 && sellers[i].status == INV_OK)
			sched_yield();
}

TEST(a_shop_sells_while_it_is_rebuilt)
{
	test_shop shop = {0};
	seller sellers[TILLS] = {{0}};
	pthread_t threads[TILLS];
	atomic_bool enough = false;
	int64_t sold = 0;

	if (shop_open(&shop, NULL)) {
		shop_product(&shop, "TEA");
		CHECK_STATUS(shop_receive(shop.s, "TEA", NULL, UNITS(1000000), 0), INV_OK);
		for (int i = 0; i < TILLS; i++) {
			sellers[i].s = shop_session(&shop, NULL, NULL);
			sellers[i].enough = &enough;
			pthread_create(&threads[i], NULL, sell, &sellers[i]);
		}
		wait_until_all_sell(sellers);
		for (int i = 0; i < 3; i++)
			if (!CHECK_STATUS(inv_store_rebuild(shop.store, NULL, &shop.error), INV_OK))
				CHECK_FAIL("%s", shop.error.message);
		atomic_store(&enough, true);
		for (int i = 0; i < TILLS; i++) {
			pthread_join(threads[i], NULL);
			CHECK_STATUS(sellers[i].status, INV_OK);
			sold += atomic_load(&sellers[i].sold);
			inv_session_close(sellers[i].s);
		}
		CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(1000000 - sold));
		shop_verify(&shop);
	}
	shop_close(&shop);
}

CHECK_MAIN()
