/* summary.c -- questions to a ledger: one answer per customer, rows [begin, end) of its columns. */
#include "ledger_args.h"

static cv_orders
orders_of(const cv_ranges *q)
{
    return (cv_orders){DATA(q->tick), cv_data_or_null(q->value), cv_data_or_null(q->edge),
                       q->edge == NULL ? 0 : SIZE(q->edge)};
}

static PyObject *
summary(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
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
        answer = PyTuple_Pack(8, column[0], column[1], column[2], column[3], column[4], column[5],
                              column[6], column[7]);

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
    stopped = cv_history(DATA(q.tick), cv_data_or_null(q.value), &q.customers, DATA(q.edge),
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
    stopped = cv_cut(DATA(q.tick), &q.customers, (int32_t)last, DATA(row), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stopped) Py_CLEAR(row);

done:
    cv_release(&q);
    return row;
}

PyMethodDef cv_summary_methods[] = {
    FUNCTION(
        summary, "(tick, amount, begin, end, last_tick, edges, num, den, /)",
        "(x, t_x, T, m_x, recency, total, first, last) per customer; times are ticks * num / den, "
        "the last two plain ticks."),
    FUNCTION(purchases, "(tick, amount, begin, end, edges, /)",
             "(begins, net): 1.0 and the net amount at each row where a purchase begins."),
    FUNCTION(totals, "(values, begin, end, /)", "Sum of the values per customer."),
    FUNCTION(history, "(tick, values, begin, end, edges, /)",
             "Sums per customer and period [edges[p], edges[p + 1]); numbers of rows for None."),
    FUNCTION(cut, "(tick, begin, end, last, /)",
             "First row per customer with a tick after `last`."),
    {NULL, NULL, 0, NULL},
};
