/* constants.c -- what Python and C share, defined once: limits, codes, and the words of codes in
 * their order.
 */
#include "binding.h"

static const char *const DIRECTIONS[] = {
    [CV_SHORT] = "short",     [CV_FLAT] = "flat",         [CV_RISING] = "rising",
    [CV_FALLING] = "falling", [CV_VOLATILE] = "volatile",
};

static const char *const FAULTS[] = {
    [CV_FAULT_NONE] = "none",
    [CV_FAULT_MISSING] = "missing",
    [CV_FAULT_NEGATIVE] = "negative",
    [CV_FAULT_FRACTION] = "fraction",
    [CV_FAULT_UNCOUNTABLE] = "uncountable",
    [CV_FAULT_NO_FLAG] = "no_flag",
    [CV_FAULT_NOT_POSITIVE] = "not_positive",
    [CV_FAULT_SPREAD_OF_ONE] = "spread_of_one",
    [CV_FAULT_LOGS_OF_NOTHING] = "logs_of_nothing",
    [CV_FAULT_LOGS_TOO_LARGE] = "logs_too_large",
    [CV_FAULT_LOG_TOO_LARGE] = "log_too_large",
    [CV_FAULT_LOG_OF_ONE] = "log_of_one",
    [CV_FAULT_MORE_THAN_OFFERED] = "more_than_offered",
    [CV_FAULT_MORE_THAN_USED] = "more_than_used",
    [CV_FAULT_AFTER_END] = "after_end",
    [CV_FAULT_ZERO] = "zero",
    [CV_FAULT_ABOVE_ZERO] = "above_zero",
    [CV_FAULT_TOO_LARGE] = "too_large",
};

static const char *const FIT_STATUSES[] = {
    [CV_FIT_CONVERGED] = "converged",
    [CV_FIT_NO_REPEATS] = "no_repeats",
    [CV_FIT_NO_INFORMATION] = "no_information",
    [CV_FIT_ONE_PATTERN] = "one_pattern",
    [CV_FIT_BOUNDARY] = "boundary",
    [CV_FIT_FLAT] = "flat",
    [CV_FIT_NOT_MOVED] = "not_moved",
    [CV_FIT_ITERATION_LIMIT] = "iteration_limit",
    [CV_FIT_BAD_DATA] = "bad_data",
};

static const char *const LOSS_ZONES[] = {
    [CV_ZONE_PROFIT] = "",
    [CV_ZONE_NEAR_LOSS] = "near loss",
    [CV_ZONE_LOSS] = "negative",
};

static const char *const TIES[] = {
    [CV_TIES_MIN] = "min",
    [CV_TIES_DENSE] = "dense",
    [CV_TIES_AVERAGE] = "average",
};

typedef struct {
    const char *name;
    long value;
} number;

static const number NUMBERS[] = {
    {"LIMBS", CV_LIMBS},
    {"MAX_TIERS", CV_MAX_TIERS},
    {"MISSING_REFUSED", CV_MISSING_REFUSED},
    {"MISSING_VALUE", CV_MISSING_VALUE},
    {"MISSING_LEFT_OUT", CV_MISSING_LEFT_OUT},
    {"MISSING_APART", CV_MISSING_APART},
    {"MOST_DATES", CV_MOST_DATES},
    {"NO_TICK", CV_NO_TICK},
    {"ROW_MISSING", CV_ROW_MISSING},
    {"ROW_INFINITE", CV_ROW_INFINITE},
    {"SCORED", CV_SCORED},
};

const char *
cv_status_word(cv_fit_status status)
{
    return FIT_STATUSES[status];
}

const char *
cv_fault_word(cv_fault fault)
{
    return FAULTS[fault];
}

static int
add_words(PyObject *module, const char *name, const char *const *word, size_t n)
{
    PyObject *words = PyTuple_New((Py_ssize_t)n);
    for (size_t i = 0; words != NULL && i < n; i++) {
        PyObject *text = PyUnicode_FromString(word[i]);
        if (text == NULL || PyTuple_SetItem(words, (Py_ssize_t)i, text) < 0) Py_CLEAR(words);
    }
    int status = words == NULL ? -1 : PyModule_AddObjectRef(module, name, words);
    Py_XDECREF(words);
    return status;
}

/* The kernel prefixes of the models that can be fitted, and of those with batch prediction. */
static int
add_models(PyObject *module)
{
    const char *prefix[CV_MODELS];
    size_t timed = 0;
    for (int i = 0; i < CV_MODELS; i++) prefix[i] = cv_model_prefix((cv_model)i);
    if (add_words(module, "MODELS", prefix, CV_MODELS) < 0) return -1;
    while (timed < CV_MODELS && cv_timings[timed] != NULL) {
        prefix[timed] = cv_timings[timed]->prefix;
        timed++;
    }
    return add_words(module, "BATCH_MODELS", prefix, timed);
}

#define ADD(WORDS) add_words(module, #WORDS, WORDS, sizeof WORDS / sizeof WORDS[0])

int
cv_add_constants(PyObject *module)
{
    for (size_t i = 0; i < sizeof NUMBERS / sizeof NUMBERS[0]; i++)
        if (PyModule_AddIntConstant(module, NUMBERS[i].name, NUMBERS[i].value) < 0) return -1;
    if (ADD(DIRECTIONS) < 0 || ADD(FAULTS) < 0 || ADD(FIT_STATUSES) < 0) return -1;
    if (ADD(LOSS_ZONES) < 0) return -1;
    return ADD(TIES) < 0 ? -1 : add_models(module);
}
