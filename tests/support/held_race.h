/* SPDX-License-Identifier: MIT */
/* Threads that hold, take and move goods at once; afterwards the journal is read event by event,
 * and what it says must have been allowed at each step and be what the store tells. */
#ifndef INV_TEST_HELD_RACE_H
#define INV_TEST_HELD_RACE_H

#include "support/held_mirror.h"

/* What was found wrong. */
typedef struct held_faults {
	unsigned goods;     /* steps after which an account held less than nothing, */
	unsigned available; /* a place had less to spare than nothing (I12), */
	unsigned lots;      /* more was bound to a lot or a unit than was there (I16), */
	unsigned places;    /* or a place as a whole had less to spare than nothing */
	unsigned sums;      /* balances or reservations that are not what the journal makes of them */
	unsigned rows;      /* as held_wrong_rows() counts them */
	unsigned statuses;  /* answers that no such command may get */
} held_faults;

unsigned held_faults_sum(const held_faults *f);

/* `threads` threads of `commands` strict commands each, in rounds between which time passes. */
held_faults held_race(const char *url, int threads, int commands);

/* ---- held_replay.c ---- */

/* Read the journal from its beginning into `f`; everything was done under guard strict. */
void held_replay(held_store *store, held_faults *f);

#endif
