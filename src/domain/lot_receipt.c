/* SPDX-License-Identifier: MIT */
/* A receipt makes the lots known that are not, so that every received lot has a row. What it says
 * of a lot that is there must be what the lot says itself. */
#include <stdlib.h>

#include "domain/lots.h"
#include "util/id.h"
#include "util/text.h"
#include "util/time.h"

/* A line that names a lot. */
typedef struct lot_use {
	const inv_stock_line *line;
	inv_str code;    /* folded */
	size_t input, index;
	size_t lot;
} lot_use;

struct inv__lot_receipts {
	lot_use *uses;      /* in the order of inputs and lines */
	size_t use_count;
	inv__lot_key *keys; /* distinct */
	inv_lot *lots;
	bool *is_new;
	size_t lot_count;
	size_t statement;
};

static int use_order(const void *x, const void *y)
{
	const lot_use *const *a = x, *const *b = y;
	int c = inv__id_compare((*a)->line->product.id, (*b)->line->product.id);

	if (c == 0)
		c = inv__str_compare((*a)->code, (*b)->code);
	return c ? c : (*a > *b) - (*a < *b);
}

static inv_status note_uses(inv__call *call, inv__lot_receipts *r)
{
	for (size_t i = 0; i < call->count; i++) {
		const inv_stock_entry *in = inv__call_input(call, i);

		for (size_t j = 0; j < in->lines.count; j++) {
			const inv_stock_line *line = INV_LIST_AT(in->lines, inv_stock_line, j);

			if (line->lot.len > 0)
				r->uses[r->use_count++] =
					(lot_use){line, inv__str_fold(call->arena, line->lot), i, j, 0};
		}
	}
	return call->arena->failed ? inv__call_no_memory(call) : INV_OK;
}

/* Which lot each use means. */
static inv_status find_distinct(inv__call *call, inv__lot_receipts *r)
{
	lot_use **list = inv__arena_alloc(call->arena, r->use_count * sizeof(lot_use *));

	r->keys = inv__arena_array(call->arena, r->use_count, sizeof *r->keys);
	if (!list || !r->keys)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < r->use_count; i++)
		list[i] = &r->uses[i];
	qsort(list, r->use_count, sizeof *list, use_order);
	for (size_t i = 0; i < r->use_count; i++) {
		const inv_stock_line *line = list[i]->line;
		const inv__lot_key *last = r->lot_count ? &r->keys[r->lot_count - 1] : NULL;

		if (!last || !inv__id_equal(last->product, line->product.id) ||
		    !inv__str_equal(last->code, list[i]->code))
			r->keys[r->lot_count++] =
				(inv__lot_key){.product = line->product.id, .code = list[i]->code};
		list[i]->lot = r->lot_count - 1;
	}
	return INV_OK;
}

static size_t count_uses(const inv__call *call)
{
	size_t n = 0;

	for (size_t i = 0; i < call->count; i++) {
		const inv_stock_entry *in = inv__call_input(call, i);

		for (size_t j = 0; j < in->lines.count; j++)
			n += INV_LIST_AT(in->lines, inv_stock_line, j)->lot.len > 0;
	}
	return n;
}

inv_status inv__lot_receipts_claim(inv__call *call, inv__lot_receipts **out)
{
	size_t uses = count_uses(call);
	inv__lot_receipts *r;
	inv_status rc;

	*out = NULL;
	if (uses == 0)
		return INV_OK;
	r = inv__arena_zalloc(call->arena, sizeof *r);
	if (r)
		r->uses = inv__arena_array(call->arena, uses, sizeof *r->uses);
	if (!r || !r->uses)
		return inv__call_no_memory(call);
	*out = r;
	rc = note_uses(call, r);
	if (rc == INV_OK)
		rc = find_distinct(call, r);
	return rc == INV_OK ? inv__lots_claim(call, r->keys, r->lot_count, &r->statement) : rc;
}

static inv_status fail_date(inv__call *call, const lot_use *use, const char *field,
                            const char *what, int32_t own)
{
	const char *path = inv__line_field(call, "lines", use->index, field);
	const int length = (int)use->line->lot.len;
	char date[16];

	if (own == 0)
		return inv__call_fail(call, INV_E_CONFLICT, use->input, path,
		                      "lot %.*s has no such date: set it by lot.update", length,
		                      use->line->lot.ptr);
	inv__date_format(own, date);
	return inv__call_fail(call, INV_E_CONFLICT, use->input, path, "lot %.*s %s on %s", length,
	                      use->line->lot.ptr, what, date);
}

static inv_status take_date(inv__call *call, const lot_use *use, const char *field, int32_t given,
                            inv_lot *lot)
{
	bool is_made = strcmp(field, "made") == 0;
	int32_t *own = is_made ? &lot->made : &lot->expires;

	if (given == 0 || given == *own)
		return INV_OK;
	if (lot->version > 0 || *own != 0)
		return fail_date(call, use, field, is_made ? "was made" : "expires", *own);
	*own = given;
	return INV_OK;
}

/* One that is not known yet. Its version stays 0 until all lines have told of it. */
static inv_status begin_lot(inv__call *call, const lot_use *use, inv_lot *lot)
{
	lot->struct_size = sizeof *lot;
	lot->product = inv_ref_of(use->line->product.id);
	lot->code = use->line->lot;
	lot->created_at = lot->updated_at = call->now;
	return inv__call_id(call, &lot->id);
}

inv_status inv__lot_receipts_check(inv__call *call, inv__lot_receipts *r)
{
	inv_status rc;

	if (!r)
		return INV_OK;
	r->lots = inv__arena_array(call->arena, r->lot_count, sizeof *r->lots);
	r->is_new = inv__arena_array(call->arena, r->lot_count, sizeof *r->is_new);
	if (!r->lots || !r->is_new)
		return inv__call_no_memory(call);
	rc = inv__lots_read(call, r->statement, r->lots, r->lot_count);
	for (size_t i = 0; i < r->lot_count; i++)
		r->is_new[i] = inv_id_is_none(r->lots[i].id);
	for (size_t i = 0; rc == INV_OK && i < r->use_count; i++) {
		const lot_use *use = &r->uses[i];
		inv_lot *lot = &r->lots[use->lot];

		if (inv_id_is_none(lot->id))
			rc = begin_lot(call, use, lot);
		if (rc == INV_OK)
			rc = take_date(call, use, "made", use->line->made, lot);
		if (rc == INV_OK)
			rc = take_date(call, use, "expires", use->line->expires, lot);
		if (rc == INV_OK && r->is_new[use->lot])
			rc = inv__lot_dates_check(call, use->input,
			                          inv__line_field(call, "lines", use->index, "expires"), lot);
	}
	return rc;
}

inv_status inv__lot_receipts_events(inv__call *call, inv__lot_receipts *r)
{
	inv_status rc = INV_OK;

	for (size_t i = 0; r && rc == INV_OK && i < r->lot_count; i++) {
		if (!r->is_new[i])
			continue;
		r->lots[i].version = 1;
		rc = inv__call_event(call, INV_EVENT_lot_created, r->lots[i].id, call->now, 0,
		                     &r->lots[i]);
	}
	return rc;
}
