/* pnbd.h -- Pareto/NBD: Schmittlein, Morrison, Colombo (1987). lambda ~ Gamma(r, rate alpha),
 * mu ~ Gamma(s, rate beta): while alive a customer buys at rate lambda, and dies at rate mu.
 *
 * x is whole; t_x > 0 where x > 0; rate is continuous, per unit of time.
 */
#ifndef CUSTVAL_PNBD_H
#define CUSTVAL_PNBD_H

/* P(alive | x, t_x, T), and P(alive at T + t). */
double cv_pnbd_p_alive(double x, double t_x, double T, double r, double alpha, double s,
                       double beta);
double cv_pnbd_p_alive_at(double t, double x, double t_x, double T, double r, double alpha,
                          double s, double beta);
/* P(a purchase in (T, T + t]); t may be infinite. */
double cv_pnbd_p_purchase(double t, double x, double t_x, double T, double r, double alpha,
                          double s, double beta);
/* log L of one history: its x purchases at their times, no x!, in nats. */
double cv_pnbd_loglik(double x, double t_x, double T, double r, double alpha, double s,
                      double beta);
/* E[purchases in (T, T + t] | x, t_x, T]; exactly 0 at t = 0. */
double cv_pnbd_expected_purchases(double t, double x, double t_x, double T, double r, double alpha,
                                  double s, double beta);
/* The same in (T + t1, T + t2], 0 <= t1 <= t2. */
double cv_pnbd_expected_purchases_between(double t1, double t2, double x, double t_x, double T,
                                          double r, double alpha, double s, double beta);
/* E[repeat purchases of a new customer in (0, t]], and P(there are k). */
double cv_pnbd_expected_purchases_new(double t, double r, double alpha, double s, double beta);
double cv_pnbd_purchase_pmf(double k, double t, double r, double alpha, double s, double beta);
/* P(k purchases in (T, T + t] | x, t_x, T). */
double cv_pnbd_purchase_pmf_given(double k, double t, double x, double t_x, double T, double r,
                                  double alpha, double s, double beta);
/* Purchases in (T, T + t] discounted by exp(-rate u), u after T. t may be infinite if rate > 0. */
double cv_pnbd_dert(double t, double rate, double x, double t_x, double T, double r, double alpha,
                    double s, double beta);
/* E[time alive after T], infinite where s <= 1. */
double cv_pnbd_residual_lifetime(double x, double t_x, double T, double r, double alpha, double s,
                                 double beta);
/* The least t with P(a purchase in (T, T + t]) >= q, 0 < q < 1; infinite when there is none. */
double cv_pnbd_next_purchase(double q, double x, double t_x, double T, double r, double alpha,
                             double s, double beta);
/* E[lambda] and E[mu] given the history, alive or not. */
double cv_pnbd_expected_rate(double x, double t_x, double T, double r, double alpha, double s,
                             double beta);
double cv_pnbd_expected_dropout(double x, double t_x, double T, double r, double alpha, double s,
                                double beta);

#endif
