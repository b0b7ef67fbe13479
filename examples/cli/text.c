/* SPDX-License-Identifier: MIT */
/* A growing piece of text. */
#include "text.h"

#include "inventra/schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void out_of_memory(void)
{
	fputs("inventra: out of memory (NO_MEMORY)\n", stderr);
	exit(inv_schema_status(INV_E_NO_MEMORY)->exit_code);
}

void *cli_alloc(void *ptr, size_t count, size_t size)
{
	void *grown = NULL;

	if (size > 0 && count <= SIZE_MAX / size)
		grown = realloc(ptr, count * size > 0 ? count * size : 1);
	if (!grown)
		out_of_memory();
	return grown;
}

void text_free(struct text *text)
{
	free(text->data);
	memset(text, 0, sizeof *text);
}

void text_clear(struct text *text)
{
	text->len = 0;
	if (text->data)
		text->data[0] = '\0';
}

void text_add(struct text *text, const char *data, size_t len)
{
	if (len >= SIZE_MAX / 2 - text->len)
		out_of_memory();
	if (text->len + len + 1 > text->capacity) {
		text->capacity = (text->len + len + 1) * 2;
		text->data = cli_alloc(text->data, text->capacity, 1);
	}
	if (len > 0)
		memcpy(text->data + text->len, data, len);
	text->len += len;
	text->data[text->len] = '\0';
}

void text_puts(struct text *text, const char *string)
{
	text_add(text, string, strlen(string));
}

void text_pad(struct text *text, size_t blanks)
{
	for (; blanks > 0; blanks--)
		text_add(text, " ", 1);
}

void text_str(struct text *text, inv_str string)
{
	text_add(text, string.ptr, string.len);
}

void text_printf(struct text *text, const char *format, ...)
{
	char small[512];
	va_list arguments;
	int len;

	va_start(arguments, format);
	len = vsnprintf(small, sizeof small, format, arguments);
	va_end(arguments);
	if (len < 0)
		return;
	if ((size_t)len < sizeof small) {
		text_add(text, small, (size_t)len);
		return;
	}
	char *large = cli_alloc(NULL, (size_t)len + 1, 1);

	va_start(arguments, format);
	len = vsnprintf(large, (size_t)len + 1, format, arguments);
	va_end(arguments);
	if (len > 0)
		text_add(text, large, (size_t)len);
	free(large);
}

const char *text_get(const struct text *text)
{
	return text->data ? text->data : "";
}
