/* pnbd.h -- Pareto/NBD: Schmittlein, Morrison, Colombo (1987).
 *
 * While alive a customer buys at rate lambda ~ Gamma(r, rate alpha) and dies at rate mu ~ Gamma(s,
 * rate beta). History: x >= 0 whole, 0 <= t_x <= T, t_x > 0 exactly where x > 0; all times in one
 * unit. Parameters: r, s and, in that unit, alpha, beta; all > 0. Outside its domain a kernel
 * returns NaN and raises FE_INVALID. Measured errors: pnbd.c.
 */
#ifndef CUSTVAL_PNBD_H
#define CUSTVAL_PNBD_H

/* Return P(alive at T | x, t_x, T). */
double cv_pnbd_p_alive(double x, double t_x, double T, double r, double alpha, double s,
                       double beta);

/* Return P(alive at T + t | x, t_x, T), 0 <= t < infinity. */
double cv_pnbd_p_alive_at(double t, double x, double t_x, double T, double r, double alpha,
                          double s, double beta);

/* Return log L of one history in nats: the density of its x purchase times, without x!. */
double cv_pnbd_loglik(double x, double t_x, double T, double r, double alpha, double s,
                      double beta);

/* Return E[purchases in (T, T + t] | x, t_x, T], 0 <= t < infinity; exactly 0 at t = 0. */
double cv_pnbd_expected_purchases(double t, double x, double t_x, double T, double r, double alpha,
                                  double s, double beta);

/* Return the same in (T + t1, T + t2], 0 <= t1 <= t2 < infinity; no difference is formed. */
double cv_pnbd_expected_purchases_between(double t1, double t2, double x, double t_x, double T,
                                          double r, double alpha, double s, double beta);

/* Return E[repeat purchases of a new customer in (0, t]], 0 <= t < infinity. */
double cv_pnbd_expected_purchases_new(double t, double r, double alpha, double s, double beta);

/* Return E[sum of exp(-rate u) over the purchases at T + u, u <= t]; rate >= 0 is continuous, per
 * unit of time. t may be infinite if rate > 0. */
double cv_pnbd_dert(double t, double rate, double x, double t_x, double T, double r, double alpha,
                    double s, double beta);

/* Return E[time alive after T | x, t_x, T]; infinity where s <= 1. */
double cv_pnbd_residual_lifetime(double x, double t_x, double T, double r, double alpha, double s,
                                 double beta);

/* Return E[lambda | x, t_x, T] and E[mu | x, t_x, T], alive or dead. */
double cv_pnbd_expected_rate(double x, double t_x, double T, double r, double alpha, double s,
                             double beta);
double cv_pnbd_expected_dropout(double x, double t_x, double T, double r, double alpha, double s,
                                double beta);

/* Return P(a purchase in (T, T + t] | x, t_x, T), 0 <= t <= infinity. */
double cv_pnbd_p_purchase(double t, double x, double t_x, double T, double r, double alpha,
                          double s, double beta);

/* Return the least t with P(a purchase in (T, T + t]) >= q, 0 < q < 1; infinity where no t has. */
double cv_pnbd_next_purchase(double q, double x, double t_x, double T, double r, double alpha,
                             double s, double beta);

/* Return P(k repeat purchases of a new customer in (0, t]), k >= 0 whole, 0 <= t < infinity. */
double cv_pnbd_purchase_pmf(double k, double t, double r, double alpha, double s, double beta);

/* Return P(k purchases in (T, T + t] | x, t_x, T), k >= 0 whole, 0 <= t < infinity. */
double cv_pnbd_purchase_pmf_given(double k, double t, double x, double t_x, double T, double r,
                                  double alpha, double s, double beta);

#endif
