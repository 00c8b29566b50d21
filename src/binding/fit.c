/* fit.c -- histories in, estimates out. */
#include "model_args.h"

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

static PyObject *
fit(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_asked a = {0};
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
    if (cv_take_histories(args, nargs > 6 ? args + 6 : NULL, cv_fit_workspace, &a) < 0) goto done;

    cv_fit_status status;
    Py_BEGIN_ALLOW_THREADS
    status = cv_fit(a.model, &a.data, DATA(a.parameters), limit < 1000 ? (int)limit : 1000, a.simd,
                    DATA(a.workspace), cv_interrupted, NULL, &result);
    Py_END_ALLOW_THREADS
    if (status == CV_FIT_INTERRUPTED) goto done;

    size_t n = SIZE(a.parameters);
    PyObject *parameter = cv_new_doubles(result.parameter, n);
    PyObject *covariance = cv_new_doubles(result.covariance, n * n);
    PyObject *direction = cv_new_doubles(result.direction, n);
    PyObject *gone = cv_new_doubles(result.gone, n);
    PyObject *mean = cv_new_doubles(result.mean, a.data.rates + a.data.dropouts);
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
    cv_drop_histories(&a);
    return answer;
}

static PyObject *
likelihood(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_asked a = {0};
    double value, gradient[CV_PARAMETERS], hessian[CV_PARAMETERS * CV_PARAMETERS];
    PyObject *answer = NULL;

    if (cv_take_arguments("likelihood", args, nargs, nargs > 5 ? 7 : 5) < 0 ||
        cv_take_histories(args, nargs > 5 ? args + 5 : NULL, cv_fit_workspace, &a) < 0)
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
    PyObject *first = cv_new_doubles(gradient, n);
    PyObject *second = cv_new_doubles(hessian, n * n);
    if (first != NULL && second != NULL) answer = Py_BuildValue("dOO", value, first, second);
    Py_XDECREF(second);
    Py_XDECREF(first);
done:
    cv_drop_histories(&a);
    return answer;
}

PyMethodDef cv_fit_methods[] = {
    FUNCTION(fit,
             "(model, columns, weights, fixed, avx2, limit, rates=(), dropouts=(), penalty=0, /)",
             "(status, parameters, covariance, direction, gone, loglik, customers, passes, "
             "gradient, smallest, condition, means of the covariates)"),
    FUNCTION(likelihood, "(model, columns, weights, parameters, avx2, rates=(), dropouts=(), /)",
             "(loglik, gradient, hessian)"),
    {NULL, NULL, 0, NULL},
};
