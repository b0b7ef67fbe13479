/* SPDX-License-Identifier: MIT */
/* Hands the PostgreSQL driver to the `drivers` of inventra's open(). */
#define NAPI_VERSION 8
#include <node_api.h>

#include "driver_tag.h"
#include "inventra/postgres.h"

/* The driver is static: nothing is freed with the object. */
static napi_value driver(napi_env env, napi_callback_info info)
{
	static const napi_type_tag tag = DRIVER_TAG;
	void *given = (void *)(uintptr_t)inv_postgres_driver();
	napi_value made;

	(void)info;
	if (napi_create_object(env, &made) != napi_ok ||
	    napi_wrap(env, made, given, NULL, NULL, NULL) != napi_ok ||
	    napi_type_tag_object(env, made, &tag) != napi_ok)
		return NULL;
	return made;
}

NAPI_MODULE_INIT()
{
	napi_value function;

	if (napi_create_function(env, "driver", NAPI_AUTO_LENGTH, driver, NULL, &function) == napi_ok)
		(void)napi_set_named_property(env, exports, "driver", function);
	return exports;
}
