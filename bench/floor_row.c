/* SPDX-License-Identifier: MIT */
/* What all floors share: the connection's settings, the journal row and the key. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1
#endif
#include "floor.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char actor[] = FLOOR_ACTOR;

bool floor_sql(sqlite3 *db, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &message) == SQLITE_OK) {
		return true;
	}
	bench_error("floor: %s in: %s", message ? message : sqlite3_errmsg(db), sql);
	sqlite3_free(message);
	return false;
}

sqlite3 *floor_connect(const char *path)
{
	sqlite3 *db = NULL;

	if (sodium_init() < 0 || sqlite3_open(path, &db) != SQLITE_OK) {
		bench_error("floor: cannot open %s: %s", path, db ? sqlite3_errmsg(db) : "");
	} else if (floor_sql(db, "PRAGMA page_size=4096; PRAGMA journal_mode=WAL;"
	                         "PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
	                         "PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY;"
	                         "PRAGMA busy_timeout=5000")) {
		return db;
	}
	sqlite3_close(db);
	return NULL;
}

bool floor_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out)
{
	if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL) == SQLITE_OK) {
		return true;
	}
	return bench_error("floor: %s in: %s", sqlite3_errmsg(db), sql);
}

bool floor_done(sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);

	sqlite3_reset(stmt);
	if (rc == SQLITE_DONE) {
		return true;
	}
	return bench_error("floor: %s in: %s", sqlite3_errmsg(sqlite3_db_handle(stmt)),
	                   sqlite3_sql(stmt));
}

bool floor_journal_create(sqlite3 *db)
{
	return floor_sql(db, "CREATE TABLE journal(position INTEGER PRIMARY KEY, id BLOB NOT NULL,"
	                     " occurred_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL,"
	                     " known_at INTEGER NOT NULL, actor TEXT NOT NULL, name TEXT NOT NULL,"
	                     " payload BLOB NOT NULL, hash BLOB NOT NULL);"
	                     "CREATE TABLE command_key(key TEXT PRIMARY KEY, event BLOB NOT NULL)"
	                     " WITHOUT ROWID;");
}

bool floor_journal_prepare(sqlite3 *db, sqlite3_stmt **journal, sqlite3_stmt **key)
{
	return floor_prepare(db,
	                     "INSERT INTO journal(id, occurred_at, recorded_at, known_at, actor,"
	                     " name, payload, hash) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	                     journal) &&
	       floor_prepare(db, "INSERT INTO command_key(key, event) VALUES(?1, ?2)", key);
}

void floor_event_start(floor_event *event, const char *name)
{
	struct timespec ts;
	uint64_t ms;

	clock_gettime(CLOCK_REALTIME, &ts);
	event->now = (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
	event->name = name;
	event->longer = NULL;
	ms = (uint64_t)(event->now / 1000);
	randombytes_buf(event->id, sizeof event->id);
	for (size_t i = 0; i < 6; i++) {
		event->id[i] = (uint8_t)(ms >> (40 - 8 * i));
	}
	event->id[6] = (uint8_t)(0x70 | (event->id[6] & 0x0f));
	event->id[8] = (uint8_t)(0x80 | (event->id[8] & 0x3f));
}

void floor_event_command(floor_event *event, const floor_command *command)
{
	const bench_line *first = &command->lines[0];
	int size;

	floor_event_start(event, command->kind == FLOOR_SALE ? "sale.closed" : "stock.posted");
	size = snprintf(
		event->payload, sizeof event->payload,
		"{\"kind\":\"issue\",\"location\":\"0191d3a0-7c00-7000-8000-00000000000%d\","
		"\"document\":\"%s\",\"line_count\":\"%zu\",\"lines\":[{\"product\":"
		"\"0191d3a0-7c00-7000-8000-%012" PRIu32 "\",\"quantity\":\"%" PRId64 ".%06" PRId64
		"\",\"unit_price\":\"%" PRId64 ".%04" PRId64 "\"}]}",
		FLOOR_LOCATION, command->key, command->count, first->product, first->quantity / 1000000,
		first->quantity % 1000000, first->price / 10000, first->price % 10000);
	event->payload_size = size > 0 ? (size_t)size : 0;
}

static const char *payload_of(const floor_event *event)
{
	return event->longer ? event->longer : event->payload;
}

void floor_event_hash(floor_event *event)
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, sizeof event->hash);
	crypto_generichash_update(&state, event->id, sizeof event->id);
	crypto_generichash_update(&state, (const uint8_t *)&event->now, sizeof event->now);
	crypto_generichash_update(&state, (const uint8_t *)actor, sizeof actor);
	crypto_generichash_update(&state, (const uint8_t *)event->name, strlen(event->name));
	crypto_generichash_update(&state, (const uint8_t *)payload_of(event),
	                          event->payload_size);
	crypto_generichash_final(&state, event->hash, sizeof event->hash);
}

bool floor_event_write(sqlite3_stmt *journal, sqlite3_stmt *key, floor_event *event,
                       const char *key_text)
{
	floor_event_hash(event);
	sqlite3_bind_blob(journal, 1, event->id, sizeof event->id, SQLITE_STATIC);
	sqlite3_bind_int64(journal, 2, event->now);
	sqlite3_bind_int64(journal, 3, event->now);
	sqlite3_bind_int64(journal, 4, event->now);
	sqlite3_bind_text(journal, 5, actor, sizeof actor - 1, SQLITE_STATIC);
	sqlite3_bind_text(journal, 6, event->name, -1, SQLITE_STATIC);
	sqlite3_bind_blob(journal, 7, payload_of(event), (int)event->payload_size, SQLITE_STATIC);
	sqlite3_bind_blob(journal, 8, event->hash, sizeof event->hash, SQLITE_STATIC);
	if (!key) {
		return floor_done(journal);
	}
	sqlite3_bind_text(key, 1, key_text, -1, SQLITE_STATIC);
	sqlite3_bind_blob(key, 2, event->id, sizeof event->id, SQLITE_STATIC);
	return floor_done(journal) && floor_done(key);
}
