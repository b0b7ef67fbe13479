/* SPDX-License-Identifier: MIT */
#include "support/case_value.h"

#include <stdio.h>
#include <stdlib.h>

#define PATH_MAX_BYTES 256

cJSON *case_file(const char *path)
{
	const char *root = getenv("INV_TEST_SOURCE_DIR");
	char name[1024];
	char *text = NULL;
	cJSON *json = NULL;
	long size = -1;
	FILE *f;

	snprintf(name, sizeof name, "%s/%s", root ? root : ".", path);
	f = fopen(name, "rb");
	if (f && fseek(f, 0, SEEK_END) == 0)
		size = ftell(f);
	if (size >= 0 && fseek(f, 0, SEEK_SET) == 0)
		text = calloc((size_t)size + 1, 1);
	if (text && fread(text, 1, (size_t)size, f) == (size_t)size)
		json = cJSON_Parse(text);
	if (f)
		fclose(f);
	free(text);
	if (!json)
		CHECK_FAIL("%s is no JSON file", name);
	return json;
}

/* ---- what stands for something else ---- */

static cJSON *repeated_text(const char *text, size_t count)
{
	size_t len = strlen(text);
	char *all = calloc(count * len + 1, 1);
	cJSON *made = NULL;

	for (size_t i = 0; all && i < count; i++)
		memcpy(all + i * len, text, len);
	if (all)
		made = cJSON_CreateString(all);
	free(all);
	return made;
}

static cJSON *repeated(const cJSON *value, const cJSON *kept)
{
	const cJSON *text = cJSON_GetObjectItemCaseSensitive(value, "text");
	const cJSON *of = cJSON_GetObjectItemCaseSensitive(value, "of");
	int count = cJSON_GetObjectItemCaseSensitive(value, "$repeat")->valueint;
	cJSON *made;

	if (text)
		return repeated_text(text->valuestring, (size_t)count);
	made = cJSON_CreateArray();
	for (int i = 0; i < count; i++)
		cJSON_AddItemToArray(made, case_fill(of, kept));
	return made;
}

static cJSON *filled_members(const cJSON *value, const cJSON *kept)
{
	cJSON *made = cJSON_IsArray(value) ? cJSON_CreateArray() : cJSON_CreateObject();

	for (const cJSON *child = value->child; made && child; child = child->next) {
		cJSON *item = case_fill(child, kept);

		if (!item) {
			cJSON_Delete(made);
			return NULL;
		}
		if (cJSON_IsArray(value))
			cJSON_AddItemToArray(made, item);
		else
			cJSON_AddItemToObject(made, child->string, item);
	}
	return made;
}

cJSON *case_fill(const cJSON *value, const cJSON *kept)
{
	const cJSON *found;

	if (cJSON_IsString(value) && value->valuestring[0] == '$') {
		found = cJSON_GetObjectItemCaseSensitive(kept, value->valuestring + 1);
		return found ? cJSON_Duplicate(found, 1) : NULL;
	}
	if (cJSON_GetObjectItemCaseSensitive(value, "$repeat"))
		return repeated(value, kept);
	if (cJSON_IsArray(value) || cJSON_IsObject(value))
		return filled_members(value, kept);
	return cJSON_Duplicate(value, 1);
}

/* ---- looking into answers ---- */

const cJSON *case_at(const cJSON *value, const char *path)
{
	char name[PATH_MAX_BYTES];
	size_t len;

	while (value && *path) {
		if (*path == '[') {
			value = cJSON_GetArrayItem(value, atoi(path + 1));
			path += strcspn(path, "]");
			path += *path == ']' ? 1 : 0;
		} else {
			path += *path == '.' ? 1 : 0;
			len = strcspn(path, ".[");
			snprintf(name, sizeof name, "%.*s", (int)len, path);
			value = cJSON_GetObjectItemCaseSensitive(value, name);
			path += len;
		}
	}
	return value;
}

/* What null stands for: nothing there, or a default. */
static bool is_default(const cJSON *value)
{
	return !value || cJSON_IsNull(value) || cJSON_IsFalse(value) ||
	       (cJSON_IsArray(value) && !value->child) ||
	       (cJSON_IsNumber(value) && value->valuedouble == 0) ||
	       (cJSON_IsString(value) && (!value->valuestring[0] || !strcmp(value->valuestring, "0")));
}

static bool differs(const cJSON *expected, const cJSON *actual, char *why, size_t size)
{
	char *want = cJSON_PrintUnformatted(expected);
	char *have = actual ? cJSON_PrintUnformatted(actual) : NULL;

	snprintf(why, size, ": %.200s, not %.200s", have ? have : "nothing", want ? want : "?");
	cJSON_free(want);
	cJSON_free(have);
	return false;
}

/* The place of the difference in front of what differs. */
static bool differs_at(const char *place, char *why, size_t size)
{
	char inner[512];

	snprintf(inner, sizeof inner, "%s", why);
	snprintf(why, size, "%s%s", place, inner);
	return false;
}

static bool elements_match(const cJSON *expected, const cJSON *actual, char *why, size_t size)
{
	const cJSON *a = actual->child;
	char place[32];
	int i = 0;

	if (!cJSON_IsArray(actual) || cJSON_GetArraySize(actual) != cJSON_GetArraySize(expected))
		return differs(expected, actual, why, size);
	for (const cJSON *e = expected->child; e; e = e->next, a = a->next, i++) {
		snprintf(place, sizeof place, "[%d]", i);
		if (!case_matches(e, a, why, size))
			return differs_at(place, why, size);
	}
	return true;
}

static bool members_match(const cJSON *expected, const cJSON *actual, char *why, size_t size)
{
	char place[PATH_MAX_BYTES];

	if (!cJSON_IsObject(actual))
		return differs(expected, actual, why, size);
	for (const cJSON *e = expected->child; e; e = e->next) {
		snprintf(place, sizeof place, ".%s", e->string);
		if (!case_matches(e, cJSON_GetObjectItemCaseSensitive(actual, e->string), why, size))
			return differs_at(place, why, size);
	}
	return true;
}

bool case_matches(const cJSON *expected, const cJSON *actual, char *why, size_t size)
{
	if (cJSON_IsNull(expected))
		return is_default(actual) || differs(expected, actual, why, size);
	if (!actual)
		return differs(expected, actual, why, size);
	if (cJSON_IsArray(expected))
		return elements_match(expected, actual, why, size);
	if (cJSON_IsObject(expected))
		return members_match(expected, actual, why, size);
	return cJSON_Compare(expected, actual, 1) ? true : differs(expected, actual, why, size);
}
