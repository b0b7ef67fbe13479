/* SPDX-License-Identifier: MIT */
/* Results: one arena, one free. They need neither session nor store, only the allocator. */
#include "engine/engine.h"

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
