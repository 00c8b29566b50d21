/* fit.c -- fits of a model to histories and its likelihood; after a fit: the bootstrap, the
 * influence of one customer, and the parameters of each customer from their covariates.
 */
#include "model_args.h"

/* The named result of a fit, NULL with an error set; 'N' hands the arrays over, or drops them all. */
static PyObject *
result_of_fit(PyObject *module, cv_fit_status status, const cv_asked *a,
              const cv_fit_result *result)
{
    const size_t n = SIZE(a->parameters);
    PyObject *values = Py_BuildValue(
        "sNNNNddidddN", cv_status_word(status), cv_new_doubles(result->parameter, n),
        cv_new_doubles(result->covariance, n * n), cv_new_doubles(result->direction, n),
        cv_new_doubles(result->boundary, n), result->loglik, result->customers, result->passes,
        result->gradient, result->smallest, result->condition,
        cv_new_doubles(result->mean, a->data.rates + a->data.dropouts));
    return cv_named(module, CV_FIT_RESULT, values);
}

static PyObject *
fit(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    cv_asked a = {0};
    cv_fit_result result = {0};
    PyObject *answer = NULL;

    if (cv_take_arguments("fit", args, nargs, nargs > 5 ? 7 : 5) < 0) goto done;
    long limit = PyLong_AsLong(args[4]);
    if (nargs > 5) a.data.penalty = PyFloat_AsDouble(args[6]);
    if (PyErr_Occurred()) goto done;
    if (limit < 1) {
        PyErr_SetString(PyExc_ValueError, "fit() needs a limit of at least 1");
        goto done;
    }
    if (cv_take_histories(module, args, nargs > 5 ? args[5] : NULL, cv_fit_workspace, &a) < 0)
        goto done;

    cv_fit_status status;
    Py_BEGIN_ALLOW_THREADS
    status = cv_fit(a.model, &a.data, DATA(a.parameters), limit < 1000 ? (int)limit : 1000, a.simd,
                    DATA(a.workspace), cv_interrupted, NULL, &result);
    Py_END_ALLOW_THREADS
    if (status == CV_FIT_INTERRUPTED) {
        cv_report_stop("histories");
        goto done;
    }

    answer = result_of_fit(module, status, &a, &result);
done:
    cv_drop_histories(&a);
    return answer;
}

static PyObject *
likelihood(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    cv_asked a = {0};
    double value, gradient[CV_PARAMETERS], hessian[CV_PARAMETERS * CV_PARAMETERS];
    PyObject *answer = NULL;

    if (cv_take_arguments("likelihood", args, nargs, nargs > 4 ? 5 : 4) < 0 ||
        cv_take_histories(module, args, nargs > 4 ? args[4] : NULL, cv_fit_workspace, &a) < 0)
        goto done;

    cv_fit_status status;
    Py_BEGIN_ALLOW_THREADS
    status = cv_likelihood(a.model, &a.data, DATA(a.parameters), a.simd, DATA(a.workspace),
                           cv_interrupted, NULL, &value, gradient, hessian);
    Py_END_ALLOW_THREADS
    if (status == CV_FIT_INTERRUPTED) {
        cv_report_stop("histories");
        goto done;
    }
    if (status == CV_FIT_BAD_DATA) {
        PyErr_SetString(PyExc_ValueError, "a history outside the domain");
        goto done;
    }
    size_t n = SIZE(a.parameters);
    PyObject *first = cv_new_doubles(gradient, n);
    PyObject *second = cv_new_doubles(hessian, n * n);
    if (first != NULL && second != NULL) answer = Py_BuildValue("dOO", value, first, second);
    Py_XDECREF(second);
    Py_XDECREF(first);
done:
    cv_drop_histories(&a);
    return answer;
}

static PyObject *
own_parameters(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_asked a = {0};
    PyObject *own[4] = {NULL}, *answer = NULL;
    double *out[4];

    if (cv_take_arguments("own_parameters", args, nargs, 4) < 0) goto done;
    size_t n = PyLong_AsSize_t(args[2]);
    if (PyErr_Occurred() || cv_take_known(args[0], n, args[3], &a) < 0) goto done;
    if ((a.parameters = cv_own_doubles(args[1], "parameters")) == NULL) goto done;
    size_t wanted = 4 + a.data.rates + a.data.dropouts;
    if (cv_same_length(a.parameters, wanted, "parameters") < 0) goto done;
    for (size_t p = 0; p < 4; p++) {
        if ((own[p] = cv_new_array(a.data.n, NPY_DOUBLE)) == NULL) goto done;
        out[p] = DATA(own[p]);
    }
    int stop;
    Py_BEGIN_ALLOW_THREADS
    stop = cv_own_parameters(&a.known, DATA(a.parameters), out, cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (!stop) answer = PyTuple_Pack(4, own[0], own[1], own[2], own[3]);
done:
    for (size_t p = 0; p < 4; p++) Py_XDECREF(own[p]);
    cv_drop_histories(&a);
    return answer;
}

static PyObject *
bootstrap(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    cv_asked a = {0};
    cv_resampling how = {NULL, 0, 0, 0};
    PyObject *estimate = NULL, *sets = NULL, *answer = NULL;

    if (cv_take_arguments("bootstrap", args, nargs, 10) < 0) goto done;
    long limit = PyLong_AsLong(args[4]), replicates = PyLong_AsLong(args[8]);
    a.data.penalty = PyErr_Occurred() ? 0 : PyFloat_AsDouble(args[6]);
    how.seed = PyErr_Occurred() ? 0 : PyLong_AsUnsignedLongLong(args[9]);
    if (PyErr_Occurred()) goto done;
    if (limit < 1 || replicates < 1 || replicates > INT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "bootstrap() needs a limit and replicates of at least 1");
        goto done;
    }
    if (cv_take_histories(module, args, args[5], cv_bootstrap_workspace, &a) < 0) goto done;
    if ((estimate = cv_own_doubles(args[7], "estimate")) == NULL) goto done;
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
    if (status == CV_FIT_INTERRUPTED) cv_report_stop("histories");
    if (status == CV_FIT_CONVERGED) answer = Py_NewRef(sets);
done:
    Py_XDECREF(sets);
    Py_XDECREF(estimate);
    cv_drop_histories(&a);
    return answer;
}

static size_t
workspace_of_one(cv_model model, const cv_fit_data *Py_UNUSED(data))
{
    return cv_fit_workspace(model, &(cv_fit_data){.n = 1});
}

static PyObject *
influence(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    cv_asked a = {0};
    PyObject *covariance = NULL, *displacement = NULL, *shift = NULL, *answer = NULL;

    if (cv_take_arguments("influence", args, nargs, 5) < 0) goto done;
    if (cv_take_histories(module, args, NULL, workspace_of_one, &a) < 0) goto done;
    size_t n = a.data.n, k = SIZE(a.parameters);
    if ((covariance = cv_own_doubles(args[4], "covariance")) == NULL) goto done;
    if (cv_same_length(covariance, k * k, "covariance") < 0) goto done;
    if ((displacement = cv_new_array(n, NPY_DOUBLE)) == NULL) goto done;
    if ((shift = cv_new_array(k * n, NPY_DOUBLE)) == NULL) goto done;

    int stop;
    Py_BEGIN_ALLOW_THREADS
    stop = cv_influence(a.model, &a.data, DATA(a.parameters), DATA(covariance), a.simd,
                        DATA(a.workspace), DATA(displacement), DATA(shift), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (!stop) answer = PyTuple_Pack(2, displacement, shift);
    if (stop && !PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "a history outside the domain");
done:
    Py_XDECREF(shift);
    Py_XDECREF(displacement);
    Py_XDECREF(covariance);
    cv_drop_histories(&a);
    return answer;
}

/* None, or (reason, column, rows): places of rows go to a scratch with room for all of them. */
static PyObject *
invalid_histories(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_asked a = {0};
    PyObject *rows = NULL, *answer = NULL;
    int64_t *row = NULL;

    if (cv_take_arguments("invalid_histories", args, nargs, 3) < 0) return NULL;
    if (cv_take_rows(args, &a) < 0) goto done;
    if ((row = PyMem_Malloc(a.data.n * sizeof *row)) == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    cv_invalid found;
    Py_BEGIN_ALLOW_THREADS
    found = cv_invalid_histories(a.model, &a.data, row);
    Py_END_ALLOW_THREADS
    if (found.reason == CV_FAULT_NONE) {
        answer = Py_NewRef(Py_None);
        goto done;
    }
    if ((rows = cv_new_array(found.rows, NPY_INT64)) == NULL) goto done;
    memcpy(DATA(rows), row, found.rows * sizeof *row);
    answer = Py_BuildValue("snO", cv_fault_word(found.reason), (Py_ssize_t)found.column, rows);
done:
    PyMem_Free(row);
    Py_XDECREF(rows);
    cv_drop_histories(&a);
    return answer;
}

PyMethodDef cv_fit_methods[] = {
    FUNCTION(fit, "(model, columns, weights, fixed, limit, covariates=((), ()), penalty=0.0, /)",
             "A Fit: status, estimates, covariance, log-likelihood and the convergence check."),
    FUNCTION(likelihood, "(model, columns, weights, parameters, covariates=((), ()), /)",
             "(loglik, gradient, hessian)"),
    FUNCTION(own_parameters, "(model, parameters, n, known, /)",
             "the four parameters of each of n customers, from their covariates"),
    FUNCTION(bootstrap,
             "(model, columns, weights, fixed, limit, covariates, penalty, estimate, replicates, "
             "seed, /)",
             "parameters of each replicate, NaN where it has no sound optimum"),
    FUNCTION(influence, "(model, columns, weights, parameters, covariance, /)",
             "(likelihood displacement, shift of each parameter) when one customer is left out"),
    FUNCTION(invalid_histories, "(model, columns, weights, /)",
             "(reason, column, rows) of the first of FAULTS that rows have, None where all are valid."),
    {NULL, NULL, 0, NULL},
};
