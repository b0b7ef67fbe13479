/* SPDX-License-Identifier: MIT */
/* Reservations whose goods may be anywhere at or below a location. They stand beside the accounts:
 * what is available at such a location, its *node*, is what all below it can spare. A command that
 * takes goods somewhere is checked at each node above. Who changes such reservations has the
 * product for himself; what a node has is read behind the locks of the accounts. */
#include "domain/nodes.h"

#include "util/id.h"
#include "util/number.h"

/* From each place upwards; above the roots is the node of everything, which is none. */
#define UP \
	"WITH RECURSIVE up(n, product, node, depth, self) AS (SELECT r.n, r.product, r.location, 0," \
	" r.self FROM {rows# product:id location:id self:int} r" \
	" UNION ALL SELECT u.n, u.product, l.parent, u.depth + 1, 0 FROM up u" \
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
INV__SQL(SQL_NODES,
         UP " SELECT u.n, u.node, u.depth, CAST(" SPARE " - " HELD_ANYWHERE " AS BIGINT) FROM up u"
         " WHERE u.self = 1 OR EXISTS (SELECT 1 FROM reservation y WHERE y.product = u.product"
         " AND y.location = u.node AND y.open > 0 AND y.subtree = 1) ORDER BY u.n, u.depth");

/* Each place once; a node if any of its kind is to be one. */
static size_t distinct(inv__node_place *places, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		size_t k = 0;

		while (k < n && (!inv__id_equal(places[k].product, places[i].product) ||
		                 !inv__id_equal(places[k].location, places[i].location)))
			k++;
		if (k == n)
			places[n++] = places[i];
		places[k].self |= places[i].self;
	}
	return n;
}

inv_status inv__nodes_ask(inv__call *call, inv__node_place *places, size_t count, inv__nodes *out)
{
	inv__batch *b = call->batch;
	inv_str *product, *location;
	int64_t *self;

	memset(out, 0, sizeof *out);
	count = distinct(places, count);
	if (count == 0)
		return INV_OK;
	out->asked = true;
	out->places = places;
	out->place_count = count;
	out->statement = inv__batch_add(b, &SQL_NODES);
	inv__batch_rows(b, count);
	product = inv__batch_blob_column(b);
	location = inv__batch_blob_column(b);
	self = inv__batch_int_column(b);
	if (!product || !location || !self)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++) {
		inv__batch_id_at(b, product, i, &places[i].product);
		inv__batch_id_at(b, location, i, &places[i].location);
		self[i] = places[i].self;
	}
	inv__batch_int(b, call->now);
	return b->status == INV_OK ? INV_OK : inv__call_no_memory(call);
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
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n >= nodes->place_count)
			return inv__call_fail(call, INV_E_INTERNAL, 0, NULL, "a row belongs to no place");
		nodes->list[nodes->count++] = (inv__node){.place = n,
		                                          .product = nodes->places[n].product,
		                                          .location = inv__cell_id(rows, row, 1),
		                                          .depth = inv__cell_int(rows, row, 2),
		                                          .available = inv__cell_int(rows, row, 3)};
	}
	return INV_OK;
}

const inv__node *inv__node_of(const inv__nodes *nodes, const inv_id *product,
                              const inv_id *location, const inv_id *at)
{
	for (size_t i = 0; i < nodes->count; i++) {
		const inv__node *node = &nodes->list[i];
		const inv__node_place *place = &nodes->places[node->place];

		if (inv__id_equal(place->product, *product) && inv__id_equal(place->location, *location) &&
		    inv__id_equal(node->location, *at))
			return node;
	}
	return NULL;
}

/* One node stands in the list for each place below it: the first of them keeps the sum. */
static inv__node *first_of(inv__nodes *nodes, const inv__node *node)
{
	for (size_t i = 0; i < nodes->count; i++)
		if (inv__id_equal(nodes->list[i].product, node->product) &&
		    inv__id_equal(nodes->list[i].location, node->location))
			return &nodes->list[i];
	return NULL;
}

void inv__nodes_change(inv__nodes *nodes, const inv__node_change *change)
{
	const inv__node *freed = change->freed != 0
	                                 ? inv__node_of(nodes, &change->product, &change->location,
	                                                &change->freed_at)
	                                 : NULL;

	for (size_t i = 0; i < nodes->count; i++) {
		const inv__node *node = &nodes->list[i];
		const inv__node_place *place = &nodes->places[node->place];
		inv__node *sum;

		if (!inv__id_equal(place->product, change->product) ||
		    !inv__id_equal(place->location, change->location))
			continue;
		sum = first_of(nodes, node);
		sum->net += change->spare;
		/* What was held there was held of everything above it too. */
		if (freed && node->depth >= freed->depth)
			sum->net += change->freed;
		if (!sum->touched || change->spare < 0) {
			sum->input = change->input;
			sum->line = change->line;
		}
		sum->touched = true;
	}
}

inv_status inv__nodes_guard(inv__call *call, inv__guard_rule rule, const inv__nodes *nodes)
{
	int64_t floor = rule.guard == INV_GUARD_BACKORDER ? -rule.limit : 0;
	char there[24], wanted[24];

	if (rule.guard == INV_GUARD_OBSERVE || rule.asserts)
		return INV_OK;
	for (size_t i = 0; i < nodes->count; i++) {
		const inv__node *node = &nodes->list[i];
		int64_t spare = node->available - floor;

		if (!node->touched || node->net >= 0 || node->available + node->net >= floor)
			continue;
		inv__decimal_format(spare > 0 ? spare : 0, 6, there);
		inv__decimal_format(-node->net, 6, wanted);
		return inv__call_fail(call, INV_E_INSUFFICIENT, node->input,
		                      inv__line_field(call, "lines", node->line, "quantity"),
		                      "%s is wanted, but only %s is available: goods here are reserved as"
		                      " part of a larger place", wanted, there);
	}
	return INV_OK;
}
