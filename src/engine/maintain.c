/* SPDX-License-Identifier: MIT */
/* What a technician does to a store: look at it, hash it, back it up. */
#include "engine/engine.h"
#include "util/text.h"

inv_status inv__store_check(inv_store *store, inv_error **error, inv_error *own)
{
	if (!*error)
		*error = own;
	inv_error_init(*error);
	if (!store || store->process != inv__process_id())
		return inv__error_set(*error, INV_E_MISUSE, NULL, NULL,
		                      "there is no store, or it belongs to another process");
	return INV_OK;
}

inv_status inv__store_answer(inv_status status, inv_error *error)
{
	if (status != INV_OK && error->status != status)
		inv__error_set(error, status, NULL, NULL, "%s", inv_schema_status(status)->text);
	return status;
}

/* A connection that sees one state for as long as it takes: one of its own, or in memory the only
 * one there is. */
inv_status inv__snapshot_take(inv_store *store, inv__snapshot *out, inv_error *error)
{
	inv_status rc;

	memset(out, 0, sizeof *out);
	if (!store->single)
		return inv__reader_open(store, &out->link, error);
	rc = inv__queue_take(store, NULL, error);
	out->link = store->writer->link;
	out->queued = rc == INV_OK;
	return rc;
}

void inv__snapshot_give(inv_store *store, const inv__snapshot *snapshot)
{
	if (snapshot->queued) {
		inv__queue_release(store);
		return;
	}
	inv__link_end(snapshot->link, false, NULL);
	inv__link_close(snapshot->link);
}

inv_status inv_store_state_hash(inv_store *store, char out[65], inv_error *error)
{
	inv_error own;
	inv__snapshot snapshot;
	uint8_t hash[32];
	inv_status rc = inv__store_check(store, &error, &own);

	if (rc == INV_OK)
		rc = inv__snapshot_take(store, &snapshot, error);
	if (rc != INV_OK)
		return rc;
	rc = inv__state_hash(snapshot.link, &store->allocator, hash, error);
	inv__snapshot_give(store, &snapshot);
	if (rc == INV_OK)
		inv__hex(hash, sizeof hash, out);
	return inv__store_answer(rc, error);
}

inv_status inv_store_backup(inv_store *store, const char *path, const inv_progress *progress,
                            inv_error *error)
{
	inv_error own;
	inv__snapshot snapshot;
	inv_status rc = inv__store_check(store, &error, &own);

	if (rc == INV_OK && (!path || !path[0]))
		return inv__error_set(error, INV_E_INVALID, NULL, "path", "name the file to write");
	if (rc == INV_OK && store->single)
		return inv__error_set(error, INV_E_UNSUPPORTED, NULL, NULL,
		                      "a store in memory cannot be backed up");
	if (rc == INV_OK)
		rc = inv__snapshot_take(store, &snapshot, error);
	if (rc != INV_OK)
		return rc;
	rc = store->driver.backup(inv__link_conn(snapshot.link), inv_str_of(path), progress, error);
	inv__snapshot_give(store, &snapshot);
	return rc;
}

static void add_facts(inv__link *link, inv_store_info *info)
{
	inv_driver_facts facts = {.struct_size = sizeof facts};

	inv__link_facts(link, &facts);
	info->round_trips += facts.round_trips;
	info->commits += facts.commits;
	info->file_bytes = facts.file_bytes;
	if (facts.log_pages > (uint64_t)info->log_pages)
		info->log_pages = (int64_t)facts.log_pages;
	inv__format(info->database_version, sizeof info->database_version, "%s", facts.version);
	inv__format(info->durability, sizeof info->durability, "%s", facts.durability);
	inv__format(info->warning, sizeof info->warning, "%s", facts.warning);
}

INV__SQL(SQL_POSITION, "SELECT COALESCE(MAX(e.position), 0) FROM event e WHERE e.position > 0");

inv_status inv__last_position(inv_store *store, inv__link *link, int64_t *out, inv_error *error)
{
	inv__arena arena;
	inv__batch batch;
	inv_status rc;

	inv__arena_init(&arena, &store->allocator);
	inv__batch_init(&batch, &arena);
	inv__batch_add(&batch, &SQL_POSITION);
	rc = inv__batch_exec(&batch, link, error);
	if (rc == INV_OK && inv__batch_result(&batch, 0)->row_count > 0)
		*out = inv__cell_int(inv__batch_result(&batch, 0), 0, 0);
	inv__arena_free(&arena);
	return rc;
}

/* Readers in use by others are left out: their facts are theirs for the moment. */
static void add_readers(inv_store *store, inv_store_info *info)
{
	uint32_t open = atomic_load(&store->readers.open);

	for (uint32_t i = 0; i < open; i++) {
		inv__reader *r = &store->readers.reader[i];
		bool idle = false;

		if (!atomic_compare_exchange_strong(&r->busy, &idle, true))
			continue;
		add_facts(r->link, info);
		inv__reader_give(store, r);
	}
}

/* Those in use are left out, as with readers. */
static void add_idle_writers(inv_store *store, inv_store_info *info)
{
	inv__mutex_lock(&store->writers.mutex);
	for (const inv__writer *w = store->writers.idle; w; w = w->next)
		if (w->link)
			add_facts(w->link, info);
	inv__mutex_unlock(&store->writers.mutex);
}

/* What the connections tell, before any is used for what comes next. */
static inv_status add_connections(inv_store *store, inv_store_info *info, inv_error *error)
{
	inv__writer *w;
	inv_status rc = INV_OK;

	if (!store->read_only)
		rc = inv__writer_take(store, NULL, &w, error);
	if (rc == INV_OK && !store->read_only) {
		add_facts(w->link, info);
		info->sharers = store->driver.sharers(inv__link_conn(w->link));
		add_idle_writers(store, info);
		inv__writer_give(w);
	}
	if (rc == INV_OK)
		add_readers(store, info);
	return rc;
}

static inv_status find_position(inv_store *store, int64_t *out, inv_error *error)
{
	inv__reader *reader;
	inv_status rc = inv__sequence(store, NULL, error);

	if (rc == INV_OK && store->single) {
		rc = inv__queue_take(store, NULL, error);
		if (rc != INV_OK)
			return rc;
		rc = inv__last_position(store, store->writer->link, out, error);
		inv__queue_release(store);
		return rc;
	}
	if (rc == INV_OK)
		rc = inv__reader_take(store, NULL, &reader, error);
	if (rc != INV_OK)
		return rc;
	rc = inv__last_position(store, reader->link, out, error);
	inv__reader_give(store, reader);
	return rc;
}

inv_status inv_store_info_get(inv_store *store, inv_store_info *out, inv_error *error)
{
	inv_store_info info = INV_STORE_INFO_INIT;
	inv_error own;
	uint32_t size;
	inv_status rc = inv__store_check(store, &error, &own);

	if (rc != INV_OK || !out || out->struct_size < sizeof out->struct_size)
		return rc != INV_OK ? rc : inv__error_set(error, INV_E_MISUSE, "store_info", "struct_size",
		                                          "struct_size is not set");
	rc = add_connections(store, &info, error);
	if (rc == INV_OK)
		rc = find_position(store, &info.position, error);
	if (rc != INV_OK)
		return rc;
	info.id = store->id;
	info.schema_version = store->schema_version;
	info.read_only = store->read_only;
	inv__format(info.driver, sizeof info.driver, "%s", store->driver.scheme);
	size = out->struct_size < sizeof info ? out->struct_size : (uint32_t)sizeof info;
	memcpy(out, &info, size);
	out->struct_size = size;
	return rc;
}
