/* SPDX-License-Identifier: MIT */
/* What the parts of the extension share. Nothing here names an operation or a field of one: they
 * come from the description (inventra/schema.h). Built for the limited API. */
#ifndef INVENTRA_PYTHON_CORE_H
#define INVENTRA_PYTHON_CORE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "inventra/inventra.h"

/* What the Python layer hands over once (setup()): classes, and ways to make values. */
#define STATE_OBJECTS(X) \
	X(classes) /* by record number: subclass of Record */ \
	X(names)   /* by record number: {"sku": 2 * field index + is_code} */ \
	X(enums)   /* by enum number: members in the order of the description */ \
	X(readers) /* by kind: text -> value, or None for the text itself */ \
	X(writer)  /* (kind, value) -> text, or (what it should be,) */ \
	X(error)   /* (status, message, record, field, index, native, details, typed) -> exception */ \
	X(split)   /* (operation number, argument) -> ([record, …], are there many?) */ \
	X(as_dict) /* mapping or record -> dict */ \
	X(result)  /* subclass of Result */ \
	X(reports) /* by struct number: what makes a report of its members */ \
	X(listing) /* Query -> what a list operation answers */

#define STATE_TYPES(X) X(Record) X(Field) X(Result) X(Handle) X(Noun) X(Operation) X(Query) X(Pages)

typedef struct state {
#define X(name) PyObject *name;
	STATE_OBJECTS(X)
	STATE_TYPES(X)
#undef X
} state;

/* The memory of records: an answer, or the input that a record's constructor filled. */
typedef struct result_object {
	PyObject_HEAD
	state *s;
	inv_result *result;
	inv_input *input;
} result_object;

typedef struct record_object {
	PyObject_HEAD
	result_object *owner;
	const inv_record_desc *desc;
	const void *at;
} record_object;

/* A session of a store, and who has it. */
typedef struct slot {
	inv_session *session;
	unsigned long thread;
	int busy;
	int waits; /* for the feed: ended by closing */
	int pinned; /* by an explicit transaction of its thread */
} slot;

typedef struct handle_object {
	PyObject_HEAD
	state *s;
	inv_store *store; /* NULL when closed */
	inv_store *left;  /* closed while a session was opened: whoever opens last closes it */
	size_t opening;
	slot *slots;
	size_t count;
	inv_session_options options;
	PyObject *given; /* a list: what stands in the options */
	int borrowed;     /* the store is another handle's to close */
	long process;
} handle_object;

typedef struct query_object {
	PyObject_HEAD
	handle_object *handle;
	const inv_op_desc *op;
	inv_input *input;
	inv_options options;
} query_object;

/* value.c */
PyObject *value_text(inv_str text);
PyObject *value_get(result_object *owner, const inv_field_desc *field, int is_code, const void *at);
int value_set(state *s, inv_input *input, void *record, const inv_field_desc *field, int is_code,
              PyObject *value);
int value_set_named(state *s, inv_input *input, void *record, const inv_record_desc *desc,
                    PyObject *name, PyObject *value);
int value_fill(state *s, inv_input *input, void *record, const inv_record_desc *desc,
               PyObject *from);
/* Options from a list of (name, text), which must live as long as they are used. */
int options_fill(state *s, uint32_t number, void *at, PyObject *given);
/* A report as its Python class. */
PyObject *report_new(state *s, uint32_t number, const void *at);
/* Raise what the library said, or said here. NULL and -1, as callers need. */
PyObject *error_raise(state *s, const inv_error *error, int typed);
/* Raise ArgumentError about what `field` names: "`field` takes <wanted>, not <value>". */
int error_argument(state *s, const char *field, const char *wanted, PyObject *value);
PyObject *error_say(state *s, inv_status status, const char *message);

/* record.c */
PyObject *record_new(result_object *owner, const void *at, const inv_record_desc *desc);
result_object *result_new(state *s, inv_result *result, inv_input *input);
/* Take a stream into a capsule, or only its schema. */
PyObject *arrow_capsule(struct ArrowArrayStream *stream, int only_schema);

/* handle.c: a session for this thread, NULL with an exception; give it back after the call, with
 * the status: NULL with an exception when that is an error. */
inv_session *handle_enter(handle_object *h);
void handle_waits(handle_object *h, const inv_session *session);
int handle_leave(handle_object *h, inv_session *session, inv_status status);

/* Each adds its types and functions to the module. */
int record_types(PyObject *module, state *s);
int handle_types(PyObject *module, state *s);
int operation_types(PyObject *module, state *s);
PyObject *type_add(PyObject *module, PyType_Spec *spec, const char *name);
void *object_new(PyObject *type);
void object_free(PyObject *self);

/* Only made here: there is no constructor. */
#define MADE_HERE (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION)

#endif
