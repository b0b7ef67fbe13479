/* SPDX-License-Identifier: MIT */
/* A CSV reader by hand, for floors that import products. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1
#endif
#include "floor.h"

static bool put(floor_csv *c, int byte)
{
	size_t at = c->count;

	if (at >= FLOOR_CSV_FIELDS || c->size[at] + 1 >= FLOOR_CSV_BYTES) {
		return bench_error("floor: a CSV row is too large");
	}
	c->field[at][c->size[at]++] = (char)byte;
	return true;
}

static bool end_field(floor_csv *c)
{
	if (c->count >= FLOOR_CSV_FIELDS) {
		return bench_error("floor: a CSV row has too many fields");
	}
	c->field[c->count][c->size[c->count]] = '\0';
	c->count++;
	if (c->count < FLOOR_CSV_FIELDS) {
		c->size[c->count] = 0;
	}
	return true;
}

/* The quotes of a field are open; reads up to the closing one. */
static bool read_quoted(floor_csv *c)
{
	for (;;) {
		int byte = getc_unlocked(c->file);

		if (byte == EOF) {
			return bench_error("floor: a CSV quote stays open");
		}
		if (byte == '"') {
			byte = getc_unlocked(c->file);
			if (byte != '"') {
				ungetc(byte, c->file);
				return true;
			}
		}
		if (!put(c, byte)) {
			return false;
		}
	}
}

bool floor_csv_row(floor_csv *c)
{
	int byte = getc_unlocked(c->file);

	c->count = 0;
	c->size[0] = 0;
	if (byte == EOF) {
		return true;
	}
	for (; byte != EOF && byte != '\n'; byte = getc_unlocked(c->file)) {
		bool ok = true;

		if (byte == '"') {
			ok = read_quoted(c);
		} else if (byte == ',') {
			ok = end_field(c);
		} else if (byte != '\r') {
			ok = put(c, byte);
		}
		if (!ok) {
			return false;
		}
	}
	return end_field(c);
}

int64_t floor_csv_money(const char *text)
{
	int64_t value = 0;
	int decimals = -1;

	for (; *text; text++) {
		if (*text == '.') {
			decimals = 0;
		} else if (decimals < 4) {
			value = value * 10 + (*text - '0');
			decimals += decimals >= 0 ? 1 : 0;
		}
	}
	for (decimals = decimals < 0 ? 0 : decimals; decimals < 4; decimals++) {
		value *= 10;
	}
	return value;
}

bool floor_event_product(floor_event *event, const floor_csv *row, size_t line)
{
	int size;

	if (row->count != FLOOR_CSV_FIELDS) {
		return bench_error("floor: line %zu has %zu fields", line, row->count);
	}
	floor_event_start(event, "product.created");
	size = snprintf(event->payload, sizeof event->payload,
	                "{\"id\":\"0191d3a0-7c00-7000-8000-%012zu\",\"sku\":\"%s\",\"name\":\"%s\","
	                "\"description\":\"%s\",\"barcodes\":[\"%s\"],\"unit\":\"%s\","
	                "\"list_price\":\"%s\"}",
	                line, row->field[FLOOR_CSV_SKU], row->field[FLOOR_CSV_NAME],
	                row->field[FLOOR_CSV_DESCRIPTION], row->field[FLOOR_CSV_BARCODES],
	                row->field[FLOOR_CSV_UNIT], row->field[FLOOR_CSV_LIST_PRICE]);
	if (size < 0 || (size_t)size >= sizeof event->payload) {
		return bench_error("floor: line %zu is too long", line);
	}
	event->payload_size = (size_t)size;
	return true;
}
