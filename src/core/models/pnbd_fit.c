/* pnbd_fit.c -- the likelihood of Pareto/NBD: its family.
 *
 * Over all rows, with its exact gradient and Hessian in r, alpha, s, beta, in blocks of rows with
 * one x. Where that is less work, a row is lpoch(r,x) + log(e^A + e^B), with A of (x, t_x) and B of
 * (x, T) from tables (pnbd_series.c), as are their derivatives: a row adds a product of gradients
 * and the weights that A and B have in the sums. Else each row has an integral over the age at
 * death (pnbd_integral.c): where few rows share their times, or the scales differ much. Every term
 * is positive in either way, and which is taken depends on rows and parameters alone.
 *
 * Against the closed form in 50 digits, either way: value 2e-16, gradient 6e-15, Hessian 3e-15.
 * Source: Fader and Hardie (2005), note 009.
 */
#include <math.h>
#include <string.h>

#include "likelihood/rows.h"
#include "math/special.h"
#include "models/pnbd_series.h"
#include "types.h"

enum { R, ALPHA, S, BETA };
enum { BLOCK = 4096 }; /* rows of one x */
enum {
    ROW = 60,
    STEP = 8
}; /* ns: of an integral, of a step of 8 fractions; only their ratio counts */

/* For every block the distinct T, ascending, at the indices of its rows; the index among them of a
 * row's T; and at the index of its first row how many there are. */
typedef struct {
    cv_pnbd_pair *died, *bought;
    double *T, *t_x, *spare;
    uint16_t *which, *times;
} tables;

/* Return the places of the tables in the workspace. */
static tables
tables_of(const cv_rows *rows, size_t n)
{
    size_t block = n < BLOCK ? n : BLOCK;
    tables of = {.died = rows->tables};
    of.bought = of.died + block;
    of.t_x = (double *)(of.bought + block);
    of.spare = of.t_x + block;
    of.T = of.spare + 2 * block;
    of.which = (uint16_t *)(of.T + n);
    of.times = of.which + n;
    return of;
}

/* Return the size of the tables for n rows. */
static size_t
bytes(size_t n)
{
    size_t block = n < BLOCK ? n : BLOCK;
    return block * (2 * sizeof(cv_pnbd_pair) + 3 * sizeof(double)) +
           (n * (sizeof(double) + 2 * sizeof(uint16_t)) + 7) / 8 * 8;
}

/* Return the index of a value in an ascending list that holds it. */
static size_t
place_in(const double *list, size_t n, double value)
{
    size_t low = 0;
    for (size_t high = n; high - low > 1;) {
        size_t middle = (low + high) / 2;
        *(list[middle] <= value ? &low : &high) = middle;
    }
    return low;
}

/* Set the distinct T of a block, and for each row the index of its T. Returns 1 when interrupted.
 */
static int
list_times(const cv_rows *rows, const tables *of, size_t begin, size_t end)
{
    size_t n = end - begin;
    cv_group whole = {.end = n};
    cv_rows list = {.n = n, .groups = 1, .group = &whole, .t_x = of->T + begin, .T = of->spare};
    list.weight = of->spare + n;
    memcpy(list.t_x, rows->T + begin, n * sizeof(double));
    memset(of->spare, 0, 2 * n * sizeof(double));
    if (cv_rows_merge(&list)) return 1;
    of->times[begin] = (uint16_t)list.n;
    for (size_t i = begin; i < end; i++)
        of->which[i] = (uint16_t)place_in(list.t_x, list.n, rows->T[i]);
    return 0;
}

/* Return the end of the block that begins at `begin`. */
static size_t
end_of_block(size_t begin, const cv_group *group)
{
    return group->end - begin < BLOCK ? group->end : begin + BLOCK;
}

/* List the times of all blocks; they do not depend on weights or parameters. */
static int
prepare(cv_rows *rows)
{
    const tables of = tables_of(rows, rows->n);
    size_t begin = 0;
    for (size_t g = 0; g < rows->groups; g++)
        for (size_t end; begin < rows->group[g].end; begin = end) {
            end = end_of_block(begin, &rows->group[g]);
            if (rows->tick != NULL && rows->tick(rows->context)) return 1;
            if (list_times(rows, &of, begin, end)) return 1;
        }
    return 0;
}

/* Add a row, and its weight to its two pairs. */
static inline void
add_row(cv_pnbd_pair *died, cv_pnbd_pair *bought, double n, double *value, double *square)
{
    double d = died->value - bought->value, e = exp(-fabs(d)), gap[4];
    double w = d > 0 ? 1 / (1 + e) : e / (1 + e), v = n * w * (1 - w);
    *value += n * (fmax(died->value, bought->value) + log1p(e));
    died->weight += n * w;
    bought->weight += n * (1 - w);
    for (int i = R; i <= BETA; i++) gap[i] = died->gradient[i] - bought->gradient[i];
    for (int i = R; i <= BETA; i++)
        for (int j = i; j <= BETA; j++) *square++ += v * gap[i] * gap[j];
}

/* Add the gradients and Hessians of n pairs, times their weights. */
static void
add_pairs(const cv_pnbd_pair *pair, size_t n, double *gradient, double *hessian)
{
    for (size_t i = 0; i < n; i++) {
        for (int j = 0; j < 4; j++) gradient[j] += pair[i].weight * pair[i].gradient[j];
        for (int j = 0; j < 10; j++) hessian[j] += pair[i].weight * pair[i].hessian[j];
    }
}

/* Add a block from its tables. */
static void
add_by_pairs(const cv_rows *rows, const tables *of, size_t begin, size_t end, size_t silences,
             double x, const double *p, cv_derivatives *all)
{
    double gradient[4] = {0}, hessian[10] = {0}, *h = hessian;
    size_t a = 0, times = of->times[begin];
    cv_pnbd_pairs(rows->simd, of->t_x, silences, x, 0, p, of->died);
    cv_pnbd_pairs(rows->simd, of->T + begin, times, x, 1, p, of->bought);
    for (size_t i = begin; i < end; i++) {
        a += rows->t_x[i] != of->t_x[a];
        double n = rows->weight ? rows->weight[i] : 1;
        add_row(&of->died[a], &of->bought[of->which[i]], n, &all->value, hessian);
    }
    add_pairs(of->died, silences, gradient, hessian);
    add_pairs(of->bought, times, gradient, hessian);
    for (int i = R; i <= BETA; i++) {
        all->gradient[i] += gradient[i];
        for (int j = i; j <= BETA; j++) all->hessian[i][j] += *h++;
    }
}

/* Add a block, the cheaper way. */
static void
add_block(const cv_rows *rows, const tables *of, size_t begin, size_t end, double x,
          const double *p, cv_derivatives *all)
{
    size_t silences = 0, times = of->times[begin];
    for (size_t i = begin; i < end; i++)
        if (i == begin || rows->t_x[i] != of->t_x[silences - 1]) of->t_x[silences++] = rows->t_x[i];
    double work = cv_pnbd_pair_steps(rows->t_x[begin], p) * (double)(silences / 8 + 1) +
                  cv_pnbd_pair_steps(of->T[begin], p) * (double)(times / 8 + 1);
    if (work * STEP < (double)(end - begin) * ROW)
        add_by_pairs(rows, of, begin, end, silences, x, p, all);
    else
        cv_pnbd_deaths(rows, begin, end, x, p, all);
}

/* Group by group: what depends on x alone, then its blocks. */
static int
likelihood(const cv_rows *rows, const double *p, cv_derivatives *all)
{
    const tables of = tables_of(rows, rows->n);
    size_t begin = 0;
    for (size_t g = 0; g < rows->groups; g++) {
        const cv_group *group = &rows->group[g];
        all->value += group->weight * cv_lpoch(p[R], group->x);
        all->gradient[R] += group->weight * cv_dpoch(p[R], group->x);
        all->hessian[R][R] += group->weight * cv_tpoch(p[R], group->x);
        for (size_t end; begin < group->end; begin = end) {
            end = end_of_block(begin, group);
            if (rows->tick != NULL && rows->tick(rows->context)) return 1;
            add_block(rows, &of, begin, end, group->x, p, all);
        }
    }
    return 0;
}

static const double SEED[CV_SEEDS][CV_PARAMETERS] = {
    {0.5, 0.25, 0.5, 0.17}, {1, 0.2, 0.3, 10},    {0.3, 0.5, 2, 1},
    {0.6, 0.15, 0.1, 1e-4}, {0.1, 0.02, 0.2, 1},  {5, 5, 5, 5},
    {0.5, 0.1, 10, 100},    {0.4, 0.05, 0.05, 1}, {0.2, 0.003, 2, 0.1}};

/* r moves with alpha, s with beta: only their ratios are rates. */
static const int FOLLOWS[CV_PARAMETERS][CV_PARAMETERS] = {{0, 1}, {1, 0}, {0, 0, 0, 1}, {0, 0, 1}};

const cv_family cv_pnbd_family = {.prefix = "pnbd",
                                  .kind = CV_TIMES,
                                  .columns = 3,
                                  .parameters = 4,
                                  .unit = {0, 1, 0, 1},
                                  .sample = 5000,
                                  .distinct = 1,
                                  .seed = SEED,
                                  .follows = FOLLOWS,
                                  .bytes = bytes,
                                  .prepare = prepare,
                                  .likelihood = likelihood};
