/* SPDX-License-Identifier: MIT */
/* Picking as part of an issue. */
#include "domain/stock_lines.h"
#include "util/id.h"
#include "util/text.h"

/* ---- which lines ---- */

static bool is_open(const inv_stock_line *line)
{
	return line->lot.len == 0 && line->serial.len == 0;
}

static bool picks(const inv_stock_line *line, const inv__product_facts *product)
{
	return inv__picks_line(product, line->lot, line->serial);
}

static inv__pick_spot spot_of(const inv__call *call, const inv_stock_entry *entry,
                              const inv_stock_line *line)
{
	inv_id here = inv_id_is_none(line->location.id) ? call->session.location : line->location.id;

	return (inv__pick_spot){.product = line->product.id, .location = here, .owner = line->owner,
	                        .condition = line->condition,
	                        .at = inv__scene_foretell(call, entry->occurred_at)};
}

/* Most issues have none. */
static size_t count_wants(const inv__call *call, const inv__stock_state *s)
{
	const inv__product_facts *product = s->products.list;
	size_t n = 0;

	for (size_t i = 0; i < call->count; i++)
		for (size_t j = 0; j < s->entries[i].lines.count; j++, product++)
			n += picks(INV_LIST_AT(s->entries[i].lines, inv_stock_line, j), product);
	return n;
}

/* Goods are picked in base units. */
static inv_status to_base(inv__call *call, const inv__stock_state *s, inv__pick_want *want,
                          size_t from)
{
	const inv__stock_ask ask = inv__stock_ask_of(s, INV_POSTING_KIND_ISSUE, want->input,
	                                             want->line, from);

	return inv__stock_base(call, &ask, "quantity", &want->quantity);
}

/* In the order of inputs and lines. */
static inv_status find_wants(inv__call *call, inv__stock_state *s)
{
	const inv__product_facts *product = s->products.list;
	size_t count = count_wants(call, s);
	inv_status rc = INV_OK;

	if (count == 0)
		return INV_OK;
	s->wants = inv__arena_array(call->arena, count, sizeof *s->wants);
	if (!s->wants)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		const inv_stock_entry *entry = &s->entries[i];

		for (size_t j = 0; j < entry->lines.count; j++, product++) {
			const inv_stock_line *line = INV_LIST_AT(entry->lines, inv_stock_line, j);
			inv__pick_want *want;

			if (!picks(line, product))
				continue;
			want = &s->wants[s->want_count++];
			*want = (inv__pick_want){.from = spot_of(call, entry, line), .input = i, .line = j,
			                         .quantity = line->quantity};
			want->from.rule = product->picking;
			rc = to_base(call, s, want, (size_t)(product - s->products.list) - j);
			if (rc != INV_OK)
				return rc;
		}
	}
	return INV_OK;
}

/* ---- what is picked ---- */

/* The reservation that a line commits; NULL when it names none, or one that is not there. */
static const inv_reservation *reservation_of(const inv__commits *commits, size_t input, size_t line)
{
	size_t low = 0, high = commits->count, n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (commits->inputs[mid] < input ||
		    (commits->inputs[mid] == input && commits->lines[mid] < line))
			low = mid + 1;
		else
			high = mid;
	}
	if (low == commits->count || commits->inputs[low] != input || commits->lines[low] != line)
		return NULL;
	n = commits->reserved.of[low];
	return commits->reserved.found[n] ? &commits->reserved.list[n] : NULL;
}

static bool is_bound(const inv_reservation *r)
{
	return r && (r->lot.len > 0 || r->serial.len > 0);
}

/* Lines that name their goods take them before anything is picked. What is bound to a reservation
 * is not free anyway. */
static inv_status use_named(inv__call *call, const inv__stock_state *s)
{
	size_t from = 0;
	inv_status rc = INV_OK;

	for (size_t i = 0; i < call->count; from += s->entries[i++].lines.count) {
		const inv_stock_entry *entry = &s->entries[i];

		for (size_t j = 0; j < entry->lines.count; j++) {
			const inv_stock_line *line = INV_LIST_AT(entry->lines, inv_stock_line, j);
			const inv__pick_spot spot = spot_of(call, entry, line);
			inv__pick_want used = {.input = i, .line = j, .quantity = line->quantity};

			if (is_open(line) || is_bound(reservation_of(&s->commits, i, j)))
				continue;
			rc = to_base(call, s, &used, from);
			if (rc != INV_OK)
				return rc;
			inv__picks_use(&s->picks, &spot, line->lot,
			               inv__str_fold(call->arena, line->serial), used.quantity);
		}
	}
	return rc;
}

static inv_status check_line(inv__call *call, const inv__stock_state *s,
                             const inv__pick_want *want, const inv__product_facts *product)
{
	const inv_stock_line *line = INV_LIST_AT(s->entries[want->input].lines, inv_stock_line,
	                                         want->line);
	const inv__stock_ask ask = {want->input, want->line, INV_POSTING_KIND_ISSUE, line, product,
	                            NULL};
	const inv__line_units units = {want->input, want->line, want->quantity, line->lot,
	                               line->serial, true};
	inv_status rc = inv__line_check(call, product, &units);

	if (rc == INV_OK && want->quantity <= 0)
		rc = inv__call_fail(call, INV_E_INVALID, want->input,
		                    inv__line_field(call, "lines", want->line, "quantity"),
		                    "it must be more than 0");
	return rc == INV_OK ? inv__stock_place(call, s, &ask, want->from.location) : rc;
}

/* What is held for the line's reservation and bound is what it takes; anything else is picked. */
static inv_status pick(inv__call *call, inv__stock_state *s, inv__pick_want *want,
                       const inv__product_facts *product)
{
	const inv_reservation *r = reservation_of(&s->commits, want->input, want->line);
	inv__part part = {want->input, want->line, "reservation", want->quantity};
	inv_status rc = check_line(call, s, want, product);

	if (rc == INV_OK && r)
		rc = inv__part_check(call, r, &part);
	if (rc != INV_OK)
		return rc;
	if (is_bound(r)) {
		want->parts = inv__arena_zalloc(call->arena, sizeof *want->parts);
		if (!want->parts)
			return inv__call_no_memory(call);
		*want->parts = (inv__pick){.lot = r->lot, .serial = r->serial, .free = want->quantity};
		want->part_count = 1;
		return INV_OK;
	}
	rc = inv__picks_take(call, &s->picks, want);
	return rc == INV_OK ? inv__picks_check(call, want) : rc;
}

/* ---- the entries that come of it ---- */

/* One lot takes the line as it was entered; parts of it are in base units. */
static void fill_line(inv_stock_line *line, const inv__pick *part, bool whole)
{
	line->lot = part->lot;
	line->serial = part->serial;
	if (whole && line->unit.len > 0)
		return;
	line->quantity = part->free;
	line->unit = (inv_str){"", 0};
	line->unit_rounding = INV_UNIT_ROUNDING_EXACT;
}

/* `wants` are those of the entry. A line keeps its number with its first lot. */
static inv_status fill_entry(inv__call *call, inv_stock_entry *entry, const inv__pick_want *wants,
                             size_t count)
{
	size_t n = entry->lines.count, all = n;
	inv_stock_line *lines;

	for (size_t i = 0; i < count; i++)
		all += wants[i].part_count - 1;
	if (all > INV_LIMIT_LINES)
		return inv__call_fail(call, INV_E_LIMIT, wants->input, "lines",
		                      "with a line for each lot or unit there would be %zu", all);
	lines = inv__arena_array(call->arena, all, sizeof *lines);
	if (!lines)
		return inv__call_no_memory(call);
	for (size_t j = 0; j < n; j++)
		lines[j] = *INV_LIST_AT(entry->lines, inv_stock_line, j);
	for (size_t i = 0; i < count; i++) {
		inv_stock_line *line = &lines[wants[i].line];

		fill_line(line, &wants[i].parts[0], wants[i].part_count == 1);
		for (size_t k = 1; k < wants[i].part_count; k++) {
			lines[n] = *line;
			fill_line(&lines[n++], &wants[i].parts[k], false);
		}
	}
	entry->lines = inv_list_of(lines, n, sizeof *lines);
	return INV_OK;
}

static inv_status fill_entries(inv__call *call, inv__stock_state *s)
{
	inv_stock_entry *entries = inv__arena_array(call->arena, call->count, sizeof *entries);
	size_t from = 0, to;
	inv_status rc = entries ? INV_OK : inv__call_no_memory(call);

	for (size_t i = 0; rc == INV_OK && i < call->count; i++, from = to) {
		entries[i] = s->entries[i];
		for (to = from; to < s->want_count && s->wants[to].input == i;)
			to++;
		if (to > from)
			rc = fill_entry(call, &entries[i], &s->wants[from], to - from);
	}
	s->entries = entries;
	return rc;
}

/* The product of each want: wants are in the order of lines, and so are products. */
static inv_status pick_all(inv__call *call, inv__stock_state *s)
{
	const inv__product_facts *first = s->products.list;
	size_t input = 0;
	inv_status rc = INV_OK;

	for (size_t i = 0; rc == INV_OK && i < s->want_count; i++) {
		while (input < s->wants[i].input)
			first += s->entries[input++].lines.count;
		rc = pick(call, s, &s->wants[i], &first[s->wants[i].line]);
	}
	return rc;
}

static inv_status ask(inv__call *call, inv__stock_state *s)
{
	inv_status rc = find_wants(call, s);

	if (rc != INV_OK || s->want_count == 0)
		return rc;
	call->more = true;
	return inv__picks_claim(call, s->wants, s->want_count, &s->picks);
}

static inv_status take(inv__call *call, inv__stock_state *s)
{
	inv__scene scene;
	inv_status rc = inv__scene_read(call, &s->scenes, 0, &scene);

	inv__places_read(call, &s->places);
	if (rc == INV_OK)
		rc = inv__picks_read(call, &s->picks);
	if (rc == INV_OK && s->commits.count > 0)
		rc = inv__reserved_read(call, &s->commits.reserved);
	if (rc == INV_OK)
		rc = use_named(call, s);
	if (rc == INV_OK)
		rc = pick_all(call, s);
	if (rc == INV_OK)
		rc = fill_entries(call, s);
	call->more = rc == INV_OK;
	return rc == INV_OK ? inv__stock_claim_lines(call, s) : rc;
}

inv_status inv__stock_pick(inv__call *call, inv__stock_state *s)
{
	if (call->phase == 0)
		return ask(call, s);
	return call->phase == 1 ? take(call, s) : INV_OK;
}
