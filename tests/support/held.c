/* SPDX-License-Identifier: MIT */
/* The model's commands: what is wrong with a line, what it does to stock and reservations. */
#include "support/held.h"

#include <string.h>

static const held_answer fine = {INV_OK, 0, NULL};

static held_answer refuse(inv_status status, int input, const char *field)
{
	return (held_answer){status, input, field};
}

static bool is_bound(enum held_verb verb)
{
	return verb >= HELD_HOLD;
}

/* ---- lines ---- */

/* Lot, serial number and units. With `open` neither need be named yet. */
static held_answer check_units(int input, int product, int code, int quantity, bool open)
{
	bool lot = product == HELD_MILK, serial = product == HELD_PHONE;

	if (serial && quantity != 1 && quantity != -1 && quantity != 0 && !(open && code == 0))
		return refuse(INV_E_INVALID, input, "quantity");
	if (code != 0 && !lot && !serial)
		return refuse(INV_E_INVALID, input, "lot");
	if (code == 0 && (lot || serial) && !open)
		return refuse(INV_E_INVALID, input, lot ? "lot" : "serial");
	return fine;
}

static held_answer check_line(const held_command *c, int i)
{
	const held_line *l = &c->lines[i];
	held_answer a = check_units(i, l->product, l->code, l->quantity, false);

	if (a.status == INV_OK && l->reservation != HELD_NONE && c->verb != HELD_ISSUE &&
	    c->verb != HELD_SALE)
		return refuse(INV_E_INVALID, i, "reservation");
	return a;
}

static void change(held_shop *m, const held_command *c, const held_account *a, int quantity)
{
	if (quantity == 0)
		return;
	m->stock[a->product][a->place][a->condition][a->owner][a->code] += quantity;
	m->moves[m->move_count++] = (held_move){*a, c->at ? c->at : c->now, quantity};
}

static held_account account_of(const held_command *c, const held_line *l)
{
	return (held_account){l->product, l->place == HELD_NONE ? c->here : l->place, l->condition,
	                      l->owner, l->code};
}

static void move_goods(held_shop *m, const held_command *c, const held_line *l)
{
	held_account a = account_of(c, l), to = a;
	int there = m->stock[a.product][a.place][a.condition][a.owner][a.code];

	switch (c->verb) {
	case HELD_RECEIVE:
		change(m, c, &a, l->quantity);
		break;
	case HELD_ADJUST:
		change(m, c, &a, l->set ? l->quantity - there : l->quantity);
		break;
	case HELD_MOVE:
		to.place = l->to_place == HELD_NONE ? a.place : l->to_place;
		to.condition = l->to_condition;
		change(m, c, &to, l->quantity);
		change(m, c, &a, -l->quantity);
		break;
	default:
		change(m, c, &a, -l->quantity);
	}
}

/* ---- reservations ---- */

/* Is it there, is it open, is that much of it open? `quantity` 0 becomes all of it. */
static held_answer find(const held_shop *m, const held_command *c, int i, int *quantity)
{
	const held_reservation *r;

	if (c->lines[i].reservation < 0)
		return refuse(INV_E_NOT_FOUND, i, "reservation");
	r = &m->reservations[c->lines[i].reservation];
	if (!held_is_open(m, r, c->now))
		return refuse(INV_E_STATE, i, "reservation");
	*quantity = *quantity ? *quantity : r->open;
	return *quantity > r->open ? refuse(INV_E_STATE, i, "quantity") : fine;
}

static void end(held_reservation *r, int quantity, int state)
{
	int *const ends[] = {[INV_RESERVATION_STATE_COMMITTED] = &r->committed,
	                     [INV_RESERVATION_STATE_RELEASED] = &r->released,
	                     [INV_RESERVATION_STATE_EXPIRED] = &r->expired,
	                     [INV_RESERVATION_STATE_CANCELLED] = &r->cancelled};

	r->open -= quantity;
	*ends[state] += quantity;
	if (r->open == 0)
		r->state = state;
}

/* A line takes goods out of what is held: they must be what it holds. */
static held_answer take(held_shop *m, const held_command *c, int i)
{
	const held_line *l = &c->lines[i];
	held_account a = account_of(c, l);
	int quantity = l->quantity;
	held_answer found = find(m, c, i, &quantity);
	held_reservation *r = &m->reservations[l->reservation < 0 ? 0 : l->reservation];
	bool here;

	if (found.status != INV_OK)
		return found;
	here = r->subtree ? held_below(a.place, r->place) : a.place == r->place;
	if (r->product != a.product || !here || a.condition != 0 || (r->code && r->code != a.code))
		return refuse(INV_E_INVALID, i, "reservation");
	end(r, quantity, INV_RESERVATION_STATE_COMMITTED);
	return fine;
}

static held_answer hold(held_shop *m, const held_command *c, int i)
{
	const held_line *l = &c->lines[i];
	int place = l->place == HELD_NONE ? l->subtree ? HELD_EVERYWHERE : c->here : l->place;
	held_answer a = check_units(i, l->product, l->code, l->quantity, true);

	if (a.status != INV_OK)
		return a;
	if (l->subtree && l->code)
		return refuse(INV_E_INVALID, i, "subtree");
	if (l->deadline && l->deadline <= c->now)
		return refuse(INV_E_INVALID, i, "deadline");
	m->made[i] = m->reservation_count;
	m->reservations[m->reservation_count++] =
		(held_reservation){.product = l->product, .place = place, .subtree = l->subtree,
	                       .code = l->code, .quantity = l->quantity, .open = l->quantity,
	                       .deadline = l->deadline};
	return fine;
}

static held_answer extend(held_shop *m, const held_command *c, int i)
{
	int quantity = 0;
	held_answer a = find(m, c, i, &quantity);

	if (a.status == INV_OK && c->lines[i].deadline && c->lines[i].deadline <= c->now)
		return refuse(INV_E_INVALID, i, "deadline");
	if (a.status == INV_OK)
		m->reservations[c->lines[i].reservation].deadline = c->lines[i].deadline;
	return a;
}

static held_answer give_back(held_shop *m, const held_command *c, int i)
{
	int quantity = c->lines[i].quantity;
	held_answer a = find(m, c, i, &quantity);
	held_reservation *r = &m->reservations[c->lines[i].reservation < 0 ? 0
	                                                                   : c->lines[i].reservation];

	/* Too late: it was given back at its deadline, booked or not. */
	if (c->lines[i].reservation >= 0 && !held_is_open(m, r, c->now) &&
	    (r->open > 0 || r->state == INV_RESERVATION_STATE_EXPIRED)) {
		end(r, r->open, INV_RESERVATION_STATE_EXPIRED);
		return fine;
	}
	if (a.status == INV_OK)
		end(&m->reservations[c->lines[i].reservation], quantity,
		    c->verb == HELD_CANCEL ? INV_RESERVATION_STATE_CANCELLED
		                           : INV_RESERVATION_STATE_RELEASED);
	return a;
}

static held_answer check_binding(const held_reservation *r, const held_line *l, int i, int quantity)
{
	bool named = l->place != HELD_NONE;

	if (r->code)
		return refuse(INV_E_STATE, i, "reservation");
	if (!l->code && !r->subtree)
		return refuse(INV_E_INVALID, i, "lot");
	if (r->subtree ? !named || !held_below(l->place, r->place) : named && l->place != r->place)
		return refuse(INV_E_INVALID, i, "location");
	return check_units(i, r->product, l->code, quantity, r->subtree);
}

static held_answer bind(held_shop *m, const held_command *c, int i)
{
	const held_line *l = &c->lines[i];
	int quantity = l->quantity;
	held_answer a = find(m, c, i, &quantity);
	held_reservation *r = &m->reservations[l->reservation < 0 ? 0 : l->reservation];

	if (a.status == INV_OK)
		a = check_binding(r, l, i, quantity);
	if (a.status != INV_OK)
		return a;
	if (quantity < r->open) {
		held_reservation *part = &m->reservations[m->reservation_count];

		*part = *r;
		part->quantity = part->open = quantity;
		part->committed = part->released = part->expired = part->cancelled = 0;
		r->quantity -= m->broken == HELD_BREAK_SPLIT ? 0 : quantity;
		r->open -= m->broken == HELD_BREAK_SPLIT ? 0 : quantity;
		m->made[i] = m->reservation_count++;
		r = part;
	}
	r->code = l->code;
	r->place = l->place == HELD_NONE ? r->place : l->place;
	r->subtree = false;
	return fine;
}

/* reservation.commit, as the issue of one line that it is. */
static held_answer commit_line(const held_shop *m, const held_command *c, int i, held_line *out)
{
	const held_line *l = &c->lines[i];
	const held_reservation *r = &m->reservations[l->reservation < 0 ? 0 : l->reservation];
	int quantity = l->quantity;
	held_answer a = find(m, c, i, &quantity);

	if (a.status != INV_OK)
		return a;
	*out = *l;
	out->product = r->product;
	out->quantity = quantity;
	out->condition = out->owner = 0;
	out->code = l->code ? l->code : r->code;
	out->place = l->place == HELD_NONE ? r->place : l->place;
	if (r->subtree && l->place == HELD_NONE)
		return refuse(INV_E_INVALID, i, "location");
	return check_units(i, r->product, out->code, quantity, false);
}

static held_answer commit(held_shop *m, const held_command *c, int i)
{
	held_command taken = *c;
	held_answer a = commit_line(m, c, i, &taken.lines[i]);

	if (a.status == INV_OK)
		a = take(m, &taken, i);
	if (a.status == INV_OK)
		move_goods(m, &taken, &taken.lines[i]);
	return a;
}

/* ---- commands ---- */

static held_answer run_stock(held_shop *m, const held_command *c)
{
	held_answer a = fine;

	for (int i = 0; a.status == INV_OK && i < c->count; i++)
		a = check_line(c, i);
	for (int i = 0; a.status == INV_OK && i < c->count; i++)
		if (c->lines[i].reservation != HELD_NONE)
			a = take(m, c, i);
	for (int i = 0; a.status == INV_OK && i < c->count; i++)
		move_goods(m, c, &c->lines[i]);
	return a;
}

/* What is wrong with an input itself is told before what its line finds. */
static held_answer check_commits(const held_shop *m, const held_command *c)
{
	static held_shop left;
	held_answer a = fine;

	left = *m;
	for (int i = 0; a.status == INV_OK && i < c->count; i++) {
		held_line line;

		a = commit_line(&left, c, i, &line);
		if (a.status == INV_OK)
			end(&left.reservations[line.reservation], line.quantity,
			    INV_RESERVATION_STATE_COMMITTED);
	}
	return a;
}

static held_answer run_inputs(held_shop *m, const held_command *c)
{
	static held_answer (*const verbs[])(held_shop *, const held_command *, int) = {
		[HELD_HOLD] = hold, [HELD_EXTEND] = extend, [HELD_BIND] = bind,
		[HELD_COMMIT] = commit, [HELD_RELEASE] = give_back, [HELD_CANCEL] = give_back};
	held_answer a = fine;

	for (int i = 0; a.status == INV_OK && i < c->count; i++)
		if (c->verb != HELD_HOLD && c->lines[i].reservation < 0)
			a = refuse(INV_E_NOT_FOUND, i, "reservation");
	if (a.status == INV_OK && c->verb == HELD_COMMIT)
		a = check_commits(m, c);
	for (int i = 0; a.status == INV_OK && i < c->count; i++)
		a = verbs[c->verb](m, c, i);
	return a;
}

static void expire_at(held_shop *m, int product, int place, int64_t now)
{
	for (int i = 0; i < m->reservation_count; i++) {
		held_reservation *r = &m->reservations[i];

		if (r->product == product && r->place == place && !r->subtree && r->open > 0 &&
		    r->deadline && r->deadline <= now && m->broken != HELD_BREAK_DEADLINE)
			end(r, r->open, INV_RESERVATION_STATE_EXPIRED);
	}
}

/* A command that touches an account books what has expired there. */
static void expire(held_shop *m, const held_shop *was, const held_command *c)
{
	for (int i = 0; i < c->count; i++) {
		const held_line *l = &c->lines[i];
		const held_reservation *r = NULL;
		int product = l->product, place = l->place == HELD_NONE ? c->here : l->place;

		if (c->verb == HELD_HOLD && l->subtree)
			continue;
		if (is_bound(c->verb) && c->verb != HELD_HOLD)
			r = &was->reservations[l->reservation];
		if (r) {
			product = r->product;
			place = l->place == HELD_NONE ? r->place : l->place;
		}
		if (r && r->subtree && c->verb != HELD_BIND && c->verb != HELD_COMMIT)
			continue;
		expire_at(m, product, place, c->now);
		if (c->verb == HELD_MOVE && l->to_place != HELD_NONE)
			expire_at(m, product, l->to_place, c->now);
	}
}

bool held_full(const held_shop *m)
{
	return m->move_count + 2 * HELD_LINES > HELD_MOVES ||
	       m->reservation_count + HELD_LINES > HELD_RESERVATIONS;
}

held_answer held_run(held_shop *m, const held_command *c)
{
	static held_shop next;
	held_answer a;

	memcpy(&next, m, sizeof next);
	for (int i = 0; i < HELD_LINES; i++)
		next.made[i] = c->lines[i].reservation;
	a = is_bound(c->verb) ? run_inputs(&next, c) : run_stock(&next, c);
	if (a.status == INV_OK)
		a = held_guard(m, &next, c);
	if (a.status != INV_OK)
		return a;
	expire(&next, m, c);
	memcpy(m, &next, sizeof next);
	return a;
}
