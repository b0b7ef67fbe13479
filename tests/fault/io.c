/* SPDX-License-Identifier: MIT */
/* Each call to the file system fails in turn, once or from then on: a clean answer, and when the
 * store is opened again it is sound, holds what was acknowledged and nothing of what failed. */
#include <sqlite3.h>

#include "fault/script.h"

typedef struct series {
	const char *name;
	unsigned kinds;
	int code; /* 0: the call's own I/O error */
	bool for_good;
	int64_t step; /* calls in a short run: one of so many */
} series;

static int done(const script *s)
{
	int n = 0;

	for (int i = 0; i < SCRIPT_COMMANDS; i++)
		n += s->answers[i] == INV_OK;
	return n;
}

static bool run_point(const series *v, const script_image *base, int64_t nth)
{
	script s = {.checkpoint_pages = 12};
	bool failed;

	snprintf(s.path, sizeof s.path, "%s", check_path("shop.db"));
	script_put(s.path, base);
	disk_fail(v->kinds, nth, v->for_good, v->code);
	script_run(&s);
	failed = disk_failed();
	disk_heal();
	if (s.unclean)
		CHECK_FAIL("%s, call %lld (%s): %u answers are not clean", v->name, (long long)nth,
		           disk_failed_at(), s.unclean);
	/* One failure costs one command at most: the same handle goes on. */
	if (!v->for_good && s.opened && done(&s) < SCRIPT_COMMANDS - 1)
		CHECK_FAIL("%s, call %lld (%s): %d commands succeed", v->name, (long long)nth,
		           disk_failed_at(), done(&s));
	script_check(&s);
	return failed;
}

static void run_series(const series *v)
{
	const char *set = getenv("INV_TEST_LONG");
	int64_t step = set && *set ? 1 : v->step;
	int64_t nth = 1 + (int64_t)check_random_below((uint64_t)step);
	script_image base;
	int64_t points = 0;

	disk_install();
	if (!script_make_base(&base))
		return;
	for (; run_point(v, &base, nth) && check_failures() < 10; nth += step)
		points++;
	free(base.bytes);
	printf("%s: %lld calls failed\n", v->name, (long long)points);
	CHECK(points > 20);
}

TEST(any_call_fails_once)
{
	run_series(&(series){"any call, once", DISK_ANY, 0, false, 1});
}

TEST(any_call_fails_from_then_on)
{
	run_series(&(series){"any call, from then on", DISK_ANY, 0, true, 3});
}

TEST(a_change_fails_from_then_on)
{
	run_series(&(series){"changes, from then on", DISK_CHANGES, 0, true, 2});
}

TEST(the_disk_is_full_once)
{
	run_series(&(series){"full, once", DISK_WRITE, SQLITE_FULL, false, 2});
}

TEST(the_disk_is_full_from_then_on)
{
	run_series(&(series){"full, from then on", DISK_WRITE, SQLITE_FULL, true, 2});
}

/* ---- a planted fault: the check must find it ---- */

TEST(a_lie_is_found)
{
	script s = {.quiet = true};
	script_image base;

	disk_install();
	if (!script_make_base(&base))
		return;
	snprintf(s.path, sizeof s.path, "%s", check_path("shop.db"));
	script_put(s.path, &base);
	script_run(&s);
	for (int i = 0; i < SCRIPT_COMMANDS; i++)
		CHECK_STATUS(s.answers[i], INV_OK);
	s.answers[2] = INV_E_IO;
	script_check(&s);
	CHECK_INT(s.unwanted, 1);
	script_put(s.path, &base);
	script_check(&s);
	CHECK_INT(s.lost, SCRIPT_COMMANDS - 1);
	free(base.bytes);
}

CHECK_MAIN()
