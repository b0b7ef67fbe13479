/* SPDX-License-Identifier: MIT */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1
#endif
#include "support.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/vfs.h>
#define TMPFS 0x01021994
#endif

bool bench_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("bench: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return false;
}

double bench_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

size_t bench_count(const bench *b, size_t full)
{
	return b->quick && full >= 10 ? full / 10 : full;
}

size_t bench_pairs(const bench *b)
{
	return b->quick ? 3 : BENCH_PAIRS;
}

/* ---- options and the folder ---- */

static const char *const usage =
	"options: --quick        a tenth of the work, three pairs instead of five\n"
	"         --json         one JSON object a line\n"
	"         --floor-only   measure the floors alone\n"
	"         --dir DIR      where the databases go (default: beside the program)\n"
	"         --replay FILE  the replay program (bench_replay)\n"
	"         --data FILE    its input (bench_replay)\n";

static const char **value_option(bench *b, const char *arg)
{
	if (strcmp(arg, "--dir") == 0) {
		return &b->base_dir;
	}
	if (strcmp(arg, "--replay") == 0) {
		return &b->replay;
	}
	return strcmp(arg, "--data") == 0 ? &b->data : NULL;
}

static bool *switch_option(bench *b, const char *arg)
{
	if (strcmp(arg, "--quick") == 0) {
		return &b->quick;
	}
	if (strcmp(arg, "--json") == 0) {
		return &b->json;
	}
	return strcmp(arg, "--floor-only") == 0 ? &b->floor_only : NULL;
}

static bool read_options(bench *b, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		bool *flag = switch_option(b, argv[i]);
		const char **value = value_option(b, argv[i]);

		if (flag) {
			*flag = true;
		} else if (value && i + 1 < argc) {
			*value = argv[++i];
		} else {
			return false;
		}
	}
	return true;
}

static void find_program_dir(bench *b, const char *argv0)
{
	const char *slash = argv0 ? strrchr(argv0, '/') : NULL;
	size_t len = slash ? (size_t)(slash - argv0) : 0;

	if (!slash || len >= sizeof b->program_dir) {
		snprintf(b->program_dir, sizeof b->program_dir, ".");
		return;
	}
	memcpy(b->program_dir, argv0, len);
	b->program_dir[len] = '\0';
}

/* A memory file system would make every fsync free and every figure a lie. */
void bench_warn_of_memory(const char *dir)
{
#if defined(__linux__)
	struct statfs fs;

	if (statfs(dir, &fs) == 0 && (unsigned long)fs.f_type == TMPFS) {
		bench_error("%s is in memory: durable figures mean nothing there (use --dir, or TMPDIR"
		            " for a server)",
		            dir);
	}
#else
	(void)dir;
#endif
}

bool bench_start(bench *b, const char *name, int argc, char **argv, int *exit_code)
{
	int length;

	memset(b, 0, sizeof *b);
	b->name = name;
	*exit_code = 2;
	if (!read_options(b, argc, argv)) {
		fprintf(stderr, "usage: bench_%s [options]\n%s", name, usage);
		return false;
	}
	*exit_code = 1;
	find_program_dir(b, argc > 0 ? argv[0] : NULL);
	if (!b->base_dir) {
		b->base_dir = b->program_dir;
	}
	length = snprintf(b->dir, sizeof b->dir, "%s/bench-XXXXXX", b->base_dir);
	if (length < 0 || (size_t)length > sizeof b->dir - 64 || !mkdtemp(b->dir)) {
		return bench_error("cannot make a folder in %s: %s", b->base_dir, strerror(errno));
	}
	bench_warn_of_memory(b->dir);
	return true;
}

static void empty_dir(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char file[BENCH_PATH + 300];

	while (dir && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.') {
			snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
			unlink(file);
		}
	}
	if (dir) {
		closedir(dir);
	}
}

int bench_end(bench *b, bool ok)
{
	empty_dir(b->dir);
	if (rmdir(b->dir) != 0) {
		bench_error("cannot remove %s: %s", b->dir, strerror(errno));
	}
	if (b->missed > 0 && !b->json) {
		printf("%" PRIu32 " goal%s missed\n", b->missed, b->missed == 1 ? "" : "s");
	}
	return ok ? 0 : 1;
}

void bench_path(const bench *b, const char *file, char out[BENCH_PATH])
{
	size_t len = strlen(b->dir);

	snprintf(out, BENCH_PATH, "%.*s/%s", (int)len, b->dir, file);
}

void bench_remove(const char *path)
{
	static const char *const tails[] = {"", "-wal", "-shm", "-journal", "-inv"};
	char file[BENCH_PATH + 16];

	for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
		snprintf(file, sizeof file, "%s%s", path, tails[i]);
		unlink(file);
	}
}

/* ---- threads ---- */

typedef struct worker {
	bool (*run)(void *ctx, size_t index);
	void *ctx;
	size_t index;
	pthread_t thread;
	bool started;
	bool ok;
} worker;

static void *work(void *arg)
{
	worker *w = arg;

	w->ok = w->run(w->ctx, w->index);
	return NULL;
}

bool bench_threads(size_t count, bool (*run)(void *ctx, size_t index), void *ctx, double *seconds)
{
	worker *workers = calloc(count, sizeof *workers);
	double start = bench_now();
	bool ok = workers != NULL;

	for (size_t i = 0; ok && i < count; i++) {
		workers[i] = (worker){.run = run, .ctx = ctx, .index = i};
		workers[i].started = pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
		ok = workers[i].started;
	}
	for (size_t i = 0; workers && i < count; i++) {
		if (workers[i].started) {
			pthread_join(workers[i].thread, NULL);
			ok = ok && workers[i].ok;
		}
	}
	*seconds = bench_now() - start;
	free(workers);
	return ok;
}

/* ---- the work ---- */

/* SplitMix64: the same lines on both sides and in every run. */
uint64_t bench_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void bench_lines(uint64_t *state, uint32_t products, bench_line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t r = bench_random(state);

		lines[i].product = (uint32_t)((r >> 16) % products);
		lines[i].quantity = (int64_t)(1 + r % 5) * 1000000;
		lines[i].price = (int64_t)(100 + (r >> 8) % 2400) * 100;
	}
}

void bench_key(uint32_t caller, uint64_t number, char out[40])
{
	snprintf(out, 40, "till-%02" PRIu32 "-%010" PRIu64, caller, number);
}

void bench_sku(uint32_t product, char out[24])
{
	snprintf(out, 24, "SKU-%07" PRIu32, product);
}

void bench_serial(size_t unit, char out[24])
{
	snprintf(out, 24, "SN-%010zu", unit);
}
