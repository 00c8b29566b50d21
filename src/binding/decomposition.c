/* decomposition.c -- sales of two periods in, the parts of each customer's change in value out. */
#include "ledger_args.h"

/* What decompose() is given beside a ledger; zero at first. */
typedef struct {
    PyObject *units, *cost, *product, *first, *relationship, *edges, *word;
} given;

static void
release(given *g)
{
    PyObject *const held[] = {g->units, g->cost,         g->product, g->first,
                              g->edges, g->relationship, g->word};
    for (size_t i = 0; i < sizeof held / sizeof held[0]; i++) Py_XDECREF(held[i]);
}

/* An argument of n entries, or None where that is allowed; -1 with an error. */
static int
take(PyObject *argument, PyObject *(*as)(PyObject *, const char *), const char *name, size_t n,
     int optional, PyObject **column)
{
    if (optional && argument == Py_None) return 0;
    if ((*column = as(argument, name)) == NULL) return -1;
    return cv_same_length(*column, n, name);
}

static int
take_given(PyObject *const *args, const cv_ranges *q, given *g)
{
    const size_t rows = SIZE(q->tick), n = q->customers.n;
    if (q->value == NULL) {
        PyErr_SetString(PyExc_TypeError, "values: expected an array of numbers");
        return -1;
    }
    if (take(args[4], cv_as_doubles, "units", rows, 0, &g->units) < 0) return -1;
    if (take(args[5], cv_as_doubles, "cost", rows, 1, &g->cost) < 0) return -1;
    if (take(args[6], cv_as_ticks, "product", rows, 1, &g->product) < 0) return -1;
    if (take(args[7], cv_as_ticks, "first", n, 0, &g->first) < 0) return -1;
    if (take(args[8], cv_as_doubles, "relationship", 2 * n, 1, &g->relationship) < 0) return -1;
    if (take(args[9], cv_own_ticks, "edges", 4, 0, &g->edges) < 0) return -1;
    const int32_t *edge = DATA(g->edges);
    if (edge[0] <= edge[1] && edge[1] <= edge[2] && edge[2] <= edge[3]) return 0;
    PyErr_SetString(PyExc_ValueError, "edges: expected four, ascending");
    return -1;
}

/* Words for the rows of the largest customer, twice. */
static PyObject *
new_words(const cv_customers *customers)
{
    size_t most = 0;
    for (size_t c = 0; c < customers->n; c++) {
        const size_t rows = (size_t)(customers->end[c] - customers->begin[c]);
        if (rows > most) most = rows;
    }
    return cv_new_array(2 * most, NPY_UINT64);
}

static PyObject *
decompose(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    cv_ranges q = {0};
    given g = {0};
    PyObject *column[7] = {NULL}, *answer = NULL;
    int stopped;

    if (cv_take_arguments("decompose", args, nargs, 10) < 0) return NULL;
    if (cv_take_ledger(&q, args) < 0 || take_given(args, &q, &g) < 0) goto done;
    if ((g.word = new_words(&q.customers)) == NULL) goto done;
    for (size_t k = 0; k < 7; k++)
        if ((column[k] = cv_new_array(q.customers.n, NPY_DOUBLE)) == NULL) goto done;
    const cv_sales log = {DATA(q.tick), cv_data_or_null(g.product), DATA(q.value), DATA(g.units),
                          cv_data_or_null(g.cost)};
    const cv_effects out = {DATA(column[0]), DATA(column[1]), DATA(column[2]), DATA(column[3]),
                            DATA(column[4]), DATA(column[5]), DATA(column[6])};
    Py_BEGIN_ALLOW_THREADS
    stopped = cv_decompose(&log, &q.customers, DATA(g.first), cv_data_or_null(g.relationship),
                           DATA(g.edges), DATA(g.word), &out, cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (!stopped)
        answer = cv_named(module, CV_DECOMPOSITION_RESULT,
                          PyTuple_Pack(7, column[0], column[1], column[2], column[3], column[4],
                                       column[5], column[6]));

done:
    for (size_t k = 0; k < 7; k++) Py_XDECREF(column[k]);
    release(&g);
    cv_release(&q);
    return answer;
}

PyMethodDef cv_decompose_methods[] = {
    FUNCTION(
        decompose,
        "(tick, amount, begin, end, units, cost, product, first, relationship, edges, /)",
        "A Decomposition: the value of each customer in two periods between four edges, and the "
        "parts of its change."),
    {NULL, NULL, 0, NULL},
};
