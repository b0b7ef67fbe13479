/* SPDX-License-Identifier: MIT */
/* Random sequences of commands on the library and on the model. INV_TEST_SEED repeats a run,
 * INV_TEST_LONG=N makes it N times as long. */
/* ctest: drivers */
#include "support/random_command.h"
#include "support/store_url.h"

#include <stdio.h>
#include <stdlib.h>

#define BOOKED 40
#define FULL_EVERY 50

typedef struct run {
	mirror *x;
	check_rng rng;
	mirror_booked *booked;
	int booked_count, booked_saved;
	int next_key;
	int left_inside; /* commands until the transaction ends */
	int guard;       /* of the transaction */
} run;

static int below(run *r, int limit)
{
	return (int)check_rng_below(&r->rng, (uint64_t)limit);
}

static int pick_guard(run *r)
{
	int at = below(r, 100);

	return at < 55 ? INV_GUARD_STRICT : at < 75 ? INV_GUARD_BACKORDER : INV_GUARD_OBSERVE;
}

/* Mostly on, sometimes standing still, now and then set back. */
static void tick(run *r)
{
	int at = below(r, 100);

	if (at < 20)
		return;
	if (at < 97)
		r->x->shop.now += 1 + below(r, 120) * SHOP_SECOND;
	else
		r->x->shop.now -= below(r, 40) * SHOP_SECOND;
}

static mirror_memory random_question(run *r)
{
	mirror_memory q;
	int64_t now = r->x->shop.now;

	memset(&q, 0, sizeof q);
	q.product = below(r, MODEL_PRODUCTS);
	q.place = below(r, 6) - 1;
	q.below = q.place == MODEL_NONE || below(r, 2);
	if (below(r, 3))
		q.as_of = now - below(r, 2000) * SHOP_SECOND;
	/* What is not committed is not known, but to a transaction on a database with one writer. */
	if (below(r, 3) && !(r->x->inside && check_on_postgres()))
		q.known_at = now - below(r, 2000) * SHOP_SECOND;
	return q;
}

/* The first product and place that a command touches, as of an instant before it happened. */
static mirror_memory question_before(const model_command *c)
{
	mirror_memory q;
	int64_t first = c->now;

	memset(&q, 0, sizeof q);
	q.product = c->verb == MODEL_PRODUCT_UPDATE || c->documents[0].lines[0].product < 0
	                ? 0
	                : c->documents[0].lines[0].product;
	q.place = MODEL_NONE;
	q.below = true;
	for (int d = 0; d < c->count; d++)
		if (c->documents[d].occurred_at && c->documents[d].occurred_at < first)
			first = c->documents[d].occurred_at;
	q.as_of = first - 1;
	return q;
}

/* I7: what a command books does not change what was there before it happened. */
static model_answer run_one(run *r, const model_command *c, const char *expected)
{
	mirror *x = r->x;
	mirror_memory q = question_before(c);
	model_sum before = {0, 0}, after = {0, 0};
	bool asks = below(r, 4) == 0;
	bool keeps = c->key != 0 && r->booked_count < BOOKED;
	model_answer a;

	if (asks)
		mirror_balance(x, &q, &before);
	a = mirror_run(x, c, keeps ? &r->booked[r->booked_count] : NULL, expected);
	if (keeps && a.status == INV_OK && !a.replayed && a.events > 0)
		r->booked_count++;
	if (asks && x->differences == 0 && mirror_balance(x, &q, &after) &&
	    (before.on_hand != after.on_hand || before.sellable != after.sellable))
		mirror_differs(x, "the past of product %d has changed (I7)", q.product);
	return a;
}

/* The same key again: the same content answers the same, another one is refused (I26). */
static void repeat(run *r)
{
	int at = below(r, r->booked_count);
	mirror_booked *b = &r->booked[at];
	model_command c = b->command;

	c.now = r->x->shop.now;
	c.guard = r->x->inside ? r->guard : pick_guard(r);
	c.place = r->x->session_place[c.guard];
	if (below(r, 3) == 0 && c.verb != MODEL_PRODUCT_UPDATE)
		c.note += 1000;
	mirror_run(r->x, &c, NULL, b->json);
	/* Make room: what was asked twice need not be asked again. */
	if (below(r, 2) == 0 && !r->x->inside) {
		*b = r->booked[r->booked_count - 1];
		r->booked_count--;
	}
}

static void fresh(run *r)
{
	static model_command c;
	mirror *x = r->x;
	mirror_memory q;
	model_answer a;

	random_command(x, &r->rng, x->inside ? r->guard : pick_guard(r), &c);
	if (below(r, 4) == 0 && x->m->key_count < MODEL_KEYS)
		c.key = ++r->next_key;
	a = run_one(r, &c, NULL);
	/* What failed is not remembered: the next command may take its key. */
	if (c.key && a.status != INV_OK && below(r, 2))
		r->next_key--;
	if (x->differences)
		return;
	q = question_before(&c);
	q.as_of = 0;
	mirror_compare_balance(x, &q);
	q = random_question(r);
	mirror_compare_balance(x, &q);
	if (!x->inside && below(r, 10) == 0) {
		q.known_at = x->m->known_at - 1 - below(r, 600) * SHOP_SECOND;
		mirror_remember(x, &q);
	}
}

static void begin_or_end(run *r)
{
	if (!r->x->inside) {
		r->guard = pick_guard(r);
		r->left_inside = 1 + below(r, 6);
		r->booked_saved = r->booked_count;
		mirror_begin(r->x, r->guard);
		return;
	}
	if (r->left_inside-- > 0)
		return;
	mirror_end(r->x, below(r, 10) < 6);
	/* A key of a command that was rolled back is unknown again. */
	r->booked_count = r->booked_saved;
}

static bool full(const model *m)
{
	return m->move_count + MODEL_PENDING > MODEL_MOVES ||
	       m->posting_count + MODEL_DOCUMENTS > MODEL_POSTINGS ||
	       m->sale_count + MODEL_DOCUMENTS > MODEL_SALES;
}

static void step(run *r, int number)
{
	mirror *x = r->x;

	tick(r);
	if (x->inside || below(r, 25) == 0)
		begin_or_end(r);
	if (r->booked_count > 0 && below(r, 12) == 0)
		repeat(r);
	else
		fresh(r);
	if (number % FULL_EVERY != 0 || x->differences)
		return;
	if (x->inside)
		mirror_end(x, true);
	mirror_check_all(x);
}

/* Returns how many differences were found. */
static unsigned go(const char *url, uint64_t stream, int commands, enum model_break broken)
{
	mirror *x = calloc(1, sizeof *x);
	run r = {.x = x, .booked = calloc(BOOKED, sizeof *r.booked)};
	unsigned differences = 1;

	check_rng_init(&r.rng, stream);
	if (x && r.booked && CHECK(mirror_open(x, url, broken))) {
		for (int i = 1; i <= commands && x->differences == 0 && !full(x->m); i++)
			step(&r, i);
		if (x->inside)
			mirror_end(x, true);
		if (x->differences == 0)
			mirror_check_all(x);
		differences = x->differences;
	}
	if (x)
		mirror_close(x);
	free(r.booked);
	free(x);
	return differences;
}

static int times(void)
{
	const char *lasting = getenv("INV_TEST_LONG");
	int n = lasting ? atoi(lasting) : 1;

	return n > 0 ? n : 1;
}

TEST(the_library_does_what_the_model_does_in_memory)
{
	for (int i = 0; i < 6 * times() && check_failures() == 0 && !check_on_postgres(); i++)
		go(":memory:", (uint64_t)i, 500, MODEL_SOUND);
}

TEST(the_library_does_what_the_model_does_on_disk)
{
	char name[32];

	for (int i = 0; i < 3 * times() && check_failures() == 0; i++) {
		snprintf(name, sizeof name, "shop-%d.db", i);
		go(check_store_url(name), (uint64_t)i, 350, MODEL_SOUND);
	}
}

/* Each rule in turn is broken in the model: the comparison must find it. */
TEST(a_broken_model_is_found_out)
{
	for (int broken = MODEL_SOUND + 1; broken < MODEL_BREAKS && !check_on_postgres(); broken++) {
		unsigned found = 0;

		for (uint64_t i = 0; found == 0 && i < 8; i++)
			found = go(":memory:", 100 + i, 400, (enum model_break)broken);
		if (found == 0)
			CHECK_FAIL("the model with broken rule %d was taken for the true one", broken);
	}
}

CHECK_MAIN()
