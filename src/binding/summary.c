/* summary.c -- questions to a ledger: one answer per customer, rows [begin, end) of its columns. */
#include "binding.h"

/* What a question holds; zero at first. NULL where a column may be None. */
typedef struct {
    PyObject *tick, *value, *begin, *end, *edge;
    cv_customers customers;
} question;

static void
release(question *q)
{
    Py_XDECREF(q->tick);
    Py_XDECREF(q->value);
    Py_XDECREF(q->begin);
    Py_XDECREF(q->end);
    Py_XDECREF(q->edge);
}

static const void *
data_or_null(PyObject *column)
{
    return column == NULL ? NULL : DATA(column);
}

static int
take_value(question *q, PyObject *value, size_t n)
{
    if (value == Py_None) return 0;
    if ((q->value = cv_as_doubles(value, "values")) == NULL) return -1;
    return cv_same_length(q->value, n, "values");
}

/* Ranges that lie within n rows: the core reads what they say. */
static int
take_customers(question *q, PyObject *begin, PyObject *end, size_t n)
{
    if ((q->begin = cv_own_int64(begin, "begin")) == NULL) return -1;
    if ((q->end = cv_own_int64(end, "end")) == NULL) return -1;
    if (cv_same_length(q->end, SIZE(q->begin), "end") < 0) return -1;
    q->customers = (cv_customers){SIZE(q->begin), DATA(q->begin), DATA(q->end)};
    for (size_t c = 0; c < q->customers.n; c++) {
        int64_t from = q->customers.begin[c], to = q->customers.end[c];
        if (from >= 0 && from <= to && (uint64_t)to <= n) continue;
        PyErr_Format(PyExc_ValueError, "customer %zu: rows [%lld, %lld) of %zu", c, (long long)from,
                     (long long)to, n);
        return -1;
    }
    return 0;
}

static int
take_ledger(question *q, PyObject *const *args)
{
    if ((q->tick = cv_as_ticks(args[0], "tick")) == NULL) return -1;
    if (take_value(q, args[1], SIZE(q->tick)) < 0) return -1;
    return take_customers(q, args[2], args[3], SIZE(q->tick));
}

static int
take_edges(question *q, PyObject *edges)
{
    if ((q->edge = cv_own_ticks(edges, "edges")) == NULL) return -1;
    const int32_t *edge = DATA(q->edge);
    size_t n = SIZE(q->edge), i = 1;
    while (i < n && edge[i] > edge[i - 1]) i++;
    if (n > 0 && i == n) return 0;
    PyErr_SetString(PyExc_ValueError, "edges: expected at least one, ascending");
    return -1;
}

static cv_orders
orders_of(const question *q)
{
    return (cv_orders){DATA(q->tick), data_or_null(q->value), data_or_null(q->edge),
                       q->edge == NULL ? 0 : SIZE(q->edge)};
}

static PyObject *
summary(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    question q = {0};
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
    if (take_ledger(&q, args) < 0) goto done;
    if (args[5] != Py_None && take_edges(&q, args[5]) < 0) goto done;
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
    release(&q);
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
    question q = {0};
    PyObject *begins = NULL, *net = NULL, *answer = NULL;
    int stopped;

    if (cv_take_arguments("purchases", args, nargs, 5) < 0 || take_ledger(&q, args) < 0) goto done;
    if (args[4] != Py_None && take_edges(&q, args[4]) < 0) goto done;
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
    release(&q);
    return answer;
}

static PyObject *
totals(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    question q = {0};
    PyObject *total = NULL;
    int stopped;

    if (cv_take_arguments("totals", args, nargs, 3) < 0) goto done;
    if ((q.value = cv_as_doubles(args[0], "values")) == NULL) goto done;
    if (take_customers(&q, args[1], args[2], SIZE(q.value)) < 0) goto done;
    if ((total = cv_new_array(q.customers.n, NPY_DOUBLE)) == NULL) goto done;

    Py_BEGIN_ALLOW_THREADS
    stopped = cv_totals(DATA(q.value), &q.customers, DATA(total), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stopped) Py_CLEAR(total);

done:
    release(&q);
    return total;
}

static PyObject *
log_gaps(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    question q = {0};
    PyObject *sum = NULL;
    int stopped;

    if (cv_take_arguments("log_gaps", args, nargs, 6) < 0) goto done;
    double num = PyFloat_AsDouble(args[4]), den = PyFloat_AsDouble(args[5]);
    if (PyErr_Occurred()) goto done;
    if (!(num > 0) || !(den > 0)) {
        PyErr_SetString(PyExc_ValueError, "log_gaps() needs num and den > 0");
        goto done;
    }
    if (take_ledger(&q, args) < 0) goto done;
    if (q.value == NULL) {
        PyErr_SetString(PyExc_ValueError, "log_gaps() needs marks");
        goto done;
    }
    if ((sum = cv_new_array(q.customers.n, NPY_DOUBLE)) == NULL) goto done;

    Py_BEGIN_ALLOW_THREADS
    stopped = cv_log_gaps(DATA(q.tick), DATA(q.value), &q.customers, num, den, DATA(sum),
                          cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stopped) Py_CLEAR(sum);

done:
    release(&q);
    return sum;
}

static PyObject *
purchase_moments(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    question q = {0};
    PyObject *begins = NULL, *column[3] = {NULL, NULL, NULL}, *answer = NULL;
    int stopped;

    if (cv_take_arguments("purchase_moments", args, nargs, 4) < 0) goto done;
    if ((begins = cv_as_doubles(args[0], "begins")) == NULL) goto done;
    if ((q.value = cv_as_doubles(args[1], "values")) == NULL) goto done;
    if (cv_same_length(q.value, SIZE(begins), "values") < 0) goto done;
    if (take_customers(&q, args[2], args[3], SIZE(q.value)) < 0) goto done;
    for (int k = 0; k < 3; k++)
        if ((column[k] = cv_new_array(q.customers.n, NPY_DOUBLE)) == NULL) goto done;

    Py_BEGIN_ALLOW_THREADS
    stopped = cv_purchase_moments(DATA(begins), DATA(q.value), &q.customers, DATA(column[0]),
                                  DATA(column[1]), DATA(column[2]), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (!stopped) answer = PyTuple_Pack(3, column[0], column[1], column[2]);

done:
    for (int k = 0; k < 3; k++) Py_XDECREF(column[k]);
    Py_XDECREF(begins);
    release(&q);
    return answer;
}

static PyObject *
history(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    question q = {0};
    PyObject *sum = NULL;
    int stopped;

    if (cv_take_arguments("history", args, nargs, 5) < 0 || take_ledger(&q, args) < 0) goto done;
    if (take_edges(&q, args[4]) < 0) goto done;
    npy_intp shape[] = {(npy_intp)q.customers.n, (npy_intp)SIZE(q.edge) - 1};
    if ((sum = PyArray_SimpleNew(2, shape, NPY_DOUBLE)) == NULL) goto done;

    Py_BEGIN_ALLOW_THREADS
    stopped = cv_history(DATA(q.tick), data_or_null(q.value), &q.customers, DATA(q.edge),
                         (size_t)shape[1], DATA(sum), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stopped) Py_CLEAR(sum);

done:
    release(&q);
    return sum;
}

static PyObject *
opportunities(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    question q = {0};
    PyObject *column[3] = {NULL}, *answer = NULL;
    int stopped;

    if (cv_take_arguments("opportunities", args, nargs, 5) < 0) goto done;
    if (take_ledger(&q, args) < 0 || take_edges(&q, args[4]) < 0) goto done;
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
    release(&q);
    return answer;
}

static PyObject *
cut(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    question q = {0};
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
    if (take_customers(&q, args[1], args[2], SIZE(q.tick)) < 0) goto done;
    if ((row = cv_new_array(q.customers.n, NPY_INT64)) == NULL) goto done;

    Py_BEGIN_ALLOW_THREADS
    stopped = cv_cut(DATA(q.tick), &q.customers, (int32_t)last, DATA(row), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stopped) Py_CLEAR(row);

done:
    release(&q);
    return row;
}

PyMethodDef cv_summary_methods[] = {
    FUNCTION(
        summary, "(tick, amount, begin, end, last_tick, edges, num, den, /)",
        "(x, t_x, T, m_x, recency, total, first, last) per customer; times are ticks * num / den, "
        "the last two plain ticks."),
    FUNCTION(purchases, "(tick, amount, begin, end, edges, /)",
             "(begins, net): 1.0 and the net amount at each row where a purchase begins."),
    FUNCTION(log_gaps, "(tick, begins, begin, end, num, den, /)",
             "Sum of the logs of the gaps between marked rows per customer, in ticks * num / den."),
    FUNCTION(totals, "(values, begin, end, /)", "Sum of the values per customer."),
    FUNCTION(purchase_moments, "(begins, values, begin, end, /)", "(n, mean, SS) per customer."),
    FUNCTION(history, "(tick, values, begin, end, edges, /)",
             "Sums per customer and period [edges[p], edges[p + 1]); numbers of rows for None."),
    FUNCTION(opportunities, "(tick, begins, begin, end, edges, /)", "(x, t_x, n) per customer."),
    FUNCTION(cut, "(tick, begin, end, last, /)",
             "First row per customer with a tick after `last`."),
    {NULL, NULL, 0, NULL},
};
