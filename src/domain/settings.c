/* SPDX-License-Identifier: MIT */
/* The store's settings: one row. */
#include "domain/domain.h"
#include "domain/ops.h"
#include "domain/time_rule.h"
#include "domain/well_known.h"
#include "util/number.h"
#include "util/text.h"
#include "util/time.h"

static inv_status claim_row(inv__call *call, bool locked)
{
	const inv_table_desc *table = inv_schema_table(INV_TABLE_settings);
	const inv_id id = INV__ID_SETTINGS;
	size_t *statement = inv__arena_alloc(call->arena, sizeof *statement);
	inv_status rc = statement ? INV_OK : inv__call_no_memory(call);

	call->hook_state = statement;
	if (rc == INV_OK && locked)
		rc = inv__rows_lock(call, table, &id, 1);
	return rc == INV_OK ? inv__rows_claim(call, table, &id, 1, statement) : rc;
}

static inv_status read_row(inv__call *call, inv_settings *out)
{
	const inv_rows *rows =
		inv__batch_result(call->batch, *(const size_t *)call->hook_state);

	if (rows->row_count != 1)
		return inv__call_fail(call, INV_E_CORRUPT, 0, NULL, "the store has no settings");
	return inv__row_read(inv_schema_record(INV_RECORD_settings), inv__cell(rows, 0, 1), call->arena,
	                     out);
}

inv_status inv__claim_settings_get(inv__call *call)
{
	return claim_row(call, false);
}

inv_status inv__decide_settings_get(inv__call *call)
{
	inv_settings *out = inv__call_outputs(call, 1);

	return out ? read_row(call, out) : INV_E_NO_MEMORY;
}

inv_status inv__claim_settings_update(inv__call *call)
{
	inv__masters_turn(call);
	return claim_row(call, true);
}

/* Between the two halves of an update. */
typedef struct update_state {
	inv_settings before;
	inv__refs *refs;
	size_t amounts; /* statement; SIZE_MAX = the currency stays */
} update_state;

INV__SQL(SQL_AMOUNTS,
         "SELECT 'there are sales' WHERE EXISTS (SELECT 1 FROM sale)"
         " UNION ALL SELECT 'products have prices'"
         " WHERE EXISTS (SELECT 1 FROM product p WHERE p.list_price <> 0)");

/* Amounts are numbers in the base currency: another one would give them another worth. */
static inv_status check_currency(inv__call *call, const update_state *s)
{
	const inv_rows *rows;

	if (s->amounts == SIZE_MAX)
		return INV_OK;
	rows = inv__batch_result(call->batch, s->amounts);
	if (rows->row_count > 0)
		return inv__call_fail(call, INV_E_STATE, 0, "base_currency", "it cannot change: %.*s in it",
		                      (int)inv__cell_str(rows, 0, 0).len, inv__cell_str(rows, 0, 0).ptr);
	return INV_OK;
}

static bool has(inv_str text, const char *part)
{
	bool found = false;

	for (; text.len > 0 && !found; text.ptr++, text.len--)
		found = inv__str_starts(text, inv_str_of(part));
	return found;
}

/* A ticket names one sale of one till. */
static inv_status check_ticket(inv__call *call, inv_str format)
{
	if (format.len == 0 || (has(format, "{till}") && has(format, "{number}")))
		return INV_OK;
	return inv__call_fail(call, INV_E_INVALID, 0, "ticket_format",
	                      "it must contain {till} and {number}: a ticket names one sale");
}

static inv_status check(inv__call *call, inv_settings *s)
{
	inv_status rc;
	uint32_t decimals;

	if (!inv__currency_decimals(s->base_currency, &decimals))
		return inv__call_fail(call, INV_E_INVALID, 0, "base_currency",
		                      "`%.*s` is not an ISO 4217 currency code", (int)s->base_currency.len,
		                      s->base_currency.ptr);
	if (s->cash_rounding % inv__pow10(4 - decimals) != 0)
		return inv__call_fail(call, INV_E_INVALID, 0, "cash_rounding",
		                      "it must be a whole number of the currency's minor units");
	rc = check_ticket(call, s->ticket_format);
	return rc == INV_OK ? inv__time_rule(call, 0, "time_zone", &s->time_zone) : rc;
}

/* Every sale has its till locked: none is on its way while all tills are. Prices are changed in the
 * turn of the master data. */
INV__SQL(SQL_TILLS_LOCK, "SELECT t.id FROM register t ORDER BY t.id {lock}");

static void claim_amounts(inv__call *call, update_state *s)
{
	if (call->locks) {
		inv__batch_add(call->batch, &SQL_TILLS_LOCK);
		inv__batch_flags(call->batch, INV_ITEM_LOCK);
	}
	s->amounts = inv__batch_add(call->batch, &SQL_AMOUNTS);
}

/* Books are closed behind what is on its way: a command that happened in the last minutes is not
 * kept from deciding by one that closes, as others are (see reaches_back in scene.c). */
#define CLOSED_AGO (INT64_C(10) * 60 * INV__SECOND)

static inv_status check_closing(inv__call *call, const inv_settings *before,
                                const inv_settings *after)
{
	const inv_settings *in = inv__call_input(call, 0);
	char when[40];

	if (after->closed_until == before->closed_until)
		return INV_OK;
	if (after->closed_until > call->now - CLOSED_AGO)
		return inv__call_fail(call, INV_E_INVALID, 0, "closed_until",
		                      "the books can be closed up to ten minutes ago, not later");
	inv__instant_format(before->closed_until, when);
	if (before->closed_until != 0 && !in->reopen &&
	    (after->closed_until == 0 || after->closed_until < before->closed_until))
		return inv__call_fail(call, INV_E_STATE, 0, "closed_until",
		                      "the books are closed up to %s; only with `reopen` less of them is",
		                      when);
	return INV_OK;
}

/* What the changes rest on. */
static inv_status claim_checks(inv__call *call, update_state *s, const inv_settings *after)
{
	const inv__refs_of of = {inv_schema_record(INV_RECORD_settings), after, &s->before, 1};

	s->amounts = SIZE_MAX;
	if (!inv__str_equal(s->before.base_currency, after->base_currency))
		claim_amounts(call, s);
	return inv__refs_claim(call, &of, &s->refs);
}

/* What the row becomes. */
static inv_status merge(inv__call *call, bool *changed)
{
	const inv_record_desc *record = inv_schema_record(INV_RECORD_settings);
	const inv_settings *in = inv__call_input(call, 0);
	inv_settings *out = inv__call_outputs(call, 1);
	update_state *s = inv__arena_zalloc(call->arena, sizeof *s);
	inv_status rc = out && s ? read_row(call, out) : inv__call_no_memory(call);

	if (rc != INV_OK || call->replaying)
		return rc;
	call->state = s;
	s->before = *out;
	if (in->version != 0 && in->version != out->version)
		return inv__call_fail(call, INV_E_CONFLICT, 0, "version", "it is at version %lld now",
		                      (long long)out->version);
	rc = inv__master_merge(call, 0, record, in, out, changed);
	if (rc == INV_OK && *changed)
		rc = claim_checks(call, s, out);
	return rc;
}

inv_status inv__decide_settings_update(inv__call *call)
{
	inv_settings *out = call->outputs;
	const update_state *s = call->state;
	bool changed = false;
	inv_status rc;

	if (call->phase == 0) {
		rc = merge(call, &changed);
		call->more = rc == INV_OK && changed;
		return rc;
	}
	rc = inv__refs_check(call, s->refs);
	if (rc == INV_OK)
		rc = check(call, out);
	if (rc == INV_OK)
		rc = check_currency(call, s);
	if (rc == INV_OK)
		rc = check_closing(call, &s->before, out);
	if (rc != INV_OK)
		return rc;
	out->version++;
	out->updated_at = call->now;
	return inv__call_event(call, INV_EVENT_settings_updated, INV__ID_SETTINGS, call->now, 0, out);
}

/* Up to where the books were closed by each of the events. */
static inv_status put_closings(inv__apply *apply, const inv__event *events, size_t count)
{
	inv_closing *rows = inv__arena_array(apply->arena, count, sizeof *rows);
	const void **list = inv__arena_array(apply->arena, count, sizeof *list);

	if (!rows || !list)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		const inv_settings *s = events[i].payload;

		rows[i].struct_size = sizeof *rows;
		rows[i].event = events[i].id;
		rows[i].until = s->closed_until != 0 ? s->closed_until : -INT64_MAX;
		list[i] = &rows[i];
	}
	return inv__rows_put(apply->batch, inv_schema_table(INV_TABLE_closing), list, count, false);
}

/* One row: the last event of a run is what stays. */
inv_status inv__apply_settings(inv__apply *apply, const inv__event *events, size_t count)
{
	inv_settings *row = inv__arena_alloc(apply->arena, sizeof *row);
	const void *one = row;
	inv_status rc;

	if (!row)
		return INV_E_NO_MEMORY;
	*row = *(const inv_settings *)events[count - 1].payload;
	row->id = INV__ID_SETTINGS;
	rc = inv__rows_put(apply->batch, inv_schema_table(INV_TABLE_settings), &one, 1, true);
	return rc == INV_OK ? put_closings(apply, events, count) : rc;
}
