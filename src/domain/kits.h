/* SPDX-License-Identifier: MIT */
/* From a quantity of a product with a recipe to the parts of it. */
#ifndef INV_DOMAIN_KITS_H
#define INV_DOMAIN_KITS_H

#include "domain/units.h"

typedef struct inv__kit_edge inv__kit_edge;
/* The recipes of products, with those of the kits among their parts. */
typedef struct inv__kits {
	size_t statement;
	inv__kit_edge *edges; /* sorted by product, in the order of lines */
	size_t count;
} inv__kits;

/* Ask for the recipes of products: kits, or what is assembled. */
inv_status inv__kits_claim(inv__call *call, int32_t kind, const inv_id *products, size_t count,
                           inv__kits *out);
inv_status inv__kits_read(inv__call *call, inv__kits *kits);

/* A part of one of a product, over all levels: base units for each base unit. */
typedef struct inv__kit_part {
	inv_id product;
	inv_str sku;
	inv__ratio ratio;
	int64_t decimals;
	int32_t tracking;
} inv__kit_part;
typedef struct inv__kit_list {
	inv__kit_part *parts;
	size_t count;
} inv__kit_list;

/* A line of a kit, or of what is assembled. */
typedef struct inv__kit_ask {
	size_t input, line;
	inv_id product;
	int32_t kind;          /* of recipe */
	bool overrides;        /* what is named may be another quantity than the recipe's */
	int64_t quantity;      /* base units */
	const inv_list *named; /* what the line itself says of parts: inv_line_part */
} inv__kit_ask;
/* The distinct parts of one; STATE where the product has no recipe. */
inv_status inv__kit_parts(inv__call *call, const inv__kits *kits, const inv__kit_ask *ask,
                          inv__kit_list *out);
/* The parts of so many: inv_line_part, one per part, lot and serial number. */
inv_status inv__kit_expand(inv__call *call, const inv__kits *kits, const inv__kit_ask *ask,
                           inv_list *parts);
/* Lock parts, where others write too: for itself where any has a serial number. */
inv_status inv__kit_lock(inv__call *call, const inv_list *const *parts, size_t count);

#endif
