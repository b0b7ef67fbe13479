/* SPDX-License-Identifier: MIT */
/* Page after page of a list operation, for exports, columns and whoever walks a list. */
#include "engine/pages.h"

/* How long a page of an operation that waits may take when the query does not say. */
#define WAIT_MS INT64_C(3600000)

static inv_status no_memory(inv_session *session)
{
	return inv__error_set(&session->error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
}

static int64_t *query_int(const inv__pages *pages, const char *name)
{
	const inv_field_desc *field =
		inv_schema_field_named(inv_schema_record(pages->op->input), inv_str_of(name), NULL);

	return field && field->kind == INV_KIND_INT ? inv__field_of(field, pages->query) : NULL;
}

/* The query of an operation on the feed; NULL for others. */
static inv_feed_query *feed_query(const inv__pages *pages)
{
	return pages->op->input == INV_RECORD_feed_query ? pages->query : NULL;
}

static inv_str *query_cursor(const inv__pages *pages)
{
	const inv_field_desc *field =
		inv_schema_field_named(inv_schema_record(pages->op->input), INV_S("cursor"), NULL);

	return field && field->kind == INV_KIND_TEXT ? inv__field_of(field, pages->query) : NULL;
}

/* The pages own the query: it outlives what the caller gave. */
static inv_status make_query(inv_session *session, inv__pages *pages, const void *given)
{
	const inv_record_desc *record = inv_schema_record(pages->op->input);
	inv__problems problems = {&session->error, record->name, -1};
	const void *current = NULL;
	inv_status rc = INV_OK;

	pages->query = inv__arena_zalloc(&pages->arena, record->size);
	if (!pages->query)
		return no_memory(session);
	*(uint32_t *)pages->query = record->size;
	rc = inv__records_import(record, given ? given : pages->query, 1, &pages->arena, &current,
	                         &problems);
	if (rc != INV_OK)
		return rc;
	rc = inv__validate(record, current, NULL, 0, &problems);
	if (rc != INV_OK)
		return rc;
	if (given)
		rc = inv__record_copy(record, current, &pages->arena, pages->query);
	return rc == INV_OK ? rc : no_memory(session);
}

inv_status inv__pages_begin(inv_session *session, inv__pages *pages, const inv_op_desc *op,
                            const void *query)
{
	inv_feed_query *feed = NULL;
	int64_t *limit = NULL;
	inv_status rc = INV_OK;

	memset(pages, 0, sizeof *pages);
	inv__arena_init(&pages->arena, &session->store->allocator);
	if (!op || op->number >= INV_OP_COUNT)
		return inv__error_set(&session->error, INV_E_MISUSE, NULL, NULL,
		                      "the operation is missing");
	if (!(op->flags & INV_OP_LISTS))
		return inv__error_set(&session->error, INV_E_UNSUPPORTED, NULL, NULL, "%s is not a list",
		                      op->name);
	pages->op = op;
	pages->more = true;
	rc = make_query(session, pages, query);
	if (rc != INV_OK)
		return rc;
	limit = query_int(pages, "limit");
	if (limit && *limit == 0)
		*limit = INV_LIMIT_PAGE;
	pages->limit = limit ? *limit : 0;
	feed = op->flags & INV_OP_WAITS ? feed_query(pages) : NULL;
	if (feed && feed->timeout_ms == 0)
		feed->timeout_ms = WAIT_MS;
	return INV_OK;
}

void inv__pages_end(inv__pages *pages)
{
	inv__arena_free(&pages->arena);
}

/* Lists go on by a cursor. */
static inv_status by_cursor(inv_session *session, inv__pages *pages, inv_str *at,
                            const inv_result *page)
{
	pages->more = page->cursor.len > 0;
	if (!pages->more)
		return INV_OK;
	if (page->cursor.len > pages->room) {
		pages->room = page->cursor.len * 2;
		pages->cursor = inv__arena_alloc(&pages->arena, pages->room);
		if (!pages->cursor)
			return no_memory(session);
	}
	memcpy(pages->cursor, page->cursor.ptr, page->cursor.len);
	*at = (inv_str){pages->cursor, page->cursor.len};
	return INV_OK;
}

/* The journal's go on by the position of the last record, also from where a consumer stood. */
static inv_status by_position(inv_session *session, inv__pages *pages, const inv_result *page)
{
	const inv_field_desc *position =
		inv_schema_field_named(page->record, INV_S("position"), NULL);
	int64_t *after = query_int(pages, "after");
	inv_feed_query *feed = feed_query(pages);
	bool waits = (pages->op->flags & INV_OP_WAITS) != 0;
	int64_t last;

	pages->more = position && after && (waits || (int64_t)page->count == pages->limit);
	if (!pages->more || page->count == 0)
		return INV_OK;
	memcpy(&last, inv__field_at(position, inv_result_at(page, page->count - 1)), sizeof last);
	if (last <= *after)
		return inv__error_set(&session->error, INV_E_INTERNAL, NULL, NULL,
		                      "%s does not go on by position", pages->op->name);
	*after = last;
	if (feed)
		feed->consumer = (inv_str){"", 0};
	return INV_OK;
}

static inv_status turn(inv_session *session, inv__pages *pages, const inv_result *page)
{
	inv_str *cursor = query_cursor(pages);

	return cursor ? by_cursor(session, pages, cursor, page) : by_position(session, pages, page);
}

static inv_status read_page(inv_session *session, const inv__pages *pages, inv_result *page)
{
	inv__inputs in = {pages->query, 1, NULL};
	inv_status rc;

	page->codes = pages->codes;
	if (!session->in_transaction)
		return inv__call_run(session, pages->op, &in, (inv_str){"", 0}, page);
	rc = inv__transaction_enter(session);
	if (rc == INV_OK) {
		rc = inv__call_run(session, pages->op, &in, (inv_str){"", 0}, page);
		inv__transaction_leave(session);
	}
	return rc;
}

inv_status inv__pages_next(inv_session *session, inv__pages *pages, inv_result **out)
{
	inv_result *page;
	inv_status rc;

	*out = NULL;
	if (!pages->more)
		return INV_OK;
	page = inv__result_make(session->store, inv_schema_record(pages->op->output));
	rc = page ? read_page(session, pages, page) : no_memory(session);
	if (rc == INV_OK)
		rc = turn(session, pages, page);
	if (rc == INV_OK)
		*out = page;
	else
		inv_result_free(page);
	return rc;
}

/* ---- for callers ---- */

struct inv_pages {
	inv__pages inside;
	inv_allocator allocator;
};

static inv_status open_pages(inv_session *session, const inv_op_desc *op, const void *query,
                             const inv_options *options, inv_pages **out)
{
	const inv_allocator *allocator = &session->store->allocator;
	inv_pages *pages = inv__alloc(allocator, sizeof *pages);
	inv_status rc;

	if (!pages)
		return no_memory(session);
	rc = inv__pages_begin(session, &pages->inside, op, query);
	pages->allocator = *allocator;
	pages->inside.codes = options && (options->flags & INV_OPTION_CODES) != 0;
	if (rc == INV_OK)
		*out = pages;
	else
		inv_pages_free(pages);
	return rc;
}

inv_status inv_pages_open(inv_session *session, const inv_op_desc *op, const void *query,
                          const inv_options *options, inv_pages **out)
{
	inv_status rc = inv__session_enter(session);
	bool cancelled;

	if (rc != INV_OK)
		return rc;
	if (!out)
		return inv__session_leave(session, inv__error_set(&session->error, INV_E_MISUSE, NULL, NULL,
		                                                  "the place for the pages is missing"));
	*out = NULL;
	cancelled = atomic_load(&session->cancelled);
	rc = inv__session_leave(session, open_pages(session, op, query, options, out));
	/* Nothing waits here: that is for the first page. */
	if (cancelled)
		atomic_store(&session->cancelled, true);
	return rc;
}

inv_status inv_pages_next(inv_pages *pages, inv_session *session, inv_result **out)
{
	inv_status rc = inv__session_enter(session);

	if (rc != INV_OK)
		return rc;
	if (!pages || !out)
		return inv__session_leave(session, inv__error_set(&session->error, INV_E_MISUSE, NULL, NULL,
		                                                  "the pages are missing"));
	return inv__session_leave(session, inv__pages_next(session, &pages->inside, out));
}

void inv_pages_free(inv_pages *pages)
{
	inv_allocator allocator;

	if (!pages)
		return;
	allocator = pages->allocator;
	inv__pages_end(&pages->inside);
	inv__free(&allocator, pages, sizeof *pages);
}
