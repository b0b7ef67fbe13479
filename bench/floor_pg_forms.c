/* SPDX-License-Identifier: MIT */
/* The two other forms of a command: all of it in one statement, and a round trip for each. */
#include "floor_pg_parts.h"

/* ---- one statement ---- */

bool floor_pg_at_once(floor_pg *pg, const floor_command *command)
{
	bool sale = command->kind == FLOOR_SALE;
	floor_pg_rows *rows = &pg->rows;

	floor_pg_balance_args(pg);
	floor_pg_event_args(pg);
	floor_pg_text(&pg->args, command->key);
	floor_pg_int(&pg->args, (int64_t)rows->balances);
	floor_pg_ints(&pg->args, rows->product, rows->lines);
	floor_pg_ints(&pg->args, rows->number, rows->lines);
	floor_pg_ints(&pg->args, rows->moved, rows->lines);
	if (sale) {
		floor_pg_sale_args(pg);
		floor_pg_ints(&pg->args, rows->sold, rows->lines);
		floor_pg_ints(&pg->args, rows->price, rows->lines);
		floor_pg_ints(&pg->args, rows->amount, rows->lines);
		floor_pg_skus(&pg->args, rows->sku, rows->lines);
		floor_pg_skus(&pg->args, rows->sku, rows->lines);
	}
	return floor_pg_changed(floor_pg_ask(pg, sale ? PG_SELL_AT_ONCE : PG_POST_AT_ONCE), 1);
}

/* ---- a round trip for each ---- */

static bool run(floor_pg *pg, int statement)
{
	PGresult *result = floor_pg_ask(pg, statement);

	PQclear(result);
	return result != NULL;
}

static bool write_event(floor_pg *pg, const char *key)
{
	floor_pg_rows *rows = &pg->rows;

	floor_pg_text(&pg->args, key);
	if (!floor_pg_none(floor_pg_ask(pg, PG_LOOKUP))) {
		return false;
	}
	floor_pg_event_args(pg);
	rows->position = floor_pg_number(floor_pg_ask(pg, PG_JOURNAL_ONE));
	floor_pg_text(&pg->args, key);
	floor_pg_bytes(&pg->args, rows->event.id, sizeof rows->event.id);
	return rows->position > 0 && floor_pg_changed(floor_pg_ask(pg, PG_KEY), 1);
}

static bool move_line(floor_pg *pg, size_t i)
{
	const floor_pg_rows *rows = &pg->rows;

	floor_pg_int(&pg->args, rows->product[i]);
	floor_pg_int(&pg->args, rows->sold[i]);
	if (!floor_pg_changed(floor_pg_ask(pg, PG_BALANCE_ONE), 1)) {
		return false;
	}
	floor_pg_int(&pg->args, rows->event.now);
	floor_pg_int(&pg->args, rows->position);
	floor_pg_int(&pg->args, rows->product[i]);
	floor_pg_int(&pg->args, rows->number[i]);
	floor_pg_int(&pg->args, rows->moved[i]);
	return floor_pg_changed(floor_pg_ask(pg, PG_MOVE_ONE), 1);
}

static bool write_sale_line(floor_pg *pg, size_t i)
{
	const floor_pg_rows *rows = &pg->rows;

	floor_pg_int(&pg->args, rows->position);
	floor_pg_int(&pg->args, rows->number[i]);
	floor_pg_int(&pg->args, rows->product[i]);
	floor_pg_int(&pg->args, rows->sold[i]);
	floor_pg_int(&pg->args, rows->price[i]);
	floor_pg_int(&pg->args, rows->amount[i]);
	floor_pg_text(&pg->args, rows->sku[i]);
	floor_pg_text(&pg->args, rows->sku[i]);
	return floor_pg_changed(floor_pg_ask(pg, PG_SALE_LINE_ONE), 1);
}

static bool write_sale(floor_pg *pg)
{
	const floor_pg_rows *rows = &pg->rows;

	floor_pg_sale_args(pg);
	floor_pg_int(&pg->args, rows->position);
	floor_pg_bytes(&pg->args, rows->event.id, sizeof rows->event.id);
	floor_pg_int(&pg->args, rows->event.now);
	if (!floor_pg_changed(floor_pg_ask(pg, PG_SALE), 1)) {
		return false;
	}
	for (size_t i = 0; i < rows->lines; i++) {
		if (!write_sale_line(pg, i)) {
			return false;
		}
	}
	floor_pg_int(&pg->args, rows->position);
	floor_pg_int(&pg->args, rows->total);
	return floor_pg_changed(floor_pg_ask(pg, PG_TENDER), 1);
}

bool floor_pg_naive(floor_pg *pg, const floor_command *command)
{
	bool ok = run(pg, PG_BEGIN) && write_event(pg, command->key);

	for (size_t i = 0; ok && i < command->count; i++) {
		ok = move_line(pg, i);
	}
	ok = ok && (command->kind != FLOOR_SALE || write_sale(pg));
	return ok && run(pg, PG_COMMIT);
}
