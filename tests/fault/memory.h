/* SPDX-License-Identifier: MIT */
/* What the programs share that let allocations fail: a shop, its state, and what was found. */
#ifndef INV_FAULT_MEMORY_H
#define INV_FAULT_MEMORY_H

#include "fault/heap.h"

#include <stdio.h>
#include <unistd.h>

#include "fault/calls.h"
#include "support/check.h"
#include "support/disk.h"

/* What a store is compared by. */
typedef struct state {
	char hash[65];
	int64_t position;
	int64_t syncs; /* when it was read: without a sync since, nothing was committed */
} state;

typedef struct shop {
	inv_store *store;
	inv_session *session;
	state last; /* as it was read last */
} shop;

/* `$` of the calls; never the same twice on one store. */
static unsigned round_number;

/* What the work of a test may do when an allocation failed: nothing but say so. */
typedef struct finding {
	int64_t points;     /* allocations that failed */
	int64_t survived;   /* of these: the work was done all the same */
	unsigned wrong;     /* answers that say something else */
	unsigned changed;   /* states that differ from before */
	bool leaked;
} finding;

static inline const char *store_path(void)
{
	static char path[1024];

	snprintf(path, sizeof path, "%s", check_path("shop.db"));
	return path;
}

/* Every point of every call, or what fits into a minute? */
static inline bool is_long(void)
{
	const char *set = getenv("INV_TEST_LONG");

	return set && *set;
}

/* One of how many points is tried. Sanitizers are slow, and find what they look for by fewer. */
static inline int64_t pace(int64_t step)
{
#ifdef HEAP_SANITIZED
	step *= 4;
#endif
	return is_long() ? 1 : step;
}

/* The point behind `nth`: on average `step` further, so that all get their turn. */
static inline int64_t next_point(int64_t nth, int64_t step)
{
	return step > 1 ? nth + 1 + (int64_t)check_random_below((uint64_t)(2 * step - 1)) : nth + 1;
}

/* ---- the shop ---- */

static inline inv_status open_at(const char *path, inv_store **store, inv_error *error)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;

	options.url = path;
	options.checkpoint_pages = 64; /* a long log makes each opening dear */
	return inv_store_open(&options, store, error);
}

static inline bool shop_open(shop *s)
{
	inv_error error = INV_ERROR_INIT;

	disk_fail(DISK_SYNC, 0, false, 0); /* only counts */
	s->store = NULL;
	s->session = NULL;
	if (open_at(store_path(), &s->store, &error) == INV_OK &&
	    inv_session_open(s->store, NULL, &s->session, &error) == INV_OK)
		return true;
	return CHECK_FAIL("the shop does not open: %s", error.message);
}

static inline void shop_close(shop *s)
{
	inv_session_close(s->session);
	inv_store_close(s->store);
	s->session = NULL;
	s->store = NULL;
}

static inline inv_status run(const shop *s, const char *op, const char *input, const char *key,
                      inv_result **result)
{
	inv_options options = INV_OPTIONS_INIT;
	char text[2048], key_text[64];
	inv_str json = call_text(input, round_number, text, sizeof text);

	if (key)
		options.key = call_text(key, round_number, key_text, sizeof key_text);
	return inv_call_json(s->session, inv_str_of(op), json, &options, result);
}

static inline bool run_well(const shop *s, const char *op, const char *input)
{
	const inv_error *error;

	if (run(s, op, input, NULL, NULL) == INV_OK)
		return true;
	error = inv_session_error(s->session);
	return CHECK_FAIL("%s %s: %s: %s", op, input, error->field, error->message);
}

/* A new round: what the call works on is made. */
static inline bool prepare(shop *s, const call *c)
{
	round_number++;
	const char *ops = c->before_op, *inputs = c->before_input;
	char op[64], input[1024];

	while (ops)
		if (!run_well(s, call_part(&ops, op, sizeof op), call_part(&inputs, input, sizeof input)))
			return false;
	return true;
}

static inline bool make_base(shop *s)
{
	round_number = 0;
	(void)check_seed(); /* what is printed first takes a buffer, for ever */
	if (!shop_open(s))
		return false;
	for (size_t i = 0; i < BASE_COUNT; i++)
		if (!run_well(s, base_calls[i].op, base_calls[i].input))
			return false;
	return true;
}

static inline void read_state(shop *s)
{
	inv_store_info info = INV_STORE_INFO_INIT;
	inv_error error = INV_ERROR_INIT;

	if (inv_store_state_hash(s->store, s->last.hash, &error) != INV_OK ||
	    inv_store_info_get(s->store, &info, &error) != INV_OK)
		CHECK_FAIL("the state cannot be read: %s", error.message);
	s->last.position = info.position;
	s->last.syncs = disk_count();
}

/* Is it what was read last? Then it is not asked again before something is written. */
static inline bool is_same_state(shop *s)
{
	state before = s->last;

	if (before.syncs == disk_count())
		return true;
	read_state(s);
	return s->last.position == before.position && strcmp(s->last.hash, before.hash) == 0;
}

static inline void check_sound(inv_store *store, const char *what)
{
	inv_error error = INV_ERROR_INIT;

	if (inv_store_verify(store, NULL, NULL, &error) != INV_OK)
		CHECK_FAIL("after %s the store is not sound: %s", what, error.message);
}

static inline void remove_store(const char *name)
{
	static const char *const tails[] = {"", "-wal", "-shm", "-inv"};
	char path[1100];

	for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
		snprintf(path, sizeof path, "%s%s", check_path(name), tails[i]);
		(void)unlink(path);
	}
}

static inline bool is_clean(const finding *f, const char *what, const char *how)
{
	if (f->points > 0 && !f->wrong && !f->changed && !f->leaked)
		return true;
	return CHECK_FAIL("%s%s: %lld allocations failed, %u answers wrong, %u states changed%s", what,
	                  how, (long long)f->points, f->wrong, f->changed, f->leaked ? ", leaks" : "");
}

#endif
