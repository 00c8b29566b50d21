/* pnbd.c -- Pareto/NBD: Schmittlein, Morrison and Colombo (1987), Fader and Hardie (2005).
 *
 * From t_x on a customer's next purchase and death compete: two waits with gamma rates, (r + x,
 * alpha + t_x) and (s, beta + t_x). A history is its purchases, then silence for T - t_x: death
 * comes first, at some time, or both are still to come at T and a purchase comes first. Both
 * probabilities are positive, so nothing cancels; see competing_risks.c.
 *
 * Largest relative error against 30 digits, parameters 1e-6..1e6, x to 10,000, T 1e-3..1e4, 600
 * cases: own rate and dropout 4e-15; P(alive) 1e-13 (d times one rounding, where it is e^-d), and
 * with it every quantity of the future; distribution 2e-14; log L 8e-16 of the sum of its terms.
 */
#include <float.h>
#include <math.h>

#include "models/pnbd.h"
#include "math/guards.h"
#include "math/special.h"
#include "models/competing_risks.h"

typedef struct {
    double x, t_x, T, r, alpha, s, beta;
} history;

/* Return whether history and parameters are in the domain of pnbd.h. */
static int
in_domain(const history *h)
{
    return cv_is_count(h->x) && (h->x > 0) == (h->t_x > 0) && h->t_x >= 0 && h->t_x <= h->T &&
           h->T <= DBL_MAX && cv_is_positive(h->r) && cv_is_positive(h->alpha) &&
           cv_is_positive(h->s) && cv_is_positive(h->beta);
}

/* Return the competing risks of a customer alive at age t: the next purchase (a) and death (b). */
static cv_risks
at_age(double t, const history *h)
{
    return (cv_risks){{h->r + h->x, h->alpha + t}, {h->s, h->beta + t}};
}

/* Return P(alive at T): neither has come by T, against death came first at some time. */
static double
alive(const history *h)
{
    const cv_risks then = at_age(h->t_x, h), now = at_age(h->T, h);
    double survival = cv_joint_survival(h->T - h->t_x, then);
    if (h->T == h->t_x) return 1;
    return fmin(
        survival / (cv_comes_first(then.b, then.a) + survival * cv_comes_first(now.a, now.b)), 1);
}

double
cv_pnbd_p_alive(double x, double t_x, double T, double r, double alpha, double s, double beta)
{
    return cv_pnbd_p_alive_at(0, x, t_x, T, r, alpha, s, beta);
}

/* P(alive at T) (1 + t / (beta + T))^-s */
double
cv_pnbd_p_alive_at(double t, double x, double t_x, double T, double r, double alpha, double s,
                   double beta)
{
    const history h = {x, t_x, T, r, alpha, s, beta};
    if (!in_domain(&h) || !cv_is_length(t)) return domain_error();
    return alive(&h) * cv_lomax_longer(t, at_age(T, &h).b);
}

/* P(alive at T) times the incidence of a purchase before death. */
double
cv_pnbd_p_purchase(double t, double x, double t_x, double T, double r, double alpha, double s,
                   double beta)
{
    const history h = {x, t_x, T, r, alpha, s, beta};
    if (!in_domain(&h) || !(t >= 0)) return domain_error();
    return alive(&h) * cv_incidence(t, at_age(T, &h));
}

/* Return log P(no purchase in D); near 1 by its complement. */
static double
log_of_silence(double D, cv_risks risks)
{
    double silence = cv_no_incidence(D, risks);
    return silence > 0.75 ? log1p(-cv_incidence(D, risks)) : log(silence);
}

/* (r)_x alpha^r beta^s / ((alpha + t_x)^(r + x) (beta + t_x)^s) P(no purchase from t_x to T) */
double
cv_pnbd_loglik(double x, double t_x, double T, double r, double alpha, double s, double beta)
{
    const history h = {x, t_x, T, r, alpha, s, beta};
    if (!in_domain(&h)) return domain_error();
    return cv_lpoch(r, x) - x * log(alpha + t_x) - r * log1p(t_x / alpha) - s * log1p(t_x / beta) +
           log_of_silence(T - t_x, at_age(t_x, &h));
}

/* If alive at T: lambda and mu are independent, and purchases come at rate lambda until death. */
static double
purchases_if_alive(double t1, double t2, const history *h)
{
    if (!in_domain(h) || !(t1 >= 0 && t1 <= t2 && t2 <= DBL_MAX)) return domain_error();
    if (t1 == t2) return 0;
    const cv_risks now = at_age(h->T, h);
    double until = cv_lomax_until(t2 - t1, (cv_lomax){now.b.shape, now.b.scale + t1});
    return cv_lomax_longer(t1, now.b) * now.a.shape / now.a.scale * until;
}

/* E[lambda] times the discounted time alive. */
static double
dert_if_alive(double t, double rate, const history *h)
{
    if (!in_domain(h) || !(t >= 0) || !cv_is_positive(rate)) return domain_error();
    const cv_risks now = at_age(h->T, h);
    return now.a.shape / now.a.scale * cv_lomax_discounted(t, rate, now.b);
}

double
cv_pnbd_expected_purchases_between(double t1, double t2, double x, double t_x, double T, double r,
                                   double alpha, double s, double beta)
{
    const history h = {x, t_x, T, r, alpha, s, beta};
    double mean = purchases_if_alive(t1, t2, &h);
    return mean > 0 ? alive(&h) * mean : mean;
}

double
cv_pnbd_expected_purchases(double t, double x, double t_x, double T, double r, double alpha,
                           double s, double beta)
{
    return cv_pnbd_expected_purchases_between(0, t, x, t_x, T, r, alpha, s, beta);
}

double
cv_pnbd_expected_purchases_new(double t, double r, double alpha, double s, double beta)
{
    return cv_pnbd_expected_purchases_between(0, t, 0, 0, 0, r, alpha, s, beta);
}

double
cv_pnbd_dert(double t, double rate, double x, double t_x, double T, double r, double alpha,
             double s, double beta)
{
    const history h = {x, t_x, T, r, alpha, s, beta};
    if (rate == 0) return cv_pnbd_expected_purchases(t, x, t_x, T, r, alpha, s, beta);
    double mean = dert_if_alive(t, rate, &h);
    return mean > 0 ? alive(&h) * mean : mean;
}

/* P(alive) (beta + T) / (s - 1) */
double
cv_pnbd_residual_lifetime(double x, double t_x, double T, double r, double alpha, double s,
                          double beta)
{
    const history h = {x, t_x, T, r, alpha, s, beta};
    if (!in_domain(&h)) return domain_error();
    return s > 1 ? alive(&h) * (beta + T) / (s - 1) : INFINITY;
}

/* E[lambda] by Bayes: gamma, given x purchases until t_x, then weighted with the probability of the
 * silence that followed. */
double
cv_pnbd_expected_rate(double x, double t_x, double T, double r, double alpha, double s, double beta)
{
    const history h = {x, t_x, T, r, alpha, s, beta};
    if (!in_domain(&h)) return domain_error();
    const cv_risks risks = at_age(t_x, &h), weighed = {{r + x + 1, alpha + t_x}, risks.b};
    return (r + x) / (alpha + t_x) * cv_no_incidence(T - t_x, weighed) /
           cv_no_incidence(T - t_x, risks);
}

/* E[mu], likewise. */
double
cv_pnbd_expected_dropout(double x, double t_x, double T, double r, double alpha, double s,
                         double beta)
{
    const history h = {x, t_x, T, r, alpha, s, beta};
    if (!in_domain(&h)) return domain_error();
    const cv_risks risks = at_age(t_x, &h), weighed = {risks.a, {s + 1, beta + t_x}};
    return s / (beta + t_x) * cv_no_incidence(T - t_x, weighed) / cv_no_incidence(T - t_x, risks);
}

/* The quantile q / P(purchase at any time) of the incidence. */
double
cv_pnbd_next_purchase(double q, double x, double t_x, double T, double r, double alpha, double s,
                      double beta)
{
    const history h = {x, t_x, T, r, alpha, s, beta};
    if (!in_domain(&h) || !(q > 0 && q < 1)) return domain_error();
    double most = cv_pnbd_p_purchase(INFINITY, x, t_x, T, r, alpha, s, beta);
    return q < most ? cv_incidence_quantile(q / most, at_age(T, &h)) : INFINITY;
}

/* k purchases before death or the end; for k = 0 also death before T. */
double
cv_pnbd_purchase_pmf_given(double k, double t, double x, double t_x, double T, double r,
                           double alpha, double s, double beta)
{
    const history h = {x, t_x, T, r, alpha, s, beta};
    if (!in_domain(&h) || !cv_is_count(k) || !cv_is_length(t)) return domain_error();
    double is_alive = alive(&h), count = is_alive * cv_incidence_count(k, t, at_age(T, &h));
    if (k > 0) return count;
    const cv_risks risks = at_age(t_x, &h), dying = {risks.b, risks.a};
    double D = T - t_x, dead = cv_incidence(D, dying) / cv_no_incidence(D, risks);
    return fmin(count + (is_alive < 0.5 ? 1 - is_alive : dead), 1);
}

double
cv_pnbd_purchase_pmf(double k, double t, double r, double alpha, double s, double beta)
{
    return cv_pnbd_purchase_pmf_given(k, t, 0, 0, 0, r, alpha, s, beta);
}

static double
p_alive(double x, double t_x, double T, const double *p)
{
    return cv_pnbd_p_alive(x, t_x, T, p[0], p[1], p[2], p[3]);
}

/* P(death before a purchase), from t_x on. */
static double
lost(double x, double t_x, const double *p)
{
    const history h = {x, t_x, t_x, p[0], p[1], p[2], p[3]};
    const cv_risks risks = at_age(t_x, &h);
    return in_domain(&h) ? cv_comes_first(risks.b, risks.a) : domain_error();
}

/* P(purchase before death), from T on. */
static double
kept(double x, double T, const double *p)
{
    const history h = {x, T, T, p[0], p[1], p[2], p[3]};
    const cv_risks risks = at_age(T, &h);
    return in_domain(&h) ? cv_comes_first(risks.a, risks.b) : domain_error();
}

static double
purchases(double t1, double t2, double x, double T, const double *p)
{
    const history h = {x, x > 0 ? T : 0, T, p[0], p[1], p[2], p[3]};
    return purchases_if_alive(t1, t2, &h);
}

static double
dert(double t, double rate, double x, double T, const double *p)
{
    const history h = {x, x > 0 ? T : 0, T, p[0], p[1], p[2], p[3]};
    return rate == 0 ? purchases_if_alive(0, t, &h) : dert_if_alive(t, rate, &h);
}

const cv_timing cv_pnbd_timing = {"pnbd", 4, 1, p_alive, lost, kept, purchases, dert};
