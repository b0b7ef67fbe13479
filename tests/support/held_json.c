/* SPDX-License-Identifier: MIT */
/* The model's commands as the library takes them, and the shop that they need. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "support/held_mirror.h"
#include "support/store_url.h"

const char *const held_places[HELD_PLACES] = {"A", "A1", "A2", "A21", "B"};
const char *const held_products[HELD_PRODUCTS] = {"TEA", "RICE", "MILK", "PHONE"};
const char *const held_ops[HELD_VERBS] = {
	"stock.receive", "stock.issue", "stock.move", "stock.adjust", "sale.close",
	"reservation.hold", "reservation.extend", "reservation.bind", "reservation.commit",
	"reservation.release", "reservation.cancel",
};

/* ---- JSON ---- */

typedef struct text {
	char *at, *end;
} text;

__attribute__((format(printf, 2, 3))) static void put(text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->at, (size_t)(t->end - t->at), format, args);
	va_end(args);
	t->at += n > 0 && n < t->end - t->at ? n : 0;
}

static void put_instant(text *t, const char *name, int64_t at)
{
	char written[40];

	if (at == 0)
		return;
	inv_instant_format(at, written);
	put(t, "\"%s\":\"%s\",", name, written);
}

static void put_place(text *t, const char *name, int place)
{
	if (place != HELD_NONE && place != HELD_EVERYWHERE)
		put(t, "\"%s\":\"%s\",", name, held_places[place]);
}

static void put_reservation(text *t, const inv_id *ids, int reservation)
{
	char written[37];

	if (reservation == HELD_NONE)
		return;
	if (reservation == HELD_UNKNOWN)
		snprintf(written, sizeof written, "01890000-0000-7000-8000-000000000000");
	else
		inv_id_format(ids[reservation], written);
	put(t, "\"reservation\":\"%s\",", written);
}

/* A code in either case means the same. */
static void put_code(text *t, int product, const held_line *l)
{
	if (l->code && product == HELD_PHONE)
		put(t, "\"serial\":\"%s%d\",", l->quantity % 2 ? "S" : "s", l->code);
	else if (l->code)
		put(t, "\"lot\":\"%s%d\",", l->quantity % 2 ? "L" : "l", l->code);
}

static void put_goods(text *t, const held_command *c, const held_line *l)
{
	put(t, "\"product\":\"%s\",\"quantity\":%d,", held_products[l->product], l->quantity);
	put_place(t, "location", c->verb == HELD_SALE && l->place == HELD_NONE ? c->here : l->place);
	put_place(t, "to_location", l->to_place);
	put_code(t, l->product, l);
	if (l->condition)
		put(t, "\"condition\":\"damaged\",");
	if (l->to_condition)
		put(t, "\"to_condition\":\"damaged\",");
	if (l->owner)
		put(t, "\"owner\":\"01890000-0000-7000-8000-00000000000%d\",", l->owner);
	if (l->set)
		put(t, "\"set\":true,");
	if (c->verb == HELD_SALE)
		put(t, "\"unit_price\":1,");
	if (l->subtree)
		put(t, "\"subtree\":true,");
}

/* Of a reservation's command: `product` says which code is meant. */
static void put_change(text *t, const held_command *c, const held_line *l)
{
	if (l->quantity)
		put(t, "\"quantity\":%d,", l->quantity);
	put_place(t, "location", l->place);
	put_code(t, l->product, l);
	if (c->verb == HELD_COMMIT)
		put_instant(t, "occurred_at", c->at);
}

static void put_line(text *t, const held_command *c, const inv_id *ids, const held_line *l)
{
	put(t, "{");
	if (c->verb <= HELD_HOLD)
		put_goods(t, c, l);
	else
		put_change(t, c, l);
	put_reservation(t, ids, l->reservation);
	put_instant(t, "deadline", l->deadline);
	t->at--; /* the last comma */
	put(t, "},");
}

void held_json(const held_command *c, const inv_id *ids, char out[HELD_JSON])
{
	text t = {out, out + HELD_JSON};
	bool entry = c->verb < HELD_HOLD;

	if (entry) {
		put(&t, "{");
		put_instant(&t, "occurred_at", c->at);
		put(&t, "\"lines\":");
	}
	put(&t, "[");
	for (int i = 0; i < c->count; i++)
		put_line(&t, c, ids, &c->lines[i]);
	t.at--;
	put(&t, "]");
	if (c->verb == HELD_SALE)
		put(&t, ",\"tenders\":[{\"method\":\"card\"}]");
	if (entry)
		put(&t, "}");
}

/* ---- the shop ---- */

static const char *const channels[HELD_GUARDS] = {
	[INV_GUARD_STRICT] = "STRICT", [INV_GUARD_BACKORDER] = "LATER", [INV_GUARD_OBSERVE] = "SEE"};

inv_session *held_store_session(held_store *store, int guard)
{
	return shop_session(&store->shop, channels[guard], held_places[HELD_HERE]);
}

bool held_store_open(held_store *store, const char *url)
{
	inv_session *s;

	snprintf(store->url, sizeof store->url, "%s", url);
	if (!shop_open(&store->shop, url))
		return false;
	s = store->shop.s;
	SHOP_ANSWER(s, "product.create",
	            "[{\"sku\":\"TEA\",\"name\":\"Tea\"},{\"sku\":\"RICE\",\"name\":\"Rice\"},"
	            "{\"sku\":\"MILK\",\"name\":\"Milk\",\"tracking\":\"lot\"},"
	            "{\"sku\":\"PHONE\",\"name\":\"Phone\",\"tracking\":\"serial\"}]");
	SHOP_ANSWER(s, "location.create",
	            "[{\"code\":\"A\",\"name\":\"A\"},{\"code\":\"B\",\"name\":\"B\"}]");
	SHOP_ANSWER(s, "location.create", "[{\"code\":\"A1\",\"name\":\"A1\",\"parent\":\"A\"},"
	                                  "{\"code\":\"A2\",\"name\":\"A2\",\"parent\":\"A\"}]");
	SHOP_ANSWER(s, "location.create", "{\"code\":\"A21\",\"name\":\"A21\",\"parent\":\"A2\"}");
	SHOP_ANSWER(s, "channel.create",
	            "[{\"code\":\"STRICT\",\"name\":\"Strict\"},"
	            "{\"code\":\"LATER\",\"name\":\"Later\",\"guard\":\"backorder\","
	            "\"backorder_limit\":3},"
	            "{\"code\":\"SEE\",\"name\":\"See\",\"guard\":\"observe\"}]");
	_Static_assert(HELD_LIMIT == 3, "the channel has another limit");
	for (int i = 0; i < HELD_GUARDS; i++)
		store->sessions[i] = held_store_session(store, i);
	return check_failures() == 0;
}

void held_store_close(held_store *store)
{
	for (int i = 0; i < HELD_GUARDS; i++)
		inv_session_close(store->sessions[i]);
	shop_close(&store->shop);
}
