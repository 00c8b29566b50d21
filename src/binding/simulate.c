/* simulate.c -- columns of draws, by model, parameters and seed. */
#include "simulation_args.h"

/* (model, parameters, T, seed[, known]) -> (x, t_x), or (x, t_x, litt) */
static PyObject *
simulate(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_taken_world world = {0};
    PyObject *T = NULL, *column[3] = {NULL}, *answer = NULL;
    int stop;

    if (cv_take_arguments("simulate", args, nargs, nargs > 4 ? 5 : 4) < 0) return NULL;
    if ((T = cv_as_doubles(args[2], "T")) == NULL) goto done;
    if (cv_take_world(args[0], args[1], SIZE(T), nargs > 4 ? args[4] : NULL, &world) < 0)
        goto done;
    if (cv_take_seed(args[3], &world.of.seed) < 0) goto done;
    int columns = world.of.process->litt ? 3 : 2;
    for (int k = 0; k < columns; k++)
        if ((column[k] = cv_new_array(SIZE(T), NPY_DOUBLE)) == NULL) goto done;
    Py_BEGIN_ALLOW_THREADS
    stop = cv_simulate(&world.of, DATA(T), SIZE(T), DATA(column[0]), DATA(column[1]),
                       columns > 2 ? DATA(column[2]) : NULL, cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (!stop) answer = PyTuple_Pack(columns, column[0], column[1], column[2]);
done:
    for (int k = 0; k < 3; k++) Py_XDECREF(column[k]);
    Py_XDECREF(T);
    cv_drop_world(&world);
    return answer;
}

/* (model, parameters, (x, t_x, T), t, draws, seed[, known]) -> purchases */
static PyObject *
simulate_futures(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_taken_futures taken = {0};
    PyObject *purchases = NULL;
    int stop;

    if (cv_take_arguments("simulate_futures", args, nargs, nargs > 6 ? 7 : 6) < 0) return NULL;
    if (cv_take_futures(args, nargs > 6 ? args[6] : NULL, &taken) < 0) goto done;
    if (taken.of.n > PY_SSIZE_T_MAX / sizeof(double) / taken.of.draws) {
        PyErr_NoMemory();
        goto done;
    }
    if ((purchases = cv_new_array(taken.of.n * taken.of.draws, NPY_DOUBLE)) == NULL) goto done;
    Py_BEGIN_ALLOW_THREADS
    stop = cv_simulate_futures(&taken.of, DATA(purchases), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stop) Py_CLEAR(purchases);
done:
    cv_drop_futures(&taken);
    return purchases;
}

/* (model, parameters, (x, t_x, T), t, draws, seed, (low, high)[, known]) -> (low, high), totals */
static PyObject *
future_spread(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    cv_taken_futures taken = {0};
    cv_taken_spread spread = {0};
    PyObject *answer = NULL;
    int stop;

    if (cv_take_arguments("future_spread", args, nargs, nargs > 7 ? 8 : 7) < 0) return NULL;
    if (cv_take_futures(args, nargs > 7 ? args[7] : NULL, &taken) < 0) goto done;
    if (cv_take_spread(args[6], taken.of.n, taken.of.draws, &spread) < 0) goto done;
    Py_BEGIN_ALLOW_THREADS
    stop = cv_future_spread(&taken.of, &spread.of, cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (!stop) answer = cv_give_spread(&spread);
done:
    cv_drop_spread(&spread);
    cv_drop_futures(&taken);
    return answer;
}

/* (estimate, covariance, draws, seed[, coefficients]) -> sets (draws k) */
static PyObject *
draw_parameters(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *estimate = NULL, *covariance = NULL, *sets = NULL;
    uint64_t seed;
    size_t draws, coefficients = 0;
    int stop;

    if (cv_take_arguments("draw_parameters", args, nargs, nargs > 4 ? 5 : 4) < 0) return NULL;
    if (cv_take_number(args[2], 1, UINT32_MAX, "draws", &draws) < 0 ||
        cv_take_seed(args[3], &seed) < 0)
        return NULL;
    if (nargs > 4 && cv_take_number(args[4], 0, CV_COVARIATES, "coefficients", &coefficients) < 0)
        return NULL;
    if ((estimate = cv_own_doubles(args[0], "estimate")) == NULL) goto done;
    if ((covariance = cv_own_doubles(args[1], "covariance")) == NULL) goto done;
    size_t k = SIZE(estimate);
    if (k > CV_PARAMETERS) {
        PyErr_SetString(PyExc_ValueError, "estimate: more parameters than a model has");
        goto done;
    }
    if (cv_same_length(covariance, k * k, "covariance") < 0) goto done;
    if ((sets = cv_new_array(draws * k, NPY_DOUBLE)) == NULL) goto done;
    const cv_estimate around = {DATA(estimate), DATA(covariance), k, coefficients};
    Py_BEGIN_ALLOW_THREADS
    stop = cv_draw_parameters(&around, draws, seed, DATA(sets), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stop) Py_CLEAR(sets);
done:
    Py_XDECREF(covariance);
    Py_XDECREF(estimate);
    return sets;
}

/* (covariance, draws, seed) -> vectors of factors (draws k) */
static PyObject *
draw_lognormals(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *covariance = NULL, *root = NULL, *drawn = NULL;
    size_t draws, k = 0;
    uint64_t seed;
    int stop;

    if (cv_take_arguments("draw_lognormals", args, nargs, 3) < 0) return NULL;
    if (cv_take_number(args[1], 1, UINT32_MAX, "draws", &draws) < 0 ||
        cv_take_seed(args[2], &seed) < 0)
        return NULL;
    if ((covariance = cv_own_doubles(args[0], "covariance")) == NULL) goto done;
    while (k * k < SIZE(covariance)) k++;
    if (cv_same_length(covariance, k * k, "covariance") < 0) goto done;
    if ((root = cv_new_array(k * k, NPY_DOUBLE)) == NULL) goto done;
    if ((drawn = cv_new_array(draws * k, NPY_DOUBLE)) == NULL) goto done;
    Py_BEGIN_ALLOW_THREADS
    stop = cv_draw_lognormals(DATA(covariance), k, draws, seed, DATA(root), DATA(drawn), cv_interrupted,
                           NULL);
    Py_END_ALLOW_THREADS
    if (stop) Py_CLEAR(drawn);
done:
    Py_XDECREF(root);
    Py_XDECREF(covariance);
    return drawn;
}

/* simulate_spend(parameters, x, seed) -> m_x */
static PyObject *
simulate_spend(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *parameters = NULL, *x = NULL, *m_x = NULL;
    uint64_t seed;
    int stop;

    if (cv_take_arguments("simulate_spend", args, nargs, 3) < 0) return NULL;
    if (cv_take_seed(args[2], &seed) < 0) return NULL;
    if ((parameters = cv_own_doubles(args[0], "parameters")) == NULL) goto done;
    if (cv_same_length(parameters, 3, "parameters") < 0) goto done;
    if ((x = cv_as_doubles(args[1], "x")) == NULL) goto done;
    if ((m_x = cv_new_array(SIZE(x), NPY_DOUBLE)) == NULL) goto done;
    Py_BEGIN_ALLOW_THREADS
    stop = cv_simulate_spend(DATA(parameters), seed, DATA(x), SIZE(x), DATA(m_x), cv_interrupted,
                             NULL);
    Py_END_ALLOW_THREADS
    if (stop) Py_CLEAR(m_x);
done:
    Py_XDECREF(x);
    Py_XDECREF(parameters);
    return m_x;
}

/* Draw two columns of new customers with n purchases each: (parameters, n, seed) -> (mean, SS). */
typedef int (*moments_of)(const double *, uint64_t, const double *, size_t, double *, double *,
                          cv_tick, void *);

static PyObject *
simulate_moments(const char *name, moments_of draw, size_t size, PyObject *const *args,
                 Py_ssize_t nargs)
{
    PyObject *parameters = NULL, *n = NULL, *pair = NULL;
    double *mean, *SS;
    uint64_t seed;
    int stop;

    if (cv_take_arguments(name, args, nargs, 3) < 0) return NULL;
    if (cv_take_seed(args[2], &seed) < 0) return NULL;
    if ((parameters = cv_own_doubles(args[0], "parameters")) == NULL) goto done;
    if (cv_same_length(parameters, size, "parameters") < 0) goto done;
    if ((n = cv_as_doubles(args[1], "n")) == NULL) goto done;
    if ((pair = cv_new_pair(SIZE(n), &mean, &SS)) == NULL) goto done;
    Py_BEGIN_ALLOW_THREADS
    stop = draw(DATA(parameters), seed, DATA(n), SIZE(n), mean, SS, cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stop) Py_CLEAR(pair);
done:
    Py_XDECREF(n);
    Py_XDECREF(parameters);
    return pair;
}

static PyObject *
simulate_margins(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    return simulate_moments("simulate_margins", cv_simulate_margins, 4, args, nargs);
}

static PyObject *
simulate_logs(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    return simulate_moments("simulate_logs", cv_simulate_logs, 3, args, nargs);
}

PyMethodDef cv_simulate_methods[] = {
    FUNCTION(simulate, "(model, parameters, T, seed, known=None, /)",
             "(x, t_x) of new customers, and litt where the model needs it."),
    FUNCTION(simulate_futures, "(model, parameters, history, t, draws, seed, known=None, /)",
             "Purchases in (T, T + t], draw by draw of each customer."),
    FUNCTION(future_spread, "(model, parameters, history, t, draws, seed, ranks, known=None, /)",
             "((low, high) of each customer's draws, totals by draw)."),
    FUNCTION(draw_lognormals, "(covariance, draws, seed, /)", "Vectors of log-normal factors, logs with mean 0."),
    FUNCTION(draw_parameters, "(estimate, covariance, draws, seed, coefficients=0, /)",
             "Sets of parameters around the estimate: log-normal, coefficients (the last) normal."),
    FUNCTION(simulate_spend, "(parameters, x, seed, /)", "m_x of new customers."),
    FUNCTION(simulate_logs, "(parameters, n, seed, /)", "(log_mean, log_SS) of new customers."),
    FUNCTION(simulate_margins, "(parameters, n, seed, /)", "(mean, SS) of new customers."),
    {NULL, NULL, 0, NULL},
};
