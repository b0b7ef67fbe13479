/* SPDX-License-Identifier: MIT */
/* ctest: drivers */
/* Each call of the driver fails in turn while a command, a transaction or an import runs: a clean
 * error or success, the store as before or as after it, and sent again with its key it has exactly
 * one effect. The driver of examples/driver stands in between. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/driver/driver.h"
#include "fault/calls.h"
#include "support/check.h"
#include "support/store_url.h"

typedef struct series {
	const char *name;
	uint32_t kinds;
	uint32_t how;
	inv_status with;
	bool anew; /* the store is opened for each try: statements are prepared then */
} series;

typedef struct look {
	char hash[65];
	int64_t position;
} look;

typedef struct desk {
	wrapper w;
	inv_store *store;     /* through the wrapper */
	inv_session *session;
	inv_store *eye;       /* the same store without it */
	char url[800];
	inv_error error;      /* of the last run that failed */
	unsigned round;
	unsigned wrong;       /* findings */
	unsigned fired;       /* calls that failed */
	bool quiet;           /* findings are only counted */
} desk;

typedef struct job job;
struct job {
	const char *name;
	inv_status (*run)(desk *d, const job *j);
	const call *call;
	bool in_part; /* some of it may be done when it fails */
};

/* ---- a store with two doors ---- */

static bool open_store(const char *url, const inv_driver *driver, bool read_only, inv_store **out)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	inv_error error = INV_ERROR_INIT;

	options.url = url;
	options.drivers = &driver;
	options.driver_count = 1;
	options.read_only = read_only && !check_on_postgres(); /* a reader gives no positions */
	if (inv_store_open(&options, out, &error) == INV_OK)
		return true;
	return CHECK_FAIL("%s: %s", url, error.message);
}

static bool open_wrapped(desk *d)
{
	return open_store(d->url, &d->w.driver, false, &d->store) &&
	       CHECK_STATUS(inv_session_open(d->store, NULL, &d->session, NULL), INV_OK);
}

static void close_wrapped(desk *d)
{
	inv_session_close(d->session);
	inv_store_close(d->store);
	d->session = NULL;
	d->store = NULL;
}

static inv_status told(desk *d, inv_status status)
{
	if (status != INV_OK)
		d->error = *inv_session_error(d->session);
	return status;
}

static inv_status run_call(desk *d, const char *op, const char *input, const char *key)
{
	inv_options options = INV_OPTIONS_INIT;
	char text[2048], key_text[64];
	inv_str json = call_text(input, d->round, text, sizeof text);

	if (key)
		options.key = call_text(key, d->round, key_text, sizeof key_text);
	return told(d, inv_call_json(d->session, inv_str_of(op), json, &options, NULL));
}

static bool run_well(desk *d, const char *op, const char *input)
{
	if (run_call(d, op, input, NULL) == INV_OK)
		return true;
	return CHECK_FAIL("%s: %s", op, d->error.message);
}

static bool desk_open(desk *d)
{
	const char *plain = check_store_url("shop.db");

	wrap_driver(&d->w, check_store_driver());
	snprintf(d->url, sizeof d->url, "%s:%s", d->w.driver.scheme, plain);
	if (!open_wrapped(d) || !open_store(plain, check_store_driver(), true, &d->eye))
		return false;
	for (size_t i = 0; i < BASE_COUNT; i++)
		if (!run_well(d, base_calls[i].op, base_calls[i].input))
			return false;
	return true;
}

static void desk_close(desk *d)
{
	close_wrapped(d);
	inv_store_close(d->eye);
}

static int64_t position_of(desk *d)
{
	inv_store_info info = INV_STORE_INFO_INIT;
	inv_error error = INV_ERROR_INIT;

	if (inv_store_info_get(d->eye, &info, &error) != INV_OK)
		CHECK_FAIL("the position cannot be read: %s", error.message);
	return info.position;
}

static look look_at(desk *d)
{
	inv_error error = INV_ERROR_INIT;
	look l = {"", position_of(d)};

	if (inv_store_state_hash(d->eye, l.hash, &error) != INV_OK)
		CHECK_FAIL("the state cannot be read: %s", error.message);
	return l;
}

static bool is_sound(desk *d, const char *what)
{
	inv_error error = INV_ERROR_INIT;

	if (inv_store_verify(d->eye, NULL, NULL, &error) == INV_OK)
		return true;
	d->wrong++;
	return d->quiet || CHECK_FAIL("after %s the store is not sound: %s", what, error.message);
}

/* ---- what is done ---- */

static inv_status run_command(desk *d, const job *j)
{
	return run_call(d, j->call->op, j->call->input, "key-$");
}

static inv_status run_transaction(desk *d, const job *j)
{
	inv_status rc = told(d, inv_begin(d->session));

	(void)j;
	if (rc != INV_OK)
		return rc;
	rc = run_call(d, "stock.receive",
	              "{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"1\"}]}", "first-$");
	if (rc == INV_OK)
		rc = run_call(d, "sale.close",
		              "{\"lines\":[{\"product\":\"TEA\",\"quantity\":\"1\",\"unit_price\":\"1\"}]}",
		              "second-$");
	if (rc == INV_OK)
		return told(d, inv_commit(d->session));
	(void)inv_rollback(d->session); /* it may have ended by itself */
	return rc;
}

static inv_status run_import(desk *d, const job *j)
{
	inv_import_options options = INV_IMPORT_OPTIONS_INIT;
	char prefix[64], path[1024];
	FILE *file;

	(void)j;
	snprintf(path, sizeof path, "%s", check_path("rows.csv"));
	file = fopen(path, "w");
	if (!file)
		return INV_E_IO;
	fputs("sku,name,list_price\n", file);
	for (int i = 0; i < 5; i++)
		fprintf(file, "CSV-%u-%d,Tea %d,%d.5\n", d->round, i, i, i);
	fclose(file);
	options.key_prefix = call_text("import-$", d->round, prefix, sizeof prefix);
	options.slice_ms = 10000;
	return told(d, inv_import_csv(d->session, inv_schema_op_named(INV_S("product.create")), path,
	                              &options, NULL));
}

/* ---- one try ---- */

static void find(desk *d, const job *j, const series *v, int nth, const char *what)
{
	d->wrong++;
	if (!d->quiet)
		CHECK_FAIL("%s, %s, call %d: %s (%s)", j->name, v->name, nth, what, d->error.message);
}

static bool same(const look *a, const look *b)
{
	return a->position == b->position && strcmp(a->hash, b->hash) == 0;
}

static bool is_clean(const desk *d, const series *v, inv_status status)
{
	/* A transaction on a database that lets many write is not run again. */
	bool in_the_way = check_on_postgres() && v->with == INV_E_BUSY && status == INV_E_CONFLICT;

	if (status == INV_OK)
		return true;
	if (status != v->with && !in_the_way && status != INV_E_UNKNOWN_OUTCOME)
		return false;
	return d->error.status == status && d->error.message[0] != '\0';
}

/* Is the store what the answer promises? */
static const char *judge(const job *j, inv_status status, const look *before, const look *after,
                         int64_t events)
{
	bool untouched = same(before, after);
	bool done = after->position == before->position + events;

	if (status == INV_OK)
		return done ? NULL : "it says that it is done, and it is not";
	if (j->in_part)
		return after->position <= before->position + events ? NULL : "it has done too much";
	if (status == INV_E_UNKNOWN_OUTCOME)
		return untouched || done ? NULL : "it is done by half";
	return untouched ? NULL : "it says that it failed, and the store is another";
}

/* The calls that a call works on. */
static bool prepare(desk *d, const job *j)
{
	d->round++;
	const char *ops = j->call ? j->call->before_op : NULL;
	const char *inputs = ops ? j->call->before_input : NULL;
	char op[64], input[1024];

	while (ops)
		if (!run_well(d, call_part(&ops, op, sizeof op), call_part(&inputs, input, sizeof input)))
			return false;
	return true;
}

/* What has an effect beside the journal, the check at the end of the job finds. */
static void send_again(desk *d, const job *j, const series *v, int nth, int64_t position)
{
	for (int again = 0; again < 2; again++) {
		if (j->run(d, j) != INV_OK)
			find(d, j, v, nth, "it fails when it is sent again");
		if (position_of(d) != position)
			find(d, j, v, nth, "sent again it has not one effect");
	}
}

/* False when there is no such call any more. */
static bool try_point(desk *d, const job *j, const series *v, int nth, int64_t events)
{
	look before, after;
	const char *wrong;
	inv_status status;
	bool fired;

	if (!prepare(d, j))
		return false;
	before = look_at(d);
	if (v->anew) {
		close_wrapped(d);
		if (!open_wrapped(d))
			return false;
	}
	d->w.fail_kinds = v->kinds;
	d->w.fail_how = v->how;
	d->w.fail_with = v->with;
	atomic_store(&d->w.fail_in, nth);
	status = j->run(d, j);
	fired = atomic_exchange(&d->w.fail_in, 0) == 0;
	if (!is_clean(d, v, status))
		find(d, j, v, nth, "its answer is not clean");
	after = look_at(d);
	wrong = judge(j, status, &before, &after, events);
	if (wrong)
		find(d, j, v, nth, wrong);
	send_again(d, j, v, nth, before.position + events);
	d->fired += fired;
	return fired;
}

/* How many events a run makes that nothing disturbs. */
static int64_t events_of(desk *d, const job *j)
{
	int64_t before;

	if (!prepare(d, j))
		return 0;
	before = position_of(d);
	if (!CHECK_STATUS(j->run(d, j), INV_OK))
		CHECK_FAIL("%s: %s", j->name, d->error.message);
	return position_of(d) - before;
}

static void run_job(desk *d, const job *j, const series *list, size_t count)
{
	int64_t events = events_of(d, j);

	for (size_t i = 0; i < count && d->wrong < 10; i++)
		for (int nth = 1; try_point(d, j, &list[i], nth, events) && d->wrong < 10;)
			nth++;
	is_sound(d, j->name);
}

/* ---- everything that is done, and everything that fails ---- */

static const series ways[] = {
	{"refused with IO", WRAP_ANY, WRAP_REFUSE, INV_E_IO, false},
	{"refused with NO_MEMORY", WRAP_ANY, WRAP_REFUSE, INV_E_NO_MEMORY, false},
	{"refused with BUSY", WRAP_ANY, WRAP_REFUSE, INV_E_BUSY, false},
	{"lost with its transaction", WRAP_ANY, WRAP_ABORT, INV_E_IO, false},
	{"done, and reported as failed", WRAP_EXEC, WRAP_LOSE, INV_E_IO, false},
	{"a commit whose answer is lost", WRAP_COMMIT, WRAP_LOSE, INV_E_UNKNOWN_OUTCOME, false},
	{"a commit that is lost", WRAP_COMMIT, WRAP_REFUSE, INV_E_UNKNOWN_OUTCOME, false},
	{"prepared anew, without memory", WRAP_PREPARE, WRAP_REFUSE, INV_E_NO_MEMORY, true},
};
#define WAYS (sizeof ways / sizeof ways[0])

TEST(commands)
{
	static const char *const ops[] = {"sale.close", "product.update", "feed.acknowledge",
	                                  "stock.receive", "stock.reverse", "sale.refund",
	                                  "product.create", "product.archive", "settings.update",
	                                  "personal.forget"};
	const char *all = getenv("INV_TEST_LONG");
	size_t count = check_on_postgres() && !(all && *all) ? 3 : sizeof ops / sizeof ops[0];
	desk d = {.round = 0};

	if (!desk_open(&d))
		return;
	/* A server is slow: three operations do there, unless all are asked for. */
	for (size_t i = 0; i < CALL_COUNT; i++)
		for (size_t k = 0; k < count && d.wrong < 10; k++)
			if (strcmp(calls[i].op, ops[k]) == 0)
				run_job(&d, &(job){ops[k], run_command, &calls[i], false}, ways, WAYS);
	printf("%u calls failed\n", d.fired);
	CHECK(d.fired > 60);
	desk_close(&d);
}

TEST(transactions_and_imports)
{
	desk d = {.round = 0};

	if (!desk_open(&d))
		return;
	run_job(&d, &(job){"a transaction", run_transaction, NULL, false}, ways, WAYS);
	run_job(&d, &(job){"an import", run_import, NULL, true}, ways, WAYS);
	printf("%u calls failed\n", d.fired);
	CHECK(d.fired > 50);
	desk_close(&d);
}

/* ---- a planted fault: the check must find it ---- */

TEST(a_write_that_is_swallowed_is_found)
{
	static const series swallowed = {"swallowed", WRAP_COMMIT, WRAP_REFUSE, INV_OK, false};
	desk d = {.quiet = true};

	if (!desk_open(&d))
		return;
	run_job(&d, &(job){calls[0].op, run_command, &calls[1], false}, &swallowed, 1);
	CHECK(d.wrong > 0);
	desk_close(&d);
}

CHECK_MAIN()
