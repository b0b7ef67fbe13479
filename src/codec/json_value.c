/* SPDX-License-Identifier: MIT */
/* JSON values of any shape: the tree of a scanned text, and its compact text. */
#include <cjson/cJSON.h>

#include "codec/json.h"

inv_status inv__json_tree(inv_str json, inv__arena *arena, struct cJSON **out,
                          const inv__json_place *place)
{
	inv_str scanned;
	inv_status status = inv__json_scan_at(json, arena, &scanned, place);

	if (status != INV_OK)
		return status;
	/* The scan has proved the text well-formed, so only memory can be missing. */
	*out = cJSON_ParseWithLength(scanned.ptr, scanned.len);
	if (*out)
		return INV_OK;
	return inv__problem_add(place->problems, INV_E_NO_MEMORY, place->path, place->field,
	                        "there is not enough memory");
}

static void print_item(const cJSON *item, inv__buf *buf);

static void print_children(const cJSON *item, bool object, inv__buf *buf)
{
	inv__buf_putc(buf, object ? '{' : '[');
	for (const cJSON *child = item->child; child; child = child->next) {
		if (child != item->child)
			inv__buf_putc(buf, ',');
		if (object) {
			inv__json_write_string(inv_str_of(child->string), buf);
			inv__buf_putc(buf, ':');
		}
		print_item(child, buf);
	}
	inv__buf_putc(buf, object ? '}' : ']');
}

static void print_item(const cJSON *item, inv__buf *buf)
{
	if (cJSON_IsObject(item) || cJSON_IsArray(item))
		print_children(item, cJSON_IsObject(item), buf);
	else if (cJSON_IsTrue(item))
		inv__buf_puts(buf, "true");
	else if (cJSON_IsFalse(item))
		inv__buf_puts(buf, "false");
	else if (cJSON_IsNull(item))
		inv__buf_puts(buf, "null");
	else if (item->valuestring[0] == INV__JSON_NUMBER)
		inv__buf_puts(buf, item->valuestring + 1);
	else
		inv__json_write_string(inv_str_of(item->valuestring), buf);
}

inv_status inv__json_print(const struct cJSON *item, inv__arena *arena, inv_str *out)
{
	inv_status status = INV_OK;
	inv__buf buf;

	inv__buf_init(&buf, &arena->allocator, INV_LIMIT_JSON);
	print_item(item, &buf);
	status = buf.status;
	if (status == INV_OK) {
		inv_str text = inv__arena_str(arena, inv__buf_str(&buf));

		if (text.ptr)
			*out = text;
		else
			status = INV_E_NO_MEMORY;
	}
	inv__buf_free(&buf);
	return status;
}

inv_status inv__json_compact_at(inv_str json, inv__arena *arena, inv_str *out,
                                const inv__json_place *place)
{
	cJSON *tree = NULL;
	inv_status status = inv__json_tree(json, arena, &tree, place);

	if (status != INV_OK)
		return status;
	status = inv__json_print(tree, arena, out);
	cJSON_Delete(tree);
	if (status == INV_OK)
		return INV_OK;
	return inv__problem_add(place->problems, status, place->path, place->field,
	                        "there is not enough memory");
}

inv_status inv__json_compact(inv_str json, inv__arena *arena, inv_str *out, inv__problems *problems)
{
	const inv__json_place place = {problems, NULL, NULL, 0};

	return inv__json_compact_at(json, arena, out, &place);
}
