/* rank.c -- places of a column. */
#include "binding.h"

static int
has_nan(PyObject *column)
{
    const double *value = DATA(column);
    for (size_t i = 0; i < SIZE(column); i++)
        if (value[i] != value[i]) return 1;
    return 0;
}

static PyObject *
rank(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *value = NULL, *answer = NULL, *result = NULL;
    void *work = NULL;
    int stopped;

    if (cv_take_arguments("rank", args, nargs, 2) < 0) return NULL;
    long ties = PyLong_AsLong(args[1]);
    if (PyErr_Occurred()) return NULL;
    if ((value = cv_as_doubles(args[0], "value")) == NULL) return NULL;
    if (ties < CV_TIES_MIN || ties > CV_TIES_AVERAGE || has_nan(value)) {
        PyErr_SetString(PyExc_ValueError, "rank(): expected ties 0, 1 or 2 and values, no NaN");
        goto done;
    }
    if ((work = PyMem_Malloc(cv_rank_scratch(SIZE(value)))) == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    if ((answer = cv_new_array(SIZE(value), NPY_DOUBLE)) == NULL) goto done;

    Py_BEGIN_ALLOW_THREADS
    stopped = cv_rank(DATA(value), SIZE(value), (int)ties, work, DATA(answer), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (!stopped) result = Py_NewRef(answer);

done:
    PyMem_Free(work);
    Py_XDECREF(answer);
    Py_XDECREF(value);
    return result;
}

PyMethodDef cv_rank_methods[] = {
    FUNCTION(rank, "(value, ties, /)",
             "Places, 1 for the largest; ties: 0 min, 1 dense, 2 average."),
    {NULL, NULL, 0, NULL},
};
