/* SPDX-License-Identifier: MIT */
/* From the lines of a stock command to the lines of its posting. */
#include "domain/stock_lines.h"

#include "domain/well_known.h"
#include "util/id.h"

static const inv__place *place_of(const inv__stock_state *s, inv_id id)
{
	for (size_t i = 0; i < s->places.count; i++)
		if (inv__id_equal(s->places.list[i].id, id))
			return &s->places.list[i];
	return NULL;
}

inv_status inv__stock_places(inv__call *call, inv__stock_state *s)
{
	size_t n = 0, cap = 2;

	for (size_t i = 0; i < call->count; i++)
		cap += 2 * ((const inv_stock_entry *)inv__call_input(call, i))->lines.count;
	s->place_ids = inv__arena_array(call->arena, cap, sizeof *s->place_ids);
	if (!s->place_ids)
		return inv__call_no_memory(call);
	s->place_ids[n++] = call->session.location;
	for (size_t i = 0; i < call->count; i++) {
		const inv_stock_entry *in = inv__call_input(call, i);

		for (size_t j = 0; j < in->lines.count * 2; j++) {
			const inv_stock_line *l = INV_LIST_AT(in->lines, inv_stock_line, j / 2);
			inv_id id = j % 2 ? l->to_location.id : l->location.id;
			/* Lines of one place stand together: look at the last one first. */
			bool known = inv_id_is_none(id) || inv__id_equal(id, s->place_ids[n - 1]);

			for (size_t k = 0; !known && k < n && k < 64; k++)
				known = inv__id_equal(id, s->place_ids[k]);
			if (!known)
				s->place_ids[n++] = id;
		}
	}
	s->place_count = n;
	return INV_OK;
}

/* An error at a field of the line. */
static inv_status fail_at(inv__call *call, const inv__stock_ask *ask, inv_status status,
                          const char *field, const char *why)
{
	return inv__call_fail(call, status, ask->input,
	                      inv__line_field(call, "lines", ask->line, field), "%s", why);
}

static inv_status check_place(inv__call *call, const inv__stock_state *s, const inv__stock_ask *ask,
                              const char *field, inv_id id, bool *physical)
{
	const inv__place *place = place_of(s, id);

	if (!place || !place->found)
		return fail_at(call, ask, INV_E_NOT_FOUND, field, "there is no such location");
	if (place->archived)
		return fail_at(call, ask, INV_E_STATE, field, "the location is archived");
	*physical = inv__kind_is_physical(place->kind);
	return INV_OK;
}

inv_status inv__stock_place(inv__call *call, const inv__stock_state *state,
                            const inv__stock_ask *ask, inv_id id)
{
	bool physical = false;
	inv_status rc = check_place(call, state, ask, "location", id, &physical);

	return rc != INV_OK || physical ? rc
	                                : fail_at(call, ask, INV_E_INVALID, "location",
	                                          "the location is virtual: it holds no stock");
}

/* Which accounts a line goes from and to, by the kind of posting. Virtual far sides are the
 * well-known ones, but goods may be issued to any virtual place, such as scrap. */
static inv_status set_sides(inv__call *call, const inv__stock_state *s, const inv__stock_ask *ask,
                            inv_posting_line *out)
{
	const inv_stock_line *in = ask->in;
	inv_id here = inv_id_is_none(in->location.id) ? call->session.location : in->location.id;
	bool named = !inv_id_is_none(in->to_location.id), far = false;
	inv_status rc = inv__stock_place(call, s, ask, here);

	if (rc == INV_OK && named)
		rc = check_place(call, s, ask, "to_location", in->to_location.id, &far);
	if (rc != INV_OK)
		return rc;
	out->from_location = inv_ref_of(here);
	out->from_condition = in->condition;
	out->from_physical = 1;
	out->to_location = in->to_location;
	out->to_condition = in->to_condition;
	out->to_physical = far;
	if (ask->kind == INV_POSTING_KIND_TRANSFER && !named) {
		out->to_location = inv_ref_of(here);
		out->to_physical = 1;
	} else if (ask->kind == INV_POSTING_KIND_ISSUE && !named) {
		out->to_location = inv_ref_of(INV__LOCATION_CUSTOMER);
	} else if (ask->kind == INV_POSTING_KIND_RECEIPT) {
		out->to_location = inv_ref_of(INV__LOCATION_SUPPLIER);
	} else if (ask->kind == INV_POSTING_KIND_ADJUSTMENT) {
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

/* Quantities, and the fields that only an adjustment takes. */
static inv_status check_quantity(inv__call *call, const inv__stock_ask *ask, int64_t quantity)
{
	const inv_stock_line *in = ask->in;
	bool adjusts = ask->kind == INV_POSTING_KIND_ADJUSTMENT;

	if (!adjusts && quantity <= 0)
		return fail_at(call, ask, INV_E_INVALID, "quantity", "it must be more than 0");
	if (!adjusts && (in->set || in->compare || in->expected))
		return fail_at(call, ask, INV_E_INVALID, "set",
		               "only an adjustment sets what was counted");
	if (in->set && quantity < 0)
		return fail_at(call, ask, INV_E_INVALID, "quantity",
		               "what was counted cannot be less than 0");
	if (!in->set && (in->compare || in->expected))
		return fail_at(call, ask, INV_E_INVALID, "compare", "it goes with `set`");
	if (!inv_id_is_none(in->reservation.id) && ask->kind != INV_POSTING_KIND_ISSUE)
		return fail_at(call, ask, INV_E_INVALID, "reservation",
		               "only an issue takes what is reserved");
	if ((in->made || in->expires) && (ask->kind != INV_POSTING_KIND_RECEIPT ||
	                                  ask->product->tracking != INV_TRACKING_LOT))
		return fail_at(call, ask, INV_E_INVALID, in->expires ? "expires" : "made",
		               "only the receipt of a lot tells its dates");
	if (adjusts && !in->set && quantity == 0)
		return fail_at(call, ask, INV_E_INVALID, "quantity", "a difference of 0 corrects nothing");
	return INV_OK;
}

/* Where goods may go, by the kind of posting. */
static inv_status check_target(inv__call *call, const inv__stock_ask *ask,
                               const inv_posting_line *out)
{
	const inv_stock_line *in = ask->in;
	bool named = !inv_id_is_none(in->to_location.id) || in->to_condition;
	const char *why = NULL;

	if (named && ask->kind != INV_POSTING_KIND_ISSUE && ask->kind != INV_POSTING_KIND_TRANSFER)
		why = "only an issue or a move goes to another place";
	else if (ask->kind == INV_POSTING_KIND_ISSUE && out->to_physical)
		why = "that location holds stock: use move";
	else if (ask->kind == INV_POSTING_KIND_TRANSFER && !out->to_physical)
		why = "that location is virtual: use issue";
	else if (ask->kind == INV_POSTING_KIND_TRANSFER && in->condition == in->to_condition &&
	         inv__id_equal(out->from_location.id, out->to_location.id))
		why = "the goods would stay where they are";
	return why ? fail_at(call, ask, INV_E_INVALID, "to_location", why) : INV_OK;
}

/* A product that is not stocked: an adjustment keeps the line for the record, nothing moves. */
static inv_status set_non_stocked(inv__call *call, const inv__stock_ask *ask, inv_posting_line *out)
{
	if (ask->kind != INV_POSTING_KIND_ADJUSTMENT || ask->in->set)
		return fail_at(call, ask, INV_E_STATE, "product", "the product is not stocked");
	out->from_physical = out->to_physical = 0;
	return INV_OK;
}

/* The parts of a kit leave in its place; they come and are counted for themselves. */
static inv_status check_kit(inv__call *call, const inv__stock_ask *ask)
{
	if (ask->kind != INV_POSTING_KIND_ISSUE)
		return fail_at(call, ask, INV_E_STATE, "product",
		               "the product is a kit, which is not stocked: its parts are");
	if (!inv_id_is_none(ask->in->reservation.id))
		return fail_at(call, ask, INV_E_INVALID, "reservation",
		               "nothing is held of a kit: its parts are");
	return INV_OK;
}

inv_status inv__stock_base(inv__call *call, const inv__stock_ask *ask, const char *field,
                           int64_t *quantity)
{
	const inv_stock_line *in = ask->in;
	const inv__unit_ask unit = {ask->input, ask->line, field, "unit", in->unit, ask->product,
	                            in->unit_rounding};

	if (in->unit.len == 0 || !ask->product->found)
		return INV_OK;
	return inv__unit_to_base(call, ask->unit, &unit, *quantity, quantity);
}

/* The quantity in base units, and what was entered beside it. */
static inv_status take_unit(inv__call *call, const inv__stock_ask *ask, inv_posting_line *out)
{
	const inv_stock_line *in = ask->in;

	out->quantity = in->quantity;
	if (in->unit.len == 0) {
		if (in->unit_rounding != INV_UNIT_ROUNDING_EXACT)
			return fail_at(call, ask, INV_E_INVALID, "unit_rounding", "it goes with `unit`");
		return INV_OK;
	}
	out->unit = in->unit;
	out->entered_quantity = in->quantity;
	out->unit_numerator = ask->unit->ratio.numerator;
	out->unit_denominator = ask->unit->ratio.denominator;
	return inv__stock_base(call, ask, "quantity", &out->quantity);
}

inv_status inv__stock_line(inv__call *call, const inv__stock_state *s, const inv__stock_ask *ask,
                           inv_posting_line *out)
{
	const inv_stock_line *in = ask->in;
	inv__line_units units = {ask->input, ask->line, 0, in->lot, in->serial, false};
	inv_status rc = take_unit(call, ask, out);

	units.quantity = out->quantity;
	if (rc == INV_OK)
		rc = inv__line_check(call, ask->product, &units);
	out->struct_size = sizeof *out;
	out->product = inv_ref_of(in->product.id);
	out->lot = in->lot;
	out->serial = in->serial;
	out->owner = in->owner;
	out->parts = in->parts;
	out->reservation = inv_ref_of(in->reservation.id);
	if (rc == INV_OK)
		rc = set_sides(call, s, ask, out);
	if (rc == INV_OK)
		rc = check_quantity(call, ask, out->quantity);
	if (rc == INV_OK)
		rc = check_target(call, ask, out);
	if (rc != INV_OK)
		return rc;
	if (ask->product->stocking == INV_STOCKING_KIT)
		return check_kit(call, ask);
	if (in->parts.count > 0)
		return fail_at(call, ask, INV_E_INVALID, "parts", "the product is no kit");
	if (ask->product->stocking == INV_STOCKING_NON_STOCKED)
		return set_non_stocked(call, ask, out);
	/* From its far side; an adjustment finds its direction later. */
	if (ask->kind == INV_POSTING_KIND_RECEIPT)
		inv__posting_line_turn(out);
	return INV_OK;
}
