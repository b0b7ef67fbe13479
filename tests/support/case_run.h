/* SPDX-License-Identifier: MIT */
/* Runs one of the shared cases (tests/cases/README.md) by inv_call_json(). */
#ifndef INV_TEST_CASE_RUN_H
#define INV_TEST_CASE_RUN_H

#include "support/case_value.h"

/* Called for each call that went as expected. */
typedef struct case_seen {
	void *ctx;
	void (*call)(void *ctx, const char *op, inv_status status);
} case_seen;

/* True when every step came out as expected; else `why` names the step and what was wrong. */
bool case_run(const cJSON *one, const char *url, const case_seen *seen, char *why, size_t size);

#endif
