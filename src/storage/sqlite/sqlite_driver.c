/* SPDX-License-Identifier: MIT */
/* The SQLite driver: the table of its slots. */
#include "storage/sqlite/sqlite_conn.h"

static const inv_driver driver = {
	.struct_size = (uint32_t)sizeof(inv_driver),
	.abi = INV_DRIVER_ABI,
	.scheme = "sqlite",
	.dialect = "sqlite",
	.capabilities = INV_CAP_SINGLE_WRITER | INV_CAP_LOCAL_FILE | INV_CAP_CHECKPOINT,
	.open = inv__sqlite_open,
	.close = inv__sqlite_close,
	.prepare = inv__sqlite_prepare,
	.finalize = inv__sqlite_finalize,
	.exec = inv__sqlite_exec,
	.begin = inv__sqlite_begin,
	.end = inv__sqlite_end,
	.check = inv__sqlite_check,
	.interrupt = inv__sqlite_interrupt,
	.facts = inv__sqlite_facts,
	.checkpoint = inv__sqlite_checkpoint,
	.backup = inv__sqlite_backup,
	.sharers = inv__sqlite_sharers,
	.data_version = inv__sqlite_data_version,
	.script = inv__sqlite_script,
};

const inv_driver *inv_sqlite_driver(void)
{
	return &driver;
}
