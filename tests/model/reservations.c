/* SPDX-License-Identifier: MIT */
/* ctest: drivers */
/* Goods that are held for somebody: random commands on the library and on a model of it.
 * INV_TEST_SEED repeats a run, INV_TEST_LONG=N makes it N times as long. */
#include "support/held_mirror.h"
#include "support/store_url.h"

#include <stdio.h>
#include <stdlib.h>

static int times(void)
{
	const char *lasting = getenv("INV_TEST_LONG");
	int n = lasting ? atoi(lasting) : 1;

	return n > 0 ? n : 1;
}

TEST(the_library_holds_what_the_model_holds)
{
	char name[48];

	for (int i = 0; i < 4 * times() && check_failures() == 0; i++) {
		snprintf(name, sizeof name, "held-%d.db", i);
		held_compare(check_store_url(name), (uint64_t)i, check_on_postgres() ? 200 : 400,
		             HELD_SOUND, false);
	}
}

/* Each rule in turn is broken in the model: the comparison must find it. */
TEST(a_broken_model_is_found_out)
{
	char name[48];

	for (int broken = HELD_SOUND + 1; broken < HELD_BREAKS && !check_on_postgres(); broken++) {
		unsigned found = 0;

		for (int i = 0; found == 0 && i < 8; i++) {
			snprintf(name, sizeof name, "broken-%d-%d.db", broken, i);
			found = held_compare(check_store_url(name), (uint64_t)(100 + i), 400,
			                     (enum held_break)broken, true);
		}
		if (found == 0)
			CHECK_FAIL("the model with broken rule %d was taken for the true one", broken);
	}
}

CHECK_MAIN()
