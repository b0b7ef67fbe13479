/* SPDX-License-Identifier: MIT */
/* Legs: what one line does to one account; which account that is, in which order they stand, and
 * how they are written. */
#include <stdlib.h>

#include "domain/known.h"
#include "domain/levels.h"
#include "util/hash.h"
#include "util/id.h"
#include "util/number.h"
#include "util/text.h"

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
static void number(inv__leg *leg)
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

void inv__leg_number(inv__leg *leg)
{
	number(leg);
	leg->plain = leg->account;
	if (!inv__leg_is_plain(leg)) {
		inv__leg plain = {.product = leg->product, .location = leg->location,
		                  .lot = {"", 0}, .serial = {"", 0}};

		number(&plain);
		leg->plain = plain.account;
	}
}

/* ---- parts of kits ---- */

void inv__moved_take(const inv_list *parts, size_t index, inv__moved *line)
{
	const inv_line_part *part;

	if (parts->count == 0)
		return;
	part = INV_LIST_AT(*parts, inv_line_part, index);
	*line = (inv__moved){part->product.id, part->quantity, part->lot, part->serial, part->sku,
	                     index + 1};
}

static inv_str folded(inv__arena *arena, inv_str code)
{
	return code.len ? inv__str_fold(arena, code) : (inv_str){"", 0};
}

void inv__leg_moves(inv__leg *leg, const inv__moved *moved, inv__arena *arena)
{
	leg->product = moved->product;
	leg->quantity = moved->quantity;
	leg->lot = folded(arena, moved->lot);
	leg->serial = folded(arena, moved->serial);
	leg->part = moved->part;
	leg->part_sku = moved->sku;
}

/* ---- order ---- */

/* The plain account comes before all beside it. Who has its row locked has them to himself: also
 * those that his command does not name, but of which it books that a hold is over. */
int inv__leg_compare(const inv__leg *a, const inv__leg *b)
{
	int c = (a->plain > b->plain) - (a->plain < b->plain);

	if (c == 0)
		c = (a->account != a->plain) - (b->account != b->plain);
	return c ? c : (a->account > b->account) - (a->account < b->account);
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
	int64_t plain;
	const inv__leg *leg;
} leg_key;

static int key_order(const void *x, const void *y)
{
	const leg_key *a = x, *b = y;

	if (a->plain != b->plain)
		return a->plain < b->plain ? -1 : 1;
	return leg_order(a->leg, b->leg);
}

static bool in_order(const inv__leg *legs, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (leg_order(&legs[i - 1], &legs[i]) > 0)
			return false;
	return true;
}

/* ---- plain accounts ---- */

bool inv__leg_is_plain(const inv__leg *leg)
{
	return leg->condition == INV_CONDITION_SELLABLE && leg->lot.len == 0 && leg->serial.len == 0 &&
	       inv_id_is_none(leg->owner);
}

/* What a leg of another account does to the plain one, which says for all of them what is there. */
static inv__leg beside(const inv__leg *leg)
{
	inv__leg plain = {.product = leg->product,
	                  .location = leg->location,
	                  .lot = {"", 0},
	                  .serial = {"", 0},
	                  .other_location = leg->other_location,
	                  .occurred_at = leg->occurred_at,
	                  .event = leg->event,
	                  .input = leg->input,
	                  .line = leg->line,
	                  .part = leg->part,
	                  .part_sku = leg->part_sku,
	                  .apart = leg->quantity,
	                  .held = leg->frees_plain,
	                  .frees_node = leg->frees_node,
	                  .node = leg->node,
	                  .absorbs = leg->absorbs,
	                  .beside = true};

	if (leg->condition == INV_CONDITION_SELLABLE)
		plain.apart_sellable = leg->quantity;
	return plain;
}

static inv_status add_plain(inv__arena *arena, inv__leg **legs, size_t *count)
{
	size_t others = 0, n = *count;
	inv__leg *all;

	for (size_t i = 0; i < *count; i++)
		others += !inv__leg_is_plain(&(*legs)[i]) && !(*legs)[i].alone;
	if (others == 0)
		return INV_OK;
	all = inv__arena_alloc(arena, (*count + others) * sizeof *all);
	if (!all)
		return INV_E_NO_MEMORY;
	memcpy(all, *legs, *count * sizeof *all);
	for (size_t i = 0; i < *count; i++) {
		if (inv__leg_is_plain(&all[i]) || all[i].alone)
			continue;
		all[n++] = beside(&all[i]);
		all[i].alone = true;
	}
	*legs = all;
	*count = n;
	return INV_OK;
}

static inv_status sort(inv__arena *arena, inv__leg *legs, size_t count)
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
		keys[i] = (leg_key){legs[i].plain, &legs[i]};
	qsort(keys, count, sizeof *keys, key_order);
	for (size_t i = 0; i < count; i++)
		sorted[i] = *keys[i].leg;
	memcpy(legs, sorted, count * sizeof *legs);
	return INV_OK;
}

inv_status inv__legs_sort(inv__arena *arena, inv__leg **legs, size_t *count)
{
	inv_status rc = add_plain(arena, legs, count);

	for (size_t i = 0; rc == INV_OK && i < *count; i++)
		inv__leg_number(&(*legs)[i]);
	return rc == INV_OK ? sort(arena, *legs, *count) : rc;
}

/* ---- rows ---- */

INV__SQL(SQL_MOVES_PUT,
         "INSERT INTO account_move (account, occurred_at, event, line, quantity, other_location,"
         " other_condition) {insert account:int at:int event:id line:int quantity:int"
         " other_location:id other_condition:int}");

static bool is_move(const inv__leg *leg)
{
	return leg->quantity != 0 || leg->asserts;
}

static size_t move_count(const inv__leg *legs, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += is_move(&legs[i]);
	return n;
}

static inv_status moves_put(inv__apply *apply, const inv__leg *legs, size_t count)
{
	inv__batch *b = apply->batch;
	int64_t *account, *at, *line, *quantity, *other_condition;
	inv_str *event, *other;
	size_t moves = move_count(legs, count), n = 0;

	if (moves == 0)
		return INV_OK;
	inv__batch_add(b, &SQL_MOVES_PUT);
	inv__batch_rows(b, moves);
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
		if (!is_move(&legs[i]))
			continue;
		account[n] = legs[i].account;
		at[n] = legs[i].occurred_at;
		inv__batch_id_at(b, event, n, &legs[i].event);
		line[n] = (int64_t)legs[i].line + 1;
		quantity[n] = legs[i].quantity;
		inv__batch_id_at(b, other, n, &legs[i].other_location);
		other_condition[n++] = legs[i].other_condition;
	}
	return b->status;
}

INV__SQL(SQL_ACCOUNTS_OPEN,
         "INSERT INTO account (number, witness, product, location, condition, lot, serial, owner)"
         " {insert number:int witness:int product:id location:id condition:int lot:text"
         " serial:text owner:id} ON CONFLICT (number) DO NOTHING");
#define LATER "CASE WHEN excluded.last_at > account_balance.last_at THEN excluded.last_at" \
	" ELSE account_balance.last_at END"
/* An account that claim has found missing is new: should another command have opened it since, this
 * one runs again and finds it. */
INV__SQL(SQL_ACCOUNTS_NEW,
         "INSERT INTO account (number, witness, product, location, condition, lot, serial, owner)"
         " {insert number:int witness:int product:id location:id condition:int lot:text"
         " serial:text owner:id}");

#define ADD(column) column " = account_balance." column " + "
#define PUT(columns, values, added) \
	"INSERT INTO account_balance (account, on_hand, last_at" columns ")" \
	" {insert account:int on_hand:int last_at:int" values "} ON CONFLICT (account) DO UPDATE SET " \
	ADD("on_hand") "excluded.on_hand" added ", last_at = " LATER
#define NEW(columns, values) \
	"INSERT INTO account_balance (account, on_hand, last_at" columns ")" \
	" {insert account:int on_hand:int last_at:int" values "}"
#define UPDATE(values, added) \
	"UPDATE account_balance SET " ADD("on_hand") "r.on_hand" added ", last_at =" \
	" CASE WHEN r.last_at > account_balance.last_at THEN r.last_at" \
	" ELSE account_balance.last_at END" \
	" {where account:int on_hand:int last_at:int" values "} account_balance.account = r.account"
#define MORE_COLUMNS ", held, apart, apart_sellable"
#define MORE_VALUES " held:int apart:int apart_sellable:int"
#define MORE_ADDED(from) \
	", " ADD("held") from ".held, " ADD("apart") from ".apart, " \
	ADD("apart_sellable") from ".apart_sellable"

/* What is known of an account's row. */
typedef enum row_state { MAYBE, ABSENT, STORED, ROW_STATES } row_state;

/* What the legs of one account come to. */
typedef struct account_sum {
	const inv__leg *key;
	inv__holding change; /* `last_at` is that of the last leg that moves something */
	row_state row;
} account_sum;

typedef struct account_sums {
	account_sum *list;
	size_t count;
	size_t rows[ROW_STATES]; /* how many are of each state */
	bool more;               /* something is held, or lies beside a plain account */
} account_sums;

/* By what is known of the row, and by whether more than what is on hand changes. */
static const inv__sql balances[ROW_STATES][2] = {
	[MAYBE] = {{PUT("", "", "")}, {PUT(MORE_COLUMNS, MORE_VALUES, MORE_ADDED("excluded"))}},
	[ABSENT] = {{NEW("", "")}, {NEW(MORE_COLUMNS, MORE_VALUES)}},
	[STORED] = {{UPDATE("", "")}, {UPDATE(MORE_VALUES, MORE_ADDED("r"))}},
};

static bool add_leg(account_sums *sums, inv__holding *change, const inv__leg *leg)
{
	if (is_move(leg) && leg->occurred_at > change->last_at)
		change->last_at = leg->occurred_at;
	sums->more |= leg->held != 0 || leg->apart != 0;
	return inv__add(change->on_hand, leg->quantity, &change->on_hand) &&
	       inv__add(change->held, leg->held, &change->held) &&
	       inv__add(change->apart, leg->apart, &change->apart) &&
	       inv__add(change->apart_sellable, leg->apart_sellable, &change->apart_sellable);
}

static inv_status sum_accounts(inv__apply *apply, const inv__leg *legs, size_t count,
                               account_sums *out)
{
	for (size_t i = 0; i < count; i++) {
		account_sum *sum;

		if (i == 0 || inv__leg_compare(&legs[i - 1], &legs[i]) != 0)
			out->list[out->count++] = (account_sum){.key = &legs[i]};
		sum = &out->list[out->count - 1];
		if (!add_leg(out, &sum->change, &legs[i]))
			return INV_E_LIMIT;
	}
	for (size_t i = 0; i < out->count; i++) {
		account_sum *sum = &out->list[i];
		const inv__known_account *known = inv__known_find(apply->known, sum->key->account);

		sum->row = !known ? MAYBE : known->stored ? STORED : ABSENT;
		out->rows[sum->row]++;
		inv__known_add(apply->known, sum->key->account, &sum->change);
	}
	return INV_OK;
}

static inv_status balances_put(inv__batch *b, const account_sums *sums, row_state state)
{
	size_t n = 0;
	int64_t *columns[6];

	if (sums->rows[state] == 0)
		return INV_OK;
	inv__batch_add(b, &balances[state][sums->more]);
	inv__batch_rows(b, sums->rows[state]);
	inv__batch_expect(b);
	for (size_t i = 0; i < (sums->more ? 6 : 3); i++)
		columns[i] = inv__batch_int_column(b);
	for (size_t i = 0; b->status == INV_OK && i < sums->count; i++) {
		const account_sum *sum = &sums->list[i];

		if (sum->row != state)
			continue;
		columns[0][n] = sum->key->account;
		columns[1][n] = sum->change.on_hand;
		columns[2][n] = sum->change.last_at;
		if (sums->more) {
			columns[3][n] = sum->change.held;
			columns[4][n] = sum->change.apart;
			columns[5][n] = sum->change.apart_sellable;
		}
		n++;
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
	account_sums sums = {.list = NULL};
	inv_status rc;

	if (count == 0)
		return INV_OK;
	rc = apply->absorbs ? inv__legs_absorb_late(apply, &legs, &count) : INV_OK;
	if (rc == INV_OK)
		rc = inv__legs_sort(apply->arena, &legs, &count);
	if (rc == INV_OK)
		sums.list = inv__arena_alloc(apply->arena, count * sizeof *sums.list);
	if (rc == INV_OK && !sums.list)
		rc = INV_E_NO_MEMORY;
	if (rc == INV_OK)
		rc = moves_put(apply, legs, count);
	if (rc == INV_OK)
		rc = inv__levels_apply(apply, legs, count);
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
