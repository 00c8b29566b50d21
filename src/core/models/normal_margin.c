/* normal_margin.c -- margins with a normal-gamma distribution over customers: DeGroot (1970),
 * Optimal Statistical Decisions, 9.6. Given n margins the parameters become kappa + n, nu + n, the
 * weighted mean, and nu sigma^2 + D, D = SS + kappa n / (kappa + n) (mean - mu)^2; a margin to come
 * is Student's t.
 */
#include <math.h>

#include "models/normal_margin.h"
#include "math/guards.h"
#include "math/special.h"

typedef struct {
    double n, mean, SS, mu, sigma, kappa, nu;
} history;

static int
in_domain(const history *h)
{
    return cv_is_count(h->n) && fabs(h->mean) < 1e150 && cv_is_length(h->SS) &&
           fabs(h->mu) < 1e150 && cv_is_positive(h->sigma) && h->sigma < 1e150 &&
           cv_is_positive(h->kappa) && cv_is_positive(h->nu);
}

static double
deviation(const history *h)
{
    double gap = h->mean - h->mu;
    return h->SS + h->n / (h->kappa + h->n) * h->kappa * gap * gap;
}

double
cv_normal_margin_loglik(double n, double mean, double SS, double mu, double sigma, double kappa,
                        double nu)
{
    const history h = {n, mean, SS, mu, sigma, kappa, nu};
    if (!in_domain(&h)) return domain_error();
    double prior = nu * sigma * sigma, D = deviation(&h);
    return cv_lpoch(nu / 2, n / 2) - nu / 2 * log1p(D / prior) -
           n / 2 * log(3.14159265358979323846 * (prior + D)) - log1p(n / kappa) / 2;
}

double
cv_normal_margin_expected_margin(double n, double mean, double SS, double mu, double sigma,
                                 double kappa, double nu)
{
    const history h = {n, mean, SS, mu, sigma, kappa, nu};
    if (!in_domain(&h)) return domain_error();
    return (kappa * mu + n * mean) / (kappa + n);
}

double
cv_normal_margin_variance(double n, double mean, double SS, double mu, double sigma, double kappa,
                          double nu)
{
    const history h = {n, mean, SS, mu, sigma, kappa, nu};
    if (!in_domain(&h)) return domain_error();
    double below = nu + (n - 2);
    return below > 0 ? (nu * sigma * sigma + deviation(&h)) / below : INFINITY;
}

double
cv_normal_margin_quantile(double q, double m, double n, double mean, double SS, double mu,
                          double sigma, double kappa, double nu)
{
    const history h = {n, mean, SS, mu, sigma, kappa, nu};
    if (!in_domain(&h) || !(q > 0 && q < 1) || !cv_is_count(m) || m == 0) return domain_error();
    double variance = (nu * sigma * sigma + deviation(&h)) / (nu + n);
    double width = sqrt(variance * (1 / m + 1 / (kappa + n)));
    return (kappa * mu + n * mean) / (kappa + n) + width * cv_student_quantile(q, nu + n);
}
