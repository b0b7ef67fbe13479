/* SPDX-License-Identifier: MIT */
/* Reading balances by hand. */
#include "floor.h"

#include <inttypes.h>
#include <stdlib.h>

struct floor_reader {
	sqlite3 *native;
	sqlite3_stmt *begin;
	sqlite3_stmt *end;
	sqlite3_stmt *read;
};

floor_reader *floor_reader_open(const char *path)
{
	floor_reader *r = calloc(1, sizeof *r);

	if (!r) {
		bench_error("out of memory");
		return NULL;
	}
	r->native = floor_connect(path);
	if (r->native && floor_prepare(r->native, "BEGIN", &r->begin) &&
	    floor_prepare(r->native, "COMMIT", &r->end) &&
	    floor_prepare(r->native, "SELECT on_hand FROM balance WHERE product = ?1 AND location = ?2",
	                  &r->read)) {
		return r;
	}
	floor_reader_close(r);
	return NULL;
}

void floor_reader_close(floor_reader *reader)
{
	if (!reader) {
		return;
	}
	sqlite3_finalize(reader->begin);
	sqlite3_finalize(reader->end);
	sqlite3_finalize(reader->read);
	sqlite3_close(reader->native);
	free(reader);
}

bool floor_reader_begin(floor_reader *reader)
{
	return floor_done(reader->begin);
}

bool floor_reader_end(floor_reader *reader)
{
	return floor_done(reader->end);
}

bool floor_read(floor_reader *reader, uint32_t product, int64_t *on_hand)
{
	int rc;

	sqlite3_bind_int64(reader->read, 1, product);
	sqlite3_bind_int64(reader->read, 2, FLOOR_LOCATION);
	rc = sqlite3_step(reader->read);
	if (rc == SQLITE_ROW) {
		*on_hand = sqlite3_column_int64(reader->read, 0);
	}
	sqlite3_reset(reader->read);
	return rc == SQLITE_ROW || bench_error("floor: no balance of product %" PRIu32, product);
}
