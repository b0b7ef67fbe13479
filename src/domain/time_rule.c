/* SPDX-License-Identifier: MIT */
#include "domain/time_rule.h"

#include "util/os.h"
#include "util/text.h"
#include "util/time.h"

#define TZIF_MAX 65536u

/* Names are letters, digits, _ + - and single slashes: nothing that leaves the zone folder. */
static bool name_is_safe(inv_str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		bool word = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		            c == '_' || c == '+' || c == '-';

		if (!word && (c != '/' || i == 0 || name.ptr[i - 1] == '/'))
			return false;
	}
	return name.len > 0 && name.len <= 64 && name.ptr[name.len - 1] != '/';
}

static bool read_zone_file(inv__arena *arena, inv_str name, inv_str *rule)
{
	char path[128];
	char *data = inv__arena_alloc(arena, TZIF_MAX);
	inv__file *file;
	size_t size = 0, got = 1;
	bool found;

	inv__format(path, sizeof path, "/usr/share/zoneinfo/%.*s", (int)name.len, name.ptr);
	if (!data || inv__file_open(path, INV__FILE_READ, &file) != 0)
		return false;
	while (got > 0 && size < TZIF_MAX &&
	       inv__file_read(file, data + size, TZIF_MAX - size, &got) == 0)
		size += got;
	inv__file_close(file);
	found = inv__tzif_rule(data, size, rule);
	return found;
}

inv_status inv__time_rule(inv__call *call, size_t index, const char *field, inv_str *zone)
{
	inv__zone parsed;
	inv_str rule;

	if (zone->len == 0 || inv__zone_parse(*zone, &parsed))
		return INV_OK;
	if (!name_is_safe(*zone) || !read_zone_file(call->arena, *zone, &rule) ||
	    !inv__zone_parse(rule, &parsed))
		return inv__call_fail(call, INV_E_INVALID, index, field,
		                      "`%.*s` is neither a POSIX rule such as GMT0BST,M3.5.0/1,M10.5.0 nor "
		                      "an IANA name this machine knows",
		                      (int)zone->len, zone->ptr);
	*zone = rule;
	return INV_OK;
}
