/* SPDX-License-Identifier: MIT */
/* How levels are written. A move behind an account's last one, which is no mark, writes nothing.
 * One that is a mark sums up what came since the mark before it; a backdated one, the stretches it
 * falls into, one of each level. Each row is made again from what it sums, some 128 moves or 16
 * rows: nothing depends on what stood in it, but for the sum of the mark's own instant, at which
 * any number of moves may have happened, and for running sums where one move is added. */
#include "domain/levels.h"

#include "domain/known.h"
#include "util/hash.h"
#include "util/number.h"

/* ---- marks ---- */

#define MOVES_TO_A_MARK 128
#define MARKS_TO_A_MARK 16

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static uint64_t word_of(const uint8_t bytes[8])
{
	uint64_t word = 0;

	for (int i = 0; i < 8; i++)
		word = word << 8 | bytes[i];
	return word;
}

int inv__leg_level(const inv__leg *leg)
{
	uint64_t x = word_of(leg->event.bytes) + (uint64_t)leg->account;
	int level = 0;

	x = mix(mix(x) ^ (word_of(leg->event.bytes + 8) + (uint64_t)leg->line));
	if (x % MOVES_TO_A_MARK != 0)
		return 0;
	x /= MOVES_TO_A_MARK;
	for (level = 1; level < INV__LEVELS && x % MARKS_TO_A_MARK == 0; x /= MARKS_TO_A_MARK)
		level++;
	return level;
}

/* What the legs do to an account at one instant. */
typedef struct touch {
	int64_t account, at, quantity;
	int level;   /* of the mark they make */
	bool behind; /* not later than all that was there before */
	bool alone;  /* what else they do to the account is none of levels' business */
} touch;

typedef struct touches {
	touch *list;
	size_t count;
	bool unknown; /* of some accounts it is not known what was there before */
} touches;

static inv_status gather(const inv__known *known, const inv__leg *legs, size_t count, touches *out)
{
	for (size_t i = 0; i < count; i++) {
		touch *t = out->count > 0 ? &out->list[out->count - 1] : NULL;
		const inv__known_account *account;
		int level;

		if (legs[i].quantity == 0)
			continue;
		level = inv__leg_level(&legs[i]);
		if (!t || t->account != legs[i].account || t->at != legs[i].occurred_at) {
			account = inv__known_find(known, legs[i].account);
			out->unknown |= !account;
			t = &out->list[out->count++];
			*t = (touch){.account = legs[i].account, .at = legs[i].occurred_at};
			t->behind = !account || (account->stored && account->holding.last_at >= t->at);
		}
		if (level > t->level)
			t->level = level;
		if (!inv__add(t->quantity, legs[i].quantity, &t->quantity))
			return INV_E_LIMIT;
	}
	return INV_OK;
}

INV__SQL(SQL_LAST, "SELECT r.n, b.last_at FROM {rows# account:int} r JOIN account_balance b"
         " ON b.account = r.account");

/* Where the writer does not know its accounts, as in a rebuild, they are looked up. */
static inv_status look_up(inv__apply *apply, touches *all)
{
	inv__batch *b = apply->batch;
	inv_status rc = inv__apply_flush(apply);
	const inv_rows *rows;
	int64_t *account;
	size_t statement;

	if (rc != INV_OK)
		return rc;
	statement = inv__batch_add(b, &SQL_LAST);
	inv__batch_rows(b, all->count);
	account = inv__batch_int_column(b);
	for (size_t i = 0; account && i < all->count; i++) {
		account[i] = all->list[i].account;
		all->list[i].behind = false;
	}
	rc = inv__batch_exec(b, apply->link, apply->error);
	if (rc != INV_OK)
		return rc;
	rows = inv__batch_result(b, statement);
	for (size_t row = 0; row < rows->row_count; row++) {
		size_t n = (size_t)inv__cell_int(rows, row, 0);

		if (n < all->count)
			all->list[n].behind = inv__cell_int(rows, row, 1) >= all->list[n].at;
	}
	inv__batch_reset(b);
	return INV_OK;
}

/* ---- rows ---- */

INV__SQL(SQL_INSTANTS,
         "UPDATE account_level SET instant = account_level.instant + r.quantity"
         " {where account:int at:int quantity:int} account_level.account = r.account"
         " AND account_level.level = 1 AND account_level.until = r.at");

static inv_status add_to_instants(inv__batch *b, const touches *all, size_t behind)
{
	int64_t *account, *at, *quantity;
	size_t n = 0;

	if (behind == 0)
		return INV_OK;
	inv__batch_add(b, &SQL_INSTANTS);
	inv__batch_rows(b, behind);
	account = inv__batch_int_column(b);
	at = inv__batch_int_column(b);
	quantity = inv__batch_int_column(b);
	for (size_t i = 0; b->status == INV_OK && i < all->count; i++) {
		if (!all->list[i].behind)
			continue;
		account[n] = all->list[i].account;
		at[n] = all->list[i].at;
		quantity[n++] = all->list[i].quantity;
	}
	return b->status;
}

INV__SQL(SQL_MARKS,
         "INSERT INTO account_level (account, level, until, total, low, high, base, instant)"
         " SELECT r.account, r.level, r.at, 0, 0, 0, 0, CASE WHEN r.level = 1 THEN CAST((SELECT"
         " SUM(m.quantity) FROM account_move m WHERE m.account = r.account"
         " AND m.occurred_at = r.at) AS BIGINT) ELSE 0 END"
         " FROM {rows account:int level:int at:int} r WHERE NOT EXISTS (SELECT 1 FROM"
         " account_level x WHERE x.account = r.account AND x.level = r.level AND x.until = r.at)");

static inv_status make_marks(inv__batch *b, const touches *all, size_t marks)
{
	int64_t *account, *level, *at;
	size_t n = 0;

	if (marks == 0)
		return INV_OK;
	inv__batch_add(b, &SQL_MARKS);
	inv__batch_rows(b, marks);
	account = inv__batch_int_column(b);
	level = inv__batch_int_column(b);
	at = inv__batch_int_column(b);
	for (size_t i = 0; b->status == INV_OK && i < all->count; i++)
		for (int l = 1; l <= all->list[i].level; l++) {
			account[n] = all->list[i].account;
			level[n] = l;
			at[n++] = all->list[i].at;
		}
	return b->status;
}

#define SUM_UP(sums) \
	"UPDATE account_level SET (base, total, low, high) = (" sums ") {where account:int level:int" \
	" after:int} account_level.account = r.account AND account_level.level = r.level" \
	" AND account_level.until = (SELECT MIN(x.until) FROM account_level x" \
	" WHERE x.account = r.account AND x.level = r.level AND x.until > r.after)"
/* The row's own account and mark, and the mark before it. */
#define OWN "account_level."
#define MARK_BEFORE \
	"COALESCE((SELECT MAX(x.until) FROM account_level x WHERE x.account = " OWN "account" \
	" AND x.level = " OWN "level AND x.until < " OWN "until), " INV__FIRST_INSTANT ")"
#define BASE \
	"COALESCE((SELECT z.base + z.total FROM account_level z WHERE z.account = " OWN "account" \
	" AND z.level = " OWN "level AND z.until < " OWN "until AND z.until > COALESCE((SELECT" \
	" MAX(x.until) FROM account_level x WHERE x.account = " OWN "account AND x.level = " OWN \
	"level + 1 AND x.until < " OWN "until), " INV__FIRST_INSTANT ")" \
	" ORDER BY z.until DESC LIMIT 1), 0)"
#define BODY "COALESCE(SUM(s.moved), 0) + " OWN "instant"

/* The mark's own instant is left to its sum. */
INV__SQL(SQL_SUM_MOVES,
         SUM_UP("SELECT " BASE ", " BODY ", CASE WHEN MIN(s.since) < " BODY
                " THEN MIN(s.since) ELSE " BODY " END, CASE WHEN MAX(s.since) > " BODY
                " THEN MAX(s.since) ELSE " BODY " END"
                " FROM (SELECT m.quantity AS moved, SUM(m.quantity) OVER (ORDER BY m.occurred_at)"
                " AS since FROM account_move m WHERE m.account = " OWN "account"
                " AND m.occurred_at > " MARK_BEFORE " AND m.occurred_at < " OWN "until) s"));
INV__SQL(SQL_SUM_ROWS,
         SUM_UP("SELECT " BASE ", MAX(CASE WHEN y.until = " OWN "until THEN y.base + y.total END),"
                " MIN(y.base + y.low), MAX(y.base + y.high) FROM account_level y"
                " WHERE y.account = " OWN "account AND y.level = " OWN "level - 1"
                " AND y.until > " MARK_BEFORE " AND y.until <= " OWN "until"));

/* One backdated move, as most are, only adds to the running sums behind its stretch, up to the next
 * mark of the level above. */
INV__SQL(SQL_ADD_TO_BASES,
         "UPDATE account_level SET base = account_level.base + r.quantity"
         " {where account:int level:int after:int quantity:int} account_level.account = r.account"
         " AND account_level.level = r.level AND account_level.until > (SELECT MIN(x.until)"
         " FROM account_level x WHERE x.account = r.account AND x.level = r.level"
         " AND x.until > r.after) AND account_level.until <= COALESCE((SELECT MIN(x.until)"
         " FROM account_level x WHERE x.account = r.account AND x.level = r.level + 1"
         " AND x.until > r.after), 9223372036854775807)");
/* Where several touch an account, or one cuts a stretch in two, they are made again, between the
 * marks of the level above. */
#define MARK_ABOVE(which, condition) \
	"(SELECT " which "(x.until) FROM account_level x WHERE x.account = r.account" \
	" AND x.level = r.level + 1 AND x.until " condition ")"
INV__SQL(SQL_BASES,
         "INSERT INTO account_level (account, level, until, total, low, high, base, instant)"
         " SELECT s.account, s.level, s.until, s.total, s.low, s.high, SUM(s.total) OVER"
         " (PARTITION BY s.account, s.since ORDER BY s.until"
         " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - s.total, s.instant"
         " FROM (SELECT DISTINCT y.account, y.level, y.until, y.total, y.low, y.high,"
         " y.instant, p.since FROM (SELECT r.account AS account, r.level AS level,"
         " COALESCE(" MARK_ABOVE("MAX", "<= r.after") ", " INV__FIRST_INSTANT ") AS since,"
         " COALESCE(" MARK_ABOVE("MIN", "> r.after") ", 9223372036854775807) AS last"
         " FROM {rows account:int level:int after:int} r) p CROSS JOIN account_level y"
         " WHERE y.account = p.account AND y.level = p.level AND y.until > p.since"
         " AND y.until <= p.last) s WHERE true ON CONFLICT (account, level, until)"
         " DO UPDATE SET base = excluded.base WHERE account_level.base <> excluded.base");

/* Which rows of a level a touch changes, by what they are the next ones after: that of its own
 * stretch, and where it is a mark among others the one that follows. */
static size_t changed_by(const touch *t, int level, int64_t after[2])
{
	size_t n = 0;

	if (t->behind || t->level >= level)
		after[n++] = t->at - 1;
	if (t->behind && t->level >= level)
		after[n++] = t->at;
	return n;
}

/* Which touches a statement is for. */
typedef enum choice { EVERY, ADDING, OTHERS } choice;

static bool is_chosen(const touch *t, choice which)
{
	if (which == ADDING)
		return t->alone && t->behind && t->level == 0;
	return which == EVERY || !t->alone || (t->behind && t->level > 0);
}

/* A statement with one row for each row that they change. */
static inv_status add_changed(inv__batch *b, const inv__sql *sql, const touches *all, int level,
                              choice which)
{
	int64_t *account, *on, *after, *quantity, changed[2];
	size_t count = 0, n = 0;

	for (size_t i = 0; i < all->count; i++)
		count += is_chosen(&all->list[i], which) ? changed_by(&all->list[i], level, changed) : 0;
	if (count == 0)
		return INV_OK;
	inv__batch_add(b, sql);
	inv__batch_rows(b, count);
	account = inv__batch_int_column(b);
	on = inv__batch_int_column(b);
	after = inv__batch_int_column(b);
	quantity = which == ADDING ? inv__batch_int_column(b) : NULL;
	for (size_t i = 0; b->status == INV_OK && i < all->count; i++) {
		const touch *t = &all->list[i];
		size_t rows = is_chosen(t, which) ? changed_by(t, level, changed) : 0;

		for (size_t k = 0; k < rows; k++) {
			account[n] = t->account;
			on[n] = level;
			if (quantity)
				quantity[n] = t->quantity;
			after[n++] = changed[k];
		}
	}
	return b->status;
}

/* Rows of one level, whose lower ones are right. */
static inv_status write_level(inv__batch *b, const touches *all, int level)
{
	inv_status rc = add_changed(b, level == 1 ? &SQL_SUM_MOVES : &SQL_SUM_ROWS, all, level, EVERY);

	if (rc == INV_OK)
		rc = add_changed(b, &SQL_ADD_TO_BASES, all, level, ADDING);
	return rc == INV_OK ? add_changed(b, &SQL_BASES, all, level, OTHERS) : rc;
}

/* Moves behind all others that make no mark have no row: they are left out. */
static void keep_what_writes(touches *all, size_t *behind, size_t *marks)
{
	size_t n = 0;

	for (size_t i = 0; i < all->count; i++) {
		const touch t = all->list[i];

		if (!t.behind && t.level == 0)
			continue;
		all->list[n] = t;
		all->list[n].alone = n == 0 || all->list[n - 1].account != t.account;
		if (!all->list[n].alone)
			all->list[n - 1].alone = false;
		n++;
		*behind += t.behind;
		*marks += (size_t)t.level;
	}
	all->count = n;
}

inv_status inv__levels_apply(inv__apply *apply, const inv__leg *legs, size_t count)
{
	touches all = {.list = inv__arena_alloc(apply->arena, count * sizeof *all.list)};
	size_t behind = 0, marks = 0;
	inv_status rc = all.list ? gather(apply->known, legs, count, &all) : INV_E_NO_MEMORY;

	if (rc == INV_OK && all.unknown)
		rc = look_up(apply, &all);
	if (rc == INV_OK)
		keep_what_writes(&all, &behind, &marks);
	if (rc != INV_OK || all.count == 0)
		return rc;
	rc = add_to_instants(apply->batch, &all, behind);
	if (rc == INV_OK)
		rc = make_marks(apply->batch, &all, marks);
	for (int level = 1; rc == INV_OK && level <= INV__LEVELS; level++)
		rc = write_level(apply->batch, &all, level);
	return rc;
}
