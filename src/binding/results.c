/* results.c -- the named results: what functions of more than four parts return.
 *
 * Each is a PyStructSequence, so callers may unpack it or read its fields. The types belong to the
 * module's state and are names of the module, for help() and for type checkers.
 */
#include "binding.h"

static PyStructSequence_Field ACCURACY[] = {
    {"predicted", "total"},
    {"actual", "total"},
    {"mae", "mean absolute error"},
    {"rmse", "root of the mean squared error"},
    {"gini", "concentration in the order predicted, over that in the actual order"},
    {"top_20_capture", "share of the top fifth that the top fifth by prediction holds"},
    {NULL, NULL},
};

static PyStructSequence_Field CLOCK_PATH[] = {
    {"mean", "conditional mean of level + season in each period"},
    {"covariance", "n x n, row by row"},
    {"level", "part of the mean"},
    {"season", "part of the mean"},
    {"loglik", "of the observations"},
    {NULL, NULL},
};

static PyStructSequence_Field DECOMPOSITION[] = {
    {"before", "value in the first period"},
    {"after", "value in the second period"},
    {"tenure", "change by days as a customer"},
    {"volume", "change by units a day"},
    {"mix", "change by shares of products"},
    {"price", "change by prices"},
    {"cost", "change by costs"},
    {NULL, NULL},
};

static PyStructSequence_Field FIT[] = {
    {"status", "one of FIT_STATUSES"},
    {"parameters", "estimates, in the unit of the data"},
    {"covariance", "k x k, row by row"},
    {"direction", "of least curvature, in the logs of the parameters"},
    {"boundary", "-1 where a parameter runs to 0, 1 to infinity, 0 to neither"},
    {"loglik", "nats"},
    {"customers", "sum of the weights"},
    {"passes", "over the data"},
    {"gradient", "largest component per customer, in the logs of the parameters"},
    {"smallest", "curvature per customer"},
    {"condition", "of the curvature"},
    {"means", "of the covariates"},
    {NULL, NULL},
};

static PyStructSequence_Field LEDGER[] = {
    {"tick", "rows by customer, then tick, then values"},
    {"columns", "tuple of columns"},
    {"row", "place in the log, or None"},
    {"begin", "first row of each customer"},
    {"end", "row after the last of each customer"},
    {"first_row", "first row of each customer in the log"},
    {NULL, NULL},
};

static PyStructSequence_Field SUMMARY[] = {
    {"x", "repeat purchases"},
    {"t_x", "age at the last purchase"},
    {"T", "age at the end"},
    {"m_x", "mean net amount of the repeat purchases"},
    {"recency", "time since the last purchase"},
    {"total", "sum of the amounts"},
    {"first", "first tick"},
    {"last", "last tick"},
    {NULL, NULL},
};

static PyStructSequence_Field TREND[] = {
    {"points", "dates with a value"},
    {"slope", "Theil and Sen's, a date"},
    {"S", "Mann and Kendall's"},
    {"p", "two-sided"},
    {"mean", "of the values"},
    {"variation", "coefficient of variation"},
    {NULL, NULL},
};

#define COUNT(fields) ((int)(sizeof fields / sizeof fields[0]) - 1)
#define NAMED(NAME, FIELDS, DOC) {"custval._core." NAME, DOC, FIELDS, COUNT(FIELDS)}

static PyStructSequence_Desc TABLE[CV_RESULTS] = {
    [CV_ACCURACY_RESULT] = NAMED("Accuracy", ACCURACY, "Totals and errors of predictions."),
    [CV_CLOCK_RESULT] = NAMED("ClockPath", CLOCK_PATH, "The log intensity of a clock by period."),
    [CV_DECOMPOSITION_RESULT] =
        NAMED("Decomposition", DECOMPOSITION, "Value of two periods and the parts of its change."),
    [CV_FIT_RESULT] = NAMED("Fit", FIT, "A maximum of the likelihood, or why there is none."),
    [CV_LEDGER_RESULT] = NAMED("Ledger", LEDGER, "An order log, one customer after the other."),
    [CV_SUMMARY_RESULT] = NAMED("Summary", SUMMARY, "Histories, totals and dates per customer."),
    [CV_TREND_RESULT] = NAMED("Trend", TREND, "Trend of each curve over its dates."),
};

int
cv_add_results(PyObject *module)
{
    cv_state *state = PyModule_GetState(module);
    for (int i = 0; i < CV_RESULTS; i++) {
        const char *name = strrchr(TABLE[i].name, '.') + 1;
        if ((state->result[i] = PyStructSequence_NewType(&TABLE[i])) == NULL) return -1;
        if (PyModule_AddObjectRef(module, name, (PyObject *)state->result[i]) < 0) return -1;
    }
    return 0;
}

PyObject *
cv_named(PyObject *module, cv_result which, PyObject *parts)
{
    if (parts == NULL) return NULL;
    PyObject *type = (PyObject *)cv_state_of(module)->result[which];
    PyObject *named = PyObject_CallFunctionObjArgs(type, parts, NULL);
    Py_DECREF(parts);
    return named;
}
