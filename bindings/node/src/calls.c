/* SPDX-License-Identifier: MIT */
/* What lib/ calls: one table of functions, each with the letters of its arguments behind the mode.
 *
 *	h  a store or session that is open     n  a number      c  an Int32Array and a function that
 *	o  an operation's number               t  a text           control it, or undefined
 *	p  a program (values.c)               d  drivers
 *	g  pages                              s  options: (name US text RS)*
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addon.h"
#include "driver_tag.h"

#define ARGS_MAX 8
#define REJECTED_MAX 1000

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

/* Only the call of a promise that is at work: of one that has ended meanwhile nothing is left. */
static void run_cancel(task *t)
{
	handle *h = t->handle;

	pthread_mutex_lock(&h->mutex);
	h->cancelled = h->at_work;
	if (h->at_work)
		inv_session_cancel(h->session);
	pthread_mutex_unlock(&h->mutex);
}

/* ---- opening ---- */

static inv_store_options *place_of(task *t)
{
	inv_store_options *o = t->options;

	o->url = t->texts[0];
	o->source = o->source ? o->source : "inventra node";
	o->drivers = t->drivers;
	o->driver_count = t->driver_count;
	return o;
}

static void run_open_store(task *t)
{
	t->status = inv_store_open(place_of(t), &t->store, &t->error);
}

static void run_open_session(task *t)
{
	t->status = inv_session_open(t->handle->store, t->options, &t->session, &t->error);
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
	inv_import_options *o = t->options;

	o->progress = task_progress(t);
	o->report_ctx = t;
	o->report = reject;
	t->out.import = (inv_import_report)INV_IMPORT_REPORT_INIT;
	t->status = inv_import_csv(t->handle->session, t->op, t->texts[0], o, &t->out.import);
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

static void run_copy(task *t)
{
	inv_progress progress = task_progress(t);

	t->out.copy = (inv_copy_report)INV_COPY_REPORT_INIT;
	t->status = inv_store_copy(t->handle->store, place_of(t), &progress, &t->out.copy, &t->error);
}

static void run_hash(task *t)
{
	t->status = inv_store_state_hash(t->handle->store, t->out.hash, &t->error);
}

/* ---- answers ---- */

static napi_value answer_report(napi_env env, task *t)
{
	return addon_members(env, &t->out, t->entry->report);
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

static napi_value answer_nearest(napi_env env, task *t)
{
	inv_str nearest = inv_nearest(inv_str_of(t->texts[0]), inv_str_of(t->texts[1]));
	napi_value made = NULL;

	(void)napi_create_string_utf8(env, nearest.ptr, nearest.len, &made);
	return made;
}

static napi_value answer_import(napi_env env, task *t)
{
	napi_value made = answer_report(env, t);
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
	if (h->session && h->users && t->entry->run != run_close && t->entry->run != run_cancel)
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

/* Up to the sign, which becomes the end of a text. */
static char *cut(char **at, char sign)
{
	char *text = *at;
	char *end = strchr(text, sign);

	*at = end ? end + 1 : text + strlen(text);
	if (end)
		*end = '\0';
	return text;
}

static inv_status take_options(napi_env env, napi_value arg, task *t)
{
	const inv_record_desc *desc = inv_schema_struct(t->entry->options);
	char *at = addon_string(env, arg);
	inv_status rc = INV_OK;

	t->options = calloc(1, desc->size);
	t->texts[t->text_count++] = at; /* the options borrow from it */
	if (!t->options || !at)
		return INV_E_NO_MEMORY;
	memcpy(t->options, &desc->size, sizeof desc->size);
	while (*at && rc == INV_OK) {
		inv_str name = inv_str_of(cut(&at, US));

		rc = inv_struct_set(desc, t->options, name, inv_str_of(cut(&at, RS)), &t->error);
	}
	return rc;
}

static inv_status take_drivers(napi_env env, napi_value list, task *t)
{
	static const napi_type_tag tag = DRIVER_TAG;
	uint32_t count = 0;

	(void)napi_get_array_length(env, list, &count);
	for (uint32_t i = 0; i < count; i++) {
		napi_value item;
		bool is_driver = false;
		void *driver = NULL;

		if (i == DRIVERS_MAX || napi_get_element(env, list, i, &item) != napi_ok ||
		    napi_check_object_type_tag(env, item, &tag, &is_driver) != napi_ok || !is_driver ||
		    napi_unwrap(env, item, &driver) != napi_ok)
			return refuse(t, "`drivers` takes drivers that were made for this version of inventra");
		t->drivers[i] = driver;
	}
	t->driver_count = count;
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
		else if (*a == 's')
			rc = take_options(env, *args, t);
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
	static const entry failed = {"", "", run_nothing, NULL, 0, 0};
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
		{"openStore", "tsd", run_open_store, answer_handle, INV_STRUCT_STORE_OPTIONS, 0},
		{"openSession", "hs", run_open_session, answer_handle, INV_STRUCT_SESSION_OPTIONS, 0},
		{"close", "h", run_close, NULL, 0, 0},
		{"cancel", "h", run_cancel, NULL, 0, 0},
		{"requestId", "ht", run_request_id, NULL, 0, 0},
		{"call", "hoptn", run_call, values_answer, 0, 0},
		{"pages", "hopn", run_pages, answer_handle, 0, 0},
		{"next", "hg", run_next, answer_page, 0, 0},
		{"transact", "hn", run_transact, NULL, 0, 0},
		{"importCsv", "hcots", run_import, answer_import, INV_STRUCT_IMPORT_OPTIONS,
		 INV_STRUCT_IMPORT_REPORT},
		{"exportCsv", "hcotp", run_export, NULL, 0, 0},
		{"info", "h", run_info, answer_report, 0, INV_STRUCT_STORE_INFO},
		{"verify", "hc", run_verify, answer_report, 0, INV_STRUCT_VERIFY_REPORT},
		{"rebuild", "hc", run_rebuild, NULL, 0, 0},
		{"backup", "hct", run_backup, NULL, 0, 0},
		{"copy", "hctsd", run_copy, answer_report, INV_STRUCT_STORE_OPTIONS,
		 INV_STRUCT_COPY_REPORT},
		{"stateHash", "h", run_hash, answer_hash, 0, 0},
		{"nearest", "tt", run_nothing, answer_nearest, 0, 0},
	};

	for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
		napi_value function;

		if (napi_create_function(env, entries[i].name, NAPI_AUTO_LENGTH, call,
		                         (void *)(uintptr_t)&entries[i], &function) == napi_ok)
			(void)napi_set_named_property(env, exports, entries[i].name, function);
	}
}
