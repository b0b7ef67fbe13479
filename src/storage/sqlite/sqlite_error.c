/* SPDX-License-Identifier: MIT */
/* SQLite's result codes as statuses: the one table. */
#include <string.h>

#include "storage/fault.h"
#include "storage/sqlite/sqlite_conn.h"

/* Extended codes stand before the primary code they belong to. */
static const struct {
	int code;
	inv_status status;
	const char *sentence;
} codes[] = {
	{SQLITE_FULL, INV_E_FULL, "the disk is full"},
	{SQLITE_IOERR_NOMEM, INV_E_NO_MEMORY, "out of memory"},
	{SQLITE_IOERR_CORRUPTFS, INV_E_CORRUPT, "the file system is damaged"},
	{SQLITE_IOERR, INV_E_IO, "the disk failed"},
	{SQLITE_CORRUPT, INV_E_CORRUPT, "the store's file is damaged"},
	{SQLITE_NOTADB, INV_E_NOT_A_STORE, "the file is no database"},
	{SQLITE_BUSY, INV_E_BUSY, "another program holds the store's lock"},
	{SQLITE_LOCKED, INV_E_BUSY, "another program holds the store's lock"},
	{SQLITE_PROTOCOL, INV_E_BUSY, "another program holds the store's lock"},
	{SQLITE_READONLY_DBMOVED, INV_E_IO, "the store's file was moved or removed while it was open"},
	{SQLITE_READONLY, INV_E_READ_ONLY, "the store cannot be written"},
	{SQLITE_CANTOPEN, INV_E_IO, "the store's file cannot be opened"},
	{SQLITE_PERM, INV_E_DENIED, "access to the store's file is denied"},
	{SQLITE_AUTH, INV_E_DENIED, "access to the store's file is denied"},
	{SQLITE_NOMEM, INV_E_NO_MEMORY, "out of memory"},
	/* Both mean that the library itself is wrong: it checks types and fills every column. */
	{SQLITE_CONSTRAINT_DATATYPE, INV_E_INTERNAL, "a value has the wrong type"},
	{SQLITE_CONSTRAINT_NOTNULL, INV_E_INTERNAL, "a value is missing"},
	{SQLITE_CONSTRAINT, INV_E_CONFLICT, "a constraint is violated"},
	{SQLITE_INTERRUPT, INV_E_CANCELLED, "it was stopped"},
	{SQLITE_TOOBIG, INV_E_LIMIT, "a value is too large for the database"},
};

static const char *find(int rc, inv_status *status)
{
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		if (codes[i].code != rc && codes[i].code != (rc & 0xff))
			continue;
		*status = codes[i].status;
		return codes[i].sentence;
	}
	*status = INV_E_INTERNAL;
	return "the database refused a statement";
}

inv_status inv__sqlite_status(int rc)
{
	inv_status status;

	(void)find(rc, &status);
	return status;
}

inv_status inv__sqlite_error_of(sqlite3 *db, int rc, const char *what, inv_error *error)
{
	inv_status status;
	const char *sentence = find(rc, &status);
	const char *detail = db && sqlite3_extended_errcode(db) == rc ? sqlite3_errmsg(db)
	                                                              : sqlite3_errstr(rc);

	if (status == INV_E_CONFLICT)
		return inv__fault(error, status, rc, "%s", detail);
	/* SUM has no code of its own for this. */
	if ((rc & 0xff) == SQLITE_ERROR && strcmp(detail, "integer overflow") == 0)
		return inv__fault(error, INV_E_LIMIT, rc, "%s%sa sum is more than can be counted", what,
		                  *what ? ": " : "");
	return inv__fault(error, status, rc, "%s%s%s (SQLite: %s)", what, *what ? ": " : "", sentence,
	                  detail);
}

inv_status inv__sqlite_error(const inv_conn *conn, int rc, inv_error *error)
{
	return inv__sqlite_error_of(conn->db, rc, "", error);
}
