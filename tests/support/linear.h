/* SPDX-License-Identifier: MIT */
/* Is a history of concurrent calls on one product linearizable: is there an order of them, each at
 * an instant between its call and its answer, in which a plain counter would give these answers? An
 * operation whose outcome is unknown may have happened, any time after its call, or not. */
#ifndef INV_TEST_LINEAR_H
#define INV_TEST_LINEAR_H

#include "inventra/inventra.h"

#define LINEAR_PENDING 12      /* calls without an answer, at most */
#define LINEAR_RESERVATIONS 96
#define LINEAR_OPS 2048

enum linear_verb {
	LINEAR_RECEIVE, LINEAR_ISSUE, LINEAR_HOLD, LINEAR_COMMIT, LINEAR_RELEASE, LINEAR_READ
};

typedef struct linear_op {
	enum linear_verb verb;
	int quantity;
	int reservation;          /* its number in this history */
	uint64_t called, answered; /* of one counter; `answered` UINT64_MAX: nobody knows */
	inv_status status;
	int on_hand, reserved;    /* what a read answered */
} linear_op;

typedef struct linear_history {
	linear_op ops[LINEAR_OPS];
	int count;
} linear_history;

/* -1 when there is such an order; else the operation after whose answer there is none. */
int linear_check(const linear_history *h);

#endif
