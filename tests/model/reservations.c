/* SPDX-License-Identifier: MIT */
/* ctest: concurrency drivers */
/* Goods that are held for somebody: random commands on the library and on a model of it.
 * INV_TEST_SEED repeats a run, INV_TEST_LONG=N makes it N times as long. */
#include "support/held_race.h"
#include "support/json_text.h"
#include "support/store_url.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static int times(void)
{
	const char *lasting = getenv("INV_TEST_LONG");
	int n = lasting ? atoi(lasting) : 1;

	return n > 0 ? n : 1;
}

TEST(the_library_holds_what_the_model_holds)
{
	char name[48];

	for (int i = 0; i < 3 * times() && check_failures() == 0; i++) {
		snprintf(name, sizeof name, "held-%d.db", i);
		held_compare(check_store_url(name), (uint64_t)i, check_on_postgres() ? 150 : 300,
		             HELD_SOUND, false);
	}
}

/* Each rule in turn is broken in the model: the comparison must find it. */
TEST(a_broken_model_is_found_out)
{
	char name[48];

	for (int broken = HELD_SOUND + 1; broken < HELD_BREAKS && !check_on_postgres(); broken++) {
		unsigned found = 0;

		for (int i = 0; found == 0 && i < 8; i++) {
			snprintf(name, sizeof name, "broken-%d-%d.db", broken, i);
			found = held_compare(check_store_url(name), (uint64_t)(100 + i), 400,
			                     (enum held_break)broken, true);
		}
		if (found == 0)
			CHECK_FAIL("the model with broken rule %d was taken for the true one", broken);
	}
}

TEST(threads_hold_only_what_there_is)
{
	char name[48];

	for (int i = 0; i < times() && check_failures() == 0; i++) {
		held_faults f;

		snprintf(name, sizeof name, "race-%d.db", i);
		f = held_race(check_store_url(name), 8, 120);
		CHECK_INT(f.statuses, 0);
		CHECK_INT(f.goods, 0);
		CHECK_INT(f.available, 0);
		CHECK_INT(f.lots, 0);
		CHECK_INT(f.places, 0);
		CHECK_INT(f.sums, 0);
		CHECK_INT(f.rows, 0);
	}
}

/* ---- places as a whole ---- */

#define SELLERS 8

typedef struct seller {
	pthread_t thread;
	pthread_barrier_t *barrier;
	inv_session *session;
	const char *place;
	int sold;
	inv_status last;
} seller;

static void *sell_all(void *arg)
{
	seller *me = arg;

	pthread_barrier_wait(me->barrier);
	do {
		me->last = shop_issue(me->session, "TEA", me->place, UNITS(1), 0);
		me->sold += me->last == INV_OK;
	} while (me->last == INV_OK);
	return NULL;
}

/* Goods lie at three places below A. All but five are held anywhere in A: whoever takes goods at
 * one of the places takes them from all of A. Returns how many were taken. */
static int sell_in_parts(held_store *store)
{
	static const int places[] = {HELD_A1, HELD_A2, HELD_A21};
	seller sellers[SELLERS];
	pthread_barrier_t barrier;
	int sold = 0;

	for (int i = 0; i < 3; i++)
		CHECK_STATUS(shop_receive(store->shop.s, "TEA", held_places[places[i]], UNITS(10), 0),
		             INV_OK);
	SHOP_ANSWER(store->shop.s, "reservation.hold",
	            "{\"product\":\"TEA\",\"quantity\":25,\"location\":\"A\",\"subtree\":true}");
	pthread_barrier_init(&barrier, NULL, SELLERS);
	for (int i = 0; i < SELLERS; i++) {
		sellers[i] = (seller){.barrier = &barrier, .place = held_places[places[i % 3]],
		                      .session = held_store_session(store, INV_GUARD_STRICT)};
		pthread_create(&sellers[i].thread, NULL, sell_all, &sellers[i]);
	}
	for (int i = 0; i < SELLERS; i++) {
		pthread_join(sellers[i].thread, NULL);
		CHECK_STATUS(sellers[i].last, INV_E_INSUFFICIENT);
		inv_session_close(sellers[i].session);
		sold += sellers[i].sold;
	}
	pthread_barrier_destroy(&barrier);
	return sold;
}

TEST(what_is_held_of_a_place_is_not_taken_in_parts)
{
	char name[48];

	for (int i = 0; i < 4 * times() && check_failures() == 0; i++) {
		held_store store = {0};

		snprintf(name, sizeof name, "parts-%d.db", i);
		if (held_store_open(&store, check_store_url(name))) {
			CHECK_INT(sell_in_parts(&store), 5);
			shop_verify(&store.shop);
		}
		held_store_close(&store);
	}
}

/* ---- one reservation, two who change it ---- */

typedef struct changer {
	pthread_t thread;
	pthread_barrier_t *barrier;
	inv_session *session;
	const char *op;
	char json[128];
	inv_status status;
	char field[96];
} changer;

static void *change(void *arg)
{
	changer *me = arg;

	pthread_barrier_wait(me->barrier);
	me->status = shop_json(me->session, me->op, me->json, NULL);
	snprintf(me->field, sizeof me->field, "%s",
	         me->status == INV_OK ? "" : inv_session_error(me->session)->field);
	return NULL;
}

/* A unit of some lot is held; it is bound to a lot, and taken without a word of which. */
static void bind_and_commit(held_store *store, changer *c)
{
	const char *held = SHOP_ANSWER(store->shop.s, "reservation.hold",
	                               "{\"product\":\"MILK\",\"quantity\":1,\"location\":\"A1\"}");
	const char *id = json_field(held, "id");

	snprintf(c[0].json, sizeof c[0].json, "{\"reservation\":\"%s\",\"lot\":\"L1\"}", id);
	snprintf(c[1].json, sizeof c[1].json, "{\"reservation\":\"%s\"}", id);
	for (int i = 0; i < 2; i++)
		pthread_create(&c[i].thread, NULL, change, &c[i]);
	for (int i = 0; i < 2; i++)
		pthread_join(c[i].thread, NULL);
	CHECK_STATUS(c[0].status, INV_OK);
	if (c[1].status != INV_OK) {
		CHECK_STATUS(c[1].status, INV_E_INVALID);
		CHECK_STR((const char *)c[1].field, "lot");
	}
}

TEST(a_commit_comes_before_or_after_a_binding)
{
	held_store store = {0};
	pthread_barrier_t barrier;
	changer c[2] = {{.op = "reservation.bind"}, {.op = "reservation.commit"}};

	pthread_barrier_init(&barrier, NULL, 2);
	if (held_store_open(&store, check_store_url("bind.db"))) {
		SHOP_ANSWER(store.shop.s, "stock.receive",
		            "{\"lines\":[{\"product\":\"MILK\",\"quantity\":100,\"location\":\"A1\","
		            "\"lot\":\"L1\"}]}");
		for (int i = 0; i < 2; i++) {
			c[i].barrier = &barrier;
			c[i].session = held_store_session(&store, INV_GUARD_STRICT);
		}
		for (int i = 0; i < 30 && check_failures() == 0; i++)
			bind_and_commit(&store, c);
		for (int i = 0; i < 2; i++)
			inv_session_close(c[i].session);
		shop_verify(&store.shop);
	}
	pthread_barrier_destroy(&barrier);
	held_store_close(&store);
}

CHECK_MAIN()
