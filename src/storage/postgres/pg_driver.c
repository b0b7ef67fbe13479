/* SPDX-License-Identifier: MIT */
/* The PostgreSQL driver: the table of its slots. */
#include "storage/postgres/pg_conn.h"

static const inv_driver driver = {
	.struct_size = (uint32_t)sizeof(inv_driver),
	.abi = INV_DRIVER_ABI,
	.scheme = "postgresql",
	.dialect = "postgres",
	.open = inv__pg_open,
	.close = inv__pg_close,
	.prepare = inv__pg_prepare,
	.finalize = inv__pg_finalize,
	.exec = inv__pg_exec,
	.begin = inv__pg_begin,
	.end = inv__pg_end,
	.check = inv__pg_check,
	.interrupt = inv__pg_interrupt,
	.facts = inv__pg_facts,
	.sharers = inv__pg_sharers,
	.script = inv__pg_script,
};

const inv_driver *inv_postgres_driver(void)
{
	return &driver;
}
