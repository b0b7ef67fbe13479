/* SPDX-License-Identifier: MIT */
/* Values of the shared cases (tests/cases/README.md): what stands for something else is filled in,
 * answers are compared with what is expected of them. */
#ifndef INV_TEST_CASE_VALUE_H
#define INV_TEST_CASE_VALUE_H

#include <cjson/cJSON.h>

#include "support/check.h"

/* A file of the source tree as JSON; NULL, with a failed check, when it is none. cJSON_Delete(). */
cJSON *case_file(const char *path);
/* A copy of `value` with "$name" and {"$repeat": …} filled in from what was kept; NULL when a name
 * was never kept. cJSON_Delete(). */
cJSON *case_fill(const cJSON *value, const cJSON *kept);
/* What stands at "items[0].id" in a value; NULL when nothing does. Borrowed. */
const cJSON *case_at(const cJSON *value, const char *path);
/* Is `expected` part of `actual`? When not, `why` says where it is not. */
bool case_matches(const cJSON *expected, const cJSON *actual, char *why, size_t size);

#endif
