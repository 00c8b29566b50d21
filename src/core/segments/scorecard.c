/* scorecard.c -- points of every measure, indicator and card in one pass over the columns.
 *
 * Cards of steps and tables run over tiles of rows in doubles that hold whole numbers below 2^51
 * (scorecard_tile.inc.h). Cards with factors (lines, counts) or with measures left out run row by
 * row in exact sums of doubles (math/exact_sum.h). Either way each number is the double nearest to
 * the exact rational one, so ranks and thresholds do not depend on the order of the sums:
 * tests/guarantees/test_exact_points.py compares both ways with fractions, bit for bit.
 */
#include <math.h>
#include <string.h>

#include "segments/scorecard.h"
#include "math/exact_sum.h"
#include "types.h"

enum { TILE = 256, FEW_EDGES = 32, ROWS_PER_TICK = 64 * TILE };

/* A constant of the card, the highest double first. */
static inline exact
whole(const double limb[CV_LIMBS])
{
    exact e;
    e.parts = 0;
    for (int i = CV_LIMBS - 1; i >= 0; i--)
        if (limb[i] != 0) e.part[e.parts++] = limb[i];
    return e;
}

/* The number of edges <= v, by bisection without a branch on the data. */
static size_t
edges_passed(const cv_term *t, double v)
{
    if (t->edges == 0) return 0;
    const double *base = t->edge;
    for (size_t n = t->edges; n > 1; n -= n / 2) base += base[n / 2 - 1] <= v ? n / 2 : 0;
    return (size_t)(base - t->edge) + (*base <= v);
}

/* The columns are read side by side, too many for the processor to predict: prefetches the rows two
 * tiles later. Beyond the end of a column that does no harm. */
static inline void
fetch(const double *x, size_t rows)
{
    const uintptr_t later = (uintptr_t)(const void *)x + 2 * TILE * sizeof *x;
    for (size_t i = 0; i < rows * sizeof *x; i += 64) __builtin_prefetch((const void *)(later + i));
}

#define KERNELS "segments/scorecard_tile.inc.h"
#include "math/simd_dispatch.inc.h"

/* Scores rows [from, end) tile by tile: a NaN in the totals is a row that refuses. */
static int
score_tiles(const cv_card *c, double divisor, size_t from, size_t end, size_t *row)
{
    for (; from < end; from += TILE) {
        size_t rows = end - from < TILE ? end - from : TILE;
        PICK(c->simd, tile)(c, divisor, from, rows);
        for (*row = from; *row < from + rows; ++*row)
            if (isnan(c->out[*row])) return CV_ROW_MISSING;
    }
    return CV_SCORED;
}

/* ---- row by row ---- */

/* The card's units, computed once: for measures, for indicators (times spread), for the total where
 * every indicator is known (times the weights). */
typedef struct {
    const cv_card *card;
    exact scale, unit, spread, weights, factor, spread_scale, spread_unit, total_scale, total_unit;
} units;

static units
units_of(const cv_card *c)
{
    units u = {.card = c, .scale = whole(c->scale), .unit = whole(c->unit)};
    u.spread = (exact){.parts = 1, .part = {c->spread}};
    u.weights = (exact){.parts = !c->weighted, .part = {1}};
    for (size_t s = 0; s < c->indicators && c->weighted; s++) {
        exact weight = whole(c->indicator[s].weight);
        add_times(&u.weights, &weight, 1);
    }
    u.spread_scale = times(&u.scale, c->spread);
    u.spread_unit = times(&u.unit, c->spread);
    u.factor = product(&u.spread, &u.weights);
    u.total_scale = product(&u.spread_scale, &u.weights);
    u.total_unit = product(&u.spread_unit, &u.weights);
    return u;
}

/* e += scale * points of one term; returns 0, or why the row has no score. */
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

/* e = the limit times a factor (NULL: 1) where e is beyond it, on `side` (1 above, -1 below). */
static void
limit(exact *e, const double at[CV_LIMBS], const exact *factor, int side)
{
    if (isinf(at[0])) return;
    exact bound = whole(at);
    if (factor != NULL) bound = product(&bound, factor);
    if (compare(e, &bound) == side) *e = bound;
}

/* e = its nearest multiple of unit, halves away from zero; or CV_ROW_INFINITE. */
static int
round_exact(exact *e, const exact *unit)
{
    double k = rounded(e, unit);
    if (!isfinite(k)) return CV_ROW_INFINITE;
    *e = times(unit, k);
    return 0;
}

/* Writes e / scale to a row of a column, unless it is NULL; or CV_ROW_INFINITE. */
static int
show(double *out, size_t row, const exact *e, const exact *scale)
{
    double points = quotient(e, scale);
    if (out != NULL) out[row] = points;
    return isfinite(points) ? 0 : CV_ROW_INFINITE;
}

/* The same for what is left out: NaN. */
static int
show_nothing(double *out, size_t row)
{
    if (out != NULL) out[row] = NAN;
    return 0;
}

/* Cap, floor and rounding of a measure. */
static int
finish_measure(const units *u, const cv_measure *m, exact *e)
{
    limit(e, m->cap, NULL, 1);
    limit(e, m->floor, NULL, -1);
    return u->card->round_measure ? round_exact(e, &u->unit) : 0;
}

/* *e = scale * points; *known = 0 if the measure is left out. */
static int
measure_row(const units *u, const cv_measure *m, size_t row, exact *e, int *known)
{
    int status = 0;
    e->parts = 0;
    *known = 1;
    for (size_t t = 0; t < m->terms && status == 0; t++) status = add_term(e, &m->term[t], row);
    if (status == 0) {
        status = finish_measure(u, m, e);
    } else if (status == CV_ROW_MISSING && m->policy != CV_MISSING_REFUSED) {
        *e = whole(m->missing);
        *known = m->policy != CV_MISSING_LEFT_OUT;
        status = 0;
    }
    if (status) return status;
    return *known ? show(m->out, row, e, &u->scale) : show_nothing(m->out, row);
}

/* *sum = spread * scale * points of the indicator; *known = 0 if all its measures are left out. */
static int
indicator_row(const units *u, const cv_indicator *s, size_t row, exact *sum, size_t *known)
{
    const double spread = u->card->spread;
    exact plain, e;
    plain.parts = 0;
    *known = 0;
    for (size_t m = 0; m < s->measures; m++) {
        int here, status = measure_row(u, &s->measure[m], row, &e, &here);
        if (status) return status;
        if (here) add_times(&plain, &e, 1);
        *known += (size_t)here;
    }
    if (*known == 0) return show_nothing(s->out, row);
    sum->parts = 0;
    add_times(sum, &plain, (double)s->measures * (spread / (double)*known));
    limit(sum, s->cap, &u->spread, 1);
    limit(sum, s->floor, &u->spread, -1);
    int status = u->card->round_indicator ? round_exact(sum, &u->spread_unit) : 0;
    return status ? status : show(s->out, row, sum, &u->spread_scale);
}

/* Writes the total: total / scale, or rounded to whole units first. */
static int
finish_score(const cv_card *c, size_t row, const exact *total, const exact *scale,
             const exact *unit)
{
    if (!c->round_total) return show(c->out, row, total, scale);
    c->out[row] = rounded(total, unit) / c->power + 0.0;
    return isfinite(c->out[row]) ? CV_SCORED : CV_ROW_INFINITE;
}

/* Writes the total of a row with indicators left out, over the weights of the others. */
static int
share_out(const units *u, size_t row, exact *total, const exact *left_out)
{
    exact weights = u->weights;
    add_times(&weights, left_out, -1);
    if (weights.parts == 0) return CV_ROW_UNKNOWN;
    exact factor = product(&u->spread, &weights);
    exact scale = product(&u->spread_scale, &weights), unit = product(&u->spread_unit, &weights);
    limit(total, u->card->cap, &factor, 1);
    limit(total, u->card->floor, &factor, -1);
    return finish_score(u->card, row, total, &scale, &unit);
}

/* One row from its columns to its total; returns a cv_score_status. */
static int
score_row(const units *u, size_t row)
{
    const cv_card *c = u->card;
    exact total, sum, left_out;
    total.parts = left_out.parts = 0;
    for (size_t s = 0; s < c->indicators; s++) {
        size_t known;
        int status = indicator_row(u, &c->indicator[s], row, &sum, &known);
        if (status) return status;
        const double *weight = c->indicator[s].weight;
        for (int i = 0; i < CV_LIMBS && weight[i] != 0; i++)
            known ? add_times(&total, &sum, weight[i]) : add(&left_out, weight[i]);
    }
    if (left_out.parts > 0) return share_out(u, row, &total, &left_out);
    limit(&total, c->cap, &u->factor, 1);
    limit(&total, c->floor, &u->factor, -1);
    return finish_score(c, row, &total, &u->total_scale, &u->total_unit);
}

static int
score_rows(const cv_card *c, size_t from, size_t end, size_t *row)
{
    const units u = units_of(c);
    for (*row = from; *row < end; ++*row) {
        int status = score_row(&u, *row);
        if (status) return status;
    }
    return CV_SCORED;
}

int
cv_score(const cv_card *card, size_t begin, size_t end, size_t *row, cv_tick tick, void *context)
{
    double divisor = card->weighted ? 0 : 1;
    for (size_t s = 0; s < card->indicators && card->weighted; s++)
        divisor += card->indicator[s].weight[0];
    for (size_t from = begin; from < end; from += ROWS_PER_TICK) {
        size_t to = end - from < ROWS_PER_TICK ? end : from + ROWS_PER_TICK;
        int status = card->whole ? score_tiles(card, divisor, from, to, row)
                                 : score_rows(card, from, to, row);
        if (status) return status;
        if (tick != NULL && tick(context)) return CV_INTERRUPTED;
    }
    return CV_SCORED;
}
