/* clv.c -- value to come of columns of customers, and orders of new ones, drawn by seed. */
#include "simulation_args.h"

/* How customers spend: a word and sets of parameters. */
typedef struct {
    PyObject *parameters;
    const cv_spending *of;
    size_t sets;
} spending;

static int
take_spending(PyObject *word, PyObject *parameters, spending *s)
{
    for (s->of = CV_SPENDINGS; s->of->prefix != NULL; s->of++)
        if (PyUnicode_Check(word) && PyUnicode_CompareWithASCIIString(word, s->of->prefix) == 0)
            break;
    if (s->of->prefix == NULL) {
        PyErr_Format(PyExc_ValueError, "no model of money %R", word);
        return -1;
    }
    if ((s->parameters = cv_own_doubles(parameters, "parameters of money")) == NULL) return -1;
    s->sets = SIZE(s->parameters) / s->of->parameters;
    if (s->sets > 0 && SIZE(s->parameters) == s->sets * s->of->parameters) return 0;
    PyErr_SetString(PyExc_ValueError, "parameters of money: expected one or more whole sets");
    return -1;
}

enum { EDGES, FACTORS, PER_MONEY, COST, COLUMNS };

typedef struct {
    PyObject *column[COLUMNS], *history[CV_MONEY_COLUMNS];
    cv_taken_futures futures;
    spending spending;
    cv_values of;
} taken_values;

/* The columns of money of n customers, a tuple of as many as the model has. */
static int
take_money(PyObject *columns, size_t n, taken_values *v)
{
    const Py_ssize_t wanted = (Py_ssize_t)v->spending.of->columns;
    if (!PyTuple_Check(columns) || PyTuple_Size(columns) != wanted) {
        PyErr_Format(PyExc_TypeError, "money: expected a tuple of %zd columns", wanted);
        return -1;
    }
    for (Py_ssize_t c = 0; c < wanted; c++) {
        if ((v->history[c] = cv_as_doubles(PyTuple_GetItem(columns, c), "money")) == NULL)
            return -1;
        if (cv_same_length(v->history[c], n, "money") < 0) return -1;
        v->of.history[c] = DATA(v->history[c]);
    }
    return 0;
}

/* args: those of futures; rest: (model of money or None, its parameters, columns of money), (edges,
 * of every draw where each has a horizon; factors, per_money, cost) */
static int
take_values(PyObject *const *args, PyObject *const *rest, PyObject *known, taken_values *v)
{
    PyObject *money[3], *step[COLUMNS];
    static const char *const NAME[] = {"edges", "factors", "per_money", "cost"};
    if (cv_take_futures(args, known, &v->futures) < 0) return -1;
    if (cv_take_parts(rest[0], 3, "spending", money) < 0) return -1;
    if (cv_take_parts(rest[1], COLUMNS, "steps", step) < 0) return -1;
    const size_t n = v->futures.of.n;
    if (money[0] != Py_None) {
        if (take_spending(money[0], money[1], &v->spending) < 0) return -1;
        if (take_money(money[2], n, v) < 0) return -1;
    }
    for (int k = 0; k < COLUMNS; k++)
        if ((v->column[k] = (k < PER_MONEY ? cv_own_doubles : cv_as_doubles)(step[k], NAME[k])) == NULL)
            return -1;
    const size_t steps = SIZE(v->column[FACTORS]);
    const int drawn = v->futures.of.horizon != NULL;
    if (drawn) v->of.stride = steps + 1;
    if (cv_same_length(v->column[EDGES], (drawn ? v->futures.of.draws : 1) * (steps + 1), "edges") < 0)
        return -1;
    if (cv_same_length(v->column[PER_MONEY], n, "per_money") < 0) return -1;
    if (cv_same_length(v->column[COST], n, "cost") < 0) return -1;
    v->of.futures = &v->futures.of;
    v->of.spending = v->spending.of;
    if (money[0] != Py_None) v->of.parameter = DATA(v->spending.parameters);
    v->of.sets = v->spending.sets;
    v->of.steps = steps;
    v->of.edge = DATA(v->column[EDGES]);
    v->of.factor = DATA(v->column[FACTORS]);
    v->of.per_money = DATA(v->column[PER_MONEY]);
    v->of.cost = DATA(v->column[COST]);
    return 0;
}

static void
drop_values(taken_values *v)
{
    for (int k = 0; k < COLUMNS; k++) Py_XDECREF(v->column[k]);
    for (int c = 0; c < CV_MONEY_COLUMNS; c++) Py_XDECREF(v->history[c]);
    Py_XDECREF(v->spending.parameters);
    cv_drop_futures(&v->futures);
}

/* -> ((low, high) of each customer, totals by draw) */
static PyObject *
value_spread(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    taken_values values = {0};
    cv_taken_spread spread = {0};
    PyObject *answer = NULL;
    int stop;

    if (cv_take_arguments("value_spread", args, nargs, nargs > 9 ? 10 : 9) < 0) return NULL;
    if (take_values(args, args + 7, nargs > 9 ? args[9] : NULL, &values) < 0) goto done;
    const cv_futures *futures = &values.futures.of;
    if (cv_take_spread(args[6], futures->n, futures->draws, &spread) < 0) goto done;
    Py_BEGIN_ALLOW_THREADS
    stop = cv_value_spread(&values.of, &spread.of, cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (!stop) answer = cv_give_spread(&spread);
done:
    cv_drop_spread(&spread);
    drop_values(&values);
    return answer;
}

/* -> totals by draw and step */
static PyObject *
value_totals(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    taken_values values = {0};
    PyObject *totals = NULL;
    int stop;

    if (cv_take_arguments("value_totals", args, nargs, nargs > 8 ? 9 : 8) < 0) return NULL;
    if (take_values(args, args + 6, nargs > 8 ? args[8] : NULL, &values) < 0) goto done;
    const size_t cells = values.futures.of.draws * values.of.steps;
    if ((totals = cv_new_array(cells, NPY_DOUBLE)) == NULL) goto done;
    Py_BEGIN_ALLOW_THREADS
    stop = cv_value_totals(&values.of, DATA(totals), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stop) Py_CLEAR(totals);
done:
    drop_values(&values);
    return totals;
}

/* (x, t_x, k, model of money, its parameters, seed) -> (ages, money) */
static PyObject *
simulate_orders(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *x = NULL, *t_x = NULL, *pair = NULL;
    spending money = {0};
    cv_buyers of = {0};
    double *age, *paid;
    int stop;

    if (cv_take_arguments("simulate_orders", args, nargs, 6) < 0) return NULL;
    of.k = PyFloat_AsDouble(args[2]);
    if (PyErr_Occurred() || cv_take_seed(args[5], &of.seed) < 0) return NULL;
    if ((x = cv_own_doubles(args[0], "x")) == NULL) goto done; /* its sum sizes what is written */
    if ((t_x = cv_as_doubles(args[1], "t_x")) == NULL) goto done;
    of.n = SIZE(x);
    if (cv_same_length(t_x, of.n, "t_x") < 0) goto done;
    if (take_spending(args[3], args[4], &money) < 0) goto done;
    of.x = DATA(x);
    of.t_x = DATA(t_x);
    of.spending = money.of;
    of.parameter = DATA(money.parameters);
    size_t orders = cv_orders_of(&of);
    if (orders > PY_SSIZE_T_MAX / sizeof(double)) {
        PyErr_SetString(PyExc_ValueError, "x, t_x, k: no histories of new customers, or too many");
        goto done;
    }
    if ((pair = cv_new_pair(orders, &age, &paid)) == NULL) goto done;
    Py_BEGIN_ALLOW_THREADS
    stop = cv_simulate_orders(&of, age, paid, cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stop) Py_CLEAR(pair);
done:
    Py_XDECREF(money.parameters);
    Py_XDECREF(t_x);
    Py_XDECREF(x);
    return pair;
}

PyMethodDef cv_clv_methods[] = {
    FUNCTION(value_spread,
             "(model, parameters, history, t, draws, seed, ranks, spending, steps, known=None, /)",
             "((low, high) of each customer's value to come, totals by draw)."),
    FUNCTION(value_totals, "(model, parameters, history, t, draws, seed, spending, steps, known=None, /)",
             "Value to come of all customers, by draw and step."),
    FUNCTION(simulate_orders, "(x, t_x, k, model_of_money, parameters_of_money, seed, /)",
             "(ages, money) of the orders of new customers."),
    {NULL, NULL, 0, NULL},
};
