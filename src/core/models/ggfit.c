/* ggfit.c -- log-likelihood of Gamma-Gamma over all rows, with its exact gradient and Hessian in p,
 * q, gamma. With S = x m_x and k = p x a row is
 *     -log B(k, q) + k log S + q log gamma - (k + q) log(gamma + S) - log m_x    (note 025).
 */
#include <math.h>

#include "likelihood/rows.h"
#include "math/beta.h"
#include "math/special.h"
#include "models/model_families.h"
#include "types.h"

enum { P, Q, GAMMA };

/* -log B(k, q) + q log gamma + k log S - log m_x: all but the shifted sums */
static void
add_counts(const cv_group *group, double scale, const double *p, cv_derivatives *all)
{
    double n = group->weight, x = group->x, k = p[P] * x, log_gamma = log(p[GAMMA]);
    double trigamma = cv_trigamma(k + p[Q]);
    all->value +=
        n * (p[Q] * log_gamma - log_beta(k, p[Q]) + log(x / scale)) + (k - 1) * group->log_totals;
    all->gradient[P] += n * x * cv_dpoch(k, p[Q]) + x * group->log_totals;
    all->gradient[Q] += n * (cv_dpoch(p[Q], k) + log_gamma);
    all->gradient[GAMMA] += n * p[Q] / p[GAMMA];
    all->hessian[P][P] += n * x * x * cv_tpoch(k, p[Q]);
    all->hessian[P][Q] += n * x * trigamma;
    all->hessian[Q][Q] += n * cv_tpoch(p[Q], k);
    all->hessian[Q][GAMMA] += n / p[GAMMA];
    all->hessian[GAMMA][GAMMA] -= n * p[Q] / (p[GAMMA] * p[GAMMA]);
}

/* -(k+q) log(gamma+S) */
static void
add_totals(double x, const double *p, const double *sum, cv_derivatives *all)
{
    double both = p[P] * x + p[Q];
    all->value -= both * sum[0];
    all->gradient[P] -= x * sum[0];
    all->gradient[Q] -= sum[0];
    all->gradient[GAMMA] -= both * sum[1];
    all->hessian[P][GAMMA] -= x * sum[1];
    all->hessian[Q][GAMMA] -= sum[1];
    all->hessian[GAMMA][GAMMA] += both * sum[2];
}

static int
likelihood(const cv_rows *rows, const double *p, cv_derivatives *all)
{
    double sum[CV_SHIFTED_SUMS];
    size_t begin = 0;
    for (size_t g = 0; g < rows->groups; begin = rows->group[g++].end) {
        const cv_group *group = &rows->group[g];
        if (stop_at_group(rows, g)) return 1;
        if (cv_shifted_sums(rows, begin, group->end, p[GAMMA], sum)) return 1;
        add_counts(group, rows->scale, p, all);
        add_totals(group->x, p, sum, all);
    }
    return 0;
}

static const double SEED[CV_SEEDS][CV_PARAMETERS] = {
    {3, 3, 1},   {1, 5, 5},       {10, 2, 0.1},     {0.3, 2, 3},  {30, 10, 0.3},
    {2, 30, 15}, {30, 0.4, 0.01}, {0.2, 100, 1000}, {0.3, 0.6, 2}};

/* gamma goes with q / p; a gamma far above the spend takes q along, one far below p. */
static const int FOLLOWS[CV_PARAMETERS][CV_PARAMETERS] = {{0}, {0}, {-1, 1}};
static const int RAISED[CV_PARAMETERS][CV_PARAMETERS] = {{0, 0, -1}, {0, 0, 1}};

const cv_family cv_gg_family = {
    .word = "gg",
    .kind = CV_SPEND,
    .columns = 2,
    .parameters = 3,
    .unit = {0, 0, 1},
    .sample = 10000,
    .seed = SEED,
    .follows = FOLLOWS,
    .raised = RAISED,
    .likelihood = likelihood,
};
