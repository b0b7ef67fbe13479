/* SPDX-License-Identifier: MIT */
/* A driver that wraps another one: it logs calls, delays them, or lets one of them fail. Made of
 * the installed headers alone; docs/drivers.md explains what it does and why. */
#ifndef EXAMPLE_DRIVER_H
#define EXAMPLE_DRIVER_H

#include <inventra/sys/driver.h>

#include <stdatomic.h>
#include <stdio.h>

/* Kinds of calls, to choose those that fail. An exec that commits is a commit. */
#define WRAP_OPEN 1u
#define WRAP_PREPARE 2u
#define WRAP_BEGIN 4u
#define WRAP_EXEC 8u
#define WRAP_COMMIT 16u
#define WRAP_ROLLBACK 32u
#define WRAP_OTHER 64u /* check, checkpoint, backup, script */
#define WRAP_ANY 127u

/* What happens to a call that fails. */
#define WRAP_REFUSE 0u /* it is not done; but a failed commit always ends the transaction */
#define WRAP_ABORT 1u  /* it is not done, and the open transaction is rolled back */
#define WRAP_LOSE 2u   /* an exec or an end is done, and its answer is lost */

/* The caller's; must outlive the stores that use it. All fields below `inner` may be set at any
 * time while no other thread is inside. */
typedef struct wrapper {
	inv_driver driver;       /* ours */
	inv_driver inner;        /* the one that does the work */
	FILE *log;               /* a line for each call; NULL = none */
	uint32_t delay_us;       /* before each round trip */
	uint32_t fail_kinds;     /* WRAP_OPEN | … */
	uint32_t fail_how;       /* WRAP_REFUSE, … */
	inv_status fail_with;
	atomic_int fail_in;      /* the N-th call of these kinds fails, counted from 1; 0 = none */
	atomic_uint round_trips; /* so far */
} wrapper;

/* A driver for "trace:URL", where URL is one of `inner`'s. Nothing needs to be freed. */
const inv_driver *wrap_driver(wrapper *w, const inv_driver *inner);

#endif
