/* SPDX-License-Identifier: MIT */
/* Legs: what one line does to one account; claiming accounts and writing them. */
#include <stdlib.h>

#include "domain/domain.h"
#include "util/id.h"
#include "util/number.h"
#include "util/text.h"

int inv__leg_compare(const inv__leg *a, const inv__leg *b)
{
	int c = inv__id_compare(a->product, b->product);

	if (c == 0)
		c = inv__id_compare(a->location, b->location);
	if (c == 0)
		c = (a->condition > b->condition) - (a->condition < b->condition);
	if (c == 0)
		c = inv__str_compare(a->lot, b->lot);
	if (c == 0)
		c = inv__str_compare(a->serial, b->serial);
	return c ? c : inv__id_compare(a->owner, b->owner);
}

/* By account, then in time, then as entered: the order of locks, of the guard's sums, and of the
 * clustered rows that are written. */
static int leg_order(const void *x, const void *y)
{
	const inv__leg *a = x, *b = y;
	int c = inv__leg_compare(a, b);

	if (c == 0)
		c = (a->occurred_at > b->occurred_at) - (a->occurred_at < b->occurred_at);
	if (c == 0)
		c = (a->input > b->input) - (a->input < b->input);
	return c ? c : (a->line > b->line) - (a->line < b->line);
}

inv_status inv__legs_sort(inv__arena *arena, inv__leg *legs, size_t count)
{
	(void)arena;
	if (count > 1)
		qsort(legs, count, sizeof *legs, leg_order);
	return INV_OK;
}

/* The least on hand from an instant on is what is there now less the largest tail of what came
 * later; only a backdated command pays for looking. */
INV__SQL(SQL_ACCOUNTS,
         "SELECT r.n, a.on_hand, CASE WHEN a.last_at > r.at THEN a.on_hand - COALESCE("
         "(SELECT MAX(w.tail) FROM"
         " (SELECT SUM(m.quantity) OVER (ORDER BY m.occurred_at DESC) AS tail FROM move m"
         " WHERE m.product = r.product AND m.location = r.location"
         " AND m.condition = r.condition AND m.lot = r.lot AND m.serial = r.serial"
         " AND m.owner = r.owner AND m.occurred_at > r.at) w WHERE w.tail > 0), 0)"
         " ELSE a.on_hand END"
         " FROM {rows# product:id location:id condition:int lot:text serial:text owner:id at:int} r"
         " JOIN account a ON a.product = r.product AND a.location = r.location"
         " AND a.condition = r.condition AND a.lot = r.lot AND a.serial = r.serial"
         " AND a.owner = r.owner");

/* The six columns of an account's key, for the first leg of each account (or for every leg). */
typedef struct key_columns {
	inv_str *product, *location;
	int64_t *condition;
	inv_str *lot, *serial, *owner;
} key_columns;

static bool key_columns_make(inv__batch *b, key_columns *k)
{
	k->product = inv__batch_blob_column(b);
	k->location = inv__batch_blob_column(b);
	k->condition = inv__batch_int_column(b);
	k->lot = inv__batch_text_column(b);
	k->serial = inv__batch_text_column(b);
	k->owner = inv__batch_blob_column(b);
	return k->product && k->location && k->condition && k->lot && k->serial && k->owner;
}

static void key_columns_set(inv__batch *b, key_columns *k, size_t row, const inv__leg *leg)
{
	inv__batch_id_at(b, k->product, row, &leg->product);
	inv__batch_id_at(b, k->location, row, &leg->location);
	k->condition[row] = leg->condition;
	k->lot[row] = leg->lot;
	k->serial[row] = leg->serial;
	inv__batch_id_at(b, k->owner, row, &leg->owner);
}

static size_t account_count_of(const inv__leg *legs, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += i == 0 || inv__leg_compare(&legs[i - 1], &legs[i]) != 0;
	return n;
}

inv_status inv__accounts_claim(inv__call *call, inv__leg *legs, size_t count, size_t *statement)
{
	inv__batch *b = call->batch;
	key_columns keys;
	int64_t *at;
	size_t n = 0;

	inv__legs_sort(call->arena, legs, count);
	*statement = inv__batch_add(b, &SQL_ACCOUNTS);
	inv__batch_rows(b, account_count_of(legs, count));
	if (!key_columns_make(b, &keys) || !(at = inv__batch_int_column(b)))
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && inv__leg_compare(&legs[i - 1], &legs[i]) == 0)
			continue;
		key_columns_set(b, &keys, n, &legs[i]);
		at[n++] = legs[i].occurred_at ? legs[i].occurred_at : call->now;
	}
	return b->status;
}

/* Add a leg to its account's net and to the deepest point on the way, instant by instant. */
static inv_status account_add(inv__call *call, inv__account *account, const inv__leg *leg,
                              bool last_of_instant)
{
	int64_t after;

	if (!inv__add(account->net, leg->quantity, &account->net) ||
	    !inv__add(account->on_hand, account->net, &after) || after > INV_LIMIT_QUANTITY ||
	    after < -INV_LIMIT_QUANTITY)
		return inv__call_fail(call, INV_E_LIMIT, leg->input,
		                      inv__line_field(call, "lines", leg->line, "quantity"),
		                      "the account would hold more than can be counted");
	if (last_of_instant && account->net < account->dip)
		account->dip = account->net;
	return INV_OK;
}

/* One account per run of legs. */
static inv_status accounts_of(inv__call *call, const inv__leg *legs, size_t count,
                              inv__accounts *out)
{
	size_t n = account_count_of(legs, count), at = 0;
	inv__account *accounts = inv__arena_array(call->arena, n ? n : 1, sizeof *accounts);

	if (!accounts)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || inv__leg_compare(&legs[i - 1], &legs[i]) != 0)
			accounts[at++].key = &legs[i];
	out->list = accounts;
	out->count = n;
	return INV_OK;
}

static inv_status add_legs(inv__call *call, const inv__leg *legs, size_t count,
                           const inv__accounts *accounts)
{
	size_t at = 0;
	inv_status rc = INV_OK;

	for (size_t i = 0; rc == INV_OK && i < count; i++) {
		bool last = i + 1 == count || legs[i + 1].occurred_at != legs[i].occurred_at ||
		            inv__leg_compare(&legs[i], &legs[i + 1]) != 0;

		at += i > 0 && inv__leg_compare(&legs[i - 1], &legs[i]) != 0;
		rc = account_add(call, &accounts->list[at], &legs[i], last);
	}
	return rc;
}

inv_status inv__accounts_read(inv__call *call, size_t statement, const inv__leg *legs, size_t count,
                              inv__accounts *out)
{
	const inv_rows *rows = inv__batch_result(call->batch, statement);
	inv_status rc = accounts_of(call, legs, count, out);

	for (size_t row = 0; rc == INV_OK && row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n >= out->count)
			continue;
		out->list[n].on_hand = inv__cell_int(rows, row, 1);
		out->list[n].lowest = inv__cell_int(rows, row, 2);
	}
	return rc == INV_OK ? add_legs(call, legs, count, out) : rc;
}

inv_status inv__accounts_sum(inv__call *call, const inv__leg *legs, size_t count,
                             const inv__accounts *claimed, inv__accounts *out)
{
	inv_status rc = accounts_of(call, legs, count, out);
	size_t from = 0;

	for (size_t i = 0; rc == INV_OK && i < out->count; i++) {
		inv__account *a = &out->list[i];

		while (from < claimed->count && inv__leg_compare(claimed->list[from].key, a->key) < 0)
			from++;
		if (from == claimed->count || inv__leg_compare(claimed->list[from].key, a->key) != 0)
			return inv__call_fail(call, INV_E_INTERNAL, a->key->input, NULL,
			                      "an account was not claimed");
		a->on_hand = claimed->list[from].on_hand;
		a->lowest = claimed->list[from].lowest;
	}
	return rc == INV_OK ? add_legs(call, legs, count, out) : rc;
}

INV__SQL(SQL_MOVES_PUT,
         "INSERT INTO move (product, location, condition, lot, serial, owner, occurred_at, event,"
         " line, quantity, other_location, other_condition)"
         " {insert product:id location:id condition:int lot:text serial:text owner:id at:int"
         " event:id line:int quantity:int other_location:id other_condition:int}");

static inv_status moves_put(inv__apply *apply, const inv__leg *legs, size_t count)
{
	inv__batch *b = apply->batch;
	key_columns keys;
	int64_t *at, *line, *quantity, *other_condition;
	inv_str *event, *other;

	inv__batch_add(b, &SQL_MOVES_PUT);
	inv__batch_rows(b, count);
	if (!key_columns_make(b, &keys) || !(at = inv__batch_int_column(b)) ||
	    !(event = inv__batch_blob_column(b)) || !(line = inv__batch_int_column(b)) ||
	    !(quantity = inv__batch_int_column(b)) || !(other = inv__batch_blob_column(b)) ||
	    !(other_condition = inv__batch_int_column(b)))
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		key_columns_set(b, &keys, i, &legs[i]);
		at[i] = legs[i].occurred_at;
		inv__batch_id_at(b, event, i, &legs[i].event);
		line[i] = (int64_t)legs[i].line + 1;
		quantity[i] = legs[i].quantity;
		inv__batch_id_at(b, other, i, &legs[i].other_location);
		other_condition[i] = legs[i].other_condition;
	}
	return b->status;
}

INV__SQL(SQL_ACCOUNTS_PUT,
         "INSERT INTO account (product, location, condition, lot, serial, owner, on_hand, last_at)"
         " {insert product:id location:id condition:int lot:text serial:text owner:id on_hand:int"
         " last_at:int}"
         " ON CONFLICT (product, location, condition, lot, serial, owner) DO UPDATE SET"
         " on_hand = account.on_hand + excluded.on_hand,"
         " last_at = CASE WHEN excluded.last_at > account.last_at THEN excluded.last_at"
         " ELSE account.last_at END");

static inv_status accounts_put(inv__apply *apply, const inv__leg *legs, size_t count)
{
	inv__batch *b = apply->batch;
	key_columns keys;
	int64_t *on_hand, *last_at;
	size_t n = 0;

	inv__batch_add(b, &SQL_ACCOUNTS_PUT);
	inv__batch_rows(b, account_count_of(legs, count));
	if (!key_columns_make(b, &keys) || !(on_hand = inv__batch_int_column(b)) ||
	    !(last_at = inv__batch_int_column(b)))
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || inv__leg_compare(&legs[i - 1], &legs[i]) != 0)
			key_columns_set(b, &keys, n++, &legs[i]);
		if (!inv__add(on_hand[n - 1], legs[i].quantity, &on_hand[n - 1]))
			return INV_E_LIMIT;
		if (legs[i].occurred_at > last_at[n - 1])
			last_at[n - 1] = legs[i].occurred_at;
	}
	return b->status;
}

inv_status inv__legs_apply(inv__apply *apply, inv__leg *legs, size_t count)
{
	inv_status rc;

	if (count == 0)
		return INV_OK;
	inv__legs_sort(apply->arena, legs, count);
	rc = moves_put(apply, legs, count);
	return rc == INV_OK ? accounts_put(apply, legs, count) : rc;
}
