/* bgcnbd.h -- BG/CNBD-k: Platzer and Reutterer (2016). Gaps are Erlang-k, k >= 1 whole, to 100;
 * stages come at rate lambda ~ Gamma(r, rate alpha); p ~ Beta(a, b). BG/NBD at k = 1.
 */
#ifndef CUSTVAL_BGCNBD_H
#define CUSTVAL_BGCNBD_H

/* P(alive | x, t_x, T), and at T + t. */
double cv_bgcnbd_p_alive(double x, double t_x, double T, double k, double r, double alpha, double a,
                         double b);
double cv_bgcnbd_p_alive_at(double t, double x, double t_x, double T, double k, double r,
                            double alpha, double a, double b);
/* P(at least one purchase in (T, T + t]); t may be infinite. */
double cv_bgcnbd_p_purchase(double t, double x, double t_x, double T, double k, double r,
                            double alpha, double a, double b);
/* log L of one history: its x purchases at their times, in nats. litt is the sum of the logs of
 * the x gaps, in the unit of t_x. */
double cv_bgcnbd_loglik(double x, double t_x, double T, double litt, double k, double r,
                        double alpha, double a, double b);
/* E[purchases in (T, T + t]]; in (T + t1, T + t2]; of a new customer in (0, t]. */
double cv_bgcnbd_expected_purchases(double t, double x, double t_x, double T, double k, double r,
                                    double alpha, double a, double b);
double cv_bgcnbd_expected_purchases_between(double t1, double t2, double x, double t_x, double T,
                                            double k, double r, double alpha, double a, double b);
double cv_bgcnbd_expected_purchases_new(double t, double k, double r, double alpha, double a,
                                        double b);
/* P(n purchases in (0, t]), new customer; in (T, T + t]. Sums to 1. n to 1e7. */
double cv_bgcnbd_purchase_pmf(double n, double t, double k, double r, double alpha, double a,
                              double b);
double cv_bgcnbd_purchase_pmf_given(double n, double t, double x, double t_x, double T, double k,
                                    double r, double alpha, double a, double b);
/* Purchases in (T, T + t] discounted by exp(-rate u), u after T. t may be infinite if rate > 0. */
double cv_bgcnbd_dert(double t, double rate, double x, double t_x, double T, double k, double r,
                      double alpha, double a, double b);
/* E[time from T to his last purchase], 0 if he is gone; infinite unless a > 1 and r + k x > 1. */
double cv_bgcnbd_residual_lifetime(double x, double t_x, double T, double k, double r, double alpha,
                                   double a, double b);
/* Least t with P(purchase in (T, T + t]) >= q, 0 < q < 1; infinite where none is. */
double cv_bgcnbd_next_purchase(double q, double x, double t_x, double T, double k, double r,
                               double alpha, double a, double b);
/* Posterior means of lambda / k, purchases per unit of time, and of p. */
double cv_bgcnbd_expected_rate(double x, double t_x, double T, double k, double r, double alpha,
                               double a, double b);
double cv_bgcnbd_expected_dropout(double x, double t_x, double T, double k, double r, double alpha,
                                  double a, double b);

#endif
