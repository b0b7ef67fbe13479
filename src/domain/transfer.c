/* SPDX-License-Identifier: MIT */
/* Transfers as they stand, how far they have come, and from events to rows. */
#include <stdlib.h>

#include "domain/ops.h"
#include "domain/transfer.h"
#include "util/id.h"

inv_status inv__claim_transfer_get(inv__call *call)
{
	return inv__documents_get(call, INV_TABLE_transfer, INV_TABLE_transfer_line);
}

inv_status inv__decide_transfer_get(inv__call *call)
{
	return inv__documents_got(call);
}

/* ---- how far it has come ---- */

inv__transfer_sums inv__transfer_sum(const inv_transfer *t)
{
	inv__transfer_sums sums = {false, false, false};

	for (size_t i = 0; i < t->lines.count; i++) {
		const inv_transfer_line *l = inv__transfer_line_of(t, i);

		sums.shipped |= l->shipped > 0;
		sums.unshipped |= inv__transfer_unshipped(l) > 0;
		sums.underway |= inv__transfer_underway(l) > 0;
	}
	return sums;
}

const char *inv__transfer_state_name(int32_t state)
{
	return inv_schema_enum(INV_ENUM_transfer_state)->values[state].name;
}

static int32_t state_after(const inv_transfer *t, uint32_t event)
{
	const inv__transfer_sums sums = inv__transfer_sum(t);

	if (event == INV_EVENT_transfer_created || event == INV_EVENT_transfer_updated)
		return INV_TRANSFER_STATE_DRAFT;
	if (event == INV_EVENT_transfer_closed)
		return INV_TRANSFER_STATE_CLOSED;
	if (!sums.shipped)
		return sums.unshipped ? INV_TRANSFER_STATE_REQUESTED : INV_TRANSFER_STATE_CANCELLED;
	return sums.unshipped || sums.underway ? INV_TRANSFER_STATE_SHIPPED
	                                       : INV_TRANSFER_STATE_RECEIVED;
}

inv_status inv__transfer_changed(inv__call *call, inv_transfer *t, uint32_t event,
                                 const inv__event *when)
{
	t->state = state_after(t, event);
	t->line_count = (int64_t)t->lines.count;
	t->version++;
	t->updated_at = call->now;
	return inv__call_event(call, event, t->id, when->occurred_at, when->business_date, t);
}

/* ---- from events to rows ---- */

INV__SQL(SQL_LINES_DROP,
         "DELETE FROM transfer_line WHERE transfer IN (SELECT r.id FROM {rows id:id} r)");

static inv_status drop_lines(inv__apply *apply, const inv_id *ids, size_t count)
{
	inv_str *column;

	if (count == 0)
		return INV_OK;
	inv__batch_add(apply->batch, &SQL_LINES_DROP);
	inv__batch_rows(apply->batch, count);
	column = inv__batch_blob_column(apply->batch);
	for (size_t i = 0; column && i < count; i++)
		inv__batch_id_at(apply->batch, column, i, &ids[i]);
	return apply->batch->status;
}

/* The last versions of transfers, new ones or such as are there already. */
static inv_status put(inv__apply *apply, const void **records, size_t count, bool made)
{
	inv_id *ids = inv__arena_alloc(apply->arena, (count + 1) * sizeof *ids);
	const inv_list **lists = inv__arena_alloc(apply->arena, (count + 1) * sizeof *lists);
	inv_status rc = INV_OK;

	if (!ids || !lists)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		const inv_transfer *t = records[i];

		ids[i] = t->id;
		lists[i] = &t->lines;
	}
	if (!made)
		rc = drop_lines(apply, ids, count);
	if (rc == INV_OK)
		rc = inv__rows_put(apply->batch, inv_schema_table(INV_TABLE_transfer), records, count,
		                   !made);
	return rc == INV_OK ? inv__children_put(apply, INV_TABLE_transfer_line, ids, lists, count) : rc;
}

static bool makes_new(const inv__event *event)
{
	return event->desc->number == INV_EVENT_transfer_created;
}

inv_status inv__apply_transfer(inv__apply *apply, const inv__event *events, size_t count)
{
	inv__versions v;
	inv_status rc = inv__versions_of(apply->arena, events, count, makes_new, &v);

	if (rc == INV_OK)
		rc = put(apply, v.changed, v.changed_count, false);
	return rc == INV_OK ? put(apply, v.made, v.made_count, true) : rc;
}
