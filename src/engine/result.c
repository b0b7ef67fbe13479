/* SPDX-License-Identifier: MIT */
/* Results: one arena, one free. They need neither session nor store, only the allocator. */
#include "engine/engine.h"

#define JSON_MAX (1u << 30)

inv_result *inv__result_make(inv_store *store, const inv_record_desc *record)
{
	/* Not cleared as a whole: the arena clears what it gives out where that is asked. */
	inv_result *r = store->allocator.resize(store->allocator.ctx, NULL, 0, sizeof *r);

	if (!r)
		return NULL;
	memset(r, 0, offsetof(inv_result, first));
	r->allocator = store->allocator;
	r->size = sizeof *r;
	r->record = record;
	r->cursor = r->json = (inv_str){"", 0};
	inv__arena_init_with(&r->arena, &store->allocator, r->first, sizeof r->first);
	return r;
}

static void write_items(const inv_result *r, inv__buf *json)
{
	inv__buf_putc(json, '[');
	for (size_t i = 0; i < r->count; i++) {
		if (i > 0)
			inv__buf_putc(json, ',');
		inv__json_write(r->record, inv_result_at(r, i), 0, json);
	}
	inv__buf_putc(json, ']');
}

static void write_list(const inv_result *r, inv__buf *json)
{
	inv__buf_puts(json, "{\"items\":");
	write_items(r, json);
	inv__buf_puts(json, ",\"cursor\":");
	inv__json_write_string(r->cursor, json);
	inv__buf_putc(json, '}');
}

inv_status inv__result_json(inv_result *result, const inv_op_desc *op, inv_error *error)
{
	inv__buf json;
	inv_status rc;

	inv__buf_init(&json, &result->allocator, JSON_MAX);
	if (op->flags & INV_OP_LISTS)
		write_list(result, &json);
	else if (result->form == INV__FORM_ARRAY)
		write_items(result, &json);
	else if (result->count > 0)
		inv__json_write(result->record, result->records, 0, &json);
	rc = json.status;
	if (rc == INV_OK) {
		result->json = inv__arena_str(&result->arena, inv__buf_str(&json));
		rc = result->json.ptr ? INV_OK : INV_E_NO_MEMORY;
	}
	inv__buf_free(&json);
	if (rc == INV_OK)
		return rc;
	return inv__error_set(error, rc, NULL, NULL, "%s", rc == INV_E_NO_MEMORY
	                                                       ? "out of memory"
	                                                       : "the answer is too large");
}

size_t inv_result_count(const inv_result *result)
{
	return result ? result->count : 0;
}

const void *inv_result_at(const inv_result *result, size_t index)
{
	if (!result || index >= result->count)
		return NULL;
	return (const char *)result->records + index * result->record->size;
}

const inv_record_desc *inv_result_record(const inv_result *result)
{
	return result ? result->record : NULL;
}

inv_str inv_result_cursor(const inv_result *result)
{
	return result ? result->cursor : (inv_str){"", 0};
}

bool inv_result_replayed(const inv_result *result)
{
	return result && result->replayed;
}

inv_str inv_result_json(const inv_result *result)
{
	return result ? result->json : (inv_str){"", 0};
}

void inv_result_free(inv_result *result)
{
	inv_allocator a;

	if (!result)
		return;
	a = result->allocator;
	inv__arena_free(&result->arena);
	a.resize(a.ctx, result, result->size, 0);
}
