/* SPDX-License-Identifier: MIT */
/* A posted line of a count asserts what an account held at an instant. What is booked later but
 * happened before is absorbed there: the command's own event gives the account back what it took,
 * as a move at the instant of the count, and the line's variance changes by it. So no move is ever
 * changed, and what was known at an instant stays what it was (I8). */
#include <stdlib.h>

#include "domain/domain.h"
#include "domain/well_known.h"
#include "util/id.h"
#include "util/number.h"

static inv__leg absorbing(const inv__leg *leg, int64_t at)
{
	inv__leg back = *leg;

	back.occurred_at = at;
	back.quantity = -leg->quantity;
	back.other_location = INV__LOCATION_ADJUSTMENT;
	back.other_condition = INV_CONDITION_SELLABLE;
	back.held = back.frees_plain = back.frees_node = 0;
	back.alone = back.asserts = false;
	back.absorbs = true;
	return back;
}

static inv_status append(inv__arena *arena, inv__leg **legs, size_t *count, const inv__leg *more,
                         size_t more_count)
{
	inv__leg *all = inv__arena_alloc(arena, (*count + more_count) * sizeof *all);

	if (!all)
		return INV_E_NO_MEMORY;
	memcpy(all, *legs, *count * sizeof *all);
	memcpy(all + *count, more, more_count * sizeof *all);
	*legs = all;
	*count += more_count;
	return INV_OK;
}

/* ---- decide ---- */

static bool is_before(const inv__leg *span, const inv__leg *leg)
{
	int c = inv__leg_compare(span, leg);

	return c < 0 || (c == 0 && span->occurred_at < leg->occurred_at);
}

static bool any_asserted(const inv__accounts *claimed)
{
	for (size_t i = 0; i < claimed->count; i++)
		if (claimed->list[i].asserted != 0)
			return true;
	return false;
}

inv_status inv__legs_absorb(inv__call *call, const inv__accounts *claimed, inv__leg **legs,
                            size_t *count)
{
	inv__leg *back;
	size_t n = 0, at = 0;

	if (!any_asserted(claimed))
		return INV_OK;
	back = inv__arena_alloc(call->arena, *count * sizeof *back);
	if (!back)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < *count; i++) {
		const inv__leg *leg = &(*legs)[i];
		const inv__account *span;

		while (at < claimed->count && is_before(claimed->list[at].key, leg))
			at++;
		span = at < claimed->count ? &claimed->list[at] : NULL;
		if (span && span->asserted != 0 && leg->quantity != 0 &&
		    inv__leg_compare(span->key, leg) == 0 && span->key->occurred_at == leg->occurred_at)
			back[n++] = absorbing(leg, span->asserted);
	}
	call->absorbs |= n > 0;
	if (n == 0)
		return INV_OK;
	if (append(call->arena, legs, count, back, n) != INV_OK ||
	    inv__legs_sort(call->arena, legs, count) != INV_OK)
		return inv__call_no_memory(call);
	return INV_OK;
}

/* ---- apply ---- */

INV__SQL(SQL_NEXT,
         "SELECT r.n, s.occurred_at, s.event, s.count, s.line FROM {rows# account:int at:int} r"
         " JOIN assertion s ON s.account = r.account AND s.occurred_at = (SELECT MIN(x.occurred_at)"
         " FROM assertion x WHERE x.account = r.account AND x.occurred_at > r.at)");

INV__SQL(SQL_VARIANCE,
         "UPDATE count_line SET expected = count_line.expected + r.quantity,"
         " variance = count_line.variance - r.quantity {where count:id line:int quantity:int}"
         " count_line.count = r.count AND count_line.line = r.line");

/* A leg, and the line of a count that absorbs it. */
typedef struct late_leg {
	const inv__leg *leg;
	int64_t at;       /* 0 = none does */
	inv_id event;     /* of the count: of two at one instant the earlier absorbs */
	inv_id count;
	int64_t line;
	int64_t quantity; /* of this one, and once they are added up of all */
} late_leg;

static inv_status find(inv__apply *apply, late_leg *late, size_t count)
{
	inv__batch batch;
	const inv_rows *rows;
	int64_t *account, *at;
	inv_status rc = inv__apply_flush(apply);

	if (rc != INV_OK)
		return rc;
	inv__batch_init(&batch, apply->arena);
	inv__batch_add(&batch, &SQL_NEXT);
	inv__batch_rows(&batch, count);
	account = inv__batch_int_column(&batch);
	at = inv__batch_int_column(&batch);
	if (!account || !at)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		account[i] = late[i].leg->account;
		at[i] = late[i].leg->occurred_at;
	}
	rc = inv__batch_exec(&batch, apply->link, apply->error);
	if (rc != INV_OK)
		return rc;
	rows = inv__batch_result(&batch, 0);
	for (size_t row = 0; row < rows->row_count; row++) {
		late_leg *l = &late[inv__cell_int(rows, row, 0)];
		inv_id event = inv__cell_id(rows, row, 2);

		if (l->at != 0 && inv__id_compare(l->event, event) < 0)
			continue;
		l->at = inv__cell_int(rows, row, 1);
		l->event = event;
		l->count = inv__cell_id(rows, row, 3);
		l->line = inv__cell_int(rows, row, 4);
	}
	return INV_OK;
}

static int line_order(const void *x, const void *y)
{
	const late_leg *a = x, *b = y;
	int c = inv__id_compare(a->count, b->count);

	return c ? c : (a->line > b->line) - (a->line < b->line);
}

/* One statement changes a row once, so what comes to one line is added up first. */
static inv_status put_variances(inv__apply *apply, late_leg *late, size_t count)
{
	inv__batch *b = apply->batch;
	int64_t *line, *quantity;
	inv_str *id;
	size_t n = 0;

	qsort(late, count, sizeof *late, line_order);
	for (size_t i = 0; i < count; i++) {
		if (n == 0 || line_order(&late[n - 1], &late[i]) != 0)
			late[n++] = late[i];
		else if (!inv__add(late[n - 1].quantity, late[i].quantity, &late[n - 1].quantity))
			return INV_E_LIMIT;
	}
	inv__batch_add(b, &SQL_VARIANCE);
	inv__batch_rows(b, n);
	id = inv__batch_blob_column(b);
	line = inv__batch_int_column(b);
	quantity = inv__batch_int_column(b);
	if (!id || !line || !quantity)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < n; i++) {
		inv__batch_id_at(b, id, i, &late[i].count);
		line[i] = late[i].line;
		quantity[i] = late[i].quantity;
	}
	return b->status;
}

inv_status inv__legs_absorb_late(inv__apply *apply, inv__leg **legs, size_t *count)
{
	late_leg *late = inv__arena_array(apply->arena, *count, sizeof *late);
	inv__leg *back = inv__arena_alloc(apply->arena, *count * sizeof *back);
	size_t asked = 0, n = 0;
	inv_status rc;

	if (!late || !back)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < *count; i++) {
		inv__leg *leg = &(*legs)[i];

		if (leg->quantity == 0)
			continue;
		inv__leg_number(leg);
		late[asked].leg = leg;
		late[asked++].quantity = leg->quantity;
	}
	if (asked == 0)
		return INV_OK;
	rc = find(apply, late, asked);
	for (size_t i = 0; rc == INV_OK && i < asked; i++) {
		if (late[i].at == 0)
			continue;
		back[n] = absorbing(late[i].leg, late[i].at);
		late[n++] = late[i];
	}
	if (rc != INV_OK || n == 0)
		return rc;
	rc = put_variances(apply, late, n);
	return rc == INV_OK ? append(apply->arena, legs, count, back, n) : rc;
}
