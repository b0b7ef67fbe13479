/* SPDX-License-Identifier: MIT */
/* A small shop in plain arrays, by the rules of the model and by nothing else: what the library
 * does is compared with it. Products, places, lots … are small numbers here; sums are made anew
 * from all moves whenever they are asked for. */
#ifndef INV_TEST_MODEL_H
#define INV_TEST_MODEL_H

#include "inventra/records.h"

#define MODEL_LINES 6     /* of one document */
#define MODEL_DOCUMENTS 4 /* of one command */
#define MODEL_PRODUCTS 12
#define MODEL_PLACES 8
#define MODEL_TILLS 2
#define MODEL_MOVES 20000
#define MODEL_POSTINGS 8000
#define MODEL_SALES 4000
#define MODEL_KEYS 2000

#define MODEL_NONE (-1)    /* not given */
#define MODEL_UNKNOWN (-2) /* something that is not there */

enum model_verb {
	MODEL_RECEIVE,
	MODEL_ISSUE,
	MODEL_MOVE,
	MODEL_ADJUST,
	MODEL_REVERSE,
	MODEL_SALE,
	MODEL_REFUND,
	MODEL_PRODUCT_UPDATE,
	MODEL_VERBS
};

/* Rules that can be broken on purpose: a comparison that finds nothing then is no comparison. */
enum model_break {
	MODEL_SOUND,
	MODEL_BREAK_LATER,   /* the guard does not look at later instants */
	MODEL_BREAK_SUM,     /* lines of one account are not added up before they are checked */
	MODEL_BREAK_LEG,     /* a move between two places loses what it brings */
	MODEL_BREAK_KEY,     /* a key is forgotten */
	MODEL_BREAK_TICKET,  /* a sale that fails takes a number */
	MODEL_BREAK_RESTOCK, /* what is refunded is always put back */
	MODEL_BREAKS
};

/* How a sale is paid. */
enum model_tender { MODEL_PAY_NONE, MODEL_PAY_CARD, MODEL_PAY_CASH, MODEL_PAY_SHORT };

typedef struct model_product {
	int decimals;
	bool non_stocked;
	int tracking;
	int64_t price;
	int64_t version;
	int name;
} model_product;

typedef struct model_place {
	bool physical;
	int parent; /* MODEL_NONE */
} model_place;

enum { MODEL_LOTS = 8 }; /* as many as may be, with that which is none */

typedef struct model_account {
	int product, place, condition, lot, serial, owner;
} model_account;

typedef struct model_move {
	model_account account;
	int64_t quantity, occurred_at, known_at;
	int event; /* postings and sales by one count */
	int line;  /* from 1 */
	bool strict;
} model_move;

/* A line as it stands in the ledger; a place that is none holds no stock. */
typedef struct model_posted {
	model_account from, to;
	bool from_physical, to_physical;
	int64_t quantity;
} model_posted;

typedef struct model_posting {
	int event;
	bool reversal, reversed;
	int count;
	int64_t occurred_at;
	model_posted lines[MODEL_LINES];
} model_posting;

typedef struct model_sold {
	int product, place, condition, lot, serial;
	int64_t quantity, price, amount, refunded;
} model_sold;

typedef struct model_sale {
	int event, till, count;
	bool refund;
	int64_t occurred_at, number, subtotal, total, change;
	int64_t refunded; /* what refunds gave back */
	model_sold lines[MODEL_LINES];
} model_sale;

typedef struct model_key {
	int key, verb;
	uint64_t content;
} model_key;

/* ---- commands: what both sides are asked ---- */

typedef struct model_line {
	int product;
	int64_t quantity;
	int place, to_place;
	int condition, to_condition;
	int lot, serial, owner;
	bool set, compare, no_restock, list_price;
	int64_t expected;
	int64_t price, discount;
	int original_line; /* from 1; 0 = none */
} model_line;

typedef struct model_document {
	int64_t occurred_at;
	int original; /* the posting to reverse, the sale to refund */
	int till;
	int tender;
	int64_t paid; /* with MODEL_PAY_CASH and MODEL_PAY_SHORT: what is handed over */
	int count;
	model_line lines[MODEL_LINES];
} model_document;

typedef struct model_command {
	int verb;
	int guard;    /* INV_GUARD_…; the session that asks */
	int64_t limit;
	int place;    /* the session's */
	int64_t now;
	int key;      /* 0 = none */
	int note;     /* part of a keyed command's content */
	int count;
	model_document documents[MODEL_DOCUMENTS];
	int product;  /* of an update */
	int name;
	int64_t price, version;
} model_command;

typedef struct model_answer {
	inv_status status;
	bool replayed;
	int events;        /* written */
	int first;         /* first new posting or sale */
	int64_t shortfall; /* over all lines */
} model_answer;

typedef struct model {
	enum model_break broken;
	int64_t known_at;
	int64_t events;
	int product_count, place_count, move_count, posting_count, sale_count, key_count;
	int event_count; /* postings and sales */
	int64_t last_number[MODEL_TILLS];
	bool lots[MODEL_PRODUCTS][MODEL_LOTS]; /* made known, by a receipt */
	model_product products[MODEL_PRODUCTS];
	model_place places[MODEL_PLACES];
	model_move moves[MODEL_MOVES];
	model_posting postings[MODEL_POSTINGS];
	model_sale sales[MODEL_SALES];
	model_key keys[MODEL_KEYS];
} model;

/* Run a command. What fails changes nothing. */
model_answer model_run(model *m, const model_command *command);

/* ---- questions ---- */

typedef struct model_sum {
	int64_t on_hand, sellable;
} model_sum;

/* `place` MODEL_NONE = everywhere; with `below`, the places under it too. */
model_sum model_balance(const model *m, int product, int place, bool below, int64_t as_of,
                        int64_t known_at);
int64_t model_holds(const model *m, const model_account *account);
/* What a till document without mistakes comes to; negative for a refund. */
int64_t model_due(const model *m, const model_command *c, int document);
bool model_account_equal(const model_account *a, const model_account *b);

/* ---- parts that the model's own files share ---- */

typedef struct model_pending {
	model_account account;
	int64_t quantity, occurred_at;
	int document, line;
} model_pending;

#define MODEL_PENDING (MODEL_DOCUMENTS * MODEL_LINES * 2)

/* The guard (I3): INSUFFICIENT, or under observe how far below zero the accounts go. */
inv_status model_guard(const model *m, const model_command *c, const model_pending *pending,
                       int count, int64_t *shortfall, bool *short_in);
/* How a till document changes the shop. */
model_answer model_till(model *m, const model_command *c);
model_answer model_stock(model *m, const model_command *c);
/* When document `index` happened; INVALID when it lies ahead of the clock. */
inv_status model_instant(const model_command *c, int index, int64_t *out, bool *clamped);
void model_write(model *m, const model_command *c, const model_pending *pending, int count,
                 int first_event);
int64_t model_pow10(int n);

#endif
