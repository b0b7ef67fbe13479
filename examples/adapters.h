/* SPDX-License-Identifier: MIT */
/* The drivers that this build has beside SQLite's: a program hands over those it is linked with. */
#ifndef EXAMPLE_ADAPTERS_H
#define EXAMPLE_ADAPTERS_H

#include <inventra/inventra.h>

#ifdef INVENTRA_WITH_POSTGRES
#include <inventra/postgres.h>
#endif

/* `list` must stay until the store is open. */
static inline void adapters_give(inv_store_options *options, const struct inv_driver *list[1])
{
	list[0] = NULL;
#ifdef INVENTRA_WITH_POSTGRES
	list[0] = inv_postgres_driver();
#endif
	options->drivers = list;
	options->driver_count = list[0] ? 1 : 0;
}

#endif
