/* SPDX-License-Identifier: MIT */
/* The parts of the replay: a file of tills is read whole, its products are created, its documents
 * are booked in order, and the totals are read back from the store. */
#ifndef REPLAY_H
#define REPLAY_H

#include "inventra/inventra.h"

#include <stdio.h>

/* The shop stands in London; the file's times are local. */
#define SHOP_TIME_ZONE "GMT0BST,M3.5.0/1,M10.5.0"
#define SHOP_CURRENCY "GBP"
#define REASON_OPENING "opening"
#define REASON_ADJUSTMENT "till-adjustment"

struct options {
	const char *path;
	const char *store;
	bool opening; /* receive the smallest opening stock, and sell under guard strict */
	bool skip;    /* go on behind documents that fail */
	bool acks;
	int64_t batch;
};

/* ---- errors (replay.c) ---- */

/* Say what went wrong, where (NULL = nowhere in particular); returns `error`'s status. */
inv_status report_error(const char *where, const inv_error *error);
inv_status report_session(const char *where, const inv_session *session);
inv_status report_text(inv_status status, const char *where, const char *message);
/* Is stderr watched by somebody? */
bool is_watched(void);
int64_t monotonic_now(void); /* microseconds */

/* ---- memory (memory.c) ---- */

/* Strings that live as long as the file. */
struct strings {
	struct strings_block *blocks;
};
const char *strings_keep(struct strings *strings, const char *text, size_t len);
void strings_free(struct strings *strings);
/* The array with room for one more element of `size`; NULL when out of memory (it stays then). */
void *array_grow(void *array, size_t count, size_t *capacity, size_t size);

/* From text to a number, by exact text or by ASCII case folding. */
struct map {
	struct map_entry *entries;
	size_t count;
	size_t capacity;
	bool folded;
};
/* The number kept for `key`, or NULL. */
const uint32_t *map_find(const struct map *map, const char *key);
bool map_add(struct map *map, const char *key, uint32_t number);
void map_free(struct map *map);
void fold(char *text);

/* ---- CSV, plain or gzip (csv.c) ---- */

#define CSV_FIELDS 32

struct csv;
struct csv_row {
	const char *fields[CSV_FIELDS]; /* NUL-terminated, until the next row */
	size_t count;                   /* may be larger than CSV_FIELDS */
	uint64_t line;                  /* where it starts, from 1 */
};
inv_status csv_open(const char *path, struct csv **out);
void csv_close(struct csv *csv);
/* `row->count` is 0 at the end of the file. */
inv_status csv_next(struct csv *csv, struct csv_row *row);

/* ---- the till's file (till_file.c, till_row.c) ---- */

enum kind { KIND_SALE, KIND_RETURN, KIND_ADJUSTMENT, KIND_ACCOUNTING };

struct product {
	const char *sku;  /* as first written */
	const char *name; /* first description that is there, else NULL */
	bool stocked;
	inv_id id;        /* once created */
	int64_t opening;
};

struct line {
	uint32_t product;
	uint32_t document;
	int64_t quantity; /* as in the file: negative on returns */
	int64_t price;
};

struct document {
	const char *number;
	const char *customer;
	const char *country;
	int64_t at;
	uint64_t file_line;
	uint32_t first; /* in till_file.order */
	uint32_t count;
	enum kind kind;
	bool bad;       /* a row of it is wrong, or it was refused: not booked */
	bool reported;
};

struct till_file {
	struct product *products;
	size_t product_count;
	struct line *lines; /* in the order of the file */
	size_t line_count;
	struct document *documents; /* in the order of their first lines */
	size_t document_count;
	uint32_t *order; /* lines by document */
	struct strings strings;
};

/* One row, read. */
struct till_row {
	const char *invoice;
	const char *sku;
	const char *name;
	const char *customer;
	const char *country;
	int64_t quantity;
	int64_t price;
	int64_t at;
};

#define TILL_COLUMNS 8
/* Where the columns stand in this file. */
struct till_header {
	size_t at[TILL_COLUMNS];
	size_t count;
};
inv_status till_header_read(const struct csv_row *row, struct till_header *header);
/* INVALID with a sentence in `error` for a row that cannot be read; `invoice` is set if there is
 * one. */
inv_status till_row_read(const struct till_header *header, const struct csv_row *row,
                         struct till_row *out, inv_error *error);
inv_status till_file_read(const struct options *options, struct till_file *file);
void till_file_free(struct till_file *file);

/* "2010-12-01 08:26:00", London time, to an instant (local_time.c). */
bool local_time_read(const char *text, int64_t *instant);

/* ---- the store (setup.c, opening.c, booking.c, totals.c,
 * totals_json.c) ---- */

inv_status setup_shop(inv_session *session);
inv_status setup_products(inv_session *session, struct till_file *file);
inv_status opening_find(struct till_file *file);
inv_status opening_receive(inv_session *session, const struct till_file *file);
inv_status book_documents(inv_session *session, const struct options *options,
                          struct till_file *file);
/* The store's own sums as one JSON object; what the run itself took is added at its end. */
inv_status totals_print(inv_session *session, const struct options *options, double seconds,
                        size_t lines);

#endif
