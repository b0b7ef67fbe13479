/* SPDX-License-Identifier: MIT */
/* Holding goods and letting them leave, by hand: two commands, each durable when it is done. */
#include "floor.h"

#include <stdlib.h>

enum { BEGIN, COMMIT, JOURNAL, KEY, HOLD, HELD, TAKE, BALANCE, MOVE, POSTING, STATEMENTS };

struct floor_holds {
	sqlite3 *native;
	sqlite3_stmt *stmt[STATEMENTS];
};

static const char schema[] =
	"CREATE TABLE balance(product INTEGER, location INTEGER, on_hand INTEGER NOT NULL,"
	" held INTEGER NOT NULL, PRIMARY KEY(product, location)) WITHOUT ROWID;"
	"CREATE TABLE move(id INTEGER PRIMARY KEY, product INTEGER NOT NULL,"
	" location INTEGER NOT NULL, occurred_at INTEGER NOT NULL, event INTEGER NOT NULL,"
	" line INTEGER NOT NULL, quantity INTEGER NOT NULL);"
	"CREATE INDEX move_account ON move(product, location, occurred_at, event);"
	"CREATE TABLE posting(event INTEGER PRIMARY KEY, id BLOB NOT NULL,"
	" occurred_at INTEGER NOT NULL, units INTEGER NOT NULL, document TEXT NOT NULL);"
	"CREATE TABLE reservation(event INTEGER PRIMARY KEY, id BLOB NOT NULL,"
	" product INTEGER NOT NULL, location INTEGER NOT NULL, holder TEXT NOT NULL,"
	" quantity INTEGER NOT NULL,"
	" deadline INTEGER NOT NULL, state INTEGER NOT NULL, open INTEGER NOT NULL,"
	" committed INTEGER NOT NULL);"
	"CREATE INDEX reservation_open ON reservation(product, location, deadline) WHERE open > 0;"
	"CREATE INDEX reservation_holder ON reservation(holder);";

static bool prepare_all(floor_holds *f)
{
	static const char *const sql[STATEMENTS] = {
		[BEGIN] = "BEGIN IMMEDIATE",
		[COMMIT] = "COMMIT",
		[HOLD] = "INSERT INTO reservation VALUES(?1, ?2, ?3, ?4, 'cart-0042', ?5, ?6, 0, ?5, 0)",
		[HELD] = "UPDATE balance SET held = held + ?3 WHERE product = ?1 AND location = ?2"
		         " AND on_hand - held >= ?3",
		[TAKE] = "UPDATE reservation SET open = open - ?2, committed = committed + ?2, state = 1"
		         " WHERE event = ?1 AND open >= ?2",
		[BALANCE] = "UPDATE balance SET on_hand = on_hand - ?3, held = held - ?3"
		            " WHERE product = ?1 AND location = ?2 AND on_hand >= ?3",
		[MOVE] = "INSERT INTO move(product, location, occurred_at, event, line, quantity)"
		         " VALUES(?1, ?2, ?3, ?4, 1, ?5)",
		[POSTING] = "INSERT INTO posting VALUES(?1, ?2, ?3, ?4, 'order-0042')",
	};

	for (int i = 0; i < STATEMENTS; i++)
		if (sql[i] && !floor_prepare(f->native, sql[i], &f->stmt[i]))
			return false;
	return floor_journal_prepare(f->native, &f->stmt[JOURNAL], &f->stmt[KEY]);
}

static bool fill(floor_holds *f, uint32_t products)
{
	sqlite3_stmt *insert = NULL;
	bool ok = floor_prepare(f->native, "INSERT INTO balance VALUES(?1, ?2, ?3, 0)", &insert) &&
	          floor_done(f->stmt[BEGIN]);

	for (uint32_t i = 0; ok && i < products; i++) {
		sqlite3_bind_int64(insert, 1, i);
		sqlite3_bind_int64(insert, 2, FLOOR_LOCATION);
		sqlite3_bind_int64(insert, 3, FLOOR_PLENTY);
		ok = floor_done(insert);
	}
	sqlite3_finalize(insert);
	return ok && floor_done(f->stmt[COMMIT]);
}

floor_holds *floor_holds_open(const char *path, uint32_t products)
{
	floor_holds *f = calloc(1, sizeof *f);

	if (!f) {
		bench_error("out of memory");
		return NULL;
	}
	f->native = floor_connect(path);
	if (f->native && floor_sql(f->native, schema) && floor_journal_create(f->native) &&
	    prepare_all(f) && fill(f, products))
		return f;
	floor_holds_close(f);
	return NULL;
}

void floor_holds_close(floor_holds *f)
{
	if (!f)
		return;
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(f->stmt[i]);
	sqlite3_close(f->native);
	free(f);
}

/* An event of one line; `key` NULL writes none. Returns its position, 0 when it failed. */
static int64_t write_event(floor_holds *f, const bench_line *line, const char *key,
                           floor_event *event)
{
	const floor_command command = {FLOOR_POSTING, line, 1, key};

	floor_event_command(event, &command);
	if (key ? !floor_event_write(f->stmt[JOURNAL], f->stmt[KEY], event, key)
	        : !floor_event_write(f->stmt[JOURNAL], NULL, event, NULL))
		return 0;
	return sqlite3_last_insert_rowid(f->native);
}

static bool changed_one(floor_holds *f, sqlite3_stmt *stmt)
{
	return floor_done(stmt) &&
	       (sqlite3_changes(f->native) == 1 || bench_error("floor: too little"));
}

static void bind_account(sqlite3_stmt *stmt, const bench_line *line)
{
	sqlite3_bind_int64(stmt, 1, line->product);
	sqlite3_bind_int64(stmt, 2, FLOOR_LOCATION);
	sqlite3_bind_int64(stmt, 3, line->quantity);
}

static bool hold(floor_holds *f, const bench_line *line, const char *key, int64_t *position)
{
	sqlite3_stmt *insert = f->stmt[HOLD];
	floor_event event;

	*position = write_event(f, line, key, &event);
	bind_account(f->stmt[HELD], line);
	if (*position == 0 || !changed_one(f, f->stmt[HELD]))
		return false;
	sqlite3_bind_int64(insert, 1, *position);
	sqlite3_bind_blob(insert, 2, event.id, sizeof event.id, SQLITE_STATIC);
	sqlite3_bind_int64(insert, 3, line->product);
	sqlite3_bind_int64(insert, 4, FLOOR_LOCATION);
	sqlite3_bind_int64(insert, 5, line->quantity);
	sqlite3_bind_int64(insert, 6, event.now + INT64_C(3600000000));
	return floor_done(insert);
}

/* Two events: the goods that moved, and what became of the reservation. */
static bool take(floor_holds *f, const bench_line *line, const char *key, int64_t held)
{
	floor_event moved, event;
	int64_t position = write_event(f, line, key, &moved);

	if (position == 0 || write_event(f, line, NULL, &event) == 0)
		return false;
	sqlite3_bind_int64(f->stmt[TAKE], 1, held);
	sqlite3_bind_int64(f->stmt[TAKE], 2, line->quantity);
	bind_account(f->stmt[BALANCE], line);
	if (!changed_one(f, f->stmt[TAKE]) || !changed_one(f, f->stmt[BALANCE]))
		return false;
	sqlite3_bind_int64(f->stmt[MOVE], 1, line->product);
	sqlite3_bind_int64(f->stmt[MOVE], 2, FLOOR_LOCATION);
	sqlite3_bind_int64(f->stmt[MOVE], 3, moved.now);
	sqlite3_bind_int64(f->stmt[MOVE], 4, position);
	sqlite3_bind_int64(f->stmt[MOVE], 5, -line->quantity);
	sqlite3_bind_int64(f->stmt[POSTING], 1, position);
	sqlite3_bind_blob(f->stmt[POSTING], 2, moved.id, sizeof moved.id, SQLITE_STATIC);
	sqlite3_bind_int64(f->stmt[POSTING], 3, moved.now);
	sqlite3_bind_int64(f->stmt[POSTING], 4, -line->quantity);
	return floor_done(f->stmt[MOVE]) && floor_done(f->stmt[POSTING]);
}

bool floor_holds_run(floor_holds *f, const bench_line *line, const char *hold_key,
                     const char *take_key)
{
	int64_t held;

	return floor_done(f->stmt[BEGIN]) && hold(f, line, hold_key, &held) &&
	       floor_done(f->stmt[COMMIT]) && floor_done(f->stmt[BEGIN]) &&
	       take(f, line, take_key, held) && floor_done(f->stmt[COMMIT]);
}
