/* SPDX-License-Identifier: MIT */
/* The replay example on a real shop's tills: lines a second, peak memory, bytes a line. There is
 * no floor; without the data there is nothing to measure. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1
#endif
#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER 65536

typedef struct outcome {
	double lines;
	double lines_per_second;
	double peak_mib;
	double bytes_per_line;
} outcome;

/* The data stand beside the checkout; programs are three folders deep in it, or run from its top.
 */
static const char *find_data(const bench *b, char out[BENCH_PATH])
{
	static const char data[] = "../shared/data/online-retail.csv.gz";
	int size;

	if (b->data) {
		return b->data;
	}
	if (access(data, R_OK) == 0) {
		return data;
	}
	size = snprintf(out, BENCH_PATH, "%s/../../../%s", b->program_dir, data);
	return size > 0 && size < BENCH_PATH && access(out, R_OK) == 0 ? out : NULL;
}

static const char *find_program(const bench *b, char out[BENCH_PATH])
{
	static const char *const tries[] = {"examples/replay", "../examples/replay"};

	if (b->replay) {
		return b->replay;
	}
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		int size = snprintf(out, BENCH_PATH, "%s/%s", b->program_dir, tries[i]);

		if (size > 0 && size < BENCH_PATH && access(out, X_OK) == 0) {
			return out;
		}
	}
	return NULL;
}

/* The replay's answer ends in one JSON object with unique keys: no parser is needed. */
static double number_of(const char *json, const char *key)
{
	char name[64];
	const char *at;

	snprintf(name, sizeof name, "\"%s\":", key);
	at = strstr(json, name);
	if (!at) {
		return 0;
	}
	at += strlen(name);
	at += strspn(at, " \"");
	return strtod(at, NULL);
}

static void run_child(const char *program, const char *data, const char *store, const char *batch,
                      int out)
{
	dup2(out, STDOUT_FILENO);
	close(out);
	execl(program, program, data, "--store", store, "--opening", "auto", "--batch", batch,
	      (char *)NULL);
	bench_error("cannot run %s: %s", program, strerror(errno));
	_exit(127);
}

/* Everything the child prints; keeps the last ANSWER - 1 bytes' worth from its last line on. */
static bool read_answer(int in, char answer[ANSWER])
{
	size_t size = 0;
	char *line;

	for (;;) {
		ssize_t got = read(in, answer + size, ANSWER - 1 - size);

		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got <= 0) {
			break;
		}
		size += (size_t)got;
		if (size == ANSWER - 1) {
			memmove(answer, answer + ANSWER / 2, size - ANSWER / 2);
			size -= ANSWER / 2;
		}
	}
	while (size > 0 && (answer[size - 1] == '\n' || answer[size - 1] == '\r')) {
		size--;
	}
	answer[size] = '\0';
	line = strrchr(answer, '\n');
	if (line) {
		memmove(answer, line + 1, strlen(line));
	}
	return answer[0] == '{';
}

static double file_bytes(const char *path, const char *tail)
{
	char file[BENCH_PATH + 16];
	struct stat st;

	snprintf(file, sizeof file, "%s%s", path, tail);
	return stat(file, &st) == 0 ? (double)st.st_size : 0;
}

static bool replay(const char *program, const char *data, const char *store, const char *batch,
                   outcome *out)
{
	char *answer = calloc(1, ANSWER);
	struct rusage usage;
	int pipes[2];
	int status = 0;
	pid_t child;
	bool ok;

	if (!answer || pipe(pipes) != 0) {
		free(answer);
		return bench_error("cannot start %s", program);
	}
	child = fork();
	if (child == 0) {
		close(pipes[0]);
		run_child(program, data, store, batch, pipes[1]);
	}
	close(pipes[1]);
	ok = child > 0 && read_answer(pipes[0], answer);
	close(pipes[0]);
	ok = child > 0 && wait4(child, &status, 0, &usage) == child && status == 0 && ok;
	if (ok) {
		out->lines = number_of(answer, "lines");
		out->lines_per_second = number_of(answer, "lines_per_second");
		out->peak_mib = (double)usage.ru_maxrss / 1024;
		out->bytes_per_line =
			out->lines > 0 ? (file_bytes(store, "") + file_bytes(store, "-wal")) / out->lines : 0;
	}
	free(answer);
	return ok || bench_error("%s failed (status %d)", program, status);
}

static void report(bench *b, const char *name, const char *unit, const double *values, size_t count)
{
	bench_report(b, &(bench_figure){.name = name, .unit = unit}, values, NULL, count);
}

static bool run_batch(bench *b, const char *program, const char *data, const char *batch)
{
	double values[3][BENCH_PAIRS] = {{0}, {0}, {0}};
	size_t runs = b->quick ? 1 : 3;
	bool one = strcmp(batch, "1") == 0;

	for (size_t i = 0; i < runs; i++) {
		char store[BENCH_PATH];
		outcome o = {0};
		bool ok;

		bench_path(b, "replay.db", store);
		ok = replay(program, data, store, batch, &o);
		bench_remove(store);
		if (!ok) {
			return false;
		}
		values[0][i] = o.lines_per_second;
		values[1][i] = o.peak_mib;
		values[2][i] = o.bytes_per_line;
	}
	report(b, one ? "replay, a commit a document" : "replay, 100 documents a commit", "lines/s",
	       values[0], runs);
	report(b, one ? "peak memory" : "peak memory, 100 a commit", "MiB", values[1], runs);
	report(b, one ? "store" : "store, 100 a commit", "B/line", values[2], runs);
	return true;
}

int main(int argc, char **argv)
{
	bench b;
	char found[BENCH_PATH];
	char beside[BENCH_PATH];
	const char *program;
	const char *data;
	int code;
	bool ok = true;

	if (!bench_start(&b, "replay", argc, argv, &code)) {
		return code;
	}
	program = find_program(&b, found);
	data = find_data(&b, beside);
	if (b.floor_only) {
		fputs("replay: there is no floor\n", stderr);
	} else if (!data) {
		fputs("replay: no data here (name a file with --data): left out\n", stderr);
	} else if (!program) {
		ok = bench_error("cannot find the replay program (name it with --replay)");
	} else {
		ok = run_batch(&b, program, data, "1") && run_batch(&b, program, data, "100");
	}
	return bench_end(&b, ok);
}
