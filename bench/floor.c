/* SPDX-License-Identifier: MIT */
/* Postings and sales by hand. */
#include "floor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BEGIN,
	COMMIT,
	ROLLBACK,
	SAVE,
	RELEASE,
	UNDO,
	JOURNAL,
	KEY,
	BALANCE,
	MOVE,
	SALE,
	SALE_LINE,
	TENDER,
	STATEMENTS
};

struct floor_db {
	sqlite3 *native;
	sqlite3_stmt *stmt[STATEMENTS];
	int64_t ticket;
};

static const char schema[] =
	"CREATE TABLE balance(product INTEGER, location INTEGER, on_hand INTEGER NOT NULL,"
	" PRIMARY KEY(product, location)) WITHOUT ROWID;"
	"CREATE TABLE move(id INTEGER PRIMARY KEY, product INTEGER NOT NULL,"
	" location INTEGER NOT NULL, occurred_at INTEGER NOT NULL, event INTEGER NOT NULL,"
	" line INTEGER NOT NULL, quantity INTEGER NOT NULL);"
	"CREATE INDEX move_account ON move(product, location, occurred_at, event);"
	"CREATE TABLE sale(event INTEGER PRIMARY KEY, id BLOB NOT NULL, ticket TEXT NOT NULL,"
	" number INTEGER NOT NULL, register INTEGER NOT NULL, location INTEGER NOT NULL,"
	" channel INTEGER NOT NULL, occurred_at INTEGER NOT NULL, business_date INTEGER NOT NULL,"
	" currency TEXT NOT NULL, subtotal INTEGER NOT NULL, total INTEGER NOT NULL,"
	" change INTEGER NOT NULL);"
	"CREATE TABLE sale_line(sale INTEGER, line INTEGER, product INTEGER NOT NULL,"
	" quantity INTEGER NOT NULL, unit_price INTEGER NOT NULL, discount INTEGER NOT NULL,"
	" amount INTEGER NOT NULL, sku TEXT NOT NULL, name TEXT NOT NULL,"
	" PRIMARY KEY(sale, line)) WITHOUT ROWID;"
	"CREATE TABLE tender(sale INTEGER, line INTEGER, method TEXT NOT NULL,"
	" amount INTEGER NOT NULL, reference TEXT NOT NULL, PRIMARY KEY(sale, line)) WITHOUT ROWID;";

static bool prepare_all(floor_db *db)
{
	static const struct {
		int number;
		const char *sql;
	} list[] = {
		{BEGIN, "BEGIN IMMEDIATE"},
		{COMMIT, "COMMIT"},
		{ROLLBACK, "ROLLBACK"},
		{SAVE, "SAVEPOINT command"},
		{RELEASE, "RELEASE command"},
		{UNDO, "ROLLBACK TO command"},
		{BALANCE, "UPDATE balance SET on_hand = on_hand - ?3"
	              " WHERE product = ?1 AND location = ?2 AND on_hand >= ?3"},
		{MOVE, "INSERT INTO move(product, location, occurred_at, event, line, quantity)"
	           " VALUES(?1, ?2, ?3, ?4, ?5, ?6)"},
		{SALE, "INSERT INTO sale VALUES(?1, ?2, ?3, ?4, 1, 1, 1, ?5, ?6, 'EUR', ?7, ?7, 0)"},
		{SALE_LINE, "INSERT INTO sale_line VALUES(?1, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8)"},
		{TENDER, "INSERT INTO tender VALUES(?1, 1, 'card', ?2, 'auth 0042')"},
	};

	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
		if (!floor_prepare(db->native, list[i].sql, &db->stmt[list[i].number])) {
			return false;
		}
	}
	return floor_journal_prepare(db->native, &db->stmt[JOURNAL], &db->stmt[KEY]);
}

static bool add_move(floor_db *db, const bench_line *line, const floor_event *event,
                     int64_t position, size_t number)
{
	sqlite3_stmt *move = db->stmt[MOVE];

	sqlite3_bind_int64(move, 1, line->product);
	sqlite3_bind_int64(move, 2, FLOOR_LOCATION);
	sqlite3_bind_int64(move, 3, event->now);
	sqlite3_bind_int64(move, 4, position);
	sqlite3_bind_int64(move, 5, (int64_t)number);
	sqlite3_bind_int64(move, 6, -line->quantity);
	return floor_done(move);
}

/* What a delivery leaves: a balance and a move for each product, as the engine's store has them. */
static bool fill_balances(floor_db *db, uint32_t products)
{
	const floor_event delivery = {.now = 1};
	sqlite3_stmt *insert = NULL;
	bool ok = floor_prepare(db->native, "INSERT INTO balance VALUES(?1, ?2, ?3)", &insert) &&
	          floor_begin(db);

	for (uint32_t i = 0; ok && i < products; i++) {
		sqlite3_bind_int64(insert, 1, i);
		sqlite3_bind_int64(insert, 2, FLOOR_LOCATION);
		sqlite3_bind_int64(insert, 3, FLOOR_PLENTY);
		ok = floor_done(insert) &&
		     add_move(db, &(bench_line){.product = i, .quantity = -FLOOR_PLENTY}, &delivery, 0, i);
	}
	sqlite3_finalize(insert);
	return ok && floor_commit(db);
}

floor_db *floor_open(const char *path, uint32_t products)
{
	floor_db *db = calloc(1, sizeof *db);

	if (!db) {
		bench_error("out of memory");
		return NULL;
	}
	db->native = floor_connect(path);
	if (db->native && floor_sql(db->native, schema) && floor_journal_create(db->native) &&
	    prepare_all(db) && fill_balances(db, products)) {
		return db;
	}
	floor_close(db);
	return NULL;
}

void floor_close(floor_db *db)
{
	if (!db) {
		return;
	}
	for (size_t i = 0; i < STATEMENTS; i++) {
		sqlite3_finalize(db->stmt[i]);
	}
	sqlite3_close(db->native);
	free(db);
}

bool floor_begin(floor_db *db)
{
	return floor_done(db->stmt[BEGIN]);
}

bool floor_commit(floor_db *db)
{
	return floor_done(db->stmt[COMMIT]);
}

bool floor_rollback(floor_db *db)
{
	return floor_done(db->stmt[ROLLBACK]);
}

static bool move_line(floor_db *db, const bench_line *line, const floor_event *event,
                      int64_t position, size_t number)
{
	sqlite3_stmt *balance = db->stmt[BALANCE];

	sqlite3_bind_int64(balance, 1, line->product);
	sqlite3_bind_int64(balance, 2, FLOOR_LOCATION);
	sqlite3_bind_int64(balance, 3, line->quantity);
	if (!floor_done(balance)) {
		return false;
	}
	if (sqlite3_changes(db->native) != 1) {
		return bench_error("floor: not enough of product %" PRIu32, line->product);
	}
	return add_move(db, line, event, position, number);
}

static bool write_sale_line(floor_db *db, const bench_line *line, int64_t position, size_t number)
{
	sqlite3_stmt *stmt = db->stmt[SALE_LINE];
	char sku[24];

	bench_sku(line->product, sku);
	sqlite3_bind_int64(stmt, 1, position);
	sqlite3_bind_int64(stmt, 2, (int64_t)number);
	sqlite3_bind_int64(stmt, 3, line->product);
	sqlite3_bind_int64(stmt, 4, line->quantity);
	sqlite3_bind_int64(stmt, 5, line->price);
	sqlite3_bind_int64(stmt, 6, line->quantity / 1000000 * line->price);
	sqlite3_bind_text(stmt, 7, sku, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 8, sku, -1, SQLITE_STATIC);
	return floor_done(stmt);
}

static bool write_sale(floor_db *db, const floor_command *command, const floor_event *event,
                       int64_t position)
{
	sqlite3_stmt *sale = db->stmt[SALE];
	char ticket[32];
	int64_t total = 0;

	for (size_t i = 0; i < command->count; i++) {
		total += command->lines[i].quantity / 1000000 * command->lines[i].price;
	}
	db->ticket++;
	snprintf(ticket, sizeof ticket, "1-%06" PRId64, db->ticket);
	sqlite3_bind_int64(sale, 1, position);
	sqlite3_bind_blob(sale, 2, event->id, sizeof event->id, SQLITE_STATIC);
	sqlite3_bind_text(sale, 3, ticket, -1, SQLITE_STATIC);
	sqlite3_bind_int64(sale, 4, db->ticket);
	sqlite3_bind_int64(sale, 5, event->now);
	sqlite3_bind_int64(sale, 6, event->now / INT64_C(86400000000));
	sqlite3_bind_int64(sale, 7, total);
	if (!floor_done(sale)) {
		return false;
	}
	for (size_t i = 0; i < command->count; i++) {
		if (!write_sale_line(db, &command->lines[i], position, i + 1)) {
			return false;
		}
	}
	sqlite3_bind_int64(db->stmt[TENDER], 1, position);
	sqlite3_bind_int64(db->stmt[TENDER], 2, total);
	return floor_done(db->stmt[TENDER]);
}

bool floor_apply(floor_db *db, const floor_command *command)
{
	bool sale = command->kind == FLOOR_SALE;
	floor_event event;
	int64_t position;

	floor_event_command(&event, command);
	if (!floor_event_write(db->stmt[JOURNAL], db->stmt[KEY], &event, command->key)) {
		return false;
	}
	/* The key's table has no rowid, so this is still the journal's. */
	position = sqlite3_last_insert_rowid(db->native);
	for (size_t i = 0; i < command->count; i++) {
		if (!move_line(db, &command->lines[i], &event, position, i + 1)) {
			return false;
		}
	}
	return !sale || write_sale(db, command, &event, position);
}

bool floor_apply_alone(floor_db *db, const floor_command *command)
{
	if (!floor_done(db->stmt[SAVE])) {
		return false;
	}
	if (floor_apply(db, command)) {
		return floor_done(db->stmt[RELEASE]);
	}
	if (floor_done(db->stmt[UNDO])) {
		floor_done(db->stmt[RELEASE]);
	}
	return false;
}

bool floor_run(floor_db *db, const floor_command *command)
{
	if (!floor_begin(db)) {
		return false;
	}
	if (floor_apply(db, command)) {
		return floor_commit(db);
	}
	floor_rollback(db);
	return false;
}
