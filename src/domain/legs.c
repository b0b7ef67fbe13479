/* SPDX-License-Identifier: MIT */
/* Legs: what one line does to one account; which account that is, in which order they stand, and
 * how they are written. */
#include <stdlib.h>

#include "domain/known.h"
#include "util/hash.h"
#include "util/id.h"
#include "util/number.h"

/* ---- numbers ---- */

#define CODES_MAX 64u /* bytes of a lot or a serial */
#define KEY_BYTES (3 * sizeof(inv_id) + 4 + 2 * (1 + CODES_MAX))

static unsigned char *put_code(unsigned char *at, inv_str code)
{
	size_t len = code.len < CODES_MAX ? code.len : CODES_MAX;

	*at++ = (unsigned char)len;
	if (len > 0)
		memcpy(at, code.ptr, len);
	return at + len;
}

static int64_t number_of(const uint8_t bytes[8])
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 8 | bytes[i];
	return (int64_t)(value >> 1);
}

/* The account's number is found without a look: it is a digest of what the account is. So a move
 * takes 8 bytes to say where it belongs, an account is one seek away, and no two stores disagree.
 * Two accounts that share all 126 bits are not to be expected; two that share the number are told
 * apart by the witness, and the second is refused. */
void inv__leg_number(inv__leg *leg)
{
	unsigned char key[KEY_BYTES], *at = key;
	uint8_t digest[16];

	memcpy(at, leg->product.bytes, sizeof leg->product.bytes);
	at += sizeof leg->product.bytes;
	memcpy(at, leg->location.bytes, sizeof leg->location.bytes);
	at += sizeof leg->location.bytes;
	memcpy(at, leg->owner.bytes, sizeof leg->owner.bytes);
	at += sizeof leg->owner.bytes;
	for (int shift = 24; shift >= 0; shift -= 8)
		*at++ = (unsigned char)((uint32_t)leg->condition >> shift);
	at = put_code(at, leg->lot);
	at = put_code(at, leg->serial);
	inv__hash_short(key, (size_t)(at - key), digest);
	leg->account = number_of(digest);
	leg->witness = number_of(digest + 8);
	if (leg->account == 0)
		leg->account = 1;
}

/* ---- order ---- */

int inv__leg_compare(const inv__leg *a, const inv__leg *b)
{
	return (a->account > b->account) - (a->account < b->account);
}

static int leg_order(const inv__leg *a, const inv__leg *b)
{
	int c = inv__leg_compare(a, b);

	if (c == 0)
		c = (a->occurred_at > b->occurred_at) - (a->occurred_at < b->occurred_at);
	if (c == 0)
		c = (a->input > b->input) - (a->input < b->input);
	return c ? c : (a->line > b->line) - (a->line < b->line);
}

/* Sorting moves these, not the legs. */
typedef struct leg_key {
	int64_t account;
	const inv__leg *leg;
} leg_key;

static int key_order(const void *x, const void *y)
{
	const leg_key *a = x, *b = y;

	if (a->account != b->account)
		return a->account < b->account ? -1 : 1;
	return leg_order(a->leg, b->leg);
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

	for (size_t i = 0; i < count; i++)
		inv__leg_number(&legs[i]);
	if (in_order(legs, count))
		return INV_OK;
	keys = inv__arena_alloc(arena, count * sizeof *keys);
	sorted = inv__arena_alloc(arena, count * sizeof *sorted);
	if (!keys || !sorted)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++)
		keys[i] = (leg_key){legs[i].account, &legs[i]};
	qsort(keys, count, sizeof *keys, key_order);
	for (size_t i = 0; i < count; i++)
		sorted[i] = *keys[i].leg;
	memcpy(legs, sorted, count * sizeof *legs);
	return INV_OK;
}

/* ---- rows ---- */

INV__SQL(SQL_MOVES_PUT,
         "INSERT INTO account_move (account, occurred_at, event, line, quantity, other_location,"
         " other_condition) {insert account:int at:int event:id line:int quantity:int"
         " other_location:id other_condition:int}");

static inv_status moves_put(inv__apply *apply, const inv__leg *legs, size_t count)
{
	inv__batch *b = apply->batch;
	int64_t *account, *at, *line, *quantity, *other_condition;
	inv_str *event, *other;

	inv__batch_add(b, &SQL_MOVES_PUT);
	inv__batch_rows(b, count);
	account = inv__batch_int_column(b);
	at = inv__batch_int_column(b);
	event = inv__batch_blob_column(b);
	line = inv__batch_int_column(b);
	quantity = inv__batch_int_column(b);
	other = inv__batch_blob_column(b);
	other_condition = inv__batch_int_column(b);
	if (b->status != INV_OK)
		return b->status;
	for (size_t i = 0; i < count; i++) {
		account[i] = legs[i].account;
		at[i] = legs[i].occurred_at;
		inv__batch_id_at(b, event, i, &legs[i].event);
		line[i] = (int64_t)legs[i].line + 1;
		quantity[i] = legs[i].quantity;
		inv__batch_id_at(b, other, i, &legs[i].other_location);
		other_condition[i] = legs[i].other_condition;
	}
	return b->status;
}

INV__SQL(SQL_ACCOUNTS_OPEN,
         "INSERT INTO account (number, witness, product, location, condition, lot, serial, owner)"
         " {insert number:int witness:int product:id location:id condition:int lot:text"
         " serial:text owner:id} ON CONFLICT (number) DO NOTHING");
INV__SQL(SQL_BALANCES_PUT,
         "INSERT INTO account_balance (account, on_hand) {insert account:int on_hand:int}"
         " ON CONFLICT (account) DO UPDATE SET"
         " on_hand = account_balance.on_hand + excluded.on_hand");
/* An account that claim has found missing is new: should another command have opened it since, this
 * one runs again and finds it. */
INV__SQL(SQL_ACCOUNTS_NEW,
         "INSERT INTO account (number, witness, product, location, condition, lot, serial, owner)"
         " {insert number:int witness:int product:id location:id condition:int lot:text"
         " serial:text owner:id}");
INV__SQL(SQL_BALANCES_NEW,
         "INSERT INTO account_balance (account, on_hand) {insert account:int on_hand:int}");
INV__SQL(SQL_BALANCES_ADD,
         "UPDATE account_balance SET on_hand = account_balance.on_hand + r.on_hand"
         " {where account:int on_hand:int} account_balance.account = r.account");

/* What is known of an account's row. */
typedef enum row_state { MAYBE, ABSENT, STORED, ROW_STATES } row_state;

/* What the legs of one account come to. */
typedef struct account_sum {
	const inv__leg *key;
	int64_t on_hand;
	int64_t last_at;
	row_state row;
} account_sum;

typedef struct account_sums {
	account_sum *list;
	size_t count;
	size_t rows[ROW_STATES]; /* how many are of each state */
} account_sums;

static inv_status sum_accounts(inv__apply *apply, const inv__leg *legs, size_t count,
                               account_sums *out)
{
	for (size_t i = 0; i < count; i++) {
		account_sum *sum;

		if (i == 0 || inv__leg_compare(&legs[i - 1], &legs[i]) != 0)
			out->list[out->count++] = (account_sum){.key = &legs[i]};
		sum = &out->list[out->count - 1];
		if (!inv__add(sum->on_hand, legs[i].quantity, &sum->on_hand))
			return INV_E_LIMIT;
		if (legs[i].occurred_at > sum->last_at)
			sum->last_at = legs[i].occurred_at;
	}
	for (size_t i = 0; i < out->count; i++) {
		account_sum *sum = &out->list[i];
		const inv__known_account *known = inv__known_find(apply->known, sum->key->account);

		sum->row = !known ? MAYBE : known->stored ? STORED : ABSENT;
		out->rows[sum->row]++;
		inv__known_add(apply->known, sum->key->account, sum->on_hand, sum->last_at);
	}
	return INV_OK;
}

static inv_status balances_put(inv__batch *b, const account_sums *sums, row_state state)
{
	static const inv__sql *const statements[ROW_STATES] = {
		[MAYBE] = &SQL_BALANCES_PUT, [ABSENT] = &SQL_BALANCES_NEW, [STORED] = &SQL_BALANCES_ADD};
	size_t n = 0;
	int64_t *account, *on_hand;

	if (sums->rows[state] == 0)
		return INV_OK;
	inv__batch_add(b, statements[state]);
	inv__batch_rows(b, sums->rows[state]);
	inv__batch_expect(b);
	account = inv__batch_int_column(b);
	on_hand = inv__batch_int_column(b);
	for (size_t i = 0; b->status == INV_OK && i < sums->count; i++) {
		const account_sum *sum = &sums->list[i];

		if (sum->row != state)
			continue;
		account[n] = sum->key->account;
		on_hand[n++] = sum->on_hand;
	}
	return b->status;
}

/* Rows for accounts that have none, or may have none. */
static inv_status accounts_open(inv__batch *b, const account_sums *sums, row_state state)
{
	int64_t *number, *witness, *condition;
	inv_str *product, *location, *lot, *serial, *owner;

	if (sums->rows[state] == 0)
		return INV_OK;
	inv__batch_add(b, state == ABSENT ? &SQL_ACCOUNTS_NEW : &SQL_ACCOUNTS_OPEN);
	inv__batch_rows(b, sums->rows[state]);
	number = inv__batch_int_column(b);
	witness = inv__batch_int_column(b);
	product = inv__batch_blob_column(b);
	location = inv__batch_blob_column(b);
	condition = inv__batch_int_column(b);
	lot = inv__batch_text_column(b);
	serial = inv__batch_text_column(b);
	owner = inv__batch_blob_column(b);
	for (size_t i = 0, n = 0; b->status == INV_OK && i < sums->count; i++) {
		const inv__leg *leg = sums->list[i].key;

		if (sums->list[i].row != state)
			continue;
		number[n] = leg->account;
		witness[n] = leg->witness;
		inv__batch_id_at(b, product, n, &leg->product);
		inv__batch_id_at(b, location, n, &leg->location);
		condition[n] = leg->condition;
		lot[n] = leg->lot;
		serial[n] = leg->serial;
		inv__batch_id_at(b, owner, n++, &leg->owner);
	}
	return b->status;
}

inv_status inv__legs_apply(inv__apply *apply, inv__leg *legs, size_t count)
{
	account_sums sums = {.list = inv__arena_alloc(apply->arena, (count + 1) * sizeof *sums.list)};
	inv_status rc;

	if (count == 0)
		return INV_OK;
	rc = sums.list ? inv__legs_sort(apply->arena, legs, count) : INV_E_NO_MEMORY;
	if (rc == INV_OK)
		rc = moves_put(apply, legs, count);
	if (rc == INV_OK)
		rc = sum_accounts(apply, legs, count, &sums);
	for (row_state state = MAYBE; rc == INV_OK && state < ROW_STATES; state++) {
		if (state != STORED)
			rc = accounts_open(apply->batch, &sums, state);
		if (rc == INV_OK)
			rc = balances_put(apply->batch, &sums, state);
	}
	return rc;
}
