/* SPDX-License-Identifier: MIT */
/* An open store. Threads share it: each call takes a session that is free, or the one that its
 * thread's transaction has pinned. The GIL guards the table, and is let go while a call runs. */
#include "core.h"

#include <stdlib.h>
#include <string.h>
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

static inv_session *open_session(handle_object *h)
{
	inv_store *store = h->store;
	inv_error error = INV_ERROR_INIT;
	inv_session *session = NULL;
	inv_status status;

	opening_begins(h);
	Py_BEGIN_ALLOW_THREADS
	status = inv_session_open(store, &h->options, &session, &error);
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
	inv_session *session = open_session(h);
	slot *grown;

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
	Py_XDECREF(h->given);
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

static handle_object *handle_new(state *s, PyObject *given)
{
	handle_object *h = object_new(s->Handle);

	if (!h)
		return NULL;
	h->s = s;
	h->process = (long)getpid();
	h->given = Py_NewRef(given);
	inv_session_options_init(&h->options);
	if (options_fill(s, INV_STRUCT_SESSION_OPTIONS, &h->options, given) == 0)
		return h;
	Py_DECREF((PyObject *)h);
	return NULL;
}

/* session(options): the same store for somebody else. */
static PyObject *handle_session(PyObject *self, PyObject *given)
{
	handle_object *of = (handle_object *)self;
	handle_object *h = check_open(of) == 0 ? handle_new(of->s, given) : NULL;
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

/* Drivers of adapters are capsules. */
typedef struct target {
	inv_store_options options;
	const struct inv_driver *drivers[4];
} target;

static int take_drivers(state *s, target *to, PyObject *capsules)
{
	for (Py_ssize_t i = 0; i < PyTuple_Size(capsules) && i < 4; i++) {
		PyObject *capsule = PyTuple_GetItem(capsules, i);

		if (!PyCapsule_IsValid(capsule, "inventra_driver"))
			return error_argument(s, "drivers", "capsules named inventra_driver", capsule);
		to->drivers[i] = PyCapsule_GetPointer(capsule, "inventra_driver");
		to->options.driver_count++;
	}
	to->options.drivers = to->drivers;
	return 0;
}

/* open(url, store options, session options, drivers) */
static PyObject *handle_open(PyObject *module, PyObject *args)
{
	target t = {.options = INV_STORE_OPTIONS_INIT};
	inv_error error = INV_ERROR_INIT;
	state *s = PyModule_GetState(module);
	PyObject *of_store, *of_session, *capsules;
	handle_object *h;
	inv_status status;

	t.options.source = "python";
	if (!PyArg_ParseTuple(args, "sOOO!", &t.options.url, &of_store, &of_session, &PyTuple_Type,
	                      &capsules) ||
	    options_fill(s, INV_STRUCT_STORE_OPTIONS, &t.options, of_store) < 0 ||
	    take_drivers(s, &t, capsules) < 0)
		return NULL;
	h = handle_new(s, of_session);
	if (!h)
		return NULL;
	Py_BEGIN_ALLOW_THREADS
	status = inv_store_open(&t.options, &h->store, &error);
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
	const char *path;
	const inv_op_desc *op;
	query_object *query;
	PyObject *progress, *report; /* or Py_None */
	inv_progress steps;
	union {
		uint32_t size;
		inv_import_options import;
		target target;
	} given;
	union {
		uint32_t size;
		inv_import_report imported;
		inv_verify_report verified;
		inv_copy_report copied;
		inv_store_info info;
		char text[65];
	} out;
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

static inv_status run_verify(work *w)
{
	return inv_store_verify(w->store, &w->steps, &w->out.verified, &w->error);
}

static inv_status run_rebuild(work *w)
{
	return inv_store_rebuild(w->store, &w->steps, &w->error);
}

static inv_status run_backup(work *w)
{
	return inv_store_backup(w->store, w->path, &w->steps, &w->error);
}

static inv_status run_copy(work *w)
{
	w->given.target.options.url = w->path;
	return inv_store_copy(w->store, &w->given.target.options, &w->steps, &w->out.copied, &w->error);
}

static inv_status run_hash(work *w)
{
	return inv_store_state_hash(w->store, w->out.text, &w->error);
}

static inv_status run_info(work *w)
{
	return inv_store_info_get(w->store, &w->out.info, &w->error);
}

static inv_status run_import(work *w)
{
	w->given.import.progress = w->steps;
	w->given.import.report_ctx = w;
	w->given.import.report = w->report == Py_None ? NULL : on_row;
	return inv_import_csv(w->session, w->op, w->path, &w->given.import, &w->out.imported);
}

static inv_status run_export(work *w)
{
	return inv_export_csv(w->session, w->query ? w->query->op : NULL,
	                      w->query ? inv_input_at(w->query->input, 0) : NULL, w->path, &w->steps);
}

/* What it takes and tells besides: structs, or none; TEXT is a text. */
#define NONE UINT32_MAX
#define TEXT (UINT32_MAX - 1)
typedef struct job {
	const char *name;
	inv_status (*run)(work *w);
	uint32_t options, report;
} job;
static const job jobs[] = {
	{"verify", run_verify, NONE, INV_STRUCT_VERIFY_REPORT},
	{"rebuild", run_rebuild, NONE, NONE},
	{"backup", run_backup, NONE, NONE},
	{"copy", run_copy, INV_STRUCT_STORE_OPTIONS, INV_STRUCT_COPY_REPORT},
	{"state_hash", run_hash, NONE, TEXT},
	{"info", run_info, NONE, INV_STRUCT_STORE_INFO},
	{"import", run_import, INV_STRUCT_IMPORT_OPTIONS, INV_STRUCT_IMPORT_REPORT},
	{"export", run_export, NONE, NONE},
};

static const job *job_named(const char *name)
{
	for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++)
		if (strcmp(jobs[i].name, name) == 0)
			return &jobs[i];
	PyErr_Format(PyExc_TypeError, "there is no work %s", name);
	return NULL;
}

static void perform(work *w, const job *j)
{
	busy_store here = {w->store, busy_here};
	inv_status status;

	busy_here = &here;
	w->thread = PyEval_SaveThread();
	status = j->run(w);
	if (status != INV_OK && w->error.status == INV_OK)
		w->error = *inv_session_error(w->session);
	PyEval_RestoreThread(w->thread);
	busy_here = here.outer;
	w->error.status = status;
	if (status != INV_OK && !PyErr_Occurred())
		error_raise(w->h->s, &w->error, 0);
}

static int prepare(work *w, const job *j, PyObject *given, PyObject *capsules)
{
	memset(&w->given, 0, sizeof w->given);
	memset(&w->out, 0, sizeof w->out);
	w->given.size = j->options == NONE ? 0 : inv_schema_struct(j->options)->size;
	w->out.size = j->report >= TEXT ? 0 : inv_schema_struct(j->report)->size;
	if (j->options != NONE && options_fill(w->h->s, j->options, &w->given, given) < 0)
		return -1;
	return j->run == run_copy ? take_drivers(w->h->s, &w->given.target, capsules) : 0;
}

static PyObject *answer_of(const work *w, const job *j)
{
	if (j->report == NONE)
		Py_RETURN_NONE;
	return j->report == TEXT ? PyUnicode_FromString(w->out.text)
	                         : report_new(w->h->s, j->report, &w->out);
}

/* work(name, path, progress, query or operation's name, options, drivers, report) */
static PyObject *handle_work(PyObject *self, PyObject *args)
{
	work w = {.h = (handle_object *)self, .steps = {&w, on_step}, .error = INV_ERROR_INIT};
	PyObject *subject, *given, *capsules;
	PyObject *answer = NULL;
	const job *j = NULL;
	const char *name;

	if (PyArg_ParseTuple(args, "szOOOO!O", &name, &w.path, &w.progress, &subject, &given,
	                     &PyTuple_Type, &capsules, &w.report))
		j = job_named(name);
	if (j && PyUnicode_Check(subject))
		w.op = inv_schema_op_named(inv_str_of(PyUnicode_AsUTF8AndSize(subject, NULL)));
	else if (j && PyObject_TypeCheck(subject, (PyTypeObject *)w.h->s->Query))
		w.query = (query_object *)subject;
	if (j && prepare(&w, j, given, capsules) == 0)
		w.session = handle_enter(w.h);
	if (w.session) {
		w.store = w.h->store;
		perform(&w, j);
		if (handle_leave(w.h, w.session, w.error.status) == 0)
			answer = answer_of(&w, j);
	}
	return answer;
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
	{"session", handle_session, METH_O, "The same store for somebody else."},
	{"work", handle_work, METH_VARARGS, "What takes long, and what tells of the store."},
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
