/* SPDX-License-Identifier: MIT */
/* What accounts gained and lost: all of it, or what had occurred, and was known, at an instant. */
#include "domain/list.h"
#include "domain/ops.h"

static void put_word(inv__list_sql *sql, bool *first)
{
	if (!*first)
		inv__list_sql_puts(sql, " AND ");
	*first = false;
}

static void put_where(const inv_move_query *query, inv__list_sql *sql, bool *none)
{
	if (query->as_of) {
		put_word(sql, none);
		inv__list_sql_puts(sql, "t.occurred_at <= ");
		inv__list_sql_int(sql, query->as_of);
	}
	if (query->known_at) {
		put_word(sql, none);
		inv__list_sql_puts(sql, "EXISTS (SELECT 1 FROM event e WHERE e.id = t.event"
		                        " AND e.known_at <= ");
		inv__list_sql_int(sql, query->known_at);
		inv__list_sql_puts(sql, ")");
	}
	if (!inv_id_is_none(query->below.id)) {
		const inv_value root = {.type = INV_VALUE_BLOB, .size = sizeof query->below.id.bytes,
		                        .u.p = query->below.id.bytes};

		put_word(sql, none);
		inv__list_sql_puts(sql, "t.location IN (WITH RECURSIVE tree(id) AS (SELECT l.id"
		                        " FROM location l WHERE l.id = ");
		inv__list_sql_value(sql, &root);
		inv__list_sql_puts(sql, " UNION SELECT l.id FROM tree JOIN location l"
		                        " ON l.parent = tree.id) SELECT tree.id FROM tree)");
	}
}

inv_status inv__claim_move_list(inv__call *call)
{
	const inv_move_query *query = inv__call_input(call, 0);
	inv__list_source source = {
		.from = inv_str_of(inv__table_of_record(call->op->output)->name),
		.filter = query->filter,
		.sort = query->sort,
		.cursor = query->cursor,
		.limit = query->limit,
	};
	inv_str where = {NULL, 0};
	bool none = true;
	inv__list_sql sql;

	call->positions = query->known_at != 0;
	if (inv__list_sql_init(&sql, call->arena, 3) != INV_OK)
		return inv__call_no_memory(call);
	put_where(query, &sql, &none);
	if (inv__list_sql_end(&sql, call->arena, &where) != INV_OK)
		return inv__call_no_memory(call);
	source.where = none ? NULL : where.ptr;
	source.values = sql.values;
	source.value_count = sql.value_count;
	return inv__list_claim(call, &source);
}

inv_status inv__decide_move_list(inv__call *call)
{
	return inv__list_decide(call);
}
