/* nbd.h -- NBD: Ehrenberg (1959); purchases without dropout.
 *
 * A customer buys at rate lambda ~ Gamma(r, rate alpha) for ever. The histories are those of the
 * other models, x >= 0 whole, 0 <= t_x <= T, t_x > 0 exactly where x > 0, though t_x carries no
 * information here; all times in one unit. Parameters: r and, in that unit, alpha; both > 0.
 * Outside its domain a kernel returns NaN and raises FE_INVALID. Measured errors: nbd.c.
 */
#ifndef CUSTVAL_NBD_H
#define CUSTVAL_NBD_H

/* Return 1: everyone is active, at T and at T + t. */
double cv_nbd_p_alive(double x, double t_x, double T, double r, double alpha);
double cv_nbd_p_alive_at(double t, double x, double t_x, double T, double r, double alpha);

/* Return P(a purchase in (T, T + t] | x, T), 0 <= t <= infinity. */
double cv_nbd_p_purchase(double t, double x, double t_x, double T, double r, double alpha);

/* Return log L of one history in nats: the density of its x purchase times, without x!. */
double cv_nbd_loglik(double x, double t_x, double T, double r, double alpha);

/* Return E[purchases in (T, T + t] | x, T], and in (T + t1, T + t2], 0 <= t1 <= t2 < infinity. */
double cv_nbd_expected_purchases(double t, double x, double t_x, double T, double r, double alpha);
double cv_nbd_expected_purchases_between(double t1, double t2, double x, double t_x, double T,
                                         double r, double alpha);

/* Return, for a new customer in (0, t], E[purchases] and P(k purchases), k >= 0 whole. */
double cv_nbd_expected_purchases_new(double t, double r, double alpha);
double cv_nbd_purchase_pmf(double k, double t, double r, double alpha);

/* Return P(k purchases in (T, T + t] | x, T), k >= 0 whole, 0 <= t < infinity. */
double cv_nbd_purchase_pmf_given(double k, double t, double x, double t_x, double T, double r,
                                 double alpha);

/* Return E[sum of exp(-rate u) over the purchases at T + u, u <= t]; rate >= 0 is continuous, per
 * unit of time. t may be infinite if rate > 0. */
double cv_nbd_dert(double t, double rate, double x, double t_x, double T, double r, double alpha);

/* Return the t with P(a purchase in (T, T + t]) = q, 0 < q < 1. */
double cv_nbd_next_purchase(double q, double x, double t_x, double T, double r, double alpha);

/* Return E[lambda | x, T]. */
double cv_nbd_expected_rate(double x, double t_x, double T, double r, double alpha);

#endif
