/* SPDX-License-Identifier: MIT */
/* Levels against sums over all moves: what an account held at any instant, the least and the
 * most of any stretch of time, in any order of arrival. INV_TEST_LONG=N repeats it N times. */
/* ctest: drivers */
#include "conformance/conn.h"
#include "domain/known.h"
#include "domain/levels.h"
#include "support/shop.h"

#define ACCOUNTS 2
#define MOVES 1000
#define QUESTIONS 300
#define INSTANTS 700

typedef struct world {
	check_rng rng;
	inv__leg legs[MOVES];     /* as they arrive */
	const inv__leg *sorted[MOVES]; /* by account and time */
	int count;
	inv__arena arena;
} world;

static int64_t below(world *w, int64_t limit)
{
	return (int64_t)check_rng_below(&w->rng, (uint64_t)limit);
}

/* Marks of all levels are to be met: few moves make them, so events are drawn until one does. */
static int wanted_level(world *w)
{
	int64_t at = below(w, 200);

	return at < 150 ? 0 : at < 180 ? 1 : at < 191 ? 2 : at < 198 ? 3 : 4;
}

static void draw_event(world *w, inv__leg *leg)
{
	int level = wanted_level(w);

	do {
		uint64_t random[2] = {check_rng_next(&w->rng), check_rng_next(&w->rng)};

		memcpy(leg->event.bytes, random, sizeof random);
	} while (inv__leg_level(leg) != level);
}

static inv__leg random_leg(world *w, int64_t scale)
{
	inv__leg leg = {.lot = {"", 0}, .serial = {"", 0}};

	leg.product.bytes[0] = (uint8_t)(1 + below(w, ACCOUNTS));
	leg.location.bytes[0] = 9;
	leg.line = (size_t)below(w, 3);
	leg.quantity = (1 + below(w, 1000)) * scale * (below(w, 2) ? 1 : -1);
	/* Many at one instant, and one that is older than the clock's beginning. */
	leg.occurred_at = below(w, 5) == 0 ? 1000 : below(w, INSTANTS) * 7 - 100;
	inv__leg_number(&leg);
	draw_event(w, &leg);
	return leg;
}

static int by_time(const void *x, const void *y)
{
	const inv__leg *a = *(const inv__leg *const *)x, *b = *(const inv__leg *const *)y;
	int c = inv__leg_compare(a, b);

	return c ? c : (a->occurred_at > b->occurred_at) - (a->occurred_at < b->occurred_at);
}

static void make_world(world *w, uint64_t stream, int64_t scale)
{
	memset(w, 0, sizeof *w);
	check_rng_init(&w->rng, stream);
	inv__arena_init(&w->arena, &inv__malloc_allocator);
	while (w->count < MOVES) {
		w->legs[w->count] = random_leg(w, scale);
		w->sorted[w->count] = &w->legs[w->count];
		w->count++;
	}
	qsort(w->sorted, MOVES, sizeof w->sorted[0], by_time);
}

/* ---- the naive side ---- */

static int64_t held_at(const world *w, int64_t account, int64_t at)
{
	int64_t sum = 0;

	for (int i = 0; i < w->count; i++)
		if (w->legs[i].account == account && w->legs[i].occurred_at <= at)
			sum += w->legs[i].quantity;
	return sum;
}

/* Moves are looked at in the order of time; an instant counts when its last one has been seen. */
static void look(const world *w, inv__stretch *s)
{
	int64_t sum = held_at(w, s->account, s->at);

	s->lowest = s->highest = sum;
	for (int i = 0; i < w->count; i++) {
		const inv__leg *leg = w->sorted[i];

		if (leg->account != s->account || leg->occurred_at <= s->at ||
		    leg->occurred_at >= s->until)
			continue;
		sum += leg->quantity;
		if (i + 1 < w->count && by_time(&w->sorted[i], &w->sorted[i + 1]) == 0)
			continue;
		s->lowest = sum < s->lowest ? sum : s->lowest;
		s->highest = sum > s->highest ? sum : s->highest;
	}
}

/* ---- the library's ---- */

typedef struct side {
	inv__link *link;
	inv__known *known;
} side;

static bool open_side(side *s, const char *name, bool knows)
{
	const char *url = check_store_url(name);
	inv_error error = INV_ERROR_INIT;
	test_shop shop = {.now = SHOP_NOON};

	if (!shop_open(&shop, url))
		return false;
	shop_close(&shop);
	s->link = conn_writer(url);
	s->known = knows ? inv__known_make(&inv__malloc_allocator) : NULL;
	return s->link && CHECK_STATUS(inv__link_begin(s->link, INV_BEGIN_WRITE, &error), INV_OK);
}

static void close_side(side *s)
{
	CHECK_STATUS(inv__link_end(s->link, true, NULL), INV_OK);
	inv__link_close(s->link);
	inv__known_free(s->known);
}

static bool put(side *s, const inv__leg *legs, size_t count)
{
	inv_error error = INV_ERROR_INIT;
	inv__arena arena;
	inv__batch batch;
	inv__apply apply = {.link = s->link, .known = s->known, .arena = &arena, .error = &error,
	                    .batch = &batch};
	inv__leg *copy;
	inv_status rc;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	copy = inv__arena_alloc(&arena, count * sizeof *copy);
	memcpy(copy, legs, count * sizeof *copy);
	for (size_t i = 0; i < count; i++) {
		const inv__known_account none = {.number = legs[i].account, .witness = legs[i].witness};

		if (s->known && !inv__known_find(s->known, legs[i].account))
			inv__known_put(s->known, &none);
	}
	rc = inv__legs_apply(&apply, copy, count);
	if (rc == INV_OK)
		rc = inv__batch_exec(&batch, s->link, &error);
	inv__arena_free(&arena);
	return CHECK_STATUS(rc, INV_OK) || (check_fail(CHECK_HERE, "%s", error.message), false);
}

/* Groups of any size, as commands and the pages of a rebuild are. */
static bool put_all(world *w, side *s, const inv__leg *legs)
{
	bool ok = true;

	for (size_t i = 0, n; ok && i < MOVES; i += n) {
		n = 1 + (size_t)below(w, 40);
		n = n < MOVES - i ? n : MOVES - i;
		ok = put(s, legs + i, n);
	}
	return ok;
}

INV__SQL(ask_held, "SELECT " INV__PAST("?1", "?2"));

static int64_t read_held(side *s, int64_t account, int64_t at)
{
	int64_t held = INT64_MIN;
	inv__arena arena;
	inv__batch batch;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	inv__batch_add(&batch, &ask_held);
	inv__batch_int(&batch, account);
	inv__batch_int(&batch, at);
	if (CHECK_STATUS(inv__batch_exec(&batch, s->link, NULL), INV_OK))
		held = inv__cell_int(inv__batch_result(&batch, 0), 0, 0);
	inv__arena_free(&arena);
	return held;
}

static bool read_stretches(side *s, inv__stretch *stretches, size_t count)
{
	inv_error error = INV_ERROR_INIT;
	size_t statement;
	inv__arena arena;
	inv__batch batch;
	inv__call call = {.arena = &arena, .batch = &batch, .error = &error};
	inv_status rc;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	rc = inv__levels_ask(&call, stretches, count, &statement);
	if (rc == INV_OK)
		rc = inv__batch_exec(&batch, s->link, &error);
	if (rc == INV_OK)
		rc = inv__levels_read(&call, statement, stretches, count);
	inv__arena_free(&arena);
	return CHECK_STATUS(rc, INV_OK);
}

/* ---- questions ---- */

static int64_t random_account(world *w)
{
	return w->legs[below(w, w->count)].account;
}

/* Instants at which something happened, and those beside them, and the ends of time. */
static int64_t random_instant(world *w)
{
	int64_t at = below(w, 20);

	if (at == 0)
		return below(w, 2) ? INT64_MAX : -INT64_MAX + 1;
	return w->legs[below(w, w->count)].occurred_at + (at < 5 ? -1 : at < 10 ? 1 : 0);
}

/* How often the library gives another answer. */
static int differences(world *w, side *s, int questions)
{
	int found = 0;

	for (int i = 0; i < questions; i++) {
		inv__stretch asked[3], right;
		int64_t account = random_account(w), at = random_instant(w);

		found += read_held(s, account, at) != held_at(w, account, at);
		for (int k = 0; k < 3; k++)
			asked[k] = (inv__stretch){.account = random_account(w), .at = random_instant(w),
			                          .until = random_instant(w)};
		asked[1].until = INT64_MAX;
		if (!read_stretches(s, asked, 3))
			return -1;
		for (int k = 0; k < 3; k++) {
			right = asked[k];
			look(w, &right);
			found += right.lowest != asked[k].lowest || right.highest != asked[k].highest;
		}
	}
	return found;
}

/* All rows as one number, in their order. */
static int64_t digest(side *s, int64_t *rows)
{
	static const char *const columns[] = {"account", "level",  "until", "total",
	                                      "low",     "high", "base",  "instant"};
	inv__arena arena;
	inv__batch batch;
	const inv_rows *all;
	uint64_t sum = 1;

	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	inv__batch_add_text(&batch, INV_S("SELECT account, level, until, total, low, high, base,"
	                                  " instant FROM account_level ORDER BY 1, 2, 3"));
	CHECK_STATUS(inv__batch_exec(&batch, s->link, NULL), INV_OK);
	all = inv__batch_result(&batch, 0);
	*rows = (int64_t)all->row_count;
	for (size_t i = 0; i < all->row_count; i++)
		for (size_t k = 0; k < sizeof columns / sizeof columns[0]; k++)
			sum = (sum ^ (uint64_t)inv__cell_int(all, i, k)) * UINT64_C(0x100000001b3);
	inv__arena_free(&arena);
	return (int64_t)sum;
}

static void shuffle(world *w, inv__leg *legs)
{
	for (size_t i = MOVES - 1; i > 0; i--) {
		size_t k = (size_t)below(w, (int64_t)i + 1);
		inv__leg kept = legs[i];

		legs[i] = legs[k];
		legs[k] = kept;
	}
}

/* ---- tests ---- */

/* Marks, and with them all rows, come out the same in any order and any grouping, whether or not
 * the writer knows its accounts by heart. */
TEST(same_in_every_order)
{
	static world w;
	static inv__leg other[MOVES];
	side first, second;
	int64_t rows[2];

	make_world(&w, 1, 1000000);
	memcpy(other, w.legs, sizeof other);
	shuffle(&w, other);
	if (!open_side(&first, "first.db", false) || !open_side(&second, "second.db", true))
		return;
	CHECK(put_all(&w, &first, w.legs));
	CHECK(put_all(&w, &second, other));
	CHECK_INT(digest(&first, &rows[0]), digest(&second, &rows[1]));
	CHECK_INT(rows[0], rows[1]);
	CHECK(conn_int(first.link, "SELECT COUNT(*) FROM account_level WHERE level = 4") > 0);
	close_side(&first);
	close_side(&second);
	inv__arena_free(&w.arena);
}

TEST(like_sums_over_all_moves)
{
	static world w;
	const char *times = getenv("INV_TEST_LONG");
	unsigned runs = times ? (unsigned)strtoul(times, NULL, 10) : 2;
	side s;

	for (unsigned run = 0; run < runs; run++) {
		make_world(&w, 10 + run, run % 2 ? 1 : 40000000000000);
		if (!open_side(&s, run % 2 ? "odd.db" : "even.db", false))
			return;
		CHECK_STATUS(conn_run(s.link, "DELETE FROM account_level", NULL), INV_OK);
		CHECK_STATUS(conn_run(s.link, "DELETE FROM account_move", NULL), INV_OK);
		CHECK_STATUS(conn_run(s.link, "DELETE FROM account_balance", NULL), INV_OK);
		CHECK(put_all(&w, &s, w.legs));
		CHECK_INT(differences(&w, &s, QUESTIONS), 0);
		close_side(&s);
		inv__arena_free(&w.arena);
	}
}

/* A level that is wrong is found, on each level: the answers do come from there. */
TEST(a_fault_is_found)
{
	static const char *const faults[] = {
		"UPDATE account_level SET total = total + 1 WHERE level = 1",
		"UPDATE account_level SET base = base + 1 WHERE level = 2",
		"UPDATE account_level SET total = total + 1 WHERE level = 2",
		"UPDATE account_level SET total = total + 1 WHERE level = 3",
		"UPDATE account_level SET total = total + 1 WHERE level = 4",
		"UPDATE account_level SET low = low - 100000 WHERE level = 2",
		"UPDATE account_level SET high = high + 100000 WHERE level = 3",
		"UPDATE account_level SET instant = instant + 100000 WHERE level = 1",
		"DELETE FROM account_level WHERE level = 1",
	};
	static world w;
	side s;

	make_world(&w, 99, 1);
	if (!open_side(&s, "fault.db", true))
		return;
	CHECK(put_all(&w, &s, w.legs));
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		CHECK_STATUS(conn_run(s.link, "CREATE TEMPORARY TABLE kept AS SELECT * FROM account_level",
		                      NULL), INV_OK);
		CHECK_STATUS(conn_run(s.link, faults[i], NULL), INV_OK);
		if (!CHECK(differences(&w, &s, 60) > 0))
			check_fail(CHECK_HERE, "not found: %s", faults[i]);
		CHECK_STATUS(conn_run(s.link, "DELETE FROM account_level", NULL), INV_OK);
		CHECK_STATUS(conn_run(s.link, "INSERT INTO account_level SELECT * FROM kept", NULL),
		             INV_OK);
		CHECK_STATUS(conn_run(s.link, "DROP TABLE kept", NULL), INV_OK);
	}
	CHECK_INT(differences(&w, &s, 60), 0);
	close_side(&s);
	inv__arena_free(&w.arena);
}

CHECK_MAIN()
