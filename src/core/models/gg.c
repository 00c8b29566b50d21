/* gg.c -- Gamma-Gamma: Fader and Hardie, note 025.
 *
 * Each purchase of a customer is Gamma(p, rate nu), nu ~ Gamma(q, rate gamma); m_x is the mean of
 * his x purchases. The pooled forms need no weighted average, so q = 1 is no special point.
 */
#include <math.h>

#include "models/gg.h"
#include "math/beta.h"
#include "math/guards.h"

static int
in_domain(double x, double m_x, double p, double q, double gamma)
{
    return cv_is_count(x) && (x == 0 || cv_is_positive(m_x)) && cv_is_positive(p) &&
           cv_is_positive(q) && cv_is_positive(gamma);
}

double
cv_gg_expected_spend(double x, double m_x, double p, double q, double gamma)
{
    if (!in_domain(x, m_x, p, q, gamma)) return domain_error();
    double total = x > 0 ? x * m_x : 0, below = p * x + (q - 1);
    return below > 0 ? p * (gamma + total) / below : INFINITY;
}

double
cv_gg_loglik(double x, double m_x, double p, double q, double gamma)
{
    if (!in_domain(x, m_x, p, q, gamma) || x == 0) return domain_error();
    double total = x * m_x, k = p * x;
    return -log_beta(k, q) - k * log1p(gamma / total) - q * log1p(total / gamma) - log(m_x);
}
