/* SPDX-License-Identifier: MIT */
/* Results, which come in binary form, as cells. */
#include <stdlib.h>
#include <string.h>

#include "storage/fault.h"
#include "storage/postgres/pg_conn.h"
#include "util/number.h"

#define ID_BYTES 16
#define NUMERIC_HEAD 8u
#define NUMERIC_NEGATIVE 0x4000u

static uint16_t get16(const unsigned char *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const unsigned char *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static uint64_t get64(const unsigned char *p)
{
	return (uint64_t)get32(p) << 32 | get32(p + 4);
}

/* Digits of base 10000, the first of them worth 10000 to the power of the weight. */
bool inv__pg_numeric(const unsigned char *p, size_t size, int64_t *out)
{
	size_t digits = size >= NUMERIC_HEAD ? get16(p) : 0;
	int weight = size >= NUMERIC_HEAD ? (int16_t)get16(p + 2) : 0;
	unsigned sign = size >= NUMERIC_HEAD ? get16(p + 4) : 1;
	int64_t value = 0;

	if (size < NUMERIC_HEAD + 2 * digits || (sign != 0 && sign != NUMERIC_NEGATIVE) || weight > 5)
		return false;
	/* Summed up below zero, where there is room for the smallest number too. */
	for (int at = 0; at <= weight || (size_t)at < digits; at++) {
		int64_t digit = (size_t)at < digits ? get16(p + NUMERIC_HEAD + 2 * (size_t)at) : 0;

		if (at > weight && digit != 0)
			return false;
		if (at <= weight && (__builtin_mul_overflow(value, 10000, &value) ||
		                     !inv__sub(value, digit, &value)))
			return false;
	}
	if (sign == NUMERIC_NEGATIVE) {
		*out = value;
		return true;
	}
	return inv__sub(0, value, out);
}

static bool set_bytes(const inv_memory *memory, const void *p, size_t size, inv_value *cell)
{
	char *copy = memory->alloc(memory->ctx, size + 1);

	if (!copy)
		return false;
	if (size)
		memcpy(copy, p, size);
	copy[size] = '\0';
	cell->size = (uint32_t)size;
	cell->u.p = copy;
	return true;
}

/* The zero id is none, which the engine writes as the empty blob. */
static size_t id_size(const unsigned char *p)
{
	static const unsigned char zero[ID_BYTES];

	return memcmp(p, zero, ID_BYTES) == 0 ? 0 : ID_BYTES;
}

typedef enum outcome {
	DECODED,
	OUT_OF_MEMORY,
	TOO_LARGE,
	UNKNOWN_TYPE,
} outcome;

static outcome set_real(const unsigned char *p, size_t size, inv_value *cell)
{
	cell->type = INV_VALUE_REAL;
	if (size == sizeof(float)) {
		uint32_t bits = get32(p);
		float value;

		memcpy(&value, &bits, sizeof value);
		cell->u.r = (double)value;
	} else {
		uint64_t bits = get64(p);

		memcpy(&cell->u.r, &bits, sizeof bits);
	}
	return DECODED;
}

static outcome set_number(Oid type, const unsigned char *p, size_t size, inv_value *cell)
{
	cell->type = INV_VALUE_INT;
	switch (type) {
	case INV__PG_BOOL:
		cell->u.i = p[0];
		return DECODED;
	case INV__PG_INT2:
		cell->u.i = (int16_t)get16(p);
		return DECODED;
	case INV__PG_INT4:
		cell->u.i = (int32_t)get32(p);
		return DECODED;
	case INV__PG_OID:
		cell->u.i = get32(p);
		return DECODED;
	case INV__PG_INT8:
		cell->u.i = (int64_t)get64(p);
		return DECODED;
	default:
		return inv__pg_numeric(p, size, &cell->u.i) ? DECODED : TOO_LARGE;
	}
}

static outcome decode(const inv_memory *memory, Oid type, const unsigned char *p, size_t size,
                      inv_value *cell)
{
	switch (type) {
	case INV__PG_BOOL:
	case INV__PG_INT2:
	case INV__PG_INT4:
	case INV__PG_INT8:
	case INV__PG_OID:
	case INV__PG_NUMERIC:
		return set_number(type, p, size, cell);
	case INV__PG_FLOAT4:
	case INV__PG_FLOAT8:
		return set_real(p, size, cell);
	case INV__PG_UUID:
		cell->type = INV_VALUE_BLOB;
		return set_bytes(memory, p, id_size(p), cell) ? DECODED : OUT_OF_MEMORY;
	case INV__PG_BYTEA:
		cell->type = INV_VALUE_BLOB;
		return set_bytes(memory, p, size, cell) ? DECODED : OUT_OF_MEMORY;
	case INV__PG_TEXT:
	case INV__PG_VARCHAR:
	case INV__PG_BPCHAR:
	case INV__PG_NAME:
	case INV__PG_CHAR:
	case INV__PG_JSON:
	case INV__PG_UNKNOWN:
		cell->type = INV_VALUE_TEXT;
		return set_bytes(memory, p, size, cell) ? DECODED : OUT_OF_MEMORY;
	default:
		return type == INV__PG_VOID ? DECODED : UNKNOWN_TYPE;
	}
}

static inv_status fault_of(outcome what, inv_error *error)
{
	if (what == OUT_OF_MEMORY)
		return inv__fault(error, INV_E_NO_MEMORY, 0, "out of memory");
	if (what == TOO_LARGE)
		return inv__fault(error, INV_E_LIMIT, 0, "a number of a result is no 64-bit integer");
	return inv__fault(error, INV_E_UNSUPPORTED, 0,
	                  "a column of a result has a type that the driver does not know");
}

/* The number of changed rows is told of what changes some: of a SELECT it is the rows read. */
static int64_t changes_of(const PGresult *result)
{
	const char *tag = PQcmdStatus((PGresult *)(uintptr_t)result);
	bool changes = strncmp(tag, "INSERT", 6) == 0 || strncmp(tag, "UPDATE", 6) == 0 ||
	               strncmp(tag, "DELETE", 6) == 0 || strncmp(tag, "MERGE", 5) == 0;

	return changes ? strtoll(PQcmdTuples((PGresult *)(uintptr_t)result), NULL, 10) : 0;
}

inv_status inv__pg_decode(const PGresult *result, const inv_memory *memory, inv_rows *rows,
                          inv_error *error)
{
	size_t columns = (size_t)PQnfields(result);
	size_t count = (size_t)PQntuples(result);
	inv_value *cells = NULL;

	rows->changes = changes_of(result);
	rows->column_count = columns;
	if (count && columns) {
		cells = memory->alloc(memory->ctx, count * columns * sizeof *cells);
		if (!cells)
			return fault_of(OUT_OF_MEMORY, error);
		memset(cells, 0, count * columns * sizeof *cells);
	}
	for (size_t at = 0; at < count * columns; at++) {
		int row = (int)(at / columns);
		int column = (int)(at % columns);
		const unsigned char *p = (const unsigned char *)PQgetvalue(result, row, column);
		size_t size = (size_t)PQgetlength(result, row, column);
		outcome what = DECODED;

		if (!PQgetisnull(result, row, column))
			what = decode(memory, PQftype(result, column), p, size, &cells[at]);
		if (what != DECODED)
			return fault_of(what, error);
	}
	rows->cells = cells;
	rows->row_count = count;
	return INV_OK;
}
