/* SPDX-License-Identifier: MIT */
/* The power is cut at each change of the disk. What no sync has covered is gone, or there in part;
 * what was acknowledged is there. */
#include "fault/script.h"

typedef struct cut {
	const script_image *base; /* NULL: the store is made by the script */
	uint32_t checkpoint_pages;
	bool honest;              /* the disk does what a sync asks for */
	bool quiet;
} cut;

typedef struct toll {
	int64_t cuts;
	unsigned lost, unwanted, halves, broken;
} toll;

static void take_toll(toll *sum, const script *s)
{
	sum->cuts++;
	sum->lost += s->lost;
	sum->unwanted += s->unwanted;
	sum->halves += s->halves;
	sum->broken += s->broken;
}

/* A command that failed when the power went may be there or not: nobody was told. */
static void forgive(script *s)
{
	for (int i = 0; i < SCRIPT_COMMANDS; i++)
		if (s->answers[i] != INV_OK)
			s->answers[i] = INV_E_UNKNOWN_OUTCOME;
}

static script script_of(const cut *c)
{
	script s = {.checkpoint_pages = c->checkpoint_pages, .quiet = c->quiet,
	            .bare = c->base == NULL};

	snprintf(s.path, sizeof s.path, "%s", check_path("shop.db"));
	return s;
}

static void put_base(const cut *c, const script *s)
{
	if (c->base)
		script_put(s->path, c->base);
	else
		script_remove(s->path);
}

/* At the nth change everything fails, and then the files are what the medium has. False when there
 * are fewer. */
static bool cut_at(const cut *c, int64_t nth, int keep, toll *sum)
{
	script s = script_of(c);
	bool failed;

	put_base(c, &s);
	disk_record(c->honest);
	disk_fail(DISK_CHANGES, nth, true, 0);
	script_run(&s);
	failed = disk_failed();
	disk_heal();
	disk_cut(keep);
	forgive(&s);
	script_check(&s);
	take_toll(sum, &s);
	return failed;
}

/* At each change, or, where time is short, at one of `step`. */
static toll cut_everywhere(const cut *c, int64_t step)
{
	toll sum = {0};
	int64_t first = 1;
	bool more = true;

	for (; more && sum.broken + sum.halves < 20; first += step) {
		int64_t nth = first + (int64_t)check_random_below((uint64_t)step);

		for (int keep = 0; keep < DISK_KEEPS; keep++)
			more = cut_at(c, nth, keep, &sum);
	}
	return sum;
}

static int64_t step_of(int64_t quick)
{
	const char *set = getenv("INV_TEST_LONG");

	return set && *set ? 1 : quick;
}

static void check_toll(const toll *sum)
{
	printf("%lld power cuts\n", (long long)sum->cuts);
	CHECK_INT(sum->lost, 0);
	CHECK_INT(sum->unwanted, 0);
	CHECK_INT(sum->halves, 0);
	CHECK_INT(sum->broken, 0);
}

TEST(in_a_running_shop)
{
	cut c = {.honest = true, .checkpoint_pages = 20};
	script_image base;
	toll sum;

	disk_install();
	if (!script_make_base(&base))
		return;
	c.base = &base;
	sum = cut_everywhere(&c, step_of(3));
	check_toll(&sum);
	free(base.bytes);
}

TEST(while_the_store_is_made)
{
	cut c = {.honest = true};
	toll sum;

	disk_install();
	sum = cut_everywhere(&c, step_of(6));
	check_toll(&sum);
}

/* A sync that fails once: the system takes the pages for clean, and no later sync writes them. The
 * shop goes on, and then the power is cut. */
TEST(after_a_sync_that_failed)
{
	script_image base;
	toll sum = {0};
	bool failed = true;

	disk_install();
	if (!script_make_base(&base))
		return;
	for (int64_t nth = 1; failed; nth++) {
		cut c = {.base = &base, .honest = true, .checkpoint_pages = 20};
		script s = script_of(&c);

		put_base(&c, &s);
		disk_record(true);
		disk_fail(DISK_SYNC, nth, false, 0);
		script_run(&s);
		failed = disk_failed();
		disk_heal();
		disk_cut(DISK_KEEP_NONE);
		script_check(&s);
		take_toll(&sum, &s);
	}
	CHECK(sum.cuts > SCRIPT_COMMANDS);
	check_toll(&sum);
	free(base.bytes);
}

/* ---- a planted fault: a disk that only says that it has written ---- */

TEST(a_disk_that_lies_loses_commands)
{
	cut c = {.checkpoint_pages = 20, .quiet = true};
	script_image base;
	toll sum = {0};

	disk_install();
	if (!script_make_base(&base))
		return;
	c.base = &base;
	for (int64_t nth = 40; nth < 160; nth += 10)
		for (int keep = 0; keep < DISK_KEEPS; keep++)
			(void)cut_at(&c, nth, keep, &sum);
	CHECK(sum.lost > 0);
	free(base.bytes);
}

CHECK_MAIN()
