/* SPDX-License-Identifier: MIT */
/* What every operation needs: errors, ids, outputs, events. */
#include <stdarg.h>
#include <stdio.h>

#include "domain/domain.h"
#include "util/id.h"
#include "util/text.h"

inv_status inv__call_fail(inv__call *call, inv_status status, size_t index, const char *field,
                          const char *format, ...)
{
	char message[sizeof call->error->message];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	inv__error_set(call->error, status, inv_schema_record(call->op->input)->name, field, "%s",
	               message);
	call->error->index = (int64_t)index;
	return status;
}

inv_status inv__call_no_memory(inv__call *call)
{
	return inv__error_set(call->error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
}

const char *inv__line_field(inv__call *call, const char *list, size_t index, const char *field)
{
	const inv_record_desc *record = inv_schema_record(call->op->input);
	char text[128];
	inv_str copy;
	int n;

	if (!inv_schema_field_named(record, inv_str_of(list), NULL) && field &&
	    inv_schema_field_named(record, inv_str_of(field), NULL))
		return field;
	n = inv__format(text, sizeof text, "%s[%zu]%s%s", list, index, field ? "." : "",
	                field ? field : "");
	copy = inv__arena_str(call->arena, (inv_str){text, n > 0 ? (size_t)n : 0});
	return copy.ptr ? copy.ptr : list;
}

inv_status inv__call_id(inv__call *call, inv_id *out)
{
	uint8_t random[10];

	if (!call->random.fill(call->random.ctx, random, sizeof random))
		return inv__error_set(call->error, INV_E_INTERNAL, NULL, NULL,
		                      "the source of randomness failed");
	*out = inv__id_make(call->now, random);
	return INV_OK;
}

inv_status inv__call_new_id(inv__call *call, inv_id *out)
{
	if (call->count != 1)
		return inv__call_id(call, out);
	*out = call->command;
	return INV_OK;
}

bool inv__field_given(const inv__call *call, size_t index, uint32_t field)
{
	const inv_field_desc *f = &inv_schema_record(call->op->input)->fields[field];
	const inv_fields *mask = call->masks ? &call->masks[index] : NULL;
	bool any = mask && (mask->bits[0] | mask->bits[1] | mask->bits[2] | mask->bits[3]) != 0;

	if (f->flags & (INV_FIELD_KEY | INV_FIELD_READONLY | INV_FIELD_LOCK | INV_FIELD_HIDDEN))
		return false;
	return any ? inv_fields_has(mask, field)
	           : !inv__field_is_default(f, inv__call_input(call, index));
}

void *inv__call_outputs(inv__call *call, size_t count)
{
	const inv_record_desc *record = inv_schema_record(call->op->output);
	char *outputs = inv__arena_array(call->arena, count ? count : 1, record->size);

	if (!outputs) {
		inv__call_no_memory(call);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		*(uint32_t *)(void *)(outputs + i * record->size) = record->size;
	call->outputs = outputs;
	call->output_count = count;
	return outputs;
}

inv_status inv__call_event(inv__call *call, uint32_t event, inv_id subject, int64_t occurred_at,
                           int32_t business_date, void *payload)
{
	inv__event *e;

	if (call->event_count == call->event_cap) {
		size_t cap = call->event_cap ? call->event_cap * 2 : call->count * 2;
		inv__event *more = inv__arena_array(call->arena, cap, sizeof *more);

		if (!more)
			return inv__call_no_memory(call);
		if (call->event_count > 0)
			memcpy(more, call->events, call->event_count * sizeof *more);
		call->events = more;
		call->event_cap = cap;
	}
	e = &call->events[call->event_count++];
	e->desc = inv_schema_event(event);
	e->subject = subject;
	e->occurred_at = occurred_at;
	e->business_date = business_date;
	e->location = call->session.location;
	e->channel = call->session.channel;
	e->payload = payload;
	return INV_OK;
}

void inv__call_event_place(inv__call *call, inv_id location, inv_id channel)
{
	inv__event *last = &call->events[call->event_count - 1];

	last->location = location;
	last->channel = channel;
}

const inv_table_desc *inv__table_of_record(uint32_t record)
{
	const inv_table_desc *table;

	for (uint32_t i = 1; (table = inv_schema_table(i)) != NULL; i++)
		if (table->record == record && table->parent == INV_TABLE_none)
			return table;
	return NULL;
}

const inv_field_desc *inv__code_field(const inv_record_desc *record)
{
	for (uint32_t i = 0; i < record->field_count; i++)
		if (record->fields[i].flags & INV_FIELD_UNIQUE)
			return &record->fields[i];
	return NULL;
}
