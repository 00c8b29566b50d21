/* simulation_args.c -- worlds and histories taken from Python's arguments, to draw from. */
#include "simulation_args.h"

static const cv_process *
find_process(PyObject *word)
{
    for (const cv_process *p = CV_PROCESSES; p->prefix != NULL; p++)
        if (PyUnicode_Check(word) && PyUnicode_CompareWithASCIIString(word, p->prefix) == 0)
            return p;
    PyErr_Format(PyExc_ValueError, "no process %R", word);
    return NULL;
}

int
cv_take_number(PyObject *number, size_t least, size_t most, const char *name, size_t *taken)
{
    *taken = PyLong_AsSize_t(number);
    if (PyErr_Occurred()) return -1;
    if (*taken >= least && *taken <= most) return 0;
    PyErr_Format(PyExc_ValueError, "%s: expected a number from %zu to %zu", name, least, most);
    return -1;
}

int
cv_take_seed(PyObject *number, uint64_t *seed)
{
    *seed = PyLong_AsUnsignedLongLong(number);
    return PyErr_Occurred() ? -1 : 0;
}

PyObject *
cv_new_pair(size_t n, double **first, double **second)
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

int
cv_take_world(PyObject *word, PyObject *parameters, size_t n, PyObject *known,
              cv_taken_world *w)
{
    if ((w->of.process = find_process(word)) == NULL) return -1;
    if ((w->parameters = cv_own_doubles(parameters, "parameters")) == NULL) return -1;
    w->of.parameter = DATA(w->parameters);
    w->of.size = w->of.process->parameters;
    if (known != NULL && known != Py_None) {
        if (cv_take_known(word, n, known, &w->asked) < 0) return -1;
        w->of.covariates = &w->asked.known;
        w->of.size += w->asked.data.rates + w->asked.data.dropouts;
    }
    w->of.sets = SIZE(w->parameters) / w->of.size;
    if (w->of.sets > 0 && SIZE(w->parameters) == w->of.sets * w->of.size) return 0;
    PyErr_SetString(PyExc_ValueError, "parameters: expected one or more whole sets");
    return -1;
}

void
cv_drop_world(cv_taken_world *world)
{
    cv_drop_histories(&world->asked);
    Py_XDECREF(world->parameters);
}

/* (x, t_x, T), row, pace */
static int
take_histories(PyObject *argument, cv_taken_futures *taken)
{
    static const char *const NAME[] = {"x", "t_x", "T"};
    PyObject *part[5];
    const Py_ssize_t parts = PyTuple_Check(argument) ? PyTuple_Size(argument) : 3;
    const Py_ssize_t wanted = parts == 4 || parts == 5 ? parts : 3;
    cv_futures *of = &taken->of;
    if (cv_take_parts(argument, wanted, "history", part) < 0) return -1;
    for (int k = 0; k < 3; k++) {
        if ((taken->column[k] = cv_as_doubles(part[k], NAME[k])) == NULL) return -1;
        if (k == 0) of->n = SIZE(taken->column[0]);
        if (cv_same_length(taken->column[k], of->n, NAME[k]) < 0) return -1;
    }
    if (wanted > 3 && (taken->row = cv_as_int64(part[3], "row")) == NULL) return -1;
    if (wanted > 3 && cv_same_length(taken->row, of->n, "row") < 0) return -1;
    if (wanted > 4 && (taken->pace = cv_as_doubles(part[4], "pace")) == NULL) return -1;
    if (wanted > 4 && cv_same_length(taken->pace, of->n, "pace") < 0) return -1;
    of->x = DATA(taken->column[0]);
    of->t_x = DATA(taken->column[1]);
    of->T = DATA(taken->column[2]);
    of->row = taken->row == NULL ? NULL : DATA(taken->row);
    of->pace = taken->pace == NULL ? NULL : DATA(taken->pace);
    return 0;
}

int
cv_take_futures(PyObject *const *args, PyObject *known, cv_taken_futures *taken)
{
    cv_futures *of = &taken->of;
    if (cv_take_number(args[4], 1, UINT32_MAX, "draws", &of->draws) < 0) return -1;
    if (PyArray_Check(args[3])) {
        if ((taken->horizon = cv_own_doubles(args[3], "t")) == NULL) return -1;
        if (cv_same_length(taken->horizon, of->draws, "t") < 0) return -1;
        of->horizon = DATA(taken->horizon);
    } else {
        of->t = PyFloat_AsDouble(args[3]);
        if (PyErr_Occurred()) return -1;
    }
    if (take_histories(args[2], taken) < 0) return -1;
    if (cv_take_world(args[0], args[1], of->n, known, &taken->world) < 0) return -1;
    if (taken->world.of.process->future == NULL) {
        PyErr_SetString(PyExc_ValueError, "contracts have no purchases to come");
        return -1;
    }
    if (cv_take_seed(args[5], &taken->world.of.seed) < 0) return -1;
    of->world = taken->world.of;
    return 0;
}

void
cv_drop_futures(cv_taken_futures *taken)
{
    cv_drop_world(&taken->world);
    Py_XDECREF(taken->horizon);
    Py_XDECREF(taken->pace);
    Py_XDECREF(taken->row);
    for (int k = 0; k < 3; k++) Py_XDECREF(taken->column[k]);
}

int
cv_take_spread(PyObject *ranks, size_t n, size_t draws, cv_taken_spread *spread)
{
    PyObject *rank[2];
    cv_spread *of = &spread->of;
    of->n = n;
    of->draws = draws;
    if (cv_take_parts(ranks, 2, "ranks", rank) < 0) return -1;
    if (cv_take_number(rank[0], 0, draws - 1, "low", &of->low) < 0) return -1;
    if (cv_take_number(rank[1], of->low, draws - 1, "high", &of->high) < 0) return -1;
    if ((spread->pair = cv_new_pair(n, &of->lows, &of->highs)) == NULL) return -1;
    if ((spread->totals = cv_new_array(draws, NPY_DOUBLE)) == NULL) return -1;
    of->totals = DATA(spread->totals);
    if ((of->key = PyMem_Malloc(draws * sizeof *of->key)) == NULL) PyErr_NoMemory();
    return of->key == NULL ? -1 : 0;
}

PyObject *
cv_give_spread(cv_taken_spread *spread)
{
    return PyTuple_Pack(2, spread->pair, spread->totals);
}

void
cv_drop_spread(cv_taken_spread *spread)
{
    PyMem_Free(spread->of.key);
    Py_XDECREF(spread->totals);
    Py_XDECREF(spread->pair);
}
