/* SPDX-License-Identifier: MIT */
/* Fields as Python values and back, and errors as exceptions. Most kinds go by their JSON text,
 * which the Python layer turns into a Decimal, a datetime, … and back. */
#include "core.h"

PyObject *error_raise(state *s, const inv_error *error, int typed)
{
	const inv_status_desc *status = inv_schema_status(error->status);
	PyObject *details = PyList_New(0);
	PyObject *exception = NULL;

	for (uint32_t i = 0; details && i < error->detail_count && i < INV_ERROR_DETAILS; i++) {
		const inv_error_detail *d = &error->details[i];
		PyObject *item =
			Py_BuildValue("(sss)", inv_schema_status(d->status)->name, d->field, d->message);

		if (!item || PyList_Append(details, item) < 0)
			Py_CLEAR(details);
		Py_XDECREF(item);
	}
	if (details)
		exception = PyObject_CallFunction(
			s->error, "isssLLNi", (int)error->status,
			error->message[0] ? error->message : status->text, error->record, error->field,
			(long long)error->index, (long long)error->native_code, details, typed);
	if (exception)
		PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
	Py_XDECREF(exception);
	return NULL;
}

PyObject *error_say(state *s, inv_status status, const char *message)
{
	inv_error error;

	inv_error_init(&error);
	error.status = status;
	error.index = -1;
	PyOS_snprintf(error.message, sizeof error.message, "%s", message);
	return error_raise(s, &error, 0);
}

int error_argument(state *s, const char *field, const char *wanted, PyObject *value)
{
	inv_error error = INV_ERROR_INIT;
	PyObject *text = NULL;
	PyObject *bytes = NULL;

	PyErr_Clear();
	text = PyUnicode_FromFormat("`%s` takes %s, not %R", field, wanted, value);
	bytes = text ? PyUnicode_AsEncodedString(text, "utf-8", "replace") : NULL;
	if (bytes) {
		error.status = INV_E_INVALID;
		PyOS_snprintf(error.field, sizeof error.field, "%s", field);
		PyOS_snprintf(error.message, sizeof error.message, "%s", PyBytes_AsString(bytes));
		error_raise(s, &error, 1);
	}
	Py_XDECREF(bytes);
	Py_XDECREF(text);
	return -1;
}

/* ---- to Python ---- */

PyObject *value_text(inv_str text)
{
	return PyUnicode_DecodeUTF8(text.len ? text.ptr : "", (Py_ssize_t)text.len, "replace");
}

/* The value whose text this is; none where there is no text. */
static PyObject *read_text(state *s, uint32_t kind, inv_str text)
{
	PyObject *reader = PyList_GetItem(s->readers, (Py_ssize_t)kind);
	PyObject *string, *value;

	if (!reader || reader == Py_None)
		return reader ? value_text(text) : NULL;
	if (text.len == 0)
		Py_RETURN_NONE;
	string = value_text(text);
	value = string ? PyObject_CallFunctionObjArgs(reader, string, NULL) : NULL;
	Py_XDECREF(string);
	return value;
}

static PyObject *read_enum(state *s, const inv_field_desc *field, int32_t number)
{
	const inv_enum_desc *desc = inv_schema_enum(field->of);
	PyObject *members = PyList_GetItem(s->enums, (Py_ssize_t)field->of);
	PyObject *member = NULL;

	for (uint32_t i = 0; members && !member && i < desc->value_count; i++)
		if (desc->values[i].number == number)
			member = PyList_GetItem(members, (Py_ssize_t)i);
	Py_XINCREF(member);
	return member || PyErr_Occurred() ? member : PyLong_FromLong(number);
}

static PyObject *read_list(result_object *owner, const inv_field_desc *field, const inv_list *list)
{
	PyObject *items = PyTuple_New((Py_ssize_t)list->count);

	for (size_t i = 0; items && i < list->count; i++) {
		const void *element = (const char *)list->ptr + i * list->stride;
		PyObject *item = field->kind == INV_KIND_STRINGS
		                     ? value_text(*(const inv_str *)element)
		                     : record_new(owner, element, inv_schema_record(field->of));

		if (!item || PyTuple_SetItem(items, (Py_ssize_t)i, item) < 0)
			Py_CLEAR(items);
	}
	return items;
}

PyObject *value_get(result_object *owner, const inv_field_desc *field, int is_code, const void *at)
{
	const void *member = (const char *)at + field->offset;
	char text[48] = "";
	inv_str string = {text, 0};

	switch (field->kind) {
	case INV_KIND_BOOL:
		return PyBool_FromLong(*(const inv_bool *)member != 0);
	case INV_KIND_INT:
		return PyLong_FromLongLong(*(const int64_t *)member);
	case INV_KIND_ENUM:
		return read_enum(owner->s, field, *(const int32_t *)member);
	case INV_KIND_STRINGS:
	case INV_KIND_LIST:
		return read_list(owner, field, member);
	case INV_KIND_BYTES:
		string = *(const inv_str *)member;
		return PyBytes_FromStringAndSize(string.ptr, (Py_ssize_t)string.len);
	case INV_KIND_REF:
		if (is_code)
			return value_text(((const inv_ref *)member)->code);
		if (!inv_id_is_none(((const inv_ref *)member)->id))
			inv_id_format(((const inv_ref *)member)->id, text);
		string.len = strlen(text);
		break;
	case INV_KIND_TEXT:
	case INV_KIND_CODE:
	case INV_KIND_JSON:
		string = *(const inv_str *)member;
		break;
	default:
		string.len = inv_field_text(field, at, text, sizeof text);
	}
	return read_text(owner->s, field->kind, string);
}

/* ---- from Python ---- */

typedef struct target {
	state *s;
	inv_input *input;
	void *record;
	const inv_field_desc *field;
	int is_code;
} target;

static int done(const target *to, inv_status status, const inv_error *error)
{
	if (status != INV_OK)
		error_raise(to->s, error, 0);
	return status == INV_OK ? 0 : -1;
}

static int refuse(const target *to, PyObject *value, PyObject *wanted);

/* refuse() for what has no text of its own. */
static int refuse_as(const target *to, PyObject *value, const char *wanted)
{
	PyObject *text;

	PyErr_Clear();
	text = PyUnicode_FromString(wanted);
	if (text)
		refuse(to, value, text);
	Py_XDECREF(text);
	return -1;
}

#define UTF8 "a str without lone surrogates"

static int set_text(const target *to, PyObject *text)
{
	inv_error error = INV_ERROR_INIT;
	Py_ssize_t len = 0;
	const char *utf8 = PyUnicode_AsUTF8AndSize(text, &len);
	inv_str string = {utf8, (size_t)len};

	if (!utf8)
		return refuse_as(to, text, UTF8);
	return done(to, to->is_code ? inv_input_set_code(to->input, to->record, to->field, string,
	                                                 &error)
	                            : inv_input_set_text(to->input, to->record, to->field, string,
	                                                 &error),
	            &error);
}

/* Refuse a value of the wrong type, and say what to write instead. */
static int refuse(const target *to, PyObject *value, PyObject *wanted)
{
	inv_error error = INV_ERROR_INIT;
	PyObject *text = PyUnicode_FromFormat("`%s` takes %S, not %R", to->field->name, wanted, value);
	PyObject *bytes = text ? PyUnicode_AsEncodedString(text, "utf-8", "replace") : NULL;

	if (bytes) {
		inv_input_refuse(to->input, to->record, to->field, inv_str_of(PyBytes_AsString(bytes)),
		                 &error);
		error_raise(to->s, &error, 1);
	}
	Py_XDECREF(bytes);
	Py_XDECREF(text);
	return -1;
}

static int set_list(const target *to, PyObject *items)
{
	const inv_record_desc *nested = inv_schema_record(to->field->of);
	Py_ssize_t count = PyList_Size(items);
	inv_error error = INV_ERROR_INIT;
	void *elements = NULL;
	int result = done(to, inv_input_set_list(to->input, to->record, to->field, (size_t)count,
	                                         &elements, &error),
	                  &error);

	for (Py_ssize_t i = 0; result == 0 && i < count; i++) {
		PyObject *item = PyList_GetItem(items, i);
		Py_ssize_t len = 0;
		const char *text = NULL;

		if (to->field->kind == INV_KIND_LIST) {
			result = value_fill(to->s, to->input, (char *)elements + (size_t)i * nested->size,
			                    nested, item);
			continue;
		}
		text = PyUnicode_AsUTF8AndSize(item, &len);
		result = text ? done(to, inv_input_set_string(to->input, to->record, to->field, (size_t)i,
		                                              (inv_str){text, (size_t)len}, &error),
		                     &error)
		              : refuse_as(to, item, UTF8);
	}
	return result;
}

int value_set(state *s, inv_input *input, void *record, const inv_field_desc *field, int is_code,
              PyObject *value)
{
	const target to = {s, input, record, field, is_code};
	uint32_t kind = is_code ? INV_KIND_CODE : field->kind;
	PyObject *text;
	int result;

	if (PyUnicode_Check(value) && kind >= INV_KIND_INT && kind <= INV_KIND_RATIO &&
	    PyUnicode_GetLength(value) == 0)
		return refuse_as(&to, value, "a number, or None");
	if (PyUnicode_Check(value) && kind != INV_KIND_BOOL && kind < INV_KIND_JSON)
		return set_text(&to, value);
	text = PyObject_CallFunction(s->writer, "IO", kind, value);
	if (!text)
		return -1;
	if (PyUnicode_Check(text))
		result = set_text(&to, text);
	else if (PyList_Check(text))
		result = set_list(&to, text);
	else
		result = refuse(&to, value, PyTuple_GetItem(text, 0));
	Py_DECREF(text);
	return result;
}

static int unknown_name(state *s, inv_input *input, void *record, const inv_record_desc *desc,
                        PyObject *name)
{
	inv_error error = INV_ERROR_INIT;
	Py_ssize_t len = 0;
	const char *text = PyUnicode_Check(name) ? PyUnicode_AsUTF8AndSize(name, &len) : NULL;

	if (!text)
		return error_argument(s, desc->name, "fields whose names are str", name);
	inv_input_unknown(input, record, (inv_str){text, (size_t)len}, &error);
	return error_raise(s, &error, 1) ? 0 : -1;
}

int value_set_named(state *s, inv_input *input, void *record, const inv_record_desc *desc,
                    PyObject *name, PyObject *value)
{
	PyObject *known = PyList_GetItem(s->names, (Py_ssize_t)desc->number);
	PyObject *number = known ? PyDict_GetItemWithError(known, name) : NULL;
	long at;

	if (!number)
		return PyErr_Occurred() ? -1 : unknown_name(s, input, record, desc, name);
	at = PyLong_AsLong(number);
	return value_set(s, input, record, inv_schema_field(desc, (uint32_t)at / 2), (int)(at % 2),
	                 value);
}

int value_fill(state *s, inv_input *input, void *record, const inv_record_desc *desc,
               PyObject *from)
{
	PyObject *name = NULL;
	PyObject *value = NULL;
	Py_ssize_t at = 0;
	PyObject *items = PyObject_CallFunction(s->as_dict, "IO", desc->number, from);
	int result = items ? 0 : -1;

	while (result == 0 && PyDict_Next(items, &at, &name, &value))
		result = value_set_named(s, input, record, desc, name, value);
	Py_XDECREF(items);
	return result;
}

/* ---- options and reports ---- */

int options_fill(state *s, uint32_t number, void *at, PyObject *given)
{
	Py_ssize_t count = PyList_Size(given);
	int result = count < 0 ? -1 : 0;

	for (Py_ssize_t i = 0; result == 0 && i < count; i++) {
		inv_error error = INV_ERROR_INIT;
		Py_ssize_t len = 0;
		const char *name = NULL;
		const char *text = NULL;

		if (!PyArg_ParseTuple(PyList_GetItem(given, i), "ss#", &name, &text, &len))
			result = -1;
		else if (inv_struct_set(inv_schema_struct(number), at, inv_str_of(name),
		                        (inv_str){text, (size_t)len}, &error) != INV_OK)
			result = error_raise(s, &error, 0) ? 0 : -1;
	}
	return result;
}

static PyObject *report_member(state *s, const inv_field_desc *member, const void *at)
{
	char text[640];
	size_t len;

	if (member->kind == INV_KIND_BOOL)
		return PyBool_FromLong(inv_struct_int(member, at) != 0);
	if (member->kind == INV_KIND_INT)
		return PyLong_FromLongLong(inv_struct_int(member, at));
	len = inv_struct_text(member, at, text, sizeof text);
	return read_text(s, member->kind, (inv_str){text, len});
}

PyObject *report_new(state *s, uint32_t number, const void *at)
{
	const inv_record_desc *desc = inv_schema_struct(number);
	PyObject *members = PyTuple_New((Py_ssize_t)desc->field_count);
	PyObject *made = NULL;

	for (uint32_t i = 0; members && i < desc->field_count; i++) {
		PyObject *member = report_member(s, inv_schema_field(desc, i), at);

		if (!member || PyTuple_SetItem(members, (Py_ssize_t)i, member) < 0)
			Py_CLEAR(members);
	}
	if (members)
		made = PyObject_CallObject(PyList_GetItem(s->reports, (Py_ssize_t)number), members);
	Py_XDECREF(members);
	return made;
}
