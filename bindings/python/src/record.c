/* SPDX-License-Identifier: MIT */
/* Records, their fields, results, and Arrow's capsules. A record is a look at a C struct: its
 * fields become Python values when they are asked for. */
#include "core.h"

#include <stdlib.h>

PyObject *type_add(PyObject *module, PyType_Spec *spec, const char *name)
{
	PyObject *type = PyType_FromModuleAndSpec(module, spec, NULL);

	if (type && PyModule_AddObjectRef(module, name, type) < 0)
		Py_CLEAR(type);
	return type;
}

void *object_new(PyObject *type)
{
	return PyType_GenericAlloc((PyTypeObject *)type, 0);
}

void object_free(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
	Py_DECREF(type);
}

/* ---- fields ---- */

typedef struct field_object {
	PyObject_HEAD
	state *s;
	const inv_record_desc *desc;
	const inv_field_desc *field;
	int is_code;
} field_object;

static PyObject *field_get(PyObject *self, PyObject *of, PyObject *type)
{
	field_object *f = (field_object *)self;
	record_object *r = (record_object *)of;

	(void)type;
	if (!of || of == Py_None)
		return Py_NewRef(self);
	if (!PyObject_TypeCheck(of, (PyTypeObject *)f->s->Record) || r->desc != f->desc)
		return PyErr_Format(PyExc_TypeError, "this is no %s", f->desc->name);
	return value_get(r->owner, f->field, f->is_code, r->at);
}

static int field_set(PyObject *self, PyObject *of, PyObject *value)
{
	(void)of;
	(void)value;
	PyErr_Format(PyExc_AttributeError, "records are frozen; `%s` is changed by an operation",
	             ((field_object *)self)->field->name);
	return -1;
}

static PyObject *field_doc(PyObject *self, void *unused)
{
	(void)unused;
	return PyUnicode_FromString(((field_object *)self)->field->doc);
}

static PyGetSetDef field_members[] = {{"__doc__", field_doc, NULL, NULL, NULL}, {0}};
static PyType_Slot field_slots[] = {{Py_tp_descr_get, (void *)field_get},
                                    {Py_tp_descr_set, (void *)field_set},
                                    {Py_tp_getset, field_members},
                                    {Py_tp_dealloc, (void *)object_free},
                                    {0, NULL}};
static PyType_Spec field_spec = {"inventra._core.Field", sizeof(field_object), 0, MADE_HERE,
                                 field_slots};

/* field(record number, field index, is_code): the attribute of a record's class. */
static PyObject *make_field(PyObject *module, PyObject *args)
{
	state *s = PyModule_GetState(module);
	unsigned int record, index;
	int is_code;
	field_object *f;

	if (!PyArg_ParseTuple(args, "IIp", &record, &index, &is_code))
		return NULL;
	f = object_new(s->Field);
	if (f) {
		f->s = s;
		f->desc = inv_schema_record(record);
		f->field = inv_schema_field(f->desc, index);
		f->is_code = is_code;
	}
	return (PyObject *)f;
}

/* ---- records ---- */

static void record_free(PyObject *self)
{
	Py_XDECREF((PyObject *)((record_object *)self)->owner);
	object_free(self);
}

PyObject *record_new(result_object *owner, const void *at, const inv_record_desc *desc)
{
	PyObject *class = PyList_GetItem(owner->s->classes, (Py_ssize_t)desc->number);
	record_object *r = class ? object_new(class) : NULL;

	if (r) {
		r->owner = (result_object *)Py_NewRef((PyObject *)owner);
		r->at = at;
		r->desc = desc;
	}
	return (PyObject *)r;
}

static PyType_Slot record_slots[] = {{Py_tp_dealloc, (void *)record_free}, {0, NULL}};
static PyType_Spec record_spec = {"inventra._core.Record", sizeof(record_object), 0,
                                  MADE_HERE | Py_TPFLAGS_BASETYPE, record_slots};

/* record(number, {name: value}): one that no operation has answered. */
static PyObject *make_record(PyObject *module, PyObject *args)
{
	inv_input *input = NULL;
	PyObject *record = NULL;
	result_object *owner;
	PyObject *fields;
	unsigned int number;

	if (!PyArg_ParseTuple(args, "IO!", &number, &PyDict_Type, &fields))
		return NULL;
	if (!inv_schema_record(number))
		return PyErr_Format(PyExc_TypeError, "there is no such record");
	if (inv_input_new(inv_schema_record(number), 1, &input) != INV_OK)
		return PyErr_NoMemory();
	owner = result_new(PyModule_GetState(module), NULL, input);
	if (owner && value_fill(owner->s, input, inv_input_at(input, 0), inv_schema_record(number),
	                        fields) == 0)
		record = record_new(owner, inv_input_at(input, 0), inv_schema_record(number));
	Py_XDECREF((PyObject *)owner);
	return record;
}

/* ---- Arrow ---- */

/* A capsule may be dropped before anybody took what is in it. */
static void free_stream(PyObject *capsule)
{
	struct ArrowArrayStream *stream = PyCapsule_GetPointer(capsule, "arrow_array_stream");

	if (stream && stream->release)
		stream->release(stream);
	free(stream);
}

static void free_schema(PyObject *capsule)
{
	struct ArrowSchema *schema = PyCapsule_GetPointer(capsule, "arrow_schema");

	if (schema && schema->release)
		schema->release(schema);
	free(schema);
}

PyObject *arrow_capsule(struct ArrowArrayStream *stream, int only_schema)
{
	struct ArrowArrayStream *own = calloc(1, sizeof *own);
	struct ArrowSchema *schema = calloc(1, sizeof *schema);
	PyObject *capsule = NULL;

	if (only_schema && schema && stream->get_schema(stream, schema) == 0)
		capsule = PyCapsule_New(schema, "arrow_schema", free_schema);
	else if (!only_schema && own)
		capsule = PyCapsule_New(own, "arrow_array_stream", free_stream);
	if (capsule && !only_schema)
		*own = *stream;
	else
		stream->release(stream);
	if (!capsule || only_schema)
		free(own);
	if (!capsule && schema && schema->release)
		schema->release(schema);
	if (!capsule || !only_schema)
		free(schema);
	return capsule || PyErr_Occurred() ? capsule : PyErr_NoMemory();
}

/* ---- results ---- */

result_object *result_new(state *s, inv_result *result, inv_input *input)
{
	result_object *r = object_new(s->result);

	if (r) {
		r->s = s;
		r->result = result;
		r->input = input;
	} else {
		inv_result_free(result);
		inv_input_free(input);
	}
	return r;
}

static void result_free(PyObject *self)
{
	inv_result_free(((result_object *)self)->result);
	inv_input_free(((result_object *)self)->input);
	object_free(self);
}

static Py_ssize_t result_length(PyObject *self)
{
	return (Py_ssize_t)inv_result_count(((result_object *)self)->result);
}

static PyObject *result_item(PyObject *self, Py_ssize_t index)
{
	result_object *r = (result_object *)self;
	const void *at = index < 0 ? NULL : inv_result_at(r->result, (size_t)index);

	if (at)
		return record_new(r, at, inv_result_record(r->result));
	PyErr_SetString(PyExc_IndexError, "there is no such record");
	return NULL;
}

static PyObject *result_cursor(PyObject *self, void *unused)
{
	(void)unused;
	return value_text(inv_result_cursor(((result_object *)self)->result));
}

static PyObject *result_replayed(PyObject *self, void *unused)
{
	(void)unused;
	return PyBool_FromLong(inv_result_replayed(((result_object *)self)->result));
}

static PyObject *result_columns(PyObject *self, PyObject *args)
{
	result_object *r = (result_object *)self;
	struct ArrowArrayStream stream;
	inv_error error = INV_ERROR_INIT;
	int only_schema;

	if (!PyArg_ParseTuple(args, "p", &only_schema))
		return NULL;
	if (inv_result_arrow(r->result, &stream, &error) != INV_OK)
		return error_raise(r->s, &error, 0);
	return arrow_capsule(&stream, only_schema);
}

static PyMethodDef result_methods[] = {
	{"_columns", result_columns, METH_VARARGS, "As an Arrow stream, or its schema."}, {0}};
static PyGetSetDef result_members[] = {
	{"cursor", result_cursor, NULL, "Where the next page begins; empty at the end.", NULL},
	{"replayed", result_replayed, NULL, "The key was known: this is the first answer to it.", NULL},
	{0}};
static PyType_Slot result_slots[] = {{Py_tp_dealloc, (void *)result_free},
                                     {Py_tp_iter, (void *)PySeqIter_New},
                                     {Py_sq_length, (void *)result_length},
                                     {Py_sq_item, (void *)result_item},
                                     {Py_tp_methods, result_methods},
                                     {Py_tp_getset, result_members},
                                     {0, NULL}};
static PyType_Spec result_spec = {"inventra._core.Result", sizeof(result_object), 0,
                                  MADE_HERE | Py_TPFLAGS_BASETYPE, result_slots};

static PyMethodDef functions[] = {
	{"_field", make_field, METH_VARARGS, "The attribute of a record's class."},
	{"_record", make_record, METH_VARARGS, "A record made from values."},
	{0}};

int record_types(PyObject *module, state *s)
{
	s->Field = type_add(module, &field_spec, "_Field");
	s->Record = type_add(module, &record_spec, "Record");
	s->Result = type_add(module, &result_spec, "Result");
	return s->Field && s->Record && s->Result ? PyModule_AddFunctions(module, functions) : -1;
}
