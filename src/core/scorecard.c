/* scorecard.c -- points of every measure, indicator and card in one pass over the columns.
 *
 * Cards of steps and tables run over tiles of rows in exact doubles (scorecard_tile.inc.h). Cards
 * with factors (lines, counts) or with measures left out run row by row in exact sums of doubles
 * (exact.inc.h). Both give the double nearest to the exact rational number.
 */
#include "custval.h"

#include <math.h>
#include <string.h>

#include "exact.inc.h"

enum { TILE = 1024, FEW_EDGES = 32, ROWS_PER_TICK = 16 * TILE };

/* How many edges are <= v, without a branch on the data. */
static size_t
edges_passed(const cv_term *t, double v)
{
    if (t->edges == 0) return 0;
    const double *base = t->edge;
    for (size_t n = t->edges; n > 1; n -= n / 2) base += base[n / 2 - 1] <= v ? n / 2 : 0;
    return (size_t)(base - t->edge) + (*base <= v);
}

/* Selects become vector code only where a comparison may not trap; the tiles read no flags. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC optimize("no-trapping-math")
#endif
#define CV_STAMP(name) name##_base
#include "scorecard_tile.inc.h"
#undef CV_STAMP

#if defined(__x86_64__) && defined(__GNUC__)
#define CV_AVX2 1
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif
#define CV_STAMP(name) name##_avx2
#include "scorecard_tile.inc.h"
#undef CV_STAMP
#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif

typedef void (*tile_function)(const cv_card *c, double divisor, size_t from, size_t rows);

static tile_function
widest_tile(int base_only)
{
#ifdef CV_AVX2
    if (!base_only && __builtin_cpu_supports("avx2")) return tile_avx2;
#else
    (void)base_only;
#endif
    return tile_base;
}

static int
score_tiles(const cv_card *c, double divisor, size_t from, size_t end, size_t *row)
{
    const tile_function tile = widest_tile(c->base_only);
    for (; from < end; from += TILE) {
        size_t rows = end - from < TILE ? end - from : TILE;
        tile(c, divisor, from, rows);
        for (*row = from; *row < from + rows; ++*row)
            if (isnan(c->out[*row])) return CV_ROW_MISSING;
    }
    return CV_SCORED;
}

/* ---- row by row ---- */

/* e += scale * points of one term; returns 0, or why it cannot be. */
static int
add_term(exact *e, const cv_term *t, size_t row)
{
    double v = t->select[row], f = t->factor == NULL ? v : t->factor[row];
    if (isnan(v) || isnan(f)) return CV_ROW_MISSING;
    size_t k = edges_passed(t, v);
    const double *slope = t->slope + CV_LIMBS * k, *points = t->points + CV_LIMBS * k;
    for (int i = 0; i < CV_LIMBS; i++)
        if (points[i] != 0) add(e, points[i]);
    if (t->factor == NULL || slope[0] == 0) return 0;
    double error = 0, distance = t->origin[k] == 0 ? f : two_sum(f, -t->origin[k], &error);
    if (!isfinite(distance * slope[0])) return CV_ROW_INFINITE;
    for (int i = 0; i < CV_LIMBS; i++) {
        if (slope[i] == 0) continue;
        add_product(e, slope[i], distance);
        if (error != 0) add_product(e, slope[i], error);
    }
    return 0;
}

/* If `side` of e against the limit: e = the limit. */
static void
limit(exact *e, const double at[CV_LIMBS], double factor, int side)
{
    if (isinf(at[0])) return;
    exact bound = whole(at);
    if (factor != 1) bound = times(&bound, factor);
    if (compare(e, &bound) == side) *e = bound;
}

/* e = its nearest multiple of unit. */
static int
round_exact(exact *e, const exact *unit)
{
    double k = rounded(e, unit);
    if (!isfinite(k)) return CV_ROW_INFINITE;
    *e = times(unit, k);
    return 0;
}

/* Row of a column that may not be wanted. */
static int
show(double *out, size_t row, const exact *e, const exact *scale)
{
    double points = quotient(e, scale);
    if (out != NULL) out[row] = points;
    return isfinite(points) ? 0 : CV_ROW_INFINITE;
}

static int
show_nothing(double *out, size_t row)
{
    if (out != NULL) out[row] = NAN;
    return 0;
}

/* Cap, floor and rounding of a measure. */
static int
finish_measure(const cv_card *c, const cv_measure *m, exact *e)
{
    limit(e, m->cap, 1, 1);
    limit(e, m->floor, 1, -1);
    exact unit = whole(c->unit);
    return c->round_measure ? round_exact(e, &unit) : 0;
}

/* *e = scale * points; *known = 0 if the measure is left out. */
static int
measure_row(const cv_card *c, const cv_measure *m, size_t row, exact *e, int *known)
{
    int status = 0;
    e->parts = 0;
    *known = 1;
    for (size_t t = 0; t < m->terms && status == 0; t++) status = add_term(e, &m->term[t], row);
    if (status == 0) {
        status = finish_measure(c, m, e);
    } else if (status == CV_ROW_MISSING && m->policy != CV_MISSING_REFUSED) {
        *e = whole(m->missing);
        *known = m->policy != CV_MISSING_LEFT_OUT;
        status = 0;
    }
    if (status) return status;
    exact scale = whole(c->scale);
    if (*known) return show(m->out, row, e, &scale);
    return show_nothing(m->out, row);
}

/* *sum = spread * scale * points of the indicator; *known = 0 if all its measures are left out. */
static int
indicator_row(const cv_card *c, const cv_indicator *s, size_t row, exact *sum, size_t *known)
{
    exact plain = {0}, e, unit = whole(c->unit), scale = whole(c->scale);
    *known = 0;
    for (size_t m = 0; m < s->measures; m++) {
        int here, status = measure_row(c, &s->measure[m], row, &e, &here);
        if (status) return status;
        if (here) add_times(&plain, &e, 1);
        *known += (size_t)here;
    }
    if (*known == 0) return show_nothing(s->out, row);
    *sum = times(&plain, (double)s->measures * (c->spread / (double)*known));
    limit(sum, s->cap, c->spread, 1);
    if (c->spread != 1) {
        unit = times(&unit, c->spread);
        scale = times(&scale, c->spread);
    }
    int status = c->round_indicator ? round_exact(sum, &unit) : 0;
    return status ? status : show(s->out, row, sum, &scale);
}

static int
score_row(const cv_card *c, size_t row)
{
    exact total = {0}, sum;
    double weights = 0;
    for (size_t s = 0; s < c->indicators; s++) {
        size_t known;
        int status = indicator_row(c, &c->indicator[s], row, &sum, &known);
        if (status) return status;
        if (known == 0) continue;
        add_times(&total, &sum, c->indicator[s].weight);
        weights += c->indicator[s].weight;
    }
    if (weights == 0) return CV_ROW_UNKNOWN;
    double divisor = c->spread * (c->divisor == 0 ? weights : c->divisor);
    exact scale = whole(c->scale), unit = whole(c->unit);
    scale = times(&scale, divisor);
    limit(&total, c->cap, divisor, 1);
    if (!c->round_total) return show(c->out, row, &total, &scale);
    unit = times(&unit, divisor);
    c->out[row] = rounded(&total, &unit) / c->power + 0.0;
    return isfinite(c->out[row]) ? CV_SCORED : CV_ROW_INFINITE;
}

static int
score_rows(const cv_card *c, size_t from, size_t end, size_t *row)
{
    for (*row = from; *row < end; ++*row) {
        int status = score_row(c, *row);
        if (status) return status;
    }
    return CV_SCORED;
}

int
cv_score(const cv_card *card, size_t begin, size_t end, size_t *row, cv_tick tick, void *context)
{
    double divisor = card->divisor;
    for (size_t s = 0; s < card->indicators && card->divisor == 0; s++)
        divisor += card->indicator[s].weight;
    for (size_t from = begin; from < end; from += ROWS_PER_TICK) {
        size_t to = end - from < ROWS_PER_TICK ? end : from + ROWS_PER_TICK;
        int status = card->whole ? score_tiles(card, divisor, from, to, row)
                                 : score_rows(card, from, to, row);
        if (status) return status;
        if (tick != NULL && tick(context)) return CV_INTERRUPTED;
    }
    return CV_SCORED;
}
