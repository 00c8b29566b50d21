/* simulate.c -- columns of draws, by model, parameters and seed. */
#include "asked.h"

static const cv_process *
find_process(PyObject *word)
{
    for (const cv_process *p = CV_PROCESSES; p->word != NULL; p++)
        if (PyUnicode_Check(word) && PyUnicode_CompareWithASCIIString(word, p->word) == 0) return p;
    PyErr_Format(PyExc_ValueError, "no process %R", word);
    return NULL;
}

static int
take_number(PyObject *number, size_t least, size_t most, const char *name, size_t *taken)
{
    *taken = PyLong_AsSize_t(number);
    if (PyErr_Occurred()) return -1;
    if (*taken >= least && *taken <= most) return 0;
    PyErr_Format(PyExc_ValueError, "%s: expected a number from %zu to %zu", name, least, most);
    return -1;
}

static int
take_seed(PyObject *number, uint64_t *seed)
{
    *seed = PyLong_AsUnsignedLongLong(number);
    return PyErr_Occurred() ? -1 : 0;
}

/* Two new columns of n in a tuple, or NULL. */
static PyObject *
new_pair(size_t n, double **first, double **second)
{
    PyObject *a = cv_new_array(n, NPY_DOUBLE), *b = cv_new_array(n, NPY_DOUBLE), *pair = NULL;
    if (a != NULL && b != NULL) {
        *first = DATA(a);
        *second = DATA(b);
        pair = PyTuple_Pack(2, a, b);
    }
    Py_XDECREF(b);
    Py_XDECREF(a);
    return pair;
}

typedef struct {
    PyObject *parameters;
    cv_asked asked;
    cv_world of;
} taken_world;

/* A word, sets of parameters, and where they are given the covariates of n customers. */
static int
take_world(PyObject *word, PyObject *parameters, size_t n, PyObject *const *known, taken_world *w)
{
    if ((w->of.process = find_process(word)) == NULL) return -1;
    if ((w->parameters = cv_as_doubles(parameters, "parameters")) == NULL) return -1;
    w->of.parameter = DATA(w->parameters);
    w->of.size = w->of.process->parameters;
    if (known != NULL) {
        if (cv_take_known(word, n, known, &w->asked) < 0) return -1;
        w->of.known = &w->asked.known;
        w->of.size += w->asked.data.rates + w->asked.data.dropouts;
    }
    w->of.sets = SIZE(w->parameters) / w->of.size;
    if (w->of.sets > 0 && SIZE(w->parameters) == w->of.sets * w->of.size) return 0;
    PyErr_SetString(PyExc_ValueError, "parameters: expected one or more whole sets");
    return -1;
}

static void
drop_world(taken_world *world)
{
    cv_drop_histories(&world->asked);
    Py_XDECREF(world->parameters);
}

/* (model, parameters, T, seed[, rates, dropouts, means]) -> (x, t_x), or (x, t_x, litt) */
static PyObject *
simulate(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    taken_world world = {0};
    PyObject *T = NULL, *column[3] = {NULL}, *answer = NULL;
    int stop;

    if (cv_take_arguments("simulate", args, nargs, nargs > 4 ? 7 : 4) < 0) return NULL;
    if ((T = cv_as_doubles(args[2], "T")) == NULL) goto done;
    if (take_world(args[0], args[1], SIZE(T), nargs > 4 ? args + 4 : NULL, &world) < 0) goto done;
    if (take_seed(args[3], &world.of.seed) < 0) goto done;
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
    drop_world(&world);
    return answer;
}

/* What both questions to the future take. */
typedef struct {
    PyObject *column[3];
    taken_world world;
    cv_futures of;
} taken_futures;

static int
take_futures(PyObject *const *args, PyObject *const *known, taken_futures *taken)
{
    static const char *const NAME[] = {"x", "t_x", "T"};
    cv_futures *of = &taken->of;
    for (int k = 0; k < 3; k++) {
        if ((taken->column[k] = cv_as_doubles(args[2 + k], NAME[k])) == NULL) return -1;
        if (k == 0) of->n = SIZE(taken->column[0]);
        if (cv_same_length(taken->column[k], of->n, NAME[k]) < 0) return -1;
    }
    if (take_world(args[0], args[1], of->n, known, &taken->world) < 0) return -1;
    if (taken->world.of.process->future == NULL) {
        PyErr_SetString(PyExc_ValueError, "contracts have no purchases to come");
        return -1;
    }
    of->t = PyFloat_AsDouble(args[5]);
    if (PyErr_Occurred() || take_number(args[6], 1, UINT32_MAX, "draws", &of->draws) < 0) return -1;
    if (take_seed(args[7], &taken->world.of.seed) < 0) return -1;
    of->world = taken->world.of;
    of->x = DATA(taken->column[0]);
    of->t_x = DATA(taken->column[1]);
    of->T = DATA(taken->column[2]);
    return 0;
}

static void
drop_futures(taken_futures *taken)
{
    drop_world(&taken->world);
    for (int k = 0; k < 3; k++) Py_XDECREF(taken->column[k]);
}

/* (model, parameters, x, t_x, T, t, draws, seed[, rates, dropouts, means]) -> purchases */
static PyObject *
simulate_futures(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    taken_futures taken = {0};
    PyObject *purchases = NULL;
    int stop;

    if (cv_take_arguments("simulate_futures", args, nargs, nargs > 8 ? 11 : 8) < 0) return NULL;
    if (take_futures(args, nargs > 8 ? args + 8 : NULL, &taken) < 0) goto done;
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
    drop_futures(&taken);
    return purchases;
}

/* future_spread(model, parameters, x, t_x, T, t, draws, seed, low, high[, rates, dropouts, means])
 * -> (low, high), totals */
static PyObject *
future_spread(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    taken_futures taken = {0};
    PyObject *pair = NULL, *totals = NULL, *answer = NULL;
    double *lows, *highs;
    uint64_t *key = NULL;
    size_t low, high;
    int stop;

    if (cv_take_arguments("future_spread", args, nargs, nargs > 10 ? 13 : 10) < 0) return NULL;
    if (take_futures(args, nargs > 10 ? args + 10 : NULL, &taken) < 0) goto done;
    size_t draws = taken.of.draws;
    if (take_number(args[8], 0, draws - 1, "low", &low) < 0) goto done;
    if (take_number(args[9], low, draws - 1, "high", &high) < 0) goto done;
    if ((pair = new_pair(taken.of.n, &lows, &highs)) == NULL) goto done;
    if ((totals = cv_new_array(draws, NPY_DOUBLE)) == NULL) goto done;
    if ((key = PyMem_Malloc(draws * sizeof *key)) == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    stop = cv_future_spread(&taken.of, low, high, key, lows, highs, DATA(totals), cv_interrupted,
                            NULL);
    Py_END_ALLOW_THREADS
    if (!stop) answer = PyTuple_Pack(2, pair, totals);
done:
    PyMem_Free(key);
    Py_XDECREF(totals);
    Py_XDECREF(pair);
    drop_futures(&taken);
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
    if (take_number(args[2], 1, UINT32_MAX, "draws", &draws) < 0 || take_seed(args[3], &seed) < 0)
        return NULL;
    if (nargs > 4 && take_number(args[4], 0, CV_COVARIATES, "coefficients", &coefficients) < 0)
        return NULL;
    if ((estimate = cv_as_doubles(args[0], "estimate")) == NULL) goto done;
    if ((covariance = cv_as_doubles(args[1], "covariance")) == NULL) goto done;
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

/* simulate_spend(parameters, x, seed) -> m_x */
static PyObject *
simulate_spend(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *parameters = NULL, *x = NULL, *m_x = NULL;
    uint64_t seed;
    int stop;

    if (cv_take_arguments("simulate_spend", args, nargs, 3) < 0) return NULL;
    if (take_seed(args[2], &seed) < 0) return NULL;
    if ((parameters = cv_as_doubles(args[0], "parameters")) == NULL) goto done;
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

/* simulate_margins(parameters, n, seed) -> (mean, SS) */
static PyObject *
simulate_margins(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *parameters = NULL, *n = NULL, *pair = NULL;
    double *mean, *SS;
    uint64_t seed;
    int stop;

    if (cv_take_arguments("simulate_margins", args, nargs, 3) < 0) return NULL;
    if (take_seed(args[2], &seed) < 0) return NULL;
    if ((parameters = cv_as_doubles(args[0], "parameters")) == NULL) goto done;
    if (cv_same_length(parameters, 4, "parameters") < 0) goto done;
    if ((n = cv_as_doubles(args[1], "n")) == NULL) goto done;
    if ((pair = new_pair(SIZE(n), &mean, &SS)) == NULL) goto done;
    Py_BEGIN_ALLOW_THREADS
    stop = cv_simulate_margins(DATA(parameters), seed, DATA(n), SIZE(n), mean, SS, cv_interrupted,
                               NULL);
    Py_END_ALLOW_THREADS
    if (stop) Py_CLEAR(pair);
done:
    Py_XDECREF(n);
    Py_XDECREF(parameters);
    return pair;
}

PyMethodDef cv_simulate_methods[] = {
    FUNCTION(simulate, "(model, parameters, T, seed, *known)",
             "(x, t_x) of new customers, and litt where the model needs it."),
    FUNCTION(simulate_futures, "(model, parameters, x, t_x, T, t, draws, seed, *known)",
             "Purchases in (T, T + t], draw by draw of each customer."),
    FUNCTION(future_spread, "(model, parameters, x, t_x, T, t, draws, seed, low, high, *known)",
             "((low, high) of each customer's draws, totals by draw)."),
    FUNCTION(draw_parameters, "(estimate, covariance, draws, seed, coefficients=0, /)",
             "Sets of parameters around the estimate: log-normal, coefficients (the last) normal."),
    FUNCTION(simulate_spend, "(parameters, x, seed, /)", "m_x of new customers."),
    FUNCTION(simulate_margins, "(parameters, n, seed, /)", "(mean, SS) of new customers."),
    {NULL, NULL, 0, NULL},
};
