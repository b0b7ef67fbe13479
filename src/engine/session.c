/* SPDX-License-Identifier: MIT */
/* Sessions: who works, from where. */
#include "engine/engine.h"
#include "util/text.h"

#define TEXT_MAX 128u

void inv_session_options_init(inv_session_options *options)
{
	memset(options, 0, sizeof *options);
	options->struct_size = sizeof *options;
}

void inv_options_init(inv_options *options)
{
	memset(options, 0, sizeof *options);
	options->struct_size = sizeof *options;
}

/* ---- where the session works ---- */

INV__SQL(SQL_DEFAULTS,
         "SELECT s.default_channel, s.default_location, s.default_till FROM settings s");

static inv_id pick(inv_id given, const inv_rows *rows, size_t column)
{
	return inv_id_is_none(given) ? inv__cell_id(rows, 0, column) : given;
}

inv_status inv__session_places(inv_session *session)
{
	uint64_t now = atomic_load_explicit(&session->store->places, memory_order_acquire);
	inv__arena arena;
	char memory[1024];
	inv__batch batch;
	const inv_rows *rows;
	inv_status rc;

	if (session->places == now)
		return INV_OK;
	inv__arena_init_with(&arena, &session->store->allocator, memory, sizeof memory);
	inv__batch_init(&batch, &arena);
	inv__batch_add(&batch, &SQL_DEFAULTS);
	rc = inv__lease_exec(session, &batch);
	rows = rc == INV_OK ? inv__batch_result(&batch, 0) : NULL;
	if (rows && rows->row_count == 1) {
		session->ids.channel = pick(session->given.channel, rows, 0);
		session->ids.location = pick(session->given.location, rows, 1);
		session->ids.till = pick(session->given.till, rows, 2);
		session->places = now;
	}
	inv__arena_free(&arena);
	return rc;
}

/* Exists by id, or by code. */
static const inv__sql *sql_of_place(uint32_t table)
{
	INV__SQL(SQL_CHANNEL, "SELECT t.id FROM channel t WHERE t.id = ?1 OR lower(t.code) = ?2");
	INV__SQL(SQL_LOCATION, "SELECT t.id FROM location t WHERE t.id = ?1 OR lower(t.code) = ?2");
	INV__SQL(SQL_REGISTER, "SELECT t.id FROM register t WHERE t.id = ?1 OR lower(t.code) = ?2");

	return table == INV_TABLE_channel    ? &SQL_CHANNEL
	       : table == INV_TABLE_location ? &SQL_LOCATION
	                                     : &SQL_REGISTER;
}

static inv_status find_place(inv_session *session, uint32_t table, const inv_ref *ref, inv_id *out)
{
	/* The option of the same name; a sale's register is its till. */
	const char *place = inv_schema_table(table)->name;
	const char *option = table == INV_TABLE_register ? "till" : place;
	inv__arena arena;
	char memory[1024];
	inv__batch batch;
	inv_status rc;

	if (inv_id_is_none(ref->id) && ref->code.len == 0)
		return INV_OK;
	inv__arena_init_with(&arena, &session->store->allocator, memory, sizeof memory);
	inv__batch_init(&batch, &arena);
	inv__batch_add(&batch, sql_of_place(table));
	inv__batch_id(&batch, ref->id);
	inv__batch_text(&batch, inv_id_is_none(ref->id) ? inv__str_fold(&arena, ref->code)
	                                                : (inv_str){"", 0});
	rc = inv__lease_exec(session, &batch);
	if (rc == INV_OK && inv__batch_result(&batch, 0)->row_count == 0)
		rc = inv__error_set(&session->error, INV_E_NOT_FOUND, "session_options", option,
		                    "`%s` names no %s", option, place);
	if (rc == INV_OK)
		*out = inv__cell_id(inv__batch_result(&batch, 0), 0, 0);
	inv__arena_free(&arena);
	return rc;
}

/* ---- opening and closing ---- */

static inv_status set_text(inv_session *s, const char *field, inv_str given, inv_str *out)
{
	if (given.len > TEXT_MAX || inv__text_check(given, false) != INV__TEXT_OK)
		return inv__error_set(&s->error, INV_E_INVALID, "session_options", field,
		                      "it must be valid text of at most %u bytes", TEXT_MAX);
	*out = inv__arena_str(&s->arena, given);
	if (out->ptr)
		return INV_OK;
	return inv__error_set(&s->error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
}

static inv_status fill(inv_session *s, const inv_session_options *given)
{
	inv_session_options o = INV_SESSION_OPTIONS_INIT;
	inv_status rc;

	if (given && given->struct_size >= sizeof given->struct_size)
		memcpy(&o, given, given->struct_size < sizeof o ? given->struct_size : sizeof o);
	rc = set_text(s, "actor", o.actor.len ? o.actor : INV_S("system"), &s->actor);
	if (rc == INV_OK)
		rc = set_text(s, "request_id", o.request_id, &s->request_id);
	if (rc == INV_OK)
		rc = find_place(s, INV_TABLE_channel, &o.channel, &s->given.channel);
	if (rc == INV_OK)
		rc = find_place(s, INV_TABLE_location, &o.location, &s->given.location);
	if (rc == INV_OK)
		rc = find_place(s, INV_TABLE_register, &o.till, &s->given.till);
	return rc == INV_OK ? inv__session_places(s) : rc;
}

static void session_free(inv_session *s)
{
	inv_store *store = s->store;

	inv__cond_destroy(&s->cond);
	inv__arena_free(&s->arena);
	inv__free(&store->allocator, s, sizeof *s);
	inv__store_drop(store);
}

/* A session that nobody works with yet, and its hold on the store; NULL when out of memory. */
static inv_session *make(inv_store *store)
{
	inv_session *s = inv__alloc(&store->allocator, sizeof *s);

	if (!s || !inv__cond_init(&s->cond)) {
		if (s)
			inv__free(&store->allocator, s, sizeof *s);
		return NULL;
	}
	inv__store_hold(store);
	s->store = store;
	inv_error_init(&s->error);
	inv__arena_init(&s->arena, &store->allocator);
	s->places = UINT64_MAX;
	return s;
}

inv_status inv__session_clone(inv_session *of, inv_session **out)
{
	inv_session *s = make(of->store);

	if (!s)
		return inv__error_set(&of->error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
	s->given = of->given;
	s->actor = inv__arena_str(&s->arena, of->actor);
	s->request_id = inv__arena_str(&s->arena, of->request_id);
	if (s->arena.failed) {
		session_free(s);
		return inv__error_set(&of->error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
	}
	*out = s;
	return INV_OK;
}

inv_status inv_session_open(inv_store *store, const inv_session_options *options,
                            inv_session **out, inv_error *error)
{
	inv_error own;
	inv_session *s;
	inv_status rc;

	if (!error)
		error = &own;
	inv_error_init(error);
	if (!out || !store || store->process != inv__process_id())
		return inv__error_set(error, INV_E_MISUSE, NULL, NULL,
		                      "the store or the place for the session is missing, or the store "
		                      "belongs to another process");
	*out = NULL;
	s = make(store);
	if (!s)
		return inv__error_set(error, INV_E_NO_MEMORY, NULL, NULL, "out of memory");
	rc = fill(s, options);
	if (rc != INV_OK) {
		*error = s->error;
		session_free(s);
		return rc;
	}
	*out = s;
	return INV_OK;
}

void inv_session_close(inv_session *session)
{
	if (!session)
		return;
	inv__cancels_end(session);
	if (session->in_transaction)
		inv_rollback(session);
	session_free(session);
}

const inv_error *inv_session_error(const inv_session *session)
{
	static const inv_error none = {.struct_size = sizeof none, .status = INV_E_MISUSE, .index = -1,
	                               .message = "there is no session"};

	return session ? &session->error : &none;
}

inv_store *inv_session_store(inv_session *session)
{
	return session ? session->store : NULL;
}

inv_status inv_session_request_id(inv_session *session, inv_str request_id)
{
	inv_status rc = inv__session_enter(session);

	if (rc != INV_OK)
		return rc;
	return inv__session_leave(session, set_text(session, "request_id", request_id,
	                                            &session->request_id));
}

/* ---- one call at a time ---- */

inv_status inv__session_enter(inv_session *session)
{
	bool idle = false;

	if (!session || session->store->process != inv__process_id())
		return INV_E_MISUSE;
	if (!atomic_compare_exchange_strong_explicit(&session->busy, &idle, true, memory_order_acquire,
	                                             memory_order_relaxed))
		return INV_E_MISUSE; /* another thread is in it: its error is not ours to write */
	inv__error_clear(&session->error);
	return INV_OK;
}

inv_status inv__session_leave(inv_session *session, inv_status status)
{
	if (status == INV_OK && session->error.status != INV_OK)
		inv__error_clear(&session->error);
	if (status != INV_OK && session->error.status == INV_OK)
		inv__error_set(&session->error, status, NULL, NULL, "%s", inv_schema_status(status)->text);
	atomic_store_explicit(&session->cancelled, false, memory_order_relaxed);
	atomic_store_explicit(&session->busy, false, memory_order_release);
	return status;
}
