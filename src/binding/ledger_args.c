/* ledger_args.c -- columns of a ledger, taken and checked. */
#include "ledger_args.h"

void
cv_release(cv_ranges *q)
{
    Py_XDECREF(q->tick);
    Py_XDECREF(q->value);
    Py_XDECREF(q->begin);
    Py_XDECREF(q->end);
    Py_XDECREF(q->edge);
}

const void *
cv_data_or_null(PyObject *column)
{
    return column == NULL ? NULL : DATA(column);
}

static int
take_value(cv_ranges *q, PyObject *value, size_t n)
{
    if (value == Py_None) return 0;
    if ((q->value = cv_as_doubles(value, "values")) == NULL) return -1;
    return cv_same_length(q->value, n, "values");
}

int
cv_take_customers(cv_ranges *q, PyObject *begin, PyObject *end, size_t n)
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

int
cv_take_ledger(cv_ranges *q, PyObject *const *args)
{
    if ((q->tick = cv_as_ticks(args[0], "tick")) == NULL) return -1;
    if (take_value(q, args[1], SIZE(q->tick)) < 0) return -1;
    return cv_take_customers(q, args[2], args[3], SIZE(q->tick));
}

int
cv_take_edges(cv_ranges *q, PyObject *edges)
{
    if ((q->edge = cv_own_ticks(edges, "edges")) == NULL) return -1;
    const int32_t *edge = DATA(q->edge);
    size_t n = SIZE(q->edge), i = 1;
    while (i < n && edge[i] > edge[i - 1]) i++;
    if (n > 0 && i == n) return 0;
    PyErr_SetString(PyExc_ValueError, "edges: expected at least one, ascending");
    return -1;
}
