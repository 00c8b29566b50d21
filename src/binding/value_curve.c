/* value_curve.c -- what every customer was at many dates, and the trend of it. */
#include "ledger_args.h"

/* The periods between the edges of q, and how many of them are a window; -1 with an error. */
static int
take_dates(cv_ranges *q, PyObject *edges, PyObject *window, cv_dates *dates)
{
    if (cv_take_edges(q, edges) < 0) return -1;
    *dates =
        (cv_dates){SIZE(q->edge) - 1, window == NULL ? 1 : PyLong_AsSize_t(window), DATA(q->edge)};
    if (PyErr_Occurred()) return -1;
    if (dates->periods > 0 && dates->periods <= CV_MOST_DATES && dates->window <= dates->periods)
        return 0;
    PyErr_Format(PyExc_ValueError, "edges: expected 1 to %d periods, a window at most all of them",
                 CV_MOST_DATES);
    return -1;
}

/* A new array of dates * n, or NULL. */
static PyObject *
new_curves(size_t dates, size_t n)
{
    npy_intp shape[] = {(npy_intp)dates, (npy_intp)n};
    return PyArray_SimpleNew(2, shape, NPY_DOUBLE);
}

static PyObject *
curve(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_ranges q = {0};
    cv_dates dates;
    PyObject *since = NULL, *values = NULL;
    void *workspace = NULL;
    int stopped;

    if (cv_take_arguments("curve", args, nargs, 7) < 0 || cv_take_ledger(&q, args) < 0) goto done;
    if ((since = cv_as_ticks(args[4], "since")) == NULL) goto done;
    if (cv_same_length(since, q.customers.n, "since") < 0) goto done;
    if (take_dates(&q, args[5], args[6], &dates) < 0) goto done;
    size_t n = dates.window == 0 ? dates.periods : dates.periods - dates.window + 1;
    if ((values = new_curves(n, q.customers.n)) == NULL) goto done;
    if ((workspace = PyMem_Malloc(cv_curve_bytes(&dates))) == NULL) {
        PyErr_NoMemory();
        Py_CLEAR(values);
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    stopped = cv_curve(DATA(q.tick), cv_data_or_null(q.value), &q.customers, DATA(since), &dates,
                       workspace, DATA(values), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stopped) Py_CLEAR(values);

done:
    PyMem_Free(workspace);
    Py_XDECREF(since);
    cv_release(&q);
    return values;
}

/* New arrays in a tuple with pointers to their data, or NULL. */
static PyObject *
new_columns(size_t columns, size_t dates, size_t n, double **data)
{
    PyObject *tuple = PyTuple_New((Py_ssize_t)columns);
    for (size_t k = 0; tuple != NULL && k < columns; k++) {
        PyObject *column = dates > 0 ? new_curves(dates, n) : cv_new_array(n, NPY_DOUBLE);
        if (column == NULL || PyTuple_SetItem(tuple, (Py_ssize_t)k, column) < 0)
            Py_CLEAR(tuple);
        else
            data[k] = DATA(column);
    }
    return tuple;
}

static PyObject *
curve_histories(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_ranges q = {0};
    cv_dates dates;
    PyObject *net = NULL, *columns = NULL, *answer = NULL;
    double *out[7];
    int stopped;

    if (cv_take_arguments("curve_histories", args, nargs, 8) < 0) goto done;
    double num = PyFloat_AsDouble(args[6]), den = PyFloat_AsDouble(args[7]);
    if (PyErr_Occurred()) goto done;
    if (cv_take_ledger(&q, args) < 0) goto done;
    if ((net = cv_as_doubles(args[4], "net")) == NULL) goto done;
    if (cv_same_length(net, SIZE(q.tick), "net") < 0) goto done;
    if (take_dates(&q, args[5], NULL, &dates) < 0) goto done;
    if (q.value == NULL || !(num > 0) || !(den > 0)) {
        PyErr_SetString(PyExc_ValueError, "curve_histories() needs marks, num and den > 0");
        goto done;
    }
    if ((columns = new_columns(7, dates.periods, q.customers.n, out)) == NULL) goto done;
    const cv_histories_at at = {out[0], out[1], out[2], out[3], out[4], out[5], out[6]};
    Py_BEGIN_ALLOW_THREADS
    stopped = cv_curve_histories(DATA(q.tick), DATA(q.value), DATA(net), &q.customers, &dates, num,
                                 den, &at, cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (!stopped) {
        PyObject *spend = PyTuple_GetSlice(columns, 4, 7);
        answer = Py_BuildValue("NN", PyTuple_GetSlice(columns, 0, 4), spend);
    }

done:
    Py_XDECREF(columns);
    Py_XDECREF(net);
    cv_release(&q);
    return answer;
}

static PyObject *
trend(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *curves = NULL, *columns = NULL, *answer = NULL;
    void *workspace = NULL;
    double *out[6];
    int stopped;

    if (cv_take_arguments("trend", args, nargs, 2) < 0) return NULL;
    size_t dates = PyLong_AsSize_t(args[1]);
    if (PyErr_Occurred()) return NULL;
    if ((curves = cv_as_doubles(args[0], "curves")) == NULL) return NULL;
    if (dates < 1 || dates > CV_MOST_DATES || SIZE(curves) % dates != 0) {
        PyErr_Format(PyExc_ValueError, "curves: expected whole curves of 1 to %d dates",
                     CV_MOST_DATES);
        goto done;
    }
    size_t n = SIZE(curves) / dates;
    if ((workspace = PyMem_Malloc(cv_trend_bytes(dates))) == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    if ((columns = new_columns(6, 0, n, out)) == NULL) goto done;
    const cv_trends trends = {out[0], out[1], out[2], out[3], out[4], out[5]};
    Py_BEGIN_ALLOW_THREADS
    stopped = cv_trend(cv_state_of(module)->simd, DATA(curves), n, dates, workspace, trends,
                       cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (!stopped) answer = cv_named(module, CV_TREND_RESULT, Py_NewRef(columns));

done:
    PyMem_Free(workspace);
    Py_XDECREF(columns);
    Py_DECREF(curves);
    return answer;
}

PyMethodDef cv_curve_methods[] = {
    FUNCTION(curve, "(tick, values, begin, end, since, edges, window, /)",
             "Sums over windows of periods per date and customer; numbers of rows for None."),
    FUNCTION(curve_histories, "(tick, begins, begin, end, net, edges, num, den, /)",
             "((x, t_x, T, m_x), (n, mean, log_mean)) per date and customer."),
    FUNCTION(trend, "(curves, dates, /)",
             "A Trend of curves that stand date by date."),
    {NULL, NULL, 0, NULL},
};
