/* SPDX-License-Identifier: MIT */
/* The version of a store, and the way from an older one to ours. */
#include "storage/storage.h"

#include "storage/dialect.h"
#include "storage/fault.h"
#include "storage/link.h"
#include "util/number.h"
#include "util/text.h"

INV__SQL(count_tables, "SELECT {count COUNT(*)}, {count COALESCE(SUM(CASE WHEN t.name = 'meta'"
                       " THEN 1 ELSE 0 END), 0)} FROM {tables} t");
INV__SQL(read_meta, "SELECT name, value FROM meta"
                    " WHERE name IN ('schema_version', 'min_reader', 'min_writer')");
INV__SQL(take_turn, "SELECT {turn}");
INV__SQL(write_meta, "INSERT INTO meta (name, value) {insert name:text value:text}"
                     " ON CONFLICT (name) DO UPDATE SET value = excluded.value");

typedef struct version {
	int32_t schema;
	int32_t min_reader;
	int32_t min_writer;
} version;

/* What this library understands: everything up to its own last migration. */
static int32_t our_level(void)
{
	return inv__migration_count ? inv__migrations[inv__migration_count - 1].number : 0;
}

static bool parse_fact(inv_str text, int32_t *out)
{
	int64_t value;

	if (inv__decimal_parse(text, 0, &value) != INV__DECIMAL_OK || value < 0 || value > INT32_MAX)
		return false;
	*out = (int32_t)value;
	return true;
}

static inv_status read_facts(inv__link *link, inv__arena *arena, version *out, inv_error *error)
{
	inv__batch batch;
	const inv_rows *rows;
	inv_status status;
	bool sound = true;

	inv__batch_init(&batch, arena);
	inv__batch_add(&batch, &read_meta);
	status = inv__batch_exec(&batch, link, error);
	if (status != INV_OK)
		return status;
	rows = inv__batch_result(&batch, 0);
	for (size_t i = 0; i < rows->row_count; i++) {
		inv_str name = inv__cell_str(rows, i, 0);
		int32_t *fact = inv__str_is(name, "schema_version") ? &out->schema
		                : inv__str_is(name, "min_reader")   ? &out->min_reader
		                                                    : &out->min_writer;

		sound = sound && parse_fact(inv__cell_str(rows, i, 1), fact);
	}
	if (!sound || rows->row_count != 3 || out->schema == 0)
		return inv__fault(error, INV_E_CORRUPT, 0, "the store does not say which version it has");
	return INV_OK;
}

static inv_status read_version(inv__link *link, version *out, inv_error *error)
{
	inv__arena arena;
	inv__batch batch;
	const inv_rows *rows;
	inv_status status;
	char scratch[4096];

	memset(out, 0, sizeof *out);
	inv__arena_init_with(&arena, inv__link_allocator(link), scratch, sizeof scratch);
	inv__batch_init(&batch, &arena);
	inv__batch_add(&batch, &count_tables);
	status = inv__batch_exec(&batch, link, error);
	if (status == INV_OK) {
		rows = inv__batch_result(&batch, 0);
		if (inv__cell_int(rows, 0, 1) > 0)
			status = read_facts(link, &arena, out, error);
		else if (inv__cell_int(rows, 0, 0) > 0)
			status = inv__fault(error, INV_E_NOT_A_STORE, 0,
			                    "the database holds tables of another program");
	}
	inv__arena_free(&arena);
	return status;
}

inv_status inv__schema_version(inv__link *link, int32_t *schema, int32_t *min_reader,
                               int32_t *min_writer, inv_error *error)
{
	version v;
	inv_status status = read_version(link, &v, error);
	int32_t needed;

	if (status != INV_OK)
		return status;
	*schema = v.schema;
	*min_reader = v.min_reader;
	*min_writer = v.min_writer;
	needed = inv__link_readonly(link) || v.min_reader > v.min_writer ? v.min_reader : v.min_writer;
	if (needed > our_level())
		return inv__fault(error, INV_E_TOO_NEW, 0,
		                  "the store has version %d and needs a library of version %d;"
		                  " this one is of version %d", v.schema, needed, our_level());
	return INV_OK;
}

/* ---- migrating ---- */

static inv_status run_script(inv__link *link, const inv__migration *m, inv__arena *arena,
                             inv_error *error)
{
	const inv_driver *driver = inv__link_driver(link);
	inv__expanded expanded;
	inv_status status;

	status = inv__dialect_expand(driver->dialect, inv_str_of(m->sql), arena, &expanded);
	if (status != INV_OK)
		return inv__fault(error, status, 0, "migration %d cannot be written for the dialect %s",
		                  m->number, driver->dialect);
	return driver->script(inv__link_conn(link), expanded.sql, error);
}

static inv_status write_facts(inv__link *link, const inv__migration *m, inv__arena *arena,
                              inv_error *error)
{
	static const char *const names[] = {"schema_version", "min_reader", "min_writer"};
	const int32_t numbers[] = {m->number, m->min_reader, m->min_writer};
	char texts[3][24];
	inv__batch batch;
	inv_str *name;
	inv_str *value;

	inv__batch_init(&batch, arena);
	inv__batch_add(&batch, &write_meta);
	inv__batch_rows(&batch, 3);
	name = inv__batch_text_column(&batch);
	value = inv__batch_text_column(&batch);
	for (size_t i = 0; i < 3 && name && value; i++) {
		name[i] = inv_str_of(names[i]);
		value[i].ptr = texts[i];
		value[i].len = inv__int_format(numbers[i], texts[i]);
	}
	return inv__batch_exec(&batch, link, error);
}

static inv_status wait_for_turn(inv__link *link, inv_error *error)
{
	inv__arena arena;
	inv__batch batch;
	inv_status status;
	char scratch[1024];

	inv__arena_init_with(&arena, inv__link_allocator(link), scratch, sizeof scratch);
	inv__batch_init(&batch, &arena);
	inv__batch_add(&batch, &take_turn);
	status = inv__batch_exec(&batch, link, error);
	inv__arena_free(&arena);
	return status;
}

/* Inside the transaction: another process may have been faster. */
static inv_status migrate_in(inv__link *link, const inv__migration *m, inv_error *error)
{
	inv__arena arena;
	version v;
	inv_status status = wait_for_turn(link, error);

	if (status == INV_OK)
		status = read_version(link, &v, error);
	if (status != INV_OK || v.schema >= m->number)
		return status;
	inv__arena_init(&arena, inv__link_allocator(link));
	status = run_script(link, m, &arena, error);
	if (status == INV_OK)
		status = write_facts(link, m, &arena, error);
	inv__arena_free(&arena);
	return status;
}

static inv_status migrate_one(inv__link *link, const inv__migration *m, inv_error *error)
{
	inv_status status = inv__link_begin(link, INV_BEGIN_WRITE, error);

	if (status != INV_OK)
		return status;
	status = migrate_in(link, m, error);
	if (status == INV_OK)
		return inv__link_end(link, true, error);
	/* The first error is the one to tell; a rollback that fails leaves nothing behind either. */
	(void)inv__link_end(link, false, NULL);
	return status;
}

inv_status inv__migrate(inv__link *link, int32_t from, inv_error *error)
{
	inv_status status = INV_OK;

	for (size_t i = 0; i < inv__migration_count && status == INV_OK; i++)
		if (inv__migrations[i].number > from)
			status = migrate_one(link, &inv__migrations[i], error);
	return status;
}
