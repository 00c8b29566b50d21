/* fit.c -- histories in, estimates out. */
#include "binding.h"

static const char *const MODELS[] = {[CV_BGNBD] = "bgnbd", [CV_MBGNBD] = "mbgnbd", [CV_GG] = "gg"};
static const char *const STATUS[] = {
    [CV_FIT_CONVERGED] = "converged",
    [CV_FIT_NO_REPEATS] = "no_repeats",
    [CV_FIT_NO_INFORMATION] = "no_information",
    [CV_FIT_ONE_PATTERN] = "one_pattern",
    [CV_FIT_BOUNDARY] = "boundary",
    [CV_FIT_FLAT] = "flat",
    [CV_FIT_NOT_MOVED] = "not_moved",
    [CV_FIT_ITERATION_LIMIT] = "iteration_limit",
    [CV_FIT_BAD_DATA] = "bad_data",
};

/* The arguments that fit and likelihood share: model, x, t_x, T, weights, parameters, avx2. */
typedef struct {
    PyObject *x, *t_x, *T, *weights, *parameters;
    cv_model model;
    cv_simd simd;
    cv_fit_data data;
    void *workspace;
} cv_arguments;

static int
find_model(PyObject *name, cv_model *model)
{
    for (size_t i = 0; i < sizeof MODELS / sizeof MODELS[0]; i++)
        if (PyUnicode_Check(name) && PyUnicode_CompareWithASCIIString(name, MODELS[i]) == 0) {
            *model = (cv_model)i;
            return 0;
        }
    PyErr_Format(PyExc_ValueError, "no model %R", name);
    return -1;
}

static int
take_column(PyObject *column, const char *name, size_t n, PyObject **taken, const double **data)
{
    if (column == Py_None) return 0;
    if ((*taken = cv_as_doubles(column, name)) == NULL) return -1;
    if (cv_same_length(*taken, n, name) < 0) return -1;
    *data = DATA(*taken);
    return 0;
}

static int
take(PyObject *const *args, cv_arguments *a)
{
    cv_fit_data *h = &a->data;
    if (find_model(args[0], &a->model) < 0) return -1;
    int avx2 = PyObject_IsTrue(args[6]);
    if (avx2 < 0) return -1;
    a->simd = avx2 ? cv_simd_best() : CV_SIMD_BASE;
    if ((a->x = cv_as_doubles(args[1], "x")) == NULL) return -1;
    h->n = SIZE(a->x);
    h->x = DATA(a->x);
    if (take_column(args[2], "t_x", h->n, &a->t_x, &h->t_x) < 0) return -1;
    if (take_column(args[3], "T", h->n, &a->T, &h->T) < 0) return -1;
    if (take_column(args[4], "weights", h->n, &a->weights, &h->weight) < 0) return -1;
    if ((a->parameters = cv_as_doubles(args[5], "parameters")) == NULL) return -1;
    if (h->T == NULL || (h->t_x == NULL) != (a->model == CV_GG) ||
        SIZE(a->parameters) != (a->model == CV_GG ? 3 : 4)) {
        PyErr_SetString(PyExc_ValueError, "columns or parameters that this model has not");
        return -1;
    }
    if ((a->workspace = PyMem_Malloc(cv_fit_workspace(h->n))) == NULL) PyErr_NoMemory();
    return a->workspace ? 0 : -1;
}

static void
drop(cv_arguments *a)
{
    PyMem_Free(a->workspace);
    Py_XDECREF(a->parameters);
    Py_XDECREF(a->weights);
    Py_XDECREF(a->T);
    Py_XDECREF(a->t_x);
    Py_XDECREF(a->x);
}

static PyObject *
doubles(const double *values, size_t n)
{
    PyObject *array = cv_new_array(n, NPY_DOUBLE);
    if (array != NULL) memcpy(DATA(array), values, n * sizeof *values);
    return array;
}

static PyObject *
fit(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_arguments a = {0};
    cv_fit_result result = {0};
    PyObject *answer = NULL;

    if (cv_take_arguments("fit", args, nargs, 8) < 0) goto done;
    long limit = PyLong_AsLong(args[7]);
    if (PyErr_Occurred()) goto done;
    if (limit < 1) {
        PyErr_SetString(PyExc_ValueError, "fit() needs a limit of at least 1");
        goto done;
    }
    if (take(args, &a) < 0) goto done;

    cv_fit_status status;
    Py_BEGIN_ALLOW_THREADS
    status = cv_fit(a.model, &a.data, DATA(a.parameters), limit < 1000 ? (int)limit : 1000, a.simd,
                    a.workspace, cv_interrupted, NULL, &result);
    Py_END_ALLOW_THREADS
    if (status == CV_FIT_INTERRUPTED) goto done;

    size_t n = SIZE(a.parameters);
    PyObject *parameter = doubles(result.parameter, n);
    PyObject *covariance = doubles(result.covariance, n * n);
    PyObject *direction = doubles(result.direction, n);
    PyObject *gone = doubles(result.gone, n);
    if (parameter != NULL && covariance != NULL && direction != NULL && gone != NULL)
        answer = Py_BuildValue("sOOOOddiddd", STATUS[status], parameter, covariance, direction,
                               gone, result.loglik, result.customers, result.passes,
                               result.gradient, result.smallest, result.condition);
    Py_XDECREF(gone);
    Py_XDECREF(direction);
    Py_XDECREF(covariance);
    Py_XDECREF(parameter);
done:
    drop(&a);
    return answer;
}

static PyObject *
likelihood(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_arguments a = {0};
    double value, gradient[CV_PARAMETERS], hessian[CV_PARAMETERS * CV_PARAMETERS];
    PyObject *answer = NULL;

    if (cv_take_arguments("likelihood", args, nargs, 7) < 0 || take(args, &a) < 0) goto done;

    cv_fit_status status;
    Py_BEGIN_ALLOW_THREADS
    status = cv_likelihood(a.model, &a.data, DATA(a.parameters), a.simd, a.workspace,
                           cv_interrupted, NULL, &value, gradient, hessian);
    Py_END_ALLOW_THREADS
    if (status == CV_FIT_INTERRUPTED) goto done;
    if (status == CV_FIT_BAD_DATA) {
        PyErr_SetString(PyExc_ValueError, "a history outside the domain");
        goto done;
    }
    PyObject *first = doubles(gradient, CV_PARAMETERS);
    PyObject *second = doubles(hessian, CV_PARAMETERS * CV_PARAMETERS);
    if (first != NULL && second != NULL) answer = Py_BuildValue("dOO", value, first, second);
    Py_XDECREF(second);
    Py_XDECREF(first);
done:
    drop(&a);
    return answer;
}

PyMethodDef cv_fit_methods[] = {
    FUNCTION(fit, "(model, x, t_x, T, weights, fixed, avx2, limit, /)",
             "(status, parameters, covariance, direction, gone, loglik, customers, passes, "
             "gradient, smallest, condition)"),
    FUNCTION(likelihood, "(model, x, t_x, T, weights, parameters, avx2, /)",
             "(loglik, gradient, hessian)"),
    {NULL, NULL, 0, NULL},
};
