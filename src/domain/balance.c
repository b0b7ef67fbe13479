/* SPDX-License-Identifier: MIT */
/* What is on hand of products: sums over accounts, of what they hold or held at an instant. */
#include "domain/levels.h"
#include "domain/ops.h"
#include "util/number.h"

/* ---- balance.get: which question needs which statement ---- */

enum { HERE, SUBTREE, EVERYWHERE, PLACES };
enum { NOW, AS_OF, KNOWN, TIMES };
#define FORMS (PLACES * TIMES)

/* Every statement gives rows of an input's number and then on hand, sellable, reserved, or of the
 * past what an account held and its condition; they are added up. `plain` is the number of the
 * plain account, which tells of all others there: one seek. */
#define ROWS_HERE "{rows# plain:int product:id location:id} r"
#define ROWS_NOW "{rows# product:id location:id} r"
#define ROWS_AS_OF "{rows# product:id location:id as_of:int} r"
#define ROWS_KNOWN "{rows# product:id location:id as_of:int known_at:int} r"
/* `columns` of a tree, which `from_rows` takes from the rowset. */
#define BELOW(columns, from_rows, rows) \
	"WITH RECURSIVE tree(n, product" columns ", id) AS (SELECT r.n, r.product" from_rows \
	", r.location FROM " rows " UNION SELECT b.n, b.product" columns \
	", l.id FROM tree b JOIN location l ON l.parent = b.id) "
#define ON_HAND "b.on_hand + b.apart"
#define SELLABLE "b.on_hand + b.apart_sellable"
#define HELD_AT(n, at) "SELECT " n ", " INV__PAST("a.number", at) ", a.condition"
#define HELD_KNOWN \
	"SELECT k.n, " INV__PAST("a.number", "k.sealed") " + " \
	INV__KNOWN_BEHIND("a.number", "k.sealed", "k.as_of", "k.known_at") ", a.condition"
/* What was known at an instant is looked up once, not for each account. */
#define KNOWN_ROWS(columns, from_rows) \
	"k(n, product, sealed, as_of, known_at" columns ") AS MATERIALIZED (SELECT r.n, r.product, " \
	INV__KNOWN_UNTIL("r.known_at", "r.as_of") ", r.as_of, r.known_at" from_rows \
	" FROM " ROWS_KNOWN ")"

/* The read that counts most is for one input a statement of its own, without a rowset. Rowsets are
 * CROSS JOINed: that fixes the order of the loops, and no database puts each row into a table of
 * its own first. */
_Static_assert(INV_CONDITION_SELLABLE == 0, "condition has other numbers");
INV__SQL(here_now_one, "SELECT 0, " ON_HAND ", " SELLABLE ", " INV__HELD_NOW("b", "?2", "?3", "?4")
         " FROM account_balance b WHERE b.account = ?1");
INV__SQL(here_now, "SELECT r.n, " ON_HAND ", " SELLABLE ", "
         INV__HELD_NOW("b", "r.product", "r.location", "?+1") " FROM " ROWS_HERE
         " CROSS JOIN account_balance b WHERE b.account = r.plain");
INV__SQL(here_as_of, HELD_AT("r.n", "r.as_of") " FROM " ROWS_AS_OF
         " CROSS JOIN account a WHERE a.product = r.product AND a.location = r.location");
INV__SQL(here_known, "WITH " KNOWN_ROWS(", location", ", r.location") " " HELD_KNOWN
         " FROM k CROSS JOIN account a WHERE a.product = k.product AND a.location = k.location");
INV__SQL(below_now, BELOW("", "", ROWS_NOW)
         "SELECT t.n, " ON_HAND ", " SELLABLE ", "
         INV__HELD_NOW("b", "a.product", "a.location", "?+1") " FROM tree t"
         " CROSS JOIN account a CROSS JOIN account_balance b WHERE a.product = t.product"
         " AND a.location = t.id AND " INV__IS_PLAIN("a") " AND b.account = a.number"
         " UNION ALL SELECT t.n, 0, 0, h.open FROM tree t CROSS JOIN reservation h"
         " WHERE h.product = t.product AND h.location = t.id AND " INV__HELD_BELOW("h", "?+1"));
INV__SQL(below_as_of, BELOW(", as_of", ", r.as_of", ROWS_AS_OF) HELD_AT("t.n", "t.as_of")
         " FROM tree t CROSS JOIN account a WHERE a.product = t.product AND a.location = t.id");
INV__SQL(below_known, "WITH RECURSIVE " KNOWN_ROWS(", location", ", r.location")
         ", tree(n, id) AS (SELECT k.n, k.location FROM k UNION SELECT b.n, l.id FROM tree b"
         " JOIN location l ON l.parent = b.id) " HELD_KNOWN " FROM k CROSS JOIN tree t"
         " CROSS JOIN account a WHERE t.n = k.n AND a.product = k.product AND a.location = t.id");
INV__SQL(everywhere_now, "SELECT r.n, " ON_HAND ", " SELLABLE ", "
         INV__HELD_NOW("b", "a.product", "a.location", "?+1") " FROM " ROWS_NOW
         " CROSS JOIN account a CROSS JOIN account_balance b WHERE a.product = r.product AND "
         INV__IS_PLAIN("a") " AND b.account = a.number"
         " UNION ALL SELECT r.n, 0, 0, h.open FROM " ROWS_NOW
         " CROSS JOIN reservation h WHERE h.product = r.product AND " INV__HELD_BELOW("h", "?+1"));
INV__SQL(everywhere_as_of, HELD_AT("r.n", "r.as_of") " FROM " ROWS_AS_OF
         " CROSS JOIN account a WHERE a.product = r.product");
INV__SQL(everywhere_known, "WITH " KNOWN_ROWS("", "") " " HELD_KNOWN
         " FROM k CROSS JOIN account a WHERE a.product = k.product");

/* A virtual location holds no accounts: what went there is what moves name as their other side. It
 * is asked for where nothing was found, and for physical locations it finds nothing either. */
_Static_assert(INV_LOCATION_KIND_INTERNAL == 0 && INV_LOCATION_KIND_TRANSIT == 1,
               "location_kind has other numbers");
INV__SQL(far_sides, "WITH RECURSIVE tree(n, product, deep, as_of, known_at, id) AS ("
         "SELECT r.n, r.product, r.deep, r.as_of, r.known_at, l.id FROM"
         " {rows# product:id location:id deep:int as_of:int known_at:int} r"
         " JOIN location l ON l.id = r.location AND l.kind > 1"
         " UNION SELECT t.n, t.product, t.deep, t.as_of, t.known_at, l.id FROM tree t"
         " JOIN location l ON t.deep = 1 AND l.parent = t.id AND l.kind > 1)"
         " SELECT t.n, CAST(-SUM(m.quantity) AS BIGINT), CAST(-SUM("
         "CASE WHEN m.other_condition = 0 THEN m.quantity ELSE 0 END) AS BIGINT), 0 FROM tree t"
         " CROSS JOIN move m WHERE m.product = t.product AND m.other_location = t.id"
         " AND m.occurred_at <= t.as_of AND (t.known_at = 0 OR EXISTS ("
         "SELECT 1 FROM event e WHERE e.id = m.event AND e.known_at <= t.known_at))"
         " GROUP BY t.n");

/* What transfers bring and take: lines that are still expected, by the locations of each input.
 * Below none stand the roots, and with them everything. */
INV__SQL(expected_now, "WITH RECURSIVE tree(n, product, deep, id) AS ("
         "SELECT r.n, r.product, r.deep, r.location FROM"
         " {rows# product:id location:id deep:int} r"
         " UNION SELECT t.n, t.product, t.deep, l.id FROM tree t"
         " JOIN location l ON t.deep = 1 AND l.parent = t.id)"
         " SELECT t.n, CAST(SUM(CASE WHEN h.to_location = t.id THEN l.quantity - l.cancelled"
         " - l.received - l.damaged - l.lost - l.returned ELSE 0 END) AS BIGINT),"
         " CAST(SUM(CASE WHEN h.from_location = t.id THEN l.quantity - l.cancelled - l.shipped"
         " ELSE 0 END) AS BIGINT) FROM tree t CROSS JOIN transfer_line l"
         " CROSS JOIN transfer h WHERE l.product = t.product AND " INV__TRANSFER_EXPECTED("l")
         " AND h.id = l.transfer AND h.state IN (1, 2)"
         " AND (h.to_location = t.id OR h.from_location = t.id) GROUP BY t.n");
_Static_assert(INV_TRANSFER_STATE_REQUESTED == 1 && INV_TRANSFER_STATE_SHIPPED == 2,
               "transfer_state has other numbers");

static const inv__sql *const forms[FORMS] = {
	&here_now,  &here_as_of,  &here_known,     &below_now,        &below_as_of,
	&below_known, &everywhere_now, &everywhere_as_of, &everywhere_known,
};

typedef struct get_group {
	size_t count;
	size_t statement;
	size_t *inputs; /* which input a row belongs to; NULL = the row's own number */
} get_group;

typedef struct get_plan {
	get_group groups[FORMS];
	get_group far;     /* inputs that found nothing */
	get_group expected; /* inputs that ask for it */
	bool *found;       /* by input */
} get_plan;

/* Where to look: none is the session's location, unless everything below is asked for. */
static inv_id place_of(const inv__call *call, const inv_balance_query *query)
{
	if (!inv_id_is_none(query->location.id) || query->subtree)
		return query->location.id;
	return call->session.location;
}

static size_t form_of(const inv_balance_query *query)
{
	size_t place = HERE, time = NOW;

	if (query->subtree)
		place = inv_id_is_none(query->location.id) ? EVERYWHERE : SUBTREE;
	if (query->known_at)
		time = KNOWN;
	else if (query->as_of)
		time = AS_OF;
	return place * TIMES + time;
}

static inv_status check_expected(inv__call *call, size_t i, const inv_balance_query *query)
{
	if (query->expected && (query->as_of || query->known_at))
		return inv__call_fail(call, INV_E_INVALID, i, "expected",
		                      "what is expected is known for now only");
	return INV_OK;
}

static inv_status count_forms(inv__call *call, get_plan *plan)
{
	for (size_t i = 0; i < call->count; i++) {
		const inv_balance_query *query = inv__call_input(call, i);

		call->positions |= query->known_at != 0;
		if (inv_id_is_none(query->product.id))
			return inv__call_fail(call, INV_E_INVALID, i, "product", "a product must be given");
		if (check_expected(call, i, query) != INV_OK)
			return INV_E_INVALID;
		plan->groups[form_of(query)].count++;
		plan->expected.count += query->expected;
	}
	return INV_OK;
}

/* The number of the plain account of a product at a place. */
static int64_t plain_account(inv_id product, inv_id location)
{
	inv__leg leg = {.product = product, .location = location};

	inv__leg_number(&leg);
	return leg.account;
}

static void add_one(inv__call *call, get_group *group)
{
	const inv_balance_query *query = inv__call_input(call, 0);

	group->statement = inv__batch_add(call->batch, &here_now_one);
	inv__batch_int(call->batch, plain_account(query->product.id, place_of(call, query)));
	inv__batch_id(call->batch, query->product.id);
	inv__batch_id(call->batch, place_of(call, query));
	inv__batch_int(call->batch, call->now);
}

/* The statement of one form, with the inputs of that form as its rows. */
static inv_status add_group(inv__call *call, get_group *group, size_t form)
{
	inv__batch *batch = call->batch;
	bool is_here = form == HERE * TIMES + NOW;
	inv_str *product, *location;
	int64_t *plain, *as_of, *known_at;
	size_t row = 0;

	if (group->count < call->count) {
		group->inputs = inv__arena_array(call->arena, group->count, sizeof *group->inputs);
		if (!group->inputs)
			return inv__call_no_memory(call);
	}
	group->statement = inv__batch_add(batch, forms[form]);
	inv__batch_rows(batch, group->count);
	plain = is_here ? inv__batch_int_column(batch) : NULL;
	product = inv__batch_blob_column(batch);
	location = inv__batch_blob_column(batch);
	as_of = form % TIMES >= AS_OF ? inv__batch_int_column(batch) : NULL;
	known_at = form % TIMES == KNOWN ? inv__batch_int_column(batch) : NULL;
	if (batch->status != INV_OK)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		const inv_balance_query *query = inv__call_input(call, i);
		inv_id place = place_of(call, query);

		if (form_of(query) != form)
			continue;
		if (plain)
			plain[row] = plain_account(query->product.id, place);
		inv__batch_id_at(batch, product, row, &query->product.id);
		inv__batch_id_at(batch, location, row, &place);
		if (as_of)
			as_of[row] = query->as_of ? query->as_of : INT64_MAX;
		if (known_at)
			known_at[row] = query->known_at;
		if (group->inputs)
			group->inputs[row] = i;
		row++;
	}
	if (form % TIMES == NOW)
		inv__batch_int(batch, call->now);
	return batch->status == INV_OK ? INV_OK : inv__call_no_memory(call);
}

/* Inputs as product, place, and whether what is below it counts. */
static inv_status add_places(inv__call *call, const get_group *group)
{
	inv__batch *batch = call->batch;
	inv_str *product, *location;
	int64_t *deep;

	inv__batch_rows(batch, group->count);
	product = inv__batch_blob_column(batch);
	location = inv__batch_blob_column(batch);
	deep = inv__batch_int_column(batch);
	if (batch->status != INV_OK)
		return inv__call_no_memory(call);
	for (size_t row = 0; row < group->count; row++) {
		const inv_balance_query *query = inv__call_input(call, group->inputs[row]);
		inv_id place = place_of(call, query);

		inv__batch_id_at(batch, product, row, &query->product.id);
		inv__batch_id_at(batch, location, row, &place);
		deep[row] = query->subtree ? 1 : 0;
	}
	return batch->status;
}

static inv_status add_expected(inv__call *call, get_group *group)
{
	size_t n = 0;

	if (group->count == 0)
		return INV_OK;
	group->inputs = inv__arena_array(call->arena, group->count, sizeof *group->inputs);
	if (!group->inputs)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++)
		if (((const inv_balance_query *)inv__call_input(call, i))->expected)
			group->inputs[n++] = i;
	group->statement = inv__batch_add(call->batch, &expected_now);
	return add_places(call, group);
}

inv_status inv__claim_balance_get(inv__call *call)
{
	get_plan *plan = inv__arena_zalloc(call->arena, sizeof *plan);
	inv_status rc;

	if (!plan)
		return inv__call_no_memory(call);
	call->state = plan;
	plan->found = inv__arena_array(call->arena, call->count, sizeof *plan->found);
	if (!plan->found)
		return inv__call_no_memory(call);
	rc = count_forms(call, plan);
	if (rc == INV_OK && call->count == 1 && plan->groups[HERE * TIMES + NOW].count == 1) {
		add_one(call, &plan->groups[HERE * TIMES + NOW]);
		return call->batch->status == INV_OK ? add_expected(call, &plan->expected)
		                                     : call->batch->status;
	}
	for (size_t form = 0; rc == INV_OK && form < FORMS; form++)
		if (plan->groups[form].count)
			rc = add_group(call, &plan->groups[form], form);
	return rc == INV_OK ? add_expected(call, &plan->expected) : rc;
}

/* A row of the past gives the condition in the place of what is sellable. */
static int64_t sellable_of(const inv_rows *rows, size_t row, bool past)
{
	if (past && inv__cell_int(rows, row, 2) != INV_CONDITION_SELLABLE)
		return 0;
	return inv__cell_int(rows, row, past ? 1 : 2);
}

/* Add a row up. Sums of parts may overflow where the whole does not. */
static inv_status add_row(inv__call *call, const inv_rows *rows, size_t row, bool past,
                          size_t input, inv_balance *out)
{
	if (!inv__add(out->on_hand, inv__cell_int(rows, row, 1), &out->on_hand) ||
	    !inv__add(out->sellable, sellable_of(rows, row, past), &out->sellable) ||
	    !inv__add(out->reserved, past ? 0 : inv__cell_int(rows, row, 3), &out->reserved))
		return inv__call_fail(call, INV_E_LIMIT, input, "on_hand",
		                      "the sum is more than can be counted");
	return INV_OK;
}

static inv_status read_group(inv__call *call, get_plan *plan, const get_group *group, bool past,
                             inv_balance *outputs)
{
	const inv_rows *rows = inv__batch_result(call->batch, group->statement);
	inv_status rc = INV_OK;

	for (size_t row = 0; rc == INV_OK && row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n >= group->count)
			return inv__call_fail(call, INV_E_INTERNAL, 0, NULL, "a row belongs to no input");
		n = group->inputs ? group->inputs[n] : n;
		plan->found[n] = true;
		rc = add_row(call, rows, row, past, n, &outputs[n]);
	}
	return rc;
}

static inv_status read_expected(inv__call *call, const get_group *group, inv_balance *outputs)
{
	const inv_rows *rows = inv__batch_result(call->batch, group->statement);

	for (size_t row = 0; group->count > 0 && row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n >= group->count)
			return inv__call_fail(call, INV_E_INTERNAL, 0, NULL, "a row belongs to no input");
		outputs[group->inputs[n]].incoming = inv__cell_int(rows, row, 1);
		outputs[group->inputs[n]].outgoing = inv__cell_int(rows, row, 2);
	}
	return INV_OK;
}

/* Ask for the far sides of inputs that found nothing; call->more where there are any. */
static inv_status add_far(inv__call *call, get_plan *plan)
{
	inv__batch *batch = call->batch;
	get_group *far = &plan->far;
	inv_str *product, *location;
	int64_t *deep, *as_of, *known_at;

	far->inputs = inv__arena_array(call->arena, call->count, sizeof *far->inputs);
	if (!far->inputs)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++)
		if (!plan->found[i] && !inv_id_is_none(place_of(call, inv__call_input(call, i))))
			far->inputs[far->count++] = i;
	if (far->count == 0)
		return INV_OK;
	far->statement = inv__batch_add(batch, &far_sides);
	inv__batch_rows(batch, far->count);
	product = inv__batch_blob_column(batch);
	location = inv__batch_blob_column(batch);
	deep = inv__batch_int_column(batch);
	as_of = inv__batch_int_column(batch);
	known_at = inv__batch_int_column(batch);
	if (batch->status != INV_OK)
		return inv__call_no_memory(call);
	for (size_t row = 0; row < far->count; row++) {
		const inv_balance_query *query = inv__call_input(call, far->inputs[row]);
		inv_id place = place_of(call, query);

		inv__batch_id_at(batch, product, row, &query->product.id);
		inv__batch_id_at(batch, location, row, &place);
		deep[row] = query->subtree ? 1 : 0;
		as_of[row] = query->as_of ? query->as_of : INT64_MAX;
		known_at[row] = query->known_at;
	}
	call->more = true;
	return batch->status;
}

static inv_status read_groups(inv__call *call, get_plan *plan, inv_balance *outputs)
{
	inv_status rc = INV_OK;

	if (call->phase > 0)
		return read_group(call, plan, &plan->far, false, outputs);
	for (size_t form = 0; rc == INV_OK && form < FORMS; form++)
		if (plan->groups[form].count)
			rc = read_group(call, plan, &plan->groups[form], form % TIMES != NOW, outputs);
	if (rc == INV_OK)
		rc = read_expected(call, &plan->expected, outputs);
	return rc == INV_OK ? add_far(call, plan) : rc;
}

inv_status inv__decide_balance_get(inv__call *call)
{
	get_plan *plan = call->state;
	inv_balance *outputs = call->phase > 0 ? call->outputs : inv__call_outputs(call, call->count);
	inv_status rc;

	if (!outputs)
		return inv__call_no_memory(call);
	rc = read_groups(call, plan, outputs);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++) {
		const inv_balance_query *query = inv__call_input(call, i);
		inv_balance *out = &outputs[i];

		out->product.id = query->product.id;
		out->location.id = place_of(call, query);
		out->available = out->sellable - out->reserved;
	}
	return rc;
}

/* ---- many at once ---- */

inv_status inv__balances_here_ask(inv__call *call, const inv__balance_place *places, size_t count,
                                  size_t *statement)
{
	inv__batch *batch = call->batch;
	inv_str *product, *location;
	int64_t *plain;

	*statement = inv__batch_add(batch, &here_now);
	inv__batch_rows(batch, count);
	plain = inv__batch_int_column(batch);
	product = inv__batch_blob_column(batch);
	location = inv__batch_blob_column(batch);
	if (batch->status != INV_OK)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++) {
		plain[i] = plain_account(places[i].product, places[i].location);
		inv__batch_id_at(batch, product, i, &places[i].product);
		inv__batch_id_at(batch, location, i, &places[i].location);
	}
	inv__batch_int(batch, call->now);
	return batch->status == INV_OK ? INV_OK : inv__call_no_memory(call);
}

inv_status inv__balances_here_read(inv__call *call, size_t statement,
                                   const inv__balance_place *places, size_t count,
                                   inv_balance *out)
{
	const inv_rows *rows = inv__batch_result(call->batch, statement);
	inv_status rc = INV_OK;

	for (size_t i = 0; i < count; i++) {
		out[i].struct_size = sizeof out[i];
		out[i].product = inv_ref_of(places[i].product);
		out[i].location = inv_ref_of(places[i].location);
	}
	for (size_t row = 0; rc == INV_OK && row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n >= count)
			return inv__call_fail(call, INV_E_INTERNAL, 0, NULL, "a row belongs to no input");
		rc = add_row(call, rows, row, false, 0, &out[n]);
		out[n].available = out[n].sellable - out[n].reserved;
	}
	return rc;
}
