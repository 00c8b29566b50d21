/* ggnbd.h -- GGompertz/NBD: Bemmaor and Glady (2012). lambda ~ Gamma(r, rate alpha); the hazard of
 * leaving at age t is eta b e^(bt), eta ~ Gamma(s, rate beta).
 *
 * x is whole; t_x > 0 where x > 0; rate is continuous, per unit of time. b -> 0 with beta = b beta'
 * is Pareto/NBD (r, alpha, s, beta').
 */
#ifndef CUSTVAL_GGNBD_H
#define CUSTVAL_GGNBD_H

/* P(alive at T | x, t_x, T), and at T + t. */
double cv_ggnbd_p_alive(double x, double t_x, double T, double r, double alpha, double b, double s,
                        double beta);
double cv_ggnbd_p_alive_at(double t, double x, double t_x, double T, double r, double alpha,
                           double b, double s, double beta);
/* P(at least one purchase in (T, T + t]), t may be infinite; and the t at which it reaches q:
 * infinity if never. */
double cv_ggnbd_p_purchase(double t, double x, double t_x, double T, double r, double alpha,
                           double b, double s, double beta);
double cv_ggnbd_next_purchase(double q, double x, double t_x, double T, double r, double alpha,
                              double b, double s, double beta);
/* log L of one history: its x purchases at their times, no x!, in nats. */
double cv_ggnbd_loglik(double x, double t_x, double T, double r, double alpha, double b, double s,
                       double beta);
/* E[purchases in (T, T + t] | x, t_x, T]; exactly 0 at t = 0. */
double cv_ggnbd_expected_purchases(double t, double x, double t_x, double T, double r, double alpha,
                                   double b, double s, double beta);
/* The same in (T + t1, T + t2], 0 <= t1 <= t2. */
double cv_ggnbd_expected_purchases_between(double t1, double t2, double x, double t_x, double T,
                                           double r, double alpha, double b, double s, double beta);
/* Of a new customer in (0, t]: E[repeat purchases], and P(there are k). */
double cv_ggnbd_expected_purchases_new(double t, double r, double alpha, double b, double s,
                                       double beta);
double cv_ggnbd_purchase_pmf(double k, double t, double r, double alpha, double b, double s,
                             double beta);
/* P(k purchases in (T, T + t] | x, t_x, T). */
double cv_ggnbd_purchase_pmf_given(double k, double t, double x, double t_x, double T, double r,
                                   double alpha, double b, double s, double beta);
/* Purchases in (T, T + t] discounted by exp(-rate u), u after T; t may be infinite. */
double cv_ggnbd_dert(double t, double rate, double x, double t_x, double T, double r, double alpha,
                     double b, double s, double beta);
/* E[lifetime after T], 0 if it has ended. */
double cv_ggnbd_residual_lifetime(double x, double t_x, double T, double r, double alpha, double b,
                                  double s, double beta);
/* E[lambda | x, t_x, T], and E[eta b | x, t_x, T], the hazard at age 0: alive or not. */
double cv_ggnbd_expected_rate(double x, double t_x, double T, double r, double alpha, double b,
                              double s, double beta);
double cv_ggnbd_expected_dropout(double x, double t_x, double T, double r, double alpha, double b,
                                 double s, double beta);

#endif
