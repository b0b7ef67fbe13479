/* SPDX-License-Identifier: MIT */
/* What every benchmark needs: options, a folder on a real disk, a clock, pairs of measurements
 * taken in turns, a table, and the work that both sides are given. */
#ifndef BENCH_SUPPORT_H
#define BENCH_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_PAIRS 5
#define BENCH_PATH 1024

typedef struct bench {
	const char *name;
	bool quick;      /* a tenth of the work, three pairs */
	bool json;       /* one object a line instead of the table */
	bool floor_only; /* measure nothing but the floors */
	bool header_printed;
	uint32_t missed;
	const char *base_dir; /* --dir */
	const char *replay;   /* --replay: the replay program */
	const char *data;     /* --data: its input */
	char program_dir[BENCH_PATH];
	char dir[BENCH_PATH]; /* of this run; removed at its end */
} bench;

/* Reads the options and makes the folder. On failure it has said why; *exit_code is then set. */
bool bench_start(bench *b, const char *name, int argc, char **argv, int *exit_code);
/* Removes the folder. Returns the exit code: a goal that is missed is printed, not an error. */
int bench_end(bench *b, bool ok);
/* Path of a file in the run's folder. */
void bench_path(const bench *b, const char *file, char out[BENCH_PATH]);
/* Say so when a folder is in memory, where durable figures mean nothing. */
void bench_warn_of_memory(const char *dir);
/* Remove a database and the files beside it. */
void bench_remove(const char *path);
/* A message on stderr; returns false so that callers can return it. */
bool bench_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How much work, how many pairs: less with --quick. */
size_t bench_count(const bench *b, size_t full);
size_t bench_pairs(const bench *b);
double bench_now(void); /* seconds, monotonic */

/* ---- figures ---- */

typedef enum bench_rule { BENCH_NO_GOAL, BENCH_AT_LEAST, BENCH_AT_MOST } bench_rule;

typedef struct bench_figure {
	const char *name;
	const char *unit;
	const char *base; /* what it is compared with; NULL = the floor */
	bench_rule rule;
	double goal;
	bool of_floor; /* both sides are floors: told for comparison, never ours */
} bench_figure;

/* One side of a comparison: a measurement that gives a rate or a time. */
typedef struct bench_side {
	bool (*run)(void *ctx, double *value);
	void *ctx;
} bench_side;

/* Base, ours, base, ours, …; prints the medians and the median of the pairs' ratios. With
 * --floor-only ours is left out; a figure that compares ours with ours then prints nothing. */
bool bench_compare(bench *b, const bench_figure *figure, bench_side ours, bench_side base);
/* Print a figure of values already measured. `ours` or `base` may be NULL. */
void bench_report(bench *b, const bench_figure *figure, const double *ours, const double *base,
                  size_t pairs);
double bench_median(const double *values, size_t count);
void bench_sort(double *values, size_t count);

/* Run `run(ctx, i)` on `count` threads; *seconds from the first start to the last end. */
bool bench_threads(size_t count, bool (*run)(void *ctx, size_t index), void *ctx, double *seconds);

/* ---- the work ---- */

typedef struct bench_line {
	uint32_t product;
	int64_t quantity; /* 10^-6 */
	int64_t price;    /* 10^-4 */
} bench_line;

uint64_t bench_random(uint64_t *state);
/* `count` lines of random products, 1 to 5 units each. */
void bench_lines(uint64_t *state, uint32_t products, bench_line *lines, size_t count);
/* The key of command `number` of one caller. */
void bench_key(uint32_t caller, uint64_t number, char out[40]);
void bench_sku(uint32_t product, char out[24]);
void bench_serial(size_t unit, char out[24]);
/* Write a CSV file of `rows` products. */
bool bench_products(const char *path, size_t rows);

#endif
