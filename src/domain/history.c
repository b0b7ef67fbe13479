/* SPDX-License-Identifier: MIT */
/* The history of one subject: its events, each with the one before it and what differs. */
#include "domain/ops.h"
#include "util/text.h"

#define PAGE_DEFAULT 100
#define TEXT_MAX ((size_t)INV_LIMIT_JSON)

/* What made a subject may have its id, and is found by it; the rest by their subject. Each half is
 * read in order, from the page's start on. */
#define OWN(e) " FROM event " e " WHERE " e ".id = ?1 AND " e ".subject = ?1 AND " e ".position "
#define OTHERS(e) \
	" FROM event " e " WHERE " e ".subject = ?1 AND " e ".subject <> " e ".id AND " e ".position "
/* One event more than the page: the one before its first. */
#define START \
	">= COALESCE((SELECT MAX(x.position) FROM (SELECT MAX(a.position) AS position" OWN("a") \
	"<= ?2 UNION ALL SELECT MAX(b.position)" OTHERS("b") "<= ?2) x), 1)"
#define COLUMNS(e) \
	"SELECT " e ".position, " e ".id, " e ".name, " e ".occurred_at, " e ".recorded_at, " \
	e ".actor, " e ".source, " e ".request_id, " e ".payload"
INV__SQL(read_history, COLUMNS("o") OWN("o") START " UNION ALL " COLUMNS("e") OTHERS("e") START
         " ORDER BY 1 LIMIT ?3");

enum { POSITION, ID, NAME, OCCURRED_AT, RECORDED_AT, ACTOR, SOURCE, REQUEST_ID, PAYLOAD };

inv_status inv__claim_audit_history(inv__call *call)
{
	const inv_history_query *query = inv__call_input(call, 0);
	size_t *statement = inv__arena_alloc(call->arena, sizeof *statement);

	if (!statement)
		return inv__call_no_memory(call);
	call->state = statement;
	call->positions = true;
	*statement = inv__batch_add(call->batch, &read_history);
	inv__batch_id(call->batch, query->subject);
	inv__batch_int(call->batch, query->after);
	inv__batch_int(call->batch, (query->limit > 0 ? query->limit : PAGE_DEFAULT) + 1);
	return INV_OK;
}

/* A payload as the event's description reads it; `record` is NULL for an event of a later version,
 * of which nothing is known. */
typedef struct payload {
	const inv_record_desc *record;
	const void *value;
	inv_str json;
} payload;

static inv_status read_payload(inv__call *call, const inv_rows *rows, size_t row, payload *out)
{
	const inv_event_desc *event = inv_schema_event_named(inv__cell_str(rows, row, NAME));
	inv_error error = INV_ERROR_INIT;
	inv__problems problems = {&error, NULL, 0};
	void *value;
	inv_status rc;

	out->json = inv__cell_str(rows, row, PAYLOAD);
	out->record = event ? inv_schema_record(event->payload) : NULL;
	out->value = NULL;
	if (!out->record)
		return INV_OK;
	value = inv__arena_zalloc(call->arena, out->record->size);
	if (!value)
		return inv__call_no_memory(call);
	rc = inv__json_read_payload(out->record, out->json, call->arena, value, &problems);
	if (rc == INV_E_NO_MEMORY)
		return inv__call_no_memory(call);
	if (rc != INV_OK)
		return inv__call_fail(call, INV_E_CORRUPT, 0, NULL,
		                      "the payload of event %lld cannot be read: %s",
		                      (long long)inv__cell_int(rows, row, POSITION), error.message);
	out->value = value;
	return INV_OK;
}

/* Do two records differ in a field? By its text, which is what a reader would see. */
static inv_status differs(const inv_field_desc *field, const void *a, const void *b,
                          const inv_allocator *allocator, bool *out)
{
	inv__buf texts[2];
	inv_status rc;

	inv__buf_init(&texts[0], allocator, TEXT_MAX);
	inv__buf_init(&texts[1], allocator, TEXT_MAX);
	inv__field_to_text(field, a, &texts[0]);
	inv__field_to_text(field, b, &texts[1]);
	rc = texts[0].status != INV_OK ? texts[0].status : texts[1].status;
	*out = !inv__str_equal(inv__buf_str(&texts[0]), inv__buf_str(&texts[1]));
	inv__buf_free(&texts[0]);
	inv__buf_free(&texts[1]);
	return rc;
}

static inv_status list_changes(inv__call *call, const payload *before, const payload *after,
                               inv_list *out)
{
	const inv_record_desc *record = after->record;
	inv_str *names = inv__arena_array(call->arena, record->field_count, sizeof *names);
	size_t count = 0;

	if (!names)
		return inv__call_no_memory(call);
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = &record->fields[i];
		bool changed = false;
		inv_status rc = INV_OK;

		if (before->value)
			rc = differs(field, before->value, after->value, &call->arena->allocator, &changed);
		else
			changed = !inv__field_is_default(field, after->value);
		if (rc == INV_E_NO_MEMORY)
			return inv__call_no_memory(call);
		if (rc != INV_OK)
			return inv__call_fail(call, rc, 0, NULL, "`%s` is too large to compare", field->name);
		if (changed)
			names[count++] = inv_str_of(field->name);
	}
	*out = inv_list_of(names, count, sizeof *names);
	return INV_OK;
}

static inv_status make_entry(inv__call *call, const inv_rows *rows, size_t row,
                             const payload *before, const payload *after, inv_history_entry *out)
{
	out->position = inv__cell_int(rows, row, POSITION);
	out->event = inv__cell_id(rows, row, ID);
	out->name = inv__cell_str(rows, row, NAME);
	out->occurred_at = inv__cell_int(rows, row, OCCURRED_AT);
	out->recorded_at = inv__cell_int(rows, row, RECORDED_AT);
	out->actor = inv__cell_str(rows, row, ACTOR);
	out->source = inv__cell_str(rows, row, SOURCE);
	out->request_id = inv__cell_str(rows, row, REQUEST_ID);
	out->after = after->json;
	if (before->value)
		out->before = before->json;
	return after->value ? list_changes(call, before, after, &out->changed) : INV_OK;
}

inv_status inv__decide_audit_history(inv__call *call)
{
	const inv_history_query *query = inv__call_input(call, 0);
	const inv_rows *rows = inv__batch_result(call->batch, *(const size_t *)call->state);
	size_t limit = (size_t)(query->limit > 0 ? query->limit : PAGE_DEFAULT);
	size_t first = rows->row_count > 0 && inv__cell_int(rows, 0, POSITION) <= query->after ? 1 : 0;
	size_t count = rows->row_count - first;
	inv_history_entry *outputs;
	payload before = {NULL, NULL, {NULL, 0}};
	inv_status rc = INV_OK;

	count = count < limit ? count : limit;
	outputs = inv__call_outputs(call, count);
	if (!outputs)
		return inv__call_no_memory(call);
	if (first)
		rc = read_payload(call, rows, 0, &before);
	for (size_t i = 0; rc == INV_OK && i < count; i++) {
		payload after;
		payload none = {NULL, NULL, {NULL, 0}};

		rc = read_payload(call, rows, first + i, &after);
		if (rc != INV_OK)
			break;
		/* Only payloads of one description can be compared. */
		rc = make_entry(call, rows, first + i, before.record == after.record ? &before : &none,
		                &after, &outputs[i]);
		before = after;
	}
	return rc;
}
