/* bgnbd.h -- BG/NBD: Fader, Hardie, Lee (2005). lambda ~ Gamma(r, rate alpha), p ~ Beta(a, b).
 *
 * x is whole; t_x > 0 where x > 0; rate is continuous, per unit of time.
 */
#ifndef CUSTVAL_BGNBD_H
#define CUSTVAL_BGNBD_H

/* P(alive | x, t_x, T). Exactly 1 at x = 0. */
double cv_bgnbd_p_alive(double x, double t_x, double T, double r, double alpha, double a, double b);
/* log L of one history: its x purchases at their times, no x!, in nats. */
double cv_bgnbd_loglik(double x, double t_x, double T, double r, double alpha, double a, double b);
/* E[purchases in (T, T + t] | x, t_x, T]; exactly 0 at t = 0. */
double cv_bgnbd_expected_purchases(double t, double x, double t_x, double T, double r, double alpha,
                                   double a, double b);
/* The same in (T + t1, T + t2], 0 <= t1 <= t2. */
double cv_bgnbd_expected_purchases_between(double t1, double t2, double x, double t_x, double T,
                                           double r, double alpha, double a, double b);
/* E[repeat purchases of a new customer in (0, t]], and P(there are k). */
double cv_bgnbd_expected_purchases_new(double t, double r, double alpha, double a, double b);
double cv_bgnbd_purchase_pmf(double k, double t, double r, double alpha, double a, double b);
/* Purchases in (T, T + t] discounted by exp(-rate u), u after T. t may be infinite if rate > 0. */
double cv_bgnbd_dert(double t, double rate, double x, double t_x, double T, double r, double alpha,
                     double a, double b);
/* P(alive at T + t), t finite. */
double cv_bgnbd_p_alive_at(double t, double x, double t_x, double T, double r, double alpha,
                           double a, double b);
/* P(a purchase in (T, T + t]); t may be infinite. */
double cv_bgnbd_p_purchase(double t, double x, double t_x, double T, double r, double alpha,
                           double a, double b);
/* P(k purchases in (T, T + t] | x, t_x, T). */
double cv_bgnbd_purchase_pmf_given(double k, double t, double x, double t_x, double T, double r,
                                   double alpha, double a, double b);
/* E[time active after T], infinite where a <= 1 or r + x <= 1. */
double cv_bgnbd_residual_lifetime(double x, double t_x, double T, double r, double alpha, double a,
                                  double b);
/* The least t with P(a purchase in (T, T + t]) >= q, 0 < q < 1; infinite when there is none. */
double cv_bgnbd_next_purchase(double q, double x, double t_x, double T, double r, double alpha,
                              double a, double b);
/* E[lambda] and E[p] given the history, active or gone. */
double cv_bgnbd_expected_rate(double x, double t_x, double T, double r, double alpha, double a,
                              double b);
double cv_bgnbd_expected_dropout(double x, double t_x, double T, double r, double alpha, double a,
                                 double b);

#endif
