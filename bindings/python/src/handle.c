/* SPDX-License-Identifier: MIT */
/* An open store. Threads share it: each call takes a session that is free, or the one that its
 * thread's transaction has pinned. The GIL guards the table, and is let go while a call runs. */
#include "core.h"

#include <stdlib.h>
#include <unistd.h>

/* The works of this thread, innermost first: in their callbacks their store is not called. */
typedef struct busy_store {
	const inv_store *store;
	const struct busy_store *outer;
} busy_store;

static _Thread_local const busy_store *busy_here;

static int works_here(const inv_store *store)
{
	const busy_store *at = busy_here;

	while (at && at->store != store)
		at = at->outer;
	return at != NULL;
}

static int check_open(handle_object *h)
{
	if (h->store && works_here(h->store))
		error_say(h->s, INV_E_MISUSE,
		          "this is called from a callback of work on the same store, which would wait for "
		          "itself: call it when the work is done");
	else if (!h->store)
		error_say(h->s, INV_E_MISUSE, "the store is closed");
	else if (h->process != (long)getpid())
		error_say(h->s, INV_E_MISUSE, "the store was opened before a fork: open it again here");
	return PyErr_Occurred() ? -1 : 0;
}

static inv_str text_at(PyObject *texts, Py_ssize_t index)
{
	Py_ssize_t len = 0;
	const char *text = PyUnicode_AsUTF8AndSize(PyTuple_GetItem(texts, index), &len);

	return (inv_str){text, (size_t)len};
}

static inv_ref place_at(PyObject *texts, Py_ssize_t index)
{
	inv_ref ref = {.code = text_at(texts, index)};

	if (inv_id_parse(ref.code, &ref.id) == INV_OK)
		ref.code.len = 0;
	return ref;
}

static void close_session(inv_session *session)
{
	Py_BEGIN_ALLOW_THREADS
	inv_session_close(session);
	Py_END_ALLOW_THREADS
}

static void close_slot(handle_object *h, slot *at)
{
	inv_session *session = at->session;

	*at = h->slots[--h->count];
	close_session(session);
}

/* A handle that is closed lets go what nobody uses. */
static void close_all(handle_object *h)
{
	inv_store *store = h->left;

	h->left = NULL;
	for (size_t i = h->count; i-- > 0;)
		if (i < h->count && !h->slots[i].busy)
			close_slot(h, &h->slots[i]);
	Py_BEGIN_ALLOW_THREADS
	if (!h->borrowed)
		inv_store_close(store);
	Py_END_ALLOW_THREADS
}

/* Opening waits for who has the store for itself, who may be waiting for the GIL: it is let go.
 * The store stays there meanwhile, also when another thread closes the handle. */
static void opening_begins(handle_object *h)
{
	h->opening++;
}

static void opening_ends(handle_object *h)
{
	if (--h->opening == 0 && h->left)
		close_all(h);
}

static inv_session *open_session(handle_object *h, const inv_session_options *options)
{
	inv_store *store = h->store;
	inv_error error = INV_ERROR_INIT;
	inv_session *session = NULL;
	inv_status status;

	opening_begins(h);
	Py_BEGIN_ALLOW_THREADS
	status = inv_session_open(store, options, &session, &error);
	Py_END_ALLOW_THREADS
	if (session && !h->store) {
		close_session(session);
		session = NULL;
		error_say(h->s, INV_E_MISUSE, "the store is closed");
	} else if (status != INV_OK) {
		error_raise(h->s, &error, 0);
	}
	opening_ends(h);
	return session;
}

static slot *add_slot(handle_object *h)
{
	inv_session_options options = INV_SESSION_OPTIONS_INIT;
	inv_session *session = NULL;
	slot *grown;

	options.actor = text_at(h->places, 0);
	options.channel = place_at(h->places, 1);
	options.location = place_at(h->places, 2);
	options.till = place_at(h->places, 3);
	options.request_id = text_at(h->places, 4);
	session = PyErr_Occurred() ? NULL : open_session(h, &options);
	if (!session)
		return NULL;
	grown = realloc(h->slots, (h->count + 1) * sizeof *grown);
	if (!grown) {
		close_session(session);
		PyErr_NoMemory();
		return NULL;
	}
	h->slots = grown;
	h->slots[h->count] = (slot){.session = session};
	return &h->slots[h->count++];
}

inv_session *handle_enter(handle_object *h)
{
	unsigned long thread = PyThread_get_thread_ident();
	slot *found = NULL;

	if (check_open(h) < 0)
		return NULL;
	for (size_t i = 0; i < h->count; i++) {
		slot *at = &h->slots[i];

		if (at->pinned && at->thread == thread) {
			found = at;
			break;
		}
		if (!at->pinned && !at->busy)
			found = at;
	}
	if (found && found->busy) {
		error_say(h->s, INV_E_MISUSE, "this thread's transaction is in the middle of a call");
		return NULL;
	}
	found = found ? found : add_slot(h);
	if (!found)
		return NULL;
	found->thread = thread;
	found->busy = 1;
	found->waits = 0;
	return found->session;
}

static slot *slot_of(handle_object *h, const inv_session *session)
{
	for (size_t i = 0; i < h->count; i++)
		if (h->slots[i].session == session)
			return &h->slots[i];
	return NULL;
}

/* The call that begins has no end but what ends it. */
void handle_waits(handle_object *h, const inv_session *session)
{
	slot_of(h, session)->waits = 1;
}

int handle_leave(handle_object *h, inv_session *session, inv_status status)
{
	slot *at = slot_of(h, session);

	/* What a callback raised says more than what the library makes of it. */
	if (status != INV_OK && !PyErr_Occurred()) {
		inv_error error = *inv_session_error(session);

		if (error.status == status)
			error_raise(h->s, &error, 0);
		else
			error_say(h->s, status, "");
	}
	at->busy = 0;
	if (!h->store)
		close_slot(h, at);
	return status == INV_OK && !PyErr_Occurred() ? 0 : -1;
}

/* ---- opening and closing ---- */

static PyObject *handle_close(PyObject *self, PyObject *unused)
{
	handle_object *h = (handle_object *)self;
	inv_store *store = h->store;

	(void)unused;
	h->store = NULL;
	if (!store || h->process != (long)getpid())
		Py_RETURN_NONE; /* a parent's store is not touched by its child */
	for (size_t i = 0; i < h->count; i++)
		if (h->slots[i].busy && h->slots[i].waits)
			inv_session_cancel(h->slots[i].session);
	h->left = store;
	if (!h->opening)
		close_all(h);
	Py_RETURN_NONE;
}

static void handle_free(PyObject *self)
{
	handle_object *h = (handle_object *)self;

	Py_XDECREF(handle_close(self, NULL));
	Py_XDECREF(h->places);
	free(h->slots);
	object_free(self);
}

/* A place that is none is told now; and the session holds the store. */
static PyObject *begin(handle_object *h)
{
	inv_session *session = handle_enter(h);

	if (session && handle_leave(h, session, INV_OK) == 0)
		return (PyObject *)h;
	Py_DECREF((PyObject *)h);
	return NULL;
}

static handle_object *handle_new(state *s, PyObject *places)
{
	handle_object *h = object_new(s->Handle);

	if (h) {
		h->s = s;
		h->process = (long)getpid();
		h->places = Py_NewRef(places);
	}
	return h;
}

/* session(places): the same store with other options. */
static PyObject *handle_session(PyObject *self, PyObject *places)
{
	handle_object *of = (handle_object *)self;
	handle_object *h = check_open(of) == 0 ? handle_new(of->s, places) : NULL;
	PyObject *begun;

	if (!h)
		return NULL;
	h->store = of->store;
	h->borrowed = 1;
	opening_begins(of);
	begun = begin(h);
	opening_ends(of);
	return begun;
}

/* open(url, source, read_only, create, migrate, places, drivers): drivers of adapters are
 * capsules. */
static PyObject *handle_open(PyObject *module, PyObject *args)
{
	inv_store_options options = INV_STORE_OPTIONS_INIT;
	const struct inv_driver *drivers[4];
	inv_error error = INV_ERROR_INIT;
	state *s = PyModule_GetState(module);
	int read_only, create, migrate;
	PyObject *places, *capsules;
	handle_object *h;
	inv_status status;

	if (!PyArg_ParseTuple(args, "sspppO!O!", &options.url, &options.source, &read_only, &create,
	                      &migrate, &PyTuple_Type, &places, &PyTuple_Type, &capsules))
		return NULL;
	for (Py_ssize_t i = 0; i < PyTuple_Size(capsules) && i < 4; i++) {
		PyObject *capsule = PyTuple_GetItem(capsules, i);

		if (!PyCapsule_IsValid(capsule, "inventra_driver")) {
			error_argument(s, "drivers", "capsules named inventra_driver", capsule);
			return NULL;
		}
		drivers[i] = PyCapsule_GetPointer(capsule, "inventra_driver");
		options.driver_count++;
	}
	options.drivers = drivers;
	options.read_only = read_only != 0;
	options.no_create = !create;
	options.migrate = migrate ? INV_MIGRATE_AUTO : INV_MIGRATE_REFUSE;
	h = handle_new(s, places);
	if (!h)
		return NULL;
	Py_BEGIN_ALLOW_THREADS
	status = inv_store_open(&options, &h->store, &error);
	Py_END_ALLOW_THREADS
	if (status == INV_OK)
		return begin(h);
	Py_DECREF((PyObject *)h);
	return error_raise(s, &error, 0);
}

/* ---- transactions, and calls that take long ---- */

typedef struct work {
	handle_object *h;
	inv_session *session;
	inv_store *store;
	PyThreadState *thread;
	char what; /* the first letter of the method's name */
	const char *path;
	const inv_op_desc *op;
	query_object *query;
	PyObject *progress, *report; /* or Py_None */
	inv_import_options options;
	inv_import_report imported;
	inv_verify_report verified;
	inv_store_info info;
	char text[65];
	inv_error error;
} work;

/* Callbacks run on the thread that works, with its GIL taken back; what they raise stops it. */
static bool on_step(void *ctx, uint64_t now, uint64_t total)
{
	work *w = ctx;
	PyObject *answer = NULL;
	bool go_on;

	PyEval_RestoreThread(w->thread);
	go_on = !PyErr_Occurred() && PyErr_CheckSignals() == 0;
	if (go_on && w->progress != Py_None) {
		answer = PyObject_CallFunction(w->progress, "KK", (unsigned long long)now,
		                               (unsigned long long)total);
		go_on = answer && answer != Py_False;
		Py_XDECREF(answer);
	}
	w->thread = PyEval_SaveThread();
	return go_on;
}

static void on_row(void *ctx, uint64_t line, const inv_error *error)
{
	work *w = ctx;
	PyObject *type, *value, *traceback;

	PyEval_RestoreThread(w->thread);
	if (!PyErr_Occurred()) {
		error_raise(w->h->s, error, 0);
		PyErr_Fetch(&type, &value, &traceback);
		PyErr_NormalizeException(&type, &value, &traceback);
		Py_XDECREF(PyObject_CallFunction(w->report, "KO", (unsigned long long)line, value));
		Py_XDECREF(type);
		Py_XDECREF(value);
		Py_XDECREF(traceback);
	}
	w->thread = PyEval_SaveThread();
}

static inv_status perform(work *w)
{
	const inv_progress progress = {w, on_step};
	inv_status status = INV_OK;

	switch (w->what) {
	case 'v':
		return inv_store_verify(w->store, &progress, &w->verified, &w->error);
	case 'r':
		return inv_store_rebuild(w->store, &progress, &w->error);
	case 'b':
		return inv_store_backup(w->store, w->path, &progress, &w->error);
	case 's':
		return inv_store_state_hash(w->store, w->text, &w->error);
	case 'i':
		return inv_store_info_get(w->store, &w->info, &w->error);
	case 'l':
		w->options.progress = progress;
		w->options.report_ctx = w;
		w->options.report = w->report == Py_None ? NULL : on_row;
		status = inv_import_csv(w->session, w->op, w->path, &w->options, &w->imported);
		break;
	default:
		status = inv_export_csv(w->session, w->query->op, inv_input_at(w->query->input, 0), w->path,
		                        &progress);
	}
	w->error = *inv_session_error(w->session);
	return status;
}

static PyObject *answer_of(const work *w)
{
	switch (w->what) {
	case 'v':
		return Py_BuildValue("(LLs)", (long long)w->verified.events,
		                     (long long)w->verified.position, w->verified.state_hash);
	case 's':
		return PyUnicode_FromString(w->text);
	case 'i':
		return Py_BuildValue("(y#LsssiOs)", w->info.id.bytes, (Py_ssize_t)sizeof w->info.id.bytes,
		                     (long long)w->info.position, w->info.driver, w->info.database_version,
		                     w->info.durability, (int)w->info.schema_version,
		                     w->info.read_only ? Py_True : Py_False, w->info.warning);
	case 'l':
		return Py_BuildValue("(KKKKK)", w->imported.rows, w->imported.done, w->imported.again,
		                     w->imported.failed, w->imported.line);
	default:
		Py_RETURN_NONE;
	}
}

/* work(what, path, progress, query or operation's name, skip, key prefix, report) */
static PyObject *handle_work(PyObject *self, PyObject *args)
{
	work w = {.h = (handle_object *)self, .options = INV_IMPORT_OPTIONS_INIT,
	          .imported = INV_IMPORT_REPORT_INIT, .verified = INV_VERIFY_REPORT_INIT,
	          .info = INV_STORE_INFO_INIT, .error = INV_ERROR_INIT};
	const char *what, *prefix;
	busy_store here;
	PyObject *subject;
	inv_status status;
	int skip;

	if (!PyArg_ParseTuple(args, "szOOpsO", &what, &w.path, &w.progress, &subject, &skip, &prefix,
	                      &w.report))
		return NULL;
	w.what = what[0];
	w.options.skip = skip != 0;
	w.options.key_prefix = inv_str_of(prefix);
	if (PyUnicode_Check(subject))
		w.op = inv_schema_op_named(inv_str_of(PyUnicode_AsUTF8AndSize(subject, NULL)));
	else if (PyObject_TypeCheck(subject, (PyTypeObject *)w.h->s->Query))
		w.query = (query_object *)subject;
	w.session = handle_enter(w.h);
	if (!w.session)
		return NULL;
	w.store = w.h->store;
	here = (busy_store){w.store, busy_here};
	busy_here = &here;
	w.thread = PyEval_SaveThread();
	status = perform(&w);
	PyEval_RestoreThread(w.thread);
	busy_here = here.outer;
	if (status != INV_OK && !PyErr_Occurred()) {
		w.error.status = status;
		error_raise(w.h->s, &w.error, 0);
	}
	return handle_leave(w.h, w.session, status) == 0 ? answer_of(&w) : NULL;
}

/* transaction("begin" | "commit" | "rollback") of this thread. */
static PyObject *handle_transaction(PyObject *self, PyObject *args)
{
	handle_object *h = (handle_object *)self;
	inv_session *session;
	inv_status status;
	const char *what;
	slot *at;

	if (!PyArg_ParseTuple(args, "s", &what))
		return NULL;
	session = handle_enter(h);
	if (!session)
		return NULL;
	Py_BEGIN_ALLOW_THREADS
	status = what[0] == 'b'   ? inv_begin(session)
	         : what[0] == 'c' ? inv_commit(session)
	                          : inv_rollback(session);
	Py_END_ALLOW_THREADS
	/* A second begin changes nothing; after the end, also one that failed, there is none. */
	at = slot_of(h, session);
	at->pinned = what[0] == 'b' && (status == INV_OK || at->pinned);
	if (handle_leave(h, session, status) < 0)
		return NULL;
	Py_RETURN_NONE;
}

/* cancel(thread): what that thread waits for; 0 = what any waits for now or next. */
static PyObject *handle_cancel(PyObject *self, PyObject *args)
{
	handle_object *h = (handle_object *)self;
	unsigned long thread;

	if (!PyArg_ParseTuple(args, "k", &thread))
		return NULL;
	for (size_t i = 0; i < h->count; i++)
		if (thread == 0 || (h->slots[i].busy && h->slots[i].thread == thread))
			inv_session_cancel(h->slots[i].session);
	Py_RETURN_NONE;
}

static PyObject *handle_closed(PyObject *self, void *unused)
{
	(void)unused;
	return PyBool_FromLong(((handle_object *)self)->store == NULL);
}

static PyMethodDef handle_methods[] = {
	{"close", handle_close, METH_NOARGS, "Close; again is nothing."},
	{"session", handle_session, METH_O, "The same store with other options."},
	{"work", handle_work, METH_VARARGS, "verify, rebuild, backup, state_hash, info, load, export."},
	{"transaction", handle_transaction, METH_VARARGS, "begin, commit or rollback."},
	{"cancel", handle_cancel, METH_VARARGS, "Cancel what a thread waits for."},
	{0}};
static PyGetSetDef handle_members[] = {{"closed", handle_closed, NULL, "Was it?", NULL}, {0}};
static PyType_Slot handle_slots[] = {{Py_tp_dealloc, (void *)handle_free},
                                     {Py_tp_methods, handle_methods},
                                     {Py_tp_getset, handle_members},
                                     {0, NULL}};
static PyType_Spec handle_spec = {"inventra._core.Handle", sizeof(handle_object), 0, MADE_HERE,
                                  handle_slots};
static PyMethodDef functions[] = {{"open", handle_open, METH_VARARGS, "Open a store."}, {0}};

int handle_types(PyObject *module, state *s)
{
	s->Handle = type_add(module, &handle_spec, "Handle");
	return s->Handle ? PyModule_AddFunctions(module, functions) : -1;
}
