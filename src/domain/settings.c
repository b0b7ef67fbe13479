/* SPDX-License-Identifier: MIT */
/* The store's settings: one row. */
#include "domain/domain.h"
#include "domain/ops.h"
#include "domain/time_rule.h"
#include "domain/well_known.h"
#include "util/number.h"
#include "util/text.h"

static inv_status claim_row(inv__call *call)
{
	inv_id id = INV__ID_SETTINGS;
	size_t statement;

	return inv__rows_claim(call, inv_schema_table(INV_TABLE_settings), &id, 1, &statement);
}

/* The one statement of claim is the last of the batch. */
static inv_status read_row(inv__call *call, inv_settings *out)
{
	const inv_rows *rows = inv__batch_result(call->batch, call->batch->count - 1);

	if (rows->row_count != 1)
		return inv__call_fail(call, INV_E_CORRUPT, 0, NULL, "the store has no settings");
	return inv__row_read(inv_schema_record(INV_RECORD_settings), inv__cell(rows, 0, 1), call->arena,
	                     out);
}

inv_status inv__claim_settings_get(inv__call *call)
{
	return claim_row(call);
}

inv_status inv__decide_settings_get(inv__call *call)
{
	inv_settings *out = inv__call_outputs(call, 1);

	return out ? read_row(call, out) : INV_E_NO_MEMORY;
}

inv_status inv__claim_settings_update(inv__call *call)
{
	return claim_row(call);
}

static inv_status check(inv__call *call, inv_settings *s)
{
	uint32_t decimals;

	if (!inv__currency_decimals(s->base_currency, &decimals))
		return inv__call_fail(call, INV_E_INVALID, 0, "base_currency",
		                      "`%.*s` is not an ISO 4217 currency code", (int)s->base_currency.len,
		                      s->base_currency.ptr);
	if (s->cash_rounding % inv__pow10(4 - decimals) != 0)
		return inv__call_fail(call, INV_E_INVALID, 0, "cash_rounding",
		                      "it must be a whole number of the currency's minor units");
	return inv__time_rule(call, 0, "time_zone", &s->time_zone);
}

/* What the row becomes, and the look-up of what it refers to. */
static inv_status merge(inv__call *call, bool *changed)
{
	const inv_record_desc *record = inv_schema_record(INV_RECORD_settings);
	const inv_settings *in = inv__call_input(call, 0);
	inv_settings *out = inv__call_outputs(call, 1);
	inv_status rc = out ? read_row(call, out) : INV_E_NO_MEMORY;
	void *one = out;

	if (rc != INV_OK || call->replaying)
		return rc;
	if (in->version != 0 && in->version != out->version)
		return inv__call_fail(call, INV_E_CONFLICT, 0, "version", "it is at version %lld now",
		                      (long long)out->version);
	rc = inv__master_merge(call, 0, record, in, out, changed);
	if (rc == INV_OK && *changed)
		rc = inv__refs_claim(call, record, &one, 1, (inv__refs **)&call->state);
	return rc;
}

inv_status inv__decide_settings_update(inv__call *call)
{
	inv_settings *out = call->outputs;
	void *one = out;
	bool changed = false;
	inv_status rc;

	if (call->phase == 0) {
		rc = merge(call, &changed);
		call->more = rc == INV_OK && changed;
		return rc;
	}
	rc = inv__refs_check(call, call->state, &one);
	if (rc == INV_OK)
		rc = check(call, out);
	if (rc != INV_OK)
		return rc;
	out->version++;
	out->updated_at = call->now;
	return inv__call_event(call, INV_EVENT_settings_updated, INV__ID_SETTINGS, call->now, 0, out);
}

/* One row: the last event of a run is what stays. */
inv_status inv__apply_settings(inv__apply *apply, const inv__event *events, size_t count)
{
	inv_settings *row = inv__arena_alloc(apply->arena, sizeof *row);
	const void *one = row;

	if (!row)
		return INV_E_NO_MEMORY;
	*row = *(const inv_settings *)events[count - 1].payload;
	row->id = INV__ID_SETTINGS;
	return inv__rows_put(apply->batch, inv_schema_table(INV_TABLE_settings), &one, 1, true);
}
