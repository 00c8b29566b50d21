/* arrays.c -- the gate between Python's columns and the core's plain arrays. */
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

/* A masked array keeps its holes elsewhere: read as numbers they would become values. */
static int
has_mask(PyObject *column)
{
    return !PyArray_CheckExact(column) && PyObject_HasAttrString(column, "mask");
}

static int
integers_are_exact(PyObject *integers)
{
    const int64_t *value = DATA(integers);
    for (size_t i = 0; i < SIZE(integers); i++)
        if (value[i] > EXACT_INTEGER || value[i] < -EXACT_INTEGER) return 0;
    return 1;
}

PyObject *
cv_as_int64(PyObject *column, const char *name)
{
    if (!is_number_column(column, "iu", 8) || has_mask(column)) {
        PyErr_Format(PyExc_TypeError, "%s: expected a one-dimensional array of integers", name);
        return NULL;
    }
    return PyArray_FROMANY(column, NPY_INT64, 1, 1, NPY_ARRAY_CARRAY_RO | NPY_ARRAY_FORCECAST);
}

PyObject *
cv_as_ticks(PyObject *column, const char *name)
{
    if (!is_number_column(column, "i", 4) || has_mask(column)) {
        PyErr_Format(PyExc_TypeError, "%s: expected a one-dimensional array of int32", name);
        return NULL;
    }
    return PyArray_FROMANY(column, NPY_INT32, 1, 1, NPY_ARRAY_CARRAY_RO);
}

PyObject *
cv_as_doubles(PyObject *column, const char *name)
{
    if (!is_number_column(column, "fiu", 8) || has_mask(column)) {
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
    return PyArray_FROMANY(column, NPY_DOUBLE, 1, 1, NPY_ARRAY_CARRAY_RO | NPY_ARRAY_FORCECAST);
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

int
cv_take_arguments(const char *function, Py_ssize_t got, Py_ssize_t wanted)
{
    if (got == wanted) return 0;
    PyErr_Format(PyExc_TypeError, "%s() takes %zd arguments, got %zd", function, wanted, got);
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
