/* SPDX-License-Identifier: MIT */
/* What a rule takes first. */
#include "domain/picks.h"

#include <stdlib.h>

#include "util/id.h"
#include "util/number.h"
#include "util/text.h"

/* ---- what is there ---- */

/* Deadlines count, booked or not. */
#define HELD \
	"CASE WHEN b.held = 0 THEN 0 ELSE CAST((SELECT COALESCE(SUM(h.open), 0) FROM reservation h" \
	" WHERE h.product = a.product AND h.location = a.location AND h.open > 0 AND h.subtree = 0" \
	" AND lower(h.lot) = a.lot AND lower(h.serial) = a.serial AND " INV__NOT_OVERDUE("h", "?+1") \
	") AS BIGINT) END"
/* What left later was there, but what came later was not: the least there is from then on. */
#define LATER \
	"CASE WHEN b.last_at > r.at THEN CAST((SELECT MAX(w.tail) FROM (SELECT SUM(m.quantity)" \
	" OVER (ORDER BY m.occurred_at DESC) AS tail FROM account_move m WHERE m.account = a.number" \
	" AND m.occurred_at > r.at) w) AS BIGINT) ELSE 0 END"
/* The first of its moves, as a rule: one look into the index. */
#define SINCE \
	"(SELECT m.occurred_at FROM account_move m WHERE m.account = a.number AND m.quantity > 0" \
	" ORDER BY m.occurred_at LIMIT 1)"
INV__SQL(SQL_GOODS,
         "SELECT r.n, COALESCE(l.code, a.lot), a.serial, b.on_hand, " HELD ", " LATER ", " SINCE
         ", COALESCE(l.expires, 0)"
         " FROM {rows# product:id location:id condition:int owner:id at:int} r"
         " CROSS JOIN account a CROSS JOIN account_balance b"
         " LEFT JOIN lot l ON l.product = a.product AND lower(l.code) = a.lot"
         " WHERE a.product = r.product AND a.location = r.location AND a.condition = r.condition"
         " AND a.owner = r.owner AND (a.lot <> '' OR a.serial <> '') AND b.account = a.number"
         " AND b.on_hand > 0");
enum { SPOT, LOT, SERIAL, ON_HAND, HELD_OF_IT, LATER_SUM, SINCE_AT, EXPIRES };

INV__SQL(SQL_ZONES,
         "SELECT r.n, CASE WHEN COALESCE(l.time_zone, '') <> '' THEN l.time_zone"
         " ELSE s.time_zone END, CASE WHEN COALESCE(l.day_start, 0) > 0 THEN l.day_start"
         " ELSE s.day_start END FROM {rows# location:id} r JOIN settings s ON 1 = 1"
         " LEFT JOIN location l ON l.id = r.location");

static int spot_order(const void *x, const void *y)
{
	const inv__pick_spot *a = x, *b = y;
	int c = inv__id_compare(a->product, b->product);

	if (c == 0)
		c = inv__id_compare(a->location, b->location);
	if (c == 0)
		c = inv__id_compare(a->owner, b->owner);
	if (c == 0)
		c = (a->condition > b->condition) - (a->condition < b->condition);
	return c ? c : (a->apart > b->apart) - (a->apart < b->apart);
}

/* Several instants at one spot: what is there from the first of them on will do for all. */
static inv_status find_spots(inv__call *call, const inv__pick_want *wants, size_t count,
                             inv__picks *out)
{
	inv__pick_spot *list = inv__arena_array(call->arena, count, sizeof *list);
	size_t n = 0;

	if (!list)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++)
		list[i] = wants[i].from;
	qsort(list, count, sizeof *list, spot_order);
	for (size_t i = 0; i < count; i++) {
		if (n == 0 || spot_order(&list[n - 1], &list[i]) != 0)
			list[n++] = list[i];
		else if (list[i].at < list[n - 1].at)
			list[n - 1].at = list[i].at;
	}
	out->spots = list;
	out->count = n;
	return INV_OK;
}

INV__SQL(SQL_LOCK,
         "SELECT r.n, b.account FROM {rows# account:int} r"
         " JOIN account_balance b ON b.account = r.account ORDER BY b.account {lock_of b}");

/* Goods whose plain account is not there to be locked have come this moment: none are picked. */
static void lock_spots(inv__call *call, inv__picks *picks)
{
	int64_t *account;

	if (!call->locks)
		return;
	picks->lock_statement = inv__batch_add(call->batch, &SQL_LOCK);
	inv__batch_rows(call->batch, picks->count);
	account = inv__batch_int_column(call->batch);
	for (size_t i = 0; account && i < picks->count; i++) {
		inv__leg plain = {.product = picks->spots[i].product,
		                  .location = picks->spots[i].location,
		                  .lot = {"", 0},
		                  .serial = {"", 0}};

		inv__leg_number(&plain);
		account[i] = plain.account;
	}
}

static void read_locks(inv__call *call, inv__picks *picks)
{
	const inv_rows *rows;

	for (size_t i = 0; i < picks->count; i++)
		picks->spots[i].locked = !call->locks;
	if (!call->locks)
		return;
	rows = inv__batch_result(call->batch, picks->lock_statement);
	for (size_t row = 0; row < rows->row_count; row++)
		if ((size_t)inv__cell_int(rows, row, 0) < picks->count)
			picks->spots[inv__cell_int(rows, row, 0)].locked = true;
}

static void ask_zones(inv__batch *b, inv__picks *picks)
{
	inv_str *location;

	picks->zone_statement = inv__batch_add(b, &SQL_ZONES);
	inv__batch_rows(b, picks->count);
	location = inv__batch_blob_column(b);
	for (size_t i = 0; location && i < picks->count; i++)
		inv__batch_id_at(b, location, i, &picks->spots[i].location);
}

inv_status inv__picks_claim(inv__call *call, const inv__pick_want *wants, size_t count,
                            inv__picks *out)
{
	inv__batch *b = call->batch;
	inv_str *product, *location, *owner;
	int64_t *condition, *at;

	if (find_spots(call, wants, count, out) != INV_OK)
		return INV_E_NO_MEMORY;
	lock_spots(call, out);
	ask_zones(b, out);
	out->goods_statement = inv__batch_add(b, &SQL_GOODS);
	inv__batch_rows(b, out->count);
	product = inv__batch_blob_column(b);
	location = inv__batch_blob_column(b);
	condition = inv__batch_int_column(b);
	owner = inv__batch_blob_column(b);
	at = inv__batch_int_column(b);
	if (b->status != INV_OK)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < out->count; i++) {
		const inv__pick_spot *spot = &out->spots[i];

		inv__batch_id_at(b, product, i, &spot->product);
		inv__batch_id_at(b, location, i, &spot->location);
		condition[i] = spot->condition;
		inv__batch_id_at(b, owner, i, &spot->owner);
		at[i] = spot->at;
	}
	inv__batch_int(b, call->now);
	return b->status == INV_OK ? INV_OK : inv__call_no_memory(call);
}

/* ---- in which order ---- */

/* Expiry, then first received, then code. Those that do not expire go last. */
static int fefo_order(const void *x, const void *y)
{
	const inv__pick *a = x, *b = y;
	uint32_t left = (uint32_t)a->expires - 1, right = (uint32_t)b->expires - 1;
	int c = (left > right) - (left < right);

	if (c == 0)
		c = (a->since > b->since) - (a->since < b->since);
	if (c == 0)
		c = inv__str_compare(a->lot, b->lot);
	return c ? c : inv__str_compare(a->serial, b->serial);
}

static int fifo_order(const void *x, const void *y)
{
	const inv__pick *a = x, *b = y;
	int c = (a->since > b->since) - (a->since < b->since);

	if (c == 0)
		c = inv__str_compare(a->lot, b->lot);
	return c ? c : inv__str_compare(a->serial, b->serial);
}

static int lifo_order(const void *x, const void *y)
{
	const inv__pick *a = x, *b = y;
	int c = (a->since < b->since) - (a->since > b->since);

	return c ? c : fifo_order(x, y);
}

static void put_in_order(inv__pick_spot *spot)
{
	static int (*const orders[])(const void *, const void *) = {
		[INV_PICKING_FEFO] = fefo_order,
		[INV_PICKING_FIFO] = fifo_order,
		[INV_PICKING_LIFO] = lifo_order,
	};

	if (spot->count > 1)
		qsort(spot->list, spot->count, sizeof *spot->list, orders[spot->rule]);
}

static void read_pick(const inv_rows *rows, size_t row, inv__pick *out)
{
	int64_t later = inv__cell_int(rows, row, LATER_SUM);

	out->lot = inv__cell_str(rows, row, LOT);
	out->serial = inv__cell_str(rows, row, SERIAL);
	out->since = inv__cell_int(rows, row, SINCE_AT);
	out->expires = (int32_t)inv__cell_int(rows, row, EXPIRES);
	out->free = inv__cell_int(rows, row, ON_HAND) - (later > 0 ? later : 0) -
	            inv__cell_int(rows, row, HELD_OF_IT);
}

static inv_status read_zones(inv__call *call, inv__picks *picks)
{
	const inv_rows *rows = inv__batch_result(call->batch, picks->zone_statement);

	for (size_t row = 0; row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n >= picks->count || !inv__zone_parse(inv__cell_str(rows, row, 1),
		                                          &picks->spots[n].zone))
			return inv__call_fail(call, INV_E_CORRUPT, 0, NULL,
			                      "the stored time zone rule cannot be read");
		picks->spots[n].day_start = (int32_t)inv__cell_int(rows, row, 2);
	}
	return INV_OK;
}

/* Rows come in the order of their spots. */
inv_status inv__picks_read(inv__call *call, inv__picks *picks)
{
	const inv_rows *rows = inv__batch_result(call->batch, picks->goods_statement);
	inv__pick *list = inv__arena_array(call->arena, rows->row_count ? rows->row_count : 1,
	                                   sizeof *list);
	size_t row = 0;

	if (!list)
		return inv__call_no_memory(call);
	read_locks(call, picks);
	for (size_t n = 0; n < picks->count; n++) {
		inv__pick_spot *spot = &picks->spots[n];

		spot->list = &list[row];
		for (; row < rows->row_count && inv__cell_int(rows, row, SPOT) == (int64_t)n; row++)
			read_pick(rows, row, &spot->list[spot->count++]);
		if (!spot->locked)
			spot->count = 0;
		put_in_order(spot);
	}
	if (row != rows->row_count)
		return inv__call_fail(call, INV_E_INTERNAL, 0, NULL, "a row belongs to no input");
	return read_zones(call, picks);
}

/* ---- taking ---- */

static inv__pick_spot *spot_of(const inv__picks *picks, const inv__pick_spot *key)
{
	return picks->count == 0 ? NULL : bsearch(key, picks->spots, picks->count,
	                                          sizeof *picks->spots, spot_order);
}

void inv__picks_use(const inv__picks *picks, const inv__pick_spot *from, inv_str lot,
                    inv_str serial, int64_t quantity)
{
	inv__pick_spot *spot = spot_of(picks, from);

	for (size_t i = 0; spot && i < spot->count; i++)
		if (inv__str_equal_fold(spot->list[i].lot, lot) &&
		    inv__str_equal(spot->list[i].serial, serial))
			spot->list[i].free -= quantity;
}

static bool push_part(inv__call *call, inv__pick_want *want, size_t *room, const inv__pick *pick,
                      int64_t quantity)
{
	if (want->part_count == *room) {
		size_t more = *room ? *room * 2 : 4;
		inv__pick *parts = inv__arena_array(call->arena, more, sizeof *parts);

		if (!parts)
			return false;
		if (want->part_count > 0)
			memcpy(parts, want->parts, want->part_count * sizeof *parts);
		want->parts = parts;
		*room = more;
	}
	want->parts[want->part_count] = *pick;
	want->parts[want->part_count++].free = quantity;
	return true;
}

inv_status inv__picks_take(inv__call *call, const inv__picks *picks, inv__pick_want *want)
{
	inv__pick_spot *spot = spot_of(picks, &want->from);
	int32_t today = inv__zone_date(&spot->zone, spot->day_start, want->from.at);
	size_t room = 0;

	want->missing = want->quantity;
	want->expired = 0;
	want->part_count = 0;
	for (size_t i = spot->next; i < spot->count && want->missing > 0; i++) {
		inv__pick *pick = &spot->list[i];
		int64_t quantity = pick->free < want->missing ? pick->free : want->missing;

		if (quantity <= 0) {
			spot->next += i == spot->next;
		} else if (!want->expired_too && pick->expires != 0 && pick->expires < today) {
			want->expired += pick->free;
		} else {
			if (!push_part(call, want, &room, pick, quantity))
				return inv__call_no_memory(call);
			pick->free -= quantity;
			want->missing -= quantity;
		}
	}
	return INV_OK;
}

inv_status inv__picks_check(inv__call *call, const inv__pick_want *want)
{
	const char *field = inv__line_field(call, "lines", want->line, "quantity");
	char wanted[24], found[24], expired[24];

	if (want->missing == 0)
		return INV_OK;
	inv__decimal_format(want->quantity, 6, wanted);
	inv__decimal_format(want->quantity - want->missing, 6, found);
	inv__decimal_format(want->expired, 6, expired);
	if (want->expired == 0)
		return inv__call_fail(call, INV_E_INSUFFICIENT, want->input, field,
		                      "%s is wanted, but only %s can be picked", wanted, found);
	return inv__call_fail(call, INV_E_INSUFFICIENT, want->input, field,
	                      "%s is wanted, but only %s can be picked: %s has expired", wanted, found,
	                      expired);
}
