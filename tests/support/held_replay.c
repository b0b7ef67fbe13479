/* SPDX-License-Identifier: MIT */
/* The journal, read event by event into plain arrays. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cJSON.h>

#include "support/held_race.h"

typedef struct replay {
	held_store *store;
	held_faults *f;
	held_shop *m;
	inv_id products[HELD_PRODUCTS], places[HELD_PLACES], ids[HELD_RESERVATIONS];
	inv_id command;
	int64_t now;
	bool any;
} replay;

/* ---- JSON ---- */

static const char *text_of(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	return text ? text : "";
}

static bool is_true(const cJSON *object, const char *name)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, name)) != 0;
}

static int units_of(const cJSON *object, const char *name)
{
	return (int)strtol(text_of(object, name), NULL, 10);
}

static int code_in(const cJSON *object)
{
	const char *lot = text_of(object, "lot"), *serial = text_of(object, "serial");

	return atoi(lot + (*lot != 0)) + atoi(serial + (*serial != 0));
}

static int64_t instant_of(const cJSON *object, const char *name)
{
	const char *text = text_of(object, name);
	int64_t at = 0;

	if (*text)
		CHECK_STATUS(inv_instant_parse(inv_str_of(text), &at), INV_OK);
	return at;
}

static inv_id id_of(const cJSON *object, const char *name)
{
	inv_id id = {{0}};

	(void)inv_id_parse(inv_str_of(text_of(object, name)), &id);
	return id;
}

static int index_of(const inv_id *ids, int count, inv_id id)
{
	for (int i = 0; i < count; i++)
		if (memcmp(ids[i].bytes, id.bytes, sizeof id.bytes) == 0)
			return i;
	return HELD_NONE;
}

/* ---- events ---- */

static void change(replay *p, const cJSON *line, const char *prefix, int quantity)
{
	char place_name[32], condition_name[32];
	int product = index_of(p->products, HELD_PRODUCTS, id_of(line, "product")), place, condition;

	snprintf(place_name, sizeof place_name, "%slocation", prefix);
	snprintf(condition_name, sizeof condition_name, "%scondition", prefix);
	place = index_of(p->places, HELD_PLACES, id_of(line, place_name));
	condition = strcmp(text_of(line, condition_name), "damaged") == 0;
	if (CHECK(product >= 0 && place >= 0))
		p->m->stock[product][place][condition][id_of(line, "owner").bytes[15]][code_in(line)] +=
			quantity;
}

static void take_lines(replay *p, const cJSON *payload, bool sale)
{
	const cJSON *line;

	cJSON_ArrayForEach(line, cJSON_GetObjectItemCaseSensitive(payload, "lines"))
	{
		int quantity = units_of(line, "quantity");

		if (sale)
			change(p, line, "", -quantity);
		if (is_true(line, "from_physical"))
			change(p, line, "from_", -quantity);
		if (is_true(line, "to_physical"))
			change(p, line, "to_", quantity);
	}
}

/* The reservation of this id; a new one when there is none. */
static held_reservation *reservation_of(replay *p, inv_id id)
{
	int n = index_of(p->ids, p->m->reservation_count, id);

	if (n >= 0)
		return &p->m->reservations[n];
	if (p->m->reservation_count == HELD_RESERVATIONS)
		abort();
	p->ids[p->m->reservation_count] = id;
	return &p->m->reservations[p->m->reservation_count++];
}

static void take_reservation(replay *p, const cJSON *payload, bool split)
{
	held_reservation *r = reservation_of(p, id_of(payload, "id"));

	r->product = index_of(p->products, HELD_PRODUCTS, id_of(payload, "product"));
	r->place = index_of(p->places, HELD_PLACES, id_of(payload, "location"));
	r->place = r->place < 0 ? HELD_EVERYWHERE : r->place;
	r->subtree = is_true(payload, "subtree");
	r->code = code_in(payload);
	r->quantity = units_of(payload, "quantity");
	r->open = units_of(payload, "open");
	r->deadline = instant_of(payload, "deadline");
	if (split)
		reservation_of(p, id_of(payload, "split_from"))->open -= r->open;
}

static void take_event(replay *p, const inv_event *e)
{
	cJSON *payload = cJSON_ParseWithLength(e->payload.ptr, e->payload.len);

	if (strcmp(e->name.ptr, "stock.posted") == 0)
		take_lines(p, payload, false);
	else if (strcmp(e->name.ptr, "sale.closed") == 0)
		take_lines(p, payload, true);
	else if (strcmp(e->name.ptr, "reservation.expired") == 0)
		reservation_of(p, id_of(payload, "reservation"))->open -= units_of(payload, "quantity");
	else if (strncmp(e->name.ptr, "reservation.", 12) == 0)
		take_reservation(p, payload, strcmp(e->name.ptr, "reservation.split") == 0);
	cJSON_Delete(payload);
	p->now = e->recorded_at;
}

/* ---- what must hold after each command ---- */

static void check_codes(replay *p, int product, int place)
{
	for (int code = 0; code < HELD_CODES; code++) {
		for (int k = 0; k < HELD_CONDITIONS * HELD_OWNERS; k++)
			p->f->goods += p->m->stock[product][place][k / HELD_OWNERS][k % HELD_OWNERS][code] < 0;
		p->f->lots += code > 0 && held_lot_free(p->m, product, place, code, p->now) < 0;
	}
}

static void check_step(replay *p)
{
	for (int product = 0; product < HELD_PRODUCTS; product++)
		for (int place = 0; place <= HELD_EVERYWHERE; place++) {
			held_sums here = held_balance(p->m, product, place, false, p->now);
			held_sums below = held_balance(p->m, product, place, true, p->now);

			p->f->places += below.sellable < below.reserved;
			if (place == HELD_EVERYWHERE)
				continue;
			p->f->available += here.sellable < here.reserved;
			check_codes(p, product, place);
		}
}

static void take_page(replay *p, inv_result *r)
{
	for (size_t i = 0; i < inv_result_count(r); i++) {
		const inv_event *e = INV_AT(r, inv_event, i);

		if (p->any && memcmp(p->command.bytes, e->command.bytes, sizeof e->command.bytes) != 0)
			check_step(p);
		p->any = true;
		p->command = e->command;
		take_event(p, e);
	}
}

/* ---- against what the store tells ---- */

static void compare_balances(replay *p)
{
	for (int i = 0; i < HELD_PRODUCTS * (2 * HELD_PLACES + 1); i++) {
		inv_balance_query query = INV_BALANCE_QUERY_INIT;
		int product = i / (2 * HELD_PLACES + 1), place = i % (2 * HELD_PLACES + 1) / 2;
		inv_result *r = NULL;
		held_sums ours;

		query.product = inv_ref_of(p->products[product]);
		query.subtree = i % (2 * HELD_PLACES + 1) % 2 || place == HELD_EVERYWHERE;
		if (place != HELD_EVERYWHERE)
			query.location = inv_ref_of(p->places[place]);
		ours = held_balance(p->m, product, place, query.subtree != 0, p->store->shop.now);
		if (CHECK_STATUS(inv_balance_get(p->store->shop.s, &query, 1, NULL, &r), INV_OK)) {
			const inv_balance *b = INV_AT(r, inv_balance, 0);

			p->f->sums += b->on_hand != UNITS(ours.on_hand) ||
			              b->sellable != UNITS(ours.sellable) ||
			              b->reserved != UNITS(ours.reserved);
		}
		inv_result_free(r);
	}
}

static void compare_reservations(replay *p)
{
	for (int i = 0; i < p->m->reservation_count; i++) {
		inv_lookup find = INV_LOOKUP_INIT;
		inv_result *r = NULL;

		find.ref = inv_ref_of(p->ids[i]);
		if (CHECK_STATUS(inv_reservation_get(p->store->shop.s, &find, 1, NULL, &r), INV_OK))
			p->f->sums += INV_AT(r, inv_reservation, 0)->open !=
			              UNITS(p->m->reservations[i].open);
		inv_result_free(r);
	}
}

/* ---- all of it ---- */

static void find_ids(replay *p)
{
	inv_session *s = p->store->shop.s;

	for (int i = 0; i < HELD_PRODUCTS + HELD_PLACES; i++) {
		inv_lookup find = INV_LOOKUP_INIT;
		inv_result *r = NULL;
		bool product = i < HELD_PRODUCTS;

		find.ref = inv_ref_code(product ? held_products[i] : held_places[i - HELD_PRODUCTS]);
		if (product && CHECK_STATUS(inv_product_get(s, &find, 1, NULL, &r), INV_OK))
			p->products[i] = INV_AT(r, inv_product, 0)->id;
		if (!product && CHECK_STATUS(inv_location_get(s, &find, 1, NULL, &r), INV_OK))
			p->places[i - HELD_PRODUCTS] = INV_AT(r, inv_location, 0)->id;
		inv_result_free(r);
	}
}

void held_replay(held_store *store, held_faults *f)
{
	replay p = {.store = store, .f = f, .m = calloc(1, sizeof *p.m)};
	inv_feed_query query = INV_FEED_QUERY_INIT;
	size_t count;

	if (!p.m)
		abort();
	find_ids(&p);
	query.limit = 200;
	do {
		inv_result *r = NULL;

		count = 0;
		if (CHECK_STATUS(inv_feed_read(store->shop.s, &query, 1, NULL, &r), INV_OK)) {
			count = inv_result_count(r);
			take_page(&p, r);
		}
		query.after += (int64_t)count;
		inv_result_free(r);
	} while (count > 0);
	check_step(&p);
	compare_balances(&p);
	compare_reservations(&p);
	free(p.m);
}
