/* SPDX-License-Identifier: MIT */
/* Lists of balances: accounts summed per product and location, in the order of their key, so that
 * a page costs what it shows. */
#include "domain/levels.h"
#include "domain/list.h"
#include "domain/ops.h"
#include "domain/well_known.h"

#define ACCOUNT_COLUMNS(alias) \
	alias ".product, " alias ".location, " alias ".condition, " alias ".lot, " alias \
	".serial, " alias ".owner, "
/* Condition 0 is sellable. */
_Static_assert(INV_CONDITION_SELLABLE == 0, "condition has other numbers");

#define SUM_OF(expression) "CAST(SUM(" expression ") AS BIGINT)"
/* `below` adds what is held anywhere in the subtree of a row. */
#define SUMS(below) \
	SUM_OF("t.on_hand") " AS on_hand, " SUM_OF("t.sellable") " AS sellable, " \
	SUM_OF("t.reserved") below " AS reserved, " \
	SUM_OF("t.sellable") " - " SUM_OF("t.reserved") " - (0" below ") AS available"
#define PLAIN(below) \
	", CAST(0 AS BIGINT) AS condition, '' AS lot, '' AS serial, {no_id} AS owner, " SUMS(below)
#define DETAIL ", t.condition, t.lot, t.serial, t.owner, " SUMS("")
#define DETAIL_KEY ", t.condition, t.lot, t.serial, t.owner"
/* Few products have such reservations: only theirs are looked for in the tree. ?1 is now. */
#define ANY_BELOW \
	"EXISTS (SELECT 1 FROM reservation y WHERE y.product = t.product AND y.open > 0" \
	" AND y.subtree = 1)"
#define SUM_BELOW(which) \
	" + CASE WHEN " ANY_BELOW " THEN CAST((SELECT COALESCE(SUM(h.open), 0) FROM reservation h" \
	" WHERE h.product = t.product AND " INV__HELD_BELOW("h", "?1") which \
	") AS BIGINT) ELSE 0 END"
#define IN_ROOT \
	" AND h.location IN (WITH RECURSIVE w(id) AS (SELECT t.root UNION SELECT l.id FROM w" \
	" JOIN location l ON l.parent = w.id) SELECT w.id FROM w)"

enum { EACH, ROOT, ALL, PLACES };

/* How the accounts of the asked locations are put together. */
typedef struct shape {
	const char *columns;
	const char *group;
	const char *order;
} shape;

enum { SUMMED, DETAILED, SUMMED_THEN, FORMS };
static const shape shapes[PLACES][FORMS] = {
	[EACH] = {{"t.product, t.location" PLAIN(""), "t.product, t.location", "product,location"},
	          {"t.product, t.location" DETAIL, "t.product, t.location" DETAIL_KEY,
	           "product,location,condition,lot,serial,owner"},
	          {"t.product, t.location" PLAIN(""), "t.product, t.location", "product,location"}},
	[ROOT] = {{"t.product, t.root AS location" PLAIN(SUM_BELOW(IN_ROOT)), "t.product, t.root",
	           "product"},
	          {"t.product, t.root AS location" DETAIL, "t.product, t.root" DETAIL_KEY,
	           "product,condition,lot,serial,owner"},
	          {"t.product, t.root AS location" PLAIN(""), "t.product, t.root", "product"}},
	[ALL] = {{"t.product, {no_id} AS location" PLAIN(SUM_BELOW("")), "t.product", "product"},
	         {"t.product, {no_id} AS location" DETAIL, "t.product" DETAIL_KEY,
	          "product,condition,lot,serial,owner"},
	         {"t.product, {no_id} AS location" PLAIN(""), "t.product", "product"}},
};

static void put_id(inv__list_sql *sql, const inv_id *id)
{
	const inv_value value = {.type = INV_VALUE_BLOB, .size = sizeof id->bytes, .u.p = id->bytes};

	inv__list_sql_value(sql, &value);
}

_Static_assert(INV_LOCATION_KIND_INTERNAL == 0 && INV_LOCATION_KIND_TRANSIT == 1,
               "location_kind has other numbers");
#define SELLABLE_OF(quantity, condition) \
	quantity " AS on_hand, CASE WHEN " condition " = 0 THEN " quantity " ELSE 0 END AS sellable"
/* What went to virtual locations, as if they had accounts: the far sides of moves. */
#define FAR_SIDES \
	"(SELECT m.product, m.other_location AS location, m.other_condition AS condition, m.lot," \
	" m.serial, m.owner, " SELLABLE_OF("-m.quantity", "m.other_condition") ", 0 AS reserved" \
	" FROM move m JOIN location v ON v.id = m.other_location AND v.kind > 1" \
	" WHERE m.occurred_at <= "
/* What was known at an instant: ?1 is when, ?2 how much of that was known. */
#define KNOWN "WITH k(sealed) AS MATERIALIZED (SELECT " INV__KNOWN_UNTIL("?2", "?1") ") "
#define SEALED "(SELECT k.sealed FROM k)"
#define HELD INV__PAST("a.number", "?1")
#define HELD_KNOWN \
	"(" INV__PAST("a.number", SEALED) " + " INV__KNOWN_BEHIND("a.number", SEALED, "?1", "?2") ")"
#define IF_KNOWN " AND EXISTS (SELECT 1 FROM event e WHERE e.id = m.event AND e.known_at <= ?2)"
/* Plain accounts, which tell of those beside them. ?1 is now. */
#define PLACES_NOW \
	"(SELECT " ACCOUNT_COLUMNS("a") "b.on_hand + b.apart AS on_hand," \
	" b.on_hand + b.apart_sellable AS sellable, " \
	INV__HELD_NOW("b", "a.product", "a.location", "?1") " AS reserved" \
	" FROM account a CROSS JOIN account_balance b WHERE b.account = a.number AND " \
	INV__IS_PLAIN("a") ")"
/* Each account for itself: one that only stands for those beside it is left out. */
#define ACCOUNTS_NOW \
	"(SELECT " ACCOUNT_COLUMNS("a") SELLABLE_OF("b.on_hand", "a.condition") \
	", CASE WHEN b.held = 0 THEN 0 ELSE CAST((SELECT COALESCE(SUM(h.open), 0) FROM reservation h" \
	" WHERE h.product = a.product AND h.location = a.location AND h.open > 0 AND h.subtree = 0" \
	" AND lower(h.lot) = a.lot AND lower(h.serial) = a.serial AND " \
	INV__NOT_OVERDUE("h", "?1") ") AS BIGINT) END AS reserved" \
	" FROM account a CROSS JOIN account_balance b WHERE b.account = a.number" \
	" AND (b.last_at > 0 OR EXISTS (SELECT 1 FROM reservation h WHERE h.product = a.product" \
	" AND h.location = a.location AND h.open > 0 AND h.subtree = 0 AND h.lot = ''" \
	" AND h.serial = '')))"

static bool is_now(const inv_balance_query *query, bool far)
{
	return !far && !query->as_of && !query->known_at;
}

/* ?1 is now; of the past, when, and ?2 what was known. */
static void bind_times(const inv__call *call, const inv_balance_query *query, bool now,
                       inv__list_sql *sql)
{
	const int64_t as_of = query->as_of ? query->as_of : INT64_MAX;

	inv__list_sql_bind(sql, &(inv_value){.type = INV_VALUE_INT, .u.i = now ? call->now : as_of});
	if (!now && query->known_at)
		inv__list_sql_bind(sql, &(inv_value){.type = INV_VALUE_INT, .u.i = query->known_at});
}

/* Accounts that had moved by then, as they were. */
static void put_accounts_then(bool known, inv__list_sql *sql)
{
	const char *held = known ? HELD_KNOWN : HELD;

	inv__list_sql_puts(sql, known ? "(" KNOWN "SELECT " ACCOUNT_COLUMNS("a")
	                              : "(SELECT " ACCOUNT_COLUMNS("a"));
	inv__list_sql_puts(sql, held);
	inv__list_sql_puts(sql, " AS on_hand, CASE WHEN a.condition = 0 THEN ");
	inv__list_sql_puts(sql, held);
	inv__list_sql_puts(sql, " ELSE 0 END AS sellable, 0 AS reserved FROM account a WHERE EXISTS"
	                        " (SELECT 1 FROM account_move m WHERE m.account = a.number"
	                        " AND m.occurred_at <= ?1");
	inv__list_sql_puts(sql, known ? IF_KNOWN "))" : "))");
}

/* Accounts as they are, or as they were at an instant. */
static void put_accounts(const inv_balance_query *query, bool far, inv__list_sql *sql)
{
	if (is_now(query, far)) {
		inv__list_sql_puts(sql, query->detail ? ACCOUNTS_NOW : PLACES_NOW);
		return;
	}
	if (!far) {
		put_accounts_then(query->known_at != 0, sql);
		return;
	}
	inv__list_sql_puts(sql, FAR_SIDES "?1");
	inv__list_sql_puts(sql, query->known_at ? IF_KNOWN ")" : ")");
}

/* The accounts of a location and all below it, with that location as their root. */
static void put_below(const inv_balance_query *query, bool far, inv__list_sql *sql)
{
	inv__list_sql_puts(sql, "(WITH RECURSIVE tree(root, id) AS (SELECT l.id, l.id FROM location l"
	                        " WHERE l.id = ");
	put_id(sql, &query->location.id);
	inv__list_sql_puts(sql, " UNION SELECT tree.root, l.id FROM tree"
	                        " JOIN location l ON l.parent = tree.id)"
	                        " SELECT tree.root, " ACCOUNT_COLUMNS("a")
	                        "a.on_hand, a.sellable, a.reserved FROM tree JOIN ");
	put_accounts(query, far, sql);
	inv__list_sql_puts(sql, " a ON a.location = tree.id)");
}

static bool put_where(const inv_balance_query *query, bool here, inv__list_sql *sql)
{
	bool product = !inv_id_is_none(query->product.id);

	if (product) {
		inv__list_sql_puts(sql, "t.product = ");
		put_id(sql, &query->product.id);
	}
	if (here) {
		inv__list_sql_puts(sql, product ? " AND t.location = " : "t.location = ");
		put_id(sql, &query->location.id);
	}
	return product || here;
}

static inv_status claim_list(inv__call *call, const inv_balance_query *query, bool far)
{
	bool placed = !inv_id_is_none(query->location.id);
	size_t place = !query->subtree ? EACH : placed ? ROOT : ALL;
	bool now = is_now(query, far);
	const shape *how = &shapes[place][query->detail ? DETAILED : now ? SUMMED : SUMMED_THEN];
	inv__list_source source = {
		.cursor = query->cursor,
		.limit = query->limit,
		.default_sort = how->order,
		.last_sort = how->order,
		.any_sort = true,
		.columns = how->columns,
		.group = how->group,
	};
	inv_str where = {NULL, 0};
	inv__list_sql sql;
	bool has_where;
	inv_status rc = inv__list_sql_init(&sql, call->arena, 8);

	if (rc == INV_OK)
		bind_times(call, query, now, &sql);
	if (rc == INV_OK) {
		if (place == ROOT)
			put_below(query, far, &sql);
		else
			put_accounts(query, far, &sql);
		rc = inv__list_sql_end(&sql, call->arena, &source.from);
	}
	if (rc == INV_OK) {
		has_where = put_where(query, place == EACH && placed, &sql);
		rc = inv__list_sql_end(&sql, call->arena, &where);
		source.where = has_where ? where.ptr : NULL;
	}
	if (rc != INV_OK)
		return inv__call_no_memory(call);
	source.values = sql.values;
	source.value_count = sql.value_count;
	source.loose_count = now ? 1 : 0;
	return inv__list_claim(call, &source);
}

inv_status inv__claim_balance_list(inv__call *call)
{
	const inv_balance_query *query = inv__call_input(call, 0);
	inv__places *place = inv__arena_zalloc(call->arena, sizeof *place);
	inv_status rc = place ? INV_OK : inv__call_no_memory(call);

	call->positions = query->known_at != 0;
	if (query->expected)
		return inv__call_fail(call, INV_E_INVALID, 0, "expected", "only balance.get tells it");
	call->hook_state = place;
	if (rc == INV_OK && !inv_id_is_none(query->location.id))
		rc = inv__places_claim(call, &query->location.id, 1, place);
	return rc == INV_OK ? claim_list(call, query, false) : rc;
}

inv_status inv__decide_balance_list(inv__call *call)
{
	const inv_balance_query *query = inv__call_input(call, 0);
	inv__places *place = call->hook_state;

	if (call->phase > 0 || inv_id_is_none(query->location.id))
		return inv__list_decide(call);
	inv__places_read(call, place);
	if (!place->list[0].found || inv__kind_is_physical(place->list[0].kind))
		return inv__list_decide(call);
	call->more = true;
	return claim_list(call, query, true);
}
