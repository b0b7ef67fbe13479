/* SPDX-License-Identifier: MIT */
/* Reversal: the same lines, the other way round, once. */
#include "domain/ops.h"
#include "domain/stock.h"
#include "domain/stock_lines.h"
#include "util/text.h"

INV__SQL(SQL_POSTED,
         "SELECT e.payload FROM event e WHERE e.id = ?1 AND e.subject = ?1"
         " AND e.name = 'stock.posted' UNION ALL SELECT e.payload FROM event e"
         " WHERE e.subject = ?1 AND e.subject <> e.id AND e.name = 'stock.posted'");

typedef struct reverse_state {
	inv__stock_state stock; /* first: postings_finish reads it */
	size_t posting_statement, payload_statement;
	inv_posting original;
	inv_posting_line *lines;
	int64_t posted_at, at; /* of the original, of the reversal */
} reverse_state;

inv_status inv__claim_stock_reverse(inv__call *call)
{
	const inv_reversal *in = inv__call_input(call, 0);
	reverse_state *s = inv__arena_zalloc(call->arena, sizeof *s);
	inv__scene_ids *wanted = inv__arena_zalloc(call->arena, sizeof *wanted);
	inv_status rc;

	if (!s || !wanted)
		return inv__call_no_memory(call);
	call->state = s;
	rc = inv__scene_claim(call, wanted, 1, &s->stock.scenes);
	if (rc == INV_OK)
		rc = inv__rows_lock(call, inv_schema_table(INV_TABLE_posting), &in->posting.id, 1);
	if (rc == INV_OK)
		rc = inv__rows_claim(call, inv_schema_table(INV_TABLE_posting), &in->posting.id, 1,
		                     &s->posting_statement);
	s->payload_statement = inv__batch_add(call->batch, &SQL_POSTED);
	inv__batch_id(call->batch, in->posting.id);
	return rc == INV_OK ? call->batch->status : rc;
}

/* The posting as it was made, its lines turned; and the accounts they touch are claimed. */
static inv_status read_original(inv__call *call, reverse_state *s)
{
	const inv_rows *rows = inv__batch_result(call->batch, s->posting_statement);
	const inv_rows *payload = inv__batch_result(call->batch, s->payload_statement);
	const inv_record_desc *record = inv_schema_record(INV_RECORD_posting);
	const inv_reversal *in = inv__call_input(call, 0);
	inv__problems problems = {call->error, "posting", 0};
	inv_posting *p = &s->original;
	inv_status rc;

	if (rows->row_count != 1 || payload->row_count != 1)
		return inv__call_fail(call, INV_E_NOT_FOUND, 0, "posting", "there is no such posting");
	rc = inv__row_read(record, inv__cell(rows, 0, 1), call->arena, p);
	if (rc != INV_OK)
		return inv__call_no_memory(call);
	if (!inv_id_is_none(p->reversed_by))
		return inv__call_fail(call, INV_E_STATE, 0, "posting", "it was reversed before");
	if (p->kind == INV_POSTING_KIND_REVERSAL)
		return inv__call_fail(call, INV_E_STATE, 0, "posting",
		                      "it is itself a reversal: post the goods again instead");
	if (!inv_id_is_none(p->source))
		return inv__call_fail(call, INV_E_STATE, 0, "posting",
		                      "it moved goods of a transfer: take them back there");
	s->posted_at = p->occurred_at;
	s->at = in->occurred_at ? in->occurred_at : call->now;
	if (in->occurred_at && s->at < s->posted_at)
		return inv__call_fail(call, INV_E_INVALID, 0, "occurred_at",
		                      "it lies before the posting that is to be reversed");
	/* A posting may lie some minutes ahead. */
	if (s->at < s->posted_at)
		s->at = s->posted_at;
	return inv__json_read_payload(record, inv__cell_str(payload, 0, 0), call->arena, p, &problems);
}

static inv_status turn_lines(inv__call *call, reverse_state *s)
{
	size_t count = s->original.lines.count;

	s->lines = inv__arena_array(call->arena, count ? count : 1, sizeof *s->lines);
	if (!s->lines)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++) {
		s->lines[i] = *INV_LIST_AT(s->original.lines, inv_posting_line, i);
		s->lines[i].shortfall = 0;
		s->lines[i].reservation = inv_ref_of((inv_id){{0}}); /* what was committed stays so */
		if (!s->lines[i].from_physical && !s->lines[i].to_physical)
			s->lines[i].quantity = -s->lines[i].quantity;
		inv__posting_line_turn(&s->lines[i]);
	}
	s->original.lines = inv_list_of(s->lines, count, sizeof *s->lines);
	return INV_OK;
}

static inv_status lock_products(inv__call *call, const reverse_state *s)
{
	size_t count = s->original.lines.count;
	inv_id *ids = inv__arena_array(call->arena, count ? count : 1, sizeof *ids);
	bool serials = false;

	if (!ids)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < count; i++) {
		ids[i] = s->lines[i].product.id;
		serials |= s->lines[i].serial.len > 0;
	}
	return inv__products_lock(call, ids, count, serials);
}

static inv_status claim_accounts(inv__call *call, reverse_state *s)
{
	const inv_posting *list[1] = {&s->original};
	inv_status rc = lock_products(call, s);

	if (rc != INV_OK)
		return rc;
	s->original.occurred_at = inv__scene_foretell(call, s->at);
	rc = inv__legs_of_postings(call->arena, list, 1, &s->stock.legs, &s->stock.leg_count);
	if (rc == INV_OK)
		rc = inv__accounts_claim(call, &s->stock.legs, &s->stock.leg_count, &s->stock.accounts);
	return rc;
}

static inv_status make_posting(inv__call *call, reverse_state *s)
{
	const inv_reversal *in = inv__call_input(call, 0);
	inv_posting *out = inv__call_outputs(call, 1);
	inv__scene scene;
	bool clamped;
	inv_status rc = out ? inv__scene_read(call, &s->stock.scenes, 0, &scene)
	                    : INV_E_NO_MEMORY;

	if (rc == INV_OK)
		rc = inv__call_new_id(call, &out->id);
	if (rc != INV_OK)
		return rc;
	out->kind = INV_POSTING_KIND_REVERSAL;
	out->occurred_at = s->at;
	out->location = inv_ref_of(scene.location);
	out->channel = inv_ref_of(scene.channel);
	out->actor = call->actor;
	out->reason = in->reason;
	out->document = s->original.document;
	out->note = in->note;
	out->reverses = inv_ref_of(in->posting.id);
	out->lines = s->original.lines;
	out->line_count = (int64_t)out->lines.count;
	rc = inv__scene_instant(call, &scene, 0, &out->occurred_at, &out->business_date, &clamped);
	return rc == INV_OK ? inv__postings_finish(call, out, &scene, &clamped, &s->stock) : rc;
}

inv_status inv__decide_stock_reverse(inv__call *call)
{
	reverse_state *s = call->state;
	inv_status rc;

	if (call->phase > 0)
		return make_posting(call, s);
	rc = read_original(call, s);
	if (rc == INV_OK)
		rc = turn_lines(call, s);
	if (rc == INV_OK)
		rc = claim_accounts(call, s);
	call->more = rc == INV_OK;
	return rc;
}
