/* SPDX-License-Identifier: MIT */
/* The products that are imported. */
#include "support.h"

#include <inttypes.h>
#include <stdio.h>

/* An EAN-13 of the range for use inside a shop, with its check digit. */
static void ean13(uint32_t number, char out[14])
{
	unsigned sum = 0;

	snprintf(out, 14, "20%010" PRIu32 "0", number);
	for (size_t i = 0; i < 12; i++) {
		sum += (unsigned)(out[i] - '0') * (i % 2 ? 3U : 1U);
	}
	out[12] = (char)('0' + (10 - sum % 10) % 10);
}

static void write_product(FILE *file, uint32_t number)
{
	static const char *const colours[] = {"Red", "White", "Blue", "Green", "Black", "Ivory"};
	static const char *const stuffs[] = {"Cotton", "Metal", "Glass", "Wooden", "Paper"};
	static const char *const things[] = {"Tea Towel", "Lantern", "Mug",        "Cake Stand",
	                                     "Garland",   "Doormat", "Coat Hanger"};
	uint64_t seed = number;
	uint64_t r = bench_random(&seed);
	const char *colour = colours[r % 6];
	const char *stuff = stuffs[(r >> 8) % 5];
	const char *thing = things[(r >> 16) % 7];
	char sku[24];
	char barcode[14];

	bench_sku(number, sku);
	ean13(number, barcode);
	fprintf(file, "%s,%s %s %s %" PRIu32 ",\"%s, %s and handmade\",ea,0,stocked,%u.%02u,%s\r\n",
	        sku, colour, stuff, thing, number, thing, colour, (unsigned)(1 + (r >> 24) % 40),
	        (unsigned)((r >> 32) % 100), barcode);
}

bool bench_products(const char *path, size_t rows)
{
	FILE *file = fopen(path, "wb");
	bool ok;

	if (!file) {
		return bench_error("cannot write %s", path);
	}
	fputs("sku,name,description,unit,decimals,stocking,list_price,barcodes\r\n", file);
	for (size_t i = 0; i < rows; i++) {
		write_product(file, (uint32_t)i);
	}
	ok = !ferror(file);
	return fclose(file) == 0 && ok ? true : bench_error("cannot write %s", path);
}
