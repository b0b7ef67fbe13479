/* SPDX-License-Identifier: MIT */
/* count.enter: lines that somebody counted. Of several for one account the latest stands, by the
 * instant at which it was counted and then by the entry's id: whoever enters first or last. */
#include <stdlib.h>

#include "domain/count.h"
#include "domain/ops.h"
#include "domain/well_known.h"
#include "util/id.h"
#include "util/text.h"

/* Which of these locations are the root, or below it? */
INV__SQL(SQL_INSIDE,
         "WITH RECURSIVE up(n, id) AS (SELECT r.n, r.location FROM {rows# location:id} r"
         " UNION SELECT u.n, l.parent FROM up u JOIN location l ON ?+2 = 1 AND l.id = u.id"
         " AND l.parent <> {no_id}) SELECT u.n FROM up u WHERE u.id = ?+1");
INV__SQL(SQL_MATCH,
         "SELECT r.n, l.line FROM {rows# product:id location:id condition:int lot:text serial:text"
         " owner:id} r JOIN count_line l ON l.count = ?+1 AND l.product = r.product"
         " AND l.location = r.location AND l.condition = r.condition AND lower(l.lot) = r.lot"
         " AND lower(l.serial) = r.serial AND l.owner = r.owner");

typedef struct enter_state {
	inv__scenes scenes;
	size_t head_statement, inside_statement, match_statement;
	inv_count head;
	inv__places places;     /* by line */
	inv__products products;
	inv_count_tally *lines;
	inv__leg *legs;         /* their accounts */
	bool *inside;
	size_t count;
} enter_state;

static const inv_count_entry *input(const inv__call *call)
{
	return inv__call_input(call, 0);
}

inv_status inv__claim_count_enter(inv__call *call)
{
	const inv_table_desc *table = inv_schema_table(INV_TABLE_count);
	enter_state *s = inv__arena_zalloc(call->arena, sizeof *s);
	inv__scene_ids *wanted = inv__arena_zalloc(call->arena, sizeof *wanted);
	const inv_id *id = &input(call)->count.id;
	inv_status rc;

	if (!s || !wanted)
		return inv__call_no_memory(call);
	call->state = s;
	s->count = input(call)->lines.count;
	rc = inv__scene_claim(call, wanted, 1, &s->scenes);
	if (rc == INV_OK)
		rc = inv__rows_lock(call, table, id, 1);
	return rc == INV_OK ? inv__rows_claim(call, table, id, 1, &s->head_statement) : rc;
}

static inv_status read_head(inv__call *call, enter_state *s)
{
	const inv_rows *rows = inv__batch_result(call->batch, s->head_statement);
	inv_status rc;

	if (rows->row_count == 0)
		return inv__call_fail(call, INV_E_NOT_FOUND, 0, "count", "there is no such count");
	rc = inv__document_row(call, rows, 0, INV_RECORD_count, &s->head);
	return rc == INV_OK ? inv__count_is_open(call, &s->head, "count") : rc;
}

/* ---- what lines rest on ---- */

static inv_status claim_match(inv__call *call, enter_state *s)
{
	inv__batch *b = call->batch;
	inv_str *product, *location, *lot, *serial, *owner;
	int64_t *condition;

	s->match_statement = inv__batch_add(b, &SQL_MATCH);
	inv__batch_rows(b, s->count);
	product = inv__batch_blob_column(b);
	location = inv__batch_blob_column(b);
	condition = inv__batch_int_column(b);
	lot = inv__batch_text_column(b);
	serial = inv__batch_text_column(b);
	owner = inv__batch_blob_column(b);
	if (b->status != INV_OK)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < s->count; i++) {
		inv__batch_id_at(b, product, i, &s->legs[i].product);
		inv__batch_id_at(b, location, i, &s->legs[i].location);
		condition[i] = s->legs[i].condition;
		lot[i] = s->legs[i].lot;
		serial[i] = s->legs[i].serial;
		inv__batch_id_at(b, owner, i, &s->legs[i].owner);
	}
	inv__batch_id(b, s->head.id);
	return b->status;
}

static inv_status claim_rest(inv__call *call, enter_state *s)
{
	inv_id *places = inv__arena_array(call->arena, s->count, sizeof *places);
	inv_id *products = inv__arena_array(call->arena, s->count, sizeof *products);
	inv_status rc;

	s->lines = inv__arena_array(call->arena, s->count, sizeof *s->lines);
	s->legs = inv__arena_array(call->arena, s->count, sizeof *s->legs);
	s->inside = inv__arena_array(call->arena, s->count, sizeof *s->inside);
	if (!places || !products || !s->lines || !s->legs || !s->inside)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < s->count; i++) {
		inv_count_tally *l = &s->lines[i];

		*l = *INV_LIST_AT(input(call)->lines, inv_count_tally, i);
		l->product = inv_ref_of(l->product.id);
		l->location = inv_ref_of(inv_id_is_none(l->location.id) ? s->head.location.id
		                                                        : l->location.id);
		places[i] = l->location.id;
		products[i] = l->product.id;
		s->legs[i] = (inv__leg){.product = l->product.id, .location = l->location.id,
		                        .owner = l->owner, .condition = l->condition,
		                        .lot = inv__str_fold(call->arena, l->lot),
		                        .serial = inv__str_fold(call->arena, l->serial), .line = i};
		inv__leg_number(&s->legs[i]);
	}
	rc = inv__places_claim(call, places, s->count, &s->places);
	if (rc == INV_OK)
		rc = inv__products_claim(call, products, s->count, false, &s->products);
	s->inside_statement = inv__batch_add(call->batch, &SQL_INSIDE);
	if (rc == INV_OK)
		rc = inv__ids_claim(call, places, s->count);
	inv__batch_id(call->batch, s->head.location.id);
	inv__batch_int(call->batch, s->head.subtree);
	call->more = true;
	return rc == INV_OK ? claim_match(call, s) : rc;
}

/* ---- what lines must be ---- */

static int leg_order(const void *x, const void *y)
{
	const inv__leg *a = x, *b = y;
	int c = inv__leg_compare(a, b);

	return c ? c : (a->line > b->line) - (a->line < b->line);
}

/* One entry says once what an account holds. */
static inv_status check_twice(inv__call *call, const enter_state *s)
{
	inv__leg *sorted = inv__arena_alloc(call->arena, s->count * sizeof *sorted);

	if (!sorted)
		return inv__call_no_memory(call);
	memcpy(sorted, s->legs, s->count * sizeof *sorted);
	qsort(sorted, s->count, sizeof *sorted, leg_order);
	for (size_t i = 1; i < s->count; i++)
		if (inv__leg_compare(&sorted[i - 1], &sorted[i]) == 0)
			return inv__call_fail(call, INV_E_INVALID, 0,
			                      inv__line_field(call, "lines", sorted[i].line,
			                                      sorted[i].serial.len > 0 ? "serial" : "product"),
			                      "the entry counts it twice");
	return INV_OK;
}

static inv_status check_line(inv__call *call, const enter_state *s, size_t i)
{
	const inv_count_tally *l = &s->lines[i];
	const inv__place *place = &s->places.list[i];
	const inv__product_facts *product = &s->products.list[i];
	const inv__line_units units = {0, i, l->quantity, l->lot, l->serial, false};
	const char *field = inv__line_field(call, "lines", i, "location");
	inv_status rc = inv__line_check(call, product, &units);

	if (rc != INV_OK)
		return rc;
	if (product->stocking == INV_STOCKING_NON_STOCKED)
		return inv__call_fail(call, INV_E_STATE, 0, inv__line_field(call, "lines", i, "product"),
		                      "the product is not stocked");
	if (!place->found)
		return inv__call_fail(call, INV_E_NOT_FOUND, 0, field, "there is no such location");
	if (!s->inside[i] || !inv__kind_is_physical(place->kind))
		return inv__call_fail(call, INV_E_INVALID, 0, field, "the count is of another place");
	return INV_OK;
}

static inv_status set_instant(inv__call *call, inv_count_tally *l, size_t i)
{
	bool own = l->counted_at != 0;

	if (l->counted_at == 0)
		l->counted_at = input(call)->counted_at ? input(call)->counted_at : call->now;
	if (l->counted_at > call->now)
		return inv__call_fail(call, INV_E_INVALID, 0,
		                      own ? inv__line_field(call, "lines", i, "counted_at") : "counted_at",
		                      "nothing is counted before its time");
	return INV_OK;
}

/* Lines that are on the sheet already, and the others behind them. */
static inv_status place_lines(inv__call *call, enter_state *s)
{
	const inv_rows *rows = inv__batch_result(call->batch, s->match_statement);
	int64_t last = s->head.line_count;

	for (size_t row = 0; row < rows->row_count; row++)
		if ((size_t)inv__cell_int(rows, row, 0) < s->count)
			s->lines[inv__cell_int(rows, row, 0)].line = inv__cell_int(rows, row, 1);
	for (size_t i = 0; i < s->count; i++) {
		if (s->lines[i].line != 0)
			continue;
		s->lines[i].line = ++last;
		s->lines[i].found = 1;
	}
	return last <= INV_LIMIT_LINES
	               ? INV_OK
	               : inv__call_fail(call, INV_E_LIMIT, 0, "lines",
	                                "the count would have more lines than it may");
}

static inv_status finish(inv__call *call, enter_state *s)
{
	const inv_rows *rows = inv__batch_result(call->batch, s->inside_statement);
	inv_count_entry *out = inv__call_outputs(call, 1);
	int64_t now = call->now;
	inv__scene scene;
	int32_t date;
	bool clamped;
	inv_status rc = out ? inv__scene_read(call, &s->scenes, 0, &scene) : INV_E_NO_MEMORY;

	inv__places_read(call, &s->places);
	inv__products_read(call, &s->products);
	for (size_t row = 0; row < rows->row_count; row++)
		if ((size_t)inv__cell_int(rows, row, 0) < s->count)
			s->inside[inv__cell_int(rows, row, 0)] = true;
	for (size_t i = 0; rc == INV_OK && i < s->count; i++) {
		rc = check_line(call, s, i);
		if (rc == INV_OK)
			rc = set_instant(call, &s->lines[i], i);
	}
	if (rc == INV_OK)
		rc = check_twice(call, s);
	if (rc == INV_OK)
		rc = place_lines(call, s);
	if (rc == INV_OK)
		rc = inv__scene_instant(call, &scene, 0, &now, &date, &clamped);
	if (rc != INV_OK)
		return rc;
	out->count = inv_ref_of(s->head.id);
	out->counted_at = input(call)->counted_at ? input(call)->counted_at : call->now;
	out->counter = inv__arena_str(call->arena, input(call)->counter.len > 0 ? input(call)->counter
	                                                                        : call->actor);
	out->lines = inv_list_of(s->lines, s->count, sizeof *s->lines);
	return inv__call_event(call, INV_EVENT_count_entered, s->head.id, now, date, out);
}

inv_status inv__decide_count_enter(inv__call *call)
{
	enter_state *s = call->state;
	inv_status rc;

	if (call->phase > 0)
		return finish(call, s);
	rc = read_head(call, s);
	return rc == INV_OK ? claim_rest(call, s) : rc;
}

/* ---- apply ---- */

/* Whoever counts again takes back that the variance was accepted. */
INV__SQL(SQL_ENTER,
         "UPDATE count_line SET is_counted = 1, counted = r.counted, counted_at = r.at,"
         " counter = ?+2, entry = ?+3, accepted = 0 {where line:int counted:int at:int}"
         " count_line.count = ?+1 AND count_line.line = r.line AND (count_line.counted_at < r.at"
         " OR (count_line.counted_at = r.at AND count_line.entry < ?+3))");
INV__SQL(SQL_ENTERED,
         "UPDATE count SET state = CASE WHEN state = 0 THEN 1 ELSE state END,"
         " line_count = line_count + ?2, updated_at = ?3 WHERE id = ?1");
_Static_assert(INV_COUNT_STATE_OPEN == 0 && INV_COUNT_STATE_COUNTING == 1,
               "count_state has other numbers");

static inv_status put_found(inv__apply *apply, const inv__event *event, int64_t *found)
{
	const inv_count_entry *e = event->payload;
	inv_count_line *made = inv__arena_array(apply->arena, e->lines.count + 1, sizeof *made);
	const void **list = inv__arena_alloc(apply->arena, (e->lines.count + 1) * sizeof *list);
	inv_id *parents = inv__arena_alloc(apply->arena, (e->lines.count + 1) * sizeof *parents);
	int64_t *lines = inv__arena_alloc(apply->arena, (e->lines.count + 1) * sizeof *lines);
	size_t n = 0;

	if (!made || !list || !parents || !lines)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < e->lines.count; i++) {
		const inv_count_tally *l = INV_LIST_AT(e->lines, inv_count_tally, i);

		if (!l->found)
			continue;
		made[n] = (inv_count_line){.struct_size = sizeof *made, .product = l->product,
		                           .location = l->location, .condition = l->condition,
		                           .lot = l->lot, .serial = l->serial, .owner = l->owner,
		                           .counter = {"", 0}};
		list[n] = &made[n];
		parents[n] = e->count.id;
		lines[n++] = l->line;
	}
	*found = (int64_t)n;
	return inv__child_rows_put(apply->batch, inv_schema_table(INV_TABLE_count_line), list, parents,
	                           lines, n);
}

static inv_status put_counted(inv__apply *apply, const inv__event *event)
{
	const inv_count_entry *e = event->payload;
	inv__batch *b = apply->batch;
	int64_t *line, *counted, *at;

	inv__batch_add(b, &SQL_ENTER);
	inv__batch_rows(b, e->lines.count);
	line = inv__batch_int_column(b);
	counted = inv__batch_int_column(b);
	at = inv__batch_int_column(b);
	if (b->status != INV_OK)
		return b->status;
	for (size_t i = 0; i < e->lines.count; i++) {
		const inv_count_tally *l = INV_LIST_AT(e->lines, inv_count_tally, i);

		line[i] = l->line;
		counted[i] = l->quantity;
		at[i] = l->counted_at;
	}
	inv__batch_id(b, e->count.id);
	inv__batch_text(b, e->counter);
	inv__batch_id(b, event->id);
	return b->status;
}

inv_status inv__apply_count_entry(inv__apply *apply, const inv__event *events, size_t count)
{
	inv_status rc = INV_OK;

	for (size_t i = 0; rc == INV_OK && i < count; i++) {
		int64_t found = 0;

		rc = put_found(apply, &events[i], &found);
		if (rc == INV_OK)
			rc = put_counted(apply, &events[i]);
		if (rc != INV_OK)
			return rc;
		inv__batch_add(apply->batch, &SQL_ENTERED);
		inv__batch_id(apply->batch, ((const inv_count_entry *)events[i].payload)->count.id);
		inv__batch_int(apply->batch, found);
		inv__batch_int(apply->batch, events[i].occurred_at);
		rc = apply->batch->status;
	}
	return rc;
}
