/* SPDX-License-Identifier: MIT */
/* From the lines of a stock command to the lines of its posting. */
#include "domain/stock_lines.h"

#include "domain/well_known.h"
#include "util/id.h"

static const inv__place *place_of(const inv__stock_state *s, inv_id id)
{
	for (size_t i = 0; i < s->place_count; i++)
		if (inv__id_equal(s->place_facts[i].id, id))
			return &s->place_facts[i];
	return NULL;
}

inv_status inv__stock_places(inv__call *call, inv__stock_state *s)
{
	size_t n = 0, cap = 2;

	for (size_t i = 0; i < call->count; i++)
		cap += 2 * ((const inv_stock_entry *)inv__call_input(call, i))->lines.count;
	s->places = inv__arena_array(call->arena, cap, sizeof *s->places);
	if (!s->places)
		return inv__call_no_memory(call);
	s->places[n++] = call->session.location;
	for (size_t i = 0; i < call->count; i++) {
		const inv_stock_entry *in = inv__call_input(call, i);

		for (size_t j = 0; j < in->lines.count * 2; j++) {
			const inv_stock_line *l = INV_LIST_AT(in->lines, inv_stock_line, j / 2);
			inv_id id = j % 2 ? l->to_location.id : l->location.id;
			/* Lines of one place stand together: look at the last one first. */
			bool known = inv_id_is_none(id) || inv__id_equal(id, s->places[n - 1]);

			for (size_t k = 0; !known && k < n && k < 64; k++)
				known = inv__id_equal(id, s->places[k]);
			if (!known)
				s->places[n++] = id;
		}
	}
	s->place_count = n;
	return INV_OK;
}

static inv_status check_place(inv__call *call, const inv__stock_state *s, size_t input, size_t line,
                              const char *field, inv_id id, bool *physical)
{
	const inv__place *place = place_of(s, id);

	if (!place || !place->found)
		return inv__call_fail(call, INV_E_NOT_FOUND, input,
		                      inv__line_field(call, "lines", line, field),
		                      "there is no such location");
	if (place->archived)
		return inv__call_fail(call, INV_E_STATE, input, inv__line_field(call, "lines", line, field),
		                      "the location is archived");
	*physical = inv__kind_is_physical(place->kind);
	return INV_OK;
}

static inv_status need_physical(inv__call *call, size_t input, size_t line, bool physical)
{
	if (physical)
		return INV_OK;
	return inv__call_fail(call, INV_E_INVALID, input, inv__line_field(call, "lines", line, "location"),
	                      "the location is virtual: it holds no stock");
}

/* Which accounts a line goes from and to, by the kind of posting. Virtual far sides are the
 * well-known ones, but goods may be issued to any virtual place, such as scrap. */
static inv_status set_sides(inv__call *call, const inv__stock_state *s, size_t input, size_t line,
                            int32_t kind, const inv_stock_line *in, inv_posting_line *out)
{
	inv_id here = inv_id_is_none(in->location.id) ? call->session.location : in->location.id;
	bool physical, far = false;
	inv_status rc = check_place(call, s, input, line, "location", here, &physical);

	if (rc == INV_OK)
		rc = need_physical(call, input, line, physical);
	if (rc == INV_OK && !inv_id_is_none(in->to_location.id))
		rc = check_place(call, s, input, line, "to_location", in->to_location.id, &far);
	if (rc != INV_OK)
		return rc;
	out->from_location = inv_ref_of(here);
	out->from_condition = in->condition;
	out->from_physical = 1;
	out->to_location = in->to_location;
	out->to_condition = in->to_condition;
	out->to_physical = far;
	if (kind == INV_POSTING_KIND_TRANSFER && inv_id_is_none(in->to_location.id)) {
		out->to_location = inv_ref_of(here);
		out->to_physical = 1;
	} else if (kind == INV_POSTING_KIND_ISSUE && inv_id_is_none(in->to_location.id)) {
		out->to_location = inv_ref_of(INV__LOCATION_CUSTOMER);
	} else if (kind == INV_POSTING_KIND_RECEIPT) {
		out->to_location = inv_ref_of(INV__LOCATION_SUPPLIER);
	} else if (kind == INV_POSTING_KIND_ADJUSTMENT) {
		out->to_location = inv_ref_of(INV__LOCATION_ADJUSTMENT);
	}
	return INV_OK;
}

void inv__posting_line_turn(inv_posting_line *line)
{
	inv_posting_line was = *line;

	line->from_location = was.to_location;
	line->from_condition = was.to_condition;
	line->from_physical = was.to_physical;
	line->to_location = was.from_location;
	line->to_condition = was.from_condition;
	line->to_physical = was.from_physical;
}

static inv_status check_kind(inv__call *call, size_t input, size_t line, int32_t kind,
                             const inv_stock_line *in, const inv_posting_line *out)
{
	const char *field = NULL, *why = NULL;

	if (kind != INV_POSTING_KIND_ADJUSTMENT && in->quantity <= 0) {
		field = "quantity";
		why = "it must be more than 0";
	} else if (kind != INV_POSTING_KIND_ADJUSTMENT && (in->set || in->compare || in->expected)) {
		field = "set";
		why = "only an adjustment sets what was counted";
	} else if (in->set && in->quantity < 0) {
		field = "quantity";
		why = "what was counted cannot be less than 0";
	} else if (!in->set && (in->compare || in->expected)) {
		field = "compare";
		why = "it goes with `set`";
	} else if (kind == INV_POSTING_KIND_ADJUSTMENT && !in->set && in->quantity == 0) {
		field = "quantity";
		why = "a difference of 0 corrects nothing";
	} else if ((kind == INV_POSTING_KIND_RECEIPT || kind == INV_POSTING_KIND_ADJUSTMENT) &&
	           (in->to_location.id.bytes[0] || in->to_location.code.len || in->to_condition)) {
		field = "to_location";
		why = "only an issue or a move goes to another place";
	} else if (kind == INV_POSTING_KIND_ISSUE && out->to_physical) {
		field = "to_location";
		why = "that location holds stock: use move";
	} else if (kind == INV_POSTING_KIND_TRANSFER && !out->to_physical) {
		field = "to_location";
		why = "that location is virtual: use issue";
	} else if (kind == INV_POSTING_KIND_TRANSFER && in->condition == in->to_condition &&
	           inv__id_equal(out->from_location.id, out->to_location.id)) {
		field = "to_location";
		why = "the goods would stay where they are";
	}
	if (!field)
		return INV_OK;
	return inv__call_fail(call, INV_E_INVALID, input, inv__line_field(call, "lines", line, field),
	                      "%s", why);
}

inv_status inv__stock_line(inv__call *call, const inv__stock_state *s, size_t input, size_t line,
                           int32_t kind, const inv__product_facts *product,
                           inv_posting_line *out)
{
	const inv_stock_entry *entry = inv__call_input(call, input);
	const inv_stock_line *in = INV_LIST_AT(entry->lines, inv_stock_line, line);
	inv_status rc = inv__line_check(call, input, line, product, in->quantity, in->lot, in->serial);

	out->struct_size = sizeof *out;
	out->product = inv_ref_of(in->product.id);
	out->quantity = in->quantity;
	out->lot = in->lot;
	out->serial = in->serial;
	out->owner = in->owner;
	if (rc == INV_OK)
		rc = set_sides(call, s, input, line, kind, in, out);
	if (rc == INV_OK)
		rc = check_kind(call, input, line, kind, in, out);
	if (rc != INV_OK)
		return rc;
	if (product->stocking == INV_STOCKING_NON_STOCKED) {
		if (kind != INV_POSTING_KIND_ADJUSTMENT || in->set)
			return inv__call_fail(call, INV_E_STATE, input,
			                      inv__line_field(call, "lines", line, "product"),
			                      "%.*s is not stocked", (int)product->sku.len, product->sku.ptr);
		out->from_physical = out->to_physical = 0; /* kept for the record, moves nothing */
		return INV_OK;
	}
	/* From its far side, until an adjustment knows its direction. */
	if (kind == INV_POSTING_KIND_RECEIPT)
		inv__posting_line_turn(out);
	return INV_OK;
}
