/* SPDX-License-Identifier: MIT */
/* A growing piece of text, and what the command line needs to know of UTF-8 and JSON. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include "inventra/base.h"

/* Zero is empty; `data` is NUL-terminated once something was added. */
struct text {
	char *data;
	size_t len;
	size_t capacity;
};

/* Memory, or the end of the program: a command line tool has nothing better to do without. */
void *cli_alloc(void *ptr, size_t count, size_t size);

void text_free(struct text *text);
void text_clear(struct text *text);
void text_add(struct text *text, const char *data, size_t len);
void text_puts(struct text *text, const char *string);
void text_pad(struct text *text, size_t blanks);
void text_str(struct text *text, inv_str string);
void text_printf(struct text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
const char *text_get(const struct text *text); /* never NULL */

/* Append as a JSON string, with its quotes. */
void text_json_string(struct text *text, inv_str string);
/* The end of the JSON value that starts at `at` behind white space, NULL when there is none.
 * Brackets and quotes are matched; the rest is left to the library, which reads it properly. */
const char *json_value_end(const char *at, const char *end);
const char *json_skip_space(const char *at, const char *end);

/* Columns that text takes on a terminal. */
size_t text_width(const char *data, size_t len);
/* Bytes of `data` that fit into `width` columns. */
size_t text_fit(const char *data, size_t len, size_t width);

#endif
