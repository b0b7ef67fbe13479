/* SPDX-License-Identifier: MIT */
/* The words in which the databases differ. SQL of the engine is written once, with tokens:
 *
 *   {rows a:int b:id c:text}     a FROM item with these columns, one row per row of the rowset;
 *                                columns are r.a, r.b … of an alias the statement gives. SQLite:
 *                                (SELECT ?1 AS a, ?2 AS b, ?3 AS c); PostgreSQL: unnest(…).
 *                                With the alias r, SQLite takes r.a as ?1 itself.
 *   {rows# a:int b:id}           the same with a column n, the row's ordinal from 0. A SELECT
 *                                whose first column is r.n answers in the order of n, whether or
 *                                not it says so; anything else answers in any order.
 *   {insert a:int b:id}          the rowset as the source of an INSERT. SQLite: VALUES (?1, ?2).
 *   {where a:int b:id}           the rowset r of an UPDATE, in the place of its WHERE. SQLite:
 *                                WHERE; PostgreSQL: FROM unnest(…) r WHERE.
 *   {lock}                       FOR UPDATE where the database has it.
 *   {lock_of x} {share_of x}     FOR UPDATE OF x, FOR KEY SHARE OF x.
 *   {exclusive a, b}             a statement that keeps others from writing to these tables.
 *   {draw x}                     the next number of sequence x.
 *   {draw_behind x}              has the sequence x go on behind the number ?1.
 *   {postgres x} {sqlite x}      x, on the one alone.
 *   {int} {bool} {text} {id} {blob}   column types (migrations).
 *   {strict}                     table options of a table with a rowid (migrations).
 *   {clustered}                  table options of a table stored by its primary key.
 *   {journal_key} {seq_key}      which of position and seq is the journal's primary key.
 *   {tables}                     a FROM item with the names of the store's tables.
 *   {mark}                       makes the file tell whose it is (migrations).
 *   {month x} {day x}            text YYYY-MM or YYYY-MM-DD of a date (days since 1970).
 *   {turn}                       waits until no other transaction that asked for it is open; a
 *                                value without meaning. SQLite's writers exclude each other anyway.
 *   {no_id}                      the id that is none.
 *   {count x}                    cast of an aggregate back to a 64-bit integer.
 *
 * Literals are left alone, comments dropped. A statement has one rowset; it may name it again, with
 * the same columns.
 */
#ifndef INV_STORAGE_DIALECT_H
#define INV_STORAGE_DIALECT_H

#include "util/arena.h"

typedef struct inv__expanded {
	inv_str sql;
	uint32_t rowset_columns; /* of {rows}, {rows#}, {insert}; 0 = none */
	bool ordinal;            /* {rows#} */
} inv__expanded;

/* Expand for dialect "sqlite" or "postgres". Parameters after the rowset's are written ?+1, ?+2 …
 * and come out behind the rowset's own columns. INTERNAL for a token that is none, UNSUPPORTED for
 * another dialect. */
inv_status inv__dialect_expand(const char *dialect, inv_str text, inv__arena *arena,
                               inv__expanded *out);

#endif
