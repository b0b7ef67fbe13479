/* SPDX-License-Identifier: MIT */
/* The module inventra._core: the description for the Python layer, and its setting up. */
#include "core.h"

#include <stdlib.h>

int inv_cli_main(int argc, char **argv);

/* Append what was made to a list and give the list on; NULL when there was no memory. */
static PyObject *with(PyObject *list, PyObject *item)
{
	if (list && (!item || PyList_Append(list, item) < 0))
		Py_CLEAR(list);
	Py_XDECREF(item);
	return list;
}

static PyObject *fields_of(const inv_record_desc *record)
{
	PyObject *list = PyList_New(0);

	for (uint32_t i = 0; i < record->field_count; i++) {
		const inv_field_desc *f = inv_schema_field(record, i);

		list = with(list, Py_BuildValue("(sIIsI)", f->name, f->kind, f->flags, f->doc, f->of));
	}
	return list;
}

/* Records, or structs, by number. */
static PyObject *records_of(const inv_record_desc *(*by_number)(uint32_t number))
{
	PyObject *list = PyList_New(0);
	const inv_record_desc *r;

	for (uint32_t i = 0; (r = by_number(i)) != NULL; i++)
		list = with(list, Py_BuildValue("(sIsN)", r->name, r->flags, r->doc, fields_of(r)));
	return list;
}

static PyObject *values_of(const inv_enum_desc *e)
{
	PyObject *list = PyList_New(0);

	for (uint32_t i = 0; i < e->value_count; i++)
		list = with(list, Py_BuildValue("s", e->values[i].name));
	return list;
}

/* describe() -> (records, structs, enums, operations, statuses) */
static PyObject *describe(PyObject *module, PyObject *unused)
{
	PyObject *enums = PyList_New(0);
	PyObject *ops = PyList_New(0);
	PyObject *statuses = PyList_New(0);
	const inv_enum_desc *e;
	const inv_op_desc *o;
	const inv_status_desc *s;

	(void)module;
	(void)unused;
	for (uint32_t i = 0; (e = inv_schema_enum(i)) != NULL; i++)
		enums = with(enums, Py_BuildValue("(ssN)", e->name, e->doc, values_of(e)));
	for (uint32_t i = 0; (o = inv_schema_op(i)) != NULL; i++)
		ops = with(ops, Py_BuildValue("(sssssIII)", o->name, o->noun, o->plural, o->verb,
		                              o->summary, o->flags, o->input, o->output));
	for (uint32_t i = 0; (s = inv_schema_status_at(i)) != NULL; i++)
		statuses = with(statuses, Py_BuildValue("(isssi)", (int)s->number, s->name, s->klass,
		                                        s->text, (int)s->retryable));
	return Py_BuildValue("(NNNNN)", records_of(inv_schema_record), records_of(inv_schema_struct),
	                     enums, ops, statuses);
}

/* setup(name=object, …): what the Python layer made of the description. */
static PyObject *setup(PyObject *module, PyObject *args, PyObject *kwargs)
{
	state *s = PyModule_GetState(module);

	(void)args;
#define X(name) \
	Py_XDECREF(s->name); \
	s->name = PyDict_GetItemString(kwargs, #name); \
	if (!s->name) \
		return PyErr_Format(PyExc_TypeError, "%s is missing", #name); \
	Py_INCREF(s->name);
	STATE_OBJECTS(X)
#undef X
	Py_RETURN_NONE;
}

/* main([argument, …]) -> exit code: the command `inventra`. */
static PyObject *command(PyObject *module, PyObject *args)
{
	PyObject *list;
	char **argv;
	int code = -1;

	(void)module;
	if (!PyArg_ParseTuple(args, "O!", &PyList_Type, &list))
		return NULL;
	argv = calloc((size_t)PyList_Size(list) + 1, sizeof *argv);
	if (!argv)
		return PyErr_NoMemory();
	for (Py_ssize_t i = 0; i < PyList_Size(list) && !PyErr_Occurred(); i++)
		argv[i] = (char *)(uintptr_t)PyUnicode_AsUTF8AndSize(PyList_GetItem(list, i), NULL);
	if (!PyErr_Occurred())
		code = inv_cli_main((int)PyList_Size(list), argv);
	free(argv);
	return PyErr_Occurred() ? NULL : PyLong_FromLong(code);
}

/* nearest(name, names, one a line) -> the one that is nearly the same, or "" */
static PyObject *nearest(PyObject *module, PyObject *args)
{
	const char *name, *names;

	(void)module;
	if (!PyArg_ParseTuple(args, "ss", &name, &names))
		return NULL;
	return value_text(inv_nearest(inv_str_of(name), inv_str_of(names)));
}

static int execute(PyObject *module)
{
	state *s = PyModule_GetState(module);

	if (record_types(module, s) < 0 || handle_types(module, s) < 0 ||
	    operation_types(module, s) < 0)
		return -1;
	return PyModule_AddStringConstant(module, "version", inv_version());
}

static int traverse(PyObject *module, visitproc visit, void *arg)
{
	state *s = PyModule_GetState(module);

#define X(name) Py_VISIT(s->name);
	STATE_OBJECTS(X)
	STATE_TYPES(X)
#undef X
	return 0;
}

static int clear(PyObject *module)
{
	state *s = PyModule_GetState(module);

#define X(name) Py_CLEAR(s->name);
	STATE_OBJECTS(X)
	STATE_TYPES(X)
#undef X
	return 0;
}

static void destroy(void *module)
{
	(void)clear(module);
}

static PyMethodDef functions[] = {
	{"_describe", describe, METH_NOARGS, "Records, structs, enums, operations and statuses."},
	{"_setup", (PyCFunction)(void (*)(void))setup, METH_VARARGS | METH_KEYWORDS, "Hand over."},
	{"nearest", nearest, METH_VARARGS, "Of names, the one that is nearly the same."},
	{"main", command, METH_VARARGS, "The command line."},
	{0}};
static PyModuleDef_Slot slots[] = {{Py_mod_exec, (void *)execute}, {0, NULL}};
static PyModuleDef core_module = {PyModuleDef_HEAD_INIT, "_core", "The library inventra.",
                                  sizeof(state),         functions, slots,
                                  traverse,              clear,     destroy};

PyMODINIT_FUNC PyInit__core(void);
PyMODINIT_FUNC PyInit__core(void)
{
	return PyModuleDef_Init(&core_module);
}
