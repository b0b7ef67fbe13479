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
static int leg_order(const inv__leg *a, const inv__leg *b)
{
	int c = inv__leg_compare(a, b);

	if (c == 0)
		c = (a->occurred_at > b->occurred_at) - (a->occurred_at < b->occurred_at);
	if (c == 0)
		c = (a->input > b->input) - (a->input < b->input);
	return c ? c : (a->line > b->line) - (a->line < b->line);
}

/* Sorting moves these, not the legs; a product's id in two words tells most of them apart. */
typedef struct leg_key {
	uint64_t head, tail;
	const inv__leg *leg;
} leg_key;

static int key_order(const void *x, const void *y)
{
	const leg_key *a = x, *b = y;

	if (a->head != b->head)
		return a->head < b->head ? -1 : 1;
	if (a->tail != b->tail)
		return a->tail < b->tail ? -1 : 1;
	return leg_order(a->leg, b->leg);
}

static uint64_t big_endian(const uint8_t *bytes)
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 8 | bytes[i];
	return value;
}

static bool in_order(const inv__leg *legs, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (leg_order(&legs[i - 1], &legs[i]) > 0)
			return false;
	return true;
}

inv_status inv__legs_sort(inv__arena *arena, inv__leg *legs, size_t count)
{
	leg_key *keys;
	inv__leg *sorted;

	if (in_order(legs, count))
		return INV_OK;
	keys = inv__arena_alloc(arena, count * sizeof *keys);
	sorted = inv__arena_alloc(arena, count * sizeof *sorted);
	if (!keys || !sorted)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		keys[i] = (leg_key){big_endian(legs[i].product.bytes),
		                    big_endian(legs[i].product.bytes + 8), &legs[i]};
	qsort(keys, count, sizeof *keys, key_order);
	for (size_t i = 0; i < count; i++)
		sorted[i] = *keys[i].leg;
	memcpy(legs, sorted, count * sizeof *legs);
	return INV_OK;
}

#define OF_ACCOUNT \
	" FROM move m WHERE m.product = r.product AND m.location = r.location" \
	" AND m.condition = r.condition AND m.lot = r.lot AND m.serial = r.serial" \
	" AND m.owner = r.owner AND m.occurred_at "

/* A span of time begins where the command moves something and ends before it moves something again.
 * What an account holds at the end of an instant is what is there now less the sum of what came
 * later; the least of a span is less the largest such sum. Only a backdated command pays for
 * looking. */
INV__SQL(SQL_ACCOUNTS,
         "SELECT r.n, a.on_hand, CASE WHEN a.last_at > r.at THEN CAST((SELECT MAX(w.tail) FROM"
         " (SELECT m.occurred_at, SUM(m.quantity) OVER (ORDER BY m.occurred_at DESC) AS tail"
         OF_ACCOUNT "> r.at) w WHERE w.occurred_at < r.until) AS BIGINT) END,"
         " CASE WHEN a.last_at >= r.until THEN CAST((SELECT SUM(m.quantity)"
         OF_ACCOUNT ">= r.until) AS BIGINT) END"
         " FROM {rows# product:id location:id condition:int lot:text serial:text owner:id at:int"
         " until:int} r"
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

/* Does a span of time begin at sorted leg `i`? */
static bool span_begins(const inv__leg *legs, size_t i)
{
	return i == 0 || legs[i - 1].occurred_at != legs[i].occurred_at ||
	       inv__leg_compare(&legs[i - 1], &legs[i]) != 0;
}

static size_t span_count_of(const inv__leg *legs, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += span_begins(legs, i);
	return n;
}

inv_status inv__accounts_claim(inv__call *call, inv__leg *legs, size_t count, size_t *statement)
{
	inv__batch *b = call->batch;
	key_columns keys;
	int64_t *at, *until;
	size_t n = 0;

	if (inv__legs_sort(call->arena, legs, count) != INV_OK)
		return inv__call_no_memory(call);
	*statement = inv__batch_add(b, &SQL_ACCOUNTS);
	inv__batch_rows(b, span_count_of(legs, count));
	if (!key_columns_make(b, &keys) || !(at = inv__batch_int_column(b)) ||
	    !(until = inv__batch_int_column(b)))
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++) {
		if (!span_begins(legs, i))
			continue;
		if (i > 0 && inv__leg_compare(&legs[i - 1], &legs[i]) == 0)
			until[n - 1] = legs[i].occurred_at;
		key_columns_set(b, &keys, n, &legs[i]);
		at[n] = legs[i].occurred_at;
		until[n++] = INT64_MAX;
	}
	return inv__serials_claim(call, legs, count);
}

/* The row of a span: on hand now, the largest sum of what came later within it, and the sum of what
 * came after it. */
static void read_span(const inv_rows *rows, size_t row, inv__account *out)
{
	int64_t after = inv__cell_is_null(rows, row, 3) ? 0 : inv__cell_int(rows, row, 3);
	int64_t within = inv__cell_is_null(rows, row, 2) ? after : inv__cell_int(rows, row, 2);

	out->on_hand = inv__cell_int(rows, row, 1);
	out->lowest = out->on_hand - (within > after ? within : after);
}

inv_status inv__accounts_read(inv__call *call, size_t statement, const inv__leg *legs, size_t count,
                              inv__accounts *out)
{
	const inv_rows *rows = inv__batch_result(call->batch, statement);
	size_t n = span_count_of(legs, count), at = 0;

	out->list = inv__arena_array(call->arena, n ? n : 1, sizeof *out->list);
	out->count = n;
	if (!out->list)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++)
		if (span_begins(legs, i))
			out->list[at++].key = &legs[i];
	for (size_t row = 0; row < rows->row_count; row++) {
		size_t span = (size_t)inv__cell_int(rows, row, 0);

		if (span < n)
			read_span(rows, row, &out->list[span]);
	}
	return INV_OK;
}

static inv_status account_add(inv__call *call, inv__account *account, const inv__leg *leg)
{
	int64_t after;

	if (!inv__add(account->net, leg->quantity, &account->net) ||
	    !inv__add(account->on_hand, account->net, &after) || after > INV_LIMIT_QUANTITY ||
	    after < -INV_LIMIT_QUANTITY)
		return inv__call_fail(call, INV_E_LIMIT, leg->input,
		                      inv__line_field(call, "lines", leg->line, "quantity"),
		                      "the account would hold more than can be counted");
	return INV_OK;
}

/* Add an account's legs up, span by span, and keep the span where they bite deepest. */
static inv_status account_sum(inv__call *call, const inv__leg *legs, size_t count,
                              const inv__accounts *spans, inv__account *out)
{
	size_t at = 0;
	inv_status rc = INV_OK;

	out->on_hand = out->lowest = spans->list[0].on_hand;
	for (size_t i = 0; rc == INV_OK && i < spans->count; i++) {
		const inv__account *span = &spans->list[i];

		while (rc == INV_OK && at < count && legs[at].occurred_at <= span->key->occurred_at)
			rc = account_add(call, out, &legs[at++]);
		if (out->net >= 0 || (out->dip < 0 && span->lowest + out->net >= out->lowest + out->dip))
			continue;
		out->lowest = span->lowest;
		out->dip = out->net;
	}
	if (rc == INV_OK && at < count)
		return inv__call_fail(call, INV_E_INTERNAL, legs[at].input, NULL,
		                      "an instant was not claimed");
	return rc;
}

/* How many accounts in a row are the same as the first. */
static size_t spans_of(const inv__account *spans, size_t count, const inv__leg *leg)
{
	size_t n = 0;

	while (n < count && inv__leg_compare(spans[n].key, leg) == 0)
		n++;
	return n;
}

inv_status inv__accounts_sum(inv__call *call, const inv__leg *legs, size_t count,
                             const inv__accounts *claimed, inv__accounts *out)
{
	size_t from = 0, n = 0;
	inv_status rc = INV_OK;

	out->count = account_count_of(legs, count);
	out->list = inv__arena_array(call->arena, out->count ? out->count : 1, sizeof *out->list);
	if (!out->list)
		return inv__call_no_memory(call);
	for (size_t i = 0, next; rc == INV_OK && i < count; i = next) {
		inv__accounts spans;

		for (next = i + 1; next < count && inv__leg_compare(&legs[i], &legs[next]) == 0;)
			next++;
		while (from < claimed->count && inv__leg_compare(claimed->list[from].key, &legs[i]) < 0)
			from++;
		spans.list = claimed->list + from;
		spans.count = spans_of(spans.list, claimed->count - from, &legs[i]);
		if (spans.count == 0)
			return inv__call_fail(call, INV_E_INTERNAL, legs[i].input, NULL,
			                      "an account was not claimed");
		out->list[n].key = &legs[i];
		rc = account_sum(call, &legs[i], next - i, &spans, &out->list[n++]);
	}
	return rc == INV_OK ? inv__serials_check(call, legs, count) : rc;
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
	rc = inv__legs_sort(apply->arena, legs, count);
	if (rc == INV_OK)
		rc = moves_put(apply, legs, count);
	return rc == INV_OK ? accounts_put(apply, legs, count) : rc;
}
