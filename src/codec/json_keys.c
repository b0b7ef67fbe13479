/* SPDX-License-Identifier: MIT */
/* The keys of the objects that a scan is inside of, to find one that is given twice. */
#include <stdlib.h>

#include "codec/json.h"

/* Up to here comparing each key with each is faster than sorting. */
#define FEW_KEYS 24

bool inv__json_keys_add(inv__json_keys *keys, inv_str text)
{
	uint32_t hash = 2166136261u;

	if (keys->count == keys->cap) {
		size_t cap = keys->cap ? keys->cap * 2 : 64;
		inv__json_key *items = inv__arena_array(keys->arena, cap, sizeof *items);

		if (!items)
			return false;
		if (keys->count)
			memcpy(items, keys->items, keys->count * sizeof *items);
		keys->items = items;
		keys->cap = cap;
	}
	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)text.ptr[i]) * 16777619u;
	keys->items[keys->count++] = (inv__json_key){text, hash};
	return true;
}

static int compare(const void *a, const void *b)
{
	const inv__json_key *x = a;
	const inv__json_key *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	if (x->text.len != y->text.len)
		return x->text.len < y->text.len ? -1 : 1;
	return x->text.len ? memcmp(x->text.ptr, y->text.ptr, x->text.len) : 0;
}

static const inv__json_key *twin_among_few(const inv__json_key *items, size_t count)
{
	for (size_t i = 1; i < count; i++)
		for (size_t j = 0; j < i; j++)
			if (items[i].hash == items[j].hash && compare(&items[i], &items[j]) == 0)
				return &items[i];
	return NULL;
}

const inv__json_key *inv__json_keys_twin(inv__json_keys *keys, size_t first)
{
	inv__json_key *items = keys->items + first;
	size_t count = keys->count - first;

	if (count <= FEW_KEYS)
		return twin_among_few(items, count);
	qsort(items, count, sizeof *items, compare);
	for (size_t i = 1; i < count; i++)
		if (compare(&items[i - 1], &items[i]) == 0)
			return &items[i];
	return NULL;
}
