/* SPDX-License-Identifier: MIT */
/* What surrounds a test: its folder and its randomness. */
#ifndef INV_TEST_CHECK_ENV_H
#define INV_TEST_CHECK_ENV_H

void check_env_begin(const char *name);
void check_env_end(void);
/* Called when the running test ends, or the program does. */
void check_env_at_end(void (*cleanup)(void));

#endif
