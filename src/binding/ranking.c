/* ranking.c -- ranks of a column, its Lorenz curve and Gini coefficient, cells of a grid. */
#include "binding.h"

static int
has_nan(PyObject *column)
{
    const double *value = DATA(column);
    for (size_t i = 0; i < SIZE(column); i++)
        if (value[i] != value[i]) return 1;
    return 0;
}

static PyObject *
rank(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *value = NULL, *answer = NULL, *result = NULL;
    void *work = NULL;
    int stopped;

    if (cv_take_arguments("rank", args, nargs, 2) < 0) return NULL;
    long ties = PyLong_AsLong(args[1]);
    if (PyErr_Occurred()) return NULL;
    if ((value = cv_as_doubles(args[0], "value")) == NULL) return NULL;
    if (ties < CV_TIES_MIN || ties > CV_TIES_AVERAGE || has_nan(value)) {
        PyErr_SetString(PyExc_ValueError, "rank(): expected ties 0, 1 or 2 and values, no NaN");
        goto done;
    }
    if ((work = PyMem_Malloc(cv_rank_scratch(SIZE(value)))) == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    if ((answer = cv_new_array(SIZE(value), NPY_DOUBLE)) == NULL) goto done;

    Py_BEGIN_ALLOW_THREADS
    stopped =
        cv_rank(DATA(value), SIZE(value), (int)ties, work, DATA(answer), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (!stopped) result = Py_NewRef(answer);

done:
    PyMem_Free(work);
    Py_XDECREF(answer);
    Py_XDECREF(value);
    return result;
}

/* lorenz(ascending) -> top float64[n + 1]: top[i] is the sum of the i largest. */
static PyObject *
lorenz(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (cv_take_arguments("lorenz", args, nargs, 1) < 0) return NULL;
    PyObject *value = cv_as_doubles(args[0], "values"), *top = NULL;
    if (value == NULL) return NULL;
    if ((top = cv_new_array(SIZE(value) + 1, NPY_DOUBLE)) != NULL) {
        Py_BEGIN_ALLOW_THREADS
        cv_lorenz(DATA(value), SIZE(value), DATA(top));
        Py_END_ALLOW_THREADS
    }
    Py_DECREF(value);
    return top;
}

/* gini(ascending) -> float */
static PyObject *
gini(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (cv_take_arguments("gini", args, nargs, 1) < 0) return NULL;
    PyObject *value = cv_as_doubles(args[0], "values");
    if (value == NULL) return NULL;
    double answer;
    Py_BEGIN_ALLOW_THREADS
    answer = cv_gini(DATA(value), SIZE(value));
    Py_END_ALLOW_THREADS
    Py_DECREF(value);
    return PyFloat_FromDouble(answer);
}

/* The arguments (top, share in [0, 1]) of the two questions to a Lorenz curve. */
static PyObject *
take_curve(const char *function, PyObject *const *args, Py_ssize_t nargs, double *share)
{
    if (cv_take_arguments(function, args, nargs, 2) < 0) return NULL;
    *share = PyFloat_AsDouble(args[1]);
    if (PyErr_Occurred()) return NULL;
    PyObject *top = cv_as_doubles(args[0], "top");
    if (top == NULL || (SIZE(top) > 0 && *share >= 0 && *share <= 1)) return top;
    PyErr_Format(PyExc_ValueError, "%s(): expected a curve and a share from 0 to 1", function);
    Py_DECREF(top);
    return NULL;
}

/* share_of_top(top, p) -> float */
static PyObject *
share_of_top(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    double p;
    PyObject *top = take_curve("share_of_top", args, nargs, &p);
    if (top == NULL) return NULL;
    double share = cv_share_of_top(DATA(top), SIZE(top) - 1, p);
    Py_DECREF(top);
    return PyFloat_FromDouble(share);
}

/* count_reaching(top, share) -> int */
static PyObject *
count_reaching(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    double share;
    PyObject *top = take_curve("count_reaching", args, nargs, &share);
    if (top == NULL) return NULL;
    size_t count = cv_count_reaching(DATA(top), SIZE(top) - 1, share);
    Py_DECREF(top);
    return PyLong_FromSize_t(count);
}

/* grid_cells(row, column, columns) -> cell int8, -1 when row or column is */
static PyObject *
grid_cells(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *row = NULL, *column = NULL, *cell = NULL;

    if (cv_take_arguments("grid_cells", args, nargs, 3) < 0) return NULL;
    long columns = PyLong_AsLong(args[2]);
    if (PyErr_Occurred()) return NULL;
    if (columns < 0 || columns > CV_MAX_TIERS) {
        PyErr_Format(PyExc_ValueError, "columns: expected 0 to %d", CV_MAX_TIERS);
        return NULL;
    }
    if ((row = cv_as_tiers(args[0], "row")) == NULL) goto done;
    if ((column = cv_as_tiers(args[1], "column")) == NULL) goto done;
    if (cv_same_length(column, SIZE(row), "column") < 0) goto done;
    if ((cell = cv_new_array(SIZE(row), NPY_INT8)) == NULL) goto done;

    Py_BEGIN_ALLOW_THREADS
    cv_cells(DATA(row), DATA(column), SIZE(row), (int)columns, DATA(cell));
    Py_END_ALLOW_THREADS
done:
    Py_XDECREF(column);
    Py_XDECREF(row);
    return cell;
}

PyMethodDef cv_ranking_methods[] = {
    FUNCTION(rank, "(value, ties, /)",
             "Places, 1 for the largest; ties: 0 min, 1 dense, 2 average."),
    FUNCTION(lorenz, "(ascending, /)", "Sums of the 0, 1, ... n largest values."),
    FUNCTION(gini, "(ascending, /)",
             "Gini coefficient, NaN unless the total is positive and finite."),
    FUNCTION(share_of_top, "(top, p, /)", "Share held by the top share p of customers."),
    FUNCTION(count_reaching, "(top, share, /)", "Smallest number of customers that hold a share."),
    FUNCTION(grid_cells, "(row, column, columns, /)", "Cell of each customer, -1 for none."),
    {NULL, NULL, 0, NULL},
};
