/* SPDX-License-Identifier: MIT */
/* Assembly: parts become a product, or a product its parts. One posting of two lines, the parts and
 * the product, which both go through the place of production. */
#include "domain/ops.h"
#include "domain/stock.h"
#include "domain/well_known.h"
#include "util/id.h"

enum { PARTS, PRODUCT, LINES };

static bool takes_apart(const inv__call *call)
{
	return call->op->number == INV_OP_stock_disassemble;
}

static inv_status claim(inv__call *call)
{
	inv__stock_state *s = inv__arena_zalloc(call->arena, sizeof *s);
	inv__scene_ids *wanted = inv__arena_array(call->arena, call->count, sizeof *wanted);
	inv_id *ids = inv__arena_array(call->arena, call->count, sizeof *ids);
	bool serials = false;
	inv_status rc;

	if (!s || !wanted || !ids)
		return inv__call_no_memory(call);
	call->state = s;
	s->place_ids = inv__arena_array(call->arena, call->count, sizeof *s->place_ids);
	if (!s->place_ids || inv__commits_make(call, 1, &s->commits) != INV_OK)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		const inv_assembly *in = inv__call_input(call, i);

		ids[i] = in->product.id;
		serials |= in->serial.len > 0;
		s->place_ids[i] =
			inv_id_is_none(in->location.id) ? call->session.location : in->location.id;
	}
	s->line_count = s->place_count = call->count;
	rc = inv__scene_claim(call, wanted, call->count, &s->scenes);
	if (rc == INV_OK)
		rc = inv__places_claim(call, s->place_ids, call->count, &s->places);
	if (rc == INV_OK)
		rc = inv__products_claim(call, ids, call->count, serials, &s->products);
	return rc == INV_OK
	           ? inv__kits_claim(call, INV_RECIPE_KIND_ASSEMBLY, ids, call->count, &s->kits)
	           : rc;
}

static inv_status check(inv__call *call, const inv__stock_state *s, size_t index)
{
	const inv_assembly *in = inv__call_input(call, index);
	const inv__line_units units = {index, 0, in->quantity, in->lot, in->serial, false};
	const inv__product_facts *product = &s->products.list[index];
	const inv__place *place = &s->places.list[index];
	inv_status rc = inv__line_check(call, product, &units);

	if (rc != INV_OK)
		return rc;
	if (product->archived && !takes_apart(call))
		return inv__call_fail(call, INV_E_STATE, index, "product", "the product is archived");
	return inv__place_check(call, place, index, "location");
}

/* To production, or from it. */
static void set_sides(inv_posting_line *line, inv_id place, bool consumed)
{
	const inv_ref here = inv_ref_of(place), production = inv_ref_of(INV__LOCATION_PRODUCTION);

	line->from_location = consumed ? here : production;
	line->to_location = consumed ? production : here;
	line->from_physical = consumed;
	line->to_physical = !consumed;
}

static inv_status make_lines(inv__call *call, inv__stock_state *s, size_t index, inv_posting *out)
{
	const inv_assembly *in = inv__call_input(call, index);
	const inv__kit_ask ask = {.input = index, .product = in->product.id,
	                          .kind = INV_RECIPE_KIND_ASSEMBLY, .overrides = true,
	                          .quantity = in->quantity, .named = &in->parts};
	inv_posting_line *lines = inv__arena_array(call->arena, LINES, sizeof *lines);
	inv_status rc = lines ? INV_OK : inv__call_no_memory(call);

	for (int i = 0; rc == INV_OK && i < LINES; i++) {
		lines[i].struct_size = sizeof *lines;
		lines[i].product = inv_ref_of(in->product.id);
		lines[i].quantity = in->quantity;
		set_sides(&lines[i], s->place_ids[index], (i == PARTS) != takes_apart(call));
	}
	if (rc == INV_OK)
		rc = inv__kit_expand(call, &s->kits, &ask, &lines[PARTS].parts);
	if (rc != INV_OK)
		return rc;
	lines[PRODUCT].lot = in->lot;
	lines[PRODUCT].serial = in->serial;
	out->lines = inv_list_of(lines, LINES, sizeof *lines);
	out->line_count = LINES;
	return INV_OK;
}

static inv_status make_posting(inv__call *call, inv__stock_state *s, size_t index)
{
	const inv_assembly *in = inv__call_input(call, index);
	inv_posting *out = &s->postings[index];
	inv__scene *scene = &s->scene_list[index];
	inv_status rc = inv__scene_read(call, &s->scenes, index, scene);

	if (index == 0) /* the scene may tell of a place */
		inv__places_read(call, &s->places);
	if (rc == INV_OK)
		rc = check(call, s, index);
	if (rc != INV_OK)
		return rc;
	out->id = in->id;
	out->kind = takes_apart(call) ? INV_POSTING_KIND_DISASSEMBLY : INV_POSTING_KIND_ASSEMBLY;
	out->occurred_at = in->occurred_at;
	out->location = inv_ref_of(scene->location);
	out->channel = inv_ref_of(scene->channel);
	out->actor = call->actor;
	out->reason = in->reason;
	out->document = in->document;
	out->note = in->note;
	if (inv_id_is_none(out->id))
		rc = inv__call_new_id(call, &out->id);
	if (rc == INV_OK)
		rc = make_lines(call, s, index, out);
	return rc == INV_OK ? inv__scene_instant(call, scene, index, &out->occurred_at,
	                                         &out->business_date, &s->clamped[index])
	                    : rc;
}

static inv_status make_postings(inv__call *call, inv__stock_state *s)
{
	const inv_list **parts = inv__arena_array(call->arena, call->count, sizeof *parts);
	inv_status rc;

	s->postings = inv__call_outputs(call, call->count);
	s->scene_list = inv__arena_array(call->arena, call->count, sizeof *s->scene_list);
	s->clamped = inv__arena_array(call->arena, call->count, sizeof *s->clamped);
	if (!parts || !s->postings || !s->scene_list || !s->clamped)
		return inv__call_no_memory(call);
	inv__products_read(call, &s->products);
	rc = inv__kits_read(call, &s->kits);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++) {
		rc = make_posting(call, s, i);
		if (rc == INV_OK)
			parts[i] = &INV_LIST_AT(s->postings[i].lines, inv_posting_line, PARTS)->parts;
	}
	if (rc == INV_OK)
		rc = inv__kit_lock(call, parts, call->count);
	return rc == INV_OK ? inv__stock_claim_postings(call, s) : rc;
}

static inv_status decide(inv__call *call)
{
	inv__stock_state *s = call->state;

	if (s->step == INV__STOCK_LEGS)
		return inv__postings_finish(call, s->postings, s->scene_list, s->clamped, s);
	s->step = INV__STOCK_LEGS;
	call->more = true;
	return make_postings(call, s);
}

inv_status inv__claim_stock_assemble(inv__call *call)
{
	return claim(call);
}

inv_status inv__decide_stock_assemble(inv__call *call)
{
	return decide(call);
}

inv_status inv__claim_stock_disassemble(inv__call *call)
{
	return claim(call);
}

inv_status inv__decide_stock_disassemble(inv__call *call)
{
	return decide(call);
}
