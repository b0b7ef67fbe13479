/* SPDX-License-Identifier: MIT */
#include "support/store_url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "examples/driver/driver.h"
#include "support/check.h"
#include "support/check_env.h"

#define MAX_STORES 4096
#define URL_SIZE 768

static bool is_driver(const char *name)
{
	const char *driver = getenv("INV_TEST_DRIVER");

	return driver && strcmp(driver, name) == 0;
}

bool check_on_postgres(void)
{
	return is_driver("postgres");
}

bool check_on_wrapped(void)
{
	return is_driver("wrapped");
}

static const inv_driver *wrapped_driver(void)
{
	static wrapper w;

	return w.driver.open ? &w.driver : wrap_driver(&w, inv_sqlite_driver());
}

/* A file's URL; as with check_path(), until the fourth call after this one. */
static const char *file_url(const char *name)
{
	static char urls[4][URL_SIZE];
	static unsigned turn;
	char *url = urls[turn++ % 4];

	if (!check_on_wrapped())
		return check_path(name);
	snprintf(url, URL_SIZE, "%s:%s", wrapped_driver()->scheme, check_path(name));
	return url;
}

#ifdef INVENTRA_WITH_POSTGRES
#include <libpq-fe.h>

#include "inventra/postgres.h"

typedef struct store {
	char name[64];
	char schema[64];
	char url[URL_SIZE];
} store;

static store *stores;
static size_t store_count;
static unsigned numbered;
static pid_t owner; /* a forked child that exits must not take its parent's schemas with it */

static const char *server(void)
{
	const char *url = getenv("INV_TEST_POSTGRES");

	if (!url || !*url) {
		fprintf(stderr, "INV_TEST_POSTGRES does not say where a server is\n");
		_exit(EXIT_FAILURE);
	}
	return url;
}

static void no_notice(void *ctx, const PGresult *result)
{
	(void)ctx;
	(void)result;
}

const char *check_postgres(const char *sql)
{
	static char answer[256];
	PGconn *pg = PQconnectdb(server());
	PGresult *result;
	ExecStatusType status;
	bool done;

	PQsetNoticeReceiver(pg, no_notice, NULL);
	result = PQexec(pg, sql);
	status = PQresultStatus(result);
	done = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
	answer[0] = '\0';
	if (status == PGRES_TUPLES_OK && PQntuples(result) > 0)
		snprintf(answer, sizeof answer, "%s", PQgetvalue(result, 0, 0));
	if (!done)
		CHECK_FAIL("%s: %s", sql, PQerrorMessage(pg));
	PQclear(result);
	PQfinish(pg);
	return done ? answer : NULL;
}

static void drop_stores(void)
{
	char sql[128];

	for (size_t i = 0; i < store_count && owner == getpid(); i++) {
		snprintf(sql, sizeof sql, "DROP SCHEMA IF EXISTS %s CASCADE", stores[i].schema);
		check_postgres(sql);
	}
	store_count = 0;
}

static store *find(const char *name)
{
	for (size_t i = 0; i < store_count; i++)
		if (strcmp(stores[i].name, name) == 0)
			return &stores[i];
	return NULL;
}

static store *make(const char *name)
{
	char sql[128];
	store *s;

	if (!stores)
		stores = calloc(MAX_STORES, sizeof *stores);
	if (!stores || store_count == MAX_STORES)
		_exit(EXIT_FAILURE);
	owner = getpid();
	check_env_at_end(drop_stores);
	s = &stores[store_count++];
	snprintf(s->name, sizeof s->name, "%s", name);
	snprintf(s->schema, sizeof s->schema, "t_%ld_%u", (long)owner, ++numbered);
	snprintf(sql, sizeof sql, "CREATE SCHEMA %s", s->schema);
	check_postgres(sql);
	return s;
}

const char *check_store_url_with(const char *name, const char *parameters)
{
	store *s;

	if (!check_on_postgres())
		return file_url(name);
	s = find(name);
	if (!s)
		s = make(name);
	snprintf(s->url, sizeof s->url, "%s%cinventra_schema=%s%s%s", server(),
	         strchr(server(), '?') ? '&' : '?', s->schema, *parameters ? "&" : "", parameters);
	return s->url;
}

const inv_driver *check_store_driver(void)
{
	if (check_on_postgres())
		return inv_postgres_driver();
	return check_on_wrapped() ? wrapped_driver() : inv_sqlite_driver();
}

#else

const char *check_postgres(const char *sql)
{
	CHECK_FAIL("this build has no PostgreSQL driver for: %s", sql);
	return NULL;
}

const char *check_store_url_with(const char *name, const char *parameters)
{
	(void)parameters;
	return file_url(name);
}

const inv_driver *check_store_driver(void)
{
	return check_on_wrapped() ? wrapped_driver() : inv_sqlite_driver();
}

#endif

const char *check_store_url(const char *name)
{
	return check_store_url_with(name, "");
}

const inv_driver *const *check_store_drivers(size_t *count)
{
	static const inv_driver *drivers[1];

	drivers[0] = check_store_driver();
	*count = drivers[0] != inv_sqlite_driver() ? 1 : 0;
	return drivers;
}
