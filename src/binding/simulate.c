/* simulate.c -- columns of draws, by model, parameters and seed. */
#include "binding.h"

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

/* simulate(model, parameters, T, seed) -> (x, t_x), or (x, t_x, litt) */
static PyObject *
simulate(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *parameters = NULL, *T = NULL, *column[3] = {NULL}, *answer = NULL;
    uint64_t seed;
    int stop;

    if (cv_take_arguments("simulate", args, nargs, 4) < 0) return NULL;
    const cv_process *process = find_process(args[0]);
    if (process == NULL || take_seed(args[3], &seed) < 0) return NULL;
    if ((parameters = cv_as_doubles(args[1], "parameters")) == NULL) goto done;
    if (cv_same_length(parameters, process->parameters, "parameters") < 0) goto done;
    if ((T = cv_as_doubles(args[2], "T")) == NULL) goto done;
    int columns = process->litt ? 3 : 2;
    for (int k = 0; k < columns; k++)
        if ((column[k] = cv_new_array(SIZE(T), NPY_DOUBLE)) == NULL) goto done;
    Py_BEGIN_ALLOW_THREADS
    stop =
        cv_simulate(process, DATA(parameters), seed, DATA(T), SIZE(T), DATA(column[0]),
                    DATA(column[1]), process->litt ? DATA(column[2]) : NULL, cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (!stop) answer = PyTuple_Pack(columns, column[0], column[1], column[2]);
done:
    for (int k = 0; k < 3; k++) Py_XDECREF(column[k]);
    Py_XDECREF(T);
    Py_XDECREF(parameters);
    return answer;
}

/* What both questions to the future take: model, parameters, x, t_x, T, t, draws, seed. */
typedef struct {
    PyObject *column[4];
    cv_futures of;
} taken_futures;

static int
take_futures(PyObject *const *args, taken_futures *taken)
{
    static const char *const NAME[] = {"parameters", "x", "t_x", "T"};
    cv_futures *of = &taken->of;
    if ((of->process = find_process(args[0])) == NULL || take_seed(args[7], &of->seed) < 0)
        return -1;
    if (of->process->future == NULL) {
        PyErr_SetString(PyExc_ValueError, "contracts have no purchases to come");
        return -1;
    }
    of->t = PyFloat_AsDouble(args[5]);
    if (PyErr_Occurred() || take_number(args[6], 1, UINT32_MAX, "draws", &of->draws) < 0) return -1;
    for (int k = 0; k < 4; k++)
        if ((taken->column[k] = cv_as_doubles(args[1 + k], NAME[k])) == NULL) return -1;
    of->n = SIZE(taken->column[1]);
    if (cv_same_length(taken->column[2], of->n, "t_x") < 0) return -1;
    if (cv_same_length(taken->column[3], of->n, "T") < 0) return -1;
    of->sets = SIZE(taken->column[0]) / of->process->parameters;
    if (of->sets == 0 || SIZE(taken->column[0]) != of->sets * of->process->parameters) {
        PyErr_SetString(PyExc_ValueError, "parameters: expected one or more whole sets");
        return -1;
    }
    of->parameter = DATA(taken->column[0]);
    of->x = DATA(taken->column[1]);
    of->t_x = DATA(taken->column[2]);
    of->T = DATA(taken->column[3]);
    return 0;
}

static void
drop_futures(taken_futures *taken)
{
    for (int k = 0; k < 4; k++) Py_XDECREF(taken->column[k]);
}

/* simulate_futures(model, parameters, x, t_x, T, t, draws, seed) -> purchases (n draws) */
static PyObject *
simulate_futures(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    taken_futures taken = {{NULL}, {0}};
    PyObject *purchases = NULL;
    int stop;

    if (cv_take_arguments("simulate_futures", args, nargs, 8) < 0) return NULL;
    if (take_futures(args, &taken) < 0) goto done;
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

/* future_spread(model, parameters, x, t_x, T, t, draws, seed, low, high) -> (low, high), totals */
static PyObject *
future_spread(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    taken_futures taken = {{NULL}, {0}};
    PyObject *pair = NULL, *totals = NULL, *answer = NULL;
    double *lows, *highs;
    uint64_t *key = NULL;
    size_t low, high;
    int stop;

    if (cv_take_arguments("future_spread", args, nargs, 10) < 0) return NULL;
    if (take_futures(args, &taken) < 0) goto done;
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

/* draw_parameters(estimate, covariance, draws, seed) -> sets (draws k) */
static PyObject *
draw_parameters(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *estimate = NULL, *covariance = NULL, *sets = NULL;
    uint64_t seed;
    size_t draws;
    int stop;

    if (cv_take_arguments("draw_parameters", args, nargs, 4) < 0) return NULL;
    if (take_number(args[2], 1, UINT32_MAX, "draws", &draws) < 0) return NULL;
    if (take_seed(args[3], &seed) < 0) return NULL;
    if ((estimate = cv_as_doubles(args[0], "estimate")) == NULL) goto done;
    if ((covariance = cv_as_doubles(args[1], "covariance")) == NULL) goto done;
    size_t k = SIZE(estimate);
    if (k > CV_PARAMETERS) {
        PyErr_SetString(PyExc_ValueError, "estimate: more parameters than a model has");
        goto done;
    }
    if (cv_same_length(covariance, k * k, "covariance") < 0) goto done;
    if ((sets = cv_new_array(draws * k, NPY_DOUBLE)) == NULL) goto done;
    Py_BEGIN_ALLOW_THREADS
    stop = cv_draw_parameters(DATA(estimate), DATA(covariance), k, draws, seed, DATA(sets),
                              cv_interrupted, NULL);
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
    FUNCTION(simulate, "(model, parameters, T, seed, /)",
             "(x, t_x) of new customers, and litt where the model needs it."),
    FUNCTION(simulate_futures, "(model, parameters, x, t_x, T, t, draws, seed, /)",
             "Purchases in (T, T + t], draw by draw of each customer."),
    FUNCTION(future_spread, "(model, parameters, x, t_x, T, t, draws, seed, low, high, /)",
             "((low, high) of each customer's draws, totals by draw)."),
    FUNCTION(draw_parameters, "(estimate, covariance, draws, seed, /)",
             "Sets of parameters, log-normal around the estimate."),
    FUNCTION(simulate_spend, "(parameters, x, seed, /)", "m_x of new customers."),
    FUNCTION(simulate_margins, "(parameters, n, seed, /)", "(mean, SS) of new customers."),
    {NULL, NULL, 0, NULL},
};
