/* SPDX-License-Identifier: MIT */
/* Transfers without goods that move: drafted, changed, requested, called off, closed. */
#include "domain/ops.h"
#include "domain/transfer.h"
#include "domain/well_known.h"
#include "util/id.h"
#include "util/number.h"
#include "util/text.h"

typedef struct edit_state {
	inv__scenes scenes;
	inv__documents before; /* but for those that are created */
	inv__places places;    /* three of each transfer */
	inv__products products;
	bool changed;
} edit_state;

enum { FROM, TO, TRANSIT, ENDS };
static const char *const end_fields[ENDS] = {"from_location", "to_location", "transit_location"};

static edit_state *make_state(inv__call *call)
{
	edit_state *s = inv__arena_zalloc(call->arena, sizeof *s);
	inv__scene_ids *wanted = inv__arena_zalloc(call->arena, sizeof *wanted);

	call->state = s;
	if (s)
		s->before = (inv__documents)INV__TRANSFERS;
	if (!s || !wanted) {
		inv__call_no_memory(call);
		return NULL;
	}
	return inv__scene_claim(call, wanted, 1, &s->scenes) == INV_OK ? s : NULL;
}

/* What drafts rest on: their places, and the products of their lines. */
static inv_status claim_rest(inv__call *call, edit_state *s, const inv_transfer *const *list)
{
	inv_id *places = inv__arena_array(call->arena, call->count * ENDS, sizeof *places);
	inv_id *products;
	size_t lines = 0, n = 0;
	inv_status rc;

	for (size_t i = 0; i < call->count; i++)
		lines += list[i]->lines.count;
	products = inv__arena_array(call->arena, lines + 1, sizeof *products);
	if (!places || !products)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		places[i * ENDS + FROM] = list[i]->from_location.id;
		places[i * ENDS + TO] = list[i]->to_location.id;
		places[i * ENDS + TRANSIT] = inv_id_is_none(list[i]->transit_location.id)
		                                     ? INV__LOCATION_TRANSIT
		                                     : list[i]->transit_location.id;
		for (size_t k = 0; k < list[i]->lines.count; k++)
			products[n++] = inv__transfer_line_of(list[i], k)->product.id;
	}
	rc = inv__places_claim(call, places, call->count * ENDS, &s->places);
	return rc == INV_OK ? inv__products_claim(call, products, lines, false, &s->products) : rc;
}

/* ---- what a draft must be ---- */

static inv_status check_place(inv__call *call, size_t i, size_t end, const inv__place *place)
{
	const char *field = end_fields[end];

	if (place->found && !place->archived && end == TRANSIT &&
	    place->kind != INV_LOCATION_KIND_TRANSIT)
		return inv__call_fail(call, INV_E_INVALID, i, field, "it must be of kind transit");
	return inv__place_check(call, place, i, field);
}

static inv_status check_line(inv__call *call, const inv__product_facts *product,
                             const inv__line_units *units)
{
	inv_status rc = inv__line_check(call, product, units);
	const char *field = inv__line_field(call, "lines", units->line, "product");

	if (rc == INV_OK && product->archived)
		rc = inv__call_fail(call, INV_E_STATE, units->input, field, "the product is archived");
	else if (rc == INV_OK && product->stocking == INV_STOCKING_NON_STOCKED)
		rc = inv__call_fail(call, INV_E_STATE, units->input, field, "the product is not stocked");
	return rc;
}

/* `from` is the transfer's first line among those of all. */
static inv_status check(inv__call *call, const edit_state *s, size_t i, size_t from,
                        inv_transfer *t)
{
	const inv__place *ends = &s->places.list[i * ENDS];
	inv_status rc = INV_OK;

	for (size_t end = FROM; rc == INV_OK && end < ENDS; end++)
		rc = check_place(call, i, end, &ends[end]);
	if (rc == INV_OK && inv__id_equal(ends[FROM].id, ends[TO].id))
		rc = inv__call_fail(call, INV_E_INVALID, i, "to_location",
		                    "the goods would stay where they are");
	t->from_location = inv_ref_of(ends[FROM].id);
	t->to_location = inv_ref_of(ends[TO].id);
	t->transit_location = inv_ref_of(ends[TRANSIT].id);
	for (size_t k = 0; rc == INV_OK && k < t->lines.count; k++) {
		inv_transfer_line *l = inv__transfer_line_of(t, k);
		const inv__line_units units = {i, k, l->quantity, l->lot, l->serial, true};

		l->product = inv_ref_of(l->product.id);
		rc = check_line(call, &s->products.list[from + k], &units);
	}
	return rc;
}

static inv_status read_scene(inv__call *call, edit_state *s, inv__event *when)
{
	inv__scene scene;
	bool clamped;
	inv_status rc = inv__scene_read(call, &s->scenes, 0, &scene);

	when->occurred_at = call->now;
	return rc == INV_OK ? inv__scene_instant(call, &scene, 0, &when->occurred_at,
	                                         &when->business_date, &clamped)
	                    : rc;
}

/* ---- create ---- */

inv_status inv__claim_transfer_create(inv__call *call)
{
	edit_state *s = make_state(call);
	const inv_transfer **list = inv__arena_array(call->arena, call->count, sizeof *list);

	if (!s || !list)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < call->count; i++)
		list[i] = inv__call_input(call, i);
	return claim_rest(call, s, list);
}

static inv_status set_identity(inv__call *call, inv_transfer *t)
{
	char text[37];
	inv_status rc = INV_OK;

	if (inv_id_is_none(t->id))
		rc = inv__call_new_id(call, &t->id);
	if (rc != INV_OK || t->number.len > 0)
		return rc;
	inv__id_format(t->id, text);
	t->number = inv__arena_str(call->arena, inv_str_of(text));
	return t->number.ptr ? INV_OK : inv__call_no_memory(call);
}

inv_status inv__decide_transfer_create(inv__call *call)
{
	const inv_record_desc *record = inv_schema_record(INV_RECORD_transfer);
	edit_state *s = call->state;
	inv_transfer *out = inv__call_outputs(call, call->count);
	inv__event when;
	size_t from = 0;
	inv_status rc = out ? read_scene(call, s, &when) : INV_E_NO_MEMORY;

	inv__places_read(call, &s->places);
	inv__products_read(call, &s->products);
	for (size_t i = 0; rc == INV_OK && i < call->count; i++) {
		inv_transfer *t = &out[i];

		if (inv__record_copy(record, inv__call_input(call, i), call->arena, t) != INV_OK)
			return inv__call_no_memory(call);
		rc = check(call, s, i, from, t);
		from += t->lines.count;
		if (rc == INV_OK)
			rc = set_identity(call, t);
		t->actor = inv__arena_str(call->arena, call->actor);
		t->created_at = call->now;
		t->version = 0;
		if (rc == INV_OK)
			rc = inv__transfer_changed(call, t, INV_EVENT_transfer_created, &when);
	}
	return rc;
}

/* ---- update ---- */

inv_status inv__claim_transfer_update(inv__call *call)
{
	const inv_transfer *in = inv__call_input(call, 0);
	edit_state *s = make_state(call);

	if (!s)
		return INV_E_NO_MEMORY;
	if (inv_id_is_none(in->id))
		return inv__call_fail(call, INV_E_INVALID, 0, "id", "name it by its id");
	return inv__documents_claim(call, &s->before, &in->id, 1);
}

static inv_status check_version(inv__call *call, const inv_transfer *t, int64_t expected)
{
	if (expected != 0 && expected != t->version)
		return inv__call_fail(call, INV_E_CONFLICT, 0, "version", "it is at version %lld now",
		                      (long long)t->version);
	return INV_OK;
}

static inv_status merge(inv__call *call, edit_state *s)
{
	const inv_transfer *in = inv__call_input(call, 0);
	const inv_transfer *list[1];
	inv_transfer *t = inv__call_outputs(call, 1);
	inv_status rc;

	rc = t ? inv__documents_read(call, &s->before, t, "id") : INV_E_NO_MEMORY;
	if (rc != INV_OK || call->replaying)
		return rc;
	if (t->state != INV_TRANSFER_STATE_DRAFT)
		return inv__call_fail(call, INV_E_STATE, 0, "id", "only a draft can be changed: it is %s",
		                      inv__transfer_state_name(t->state));
	rc = check_version(call, t, in->version);
	if (rc == INV_OK)
		rc = inv__master_merge(call, 0, inv_schema_record(INV_RECORD_transfer), in, t,
		                       &s->changed);
	if (rc != INV_OK || !s->changed)
		return rc;
	list[0] = t;
	call->more = true;
	return claim_rest(call, s, list);
}

inv_status inv__decide_transfer_update(inv__call *call)
{
	edit_state *s = call->state;
	inv__event when;
	inv_status rc;

	if (call->phase == 0)
		return merge(call, s);
	rc = read_scene(call, s, &when); /* the scene may tell of one of the places */
	inv__places_read(call, &s->places);
	inv__products_read(call, &s->products);
	if (rc == INV_OK)
		rc = check(call, s, 0, 0, call->outputs);
	return rc == INV_OK ? inv__transfer_changed(call, call->outputs, INV_EVENT_transfer_updated,
	                                            &when)
	                    : rc;
}

/* ---- request, cancel, close ---- */

inv_status inv__claim_transfer_end(inv__call *call)
{
	edit_state *s = make_state(call);

	return s ? inv__documents_claim(call, &s->before,
	                                &((const inv_lookup *)inv__call_input(call, 0))->ref.id, 1)
	         : INV_E_NO_MEMORY;
}

static inv_status refuse(inv__call *call, const inv_transfer *t, const char *what)
{
	return inv__call_fail(call, INV_E_STATE, 0, "ref", "%s: it is %s", what,
	                      inv__transfer_state_name(t->state));
}

static void cancel_rest(inv_transfer *t)
{
	for (size_t i = 0; i < t->lines.count; i++) {
		inv_transfer_line *l = inv__transfer_line_of(t, i);

		l->cancelled += inv__transfer_unshipped(l);
	}
}

static inv_status close_it(inv__call *call, inv_transfer *t, inv__transfer_sums sums)
{
	if (t->state == INV_TRANSFER_STATE_CLOSED || !sums.shipped)
		return refuse(call, t, "there is nothing to close");
	if (sums.underway)
		return inv__call_fail(call, INV_E_STATE, 0, "ref",
		                      "goods are still on the way: say what became of them first");
	cancel_rest(t);
	return INV_OK;
}

static inv_status end(inv__call *call, inv_transfer *t, uint32_t *event)
{
	const inv__transfer_sums sums = inv__transfer_sum(t);

	switch (call->op->number) {
	case INV_OP_transfer_request:
		*event = INV_EVENT_transfer_requested;
		return t->state == INV_TRANSFER_STATE_DRAFT
		               ? INV_OK
		               : refuse(call, t, "only a draft is requested");
	case INV_OP_transfer_cancel:
		*event = INV_EVENT_transfer_cancelled;
		if (!sums.unshipped)
			return refuse(call, t, "nothing is left to call off");
		cancel_rest(t);
		return INV_OK;
	default:
		*event = INV_EVENT_transfer_closed;
		return close_it(call, t, sums);
	}
}

inv_status inv__decide_transfer_end(inv__call *call)
{
	const inv_lookup *in = inv__call_input(call, 0);
	edit_state *s = call->state;
	inv_transfer *t = inv__call_outputs(call, 1);
	inv__event when;
	uint32_t event;
	inv_status rc;

	rc = t ? inv__documents_read(call, &s->before, t, "ref") : INV_E_NO_MEMORY;
	if (rc == INV_OK)
		rc = check_version(call, t, in->version);
	if (rc == INV_OK)
		rc = end(call, t, &event);
	if (rc == INV_OK)
		rc = read_scene(call, s, &when);
	return rc == INV_OK ? inv__transfer_changed(call, t, event, &when) : rc;
}
