/* SPDX-License-Identifier: MIT */
/* The typed functions, one for each line of ops.def. */
#include "inventra/inventra.h"
#include "schema/def.h"
#include "schema/numbers.h"

#define OP(noun, plural, verb, input, ...) \
	inv_status inv_##noun##_##verb(inv_session *session, const inv_##input *inputs, size_t count, \
	                               const inv_options *options, inv_result **out) \
	{ \
		const inv_op_desc *op = inv_schema_op(INV_OP_##noun##_##verb); \
\
		return inv_call(session, op, inputs, count, options, out); \
	}
#include "schema/ops.def"
#undef OP
