/* SPDX-License-Identifier: MIT */
/* Prototypes of every claim, decide and apply, from ops.def and events.def. Operations that share
 * an implementation declare it more than once, which C allows. */
#ifndef INV_DOMAIN_OPS_H
#define INV_DOMAIN_OPS_H

#include "domain/domain.h"

#define OP(noun, plural, verb, input, output, flags, impl, ...) \
	inv_status inv__claim_##impl(inv__call *call); \
	inv_status inv__decide_##impl(inv__call *call);
#include "schema/ops.def"
#undef OP

#define EVENT(noun, verb, payload, subject, impl, ...) \
	inv_status inv__apply_##impl(inv__apply *apply, const inv__event *events, size_t count);
#include "schema/events.def"
#undef EVENT

#endif
