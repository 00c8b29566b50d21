/* bg.h -- what BG/NBD (m = 0) and MBG/NBD (m = 1) share; for the core only.
 *
 * Every function takes a history and its parameters in one struct. Those marked "domain checked"
 * return NaN and raise FE_INVALID outside the domain; the others expect a history inside it. Times
 * are in one unit, with alpha; the kernels over them, with their contracts, are those of bgnbd.h.
 */
#ifndef CUSTVAL_BG_H
#define CUSTVAL_BG_H

#include "likelihood/rows.h"

/* A history and the parameters. m: tosses for dropout before the first repeat purchase. */
typedef struct {
    double x, t_x, T, r, alpha, a, b;
    int m;
} cv_beta_geometric;

/* Return whether x is whole, 0 <= t_x <= T finite, t_x > 0 exactly where x > 0, parameters > 0. */
int cv_bg_in_domain(const cv_beta_geometric *h);

/* Return P(drops out) / P(stays) at the last purchase, a / (b + x - 1 + m); x + m > 0. */
double cv_bg_odds_dropout(const cv_beta_geometric *h);

/* Return log P(inactive) / P(active) at T; -infinity where nobody can have dropped out. */
double cv_bg_log_odds_inactive(const cv_beta_geometric *h);

/* Return P(active at T), domain checked, and its complement, to full relative accuracy. */
double cv_bg_p_alive(const cv_beta_geometric *h);
double cv_bg_p_inactive(const cv_beta_geometric *h);

/* The two ways to a history: the probabilities to be active at T or not, to full relative accuracy,
 * and -log P(no purchase in (t_x, T]) of a customer who stayed; 0 where nobody can have dropped
 * out. */
typedef struct {
    double active, inactive, silence;
} cv_bg_ways;
cv_bg_ways cv_bg_ways_of(const cv_beta_geometric *h);

/* Return P(active at T + t); P(a purchase in (T, T + t]), t may be infinite. Domain checked. */
double cv_bg_p_alive_at(double t, const cv_beta_geometric *h);
double cv_bg_p_purchase(double t, const cv_beta_geometric *h);

/* Return log L in nats, without x!. Domain checked. */
double cv_bg_loglik(const cv_beta_geometric *h);

/* Return E[purchases in (T + t1, T + t2]], 0 <= t1 <= t2 finite. Domain checked. */
double cv_bg_expected_purchases(double t1, double t2, const cv_beta_geometric *h);

/* Return the same, and the discounted purchases, of a customer active at T, whatever their t_x. */
double cv_bg_purchases_if_active(double t1, double t2, const cv_beta_geometric *h);
double cv_bg_dert_if_active(double t, double rate, const cv_beta_geometric *h);

/* Return P(k repeat purchases of a new customer in (0, t]), domain checked; and in (T, T + t]. */
double cv_bg_purchase_pmf(double k, double t, double r, double alpha, double a, double b, int m);
double cv_bg_purchase_pmf_given(double k, double t, const cv_beta_geometric *h);

/* Return the purchases in (T, T + t] discounted by exp(-rate u) at T + u. Domain checked. */
double cv_bg_dert(double t, double rate, const cv_beta_geometric *h);

/* Return E[time active after T]; infinity where a <= 1 or r + x <= 1. Domain checked. */
double cv_bg_residual_lifetime(const cv_beta_geometric *h);

/* Return the t with P(a purchase in (T, T + t]) = q; infinity where q >= P(active). */
double cv_bg_next_purchase(double q, const cv_beta_geometric *h);

/* Return the posterior means of lambda and of p, active or not. Domain checked. */
double cv_bg_expected_rate(const cv_beta_geometric *h);
double cv_bg_expected_dropout(const cv_beta_geometric *h);

/* Add to *all, at parameters `at` and on (r, alpha, a, b), what depends on counts only, n times:
 * lpoch(r, bought) + r log alpha + lpoch(b, coins) - lpoch(a+b, coins), `bought` being purchases,
 * or Erlang stages of them, and `coins` the tosses for dropout. */
void cv_add_counts(double n, double bought, double coins, const double *p, size_t at,
                   cv_derivatives *all);

#endif
