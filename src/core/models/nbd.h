/* nbd.h -- NBD: Ehrenberg (1959). lambda ~ Gamma(r, rate alpha); nobody ever leaves.
 *
 * The histories are those of the other models, though t_x says nothing here. x is whole; rate is
 * continuous, per unit of time.
 */
#ifndef CUSTVAL_NBD_H
#define CUSTVAL_NBD_H

/* 1, now and later. */
double cv_nbd_p_alive(double x, double t_x, double T, double r, double alpha);
double cv_nbd_p_alive_at(double t, double x, double t_x, double T, double r, double alpha);
/* P(a purchase in (T, T + t]); t may be infinite. */
double cv_nbd_p_purchase(double t, double x, double t_x, double T, double r, double alpha);
/* log L of one history: its x purchases at their times, no x!, in nats. */
double cv_nbd_loglik(double x, double t_x, double T, double r, double alpha);
/* E[purchases in (T, T + t] | x, T], and in (T + t1, T + t2], 0 <= t1 <= t2. */
double cv_nbd_expected_purchases(double t, double x, double t_x, double T, double r, double alpha);
double cv_nbd_expected_purchases_between(double t1, double t2, double x, double t_x, double T,
                                         double r, double alpha);
/* Of a new customer in (0, t]: E[purchases], and P(there are k). */
double cv_nbd_expected_purchases_new(double t, double r, double alpha);
double cv_nbd_purchase_pmf(double k, double t, double r, double alpha);
/* P(k purchases in (T, T + t] | x, T). */
double cv_nbd_purchase_pmf_given(double k, double t, double x, double t_x, double T, double r,
                                 double alpha);
/* Purchases in (T, T + t] discounted by exp(-rate u), u after T. t may be infinite if rate > 0. */
double cv_nbd_dert(double t, double rate, double x, double t_x, double T, double r, double alpha);
/* The t with P(a purchase in (T, T + t]) = q, 0 < q < 1. */
double cv_nbd_next_purchase(double q, double x, double t_x, double T, double r, double alpha);
/* E[lambda | x, T]. */
double cv_nbd_expected_rate(double x, double t_x, double T, double r, double alpha);

#endif
