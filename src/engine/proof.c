/* SPDX-License-Identifier: MIT */
/* The journal's rows prove themselves: each is in its place, and is what its hash says. */
#include "engine/engine.h"
#include "util/id.h"
#include "util/text.h"

static inv_status broken(inv_error *error, const inv_event *row, const char *what)
{
	char id[37];

	inv__id_format(row->id, id);
	return inv__error_set(error, INV_E_CORRUPT, "event", NULL, "event: %s%s", what, id);
}

inv_status inv__proof_row(inv__proof *proof, const inv_event *row, inv__arena *arena,
                          inv_error *error)
{
	uint8_t hash[32];
	const inv_store *store = proof->store;
	bool own = inv__id_equal(row->origin, store->id) && store->seq_base < 0;
	bool placed = row->position > 0; /* what was committed just now is not yet */
	inv_status rc;

	if (placed && row->position != proof->position + 1)
		return broken(error, row, "a row is missing before ");
	if ((row->seq <= proof->seq && !store->many) ||
	    (own && row->origin_seq != proof->own_seq + 1))
		return broken(error, row, "its sequence number does not follow the row before: ");
	if (row->known_at < proof->known_at)
		return broken(error, row, "known_at goes back at ");
	rc = inv__journal_hash(row, arena, hash);
	if (rc != INV_OK)
		return inv__error_set(error, rc, NULL, NULL, "out of memory");
	if (row->hash.len != sizeof hash || memcmp(row->hash.ptr, hash, sizeof hash) != 0)
		return broken(error, row, "its hash differs from what was written: ");
	proof->position = row->position;
	proof->seq = row->seq;
	proof->known_at = row->known_at;
	if (own)
		proof->own_seq = row->origin_seq;
	return INV_OK;
}

/* ---- what stands beside the journal ---- */

INV__SQL(SQL_KEYS_WITHOUT_EVENTS,
         "SELECT k.operation FROM command_key k LEFT JOIN (SELECT e.command, COUNT(*) AS events"
         " FROM event e GROUP BY e.command) c ON c.command = k.command"
         " WHERE k.event_count > 0 AND k.event_count <> COALESCE(c.events, 0) LIMIT 1");
/* An event has its subject's id, or is found by its subject. */
#define COMMITTED(event) \
	" AND " event ".name <> 'personal.forgotten' AND " event ".name <> 'stock.shortage'"
INV__SQL(SQL_PERSONAL,
         "SELECT v.subject, v.field, v.salt, v.value, COALESCE(o.payload, ''),"
         " COALESCE(e.payload, '')"
         " FROM personal_value v"
         " LEFT JOIN event o ON o.id = v.subject AND o.subject = v.subject" COMMITTED("o")
         " LEFT JOIN event e ON e.subject = v.subject AND e.subject <> e.id" COMMITTED("e")
         " ORDER BY v.subject, v.field, e.position");

static bool holds(inv_str text, inv_str part)
{
	for (size_t i = 0; i + part.len <= text.len; i++)
		if (memcmp(text.ptr + i, part.ptr, part.len) == 0)
			return true;
	return false;
}

enum { SUBJECT, FIELD, SALT, VALUE, OWN, OTHER };

static bool same_value(const inv_rows *rows, size_t a, size_t b)
{
	return inv__str_equal(inv__cell_str(rows, a, SUBJECT), inv__cell_str(rows, b, SUBJECT)) &&
	       inv__str_equal(inv__cell_str(rows, a, FIELD), inv__cell_str(rows, b, FIELD));
}

/* Is one of the subject's events committed to the value of row `at`? *next = the next value's row.
 * Other events may be about another thing that was given the same id. */
static inv_status find_commitment(const inv_rows *rows, size_t at, inv__arena *arena, bool *found,
                                  size_t *next)
{
	inv_str commitment = inv__personal_commitment(arena, inv__cell_str(rows, at, SALT),
	                                              inv__cell_str(rows, at, VALUE));
	size_t i = at;

	*found = false;
	for (; i < rows->row_count && same_value(rows, at, i); i++)
		*found = *found || (commitment.ptr && (holds(inv__cell_str(rows, i, OWN), commitment) ||
		                                       holds(inv__cell_str(rows, i, OTHER), commitment)));
	*next = i;
	return commitment.ptr ? INV_OK : INV_E_NO_MEMORY;
}

/* Every value kept of a person is one that an event is committed to. */
static inv_status check_personal(const inv_rows *rows, inv__arena *arena, inv_error *error)
{
	for (size_t at = 0, next; at < rows->row_count; at = next) {
		inv_str field = inv__cell_str(rows, at, FIELD);
		bool found;

		if (find_commitment(rows, at, arena, &found, &next) != INV_OK)
			return inv__error_set(error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
		if (!found)
			return inv__error_set(error, INV_E_CORRUPT, "personal_value", NULL,
			                      "personal_value: a value of %.*s is not what the journal is "
			                      "committed to",
			                      (int)(field.len > 64 ? 64 : field.len), field.ptr);
	}
	return INV_OK;
}

inv_status inv__proof_sides(inv__link *link, const inv_allocator *allocator, inv_error *error)
{
	inv__arena arena;
	inv__batch batch;
	inv_status rc;

	inv__arena_init(&arena, allocator);
	inv__batch_init(&batch, &arena);
	inv__batch_add(&batch, &SQL_KEYS_WITHOUT_EVENTS);
	inv__batch_add(&batch, &SQL_PERSONAL);
	rc = inv__batch_exec(&batch, link, error);
	if (rc == INV_OK && inv__batch_result(&batch, 0)->row_count > 0)
		rc = inv__error_set(error, INV_E_CORRUPT, "command_key", NULL,
		                    "command_key: a key does not name the events of its command");
	if (rc == INV_OK)
		rc = check_personal(inv__batch_result(&batch, 1), &arena, error);
	inv__arena_free(&arena);
	return rc;
}
