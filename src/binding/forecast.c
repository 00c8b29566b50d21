/* forecast.c -- credible rates of whole columns. */
#include "binding.h"

/* New arrays of n in a tuple (part, whole, spread, cells), or NULL. */
static PyObject *
new_rates(size_t n, cv_rates *rates)
{
    PyObject *column[4], *tuple = NULL;
    for (int k = 0; k < 4; k++) column[k] = cv_new_array(n, k < 3 ? NPY_DOUBLE : NPY_INT64);
    if (column[0] != NULL && column[1] != NULL && column[2] != NULL && column[3] != NULL) {
        *rates = (cv_rates){DATA(column[0]), DATA(column[1]), DATA(column[2]), DATA(column[3])};
        tuple = PyTuple_Pack(4, column[0], column[1], column[2], column[3]);
    }
    for (int k = 0; k < 4; k++) Py_XDECREF(column[k]);
    return tuple;
}

/* rate_cells(part, whole, periods) -> (part, whole, spread, cells), `periods` cells a customer. */
static PyObject *
rate_cells(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *part = NULL, *whole = NULL, *result = NULL;
    cv_rates rates;

    if (cv_take_arguments("rate_cells", args, nargs, 3) < 0) return NULL;
    Py_ssize_t periods = PyLong_AsSsize_t(args[2]);
    if (PyErr_Occurred()) return NULL;
    if ((part = cv_as_doubles(args[0], "part")) == NULL) goto done;
    if ((whole = cv_as_doubles(args[1], "whole")) == NULL) goto done;
    if (periods < 1 || SIZE(part) != SIZE(whole) || SIZE(part) % (size_t)periods != 0) {
        PyErr_SetString(PyExc_ValueError, "part and whole: expected the same number of whole rows "
                                          "of periods");
        goto done;
    }
    size_t n = SIZE(part) / (size_t)periods;
    if ((result = new_rates(n, &rates)) == NULL) goto done;
    Py_BEGIN_ALLOW_THREADS
    cv_rate_cells(DATA(part), DATA(whole), n, (size_t)periods, rates);
    Py_END_ALLOW_THREADS
done:
    Py_XDECREF(whole);
    Py_XDECREF(part);
    return result;
}

/* credibility(part, whole, spread, cells) -> (mean, within, between) */
static PyObject *
credibility(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *part = NULL, *whole = NULL, *spread = NULL, *cells = NULL;
    PyObject *result = NULL;
    double common[3];

    if (cv_take_arguments("credibility", args, nargs, 4) < 0) return NULL;
    if ((part = cv_as_doubles(args[0], "part")) == NULL) goto done;
    if ((whole = cv_as_doubles(args[1], "whole")) == NULL) goto done;
    if ((spread = cv_as_doubles(args[2], "spread")) == NULL) goto done;
    if ((cells = cv_as_int64(args[3], "cells")) == NULL) goto done;
    size_t n = SIZE(part);
    if (cv_same_length(whole, n, "whole") < 0 || cv_same_length(spread, n, "spread") < 0) goto done;
    if (cv_same_length(cells, n, "cells") < 0) goto done;
    cv_rates rates = {DATA(part), DATA(whole), DATA(spread), DATA(cells)};
    Py_BEGIN_ALLOW_THREADS
    cv_credibility(rates, n, common);
    Py_END_ALLOW_THREADS
    result = Py_BuildValue("(ddd)", common[0], common[1], common[2]);
done:
    Py_XDECREF(cells);
    Py_XDECREF(spread);
    Py_XDECREF(whole);
    Py_XDECREF(part);
    return result;
}

PyMethodDef cv_forecast_methods[] = {
    FUNCTION(rate_cells, "(part, whole, periods, /)", "(part, whole, spread, cells) per customer."),
    FUNCTION(credibility, "(part, whole, spread, cells, /)", "(mean, within, between)."),
    {NULL, NULL, 0, NULL},
};
