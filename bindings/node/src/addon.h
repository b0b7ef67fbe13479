/* SPDX-License-Identifier: MIT */
/* The native half of the Node binding: it moves inputs, answers and errors, by the description, and
 * knows no operation and no field. What users see is made in lib/. */
#ifndef INV_NODE_ADDON_H
#define INV_NODE_ADDON_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <pthread.h>
#include <stdatomic.h>

#include "inventra/inventra.h"

#define DRIVERS_MAX 8

/* What parts a text that comes from lib/ in place of many values; no text of the library holds
 * these (see values.c). */
enum { FS = 0x1c, GS, RS, US };

struct handle;

/* What one environment (the main thread, or a worker) has. Nothing is global. */
typedef struct addon {
	napi_env env;
	struct handle *handles;
	pthread_mutex_t mutex;
	pthread_cond_t work; /* there is some, or the end */
	pthread_cond_t idle; /* a thread has gone */
	struct task *waiting;
	unsigned waiting_count;
	unsigned threads; /* of our own */
	unsigned spare;   /* of those, without work */
	bool ending;
	napi_threadsafe_function loop; /* to the event loop; made with the first promise */
	unsigned keeping;              /* tasks that keep the process */
	unsigned users; /* handles, and the environment itself */
} addon;

/* A store, a session, or the pages of a list. */
typedef struct handle {
	addon *addon;
	inv_store *store; /* one of them; none when closed */
	inv_session *session;
	inv_pages *pages;
	unsigned users; /* tasks that have it; only the environment's thread counts */
	bool closing;   /* to be closed when they are done */
	pthread_mutex_t mutex;
	bool at_work;   /* a promise's call is, or is about to be */
	bool cancelled; /* that call */
	struct handle *next;
} handle;

typedef struct rejected {
	uint64_t line;
	inv_error error;
} rejected;

/* Work for the library: run() touches no JavaScript, and may run on any thread. */
typedef struct task {
	addon *addon;
	handle *handle;
	const struct entry *entry;
	const inv_op_desc *op;
	inv_input *input;
	inv_result *result;
	inv_store *store;     /* opened */
	inv_session *session; /* opened */
	inv_pages *pages;     /* opened, or to go on with */
	char *texts[4];       /* owned */
	unsigned text_count;
	int64_t numbers[2];
	void *options; /* a struct, owned */
	const struct inv_driver *drivers[DRIVERS_MAX];
	uint32_t driver_count;
	const _Atomic int32_t *stop; /* of an Int32Array; NULL = never */
	napi_value progress;         /* at once: the function to call */
	napi_ref told; /* later: the same */
	struct task *next;
	bool keeps;
	bool retires; /* no other task is to run on its thread */
	_Atomic bool reporting;
	_Atomic uint64_t done, total;
	rejected *rejected; /* rows of an import */
	size_t rejected_count;
	napi_ref kept;
	napi_deferred deferred;
	inv_status status;
	union {
		inv_store_info info;
		inv_verify_report verify;
		inv_import_report import;
		inv_copy_report copy;
		char hash[65];
	} out;
	inv_error error; /* as out not cleared at first: filled when it failed */
} task;

/* What lib/ calls: which arguments it takes (see calls.c), what it runs, what it answers. */
typedef struct entry {
	const char *name;
	const char *args;
	void (*run)(task *);
	napi_value (*answer)(napi_env, task *); /* NULL: undefined */
	uint32_t options, report; /* structs that it takes and tells, where it does (INV_STRUCT_…) */
} entry;

/* addon.c */
addon *addon_of(napi_env env);
void addon_release(addon *a);
napi_value addon_no_memory(napi_env env); /* throws */
int64_t addon_number(napi_env env, napi_value value); /* 0 for what is none */
char *addon_string(napi_env env, napi_value value);
napi_value addon_error(napi_env env, const inv_error *error);
napi_value addon_members(napi_env env, const void *from, uint32_t number); /* of a struct */

/* values.c */
inv_status values_read(napi_env env, napi_value program, task *t);
napi_value values_answer(napi_env env, task *t);

/* calls.c */
void calls_export(napi_env env, napi_value exports);
void calls_close(handle *h);

/* task.c: how it runs. THREAD may wait as long as it likes, IDLE does not keep the process. */
enum { NOW, THREAD, IDLE };
napi_value task_start(napi_env env, task *t, int64_t mode);
inv_progress task_progress(task *t);

#endif
