/* gg.c -- Gamma-Gamma: kernels and families. Fader and Hardie (2013), note 025.
 *
 * Each purchase of a customer is Gamma(p, rate nu), nu ~ Gamma(q, rate gamma); m_x is the mean of
 * x purchases. The pooled forms p (gamma + x m_x) / (p x + q - 1) need no weighted average, so q =
 * 1 is no special point; log B takes the smaller argument's gamma function and a ratio.
 *
 * Largest relative error against 60 digits, parameters 1e-6..1e6, x to 10,000, 2000 cases: expected
 * spend 5e-16 times (p x + q + 1) / (p x + q - 1); log L 2e-15 of the sum of its terms. Likelihood,
 * 60 samples of 12 histories, parameters 1e-2..1e2: value 2e-14 of the sum of its rows; in the logs
 * of the parameters gradient 1e-13 and Hessian 4e-16 of the largest entry; medians below 4e-16.
 */
#include <math.h>

#include "models/gg.h"
#include "likelihood/rows.h"
#include "math/beta.h"
#include "math/guards.h"
#include "math/special.h"
#include "types.h"

/* Return whether x is whole, m_x positive unless x = 0, and the parameters positive. */
static int
in_domain(double x, double m_x, double p, double q, double gamma)
{
    return cv_is_count(x) && (x == 0 || cv_is_positive(m_x)) && cv_is_positive(p) &&
           cv_is_positive(q) && cv_is_positive(gamma);
}

/* p (gamma + x m_x) / (p x + q - 1) */
double
cv_gg_expected_spend(double x, double m_x, double p, double q, double gamma)
{
    if (!in_domain(x, m_x, p, q, gamma)) return domain_error();
    double total = x > 0 ? x * m_x : 0, below = p * x + (q - 1);
    return below > 0 ? p * (gamma + total) / below : INFINITY;
}

/* Gamma(p x + q) / (Gamma(p x) Gamma(q)) as 1 / B; powers as log1p of ratios to the total. */
double
cv_gg_loglik(double x, double m_x, double p, double q, double gamma)
{
    if (!in_domain(x, m_x, p, q, gamma) || x == 0) return domain_error();
    double total = x * m_x, k = p * x;
    return -log_beta(k, q) - k * log1p(gamma / total) - q * log1p(total / gamma) - log(m_x);
}

/* ---- single purchases ---- */

/* Given the total of n, their shares are Dirichlet(p, ..., p). With the Stirling error e of log
 * gamma and D = log(mean) - log_mean >= 0 the log density of the amounts is
 *
 *     -log B(p n, q) - p n log(1 + gamma/S) - q log(1 + S/gamma)
 *         - p n D + (n - 1)/2 log(p / 2 pi) - log(n)/2 + e(p n) - n e(p) - n log_mean
 *
 * in which n log gamma(p) and p times the sum of the logs, which nearly cancel, do not occur: it is
 * within 2e-15 of the sum of its terms (50 digits, 300 cases, p to 1e5: tests/models/test_gg.py). */

/* Return how the total falls into n purchases: -p n D + (n - 1)/2 log(p / 2 pi) + e(p n) - n e(p).
 */
static double
log_shares(double n, double D, double p)
{
    return (n - 1) / 2 * log(p / 6.28318530717958647693) + cv_stirling_error(p * n) -
           n * cv_stirling_error(p) - p * n * D;
}

double
cv_gg_single_loglik(double n, double mean, double log_mean, double p, double q, double gamma)
{
    const double D = log(mean) - log_mean;
    if (!in_domain(n, mean, p, q, gamma) || n == 0 || !isfinite(D) || D < -1e-6)
        return domain_error();
    double total = n * mean, k = p * n;
    return log_shares(n, fmax(D, 0), p) - log_beta(k, q) - k * log1p(gamma / total) -
           q * log1p(total / gamma) - log(n) / 2 - n * log_mean;
}

/* ---- the likelihood of a fit ---- */

/* Over all rows, with exact gradient and Hessian in p, q, gamma. With S = x m_x and k = p x a row
 * is -log B(k, q) + k log S + q log gamma - (k + q) log(gamma + S) - log m_x    (note 025). */

enum { P, Q, GAMMA };

/* Add -log B(k, q) + q log gamma + k log S - log m_x: all but the shifted sums. */
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

/* Add -(k+q) log(gamma+S). */
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

/* One group at a time: x is the same, so gamma functions are, and totals are sums. */
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

/* Add what the shares of n purchases in their total say about p, in place of the density of m_x. */
static void
add_shares(const cv_group *group, double scale, const double *parameter, cv_derivatives *all)
{
    const double weight = group->weight, n = group->x, p = parameter[P], D = group->unevenness;
    const double log_means = group->log_totals + weight * log(scale / n); /* sum of w log(mean) */
    all->value += weight * (log_shares(n, 0, p) - log(n) / 2) - p * n * D + log_means -
                  n * (log_means - D);
    all->gradient[P] += weight * ((n - 1) / (2 * p) + n * cv_stirling_error_1(p * n) -
                                  n * cv_stirling_error_1(p)) -
                        n * D;
    all->hessian[P][P] += weight * (n * n * cv_stirling_error_2(p * n) -
                                    n * cv_stirling_error_2(p) - (n - 1) / (2 * p * p));
}

/* The likelihood of the totals, and of the shares of single purchases in them. */
static int
likelihood_of_single(const cv_rows *rows, const double *p, cv_derivatives *all)
{
    if (likelihood(rows, p, all)) return 1;
    for (size_t g = 0; g < rows->groups; g++) add_shares(&rows->group[g], rows->scale, p, all);
    return 0;
}

static const double SEED[CV_SEEDS][CV_PARAMETERS] = {
    {3, 3, 1},   {1, 5, 5},       {10, 2, 0.1},     {0.3, 2, 3},  {30, 10, 0.3},
    {2, 30, 15}, {30, 0.4, 0.01}, {0.2, 100, 1000}, {0.3, 0.6, 2}};

/* gamma moves as q / p; a gamma far above the spend moves q along, one far below p. */
static const int FOLLOWS[CV_PARAMETERS][CV_PARAMETERS] = {{0}, {0}, {-1, 1}};
static const int RAISED[CV_PARAMETERS][CV_PARAMETERS] = {{0, 0, -1}, {0, 0, 1}};

const cv_family cv_gg_family = {
    .prefix = "gg",
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

const cv_family cv_gg_single_family = {
    .prefix = "gg_single",
    .kind = CV_SINGLE,
    .columns = 3,
    .parameters = 3,
    .unit = {0, 0, 1},
    .sample = 10000,
    .seed = SEED,
    .follows = FOLLOWS,
    .raised = RAISED,
    .likelihood = likelihood_of_single,
};
