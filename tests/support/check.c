/* SPDX-License-Identifier: MIT */
/* Running tests and counting what failed. */
#include "support/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/check_env.h"

static struct check_test *first;
static struct check_test **last = &first;
static const struct check_test *running;
static atomic_uint failures;

void check_add(struct check_test *test)
{
	*last = test;
	last = &test->next;
}

unsigned check_failures(void)
{
	return atomic_load(&failures);
}

/* One write per line, so that lines of several threads and processes stay whole. */
static void report(const char *file, int line, const char *text)
{
	const char *base = strrchr(file, '/');

	atomic_fetch_add(&failures, 1);
	fprintf(stderr, "%s:%d: %s: %s\n", base ? base + 1 : file, line,
	        running ? running->name : "-", text);
}

bool check_fail(const char *file, int line, const char *format, ...)
{
	char text[1200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	report(file, line, text);
	return false;
}

bool check_true(const char *file, int line, const char *what, bool held)
{
	return held || check_fail(file, line, "not so: %s", what);
}

bool check_int(const char *file, int line, const char *what, int64_t actual, int64_t expected)
{
	return actual == expected ||
	       check_fail(file, line, "%s is %" PRId64 ", not %" PRId64, what, actual, expected);
}

bool check_str(const char *file, int line, const char *what, inv_str actual, const char *expected)
{
	size_t size = expected ? strlen(expected) : 0;

	if (actual.len == size && (size == 0 || memcmp(actual.ptr, expected, size) == 0))
		return true;
	return check_fail(file, line, "%s is \"%.*s\", not \"%s\"", what,
	                  (int)(actual.len > 400 ? 400 : actual.len), actual.ptr ? actual.ptr : "",
	                  expected ? expected : "");
}

bool check_text(const char *file, int line, const char *what, const char *actual,
                const char *expected)
{
	if (!actual || !expected)
		return actual == expected ||
		       check_fail(file, line, "%s is %s, not %s", what, actual ? actual : "NULL",
		                  expected ? expected : "NULL");
	return strcmp(actual, expected) == 0 ||
	       check_fail(file, line, "%s is \"%.400s\", not \"%.400s\"", what, actual, expected);
}

bool check_bytes(const char *file, int line, const char *what, const void *actual,
                 const void *expected, size_t size)
{
	const unsigned char *a = actual;
	const unsigned char *e = expected;
	size_t i;

	for (i = 0; i < size; i++) {
		if (a[i] != e[i])
			return check_fail(file, line, "%s differs at byte %zu: %02x, not %02x", what, i,
			                  (unsigned)a[i], (unsigned)e[i]);
	}
	return true;
}

static const char *status_name(inv_status status)
{
	switch (status) {
	case INV_OK:
		return "OK";
#define STATUS(name, number, ...) \
	case (number): \
		return #name;
#include "schema/status.def"
#undef STATUS
	default:
		return "?";
	}
}

bool check_status(const char *file, int line, const char *what, inv_status actual,
                  inv_status expected)
{
	return actual == expected ||
	       check_fail(file, line, "%s answers %s (%d), not %s", what, status_name(actual),
	                  (int)actual, status_name(expected));
}

static bool run_one(const struct check_test *test)
{
	running = test;
	atomic_store(&failures, 0);
	check_env_begin(test->name);
	test->run();
	check_env_end();
	running = NULL;
	return atomic_load(&failures) == 0;
}

#define SKIPPED 77 /* what ctest is told to take for that */

/* Is there a server, when the run is for a driver that needs one? */
static bool has_server(void)
{
	const char *driver = getenv("INV_TEST_DRIVER");
	const char *server = getenv("INV_TEST_POSTGRES");

	return !driver || strcmp(driver, "postgres") != 0 || (server && *server);
}

int check_main(int argc, char **argv)
{
	const char *part = argc > 1 ? argv[1] : "";
	const struct check_test *test;
	unsigned passed = 0;
	unsigned failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!has_server()) {
		printf("skipped: INV_TEST_POSTGRES does not say where a server is\n");
		return SKIPPED;
	}
	for (test = first; test; test = test->next) {
		if (!strstr(test->name, part))
			continue;
		if (run_one(test)) {
			passed++;
		} else {
			failed++;
			printf("failed: %s\n", test->name);
		}
	}
	printf("%u passed, %u failed\n", passed, failed);
	if (passed + failed == 0)
		fprintf(stderr, "no test has \"%s\" in its name\n", part);
	return failed == 0 && passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
