/* SPDX-License-Identifier: MIT */
/* Arrow streams: of a result, and of a list operation that is read while it is consumed. */
#include "codec/arrow.h"

#include <errno.h>

#include "engine/pages.h"

/* A batch ends with the page that brings it here. */
#define BATCH_RECORDS 8192u
#define BATCH_BYTES ((size_t)64 << 20)

typedef struct stream {
	inv__arrow_columns *columns;
	inv_session *session; /* of a list: the stream's own; NULL for a result */
	inv__pages pages;
	bool done;
	inv_status failed;
	inv_error error;
} stream;

static int number_of(inv_status status)
{
	switch (status) {
	case INV_OK:
		return 0;
	case INV_E_NO_MEMORY:
		return ENOMEM;
	case INV_E_CANCELLED:
		return ECANCELED;
	case INV_E_BUSY:
	case INV_E_TIMEOUT:
		return EAGAIN;
	case INV_E_IO:
	case INV_E_CORRUPT:
		return EIO;
	default:
		return EINVAL;
	}
}

/* Remember what went wrong where nothing has said it yet. */
static int fail(stream *s, inv_status status)
{
	s->failed = status;
	if (status != INV_OK && s->error.status == INV_OK)
		inv__error_set(&s->error, status, NULL, NULL, "%s",
		               status == INV_E_LIMIT ? "a column has more text than 2 GiB"
		                                     : inv_schema_status(status)->text);
	return number_of(status);
}

static int get_schema(struct ArrowArrayStream *self, struct ArrowSchema *out)
{
	stream *s = self->private_data;
	inv_status rc = inv__columns_schema(s->columns, out);

	return rc == INV_OK ? 0 : fail(s, rc);
}

static inv_status read_pages(stream *s)
{
	inv_status rc = INV_OK;

	while (rc == INV_OK && !s->done && inv__columns_count(s->columns) < BATCH_RECORDS &&
	       inv__columns_size(s->columns) < BATCH_BYTES) {
		inv_result *page = NULL;

		rc = inv__pages_next(s->session, &s->pages, &page);
		s->done = !page;
		for (size_t i = 0; page && i < page->count; i++)
			inv__columns_add(s->columns, inv_result_at(page, i));
		inv_result_free(page);
	}
	s->done = rc == INV_OK && s->done;
	return rc;
}

static inv_status read_batch(stream *s)
{
	inv_status rc = inv__session_enter(s->session);

	if (rc != INV_OK)
		return rc;
	rc = inv__session_leave(s->session, read_pages(s));
	if (rc != INV_OK)
		s->error = *inv_session_error(s->session);
	return rc;
}

static int get_next(struct ArrowArrayStream *self, struct ArrowArray *out)
{
	stream *s = self->private_data;
	inv_status rc = INV_OK;

	/* What has failed stays so: a batch that comes late would hide the one that is missing. */
	if (s->failed != INV_OK)
		return fail(s, s->failed);
	inv__error_clear(&s->error);
	if (s->session && !s->done)
		rc = read_batch(s);
	if (rc != INV_OK)
		return fail(s, rc);
	/* The end is an array that is released already. */
	memset(out, 0, sizeof *out);
	if (inv__columns_count(s->columns) == 0)
		return 0;
	return fail(s, inv__columns_take(s->columns, out));
}

static const char *get_last_error(struct ArrowArrayStream *self)
{
	const stream *s = self->private_data;

	return s->error.status == INV_OK ? NULL : s->error.message;
}

static void free_stream(stream *s)
{
	if (!s)
		return;
	inv__columns_free(s->columns);
	if (s->session)
		inv__pages_end(&s->pages);
	inv_session_close(s->session);
	inv__free(&inv__malloc_allocator, s, sizeof *s);
}

static void release(struct ArrowArrayStream *self)
{
	free_stream(self->private_data);
	memset(self, 0, sizeof *self);
}

static stream *make_stream(const inv_record_desc *record, bool lists)
{
	stream *s = inv__alloc(&inv__malloc_allocator, sizeof *s);

	if (!s)
		return NULL;
	inv_error_init(&s->error);
	s->columns = inv__columns_new(record, lists);
	if (s->columns)
		return s;
	free_stream(s);
	return NULL;
}

static void hand_out(stream *s, struct ArrowArrayStream *out)
{
	*out = (struct ArrowArrayStream){
		.get_schema = get_schema,
		.get_next = get_next,
		.get_last_error = get_last_error,
		.release = release,
		.private_data = s,
	};
}

inv_status inv_result_arrow(const inv_result *result, struct ArrowArrayStream *out,
                            inv_error *error)
{
	stream *s;

	if (!result || !out)
		return inv__error_set(error, INV_E_MISUSE, NULL, NULL,
		                      "the result or the place for the stream is missing");
	s = make_stream(result->record, false);
	if (!s)
		return inv__error_set(error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
	for (size_t i = 0; i < result->count; i++)
		inv__columns_add(s->columns, inv_result_at(result, i));
	hand_out(s, out);
	return INV_OK;
}

/* ---- lists ---- */

static inv_status list_arrow(inv_session *session, const inv_op_desc *op, const void *query,
                             struct ArrowArrayStream *out)
{
	stream *s;
	inv_status rc;

	if (!out || !op || op->number >= INV_OP_COUNT)
		return inv__error_set(&session->error, INV_E_MISUSE, NULL, NULL,
		                      "the operation or the place for the stream is missing");
	if (!(op->flags & INV_OP_LISTS) || (op->flags & INV_OP_WAITS))
		return inv__error_set(&session->error, INV_E_UNSUPPORTED, NULL, NULL,
		                      "%s is not a list with an end", op->name);
	if (session->in_transaction)
		return inv__error_set(&session->error, INV_E_STATE, NULL, NULL,
		                      "columns are read outside of transactions: commit first");
	s = make_stream(inv_schema_record(op->output), true);
	if (!s)
		return inv__error_set(&session->error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
	rc = inv__session_clone(session, &s->session);
	if (rc == INV_OK)
		rc = inv__pages_begin(session, &s->pages, op, query);
	if (rc == INV_OK)
		hand_out(s, out);
	else
		free_stream(s);
	return rc;
}

inv_status inv_list_arrow(inv_session *session, const inv_op_desc *op, const void *query,
                          struct ArrowArrayStream *out)
{
	inv_status rc = inv__session_enter(session);

	if (rc != INV_OK)
		return rc;
	return inv__session_leave(session, list_arrow(session, op, query, out));
}
