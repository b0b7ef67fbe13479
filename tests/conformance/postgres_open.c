/* SPDX-License-Identifier: MIT */
/* Connections to PostgreSQL that cannot be made, and what a made one says of itself. */
/* ctest: postgres */
#include <libpq-fe.h>

#include "conformance/conn.h"
#include "inventra/postgres.h"

/* A value of the test server's URL. */
static void server_value(const char *keyword, char out[256])
{
	PQconninfoOption *all = PQconninfoParse(getenv("INV_TEST_POSTGRES"), NULL);

	out[0] = '\0';
	for (const PQconninfoOption *o = all; o && o->keyword; o++)
		if (strcmp(o->keyword, keyword) == 0 && o->val)
			(void)inv__format(out, 256, "%s", o->val);
	PQconninfoFree(all);
}

static const char *url_of(const char *who, const char *database, const char *more)
{
	static char url[1024];
	char host[256];
	char port[256];

	server_value("host", host);
	server_value("port", port);
	(void)inv__format(url, sizeof url, "postgresql://%s@/%s?host=%s&port=%s%s", who, database, host,
	                  *port ? port : "5432", more);
	return url;
}

static void refused(const char *url, inv_status status, const char *word)
{
	inv_error error = INV_ERROR_INIT;
	inv__link *link;

	CHECK_STATUS(conn_open(url, INV_OPEN_CREATE, &link, &error), status);
	CHECK_STATUS(error.status, status);
	if (!CHECK(strstr(error.message, word) != NULL))
		CHECK_FAIL("%s", error.message);
	CHECK(strstr(error.message, "geheim") == NULL);
	inv__link_close(link);
}

TEST(a_wrong_password)
{
	check_postgres("DROP ROLE IF EXISTS inv_password");
	check_postgres("CREATE ROLE inv_password LOGIN PASSWORD 'right'");
	refused(url_of("inv_password:geheim", "postgres", ""), INV_E_DENIED, "password");
	refused(url_of("inv_password", "postgres", ""), INV_E_DENIED, "none was given");
	refused(url_of("inv_nobody:geheim", "postgres", ""), INV_E_DENIED, "inv_nobody");
	check_postgres("DROP ROLE inv_password");
}

/* The server repeats names: a password that is one too is not shown then. */
TEST(a_password_is_never_shown)
{
	inv_error error = INV_ERROR_INIT;
	inv__link *link;

	refused(url_of("geheim:geheim", "postgres", ""), INV_E_DENIED, "refuses");
	refused("postgresql://me:geheim@/db?nonsense=1", INV_E_INVALID, "URL");
	refused("postgresql://me:geheim%zz@/db", INV_E_INVALID, "URL");
	refused("postgresql://me:geheim@[::1/db", INV_E_INVALID, "URL");
	refused("postgresql://me@/db?password=geheim&x", INV_E_INVALID, "URL");
	refused("postgresql://me:geheim@/db?inventra_schema=a-b", INV_E_INVALID, "inventra_schema");
	refused("postgresql://me:geheim@/db?inventra_statements=x", INV_E_INVALID, "unnamed");
	refused("postgresql://me:geheim@/db?inventra_other=1", INV_E_INVALID, "inventra_schema");
	CHECK_STATUS(conn_open("postgresql://me:geheim@127.0.0.1:1/geheim", 0, &link, &error),
	             INV_E_IO);
	CHECK(strstr(error.message, "geheim") == NULL);
}

TEST(what_is_missing)
{
	refused(url_of("inventra", "inv_nowhere", ""), INV_E_NOT_FOUND, "inv_nowhere");
	refused("postgresql://inventra@127.0.0.1:1/shop", INV_E_IO, "reached");
	refused("postgresql://inventra@/shop?host=/nowhere/at/all", INV_E_IO, "reached");
	refused("postgresql://inventra@nowhere.invalid/shop", INV_E_IO, "reached");
}

TEST(a_server_that_does_not_answer)
{
	int64_t start = inv__monotonic();
	char url[768];
	int fd = conn_listen(check_tmpdir());

	(void)inv__format(url, sizeof url, "postgresql://inventra@/shop?host=%s&connect_timeout=1",
	                  check_tmpdir());
	if (!CHECK(fd >= 0))
		return;
	refused(url, INV_E_IO, "1 seconds");
	CHECK(inv__monotonic() - start < 5000000);
	close(fd);
}

TEST(the_next_host_after_a_silent_one)
{
	char url[1024];
	char host[256];
	char port[256];
	int fd = conn_listen(check_tmpdir());
	inv_error error = INV_ERROR_INIT;
	inv__link *link;

	server_value("host", host);
	server_value("port", port);
	(void)inv__format(url, sizeof url,
	                  "postgresql://inventra@/postgres?host=/nowhere,%s,%s&port=1,5432,%s"
	                  "&connect_timeout=1", check_tmpdir(), host, *port ? port : "5432");
	if (!CHECK_STATUS(conn_open(url, 0, &link, &error), INV_OK))
		CHECK_FAIL("%s", error.message);
	inv__link_close(link);
	(void)inv__format(url, sizeof url,
	                  "postgresql://inventra@/postgres?host=/nowhere,%s&connect_timeout=1",
	                  check_tmpdir());
	refused(url, INV_E_IO, "1 seconds");
	close(fd);
}

TEST(too_many_connections)
{
	inv__link *link;

	check_postgres("DROP ROLE IF EXISTS inv_single");
	check_postgres("CREATE ROLE inv_single LOGIN CONNECTION LIMIT 1");
	CHECK_STATUS(conn_open(url_of("inv_single", "postgres", ""), 0, &link, NULL), INV_OK);
	refused(url_of("inv_single", "postgres", ""), INV_E_BUSY, "too many connections");
	inv__link_close(link);
	check_postgres("DROP ROLE inv_single");
}

TEST(no_rights)
{
	inv_error error = INV_ERROR_INIT;
	char more[128];
	const char *schema = strstr(check_store_url("store"), "inventra_schema=");
	inv__link *link;

	check_postgres("DROP ROLE IF EXISTS inv_guest");
	check_postgres("CREATE ROLE inv_guest LOGIN");
	(void)inv__format(more, sizeof more, "&%s", schema);
	CHECK_STATUS(conn_open(url_of("inv_guest", "postgres", more), 0, &link, &error), INV_OK);
	CHECK_STATUS(conn_driver()->script(inv__link_conn(link), INV_S("CREATE TABLE t (k int)"),
	                                   &error), INV_E_NOT_FOUND); /* as it cannot see it */
	CHECK_STATUS(conn_run(link, "SELECT rolname FROM pg_authid", NULL), INV_E_DENIED);
	inv__link_close(link);
	check_postgres("DROP ROLE inv_guest");
}

TEST(only_for_reading)
{
	inv_error error = INV_ERROR_INIT;
	inv__link *link = conn_writer(check_store_url("store"));
	inv__link *reader;

	CHECK_STATUS(conn_script(link, "CREATE TABLE t (k int)"), INV_OK);
	CHECK_STATUS(conn_open(check_store_url("store"), INV_OPEN_READONLY, &reader, &error), INV_OK);
	CHECK_INT(conn_int(reader, "SELECT COUNT(*) FROM t"), 0);
	CHECK_STATUS(conn_run(reader, "INSERT INTO t VALUES (1)", NULL), INV_E_READ_ONLY);
	CHECK_STATUS(inv__link_begin(reader, INV_BEGIN_WRITE, &error), INV_E_READ_ONLY);
	CHECK_INT(conn_int(link, "SELECT COUNT(*) FROM t"), 0);
	inv__link_close(reader);
	inv__link_close(link);
}

static inv_str one_text(inv__link *link, const char *sql, inv__arena *arena)
{
	inv__batch batch;
	inv_str none = {"", 0};

	inv__batch_init(&batch, arena);
	inv__batch_add_text(&batch, inv_str_of(sql));
	if (!CHECK_STATUS(inv__batch_exec(&batch, link, NULL), INV_OK) ||
	    inv__batch_result(&batch, 0)->row_count == 0)
		return none;
	return inv__cell_str(inv__batch_result(&batch, 0), 0, 0);
}

TEST(settings)
{
	inv__arena arena;
	inv__link *link = conn_writer(check_store_url("store"));
	inv__link *other = conn_writer(
		check_store_url_with("store", "application_name=till&options=-c%20lock_timeout%3D777"));
	inv_driver_facts facts = conn_facts(link);

	inv__arena_init(&arena, &inv__malloc_allocator);
	CHECK_STR(one_text(link, "SHOW application_name", &arena), "inventra");
	CHECK_STR(one_text(link, "SHOW lock_timeout", &arena), "200ms");
	CHECK_STR(one_text(link, "SHOW idle_in_transaction_session_timeout", &arena), "2500ms");
	CHECK_STR(one_text(link, "SHOW client_encoding", &arena), "UTF8");
	CHECK_STR(one_text(other, "SHOW application_name", &arena), "till");
	CHECK_STR(one_text(other, "SHOW lock_timeout", &arena), "777ms");
	CHECK(strncmp(facts.version, "PostgreSQL 1", 12) == 0);
	CHECK_STR(facts.durability, "synchronous_commit=on, fsync=on");
	CHECK_STR(facts.warning, "");
	CHECK_INT(facts.alive, 1);
	CHECK_INT(inv__link_driver(link)->sharers(inv__link_conn(link)), 2);
	CHECK_STATUS(inv__link_driver(link)->check(inv__link_conn(link), 1, NULL), INV_OK);
	inv__link_close(other);
	other = conn_writer(check_store_url_with("store", "options=-csynchronous_commit%3Doff"));
	CHECK(strstr(conn_facts(other).warning, "synchronous_commit") != NULL);
	inv__link_close(other);
	inv__link_close(link);
	inv__arena_free(&arena);
}

CHECK_MAIN()
