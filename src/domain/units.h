/* SPDX-License-Identifier: MIT */
/* Units of measure: quantities as they are entered, and in base units. */
#ifndef INV_DOMAIN_UNITS_H
#define INV_DOMAIN_UNITS_H

#include "domain/domain.h"

/* ---- exact conversion (unit_math.c): pure functions ---- */

/* 1 of what is converted from is numerator / denominator of what it is converted to. */
typedef struct inv__ratio {
	int64_t numerator, denominator;
} inv__ratio;

enum {
	INV__CONVERT_OK,
	INV__CONVERT_INEXACT,
	INV__CONVERT_RANGE
};

/* To a multiple of `step`. INEXACT only where the rounding is `exact`. */
int inv__convert(int64_t quantity, inv__ratio ratio, int64_t step, int32_t rounding, int64_t *out);
/* The quantities below and above that are exact; false when one is out of range. */
bool inv__convert_nearest(int64_t quantity, inv__ratio ratio, int64_t step, int64_t *below,
                          int64_t *above);
int64_t inv__gcd(int64_t a, int64_t b);

/* ---- the units that lines name (units.c) ---- */

/* What a line's unit is; `numerator` 0 where it names none. */
typedef struct inv__unit {
	inv__ratio ratio;    /* to base units */
	int64_t list_price;  /* of its own; 0 = it has none */
	bool found;
	bool archived;
	bool elsewhere;      /* other products have a unit of this code */
} inv__unit;

typedef struct inv__units {
	inv__unit *list;     /* one per line; NULL when no line names a unit */
	size_t *asked;       /* the line that each row of the rowset stands for */
	size_t asked_count;
	size_t statement;
} inv__units;

/* Ask for the units that lines name, behind the lock of their products: units change under it. An
 * empty code is the base unit and costs nothing. */
inv_status inv__units_claim(inv__call *call, const inv_id *products, const inv_str *codes,
                            size_t count, inv__units *out);
void inv__units_read(inv__call *call, inv__units *units);

/* A quantity of a line that names a unit. */
typedef struct inv__unit_ask {
	size_t input, line;
	const char *field;         /* that names the quantity, */
	const char *unit_field;    /* and the unit */
	inv_str code;
	const inv__product_facts *product;
	int32_t rounding;
} inv__unit_ask;
/* Is it there and in use? The product was found. */
inv_status inv__unit_check(inv__call *call, const inv__unit *unit, const inv__unit_ask *ask);
inv_status inv__unit_to_base(inv__call *call, const inv__unit *unit, const inv__unit_ask *ask,
                             int64_t entered, int64_t *base);

#endif
