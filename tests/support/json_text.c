/* SPDX-License-Identifier: MIT */
#include "support/json_text.h"

#include <stdio.h>

const char *json_field(const char *json, const char *field)
{
	static char values[8][512];
	static unsigned turn;
	char *out = values[turn++ % 8];
	char name[80];
	const char *at;

	snprintf(name, sizeof name, "\"%s\":\"", field);
	at = strstr(json, name);
	out[0] = 0;
	if (at)
		snprintf(out, sizeof values[0], "%.*s", (int)strcspn(at + strlen(name), "\""),
		         at + strlen(name));
	return out;
}

bool json_has(const char *file, int line, const char *json, const char *part)
{
	if (strstr(json, part))
		return true;
	return check_fail(file, line, "%s is not in %s", part, json);
}
