/* rank.c -- places of a column. */
#include "binding.h"

static PyObject *
rank(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *value = NULL, *answer = NULL, *result = NULL;
    cv_place *work = NULL;
    int stopped;

    if (cv_take_arguments("rank", nargs, 2) < 0) return NULL;
    long ties = PyLong_AsLong(args[1]);
    if (ties == -1 && PyErr_Occurred()) return NULL;
    if ((value = cv_as_doubles(args[0], "value")) == NULL) return NULL;
    size_t n = SIZE(value);
    if (n > PY_SSIZE_T_MAX / (2 * sizeof *work) ||
        (work = PyMem_Malloc(2 * n * sizeof *work)) == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    if ((answer = cv_new_array(n, NPY_DOUBLE)) == NULL) goto done;

    Py_BEGIN_ALLOW_THREADS
    stopped = cv_rank(DATA(value), n, (int)ties, work, DATA(answer), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (!stopped) result = Py_NewRef(answer);

done:
    PyMem_Free(work);
    Py_XDECREF(answer);
    Py_XDECREF(value);
    return result;
}

PyMethodDef cv_rank_methods[] = {
    {"rank", (PyCFunction)(void (*)(void))rank, METH_FASTCALL,
     "rank(value, ties, /) -> places, 1 for the largest; ties: 0 min, 1 dense, 2 average"},
    {NULL, NULL, 0, NULL},
};
