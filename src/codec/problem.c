/* SPDX-License-Identifier: MIT */
/* Errors: one sentence, the record, the field's path, and the further findings as details. */
#include "codec/codec.h"

#include <stdarg.h>
#include <stdio.h>

#include "util/text.h"

/* Messages quote the caller's bytes: drop a code point that was cut, and what no terminal should
 * see. */
static void make_printable(char *text)
{
	size_t len = strlen(text);

	for (size_t at = 0; at < len;) {
		uint32_t code = 0;
		size_t step = inv__utf8_decode(text + at, len - at, &code);

		if (step == 0 && len - at < 4) {
			size_t rest = at + 1;

			while (rest < len && ((unsigned char)text[rest] & 0xC0u) == 0x80u)
				rest++;
			if (rest == len && (unsigned char)text[at] >= 0xC0u) {
				text[at] = '\0';
				return;
			}
		}
		if (step == 0 || code < 0x20 || (code >= 0x7F && code < 0xA0))
			memset(text + at, '?', step ? step : 1);
		at += step ? step : 1;
	}
}

static void copy_text(char *out, size_t size, const char *text)
{
	size_t len = strlen(text);

	if (len >= size)
		len = size - 1;
	memcpy(out, text, len);
	out[len] = '\0';
	make_printable(out);
}

void inv__error_clear(inv_error *error)
{
	if (!error)
		return;
	error->struct_size = (uint32_t)sizeof *error;
	error->status = INV_OK;
	error->index = -1;
	error->native_code = 0;
	error->record[0] = '\0';
	error->field[0] = '\0';
	error->message[0] = '\0';
	error->detail_count = 0;
	error->reserved = 0;
}

inv_status inv__error_set(inv_error *error, inv_status status, const char *record,
                          const char *field, const char *format, ...)
{
	char text[sizeof error->message];
	va_list args;

	if (!error)
		return status;
	va_start(args, format);
	if (vsnprintf(text, sizeof text, format, args) < 0)
		text[0] = '\0';
	va_end(args);
	error->status = status;
	copy_text(error->message, sizeof error->message, text);
	if (record)
		copy_text(error->record, sizeof error->record, record);
	if (field)
		copy_text(error->field, sizeof error->field, field);
	return status;
}

static size_t append(char *out, size_t size, size_t at, const char *text)
{
	size_t len = strlen(text);

	if (len > size - 1 - at)
		len = size - 1 - at;
	memcpy(out + at, text, len);
	out[at + len] = '\0';
	return at + len;
}

static size_t append_step(const inv__path *path, char *out, size_t size)
{
	size_t at = 0;
	char index[32];

	if (!path)
		return 0;
	at = append_step(path->up, out, size);
	if (path->field) {
		at = at ? append(out, size, at, ".") : at;
		at = append(out, size, at, path->field);
	}
	if (path->index >= 0) {
		inv__format(index, sizeof index, "[%lld]", (long long)path->index);
		at = append(out, size, at, index);
	}
	return at;
}

void inv__path_text(const inv__path *path, const char *field, char *out, size_t size)
{
	size_t at = 0;

	if (size == 0)
		return;
	out[0] = '\0';
	at = append_step(path, out, size);
	if (field && field[0]) {
		at = at ? append(out, size, at, ".") : at;
		append(out, size, at, field);
	}
	make_printable(out);
}

inv_status inv__problem_add(inv__problems *problems, inv_status status, const inv__path *path,
                            const char *field, const char *format, ...)
{
	inv_error *error = problems ? problems->error : NULL;
	inv_error_detail *detail = NULL;
	char text[sizeof error->message];
	char place[sizeof error->field];
	va_list args;

	if (!error)
		return status;
	va_start(args, format);
	if (vsnprintf(text, sizeof text, format, args) < 0)
		text[0] = '\0';
	va_end(args);
	inv__path_text(path, field, place, sizeof place);
	if (error->status == INV_OK) {
		error->index = problems->index;
		inv__error_set(error, status, problems->record ? problems->record : "", place, "%s", text);
		error->detail_count = 0;
	}
	if (error->detail_count < INV_ERROR_DETAILS) {
		detail = &error->details[error->detail_count++];
		detail->status = status;
		copy_text(detail->field, sizeof detail->field, place);
		copy_text(detail->message, sizeof detail->message, text);
	}
	return status;
}
