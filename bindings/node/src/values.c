/* SPDX-License-Identifier: MIT */
/* Inputs from JavaScript, and answers to it.
 *
 * An input comes as a *program*: an array of pairs, a field's number and its value. A number sets
 * an integer in the field's own unit, a string its text form, an array of programs a list. Field
 * number -1 - n means field n by code. An answer goes as one ArrayBuffer (inventra/flat.h), which
 * JavaScript reads fields out of when they are asked for; nothing has to be freed. */
#include <stdlib.h>

#include "addon.h"

#define SHORT_TEXT 512

/* ---- inputs ---- */

typedef struct reader {
	napi_env env;
	inv_input *input;
	inv_error *error;
} reader;

static inv_status read_record(reader *r, napi_value program, const inv_record_desc *record,
                              void *at);

static inv_status set_text(reader *r, void *at, const inv_field_desc *field, napi_value value,
                           bool code)
{
	char shorter[SHORT_TEXT];
	char *longer = NULL;
	inv_str text = {shorter, 0};
	inv_status rc;

	if (napi_get_value_string_utf8(r->env, value, shorter, sizeof shorter, &text.len) != napi_ok)
		return INV_E_INTERNAL;
	if (text.len >= sizeof shorter - 4) { /* it may go on */
		longer = addon_string(r->env, value, &text.len);
		if (!longer)
			return INV_E_NO_MEMORY;
		text.ptr = longer;
	}
	rc = code ? inv_input_set_code(r->input, at, field, text, r->error)
	          : inv_input_set_text(r->input, at, field, text, r->error);
	free(longer);
	return rc;
}

static inv_status set_list(reader *r, void *at, const inv_field_desc *field, napi_value value)
{
	const inv_record_desc *nested = inv_schema_record(field->of);
	uint32_t count = 0;
	void *elements = NULL;
	napi_value element;
	inv_status rc;

	if (napi_get_array_length(r->env, value, &count) != napi_ok)
		return INV_E_INTERNAL;
	rc = inv_input_set_list(r->input, at, field, count, &elements, r->error);
	for (uint32_t i = 0; rc == INV_OK && i < count; i++) {
		if (napi_get_element(r->env, value, i, &element) != napi_ok)
			return INV_E_INTERNAL;
		rc = read_record(r, element, nested, (char *)elements + (size_t)i * nested->size);
	}
	return rc;
}

static inv_status set_value(reader *r, void *at, const inv_field_desc *field, napi_value value,
                            bool code)
{
	napi_valuetype type;
	int64_t number;

	if (napi_typeof(r->env, value, &type) != napi_ok)
		return INV_E_INTERNAL;
	if (type == napi_string)
		return set_text(r, at, field, value, code);
	if (type != napi_number)
		return set_list(r, at, field, value);
	if (napi_get_value_int64(r->env, value, &number) != napi_ok)
		return INV_E_INTERNAL;
	return inv_input_set_int(r->input, at, field, number, r->error);
}

static inv_status read_record(reader *r, napi_value program, const inv_record_desc *record,
                              void *at)
{
	const inv_field_desc *field;
	napi_value number;
	napi_value value;
	uint32_t count = 0;
	int32_t which;
	inv_status rc = INV_OK;

	if (napi_get_array_length(r->env, program, &count) != napi_ok)
		return INV_E_INTERNAL;
	for (uint32_t i = 0; rc == INV_OK && i + 1 < count; i += 2) {
		if (napi_get_element(r->env, program, i, &number) != napi_ok ||
		    napi_get_value_int32(r->env, number, &which) != napi_ok ||
		    napi_get_element(r->env, program, i + 1, &value) != napi_ok)
			return INV_E_INTERNAL;
		field = inv_schema_field(record, (uint32_t)(which < 0 ? -1 - which : which));
		rc = field ? set_value(r, at, field, value, which < 0) : INV_E_INTERNAL;
	}
	return rc;
}

inv_status values_read(napi_env env, napi_value programs, task *t)
{
	const inv_record_desc *record = inv_schema_record(t->op->input);
	reader r = {env, NULL, &t->error};
	uint32_t count = 0;
	napi_value program;
	inv_status rc;

	(void)napi_get_array_length(env, programs, &count);
	rc = inv_input_new(record, count, &t->input);
	r.input = t->input;
	for (uint32_t i = 0; rc == INV_OK && i < count; i++) {
		if (napi_get_element(env, programs, i, &program) != napi_ok)
			return INV_E_INTERNAL;
		rc = read_record(&r, program, record, inv_input_at(t->input, i));
	}
	return rc;
}

napi_value values_answer(napi_env env, task *t)
{
	size_t size = inv_result_flat(t->result, NULL, 0);
	napi_value buffer;
	void *data = NULL;

	if (napi_create_arraybuffer(env, size, &data, &buffer) != napi_ok)
		return addon_no_memory(env);
	inv_result_flat(t->result, data, size);
	return buffer;
}
