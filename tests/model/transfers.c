/* SPDX-License-Identifier: MIT */
/* Random transfers between three shops against a model of quantities: what every line says, what
 * is on hand at each place, and that what is on the way is what was shipped and did not arrive
 * (I17). A model that forgets what was lost must be caught. */
/* ctest: drivers */
#include <stdio.h>
#include <stdlib.h>

#include "support/shop.h"

#define SHOPS 3
#define PRODUCTS 2
#define LINES 3
#define TRANSFERS 12
#define STEPS 150

static const char *const places[SHOPS] = {"MAIN", "EAST", "WEST"};
static const char *const skus[PRODUCTS] = {"TEA", "MUG"};

typedef struct line {
	int product;
	int quantity, shipped, received, damaged, lost, returned, cancelled;
} line;

typedef struct transfer {
	int from, to, lines;
	bool requested, closed;
	line line[LINES];
} transfer;

typedef struct model {
	test_shop shop;
	transfer transfers[TRANSFERS];
	int count;
	int on_hand[SHOPS][PRODUCTS], lost[PRODUCTS];
	bool forgets_lost;   /* the fault that is planted */
	unsigned wrong;
} model;

static int below(int limit)
{
	return (int)check_random_below((uint64_t)limit);
}

static int open_of(const line *l)
{
	return l->quantity - l->cancelled - l->shipped;
}

static int underway_of(const line *l)
{
	return l->shipped - l->received - l->damaged - l->lost - l->returned;
}

/* ---- commands ---- */

static void answers(model *m, const char *op, const char *json, inv_status expected)
{
	inv_status rc = shop_json(m->shop.s, op, json, NULL);

	if (rc == expected)
		return;
	m->wrong++;
	if (!m->forgets_lost)
		CHECK_FAIL("%s %s: %d, not %d: %s", op, json, rc, expected,
		           inv_session_error(m->shop.s)->message);
}

static void create(model *m)
{
	transfer *t = &m->transfers[m->count];
	char json[600];
	int at;

	if (m->count == TRANSFERS)
		return;
	*t = (transfer){.from = below(SHOPS), .lines = 1 + below(LINES)};
	t->to = (t->from + 1 + below(SHOPS - 1)) % SHOPS;
	at = snprintf(json, sizeof json,
	              "{\"number\":\"T%d\",\"from_location\":\"%s\",\"to_location\":\"%s\",\"lines\":[",
	              m->count, places[t->from], places[t->to]);
	for (int i = 0; i < t->lines; i++) {
		t->line[i] = (line){.product = below(PRODUCTS), .quantity = 1 + below(6)};
		at += snprintf(json + at, sizeof json - (size_t)at,
		               "%s{\"product\":\"%s\",\"quantity\":%d}", i ? "," : "",
		               skus[t->line[i].product], t->line[i].quantity);
	}
	snprintf(json + at, sizeof json - (size_t)at, "]}");
	m->count++;
	answers(m, "transfer.create", json, INV_OK);
}

static void ship(model *m, int number, int i, int quantity)
{
	transfer *t = &m->transfers[number];
	line *l = &t->line[i];
	bool fits = t->requested && !t->closed && quantity <= open_of(l);
	bool there = quantity <= m->on_hand[t->from][l->product];
	char json[200];

	snprintf(json, sizeof json,
	         "{\"transfer\":\"T%d\",\"lines\":[{\"line\":%d,\"quantity\":%d}]}", number, i + 1,
	         quantity);
	answers(m, "transfer.ship", json, !fits ? INV_E_STATE : there ? INV_OK : INV_E_INSUFFICIENT);
	if (!fits || !there)
		return;
	l->shipped += quantity;
	m->on_hand[t->from][l->product] -= quantity;
}

static void receive(model *m, int number, int i)
{
	transfer *t = &m->transfers[number];
	line *l = &t->line[i];
	int received = below(4), damaged = below(2), lost = below(2);
	bool fits;
	char json[200];

	if (received + damaged + lost == 0)
		return;
	fits = received + damaged + lost <= underway_of(l);
	snprintf(json, sizeof json,
	         "{\"transfer\":\"T%d\",\"lines\":[{\"line\":%d,\"received\":%d,\"damaged\":%d,"
	         "\"lost\":%d}]}", number, i + 1, received, damaged, lost);
	answers(m, "transfer.receive", json, fits ? INV_OK : INV_E_STATE);
	if (!fits)
		return;
	l->received += received;
	l->damaged += damaged;
	l->lost += m->forgets_lost ? 0 : lost;
	m->lost[l->product] += lost;
	m->on_hand[t->to][l->product] += received + damaged;
}

static void send_back(model *m, int number, int i, int quantity)
{
	transfer *t = &m->transfers[number];
	line *l = &t->line[i];
	bool fits = quantity <= underway_of(l);
	char json[200];

	snprintf(json, sizeof json,
	         "{\"transfer\":\"T%d\",\"lines\":[{\"line\":%d,\"quantity\":%d}]}", number, i + 1,
	         quantity);
	answers(m, "transfer.return", json, fits ? INV_OK : INV_E_STATE);
	if (!fits)
		return;
	l->returned += quantity;
	m->on_hand[t->from][l->product] += quantity;
}

static void end(model *m, int number, const char *op, bool closes)
{
	transfer *t = &m->transfers[number];
	bool shipped = false, open = false, underway = false;
	bool fits;
	char json[60];

	for (int i = 0; i < t->lines; i++) {
		shipped |= t->line[i].shipped > 0;
		open |= open_of(&t->line[i]) > 0;
		underway |= underway_of(&t->line[i]) > 0;
	}
	fits = closes ? shipped && !underway && !t->closed : open;
	snprintf(json, sizeof json, "{\"ref\":\"T%d\"}", number);
	answers(m, op, json, fits ? INV_OK : INV_E_STATE);
	if (!fits)
		return;
	for (int i = 0; i < t->lines; i++)
		t->line[i].cancelled += open_of(&t->line[i]);
	t->closed |= closes;
	t->requested |= closes || !shipped; /* called off, it cannot be requested any more */
}

static void request(model *m, int number)
{
	transfer *t = &m->transfers[number];
	char json[60];

	snprintf(json, sizeof json, "{\"ref\":\"T%d\"}", number);
	answers(m, "transfer.request", json, t->requested ? INV_E_STATE : INV_OK);
	t->requested = true;
}

static void step(model *m)
{
	int number = m->count > 0 ? below(m->count) : 0;
	int i = m->count > 0 ? below(m->transfers[number].lines) : 0;
	int what = m->count > 0 ? below(100) : 0;

	if (what < 10)
		create(m);
	else if (what < 25)
		request(m, number);
	else if (what < 55)
		ship(m, number, i, 1 + below(4));
	else if (what < 85)
		receive(m, number, i);
	else if (what < 93)
		send_back(m, number, i, 1 + below(3));
	else
		end(m, number, what < 96 ? "transfer.cancel" : "transfer.close", what >= 96);
}

/* ---- what the library says ---- */

static void check_line(model *m, const inv_transfer_line *l, const line *want)
{
	m->wrong += l->quantity != UNITS(want->quantity) || l->shipped != UNITS(want->shipped) ||
	            l->received != UNITS(want->received) || l->damaged != UNITS(want->damaged) ||
	            l->lost != UNITS(want->lost) || l->returned != UNITS(want->returned) ||
	            l->cancelled != UNITS(want->cancelled);
}

static void check_transfers(model *m)
{
	for (int n = 0; n < m->count; n++) {
		inv_result *r;
		char json[60];

		snprintf(json, sizeof json, "{\"ref\":\"T%d\"}", n);
		if (shop_json(m->shop.s, "transfer.get", json, &r) != INV_OK) {
			m->wrong++;
			continue;
		}
		for (size_t i = 0; i < (size_t)m->transfers[n].lines; i++)
			check_line(m, INV_LIST_AT(INV_AT(r, inv_transfer, 0)->lines, inv_transfer_line, i),
			           &m->transfers[n].line[i]);
		inv_result_free(r);
	}
}

static void check_stock(model *m)
{
	for (int p = 0; p < PRODUCTS; p++) {
		int underway = 0;

		for (int n = 0; n < m->count; n++)
			for (int i = 0; i < m->transfers[n].lines; i++)
				underway += m->transfers[n].line[i].product == p
				                    ? underway_of(&m->transfers[n].line[i])
				                    : 0;
		for (int s = 0; s < SHOPS; s++)
			m->wrong += shop_on_hand(m->shop.s, skus[p], places[s]) != UNITS(m->on_hand[s][p]);
		m->wrong += shop_on_hand(m->shop.s, skus[p], "TRANSIT") != UNITS(underway);
		m->wrong += shop_on_hand(m->shop.s, skus[p], "SCRAP") != UNITS(m->lost[p]);
	}
}

static bool begin(model *m)
{
	if (!shop_open(&m->shop, NULL))
		return false;
	SHOP_ANSWER(m->shop.s, "product.create",
	            "[{\"sku\":\"TEA\",\"name\":\"Tea\"},{\"sku\":\"MUG\",\"name\":\"Mug\"}]");
	SHOP_ANSWER(m->shop.s, "location.create",
	            "[{\"code\":\"EAST\",\"name\":\"East\"},{\"code\":\"WEST\",\"name\":\"West\"}]");
	for (int p = 0; p < PRODUCTS; p++) {
		for (int s = 0; s < SHOPS; s++) {
			m->on_hand[s][p] = 4 + below(12);
			CHECK_STATUS(shop_receive(m->shop.s, skus[p], places[s], UNITS(m->on_hand[s][p]),
			                          m->shop.now), INV_OK);
		}
	}
	return check_failures() == 0;
}

TEST(lines_and_stock_are_those_of_the_model)
{
	model m = {0};

	if (!begin(&m))
		return;
	for (int i = 0; i < STEPS && m.wrong == 0; i++) {
		step(&m);
		m.shop.now += SHOP_SECOND;
		if (i % 15 == 0 || i + 1 == STEPS) {
			check_transfers(&m);
			check_stock(&m);
		}
	}
	CHECK_INT(m.wrong, 0);
	shop_verify(&m.shop);
	shop_close(&m.shop);
}

TEST(what_the_model_forgets_is_seen)
{
	model m = {.forgets_lost = true};

	if (!begin(&m))
		return;
	for (int i = 0; i < 20 * STEPS && m.wrong == 0; i++) {
		step(&m);
		if (m.lost[0] + m.lost[1] > 0) {
			check_transfers(&m);
			check_stock(&m);
		}
	}
	CHECK(m.wrong > 0);
	shop_close(&m.shop);
}

CHECK_MAIN()
