/* SPDX-License-Identifier: MIT */
/* The statements, and how they are sent. */
#include "floor_pg_parts.h"

#include <stdlib.h>

#define TAKE \
	"UPDATE balance b SET on_hand = b.on_hand - r.taken" \
	" FROM unnest($1::bigint[], $2::bigint[]) AS r(product, taken)" \
	" WHERE b.product = r.product AND b.location = " PG_LOCATION " AND b.on_hand >= r.taken"

/* A balance that is too low ends it all by a division by zero, as a statement alone cannot take
 * back what a part of it did. */
#define AT_ONCE \
	"WITH b AS (" TAKE " RETURNING 1)," \
	" j AS (INSERT INTO journal SELECT nextval('journal_position'), $3::uuid, $4::bigint, $4, $4," \
	" $5::text, $6::text, $7::text, $8::bytea RETURNING position)," \
	" k AS (INSERT INTO command_key VALUES($9, $3))," \
	" m AS (INSERT INTO move SELECT r.product, " PG_LOCATION ", $4, j.position, r.line," \
	" r.quantity FROM j, unnest($11::bigint[], $12::bigint[], $13::bigint[])" \
	" AS r(product, line, quantity))"
#define AT_ONCE_SALE \
	", s AS (INSERT INTO sale SELECT position, $3, $14::text, $15::bigint, $16::bigint, 1, 1, $4," \
	" $17::bigint, 'EUR', $18::bigint, $18, 0 FROM j)," \
	" l AS (INSERT INTO sale_line SELECT j.position, r.line, r.product, r.quantity, r.price, 0," \
	" r.amount, r.sku, r.name FROM j, unnest($12, $11, $19::bigint[], $20::bigint[]," \
	" $21::bigint[], $22::text[], $23::text[])" \
	" AS r(line, product, quantity, price, amount, sku, name))," \
	" t AS (INSERT INTO tender SELECT position, 1, 'card', $18, 'auth 0042' FROM j)"
#define AT_ONCE_END \
	" SELECT 1 / (CASE WHEN (SELECT count(*) FROM b) = $10::bigint THEN 1 ELSE 0 END)"

typedef struct text {
	const char *name;
	const char *sql;
} text;

static const text statements[PG_STATEMENTS] = {
	[PG_BEGIN] = {"begin", "BEGIN"},
	[PG_COMMIT] = {"commit", "COMMIT"},
	[PG_LOOKUP] = {"lookup", "SELECT event FROM command_key WHERE key = $1"},
	[PG_LOCK] = {"lock", "SELECT product, on_hand FROM balance WHERE location = " PG_LOCATION
                         " AND product = ANY($1::bigint[]) ORDER BY product FOR UPDATE"},
	[PG_POSITION] = {"position", "SELECT nextval('journal_position')"},
	[PG_JOURNAL] = {"journal", "INSERT INTO journal VALUES($7, $1, $2, $2, $2, $3, $4, $5, $6)"},
	[PG_KEY] = {"key", "INSERT INTO command_key VALUES($1, $2)"},
	[PG_BALANCES] = {"balances", TAKE},
	[PG_MOVES] = {"moves", "INSERT INTO move SELECT r.product, " PG_LOCATION ", $1::bigint,"
                           " $2::bigint, r.line, r.quantity FROM unnest($3::bigint[],"
                           " $4::bigint[], $5::bigint[]) AS r(product, line, quantity)"},
	[PG_SALE] = {"sale", "INSERT INTO sale VALUES($6, $7, $1, $2, $3, 1, 1, $8, $4, 'EUR', $5,"
                         " $5, 0)"},
	[PG_SALE_LINES] = {"sale_lines",
                       "INSERT INTO sale_line SELECT $1::bigint, r.line, r.product, r.quantity,"
                       " r.price, 0, r.amount, r.sku, r.name FROM unnest($2::bigint[],"
                       " $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[],"
                       " $8::text[]) AS r(line, product, quantity, price, amount, sku, name)"},
	[PG_TENDER] = {"tender", "INSERT INTO tender VALUES($1, 1, 'card', $2, 'auth 0042')"},
	[PG_POST_AT_ONCE] = {"post_at_once", AT_ONCE AT_ONCE_END},
	[PG_SELL_AT_ONCE] = {"sell_at_once", AT_ONCE AT_ONCE_SALE AT_ONCE_END},
	[PG_JOURNAL_ONE] = {"journal_one", "INSERT INTO journal VALUES(nextval('journal_position'),"
                                       " $1, $2, $2, $2, $3, $4, $5, $6) RETURNING position"},
	[PG_BALANCE_ONE] = {"balance_one", "UPDATE balance SET on_hand = on_hand - $2"
                                       " WHERE product = $1 AND location = " PG_LOCATION
                                       " AND on_hand >= $2"},
	[PG_MOVE_ONE] = {"move_one", "INSERT INTO move VALUES($3, " PG_LOCATION ", $1, $2, $4, $5)"},
	[PG_SALE_LINE_ONE] = {"sale_line_one",
                          "INSERT INTO sale_line VALUES($1, $2, $3, $4, $5, 0, $6, $7, $8)"},
	[PG_READ] = {"read", "SELECT on_hand FROM balance WHERE product = $1"
                         " AND location = " PG_LOCATION},
};

/* One plan for all values: none of these gets better by looking at them. */
bool floor_pg_prepare(floor_pg *pg)
{
	PGresult *result = PQexec(pg->native, "SET plan_cache_mode = force_generic_plan");
	bool ok = PQresultStatus(result) == PGRES_COMMAND_OK || floor_pg_error(pg, "SET");

	PQclear(result);
	for (size_t i = 0; ok && i < PG_STATEMENTS; i++) {
		result = PQprepare(pg->native, statements[i].name, statements[i].sql, 0, NULL);
		ok = PQresultStatus(result) == PGRES_COMMAND_OK || floor_pg_error(pg, statements[i].name);
		PQclear(result);
	}
	return ok;
}

static void no_args(floor_pg_args *args)
{
	args->count = 0;
	args->used = 0;
}

bool floor_pg_send(floor_pg *pg, int statement)
{
	floor_pg_args *a = &pg->args;
	int sent = PQsendQueryPrepared(pg->native, statements[statement].name, a->count, a->values,
	                               a->lengths, a->formats, 1);

	no_args(a);
	return sent || floor_pg_error(pg, statements[statement].name);
}

static PGresult *checked(floor_pg *pg, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
		return result;
	}
	bench_error("floor: %s", result ? PQresultErrorMessage(result) : PQerrorMessage(pg->native));
	PQclear(result);
	return NULL;
}

PGresult *floor_pg_take(floor_pg *pg)
{
	PGresult *result = checked(pg, PQgetResult(pg->native));

	if (result) {
		PQclear(PQgetResult(pg->native)); /* the end of its answers */
	}
	return result;
}

bool floor_pg_synced(floor_pg *pg)
{
	PGresult *result = PQgetResult(pg->native);
	bool ok = PQresultStatus(result) == PGRES_PIPELINE_SYNC || floor_pg_error(pg, "sync");

	PQclear(result);
	return ok;
}

PGresult *floor_pg_ask(floor_pg *pg, int statement)
{
	floor_pg_args *a = &pg->args;
	PGresult *result = PQexecPrepared(pg->native, statements[statement].name, a->count, a->values,
	                                  a->lengths, a->formats, 1);

	no_args(a);
	return checked(pg, result);
}

bool floor_pg_changed(PGresult *result, size_t rows)
{
	bool ok = result && strtoul(PQcmdTuples(result), NULL, 10) == rows;
	bool there = result != NULL;

	PQclear(result);
	return ok || (there && bench_error("floor: not %zu rows were changed", rows));
}

bool floor_pg_none(PGresult *result)
{
	bool ok = result && PQntuples(result) == 0;

	PQclear(result);
	return ok || bench_error("floor: the key is there already");
}

int64_t floor_pg_number(PGresult *result)
{
	bool there = result && PQntuples(result) == 1 && PQgetlength(result, 0, 0) == 8;
	int64_t number = there ? floor_pg_get64(PQgetvalue(result, 0, 0)) : -1;

	PQclear(result);
	return number;
}
