/* SPDX-License-Identifier: MIT */
/* The library and the model of held.h side by side: each command goes to both, and all that they
 * say is compared. In a canary run differences are counted instead of failing the test. */
#ifndef INV_TEST_HELD_MIRROR_H
#define INV_TEST_HELD_MIRROR_H

#include "support/held.h"
#include "support/shop.h"

#define HELD_GUARDS 3
#define HELD_LIMIT 3 /* units that the channel with backorder may owe */
#define HELD_HERE HELD_A1
#define HELD_JSON 1024

/* A shop with the model's places, products and channels. */
typedef struct held_store {
	test_shop shop;
	inv_session *sessions[HELD_GUARDS]; /* by guard; at HELD_HERE */
	char url[768];
} held_store;

typedef struct held_mirror {
	held_store store;
	inv_id ids[HELD_RESERVATIONS];
	held_shop *m;
	bool canary;
	unsigned differences;
	char last[HELD_JSON]; /* the last command, for messages */
} held_mirror;

extern const char *const held_places[HELD_PLACES];
extern const char *const held_products[HELD_PRODUCTS];
extern const char *const held_ops[HELD_VERBS];

bool held_store_open(held_store *store, const char *url);
inv_session *held_store_session(held_store *store, int guard);
void held_store_close(held_store *store);

/* A command as JSON; `ids` are those of the reservations. */
void held_json(const held_command *c, const inv_id *ids, char out[HELD_JSON]);
/* How many rows are not what reservations and accounts make of them: I12 (nothing less than
 * nothing is held), I13, I14, and what stands beside plain accounts. -1 when it cannot be read. */
int64_t held_wrong_rows(held_store *store);

/* Random commands, `commands` of them, on a store at `url` and on the model with a rule broken or
 * not. Returns how many differences were found; of the sound model each is a failed check. */
unsigned held_compare(const char *url, uint64_t stream, int commands, enum held_break broken,
                      bool canary);

/* ---- held_random.c ---- */

void held_random(const held_shop *m, check_rng *rng, int64_t now, held_command *out);

#endif
