/* SPDX-License-Identifier: MIT */
/* The engine on PostgreSQL against libpq by hand: postings, sales, batches, an import, reads, and
 * the same command over a longer way. INV_TEST_POSTGRES says where the server is. */
#include "floor_pg.h"
#include "ours.h"
#include "proxy.h"

#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inventra/postgres.h"

#define PRODUCTS 100000
#define IMPORTED 100000
#define READS 20000
#define CALLERS 8
#define OURS FLOOR_PG_FORMS
#define DELAY 0.005

typedef struct work {
	bench *b;
	const char *server;
	char floor_schema[64];
	char our_schema[64];
	char import_schema[64];
	char csv[BENCH_PATH];
	size_t imported;
	floor_pg *floors[CALLERS];
	ours_store ours;
	ours_caller callers[CALLERS];
	uint64_t numbers[CALLERS]; /* of the last command of each caller */
	uint32_t products;
	size_t reads;
} work;

static void store_url(const char *server, const char *schema, char out[BENCH_PATH])
{
	snprintf(out, BENCH_PATH, "%s%cinventra_schema=%s", server, strchr(server, '?') ? '&' : '?',
	         schema);
}

/* ---- commands ---- */

/* One side of a figure: a form of the floor, or ours. */
typedef struct load {
	work *work;
	int side;
	size_t commands;
	size_t lines;
	size_t threads;
	bool sale;
} load;

static bool run_one(const load *l, size_t caller, const bench_line *lines, const char *key)
{
	work *w = l->work;
	floor_command command = {l->sale ? FLOOR_SALE : FLOOR_POSTING, lines, l->lines, key};

	if (l->side != OURS) {
		return floor_pg_run(w->floors[caller], (floor_pg_form)l->side, &command);
	}
	return l->sale ? ours_sale(&w->callers[caller], lines, l->lines, key)
	               : ours_issue(&w->callers[caller], lines, l->lines, key);
}

static bool run_thread(void *ctx, size_t index)
{
	const load *l = ctx;
	work *w = l->work;
	bench_line lines[FLOOR_PG_LINES];
	char key[40];

	for (size_t i = 0; i < l->commands / l->threads; i++) {
		uint64_t number = ++w->numbers[index];
		uint64_t seed = number * CALLERS + index;

		bench_lines(&seed, w->products, lines, l->lines);
		bench_key((uint32_t)index, number, key);
		if (!run_one(l, index, lines, key)) {
			return false;
		}
	}
	return true;
}

static bool run_load(load *l, double *value)
{
	double seconds;
	bool ok = bench_threads(l->threads, run_thread, l, &seconds);

	*value = (double)l->commands * (l->lines > 5 ? (double)l->lines : 1) / seconds;
	return ok;
}

typedef struct command_figure {
	const char *name;
	const char *unit;
	size_t commands;
	size_t lines;
	size_t threads;
	bool sale;
	size_t forms;                /* of the floor that are measured */
	double goals[FLOOR_PG_FORMS]; /* at least; 0 = none */
} command_figure;

static const command_figure command_figures[] = {
	{"postings, 1 connection", "/s", 3000, 1, 1, false, 3, {0.75, 0.55, 2}},
	{"postings, 8 connections", "/s", 16000, 1, CALLERS, false, 3, {0.75, 0.55}},
	{"5-line sales, 8 connections", "/s", 8000, 5, CALLERS, true, 3, {0.75, 0.55}},
	{"1,000 lines a command", "lines/s", 50, 1000, 1, false, 1, {0.6}},
};

static void report_commands(const work *w, const command_figure *f,
                            double values[OURS + 1][BENCH_PAIRS])
{
	static const char *const forms[FLOOR_PG_FORMS] = {"two batches", "one statement",
	                                                  "a trip each"};

	for (size_t form = 0; form < f->forms; form++) {
		bench_figure figure = {.name = f->name, .unit = f->unit, .base = forms[form]};

		figure.rule = f->goals[form] > 0 ? BENCH_AT_LEAST : BENCH_NO_GOAL;
		figure.goal = f->goals[form];
		bench_report(w->b, &figure, w->b->floor_only ? NULL : values[OURS], values[form],
		             bench_pairs(w->b));
	}
}

/* The order of the sides in a round: ours stands beside the floor that counts most. */
static const int sides[OURS + 1] = {FLOOR_PG_BATCHES, OURS, FLOOR_PG_STATEMENT, FLOOR_PG_NAIVE};

static bool is_measured(const work *w, const command_figure *f, int side)
{
	return side == OURS ? !w->b->floor_only : (size_t)side < f->forms;
}

/* Each side once; with values NULL a tenth, for connections and plans to be there. */
static bool run_round(work *w, const command_figure *f, double values[OURS + 1][BENCH_PAIRS],
                      size_t round)
{
	load l = {.work = w, .lines = f->lines, .threads = f->threads, .sale = f->sale};
	double ignored;
	bool ok = true;

	l.commands = bench_count(w->b, f->commands);
	if (!values) {
		l.commands /= 10;
	}
	l.commands += (f->threads - l.commands % f->threads) % f->threads;
	for (size_t i = 0; ok && i < sizeof sides / sizeof sides[0]; i++) {
		l.side = sides[i];
		if (is_measured(w, f, l.side)) {
			ok = run_load(&l, values ? &values[l.side][round] : &ignored);
		}
	}
	return ok;
}

static bool compare_commands(work *w)
{
	double values[OURS + 1][BENCH_PAIRS];
	size_t count = sizeof command_figures / sizeof command_figures[0];
	bool ok = true;

	for (size_t i = 0; ok && i < count; i++) {
		ok = run_round(w, &command_figures[i], NULL, 0);
		for (size_t round = 0; ok && round < bench_pairs(w->b); round++) {
			ok = run_round(w, &command_figures[i], values, round);
		}
		if (ok) {
			report_commands(w, &command_figures[i], values);
		}
	}
	return ok;
}

/* ---- import ---- */

static bool import_floor(void *ctx, double *value)
{
	const work *w = ctx;
	floor_pg *pg = NULL;
	size_t rows = 0;
	double seconds = 1;
	bool ok = floor_pg_schema(w->server, w->import_schema, true) &&
	          floor_pg_create(w->server, w->import_schema, 0) &&
	          (pg = floor_pg_open(w->server, w->import_schema, 1)) != NULL &&
	          floor_pg_import(pg, w->csv, &rows, &seconds);

	floor_pg_close(pg);
	*value = (double)rows / seconds;
	return floor_pg_schema(w->server, w->import_schema, false) && ok &&
	       (rows == w->imported || bench_error("floor: %zu rows imported", rows));
}

static bool import_ours(void *ctx, double *value)
{
	const work *w = ctx;
	char url[BENCH_PATH];
	ours_store ours = {0};
	double seconds = 1;
	bool ok = floor_pg_schema(w->server, w->import_schema, true);

	store_url(w->server, w->import_schema, url);
	ok = ok && ours_open_with(&ours, url, inv_postgres_driver(), 0);
	if (ok) {
		ok = ours_import(&ours, w->csv, w->imported, &seconds);
		ours_close(&ours);
	}
	*value = (double)w->imported / seconds;
	return floor_pg_schema(w->server, w->import_schema, false) && ok;
}

static bool compare_import(work *w)
{
	static const bench_figure figure = {.name = "CSV import of products (floor: COPY)",
	                                    .unit = "rows/s"};

	return bench_products(w->csv, w->imported) &&
	       bench_compare(w->b, &figure, (bench_side){import_ours, w},
	                     (bench_side){import_floor, w});
}

/* ---- reads ---- */

static bool read_all(work *w, bool is_floor, double *value)
{
	uint64_t seed = ++w->numbers[0];
	double start = bench_now();
	bool ok = true;

	for (size_t i = 0; ok && i < w->reads; i++) {
		uint32_t product = (uint32_t)(bench_random(&seed) % w->products);
		int64_t on_hand = 0;

		ok = is_floor ? floor_pg_read(w->floors[0], product, &on_hand)
		              : ours_read(&w->callers[0], product, &on_hand);
		ok = ok && (on_hand > 0 || bench_error("a balance of nothing was read"));
	}
	*value = (bench_now() - start) * 1e6 / (double)w->reads;
	return ok;
}

static bool read_floor(void *ctx, double *value)
{
	return read_all(ctx, true, value);
}

static bool read_ours(void *ctx, double *value)
{
	return read_all(ctx, false, value);
}

static bool compare_reads(work *w)
{
	static const bench_figure figure = {.name = "balance read, 1 connection", .unit = "us"};

	return bench_compare(w->b, &figure, (bench_side){read_ours, w}, (bench_side){read_floor, w});
}

/* ---- a longer way ---- */

/* Milliseconds of one command. */
static bool run_far(void *ctx, double *value)
{
	load *l = ctx;

	if (!run_load(l, value)) {
		return false;
	}
	*value = 1e3 * (l->lines > 5 ? (double)l->lines : 1) / *value;
	return true;
}

/* The first commands of a connection prepare their statements. */
static bool compare_far(work *far, const bench_figure *figure)
{
	load one = {.work = far, .side = figure->of_floor ? FLOOR_PG_BATCHES : OURS};
	load many;
	double ignored;

	one.threads = 1;
	one.lines = 1;
	one.commands = far->b->quick ? 5 : 20;
	many = one;
	many.lines = FLOOR_PG_LINES;
	if (one.side == OURS && far->b->floor_only) {
		return true;
	}
	return run_far(&many, &ignored) && run_far(&one, &ignored) &&
	       bench_compare(far->b, figure, (bench_side){run_far, &many}, (bench_side){run_far, &one});
}

static bool trips_so_far(const work *far, double *trips)
{
	inv_store_info info = INV_STORE_INFO_INIT;
	inv_error error = INV_ERROR_INIT;

	if (inv_store_info_get(far->ours.store, &info, &error) != INV_OK) {
		return ours_error("info", &error);
	}
	*trips = (double)info.round_trips;
	return true;
}

/* A look at the counter takes trips too: two looks with nothing between them tell how many. The one
 * before them gives positions to what was written earlier. */
static bool count_trips(work *far, size_t lines, double *trips)
{
	load l = {.work = far, .side = OURS, .commands = 1, .lines = lines, .threads = 1};
	double seen[3];
	double ignored;

	if (!trips_so_far(far, &seen[0]) || !trips_so_far(far, &seen[0]) ||
	    !trips_so_far(far, &seen[1]) || !run_load(&l, &ignored) ||
	    !trips_so_far(far, &seen[2])) {
		return false;
	}
	*trips = seen[2] - seen[1] - (seen[1] - seen[0]);
	return true;
}

/* Why the times are what they are. */
static bool report_trips(work *far)
{
	static const bench_figure figure = {
		.name = "round trips of 1,000 lines", .unit = "trips", .base = "1 line"};
	double many;
	double one;

	if (far->b->floor_only) {
		return true;
	}
	if (!count_trips(far, FLOOR_PG_LINES, &many) || !count_trips(far, 1, &one)) {
		return false;
	}
	bench_report(far->b, &figure, &many, &one, 1);
	return true;
}

static bool open_far(work *far, const char *server)
{
	char url[BENCH_PATH];

	store_url(server, far->our_schema, url);
	far->floors[0] = floor_pg_open(server, far->floor_schema, CALLERS + 1);
	return far->floors[0] &&
	       (far->b->floor_only || (ours_open_with(&far->ours, url, inv_postgres_driver(), 0) &&
	                               ours_caller_open(far->ours.store, FLOOR_PG_LINES,
	                                                &far->callers[0])));
}

static void close_all(work *w)
{
	for (size_t i = 0; i < CALLERS; i++) {
		floor_pg_close(w->floors[i]);
		ours_caller_close(&w->callers[i]);
	}
	ours_close(&w->ours);
}

/* The same two schemas, through a proxy. */
static bool run_through(work *w, const char *user, const char *database, uint16_t port)
{
	static const bench_figure ours = {.name = "1,000 lines, 5 ms away",
	                                  .unit = "ms",
	                                  .base = "1 line",
	                                  .rule = BENCH_AT_MOST,
	                                  .goal = 2};
	static const bench_figure floors = {
		.name = "floor: 1,000 lines, 5 ms away", .unit = "ms", .base = "1 line", .of_floor = true};
	work far = *w;
	char server[BENCH_PATH];
	bool ok;

	memset(far.floors, 0, sizeof far.floors);
	memset(far.callers, 0, sizeof far.callers);
	memset(&far.ours, 0, sizeof far.ours);
	snprintf(server, sizeof server, "postgresql://%s@127.0.0.1:%u/%s", user, port, database);
	ok = open_far(&far, server) && compare_far(&far, &ours) && report_trips(&far) &&
	     compare_far(&far, &floors);
	close_all(&far);
	return ok;
}

static const char *part(const PQconninfoOption *parts, const char *name)
{
	for (; parts && parts->keyword; parts++) {
		if (strcmp(parts->keyword, name) == 0) {
			return parts->val ? parts->val : "";
		}
	}
	return "";
}

static bool compare_latency(work *w)
{
	const char *server = getenv("INV_TEST_POSTGRES_TCP");
	PQconninfoOption *parts = server ? PQconninfoParse(server, NULL) : NULL;
	proxy *p;
	bool ok;

	if (!parts) {
		bench_error("INV_TEST_POSTGRES_TCP names no port: nothing is measured from afar");
		return true;
	}
	p = proxy_start((uint16_t)strtoul(part(parts, "port"), NULL, 10), DELAY);
	ok = p && run_through(w, part(parts, "user"), part(parts, "dbname"), proxy_port(p));
	proxy_stop(p);
	PQconninfoFree(parts);
	return ok;
}

/* ---- all ---- */

static bool open_floors(work *w)
{
	if (!floor_pg_schema(w->server, w->floor_schema, true) ||
	    !floor_pg_create(w->server, w->floor_schema, w->products)) {
		return false;
	}
	for (uint32_t i = 0; i < CALLERS; i++) {
		w->floors[i] = floor_pg_open(w->server, w->floor_schema, i + 1);
		if (!w->floors[i]) {
			return false;
		}
	}
	return true;
}

/* Each caller sells at a till of its own: tickets are numbered by till. */
static bool open_tills(work *w)
{
	inv_register tills[CALLERS];
	char codes[CALLERS][16];
	bool ok;

	for (size_t i = 0; i < CALLERS; i++) {
		snprintf(codes[i], sizeof codes[i], "TILL-%zu", i + 1);
		tills[i] = (inv_register)INV_REGISTER_INIT;
		tills[i].code = inv_str_of(codes[i]);
		tills[i].name = tills[i].code;
	}
	ok = inv_register_create(w->ours.main.session, tills, CALLERS, NULL, NULL) == INV_OK ||
	     ours_error("register.create", inv_session_error(w->ours.main.session));
	for (size_t i = 0; ok && i < CALLERS; i++) {
		ok = ours_caller_open_at(w->ours.store, codes[i], FLOOR_PG_LINES, &w->callers[i]);
	}
	return ok;
}

static bool open_ours(work *w)
{
	char url[BENCH_PATH];

	store_url(w->server, w->our_schema, url);
	return floor_pg_schema(w->server, w->our_schema, true) &&
	       ours_open_with(&w->ours, url, inv_postgres_driver(), w->products) && open_tills(w);
}

/* What autovacuum would do at a moment of its own. No checkpoint: the first change of each page
 * behind one writes the page whole, and a short run would measure little else. */
static bool settle(const work *w)
{
	return floor_pg_sql(w->server, "VACUUM ANALYZE", NULL, 0);
}

static bool prepare(work *w)
{
	char folder[BENCH_PATH] = "";
	long self = (long)getpid();

	w->products = (uint32_t)bench_count(w->b, PRODUCTS);
	w->imported = bench_count(w->b, IMPORTED);
	w->reads = bench_count(w->b, READS);
	bench_path(w->b, "products.csv", w->csv);
	snprintf(w->floor_schema, sizeof w->floor_schema, "bench_floor_%ld", self);
	snprintf(w->our_schema, sizeof w->our_schema, "bench_ours_%ld", self);
	snprintf(w->import_schema, sizeof w->import_schema, "bench_import_%ld", self);
	if (!floor_pg_sql(w->server, "SHOW data_directory", folder, sizeof folder)) {
		return false;
	}
	bench_warn_of_memory(folder);
	return open_floors(w) && (w->b->floor_only || open_ours(w)) && settle(w);
}

static bool clean(work *w)
{
	close_all(w);
	return floor_pg_schema(w->server, w->floor_schema, false) &&
	       floor_pg_schema(w->server, w->our_schema, false);
}

int main(int argc, char **argv)
{
	work w = {.server = getenv("INV_TEST_POSTGRES")};
	bench b;
	int code;
	bool ok;

	if (!w.server) {
		bench_error("INV_TEST_POSTGRES names no server; scripts/bench postgres starts one");
		return 2;
	}
	if (!bench_start(&b, "postgres", argc, argv, &code)) {
		return code;
	}
	w.b = &b;
	ok = prepare(&w) && compare_commands(&w) && compare_reads(&w) && compare_latency(&w) &&
	     compare_import(&w);
	ok = clean(&w) && ok;
	return bench_end(&b, ok);
}
