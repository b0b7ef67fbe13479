/* SPDX-License-Identifier: MIT */
/* What lib/ calls: one table of functions, each with the letters of its arguments behind the mode.
 *
 *	h  a store or session that is open     n  a number      c  an Int32Array and a function that
 *	o  an operation's number               t  a text           control it, or undefined
 *	p  a program (values.c)               d  drivers
 *	g  pages
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addon.h"
#include "driver_tag.h"

#define ARGS_MAX 20
#define DRIVERS_MAX 8
#define REJECTED_MAX 1000

typedef struct target {
	inv_store_options options;
	const inv_driver *drivers[DRIVERS_MAX];
} target;

/* ---- handles ---- */

void calls_close(handle *h)
{
	inv_session_close(h->session);
	inv_store_close(h->store);
	inv_pages_free(h->pages);
	h->pages = NULL;
	h->session = NULL;
	h->store = NULL;
}

static void collected(napi_env env, void *data, void *hint)
{
	handle *h = data;
	handle **at = &h->addon->handles;

	(void)env;
	(void)hint;
	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
	calls_close(h);
	pthread_mutex_destroy(&h->mutex);
	addon_release(h->addon);
	free(h);
}

static napi_value answer_handle(napi_env env, task *t)
{
	handle *h = calloc(1, sizeof *h);
	napi_value made;

	if (!h || napi_create_external(env, h, collected, NULL, &made) != napi_ok) {
		free(h);
		inv_session_close(t->session);
		inv_store_close(t->store);
		inv_pages_free(t->pages);
		return addon_no_memory(env);
	}
	pthread_mutex_init(&h->mutex, NULL);
	h->addon = t->addon;
	h->store = t->store;
	h->session = t->session;
	h->pages = t->pages;
	h->next = t->addon->handles;
	t->addon->handles = h;
	t->addon->users++;
	return made;
}

static void run_close(task *t)
{
	t->handle->closing = true;
	if (t->handle->users == 0)
		calls_close(t->handle);
	else
		inv_session_cancel(t->handle->session);
}

static void run_cancel(task *t)
{
	inv_session_cancel(t->handle->session);
}

/* Only the call of a promise that is at work: of one that has ended meanwhile nothing is left. */
static void run_cancel_work(task *t)
{
	handle *h = t->handle;

	pthread_mutex_lock(&h->mutex);
	h->cancelled = h->at_work;
	if (h->at_work)
		inv_session_cancel(h->session);
	pthread_mutex_unlock(&h->mutex);
}

/* ---- opening ---- */

static void run_open_store(task *t)
{
	inv_store_options *o = &t->target->options;

	o->url = t->texts[0];
	o->source = t->texts[1];
	o->read_only = t->numbers[0] != 0;
	o->no_create = t->numbers[1] != 0;
	o->migrate = (uint32_t)t->numbers[2];
	o->busy_timeout_ms = t->numbers[3];
	o->reader_count = (uint32_t)t->numbers[4];
	o->writer_count = (uint32_t)t->numbers[5];
	o->checkpoint_pages = (uint32_t)t->numbers[6];
	if (!t->handle) {
		t->status = inv_store_open(o, &t->store, &t->error);
	} else {
		inv_progress progress = task_progress(t);

		t->out.copy = (inv_copy_report)INV_COPY_REPORT_INIT;
		t->status = inv_store_copy(t->handle->store, o, &progress, &t->out.copy, &t->error);
	}
}

static inv_ref read_ref(const char *text)
{
	inv_ref ref = inv_ref_code(text);

	if (inv_id_parse(ref.code, &ref.id) == INV_OK)
		ref.code = (inv_str){NULL, 0};
	return ref;
}

static void run_open_session(task *t)
{
	inv_session_options o = INV_SESSION_OPTIONS_INIT;

	o.actor = inv_str_of(t->texts[0]);
	o.channel = read_ref(t->texts[1]);
	o.location = read_ref(t->texts[2]);
	o.till = read_ref(t->texts[3]);
	o.request_id = inv_str_of(t->texts[4]);
	t->status = inv_session_open(t->handle->store, &o, &t->session, &t->error);
}

/* ---- operations ---- */

static void run_call(task *t)
{
	inv_options o = INV_OPTIONS_INIT;

	o.key = inv_str_of(t->texts[0]);
	o.flags = (uint32_t)t->numbers[0];
	t->status = inv_call_input(t->handle->session, t->op, t->input, &o, &t->result);
}

static void run_pages(task *t)
{
	inv_options o = INV_OPTIONS_INIT;

	o.flags = (uint32_t)t->numbers[0];
	t->status = inv_pages_open(t->handle->session, t->op, inv_input_at(t->input, 0), &o, &t->pages);
}

static void run_next(task *t)
{
	t->status = inv_pages_next(t->pages, t->handle->session, &t->result);
}

static void run_transact(task *t)
{
	inv_status (*const what[])(inv_session *) = {inv_begin, inv_commit, inv_rollback};

	t->status = what[t->numbers[0] % 3](t->handle->session);
	/* For the library a transaction is its thread's, which may not wait for it elsewhere. */
	t->retires = t->numbers[0] == 0;
}

static void run_request_id(task *t)
{
	t->status = inv_session_request_id(t->handle->session, inv_str_of(t->texts[0]));
}

static void reject(void *ctx, uint64_t line, const inv_error *error)
{
	task *t = ctx;

	if (!t->rejected)
		t->rejected = calloc(REJECTED_MAX, sizeof *t->rejected);
	/* Those for which there is no room are counted all the same. */
	if (t->rejected && t->rejected_count < REJECTED_MAX)
		t->rejected[t->rejected_count++] = (rejected){line, *error};
}

static void run_import(task *t)
{
	inv_import_options o = INV_IMPORT_OPTIONS_INIT;

	o.skip = t->numbers[0] != 0;
	o.slice_ms = (uint32_t)t->numbers[1];
	o.key_prefix = inv_str_of(t->texts[1]);
	o.progress = task_progress(t);
	o.report_ctx = t;
	o.report = reject;
	t->out.import = (inv_import_report)INV_IMPORT_REPORT_INIT;
	t->status = inv_import_csv(t->handle->session, t->op, t->texts[0], &o, &t->out.import);
}

static void run_export(task *t)
{
	inv_progress progress = task_progress(t);

	t->status = inv_export_csv(t->handle->session, t->op, inv_input_at(t->input, 0), t->texts[0],
	                           &progress);
}

/* ---- stores ---- */

static void run_info(task *t)
{
	t->out.info = (inv_store_info)INV_STORE_INFO_INIT;
	t->status = inv_store_info_get(t->handle->store, &t->out.info, &t->error);
}

static void run_verify(task *t)
{
	inv_progress progress = task_progress(t);

	t->out.verify = (inv_verify_report)INV_VERIFY_REPORT_INIT;
	t->status = inv_store_verify(t->handle->store, &progress, &t->out.verify, &t->error);
	/* What differs is an answer, not a failure to answer. */
	if (t->status == INV_E_CORRUPT && t->out.verify.first_divergence[0])
		t->status = INV_OK;
}

static void run_rebuild(task *t)
{
	inv_progress progress = task_progress(t);

	t->status = inv_store_rebuild(t->handle->store, &progress, &t->error);
}

static void run_backup(task *t)
{
	inv_progress progress = task_progress(t);

	t->status = inv_store_backup(t->handle->store, t->texts[0], &progress, &t->error);
}

static void run_hash(task *t)
{
	t->status = inv_store_state_hash(t->handle->store, t->out.hash, &t->error);
}

/* ---- answers ---- */

static napi_value answer_info(napi_env env, task *t)
{
	static const member members[] = {
		M(inv_store_info, id),          M(inv_store_info, driver),
		M(inv_store_info, durability),  M(inv_store_info, database_version),
		M(inv_store_info, warning),     B(inv_store_info, read_only),
		M(inv_store_info, position),    M(inv_store_info, file_bytes),
		M(inv_store_info, log_pages),   M(inv_store_info, round_trips),
		M(inv_store_info, commits),     M(inv_store_info, sharers),
		M(inv_store_info, schema_version), {NULL, 0, MEMBER_BOOL}};

	return addon_members(env, &t->out.info, members);
}

static napi_value answer_verify(napi_env env, task *t)
{
	static const member members[] = {
		B(inv_verify_report, ok),         M(inv_verify_report, events),
		M(inv_verify_report, position),   M(inv_verify_report, state_hash),
		M(inv_verify_report, first_divergence), {NULL, 0, MEMBER_BOOL}};

	return addon_members(env, &t->out.verify, members);
}

static napi_value answer_copy(napi_env env, task *t)
{
	static const member members[] = {M(inv_copy_report, position), M(inv_copy_report, events),
	                                 M(inv_copy_report, keys), M(inv_copy_report, state_hash),
	                                 {NULL, 0, MEMBER_BOOL}};

	return addon_members(env, &t->out.copy, members);
}

/* Undefined behind the last page. */
static napi_value answer_page(napi_env env, task *t)
{
	napi_value made = NULL;

	if (t->result)
		return values_answer(env, t);
	(void)napi_get_undefined(env, &made);
	return made;
}

static napi_value answer_hash(napi_env env, task *t)
{
	napi_value made = NULL;

	(void)napi_create_string_utf8(env, t->out.hash, NAPI_AUTO_LENGTH, &made);
	return made;
}

static napi_value answer_import(napi_env env, task *t)
{
	static const member members[] = {M(inv_import_report, rows), M(inv_import_report, done),
	                                 M(inv_import_report, again), M(inv_import_report, failed),
	                                 M(inv_import_report, line), {NULL, 0, MEMBER_BOOL}};
	napi_value made = addon_members(env, &t->out.import, members);
	napi_value list;

	if (!made || napi_create_array(env, &list) != napi_ok)
		return NULL;
	for (uint32_t i = 0; i < t->rejected_count; i++) {
		napi_value error = addon_error(env, &t->rejected[i].error);
		napi_value line;

		if (!error || napi_create_double(env, (double)t->rejected[i].line, &line) != napi_ok ||
		    napi_set_named_property(env, error, "line", line) != napi_ok ||
		    napi_set_element(env, list, i, error) != napi_ok)
			return NULL;
	}
	return napi_set_named_property(env, made, "errors", list) == napi_ok ? made : NULL;
}

/* ---- arguments ---- */

static inv_status refuse(task *t, const char *message)
{
	t->error = (inv_error)INV_ERROR_INIT;
	t->error.index = -1;
	t->error.status = INV_E_MISUSE;
	snprintf(t->error.message, sizeof t->error.message, "%s", message);
	return INV_E_MISUSE;
}

static inv_status take_handle(napi_env env, napi_value arg, task *t)
{
	void *data = NULL;
	const handle *h;

	if (napi_get_value_external(env, arg, &data) != napi_ok)
		return refuse(t, "a handle is missing");
	t->handle = data;
	h = t->handle;
	if (h->closing || (!h->store && !h->session))
		return refuse(t, "it is closed");
	if (h->session && h->users && t->entry->run != run_close && t->entry->run != run_cancel &&
	    t->entry->run != run_cancel_work)
		return refuse(t, "a call is at work in this session: await it when it is asynchronous, or "
		                 "open another session for what goes on beside it");
	return INV_OK;
}

static inv_status take_pages(napi_env env, napi_value arg, task *t)
{
	void *data = NULL;

	if (napi_get_value_external(env, arg, &data) != napi_ok || !((handle *)data)->pages)
		return refuse(t, "there are no pages");
	t->pages = ((handle *)data)->pages;
	return INV_OK;
}

static inv_status take_drivers(napi_env env, napi_value list, task *t)
{
	static const napi_type_tag tag = DRIVER_TAG;
	uint32_t count = 0;

	t->target = calloc(1, sizeof *t->target);
	if (!t->target)
		return INV_E_NO_MEMORY;
	inv_store_options_init(&t->target->options);
	(void)napi_get_array_length(env, list, &count);
	for (uint32_t i = 0; i < count; i++) {
		napi_value item;
		bool is_driver = false;
		void *driver = NULL;

		if (i == DRIVERS_MAX || napi_get_element(env, list, i, &item) != napi_ok ||
		    napi_check_object_type_tag(env, item, &tag, &is_driver) != napi_ok || !is_driver ||
		    napi_unwrap(env, item, &driver) != napi_ok)
			return refuse(t, "`drivers` takes drivers that were made for this version of inventra");
		t->target->drivers[i] = driver;
	}
	t->target->options.drivers = t->target->drivers;
	t->target->options.driver_count = count;
	return INV_OK;
}

static void take_control(napi_env env, const napi_value *args, task *t)
{
	napi_valuetype type = napi_undefined;
	bool is_array = false;
	void *data = NULL;

	if (napi_is_typedarray(env, args[0], &is_array) == napi_ok && is_array &&
	    napi_create_reference(env, args[0], 1, &t->kept) == napi_ok &&
	    napi_get_typedarray_info(env, args[0], NULL, NULL, &data, NULL, NULL) == napi_ok)
		t->stop = data;
	if (napi_typeof(env, args[1], &type) == napi_ok && type == napi_function)
		t->progress = args[1];
}

static inv_status take(napi_env env, const napi_value *args, task *t)
{
	unsigned numbers = 0;
	inv_status rc = INV_OK;

	for (const char *a = t->entry->args; *a && rc == INV_OK; a++, args++) {
		if (*a == 'h')
			rc = take_handle(env, *args, t);
		else if (*a == 'o')
			t->op = inv_schema_op((uint32_t)addon_number(env, *args));
		else if (*a == 'p')
			rc = values_read(env, *args, t);
		else if (*a == 'n')
			t->numbers[numbers++] = addon_number(env, *args);
		else if (*a == 't')
			t->texts[t->text_count++] = addon_string(env, *args);
		else if (*a == 'g')
			rc = take_pages(env, *args, t);
		else if (*a == 'd')
			rc = take_drivers(env, *args, t);
		else
			take_control(env, args++, t);
	}
	return rc;
}

static void run_nothing(task *t)
{
	(void)t;
}

static napi_value call(napi_env env, napi_callback_info info)
{
	static const entry failed = {"", "", run_nothing, NULL};
	napi_value args[ARGS_MAX];
	size_t count = ARGS_MAX;
	void *data = NULL;
	int64_t mode;
	task t;

	if (napi_get_cb_info(env, info, &count, args, NULL, &data) != napi_ok)
		return NULL;
	memset(&t, 0, offsetof(task, out));
	t.error.status = INV_OK;
	t.error.struct_size = sizeof t.error;
	t.addon = addon_of(env);
	t.entry = data;
	mode = addon_number(env, args[0]);
	t.status = take(env, args + 1, &t);
	if (t.status == INV_OK)
		return task_start(env, &t, mode);
	t.entry = &failed;
	t.handle = NULL;
	return task_start(env, &t, NOW);
}

void calls_export(napi_env env, napi_value exports)
{
	static const entry entries[] = {
		{"openStore", "ttnnnnnnnd", run_open_store, answer_handle},
		{"copy", "hcttnnnnnnnd", run_open_store, answer_copy},
		{"openSession", "httttt", run_open_session, answer_handle},
		{"close", "h", run_close, NULL},
		{"cancel", "h", run_cancel, NULL},
		{"cancelWork", "h", run_cancel_work, NULL},
		{"requestId", "ht", run_request_id, NULL},
		{"call", "hoptn", run_call, values_answer},
		{"pages", "hopn", run_pages, answer_handle},
		{"next", "hg", run_next, answer_page},
		{"transact", "hn", run_transact, NULL},
		{"importCsv", "hcottnn", run_import, answer_import},
		{"exportCsv", "hcotp", run_export, NULL},
		{"info", "h", run_info, answer_info},
		{"verify", "hc", run_verify, answer_verify},
		{"rebuild", "hc", run_rebuild, NULL},
		{"backup", "hct", run_backup, NULL},
		{"stateHash", "h", run_hash, answer_hash},
	};

	for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
		napi_value function;

		if (napi_create_function(env, entries[i].name, NAPI_AUTO_LENGTH, call,
		                         (void *)(uintptr_t)&entries[i], &function) == napi_ok)
			(void)napi_set_named_property(env, exports, entries[i].name, function);
	}
}
