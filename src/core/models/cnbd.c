/* cnbd.c -- BG/CNBD-k (m = 0) and MBG/CNBD-k (m = 1), written once: Platzer and Reutterer (2016).
 *
 * While active a customer passes Erlang stages at rate lambda ~ Gamma(r, rate alpha) and buys at
 * every k-th of them: the larger k, the more regular the purchases. After each repeat purchase, and
 * with m = 1 after the first one too, they drop out with probability p ~ Beta(a, b). Of an active
 * customer j < k stages have passed since t_x, tau = (T - t_x)/(alpha + T), with probability (r + k
 * x)_j / j! tau^j / H; H is their sum. Every term is positive, and at k = 1 all is BG/NBD.
 *
 * Largest relative error against 30 digits at 260 points, k to 12: 1e-14, loglik 2e-15 of the sum
 * of its terms. Parameters 1e-2..1e2: the two ways of erlang.c differ by 1e-13, x to 10,000, those
 * to discount by 3e-13, k to 100; purchases between two times, where they are a difference, 3e-12.
 */
#include <float.h>
#include <math.h>

#include "models/cnbd.h"
#include "math/beta.h"
#include "math/exp_log.h"
#include "math/guards.h"
#include "math/negative_binomial.h"
#include "math/quadrature.h"
#include "math/special.h"

/* Return whether history and parameters are in the domain of bgcnbd.h. */
static int
in_domain(const cv_condensed *h)
{
    return cv_is_count(h->x) && (h->x > 0) == (h->t_x > 0) && h->t_x >= 0 && h->t_x <= h->T &&
           h->T <= DBL_MAX && cv_is_count(h->k) && h->k >= 1 && h->k <= CV_STAGES &&
           cv_is_positive(h->r) && cv_is_positive(h->alpha) && cv_is_positive(h->a) &&
           cv_is_positive(h->b);
}

/* Set the state of an active customer at T; return log H. */
static double
activate(const cv_condensed *h, cv_active *s)
{
    s->k = (int)h->k;
    s->shape = h->r + h->k * h->x;
    s->c = h->alpha + h->T;
    s->gap = h->T - h->t_x;
    s->a = h->a;
    s->b = h->b + (h->x + h->m);
    return cv_stage_probabilities(s->k, s->shape, s->gap / s->c, s->stage);
}

/* Return log P(drops out) - log P(stays) at the last purchase. */
static double
log_odds_dropout(const cv_condensed *h)
{
    return log(h->a / (h->b + (h->x - 1 + h->m)));
}

/* Return log P(inactive) / P(active) at T. */
static double
log_odds_inactive(const cv_condensed *h, double log_H)
{
    if (h->x + h->m == 0) return -INFINITY; /* no dropout before the first repeat */
    double silence = (h->r + h->k * h->x) * log1p((h->T - h->t_x) / (h->alpha + h->t_x));
    return log_odds_dropout(h) + (silence - log_H);
}

/* Return P(active at T); set the state of an active customer. */
static double
alive(const cv_condensed *h, cv_active *s)
{
    return one_over_one_plus_exp(log_odds_inactive(h, activate(h, s)));
}

double
cv_cnbd_p_alive(const cv_condensed *h)
{
    cv_active s;
    return in_domain(h) ? alive(h, &s) : domain_error();
}

cv_cnbd_ways
cv_cnbd_ways_of(const cv_condensed *h)
{
    cv_active s;
    if (!in_domain(h)) return (cv_cnbd_ways){domain_error(), NAN, NAN};
    const double d = log_odds_inactive(h, activate(h, &s));
    double stages = 0;
    for (int j = 1; j < s.k; j++) stages += j * s.stage[j];
    return (cv_cnbd_ways){one_over_one_plus_exp(d), one_over_one_plus_exp(-d), stages};
}

/* P(active at T) times the mean probability to stay through the purchases in t. */
double
cv_cnbd_p_alive_at(double t, const cv_condensed *h)
{
    cv_active s;
    if (!in_domain(h) || !cv_is_length(t)) return domain_error();
    return alive(h, &s) * fmin(1, cv_active_mean(CV_STAYS, t, &s));
}

/* P(active at T) P(M >= k) */
double
cv_cnbd_p_purchase(double t, const cv_condensed *h)
{
    cv_active s;
    if (!in_domain(h) || !(t >= 0)) return domain_error();
    double p = alive(h, &s);
    return t > DBL_MAX ? p : p * cv_at_least(1, t, &s);
}

/* Stayed to T, or dropped out at t_x: the log of the likelier, and what the other adds. */
double
cv_cnbd_loglik(double litt, const cv_condensed *h)
{
    cv_active s;
    if (!in_domain(h) || !(fabs(litt) <= DBL_MAX)) return domain_error();
    double log_H = activate(h, &s), d = log_odds_inactive(h, log_H), until = d > 0 ? h->t_x : h->T;
    double stages = h->k * h->x;
    return cv_lpoch(h->r, stages) - stages * log(h->alpha + until) -
           h->r * log1p(until / h->alpha) + (h->k - 1) * litt - h->x * cv_lgamma(h->k) +
           cv_lbeta_up(h->a, h->b, h->x + h->m) + (d > 0 ? log_odds_dropout(h) : log_H) +
           log1p(exp(-fabs(d)));
}

/* A narrow window: purchases per unit of time, integrated over w = log(1 + u / (c + t1)). Where it is
 * far narrower than the scale on which they change, few points do. */
typedef struct {
    const cv_active *s;
    double t1;
} window;

/* Return the integrand over w. */
static double
rate_in_window(double w, const void *what)
{
    const window *of = what;
    double c = of->s->c + of->t1;
    return cv_active_mean(CV_RATE, of->t1 + c * expm1(w), of->s) * c * exp(w);
}

/* The mean purchases V(u) are a staircase of steps k stages long. Return the w = log(1 + u / c) at
 * which the spread of the n-th purchase, n / k + n^2 / shape in purchases, has blurred them. */
static double
blurred_from(const cv_active *s)
{
    double shape = s->shape + s->k, n = 1.5 * fmin(1.5 * s->k, sqrt(shape));
    return s->k > 12 ? log1p(n * s->k / shape) : 0;
}

/* Return the mean purchases of an active customer in a narrow window. Far from the stairs the log of
 * the rate is no steeper than shape, and a, allow. */
static double
purchases_in_window(double t1, double t2, const cv_active *s)
{
    const window of = {s, t1};
    double c = s->c + t1, before = log1p(t1 / s->c), length = log1p((t2 - t1) / c);
    double first = 20 / (s->shape + s->k);
    double steep = 1 + fmin(s->shape + s->k, s->a);
    first = before < blurred_from(s) ? first * (s->c / c)
                                     : fmin(fmin(fmax(first, before), 20 / steep), 2);
    if (length * 64 <= first) return cv_short_panel(rate_in_window, &of, 0, length, 4);
    if (length * 8 <= first) return cv_short_panel(rate_in_window, &of, 0, length, 8);
    return cv_integral(rate_in_window, &of, length, first, 2);
}

/* A difference of two means, unless it is below 3 % of them: then an integral of the rate. */
double
cv_cnbd_expected_purchases(double t1, double t2, const cv_condensed *h)
{
    cv_active s;
    if (!in_domain(h) || !(t1 >= 0 && t1 <= t2 && t2 <= DBL_MAX)) return domain_error();
    double p = alive(h, &s);
    if (t1 == t2 || p == 0) return 0;
    if (t2 - t1 <= 0.01 * t1) return p * purchases_in_window(t1, t2, &s);
    double until1 = cv_active_mean(CV_PURCHASES, t1, &s);
    double until2 = cv_active_mean(CV_PURCHASES, t2, &s);
    if (until2 - until1 >= 0.03 * until2) return p * (until2 - until1);
    return p * purchases_in_window(t1, t2, &s);
}

/* Inactive; or stays, or drops out at the n-th of n purchases or more. */
double
cv_cnbd_purchase_pmf(double n, double t, const cv_condensed *h)
{
    cv_active s;
    if (!in_domain(h) || !cv_is_count(n) || n > 1e7 || !cv_is_length(t)) return domain_error();
    double d = log_odds_inactive(h, activate(h, &s)), p = one_over_one_plus_exp(d);
    double stays = p * exp(cv_lbeta_up(s.a, s.b, n)), exactly = cv_exactly((int)n, t, &s);
    if (n == 0) return fmin(1, stays * exactly + one_over_one_plus_exp(-d));
    return stays * (exactly + s.a / (s.b + (n - 1)) * cv_at_least((int)n, t, &s));
}

/* Discounted for ever the purchases are, for a given lambda, a geometric series in
 * (lambda / (rate + lambda))^k; its mean over p is that of 1 / (1 + p y). All powers of lambda in
 * it but a decreasing factor are taken into the Gamma density, whose shape becomes shape + k. */
typedef struct {
    const cv_active *s;
    double rate, from; /* of w, below */
} discounting;

/* Return the integrand over g, lambda over its scale. */
static double
discount_given_stages(double g, const void *what)
{
    const discounting *of = what;
    const cv_active *s = of->s;
    double both = g + of->rate, u = g / both, series = 1, sum = 0;
    for (int j = 0; j < s->k; j++) {
        double shape = s->shape + j;
        sum = fmin(sum, 1e250) * fmin(shape / both, 1e50) + s->stage[j] * shape;
        if (j > 0) series = 1 + u * series;
    }
    double y = pow(u, s->k) * both / (of->rate * series);
    return sum / series * cv_mean_reciprocal(s->a, s->b, y);
}

/* Return the discounted purchases of an active customer without a horizon. */
static double
dert_for_ever(double rate, const cv_active *s)
{
    const discounting of = {s, rate * s->c, 0};
    return cv_gamma_mean(discount_given_stages, &of, s->shape + s->k) / of.rate;
}

/* More stages than can be summed. By parts, dert = e^(-rate t) V(t) + integral of rate e^(-rate u)
 * V(u) over (0, t), V the mean purchases; integrated over w = log(1 + u / c). */
static double
discounted_purchases(double w, const void *what)
{
    const discounting *of = what;
    double u = of->s->c * expm1(of->from + w);
    return of->rate * exp(of->from + w - of->rate * u) * of->s->c *
           cv_active_mean(CV_PURCHASES, u, of->s);
}

/* Return the integral over the stairs, in panels of four standard deviations of the purchase that
 * comes there, which grow with the root of its number. */
static double
discounted_stairs(double stairs, double rate, const cv_active *s)
{
    double stage = 1 / (s->shape + s->k), end = 4 * s->k * stage, sum = 0;
    double widest = 4 * sqrt(s->k) * stage;
    for (double at = 0, until; at < stairs; at = until) {
        const discounting of = {s, rate, at};
        until = fmin(stairs, end);
        sum += cv_integral(discounted_purchases, &of, until - at, widest, widest);
        end = end < 0.7 ? 4 * end : INFINITY;
        widest *= 2;
    }
    return sum;
}

static double
dert_to_horizon(double t, double rate, const cv_active *s)
{
    double sum = cv_discounted_stages(t, rate, s);
    if (!isnan(sum)) return sum;
    double length = log1p(t / s->c), stairs = fmin(length, blurred_from(s));
    double first = 20 / (s->shape + s->k + rate * s->c);
    const discounting far = {s, rate, stairs};
    return exp(-rate * t) * cv_active_mean(CV_PURCHASES, t, s) +
           discounted_stairs(stairs, rate, s) +
           cv_integral(discounted_purchases, &far, length - stairs, first, 2);
}

/* Without a horizon where e^(-rate t) leaves no more than a rounding. */
double
cv_cnbd_dert(double t, double rate, const cv_condensed *h)
{
    cv_active s;
    if (rate == 0) return cv_cnbd_expected_purchases(0, t, h);
    if (!in_domain(h) || !(t >= 0) || !cv_is_positive(rate)) return domain_error();
    double p = alive(h, &s), over = h->k + sqrt(80 * h->k) + 40; /* of e^-v v^k */
    if (p == 0) return 0;
    return p * (rate * t > over ? dert_for_ever(rate, &s) : dert_to_horizon(t, rate, &s));
}

/* Until the last purchase 1 / p more purchases of k / lambda each, less the stages passed. */
double
cv_cnbd_residual_lifetime(const cv_condensed *h)
{
    cv_active s;
    if (!in_domain(h)) return domain_error();
    double p = alive(h, &s), mean = 0;
    if (!(s.a > 1) || !(s.shape > 1)) return INFINITY;
    double purchases = (s.a + (s.b - 1)) / (s.a - 1);
    for (int j = 0; j < s.k; j++)
        mean += s.stage[j] * s.c / (s.shape + (j - 1)) * (s.k * purchases - j);
    return p * mean;
}

/* Return log P(no purchase in t) of an active customer, from H at both ends. */
static double
log_silence(double t, double log_H, const cv_active *s)
{
    double stage[CV_STAGES];
    double later = cv_stage_probabilities(s->k, s->shape, (s->gap + t) / (s->c + t), stage);
    return later - log_H - s->shape * log1p(t / s->c);
}

/* Return Newton's step in log t towards P(purchase in t) = probability, on the smaller of it and
 * its complement; infinite where that is 0. */
static double
step_to_probability(double probability, double t, double log_H, const cv_active *s)
{
    double wanted = fmin(probability, 1 - probability), density = 0;
    double found = probability <= 0.5 ? cv_at_least(1, t, s) : exp(log_silence(t, log_H, s));
    for (int j = 0; j < s->k; j++)
        density += s->stage[j] * cv_nb_pmf(s->k - 1 - j, s->shape + j, t / s->c);
    density *= t * ((s->shape + (s->k - 1)) / (s->c + t));
    double towards = probability <= 0.5 ? 1 : -1;
    if (!(found > 0 && density > 0)) return towards * INFINITY;
    return towards * log(wanted / found) * found / density;
}

/* Newton, safeguarded by bisection of log t. */
double
cv_cnbd_next_purchase(double q, const cv_condensed *h)
{
    cv_active s;
    if (!in_domain(h) || !(q > 0 && q < 1)) return domain_error();
    double log_H = activate(h, &s), p = one_over_one_plus_exp(log_odds_inactive(h, log_H));
    if (!(q < p) || q / p == 1) return INFINITY;
    double probability = q / p, most = 667 + fmin(0, log(s.c)), low = -740, high = most;
    double v = log(s.c * (s.k / (s.shape + s.k)));
    for (int i = 0; i < 200 && high - low > 1e-15; i++) {
        double step = step_to_probability(probability, exp(v), log_H, &s), next = v + step;
        if (fabs(step) <= 1e-15) return exp(v);
        *(step > 0 ? &low : &high) = v;
        v = next > low && next < high ? next : low + (high - low) / 2;
    }
    return v > most - 1 ? INFINITY : exp(v);
}

/* Purchases per unit of time while active: lambda / k. */
double
cv_cnbd_expected_rate(const cv_condensed *h)
{
    cv_active s;
    if (!in_domain(h)) return domain_error();
    double d = log_odds_inactive(h, activate(h, &s)), shape = 0;
    for (int j = 0; j < s.k; j++) shape += s.stage[j] * (s.shape + j);
    return (one_over_one_plus_exp(d) * shape / s.c +
            one_over_one_plus_exp(-d) * s.shape / (h->alpha + h->t_x)) /
           s.k;
}

/* a / (a + b') if active, (a + 1) / (a + b') if not. */
double
cv_cnbd_expected_dropout(const cv_condensed *h)
{
    cv_active s;
    if (!in_domain(h)) return domain_error();
    double inactive = one_over_one_plus_exp(-log_odds_inactive(h, activate(h, &s)));
    return (s.a + inactive) / (s.a + s.b);
}
