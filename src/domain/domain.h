/* SPDX-License-Identifier: MIT */
/* What the engine and the rules of the domain say to each other.
 *
 * A write operation is a pair of functions. *Claim* adds statements that read (and lock) every row
 * the decision will rest on. *Decide* looks at their rows, checks the rules, and makes events or an
 * error; it writes nothing. *Apply*, one function per kind of event, writes what events say; it
 * uses no clock and no randomness, so that a rebuild does exactly the same. A read operation is the
 * same pair: claim adds the queries, decide makes output records of their rows. */
#ifndef INV_DOMAIN_H
#define INV_DOMAIN_H

#include "codec/codec.h"
#include "inventra/records.h"
#include "inventra/schema.h"
#include "schema/numbers.h"
#include "schema/rows.h"
#include "storage/batch.h"

/* Who works, from where: the session's, with the store's defaults filled in. */
typedef struct inv__scene_ids {
	inv_id channel;
	inv_id location;
	inv_id till;
} inv__scene_ids;

/* An event as decide makes it; the engine adds ids, position, hash. */
typedef struct inv__event {
	const inv_event_desc *desc;
	inv_id id;            /* the engine's */
	inv_id subject;
	int64_t occurred_at;
	int32_t business_date;
	uint32_t reserved;
	inv_id location;      /* where and through which channel */
	inv_id channel;
	void *payload;        /* a record of desc->payload */
} inv__event;

typedef struct inv__call inv__call;
typedef struct inv__known inv__known;
typedef inv_status (*inv__claim_fn)(inv__call *call);
typedef inv_status (*inv__decide_fn)(inv__call *call);

struct inv__call {
	/* The question. Inputs are validated and of current size. */
	const inv_op_desc *op;
	const void *inputs;
	size_t count;
	const inv_fields *masks; /* one per input, for PARTIAL operations */
	/* Who asks, when. */
	inv__scene_ids session;
	inv_str actor;
	int64_t now;
	inv_id command;          /* id of the command; ids of new things are taken from inv__call_id */
	size_t serial_statement; /* of the legs claimed last, with has_serials */
	bool has_serials;
	bool replaying;          /* the key was seen, and its command changed nothing: answer only */
	bool rests;              /* a claim was answered from what is known */
	bool has_turn;           /* the transaction has the turn of master data already; */
	bool takes_turn;         /* the claim asks for it */
	bool locks;              /* others write too: what the decision rests on must be locked */
	bool absorbs;            /* a move comes late: it lies before a count of its account */
	bool positions;          /* a claim asks for positions: events must have theirs first */
	inv_id scene_place;      /* the location that a scene which is asked for tells of, or none */
	int64_t latest;          /* of what the decision rests on: the last move of its accounts */
	/* Tools. Everything made for the call lives in the arena, which becomes the result's. */
	inv__arena *arena;
	inv__batch *batch;
	inv__known *known;       /* the writer's memory; NULL for who has none */
	inv_error *error;
	inv_random random;
	struct inv__accounts *claimed; /* those that the batch asks for */
	void *state;             /* the operation's own, from claim to decide */
	void *hook_state;        /* that of master data's hooks */
	uint32_t phase;          /* how often decide has run before */
	bool more;               /* decide sets it: run the batch, then decide again */
	/* The answer. */
	void *outputs;           /* contiguous records of op->output */
	size_t output_count;
	inv_str cursor;
	inv__event *events;
	size_t event_count;
	size_t event_cap;
};

/* Applying events: statements are added to the batch; `link` is there for the few kinds of event
 * that must read what an earlier event left. */
typedef struct inv__apply {
	inv__batch *batch;
	inv__link *link;
	inv__known *known;       /* is told what the events do; NULL when nobody wants to know */
	bool absorbs;            /* some may come late: they may lie before a count of their account */
	inv__arena *arena;
	inv_error *error;
} inv__apply;

/* Run what the batch holds, so that a read sees it. */
inv_status inv__apply_flush(inv__apply *apply);

/* `events` are `count` consecutive ones whose descriptions share this function. */
typedef inv_status (*inv__apply_fn)(inv__apply *apply, const inv__event *events, size_t count);

typedef struct inv__op_impl {
	inv__claim_fn claim;
	inv__decide_fn decide;
} inv__op_impl;

extern const inv__op_impl inv__op_impls[INV_OP_COUNT];
extern const inv__apply_fn inv__event_impls[INV_EVENT_COUNT];

/* Makes the events of a new store: settings, the location tree's roots, a channel, a till. */
inv_status inv__bootstrap_claim(inv__call *call);
inv_status inv__bootstrap_decide(inv__call *call);

/* ---- helpers for operations (call.c) ---- */

static inline const void *inv__call_input(const inv__call *call, size_t index)
{
	return (const char *)call->inputs + index * inv_schema_record(call->op->input)->size;
}
/* Errors. `index` is the input's; `field` may be a path such as "lines[2].lot". */
inv_status inv__call_fail(inv__call *call, inv_status status, size_t index, const char *field,
                          const char *format, ...) __attribute__((format(printf, 5, 6)));
inv_status inv__call_no_memory(inv__call *call);
/* "lines[index].field" in the arena; the field alone where the input has it in place of lines. */
const char *inv__line_field(inv__call *call, const char *list, size_t index, const char *field);
/* A new id: time-ordered. NO_MEMORY cannot happen; INTERNAL when there is no randomness. */
inv_status inv__call_id(inv__call *call, inv_id *out);
/* The id of what a command makes: the command's own, which its first event has too, when it makes
 * one thing, so that the event needs no index entry to be found by it. */
inv_status inv__call_new_id(inv__call *call, inv_id *out);
/* Does an update change this field of input `index`: its mask names it, or, without one, it is not
 * zero? Never so for keys, locks and what is the engine's. */
bool inv__field_given(const inv__call *call, size_t index, uint32_t field);
/* `count` cleared output records, struct_size set; NULL when out of memory. */
void *inv__call_outputs(inv__call *call, size_t count);
/* Add an event. `payload` is borrowed until the end of the call. */
inv_status inv__call_event(inv__call *call, uint32_t event, inv_id subject, int64_t occurred_at,
                           int32_t business_date, void *payload);
/* The event added last happened at another place than the session's. */
void inv__call_event_place(inv__call *call, inv_id location, inv_id channel);
/* The table whose rows are records of this number; NULL when there is none. */
const inv_table_desc *inv__table_of_record(uint32_t record);
/* The field by which a table's rows are named (SKU, code, ticket); NULL when there is none. */
const inv_field_desc *inv__code_field(const inv_record_desc *record);

/* ---- lists (list.c, filter.c, cursor.c) ---- */

/* A page of records: the columns of `from` (a table name or a subquery in parentheses) are the
 * stored fields of call->op->output. Parameters of a subquery were given with the values. */
typedef struct inv__list_source {
	inv_str from;
	inv_str filter;          /* the caller's texts */
	inv_str sort;
	inv_str cursor;
	int64_t limit;
	const char *default_sort; /* NULL = a required code, else primary key */
	const char *last_sort;    /* fields that make the order total; NULL = primary key */
	const char *where;        /* a fixed condition, NULL = none */
	bool any_sort;            /* sort by any field, not only those flagged SORT */
	const inv_value *values;  /* parameters ?1 … of `from` */
	size_t value_count;
	size_t loose_count;        /* the first of them that are no part of the question: now */
	/* For sums that are read in the order of an index: `columns` are the stored fields as
	 * expressions over `from` t, summed by `group`. The order is by columns of t. */
	const char *columns;
	const char *group;
} inv__list_source;
/* Adds the statement to the batch (call->state keeps what decide needs). */
inv_status inv__list_claim(inv__call *call, const inv__list_source *source);
/* Makes the page and the cursor. */
inv_status inv__list_decide(inv__call *call);

/* ---- the scene: settings, channel, location, till (scene.c) ---- */

typedef struct inv__scene {
	inv_str currency;
	inv_str ticket_format;
	inv_str time_zone;
	int32_t day_start;
	int64_t cash_rounding;
	inv_id channel;
	int32_t guard;
	int64_t backorder_limit;
	inv_id location;
	inv_id till;
	inv_str till_code;
	int64_t last_number;
	int64_t closed_until; /* 0 = nothing is closed */
	bool has_channel, has_location, has_till;
} inv__scene;
/* Scenes of a command's inputs. */
typedef struct inv__scenes {
	const inv__scene_ids *wanted;
	inv__scene *list;
	size_t *rows;     /* the row of the statement that an input's scene stands in; */
	size_t statement; /* SIZE_MAX for those that are known by heart */
} inv__scenes;
/* Which channel, location, till each input asked for (none = the session's). `wanted` must stay. */
inv_status inv__scene_claim(inv__call *call, const inv__scene_ids *wanted, size_t count,
                            inv__scenes *out);
inv_status inv__scene_read(inv__call *call, const inv__scenes *scenes, size_t index,
                           inv__scene *out);
/* When it happened: none is now; more than five minutes ahead is refused, or under guard observe
 * set to now (*clamped); what lies in a closed period is refused. Also gives the business date, */
inv_status inv__scene_instant(inv__call *call, const inv__scene *scene, size_t index,
                              int64_t *occurred_at, int32_t *business_date, bool *clamped);
/* which is asked for alone where nobody says when something happened. */
inv_status inv__scene_date(inv__call *call, const inv__scene *scene, size_t index,
                           int64_t occurred_at, int32_t *business_date);
/* The instant it will be, as far as the input alone tells. */
int64_t inv__scene_foretell(const inv__call *call, int64_t occurred_at);

/* ---- stock: legs and their accounts (legs.c, accounts.c, guard.c) ---- */

/* What an account gains or loses through one line. */
typedef struct inv__leg {
	int64_t account;   /* its number, once legs are sorted: a digest of the six fields below; */
	int64_t witness;   /* and the rest of that digest; */
	int64_t plain;     /* the number of the plain account beside it, or its own */
	inv_id product;
	inv_id location;
	inv_id owner;
	inv_str lot;       /* folded */
	inv_str serial;    /* folded */
	int32_t condition;
	int32_t other_condition;
	inv_id other_location;
	int64_t quantity;  /* signed; 0 where nothing moves: */
	int64_t held;      /* what reservations come to hold of the account, signed; */
	int64_t apart;     /* of a plain account: what happens beside it, as in inv__holding, */
	int64_t apart_sellable;
	int64_t frees_plain; /* of another one: `held` of the plain account beside it */
	int64_t frees_node;  /* what it takes off a reservation at a node above it: */
	inv_id node;
	bool alone;        /* the plain account beside it has a leg of its own already; */
	bool beside;       /* this is that leg */
	bool asserts;      /* what is counted is a move even where nothing moves; */
	bool absorbs;      /* it gives back what comes late, at the instant of the count behind it */
	int64_t occurred_at;
	inv_id event;
	size_t input;      /* which input record */
	size_t line;       /* its line, from 0 */
	size_t part;       /* of a kit: which part of the line, from 1; 0 = the line itself */
	inv_str part_sku;
} inv__leg;

/* What of a line moves: the product of the line, or the parts of a kit in its place. */
typedef struct inv__moved {
	inv_id product;
	int64_t quantity;
	inv_str lot, serial, sku;
	size_t part;
} inv__moved;
static inline size_t inv__moved_count(const inv_list *parts)
{
	return parts->count > 0 ? parts->count : 1;
}
/* Take part `index` over `line`, where there are parts. */
void inv__moved_take(const inv_list *parts, size_t index, inv__moved *line);
/* Product, lot and serial (folded), quantity and part of a leg. */
void inv__leg_moves(inv__leg *leg, const inv__moved *moved, inv__arena *arena);

/* What an account holds. The *plain* account of a product at a location (sellable, of the shop's
 * own, without lot or serial) also says what the others there come to, so that what is available is
 * one row: on_hand + apart_sellable - held. */
typedef struct inv__holding {
	int64_t on_hand;
	int64_t last_at;        /* the latest occurred_at of its moves */
	int64_t held;           /* by open reservations; of a plain account: of all accounts there */
	int64_t apart;          /* on hand in the other accounts, */
	int64_t apart_sellable; /* and the sellable part of that */
	int64_t reorder_point;  /* of the rule that watches it */
	bool watched;
} inv__holding;

/* A leg's account. As claim found it, an entry stands for a span of time too: from an instant at
 * which the command moves something until it moves something again. */
typedef struct inv__account {
	const inv__leg *key;    /* the first of its legs */
	int64_t on_hand;        /* now */
	int64_t held;           /* by open reservations, those that are overdue left out */
	int64_t apart, apart_sellable; /* in the other accounts there, as in inv__holding */
	int64_t spare;          /* what may be taken now: on hand, and sellable beside, less held */
	int64_t told;           /* the same as the last event left it: overdue reservations counted */
	int64_t reorder_point;
	bool watched;
	int64_t asserted;       /* the next instant at which it was counted; 0 = none: */
	int64_t lowest, highest; /* least and most at the end of any instant of the span, up to then */
	/* Added up over the command's legs: */
	int64_t net;            /* what it does to the account, */
	int64_t spare_net;      /* to what may be taken, */
	int64_t held_net;       /* to what is held, */
	int64_t apart_net, apart_sellable_net; /* and to what is apart */
	int64_t dip;            /* what it has taken in the span where it bites deepest; <= 0 */
} inv__account;

/* Places above the accounts at which something is held of them all (nodes.h). */
typedef struct inv__node_place inv__node_place;
typedef struct inv__node inv__node;
typedef struct inv__nodes {
	bool asked;
	size_t statement;
	const inv__node_place *places;
	size_t place_count;
	inv__node *list;
	size_t count;
} inv__nodes;

/* Sorted by account, then time. */
typedef struct inv__accounts {
	inv__account *list;
	size_t count;
	size_t statement; /* reads those that are not known by heart: */
	size_t *asked;    /* the entry that each row of its rowset stands for */
	size_t asked_count;
	size_t late_statement; /* what the backdated ones held at later instants; SIZE_MAX = none is: */
	size_t *late;          /* these entries, */
	struct inv__stretch *later; /* and their stretches of time */
	size_t late_count;
	size_t hold_statement; /* open reservations of those that hold any; SIZE_MAX = none does; */
	size_t node_hold_statement; /* overdue ones of places as a whole, where they are booked */
	size_t any_statement;  /* is anything held at a node? SIZE_MAX = it is known, or not asked */
	inv__nodes nodes;
	bool list_holds;       /* asked for by the caller: all of them, not the overdue ones alone */
	struct inv__open_hold *holds; /* once read: the overdue ones first */
	size_t overdue_count, hold_count;
} inv__accounts;

/* Give a leg the number of its account. Accounts are ordered by place and product, the plain one
 * first. */
void inv__leg_number(inv__leg *leg);
int inv__leg_compare(const inv__leg *a, const inv__leg *b); /* both have numbers */
bool inv__leg_is_plain(const inv__leg *leg);
/* Give every leg beside a plain account one of that account, number them and sort them by account,
 * then time, then as entered: the order of locks, of the guard's sums and of the rows that are
 * written. The legs may get another place. */
inv_status inv__legs_sort(inv__arena *arena, inv__leg **legs, size_t *count);
/* Claim the accounts of legs, which are sorted for it and must stay: one entry per account and
 * span. */
inv_status inv__accounts_claim(inv__call *call, inv__leg **legs, size_t *count,
                               inv__accounts *out);
/* Once the batch has run and the command is none that was done before: ask what lies behind a
 * backdated one, where that was not to be asked with the rest, and what reservations hold. */
inv_status inv__accounts_look_back(inv__call *call);
/* Complete what was claimed, once the batch has run. */
inv_status inv__accounts_read(inv__call *call, inv__accounts *accounts);
/* What the account of a numbered leg holds now; it was claimed and read. */
int64_t inv__accounts_on_hand(const inv__accounts *accounts, const inv__leg *leg);
/* Add up what legs (sorted) do to accounts that were claimed, at instants that were claimed: one
 * entry per account, `lowest` that of the span where they bite deepest. */
inv_status inv__accounts_sum(inv__call *call, const inv__leg *legs, size_t count,
                             const inv__accounts *claimed, inv__accounts *out);
/* The guard of MODEL section 3: `rule` is a guard, `limit` that of backorder. What is counted or
 * corrected (`asserts`) is not refused for what is reserved. On refusal INSUFFICIENT names line,
 * instant and quantity. Otherwise shortfalls are written to `shortfalls[leg]` (by position in the
 * sorted legs), 0 where there is none. */
typedef struct inv__guard_rule {
	int32_t guard;
	bool asserts;
	int64_t limit;
} inv__guard_rule;
inv_status inv__guard(inv__call *call, inv__guard_rule rule, const inv__accounts *accounts,
                      const inv__leg *legs, size_t leg_count, int64_t *shortfalls);
/* The same for the places above: all legs of the command that are guarded by the rule. */
inv_status inv__guard_nodes(inv__call *call, inv__guard_rule rule, inv__accounts *claimed,
                            const inv__leg *legs, size_t leg_count);

/* ---- what counts assert (assertions.c) ---- */

/* What moves an account before an instant at which it was counted leaves untouched what was
 * counted: the legs (sorted) get others that give it back then. */
inv_status inv__legs_absorb(inv__call *call, const inv__accounts *claimed, inv__leg **legs,
                            size_t *count);
/* The same from what is stored, where events may come late; and counts tell of it. */
inv_status inv__legs_absorb_late(inv__apply *apply, inv__leg **legs, size_t *count);

/* Events for watched accounts whose available goods cross a threshold (watch.c): once per
 * crossing, behind the command's own. */
inv_status inv__watch(inv__call *call, const inv__scene *scene, const inv__accounts *sums);

/* ---- what reservations hold (holds.c) ---- */

/* The plain account of a product at a location. */
#define INV__IS_PLAIN(a) \
	a ".condition = 0 AND " a ".lot = '' AND " a ".serial = '' AND " a ".owner = {no_id}"
#define INV__NOT_OVERDUE(h, now) "(" h ".deadline = 0 OR " h ".deadline > " now ")"
/* What is held of the product at the location of a plain account's row `b`; deadlines count, booked
 * or not. */
#define INV__HELD_NOW(b, product_sql, location_sql, now) \
	"CASE WHEN " b ".held = 0 THEN 0 ELSE CAST((SELECT COALESCE(SUM(x.open), 0)" \
	" FROM reservation x WHERE x.product = " product_sql " AND x.location = " location_sql \
	" AND x.open > 0" \
	" AND x.subtree = 0 AND " INV__NOT_OVERDUE("x", now) ") AS BIGINT) END"
/* The reservations whose goods may be anywhere at or below a location. */
#define INV__HELD_BELOW(h, now) \
	h ".open > 0 AND " h ".subtree = 1 AND " INV__NOT_OVERDUE(h, now)

/* An open reservation of one of the command's accounts. */
typedef struct inv__open_hold {
	inv_id id;
	inv_id product;
	inv_id location;
	inv_str lot;
	inv_str serial;
	inv_str holder;
	int64_t open;
	int64_t deadline; /* 0 = none */
	bool subtree;
} inv__open_hold;
/* What a reservation does to the accounts it is bound to when it comes to hold `held` more: one leg
 * or, bound to a lot or a unit, two; none where the goods may be anywhere below. Returns how
 * many. */
size_t inv__legs_of_hold(inv__arena *arena, const inv__open_hold *hold, int64_t held,
                         inv__leg legs[2]);
/* Parts of claiming accounts: is anything held of places as a whole; ask for reservations of those
 * accounts that hold any, and for the nodes above them; take them in. */
inv_status inv__holds_any(inv__call *call, inv__accounts *accounts);
/* For who has the products for himself: those of places as a whole, too. */
inv_status inv__holds_ask_nodes(inv__call *call, inv__accounts *accounts, const inv_id *products,
                                size_t count);
inv_status inv__holds_ask(inv__call *call, inv__accounts *accounts);
inv_status inv__holds_read(inv__call *call, inv__accounts *accounts);
/* Events for those that are overdue; before the command's own. */
inv_status inv__holds_expire(inv__call *call, const inv__scene *scene, inv__accounts *accounts);
/* The holds of what an event of shortage tells of. */
inv_status inv__holds_list(inv__call *call, const inv__accounts *accounts,
                           const inv_list *shortage_lines, inv_list *out);
/* A serial is on hand in one account at most. Claiming accounts claims the serials of their legs,
 * and adding up what legs do checks them: EXISTS names the serial and where it is. */
inv_status inv__serials_claim(inv__call *call, const inv__leg *legs, size_t count);
inv_status inv__serials_check(inv__call *call, const inv__leg *legs, size_t count);
/* A quantity, and of what, where it is a part of a line's kit. */
void inv__wanted_format(inv_str part_sku, int64_t quantity, char out[128]);
/* What a leg went short goes to its line, or to its part of a kit: of several, the worst. */
void inv__shortfall_note(const inv__leg *leg, int64_t shortfall, inv_list *parts,
                         int64_t *of_line);
/* The accounts of a line that went short; returns how many. `out` NULL only counts them. */
size_t inv__shortage_lines(const inv_list *parts, inv_ref product, inv_ref location,
                           int64_t shortfall, inv_shortage_line *out);
/* Write legs: moves, and accounts added up. */
inv_status inv__legs_apply(inv__apply *apply, inv__leg *legs, size_t count);

/* ---- balances of now (balance.c) ---- */

typedef struct inv__balance_place {
	inv_id product;
	inv_id location;
} inv__balance_place;
/* What is there of products at locations, one seek each; `out` are cleared records. */
inv_status inv__balances_here_ask(inv__call *call, const inv__balance_place *places, size_t count,
                                  size_t *statement);
inv_status inv__balances_here_read(inv__call *call, size_t statement,
                                   const inv__balance_place *places, size_t count,
                                   inv_balance *out);

/* ---- reservations that a command changes (reservation.c) ---- */

/* Distinct reservations as they stand, and which of them each of the command's uses means. */
typedef struct inv__reserved {
	inv_reservation *list;
	bool *found;
	size_t count;
	size_t *of;       /* by use */
	inv_id *ids;      /* distinct, in order */
	size_t statement;
} inv__reserved;
/* `ids` has one for each use. The rows are read by this batch; where others write too, claim their
 * accounts before, and again what was read without. */
inv_status inv__reserved_claim(inv__call *call, const inv_id *ids, size_t count,
                               inv__reserved *out);
inv_status inv__reserved_again(inv__call *call, inv__reserved *reserved);
/* Is it bound to other accounts than it was? */
bool inv__reservation_moved(const inv_reservation *was, const inv_reservation *is);
/* Is its deadline over, and nobody has booked that yet? */
bool inv__reservation_is_overdue(const inv__call *call, const inv_reservation *r);
inv_status inv__reserved_read(inv__call *call, inv__reserved *reserved);
/* As an open hold. */
inv__open_hold inv__reserved_hold(const inv_reservation *r);

/* What is to become of a part of a reservation. */
typedef struct inv__part {
	size_t input, line;      /* whose fault it is if it cannot be; */
	const char *field;       /* the field that names the reservation */
	int64_t quantity;        /* 0 = all that is open */
} inv__part;
/* Is that much open, and not overdue? Fills in the quantity. */
inv_status inv__part_check(inv__call *call, const inv_reservation *r, inv__part *part);
/* Take it off what is open: it ends in `state`. */
void inv__part_end(inv__call *call, inv_reservation *r, const inv__part *part, int32_t state);
/* Lines that take goods which are held, in their order. */
typedef struct inv__commits {
	inv__reserved reserved;
	inv_id *ids;            /* by use, */
	size_t *inputs, *lines; /* by whose line; */
	inv_reservation *after; /* and what is left of the reservation then */
	size_t count;
} inv__commits;
inv_status inv__commits_make(inv__call *call, size_t most, inv__commits *out);
/* Note that a line names a reservation; none is left out. */
void inv__commits_add(inv__commits *commits, inv_id reservation, size_t input, size_t line);
/* Part of the claim, behind the accounts. */
inv_status inv__commits_claim(inv__call *call, inv__commits *commits);
/* Legs (not sorted yet) of lines that name a reservation leave with what it holds of their
 * accounts; the reservations are changed. */
inv_status inv__commits_take(inv__call *call, inv__commits *commits, const inv__accounts *accounts,
                             inv__leg *legs, size_t count);
/* Events for what an input's lines took; `source` is its posting or sale. */
inv_status inv__commits_events(inv__call *call, inv__commits *commits, size_t input,
                               inv_id source, int64_t occurred_at, int32_t business_date);

/* A product as stock and sale lines need it. */
typedef struct inv__product_facts {
	inv_str sku;
	inv_str name;
	int64_t decimals;
	int32_t stocking;
	int32_t tracking;
	int32_t picking;
	int64_t list_price;
	bool archived;
	bool found;
} inv__product_facts;
/* The products of a command's lines. */
typedef struct inv__products {
	inv__product_facts *list; /* one per line */
	const inv_id *ids;
	size_t count;
	size_t statement;         /* reads those that are not known by heart: */
	size_t *asked;            /* the line that each row of its rowset stands for */
	size_t asked_count;
} inv__products;
/* Lock them, where others write too. `exclusive`: no other command that moves any of them may go on
 * beside this one, as for serials, which are compared over all accounts of a product. */
inv_status inv__products_lock(inv__call *call, const inv_id *ids, size_t count, bool exclusive);
/* The same, and what lines need of them. `ids` must stay. */
inv_status inv__products_claim(inv__call *call, const inv_id *ids, size_t count, bool exclusive,
                               inv__products *out);
/* Complete what was claimed, once the batch has run. */
void inv__products_read(inv__call *call, inv__products *products);
/* What a line says of its units. */
typedef struct inv__line_units {
	size_t input, line;
	int64_t quantity;
	inv_str lot, serial;
	bool open; /* neither lot nor serial need be named yet */
} inv__line_units;
/* Product found, decimals, lot and serial of a line; the field names are `lines[line].…`. */
inv_status inv__line_check(inv__call *call, const inv__product_facts *product,
                           const inv__line_units *units);

/* ---- rows of a table from records, by description (rows.c) ---- */

/* INSERT of records into their table. `records[i]` are records of table->record. With `upsert` a
 * row with the same primary key is replaced, without it the key must be new. */
inv_status inv__rows_put(inv__batch *batch, const inv_table_desc *table, const void *const *records,
                         size_t count, bool upsert);
/* The last versions of what events are about, whose payloads are whole records: one statement
 * writes a row once. Two events that make one thing both stay, so that the table refuses the
 * second. */
typedef struct inv__versions {
	const void **made, **changed;
	size_t made_count, changed_count;
} inv__versions;
inv_status inv__versions_of(inv__arena *arena, const inv__event *events, size_t count,
                            bool (*makes)(const inv__event *), inv__versions *out);
/* Child rows: record i belongs to parents[i] as its line lines[i] (from 1). */
inv_status inv__child_rows_put(inv__batch *batch, const inv_table_desc *table,
                               const void *const *records, const inv_id *parents,
                               const int64_t *lines, size_t count);
/* Fill the rowset of the statement added last with ids: its only column. */
inv_status inv__ids_claim(inv__call *call, const inv_id *ids, size_t count);
/* Where others write too, keep these rows as they are until the commit, before they are read:
 * locked in the order of their ids. */
inv_status inv__rows_lock(inv__call *call, const inv_table_desc *table, const inv_id *ids,
                          size_t count);
/* The same for who only uses them: many may at once, but nobody who has locked them. */
inv_status inv__rows_share(inv__call *call, const inv_table_desc *table, const inv_id *ids,
                           size_t count);
/* "SELECT r.n, <stored columns> FROM rows r JOIN table": rows by id, with their ordinal. */
inv_status inv__rows_claim(inv__call *call, const inv_table_desc *table, const inv_id *ids,
                           size_t count, size_t *statement);

/* ---- transfers (transfer.h) ---- */

/* Something of a line is still to arrive; the index of such lines is found by these very words. */
#define INV__TRANSFER_EXPECTED(l) \
	l ".quantity - " l ".cancelled > " l ".received + " l ".damaged + " l ".lost + " l ".returned"

/* ---- lists of documents (children.c): rows of the child table of this number ---- */

/* Those of documents `ids`; the ordinal, then the stored fields, in order. */
inv_status inv__children_claim(inv__call *call, uint32_t table, const inv_id *ids, size_t count,
                               size_t *statement);
/* Make lists of them: *lists[i] is document i's. */
inv_status inv__children_read(inv__call *call, size_t statement, uint32_t record,
                              inv_list *const *lists, size_t count);
/* A row that was claimed with its ordinal, as a record. */
inv_status inv__document_row(inv__call *call, const inv_rows *rows, size_t row, uint32_t record,
                             void *out);
/* New rows for the elements of *lists[i], which belong to parents[i]. */
inv_status inv__children_put(inv__apply *apply, uint32_t table, const inv_id *parents,
                             const inv_list *const *lists, size_t count);

/* Documents of a table with one list, `lines`, in a child table; with `locks` they stay as they are
 * until the commit, where others write too. */
typedef struct inv__documents {
	uint32_t table, lines;
	bool locks;
	size_t count;
	size_t head_statement, line_statement;
} inv__documents;
inv_status inv__documents_claim(inv__call *call, inv__documents *documents, const inv_id *ids,
                                size_t count);
/* Once the batch has run. NOT_FOUND names `field` of the first that is none. */
inv_status inv__documents_read(inv__call *call, const inv__documents *documents, void *records,
                               const char *field);
/* Claim and decide of get. */
inv_status inv__documents_get(inv__call *call, uint32_t table, uint32_t lines);
inv_status inv__documents_got(inv__call *call);

/* ---- master data: one set of rules for everything that is created, updated, archived ---- */

typedef struct inv__master {
	uint32_t table;
	uint32_t created, updated, archived; /* event numbers */
	/* Extra statements of claim; may be NULL. */
	inv_status (*claim)(inv__call *call, void *const *records, size_t count);
	/* Check and complete record `index`; may be NULL. */
	inv_status (*check)(inv__call *call, size_t index, void *record);
	/* What keeps records from being archived: rows of ordinal and cause; may be NULL. */
	const inv__sql *in_use;
} inv__master;

extern const inv__master inv__master_category, inv__master_product, inv__master_location,
	inv__master_register, inv__master_channel, inv__master_product_unit,
	inv__master_recipe;

/* Changes of master data and settings take turns: each rests on many rows, such as those above in a
 * tree, or on that none is there. First in the claim. */
void inv__masters_turn(inv__call *call);
/* Copy the fields that the mask of input `index` names (or, without one, those that are not zero)
 * from `in` to `out`; IMMUTABLE ones must not differ. */
inv_status inv__master_merge(inv__call *call, size_t index, const inv_record_desc *record,
                             const void *in, void *out, bool *changed);

/* References given by id must exist and not be archived: claim looks them up, check names the first
 * that is wrong. Those that stand in `before` already (NULL for new records) are left alone. */
typedef struct inv__refs_of {
	const inv_record_desc *record;
	const void *records; /* contiguous */
	const void *before;
	size_t count;
} inv__refs_of;
typedef struct inv__refs inv__refs;
inv_status inv__refs_claim(inv__call *call, const inv__refs_of *of, inv__refs **out);
inv_status inv__refs_check(inv__call *call, const inv__refs *refs);

/* What is in use cannot be archived (in_use.c): claim asks for all that uses records, check names
 * the first of those to be archived that something else than the call's own records uses. */
typedef struct inv__uses inv__uses;
inv_status inv__uses_claim(inv__call *call, const inv__master *master, const inv_id *ids,
                           inv__uses **out);
inv_status inv__uses_check(inv__call *call, const inv__uses *uses, const bool *archives);

/* ---- products ---- */

/* A JSON object, or nothing; it becomes compact, as a payload holds it: a rebuild must give the
 * same row. */
inv_status inv__attributes_check(inv__call *call, size_t index, inv_str *attributes);

/* A barcode as it is compared: digits of 8, 12, 13 or 14 places as GTIN-14, else folded. */
inv_str inv__barcode_key(inv__arena *arena, inv_str barcode);

/* ---- places (places.c) ---- */

typedef struct inv__place {
	inv_id id;
	int32_t kind;
	bool found;
	bool archived;
} inv__place;
/* The locations of a command, distinct, in the order of their ids as given. */
typedef struct inv__places {
	inv__place *list;
	size_t count;
	size_t statement; /* reads those that are not known by heart: */
	size_t *asked;    /* the entry that each row of its rowset stands for */
	size_t asked_count;
} inv__places;
inv_status inv__places_claim(inv__call *call, const inv_id *ids, size_t count, inv__places *out);
/* Complete what was claimed, once the batch has run. */
void inv__places_read(inv__call *call, inv__places *places);
/* Is it there, not archived, and does it hold stock? The error is at the field. */
inv_status inv__place_check(inv__call *call, const inv__place *place, size_t index,
                            const char *field);

#endif
