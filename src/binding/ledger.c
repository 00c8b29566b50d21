/* ledger.c -- ledger(): the columns of an order log in, the clustered columns and customers out;
 * group_by(): the same for values without times.
 */
#include "binding.h"

/* Everything one call holds; zero at first, so that release() may come at any time. */
typedef struct {
    const char *keys, *columns; /* arguments by name, for errors */
    PyObject *key, *tick, *values;                /* the log; a tuple of columns */
    PyObject *new_tick, *new_values, *row, *word; /* the ledger */
    PyObject *begin, *end, *first_row;            /* the customers */
    const double **value;
    double **new_value;
    uint64_t *first;
    void *scratch;
} job;

static void
release(job *j)
{
    PyObject *const held[] = {j->key, j->tick, j->values, j->new_tick, j->new_values,
                              j->row, j->word, j->begin,  j->end,      j->first_row};
    for (size_t i = 0; i < sizeof held / sizeof held[0]; i++) Py_XDECREF(held[i]);
    PyMem_Free(j->value);
    PyMem_Free(j->new_value);
    PyMem_Free(j->first);
    PyMem_Free(j->scratch);
}

/* The value columns as doubles and an empty copy of each, with pointers to both. */
static int
take_values(job *j, PyObject *columns, size_t n)
{
    if (!PyTuple_Check(columns)) {
        PyErr_Format(PyExc_TypeError, "%s: expected a tuple of arrays", j->columns);
        return -1;
    }
    Py_ssize_t k = PyTuple_Size(columns);
    j->value = PyMem_Malloc((size_t)k * sizeof *j->value);
    j->new_value = PyMem_Malloc((size_t)k * sizeof *j->new_value);
    if (j->value == NULL || j->new_value == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    if ((j->values = PyTuple_New(k)) == NULL || (j->new_values = PyTuple_New(k)) == NULL) return -1;
    for (Py_ssize_t i = 0; i < k; i++) {
        PyObject *column = cv_as_doubles(PyTuple_GetItem(columns, i), j->columns);
        if (column == NULL || PyTuple_SetItem(j->values, i, column) < 0) return -1;
        if (cv_same_length(column, n, j->columns) < 0) return -1;
        PyObject *copy = cv_new_array(n, NPY_DOUBLE);
        if (copy == NULL || PyTuple_SetItem(j->new_values, i, copy) < 0) return -1;
        j->value[i] = DATA(column);
        j->new_value[i] = DATA(copy);
    }
    return 0;
}

static int
take_log(job *j, PyObject *const *args)
{
    if ((j->key = cv_as_keys(args[0], j->keys)) == NULL) return -1;
    if ((j->tick = cv_as_ticks(args[1], "ledger() tick")) == NULL) return -1;
    size_t n = SIZE(j->key);
    if (n > CV_MAX_ROWS) {
        PyErr_Format(PyExc_ValueError, "%s: %zu rows, at most %zu fit", j->keys, n,
                     (size_t)CV_MAX_ROWS);
        return -1;
    }
    if (cv_same_length(j->tick, n, "ledger() tick") < 0) return -1;
    if ((j->new_tick = cv_new_array(n, NPY_INT32)) == NULL) return -1;
    const int rows = PyObject_IsTrue(args[3]);
    if (rows < 0) return -1;
    j->row = rows ? cv_new_array(n, NPY_UINT32) : Py_NewRef(Py_None);
    if (j->row == NULL) return -1;
    if ((j->word = cv_new_array(n, NPY_UINT64)) == NULL) return -1;
    if ((j->first = PyMem_Calloc(n / 64 + 1, sizeof *j->first)) == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    return take_values(j, args[2], n);
}

static int
order_customers(job *j, const cv_plan *plan, const cv_log *log, const cv_ledger *clustered,
                size_t customers)
{
    int stopped;
    if ((j->begin = cv_new_array(customers, NPY_INT64)) == NULL) return -1;
    if ((j->end = cv_new_array(customers, NPY_INT64)) == NULL) return -1;
    if ((j->first_row = cv_new_array(customers, NPY_INT64)) == NULL) return -1;
    const cv_places out = {DATA(j->begin), DATA(j->end), DATA(j->first_row)};
    Py_BEGIN_ALLOW_THREADS
    stopped = cv_ledger_order(plan, log, clustered, customers, &out, cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    return stopped ? cv_report_stop(j->keys) : 0;
}

/* Cluster the log that the job holds; -1 with an error set. */
static int
cluster(job *j)
{
    cv_plan plan;
    size_t customers = 0;
    int stopped;
    const cv_log log = {SIZE(j->key), (size_t)PyTuple_Size(j->values), DATA(j->key), DATA(j->tick),
                        j->value};
    const cv_ledger clustered = {DATA(j->new_tick), j->new_value,
                                 j->row == Py_None ? NULL : DATA(j->row), DATA(j->word), j->first};

    Py_BEGIN_ALLOW_THREADS
    stopped = cv_ledger_plan(log.key, log.n, &plan, cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stopped) return -1;
    if ((j->scratch = PyMem_Malloc(cv_ledger_scratch(&plan))) == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    Py_BEGIN_ALLOW_THREADS
    stopped = cv_ledger_group(&plan, &log, &clustered, j->scratch, &customers, cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    return stopped ? cv_report_stop(j->keys) : order_customers(j, &plan, &log, &clustered, customers);
}

static PyObject *
ledger(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    job j = {.keys = "ledger() keys", .columns = "ledger() columns"};
    PyObject *answer = NULL;

    if (cv_take_arguments("ledger", args, nargs, 4) < 0 || take_log(&j, args) < 0) goto done;
    if (cluster(&j) < 0) goto done;
    answer = cv_named(
        module, CV_LEDGER_RESULT,
        PyTuple_Pack(6, j.new_tick, j.new_values, j.row, j.begin, j.end, j.first_row));

done:
    release(&j);
    return answer;
}

/* The rows of a key stand by value and then by place: sums do not depend on the order of the rows. */
static PyObject *
group_by(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    job j = {.keys = "group_by() keys", .columns = "group_by() columns"};
    PyObject *key = NULL, *tick = NULL, *answer = NULL;

    if (cv_take_arguments("group_by", args, nargs, 2) < 0) goto done;
    if ((key = cv_as_keys(args[0], j.keys)) == NULL) goto done;
    const npy_intp n = (npy_intp)SIZE(key);
    if ((tick = PyArray_ZEROS(1, &n, NPY_INT32, 0)) == NULL) goto done;
    PyObject *const log[] = {key, tick, args[1], Py_False};
    if (take_log(&j, log) < 0 || cluster(&j) < 0) goto done;
    answer = PyTuple_Pack(4, j.new_values, j.begin, j.end, j.first_row);

done:
    Py_XDECREF(tick);
    Py_XDECREF(key);
    release(&j);
    return answer;
}

static PyObject *
ticks(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *time = NULL, *tick = NULL;
    long long per_tick, first, last;

    if (cv_take_arguments("ticks", args, nargs, 4) < 0) return NULL;
    per_tick = PyLong_AsLongLong(args[1]);
    first = PyLong_AsLongLong(args[2]);
    last = PyLong_AsLongLong(args[3]);
    if (PyErr_Occurred()) return NULL;
    if (per_tick < 1 || first <= INT32_MIN || last > INT32_MAX || first > last) {
        PyErr_SetString(PyExc_ValueError,
                        "ticks() needs per_tick > 0 and -2**31 < first <= last < 2**31");
        return NULL;
    }
    if ((time = cv_as_int64(args[0], "ticks() time")) == NULL) return NULL;
    if ((tick = cv_new_array(SIZE(time), NPY_INT32)) != NULL) {
        Py_BEGIN_ALLOW_THREADS
        cv_ticks(DATA(time), SIZE(time), per_tick, (int32_t)first, (int32_t)last, DATA(tick));
        Py_END_ALLOW_THREADS
    }
    Py_DECREF(time);
    return tick;
}

static PyObject *
bad_values(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *value = NULL, *row = NULL, *answer = NULL;
    size_t bad;

    if (cv_take_arguments("bad_values", args, nargs, 2) < 0) return NULL;
    size_t limit = PyLong_AsSize_t(args[1]);
    if (PyErr_Occurred()) return NULL;
    if ((value = cv_as_doubles(args[0], "bad_values()")) == NULL) goto done;
    bad = cv_bad_values(DATA(value), SIZE(value), 0, NULL);
    const npy_intp listed = (npy_intp)(bad < limit ? bad : limit);
    if ((row = PyArray_ZEROS(1, &listed, NPY_INT64, 0)) == NULL) goto done;
    if (bad > 0) cv_bad_values(DATA(value), SIZE(value), (size_t)listed, DATA(row));
    answer = Py_BuildValue("nO", (Py_ssize_t)bad, row);

done:
    Py_XDECREF(row);
    Py_XDECREF(value);
    return answer;
}

PyMethodDef cv_ledger_methods[] = {
    FUNCTION(ledger, "(keys, tick, columns, rows, /)",
             "A Ledger with the rows of each customer together; row, their places in the log, is "
             "None unless `rows` is true."),
    FUNCTION(group_by, "(keys, columns, /)",
             "(columns, begin, end, first_row): values with the rows of each key together, keys in "
             "the order of their first rows."),
    FUNCTION(ticks, "(time, per_tick, first, last, /)",
             "floor(time / per_tick) as int32; INT32_MIN for NaT and outside [first, last]."),
    FUNCTION(bad_values, "(value, limit, /)",
             "(count, rows): rows with NaN or a value beyond 1e298, at most `limit` of them listed."),
    {NULL, NULL, 0, NULL},
};
