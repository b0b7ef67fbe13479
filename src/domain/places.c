/* SPDX-License-Identifier: MIT */
/* Locations, registers, channels, categories: what is checked beyond their description. */
#include "domain/domain.h"
#include "domain/time_rule.h"
#include "domain/tree.h"
#include "domain/well_known.h"
#include "util/id.h"

INV__SQL(SQL_PLACES,
         "SELECT r.n, l.kind, l.archived FROM {rows# id:id} r JOIN location l ON l.id = r.id");

inv_status inv__places_claim(inv__call *call, const inv_id *ids, size_t count, size_t *statement)
{
	*statement = inv__batch_add(call->batch, &SQL_PLACES);
	return inv__ids_claim(call, ids, count);
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

INV__SQL(SQL_ABOVE_LOCATIONS, INV__TREE_SQL("location"));
INV__SQL(SQL_ABOVE_CATEGORIES, INV__TREE_SQL("category"));

static inv_status location_claim(inv__call *call, void *const *records, size_t count)
{
	inv__tree_node *nodes = inv__arena_array(call->arena, count, sizeof *nodes);

	for (size_t i = 0; nodes && i < count; i++) {
		nodes[i].id = ((const inv_location *)records[i])->id;
		nodes[i].parent = ((const inv_location *)records[i])->parent.id;
	}
	return nodes ? inv__tree_claim(call, &SQL_ABOVE_LOCATIONS, nodes, count)
	             : inv__call_no_memory(call);
}

static inv_status location_check(inv__call *call, size_t index, void *record, const void *before)
{
	inv_location *l = record;
	inv_status rc = inv__tree_check(call, index);

	(void)before;
	return rc == INV_OK ? inv__time_rule(call, index, "time_zone", &l->time_zone) : rc;
}

static inv_status category_claim(inv__call *call, void *const *records, size_t count)
{
	inv__tree_node *nodes = inv__arena_array(call->arena, count, sizeof *nodes);

	for (size_t i = 0; nodes && i < count; i++) {
		nodes[i].id = ((const inv_category *)records[i])->id;
		nodes[i].parent = ((const inv_category *)records[i])->parent.id;
	}
	return nodes ? inv__tree_claim(call, &SQL_ABOVE_CATEGORIES, nodes, count)
	             : inv__call_no_memory(call);
}

static inv_status category_check(inv__call *call, size_t index, void *record, const void *before)
{
	(void)record;
	(void)before;
	return inv__tree_check(call, index);
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
                                          category_claim, category_check};
