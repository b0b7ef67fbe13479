/* SPDX-License-Identifier: MIT */
/* The rows of a copy: the journal in slices, with what it does; then what stands beside it. */
#include "engine/copy.h"

#define PAGE_EVENTS 256
#define SLICE_PAGES 4

/* ---- the journal ---- */

INV__SQL(SQL_BEFORE, "SELECT e.seq, e.known_at FROM event e WHERE e.position = ?1");
INV__SQL(SQL_OWN, "SELECT COALESCE(MAX(e.origin_seq), 0) FROM event e"
                  " WHERE e.origin = ?1 AND e.position <= ?2");

/* Rows prove themselves against the row before: of a copy that goes on, that is the last one of the
 * run before. */
static inv_status start_proof(inv__copying *c, inv__proof *proof)
{
	inv__arena arena;
	inv__batch batch;
	const inv_rows *rows;
	inv_status rc;

	*proof = (inv__proof){.store = c->from};
	if (c->at == 0)
		return INV_OK;
	inv__arena_init(&arena, &c->from->allocator);
	inv__batch_init(&batch, &arena);
	inv__batch_add(&batch, &SQL_BEFORE);
	inv__batch_int(&batch, c->at);
	inv__batch_add(&batch, &SQL_OWN);
	inv__batch_id(&batch, c->from->id);
	inv__batch_int(&batch, c->at);
	rc = inv__batch_exec(&batch, c->source, c->error);
	if (rc == INV_OK) {
		rows = inv__batch_result(&batch, 0);
		proof->position = c->at;
		proof->seq = inv__cell_int(rows, 0, 0);
		proof->known_at = inv__cell_int(rows, 0, 1);
		proof->own_seq = inv__cell_int(inv__batch_result(&batch, 1), 0, 0);
	}
	inv__arena_free(&arena);
	return rc;
}

/* In order of position is an order in which they may be applied: it becomes their number there. */
static inv_status put_page(inv__copying *c, inv__proof *proof, const inv__journal_page *page,
                           inv__batch *batch)
{
	const inv__refill refill = {.to = c->target};
	const void **list = inv__arena_array(batch->arena, page->count, sizeof *list);
	inv_status rc = list ? INV_OK : INV_E_NO_MEMORY;

	for (size_t i = 0; rc == INV_OK && i < page->count; i++) {
		rc = inv__proof_row(proof, &page->rows[i], batch->arena, c->error);
		page->rows[i].seq = page->rows[i].position;
		list[i] = &page->rows[i];
	}
	if (rc == INV_OK)
		rc = inv__rows_put(batch, inv_schema_table(INV_TABLE_event), list, page->count, false);
	return rc == INV_OK ? inv__refill_page(&refill, page, batch, c->error) : rc;
}

/* In a transaction; *at moves on. */
static inv_status put_slice(inv__copying *c, inv__proof *proof, int64_t *at)
{
	inv__journal_place place = {*at, false};
	inv__journal_page page = {NULL, PAGE_EVENTS};
	inv__arena arena;
	inv__batch batch;
	inv_status rc = INV_OK;

	inv__arena_init(&arena, &c->to->allocator);
	for (int i = 0; rc == INV_OK && i < SLICE_PAGES && page.count == PAGE_EVENTS; i++) {
		inv__arena_reset(&arena);
		rc = inv__journal_read(c->source, &place, PAGE_EVENTS, &arena, &page, c->error);
		inv__batch_init(&batch, &arena);
		if (rc == INV_OK && page.count > 0)
			rc = put_page(c, proof, &page, &batch);
	}
	inv__arena_free(&arena);
	if (rc == INV_OK && place.after == *at)
		rc = inv__error_set(c->error, INV_E_CORRUPT, "event", NULL,
		                    "the source's journal ends before its end");
	*at = place.after;
	return rc;
}

static inv_status copy_slice(inv__copying *c, inv__proof *proof)
{
	int64_t at = c->at;
	inv_status rc = inv__copy_begin(c);

	if (rc != INV_OK)
		return rc;
	rc = put_slice(c, proof, &at);
	if (rc == INV_OK)
		rc = inv__copy_mark(c, at);
	rc = inv__copy_end(c, rc);
	if (rc != INV_OK)
		return rc;
	c->out->events += at - c->at;
	c->out->position = c->at = at;
	inv__writer_checkpoint(c->to->writer);
	return INV_OK;
}

static inv_status tell(inv__copying *c)
{
	const inv_progress *p = c->progress;

	if (!p || !p->step || p->step(p->ctx, (uint64_t)c->at, (uint64_t)c->end))
		return INV_OK;
	return inv__error_set(c->error, INV_E_CANCELLED, NULL, NULL,
	                      "it was stopped: started again, it goes on from there");
}

inv_status inv__copy_journal(inv__copying *c)
{
	inv__proof proof;
	inv_status rc = start_proof(c, &proof);

	while (rc == INV_OK && c->at < c->end) {
		rc = copy_slice(c, &proof);
		if (rc == INV_OK)
			rc = tell(c);
	}
	return rc;
}

/* ---- what stands beside it ---- */

/* Rows of one page of a table; they live in the arena. */
typedef struct rows {
	const inv_table_desc *table;
	const void **list;
	size_t count, room;
	inv__arena arena;
} rows;

static inv_status keep_row(rows *r, const inv_value *cells, size_t room)
{
	const inv_record_desc *record = inv_schema_record(r->table->record);
	void *row;

	if (r->count == 0) {
		inv__arena_reset(&r->arena);
		r->list = inv__arena_array(&r->arena, room, sizeof *r->list);
		r->room = room;
	}
	row = inv__arena_zalloc(&r->arena, record->size);
	if (!r->list || !row || r->count == r->room)
		return INV_E_NO_MEMORY;
	r->list[r->count++] = row;
	return inv__row_read(record, cells, &r->arena, row);
}

static inv_status put_rows(inv__copying *c, rows *r)
{
	inv__batch batch;
	inv_status rc;

	inv__batch_init(&batch, &r->arena);
	rc = inv__rows_put(&batch, r->table, r->list, r->count, false);
	if (rc == INV_OK)
		rc = inv__batch_exec(&batch, c->target, c->error);
	if (rc == INV_OK && r->table->number == INV_TABLE_command_key)
		c->out->keys += (int64_t)r->count;
	r->count = 0;
	return rc;
}

/* What an earlier run has left there may be gone at the source by now. */
static inv_status empty_table(inv__copying *c, rows *r)
{
	inv__batch batch;
	inv__buf sql;

	inv__batch_init(&batch, &r->arena);
	inv__buf_init(&sql, &c->to->allocator, 256);
	inv__buf_puts(&sql, "DELETE FROM ");
	inv__buf_puts(&sql, r->table->name);
	inv__batch_add_buf(&batch, &sql);
	return inv__batch_exec(&batch, c->target, c->error);
}

static inv_status copy_rows(inv__copying *c, rows *r, inv__walk *walk)
{
	const inv_value *cells;
	size_t width;
	inv_status rc;

	do {
		rc = inv__walk_next(walk, &cells, &width, c->error);
		if (rc != INV_OK || !cells)
			break;
		rc = keep_row(r, cells, walk->page->row_count);
		/* The page's memory is used again with the next row. */
		if (rc == INV_OK && walk->next == walk->page->row_count)
			rc = put_rows(c, r);
	} while (rc == INV_OK);
	return rc;
}

static inv_status copy_table(inv__copying *c, const inv_table_desc *table)
{
	rows r = {.table = table};
	inv__arena page;
	inv__walk walk;
	inv_status rc;

	inv__arena_init(&r.arena, &c->to->allocator);
	inv__arena_init(&page, &c->from->allocator);
	rc = inv__walk_open(&walk, c->source, table, &page);
	if (rc == INV_OK)
		rc = empty_table(c, &r);
	if (rc == INV_OK)
		rc = copy_rows(c, &r, &walk);
	inv__walk_close(&walk);
	inv__arena_free(&page);
	inv__arena_free(&r.arena);
	return rc;
}

inv_status inv__copy_sides(inv__copying *c)
{
	const inv_table_desc *table;
	inv_status rc = INV_OK;

	/* meta says what the place is; what of it belongs to the store went along at the start. */
	for (uint32_t i = 1; rc == INV_OK && (table = inv_schema_table(i)) != NULL; i++)
		if (table->klass == INV_TABLE_SIDE && table->number != INV_TABLE_meta)
			rc = copy_table(c, table);
	return rc;
}
