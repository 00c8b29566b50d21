/* bdw.c -- beta-discrete-Weibull: Fader, Hardie, Liu, Davin and Steenburgh (2018), Journal of
 * Interactive Marketing 43.
 *
 * S(t) = B(alpha, beta + t^c) / B(alpha, beta); between n and n + t it is a ratio of the same kind
 * with beta + n^c and the step (n + t)^c - n^c, formed by expm1, so no two ratios are subtracted.
 * Where t^c overflows, its power law takes over. Sums over time: survival_series.c. Largest
 * relative error against 60 digits, parameters 1e-4..1e4, c .1..5, t and n to 1e4: 1e-13, where S
 * is 1e-280; sums 3e-14.
 */
#include <math.h>

#include "models/bdw.h"
#include "math/guards.h"
#include "math/special.h"
#include "models/survival_series.h"

enum { ONE_BY_ONE = 256, BEYOND = 300 }; /* terms; log t^c */
static const double NEGLIGIBLE = 1e-19;

typedef struct {
    double n, alpha, beta, c, rate;
} contract;

/* Return whether n is whole, parameters are positive and the rate is not negative. */
static int
in_domain(const contract *of)
{
    return cv_is_count(of->n) && cv_is_positive(of->alpha) && cv_is_positive(of->beta) &&
           cv_is_positive(of->c) && cv_is_length(of->rate);
}

/* Return log S(t); where t^c is huge, by its power law. */
static double
log_from_start(double t, const contract *of)
{
    double log_power = of->c * log(t);
    if (log_power < BEYOND) return cv_lbeta_up(of->alpha, of->beta, pow(t, of->c));
    return cv_lpoch(of->beta, of->alpha) - of->alpha * log_power;
}

/* Return log P(T > n + t | T > n). */
static double
log_survival(double t, const contract *of)
{
    if (of->n == 0 || t == 0) return t == 0 ? 0 : log_from_start(t, of);
    if (of->c * log(of->n + t) >= BEYOND)
        return log_from_start(of->n + t, of) - log_from_start(of->n, of);
    double before = pow(of->n, of->c), step = before * expm1(of->c * log1p(t / of->n));
    return cv_lbeta_up(of->alpha, of->beta + before, step);
}

/* Return log S(t) / S(t - 1), t >= 1. */
static double
retention(double t, const contract *of)
{
    const contract then = {t - 1, of->alpha, of->beta, of->c, 0};
    return log_survival(1, &then);
}

/* Return P(T > n + t | T > n), discounted by (1 + rate)^-t. */
static double
survival(double t, const contract *of)
{
    return exp(log_survival(t, of) - t * log1p(of->rate));
}

/* Return the discounted P(T > k | T > n) at a real k >= n. */
static double
survival_to(double T, const void *what)
{
    const contract *of = what;
    return survival(T - of->n, of);
}

/* Return the sum of P(T > n + k | T > n), discounted, over begin <= k < end. */
static double
sum_of_survival(double begin, double end, const contract *of)
{
    double sum = 0, size = of->alpha + of->beta + 1, power = of->alpha * of->c;
    for (double k = begin; k < fmin(end, ONE_BY_ONE); k++) {
        double next = survival(k, of);
        sum += next;
        if (of->c >= 1 && next * (of->n + k + 1) <= NEGLIGIBLE * sum * (power - 1)) return sum;
    }
    double far = of->rate > 0 ? INFINITY : exp(fmin(690, log(1e17 * size * size) / of->c));
    const cv_decreasing tail = {survival_to, of, power, far, fmax(1, of->c)};
    return cv_decreasing_sum(&tail, sum, of->n + ONE_BY_ONE, of->n + end);
}

/* B(alpha, beta + t^c) / B(alpha, beta + (t - 1)^c) */
double
cv_bdw_retention(double t, double alpha, double beta, double c)
{
    const contract of = {0, alpha, beta, c, 0};
    if (!cv_is_count(t) || t == 0 || !in_domain(&of)) return domain_error();
    return exp(retention(t, &of));
}

/* B(alpha, beta + (n + t)^c) / B(alpha, beta + n^c) */
double
cv_bdw_survival(double t, double n, double alpha, double beta, double c)
{
    const contract of = {n, alpha, beta, c, 0};
    return cv_is_count(t) && in_domain(&of) ? survival(t, &of) : domain_error();
}

/* Survival to t - 1 times 1 - r, r the retention of period n + t, by expm1. */
double
cv_bdw_churn_pmf(double t, double n, double alpha, double beta, double c)
{
    const contract of = {n, alpha, beta, c, 0};
    if (!cv_is_count(t) || !in_domain(&of)) return domain_error();
    return t == 0 ? 0 : survival(t - 1, &of) * -expm1(retention(n + t, &of));
}

/* The sum of survival over t >= 1; its tail falls like t^-(alpha c). */
double
cv_bdw_residual_lifetime(double n, double alpha, double beta, double c)
{
    const contract of = {n, alpha, beta, c, 0};
    if (!in_domain(&of)) return domain_error();
    return alpha * c > 1 ? sum_of_survival(1, INFINITY, &of) : INFINITY;
}

/* The period that is running counts too. */
double
cv_bdw_tenure(double n, double alpha, double beta, double c)
{
    return n + 1 + cv_bdw_residual_lifetime(n, alpha, beta, c);
}

/* Return whether t is whole, or infinite and discounted. */
static int
is_horizon(double t, double rate)
{
    return cv_is_count(t) || (t == INFINITY && rate > 0);
}

/* The sum of discounted survival over 0 <= k < t. */
double
cv_bdw_del(double t, double rate, double alpha, double beta, double c)
{
    const contract of = {0, alpha, beta, c, rate};
    return is_horizon(t, rate) && in_domain(&of) ? sum_of_survival(0, t, &of) : domain_error();
}

/* The sum over 1 <= k <= t, the first renewal at its full value. */
double
cv_bdw_derl(double t, double rate, double n, double alpha, double beta, double c)
{
    const contract of = {n, alpha, beta, c, rate};
    if (!is_horizon(t, rate) || !in_domain(&of)) return domain_error();
    return (1 + rate) * sum_of_survival(1, t + 1, &of);
}
