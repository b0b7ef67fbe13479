/* SPDX-License-Identifier: MIT */
/* Just-in-time linearization: calls and answers are gone through in their order, with all states
 * that the product may be in. A call becomes pending; when an answer comes, each state is led on by
 * all orders of pending operations that end with the one that is answered. */
#include "support/linear.h"

#include <stdlib.h>
#include <string.h>

typedef struct state {
	int16_t on_hand, held;
	uint16_t done; /* pending operations that have happened, by slot */
	uint8_t open[LINEAR_RESERVATIONS];
} state;

typedef struct states {
	state *list;
	size_t count, room;
	uint32_t *slots; /* a hash table of indexes + 1, twice as large as `room` */
} states;

typedef struct search {
	const linear_history *h;
	int pending[LINEAR_PENDING]; /* operation + 1; 0 = a free slot */
	states now, next;
} search;

/* ---- sets of states ---- */

static uint64_t hash_of(const state *s)
{
	const unsigned char *bytes = (const unsigned char *)s;
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < sizeof *s; i++)
		h = (h ^ bytes[i]) * UINT64_C(0x100000001b3);
	return h ^ h >> 29;
}

static void clear(states *set)
{
	set->count = 0;
	if (set->room)
		memset(set->slots, 0, set->room * 2 * sizeof *set->slots);
}

static size_t slot_of(const states *set, const state *s)
{
	size_t at = (size_t)hash_of(s) & (set->room * 2 - 1);

	while (set->slots[at] && memcmp(&set->list[set->slots[at] - 1], s, sizeof *s) != 0)
		at = (at + 1) & (set->room * 2 - 1);
	return at;
}

static void grow(states *set)
{
	set->room = set->room ? set->room * 2 : 64;
	set->list = realloc(set->list, set->room * sizeof *set->list);
	free(set->slots);
	set->slots = calloc(set->room * 2, sizeof *set->slots);
	if (!set->list || !set->slots)
		abort();
	for (size_t i = 0; i < set->count; i++)
		set->slots[slot_of(set, &set->list[i])] = (uint32_t)i + 1;
}

static void add(states *set, const state *s)
{
	size_t at;

	if (set->count == set->room)
		grow(set);
	at = slot_of(set, s);
	if (set->slots[at])
		return;
	set->list[set->count++] = *s;
	set->slots[at] = (uint32_t)set->count;
}

static void release(states *set)
{
	free(set->list);
	free(set->slots);
}

/* ---- the counter ---- */

/* What a strict shop answers, and what becomes of it. */
static inv_status happen(const linear_op *op, state *s)
{
	int open = op->verb >= LINEAR_HOLD && op->verb <= LINEAR_RELEASE ? s->open[op->reservation] : 0;
	int spare = s->on_hand - s->held;

	switch (op->verb) {
	case LINEAR_RECEIVE:
		s->on_hand = (int16_t)(s->on_hand + op->quantity);
		return INV_OK;
	case LINEAR_ISSUE:
	case LINEAR_HOLD:
		if (op->quantity > spare)
			return INV_E_INSUFFICIENT;
		if (op->verb == LINEAR_ISSUE) {
			s->on_hand = (int16_t)(s->on_hand - op->quantity);
			return INV_OK;
		}
		s->open[op->reservation] = (uint8_t)op->quantity;
		s->held = (int16_t)(s->held + op->quantity);
		return INV_OK;
	case LINEAR_COMMIT:
	case LINEAR_RELEASE:
		if (op->quantity > open)
			return INV_E_STATE;
		s->open[op->reservation] = (uint8_t)(open - op->quantity);
		s->held = (int16_t)(s->held - op->quantity);
		s->on_hand = (int16_t)(s->on_hand - (op->verb == LINEAR_COMMIT ? op->quantity : 0));
		return INV_OK;
	default:
		return s->on_hand == op->on_hand && s->held == op->reserved ? INV_OK : INV_E_CONFLICT;
	}
}

/* Does it answer as it did, if it happens now? What nobody knows has happened, or never will. */
static bool may_happen(const linear_op *op, state *s)
{
	inv_status expected = op->answered == UINT64_MAX ? INV_OK : op->status;

	return happen(op, s) == expected;
}

/* ---- the search ---- */

/* Lead a state on by pending operations until the one in `slot` has happened. */
static void lead(search *x, size_t slot)
{
	/* The list grows behind what has been looked at: states that are on the way. */
	for (size_t i = 0; i < x->now.count; i++) {
		if (x->now.list[i].done & 1u << slot) {
			state s = x->now.list[i];

			s.done = (uint16_t)(s.done & ~(1u << slot));
			add(&x->next, &s);
			continue;
		}
		for (size_t k = 0; k < LINEAR_PENDING; k++) {
			state s = x->now.list[i];

			if (!x->pending[k] || s.done & 1u << k ||
			    !may_happen(&x->h->ops[x->pending[k] - 1], &s))
				continue;
			s.done = (uint16_t)(s.done | 1u << k);
			add(&x->now, &s);
		}
	}
}

static bool answer(search *x, int op)
{
	size_t slot = 0;
	states last;

	while (x->pending[slot] != op + 1)
		slot++;
	clear(&x->next);
	lead(x, slot);
	x->pending[slot] = 0;
	last = x->now;
	x->now = x->next;
	x->next = last;
	return x->now.count > 0;
}

static void call(search *x, int op)
{
	size_t slot = 0;

	while (slot < LINEAR_PENDING && x->pending[slot])
		slot++;
	if (slot == LINEAR_PENDING)
		abort(); /* more threads and unknown outcomes than were agreed */
	x->pending[slot] = op + 1;
}

typedef struct edge {
	uint64_t at;
	int op;
	bool answers;
} edge;

static int edge_order(const void *a, const void *b)
{
	const edge *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

int linear_check(const linear_history *h)
{
	search x = {.h = h};
	edge *edges = calloc((size_t)h->count * 2 + 1, sizeof *edges);
	state first = {0};
	size_t n = 0;
	int failed = -1;

	if (!edges)
		abort();
	for (int i = 0; i < h->count; i++) {
		edges[n++] = (edge){h->ops[i].called, i, false};
		if (h->ops[i].answered != UINT64_MAX)
			edges[n++] = (edge){h->ops[i].answered, i, true};
	}
	qsort(edges, n, sizeof *edges, edge_order);
	add(&x.now, &first);
	for (size_t i = 0; i < n && failed < 0; i++) {
		if (!edges[i].answers)
			call(&x, edges[i].op);
		else if (!answer(&x, edges[i].op))
			failed = edges[i].op;
	}
	release(&x.now);
	release(&x.next);
	free(edges);
	return failed;
}
