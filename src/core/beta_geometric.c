/* beta_geometric.c -- BG/NBD (m = 0) and MBG/NBD (m = 1), written once.
 *
 * While active a customer buys at rate lambda ~ Gamma(r, rate alpha); after each repeat purchase,
 * and with m = 1 after the first one too, he leaves with chance p ~ Beta(a, b). Given a history and
 * that he is active, lambda ~ Gamma(k, c) and p ~ Beta(a, b'), k = r + x, c = alpha + T,
 * b' = b + x + m; every quantity of the future is P(alive) times a mean over these two.
 *
 * Largest relative error against 40 digits and more: parameters 1e-6..1e6, x to 10,000: P(alive)
 * 2e-13 (d times one rounding, where it is e^-d), distribution 2e-13, log L 6e-16 of the sum of its
 * terms. Parameters 1e-3..1e3, horizons 1e-3..1e5: means of purchases 8e-14. Parameters 1e-2..1e2:
 * discounted 2e-14.
 */
#include "custval.h"
#include "inline.h"

typedef struct {
    double k, c, a, b;
} active_customer;

static active_customer
active(const cv_beta_geometric *h)
{
    return (active_customer){h->r + h->x, h->alpha + h->T, h->a, h->b + (h->x + h->m)};
}

static int
in_domain(const cv_beta_geometric *h)
{
    return cv_is_count(h->x) && (h->x > 0) == (h->t_x > 0) && h->t_x >= 0 && h->t_x <= h->T &&
           h->T <= DBL_MAX && cv_is_positive(h->r) && cv_is_positive(h->alpha) &&
           cv_is_positive(h->a) && cv_is_positive(h->b);
}

/* log P(leaves) - log P(stays) at the last purchase. */
static double
log_odds_leaving(const cv_beta_geometric *h)
{
    return log(h->a / (h->b + (h->x - 1 + h->m)));
}

/* log P(gone)/P(alive), given the history. */
static double
log_odds_gone(const cv_beta_geometric *h)
{
    if (h->x + h->m == 0) return -INFINITY; /* nobody leaves before his first repeat purchase */
    return log_odds_leaving(h) + (h->r + h->x) * log1p((h->T - h->t_x) / (h->alpha + h->t_x));
}

double
cv_bg_p_alive(const cv_beta_geometric *h)
{
    if (!in_domain(h)) return domain_error();
    return one_over_one_plus_exp(log_odds_gone(h));
}

/* Two ways lead to a history: stayed to T, or left at t_x. The log of the likelier, and what the
 * other adds. */
double
cv_bg_loglik(const cv_beta_geometric *h)
{
    if (!in_domain(h)) return domain_error();
    double d = log_odds_gone(h), until = d > 0 ? h->t_x : h->T;
    return cv_lpoch(h->r, h->x) - h->x * log(h->alpha + until) - h->r * log1p(until / h->alpha) +
           cv_lbeta_up(h->a, h->b, h->x + h->m) + (d > 0 ? log_odds_leaving(h) : 0) +
           log1p(exp(-fabs(d)));
}

/* E[(1 - (1 + p y)^-k) / p], y = t / c, by Euler's transform expanded about a = 1, so that neither
 * a = 1 nor a + b' = 1 is special. *error bounds the rounding; infinite when the terms are too many
 * or too large for a mean that cannot exceed k y. */
static double
euler_series(double t, const active_customer *s, double *error)
{
    double e = s->a - 1, sum_ab = s->a + s->b, C = s->a + (s->b - 1), B = C - s->k;
    double z = t / (s->c + t), l = log1p(t / s->c), scale = exp(-e * l);
    double enough = 1e-17 * s->c / (s->c + t), hopeless = 500 * s->k * (t / s->c);
    double term = scale * B * z, sum = 0, size = 0;
    int n = scale > 1e-100 ? 1 : 2000;
    for (; n < 2000 && size <= hopeless; n++) {
        sum += term;
        size += fabs(term);
        term *= (s->a + (n - 1)) * (B + n) / ((sum_ab + (n - 1)) * (n + 1)) * z;
        if (fabs(term) <= enough * size && n > -B) break;
    }
    double whole = C * l * one_minus_exp_over(e * l);
    *error = n < 2000 && size <= hopeless ? (fabs(whole) + size) * (n + 8) * (DBL_EPSILON / 2)
                                          : INFINITY;
    return whole - sum;
}

/* Purchases between y1 and y1 + width for a given p, in units of c: a product of positive factors.
 */
typedef struct {
    double k, y1, width;
} period;

static double
purchases_given_p(double p, const void *what)
{
    const period *of = what;
    double y = of->width / (1 + p * of->y1), py = p * y;
    double l_over_p = py > 1e-17 ? log1p(py) / p : y;
    return exp(-of->k * log1p(p * of->y1)) * of->k * l_over_p *
           one_minus_exp_over(of->k * l_over_p * p);
}

/* Mean purchases of an active customer between t1 and t2 from now. */
static double
mean_purchases(double t1, double t2, const active_customer *s)
{
    double error1 = 0, error2, v1 = 0, v2;
    if (t2 == t1) return 0;
    v2 = euler_series(t2, s, &error2);
    if (t1 > 0) v1 = euler_series(t1, s, &error1);
    if (error1 + error2 <= 5e-13 * (v2 - v1)) return v2 - v1;
    const period of = {s->k, t1 / s->c, (t2 - t1) / s->c};
    double feature = fmax(1, s->k) * (t2 / s->c);
    return cv_beta_mean(&(cv_beta_integrand){purchases_given_p, &of, feature, s->k}, s->a, s->b);
}

double
cv_bg_expected_purchases(double t1, double t2, const cv_beta_geometric *h)
{
    if (!in_domain(h) || !(t1 >= 0 && t1 <= t2 && t2 <= DBL_MAX)) return domain_error();
    const active_customer s = active(h);
    return one_over_one_plus_exp(log_odds_gone(h)) * mean_purchases(t1, t2, &s);
}

double
cv_bg_purchase_pmf(double k, double t, double r, double alpha, double a, double b, int m)
{
    const cv_beta_geometric newcomer = {0, 0, 0, r, alpha, a, b, m};
    if (!in_domain(&newcomer) || !cv_is_count(k) || !cv_is_length(t)) return domain_error();
    double stays = exp(cv_lbeta_up(a, b, k + m)), y = t / alpha;
    if (!cv_is_length(y)) return domain_error();
    double leaves = k + m > 0 ? a / (b + (k - 1 + m)) * cv_nb_tail(k, r, y) : 0;
    return stays * (cv_nb_pmf(k, r, y) + leaves);
}

/* Active customers buy at rate lambda and leave at rate lambda p, so discounted for ever they buy
 * E[lambda / (rate + lambda p)]: a Gamma(k + 1) mean of a Beta mean. */
typedef struct {
    double a, b, rate;
} discounting;

static double
discount_given_purchases(double g, const void *what)
{
    const discounting *of = what;
    return cv_mean_reciprocal(of->a, of->b, g / of->rate);
}

static double
dert_for_ever(double rate, const active_customer *s)
{
    const discounting of = {s->a, s->b, rate * s->c};
    return s->k / of.rate * cv_gamma_mean(discount_given_purchases, &of, s->k + 1);
}

/* By parts, dert = e^(-rate t) V(t) + integral of rate e^(-rate u) V(u) over (0, t), V the mean
 * purchases; integrated over w = log(1 + u / c). */
typedef struct {
    const active_customer *s;
    double rate;
} discounted;

static double
discounted_purchases(double w, const void *what)
{
    const discounted *of = what;
    double c = of->s->c, u = c * expm1(w);
    return of->rate * exp(w - of->rate * u) * c * mean_purchases(0, u, of->s);
}

static double
dert_to_horizon(double t, double rate, const active_customer *s)
{
    const discounted of = {s, rate};
    double first = 20 / (s->k + rate * s->c);
    return exp(-rate * t) * mean_purchases(0, t, s) +
           cv_integral(discounted_purchases, &of, log1p(t / s->c), first, 2);
}

double
cv_bg_dert(double t, double rate, const cv_beta_geometric *h)
{
    if (rate == 0) return cv_bg_expected_purchases(0, t, h);
    if (!in_domain(h) || !(t >= 0) || !cv_is_positive(rate)) return domain_error();
    const active_customer s = active(h);
    return one_over_one_plus_exp(log_odds_gone(h)) *
           (rate * t > 40 ? dert_for_ever(rate, &s) : dert_to_horizon(t, rate, &s));
}
