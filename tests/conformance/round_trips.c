/* SPDX-License-Identifier: MIT */
/* ctest: drivers */
/* How many round trips an operation takes must not depend on how many lines or records it is given:
 * each operation runs with 1, 10 and 1,000. What was counted stands in
 * docs/reference/round-trips.md, which a run with INV_WRITE_DOCS set brings up to date. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/trips_calls.h"
#include "examples/driver/driver.h"
#include "inventra/inventra.h"
#include "support/check.h"
#include "support/store_url.h"

#define SIZES 3u
#define MOST 1000u
#define HISTORY 100u /* events of one subject */

static const unsigned sizes[SIZES] = {1, 10, MOST};

typedef struct counter {
	wrapper w; /* counts on SQLite, where begin and end are calls; PostgreSQL puts them off */
	inv_store *store;
	inv_session *session;
	unsigned round;
	char *text;
} counter;

/* ---- inputs ---- */

static void put_token(char token, unsigned round, unsigned index, unsigned n, char **at)
{
	if (token == '$')
		*at += sprintf(*at, "%012u", round);
	else if (token == '#')
		*at += sprintf(*at, "%04u", index);
	else if (token == '%')
		*at += sprintf(*at, "%u", index + 1);
	else if (token == '@')
		*at += sprintf(*at, "%u", n);
	else
		*(*at)++ = token;
}

/* The part in <> as often as `n` says, with commas between. */
static inv_str expand(const counter *c, const char *template, unsigned n)
{
	const char *open = strchr(template, '<');
	const char *close = open ? strchr(open, '>') : NULL;
	char *at = c->text;

	for (const char *p = template; *p && p != open; p++)
		put_token(*p, c->round, 0, n, &at);
	for (unsigned i = 0; close && i < n; i++) {
		if (i > 0)
			*at++ = ',';
		for (const char *p = open + 1; p < close; p++)
			put_token(*p, c->round, i, n, &at);
	}
	for (const char *p = close ? close + 1 : ""; *p; p++)
		put_token(*p, c->round, 0, n, &at);
	return (inv_str){c->text, (size_t)(at - c->text)};
}

static bool run(counter *c, const char *op, const char *template, unsigned n, bool keyed)
{
	inv_options options = INV_OPTIONS_INIT;
	inv_str input = expand(c, template, n);
	const inv_error *error;
	char key[32];

	snprintf(key, sizeof key, "k-%u", c->round);
	if (keyed)
		options.key = inv_str_of(key);
	if (inv_call_json(c->session, inv_str_of(op), input, &options, NULL) == INV_OK)
		return true;
	error = inv_session_error(c->session);
	return CHECK_FAIL("%s of %u: %s: %s", op, n, error->field, error->message);
}

/* ---- counting ---- */

static bool counter_open(counter *c)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_error error = INV_ERROR_INIT;
	const inv_driver *driver = check_store_driver();
	char url[800];

	snprintf(url, sizeof url, "%s", check_store_url("shop.db"));
	if (!check_on_postgres()) {
		driver = wrap_driver(&c->w, inv_sqlite_driver());
		snprintf(url, sizeof url, "%s:%s", driver->scheme, check_path("shop.db"));
	}
	options.url = url;
	options.drivers = &driver;
	options.driver_count = 1;
	options.checkpoint_pages = UINT32_MAX; /* one would be counted with what it follows */
	c->text = malloc(MOST * 1024);
	if (CHECK(c->text) && inv_store_open(&options, &c->store, &error) == INV_OK &&
	    inv_session_open(c->store, NULL, &c->session, &error) == INV_OK)
		return true;
	return CHECK_FAIL("%s", error.message);
}

static void counter_close(counter *c)
{
	inv_session_close(c->session);
	inv_store_close(c->store);
	free(c->text);
}

static int64_t round_trips(counter *c)
{
	inv_store_info info = INV_STORE_INFO_INIT;

	if (!check_on_postgres())
		return (int64_t)atomic_load(&c->w.round_trips);
	CHECK_STATUS(inv_store_info_get(c->store, &info, NULL), INV_OK);
	return (int64_t)info.round_trips;
}

/* The part of a text up to the next bar; where the rest begins, or NULL. */
static const char *take_part(const char *text, char *part, size_t size)
{
	size_t len = strcspn(text, "|");

	snprintf(part, size, "%.*s", (int)len, text);
	return text[len] ? text + len + 1 : NULL;
}

static bool prepare(counter *c, const trips_call *call, unsigned n)
{
	const char *ops = call->before_op, *inputs = call->before;

	while (ops && inputs) {
		char op[64], input[1024];

		ops = take_part(ops, op, sizeof op);
		inputs = take_part(inputs, input, sizeof input);
		if (!run(c, op, input, n, false))
			return false;
	}
	return true;
}

/* Twice: the first time statements are prepared, and PostgreSQL is asked about them. */
static int64_t count(counter *c, const inv_op_desc *op, const trips_call *call, unsigned n)
{
	bool writes = (op->flags & INV_OP_WRITE) != 0;
	int64_t settled = 0, before = 0, after = 0;

	for (int turn = 0; turn < 2; turn++) {
		c->round++;
		if (call->before_op && !prepare(c, call, n))
			return -1;
		/* A first look gives positions to what was written before; the next costs what a look
		 * does. */
		(void)round_trips(c);
		settled = round_trips(c);
		before = round_trips(c);
		if (!run(c, call->op, call->input, n, writes))
			return -1;
		after = round_trips(c);
	}
	return after - before - (before - settled);
}

/* ---- the page ---- */

#define PAGE_MAX 65536u
#define CELL 64u

static const char heading[] =
	"# Round trips\n\n"
	"How often an operation asks the database, whatever `n` is: counted with 1, 10 and 1,000\n"
	"by `tests/conformance/round_trips.c`. Writes have a key. On SQLite a round trip is a call in\n"
	"the process, and BEGIN and COMMIT are calls too; on PostgreSQL BEGIN travels with a batch.\n"
	"A read that follows a write begins a new snapshot on SQLite.\n\n"
	"| operation | n | SQLite | PostgreSQL |\n"
	"|---|---|---|---|\n";

/* Cell `index` of the row of `text` that begins like this; "-" when there is none. */
static void old_cell(const char *text, const char *begin, int index, char out[CELL])
{
	const char *at = strstr(text, begin);
	size_t n;

	snprintf(out, CELL, "-");
	for (at = at ? at + 1 : NULL; at && index > 0; index--)
		at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL;
	if (!at)
		return;
	n = strcspn(at + 1, " ");
	snprintf(out, CELL, "%.*s", (int)n, at + 1);
}

static void put_row(char *page, const char *old, const trips_call *call, int64_t trips)
{
	size_t used = strlen(page);
	char begin[2 * CELL], mine[CELL], other[CELL];

	snprintf(begin, sizeof begin, "| `%s` | %s |", call->op, call->n_is);
	snprintf(mine, sizeof mine, "%d", (int)trips);
	old_cell(old, begin, check_on_postgres() ? 2 : 3, other);
	snprintf(page + used, PAGE_MAX - used, "%s %s | %s |\n", begin,
	         check_on_postgres() ? other : mine, check_on_postgres() ? mine : other);
}

static void read_page(const char *path, char *text)
{
	FILE *file = fopen(path, "r");
	size_t n = file ? fread(text, 1, PAGE_MAX - 1, file) : 0;

	text[n] = '\0';
	if (file)
		fclose(file);
}

static void check_page(const char *path, const char *old, const char *page)
{
	const char *set = getenv("INV_WRITE_DOCS");
	FILE *file;

	if (!set || !*set) {
		if (strcmp(old, page) != 0)
			CHECK_FAIL("%s is not what was counted: run with INV_WRITE_DOCS=1", path);
		return;
	}
	file = fopen(path, "w");
	if (CHECK(file != NULL)) {
		CHECK(fputs(page, file) >= 0);
		CHECK_INT(fclose(file), 0);
	}
}

/* ---- the tests ---- */

/* What was counted for the smallest size, -1 when that failed. */
static int64_t count_sizes(counter *c, const trips_call *call)
{
	const inv_op_desc *op = inv_schema_op_named(inv_str_of(call->op));
	int64_t trips[SIZES] = {0};

	if (!op) {
		CHECK_FAIL("there is no operation %s", call->op);
		return -1;
	}
	for (size_t i = 0; i < SIZES; i++) {
		trips[i] = count(c, op, call, sizes[i]);
		if (trips[i] < 0)
			return -1;
	}
	if (trips[1] > trips[0] || trips[2] > trips[0])
		CHECK_FAIL("%s (%s): %lld, %lld, %lld round trips for 1, 10, 1,000", call->op, call->n_is,
		           (long long)trips[0], (long long)trips[1], (long long)trips[2]);
	return trips[0];
}

/* What all calls find. */
static bool make_base(counter *c)
{
	for (size_t i = 0; i < TRIPS_BASE; i++)
		if (!run(c, trips_base[i].op, trips_base[i].input, MOST, false))
			return false;
	for (c->round = 0; c->round < HISTORY; c->round++)
		if (!run(c, trips_history.op, trips_history.input, 1, false))
			return false;
	return true;
}

TEST(round_trips_do_not_grow)
{
	static char old[PAGE_MAX], page[PAGE_MAX];
	const char *root = getenv("INV_TEST_SOURCE_DIR");
	char path[1024];
	counter c = {.round = 0};

	if (check_on_wrapped()) {
		printf("counted in the run on SQLite, which is wrapped here too\n");
		return;
	}
	snprintf(path, sizeof path, "%s/docs/reference/round-trips.md", root ? root : ".");
	if (!counter_open(&c) || !make_base(&c))
		return;
	read_page(path, old);
	snprintf(page, sizeof page, "%s", heading);
	for (size_t i = 0; i < TRIPS_CALLS; i++)
		put_row(page, old, &trips_calls[i], count_sizes(&c, &trips_calls[i]));
	if (check_failures() == 0)
		check_page(path, old, page);
	counter_close(&c);
}

static bool is_counted(const char *op)
{
	for (size_t i = 0; i < TRIPS_CALLS; i++)
		if (strcmp(trips_calls[i].op, op) == 0)
			return true;
	return false;
}

TEST(no_operation_is_forgotten)
{
	const inv_op_desc *op;

	for (uint32_t i = 0; (op = inv_schema_op(i)) != NULL; i++)
		if (!is_counted(op->name))
			CHECK_FAIL("nobody counts the round trips of %s: add it to trips_calls.h", op->name);
}

CHECK_MAIN()
