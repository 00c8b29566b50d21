/* bgcnbd.h -- BG/CNBD-k and MBG/CNBD-k: Platzer and Reutterer (2016).
 *
 * Gaps between purchases are Erlang-k: k stages, each at rate lambda ~ Gamma(r, rate alpha). After
 * a repeat purchase a customer drops out with probability p ~ Beta(a, b); in MBG/CNBD-k after the
 * first purchase too. BG/NBD and MBG/NBD at k = 1. The two have the same kernels and contracts.
 *
 * History: x >= 0 whole, 0 <= t_x <= T, t_x > 0 exactly where x > 0; all times in one unit.
 * Parameters: k whole, 1 to 100; r, alpha (in that unit), a, b > 0. Outside its domain a kernel
 * returns NaN and raises FE_INVALID. Measured errors: cnbd.c.
 */
#ifndef CUSTVAL_BGCNBD_H
#define CUSTVAL_BGCNBD_H

/* Return P(active at T | x, t_x, T). BG/CNBD-k: exactly 1 at x = 0. */
double cv_bgcnbd_p_alive(double x, double t_x, double T, double k, double r, double alpha, double a,
                         double b);
double cv_mbgcnbd_p_alive(double x, double t_x, double T, double k, double r, double alpha,
                          double a, double b);

/* Return P(active at T + t | x, t_x, T), 0 <= t < infinity. */
double cv_bgcnbd_p_alive_at(double t, double x, double t_x, double T, double k, double r,
                            double alpha, double a, double b);
double cv_mbgcnbd_p_alive_at(double t, double x, double t_x, double T, double k, double r,
                             double alpha, double a, double b);

/* Return P(a purchase in (T, T + t] | x, t_x, T), 0 <= t <= infinity. */
double cv_bgcnbd_p_purchase(double t, double x, double t_x, double T, double k, double r,
                            double alpha, double a, double b);
double cv_mbgcnbd_p_purchase(double t, double x, double t_x, double T, double k, double r,
                             double alpha, double a, double b);

/* Return log L of one history in nats: the density of its x purchase times. litt is the sum of the
 * logs of the x gaps, in the unit of t_x; finite, 0 without a repeat purchase. */
double cv_bgcnbd_loglik(double x, double t_x, double T, double litt, double k, double r,
                        double alpha, double a, double b);
double cv_mbgcnbd_loglik(double x, double t_x, double T, double litt, double k, double r,
                         double alpha, double a, double b);

/* Return E[purchases in (T, T + t] | x, t_x, T], 0 <= t < infinity. */
double cv_bgcnbd_expected_purchases(double t, double x, double t_x, double T, double k, double r,
                                    double alpha, double a, double b);
double cv_mbgcnbd_expected_purchases(double t, double x, double t_x, double T, double k, double r,
                                     double alpha, double a, double b);

/* Return the same in (T + t1, T + t2], 0 <= t1 <= t2 < infinity. */
double cv_bgcnbd_expected_purchases_between(double t1, double t2, double x, double t_x, double T,
                                            double k, double r, double alpha, double a, double b);
double cv_mbgcnbd_expected_purchases_between(double t1, double t2, double x, double t_x, double T,
                                             double k, double r, double alpha, double a, double b);

/* Return E[repeat purchases of a new customer in (0, t]], 0 <= t < infinity. */
double cv_bgcnbd_expected_purchases_new(double t, double k, double r, double alpha, double a,
                                        double b);
double cv_mbgcnbd_expected_purchases_new(double t, double k, double r, double alpha, double a,
                                         double b);

/* Return P(n repeat purchases of a new customer in (0, t]), n whole, 0 to 1e7; they sum to 1. */
double cv_bgcnbd_purchase_pmf(double n, double t, double k, double r, double alpha, double a,
                              double b);
double cv_mbgcnbd_purchase_pmf(double n, double t, double k, double r, double alpha, double a,
                               double b);

/* Return P(n purchases in (T, T + t] | x, t_x, T), n whole, 0 to 1e7; they sum to 1. */
double cv_bgcnbd_purchase_pmf_given(double n, double t, double x, double t_x, double T, double k,
                                    double r, double alpha, double a, double b);
double cv_mbgcnbd_purchase_pmf_given(double n, double t, double x, double t_x, double T, double k,
                                     double r, double alpha, double a, double b);

/* Return E[sum of exp(-rate u) over the purchases at T + u, u <= t]; rate >= 0 is continuous, per
 * unit of time. t may be infinite if rate > 0. */
double cv_bgcnbd_dert(double t, double rate, double x, double t_x, double T, double k, double r,
                      double alpha, double a, double b);
double cv_mbgcnbd_dert(double t, double rate, double x, double t_x, double T, double k, double r,
                       double alpha, double a, double b);

/* Return E[time from T to the last purchase | x, t_x, T], 0 for one who has dropped out; infinity
 * unless a > 1 and r + k x > 1. */
double cv_bgcnbd_residual_lifetime(double x, double t_x, double T, double k, double r, double alpha,
                                   double a, double b);
double cv_mbgcnbd_residual_lifetime(double x, double t_x, double T, double k, double r,
                                    double alpha, double a, double b);

/* Return the least t with P(a purchase in (T, T + t]) >= q, 0 < q < 1; infinity where no t has. */
double cv_bgcnbd_next_purchase(double q, double x, double t_x, double T, double k, double r,
                               double alpha, double a, double b);
double cv_mbgcnbd_next_purchase(double q, double x, double t_x, double T, double k, double r,
                                double alpha, double a, double b);

/* Return E[lambda / k | x, t_x, T], purchases per unit of time while active. */
double cv_bgcnbd_expected_rate(double x, double t_x, double T, double k, double r, double alpha,
                               double a, double b);
double cv_mbgcnbd_expected_rate(double x, double t_x, double T, double k, double r, double alpha,
                                double a, double b);

/* Return E[p | x, t_x, T]. */
double cv_bgcnbd_expected_dropout(double x, double t_x, double T, double k, double r, double alpha,
                                  double a, double b);
double cv_mbgcnbd_expected_dropout(double x, double t_x, double T, double k, double r, double alpha,
                                   double a, double b);

#endif
