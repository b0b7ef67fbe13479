/* SPDX-License-Identifier: MIT */
/* Operations as methods, and the pages of those that list. */
#include "core.h"

typedef struct noun_object {
	PyObject_HEAD
	handle_object *handle;
} noun_object;

typedef struct operation_object {
	PyObject_HEAD
	state *s;
	const inv_op_desc *op;
	PyObject *dict;        /* __name__, __doc__, __signature__ */
	handle_object *handle; /* NULL: not bound */
} operation_object;

typedef struct pages_object {
	PyObject_HEAD
	query_object *query;
	inv_pages *pages;
} pages_object;

/* ---- one call ---- */

typedef struct call {
	const operation_object *of;
	const inv_record_desc *desc;
	inv_input *input;
	inv_options options;
	uint32_t unnamed; /* fields before this one may have been given without a name */
	PyObject *key; /* what options.key stands in */
	int many;
} call;

static int make_input(call *c, size_t count)
{
	inv_status status = inv_input_new(c->desc, count, &c->input);

	if (status == INV_E_LIMIT)
		error_say(c->of->s, status, count ? "a call takes at most 10000 records"
		                                  : "a call takes at least one record");
	else if (status != INV_OK)
		PyErr_NoMemory();
	return status == INV_OK ? 0 : -1;
}

/* A text or an id is what the first field that needs no name is. */
static int is_scalar(const call *c, PyObject *argument)
{
	return PyUnicode_Check(argument) ||
	       (PyObject *)Py_TYPE(argument) == PyList_GetItem(c->of->s->readers, INV_KIND_ID);
}

/* Anything else may be a record or many. */
static int fill_argument(call *c, PyObject *argument)
{
	PyObject *pair = PyObject_CallFunction(c->of->s->split, "IO", c->of->op->number, argument);
	PyObject *records = pair ? PyTuple_GetItem(pair, 0) : NULL;
	int result = records ? make_input(c, (size_t)PyList_Size(records)) : -1;

	c->many = records && PyTuple_GetItem(pair, 1) == Py_True;
	for (size_t i = 0; result == 0 && i < inv_input_count(c->input); i++)
		result = value_fill(c->of->s, c->input, inv_input_at(c->input, i), c->desc,
		                    PyList_GetItem(records, (Py_ssize_t)i));
	Py_XDECREF(pair);
	return result;
}

static int fill_args(call *c, PyObject *args)
{
	Py_ssize_t given = PyTuple_Size(args);
	Py_ssize_t taken = 0;

	if (given == 1 && !is_scalar(c, PyTuple_GetItem(args, 0)))
		return fill_argument(c, PyTuple_GetItem(args, 0));
	if (make_input(c, 1) < 0)
		return -1;
	for (uint32_t i = 0; i < c->desc->field_count && taken < given; i++) {
		const inv_field_desc *field = inv_schema_field(c->desc, i);

		if ((field->flags & INV_FIELD_POSITIONAL) &&
		    value_set(c->of->s, c->input, inv_input_at(c->input, 0), field, 0,
		              PyTuple_GetItem(args, taken++)) < 0)
			return -1;
		c->unnamed = i + 1;
	}
	if (taken < given)
		PyErr_Format(PyExc_TypeError, "%s takes its fields by name, or a dict of them",
		             c->of->op->name);
	return taken < given ? -1 : 0;
}

/* Options of the call stand beside the fields: 1 when this is one, -1 when it is a bad one. */
static int take_option(call *c, PyObject *name, PyObject *value)
{
	Py_ssize_t len = 0;

	if (!PyUnicode_Check(name))
		return error_argument(c->of->s, c->desc->name, "fields whose names are str", name);
	if (PyUnicode_CompareWithASCIIString(name, "codes") == 0) {
		c->options.flags = PyObject_IsTrue(value) == 1 ? INV_OPTION_CODES : 0;
		return PyErr_Occurred() ? -1 : 1;
	}
	if (PyUnicode_CompareWithASCIIString(name, "key") != 0)
		return 0;
	if (value == Py_None)
		return 1;
	c->key = Py_NewRef(value);
	c->options.key.ptr = PyUnicode_Check(value) ? PyUnicode_AsUTF8AndSize(value, &len) : NULL;
	c->options.key.len = (size_t)len;
	if (!c->options.key.ptr)
		return error_argument(c->of->s, "key", "a str without lone surrogates", value);
	return 1;
}

/* Was the field of this name given without it? */
static int given_unnamed(const call *c, PyObject *name)
{
	PyObject *known = PyList_GetItem(c->of->s->names, (Py_ssize_t)c->desc->number);
	PyObject *number = known ? PyDict_GetItemWithError(known, name) : NULL;
	uint32_t at = number ? (uint32_t)PyLong_AsLong(number) / 2 : c->unnamed;

	return at < c->unnamed && (inv_schema_field(c->desc, at)->flags & INV_FIELD_POSITIONAL);
}

static int fill_keywords(call *c, PyObject *kwargs)
{
	PyObject *name = NULL;
	PyObject *value = NULL;
	Py_ssize_t at = 0;
	/* A copy: it may be somebody's dict, which code of a value may change. */
	PyObject *own = kwargs ? PyDict_Copy(kwargs) : NULL;
	int result = kwargs && !own ? -1 : 0;

	while (result >= 0 && own && PyDict_Next(own, &at, &name, &value)) {
		result = take_option(c, name, value);
		if (result == 0 && c->many)
			PyErr_SetString(PyExc_TypeError, "with many records, fields stand in each of them");
		else if (result == 0 && given_unnamed(c, name))
			PyErr_Format(PyExc_TypeError, "%s got `%U` twice", c->of->op->name, name);
		if (result == 0)
			result = PyErr_Occurred()
			             ? -1
			                 : value_set_named(c->of->s, c->input, inv_input_at(c->input, 0),
			                                   c->desc, name, value);
	}
	Py_XDECREF(own);
	return result < 0 ? -1 : 0;
}

static PyObject *run(call *c)
{
	handle_object *h = c->of->handle;
	inv_session *session = handle_enter(h);
	inv_result *result = NULL;
	result_object *owner;
	inv_status status;
	PyObject *one = NULL;

	if (!session)
		return NULL;
	Py_BEGIN_ALLOW_THREADS
	status = inv_call_input(session, c->of->op, c->input, &c->options, &result);
	Py_END_ALLOW_THREADS
	if (handle_leave(h, session, status) < 0)
		return NULL;
	owner = result_new(c->of->s, result, NULL);
	if (!owner || c->many)
		return (PyObject *)owner;
	one = record_new(owner, inv_result_at(result, 0), inv_result_record(result));
	Py_DECREF((PyObject *)owner);
	return one;
}

/* A list is read when it is walked. The input is the query's now. */
static PyObject *make_query(call *c)
{
	query_object *q = object_new(c->of->s->Query);
	PyObject *listing;

	if (!q)
		return NULL;
	q->handle = (handle_object *)Py_NewRef((PyObject *)c->of->handle);
	q->op = c->of->op;
	q->input = c->input;
	q->options.struct_size = sizeof q->options;
	q->options.flags = c->options.flags;
	c->input = NULL;
	listing = PyObject_CallFunctionObjArgs(c->of->s->listing, (PyObject *)q, NULL);
	Py_DECREF((PyObject *)q);
	return listing;
}

static PyObject *operation_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
	const operation_object *o = (const operation_object *)self;
	call c = {.of = o, .desc = inv_schema_record(o->op->input), .options = INV_OPTIONS_INIT};
	PyObject *answer = NULL;

	if (!o->handle)
		return PyErr_Format(PyExc_TypeError, "%s is called on an open store", o->op->name);
	if (fill_args(&c, args) < 0 || fill_keywords(&c, kwargs) < 0)
		answer = NULL;
	else if (c.many && (o->op->flags & INV_OP_LISTS))
		PyErr_Format(PyExc_TypeError, "%s takes one record, not many", o->op->name);
	else
		answer = o->op->flags & INV_OP_LISTS ? make_query(&c) : run(&c);
	inv_input_free(c.input);
	Py_XDECREF(c.key);
	return answer;
}

/* ---- methods ---- */

static PyObject *operation_new(state *s, const inv_op_desc *op, PyObject *dict,
                               handle_object *handle)
{
	operation_object *o = object_new(s->Operation);

	if (!o)
		return NULL;
	o->s = s;
	o->op = op;
	o->dict = Py_NewRef(dict);
	Py_XINCREF((PyObject *)handle);
	o->handle = handle;
	return (PyObject *)o;
}

static PyObject *operation_get(PyObject *self, PyObject *of, PyObject *type)
{
	operation_object *o = (operation_object *)self;

	(void)type;
	if (of && PyObject_TypeCheck(of, (PyTypeObject *)o->s->Noun))
		return operation_new(o->s, o->op, o->dict, ((noun_object *)of)->handle);
	return Py_NewRef(self);
}

/* What Python asks of a function: name, text, signature. The signature is made when it is asked. */
static PyObject *operation_attribute(PyObject *self, PyObject *name)
{
	const operation_object *o = (const operation_object *)self;
	PyObject *found = PyDict_GetItemWithError(o->dict, name);

	if (found && PyCallable_Check(found))
		return PyObject_CallFunction(found, "I", o->op->number);
	if (found || PyErr_Occurred())
		return found ? Py_NewRef(found) : NULL;
	return PyObject_GenericGetAttr(self, name);
}

static void operation_free(PyObject *self)
{
	Py_XDECREF(((operation_object *)self)->dict);
	Py_XDECREF((PyObject *)((operation_object *)self)->handle);
	object_free(self);
}

/* help() does not ask the way above. */
static PyObject *operation_doc(PyObject *self, void *unused)
{
	(void)unused;
	return PyUnicode_FromString(((operation_object *)self)->op->summary);
}

static PyGetSetDef operation_members[] = {{"__doc__", operation_doc, NULL, NULL, NULL}, {0}};
static PyType_Slot operation_slots[] = {{Py_tp_call, (void *)operation_call},
                                        {Py_tp_getset, operation_members},
                                        {Py_tp_descr_get, (void *)operation_get},
                                        {Py_tp_getattro, (void *)operation_attribute},
                                        {Py_tp_dealloc, (void *)operation_free},
                                        {0, NULL}};
static PyType_Spec operation_spec = {"inventra._core.Operation", sizeof(operation_object), 0,
                                     MADE_HERE, operation_slots};

/* operation(number, {"__name__": …}): the method of a noun's class. */
static PyObject *make_operation(PyObject *module, PyObject *args)
{
	unsigned int number;
	PyObject *dict;

	if (!PyArg_ParseTuple(args, "IO!", &number, &PyDict_Type, &dict))
		return NULL;
	return operation_new(PyModule_GetState(module), inv_schema_op(number), dict, NULL);
}

/* noun(class, handle): what inv.products is. */
static PyObject *make_noun(PyObject *module, PyObject *args)
{
	state *s = PyModule_GetState(module);
	PyObject *class, *handle;
	noun_object *n;

	if (!PyArg_ParseTuple(args, "O!O!", &PyType_Type, &class, s->Handle, &handle))
		return NULL;
	n = object_new(class);
	if (n)
		n->handle = (handle_object *)Py_NewRef(handle);
	return (PyObject *)n;
}

static void noun_free(PyObject *self)
{
	Py_XDECREF((PyObject *)((noun_object *)self)->handle);
	object_free(self);
}

static PyType_Slot noun_slots[] = {{Py_tp_dealloc, (void *)noun_free}, {0, NULL}};
static PyType_Spec noun_spec = {"inventra._core.Noun", sizeof(noun_object), 0,
                                MADE_HERE | Py_TPFLAGS_BASETYPE, noun_slots};

/* ---- lists ---- */

static void query_free(PyObject *self)
{
	inv_input_free(((query_object *)self)->input);
	Py_XDECREF((PyObject *)((query_object *)self)->handle);
	object_free(self);
}

static PyObject *query_iter(PyObject *self)
{
	query_object *q = (query_object *)self;
	inv_session *session = handle_enter(q->handle);
	pages_object *p = session ? object_new(q->handle->s->Pages) : NULL;
	inv_pages *pages = NULL;
	inv_status status = INV_OK;

	if (p) {
		p->query = (query_object *)Py_NewRef(self);
		Py_BEGIN_ALLOW_THREADS
		status = inv_pages_open(session, q->op, inv_input_at(q->input, 0), &q->options, &pages);
		Py_END_ALLOW_THREADS
		p->pages = pages;
	}
	if (session && handle_leave(q->handle, session, status) < 0)
		Py_CLEAR(p);
	return (PyObject *)p;
}

static PyObject *query_columns(PyObject *self, PyObject *args)
{
	query_object *q = (query_object *)self;
	struct ArrowArrayStream stream;
	inv_session *session;
	int only_schema;
	inv_status status;

	if (!PyArg_ParseTuple(args, "p", &only_schema))
		return NULL;
	session = handle_enter(q->handle);
	if (!session)
		return NULL;
	Py_BEGIN_ALLOW_THREADS
	status = inv_list_arrow(session, q->op, inv_input_at(q->input, 0), &stream);
	Py_END_ALLOW_THREADS
	if (handle_leave(q->handle, session, status) < 0)
		return NULL;
	return arrow_capsule(&stream, only_schema);
}

static PyObject *query_handle(PyObject *self, void *unused)
{
	(void)unused;
	return Py_NewRef((PyObject *)((query_object *)self)->handle);
}

static PyObject *query_waits(PyObject *self, void *unused)
{
	(void)unused;
	return PyBool_FromLong((((query_object *)self)->op->flags & INV_OP_WAITS) != 0);
}

static PyMethodDef query_methods[] = {
	{"_columns", query_columns, METH_VARARGS, "All records as an Arrow stream, or its schema."},
	{0}};
static PyGetSetDef query_members[] = {{"handle", query_handle, NULL, "The store.", NULL},
                                      {"waits", query_waits, NULL, "Has it no end?", NULL},
                                      {0}};
static PyType_Slot query_slots[] = {{Py_tp_dealloc, (void *)query_free},
                                    {Py_tp_iter, (void *)query_iter},
                                    {Py_tp_methods, query_methods},
                                    {Py_tp_getset, query_members},
                                    {0, NULL}};
static PyType_Spec query_spec = {"inventra._core.Query", sizeof(query_object), 0, MADE_HERE,
                                 query_slots};

static void pages_free(PyObject *self)
{
	inv_pages_free(((pages_object *)self)->pages);
	Py_XDECREF((PyObject *)((pages_object *)self)->query);
	object_free(self);
}

/* The pages are out of the object while they are read: a second thread finds none. */
static PyObject *pages_next(PyObject *self)
{
	pages_object *p = (pages_object *)self;
	handle_object *h = p->query->handle;
	inv_pages *pages = p->pages;
	inv_result *result = NULL;
	inv_session *session;
	inv_status status;

	if (!pages)
		return error_say(h->s, INV_E_MISUSE, "another thread is reading the next page");
	session = handle_enter(h);
	if (!session)
		return NULL;
	p->pages = NULL;
	if (p->query->op->flags & INV_OP_WAITS)
		handle_waits(h, session);
	Py_BEGIN_ALLOW_THREADS
	status = inv_pages_next(pages, session, &result);
	Py_END_ALLOW_THREADS
	p->pages = pages;
	if (handle_leave(h, session, status) < 0)
		return NULL;
	return result ? (PyObject *)result_new(h->s, result, NULL) : NULL;
}

static PyType_Slot pages_slots[] = {{Py_tp_dealloc, (void *)pages_free},
                                    {Py_tp_iter, (void *)Py_NewRef},
                                    {Py_tp_iternext, (void *)pages_next},
                                    {0, NULL}};
static PyType_Spec pages_spec = {"inventra._core.Pages", sizeof(pages_object), 0, MADE_HERE,
                                 pages_slots};

static PyMethodDef functions[] = {
	{"_operation", make_operation, METH_VARARGS, "The method of a noun's class."},
	{"_noun", make_noun, METH_VARARGS, "A noun of an open store."},
	{0}};

int operation_types(PyObject *module, state *s)
{
	s->Operation = type_add(module, &operation_spec, "_Operation");
	s->Noun = type_add(module, &noun_spec, "Noun");
	s->Query = type_add(module, &query_spec, "Query");
	s->Pages = type_add(module, &pages_spec, "_Pages");
	if (!s->Operation || !s->Noun || !s->Query || !s->Pages)
		return -1;
	return PyModule_AddFunctions(module, functions);
}
