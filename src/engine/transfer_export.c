/* SPDX-License-Identifier: MIT */
/* inv_export_csv: a list operation, page by page, into a file. */
#include "engine/pages.h"

#define CELL_MAX (64u << 20)

typedef struct export {
	inv_session *session;
	const inv_record_desc *record; /* what is written */
	inv__pages pages;
	const inv_progress *progress;
	inv__csv_writer *csv;
	inv__buf cell;
	uint64_t done;                 /* records written */
} export;

static inv_status no_memory(export *ex)
{
	return inv__error_set(&ex->session->error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
}

/* ---- rows ---- */

/* Lists leave details out, so their columns would always be empty. */
static bool is_shown(const inv_field_desc *field)
{
	return inv__field_is_stored(field) && !(field->flags & INV_FIELD_HIDDEN);
}

static void write_header(export *ex)
{
	for (uint32_t i = 0; i < ex->record->field_count; i++)
		if (is_shown(&ex->record->fields[i]))
			inv__csv_put(ex->csv, inv_str_of(ex->record->fields[i].name), false);
	inv__csv_end_row(ex->csv);
}

/* Numbers and ids need no guard; text of any kind does. */
static void write_cell(export *ex, const inv_field_desc *field, const void *record)
{
	ex->cell.len = 0;
	inv__field_to_text(field, record, &ex->cell);
	inv__csv_put(ex->csv, inv__buf_str(&ex->cell), field->kind >= INV_KIND_REF);
}

static inv_status write_page(export *ex, const inv_result *page)
{
	for (size_t i = 0; i < page->count; i++) {
		for (uint32_t f = 0; f < ex->record->field_count; f++)
			if (is_shown(&ex->record->fields[f]))
				write_cell(ex, &ex->record->fields[f], inv_result_at(page, i));
		inv__csv_end_row(ex->csv);
	}
	ex->done += page->count;
	if (ex->cell.status == INV_E_LIMIT)
		return inv__error_set(&ex->session->error, INV_E_LIMIT, ex->record->name, NULL,
		                      "a field is too large for a file");
	return ex->cell.status == INV_OK ? INV_OK : no_memory(ex);
}

/* ---- pages ---- */

static inv_status look_up(export *ex)
{
	inv_session *s = ex->session;
	const inv_progress *progress = ex->progress;
	bool go_on = !inv__is_cancelled(s);

	if (go_on && progress && progress->step)
		go_on = progress->step(progress->ctx, ex->done, 0);
	if (go_on)
		return INV_OK;
	return inv__error_set(&s->error, INV_E_CANCELLED, NULL, NULL,
	                      "the export was cancelled after %llu records",
	                      (unsigned long long)ex->done);
}

static inv_status export_page(export *ex, bool *more)
{
	inv_result *page = NULL;
	inv_status rc = inv__pages_next(ex->session, &ex->pages, &page);

	*more = page != NULL;
	if (page)
		rc = write_page(ex, page);
	inv_result_free(page);
	return rc == INV_OK && *more ? look_up(ex) : rc;
}

/* The file is there in full or not at all. */
static inv_status write_file(export *ex, const char *path)
{
	inv_error *error = &ex->session->error;
	inv_error why;
	bool more = true;
	inv_status rc = inv__csv_create(path, &ex->session->store->allocator, &ex->csv, error);
	inv_status closed;

	if (rc != INV_OK)
		return rc;
	write_header(ex);
	while (rc == INV_OK && more)
		rc = export_page(ex, &more);
	why = *error;
	closed = inv__csv_finish(ex->csv, error);
	if (rc == INV_OK)
		return closed;
	*error = why;
	if (closed == INV_OK)
		inv__path_remove(path);
	return rc;
}

static inv_status export_csv(export *ex, const inv_op_desc *op, const void *query,
                             const char *path)
{
	inv_session *s = ex->session;
	inv_status rc;

	if (!op || op->number >= INV_OP_COUNT || !path)
		return inv__error_set(&s->error, INV_E_MISUSE, NULL, NULL,
		                      "the operation or the file's name is missing");
	if (!(op->flags & INV_OP_LISTS) || (op->flags & INV_OP_WAITS))
		return inv__error_set(&s->error, INV_E_UNSUPPORTED, NULL, NULL,
		                      "%s is not a list: it cannot be exported", op->name);
	ex->record = inv_schema_record(op->output);
	inv__buf_init(&ex->cell, &s->store->allocator, CELL_MAX);
	rc = inv__pages_begin(s, &ex->pages, op, query);
	if (rc == INV_OK)
		rc = write_file(ex, path);
	inv__buf_free(&ex->cell);
	inv__pages_end(&ex->pages);
	return rc;
}

inv_status inv_export_csv(inv_session *session, const inv_op_desc *op, const void *query,
                          const char *path, const inv_progress *progress)
{
	export ex = {.session = session, .progress = progress};
	inv_status rc = inv__session_enter(session);

	if (rc != INV_OK)
		return rc;
	return inv__session_leave(session, export_csv(&ex, op, query, path));
}
