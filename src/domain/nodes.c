/* SPDX-License-Identifier: MIT */
/* Reservations whose goods may be anywhere at or below a location. They stand beside the accounts:
 * what is available at such a location, its *node*, is what all below it can spare. A command that
 * takes goods somewhere is checked at each node above. Who changes such reservations has the
 * product for himself; what a node has is read behind the locks of the accounts. */
#include <stdlib.h>

#include "domain/nodes.h"

#include "util/id.h"
#include "util/number.h"

/* From each place upwards; above the roots is the node of everything, which is none. Of each what
 * is a node is asked for; the `whole` way up where a command makes new nodes for other places. */
#define UP \
	"WITH RECURSIVE up(n, product, node, depth, self, whole) AS (SELECT r.n, r.product," \
	" r.location, 0, r.self, r.whole" \
	" FROM {rows# product:id location:id self:int whole:int} r" \
	" UNION ALL SELECT u.n, u.product, l.parent, u.depth + 1, 0, u.whole FROM up u" \
	" JOIN location l ON l.id = u.node WHERE u.node <> {no_id})"
#define DOWN \
	"WITH RECURSIVE down(id) AS (SELECT u.node UNION SELECT l.id FROM down" \
	" JOIN location l ON l.parent = down.id) "
#define SPARE \
	"COALESCE((" DOWN "SELECT SUM(b.on_hand + b.apart_sellable - " \
	INV__HELD_NOW("b", "a.product", "a.location", "?+1") ") FROM down JOIN account a" \
	" ON a.product = u.product AND a.location = down.id AND " INV__IS_PLAIN("a") \
	" JOIN account_balance b ON b.account = a.number), 0)"
#define HELD_ANYWHERE \
	"COALESCE((" DOWN "SELECT SUM(h.open) FROM down JOIN reservation h" \
	" ON h.product = u.product AND h.location = down.id AND " INV__HELD_BELOW("h", "?+1") "), 0)"
/* Deadlines count here too: what is overdue makes no node. */
#define IS_HELD \
	"EXISTS (SELECT 1 FROM reservation y WHERE y.product = u.product" \
	" AND y.location = u.node AND " INV__HELD_BELOW("y", "?+1") ")"
INV__SQL(SQL_NODES,
         UP " SELECT u.n, u.node, u.depth, CAST(" SPARE " - " HELD_ANYWHERE " AS BIGINT),"
         " CASE WHEN " IS_HELD " THEN 1 ELSE 0 END FROM up u"
         " WHERE u.self = 1 OR u.whole = 1 OR " IS_HELD " ORDER BY u.n, u.depth");

enum { PLACE, NODE, DEPTH, AVAILABLE, HELD };

/* Two commands that take goods at different places have no account in common, and share the
 * product: where many write, those that come under one node take turns at what is held there. */
INV__SQL(SQL_TURN,
         "SELECT h.id FROM {rows product:id} r JOIN reservation h ON h.product = r.product"
         " AND h.open > 0 AND h.subtree = 1 ORDER BY h.id {lock_of h}");

static inv_status take_turns(inv__call *call, const inv__node_place *places, size_t count)
{
	inv__batch *b = call->batch;
	inv_str *product;

	if (!call->locks)
		return INV_OK;
	inv__batch_add(b, &SQL_TURN);
	inv__batch_rows(b, count);
	product = inv__batch_blob_column(b);
	for (size_t i = 0; product && i < count; i++)
		inv__batch_id_at(b, product, i, &places[i].product);
	return product ? INV_OK : inv__call_no_memory(call);
}

static int pair_order(const inv_id *product, const inv_id *location, const inv_id *other_product,
                      const inv_id *other_location)
{
	int c = inv__id_compare(*product, *other_product);

	return c ? c : inv__id_compare(*location, *other_location);
}

static int place_order(const void *x, const void *y)
{
	const inv__node_place *a = x, *b = y;

	return pair_order(&a->product, &a->location, &b->product, &b->location);
}

/* In order, each place once; a node if any of its kind is to be one. */
static size_t distinct(inv__node_place *places, size_t count)
{
	size_t n = 0;

	if (count > 0)
		qsort(places, count, sizeof *places, place_order);
	for (size_t i = 0; i < count; i++) {
		bool self = places[i].self;

		if (n == 0 || place_order(&places[n - 1], &places[i]) != 0) {
			places[n++] = places[i];
			continue;
		}
		places[n - 1].self |= self;
	}
	return n;
}

static const inv__node_place *place_at(const inv__nodes *nodes, const inv_id *product,
                                       const inv_id *location)
{
	const inv__node_place key = {*product, *location, false};

	return nodes->place_count == 0 ? NULL
	                               : bsearch(&key, nodes->places, nodes->place_count, sizeof key,
	                                         place_order);
}

inv_status inv__nodes_ask(inv__call *call, inv__node_place *places, size_t count, inv__nodes *out)
{
	inv__batch *b = call->batch;
	inv_str *product, *location;
	int64_t *self, *whole;
	bool makes = false;

	memset(out, 0, sizeof *out);
	count = distinct(places, count);
	if (count == 0)
		return INV_OK;
	out->asked = true;
	out->places = places;
	out->place_count = count;
	if (take_turns(call, places, count) != INV_OK)
		return INV_E_NO_MEMORY;
	out->statement = inv__batch_add(b, &SQL_NODES);
	inv__batch_rows(b, count);
	product = inv__batch_blob_column(b);
	location = inv__batch_blob_column(b);
	self = inv__batch_int_column(b);
	whole = inv__batch_int_column(b);
	if (!product || !location || !self || !whole)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++)
		makes |= places[i].self;
	for (size_t i = 0; i < count; i++) {
		whole[i] = makes && count > 1;
		inv__batch_id_at(b, product, i, &places[i].product);
		inv__batch_id_at(b, location, i, &places[i].location);
		self[i] = places[i].self;
	}
	inv__batch_int(b, call->now);
	return b->status == INV_OK ? INV_OK : inv__call_no_memory(call);
}

/* Something is held there, or the command is to hold it. */
static bool is_node(const inv__nodes *nodes, const inv__node *node, bool held)
{
	const inv__node_place *place = held ? NULL
	                                    : place_at(nodes, &node->product, &node->location);

	return held || (place && place->self);
}

static int node_order(const void *x, const void *y)
{
	const inv__node *a = *(inv__node *const *)x, *b = *(inv__node *const *)y;
	int c = pair_order(&a->product, &a->location, &b->product, &b->location);

	return c ? c : (a > b) - (a < b);
}

/* One node stands in the list for each place below it: the first of them keeps the sum. */
static inv_status find_firsts(inv__call *call, inv__nodes *nodes)
{
	inv__node **sorted = inv__arena_array(call->arena, nodes->count + 1, sizeof(inv__node *));

	if (!sorted)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < nodes->count; i++)
		sorted[i] = &nodes->list[i];
	qsort(sorted, nodes->count, sizeof(inv__node *), node_order);
	for (size_t i = 0; i < nodes->count; i++) {
		const inv__node *before = i > 0 ? sorted[i - 1] : NULL;
		bool same = before && inv__id_equal(before->product, sorted[i]->product) &&
		            inv__id_equal(before->location, sorted[i]->location);

		sorted[i]->first = same ? before->first : (size_t)(sorted[i] - nodes->list);
	}
	return INV_OK;
}

inv_status inv__nodes_read(inv__call *call, inv__nodes *nodes)
{
	const inv_rows *rows;

	if (!nodes->asked)
		return INV_OK;
	nodes->asked = false;
	rows = inv__batch_result(call->batch, nodes->statement);
	nodes->list = inv__arena_array(call->arena, rows->row_count ? rows->row_count : 1,
	                               sizeof *nodes->list);
	if (!nodes->list)
		return inv__call_no_memory(call);
	for (size_t row = 0; row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, PLACE);
		inv__node *node = &nodes->list[nodes->count];

		if (n >= nodes->place_count)
			return inv__call_fail(call, INV_E_INTERNAL, 0, NULL, "a row belongs to no place");
		*node = (inv__node){.place = n,
		                    .product = nodes->places[n].product,
		                    .location = inv__cell_id(rows, row, NODE),
		                    .depth = inv__cell_int(rows, row, DEPTH),
		                    .available = inv__cell_int(rows, row, AVAILABLE)};
		nodes->count += is_node(nodes, node, inv__cell_int(rows, row, HELD) != 0);
	}
	return find_firsts(call, nodes);
}

/* The first node of a place, or of those behind it: they stand in the order of places. */
static size_t nodes_from(const inv__nodes *nodes, size_t place)
{
	size_t low = 0, high = nodes->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (nodes->list[mid].place < place)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const inv__node *inv__node_of(const inv__nodes *nodes, const inv_id *product,
                              const inv_id *location, const inv_id *at)
{
	const inv__node_place *place = place_at(nodes, product, location);
	size_t n = place ? (size_t)(place - nodes->places) : SIZE_MAX;

	for (size_t i = nodes_from(nodes, n); i < nodes->count && nodes->list[i].place == n; i++)
		if (inv__id_equal(nodes->list[i].location, *at))
			return &nodes->list[i];
	return NULL;
}

static inv_status too_much(inv__call *call, const inv__node_change *change)
{
	return inv__call_fail(call, INV_E_LIMIT, change->input,
	                      inv__line_field(call, "lines", change->line, "quantity"),
	                      "the place would hold more than can be counted");
}

inv_status inv__nodes_change(inv__call *call, inv__nodes *nodes, const inv__node_change *change)
{
	const inv__node_place *place = place_at(nodes, &change->product, &change->location);
	const inv__node *freed = NULL;
	size_t n = place ? (size_t)(place - nodes->places) : SIZE_MAX;

	if (change->freed != 0)
		freed = inv__node_of(nodes, &change->product, &change->location, &change->freed_at);
	for (size_t i = nodes_from(nodes, n); i < nodes->count && nodes->list[i].place == n; i++) {
		const inv__node *node = &nodes->list[i];
		inv__node *sum = &nodes->list[node->first];
		/* What was held there was held of everything above it too. */
		int64_t more = freed && node->depth >= freed->depth ? change->freed : 0, after;

		if (!inv__add(sum->net, change->spare, &sum->net) ||
		    !inv__add(sum->net, more, &sum->net) ||
		    !inv__add(sum->available, sum->net, &after) || after > INV_LIMIT_QUANTITY ||
		    after < -INV_LIMIT_QUANTITY)
			return too_much(call, change);
		if (!sum->touched || change->spare < 0) {
			sum->input = change->input;
			sum->line = change->line;
			sum->part_sku = change->part_sku;
		}
		sum->touched = true;
	}
	return INV_OK;
}

inv_status inv__nodes_guard(inv__call *call, inv__guard_rule rule, const inv__nodes *nodes)
{
	int64_t floor = rule.guard == INV_GUARD_BACKORDER ? -rule.limit : 0;
	char there[24], wanted[128];

	if (rule.guard == INV_GUARD_OBSERVE || rule.asserts)
		return INV_OK;
	for (size_t i = 0; i < nodes->count; i++) {
		const inv__node *node = &nodes->list[i];
		int64_t spare = node->available - floor;

		if (!node->touched || node->net >= 0 || node->available + node->net >= floor)
			continue;
		inv__decimal_format(spare > 0 ? spare : 0, 6, there);
		inv__wanted_format(node->part_sku, -node->net, wanted);
		return inv__call_fail(call, INV_E_INSUFFICIENT, node->input,
		                      inv__line_field(call, "lines", node->line, "quantity"),
		                      "%s is wanted, but only %s is available: goods here are reserved as"
		                      " part of a larger place", wanted, there);
	}
	return INV_OK;
}
