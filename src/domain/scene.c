/* SPDX-License-Identifier: MIT */
/* The scene of a command: what settings, channel, location and till say. */
#include "domain/known.h"
#include "domain/well_known.h"
#include "util/id.h"
#include "util/time.h"

/* A till's own location and channel go before the session's; only sales ask for a till. */
#define WITH_SETTINGS " JOIN settings s ON 1 = 1"
#define WITH_TILL WITH_SETTINGS \
	" LEFT JOIN register t ON ?+5 = 1 AND t.archived = 0 AND" \
	" t.id = COALESCE(NULLIF(r.till, ?+3), NULLIF(?+4, ?+3), s.default_till)"
#define CHANNEL(tills) \
	"COALESCE(NULLIF(r.channel, ?+3), " tills "NULLIF(?+1, ?+3), s.default_channel)"
#define LOCATION(tills) \
	"COALESCE(NULLIF(r.location, ?+3), " tills "NULLIF(?+2, ?+3), s.default_location)"
#define TILLS_CHANNEL "NULLIF(t.channel, ?+3), "
#define TILLS_LOCATION "NULLIF(t.location, ?+3), "
#define TILL "t.id, t.code, COALESCE((SELECT MAX(k.number) FROM sale k WHERE k.till = t.id), 0)"

#define SCENE(channel, location, till) \
	"SELECT r.n, s.base_currency, s.ticket_format," \
	" CASE WHEN COALESCE(l.time_zone, '') <> '' THEN l.time_zone ELSE s.time_zone END," \
	" CASE WHEN COALESCE(l.day_start, 0) > 0 THEN l.day_start ELSE s.day_start END," \
	" s.cash_rounding, " channel ", c.guard, c.backorder_limit, " location ", l.kind, " till \
	", s.closed_until FROM {rows# channel:id location:id till:id} r"

INV__SQL(SQL_SCENE,
         SCENE("c.id", "l.id", TILL) WITH_TILL
         " LEFT JOIN channel c ON c.archived = 0 AND c.id = " CHANNEL(TILLS_CHANNEL)
         " LEFT JOIN location l ON l.archived = 0 AND l.id = " LOCATION(TILLS_LOCATION));

/* Neither is archived while something is booked there; without one of them nothing is. The settings
 * are not locked, but by what reaches back: sessions say where they are, so that a default that is
 * just being changed decides nothing, and whoever changes settings would wait for ever on a busy
 * day. */
#define HELD_SCENE(till) \
	SCENE("CASE WHEN c.archived = 0 THEN c.id END", "CASE WHEN l.archived = 0 THEN l.id END", till)
#define HELD_STOCK(order) \
	HELD_SCENE("NULL, NULL, 0") WITH_SETTINGS " JOIN channel c ON c.id = " CHANNEL("") \
	" JOIN location l ON l.id = " LOCATION("") order " {share_of c, l}"
#define HELD_SALE(order) \
	HELD_SCENE(TILL) WITH_TILL " JOIN channel c ON c.id = " CHANNEL(TILLS_CHANNEL) \
	" JOIN location l ON l.id = " LOCATION(TILLS_LOCATION) order " {share_of c, l}"
#define IN_ORDER " ORDER BY c.id, l.id"
/* Of sales or not, for several or for one. */
static const inv__sql held[2][2] = {{{HELD_STOCK("")}, {HELD_STOCK(IN_ORDER)}},
                                    {{HELD_SALE("")}, {HELD_SALE(IN_ORDER)}}};

static bool sells(const inv__call *call)
{
	return call->op->output == INV_RECORD_sale;
}

/* A till's tickets are numbered one behind the other, so one sale at a time has the till. */
INV__SQL(SQL_TILL_LOCK,
         "SELECT t.id FROM {rows till:id} r JOIN settings s ON 1 = 1 JOIN register t ON t.id ="
         " COALESCE(NULLIF(r.till, ?+2), NULLIF(?+1, ?+2), s.default_till)"
         " ORDER BY t.id {lock_of t}");

static inv_status lock_tills(inv__call *call, const inv__scene_ids *wanted, size_t count)
{
	inv__batch *b = call->batch;
	inv_id none = {{0}};
	inv_str *tills;

	if (!call->locks || !sells(call))
		return INV_OK;
	inv__batch_add(b, &SQL_TILL_LOCK);
	inv__batch_flags(b, INV_ITEM_LOCK);
	inv__batch_rows(b, count);
	tills = inv__batch_blob_column(b);
	for (size_t i = 0; tills && i < count; i++)
		inv__batch_id_at(b, tills, i, &wanted[i].till);
	inv__batch_id(b, call->session.till);
	inv__batch_id(b, none);
	return b->status == INV_OK ? INV_OK : inv__call_no_memory(call);
}

static inv__scene_key key_of(const inv__call *call, const inv__scene_ids *wanted)
{
	inv__scene_key key = {.wanted = *wanted, .session = call->session};

	key.sells = sells(call);
	return key;
}

/* The scenes of inputs that are not known. */
static inv_status ask(inv__call *call, const inv__scenes *scenes, size_t count, size_t asked)
{
	inv__batch *b = call->batch;
	inv_id none = {{0}};
	inv_str *channels, *locations, *tills;

	inv__batch_rows(b, asked);
	channels = inv__batch_blob_column(b);
	locations = inv__batch_blob_column(b);
	tills = inv__batch_blob_column(b);
	for (size_t i = 0; b->status == INV_OK && i < count; i++) {
		size_t row = scenes->rows[i];

		if (row == SIZE_MAX)
			continue;
		inv__batch_id_at(b, channels, row, &scenes->wanted[i].channel);
		inv__batch_id_at(b, locations, row, &scenes->wanted[i].location);
		inv__batch_id_at(b, tills, row, &scenes->wanted[i].till);
	}
	inv__batch_id(b, call->session.channel);
	inv__batch_id(b, call->session.location);
	inv__batch_id(b, none);
	if (sells(call) || !call->locks) {
		inv__batch_id(b, call->session.till);
		inv__batch_int(b, sells(call));
	}
	return b->status == INV_OK ? INV_OK : inv__call_no_memory(call);
}

#define RECENT (INT64_C(5) * 60 * INV__SECOND)

/* Did something that the command tells of happen long enough ago to be closed in the meantime? */
static bool reaches_back(const inv__call *call)
{
	const inv_field_desc *field = inv_schema_field_named(inv_schema_record(call->op->input),
	                                                     INV_S("occurred_at"), NULL);
	int64_t at;

	for (size_t i = 0; field && i < call->count; i++) {
		memcpy(&at, inv__field_at(field, inv__call_input(call, i)), sizeof at);
		if (at != 0 && at < call->now - RECENT)
			return true;
	}
	return false;
}

/* Where others write, the books are not closed while something is booked that they would refuse. */
static inv_status keep_open(inv__call *call)
{
	const inv_id settings = INV__ID_SETTINGS;

	return inv__rows_share(call, inv_schema_table(INV_TABLE_settings), &settings, 1);
}

inv_status inv__scene_claim(inv__call *call, const inv__scene_ids *wanted, size_t count,
                            inv__scenes *out)
{
	const inv__known_places *known = inv__known_places_of(call->known);
	bool reaches = call->locks && reaches_back(call);
	size_t asked = 0;

	out->wanted = wanted;
	out->list = inv__arena_array(call->arena, count, sizeof *out->list);
	out->rows = inv__arena_alloc(call->arena, count * sizeof *out->rows);
	if (!out->list || !out->rows || (reaches && keep_open(call) != INV_OK))
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++) {
		const inv__scene_key key = key_of(call, &wanted[i]);
		bool is_known = !reaches && inv__known_scene(known, &key, call->arena, &out->list[i]);

		out->rows[i] = is_known ? SIZE_MAX : asked++;
	}
	call->rests |= asked < count;
	if (asked == 0)
		return INV_OK;
	if (lock_tills(call, wanted, count) != INV_OK)
		return INV_E_NO_MEMORY;
	out->statement = inv__batch_add(call->batch, call->locks ? &held[sells(call)][asked > 1]
	                                                         : &SQL_SCENE);
	/* Where a command that is no sale happens is known already. */
	if (call->locks && count == 1 && !sells(call))
		call->scene_place = inv_id_is_none(wanted->location) ? call->session.location
		                                                     : wanted->location;
	return ask(call, out, count, asked);
}

static void read_row(const inv_rows *rows, size_t row, inv__scene *out)
{
	memset(out, 0, sizeof *out);
	out->currency = inv__cell_str(rows, row, 1);
	out->ticket_format = inv__cell_str(rows, row, 2);
	out->time_zone = inv__cell_str(rows, row, 3);
	out->day_start = (int32_t)inv__cell_int(rows, row, 4);
	out->cash_rounding = inv__cell_int(rows, row, 5);
	out->has_channel = !inv__cell_is_null(rows, row, 6);
	out->channel = inv__cell_id(rows, row, 6);
	out->guard = (int32_t)inv__cell_int(rows, row, 7);
	out->backorder_limit = inv__cell_int(rows, row, 8);
	out->has_location = !inv__cell_is_null(rows, row, 9);
	out->location = inv__cell_id(rows, row, 9);
	out->has_till = !inv__cell_is_null(rows, row, 11);
	out->till = inv__cell_id(rows, row, 11);
	out->till_code = inv__cell_str(rows, row, 12);
	out->last_number = inv__cell_int(rows, row, 13);
	out->closed_until = inv__cell_int(rows, row, 14);
}

/* The row that belongs to entry `n` of the rowset: most often it stands in its place. The count of
 * rows when there is none. */
static size_t find_row(const inv_rows *rows, size_t n)
{
	size_t row = 0;

	if (n < rows->row_count && inv__cell_int(rows, n, 0) == (int64_t)n)
		return n;
	while (row < rows->row_count && inv__cell_int(rows, row, 0) != (int64_t)n)
		row++;
	return row;
}

static inv_status take(inv__call *call, const inv__scenes *scenes, size_t index, inv__scene *out)
{
	const inv__scene_key key = key_of(call, &scenes->wanted[index]);
	const inv_rows *rows;
	size_t row;

	if (scenes->rows[index] == SIZE_MAX) {
		*out = scenes->list[index];
		return INV_OK;
	}
	rows = inv__batch_result(call->batch, scenes->statement);
	row = find_row(rows, scenes->rows[index]);
	if (row == rows->row_count && call->locks)
		return inv__call_fail(call, INV_E_STATE, index, NULL, "no channel or no location is set");
	if (row == rows->row_count)
		return inv__call_fail(call, INV_E_CORRUPT, index, NULL, "the store has no settings");
	read_row(rows, row, out);
	inv__known_scene_put(inv__known_places_of(call->known), &key, out);
	if (inv__id_equal(out->location, call->scene_place)) {
		const inv__place place = {.id = out->location, .found = true,
		                          .kind = (int32_t)inv__cell_int(rows, row, 10)};

		inv__known_place_put(inv__known_places_of(call->known), &place);
	}
	return INV_OK;
}

inv_status inv__scene_read(inv__call *call, const inv__scenes *scenes, size_t index,
                           inv__scene *out)
{
	inv_status rc = take(call, scenes, index, out);

	if (rc == INV_OK && !out->has_channel)
		return inv__call_fail(call, INV_E_STATE, index, NULL,
		                      "the channel is archived or none is set");
	if (rc == INV_OK && !out->has_location)
		return inv__call_fail(call, INV_E_STATE, index, "location",
		                      "the location is archived or none is set");
	return rc;
}

#define AHEAD_MAX (INT64_C(5) * 60 * INV__SECOND)

int64_t inv__scene_foretell(const inv__call *call, int64_t occurred_at)
{
	return occurred_at == 0 || occurred_at > call->now + AHEAD_MAX ? call->now : occurred_at;
}

inv_status inv__scene_date(inv__call *call, const inv__scene *scene, size_t index,
                           int64_t occurred_at, int32_t *business_date)
{
	inv__zone zone;

	if (!inv__zone_parse(scene->time_zone, &zone))
		return inv__call_fail(call, INV_E_CORRUPT, index, NULL,
		                      "the stored time zone rule cannot be read");
	*business_date = inv__zone_date(&zone, scene->day_start, occurred_at);
	return INV_OK;
}

static inv_status refuse_closed(inv__call *call, const inv__scene *scene, size_t index)
{
	char when[40];

	inv__instant_format(scene->closed_until, when);
	return inv__call_fail(call, INV_E_STATE, index, "occurred_at",
	                      "the books are closed up to %s", when);
}

inv_status inv__scene_instant(inv__call *call, const inv__scene *scene, size_t index,
                              int64_t *occurred_at, int32_t *business_date, bool *clamped)
{
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
	if (scene->closed_until != 0 && *occurred_at <= scene->closed_until)
		return refuse_closed(call, scene, index);
	return inv__scene_date(call, scene, index, *occurred_at, business_date);
}
