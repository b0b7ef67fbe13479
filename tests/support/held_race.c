/* SPDX-License-Identifier: MIT */
#include "support/held_race.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 3
#define THREADS_MAX 16

unsigned held_faults_sum(const held_faults *f)
{
	return f->goods + f->available + f->lots + f->places + f->sums + f->rows + f->statuses;
}

/* What all threads know of reservations: as they were made. */
typedef struct board {
	pthread_mutex_t mutex;
	held_reservation made[HELD_RESERVATIONS];
	inv_id ids[HELD_RESERVATIONS];
	int count;
} board;

typedef struct racer {
	pthread_t thread;
	held_store *store;
	board *board;
	held_shop *view; /* the reservations that it has seen, open as far as it knows */
	check_rng rng;
	inv_session *session;
	inv_id ids[HELD_RESERVATIONS];
	int commands;
	unsigned wrong;
} racer;

static void look(racer *me)
{
	pthread_mutex_lock(&me->board->mutex);
	for (int i = me->view->reservation_count; i < me->board->count; i++) {
		me->view->reservations[i] = me->board->made[i];
		me->ids[i] = me->board->ids[i];
	}
	me->view->reservation_count = me->board->count;
	pthread_mutex_unlock(&me->board->mutex);
}

static void publish(racer *me, const inv_reservation *r, const held_reservation *made)
{
	board *b = me->board;

	pthread_mutex_lock(&b->mutex);
	if (b->count < HELD_RESERVATIONS) {
		b->made[b->count] = *made;
		b->made[b->count].quantity = b->made[b->count].open = (int)(r->open / UNITS(1));
		b->ids[b->count++] = r->id;
	}
	pthread_mutex_unlock(&b->mutex);
}

static void publish_hold(racer *me, const held_line *l, const inv_reservation *r)
{
	int place = l->place == HELD_NONE ? l->subtree ? HELD_EVERYWHERE : HELD_HERE : l->place;
	const held_reservation made = {.product = l->product, .place = place, .subtree = l->subtree,
	                               .code = l->code, .deadline = l->deadline};

	publish(me, r, &made);
}

static void publish_part(racer *me, const held_line *l, const inv_reservation *r)
{
	held_reservation part = me->view->reservations[l->reservation];

	part.subtree = false;
	part.place = l->place == HELD_NONE ? part.place : l->place;
	part.code = l->code;
	publish(me, r, &part);
}

/* Strict commands that happen now, and count nothing: a count may leave less than is held. */
static void make_strict(held_command *c)
{
	c->guard = INV_GUARD_STRICT;
	c->at = 0;
	if (c->verb != HELD_ADJUST)
		return;
	c->verb = HELD_RECEIVE;
	for (int i = 0; i < c->count; i++) {
		held_line *l = &c->lines[i];

		l->set = false;
		l->quantity = l->product == HELD_PHONE ? 1 : abs(l->quantity) + 1;
	}
}

static void learn(racer *me, const held_command *c, inv_status rc, inv_result *r)
{
	for (int i = 0; i < c->count; i++) {
		const held_line *l = &c->lines[i];
		bool ends = c->verb >= HELD_COMMIT && l->quantity == 0 && rc == INV_OK;

		if (rc == INV_OK && c->verb == HELD_HOLD)
			publish_hold(me, l, INV_AT(r, inv_reservation, (size_t)i));
		if (rc == INV_OK && c->verb == HELD_BIND)
			publish_part(me, l, INV_AT(r, inv_reservation, (size_t)i));
		if (l->reservation >= 0 && (ends || rc == INV_E_STATE))
			me->view->reservations[l->reservation].open = 0;
	}
}

static void *run(void *arg)
{
	racer *me = arg;

	for (int i = 0; i < me->commands; i++) {
		char json[HELD_JSON];
		held_command c;
		inv_result *r = NULL;
		inv_status rc;

		look(me);
		if (me->view->reservation_count + HELD_LINES > HELD_RESERVATIONS)
			break;
		held_random(me->view, &me->rng, me->store->shop.now, &c);
		make_strict(&c);
		held_json(&c, me->ids, json);
		rc = inv_call_json(me->session, inv_str_of(held_ops[c.verb]), inv_str_of(json), NULL, &r);
		learn(me, &c, rc, r);
		inv_result_free(r);
		if (rc == INV_OK || rc == INV_E_INSUFFICIENT || rc == INV_E_STATE || rc == INV_E_INVALID ||
		    rc == INV_E_NOT_FOUND || rc == INV_E_EXISTS)
			continue;
		me->wrong++;
		fprintf(stderr, "%s %s: %s\n", held_ops[c.verb], json,
		        inv_session_error(me->session)->message);
	}
	return NULL;
}

static void race(held_store *store, racer *racers, int threads)
{
	for (int i = 0; i < threads; i++)
		if (pthread_create(&racers[i].thread, NULL, run, &racers[i]) != 0)
			abort();
	for (int i = 0; i < threads; i++)
		pthread_join(racers[i].thread, NULL);
	/* Some of what is held lapses. */
	shop_clock(&store->shop, store->shop.now + 45 * SHOP_SECOND);
}

held_faults held_race(const char *url, int threads, int commands)
{
	held_faults f = {0};
	held_store store = {0};
	board *b = calloc(1, sizeof *b);
	racer *racers = calloc(THREADS_MAX, sizeof *racers);

	threads = threads < THREADS_MAX ? threads : THREADS_MAX;
	if (CHECK(b && racers) && held_store_open(&store, url)) {
		int64_t rows;

		pthread_mutex_init(&b->mutex, NULL);
		for (int i = 0; i < threads; i++) {
			racers[i].store = &store;
			racers[i].board = b;
			racers[i].commands = commands / ROUNDS;
			racers[i].session = held_store_session(&store, INV_GUARD_STRICT);
			racers[i].view = calloc(1, sizeof *racers[i].view);
			if (!racers[i].view)
				abort();
			check_rng_init(&racers[i].rng, check_random());
		}
		for (int i = 0; i < ROUNDS; i++)
			race(&store, racers, threads);
		for (int i = 0; i < threads; i++) {
			f.statuses += racers[i].wrong;
			inv_session_close(racers[i].session);
			free(racers[i].view);
		}
		pthread_mutex_destroy(&b->mutex);
		held_replay(&store, &f);
		rows = held_wrong_rows(&store);
		f.rows = rows < 0 ? 1 : (unsigned)rows;
		shop_verify(&store.shop);
	}
	held_store_close(&store);
	free(racers);
	free(b);
	return f;
}
