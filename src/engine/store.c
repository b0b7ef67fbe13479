/* SPDX-License-Identifier: MIT */
/* Opening and closing a store. */
#include "engine/engine.h"
#include "util/id.h"
#include "util/number.h"
#include "util/text.h"

#define BUSY_TIMEOUT_MS 5000
#define BUSY_TIMEOUT_MAX 86400000 /* a day: what lies behind it is a mistake of the unit */
#define READERS_DEFAULT 8u
#define WRITERS_DEFAULT 8u
#define CHECKPOINT_PAGES 4000u

static char *copy_text(const inv_allocator *a, const char *text)
{
	size_t n = strlen(text) + 1;
	char *copy = inv__alloc(a, n);

	if (copy)
		memcpy(copy, text, n);
	return copy;
}

/* Callbacks the host left out. */
static void set_defaults(inv_store *s, const inv_store_options *o)
{
	s->allocator = o->allocator.resize ? o->allocator : inv__malloc_allocator;
	s->clock = o->clock;
	s->random = o->random;
	s->log = o->log;
	if (!s->clock.now)
		s->clock.now = inv__clock_now;
	if (!s->random.fill)
		s->random.fill = inv__random_fill;
	s->busy_timeout_ms = o->busy_timeout_ms ? o->busy_timeout_ms : BUSY_TIMEOUT_MS;
	s->checkpoint_pages = o->checkpoint_pages ? o->checkpoint_pages : CHECKPOINT_PAGES;
	s->read_only = o->read_only != 0;
	s->process = inv__process_id();
}

/* Whoever closes last moves the log into the file, so that the file alone is the store. */
static void put_away(inv_store *s)
{
	inv_conn *conn = inv__link_conn(s->writer->link);
	inv_error error = INV_ERROR_INIT;

	if (s->single || !(s->driver.capabilities & INV_CAP_CHECKPOINT) || s->driver.sharers(conn) > 1)
		return;
	if (s->driver.checkpoint(conn, &error) != INV_OK && s->log.write)
		s->log.write(s->log.ctx, INV_LOG_WARN, "close", error.message);
}

static void store_destroy(inv_store *s)
{
	inv_allocator a = s->allocator;

	/* A child of a fork must not touch what it inherited: closing would drop the parent's locks. */
	if (s->process != inv__process_id())
		return;
	inv__readers_destroy(s);
	if (s->writer->link && s->schema_version > 0)
		put_away(s);
	inv__writers_destroy(s);
	inv__queue_destroy(&s->queue);
	inv__cond_destroy(&s->feed_cond);
	inv__mutex_destroy(&s->feed_mutex);
	if (s->url)
		inv__free(&a, s->url, strlen(s->url) + 1);
	if (s->source)
		inv__free(&a, s->source, strlen(s->source) + 1);
	inv__free(&a, s, sizeof *s);
}

void inv__store_hold(inv_store *store)
{
	atomic_fetch_add(&store->refs, 1);
}

void inv__store_drop(inv_store *store)
{
	if (atomic_fetch_sub(&store->refs, 1) == 1)
		store_destroy(store);
}

/* Locks and conditions first: they are what destroy takes for granted. */
static inv_store *store_make(const inv_store_options *o)
{
	inv_allocator a = o->allocator.resize ? o->allocator : inv__malloc_allocator;
	inv_store *s = inv__alloc(&a, sizeof *s);
	uint32_t readers;

	if (!s)
		return NULL;
	set_defaults(s, o);
	atomic_init(&s->refs, 1);
	if (!inv__mutex_init(&s->feed_mutex))
		goto no_mutex;
	if (!inv__cond_init(&s->feed_cond))
		goto no_cond;
	if (inv__queue_init(&s->queue) != INV_OK)
		goto no_queue;
	readers = o->reader_count ? o->reader_count : READERS_DEFAULT;
	if (inv__readers_init(&s->readers, readers) != INV_OK)
		goto no_readers;
	if (inv__writers_init(s, o->writer_count ? o->writer_count : WRITERS_DEFAULT) == INV_OK)
		return s;
	inv__readers_destroy(s);
no_readers:
	inv__queue_destroy(&s->queue);
no_queue:
	inv__cond_destroy(&s->feed_cond);
no_cond:
	inv__mutex_destroy(&s->feed_mutex);
no_mutex:
	inv__free(&a, s, sizeof *s);
	return NULL;
}

static inv_status find_driver(inv_store *s, const inv_store_options *o, inv_error *error)
{
	const inv_driver *driver;
	inv_status rc;

	s->url = copy_text(&s->allocator, o->url);
	s->source = copy_text(&s->allocator, o->source ? o->source : "inventra");
	if (!s->url || !s->source)
		return inv__error_set(error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
	rc = inv__driver_find(s->url, o->drivers, o->driver_count, &driver, &s->path, error);
	if (rc == INV_OK)
		rc = inv__driver_complete(driver, &s->driver, error);
	s->single = rc == INV_OK && inv__str_is(s->path, ":memory:");
	s->many = rc == INV_OK && !(s->driver.capabilities & INV_CAP_SINGLE_WRITER);
	return rc;
}

static inv_status migrate(inv_store *s, const inv_store_options *o, inv_error *error)
{
	int32_t latest = inv__migrations[inv__migration_count - 1].number, reader, writer;
	inv__link *link = s->writer->link;
	inv_status rc = inv__schema_version(link, &s->schema_version, &reader, &writer, error);

	if (rc != INV_OK || s->schema_version >= latest)
		return rc;
	if (s->schema_version > 0 && o->migrate == INV_MIGRATE_REFUSE)
		return inv__error_set(error, INV_E_MIGRATE, NULL, NULL,
		                      "the store is at version %d and this library at %d: open it "
		                      "once with migrate=auto",
		                      (int)s->schema_version, (int)latest);
	if (s->schema_version == 0 && o->no_create)
		return inv__error_set(error, INV_E_NOT_FOUND, NULL, NULL, "there is no store here");
	rc = inv__migrate(s->writer->link, s->schema_version, error);
	if (rc == INV_OK)
		s->schema_version = latest;
	return rc;
}

INV__SQL(SQL_META_PUT,
         "INSERT INTO meta (name, value) {insert name:text value:text}"
         " ON CONFLICT DO NOTHING");
INV__SQL(SQL_META, "SELECT m.name, m.value FROM meta m"
                   " WHERE m.name IN ('id', 'salt', 'seq_base', 'copy', 'rebuild')");

/* The store's own id and salt: made by whoever comes first. Where many write, its numbers have
 * gaps; wherever its journal goes, they go on behind seq_base. */
static inv_status write_identity(inv_store *s, inv__batch *b)
{
	uint8_t random[10], salt[32];
	char id_text[37], salt_text[65];
	inv_str *names, *values;

	if (!s->random.fill(s->random.ctx, random, sizeof random) ||
	    !s->random.fill(s->random.ctx, salt, sizeof salt))
		return INV_E_INTERNAL;
	inv__id_format(inv__id_make(s->clock.now(s->clock.ctx), random), id_text);
	inv__hex(salt, sizeof salt, salt_text);
	inv__batch_add(b, &SQL_META_PUT);
	inv__batch_rows(b, s->many ? 3 : 2);
	names = inv__batch_text_column(b);
	values = inv__batch_text_column(b);
	if (!names || !values)
		return INV_E_NO_MEMORY;
	names[0] = INV_S("id");
	names[1] = INV_S("salt");
	values[0] = inv__arena_str(b->arena, inv_str_of(id_text));
	values[1] = inv__arena_str(b->arena, inv_str_of(salt_text));
	if (s->many) {
		names[2] = INV_S("seq_base");
		values[2] = INV_S("0");
	}
	return values[0].ptr && values[1].ptr ? INV_OK : INV_E_NO_MEMORY;
}

static bool parse_salt(inv_str text, uint8_t salt[32])
{
	for (size_t i = 0; i < text.len && i < 64; i++) {
		char c = text.ptr[i];
		int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;

		if (v < 0)
			return false;
		salt[i / 2] = (uint8_t)(salt[i / 2] << 4 | v);
	}
	return text.len == 64;
}

static inv_status read_identity(inv_store *s, inv__link *link, inv__arena *arena, inv_error *error)
{
	inv__batch b;
	const inv_rows *rows;
	bool id = false, salt = false, base = true;
	inv_status rc;

	inv__batch_init(&b, arena);
	inv__batch_add(&b, &SQL_META);
	rc = inv__batch_exec(&b, link, error);
	if (rc != INV_OK)
		return rc;
	rows = inv__batch_result(&b, 0);
	s->seq_base = -1;
	for (size_t i = 0; i < rows->row_count; i++) {
		inv_str name = inv__cell_str(rows, i, 0), value = inv__cell_str(rows, i, 1);

		if (inv__str_is(name, "id"))
			id = inv__id_parse(value, &s->id);
		else if (inv__str_is(name, "salt"))
			salt = parse_salt(value, s->salt);
		else if (inv__str_is(name, "copy"))
			return inv__copy_refuse(value, error);
		else if (inv__str_is(name, "rebuild"))
			s->must_rebuild = true;
		else
			base = inv__decimal_parse(value, 0, &s->seq_base) == INV__DECIMAL_OK;
	}
	if (!id || !salt || !base)
		return inv__error_set(error, INV_E_CORRUPT, "meta", NULL,
		                      "the store has lost its identity");
	return INV_OK;
}

static const inv_op_desc create_op = {.name = "store.create", .noun = "store", .verb = "create",
                                      .input = INV_RECORD_empty, .output = INV_RECORD_settings,
                                      .flags = INV_OP_WRITE};
static const inv__op_impl create_impl = {inv__bootstrap_claim, inv__bootstrap_decide};

/* One transaction: identity and the first events. */
static inv_status bootstrap(inv_store *s, inv__arena *arena, inv_error *error)
{
	inv_empty input = INV_EMPTY_INIT;
	inv__command c = {.call = {.op = &create_op, .inputs = &input, .count = 1, .arena = arena,
	                           .error = error, .random = s->random, .actor = INV_S("system")},
	                  .impl = &create_impl, .source = inv_str_of(s->source)};
	inv__batch b;
	inv_status rc = inv__writer_begin(s->writer, error);

	if (rc != INV_OK)
		return rc;
	c.call.now = s->clock.now(s->clock.ctx);
	inv__batch_init(&b, arena);
	rc = write_identity(s, &b);
	if (rc == INV_OK)
		rc = inv__batch_exec(&b, s->writer->link, error);
	else
		inv__error_set(error, rc, NULL, NULL, "no memory or no randomness");
	if (rc == INV_OK)
		rc = read_identity(s, s->writer->link, arena, error);
	if (rc == INV_OK)
		rc = inv__command_run(s->writer, &c);
	if (rc != INV_OK) {
		inv__writer_undo(s->writer);
		return rc;
	}
	return inv__writer_end(s->writer, true, error);
}

INV__SQL(SQL_HAS_EVENTS, "SELECT e.seq FROM event e LIMIT 1");
INV__SQL(SQL_COPY, "SELECT m.value FROM meta m WHERE m.name = 'copy'");

static inv_status learn(inv_store *s, inv__link *link, inv_error *error)
{
	inv__arena arena;
	inv__batch b;
	inv_status rc;

	inv__arena_init(&arena, &s->allocator);
	inv__batch_init(&b, &arena);
	inv__batch_add(&b, &SQL_HAS_EVENTS);
	inv__batch_add(&b, &SQL_COPY);
	rc = inv__batch_exec(&b, link, error);
	if (rc == INV_OK && inv__batch_result(&b, 1)->row_count > 0)
		rc = inv__copy_refuse(inv__cell_str(inv__batch_result(&b, 1), 0, 0), error);
	else if (rc == INV_OK && inv__batch_result(&b, 0)->row_count == 0)
		rc = s->read_only ? inv__error_set(error, INV_E_NOT_FOUND, NULL, NULL,
		                                   "there is no store here yet")
		                  : bootstrap(s, &arena, error);
	else if (rc == INV_OK)
		rc = read_identity(s, link, &arena, error);
	inv__arena_free(&arena);
	return rc;
}

static inv_status open_read_only(inv_store *s, inv_error *error)
{
	inv__reader *reader;
	int32_t min_reader, min_writer;
	inv_status rc = inv__reader_take(s, NULL, &reader, error);

	if (rc != INV_OK)
		return rc;
	rc = inv__schema_version(reader->link, &s->schema_version, &min_reader, &min_writer, error);
	if (rc == INV_OK && s->schema_version == 0)
		rc = inv__error_set(error, INV_E_NOT_FOUND, NULL, NULL, "there is no store here");
	if (rc == INV_OK && s->schema_version < inv__migrations[inv__migration_count - 1].number)
		rc = inv__error_set(error, INV_E_MIGRATE, NULL, NULL,
		                    "the store is older than this library and is open for reading only");
	if (rc == INV_OK)
		rc = learn(s, reader->link, error);
	if (rc == INV_OK && s->must_rebuild)
		rc = inv__error_set(error, INV_E_MIGRATE, NULL, NULL,
		                    "the store is half way to this library's version: open it for"
		                    " writing once");
	inv__reader_give(s, reader);
	return rc;
}

static inv_status open_store(inv_store *s, const inv_store_options *o, inv_error *error)
{
	inv_status rc = find_driver(s, o, error);

	if (rc == INV_OK && s->bare && s->single)
		return inv__error_set(error, INV_E_INVALID, "store_options", "url",
		                      "a store in memory is gone when it is closed: copy to a place that"
		                      " lasts");
	if (rc == INV_OK && s->bare && s->read_only)
		return inv__error_set(error, INV_E_INVALID, "store_options", "read_only",
		                      "what is copied to cannot be open for reading only");
	if (rc == INV_OK && s->single && s->read_only)
		return inv__error_set(error, INV_E_INVALID, NULL, "read_only",
		                      "a store in memory is new: it cannot be read-only");
	if (rc == INV_OK && s->read_only)
		return open_read_only(s, error);
	if (rc == INV_OK) {
		s->writers.open = 1;
		rc = inv__writer_open(s->writer, o->no_create ? 0 : INV_OPEN_CREATE, error);
	}
	if (rc == INV_OK)
		rc = migrate(s, o, error);
	if (rc == INV_OK && !s->bare)
		rc = learn(s, s->writer->link, error);
	/* What a migration could not work out in SQL; cut off here, it is done next time. */
	if (rc == INV_OK && s->must_rebuild)
		rc = inv__rebuild_on(s->writer, NULL, error);
	if (rc == INV_OK && s->many && !s->bare)
		inv__writer_give(s->writer);
	return rc;
}

static inv_status check_options(const inv_store_options *given, inv_store_options *o,
                                inv_error *error)
{
	inv_store_options_init(o);
	if (!given || given->struct_size < sizeof given->struct_size)
		return inv__error_set(error, INV_E_MISUSE, "store_options", "struct_size",
		                      "the options are missing or their struct_size is not set");
	memcpy(o, given, given->struct_size < sizeof *o ? given->struct_size : sizeof *o);
	if (!o->url || !o->url[0])
		return inv__error_set(error, INV_E_INVALID, "store_options", "url",
		                      "name the store: a file such as shop.db");
	if (o->busy_timeout_ms < 0 || o->busy_timeout_ms > BUSY_TIMEOUT_MAX)
		return inv__error_set(error, INV_E_INVALID, "store_options", "busy_timeout_ms",
		                      "wait from 1 to %d milliseconds, a day, or 0 for 5,000",
		                      BUSY_TIMEOUT_MAX);
	if (!inv__hash_ready())
		return inv__error_set(error, INV_E_INTERNAL, NULL, NULL, "libsodium cannot be started");
	return INV_OK;
}

inv_status inv__store_open(const inv_store_options *options, bool bare, inv_store **out,
                           inv_error *error)
{
	inv_store_options o;
	inv_store *s;
	inv_status rc;

	*out = NULL;
	rc = check_options(options, &o, error);
	if (rc != INV_OK)
		return rc;
	s = store_make(&o);
	if (!s)
		return inv__error_set(error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
	s->bare = bare;
	rc = open_store(s, &o, error);
	if (rc == INV_OK)
		*out = s;
	else
		store_destroy(s);
	return rc;
}

inv_status inv_store_open(const inv_store_options *options, inv_store **out, inv_error *error)
{
	inv_error own;

	if (!error)
		error = &own;
	inv_error_init(error);
	if (!out)
		return inv__error_set(error, INV_E_MISUSE, NULL, "out", "there is no place for the store");
	return inv__store_open(options, false, out, error);
}

void inv_store_close(inv_store *store)
{
	if (store)
		inv__store_drop(store);
}

void inv_store_options_init(inv_store_options *options)
{
	memset(options, 0, sizeof *options);
	options->struct_size = sizeof *options;
}

void inv_error_init(inv_error *error)
{
	memset(error, 0, sizeof *error);
	error->struct_size = sizeof *error;
	error->index = -1;
}
