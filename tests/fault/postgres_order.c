/* SPDX-License-Identifier: MIT */
/* ctest: postgres concurrency */
/* In which order a journal with many writers can be read: two orders that look right and lose a row
 * or turn two around, step by step on tables of the test's own; and ours, in the same steps and in
 * a race of writers, readers and sequencers. */
#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "support/shop.h"
#include "support/store_url.h"
#include "util/os.h"

/* ---- raw connections ---- */

static const char *schema(void)
{
	return strstr(check_store_url("shop.db"), "inventra_schema=") + strlen("inventra_schema=");
}

static PGconn *dial(void)
{
	PGconn *pg = PQconnectdb(getenv("INV_TEST_POSTGRES"));
	char sql[128];

	snprintf(sql, sizeof sql, "SET search_path = %s", schema());
	PQclear(PQexec(pg, sql));
	CHECK(PQstatus(pg) == CONNECTION_OK);
	return pg;
}

/* The first cell; 0 for none. */
static long ask(PGconn *pg, const char *sql)
{
	PGresult *r = PQexec(pg, sql);
	ExecStatusType status = PQresultStatus(r);
	long answer = 0;

	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
		CHECK_FAIL("%s: %s", sql, PQerrorMessage(pg));
	else if (PQntuples(r) > 0)
		answer = strtol(PQgetvalue(r, 0, 0), NULL, 10);
	PQclear(r);
	return answer;
}

/* Two commands and a reader at a table of a journal, and a balance of 0. */
typedef struct bench {
	PGconn *a, *b, *reader;
} bench;

static bench set_up(void)
{
	bench t = {dial(), dial(), dial()};

	ask(t.reader, "CREATE SEQUENCE draw");
	/* Only every 32nd number is written to the log, which takes a transaction's id. */
	ask(t.reader, "SELECT nextval('draw')");
	ask(t.reader, "CREATE TABLE log (seq bigint PRIMARY KEY, delta bigint NOT NULL,"
	              " xid xid8 NOT NULL DEFAULT pg_current_xact_id())");
	ask(t.reader, "CREATE TABLE balance (id int PRIMARY KEY, units bigint NOT NULL)");
	ask(t.reader, "INSERT INTO balance VALUES (1, 0), (2, 0)");
	return t;
}

static void tear_down(bench *t)
{
	PQfinish(t->a);
	PQfinish(t->b);
	PQfinish(t->reader);
}

static void put(PGconn *pg, long seq, int delta)
{
	char sql[128];

	snprintf(sql, sizeof sql, "INSERT INTO log (seq, delta) VALUES (%ld, %d)", seq, delta);
	ask(pg, sql);
}

/* Reads on behind *cursor as many do: by seq, and only what no running transaction can precede. */
static int read_under_horizon(PGconn *pg, long *cursor)
{
	char sql[256];
	PGresult *r;
	int rows;

	snprintf(sql, sizeof sql,
	         "SELECT seq FROM log WHERE seq > %ld"
	         " AND xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY seq", *cursor);
	r = PQexec(pg, sql);
	rows = PQntuples(r);
	if (rows > 0)
		*cursor = strtol(PQgetvalue(r, rows - 1, 0), NULL, 10);
	PQclear(r);
	return rows;
}

/* A draws its number and has no transaction id yet; B draws the next, writes and commits; the
 * horizon does not know of A; the reader passes A's number; A writes. */
TEST(by_seq_under_the_horizon_a_row_is_lost)
{
	bench t = set_up();
	long first, second, cursor = 0;

	ask(t.a, "BEGIN");
	first = ask(t.a, "SELECT nextval('draw')");
	ask(t.b, "BEGIN");
	second = ask(t.b, "SELECT nextval('draw')");
	CHECK(first < second);
	put(t.b, second, 1);
	CHECK_INT(read_under_horizon(t.reader, &cursor), 0);
	ask(t.b, "COMMIT");
	CHECK_INT(read_under_horizon(t.reader, &cursor), 1);
	CHECK_INT(cursor, second);
	put(t.a, first, 1);
	ask(t.a, "COMMIT");
	CHECK_INT(read_under_horizon(t.reader, &cursor), 0); /* and never */
	CHECK_INT(ask(t.reader, "SELECT count(*) FROM log"), 2);
	tear_down(&t);
}

static void await_lock(const bench *t)
{
	char sql[128];

	snprintf(sql, sizeof sql, "SELECT count(*) FROM pg_locks WHERE pid = %d AND NOT granted",
	         PQbackendPID(t->a));
	for (int i = 0; ask(t->reader, sql) == 0 && i < 5000; i++)
		inv__sleep(1000);
}

/* The lowest that the balance falls to in an order of the log. */
static long lowest(const bench *t, const char *order)
{
	char sql[256];

	snprintf(sql, sizeof sql,
	         "SELECT min(s) FROM (SELECT sum(delta) OVER (ORDER BY %s) AS s FROM log) l", order);
	return ask(t->reader, sql);
}

/* A has its transaction id early and waits for the row that B holds: B brings five units, A takes
 * them, and by their ids A was first. */
TEST(by_transaction_id_two_commands_change_places)
{
	static const char take[] = "SELECT units FROM balance WHERE id = 1 FOR UPDATE";
	bench t = set_up();

	ask(t.a, "BEGIN");
	ask(t.a, "SELECT pg_current_xact_id()");
	ask(t.b, "BEGIN");
	CHECK_INT(ask(t.b, take), 0);
	CHECK_INT(PQsendQuery(t.a, take), 1);
	await_lock(&t);
	put(t.b, ask(t.b, "SELECT nextval('draw')"), 5);
	ask(t.b, "UPDATE balance SET units = units + 5 WHERE id = 1");
	ask(t.b, "COMMIT");
	for (PGresult *r = PQgetResult(t.a); r; r = PQgetResult(t.a)) {
		CHECK_STR((const char *)PQgetvalue(r, 0, 0), "5");
		PQclear(r);
	}
	put(t.a, ask(t.a, "SELECT nextval('draw')"), -5);
	ask(t.a, "UPDATE balance SET units = units - 5 WHERE id = 1");
	ask(t.a, "COMMIT");
	CHECK_INT(lowest(&t, "xid"), -5);
	CHECK_INT(lowest(&t, "xid, seq"), -5);
	CHECK_INT(lowest(&t, "seq"), 0);
	tear_down(&t);
}

/* ---- ours ---- */

#define PRODUCTS 3
#define WORKERS 6
#define READERS 4
#define ROUNDS 25
#define EVENTS_MAX 8192

typedef struct market market;

typedef struct reader {
	market *market;
	inv_session *s;
	int64_t after, base;
	size_t count;
	inv_id ids[EVENTS_MAX];
	unsigned wrong;              /* positions that are not the next one */
	int64_t on_hand[PRODUCTS];
	unsigned below;              /* nothing, in the order of positions */
} reader;

typedef struct worker {
	market *market;
	inv_session *s;
	check_rng rng;
	unsigned committed, turned_back;
} worker;

struct market {
	test_shop shop[2];
	worker workers[WORKERS];
	reader readers[READERS];
	atomic_bool over;
	_Atomic unsigned trouble;
};

static bool open_market(market *m)
{
	char sku[16];

	for (int i = 0; i < 2; i++) {
		inv_store_options options = INV_STORE_OPTIONS_INIT;

		options.url = check_store_url("shop.db");
		options.drivers = check_store_drivers(&options.driver_count);
		if (!CHECK_STATUS(inv_store_open(&options, &m->shop[i].store, NULL), INV_OK) ||
		    !CHECK_STATUS(inv_session_open(m->shop[i].store, NULL, &m->shop[i].s, NULL), INV_OK))
			return false;
	}
	for (int i = 0; i < PRODUCTS; i++) {
		snprintf(sku, sizeof sku, "P%d", i);
		shop_product(&m->shop[0], sku);
	}
	for (int i = 0; i < READERS; i++) {
		m->readers[i].market = m;
		m->readers[i].base = m->readers[i].after = shop_position(&m->shop[0]);
		CHECK_STATUS(inv_session_open(m->shop[i % 2].store, NULL, &m->readers[i].s, NULL), INV_OK);
	}
	return check_failures() == 0;
}

static void close_market(market *m)
{
	for (int i = 0; i < READERS; i++)
		inv_session_close(m->readers[i].s);
	for (int i = 0; i < WORKERS; i++)
		inv_session_close(m->workers[i].s);
	shop_close(&m->shop[0]);
	shop_close(&m->shop[1]);
	free(m);
}

static market *market_make(void)
{
	market *m = calloc(1, sizeof *m);

	if (!m)
		abort();
	return m;
}

/* Its document says what it does: "P1 -3". */
static inv_status post(inv_session *s, int product, int delta)
{
	inv_stock_entry entry = INV_STOCK_ENTRY_INIT;
	inv_stock_line line = INV_STOCK_LINE_INIT;
	char sku[16], text[32];

	snprintf(sku, sizeof sku, "P%d", product);
	snprintf(text, sizeof text, "P%d %d", product, delta);
	line.product = inv_ref_code(sku);
	line.quantity = UNITS(delta < 0 ? -delta : delta);
	entry.lines = INV_LIST_OF(&line, 1);
	entry.document = inv_str_of(text);
	return delta < 0 ? inv_stock_issue(s, &entry, 1, NULL, NULL)
	                 : inv_stock_receive(s, &entry, 1, NULL, NULL);
}

static void take(reader *me, const inv_event *e)
{
	static const char word[] = "\"document\":\"P";
	const char *at = memmem(e->payload.ptr, e->payload.len, word, sizeof word - 1);
	char *end;

	me->wrong += e->position != me->after + 1;
	me->after = e->position;
	if (me->count < EVENTS_MAX)
		me->ids[me->count++] = e->id;
	if (at) {
		long product = strtol(at + sizeof word - 1, &end, 10);

		if (product < 0 || product >= PRODUCTS)
			return;
		me->on_hand[product] += strtol(end, NULL, 10);
		me->below += me->on_hand[product] < 0;
	}
}

/* How many were new. */
static size_t read_on(reader *me)
{
	inv_feed_query query = INV_FEED_QUERY_INIT;
	inv_result *r = NULL;
	size_t count = 0;

	query.after = me->after;
	if (!CHECK_STATUS(inv_feed_read(me->s, &query, 1, NULL, &r), INV_OK))
		return 0;
	count = inv_result_count(r);
	for (size_t i = 0; i < count; i++)
		take(me, INV_AT(r, inv_event, i));
	inv_result_free(r);
	return count;
}

/* The steps by which the first order lost a row: who commits late gets a late position. A reader of
 * the same journal by seq loses it. */
TEST(who_commits_late_is_read_late)
{
	market *m = market_make();
	inv_session *a, *b;
	PGconn *pg;
	long seen;
	char sql[128];

	if (open_market(m)) {
		a = m->shop[0].s;
		b = m->shop[1].s;
		pg = dial();
		CHECK_STATUS(inv_begin(a), INV_OK);
		CHECK_STATUS(post(a, 0, 1), INV_OK);
		CHECK_STATUS(inv_begin(b), INV_OK);
		CHECK_STATUS(post(b, 1, 1), INV_OK);
		CHECK_STATUS(inv_commit(b), INV_OK);
		CHECK_INT(read_on(&m->readers[0]), 1);
		CHECK_INT(m->readers[0].on_hand[1], 1);
		seen = ask(pg, "SELECT max(seq) FROM event");
		CHECK_STATUS(inv_commit(a), INV_OK);
		CHECK_INT(read_on(&m->readers[0]), 1);
		CHECK_INT(m->readers[0].on_hand[0], 1);
		CHECK_INT(read_on(&m->readers[0]), 0);
		CHECK_INT(read_on(&m->readers[1]), 2);
		CHECK_INT(m->readers[0].wrong + m->readers[1].wrong, 0);
		snprintf(sql, sizeof sql, "SELECT count(*) FROM event WHERE seq > %ld", seen);
		CHECK_INT(ask(pg, sql), 0); /* by seq the late one is never seen */
		PQfinish(pg);
		shop_verify(&m->shop[0]);
	}
	close_market(m);
}

/* ---- the race ---- */

/* Some postings in a transaction that stays open for a moment. */
static void transact(worker *w)
{
	unsigned done = 0;
	int last = (int)check_rng_below(&w->rng, PRODUCTS);
	int first = (int)check_rng_below(&w->rng, (uint64_t)last + 1);
	inv_status rc = inv_begin(w->s);

	/* In the order of the products, so that two seldom wait for each other. */
	for (int i = first; rc == INV_OK && i <= last; i++) {
		int delta = (int)check_rng_below(&w->rng, 9) - 4;

		rc = post(w->s, i, delta ? delta : 5);
		done += rc == INV_OK;
		if (rc == INV_E_INSUFFICIENT)
			rc = INV_OK;
		inv__sleep((int64_t)check_rng_below(&w->rng, 4000));
	}
	if (rc == INV_OK)
		rc = inv_commit(w->s);
	if (rc == INV_OK) {
		w->committed += done;
		return;
	}
	w->turned_back++;
	/* Others were in its way, or it waited for longer than a transaction may. */
	if (rc != INV_E_BUSY && rc != INV_E_CONFLICT && rc != INV_E_TIMEOUT) {
		atomic_fetch_add(&w->market->trouble, 1);
		fprintf(stderr, "%d: %s\n", (int)rc, inv_session_error(w->s)->message);
	}
	(void)inv_rollback(w->s);
}

static void *work(void *arg)
{
	worker *w = arg;

	for (int i = 0; i < ROUNDS; i++)
		transact(w);
	return NULL;
}

static void *follow(void *arg)
{
	reader *me = arg;

	while (!me->market->over)
		(void)read_on(me);
	while (read_on(me) > 0)
		;
	return NULL;
}

/* Nothing but positions. */
static void *sequence(void *arg)
{
	reader *me = arg;
	inv_error error = INV_ERROR_INIT;

	while (!me->market->over)
		me->market->trouble += inv__sequence(me->s->store, NULL, &error) != INV_OK;
	return NULL;
}

static void race(market *m)
{
	pthread_t workers[WORKERS], readers[READERS], sequencers[2];

	for (int i = 0; i < WORKERS; i++) {
		worker *w = &m->workers[i];

		w->market = m;
		check_rng_init(&w->rng, (uint64_t)i + 1);
		CHECK_STATUS(inv_session_open(m->shop[i % 2].store, NULL, &w->s, NULL), INV_OK);
	}
	for (int i = 0; i < READERS; i++)
		pthread_create(&readers[i], NULL, follow, &m->readers[i]);
	for (int i = 0; i < 2; i++)
		pthread_create(&sequencers[i], NULL, sequence, &m->readers[i]);
	for (int i = 0; i < WORKERS; i++)
		pthread_create(&workers[i], NULL, work, &m->workers[i]);
	for (int i = 0; i < WORKERS; i++)
		pthread_join(workers[i], NULL);
	m->over = true;
	for (int i = 0; i < READERS; i++)
		pthread_join(readers[i], NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(sequencers[i], NULL);
}

TEST(ours_loses_none_and_turns_none_around)
{
	market *m = market_make();
	unsigned committed = 0, turned_back = 0;
	PGconn *pg;

	if (open_market(m)) {
		race(m);
		for (int i = 0; i < WORKERS; i++) {
			committed += m->workers[i].committed;
			turned_back += m->workers[i].turned_back;
		}
		for (int i = 0; i < READERS; i++) {
			reader *me = &m->readers[i];

			CHECK_INT(me->wrong, 0);
			CHECK_INT(me->below, 0);
			CHECK_INT(me->count, committed);
			CHECK_INT(me->after, me->base + (int64_t)committed);
			CHECK_INT(memcmp(me->ids, m->readers[0].ids, sizeof me->ids), 0);
		}
		CHECK_INT(m->trouble, 0);
		pg = dial();
		/* The race is one: some committed behind a later one. */
		CHECK(ask(pg, "SELECT count(*) FROM (SELECT seq < lag(seq) OVER (ORDER BY position) AS late"
		              " FROM event) e WHERE late") > 0);
		PQfinish(pg);
		printf("%u postings, %u transactions turned back\n", committed, turned_back);
		shop_verify(&m->shop[0]);
	}
	close_market(m);
}

CHECK_MAIN()
