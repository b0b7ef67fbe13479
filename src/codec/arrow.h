/* SPDX-License-Identifier: MIT */
/* Records as Arrow columns. */
#ifndef INV_CODEC_ARROW_H
#define INV_CODEC_ARROW_H

#include "codec/codec.h"
#include "inventra/arrow.h"

typedef struct inv__arrow_columns inv__arrow_columns;

/* Columns of a record; `lists` leaves out what list operations do. NULL when out of memory. They
 * take memory from malloc: consumers give it back when no store is left. */
inv__arrow_columns *inv__columns_new(const inv_record_desc *record, bool lists);
void inv__columns_free(inv__arrow_columns *columns);
void inv__columns_add(inv__arrow_columns *columns, const void *record);
size_t inv__columns_count(const inv__arrow_columns *columns);
/* Bytes that they take, about. */
size_t inv__columns_size(const inv__arrow_columns *columns);
/* Hand out what was added, and begin anew. NO_MEMORY, or LIMIT for more text than fits a column. */
inv_status inv__columns_take(inv__arrow_columns *columns, struct ArrowArray *out);
inv_status inv__columns_schema(const inv__arrow_columns *columns, struct ArrowSchema *out);

#endif
