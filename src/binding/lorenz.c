/* lorenz.c -- concentration of a column of ascending values. */
#include "binding.h"

/* lorenz(ascending) -> top float64[n + 1]: top[i] is the sum of the i largest. */
static PyObject *
lorenz(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (cv_take_arguments("lorenz", args, nargs, 1) < 0) return NULL;
    PyObject *value = cv_as_doubles(args[0], "values"), *top = NULL;
    if (value == NULL) return NULL;
    if ((top = cv_new_array(SIZE(value) + 1, NPY_DOUBLE)) != NULL) {
        Py_BEGIN_ALLOW_THREADS
        cv_lorenz(DATA(value), SIZE(value), DATA(top));
        Py_END_ALLOW_THREADS
    }
    Py_DECREF(value);
    return top;
}

/* gini(ascending) -> float */
static PyObject *
gini(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (cv_take_arguments("gini", args, nargs, 1) < 0) return NULL;
    PyObject *value = cv_as_doubles(args[0], "values");
    if (value == NULL) return NULL;
    double answer;
    Py_BEGIN_ALLOW_THREADS
    answer = cv_gini(DATA(value), SIZE(value));
    Py_END_ALLOW_THREADS
    Py_DECREF(value);
    return PyFloat_FromDouble(answer);
}

/* The arguments (top, share in [0, 1]) of the two questions to a Lorenz curve. */
static PyObject *
take_curve(const char *function, PyObject *const *args, Py_ssize_t nargs, double *share)
{
    if (cv_take_arguments(function, args, nargs, 2) < 0) return NULL;
    *share = PyFloat_AsDouble(args[1]);
    if (PyErr_Occurred()) return NULL;
    PyObject *top = cv_as_doubles(args[0], "top");
    if (top == NULL || (SIZE(top) > 0 && *share >= 0 && *share <= 1)) return top;
    PyErr_Format(PyExc_ValueError, "%s(): expected a curve and a share from 0 to 1", function);
    Py_DECREF(top);
    return NULL;
}

/* share_of_top(top, p) -> float */
static PyObject *
share_of_top(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    double p;
    PyObject *top = take_curve("share_of_top", args, nargs, &p);
    if (top == NULL) return NULL;
    double share = cv_share_of_top(DATA(top), SIZE(top) - 1, p);
    Py_DECREF(top);
    return PyFloat_FromDouble(share);
}

/* count_reaching(top, share) -> int */
static PyObject *
count_reaching(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    double share;
    PyObject *top = take_curve("count_reaching", args, nargs, &share);
    if (top == NULL) return NULL;
    size_t count = cv_count_reaching(DATA(top), SIZE(top) - 1, share);
    Py_DECREF(top);
    return PyLong_FromSize_t(count);
}

PyMethodDef cv_lorenz_methods[] = {
    FUNCTION(lorenz, "(ascending, /)", "Sums of the 0, 1, ... n largest values."),
    FUNCTION(gini, "(ascending, /)",
             "Gini coefficient, NaN unless the total is positive and finite."),
    FUNCTION(share_of_top, "(top, p, /)", "Share held by the top share p of customers."),
    FUNCTION(count_reaching, "(top, share, /)", "Smallest number of customers that hold a share."),
    {NULL, NULL, 0, NULL},
};
