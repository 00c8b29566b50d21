/* ledger_queries.c -- questions to a ledger: histories, purchases, sums, gaps and quantiles.
 *
 * Each function takes columns of a ledger and the rows [begin, end) of each customer, and returns
 * one number per customer, per row, or per customer and period.
 */
#include "ledger_args.h"

static cv_orders
orders_of(const cv_ranges *q)
{
    return (cv_orders){DATA(q->tick), cv_data_or_null(q->value), cv_data_or_null(q->edge),
                       q->edge == NULL ? 0 : SIZE(q->edge)};
}

static PyObject *
summary(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    cv_ranges q = {0};
    static const int kind[] = {NPY_INT64,  NPY_DOUBLE, NPY_DOUBLE, NPY_DOUBLE,
                               NPY_DOUBLE, NPY_DOUBLE, NPY_INT32,  NPY_INT32};
    PyObject *column[8] = {NULL}, *answer = NULL;
    int overflow, stopped;

    if (cv_take_arguments("summary", args, nargs, 8) < 0) goto done;
    long last_tick = PyLong_AsLongAndOverflow(args[4], &overflow);
    double num = PyFloat_AsDouble(args[6]), den = PyFloat_AsDouble(args[7]);
    if (PyErr_Occurred()) goto done;
    if (overflow || last_tick != (int32_t)last_tick || !(num > 0) || !(den > 0)) {
        PyErr_SetString(PyExc_ValueError,
                        "summary() needs a last tick of 32 bits, num and den > 0");
        goto done;
    }
    if (cv_take_ledger(&q, args) < 0) goto done;
    if (args[5] != Py_None && cv_take_edges(&q, args[5]) < 0) goto done;
    for (size_t i = 0; i < 8; i++)
        if ((column[i] = cv_new_array(q.customers.n, kind[i])) == NULL) goto done;
    const cv_orders orders = orders_of(&q);
    const cv_histories out = {DATA(column[0]), DATA(column[1]), DATA(column[2]), DATA(column[3]),
                              DATA(column[4]), DATA(column[5]), DATA(column[6]), DATA(column[7])};

    Py_BEGIN_ALLOW_THREADS
    stopped =
        cv_summary(&orders, &q.customers, (int32_t)last_tick, num, den, &out, cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (!stopped)
        answer = cv_named(module, CV_SUMMARY_RESULT,
                          PyTuple_Pack(8, column[0], column[1], column[2], column[3], column[4],
                                       column[5], column[6], column[7]));

done:
    for (size_t i = 0; i < 8; i++) Py_XDECREF(column[i]);
    cv_release(&q);
    return answer;
}

static PyObject *
new_zeros(size_t n)
{
    npy_intp length = (npy_intp)n;
    return PyArray_ZEROS(1, &length, NPY_DOUBLE, 0);
}

static PyObject *
purchases(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_ranges q = {0};
    PyObject *begins = NULL, *net = NULL, *answer = NULL;
    int stopped;

    if (cv_take_arguments("purchases", args, nargs, 5) < 0 || cv_take_ledger(&q, args) < 0)
        goto done;
    if (args[4] != Py_None && cv_take_edges(&q, args[4]) < 0) goto done;
    if ((begins = new_zeros(SIZE(q.tick))) == NULL) goto done;
    if ((net = new_zeros(SIZE(q.tick))) == NULL) goto done;
    const cv_orders orders = orders_of(&q);

    Py_BEGIN_ALLOW_THREADS
    stopped = cv_purchases(&orders, &q.customers, DATA(begins), DATA(net), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (!stopped) answer = PyTuple_Pack(2, begins, net);

done:
    Py_XDECREF(net);
    Py_XDECREF(begins);
    cv_release(&q);
    return answer;
}

static PyObject *
totals(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_ranges q = {0};
    PyObject *total = NULL;
    int stopped;

    if (cv_take_arguments("totals", args, nargs, 3) < 0) goto done;
    if ((q.value = cv_as_doubles(args[0], "values")) == NULL) goto done;
    if (cv_take_customers(&q, args[1], args[2], SIZE(q.value)) < 0) goto done;
    if ((total = cv_new_array(q.customers.n, NPY_DOUBLE)) == NULL) goto done;

    Py_BEGIN_ALLOW_THREADS
    stopped = cv_totals(DATA(q.value), &q.customers, DATA(total), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stopped) Py_CLEAR(total);

done:
    cv_release(&q);
    return total;
}

static PyObject *
history(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_ranges q = {0};
    PyObject *sum = NULL;
    int stopped;

    if (cv_take_arguments("history", args, nargs, 5) < 0 || cv_take_ledger(&q, args) < 0) goto done;
    if (cv_take_edges(&q, args[4]) < 0) goto done;
    npy_intp shape[] = {(npy_intp)q.customers.n, (npy_intp)SIZE(q.edge) - 1};
    if ((sum = PyArray_SimpleNew(2, shape, NPY_DOUBLE)) == NULL) goto done;

    Py_BEGIN_ALLOW_THREADS
    stopped = cv_period_sums(DATA(q.tick), cv_data_or_null(q.value), &q.customers, DATA(q.edge),
                             (size_t)shape[1], DATA(sum), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stopped) Py_CLEAR(sum);

done:
    cv_release(&q);
    return sum;
}

static PyObject *
cut(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_ranges q = {0};
    PyObject *row = NULL;
    int overflow, stopped;

    if (cv_take_arguments("cut", args, nargs, 4) < 0) goto done;
    long last = PyLong_AsLongAndOverflow(args[3], &overflow);
    if (PyErr_Occurred()) goto done;
    if (overflow || last != (int32_t)last) {
        PyErr_SetString(PyExc_ValueError, "cut() needs a last tick of 32 bits");
        goto done;
    }
    if ((q.tick = cv_as_ticks(args[0], "tick")) == NULL) goto done;
    if (cv_take_customers(&q, args[1], args[2], SIZE(q.tick)) < 0) goto done;
    if ((row = cv_new_array(q.customers.n, NPY_INT64)) == NULL) goto done;

    Py_BEGIN_ALLOW_THREADS
    stopped =
        cv_rows_until(DATA(q.tick), &q.customers, (int32_t)last, DATA(row), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stopped) Py_CLEAR(row);

done:
    cv_release(&q);
    return row;
}

static PyObject *
log_gaps(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_ranges q = {0};
    PyObject *sum = NULL, *time = NULL;
    int stopped;

    if (cv_take_arguments("log_gaps", args, nargs, nargs > 6 ? 7 : 6) < 0) goto done;
    double num = PyFloat_AsDouble(args[4]), den = PyFloat_AsDouble(args[5]);
    if (PyErr_Occurred()) goto done;
    if (!(num > 0) || !(den > 0)) {
        PyErr_SetString(PyExc_ValueError, "log_gaps() needs num and den > 0");
        goto done;
    }
    if (cv_take_ledger(&q, args) < 0) goto done;
    if (q.value == NULL) {
        PyErr_SetString(PyExc_ValueError, "log_gaps() needs marks");
        goto done;
    }
    if (nargs > 6 && args[6] != Py_None && (time = cv_as_doubles(args[6], "time")) == NULL) goto done;
    if (time != NULL && cv_same_length(time, SIZE(q.tick), "time") < 0) goto done;
    if ((sum = cv_new_array(q.customers.n, NPY_DOUBLE)) == NULL) goto done;

    Py_BEGIN_ALLOW_THREADS
    stopped = cv_log_gaps(DATA(q.tick), time == NULL ? NULL : DATA(time), DATA(q.value),
                          &q.customers, num, den, DATA(sum), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stopped) Py_CLEAR(sum);

done:
    Py_XDECREF(time);
    cv_release(&q);
    return sum;
}

static PyObject *
opportunities(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_ranges q = {0};
    PyObject *column[3] = {NULL}, *answer = NULL;
    int stopped;

    if (cv_take_arguments("opportunities", args, nargs, 5) < 0) goto done;
    if (cv_take_ledger(&q, args) < 0 || cv_take_edges(&q, args[4]) < 0) goto done;
    if (q.value == NULL) PyErr_SetString(PyExc_ValueError, "opportunities() needs marks");
    if (q.value == NULL) goto done;
    for (int i = 0; i < 3; i++)
        if ((column[i] = cv_new_array(q.customers.n, NPY_DOUBLE)) == NULL) goto done;
    const cv_uses out = {DATA(column[0]), DATA(column[1]), DATA(column[2])};

    Py_BEGIN_ALLOW_THREADS
    stopped = cv_opportunities(DATA(q.tick), DATA(q.value), &q.customers, DATA(q.edge),
                               SIZE(q.edge) - 1, &out, cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (!stopped) answer = PyTuple_Pack(3, column[0], column[1], column[2]);

done:
    for (int i = 0; i < 3; i++) Py_XDECREF(column[i]);
    cv_release(&q);
    return answer;
}

/* gaps(tick, begins, begin, end, num, den) -> float64 per row, NaN where none ends. */
static PyObject *
gaps(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_ranges q = {0};
    PyObject *gap = NULL;
    int stopped;

    if (cv_take_arguments("gaps", args, nargs, 6) < 0) goto done;
    double num = PyFloat_AsDouble(args[4]), den = PyFloat_AsDouble(args[5]);
    if (PyErr_Occurred() || cv_take_ledger(&q, args) < 0) goto done;
    if (q.value == NULL || !(num > 0) || !(den > 0)) {
        PyErr_SetString(PyExc_ValueError, "gaps() needs marks, num and den > 0");
        goto done;
    }
    if ((gap = cv_new_array(SIZE(q.tick), NPY_DOUBLE)) == NULL) goto done;
    double *at = DATA(gap);
    for (size_t i = 0; i < SIZE(gap); i++) at[i] = NPY_NAN;
    Py_BEGIN_ALLOW_THREADS
    stopped =
        cv_gaps(DATA(q.tick), DATA(q.value), &q.customers, num, den, at, cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stopped) Py_CLEAR(gap);

done:
    cv_release(&q);
    return gap;
}

/* quantiles(values, begin, end, q, least) -> float64 per range. */
static PyObject *
quantiles(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_ranges q = {0};
    PyObject *answer = NULL;
    uint64_t *key = NULL;
    int stopped;

    if (cv_take_arguments("quantiles", args, nargs, 5) < 0) goto done;
    double p = PyFloat_AsDouble(args[3]);
    size_t least = PyErr_Occurred() ? 0 : PyLong_AsSize_t(args[4]), most = 0;
    if (PyErr_Occurred()) goto done;
    if (!(p >= 0 && p <= 1)) {
        PyErr_SetString(PyExc_ValueError, "quantiles() needs q from 0 to 1");
        goto done;
    }
    if ((q.value = cv_as_doubles(args[0], "values")) == NULL) goto done;
    if (cv_take_customers(&q, args[1], args[2], SIZE(q.value)) < 0) goto done;
    for (size_t c = 0; c < q.customers.n; c++) {
        size_t rows = (size_t)(q.customers.end[c] - q.customers.begin[c]);
        if (rows > most) most = rows;
    }
    if ((key = PyMem_Malloc((most + 1) * sizeof *key)) == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    if ((answer = cv_new_array(q.customers.n, NPY_DOUBLE)) == NULL) goto done;
    Py_BEGIN_ALLOW_THREADS
    stopped = cv_quantiles(DATA(q.value), &q.customers, p, least, key, DATA(answer), cv_interrupted,
                           NULL);
    Py_END_ALLOW_THREADS
    if (stopped) Py_CLEAR(answer);

done:
    PyMem_Free(key);
    cv_release(&q);
    return answer;
}

PyMethodDef cv_ledger_query_methods[] = {
    FUNCTION(
        summary, "(tick, amount, begin, end, last_tick, edges, num, den, /)",
        "A Summary: a history, total and dates per customer; times are ticks * num / den, the "
        "dates plain ticks."),
    FUNCTION(purchases, "(tick, amount, begin, end, edges, /)",
             "(begins, net): 1.0 and the net amount at each row where a purchase begins."),
    FUNCTION(totals, "(values, begin, end, /)", "Sum of the values per customer."),
    FUNCTION(history, "(tick, values, begin, end, edges, /)",
             "Sums per customer and period [edges[p], edges[p + 1]); numbers of rows for None."),
    FUNCTION(cut, "(tick, begin, end, last, /)",
             "First row per customer with a tick after `last`."),
    FUNCTION(log_gaps, "(tick, begins, begin, end, num, den, time=None, /)",
             "Sum of the logs of the gaps between marked rows per customer, in ticks * num / den or "
             "in the times of the rows."),
    FUNCTION(opportunities, "(tick, begins, begin, end, edges, /)", "(x, t_x, n) per customer."),
    FUNCTION(
        gaps, "(tick, begins, begin, end, num, den, /)",
        "The time since the purchase before, at each row where a repeat purchase begins; NaN."),
    FUNCTION(quantiles, "(values, begin, end, q, least, /)",
             "A quantile of the values of each range but NaN; NaN below `least` of them."),
    {NULL, NULL, 0, NULL},
};
