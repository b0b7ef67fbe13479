/* SPDX-License-Identifier: MIT */
/* Levels: what an account gained in stretches of time, so that the past costs no more the more
 * moves there are.
 *
 * One move of 128 makes the instant it happened at a *mark*, one of 16 of those makes it one of
 * level 2, and so on. Which ones is a digest of the move itself, so marks are a function of the
 * journal: no order of arrival and no way of grouping events changes them. A row of account_level
 * is the stretch behind the last mark of its level, up to and with its own. What happened behind
 * the last mark has no row yet: most moves write none. */
#ifndef INV_DOMAIN_LEVELS_H
#define INV_DOMAIN_LEVELS_H

#include "domain/domain.h"

#define INV__LEVELS 4
#define INV__FIRST_INSTANT "(-9223372036854775807)"

#define INV__LAST_MARK(level, account, at) \
	"(SELECT MAX(x.until) FROM account_level x WHERE x.account = " account \
	" AND x.level = " level " AND x.until <= " at ")"
#define INV__BEHIND(column, mark) " AND " column " > COALESCE(" mark ", " INV__FIRST_INSTANT ")"
/* What a level has behind the last mark of the one above: the running sum at its own last mark. */
#define INV__AT_LEVEL(level, account, at, behind) \
	"COALESCE((SELECT y.base + y.total FROM account_level y WHERE y.account = " account \
	" AND y.level = " level " AND y.until <= " at behind " ORDER BY y.until DESC LIMIT 1), 0)"
#define INV__BELOW(level, above, account, at) \
	INV__AT_LEVEL(level, account, at, INV__BEHIND("y.until", INV__LAST_MARK(above, account, at)))
#define INV__IF_MARKED(level, account, at, sum) \
	"CASE WHEN " INV__LAST_MARK(level, account, at) " IS NULL THEN 0 ELSE " sum " END"
/* What an account, given as SQL, held at the end of an instant, also given as SQL: some 128 moves,
 * and a row of each level. */
#define INV__PAST(account, at) \
	"CAST(COALESCE((SELECT SUM(m.quantity) FROM account_move m WHERE m.account = " account \
	" AND m.occurred_at <= " at INV__BEHIND("m.occurred_at", INV__LAST_MARK("1", account, at)) \
	"), 0) + " INV__BELOW("1", "2", account, at) " + " \
	INV__IF_MARKED("2", account, at, INV__BELOW("2", "3", account, at) " + " \
	INV__IF_MARKED("3", account, at, INV__BELOW("3", "4", account, at) " + " \
	INV__AT_LEVEL("4", account, at, ""))) " AS BIGINT)"

/* The instant up to which all that is there now was known at `known`, as SQL: as_of itself when
 * that is everything, else where the books were closed then and have not been opened since. */
#define INV__KNOWN_UNTIL(known, as_of) \
	"(SELECT MIN(v.at) FROM (SELECT CAST(" as_of " AS BIGINT) AS at UNION ALL SELECT CASE WHEN" \
	" COALESCE((SELECT e.known_at FROM event e ORDER BY e.position DESC LIMIT 1), 0) <= " known \
	" THEN " as_of " ELSE COALESCE((SELECT MIN(c.until) FROM closing c JOIN event e" \
	" ON e.id = c.event WHERE e.known_at > " known " OR e.position = (SELECT MAX(f.position)" \
	" FROM closing d JOIN event f ON f.id = d.event WHERE f.known_at <= " known ")), " \
	INV__FIRST_INSTANT ") END) v)"
/* What an account gained behind `from`, as far as it was known: move by move. */
#define INV__KNOWN_BEHIND(account, from, as_of, known) \
	"CAST(COALESCE((SELECT SUM(m.quantity) FROM account_move m" \
	" WHERE m.account = " account " AND m.occurred_at > " from " AND m.occurred_at <= " as_of \
	" AND EXISTS (SELECT 1 FROM event e WHERE e.id = m.event" \
	" AND e.known_at <= " known ")), 0) AS BIGINT)"

/* The highest level on which a move, which has its event and account, makes its instant a mark; 0
 * for most. */
int inv__leg_level(const inv__leg *leg);
/* Write what legs, which are sorted and whose moves stand before it in the batch, do to levels;
 * before the balances are written. */
inv_status inv__levels_apply(inv__apply *apply, const inv__leg *legs, size_t count);

/* A stretch of an account's time: from the end of one instant until before another. */
typedef struct inv__stretch {
	int64_t account, at, until;
	int64_t lowest, highest; /* at the end of any instant of it, once read; and the next instant */
	int64_t asserted;        /* at which the account was counted: what was counted stands, and the
	                          * stretch ends there; 0 = none */
} inv__stretch;
/* Ask what accounts held at the end of the instants of stretches; returns the statement. */
inv_status inv__levels_ask(inv__call *call, const inv__stretch *stretches, size_t count,
                           size_t *statement);
inv_status inv__levels_read(inv__call *call, size_t statement, inv__stretch *stretches,
                            size_t count);

#endif
