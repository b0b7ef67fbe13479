/* SPDX-License-Identifier: MIT */
/* A disk that fails on demand: an SQLite VFS around the platform's own, made the default of this
 * process. Files are real; syncs are not passed on, but remembered: what would be left after a
 * power cut is known at any time. */
#ifndef INV_TEST_DISK_H
#define INV_TEST_DISK_H

#include "support/check.h"

/* Kinds of calls. */
#define DISK_OPEN 0x1u
#define DISK_READ 0x2u
#define DISK_WRITE 0x4u
#define DISK_TRUNCATE 0x8u
#define DISK_SYNC 0x10u
#define DISK_DELETE 0x20u
#define DISK_LOCK 0x40u   /* of the file */
#define DISK_SHARED 0x80u /* the memory that connections share: its maps and locks */
#define DISK_CHANGES (DISK_WRITE | DISK_TRUNCATE | DISK_SYNC | DISK_DELETE)
#define DISK_ANY 0xffu

/* Make it the default; once per process, before the first store is opened. */
void disk_install(void);

/* Count calls of `kinds`; the `nth` of them, from 1, fails: once, or with all behind it. `code` is
 * SQLite's; 0 is the I/O error of each call's own kind. nth = 0 only counts. */
void disk_fail(unsigned kinds, int64_t nth, bool for_good, int code);
/* No more faults; what was counted stays. */
void disk_heal(void);
int64_t disk_count(void);
/* Has a call failed since disk_fail? */
bool disk_failed(void);
/* The kind of the first call that failed: "write", and the end of its file's name: "-wal". */
const char *disk_failed_at(void);

/* All files together may hold `bytes`; what would be more answers FULL. Negative: no limit. */
void disk_limit(int64_t bytes);
int64_t disk_used(void);
/* How long a sync takes. */
void disk_sync_time(int64_t microseconds);

/* ---- power cuts ---- */

/* Remember what a power cut would leave, of files that are opened from now on; what they hold then
 * counts as durable. An honest disk has everything of a file on its medium after a sync; the other
 * one has nothing. */
void disk_record(bool honest);
void disk_record_end(void);

/* What is left of the writes that no sync has covered. */
#define DISK_KEEP_NONE 0
#define DISK_KEEP_FIRST 1 /* those before some instant */
#define DISK_KEEP_SOME 2  /* any of them; some are torn between sectors */
#define DISK_KEEPS 3

/* Cut the power: put into the files what would be left. All handles must be closed. */
void disk_cut(int keep);

#endif
