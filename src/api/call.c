/* SPDX-License-Identifier: MIT */
/* The generic call: arguments checked, inputs imported and validated, then down. */
#include "api/input.h"
#include "util/text.h"

static inv_status check_options(inv_session *s, const inv_options *given, inv_options *o)
{
	inv_options_init(o);
	if (!given)
		return INV_OK;
	if (given->struct_size < sizeof given->struct_size)
		return inv__error_set(&s->error, INV_E_MISUSE, "options", "struct_size",
		                      "struct_size is not set: start from INV_OPTIONS_INIT");
	memcpy(o, given, given->struct_size < sizeof *o ? given->struct_size : sizeof *o);
	o->struct_size = sizeof *o;
	if (o->key.len > INV_LIMIT_KEY)
		return inv__error_set(&s->error, INV_E_LIMIT, "options", "key",
		                      "a key has at most %u bytes", INV_LIMIT_KEY);
	return INV_OK;
}

static inv_status check_count(inv_session *s, const inv_op_desc *op, size_t count)
{
	size_t max = op->flags & INV_OP_BATCH ? INV_LIMIT_BATCH : 1;

	if (count >= 1 && count <= max)
		return INV_OK;
	return inv__error_set(&s->error, INV_E_LIMIT, inv_schema_record(op->input)->name, NULL,
	                      "%s takes 1 to %zu records, not %zu", op->name, max, count);
}

static inv_status validate_all(inv_session *s, const inv_op_desc *op, const inv__inputs *in)
{
	const inv_record_desc *record = inv_schema_record(op->input);
	uint32_t flags = op->flags & INV_OP_PARTIAL ? INV__CHECK_PARTIAL : 0;
	inv_status rc = INV_OK;

	for (size_t i = 0; rc == INV_OK && i < in->count; i++) {
		inv__problems problems = {&s->error, record->name, (int64_t)i};

		rc = inv__validate(record, (const char *)in->records + i * record->size,
		                   flags ? &in->masks[i] : NULL, flags, &problems);
	}
	return rc;
}

static bool is_empty(const inv_fields *fields)
{
	return (fields->bits[0] | fields->bits[1] | fields->bits[2] | fields->bits[3]) == 0;
}

/* The masks of the input's own, else the same mask for every record of a typed call. */
static inv_status spread_mask(inv_session *s, const inv_op_desc *op, const inv_fields *fields,
                              inv__arena *arena, inv__inputs *in)
{
	inv_fields *masks;

	if (!(op->flags & INV_OP_PARTIAL)) {
		in->masks = NULL;
		return INV_OK;
	}
	if (in->masks && is_empty(fields))
		return INV_OK;
	masks = inv__arena_array(arena, in->count, sizeof *masks);
	if (!masks)
		return inv__error_set(&s->error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
	for (size_t i = 0; i < in->count; i++)
		masks[i] = *fields;
	in->masks = masks;
	return INV_OK;
}

static inv_status run(inv_session *s, const inv_op_desc *op, const inv__inputs *in,
                      const inv_options *o, inv_result *r)
{
	inv_status rc = validate_all(s, op, in);

	r->codes = (o->flags & INV_OPTION_CODES) != 0;
	if (rc == INV_OK && s->in_transaction) {
		rc = inv__transaction_enter(s);
		if (rc != INV_OK)
			return rc;
		rc = inv__call_run(s, op, in, o->key, r);
		inv__transaction_leave(s);
		return rc;
	}
	return rc == INV_OK ? inv__call_run(s, op, in, o->key, r) : rc;
}

/* What a command answers points into its inputs, and those of a caller are only borrowed: a wanted
 * answer is made from a copy. Made before anything is written, since it may fail. */
static inv_status own_inputs(inv_session *s, const inv_op_desc *op, inv__inputs *in,
                             inv__arena *arena)
{
	const inv_record_desc *record = inv_schema_record(op->input);
	char *own = inv__arena_array(arena, in->count, record->size);
	inv_status rc = own ? INV_OK : INV_E_NO_MEMORY;

	for (size_t i = 0; rc == INV_OK && i < in->count; i++)
		rc = inv__record_copy(record, (const char *)in->records + i * record->size, arena,
		                      own + i * record->size);
	in->records = own;
	return rc == INV_OK ? rc : inv__error_set(&s->error, rc, NULL, NULL, "out of memory");
}

/* Structs of the caller's, behind one another; of an inv_input with what was set in each. */
static inv_status call(inv_session *s, const inv_op_desc *op, const inv__inputs *given,
                       const inv_options *options, bool wanted, inv_result *r)
{
	inv__problems problems = {&s->error, inv_schema_record(op->input)->name, -1};
	inv__inputs in = {.count = given->count, .masks = given->masks};
	inv_options o;
	inv_status rc = check_options(s, options, &o);

	if (rc == INV_OK)
		rc = check_count(s, op, given->count);
	if (rc == INV_OK)
		rc = inv__records_import(inv_schema_record(op->input), given->records, given->count,
		                         &r->arena, &in.records, &problems);
	if (rc == INV_OK)
		rc = spread_mask(s, op, &o.fields, &r->arena, &in);
	if (rc == INV_OK && wanted && (op->flags & INV_OP_WRITE))
		rc = own_inputs(s, op, &in, &r->arena);
	return rc == INV_OK ? run(s, op, &in, &o, r) : rc;
}

static inv_status call_typed(inv_session *session, const inv_op_desc *op,
                             const inv__inputs *given, const inv_options *options,
                             inv_result **out)
{
	inv_status rc = inv__session_enter(session);
	inv_result *r;

	if (rc != INV_OK)
		return rc;
	if (!op || op->number >= INV_OP_COUNT || !given->records)
		return inv__session_leave(session, inv__error_set(&session->error, INV_E_MISUSE, NULL, NULL,
		                                                  "the operation or its input is missing"));
	r = inv__result_make(session->store, inv_schema_record(op->output));
	if (!r)
		return inv__session_leave(session, inv__error_set(&session->error, INV_E_NO_MEMORY, NULL,
		                                                  NULL, "out of memory"));
	rc = call(session, op, given, options, out != NULL, r);
	if (rc == INV_OK && out)
		*out = r;
	else
		inv_result_free(r);
	return inv__session_leave(session, rc);
}

inv_status inv_call(inv_session *session, const inv_op_desc *op, const void *inputs, size_t count,
                    const inv_options *options, inv_result **out)
{
	return call_typed(session, op, &(inv__inputs){inputs, count, NULL}, options, out);
}

inv_status inv_call_input(inv_session *session, const inv_op_desc *op, inv_input *input,
                          const inv_options *options, inv_result **out)
{
	inv__inputs given = {NULL, 0, NULL};

	if (op && input && op->number < INV_OP_COUNT && input->record->number == op->input)
		given = (inv__inputs){input->records, input->count, input->masks};
	return call_typed(session, op, &given, options, out);
}

/* ---- JSON ---- */

static inv_status call_json(inv_session *s, const inv_op_desc *op, inv_str json,
                            const inv_options *options, inv_result *r)
{
	const inv_record_desc *record = inv_schema_record(op->input);
	inv__problems problems = {&s->error, record->name, -1};
	inv_options o;
	inv__json_records in;
	inv_status rc = check_options(s, options, &o);

	if (rc == INV_OK && inv__str_trim(json).len == 0)
		json = INV_S("{}");
	if (rc == INV_OK)
		rc = inv__json_read_many(record, json, &r->arena, &in, &problems);
	if (rc == INV_OK)
		rc = check_count(s, op, in.count);
	if (rc != INV_OK)
		return rc;
	r->form = in.is_array ? INV__FORM_ARRAY : INV__FORM_OBJECT;
	if (!(op->flags & INV_OP_PARTIAL))
		in.masks = NULL;
	return run(s, op, &(inv__inputs){in.items, in.count, in.masks}, &o, r);
}

static inv_status no_operation(inv_session *session, inv_str name)
{
	int shown = (int)(name.len > 64 ? 64 : name.len);

	return inv__error_set(&session->error, INV_E_UNSUPPORTED, NULL, NULL,
	                      "there is no operation `%.*s`", shown, name.ptr ? name.ptr : "");
}

inv_status inv_call_json(inv_session *session, inv_str op_name, inv_str json,
                         const inv_options *options, inv_result **out)
{
	inv_status rc = inv__session_enter(session);
	const inv_op_desc *op;
	inv_result *r;

	if (rc != INV_OK)
		return rc;
	if ((!op_name.ptr && op_name.len) || (!json.ptr && json.len))
		return inv__session_leave(session, inv__error_set(&session->error, INV_E_MISUSE, NULL, NULL,
		                                                  "a text has a length and no bytes"));
	op = inv_schema_op_named(op_name);
	if (!op)
		return inv__session_leave(session, no_operation(session, op_name));
	r = inv__result_make(session->store, inv_schema_record(op->output));
	if (!r)
		return inv__session_leave(session, inv__error_set(&session->error, INV_E_NO_MEMORY, NULL,
		                                                  NULL, "out of memory"));
	rc = call_json(session, op, json, options, r);
	if (rc == INV_OK && out)
		*out = r;
	else
		inv_result_free(r);
	return inv__session_leave(session, rc);
}
