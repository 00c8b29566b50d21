/* bgnbd.h -- BG/NBD: Fader, Hardie, Lee (2005), and MBG/NBD: Batislam, Denizel, Filiztekin (2007).
 *
 * lambda ~ Gamma(r, rate alpha) is the purchase rate of an active customer, p ~ Beta(a, b) the
 * probability to drop out after a repeat purchase; in MBG/NBD after the first purchase too. The two
 * have the same kernels with the same contracts.
 *
 * History: x >= 0 whole, 0 <= t_x <= T, t_x > 0 exactly where x > 0; all times in one unit.
 * Parameters: r, alpha (in that unit), a, b > 0. Outside its domain a kernel returns NaN and raises
 * FE_INVALID. Measured errors: bg.c.
 */
#ifndef CUSTVAL_BGNBD_H
#define CUSTVAL_BGNBD_H

/* Return P(active at T | x, t_x, T). BG/NBD: exactly 1 at x = 0. */
double cv_bgnbd_p_alive(double x, double t_x, double T, double r, double alpha, double a, double b);
double cv_mbgnbd_p_alive(double x, double t_x, double T, double r, double alpha, double a,
                         double b);

/* Return P(active at T + t | x, t_x, T), 0 <= t < infinity. */
double cv_bgnbd_p_alive_at(double t, double x, double t_x, double T, double r, double alpha,
                           double a, double b);
double cv_mbgnbd_p_alive_at(double t, double x, double t_x, double T, double r, double alpha,
                            double a, double b);

/* Return P(a purchase in (T, T + t] | x, t_x, T), 0 <= t <= infinity. */
double cv_bgnbd_p_purchase(double t, double x, double t_x, double T, double r, double alpha,
                           double a, double b);
double cv_mbgnbd_p_purchase(double t, double x, double t_x, double T, double r, double alpha,
                            double a, double b);

/* Return the least t with P(a purchase in (T, T + t]) >= q, 0 < q < 1; infinity where no t has. */
double cv_bgnbd_next_purchase(double q, double x, double t_x, double T, double r, double alpha,
                              double a, double b);
double cv_mbgnbd_next_purchase(double q, double x, double t_x, double T, double r, double alpha,
                               double a, double b);

/* Return log L of one history in nats: the density of its x purchase times, without x!. */
double cv_bgnbd_loglik(double x, double t_x, double T, double r, double alpha, double a, double b);
double cv_mbgnbd_loglik(double x, double t_x, double T, double r, double alpha, double a, double b);

/* Return E[purchases in (T, T + t] | x, t_x, T], 0 <= t < infinity; exactly 0 at t = 0. */
double cv_bgnbd_expected_purchases(double t, double x, double t_x, double T, double r, double alpha,
                                   double a, double b);
double cv_mbgnbd_expected_purchases(double t, double x, double t_x, double T, double r,
                                    double alpha, double a, double b);

/* Return the same in (T + t1, T + t2], 0 <= t1 <= t2 < infinity, not as a difference. */
double cv_bgnbd_expected_purchases_between(double t1, double t2, double x, double t_x, double T,
                                           double r, double alpha, double a, double b);
double cv_mbgnbd_expected_purchases_between(double t1, double t2, double x, double t_x, double T,
                                            double r, double alpha, double a, double b);

/* Return E[repeat purchases of a new customer in (0, t]], 0 <= t < infinity. */
double cv_bgnbd_expected_purchases_new(double t, double r, double alpha, double a, double b);
double cv_mbgnbd_expected_purchases_new(double t, double r, double alpha, double a, double b);

/* Return P(k repeat purchases of a new customer in (0, t]), k >= 0 whole, 0 <= t < infinity. */
double cv_bgnbd_purchase_pmf(double k, double t, double r, double alpha, double a, double b);
double cv_mbgnbd_purchase_pmf(double k, double t, double r, double alpha, double a, double b);

/* Return P(k purchases in (T, T + t] | x, t_x, T), k >= 0 whole, 0 <= t < infinity. */
double cv_bgnbd_purchase_pmf_given(double k, double t, double x, double t_x, double T, double r,
                                   double alpha, double a, double b);
double cv_mbgnbd_purchase_pmf_given(double k, double t, double x, double t_x, double T, double r,
                                    double alpha, double a, double b);

/* Return E[sum of exp(-rate u) over the purchases at T + u, u <= t], the discounted expected
 * residual transactions. rate >= 0 is continuous, per unit of time; t may be infinite if rate > 0.
 */
double cv_bgnbd_dert(double t, double rate, double x, double t_x, double T, double r, double alpha,
                     double a, double b);
double cv_mbgnbd_dert(double t, double rate, double x, double t_x, double T, double r, double alpha,
                      double a, double b);

/* Return E[time active after T | x, t_x, T]; infinity where a <= 1 or r + x <= 1. */
double cv_bgnbd_residual_lifetime(double x, double t_x, double T, double r, double alpha, double a,
                                  double b);
double cv_mbgnbd_residual_lifetime(double x, double t_x, double T, double r, double alpha, double a,
                                   double b);

/* Return E[lambda | x, t_x, T], of an active customer or one who has dropped out. */
double cv_bgnbd_expected_rate(double x, double t_x, double T, double r, double alpha, double a,
                              double b);
double cv_mbgnbd_expected_rate(double x, double t_x, double T, double r, double alpha, double a,
                               double b);

/* Return E[p | x, t_x, T], likewise. */
double cv_bgnbd_expected_dropout(double x, double t_x, double T, double r, double alpha, double a,
                                 double b);
double cv_mbgnbd_expected_dropout(double x, double t_x, double T, double r, double alpha, double a,
                                  double b);

#endif
