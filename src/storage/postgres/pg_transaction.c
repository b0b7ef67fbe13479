/* SPDX-License-Identifier: MIT */
/* Transactions. BEGIN is put off until something runs. An error stops a transaction on the server:
 * it can go on from a savepoint, else it is rolled back at once, and the engine is told so. */
#include <string.h>

#include "storage/fault.h"
#include "storage/postgres/pg_conn.h"

#define MAX_SCRIPT ((size_t)1 << 26)

const char *inv__pg_begin_sql(uint32_t mode)
{
	return mode == INV_BEGIN_READ ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	                              : "BEGIN ISOLATION LEVEL READ COMMITTED";
}

void inv__pg_roll_back(inv_conn *conn)
{
	inv__pg_run_begin(conn, NULL, NULL);
	inv__pg_send_text(conn, INV__PG_STEP_PLAIN, "ROLLBACK");
	/* A connection that cannot even do this is of no use; the server rolls back when it goes. */
	if (inv__pg_run_end(conn) != INV_OK && conn->pg)
		inv__pg_drop(conn);
}

void inv__pg_settle(inv_conn *conn, bool ends)
{
	PGTransactionStatusType server = conn->pg ? PQtransactionStatus(conn->pg) : PQTRANS_IDLE;
	inv__pg_tx ended = ends || conn->tx == INV__PG_NONE ? INV__PG_NONE : INV__PG_LOST;

	if (server == PQTRANS_INTRANS && !ends) {
		conn->tx = INV__PG_OPEN;
		return;
	}
	if (server == PQTRANS_INERROR && !ends && conn->savepoints) {
		conn->tx = INV__PG_FAILED;
		return;
	}
	if (server != PQTRANS_IDLE)
		inv__pg_roll_back(conn);
	conn->tx = ended;
	conn->savepoints = 0;
}

inv_status inv__pg_begin(inv_conn *conn, uint32_t mode, inv_error *error)
{
	if (conn->tx != INV__PG_NONE && conn->tx != INV__PG_LOST)
		return inv__fault(error, INV_E_INTERNAL, 0, "a transaction is open already");
	if (mode != INV_BEGIN_READ && conn->readonly)
		return inv__fault(error, INV_E_READ_ONLY, 0, "the store is open for reading only");
	conn->tx = INV__PG_PENDING;
	conn->mode = mode;
	conn->savepoints = 0;
	return INV_OK;
}

static inv_status commit(inv_conn *conn, inv_error *error)
{
	inv_status status;

	inv__pg_run_begin(conn, NULL, error);
	conn->run.commits = conn->mode != INV_BEGIN_READ;
	inv__pg_send_text(conn, INV__PG_STEP_COMMIT, "COMMIT");
	status = inv__pg_run_end(conn);
	conn->commits += status == INV_OK && conn->mode != INV_BEGIN_READ ? 1 : 0;
	inv__pg_settle(conn, true);
	return status;
}

inv_status inv__pg_end(inv_conn *conn, inv_bool commits, inv_error *error)
{
	inv__pg_tx tx = conn->tx;

	if (tx == INV__PG_OPEN && commits)
		return commit(conn, error);
	if (tx == INV__PG_OPEN || tx == INV__PG_FAILED)
		inv__pg_roll_back(conn);
	conn->tx = INV__PG_NONE;
	conn->savepoints = 0;
	if (commits && tx != INV__PG_PENDING)
		return inv__fault(error, INV_E_STATE, 0, "the transaction was rolled back already");
	return INV_OK;
}

/* ---- scripts ---- */

/* Several statements in one message are a transaction of their own, unless they begin one. */
static void write_script(inv_conn *conn, inv_str sql, inv__buf *out)
{
	bool starts = conn->tx == INV__PG_NONE || conn->tx == INV__PG_PENDING;

	if (conn->tx == INV__PG_PENDING) {
		inv__buf_puts(out, inv__pg_begin_sql(conn->mode));
		inv__buf_puts(out, ";\n");
	}
	if (starts && conn->settings) {
		inv__buf_puts(out, conn->settings);
		inv__buf_puts(out, ";\n");
	}
	inv__buf_put(out, sql.ptr, sql.len);
	inv__buf_putc(out, '\0');
}

inv_status inv__pg_script(inv_conn *conn, inv_str sql, inv_error *error)
{
	bool alone = conn->tx == INV__PG_NONE;
	inv__buf text;
	inv_status status = INV_OK;

	if (conn->tx == INV__PG_LOST)
		return inv__fault(error, INV_E_STATE, 0, "an error has ended the transaction");
	if (alone || conn->tx == INV__PG_PENDING)
		status = inv__pg_revive(conn, error);
	if (status != INV_OK)
		return status;
	inv__buf_init(&text, &conn->allocator, MAX_SCRIPT);
	write_script(conn, sql, &text);
	if (text.status != INV_OK) {
		status = inv__fault(error, text.status, 0, "a script is too long");
	} else {
		status = inv__pg_simple(conn, text.data, error);
		inv__pg_settle(conn, false);
		conn->commits += alone && status == INV_OK ? 1 : 0;
	}
	inv__buf_free(&text);
	if (!alone || conn->alive)
		return status;
	return inv__fault(error, INV_E_UNKNOWN_OUTCOME, inv__pg_code("08006"),
	                  "the connection broke while a script ran");
}
