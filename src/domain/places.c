/* SPDX-License-Identifier: MIT */
/* Locations, registers, channels: what is checked beyond their description. */
#include "domain/domain.h"
#include "domain/time_rule.h"
#include "domain/well_known.h"
#include "util/id.h"

INV__SQL(SQL_PLACES,
         "SELECT r.n, l.kind, l.archived FROM {rows# id:id} r JOIN location l ON l.id = r.id");

inv_status inv__places_claim(inv__call *call, const inv_id *ids, size_t count, size_t *statement)
{
	inv__batch *b = call->batch;
	inv_str *column;

	*statement = inv__batch_add(b, &SQL_PLACES);
	inv__batch_rows(b, count);
	column = inv__batch_blob_column(b);
	if (!column)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++)
		inv__batch_id_at(b, column, i, &ids[i]);
	return b->status;
}

void inv__places_read(inv__call *call, size_t statement, const inv_id *ids, size_t count,
                      inv__place *out)
{
	const inv_rows *rows = inv__batch_result(call->batch, statement);

	for (size_t i = 0; i < count; i++) {
		memset(&out[i], 0, sizeof out[i]);
		out[i].id = ids[i];
	}
	for (size_t row = 0; row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n >= count)
			continue;
		out[n].found = true;
		out[n].kind = (int32_t)inv__cell_int(rows, row, 1);
		out[n].archived = inv__cell_int(rows, row, 2) != 0;
	}
}

/* The statement that walks up from each location's parent, to see that no tree bites its tail. */
INV__SQL(SQL_ANCESTORS,
         "WITH RECURSIVE r AS (SELECT * FROM {rows# id:id parent:id} x),"
         " up (n, id) AS (SELECT r.n, r.parent FROM r"
         " UNION SELECT up.n, l.parent FROM up JOIN location l ON l.id = up.id)"
         " SELECT r.n FROM r JOIN up ON up.n = r.n AND up.id = r.id");

static inv_status location_claim(inv__call *call, void *const *records, size_t count)
{
	inv__batch *b = call->batch;
	inv_str *ids, *parents;
	size_t *statement = inv__arena_alloc(call->arena, sizeof *statement);

	if (!statement)
		return inv__call_no_memory(call);
	*statement = inv__batch_add(b, &SQL_ANCESTORS);
	call->hook_state = statement;
	inv__batch_rows(b, count);
	ids = inv__batch_blob_column(b);
	parents = inv__batch_blob_column(b);
	if (!ids || !parents)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++) {
		const inv_location *l = records[i];

		inv__batch_id_at(b, ids, i, &l->id);
		inv__batch_id_at(b, parents, i, &l->parent.id);
	}
	return b->status;
}

static inv_status location_check(inv__call *call, size_t index, void *record, const void *before)
{
	const inv_rows *loops = inv__batch_result(call->batch, *(const size_t *)call->hook_state);
	inv_location *l = record;

	(void)before;
	for (size_t row = 0; row < loops->row_count; row++)
		if (inv__cell_int(loops, row, 0) == (int64_t)index)
			return inv__call_fail(call, INV_E_INVALID, index, "parent",
			                      "a location cannot stand below itself");
	return inv__time_rule(call, index, "time_zone", &l->time_zone);
}

static inv_status channel_check(inv__call *call, size_t index, void *record, const void *before)
{
	const inv_channel *c = record;

	(void)before;
	if (c->backorder_limit != 0 && c->guard != INV_GUARD_BACKORDER)
		return inv__call_fail(call, INV_E_INVALID, index, "backorder_limit",
		                      "only a channel with guard backorder has a limit");
	return INV_OK;
}

const inv__master inv__master_location = {INV_TABLE_location, INV_EVENT_location_created,
                                          INV_EVENT_location_updated, INV_EVENT_location_archived,
                                          location_claim, location_check};
const inv__master inv__master_register = {INV_TABLE_register, INV_EVENT_register_created,
                                          INV_EVENT_register_updated, INV_EVENT_register_archived,
                                          NULL, NULL};
const inv__master inv__master_channel = {INV_TABLE_channel, INV_EVENT_channel_created,
                                         INV_EVENT_channel_updated, INV_EVENT_channel_archived,
                                         NULL, channel_check};
const inv__master inv__master_category = {INV_TABLE_category, INV_EVENT_category_created,
                                          INV_EVENT_category_updated, INV_EVENT_category_archived,
                                          NULL, NULL};
