/* SPDX-License-Identifier: MIT */
#include "support/held_mirror.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "conformance/conn.h"

#define RECENT 24   /* reservations that are looked at after each command */
#define FULL_EVERY 25

__attribute__((format(printf, 2, 3))) static void differs(held_mirror *x, const char *format, ...)
{
	char message[512];
	va_list args;

	x->differences++;
	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	if (!x->canary)
		CHECK_FAIL("%s, after %s", message, x->last);
}

/* ---- rows ---- */

#define HELD_BY(condition) \
	"(SELECT COALESCE(SUM(h.open), 0) FROM reservation h WHERE h.product = a.product" \
	" AND h.location = a.location AND h.subtree = 0" condition ")"
#define BESIDE(column) \
	"(SELECT COALESCE(SUM(" column "), 0) FROM account o JOIN account_balance p" \
	" ON p.account = o.number WHERE o.product = a.product AND o.location = a.location" \
	" AND o.number <> a.number)"
#define IS_PLAIN "a.condition = 0 AND a.lot = '' AND a.serial = '' AND a.owner = {no_id}"
#define ACCOUNTS " FROM account a JOIN account_balance b ON b.account = a.number WHERE "

int64_t held_wrong_rows(held_store *store)
{
	static const char *const questions[] = {
		/* I13: what plain accounts hold, and what lots and units hold by name. */
		"SELECT COUNT(*)" ACCOUNTS IS_PLAIN " AND b.held <> " HELD_BY(""),
		"SELECT COUNT(*)" ACCOUNTS "a.lot || a.serial <> '' AND b.held <> CASE WHEN a.condition = 0"
		" AND a.owner = {no_id} THEN " HELD_BY(" AND lower(h.lot || h.serial) = a.lot || a.serial")
		" ELSE 0 END",
		"SELECT COUNT(*)" ACCOUNTS IS_PLAIN " AND (b.apart <> " BESIDE("p.on_hand")
		" OR b.apart_sellable <> " BESIDE("CASE WHEN o.condition = 0 THEN p.on_hand ELSE 0 END")
		")",
		/* I12 and I14. */
		"SELECT COUNT(*)" ACCOUNTS "b.held < 0",
		"SELECT COUNT(*) FROM reservation WHERE open < 0 OR committed < 0 OR released < 0"
		" OR expired < 0 OR cancelled < 0"
		" OR quantity <> open + committed + released + expired + cancelled",
	};
	inv__link *link;
	inv_error error = INV_ERROR_INIT;
	int64_t wrong = 0;

	if (!CHECK_STATUS(conn_open(store->url, INV_OPEN_READONLY, &link, &error), INV_OK))
		return -1;
	for (size_t i = 0; i < sizeof questions / sizeof *questions && wrong >= 0; i++) {
		int64_t found = conn_int(link, questions[i]);

		CHECK(found >= 0);
		wrong = found < 0 ? -1 : wrong + found;
	}
	inv__link_close(link);
	return wrong;
}

/* ---- balances ---- */

static void compare_balances(held_mirror *x)
{
	enum { PER_PRODUCT = 2 * HELD_PLACES + 1, COUNT = HELD_PRODUCTS * PER_PRODUCT };
	inv_balance_query queries[COUNT];
	inv_result *r = NULL;
	inv_session *s = x->store.sessions[0];

	for (int i = 0; i < COUNT; i++) {
		int place = i % PER_PRODUCT / 2;

		queries[i] = (inv_balance_query)INV_BALANCE_QUERY_INIT;
		queries[i].product = inv_ref_code(held_products[i / PER_PRODUCT]);
		queries[i].subtree = i % PER_PRODUCT % 2 || place == HELD_EVERYWHERE;
		if (place != HELD_EVERYWHERE)
			queries[i].location = inv_ref_code(held_places[place]);
	}
	if (inv_balance_get(s, queries, COUNT, NULL, &r) != INV_OK) {
		differs(x, "balance.get: %s", inv_session_error(s)->message);
		return;
	}
	for (int i = 0; i < COUNT; i++) {
		const inv_balance *b = INV_AT(r, inv_balance, (size_t)i);
		int place = i % PER_PRODUCT / 2;
		held_sums ours = held_balance(x->m, i / PER_PRODUCT, place, queries[i].subtree != 0,
		                              x->store.shop.now);

		if (b->on_hand != UNITS(ours.on_hand) || b->sellable != UNITS(ours.sellable) ||
		    b->reserved != UNITS(ours.reserved) || b->available != b->sellable - b->reserved ||
		    b->reserved < 0)
			differs(x, "%s at place %d%s: %lld on hand, %lld sellable, %lld reserved,"
			           " not %d, %d, %d", held_products[i / PER_PRODUCT], place,
			        queries[i].subtree ? " and below" : "", (long long)(b->on_hand / UNITS(1)),
			        (long long)(b->sellable / UNITS(1)), (long long)(b->reserved / UNITS(1)),
			        ours.on_hand, ours.sellable, ours.reserved);
	}
	inv_result_free(r);
}

static int number_of(inv_str code)
{
	return code.len > 0 ? code.ptr[code.len - 1] - '0' : 0;
}

/* One account: what it holds, and of a lot or a unit what is bound to it. */
static void compare_account(held_mirror *x, const inv_balance *b, int product, int place)
{
	int code = number_of(b->lot) + number_of(b->serial);
	int condition = b->condition ? 1 : 0, owner = b->owner.bytes[15];
	int ours = x->m->stock[product][place][condition][owner][code];

	if (b->on_hand != UNITS(ours))
		differs(x, "%s %d at %d holds %lld, not %d", held_products[product], code, place,
		        (long long)(b->on_hand / UNITS(1)), ours);
	if (code && !condition && !owner &&
	    b->available != UNITS(held_lot_free(x->m, product, place, code, x->store.shop.now)))
		differs(x, "of %s %d at %d %lld is free", held_products[product], code, place,
		        (long long)(b->available / UNITS(1)));
}

static void compare_accounts(held_mirror *x)
{
	inv_session *s = x->store.sessions[0];

	for (int i = 0; i < HELD_PRODUCTS * HELD_PLACES; i++) {
		inv_balance_query query = INV_BALANCE_QUERY_INIT;
		inv_result *r = NULL;

		query.product = inv_ref_code(held_products[i / HELD_PLACES]);
		query.location = inv_ref_code(held_places[i % HELD_PLACES]);
		query.detail = 1;
		if (inv_balance_list(s, &query, 1, NULL, &r) != INV_OK)
			differs(x, "balance.list: %s", inv_session_error(s)->message);
		for (size_t k = 0; r && k < inv_result_count(r); k++)
			compare_account(x, INV_AT(r, inv_balance, k), i / HELD_PLACES, i % HELD_PLACES);
		inv_result_free(r);
	}
}

/* ---- reservations ---- */

/* What is held anywhere in a place may be booked as expired, or not yet. */
static bool same_ends(const inv_reservation *r, const held_reservation *ours, bool lapsed)
{
	int64_t given = r->committed + r->released + r->cancelled;

	if (lapsed)
		return r->open + r->expired == UNITS(ours->open) &&
		       given == UNITS(ours->committed + ours->released + ours->cancelled);
	return r->open == UNITS(ours->open) && r->expired == UNITS(ours->expired) &&
	       r->committed == UNITS(ours->committed) && r->released == UNITS(ours->released) &&
	       r->cancelled == UNITS(ours->cancelled) && r->state == ours->state;
}

static void compare_reservation(held_mirror *x, const inv_reservation *r, int number)
{
	const held_reservation *ours = &x->m->reservations[number];
	int64_t now = x->store.shop.now;
	bool lapsed = ours->subtree && ours->open > 0 && ours->deadline && ours->deadline <= now;

	if (!same_ends(r, ours, lapsed) || r->quantity != UNITS(ours->quantity) ||
	    (r->subtree != 0) != ours->subtree || r->deadline != ours->deadline ||
	    number_of(r->lot) + number_of(r->serial) != ours->code)
		differs(x, "reservation %d: %lld of %lld open, state %d, not %d of %d, state %d", number,
		        (long long)(r->open / UNITS(1)), (long long)(r->quantity / UNITS(1)), r->state,
		        ours->open, ours->quantity, ours->state);
	if (r->quantity != r->open + r->committed + r->released + r->expired + r->cancelled)
		differs(x, "the parts of reservation %d are not the whole (I14)", number);
}

static void compare_reservations(held_mirror *x, int from)
{
	inv_lookup found[HELD_RESERVATIONS];
	inv_session *s = x->store.sessions[0];
	inv_result *r = NULL;
	int count = x->m->reservation_count;

	from = from < 0 ? 0 : from;
	for (int i = from; i < count; i++) {
		found[i] = (inv_lookup)INV_LOOKUP_INIT;
		found[i].ref = inv_ref_of(x->ids[i]);
	}
	if (from == count)
		return;
	if (inv_reservation_get(s, found + from, (size_t)(count - from), NULL, &r) != INV_OK)
		differs(x, "reservation.get: %s", inv_session_error(s)->message);
	for (int i = from; r && i < count; i++)
		compare_reservation(x, INV_AT(r, inv_reservation, (size_t)(i - from)), i);
	inv_result_free(r);
}

/* ---- commands ---- */

/* Which of several lines is refused for what there is depends on the order of accounts. */
static void compare_refusal(held_mirror *x, const held_command *c, inv_status rc,
                            const held_answer *ours)
{
	const inv_error *e = inv_session_error(x->store.sessions[c->guard]);
	const char *field = rc == INV_OK ? "" : e->field;
	char expected[64] = "";

	if (ours->status != INV_OK && c->verb < HELD_HOLD)
		snprintf(expected, sizeof expected, "lines[%d].%s", ours->input, ours->field);
	else if (ours->status != INV_OK)
		snprintf(expected, sizeof expected, "%s", ours->field);
	if (c->count > 1 && (rc == INV_E_INSUFFICIENT || rc == INV_E_EXISTS)) {
		const char *dot = strrchr(field, '.');

		field = dot ? dot + 1 : field;
		snprintf(expected, sizeof expected, "%s", ours->field ? ours->field : "");
	}
	if (rc != ours->status || strcmp(field, expected) != 0)
		differs(x, "%s %s at '%s' (%s), not %s at '%s'", held_ops[c->verb],
		        inv_schema_status(rc)->name, rc == INV_OK ? "" : e->field,
		        rc == INV_OK ? "" : e->message, inv_schema_status(ours->status)->name, expected);
	if (rc != INV_OK && c->verb >= HELD_HOLD && rc != INV_E_INSUFFICIENT && rc != INV_E_EXISTS &&
	    (int)e->index != ours->input)
		differs(x, "input %d is refused, not %d", (int)e->index, ours->input);
}

static void run(held_mirror *x, const held_command *c)
{
	inv_session *s = x->store.sessions[c->guard];
	held_answer ours = held_run(x->m, c);
	char json[HELD_JSON];
	inv_result *r = NULL;
	inv_status rc;

	held_json(c, x->ids, json);
	snprintf(x->last, sizeof x->last, "%.*s", HELD_JSON - 1, json);
	rc = inv_call_json(s, inv_str_of(held_ops[c->verb]), inv_str_of(json), NULL, &r);
	compare_refusal(x, c, rc, &ours);
	for (int i = 0; rc == INV_OK && ours.status == INV_OK && i < c->count; i++)
		if (c->verb == HELD_HOLD || c->verb == HELD_BIND)
			x->ids[x->m->made[i]] = INV_AT(r, inv_reservation, (size_t)i)->id;
	inv_result_free(r);
}

static void check_fully(held_mirror *x)
{
	compare_accounts(x);
	compare_reservations(x, 0);
	if (held_wrong_rows(&x->store) != 0)
		differs(x, "rows of accounts or reservations are wrong (I12-I14)");
}

static void step(held_mirror *x, check_rng *rng, int number)
{
	held_command c;

	if (check_rng_below(rng, 3) == 0)
		shop_clock(&x->store.shop,
		           x->store.shop.now + (int64_t)(1 + check_rng_below(rng, 12)) * SHOP_SECOND);
	held_random(x->m, rng, x->store.shop.now, &c);
	run(x, &c);
	if (x->differences)
		return;
	compare_balances(x);
	compare_reservations(x, x->m->reservation_count - RECENT);
	if (x->differences == 0 && number % FULL_EVERY == 0)
		check_fully(x);
}

unsigned held_compare(const char *url, uint64_t stream, int commands, enum held_break broken,
                      bool canary)
{
	held_mirror *x = calloc(1, sizeof *x);
	held_shop *m = calloc(1, sizeof *m);
	check_rng rng;
	unsigned differences = 1;

	check_rng_init(&rng, stream);
	if (CHECK(x && m) && held_store_open(&x->store, url)) {
		x->m = m;
		x->canary = canary;
		m->broken = broken;
		for (int i = 1; i <= commands && x->differences == 0 && !held_full(m); i++)
			step(x, &rng, i);
		if (x->differences == 0)
			check_fully(x);
		differences = x->differences;
		if (!canary)
			shop_verify(&x->store.shop);
	}
	if (x)
		held_store_close(&x->store);
	free(m);
	free(x);
	return differences;
}
