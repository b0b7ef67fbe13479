/* SPDX-License-Identifier: MIT */
/* Inputs from JavaScript, and answers to it.
 *
 * An input comes as one text, a *program*: every value that crossed for itself would cost as much.
 *
 *	program = count US record*          record = (field US value RS)* GS
 *	value   = text | FS program         field  = number, of one by code -1 - number
 *
 * No text of the library holds these separators; lib/ refuses them. A value is set by its text
 * form; behind FS stands a list. An answer goes as one block without pointers (inventra/flat.h),
 * which JavaScript reads fields out of when they are asked for. The block is a string, a byte a
 * character: V8 makes and drops those for a tenth of what an ArrayBuffer costs. */
#include <stdlib.h>

#include "addon.h"

#define SHORT_TEXT 4096
#define SHORT_ANSWER 4096

/* ---- inputs ---- */

typedef struct reader {
	inv_input *input;
	inv_error *error;
	const char *at;
} reader;

static inv_status read_record(reader *r, const inv_record_desc *record, void *to);

/* A number and the separator behind it. */
static long read_number(reader *r)
{
	char *end;
	long number = strtol(r->at, &end, 10);

	r->at = *end ? end + 1 : end;
	return number;
}

static inv_status read_list(reader *r, void *to, const inv_field_desc *field)
{
	const inv_record_desc *nested = inv_schema_record(field->of);
	size_t count = (size_t)read_number(r);
	void *elements = NULL;
	inv_status rc = inv_input_set_list(r->input, to, field, count, &elements, r->error);

	for (size_t i = 0; rc == INV_OK && i < count; i++)
		rc = read_record(r, nested, (char *)elements + i * nested->size);
	return rc;
}

static inv_status read_value(reader *r, void *to, const inv_field_desc *field, bool code)
{
	inv_str text = {r->at, 0};

	if (*r->at == FS) {
		r->at++;
		return read_list(r, to, field);
	}
	while (r->at[text.len] && r->at[text.len] != RS)
		text.len++;
	r->at += text.len;
	return code ? inv_input_set_code(r->input, to, field, text, r->error)
	            : inv_input_set_text(r->input, to, field, text, r->error);
}

static inv_status read_record(reader *r, const inv_record_desc *record, void *to)
{
	inv_status rc = INV_OK;

	while (rc == INV_OK && *r->at && *r->at != GS) {
		long number = read_number(r);
		const inv_field_desc *field =
			inv_schema_field(record, (uint32_t)(number < 0 ? -1 - number : number));

		rc = field ? read_value(r, to, field, number < 0) : INV_E_INTERNAL;
		r->at += *r->at == RS ? 1 : 0;
	}
	r->at += *r->at == GS ? 1 : 0;
	return rc;
}

inv_status values_read(napi_env env, napi_value program, task *t)
{
	const inv_record_desc *record = inv_schema_record(t->op->input);
	char shorter[SHORT_TEXT];
	char *longer = NULL;
	reader r = {NULL, &t->error, shorter};
	size_t len = 0;
	inv_status rc;

	(void)napi_get_value_string_utf8(env, program, shorter, sizeof shorter, &len);
	if (len >= sizeof shorter - 4) { /* it may go on */
		r.at = longer = addon_string(env, program);
		if (!longer)
			return INV_E_NO_MEMORY;
	}
	rc = inv_input_new(record, (size_t)read_number(&r), &t->input);
	r.input = t->input;
	for (size_t i = 0; rc == INV_OK && i < inv_input_count(t->input); i++)
		rc = read_record(&r, record, inv_input_at(t->input, i));
	free(longer);
	return rc;
}

/* ---- answers ---- */

/* Twice over the records: how long it is comes first. Most answers are short. */
napi_value values_answer(napi_env env, task *t)
{
	_Alignas(8) char shorter[SHORT_ANSWER];
	size_t size = inv_result_flat(t->result, shorter, sizeof shorter);
	char *block = size <= sizeof shorter ? shorter : malloc(size);
	napi_value made = NULL;

	if (block && block != shorter)
		inv_result_flat(t->result, block, size);
	if (!block || napi_create_string_latin1(env, block, size, &made) != napi_ok)
		made = NULL;
	if (block != shorter)
		free(block);
	return made ? made : addon_no_memory(env);
}
