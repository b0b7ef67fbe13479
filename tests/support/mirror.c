/* SPDX-License-Identifier: MIT */
/* A small shop on both sides, and one command at a time. */
#include "support/mirror.h"
#include "support/store_url.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void mirror_differs(mirror *x, const char *format, ...)
{
	char message[1024];
	va_list args;

	x->differences++;
	if (x->canary || x->differences > 1)
		return; /* the first one tells most */
	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	CHECK_FAIL("command %llu: %s\n\t%s", (unsigned long long)x->number, message, x->last);
}

/* ---- the shop ---- */

static const struct {
	const char *code;
	bool physical, made;
	int parent;
} places[MODEL_PLACES] = {
	{"MAIN", true, false, MODEL_NONE},     {"SHOP", true, true, MODEL_NONE},
	{"BACK", true, true, 1},               {"SHELF", true, true, 2},
	{"TRANSIT", true, false, MODEL_NONE},  {"SCRAP", false, false, MODEL_NONE},
	{"CUSTOMER", false, false, MODEL_NONE}, {"SUPPLIER", false, false, MODEL_NONE},
};

static const struct {
	int decimals, tracking;
	bool non_stocked;
} kinds[MODEL_PRODUCTS] = {
	{0, 0, false}, {0, 0, false}, {0, 0, false},
	{3, 0, false}, {6, 0, false}, {0, INV_TRACKING_LOT, false},
	{2, INV_TRACKING_LOT, false}, {0, INV_TRACKING_SERIAL, false}, {0, 0, true},
	{2, 0, true}, {1, 0, false}, {0, 0, false},
};

static bool add_places(mirror *x)
{
	for (int i = 0; i < MODEL_PLACES; i++) {
		inv_location l = INV_LOCATION_INIT;
		inv_lookup find = INV_LOOKUP_INIT;
		inv_result *r = NULL;
		inv_status rc;

		l.code = l.name = inv_str_of(places[i].code);
		if (places[i].parent != MODEL_NONE)
			l.parent = inv_ref_of(x->places[places[i].parent]);
		find.ref.code = l.code;
		rc = places[i].made ? inv_location_create(x->shop.s, &l, 1, NULL, &r)
		                    : inv_location_get(x->shop.s, &find, 1, NULL, &r);
		if (!CHECK_STATUS(rc, INV_OK))
			return false;
		x->places[i] = INV_AT(r, inv_location, 0)->id;
		inv_result_free(r);
		x->m->places[i].physical = places[i].physical;
		x->m->places[i].parent = places[i].parent;
	}
	x->m->place_count = MODEL_PLACES;
	return true;
}

static bool add_products(mirror *x)
{
	inv_product p[MODEL_PRODUCTS];
	char sku[MODEL_PRODUCTS][16];
	inv_result *r = NULL;

	for (int i = 0; i < MODEL_PRODUCTS; i++) {
		model_product *mine = &x->m->products[i];

		p[i] = (inv_product)INV_PRODUCT_INIT;
		snprintf(sku[i], sizeof sku[i], "P-%d", i);
		p[i].sku = inv_str_of(sku[i]);
		p[i].name = INV_S("Name 0");
		p[i].decimals = mine->decimals = kinds[i].decimals;
		p[i].tracking = mine->tracking = kinds[i].tracking;
		mine->non_stocked = kinds[i].non_stocked;
		p[i].stocking = kinds[i].non_stocked ? INV_STOCKING_NON_STOCKED : INV_STOCKING_STOCKED;
		p[i].list_price = mine->price = 12345 * (i + 1);
		mine->version = 1;
	}
	x->m->product_count = MODEL_PRODUCTS;
	if (!CHECK_STATUS(inv_product_create(x->shop.s, p, MODEL_PRODUCTS, NULL, &r), INV_OK))
		return false;
	for (int i = 0; i < MODEL_PRODUCTS; i++)
		x->products[i] = INV_AT(r, inv_product, (size_t)i)->id;
	inv_result_free(r);
	return true;
}

static bool add_till(mirror *x)
{
	inv_register t = INV_REGISTER_INIT;
	inv_lookup find = INV_LOOKUP_INIT;
	inv_result *r = NULL;

	t.code = t.name = INV_S("T2");
	if (!CHECK_STATUS(inv_register_create(x->shop.s, &t, 1, NULL, &r), INV_OK))
		return false;
	x->tills[1] = INV_AT(r, inv_register, 0)->id;
	inv_result_free(r);
	find.ref = INV_REF("T1");
	if (!CHECK_STATUS(inv_register_get(x->shop.s, &find, 1, NULL, &r), INV_OK))
		return false;
	x->tills[0] = INV_AT(r, inv_register, 0)->id;
	inv_result_free(r);
	return true;
}

static bool add_sessions(mirror *x)
{
	static const char *const codes[MIRROR_GUARDS] = {"STRICT", "BACK", "SEE"};

	x->limit = UNITS(5);
	for (int guard = 0; guard < MIRROR_GUARDS; guard++) {
		inv_channel c = INV_CHANNEL_INIT;

		c.code = c.name = inv_str_of(codes[guard]);
		c.guard = guard;
		c.backorder_limit = guard == INV_GUARD_BACKORDER ? x->limit : 0;
		if (!CHECK_STATUS(inv_channel_create(x->shop.s, &c, 1, NULL, NULL), INV_OK))
			return false;
		x->session_place[guard] = guard % 2;
		x->sessions[guard] = shop_session(&x->shop, codes[guard], places[guard % 2].code);
		if (!x->sessions[guard])
			return false;
	}
	return true;
}

bool mirror_open(mirror *x, const char *url, enum model_break broken)
{
	memset(x, 0, sizeof *x);
	x->m = calloc(1, sizeof *x->m);
	x->saved = calloc(1, sizeof *x->saved);
	if (!x->m || !x->saved || !shop_open(&x->shop, url))
		return false;
	x->canary = broken != MODEL_SOUND;
	x->m->broken = broken;
	if (!add_places(x) || !add_products(x) || !add_till(x) || !add_sessions(x))
		return false;
	x->first_position = x->read_position = shop_position(&x->shop);
	x->m->known_at = x->shop.now;
	return true;
}

void mirror_close(mirror *x)
{
	for (int guard = 0; guard < MIRROR_GUARDS; guard++)
		inv_session_close(x->sessions[guard]);
	shop_close(&x->shop);
	free(x->m);
	free(x->saved);
}

/* ---- one command ---- */

/* Shortfalls of an answer's lines, added up. */
static int64_t shortfall_of(const inv_list *lines, bool sale)
{
	int64_t sum = 0;

	for (size_t i = 0; i < lines->count; i++)
		sum += sale ? INV_LIST_AT(*lines, inv_sale_line, i)->shortfall
		            : INV_LIST_AT(*lines, inv_posting_line, i)->shortfall;
	return sum;
}

static int64_t compare_postings(mirror *x, const model_answer *a, const inv_result *r)
{
	int64_t shortfall = 0;

	for (size_t i = 0; i < inv_result_count(r); i++) {
		const inv_posting *p = INV_AT(r, inv_posting, i);
		const model_posting *mine = &x->m->postings[a->first + (int)i];
		int64_t units = 0;

		x->postings[a->first + (int)i] = p->id;
		shortfall += shortfall_of(&p->lines, false);
		for (int l = 0; l < mine->count; l++) {
			const model_posted *line = &mine->lines[l];
			bool none = !line->from_physical && !line->to_physical;

			units += line->quantity * (none ? 1 : line->to_physical - line->from_physical);
		}
		if (p->occurred_at != mine->occurred_at || p->line_count != mine->count)
			mirror_differs(x, "posting %zu: %lld with %lld lines, not %lld with %d", i,
			               (long long)p->occurred_at, (long long)p->line_count,
			               (long long)mine->occurred_at, mine->count);
		if (!mine->reversal && p->units != units)
			mirror_differs(x, "posting %zu has %lld units, not %lld", i, (long long)p->units,
			               (long long)units);
	}
	return shortfall;
}

static int64_t compare_sales(mirror *x, const model_answer *a, const inv_result *r)
{
	int64_t shortfall = 0;

	for (size_t i = 0; i < inv_result_count(r); i++) {
		const inv_sale *s = INV_AT(r, inv_sale, i);
		const model_sale *mine = &x->m->sales[a->first + (int)i];

		x->sales[a->first + (int)i] = s->id;
		shortfall += shortfall_of(&s->lines, true);
		if (s->number != mine->number)
			mirror_differs(x, "ticket %lld, not %lld", (long long)s->number,
			               (long long)mine->number);
		if (s->subtotal != mine->subtotal || s->total != mine->total ||
		    s->change != mine->change || s->rounding != mine->total - mine->subtotal)
			mirror_differs(x, "sums %lld %lld %lld, not %lld %lld %lld", (long long)s->subtotal,
			               (long long)s->total, (long long)s->change, (long long)mine->subtotal,
			               (long long)mine->total, (long long)mine->change);
	}
	return shortfall;
}

static void compare_product(mirror *x, const model_command *c, const inv_result *r)
{
	const inv_product *p = INV_AT(r, inv_product, 0);
	const model_product *mine = &x->m->products[c->product];

	if (p->version != mine->version || p->list_price != mine->price)
		mirror_differs(x, "product version %lld price %lld, not %lld %lld",
		               (long long)p->version, (long long)p->list_price, (long long)mine->version,
		               (long long)mine->price);
}

static void compare_new(mirror *x, const model_command *c, const model_answer *a,
                        const inv_result *r)
{
	int64_t shortfall = 0;
	size_t count = c->verb == MODEL_PRODUCT_UPDATE || c->verb == MODEL_REVERSE ? 1
	                                                                         : (size_t)c->count;

	if (inv_result_count(r) != count) {
		mirror_differs(x, "%zu answers", inv_result_count(r));
		return;
	}
	if (c->verb == MODEL_PRODUCT_UPDATE)
		compare_product(x, c, r);
	else if (c->verb == MODEL_SALE || c->verb == MODEL_REFUND)
		shortfall = compare_sales(x, a, r);
	else
		shortfall = compare_postings(x, a, r);
	if (shortfall != a->shortfall)
		mirror_differs(x, "shortfall %lld, not %lld", (long long)shortfall,
		               (long long)a->shortfall);
}

static void compare_replay(mirror *x, const inv_result *r, const char *expected)
{
	inv_str json = inv_result_json(r);

	if (!inv_result_replayed(r))
		mirror_differs(x, "the key was not known");
	if (expected && strcmp(json.ptr, expected) != 0)
		mirror_differs(x, "the second answer is another one:\n\t%s\n\t%s", json.ptr, expected);
}

model_answer mirror_run(mirror *x, const model_command *c, mirror_booked *booked,
                        const char *expected)
{
	inv_result *r = NULL;
	model_answer a;
	inv_status rc;

	x->number++;
	shop_clock(&x->shop, c->now);
	rc = mirror_call(x, c, &r);
	a = model_run(x->m, c);
	if (rc != a.status) {
		const inv_error *e = inv_session_error(x->sessions[c->guard]);

		mirror_differs(x, "%s under guard %d answers %s (%s: %s), the model %s", mirror_op(c),
		               c->guard, inv_schema_status(rc)->name, e->field, e->message,
		               inv_schema_status(a.status)->name);
		inv_result_free(r);
		return a;
	}
	if (rc == INV_OK && a.replayed)
		compare_replay(x, r, expected);
	else if (rc == INV_OK)
		compare_new(x, c, &a, r);
	if (rc == INV_OK && booked && !a.replayed) {
		booked->command = *c;
		snprintf(booked->json, sizeof booked->json, "%s", inv_result_json(r).ptr);
	}
	inv_result_free(r);
	if (!x->inside)
		mirror_feed(x, a.status == INV_OK ? a.events : 0);
	return a;
}

bool mirror_begin(mirror *x, int guard)
{
	inv_status rc = inv_begin(x->sessions[guard]);

	if (rc != INV_OK) {
		mirror_differs(x, "begin answers %d", (int)rc);
		return false;
	}
	x->inside = x->sessions[guard];
	memcpy(x->saved, x->m, sizeof *x->m);
	return true;
}

/* Where many write, what a transaction did is known from its end on. */
static void know_now(mirror *x)
{
	if (x->m->move_count == x->saved->move_count && x->m->events == x->saved->events)
		return;
	x->m->known_at = x->shop.now > x->m->known_at ? x->shop.now : x->m->known_at;
	for (int i = x->saved->move_count; i < x->m->move_count; i++)
		x->m->moves[i].known_at = x->m->known_at;
}

void mirror_end(mirror *x, bool commit)
{
	inv_status rc = commit ? inv_commit(x->inside) : inv_rollback(x->inside);
	int64_t before = x->saved->events;

	x->inside = NULL;
	/* On a machine that stands still the two seconds may be over. */
	if (rc != INV_OK && rc != INV_E_TIMEOUT)
		mirror_differs(x, "the end of the transaction answers %d", (int)rc);
	if (!commit || rc != INV_OK)
		memcpy(x->m, x->saved, sizeof *x->m);
	else if (check_on_postgres())
		know_now(x);
	mirror_feed(x, x->m->events - before);
}
