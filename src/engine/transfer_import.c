/* SPDX-License-Identifier: MIT */
/* inv_import_csv: chunk by chunk, slice by slice; what became of each row is told between them. */
#include "engine/transfer.h"

#define FIRST_CHUNK 64u

/* ---- arguments ---- */

static inv_status check_options(inv_session *s, const inv_import_options *given,
                                inv_import_options *o)
{
	*o = (inv_import_options)INV_IMPORT_OPTIONS_INIT;
	if (!given)
		return INV_OK;
	if (given->struct_size < sizeof given->struct_size)
		return inv__error_set(&s->error, INV_E_MISUSE, "import_options", "struct_size",
		                      "struct_size is not set: start from INV_IMPORT_OPTIONS_INIT");
	memcpy(o, given, given->struct_size < sizeof *o ? given->struct_size : sizeof *o);
	if (o->key_prefix.len > INV_LIMIT_KEY - 21) /* a colon and a line number */
		return inv__error_set(&s->error, INV_E_LIMIT, "import_options", "key_prefix",
		                      "a prefix of keys has at most %u bytes", INV_LIMIT_KEY - 21);
	return INV_OK;
}

static inv_status check_call(inv_session *s, const inv_op_desc *op, const char *path)
{
	if (!op || op->number >= INV_OP_COUNT || !path)
		return inv__error_set(&s->error, INV_E_MISUSE, NULL, NULL,
		                      "the operation or the file's name is missing");
	if (!(op->flags & INV_OP_WRITE))
		return inv__error_set(&s->error, INV_E_UNSUPPORTED, NULL, NULL,
		                      "%s changes nothing: there is nothing to import", op->name);
	if (s->in_transaction)
		return inv__error_set(&s->error, INV_E_STATE, NULL, NULL,
		                      "an import makes its own transactions: end the open one first");
	if (s->store->read_only)
		return inv__error_set(&s->error, INV_E_READ_ONLY, NULL, NULL,
		                      "the store is open for reading only");
	return INV_OK;
}

/* ---- telling ---- */

/* The first bad row is the import's error; its message names the line. */
static inv_status end_with(inv__import *im, const inv__import_row *row)
{
	inv_error *error = &im->session->error;

	*error = *row->error;
	if (row->malformed)
		return error->status;
	return inv__error_set(error, error->status, NULL, NULL, "line %llu: %s",
	                      (unsigned long long)row->line, row->error->message);
}

/* Count rows from `from` to `to` and tell about the bad ones. */
static inv_status report_rows(inv__import *im, size_t from, size_t to)
{
	inv_import_report *report = &im->report;

	for (size_t i = from; i < to; i++) {
		const inv__import_row *row = im->rows[i];

		report->rows++;
		report->line = row->line;
		if (row->state == INV__ROW_DONE) {
			report->done += !row->command.replayed;
			report->again += row->command.replayed;
			continue;
		}
		report->failed++;
		if (im->options.report)
			im->options.report(im->options.report_ctx, row->line, row->error);
		if (inv__import_stops(im, row))
			return end_with(im, row);
	}
	return INV_OK;
}

/* Ask whoever watches whether to go on. */
static inv_status look_up(inv__import *im)
{
	inv_session *s = im->session;
	const inv_progress *progress = &im->options.progress;
	bool go_on = !inv__is_cancelled(s);

	if (go_on && progress->step)
		go_on = progress->step(progress->ctx, inv__csv_offset(im->csv), inv__csv_size(im->csv));
	if (go_on)
		return INV_OK;
	return inv__error_set(&s->error, INV_E_CANCELLED, NULL, NULL,
	                      "the import was cancelled behind line %llu",
	                      (unsigned long long)im->report.line);
}

/* ---- running ---- */

static inv_status run_chunk(inv__import *im)
{
	inv_status rc = INV_OK;
	size_t next = 0;

	while (rc == INV_OK && next < im->count) {
		size_t from = next;

		rc = inv__import_slice(im, &next);
		if (rc == INV_OK)
			rc = report_rows(im, from, next);
		if (rc == INV_OK)
			rc = look_up(im);
	}
	return rc;
}

static inv_status run_import(inv__import *im)
{
	inv_error *error = &im->session->error;
	inv_status rc = look_up(im);

	while (rc == INV_OK && !im->at_end) {
		inv_status broken = inv__import_read(im);
		const inv_error why = *error;

		rc = run_chunk(im);
		if (rc == INV_OK && broken != INV_OK) {
			*error = why;
			rc = broken;
		}
	}
	return rc;
}

static inv_status import_csv(inv_session *session, const inv_op_desc *op, const char *path,
                             const inv_import_options *options, inv_import_report *report)
{
	inv__import im = {.session = session, .op = op, .chunk_rows = FIRST_CHUNK};
	const inv_allocator *allocator = &session->store->allocator;
	inv_status rc = check_call(session, op, path);

	if (rc == INV_OK)
		rc = check_options(session, options, &im.options);
	if (rc != INV_OK)
		return rc;
	im.record = inv_schema_record(op->input);
	inv__arena_init(&im.arena, allocator);
	inv__arena_init(&im.chunk_arena, allocator);
	inv__arena_init(&im.work, allocator);
	rc = inv__import_open(&im, path);
	if (rc == INV_OK)
		rc = run_import(&im);
	inv__csv_close(im.csv);
	inv__arena_free(&im.work);
	inv__arena_free(&im.chunk_arena);
	inv__arena_free(&im.arena);
	*report = im.report;
	return rc;
}

inv_status inv_import_csv(inv_session *session, const inv_op_desc *op, const char *path,
                          const inv_import_options *options, inv_import_report *report)
{
	inv_import_report own = INV_IMPORT_REPORT_INIT;
	inv_status rc = inv__session_enter(session);

	if (rc != INV_OK)
		return rc;
	rc = import_csv(session, op, path, options, &own);
	if (report && report->struct_size >= sizeof report->struct_size) {
		uint32_t size = report->struct_size;

		memcpy(report, &own, size < sizeof own ? size : sizeof own);
		report->struct_size = size;
	}
	return inv__session_leave(session, rc);
}
