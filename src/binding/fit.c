/* fit.c -- histories in, estimates out. */
#include "binding.h"

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

/* The arguments that fit and likelihood share: model, columns, weights, parameters, avx2, and the
 * covariates of rate and dropout. */
typedef struct {
    PyObject *column[CV_COLUMNS], *covariate[CV_COVARIATES], *weights, *parameters, *workspace;
    cv_model model;
    cv_simd simd;
    cv_fit_data data;
} cv_arguments;

static int
find_model(PyObject *name, cv_model *model)
{
    for (int i = 0; i < CV_MODELS; i++)
        if (PyUnicode_Check(name) &&
            PyUnicode_CompareWithASCIIString(name, cv_model_word((cv_model)i)) == 0) {
            *model = (cv_model)i;
            return 0;
        }
    PyErr_Format(PyExc_ValueError, "no model %R", name);
    return -1;
}

/* A tuple of columns, all of the length of the first column of the history. */
static Py_ssize_t
take_columns(PyObject *columns, size_t most, cv_arguments *a, PyObject **taken, const double **data)
{
    Py_ssize_t count = PyTuple_Check(columns) ? PyTuple_Size(columns) : -1;
    if (count < 0 || (size_t)count > most) {
        PyErr_SetString(PyExc_ValueError, "not a tuple of columns, or too many");
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if ((taken[i] = cv_as_doubles(PyTuple_GetItem(columns, i), "a column")) == NULL) return -1;
        if (taken == a->column && i == 0) a->data.n = SIZE(taken[i]);
        if (cv_same_length(taken[i], a->data.n, "a column") < 0) return -1;
        data[i] = DATA(taken[i]);
    }
    return count;
}

static int
take_covariates(PyObject *rates, PyObject *dropouts, cv_arguments *a)
{
    cv_fit_data *h = &a->data;
    Py_ssize_t count = take_columns(rates, CV_COVARIATES, a, a->covariate, h->covariate);
    if (count < 0) return -1;
    h->rates = (size_t)count;
    count = take_columns(dropouts, CV_COVARIATES - h->rates, a, a->covariate + h->rates,
                         h->covariate + h->rates);
    if (count < 0) return -1;
    h->dropouts = (size_t)count;
    if (h->rates + h->dropouts == 0 || cv_takes_covariates(a->model)) return 0;
    PyErr_SetString(PyExc_ValueError, "this model takes no covariates");
    return -1;
}

static int
take_weights(PyObject *weights, cv_arguments *a)
{
    if (weights == Py_None) return 0;
    if ((a->weights = cv_as_doubles(weights, "weights")) == NULL) return -1;
    a->data.weight = DATA(a->weights);
    return cv_same_length(a->weights, a->data.n, "weights");
}

/* The bytes that some work borrows. */
typedef size_t (*workspace_of)(cv_model model, const cv_fit_data *data);

static int
take(PyObject *const *args, PyObject *const *covariates, workspace_of workspace, cv_arguments *a)
{
    if (find_model(args[0], &a->model) < 0) return -1;
    int avx2 = PyObject_IsTrue(args[4]);
    if (avx2 < 0) return -1;
    a->simd = avx2 ? cv_simd_best() : CV_SIMD_BASE;
    if (take_columns(args[1], CV_COLUMNS, a, a->column, a->data.column) !=
        (Py_ssize_t)cv_model_columns(a->model)) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "not the columns of this model");
        return -1;
    }
    if (take_weights(args[2], a) < 0) return -1;
    if (covariates != NULL && take_covariates(covariates[0], covariates[1], a) < 0) return -1;
    if ((a->parameters = cv_as_doubles(args[3], "parameters")) == NULL) return -1;
    size_t coefficients = a->data.rates + a->data.dropouts;
    if (SIZE(a->parameters) != cv_model_parameters(a->model) + coefficients) {
        PyErr_SetString(PyExc_ValueError, "parameters that this model has not");
        return -1;
    }
    /* An array: for large ones NumPy asks for huge pages, a third of the time of a fit. */
    size_t bytes = workspace(a->model, &a->data);
    return (a->workspace = cv_new_array(bytes / sizeof(double) + 1, NPY_DOUBLE)) ? 0 : -1;
}

static void
drop(cv_arguments *a)
{
    Py_XDECREF(a->workspace);
    Py_XDECREF(a->parameters);
    Py_XDECREF(a->weights);
    for (size_t i = 0; i < CV_COVARIATES; i++) Py_XDECREF(a->covariate[i]);
    for (size_t i = 0; i < CV_COLUMNS; i++) Py_XDECREF(a->column[i]);
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

    if (cv_take_arguments("fit", args, nargs, nargs > 6 ? 9 : 6) < 0) goto done;
    long limit = PyLong_AsLong(args[5]);
    if (nargs > 6) a.data.penalty = PyFloat_AsDouble(args[8]);
    if (PyErr_Occurred()) goto done;
    if (limit < 1) {
        PyErr_SetString(PyExc_ValueError, "fit() needs a limit of at least 1");
        goto done;
    }
    if (take(args, nargs > 6 ? args + 6 : NULL, cv_fit_workspace, &a) < 0) goto done;

    cv_fit_status status;
    Py_BEGIN_ALLOW_THREADS
    status = cv_fit(a.model, &a.data, DATA(a.parameters), limit < 1000 ? (int)limit : 1000, a.simd,
                    DATA(a.workspace), cv_interrupted, NULL, &result);
    Py_END_ALLOW_THREADS
    if (status == CV_FIT_INTERRUPTED) goto done;

    size_t n = SIZE(a.parameters);
    PyObject *parameter = doubles(result.parameter, n);
    PyObject *covariance = doubles(result.covariance, n * n);
    PyObject *direction = doubles(result.direction, n);
    PyObject *gone = doubles(result.gone, n);
    PyObject *mean = doubles(result.mean, a.data.rates + a.data.dropouts);
    if (mean != NULL && parameter != NULL && covariance != NULL && direction != NULL &&
        gone != NULL)
        answer = Py_BuildValue("sOOOOddidddO", STATUS[status], parameter, covariance, direction,
                               gone, result.loglik, result.customers, result.passes,
                               result.gradient, result.smallest, result.condition, mean);
    Py_XDECREF(mean);
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

    if (cv_take_arguments("likelihood", args, nargs, nargs > 5 ? 7 : 5) < 0 ||
        take(args, nargs > 5 ? args + 5 : NULL, cv_fit_workspace, &a) < 0)
        goto done;

    cv_fit_status status;
    Py_BEGIN_ALLOW_THREADS
    status = cv_likelihood(a.model, &a.data, DATA(a.parameters), a.simd, DATA(a.workspace),
                           cv_interrupted, NULL, &value, gradient, hessian);
    Py_END_ALLOW_THREADS
    if (status == CV_FIT_INTERRUPTED) goto done;
    if (status == CV_FIT_BAD_DATA) {
        PyErr_SetString(PyExc_ValueError, "a history outside the domain");
        goto done;
    }
    size_t n = SIZE(a.parameters);
    PyObject *first = doubles(gradient, n);
    PyObject *second = doubles(hessian, n * n);
    if (first != NULL && second != NULL) answer = Py_BuildValue("dOO", value, first, second);
    Py_XDECREF(second);
    Py_XDECREF(first);
done:
    drop(&a);
    return answer;
}

static PyObject *
own_parameters(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_arguments a = {0};
    PyObject *own[4] = {NULL}, *mean = NULL, *answer = NULL;
    double *out[4];

    if (cv_take_arguments("own_parameters", args, nargs, 6) < 0) goto done;
    Py_ssize_t n = PyLong_AsSsize_t(args[3]);
    if (PyErr_Occurred() || find_model(args[0], &a.model) < 0) goto done;
    a.data.n = n > 0 ? (size_t)n : 0;
    if (take_covariates(args[4], args[5], &a) < 0) goto done;
    if ((mean = cv_as_doubles(args[2], "means")) == NULL) goto done;
    if (cv_same_length(mean, a.data.rates + a.data.dropouts, "means") < 0) goto done;
    if ((a.parameters = cv_as_doubles(args[1], "parameters")) == NULL) goto done;
    if (!cv_takes_covariates(a.model) || SIZE(a.parameters) != 4 + a.data.rates + a.data.dropouts) {
        PyErr_SetString(PyExc_ValueError, "parameters that this model has not");
        goto done;
    }
    for (size_t p = 0; p < 4; p++) {
        if ((own[p] = cv_new_array(a.data.n, NPY_DOUBLE)) == NULL) goto done;
        out[p] = DATA(own[p]);
    }
    int stop;
    Py_BEGIN_ALLOW_THREADS
    stop = cv_own_parameters(a.model, &a.data, DATA(a.parameters), DATA(mean), out, cv_interrupted,
                             NULL);
    Py_END_ALLOW_THREADS
    if (!stop) answer = PyTuple_Pack(4, own[0], own[1], own[2], own[3]);
done:
    for (size_t p = 0; p < 4; p++) Py_XDECREF(own[p]);
    Py_XDECREF(mean);
    drop(&a);
    return answer;
}

static PyObject *
bootstrap(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_arguments a = {0};
    cv_resampling how = {NULL, 0, 0, 0};
    PyObject *estimate = NULL, *sets = NULL, *answer = NULL;

    if (cv_take_arguments("bootstrap", args, nargs, 12) < 0) goto done;
    long limit = PyLong_AsLong(args[5]), replicates = PyLong_AsLong(args[10]);
    a.data.penalty = PyErr_Occurred() ? 0 : PyFloat_AsDouble(args[8]);
    how.seed = PyErr_Occurred() ? 0 : PyLong_AsUnsignedLongLong(args[11]);
    if (PyErr_Occurred()) goto done;
    if (limit < 1 || replicates < 1 || replicates > INT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "bootstrap() needs a limit and replicates of at least 1");
        goto done;
    }
    if (take(args, args + 6, cv_bootstrap_workspace, &a) < 0) goto done;
    if ((estimate = cv_as_doubles(args[9], "estimate")) == NULL) goto done;
    if (cv_same_length(estimate, SIZE(a.parameters), "estimate") < 0) goto done;
    if ((sets = cv_new_array((size_t)replicates * SIZE(estimate), NPY_DOUBLE)) == NULL) goto done;

    how.estimate = DATA(estimate);
    how.replicates = (uint32_t)replicates;
    how.limit = limit < 1000 ? (int)limit : 1000;
    cv_fit_status status;
    Py_BEGIN_ALLOW_THREADS
    status = cv_bootstrap(a.model, &a.data, DATA(a.parameters), &how, a.simd, DATA(a.workspace),
                          cv_interrupted, NULL, DATA(sets));
    Py_END_ALLOW_THREADS
    if (status == CV_FIT_BAD_DATA)
        PyErr_SetString(PyExc_ValueError, "a history outside the domain");
    if (status == CV_FIT_CONVERGED) answer = Py_NewRef(sets);
done:
    Py_XDECREF(sets);
    Py_XDECREF(estimate);
    drop(&a);
    return answer;
}

PyMethodDef cv_fit_methods[] = {
    FUNCTION(fit,
             "(model, columns, weights, fixed, avx2, limit, rates=(), dropouts=(), penalty=0, /)",
             "(status, parameters, covariance, direction, gone, loglik, customers, passes, "
             "gradient, smallest, condition, means of the covariates)"),
    FUNCTION(bootstrap,
             "(model, columns, weights, fixed, avx2, limit, rates, dropouts, penalty, estimate, "
             "replicates, seed, /)",
             "parameters of each replicate, NaN where it has no sound optimum"),
    FUNCTION(likelihood, "(model, columns, weights, parameters, avx2, rates=(), dropouts=(), /)",
             "(loglik, gradient, hessian)"),
    FUNCTION(own_parameters, "(model, parameters, means, n, rates, dropouts, /)",
             "the four parameters of each of n customers, from his covariates"),
    {NULL, NULL, 0, NULL},
};
