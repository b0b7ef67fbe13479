/* SPDX-License-Identifier: MIT */
/* The order of accounts, which is that of their locks: the plain account before all beside it. */
#include "domain/domain.h"
#include "inventra/records.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

enum { PLACES = 4, LOTS = 32 };

static inv__leg leg_of(uint8_t place, inv_str lot)
{
	inv__leg leg = {.lot = lot, .serial = {"", 0}, .quantity = 1};

	leg.product.bytes[15] = 1;
	leg.location.bytes[15] = (uint8_t)(place + 1);
	return leg;
}

TEST(plain_accounts_come_first)
{
	static char lots[LOTS][8];
	inv__leg legs[PLACES * LOTS], *sorted = legs;
	size_t count = 0, plain = 0;
	inv__arena arena;

	inv__arena_init(&arena, &inv__malloc_allocator);
	for (size_t i = 0; i < LOTS; i++) {
		snprintf(lots[i], sizeof lots[i], "l%u", (unsigned)i);
		for (uint8_t place = 0; place < PLACES; place++)
			legs[count++] = leg_of(place, inv_str_of(lots[i]));
	}
	CHECK_STATUS(inv__legs_sort(&arena, &sorted, &count), INV_OK);
	CHECK_INT(count, 2 * PLACES * LOTS); /* each has a leg of its plain account */
	for (size_t i = 0; i < count; i++) {
		bool first = i == 0 || memcmp(&sorted[i - 1].location, &sorted[i].location,
		                              sizeof(inv_id)) != 0;

		plain += first;
		if (first)
			CHECK(inv__leg_is_plain(&sorted[i]));
		else
			CHECK(inv__leg_compare(&sorted[i - 1], &sorted[i]) <= 0);
		CHECK_INT(sorted[i].plain, first ? sorted[i].account : sorted[i - 1].plain);
	}
	CHECK_INT(plain, PLACES);
	inv__arena_free(&arena);
}

CHECK_MAIN()
