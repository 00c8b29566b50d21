/* nbd.c -- NBD: Ehrenberg (1959). Given the history lambda ~ Gamma(r + x, rate alpha + T): every
 * quantity is exact to a few roundings, log L to those of the sum of its terms.
 */
#include <float.h>
#include <math.h>

#include "models/nbd.h"
#include "math/guards.h"
#include "math/negative_binomial.h"
#include "math/special.h"

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

double
cv_nbd_p_purchase(double t, double x, double t_x, double T, double r, double alpha)
{
    if (!in_domain(x, t_x, T, r, alpha) || !(t >= 0)) return domain_error();
    return -expm1(-(r + x) * log1p(t / (alpha + T)));
}

double
cv_nbd_loglik(double x, double t_x, double T, double r, double alpha)
{
    if (!in_domain(x, t_x, T, r, alpha)) return domain_error();
    return cv_lpoch(r, x) - x * log(alpha + T) - r * log1p(T / alpha);
}

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

double
cv_nbd_dert(double t, double rate, double x, double t_x, double T, double r, double alpha)
{
    if (rate == 0) return cv_nbd_expected_purchases(t, x, t_x, T, r, alpha);
    if (!in_domain(x, t_x, T, r, alpha) || !(t >= 0) || !cv_is_positive(rate))
        return domain_error();
    return (r + x) / (alpha + T) * (-expm1(-rate * t) / rate);
}

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
