/* SPDX-License-Identifier: MIT */
/* A small shop where goods are held for somebody, in plain arrays: stock and reservations by the
 * rules of the model and by nothing else. A command is tried on a copy; what may be is decided by
 * comparing the shop before it with the shop after it. Quantities are whole units. */
#ifndef INV_TEST_HELD_H
#define INV_TEST_HELD_H

#include "inventra/inventra.h"

/* The tree: A has A1 and A2, A2 has A21; B stands beside A. */
enum held_place {
	HELD_A, HELD_A1, HELD_A2, HELD_A21, HELD_B, HELD_PLACES, HELD_EVERYWHERE = HELD_PLACES
};
enum held_product { HELD_TEA, HELD_RICE, HELD_MILK, HELD_PHONE, HELD_PRODUCTS };
/* MILK has lots, PHONE serial numbers; 0 is none. */
#define HELD_CODES 6
#define HELD_CONDITIONS 2 /* sellable, damaged */
#define HELD_OWNERS 2     /* the shop, somebody else */
#define HELD_LINES 2
#define HELD_MOVES 2048
#define HELD_RESERVATIONS 512
#define HELD_NONE (-1)
#define HELD_UNKNOWN (-2)

enum held_verb {
	HELD_RECEIVE, HELD_ISSUE, HELD_MOVE, HELD_ADJUST, HELD_SALE,
	HELD_HOLD, HELD_EXTEND, HELD_BIND, HELD_COMMIT, HELD_RELEASE, HELD_CANCEL, HELD_VERBS
};

/* Rules that can be broken, to see that the comparison finds it. */
enum held_break {
	HELD_SOUND,
	HELD_BREAK_OWN,      /* a holder is in his own way */
	HELD_BREAK_DEADLINE, /* what is overdue is still held */
	HELD_BREAK_HARD,     /* what is bound to a lot does not count for the lot */
	HELD_BREAK_PLACE,    /* what is held anywhere in a place is in nobody's way */
	HELD_BREAK_SPLIT,    /* a part that is bound is not taken off the whole */
	HELD_BREAKS
};

typedef struct held_account {
	int product, place, condition, owner, code;
} held_account;

typedef struct held_move {
	held_account account;
	int64_t at;
	int quantity;
} held_move;

typedef struct held_reservation {
	int product, place; /* HELD_EVERYWHERE only with subtree */
	bool subtree;
	int code;
	int quantity, open, committed, released, expired, cancelled;
	int state;          /* as the library numbers them */
	int64_t deadline;   /* 0 = none */
} held_reservation;

/* A line of a stock command or sale, or an input of a reservation's command. */
typedef struct held_line {
	int product, place, to_place; /* HELD_NONE: not given */
	int condition, to_condition, owner, code;
	int quantity;                 /* 0 for a reservation's command: all that is open */
	int reservation;              /* HELD_NONE, HELD_UNKNOWN, or its number */
	bool set, subtree;
	int64_t deadline;
} held_line;

typedef struct held_command {
	enum held_verb verb;
	int32_t guard;
	int limit;         /* of backorder */
	int64_t now, at;   /* when it is run; when it happened: 0 = now */
	int here;          /* the session's place */
	int count;
	held_line lines[HELD_LINES];
} held_command;

typedef struct held_answer {
	inv_status status;
	int input;         /* of the refused line */
	const char *field; /* of the line; NULL when it was done */
} held_answer;

typedef struct held_shop {
	int stock[HELD_PRODUCTS][HELD_PLACES][HELD_CONDITIONS][HELD_OWNERS][HELD_CODES];
	held_move moves[HELD_MOVES];
	int move_count;
	held_reservation reservations[HELD_RESERVATIONS];
	int reservation_count;
	int made[HELD_LINES];  /* by input: the reservation that the last command made or changed */
	enum held_break broken;
} held_shop;

held_answer held_run(held_shop *m, const held_command *c);
bool held_full(const held_shop *m);

/* ---- held_count.c: what there is ---- */

typedef struct held_sums {
	int on_hand, sellable, reserved;
} held_sums;

/* Is `place` at or below `root`? */
bool held_below(int place, int root);
bool held_is_open(const held_shop *m, const held_reservation *r, int64_t now);
/* At a place alone, or with all below it; everywhere is always with all. */
held_sums held_balance(const held_shop *m, int product, int place, bool below, int64_t now);
/* The least that an account holds at the end of any instant from `at` on. */
int held_lowest(const held_shop *m, const held_account *a, int64_t at);
/* Units of a lot at a place, the shop's own and sellable, that nobody holds by name. */
int held_lot_free(const held_shop *m, int product, int place, int code, int64_t now);
/* Does the command leave enough, everywhere? `was` is the shop before it. */
held_answer held_guard(const held_shop *was, const held_shop *m, const held_command *c);

#endif
