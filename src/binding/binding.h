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

#include "custval.h"

#define DATA(array) PyArray_DATA((PyArrayObject *)(array))
#define SIZE(array) ((size_t)PyArray_SIZE((PyArrayObject *)(array)))

/* results.c: the named results. */
typedef enum {
    CV_ACCURACY_RESULT,
    CV_CLOCK_RESULT,
    CV_DECOMPOSITION_RESULT,
    CV_FIT_RESULT,
    CV_LEDGER_RESULT,
    CV_SUMMARY_RESULT,
    CV_TREND_RESULT,
    CV_RESULTS
} cv_result;

/* What the module keeps: the instructions that kernels may use, read from CUSTVAL_SIMD once, and
 * the types of the named results. */
typedef struct {
    cv_simd simd;
    PyTypeObject *result[CV_RESULTS];
} cv_state;

static inline const cv_state *
cv_state_of(PyObject *module)
{
    return PyModule_GetState(module);
}

int cv_add_ufuncs(PyObject *module);
int cv_add_results(PyObject *module);
int cv_add_constants(PyObject *module);
const char *cv_status_word(cv_fit_status status); /* one of FIT_STATUSES */
const char *cv_fault_word(cv_fault fault);         /* one of FAULTS */

/* A tuple of all parts of a result becomes one of its type; takes the tuple, NULL as well. */
PyObject *cv_named(PyObject *module, cv_result which, PyObject *parts);

extern PyMethodDef cv_accuracy_methods[], cv_adjustment_methods[], cv_batch_predict_methods[];
extern PyMethodDef cv_clock_methods[];
extern PyMethodDef cv_clv_methods[], cv_curve_methods[];
extern PyMethodDef cv_decompose_methods[], cv_fit_methods[], cv_forecast_methods[];
extern PyMethodDef cv_ids_methods[], cv_ledger_methods[], cv_ledger_query_methods[];
extern PyMethodDef cv_pyramid_methods[], cv_ranking_methods[], cv_scorecard_methods[];
extern PyMethodDef cv_simulate_methods[], cv_spend_methods[];
#ifdef CUSTVAL_SELFTEST_BUGS
extern PyMethodDef cv_selftest_methods[];
#endif

/* A C-contiguous, aligned, native one-dimensional column (new reference), or NULL with an error
 * that names it. Objects, text, dates and complex are refused, and integers that do not fit: as
 * doubles those beyond 2**53. */
PyObject *cv_as_doubles(PyObject *column, const char *name);
PyObject *cv_as_int64(PyObject *column, const char *name);
PyObject *cv_as_keys(PyObject *column, const char *name);  /* int64; unsigned ones wrap */
PyObject *cv_as_ticks(PyObject *column, const char *name); /* int32 */
PyObject *cv_as_tiers(PyObject *column, const char *name); /* int8 */

/* Copies for what the core follows without a look, once it is checked: nobody else holds them. */
PyObject *cv_own_int64(PyObject *column, const char *name);
PyObject *cv_own_doubles(PyObject *column, const char *name);
PyObject *cv_own_ticks(PyObject *column, const char *name);
int cv_same_length(PyObject *column, size_t n, const char *name);
PyObject *cv_new_array(size_t n, int typenum);

/* Counts the arguments and refuses masked arrays. Comes first, for to look for a mask may run
 * Python code, and so may the reading of a number; once an array is taken, no such code runs. */
int cv_take_arguments(const char *function, PyObject *const *args, Py_ssize_t got,
                      Py_ssize_t wanted);

/* The parts of an argument that groups `wanted` of them in a tuple, borrowed; -1 with an error. */
int cv_take_parts(PyObject *argument, Py_ssize_t wanted, const char *name, PyObject **part);

/* A row of a topic's table. */
#define FUNCTION(NAME, ARGUMENTS, DOC)                                                             \
    {                                                                                              \
#NAME, (PyCFunction)(void (*)(void))NAME, METH_FASTCALL, #NAME ARGUMENTS "\n--\n\n" DOC    \
    }

/* The core's cv_tick: 1 with a Python error set when a signal handler raised (Ctrl-C). Takes the
 * GIL, so call it without. */
int cv_interrupted(void *unused);

/* -1 with an error: what cv_interrupted set, else that an argument changed during the call. */
int cv_report_stop(const char *name);

#endif
