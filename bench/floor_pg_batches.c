/* SPDX-License-Identifier: MIT */
/* The best form: two batches in pipeline mode. The first begins, looks the key up, locks the
 * balances in the order of their keys and draws the journal's position; the second writes all rows,
 * many by one statement, and commits. */
#include "floor_pg_parts.h"

static bool send_reads(floor_pg *pg, const char *key)
{
	bool ok = floor_pg_send(pg, PG_BEGIN);

	floor_pg_text(&pg->args, key);
	ok = ok && floor_pg_send(pg, PG_LOOKUP);
	floor_pg_ints(&pg->args, pg->rows.balance, pg->rows.balances);
	return ok && floor_pg_send(pg, PG_LOCK) && floor_pg_send(pg, PG_POSITION) &&
	       (PQpipelineSync(pg->native) || floor_pg_error(pg, "sync"));
}

/* Both sides of the look are in the order of the keys. */
static bool enough(const floor_pg_rows *rows, PGresult *locked)
{
	bool ok = locked && (size_t)PQntuples(locked) == rows->balances;

	for (size_t i = 0; ok && i < rows->balances; i++) {
		ok = floor_pg_get64(PQgetvalue(locked, (int)i, 0)) == rows->balance[i] &&
		     floor_pg_get64(PQgetvalue(locked, (int)i, 1)) >= rows->taken[i];
	}
	PQclear(locked);
	return ok || bench_error("floor: not enough of a product");
}

static bool take_reads(floor_pg *pg)
{
	PGresult *begun = floor_pg_take(pg);
	bool ok = begun && floor_pg_none(floor_pg_take(pg)) && enough(&pg->rows, floor_pg_take(pg));

	PQclear(begun);
	pg->rows.position = ok ? floor_pg_number(floor_pg_take(pg)) : -1;
	return pg->rows.position > 0 && floor_pg_synced(pg);
}

static bool send_common(floor_pg *pg, const char *key)
{
	const floor_pg_rows *rows = &pg->rows;
	bool ok;

	floor_pg_event_args(pg);
	floor_pg_int(&pg->args, rows->position);
	ok = floor_pg_send(pg, PG_JOURNAL);
	floor_pg_text(&pg->args, key);
	floor_pg_bytes(&pg->args, rows->event.id, sizeof rows->event.id);
	ok = ok && floor_pg_send(pg, PG_KEY);
	floor_pg_balance_args(pg);
	ok = ok && floor_pg_send(pg, PG_BALANCES);
	floor_pg_int(&pg->args, rows->event.now);
	floor_pg_int(&pg->args, rows->position);
	floor_pg_ints(&pg->args, rows->product, rows->lines);
	floor_pg_ints(&pg->args, rows->number, rows->lines);
	floor_pg_ints(&pg->args, rows->moved, rows->lines);
	return ok && floor_pg_send(pg, PG_MOVES);
}

static bool send_sale(floor_pg *pg)
{
	floor_pg_rows *rows = &pg->rows;
	bool ok;

	floor_pg_sale_args(pg);
	floor_pg_int(&pg->args, rows->position);
	floor_pg_bytes(&pg->args, rows->event.id, sizeof rows->event.id);
	floor_pg_int(&pg->args, rows->event.now);
	ok = floor_pg_send(pg, PG_SALE);
	floor_pg_int(&pg->args, rows->position);
	floor_pg_ints(&pg->args, rows->number, rows->lines);
	floor_pg_ints(&pg->args, rows->product, rows->lines);
	floor_pg_ints(&pg->args, rows->sold, rows->lines);
	floor_pg_ints(&pg->args, rows->price, rows->lines);
	floor_pg_ints(&pg->args, rows->amount, rows->lines);
	floor_pg_skus(&pg->args, rows->sku, rows->lines);
	floor_pg_skus(&pg->args, rows->sku, rows->lines);
	ok = ok && floor_pg_send(pg, PG_SALE_LINES);
	floor_pg_int(&pg->args, rows->position);
	floor_pg_int(&pg->args, rows->total);
	return ok && floor_pg_send(pg, PG_TENDER);
}

static bool take_writes(floor_pg *pg, bool sale)
{
	const floor_pg_rows *rows = &pg->rows;
	PGresult *committed;
	bool ok = floor_pg_changed(floor_pg_take(pg), 1) && floor_pg_changed(floor_pg_take(pg), 1) &&
	          floor_pg_changed(floor_pg_take(pg), rows->balances) &&
	          floor_pg_changed(floor_pg_take(pg), rows->lines);

	if (ok && sale) {
		ok = floor_pg_changed(floor_pg_take(pg), 1) &&
		     floor_pg_changed(floor_pg_take(pg), rows->lines) &&
		     floor_pg_changed(floor_pg_take(pg), 1);
	}
	committed = ok ? floor_pg_take(pg) : NULL;
	PQclear(committed);
	return committed && floor_pg_synced(pg);
}

bool floor_pg_batches(floor_pg *pg, const floor_command *command)
{
	bool sale = command->kind == FLOOR_SALE;

	if (!PQenterPipelineMode(pg->native) || !send_reads(pg, command->key) || !take_reads(pg) ||
	    !send_common(pg, command->key) || (sale && !send_sale(pg)) ||
	    !floor_pg_send(pg, PG_COMMIT) || !PQpipelineSync(pg->native) || !take_writes(pg, sale)) {
		return false;
	}
	return PQexitPipelineMode(pg->native) || floor_pg_error(pg, "pipeline");
}
