/* SPDX-License-Identifier: MIT */
/* The lines of till documents: what they rest on, whether they may stand, what they move. */
#include <stdlib.h>

#include "domain/sale.h"
#include "domain/well_known.h"
#include "util/id.h"
#include "util/text.h"

inv_status inv__sale_line_fail(inv__call *call, const inv__sale_ask *ask, inv_status status,
                               const char *field, const char *why)
{
	return inv__call_fail(call, status, ask->input,
	                      inv__line_field(call, "lines", ask->line, field), "%s", why);
}

/* ---- legs ---- */

bool inv__sale_line_moves(const inv_sale *sale, const inv_sale_line *line)
{
	if (sale->kind == INV_SALE_KIND_ACCOUNTING || line->stocking != INV_STOCKING_STOCKED)
		return false;
	return sale->kind != INV_SALE_KIND_REFUND || !line->no_restock;
}

static inv_id place_of(const inv_sale *sale, const inv_sale_line *line)
{
	return inv_id_is_none(line->location.id) ? sale->location.id : line->location.id;
}

static void fill_leg(inv__leg *leg, const inv_sale *sale, const inv_sale_line *line,
                     inv__arena *arena)
{
	leg->product = line->product.id;
	leg->location = place_of(sale, line);
	leg->lot = line->lot.len ? inv__str_fold(arena, line->lot) : (inv_str){"", 0};
	leg->serial = line->serial.len ? inv__str_fold(arena, line->serial) : (inv_str){"", 0};
	leg->condition = leg->other_condition = line->condition;
	leg->other_location = INV__LOCATION_CUSTOMER;
	leg->quantity = sale->kind == INV_SALE_KIND_REFUND ? line->quantity : -line->quantity;
	leg->occurred_at = sale->occurred_at;
}

inv_status inv__legs_of_sales(inv__arena *arena, const inv_sale *const *sales, size_t count,
                              inv__leg **legs, size_t *leg_count)
{
	size_t lines = 0, n = 0;

	for (size_t i = 0; i < count; i++)
		lines += sales[i]->lines.count;
	*legs = inv__arena_array(arena, lines ? lines : 1, sizeof **legs);
	if (!*legs)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < sales[i]->lines.count; j++) {
			const inv_sale_line *line = INV_LIST_AT(sales[i]->lines, inv_sale_line, j);

			if (!inv__sale_line_moves(sales[i], line))
				continue;
			fill_leg(&(*legs)[n], sales[i], line, arena);
			(*legs)[n].input = i;
			(*legs)[n++].line = j;
		}
	}
	*leg_count = n;
	return arena->failed ? INV_E_NO_MEMORY : INV_OK;
}

/* ---- places ---- */

static int id_order(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(inv_id));
}

/* The distinct places of documents, each with its own and those that lines name. */
static inv_status claim_places(inv__call *call, inv__sale_work *work, const inv_sale *const *sales,
                               size_t count)
{
	inv_id *ids = inv__arena_array(call->arena, count + work->line_count, sizeof *ids);
	size_t n = 0, kept = 0;

	if (!ids)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++) {
		ids[n++] = sales[i]->location.id;
		for (size_t j = 0; j < sales[i]->lines.count; j++) {
			inv_id id = INV_LIST_AT(sales[i]->lines, inv_sale_line, j)->location.id;

			/* Lines of one place stand together. */
			if (!inv_id_is_none(id) && !inv__id_equal(id, ids[n - 1]))
				ids[n++] = id;
		}
	}
	qsort(ids, n, sizeof *ids, id_order);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || !inv__id_equal(ids[kept - 1], ids[i]))
			ids[kept++] = ids[i];
	return inv__places_claim(call, ids, kept, &work->places);
}

/* What is wrong with a place as one that goods leave from; NULL when nothing is. */
static const char *place_fault(const inv__sale_work *work, inv_id id, inv_status *status)
{
	const inv__place *place =
		bsearch(&id, work->places.list, work->places.count, sizeof *work->places.list, id_order);

	*status = INV_E_NOT_FOUND;
	if (!place || !place->found)
		return "there is no such location";
	*status = INV_E_STATE;
	if (place->archived)
		return "the location is archived";
	*status = INV_E_INVALID;
	return inv__kind_is_physical(place->kind) ? NULL : "the location is virtual: it holds no stock";
}

/* ---- claim ---- */

/* The documents as far as the inputs alone tell: every line may move goods, from the place of the
 * session when none is named. */
static inv_status foretell(inv__call *call, int32_t kind, const inv_sale ***out)
{
	inv_sale *guesses = inv__arena_array(call->arena, call->count, sizeof *guesses);
	const inv_sale **list = inv__arena_array(call->arena, call->count, sizeof *list);

	if (!guesses || !list)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		guesses[i] = *(const inv_sale *)inv__call_input(call, i);
		if (kind >= 0)
			guesses[i].kind = kind;
		if (inv_id_is_none(guesses[i].location.id))
			guesses[i].location.id = call->session.location;
		guesses[i].occurred_at = inv__scene_foretell(call, guesses[i].occurred_at);
		list[i] = &guesses[i];
	}
	*out = list;
	return INV_OK;
}

static inv_status claim_stock(inv__call *call, inv__sale_work *work, const inv_sale *const *sales)
{
	inv_status rc = claim_places(call, work, sales, call->count);

	if (rc == INV_OK)
		rc = inv__legs_of_sales(call->arena, sales, call->count, &work->claimed,
		                        &work->claimed_count);
	if (rc == INV_OK && work->claimed_count > 0)
		rc = inv__accounts_claim(call, &work->claimed, &work->claimed_count, &work->accounts);
	return rc == INV_OK ? inv__commits_claim(call, &work->commits) : rc;
}

static inv_status claim_products(inv__call *call, inv__sale_work *work)
{
	bool serials = false;
	inv_id *ids;
	size_t n = 0;

	for (size_t i = 0; i < call->count; i++)
		work->line_count += ((const inv_sale *)inv__call_input(call, i))->lines.count;
	ids = inv__arena_array(call->arena, work->line_count, sizeof *ids);
	if (!ids || inv__commits_make(call, work->line_count, &work->commits) != INV_OK)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		const inv_sale *in = inv__call_input(call, i);

		for (size_t j = 0; j < in->lines.count; j++) {
			const inv_sale_line *line = INV_LIST_AT(in->lines, inv_sale_line, j);

			ids[n++] = line->product.id;
			serials |= line->serial.len > 0;
			inv__commits_add(&work->commits, line->reservation.id, i, j);
		}
	}
	return inv__products_claim(call, ids, n, serials || work->commits.count > 0, &work->products);
}

inv_status inv__sale_claim(inv__call *call, int32_t kind, inv__sale_work *work)
{
	inv__scene_ids *wanted = inv__arena_array(call->arena, call->count, sizeof *wanted);
	const inv_sale **guesses = NULL;
	inv_status rc;

	call->state = work;
	if (!wanted)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++) {
		const inv_sale *in = inv__call_input(call, i);

		wanted[i].location = in->location.id;
		wanted[i].till = in->till.id;
	}
	rc = inv__scene_claim(call, wanted, call->count, &work->scene_claims);
	if (rc == INV_OK)
		rc = claim_products(call, work);
	if (rc == INV_OK)
		rc = foretell(call, kind, &guesses);
	return rc == INV_OK ? claim_stock(call, work, guesses) : rc;
}

/* ---- decide ---- */

static inv_status make_room(inv__call *call, inv__sale_work *work)
{
	work->sales = inv__call_outputs(call, call->count);
	work->scenes = inv__arena_array(call->arena, call->count, sizeof *work->scenes);
	work->clamped = inv__arena_array(call->arena, call->count, sizeof *work->clamped);
	if (!work->sales || !work->scenes || !work->clamped)
		return inv__call_no_memory(call);
	inv__products_read(call, &work->products);
	inv__places_read(call, &work->places);
	return INV_OK;
}

/* References answer with ids alone, as an answer made again from its event does. */
static void set_scene(inv_sale *sale, const inv__scene *scene)
{
	sale->till = inv_ref_of(scene->till);
	sale->location = inv_ref_of(scene->location);
	sale->channel = inv_ref_of(scene->channel);
	sale->original = inv_ref_of(sale->original.id);
	sale->currency = scene->currency;
	sale->line_count = (int64_t)sale->lines.count;
	for (size_t i = 0; i < sale->lines.count; i++) {
		inv_sale_line *line = inv__sale_line_of(sale, i);

		line->product = inv_ref_of(line->product.id);
		line->location = inv_ref_of(line->location.id);
		line->reservation = inv_ref_of(line->reservation.id);
	}
}

inv_status inv__sale_begin(inv__call *call, inv__sale_work *work, size_t index)
{
	const inv_record_desc *record = inv_schema_record(INV_RECORD_sale);
	inv__scene *scene;
	inv_sale *sale;
	inv_status rc = work->sales ? INV_OK : make_room(call, work);

	if (rc != INV_OK)
		return rc;
	sale = &work->sales[index];
	scene = &work->scenes[index];
	if (inv__record_copy(record, inv__call_input(call, index), call->arena, sale) != INV_OK)
		return inv__call_no_memory(call);
	rc = inv__scene_read(call, &work->scene_claims, index, scene);
	if (rc == INV_OK && !scene->has_till)
		rc = inv__call_fail(call, INV_E_STATE, index, "till",
		                    "a sale needs a register as its `till`: none is given here, in the "
		                    "session or as the settings' default, or it is archived");
	if (rc != INV_OK)
		return rc;
	set_scene(sale, scene);
	sale->actor = inv__arena_str(call->arena, call->actor);
	if (!sale->actor.ptr)
		return inv__call_no_memory(call);
	return inv__scene_instant(call, scene, index, &sale->occurred_at, &sale->business_date,
	                          &work->clamped[index]);
}

inv_status inv__sale_line_check(inv__call *call, const inv__sale_work *work,
                                const inv__sale_ask *ask)
{
	inv_sale_line *line = ask->out;
	inv__line_units units = {ask->input, ask->line, line->quantity, line->lot, line->serial, false};
	inv_status rc = inv__line_check(call, ask->product, &units);

	const char *fault = NULL;

	if (rc != INV_OK)
		return rc;
	if (line->use_list_price && line->unit_price != 0)
		return inv__sale_line_fail(call, ask, INV_E_INVALID, "unit_price",
		                           "the price is given, and the list price is asked for too");
	if (!inv_id_is_none(line->location.id))
		fault = place_fault(work, line->location.id, &rc);
	if (fault)
		return inv__sale_line_fail(call, ask, rc, "location", fault);
	line->sku = ask->product->sku;
	line->stocking = ask->product->stocking;
	if (line->name.len == 0)
		line->name = ask->product->name;
	if (line->use_list_price)
		line->unit_price = ask->product->list_price;
	line->use_list_price = 0;
	return INV_OK;
}

static int account_and_instant(const inv__leg *a, const inv__leg *b)
{
	int c = inv__leg_compare(a, b);

	return c ? c : (a->occurred_at > b->occurred_at) - (a->occurred_at < b->occurred_at);
}

/* Both are sorted: is every account among those that were claimed, with the instant? */
static bool all_foretold(const inv__sale_work *work)
{
	size_t at = 0;

	for (size_t i = 0; i < work->leg_count; i++) {
		while (at < work->claimed_count &&
		       account_and_instant(&work->claimed[at], &work->legs[i]) < 0)
			at++;
		if (at == work->claimed_count ||
		    account_and_instant(&work->claimed[at], &work->legs[i]) != 0)
			return false;
	}
	return true;
}

/* Goods leave from and come back to places that hold stock; lines that name one were checked. */
static inv_status check_own_places(inv__call *call, const inv__sale_work *work)
{
	inv_id last = {{0}};

	for (size_t i = 0; i < work->leg_count; i++) {
		const inv__leg *leg = &work->legs[i];
		const char *fault;
		inv_status status;

		if (inv__id_equal(leg->location, last))
			continue;
		fault = place_fault(work, leg->location, &status);
		if (fault)
			return inv__call_fail(call, status, leg->input, "location", "%s", fault);
		last = leg->location;
	}
	return INV_OK;
}

/* A refund may take a serial from its sale, which claim did not know of. */
static inv_status lock_serials(inv__call *call, const inv__sale_work *work)
{
	bool claimed = false, found = false;

	for (size_t i = 0; i < work->claimed_count; i++)
		claimed |= work->claimed[i].serial.len > 0;
	for (size_t i = 0; i < work->leg_count; i++)
		found |= work->legs[i].serial.len > 0;
	return found && !claimed ? inv__products_lock(call, work->products.ids, work->line_count, true)
	                         : INV_OK;
}

static inv_status make_legs(inv__call *call, inv__sale_work *work, const inv_sale *const *sales,
                            bool takes)
{
	inv_status rc = inv__legs_of_sales(call->arena, sales, call->count, &work->legs,
	                                   &work->leg_count);

	if (rc == INV_OK && takes)
		rc = inv__commits_take(call, &work->commits, &work->accounts, work->legs,
		                       work->leg_count);
	if (rc == INV_OK && inv__legs_sort(call->arena, &work->legs, &work->leg_count) != INV_OK)
		rc = inv__call_no_memory(call);
	return rc;
}

/* The accounts are claimed, and what is held of them can be taken. */
static inv_status take_held(inv__call *call, inv__sale_work *work, const inv_sale *const *sales)
{
	inv_status rc = work->claimed_count > 0 ? inv__accounts_read(call, &work->accounts) : INV_OK;

	if (rc == INV_OK && work->commits.count > 0)
		rc = make_legs(call, work, sales, true);
	return rc == INV_OK ? check_own_places(call, work) : rc;
}

inv_status inv__sale_stock(inv__call *call, inv__sale_work *work)
{
	const inv_sale **list = inv__arena_array(call->arena, call->count, sizeof *list);
	inv_status rc;

	if (!list)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < call->count; i++)
		list[i] = &work->sales[i];
	if (call->phase > 0) {
		inv__places_read(call, &work->places);
		return take_held(call, work, list);
	}
	rc = make_legs(call, work, list, false);
	if (rc != INV_OK)
		return rc;
	if (all_foretold(work))
		return take_held(call, work, list);
	call->more = true;
	rc = lock_serials(call, work);
	return rc == INV_OK ? claim_stock(call, work, list) : rc;
}
