/* SPDX-License-Identifier: MIT */
/* A store goes to another place: its journal and what stands beside it are carried over, what is
 * derived is made from the journal there, and both states must be the same in the end. */
#include "engine/copy.h"
#include "util/text.h"

#define TRIES 100

/* One state of the source in which every event has its position. Where many write, some may come
 * between giving positions and looking: then once more. */
static inv_status take_source(inv__copying *c, inv__snapshot *snapshot)
{
	inv_status rc = INV_OK;
	bool whole = false, unplaced = false;

	for (int tries = 0; rc == INV_OK && !whole && tries < TRIES; tries++) {
		if (tries > 0)
			inv__snapshot_give(c->from, snapshot);
		/* Before a reader is held: looking for what has no position takes one, too. */
		rc = inv__sequence(c->from, NULL, c->error);
		if (rc == INV_OK)
			rc = inv__snapshot_take(c->from, snapshot, c->error);
		if (rc != INV_OK)
			return rc;
		c->source = snapshot->link;
		rc = inv__any_unplaced(c->from, c->source, &unplaced, c->error);
		whole = rc == INV_OK && !unplaced;
	}
	if (rc == INV_OK && !whole)
		rc = c->from->read_only
		             ? inv__error_set(c->error, INV_E_STATE, NULL, NULL,
		                              "some events have no position yet: open the source for"
		                              " writing, too")
		             : inv__error_set(c->error, INV_E_BUSY, NULL, NULL,
		                              "so much is booked at the source that no moment was found"
		                              " to copy: wait for a quieter one");
	if (rc != INV_OK)
		inv__snapshot_give(c->from, snapshot);
	return rc;
}

static inv_status compare(inv__copying *c, char hash[65])
{
	uint8_t there[32], here[32];
	inv_status rc = inv__state_hash(c->source, &c->from->allocator, here, c->error);

	if (rc == INV_OK)
		rc = inv__state_hash(c->target, &c->to->allocator, there, c->error);
	if (rc == INV_OK && memcmp(here, there, sizeof here) != 0)
		rc = inv__error_set(c->error, INV_E_CORRUPT, NULL, NULL,
		                    "the state made from the journal is not the source's: verify the"
		                    " source");
	if (rc == INV_OK)
		inv__hex(there, sizeof there, hash);
	return rc;
}

static inv_status carry(inv__copying *c)
{
	char hash[65] = "";
	inv_status rc = inv__copy_find_sign(c);

	if (rc == INV_OK)
		rc = inv__last_position(c->from, c->source, &c->end, c->error);
	if (rc == INV_OK)
		rc = inv__copy_claim(c);
	if (rc == INV_OK)
		rc = inv__copy_journal(c);
	if (rc == INV_OK)
		rc = compare(c, hash);
	if (rc == INV_OK)
		rc = inv__copy_finish(c);
	if (rc == INV_OK)
		memcpy(c->out->state_hash, hash, sizeof hash);
	return rc;
}

static inv_status copy(inv__copying *c, const inv_store_options *to)
{
	inv__snapshot snapshot;
	inv_status rc = inv__store_open(to, true, &c->to, c->error);

	if (rc != INV_OK)
		return rc;
	c->target = c->to->writer->link;
	rc = inv__copy_sign(c);
	if (rc == INV_OK)
		rc = take_source(c, &snapshot);
	if (rc == INV_OK) {
		rc = carry(c);
		inv__snapshot_give(c->from, &snapshot);
	}
	inv__store_drop(c->to);
	return rc;
}

inv_status inv_store_copy(inv_store *from, const inv_store_options *to,
                          const inv_progress *progress, inv_copy_report *report, inv_error *error)
{
	inv_copy_report done = INV_COPY_REPORT_INIT;
	inv__copying c = {.from = from, .progress = progress, .out = &done};
	inv_error own;
	inv_status rc = inv__store_check(from, &error, &own);

	c.error = error;
	if (rc == INV_OK)
		rc = inv__store_answer(copy(&c, to), error);
	if (report && report->struct_size >= sizeof report->struct_size) {
		uint32_t size = report->struct_size;

		memcpy(report, &done, size < sizeof done ? size : sizeof done);
		report->struct_size = size;
	}
	return rc;
}
