/* SPDX-License-Identifier: MIT */
/* What a backdated command finds: the least and the most that an account held at the end of any
 * instant of a stretch. */
#include <stdlib.h>

#include "domain/levels.h"
#include "util/number.h"

/* First and last mark of each level in a stretch. Between two marks of a level its rows stand for
 * the time, except between those of the level above; what is left at both ends are moves. */
#define MARK_IN(which, level) \
	"(SELECT " which "(x.until) FROM account_level x WHERE x.account = q.account" \
	" AND x.level = " level " AND x.until >= q.at AND x.until < q.until)"
#define MARKS_IN(level) MARK_IN("MIN", level) ", " MARK_IN("MAX", level)
#define ROWS_BETWEEN(level, after, last) \
	" UNION ALL SELECT b.n, y.until, y.total, y.low, y.high FROM b JOIN account_level y" \
	" ON y.account = b.account AND y.level = " level " AND y.until > " after \
	" AND y.until <= " last
#define MOVES_BETWEEN(after, before) \
	" SELECT b.n, m.occurred_at, m.quantity, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT)" \
	" FROM b JOIN account_move m ON m.account = b.account AND m.occurred_at > " after \
	" AND m.occurred_at < " before

#define COUNTED \
	"(SELECT MIN(s.occurred_at) FROM assertion s WHERE s.account = r.account" \
	" AND s.occurred_at > r.at"

/* What it held where the stretch begins, and when it was counted next. */
INV__SQL(SQL_HELD, "SELECT r.n, " INV__PAST("r.account", "r.at") ", COALESCE(" COUNTED "), 0)"
         " FROM {rows# account:int at:int until:int} r");
/* In the order of time: moves, rows of each level up and down again, moves. */
INV__SQL(SQL_STRETCHES,
         "WITH b(n, account, at, until, first1, last1, first2, last2, first3, last3, first4, last4)"
         " AS (SELECT q.n, q.account, q.at, q.until, " MARKS_IN("1") ", " MARKS_IN("2") ", "
         MARKS_IN("3") ", " MARKS_IN("4")
         " FROM (SELECT r.n AS n, r.account AS account, r.at AS at,"
         " COALESCE(" COUNTED " AND s.occurred_at < r.until), r.until) AS until"
         " FROM {rows# account:int at:int until:int} r) q)"
         MOVES_BETWEEN("b.at", "COALESCE(b.first1, b.until)")
         " UNION ALL SELECT b.n, y.until, y.instant, NULL, NULL FROM b JOIN account_level y"
         " ON y.account = b.account AND y.level = 1 AND y.until = b.first1 AND b.first1 > b.at"
         ROWS_BETWEEN("1", "b.first1", "COALESCE(b.first2, b.last1)")
         ROWS_BETWEEN("2", "b.first2", "COALESCE(b.first3, b.last2)")
         ROWS_BETWEEN("3", "b.first3", "COALESCE(b.first4, b.last3)")
         ROWS_BETWEEN("4", "b.first4", "b.last4")
         ROWS_BETWEEN("3", "b.last4", "b.last3")
         ROWS_BETWEEN("2", "b.last3", "b.last2")
         ROWS_BETWEEN("1", "b.last2", "b.last1")
         " UNION ALL" MOVES_BETWEEN("b.last1", "b.until"));

enum { STRETCH, UNTIL, TOTAL, LOW, HIGH };

static inv_status ask(inv__batch *b, const inv__sql *sql, const inv__stretch *stretches,
                      size_t count)
{
	int64_t *account, *at, *until;

	inv__batch_add(b, sql);
	inv__batch_rows(b, count);
	account = inv__batch_int_column(b);
	at = inv__batch_int_column(b);
	until = inv__batch_int_column(b);
	for (size_t i = 0; b->status == INV_OK && i < count; i++) {
		account[i] = stretches[i].account;
		at[i] = stretches[i].at;
		until[i] = stretches[i].until;
	}
	return b->status;
}

inv_status inv__levels_ask(inv__call *call, const inv__stretch *stretches, size_t count,
                           size_t *statement)
{
	inv__batch *b = call->batch;

	*statement = b->count;
	if (ask(b, &SQL_HELD, stretches, count) != INV_OK ||
	    ask(b, &SQL_STRETCHES, stretches, count) != INV_OK)
		return inv__call_no_memory(call);
	return INV_OK;
}

/* A row of the answer; one that is not whole is one move, or one instant. */
typedef struct step {
	int64_t stretch, until, total, low, high;
	bool whole;
} step;

static int step_order(const void *x, const void *y)
{
	const step *a = x, *b = y;
	int c = (a->stretch > b->stretch) - (a->stretch < b->stretch);

	return c ? c : (a->until > b->until) - (a->until < b->until);
}

static void take_sum(inv__stretch *s, int64_t sum)
{
	if (sum < s->lowest)
		s->lowest = sum;
	if (sum > s->highest)
		s->highest = sum;
}

/* The steps of one stretch, which knows what was there where it begins. */
static bool walk(const step *steps, size_t count, inv__stretch *s)
{
	int64_t sum = s->lowest, low, high;

	for (size_t i = 0; i < count; i++) {
		const step *at = &steps[i];

		if (!at->whole) {
			if (!inv__add(sum, at->total, &sum))
				return false;
			if (i + 1 == count || steps[i + 1].until != at->until)
				take_sum(s, sum);
			continue;
		}
		if (!inv__add(sum, at->low, &low) || !inv__add(sum, at->high, &high) ||
		    !inv__add(sum, at->total, &sum))
			return false;
		take_sum(s, low);
		take_sum(s, high);
	}
	return true;
}

static bool in_order(const step *steps, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (step_order(&steps[i - 1], &steps[i]) > 0)
			return false;
	return true;
}

static inv_status read_steps(inv__call *call, const inv_rows *rows, step **out)
{
	step *steps = inv__arena_alloc(call->arena, (rows->row_count + 1) * sizeof *steps);

	if (!steps)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < rows->row_count; i++)
		steps[i] = (step){.stretch = inv__cell_int(rows, i, STRETCH),
		                  .until = inv__cell_int(rows, i, UNTIL),
		                  .total = inv__cell_int(rows, i, TOTAL),
		                  .low = inv__cell_int(rows, i, LOW),
		                  .high = inv__cell_int(rows, i, HIGH),
		                  .whole = !inv__cell_is_null(rows, i, LOW)};
	if (!in_order(steps, rows->row_count))
		qsort(steps, rows->row_count, sizeof *steps, step_order);
	*out = steps;
	return INV_OK;
}

static inv_status walk_all(inv__call *call, const step *steps, size_t count,
                           inv__stretch *stretches, size_t stretch_count)
{
	for (size_t i = 0, next; i < count; i = next) {
		next = i + 1;
		while (next < count && steps[next].stretch == steps[i].stretch)
			next++;
		if ((size_t)steps[i].stretch >= stretch_count)
			return inv__call_fail(call, INV_E_INTERNAL, 0, NULL, "a row belongs to no stretch");
		if (!walk(&steps[i], next - i, &stretches[steps[i].stretch]))
			return inv__call_fail(call, INV_E_CORRUPT, 0, NULL,
			                      "an account held more than can be counted");
	}
	return INV_OK;
}

inv_status inv__levels_read(inv__call *call, size_t statement, inv__stretch *stretches,
                            size_t count)
{
	const inv_rows *held = inv__batch_result(call->batch, statement);
	const inv_rows *rows = inv__batch_result(call->batch, statement + 1);
	step *steps = NULL;
	inv_status rc = read_steps(call, rows, &steps);

	if (rc == INV_OK && held->row_count != count)
		return inv__call_fail(call, INV_E_INTERNAL, 0, NULL, "a stretch of time has no row");
	for (size_t i = 0; rc == INV_OK && i < count; i++) {
		stretches[i].lowest = stretches[i].highest = inv__cell_int(held, i, 1);
		stretches[i].asserted = inv__cell_int(held, i, 2);
	}
	return rc == INV_OK ? walk_all(call, steps, rows->row_count, stretches, count) : rc;
}
