/* simulate.c -- customers drawn from each model, by closed forms: no loop over purchases.
 *
 * Given their number n in (0, T], the events of a Poisson process are n uniform times, and the j-th
 * of them is T times a Beta(j, n - j + 1). With k stages a purchase is every k-th event (Erlang-k
 * gaps). What follows a history is drawn from the posterior: P(alive), then rates given alive.
 */
#include "custval.h"
#include "inline.h"

#include "beta_geometric.h"

static double
share(double log_odds)
{
    return one_over_one_plus_exp(-log_odds);
}

/* Gamma(shape, rate) */
static double
draw_gamma(cv_random *from, double shape, double rate)
{
    return exp(cv_draw_log_gamma(from, shape)) / rate;
}

/* At most `most` purchases in (0, length], each the k-th event since the one before. */
static cv_customer
purchases_within(cv_random *from, double rate, double length, double k, double most, double T)
{
    double n = cv_draw_poisson(from, rate * length), x = fmin(floor(n / k), most);
    if (x == 0) return (cv_customer){0, 0, T};
    return (cv_customer){x, length * share(cv_draw_log_odds(from, k * x, n - k * x + 1)), T};
}

/* ---- BG/NBD (m = 0), MBG/NBD (m = 1): he leaves at the first success of chance p ---- */

enum { R, ALPHA, A, B };

static cv_customer
beta_geometric_history(cv_random *from, double T, const double *p, int m)
{
    double rate = draw_gamma(from, p[R], p[ALPHA]);
    double most = cv_draw_trials(from, cv_draw_log_odds(from, p[A], p[B])) - m;
    return purchases_within(from, rate, T, 1, most, T);
}

static double
beta_geometric_future(cv_random *from, double t, const cv_customer *h, const double *p, int m)
{
    cv_beta_geometric of = {h->x, h->t_x, h->T, p[R], p[ALPHA], p[A], p[B], m};
    double alive = cv_bg_p_alive(&of);
    if (isnan(alive)) return NAN;
    if (cv_draw_uniform(from) > alive) return 0;
    double rate = draw_gamma(from, p[R] + h->x, p[ALPHA] + h->T);
    double odds = cv_draw_log_odds(from, p[A], p[B] + h->x + m);
    return fmin(cv_draw_poisson(from, rate * t), cv_draw_trials(from, odds));
}

static cv_customer
bgnbd_history(cv_random *from, double T, const double *p)
{
    return beta_geometric_history(from, T, p, 0);
}

static double
bgnbd_future(cv_random *from, double t, const cv_customer *h, const double *p)
{
    return beta_geometric_future(from, t, h, p, 0);
}

static cv_customer
mbgnbd_history(cv_random *from, double T, const double *p)
{
    return beta_geometric_history(from, T, p, 1);
}

static double
mbgnbd_future(cv_random *from, double t, const cv_customer *h, const double *p)
{
    return beta_geometric_future(from, t, h, p, 1);
}

const cv_process CV_PROCESSES[] = {
    {"bgnbd", 4, bgnbd_history, bgnbd_future},
    {"mbgnbd", 4, mbgnbd_history, mbgnbd_future},
    {NULL, 0, NULL, NULL},
};
