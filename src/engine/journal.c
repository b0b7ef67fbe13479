/* SPDX-License-Identifier: MIT */
/* Journal rows: made from a call's events, read back, hashed, decoded, applied. */
#include "codec/field.h"
#include "engine/engine.h"
#include "util/id.h"
#include "util/text.h"

#define EVENTS_PER_COMMAND 65536u
#define PAYLOAD_MAX (64u << 20)

/* Fields that the hash does not cover are set back, so that a field added to the journal later,
 * with its default, changes no hash. */
inv_status inv__journal_hash(const inv_event *row, inv__arena *arena, uint8_t out[32])
{
	const inv_record_desc *record = inv_schema_record(INV_RECORD_event);
	inv_event covered = *row;
	inv__buf bytes;
	inv_status rc;

	for (uint32_t i = 0; i < record->field_count; i++)
		if (!(record->fields[i].flags & INV_FIELD_HASHED))
			memset(inv__field_of(&record->fields[i], &covered), 0, record->fields[i].size);
	inv__buf_init(&bytes, &arena->allocator, PAYLOAD_MAX + 65536);
	inv__canonical(record, &covered, &bytes);
	rc = bytes.status;
	if (rc == INV_OK)
		inv__hash(bytes.data, bytes.len, NULL, 0, out);
	inv__buf_free(&bytes);
	return rc;
}

/* What no reader would accept is not written. */
static bool lists_fit(const inv_record_desc *record, const void *value)
{
	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *field = &record->fields[i];
		inv_list list;

		if (field->kind != INV_KIND_LIST && field->kind != INV_KIND_STRINGS)
			continue;
		list = inv__field_list(field, value);
		if (list.count > inv__list_max(field))
			return false;
		for (size_t k = 0; field->kind == INV_KIND_LIST && k < list.count; k++)
			if (!lists_fit(inv_schema_record(field->of),
			               (const char *)list.ptr + k * list.stride))
				return false;
	}
	return true;
}

/* The payload's bytes; personal fields are exchanged for their commitments first. */
static inv_status encode(inv__call *call, const inv__event *event, inv_str *out)
{
	const inv_record_desc *record = inv_schema_record(event->desc->payload);
	const void *payload = event->payload;
	inv__buf json;
	inv_status rc = INV_OK;

	if (!lists_fit(record, payload))
		return inv__error_set(call->error, INV_E_LIMIT, NULL, NULL,
		                      "a list of the event `%s` is too long", event->desc->name);
	if (inv__has_personal(record)) {
		void *sealed = inv__arena_alloc(call->arena, record->size);

		if (!sealed)
			return inv__call_no_memory(call);
		rc = inv__personal_seal(call, record, event->subject, event->payload, sealed);
		payload = sealed;
	}
	if (rc != INV_OK)
		return rc;
	inv__buf_init(&json, &call->arena->allocator, PAYLOAD_MAX);
	inv__json_write(record, payload, INV__JSON_PAYLOAD, &json);
	*out = json.status == INV_OK ? inv__arena_str(call->arena, inv__buf_str(&json)) : (inv_str){0};
	rc = json.status == INV_OK && !out->ptr ? INV_E_NO_MEMORY : json.status;
	inv__buf_free(&json);
	if (rc == INV_E_NO_MEMORY)
		return inv__call_no_memory(call);
	if (rc == INV_E_LIMIT)
		inv__error_set(call->error, rc, NULL, NULL, "the event is too large");
	return rc;
}

/* Numbers of the store's own events never come twice, wherever its journal has been. */
static int64_t own_number(const inv__writer *w, const inv_event *row)
{
	const inv_store *store = w->store;

	return store->many || store->seq_base < 0 ? row->seq
	                                          : (store->seq_base + row->position) * 65536;
}

static inv_status fill_row(inv__writer *w, inv__command *command, size_t index, inv_event *row)
{
	inv__call *call = &command->call;
	inv__event *event = &call->events[index];
	uint8_t hash[32];
	inv_status rc;

	row->struct_size = sizeof *row;
	row->position = w->store->many ? 0 : ++w->head.position;
	row->seq = ++w->head.seq;
	row->known_at = w->store->many ? INT64_MAX : w->head.known_at;
	row->id = event->id = inv__id_plus(call->command, (uint32_t)index);
	row->origin = w->store->id;
	row->origin_seq = own_number(w, row);
	row->command = call->command;
	row->command_index = (int64_t)index;
	row->name = inv_str_of(event->desc->name);
	row->payload_version = 1;
	row->occurred_at = event->occurred_at;
	row->recorded_at = call->now;
	row->business_date = event->business_date;
	row->location = event->location;
	row->channel = event->channel;
	row->actor = call->actor;
	row->source = command->source;
	row->request_id = command->request_id;
	row->subject_type = inv_str_of(event->desc->subject);
	row->subject = event->subject;
	rc = encode(call, event, &row->payload);
	if (rc != INV_OK)
		return rc;
	rc = inv__journal_hash(row, call->arena, hash);
	row->hash = inv__arena_str(call->arena, (inv_str){(const char *)hash, sizeof hash});
	return rc == INV_OK && row->hash.ptr ? INV_OK : inv__call_no_memory(call);
}

/* The rows of one command, to rows[0] on. */
static inv_status fill_rows(inv__writer *w, inv__command *command, inv_event *rows)
{
	inv__call *call = &command->call;
	inv_status rc = INV_OK;

	if (call->event_count > EVENTS_PER_COMMAND)
		return inv__error_set(call->error, INV_E_LIMIT, NULL, NULL,
		                      "one command makes at most 65,536 events");
	if (call->event_count > 0 && call->now > w->head.known_at)
		w->head.known_at = call->now;
	for (size_t i = 0; rc == INV_OK && i < call->event_count; i++)
		rc = fill_row(w, command, i, &rows[i]);
	return rc;
}

inv_status inv__journal_write(inv__writer *w, const inv__commands *commands, inv__batch *batch)
{
	inv_event *rows;
	const void **list;
	size_t total = 0, n = 0;
	inv_status rc = INV_OK;

	for (size_t i = 0; i < commands->count; i++)
		total += commands->list[i]->call.event_count;
	if (total == 0)
		return INV_OK;
	rows = inv__arena_array(batch->arena, total, sizeof *rows);
	list = inv__arena_array(batch->arena, total, sizeof *list);
	if (!rows || !list)
		return INV_E_NO_MEMORY;
	for (size_t i = 0; i < total; i++)
		list[i] = &rows[i];
	for (size_t i = 0; rc == INV_OK && i < commands->count; i++) {
		rc = fill_rows(w, commands->list[i], &rows[n]);
		n += commands->list[i]->call.event_count;
	}
	if (rc == INV_OK)
		rc = inv__rows_put(batch, inv_schema_table(INV_TABLE_event), list, total, false);
	return rc;
}

inv_status inv__journal_decode(const inv_event *row, inv__arena *arena, inv__event *out,
                               inv_error *error)
{
	inv__problems problems = {error, "event", -1};
	const inv_record_desc *record;

	memset(out, 0, sizeof *out);
	out->desc = inv_schema_event_named(row->name);
	if (!out->desc)
		return inv__error_set(error, INV_E_TOO_NEW, "event", "name",
		                      "the journal holds an event `%.*s` that this version does not know",
		                      (int)row->name.len, row->name.ptr);
	record = inv_schema_record(out->desc->payload);
	out->id = row->id;
	out->subject = row->subject;
	out->occurred_at = row->occurred_at;
	out->business_date = row->business_date;
	out->payload = inv__arena_zalloc(arena, record->size);
	if (!out->payload)
		return inv__error_set(error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
	if (inv__json_read_payload(record, row->payload, arena, out->payload, &problems) == INV_OK)
		return INV_OK;
	return error->status == INV_E_NO_MEMORY
	               ? error->status
	               : inv__error_set(error, INV_E_CORRUPT, NULL, NULL,
	                                "the payload of an event cannot be read");
}

static void move_on(inv__journal_place *place, const inv__journal_page *page)
{
	const inv_event *last = page->count > 0 ? &page->rows[page->count - 1] : NULL;

	if (last)
		place->after = place->tail ? last->seq : last->position;
}

inv_status inv__journal_read(inv__link *link, inv__journal_place *place, size_t limit,
                             inv__arena *arena, inv__journal_page *out, inv_error *error)
{
	const inv_record_desc *record = inv_schema_record(INV_RECORD_event);
	inv__batch batch;
	const inv_rows *rows;
	inv__buf sql;
	inv_status rc;

	inv__batch_init(&batch, arena);
	inv__buf_init(&sql, &arena->allocator, 4096);
	inv__buf_puts(&sql, "SELECT ");
	inv__row_columns(record, "e.", &sql);
	inv__buf_puts(&sql, place->tail ? " FROM event e WHERE e.position = 0 AND e.seq > ?1"
	                                  " ORDER BY e.seq LIMIT ?2"
	                                : " FROM event e WHERE e.position > ?1"
	                                  " ORDER BY e.position LIMIT ?2");
	inv__batch_add_buf(&batch, &sql);
	inv__batch_int(&batch, place->after);
	inv__batch_int(&batch, (int64_t)limit);
	rc = inv__batch_exec(&batch, link, error);
	if (rc != INV_OK)
		return rc;
	rows = inv__batch_result(&batch, 0);
	out->count = rows->row_count;
	out->rows = inv__arena_array(arena, rows->row_count + 1, sizeof *out->rows);
	if (!out->rows)
		return inv__error_set(error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
	for (size_t i = 0; rc == INV_OK && i < rows->row_count; i++)
		rc = inv__row_read(record, inv__cell(rows, i, 0), arena, &out->rows[i]);
	if (rc == INV_OK)
		move_on(place, out);
	return rc;
}

inv_status inv__events_apply(inv__apply *apply, const inv__event *events, size_t count)
{
	inv_status rc = INV_OK;
	size_t i = 0;

	while (rc == INV_OK && i < count) {
		inv__apply_fn fn = inv__event_impls[events[i].desc->number];
		size_t n = 1;

		while (i + n < count && inv__event_impls[events[i + n].desc->number] == fn)
			n++;
		rc = fn(apply, &events[i], n);
		i += n;
	}
	if (rc == INV_E_NO_MEMORY && apply->error->status != rc)
		inv__error_set(apply->error, rc, NULL, NULL, "out of memory");
	return rc;
}
