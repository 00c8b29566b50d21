/* ggnbd_fit.c -- the likelihood of GGompertz/NBD: its family.
 *
 * Over all rows, with its exact gradient and Hessian in r, alpha, b, s, beta. A customer is alive
 * at T, or died at an age y in (t_x, T]. So the likelihood is a sum: a term for T, and one for each
 * node of a rule over y. The gradient of its logarithm is the mean of the gradients of their
 * logarithms, its Hessian the mean of their Hessians plus the covariance of their gradients, under
 * positive weights. The rule is that of gompertz.c: 32 points in its box, panels of 32 outside.
 *
 * Largest error against 50 digits, 8 samples of 2 histories, r and s .1..10, alpha 1..100, b
 * .01..0.5, beta .1..100, x to 10, T 1 to 300: value 2e-15 of the sum of its rows; in the logs of
 * the parameters gradient 1e-15 and Hessian 4e-15 of the largest entry.
 * Source: Bemmaor and Glady (2012).
 */
#include <math.h>
#include <string.h>

#include "likelihood/rows.h"
#include "math/beta.h"
#include "math/quadrature.h"
#include "math/special.h"
#include "models/gompertz.h"
#include "types.h"

enum { R, ALPHA, B, S, BETA };
enum { PP = 6, QQ, SLOPE, QSLOPE, BEND, PARTS }; /* parts of Hessians, after gradients */
enum { LANES = 8, NODES = CV_NODES, HERE = 21, SUMS = HERE + PARTS - PP };

/* The parameters; and at T, with which other ages are compared, log(alpha + T), its derivative p,
 * log Q(T), q = 1 / Q, and d log Q / db. */
typedef struct {
    double k, alpha, b, s, beta;
    double log_c, p, log_q, q, slope;
} alive;

#define KERNELS "models/ggnbd_fit.inc.h"
#include "math/simd_dispatch.inc.h"

/* Return what the term of T needs, in forms that do not overflow for large b T. */
static alive
alive_at(double T, double k, const double *p)
{
    double bT = p[B] * T, e = exp(-bT), f = p[BETA] * e - expm1(-bT), c = p[ALPHA] + T;
    return (alive){k, p[ALPHA], p[B], p[S], p[BETA], log(c), 1 / c, bT + log(f), e / f, T / f};
}

/* Add deaths at 32 ages. The sums are in units of e^top, and the term of T is 1. */
static void
add_ages(cv_simd simd, const alive *at, const double *age, const double *weight, double *top,
         double (*sum)[LANES])
{
    double level[NODES], part[PARTS][NODES], highest = *top;
    PICK(simd, ages)(at, age, level, part);
    for (int l = 0; l < NODES; l++) highest = level[l] > highest ? level[l] : highest;
    if (highest > *top) {
        double shrink = exp(*top - highest);
        for (int i = 0; i < SUMS; i++)
            for (int l = 0; l < LANES; l++) sum[i][l] *= shrink;
        *top = highest;
    }
    PICK(simd, tally)(level, weight, part, *top, sum);
}

/* Add the deaths at ages in (t_x, T]. */
static void
add_deaths(cv_simd simd, const cv_rule *rule, const alive *at, double t_x, double T, double *top,
           double (*sum)[LANES])
{
    const cv_future f = {.ageing = cv_ageing_from(t_x, at->b, at->s, at->beta),
                         .c = at->alpha + t_x,
                         .power = at->k};
    double age[NODES], weight[NODES], D = T - t_x, first = cv_future_first(&f);
    double hazard = at->b * at->s;
    if (cv_future_in_box(D, first, at->b)) {
        PICK(simd, place)
        (rule->node, rule->weight, t_x, first, log1p(D / first) / 2, hazard, age, weight);
        add_ages(simd, at, age, weight, top, sum);
        return;
    }
    for (double u = 0, width = 0; u < D; u += width) {
        width = fmin(cv_future_next(&f, u, width), D - u);
        for (int i = 0; i < NODES; i++) {
            age[i] = t_x + u + width / 2 * (1 + rule->node[i]);
            weight[i] = hazard * width / 2 * rule->weight[i];
        }
        add_ages(simd, at, age, weight, top, sum);
    }
}

/* Add lpoch(r,x) + r log alpha + s log beta, times the weight of the group. */
static void
add_counts(const cv_group *group, const double *p, cv_derivatives *all)
{
    double n = group->weight, x = group->x, log_alpha = log(p[ALPHA]), log_beta = log(p[BETA]);
    all->value += n * (cv_lpoch(p[R], x) + p[R] * log_alpha + p[S] * log_beta);
    all->gradient[R] += n * (cv_dpoch(p[R], x) + log_alpha);
    all->gradient[ALPHA] += n * p[R] / p[ALPHA];
    all->gradient[S] += n * log_beta;
    all->gradient[BETA] += n * p[S] / p[BETA];
    all->hessian[R][R] += n * cv_tpoch(p[R], x);
    all->hessian[R][ALPHA] += n / p[ALPHA];
    all->hessian[ALPHA][ALPHA] -= n * p[R] / (p[ALPHA] * p[ALPHA]);
    all->hessian[S][BETA] += n / p[BETA];
    all->hessian[BETA][BETA] -= n * p[S] / (p[BETA] * p[BETA]);
}

/* Add -k log(alpha+T) - s log Q(T), as if all were alive. */
static void
add_alive(const alive *at, double T, double n, cv_derivatives *all)
{
    double s = at->s;
    all->value -= n * (at->k * at->log_c + s * at->log_q);
    all->gradient[R] -= n * at->log_c;
    all->gradient[ALPHA] -= n * at->k * at->p;
    all->gradient[B] -= n * s * at->slope;
    all->gradient[S] -= n * at->log_q;
    all->gradient[BETA] -= n * s * at->q;
    all->hessian[R][ALPHA] -= n * at->p;
    all->hessian[ALPHA][ALPHA] += n * at->k * at->p * at->p;
    all->hessian[B][B] -= n * s * at->slope * (T - at->slope);
    all->hessian[B][S] -= n * at->slope;
    all->hessian[B][BETA] += n * s * at->q * at->slope;
    all->hessian[S][BETA] -= n * at->q;
    all->hessian[BETA][BETA] += n * s * at->q * at->q;
}

/* Add what deaths change: means of differences from being alive, over all terms; m[0] is the share
 * of deaths. */
static void
add_dead(const alive *at, double T, double n, const double *m, cv_derivatives *all)
{
    const double s = at->s, dead = m[0], *gradient = m + 1, *here = m + HERE - PP;
    double q = (dead * s * at->q - gradient[BETA]) / (s + 1); /* mean of 1 / Q */
    const double *product = m + 6;
    for (int i = R; i <= BETA; i++) {
        all->gradient[i] += n * gradient[i];
        for (int j = i; j <= BETA; j++)
            all->hessian[i][j] += n * (*product++ - gradient[i] * gradient[j]);
    }
    all->hessian[R][ALPHA] += n * gradient[ALPHA] / at->k;
    all->hessian[ALPHA][ALPHA] += n * at->k * (here[PP] - dead * at->p * at->p);
    all->hessian[B][B] +=
        n * (dead * (s * at->slope * (T - at->slope) - 1 / (at->b * at->b)) - (s + 1) * here[BEND]);
    all->hessian[B][S] -= n * (here[SLOPE] - dead * at->slope);
    all->hessian[B][BETA] += n * ((s + 1) * here[QSLOPE] - dead * s * at->q * at->slope);
    all->hessian[S][S] -= n * dead / (s * s);
    all->hessian[S][BETA] -= n * (q - dead * at->q);
    all->hessian[BETA][BETA] += n * ((s + 1) * here[QQ] - dead * s * at->q * at->q);
}

/* Add one row: as if alive, and what deaths change. */
static void
add_customer(const cv_rows *rows, const cv_rule *rule, size_t i, double k, const double *p,
             cv_derivatives *all)
{
    double T = rows->T[i], n = rows->weight ? rows->weight[i] : 1, top = 0, mean[SUMS];
    double sum[SUMS][LANES] = {{0}};
    const alive at = alive_at(T, k, p);
    add_alive(&at, T, n, all);
    if (rows->t_x[i] == T) return;
    add_deaths(rows->simd, rule, &at, rows->t_x[i], T, &top, sum);
    for (int j = 0; j < SUMS; j++) {
        const double *s = sum[j];
        mean[j] = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
    }
    double total = exp(-top) + mean[0];
    for (int j = 0; j < SUMS; j++) mean[j] /= total;
    all->value += n * (top + log(total));
    add_dead(&at, T, n, mean, all);
}

/* Group by group: what depends on x alone, then each row with its integral. */
static int
likelihood(const cv_rows *rows, const double *p, cv_derivatives *all)
{
    const cv_rule rule = cv_legendre_rule();
    size_t i = 0;
    for (size_t g = 0; g < rows->groups; g++) {
        const cv_group *group = &rows->group[g];
        add_counts(group, p, all);
        for (; i < group->end; i++) {
            if (i % 1024 == 0 && rows->tick != NULL && rows->tick(rows->context)) return 1;
            add_customer(rows, &rule, i, p[R] + group->x, p, all);
        }
    }
    return 0;
}

static const double SEED[CV_SEEDS][CV_PARAMETERS] = {{0.5, 0.25, 0.1, 0.5, 0.017},
                                                     {0.5, 0.25, 2, 0.5, 1},
                                                     {1, 0.2, 5, 0.3, 10},
                                                     {0.3, 0.1, 1, 2, 5},
                                                     {3, 1, 10, 0.1, 50},
                                                     {0.5, 0.25, 0.001, 0.5, 2e-4},
                                                     {5, 5, 3, 3, 30},
                                                     {0.5, 0.1, 20, 0.05, 1e3},
                                                     {0.4, 0.1, 300, 0.003, 20}};

/* r moves with alpha, as only their ratio is a rate; beta with b and s: b s / beta is the hazard at
 * age 0. */
static const int FOLLOWS[CV_PARAMETERS][CV_PARAMETERS] = {
    {0, 1}, {1, 0}, {0}, {0, 0, 0, 0, 1}, {0, 0, 1, 1}};

const cv_family cv_ggnbd_family = {.prefix = "ggnbd",
                                   .kind = CV_TIMES,
                                   .columns = 3,
                                   .parameters = 5,
                                   .unit = {0, 1, -1},
                                   .wide = {0, 0, 0, 0, 1},
                                   .sample = 2000,
                                   .distinct = 1,
                                   .seed = SEED,
                                   .follows = FOLLOWS,
                                   .likelihood = likelihood};
