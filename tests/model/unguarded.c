/* SPDX-License-Identifier: MIT */
/* ctest: drivers */
/* wrap: inv__guard inv__nodes_guard */
/* Each of the three guards that keep goods for those who hold them is left out, and the tests of
 * reservations must see it: the comparison with the model, and what threads have done at once. The
 * linker puts the guards below before those of the library. */
#include "domain/nodes.h"
#include "support/held_race.h"
#include "support/store_url.h"

#include <stdio.h>

/* Set before any thread begins. */
static enum guard { NONE, LOCATION, LOT, PLACE } missing;

inv_status __real_inv__guard(inv__call *call, inv__guard_rule rule, const inv__accounts *accounts,
                             const inv__leg *legs, size_t leg_count, int64_t *shortfalls);
inv_status __wrap_inv__guard(inv__call *call, inv__guard_rule rule, const inv__accounts *accounts,
                             const inv__leg *legs, size_t leg_count, int64_t *shortfalls);
inv_status __real_inv__nodes_guard(inv__call *call, inv__guard_rule rule, const inv__nodes *nodes);
inv_status __wrap_inv__nodes_guard(inv__call *call, inv__guard_rule rule, const inv__nodes *nodes);

/* What a command takes of what can be spared is not seen: at a location, or of a lot or a unit. */
inv_status __wrap_inv__guard(inv__call *call, inv__guard_rule rule, const inv__accounts *accounts,
                             const inv__leg *legs, size_t leg_count, int64_t *shortfalls)
{
	for (size_t i = 0; missing != NONE && i < accounts->count; i++)
		if (inv__leg_is_plain(accounts->list[i].key) ? missing == LOCATION : missing == LOT)
			accounts->list[i].spare_net = 0;
	return __real_inv__guard(call, rule, accounts, legs, leg_count, shortfalls);
}

inv_status __wrap_inv__nodes_guard(inv__call *call, inv__guard_rule rule, const inv__nodes *nodes)
{
	return missing == PLACE ? INV_OK : __real_inv__nodes_guard(call, rule, nodes);
}

static held_faults race(const char *what)
{
	static unsigned number;
	char name[48];

	snprintf(name, sizeof name, "%s-%u.db", what, ++number);
	return held_race(check_store_url(name), 8, 90);
}

static unsigned compare(const char *what, uint64_t stream)
{
	char name[48];

	snprintf(name, sizeof name, "%s-model-%u.db", what, (unsigned)stream);
	return held_compare(check_store_url(name), stream, 200, HELD_SOUND, true);
}

/* Until both have seen it. */
static held_faults leave_out(enum guard guard, const char *what)
{
	held_faults sum = {0};
	unsigned differences = 0;

	missing = guard;
	for (uint64_t i = 0; i < 8 && differences == 0; i++)
		differences = compare(what, i);
	for (int i = 0; i < 8 && sum.available + sum.lots + sum.places == 0; i++) {
		held_faults f = race(what);

		sum.available += f.available;
		sum.lots += f.lots;
		sum.places += f.places;
	}
	missing = NONE;
	if (differences == 0)
		CHECK_FAIL("the model does not miss the guard of a %s", what);
	return sum;
}

TEST(without_a_guard_left_out_nothing_is_found)
{
	held_faults f = race("sound");

	CHECK_INT(held_faults_sum(&f), 0);
	CHECK_INT(compare("sound", 0), 0);
}

TEST(the_guard_of_a_location_is_missed)
{
	held_faults f = leave_out(LOCATION, "location");

	CHECK(f.available > 0);
}

TEST(the_guard_of_a_lot_is_missed)
{
	held_faults f = leave_out(LOT, "lot");

	CHECK(f.lots > 0);
}

TEST(the_guard_of_a_place_as_a_whole_is_missed)
{
	held_faults f = leave_out(PLACE, "place");

	CHECK(f.places > 0);
}

CHECK_MAIN()
