/* SPDX-License-Identifier: MIT */
/* Locations, registers, channels, categories: what is checked beyond their description. */
#include "domain/known.h"
#include "domain/time_rule.h"
#include "domain/well_known.h"
#include "util/id.h"

#define PLACES \
	"SELECT r.n, l.kind, l.archived FROM {rows# id:id} r JOIN location l ON l.id = r.id"
INV__SQL(SQL_PLACES, PLACES);
INV__SQL(SQL_PLACES_HELD, PLACES " ORDER BY l.id {share_of l}");

/* Will the command's scene, which is asked for and locked, tell of this place? */
static bool is_scene(const inv__call *call, const inv_id *id)
{
	return !inv_id_is_none(*id) && inv__id_equal(*id, call->scene_place);
}

/* A location is not archived while goods go through it; one that is known by heart has been locked
 * by this transaction before. */
inv_status inv__places_claim(inv__call *call, const inv_id *ids, size_t count, inv__places *out)
{
	const inv__known_places *known = inv__known_places_of(call->known);
	inv_str *column;

	out->list = inv__arena_array(call->arena, count, sizeof *out->list);
	out->asked = inv__arena_alloc(call->arena, count * sizeof *out->asked);
	out->count = count;
	out->asked_count = 0;
	if (!out->list || !out->asked)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++) {
		out->list[i].id = ids[i];
		if (!inv__known_place(known, &ids[i], &out->list[i]) && !is_scene(call, &ids[i]))
			out->asked[out->asked_count++] = i;
	}
	call->rests |= out->asked_count < count;
	if (out->asked_count == 0)
		return INV_OK;
	out->statement = inv__batch_add(call->batch, call->locks ? &SQL_PLACES_HELD : &SQL_PLACES);
	inv__batch_rows(call->batch, out->asked_count);
	column = inv__batch_blob_column(call->batch);
	for (size_t i = 0; column && i < out->asked_count; i++)
		inv__batch_id_at(call->batch, column, i, &ids[out->asked[i]]);
	return call->batch->status == INV_OK ? INV_OK : inv__call_no_memory(call);
}

void inv__places_read(inv__call *call, inv__places *places)
{
	const inv_rows *rows;

	for (size_t i = 0; i < places->count; i++)
		if (is_scene(call, &places->list[i].id))
			(void)inv__known_place(inv__known_places_of(call->known), &places->list[i].id,
			                       &places->list[i]);
	if (places->asked_count == 0)
		return;
	rows = inv__batch_result(call->batch, places->statement);
	for (size_t row = 0; row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);
		inv__place *place = n < places->asked_count ? &places->list[places->asked[n]] : NULL;

		if (!place)
			continue;
		place->found = true;
		place->kind = (int32_t)inv__cell_int(rows, row, 1);
		place->archived = inv__cell_int(rows, row, 2) != 0;
		inv__known_place_put(inv__known_places_of(call->known), place);
	}
}

inv_status inv__place_check(inv__call *call, const inv__place *place, size_t index,
                            const char *field)
{
	if (!place->found)
		return inv__call_fail(call, INV_E_NOT_FOUND, index, field, "there is no such location");
	if (place->archived)
		return inv__call_fail(call, INV_E_STATE, index, field, "the location is archived");
	if (!inv__kind_is_physical(place->kind))
		return inv__call_fail(call, INV_E_INVALID, index, field,
		                      "the location is virtual: it holds no stock");
	return INV_OK;
}

static inv_status location_check(inv__call *call, size_t index, void *record)
{
	return inv__time_rule(call, index, "time_zone", &((inv_location *)record)->time_zone);
}

static inv_status channel_check(inv__call *call, size_t index, void *record)
{
	const inv_channel *c = record;

	if (c->backorder_limit != 0 && c->guard != INV_GUARD_BACKORDER)
		return inv__call_fail(call, INV_E_INVALID, index, "backorder_limit",
		                      "only a channel with guard backorder has a limit");
	return INV_OK;
}

/* Several causes come in this order. */
#define DEFAULT_SQL(field) \
	"SELECT r.n, 'it is the " field " of the settings', 0" \
	" FROM {rows# id:id} r JOIN settings s ON s." field " = r.id"
#define REGISTER_SQL(field, cause) \
	"SELECT r.n, '" cause "', 1 FROM {rows# id:id} r" \
	" JOIN register t ON t." field " = r.id AND t.archived = 0"
#define IN_ORDER " ORDER BY 1, 3"

INV__SQL(SQL_LOCATION_USED,
         DEFAULT_SQL("default_location")
         " UNION ALL " REGISTER_SQL("location", "a register stands in it")
         " UNION ALL SELECT r.n, 'it holds stock', 2 FROM {rows# id:id} r WHERE EXISTS"
         " (SELECT 1 FROM holding a WHERE a.location = r.id AND a.on_hand <> 0)"
         " UNION ALL SELECT r.n, 'something is reserved there', 3 FROM {rows# id:id} r WHERE EXISTS"
         " (SELECT 1 FROM reservation h WHERE h.location = r.id AND h.open > 0)"
         " UNION ALL SELECT r.n, 'a transfer is under way there', 4 FROM {rows# id:id} r"
         " WHERE EXISTS (SELECT 1 FROM transfer t WHERE t.state < 4 AND (t.from_location = r.id"
         " OR t.to_location = r.id OR t.transit_location = r.id))" IN_ORDER);
_Static_assert(INV_TRANSFER_STATE_CLOSED == 4 && INV_TRANSFER_STATE_CANCELLED == 5,
               "transfer_state has other numbers");
INV__SQL(SQL_CHANNEL_USED, DEFAULT_SQL("default_channel")
         " UNION ALL " REGISTER_SQL("channel", "a register sells through it") IN_ORDER);
INV__SQL(SQL_REGISTER_USED, DEFAULT_SQL("default_till"));

const inv__master inv__master_location = {INV_TABLE_location, INV_EVENT_location_created,
                                          INV_EVENT_location_updated, INV_EVENT_location_archived,
                                          NULL, location_check, &SQL_LOCATION_USED};
const inv__master inv__master_register = {INV_TABLE_register, INV_EVENT_register_created,
                                          INV_EVENT_register_updated, INV_EVENT_register_archived,
                                          NULL, NULL, &SQL_REGISTER_USED};
const inv__master inv__master_channel = {INV_TABLE_channel, INV_EVENT_channel_created,
                                         INV_EVENT_channel_updated, INV_EVENT_channel_archived,
                                         NULL, channel_check, &SQL_CHANNEL_USED};
const inv__master inv__master_category = {INV_TABLE_category, INV_EVENT_category_created,
                                          INV_EVENT_category_updated, INV_EVENT_category_archived,
                                          NULL, NULL, NULL};
