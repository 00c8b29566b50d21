/* scorecard.c -- a compiled card and its columns in, points and ranks out.
 *
 * The card arrives as flat tables, written by custval/scorecard/compile.py; every count in them is
 * checked against the sizes before the core follows a pointer.
 */
#include "binding.h"

/* The tables of a card, in their order; how many numbers an entry has. */
enum { TERMS, MEASURES, INDICATORS, FLAGS, INTEGER_TABLES };
enum {
    EDGES = INTEGER_TABLES,
    ORIGINS,
    SLOPES,
    POINTS,
    MEASURE_LIMITS,
    INDICATOR_LIMITS,
    TOTAL,
    TABLES
};
static const char *const TABLE_NAMES[TABLES] = {
    "terms",  "measures",       "indicators",       "flags", "edges", "origins", "slopes",
    "points", "measure_limits", "indicator_limits", "total"};
enum {
    PER_TERM = 3,
    PER_MEASURE = 2,
    PER_MEASURE_LIMIT = 3 * CV_LIMBS + 1,
    PER_INDICATOR_LIMIT = 3 * CV_LIMBS,
    IN_TOTAL = 4 * CV_LIMBS + 2,
    IN_FLAGS = 5
};

typedef struct {
    PyObject *columns, *table[TABLES], *out; /* tuple of doubles; tables; tuple of answers */
    size_t rows, terms, measures, indicators;
    cv_term *term;
    cv_measure *measure;
    cv_indicator *indicator;
    cv_card card;
    cv_simd simd;
} plan;

static const int64_t *
integers(const plan *p, int table)
{
    return DATA(p->table[table]);
}

static const double *
doubles(const plan *p, int table)
{
    return DATA(p->table[table]);
}

static int
take_columns(plan *p, PyObject *columns)
{
    if (!PyTuple_Check(columns) || PyTuple_Size(columns) == 0) {
        PyErr_SetString(PyExc_TypeError, "score: expected a tuple of columns");
        return -1;
    }
    Py_ssize_t n = PyTuple_Size(columns);
    if ((p->columns = PyTuple_New(n)) == NULL) return -1;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *column = cv_as_doubles(PyTuple_GetItem(columns, i), "column");
        if (column == NULL || PyTuple_SetItem(p->columns, i, column) < 0) return -1;
        if (i == 0) p->rows = SIZE(column);
        if (cv_same_length(column, p->rows, "column") < 0) return -1;
    }
    return 0;
}

static int
take_tables(plan *p, PyObject *const *args)
{
    for (int t = 0; t < TABLES; t++) {
        p->table[t] = t < INTEGER_TABLES ? cv_own_int64(args[t], TABLE_NAMES[t])
                                         : cv_own_doubles(args[t], TABLE_NAMES[t]);
        if (p->table[t] == NULL) return -1;
    }
    p->terms = SIZE(p->table[TERMS]) / PER_TERM;
    p->measures = SIZE(p->table[MEASURES]) / PER_MEASURE;
    p->indicators = SIZE(p->table[INDICATORS]);
    return 0;
}

/* The sum of every `step`-th count from `first`, or SIZE_MAX if one is negative or too large. */
static size_t
sum_of_counts(const plan *p, int table, size_t first, size_t step)
{
    size_t sum = 0;
    for (size_t i = first; i < SIZE(p->table[table]); i += step) {
        int64_t count = integers(p, table)[i];
        if (count < 0 || count > INT32_MAX) return SIZE_MAX;
        sum += (size_t)count;
    }
    return sum;
}

static int
sizes_agree(const plan *p)
{
    size_t columns = (size_t)PyTuple_Size(p->columns), edges = SIZE(p->table[EDGES]);
    for (size_t t = 0; t < p->terms; t++) {
        const int64_t *term = integers(p, TERMS) + PER_TERM * t;
        if (term[0] < 0 || (size_t)term[0] >= columns) return 0;
        if (term[1] < -1 || (term[1] >= 0 && (size_t)term[1] >= columns)) return 0;
    }
    for (size_t m = 0; m < p->measures; m++)
        if (integers(p, MEASURES)[PER_MEASURE * m] < 1) return 0;
    return SIZE(p->table[TERMS]) == PER_TERM * p->terms &&
           SIZE(p->table[MEASURES]) == PER_MEASURE * p->measures &&
           sum_of_counts(p, TERMS, 2, PER_TERM) == edges &&
           sum_of_counts(p, MEASURES, 0, PER_MEASURE) == p->terms &&
           sum_of_counts(p, INDICATORS, 0, 1) == p->measures &&
           SIZE(p->table[ORIGINS]) == edges + p->terms &&
           SIZE(p->table[SLOPES]) == CV_LIMBS * (edges + p->terms) &&
           SIZE(p->table[POINTS]) == CV_LIMBS * (edges + p->terms) &&
           SIZE(p->table[MEASURE_LIMITS]) == PER_MEASURE_LIMIT * p->measures &&
           SIZE(p->table[INDICATOR_LIMITS]) == PER_INDICATOR_LIMIT * p->indicators &&
           SIZE(p->table[TOTAL]) == IN_TOTAL && SIZE(p->table[FLAGS]) == IN_FLAGS;
}

static void
fill_terms(plan *p)
{
    size_t edge = 0;
    for (size_t t = 0; t < p->terms; t++) {
        const int64_t *term = integers(p, TERMS) + PER_TERM * t;
        PyObject *factor = term[1] < 0 ? NULL : PyTuple_GetItem(p->columns, (Py_ssize_t)term[1]);
        size_t segment = edge + t;
        p->term[t] = (cv_term){DATA(PyTuple_GetItem(p->columns, (Py_ssize_t)term[0])),
                               factor == NULL ? NULL : DATA(factor),
                               (size_t)term[2],
                               doubles(p, EDGES) + edge,
                               doubles(p, ORIGINS) + segment,
                               doubles(p, SLOPES) + CV_LIMBS * segment,
                               doubles(p, POINTS) + CV_LIMBS * segment};
        edge += (size_t)term[2];
    }
}

/* A new answer column, owned by p->out; NULL with None in its place where it is not wanted. */
static int
new_answer(plan *p, size_t place, double **out)
{
    int wanted = place == p->measures + p->indicators || integers(p, FLAGS)[4] != 0;
    PyObject *column = wanted ? cv_new_array(p->rows, NPY_DOUBLE) : Py_NewRef(Py_None);
    if (column == NULL || PyTuple_SetItem(p->out, (Py_ssize_t)place, column) < 0) return -1;
    *out = wanted ? DATA(column) : NULL;
    return 0;
}

static void
take_limbs(double *to, const double *from)
{
    memcpy(to, from, CV_LIMBS * sizeof *to);
}

static int
fill_measures(plan *p)
{
    size_t term = 0;
    for (size_t m = 0; m < p->measures; m++) {
        const int64_t *entry = integers(p, MEASURES) + PER_MEASURE * m;
        const double *limit = doubles(p, MEASURE_LIMITS) + PER_MEASURE_LIMIT * m;
        double *out;
        if (new_answer(p, m, &out) < 0) return -1;
        p->measure[m] = (cv_measure){
            .term = p->term + term, .terms = (size_t)entry[0], .policy = (int)entry[1], .out = out,
            .share = limit[3 * CV_LIMBS]};
        take_limbs(p->measure[m].cap, limit);
        take_limbs(p->measure[m].floor, limit + CV_LIMBS);
        take_limbs(p->measure[m].missing, limit + 2 * CV_LIMBS);
        term += (size_t)entry[0];
    }
    return 0;
}

static int
fill_indicators(plan *p)
{
    size_t measure = 0;
    for (size_t s = 0; s < p->indicators; s++) {
        const double *limit = doubles(p, INDICATOR_LIMITS) + PER_INDICATOR_LIMIT * s;
        size_t measures = (size_t)integers(p, INDICATORS)[s];
        double *out;
        if (new_answer(p, p->measures + s, &out) < 0) return -1;
        p->indicator[s] =
            (cv_indicator){.measure = p->measure + measure, .measures = measures, .out = out};
        take_limbs(p->indicator[s].weight, limit);
        take_limbs(p->indicator[s].cap, limit + CV_LIMBS);
        take_limbs(p->indicator[s].floor, limit + 2 * CV_LIMBS);
        measure += measures;
    }
    return 0;
}

static int
fill_card(plan *p)
{
    const double *total = doubles(p, TOTAL), *last = total + 4 * CV_LIMBS;
    const int64_t *flag = integers(p, FLAGS);
    cv_card *c = &p->card;
    *c = (cv_card){.indicator = p->indicator,
                   .indicators = p->indicators,
                   .power = last[0],
                   .weighted = last[1] != 0,
                   .round_measure = flag[0] != 0,
                   .round_indicator = flag[1] != 0,
                   .round_total = flag[2] != 0,
                   .whole = flag[3] != 0,
                   .simd = p->simd};
    take_limbs(c->scale, total);
    take_limbs(c->cap, total + CV_LIMBS);
    take_limbs(c->floor, total + 2 * CV_LIMBS);
    take_limbs(c->unit, total + 3 * CV_LIMBS);
    return new_answer(p, p->measures + p->indicators, &c->out);
}

static int
prepare(plan *p, PyObject *columns, PyObject *tables)
{
    PyObject *table[TABLES];
    if (cv_take_parts(tables, TABLES, "tables of a card", table) < 0) return -1;
    if (take_columns(p, columns) < 0 || take_tables(p, table) < 0) return -1;
    if (!sizes_agree(p)) {
        PyErr_SetString(PyExc_ValueError, "score: the tables of the card do not fit together");
        return -1;
    }
    p->out = PyTuple_New((Py_ssize_t)(p->measures + p->indicators + 1));
    p->term = PyMem_Calloc(p->terms, sizeof *p->term);
    p->measure = PyMem_Calloc(p->measures, sizeof *p->measure);
    p->indicator = PyMem_Calloc(p->indicators, sizeof *p->indicator);
    if (p->out == NULL) return -1;
    if (p->term == NULL || p->measure == NULL || p->indicator == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    fill_terms(p);
    return fill_measures(p) < 0 || fill_indicators(p) < 0 ? -1 : fill_card(p);
}

/* (columns, tables) -> (why, row, answers or None) */
static PyObject *
scorecard(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    plan p = {.simd = cv_state_of(module)->simd};
    PyObject *result = NULL;
    size_t row = 0;
    int why;

    if (cv_take_arguments("scorecard", args, nargs, 2) < 0) return NULL;
    if (prepare(&p, args[0], args[1]) < 0) goto done;

    Py_BEGIN_ALLOW_THREADS
    why = cv_score(&p.card, 0, p.rows, &row, cv_interrupted, NULL);
    Py_END_ALLOW_THREADS
    if (why != CV_INTERRUPTED)
        result = Py_BuildValue("inO", why, (Py_ssize_t)row, why == CV_SCORED ? p.out : Py_None);

done:
    PyMem_Free(p.indicator);
    PyMem_Free(p.measure);
    PyMem_Free(p.term);
    Py_XDECREF(p.out);
    for (int t = 0; t < TABLES; t++) Py_XDECREF(p.table[t]);
    Py_XDECREF(p.columns);
    return result;
}

PyMethodDef cv_scorecard_methods[] = {
    FUNCTION(scorecard, "(columns, tables, /)",
             "(why, row, answers) of a compiled card; answers is None when a row has no score."),
    {NULL, NULL, 0, NULL},
};
