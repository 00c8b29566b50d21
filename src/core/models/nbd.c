/* nbd.c -- NBD: kernels and family. Ehrenberg (1959), Applied Statistics 8.
 *
 * Given the history lambda ~ Gamma(r + x, rate alpha + T), so every quantity is a closed form of
 * powers of 1 + t / (alpha + T), taken by log1p and expm1: a short t loses no digits.
 *
 * Largest relative error against 60 digits, parameters 1e-6..1e6, x to 10,000, times 1e-3..1e4,
 * 2000 cases: means, discounted means and P(purchase) 5e-16, next purchase 3e-14, distribution
 * 4e-13 (where it is 1e-183), log L 4e-16 of the sum of its terms. Likelihood, 60 samples of 12
 * histories, parameters 1e-2..1e2: value, gradient and Hessian 8e-16.
 */
#include <float.h>
#include <math.h>

#include "models/nbd.h"
#include "likelihood/rows.h"
#include "math/guards.h"
#include "math/negative_binomial.h"
#include "math/special.h"
#include "types.h"

/* Return whether history and parameters are in the domain of nbd.h. */
static int
in_domain(double x, double t_x, double T, double r, double alpha)
{
    return cv_is_count(x) && (x > 0) == (t_x > 0) && t_x >= 0 && t_x <= T && T <= DBL_MAX &&
           cv_is_positive(r) && cv_is_positive(alpha);
}

double
cv_nbd_p_alive(double x, double t_x, double T, double r, double alpha)
{
    return in_domain(x, t_x, T, r, alpha) ? 1 : domain_error();
}

double
cv_nbd_p_alive_at(double t, double x, double t_x, double T, double r, double alpha)
{
    return in_domain(x, t_x, T, r, alpha) && cv_is_length(t) ? 1 : domain_error();
}

/* 1 - (1 + t / (alpha + T))^-(r + x) */
double
cv_nbd_p_purchase(double t, double x, double t_x, double T, double r, double alpha)
{
    if (!in_domain(x, t_x, T, r, alpha) || !(t >= 0)) return domain_error();
    return -expm1(-(r + x) * log1p(t / (alpha + T)));
}

/* (r)_x alpha^r / (alpha + T)^(r + x) */
double
cv_nbd_loglik(double x, double t_x, double T, double r, double alpha)
{
    if (!in_domain(x, t_x, T, r, alpha)) return domain_error();
    return cv_lpoch(r, x) - x * log(alpha + T) - r * log1p(T / alpha);
}

/* (r + x) / (alpha + T) (t2 - t1) */
double
cv_nbd_expected_purchases_between(double t1, double t2, double x, double t_x, double T, double r,
                                  double alpha)
{
    if (!in_domain(x, t_x, T, r, alpha) || !(t1 >= 0 && t1 <= t2 && t2 <= DBL_MAX))
        return domain_error();
    return (r + x) / (alpha + T) * (t2 - t1);
}

double
cv_nbd_expected_purchases(double t, double x, double t_x, double T, double r, double alpha)
{
    return cv_nbd_expected_purchases_between(0, t, x, t_x, T, r, alpha);
}

double
cv_nbd_expected_purchases_new(double t, double r, double alpha)
{
    return cv_nbd_expected_purchases_between(0, t, 0, 0, 0, r, alpha);
}

/* Negative binomial with shape r + x and mean (r + x) t / (alpha + T). */
double
cv_nbd_purchase_pmf_given(double k, double t, double x, double t_x, double T, double r,
                          double alpha)
{
    if (!in_domain(x, t_x, T, r, alpha) || !cv_is_count(k) || !cv_is_length(t))
        return domain_error();
    return cv_nb_pmf(k, r + x, t / (alpha + T));
}

double
cv_nbd_purchase_pmf(double k, double t, double r, double alpha)
{
    return cv_nbd_purchase_pmf_given(k, t, 0, 0, 0, r, alpha);
}

/* (r + x) / (alpha + T) (1 - e^(-rate t)) / rate */
double
cv_nbd_dert(double t, double rate, double x, double t_x, double T, double r, double alpha)
{
    if (rate == 0) return cv_nbd_expected_purchases(t, x, t_x, T, r, alpha);
    if (!in_domain(x, t_x, T, r, alpha) || !(t >= 0) || !cv_is_positive(rate))
        return domain_error();
    return (r + x) / (alpha + T) * (-expm1(-rate * t) / rate);
}

/* (alpha + T) ((1 - q)^(-1 / (r + x)) - 1), infinite beyond doubles. */
double
cv_nbd_next_purchase(double q, double x, double t_x, double T, double r, double alpha)
{
    if (!in_domain(x, t_x, T, r, alpha) || !(q > 0 && q < 1)) return domain_error();
    double w = -log1p(-q) / (r + x);
    return w < 709 - log1p(alpha + T) ? (alpha + T) * expm1(w) : INFINITY;
}

double
cv_nbd_expected_rate(double x, double t_x, double T, double r, double alpha)
{
    if (!in_domain(x, t_x, T, r, alpha)) return domain_error();
    return (r + x) / (alpha + T);
}

/* ---- the likelihood of a fit ---- */

/* Over all rows, with exact gradient and Hessian in r, alpha. A row is lpoch(r,x) + r log alpha -
 * (r+x) log(alpha+T); its times are summed in row_sums.inc.h. */

enum { R, ALPHA };

/* One group at a time: the sums over its T, then what depends on x alone. */
static int
likelihood(const cv_rows *rows, const double *p, cv_derivatives *all)
{
    double sum[CV_SHIFTED_SUMS], log_alpha = log(p[ALPHA]);
    size_t begin = 0;
    for (size_t g = 0; g < rows->groups; begin = rows->group[g++].end) {
        const cv_group *group = &rows->group[g];
        double n = group->weight, x = group->x, k = p[R] + x;
        if (stop_at_group(rows, g)) return 1;
        if (cv_shifted_sums(rows, begin, group->end, p[ALPHA], sum)) return 1;
        all->value += n * (cv_lpoch(p[R], x) + p[R] * log_alpha) - k * sum[0];
        all->gradient[R] += n * (cv_dpoch(p[R], x) + log_alpha) - sum[0];
        all->gradient[ALPHA] += n * p[R] / p[ALPHA] - k * sum[1];
        all->hessian[R][R] += n * cv_tpoch(p[R], x);
        all->hessian[R][ALPHA] += n / p[ALPHA] - sum[1];
        all->hessian[ALPHA][ALPHA] += k * sum[2] - n * p[R] / (p[ALPHA] * p[ALPHA]);
    }
    return 0;
}

static const double SEED[CV_SEEDS][CV_PARAMETERS] = {
    {0.5, 0.25}, {1, 1}, {0.1, 0.02}, {5, 5}, {0.2, 2}, {20, 1}, {0.02, 0.5}, {1, 0.01}, {50, 50}};

/* They move together: only their ratio is a rate. */
static const int FOLLOWS[CV_PARAMETERS][CV_PARAMETERS] = {{0, 1}, {1, 0}};

const cv_family cv_nbd_family = {.prefix = "nbd",
                                 .kind = CV_TIMES,
                                 .columns = 3,
                                 .parameters = 2,
                                 .unit = {0, 1},
                                 .sample = 10000,
                                 .seed = SEED,
                                 .follows = FOLLOWS,
                                 .likelihood = likelihood};
