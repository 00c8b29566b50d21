/* bg.c -- BG/NBD (m = 0) and MBG/NBD (m = 1), written once: what a history says.
 *
 * While active a customer buys at rate lambda ~ Gamma(r, rate alpha); after each repeat purchase,
 * and with m = 1 after the first one too, he leaves with chance p ~ Beta(a, b). Given a history and
 * that he is active, lambda ~ Gamma(k, c) and p ~ Beta(a, b'), k = r + x, c = alpha + T,
 * b' = b + x + m; that he is gone, lambda ~ Gamma(k, alpha + t_x) and p ~ Beta(a + 1, b' - 1).
 *
 * Largest relative error against 40 digits and more: parameters 1e-6..1e6, x to 10,000: P(alive)
 * 2e-13 (d times one rounding, where it is e^-d), log L 6e-16 of the sum of its terms.
 */
#include <float.h>
#include <math.h>

#include "models/bg.h"
#include "math/exp_log.h"
#include "math/guards.h"
#include "math/special.h"
#include "models/competing_risks.h"

int
cv_bg_in_domain(const cv_beta_geometric *h)
{
    return cv_is_count(h->x) && (h->x > 0) == (h->t_x > 0) && h->t_x >= 0 && h->t_x <= h->T &&
           h->T <= DBL_MAX && cv_is_positive(h->r) && cv_is_positive(h->alpha) &&
           cv_is_positive(h->a) && cv_is_positive(h->b);
}

double
cv_bg_odds_leaving(const cv_beta_geometric *h)
{
    return h->a / (h->b + (h->x - 1 + h->m));
}

/* -log P(no purchase in (t_x, T]) of one who stayed. */
static double
silence(const cv_beta_geometric *h)
{
    return (h->r + h->x) * log_one_plus((h->T - h->t_x) / (h->alpha + h->t_x));
}

double
cv_bg_log_odds_gone(const cv_beta_geometric *h)
{
    if (h->x + h->m == 0) return -INFINITY; /* nobody leaves before his first repeat purchase */
    return log(cv_bg_odds_leaving(h)) + silence(h);
}

double
cv_bg_p_alive(const cv_beta_geometric *h)
{
    if (!cv_bg_in_domain(h)) return domain_error();
    if (h->x + h->m == 0) return 1;
    const cv_race buying = {{h->r + h->x, h->alpha + h->t_x}, {0, 1}};
    double stays = cv_race_open(h->T - h->t_x, buying);
    if (stays < 1e-300) return one_over_one_plus_exp(cv_bg_log_odds_gone(h));
    return stays / (cv_bg_odds_leaving(h) + stays);
}

double
cv_bg_p_gone(const cv_beta_geometric *h)
{
    return one_over_one_plus_exp(-cv_bg_log_odds_gone(h));
}

/* Two ways lead to a history: stayed to T, or left at t_x. The log of the likelier, and what the
 * other adds. */
double
cv_bg_loglik(const cv_beta_geometric *h)
{
    if (!cv_bg_in_domain(h)) return domain_error();
    double d = cv_bg_log_odds_gone(h), until = d > 0 ? h->t_x : h->T;
    return cv_lpoch(h->r, h->x) - h->x * log(h->alpha + until) - h->r * log1p(until / h->alpha) +
           cv_lbeta_up(h->a, h->b, h->x + h->m) + (d > 0 ? log(cv_bg_odds_leaving(h)) : 0) +
           log1p(exp(-fabs(d)));
}

/* While active he leaves only when he buys: the next purchase comes at rate lambda. */
double
cv_bg_p_purchase(double t, const cv_beta_geometric *h)
{
    if (!cv_bg_in_domain(h) || !(t >= 0)) return domain_error();
    double k = h->r + h->x, buys = -expm1(-k * log1p(t / (h->alpha + h->T)));
    return buys > 0 ? cv_bg_p_alive(h) * buys : 0;
}

double
cv_bg_next_purchase(double q, const cv_beta_geometric *h)
{
    if (!cv_bg_in_domain(h) || !(q > 0 && q < 1)) return domain_error();
    double alive = cv_bg_p_alive(h);
    if (q >= alive) return INFINITY; /* with chance 1 - alive he is gone */
    double w = -log1p(-q / alive) / (h->r + h->x);
    return w < 700 ? (h->alpha + h->T) * expm1(w) : INFINITY;
}

/* P(alive) E[1 / lambda] E[1 / p] */
double
cv_bg_residual_lifetime(const cv_beta_geometric *h)
{
    double k = h->r + h->x, e = h->a - 1;
    if (!cv_bg_in_domain(h)) return domain_error();
    if (k <= 1 || e <= 0) return INFINITY;
    return cv_bg_p_alive(h) * (h->alpha + h->T) / (k - 1) * (1 + (h->b + (h->x + h->m)) / e);
}

double
cv_bg_expected_rate(const cv_beta_geometric *h)
{
    if (!cv_bg_in_domain(h)) return domain_error();
    double k = h->r + h->x;
    return k * cv_bg_p_alive(h) / (h->alpha + h->T) + k * cv_bg_p_gone(h) / (h->alpha + h->t_x);
}

double
cv_bg_expected_dropout(const cv_beta_geometric *h)
{
    if (!cv_bg_in_domain(h)) return domain_error();
    return (h->a + cv_bg_p_gone(h)) / (h->a + (h->b + (h->x + h->m)));
}
