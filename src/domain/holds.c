/* SPDX-License-Identifier: MIT */
/* What reservations hold of the accounts that a command touches. What is past its deadline holds
 * nothing: the next command on its account books that first, so that nobody has to sweep. */
#include <stdlib.h>

#include "domain/known.h"
#include "domain/nodes.h"
#include "util/id.h"
#include "util/text.h"

#define HOLD_COLUMNS "h.id, h.product, h.location, h.lot, h.serial, h.holder, h.open, h.deadline"

/* Those that are overdue, or all of them. */
INV__SQL(SQL_HOLDS,
         "SELECT " HOLD_COLUMNS " FROM {rows product:id location:id} r JOIN reservation h"
         " ON h.product = r.product AND h.location = r.location AND h.open > 0 AND h.subtree = 0"
         " AND (?+2 = 1 OR (h.deadline > 0 AND h.deadline <= ?+1))");

size_t inv__legs_of_hold(inv__arena *arena, const inv__open_hold *hold, int64_t held,
                         inv__leg legs[2])
{
	inv__leg plain = {.product = hold->product,
	                  .location = hold->location,
	                  .lot = {"", 0},
	                  .serial = {"", 0},
	                  .held = held};

	if (hold->subtree)
		return 0;
	legs[0] = plain;
	if (hold->lot.len == 0 && hold->serial.len == 0)
		return 1;
	legs[1] = plain;
	legs[1].lot = inv__str_fold(arena, hold->lot);
	legs[1].serial = inv__str_fold(arena, hold->serial);
	legs[1].alone = true;
	return 2;
}

/* ---- reading ---- */

static bool is_plain_entry(const inv__accounts *accounts, size_t i)
{
	return inv__leg_is_plain(accounts->list[i].key) &&
	       (i == 0 ||
	        inv__leg_compare(accounts->list[i - 1].key, accounts->list[i].key) != 0);
}

/* Those of places as a whole are booked by who has the product for himself. */
INV__SQL(SQL_NODE_HOLDS,
         "SELECT " HOLD_COLUMNS " FROM {rows product:id} r JOIN reservation h"
         " ON h.product = r.product AND h.open > 0 AND h.subtree = 1"
         " AND h.deadline > 0 AND h.deadline <= ?+1");

inv_status inv__holds_ask_nodes(inv__call *call, inv__accounts *accounts, const inv_id *products,
                                size_t count)
{
	accounts->node_hold_statement = inv__batch_add(call->batch, &SQL_NODE_HOLDS);
	if (inv__ids_claim(call, products, count) != INV_OK)
		return INV_E_NO_MEMORY;
	inv__batch_int(call->batch, call->now);
	return call->batch->status == INV_OK ? INV_OK : inv__call_no_memory(call);
}

/* Does anybody hold goods of places as a whole? Where nobody does, which is remembered, nothing
 * more is asked. Where many write, another may since, also in the midst of this transaction. */
INV__SQL(SQL_ANY_NODE,
         "SELECT 1 FROM reservation h WHERE h.open > 0 AND h.subtree = 1 LIMIT 1");

inv_status inv__holds_any(inv__call *call, inv__accounts *accounts)
{
	int known = inv__known_subtree(call->known);

	if (known == INV__KNOWN_SOME || (known == INV__KNOWN_NONE && !call->locks) ||
	    accounts->count == 0)
		return INV_OK;
	accounts->any_statement = inv__batch_add(call->batch, &SQL_ANY_NODE);
	return call->batch->status == INV_OK ? INV_OK : inv__call_no_memory(call);
}

static inv_status ask_nodes(inv__call *call, inv__accounts *accounts)
{
	inv__node_place *places;
	bool any = inv__known_subtree(call->known) == INV__KNOWN_SOME;
	size_t n = 0;

	if (accounts->any_statement != SIZE_MAX) {
		any = inv__batch_result(call->batch, accounts->any_statement)->row_count > 0;
		inv__known_subtree_put(call->known, any);
	}
	if (!any)
		return INV_OK;
	places = inv__arena_array(call->arena, accounts->count, sizeof *places);
	if (!places)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < accounts->count; i++)
		if (is_plain_entry(accounts, i))
			places[n++] = (inv__node_place){accounts->list[i].key->product,
			                                accounts->list[i].key->location, false};
	return inv__nodes_ask(call, places, n, &accounts->nodes);
}

static bool asks(const inv__accounts *accounts, size_t i)
{
	return accounts->list[i].held != 0 && is_plain_entry(accounts, i);
}

inv_status inv__holds_ask(inv__call *call, inv__accounts *accounts)
{
	inv__batch *b = call->batch;
	inv_str *product, *location;
	size_t n = 0;

	if (ask_nodes(call, accounts) != INV_OK)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < accounts->count; i++)
		n += asks(accounts, i);
	if (n == 0)
		return INV_OK;
	accounts->hold_statement = inv__batch_add(b, &SQL_HOLDS);
	inv__batch_rows(b, n);
	product = inv__batch_blob_column(b);
	location = inv__batch_blob_column(b);
	if (!product || !location)
		return inv__call_no_memory(call);
	n = 0;
	for (size_t i = 0; i < accounts->count; i++) {
		if (!asks(accounts, i))
			continue;
		inv__batch_id_at(b, product, n, &accounts->list[i].key->product);
		inv__batch_id_at(b, location, n++, &accounts->list[i].key->location);
	}
	inv__batch_int(b, call->now);
	inv__batch_int(b, accounts->list_holds);
	return b->status == INV_OK ? INV_OK : inv__call_no_memory(call);
}

static bool is_overdue(const inv__call *call, const inv__open_hold *hold)
{
	return hold->deadline > 0 && hold->deadline <= call->now;
}

/* By deadline, those without one last. */
static int hold_order(const void *x, const void *y)
{
	const inv__open_hold *a = x, *b = y;
	uint64_t left = (uint64_t)a->deadline - 1, right = (uint64_t)b->deadline - 1;
	int c = (left > right) - (left < right);

	return c ? c : inv__id_compare(a->id, b->id);
}

/* The first entry of an account, or of those behind it. */
static size_t first_span(const inv__accounts *accounts, const inv__leg *leg)
{
	size_t low = 0, high = accounts->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (inv__leg_compare(accounts->list[mid].key, leg) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* What is overdue is not held any more. */
static void let_go(inv__call *call, inv__accounts *accounts, const inv__open_hold *hold)
{
	inv__leg legs[2];
	size_t count = inv__legs_of_hold(call->arena, hold, -hold->open, legs);

	for (size_t k = 0; k < count; k++) {
		size_t i;

		inv__leg_number(&legs[k]);
		i = first_span(accounts, &legs[k]);
		while (i < accounts->count &&
		       inv__leg_compare(accounts->list[i].key, &legs[k]) == 0) {
			accounts->list[i].held -= hold->open;
			accounts->list[i++].spare += hold->open;
		}
	}
}

static inv__open_hold hold_of(const inv_rows *rows, size_t row, bool subtree)
{
	return (inv__open_hold){.id = inv__cell_id(rows, row, 0),
	                        .product = inv__cell_id(rows, row, 1),
	                        .location = inv__cell_id(rows, row, 2),
	                        .lot = inv__cell_str(rows, row, 3),
	                        .serial = inv__cell_str(rows, row, 4),
	                        .holder = inv__cell_str(rows, row, 5),
	                        .open = inv__cell_int(rows, row, 6),
	                        .deadline = inv__cell_int(rows, row, 7),
	                        .subtree = subtree};
}

/* The rows of a statement, if it was asked; several rows of one product may tell of one. */
static void take_rows(const inv__call *call, inv__accounts *accounts, size_t statement,
                      bool subtree)
{
	const inv_rows *rows;

	if (statement == SIZE_MAX)
		return;
	rows = inv__batch_result(call->batch, statement);
	for (size_t row = 0; row < rows->row_count; row++)
		accounts->holds[accounts->hold_count++] = hold_of(rows, row, subtree);
}

static size_t row_count(const inv__call *call, size_t statement)
{
	return statement == SIZE_MAX ? 0 : inv__batch_result(call->batch, statement)->row_count;
}

/* In order, each once. */
static void sort_holds(inv__accounts *accounts)
{
	size_t n = 0;

	qsort(accounts->holds, accounts->hold_count, sizeof *accounts->holds, hold_order);
	for (size_t i = 0; i < accounts->hold_count; i++)
		if (n == 0 || !inv__id_equal(accounts->holds[n - 1].id, accounts->holds[i].id))
			accounts->holds[n++] = accounts->holds[i];
	accounts->hold_count = n;
}

inv_status inv__holds_read(inv__call *call, inv__accounts *accounts)
{
	size_t count = row_count(call, accounts->hold_statement) +
	               row_count(call, accounts->node_hold_statement);
	inv_status rc = inv__nodes_read(call, &accounts->nodes);

	if (rc != INV_OK || count == 0)
		return rc;
	accounts->holds = inv__arena_array(call->arena, count, sizeof *accounts->holds);
	if (!accounts->holds)
		return inv__call_no_memory(call);
	take_rows(call, accounts, accounts->hold_statement, false);
	take_rows(call, accounts, accounts->node_hold_statement, true);
	accounts->hold_statement = accounts->node_hold_statement = SIZE_MAX;
	sort_holds(accounts);
	while (accounts->overdue_count < accounts->hold_count &&
	       is_overdue(call, &accounts->holds[accounts->overdue_count]))
		let_go(call, accounts, &accounts->holds[accounts->overdue_count++]);
	return INV_OK;
}

/* ---- events ---- */

static inv_status expire(inv__call *call, const inv__scene *scene, const inv__open_hold *hold)
{
	inv_reservation_expiry *e = inv__arena_zalloc(call->arena, sizeof *e);
	const int64_t at = hold->deadline; /* also in a closed period: nothing moves */
	int32_t date;
	inv_status rc = e ? inv__scene_date(call, scene, 0, at, &date) : inv__call_no_memory(call);

	if (rc != INV_OK)
		return rc;
	e->struct_size = sizeof *e;
	e->reservation = inv_ref_of(hold->id);
	e->product = inv_ref_of(hold->product);
	e->location = inv_ref_of(hold->location);
	e->subtree = hold->subtree;
	e->lot = hold->lot;
	e->serial = hold->serial;
	e->holder = hold->holder;
	e->quantity = hold->open;
	return inv__call_event(call, INV_EVENT_reservation_expired, hold->id, at, date, e);
}

inv_status inv__holds_expire(inv__call *call, const inv__scene *scene, inv__accounts *accounts)
{
	inv_status rc = INV_OK;

	for (size_t i = 0; rc == INV_OK && i < accounts->overdue_count; i++)
		rc = expire(call, scene, &accounts->holds[i]);
	return rc;
}

static int place_order(const void *x, const void *y)
{
	const inv__balance_place *a = x, *b = y;
	int c = inv__id_compare(a->product, b->product);

	return c ? c : inv__id_compare(a->location, b->location);
}

/* Where something is short, in order. */
static inv__balance_place *short_places(inv__call *call, const inv_list *lines)
{
	inv__balance_place *places = inv__arena_array(call->arena, lines->count + 1, sizeof *places);

	for (size_t i = 0; places && i < lines->count; i++) {
		const inv_shortage_line *line = INV_LIST_AT(*lines, inv_shortage_line, i);

		places[i] = (inv__balance_place){line->product.id, line->location.id};
	}
	if (places)
		qsort(places, lines->count, sizeof *places, place_order);
	return places;
}

inv_status inv__holds_list(inv__call *call, const inv__accounts *accounts,
                           const inv_list *shortage_lines, inv_list *out)
{
	size_t count = accounts->hold_count - accounts->overdue_count, n = 0;
	size_t most = count < INV_LIMIT_LINES ? count : INV_LIMIT_LINES;
	inv_shortage_hold *list = inv__arena_array(call->arena, most + 1, sizeof *list);
	const inv__balance_place *places = short_places(call, shortage_lines);

	if (!list || !places)
		return inv__call_no_memory(call);
	for (size_t i = accounts->overdue_count; i < accounts->hold_count && n < most; i++) {
		const inv__open_hold *hold = &accounts->holds[i];
		const inv__balance_place at = {hold->product, hold->location};

		if (!bsearch(&at, places, shortage_lines->count, sizeof at, place_order))
			continue;
		list[n].struct_size = sizeof *list;
		list[n].reservation = hold->id;
		list[n].holder = hold->holder;
		list[n].product = inv_ref_of(hold->product);
		list[n].location = inv_ref_of(hold->location);
		list[n++].open = hold->open;
	}
	*out = inv_list_of(list, n, sizeof *list);
	return INV_OK;
}
