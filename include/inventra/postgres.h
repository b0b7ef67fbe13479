/* SPDX-License-Identifier: MIT */
/**
 * @file postgres.h
 * The PostgreSQL storage driver: a library of its own, `libinventra-postgres`, over libpq.
 *
 * A program hands it over when it opens a store:
 *
 *     const inv_driver *drivers[] = {inv_postgres_driver()};
 *     options.url = "postgresql://user@host/shop";
 *     options.drivers = drivers;
 *     options.driver_count = 1;
 *
 * A URL takes all parameters of libpq, and two of our own:
 *
 * - `inventra_schema=NAME` keeps the store in this schema, which must be there (letters, digits,
 *   `_`).
 * - `inventra_statements=unnamed` is for transaction poolers: nothing is left on the server between
 *   two transactions, neither prepared statements nor settings. `named` is the default.
 *
 * The server must be PostgreSQL 14 or newer. Where the URL does not say otherwise, a statement
 * waits for a lock as long as the store's busy timeout, and a connection gives up after 10 seconds.
 *
 * `native_code` of an error is the SQLSTATE, its five characters read as a number in base 36.
 */
#ifndef INVENTRA_POSTGRES_H
#define INVENTRA_POSTGRES_H

#include "inventra/sys/driver.h"

#ifdef __cplusplus
extern "C" {
#endif

/* SQLSTATEs that tell one BUSY from another. */
#define INV_POSTGRES_SERIALIZATION INT64_C(6718465) /* 40001: run the transaction again */
#define INV_POSTGRES_DEADLOCK INT64_C(6750865)      /* 40P01: the same */
#define INV_POSTGRES_LOCK_TIMEOUT INT64_C(8663763)  /* 55P03 */

/** The PostgreSQL driver: schemes "postgresql" and "postgres". Static; nothing to free.
 *  @since 0.1 */
INV_API const inv_driver *inv_postgres_driver(void);

#ifdef __cplusplus
}
#endif

#endif
