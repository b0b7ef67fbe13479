/* SPDX-License-Identifier: MIT */
/* Looking into answers given as JSON, for tests. */
#ifndef INV_TEST_JSON_TEXT_H
#define INV_TEST_JSON_TEXT_H

#include "support/check.h"

/* The value of the first text field of this name, as it is written; "" when there is none. In one
 * of eight buffers that take turns. */
const char *json_field(const char *json, const char *field);
/* Fails, with a message, when `part` does not stand in `json`. */
bool json_has(const char *file, int line, const char *json, const char *part);
#define JSON_HAS(json, part) json_has(CHECK_HERE, (json), (part))
#define JSON_LACKS(json, part) CHECK(strstr((json), (part)) == NULL)

#endif
