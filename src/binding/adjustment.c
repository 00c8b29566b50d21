/* adjustment.c -- regressors of customers on a day, and a regression on what a model expected. */
#include "ledger_args.h"

/* (last tick, ticks per day, days ahead) */
static int
take_origin(PyObject *argument, cv_origin *origin)
{
    PyObject *part[3];
    int overflow;
    if (cv_take_parts(argument, 3, "origin", part) < 0) return -1;
    const long last = PyLong_AsLongAndOverflow(part[0], &overflow);
    origin->per_day = PyFloat_AsDouble(part[1]);
    origin->days = PyFloat_AsDouble(part[2]);
    if (PyErr_Occurred()) return -1;
    origin->last_tick = (int32_t)last;
    if (!overflow && last == (int32_t)last && origin->per_day >= 1 && origin->days > 0 &&
        origin->per_day - origin->per_day == 0 && origin->days - origin->days == 0)
        return 0;
    PyErr_SetString(PyExc_ValueError, "origin: expected a last tick of 32 bits, ticks per day >= 1 "
                                      "and days > 0");
    return -1;
}

static uint64_t *
new_keys(const cv_customers *customers)
{
    size_t most = 1;
    for (size_t c = 0; c < customers->n; c++) {
        const size_t rows = (size_t)(customers->end[c] - customers->begin[c]);
        if (rows > most) most = rows;
    }
    uint64_t *key = PyMem_Malloc(most * sizeof *key);
    if (key == NULL) PyErr_NoMemory();
    return key;
}

static PyObject *
regressors(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_ranges q = {0};
    PyObject *expected = NULL, *row = NULL;
    uint64_t *key = NULL;
    cv_origin origin;
    int stopped;

    if (cv_take_arguments("regressors", args, nargs, 6) < 0) goto done;
    if (take_origin(args[4], &origin) < 0 || cv_take_ledger(&q, args) < 0) goto done;
    if (q.value == NULL) PyErr_SetString(PyExc_ValueError, "regressors() needs begins");
    if (q.value == NULL || (expected = cv_as_doubles(args[5], "expected")) == NULL) goto done;
    if (cv_same_length(expected, q.customers.n, "expected") < 0) goto done;
    if ((key = new_keys(&q.customers)) == NULL) goto done;
    npy_intp shape[] = {(npy_intp)q.customers.n, CV_REGRESSORS};
    if ((row = PyArray_SimpleNew(2, shape, NPY_DOUBLE)) == NULL) goto done;

    Py_BEGIN_ALLOW_THREADS
    stopped = cv_regressors(DATA(q.tick), DATA(q.value), &q.customers, &origin, DATA(expected), key,
                            DATA(row), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stopped) Py_CLEAR(row);

done:
    PyMem_Free(key);
    Py_XDECREF(expected);
    cv_release(&q);
    return row;
}

/* Rows of CV_REGRESSORS numbers, one after the other. */
static PyObject *
take_rows(PyObject *argument, size_t *n)
{
    PyObject *row = cv_as_doubles(argument, "rows");
    if (row == NULL) return NULL;
    *n = SIZE(row) / CV_REGRESSORS;
    if (SIZE(row) == *n * CV_REGRESSORS) return row;
    PyErr_Format(PyExc_ValueError, "rows: expected whole rows of %d", CV_REGRESSORS);
    Py_DECREF(row);
    return NULL;
}

static PyObject *
poisson_regression(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *row = NULL, *expected = NULL, *actual = NULL, *found = NULL, *answer = NULL;
    cv_regression of;
    cv_regression_status status;

    if (cv_take_arguments("poisson_regression", args, nargs, 4) < 0) return NULL;
    const double ridge = PyFloat_AsDouble(args[3]);
    if (PyErr_Occurred()) return NULL;
    if (!(ridge >= 0 && ridge - ridge == 0)) {
        PyErr_SetString(PyExc_ValueError, "ridge: expected a finite number, 0 or more");
        return NULL;
    }
    if ((row = take_rows(args[0], &of.n)) == NULL) goto done;
    if ((expected = cv_as_doubles(args[1], "expected")) == NULL) goto done;
    if (cv_same_length(expected, of.n, "expected") < 0) goto done;
    if ((actual = cv_as_doubles(args[2], "actual")) == NULL) goto done;
    if (cv_same_length(actual, of.n, "actual") < 0) goto done;
    if ((found = cv_new_array(CV_ADJUSTMENT, NPY_DOUBLE)) == NULL) goto done;
    of = (cv_regression){of.n, DATA(row), DATA(expected), DATA(actual)};

    Py_BEGIN_ALLOW_THREADS
    status = cv_regress(&of, ridge, DATA(found), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (status == CV_REGRESSION_DONE) answer = Py_NewRef(found);
    if (status == CV_REGRESSION_NONE) answer = Py_NewRef(Py_None);

done:
    Py_XDECREF(found);
    Py_XDECREF(actual);
    Py_XDECREF(expected);
    Py_XDECREF(row);
    return answer;
}

static PyObject *
adjustment_factors(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *row = NULL, *coefficients = NULL, *factor = NULL;
    size_t n;

    if (cv_take_arguments("adjustment_factors", args, nargs, 2) < 0) return NULL;
    if ((row = take_rows(args[0], &n)) == NULL) goto done;
    if ((coefficients = cv_as_doubles(args[1], "coefficients")) == NULL) goto done;
    if (cv_same_length(coefficients, CV_ADJUSTMENT, "coefficients") < 0) goto done;
    if ((factor = cv_new_array(n, NPY_DOUBLE)) == NULL) goto done;

    Py_BEGIN_ALLOW_THREADS
    cv_adjustment_factors(DATA(row), n, DATA(coefficients), DATA(factor));
    Py_END_ALLOW_THREADS

done:
    Py_XDECREF(coefficients);
    Py_XDECREF(row);
    return factor;
}

PyMethodDef cv_adjustment_methods[] = {
    FUNCTION(regressors, "(tick, begins, begin, end, origin, expected, /)",
             "(customers, REGRESSORS) of what the log says of each on a day."),
    FUNCTION(poisson_regression, "(rows, expected, actual, ridge, /)",
             "Coefficients of log (actual / expected), the constant first; None without a minimum."),
    FUNCTION(adjustment_factors, "(rows, coefficients, /)", "The factor of each row."),
    {NULL, NULL, 0, NULL},
};
