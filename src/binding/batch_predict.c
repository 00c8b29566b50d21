/* batch_predict.c -- long columns of histories in, what is to come out. */
#include "binding.h"

static const cv_timing *
find_timing(PyObject *word)
{
    for (const cv_timing *const *model = cv_timings; *model != NULL; model++)
        if (PyUnicode_Check(word) && PyUnicode_CompareWithASCIIString(word, (*model)->prefix) == 0)
            return *model;
    PyErr_Format(PyExc_ValueError, "no model %R", word);
    return NULL;
}

typedef struct {
    PyObject *column[6]; /* x, t_x, T, parameters, edges, weights */
    const cv_timing *model;
    cv_history_columns of;
    cv_batch_request request;
} batch_arguments;

/* args: word, x, t_x, T, parameters, edges, weights, rate */
static int
take(PyObject *const *args, batch_arguments *a)
{
    static const char *const NAMES[] = {"x", "t_x", "T", "parameters", "edges", "weights"};
    if ((a->model = find_timing(args[0])) == NULL) return -1;
    a->request.rate = PyFloat_AsDouble(args[7]);
    if (PyErr_Occurred()) return -1;
    for (int k = 0; k < 6; k++)
        if ((a->column[k] = (k < 3 ? cv_as_doubles : cv_own_doubles)(args[1 + k], NAMES[k])) == NULL)
            return -1;
    size_t n = SIZE(a->column[0]), edges = SIZE(a->column[4]), weights = SIZE(a->column[5]);
    if (cv_same_length(a->column[1], n, "t_x") < 0) return -1;
    if (cv_same_length(a->column[2], n, "T") < 0) return -1;
    size_t periods = edges - 1;
    if (SIZE(a->column[3]) != a->model->parameters || edges == 0 || weights == 0 ||
        weights > 1 << 20 || (periods > 0 ? weights % periods != 0 : weights != 1)) {
        PyErr_SetString(PyExc_ValueError, "parameters, edges or weights that do not fit");
        return -1;
    }
    a->of = (cv_history_columns){n, DATA(a->column[0]), DATA(a->column[1]), DATA(a->column[2])};
    a->request.periods = periods;
    a->request.rows = periods > 0 ? weights / periods : 1;
    a->request.edge = DATA(a->column[4]);
    a->request.weight = DATA(a->column[5]);
    return 0;
}

static PyObject *
batch_predict(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    batch_arguments a = {0};
    PyObject *answer = NULL;
    void *workspace = NULL;

    if (cv_take_arguments("batch_predict", args, nargs, 8) < 0 || take(args, &a) < 0) goto done;
    if ((answer = cv_new_array(a.of.n * a.request.rows, NPY_DOUBLE)) == NULL) goto done;
    if ((workspace = PyMem_Malloc(cv_batch_predict_bytes(a.of.n, a.request.rows))) == NULL) {
        PyErr_NoMemory();
        Py_CLEAR(answer);
        goto done;
    }
    int stopped;
    Py_BEGIN_ALLOW_THREADS
    stopped = cv_batch_predict(cv_state_of(module)->simd, a.model, DATA(a.column[3]), &a.of,
                               &a.request, workspace, DATA(answer), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stopped) Py_CLEAR(answer);
done:
    PyMem_Free(workspace);
    for (int k = 0; k < 6; k++) Py_XDECREF(a.column[k]);
    return answer;
}

PyMethodDef cv_batch_predict_methods[] = {
    FUNCTION(batch_predict, "(model, x, t_x, T, parameters, edges, weights, rate, /)",
             "Weighted sums over the periods between edges, `rows` of them a customer."),
    {NULL, NULL, 0, NULL},
};
