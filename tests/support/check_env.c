/* SPDX-License-Identifier: MIT */
/* A test's folder and its random numbers. */
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "support/check.h"
#include "support/check_env.h"

static char folder[512];
static pid_t folder_owner;
static uint64_t seed;
static bool seeded;
static bool seed_printed;
static uint64_t name_hash;
static check_rng shared;

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

/* A forked child that exits must not take its parent's folder with it. */
static void remove_folder(void)
{
	if (!folder[0] || folder_owner != getpid())
		return;
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	folder[0] = 0;
}

const char *check_tmpdir(void)
{
	static bool registered;
	const char *base = getenv("TMPDIR");

	if (folder[0])
		return folder;
	snprintf(folder, sizeof folder, "%s/inventra-test-XXXXXX", base && *base ? base : "/tmp");
	if (!mkdtemp(folder)) {
		perror(folder);
		_exit(EXIT_FAILURE);
	}
	folder_owner = getpid();
	if (!registered)
		atexit(remove_folder);
	registered = true;
	return folder;
}

const char *check_path(const char *name)
{
	static char paths[4][1024];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof paths[0], "%s/%s", check_tmpdir(), name);
	return path;
}

uint64_t check_rng_next(check_rng *rng)
{
	uint64_t z = (rng->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t check_rng_below(check_rng *rng, uint64_t limit)
{
	return limit ? check_rng_next(rng) % limit : 0;
}

static void choose_seed(void)
{
	const char *given = getenv("INV_TEST_SEED");
	struct timespec now;
	check_rng mix;

	if (given && *given) {
		seed = strtoull(given, NULL, 0);
	} else {
		clock_gettime(CLOCK_REALTIME, &now);
		mix.state = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
		mix.state ^= (uint64_t)getpid() << 40;
		seed = check_rng_next(&mix) >> 32;
	}
	seeded = true;
}

uint64_t check_seed(void)
{
	if (!seeded)
		choose_seed();
	if (!seed_printed)
		printf("seed: INV_TEST_SEED=%" PRIu64 "\n", seed);
	seed_printed = true;
	return seed;
}

void check_rng_init(check_rng *rng, uint64_t stream)
{
	rng->state = check_seed() ^ name_hash;
	rng->state = check_rng_next(rng) ^ (stream * UINT64_C(0xd1342543de82ef95));
}

uint64_t check_random(void)
{
	if (shared.state == 0)
		check_rng_init(&shared, 0);
	return check_rng_next(&shared);
}

uint64_t check_random_below(uint64_t limit)
{
	return limit ? check_random() % limit : 0;
}

void check_env_begin(const char *name)
{
	name_hash = UINT64_C(0xcbf29ce484222325);
	for (; *name; name++)
		name_hash = (name_hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	shared.state = 0;
}

static void (*cleanup_at_end)(void);

static void clean_up(void)
{
	void (*cleanup)(void) = cleanup_at_end;

	cleanup_at_end = NULL;
	if (cleanup)
		cleanup();
}

void check_env_at_end(void (*cleanup)(void))
{
	static bool registered;

	if (!registered)
		atexit(clean_up);
	registered = true;
	cleanup_at_end = cleanup;
}

void check_env_end(void)
{
	clean_up();
	remove_folder();
}
