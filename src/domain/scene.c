/* SPDX-License-Identifier: MIT */
/* The scene of a command: what settings, channel, location and till say. */
#include "domain/domain.h"
#include "util/time.h"

/* A till's own location and channel go before the session's; only sales ask for a till. */
INV__SQL(SQL_SCENE,
         "SELECT r.n, s.base_currency, s.ticket_format,"
         " CASE WHEN COALESCE(l.time_zone, '') <> '' THEN l.time_zone ELSE s.time_zone END,"
         " CASE WHEN COALESCE(l.day_start, 0) > 0 THEN l.day_start ELSE s.day_start END,"
         " s.cash_rounding, c.id, c.guard, c.backorder_limit, l.id, t.id, t.code,"
         " COALESCE(k.last_number, 0)"
         " FROM {rows# channel:id location:id till:id} r"
         " JOIN settings s ON 1 = 1"
         " LEFT JOIN register t ON ?+5 = 1 AND t.archived = 0 AND"
         " t.id = COALESCE(NULLIF(r.till, ?+4), NULLIF(?+3, ?+4), s.default_till)"
         " LEFT JOIN register_counter k ON k.register_id = t.id"
         " LEFT JOIN channel c ON c.archived = 0 AND c.id ="
         " COALESCE(NULLIF(r.channel, ?+4), NULLIF(t.channel, ?+4), NULLIF(?+1, ?+4),"
         " s.default_channel)"
         " LEFT JOIN location l ON l.archived = 0 AND l.id ="
         " COALESCE(NULLIF(r.location, ?+4), NULLIF(t.location, ?+4), NULLIF(?+2, ?+4),"
         " s.default_location)");

inv_status inv__scene_claim(inv__call *call, const inv__scene_ids *wanted, size_t count,
                            size_t *statement)
{
	inv__batch *b = call->batch;
	inv_id none = {{0}};
	inv_str *channels, *locations, *tills;

	*statement = inv__batch_add(b, &SQL_SCENE);
	inv__batch_rows(b, count);
	channels = inv__batch_blob_column(b);
	locations = inv__batch_blob_column(b);
	tills = inv__batch_blob_column(b);
	if (!channels || !locations || !tills)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++) {
		inv__batch_id_at(b, channels, i, &wanted[i].channel);
		inv__batch_id_at(b, locations, i, &wanted[i].location);
		inv__batch_id_at(b, tills, i, &wanted[i].till);
	}
	inv__batch_id(b, call->session.channel);
	inv__batch_id(b, call->session.location);
	inv__batch_id(b, call->session.till);
	inv__batch_id(b, none);
	inv__batch_int(b, call->op->output == INV_RECORD_sale);
	return b->status;
}

inv_status inv__scene_read(inv__call *call, size_t statement, size_t index, inv__scene *out)
{
	const inv_rows *rows = inv__batch_result(call->batch, statement);

	memset(out, 0, sizeof *out);
	if (index >= rows->row_count)
		return inv__call_fail(call, INV_E_CORRUPT, index, NULL, "the store has no settings");
	out->currency = inv__cell_str(rows, index, 1);
	out->ticket_format = inv__cell_str(rows, index, 2);
	out->time_zone = inv__cell_str(rows, index, 3);
	out->day_start = (int32_t)inv__cell_int(rows, index, 4);
	out->cash_rounding = inv__cell_int(rows, index, 5);
	out->has_channel = !inv__cell_is_null(rows, index, 6);
	out->channel = inv__cell_id(rows, index, 6);
	out->guard = (int32_t)inv__cell_int(rows, index, 7);
	out->backorder_limit = inv__cell_int(rows, index, 8);
	out->has_location = !inv__cell_is_null(rows, index, 9);
	out->location = inv__cell_id(rows, index, 9);
	out->has_till = !inv__cell_is_null(rows, index, 10);
	out->till = inv__cell_id(rows, index, 10);
	out->till_code = inv__cell_str(rows, index, 11);
	out->last_number = inv__cell_int(rows, index, 12);
	if (!out->has_channel)
		return inv__call_fail(call, INV_E_STATE, index, NULL,
		                      "the channel is archived or none is set");
	if (!out->has_location)
		return inv__call_fail(call, INV_E_STATE, index, "location",
		                      "the location is archived or none is set");
	return INV_OK;
}

#define AHEAD_MAX (INT64_C(5) * 60 * INV__SECOND)

int64_t inv__scene_foretell(const inv__call *call, int64_t occurred_at)
{
	return occurred_at == 0 || occurred_at > call->now + AHEAD_MAX ? call->now : occurred_at;
}

inv_status inv__scene_instant(inv__call *call, const inv__scene *scene, size_t index,
                              int64_t *occurred_at, int32_t *business_date, bool *clamped)
{
	inv__zone zone;

	*clamped = false;
	if (*occurred_at == 0)
		*occurred_at = call->now;
	if (*occurred_at > call->now + AHEAD_MAX) {
		if (scene->guard != INV_GUARD_OBSERVE)
			return inv__call_fail(call, INV_E_INVALID, index, "occurred_at",
			                      "it lies more than five minutes ahead of the clock");
		*occurred_at = call->now;
		*clamped = true;
	}
	if (!inv__zone_parse(scene->time_zone, &zone))
		return inv__call_fail(call, INV_E_CORRUPT, index, NULL,
		                      "the stored time zone rule cannot be read");
	*business_date = inv__zone_date(&zone, scene->day_start, *occurred_at);
	return INV_OK;
}
