/* SPDX-License-Identifier: MIT */
/* Who works while a server is shot at: writers with a log of what they were told, a reader of the
 * feed, and what of it all must hold afterwards. */
#ifndef INV_FAULT_CHAOS_H
#define INV_FAULT_CHAOS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/own_server.h"
#include "support/shop.h"
#include "support/store_url.h"
#include "util/os.h"

#define WRITERS 8
#define PRODUCTS 6
#define TILLS 4
#define LINES_MAX 5
#define ORDERS_MAX 20000
#define EVENTS_MAX (WRITERS * ORDERS_MAX + 100)

typedef enum kind { SALE, RECEIPT, ISSUE } kind;
typedef enum fate { DONE, REFUSED, UNKNOWN } fate;

/* A command as its sender knows it. Its name is its key, and its document's reference. */
typedef struct order {
	kind kind;
	fate fate;
	bool promised; /* not done, by its status (BUSY, IO): it may be sent again without a thought */
	int lines, product[LINES_MAX], quantity[LINES_MAX];
	int64_t number; /* of the ticket, as it was answered */
	unsigned found; /* how often it is in the journal */
} order;

typedef enum manner {
	PROPER,   /* with keys, under guard strict */
	KEYLESS,  /* sends again what it has no answer to, without a key */
	UNGUARDED /* looks what there is, and sells under guard observe */
} manner;

typedef struct seen_event {
	int64_t position;
	inv_id id, command;
	int64_t index;         /* in its command */
	int writer, order;     /* -1: none of the writers' */
	int64_t number;        /* of the ticket */
} seen_event;

typedef struct feed {
	seen_event *events;
	size_t count;
	int64_t after;
} feed;

typedef struct numbers {
	size_t done, refused, unknown, promised; /* as they stood when the shooting ended */
	size_t settled_done, settled_refused;    /* what became of the unknown ones */
	unsigned killed, terminated, restarts;
	/* What must not be: */
	unsigned lost, twice, ghosts, broken_promises, wrong_tickets, gaps, torn, short_stock,
		wrong_stock, missed, surprises;
} numbers;

typedef struct siege siege;

typedef struct writer {
	siege *siege;
	int index;
	inv_session *s;
	check_rng rng;
	order *orders;
	int count;
} writer;

struct siege {
	manner manner;
	int64_t seconds, initial; /* units of each product */
	own_server server;
	test_shop shop[2]; /* two machines; their clocks are real */
	writer writers[WRITERS];
	inv_session *reader;
	feed feed;
	atomic_bool over, all_told;
	_Atomic unsigned surprises;
	numbers n;
};

static inline void name_of(const writer *w, int index, char out[32])
{
	snprintf(out, 32, "w%d-%d", w->index, index);
}

/* ---- one command ---- */

static inline inv_status send_sale(const writer *w, order *o, const char *name,
                                   const inv_options *options, inv_result **r)
{
	inv_sale_line lines[LINES_MAX];
	char skus[LINES_MAX][16];
	inv_sale sale = INV_SALE_INIT;
	inv_status rc;

	for (int i = 0; i < o->lines; i++) {
		lines[i] = (inv_sale_line)INV_SALE_LINE_INIT;
		snprintf(skus[i], sizeof skus[i], "P%d", o->product[i]);
		lines[i].product = inv_ref_code(skus[i]);
		lines[i].quantity = UNITS(o->quantity[i]);
		lines[i].unit_price = MONEY(2, 50);
	}
	sale.lines = INV_LIST_OF(lines, (size_t)o->lines);
	sale.document = inv_str_of(name);
	rc = inv_sale_close(w->s, &sale, 1, options, r);
	if (rc == INV_OK)
		o->number = INV_AT(*r, inv_sale, 0)->number;
	return rc;
}

static inline inv_status send_order(writer *w, int index, bool keyed, bool *replayed)
{
	order *o = &w->orders[index];
	inv_options options = INV_OPTIONS_INIT;
	inv_stock_entry entry = INV_STOCK_ENTRY_INIT;
	inv_stock_line line = INV_STOCK_LINE_INIT;
	inv_result *r = NULL;
	char name[32], sku[16];
	inv_status rc;

	name_of(w, index, name);
	if (keyed)
		options.key = inv_str_of(name);
	snprintf(sku, sizeof sku, "P%d", o->product[0]);
	line.product = inv_ref_code(sku);
	line.quantity = UNITS(o->quantity[0]);
	entry.lines = INV_LIST_OF(&line, 1);
	entry.document = inv_str_of(name);
	if (o->kind == SALE)
		rc = send_sale(w, o, name, &options, &r);
	else if (o->kind == RECEIPT)
		rc = inv_stock_receive(w->s, &entry, 1, &options, &r);
	else
		rc = inv_stock_issue(w->s, &entry, 1, &options, &r);
	*replayed = rc == INV_OK && inv_result_replayed(r);
	inv_result_free(r);
	return rc;
}

static inline void note(writer *w, order *o, inv_status rc)
{
	o->promised = false;
	switch (rc) {
	case INV_OK:
		o->fate = DONE;
		break;
	case INV_E_INSUFFICIENT:
		o->fate = REFUSED;
		break;
	case INV_E_UNKNOWN_OUTCOME:
		o->fate = UNKNOWN;
		break;
	case INV_E_BUSY:
	case INV_E_IO:
		o->fate = UNKNOWN;
		o->promised = true;
		break;
	default:
		o->fate = UNKNOWN;
		atomic_fetch_add(&w->siege->surprises, 1);
		fprintf(stderr, "a command answers %d: %s\n", (int)rc, inv_session_error(w->s)->message);
	}
}

/* ---- writers ---- */

static inline void draw_order(writer *w, order *o)
{
	uint64_t dice = check_rng_below(&w->rng, 20);
	int first = (int)check_rng_below(&w->rng, PRODUCTS);

	*o = (order){.kind = dice < 15 ? SALE : dice < 18 ? RECEIPT : ISSUE, .fate = UNKNOWN};
	if (w->siege->manner == UNGUARDED)
		o->kind = SALE;
	o->lines = o->kind == SALE ? 1 + (int)check_rng_below(&w->rng, LINES_MAX) : 1;
	for (int i = 0; i < o->lines; i++) {
		o->product[i] = (first + i) % PRODUCTS;
		o->quantity[i] = 1 + (int)check_rng_below(&w->rng, o->kind == RECEIPT ? 6 : 3);
	}
}

/* What a client without a guard goes by. */
static inline bool seems_there(writer *w, const order *o)
{
	for (int i = 0; i < o->lines; i++) {
		inv_balance_query query = INV_BALANCE_QUERY_INIT;
		inv_result *r = NULL;
		bool enough;
		char sku[16];

		snprintf(sku, sizeof sku, "P%d", o->product[i]);
		query.product = inv_ref_code(sku);
		if (inv_balance_get(w->s, &query, 1, NULL, &r) != INV_OK)
			return false;
		enough = INV_AT(r, inv_balance, 0)->on_hand >= UNITS(o->quantity[i]);
		inv_result_free(r);
		if (!enough)
			return false;
	}
	return true;
}

/* Some answers get lost on their last yards: the client was started anew, say. */
static inline bool loses_answer(writer *w, order *o)
{
	if (o->fate != DONE || check_rng_below(&w->rng, 10) != 0)
		return false;
	o->fate = UNKNOWN;
	return true;
}

static inline void work_once(writer *w)
{
	bool keyed = w->siege->manner != KEYLESS, replayed;
	order *o = &w->orders[w->count];

	draw_order(w, o);
	if (w->siege->manner == UNGUARDED && !seems_there(w, o)) {
		inv__sleep(1000);
		return;
	}
	w->count++;
	note(w, o, send_order(w, w->count - 1, keyed, &replayed));
	(void)loses_answer(w, o);
	while (!keyed && o->fate == UNKNOWN) {
		inv__sleep(1000);
		note(w, o, send_order(w, w->count - 1, false, &replayed));
	}
	/* Who cannot work waits a little, as a till would. */
	if (o->fate == UNKNOWN)
		inv__sleep(100000);
}

static inline void *write_all(void *arg)
{
	writer *w = arg;

	while (!w->siege->over && w->count < ORDERS_MAX)
		work_once(w);
	return NULL;
}

/* ---- the reader ---- */

static inline int64_t number_in(inv_str payload, const char *word)
{
	const char *at = memmem(payload.ptr, payload.len, word, strlen(word));

	return at ? strtoll(at + strlen(word), NULL, 10) : 0;
}

static inline seen_event see(const inv_event *e)
{
	seen_event seen = {.position = e->position, .id = e->id, .command = e->command,
	                   .index = e->command_index, .writer = -1, .order = -1};
	static const char word[] = "\"document\":\"w";
	const char *at = memmem(e->payload.ptr, e->payload.len, word, sizeof word - 1);
	bool posted = e->name.len == 12 && memcmp(e->name.ptr, "stock.posted", 12) == 0;
	bool closed = e->name.len == 11 && memcmp(e->name.ptr, "sale.closed", 11) == 0;
	char *end;

	if (!at || !(posted || closed))
		return seen;
	seen.writer = (int)strtol(at + sizeof word - 1, &end, 10);
	seen.order = (int)strtol(end + 1, NULL, 10);
	if (closed)
		seen.number = number_in(e->payload, "\"number\":");
	else if (memmem(e->payload.ptr, e->payload.len, "\"sale\"", 6))
		seen.writer = -1; /* what a sale moved */
	return seen;
}

/* One page; false when there was nothing new. */
static inline bool read_page(siege *g, inv_session *s, feed *f)
{
	inv_feed_query query = INV_FEED_QUERY_INIT;
	inv_result *r = NULL;
	inv_status rc;
	size_t count;

	query.after = f->after;
	query.limit = 1000;
	rc = inv_feed_read(s, &query, 1, NULL, &r);
	if (rc != INV_OK && rc != INV_E_IO && rc != INV_E_BUSY) {
		atomic_fetch_add(&g->surprises, 1);
		fprintf(stderr, "the feed answers %d: %s\n", (int)rc, inv_session_error(s)->message);
	}
	if (rc != INV_OK)
		return false;
	count = inv_result_count(r);
	for (size_t i = 0; i < count && f->count < 4 * EVENTS_MAX; i++) {
		f->events[f->count++] = see(INV_AT(r, inv_event, i));
		f->after = f->events[f->count - 1].position;
	}
	inv_result_free(r);
	return count > 0;
}

static inline void *read_all(void *arg)
{
	siege *g = arg;

	while (!g->all_told)
		if (!read_page(g, g->reader, &g->feed))
			inv__sleep(2000);
	while (read_page(g, g->reader, &g->feed))
		;
	return NULL;
}

/* ---- what must hold ---- */

/* Two readings of the feed: one all the time, one at the end. */
static inline void check_feed(siege *g)
{
	feed fresh = {.events = calloc(4 * EVENTS_MAX, sizeof *fresh.events)};
	numbers *n = &g->n;

	while (fresh.events && read_page(g, g->shop[0].s, &fresh))
		;
	n->missed += fresh.count != g->feed.count || fresh.count == 0;
	n->missed += (int64_t)fresh.count != shop_position(&g->shop[0]);
	for (size_t i = 0; i < fresh.count && i < g->feed.count; i++) {
		const seen_event *e = &g->feed.events[i];

		n->missed += e->position != (int64_t)i + 1 ||
		             memcmp(&e->id, &fresh.events[i].id, sizeof e->id) != 0;
		n->torn += e->index > 0 &&
		           (i == 0 || e[-1].index != e->index - 1 ||
		            memcmp(&e[-1].command, &e->command, sizeof e->command) != 0);
	}
	free(fresh.events);
}

static inline void move(const order *o, int64_t on_hand[PRODUCTS], numbers *n)
{
	for (int i = 0; i < o->lines; i++) {
		int64_t *there = &on_hand[o->product[i]];

		*there += o->kind == RECEIPT ? o->quantity[i] : -o->quantity[i];
		n->short_stock += *there < 0;
	}
}

/* The journal in its order: what was there never falls below nothing. */
static inline void replay(siege *g, int64_t on_hand[PRODUCTS], int64_t last[TILLS],
                          size_t sales[TILLS])
{
	for (size_t i = 0; i < g->feed.count; i++) {
		const seen_event *e = &g->feed.events[i];
		order *o;

		if (e->writer < 0)
			continue;
		if (e->writer >= WRITERS || e->order >= g->writers[e->writer].count) {
			g->n.ghosts++;
			continue;
		}
		o = &g->writers[e->writer].orders[e->order];
		o->found++;
		move(o, on_hand, &g->n);
		if (o->kind != SALE)
			continue;
		g->n.wrong_tickets += o->found == 1 && o->number != e->number && o->fate == DONE;
		/* Tickets of one till touch each other: their order is the journal's. */
		g->n.gaps += e->number != last[e->writer % TILLS] + 1;
		last[e->writer % TILLS] = e->number;
		sales[e->writer % TILLS]++;
	}
}

static inline void check_orders(siege *g)
{
	numbers *n = &g->n;

	for (int i = 0; i < WRITERS; i++)
		for (int k = 0; k < g->writers[i].count; k++) {
			const order *o = &g->writers[i].orders[k];

			n->lost += o->fate == DONE && o->found == 0;
			n->twice += o->found > 1;
			n->ghosts += o->fate == REFUSED && o->found > 0;
		}
}

static inline void check_all(siege *g)
{
	int64_t on_hand[PRODUCTS], last[TILLS] = {0};
	size_t sales[TILLS] = {0};
	char sku[16];

	for (int i = 0; i < PRODUCTS; i++)
		on_hand[i] = g->initial;
	check_feed(g);
	replay(g, on_hand, last, sales);
	check_orders(g);
	for (int i = 0; i < PRODUCTS; i++) {
		snprintf(sku, sizeof sku, "P%d", i);
		g->n.wrong_stock += shop_on_hand(g->shop[1].s, sku, NULL) != UNITS(on_hand[i]);
	}
	for (int i = 0; i < TILLS; i++)
		g->n.gaps += last[i] != (int64_t)sales[i];
	g->n.surprises = g->surprises;
	shop_verify(&g->shop[0]);
}

#endif
