/* SPDX-License-Identifier: MIT */
/* Random commands for a mirror: mostly sensible ones, some backdated, some with one mistake. */
#ifndef INV_TEST_RANDOM_COMMAND_H
#define INV_TEST_RANDOM_COMMAND_H

#include "support/mirror.h"

void random_command(mirror *x, check_rng *rng, int guard, model_command *out);

#endif
