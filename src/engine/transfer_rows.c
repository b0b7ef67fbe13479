/* SPDX-License-Identifier: MIT */
/* Rows of a CSV file become records and commands, by the header row and the description. */
#include "engine/transfer.h"
#include "util/text.h"

/* What a chunk holds at most, beside its rows' number. */
#define CHUNK_BYTES (1u << 20)

static inv_status no_memory(inv__import *im)
{
	return inv__error_set(&im->session->error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
}

/* ---- the header ---- */

/* Columns that only the engine sets are passed over, so that an exported file can be read back. */
static void choose_columns(inv__import *im)
{
	for (size_t i = 0; i < im->column_count; i++) {
		if (im->fields[i]->flags & INV_FIELD_READONLY)
			im->fields[i] = NULL;
		else
			inv_fields_set(&im->mask, (uint32_t)(im->fields[i] - im->record->fields));
	}
}

static inv_status read_header(inv__import *im)
{
	inv_error *error = &im->session->error;
	inv__problems problems = {error, im->record->name, -1};
	const inv_str *names;
	inv_status rc = inv__csv_next(im->csv, &names, &im->column_count, error);

	if (rc != INV_OK)
		return rc;
	if (im->column_count == 0)
		return inv__error_set(error, INV_E_INVALID, im->record->name, NULL,
		                      "the file is empty: its first row must name fields");
	im->fields = inv__arena_array(&im->arena, im->column_count, sizeof(inv_field_desc *));
	if (!im->fields)
		return no_memory(im);
	rc = inv__csv_header(im->record, names, im->column_count, im->fields, &problems);
	if (rc == INV_OK)
		choose_columns(im);
	return rc;
}

inv_status inv__import_open(inv__import *im, const char *path)
{
	inv_status rc = inv__csv_open(path, &im->session->store->allocator, &im->csv,
	                              &im->session->error);

	if (rc != INV_OK)
		return rc;
	im->rows = inv__arena_array(&im->arena, INV__IMPORT_ROWS_MAX, sizeof *im->rows);
	im->waiting = inv__arena_array(&im->arena, INV__IMPORT_WAITING_MAX, sizeof *im->waiting);
	return im->rows && im->waiting ? read_header(im) : no_memory(im);
}

/* ---- cells ---- */

/* What an export has put in front of a formula is taken off. */
static inv_str unguarded(const inv_field_desc *field, inv_str cell)
{
	size_t i = 0;

	if (field->kind < INV_KIND_REF)
		return cell;
	while (i < cell.len && cell.ptr[i] == '\'')
		i++;
	if (i > 0 && i < cell.len && memchr("=+-@\t\r", cell.ptr[i], 6)) {
		cell.ptr++;
		cell.len--;
	}
	return cell;
}

/* The reader's cells are gone with the next row: one copy for all of them. */
static inv_str *keep_cells(inv__import *im, const inv_str *cells, size_t *size)
{
	inv_str *kept = inv__arena_array(&im->chunk_arena, im->column_count, sizeof *kept);
	char *text;

	*size = 0;
	for (size_t i = 0; i < im->column_count; i++)
		*size += cells[i].len;
	text = inv__arena_alloc(&im->chunk_arena, *size + 1);
	if (!kept || !text)
		return NULL;
	for (size_t i = 0; i < im->column_count; i++) {
		if (cells[i].len > 0)
			memcpy(text, cells[i].ptr, cells[i].len);
		kept[i] = (inv_str){text, cells[i].len};
		text += cells[i].len;
	}
	return kept;
}

static inv_status fill_record(inv__import *im, inv__import_row *row, const inv_str *cells)
{
	inv__problems problems = {&im->session->error, im->record->name, (int64_t)row->index};
	bool partial = (im->op->flags & INV_OP_PARTIAL) != 0;
	void *record = inv__arena_zalloc(&im->chunk_arena, im->record->size);
	inv_status first = INV_OK;

	if (!record)
		return no_memory(im);
	*(uint32_t *)record = im->record->size;
	for (size_t i = 0; i < im->column_count; i++) {
		inv_status rc = INV_OK;

		if (im->fields[i])
			rc = inv__field_from_text(im->fields[i], unguarded(im->fields[i], cells[i]),
			                          &im->chunk_arena, record, &problems, NULL);
		first = first == INV_OK ? rc : first;
	}
	if (first == INV_OK)
		first = inv__validate(im->record, record, partial ? &im->mask : NULL,
		                      partial ? INV__CHECK_PARTIAL : 0, &problems);
	row->record = record;
	return first;
}

/* ---- commands ---- */

/* prefix:line */
static inv_status make_key(inv__import *im, inv__import_row *row)
{
	inv_str prefix = im->options.key_prefix;
	char *key;
	int n;

	if (prefix.len == 0)
		return INV_OK;
	key = inv__arena_alloc(&im->chunk_arena, prefix.len + 24);
	if (!key)
		return no_memory(im);
	memcpy(key, prefix.ptr, prefix.len);
	n = inv__format(key + prefix.len, 24, ":%llu", (unsigned long long)row->line);
	row->command.key = (inv_str){key, prefix.len + (size_t)n};
	return inv__command_digest(im->session, &row->command);
}

static inv_status make_command(inv__import *im, inv__import_row *row)
{
	inv__call *call = &row->command.call;

	inv__command_init(im->session, im->op, &row->command, &im->work);
	call->inputs = row->record;
	call->count = 1;
	call->masks = im->op->flags & INV_OP_PARTIAL ? &im->mask : NULL;
	return make_key(im, row);
}

static inv_status make_row(inv__import *im, inv__import_row *row, const inv_str *cells,
                           size_t count, size_t *size)
{
	const inv_str *kept;
	inv_status rc;

	if (count != im->column_count)
		return inv__error_set(&im->session->error, INV_E_INVALID, im->record->name, NULL,
		                      "the row has %zu fields, the header has %zu", count,
		                      im->column_count);
	kept = keep_cells(im, cells, size);
	if (!kept)
		return no_memory(im);
	rc = fill_record(im, row, kept);
	return rc == INV_OK ? make_command(im, row) : rc;
}

inv_status inv__import_bad(inv__import *im, inv__import_row *row, inv_status status)
{
	row->state = INV__ROW_BAD;
	if (!row->error)
		row->error = inv__arena_alloc(&im->chunk_arena, sizeof *row->error);
	if (!row->error)
		return no_memory(im);
	*row->error = im->session->error;
	row->error->status = status;
	row->error->index = (int64_t)row->index;
	return INV_OK;
}

/* ---- chunks ---- */

/* One row into the chunk. `used` counts what the chunk holds. */
static inv_status read_row(inv__import *im, size_t *used)
{
	inv_error *error = &im->session->error;
	inv__import_row *row;
	const inv_str *cells;
	size_t count, size = 0;
	inv_status rc;

	inv__error_clear(error);
	rc = inv__csv_next(im->csv, &cells, &count, error);
	im->at_end = rc == INV_OK && count == 0;
	if (im->at_end || (rc != INV_OK && rc != INV_E_INVALID))
		return rc;
	row = inv__arena_zalloc(&im->chunk_arena, sizeof *row);
	if (!row)
		return no_memory(im);
	row->index = im->row_count++;
	row->line = inv__csv_line(im->csv);
	row->malformed = rc != INV_OK;
	if (rc == INV_OK)
		rc = make_row(im, row, cells, count, &size);
	row->fit = rc == INV_OK;
	*used += size + (rc == INV_OK ? sizeof *row : sizeof *error);
	if (rc == INV_E_NO_MEMORY)
		return rc;
	if (rc != INV_OK)
		rc = inv__import_bad(im, row, rc);
	if (rc == INV_OK)
		im->rows[im->count++] = row;
	return rc;
}

inv_status inv__import_read(inv__import *im)
{
	size_t used = 0;
	inv_status rc;

	im->count = 0;
	inv__arena_reset(&im->chunk_arena);
	rc = inv__session_places(im->session);
	while (rc == INV_OK && !im->at_end && im->count < im->chunk_rows && used < CHUNK_BYTES) {
		rc = read_row(im, &used);
		if (im->count > 0 && inv__import_stops(im, im->rows[im->count - 1]))
			break;
	}
	return rc;
}
