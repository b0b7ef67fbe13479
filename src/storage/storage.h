/* SPDX-License-Identifier: MIT */
/* Drivers: checked once, chosen by URL; migrations; constraints to errors. */
#ifndef INV_STORAGE_H
#define INV_STORAGE_H

#include "storage/batch.h"

/* The driver for a URL: SQLite for paths, ":memory:" and "sqlite:…", else one of `drivers` by
 * scheme. UNSUPPORTED names the package that would have it. *path is the URL without its scheme
 * for SQLite, else the URL. */
inv_status inv__driver_find(const char *url, const inv_driver *const *drivers, size_t count,
                            const inv_driver **out, inv_str *path, inv_error *error);
/* Check abi and required slots, and fill the rest with stubs that answer UNSUPPORTED; `out` is
 * complete. */
inv_status inv__driver_complete(const inv_driver *driver, inv_driver *out, inv_error *error);

/* Map a violated constraint (name, or SQLite's table.column list) to status, record, field and a
 * sentence. Called by batch exec on failure; leaves errors it does not know alone. */
void inv__constraint_explain(inv_error *error);

/* Migrations: src/storage/migrations/NNNN-name.sql, embedded at build time, in order; a comment
 * `-- min_reader: N` or `-- min_writer: N` at its top says who still understands the result. */
typedef struct inv__migration {
	int32_t number;
	int32_t min_reader; /* who may read a store that it has changed, */
	int32_t min_writer; /* and who may write to it: the number of the last migration they know */
	const char *name;
	const char *sql;
} inv__migration;
extern const inv__migration inv__migrations[];
extern const size_t inv__migration_count;

/* What the store says of itself: 0 = empty, no store yet. NOT_A_STORE for another program's tables,
 * TOO_NEW for a store that this library may not read (link opened read-only) or write; the numbers
 * are filled then too. */
inv_status inv__schema_version(inv__link *link, int32_t *version, int32_t *min_reader,
                               int32_t *min_writer, inv_error *error);
/* Run what is missing, each in a transaction with its record in meta. What another process has run
 * in the meantime is left out. */
inv_status inv__migrate(inv__link *link, int32_t from, inv_error *error);

#endif
