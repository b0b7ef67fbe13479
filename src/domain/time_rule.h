/* SPDX-License-Identifier: MIT */
#ifndef INV_DOMAIN_TIME_RULE_H
#define INV_DOMAIN_TIME_RULE_H

#include "domain/domain.h"

/* Turn a time zone as entered (POSIX rule, IANA name, or nothing) into the rule that is stored. An
 * IANA name is resolved once, from the footer of its TZif file, so that the journal does not depend
 * on the machine it is read on. */
inv_status inv__time_rule(inv__call *call, size_t index, const char *field, inv_str *zone);

#endif
