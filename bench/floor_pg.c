/* SPDX-License-Identifier: MIT */
/* The schema, connections, and what all forms of a command share. */
#include "floor_pg_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char tables[] =
	"CREATE SEQUENCE journal_position;"
	"CREATE TABLE journal(position bigint PRIMARY KEY, id uuid NOT NULL,"
	" occurred_at bigint NOT NULL, recorded_at bigint NOT NULL, known_at bigint NOT NULL,"
	" actor text NOT NULL, name text NOT NULL, payload text NOT NULL, hash bytea NOT NULL);"
	"CREATE TABLE command_key(key text PRIMARY KEY, event uuid NOT NULL);"
	"CREATE TABLE balance(product bigint, location bigint, on_hand bigint NOT NULL,"
	" PRIMARY KEY(product, location));"
	"CREATE TABLE move(product bigint, location bigint, occurred_at bigint, event bigint,"
	" line bigint, quantity bigint NOT NULL,"
	" PRIMARY KEY(product, location, occurred_at, event, line));"
	"CREATE TABLE sale(event bigint PRIMARY KEY, id uuid NOT NULL, ticket text NOT NULL,"
	" number bigint NOT NULL, register bigint NOT NULL, location bigint NOT NULL,"
	" channel bigint NOT NULL, occurred_at bigint NOT NULL, business_date bigint NOT NULL,"
	" currency text NOT NULL, subtotal bigint NOT NULL, total bigint NOT NULL,"
	" change bigint NOT NULL);"
	"CREATE TABLE sale_line(sale bigint, line bigint, product bigint NOT NULL,"
	" quantity bigint NOT NULL, unit_price bigint NOT NULL, discount bigint NOT NULL,"
	" amount bigint NOT NULL, sku text NOT NULL, name text NOT NULL, PRIMARY KEY(sale, line));"
	"CREATE TABLE tender(sale bigint, line bigint, method text NOT NULL, amount bigint NOT NULL,"
	" reference text NOT NULL, PRIMARY KEY(sale, line));"
	"CREATE TABLE product(id bigint PRIMARY KEY, uuid uuid NOT NULL, sku text NOT NULL,"
	" name text NOT NULL, description text NOT NULL, unit text NOT NULL, decimals bigint NOT NULL,"
	" stocking bigint NOT NULL, list_price bigint NOT NULL, version bigint NOT NULL,"
	" created_at bigint NOT NULL, updated_at bigint NOT NULL);"
	"CREATE UNIQUE INDEX product_sku ON product(lower(sku));"
	"CREATE TABLE barcode(code text PRIMARY KEY, product bigint NOT NULL);";

/* What a delivery leaves; its numbers are settings of the session. */
static const char delivery[] =
	"INSERT INTO balance SELECT p, " PG_LOCATION ", current_setting('bench.plenty')::bigint"
	" FROM generate_series(0, current_setting('bench.products')::bigint - 1) p;"
	"INSERT INTO move SELECT product, location, 1, 0, product, on_hand FROM balance;";

bool floor_pg_error(const floor_pg *pg, const char *what)
{
	return bench_error("floor: %s: %s", what, PQerrorMessage(pg->native));
}

static void no_notice(void *ctx, const PGresult *result)
{
	(void)ctx;
	(void)result;
}

static PGconn *connect_to(const char *url)
{
	PGconn *native = PQconnectdb(url);

	if (PQstatus(native) == CONNECTION_OK) {
		PQsetNoticeReceiver(native, no_notice, NULL);
		return native;
	}
	bench_error("floor: %s", PQerrorMessage(native));
	PQfinish(native);
	return NULL;
}

static bool script(PGconn *native, const char *sql, char *answer, size_t size)
{
	PGresult *result = PQexec(native, sql);
	ExecStatusType status = PQresultStatus(result);
	bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

	if (!ok) {
		bench_error("floor: %s in: %.60s", PQerrorMessage(native), sql);
	} else if (answer && PQntuples(result) > 0) {
		snprintf(answer, size, "%s", PQgetvalue(result, 0, 0));
	}
	PQclear(result);
	return ok;
}

bool floor_pg_sql(const char *url, const char *sql, char *answer, size_t size)
{
	PGconn *native = connect_to(url);
	bool ok = native && script(native, sql, answer, size);

	PQfinish(native);
	return ok;
}

bool floor_pg_schema(const char *url, const char *schema, bool make)
{
	char sql[128];

	snprintf(sql, sizeof sql, make ? "CREATE SCHEMA %s" : "DROP SCHEMA IF EXISTS %s CASCADE",
	         schema);
	return floor_pg_sql(url, sql, NULL, 0);
}

static PGconn *connect_within(const char *url, const char *schema)
{
	PGconn *native = connect_to(url);
	char sql[128];

	snprintf(sql, sizeof sql, "SET search_path = %s", schema);
	if (native && script(native, sql, NULL, 0)) {
		return native;
	}
	PQfinish(native);
	return NULL;
}

bool floor_pg_create(const char *url, const char *schema, uint32_t products)
{
	PGconn *native = connect_within(url, schema);
	char sql[128];
	bool ok;

	snprintf(sql, sizeof sql, "SET bench.products = %" PRIu32 "; SET bench.plenty = %" PRId64,
	         products, FLOOR_PLENTY);
	ok = native && script(native, tables, NULL, 0) && script(native, sql, NULL, 0) &&
	     (products == 0 || script(native, delivery, NULL, 0));
	PQfinish(native);
	return ok;
}

floor_pg *floor_pg_open(const char *url, const char *schema, uint32_t till)
{
	floor_pg *pg = calloc(1, sizeof *pg);

	if (!pg) {
		bench_error("out of memory");
		return NULL;
	}
	pg->till = till;
	pg->native = connect_within(url, schema);
	if (pg->native && floor_pg_args_open(&pg->args) && floor_pg_prepare(pg)) {
		return pg;
	}
	floor_pg_close(pg);
	return NULL;
}

void floor_pg_close(floor_pg *pg)
{
	if (!pg) {
		return;
	}
	PQfinish(pg->native);
	floor_pg_args_close(&pg->args);
	free(pg);
}

/* ---- commands ---- */

void floor_pg_event_args(floor_pg *pg)
{
	const floor_event *event = &pg->rows.event;

	floor_pg_bytes(&pg->args, event->id, sizeof event->id);
	floor_pg_int(&pg->args, event->now);
	floor_pg_text(&pg->args, FLOOR_ACTOR);
	floor_pg_text(&pg->args, event->name);
	floor_pg_bytes(&pg->args, event->payload, event->payload_size);
	floor_pg_bytes(&pg->args, event->hash, sizeof event->hash);
}

void floor_pg_sale_args(floor_pg *pg)
{
	floor_pg_rows *rows = &pg->rows;

	floor_pg_text(&pg->args, rows->ticket_text);
	floor_pg_int(&pg->args, rows->ticket);
	floor_pg_int(&pg->args, pg->till);
	floor_pg_int(&pg->args, rows->event.now / INT64_C(86400000000));
	floor_pg_int(&pg->args, rows->total);
}

void floor_pg_balance_args(floor_pg *pg)
{
	floor_pg_ints(&pg->args, pg->rows.balance, pg->rows.balances);
	floor_pg_ints(&pg->args, pg->rows.taken, pg->rows.balances);
}

bool floor_pg_run(floor_pg *pg, floor_pg_form form, const floor_command *command)
{
	static bool (*const forms[FLOOR_PG_FORMS])(floor_pg *, const floor_command *) = {
		floor_pg_batches, floor_pg_at_once, floor_pg_naive};
	floor_pg_rows *rows = &pg->rows;

	if (!floor_pg_rows_of(rows, command)) {
		return false;
	}
	if (command->kind == FLOOR_SALE) {
		rows->ticket = ++pg->tickets;
		snprintf(rows->ticket_text, sizeof rows->ticket_text, "%" PRIu32 "-%06" PRId64, pg->till,
		         pg->tickets);
	}
	return forms[form](pg, command);
}

bool floor_pg_read(floor_pg *pg, uint32_t product, int64_t *on_hand)
{
	floor_pg_int(&pg->args, product);
	*on_hand = floor_pg_number(floor_pg_ask(pg, PG_READ));
	return *on_hand >= 0 || bench_error("floor: no balance of product %" PRIu32, product);
}
