/* SPDX-License-Identifier: MIT */
/* Binary values for libpq, and a command as columns. */
#include "floor_pg_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INT8_TYPE 20
#define TEXT_TYPE 25
/* An array's head, and the most that a line takes in all its columns. */
#define ARRAY_HEAD 20
#define LINE_BYTES (8 * 12 + 2 * 28)
#define BUFFER_BYTES (4096 + (size_t)FLOOR_PG_LINES * LINE_BYTES)

void floor_pg_put32(char *out, uint32_t value)
{
	for (int i = 0; i < 4; i++) {
		out[i] = (char)(value >> (24 - 8 * i));
	}
}

void floor_pg_put64(char *out, uint64_t value)
{
	floor_pg_put32(out, (uint32_t)(value >> 32));
	floor_pg_put32(out + 4, (uint32_t)value);
}

int64_t floor_pg_get64(const char *in)
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++) {
		value = value << 8 | (uint8_t)in[i];
	}
	return (int64_t)value;
}

bool floor_pg_args_open(floor_pg_args *args)
{
	memset(args, 0, sizeof *args);
	args->buffer = malloc(BUFFER_BYTES);
	return args->buffer || bench_error("out of memory");
}

void floor_pg_args_close(floor_pg_args *args)
{
	free(args->buffer);
}

void floor_pg_bytes(floor_pg_args *args, const void *bytes, size_t size)
{
	args->values[args->count] = bytes;
	args->lengths[args->count] = (int)size;
	args->formats[args->count++] = 1;
}

void floor_pg_text(floor_pg_args *args, const char *text)
{
	floor_pg_bytes(args, text, strlen(text));
}

static char *take(floor_pg_args *args, size_t size)
{
	char *at = args->buffer + args->used;

	args->used += size;
	return at;
}

void floor_pg_int(floor_pg_args *args, int64_t value)
{
	char *at = take(args, 8);

	floor_pg_put64(at, (uint64_t)value);
	floor_pg_bytes(args, at, 8);
}

/* One dimension, no NULL, from index 1. */
static char *array_head(char *at, uint32_t type, size_t count)
{
	floor_pg_put32(at, 1);
	floor_pg_put32(at + 4, 0);
	floor_pg_put32(at + 8, type);
	floor_pg_put32(at + 12, (uint32_t)count);
	floor_pg_put32(at + 16, 1);
	return at + ARRAY_HEAD;
}

void floor_pg_ints(floor_pg_args *args, const int64_t *values, size_t count)
{
	size_t size = ARRAY_HEAD + count * 12;
	char *start = take(args, size);
	char *at = array_head(start, INT8_TYPE, count);

	for (size_t i = 0; i < count; i++, at += 12) {
		floor_pg_put32(at, 8);
		floor_pg_put64(at + 4, (uint64_t)values[i]);
	}
	floor_pg_bytes(args, start, size);
}

void floor_pg_skus(floor_pg_args *args, char (*skus)[24], size_t count)
{
	char *start = args->buffer + args->used;
	char *at = array_head(start, TEXT_TYPE, count);

	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(skus[i]);

		floor_pg_put32(at, (uint32_t)len);
		memcpy(at + 4, skus[i], len);
		at += 4 + len;
	}
	args->used += (size_t)(at - start);
	floor_pg_bytes(args, start, (size_t)(at - start));
}

/* ---- a command's columns ---- */

typedef struct numbered {
	bench_line line;
	size_t number;
} numbered;

static int by_product(const void *left, const void *right)
{
	const numbered *a = left;
	const numbered *b = right;

	if (a->line.product != b->line.product) {
		return a->line.product < b->line.product ? -1 : 1;
	}
	return (a->number > b->number) - (a->number < b->number);
}

static void add_line(floor_pg_rows *rows, const numbered *n, bool sale)
{
	size_t i = rows->lines++;

	rows->product[i] = n->line.product;
	rows->number[i] = (int64_t)n->number;
	rows->sold[i] = n->line.quantity;
	rows->moved[i] = -n->line.quantity;
	if (i == 0 || rows->product[i - 1] != rows->product[i]) {
		rows->balance[rows->balances] = rows->product[i];
		rows->taken[rows->balances++] = 0;
	}
	rows->taken[rows->balances - 1] += n->line.quantity;
	if (!sale) {
		return;
	}
	rows->price[i] = n->line.price;
	rows->amount[i] = n->line.quantity / 1000000 * n->line.price;
	rows->total += rows->amount[i];
	bench_sku(n->line.product, rows->sku[i]);
}

bool floor_pg_rows_of(floor_pg_rows *rows, const floor_command *command)
{
	numbered sorted[FLOOR_PG_LINES];

	if (command->count == 0 || command->count > FLOOR_PG_LINES) {
		return bench_error("floor: a command of %zu lines", command->count);
	}
	for (size_t i = 0; i < command->count; i++) {
		sorted[i] = (numbered){command->lines[i], i + 1};
	}
	qsort(sorted, command->count, sizeof sorted[0], by_product);
	rows->lines = 0;
	rows->balances = 0;
	rows->total = 0;
	for (size_t i = 0; i < command->count; i++) {
		add_line(rows, &sorted[i], command->kind == FLOOR_SALE);
	}
	floor_event_command(&rows->event, command);
	floor_event_hash(&rows->event);
	return true;
}
