/* bgbb.c -- BG/BB: Fader, Hardie and Shang (2010), Marketing Science 29(6); note 010.
 *
 * The paper sums products of beta functions over the last opportunity j at which a customer can
 * have been alive. Here the terms are related to the first one, at t_x, and fall: survival_series.c
 * adds them. Given a history, a living customer has p ~ Beta(a, b) and theta ~ Beta(gamma, d), a =
 * alpha + x, b = beta + n - x, d = delta + n, independent; every quantity of the future is P(alive)
 * times such a sum. Nothing is subtracted, so gamma = 1 is no special point and no floor is needed.
 * Largest error against 60 digits, parameters 1e-4..1e4, n to 1e5: 8e-14; log L 1e-14.
 */
#include <float.h>
#include <math.h>

#include "models/bgbb.h"
#include "math/exp_log.h"
#include "math/guards.h"
#include "math/special.h"
#include "models/survival_series.h"

enum { MOST_TERMS = 10000000 }; /* of a distribution; 100 ms */

typedef struct {
    double x, t_x, n, alpha, beta, gamma, delta;
} history;

/* Return whether history and parameters are in the domain of bgbb.h. */
static int
in_domain(const history *h)
{
    return cv_is_count(h->x) && cv_is_count(h->t_x) && cv_is_count(h->n) && h->x <= h->t_x &&
           h->t_x <= h->n && (h->x > 0) == (h->t_x > 0) && cv_is_positive(h->alpha) &&
           cv_is_positive(h->beta) && cv_is_positive(h->gamma) && cv_is_positive(h->delta);
}

/* Return the series of the opportunities let pass after t_x by a customer who then died. */
static cv_survival_series
silence(const history *h)
{
    return (cv_survival_series){h->beta + (h->t_x - h->x), h->alpha + h->x, h->delta + h->t_x,
                                h->gamma + 1, 0};
}

/* Return log P(dead) / P(alive) at n. */
static double
log_odds_dead(const history *h)
{
    const cv_survival_series series = silence(h);
    double m = h->n - h->t_x;
    if (m == 0) return -INFINITY;
    return log(h->gamma / (h->gamma + series.q)) + log(cv_survival_sum(m, &series)) -
           cv_lbeta_up(series.a, series.p, m) - cv_lbeta_up(h->gamma, series.q, m);
}

/* Return log P(these x purchases in n opportunities, alive at all of them). */
static double
log_chance(const history *h, double n)
{
    return cv_lbeta_up(h->alpha, h->beta, n - h->x) +
           cv_lbeta_up(h->beta + (n - h->x), h->alpha, h->x) + cv_lbeta_up(h->gamma, h->delta, n);
}

/* A customer alive at n: p ~ Beta(a, b), theta ~ Beta(gamma, d). */
typedef struct {
    double a, b, gamma, d;
} alive;

/* Return the posterior of p and theta if alive at n. */
static alive
alive_at_n(const history *h)
{
    return (alive){h->alpha + h->x, h->beta + (h->n - h->x), h->gamma, h->delta + h->n};
}

static double
p_alive(const history *h)
{
    return one_over_one_plus_exp(log_odds_dead(h));
}

/* Return (d)_t / (gamma + d)_t, P(alive after t more opportunities). */
static double
p_stays(double t, const alive *s)
{
    return exp(cv_lbeta_up(s->gamma, s->d, t));
}

/* Return E[p] E[1 - theta]. */
static double
buys_next(const alive *s)
{
    return s->a / (s->a + s->b) * (s->d / (s->gamma + s->d));
}

/* Return E[purchases at t opportunities], discounted: the sum over k of P(alive at k) E[p] v^k. */
static double
mean_purchases(double t, double rate, const alive *s)
{
    const cv_survival_series stay = {s->d + 1, s->gamma, 1, 0, rate};
    return buys_next(s) / (1 + rate) * cv_survival_sum(t, &stay);
}

/* The first purchase comes at opportunity k after k - 1 without. */
static double
buys_within(double t, const alive *s)
{
    const cv_survival_series stay_silent = {s->d + 1, s->gamma, s->b, s->a + 1, 0};
    return buys_next(s) * cv_survival_sum(t, &stay_silent);
}

/* Return P(no purchase at t opportunities): death after k of them, or alive and none. */
static double
buys_nothing(double t, const alive *s)
{
    const cv_survival_series stay_silent = {s->d, s->gamma + 1, s->b, s->a, 0};
    return s->gamma / (s->gamma + s->d) * cv_survival_sum(t, &stay_silent) +
           exp(cv_lbeta_up(s->gamma, s->d, t) + cv_lbeta_up(s->a, s->b, t));
}

/* Return P(k purchases): over the i opportunities let pass before death; the last term is that of
 * staying alive. Terms are in units of 2^shift. */
static double
buys_exactly(double k, double t, const alive *s)
{
    if (k == 0) return buys_nothing(t, s);
    double term = 1, sum = 0, shift = 0, both = s->a + s->b + k, leave = s->gamma + s->d + k;
    if (k > t) return 0;
    for (double i = 0; i < t - k; i++) {
        sum += term;
        term *=
            (k + 1 + i) / (1 + i) * ((s->b + i) / (both + i)) * ((s->d + k + i) / (leave + 1 + i));
        if (term > 0x1p512) {
            term *= 0x1p-512;
            sum *= 0x1p-512;
            shift += 512;
        }
    }
    double first = cv_lbeta_up(s->b, s->a, k) + cv_lbeta_up(s->gamma, s->d, k);
    sum = sum * s->gamma / leave + term * ((leave + (t - k)) / leave);
    return exp(first + shift * 0.69314718055994530942) * sum;
}

/* Return whether t is whole or infinite. */
static int
is_horizon(double t)
{
    return cv_is_count(t) || t == INFINITY;
}

/* 1 / (1 + e^d) */
double
cv_bgbb_p_alive(double x, double t_x, double n, double alpha, double beta, double gamma,
                double delta)
{
    const history h = {x, t_x, n, alpha, beta, gamma, delta};
    return in_domain(&h) ? p_alive(&h) : domain_error();
}

/* P(alive) times the survival of t more opportunities. */
double
cv_bgbb_p_alive_at(double t, double x, double t_x, double n, double alpha, double beta,
                   double gamma, double delta)
{
    const history h = {x, t_x, n, alpha, beta, gamma, delta};
    if (!in_domain(&h) || !cv_is_count(t)) return domain_error();
    const alive s = alive_at_n(&h);
    return p_alive(&h) * p_stays(t, &s);
}

/* P(alive) times the sum over k of P(first purchase at k). */
double
cv_bgbb_p_purchase(double t, double x, double t_x, double n, double alpha, double beta,
                   double gamma, double delta)
{
    const history h = {x, t_x, n, alpha, beta, gamma, delta};
    if (!in_domain(&h) || !is_horizon(t)) return domain_error();
    const alive s = alive_at_n(&h);
    return p_alive(&h) * buys_within(t, &s);
}

/* Alive at n, or died after t_x: the log of the likelier, and what the other adds. */
double
cv_bgbb_loglik(double x, double t_x, double n, double alpha, double beta, double gamma,
               double delta)
{
    const history h = {x, t_x, n, alpha, beta, gamma, delta};
    if (!in_domain(&h)) return domain_error();
    double d = log_odds_dead(&h);
    if (d <= 0) return log_chance(&h, n) + log1p(exp(d));
    const cv_survival_series series = silence(&h);
    return log_chance(&h, t_x) + log(gamma / (gamma + series.q)) +
           log(cv_survival_sum(n - t_x, &series)) + log1p(exp(-d));
}

/* Survive t1 opportunities, then the mean over the next t2 - t1 from there. */
double
cv_bgbb_expected_purchases_between(double t1, double t2, double x, double t_x, double n,
                                   double alpha, double beta, double gamma, double delta)
{
    const history h = {x, t_x, n, alpha, beta, gamma, delta};
    if (!in_domain(&h) || !cv_is_count(t1) || !cv_is_count(t2) || t1 > t2) return domain_error();
    const alive s = alive_at_n(&h), later = {s.a, s.b, s.gamma, s.d + t1};
    return p_alive(&h) * p_stays(t1, &s) * mean_purchases(t2 - t1, 0, &later);
}

double
cv_bgbb_expected_purchases(double t, double x, double t_x, double n, double alpha, double beta,
                           double gamma, double delta)
{
    return cv_bgbb_expected_purchases_between(0, t, x, t_x, n, alpha, beta, gamma, delta);
}

double
cv_bgbb_expected_purchases_new(double t, double alpha, double beta, double gamma, double delta)
{
    return cv_bgbb_expected_purchases(t, 0, 0, 0, alpha, beta, gamma, delta);
}

/* The dead make no purchase. */
double
cv_bgbb_purchase_pmf_given(double k, double t, double x, double t_x, double n, double alpha,
                           double beta, double gamma, double delta)
{
    const history h = {x, t_x, n, alpha, beta, gamma, delta};
    if (!in_domain(&h) || !cv_is_count(k) || !cv_is_count(t) || t - k > MOST_TERMS)
        return domain_error();
    const alive s = alive_at_n(&h);
    double d = log_odds_dead(&h), dead = k == 0 ? one_over_one_plus_exp(-d) : 0;
    return dead + one_over_one_plus_exp(d) * buys_exactly(k, t, &s);
}

double
cv_bgbb_purchase_pmf(double k, double t, double alpha, double beta, double gamma, double delta)
{
    return cv_bgbb_purchase_pmf_given(k, t, 0, 0, 0, alpha, beta, gamma, delta);
}

/* The mean purchases with discounted terms. */
double
cv_bgbb_dert(double t, double rate, double x, double t_x, double n, double alpha, double beta,
             double gamma, double delta)
{
    const history h = {x, t_x, n, alpha, beta, gamma, delta};
    if (!in_domain(&h) || !is_horizon(t) || !cv_is_length(rate) || (rate == 0 && isinf(t)))
        return domain_error();
    const alive s = alive_at_n(&h);
    return p_alive(&h) * mean_purchases(t, rate, &s);
}

/* P(alive) E[(1 - theta) / theta] */
double
cv_bgbb_residual_lifetime(double x, double t_x, double n, double alpha, double beta, double gamma,
                          double delta)
{
    const history h = {x, t_x, n, alpha, beta, gamma, delta};
    if (!in_domain(&h)) return domain_error();
    return gamma > 1 ? p_alive(&h) * ((delta + n) / (gamma - 1)) : INFINITY;
}

/* Between a horizon that is too short and one that is not: the far end is squared until it is not,
 * then the gap halved, that of the logarithms while they are far apart. */
double
cv_bgbb_next_purchase(double q, double x, double t_x, double n, double alpha, double beta,
                      double gamma, double delta)
{
    const history h = {x, t_x, n, alpha, beta, gamma, delta};
    if (!in_domain(&h) || !(q > 0 && q < 1)) return domain_error();
    const alive s = alive_at_n(&h);
    double p = p_alive(&h), low = 0, high = 1000;
    if (p * buys_within(high, &s) < q && p * buys_within(INFINITY, &s) < q) return INFINITY;
    while (p * buys_within(high, &s) < q) {
        if (high > 1e90) return INFINITY; /* beyond any time */
        low = high;
        high *= high;
    }
    while (high - low > fmax(1, high * DBL_EPSILON)) {
        int far = low > 0 && high > 4 * low;
        double middle = floor(far ? sqrt(low) * sqrt(high) : low + (high - low) / 2);
        if (p * buys_within(middle, &s) < q)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* A customer who died k opportunities after t_x has a Beta posterior, whose mean is that of k = 0
 * times a factor: with it the terms of the silence become those of `other`. */
static double
posterior_mean(const history *h, double if_alive, double if_dead, const cv_survival_series *other)
{
    double d = log_odds_dead(h), m = h->n - h->t_x;
    if (m == 0) return if_alive;
    const cv_survival_series series = silence(h);
    return one_over_one_plus_exp(d) * if_alive +
           one_over_one_plus_exp(-d) * if_dead *
               (cv_survival_sum(m, other) / cv_survival_sum(m, &series));
}

/* E[p]: Beta(a, b) if alive; if dead, over the k opportunities let pass before death. */
double
cv_bgbb_expected_rate(double x, double t_x, double n, double alpha, double beta, double gamma,
                      double delta)
{
    const history h = {x, t_x, n, alpha, beta, gamma, delta};
    if (!in_domain(&h)) return domain_error();
    cv_survival_series other = silence(&h);
    double if_dead = other.a / (other.p + other.a);
    other.a++;
    return posterior_mean(&h, (alpha + x) / (alpha + beta + n), if_dead, &other);
}

/* E[theta], likewise. */
double
cv_bgbb_expected_dropout(double x, double t_x, double n, double alpha, double beta, double gamma,
                         double delta)
{
    const history h = {x, t_x, n, alpha, beta, gamma, delta};
    if (!in_domain(&h)) return domain_error();
    cv_survival_series other = silence(&h);
    double if_dead = other.g / (other.q + other.g);
    other.g++;
    return posterior_mean(&h, gamma / (gamma + delta + n), if_dead, &other);
}
