/* SPDX-License-Identifier: MIT */
/* The library and the model side by side: one command goes to both, and what they say is compared.
 * In a canary run differences are counted instead of failing the test. */
#ifndef INV_TEST_MIRROR_H
#define INV_TEST_MIRROR_H

#include "support/model.h"
#include "support/shop.h"

#define MIRROR_GUARDS 3
#define MIRROR_MEMORIES 64
#define MIRROR_TEXT 12288

/* An answer that must never change. */
typedef struct mirror_memory {
	int product, place;
	bool below;
	int64_t as_of, known_at;
	int64_t on_hand, sellable;
} mirror_memory;

/* A keyed command that was booked, and its answer. */
typedef struct mirror_booked {
	model_command command;
	char json[MIRROR_TEXT];
} mirror_booked;

typedef struct mirror {
	test_shop shop;
	inv_session *sessions[MIRROR_GUARDS]; /* by guard */
	int session_place[MIRROR_GUARDS];
	int64_t limit;            /* of the channel with backorder */
	inv_id products[MODEL_PRODUCTS], places[MODEL_PLACES], tills[MODEL_TILLS];
	inv_id postings[MODEL_POSTINGS], sales[MODEL_SALES];
	inv_id events[MODEL_POSTINGS + MODEL_SALES]; /* of both, in order */
	int event_count;
	int64_t first_position;   /* of the journal before the first command */
	int64_t read_position;    /* the feed was read up to here */
	inv_id last_event;
	inv_session *inside;      /* of an open transaction */
	mirror_memory memories[MIRROR_MEMORIES];
	int memory_count;
	bool canary;
	unsigned differences;
	char last[MIRROR_TEXT];   /* the last command, for messages */
	uint64_t number;          /* of commands */
	model *m, *saved;
} mirror;

bool mirror_open(mirror *x, const char *url, enum model_break broken);
void mirror_close(mirror *x);

/* Run a command on both sides and compare. `booked` (may be NULL) keeps the answer of a keyed one;
 * `expected` (may be NULL) is what a replay must answer. Returns what the model said. */
model_answer mirror_run(mirror *x, const model_command *c, mirror_booked *booked,
                        const char *expected);
/* An explicit transaction in the session of a guard. */
bool mirror_begin(mirror *x, int guard);
void mirror_end(mirror *x, bool commit);

/* A difference between the two sides. */
void mirror_differs(mirror *x, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- mirror_call.c: the command as the library takes it ---- */

void mirror_text(const mirror *x, const model_command *c, char *out, size_t size);
const char *mirror_op(const model_command *c);
inv_status mirror_call(mirror *x, const model_command *c, inv_result **out);

/* ---- mirror_check.c ---- */

/* The balance that the library tells. */
bool mirror_balance(mirror *x, const mirror_memory *question, model_sum *out);
void mirror_compare_balance(mirror *x, const mirror_memory *question);
/* The feed goes on with `events` events, and no more. */
void mirror_feed(mirror *x, int64_t events);
/* Remember an answer about the past that must not change any more. */
void mirror_remember(mirror *x, const mirror_memory *question);
/* Everything: moves, accounts, sales, memories, verify, rebuild. */
void mirror_check_all(mirror *x);

#endif
