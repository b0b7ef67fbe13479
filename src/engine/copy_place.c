/* SPDX-License-Identifier: MIT */
/* The place a store is copied to: whose it is, how far the copy has come there, and how numbers go
 * on there. While the copy is under way, `copy` in its meta keeps others from opening it. */
#include "engine/copy.h"
#include "util/id.h"
#include "util/number.h"
#include "util/text.h"

#define NUMBERS_PER_DRAW 65536

INV__SQL(SQL_ALONE, "{exclusive event}");
INV__SQL(SQL_WHOSE, "SELECT m.name, m.value FROM meta m WHERE m.name IN ('id', 'copy')");
INV__SQL(SQL_LAST, "SELECT e.position, e.id, e.hash FROM event e WHERE e.position > 0"
                   " ORDER BY e.position DESC LIMIT 1");
INV__SQL(SQL_UNPLACED, "SELECT e.seq FROM event e WHERE e.position = 0 LIMIT 1");
INV__SQL(SQL_AT, "SELECT e.id, e.hash FROM event e WHERE e.position = ?1");
INV__SQL(SQL_PUT, "INSERT INTO meta (name, value) {insert name:text value:text}"
                  " ON CONFLICT (name) DO UPDATE SET value = excluded.value");
INV__SQL(SQL_SIGN, "SELECT m.value FROM meta m WHERE m.name = 'copy_sign'");
INV__SQL(SQL_UNSIGN, "DELETE FROM meta WHERE name = 'copy_sign'");
INV__SQL(SQL_UNMARK, "DELETE FROM meta WHERE name = 'copy'");
/* Where many write, an event has no position at first, and those that are copied have theirs: so
 * who has the place open from before cannot write there, and nobody has to look. */
INV__SQL(SQL_OPEN, "{postgres ALTER TABLE event DROP CONSTRAINT IF EXISTS event_position_copied}"
                   "{sqlite SELECT 1}");
INV__SQL(SQL_CLOSE, "{postgres ALTER TABLE event ADD CONSTRAINT event_position_copied"
                    " CHECK (position > 0) NOT VALID}{sqlite SELECT 1}");
/* Versions and numbers belong to the place, all else to the store. */
INV__SQL(SQL_META, "SELECT m.name, m.value FROM meta m WHERE m.name NOT IN"
                   " ('schema_version', 'min_reader', 'min_writer', 'seq_base', 'copy',"
                   " 'copy_sign')");
INV__SQL(SQL_NUMBERS, "SELECT COALESCE(MAX(e.seq), 0),"
                      " COALESCE(MAX(CASE WHEN e.origin = ?1 THEN e.origin_seq END), 0)"
                      " FROM event e");
INV__SQL(SQL_DRAW, "SELECT {draw_behind event_draw}");

/* What is found there. Texts live in the arena. */
typedef struct place {
	inv_str id, mark;
	int64_t position;
	inv_id event;     /* the last one */
	inv_str hash;
	bool unplaced;    /* there are events without a position */
} place;

/* In a transaction; nobody else writes until its end. */
static inv_status look(inv__copying *c, inv__arena *arena, place *out)
{
	inv__batch batch;
	const inv_rows *rows;
	inv_status rc;

	memset(out, 0, sizeof *out);
	inv__batch_init(&batch, arena);
	inv__batch_add(&batch, &SQL_ALONE);
	inv__batch_add(&batch, &SQL_WHOSE);
	inv__batch_add(&batch, &SQL_LAST);
	inv__batch_add(&batch, &SQL_UNPLACED);
	rc = inv__batch_exec(&batch, c->target, c->error);
	if (rc != INV_OK)
		return rc;
	rows = inv__batch_result(&batch, 1);
	for (size_t i = 0; i < rows->row_count; i++)
		*(inv__str_is(inv__cell_str(rows, i, 0), "id") ? &out->id : &out->mark) =
			inv__cell_str(rows, i, 1);
	rows = inv__batch_result(&batch, 2);
	if (rows->row_count > 0) {
		out->position = inv__cell_int(rows, 0, 0);
		out->event = inv__cell_id(rows, 0, 1);
		out->hash = inv__cell_str(rows, 0, 2);
	}
	out->unplaced = inv__batch_result(&batch, 3)->row_count > 0;
	return INV_OK;
}

static inv_status put(inv__copying *c, inv__arena *arena, const char *name, const char *value)
{
	inv__batch batch;
	inv_str *column;

	inv__batch_init(&batch, arena);
	inv__batch_add(&batch, &SQL_PUT);
	inv__batch_rows(&batch, 1);
	column = inv__batch_text_column(&batch);
	if (column)
		*column = inv_str_of(name);
	column = inv__batch_text_column(&batch);
	if (column)
		*column = inv_str_of(value);
	return inv__batch_exec(&batch, c->target, c->error);
}

static inv_status run(inv__copying *c, inv__arena *arena, const inv__sql *sql)
{
	inv__batch batch;

	inv__batch_init(&batch, arena);
	inv__batch_add(&batch, sql);
	return inv__batch_exec(&batch, c->target, c->error);
}

static inv_status check_owner(inv__copying *c, const place *p)
{
	char id[37];

	inv__id_format(c->from->id, id);
	if (p->id.len > 0 ? inv__str_is(p->id, id) : p->position == 0 && !p->unplaced)
		return INV_OK;
	return inv__error_set(c->error, INV_E_EXISTS, NULL, NULL, "there is another store: %.*s",
	                      (int)(p->id.len > 36 ? 36 : p->id.len), p->id.ptr);
}

/* ---- is it the source itself? ---- */

static inv_status sign(inv__copying *c, inv__arena *arena)
{
	place p;
	inv_status rc = look(c, arena, &p);

	if (rc == INV_OK)
		rc = check_owner(c, &p);
	return rc == INV_OK ? put(c, arena, "copy_sign", c->nonce) : rc;
}

inv_status inv__copy_sign(inv__copying *c)
{
	inv__arena arena;
	uint8_t random[16];
	inv_status rc;

	if (!c->to->random.fill(c->to->random.ctx, random, sizeof random))
		return inv__error_set(c->error, INV_E_INTERNAL, NULL, NULL,
		                      "the source of randomness failed");
	inv__hex(random, sizeof random, c->nonce);
	rc = inv__link_begin(c->target, INV_BEGIN_WRITE, c->error);
	if (rc != INV_OK)
		return rc;
	inv__arena_init(&arena, &c->to->allocator);
	rc = inv__copy_end(c, sign(c, &arena));
	inv__arena_free(&arena);
	return rc;
}

inv_status inv__copy_find_sign(inv__copying *c)
{
	inv__arena arena;
	inv__batch batch;
	const inv_rows *rows;
	bool same;
	inv_status rc;

	inv__arena_init(&arena, &c->from->allocator);
	inv__batch_init(&batch, &arena);
	inv__batch_add(&batch, &SQL_SIGN);
	rc = inv__batch_exec(&batch, c->source, c->error);
	rows = rc == INV_OK ? inv__batch_result(&batch, 0) : NULL;
	same = rows && rows->row_count > 0 && inv__str_is(inv__cell_str(rows, 0, 0), c->nonce);
	if (rc == INV_OK)
		rc = run(c, &arena, &SQL_UNSIGN);
	if (rc == INV_OK && same)
		rc = inv__error_set(c->error, INV_E_EXISTS, NULL, NULL,
		                    "the store is at that place already");
	inv__arena_free(&arena);
	return rc;
}

/* ---- taking the place ---- */

/* What is there must be how the source began: then the last event there is the same here. */
static inv_status check_events(inv__copying *c, const place *p, inv__arena *arena)
{
	inv__batch batch;
	const inv_rows *rows;
	inv_status rc;

	if (p->position == 0 && !p->unplaced)
		return INV_OK;
	inv__batch_init(&batch, arena);
	inv__batch_add(&batch, &SQL_AT);
	inv__batch_int(&batch, p->position);
	rc = inv__batch_exec(&batch, c->source, c->error);
	if (rc != INV_OK)
		return rc;
	rows = inv__batch_result(&batch, 0);
	if (!p->unplaced && rows->row_count == 1 &&
	    inv__id_equal(inv__cell_id(rows, 0, 0), p->event) &&
	    inv__str_equal(inv__cell_str(rows, 0, 1), p->hash))
		return INV_OK;
	return inv__error_set(c->error, INV_E_EXISTS, NULL, NULL,
	                      "this store is there, with events that the source does not have");
}

static inv_status put_meta(inv__copying *c, inv__arena *arena)
{
	inv__batch read, batch;
	const inv_rows *rows;
	inv_str *column;
	inv_status rc;

	inv__batch_init(&read, arena);
	inv__batch_add(&read, &SQL_META);
	rc = inv__batch_exec(&read, c->source, c->error);
	if (rc != INV_OK)
		return rc;
	rows = inv__batch_result(&read, 0);
	inv__batch_init(&batch, arena);
	inv__batch_add(&batch, &SQL_PUT);
	inv__batch_rows(&batch, rows->row_count);
	for (size_t i = 0; i < 2; i++) {
		column = inv__batch_text_column(&batch);
		for (size_t j = 0; column && j < rows->row_count; j++)
			column[j] = inv__cell_str(rows, j, i);
	}
	return inv__batch_exec(&batch, c->target, c->error);
}

static inv_status claim(inv__copying *c, inv__arena *arena)
{
	place p;
	inv_status rc = look(c, arena, &p);

	if (rc == INV_OK)
		rc = check_owner(c, &p);
	if (rc == INV_OK)
		rc = check_events(c, &p, arena);
	if (rc == INV_OK)
		rc = put_meta(c, arena);
	if (rc == INV_OK)
		rc = run(c, arena, &SQL_OPEN); /* an earlier run has closed it */
	if (rc == INV_OK)
		rc = run(c, arena, &SQL_CLOSE);
	c->at = p.position;
	return rc == INV_OK ? inv__copy_mark(c, c->at) : rc;
}

inv_status inv__copy_claim(inv__copying *c)
{
	inv__arena arena;
	inv_status rc = inv__link_begin(c->target, INV_BEGIN_WRITE, c->error);

	if (rc != INV_OK)
		return rc;
	inv__arena_init(&arena, &c->to->allocator);
	rc = inv__copy_end(c, claim(c, &arena));
	inv__arena_free(&arena);
	if (rc == INV_OK)
		c->out->position = c->at;
	return rc;
}

inv_status inv__copy_refuse(inv_str mark, inv_error *error)
{
	const char *end = mark.len ? memchr(mark.ptr, ' ', mark.len) : NULL;

	return inv__error_set(error, INV_E_STATE, NULL, NULL,
	                      "a copy of a store to this place is not finished (%.*s events): start it"
	                      " again, and it goes on from there",
	                      (int)(end ? (size_t)(end - mark.ptr) : 0), mark.ptr);
}

/* ---- a transaction ---- */

static inv_status check_mark(inv__copying *c)
{
	inv__arena arena;
	place p;
	inv_status rc;

	inv__arena_init(&arena, &c->to->allocator);
	rc = look(c, &arena, &p);
	if (rc == INV_OK && (!inv__str_is(p.mark, c->mark) || p.position != c->at || p.unplaced))
		rc = inv__error_set(c->error, INV_E_STATE, NULL, NULL,
		                    "somebody else writes to the place that is copied to");
	inv__arena_free(&arena);
	return rc;
}

inv_status inv__copy_begin(inv__copying *c)
{
	inv_status rc = inv__link_begin(c->target, INV_BEGIN_WRITE, c->error);

	if (rc != INV_OK)
		return rc;
	rc = check_mark(c);
	return rc == INV_OK ? rc : inv__copy_end(c, rc);
}

inv_status inv__copy_end(inv__copying *c, inv_status status)
{
	if (status == INV_OK)
		return inv__link_end(c->target, true, c->error);
	/* The first error is the one to tell. */
	(void)inv__link_end(c->target, false, NULL);
	return status;
}

inv_status inv__copy_mark(inv__copying *c, int64_t at)
{
	inv__arena arena;
	inv_status rc;

	inv__format(c->mark, sizeof c->mark, "%lld/%lld %s", (long long)at, (long long)c->end,
	            c->nonce);
	inv__arena_init(&arena, &c->to->allocator);
	rc = put(c, &arena, "copy", c->mark);
	inv__arena_free(&arena);
	return rc;
}

/* ---- the end ---- */

/* Numbers of the store's own events never come twice. Where many write they are drawn, and the next
 * draw lies behind all that is there; where one writes they go on behind the base, if a database
 * with many writers has ever numbered some, else they are the positions. */
static inv_status put_numbers(inv__copying *c, inv__arena *arena)
{
	inv__batch batch;
	const inv_rows *rows;
	int64_t highest, base = c->from->seq_base;
	char text[24];
	inv_status rc;

	inv__batch_init(&batch, arena);
	inv__batch_add(&batch, &SQL_NUMBERS);
	inv__batch_id(&batch, c->from->id);
	rc = inv__batch_exec(&batch, c->target, c->error);
	if (rc != INV_OK)
		return rc;
	rows = inv__batch_result(&batch, 0);
	highest = inv__cell_int(rows, 0, 1);
	if (c->to->many && highest < inv__cell_int(rows, 0, 0))
		highest = inv__cell_int(rows, 0, 0);
	highest /= NUMBERS_PER_DRAW;
	if (c->to->many) {
		inv__batch_add(&batch, &SQL_DRAW);
		inv__batch_int(&batch, highest + 1);
		rc = inv__batch_exec(&batch, c->target, c->error);
		base = base < 0 ? 0 : base;
	} else if (c->from->many) {
		base = highest + 1;
	}
	if (rc != INV_OK || base < 0)
		return rc;
	text[inv__int_format(base, text)] = '\0';
	return put(c, arena, "seq_base", text);
}

inv_status inv__copy_finish(inv__copying *c)
{
	inv__arena arena;
	inv_status rc = inv__copy_begin(c);

	if (rc != INV_OK)
		return rc;
	inv__arena_init(&arena, &c->to->allocator);
	rc = inv__copy_sides(c);
	if (rc == INV_OK)
		rc = put_numbers(c, &arena);
	if (rc == INV_OK)
		rc = run(c, &arena, &SQL_OPEN);
	if (rc == INV_OK)
		rc = run(c, &arena, &SQL_UNMARK);
	rc = inv__copy_end(c, rc);
	inv__arena_free(&arena);
	return rc;
}
