/* bg.c -- BG/NBD (m = 0) and MBG/NBD (m = 1), written once: Fader, Hardie and Lee (2005).
 *
 * While active a customer buys at rate lambda ~ Gamma(r, rate alpha); after each repeat purchase,
 * and with m = 1 after the first one too, they drop out with probability p ~ Beta(a, b). Given the
 * history, an active customer has lambda ~ Gamma(k, c) and p ~ Beta(a, b'), k = r + x, c = alpha +
 * T, b' = b + x + m; an inactive one Gamma(k, alpha + t_x) and Beta(a + 1, b' - 1). Two ways lead
 * to a history, so all rests on their log odds d; no form subtracts and none overflows.
 *
 * Largest relative error against 40 digits and more: parameters 1e-6..1e6, x to 10,000: P(alive)
 * 2e-13 (d times one rounding, where it is e^-d), log L 6e-16 of the sum of its terms, distribution
 * 2e-13. Parameters 1e-3..1e3, horizons 1e-3..1e5: means of purchases 8e-14. Parameters 1e-2..1e2:
 * discounted 2e-14, alive later 4e-14.
 */
#include <float.h>
#include <math.h>

#include "models/bg.h"
#include "math/beta.h"
#include "math/exp_log.h"
#include "math/guards.h"
#include "math/negative_binomial.h"
#include "math/quadrature.h"
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
cv_bg_odds_dropout(const cv_beta_geometric *h)
{
    return h->a / (h->b + (h->x - 1 + h->m));
}

/* Return -log P(no purchase in (t_x, T]) of a customer who stayed. */
static double
silence(const cv_beta_geometric *h)
{
    return (h->r + h->x) * log_one_plus((h->T - h->t_x) / (h->alpha + h->t_x));
}

/* log(a / (b + x - 1 + m)) + (r + x) log((alpha + T) / (alpha + t_x)) */
double
cv_bg_log_odds_inactive(const cv_beta_geometric *h)
{
    if (h->x + h->m == 0) return -INFINITY; /* no dropout before the first repeat */
    return log(cv_bg_odds_dropout(h)) + silence(h);
}

/* 1 / (1 + e^d), by S = e^-silence: S / (odds + S); by the log odds where S underflows. */
double
cv_bg_p_alive(const cv_beta_geometric *h)
{
    if (!cv_bg_in_domain(h)) return domain_error();
    if (h->x + h->m == 0) return 1;
    const cv_risks buying = {{h->r + h->x, h->alpha + h->t_x}, {0, 1}};
    double stays = cv_joint_survival(h->T - h->t_x, buying);
    if (stays < 1e-300) return one_over_one_plus_exp(cv_bg_log_odds_inactive(h));
    return stays / (cv_bg_odds_dropout(h) + stays);
}

/* 1 / (1 + e^-d) */
double
cv_bg_p_inactive(const cv_beta_geometric *h)
{
    return one_over_one_plus_exp(-cv_bg_log_odds_inactive(h));
}

/* By the log odds where the silence underflows. */
cv_bg_ways
cv_bg_ways_of(const cv_beta_geometric *h)
{
    if (h->x + h->m == 0) return (cv_bg_ways){1, 0, 0};
    const double quiet = silence(h), stays = exp(-quiet);
    if (stays < 1e-290) return (cv_bg_ways){cv_bg_p_alive(h), cv_bg_p_inactive(h), quiet};
    const double odds = cv_bg_odds_dropout(h), both = odds + stays;
    return (cv_bg_ways){stays / both, odds / both, quiet};
}

/* Stayed to T, or dropped out at t_x: the log of the likelier, and what the other adds. */
double
cv_bg_loglik(const cv_beta_geometric *h)
{
    if (!cv_bg_in_domain(h)) return domain_error();
    double d = cv_bg_log_odds_inactive(h), until = d > 0 ? h->t_x : h->T;
    return cv_lpoch(h->r, h->x) - h->x * log(h->alpha + until) - h->r * log1p(until / h->alpha) +
           cv_lbeta_up(h->a, h->b, h->x + h->m) + (d > 0 ? log(cv_bg_odds_dropout(h)) : 0) +
           log1p(exp(-fabs(d)));
}

/* An active customer drops out only when buying, so the next purchase comes at rate lambda. */
double
cv_bg_p_purchase(double t, const cv_beta_geometric *h)
{
    if (!cv_bg_in_domain(h) || !(t >= 0)) return domain_error();
    double k = h->r + h->x, buys = -expm1(-k * log1p(t / (h->alpha + h->T)));
    return buys > 0 ? cv_bg_p_alive(h) * buys : 0;
}

/* Solve P(alive) (1 - (1 + t / c)^-k) = q for t. */
double
cv_bg_next_purchase(double q, const cv_beta_geometric *h)
{
    if (!cv_bg_in_domain(h) || !(q > 0 && q < 1)) return domain_error();
    double alive = cv_bg_p_alive(h);
    if (q >= alive) return INFINITY; /* else inactive */
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

/* k / (alpha + T) if active, k / (alpha + t_x) if not. */
double
cv_bg_expected_rate(const cv_beta_geometric *h)
{
    if (!cv_bg_in_domain(h)) return domain_error();
    double k = h->r + h->x;
    return k * cv_bg_p_alive(h) / (h->alpha + h->T) + k * cv_bg_p_inactive(h) / (h->alpha + h->t_x);
}

/* a / (a + b') if active, (a + 1) / (a + b') if not. */
double
cv_bg_expected_dropout(const cv_beta_geometric *h)
{
    if (!cv_bg_in_domain(h)) return domain_error();
    return (h->a + cv_bg_p_inactive(h)) / (h->a + (h->b + (h->x + h->m)));
}

/* ---- the future ---- */

/* Every quantity of the future is P(alive) times a mean over the customers still active, lambda ~
 * Gamma(k, c) and p ~ Beta(a, b'), who are BG/NBD customers just after a purchase. */

typedef struct {
    double k, c, a, b, B; /* B = a + b' - k */
} active_customer;

/* Return lambda ~ Gamma(k, c) and p ~ Beta(a, b) of a customer active at T. */
static active_customer
active(const cv_beta_geometric *h)
{
    return (active_customer){h->r + h->x, h->alpha + h->T, h->a, h->b + (h->x + h->m),
                             h->a + (h->b + h->m - h->r)};
}

/* Return E[(1 + p y)^-k], y = t / c: 2F1(k, a; a + b; -y) in Euler's form, or where B < 0 in
 * Pfaff's, so that all terms are positive; 0 when there are too many. */
static double
stays_series(double t, const active_customer *s)
{
    double p = s->B >= 0 ? s->a : s->k, q = s->B >= 0 ? s->B : s->b;
    double z = t / (s->c + t), shift = p * log1p(t / s->c), sum_ab = s->a + s->b;
    double term = exp(-shift), sum = 0;
    for (int n = shift < 200 ? 0 : 1000; n < 1000; n++) {
        double ratio = (p + n) * (q + n) / ((sum_ab + n) * (n + 1)) * z;
        sum += term;
        if (ratio < 1 && term * ratio <= 1e-17 * (1 - ratio) * sum) return sum;
        term *= ratio;
    }
    return 0;
}

typedef struct {
    double k, y;
} horizon;

/* Return (1 + p y)^-k. */
static double
stays_given_p(double p, const void *what)
{
    const horizon *of = what;
    return exp(-of->k * log1p(p * of->y));
}

/* P(alive) E[(1 + p t / c)^-k]: purchases that end activity come at rate lambda p. */
double
cv_bg_p_alive_at(double t, const cv_beta_geometric *h)
{
    if (!cv_bg_in_domain(h) || !cv_is_length(t)) return domain_error();
    const active_customer s = active(h);
    double stays = stays_series(t, &s);
    if (!(stays > 0)) {
        const horizon of = {s.k, t / s.c};
        double feature = fmax(1, s.k) * of.y;
        stays = cv_beta_mean(&(cv_beta_integrand){stays_given_p, &of, feature, s.k}, s.a, s.b);
    }
    return cv_bg_p_alive(h) * fmin(stays, 1);
}

/* Return E[(1 - (1 + p y)^-k) / p], y = t / c, by Euler's transform expanded about a = 1, so that
 * neither a = 1 nor a + b' = 1 is special. *error bounds the rounding; infinite when the terms are
 * too many or too large for a mean that cannot exceed k y. */
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

/* Return k times the integral of (1 + p y)^-(k + 1) over y from y1 to y1 + width. */
static double
purchases_given_p(double p, const void *what)
{
    const period *of = what;
    double y = of->width / (1 + p * of->y1), py = p * y;
    double l_over_p = py > 1e-17 ? log1p(py) / p : y;
    return exp(-of->k * log1p(p * of->y1)) * of->k * l_over_p *
           one_minus_exp_over(of->k * l_over_p * p);
}

/* Return the mean purchases of an active customer between t1 and t2 from now: a difference of two
 * series where that keeps its digits, else an integral over p of positive factors. */
static double
mean_purchases(double t1, double t2, const active_customer *s)
{
    double error1 = 0, error2, v1 = 0, v2;
    if (t2 == t1) return 0;
    v2 = euler_series(t2, s, &error2);
    if (t1 > 0) v1 = euler_series(t1, s, &error1);
    if (error1 + error2 <= 5e-13 * (v2 - v1)) return v2 - v1;
    const period of = {s->k, t1 / s->c, (t2 - t1) / s->c};
    double feature = fmax(1, s->k) * (t2 / s->c), power = t1 > 0 ? s->k : 1;
    return cv_beta_mean(&(cv_beta_integrand){purchases_given_p, &of, feature, power}, s->a, s->b);
}

/* E[(1 - (1 + p t / c)^-k) / p], between t1 and t2. */
double
cv_bg_purchases_if_active(double t1, double t2, const cv_beta_geometric *h)
{
    if (!cv_bg_in_domain(h) || !(t1 >= 0 && t1 <= t2 && t2 <= DBL_MAX)) return domain_error();
    const active_customer s = active(h);
    return mean_purchases(t1, t2, &s);
}

double
cv_bg_expected_purchases(double t1, double t2, const cv_beta_geometric *h)
{
    double mean = cv_bg_purchases_if_active(t1, t2, h);
    return isnan(mean) ? NAN : cv_bg_p_alive(h) * mean;
}

/* Stays through k purchases and makes exactly k, or drops out at the k-th. */
double
cv_bg_purchase_pmf(double k, double t, double r, double alpha, double a, double b, int m)
{
    const cv_beta_geometric new_customer = {0, 0, 0, r, alpha, a, b, m};
    if (!cv_bg_in_domain(&new_customer) || !cv_is_count(k) || !cv_is_length(t))
        return domain_error();
    double stays = exp(cv_lbeta_up(a, b, k + m)), y = t / alpha;
    if (!cv_is_length(y)) return domain_error();
    double drops_out = k + m > 0 ? a / (b + (k - 1 + m)) * cv_nb_tail(k, r, y) : 0;
    return stays * (cv_nb_pmf(k, r, y) + drops_out);
}

/* Active: as a new BG/NBD customer with the posterior parameters. Inactive: no purchase. */
double
cv_bg_purchase_pmf_given(double k, double t, const cv_beta_geometric *h)
{
    if (!cv_bg_in_domain(h)) return domain_error();
    const active_customer s = active(h);
    double of_active = cv_bg_purchase_pmf(k, t, s.k, s.c, s.a, s.b, 0);
    return cv_bg_p_alive(h) * of_active + (k == 0 ? cv_bg_p_inactive(h) : 0);
}

/* Active customers buy at rate lambda and drop out at rate lambda p, so discounted for ever they
 * buy E[lambda / (rate + lambda p)]: a Gamma(k + 1) mean of a Beta mean. */
typedef struct {
    double a, b, rate;
} discounting;

/* Return E[1 / (1 + p g / rate)] over p. */
static double
discount_given_purchases(double g, const void *what)
{
    const discounting *of = what;
    return cv_mean_reciprocal(of->a, of->b, g / of->rate);
}

/* Return the discounted purchases of an active customer without a horizon. */
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

/* Return the integrand over w = log(1 + u / c). */
static double
discounted_purchases(double w, const void *what)
{
    const discounted *of = what;
    double c = of->s->c, u = c * expm1(w);
    return of->rate * exp(w - of->rate * u) * c * mean_purchases(0, u, of->s);
}

/* Return those until t, by parts. */
static double
dert_to_horizon(double t, double rate, const active_customer *s)
{
    const discounted of = {s, rate};
    double first = 20 / (s->k + rate * s->c);
    return exp(-rate * t) * mean_purchases(0, t, s) +
           cv_integral(discounted_purchases, &of, log1p(t / s->c), first, 2);
}

double
cv_bg_dert_if_active(double t, double rate, const cv_beta_geometric *h)
{
    if (rate == 0) return cv_bg_purchases_if_active(0, t, h);
    if (!cv_bg_in_domain(h) || !(t >= 0) || !cv_is_positive(rate)) return domain_error();
    const active_customer s = active(h);
    return rate * t > 40 ? dert_for_ever(rate, &s) : dert_to_horizon(t, rate, &s);
}

double
cv_bg_dert(double t, double rate, const cv_beta_geometric *h)
{
    double mean = cv_bg_dert_if_active(t, rate, h);
    return isnan(mean) ? NAN : cv_bg_p_alive(h) * mean;
}
