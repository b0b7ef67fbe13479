/* SPDX-License-Identifier: MIT */
/* The accounts that a command rests on: what they hold, now and at the end of every later instant,
 * and what the command's legs add up to. */
#include "domain/known.h"
#include "util/number.h"

#define BESIDE "b.held, b.apart, b.apart_sellable, b.watched, b.reorder_point"
#define OF_ACCOUNT " FROM account_move m WHERE m.account = r.account AND m.occurred_at "

/* A span of time begins where the command moves something and ends before it moves something again.
 * What an account holds at the end of an instant is what is there now less the sum of what came
 * later; the least of a span is less the largest such sum. Only a backdated command pays for
 * looking. */
INV__SQL(SQL_ACCOUNTS,
         "SELECT r.n, b.on_hand, CASE WHEN b.last_at > r.at THEN CAST((SELECT MAX(w.tail) FROM"
         " (SELECT m.occurred_at, SUM(m.quantity) OVER (ORDER BY m.occurred_at DESC) AS tail"
         OF_ACCOUNT "> r.at) w WHERE w.occurred_at < r.until) AS BIGINT) END,"
         " CASE WHEN b.last_at >= r.until THEN CAST((SELECT SUM(m.quantity)"
         OF_ACCOUNT ">= r.until) AS BIGINT) END, a.witness, b.last_at, " BESIDE
         " FROM {rows# account:int at:int until:int} r JOIN account a ON a.number = r.account"
         " JOIN account_balance b ON b.account = r.account");

enum { SPAN, ON_HAND, WITHIN, AFTER, WITNESS, LAST_AT, HELD, APART, APART_SELLABLE,
       WATCHED, REORDER_POINT };

/* Where many write, accounts are locked in the order of legs, and what is read of a locked row is
 * what stands when it is. Moves are not locked: those that a backdated command needs are
 * looked at when the locks are held. */
INV__SQL(SQL_ACCOUNTS_HELD,
         "SELECT r.n, b.on_hand, NULL, NULL, a.witness, b.last_at, " BESIDE
         " FROM {rows# account:int at:int until:int} r JOIN account a ON a.number = r.account"
         " JOIN account_balance b ON b.account = r.account ORDER BY r.n {lock_of b}");

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
	span->on_hand = span->lowest = holding->on_hand;
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

/* The spans `which`, in a statement whose rows stand for them. */
static inv_status ask(inv__call *call, const inv__accounts *accounts, const inv__sql *sql,
                      const size_t *which, size_t count)
{
	inv__batch *b = call->batch;
	int64_t *account, *at, *until;

	inv__batch_add(b, sql);
	inv__batch_rows(b, count);
	account = inv__batch_int_column(b);
	at = inv__batch_int_column(b);
	until = inv__batch_int_column(b);
	if (b->status != INV_OK)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++) {
		const inv__leg *key = accounts->list[which[i]].key;

		account[i] = key->account;
		at[i] = key->occurred_at;
		until[i] = end_of(accounts, which[i]);
	}
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
		rc = ask(call, out, call->locks ? &SQL_ACCOUNTS_HELD : &SQL_ACCOUNTS, out->asked,
		         out->asked_count);
	if (rc == INV_OK)
		rc = inv__holds_any(call, out); /* behind the locks */
	return rc == INV_OK ? inv__serials_claim(call, *legs, *count) : rc;
}

/* Spans that lie before their account's last move. */
static inv_status find_late(inv__call *call, inv__accounts *accounts, size_t *count)
{
	const inv_rows *rows = inv__batch_result(call->batch, accounts->statement);

	*count = 0;
	accounts->late = inv__arena_array(call->arena, accounts->asked_count, sizeof *accounts->late);
	if (!accounts->late)
		return inv__call_no_memory(call);
	for (size_t row = 0; row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, SPAN);

		if (n < accounts->asked_count &&
		    inv__cell_int(rows, row, LAST_AT) >
		            accounts->list[accounts->asked[n]].key->occurred_at)
			accounts->late[(*count)++] = accounts->asked[n];
	}
	return INV_OK;
}

/* ---- read ---- */

/* The row of a span: on hand now, the largest sum of what came later within it, and the sum of what
 * came after it. */
static inv_status read_span(inv__call *call, const inv_rows *rows, size_t row, inv__account *span)
{
	int64_t after = inv__cell_is_null(rows, row, AFTER) ? 0 : inv__cell_int(rows, row, AFTER);
	int64_t within = inv__cell_is_null(rows, row, WITHIN) ? after
	                                                      : inv__cell_int(rows, row, WITHIN);
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
	span->lowest = known.holding.on_hand - (within > after ? within : after);
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

static inv_status read_spans(inv__call *call, inv__accounts *accounts, size_t statement,
                             const size_t *which)
{
	const inv_rows *rows = inv__batch_result(call->batch, statement);
	inv_status rc = INV_OK;

	for (size_t row = 0; rc == INV_OK && row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, SPAN);

		if (n < accounts->asked_count)
			rc = read_span(call, rows, row, &accounts->list[which[n]]);
	}
	return rc;
}

static inv_status read_asked(inv__call *call, inv__accounts *accounts)
{
	inv_status rc = read_spans(call, accounts, accounts->statement, accounts->asked);

	if (rc == INV_OK &&
	    inv__batch_result(call->batch, accounts->statement)->row_count < accounts->asked_count)
		know_missing(call, accounts);
	return rc;
}

static inv_status ask_late(inv__call *call, inv__accounts *accounts)
{
	size_t count;
	inv_status rc = find_late(call, accounts, &count);

	if (rc != INV_OK || count == 0)
		return rc;
	accounts->late_statement = call->batch->count;
	return ask(call, accounts, &SQL_ACCOUNTS, accounts->late, count);
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
	if (rc == INV_OK && accounts->asked_count > 0 && call->locks)
		rc = ask_late(call, accounts);
	return rc == INV_OK ? inv__holds_ask(call, accounts) : rc;
}

inv_status inv__accounts_read(inv__call *call, inv__accounts *accounts)
{
	inv_status rc = INV_OK;

	if (accounts->late_statement != SIZE_MAX)
		rc = read_spans(call, accounts, accounts->late_statement, accounts->late);
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

