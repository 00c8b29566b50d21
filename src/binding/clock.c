/* clock.c -- a clock that all customers share: its structure over periods. */
#include "binding.h"

typedef struct {
    PyObject *y, *variance, *place, *settings;
    double *workspace;
    cv_clock_data data;
} structure_arguments;

/* args: y, variance, place, cycle, settings; the settings are rows of a table. */
static int
take_structure(PyObject *const *args, structure_arguments *a)
{
    Py_ssize_t cycle = PyLong_AsSsize_t(args[3]);
    if (PyErr_Occurred()) return -1;
    if ((a->y = cv_as_doubles(args[0], "y")) == NULL) return -1;
    if ((a->variance = cv_as_doubles(args[1], "variance")) == NULL) return -1;
    if ((a->place = cv_own_int64(args[2], "place")) == NULL) return -1;
    if ((a->settings = cv_own_doubles(args[4], "settings")) == NULL) return -1;
    const size_t K = SIZE(a->y), n = SIZE(a->place);
    if (cv_same_length(a->variance, K, "variance") < 0) return -1;
    if (K > n || n > CV_CLOCK_PERIODS || SIZE(a->settings) % CV_CLOCK_SETTINGS != 0) {
        PyErr_SetString(PyExc_ValueError, "periods or settings that do not fit");
        return -1;
    }
    a->data = (cv_clock_data){K, n, DATA(a->y), DATA(a->variance), DATA(a->place), cycle};
    a->workspace = PyMem_Malloc(cv_clock_workspace(K, n) * sizeof(double));
    if (a->workspace == NULL) PyErr_NoMemory();
    return a->workspace == NULL ? -1 : 0;
}

static void
drop_structure(structure_arguments *a)
{
    PyMem_Free(a->workspace);
    Py_XDECREF(a->settings);
    Py_XDECREF(a->place);
    Py_XDECREF(a->variance);
    Py_XDECREF(a->y);
}

/* -1 with an error unless the work is done; an interrupt has set its own. */
static int
report(cv_clock_status status)
{
    static const char *const REASON[] = {
        [CV_CLOCK_BAD_DATA] = "y, variance, place or cycle outside the domain",
        [CV_CLOCK_BAD_SETTINGS] = "a setting outside its domain",
        [CV_CLOCK_SINGULAR] = "observations without error, or too large",
    };
    if (status == CV_CLOCK_DONE) return 0;
    if (status != CV_CLOCK_INTERRUPTED) PyErr_SetString(PyExc_ValueError, REASON[status]);
    return -1;
}

static PyObject *
clock_structure(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    structure_arguments a = {0};
    PyObject *part[4] = {NULL}, *answer = NULL; /* mean, covariance, level, season */

    if (cv_take_arguments("clock_structure", args, nargs, 5) < 0) return NULL;
    if (take_structure(args, &a) < 0) goto done;
    if (cv_same_length(a.settings, CV_CLOCK_SETTINGS, "settings") < 0) goto done;
    const double *value = DATA(a.settings);
    const cv_clock_settings settings = {value[0], value[1], value[2], value[3], value[4], value[5]};
    const size_t n = a.data.periods;
    for (int i = 0; i < 4; i++)
        if ((part[i] = cv_new_array(i == 1 ? n * n : n, NPY_DOUBLE)) == NULL) goto done;
    cv_clock_path path = {0, DATA(part[0]), DATA(part[2]), DATA(part[3]), DATA(part[1])};
    cv_clock_status status;
    Py_BEGIN_ALLOW_THREADS
    status = cv_clock_structure(&a.data, &settings, a.workspace, &path, cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (report(status) < 0) goto done;
    answer = cv_named(module, CV_CLOCK_RESULT, Py_BuildValue("OOOOd", part[0], part[1], part[2],
                                                             part[3], path.loglik));
done:
    for (int i = 0; i < 4; i++) Py_XDECREF(part[i]);
    drop_structure(&a);
    return answer;
}

static PyObject *
clock_evidence(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    structure_arguments a = {0};
    PyObject *loglik = NULL, *answer = NULL;

    if (cv_take_arguments("clock_evidence", args, nargs, 5) < 0) return NULL;
    if (take_structure(args, &a) < 0) goto done;
    const size_t rows = SIZE(a.settings) / CV_CLOCK_SETTINGS;
    if ((loglik = cv_new_array(rows, NPY_DOUBLE)) == NULL) goto done;
    cv_clock_status status;
    Py_BEGIN_ALLOW_THREADS
    status = cv_clock_evidence(&a.data, DATA(a.settings), rows, a.workspace, DATA(loglik),
                               cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (report(status) == 0) answer = Py_NewRef(loglik);
done:
    Py_XDECREF(loglik);
    drop_structure(&a);
    return answer;
}

PyMethodDef cv_clock_methods[] = {
    FUNCTION(clock_structure, "(y, variance, place, cycle, settings, /)",
             "A ClockPath: log intensity = level + season of the periods observed and ahead. "
             "settings: ar, level_sd, slope_sd, slope_ar, season_sd, noise_sd."),
    FUNCTION(clock_evidence, "(y, variance, place, cycle, settings, /)",
             "Log-likelihood of y under each row of six settings."),
    {NULL, NULL, 0, NULL},
};
