/* accuracy.c -- two columns measured against each other. */
#include "binding.h"

/* Two finite columns of one length n >= least, and scratch for them. */
typedef struct {
    PyObject *first, *second;
    void *scratch;
    size_t n;
} columns;

static int
take(PyObject *const *args, const char *const name[2], size_t least, columns *c)
{
    if ((c->first = cv_as_doubles(args[0], name[0])) == NULL) return -1;
    if ((c->second = cv_as_doubles(args[1], name[1])) == NULL) return -1;
    c->n = SIZE(c->first);
    if (cv_same_length(c->second, c->n, name[1]) < 0) return -1;
    const double *first = DATA(c->first), *second = DATA(c->second);
    int finite = c->n >= least;
    for (size_t i = 0; i < c->n; i++)
        finite &= first[i] - first[i] == 0 && second[i] - second[i] == 0;
    if (!finite) {
        PyErr_Format(PyExc_ValueError, "%s, %s: expected %zu or more finite numbers", name[0],
                     name[1], least);
        return -1;
    }
    if ((c->scratch = PyMem_Malloc(cv_accuracy_scratch(c->n))) == NULL) PyErr_NoMemory();
    return c->scratch == NULL ? -1 : 0;
}

static void
drop(columns *c)
{
    PyMem_Free(c->scratch);
    Py_XDECREF(c->second);
    Py_XDECREF(c->first);
}

static PyObject *
accuracy(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    static const char *const NAME[] = {"predicted", "actual"};
    columns c = {NULL, NULL, NULL, 0};
    cv_accuracy a;
    PyObject *totals = NULL, *deciles = NULL, *answer = NULL;
    int stop;

    if (cv_take_arguments("accuracy", args, nargs, 2) < 0) return NULL;
    if (take(args, NAME, 1, &c) < 0) goto done;
    if ((deciles = cv_new_array(3 * CV_DECILES, NPY_DOUBLE)) == NULL) goto done;
    Py_BEGIN_ALLOW_THREADS
    stop = cv_measure_accuracy(DATA(c.first), DATA(c.second), c.n, c.scratch, &a, DATA(deciles),
                               cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stop) goto done;
    totals = cv_named(module, CV_ACCURACY_RESULT,
                      Py_BuildValue("dddddd", a.predicted, a.actual, a.mae, a.rmse, a.gini,
                                    a.top_20_capture));
    if (totals != NULL) answer = PyTuple_Pack(2, totals, deciles);
done:
    Py_XDECREF(totals);
    Py_XDECREF(deciles);
    drop(&c);
    return answer;
}

static PyObject *
dependence(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    static const char *const NAME[] = {"x", "y"};
    columns c = {NULL, NULL, NULL, 0};
    cv_dependence d;
    PyObject *answer = NULL;
    int stop;

    if (cv_take_arguments("dependence", args, nargs, 2) < 0) return NULL;
    if (take(args, NAME, 2, &c) < 0) goto done;
    Py_BEGIN_ALLOW_THREADS
    stop = cv_measure_dependence(DATA(c.first), DATA(c.second), c.n, c.scratch, &d, cv_interrupted,
                                 NULL);
    Py_END_ALLOW_THREADS
    if (!stop) answer = Py_BuildValue("(ddd)", d.rank_correlation, d.explained, d.groups);
done:
    drop(&c);
    return answer;
}

PyMethodDef cv_accuracy_methods[] = {
    FUNCTION(accuracy, "(predicted, actual, /)",
             "(an Accuracy, deciles of (customers, predicted, actual))."),
    FUNCTION(dependence, "(x, y, /)", "(rank correlation, share explained, groups of equal x)."),
    {NULL, NULL, 0, NULL},
};
