/* SPDX-License-Identifier: MIT */
/* Numbers, instants and ids as text: what is understood comes back as it was meant. */
#include "fuzz/fuzz.h"

static void decimals(inv_str text, uint32_t scale)
{
	int64_t value, again;
	char back[24];

	if (inv_decimal_parse(text, scale, &value) != INV_OK)
		return;
	fuzz_plant(value < 0 && scale == 6 && value % 1000 != 0);
	(void)inv_decimal_format(value, scale, back);
	fuzz_require(inv_decimal_parse(inv_str_of(back), scale, &again) == INV_OK && again == value,
	             "a decimal is another one", back);
}

static void instants(inv_str text)
{
	int64_t value, again;
	char back[40];

	if (inv_instant_parse(text, &value) != INV_OK)
		return;
	(void)inv_instant_format(value, back);
	fuzz_require(inv_instant_parse(inv_str_of(back), &again) == INV_OK && again == value,
	             "an instant is another one", back);
}

static void ids(inv_str text)
{
	inv_id value, again;
	char back[37];

	if (inv_id_parse(text, &value) != INV_OK)
		return;
	inv_id_format(value, back);
	fuzz_require(inv_id_parse(inv_str_of(back), &again) == INV_OK &&
	             memcmp(&again, &value, sizeof again) == 0, "an id is another one", back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	inv_str text = {(const char *)data, size};

	for (uint32_t scale = 0; scale <= 6; scale++)
		decimals(text, scale);
	instants(text);
	ids(text);
	return 0;
}
