/* SPDX-License-Identifier: MIT */
/* Reservations from events to rows, and what they hold of accounts. */
#include "domain/ops.h"

/* How the event changes what the reservation holds of the accounts it is bound to now. */
static int64_t held_by(const inv__event *event)
{
	const inv_reservation *r = event->payload;

	switch (event->desc->number) {
	case INV_EVENT_reservation_held:
	case INV_EVENT_reservation_bound:
	case INV_EVENT_reservation_split:
		return r->changed;
	case INV_EVENT_reservation_extended:
		return 0;
	default:
		return -r->changed;
	}
}

/* Bound to a lot or a unit, what is held of the plain account stays as it was, unless the goods
 * were held nowhere in particular. */
static bool leaves_plain(const inv__event *event)
{
	const inv_reservation *r = event->payload;

	return (event->desc->number == INV_EVENT_reservation_bound ||
	        event->desc->number == INV_EVENT_reservation_split) && !r->was_subtree;
}

static inv_status apply_legs(inv__apply *apply, const inv__event *events, size_t count)
{
	inv__leg *legs = inv__arena_array(apply->arena, count * 2, sizeof *legs);
	size_t n = 0;

	if (!legs)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		const inv__open_hold hold = inv__reserved_hold(events[i].payload);
		inv__leg made[2];
		size_t legs_made = inv__legs_of_hold(apply->arena, &hold, held_by(&events[i]), made);

		for (size_t k = leaves_plain(&events[i]) ? 1 : 0; k < legs_made; k++)
			if (made[k].held != 0)
				legs[n++] = made[k];
	}
	return inv__legs_apply(apply, legs, n);
}

static bool is_split(const inv__event *event)
{
	return event->desc->number == INV_EVENT_reservation_split;
}

static bool makes_new(const inv__event *event)
{
	return event->desc->number == INV_EVENT_reservation_held || is_split(event);
}

static inv_status put_rows(inv__apply *apply, const inv__event *events, size_t count)
{
	const inv_table_desc *table = inv_schema_table(INV_TABLE_reservation);
	inv__versions v;
	inv_status rc = inv__versions_of(apply->arena, events, count, makes_new, &v);

	if (rc == INV_OK)
		rc = inv__rows_put(apply->batch, table, v.made, v.made_count, false);
	return rc == INV_OK ? inv__rows_put(apply->batch, table, v.changed, v.changed_count, true) : rc;
}

INV__SQL(SQL_SPLIT,
         "UPDATE reservation SET quantity = quantity - ?2, open = open - ?2, updated_at = ?3"
         " WHERE id = ?1");

/* The reservation of which this was a part. */
static inv_status take_off(inv__batch *b, const inv_reservation *part)
{
	inv__batch_add(b, &SQL_SPLIT);
	inv__batch_id(b, part->split_from.id);
	inv__batch_int(b, part->quantity);
	inv__batch_int(b, part->updated_at);
	return b->status;
}

inv_status inv__apply_reservation(inv__apply *apply, const inv__event *events, size_t count)
{
	size_t from = 0;
	inv_status rc = INV_OK;

	/* What comes behind a split rests on what it has left. */
	for (size_t i = 0; rc == INV_OK && i < count; i++) {
		if (i + 1 < count && !is_split(&events[i]))
			continue;
		rc = put_rows(apply, &events[from], i + 1 - from);
		if (rc == INV_OK && is_split(&events[i]))
			rc = take_off(apply->batch, events[i].payload);
		from = i + 1;
	}
	return rc == INV_OK ? apply_legs(apply, events, count) : rc;
}

/* ---- expiry ---- */

INV__SQL(SQL_EXPIRED,
         "UPDATE reservation SET expired = reservation.expired + r.quantity,"
         " open = reservation.open - r.quantity, state = 3, updated_at = r.at"
         " {where id:id quantity:int at:int} reservation.id = r.id");
_Static_assert(INV_RESERVATION_STATE_EXPIRED == 3, "reservation_state has other numbers");

inv_status inv__apply_reservation_expiry(inv__apply *apply, const inv__event *events,
                                         size_t count)
{
	inv__leg *legs = inv__arena_array(apply->arena, count * 2, sizeof *legs);
	inv__batch *b = apply->batch;
	int64_t *quantity, *at;
	inv_str *id;
	size_t n = 0;

	inv__batch_add(b, &SQL_EXPIRED);
	inv__batch_rows(b, count);
	id = inv__batch_blob_column(b);
	quantity = inv__batch_int_column(b);
	at = inv__batch_int_column(b);
	if (!legs || !id || !quantity || !at)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		const inv_reservation_expiry *e = events[i].payload;
		const inv__open_hold hold = {.product = e->product.id, .location = e->location.id,
		                             .lot = e->lot, .serial = e->serial,
		                             .subtree = e->subtree != 0};

		inv__batch_id_at(b, id, i, &e->reservation.id);
		quantity[i] = e->quantity;
		at[i] = events[i].occurred_at;
		n += inv__legs_of_hold(apply->arena, &hold, -e->quantity, &legs[n]);
	}
	return inv__legs_apply(apply, legs, n);
}
