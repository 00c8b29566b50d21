/* arrays.c -- the gate between Python's columns and the core's plain arrays.
 *
 * The core reads whole columns as contiguous native numbers. Any other layout costs one copy here,
 * one of stride 0 as well: a broadcast number of n rows takes 8 n bytes. Formulas per customer are
 * ufuncs and copy nothing. A core of strides would keep those bytes and read every column slower.
 */
#include "binding.h"

/* float64 holds every integer up to here. */
#define EXACT_INTEGER 9007199254740992

static int
is_number_column(PyObject *column, const char *kinds, npy_intp widest)
{
    if (!PyArray_Check(column)) return 0;
    PyArray_Descr *dtype = PyArray_DESCR((PyArrayObject *)column);
    return strchr(kinds, dtype->kind) != NULL &&
           PyArray_ITEMSIZE((PyArrayObject *)column) <= widest &&
           PyArray_NDIM((PyArrayObject *)column) == 1;
}

static int
integers_are_exact(PyObject *integers)
{
    const int64_t *value = DATA(integers);
    for (size_t i = 0; i < SIZE(integers); i++)
        if (value[i] > EXACT_INTEGER || value[i] < -EXACT_INTEGER) return 0;
    return 1;
}

/* NumPy hands back the column itself where it fits, and of a subclass no more than its array. */
static PyObject *
take(PyObject *column, int typenum, int flags)
{
    return PyArray_FROMANY(column, typenum, 1, 1,
                           NPY_ARRAY_CARRAY_RO | NPY_ARRAY_ENSUREARRAY | flags);
}

PyObject *
cv_as_keys(PyObject *column, const char *name)
{
    if (is_number_column(column, "iu", 8)) return take(column, NPY_INT64, NPY_ARRAY_FORCECAST);
    PyErr_Format(PyExc_TypeError, "%s: expected a one-dimensional array of integers", name);
    return NULL;
}

/* 1 when unsigned integers of 8 bytes have wrapped. */
static int
has_wrapped(PyObject *column, PyObject *integers)
{
    const int64_t *value = DATA(integers);
    if (PyArray_DESCR((PyArrayObject *)column)->kind != 'u') return 0;
    for (size_t i = 0; i < SIZE(integers); i++)
        if (value[i] < 0) return 1;
    return 0;
}

PyObject *
cv_as_int64(PyObject *column, const char *name)
{
    PyObject *integers = cv_as_keys(column, name);
    if (integers == NULL || !has_wrapped(column, integers)) return integers;
    PyErr_Format(PyExc_ValueError, "%s: integers beyond 2**63", name);
    Py_DECREF(integers);
    return NULL;
}

PyObject *
cv_as_ticks(PyObject *column, const char *name)
{
    if (is_number_column(column, "i", 4)) return take(column, NPY_INT32, 0);
    PyErr_Format(PyExc_TypeError, "%s: expected a one-dimensional array of int32", name);
    return NULL;
}

PyObject *
cv_as_tiers(PyObject *column, const char *name)
{
    if (is_number_column(column, "i", 1)) return take(column, NPY_INT8, 0);
    PyErr_Format(PyExc_TypeError, "%s: expected a one-dimensional array of int8", name);
    return NULL;
}

static PyObject *
own(PyObject *taken, int typenum)
{
    PyObject *copy = taken != NULL ? take(taken, typenum, NPY_ARRAY_ENSURECOPY) : NULL;
    Py_XDECREF(taken);
    return copy;
}

PyObject *
cv_own_int64(PyObject *column, const char *name)
{
    return own(cv_as_int64(column, name), NPY_INT64);
}

PyObject *
cv_own_ticks(PyObject *column, const char *name)
{
    return own(cv_as_ticks(column, name), NPY_INT32);
}

PyObject *
cv_as_doubles(PyObject *column, const char *name)
{
    if (!is_number_column(column, "fiu", 8)) {
        PyErr_Format(PyExc_TypeError, "%s: expected a one-dimensional array of numbers", name);
        return NULL;
    }
    if (PyArray_DESCR((PyArrayObject *)column)->kind != 'f' &&
        PyArray_ITEMSIZE((PyArrayObject *)column) == 8) {
        PyObject *integers = cv_as_int64(column, name);
        if (integers == NULL) return NULL;
        int exact = integers_are_exact(integers);
        Py_DECREF(integers);
        if (!exact) {
            PyErr_Format(PyExc_ValueError, "%s: integers beyond 2**53 lose digits as floats", name);
            return NULL;
        }
    }
    return take(column, NPY_DOUBLE, NPY_ARRAY_FORCECAST);
}

PyObject *
cv_own_doubles(PyObject *column, const char *name)
{
    return own(cv_as_doubles(column, name), NPY_DOUBLE);
}

int
cv_same_length(PyObject *column, size_t n, const char *name)
{
    if (SIZE(column) == n) return 0;
    PyErr_Format(PyExc_ValueError, "%s: %zu entries, expected %zu", name, SIZE(column), n);
    return -1;
}

PyObject *
cv_new_array(size_t n, int typenum)
{
    npy_intp length = (npy_intp)n;
    return PyArray_SimpleNew(1, &length, typenum);
}

/* A masked array keeps its missing values elsewhere: read as numbers they would become values.
 * Columns may come in tuples, and those in a tuple. */
static int
has_mask(PyObject *argument, int depth)
{
    if (PyArray_Check(argument))
        return !PyArray_CheckExact(argument) && PyObject_HasAttrString(argument, "mask");
    Py_ssize_t n = depth > 0 && PyTuple_Check(argument) ? PyTuple_Size(argument) : 0;
    for (Py_ssize_t i = 0; i < n; i++)
        if (has_mask(PyTuple_GetItem(argument, i), depth - 1)) return 1;
    return 0;
}

int
cv_take_arguments(const char *function, PyObject *const *args, Py_ssize_t got, Py_ssize_t wanted)
{
    if (got != wanted) {
        PyErr_Format(PyExc_TypeError, "%s() takes %zd arguments, got %zd", function, wanted, got);
        return -1;
    }
    for (Py_ssize_t i = 0; i < got; i++)
        if (has_mask(args[i], 2)) {
            PyErr_Format(PyExc_TypeError, "%s(): expected arrays without a mask", function);
            return -1;
        }
    return 0;
}

int
cv_take_parts(PyObject *argument, Py_ssize_t wanted, const char *name, PyObject **part)
{
    if (!PyTuple_Check(argument) || PyTuple_Size(argument) != wanted) {
        PyErr_Format(PyExc_TypeError, "%s: expected a tuple of %zd", name, wanted);
        return -1;
    }
    for (Py_ssize_t i = 0; i < wanted; i++) part[i] = PyTuple_GetItem(argument, i);
    return 0;
}

int
cv_report_stop(const char *name)
{
    if (!PyErr_Occurred())
        PyErr_Format(PyExc_ValueError, "%s: changed while they were read; pass a copy", name);
    return -1;
}

int
cv_interrupted(void *unused)
{
    (void)unused;
    PyGILState_STATE gil = PyGILState_Ensure();
    int raised = PyErr_CheckSignals() < 0;
    PyGILState_Release(gil);
    return raised;
}
