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

/* Whether a measure refuses the row, which has a NaN. */
static int
is_refused(const cv_card *c, size_t row)
{
    for (size_t s = 0; s < c->indicators; s++)
        for (size_t m = 0; m < c->indicator[s].measures; m++) {
            const cv_measure *measure = &c->indicator[s].measure[m];
            if (measure->policy == CV_MISSING_REFUSED && isnan(measure->term->select[row]))
                return 1;
        }
    return 0;
}

/* Scores rows [from, end) tile by tile. */
static int
score_tiles(const cv_card *c, double divisor, size_t from, size_t end, size_t *row)
{
    for (; from < end; from += TILE) {
        size_t rows = end - from < TILE ? end - from : TILE;
        PICK(c->simd, tile)(c, divisor, from, rows);
        for (*row = from; *row < from + rows; ++*row)
            if (isnan(c->out[*row]) && is_refused(c, *row)) return CV_ROW_MISSING;
    }
    return CV_SCORED;
}

/* ---- row by row ---- */

/* The card's units, computed once: for measures, and for the total where nothing is left out. */
typedef struct {
    const cv_card *card;
    exact scale, unit, weights, total_scale, total_unit;
} units;

/* What a measure, an indicator or a row is worth. */
typedef enum { LEFT_OUT, KNOWN, APART } standing;

/* numerator / denominator, in units of the card; the denominator is a product of whole numbers, and
 * 1 unless shared. */
typedef struct {
    exact numerator, denominator;
    int shared;
} ratio;

static units
units_of(const cv_card *c)
{
    units u = {.card = c, .scale = whole(c->scale), .unit = whole(c->unit)};
    u.weights = (exact){.parts = !c->weighted, .part = {1}};
    for (size_t s = 0; s < c->indicators && c->weighted; s++) {
        exact weight = whole(c->indicator[s].weight);
        add_times(&u.weights, &weight, 1);
    }
    u.total_scale = product(&u.scale, &u.weights);
    u.total_unit = product(&u.unit, &u.weights);
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

/* *e = scale * points of a measure that is known; its standing in *is. */
static int
measure_row(const units *u, const cv_measure *m, size_t row, exact *e, standing *is)
{
    int status = 0;
    e->parts = 0;
    *is = KNOWN;
    for (size_t t = 0; t < m->terms && status == 0; t++) status = add_term(e, &m->term[t], row);
    if (status == 0) {
        status = finish_measure(u, m, e);
    } else if (status == CV_ROW_MISSING && m->policy != CV_MISSING_REFUSED) {
        *e = whole(m->missing);
        if (m->policy != CV_MISSING_VALUE) *is = m->policy == CV_MISSING_APART ? APART : LEFT_OUT;
        status = 0;
    }
    if (status) return status;
    return *is == KNOWN ? show(m->out, row, e, &u->scale) : show_nothing(m->out, row);
}

/* The largest whole number that divides both a and b, whole numbers above 0 and below 2^53. */
static double
common_divisor(double a, double b)
{
    while (b > 0) {
        double rest = fmod(a, b);
        a = b;
        b = rest;
    }
    return a;
}

/* Limits, rounds and writes *sum = divisor * scale * points of an indicator. */
static int
finish_indicator(const units *u, const cv_indicator *s, size_t row, exact *sum, double divisor)
{
    const exact *factor = NULL, *scale = &u->scale, *unit = &u->unit;
    exact by, scaled, rounded_to;
    if (divisor != 1) {
        by = (exact){.parts = 1, .part = {divisor}};
        scaled = times(&u->scale, divisor);
        rounded_to = times(&u->unit, divisor);
        factor = &by, scale = &scaled, unit = &rounded_to;
    }
    limit(sum, s->cap, factor, 1);
    limit(sum, s->floor, factor, -1);
    int status = u->card->round_indicator ? round_exact(sum, unit) : 0;
    return status ? status : show(s->out, row, sum, scale);
}

/* *sum = *divisor * scale * points of an indicator that is known; its standing in *is. */
static int
indicator_row(const units *u, const cv_indicator *s, size_t row, exact *sum, double *divisor,
              standing *is)
{
    double known = 0, all = 0;
    exact e;
    sum->parts = 0;
    *is = LEFT_OUT;
    for (size_t m = 0; m < s->measures; m++) {
        standing here;
        int status = measure_row(u, &s->measure[m], row, &e, &here);
        if (status) return status;
        if (here == KNOWN) add_times(sum, &e, 1);
        if (here > *is) *is = here;
        known += here == KNOWN ? s->measure[m].share : 0;
        all += s->measure[m].share;
    }
    if (*is != KNOWN) return show_nothing(s->out, row);
    if (known != all) {
        const double common = common_divisor(all, known);
        *divisor = known / common;
        *sum = times(sum, all / common);
    }
    return finish_indicator(u, s, row, sum, *divisor);
}

/* total += weight * sum / divisor, where the denominator of the total takes the divisor in. */
static void
add_indicator(ratio *total, const exact *sum, const double weight[CV_LIMBS], double divisor)
{
    exact part;
    if (total->shared) part = product(sum, &total->denominator);
    if (divisor != 1) {
        total->numerator = times(&total->numerator, divisor);
        total->denominator = times(&total->denominator, divisor);
    }
    for (int i = 0; i < CV_LIMBS && weight[i] != 0; i++)
        add_times(&total->numerator, total->shared ? &part : sum, weight[i]);
    total->shared |= divisor != 1;
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

/* Writes the total of a row over the weights of the indicators that are known. */
static int
share_out(const units *u, size_t row, ratio *total, const exact *left_out)
{
    exact weights = u->weights;
    add_times(&weights, left_out, -1);
    if (weights.parts == 0) return show_nothing(u->card->out, row);
    const exact factor = product(&total->denominator, &weights);
    const exact scale = product(&factor, &u->scale), unit = product(&factor, &u->unit);
    limit(&total->numerator, u->card->cap, &factor, 1);
    limit(&total->numerator, u->card->floor, &factor, -1);
    return finish_score(u->card, row, &total->numerator, &scale, &unit);
}

/* One row from its columns to its total; returns a cv_score_status. */
static int
score_row(const units *u, size_t row)
{
    const cv_card *c = u->card;
    ratio total;
    exact sum, left_out;
    int apart = 0;
    total.numerator.parts = left_out.parts = total.shared = 0;
    total.denominator.parts = 1;
    total.denominator.part[0] = 1;
    for (size_t s = 0; s < c->indicators; s++) {
        double divisor = 1;
        standing is;
        int status = indicator_row(u, &c->indicator[s], row, &sum, &divisor, &is);
        if (status) return status;
        const double *weight = c->indicator[s].weight;
        apart |= is == APART;
        if (is == KNOWN) add_indicator(&total, &sum, weight, divisor);
        for (int i = 0; i < CV_LIMBS && weight[i] != 0 && is == LEFT_OUT; i++)
            add(&left_out, weight[i]);
    }
    if (apart) return show_nothing(c->out, row);
    if (left_out.parts > 0 || total.shared) return share_out(u, row, &total, &left_out);
    limit(&total.numerator, c->cap, &u->weights, 1);
    limit(&total.numerator, c->floor, &u->weights, -1);
    return finish_score(c, row, &total.numerator, &u->total_scale, &u->total_unit);
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
