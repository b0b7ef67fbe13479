/* SPDX-License-Identifier: MIT */
/* Hands the PostgreSQL driver to the package inventra: a capsule with the library's own struct. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "inventra/postgres.h"

static PyObject *driver(PyObject *module, PyObject *unused)
{
	(void)module;
	(void)unused;
	return PyCapsule_New((void *)(uintptr_t)inv_postgres_driver(), "inventra_driver", NULL);
}

static PyMethodDef functions[] = {
	{"driver", driver, METH_NOARGS, "The driver, as a capsule."},
	{0}};
static PyModuleDef_Slot slots[] = {{0, NULL}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_driver", "PostgreSQL for inventra.",
                                 0,                     functions, slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__driver(void);
PyMODINIT_FUNC PyInit__driver(void)
{
	return PyModuleDef_Init(&definition);
}
