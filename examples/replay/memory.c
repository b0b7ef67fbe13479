/* SPDX-License-Identifier: MIT */
/* Strings that are kept, arrays that grow, a map from text to numbers. */
#include "replay.h"

#include <stdlib.h>

#define BLOCK_SIZE 65536

struct strings_block {
	struct strings_block *next;
	size_t used;
	size_t size;
	char data[];
};

const char *strings_keep(struct strings *strings, const char *text, size_t len)
{
	struct strings_block *block = strings->blocks;
	char *kept;

	if (!block || block->size - block->used < len + 1) {
		size_t size = len + 1 > BLOCK_SIZE ? len + 1 : BLOCK_SIZE;

		block = malloc(sizeof *block + size);
		if (!block)
			return NULL;
		block->next = strings->blocks;
		block->used = 0;
		block->size = size;
		strings->blocks = block;
	}
	kept = block->data + block->used;
	memcpy(kept, text, len);
	kept[len] = '\0';
	block->used += len + 1;
	return kept;
}

void strings_free(struct strings *strings)
{
	while (strings->blocks) {
		struct strings_block *block = strings->blocks;

		strings->blocks = block->next;
		free(block);
	}
}

void *array_grow(void *array, size_t count, size_t *capacity, size_t size)
{
	size_t wanted = *capacity ? *capacity + *capacity / 2 : 64;
	void *grown;

	if (count < *capacity)
		return array;
	grown = wanted <= SIZE_MAX / size ? realloc(array, wanted * size) : NULL;
	if (grown)
		*capacity = wanted;
	return grown;
}

/* ---- the map: open addressing, at most half full ---- */

struct map_entry {
	const char *key;
	uint32_t number;
};

static unsigned char folded(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

void fold(char *text)
{
	for (; *text; text++)
		*text = (char)folded((unsigned char)*text);
}

static uint64_t hash(const char *key, bool fold_case)
{
	uint64_t h = UINT64_C(14695981039346656037); /* FNV-1a */

	for (; *key; key++) {
		unsigned char c = (unsigned char)*key;

		h = (h ^ (fold_case ? folded(c) : c)) * UINT64_C(1099511628211);
	}
	return h;
}

static bool same(const char *a, const char *b, bool fold_case)
{
	if (!fold_case)
		return strcmp(a, b) == 0;
	for (; *a && folded((unsigned char)*a) == folded((unsigned char)*b); a++)
		b++;
	return folded((unsigned char)*a) == folded((unsigned char)*b);
}

static struct map_entry *slot(const struct map *map, const char *key)
{
	size_t at = (size_t)hash(key, map->folded) & (map->capacity - 1);

	while (map->entries[at].key && !same(map->entries[at].key, key, map->folded))
		at = (at + 1) & (map->capacity - 1);
	return &map->entries[at];
}

const uint32_t *map_find(const struct map *map, const char *key)
{
	const struct map_entry *entry = map->capacity > 0 ? slot(map, key) : NULL;

	return entry && entry->key ? &entry->number : NULL;
}

static bool grow(struct map *map)
{
	struct map larger = {.folded = map->folded, .count = map->count};

	larger.capacity = map->capacity ? map->capacity * 2 : 1024;
	larger.entries = calloc(larger.capacity, sizeof *larger.entries);
	if (!larger.entries)
		return false;
	for (size_t i = 0; i < map->capacity; i++)
		if (map->entries[i].key)
			*slot(&larger, map->entries[i].key) = map->entries[i];
	free(map->entries);
	*map = larger;
	return true;
}

bool map_add(struct map *map, const char *key, uint32_t number)
{
	struct map_entry *entry;

	if (map->count * 2 >= map->capacity && !grow(map))
		return false;
	entry = slot(map, key);
	entry->key = key;
	entry->number = number;
	map->count++;
	return true;
}

void map_free(struct map *map)
{
	free(map->entries);
	map->entries = NULL;
	map->count = 0;
	map->capacity = 0;
}
