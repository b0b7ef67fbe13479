/* SPDX-License-Identifier: MIT */
/* The reference under docs/. */
#include "gen.h"

void gen_docs(void)
{
}
