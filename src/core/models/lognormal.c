/* lognormal.c -- log-normal spend: kernels and family.
 *
 * One-way random effects: Searle, Casella and McCulloch (1992), Variance Components, 3.6. With v =
 * sigma^2 + n tau^2 the mean of n logs has variance v / n, and the log density of n amounts is
 *
 *     -n/2 log(2 pi) - (n - 1) log sigma - log_SS / (2 sigma^2) - log(v)/2 - n d^2 / (2 v)
 *         - n log_mean,     d = log_mean - mu
 *
 * whose last term turns a density of logs into one of money. Given the history, m_i is normal with
 * mean (sigma^2 mu + n tau^2 log_mean) / v and variance sigma^2 tau^2 / v.
 *
 * Largest error against 50 digits, sigma and tau 1e-2..1e2, n to 8: log L 1e-14 of the sum of its
 * terms; expected spend 2e-14 (tests/models/test_lognormal.py).
 */
#include <math.h>

#include "models/lognormal.h"
#include "likelihood/rows.h"
#include "math/guards.h"
#include "types.h"

/* Return whether history and parameters are in the domain of lognormal.h. */
static int
in_domain(double n, double log_mean, double log_SS, double mu, double sigma, double tau)
{
    return cv_is_count(n) && fabs(log_mean) < 1e150 && cv_is_length(log_SS) && fabs(mu) < 1e150 &&
           cv_is_positive(sigma) && sigma < 1e150 && cv_is_positive(tau) && tau < 1e150;
}

double
cv_lognormal_loglik(double n, double log_mean, double log_SS, double mu, double sigma, double tau)
{
    if (!in_domain(n, log_mean, log_SS, mu, sigma, tau) || n == 0) return domain_error();
    const double d = (log_mean - mu) / hypot(sigma / sqrt(n), tau), between = n * (tau / sigma) * (tau / sigma);
    return -n * (log(sigma) + 0.91893853320467274178 + log_mean) - log_SS / sigma / sigma / 2 -
           log1p(between) / 2 - d * d / 2;
}

double
cv_lognormal_expected_log(double n, double log_mean, double mu, double sigma, double tau)
{
    if (!in_domain(n, n > 0 ? log_mean : 0, 0, mu, sigma, tau)) return domain_error();
    const double ratio = n * (tau / sigma) * (tau / sigma);
    return n > 0 ? mu + ratio / (1 + ratio) * (log_mean - mu) : mu;
}

double
cv_lognormal_expected_spend(double n, double log_mean, double mu, double sigma, double tau)
{
    const double center = cv_lognormal_expected_log(n, log_mean, mu, sigma, tau);
    const double ratio = n * (tau / sigma) * (tau / sigma);
    return exp(center + (tau * tau / (1 + ratio) + sigma * sigma) / 2);
}

/* ---- the likelihood of a fit ---- */

enum { MU, SIGMA, TAU };

/* Weighted sums over the rows of a group: of 1, d, d^2 and log_SS, and of log_mean in the unit of
 * the data. */
typedef struct {
    double weight, d, dd, SS, logs;
} moments;

/* Add -(n - 1) log sigma - log_SS / (2 sigma^2) and the constants. */
static void
add_within(double n, const moments *m, double sigma, cv_derivatives *all)
{
    const double of_squares = m->SS / (sigma * sigma), freedom = (n - 1) * m->weight;
    all->value -= n * (0.91893853320467274178 * m->weight + m->logs) + freedom * log(sigma) +
                  of_squares / 2;
    all->gradient[SIGMA] += (of_squares - freedom) / sigma;
    all->hessian[SIGMA][SIGMA] += (freedom - 3 * of_squares) / (sigma * sigma);
}

/* Add -log(v)/2 - n d^2 / (2 v), v = sigma^2 + n tau^2. */
static void
add_between(double n, const moments *m, const double *p, cv_derivatives *all)
{
    const double v = p[SIGMA] * p[SIGMA] + n * p[TAU] * p[TAU], dd = n * m->dd / v;
    const double first = (dd - m->weight) / (2 * v), second = (m->weight / 2 - dd) / (v * v);
    const double by_sigma = 2 * p[SIGMA], by_tau = 2 * n * p[TAU], by_mu = n * m->d / v;
    all->value -= (m->weight * log(v) + dd) / 2;
    all->gradient[MU] += by_mu;
    all->gradient[SIGMA] += first * by_sigma;
    all->gradient[TAU] += first * by_tau;
    all->hessian[MU][MU] -= n * m->weight / v;
    all->hessian[MU][SIGMA] -= by_mu / v * by_sigma;
    all->hessian[MU][TAU] -= by_mu / v * by_tau;
    all->hessian[SIGMA][SIGMA] += second * by_sigma * by_sigma + 2 * first;
    all->hessian[SIGMA][TAU] += second * by_sigma * by_tau;
    all->hessian[TAU][TAU] += second * by_tau * by_tau + 2 * n * first;
}

/* Group by group: n is the same, so a row adds to sums only. */
static int
likelihood(const cv_rows *rows, const double *p, cv_derivatives *all)
{
    size_t begin = 0;
    for (size_t g = 0; g < rows->groups; begin = rows->group[g++].end) {
        const cv_group *group = &rows->group[g];
        moments m = {group->weight, 0, 0, 0, 0};
        if (stop_at_group(rows, g)) return 1;
        for (size_t i = begin; i < group->end; i++) {
            if (stopped(i, rows->tick, rows->context)) return 1;
            const double weight = rows->weight ? rows->weight[i] : 1, d = rows->t_x[i] - p[MU];
            m.d += weight * d;
            m.dd += weight * d * d;
            m.SS += weight * rows->T[i];
        }
        m.logs = m.d * rows->scale + group->weight * (p[MU] * rows->scale + rows->center);
        add_within(group->x, &m, p[SIGMA], all);
        add_between(group->x, &m, p, all);
    }
    return 0;
}

static const double SEED[CV_SEEDS][CV_PARAMETERS] = {
    {0, 0.7, 0.7},  {0, 0.3, 1}, {0, 1, 0.3},        {0.5, 0.1, 1},     {-0.5, 1, 0.1},
    {0, 0.05, 0.7}, {0, 2, 2},   {0.2, 0.01, 0.5}, {-0.2, 0.7, 0.01}};

const cv_family cv_lognormal_family = {
    .prefix = "lognormal",
    .kind = CV_MARGINS,
    .columns = 3,
    .parameters = 3,
    .unit = {1, 1, 1},
    .location = {1, 0, 0},
    .sample = 10000,
    .seed = SEED,
    .likelihood = likelihood,
};
