/* SPDX-License-Identifier: MIT */
/* What begins and ends with the module, and short ways between C and JavaScript. */
#include <stdlib.h>

#include "addon.h"

napi_value addon_no_memory(napi_env env)
{
	(void)napi_throw_error(env, "NO_MEMORY", "out of memory");
	return NULL;
}

int64_t addon_number(napi_env env, napi_value value)
{
	int64_t number = 0;

	(void)napi_get_value_int64(env, value, &number);
	return number;
}

char *addon_string(napi_env env, napi_value value, size_t *len)
{
	size_t size = 0;
	char *text;

	if (napi_get_value_string_utf8(env, value, NULL, 0, &size) != napi_ok)
		return NULL;
	text = malloc(size + 1);
	if (text && napi_get_value_string_utf8(env, value, text, size + 1, &size) != napi_ok)
		text[size = 0] = '\0';
	if (len)
		*len = size;
	return text;
}

void addon_set(napi_env env, napi_value object, const char *name, napi_value value)
{
	(void)napi_set_named_property(env, object, name, value);
}

void addon_set_text(napi_env env, napi_value object, const char *name, const char *text)
{
	napi_value made;

	if (napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &made) == napi_ok)
		addon_set(env, object, name, made);
}

void addon_set_number(napi_env env, napi_value object, const char *name, double value)
{
	napi_value made;

	if (napi_create_double(env, value, &made) == napi_ok)
		addon_set(env, object, name, made);
}

static void set_finding(napi_env env, napi_value object, inv_status status, const char *field,
                        const char *message)
{
	addon_set_number(env, object, "status", status);
	addon_set_text(env, object, "field", field);
	addon_set_text(env, object, "message", message[0] ? message : inv_schema_status(status)->text);
}

napi_value addon_error(napi_env env, inv_status status, const inv_error *error)
{
	napi_value made;
	napi_value list;

	if (napi_create_object(env, &made) != napi_ok ||
	    napi_create_array_with_length(env, error->detail_count, &list) != napi_ok)
		return NULL;
	set_finding(env, made, status, error->field, error->message);
	addon_set_text(env, made, "record", error->record);
	addon_set_number(env, made, "index", (double)error->index);
	addon_set_number(env, made, "native", (double)error->native_code);
	addon_set(env, made, "details", list);
	for (uint32_t i = 0; i < error->detail_count && i < INV_ERROR_DETAILS; i++) {
		const inv_error_detail *d = &error->details[i];
		napi_value detail;

		if (napi_create_object(env, &detail) != napi_ok)
			return NULL;
		set_finding(env, detail, d->status, d->field, d->message);
		(void)napi_set_element(env, list, i, detail);
	}
	return made;
}

/* ---- the module ---- */

addon *addon_of(napi_env env)
{
	void *data = NULL;

	(void)napi_get_instance_data(env, &data);
	return data;
}

/* Handles may be collected after the environment's own data. */
void addon_release(addon *a)
{
	if (--a->users > 0)
		return;
	pthread_cond_destroy(&a->idle);
	pthread_mutex_destroy(&a->mutex);
	free(a);
}

static void instance_gone(napi_env env, void *data, void *hint)
{
	(void)env;
	(void)hint;
	addon_release(data);
}

/* The environment ends: who waits is called off, and nothing runs on when this returns. */
static void ending(void *data)
{
	addon *a = data;

	for (handle *h = a->handles; h; h = h->next)
		inv_session_cancel(h->session);
	pthread_mutex_lock(&a->mutex);
	while (a->threads > 0)
		pthread_cond_wait(&a->idle, &a->mutex);
	pthread_mutex_unlock(&a->mutex);
}

static napi_value description(napi_env env)
{
	size_t size = inv_schema_json(NULL, 0) + 1;
	char *text = malloc(size);
	napi_value made = NULL;

	if (text && napi_create_string_utf8(env, text, inv_schema_json(text, size), &made) != napi_ok)
		made = NULL;
	free(text);
	return made;
}

NAPI_MODULE_INIT()
{
	addon *a = calloc(1, sizeof *a);
	napi_value text = description(env);

	if (!a || !text) {
		free(a);
		return addon_no_memory(env);
	}
	a->env = env;
	a->users = 1;
	pthread_mutex_init(&a->mutex, NULL);
	pthread_cond_init(&a->idle, NULL);
	if (napi_set_instance_data(env, a, instance_gone, NULL) != napi_ok ||
	    napi_add_env_cleanup_hook(env, ending, a) != napi_ok) {
		addon_release(a);
		return addon_no_memory(env);
	}
	addon_set(env, exports, "description", text);
	calls_export(env, exports);
	return exports;
}
