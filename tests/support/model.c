/* SPDX-License-Identifier: MIT */
/* The model's ground: sums over moves, the guard, keys. */
#include "support/model.h"

#include <stdlib.h>
#include <string.h>

#define FIVE_MINUTES INT64_C(300000000)

bool model_account_equal(const model_account *a, const model_account *b)
{
	return a->product == b->product && a->place == b->place && a->condition == b->condition &&
	       a->lot == b->lot && a->serial == b->serial && a->owner == b->owner;
}

int64_t model_pow10(int n)
{
	int64_t p = 1;

	while (n-- > 0)
		p *= 10;
	return p;
}

/* ---- questions ---- */

int64_t model_holds(const model *m, const model_account *account)
{
	int64_t sum = 0;

	for (int i = 0; i < m->move_count; i++)
		if (model_account_equal(&m->moves[i].account, account))
			sum += m->moves[i].quantity;
	return sum;
}

static bool stands_in(const model *m, int place, int where, bool below)
{
	while (place != where && below && place >= 0)
		place = m->places[place].parent;
	return place == where;
}

model_sum model_balance(const model *m, int product, int place, bool below, int64_t as_of,
                        int64_t known_at)
{
	model_sum sum = {0, 0};

	for (int i = 0; i < m->move_count; i++) {
		const model_move *move = &m->moves[i];

		if (move->account.product != product || move->occurred_at > as_of ||
		    move->known_at > known_at)
			continue;
		if (place != MODEL_NONE && !stands_in(m, move->account.place, place, below))
			continue;
		sum.on_hand += move->quantity;
		if (move->account.condition == INV_CONDITION_SELLABLE)
			sum.sellable += move->quantity;
	}
	return sum;
}

/* ---- the guard ---- */

typedef struct change {
	int64_t at, before, after; /* what moved at that instant: by earlier commands, by all */
} change;

static int change_order(const void *x, const void *y)
{
	const change *a = x, *b = y;

	return (a->at > b->at) - (a->at < b->at);
}

/* The worst that the pending moves do to an account: at the end of each instant from their first
 * on, what is there less than before and less than `floor` counts. */
static int64_t worst(const model *m, const model_pending *pending, int count,
                     const model_account *account, int64_t floor)
{
	static change changes[MODEL_MOVES + MODEL_PENDING];
	int64_t before = 0, after = 0, worst_of = floor;
	int n = 0;

	for (int i = 0; i < m->move_count; i++)
		if (model_account_equal(&m->moves[i].account, account))
			changes[n++] = (change){m->moves[i].occurred_at, m->moves[i].quantity,
			                        m->moves[i].quantity};
	for (int i = 0; i < count; i++)
		if (model_account_equal(&pending[i].account, account))
			changes[n++] = (change){pending[i].occurred_at, 0, pending[i].quantity};
	qsort(changes, (size_t)n, sizeof changes[0], change_order);
	for (int i = 0; i < n; i++) {
		before += changes[i].before;
		after += changes[i].after;
		if (i + 1 < n && changes[i + 1].at == changes[i].at)
			continue; /* the instant is not over */
		if (after < before && after < worst_of &&
		    (m->broken != MODEL_BREAK_LATER || i + 1 == n))
			worst_of = after;
	}
	return worst_of;
}

static bool seen_before(const model_pending *pending, int index)
{
	for (int i = 0; i < index; i++)
		if (model_account_equal(&pending[i].account, &pending[index].account))
			return true;
	return false;
}

/* The document of the first line in time that takes from an account tells the shortage. */
static int teller(const model_pending *pending, int count, const model_account *account)
{
	const model_pending *first = NULL;

	for (int i = 0; i < count; i++)
		if (pending[i].quantity < 0 && model_account_equal(&pending[i].account, account) &&
		    (!first || pending[i].occurred_at < first->occurred_at))
			first = &pending[i];
	return first ? first->document : 0;
}

enum { CONDITIONS = 8, OWNERS = 4 }; /* as many as may be */

/* Units of a serial over all accounts that hold one, with or without what is pending. */
static int64_t units_of(const model *m, const model_pending *pending, int count,
                        const model_account *serial)
{
	int64_t units = 0;

	for (int n = 0; n < m->place_count * CONDITIONS * OWNERS; n++) {
		model_account a = *serial;
		int64_t sum;

		a.place = n / (CONDITIONS * OWNERS);
		a.condition = n / OWNERS % CONDITIONS;
		a.owner = n % OWNERS;
		sum = model_holds(m, &a);
		for (int i = 0; i < count; i++)
			if (model_account_equal(&pending[i].account, &a))
				sum += pending[i].quantity;
		units += sum > 0 ? sum : 0;
	}
	return units;
}

/* A serial is in one account at most (I9). */
static bool serial_twice(const model *m, const model_pending *pending, int count)
{
	for (int i = 0; i < count; i++) {
		const model_account *a = &pending[i].account;
		int64_t after;

		if (!a->serial || pending[i].quantity < 0)
			continue;
		after = units_of(m, pending, count, a);
		if (after > INV_QUANTITY_ONE && after > units_of(m, NULL, 0, a))
			return true;
	}
	return false;
}

static bool is_sellable_there(const model_account *a, const model_account *where)
{
	return a->product == where->product && a->place == where->place && a->condition == 0;
}

/* Over all accounts of a product at a place: does the command take what is available below the
 * floor (I12)? What was counted is not asked. */
static bool too_little(const model *m, const model_command *c, const model_pending *pending,
                       int count, const model_account *where, int64_t floor)
{
	int64_t there = 0, net = 0;

	if (c->verb == MODEL_ADJUST)
		return false;
	for (int i = 0; i < m->move_count; i++)
		if (is_sellable_there(&m->moves[i].account, where))
			there += m->moves[i].quantity;
	for (int i = 0; i < count; i++)
		if (is_sellable_there(&pending[i].account, where))
			net += pending[i].quantity;
	return net < 0 && there + net < floor;
}

inv_status model_guard(const model *m, const model_command *c, const model_pending *pending,
                       int count, int64_t *shortfall, bool *short_in)
{
	int64_t floor = c->guard == INV_GUARD_BACKORDER ? -c->limit : 0;

	*shortfall = 0;
	memset(short_in, 0, MODEL_DOCUMENTS * sizeof *short_in);
	if (serial_twice(m, pending, count))
		return INV_E_EXISTS;
	for (int i = 0; i < count; i++) {
		bool alone = m->broken == MODEL_BREAK_SUM;
		int64_t w;

		if (!alone && seen_before(pending, i))
			continue;
		w = alone ? worst(m, &pending[i], 1, &pending[i].account, floor)
		          : worst(m, pending, count, &pending[i].account, floor);
		if (!alone && c->guard != INV_GUARD_OBSERVE &&
		    too_little(m, c, pending, count, &pending[i].account, floor))
			return INV_E_INSUFFICIENT;
		if (w >= floor)
			continue;
		if (c->guard != INV_GUARD_OBSERVE)
			return INV_E_INSUFFICIENT;
		*shortfall -= w;
		short_in[teller(pending, count, &pending[i].account)] = true;
	}
	return INV_OK;
}

/* ---- commands ---- */

inv_status model_instant(const model_command *c, int index, int64_t *out, bool *clamped)
{
	int64_t at = c->documents[index].occurred_at;

	*clamped = false;
	*out = at ? at : c->now;
	if (at <= c->now + FIVE_MINUTES)
		return INV_OK;
	*clamped = true;
	*out = c->now;
	return c->guard == INV_GUARD_OBSERVE ? INV_OK : INV_E_INVALID;
}

void model_write(model *m, const model_command *c, const model_pending *pending, int count,
                 int first_event)
{
	for (int i = 0; i < count; i++) {
		model_move *move;

		if (m->broken == MODEL_BREAK_LEG && c->verb == MODEL_MOVE && pending[i].quantity > 0)
			continue;
		move = &m->moves[m->move_count++];
		move->account = pending[i].account;
		move->quantity = pending[i].quantity;
		move->occurred_at = pending[i].occurred_at;
		move->known_at = m->known_at;
		move->event = first_event + pending[i].document;
		move->line = pending[i].line + 1;
		move->strict = c->guard == INV_GUARD_STRICT;
	}
}

static model_answer update_product(model *m, const model_command *c)
{
	model_answer a = {INV_OK, false, 0, 0, 0};
	model_product *p;

	if (c->product < 0) {
		a.status = INV_E_NOT_FOUND;
		return a;
	}
	p = &m->products[c->product];
	if (c->version != 0 && c->version != p->version) {
		a.status = INV_E_CONFLICT;
		return a;
	}
	if (p->name == c->name && p->price == c->price)
		return a;
	p->name = c->name;
	p->price = c->price;
	p->version++;
	a.events = 1;
	return a;
}

/* FNV over what a caller would see of a command: not over clock, session and key. */
static uint64_t content_of(const model_command *c)
{
	model_command copy = *c;
	const unsigned char *bytes = (const unsigned char *)&copy;
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	copy.guard = copy.place = copy.key = 0;
	copy.limit = copy.now = 0;
	for (size_t i = 0; i < sizeof copy; i++)
		h = (h ^ bytes[i]) * UINT64_C(0x100000001b3);
	return h;
}

static const model_key *key_of(const model *m, const model_command *c)
{
	for (int i = 0; c->key && m->broken != MODEL_BREAK_KEY && i < m->key_count; i++)
		if (m->keys[i].key == c->key && m->keys[i].verb == c->verb)
			return &m->keys[i];
	return NULL;
}

static model_answer run(model *m, const model_command *c)
{
	switch (c->verb) {
	case MODEL_SALE:
	case MODEL_REFUND:
		return model_till(m, c);
	case MODEL_PRODUCT_UPDATE:
		return update_product(m, c);
	default:
		return model_stock(m, c);
	}
}

model_answer model_run(model *m, const model_command *command)
{
	const model_key *known = key_of(m, command);
	int64_t was = m->known_at;
	model_command later = *command;
	model_answer a = {INV_OK, false, 0, 0, 0};

	if (known) {
		a.replayed = known->content == content_of(command);
		a.status = a.replayed ? INV_OK : INV_E_KEY_REUSED;
		return a;
	}
	/* The writer's clock never goes back. */
	if (command->now > m->known_at)
		m->known_at = command->now;
	later.now = m->known_at;
	a = run(m, &later);
	if (a.status != INV_OK)
		a.events = 0;
	if (a.events == 0)
		m->known_at = was;
	m->events += a.events;
	if (a.status == INV_OK && command->key)
		m->keys[m->key_count++] = (model_key){command->key, command->verb, content_of(command)};
	return a;
}
