/* SPDX-License-Identifier: MIT */
/* Verify: the journal's rows prove themselves by their hashes, then everything derived is made
 * again in a scratch store in memory, and the two are compared row by row. */
#include "engine/engine.h"
#include "util/id.h"
#include "util/text.h"

typedef struct verification {
	inv_store *store;
	inv__link *link;         /* a snapshot of the store */
	inv__link *scratch;
	inv_verify_report *out;
	inv_error *error;
	inv__proof proof;
} verification;

static inv_status differs(verification *v, const char *table, inv_str key, const char *what)
{
	int shown = (int)(key.len > 300 ? 300 : key.len);

	inv__format(v->out->first_divergence, sizeof v->out->first_divergence, "%s: %s%.*s", table,
	            what, shown, key.ptr);
	v->out->ok = 0;
	return inv__error_set(v->error, INV_E_CORRUPT, table, NULL, "%s", v->out->first_divergence);
}

static inv_str id_text(inv_id id, char text[37])
{
	inv__id_format(id, text);
	return inv_str_of(text);
}

static inv_status check_row(void *ctx, const inv_event *row, inv__arena *arena)
{
	verification *v = ctx;
	inv_status rc = inv__proof_row(&v->proof, row, arena, v->error);

	v->out->events += rc == INV_OK;
	return rc;
}

static void put_cell(const inv_value *cell, inv__buf *text)
{
	char number[24];
	inv_id id;

	if (cell->type == INV_VALUE_INT) {
		inv__format(number, sizeof number, "%lld", (long long)cell->u.i);
		inv__buf_puts(text, number);
	} else if (cell->type == INV_VALUE_TEXT) {
		inv__buf_put(text, cell->u.p, cell->size > 64 ? 64 : cell->size);
	} else if (cell->type == INV_VALUE_BLOB && cell->size == sizeof id.bytes) {
		char name[37];

		memcpy(id.bytes, cell->u.p, sizeof id.bytes);
		inv__buf_put(text, name, id_text(id, name).len);
	} else {
		inv__buf_puts(text, "-");
	}
}

static int compare_cells(const inv_value *a, const inv_value *b, size_t width)
{
	for (size_t i = 0; i < width; i++) {
		int c;

		if (a[i].type != b[i].type)
			return 1;
		if (a[i].type == INV_VALUE_INT)
			c = (a[i].u.i > b[i].u.i) - (a[i].u.i < b[i].u.i);
		else
			c = inv__str_compare((inv_str){a[i].u.p, a[i].size}, (inv_str){b[i].u.p, b[i].size});
		if (c)
			return c;
	}
	return 0;
}

/* The row for a person to find it: its key, and where there are two rows what differs in them. */
static void put_row(const inv_table_desc *table, const inv_value *row, const inv_value *other,
                    inv__buf *text)
{
	inv__columns columns;
	const char *comma = "";

	inv__table_columns(table, &columns);
	for (size_t i = 0; i < columns.count; i++) {
		if (!columns.key[i] && other && compare_cells(&row[i], &other[i], 1) == 0)
			continue;
		if (row[i].type != INV_VALUE_INT && row[i].size == 0 && columns.key[i])
			continue; /* none, as in most keys */
		inv__buf_puts(text, comma);
		inv__buf_puts(text, columns.names[i]);
		inv__buf_putc(text, '=');
		put_cell(&row[i], text);
		comma = " ";
	}
}

static inv_status describe(verification *v, const inv_table_desc *table, const inv_value *is,
                           const inv_value *should)
{
	inv__buf text;
	inv_status rc;

	inv__buf_init(&text, &v->store->allocator, 4096);
	inv__buf_puts(&text, "is: ");
	if (is)
		put_row(table, is, should, &text);
	else
		inv__buf_puts(&text, "nothing");
	inv__buf_puts(&text, "; should be: ");
	if (should)
		put_row(table, should, is, &text);
	else
		inv__buf_puts(&text, "nothing");
	rc = differs(v, table->name, inv__buf_str(&text), "");
	inv__buf_free(&text);
	return rc;
}

static inv_status compare_table(verification *v, const inv_table_desc *table, inv__arena arenas[2])
{
	inv__walk is, should;
	const inv_value *a = NULL, *b = NULL;
	size_t width = 0;
	inv_status rc;

	inv__walk_open(&is, v->link, table, &arenas[0]);
	inv__walk_open(&should, v->scratch, table, &arenas[1]);
	do {
		rc = inv__walk_next(&is, &a, &width, v->error);
		if (rc == INV_OK)
			rc = inv__walk_next(&should, &b, &width, v->error);
		if (rc == INV_OK && (!a != !b || (a && compare_cells(a, b, width) != 0)))
			rc = describe(v, table, a, b);
	} while (rc == INV_OK && a && b);
	inv__walk_close(&is);
	inv__walk_close(&should);
	return rc;
}

static inv_status compare_all(verification *v)
{
	const inv_table_desc *tables[INV_TABLE_COUNT];
	size_t count = inv__derived_tables(tables);
	inv__arena arenas[2];
	inv_status rc = INV_OK;

	inv__arena_init(&arenas[0], &v->store->allocator);
	inv__arena_init(&arenas[1], &v->store->allocator);
	for (size_t i = 0; rc == INV_OK && i < count; i++)
		rc = compare_table(v, tables[i], arenas);
	inv__arena_free(&arenas[0]);
	inv__arena_free(&arenas[1]);
	return rc;
}

/* An empty store in memory, to fill from the journal. */
static inv_status open_scratch(verification *v)
{
	static const inv_driver_open in_memory = {.struct_size = sizeof in_memory,
	                                          .flags = INV_OPEN_CREATE,
	                                          .url = {":memory:", 8}, .busy_timeout_ms = 1000};
	inv_driver_open open = in_memory;
	inv_status rc;

	open.allocator = v->store->allocator;
	rc = inv__link_open(inv_sqlite_driver(), &open, &v->scratch, v->error);
	return rc == INV_OK ? inv__migrate(v->scratch, 0, v->error) : rc;
}

static inv_status verify_on(verification *v, const inv_progress *progress)
{
	inv__refill refill = {.from = v->link, .to = v->scratch, .progress = progress, .ctx = v,
	                      .each = check_row};
	uint8_t hash[32];
	inv_status rc = inv__last_position(v->store, v->link, &v->out->position, v->error);

	refill.total = (uint64_t)v->out->position;
	if (rc == INV_OK)
		rc = v->store->driver.check(inv__link_conn(v->link), 1, v->error);
	if (rc == INV_OK)
		rc = inv__link_begin(v->scratch, INV_BEGIN_WRITE, v->error);
	if (rc != INV_OK)
		return rc;
	v->proof.store = v->store;
	rc = inv__refill_run(&refill, &v->store->allocator, v->error);
	if (rc == INV_OK)
		rc = inv__proof_sides(v->link, &v->store->allocator, v->error);
	if (rc == INV_OK)
		rc = compare_all(v);
	inv__link_end(v->scratch, false, NULL);
	if (rc != INV_OK)
		return rc;
	rc = inv__state_hash(v->link, &v->store->allocator, hash, v->error);
	if (rc == INV_OK) {
		inv__hex(hash, sizeof hash, v->out->state_hash);
		v->out->ok = 1;
	}
	return rc;
}

inv_status inv_store_verify(inv_store *store, const inv_progress *progress, inv_verify_report *out,
                            inv_error *error)
{
	inv_error own;
	inv_verify_report report = INV_VERIFY_REPORT_INIT;
	inv__snapshot snapshot;
	verification v = {.store = store, .out = &report};
	inv_status rc = inv__store_check(store, &error, &own);

	v.error = error;
	if (rc != INV_OK)
		return rc;
	rc = inv__sequence(store, NULL, error);
	if (rc == INV_OK)
		rc = inv__snapshot_take(store, &snapshot, error);
	if (rc != INV_OK)
		return rc;
	v.link = snapshot.link;
	rc = open_scratch(&v);
	if (rc == INV_OK)
		rc = verify_on(&v, progress);
	if (v.scratch)
		inv__link_close(v.scratch);
	inv__snapshot_give(store, &snapshot);
	inv__store_answer(rc, error);
	if (rc == INV_E_CORRUPT && report.first_divergence[0] == 0)
		inv__format(report.first_divergence, sizeof report.first_divergence, "%s", error->message);
	if (out && out->struct_size >= sizeof out->struct_size) {
		uint32_t size = out->struct_size;

		memcpy(out, &report, size < sizeof report ? size : sizeof report);
		out->struct_size = size;
	}
	return rc;
}
