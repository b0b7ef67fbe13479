/* SPDX-License-Identifier: MIT */
/* What was counted against what the ledger says of the instant at which it was. */
#include "domain/count.h"
#include "util/number.h"

/* At one instant, what is booked already came before. */
INV__SQL(SQL_AFTER,
         "SELECT r.n, CAST(SUM(m.quantity) AS BIGINT) FROM {rows# account:int at:int} r"
         " CROSS JOIN account_move m WHERE m.account = r.account AND m.occurred_at > r.at"
         " GROUP BY r.n");

static inv_status ask_after(inv__call *call, inv__variances *v, const int64_t *accounts,
                            const inv_count *c)
{
	inv__batch *b = call->batch;
	int64_t *account, *at;

	v->after_statement = inv__batch_add(b, &SQL_AFTER);
	inv__batch_rows(b, v->count);
	account = inv__batch_int_column(b);
	at = inv__batch_int_column(b);
	if (!account || !at)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < v->count; i++) {
		account[i] = accounts[i];
		at[i] = inv__count_line_of(c, v->asked[i])->counted_at;
	}
	return b->status == INV_OK ? INV_OK : inv__call_no_memory(call);
}

inv_status inv__variances_claim(inv__call *call, const inv_count *c, inv__variances *v)
{
	size_t lines = c->lines.count + 1;
	int64_t *accounts = inv__arena_array(call->arena, lines, sizeof *accounts);
	inv_id *products = inv__arena_array(call->arena, lines, sizeof *products);
	bool serials = false;
	inv_status rc;

	memset(v, 0, sizeof *v);
	v->legs = inv__arena_array(call->arena, lines, sizeof *v->legs);
	v->asked = inv__arena_array(call->arena, lines, sizeof *v->asked);
	if (!accounts || !products || !v->legs || !v->asked)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < c->lines.count; i++) {
		inv__leg *leg = &v->legs[v->count];

		if (!inv__count_line_of(c, i)->is_counted)
			continue;
		*leg = inv__count_leg(call->arena, c, i);
		serials |= leg->serial.len > 0;
		products[v->count] = leg->product;
		accounts[v->count] = leg->account;
		v->asked[v->count++] = i;
	}
	v->leg_count = v->count;
	if (v->count == 0)
		return INV_OK;
	rc = inv__products_claim(call, products, v->count, serials, &v->products);
	if (rc == INV_OK)
		rc = inv__accounts_claim(call, &v->legs, &v->leg_count, &v->accounts);
	v->accounts.list_holds = true;
	/* Behind the locks. */
	return rc == INV_OK ? ask_after(call, v, accounts, c) : rc;
}

static inv_status set_line(inv__call *call, const inv__variances *v, inv_count *c, size_t line,
                           int64_t after)
{
	inv_count_line *l = inv__count_line_of(c, line);
	const inv__leg leg = inv__count_leg(call->arena, c, line);
	int64_t on_hand = inv__accounts_on_hand(&v->accounts, &leg);

	if (!inv__sub(on_hand, after, &l->expected) || !inv__sub(l->counted, l->expected, &l->variance))
		return inv__call_fail(call, INV_E_LIMIT, 0, inv__line_field(call, "lines", line, NULL),
		                      "the variance is more than can be counted");
	return INV_OK;
}

inv_status inv__variances_read(inv__call *call, inv__variances *v, inv_count *c)
{
	int64_t *after = inv__arena_array(call->arena, v->count + 1, sizeof *after);
	const inv_rows *rows;
	inv_status rc;

	if (!after)
		return inv__call_no_memory(call);
	if (v->count == 0)
		return INV_OK;
	inv__products_read(call, &v->products);
	rc = inv__accounts_read(call, &v->accounts);
	rows = inv__batch_result(call->batch, v->after_statement);
	for (size_t row = 0; row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n >= v->count)
			return inv__call_fail(call, INV_E_INTERNAL, 0, NULL, "a row belongs to no line");
		after[n] = inv__cell_int(rows, row, 1);
	}
	for (size_t i = 0; rc == INV_OK && i < v->count; i++)
		rc = set_line(call, v, c, v->asked[i], after[i]);
	return rc;
}
