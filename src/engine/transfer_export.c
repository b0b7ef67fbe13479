/* SPDX-License-Identifier: MIT */
/* inv_export_csv: a list operation, page by page, into a file. */
#include "engine/engine.h"

#define CELL_MAX (64u << 20)

typedef struct export {
	inv_session *session;
	const inv_op_desc *op;
	const inv_record_desc *record; /* what is written */
	void *query;                   /* the operation's input; ours */
	const inv_progress *progress;
	inv__csv_writer *csv;
	inv__buf cell;
	inv__arena arena;              /* as long as the export */
	uint64_t done;                 /* records written */
	int64_t position;              /* of the last one, where lists go on by position */
} export;

static inv_status no_memory(export *ex)
{
	return inv__error_set(&ex->session->error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
}

/* ---- the query ---- */

static const inv_field_desc *query_field(const export *ex, const char *name)
{
	return inv_schema_field_named(inv_schema_record(ex->op->input), inv_str_of(name), NULL);
}

static void set_int(const export *ex, const char *name, int64_t value)
{
	const inv_field_desc *field = query_field(ex, name);

	if (field && field->kind == INV_KIND_INT)
		memcpy(inv__field_of(field, ex->query), &value, sizeof value);
}

static inv_status make_query(export *ex, const void *given)
{
	const inv_record_desc *record = inv_schema_record(ex->op->input);
	inv__problems problems = {&ex->session->error, record->name, -1};
	const void *copy;
	inv_status rc;

	ex->query = inv__arena_zalloc(&ex->arena, record->size);
	if (!ex->query)
		return no_memory(ex);
	*(uint32_t *)ex->query = record->size;
	if (given) {
		rc = inv__records_import(record, given, 1, &ex->arena, &copy, &problems);
		if (rc != INV_OK)
			return rc;
		memcpy(ex->query, copy, record->size);
	}
	set_int(ex, "limit", INV_LIMIT_PAGE);
	return inv__validate(record, ex->query, NULL, 0, &problems);
}

/* Set the query to the page behind `page`; *more = there may be one. Lists go on by a cursor, the
 * journal's by the position of the last record. */
static inv_status turn_page(export *ex, const inv_result *page, bool *more)
{
	const inv_field_desc *cursor = query_field(ex, "cursor");
	const inv_field_desc *position = inv_schema_field_named(ex->record, INV_S("position"), NULL);
	int64_t last;

	if (cursor) {
		*more = page->cursor.len > 0;
		*(inv_str *)inv__field_of(cursor, ex->query) = inv__arena_str(&ex->arena, page->cursor);
		return !*more || !ex->arena.failed ? INV_OK : no_memory(ex);
	}
	*more = page->count == INV_LIMIT_PAGE && position && query_field(ex, "after");
	if (!*more)
		return INV_OK;
	memcpy(&last, inv__field_at(position, inv_result_at(page, page->count - 1)), sizeof last);
	if (last <= ex->position)
		return inv__error_set(&ex->session->error, INV_E_INVALID, NULL, "after",
		                      "an export goes on by position: give `after` alone");
	ex->position = last;
	set_int(ex, "after", last);
	return INV_OK;
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

static inv_status read_page(export *ex, inv_result *page)
{
	inv__inputs in = {ex->query, 1, NULL};
	inv_session *s = ex->session;
	inv_status rc;

	if (!s->in_transaction)
		return inv__call_run(s, ex->op, &in, (inv_str){"", 0}, page);
	rc = inv__transaction_enter(s);
	if (rc == INV_OK) {
		rc = inv__call_run(s, ex->op, &in, (inv_str){"", 0}, page);
		inv__transaction_leave(s);
	}
	return rc;
}

static inv_status export_page(export *ex, bool *more)
{
	inv_result *page = inv__result_make(ex->session->store, ex->record);
	inv_status rc = page ? read_page(ex, page) : no_memory(ex);

	if (rc == INV_OK)
		rc = write_page(ex, page);
	if (rc == INV_OK)
		rc = turn_page(ex, page, more);
	inv_result_free(page);
	return rc == INV_OK ? look_up(ex) : rc;
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

static inv_status export_csv(export *ex, const void *query, const char *path)
{
	inv_session *s = ex->session;
	inv_status rc;

	if (!ex->op || ex->op->number >= INV_OP_COUNT || !path)
		return inv__error_set(&s->error, INV_E_MISUSE, NULL, NULL,
		                      "the operation or the file's name is missing");
	if (!(ex->op->flags & INV_OP_LISTS) || (ex->op->flags & INV_OP_WAITS))
		return inv__error_set(&s->error, INV_E_UNSUPPORTED, NULL, NULL,
		                      "%s is not a list: it cannot be exported", ex->op->name);
	ex->record = inv_schema_record(ex->op->output);
	inv__arena_init(&ex->arena, &s->store->allocator);
	inv__buf_init(&ex->cell, &s->store->allocator, CELL_MAX);
	rc = make_query(ex, query);
	if (rc == INV_OK)
		rc = write_file(ex, path);
	inv__buf_free(&ex->cell);
	inv__arena_free(&ex->arena);
	return rc;
}

inv_status inv_export_csv(inv_session *session, const inv_op_desc *op, const void *query,
                          const char *path, const inv_progress *progress)
{
	export ex = {.session = session, .op = op, .progress = progress};
	inv_status rc = inv__session_enter(session);

	if (rc != INV_OK)
		return rc;
	return inv__session_leave(session, export_csv(&ex, query, path));
}
