/* SPDX-License-Identifier: MIT */
/* ctest: postgres concurrency */
/* What a store says of a server that is not well: each trouble has a status and a sentence of its
 * own, and none shows a password. */
#include "fault/pg_proxy.h"
#include "support/own_server.h"
#include "support/shop.h"
#include "support/store_url.h"

/* The URL of the test's store at another place, or of another user. */
static const char *url_at(const char *user, const char *host, const char *more)
{
	static char url[1024];
	char own[128], port[128];

	proxy_server("host", own);
	proxy_server("port", port);
	snprintf(url, sizeof url, "postgresql://%s:geheim@/postgres?host=%s&port=%s&%s%s", user,
	         host ? host : own, !host && *port ? port : "5432",
	         strstr(check_store_url("shop.db"), "inventra_schema="), more);
	return url;
}

static bool discreet(const inv_error *error, const char *word)
{
	return (CHECK(strstr(error->message, word) != NULL) ||
	        CHECK_FAIL("%s", error->message)) &&
	       CHECK(strstr(error->message, "geheim") == NULL);
}

typedef struct machine {
	inv_store *store;
	inv_session *s;
	inv_error error;
} machine;

static inv_status open_machine(machine *m, const inv_store_options *with)
{
	inv_store_options options = *with;
	inv_status rc;

	memset(m, 0, sizeof *m);
	inv_error_init(&m->error);
	options.drivers = check_store_drivers(&options.driver_count);
	rc = inv_store_open(&options, &m->store, &m->error);
	if (rc == INV_OK)
		rc = inv_session_open(m->store, NULL, &m->s, &m->error);
	return rc;
}

static inv_status open_url(machine *m, const char *url)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;

	options.url = url;
	return open_machine(m, &options);
}

static void close_machine(machine *m)
{
	inv_session_close(m->s);
	inv_store_close(m->store);
}

/* Ten units of tea. */
static bool stock_up(machine *m)
{
	test_shop shop = {.store = m->store, .s = m->s};

	shop_product(&shop, "TEA");
	return CHECK_STATUS(shop_receive(m->s, "TEA", NULL, UNITS(10), 0), INV_OK);
}

static inv_status sell(inv_session *s, const char *key, bool *replayed)
{
	inv_options options = INV_OPTIONS_INIT;
	inv_result *r = NULL;
	inv_status rc;

	options.key = inv_str_of(key);
	rc = inv_call_json(s, INV_S("sale.close"),
	                   INV_S("{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"1\","
	                         "\"unit_price\":\"2\"}]}"),
	                   &options, &r);
	*replayed = rc == INV_OK && inv_result_replayed(r);
	inv_result_free(r);
	return rc;
}

/* ---- a store of two machines, one of them behind a proxy ---- */

typedef struct pair {
	machine direct, behind;
	pg_proxy proxy;
} pair;

static bool begin_pair(pair *t, const char *more)
{
	memset(t, 0, sizeof *t);
	return proxy_start(&t->proxy) &&
	       CHECK_STATUS(open_url(&t->direct, check_store_url("shop.db")), INV_OK) &&
	       stock_up(&t->direct) &&
	       CHECK_STATUS(open_url(&t->behind, url_at("inventra", t->proxy.folder, more)), INV_OK);
}

static void end_pair(pair *t)
{
	close_machine(&t->behind);
	close_machine(&t->direct);
	proxy_stop(&t->proxy);
}

/* ---- while it starts ---- */

TEST(a_server_that_starts_up)
{
	pg_proxy p;
	machine m;

	if (!proxy_start(&p))
		return;
	p.starting = true;
	CHECK_STATUS(open_url(&m, url_at("inventra", p.folder, "")), INV_E_BUSY);
	discreet(&m.error, "starting up");
	close_machine(&m);
	proxy_stop(&p);
}

/* Connections that are made on the way of a call are waited for like those that broke: a second
 * one for writing, the first one for reading. */
TEST(a_connection_that_is_refused_for_a_while)
{
	inv_session *other = NULL;
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	machine m;
	bool replayed;
	pair t;

	if (begin_pair(&t, "") &&
	    CHECK_STATUS(inv_session_open(t.behind.store, NULL, &other, NULL), INV_OK) &&
	    CHECK_STATUS(inv_begin(other), INV_OK)) {
		t.proxy.refuses = 6;
		CHECK_STATUS(sell(t.behind.s, "", &replayed), INV_OK);
		CHECK_INT(t.proxy.refuses, 0);
		CHECK_STATUS(inv_rollback(other), INV_OK);
		options.url = url_at("inventra", t.proxy.folder, "");
		options.drivers = check_store_drivers(&options.driver_count);
		memset(&m, 0, sizeof m);
		if (CHECK_STATUS(inv_store_open(&options, &m.store, NULL), INV_OK)) {
			t.proxy.refuses = 3;
			CHECK_STATUS(inv_session_open(m.store, NULL, &m.s, NULL), INV_OK);
			CHECK_INT(t.proxy.refuses, 0);
		}
		close_machine(&m);
	}
	inv_session_close(other);
	end_pair(&t);
}

/* The answer to a commit is lost, and the server cannot be asked for it as long as the engine
 * tries: it does not say that nothing was done. */
static void loses_an_answer(const char *key)
{
	bool replayed;
	pair t;

	if (begin_pair(&t, "")) {
		CHECK_STATUS(sell(t.behind.s, "the first", &replayed), INV_OK);
		t.proxy.drops = true;
		CHECK_STATUS(sell(t.behind.s, key, &replayed), INV_E_UNKNOWN_OUTCOME);
		discreet(inv_session_error(t.behind.s), "sent again");
		CHECK_INT(shop_on_hand(t.direct.s, "TEA", NULL), UNITS(8));
		t.proxy.starting = false;
		CHECK_STATUS(sell(t.behind.s, key, &replayed), INV_OK);
		CHECK_INT(replayed, *key != '\0');
		CHECK_INT(shop_on_hand(t.direct.s, "TEA", NULL), *key ? UNITS(8) : UNITS(7));
	}
	end_pair(&t);
}

TEST(a_commit_before_a_start)
{
	loses_an_answer("the second");
}

TEST(a_commit_before_a_start_without_a_key)
{
	loses_an_answer("");
}

/* All ten units. */
static inv_status issue_all(inv_session *s, const char *key)
{
	inv_options options = INV_OPTIONS_INIT;

	options.key = inv_str_of(key);
	return inv_call_json(s, INV_S("stock.issue"),
	                     INV_S("{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"10\"}]}"), &options,
	                     NULL);
}

static void another_issues(void *ctx)
{
	CHECK_STATUS(issue_all(ctx, ""), INV_OK);
}

/* A commit does not reach the server, and before the command runs again another has taken what it
 * needs: its second run decides otherwise and has nothing to write, and that is the answer. */
static void loses_a_commit(const char *key)
{
	bool replayed;
	pair t;

	if (begin_pair(&t, "")) {
		CHECK_STATUS(sell(t.behind.s, "", &replayed), INV_OK);
		CHECK_STATUS(shop_receive(t.direct.s, "TEA", NULL, UNITS(1), 0), INV_OK);
		t.proxy.ctx = t.direct.s;
		t.proxy.meanwhile = another_issues;
		t.proxy.drops = true;
		CHECK_STATUS(issue_all(t.behind.s, key), INV_E_INSUFFICIENT);
		CHECK(!t.proxy.drops);
		CHECK_INT(shop_on_hand(t.direct.s, "TEA", NULL), 0);
	}
	end_pair(&t);
}

TEST(a_commit_that_is_overtaken)
{
	loses_a_commit("the third");
}

TEST(a_commit_that_is_overtaken_without_a_key)
{
	loses_a_commit("");
}

/* Who reads the journal gives positions first. Whether those of a lost commit were given nobody
 * needs to know: a read has no outcome. */
TEST(a_reader_has_no_outcome)
{
	inv_feed_query query = INV_FEED_QUERY_INIT;
	inv_result *r = NULL;
	bool replayed;
	pair t;

	if (begin_pair(&t, "")) {
		CHECK_STATUS(inv_feed_read(t.behind.s, &query, 1, NULL, NULL), INV_OK);
		CHECK_STATUS(sell(t.direct.s, "", &replayed), INV_OK);
		t.proxy.drops = true;
		/* It is tried again, and finds a server that starts. */
		CHECK_STATUS(inv_feed_read(t.behind.s, &query, 1, NULL, NULL), INV_E_BUSY);
		discreet(inv_session_error(t.behind.s), "starting up");
		CHECK(t.proxy.starting);
		t.proxy.starting = false;
		query.limit = 1000;
		if (CHECK_STATUS(inv_feed_read(t.behind.s, &query, 1, NULL, &r), INV_OK))
			CHECK_INT(INV_AT(r, inv_event, inv_result_count(r) - 1)->position,
			          (int64_t)inv_result_count(r));
		inv_result_free(r);
	}
	end_pair(&t);
}

/* ---- waiting ---- */

TEST(no_connection_is_left)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_session *other = NULL;
	bool replayed;
	machine m;

	options.url = check_store_url("shop.db");
	options.writer_count = 1;
	options.busy_timeout_ms = 100;
	if (CHECK_STATUS(open_machine(&m, &options), INV_OK) && stock_up(&m) &&
	    CHECK_STATUS(inv_session_open(m.store, NULL, &other, NULL), INV_OK)) {
		CHECK_STATUS(inv_begin(other), INV_OK);
		CHECK_STATUS(sell(m.s, "", &replayed), INV_E_BUSY);
		discreet(inv_session_error(m.s), "all 1 connections for writing are in use");
		CHECK_STATUS(inv_commit(other), INV_OK);
		CHECK_STATUS(sell(m.s, "", &replayed), INV_OK);
	}
	inv_session_close(other);
	close_machine(&m);
}

/* A raw connection that keeps a lock on a table of the store. */
static PGconn *holds(const char *table)
{
	PGconn *pg = PQconnectdb(getenv("INV_TEST_POSTGRES"));
	const char *schema = strstr(check_store_url("shop.db"), "inventra_schema=") + 16;
	char sql[256];

	snprintf(sql, sizeof sql, "BEGIN; LOCK TABLE %s.%s IN ACCESS EXCLUSIVE MODE", schema, table);
	PQclear(PQexec(pg, sql));
	CHECK(PQtransactionStatus(pg) == PQTRANS_INTRANS);
	return pg;
}

TEST(a_read_that_takes_too_long)
{
	inv_balance_query query = INV_BALANCE_QUERY_INIT;
	machine m;
	PGconn *pg;

	query.product = INV_REF("TEA");
	if (CHECK_STATUS(open_url(&m, url_at("inventra", NULL,
	                                     "&options=-c%20statement_timeout%3D300")), INV_OK) &&
	    stock_up(&m)) {
		pg = holds("product");
		CHECK_STATUS(inv_balance_get(m.s, &query, 1, NULL, NULL), INV_E_TIMEOUT);
		discreet(inv_session_error(m.s), "longer than the server allows");
		PQfinish(pg);
		CHECK_STATUS(inv_balance_get(m.s, &query, 1, NULL, NULL), INV_OK);
	}
	close_machine(&m);
}

static void *reads(void *arg)
{
	machine *m = arg;
	inv_balance_query query = INV_BALANCE_QUERY_INIT;

	query.product = INV_REF("TEA");
	m->error.status = inv_balance_get(m->s, &query, 1, NULL, NULL);
	return NULL;
}

/* The network goes away without a word, and with it the cancel: neither who cancels nor who reads
 * waits until it comes back. It does not, before both have their answers. */
TEST(a_cancel_that_does_not_come_through)
{
	pthread_t thread;
	PGconn *pg;
	pair t;

	if (begin_pair(&t, "&application_name=inv_silent")) {
		pg = holds("account_balance");
		CHECK_INT(pthread_create(&thread, NULL, reads, &t.behind), 0);
		while (strcmp(check_postgres("SELECT COUNT(*) > 0 FROM pg_stat_activity WHERE"
		                             " application_name = 'inv_silent' AND"
		                             " wait_event_type = 'Lock'"), "t") != 0)
			inv__sleep(2000);
		t.proxy.mute = true;
		inv_session_cancel(t.behind.s);
		pthread_join(thread, NULL);
		CHECK_STATUS(t.behind.error.status, INV_E_CANCELLED);
		PQfinish(pg);
		t.proxy.mute = false;
		CHECK_INT(shop_on_hand(t.behind.s, "TEA", NULL), UNITS(10));
	}
	end_pair(&t);
}

TEST(a_lock_that_is_not_given_back)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	bool replayed;
	machine m;
	PGconn *pg;

	options.url = url_at("inventra", NULL, "");
	options.busy_timeout_ms = 50;
	if (CHECK_STATUS(open_machine(&m, &options), INV_OK) && stock_up(&m)) {
		pg = holds("event");
		CHECK_STATUS(sell(m.s, "", &replayed), INV_E_BUSY);
		discreet(inv_session_error(m.s), "holds the lock");
		PQfinish(pg);
		CHECK_STATUS(sell(m.s, "", &replayed), INV_OK);
	}
	close_machine(&m);
}

/* ---- what may not be ---- */

static void opens(const char *user, inv_status status, const char *word)
{
	machine m;

	CHECK_STATUS(open_url(&m, url_at(user, NULL, "")), status);
	discreet(&m.error, word);
	close_machine(&m);
}

static void grant(const char *right)
{
	const char *schema = strstr(check_store_url("shop.db"), "inventra_schema=") + 16;
	char sql[256];

	snprintf(sql, sizeof sql, "GRANT %s %s TO inv_visitor", right, schema);
	check_postgres(sql);
}

TEST(a_user_without_rights)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	bool replayed;
	machine m;

	check_postgres("DROP ROLE IF EXISTS inv_visitor");
	check_postgres("CREATE ROLE inv_visitor LOGIN");
	/* A schema that it may not use is none that it could see. */
	opens("inv_visitor", INV_E_NOT_FOUND, "may not use it");
	grant("USAGE ON SCHEMA");
	opens("inv_visitor", INV_E_DENIED, "lacks a right");
	if (CHECK_STATUS(open_url(&m, check_store_url("shop.db")), INV_OK))
		stock_up(&m);
	close_machine(&m);
	opens("inv_visitor", INV_E_DENIED, "lacks a right");
	grant("SELECT ON ALL TABLES IN SCHEMA");
	options.url = url_at("inv_visitor", NULL, "");
	options.read_only = 1;
	if (CHECK_STATUS(open_machine(&m, &options), INV_OK)) {
		CHECK_INT(shop_on_hand(m.s, "TEA", NULL), UNITS(10));
		CHECK_STATUS(sell(m.s, "", &replayed), INV_E_READ_ONLY);
	}
	close_machine(&m);
	check_postgres("DROP OWNED BY inv_visitor");
	check_postgres("DROP ROLE inv_visitor");
}

static void append(const own_server *server, const char *name, const char *text)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof path, "%s/data/%s", server->folder, name);
	file = fopen(path, "a");
	if (CHECK(file != NULL)) {
		fputs(text, file);
		fclose(file);
	}
}

/* ---- a server of the test's own ---- */

typedef struct lonely {
	own_server own;
	machine m;
} lonely;

static bool begin_lonely(lonely *t)
{
	memset(t, 0, sizeof *t);
	return own_server_make(&t->own);
}

static bool open_lonely(lonely *t)
{
	return CHECK(CHECK_STATUS(open_url(&t->m, t->own.url), INV_OK) && stock_up(&t->m)) &&
	       CHECK(own_server_stop(&t->own));
}

static void end_lonely(lonely *t)
{
	close_machine(&t->m);
	own_server_remove(&t->own);
}

/* A standby: its clients can read. */
TEST(a_server_that_only_reads)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	bool replayed;
	machine reader;
	lonely t;

	if (!begin_lonely(&t))
		return;
	append(&t.own, "postgresql.conf", "wal_level = replica\nhot_standby = on\n");
	CHECK(own_server_stop(&t.own) && own_server_start(&t.own));
	open_lonely(&t);
	append(&t.own, "standby.signal", "");
	CHECK(own_server_start(&t.own));
	CHECK_STATUS(sell(t.m.s, "", &replayed), INV_E_READ_ONLY);
	discreet(inv_session_error(t.m.s), "cannot be written");
	CHECK_INT(shop_on_hand(t.m.s, "TEA", NULL), UNITS(10));
	options.url = t.own.url;
	options.read_only = 1;
	if (!CHECK_STATUS(open_machine(&reader, &options), INV_OK))
		CHECK_FAIL("%s", reader.error.message);
	else
		CHECK_INT(shop_on_hand(reader.s, "TEA", NULL), UNITS(10));
	close_machine(&reader);
	end_lonely(&t);
}

/* Who opens a store is told at once; who has one open waits, and is asked to come again. */
TEST(a_server_that_is_gone)
{
	inv_balance_query query = INV_BALANCE_QUERY_INIT;
	bool replayed;
	machine late;
	lonely t;

	query.product = INV_REF("TEA");
	if (!begin_lonely(&t))
		return;
	open_lonely(&t);
	CHECK_STATUS(open_url(&late, t.own.url), INV_E_IO);
	discreet(&late.error, "cannot be reached");
	CHECK_STATUS(sell(t.m.s, "", &replayed), INV_E_BUSY);
	discreet(inv_session_error(t.m.s), "cannot be reached");
	CHECK_STATUS(inv_balance_get(t.m.s, &query, 1, NULL, NULL), INV_E_BUSY);
	CHECK(own_server_start(&t.own));
	CHECK_STATUS(sell(t.m.s, "", &replayed), INV_OK);
	CHECK_INT(shop_on_hand(t.m.s, "TEA", NULL), UNITS(9));
	close_machine(&late);
	end_lonely(&t);
}

/* A server that somebody starts again while a command waits for it. */
typedef struct restart {
	own_server *own;
	int64_t took; /* microseconds, from the command's begin on */
} restart;

static void *starts_late(void *arg)
{
	restart *r = arg;
	int64_t begin = inv__monotonic();

	inv__sleep(1500000);
	CHECK(own_server_start(r->own));
	r->took = inv__monotonic() - begin;
	return NULL;
}

#define WAITED_FOR (INT64_C(4) * 1000000) /* commands wait five seconds */

/* Who waits at the counter does not notice that the server was started again. Where a slow disk
 * keeps it for longer than a command waits, BUSY is the right answer, and the next try goes on. */
TEST(a_server_that_comes_back)
{
	pthread_t thread;
	bool replayed;
	inv_status status;
	lonely t;
	restart r = {.own = &t.own};

	if (!begin_lonely(&t))
		return;
	open_lonely(&t);
	CHECK_INT(pthread_create(&thread, NULL, starts_late, &r), 0);
	status = sell(t.m.s, "", &replayed);
	pthread_join(thread, NULL);
	if (status == INV_E_BUSY && r.took > WAITED_FOR)
		status = sell(t.m.s, "", &replayed);
	CHECK_STATUS(status, INV_OK);
	CHECK_INT(shop_on_hand(t.m.s, "TEA", NULL), UNITS(9));
	end_lonely(&t);
}

CHECK_MAIN()
