/* SPDX-License-Identifier: MIT */
/* The test framework. A test file is tests and, at its end, CHECK_MAIN(); it becomes one program:
 *
 *	TEST(adds_up)
 *	{
 *		CHECK_INT(1 + 1, 2);
 *	}
 *	CHECK_MAIN()
 *
 * `program [PART]` runs the tests whose name contains PART. A check that fails prints one line and
 * the test goes on; each check is an expression that is true when it held, for tests that cannot
 * go on: `if (!CHECK_STATUS(inv_store_open(…), INV_OK)) return;`. Checks may be made from any
 * thread. */
#ifndef INV_TEST_CHECK_H
#define INV_TEST_CHECK_H

#include "inventra/base.h"

typedef void (*check_function)(void);

struct check_test {
	const char *name;
	check_function run;
	struct check_test *next;
};

#define TEST(name_) \
	static void test_##name_(void); \
	__attribute__((constructor)) static void add_##name_(void) \
	{ \
		static struct check_test test = {#name_, test_##name_, NULL}; \
		check_add(&test); \
	} \
	static void test_##name_(void)

#define CHECK_MAIN() \
	int main(int argc, char **argv) \
	{ \
		return check_main(argc, argv); \
	}

#define CHECK_HERE __FILE__, __LINE__

#define CHECK(condition) check_true(CHECK_HERE, #condition, (condition) ? true : false)
#define CHECK_INT(actual, expected) \
	check_int(CHECK_HERE, #actual, (int64_t)(actual), (int64_t)(expected))
/* `actual` is an inv_str or a C string; `expected` a C string. */
#define CHECK_STR(actual, expected) \
	_Generic((actual), inv_str: check_str, char *: check_text, const char *: check_text)( \
		CHECK_HERE, #actual, (actual), (expected))
#define CHECK_BYTES(actual, expected, size) \
	check_bytes(CHECK_HERE, #actual, (actual), (expected), (size))
#define CHECK_STATUS(actual, expected) check_status(CHECK_HERE, #actual, (actual), (expected))
/* Fails always; printf-like, for what no other check can say. */
#define CHECK_FAIL(...) check_fail(CHECK_HERE, __VA_ARGS__)

void check_add(struct check_test *test);
int check_main(int argc, char **argv);

bool check_true(const char *file, int line, const char *what, bool held);
bool check_int(const char *file, int line, const char *what, int64_t actual, int64_t expected);
bool check_str(const char *file, int line, const char *what, inv_str actual, const char *expected);
bool check_text(const char *file, int line, const char *what, const char *actual,
                const char *expected);
bool check_bytes(const char *file, int line, const char *what, const void *actual,
                 const void *expected, size_t size);
bool check_status(const char *file, int line, const char *what, inv_status actual,
                  inv_status expected);
bool check_fail(const char *file, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* How many checks of the running test have failed; for loops that stop at the first. */
unsigned check_failures(void);

/* The running test's own empty folder; removed when the test ends. */
const char *check_tmpdir(void);
/* `name` in that folder. The text lives until the fourth call after this one. Not for threads. */
const char *check_path(const char *name);

/* Random numbers (splitmix64). The seed is INV_TEST_SEED, else made from the time; it is printed
 * with the first use. Each test starts anew from seed and name, whatever ran before it. */
typedef struct check_rng {
	uint64_t state;
} check_rng;
uint64_t check_seed(void);
uint64_t check_random(void);
uint64_t check_random_below(uint64_t limit); /* 0 … limit - 1 */
/* For threads: a generator of one's own. */
void check_rng_init(check_rng *rng, uint64_t stream);
uint64_t check_rng_next(check_rng *rng);
uint64_t check_rng_below(check_rng *rng, uint64_t limit);

#endif
