/* SPDX-License-Identifier: MIT */
/* ctest: postgres concurrency */
/* A shop moves to PostgreSQL or away from it while its connections break, at any moment and at the
 * worst: with a COMMIT on its way. Started again often enough it comes to its end, and what is
 * there is the shop. */
#include "fault/pg_proxy.h"
#include "support/shop.h"
#include "support/store_url.h"

#define PRODUCTS 1000
#define BREAKS 5 /* so many copies are broken off before one may come to its end */
#define STARTS_MAX 1000

static bool fill(test_shop *shop)
{
	static inv_product products[PRODUCTS];
	static char names[PRODUCTS][32];

	for (int turn = 0; turn < 2; turn++) {
		for (int i = 0; i < PRODUCTS; i++) {
			products[i] = (inv_product)INV_PRODUCT_INIT;
			snprintf(names[i], sizeof names[i], "P-%d-%d", turn, i);
			products[i].sku = products[i].name = inv_str_of(names[i]);
		}
		if (!CHECK_STATUS(inv_product_create(shop->s, products, PRODUCTS, NULL, NULL), INV_OK))
			return false;
	}
	return CHECK_STATUS(shop_receive(shop->s, "P-0-0", NULL, UNITS(3), 0), INV_OK);
}

static inv_status copy_to(test_shop *shop, const char *url, const inv_progress *progress)
{
	inv_store_options to = INV_STORE_OPTIONS_INIT;

	to.url = url;
	to.drivers = check_store_drivers(&to.driver_count);
	return inv_store_copy(shop->store, &to, progress, NULL, &shop->error);
}

/* What broken connections may answer: not that the place is another's, or damaged. */
static bool is_broken(inv_status status)
{
	return status == INV_E_IO || status == INV_E_BUSY || status == INV_E_UNKNOWN_OUTCOME;
}

static void is_the_same(test_shop *shop, const char *url)
{
	char here[65] = "", there[65] = "";
	test_shop other = {0};

	CHECK_STATUS(inv_store_state_hash(shop->store, here, NULL), INV_OK);
	if (shop_open(&other, url)) {
		CHECK_STATUS(inv_store_state_hash(other.store, there, NULL), INV_OK);
		CHECK_STR((const char *)there, (const char *)here);
		CHECK_INT(shop_on_hand(other.s, "P-0-0", NULL), UNITS(3));
		shop_verify(&other);
	}
	shop_close(&other);
}

/* ---- at any moment ---- */

/* Ends the connections of who copies, until that has hit often enough. */
static void *shoots(void *arg)
{
	const atomic_int *left = arg;
	check_rng rng;

	check_rng_init(&rng, 7);
	while (*left > 0) {
		inv__sleep((int64_t)check_rng_below(&rng, 60000));
		check_postgres("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
		               " WHERE application_name = 'inv_copied'");
	}
	return NULL;
}

static void moves_under_fire(const char *from, const char *to)
{
	atomic_int left = BREAKS;
	test_shop shop = {0};
	pthread_t thread;
	int starts = 0;
	inv_status rc;

	if (shop_open(&shop, from) && fill(&shop) &&
	    CHECK_INT(pthread_create(&thread, NULL, shoots, &left), 0)) {
		do {
			rc = copy_to(&shop, to, NULL);
			left -= is_broken(rc);
		} while ((is_broken(rc) || (rc == INV_OK && left > 0)) && ++starts < STARTS_MAX);
		CHECK(left <= 0);
		left = 0;
		pthread_join(thread, NULL);
		if (!CHECK_STATUS(rc, INV_OK))
			CHECK_FAIL("%s", shop.error.message);
		is_the_same(&shop, to);
	}
	shop_close(&shop);
}

TEST(the_target_under_fire)
{
	moves_under_fire(check_path("shop.db"),
	                 check_store_url_with("there", "application_name=inv_copied"));
}

TEST(the_source_under_fire)
{
	moves_under_fire(check_store_url_with("shop", "application_name=inv_copied"),
	                 check_path("there.db"));
}

/* ---- with a COMMIT on its way ---- */

typedef struct loss {
	pg_proxy proxy;
	int slices;
} loss;

/* Behind the first slice, so that there is something to go on from. */
static bool drop_next(void *ctx, uint64_t done, uint64_t total)
{
	loss *t = ctx;

	(void)total;
	if (done > 0 && t->slices++ == 0)
		t->proxy.drops = true;
	return true;
}

static void nothing(void *ctx)
{
	(void)ctx;
}

static void loses_a_slice(bool done)
{
	const char *direct = check_store_url("there");
	char url[1024];
	test_shop shop = {0};
	loss t = {.slices = 0};
	const inv_progress drops = {&t, drop_next};

	if (!proxy_start(&t.proxy))
		return;
	t.proxy.meanwhile = done ? NULL : nothing;
	snprintf(url, sizeof url, "postgresql://inventra@/postgres?host=%s&port=5432&%s",
	         t.proxy.folder, strstr(direct, "inventra_schema="));
	if (shop_open(&shop, check_path("shop.db")) && fill(&shop)) {
		CHECK_STATUS(copy_to(&shop, url, &drops), INV_E_UNKNOWN_OUTCOME);
		CHECK(!t.proxy.drops);
		t.proxy.starting = false;
		CHECK_STATUS(copy_to(&shop, url, NULL), INV_OK);
		is_the_same(&shop, direct);
	}
	shop_close(&shop);
	proxy_stop(&t.proxy);
}

TEST(the_answer_to_a_slice_is_lost)
{
	loses_a_slice(true);
}

TEST(a_slice_is_lost)
{
	loses_a_slice(false);
}

CHECK_MAIN()
