/* SPDX-License-Identifier: MIT */
/* Which functions implement which operation and event: the tables the engine walks. */
#include "domain/ops.h"

const inv__op_impl inv__op_impls[INV_OP_COUNT] = {
#define OP(noun, plural, verb, input, output, flags, impl, ...) \
	{inv__claim_##impl, inv__decide_##impl},
#include "schema/ops.def"
#undef OP
};

const inv__apply_fn inv__event_impls[INV_EVENT_COUNT] = {
#define EVENT(noun, verb, payload, subject, impl, ...) inv__apply_##impl,
#include "schema/events.def"
#undef EVENT
};

/* Events that only say that something happened. */
inv_status inv__apply_nothing(inv__apply *apply, const inv__event *events, size_t count)
{
	(void)apply;
	(void)events;
	(void)count;
	return INV_OK;
}
