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

char *addon_string(napi_env env, napi_value value)
{
	size_t size = 0;
	char *text;

	if (napi_get_value_string_utf8(env, value, NULL, 0, &size) != napi_ok)
		return NULL;
	text = malloc(size + 1);
	if (text && napi_get_value_string_utf8(env, value, text, size + 1, &size) != napi_ok)
		text[0] = '\0';
	return text;
}

/* ---- structs ---- */

static napi_status make_member(napi_env env, const inv_field_desc *member, const void *of,
                               napi_value *made)
{
	char text[640];
	size_t len;

	if (member->kind == INV_KIND_BOOL)
		return napi_get_boolean(env, inv_struct_int(member, of) != 0, made);
	if (member->kind == INV_KIND_INT)
		return napi_create_double(env, (double)inv_struct_int(member, of), made);
	len = inv_struct_text(member, of, text, sizeof text);
	return napi_create_string_utf8(env, text, len, made);
}

napi_value addon_members(napi_env env, const void *from, uint32_t number)
{
	const inv_record_desc *desc = inv_schema_struct(number);
	napi_value made;
	napi_value value;

	if (napi_create_object(env, &made) != napi_ok)
		return NULL;
	for (uint32_t i = 0; i < desc->field_count; i++) {
		const inv_field_desc *member = inv_schema_field(desc, i);

		if (make_member(env, member, from, &value) != napi_ok ||
		    napi_set_named_property(env, made, member->name, value) != napi_ok)
			return NULL;
	}
	return made;
}

napi_value addon_error(napi_env env, const inv_error *error)
{
	napi_value made = addon_members(env, error, INV_STRUCT_ERROR);
	napi_value list;

	if (!made || napi_create_array_with_length(env, error->detail_count, &list) != napi_ok)
		return NULL;
	for (uint32_t i = 0; i < error->detail_count && i < INV_ERROR_DETAILS; i++) {
		napi_value detail = addon_members(env, &error->details[i], INV_STRUCT_ERROR_DETAIL);

		if (!detail || napi_set_element(env, list, i, detail) != napi_ok)
			return NULL;
	}
	return napi_set_named_property(env, made, "details", list) == napi_ok ? made : NULL;
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
	pthread_cond_destroy(&a->work);
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
	a->ending = true;
	pthread_cond_broadcast(&a->work);
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
	pthread_cond_init(&a->work, NULL);
	if (napi_set_instance_data(env, a, instance_gone, NULL) != napi_ok ||
	    napi_add_env_cleanup_hook(env, ending, a) != napi_ok) {
		addon_release(a);
		return addon_no_memory(env);
	}
	(void)napi_set_named_property(env, exports, "description", text);
	calls_export(env, exports);
	return exports;
}
