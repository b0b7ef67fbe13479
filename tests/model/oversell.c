/* SPDX-License-Identifier: MIT */
/* ctest: concurrency serial drivers */
/* Nothing is sold twice: threads and processes race for the last units under guard strict, and for
 * one key. The same race without the guard oversells, so the race is one. */
#include "support/shop.h"
#include "support/store_url.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNITS_THERE 1000
#define THREADS 8
#define PROCESSES 4
#define RACERS 16

static bool stock_up(test_shop *shop, const char *url, int units)
{
	if (!shop_open(shop, url))
		return false;
	shop_product(shop, "TEA");
	return CHECK_STATUS(shop_receive(shop->s, "TEA", NULL, UNITS(units), 0), INV_OK) &&
	       CHECK(SHOP_ANSWER(shop->s, "channel.create",
	                         "{\"code\":\"SEE\",\"name\":\"See\",\"guard\":\"observe\"}")[0] != 0);
}

/* One unit of tea, paid in cash. */
static inv_status sell(inv_session *s)
{
	inv_sale_line line = INV_SALE_LINE_INIT;
	inv_sale sale = INV_SALE_INIT;

	line.product = INV_REF("TEA");
	line.quantity = UNITS(1);
	line.unit_price = MONEY(2, 50);
	sale.lines = INV_LIST_OF(&line, 1);
	return inv_sale_close(s, &sale, 1, NULL, NULL);
}

/* What one seller saw: sold until there was nothing left. */
typedef struct seller {
	inv_store *store;
	int sold;
	inv_status last;
} seller;

static void sell_all(seller *me)
{
	inv_session *s = NULL;

	me->last = inv_session_open(me->store, NULL, &s, NULL);
	while (me->last == INV_OK || me->last == INV_E_BUSY) {
		me->last = sell(s);
		me->sold += me->last == INV_OK;
	}
	inv_session_close(s);
}

static void *sell_in_thread(void *me)
{
	sell_all(me);
	return NULL;
}

/* On hand 0, as many tickets as units, and a journal that proves it. */
static void check_sold_out(test_shop *shop)
{
	CHECK_INT(shop_on_hand(shop->s, "TEA", NULL), 0);
	CHECK(strstr(SHOP_ANSWER(shop->s, "sale.list", "{\"sort\":\"-number\",\"limit\":1}"),
	             "\"number\":1000,") != NULL);
	shop_verify(shop);
}

TEST(threads_sell_what_there_is)
{
	test_shop shop = {0};
	seller sellers[THREADS];
	pthread_t threads[THREADS];
	int sold = 0;

	if (!stock_up(&shop, NULL, UNITS_THERE)) {
		shop_close(&shop);
		return;
	}
	for (int i = 0; i < THREADS; i++) {
		sellers[i] = (seller){shop.store, 0, INV_OK};
		pthread_create(&threads[i], NULL, sell_in_thread, &sellers[i]);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		CHECK_STATUS(sellers[i].last, INV_E_INSUFFICIENT);
		sold += sellers[i].sold;
	}
	CHECK_INT(sold, UNITS_THERE);
	check_sold_out(&shop);
	shop_close(&shop);
}

/* ---- processes ---- */

/* A process of its own: opens the store itself. Tells through the pipe how much it has sold. */
static void sell_in_process(const char *url, const int start[2], const int out[2])
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	seller me = {NULL, 0, INV_OK};
	char go;

	close(start[1]); /* else nobody sees the end when the parent gives up */
	close(out[0]);
	options.url = url;
	options.drivers = check_store_drivers(&options.driver_count);
	options.busy_timeout_ms = 60000;
	if (read(start[0], &go, 1) != 1 || inv_store_open(&options, &me.store, NULL) != INV_OK)
		_exit(EXIT_FAILURE);
	sell_all(&me);
	inv_store_close(me.store);
	if (me.last != INV_E_INSUFFICIENT)
		fprintf(stderr, "a process ends with %d\n", (int)me.last);
	if (me.last != INV_E_INSUFFICIENT || write(out[1], &me.sold, sizeof me.sold) != sizeof me.sold)
		_exit(EXIT_FAILURE);
	_exit(EXIT_SUCCESS);
}

static int collect(pid_t child, int out)
{
	int status = 0, part = 0;

	if (CHECK(waitpid(child, &status, 0) == child) &&
	    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS))
		CHECK(read(out, &part, sizeof part) == sizeof part);
	return part;
}

TEST(processes_sell_what_there_is)
{
	test_shop shop = {0};
	const char *url = check_store_url("shop.db");
	int start[2], out[2], sold = 0;
	pid_t children[PROCESSES];

	if (!CHECK(pipe(start) == 0 && pipe(out) == 0))
		return;
	/* Before the store is opened here: nothing of it must be shared. */
	for (int i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		if (children[i] == 0)
			sell_in_process(url, start, out);
	}
	if (stock_up(&shop, NULL, UNITS_THERE)) {
		CHECK(write(start[1], "1234", PROCESSES) == PROCESSES);
		for (int i = 0; i < PROCESSES; i++)
			sold += collect(children[i], out[0]);
		CHECK_INT(sold, UNITS_THERE);
		check_sold_out(&shop);
	}
	close(start[0]);
	close(start[1]);
	close(out[0]);
	close(out[1]);
	shop_close(&shop);
}

/* ---- the race without a guard ---- */

/* Looks first and sells then, as a program without a guard would. */
static void *look_and_sell(void *arg)
{
	seller *me = arg;
	inv_session_options who = INV_SESSION_OPTIONS_INIT;
	inv_session *s = NULL;

	who.channel = INV_REF("SEE");
	me->last = inv_session_open(me->store, &who, &s, NULL);
	while (me->last == INV_OK && shop_on_hand(s, "TEA", NULL) > 0) {
		me->last = sell(s);
		me->sold += me->last == INV_OK;
	}
	inv_session_close(s);
	return NULL;
}

static int oversold_once(const char *url, int units)
{
	test_shop shop = {0};
	seller sellers[THREADS];
	pthread_t threads[THREADS];
	int sold = 0;

	if (!stock_up(&shop, url, units)) {
		shop_close(&shop);
		return -1;
	}
	for (int i = 0; i < THREADS; i++) {
		sellers[i] = (seller){shop.store, 0, INV_OK};
		pthread_create(&threads[i], NULL, look_and_sell, &sellers[i]);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		CHECK_STATUS(sellers[i].last, INV_OK);
		sold += sellers[i].sold;
	}
	CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(units - sold));
	shop_verify(&shop);
	shop_close(&shop);
	return sold - units;
}

TEST(without_a_guard_too_much_is_sold)
{
	char name[32];
	int over = 0;

	for (int i = 0; over == 0 && i < 20; i++) {
		snprintf(name, sizeof name, "shop-%d.db", i);
		over = oversold_once(check_store_url(name), 10);
	}
	CHECK(over > 0);
}

/* ---- one key ---- */

typedef struct racer {
	inv_store *store;
	pthread_barrier_t *barrier;
	inv_status status;
	bool replayed;
	char answer[4096];
} racer;

static void *race(void *arg)
{
	racer *me = arg;
	inv_session_options who = INV_SESSION_OPTIONS_INIT;
	inv_options options = INV_OPTIONS_INIT;
	inv_session *s = NULL;
	inv_result *r = NULL;

	who.actor = INV_S("racer");
	options.key = INV_S("one-key");
	inv_session_open(me->store, &who, &s, NULL);
	pthread_barrier_wait(me->barrier);
	me->status = inv_call_json(s, INV_S("sale.close"),
	                           INV_S("{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"3\","
	                                 "\"unit_price\":\"2.55\"}]}"),
	                           &options, &r);
	if (me->status == INV_OK && inv_result_json(r).len < sizeof me->answer) {
		memcpy(me->answer, inv_result_json(r).ptr, inv_result_json(r).len);
		me->replayed = inv_result_replayed(r);
	}
	inv_result_free(r);
	inv_session_close(s);
	return NULL;
}

TEST(one_key_has_one_effect)
{
	static racer racers[RACERS];
	test_shop shop = {0};
	pthread_t threads[RACERS];
	pthread_barrier_t barrier;
	int first = 0;

	if (!stock_up(&shop, NULL, 10)) {
		shop_close(&shop);
		return;
	}
	pthread_barrier_init(&barrier, NULL, RACERS);
	for (int i = 0; i < RACERS; i++) {
		racers[i] = (racer){.store = shop.store, .barrier = &barrier};
		pthread_create(&threads[i], NULL, race, &racers[i]);
	}
	for (int i = 0; i < RACERS; i++) {
		pthread_join(threads[i], NULL);
		CHECK_STATUS(racers[i].status, INV_OK);
		CHECK_STR((const char *)racers[i].answer, racers[0].answer);
		first += !racers[i].replayed;
	}
	pthread_barrier_destroy(&barrier);
	CHECK_INT(first, 1);
	CHECK_INT(shop_on_hand(shop.s, "TEA", NULL), UNITS(7));
	shop_verify(&shop);
	shop_close(&shop);
}

CHECK_MAIN()
