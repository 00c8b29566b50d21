/* pyramid.c -- selection, tiers and concentration of a column of values. */
#include "binding.h"

#include <float.h>

/* New cuts of k, as a tuple of arrays (value, quota, equal), or NULL. */
static PyObject *
new_cuts(size_t k, cv_cuts *cuts)
{
    PyObject *value = cv_new_array(k, NPY_DOUBLE), *tuple = NULL;
    PyObject *quota = cv_new_array(k, NPY_INT64), *equal = cv_new_array(k, NPY_INT64);
    if (value != NULL && quota != NULL && equal != NULL) {
        *cuts = (cv_cuts){DATA(value), DATA(quota), DATA(equal)};
        tuple = PyTuple_Pack(3, value, quota, equal);
    }
    Py_XDECREF(value);
    Py_XDECREF(quota);
    Py_XDECREF(equal);
    return tuple;
}

static int
ranks_are_usable(PyObject *rank, size_t n)
{
    const int64_t *r = DATA(rank);
    int64_t before = 0;
    for (size_t j = 0; j < SIZE(rank); before = r[j++])
        if (r[j] < before || (uint64_t)r[j] > n) {
            PyErr_SetString(PyExc_ValueError, "rank: expected rising numbers, 0 to the number of "
                                              "values that are not NaN");
            return 0;
        }
    return 1;
}

/* pyramid_select(values, rank) -> (value, quota, equal) at the rising ranks, 1 for the largest. */
static PyObject *
pyramid_select(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *value = NULL, *rank = NULL, *result = NULL, *answer = NULL;
    size_t *count = NULL, room;
    uint64_t *key = NULL;
    cv_cuts cuts;

    if (cv_take_arguments("pyramid_select", args, nargs, 2) < 0) return NULL;
    if ((value = cv_as_doubles(args[0], "values")) == NULL) goto done;
    if ((rank = cv_own_int64(args[1], "rank")) == NULL) goto done;
    if ((result = new_cuts(SIZE(rank), &cuts)) == NULL) goto done;
    if ((count = PyMem_Malloc(CV_BUCKETS * sizeof *count)) == NULL) goto memory;

    Py_BEGIN_ALLOW_THREADS
    cv_histogram(DATA(value), SIZE(value), count, NULL);
    Py_END_ALLOW_THREADS
    if (PyErr_CheckSignals() < 0 || !ranks_are_usable(rank, SIZE(value) - count[0])) goto done;

    room = cv_plan_ranks(count, DATA(rank), SIZE(rank), cuts);
    if ((key = PyMem_Malloc(room * sizeof *key)) == NULL) goto memory;
    Py_BEGIN_ALLOW_THREADS
    cv_cut_ranks(DATA(value), SIZE(value), count, (cv_keys){key, room}, SIZE(rank), cuts);
    Py_END_ALLOW_THREADS
    answer = Py_NewRef(result);
    goto done;
memory:
    PyErr_NoMemory();
done:
    PyMem_Free(key);
    PyMem_Free(count);
    Py_XDECREF(result);
    Py_XDECREF(rank);
    Py_XDECREF(value);
    return answer;
}

/* 1 when there is a total to share and the shares rise inside (0, 1]. */
static int
shares_are_usable(PyObject *share, double total)
{
    const double *s = DATA(share);
    double before = 0;
    if (!(total > 0 && total <= DBL_MAX)) {
        PyErr_SetString(PyExc_ValueError, "values: no positive, finite total to share");
        return 0;
    }
    for (size_t j = 0; j < SIZE(share); before = s[j++])
        if (!(s[j] > 0 && s[j] >= before && s[j] <= 1)) {
            PyErr_SetString(PyExc_ValueError, "share: expected rising numbers in (0, 1]");
            return 0;
        }
    return 1;
}

/* pyramid_reach(values, share) -> (value, quota, equal) where the descending running sum first
 * reaches each rising share of the total. */
static PyObject *
pyramid_reach(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *value = NULL, *share = NULL, *result = NULL, *answer = NULL;
    size_t *count = NULL, room;
    cv_money *sum = NULL;
    double total;
    uint64_t *key = NULL;
    cv_cuts cuts;

    if (cv_take_arguments("pyramid_reach", args, nargs, 2) < 0) return NULL;
    if ((value = cv_as_doubles(args[0], "values")) == NULL) goto done;
    if ((share = cv_own_doubles(args[1], "share")) == NULL) goto done;
    if ((result = new_cuts(SIZE(share), &cuts)) == NULL) goto done;
    if ((count = PyMem_Malloc(CV_BUCKETS * sizeof *count)) == NULL) goto memory;
    if ((sum = PyMem_Malloc(CV_BUCKETS * sizeof *sum)) == NULL) goto memory;

    Py_BEGIN_ALLOW_THREADS
    total = cv_histogram(DATA(value), SIZE(value), count, sum);
    Py_END_ALLOW_THREADS
    if (PyErr_CheckSignals() < 0 || !shares_are_usable(share, total)) goto done;

    room = cv_plan_shares(count, sum, total, DATA(share), SIZE(share), cuts);
    if ((key = PyMem_Malloc(room * sizeof *key)) == NULL) goto memory;
    Py_BEGIN_ALLOW_THREADS
    cv_cut_shares(DATA(value), SIZE(value), count, (cv_keys){key, room}, total, SIZE(share), cuts);
    Py_END_ALLOW_THREADS
    answer = Py_NewRef(result);
    goto done;
memory:
    PyErr_NoMemory();
done:
    PyMem_Free(key);
    PyMem_Free(sum);
    PyMem_Free(count);
    Py_XDECREF(result);
    Py_XDECREF(share);
    Py_XDECREF(value);
    return answer;
}

/* 1 when quota and equal, both arrays of the cuts' length, say how to divide equal customers. */
static int
quotas_are_usable(PyObject *cut, PyObject *quota, PyObject *equal)
{
    if (cv_same_length(quota, SIZE(cut), "quota") < 0) return 0;
    if (cv_same_length(equal, SIZE(cut), "equal") < 0) return 0;
    const int64_t *q = DATA(quota), *e = DATA(equal);
    for (size_t j = 0; j < SIZE(quota); j++)
        if (q[j] < 0 || q[j] > e[j] || (size_t)e[j] >= PY_SSIZE_T_MAX / sizeof(uint64_t)) {
            PyErr_SetString(PyExc_ValueError, "quota: expected 0 <= quota <= equal");
            return 0;
        }
    return 1;
}

/* Divide the customers equal to a cut, cut by cut; -1 with an error when there is no memory. */
static int
divide(PyObject *value, PyObject *tie, PyObject *cut, PyObject *quota, PyObject *equal,
       PyObject *tier)
{
    const int64_t *q = DATA(quota), *e = DATA(equal);
    const double *c = DATA(cut), *t = tie != NULL ? DATA(tie) : NULL;
    for (size_t j = 0; j < SIZE(cut); j++) {
        if (q[j] == e[j]) continue;
        size_t room = tie != NULL ? (size_t)e[j] : 0;
        uint64_t *key = PyMem_Malloc((room + 1) * sizeof *key);
        if (key == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        Py_BEGIN_ALLOW_THREADS
        cv_split_ties(DATA(value), t, SIZE(value), c[j], q[j], key, room, DATA(tier));
        Py_END_ALLOW_THREADS
        PyMem_Free(key);
        if (PyErr_CheckSignals() < 0) return -1;
    }
    return 0;
}

/* An optional argument: 0 when it is None or read, -1 with an error. */
static int
optional(PyObject *argument, PyObject *(*as)(PyObject *, const char *), const char *name,
         PyObject **column)
{
    if (argument == Py_None) return 0;
    return (*column = as(argument, name)) == NULL ? -1 : 0;
}

/* pyramid_label(values, cut, quota, equal, tie) -> tier int8: the number of cuts above the value,
 * -1 for NaN. With quota and equal (or both None) the customers equal to a cut are divided, by tie
 * (or None) and then by first appearance. */
static PyObject *
pyramid_label(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *value = NULL, *cut = NULL, *quota = NULL, *equal = NULL, *tie = NULL, *tier = NULL;
    PyObject *answer = NULL;

    if (cv_take_arguments("pyramid_label", args, nargs, 5) < 0) return NULL;
    if ((value = cv_as_doubles(args[0], "values")) == NULL) goto done;
    if ((cut = cv_own_doubles(args[1], "cut")) == NULL) goto done;
    if (optional(args[2], cv_own_int64, "quota", &quota) < 0) goto done;
    if (optional(args[3], cv_own_int64, "equal", &equal) < 0) goto done;
    if (optional(args[4], cv_as_doubles, "tie_break", &tie) < 0) goto done;
    if (tie != NULL && cv_same_length(tie, SIZE(value), "tie_break") < 0) goto done;
    if ((quota == NULL) != (equal == NULL) || SIZE(cut) >= CV_MAX_TIERS) {
        PyErr_SetString(PyExc_ValueError, "cut: expected at most 126, quota and equal together");
        goto done;
    }
    if (quota != NULL && !quotas_are_usable(cut, quota, equal)) goto done;
    if ((tier = cv_new_array(SIZE(value), NPY_INT8)) == NULL) goto done;

    Py_BEGIN_ALLOW_THREADS
    cv_tiers(cv_state_of(module)->simd, DATA(value), SIZE(value), DATA(cut), SIZE(cut), DATA(tier));
    Py_END_ALLOW_THREADS
    if (quota != NULL && divide(value, tie, cut, quota, equal, tier) < 0) goto done;
    answer = Py_NewRef(tier);
done:
    Py_XDECREF(tier);
    Py_XDECREF(tie);
    Py_XDECREF(equal);
    Py_XDECREF(quota);
    Py_XDECREF(cut);
    Py_XDECREF(value);
    return answer;
}

/* pyramid_keep(values, tier, former, cut, band) -> tier int8 */
static PyObject *
pyramid_keep(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *value = NULL, *tier = NULL, *former = NULL, *cut = NULL, *kept = NULL;

    if (cv_take_arguments("pyramid_keep", args, nargs, 5) < 0) return NULL;
    double band = PyFloat_AsDouble(args[4]);
    if (PyErr_Occurred()) return NULL;
    if ((value = cv_as_doubles(args[0], "values")) == NULL) goto done;
    if ((tier = cv_as_tiers(args[1], "tier")) == NULL) goto done;
    if ((former = cv_as_tiers(args[2], "former")) == NULL) goto done;
    if ((cut = cv_as_doubles(args[3], "cut")) == NULL) goto done;
    size_t n = SIZE(value);
    if (cv_same_length(tier, n, "tier") < 0 || cv_same_length(former, n, "former") < 0) goto done;
    if (!(band >= 0 && band < 1) || SIZE(cut) >= CV_MAX_TIERS) {
        PyErr_SetString(PyExc_ValueError, "expected at most 126 cuts, a band from 0 to below 1");
        goto done;
    }
    if ((kept = cv_new_array(n, NPY_INT8)) == NULL) goto done;
    Py_BEGIN_ALLOW_THREADS
    memcpy(DATA(kept), DATA(tier), n);
    cv_keep_tiers(DATA(value), DATA(former), n, DATA(cut), SIZE(cut), band, DATA(kept));
    Py_END_ALLOW_THREADS

done:
    Py_XDECREF(cut);
    Py_XDECREF(former);
    Py_XDECREF(tier);
    Py_XDECREF(value);
    return kept;
}

/* pyramid_totals(values, tier, k) -> (customers int64[k], sum float64[k]) */
static PyObject *
pyramid_totals(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *value = NULL, *tier = NULL, *count = NULL, *sum = NULL, *answer = NULL;

    if (cv_take_arguments("pyramid_totals", args, nargs, 3) < 0) return NULL;
    Py_ssize_t k = PyLong_AsSsize_t(args[2]);
    if (PyErr_Occurred()) return NULL;
    if (k < 0 || k > CV_MAX_TIERS) {
        PyErr_Format(PyExc_ValueError, "k: expected 0 to %d tiers", CV_MAX_TIERS);
        return NULL;
    }
    if ((value = cv_as_doubles(args[0], "values")) == NULL) goto done;
    if ((tier = cv_as_tiers(args[1], "tier")) == NULL) goto done;
    if (cv_same_length(tier, SIZE(value), "tier") < 0) goto done;
    if ((count = cv_new_array((size_t)k, NPY_INT64)) == NULL) goto done;
    if ((sum = cv_new_array((size_t)k, NPY_DOUBLE)) == NULL) goto done;

    Py_BEGIN_ALLOW_THREADS
    cv_tier_totals(DATA(value), DATA(tier), SIZE(value), (size_t)k, DATA(count), DATA(sum));
    Py_END_ALLOW_THREADS
    answer = PyTuple_Pack(2, count, sum);
done:
    Py_XDECREF(sum);
    Py_XDECREF(count);
    Py_XDECREF(tier);
    Py_XDECREF(value);
    return answer;
}

PyMethodDef cv_pyramid_methods[] = {
    FUNCTION(pyramid_select, "(values, rank, /)",
             "(value, quota, equal) at rising ranks, 1 the largest."),
    FUNCTION(pyramid_reach, "(values, share, /)",
             "(value, quota, equal) where the sum reaches a share."),
    FUNCTION(pyramid_label, "(values, cut, quota, equal, tie, /)",
             "Tier of each value, -1 for NaN."),
    FUNCTION(pyramid_keep, "(values, tier, former, cut, band, /)",
             "Tiers; customers within the band of a cut keep their former tier."),
    FUNCTION(pyramid_totals, "(values, tier, k, /)", "(customers, sum) of each tier."),
    {NULL, NULL, 0, NULL},
};
