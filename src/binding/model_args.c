/* model_args.c -- histories, model and parameters that a fit, or what follows one, is asked for. */
#include "model_args.h"

int
cv_find_model(PyObject *name, cv_model *model)
{
    for (int i = 0; i < CV_MODELS; i++)
        if (PyUnicode_Check(name) &&
            PyUnicode_CompareWithASCIIString(name, cv_model_prefix((cv_model)i)) == 0) {
            *model = (cv_model)i;
            return 0;
        }
    PyErr_Format(PyExc_ValueError, "no model %R", name);
    return -1;
}

/* A tuple of columns, all of the length of the first column of the history. */
static Py_ssize_t
take_columns(PyObject *columns, size_t most, cv_asked *a, PyObject **taken, const double **data)
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
take_covariates(PyObject *rates, PyObject *dropouts, cv_asked *a)
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

int
cv_take_known(PyObject *model, size_t n, PyObject *known, cv_asked *a)
{
    PyObject *part[3];
    if (cv_find_model(model, &a->model) < 0) return -1;
    a->data.n = n;
    if (cv_take_parts(known, 3, "known covariates", part) < 0) return -1;
    if (take_covariates(part[0], part[1], a) < 0) return -1;
    if ((a->mean = cv_own_doubles(part[2], "means")) == NULL) return -1;
    if (cv_same_length(a->mean, a->data.rates + a->data.dropouts, "means") < 0) return -1;
    a->known = (cv_bound_covariates){a->model, &a->data, DATA(a->mean)};
    if (cv_takes_covariates(a->model)) return 0;
    PyErr_SetString(PyExc_ValueError, "this model takes no covariates");
    return -1;
}

static int
take_weights(PyObject *weights, cv_asked *a)
{
    if (weights == Py_None) return 0;
    if ((a->weights = cv_as_doubles(weights, "weights")) == NULL) return -1;
    a->data.weight = DATA(a->weights);
    return cv_same_length(a->weights, a->data.n, "weights");
}

int
cv_take_rows(PyObject *const *args, cv_asked *a)
{
    if (cv_find_model(args[0], &a->model) < 0) return -1;
    if (take_columns(args[1], CV_COLUMNS, a, a->column, a->data.column) !=
        (Py_ssize_t)cv_model_columns(a->model)) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "not the columns of this model");
        return -1;
    }
    return take_weights(args[2], a);
}

int
cv_take_histories(PyObject *module, PyObject *const *args, PyObject *covariates,
                  cv_workspace_of workspace, cv_asked *a)
{
    PyObject *part[2];
    a->simd = cv_state_of(module)->simd;
    if (cv_take_rows(args, a) < 0) return -1;
    if (covariates != NULL && (cv_take_parts(covariates, 2, "covariates", part) < 0 ||
                               take_covariates(part[0], part[1], a) < 0))
        return -1;
    if ((a->parameters = cv_own_doubles(args[3], "parameters")) == NULL) return -1;
    size_t coefficients = a->data.rates + a->data.dropouts;
    if (SIZE(a->parameters) != cv_model_parameters(a->model) + coefficients) {
        PyErr_SetString(PyExc_ValueError, "parameters that this model has not");
        return -1;
    }
    /* An array: for large ones NumPy asks for huge pages, a third of the time of a fit. */
    size_t bytes = workspace(a->model, &a->data);
    return (a->workspace = cv_new_array(bytes / sizeof(double) + 1, NPY_DOUBLE)) ? 0 : -1;
}

void
cv_drop_histories(cv_asked *a)
{
    Py_XDECREF(a->mean);
    Py_XDECREF(a->workspace);
    Py_XDECREF(a->parameters);
    Py_XDECREF(a->weights);
    for (size_t i = 0; i < CV_COVARIATES; i++) Py_XDECREF(a->covariate[i]);
    for (size_t i = 0; i < CV_COLUMNS; i++) Py_XDECREF(a->column[i]);
}

PyObject *
cv_new_doubles(const double *values, size_t n)
{
    PyObject *array = cv_new_array(n, NPY_DOUBLE);
    if (array != NULL) memcpy(DATA(array), values, n * sizeof *values);
    return array;
}
