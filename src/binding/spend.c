/* spend.c -- the money of purchases: moments per customer, and residuals by period. */
#include "ledger_args.h"

static PyObject *
purchase_moments(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_ranges q = {0};
    PyObject *begins = NULL, *column[3] = {NULL, NULL, NULL}, *answer = NULL;
    int stopped;

    if (cv_take_arguments("purchase_moments", args, nargs, 4) < 0) goto done;
    if ((begins = cv_as_doubles(args[0], "begins")) == NULL) goto done;
    if ((q.value = cv_as_doubles(args[1], "values")) == NULL) goto done;
    if (cv_same_length(q.value, SIZE(begins), "values") < 0) goto done;
    if (cv_take_customers(&q, args[2], args[3], SIZE(q.value)) < 0) goto done;
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
    cv_release(&q);
    return answer;
}

/* (begins, net, begin, end, whether to leave out the last) -> ((n, mean, log_mean, log_SS), last) */
static PyObject *
spend_moments(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_ranges q = {0};
    PyObject *begins = NULL, *column[5] = {NULL}, *answer = NULL;
    int stopped, without_last;

    if (cv_take_arguments("spend_moments", args, nargs, 5) < 0) goto done;
    if ((without_last = PyObject_IsTrue(args[4])) < 0) goto done;
    if ((begins = cv_as_doubles(args[0], "begins")) == NULL) goto done;
    if ((q.value = cv_as_doubles(args[1], "net")) == NULL) goto done;
    if (cv_same_length(q.value, SIZE(begins), "net") < 0) goto done;
    if (cv_take_customers(&q, args[2], args[3], SIZE(q.value)) < 0) goto done;
    for (int k = 0; k < 5; k++)
        if ((column[k] = cv_new_array(q.customers.n, NPY_DOUBLE)) == NULL) goto done;
    const cv_spend_columns out = {DATA(column[0]), DATA(column[1]), DATA(column[2]),
                                  DATA(column[3]), DATA(column[4])};

    Py_BEGIN_ALLOW_THREADS
    stopped = cv_spend_moments(DATA(begins), DATA(q.value), &q.customers, without_last, &out,
                               cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (!stopped)
        answer = Py_BuildValue("(OOOO)O", column[0], column[1], column[2], column[3], column[4]);

done:
    for (int k = 0; k < 5; k++) Py_XDECREF(column[k]);
    Py_XDECREF(begins);
    cv_release(&q);
    return answer;
}

/* (tick, net, begin, end, begins, centers, edges) -> (n, sum) of each period */
static PyObject *
log_residuals(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_ranges q = {0};
    PyObject *begins = NULL, *center = NULL, *column[3] = {NULL}, *answer = NULL;
    int stopped;

    if (cv_take_arguments("log_residuals", args, nargs, 7) < 0) goto done;
    if (cv_take_ledger(&q, args) < 0 || cv_take_edges(&q, args[6]) < 0) goto done;
    if (q.value == NULL) PyErr_SetString(PyExc_ValueError, "log_residuals() needs amounts");
    if (q.value == NULL || (begins = cv_as_doubles(args[4], "begins")) == NULL) goto done;
    if (cv_same_length(begins, SIZE(q.tick), "begins") < 0) goto done;
    if ((center = cv_as_doubles(args[5], "center")) == NULL) goto done;
    if (cv_same_length(center, q.customers.n, "center") < 0) goto done;
    const size_t periods = SIZE(q.edge) - 1;
    for (int k = 0; k < 3; k++)
        if ((column[k] = cv_new_array(periods, NPY_DOUBLE)) == NULL) goto done;
    const cv_orders orders = {.tick = DATA(q.tick), .amount = DATA(q.value)};
    const cv_residuals out = {DATA(column[0]), DATA(column[1]), DATA(column[2])};

    Py_BEGIN_ALLOW_THREADS
    stopped = cv_log_residuals(&orders, DATA(begins), &q.customers, DATA(center), DATA(q.edge),
                               periods, &out, cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (!stopped) answer = PyTuple_Pack(2, column[0], column[1]);

done:
    for (int k = 0; k < 3; k++) Py_XDECREF(column[k]);
    Py_XDECREF(center);
    Py_XDECREF(begins);
    cv_release(&q);
    return answer;
}

PyMethodDef cv_spend_methods[] = {
    FUNCTION(purchase_moments, "(begins, values, begin, end, /)", "(n, mean, SS) per customer."),
    FUNCTION(log_residuals, "(tick, net, begin, end, begins, center, edges, /)",
             "(n, sum) by period of the logs of purchases less the centers of their customers."),
    FUNCTION(spend_moments, "(begins, net, begin, end, without_last, /)",
             "((n, mean, log_mean, log_SS) of paid purchases, the last one if it is left out)."),
    {NULL, NULL, 0, NULL},
};
