/* SPDX-License-Identifier: MIT */
/* The accounts that a command rests on: what they hold, now and at the end of every later instant,
 * and what the command's legs add up to. */
#include "domain/known.h"
#include "domain/levels.h"
#include "util/number.h"

#define ACCOUNTS \
	"SELECT r.n, b.on_hand, a.witness, b.last_at, b.held, b.apart, b.apart_sellable," \
	" b.watched, b.reorder_point" \
	" FROM {rows# account:int} r JOIN account a ON a.number = r.account" \
	" JOIN account_balance b ON b.account = r.account"
INV__SQL(SQL_ACCOUNTS, ACCOUNTS);

/* Where many write, accounts are locked in the order of legs, each plain one before those that
 * stand beside it: who has it has them all, also those it comes to want later. What is read of a
 * locked row is what stands when it is. Moves are not locked: what a backdated command needs of
 * them is looked at when the locks are held. */
INV__SQL(SQL_ACCOUNTS_HELD, ACCOUNTS " ORDER BY r.n {lock_of b}");

enum { SPAN, ON_HAND, WITNESS, LAST_AT, HELD, APART, APART_SELLABLE, WATCHED, REORDER_POINT };

static bool same_account(const inv__leg *a, const inv__leg *b)
{
	return inv__leg_compare(a, b) == 0;
}

/* Does a span of time begin at sorted leg `i`? */
static bool span_begins(const inv__leg *legs, size_t i)
{
	return i == 0 || legs[i - 1].occurred_at != legs[i].occurred_at ||
	       !same_account(&legs[i - 1], &legs[i]);
}

static size_t account_count_of(const inv__leg *legs, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += i == 0 || !same_account(&legs[i - 1], &legs[i]);
	return n;
}

/* ---- claim ---- */

static inv_status refuse_number(inv__call *call, const inv__leg *leg)
{
	return inv__call_fail(call, INV_E_LIMIT, leg->input,
	                      inv__line_field(call, "lines", leg->line, "product"),
	                      "another account has the number of this one: its lot, serial or"
	                      " condition cannot be kept here");
}

static void set_holding(inv__account *span, const inv__holding *holding)
{
	span->on_hand = span->lowest = span->highest = holding->on_hand;
	span->held = holding->held;
	span->apart = holding->apart;
	span->apart_sellable = holding->apart_sellable;
	span->spare = span->told = holding->on_hand + holding->apart_sellable - holding->held;
	span->reorder_point = holding->reorder_point;
	span->watched = holding->watched;
}

/* From the writer's memory, unless the command reaches back behind the account's last move. What is
 * not there cannot be locked: where many write, another may have opened it since. */
static inv_status recall(inv__call *call, inv__account *span, bool *found)
{
	const inv__known_account *known = inv__known_find(call->known, span->key->account);

	*found = known && known->holding.last_at <= span->key->occurred_at &&
	         (known->stored || !call->locks);
	if (!*found)
		return INV_OK;
	if (known->witness != span->key->witness)
		return refuse_number(call, span->key);
	set_holding(span, &known->holding);
	return INV_OK;
}

static inv_status make_spans(inv__call *call, const inv__leg *legs, size_t count,
                             inv__accounts *out)
{
	inv_status rc = INV_OK;

	for (size_t i = 0; rc == INV_OK && i < count; i++) {
		bool found;

		if (i > 0 && same_account(&legs[i - 1], &legs[i]) &&
		    legs[i - 1].witness != legs[i].witness)
			return refuse_number(call, &legs[i]);
		if (!span_begins(legs, i))
			continue;
		out->list[out->count].key = &legs[i];
		rc = recall(call, &out->list[out->count], &found);
		if (!found)
			out->asked[out->asked_count++] = out->count;
		out->count++;
	}
	return rc;
}

/* The instant at which the span behind entry `at` begins. */
static int64_t end_of(const inv__accounts *accounts, size_t at)
{
	const inv__account *span = &accounts->list[at];

	return at + 1 < accounts->count && same_account(span[0].key, span[1].key)
	               ? span[1].key->occurred_at
	               : INT64_MAX;
}

/* Ask for the accounts of spans that are not known. */
static inv_status ask(inv__call *call, const inv__accounts *accounts)
{
	inv__batch *b = call->batch;
	int64_t *account;

	inv__batch_add(b, call->locks ? &SQL_ACCOUNTS_HELD : &SQL_ACCOUNTS);
	inv__batch_rows(b, accounts->asked_count);
	account = inv__batch_int_column(b);
	if (!account)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < accounts->asked_count; i++)
		account[i] = accounts->list[accounts->asked[i]].key->account;
	return INV_OK;
}

inv_status inv__accounts_claim(inv__call *call, inv__leg **legs, size_t *count,
                               inv__accounts *out)
{
	inv_status rc;

	memset(out, 0, sizeof *out);
	out->late_statement = out->hold_statement = out->any_statement = SIZE_MAX;
	out->node_hold_statement = SIZE_MAX;
	out->statement = call->batch->count;
	call->claimed = out;
	if (inv__legs_sort(call->arena, legs, count) != INV_OK)
		return inv__call_no_memory(call);
	out->list = inv__arena_array(call->arena, *count ? *count : 1, sizeof *out->list);
	out->asked = inv__arena_alloc(call->arena, (*count + 1) * sizeof *out->asked);
	if (!out->list || !out->asked)
		return inv__call_no_memory(call);
	rc = make_spans(call, *legs, *count, out);
	call->rests |= out->asked_count < out->count;
	if (rc == INV_OK && out->asked_count > 0)
		rc = ask(call, out);
	if (rc == INV_OK)
		rc = inv__holds_any(call, out); /* behind the locks */
	return rc == INV_OK ? inv__serials_claim(call, *legs, *count) : rc;
}

/* ---- read ---- */

/* The row of a span's account. */
static inv_status read_span(inv__call *call, const inv_rows *rows, size_t row, inv__account *span)
{
	const inv__known_account known = {
		.number = span->key->account,
		.witness = inv__cell_int(rows, row, WITNESS),
		.holding = {.on_hand = inv__cell_int(rows, row, ON_HAND),
		            .last_at = inv__cell_int(rows, row, LAST_AT),
		            .held = inv__cell_int(rows, row, HELD),
		            .apart = inv__cell_int(rows, row, APART),
		            .apart_sellable = inv__cell_int(rows, row, APART_SELLABLE),
		            .reorder_point = inv__cell_int(rows, row, REORDER_POINT),
		            .watched = inv__cell_int(rows, row, WATCHED) != 0},
		.stored = true,
	};

	if (known.witness != span->key->witness)
		return refuse_number(call, span->key);
	set_holding(span, &known.holding);
	inv__known_put(call->known, &known);
	if (span->key->occurred_at == call->now && known.holding.last_at > call->latest)
		call->latest = known.holding.last_at;
	return INV_OK;
}

/* What was asked for and is not there holds nothing. */
static void know_missing(inv__call *call, const inv__accounts *accounts)
{
	for (size_t i = 0; call->known && i < accounts->asked_count; i++) {
		const inv__leg *key = accounts->list[accounts->asked[i]].key;
		const inv__known_account none = {.number = key->account, .witness = key->witness};

		if (!inv__known_find(call->known, key->account))
			inv__known_put(call->known, &none);
	}
}

static inv_status read_asked(inv__call *call, inv__accounts *accounts)
{
	const inv_rows *rows = inv__batch_result(call->batch, accounts->statement);
	inv_status rc = INV_OK;

	for (size_t row = 0; rc == INV_OK && row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, SPAN);

		if (n < accounts->asked_count)
			rc = read_span(call, rows, row, &accounts->list[accounts->asked[n]]);
	}
	if (rc == INV_OK && rows->row_count < accounts->asked_count)
		know_missing(call, accounts);
	return rc;
}

/* ---- later instants ---- */

/* Spans that lie before their account's last move. A span begins where the command moves something
 * and ends before it moves something again. */
static inv_status find_late(inv__call *call, inv__accounts *accounts)
{
	const inv_rows *rows = inv__batch_result(call->batch, accounts->statement);

	accounts->late = inv__arena_array(call->arena, accounts->asked_count, sizeof *accounts->late);
	accounts->later = inv__arena_array(call->arena, accounts->asked_count, sizeof *accounts->later);
	if (!accounts->late || !accounts->later)
		return inv__call_no_memory(call);
	for (size_t row = 0; row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, SPAN);
		const inv__leg *key;

		if (n >= accounts->asked_count)
			continue;
		key = accounts->list[accounts->asked[n]].key;
		if (inv__cell_int(rows, row, LAST_AT) <= key->occurred_at)
			continue;
		accounts->late[accounts->late_count] = accounts->asked[n];
		accounts->later[accounts->late_count++] =
			(inv__stretch){.account = key->account,
		                       .at = key->occurred_at,
		                       .until = end_of(accounts, accounts->asked[n])};
	}
	return INV_OK;
}

/* Only a backdated command pays for looking. */
static inv_status ask_late(inv__call *call, inv__accounts *accounts)
{
	inv_status rc = find_late(call, accounts);

	if (rc != INV_OK || accounts->late_count == 0)
		return rc;
	return inv__levels_ask(call, accounts->later, accounts->late_count, &accounts->late_statement);
}

static inv_status read_late(inv__call *call, inv__accounts *accounts)
{
	inv_status rc = inv__levels_read(call, accounts->late_statement, accounts->later,
	                                 accounts->late_count);

	for (size_t i = 0; rc == INV_OK && i < accounts->late_count; i++) {
		accounts->list[accounts->late[i]].lowest = accounts->later[i].lowest;
		accounts->list[accounts->late[i]].highest = accounts->later[i].highest;
		accounts->list[accounts->late[i]].asserted = accounts->later[i].asserted;
	}
	return rc;
}

inv_status inv__accounts_look_back(inv__call *call)
{
	inv__accounts *accounts = call->claimed;
	inv_status rc = INV_OK;

	call->claimed = NULL;
	if (!accounts)
		return INV_OK;
	if (accounts->asked_count > 0)
		rc = read_asked(call, accounts);
	if (rc == INV_OK && accounts->asked_count > 0)
		rc = ask_late(call, accounts);
	return rc == INV_OK ? inv__holds_ask(call, accounts) : rc;
}

inv_status inv__accounts_read(inv__call *call, inv__accounts *accounts)
{
	inv_status rc = INV_OK;

	if (accounts->late_statement != SIZE_MAX)
		rc = read_late(call, accounts);
	accounts->late_statement = SIZE_MAX;
	return rc == INV_OK ? inv__holds_read(call, accounts) : rc;
}

/* ---- sums ---- */

/* Is before + net a quantity, when `change` is added to net? */
static bool adds_up(int64_t before, int64_t change, int64_t *net)
{
	int64_t after;

	return inv__add(*net, change, net) && inv__add(before, *net, &after) &&
	       after <= INV_LIMIT_QUANTITY && after >= -INV_LIMIT_QUANTITY;
}

static inv_status account_add(inv__call *call, inv__account *account, const inv__leg *leg)
{
	int64_t spare = leg->quantity + leg->apart_sellable - leg->held;

	if (!adds_up(account->on_hand, leg->quantity, &account->net) ||
	    !adds_up(account->held, leg->held, &account->held_net) ||
	    !adds_up(account->apart, leg->apart, &account->apart_net) ||
	    !adds_up(account->apart_sellable, leg->apart_sellable, &account->apart_sellable_net) ||
	    !adds_up(account->spare, spare, &account->spare_net))
		return inv__call_fail(call, INV_E_LIMIT, leg->input,
		                      inv__line_field(call, "lines", leg->line, "quantity"),
		                      "the account would hold more than can be counted");
	return INV_OK;
}

/* At no later instant either: sums of stretches of time stay within what can be counted too. */
static inv_status check_later(inv__call *call, const inv__account *span, int64_t net)
{
	int64_t low, high;

	if (inv__add(span->lowest, net, &low) && inv__add(span->highest, net, &high) &&
	    low >= -INV_LIMIT_QUANTITY && high <= INV_LIMIT_QUANTITY)
		return INV_OK;
	return inv__call_fail(call, INV_E_LIMIT, span->key->input,
	                      inv__line_field(call, "lines", span->key->line, "quantity"),
	                      "the account would have held more than can be counted");
}

/* Add an account's legs up, span by span, and keep the span where they bite deepest. */
static inv_status account_sum(inv__call *call, const inv__leg *legs, size_t count,
                              const inv__accounts *spans, inv__account *out)
{
	size_t at = 0;
	inv_status rc = INV_OK;

	out->on_hand = out->lowest = spans->list[0].on_hand;
	out->held = spans->list[0].held;
	out->apart = spans->list[0].apart;
	out->apart_sellable = spans->list[0].apart_sellable;
	out->spare = spans->list[0].spare;
	out->told = spans->list[0].told;
	out->watched = spans->list[0].watched;
	out->reorder_point = spans->list[0].reorder_point;
	for (size_t i = 0; rc == INV_OK && i < spans->count; i++) {
		const inv__account *span = &spans->list[i];

		while (rc == INV_OK && at < count && legs[at].occurred_at <= span->key->occurred_at)
			rc = account_add(call, out, &legs[at++]);
		if (rc == INV_OK)
			rc = check_later(call, span, out->net);
		if (out->net >= 0 || (out->dip < 0 && span->lowest + out->net >= out->lowest + out->dip))
			continue;
		out->lowest = span->lowest;
		out->dip = out->net;
	}
	/* What is given back behind the last span changes what is there now. */
	while (rc == INV_OK && at < count && legs[at].absorbs)
		rc = account_add(call, out, &legs[at++]);
	if (rc == INV_OK && at < count)
		return inv__call_fail(call, INV_E_INTERNAL, legs[at].input, NULL,
		                      "an instant was not claimed");
	return rc;
}

/* How many accounts in a row are the same as the first. */
static size_t spans_of(const inv__account *spans, size_t count, const inv__leg *leg)
{
	size_t n = 0;

	while (n < count && same_account(spans[n].key, leg))
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

		for (next = i + 1; next < count && same_account(&legs[i], &legs[next]);)
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


int64_t inv__accounts_on_hand(const inv__accounts *accounts, const inv__leg *leg)
{
	size_t low = 0, high = accounts->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = inv__leg_compare(accounts->list[mid].key, leg);

		if (c == 0)
			return accounts->list[mid].on_hand;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return 0;
}
