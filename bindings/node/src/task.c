/* SPDX-License-Identifier: MIT */
/* Running work for the library: at once, or on a thread of its own for a promise. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addon.h"

/* What comes to the event loop is a task that has ended, or one byte into it: a report. */
#define REPORT(t) ((void *)((char *)(t) + 1))
#define TASK_OF(data) ((task *)((uintptr_t)(data) & ~(uintptr_t)1))

static void execute(task *t)
{
	t->entry->run(t);
	if (t->status != INV_OK && t->error.status == INV_OK && t->handle && t->handle->session)
		t->error = *inv_session_error(t->handle->session);
}

static void at_work(handle *h)
{
	if (!h)
		return;
	pthread_mutex_lock(&h->mutex);
	h->at_work = true;
	pthread_mutex_unlock(&h->mutex);
}

static void work_ended(handle *h)
{
	bool cancelled;

	if (!h)
		return;
	pthread_mutex_lock(&h->mutex);
	cancelled = h->cancelled;
	h->at_work = h->cancelled = false;
	pthread_mutex_unlock(&h->mutex);
	/* A cancel that came behind the last step is the next call's: this one, which does nothing. */
	if (cancelled)
		(void)inv_pages_next(NULL, h->session, NULL);
}

/* The answer, or the error: lib/ tells them apart. Then all that the task had is gone. */
static napi_value outcome(napi_env env, task *t)
{
	napi_value made = NULL;

	if (t->status != INV_OK && t->error.status == INV_OK) { /* there is only a status */
		t->error = (inv_error)INV_ERROR_INIT;
		t->error.status = t->status;
		t->error.index = -1;
		snprintf(t->error.message, sizeof t->error.message, "%s",
		         inv_schema_status(t->status)->text);
	}
	if (t->status != INV_OK)
		made = addon_error(env, &t->error);
	else if (t->entry->answer)
		made = t->entry->answer(env, t);
	else
		(void)napi_get_undefined(env, &made);
	return made;
}

static void clean(napi_env env, task *t)
{
	inv_result_free(t->result);
	inv_input_free(t->input);
	for (unsigned i = 0; i < t->text_count; i++)
		free(t->texts[i]);
	free(t->rejected);
	free(t->options);
	if (env && t->kept)
		(void)napi_delete_reference(env, t->kept);
	if (env && t->told)
		(void)napi_delete_reference(env, t->told);
}

/* While a task has a handle it is not closed; what was asked meanwhile is done then. */
static void hold(handle *h, bool held)
{
	if (!h)
		return;
	h->users += held ? 1u : (unsigned)-1;
	if (h->users == 0 && h->closing)
		calls_close(h);
}

/* ---- progress ---- */

static void call_progress(napi_env env, napi_value function, uint64_t done, uint64_t total)
{
	napi_value args[2];
	napi_value global;

	if (napi_create_double(env, (double)done, &args[0]) == napi_ok &&
	    napi_create_double(env, (double)total, &args[1]) == napi_ok &&
	    napi_get_global(env, &global) == napi_ok)
		(void)napi_call_function(env, global, function, 2, args, NULL);
}

/* lib/ has wrapped the function: it throws nothing, and what it wants is in `stop`. */
static bool step(void *ctx, uint64_t done, uint64_t total)
{
	task *t = ctx;
	bool idle = false;

	atomic_store(&t->done, done);
	atomic_store(&t->total, total);
	if (t->progress)
		call_progress(t->addon->env, t->progress, done, total);
	/* One report at a time is on its way; it shows the newest numbers. */
	else if (t->told && atomic_compare_exchange_strong(&t->reporting, &idle, true))
		(void)napi_call_threadsafe_function(t->addon->loop, REPORT(t), napi_tsfn_nonblocking);
	return !t->stop || atomic_load(t->stop) == 0;
}

inv_progress task_progress(task *t)
{
	return (inv_progress){t, step};
}

/* ---- threads ---- */

/* Tasks that keep the process keep the one way to the event loop referenced. */
static void keep(napi_env env, task *t, bool keeps)
{
	addon *a = t->addon;

	if (!t->keeps)
		return;
	a->keeping += keeps ? 1u : (unsigned)-1;
	if (keeps && a->keeping == 1)
		(void)napi_ref_threadsafe_function(env, a->loop);
	else if (!keeps && a->keeping == 0)
		(void)napi_unref_threadsafe_function(env, a->loop);
}

static void finish(napi_env env, task *t)
{
	napi_value made = outcome(env, t);

	hold(t->handle, false);
	keep(env, t, false);
	if (made)
		(void)napi_resolve_deferred(env, t->deferred, made);
	else if (napi_get_and_clear_last_exception(env, &made) == napi_ok)
		(void)napi_reject_deferred(env, t->deferred, made);
	clean(env, t);
	free(t);
}

/* On the event loop: a report of progress, or the end of a task. */
static void arrived(napi_env env, napi_value function, void *ctx, void *data)
{
	task *t = TASK_OF(data);

	(void)ctx;
	if (!env)
		return;
	if (data == t) {
		finish(env, t);
		return;
	}
	atomic_store(&t->reporting, false);
	if (napi_get_reference_value(env, t->told, &function) == napi_ok)
		call_progress(env, function, atomic_load(&t->done), atomic_load(&t->total));
}

/* May the thread go on with other tasks? */
static bool work(task *t)
{
	bool retires;

	execute(t);
	work_ended(t->handle);
	retires = t->retires;
	/* Refused when the environment is ending: then nobody waits for the answer. */
	if (napi_call_threadsafe_function(t->addon->loop, t, napi_tsfn_nonblocking) != napi_ok) {
		clean(NULL, t);
		free(t);
	}
	return !retires;
}

static void *thread_run(void *data)
{
	addon *a = data;
	bool stays = true;

	pthread_mutex_lock(&a->mutex);
	while (stays && (a->waiting || !a->ending)) {
		task *t = a->waiting;

		if (!t) {
			a->spare++;
			pthread_cond_wait(&a->work, &a->mutex);
			a->spare--;
			continue;
		}
		a->waiting = t->next;
		a->waiting_count--;
		pthread_mutex_unlock(&a->mutex);
		stays = work(t);
		pthread_mutex_lock(&a->mutex);
	}
	a->threads--;
	pthread_cond_signal(&a->idle);
	pthread_mutex_unlock(&a->mutex);
	return NULL;
}

/* A task never waits for another one: there are as many threads as tasks at a time. */
static bool start_thread(task *t)
{
	addon *a = t->addon;
	pthread_t thread;
	bool started = true;

	pthread_mutex_lock(&a->mutex);
	t->next = a->waiting;
	a->waiting = t;
	a->waiting_count++;
	if (a->spare >= a->waiting_count) {
		pthread_cond_signal(&a->work);
	} else if (pthread_create(&thread, NULL, thread_run, a) == 0) {
		pthread_detach(thread);
		a->threads++;
	} else {
		a->waiting = t->next;
		a->waiting_count--;
		started = false;
	}
	pthread_mutex_unlock(&a->mutex);
	return started;
}

static bool make_loop(napi_env env, addon *a)
{
	napi_value name;

	return a->loop ||
	       (napi_create_string_utf8(env, "inventra", NAPI_AUTO_LENGTH, &name) == napi_ok &&
	        napi_create_threadsafe_function(env, NULL, NULL, name, 0, 1, NULL, NULL, NULL, arrived,
	                                        &a->loop) == napi_ok &&
	        napi_unref_threadsafe_function(env, a->loop) == napi_ok);
}

static bool start_later(napi_env env, task *t, bool idle, napi_value *promise)
{
	if (!make_loop(env, t->addon) || napi_create_promise(env, &t->deferred, promise) != napi_ok ||
	    (t->progress && napi_create_reference(env, t->progress, 1, &t->told) != napi_ok))
		return false;
	t->progress = NULL;
	t->keeps = !idle;
	keep(env, t, true);
	at_work(t->handle);
	if (start_thread(t))
		return true;
	work_ended(t->handle);
	keep(env, t, false);
	return false;
}

/* Takes what is in *t over. */
napi_value task_start(napi_env env, task *t, int64_t mode)
{
	task *later = mode == NOW ? NULL : malloc(sizeof *later);
	napi_value made = NULL;

	if (mode == NOW) { /* progress may close the handle, or cancel */
		hold(t->handle, true);
		execute(t);
		made = outcome(env, t);
		hold(t->handle, false);
	} else if (later) {
		memcpy(later, t, sizeof *later);
		hold(later->handle, true);
		if (start_later(env, later, mode == IDLE, &made))
			return made;
		hold(later->handle, false);
		free(later);
		made = NULL;
	}
	clean(env, t);
	return made || mode == NOW ? made : addon_no_memory(env);
}
