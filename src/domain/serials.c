/* SPDX-License-Identifier: MIT */
/* A serial is one unit: it is on hand in one account at most (I9), under every guard. */
#include <stdlib.h>

#include "domain/domain.h"
#include "util/id.h"
#include "util/text.h"

/* An account below zero owes a unit, which observe and backorder allow: it holds none. */
INV__SQL(SQL_SERIALS,
         "SELECT a.number, a.product, a.serial, b.on_hand, l.code"
         " FROM {rows product:id serial:text} r JOIN account a ON a.product = r.product"
         " AND a.serial = r.serial AND a.serial <> ''"
         " JOIN account_balance b ON b.account = a.number AND b.on_hand <> 0"
         " LEFT JOIN location l ON l.id = a.location");

/* What an account holds of a serial, or what a leg does to it. */
typedef struct unit {
	const inv__leg *key;
	int64_t held;
	inv_str code; /* of the location, where something is held */
	bool stored;
} unit;

static int serial_compare(const inv__leg *a, const inv__leg *b)
{
	int c = inv__id_compare(a->product, b->product);

	return c ? c : inv__str_compare(a->serial, b->serial);
}

/* A row tells the account's number alone. */
static int account_compare(const inv__leg *a, const inv__leg *b)
{
	return (a->account > b->account) - (a->account < b->account);
}

static int unit_order(const void *x, const void *y)
{
	const unit *a = x, *b = y;
	int c = serial_compare(a->key, b->key);

	if (c == 0)
		c = account_compare(a->key, b->key);
	if (c == 0)
		c = (int)b->stored - (int)a->stored;
	if (c == 0)
		c = (a->key->input > b->key->input) - (a->key->input < b->key->input);
	return c ? c : (a->key->line > b->key->line) - (a->key->line < b->key->line);
}

static size_t serial_count(const inv__leg *legs, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += legs[i].serial.len > 0;
	return n;
}

/* Legs that have a serial, behind the `n` units that are there. */
static size_t add_legs(const inv__leg *legs, size_t count, unit *units, size_t n)
{
	for (size_t i = 0; i < count; i++)
		if (legs[i].serial.len > 0)
			units[n++].key = &legs[i];
	return n;
}

inv_status inv__serials_claim(inv__call *call, const inv__leg *legs, size_t count)
{
	size_t n = serial_count(legs, count), distinct = 0;
	inv_str *product, *serial;
	unit *units;

	call->has_serials = n > 0;
	if (n == 0)
		return call->batch->status;
	units = inv__arena_array(call->arena, n, sizeof *units);
	if (!units)
		return inv__call_no_memory(call);
	add_legs(legs, count, units, 0);
	qsort(units, n, sizeof *units, unit_order);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || serial_compare(units[i].key, units[distinct - 1].key) != 0)
			units[distinct++] = units[i];
	call->serial_statement = inv__batch_add(call->batch, &SQL_SERIALS);
	inv__batch_rows(call->batch, distinct);
	product = inv__batch_blob_column(call->batch);
	serial = inv__batch_text_column(call->batch);
	if (!product || !serial)
		return inv__call_no_memory(call);
	for (size_t i = 0; i < distinct; i++) {
		inv__batch_id_at(call->batch, product, i, &units[i].key->product);
		serial[i] = units[i].key->serial;
	}
	return call->batch->status;
}

static inv_status read_units(inv__call *call, const inv_rows *rows, unit *units)
{
	inv__leg *keys = inv__arena_array(call->arena, rows->row_count ? rows->row_count : 1,
	                                  sizeof *keys);

	if (!keys)
		return inv__call_no_memory(call);
	for (size_t row = 0; row < rows->row_count; row++) {
		inv__leg *key = &keys[row];

		key->account = inv__cell_int(rows, row, 0);
		key->product = inv__cell_id(rows, row, 1);
		key->serial = inv__cell_str(rows, row, 2);
		units[row] = (unit){key, inv__cell_int(rows, row, 3), inv__cell_str(rows, row, 4), true};
	}
	return INV_OK;
}

/* One serial over all its accounts. */
typedef struct tally {
	int64_t before, after;  /* units on hand */
	const inv__leg *comes;  /* the last leg that brings it to an account which then holds it */
	const unit *stays;      /* an account that held it and still does */
} tally;

/* Take one account's units, which stand together; returns how many there were. */
static size_t tally_account(const unit *units, size_t count, tally *t)
{
	int64_t held = units[0].held, after = held;
	const inv__leg *comes = NULL;
	size_t n = 0;

	for (; n < count && account_compare(units[n].key, units[0].key) == 0; n++) {
		if (units[n].stored)
			continue;
		after += units[n].key->quantity;
		if (units[n].key->quantity > 0)
			comes = units[n].key;
	}
	t->before += held > 0 ? held : 0;
	t->after += after > 0 ? after : 0;
	if (after > 0 && comes)
		t->comes = comes;
	if (after > 0 && held > 0)
		t->stays = &units[0];
	return n;
}

static inv_status refuse(inv__call *call, const tally *t)
{
	const inv__leg *leg = t->comes;
	const char *field = inv__line_field(call, "lines", leg->line, "serial");
	const int serial = (int)leg->serial.len;

	if (!t->stays)
		return inv__call_fail(call, INV_E_EXISTS, leg->input, field,
		                      "serial %.*s comes in twice: it is one unit", serial,
		                      leg->serial.ptr);
	return inv__call_fail(call, INV_E_EXISTS, leg->input, field,
	                      "serial %.*s is on hand already, at %.*s", serial, leg->serial.ptr,
	                      (int)t->stays->code.len, t->stays->code.ptr ? t->stays->code.ptr : "");
}

inv_status inv__serials_check(inv__call *call, const inv__leg *legs, size_t count)
{
	const inv_rows *rows;
	unit *units;
	size_t n;
	inv_status rc;

	if (!call->has_serials)
		return INV_OK;
	rows = inv__batch_result(call->batch, call->serial_statement);
	n = rows->row_count + serial_count(legs, count);
	units = inv__arena_array(call->arena, n ? n : 1, sizeof *units);
	if (!units)
		return inv__call_no_memory(call);
	rc = read_units(call, rows, units);
	if (rc != INV_OK)
		return rc;
	add_legs(legs, count, units, rows->row_count);
	qsort(units, n, sizeof *units, unit_order);
	for (size_t i = 0; i < n;) {
		const inv__leg *first = units[i].key;
		tally t = {0, 0, NULL, NULL};

		while (i < n && serial_compare(units[i].key, first) == 0)
			i += tally_account(&units[i], n - i, &t);
		if (t.after > INV_QUANTITY_ONE && t.after > t.before && t.comes)
			return refuse(call, &t);
	}
	return INV_OK;
}
