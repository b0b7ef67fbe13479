/* SPDX-License-Identifier: MIT */
/* Where a test keeps its stores: files, or on PostgreSQL a schema for each. INV_TEST_DRIVER says
 * which: "sqlite" by default, "postgres", or "wrapped", which is SQLite behind the driver of
 * examples/driver. INV_TEST_POSTGRES says where the server is. */
#ifndef INV_TEST_STORE_URL_H
#define INV_TEST_STORE_URL_H

#include "inventra/sys/driver.h"

/* Does this run test the PostgreSQL driver? */
bool check_on_postgres(void);
/* Does it test the example's driver? */
bool check_on_wrapped(void);
/* The URL of the running test's store `name`: the same one each time, empty at first, gone when the
 * test ends. The text lives as long as the test; not for threads. */
const char *check_store_url(const char *name);
/* The same with more parameters for a PostgreSQL URL, such as "connect_timeout=1". */
const char *check_store_url_with(const char *name, const char *parameters);
/* The driver of this run, as a list for inv_store_options; *count is 0 for SQLite, which needs
 * none. */
const inv_driver *const *check_store_drivers(size_t *count);
const inv_driver *check_store_driver(void);
/* Run SQL as an administrator of the PostgreSQL server; the first cell of its answer, "" when there
 * is none, NULL (and a failed check) when it was refused. Lives until the next call. */
const char *check_postgres(const char *sql);

#endif
