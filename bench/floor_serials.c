/* SPDX-License-Identifier: MIT */
/* Receiving single units by hand: a look whether one is there, its account, balance and move. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1
#endif
#include "floor.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 80

typedef struct receiver {
	sqlite3 *native;
	sqlite3_stmt *begin, *commit, *look, *unit, *balance, *move, *journal, *key;
	char *payload;
} receiver;

static const char schema[] =
	"CREATE TABLE unit(id INTEGER PRIMARY KEY, product INTEGER NOT NULL,"
	" location INTEGER NOT NULL, serial TEXT NOT NULL);"
	"CREATE UNIQUE INDEX unit_key ON unit(product, location, serial);"
	"CREATE INDEX unit_serial ON unit(product, serial);"
	"CREATE TABLE balance(unit INTEGER PRIMARY KEY, on_hand INTEGER NOT NULL,"
	" last_at INTEGER NOT NULL);"
	"CREATE TABLE move(unit INTEGER NOT NULL, occurred_at INTEGER NOT NULL, event BLOB NOT NULL,"
	" line INTEGER NOT NULL, quantity INTEGER NOT NULL, other INTEGER NOT NULL);"
	"CREATE INDEX move_unit ON move(unit, occurred_at, quantity);";

static bool prepare_all(receiver *r)
{
	return floor_prepare(r->native, "BEGIN IMMEDIATE", &r->begin) &&
	       floor_prepare(r->native, "COMMIT", &r->commit) &&
	       floor_prepare(r->native,
	                     "SELECT b.on_hand FROM unit u JOIN balance b ON b.unit = u.id"
	                     " WHERE u.product = 1 AND u.serial = ?1 AND b.on_hand > 0",
	                     &r->look) &&
	       floor_prepare(r->native, "INSERT INTO unit(product, location, serial) VALUES(1, 1, ?1)",
	                     &r->unit) &&
	       floor_prepare(r->native, "INSERT INTO balance VALUES(?1, 1000000, ?2)", &r->balance) &&
	       floor_prepare(r->native, "INSERT INTO move VALUES(?1, ?2, ?3, ?4, 1000000, 2)",
	                     &r->move) &&
	       floor_journal_prepare(r->native, &r->journal, &r->key);
}

static void close_all(receiver *r)
{
	sqlite3_stmt *all[] = {r->begin, r->commit, r->look, r->unit, r->balance, r->move, r->journal,
	                       r->key};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		sqlite3_finalize(all[i]);
	}
	sqlite3_close(r->native);
	free(r->payload);
}

static bool receive_unit(receiver *r, const floor_event *event, const char *serial, size_t line)
{
	int64_t unit;
	int found;

	sqlite3_bind_text(r->look, 1, serial, -1, SQLITE_STATIC);
	found = sqlite3_step(r->look);
	sqlite3_reset(r->look);
	if (found != SQLITE_DONE) {
		return bench_error("floor: serial %s is there already", serial);
	}
	sqlite3_bind_text(r->unit, 1, serial, -1, SQLITE_STATIC);
	if (!floor_done(r->unit)) {
		return false;
	}
	unit = sqlite3_last_insert_rowid(r->native);
	sqlite3_bind_int64(r->balance, 1, unit);
	sqlite3_bind_int64(r->balance, 2, event->now);
	sqlite3_bind_int64(r->move, 1, unit);
	sqlite3_bind_int64(r->move, 2, event->now);
	sqlite3_bind_blob(r->move, 3, event->id, sizeof event->id, SQLITE_STATIC);
	sqlite3_bind_int64(r->move, 4, (int64_t)line + 1);
	return floor_done(r->balance) && floor_done(r->move);
}

/* The journal's row tells of every unit. */
static bool write_event(receiver *r, size_t first, size_t count)
{
	floor_event event;
	char serial[24], key[40];
	size_t size = 0;
	bool ok = true;

	floor_event_start(&event, "stock.posted");
	for (size_t i = 0; ok && i < count; i++) {
		bench_serial(first + i, serial);
		size += (size_t)snprintf(r->payload + size, LINE_BYTES,
		                         "{\"product\":\"0191d3a0-7c00-7000-8000-000000000001\","
		                         "\"serial\":\"%s\"},",
		                         serial);
		ok = receive_unit(r, &event, serial, i);
	}
	snprintf(key, sizeof key, "receive:%zu", first);
	event.longer = r->payload;
	event.payload_size = size;
	return ok && floor_event_write(r->journal, r->key, &event, key);
}

bool floor_serials(const char *path, size_t count, size_t lines, double *seconds)
{
	receiver r = {.native = floor_connect(path), .payload = malloc(lines * LINE_BYTES)};
	bool ok = r.native && r.payload && floor_sql(r.native, schema) &&
	          floor_journal_create(r.native) && prepare_all(&r);
	double start = bench_now();

	ok = ok && floor_done(r.begin);
	for (size_t at = 0; ok && at < count; at += lines) {
		ok = write_event(&r, at, count - at < lines ? count - at : lines);
	}
	ok = ok && floor_done(r.commit);
	*seconds = bench_now() - start;
	close_all(&r);
	return ok;
}
