/* clock.c -- a clock that all customers share: its structure over periods, expected purchases,
 * information. */
#include "ledger_args.h"
#include "model_args.h"

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
        [CV_CLOCK_BAD_DATA] = "a number, place or day outside the domain",
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

/* model, columns, weights, parameters; days of first and last purchase; the calendar */
typedef struct {
    cv_asked model;
    PyObject *first, *last;
    cv_clock_histories of;
    cv_calendar calendar;
} calendar_arguments;

static size_t
no_workspace(cv_model Py_UNUSED(model), const cv_fit_data *Py_UNUSED(data))
{
    return 0;
}

static int
take_calendar(PyObject *module, PyObject *const *args, calendar_arguments *a)
{
    if (cv_take_histories(module, args, NULL, no_workspace, &a->model) < 0) return -1;
    if (!cv_takes_clock(a->model.model)) {
        PyErr_Format(PyExc_ValueError, "%R: customers of this model leave in calendar time", args[0]);
        return -1;
    }
    if ((a->first = cv_as_ticks(args[4], "first")) == NULL) return -1;
    if ((a->last = cv_as_ticks(args[5], "last")) == NULL) return -1;
    const cv_fit_data *data = &a->model.data;
    if (cv_same_length(a->first, data->n, "first") < 0) return -1;
    if (cv_same_length(a->last, data->n, "last") < 0) return -1;
    a->of = (cv_clock_histories){
        data->n,      data->column[0], data->column[1], data->column[2],
        data->weight, DATA(a->first),  DATA(a->last)};
    return 0;
}

static void
drop_calendar(calendar_arguments *a)
{
    Py_XDECREF(a->last);
    Py_XDECREF(a->first);
    cv_drop_histories(&a->model);
}

/* A day number of 32 bits; -1 with an error set where it is none. */
static int32_t
take_day(PyObject *number)
{
    long day = PyLong_AsLong(number);
    if (!PyErr_Occurred() && (day <= INT32_MIN || day >= INT32_MAX))
        PyErr_SetString(PyExc_ValueError, "a day beyond 32 bits");
    return PyErr_Occurred() ? -1 : (int32_t)day;
}

static PyObject *
by_day(PyObject *module, PyObject *const *args, Py_ssize_t nargs, const char *name,
       cv_clock_quantity what)
{
    calendar_arguments a = {0};
    PyObject *expected = NULL, *answer = NULL;
    double *workspace = NULL;

    if (cv_take_arguments(name, args, nargs, 10) < 0) return NULL;
    a.calendar.end = take_day(args[6]);
    a.calendar.origin = PyErr_Occurred() ? 0 : take_day(args[7]);
    int32_t days = PyErr_Occurred() ? 0 : take_day(args[8]);
    a.calendar.day = PyErr_Occurred() ? 0 : PyFloat_AsDouble(args[9]);
    if (PyErr_Occurred() || take_calendar(module, args, &a) < 0) goto done;
    a.calendar.days = days > 0 ? (size_t)days : 0;
    if ((expected = cv_new_array(a.calendar.days, NPY_DOUBLE)) == NULL) goto done;
    workspace = PyMem_Malloc(cv_clock_expected_workspace(a.calendar.days) * sizeof(double));
    if (workspace == NULL) PyErr_NoMemory();
    if (workspace == NULL) goto done;
    cv_clock_status status;
    Py_BEGIN_ALLOW_THREADS
    status = cv_clock_expected(a.model.model, DATA(a.model.parameters), &a.of, &a.calendar, what,
                               workspace, DATA(expected), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (report(status) == 0) answer = Py_NewRef(expected);
done:
    PyMem_Free(workspace);
    Py_XDECREF(expected);
    drop_calendar(&a);
    return answer;
}

static PyObject *
clock_expected(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    return by_day(module, args, nargs, "clock_expected", CV_CLOCK_PURCHASES);
}

static PyObject *
clock_hidden(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    return by_day(module, args, nargs, "clock_hidden", CV_CLOCK_HIDDEN);
}

/* The days of a clock, and what depends on them: period and length, workspace, results. */
typedef struct {
    PyObject *period, *length, *part[3]; /* expected, mixed, second */
    double *workspace;
    cv_clock_days days;
} information_arguments;

/* args: period, length. With K periods, makes parts of K, of rows x K and of square x K x K. */
static int
take_days(PyObject *const *args, size_t rows, size_t square, information_arguments *a)
{
    if ((a->period = cv_own_int64(args[0], "period")) == NULL) return -1;
    if ((a->length = cv_own_doubles(args[1], "length")) == NULL) return -1;
    const size_t days = SIZE(a->period);
    if (cv_same_length(a->length, days, "length") < 0) return -1;
    const int64_t *period = DATA(a->period), top = days > 0 ? period[days - 1] : -1;
    if (top < -1 || top >= CV_CLOCK_PERIODS) {
        PyErr_SetString(PyExc_ValueError, "period: outside its domain");
        return -1;
    }
    const size_t K = (size_t)(top + 1), sizes[] = {K, rows * K, square * K * K};
    a->days.days = days;
    a->days.periods = K;
    a->days.period = period;
    a->days.length = DATA(a->length);
    for (int i = 0; i < 3; i++)
        if ((a->part[i] = cv_new_array(sizes[i], NPY_DOUBLE)) == NULL) return -1;
    a->workspace = PyMem_Malloc(square * cv_clock_information_workspace(days, K) * sizeof(double));
    if (a->workspace == NULL) PyErr_NoMemory();
    return a->workspace == NULL ? -1 : 0;
}

static void
drop_days(information_arguments *a)
{
    PyMem_Free(a->workspace);
    for (int i = 0; i < 3; i++) Py_XDECREF(a->part[i]);
    Py_XDECREF(a->length);
    Py_XDECREF(a->period);
}

static PyObject *
clock_information(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    calendar_arguments a = {0};
    information_arguments d = {0};
    PyObject *answer = NULL;

    if (cv_take_arguments("clock_information", args, nargs, 10) < 0) return NULL;
    d.days.end = take_day(args[6]);
    d.days.origin = PyErr_Occurred() ? 0 : take_day(args[7]);
    if (PyErr_Occurred() || take_calendar(module, args, &a) < 0) goto done;
    if (!cv_has_clock_information(a.model.model)) {
        PyErr_Format(PyExc_ValueError, "no information on the clock of %R", args[0]);
        goto done;
    }
    if (take_days(args + 8, SIZE(a.model.parameters), 1, &d) < 0) goto done;
    const cv_clock_derivatives derivatives = {DATA(d.part[0]), DATA(d.part[1]), DATA(d.part[2])};
    cv_clock_status status;
    Py_BEGIN_ALLOW_THREADS
    status = cv_clock_information(a.model.model, DATA(a.model.parameters), &a.of, &d.days,
                                  d.workspace, &derivatives, cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (report(status) == 0) answer = PyTuple_Pack(3, d.part[0], d.part[1], d.part[2]);
done:
    drop_days(&d);
    drop_calendar(&a);
    return answer;
}

/* What gap_shares takes and makes: time, share, square, and first days of the periods. */
typedef struct {
    cv_ranges of;
    information_arguments days;
    PyObject *time;
    size_t *first_day;
} gap_arguments;

/* args: tick, begins, begin, end, origin, period, length; the origin has been taken. Times are sums
 * of lengths. */
static int
take_gaps(PyObject *const *args, gap_arguments *g)
{
    if (cv_take_ledger(&g->of, args) < 0) return -1;
    if (g->of.value == NULL) PyErr_SetString(PyExc_ValueError, "gap_shares() needs marks");
    if (g->of.value == NULL || take_days(args + 5, 1, 0, &g->days) < 0) return -1;
    const cv_clock_days *days = &g->days.days;
    if ((g->time = cv_new_array(days->days + 1, NPY_DOUBLE)) == NULL) return -1;
    double *time = DATA(g->time);
    int valid = 1;
    time[0] = 0;
    for (size_t d = 0; d < days->days; d++) {
        time[d + 1] = time[d] + days->length[d];
        valid &= days->length[d] >= 0 && days->period[d] >= 0;
        valid &= d == 0 || days->period[d] >= days->period[d - 1];
    }
    if (!valid) PyErr_SetString(PyExc_ValueError, "period, length: outside their domain");
    if (!valid) return -1;
    g->first_day = PyMem_Malloc((days->periods + 1) * sizeof *g->first_day);
    if (g->first_day == NULL) PyErr_NoMemory();
    return g->first_day == NULL ? -1 : 0;
}

static PyObject *
gap_shares(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    gap_arguments g = {0};
    PyObject *answer = NULL;
    int stop;

    if (cv_take_arguments("gap_shares", args, nargs, 7) < 0) return NULL;
    const int32_t origin = take_day(args[4]);
    if (PyErr_Occurred() || take_gaps(args, &g) < 0) goto done;
    PyObject *share = g.days.part[0], *square = g.days.part[1];
    const cv_clock_periods clock = {origin, g.days.days.days, g.days.days.periods,
                                    g.days.days.period, DATA(g.time)};
    Py_BEGIN_ALLOW_THREADS
    stop = cv_gap_shares(DATA(g.of.tick), DATA(g.of.value), &g.of.customers, &clock, g.first_day,
                         DATA(share), DATA(square), cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (stop == 3) PyErr_SetString(PyExc_ValueError, "a purchase or gap outside the domain");
    if (stop == 0) answer = PyTuple_Pack(2, share, square);
done:
    PyMem_Free(g.first_day);
    Py_XDECREF(g.time);
    drop_days(&g.days);
    cv_release(&g.of);
    return answer;
}

PyMethodDef cv_clock_methods[] = {
    FUNCTION(clock_structure, "(y, variance, place, cycle, settings, /)",
             "A ClockPath: log intensity = level + season of the periods observed and ahead. "
             "settings: ar, level_sd, slope_sd, slope_ar, season_sd, noise_sd."),
    FUNCTION(clock_evidence, "(y, variance, place, cycle, settings, /)",
             "Log-likelihood of y under each row of six settings."),
    FUNCTION(clock_expected,
             "(model, columns, weights, parameters, first, last, end, origin, days, day, /)",
             "Purchases expected on each day from origin on where m = 1, a day being `day` units of time."),
    FUNCTION(clock_hidden,
             "(model, columns, weights, parameters, first, last, end, origin, days, day, /)",
             "The same of hidden stages after the last purchase, as purchases; 0 where there are none."),
    FUNCTION(gap_shares, "(tick, begins, begin, end, origin, period, length, /)",
             "Sums over the gaps between marked rows of the share of each period in the gap's time, and of "
             "its square."),
    FUNCTION(clock_information,
             "(model, columns, weights, parameters, first, last, end, origin, period, length, /)",
             "(expected, mixed, second): derivatives of log L in the log intensity u of each period; "
             "-d/du but for purchases, d2/(d parameter du), d2/du du'."),
    {NULL, NULL, 0, NULL},
};
