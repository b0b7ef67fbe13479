/* SPDX-License-Identifier: MIT */
/* The disk fills, or fails, inside a group commit: only the commands that do not fit fail. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inventra/inventra.h"
#include "support/check.h"
#include "support/disk.h"

#define THREADS 8
#define ROUNDS 6       /* commands of each thread */
#define SMALL_LINES 1u
#define BIG_LINES 10000u
#define MEGABYTE INT64_C(1048576)

typedef struct till {
	pthread_t thread;
	inv_store *store;
	unsigned number;
	bool big;              /* it tries what does not fit */
	atomic_bool *start;
	inv_status answers[ROUNDS];
	char messages[ROUNDS][256];
} till;

static const char *store_path(void)
{
	static char path[1024];

	snprintf(path, sizeof path, "%s", check_path("shop.db"));
	return path;
}

static bool open_shop(inv_store **store)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_error error = INV_ERROR_INIT;

	options.url = store_path();
	options.checkpoint_pages = 200;
	return CHECK_STATUS(inv_store_open(&options, store, &error), INV_OK) ||
	       CHECK_FAIL("%s", error.message);
}

static bool make_product(inv_store *store)
{
	inv_product p = INV_PRODUCT_INIT;
	inv_session *s = NULL;
	bool made;

	p.sku = INV_S("TEA");
	p.name = INV_S("Tea");
	made = CHECK_STATUS(inv_session_open(store, NULL, &s, NULL), INV_OK) &&
	       CHECK_STATUS(inv_product_create(s, &p, 1, NULL, NULL), INV_OK);
	inv_session_close(s);
	return made;
}

/* ---- many tills ---- */

/* Found again by its document. */
static void document_of(const till *t, unsigned round, char text[32])
{
	snprintf(text, 32, "D-%u-%u", t->number, round);
}

static inv_status receive(inv_session *s, const char *document, inv_stock_line *lines, size_t count)
{
	inv_stock_entry entry = INV_STOCK_ENTRY_INIT;

	for (size_t i = 0; i < count; i++) {
		lines[i] = (inv_stock_line)INV_STOCK_LINE_INIT;
		lines[i].product = inv_ref_code("TEA");
		lines[i].quantity = INV_QUANTITY_ONE;
	}
	entry.document = inv_str_of(document);
	entry.lines = INV_LIST_OF(lines, count);
	return inv_stock_receive(s, &entry, 1, NULL, NULL);
}

static void *work(void *ctx)
{
	till *t = ctx;
	inv_stock_line *lines = calloc(BIG_LINES, sizeof *lines);
	inv_session *s = NULL;

	if (!lines || inv_session_open(t->store, NULL, &s, NULL) != INV_OK)
		abort();
	while (!atomic_load(t->start))
		usleep(100);
	for (unsigned i = 0; i < ROUNDS; i++) {
		char document[32];

		document_of(t, i, document);
		t->answers[i] = receive(s, document, lines, t->big ? BIG_LINES : SMALL_LINES);
		snprintf(t->messages[i], sizeof t->messages[i], "%s", inv_session_error(s)->message);
	}
	inv_session_close(s);
	free(lines);
	return NULL;
}

/* All at once, numbered from `first`, `big` of them big; returns the commits it took. */
static uint64_t run_tills(inv_store *store, till *tills, unsigned first, unsigned big)
{
	inv_store_info before = INV_STORE_INFO_INIT;
	inv_store_info after = INV_STORE_INFO_INIT;
	atomic_bool start;

	atomic_init(&start, false);
	inv_store_info_get(store, &before, NULL);
	for (unsigned i = 0; i < THREADS; i++) {
		tills[i] = (till){.store = store, .number = first + i, .big = i < big, .start = &start};
		if (pthread_create(&tills[i].thread, NULL, work, &tills[i]) != 0)
			abort();
	}
	atomic_store(&start, true);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(tills[i].thread, NULL);
	inv_store_info_get(store, &after, NULL);
	return after.commits - before.commits;
}

/* ---- what is there ---- */

static int64_t lines_of(inv_session *s, const char *document)
{
	inv_query query = INV_QUERY_INIT;
	inv_result *result = NULL;
	char filter[64];
	int64_t lines = 0;

	snprintf(filter, sizeof filter, "document = \"%s\"", document);
	query.filter = inv_str_of(filter);
	CHECK_STATUS(inv_posting_list(s, &query, 1, NULL, &result), INV_OK);
	for (size_t i = 0; i < inv_result_count(result); i++)
		lines += INV_AT(result, inv_posting, i)->line_count;
	inv_result_free(result);
	return lines;
}

typedef struct tally {
	unsigned small_done, small_full, big_done, big_full, other;
} tally;

static void count_answer(const till *t, unsigned i, tally *sum)
{
	if (t->answers[i] == INV_OK)
		(*(t->big ? &sum->big_done : &sum->small_done))++;
	else if (t->answers[i] == INV_E_FULL)
		(*(t->big ? &sum->big_full : &sum->small_full))++;
	else if (++sum->other < 4)
		CHECK_FAIL("a command answers %d: %s", (int)t->answers[i], t->messages[i]);
}

/* OK is in the journal, whole and once; FULL is not. */
static tally check_tills(inv_session *s, const till *tills)
{
	tally sum = {0};

	for (unsigned k = 0; k < THREADS; k++) {
		for (unsigned i = 0; i < ROUNDS; i++) {
			int64_t want = tills[k].big ? BIG_LINES : SMALL_LINES;
			char document[32];

			count_answer(&tills[k], i, &sum);
			document_of(&tills[k], i, document);
			CHECK_INT(lines_of(s, document), tills[k].answers[i] == INV_OK ? want : 0);
			if (tills[k].answers[i] != INV_OK)
				CHECK(tills[k].messages[i][0] != '\0');
		}
	}
	printf("small: %u done, %u full; big: %u done, %u full\n", sum.small_done, sum.small_full,
	       sum.big_done, sum.big_full);
	return sum;
}

/* The store as it is opened again. */
static tally check_after(const till *tills)
{
	inv_error error = INV_ERROR_INIT;
	inv_store *store = NULL;
	inv_session *s = NULL;
	tally sum = {0};

	disk_limit(-1);
	if (!open_shop(&store))
		return sum;
	if (inv_store_verify(store, NULL, NULL, &error) != INV_OK)
		CHECK_FAIL("the store is not sound: %s", error.message);
	if (CHECK_STATUS(inv_session_open(store, NULL, &s, NULL), INV_OK))
		sum = check_tills(s, tills);
	inv_session_close(s);
	inv_store_close(store);
	return sum;
}

/* Three of the tills try what will never fit beside the others; the others all succeed. */
TEST(only_what_does_not_fit_fails)
{
	static till tills[THREADS];
	inv_store *store = NULL;
	uint64_t commits;
	tally sum;

	disk_install();
	if (!open_shop(&store) || !make_product(store))
		return;
	disk_sync_time(2000); /* time for a group to gather */
	disk_limit(disk_used() + 2 * MEGABYTE);
	commits = run_tills(store, tills, 0, 3);
	disk_sync_time(0);
	inv_store_close(store);
	sum = check_after(tills);
	CHECK_INT(sum.big_done, 0);
	CHECK_INT(sum.big_full, 3 * ROUNDS);
	CHECK_INT(sum.small_done, (THREADS - 3) * ROUNDS);
	/* They did not go one by one. */
	printf("%llu commits\n", (unsigned long long)commits);
	CHECK(commits < (THREADS - 3) * ROUNDS);
}

/* It fills for all. When there is room again, the same store goes on. */
TEST(when_there_is_room_again_it_goes_on)
{
	static till tills[THREADS];
	inv_store *store = NULL;
	tally sum;

	disk_install();
	if (!open_shop(&store) || !make_product(store))
		return;
	disk_sync_time(1000);
	disk_limit(disk_used() + MEGABYTE / 4);
	(void)run_tills(store, tills, 0, 0);
	sum = check_after(tills);
	CHECK(sum.small_done > 0);
	CHECK(sum.small_full > 0);
	(void)run_tills(store, tills, THREADS, 1);
	disk_sync_time(0);
	inv_store_close(store);
	sum = check_after(tills);
	CHECK_INT(sum.small_done, (THREADS - 1) * ROUNDS);
	CHECK_INT(sum.big_done, ROUNDS);
}

/* A commit of many fails once, and nobody knows how far it came: each command is there all the
 * same, and once. */
TEST(a_commit_of_many_fails_once)
{
	static till tills[THREADS];
	inv_store *store = NULL;
	tally sum;

	disk_install();
	if (!open_shop(&store) || !make_product(store))
		return;
	disk_sync_time(1000);
	for (unsigned turn = 0; turn < 12 && check_failures() == 0; turn++) {
		bool sync = turn % 2 != 0;

		disk_fail(sync ? DISK_SYNC : DISK_WRITE,
		          1 + (int64_t)check_random_below(sync ? 4 : 40), false, 0);
		(void)run_tills(store, tills, turn * THREADS, 0);
		CHECK(disk_failed());
		disk_heal();
		sum = check_after(tills);
		CHECK_INT(sum.small_done, THREADS * ROUNDS);
	}
	disk_sync_time(0);
	inv_store_close(store);
}

CHECK_MAIN()
