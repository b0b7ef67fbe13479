/* SPDX-License-Identifier: MIT */
/* What an input is: records, their masks, and where each nested record belongs. */
#ifndef INV_API_INPUT_H
#define INV_API_INPUT_H

#include "engine/engine.h"
#include "inventra/input.h"

/* Elements given to a field; only errors look at it, for their path. */
typedef struct inv__input_list {
	struct inv__input_list *next;
	const char *elements;
	size_t size;  /* of one */
	size_t count;
	const inv_field_desc *field;
	const void *owner;
} inv__input_list;

struct inv_input {
	inv__arena arena;
	const inv_record_desc *record;
	char *records;
	size_t count;
	inv_fields *masks;
	inv__input_list *lists;
	_Alignas(16) char first[2048]; /* the arena's first block: a small input is one allocation */
};

#endif
