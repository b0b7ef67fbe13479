/* SPDX-License-Identifier: MIT */
/* What must hold at any time: the invariants, and that both sides hold the same. */
#include "support/mirror.h"

#include <stdlib.h>

/* ---- balances ---- */

bool mirror_balance(mirror *x, const mirror_memory *question, model_sum *out)
{
	inv_balance_query query = INV_BALANCE_QUERY_INIT;
	inv_result *r = NULL;
	inv_session *s = x->inside ? x->inside : x->sessions[0];
	inv_status rc;

	query.product = inv_ref_of(x->products[question->product]);
	if (question->place != MODEL_NONE)
		query.location = inv_ref_of(x->places[question->place]);
	query.subtree = question->below || question->place == MODEL_NONE;
	query.as_of = question->as_of;
	query.known_at = question->known_at;
	rc = inv_balance_get(s, &query, 1, NULL, &r);
	if (rc != INV_OK) {
		mirror_differs(x, "balance.get answers %d: %s", (int)rc, inv_session_error(s)->message);
		return false;
	}
	out->on_hand = INV_AT(r, inv_balance, 0)->on_hand;
	out->sellable = INV_AT(r, inv_balance, 0)->sellable;
	if (INV_AT(r, inv_balance, 0)->available != out->sellable)
		mirror_differs(x, "available is not what is sellable");
	inv_result_free(r);
	return true;
}

void mirror_compare_balance(mirror *x, const mirror_memory *q)
{
	model_sum ours, theirs;

	ours = model_balance(x->m, q->product, q->place, q->below, q->as_of ? q->as_of : INT64_MAX,
	                     q->known_at ? q->known_at : INT64_MAX);
	if (mirror_balance(x, q, &theirs) &&
	    (ours.on_hand != theirs.on_hand || ours.sellable != theirs.sellable))
		mirror_differs(x, "product %d at %d%s as of %lld known at %lld: %lld, %lld, not %lld, %lld",
		               q->product, q->place, q->below ? " and below" : "", (long long)q->as_of,
		               (long long)q->known_at, (long long)theirs.on_hand,
		               (long long)theirs.sellable, (long long)ours.on_hand,
		               (long long)ours.sellable);
}

void mirror_remember(mirror *x, const mirror_memory *question)
{
	mirror_memory *m = &x->memories[x->memory_count % MIRROR_MEMORIES];
	model_sum sum;

	if (!mirror_balance(x, question, &sum))
		return;
	*m = *question;
	m->on_hand = sum.on_hand;
	m->sellable = sum.sellable;
	x->memory_count++;
}

static void check_memories(mirror *x)
{
	int count = x->memory_count < MIRROR_MEMORIES ? x->memory_count : MIRROR_MEMORIES;

	for (int i = 0; i < count; i++) {
		const mirror_memory *m = &x->memories[i];
		model_sum sum;

		if (mirror_balance(x, m, &sum) &&
		    (sum.on_hand != m->on_hand || sum.sellable != m->sellable))
			mirror_differs(x, "what was known of product %d has changed (I8)", m->product);
	}
}

/* ---- the feed ---- */

static void take_event(mirror *x, const inv_event *e)
{
	static const char *const moving[] = {"stock.posted", "sale.closed"};

	if (e->position != ++x->read_position)
		mirror_differs(x, "position %lld in the feed, not %lld (I27)", (long long)e->position,
		               (long long)x->read_position);
	if (memcmp(e->id.bytes, x->last_event.bytes, sizeof e->id.bytes) == 0)
		mirror_differs(x, "an event is there twice (I27)");
	x->last_event = e->id;
	x->read_position = e->position;
	for (size_t i = 0; i < 2; i++)
		if (strcmp(e->name.ptr, moving[i]) == 0 && x->event_count < x->m->event_count)
			x->events[x->event_count++] = e->id;
}

void mirror_feed(mirror *x, int64_t events)
{
	inv_feed_query query = INV_FEED_QUERY_INIT;
	inv_result *r = NULL;
	inv_status rc;

	query.after = x->read_position;
	query.limit = INV_LIMIT_PAGE;
	rc = inv_feed_read(x->sessions[0], &query, 1, NULL, &r);
	if (rc != INV_OK) {
		mirror_differs(x, "feed.read answers %d", (int)rc);
		return;
	}
	if ((int64_t)inv_result_count(r) != events)
		mirror_differs(x, "%zu events in the feed, not %lld (I27)", inv_result_count(r),
		               (long long)events);
	for (size_t i = 0; i < inv_result_count(r); i++) {
		const inv_event *e = INV_AT(r, inv_event, i);

		take_event(x, e);
		if (i + 1 == inv_result_count(r) && e->known_at != x->m->known_at)
			mirror_differs(x, "known_at is %lld, not %lld", (long long)e->known_at,
			               (long long)x->m->known_at);
	}
	if (x->event_count != x->m->event_count)
		mirror_differs(x, "%d events moved stock, not %d", x->event_count, x->m->event_count);
	inv_result_free(r);
}

/* ---- moves ---- */

typedef struct listed {
	model_move *moves;
	int *other; /* place of the other side */
	int count;
} listed;

static int index_of(const inv_id *ids, int count, inv_id id)
{
	for (int i = 0; i < count; i++)
		if (memcmp(ids[i].bytes, id.bytes, sizeof id.bytes) == 0)
			return i;
	return MODEL_NONE;
}

/* The number behind a code such as "lot-3". */
static int number_of(inv_str code)
{
	int n = 0;

	for (size_t i = 0; i < code.len; i++)
		n = code.ptr[i] >= '0' && code.ptr[i] <= '9' ? n * 10 + (code.ptr[i] - '0') : 0;
	return n;
}

static void take_move(const mirror *x, const inv_move *from, listed *out)
{
	model_move *to = &out->moves[out->count];

	memset(to, 0, sizeof *to);
	to->account.product = index_of(x->products, MODEL_PRODUCTS, from->product.id);
	to->account.place = index_of(x->places, MODEL_PLACES, from->location.id);
	to->account.condition = from->condition;
	to->account.lot = number_of(from->lot);
	to->account.serial = number_of(from->serial);
	to->account.owner = from->owner.bytes[15];
	to->quantity = from->quantity;
	to->occurred_at = from->occurred_at;
	to->event = index_of(x->events, x->event_count, from->event);
	to->line = (int)from->line;
	out->other[out->count++] = index_of(x->places, MODEL_PLACES, from->other_location.id);
}

static bool list_moves(mirror *x, listed *out)
{
	inv_move_query query = INV_MOVE_QUERY_INIT;
	char cursor[2048];
	inv_result *r = NULL;
	inv_str next;

	query.limit = INV_LIMIT_PAGE;
	do {
		inv_status rc = inv_move_list(x->sessions[0], &query, 1, NULL, &r);

		if (rc != INV_OK) {
			mirror_differs(x, "move.list answers %d: %s", (int)rc,
			               inv_session_error(x->sessions[0])->message);
			return false;
		}
		for (size_t i = 0; i < inv_result_count(r) && out->count < MODEL_MOVES; i++)
			take_move(x, INV_AT(r, inv_move, i), out);
		next = inv_result_cursor(r);
		memcpy(cursor, next.ptr, next.len < sizeof cursor ? next.len : sizeof cursor);
		query.cursor = (inv_str){cursor, next.len};
		inv_result_free(r);
	} while (query.cursor.len > 0);
	return true;
}

static int move_order(const void *p, const void *q)
{
	const model_move *a = p, *b = q;
	int c = a->event - b->event;

	c = c ? c : a->line - b->line;
	c = c ? c : (a->quantity > b->quantity) - (a->quantity < b->quantity);
	return c;
}

static bool move_equal(const model_move *a, const model_move *b)
{
	return model_account_equal(&a->account, &b->account) && a->quantity == b->quantity &&
	       a->occurred_at == b->occurred_at && a->event == b->event && a->line == b->line;
}

/* I1: the sides of a line add up to nothing: two accounts that hold stock, or one and a place that
 * holds none. The moves are sorted by event and line. */
static void check_lines(mirror *x, const listed *all)
{
	for (int i = 0; i < all->count; i++) {
		const model_move *a = &all->moves[i];
		const model_move *b = i + 1 < all->count ? a + 1 : NULL;

		if (b && b->event == a->event && b->line == a->line) {
			if (a->quantity + b->quantity != 0 || a->account.product != b->account.product)
				mirror_differs(x, "the sides of a line do not balance (I1)");
			i++;
		}
	}
}

/* I1 for lines with one physical side: the other one is a virtual place. */
static void check_sides(mirror *x, const listed *all)
{
	for (int i = 0; i < all->count; i++) {
		int sides = 0;

		if (all->other[i] < 0 || !x->m->places[all->other[i]].physical)
			continue;
		for (int j = 0; j < all->count; j++)
			sides += all->moves[j].event == all->moves[i].event &&
			         all->moves[j].line == all->moves[i].line;
		if (sides != 2)
			mirror_differs(x, "a line between two accounts has %d sides (I1)", sides);
	}
}

static bool untouched_by_others(const model *m, const model_account *account)
{
	for (int i = 0; i < m->move_count; i++)
		if (!m->moves[i].strict && model_account_equal(&m->moves[i].account, account))
			return false;
	return true;
}

static int time_order(const void *p, const void *q)
{
	const model_move *const *a = p, *const *b = q;

	return ((*a)->occurred_at > (*b)->occurred_at) - ((*a)->occurred_at < (*b)->occurred_at);
}

/* I3 without the model's guard: an account that only strict commands touched is never below zero,
 * at the end of any instant. */
static void check_account(mirror *x, const listed *all, const model_account *account)
{
	static const model_move *own[MODEL_MOVES];
	int64_t sum = 0;
	int n = 0;

	for (int i = 0; i < all->count; i++)
		if (model_account_equal(&all->moves[i].account, account))
			own[n++] = &all->moves[i];
	qsort(own, (size_t)n, sizeof own[0], time_order);
	for (int i = 0; i < n; i++) {
		sum += own[i]->quantity;
		if (sum < 0 && (i + 1 == n || own[i + 1]->occurred_at != own[i]->occurred_at))
			mirror_differs(x, "product %d at %d is below zero at %lld (I3)", account->product,
			               account->place, (long long)own[i]->occurred_at);
	}
}

/* Calls `each` for every account that was touched. */
static int each_account(mirror *x, const listed *all,
                        void (*each)(mirror *, const listed *, const model_account *))
{
	static model_account known[4096];
	int n = 0;

	for (int i = 0; i < x->m->move_count; i++) {
		int j = 0;

		while (j < n && !model_account_equal(&known[j], &x->m->moves[i].account))
			j++;
		if (j == n && n < 4096)
			known[n++] = x->m->moves[i].account;
	}
	for (int i = 0; each && i < n; i++)
		each(x, all, &known[i]);
	return n;
}

static void check_strict(mirror *x, const listed *all, const model_account *account)
{
	if (untouched_by_others(x->m, account))
		check_account(x, all, account);
}

static void check_moves(mirror *x)
{
	static model_move mine[MODEL_MOVES], theirs[MODEL_MOVES];
	static int other[MODEL_MOVES];
	listed all = {theirs, other, 0};

	if (!list_moves(x, &all))
		return;
	check_sides(x, &all);
	memcpy(mine, x->m->moves, sizeof mine);
	qsort(mine, (size_t)x->m->move_count, sizeof mine[0], move_order);
	qsort(theirs, (size_t)all.count, sizeof theirs[0], move_order);
	if (all.count != x->m->move_count)
		mirror_differs(x, "%d moves, not %d", all.count, x->m->move_count);
	for (int i = 0; i < all.count && i < x->m->move_count; i++)
		if (!move_equal(&mine[i], &theirs[i])) {
			mirror_differs(x, "move %d of event %d is another one", mine[i].line, mine[i].event);
			break;
		}
	check_lines(x, &all);
	each_account(x, &all, check_strict);
}

/* ---- balances by account ---- */

static void compare_detail(mirror *x, const inv_balance *b)
{
	model_account a = {index_of(x->products, MODEL_PRODUCTS, b->product.id),
	                   index_of(x->places, MODEL_PLACES, b->location.id),
	                   b->condition,
	                   number_of(b->lot),
	                   number_of(b->serial),
	                   b->owner.bytes[15]};

	if (b->on_hand != model_holds(x->m, &a))
		mirror_differs(x, "an account of product %d at %d holds %lld, not %lld (I2)", a.product,
		               a.place, (long long)b->on_hand, (long long)model_holds(x->m, &a));
}

static void check_accounts(mirror *x)
{
	inv_balance_query query = INV_BALANCE_QUERY_INIT;
	char cursor[2048];
	inv_result *r = NULL;
	inv_str next;
	int count = 0;

	query.detail = 1;
	query.limit = 100;
	do {
		inv_status rc = inv_balance_list(x->sessions[0], &query, 1, NULL, &r);

		if (rc != INV_OK) {
			mirror_differs(x, "balance.list answers %d: %s", (int)rc,
			               inv_session_error(x->sessions[0])->message);
			return;
		}
		for (size_t i = 0; i < inv_result_count(r); i++, count++)
			compare_detail(x, INV_AT(r, inv_balance, i));
		next = inv_result_cursor(r);
		memcpy(cursor, next.ptr, next.len < sizeof cursor ? next.len : sizeof cursor);
		query.cursor = (inv_str){cursor, next.len};
		inv_result_free(r);
	} while (query.cursor.len > 0);
	if (count != each_account(x, NULL, NULL))
		mirror_differs(x, "%d accounts, not %d", count, each_account(x, NULL, NULL));
}

/* ---- sales and postings ---- */

static void check_sales(mirror *x)
{
	inv_lookup find = INV_LOOKUP_INIT;

	for (int i = 0; i < x->m->sale_count; i += 1 + x->m->sale_count / 40) {
		const model_sale *mine = &x->m->sales[i];
		inv_result *r = NULL;
		const inv_sale *s;

		find.ref = inv_ref_of(x->sales[i]);
		if (inv_sale_get(x->sessions[0], &find, 1, NULL, &r) != INV_OK) {
			mirror_differs(x, "sale.get fails: %s", inv_session_error(x->sessions[0])->message);
			return;
		}
		s = INV_AT(r, inv_sale, 0);
		if (s->number != mine->number || s->total != mine->total ||
		    s->refunded != mine->refunded || s->refunded < 0 ||
		    (!mine->refund && s->refunded > s->total) ||
		    (int)s->lines.count != mine->count)
			mirror_differs(x, "sale %lld has changed", (long long)mine->number);
		for (size_t l = 0; l < s->lines.count; l++) {
			int64_t refunded = INV_LIST_AT(s->lines, inv_sale_line, l)->refunded;

			if (refunded != mine->lines[l].refunded)
				mirror_differs(x, "line %zu of sale %lld: refunded %lld, not %lld", l + 1,
				               (long long)mine->number, (long long)refunded,
				               (long long)mine->lines[l].refunded);
		}
		inv_result_free(r);
	}
}

/* Tickets run from 1 without gaps, per till. */
static void check_tickets(mirror *x)
{
	inv_query query = INV_QUERY_INIT;
	char cursor[2048];
	int64_t last[MODEL_TILLS] = {0, 0};
	inv_result *r = NULL;
	inv_str next;

	query.sort = INV_S("number");
	query.limit = INV_LIMIT_PAGE;
	do {
		inv_status rc = inv_sale_list(x->sessions[0], &query, 1, NULL, &r);

		if (rc != INV_OK) {
			mirror_differs(x, "sale.list answers %d", (int)rc);
			return;
		}
		for (size_t i = 0; i < inv_result_count(r); i++) {
			const inv_sale *s = INV_AT(r, inv_sale, i);
			int till = index_of(x->tills, MODEL_TILLS, s->till.id);

			if (till < 0 || s->number != ++last[till])
				mirror_differs(x, "ticket %lld does not follow", (long long)s->number);
		}
		next = inv_result_cursor(r);
		memcpy(cursor, next.ptr, next.len < sizeof cursor ? next.len : sizeof cursor);
		query.cursor = (inv_str){cursor, next.len};
		inv_result_free(r);
	} while (query.cursor.len > 0);
	if (last[0] != x->m->last_number[0] || last[1] != x->m->last_number[1])
		mirror_differs(x, "the last tickets are %lld and %lld", (long long)last[0],
		               (long long)last[1]);
}

static void check_postings(mirror *x)
{
	inv_lookup find = INV_LOOKUP_INIT;

	for (int i = 0; i < x->m->posting_count; i += 1 + x->m->posting_count / 40) {
		inv_result *r = NULL;

		find.ref = inv_ref_of(x->postings[i]);
		if (inv_posting_get(x->sessions[0], &find, 1, NULL, &r) != INV_OK) {
			mirror_differs(x, "posting.get fails: %s", inv_session_error(x->sessions[0])->message);
			return;
		}
		if (inv_id_is_none(INV_AT(r, inv_posting, 0)->reversed_by) == x->m->postings[i].reversed)
			mirror_differs(x, "posting %d: is it reversed?", i);
		inv_result_free(r);
	}
}

/* I4: every derived row is what the journal makes of it. */
static void check_state(mirror *x)
{
	inv_verify_report report = INV_VERIFY_REPORT_INIT;
	char before[65] = "", after[65] = "";
	inv_status rc = inv_store_verify(x->shop.store, NULL, &report, &x->shop.error);

	if (rc != INV_OK || !report.ok)
		mirror_differs(x, "verify answers %d: %s %s", (int)rc, report.first_divergence,
		               x->shop.error.message);
	if (report.position != x->first_position + x->m->events)
		mirror_differs(x, "the journal has %lld events", (long long)report.position);
	inv_store_state_hash(x->shop.store, before, NULL);
	rc = inv_store_rebuild(x->shop.store, NULL, &x->shop.error);
	if (rc != INV_OK)
		mirror_differs(x, "rebuild answers %d: %s", (int)rc, x->shop.error.message);
	inv_store_state_hash(x->shop.store, after, NULL);
	if (strcmp(before, after) != 0 || strcmp(before, report.state_hash) != 0)
		mirror_differs(x, "the state hashes are %s, %s, %s (I4)", report.state_hash, before,
		               after);
}

void mirror_check_all(mirror *x)
{
	check_moves(x);
	check_accounts(x);
	check_tickets(x);
	check_sales(x);
	check_postings(x);
	check_memories(x);
	check_state(x);
}
