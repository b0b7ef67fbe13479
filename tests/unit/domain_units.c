/* SPDX-License-Identifier: MIT */
/* I31: a quantity that was accepted in another unit comes back as it was; what is refused has
 * neighbours that are accepted; rounding goes where it is told. */
#include "domain/units.h"
#include "support/check.h"

__extension__ typedef __int128 wide;

static int64_t between(int64_t low, int64_t high)
{
	return low + (int64_t)(check_random() % (uint64_t)(high - low + 1));
}

static inv__ratio any_ratio(void)
{
	switch (check_random() % 4) {
	case 0:
		return (inv__ratio){between(1, 1000), 1};
	case 1:
		return (inv__ratio){1, between(1, 1000)};
	case 2:
		return (inv__ratio){between(1, 60), between(1, 60)};
	default:
		return (inv__ratio){between(1, 1000000000), between(1, 1000000000)};
	}
}

static int64_t any_step(void)
{
	int64_t step = 1;

	for (uint64_t i = check_random() % 7; i > 0; i--)
		step *= 10;
	return step;
}

TEST(accepted_round_trips_are_the_identity)
{
	int accepted = 0;

	for (int round = 0; round < 20000; round++) {
		const inv__ratio ratio = any_ratio(), back = {ratio.denominator, ratio.numerator};
		int64_t step = any_step();
		int64_t base = between(-1000000, 1000000) * step, there, again;

		/* base -> unit -> base */
		if (inv__convert(base, back, 1, INV_UNIT_ROUNDING_EXACT, &there) == INV__CONVERT_OK) {
			accepted++;
			CHECK(inv__convert(there, ratio, step, INV_UNIT_ROUNDING_EXACT, &again) ==
			      INV__CONVERT_OK);
			CHECK_INT(again, base);
		}
		/* unit -> base -> unit */
		if (inv__convert(base, ratio, step, INV_UNIT_ROUNDING_EXACT, &there) == INV__CONVERT_OK) {
			accepted++;
			CHECK(inv__convert(there, back, 1, INV_UNIT_ROUNDING_EXACT, &again) ==
			      INV__CONVERT_OK);
			CHECK_INT(again, base);
		}
	}
	CHECK(accepted > 1000);
}

TEST(what_is_refused_has_neighbours_that_are_not)
{
	int refused = 0;

	for (int round = 0; round < 20000; round++) {
		const inv__ratio ratio = any_ratio();
		int64_t step = any_step(), quantity = between(-100000000, 100000000);
		int64_t below, above, low, high, out;
		int why = inv__convert(quantity, ratio, step, INV_UNIT_ROUNDING_EXACT, &out);

		CHECK(inv__convert_nearest(quantity, ratio, step, &below, &above));
		CHECK(below <= quantity && quantity <= above);
		CHECK((below == quantity) == (why == INV__CONVERT_OK));
		if (why != INV__CONVERT_INEXACT)
			continue;
		refused++;
		if (inv__convert(below, ratio, step, INV_UNIT_ROUNDING_EXACT, &low) == INV__CONVERT_RANGE ||
		    inv__convert(above, ratio, step, INV_UNIT_ROUNDING_EXACT, &high) == INV__CONVERT_RANGE)
			continue;
		CHECK((wide)low * ratio.denominator == (wide)below * ratio.numerator);
		CHECK((wide)high * ratio.denominator == (wide)above * ratio.numerator);
		CHECK(low % step == 0 && high % step == 0);
	}
	CHECK(refused > 1000);
}

TEST(rounding_goes_where_it_is_told)
{
	for (int round = 0; round < 20000; round++) {
		const inv__ratio ratio = any_ratio();
		int64_t step = any_step(), quantity = between(-100000000, 100000000);
		wide exact = (wide)quantity * ratio.numerator;
		int64_t up, down, even;

		CHECK(inv__convert(quantity, ratio, step, INV_UNIT_ROUNDING_UP, &up) == INV__CONVERT_OK);
		CHECK(inv__convert(quantity, ratio, step, INV_UNIT_ROUNDING_DOWN, &down) ==
		      INV__CONVERT_OK);
		CHECK(inv__convert(quantity, ratio, step, INV_UNIT_ROUNDING_HALF_EVEN, &even) ==
		      INV__CONVERT_OK);
		CHECK(up % step == 0 && down % step == 0 && even % step == 0);
		if (quantity < 0) { /* as of its amount */
			exact = -exact;
			up = -up;
			down = -down;
			even = -even;
		}
		CHECK((wide)down * ratio.denominator <= exact && (wide)up * ratio.denominator >= exact);
		CHECK(up - down == 0 || up - down == step);
		CHECK(even == up || even == down);
		if (up != down) {
			wide to_up = (wide)up * ratio.denominator - exact;
			wide to_down = exact - (wide)down * ratio.denominator;

			CHECK(to_up == to_down ? even / step % 2 == 0
			                       : even == (to_up < to_down ? up : down));
		}
	}
}

TEST(what_is_out_of_range)
{
	const inv__ratio large = {1000000000, 1}, small = {1, 1000000000};
	int64_t out = 5;

	CHECK(inv__convert(INV_LIMIT_QUANTITY, large, 1, INV_UNIT_ROUNDING_UP, &out) ==
	      INV__CONVERT_RANGE);
	CHECK(inv__convert(INV_LIMIT_QUANTITY / 1000000000 + 1, large, 1, INV_UNIT_ROUNDING_EXACT,
	                   &out) == INV__CONVERT_RANGE);
	CHECK_INT(out, 5);
	CHECK(inv__convert(INV_LIMIT_QUANTITY / 1000000000, large, 1000000, INV_UNIT_ROUNDING_EXACT,
	                   &out) == INV__CONVERT_OK);
	CHECK_INT(out, INV_LIMIT_QUANTITY);
	CHECK(inv__convert(-INV_LIMIT_QUANTITY, small, 1, INV_UNIT_ROUNDING_EXACT, &out) ==
	      INV__CONVERT_OK);
	CHECK_INT(out, -1000000000);
}

CHECK_MAIN()
