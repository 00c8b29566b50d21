/* binding.h -- include order and NumPy macros for the only files that know Python.
 *
 * Arrays are held as PyObject *. A topic of METH_FASTCALL functions lives in one file, which
 * exports its PyMethodDef table; module.c adds the tables.
 */
#ifndef CUSTVAL_BINDING_H
#define CUSTVAL_BINDING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define PY_ARRAY_UNIQUE_SYMBOL custval_ARRAY_API
#define PY_UFUNC_UNIQUE_SYMBOL custval_UFUNC_API
#ifndef CUSTVAL_IMPORTS_NUMPY
#define NO_IMPORT_ARRAY
#define NO_IMPORT_UFUNC
#endif
#include <numpy/arrayobject.h>
#include <numpy/ufuncobject.h>

#include <string.h>

#include "../core/custval.h"

#define DATA(array) PyArray_DATA((PyArrayObject *)(array))
#define SIZE(array) ((size_t)PyArray_SIZE((PyArrayObject *)(array)))

int cv_add_ufuncs(PyObject *module);
extern PyMethodDef cv_fit_methods[];

extern PyMethodDef cv_ids_methods[], cv_ledger_methods[], cv_summary_methods[];
extern PyMethodDef cv_forecast_methods[];
extern PyMethodDef cv_lorenz_methods[], cv_pyramid_methods[];

extern PyMethodDef cv_scorecard_methods[];
extern PyMethodDef cv_rank_methods[];
#ifdef CUSTVAL_SELFTEST_BUGS
extern PyMethodDef cv_selftest_methods[];
#endif

/* A C-contiguous, aligned, native one-dimensional column (new reference), or NULL with an error
 * that names it. Objects, text, dates, complex, masks and integers beyond 2**53 are refused. */
PyObject *cv_as_doubles(PyObject *column, const char *name);
PyObject *cv_as_int64(PyObject *column, const char *name);
PyObject *cv_as_ticks(PyObject *column, const char *name); /* int32 */
int cv_same_length(PyObject *column, size_t n, const char *name);
PyObject *cv_new_array(size_t n, int typenum);
int cv_take_arguments(const char *function, Py_ssize_t got, Py_ssize_t wanted);

/* The core's cv_tick: 1 with a Python error set when a signal handler raised (Ctrl-C). Takes the
 * GIL, so call it without. */
int cv_interrupted(void *unused);

#endif
