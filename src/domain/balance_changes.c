/* SPDX-License-Identifier: MIT */
/* balance.changes: what is there now of products that events behind a position have touched, so
 * that a till can keep a cache of its own. The events say which; the balances are those of now, so
 * that no answer is older than the position it ends at. */
#include <stdlib.h>

#include "domain/ops.h"
#include "domain/sale.h"
#include "domain/stock.h"
#include "util/id.h"

#define EVENTS_DEFAULT 1000

INV__SQL(SQL_EVENTS,
         "SELECT e.position, e.name, e.payload FROM event e WHERE e.position > ?1"
         " ORDER BY e.position LIMIT ?2");
INV__SQL(SQL_END, "SELECT COALESCE(MAX(e.position), 0) FROM event e WHERE e.position > 0");

typedef struct changes {
	size_t statement;
	int64_t limit;
	int64_t position;
	bool more;
	inv__balance_place *places; /* touched, distinct at the end */
	size_t count, cap;
} changes;

inv_status inv__claim_balance_changes(inv__call *call)
{
	const inv_changes_query *query = inv__call_input(call, 0);
	changes *c = inv__arena_zalloc(call->arena, sizeof *c);

	if (!c)
		return inv__call_no_memory(call);
	call->state = c;
	call->positions = true;
	c->limit = query->limit > 0 ? query->limit : EVENTS_DEFAULT;
	c->position = query->after;
	c->statement = inv__batch_add(call->batch, query->after == 0 ? &SQL_END : &SQL_EVENTS);
	if (query->after == 0)
		return call->batch->status;
	inv__batch_int(call->batch, query->after);
	inv__batch_int(call->batch, c->limit);
	return call->batch->status;
}

static inv_status touch(inv__call *call, changes *c, inv_id product, inv_id location)
{
	const inv_changes_query *query = inv__call_input(call, 0);

	if (!inv_id_is_none(query->location.id) && !inv__id_equal(query->location.id, location))
		return INV_OK;
	if (c->count == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 64;
		inv__balance_place *more = inv__arena_array(call->arena, cap, sizeof *more);

		if (!more)
			return inv__call_no_memory(call);
		if (c->count > 0)
			memcpy(more, c->places, c->count * sizeof *more);
		c->places = more;
		c->cap = cap;
	}
	c->places[c->count++] = (inv__balance_place){product, location};
	return INV_OK;
}

static inv_status touch_legs(inv__call *call, changes *c, inv_status made, const inv__leg *legs,
                             size_t count)
{
	inv_status rc = made == INV_OK ? INV_OK : inv__call_no_memory(call);

	for (size_t i = 0; rc == INV_OK && i < count; i++)
		rc = touch(call, c, legs[i].product, legs[i].location);
	return rc;
}

static inv_status touch_counted(inv__call *call, changes *c, const inv_count *count)
{
	inv_status rc = INV_OK;

	for (size_t i = 0; rc == INV_OK && i < count->lines.count; i++) {
		const inv_count_line *l = INV_LIST_AT(count->lines, inv_count_line, i);

		if (count->state == INV_COUNT_STATE_POSTED && l->is_counted)
			rc = touch(call, c, l->product.id, l->location.id);
	}
	return rc;
}

/* What an event has touched, by the record that it carries. */
static inv_status take_payload(inv__call *call, changes *c, uint32_t record, const void *payload)
{
	inv__leg *legs = NULL;
	size_t count = 0;
	inv_status made;

	if (record == INV_RECORD_posting) {
		const inv_posting *posting = payload;

		made = inv__legs_of_postings(call->arena, &posting, 1, &legs, &count);
		return touch_legs(call, c, made, legs, count);
	}
	if (record == INV_RECORD_sale) {
		const inv_sale *sale = payload;

		made = inv__legs_of_sales(call->arena, &sale, 1, &legs, &count);
		return touch_legs(call, c, made, legs, count);
	}
	if (record == INV_RECORD_reservation) {
		const inv_reservation *r = payload;

		return r->subtree ? INV_OK : touch(call, c, r->product.id, r->location.id);
	}
	if (record == INV_RECORD_reservation_expiry) {
		const inv_reservation_expiry *e = payload;

		return e->subtree ? INV_OK : touch(call, c, e->product.id, e->location.id);
	}
	return record == INV_RECORD_count ? touch_counted(call, c, payload) : INV_OK;
}

static inv_status take_events(inv__call *call, changes *c)
{
	const inv_rows *rows = inv__batch_result(call->batch, c->statement);
	inv_status rc = INV_OK;

	for (size_t row = 0; rc == INV_OK && row < rows->row_count; row++) {
		const inv_event_desc *event = inv_schema_event_named(inv__cell_str(rows, row, 1));
		const inv_record_desc *record = event ? inv_schema_record(event->payload) : NULL;
		inv__problems problems = {call->error, "event", 0};
		void *payload;

		c->position = inv__cell_int(rows, row, 0);
		if (!record) /* of a later version: nothing is known of it */
			continue;
		payload = inv__arena_zalloc(call->arena, record->size);
		if (!payload)
			return inv__call_no_memory(call);
		rc = inv__json_read_payload(record, inv__cell_str(rows, row, 2), call->arena, payload,
		                            &problems);
		if (rc == INV_OK)
			rc = take_payload(call, c, record->number, payload);
	}
	c->more = rows->row_count == (size_t)c->limit;
	return rc;
}

static int place_order(const void *x, const void *y)
{
	const inv__balance_place *a = x, *b = y;
	int order = inv__id_compare(a->product, b->product);

	return order ? order : inv__id_compare(a->location, b->location);
}

static void make_distinct(changes *c)
{
	size_t n = 0;

	if (c->count > 0)
		qsort(c->places, c->count, sizeof *c->places, place_order);
	for (size_t i = 0; i < c->count; i++)
		if (n == 0 || place_order(&c->places[n - 1], &c->places[i]) != 0)
			c->places[n++] = c->places[i];
	c->count = n;
}

static inv_status answer(inv__call *call, changes *c)
{
	inv_changed_balances *out = inv__call_outputs(call, 1);
	inv_balance *balances = inv__arena_array(call->arena, c->count ? c->count : 1,
	                                         sizeof *balances);
	inv_status rc = out && balances ? INV_OK : inv__call_no_memory(call);

	if (rc == INV_OK && c->count > 0)
		rc = inv__balances_here_read(call, c->statement, c->places, c->count, balances);
	if (rc != INV_OK)
		return rc;
	out->position = c->position;
	out->more = c->more;
	out->balances = inv_list_of(balances, c->count, sizeof *balances);
	return INV_OK;
}

inv_status inv__decide_balance_changes(inv__call *call)
{
	const inv_changes_query *query = inv__call_input(call, 0);
	changes *c = call->state;
	inv_status rc;

	if (call->phase > 0)
		return answer(call, c);
	if (query->after == 0) {
		c->position = inv__cell_int(inv__batch_result(call->batch, c->statement), 0, 0);
		return answer(call, c);
	}
	rc = take_events(call, c);
	make_distinct(c);
	if (rc != INV_OK || c->count == 0)
		return rc == INV_OK ? answer(call, c) : rc;
	call->more = true;
	return inv__balances_here_ask(call, c->places, c->count, &c->statement);
}
