/* SPDX-License-Identifier: MIT */
/* The grammar of CSV (RFC 4180): rows in, rows out, the header row. */
#include "codec/csv.h"

#include "codec/field.h"
#include "util/text.h"

#define MAX_FIELDS 1024u
#define MAX_ROW (1024u * 1024u)
#define FIRST_CAP 65536u

/* ---- reading ---- */

struct inv__csv_reader {
	inv_allocator allocator;
	inv__csv_source *source;
	char *data; /* the row that is read starts at data + start */
	size_t cap;
	size_t start;
	size_t end;
	bool at_end;   /* the source has no more */
	bool skipping; /* discard up to the next line end first */
	uint64_t line; /* of the row handed out */
	uint64_t next_line;
	inv_str fields[MAX_FIELDS];
};

enum state { AT_FIELD, IN_PLAIN, IN_QUOTES, AFTER_QUOTE, AFTER_QUOTE_CR, AT_ROW_END };

/* A row that is looked for: it starts at `start`, everything here counts from there. */
typedef struct row {
	size_t at;
	size_t text_len; /* without its line end */
	size_t field_count;
	size_t first_line_end; /* behind the first line feed, 0 = none yet */
	uint64_t lines;
	enum state state;
	const char *wrong;
} row;

static inv_status no_memory(inv_error *error)
{
	return inv__error_set(error, INV_E_NO_MEMORY, "", "", "there is not enough memory");
}

/* More bytes behind `end`; the row moves to the front when there is no room. */
static inv_status fill(inv__csv_reader *reader, inv_error *error)
{
	size_t got = 0;
	inv_status status = INV_OK;

	if (reader->start > 0) {
		memmove(reader->data, reader->data + reader->start, reader->end - reader->start);
		reader->end -= reader->start;
		reader->start = 0;
	}
	if (reader->end == reader->cap) {
		size_t cap = reader->cap ? reader->cap * 2 : FIRST_CAP;
		const inv_allocator *memory = &reader->allocator;
		char *data = memory->resize(memory->ctx, reader->data, reader->cap, cap);

		if (!data)
			return no_memory(error);
		reader->data = data;
		reader->cap = cap;
	}
	status = inv__csv_source_read(reader->source, reader->data + reader->end,
	                              reader->cap - reader->end, &got, error);
	reader->end += got;
	reader->at_end = status == INV_OK && got == 0;
	return status;
}

/* Pass over bytes, counting the lines they end. */
static void consume(inv__csv_reader *reader, size_t size)
{
	const char *p = reader->data + reader->start;
	const char *end = p + size;

	while (size && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		reader->next_line++;
		if (++p == end)
			break;
	}
	reader->start += size;
}

/* Discard the rest of a line. */
static inv_status skip_line(inv__csv_reader *reader, inv_error *error)
{
	while (reader->skipping) {
		size_t size = reader->end - reader->start;
		const char *begin = reader->data + reader->start;
		const char *found = size ? memchr(begin, '\n', size) : NULL;

		consume(reader, found ? (size_t)(found - begin) + 1 : size);
		if (found || reader->at_end) {
			reader->skipping = false;
		} else {
			inv_status status = fill(reader, error);

			if (status != INV_OK)
				return status;
		}
	}
	return INV_OK;
}

static void end_field(row *r)
{
	r->field_count++;
	r->state = AT_FIELD;
}

static void end_row(row *r, size_t text_len)
{
	r->field_count++;
	r->text_len = text_len;
	r->state = AT_ROW_END;
}

static void step_plain(row *r, const char *text, char c)
{
	bool cr = r->at >= 2 && text[r->at - 2] == '\r';

	if (c == ',')
		end_field(r);
	else if (c == '\n')
		end_row(r, r->at - 1 - (cr ? 1 : 0));
	else if (c == '"')
		r->wrong = "a quote stands inside a field that does not start with one";
	else
		r->state = IN_PLAIN;
}

static void step_after_quote(row *r, char c)
{
	if (c == '"')
		r->state = IN_QUOTES;
	else if (c == ',')
		end_field(r);
	else if (c == '\n')
		end_row(r, r->at - 1);
	else if (c == '\r')
		r->state = AFTER_QUOTE_CR;
	else
		r->wrong = "text follows the closing quote of a field";
}

/* Take the byte at r->at. */
static void step(row *r, const char *text)
{
	char c = text[r->at++];

	if (c == '\n') {
		r->lines++;
		if (!r->first_line_end)
			r->first_line_end = r->at;
	}
	switch (r->state) {
	case AT_FIELD:
		if (c == '"')
			r->state = IN_QUOTES;
		else
			step_plain(r, text, c);
		break;
	case IN_PLAIN:
		step_plain(r, text, c);
		break;
	case IN_QUOTES:
		if (c == '"')
			r->state = AFTER_QUOTE;
		break;
	case AFTER_QUOTE:
		step_after_quote(r, c);
		break;
	default:
		if (c == '\n')
			end_row(r, r->at - 2);
		else
			r->wrong = "text follows the closing quote of a field";
	}
}

/* The source has ended inside a row. */
static void finish_row(row *r, const char *text)
{
	if (r->state == IN_QUOTES)
		r->wrong = "a quote is opened and never closed";
	else if (r->state == AFTER_QUOTE_CR || (r->at > 0 && text[r->at - 1] == '\r'))
		end_row(r, r->at - 1);
	else
		end_row(r, r->at);
}

/* Find the row's end. *r is empty (at = 0) at the end of the file. */
static inv_status find_row(inv__csv_reader *reader, row *r, inv_error *error)
{
	memset(r, 0, sizeof *r);
	while (r->state != AT_ROW_END && !r->wrong) {
		const char *text = reader->data + reader->start;
		size_t size = reader->end - reader->start;

		if (size > MAX_ROW)
			size = MAX_ROW;
		while (r->at < size && r->state != AT_ROW_END && !r->wrong)
			step(r, text);
		if (r->state == AT_ROW_END || r->wrong)
			break;
		if (r->at >= MAX_ROW) {
			r->wrong = r->state == IN_QUOTES ? "a quote is opened and not closed within 1 MiB"
			                                 : "the row is longer than 1 MiB";
		} else if (reader->at_end) {
			if (r->at == 0)
				return INV_OK;
			finish_row(r, text);
		} else {
			inv_status status = fill(reader, error);

			if (status != INV_OK)
				return status;
		}
	}
	return INV_OK;
}

/* Go on behind a malformed row: behind its first line when its quotes cannot be trusted, else
 * behind the line in which it went wrong. */
static inv_status recover(inv__csv_reader *reader, const row *r, inv_error *error)
{
	bool open = r->state == IN_QUOTES;
	size_t skip = r->at;

	if (open && r->first_line_end)
		skip = r->first_line_end;
	consume(reader, skip);
	/* The byte that was wrong may itself have been the line's end. */
	reader->skipping = skip == 0 || reader->data[reader->start - 1] != '\n';
	return inv__error_set(error, INV_E_INVALID, NULL, "", "line %llu: %s",
	                      (unsigned long long)reader->line, r->wrong);
}

/* Quoted text without its quotes, in place. Returns behind the field. */
static char *unquote(char *p, const char *end, inv_str *out)
{
	char *to = ++p;

	out->ptr = to;
	for (;;) {
		char *quote = memchr(p, '"', (size_t)(end - p));
		size_t len = (size_t)(quote - p);

		memmove(to, p, len);
		to += len;
		p = quote + 1;
		if (p >= end || *p != '"')
			break;
		*to++ = *p++;
	}
	out->len = (size_t)(to - out->ptr);
	return p;
}

/* The row is known to be well-formed. */
static void split(inv__csv_reader *reader, const row *r)
{
	char *p = reader->data + reader->start;
	char *end = p + r->text_len;

	for (size_t n = 0; n < r->field_count; n++) {
		if (p < end && *p == '"') {
			p = unquote(p, end, &reader->fields[n]);
		} else {
			char *comma = p < end ? memchr(p, ',', (size_t)(end - p)) : NULL;

			comma = comma ? comma : end;
			reader->fields[n] = (inv_str){p, (size_t)(comma - p)};
			p = comma;
		}
		p++; /* the comma */
	}
}

inv_status inv__csv_next(inv__csv_reader *reader, const inv_str **fields, size_t *count,
                         inv_error *error)
{
	inv_status status = INV_OK;
	row r;

	*fields = reader->fields;
	*count = 0;
	for (;;) {
		status = skip_line(reader, error);
		if (status != INV_OK)
			return status;
		reader->line = reader->next_line;
		status = find_row(reader, &r, error);
		if (status != INV_OK || (r.at == 0 && !r.wrong))
			return status;
		if (r.wrong)
			return recover(reader, &r, error);
		if (r.text_len > 0)
			break;
		consume(reader, r.at); /* an empty line */
	}
	if (r.field_count > MAX_FIELDS) {
		consume(reader, r.at);
		return inv__error_set(error, INV_E_INVALID, NULL, "", "line %llu: more than %u fields",
		                      (unsigned long long)reader->line, MAX_FIELDS);
	}
	reader->next_line += r.lines;
	split(reader, &r);
	reader->start += r.at;
	*count = r.field_count;
	return INV_OK;
}

/* Skip a UTF-8 byte order mark; name an encoding we do not read. */
static inv_status check_start(inv__csv_reader *reader, const char *path, inv_error *error)
{
	while (reader->end < 3 && !reader->at_end) {
		inv_status status = fill(reader, error);

		if (status != INV_OK)
			return status;
	}
	if (reader->end >= 3 && memcmp(reader->data, "\xEF\xBB\xBF", 3) == 0)
		reader->start = 3;
	if (reader->end >= 2 &&
	    (memcmp(reader->data, "\xFF\xFE", 2) == 0 || memcmp(reader->data, "\xFE\xFF", 2) == 0))
		return inv__error_set(error, INV_E_INVALID, "", "",
		                      "the file %s is UTF-16; save it as CSV in UTF-8", path);
	return INV_OK;
}

inv_status inv__csv_open(const char *path, const inv_allocator *allocator, inv__csv_reader **out,
                         inv_error *error)
{
	inv__csv_reader *reader = inv__alloc(allocator, sizeof *reader);
	inv_status status = INV_OK;

	if (!reader)
		return no_memory(error);
	reader->allocator = *allocator;
	reader->line = 1;
	reader->next_line = 1;
	status = inv__csv_source_open(path, allocator, &reader->source, error);
	if (status == INV_OK)
		status = check_start(reader, path, error);
	if (status != INV_OK) {
		inv__csv_close(reader);
		return status;
	}
	*out = reader;
	return INV_OK;
}

void inv__csv_close(inv__csv_reader *reader)
{
	inv_allocator allocator;

	if (!reader)
		return;
	allocator = reader->allocator;
	inv__csv_source_close(reader->source);
	if (reader->data)
		inv__free(&allocator, reader->data, reader->cap);
	inv__free(&allocator, reader, sizeof *reader);
}

uint64_t inv__csv_line(const inv__csv_reader *reader)
{
	return reader->line;
}

uint64_t inv__csv_offset(const inv__csv_reader *reader)
{
	return inv__csv_source_offset(reader->source);
}

uint64_t inv__csv_size(const inv__csv_reader *reader)
{
	return inv__csv_source_size(reader->source);
}

/* ---- writing ---- */

struct inv__csv_writer {
	inv_allocator allocator;
	inv__csv_sink *sink;
	size_t fields; /* in this row */
	bool blank;    /* the row is one empty field so far */
};

inv_status inv__csv_create(const char *path, const inv_allocator *allocator, inv__csv_writer **out,
                           inv_error *error)
{
	inv__csv_writer *writer = inv__alloc(allocator, sizeof *writer);
	inv_status status = INV_OK;

	if (!writer)
		return no_memory(error);
	writer->allocator = *allocator;
	status = inv__csv_sink_create(path, allocator, &writer->sink, error);
	if (status != INV_OK) {
		inv__free(allocator, writer, sizeof *writer);
		return status;
	}
	*out = writer;
	return INV_OK;
}

static bool needs_quotes(inv_str field)
{
	if (field.len == 0)
		return false;
	if (field.ptr[0] == ' ' || field.ptr[field.len - 1] == ' ' ||
	    (unsigned char)field.ptr[0] == 0xEF)
		return true;
	for (size_t i = 0; i < field.len; i++)
		if (field.ptr[i] == ',' || field.ptr[i] == '"' || field.ptr[i] == '\n' ||
		    field.ptr[i] == '\r')
			return true;
	return false;
}

/* Spreadsheets run what starts like a formula. Text that looks guarded already gets one more ', so
 * that a reader who takes one off always finds what was written. */
static bool is_formula(inv_str field)
{
	size_t i = 0;

	while (i < field.len && field.ptr[i] == '\'')
		i++;
	return i < field.len && memchr("=+-@\t\r", field.ptr[i], 6) != NULL;
}

static void put_quoted(inv__csv_sink *sink, inv_str field, bool guard)
{
	const char *p = field.ptr;
	const char *end = field.ptr + field.len;

	inv__csv_sink_write(sink, guard ? "\"'" : "\"", guard ? 2 : 1);
	while (p < end) {
		const char *quote = memchr(p, '"', (size_t)(end - p));
		const char *to = quote ? quote + 1 : end;

		inv__csv_sink_write(sink, p, (size_t)(to - p));
		if (quote)
			inv__csv_sink_write(sink, "\"", 1);
		p = to;
	}
	inv__csv_sink_write(sink, "\"", 1);
}

void inv__csv_put(inv__csv_writer *writer, inv_str field, bool guard)
{
	bool guarded = guard && is_formula(field);

	if (writer->fields++)
		inv__csv_sink_write(writer->sink, ",", 1);
	writer->blank = writer->fields == 1 && field.len == 0;
	if (needs_quotes(field)) {
		put_quoted(writer->sink, field, guarded);
		return;
	}
	if (guarded)
		inv__csv_sink_write(writer->sink, "'", 1);
	inv__csv_sink_write(writer->sink, field.ptr, field.len);
}

void inv__csv_end_row(inv__csv_writer *writer)
{
	/* One empty field would read as an empty line. */
	if (writer->blank)
		inv__csv_sink_write(writer->sink, "\"\"", 2);
	inv__csv_sink_write(writer->sink, "\r\n", 2);
	writer->fields = 0;
	writer->blank = false;
}

inv_status inv__csv_finish(inv__csv_writer *writer, inv_error *error)
{
	inv_allocator allocator = writer->allocator;
	inv_status status = inv__csv_sink_finish(writer->sink, error);

	inv__free(&allocator, writer, sizeof *writer);
	return status;
}

/* ---- the header ---- */

inv_status inv__csv_header(const inv_record_desc *record, const inv_str *names, size_t count,
                           const inv_field_desc **fields, inv__problems *problems)
{
	inv_status first = INV_OK;
	inv_fields seen;

	memset(&seen, 0, sizeof seen);
	for (size_t i = 0; i < count; i++) {
		inv_str name = inv__str_trim(names[i]);
		bool is_code = false;
		inv_status status = INV_OK;

		fields[i] = inv__field_input(record, name, &is_code);
		if (!fields[i])
			status = inv__field_unknown(record, name, NULL, problems);
		else if (inv_fields_has(&seen, (uint32_t)(fields[i] - record->fields)))
			status = inv__problem_add(problems, INV_E_INVALID, NULL, fields[i]->name,
			                          "two columns give `%s`", fields[i]->name);
		else
			inv_fields_set(&seen, (uint32_t)(fields[i] - record->fields));
		first = first == INV_OK ? status : first;
	}
	return first;
}
