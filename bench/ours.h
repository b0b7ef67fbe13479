/* SPDX-License-Identifier: MIT */
/* The engine's side, through the public API alone. */
#ifndef BENCH_OURS_H
#define BENCH_OURS_H

#include "inventra/inventra.h"
#include "inventra/sys/driver.h"
#include "support.h"

/* One thread's session and the structs it fills for each call. */
typedef struct ours_caller {
	inv_session *session;
	inv_stock_line *stock;
	inv_sale_line *sale;
	size_t capacity; /* lines */
} ours_caller;

typedef struct ours_store {
	inv_store *store;
	ours_caller main;
} ours_store;

/* A status with the session's own words on stderr; returns false. */
bool ours_error(const char *what, const inv_error *error);
/* Create a store with `products` products, each with plenty of stock. */
bool ours_open(ours_store *o, const char *path, uint32_t products);
/* The same with a driver of its own. */
bool ours_open_with(ours_store *o, const char *url, const inv_driver *driver, uint32_t products);
void ours_close(ours_store *o);
bool ours_caller_open(inv_store *store, size_t lines, ours_caller *out);
/* At the till of this code; "" is the store's default. */
bool ours_caller_open_at(inv_store *store, const char *till, size_t lines, ours_caller *out);
void ours_caller_close(ours_caller *caller);

bool ours_issue(ours_caller *caller, const bench_line *lines, size_t count, const char *key);
bool ours_sale(ours_caller *caller, const bench_line *lines, size_t count, const char *key);
/* A product whose units are told apart, and `count` of them received by one command: `lines` to a
 * posting. */
bool ours_serials(ours_store *o, size_t count, size_t lines, double *seconds);
/* Hold a line's goods, then let them leave. */
bool ours_hold(ours_caller *caller, const bench_line *line, const char *hold_key,
               const char *take_key);
bool ours_read(ours_caller *caller, uint32_t product, int64_t *on_hand);
/* Import a file of `rows` products. */
bool ours_import(ours_store *o, const char *csv, size_t rows, double *seconds);

#endif
