/* survival_series.c -- expected lifetimes in discrete time: sums of survival probabilities.
 *
 * Survival to k has probability (p)_k / (p + a)_k (q)_k / (q + g)_k, the mean of (z w)^k over z ~
 * Beta(p, a) and w ~ Beta(q, g): a customer stays alive and lets opportunities pass, a contract is
 * renewed. The first terms are added one by one. From MANY on the term f(k) is a smooth function of
 * k that hardly falls in one step, and a sum is an integral between half-integers with two terms of
 * Euler and Maclaurin at its ends; far out f is a power of k. So the work is bounded for any number
 * of terms, also infinite, and all terms are positive.
 *
 * Largest relative error against 60 digits, parameters 1e-4..1e4, 1 to 1e5 terms and infinitely
 * many, rates 1e-7..1: 7e-14; where all are added one by one 1e-14. Source: DLMF 2.10.
 */
#include <math.h>

#include "models/survival_series.h"
#include "math/exp_log.h"
#include "math/quadrature.h"
#include "math/special.h"

enum { MANY = 1024 };
static const double NEGLIGIBLE = 1e-19;

/* Return the integral less the sum at k - 1/2: f' / 24 - 7 f''' / 5760, from differences. */
static double
end_term(const cv_decreasing *of, double k)
{
    double first = of->f(k, of->what) - of->f(k - 1, of->what);
    double third = of->f(k + 1, of->what) - of->f(k - 2, of->what) - 3 * first;
    return first / 24 - third * (17.0 / 5760);
}

typedef struct {
    const cv_decreasing *of;
    double from;
} shifted;

/* Return f at a distance u from where a panel begins. */
static double
from_there(double u, const void *what)
{
    const shifted *s = what;
    return s->of->f(s->from + u, s->of->what);
}

/* Return the integral of C k^-power. */
static double
power_law(const cv_decreasing *of, double low, double high)
{
    double l = log(high / low), value = low * of->f(low, of->what);
    return isinf(high) ? value / (of->power - 1)
                       : value * l * one_minus_exp_over((of->power - 1) * l);
}

/* Panels over [begin - 1/2, end - 1/2], each as wide as f stays smooth; the power law from far on.
 */
double
cv_decreasing_sum(const cv_decreasing *of, double sum, double begin, double end)
{
    double low = begin - 0.5, high = end - 0.5, last = INFINITY;
    if (end <= begin) return sum;
    sum += end_term(of, begin) - (isinf(end) ? 0 : end_term(of, end));
    while (low < high) {
        if (low >= of->far) return sum + power_law(of, low, high);
        const shifted s = {of, low};
        double up = fmin(low + low / of->sharp, high);
        double panel = cv_integral(from_there, &s, up - low, up - low, up - low);
        sum += panel;
        if (panel <= NEGLIGIBLE * sum && panel <= last) break;
        last = panel;
        low = up;
    }
    return sum;
}

/* Return the term k, at a real k. */
static double
probability_of(double k, const void *what)
{
    const cv_survival_series *of = what;
    double second = of->g > 0 ? cv_lbeta_up(of->g, of->q, k) : 0;
    return exp(cv_lbeta_up(of->a, of->p, k) + second - k * log1p(of->rate));
}

/* One by one to MANY, the rest as an integral. */
double
cv_survival_sum(double m, const cv_survival_series *of)
{
    double term = 1, sum = 0, v = 1 / (1 + of->rate), size = of->p + of->a + of->q + of->g;
    for (double k = 0; k < fmin(m, MANY); k++) {
        double before = term;
        sum += term;
        term *= (of->p + k) / (of->p + of->a + k) * ((of->q + k) / (of->q + of->g + k)) * v;
        if (term <= NEGLIGIBLE * sum * (1 - term / before)) return sum;
    }
    const cv_decreasing tail = {probability_of, of, of->a + of->g,
                                of->rate > 0 ? INFINITY : 1e17 * size * (size + 1), 1};
    return cv_decreasing_sum(&tail, sum, MANY, m);
}
