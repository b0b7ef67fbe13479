/* SPDX-License-Identifier: MIT */
/* Connections that break: before, within and after; what is known then; and the next one. */
/* ctest: postgres concurrency */
#include <libpq-fe.h>
#include <poll.h>
#include <pthread.h>

#include "conformance/conn.h"

static inv__link *table(const char *url)
{
	inv__link *link = conn_writer(url);

	CHECK_STATUS(conn_script(link, "CREATE TABLE IF NOT EXISTS t (k {int} NOT NULL PRIMARY KEY)"),
	             INV_OK);
	return link;
}

static inv_status put(inv__link *link, int64_t k)
{
	return conn_run(link, "INSERT INTO t (k) VALUES (?1)", &k);
}

static int64_t count(inv__link *link)
{
	return conn_int(link, "SELECT COUNT(*) FROM t");
}

/* End the server's side of the connection, and wait until it is gone. */
static void terminate(int64_t backend)
{
	char sql[128];

	(void)inv__format(sql, sizeof sql, "SELECT pg_terminate_backend(%lld, 5000)",
	                  (long long)backend);
	CHECK_STR(check_postgres(sql), "t");
}

static int64_t backend_of(inv__link *link)
{
	return conn_int(link, "SELECT pg_backend_pid()");
}

/* Nothing was under way: nobody notices. */
TEST(while_idle)
{
	inv__link *link = table(check_store_url("store"));
	int64_t k = 1;

	CHECK_STATUS(put(link, k), INV_OK);
	terminate(backend_of(link));
	CHECK_STATUS(put(link, 2), INV_OK);
	CHECK_INT(count(link), 2);
	terminate(backend_of(link));
	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_WRITE, NULL), INV_OK);
	CHECK_STATUS(put(link, 3), INV_OK);
	CHECK_STATUS(inv__link_end(link, true, NULL), INV_OK);
	terminate(backend_of(link));
	CHECK_STATUS(inv__link_driver(link)->check(inv__link_conn(link), 0, NULL), INV_OK);
	terminate(backend_of(link));
	CHECK_STATUS(conn_script(link, "INSERT INTO t VALUES (4)"), INV_OK);
	CHECK_INT(conn_facts(link).alive, 1);
	CHECK_INT(count(link), 4);
	inv__link_close(link);
}

TEST(within_a_transaction)
{
	inv__link *link = table(check_store_url("store"));
	inv_error error = INV_ERROR_INIT;

	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_WRITE, NULL), INV_OK);
	CHECK_STATUS(put(link, 1), INV_OK);
	terminate(backend_of(link));
	CHECK_STATUS(put(link, 2), INV_E_IO);
	CHECK_INT(conn_facts(link).alive, 0);
	CHECK_INT(conn_facts(link).in_transaction, 0);
	CHECK_STATUS(put(link, 3), INV_E_STATE);
	CHECK_STATUS(inv__link_end(link, true, &error), INV_E_STATE);
	CHECK_INT(count(link), 0);
	CHECK_INT(conn_facts(link).alive, 1);
	CHECK_STATUS(put(link, 3), INV_OK);
	inv__link_close(link);
}

/* The server said that it ends before it had read a COMMIT: so there was none. */
TEST(before_a_commit)
{
	inv__link *link = table(check_store_url("store"));
	inv__arena arena;
	inv__batch batch;
	inv_error error = INV_ERROR_INIT;

	inv__arena_init(&arena, &inv__malloc_allocator);
	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_WRITE, NULL), INV_OK);
	CHECK_STATUS(put(link, 1), INV_OK);
	terminate(backend_of(link));
	inv__batch_init(&batch, &arena);
	inv__batch_add_text(&batch, INV_S("INSERT INTO t VALUES (2)"));
	batch.commit = true;
	CHECK_STATUS(inv__batch_exec(&batch, link, &error), INV_E_IO);
	CHECK_INT(conn_facts(link).in_transaction, 0);
	CHECK_INT(count(link), 0);
	inv__arena_free(&arena);
	inv__link_close(link);
}

static void *kills(void *arg)
{
	inv__sleep(200000);
	terminate(*(const int64_t *)arg);
	return NULL;
}

TEST(within_a_statement)
{
	inv__link *link = table(check_store_url("store"));
	int64_t backend = backend_of(link);
	pthread_t thread;

	CHECK_INT(pthread_create(&thread, NULL, kills, &backend), 0);
	CHECK_STATUS(conn_run(link, "SELECT pg_sleep(20)", NULL), INV_E_IO);
	pthread_join(thread, NULL);
	CHECK_INT(conn_facts(link).alive, 0);
	CHECK_INT(count(link), 0);
	inv__link_close(link);
}

/* ---- a proxy that drops what it is told to ---- */

typedef struct proxy {
	int listener;
	char target[256];     /* the server's socket */
	const char *trigger;  /* in what the client sends, */
	size_t size;          /* of this length: */
	bool forward;         /* with it, drop the connection after it was sent on, or before */
	const char *words;    /* not NULL: what a pooler says to the client then, */
	size_t word_size;     /* of this length */
	_Atomic bool armed;   /* once */
	_Atomic int stop;
} proxy;

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)inv__format(address.sun_path, sizeof address.sun_path, "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
		return -1;
	return fd;
}

static bool write_all(int fd, const char *data, ssize_t size)
{
	while (size > 0) {
		ssize_t wrote = write(fd, data, (size_t)size);

		if (wrote <= 0)
			return false;
		data += wrote;
		size -= wrote;
	}
	return true;
}

/* One direction once; false ends the connection. */
static bool pass(proxy *p, int from, int to, bool from_client)
{
	static char buffer[65536];
	ssize_t size = read(from, buffer, sizeof buffer);
	bool hit;

	if (size <= 0)
		return false;
	hit = from_client && p->armed &&
	      memmem(buffer, (size_t)size, p->trigger, p->size) != NULL;
	if (hit && !p->forward) {
		p->armed = false;
		return false;
	}
	if (!write_all(to, buffer, size))
		return false;
	if (!hit)
		return true;
	p->armed = false;
	inv__sleep(300000); /* the server has done it; its answer is lost */
	if (p->words)
		write_all(from, p->words, (ssize_t)p->word_size);
	return false;
}

static void serve(proxy *p, int client)
{
	int server = connect_to(p->target);
	struct pollfd fds[2] = {{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
	bool goes_on = server >= 0;

	while (goes_on && !p->stop) {
		if (poll(fds, 2, 100) <= 0)
			continue;
		if (fds[0].revents)
			goes_on = pass(p, client, server, true);
		if (goes_on && fds[1].revents)
			goes_on = pass(p, server, client, false);
	}
	close(client);
	if (server >= 0)
		close(server);
}

static void *run_proxy(void *arg)
{
	proxy *p = arg;
	struct pollfd fd = {.fd = p->listener, .events = POLLIN};

	while (!p->stop)
		if (poll(&fd, 1, 100) > 0)
			serve(p, accept(p->listener, NULL, NULL));
	close(p->listener);
	return NULL;
}

/* The URL of the store through the proxy. */
static void proxied(proxy *p, char url[1024])
{
	PQconninfoOption *all = PQconninfoParse(getenv("INV_TEST_POSTGRES"), NULL);
	const char *host = "";
	const char *port = "5432";

	for (const PQconninfoOption *o = all; o && o->keyword; o++) {
		if (strcmp(o->keyword, "host") == 0 && o->val)
			host = o->val;
		if (strcmp(o->keyword, "port") == 0 && o->val)
			port = o->val;
	}
	(void)inv__format(p->target, sizeof p->target, "%s/.s.PGSQL.%s", host, port);
	(void)inv__format(url, 1024, "postgresql://inventra@/postgres?host=%s&port=5432&%s",
	                  check_tmpdir(), strstr(check_store_url("store"), "inventra_schema="));
	PQconninfoFree(all);
}

static void ends(proxy p, bool by_batch, inv_status expected, int64_t rows)
{
	inv__link *direct = table(check_store_url("store"));
	inv_error error = INV_ERROR_INIT;
	inv__link *link;
	inv__arena arena;
	inv__batch batch;
	pthread_t thread;
	char url[1024];
	inv_status status;

	proxied(&p, url);
	CHECK_INT(pthread_create(&thread, NULL, run_proxy, &p), 0);
	inv__arena_init(&arena, &inv__malloc_allocator);
	inv__batch_init(&batch, &arena);
	link = table(url);
	p.trigger = "COMMIT";
	p.size = 7; /* with its end: BEGIN has the word COMMITTED */
	p.armed = true;
	CHECK_STATUS(inv__link_begin(link, INV_BEGIN_WRITE, NULL), INV_OK);
	inv__batch_add_text(&batch, INV_S("INSERT INTO t VALUES (7)"));
	batch.commit = by_batch;
	status = inv__batch_exec(&batch, link, &error);
	if (!by_batch && CHECK_STATUS(status, INV_OK))
		status = inv__link_end(link, true, &error);
	CHECK_STATUS(status, expected);
	if (by_batch)
		CHECK_INT(batch.failed, 1);
	CHECK_INT(conn_facts(link).alive, 0);
	CHECK_INT(conn_facts(link).in_transaction, 0);
	CHECK_INT(count(direct), rows);
	CHECK_INT(count(link), rows); /* by a new connection */
	p.stop = 1;
	inv__link_close(link);
	pthread_join(thread, NULL);
	inv__link_close(direct);
	inv__arena_free(&arena);
}

static void drops(bool by_batch, bool forward, inv_status expected, int64_t rows)
{
	ends((proxy){.listener = conn_listen(check_tmpdir()), .forward = forward}, by_batch, expected,
	     rows);
}

/* Nobody knows from here whether the COMMIT came through. */
TEST(after_a_batch_with_its_commit_was_sent)
{
	drops(true, true, INV_E_UNKNOWN_OUTCOME, 1);
}

TEST(while_a_batch_with_its_commit_was_sent)
{
	drops(true, false, INV_E_UNKNOWN_OUTCOME, 0);
}

TEST(after_a_commit_was_sent)
{
	drops(false, true, INV_E_UNKNOWN_OUTCOME, 1);
}

TEST(while_a_commit_was_sent)
{
	drops(false, false, INV_E_UNKNOWN_OUTCOME, 0);
}

/* A pooler whose server is gone says so in the place of the first answer that it still owes: the
 * INSERT's, although the COMMIT behind it was done. */
#define SEVERITY "SFATAL\0VFATAL\0"
#define LAST_WORDS "C08P01\0Mserver conn crashed?\0"

TEST(after_a_pooler_has_lost_its_server)
{
	static const char words[] = "E\0\0\0\060" SEVERITY LAST_WORDS;

	ends((proxy){.listener = conn_listen(check_tmpdir()), .forward = true, .words = words,
	             .word_size = sizeof words},
	     true, INV_E_UNKNOWN_OUTCOME, 1);
}

/* Old ones call it an error like any other. */
TEST(after_an_old_pooler_has_lost_its_server)
{
	static const char words[] = "E\0\0\0\051SERROR\0" LAST_WORDS;

	ends((proxy){.listener = conn_listen(check_tmpdir()), .forward = true, .words = words,
	             .word_size = sizeof words},
	     true, INV_E_UNKNOWN_OUTCOME, 1);
}

/* A statement alone commits with its end. */
TEST(a_statement_alone)
{
	proxy p = {.listener = conn_listen(check_tmpdir()), .forward = true};
	inv__link *direct = table(check_store_url("store"));
	inv__link *link;
	pthread_t thread;
	char url[1024];

	proxied(&p, url);
	CHECK_INT(pthread_create(&thread, NULL, run_proxy, &p), 0);
	link = table(url);
	p.trigger = "INSERT";
	p.size = 6;
	p.armed = true;
	CHECK_STATUS(put(link, 7), INV_E_UNKNOWN_OUTCOME);
	CHECK_INT(count(direct), 1);
	p.trigger = "SELECT";
	p.armed = true;
	CHECK_STATUS(conn_run(link, "SELECT COUNT(*) FROM t WHERE k > 0", NULL), INV_E_IO);
	CHECK_STATUS(put(link, 8), INV_OK);
	CHECK_INT(count(direct), 2);
	p.stop = 1;
	inv__link_close(link);
	pthread_join(thread, NULL);
	inv__link_close(direct);
}

CHECK_MAIN()
