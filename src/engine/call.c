/* SPDX-License-Identifier: MIT */
/* One call from checked inputs to an answer: references resolved, run as a read or through the
 * commit queue. */
#include "engine/engine.h"
#include "util/text.h"

/* The fields an update changes, whether a mask names them or their values do. */
static void put_changed(const inv__call *call, size_t index, inv__buf *bytes)
{
	const inv_record_desc *record = inv_schema_record(call->op->input);

	for (uint32_t i = 0; i < record->field_count; i++) {
		char changed = inv__field_given(call, index, i) ? 1 : 0;

		inv__buf_putc(bytes, changed);
	}
}

inv_status inv__command_digest(inv_session *session, inv__command *c)
{
	const inv_record_desc *record = inv_schema_record(c->call.op->input);
	inv__buf bytes;
	inv_status rc;

	inv__buf_init(&bytes, &session->store->allocator, 256u << 20);
	for (size_t i = 0; i < c->call.count; i++) {
		if (c->call.op->flags & INV_OP_PARTIAL)
			put_changed(&c->call, i, &bytes);
		inv__canonical(record, inv__call_input(&c->call, i), &bytes);
	}
	rc = bytes.status;
	if (rc == INV_OK)
		inv__hash(bytes.data, bytes.len, session->store->salt, sizeof session->store->salt,
		          c->digest);
	inv__buf_free(&bytes);
	return rc == INV_OK ? rc : inv__error_set(&session->error, rc, NULL, NULL,
	                                          "the input is too large");
}

/* What was given out is forgotten: some of it salts personal values. */
static bool session_random(void *ctx, void *buffer, size_t size)
{
	inv_session *s = ctx;
	const inv_random *source = &s->store->random;
	uint8_t *from;

	if (size > sizeof s->random)
		return source->fill(source->ctx, buffer, size);
	if (size > s->random_left) {
		if (!source->fill(source->ctx, s->random, sizeof s->random))
			return false;
		s->random_left = sizeof s->random;
	}
	from = s->random + sizeof s->random - s->random_left;
	memcpy(buffer, from, size);
	memset(from, 0, size);
	s->random_left -= (uint32_t)size;
	return true;
}

void inv__command_init(inv_session *session, const inv_op_desc *op, inv__command *c,
                       inv__arena *arena)
{
	memset(c, 0, sizeof *c);
	c->impl = &inv__op_impls[op->number];
	c->source = inv_str_of(session->store->source);
	c->request_id = session->request_id;
	c->call.op = op;
	c->call.arena = arena;
	c->call.error = &session->error;
	c->call.random = (inv_random){session, session_random};
	c->call.session = session->ids;
	c->call.actor = session->actor;
	c->call.now = session->store->clock.now(session->store->clock.ctx);
}

/* Inside an explicit transaction a command is a savepoint on the writer that the session owns. */
static inv_status run_owned(inv__writer *w, inv__command *c)
{
	bool lost;
	inv_status rc;

	/* An error such as a full disk has ended it: what came now would be committed for itself. */
	if (!inv__writer_is_open(w))
		return inv__error_set(c->call.error, INV_E_STATE, NULL, NULL,
		                      "an error before has ended the transaction: roll it back");
	rc = inv__command_shared(w, c, true, &lost);
	/* What it was part of cannot be run again from here. */
	if (w->store->many && rc == INV_E_BUSY)
		return inv__error_set(c->call.error, INV_E_CONFLICT, NULL, NULL,
		                      "another command was in the transaction's way: roll it back");
	return rc;
}

/* The last instant that can be written as text: 9999-12-31T23:59:59Z. */
#define CLOCK_MAX INT64_C(253402300799000000)

static inv_status run_write(inv_session *session, inv__command *c)
{
	inv_store *store = session->store;

	if (store->read_only)
		return inv__error_set(&session->error, INV_E_READ_ONLY, NULL, NULL,
		                      "the store is open for reading only");
	if (c->call.now <= 0 || c->call.now > CLOCK_MAX)
		return inv__error_set(&session->error, INV_E_INVALID, NULL, NULL,
		                      "the clock is not set: it lies outside the years 1970 to 9999");
	if (session->in_transaction)
		return run_owned(session->writer, c);
	return store->many ? inv__pool_run(store, session, c) : inv__queue_run(store, session, c);
}

inv_status inv__call_run(inv_session *session, const inv_op_desc *op, const inv__inputs *inputs,
                         inv_str key, inv_result *result)
{
	inv__command c;
	inv__inputs resolved = *inputs;
	inv_status rc = inv__session_places(session);

	if (rc != INV_OK)
		return rc;
	inv__command_init(session, op, &c, &result->arena);
	c.result = result;
	c.call.inputs = inputs->records;
	c.call.count = inputs->count;
	c.call.masks = inputs->masks;
	c.key = key;
	if (op->flags & INV_OP_WAITS)
		rc = inv__feed_wait(session, inputs->records);
	else if (op->flags & INV_OP_SIDE_EFFECT) /* a cursor stands within the journal */
		rc = inv__sequence_for(session, NULL);
	if (rc == INV_OK && (op->flags & INV_OP_WRITE) && key.len > 0)
		rc = inv__command_digest(session, &c);
	if (rc == INV_OK)
		rc = inv__resolve(session, op, &resolved, &result->arena);
	c.call.inputs = resolved.records;
	if (rc != INV_OK)
		return rc;
	if (op->flags & INV_OP_WRITE)
		return run_write(session, &c);
	return inv__read_run(session, &c);
}
