/* SPDX-License-Identifier: MIT */
/* What the JSON files share. Only they see cJSON. */
#ifndef INV_CODEC_JSON_H
#define INV_CODEC_JSON_H

#include "codec/codec.h"

struct cJSON;

/* First byte of a string that stands for a number in a scanned document. */
#define INV__JSON_NUMBER '\x01'

/* Where a text stands in an input: findings are reported at path + field. */
typedef struct inv__json_place {
	inv__problems *problems;
	const inv__path *path;
	const char *field;
	uint32_t depth; /* levels of nesting that are used up already */
} inv__json_place;

/* Keys of the objects that are open, innermost last. */
typedef struct inv__json_key {
	inv_str text;
	uint32_t hash;
} inv__json_key;

typedef struct inv__json_keys {
	inv__arena *arena;
	inv__json_key *items;
	size_t count;
	size_t cap;
} inv__json_keys;

/* False when out of memory. `text` is borrowed. */
bool inv__json_keys_add(inv__json_keys *keys, inv_str text);
/* A key that stands twice among those from `first` on, or NULL; may reorder them. */
const inv__json_key *inv__json_keys_twin(inv__json_keys *keys, size_t first);

/* inv__json_scan for a text that is itself a field of an input. */
inv_status inv__json_scan_at(inv_str json, inv__arena *arena, inv_str *out,
                             const inv__json_place *place);
/* Scan and build the tree; free it with cJSON_Delete. */
inv_status inv__json_tree(inv_str json, inv__arena *arena, struct cJSON **out,
                          const inv__json_place *place);
/* A tree as compact text in the arena. */
inv_status inv__json_print(const struct cJSON *item, inv__arena *arena, inv_str *out);
inv_status inv__json_compact_at(inv_str json, inv__arena *arena, inv_str *out,
                                const inv__json_place *place);
/* Read the text of a STRINGS or LIST field: an array. */
inv_status inv__json_read_list(const inv_field_desc *field, inv_str json, bool lenient,
                               inv__arena *arena, void *record, const inv__json_place *place);
/* Write a STRINGS or LIST field's value as an array. */
void inv__json_write_list(const inv_field_desc *field, const void *record, uint32_t flags,
                          inv__buf *buf);

#endif
